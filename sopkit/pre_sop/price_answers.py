"""How demand answers the price that a lever or scenario changes, as far as it is known."""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Series

from sopkit.tables.hierarchies import is_within

PRICE = ("item_costs", "price")


def answered(changes: DataFrame, tables: Mapping[str, DataFrame | None]) -> Series:
    """Mark the changes of a price whose demand answers in the plan, for all of their products."""
    return Series(
        [
            (row["table"], row["column"]) == PRICE and _elasticities(row, tables)[1] == 0
            for row in changes.to_dict("records")
        ],
        index=changes.index,
        dtype=bool,
    )


def in_words(change: Mapping, assumes: str, tables: Mapping[str, DataFrame | None]) -> str:
    """What is said of demand behind the statement of a change of prices: how it answers, or that it
    is taken not to, where no elasticity is known."""
    known, silent = _elasticities(change, tables)
    if not silent:
        return "; " + _range(known)
    supposed = f", if {assumes}" if assumes else ", with demand as it is"
    products = silent + len(known["product"].unique())
    return supposed + (f" for {silent} of {products} products" if len(known) else "")


def _elasticities(change, tables):
    """The elasticities of the changed products, and the number of products without one."""
    products, table = tables["products"], tables.get("price_elasticity")
    chosen = Series(True, index=products.index)
    for name in ("family", "product"):
        if not pd.isna(change.get(name)):
            chosen &= is_within(products[name], change[name], tables.get("product_groups"))
    mine = products.loc[chosen, "product"]
    if table is None:
        return DataFrame({"product": []}), len(mine)
    known = table[table["in_plan"] & table["product"].isin(mine)]
    return known, int((~mine.isin(known["product"])).sum())


def _range(known):
    """`demand answers by -1.5 % for each 1 % (95 % interval -1.9 to -1.1)`."""
    low, high = known["elasticity_ratio"].min(), known["elasticity_ratio"].max()
    said = f"{high:.1f}" if round(low, 1) == round(high, 1) else f"{low:.1f} to {high:.1f}"
    ends = known["low_ratio"].min(), known["high_ratio"].max()
    sure = "as stated" if pd.isna(ends[0]) else f"95 % interval {ends[0]:.1f} to {ends[1]:.1f}"
    return f"demand answers by {said} % for each 1 % ({sure})"
