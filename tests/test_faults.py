"""Single faults, class by class: each is refused, or told as a warning, with file, row, column, value and remedy.

A tiny company is spoilt in one place and checked through the command, as a folder of CSV files, a workbook, Parquet
files and a database.
"""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from conftest import ROOT

from sopkit.cli import main

CYCLE = "2026-10"
SALES = "product,market,period,quantity,revenue\n" + "".join(
    f"{product},north,2026-0{month},{units + month},{(units + month) * 10}\n"
    for product, units in (("TENT-1", 100), ("TENT-2", 40))
    for month in range(5, 10)
)
BILL = "product,component,quantity_per_unit\nTENT-1,PEG,8\n"
COMPANY = {
    "products": "product,family,unit_of_measure\nTENT-1,tents,piece\nTENT-2,tents,piece\n",
    "sales_history": SALES,
    "inventory": "product,site,on_hand\nTENT-1,main,30\nTENT-2,main,20\n",
    "resources": "resource,site,opening_workers,regular_wage,overtime_wage,hire_cost,layoff_cost\nLINE,main,2,20,30,100,200\n",
    "routings": "product,resource,hours_per_unit\nTENT-1,LINE,1\nTENT-2,LINE,0.5\n",
    "item_costs": "product,effective_from,price,material_cost,holding_cost,backlog_cost\n"
    "TENT-1,2026-01,10,4,0.1,2\nTENT-2,2026-01,10,4,0.1,2\n",
    "demand_inputs": "function,product,market,period,quantity,author,reason,submitted_on\n"
    "sales,TENT-1,north,2026-11,120,A. Novak,Fair,2026-09-20\n",
    "company_settings": "currency,receivable_days,payable_days,opening_cash,fixed_cost\nEUR,30,30,1000,10\n",
}
FIRST = "TENT-1,north,2026-05,105,1050"  # line 2 of sales_history
PLACE = {"product": 0, "market": 1, "period": 2, "quantity": 3, "revenue": 4}


def sales(column, value):
    """The sales with another value in their first row."""
    cells = FIRST.split(",")
    cells[PLACE[column]] = value
    return {"sales_history": SALES.replace(FIRST, ",".join(cells))}


def spoilt(table, old, new):
    assert old in COMPANY[table]
    return {table: COMPANY[table].replace(old, new, 1)}


def renamed(name):
    """The company with another name for a product, in all its tables."""
    return {table: text.replace("TENT-1", name) for table, text in COMPANY.items()}


def folder(path, changed=None):
    path.mkdir(exist_ok=True)
    for name, text in (COMPANY | (changed or {})).items():
        (path / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def frames(changed=None):
    """The company as text columns."""
    return {
        name: pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
        for name, text in (COMPANY | (changed or {})).items()
    }


def parquet(path, **changed):
    path.mkdir(exist_ok=True)
    for name, frame in (frames() | changed).items():
        frame.to_parquet(path / f"{name}.parquet", index=False)
    return path


def database(path, *statements):
    engine = sa.create_engine(f"sqlite:///{path}")
    for name, frame in frames().items():
        frame.to_sql(name, engine, index=False)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return f"sqlite:///{path}"


def workbook(path, change=None):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, frame in frames().items():
        sheet = book.create_sheet(name)
        sheet.append(list(frame.columns))
        for row in frame.itertuples(index=False):
            numbers = [pd.to_numeric(cell, errors="coerce") for cell in row]
            sheet.append(
                [cell if pd.isna(n) else float(n) for cell, n in zip(row, numbers, strict=True)]
            )
    if change:
        change(book)
    book.save(path)
    return path


def check(location, *words):
    result = CliRunner().invoke(main, ["check", str(location), "--cycle", CYCLE, *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "\x1b" not in result.output
    return result


def assert_told(result, exit_code, *said):
    assert result.exit_code == exit_code, result.output
    assert ("Error: " in result.stderr) == bool(exit_code)
    assert exit_code or "Warning: " in result.stdout
    for text in said:
        assert text in result.output


def test_the_sound_company_is_sound_from_every_source(tmp_path):
    for place in (
        folder(tmp_path / "csv"),
        parquet(tmp_path / "parquet"),
        workbook(tmp_path / "company.xlsx"),
        database(tmp_path / "company.sqlite"),
    ):
        result = check(place)
        assert result.exit_code == 0, result.output
        assert "Warning" not in result.output


# --- CSV: refused ----------------------------------------------------------------------------------------------

LINE_2 = "row 1 (sales_history.csv line 2)"
NUMBER = "must be a number below 1e15 written with a point"
CODE = "must be a code without line breaks, control or invisible characters"
MONTH = ("period must be a month", LINE_2, "Write a month as 2026-10.")


def refused_number(column, value):
    return sales(column, value), (
        f"{column} {NUMBER}",
        LINE_2,
        f"{column}={value.strip(chr(34))}",
        "Write 1234.5",
    )


def refused_month(value):
    return sales("period", value), (*MONTH, f"period={value}")


def refused_code(column, value, shown):
    return sales(column, value), (
        f"{column} {CODE}",
        LINE_2,
        f"{column}={shown}",
        "Retype the code",
    )


ZERO_CALENDAR = (
    "resource,period,working_days,regular_hours_per_worker,overtime_hours_per_worker\n"
    + "".join(f"LINE,{period},0,0,0\n" for period in pd.period_range(CYCLE, periods=18, freq="M"))
)
REFUSED = {
    # the file
    "empty": ({"sales_history": ""}, ("sales_history.csv is empty; it needs a line of column names",)),
    "blank lines only": ({"sales_history": "\n \n"}, ("sales_history.csv is empty",)),
    "header only": ({"sales_history": SALES.splitlines()[0]}, ("sales_history.csv has no rows",)),
    "truncated in a row": ({"sales_history": SALES[:-8]}, ("sales_history.csv", "line 11: 3 cells (TENT-2,north,2026-09)")),
    "tabs": ({"sales_history": SALES.replace(",", "\t")}, ("line 1 is separated by tabs", "by commas")),
    "bars": ({"sales_history": SALES.replace(",", "|")}, ("line 1 is separated by bars", "by commas")),
    "header of another separator": ({"sales_history": SALES.replace(",", ";", 4)}, ("has rows of 1 cells, but 5 in line 1 (product, market", "remove the lines above them")),
    "a title above the table": ({"sales_history": "Sales of the year,,,,\n" + SALES}, ("sales_history.csv line 1 must hold the column names (product, market, period, quantity), but holds Sales of the year. Write them into line 1, and remove the lines above the table.")),
    "a remark above the table": ({"sales_history": "# from the ledger\n" + SALES}, ("has rows of 5 cells, but 1 in line 1 (# from the ledger)", "remove the lines above")),
    "an unclosed quote": ({"sales_history": SALES.replace("TENT-1", '"TENT-1', 1)}, ("line 2: a quotation mark",)),
    "UTF-16": ({"sales_history": SALES.encode("utf-16")}, ("is written in UTF-16", "CSV UTF-8")),
    "UTF-16 without a mark": ({"sales_history": SALES.encode("utf-16-le")}, ("line 1 holds a NUL byte", "UTF-16")),
    "mixed encodings": ({"sales_history": SALES.encode() + b"TENT-1,s\xfcd,2026-09,5,\n"}, ("line 12 holds the byte 0xfc", "CSV UTF-8")),
    "a NUL": (sales("market", "no\0rth"), ("sales_history.csv line 2 holds a NUL byte",)),
    "a lost character": refused_code("market", "s\ufffdd", "s\ufffdd"),
    # columns
    "a column twice": (spoilt("sales_history", "market", "product"), ("duplicate columns in sales_history.csv: product", "Keep one")),
    "a column missing": (spoilt("inventory", ",on_hand\nTENT-1,main,30\nTENT-2,main,20", "\nTENT-1,main\nTENT-2,main"), ("column on_hand is missing in inventory.csv", "Add it.")),
    "a column misspelt": (spoilt("sales_history", "quantity", "quantiy"), ("column 'quantiy' in sales_history.csv is unknown; did you mean quantity?",)),
    "a column in capitals": (spoilt("sales_history", "quantity", "Quantity"), ("did you mean quantity?",)),
    "an optional column misspelt": ({"sources": "item,supplier,lead_time_days,unit_cost,supply_limt\nTENT-1,Weave,3,4,9\n"}, ("column 'supply_limt' in sources.csv is unknown; did you mean supply_limit? Rename or remove it. Or put _ before it, and it is not read.",)),
    "an optional column in capitals": ({"sources": "item,supplier,lead_time_days,unit_cost,Supply Limit\nTENT-1,Weave,3,4,9\n"}, ("column 'Supply Limit' in sources.csv is unknown; did you mean supply_limit?",)),
    # codes
    "lost leading zeros": (renamed("00123") | {"inventory": "product,site,on_hand\n123,main,30\n"}, ("inventory.csv line 2", "product=123", "did you mean 00123?")),
    "a no-break space": refused_code("market", "no\u00a0rth", "no\\xa0rth"),
    "a zero-width space": refused_code("product", "TENT\u200b-1", "TENT\\u200b-1"),
    "a soft hyphen": refused_code("market", "nor\u00adth", "nor\\xadth"),
    "a turn of direction": refused_code("market", "\u202enorth", "\\u202enorth"),
    "an escape sequence": refused_code("market", "\x1b[31mnorth", "\\x1b[31mnorth"),
    "a line break in a name": (renamed('"TENT\n1"'), (f"product {CODE}", "product=TENT\\n1")),
    "case of a reference": (sales("product", "tent-1"), ("product must be known in products", LINE_2, "did you mean TENT-1?")),
    "an unknown product": (sales("product", "TENT-9"), (LINE_2, "product=TENT-9", "Add it to products")),
    "an unknown market": (spoilt("demand_inputs", "north", "west"), ("market must be known in sales_history", "demand_inputs.csv line 2", "market=west")),
    "an unknown resource": (spoilt("routings", "LINE,1", "LNE,1"), ("routings.csv line 2", "resource=LNE", "did you mean LINE?")),
    # numbers
    "a decimal comma": refused_number("quantity", '"105,5"'),
    "a thousands comma": refused_number("quantity", '"1,050"'),
    "a thousands apostrophe": refused_number("quantity", "1'050"),
    "a thousands blank": refused_number("quantity", "1 050"),
    "a currency sign": refused_number("revenue", "€1050"),
    "a currency code": refused_number("revenue", "1050 USD"),
    "a per cent sign": refused_number("quantity", "10%"),
    "brackets for minus": refused_number("quantity", "(105)"),
    "a minus behind": refused_number("quantity", "105-"),
    "NaN": refused_number("quantity", "NaN"),
    "inf": refused_number("quantity", "inf"),
    "minus inf": refused_number("revenue", "-Infinity"),
    "more than a float": refused_number("quantity", "1e400"),
    "huge": refused_number("quantity", "1e300"),
    "NA": refused_number("quantity", "NA"),
    "TRUE": refused_number("quantity", "TRUE"),
    "an error of Excel": refused_number("quantity", "#REF!"),
    "foreign digits": refused_number("quantity", "١٠٥"),
    "hexadecimal": refused_number("quantity", "0x10"),
    "steering the terminal": (sales("quantity", "\x1b[2J9"), (f"quantity {NUMBER}", LINE_2, "quantity=\\x1b[2J9")),
    "negative": (sales("quantity", "-5"), ("quantity must be 0 or more", LINE_2, "quantity=-5", "without returns: set negatives to 0")),
    "nothing": (sales("quantity", ""), ("quantity must be filled", LINE_2, "Fill it in")),
    "a share in per cent": ({"stock_availability": "product,market,period,in_stock_ratio\nTENT-1,north,2026-05,95\n"}, ("in_stock_ratio must be 1 or less", "stock_availability.csv line 2", "in_stock_ratio=95", "30 % is 0.3")),
    "a share with its sign": ({"stock_availability": "product,market,period,in_stock_ratio\nTENT-1,north,2026-05,95%\n"}, ("in_stock_ratio=95%", "30 % is 0.3")),
    "zero hours a unit": (spoilt("routings", "LINE,1", "LINE,0"), ("hours_per_unit must be more than 0", "routings.csv line 2")),
    "two currencies": (spoilt("company_settings", "1000,10\n", "1000,10\nUSD,30,30,1000,10\n"), ("there must be one row only", "company_settings.csv line 3", "currency=USD", "exchange_rates")),
    "a currency without rate": ({"sources": "item,supplier,unit_cost,currency\nTENT-1,Weave,4,USd\n", "exchange_rates": "currency,exchange_rate\nUSD,0.9\n"}, ("currency must be EUR", "sources.csv line 2", "currency=USd", "did you mean USD?")),
    # months and days
    "an ambiguous date": refused_month("05/06/2026"),
    "a serial date": refused_month("46143"),
    "a time zone": refused_month("2026-05-01T00:00:00Z"),
    "an offset": refused_month("2026-05-01 00:00:00+02:00"),
    "a month's end": refused_month("2026-05-31"),
    "a time of the day": refused_month("2026-05-01 13:00"),
    "a month in words": refused_month("May-26"),
    "a thirteenth month": refused_month("2026-13"),
    "a short month": refused_month("2026-5"),
    "days only": ({"sales_history": SALES.replace(",2026-05", ",2026-05-28").replace(",2026-06", ",2026-06-28")}, (*MONTH, "4 of 10 rows")),
    "a month that every series lacks": ({"sales_history": "".join(line for line in SALES.splitlines(keepends=True) if "2026-07" not in line)}, ("sales_history: no series has a row for 2026-07.\n  The extract has probably lost what is missing: export it again. Where nothing at all was sold, add rows with quantity 0.",)),
    "a gap": (spoilt("sales_history", "TENT-1,north,2026-06,106,1060\n", ""), ("every month must have a row for each product and market", "line 3", "Add a row with quantity 0")),
    "a year wrong": (sales("period", "1926-05"), ("every month must have a row for each product and market", "Months are missing just before")),
    "a year that is still to come": (sales("period", "2062-05"), ("every month must have a row for each product and market", "sales are in planned months, from cycle 2026-10 on, and are not used; 1 of 10 rows", "period=2062-05")),
    "a gap left by an unknown market": ({"sales_history": SALES.replace("TENT-1,north,2026-07", "TENT-1,nroth,2026-07")}, ("every month must have a row for each product and market", "one month of sales only (1 of 3 series)", "market=nroth")),
    "a gap left by an unknown product": ({"sales_history": SALES.replace("TENT-1,north,2026-07", "TENT-7,north,2026-07")}, ("every month must have a row for each product and market", "product must be known in products", "line 4", "product=TENT-7")),
    "a scenario of months turned round": ({"scenario_changes": "scenario,change,table,column,operation,amount,from_period,to_period\nx,1,sales_history,quantity,multiply,2,2026-08,2026-06\n"}, ("from_period must not be after to_period", "scenario_changes.csv line 2")),
    "a scenario named as the plan": ({"scenario_changes": "scenario,change,table,column,operation,amount\nbase,1,item_costs,price,multiply,2\n"}, ("scenario must not be 'base'", "the plan without any scenario")),
    "a market that nobody serves": ({"lanes": "site,market,freight_cost\nmain,south,1\n", "launches": "launch,product,market,launch_period,like_product,volume_ratio,ramp_months,gate_demand,gate_supply,gate_finance\nL,TENT-1,south,2026-12,TENT-2,1,2,open,open,open\n"}, ("lanes: no site serves market north, which has demand; add a row for it",)),
    "a launch like nothing sold": ({"products": COMPANY["products"] + "TENT-3,tents,piece\n", "launches": "launch,product,market,launch_period,like_product,volume_ratio,ramp_months,gate_demand,gate_supply,gate_finance\nL,TENT-3,north,2026-12,TENT-3,90,2,open,open,open\n"}, ("like_product must have sales in the launch's market", "launches.csv line 2", "volume_ratio is more than 10")),
    "a calendar that ends early": ({"resource_calendar": ZERO_CALENDAR.replace(",0,0,0", ",20,160,0").rsplit("\n", 3)[0] + "\n"}, ("a resource's calendar must have every planned month; LINE has no row for 2028-02, 2028-03", "Add these months to resource_calendar")),
    "a goal of nothing known": ({"goals": "goal,measure,from_period,to_period,target,direction,horizon,owner\nG,revenu,2026-10,2027-09,5,at_least,tactical,A. Novak\n"}, ("measure must be one of demand, quantity, revenue", "goals.csv line 2", "measure=revenu")),
    "an input for a closed month": (spoilt("demand_inputs", "2026-11,120", "2026-09,120"), ("period must be in the planned months, which start 2026-10", "demand_inputs.csv line 2", "The month is closed")),
    "an input where nothing sold": ({"sales_history": SALES + "TENT-2,south,2026-09,5,50\n", "demand_inputs": COMPANY["demand_inputs"].replace("north", "south")}, ("product and market must have a baseline or a launch", "demand_inputs.csv line 2")),
    "a product that nobody makes": (spoilt("routings", "TENT-2,LINE,0.5\n", ""), ("a product with demand must be produced, subcontracted or purchased", "products.csv line 3", "product=TENT-2  total_demand=", "Add a routing")),
    "a product without a price": (spoilt("item_costs", "TENT-2,2026-01,10,4,0.1,2\n", ""), ("item_costs: no row for TENT-2, which sold in the last twelve months",)),
    "an order where nothing is held": ({"purchase_orders": "item,site,due_day,quantity\nTENT-1,moon,2026-11-05,5\n", "lanes": "site,market,freight_cost\nmain,north,1\nmoon,north,1\n"}, ("an order must be for a site that produces, purchases or stocks the product", "purchase_orders.csv line 2")),
    "a lead time in hours": ({"bill_of_materials": BILL, "sources": "item,supplier,lead_time_days\nPEG,Norsk,1440\n"}, ("lead_time_days must be within the planned months", "sources.csv line 2", "lead_time_days=1440")),
    "a stock rule where nothing is held": ({"inventory_policy": "product,site,target_service_level\nTENT-1,moon,0.9\n", "lanes": "site,market,freight_cost\nmain,north,1\nmoon,north,1\n"}, ("a policy must be for a site that produces or stocks the product", "inventory_policy.csv line 2")),
    "a certain service": ({"inventory_policy": "product,target_service_level\nTENT-1,1\n"}, ("target_service_level must be below 1", "inventory_policy.csv line 2")),
    "more stock than fits": ({"inventory_policy": "product,site,min_inventory\nTENT-1,main,500\n", "storage_capacity": "site,storage_limit\nmain,400\n"}, ("min_inventory of all products of a site must fit", "storage_capacity.csv line 2")),
    "a stage to come": ({"opportunities": "opportunity,product,market,period,quantity,probability,stage,owner\nD,TENT-1,north,2026-12,5,0.5,offer,A. Novak\n", "opportunity_history": "opportunity,stage,entered_on\nD,offer,2026-11-02\n"}, ("entered_on must not be after the cycle's month", "opportunity_history.csv line 2")),
    "a goal of the cash of a family": ({"goals": "goal,measure,dimension,item,from_period,to_period,target,direction,horizon,owner\nG,cash,family,tents,2026-10,2027-09,5,at_least,tactical,A. Novak\n"}, ("dimension must be one that the measure has", "goals.csv line 2", "dimension=family", "dimension and item empty")),
    "a cycle before all sales": ({"sales_history": SALES.replace("2026-0", "2027-0")}, ("cycle 2026-10 cannot be planned: sales_history.csv holds sales from 2027-05 to 2027-09", "--cycle 2027-10")),
    "a cycle long after all sales": ({"sales_history": SALES.replace("2026-0", "2006-0")}, ("cycle 2026-10 cannot be planned", "--cycle 2006-10")),
    "a text that no cell of Excel holds": (spoilt("demand_inputs", "Fair", "x" * 40_000), ("reason must be text", "of 32,767 at most", "(40,000 characters)")),
    "an ambiguous day": (spoilt("demand_inputs", "2026-09-20", "09/10/2026"), ("submitted_on=09/10/2026", "Write a date as 2026-10-31.")),
    "a serial day": (spoilt("demand_inputs", "2026-09-20", "46285"), ("submitted_on=46285", "demand_inputs.csv line 2")),
    "a day that is none": (spoilt("demand_inputs", "2026-09-20", "2026-02-30"), ("submitted_on=2026-02-30",)),
    "a short day": (spoilt("demand_inputs", "2026-09-20", "2026-9-2"), ("submitted_on=2026-9-2",)),
    # keys
    "a row twice": (spoilt("sales_history", FIRST, f"{FIRST}\n{FIRST}"), ("the key (product, market, period) must be unique; 2 of 11", "line 3", "or sum them")),
    "a row twice but for blanks": (spoilt("sales_history", FIRST, f"{FIRST}\nTENT-1 ,north,2026-05,9,90"), ("must be unique; 2 of 11", "line 3")),
    "a control character in a text": (spoilt("demand_inputs", "Fair", "Fa\x07ir"), ("reason must be text without control characters", "reason=Fa\\x07ir")),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_a_fault_of_a_csv_file_is_refused(tmp_path, fault):
    changed, said = REFUSED[fault]
    assert_told(check(folder(tmp_path / "company", changed)), 1, *said)


# --- CSV: taken, and told --------------------------------------------------------------------------------------

NEVER = SALES.splitlines()[:6] + [f"TENT-2,north,2026-0{month},0,0" for month in range(5, 10)]
WARNED = {
    "a budget with a hole": ({"budget": "family,period,quantity,revenue,margin\ntents,2026-10,150,1500,500\ntents,2026-12,150,1500,500\n"}, ("budget: the budget of every family has no row for 2026-11\n  Add these months, with 0 where that is meant.",)),
    "300 columns too many": ({"company_settings": COMPANY["company_settings"].replace("\n", "," + ",".join(f"c{i}" for i in range(300)) + "\n")}, ("columns c0, c1, c2, c3, c4 and 295 more are not known in company_settings.csv, and not read.",)),
    "an extra column": (spoilt("company_settings", "cost\nEUR,30,30,1000,10", "cost,note\nEUR,30,30,1000,10,x"), ("company_settings: column note is not known in company_settings.csv, and not read. Nothing has to be done.",)),
    "a column that is named as not read": ({"sources": "item,supplier,lead_time_days,unit_cost,_supply_limt\nTENT-1,Weave,3,4,9\n"}, ("column _supply_limt is not known in sources.csv, and not read",)),
    "a column beside the one it is like": ({"inventory": "product,site,on_hand,on_hand2\nTENT-1,main,30,\nTENT-2,main,20,1\n"}, ("column on_hand2 is not known in inventory.csv",)),
    "cut off within a number": ({"sales_history": SALES[:-2]}, ("sales_history.csv line 11 ends without a line break", "2026-09,49,4")),
    "blanks around a name": (spoilt("sales_history", "quantity", " quantity "), ("sales_history.csv line 1: column names have leading or trailing blanks", "' quantity '")),
    "blanks behind a code": (sales("product", "TENT-1 "), ("product has leading or trailing blanks", LINE_2, "product='TENT-1 '", "Remove them in the source.")),
    "a no-break space behind a code": (sales("market", "north\u00a0"), (LINE_2, "market=north\\xa0")),
    "twins in case": (sales("market", "North"), ("differ only in case", LINE_2, "market=North", "Use one of them everywhere.")),
    "twins in blanks": (renamed("TENT  1") | {"products": "product,family,unit_of_measure\nTENT  1,tents,piece\nTENT-2,tents,piece\nTENT 1,tents,piece\n"}, ("differ only in case, blanks", "products.csv line 4", "product=TENT 1")),
    "twins in letters": (sales("market", "nоrth"), ("differ only in case, blanks or look-alike letters", "mixes letters of different alphabets", LINE_2)),
    "twins in width": (sales("market", "\uff4eorth"), ("look-alike letters", LINE_2)),
    "twins of a family": (spoilt("products", "TENT-2,tents", "TENT-2,Tents"), ("products.csv line 3", "family=Tents")),
    "a wrong encoding": (sales("market", "sÃ¼d"), ("market looks wrongly encoded", LINE_2, "market=sÃ¼d", "UTF-8")),
    "markup in a name": (renamed("<img src=x onerror=alert(1)>"), ("looks like a formula or markup", "products.csv line 2", "plain code")),
    "Markdown in a name": (renamed("[x](javascript:alert(1))"), ("looks like a formula or markup", "products.csv line 2")),
    "mathematics in a name": (renamed("$\\frac{1$"), ("looks like a formula or markup", "products.csv line 2")),
    "a formula in a name": (renamed("=1+1"), ("looks like a formula or markup", "product==1+1")),
    "300 characters in a name": (renamed("T" * 300), ("is longer than 64 characters", "(300 characters)", "short code")),
    "a name of a scenario": ({"scenario_changes": "scenario,change,table,column,operation,amount\n../x,1,item_costs,price,multiply,2\n"}, ("scenario is not a valid name of a scenario", "scenario_changes.csv line 2", "scenario=../x")),
    "an outlying number": (sales("quantity", "99999999"), ("more than 10,000 times as large as usual", LINE_2, "quantity=99999999", "decimal mark")),
    "no price": (spoilt("item_costs", "10,4,0.1,2", "0,4,0.1,2"), ("price is 0", "item_costs.csv line 2", "Correct it")),
    "no cost": (spoilt("item_costs", "10,4,0.1,2", "10,0,0,0"), ("material_cost is 0", "holding_cost is 0", "backlog_cost is 0")),
    "no capacity": ({"resource_calendar": ZERO_CALENDAR}, ("working_days is 0: nothing can be produced", "resource_calendar.csv line 2")),
    "mixed units": (spoilt("products", "TENT-2,tents,piece", "TENT-2,tents,kg"), ("unit_of_measure differs within a family", "products.csv line 2", "whose quantities are summed")),
    "no currency": (spoilt("company_settings", "EUR", "€/$"), ("currency is not a currency code", "currency=€/$", "company_settings.csv line 2")),
    "never sold": ({"sales_history": "\n".join(NEVER) + "\n"}, ("has no sales (1 of 2 series)", "line 7", "quantity=0")),
    "one month of sales": ({"sales_history": "\n".join(SALES.splitlines()[i] for i in (0, 5, 10)) + "\n"}, ("one month of sales only (2 of 2 series)", LINE_2)),
    "sales to come": ({"sales_history": SALES + "TENT-1,north,2026-10,1,10\n"}, ("in planned months, from cycle 2026-10", "--cycle 2026-11")),
    "stale sales": ({"sales_history": SALES.replace(",2026-", ",2019-")}, ("sales end in 2019-09: 84 months before cycle 2026-10", "--cycle 2019-10", "line 6")),
    "a day to come": (spoilt("demand_inputs", "2026-09-20", "2036-09-20"), ("submitted_on is after the end of cycle", "2036-09-20")),
    "a far month": (spoilt("item_costs", "2026-01", "1926-01"), ("more than 20 years before or 10 after cycle 2026-10", "item_costs.csv line 2")),
    "a thousandfold month": (sales("quantity", "105000"), ("quantity is more than 100 times the usual of its product and market (108)", LINE_2, "quantity=105000")),
    "thousands with a point": (sales("quantity", "1.050"), ("quantity is not a whole number, but the product is counted in pieces", LINE_2, "separates thousands")),
    "quantity and revenue exchanged": (spoilt("sales_history", "quantity,revenue", "revenue,quantity"), ("revenue per unit is less than a tenth", "not swapped", "10 of 10 rows")),
    "another currency": ({"sales_history": SALES.replace(FIRST, "TENT-1,north,2026-05,105,168000")}, ("more than ten times the price in item_costs", LINE_2, "revenue=168000")),
    "prices in cents": (spoilt("item_costs", "2026-01,10,4", "2026-01,1000,4"), ("revenue per unit is less than a tenth", "5 of 10 rows", LINE_2)),
    "a budget in thousands": ({"budget": "family,period,quantity,revenue,margin\ntents,2026-11,150,1.5,0.5\n"}, ("revenue per unit is less than a tenth", "budget.csv line 2")),
    "a refund": (sales("revenue", "-1050"), ("revenue per unit", LINE_2, "revenue=-1050")),
    "material dearer than the product": (spoilt("item_costs", "10,4,", "10,40,"), ("material_cost is more than price", "item_costs.csv line 2", "material_cost=40")),
    "overtime below the wage": (spoilt("resources", "20,30", "20,3"), ("regular_wage is more than overtime_wage", "resources.csv line 2")),
    "an order above what is delivered": ({"bill_of_materials": BILL, "sources": "item,supplier,lead_time_days,unit_cost,supply_limit,min_order\nPEG,Norsk,10,1,100,500\n"}, ("min_order is more than supply_limit", "sources.csv line 2", "min_order=500")),
    "a part that is not needed": ({"bill_of_materials": "product,component,quantity_per_unit\nTENT-1,PEG,0\n", "components": "component,on_hand\nPEG,5\n"}, ("quantity_per_unit is 0: no unit of it is needed", "bill_of_materials.csv line 2")),
    "a part of nothing": ({"bill_of_materials": BILL, "components": "component,on_hand\nPEG,5\nPOLE,5\n"}, ("component is not in bill_of_materials: no product uses it", "components.csv line 3", "component=POLE")),
    "a product that nobody sells": (spoilt("products", "TENT-2,tents,piece\n", "TENT-2,tents,piece\nTENT-3,tents,piece\n"), ("product is not in sales_history", "it is not planned", "product is not in routings", "products.csv line 4")),
    "a series that ends early": ({"sales_history": SALES.replace("TENT-1,north,2026-09,109,1090\n", "")}, ("end before 2026-09", "line 5", "period=2026-08")),
    "a target in per cent": ({"kpi_targets": "measure,owner,target\nin_stock_ratio,A. Novak,95\n"}, ("target of a share looks like a percentage", "kpi_targets.csv line 2", "30 % is 0.3")),
    "a site that never opens": ({"working_hours": "site,weekday,hours\nmain,monday,0\n"}, ("hours are 0 on every day", "working_hours.csv line 2")),
    "a delivery that is overdue": (
        {
            "bill_of_materials": BILL,
            "components": "component,on_hand\nPEG,5\n",
            "purchase_orders": "item,site,due_day,quantity\nPEG,,2026-09-12,5\nTENT-1,main,2026-08-05,5\n",
        },
        ("due_day is before cycle 2026-10", "purchase_orders.csv line 2", "line 3"),
    ),
    "a price in cents": (
        spoilt("item_costs", "TENT-2", "TENT-1,2026-09,1000,4,0.1,2\nTENT-2"),
        ("price is more than ten times another price of the product", "item_costs.csv line 3", "price=1000"),
    ),
    "hours worked in a planned month": ({"hours_history": "resource,period,regular_hours,overtime_hours\nLINE,2026-11,150,0\n"}, ("period is in planned months", "hours_history.csv line 2")),
    "a plan of a later cycle": ({"approved_forecasts": "cycle,contributor,product,market,period,quantity\n2027-01,baseline,TENT-1,north,2027-02,5\n"}, ("cycle is after cycle 2026-10", "approved_forecasts.csv line 2")),
    "a closure in another century": ({"holidays": "site,day,reason\nmain,2126-12-25,Christmas\n"}, ("day is more than 20 years before or 10 after cycle 2026-10", "holidays.csv line 2")),
    "a scenario that breaks a rule": ({"scenario_changes": "scenario,change,table,column,operation,amount\ndear,1,item_costs,price,multiply,-1\n"}, ("scenario dear cannot be planned", "price")),
    "a scenario of nothing": ({"scenario_changes": "scenario,change,table,column,operation,amount,product,from_period\ndear,1,sales_history,quantity,multiply,2,TENT-1,2030-01\n"}, ("scenario dear cannot be planned: scenario dear change 1: nothing in table=sales_history",)),
    "an error of Excel as a code": (spoilt("products", "TENT-2,tents", "TENT-2,#REF!"), ("family looks like an empty value", "products.csv line 3")),
    "a number that Excel shortened": (renamed("1.2E+10"), ("a long number that a spreadsheet has shortened", "products.csv line 2")),
    "a crew at an unknown site": (spoilt("resources", "LINE,main", "LINE,mian"), ("site is in no other table", "resources.csv line 2", "site=mian")),
    "a family misspelt": ({"products": COMPANY["products"] + "".join(f"TENT-{n},tents,piece\n" for n in range(3, 9)) + "TENT-9,tentts,piece\n"}, ("family tentts is spelt almost like tents", "products.csv line 10", "Correct it")),
    "a contributor misspelt": ({"approved_forecasts": "cycle,contributor,product,market,period,quantity\n" + "".join(f"2026-08,baseline,TENT-1,north,2026-{m:02},5\n" for m in range(8, 13)) + "2026-08,baselin,TENT-1,north,2027-01,5\n"}, ("contributor baselin is spelt almost like baseline", "approved_forecasts.csv line 7")),
    "a target of nothing measured": ({"kpi_targets": "measure,owner,target\nin_stock,A. Novak,0.95\n"}, ("measure is not a KPI of the workbook", "kpi_targets.csv line 2", "measure=in_stock\n", "in_stock_ratio")),
    "a process measure misspelt": ({"processes": "process,owner,input,output,resources_used,control,criterion,measure,target\nreview,A. Novak,a,b,c,d,e,in_stock_ration,0.9\n"}, ("measure is spelt almost like a measure of the workbook", "processes.csv line 2", "measure=in_stock_ration")),
    "a deal that goes on after it was won": ({"opportunities": "opportunity,product,market,period,quantity,probability,stage,owner\nD,TENT-1,north,2026-12,5,1,won,A. Novak\n", "opportunity_history": "opportunity,stage,entered_on\nD,offer,2026-09-20\nD,won,2026-09-02\n"}, ("entered_on is after the deal was won or lost", "opportunity_history.csv line 2", "2026-09-20")),
    "sold though it could not be had": ({"stock_availability": "product,market,period,in_stock_ratio\nTENT-1,north,2026-06,0\nTENT-1,north,2026-07,1\n"}, ("in_stock_ratio is 0 in a month with sales in sales_history", "stock_availability.csv line 2", "such as 0.1")),
    "a family without budget": ({"products": COMPANY["products"].replace("TENT-2,tents", "TENT-2,poles"), "budget": "family,period,quantity,revenue,margin\ntents,2027-05,150,1500,500\ntents,2027-06,150,1500,500\npoles,2027-05,150,1500,500\n"}, ("a family has no budget in months in which other families have one", "budget.csv line 4", "family=poles")),
    "stock at an unknown site": (spoilt("inventory", "TENT-2,main", "TENT-2,mian"), ("site is in no other table", "inventory.csv line 3", "site=mian")),
}  # fmt: skip


@pytest.mark.parametrize("fault", WARNED)
def test_a_fault_of_a_csv_file_that_may_be_meant_is_told(tmp_path, fault):
    changed, said = WARNED[fault]
    assert_told(check(folder(tmp_path / "company", changed)), 0, *said)


@pytest.mark.parametrize("name", ["00123", "NA", "1E5", "TRUE", "null", "אוהל", "Ω-12", "007.10"])
def test_a_code_that_others_would_change_is_kept(tmp_path, name):
    result = check(folder(tmp_path / "company", renamed(name)))
    assert result.exit_code == 0, result.output
    assert "Warning" not in result.output


def test_a_byte_order_mark_and_another_order_of_columns_change_nothing(tmp_path):
    turned = "\n".join(",".join(row.split(",")[::-1]) for row in SALES.splitlines()) + "\n"
    result = check(
        folder(tmp_path / "company", {"sales_history": b"\xef\xbb\xbf" + turned.encode()})
    )
    assert result.exit_code == 0, result.output
    assert "Warning" not in result.output


# --- workbooks -------------------------------------------------------------------------------------------------


def cell(sheet, place, value):
    def change(book):
        book[sheet][place] = value

    return change


def hide(book):
    book["inventory"].sheet_state = "veryHidden"


IN_A_CELL = {
    "a formula without its value": (cell("sales_history", "D2", "=1+1"), 1, ("cell D2 is a formula whose value was not saved",)),
    "an error": (cell("sales_history", "D2", "#DIV/0!"), 1, ("cell D2 holds the error #DIV/0!",)),
    "a date for a code": (cell("products", "A2", pd.Timestamp("2026-03-01")), 1, ("cell A2 (product) is a date (2026-03-01)", "Type it as text")),
    "a truth for a code": (cell("products", "A2", True), 1, ("cell A2 (product) is the truth value True", "Type it as text")),
    "a fraction for a code": (cell("products", "A2", 1.5), 1, ("cell A2 (product) is the number 1.5", "Type it as text")),
    "too long a number for a code": (cell("products", "A2", 1234567890123456789), 1, ("of which it keeps 15 digits",)),
    "a serial date": (cell("sales_history", "C2", 46143), 1, ("period=46143", "line 2", "Write a month")),
    "a month's end": (cell("sales_history", "C2", pd.Timestamp("2026-05-31")), 1, ("period=2026-05-31", "line 2")),
    "a number as text with a comma": (cell("sales_history", "D2", "1,050"), 1, ("quantity=1,050", "company.xlsx sheet sales_history line 2")),
    "a stray cell in the last row": (cell("sales_history", "A1048576", "x"), 1, ("sheet sales_history has a cell in row 1048576, far from the table",)),
    "a stray cell in the last column": (cell("sales_history", "XFD3", "x"), 1, ("has a cell in XFD3",)),
    "a hidden sheet": (hide, 0, ("company.xlsx sheet inventory is hidden, but is read",)),
    "another sheet": (lambda book: book.create_sheet("Sales 2026").append(["x"]), 1, ("sheet Sales 2026 is not a table",)),
    "blanks behind a code": (cell("sales_history", "B2", "north "), 0, ("market has leading or trailing blanks", "sheet sales_history line 2")),
}  # fmt: skip


@pytest.mark.parametrize("fault", IN_A_CELL)
def test_a_fault_of_a_workbook_is_told(tmp_path, fault):
    change, exit_code, said = IN_A_CELL[fault]
    assert_told(check(workbook(tmp_path / "company.xlsx", change)), exit_code, *said)


def rezipped(source, target, change):
    """A workbook with its parts changed: name -> content, or None to leave the part out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (b, b"&%c;" % (b - 1) * 10) for b in range(ord("b"), ord("n"))
)


def expanding(name, content):
    if name != "xl/worksheets/sheet1.xml":
        return content
    return (
        LAUGHS
        + b"]>"
        + content.partition(b"?>")[2].replace(b"<sheetData>", b"<!-- -->&m;<sheetData>")
    )


DAMAGED = {
    "a missing part": (
        lambda name, content: None if name == "xl/workbook.xml" else content,
        "is damaged",
    ),
    "a part cut off": (
        lambda name, content: content[:200] if "sheet2" in name else content,
        "is damaged",
    ),
    "entities that expand": (expanding, "is damaged"),
    "no sheets": (lambda name, content: None if "sheets/" in name else content, "holds no sheets"),
    "macros": (lambda _, content: content, "holds macros"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_workbook_is_refused(tmp_path, damage):
    change, said = DAMAGED[damage]
    path = rezipped(workbook(tmp_path / "sound.xlsx"), tmp_path / "company.xlsx", change)
    if damage == "macros":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"x")
    assert_told(check(path), 1, "company.xlsx", said)


def test_a_workbook_cut_off_is_refused(tmp_path):
    path = workbook(tmp_path / "company.xlsx")
    path.write_bytes(path.read_bytes()[:-300])
    assert_told(
        check(path),
        1,
        "company.xlsx is not an Excel workbook (.xlsx), or is protected by a password",
    )


def test_a_workbook_of_another_kind_is_refused(tmp_path):
    path = workbook(tmp_path / "company.xlsx").rename(tmp_path / "company.xlsm")
    assert_told(
        check(path),
        1,
        "company.xlsm: a workspace is a folder of CSV or Parquet files, an .xlsx workbook",
    )


def test_the_limits_of_size_are_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SOPKIT_MAX_WORKBOOK_MB", "0.001")
    monkeypatch.setenv("SOPKIT_MAX_FILE_MB", "0.0001")
    assert_told(check(workbook(tmp_path / "company.xlsx")), 1, "or raise SOPKIT_MAX_WORKBOOK_MB")
    assert_told(
        check(folder(tmp_path / "company")),
        1,
        "sales_history.csv is",
        "or raise SOPKIT_MAX_FILE_MB",
    )


def test_the_empty_sheet_of_a_new_workbook_is_no_fault(tmp_path):
    result = check(workbook(tmp_path / "company.xlsx", lambda book: book.create_sheet("Sheet1")))
    assert result.exit_code == 0, result.output
    assert "Warning" not in result.output


def test_what_a_refused_sheet_holds_is_not_called_missing(tmp_path):
    faulty = cell("sales_history", "D2", "#N/A")
    assert "is missing" not in check(workbook(tmp_path / "company.xlsx", faulty)).output


def test_a_refused_table_brings_no_faults_of_other_tables_along(tmp_path):
    launches = "launch,product,market,launch_period,like_product,like_market,volume_ratio,ramp_months,gate_demand,gate_supply,gate_finance\nL,TENT-1,north,2026-12,TENT-2,north,1,2,open,open,open\n"
    result = check(folder(tmp_path / "company", sales("quantity", "many") | {"launches": launches}))
    assert_told(result, 1, "quantity=many", "1 error in")


@pytest.mark.parametrize("refused", COMPANY)
def test_whatever_table_is_refused_the_others_are_looked_at(tmp_path, refused):
    first = COMPANY[refused].partition(",")[0]
    more = {
        "scenario_changes": "scenario,change,table,column,operation,amount,family\nx,1,sales_history,quantity,multiply,2,tents\n",
        "budget": "family,period,quantity,revenue,margin\ntents,2026-11,150,1500,500\n",
        "lanes": "site,market,freight_cost\nmain,north,1\n",
        refused: COMPANY[refused].replace("\n", f",{first}\n"),
    }
    assert_told(
        check(folder(tmp_path / "company", more)),
        1,
        f"duplicate columns in {refused}.csv: {first}.",
    )


# --- files that are none ---------------------------------------------------------------------------------------

NO_FILES = {
    "a folder": lambda path: path.mkdir(),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("lost.csv"),
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_a_table_that_is_no_file_is_refused(tmp_path, kind):
    place = folder(tmp_path / "company")
    (place / "inventory.csv").unlink()
    NO_FILES[kind](place / "inventory.csv")
    assert_told(
        check(place), 1, "inventory.csv is not a file but a folder, a device or a broken link"
    )


@pytest.mark.parametrize(
    "name", ["inventory.csv.gz", "inventory.csv.bak", "inventory.tsv", "inventory"]
)
def test_a_table_under_a_name_that_is_not_read_is_refused(tmp_path, name):
    place = folder(tmp_path / "company")
    (place / "inventory.csv").rename(place / name)
    assert_told(check(place), 1, f"{name} is not read; save it as inventory.csv")


def test_a_copy_beside_a_table_is_left_alone(tmp_path):
    place = folder(tmp_path / "company")
    (place / "inventory.csv.bak").write_text("product,site,on_hand\n")
    result = check(place)
    assert result.exit_code == 0, result.output
    assert "Warning" not in result.output


# --- Parquet and databases -------------------------------------------------------------------------------------


def changed_frame(table, column, values):
    frame = frames()[table]
    return {table: frame.assign(**{column: values})}


PARQUET = {
    "truths for numbers": (changed_frame("inventory", "on_hand", [True, False]), 1, ("on_hand must be a number", "on_hand=True", "inventory.parquet row 1")),
    "lengths of time for numbers": (changed_frame("inventory", "on_hand", pd.to_timedelta([1, 2], unit="s")), 1, ("on_hand must be a number", "inventory.parquet row 1")),
    "a table in a cell": (changed_frame("inventory", "on_hand", [{"a": 1}, {"a": 2}]), 1, ("column on_hand in inventory.parquet holds struct<a: int64>", "Write one value per cell")),
    "a day with a time": (changed_frame("demand_inputs", "submitted_on", pd.to_datetime(["2026-09-20 08:00"])), 1, ("submitted_on must be a date", "demand_inputs.parquet row 1", "08:00")),
    "a day with a zone": (changed_frame("demand_inputs", "submitted_on", pd.to_datetime(["2026-09-20"]).tz_localize("Asia/Tokyo")), 1, ("submitted_on must be a date", "+09:00")),
    "blanks behind a code": (changed_frame("inventory", "product", ["TENT-1 ", "TENT-2"]), 0, ("row 1 (inventory.parquet row 1)", "product='TENT-1 '")),
    "an invisible character": (changed_frame("inventory", "site", ["ma\u200bin", "main"]), 1, ("inventory.parquet row 1", "site=ma\\u200bin")),
    "infinity": (changed_frame("inventory", "on_hand", [float("inf"), 1.0]), 1, ("on_hand=inf", "inventory.parquet row 1")),
    "nothing": (changed_frame("inventory", "on_hand", [float("nan"), 1.0]), 1, ("on_hand must be filled", "inventory.parquet row 1")),
    "negative": (changed_frame("inventory", "on_hand", [-1.0, 1.0]), 1, ("on_hand must be 0 or more", "on_hand=-1.0")),
    "fractions for codes": (changed_frame("inventory", "product", [1.5, 2.5]), 1, ("product=1.5",)),
    "truths for codes": (changed_frame("inventory", "product", [True, False]), 1, ("product=True",)),
    "lists": (changed_frame("inventory", "site", [["a"], ["b"]]), 1, ("column site", "inventory.parquet")),
    "bytes": (changed_frame("inventory", "site", [b"main", b"main"]), 1, ("column site", "inventory.parquet")),
    "days within months": (changed_frame("item_costs", "effective_from", pd.to_datetime(["2026-01-15", "2026-01-01"])), 1, ("effective_from=2026-01-15", "item_costs.parquet row 1")),
    "a time zone": (changed_frame("item_costs", "effective_from", pd.to_datetime(["2026-01-15", "2026-01-01"]).tz_localize("Asia/Tokyo")), 1, ("effective_from=2026-01-15", "Write a month")),
}  # fmt: skip


@pytest.mark.parametrize("fault", PARQUET)
def test_a_fault_of_a_parquet_file_is_told(tmp_path, fault):
    changed, exit_code, said = PARQUET[fault]
    assert_told(check(parquet(tmp_path / "company", **changed)), exit_code, *said)


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"x" * 500, None], ids=["empty", "a mark", "noise", "cut off"]
)
def test_a_damaged_parquet_file_is_refused(tmp_path, content):
    path = parquet(tmp_path / "company") / "inventory.parquet"
    path.write_bytes(path.read_bytes()[:-20] if content is None else content)
    assert_told(
        check(path.parent), 1, "inventory.parquet is not a complete Parquet file", "Write it again"
    )


SQL = {
    "a blank": (
        "UPDATE inventory SET product = 'TENT-1 ' WHERE product = 'TENT-1'",
        0,
        "table inventory row 1",
    ),
    "nothing": (
        "UPDATE inventory SET on_hand = NULL WHERE product = 'TENT-1'",
        1,
        "on_hand must be filled",
    ),
    "text": ("UPDATE inventory SET on_hand = 'many' WHERE product = 'TENT-1'", 1, "on_hand=many"),
    "bytes": (
        "UPDATE inventory SET site = x'00ff'",
        1,
        "table inventory holds bytes that are not text",
    ),
    "a column too many": (
        "ALTER TABLE inventory ADD COLUMN weight REAL",
        0,
        "column weight is not known in database",
    ),
    "a table lost": ("DROP TABLE sales_history", 1, "sales_history: is missing in sqlite:///"),
    "a view that fails": (
        "DROP TABLE inventory; CREATE VIEW inventory AS SELECT * FROM lost",
        1,
        "lost",
    ),
}


@pytest.mark.parametrize("fault", SQL)
def test_a_fault_of_a_database_is_told(tmp_path, fault):
    statements, exit_code, said = SQL[fault]
    assert_told(check(database(tmp_path / "c.sqlite", *statements.split("; "))), exit_code, said)


# --- places, names and parameters ------------------------------------------------------------------------------

HOSTILE = ["../x", "/etc/passwd", "a\0b", "a/b", "con", "x" * 300, "", ".", "$(id)", "<b>", "\x1b[31m", "a\nb", "-x", "٢٠٢٦-١٠"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("option", ["--company", "--scenario", "--cycle"])
def test_run_refuses_a_name_that_is_none_and_writes_nothing(tmp_path, monkeypatch, option, name):
    monkeypatch.chdir(ROOT)
    before = {path: path.stat().st_mtime_ns for path in ROOT.joinpath("reports").glob("*")}
    words = ["run", f"{option}={name}", "--workspace", str(folder(tmp_path / "c")), f"--store=sqlite:///{tmp_path}/p.sqlite"]  # fmt: skip
    result = CliRunner().invoke(main, words)
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert "\x1b" not in result.output
    assert {path: path.stat().st_mtime_ns for path in ROOT.joinpath("reports").glob("*")} == before
    assert not (tmp_path / "p.sqlite").exists()


@pytest.mark.parametrize("place", [*HOSTILE, "/dev/null", "/proc", "http://x/y", "sqlite:////etc/passwd", "://", "postgresql://"])  # fmt: skip
def test_check_refuses_a_place_that_is_none(place, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    result = CliRunner().invoke(main, ["check", "--", place])
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "\x1b" not in result.output


PARAMETERS = [
    ["status", "--store", "sqlite:////nowhere/p.sqlite"],
    ["status", "--store", "x"],
    ["export", "demand_plan", "x.csv", "--revision", "9" * 30],
    ["export", "../x", "x.csv"],
    ["run", "--from", "'; DROP TABLE revision"],
    ["run", "--until", "\0"],
    ["run", "--from", "80_operations_plan", "--until", "10_data_review"],
    ["explain", "demand_plan", "product=\x1b[2J"],
    ["explain", "demand_plan", "product=TENT-1", "--revision", "0"],
    ["run", "--cluster", "http://127.0.0.1"],
    ["run", "--stage-timeout", "inf"],
    ["diff", "a", "b"],
]


@pytest.mark.parametrize("words", PARAMETERS, ids=" ".join)
def test_a_hostile_parameter_is_refused(monkeypatch, tmp_path, words):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SOPKIT_STORE", f"sqlite:///{tmp_path / 'p.sqlite'}")
    result = CliRunner().invoke(main, words)
    assert result.exit_code in (1, 2) or "No revisions" in result.output, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "\x1b" not in result.output


# --- run -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["UTF-16", "an unknown product", "NaN", "a gap", "two currencies"]
)
def test_run_refuses_what_check_refuses_and_writes_nothing(tmp_path, monkeypatch, fault):
    monkeypatch.chdir(ROOT)
    changed, said = REFUSED[fault]
    place = folder(tmp_path / "company", changed)
    store = tmp_path / "plans.sqlite"
    words = [
        "run",
        "--company",
        "spoilt",
        "--workspace",
        str(place),
        "--store",
        f"sqlite:///{store}",
    ]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert all(text in result.stderr for text in said)
    assert not store.exists()
    assert not (ROOT / "reports" / "spoilt").exists()
