"""The supply planner's sheets: production, purchases and crews of the plan beside the planner's own
numbers, which come back as rows of plan_overrides.

Under each line of the plan stand three yellow ones: a number that is fixed, the least, the most.
They show what the planner holds already; a change replaces it, and clearing the cell withdraws it.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import DataFrame, Series

from sopkit.io.keyed_workbook import NUMBER, TEXT, Cell, Place, row_key
from sopkit.reporting.excel.workbook import INPUT, OPEN, Book, open_changes, write_text
from sopkit.reporting.theme import GREY
from sopkit.tables import empty

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

FIRST = 5  # the first row
ALL_SITES = "all sites"
LIMITS = {"fixed": "Fixed", "least": "At least", "most": "At most"}
SERIES = 500  # a sheet holds the largest ones; the others are fixed in plan_overrides
TOLD = (
    "Enter your number under the plan's: fixed, at least or at most; give the reason in its row. "
    "The next plan keeps it, and shows what it costs. Clear a number to withdraw it."
)


class Overridden(NamedTuple):
    """A sheet: its kind of override, the plan's numbers, the planner's, and what those cost."""

    sheet: "Worksheet"
    kind: str
    wide: DataFrame  # item and site, or item, as index; months as columns
    held: Series  # kind, item, site, period, limit : the planner's number
    costs: Series  # kind, item, site : money


def fill_overrides(
    book: Book,
    sheets: Mapping[str, "Worksheet"],
    inputs: Mapping[str, DataFrame],
    plan: Mapping[str, DataFrame],
) -> Iterator[Cell]:
    """Fill the supply planner's sheets; gives the cells that come back."""
    families = inputs["products"].set_index("product")["family"]
    supply = plan["supply_plan"].assign(family=plan["supply_plan"]["product"].map(families))
    made = supply.assign(units=supply["regular"] + supply["overtime"])
    bought = supply.assign(units=supply["subcontract"] + supply["purchased"].fillna(0.0))
    bought = bought[_can_be_bought(bought, plan)]
    crews = plan["workforce_plan"].rename(columns={"workers": "units", "resource": "product"})
    planned = {
        ("Change production", "production"): made,
        ("Change purchases", "purchases"): bought,
        ("Change crews", "workers"): crews.assign(site="", family=""),
    }
    held = _held(inputs.get("plan_overrides", empty("plan_overrides")))
    costs = plan["override_costs"].fillna({"site": ""}).groupby(["kind", "item", "site"])
    for (name, kind), rows in planned.items():
        wide = _with_held(_wide(rows), rows, held[held.index.get_level_values("kind") == kind])
        about = Overridden(sheets[name], kind, wide, held, costs["cost"].sum(min_count=1))
        yield from _fill(book, about)


def _can_be_bought(supply: DataFrame, plan: Mapping[str, DataFrame]) -> Series:
    """Whether a supplier delivers a product to a site, or a subcontractor makes it."""
    places = plan["item_locations"]
    bought = pd.MultiIndex.from_frame(places.loc[places["purchased_here"], ["product", "site"]])
    costs = plan["unit_economics"]
    outside = costs.loc[costs["subcontract_cost"].notna(), "product"]
    here = pd.MultiIndex.from_frame(supply[["product", "site"]]).isin(bought)
    return supply["product"].isin(outside) | here


def _wide(rows: DataFrame) -> DataFrame:
    rows = rows.rename(columns={"product": "item"})
    wide = rows.pivot_table(index=["item", "site"], columns="period", values="units", aggfunc="sum")
    largest = wide.sum(axis=1).sort_values(ascending=False, kind="stable").index[:SERIES]
    return wide[wide.index.isin(largest)].round(6)


def _with_held(wide: DataFrame, rows: DataFrame, held: Series) -> DataFrame:
    """Add the series that the planner holds numbers of and the sheet has none of: a family, all
    sites of a product, or one of those left out; with what the plan has for them together."""
    names = held.index.to_frame()[held.index.get_level_values("period").isin(wide.columns)]
    lacking = dict.fromkeys(zip(names["item"], names["site"], strict=True))
    added = {
        (item, site): rows[
            ((rows["product"] == item) | (rows["family"] == item))
            & ((rows["site"] == site) | (site == ""))
        ]
        .groupby("period")["units"]
        .sum()
        for item, site in lacking
        if (item, site) not in wide.index
    }
    if not added:
        return wide
    more = DataFrame(added).T.reindex(columns=wide.columns)
    return pd.concat([wide, more.rename_axis(index=wide.index.names)]).round(6)


def _held(plan_overrides: DataFrame) -> Series:
    """The planner's numbers by kind, item, site, month and limit."""
    key = ["kind", "item", "site", "period"]
    mine = (plan_overrides["kind"] != "firm_production") & plan_overrides["day"].isna()
    rows = plan_overrides[mine].fillna({"site": ""})
    long = rows.melt(key, list(LIMITS), var_name="limit", value_name="units").dropna()
    return long.set_index([*key, "limit"])["units"]


def _fill(book: Book, about: Overridden) -> Iterator[Cell]:
    sheet, months = about.sheet, list(about.wide.columns)
    labels = ("Item",) if about.kind == "workers" else ("Item", "Site")
    first = len(labels) + 1
    reason, keys = first + len(months), first + len(months) + 2
    open_changes(book, sheet, (0, first - 1, 16), reason, keys, TOLD)
    if about.wide.empty:
        write_text(sheet, FIRST, 0, "The plan has none.", book.format("text"))
        return
    sheet.set_column(first, reason - 1, 10)
    sheet.set_column(reason + 1, reason + 1, 12)
    bold = book.format("text", bold=True, bottom=1)
    for column, text in enumerate((*labels, "Line")):
        write_text(sheet, FIRST - 1, column, text, bold)
    for column, period in enumerate(months, first):
        style = book.format("month", bold=True, bottom=1, align="right")
        sheet.write_datetime(FIRST - 1, column, period.to_timestamp(), style)
        sheet.write_string(FIRST - 2, column, f"quantity {period}")
    right = book.format("text", bold=True, bottom=1, align="right")
    write_text(sheet, FIRST - 1, reason + 1, "Their cost", right)
    for number, ((item, site), values) in enumerate(about.wide.iterrows()):
        yield from _series(book, about, FIRST + 5 * number, (item, site)[: len(labels)], values)
    sheet.freeze_panes(FIRST, first)


def _series(
    book: Book, about: Overridden, row: int, names: tuple[str, ...], values: Series
) -> Iterator[Cell]:
    """The plan's line of a series and the planner's three."""
    sheet, first = about.sheet, len(names) + 1
    site = names[1] if len(names) > 1 else ""
    shown = (names[0], site or ALL_SITES)[: len(names)]
    plain = book.format("text")
    shape = "months" if about.kind == "workers" else "units"
    plan, number = book.format(shape, font_color=GREY), book.format(shape, font_color=INPUT, **OPEN)
    for column, text in enumerate((*shown, "Plan")):
        write_text(sheet, row, column, text, book.format("text", bold=True))
    for column, value in enumerate(values, first):
        sheet.write(row, column, None if pd.isna(value) else float(value), plan)
    cost = about.costs.get((about.kind, names[0], site))
    if cost is not None and pd.notna(cost):
        sheet.write_number(row, first + len(values) + 1, float(cost), book.format("money"))
    for line, (limit, label) in enumerate(LIMITS.items(), row + 1):
        key = row_key(
            "plan_overrides", kind=about.kind, item=names[0], site=site or None, limit=limit
        )
        sheet.write_string(line, first + len(values) + 2, key)
        for column, text in enumerate((*shown, label)):
            write_text(sheet, line, column, text, plain)
        for column, period in enumerate(values.index, first):
            known = about.held.get((about.kind, names[0], site, period, limit))
            sheet.write(line, column, known, number)
            yield Cell(Place(key, f"quantity {period}"), NUMBER, known)
        write_text(sheet, line, first + len(values), "", book.format("text", **OPEN))
        yield Cell(Place(key, "reason"), TEXT, None)
