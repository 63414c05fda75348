"""The inputs of the functions by product and market."""

import pandas as pd
from pandas import DataFrame

from sopkit.master_data.input_entries import (
    CELL,
    cells_of,
    conflicts_told,
    is_split,
    scope_told,
    split_entries,
)
from sopkit.master_data.versions import latest
from sopkit.schema.tables import TABLES
from sopkit.tables import empty
from sopkit.tables.hierarchies import NO_GROUPS, Hierarchies


def disaggregated_inputs(
    planning_periods: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    baseline_forecast: DataFrame,
    launch_plan: DataFrame,
    demand_inputs: DataFrame | None = None,
    product_mix: DataFrame | None = None,
    groups: Hierarchies = NO_GROUPS,
) -> DataFrame:
    """Split the inputs in force among products and markets.

    The latest version of an entry is in force, unless it withdraws the entry. What is entered for a
    family, a group, or all markets is split by its rule; what the same contributor enters below it
    wins, and the remainder is split among the rest. An entry made for an earlier cycle is carried.

    Returns
    -------
    function, product, market, period, contributor : quantity, entered_quantity [units],
        entered_for, carried, author, reason, version, split_rule, submitted_on, assumption, comment

    Raises
    ------
    ValueError : an entry cannot be split, see `input_entries.split_entries`.

    References
    ----------
    Balinski & Young, Fair Representation, ch. 3 (largest remainders)
    """
    if demand_inputs is None or demand_inputs.empty:
        return empty("disaggregated_inputs")
    entries = latest("demand_inputs", demand_inputs)
    parts = entries[[*CELL, "quantity"]].rename_axis("row").reset_index()
    whole = is_split(entries, groups.market_groups)
    if whole.any():
        known = (planning_periods, products, baseline_forecast, launch_plan, sales_history)
        split = split_entries(entries, cells_of(*known, product_mix), groups)
        if split.conflicts:
            raise ValueError("\n".join(conflicts_told(split.conflicts, demand_inputs)))
        parts = split.rows
    said = entries.drop(columns=[*CELL, "quantity"]).loc[parts["row"]].reset_index(drop=True)
    rows = pd.concat([parts.reset_index(drop=True), said], axis=1)
    rows["entered_quantity"] = entries["quantity"].loc[rows["row"]].array
    rows["entered_for"] = scope_told(entries).loc[rows["row"]].array
    rows["contributor"] = rows["contributor"].fillna(rows["function"])
    rows["carried"] = (rows["cycle"] < planning_periods["period"].min()).fillna(False).astype(bool)
    rows["split_rule"] = rows["split_rule"].fillna("baseline").where(whole.loc[rows["row"]].array)
    key = list(TABLES["disaggregated_inputs"].key)
    return rows.sort_values(key, ignore_index=True)[list(TABLES["disaggregated_inputs"].columns)]


def by_function(disaggregated_inputs: DataFrame) -> DataFrame:
    """Join the contributors of a function: where several expect something of a product, market and
    month, their mean is the function's.

    Returns
    -------
    function, product, market, period : quantity [units], author, reason, submitted_on,
        assumption, is_final
    """
    key = ["function", *CELL]
    columns = [*key, "quantity", "author", "reason", "submitted_on", "assumption", "is_final"]
    rows = disaggregated_inputs[columns]
    rows = rows.assign(is_final=rows["is_final"].fillna(False).astype(bool))
    if not rows.duplicated(key).any():
        return rows
    ways = {"quantity": "mean", "author": _joined, "reason": _joined, "submitted_on": "max"}
    joined = rows.groupby(key, as_index=False).agg(
        ways | {"assumption": "first", "is_final": "any"}
    )
    return joined[columns].astype(rows.dtypes)


def _joined(texts):
    return "; ".join(dict.fromkeys(texts))
