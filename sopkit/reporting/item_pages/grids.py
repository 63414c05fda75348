"""The chart of an item's demand and its numbers by month: history, then the plan."""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Period, PeriodIndex

from sopkit.master_data.known_money import costs_are_known
from sopkit.reporting import inline_svg
from sopkit.reporting.chart_types import Lines
from sopkit.reporting.chart_types.courses import Band
from sopkit.reporting.exhibits.rows import with_demand
from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import WIDTH, Cell, Drawing, Table, clipped, whole_cell
from sopkit.reporting.theme import INK, look
from sopkit.schema.formatting import month, short_month
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables.periods import YEAR

HISTORY, CHARTED = 12, 24  # closed months in the grid and in the chart
SHOWN_REASONS = 8  # why history was corrected
DEMAND = {
    "baseline": "Statistical baseline",
    "launch_demand": "Launches and phase-outs",
    "activity_demand": "Activities",
    "opportunity_demand": "Sales pipeline",
    "pickup_demand": "Pick-up of orders",
    "override": "Overrides",
    "consensus": "Consensus",
    "lower_80": "80 % range, low",
    "upper_80": "80 % range, high",
    "firm_orders": "Of which firm orders",
}
SUPPLY = {
    "regular": "Production, regular",
    "overtime": "Production, overtime",
    "subcontract": "Subcontracted",
    "purchased": "Purchased",
    "scheduled_receipts": "Scheduled receipts",
}
SERVICE = {"fulfilled": "Delivered", "backlog": "Backlog, month end", "lost_sales": "Lost sales"}
STOCK = {
    "inventory": "Inventory, month end",
    "target_inventory": "Target inventory",
    "safety_stock": "Safety stock",
}
MONEY = {"revenue": "Revenue", "margin": "Margin"}
WITHIN = (0.085, 0.17, 0.905, 0.79)  # of the chart, which has one axis of units
STRONG = ("Consensus", "Inventory, month end")
BAD = ("Backlog, month end", "Lost sales")


def chart(
    demand_history: DataFrame, demand_plan: DataFrame, start: Period, name: str
) -> list[Drawing]:
    """Demand by month as sold, as used for the forecast, and as planned with its range; none of an
    item without demand. The tables hold one item."""
    past = demand_history.groupby("period")[["quantity", "cleansed"]].sum()
    past = past[(past.index < start) & (past.index >= start - CHARTED)]
    plan = demand_plan.groupby("period")[["consensus", "lower_80", "upper_80"]].sum()
    course = pd.concat([past, plan[["consensus"]]], axis=1).sort_index()
    lines = Lines(
        course,
        bands=[Band(plan["lower_80"], plan["upper_80"], look("consensus", label=""), 0.15)],
        looks={
            "quantity": look("quantity", line="--", width=1.2),
            "cleansed": look("cleansed", colour=INK, width=1.6),
            "consensus": look("consensus", width=2.0),
        },
        today=start,
        unit="units",
        height=1.5,
    )
    svg = inline_svg.drawn(lines, f"Demand of {name} by month", WIDTH, WITHIN)
    legend = "dashed: as sold; solid: as used for the forecast; then consensus with 80 % range"
    return [Drawing("Demand", svg, f"units a month; {legend}")] if svg else []


def history(demand_history: DataFrame, start: Period) -> Table:
    """The last closed months as sold and as used, and why they differ; of one item."""
    index = pd.period_range(start - HISTORY, start - 1, freq="M")
    rows = demand_history
    sums = rows.groupby("period")[["quantity", "cleansed"]].sum().reindex(index)
    changed = rows[rows["period"].isin(index) & (rows["cleansing_adjustment"].abs() > MATERIAL)]
    reasons = [
        f"{one.product} in {one.market}, {month(one.period)}: {clipped(one.reason, 70)}"
        for one in changed.itertuples()
    ]
    lines = {"As sold": sums["quantity"], "As used for the forecast": sums["cleansed"]}
    more = f"; {len(reasons) - SHOWN_REASONS} more" if len(reasons) > SHOWN_REASONS else ""
    told = "; ".join(reasons[:SHOWN_REASONS])
    foot = f"Corrected: {told}{more}." if reasons else ""
    return _grid("Demand history", lines, index, foot)


def plan(own: Mapping[str, DataFrame], planned: PeriodIndex, currency: str) -> Table:
    """The classic grid: demand, supply, service, inventory and money of each planned month.

    Parameters
    ----------
    own : demand_history, demand_plan, supply_plan, constrained_demand, projected_inventory and
        profitability of one item
    """
    sold = own["demand_history"].groupby("period")["quantity"].sum()
    demand = {name: DEMAND[name] for name in with_demand(own["demand_plan"], DEMAND)}
    lines = _sums(own["demand_plan"], demand)
    lines["Prior year"] = sold.reindex(planned - YEAR).set_axis(planned)
    for name, rows in (
        ("supply_plan", SUPPLY), ("constrained_demand", SERVICE), ("projected_inventory", STOCK),
    ):  # fmt: skip
        lines |= _sums(own[name], rows)
    rows = MONEY if costs_are_known(own["profitability"]) else {"revenue": MONEY["revenue"]}
    money = _sums(own["profitability"], rows if own["profitability"]["revenue"].any() else {})
    lines |= {f"{name}, {numbers.unit(currency or 'money', 'k')}": one / 1e3
              for name, one in money.items()}  # fmt: skip
    foot = "The 80 % range adds up the ranges of the markets."
    return _grid("Plan", lines, planned, foot)


def _sums(table, rows):
    """The sums of a table's months; none of a table without rows."""
    known = {name: said for name, said in rows.items() if name in table and len(table)}
    return {said: table.groupby("period")[name].sum() for name, said in known.items()}


def _grid(heading, lines, index, foot):
    """Months across; a line without a number is left out."""
    cells, strong = [], set()
    for said, values in lines.items():
        found = values.reindex(index)
        if said not in STRONG and not found.fillna(0.0).abs().max() > MATERIAL:
            continue
        if said in STRONG:
            strong.add(len(cells))
        cells.append([Cell(said), *[whole_cell(value, said in BAD) for value in found]])
    head = [Cell("units"), *[Cell(short_month(one)) for one in index]]
    return Table([head], cells, heading, strong=frozenset(strong), foot=foot, dense=True)
