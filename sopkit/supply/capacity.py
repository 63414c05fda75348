"""Whether resources can carry the demand plan, before anything is optimised."""

import numpy as np
import pandas as pd

from sopkit.periods import working_days
from sopkit.tables import attach

DAY_HOURS = 8.0  # worked on a weekday that no calendar describes
HOURS = ["working_days", "regular_hours_per_worker", "overtime_hours_per_worker", "machine_hours"]


def rough_cut_capacity(horizon, demand_plan, resources=None, routings=None, resource_calendar=None):
    """Hold the hours that the demand plan needs against the hours that today's workers can give.

    A product with several routings puts an equal part on each. Capacity is regular time and overtime of the opening
    workers, brought within the least and most workers, and never more than the machine runs.

    Returns
    -------
    resource, period : required_hours, capacity_hours [hours], utilisation_ratio [ratio; against one hour where
        capacity is nothing]
    """
    columns = ["required_hours", "capacity_hours", "utilisation_ratio"]
    if resources is None:
        empty = pd.DataFrame({"resource": pd.Series(dtype="str"), "period": horizon["period"].iloc[:0]})
        return empty.assign(**dict.fromkeys(columns, pd.Series(dtype="float64")))
    hours = worker_calendar(horizon, resources, resource_calendar)
    hours = attach(hours, _opening_workers(resources))
    hours = attach(hours, _required_hours(demand_plan, routings), absent=0.0)
    each = hours["regular_hours_per_worker"] + hours["overtime_hours_per_worker"]
    hours["capacity_hours"] = (hours["workers"] * each).clip(upper=hours["machine_hours"].fillna(np.inf))
    hours["utilisation_ratio"] = utilisation(hours["required_hours"], hours["capacity_hours"])
    return hours[["resource", "period", *columns]]


def worker_calendar(horizon, resources, resource_calendar=None):
    """The calendar of every resource in every planned month.

    Months that the calendar leaves out are worked 8 hours on each weekday, without overtime or machine limit.

    Returns
    -------
    resource, period : working_days [days], regular_hours_per_worker, overtime_hours_per_worker, machine_hours
        [hours; machine_hours empty where no machine limits]
    """
    codes = resources["resource"].sort_values()
    rows = codes.to_frame().merge(horizon[["period"]], how="cross")
    weekdays = working_days(horizon["period"]).groupby("period", as_index=False)["working_days"].sum()
    usual = attach(rows, weekdays)
    usual["regular_hours_per_worker"] = usual["working_days"] * DAY_HOURS
    usual = usual.assign(overtime_hours_per_worker=0.0, machine_hours=np.nan)
    if resource_calendar is None:
        return usual
    stated = attach(
        rows, resource_calendar[["resource", "period", *HOURS]].assign(stated=True), absent=np.nan
    )
    return usual.where(stated["stated"].isna(), stated[usual.columns])


def utilisation(used, capacity):
    """Hours used over hours available; against one hour where there are none, for a ratio must be a number."""
    return used / np.where(capacity > 0, capacity, 1.0)


def _opening_workers(resources):
    least, most = resources["min_workers"].fillna(0), resources["max_workers"].fillna(np.inf)
    workers = np.minimum(np.maximum(resources["opening_workers"], least), most)
    return resources[["resource"]].assign(workers=workers)


def _required_hours(demand_plan, routings):
    """Hours by resource and month; products without a routing need none."""
    if routings is None:
        return pd.DataFrame(columns=["resource", "period", "required_hours"])
    load = routings[["product", "resource"]].assign(
        hours=routings["hours_per_unit"] / routings.groupby("product")["resource"].transform("size")
    )
    demand = demand_plan.groupby(["product", "period"], as_index=False)["consensus"].sum()
    rows = demand.merge(load, on="product")
    rows["required_hours"] = rows["consensus"] * rows["hours"]
    return rows.groupby(["resource", "period"], as_index=False)["required_hours"].sum()
