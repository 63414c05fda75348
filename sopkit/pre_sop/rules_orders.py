"""Gap rules of products made or assembled to order: what customers wait for what they ordered."""

from collections.abc import Mapping

import numpy as np

from sopkit.pre_sop.gap import at_worst, contribution, gap, sized
from sopkit.tables.arrays import ArrayTable


@gap(
    area="supply",
    owner="supply planner",
    statement="{item}: up to {units} units of the order backlog cannot be produced within the "
    "order lead time, {months}",
    question="Add capacity, or quote a longer lead time?",
    table="order_backlog",
    exhibit="40_supply_review.order_backlog",
    whole=True,
    limited=True,
    closed_by=("resources", "resource_calendar", "routings", "products"),
)
def order_backlog(
    order_backlog: ArrayTable,
    unit_economics: ArrayTable,
    constrained_demand: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find order backlogs of more weeks of work than the order lead time, of which units are late.

    A backlog is normal for what is made to order, and its weeks swing with the season; it is a gap
    where it takes longer to work off than customers are told, and they wait. Its size is that of
    the worst month: the units beyond, which are no more than are late; money is their contribution.
    """
    book = order_backlog
    weeks, quoted = book["backlog_weeks"], book["order_lead_time_weeks"]
    over = np.nan_to_num(np.maximum(weeks - quoted, 0.0))
    pace = np.divide(book["order_backlog"], weeks, out=np.zeros(weeks.shape), where=weeks > 0)
    late = constrained_demand.sums("product").on(book, default=0.0)["backlog"]
    units = -np.minimum(over * pace, late)
    waiting = late > threshold["share_of_backlog"] * book["order_backlog"]
    wrong = waiting & (over > threshold["share_of_lead_time"] * np.nan_to_num(quoted, nan=np.inf))
    worst = at_worst(units, wrong)
    return sized(
        book.keys,
        book.months,
        "product",
        plan=np.where(worst, book["order_backlog"] + units, 0.0),
        reference=np.where(worst, book["order_backlog"], 0.0),
        gap_units=np.where(worst, units, 0.0),
        gap_value=np.where(
            worst, units * contribution(unit_economics.on(book), selling_prices), 0.0
        ),
        wrong=wrong,
    )
