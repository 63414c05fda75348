"""The budget: what it comes to by month, and that of product groups made that of their families.

A row of `budget` may name a group. The rows of its families, and of groups below it, are parts of
it; what they leave is split among its other families: units by the units that these sold in the
same month of the last year with sales, revenue and margin by their revenue. Where nothing was sold
the parts are equal. Units are whole and money is in cents, and parts add up to the row exactly. A
number that a row does not give is left to the rows above it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.input_entries import largest_remainder
from sopkit.master_data.sales import with_known_revenue
from sopkit.tables.hierarchies import is_group, is_within, within
from sopkit.tables.periods import YEAR

BUDGETED = ("quantity", "revenue", "margin")  # what a budget gives, in whole or in part
BY = {"quantity": "quantity", "revenue": "revenue", "margin": "revenue"}  # a number: split by
WHOLE = {"quantity": 1.0, "revenue": 100.0, "margin": 100.0}  # whole parts of a unit, of money
NEVER_NEGATIVE = ("quantity", "revenue")
NEAR = 0.005  # units, and money: less is rounding


def total_budget(budget: DataFrame, measure: str) -> Series:
    """Sum one measure of the budget by month; not known unless every row of the month gives it.

    Returns
    -------
    period : value [the measure's unit]
    """
    return budget.groupby("period")[measure].agg(lambda one: one.sum(skipna=False))


class SplitBudget(NamedTuple):
    """The budget by family; and what cannot be split, by row label."""

    rows: DataFrame
    conflicts: dict[int, str]


def with_budget_by_family(tables: Mapping[str, DataFrame]) -> Mapping[str, DataFrame]:
    """Split the budget of groups in a company's tables; those handed in where it names none.

    Raises
    ------
    ValueError : a group's budget is less than its families' or leaves no family, with the row.
    """
    budget, groups = tables.get("budget"), tables.get("product_groups")
    if budget is None or not is_group(budget["family"], groups).any():
        return tables
    split = budget_by_family(budget, tables["products"], tables["sales_history"], groups)
    if split.conflicts:
        raise ValueError("budget: " + "\n".join(split.conflicts.values()))
    return {**tables, "budget": split.rows}


def budget_by_family(
    budget: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    product_groups: DataFrame | None,
) -> SplitBudget:
    """Split the rows of groups among the families below them, the lower rows first.

    Returns
    -------
    the columns of budget, by family and period; parts keep their row's currency
    """
    families = Series(sorted(products["family"].unique()), dtype="str")
    sold = _sold(products, sales_history, families)
    parts, conflicts = [budget.head(0)], {}
    for period, rows in budget.groupby("period"):
        made, told = _of_month(rows, families, _weights(sold, period), product_groups)
        parts.append(made)
        conflicts |= told
    split = pd.concat(parts, ignore_index=True).astype(budget.dtypes)
    return SplitBudget(split.sort_values(["family", "period"], ignore_index=True), conflicts)


def _of_month(
    rows: DataFrame,
    families: Series,
    weights: DataFrame,
    product_groups: DataFrame | None,
) -> tuple[DataFrame, dict[int, str]]:
    """The budget of a month by family, and why rows cannot be split; the narrower rows first."""
    inside = {
        label: is_within(families, name, product_groups) for label, name in rows["family"].items()
    }
    given = DataFrame(np.nan, index=families.index, columns=list(BY))
    part_of = Series(-1, index=families.index)  # the narrowest row that a family is part of
    order = {
        label: (where.sum(), len(within(rows.loc[label, "family"], product_groups)))
        for label, where in inside.items()
    }
    conflicts = {}
    for label in sorted(inside, key=lambda each: order[each]):
        told = _split(rows.loc[label], inside[label], given, weights)
        if told:
            conflicts[label] = told
        part_of[inside[label] & (part_of < 0)] = label
    some = given.notna().any(axis=1)
    made = rows.loc[part_of[some]].assign(family=families[some].array)
    return made.assign(**{name: given.loc[some, name].array for name in BY}), conflicts


def _split(row: Series, inside: np.ndarray, given: DataFrame, weights: DataFrame) -> str:
    """Give the families of a row what narrower rows leave of it; why it cannot be split."""
    free = {name: inside & given[name].isna().to_numpy() for name in BY}
    rest = {name: row[name] - given.loc[inside & ~free[name], name].sum() for name in BY}
    for name in BY:
        if told := _wrong(row, name, rest[name], free[name]):
            return told
    for name in BY:
        if not np.isnan(rest[name]):
            parts = _parts(rest[name], weights.loc[free[name], name], WHOLE[name])
            given.loc[free[name], name] = parts
    return ""


def _parts(amount: float, weights: Series, whole: float) -> np.ndarray:
    if len(weights) == 1:  # a family's own
        return np.array([amount])
    shares = weights if weights.sum() > 0 else weights + 1.0  # equal where nothing was sold
    return np.sign(amount) * largest_remainder(abs(amount) * whole, shares) / whole


def _wrong(row: Series, name: str, rest: float, free: np.ndarray) -> str:
    """Why what is left of a number cannot be split; empty where it can, or is not given."""
    where = f"family={row['family']} period={row['period']}"
    held = f"{row[name] - rest:,.10g}"
    if name in NEVER_NEGATIVE and rest < -NEAR:
        return f"{where} has {name}={row[name]:,.10g}, less than the {held} of rows below it"
    if abs(rest) > NEAR and not free.any():
        return f"{where} has {name}={row[name]:,.10g}, but its families have {held} already"
    return ""


def _sold(products: DataFrame, sales_history: DataFrame, families: Series) -> dict[str, DataFrame]:
    """Units and revenue sold, months x families; revenue is units where it is not known."""
    family = sales_history["product"].map(products.set_index("product")["family"])
    sales = with_known_revenue(sales_history)
    if sales["revenue"].isna().any():
        sales = sales.assign(revenue=sales["quantity"])
    sums = sales.assign(family=family).pivot_table(
        index="period", columns="family", values=["quantity", "revenue"], aggfunc="sum"
    )
    return {n: sums[n].reindex(columns=families).fillna(0.0) for n in ("quantity", "revenue")}


def _weights(sold: Mapping[str, DataFrame], period: pd.Period) -> DataFrame:
    """What each family's part of a month weighs, for each number."""
    known = sold["quantity"].index
    month = period - YEAR
    while len(known) and month > known.max():
        month -= YEAR
    if month not in known:
        return DataFrame(1.0, index=range(sold["quantity"].shape[1]), columns=list(BY))
    return DataFrame({name: sold[by].loc[month].to_numpy() for name, by in BY.items()})
