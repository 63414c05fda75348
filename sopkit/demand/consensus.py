"""Inputs of the functions, their weights, and the consensus demand plan."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand import consumption, input_quantities, price_response
from sopkit.demand.disaggregation import by_function
from sopkit.master_data.input_references import OF_ALL
from sopkit.rules.remember import remembered
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, conform
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, keys_of, rows_in
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import months_of

PAIR = ["product", "market"]
CELL = [*PAIR, "period"]
RECORD = "forecast_accuracy"  # the plan table by which functions earn their weights
ONE_SIDE = 1.2816  # standard deviations from the middle of an 80 % interval to its end
SHRINKAGE_MONTHS = 12  # months of record at which half of a function's own record counts


@dataclass(frozen=True)
class PlanParts:
    """The tables of what is planned without overrides."""

    planning_periods: DataFrame
    baseline_forecast: DataFrame
    launch_plan: DataFrame
    promotion_lift: DataFrame
    pipeline_forecast: DataFrame
    pickup_forecast: DataFrame | None = None


@dataclass(frozen=True)
class OverrideInputs:
    """The tables of what functions say, and how much it weighs."""

    sales_history: DataFrame
    forecast_accuracy: DataFrame | None = None
    disaggregated_inputs: DataFrame | None = None
    consensus_policy: DataFrame | None = None
    approved_forecasts: DataFrame | None = None
    driver_lifts: DataFrame | None = None


@on_arrays
def forecast_overrides(planned: PlanParts, inputs: OverrideInputs) -> DataFrame:
    """Calculate the change of the forecast by each function's input.

    A function's quantity is all the demand it expects in the month; it may give a change of a
    reference in its place, see `input_quantities.expected`. The override is its weight times the
    difference to baseline, launches, activities, opportunities and pick-up together. Weights come
    from the policy (a function not in it weighs 0); without one, from the functions' records, see
    `learned_weights`; without a record they are equal shares among those who spoke. Where they sum
    to more than 1 they are scaled to 1. Inputs after the planned months weigh 0. An input was given
    at the price list: where a scenario or a decision changes a price, it answers as the baseline
    does.

    Returns
    -------
    function, product, market, period : quantity [units], weight, override [units], author, reason,
        submitted_on, assumption
    """
    columns, given = list(TABLES["forecast_overrides"].columns), inputs.disaggregated_inputs
    if given is None or given.empty:
        return conform("forecast_overrides", pd.DataFrame(columns=columns))
    months, policy = planned.planning_periods, inputs.consensus_policy
    parts = _all_parts(planned)
    given = _expected(given, parts, months, inputs)
    spoken = _spoken(given, months, policy, inputs.forecast_accuracy)
    override = spoken["weight"] * (spoken["quantity"] - _at(spoken, parts, _sum(parts)))
    return spoken.assign(override=override)[columns]


def _expected(given, parts, planning_periods, inputs):
    """The inputs in units at the prices of the plan; those in units already stay the same table."""
    units = given
    if given["quantity"].isna().any():
        together, baseline = (_at(given, parts, part) for part in (_sum(parts), parts["baseline"]))
        tables = (planning_periods, inputs.sales_history, inputs.approved_forecasts)
        units = input_quantities.expected(given, together, baseline, *tables)
    answer = price_response.answers(given, inputs.driver_lifts)
    if (answer == 1.0).all():
        return units
    with_baseline = given["quantity"].isna() & ~given["reference_type"].isin(OF_ALL)
    return units.assign(quantity=units["quantity"] * np.where(with_baseline, 1.0, answer))


@on_arrays
def demand_plan(
    planned: PlanParts,
    forecast_overrides: DataFrame,
    products: DataFrame | None = None,
    sales_orders: DataFrame | None = None,
) -> DataFrame:
    """Sum the parts of demand to the consensus demand plan, and let firm orders consume it.

    A launch or an activity never takes more than there is: what a replaced product cannot bear is
    not taken. median, low and high are the baseline's moved by the other parts, and not below 0; a
    launch widens them by what past launches missed. An order enters by its pick-up, where that has
    a weight, or by the consumption of other months' forecast, never by both.

    Returns
    -------
    product, market, period : baseline, launch_demand, activity_demand, opportunity_demand,
        pickup_demand, override, consensus, median, lower_80, upper_80, demand_std [units],
        zero_probability [ratio]; consensus is the sum of the six parts;
        firm_orders, past_due_orders, net_forecast, total_demand [units], see
        `consumption.on_supply`
    """
    parts, months = _all_parts(planned), planned.planning_periods
    reference = _sum(parts)
    override = np.maximum(_grid(forecast_overrides, "override", parts), -reference)
    total = reference + override
    spread = _distribution(parts, planned.baseline_forecast, planned.launch_plan, total)
    plan = parts.assign(
        override=override,
        consensus=np.maximum(total, 0.0),  # the last bits of a sum of parts that cancel out
        **spread,
    )
    return consumption.on_supply(plan, months, products, sales_orders).frame


def learns_weights(tables: Mapping[str, DataFrame]) -> bool:
    """Whether these input tables let functions earn their weights: their inputs, a record of
    earlier ones, and no policy that says the weights."""
    return {"demand_inputs", "approved_forecasts"} <= tables.keys() and (
        "consensus_policy" not in tables
    )


def learned_weights(forecast_accuracy: DataFrame) -> DataFrame:
    """Propose consensus weights from each function's past accuracy: inverse squared error, shrunk.

    The record is the error product by product at each lag. The baseline has a share too, and keeps
    it: the weights of the functions sum to less than 1, and a function that forecasts worse than
    the baseline weighs little. With SHRINKAGE_MONTHS months of record half a weight is learned, the
    rest is an equal share.

    Returns
    -------
    function, lag : weight, author, reason
    """
    heard = forecast_accuracy["contributor"].isin(["baseline", *COLUMNS["function"].choices])
    record = forecast_accuracy[heard & (forecast_accuracy["level"] == "product")]
    record = record.assign(
        error=record["wape"] * record["observations"],
        months=record["own_observations"].fillna(record["observations"]).astype("int64"),
    )
    sums = {"error": "sum", "observations": "sum", "months": "max"}
    table = record.groupby(["contributor", "lag"], as_index=False).agg(sums)
    table["error"] = table["error"] / table["observations"]
    table["strength"] = 1 / np.maximum(table["error"], 1e-6) ** 2
    at_lag = table.groupby("lag")
    own = table["months"] / (table["months"] + SHRINKAGE_MONTHS)
    equal = (1 - own) / at_lag["strength"].transform("size")
    table["weight"] = own * table["strength"] / at_lag["strength"].transform("sum") + equal
    table["weight"] = table["weight"] / table.groupby("lag")["weight"].transform("sum")
    table["author"] = "learned from past accuracy"
    error, months = (table["error"] * 100).round(1).astype("str"), table["months"].astype("str")
    table["reason"] = (
        "past error " + error + " % over " + months + " months, shrunk to equal shares"
    )
    functions = table[table["contributor"] != "baseline"].reset_index(drop=True)
    return functions.rename(columns={"contributor": "function"})[
        ["function", "lag", "weight", "author", "reason"]
    ]


# --------------------------------------------------------------------------------------------------
# the parts


def _distribution(parts, baseline_forecast, launch_plan, total):
    """Median, interval, deviation and chance of nothing of the plan, around the sum of its parts.

    The errors of a launch come on top of the baseline's, independently; they widen the interval as
    those of a normal distribution do.
    """
    known = ArrayTable.of_table("baseline_forecast", baseline_forecast).on(parts, default=np.nan)
    baseline, deviation = parts["baseline"], known["demand_std"]
    interval = (known["upper_80"] - known["lower_80"]) / (2 * ONE_SIDE)
    deviation = np.nan_to_num(np.where(np.isnan(deviation), interval, deviation))
    launch = np.nan_to_num(_grid(launch_plan, "launch_std", parts))
    more = np.hypot(deviation, launch)
    wider = np.where(deviation > 0, more / np.where(deviation > 0, deviation, 1.0), 1.0)
    found = {}
    for name, score in (("median", 0.0), ("lower_80", -ONE_SIDE), ("upper_80", ONE_SIDE)):
        distance = np.nan_to_num(known[name] - baseline) * wider
        distance = np.where(deviation > 0, distance, score * launch)
        found[name] = np.maximum(total + distance, 0.0)
    begins = (parts["launch_demand"] > 0) | ((baseline <= 0) & (total > 0))
    empty = np.where(begins, 0.0, np.nan_to_num(known["zero_probability"]))
    return {**found, "demand_std": more, "zero_probability": empty}


def _all_parts(planned):
    """Every part of the plan but overrides: those of `_parts`, and what orders add or take."""
    parts = _parts(
        planned.pipeline_forecast,
        planned.promotion_lift,
        planned.launch_plan,
        planned.baseline_forecast,
        planned.planning_periods,
    )
    if planned.pickup_forecast is None or planned.pickup_forecast.empty:
        return parts
    pickup, weight = (_grid(planned.pickup_forecast, name, parts) for name in ("pickup", "weight"))
    return parts.assign(pickup_demand=weight * (pickup - _sum(parts)))


@remembered
def _parts(pipeline_forecast, promotion_lift, launch_plan, baseline_forecast, planning_periods):
    """Every product and market with a part, in every planned month, with what each part brings.

    Launches, then activities, take no more than there is.
    """
    tables = {
        "baseline": baseline_forecast,
        "launch_demand": launch_plan,
        "activity_demand": promotion_lift[promotion_lift["activity_demand"] != 0],
        "opportunity_demand": pipeline_forecast[pipeline_forecast["opportunity_demand"] != 0],
    }
    pairs = pd.concat([table[PAIR] for table in tables.values()]).drop_duplicates()
    cells = ArrayTable(Keys(pairs.sort_values(PAIR)), months_of(planning_periods), {})
    parts = cells.assign(**{part: _grid(table, part, cells) for part, table in tables.items()})
    parts = parts.assign(pickup_demand=np.zeros(parts.shape))
    for part in ("launch_demand", "activity_demand"):
        short = np.minimum(_sum(parts), 0.0)
        parts = parts.assign(
            **{part: parts[part] - np.maximum(short, np.minimum(parts[part], 0.0))}
        )
    return parts


def _grid(table, part, cells):
    """A column of a table, added up in each of the cells; 0 where it has no row."""
    return _summed(table, part, cells.months).on(cells, default=0.0)[part]


@remembered
def _summed(table, part, months):
    """A column of a table, added up in each product, market and month."""
    rows = table[[*CELL, part]]
    if rows.duplicated(CELL).any():
        rows = rows.groupby(CELL, as_index=False).sum()
    return ArrayTable.of_rows(rows, PAIR, months)


def _sum(parts):
    return (
        parts["baseline"]
        + parts["launch_demand"]
        + parts["activity_demand"]
        + parts["opportunity_demand"]
        + parts["pickup_demand"]
    )


def _at(spoken, parts, values):
    """The values in the product, market and month of each input; 0 where there are none."""
    row = rows_in(keys_of(spoken, *PAIR), parts.keys)
    month = parts.months.get_indexer(pd.PeriodIndex(spoken["period"]))
    return np.where((row >= 0) & (month >= 0), values[row, month], 0.0)


@remembered
def _spoken(disaggregated_inputs, planning_periods, consensus_policy, forecast_accuracy):
    """The inputs in order, with their weights; those after the planned months weigh nothing."""
    spoken = by_function(disaggregated_inputs).sort_values(["function", *CELL], ignore_index=True)
    planned = spoken["period"].isin(planning_periods["period"])
    weight = _weights(planning_periods, spoken, consensus_policy, forecast_accuracy)
    return spoken.assign(weight=_final(spoken, weight).where(planned, 0.0))


def _final(spoken, weight):
    """Where an input is final it has all the weight, and the others none."""
    if not spoken["is_final"].any():
        return weight
    final = spoken["is_final"].astype("float64")
    count = final.groupby([spoken[c] for c in CELL]).transform("sum")
    return weight.where(count == 0, final / count.clip(lower=1.0))


def _weights(planning_periods, spoken, consensus_policy, forecast_accuracy):
    """The weight of each input: by policy, else by record, else in equal shares; at most 1 in a
    cell."""
    if consensus_policy is not None:
        weight = attach(
            spoken[["function", *CELL]], consensus_policy[["function", "weight"]], default=0.0
        )["weight"]
    else:
        weight = _earned(planning_periods, spoken, forecast_accuracy)
    total = weight.groupby([spoken[c] for c in CELL]).transform("sum")
    return weight / np.maximum(total, 1.0)


def _earned(planning_periods, spoken, forecast_accuracy):
    """The weight of each input by its function's record at that lag, or at the longest one."""
    heard = spoken.groupby(CELL)["function"].transform("size")
    learned = None if forecast_accuracy is None else learned_weights(forecast_accuracy)
    if learned is None or learned.empty:
        return 1.0 / heard
    months = planning_periods[["period", "month_number"]]
    lag = attach(spoken[["period"]], months, default=1)["month_number"].clip(
        upper=learned["lag"].max()
    )
    keyed = spoken[["function"]].assign(lag=lag.astype("int64"))
    weight = attach(keyed, learned[["function", "lag", "weight"]], default=np.nan)["weight"]
    return weight.fillna(
        1.0 / (heard + 1)
    )  # a function without a record shares equally with the baseline
