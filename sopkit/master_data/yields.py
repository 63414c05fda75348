"""What routings lose, and how long they take."""

import numpy as np
from pandas import DataFrame, Series

from sopkit.rules.remember import remembered


@remembered
def units_worked(routings: DataFrame) -> np.ndarray:
    """Units that each routing works on for a good unit of its product.

    A step works for what it and the steps after it lose: of two steps that yield 0.9 and 0.8 the
    first works on 1 / (0.9 x 0.8) units, the second on 1 / 0.8. Of alternatives for one step the
    later steps count with their mean.

    Returns
    -------
    units worked on per good unit [ratio], by row of `routings`
    """
    rows = _steps(routings)
    rows["worked"] = 1.0 / routings["yield_ratio"].astype("float64").fillna(1.0)
    mean = rows.groupby(["product", "step"], as_index=False)["worked"].mean()
    mean["later"] = mean[::-1].groupby("product")["worked"].cumprod() / mean["worked"]
    later = rows[["product", "step"]].merge(mean, on=["product", "step"], how="left")["later"]
    return rows["worked"].to_numpy() * later.to_numpy()


@remembered
def days_of_all_steps(routings: DataFrame) -> np.ndarray:
    """Lead time of the product of each routing: the days of its steps, of alternatives the longest.

    Returns
    -------
    days, by row of `routings`
    """
    rows = _steps(routings)
    rows["days"] = routings["lead_time_days"].astype("float64").fillna(0.0)
    longest = rows.groupby(["product", "step"])["days"].max().groupby("product").sum()
    return rows["product"].map(longest).to_numpy(dtype=float)


def _steps(routings: DataFrame) -> DataFrame:
    step: Series = routings["routing_step"].astype("float64").fillna(0.0)
    return DataFrame({"product": routings["product"], "step": step})
