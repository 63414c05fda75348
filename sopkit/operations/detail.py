"""The detailed months of the plan of record."""

from pandas import DataFrame, Series

DETAILED_MONTHS = 3  # planned by week
DETAILED_WEEKS = 4  # planned by day


def detailed(planning_periods: DataFrame, table: DataFrame) -> DataFrame:
    """The rows of the months planned by week.

    Returns
    -------
    the rows of `table` in the first three months
    """
    months = planning_periods.loc[planning_periods["month_number"] <= DETAILED_MONTHS, "period"]
    return table[table["period"].isin(months)]


def order_number(kind: str, day: Series, *codes: Series) -> Series:
    """An order number such as R/2026-10-05/main/north/TENT-2."""
    number = kind + "/" + day.dt.strftime("%Y-%m-%d").astype("str")
    for code in codes:
        number = number + "/" + code
    return number


def working_weeks(work_calendar: DataFrame) -> DataFrame:
    """The weeks in which a site works: the first working day and the share of its month's hours.

    Returns
    -------
    site, period, week : day, share
    """
    worked = work_calendar[work_calendar["hours"] > 0]
    weeks = worked.groupby(["site", "period", "week"], as_index=False).agg(
        day=("day", "min"), hours=("hours", "sum")
    )
    share = weeks["hours"] / weeks.groupby(["site", "period"])["hours"].transform("sum")
    return weeks.drop(columns="hours").assign(share=share)
