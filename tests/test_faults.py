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
COMPANY = {
    "products": "product,family,unit_of_measure\nTENT-1,tents,piece\nTENT-2,tents,piece\n",
    "sales_history": SALES,
    "inventory": "product,site,on_hand\nTENT-1,main,30\nTENT-2,main,20\n",
    "resources": "resource,site,opening_workers,regular_wage,overtime_wage,hire_cost,layoff_cost\nLINE,main,2,20,30,100,200\n",
    "routings": "product,resource,hours_per_unit\nTENT-1,LINE,1\nTENT-2,LINE,0.5\n",
    "economics": "product,effective_from,price,material_cost,holding_cost,backlog_cost\n"
    "TENT-1,2026-01,10,4,0.1,2\nTENT-2,2026-01,10,4,0.1,2\n",
    "demand_inputs": "function,product,market,period,quantity,author,reason,submitted_on\n"
    "sales,TENT-1,north,2026-11,120,A. Novak,Fair,2026-09-20\n",
    "terms": "currency,receivable_days,payable_days,opening_cash,fixed_cost\nEUR,30,30,1000,10\n",
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
            sheet.append([cell if pd.isna(n) else float(n) for cell, n in zip(row, numbers, strict=True)])
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
    return sales(column, value), (f"{column} {CODE}", LINE_2, f"{column}={shown}", "Type the code anew")


REFUSED = {
    # the file
    "empty": ({"sales_history": ""}, ("sales_history.csv is empty; it needs a line of column names",)),
    "blank lines only": ({"sales_history": "\n \n"}, ("sales_history.csv is empty",)),
    "header only": ({"sales_history": SALES.splitlines()[0]}, ("sales_history.csv has no rows",)),
    "truncated in a row": ({"sales_history": SALES[:-8]}, ("sales_history.csv", "line 11: 3 cells (TENT-2,north,2026-09)")),
    "tabs": ({"sales_history": SALES.replace(",", "\t")}, ("line 1 is separated by tabs", "by commas")),
    "bars": ({"sales_history": SALES.replace(",", "|")}, ("line 1 is separated by bars", "by commas")),
    "header of another separator": ({"sales_history": SALES.replace(",", ";", 4)}, ("has rows of 1 cells, but 5 in line 1 (product, market", "remove what stands above them")),
    "an unclosed quote": ({"sales_history": SALES.replace("TENT-1", '"TENT-1', 1)}, ("line 2: a quotation mark",)),
    "UTF-16": ({"sales_history": SALES.encode("utf-16")}, ("is written in UTF-16", "CSV UTF-8")),
    "UTF-16 without a mark": ({"sales_history": SALES.encode("utf-16-le")}, ("line 1 holds a NUL byte", "UTF-16")),
    "mixed encodings": ({"sales_history": SALES.encode() + b"TENT-1,s\xfcd,2026-09,5,\n"}, ("line 12 holds the byte 0xfc", "CSV UTF-8")),
    "a NUL": (sales("market", "no\0rth"), ("sales_history.csv line 2 holds a NUL byte",)),
    "a lost character": refused_code("market", "s\ufffdd", "s\ufffdd"),
    # columns
    "a column twice": (spoilt("sales_history", "market", "product"), ("columns stand twice in sales_history.csv: product", "Keep one")),
    "a column missing": (spoilt("inventory", ",on_hand\nTENT-1,main,30\nTENT-2,main,20", "\nTENT-1,main\nTENT-2,main"), ("column on_hand is missing in inventory.csv", "Add it.")),
    "a column misspelt": (spoilt("sales_history", "quantity", "quantiy"), ("column 'quantiy' in sales_history.csv is unknown; did you mean quantity?",)),
    "a column in capitals": (spoilt("sales_history", "quantity", "Quantity"), ("did you mean quantity?",)),
    "an extra column": (spoilt("terms", "cost\nEUR,30,30,1000,10", "cost,note\nEUR,30,30,1000,10,x"), ("column 'note' in terms.csv is unknown", "Rename or remove it.")),
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
    "negative": (sales("quantity", "-5"), ("quantity must be 0 or more", LINE_2, "quantity=-5", "Returns belong")),
    "nothing": (sales("quantity", ""), ("quantity must be filled", LINE_2, "Fill it in")),
    "a share in per cent": ({"availability": "product,market,period,in_stock_ratio\nTENT-1,north,2026-05,95\n"}, ("in_stock_ratio must be 1 or less", "availability.csv line 2", "in_stock_ratio=95", "30 % is 0.3")),
    "a share with its sign": ({"availability": "product,market,period,in_stock_ratio\nTENT-1,north,2026-05,95%\n"}, ("in_stock_ratio=95%", "30 % is 0.3")),
    "zero hours a unit": (spoilt("routings", "LINE,1", "LINE,0"), ("hours_per_unit must be more than 0", "routings.csv line 2")),
    "two currencies": (spoilt("terms", "1000,10\n", "1000,10\nUSD,30,30,1000,10\n"), ("terms must have one row", "terms.csv line 3", "currency=USD", "one currency")),
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
    "a gap": (spoilt("sales_history", "TENT-1,north,2026-06,106,1060\n", ""), ("every month must be there", "line 3", "Add a row with quantity 0")),
    "a year wrong": (sales("period", "1926-05"), ("every month must be there", "Months are missing just before")),
    "an ambiguous day": (spoilt("demand_inputs", "2026-09-20", "09/10/2026"), ("submitted_on=09/10/2026", "Write a date as 2026-10-31.")),
    "a serial day": (spoilt("demand_inputs", "2026-09-20", "46285"), ("submitted_on=46285", "demand_inputs.csv line 2")),
    "a day that is none": (spoilt("demand_inputs", "2026-09-20", "2026-02-30"), ("submitted_on=2026-02-30",)),
    "a short day": (spoilt("demand_inputs", "2026-09-20", "2026-9-2"), ("submitted_on=2026-9-2",)),
    # keys
    "a row twice": (spoilt("sales_history", FIRST, f"{FIRST}\n{FIRST}"), ("the key (product, market, period) must be unique; 2 of 11", "line 3", "add them up")),
    "a row twice but for blanks": (spoilt("sales_history", FIRST, f"{FIRST}\nTENT-1 ,north,2026-05,9,90"), ("must be unique; 2 of 11", "line 3")),
    "a control character in a text": (spoilt("demand_inputs", "Fair", "Fa\x07ir"), ("reason must be text without control characters", "reason=Fa\\x07ir")),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_a_fault_of_a_csv_file_is_refused(tmp_path, fault):
    changed, said = REFUSED[fault]
    assert_told(check(folder(tmp_path / "company", changed)), 1, *said)


# --- CSV: taken, and told --------------------------------------------------------------------------------------

ZERO_CALENDAR = "resource,period,working_days,regular_hours_per_worker,overtime_hours_per_worker\n" + "".join(
    f"LINE,{period},0,0,0\n" for period in pd.period_range(CYCLE, periods=18, freq="M")
)
NEVER = SALES.splitlines()[:6] + [f"TENT-2,north,2026-0{month},0,0" for month in range(5, 10)]
WARNED = {
    "cut off within a number": ({"sales_history": SALES[:-2]}, ("sales_history.csv line 11 ends without a line break", "2026-09,49,4")),
    "blanks around a name": (spoilt("sales_history", "quantity", " quantity "), ("sales_history.csv line 1: column names have blanks", "' quantity '")),
    "blanks behind a code": (sales("product", "TENT-1 "), ("product has blanks around it", LINE_2, "product='TENT-1 '", "Remove them")),
    "a no-break space behind a code": (sales("market", "north\u00a0"), (LINE_2, "market=north\\xa0")),
    "twins in case": (sales("market", "North"), ("differ only in case", LINE_2, "market=North", "Write one of them everywhere.")),
    "twins in blanks": (renamed("TENT  1") | {"products": "product,family,unit_of_measure\nTENT  1,tents,piece\nTENT-2,tents,piece\nTENT 1,tents,piece\n"}, ("differ only in case, blanks", "products.csv line 4", "product=TENT 1")),
    "twins in letters": (sales("market", "nоrth"), ("differ only in case, blanks or look-alike letters", "mixes letters of different alphabets", LINE_2)),
    "twins in width": (sales("market", "\uff4eorth"), ("look-alike letters", LINE_2)),
    "twins of a family": (spoilt("products", "TENT-2,tents", "TENT-2,Tents"), ("products.csv line 3", "family=Tents")),
    "a wrong encoding": (sales("market", "sÃ¼d"), ("read in a wrong encoding", LINE_2, "market=sÃ¼d", "UTF-8")),
    "markup in a name": (renamed("<img src=x onerror=alert(1)>"), ("looks like a formula or markup", "products.csv line 2", "plain code")),
    "Markdown in a name": (renamed("[x](javascript:alert(1))"), ("looks like a formula or markup", "products.csv line 2")),
    "mathematics in a name": (renamed("$\\frac{1$"), ("looks like a formula or markup", "products.csv line 2")),
    "a formula in a name": (renamed("=1+1"), ("looks like a formula or markup", "product==1+1")),
    "300 characters in a name": (renamed("T" * 300), ("is longer than 64 characters", "(300 characters)", "short code")),
    "a name of a scenario": ({"scenario_changes": "scenario,change,table,column,operation,amount\n../x,1,economics,price,multiply,2\n"}, ("scenario cannot be planned by this name", "scenario_changes.csv line 2", "scenario=../x")),
    "an outlying number": (sales("quantity", "99999999"), ("more than 10,000 times as large as usual", LINE_2, "quantity=99999999", "decimal mark")),
    "no price": (spoilt("economics", "10,4,0.1,2", "0,4,0.1,2"), ("price is 0", "economics.csv line 2", "Correct it")),
    "no cost": (spoilt("economics", "10,4,0.1,2", "10,0,0,0"), ("material_cost is 0", "holding_cost is 0", "backlog_cost is 0")),
    "no capacity": ({"resource_calendar": ZERO_CALENDAR}, ("working_days is 0: nothing can be made", "resource_calendar.csv line 2")),
    "mixed units": (spoilt("products", "TENT-2,tents,piece", "TENT-2,tents,kg"), ("unit_of_measure differs within a family", "products.csv line 2", "whose quantities are added up")),
    "no currency": (spoilt("terms", "EUR", "€/$"), ("currency is no code of a currency", "currency=€/$", "terms.csv line 2")),
    "never sold": ({"sales_history": "\n".join(NEVER) + "\n"}, ("never sold anything (1 of 2 series)", "line 7", "quantity=0")),
    "one month of sales": ({"sales_history": "\n".join(SALES.splitlines()[i] for i in (0, 5, 10)) + "\n"}, ("one month of sales only (2 of 2 series)", LINE_2)),
    "sales to come": ({"sales_history": SALES + "TENT-1,north,2026-10,1,10\n"}, ("in planned months, from cycle 2026-10", "--cycle 2026-11")),
    "stale sales": ({"sales_history": SALES.replace(",2026-", ",2019-")}, ("sales end in 2019-09: 84 months before cycle 2026-10", "--cycle 2019-10", "line 6")),
    "a day to come": (spoilt("demand_inputs", "2026-09-20", "2036-09-20"), ("submitted_on is after the end of cycle", "2036-09-20")),
    "a far month": (spoilt("economics", "2026-01", "1926-01"), ("more than 20 years before or 10 after cycle 2026-10", "economics.csv line 2")),
    "stock at an unknown site": (spoilt("inventory", "TENT-2,main", "TENT-2,mian"), ("site is known to no other table", "inventory.csv line 3", "site=mian")),
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
    result = check(folder(tmp_path / "company", {"sales_history": b"\xef\xbb\xbf" + turned.encode()}))
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
    "a hidden sheet": (hide, 0, ("company.xlsx sheet inventory is hidden, and read all the same",)),
    "another sheet": (lambda book: book.create_sheet("Sales 2026").append(["x"]), 1, ("sheet Sales 2026 is not a table",)),
    "blanks behind a code": (cell("sales_history", "B2", "north "), 0, ("market has blanks around it", "sheet sales_history line 2")),
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
    return LAUGHS + b"]>" + content.partition(b"?>")[2].replace(b"<sheetData>", b"<!-- -->&m;<sheetData>")


DAMAGED = {
    "a missing part": (lambda name, content: None if name == "xl/workbook.xml" else content, "is damaged"),
    "a part cut off": (lambda name, content: content[:200] if "sheet2" in name else content, "is damaged"),
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
        check(path), 1, "company.xlsx is not an Excel workbook (.xlsx), or is protected by a password"
    )


def test_a_workbook_of_another_kind_is_refused(tmp_path):
    path = workbook(tmp_path / "company.xlsx").rename(tmp_path / "company.xlsm")
    assert_told(
        check(path), 1, "company.xlsm: a workspace is a folder of CSV or Parquet files, an .xlsx workbook"
    )


def test_the_limits_of_size_are_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SOPKIT_MAX_WORKBOOK_MB", "0.001")
    monkeypatch.setenv("SOPKIT_MAX_FILE_MB", "0.0001")
    assert_told(check(workbook(tmp_path / "company.xlsx")), 1, "or raise SOPKIT_MAX_WORKBOOK_MB")
    assert_told(check(folder(tmp_path / "company")), 1, "sales_history.csv is", "or raise SOPKIT_MAX_FILE_MB")


# --- Parquet and databases -------------------------------------------------------------------------------------


def changed_frame(table, column, values):
    frame = frames()[table]
    return {table: frame.assign(**{column: values})}


PARQUET = {
    "blanks behind a code": (changed_frame("inventory", "product", ["TENT-1 ", "TENT-2"]), 0, ("row 1 (inventory.parquet row 1)", "product='TENT-1 '")),
    "an invisible character": (changed_frame("inventory", "site", ["ma\u200bin", "main"]), 1, ("inventory.parquet row 1", "site=ma\\u200bin")),
    "infinity": (changed_frame("inventory", "on_hand", [float("inf"), 1.0]), 1, ("on_hand=inf", "inventory.parquet row 1")),
    "nothing": (changed_frame("inventory", "on_hand", [float("nan"), 1.0]), 1, ("on_hand must be filled", "inventory.parquet row 1")),
    "negative": (changed_frame("inventory", "on_hand", [-1.0, 1.0]), 1, ("on_hand must be 0 or more", "on_hand=-1.0")),
    "fractions for codes": (changed_frame("inventory", "product", [1.5, 2.5]), 1, ("product=1.5",)),
    "truths for codes": (changed_frame("inventory", "product", [True, False]), 1, ("product=True",)),
    "lists": (changed_frame("inventory", "site", [["a"], ["b"]]), 1, ("column site", "inventory.parquet")),
    "bytes": (changed_frame("inventory", "site", [b"main", b"main"]), 1, ("column site", "inventory.parquet")),
    "days within months": (changed_frame("economics", "effective_from", pd.to_datetime(["2026-01-15", "2026-01-01"])), 1, ("effective_from=2026-01-15", "economics.parquet row 1")),
    "a time zone": (changed_frame("economics", "effective_from", pd.to_datetime(["2026-01-15", "2026-01-01"]).tz_localize("Asia/Tokyo")), 1, ("effective_from=2026-01-15", "Write a month")),
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
    assert_told(check(path.parent), 1, "inventory.parquet is not a whole Parquet file", "Write it again")


SQL = {
    "a blank": (
        "UPDATE inventory SET product = 'TENT-1 ' WHERE product = 'TENT-1'",
        0,
        "table inventory row 1",
    ),
    "nothing": ("UPDATE inventory SET on_hand = NULL WHERE product = 'TENT-1'", 1, "on_hand must be filled"),
    "text": ("UPDATE inventory SET on_hand = 'many' WHERE product = 'TENT-1'", 1, "on_hand=many"),
    "bytes": ("UPDATE inventory SET site = x'00ff'", 1, "table inventory holds bytes that are not text"),
    "a column too many": ("ALTER TABLE inventory ADD COLUMN weight REAL", 1, "column 'weight'"),
    "a table lost": ("DROP TABLE sales_history", 1, "sales_history: is missing in sqlite:///"),
    "a view that fails": ("DROP TABLE inventory; CREATE VIEW inventory AS SELECT * FROM lost", 1, "lost"),
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
def test_check_refuses_a_place_that_is_none(place):
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


@pytest.mark.parametrize("fault", ["UTF-16", "an unknown product", "NaN", "a gap", "two currencies"])
def test_run_refuses_what_check_refuses_and_writes_nothing(tmp_path, monkeypatch, fault):
    monkeypatch.chdir(ROOT)
    changed, said = REFUSED[fault]
    place = folder(tmp_path / "company", changed)
    store = tmp_path / "plans.sqlite"
    words = ["run", "--company", "spoilt", "--workspace", str(place), "--store", f"sqlite:///{store}"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert all(text in result.stderr for text in said)
    assert not store.exists()
    assert not (ROOT / "reports" / "spoilt").exists()
