"""Available to promise (ATP)."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.supply_modes import is_storable
from sopkit.tables.keys import Keys

SUPPLY = ["regular", "overtime", "subcontract", "purchased", "scheduled_receipts"]


def available_to_promise(
    planning_periods: DataFrame,
    supply_plan: DataFrame,
    demand_plan: DataFrame,
    products: DataFrame | None = None,
) -> DataFrame:
    """Calculate available to promise by product and month of the plan of record, all sites.

    What comes in and is not needed by orders booked for this month or a later one, before later
    supply covers them: where an order needs more than comes with it, what came earlier is kept for
    it. What is not storable is promised within its own month alone. Stock at hand counts in the
    first month, and so do past-due orders; orders after the horizon belong to other plans.

    Returns
    -------
    product, period : supplied, booked, available_to_promise, cumulative_available, overcommitted
        [units]

    Source
    ------
    ASCM Supply Chain Dictionary, discrete available-to-promise and cumulative available-to-promise
    with look-ahead.
    """
    months = pd.PeriodIndex(planning_periods["period"])
    plan = supply_plan
    ordered = demand_plan["firm_orders"] + demand_plan["past_due_orders"]
    codes = pd.Index(np.union1d(plan["product"], demand_plan["product"]), dtype="str")
    supplied = _by_month(codes, months, plan, plan[SUPPLY].sum(axis=1))
    booked = _by_month(codes, months, demand_plan, ordered)
    on_hand = _by_month(codes, months[:1], plan, plan["opening_inventory"])
    left = on_hand + (supplied - booked).cumsum(axis=1)
    free = np.maximum(np.minimum.accumulate(left[:, ::-1], axis=1)[:, ::-1], 0.0)
    promised, over = np.diff(free, axis=1, prepend=0.0), np.maximum(-left, 0.0)
    if products is not None:
        held = is_storable(products, Keys(codes.to_frame(name="product")))
        own = ~held[:, None]
        promised = np.where(own, np.maximum(supplied - booked, 0.0), promised)
        over = np.where(own, np.maximum(booked - supplied, 0.0), over)
    grids = {
        "supplied": supplied,
        "booked": booked,
        "available_to_promise": promised,
        "cumulative_available": promised.cumsum(axis=1),
        "overcommitted": over,
    }
    table = pd.DataFrame(
        {"product": codes.repeat(len(months)), "period": np.tile(months, len(codes))}
    )
    return table.assign(**{name: grid.ravel() for name, grid in grids.items()})


def _by_month(codes, months, rows, values):
    """Add values up by product and planned month."""
    month = pd.PeriodIndex(rows["period"]).asi8 - months[0].ordinal
    planned = (month >= 0) & (month < len(months))
    grid = np.zeros((len(codes), len(months)))
    np.add.at(
        grid,
        (codes.get_indexer(rows["product"])[planned], month[planned]),
        values.to_numpy()[planned],
    )
    return grid
