"""Inputs of the functions, their weights, and the consensus demand plan."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, conform

CELL = ["product", "market", "period"]
PARTS = ["baseline", "launch_demand", "activity_demand", "opportunity_demand"]
SHRINKAGE_MONTHS = 12  # months of record at which half of a function's own record counts


def forecast_overrides(
    planning_periods: DataFrame,
    baseline_forecast: DataFrame,
    launch_plan: DataFrame,
    promotion_lift: DataFrame,
    pipeline_forecast: DataFrame,
    forecast_accuracy: DataFrame | None = None,
    demand_inputs: DataFrame | None = None,
    consensus_policy: DataFrame | None = None,
) -> DataFrame:
    """Calculate the change of the forecast by each function's input.

    A function's quantity is all the demand it expects in the month. The override is its weight times the difference to
    baseline, launches, activities and opportunities together. Weights come from the policy (a function not in it weighs
    0); without one, from the functions' records, see `learned_weights`; without a record they are equal shares among those
    who spoke. Where they sum to more than 1 they are scaled to 1. Inputs after the planned months weigh 0.

    Returns
    -------
    function, product, market, period : quantity [units], weight, override [units], author, reason, submitted_on, assumption
    """
    columns = list(TABLES["forecast_overrides"].columns)
    if demand_inputs is None or demand_inputs.empty:
        return conform("forecast_overrides", pd.DataFrame(columns=columns))
    spoken = demand_inputs.sort_values(["function", *CELL]).reset_index(drop=True)
    planned = spoken["period"].isin(planning_periods["period"])
    weight = _weights(planning_periods, spoken, consensus_policy, forecast_accuracy)
    spoken["weight"] = weight.where(planned, 0.0)
    parts = _parts(
        planning_periods, baseline_forecast, launch_plan, promotion_lift, pipeline_forecast
    )
    parts["reference"] = _sum(parts)
    reference = attach(spoken[CELL], parts[[*CELL, "reference"]], default=0.0)["reference"]
    spoken["override"] = spoken["weight"] * (spoken["quantity"] - reference)
    return spoken[columns]


def demand_plan(
    planning_periods: DataFrame,
    baseline_forecast: DataFrame,
    launch_plan: DataFrame,
    promotion_lift: DataFrame,
    pipeline_forecast: DataFrame,
    forecast_overrides: DataFrame,
) -> DataFrame:
    """Sum the parts of demand to the consensus demand plan.

    A launch or an activity never takes more than there is: what a replaced product cannot bear is not taken. low and high are the baseline's interval moved by the other parts, and not below 0; what has no
    baseline has no interval.

    Returns
    -------
    product, market, period : baseline, launch_demand, activity_demand, opportunity_demand, override, consensus, lower_80,
        upper_80 [units]; consensus is the sum of the five parts
    """
    plan = _parts(
        planning_periods, baseline_forecast, launch_plan, promotion_lift, pipeline_forecast
    )
    overrides = forecast_overrides.groupby(CELL, as_index=False)["override"].sum()
    plan = attach(plan, overrides, default=0.0)
    reference = _sum(plan)
    plan["override"] = np.maximum(plan["override"], -reference)
    total = reference + plan["override"]
    plan["consensus"] = np.maximum(total, 0.0)  # the last bits of a sum of parts that cancel out
    interval = attach(
        plan[CELL], baseline_forecast[[*CELL, "lower_80", "upper_80"]], default=np.nan
    )
    others = total - plan["baseline"]
    for bound in ("lower_80", "upper_80"):
        plan[bound] = np.maximum((interval[bound].fillna(plan["baseline"]) + others), 0.0)
    return plan[[*CELL, *PARTS, "override", "consensus", "lower_80", "upper_80"]]


def learned_weights(forecast_accuracy: DataFrame) -> DataFrame:
    """Propose consensus weights from each function's past accuracy: inverse squared error, shrunk.

    The record is the error product by product at each lag. The baseline has a share too, and keeps it: the weights of the
    functions sum to less than 1, and a function that forecasts worse than the baseline weighs little. With
    SHRINKAGE_MONTHS months of record half a weight is learned, the rest is an equal share.

    Returns
    -------
    function, lag : weight, author, reason
    """
    heard = forecast_accuracy["contributor"].isin(["baseline", *COLUMNS["function"].choices])
    record = forecast_accuracy[heard & (forecast_accuracy["level"] == "product")]
    record = record.assign(
        error=record["wape"] * record["observations"], months=record["observations"]
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


# ---------------------------------------------------------------------------------------------------------------
# the parts


def _asked(planning_periods, baseline_forecast, launch_plan, promotion_lift, pipeline_forecast):
    """Every product and market with a part, in every planned month, with what each part asks for."""
    tables = {
        "baseline": baseline_forecast,
        "launch_demand": launch_plan,
        "activity_demand": promotion_lift[promotion_lift["activity_demand"] != 0],
        "opportunity_demand": pipeline_forecast[pipeline_forecast["opportunity_demand"] != 0],
    }
    pairs = pd.concat([table[["product", "market"]] for table in tables.values()]).drop_duplicates()
    cells = (
        pairs.merge(planning_periods[["period"]], how="cross")
        .sort_values(CELL)
        .reset_index(drop=True)
    )
    for part, table in tables.items():
        cells = attach(cells, table.groupby(CELL, as_index=False)[part].sum(), default=0.0)
    return cells


def _limited(asked):
    """Limit the demand that launches, then activities, take to what exists."""
    parts = asked.copy()
    for part in ("launch_demand", "activity_demand"):
        short = np.minimum(_sum(parts), 0.0)
        parts[part] -= np.maximum(short, np.minimum(parts[part], 0.0))
    return parts


def _parts(planning_periods, baseline_forecast, launch_plan, promotion_lift, pipeline_forecast):
    return _limited(
        _asked(planning_periods, baseline_forecast, launch_plan, promotion_lift, pipeline_forecast)
    )


def _sum(parts):
    return (
        parts["baseline"]
        + parts["launch_demand"]
        + parts["activity_demand"]
        + parts["opportunity_demand"]
    )


def _weights(planning_periods, spoken, consensus_policy, forecast_accuracy):
    """The weight of each input: by policy, else by record, else in equal shares; at most 1 in a cell."""
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
    lag = attach(spoken[["period"]], planning_periods, default=1)["month_number"].clip(
        upper=learned["lag"].max()
    )
    keyed = spoken[["function"]].assign(lag=lag.astype("int64"))
    weight = attach(keyed, learned[["function", "lag", "weight"]], default=np.nan)["weight"]
    return weight.fillna(
        1.0 / (heard + 1)
    )  # a function without a record shares equally with the baseline
