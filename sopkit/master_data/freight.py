"""Freight of lanes and transfer lanes, which may change from a month on.

A lane is there in every month, before its first row too; what changes is what a unit costs on it.
"""

import numpy as np
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import in_force
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys

LANE = ("site", "market")
TRANSFER = ("site", "to_site")


@remembered
def freight_by_month(
    keys: Keys, lanes: DataFrame, ends: tuple[str, str], months: PeriodIndex
) -> np.ndarray:
    """The freight of a unit on each lane of `keys` in each month.

    Parameters
    ----------
    lanes : `sourcing_network` or `transfer_lanes`; `ends`: what tells its lanes apart

    Returns
    -------
    keys x months [money per unit]

    Raises
    ------
    ValueError : a lane that the table does not know.
    """
    known = in_force(lanes, ends, months)
    return known.on(ArrayTable(keys, months, {}))["freight_cost"].astype(float)


@remembered
def mean_freight(lanes: DataFrame, ends: tuple[str, str], months: PeriodIndex) -> DataFrame:
    """Each lane with its mean freight over some months: by it lanes are ordered.

    Returns
    -------
    ends, in order : freight_cost [money per unit], lead_time_days [days; empty where not given]
    """
    known = in_force(lanes, ends, months)
    days = known["lead_time_days"][:, 0].astype(float)
    freight = known["freight_cost"].astype(float).mean(axis=1)
    return known.keys.frame.assign(freight_cost=freight, lead_time_days=days)
