"""Gap rules of products made or assembled to order: what customers wait for what they ordered."""

from collections.abc import Mapping

import numpy as np

from sopkit.pre_sop.gap import contribution, gap, sized
from sopkit.tables.arrays import ArrayTable


@gap(
    area="supply",
    owner="supply planner",
    statement="{item}: up to {units} units of the order backlog cannot be made within the order "
    "lead time, {months}",
    question="Is capacity added, or are customers quoted a longer lead time?",
    table="order_backlog",
    exhibit="40_supply_review.order_backlog",
    peak=True,
    limited=True,
    closed_by=("resources", "resource_calendar", "routings", "products"),
)
def order_backlog(
    order_backlog: ArrayTable,
    unit_economics: ArrayTable,
    constrained_demand: ArrayTable,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """Find order backlogs of more weeks of work than the order lead time, of which units are late.

    A backlog is normal for what is made to order, and its weeks swing with the season; it is a gap
    where it takes longer to work off than customers are told, and they wait. Money is the
    contribution of the units beyond, which are no more than are late.
    """
    book = order_backlog
    weeks, quoted = book["backlog_weeks"], book["order_lead_time_weeks"]
    over = np.nan_to_num(np.maximum(weeks - quoted, 0.0))
    pace = np.divide(book["order_backlog"], weeks, out=np.zeros(weeks.shape), where=weeks > 0)
    late = constrained_demand.sums("product").on(book, default=0.0)["backlog"]
    units = -np.minimum(over * pace, late)
    waiting = late > threshold["share_of_backlog"] * book["order_backlog"]
    return sized(
        book.keys,
        book.months,
        "product",
        plan=book["order_backlog"] + units,
        reference=book["order_backlog"],
        gap_units=units,
        gap_value=units * contribution(unit_economics.on(book)),
        wrong=waiting
        & (over > threshold["share_of_lead_time"] * np.nan_to_num(quoted, nan=np.inf)),
    )
