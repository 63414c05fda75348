"""Which products are planned together: those of one family that are made, held and owed alike.

A product for which a group is too coarse is planned individually, beside the groups: one with a
shelf life, smallest lots, set-ups, steps of making, lead times, suppliers, rules of its own, or a
way to another site, one that goes into other products or comes with them.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model.parameters import Facts
from sopkit.supply.group_rules import ruled_products

# Products; smaller companies keep the exact plan when `company_settings` does not say. From some
# 200 on the effort of the exact programme grows faster than what it is better by.
GROUPED_FROM = 200
ALIKE = ".5g"  # digits to which hours and parts of a standard unit must agree


class Groups(NamedTuple):
    """The group in which each product is planned; an individual product is a group of one."""

    codes: pd.Index
    of_item: np.ndarray
    unit: np.ndarray  # standard units that one unit of each product is
    volume: np.ndarray  # demand of each product
    several: np.ndarray  # whether the group of each product has others


def planning_groups(
    facts: Facts, company_settings: DataFrame | None = None, alone: Iterable[int] = ()
) -> Groups | None:
    """Group the products where the company has as many as `company_settings` says; None where it
    has fewer, or none are alike.

    `alone` are positions of products to be planned individually.
    """
    least = (
        np.nan
        if company_settings is None
        else company_settings["aggregate_from_products"].astype("float64").iloc[0]
    )
    if len(facts.items.codes) < (GROUPED_FROM if np.isnan(least) else least):
        return None
    alike, scale = _alike(facts)
    single = _single(facts)
    single[[*alone, *ruled_products(facts)]] = True
    alike = np.where(single, alike.max() + 1 + np.arange(len(alike)), alike)
    alike = np.unique(alike, return_inverse=True)[1]
    several = np.bincount(alike)[alike] > 1
    if not several.any():
        return None
    names = pd.Series(facts.items.codes.to_numpy(dtype=object))
    family = pd.Series(facts.families.codes.to_numpy(dtype=object)[facts.items.family])
    number = pd.Series(alike).where(several).groupby(family).rank(method="dense")
    names[several] = family[several] + " group " + number[several].astype(int).astype(str)
    codes, of_item = np.unique(names.to_numpy(dtype=str), return_inverse=True)
    volume = _volume(facts)
    mean = np.bincount(of_item, volume * scale) / np.bincount(of_item, volume)
    unit = np.where(several, scale / mean[of_item], 1.0)
    return Groups(pd.Index(codes, dtype="str"), of_item, unit, volume, several)


def _alike(f):
    """A number for each product, the same for those that may share a group, and the hours they are
    counted in."""
    routes, stocks, part = f.routes, f.stocks, f.materials.usage.tocoo()
    scale, taken = np.ones(len(f.items.codes)), routes.hours[:, 0]
    scale[routes.item[::-1]] = np.where(taken > 0, taken, 1.0)[::-1]
    item = [stocks.item, routes.item, part.col, f.wants.item]
    said = [
        [f"at {site} {makes}" for site, makes in zip(stocks.site, stocks.makes, strict=True)],
        [
            f"on {resource} {site} {hours:{ALIKE}}"
            for resource, site, hours in zip(
                routes.resource,
                stocks.site[routes.stock],
                taken / scale[routes.item],
                strict=True,
            )
        ],
        [
            f"of {row} {used:{ALIKE}}"
            for row, used in zip(part.row, part.data / scale[part.col], strict=True)
        ],
        [f"waits {waits}" for waits in f.wants.waits],
    ]
    rows = pd.DataFrame(
        {"item": np.concatenate(item), "said": np.concatenate(said)}
    ).drop_duplicates()
    text = rows.sort_values(["item", "said"]).groupby("item")["said"].agg(" ".join)
    kind = pd.factorize(text.reindex(range(len(scale)), fill_value=""), sort=True)[0]
    outside = np.unique(np.isnan(f.items.outside), axis=0, return_inverse=True)[1].ravel()
    both = np.stack([f.items.family, kind, outside], axis=1)
    return np.unique(both, axis=0, return_inverse=True)[1].ravel(), scale


def _single(f):
    """Products that the programme must plan individually."""
    single, routes = np.isfinite(f.items.keeps), f.routes
    set_up = (routes.lot > 0) | (routes.setup_cost > 0) | (routes.setup_hours > 0)
    changing = (routes.hours != routes.hours[:, :1]).any(axis=1)
    single[routes.item[set_up.any(axis=1) | ~routes.yields | changing]] = True
    single[f.stocks.item[f.moves.stock]] = True
    single[f.stocks.item[f.purchases.stock]] = True
    single[routes.item[routes.lead > 0]] = single[f.items.outside_lead > 0] = True
    single[f.wants.item[f.lanes.want[f.lanes.lead > 0]]] = True
    for matrix in f.assemblies:
        for stock in matrix.tocoo().coords:
            single[f.stocks.item[stock]] = True
    return single


def _volume(f):
    """Demand of each product; a small number without demand, for means."""
    wanted = np.bincount(f.wants.item, f.wants.demand.sum(axis=1), minlength=len(f.items.codes))
    return np.maximum(wanted, 1e-6)
