"""Read sources, bills of materials and open orders into the parameters of the supply programme.

What is not given does not limit: a component of unknown stock is there until a new order could
have arrived, a source without a lead time delivers at once.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex
from scipy.sparse import csr_array

from sopkit.master_data.bom import co_products, stocked_usage
from sopkit.master_data.lead_times import month_days
from sopkit.master_data.sources import ANY_SITE, open_orders, receivable, source_terms
from sopkit.model.parameters import Assemblies, Materials, Purchases, Stocks
from sopkit.model.requirements import requirements
from sopkit.model.supplier_notice import most_new
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.periods import months_of


def purchases(
    stocks: Stocks,
    items: pd.Index,
    planning_periods: DataFrame,
    demand: ArrayTable,
    material_cost: np.ndarray,
    sources: DataFrame | None,
    bill_of_materials: DataFrame | None,
) -> Purchases:
    """The suppliers' ways of finished products to the sites that hold them.

    A unit costs what its source asks, and the product's material cost where it says nothing.
    """
    terms = source_terms(sources, months_of(planning_periods))
    terms = terms.keep(_codes(terms.keys, "item").isin(items))
    bought = _bought(terms.keys)  # from several sources, maybe
    rate = requirements(bought, demand, bill_of_materials)
    rate = rate[bought.get_indexer(_codes(terms.keys, "item"))]
    ways, source, stock = _purchase_ways(terms.keys, stocks.keys)
    cost = terms["unit_cost"][source]
    cost = np.where(np.isnan(cost), material_cost[stocks.item[stock]], cost)
    return Purchases(
        keys=ways,
        stock=stock,
        source=source,
        cost=cost,
        least=np.nan_to_num(terms["min_order"])[source],
        multiple=np.nan_to_num(terms["order_multiple"])[source],
        most=receivable(terms, rate, month_days(planning_periods)),
        codes=_source_names(terms.keys),
        freight=np.nan_to_num(terms["inbound_freight_cost"])[source],
    )


@remembered
def _codes(keys: Keys, name: str) -> pd.Index:
    return pd.Index(keys[name])


@remembered
def _bought(sources: Keys) -> pd.Index:
    return pd.Index(sources["item"]).drop_duplicates()


@remembered
def _source_names(keys: Keys) -> pd.Index:
    frame = keys.frame
    return pd.Index((frame["item"] + " from " + frame["supplier"]).astype("str"), dtype="str")


@remembered
def _purchase_ways(sources: Keys, stocks: Keys) -> tuple[Keys, np.ndarray, np.ndarray]:
    """Each source with each stock of its product that it delivers to."""
    given = sources.frame.reset_index(names="source").rename(columns={"item": "product"})
    held = stocks.frame.reset_index(names="stock").rename(columns={"site": "held_at"})
    ways = given.merge(held, on="product")
    ways = ways[(ways["site"] == ways["held_at"]) | (ways["site"] == ANY_SITE)]
    ways = ways.assign(site=ways["held_at"]).reset_index(drop=True)
    keys = Keys(ways[["product", "site", "supplier"]])
    return keys, ways["source"].to_numpy(dtype=int), ways["stock"].to_numpy(dtype=int)


def materials(
    products: DataFrame,
    codes: pd.Index,
    planning_periods: DataFrame,
    demand: ArrayTable,
    bill_of_materials: DataFrame | None,
    components: DataFrame | None,
    sources: DataFrame | None,
    purchase_orders: DataFrame | None,
    planning_fences: DataFrame | None = None,
) -> Materials:
    """The components whose stock, lead time, notice or supply limit is given, and what takes
    them."""
    months = months_of(planning_periods)
    if bill_of_materials is None:
        return _none(codes, months)
    usage = stocked_usage(bill_of_materials, products, components, sources)
    parts, direct, into = material_usage(usage, codes)
    rate = requirements(parts, demand, bill_of_materials)
    terms = source_terms(sources, months)
    place, lead = _sources_of(terms, parts)
    on_hand = on_hand_of(parts, components)
    brought = receivable(terms, rate[np.maximum(place, 0)], month_days(planning_periods))[
        place >= 0
    ]
    most = np.zeros(rate.shape)
    np.add.at(most, place[place >= 0], brought)
    most[~np.isin(np.arange(len(parts)), place)] = np.inf
    coming = open_orders(parts, planning_periods, purchase_orders)
    most = np.minimum(most, most_new(parts, planning_fences, coming))
    most[_not_checked(most, np.isnan(on_hand))] = np.inf
    limited = np.asarray(np.isfinite(most).any(axis=1))
    bound = _with_what_they_go_into(limited, into)
    coming[:, 0] += np.nan_to_num(on_hand)
    return Materials(
        codes=parts[bound],
        coming=coming[bound],
        receivable=most[bound],
        usage=direct[bound],
        into=into[bound][:, bound],
        lead=lead[bound],
    )


def _not_checked(most: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """The months in which a component of unknown stock is not held to limit anything: those before
    a new order can arrive, and all where no supply limit follows."""
    before = np.cumsum(most, axis=1) == 0
    unlimited = ~np.isfinite(most).all(axis=1)
    return unknown[:, None] & (before | unlimited[:, None])


def _with_what_they_go_into(limited: np.ndarray, into: csr_array) -> np.ndarray:
    """Positions of limited components, and of those that are made of them on any level."""
    while (more := limited | (into.T @ limited > 0)).sum() > limited.sum():
        limited = more
    return np.flatnonzero(limited)


@remembered
def material_usage(usage: DataFrame, codes: pd.Index) -> tuple[pd.Index, csr_array, csr_array]:
    """The items that are no products, their use in products, and in one another.

    Parameters
    ----------
    usage : of `bom.stocked_usage`
    codes : of products

    Returns
    -------
    items, items x products [units per unit], items x items [units per unit]
    """
    usage = usage[~usage["item"].isin(codes)]
    parts = pd.Index(usage["item"].drop_duplicates().sort_values(), dtype="str")
    row, units = parts.get_indexer(usage["item"]), usage["quantity_per_unit"].to_numpy()

    def matrix(parents: pd.Index) -> csr_array:
        column = parents.get_indexer(usage["parent"])
        known = column >= 0
        return csr_array((units[known], (row[known], column[known])), (len(parts), len(parents)))

    return parts, matrix(codes), matrix(parts)


@remembered
def _sources_of(terms: ArrayTable, parts: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """The part that each source delivers, -1 of others, and the lead time of each part's first."""
    place = parts.get_indexer(pd.Index(terms.keys["item"]))
    lead = np.zeros(len(parts))
    days = np.nan_to_num(terms["lead_time_days"])
    for row in np.flatnonzero(place >= 0)[::-1]:
        lead[place[row]] = days[row, -1]
    return place, lead


@remembered
def on_hand_of(parts: pd.Index, components: DataFrame | None) -> np.ndarray:
    """Stock of each component, nan where it is not given."""
    if components is None:
        return np.full(len(parts), np.nan)
    known = components.set_index("component")["on_hand"].astype("float64")
    return known.reindex(parts).to_numpy()


def _none(codes: pd.Index, months: PeriodIndex) -> Materials:
    nothing = np.zeros((0, len(months)))
    no_use = csr_array((0, len(codes)))
    return Materials(
        pd.Index([], dtype="str"), nothing, nothing, no_use, csr_array((0, 0)), np.zeros(0)
    )


@remembered
def assemblies(
    stocks: Stocks,
    products: DataFrame,
    bill_of_materials: DataFrame | None,
    components: DataFrame | None,
    sources: DataFrame | None,
) -> Assemblies:
    """What production takes from the stock of other products, and which co-products it adds.

    A product is taken from the stock of the site that uses it, and where that holds none, of the
    first site that makes it.
    """
    count = len(stocks.keys)
    if bill_of_materials is None:
        return Assemblies(csr_array((count, count)), csr_array((count, count)))
    usage = stocked_usage(bill_of_materials, products, components, sources)
    return Assemblies(
        _between_stocks(stocks, usage), _between_stocks(stocks, co_products(bill_of_materials))
    )


def _between_stocks(stocks: Stocks, rows: DataFrame) -> csr_array:
    held = stocks.keys.frame.reset_index(names="stock").assign(makes=stocks.makes)
    rows = rows[rows["item"].isin(held["product"])]
    at = held.rename(columns={"product": "parent", "stock": "column"}).drop(columns="makes")
    pairs = rows.merge(at, on="parent")
    own = held.rename(columns={"product": "item", "stock": "row"})[["item", "site", "row"]]
    pairs = pairs.merge(own, on=["item", "site"], how="left")
    first = held.sort_values("makes", ascending=False, kind="stable").drop_duplicates("product")
    elsewhere = pairs["item"].map(first.set_index("product")["stock"])
    row = pairs["row"].fillna(elsewhere).to_numpy(dtype=int)
    place = (row, pairs["column"].to_numpy(dtype=int))
    units = pairs["quantity_per_unit"].to_numpy(dtype=float)
    return csr_array((units, place), (len(stocks.keys), len(stocks.keys)))
