"""What routings lose, and how long they take."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import in_force
from sopkit.master_data.economics import ways_to_do
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable


@remembered
def routings_in_force(routings: DataFrame, months: PeriodIndex) -> ArrayTable:
    """The routings of each month, with what each works on and its share of its step.

    A step works for what it and the steps after it lose: of two steps that yield 0.9 and 0.8 the
    first works on 1 / (0.9 x 0.8) units for a good one, the second on 1 / 0.8. Of alternatives for
    one step the later steps count with their mean.

    Returns
    -------
    product, resource, period : the columns of `routings`; share [ratio, of the units of its step],
        units_worked [ratio, for a good unit of the product]
    """
    shared = routings.assign(share=1.0 / ways_to_do(routings).to_numpy())
    ways = in_force(shared, ("product", "resource"), months)
    lost = 1.0 / np.nan_to_num(ways["yield_ratio"].astype(float), nan=1.0)
    return ways.assign(units_worked=lost * _lost_later(ways, lost))


def _lost_later(ways: ArrayTable, lost: np.ndarray) -> np.ndarray:
    """What the steps after each way's own lose: ways x months [ratio]."""
    number = _steps(ways)
    later = np.ones(lost.shape)
    for step in np.unique(number)[1:]:
        at_step = number == step
        product = pd.factorize(np.asarray(ways.keys["product"], dtype=object))[0]
        total = np.zeros((product.max(initial=-1) + 1, lost.shape[1]))
        np.add.at(total, product[at_step], lost[at_step])
        count = np.bincount(product[at_step], minlength=len(total))[:, None]
        mean = np.where(count > 0, total / np.maximum(count, 1), 1.0)
        later *= np.where(number[:, None] < step, mean[product], 1.0)
    return later


def days_of_all_steps(ways: ArrayTable) -> np.ndarray:
    """Lead time of the product of each way: the days of its steps, of alternatives the longest.

    Returns
    -------
    days, by row of `ways`
    """
    rows = DataFrame(
        {
            "product": np.asarray(ways.keys["product"], dtype=object),
            "step": _steps(ways),
            "days": np.nan_to_num(ways["lead_time_days"].astype(float))[:, :1].max(axis=1),
        }
    )
    longest = rows.groupby(["product", "step"])["days"].max().groupby("product").sum()
    return rows["product"].map(longest).to_numpy(dtype=float)


def _steps(ways: ArrayTable) -> np.ndarray:
    return np.nan_to_num(ways["routing_step"].astype(float)).max(axis=1, initial=0)
