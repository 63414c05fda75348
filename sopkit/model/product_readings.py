"""Read products and families into the parameters of the supply programme."""

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.selling_prices import prices_on
from sopkit.master_data.supply_modes import is_storable
from sopkit.model.parameters import Families, Items
from sopkit.model.refusals import refuse
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys, keys_of

PRICES = (
    "price",
    "material_cost",
    "holding_cost",
    "backlog_cost",
    "lost_sale_cost",
    "subcontract_cost",
    "subcontract_limit",
    "subcontract_lead_time_days",
)


@remembered
def read_families(products: DataFrame, supply_policy: DataFrame | None) -> Families:
    """The families with their strategy and its settings; optimal where the policy has no row."""
    codes = pd.Index(products["family"].drop_duplicates().sort_values())
    if supply_policy is None:
        unknown, nothing = np.full(len(codes), np.nan), np.zeros(len(codes))
        return Families(
            codes,
            strategy=np.full(len(codes), "optimal", dtype=object),
            holds_rate=np.ones(len(codes), dtype=bool),
            overtime=unknown,
            outside=unknown,
            chase_by=np.full(len(codes), "", dtype=object),
            kept=np.zeros(len(codes), dtype=bool),
            rate_up=nothing,
            rate_down=nothing,
            plan_change_cost=nothing,
        )
    policy = supply_policy.set_index("family").reindex(codes)
    return Families(
        codes,
        strategy=policy["strategy"].fillna("optimal").to_numpy(dtype=object),
        holds_rate=(policy["level_basis"].fillna("rate") == "rate").to_numpy(),
        overtime=policy["overtime_allowed"].astype("float64").to_numpy(),
        outside=policy["subcontract_allowed"].astype("float64").to_numpy(),
        chase_by=policy["chase_by"].fillna("").to_numpy(dtype=object),
        kept=policy["crew_kept"].fillna(False).to_numpy(dtype=bool),
        rate_up=policy["rate_increase_cost"].fillna(0.0).to_numpy(),
        rate_down=policy["rate_decrease_cost"].fillna(0.0).to_numpy(),
        plan_change_cost=policy["plan_change_cost"].fillna(0.0).to_numpy(),
    )


@remembered
def read_items(
    products: DataFrame,
    months: PeriodIndex,
    families: Families,
    unit_economics: ArrayTable,
    selling_prices: ArrayTable | None = None,
) -> Items:
    """The products with their costs by month and their shelf life.

    Raises
    ------
    ValueError : a product of the costs is not known, or a cost is missing in a planned month.
    """
    table = products[["product", "family", "shelf_life_months"]].sort_values("product")
    codes = pd.Index(table["product"])
    known = unit_economics.keys
    refuse(
        codes.get_indexer(known["product"]) < 0,
        known.frame,
        "unit_economics",
        "product must be in products",
    )
    prices = unit_economics.on(ArrayTable(Keys(table[["product"]]), months, {}), default=np.nan)
    grids = [prices[name] for name in PRICES]
    grids[0] = prices_on(prices, selling_prices)
    gap = np.argwhere(np.isnan(np.stack(grids[:4])))
    if len(gap):
        column, item, month = gap[0]
        raise ValueError(
            f"unit_economics: {PRICES[column]} must be known in every planned month;"
            f" product={codes[item]}  period={months[month]} has none\n"
            "  Add a row to item_costs that applies from that month or earlier."
        )
    grids[4] = np.nan_to_num(grids[4], nan=0.0)
    grids[6] = np.nan_to_num(grids[6], nan=np.inf)
    grids[7] = np.nan_to_num(grids[7])[:, 0]
    keeps = np.floor(table["shelf_life_months"].fillna(np.inf).to_numpy())
    keeps = np.where(is_storable(products, keys_of(table, "product")), keeps, 0.0)
    return Items(codes, families.codes.get_indexer(table["family"]), *[*grids, keeps])
