"""Split months into weeks and weeks into days, by working hours."""

import numpy as np
from pandas import DataFrame, Series

GRAIN = (
    2.0**20
    # the parts of a unit to which shares are cut, a power of two so that they add up without
    # rounding
)


def portion(amount: Series, begun: Series, ended: Series) -> np.ndarray:
    """The part of an amount that falls between two points of its time, each a share from 0 to 1.

    Shares are cut to a millionth of a unit and the last takes what is left, so neighbours add up to
    the amount to the last bit, in whatever order they are added (of amounts below eight thousand
    million).

    Returns
    -------
    units, in the rows of `amount`
    """
    return _until(amount, ended) - _until(amount, begun)


def weeks_of(work_calendar: DataFrame) -> DataFrame:
    """The working weeks of each site's months; a week cut by the month's end counts twice.

    A month without a working day is one row, in its last week.

    Returns
    -------
    site, period, week : working_days [days], begun, ended [share of the month's hours past when the
        week starts, ends]
    """
    keys = ["site", "period"]
    worked = work_calendar["hours"] > 0
    closed = work_calendar.groupby(keys)["hours"].transform("sum") == 0
    last = work_calendar["day"] == work_calendar.groupby(keys)["day"].transform("max")
    rows = work_calendar.assign(worked=worked.astype("float64"))[worked | (closed & last)]
    weeks = rows.groupby([*keys, "week"], as_index=False).agg(
        working_days=("worked", "sum"), hours=("hours", "sum")
    )
    return _shares(weeks, keys)


def days_of(work_calendar: DataFrame) -> DataFrame:
    """The days on which each site works.

    Returns
    -------
    site, period, week, day : begun, ended [share of the week's hours past when the day starts,
        ends]
    """
    worked = work_calendar[work_calendar["hours"] > 0].sort_values(["site", "day"])
    return _shares(worked, ["site", "period", "week"])


def by_week(plan: DataFrame, work_calendar: DataFrame) -> DataFrame:
    """Repeat each month's row of a site for the weeks of its month; see `weeks_of`.

    Returns
    -------
    site, period, week : the columns of `plan`, working_days [days], begun, ended [share of the
        month's hours]
    """
    return plan.merge(weeks_of(work_calendar), on=["site", "period"], how="inner")


def _shares(rows, keys):
    past = rows.groupby(keys)["hours"].cumsum()
    whole = past.groupby([rows[key] for key in keys])
    rows = rows.assign(
        ended=(past / whole.transform("last")).fillna(1.0)
    )  # a closed month is past at once
    rows["begun"] = rows.groupby(keys)["ended"].shift(fill_value=0.0)
    return rows.drop(columns="hours")


def _until(amount, share):
    return np.where(share < 1, np.floor(amount * share * GRAIN) / GRAIN, amount)
