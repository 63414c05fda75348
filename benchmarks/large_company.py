"""Make a company folder of thousands of products: the sample company's 24, and copies of them with own volumes and seasons.

    python benchmarks/large_company.py --products 5000 --out /tmp/large

Copies share the demand, stock and plans of the product they are made from, so that lines, suppliers and stores stay as
scarce as they are. What keeps a product from being planned in a group is left out: smallest lots, set-ups, shelf lives
and the way between sites. Deals, activities and scenarios stay with the first copy.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from sopkit.io import readers

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "summit"
PRODUCTS = ["product", "like_product", "replaces_product", "old_product"]
FIRST_COPY_ONLY = [
    "opportunities",
    "marketing_activities",
    "scenario_changes",
    "sales_orders",
    "history_corrections",
]
SEASONAL = ["sales_history", "approved_forecasts", "demand_inputs"]
SHARED = {
    "sales_history": ["quantity", "revenue"],
    "approved_forecasts": ["quantity"],
    "demand_inputs": ["quantity"],
    "purchase_orders": ["quantity"],
    "inventory": ["on_hand"],
    "inventory_policy": ["min_inventory", "max_inventory", "ending_inventory"],
    "item_costs": ["subcontract_limit"],
    "approved_supply_plans": ["regular", "inventory", "overtime", "subcontract"],
    "production_history": ["produced", "inventory"],
}


def company(copies):
    """The input tables with so many copies of each product."""
    tables = readers.read(str(SAMPLE))
    own = tables["products"]["product"]
    tables.pop("transfer_lanes")
    tables["products"] = tables["products"].assign(shelf_life_months=np.nan)
    tables["routings"] = tables["routings"].assign(
        min_lot=np.nan, setup_cost=np.nan, setup_hours=np.nan
    )
    return {
        name: _copied(name, t, own, 1 if name in FIRST_COPY_ONLY else copies)
        if "product" in t
        else _of_first(t, own)
        for name, t in tables.items()
    }


def _of_first(table, own):
    """Rows that name a product as their item are about its first copy."""
    if "item" not in table:
        return table
    product = table["item"].isin(own)
    return table.assign(item=table["item"].where(~product, table["item"] + "-0000"))


def _copied(name, table, own, copies):
    """Copies of the rows that are about a product; the others stay as they are."""
    mine = table["product"].isin(own)
    rows = table[mine].merge(pd.DataFrame({"copy": range(copies)}), how="cross")
    product = pd.Index(own).get_indexer(rows["product"])
    share = np.random.default_rng(1).dirichlet(np.full(copies, 2.0), len(own))[
        product, rows["copy"]
    ]
    if name in SEASONAL:
        moved = np.random.default_rng(2).uniform(0, 12, (len(own), copies))[product, rows["copy"]]
        share = share * (1 + 0.3 * np.sin((rows["period"].dt.month + moved) * np.pi / 6))
    for column in SHARED.get(name, []):
        rows[column] = rows[column] * share
    suffix = "-" + rows["copy"].astype("str").str.zfill(4)
    for column in [*PRODUCTS, "launch"]:
        if column in rows:
            rows[column] = rows[column] + suffix
    return pd.concat([rows.drop(columns="copy"), table[~mine]], ignore_index=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", type=int, default=5000)
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must not exist")
    given = parser.parse_args()
    tables = company(round(given.products / 24))
    given.out.mkdir(parents=True)
    for name, table in tables.items():
        for column in table.select_dtypes(pd.PeriodDtype):
            table[column] = table[column].astype("str")
        table.to_parquet(given.out / f"{name}.parquet", index=False)
        print(f"{name}: {len(table):,} rows")


if __name__ == "__main__":
    main()
