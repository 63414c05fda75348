"""Checks of feasibility: inputs that contradict one another or leave a gap without a default."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.data_quality.marks import check
from sopkit.master_data.freight import LANE, TRANSFER
from sopkit.master_data.input_entries import is_split
from sopkit.master_data.input_references import OF_ALL, reference
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import BLOCKING, SOURCE, Issue, fault, told
from sopkit.tables.periods import DAY, YEAR, last_days

FAR_AHEAD = 120  # months from the last sale: too far to plan
CELL = ["product", "market"]


# --------------------------------------------------------------------------------------------------
# months


@check(BLOCKING, withholds="planning_periods")
def cycle_without_history(planning_periods: DataFrame, sales_history: DataFrame) -> Issue | None:
    """Refuse a cycle without sales history before it."""
    cycle, months = planning_periods["period"].min(), sales_history["period"]
    first, last = months.min(), months.max()
    if months.empty or (first < cycle and (cycle - last).n <= FAR_AHEAD):
        return None
    text = f"cycle {cycle} cannot be planned: {SOURCE} holds sales from {first} to {last}"
    remedy = f"Set the cycle, such as --cycle {last + 1}, or add the sales before it."
    return Issue("sales_history", f"{text}. {remedy}")


@check(BLOCKING)
def demand_inputs_of_closed_months(
    planning_periods: DataFrame, demand_inputs: DataFrame
) -> Issue | None:
    """Find demand inputs of closed months."""
    start = planning_periods["period"].min()
    rule = f"period must be in the planned months, which start {start}"
    remedy = "The month is closed and its sales are in sales_history. Remove these inputs."
    closed = demand_inputs["period"] < start
    return fault(TABLES["demand_inputs"], demand_inputs, closed, rule, "period", remedy=remedy)


@check(BLOCKING)
def stages_to_come(planning_periods: DataFrame, opportunity_history: DataFrame) -> Issue | None:
    """Find stages of the pipeline entered after the cycle's month."""
    cycle = planning_periods["period"].min()
    rule = f"entered_on must not be after the cycle's month, {cycle}"
    remedy = "Only stages already entered are history: correct the day, or remove the row."
    late = opportunity_history["entered_on"] >= last_days(planning_periods)[0] + DAY
    return fault(
        TABLES["opportunity_history"], opportunity_history, late, rule, "entered_on", remedy=remedy
    )


@check(BLOCKING)
def calendar_without_planned_months(
    planning_periods: DataFrame, resources: DataFrame, resource_calendar: DataFrame
) -> Iterator[Issue]:
    """Find resources whose calendar lacks planned months."""
    stated = resources.loc[resources["resource"].isin(resource_calendar["resource"]), ["resource"]]
    wanted = stated.drop_duplicates().merge(planning_periods[["period"]], how="cross")
    known = pd.MultiIndex.from_frame(resource_calendar[["resource", "period"]])
    missing = wanted[~pd.MultiIndex.from_frame(wanted).isin(known)]
    for resource, months in missing.groupby("resource"):
        named = ", ".join(months["period"].astype("str"))
        rule = "a resource's calendar must have every planned month"
        remedy = (
            "Add these months to resource_calendar, or shorten horizon_months in company_settings."
        )
        text = f"{rule}; {resource} has no row for {named}"
        yield Issue("resource_calendar", text, remedy=remedy)


# --------------------------------------------------------------------------------------------------
# demand


@check(BLOCKING)
def launches_like_nothing_sold(
    planning_periods: DataFrame, sales_history: DataFrame, launches: DataFrame
) -> Issue | None:
    """Find launches whose like product has no sales in the market."""
    sold = (sales_history["period"] < planning_periods["period"].min()) & (
        sales_history["quantity"] > 0
    )
    market = launches["like_market"].fillna(launches["market"])
    like = launches.assign(product=launches["like_product"], market=market)
    broken = ~_cells(like).isin(_cells(sales_history[sold]))
    rule = "like_product must have sales in the launch's market"
    remedy = (
        "Enter a like product with sales there, or in like_market a market with sales of it; "
        "volume_ratio scales the volume."
    )
    broken = Series(broken, index=launches.index)
    return fault(TABLES["launches"], launches, broken, rule, "like_product", remedy=remedy)


@check(BLOCKING)
def demand_inputs_without_baseline(
    planning_periods: DataFrame,
    sales_history: DataFrame,
    demand_inputs: DataFrame,
    launches: DataFrame | None = None,
    market_groups: DataFrame | None = None,
) -> Issue | None:
    """Find demand inputs of products without sales or launch in the market."""
    sold = sales_history.loc[sales_history["period"] < planning_periods["period"].min(), CELL]
    known = [sold.drop_duplicates()]
    if launches is not None:
        planned = launches["launch_period"] <= planning_periods["period"].max()
        known.append(launches.loc[planned, CELL])
    strange = ~_cells(demand_inputs).isin(_cells(pd.concat(known)))
    strange &= ~is_split(demand_inputs, market_groups)
    rule = "product and market must have a baseline or a launch"
    remedy = "Correct the product or market, or enter the new combination in launches."
    return fault(TABLES["demand_inputs"], demand_inputs, strange, rule, remedy=remedy)


@check(BLOCKING)
def changes_of_several_products_or_markets(
    demand_inputs: DataFrame, market_groups: DataFrame | None = None
) -> Issue | None:
    """Find demand inputs that change a reference of more than one product or market."""
    broken = demand_inputs["quantity"].isna() & is_split(demand_inputs, market_groups)
    rule = "a change of a reference must name its product and its market"
    remedy = "Enter both, or units in quantity."
    return fault(TABLES["demand_inputs"], demand_inputs, broken, rule, remedy=remedy)


@check(BLOCKING)
def demand_inputs_of_an_unknown_reference(
    planning_periods: DataFrame,
    sales_history: DataFrame,
    demand_inputs: DataFrame,
    approved_forecasts: DataFrame | None = None,
    market_groups: DataFrame | None = None,
) -> Issue | None:
    """Find demand inputs that change last year's sales or the last cycle where there is none."""
    changes = demand_inputs["quantity"].isna() & demand_inputs["reference_type"].isin(OF_ALL)
    changes &= ~is_split(demand_inputs, market_groups)
    known = reference(demand_inputs, planning_periods, sales_history, approved_forecasts)
    rule = "the reference of a change must be known"
    remedy = "Enter units in quantity, or a change of the baseline."
    broken = changes & np.isnan(known)
    return fault(
        TABLES["demand_inputs"], demand_inputs, broken, rule, "reference_type", remedy=remedy
    )


def _cells(frame: DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[CELL])


# --------------------------------------------------------------------------------------------------
# prices, lanes, resources and stock


@check(BLOCKING)
def products_without_price(
    sales_history: DataFrame, item_costs: DataFrame, launches: DataFrame | None = None
) -> Issue | None:
    """Find products without a price that sold in the last twelve months or are to be launched."""
    recent = sales_history[sales_history["period"] > sales_history["period"].max() - YEAR]
    wanted = set(recent.query("quantity > 0")["product"])
    wanted |= set() if launches is None else set(launches["product"])
    missing = ", ".join(sorted(wanted - set(item_costs["product"])))
    text = (
        f"no row for {missing}, which sold in the last twelve months or is to be launched; "
        "add its price and costs. (Without the whole table, prices are assumed.)"
    )
    return Issue("item_costs", text) if missing else None


@check(BLOCKING)
def markets_without_lane(
    sales_history: DataFrame, lanes: DataFrame, launches: DataFrame | None = None
) -> Issue | None:
    """Find markets with demand that no lane serves."""
    markets = set(sales_history["market"])
    markets |= set() if launches is None else set(launches["market"])
    cut_off = ", ".join(sorted(markets - set(lanes["market"])))
    text = f"no site serves market {cut_off}, which has demand; add a row for it"
    return Issue("lanes", text) if cut_off else None


@check(BLOCKING)
def resources_that_move(resources: DataFrame) -> Iterator[Issue | None]:
    """Find dated rows of a resource that differ in what does not change over time."""
    for column in ("site", "opening_workers"):
        differ = resources.groupby("resource")[column].transform("nunique") > 1
        rule = f"{column} must be the same in every row of a resource"
        remedy = (
            "It does not change over time: enter one value in all its rows, or another resource."
        )
        yield fault(TABLES["resources"], resources, differ, rule, column, remedy=remedy)


@check(BLOCKING)
def lanes_that_speed_up(
    lanes: DataFrame | None = None, transfer_lanes: DataFrame | None = None
) -> Iterator[Issue | None]:
    """Find dated rows of a lane that differ in their lead time, which does not change over time."""
    known = (("lanes", lanes, LANE), ("transfer_lanes", transfer_lanes, TRANSFER))
    for name, table, ends in known:
        if table is None:
            continue
        days = table["lead_time_days"].astype("float64").fillna(0.0)
        differ = days.groupby([table[end] for end in ends]).transform("nunique") > 1
        rule = "lead_time_days must be the same in every row of a lane"
        remedy = "Only its freight changes over time: enter one lead time in all its rows."
        yield fault(TABLES[name], table, differ, rule, "lead_time_days", remedy=remedy)


@check("major")
def lots_above_capacity(
    routings: DataFrame, resources: DataFrame, resource_calendar: DataFrame
) -> Issue | None:
    """Find minimum lots that need more hours than their resource can give in any month."""
    most = resources.groupby("resource")["max_workers"].agg(
        lambda workers: workers.max(skipna=False)
    )
    hours = resource_calendar["regular_hours_per_worker"].add(
        resource_calendar["overtime_hours_per_worker"]
    )
    crew = hours * resource_calendar["resource"].map(most).fillna(np.inf)
    available = crew.clip(upper=resource_calendar["machine_hours"].fillna(np.inf))
    highest = available.groupby(resource_calendar["resource"]).max()
    needed = routings["min_lot"] * routings["hours_per_unit"] + routings["setup_hours"].fillna(0)
    broken = needed > routings["resource"].map(highest)
    text = "min_lot needs more hours than the resource can give in any month: it is never made here"
    remedy = (
        "Lower min_lot, or raise max_workers in resources or machine_hours in resource_calendar."
    )
    return told(TABLES["routings"], routings, broken, text, "min_lot", remedy=remedy)


@check(BLOCKING)
def more_stock_than_fits(
    inventory_policy: DataFrame, storage_capacity: DataFrame
) -> Iterator[Issue | None]:
    """Find required stock that exceeds the storage limit of its site."""
    for column in ("min_inventory", "ending_inventory"):
        asked = _most_asked(inventory_policy, column)
        rows = storage_capacity.assign(**{column: storage_capacity["site"].map(asked)})
        broken = (rows[column] > rows["storage_limit"]) & rows["overflow_storage_cost"].isna()
        rule = f"{column} of all products of a site must fit into its storage_limit"
        remedy = "Lower it in inventory_policy, raise the limit, or enter an overflow_storage_cost."
        yield fault(TABLES["storage_capacity"], rows, broken, rule, column, remedy=remedy)


def _most_asked(inventory_policy: DataFrame, column: str) -> Series:
    """The units that the policy asks of each site, each product's most over its dated rows."""
    each = inventory_policy.groupby(["site", "product"])[column].max()
    return each.groupby("site").sum()


@check(BLOCKING)
def certain_service(inventory_policy: DataFrame) -> Iterator[Issue | None]:
    """Find target service levels of 100 %."""
    for column in ("target_service_level", "target_fill_rate"):
        broken = (inventory_policy[column] >= 1).fillna(False).astype(bool)
        rule = f"{column} must be below 1"
        remedy = "No stock makes a stock-out impossible. Write 0.999 or less."
        yield fault(
            TABLES["inventory_policy"], inventory_policy, broken, rule, column, remedy=remedy
        )
