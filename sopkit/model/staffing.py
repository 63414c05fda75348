"""People who must be there while a site is open, whatever is made."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.tables.arrays import ArrayTable

ROUNDING = 1e-9  # of a shift


def staffed_while_open(
    crews: ArrayTable, hours_per_worker: np.ndarray, work_calendar: DataFrame | None
) -> np.ndarray:
    """Workers that opening hours take of each resource.

    `crew_while_open` people are there in every hour in which the site works; with `shift_hours`
    each day is covered by whole shifts. A worker gives the regular hours of the month.

    Parameters
    ----------
    crews : `resources` in force by month
    hours_per_worker : regular hours, resources x months
    work_calendar : opening hours of the sites by day; without it nothing is known of them

    Returns
    -------
    resources x months [workers]
    """
    needed = np.zeros(crews.shape)
    present = np.nan_to_num(crews["crew_while_open"])
    if work_calendar is None or not present.any():
        return needed
    days = work_calendar[work_calendar["hours"] > 0]
    month = crews.months.get_indexer(pd.PeriodIndex(days["period"]))
    for row in np.flatnonzero(present.any(axis=1)):
        mine = (days["site"] == crews["site"][row, 0]).to_numpy() & (month >= 0)
        opening = days["hours"].to_numpy()[mine]
        shift = crews["shift_hours"][row, month[mine]]
        with np.errstate(invalid="ignore"):
            whole = np.ceil(opening / shift - ROUNDING) * shift
        covered = np.where(np.isnan(shift), opening, whole)
        needed[row] = np.bincount(month[mine], covered, minlength=len(crews.months))
    hours = np.where(hours_per_worker > 0, hours_per_worker, np.inf)
    return present * needed / hours
