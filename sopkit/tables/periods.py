"""Periods and weeks: the workbook's calendar arithmetic.

A period is known by a month. Its days are those of the calendar month, or, where the company plans
in periods of its own, those of its row of `calendar`; `planning_periods` carries them. First days,
last days, day counts and the period of a day are asked here and nowhere else.
"""

import re

import numpy as np
import pandas as pd
from pandas import DataFrame, DatetimeIndex, Period, PeriodIndex, Series

from sopkit.rules.remember import remembered

HORIZON_MONTHS = 18  # planned when `company_settings` does not say
YEAR = 12  # months
AS_OF_MONTHS = 1  # before the cycle: older data is of another cycle
MONTH_DAYS = 30  # where days are turned into months
WEEK_DAYS = 7
AVERAGE_DAYS = 365.25 / YEAR  # of a month: the length that rates are told for
WEEKDAYS = 5  # Monday to Friday
DAY = pd.Timedelta(1, "D")


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


def planning_periods(
    cycle: Period, company_settings: DataFrame | None = None, calendar: DataFrame | None = None
) -> DataFrame:
    """List the planned months: the cycle's month first.

    Returns
    -------
    period : month_number, where the settings name it, as_of_day, and where the company plans in
        periods of its own, first_day, last_day, and label

    Raises
    ------
    ValueError : the calendar does not have every planned period.
    """
    count = (
        HORIZON_MONTHS
        if company_settings is None
        else company_settings["horizon_months"].fillna(HORIZON_MONTHS).iloc[0]
    )
    periods = pd.period_range(month(cycle), periods=int(count), freq="M")
    table = pd.DataFrame({"period": periods, "month_number": range(1, len(periods) + 1)})
    table = with_days(table, calendar)
    if company_settings is None or company_settings.get("as_of_day") is None:
        return table
    day = company_settings["as_of_day"].iloc[0]
    return table.assign(as_of_day=day) if is_as_of(day, table) else table


def with_days(periods: DataFrame, calendar: DataFrame | None) -> DataFrame:
    """Planned periods with the days of the company's calendar, where it has one.

    Raises
    ------
    ValueError : the calendar does not have every planned period.
    """
    if calendar is None:
        return periods
    known = calendar.set_index("period")
    absent = periods.loc[~periods["period"].isin(known.index), "period"]
    if len(absent):
        raise ValueError(
            f"calendar: has no row for {absent.iloc[0]}, which is planned; it has {len(known):,} "
            f"periods from {known.index.min()} to {known.index.max()}. Add the rows, or plan fewer "
            "months (horizon_months of company_settings)."
        )
    columns = [name for name in ("first_day", "last_day", "label") if name in known]
    days = known.loc[periods["period"], columns].reset_index(drop=True)
    return pd.concat([periods.reset_index(drop=True), days], axis="columns")


@remembered
def months_of(planning_periods: DataFrame) -> PeriodIndex:
    """The planned months, in order."""
    return PeriodIndex(planning_periods["period"])


# --------------------------------------------------------------------------------------------------
# the days of periods: `periods` is planning_periods, calendar, or a table of months without days


def has_days(periods: DataFrame | None) -> bool:
    """Whether periods have days of their own; without, they are calendar months."""
    return (
        periods is not None and "first_day" in periods and bool(periods["first_day"].notna().all())
    )


@remembered
def first_days(periods: DataFrame) -> DatetimeIndex:
    """The first day of each period."""
    if has_days(periods):
        return DatetimeIndex(periods["first_day"])
    return PeriodIndex(periods["period"]).start_time


@remembered
def last_days(periods: DataFrame) -> DatetimeIndex:
    """The last day of each period."""
    if has_days(periods):
        return DatetimeIndex(periods["last_day"])
    return PeriodIndex(periods["period"]).end_time.normalize()


@remembered
def day_counts(periods: DataFrame) -> np.ndarray:
    """The number of days of each period [days]."""
    if has_days(periods):
        return (last_days(periods) - first_days(periods)).days.to_numpy(dtype=float) + 1
    return PeriodIndex(periods["period"]).days_in_month.to_numpy(dtype=float)


def first_day_of(months: Series, periods: DataFrame) -> Series:
    """The first day of each of some months; of one outside `periods`, of the calendar month."""
    known = Series(first_days(periods), index=PeriodIndex(periods["period"]))
    days = known.reindex(PeriodIndex(months)).to_numpy()
    return Series(days, index=months.index).fillna(months.dt.start_time)


def period_of(days: Series | DatetimeIndex, periods: DataFrame | None) -> PeriodIndex:
    """The period in which each day lies; an empty day has none.

    A day outside the rows of `periods` gets its calendar month, but one outside their periods.
    """
    months = DatetimeIndex(days).to_period("M")
    if periods is None or not has_days(periods):
        return months
    rows = periods.sort_values("first_day")
    ordinals, starts = PeriodIndex(rows["period"]).asi8, rows["first_day"].to_numpy()
    day = DatetimeIndex(days).as_unit("us").to_numpy()
    row = np.searchsorted(starts.astype("datetime64[us]"), day, side="right") - 1
    found = ordinals[np.maximum(row, 0)]
    found = np.where(row < 0, np.minimum(months.asi8, ordinals[0] - 1), found)
    after = day > rows["last_day"].to_numpy()[-1]
    found = np.where(after, np.maximum(months.asi8, ordinals[-1] + 1), found)
    return PeriodIndex.from_ordinals(np.where(months.isna(), months.asi8, found), freq="M")


def around(planning_periods: DataFrame, reach: int) -> DataFrame:
    """The planned periods with so many before and after them.

    Returns
    -------
    period : first_day, last_day where the company plans in periods of its own; those outside the
        plan are as long as calendar months
    """
    first, last = planning_periods["period"].min(), planning_periods["period"].max()
    periods = pd.period_range(first - reach, last + reach, freq="M")
    table = pd.DataFrame({"period": periods})
    if not has_days(planning_periods):
        return table
    begin, end = first_days(planning_periods)[0], last_days(planning_periods)[-1] + DAY
    before = [begin - pd.DateOffset(months=n) for n in range(reach, 0, -1)]
    after = [end + pd.DateOffset(months=n) for n in range(reach + 1)]
    starts = DatetimeIndex([*before, *first_days(planning_periods), *after])
    return table.assign(first_day=starts[:-1], last_day=starts[1:] - DAY)


def is_as_of(day: pd.Timestamp, periods: DataFrame) -> bool:
    """Whether the data of a plan can be of a day: one of its first period or shortly before, when
    any of its days is left to plan."""
    earliest = first_days(periods)[0] - pd.DateOffset(months=AS_OF_MONTHS)
    return bool(pd.notna(day) and earliest <= day < last_days(periods)[0])


def as_of_day(planning_periods: DataFrame) -> pd.Timestamp:
    """The day the data is of: the day before the first planned month where nothing else is said."""
    if "as_of_day" in planning_periods and planning_periods["as_of_day"].notna().any():
        return pd.Timestamp(planning_periods["as_of_day"].iloc[0])
    return first_days(planning_periods).min() - DAY


def first_planned_day(planning_periods: DataFrame) -> pd.Timestamp:
    """The first planned day: the day after the as-of day, but none before the first month."""
    after = as_of_day(planning_periods) + DAY
    return max(after, first_days(planning_periods).min())


@remembered
def days_left(planning_periods: DataFrame) -> np.ndarray:
    """The share of each month's calendar days that is planned: those after the as-of day."""
    ends = last_days(planning_periods) - first_planned_day(planning_periods)
    days = day_counts(planning_periods)
    return np.clip((ends.days.to_numpy(dtype=float) + 1) / days, 0.0, 1.0)


@remembered
def weekdays_left(planning_periods: DataFrame) -> np.ndarray:
    """The share of each month's weekdays that is planned: those after the as-of day."""
    first = first_planned_day(planning_periods)
    starts, ends = first_days(planning_periods).date, (last_days(planning_periods) + DAY).date
    begin = np.maximum(starts, first.date())
    left = np.busday_count(begin.astype("datetime64[D]"), ends.astype("datetime64[D]"))
    whole = np.busday_count(starts.astype("datetime64[D]"), ends.astype("datetime64[D]"))
    return np.clip(left / whole, 0.0, 1.0)


def every_day(periods: DataFrame) -> DataFrame:
    """List the days of consecutive periods.

    Returns
    -------
    day : period, week (the Monday on which it starts)
    """
    days = pd.date_range(first_days(periods).min(), last_days(periods).max()).as_unit("us")
    week = days - pd.to_timedelta(days.day_of_week, unit="D")
    return pd.DataFrame({"day": days, "period": period_of(days, periods), "week": week})


def working_days(periods: DataFrame) -> DataFrame:
    """Count Monday to Friday of each month.

    Returns
    -------
    period, week : working_days [days]; `week` is the Monday, weeks are cut at the month's end
    """
    days = every_day(periods)
    days = days[days["day"].dt.day_of_week < WEEKDAYS]
    return (
        days.groupby(["period", "week"]).size().rename("working_days").astype(float).reset_index()
    )


# --------------------------------------------------------------------------------------------------
# months


def add_months(periods: Series | PeriodIndex, months: int | Series) -> Series:
    """Move a column of months by a number (or a column) of months."""
    ordinals = pd.PeriodIndex(periods).asi8 + pd.Series(months).to_numpy(dtype="int64")
    return pd.Series(
        pd.PeriodIndex.from_ordinals(ordinals, freq="M"), index=getattr(periods, "index", None)
    )


def months_between(earlier: Series | PeriodIndex, later: Series | PeriodIndex) -> np.ndarray:
    """Count the months from one column of months to another."""
    return pd.PeriodIndex(later).asi8 - pd.PeriodIndex(earlier).asi8
