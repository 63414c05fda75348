"""Read resources and their calendar into the parameters of the supply programme."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.dated import in_force
from sopkit.master_data.economics import HOURS, crew_calendar
from sopkit.model.parameters import Resources
from sopkit.model.planning_rules import notice_months
from sopkit.model.staffing import staffed_while_open
from sopkit.rules.remember import remembered
from sopkit.tables.periods import months_of

PAY = ("regular_wage", "overtime_wage", "hire_cost", "layoff_cost")  # as fields of `Resources`


@remembered
def read_crews(
    planning_periods: DataFrame,
    resources: DataFrame | None,
    resource_calendar: DataFrame | None,
    work_calendar: DataFrame | None,
    planning_fences: DataFrame | None,
) -> Resources:
    """Resources in force by month, with the hours, notices and staffing of their crews."""
    calendar = crew_calendar(planning_periods, resources, resource_calendar)
    hours = [np.nan_to_num(calendar[name], nan=np.inf) for name in HOURS]
    if resources is None:
        one, none = np.zeros(0), np.zeros(hours[0].shape)
        ones = [one, one.astype(bool), one, one.astype(int), one.astype(int)]
        return Resources(pd.Index([], dtype="str"), *ones, *[none] * 7, *hours)
    table = in_force(resources, ("resource",), months_of(planning_periods))
    codes = pd.Index(table.keys["resource"])
    while_open = staffed_while_open(table, hours[1], work_calendar)
    columns = [
        table["opening_workers"][:, 0],
        table["whole_workers"][:, 0] == 1,
        np.nan_to_num(table["part_time_ratio"][:, 0], nan=1.0),
        notice_months(codes, planning_fences, "hiring_notice"),
        notice_months(codes, planning_fences, "layoff_notice"),
        np.maximum(np.nan_to_num(table["min_workers"]), while_open),
        np.nan_to_num(table["max_workers"], nan=np.inf),
        *[table[name] for name in PAY],
        np.nan_to_num(table["attrition_ratio"]),
        *hours,
    ]
    return Resources(codes, *columns)
