"""Forecast accuracy, bias and forecast value added by contributor.

error = actual - forecast throughout: a bias or tracking signal above 0 is under-forecast.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from sopkit.demand.cleansing import demand_history as clean
from sopkit.forecasting.reconciliation import reconciled_forecast
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, empty
from sopkit.tables.periods import YEAR, add_months, months_between

CELL = ["product", "market", "period"]
BACKTEST_ORIGINS = 6
LAGS = 6
ROUNDING = 1e-9  # a share of demand that only the last bits of a sum leave
STAIR = ("naive", "baseline", *COLUMNS["function"].choices, "consensus")
LEVELS = ("product", "family", "total")
RECORD = ["contributor", "item", "lag"]


# --------------------------------------------------------------------------------------------------
# skill or noise


def forecast_value_added(compared: DataFrame) -> DataFrame:
    """Compare each contributor with the baseline (the baseline with naive); 95 % interval.

    Each month counts as one observation, since products err together within it; only cells in which
    both forecast count. Beyond lag 1 neighbouring months share their news, so intervals are
    somewhat too narrow there.

    Returns
    -------
    contributor, lag : reference_type, value_added, low_ratio, high_ratio [ratio], observations
        [months], assessment; the interval is missing with fewer than two months
    """
    reference = compared[["contributor", *CELL, "lag", "forecast"]]
    reference = reference.rename(columns={"contributor": "reference_type", "forecast": "before"})
    step = np.where(compared["contributor"] == "baseline", "naive", "baseline")
    rows = compared.assign(reference_type=pd.array(step, dtype="str"))
    rows = rows[rows["contributor"] != "naive"]
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
    stock_availability: DataFrame | None = None,
    marketing_activities: DataFrame | None = None,
) -> Record:
    """Measure past forecasts against actual demand.

    With earlier plans: those plans, and the same month last year as "naive". Without: "naive" and
    "baseline" forecast again at six past origins from what was known then, against cleaned demand.

    Returns
    -------
    Record
    """
    compared = compared_forecasts(
        products,
        demand_history,
        planning_periods,
        approved_forecasts,
        stock_availability,
        marketing_activities,
    )
    if compared.empty:
        return Record(*(empty(name) for name in Record._fields))
    return Record(
        forecast_accuracy(products, demand_history, compared), forecast_value_added(compared)
    )


def forecast_accuracy(
    products: DataFrame, demand_history: DataFrame, compared: DataFrame
) -> DataFrame:
    """Measure past forecasts by contributor, level and lag.

    Each level is summed before errors are calculated. value_added is the error (WAPE) of what a
    forecast must beat less its own: the baseline must beat naive, every
    function and the consensus must beat the baseline; without a function's input the baseline
    applies. An item without any demand in the months compared has no WAPE and no row.

    Returns
    -------
    contributor, level, item, lag : wape, bias [ratio], observations [months], mase,
        tracking_signal, value_added (missing where there is nothing to scale with or nothing to
        beat)
    """
    family = products[["product", "family"]]
    rows = attach(compared, family)
    past = attach(actual_demand(demand_history, compared), family)
    first = rows["period"].min()
    scales = {level: _scales(past, level, first) for level in LEVELS}
    pairs = _beside_reference(rows)
    measured = [_measured(rows, pairs, scales, level) for level in LEVELS]
    return pd.concat(measured, ignore_index=True)[list(TABLES["forecast_accuracy"].columns)]


def compared_forecasts(
    products: DataFrame,
    demand_history: DataFrame,
    planning_periods: DataFrame,
    approved_forecasts: DataFrame | None = None,
    stock_availability: DataFrame | None = None,
    marketing_activities: DataFrame | None = None,
) -> DataFrame:
    """List every past forecast of a closed month with actual demand.

    Returns
    -------
    contributor, product, market, period, lag : forecast, actual [units]
    """
    earlier = _earlier_plans(demand_history, planning_periods, approved_forecasts)
    if earlier.empty:
        earlier = _backtest(products, demand_history, stock_availability, marketing_activities)
    # a product that was planned but has no sales row sold nothing
    return attach(earlier, actual_demand(demand_history, earlier), default=0.0)


def actual_demand(demand_history: DataFrame, compared: DataFrame) -> DataFrame:
    """Actual demand for accuracy: sales for plans, cleansed demand for back-tested forecasts.

    Plans hold promotions and deals, as sales do; the statistical forecast alone promises neither.

    Returns
    -------
    product, market, period : actual [units]
    """
    only_statistics = set(compared["contributor"]) <= {"naive", "baseline"}
    actual = demand_history["cleansed"] if only_statistics else demand_history["quantity"]
    return demand_history[CELL].assign(actual=actual)


def _earlier_plans(demand_history, planning_periods, approved_forecasts):
    """Forecasts of closed months in approved plans, with the same month last year as the first
    step."""
    columns = ["contributor", *CELL, "lag", "forecast"]
    if approved_forecasts is None or demand_history.empty:
        return pd.DataFrame(columns=columns)
    closed = approved_forecasts["period"].between(
        demand_history["period"].min(), demand_history["period"].max()
    )
    plans = approved_forecasts[
        closed & (approved_forecasts["period"] < planning_periods["period"].iloc[0])
    ]
    plans = plans.assign(
        lag=months_between(plans["cycle"], plans["period"]) + 1, forecast=plans["quantity"]
    )
    plans = plans.loc[plans["lag"] >= 1, columns]
    if (plans["contributor"] == "naive").any():
        return plans
    cells = plans.loc[plans["lag"] <= YEAR, [*CELL, "lag"]].drop_duplicates(ignore_index=True)
    last_year = demand_history[[*CELL, "quantity"]].rename(columns={"quantity": "forecast"})
    return pd.concat([_last_year(cells, last_year), plans], ignore_index=True)


def _last_year(cells, sold):
    """Forecast each cell by the same month a year earlier, where that is known."""
    sold = sold.assign(period=add_months(sold["period"], YEAR))
    return attach(cells, sold, default=np.nan).dropna(subset="forecast").assign(contributor="naive")


def _backtest(products, demand_history, stock_availability, marketing_activities):
    """Forecast past months again, at each origin from the months closed by then, cleaned as they
    would have been then."""
    last = demand_history["period"].max()
    parts = [pd.DataFrame(columns=["contributor", *CELL, "lag", "forecast"])]
    for back in range(LAGS, LAGS + BACKTEST_ORIGINS):
        months = pd.period_range(last + 1 - back, periods=LAGS, freq="M")
        planned = pd.DataFrame({"period": months, "month_number": range(1, LAGS + 1)})
        known = clean(
            planned,
            products,
            demand_history[[*CELL, "quantity"]],
            stock_availability,
            marketing_activities,
        )
        if known.empty:
            continue
        forecast = attach(reconciled_forecast(known, products, planned).baseline_forecast, planned)
        forecast = forecast.rename(columns={"month_number": "lag", "baseline": "forecast"})
        last_year = known[[*CELL, "cleansed"]].rename(columns={"cleansed": "forecast"})
        parts += [
            _last_year(forecast[[*CELL, "lag"]], last_year),
            forecast[[*CELL, "lag", "forecast"]].assign(contributor="baseline"),
        ]
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _beside_reference(rows):
    """Set beside each forecast what it must beat; a cell in which a contributor was silent keeps
    the reference."""
    key = [*CELL, "lag"]
    wide = rows.pivot_table(index=key, columns="contributor", values="forecast", aggfunc="sum")
    parts = []
    for contributor in wide.columns.drop("naive", errors="ignore"):
        reference = "naive" if contributor == "baseline" else "baseline"
        if reference not in wide:
            continue
        filled = wide[contributor].fillna(wide[reference])
        parts.append(
            pd.DataFrame({"filled": filled, "before": wide[reference]}).assign(
                contributor=contributor
            )
        )
    pairs = (
        pd.concat(parts).reset_index()
        if parts
        else pd.DataFrame(columns=[*key, "filled", "before", "contributor"])
    )
    cells = rows[[*key, "family", "actual"]].drop_duplicates(key)
    return attach(pairs.dropna(subset=["filled", "before"]), cells)


def _measured(rows, pairs, scales, level):
    """All measures at one level."""
    own = _by_month(_at(rows, level), "forecast")
    record = own.groupby(RECORD)
    table = record[["actual", "error", "miss", "cells"]].sum().reset_index()
    table["observations"] = record.size().to_numpy()
    table = table[table["actual"] > 0]
    table["wape"] = table["miss"] / table["actual"]
    table["bias"] = table["error"] / table["actual"]
    mean_miss = table["miss"] / table["observations"]
    table["tracking_signal"] = table["error"] / mean_miss.where(mean_miss > 0)
    table = table.merge(scales[level], on="item", how="left", validate="many_to_one")
    # a contributor who spoke for a part of the item cannot be scaled with the whole of it
    everywhere = table["cells"] == table.groupby(["item", "lag"])["cells"].transform("max")
    table["mase"] = (table["miss"] / table["observations"] / table["scale"]).where(everywhere)
    table = table.merge(
        _value_added(_at(pairs, level)), on=RECORD, how="left", validate="one_to_one"
    )
    rank = {name: number for number, name in enumerate(STAIR)}
    table = table.assign(level=level, rank=table["contributor"].map(rank).fillna(len(STAIR)))
    return table.sort_values(["rank", "contributor", "item", "lag"])


def _at(rows, level):
    return rows.assign(
        item=rows["product"]
        if level == "product"
        else rows["family"]
        if level == "family"
        else "all"
    )


def _by_month(rows, *forecasts):
    """Sum an item's products and markets in each month before the error is calculated."""
    rows = rows.assign(cells=1)
    table = rows.groupby([*RECORD, "period"], as_index=False)[["actual", "cells", *forecasts]].sum()
    table["error"] = table["actual"] - table[forecasts[0]]
    table["miss"] = table["error"].abs()
    return table


def _value_added(pairs):
    """Error of the reference less that of the forecast, where both are known."""
    months = _by_month(pairs, "filled", "before")
    months["miss_before"] = (months["actual"] - months["before"]).abs()
    table = months.groupby(RECORD, as_index=False)[["actual", "miss", "miss_before"]].sum()
    table["value_added"] = (table["miss_before"] - table["miss"]) / table["actual"].where(
        table["actual"] > 0
    )
    return table[[*RECORD, "value_added"]]


def _scales(history, level, first):
    """Mean absolute error of the same month last year, within the months before those compared.

    Returns
    -------
    item : scale [units], missing where there is no year to compare with or no error
    """
    past = _at(history[history["period"] < first], level)
    sold = past.groupby(["item", "period"], as_index=False)["actual"].sum()
    earlier = sold.assign(period=add_months(sold["period"], YEAR)).rename(
        columns={"actual": "earlier"}
    )
    pair = sold.merge(earlier, on=["item", "period"], validate="one_to_one")
    pair["scale"] = (pair["actual"] - pair["earlier"]).abs()
    scale = pair.groupby("item", as_index=False)["scale"].mean()
    return scale[scale["scale"] > 0]
