"""Rough-cut capacity planning (RCCP)."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.economics import ways_to_do, worker_calendar
from sopkit.model.quantities import utilisation
from sopkit.tables import attach


def rough_cut_capacity(
    planning_periods: DataFrame,
    demand_plan: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    resource_calendar: DataFrame | None = None,
) -> DataFrame:
    """Compare the hours that the demand plan requires with the hours of the current workforce.

    A product puts an equal part on each of the resources that can do a step of making it. Capacity is regular time and
    overtime of the opening workers, within minimum and maximum workers, and at most the machine
    hours; a machine limit reduces overtime first.

    Returns
    -------
    resource, period : required_hours, capacity_hours [hours], utilization [ratio; against one hour where
        capacity is nothing], regular_capacity_hours, overtime_capacity_hours [hours, the parts of capacity_hours]
    """
    columns = ["required_hours", "capacity_hours", "utilization"]
    columns += ["regular_capacity_hours", "overtime_capacity_hours"]
    if resources is None:
        empty = pd.DataFrame(
            {"resource": pd.Series(dtype="str"), "period": planning_periods["period"].iloc[:0]}
        )
        return empty.assign(**dict.fromkeys(columns, pd.Series(dtype="float64")))
    hours = worker_calendar(planning_periods, resources, resource_calendar)
    hours = attach(hours, _opening_workers(resources))
    load = _load(demand_plan, routings).groupby(["resource", "period"], as_index=False)[
        "required_hours"
    ]
    hours = attach(hours, load.sum(), default=0.0)
    machine = hours["machine_hours"].fillna(np.inf)
    regular, overtime = (
        hours["workers"] * hours[f"{time}_hours_per_worker"] for time in ("regular", "overtime")
    )
    hours["regular_capacity_hours"] = np.minimum(regular, machine)
    hours["capacity_hours"] = np.minimum(regular + overtime, machine)
    hours["overtime_capacity_hours"] = hours["capacity_hours"] - hours["regular_capacity_hours"]
    hours["utilization"] = utilisation(hours["required_hours"], hours["capacity_hours"])
    return hours[["resource", "period", *columns]]


def resource_load(
    products: DataFrame,
    demand_plan: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
) -> DataFrame:
    """Split the load of each resource by product; it sums to the hours of `rough_cut_capacity`.

    Returns
    -------
    resource, product, period : family, required_hours [hours]
    """
    if resources is None:
        routings = None
    load = attach(_load(demand_plan, routings), products[["product", "family"]])
    keys = ["resource", "product", "period"]
    return load.sort_values(keys, ignore_index=True)[[*keys, "family", "required_hours"]]


def _opening_workers(resources):
    least, most = resources["min_workers"].fillna(0), resources["max_workers"].fillna(np.inf)
    workers = np.minimum(np.maximum(resources["opening_workers"], least), most)
    return resources[["resource"]].assign(workers=workers)


def _load(demand_plan, routings):
    """Hours by resource, product and month; products without a routing need none."""
    if routings is None:
        routings = pd.DataFrame(
            {"product": [], "resource": [], "hours_per_unit": [], "routing_step": []}, dtype="str"
        )
    hours = routings["hours_per_unit"].astype(float) / ways_to_do(routings)
    ways = routings[["product", "resource"]].assign(hours=hours)
    demand = demand_plan.groupby(["product", "period"], as_index=False)["consensus"].sum()
    rows = demand.merge(ways, on="product")
    rows["required_hours"] = rows["consensus"] * rows["hours"]
    return rows[["resource", "product", "period", "required_hours"]]
