"""Months and weeks: the workbook's calendar arithmetic."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.rules.remember import remembered

HORIZON_MONTHS = 18  # planned when `company_settings` does not say
YEAR = 12  # months
AS_OF_MONTHS = 1  # before the cycle: older data is of another cycle
MONTH_DAYS = 30  # where days are turned into months
WEEK_DAYS = 7


def month(text: str | Period) -> Period:
    """Read a month such as `2026-10`; anything else is refused.

    Raises
    ------
    ValueError : text is not four digits, a dash and a month number.
    """
    if isinstance(text, pd.Period):
        return text.asfreq("M")
    if not re.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])", str(text)):
        raise ValueError(f"{str(text)!r} is not a month; write it as 2026-10")
    return pd.Period(str(text), "M")


def planning_periods(cycle: Period, company_settings: DataFrame | None = None) -> DataFrame:
    """List the planned months: the cycle's month first.

    Returns
    -------
    period : month_number, and where the settings name it, as_of_day
    """
    count = (
        HORIZON_MONTHS
        if company_settings is None
        else company_settings["horizon_months"].fillna(HORIZON_MONTHS).iloc[0]
    )
    periods = pd.period_range(month(cycle), periods=int(count), freq="M")
    table = pd.DataFrame({"period": periods, "month_number": range(1, len(periods) + 1)})
    if company_settings is None or company_settings.get("as_of_day") is None:
        return table
    day = company_settings["as_of_day"].iloc[0]
    return table.assign(as_of_day=day) if is_as_of(day, month(cycle)) else table


@remembered
def months_of(planning_periods: DataFrame) -> PeriodIndex:
    """The planned months, in order."""
    return PeriodIndex(planning_periods["period"])


def is_as_of(day: pd.Timestamp, cycle: Period) -> bool:
    """Whether the data of a cycle can be of a day: one of its first month or shortly before, when
    any of its days is left to plan."""
    earliest = (cycle - AS_OF_MONTHS).start_time
    return bool(pd.notna(day) and earliest <= day < cycle.end_time.normalize())


def as_of_day(planning_periods: DataFrame) -> pd.Timestamp:
    """The day the data is of: the day before the first planned month where nothing else is said."""
    if "as_of_day" in planning_periods and planning_periods["as_of_day"].notna().any():
        return pd.Timestamp(planning_periods["as_of_day"].iloc[0])
    return planning_periods["period"].min().start_time - pd.Timedelta(days=1)


def first_planned_day(planning_periods: DataFrame) -> pd.Timestamp:
    """The first planned day: the day after the as-of day, but none before the first month."""
    after = as_of_day(planning_periods) + pd.Timedelta(days=1)
    return max(after, planning_periods["period"].min().start_time)


@remembered
def days_left(planning_periods: DataFrame) -> np.ndarray:
    """The share of each month's calendar days that is planned: those after the as-of day."""
    months = months_of(planning_periods)
    ends = months.end_time.normalize() - first_planned_day(planning_periods)
    days = months.days_in_month.to_numpy(dtype=float)
    return np.clip((ends.days.to_numpy(dtype=float) + 1) / days, 0.0, 1.0)


@remembered
def weekdays_left(planning_periods: DataFrame) -> np.ndarray:
    """The share of each month's weekdays that is planned: those after the as-of day."""
    months, first = months_of(planning_periods), first_planned_day(planning_periods)
    starts, ends = months.start_time.date, (months.end_time.normalize() + pd.Timedelta(1, "D")).date
    begin = np.maximum(starts, first.date())
    left = np.busday_count(begin.astype("datetime64[D]"), ends.astype("datetime64[D]"))
    whole = np.busday_count(starts.astype("datetime64[D]"), ends.astype("datetime64[D]"))
    return np.clip(left / whole, 0.0, 1.0)


def add_months(periods: Series | PeriodIndex, months: int | Series) -> Series:
    """Move a column of months by a number (or a column) of months."""
    ordinals = pd.PeriodIndex(periods).asi8 + pd.Series(months).to_numpy(dtype="int64")
    return pd.Series(
        pd.PeriodIndex.from_ordinals(ordinals, freq="M"), index=getattr(periods, "index", None)
    )


def months_between(earlier: Series | PeriodIndex, later: Series | PeriodIndex) -> np.ndarray:
    """Count the months from one column of months to another."""
    return pd.PeriodIndex(later).asi8 - pd.PeriodIndex(earlier).asi8


def working_days(periods: Iterable[Period]) -> DataFrame:
    """Count Monday to Friday of each month.

    Returns
    -------
    period, week : working_days [days]; `week` is the Monday, weeks are cut at the month's end
    """
    days = pd.DataFrame({"day": _weekdays(periods)})
    days["period"] = days["day"].dt.to_period("M")
    days["week"] = days["day"] - pd.to_timedelta(days["day"].dt.day_of_week, unit="D")
    return (
        days.groupby(["period", "week"]).size().rename("working_days").astype(float).reset_index()
    )


def _weekdays(periods):
    index = pd.PeriodIndex(periods).unique().sort_values()
    days = [pd.date_range(p.start_time, p.end_time.normalize(), freq="B") for p in index]
    return days[0].append(days[1:]) if days else pd.DatetimeIndex([])
