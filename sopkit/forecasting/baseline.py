"""The statistical baseline forecast of a whole portfolio."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.forecasting.forecast import Forecasts, forecast_series
from sopkit.tables.periods import AVERAGE_DAYS, YEAR, day_counts, has_days

KEYS = ["product", "market"]
# A regular product with more than this share of its months missing is one that sells now and then.
MOST_GAPS = 0.25


def baseline_forecast(demand_history: DataFrame, planning_periods: DataFrame) -> DataFrame:
    """Forecast every product and market from its own cleansed history only.

    Months before the first record do not exist; months after the last one, up to the last month of
    the table, had no demand. A few missing months in between are interpolated if the product
    otherwise sells every month, else they had no demand; `method` says what was assumed.
    `planning_periods` holds consecutive months after the last month of history.

    Returns
    -------
    product, market, period : see `baseline_table`

    Raises
    ------
    ValueError : no rows, a month twice for one product and market, an empty or negative quantity, a
        horizon that is not consecutive or begins within the history.
    """
    refuse_unusable(demand_history)
    keys, recorded, last = recorded_months(demand_history)
    months = pd.PeriodIndex(planning_periods["period"])
    steps = steps_ahead(months, last)
    history, remarks = completed(recorded)
    forecast = widened(forecast_series(history, int(steps[-1])), disturbed_share(demand_history))
    forecast = forecast._replace(method=forecast.method + remarks)
    return baseline_table(keys, planning_periods, steps, forecast)


def baseline_table(
    keys: DataFrame, planning_periods: DataFrame, steps: np.ndarray, forecast: Forecasts
) -> DataFrame:
    """Forecasts of the array level as a table with a row for each key and planned month.

    Where the company plans in periods of its own, the forecasts are rates (see `as_rates`) and are
    turned back by the days of each period.

    Returns
    -------
    product, market, period : baseline (the mean), median, lower_80, upper_80 (an 80 % interval),
        demand_std [units], zero_probability [ratio], method
    """
    months = pd.PeriodIndex(planning_periods["period"])
    count = len(months)
    length = day_counts(planning_periods) / AVERAGE_DAYS if has_days(planning_periods) else 1.0
    return pd.DataFrame(
        {
            **{key: keys[key].repeat(count).reset_index(drop=True) for key in KEYS},
            "period": pd.PeriodIndex.from_ordinals(np.tile(months.asi8, len(keys)), freq="M"),
            "baseline": (forecast.forecast[:, steps - 1] * length).ravel(),
            "median": (forecast.median[:, steps - 1] * length).ravel(),
            "lower_80": (forecast.low[:, steps - 1] * length).ravel(),
            "upper_80": (forecast.high[:, steps - 1] * length).ravel(),
            "demand_std": (forecast.deviation[:, steps - 1] * length).ravel(),
            "zero_probability": np.repeat(forecast.zero_probability, count),
            "method": pd.array(np.repeat(forecast.method, count), dtype="str"),
        }
    )


def disturbed_share(demand_history: DataFrame) -> np.ndarray:
    """The share of the last twelve months that planners named as disturbed, of each series in the
    order of `recorded_months`."""
    rows = demand_history.sort_values([*KEYS, "period"])
    series = rows.groupby(KEYS, sort=True).ngroup().to_numpy()
    if "finding" not in rows:
        return np.zeros(series[-1] + 1)
    month = pd.PeriodIndex(rows["period"]).asi8
    late = (month > month.max() - YEAR) & (rows["finding"] == "disturbed").to_numpy(dtype=bool)
    return np.bincount(series, weights=late) / YEAR


def widened(forecast: Forecasts, disturbed: np.ndarray) -> Forecasts:
    """Intervals that are wider by the share of the last year that says nothing: little is known
    since, and what it left behind is not known at all."""
    times = 1 + disturbed[:, None]
    middle = forecast.forecast[..., None]
    quantiles = np.where(
        forecast.zero_probability[:, None, None] > 0,
        forecast.quantiles,
        middle + times[..., None] * (forecast.quantiles - middle),
    )
    return forecast._replace(
        quantiles=np.maximum(quantiles, 0), deviation=times * forecast.deviation
    )


def refuse_unusable(demand_history: DataFrame) -> None:
    """Refuse rows that cannot be forecast from, naming the first."""
    if demand_history.empty:
        raise ValueError(
            "demand_history: there are no rows to forecast from. Give at least one month of demand."
        )
    cleaned = demand_history["cleansed"]
    rules = (
        (
            cleaned.isna(),
            "cleansed is empty",
            "Leave the row out if the month is unknown; write 0 if nothing sold.",
        ),
        (
            cleaned < 0,
            "cleansed is below zero",
            "Quantities are gross, without returns: set negatives to 0, or net them in the export.",
        ),
        (
            demand_history.duplicated([*KEYS, "period"]),
            "a month stands there twice",
            "Add the rows up, or drop one.",
        ),
    )
    for broken, fault, remedy in rules:
        if broken.any():
            row = demand_history[broken].iloc[0]
            raise ValueError(
                f"demand_history: {fault} in {broken.sum():,} of {len(broken):,} rows, first in "
                "row "
                f"{row.name}: product={row['product']} market={row['market']} "
                f"period={row['period']} "
                f"cleansed={row['cleansed']}. {remedy}"
            )


def steps_ahead(months: pd.PeriodIndex, last: int) -> np.ndarray:
    """How many months after the last month of history each planned month is.

    Returns
    -------
    months ahead, a number for each planned month; 1 is the month after the last of history

    Raises
    ------
    ValueError : the months are none, not consecutive, or begin within the history.
    """
    steps = months.asi8 - last
    if len(steps) == 0 or steps[0] < 1 or (np.diff(steps) != 1).any():
        raise ValueError(
            "planning_periods: period must be consecutive months after "
            f"{pd.Period(ordinal=last, freq='M')}, the last "
            f"month of demand_history; it begins {', '.join(map(str, months[:3])) or 'nowhere'}"
        )
    return steps


def recorded_months(demand_history: DataFrame) -> tuple[DataFrame, np.ndarray, int]:
    """The keys in order, their recorded quantities at the newest level (series x months, else NaN),
    and the last month.

    Returns
    -------
    keys : product, market, a row for each series
    recorded : series x months [units; rates where periods have days], NaN without a record
    last : the last month, as its ordinal
    """
    rows = demand_history.sort_values([*KEYS, "period"])
    series = rows.groupby(KEYS, sort=True).ngroup().to_numpy()
    month = pd.PeriodIndex(rows["period"]).asi8
    recorded = np.full((series[-1] + 1, month.max() - month.min() + 1), np.nan)
    level = rows["level_factor"].fillna(1.0).to_numpy(float) if "level_factor" in rows else 1.0
    recorded[series, month - month.min()] = as_rates(rows) * level
    return rows[KEYS].drop_duplicates().reset_index(drop=True), recorded, int(month.max())


def as_rates(demand_history: DataFrame) -> np.ndarray:
    """Cleansed quantities at the rate of a month of average length, where the company plans in
    periods of its own: neither a period of five weeks nor a 53rd week is a season."""
    quantity = demand_history["cleansed"].to_numpy(float)
    if "period_days" not in demand_history or demand_history["period_days"].isna().all():
        return quantity
    return quantity * AVERAGE_DAYS / demand_history["period_days"].to_numpy(float)


def completed(recorded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fill the months without a record, and say how.

    Returns
    -------
    history : series x months [units], NaN only before the first record
    remarks : what to add to the method's name, empty where every month was recorded
    """
    known = ~np.isnan(recorded)
    months = np.arange(recorded.shape[1])
    before = np.maximum.accumulate(np.where(known, months, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, months, months.size)[:, ::-1], axis=1)[:, ::-1]
    inside, ended = ~known & (before >= 0) & (after < months.size), after == months.size
    gaps, late = inside.sum(axis=1), ended.sum(axis=1)
    regular = (np.nan_to_num(recorded, nan=1) > 0).all(axis=1) & (
        gaps <= MOST_GAPS * (gaps + known.sum(axis=1))
    )
    left = np.take_along_axis(recorded, np.maximum(before, 0), axis=1)
    right = np.take_along_axis(recorded, np.minimum(after, months.size - 1), axis=1)
    part = (months - before) / np.maximum(after - before, 1)
    history = np.where(
        inside, np.where(regular[:, None], left + part * (right - left), 0), recorded
    )
    remarks = noted(gaps, " missing month(s) interpolated", regular)
    remarks = remarks + noted(gaps, " missing month(s) taken as no demand", ~regular)
    return np.where(ended, 0, history), remarks + noted(
        late, " month(s) without record at the end taken as no demand"
    )


def noted(count: np.ndarray, text: str, where: np.ndarray | bool = True) -> np.ndarray:
    """`; count text` for every series where the count is not zero."""
    return np.array(
        [f"; {n}{text}" if n and shown else "" for n, shown in np.broadcast(count, where)],
        dtype=object,
    )
