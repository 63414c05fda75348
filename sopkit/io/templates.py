"""Template tables: every input table with its columns and two example rows."""

import csv
import io
from pathlib import Path

from sopkit.io.writers import replacing, text_cell, write_text
from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import label
from sopkit.schema.tables import INPUT_TABLES, choices

REQUIRED_FILL, OPTIONAL_FILL = "FFD9E8F5", "FFF2F2F2"

# fmt: off
EXAMPLES = {
    "products": ("TENT-2,tents,piece,Tent for two,mature,,,to_stock,,backward_forward,1,1,1,,", "STOVE-1,stoves,piece,Gas stove,growth,,,to_order,30,,,,1,-1.5,"),
    "product_groups": ("tents,shelter", "shelter,outdoor"),
    "market_groups": ("north,inland", "inland,europe"),
    "sales_history": ("TENT-2,north,2026-09,95,18905,", "STOVE-1,north,2026-09,160,7840,USD"),
    "inventory": ("TENT-2,main,240,2026-09-30", "STOVE-1,depot,310,"),
    "resources": ("sewing,,main,12,22.5,33,900,1500,6,20,true,0.5,,,0.01,12,", "assembly,2027-01,main,5,24,36,900,1500,,,false,,2,8,,,"),
    "routings": ("TENT-2,sewing,,1.5,1,2,50,80,2,5,0.98,", "STOVE-1,assembly,2027-01,0.4,,0.5,,,,,,"),
    "resource_calendar": ("sewing,2026-10,22,176,20,", "sewing,2026-11,21,168,20,"),
    "working_hours": ("main,monday,,8", "main,saturday,2026-11,4"),
    "holidays": ("main,2026-12-25,Christmas Day", "depot,2026-10-12,stock-taking"),
    "item_costs": ("TENT-2,,2026-10,,199,71.5,2.4,15,,110,200,21,,,,,,,", "TENT-2,north,2026-10,1,209,,,,,,,,,answered,L. Moreau,Dealers in the north agreed,From the autumn list,2026-10-07T09:12:44Z,finance.xlsx", "STOVE-1,,2026-10,,49,18,0.6,4,,,,,,,,,,,"),
    "inventory_policy": ("TENT-2,main,,0.95,1.5,,,,true,,30,3,,,,,", "STOVE-1,,2027-01,,,100,800,,true,0.98,,,0.3,,,normal,"),
    "supply_policy": ("tents,level,A. Novak,Sewing needs steady work,rate,true,false,,true,,,,", "stoves,chase,A. Novak,Stock space is short,,,,0.2,,hours,5,5,"),
    "planning_fences": ("frozen_production,tents,P. Silva,Fabric is cut a month ahead,1,", "rate_change,sewing,P. Silva,Two trainees at a time,,2"),
    "plan_overrides": ("firm_production,TENT-2,main,2026-10,2026-10-14,,P. Silva,Released order 4711,120,,,,,", "workers,sewing,,2026-12,,1,P. Silva,Room for 14,,,14,answered,2026-10-09T08:30:00Z,sop.xlsx"),
    "allocation_policy": ("tents,fair_share,A. Novak,All markets share alike", "stoves,priority,A. Novak,Contracts come first"),
    "market_priorities": ("north,,1,K. Holm,Yearly contracts", "south,stoves,2,R. Conti,Own shops "
                                                               "can wait"),
    "sales_orders": ("SO-501,TENT-2,north,2026-10-14,60", "SO-502,STOVE-1,north,2026-11-20,40"),
    "order_history": ("SO-101,TENT-2,north,2026-08-21,2026-09-14,60", "SO-102,STOVE-1,north,2026-08-03,2026-09-20,40"),
    "lanes": ("main,north,,3.5,2,", "main,south,2027-01,5,,"),
    "transfer_lanes": ("main,depot,,0.6,1,", "depot,main,2027-01,0.6,1,"),
    "storage_capacity": ("main,,4000,0.8,", "depot,2027-01,1500,,"),
    "stock_availability": ("TENT-2,north,2026-09,0.8", "STOVE-1,north,2026-09,1"),
    "demand_drivers": ("TENT-2,north,2026-11,price,189", "STOVE-1,north,2026-11,feature,0.5"),
    "price_changes": ("TENT-2,,2027-01,1.03", "TENT-2,north,2027-01,1"),
    "marketing_activities": ("PROMO-1,price promotion,north,2026-11,2026-11,8000,tents,,,,,,,,0.15,", "FAIR-1,trade fair,north,2027-02,2027-02,20000,,STOVE-1,2500,0.05,0.25,12,1,,,"),
    "history_corrections": ("FIRE-2025,2025-03,2025-05,disturbed,A. Novak,Fire at the main "
                            "warehouse,tents,,,", "LISTED-2026,2026-02,2026-02,new_level,K. Holm,"
                            "Listed by a second chain,,STOVE-1,north,"),
    "product_succession": ("TENT-2,STOVE-1,north,2026-11,A. Novak,New barcode,2027-01,1", "TENT-2,STOVE-1,south,2026-12,A. Novak,New barcode,,"),
    "opportunities": ("OPP-1,STOVE-1,north,2027-03,300,0.6,offer,K. Holm,FAIR-1", "OPP-2,TENT-2,north,2027-04,150,0.3,first talks,R. Conti,"),
    "opportunity_history": ("OPP-1,qualified,2026-07-14", "OPP-1,offer,2026-09-02"),
    "launches": ("LAUNCH-1,STOVE-1,south,2027-01,TENT-2,0.4,4,passed,open,open,north,,,0.4", "LAUNCH-2,TENT-2,south,2027-02,TENT-2,0.5,6,passed,passed,open,north,,,"),
    "demand_inputs": ("sales,TENT-2,north,2026-11,sales-north,,1,K. Holm,New dealer opens,2026-09-28,A-1,,,,,,,,,140,,,", "finance,,,2026-11,,tents,1,L. Moreau,Consumer spending falls,2026-09-29,,equal,,,,,,,,110,,,"),
    "product_mix": ("TENT-2,,0.7,K. Holm,Order book of the dealers", "STOVE-1,north,0.3,K. Holm,Listed in the north alone"),
    "contributors": ("sales-north,,north,sales,6,product,D. Evans,", "finance,tents,,finance,8,,,given_mix"),
    "input_returns": ("2026-10,sales-north,2026-10-05T14:05:09Z,finished,K. Holm,sales-north.xlsx,6,", "2026-10,finance,2026-10-07T09:12:44Z,open,L. Moreau,finance.xlsx,2,Budget still open"),
    "consensus_policy": ("sales,0.6,A. Novak,Closest to the customer", "finance,0.4,A. Novak,Balances the sales view"),
    "bill_of_materials": ("TENT-2,FABRIC,6.5,", "STOVE-1,BURNER,1,"),
    "components": ("FABRIC,3000,,2026-09-30", "BURNER,400,720,"),
    "sources": ("FABRIC,Weave Ltd,,,45,4.2,500,50,9000,1,0.3,", "BURNER,Flame Ltd,,2026-10,20,6,100,,,,,USD"),
    "purchase_orders": ("FABRIC,,2026-10-14,4711,1200,Weave Ltd", "BURNER,,2026-11-03,,300,"),
    "budget": ("tents,2026-10,,130,25870,9000,,,,,,,", "stoves,2026-10,1,180,8820,3100,,answered,L. Moreau,Board of September,As agreed,2026-10-07T09:12:44Z,finance.xlsx"),
    "exchange_rates": ("USD,,0.92,", "USD,2027-01,0.94,"),
    "calendar": ("2026-09,2026-08-30,2026-09-26,2027,3,P08 FY27", "2026-10,2026-09-27,2026-10-24,2027,3,P09 FY27", "2026-11,2026-10-25,2026-11-21,2027,4,P10 FY27"),
    "actual_costs": ("2026-09,cost_of_sales,tents,16800,", "2026-09,overhead,,40000,"),
    "budget_costs": ("2026-10,cost_of_sales,tents,,16900,,,,,,,", "2026-10,overhead,,1,40000,,answered,L. Moreau,Rent from October,As agreed,2026-10-07T09:12:44Z,finance.xlsx"),
    "goals": ("GROW-TENTS,quantity,2026-10,2027-09,1500,at_least,tactical,L. Moreau,family,tents,,", "CASH,cash,2026-10,2027-09,50000,at_least,tactical,A. Novak,,,true,0.05"),
    "gap_thresholds": ("budget,share_of_budget,0.05,A. Novak,Smaller swings come from exchange "
                       "rates", "idle,share_of_paid_hours,0.7,P. Silva,Crews are kept over the "
                                "winter"),
    "levers": ("discount,item_costs,price,multiply,family,Give a trade discount of {percent} on "
               "{item},0.98,,,0.95,true,quantity,,,,,,", "stoves-optimal,supply_policy,strategy,set,family,Plan {item} at least cost,,,optimal,,,unserved,,,,,,"),
    "company_settings": ("EUR,45,30,250000,40000,2,,,2026-09-30,60,500,revenue,1,",),
    "import_summary": ("1,lines_read,file orders.csv,1204,,,,,,", "2,left_out,a grand total,1,5200,,,,line 1206: Total,"),
    "assumptions": ("A-1,Dealers keep their stock as it is,K. Holm,2026-10,2027-09,,,,,,,", "A-2,The fabric keeps its price,L. Moreau,2026-10,2027-03,tents,item_costs,material_cost,TENT-2,,,"),
    "risks": ("R-1,vulnerability,A wet summer takes a tenth off tents,0.25,wet-summer,K. Holm", "R-2,opportunity,A chain lists our tents,0.3,chain-lists-us,R. Conti"),
    "scenario_changes": ("wet-summer,1,sales_history,quantity,multiply,0.9,tents,,,,,,,As if a "
                         "tenth fewer had been sold,,sales,K. Holm,,", "chain-lists-us,1,sales_history,quantity,multiply,1.2,,TENT-2,north,,,,,As if a fifth more had been sold,,,,,"),
    "processes": ("demand-review,L. Moreau,Baseline and inputs,Consensus demand plan,Sales "
                  "marketing finance product,Overrides have a reason,The consensus beats the "
                  "baseline,value_added,0.01,demand_review", "supply-review,P. Silva,Demand plan "
                                                             "and stock,Supply plan,Planner and "
                                                             "plant,Limits are kept,Service level "
                                                             "is reached,fill_rate,0.95,supply_review"),
    "evidence": ("demand-review,output,2026-09,Minutes of 14 September,", "demand-review,criterion,2026-09,Accuracy table,0.02"),
    "balance_survey": ("R01,All functions plan from one demand number,2026-10,sales,5", "R02,All functions plan from one demand number,2026-10,finance,4"),
    "kpi_targets": ("forecast_accuracy_ratio,,,L. Moreau,0.8", "overtime_ratio,resource,sewing,P. "
                                                               "Silva,0.05"),
    "production_history": ("TENT-2,main,2026-08,128,260,", "TENT-2,main,2026-09,96,240,The cutting "
                                                           "table stood still"),
    "hours_history": ("sewing,2026-08,2016,64,2100", "sewing,2026-09,1980,40,"),
    "meeting_calendar": ("2026-10,demand_review,2026-10-08,2026-10-08,", "2026-10,supply_review,2026-10-13,2026-10-15,The plant manager was ill"),
    "cycle_record": ("2026-09,1,saved,A. Novak saved revision 1 of base,,A. "
                     "Novak,planned,3f2a90c1d4e7", "2026-09,2,approved,C. Winter approved revision "
                                                   "1 of base,executive_sop,C. Winter,as "
                                                   "discussed,3f2a90c1d4e7"),
    "approved_supply_plans": ("2026-09,TENT-2,main,2026-10,130,0,0,0,250", "2026-09,STOVE-1,main,2026-10,160,20,0,,"),
    "approved_financial_plans": ("2026-09,tents,2026-10,130,25870,16900,8970,0,21000,-12030", "2026-09,stoves,2026-10,180,8820,5700,3120,,,"),
    "approved_forecasts": ("2026-09,consensus,TENT-2,north,2026-09,100", "2026-09,consensus,TENT-2,north,2026-10,130"),
    "decision_log": ("2026-09,decide-tents-autumn,Do we hire for the autumn?,second-shift,A. "
                     "Novak,Dealers ordered early,2026-09-22,second-shift,P. Silva,2026-10-15,4200,2026-11", "2026-09,decide-stoves-price,Do we raise the price?,keep the plan,A. Novak,Competitors hold theirs,2026-09-22,,,,,"),
    "pending_decisions": ("2026-09,decide-tents-autumn,second-shift,2026-11,pending,applied to the input tables,A. Novak,Dealers ordered early,P. Silva,2026-10-31", "2026-08,decide-tents-price,dearer,2026-09,contained,the input tables contain it,A. Novak,Costs rose,,"),
    "expected_effects": ("2026-09,decide-tents-autumn,quantity,tents,2026-09,95,110", "2026-09,decide-tents-autumn,quantity,tents,2026-10,120,140"),
    "measured_effects": ("2026-09,decide-tents-autumn,quantity,tents,2026-09,95,112,,", "2026-09,decide-tents-autumn,quantity,tents,2026-10,120,138,15,21"),
}
# fmt: on
_INTRODUCTION = """Tables of the planning workbook

Fill in products and sales_history; every other table is optional and adds detail to the plan.
Replace the example rows; delete the tables you do not use. Columns marked "required" must be filled in every row.
Write months as 2026-10, dates as 2026-10-31, 30 % as 0.3 and numbers without thousands marks.
"""


def write_workbook(folder: Path) -> None:
    """Write `workbook.xlsx`, and in `csv/` the same tables as CSV files with a README, into a new
    or empty folder.

    Raises
    ------
    FileExistsError : the folder holds something; nothing is overwritten.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not empty; choose a new folder")
    for table in INPUT_TABLES:
        lines = io.StringIO(newline="")
        csv.writer(lines, lineterminator="\n").writerows([table.columns, *_examples(table)])
        write_text(folder / "csv" / f"{table.name}.csv", lines.getvalue())
    write_text(folder / "csv" / "README.md", _readme())
    with replacing(folder / "workbook.xlsx") as unfinished:
        _workbook().save(unfinished)


def _examples(table):
    return list(csv.reader(EXAMPLES[table.name]))


def _readme():
    lines = [f"# {_INTRODUCTION}"]
    for table in INPUT_TABLES:
        lines += [f"## {table.name}", "", f"{table.description}. Key: {', '.join(table.key)}.", ""]
        if table.absent:
            lines += [f"Default without it: {table.absent}", ""]
        lines += ["| column | | unit | meaning |", "|---|---|---|---|"]
        for column in table.columns:
            meaning = "; ".join(
                filter(None, [COLUMNS[column].description, _choices(table, column)])
            )
            lines.append(f"| {column} | {_need(table, column)} | {_unit(column)} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def _need(table, column):
    return "required" if column in table.must_have else "optional"


def _unit(column):
    word = COLUMNS[column]
    return word.unit or label(word.kind, of="kind")


def _choices(table, column):
    allowed = choices(table, column)
    return f"one of {', '.join(allowed)}" if allowed else ""


def _workbook():
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("README")
    sheet.column_dimensions["A"].width = 110
    for line in _INTRODUCTION.splitlines():
        sheet.append([text_cell(sheet, line)])
    for table in INPUT_TABLES:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        _format_columns(sheet, table)
        sheet.append([_header(sheet, table, column) for column in table.columns])
        for row in _examples(table):
            sheet.append(
                [
                    _cell(sheet, column, text)
                    for column, text in zip(table.columns, row, strict=True)
                ]
            )
    return book


def _format_columns(sheet, table):
    """Format columns of codes, words and months as text, lest Excel turn 00123 into a number or
    2026-10 into a date."""
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(table.columns, start=1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = max(12, len(column) + 3)
        if not _is_number(column):
            dimension.number_format = "@"


def _header(sheet, table, column):
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill

    need = _need(table, column)
    cell = text_cell(sheet, column)
    cell.font = Font(bold=need == "required")
    cell.fill = PatternFill("solid", fgColor=REQUIRED_FILL if need == "required" else OPTIONAL_FILL)
    note = [f"{need}; {_unit(column)}", f"{COLUMNS[column].description}.", _choices(table, column)]
    cell.comment = Comment("\n".join(filter(None, note)), "sopkit", height=110, width=260)
    return cell


def _cell(sheet, column, text):
    if not text:
        return None
    if _is_number(column):
        return float(text)
    cell = text_cell(sheet, text)
    cell.number_format = "@"
    return cell


def _is_number(column):
    return COLUMNS[column].kind in ("number", "whole")
