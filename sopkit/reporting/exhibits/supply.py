"""Exhibits of the supply review: the plan of record."""

from pandas import DataFrame

from sopkit.reporting.chart_types import (
    Band,
    Chart,
    Lines,
    SmallMultiples,
    StackedBars,
)
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import look
from sopkit.schema.formatting import bounds, most
from sopkit.schema.tolerances import MATERIAL

STAGE = "40_supply_review"
SHOWN_RESOURCES = 6
PROMISED_MONTHS = 6
SUPPLY_PARTS = ["regular", "overtime", "subcontract", "purchased", "scheduled_receipts"]
FLOWS = [*SUPPLY_PARTS, "transferred_in", "transferred_out", "shipped", "consumed", "expired"]
RULES = {"priority": "by priority", "fair_share": "in proportion", "margin": "by margin"}


# -------------------------------------------------------------------------------------------------
# the plan of record


@exhibit(STAGE, title="Supply plan and stock", table="supply_plan")
def supply(supply_plan: DataFrame, constrained_demand: DataFrame) -> Exhibit:
    """What the plan of record makes against demand, and what is left in stock where anything is."""
    plan, service = supply_plan, constrained_demand
    made, left = supply_and_demand(plan, service), stock_and_backlog(plan, service)
    held = plan.groupby("period")[["inventory", "target_inventory"]].sum().max().max()
    if max(held, service.groupby("period")["backlog"].sum().max()) < MATERIAL:
        shown = "Units a month, all products together: made and ordered against demand"
        chart = SmallMultiples([made], 1, height=3.2, subtitle=shown)
    else:
        chart = SmallMultiples(
            [made, left],
            1,
            share_x=True,
            height=4.0,
            subtitle="Units, all products together: made and ordered against demand (above), "
            "stock at each month's end (below)",
        )
    return Exhibit(_supply_headline(plan), chart)


def supply_and_demand(plan: DataFrame, service: DataFrame) -> Chart:
    """What is made a month, by how it is made, and what is asked for; rows of one plan."""
    made = plan.groupby("period")[SUPPLY_PARTS].sum()
    asked = service.groupby("period")[["demand"]].sum()
    return StackedBars(
        made.loc[:, made.abs().sum() > 0],
        lines=asked,
        looks={"demand": look("demand", marker="o")},
        unit="units",
    )


def stock_and_backlog(plan: DataFrame, service: DataFrame) -> Chart:
    """The stock that is left, the stock that is wanted, and what is owed; rows of one plan."""
    stock = plan.groupby("period")[["inventory", "target_inventory"]].sum()
    owed = service.groupby("period")[["backlog"]].sum()
    return Lines(
        stock,
        bands=[Band(0, stock["inventory"], look("inventory", label=""), 0.25)],
        bars=owed if owed.to_numpy().sum() > 0 else None,
        unit="units",
    )


def _supply_headline(plan):
    stock = plan.groupby("period")[["opening_inventory", "inventory", "target_inventory"]].sum()
    made = _beyond_regular_time(plan)
    if stock.max().max() <= MATERIAL:
        return Headline("Nothing is kept in stock from month to month") + made + "."
    peak, last = stock["inventory"].idxmax(), stock.iloc[-1]
    peaks = (
        ", its peak" if peak == stock.index[-1] else "; peak {peak:number} in {peak_month:month}"
    )
    said = Headline(
        "Stock goes from {opening:number} to {closing:number} units by {last_month:month} "
        "(target {wanted:number})" + peaks,
        opening=stock["opening_inventory"].iloc[0],
        closing=last["inventory"],
        last_month=stock.index[-1],
        wanted=last["target_inventory"],
        peak_month=peak,
        peak=stock.loc[peak, "inventory"],
    )
    return said + made + "."


def _beyond_regular_time(plan):
    overtime, outside = plan["overtime"].sum(), plan["subcontract"].sum()
    parts = []
    if overtime > MATERIAL:
        parts.append(Headline("{overtime:number} units in overtime", overtime=overtime))
    if outside > MATERIAL:
        parts.append(Headline("{outside:number} units subcontracted", outside=outside))
    joined = Headline.joined(parts, " and ")
    return Headline("; ") + joined + "" if parts else ""


@exhibit(STAGE, title="Backlog and lost sales", table="constrained_demand")
def service(constrained_demand: DataFrame) -> Exhibit:
    """Whether all demand is delivered in its month, and where it is late or lost, worst first."""
    short = constrained_demand[constrained_demand[["backlog", "lost_sales"]].sum(axis=1) > MATERIAL]
    short = short.sort_values(["lost_sales", "backlog"], ascending=False, kind="stable")
    return Exhibit(_service_headline(constrained_demand), table=short)


@exhibit("70_executive_sop", title="Service", table="constrained_demand")
def service_in_short(constrained_demand: DataFrame) -> Exhibit:
    """Whether all demand is delivered in its month, in one sentence."""
    return Exhibit(_service_headline(constrained_demand))


def _service_headline(plan):
    rows = plan.groupby("period")[["backlog", "lost_sales"]].sum()
    late, lost = rows["backlog"].max(), rows["lost_sales"].sum()
    parts = []
    if late > MATERIAL:
        parts.append(
            Headline(
                "backlog peaks at {backlog:number} units in {month:month}",
                backlog=late,
                month=rows["backlog"].idxmax(),
            )
        )
    if lost > MATERIAL:
        parts.append(Headline("{lost:number} units of lost sales", lost=lost))
    if not parts:
        months = bounds(rows.index)
        return Headline("All demand of {months:span} is delivered in its month.", months=months)
    said = Headline("Not all demand can be met on time: ")
    return said + Headline.joined(parts, ", with ") + "."


@exhibit(STAGE, title="Workforce", table="workforce_plan")
def workforce(workforce_plan: DataFrame) -> Exhibit:
    """Hours worked under the hours that could be, a panel a resource, most overtime first."""
    rows = workforce_plan
    overtime = rows.groupby("resource")["overtime_hours"].sum()
    overtime = overtime.sort_values(ascending=False, kind="stable")
    panels = [
        _hours(resource, rows[rows["resource"] == resource].set_index("period").sort_index())
        for resource in overtime.index[:SHOWN_RESOURCES]
    ]
    chart = SmallMultiples(
        panels,
        of=len(overtime),
        subtitle="Hours a month that are worked, under those that the people there can work; "
        "most overtime first",
    )
    return Exhibit(_workforce_headline(rows, overtime), chart)


def _hours(resource, months):
    worked = months[["regular_hours", "overtime_hours"]]
    capacity = months[["capacity_hours"]]
    return StackedBars(worked, lines=capacity, unit="hours", title=resource)


def _workforce_headline(rows, overtime):
    if rows.empty:
        return Headline("No workforce is described.")
    said = Headline(
        "Headcount: {hired:count hire}, {laid_off:count layoff}; ",
        hired=round(rows["hired"].sum()),
        laid_off=round(rows["laid_off"].sum()),
    )
    if overtime.sum() <= MATERIAL:
        return said + "no overtime."
    return said + Headline(
        "{overtime:number} hours of overtime, {part} on {resource}.",
        overtime=overtime.sum(),
        part=most(overtime.iloc[0], overtime.sum()),
        resource=overtime.index[0],
    )


@exhibit(STAGE, title="Production, shipments and inventory by site", table="supply_plan")
def sites(supply_plan: DataFrame) -> Exhibit:
    """What each site makes, receives, sends on and ships in all, and the most it holds."""
    rows = supply_plan
    held = rows.groupby(["site", "period"])["inventory"].sum().groupby("site").max()
    table = rows.groupby("site")[FLOWS].sum().assign(max_inventory_planned=held).reset_index()
    return Exhibit(_sites_headline(rows), table=table)


def _sites_headline(rows):
    made = (
        rows.groupby("site")[["regular", "overtime", "subcontract", "purchased"]].sum().sum(axis=1)
    )
    if len(made) == 1:
        return Headline("Everything is made and held at {site}.", site=made.index[0])
    moved = rows["transferred_out"].sum()
    if made.sum() > 0:
        share = Headline("{share:percent}", share=made.max() / made.sum())
    else:
        share = "nothing"
    sent = (
        Headline("{moved:number} units go from site to site.", moved=moved)
        if moved > MATERIAL
        else "nothing goes from site to site."
    )
    return Headline("{site} makes ", site=made.idxmax()) + share + " of all units; " + sent


@exhibit(STAGE, title="Accuracy of aggregated planning", table="aggregation_check", rows=8)
def grouping(aggregation_check: DataFrame) -> Exhibit:
    """Whether products are planned in groups, and what that changes for some planned alone too."""
    return Exhibit(_grouping_headline(aggregation_check), table=aggregation_check)


def _grouping_headline(aggregation_check):
    if aggregation_check.empty:
        return Headline("Every product is planned individually.")
    total = aggregation_check.drop(columns=["product", "group"]).sum()
    dearer = 1 - total["cost_exact"] / total["cost"] if total["cost"] > 0 else 0.0
    return Headline(
        "Products that are made alike are planned as groups: limits of stock and room hold for "
        "the group, not for each. {products:count product} planned by themselves as well would "
        "make {otherwise:percent 1} of their units in other months or not at all, miss "
        "{late_alone:number} unit-months and not {late:number}, and cost {cost:percent 2} {than}.",
        products=len(aggregation_check),
        otherwise=total["produced_differently"] / max(total["produced_grouped"], 1.0),
        late_alone=total["late_unit_months_exact"],
        late=total["late_unit_months"],
        cost=abs(dearer),
        than="less" if dearer >= 0 else "more",
    )
