"""Forecast accuracy, bias and forecast value added by contributor.

error = actual - forecast throughout: a bias or tracking signal above 0 is under-forecast.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from sopkit.demand.past_forecasts import (
    CELL,
    PAIR,
    SALES_ALONE,
    BacktestTables,
    actual_demand,
    compared_forecasts,
)
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, empty
from sopkit.tables.joins import rows_of
from sopkit.tables.periods import YEAR, add_months

ROUNDING = 1e-9  # a share of demand that only the last bits of a sum leave
STAIR = ("naive", "baseline", *COLUMNS["function"].choices, "consensus")
LEVELS = {"product": "product", "family": "family", "market": "market", "method": "method"}
TOTAL = "total"
RECORD = ["contributor", "item", "lag"]


# --------------------------------------------------------------------------------------------------
# skill or noise


def forecast_value_added(compared: DataFrame) -> DataFrame:
    """Compare each contributor with the baseline (the baseline with naive); 95 % interval.

    Each month counts as one observation, since products err together within it; of a function only
    the cells count for which it gave a forecast of its own. Beyond lag 1 neighbouring months share
    their news, so intervals are somewhat too narrow there.

    Returns
    -------
    contributor, lag : reference_type, value_added, low_ratio, high_ratio [ratio], observations
        [months], assessment; the interval is missing with fewer than two months
    """
    reference = compared[["contributor", *CELL, "lag", "forecast"]]
    reference = reference.rename(columns={"contributor": "reference_type", "forecast": "before"})
    step = np.where(compared["contributor"] == "baseline", "naive", "baseline")
    rows = compared.assign(reference_type=pd.array(step, dtype="str"))
    rows = rows[(rows["contributor"] != "naive") & rows["own"]]
    rows = rows.merge(reference, on=["reference_type", *CELL, "lag"], validate="many_to_one")
    rows["gain"] = (rows["actual"] - rows["before"]).abs() - (
        rows["actual"] - rows["forecast"]
    ).abs()
    key = ["contributor", "lag", "reference_type"]
    months = rows.groupby([*key, "period"], as_index=False)[["gain", "actual"]].sum()
    table = _ratio_interval(months, key)
    verdicts = [table["low_ratio"] > ROUNDING, table["high_ratio"] < -ROUNDING]
    table["assessment"] = pd.array(
        np.select(verdicts, ["improves", "worsens"], "not significant"), dtype="str"
    )
    return table[list(TABLES["forecast_value_added"].columns)]


def _ratio_interval(months, key):
    """Gain over demand of each group of months, with Student's interval of a ratio of sums."""
    table = months.groupby(key, as_index=False).agg(
        gain=("gain", "sum"), actual=("actual", "sum"), observations=("period", "size")
    )
    table = table[table["actual"] > 0].reset_index(drop=True)
    table["value_added"] = table["gain"] / table["actual"]
    rest = months.merge(table[[*key, "value_added"]], on=key, validate="many_to_one")
    rest["square"] = (rest["gain"] - rest["value_added"] * rest["actual"]) ** 2
    square = table.merge(rest.groupby(key, as_index=False)["square"].sum(), on=key)["square"]
    count = table["observations"].where(table["observations"] > 1)
    error = np.sqrt(count / (count - 1) * square) / table["actual"]
    width = stats.t.ppf(0.975, count - 1) * error
    return table.assign(
        low_ratio=table["value_added"] - width, high_ratio=table["value_added"] + width
    )


# --------------------------------------------------------------------------------------------------
# the step


class Record(NamedTuple):
    """Past accuracy and its significance: see the functions of these names."""

    forecast_accuracy: DataFrame
    forecast_value_added: DataFrame


def forecast_record(
    products: DataFrame,
    demand_history: DataFrame,
    planning_periods: DataFrame,
    approved_forecasts: DataFrame | None = None,
    backtest: BacktestTables = SALES_ALONE,
    baseline_forecast: DataFrame | None = None,
) -> Record:
    """Measure past forecasts against actual demand.

    With earlier plans: those plans, and the same month last year as "naive". Without: "naive" and
    "baseline" forecast again at six past origins from what was known then, against cleansed demand.
    Earlier plans do not say by which method they were forecast: today's method of the product and
    market stands for it.

    Returns
    -------
    Record
    """
    compared = compared_forecasts(
        products, demand_history, planning_periods, approved_forecasts, backtest
    )
    if compared.empty:
        return Record(*(empty(name) for name in Record._fields))
    if baseline_forecast is not None and (compared["method"] == "").all():
        compared = _with_method(compared, baseline_forecast)
    return Record(
        forecast_accuracy(products, demand_history, compared), forecast_value_added(compared)
    )


def forecast_accuracy(
    products: DataFrame, demand_history: DataFrame, compared: DataFrame
) -> DataFrame:
    """Measure past forecasts by contributor, level and lag, all on the same cells.

    Each level is summed before errors are calculated. value_added is the error (WAPE) of what a
    forecast must beat less its own: the baseline must beat naive, every function and the consensus
    must beat the baseline; where a function was silent the baseline stands. Families, markets and
    the company's total are compared with all that was sold, planned or not; a product with the
    cells in which someone forecast it; a method with the products and markets that it forecast.
    An item without any demand in the months compared has no WAPE and no row.

    Returns
    -------
    contributor, level, item, lag : wape, bias [ratio], observations [months], own_observations
        (months with a forecast of the contributor's own), mase, tracking_signal, value_added
        (missing where there is nothing to scale with or nothing to beat)
    """
    family = products[["product", "family"]]
    rows = attach(compared, family)
    past = attach(actual_demand(demand_history, compared), family)
    past = _with_method_of(past[past["period"] < rows["period"].min()], rows)
    measured = [_measured(rows, past, level) for level in (*LEVELS, TOTAL)]
    return pd.concat(measured, ignore_index=True)[list(TABLES["forecast_accuracy"].columns)]


def _with_method(compared, baseline_forecast):
    """Today's method of each product and market, without its remarks."""
    known = baseline_forecast.drop_duplicates(PAIR)[[*PAIR, "method"]]
    place = rows_of(compared, known, PAIR)
    method = known["method"].str.split(";").str[0].to_numpy(object)
    method = np.where(place >= 0, method[place], "") if len(method) else ""
    return compared.assign(method=pd.array(np.broadcast_to(method, len(compared)), dtype="str"))


def _with_method_of(past, rows):
    """The history of each product and market under the method that forecast it last."""
    latest = rows[rows["method"] != ""].sort_values(["period", "lag"])
    return attach(past, latest.drop_duplicates(PAIR, keep="last")[[*PAIR, "method"]], default="")


def _measured(rows, past, level):
    """All measures at one level."""
    months = _by_month(_at(rows, level))
    months = _beside_reference(months)
    record = months.groupby(RECORD)
    table = record[["actual", "error", "miss", "missed_before"]].sum(min_count=1).reset_index()
    table["observations"] = record.size().to_numpy()
    table["own_observations"] = record["own"].sum().to_numpy()
    table = table[table["actual"] > 0]
    table["wape"] = table["miss"] / table["actual"]
    table["bias"] = table["error"] / table["actual"]
    table["value_added"] = (table["missed_before"] - table["miss"]) / table["actual"]
    mean_miss = table["miss"] / table["observations"]
    table["tracking_signal"] = table["error"] / mean_miss.where(mean_miss > 0)
    scales = _scales(_at(past, level))
    table = table.merge(scales, on="item", how="left", validate="many_to_one")
    table["mase"] = table["miss"] / table["observations"] / table["scale"]
    rank = {name: number for number, name in enumerate(STAIR)}
    table = table.assign(level=level, rank=table["contributor"].map(rank).fillna(len(STAIR)))
    return table.sort_values(["rank", "contributor", "item", "lag"])


def _at(rows, level):
    """Rows with the item that they belong to at a level."""
    if level == TOTAL:
        return rows.assign(item="all")
    if level == "product" and "planned" in rows:
        rows = rows[rows["planned"]]
    elif level == "method":
        rows = rows[rows["method"] != ""]
    return rows.assign(item=rows[LEVELS[level]])


def _by_month(rows):
    """Sum an item's products and markets in each month before the error is calculated."""
    keys = [*RECORD, "period"]
    table = rows.groupby(keys, as_index=False).agg(
        actual=("actual", "sum"), forecast=("forecast", "sum"), own=("own", "any")
    )
    table["error"] = table["actual"] - table["forecast"]
    return table.assign(miss=table["error"].abs())


def _beside_reference(months):
    """The absolute error of what each forecast must beat in that month, missing where there is
    nothing to beat."""
    step = np.where(months["contributor"] == "baseline", "naive", "baseline")
    step = np.where(months["contributor"] == "naive", "", step)
    key = ["contributor", "item", "lag", "period"]
    wanted = months[key].assign(contributor=pd.array(step, dtype="str"))
    place = rows_of(wanted, months, key)
    missed = months["miss"].to_numpy()[place]
    return months.assign(missed_before=np.where(place >= 0, missed, np.nan))


def _scales(past):
    """Mean absolute error of the same month last year, within the months before those compared.

    Returns
    -------
    item : scale [units], missing where there is no year to compare with or no error
    """
    sold = past.groupby(["item", "period"], as_index=False)["actual"].sum()
    earlier = sold.assign(period=add_months(sold["period"], YEAR)).rename(
        columns={"actual": "earlier"}
    )
    pair = sold.merge(earlier, on=["item", "period"], validate="one_to_one")
    pair["scale"] = (pair["actual"] - pair["earlier"]).abs()
    scale = pair.groupby("item", as_index=False)["scale"].mean()
    return scale[scale["scale"] > 0]
