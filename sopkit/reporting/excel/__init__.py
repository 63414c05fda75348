"""The Excel pack of a plan: family sheets in the classic form, P&L and cash, bridge, gaps,
decisions, assumptions.

Formulas are live and carry the plan's own numbers as their values, so a reader that does not
calculate shows them too.
"""

from collections.abc import Mapping
from pathlib import Path

from pandas import DataFrame

from sopkit.io import keyed_workbook
from sopkit.io.writers import replacing
from sopkit.master_data.planning_units import in_planning_units
from sopkit.reporting.excel.change_sheets import fill_changes
from sopkit.reporting.excel.figures import family_figures
from sopkit.reporting.excel.lists import (
    assumption_rows,
    fill_bridge,
    fill_contents,
    fill_list,
    fill_products,
)
from sopkit.reporting.excel.month_sheets import company_sheet, family_sheet
from sopkit.reporting.excel.override_sheets import fill_overrides
from sopkit.reporting.excel.workbook import Book
from sopkit.reporting.exhibits.groups import money_by_product_group
from sopkit.schema.formatting import currency_of
from sopkit.store import audit_log, comments, revisions, verify

NAME = "sop.xlsx"
# fmt: off
SHEETS = {  # name : title, note, colour of the tab, what the contents say of it
    "Contents": ("Sales & operations plan", "", "#22313F", ""),
    "P&L and cash": ("Profit, loss and cash", "plan of record", "#117733", "Revenue, cost, margin, stock and cash of the company by month"),
    "Bridge": ("Budget-to-plan bridge", "months in common", "#4E9F6D", "From budget to plan: volume, mix, price, cost, supply"),
    "Gaps": ("Gap log", "", "#CC6677", "Gaps between product, demand, supply, finance and goals"),
    "Decisions": ("Decisions required", "", "#CC6677", "Decisions for the executive meeting, with "
                                                       "options and effects"),
    "Assumptions": ("Assumptions", "", "#D5DADE", "Documented assumptions, and defaults for tables "
                                                  "that are absent"),
    "Products": ("Sales plan by product", "deliveries of the plan of record, in each product's unit", "#D5DADE", "Deliveries of every product by month"),
    "Comments": ("Comments", "open in this cycle", "#D5DADE", "Comments on numbers of the plan, by author and time"),
    "Change demand": ("Change demand", "consensus of the plan", "#E3B505", "Yellow numbers that come back: final demand by product and market"),
    "Change production": ("Change production", "plan of record", "#E3B505", "Yellow numbers that come back: production by the planner"),
    "Change purchases": ("Change purchases", "units bought or subcontracted", "#E3B505", "Yellow numbers that come back: purchases of products by the planner"),
    "Change crews": ("Change crews", "workers", "#E3B505", "Yellow numbers that come back: crews by the planner"),
    "Decide": ("Decide", "", "#E3B505", "Yellow cells that come back: the option chosen for each decision"),
}
# fmt: on


def write(
    path: Path,
    inputs: Mapping[str, DataFrame],
    plan: Mapping[str, DataFrame],
    facts: Mapping[str, str],
) -> None:
    """Write the pack of a plan, whole or not at all.

    `facts` says company, cycle, scenario, revision, status, hash, made_at and currency, as text.
    """
    with replacing(path) as unfinished:
        book = Book(str(unfinished), facts)
        cells = _fill(book, inputs, plan)
        keyed_workbook.record(book.workbook, {"kind": "pack", **facts}, cells)
        book.save()


def of_revision(
    url: str, company: str, cycle: str, scenario: str, path: Path, revision: int | None = None
) -> None:
    """Write the pack of a revision in the store; its status is whether it is saved, submitted or
    approved."""
    latest = revisions.latest_revision(url, company, cycle, scenario)
    number = (
        latest.number if revision is None and latest else revision
    )  # whatever is saved meanwhile
    inputs = revisions.read_inputs(url, company, cycle, scenario, number)
    if "products" not in inputs:
        raise ValueError(
            f"{company} {cycle} {scenario}: the revision was saved without its inputs; run the "
            "cycle again"
        )
    plan = revisions.read_revision(url, company, cycle, scenario, number)
    plan["comments"] = comments.open_comments(url, company, cycle)
    write(path, inputs, plan, _facts(url, company, cycle, scenario, number, inputs))


def _facts(url, company, cycle, scenario, number, inputs):
    """What stands at the head of every sheet of a revision's pack."""
    done = verify.audit(url)
    mine = done[
        (done["company"] == company)
        & (done["cycle"] == str(cycle))
        & (done["scenario"] == scenario)
    ]
    mine = mine[mine["revision"] == number]
    states = mine["what"][mine["what"].isin([*audit_log.SAVED, *audit_log.REVIEWED])]
    saved, currency = mine.iloc[0], currency_of(inputs.get("company_settings"))
    return {
        "company": company,
        "cycle": str(cycle),
        "scenario": scenario,
        "revision": str(number),
        "status": states.iloc[-1],
        "hash": saved["content"],
        "made_at": saved["at"],
        "currency": currency,
    }


def _fill(book, inputs, plan):
    """Open the sheets in reading order, then fill them: those of families first, since others refer
    to them."""
    named = {
        name: book.sheet(name, title, note, colour)
        for name, (title, note, colour, _) in SHEETS.items()
    }
    levels = _levels(book, inputs, plan)
    figures = family_figures(inputs, plan)
    families = {}
    for family, rows in figures.groupby("family", sort=True):
        sheet = book.sheet(family, family, "plan of record", "#1B5E9B")
        families[family] = family_sheet(book, sheet, inputs, plan, family, rows.droplevel("family"))
    company = company_sheet(book, named["P&L and cash"], inputs, plan, families)
    fill_bridge(book, named["Bridge"], plan)
    fill_list(book, named["Gaps"], plan["gaps"])
    fill_list(book, named["Decisions"], plan["decisions"])
    fill_list(book, named["Assumptions"], assumption_rows(inputs))
    fill_products(book, named["Products"], inputs, plan)
    fill_list(book, named["Comments"], plan.get("comments", DataFrame(columns=comments.COLUMNS)))
    targets = [
        (name, SHEETS[name][3], sheet) for name, sheet in named.items() if name != "Contents"
    ]
    about = "Sales, production, inventory and money by month"
    targets += levels
    targets += [(family, about, month_sheet.sheet) for family, month_sheet in families.items()]
    fill_contents(book, named["Contents"], targets, company)
    changed = fill_changes(book, named, plan)
    return [*changed, *fill_overrides(book, named, in_planning_units(inputs), plan)]


def _levels(book, inputs, plan):
    """The sheet of the P&L by product group, for the contents; none without groups."""
    exhibits = money_by_product_group(plan["financial_plan"], inputs.get("product_groups"))
    found = []
    for exhibit in exhibits:
        sheet = book.sheet("Groups", "P&L by product group", "plan of record", "#117733")
        fill_list(book, sheet, exhibit.table)
        found.append(("Groups", "Revenue, cost and margin by product group and family", sheet))
    return found
