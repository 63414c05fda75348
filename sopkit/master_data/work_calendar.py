"""The working hours of each site by day."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.dated import position_in_force
from sopkit.rules.remember import as_known, remembered
from sopkit.schema.columns import COLUMNS
from sopkit.tables import attach
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import every_day, first_planned_day

WEEKDAYS = COLUMNS["weekday"].choices
USUAL_HOURS = dict.fromkeys(WEEKDAYS[:5], 8.0)  # of a site without working hours


@on_arrays
def work_calendar(
    planning_periods: DataFrame,
    item_locations: DataFrame,
    resources: DataFrame | None = None,
    working_hours: DataFrame | None = None,
    holidays: DataFrame | None = None,
) -> DataFrame:
    """List the working hours of each site on every day of the planned months; a day off has none.

    A site of which `working_hours` says nothing works 8 hours from Monday to Friday; of one that it
    names, the weekdays left out are closed, and hours may change from a month on. Days up to the
    as-of day are past: none is worked.

    Returns
    -------
    site, day : period, week, hours [hours]
    """
    sites = as_known(planning_periods, _sites(item_locations, resources))
    return _hours(planning_periods, sites, working_hours, holidays)


@remembered
def _hours(planning_periods, sites, working_hours, holidays):
    rows = sites.merge(_days(planning_periods), how="cross")
    hours = rows["weekday"].map(USUAL_HOURS).fillna(0.0)
    if working_hours is not None:
        wanted = rows[["site", "weekday", "period"]]
        row, _ = position_in_force(working_hours, ["site", "weekday"], wanted)
        stated = np.append(working_hours["hours"].to_numpy(dtype=float), 0.0)[row]
        hours = hours.where(~rows["site"].isin(working_hours["site"]), stated)
    if holidays is not None:
        closed = attach(
            rows[["site", "day"]], holidays[["site", "day"]].assign(closed=True), default=False
        )
        hours = hours.mask(closed["closed"].astype(bool), 0.0)
    hours = hours.mask(rows["day"] < first_planned_day(planning_periods), 0.0)
    return rows.assign(hours=hours)[["site", "day", "period", "week", "hours"]]


def _sites(item_locations, resources):
    named = [item_locations["site"]] + ([] if resources is None else [resources["site"]])
    return pd.concat(named).drop_duplicates().sort_values(ignore_index=True).to_frame()


def _days(planning_periods):
    """Every calendar day of the planned months, its week and weekday."""
    days = every_day(planning_periods)
    number = days["day"].dt.day_of_week
    return days.assign(weekday=number.map(dict(enumerate(WEEKDAYS))).astype("str"))
