"""Entries of `demand_inputs`: the split of those made for several products or markets.

An entry says how much a contributor expects of a product, a family or a market, or of a group of
these; `versions` has which are valid. What is entered for several products or markets is split
among those of them that the same contributor has no entry of a lower level for.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.product_mix import GIVEN_MIX, mix_weights, with_mix
from sopkit.schema.tables import TABLES
from sopkit.tables.hierarchies import Hierarchies, is_group, is_within, within
from sopkit.tables.periods import YEAR

CELL = ["product", "market", "period"]
SCOPE = ["family", "product", "market"]
BASELINE, LAST_YEAR, EQUAL = "baseline", "last_year", "equal"  # what an entry is split by
NEAR = 1e-6  # units
OPEN = 10**9  # names: more than any group has


class Conflict(NamedTuple):
    """An entry that cannot be split: its row label, those of the lower entries, and what is
    wrong."""

    label: int
    lower: tuple[int, ...]
    text: str


class Split(NamedTuple):
    """Entries by product and market; `row` labels the entry that each is a part of."""

    rows: DataFrame  # row, product, market, period : quantity
    conflicts: list[Conflict]


def is_split(demand_inputs: DataFrame, market_groups: DataFrame | None) -> Series:
    """Mark the entries for several products or markets."""
    markets = demand_inputs["market"]
    return demand_inputs["product"].isna() | markets.isna() | is_group(markets, market_groups)


def scope_told(entries: DataFrame) -> Series:
    """What entries are for, in words: `tents in north`, `TENT-2 in all markets`."""
    what = entries["product"].fillna(entries["family"]).fillna("all products")
    return what + " in " + entries["market"].fillna("all markets")


def cells_of(
    planning_periods: DataFrame,
    products: DataFrame,
    baseline_forecast: DataFrame,
    launch_plan: DataFrame,
    sales_history: DataFrame,
    product_mix: DataFrame | None = None,
) -> DataFrame:
    """What an entry can be split among, and by: every product and market with a baseline or a
    launch, in every planned month.

    Returns
    -------
    product, market, period : family, baseline (with launches), last_year [units], and the given
        mix, see `product_mix.with_mix`
    """
    months = planning_periods[["period"]]
    parts = [
        baseline_forecast[[*CELL, "baseline"]],
        launch_plan[[*CELL, "launch_demand"]].rename(columns={"launch_demand": "baseline"}),
    ]
    planned = pd.concat(parts).groupby(CELL)["baseline"].sum()
    pairs = pd.concat([part[["product", "market"]] for part in parts]).drop_duplicates()
    cells = pairs.merge(months, how="cross").sort_values(CELL, ignore_index=True)
    sold = sales_history.groupby(CELL)["quantity"].sum()
    before = pd.MultiIndex.from_frame(cells.assign(period=cells["period"] - YEAR))
    cells = with_mix(cells, product_mix)
    return cells.assign(
        family=cells["product"].map(products.set_index("product")["family"]),
        baseline=planned.reindex(pd.MultiIndex.from_frame(cells)).fillna(0.0).clip(lower=0).array,
        last_year=sold.reindex(before).fillna(0.0).clip(lower=0).array,
    )


def split_entries(entries: DataFrame, cells: DataFrame, groups: Hierarchies) -> Split:
    """Split entries in force among the products and markets that they are for; see `cells_of`.

    The entries of a lower level win: the more products and markets an entry is for, the later it is
    split, and only what its lower entries leave of it. Of two for the same, such as a group and its
    only family, the narrower name wins. Entries of different contributors do not meet.

    Returns
    -------
    The parts, which add up to each entry exactly; and the entries that cannot be split: a negative
    remainder, a remainder without anything to put it on, or a rule without weights.
    """
    above = is_split(entries, groups.market_groups)
    own = entries.loc[~above, [*CELL, "quantity"]].rename_axis("row").reset_index()
    rows, conflicts = [own], []
    for _, group in entries.groupby(["function", "contributor", "period"], dropna=False):
        if not above[group.index].any():
            continue
        of_month = cells[cells["period"] == group["period"].iloc[0]]
        parts, found = _split_group(group, of_month, groups)
        rows += parts
        conflicts += found
    return Split(pd.concat(rows, ignore_index=True), conflicts)


def _split_group(
    entries: DataFrame, cells: DataFrame, groups: Hierarchies
) -> tuple[list[DataFrame], list[Conflict]]:
    """Split the entries of one contributor for one month, the lower levels first."""
    if cells.empty:  # after the planned months
        return [], []
    given = np.full(len(cells), np.nan)
    giver = np.full(len(cells), -1)
    parts, conflicts = [], []
    inside = {label: _inside(entry, cells, groups) for label, entry in entries.iterrows()}
    breadth = {label: _breadth(entry, groups) for label, entry in entries.iterrows()}
    above = is_split(entries, groups.market_groups)
    for label in sorted(inside, key=lambda each: (inside[each].sum(), breadth[each])):
        entry, where = entries.loc[label], inside[label]
        fixed, free = where & ~np.isnan(given), where & np.isnan(given)
        remainder = entry["quantity"] - given[fixed].sum()
        rule = entry["split_rule"] if pd.notna(entry["split_rule"]) else BASELINE
        weights = _weights(rule, cells[free])
        if text := _wrong(entry, where, remainder, weights, _told(rule, cells[free])):
            conflicts.append(Conflict(label, tuple(sorted(set(giver[fixed]))), text))
            continue
        given[free], giver[free] = largest_remainder(max(remainder, 0.0), weights), label
        if above[label]:
            made = cells.loc[free, CELL].assign(row=label, quantity=given[free])
            parts.append(made[["row", *CELL, "quantity"]])
    return parts, conflicts


def _weights(rule: str, cells: DataFrame) -> np.ndarray:
    """What the cells that are left weigh under a rule."""
    if rule == EQUAL:
        return np.ones(len(cells))
    return mix_weights(cells) if rule == GIVEN_MIX else cells[rule].to_numpy()


def _told(rule: str, cells: DataFrame) -> str:
    """Why a rule has no weights for what is left, in words."""
    if rule != GIVEN_MIX:
        return f"cannot be split by {rule}, which is 0 for all that is left"
    left = ", ".join(cells["product"].unique())
    return f"cannot be split by {rule}: product_mix has no share of {left}; enter their mix_ratio"


def _breadth(entry: Series, groups: Hierarchies) -> int:
    """How many names an entry is for: tells the levels of two apart that are for the same cells."""
    things, markets = OPEN, OPEN
    if pd.notna(entry["product"]):
        things = 0
    elif pd.notna(entry["family"]):
        things = len(within(entry["family"], groups.product_groups))
    if pd.notna(entry["market"]):
        markets = len(within(entry["market"], groups.market_groups))
    return things + markets


def _inside(entry: Series, cells: DataFrame, groups: Hierarchies) -> np.ndarray:
    """Mark the cells that an entry is for."""
    inside = np.ones(len(cells), dtype=bool)
    known = {"family": groups.product_groups, "product": None, "market": groups.market_groups}
    for column, of_column in known.items():
        if pd.notna(entry[column]):
            inside &= is_within(cells[column], entry[column], of_column)
    return inside


def _wrong(entry, where, remainder, weights, no_weights) -> str:
    """Why what is left of an entry cannot be split; empty where it can."""
    lower = f"{entry['quantity'] - remainder:,.10g}"
    if not where.any():
        wrong = "have no product and market with a baseline or a launch"
    elif remainder < -NEAR:
        wrong = f"are less than the {lower} that its lower entries add up to"
    elif remainder <= NEAR:
        return ""
    elif not len(weights):
        wrong = f"are more than the {lower} of its lower entries, which leave nothing to be split"
    elif not weights.sum() > 0:
        wrong = no_weights
    else:
        return ""
    scope = scope_told(entry.to_frame().T).iloc[0]
    return f"{entry['quantity']:,.10g} units for {scope} in {entry['period']} {wrong}"


def largest_remainder(amount: float, weights: Sequence[float] | np.ndarray) -> np.ndarray:
    """Split an amount in proportion to weights, in whole units that add up to it exactly.

    Every part gets its share rounded down; the units that are left go, one each, to the largest
    remainders (Hamilton's method). What the amount has beyond whole units goes to the largest
    weight.

    Examples
    --------
    >>> largest_remainder(10, [1, 1, 1])
    array([4., 3., 3.])
    >>> largest_remainder(100.5, [3, 1])
    array([75.5, 25. ])
    """
    shares = np.asarray(weights, dtype="float64")
    if not len(shares) or not shares.sum() > 0:
        return np.zeros(len(shares))
    whole = np.floor(amount)
    exact = whole * (shares / shares.sum())
    parts = np.floor(exact)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: round(whole - parts.sum())]] += 1.0
    parts[np.argmax(shares)] += amount - whole
    return parts


def conflicts_told(conflicts: Sequence[Conflict], demand_inputs: DataFrame) -> Iterator[str]:
    """Word conflicts, with the keys of the lower entries."""
    for conflict in conflicts:
        lower = (_key(demand_inputs.loc[label]) for label in conflict.lower if label >= 0)
        named = "; ".join(lower)
        yield conflict.text + (f" ({named})" if named else "")


def _key(entry: Series) -> str:
    key = [c for c in TABLES["demand_inputs"].key if pd.notna(entry[c])]
    return " ".join(f"{c}={entry[c]:g}" if c == "version" else f"{c}={entry[c]}" for c in key)
