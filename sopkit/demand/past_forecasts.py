"""Past forecasts beside actual demand: at each lag one set of cells for all contributors.

A record can be believed only if everyone is measured on the same months, products and markets.
So the months are those of the baseline; what was sold without having been forecast is there with
a forecast of 0; and where a contributor was silent the baseline stands.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand.cleansing import demand_history as clean
from sopkit.forecasting.reconciliation import reconciled_forecast
from sopkit.tables import attach
from sopkit.tables.joins import rows_of
from sopkit.tables.periods import YEAR, months_between, with_days

PAIR = ["product", "market"]
CELL = [*PAIR, "period"]
FORECAST = ["contributor", *CELL, "lag", "forecast"]
COMPARED = [*FORECAST, "actual", "method", "own", "planned"]
NAIVE, BASELINE = "naive", "baseline"
BACKTEST_ORIGINS = 6
LAGS = 6


@dataclass(frozen=True)
class BacktestTables:
    """The tables that a past origin is forecast from, beside its sales; all are optional."""

    stock_availability: DataFrame | None = None
    marketing_activities: DataFrame | None = None
    history_corrections: DataFrame | None = None
    demand_drivers: DataFrame | None = None
    product_successions: DataFrame | None = None
    calendar: DataFrame | None = None


SALES_ALONE = BacktestTables()


def compared_forecasts(
    products: DataFrame,
    demand_history: DataFrame,
    planning_periods: DataFrame,
    approved_forecasts: DataFrame | None = None,
    backtest: BacktestTables = SALES_ALONE,
) -> DataFrame:
    """List past forecasts of closed months beside actual demand, for all on the same cells.

    With earlier plans: those plans, compared with sales. Without: the baseline forecast again at
    six past origins from what was known then, compared with cleansed demand. "naive" is added to
    both.

    Returns
    -------
    contributor, product, market, period, lag : forecast, actual [units], method (of the baseline,
        empty where it is not known), own (false where the baseline stands for a contributor that
        was silent), planned (whether anyone forecast the cell at that lag)
    """
    plans, actual = _earlier_plans(demand_history, planning_periods, approved_forecasts), "quantity"
    if plans.empty:
        plans, actual = _backtest(products, demand_history, backtest), "cleansed"
    if plans.empty:
        return pd.DataFrame(columns=COMPARED)
    sold = demand_history[CELL].assign(actual=demand_history[actual])
    cells = _cells(plans, sold)
    if not (plans["contributor"] == NAIVE).any():
        plans = pd.concat([plans, _naive(cells, sold)], ignore_index=True)
    return _on_all_cells(plans, cells)


def actual_demand(demand_history: DataFrame, compared: DataFrame) -> DataFrame:
    """Actual demand for accuracy: sales for plans, cleansed demand for back-tested forecasts.

    Plans hold promotions and deals, as sales do; the statistical forecast alone promises neither.

    Returns
    -------
    product, market, period : actual [units]
    """
    only_statistics = set(compared["contributor"]) <= {NAIVE, BASELINE}
    actual = demand_history["cleansed"] if only_statistics else demand_history["quantity"]
    return demand_history[CELL].assign(actual=actual)


# --------------------------------------------------------------------------------------------------
# the forecasts


def _earlier_plans(demand_history, planning_periods, approved_forecasts):
    """Forecasts of closed months in approved plans."""
    columns = [*FORECAST, "method"]
    if approved_forecasts is None or demand_history.empty:
        return pd.DataFrame(columns=columns)
    first, last = demand_history["period"].min(), demand_history["period"].max()
    closed = approved_forecasts["period"].between(first, last)
    plans = approved_forecasts[
        closed & (approved_forecasts["period"] < planning_periods["period"].iloc[0])
    ]
    lag = months_between(plans["cycle"], plans["period"]) + 1
    plans = plans.assign(lag=lag, forecast=plans["quantity"], method="")
    return plans.loc[plans["lag"] >= 1, columns]


def _backtest(products, demand_history, tables):
    """Forecast past months again, at each origin from the months closed by then, cleaned as they
    would have been then."""
    last = demand_history["period"].max()
    cleansing = (
        tables.stock_availability,
        tables.marketing_activities,
        tables.history_corrections,
        tables.demand_drivers,
        tables.calendar,
    )
    parts = [pd.DataFrame(columns=[*FORECAST, "method"])]
    for back in range(LAGS, LAGS + BACKTEST_ORIGINS):
        months = pd.period_range(last + 1 - back, periods=LAGS, freq="M")
        planned = pd.DataFrame({"period": months, "month_number": range(1, LAGS + 1)})
        planned = with_days(planned, tables.calendar)
        sold = demand_history[[*CELL, "quantity"]]
        known = clean(planned, products, sold, *cleansing)
        if known.empty:
            continue
        made = reconciled_forecast(known, products, planned, tables.product_successions)
        method = made.baseline_forecast["method"].str.split(";").str[0]
        forecast = attach(
            made.baseline_forecast.assign(method=method), planned[["period", "month_number"]]
        )
        forecast = forecast.rename(columns={"month_number": "lag", "baseline": "forecast"})
        forecast = forecast[[*CELL, "lag", "forecast", "method"]]
        known = known[CELL].assign(actual=known["cleansed"])
        parts += [forecast.assign(contributor=BASELINE), _naive(forecast[[*CELL, "lag"]], known)]
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _naive(cells, sold):
    """Forecast each cell by the same month of the last year that was known; before a year is over,
    by the last month that was; what had not sold yet by nothing."""
    origin = pd.PeriodIndex(cells["period"]).asi8 - cells["lag"].to_numpy(dtype="int64")
    same_month = pd.PeriodIndex(cells["period"]).asi8 - YEAR * -(-cells["lag"] // YEAR).to_numpy(
        dtype="int64"
    )
    began = sold.groupby(PAIR, as_index=False)["period"].min().rename(columns={"period": "began"})
    began = attach(cells[PAIR], began, default=pd.NaT)["began"]
    began = np.where(began.isna(), np.iinfo("int64").max, pd.PeriodIndex(began).asi8)
    month = np.where(began <= same_month, same_month, origin)
    wanted = cells[PAIR].assign(period=pd.PeriodIndex.from_ordinals(month, freq="M"))
    forecast = attach(wanted, sold, default=0.0)["actual"].to_numpy()
    return cells.assign(forecast=forecast, contributor=NAIVE, method="")[[*FORECAST, "method"]]


# --------------------------------------------------------------------------------------------------
# one set of cells


def _cells(plans, sold):
    """The cells in which all are compared: of each lag the months of `_months`, with everything
    that was planned or sold in them.

    Returns
    -------
    product, market, period, lag : actual [units], planned
    """
    months = _months(plans)
    planned = plans[[*CELL, "lag"]].drop_duplicates()
    planned = planned[rows_of(planned, months, ["lag", "period"]) >= 0]
    came = sold.loc[sold["actual"] > 0, CELL].merge(
        months, on="period", how="inner", validate="many_to_many"
    )
    cells = pd.concat([planned.assign(planned=True), came.assign(planned=False)])
    cells = cells.drop_duplicates([*CELL, "lag"]).sort_values([*CELL, "lag"], ignore_index=True)
    # a product that was planned but has no sales row sold nothing
    return attach(cells, sold, default=0.0)


def _months(plans):
    """The months compared at each lag: those of the baseline, or where there is none of anyone.

    Returns
    -------
    lag, period
    """
    months = plans[["lag", "period"]].assign(baseline=plans["contributor"] == BASELINE)
    months = months.groupby(["lag", "period"], as_index=False)["baseline"].any()
    compared = months["baseline"] | ~months.groupby("lag")["baseline"].transform("any")
    return months.loc[compared, ["lag", "period"]]


def _on_all_cells(plans, cells):
    """Each contributor's forecast in every cell; a silent function's is the baseline's (without a
    baseline, naive's)."""
    key = [*CELL, "lag"]
    plans = plans.groupby(["contributor", *key], as_index=False).agg(
        forecast=("forecast", "sum"), method=("method", "first")
    )
    place = rows_of(plans, cells, key)
    plans, place = plans[place >= 0], place[place >= 0]
    names = sorted(plans["contributor"].unique())
    filled, method = {}, np.full(len(cells), "", dtype=object)
    for name in names:
        rows = (plans["contributor"] == name).to_numpy()
        filled[name] = np.full(len(cells), np.nan)
        filled[name][place[rows]] = plans.loc[rows, "forecast"]
        if name == BASELINE:
            method[place[rows]] = plans.loc[rows, "method"]
    lags = cells["lag"].to_numpy()
    standing = np.nan_to_num(filled.get(BASELINE, filled.get(NAIVE, 0.0)))
    parts = []
    for name in names:
        own = ~np.isnan(filled[name])
        stands = 0.0 if name in (NAIVE, BASELINE) else standing
        part = cells.assign(
            contributor=name,
            forecast=np.where(own, filled[name], stands),
            method=pd.array(method, dtype="str"),
            own=own,
        )
        parts.append(part[np.isin(lags, lags[own])])
    return pd.concat(parts, ignore_index=True).astype({"contributor": "str"})[COMPARED]
