"""Exhibits of the executives' meeting: a page for each family."""

from textwrap import shorten

import pandas as pd
from pandas import DataFrame

from sopkit.master_data.known_money import costs_are_known
from sopkit.reporting.chart_types import HorizontalBars, Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.finance import beside_reference
from sopkit.reporting.exhibits.pre_sop import family_of
from sopkit.reporting.exhibits.profit_and_loss import earned_said
from sopkit.reporting.exhibits.rows import largest_first
from sopkit.reporting.exhibits.supply import stock_and_backlog, supply_and_demand
from sopkit.reporting.theme import WORSE, look
from sopkit.schema.formatting import bounds, money_unit, verb
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables import attach

STAGE = "70_executive_sop"
SHOWN_FAMILIES = 6  # the others are in the Excel pack
SHOWN_GAPS = 4
SHOWN_HISTORY = 24  # months
LONGEST_STATEMENT = 126  # characters in the width of a chart
SHOWN = "demand, supply and stock in units, money, and the largest gaps"
PAGE = [[0, 0], [1, 2], [3, 4], [5, 5]]
HEIGHTS = [2.1, 1.9, 1.9, 1.7]  # inches


@exhibit(STAGE, title="Families")
def families(
    products: DataFrame,
    demand_history: DataFrame,
    demand_plan: DataFrame,
    supply_plan: DataFrame,
    constrained_demand: DataFrame,
    financial_plan: DataFrame,
    plan_variances: DataFrame,
    gaps: DataFrame,
) -> list[Exhibit]:
    """A page a family: demand, supply, stock, money and its largest gaps; most revenue first."""
    tables = (demand_history, demand_plan, supply_plan, constrained_demand)
    parts = [attach(table, products[["product", "family"]]) for table in tables]
    parts += [financial_plan, plan_variances.rename(columns={"item": "family"})]
    about = gaps.assign(family=family_of(gaps, products))
    pages = []
    for family in _largest(financial_plan):
        history, demand, supply, service, money, held = (
            part[part["family"] == family] for part in parts
        )
        own = about[about["family"] == family]
        panels = [
            _demand(history, demand, held),
            supply_and_demand(supply, service),
            stock_and_backlog(supply, service),
            *_money(family, money, plan_variances),
            _gaps(own),
        ]
        shown = f"{family} month by month: {SHOWN}"
        chart = SmallMultiples(panels, layout=PAGE, heights=HEIGHTS, subtitle=shown)
        said = _headline(family, money, held, service, len(own))
        pages.append(Exhibit(said.capitalised(), chart))
    return pages


def _largest(financial_plan):
    """The families with most revenue; with most volume where no price is known."""
    sizes = financial_plan.groupby("family")[["revenue", "quantity"]].sum()
    by = "revenue" if sizes["revenue"].any() else "quantity"
    return sizes[by].nlargest(SHOWN_FAMILIES).index


def _brings(family, money):
    """Revenue and margin of a family; its volume where no price is known."""
    if money["revenue"].any():
        return Headline("{family} brings ", family=family) + earned_said(money)
    return Headline(
        "{family} sells {units:number} units in {months:span}",
        family=family,
        units=money["quantity"].sum(),
        months=bounds(money["period"]),
    )


def _headline(family, money, held, service, named):
    """What a family brings, how far it is from the budget, what is late, and what is open."""
    said = _brings(family, money)
    budget = held[(held["reference_type"] == "budget") & (held["measure"] == "margin")]
    if len(budget) and costs_are_known(money):
        change = budget["variance"].sum() / budget["reference_value"].sum()
        side = "above" if change >= 0 else "below"
        template = f", its margin {{against_budget:percent 1}} {side} budget"
        said = said + Headline(template, against_budget=abs(change))
    tail = Headline(" No gap is open.", gaps=named)
    if named:
        are = verb(named, "is", "are")
        tail = Headline(" {gaps:count gap} {are} open.", gaps=named, are=are)
    return said + ". " + _unmet(service).capitalised() + "." + tail


def _unmet(service):
    late, lost = service.groupby("period")["backlog"].sum().max(), service["lost_sales"].sum()
    parts = []
    if late > MATERIAL:
        parts.append(Headline("at worst {late:number} units are late", late=late))
    if lost > MATERIAL:
        parts.append(Headline("{lost:number} units of lost sales", lost=lost))
    return Headline.joined(parts, " and ") or Headline("all demand is met on time")


def _demand(history, demand, held):
    """Two years of sales, the baseline, the consensus and the budget's units."""
    sold = history.groupby("period")["quantity"].sum().tail(SHOWN_HISTORY).rename("cleansed")
    planned = demand.groupby("period")[["baseline", "consensus"]].sum()
    budget = held[(held["reference_type"] == "budget") & (held["measure"] == "quantity")]
    budget = budget.set_index("period")[["reference_value"]]
    return Lines(
        pd.concat([sold, planned, *([budget] if len(budget) else [])], axis=1).sort_index(),
        looks={
            "cleansed": look("cleansed", label="sold"),
            "baseline": look("baseline", width=1.2),
            "consensus": look("consensus", width=2.2),
            "reference_value": look("reference_value", label="budget", width=1.2, steps=True),
        },
        today=planned.index.min(),
        unit="demand, units",
    )


def _money(family, money, plan_variances):
    if not money["revenue"].any():
        return [SmallMultiples([]), SmallMultiples([])]
    months = money.set_index("period").sort_index()
    revenue, margin = (
        beside_reference(months[name], plan_variances, family) for name in ("revenue", "margin")
    )
    return [revenue, margin if costs_are_known(money) else SmallMultiples([])]


def _gaps(gaps):
    """The largest gaps of the family, each in words over its bar."""
    rows = largest_first(gaps, gaps["gap_value"].abs()).head(SHOWN_GAPS)
    if not rows["gap_value"].any():
        return SmallMultiples([])
    said = [shorten(each, LONGEST_STATEMENT, placeholder=" …") for each in rows["statement"]]
    return HorizontalBars(
        rows[["gap_value"]].abs().set_axis(said),
        row_looks=[WORSE] * len(rows),
        named_above=True,
        unit=f"{money_unit()} at stake",
    )
