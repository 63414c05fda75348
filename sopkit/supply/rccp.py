"""Rough-cut capacity planning (RCCP)."""

import numpy as np
from pandas import DataFrame

from sopkit.master_data.economics import crew_calendar, ways_to_do
from sopkit.master_data.yields import units_worked
from sopkit.model.quantities import utilisation
from sopkit.model.requirements import gross_demand
from sopkit.model.routing_load import routing_load
from sopkit.rules.remember import remembered
from sopkit.tables import attach, empty
from sopkit.tables.arrays import ArrayTable, Keys, number_of
from sopkit.tables.on_arrays import on_arrays


@on_arrays
def rough_cut_capacity(
    planning_periods: DataFrame,
    demand_plan: ArrayTable,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    resource_calendar: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> ArrayTable:
    """Compare the hours that the demand plan requires with the hours of the current workforce.

    Required are the hours of what is sold and of the products that go into it, stock aside. A
    product puts an equal part on each of the resources that can do a step of making it. Capacity
    is regular time and overtime of the opening workers, within minimum and maximum workers, and at
    most the machine hours; a machine limit reduces overtime first.

    Returns
    -------
    resource, period : required_hours, capacity_hours [hours], utilization [ratio; against one hour
        where capacity is nothing], regular_capacity_hours, overtime_capacity_hours [hours, the
        parts of capacity_hours]
    """
    calendar = crew_calendar(planning_periods, resources, resource_calendar)
    workers = _opening_workers(calendar.keys, resources)
    machine = np.nan_to_num(calendar["machine_hours"], nan=np.inf)
    regular, overtime = (
        workers * calendar[f"{time}_hours_per_worker"] for time in ("regular", "overtime")
    )
    capacity = np.minimum(regular + overtime, machine)
    gross = gross_demand(demand_plan, bill_of_materials)
    required = routing_load(gross, "gross_demand", routings, calendar.keys)[1]
    return ArrayTable(
        calendar.keys,
        calendar.months,
        {
            "required_hours": required,
            "capacity_hours": capacity,
            "utilization": utilisation(required, capacity),
            "regular_capacity_hours": np.minimum(regular, machine),
            "overtime_capacity_hours": capacity - np.minimum(regular, machine),
        },
    )


def resource_load(
    products: DataFrame,
    demand_plan: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> DataFrame:
    """Split the load of each resource by product; it sums to the hours of `rough_cut_capacity`.

    Returns
    -------
    resource, product, period : family, required_hours [hours]
    """
    if resources is None:
        routings = None
    gross = gross_demand(ArrayTable.of_table("demand_plan", demand_plan), bill_of_materials)
    load = attach(_load(gross.frame, routings), products[["product", "family"]])
    keys = ["resource", "product", "period"]
    return load.sort_values(keys, ignore_index=True)[[*keys, "family", "required_hours"]]


@remembered
def _opening_workers(keys: Keys, resources: DataFrame | None) -> np.ndarray:
    """Today's workers of each resource, brought within the least and most: a column."""
    if resources is None:
        return np.zeros((0, 1))
    opening, least, most = (
        number_of(keys, resources, name)
        for name in ("opening_workers", "min_workers", "max_workers")
    )
    return np.minimum(np.maximum(opening, np.nan_to_num(least)), np.nan_to_num(most, nan=np.inf))


def _load(gross_demand, routings):
    """Hours by resource, product and month; products without a routing need none."""
    routings = empty("routings") if routings is None else routings
    hours = routings["hours_per_unit"] * units_worked(routings) / ways_to_do(routings)
    ways = routings[["product", "resource"]].assign(hours=hours)
    rows = gross_demand.merge(ways, on="product")
    rows["required_hours"] = rows["gross_demand"] * rows["hours"]
    return rows[["resource", "product", "period", "required_hours"]]
