"""What touches an item: its orders, the gaps that it is part of, and their decisions."""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Series

from sopkit.reporting.exhibits.pre_sop import family_of
from sopkit.reporting.pre_read.families import gap_lines
from sopkit.reporting.pre_read.page import Sign, Table, Words, clipped, heads, row
from sopkit.schema.formatting import capitalised, day, whole

SHOWN_ORDERS, SHOWN_GAPS = 6, 6
KINDS = (  # table, what its rows are, and who is at the other end
    ("sales_orders", "Customer order", "market"),
    ("purchase_orders", "Purchase order", "supplier"),
    ("planned_orders", "Planned purchase order", "supplier"),
)


def orders(own: Mapping[str, DataFrame]) -> list[Table]:
    """Open customer and purchase orders and those to be placed, the first due first.

    Parameters
    ----------
    own : sales_orders, purchase_orders and planned_orders of one product, as far as they are known
    """
    found = [
        own[name].assign(kind=kind, other=own[name].get(other))
        for name, kind, other in KINDS
        if own.get(name) is not None and len(own[name])
    ]
    if not found:
        return []
    rows = pd.concat(found)[["kind", "order_number", "other", "due_day", "quantity"]]
    rows = rows.sort_values("due_day", kind="stable")
    cells = [
        row(one.kind, one.order_number, one.other, day(one.due_day),
            whole(one.quantity))
        for one in rows.head(SHOWN_ORDERS).itertuples()
    ]  # fmt: skip
    note = f"the first {SHOWN_ORDERS} of {len(rows)}" if len(rows) > SHOWN_ORDERS else ""
    head = heads("Order", "Number", "Market or supplier", "Due", "Units")
    return [Table([head], cells, "Orders", note, names=3)]


def gaps_of(
    gaps: DataFrame, products: DataFrame, production_plan: DataFrame | None, product: Series
) -> DataFrame:
    """The gaps of a product, of its resources and of its family, in this order.

    Parameters
    ----------
    production_plan : of the product
    product : its row of `products`
    """
    resources = [] if production_plan is None else production_plan["resource"].unique()
    of_family = gaps["product"].isna() & (family_of(gaps, products) == product["family"])
    parts = (gaps["product"] == product["product"], gaps["resource"].isin(resources), of_family)
    found = [gaps[part.fillna(False)] for part in parts]
    return pd.concat(found).drop_duplicates("gap")


def gaps(
    found: DataFrame, currency: str, whose: str = "of the product, its resources and its family"
) -> list[Words]:
    """The first gaps of an item in words, with what is at stake; `whose` they are."""
    lines = gap_lines(found.head(SHOWN_GAPS), currency)
    more = len(found) - SHOWN_GAPS
    note = whose + (f"; {more} more in the gap log" if more > 0 else "")
    return [Words(lines, "Gaps", note)] if lines else []


def decisions(gap_causes: DataFrame, decisions: DataFrame, found: DataFrame) -> list[Words]:
    """The decisions that the gaps of a product ask for, with what is chosen or recommended."""
    asked = gap_causes.loc[gap_causes["gap"].isin(found["gap"]), "decision"]
    rows = decisions[decisions["decision"].isin(asked)]
    lines = [
        Sign(_chosen(one), f"{capitalised(clipped(one.question, 160))} Owner: {one.owner}.")
        for one in rows.head(SHOWN_GAPS).itertuples()
    ]
    return [Words(lines, "Decisions")] if lines else []


def _chosen(decision):
    """What is chosen of a decision, or what is recommended."""
    if isinstance(decision.choice, str):
        return f"Chosen: {clipped(decision.choice, 120)}"
    return f"Recommended: {clipped(decision.recommendation, 120)}"
