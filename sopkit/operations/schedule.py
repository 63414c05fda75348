"""Who works when."""

from sopkit.operations.detail import detailed
from sopkit.operations.weeks import by_week
from sopkit.vocabulary import TABLES


def work_schedule(horizon, workforce_plan):
    """Say who works how many hours in each week of the first three months.

    Returns
    -------
    resource, period, week : working_days [days], workers, regular_hours, overtime_hours [hours of all workers]
    """
    plan = detailed(horizon, workforce_plan)
    hours = ["regular_hours", "overtime_hours"]
    rows = by_week(plan[["resource", "period", "workers", *hours]])
    rows[hours] = rows[hours].mul(rows["share"], axis=0)
    rows = rows.sort_values(["resource", "week", "period"], ignore_index=True)
    return rows[list(TABLES["work_schedule"].columns)]
