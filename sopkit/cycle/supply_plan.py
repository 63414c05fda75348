"""Plan supply for a given demand plan, from input tables alone: no forecast, no money."""

from collections.abc import Mapping

from pandas import DataFrame

from sopkit.cycle.computing import compute
from sopkit.demand.consumption import on_supply
from sopkit.master_data import economics, selling_prices, work_calendar
from sopkit.supply import inventory_targets, procurement, rccp, strategies
from sopkit.tables import conform
from sopkit.tables.arrays import ArrayTable

STEPS = (
    economics.unit_economics,
    selling_prices.selling_prices,
    economics.sourcing_network,
    economics.item_locations,
    work_calendar.work_calendar,
    inventory_targets.inventory_targets,
    rccp.rough_cut_capacity,
    strategies.supply_review,
    procurement.procurement,
)
MADE_UP = ("launch_demand", "activity_demand", "opportunity_demand", "pickup_demand", "override")


def plan_supply(tables: Mapping[str, DataFrame], tail_months: int = 0) -> dict[str, DataFrame]:
    """Plan supply for the demand plan among the tables, which is all the demand there is.

    Parameters
    ----------
    tables : `products`, `demand_plan` and any other input tables, by name, as `io.readers.read`
        gives them. The months planned are those of the demand plan, which needs no more than
        product, market, period and consensus: without low and high, demand is certain. Sales
        orders consume it, unless it says what its total_demand is.
    tail_months : months planned after these, in which demand, calendars, prices and limits repeat
        the same month a year before, as in the cycle (see `model.tail`); none, so that the plan
        ends with its demand

    Returns
    -------
    dict of plan table name -> table : what `STEPS` write

    Raises
    ------
    ValueError : a step refuses its tables.
    """
    months = tables["demand_plan"]["period"].drop_duplicates().sort_values(ignore_index=True)
    periods = months.to_frame().assign(month_number=range(1, len(months) + 1))
    demand = _demand_plan(periods, tables)
    sold = demand.rename(columns={"consensus": "quantity"})
    given = {
        "planning_periods": periods,
        "demand_plan": demand,
        "sales_history": sold[["product", "market", "period", "quantity"]],
    }
    available = {**tables, **{name: conform(name, table) for name, table in given.items()}}
    plan: dict[str, DataFrame] = {}
    for step in STEPS:
        plan |= compute(step, available | plan, tail_months=tail_months)
    return plan


def _demand_plan(planning_periods, tables):
    """The demand plan with all its columns: what is not given is certain, and all of it is
    baseline."""
    demand_plan = tables["demand_plan"]
    said = demand_plan["consensus"]
    whole = {"baseline": said, "lower_80": said, "upper_80": said} | dict.fromkeys(MADE_UP, 0.0)
    absent = {name: value for name, value in whole.items() if name not in demand_plan.columns}
    demand_plan = demand_plan.assign(**absent)
    if "total_demand" not in demand_plan.columns:
        forecast = ArrayTable.of_table("demand_plan", demand_plan).filled(0.0)
        orders = tables.get("sales_orders")
        demand_plan = on_supply(forecast, planning_periods, tables["products"], orders).frame
    return conform("demand_plan", demand_plan)
