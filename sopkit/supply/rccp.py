"""Rough-cut capacity planning (RCCP)."""

import numpy as np
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import in_force
from sopkit.master_data.economics import crew_calendar
from sopkit.master_data.yields import routings_in_force
from sopkit.model.quantities import utilisation
from sopkit.model.requirements import gross_demand
from sopkit.model.routing_load import routing_load
from sopkit.rules.remember import remembered
from sopkit.tables import attach
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
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
    workers = _opening_workers(calendar.keys, calendar.months, resources)
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
def _opening_workers(keys: Keys, months: PeriodIndex, resources: DataFrame | None) -> np.ndarray:
    """Today's workers of each resource, within the least and most of each month: keys x months."""
    if resources is None:
        return np.zeros((0, 1))
    crews = in_force(resources, ("resource",), months).on(ArrayTable(keys, months, {}))
    least, most = np.nan_to_num(crews["min_workers"]), crews["max_workers"]
    opening = np.maximum(crews["opening_workers"][:, :1], least)
    return np.minimum(opening, np.nan_to_num(most, nan=np.inf))


def _load(gross_demand, routings):
    """Hours by resource, product and month; products without a routing need none."""
    if routings is None:
        none = {"resource": [], "product": [], "period": [], "required_hours": []}
        return DataFrame(none).astype("str")
    months = PeriodIndex(gross_demand["period"].unique())
    ways = routings_in_force(routings, months)
    hours = ways["hours_per_unit"] * ways["units_worked"] * ways["share"]
    ways = ArrayTable(ways.keys, months, {"hours": hours}).frame
    rows = gross_demand.merge(ways, on=["product", "period"])
    rows["required_hours"] = rows["gross_demand"] * rows["hours"]
    return rows[["resource", "product", "period", "required_hours"]]
