"""Measure planning by groups: cost, service and units beside the full programme, and time and memory by size.

    python benchmarks/portfolio.py [--compared 24,500] [--large 10000]

The company is the sample company's 24 products and copies of them: copies share its demand and its stock, each with an
own season and an own volume, so that lines, suppliers and stores stay as scarce as they are. Its way between sites, its
smallest lots, set-ups and shelf lives are left out, for products that have them are planned by themselves. Each line is a
supply review (four strategies) in a process of its own.
"""

import argparse
import json
import multiprocessing
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sopkit.cycle import replanning
from sopkit.io import readers
from sopkit.model.comparison import of_record
from sopkit.model.readings import SupplyInputs
from sopkit.rules.call import inputs_of
from sopkit.supply.strategies import supply_review

ROOT = Path(__file__).resolve().parent.parent
LOTS = ["min_lot", "setup_cost", "setup_hours"]
PARTS = [
    "baseline",
    "launch_demand",
    "activity_demand",
    "opportunity_demand",
    "override",
    "consensus",
    "lower_80",
    "upper_80",
]
SHARED = {  # columns that the copies share
    "demand_plan": PARTS,
    "item_locations": ["on_hand"],
    "purchase_orders": ["quantity"],
    "inventory_targets": ["safety_stock", "target_inventory", "max_inventory"],
    "inventory_policy": ["min_inventory", "max_inventory", "ending_inventory"],
    "unit_economics": ["subcontract_limit"],
    "approved_supply_plans": ["regular", "overtime", "subcontract"],
}
COPIED = [*SHARED, "products", "routings", "bill_of_materials"]


def company(copies):
    """The tables of the supply review with so many copies of each product."""
    inputs = readers.read(str(ROOT / "data" / "summit"))
    plan = replanning.replan(inputs, "2026-10", until="40_supply_review")
    known = {
        name: table
        for name, table in {**inputs, **plan}.items()
        if name in inputs_of(supply_review)
    }
    known.pop("transfer_lanes")
    known["routings"] = known["routings"].assign(**dict.fromkeys(LOTS, np.nan))
    known["products"] = known["products"].assign(shelf_life_months=np.nan)
    known["item_locations"] = known["item_locations"][known["item_locations"]["produced_here"]]
    kept = known["item_locations"][["product", "site"]]
    for name in ("inventory_targets", "purchase_orders", "approved_supply_plans"):
        known[name] = known[name].merge(kept, on=["product", "site"])
    own = known["products"]["product"]
    return known | {name: _copied(name, known[name], own, copies) for name in COPIED}


def _copied(name, table, own, copies):
    """Copies of the rows that are about a product; bills of parts stay as they are."""
    mine = table["product"].isin(own)
    rows = table[mine].merge(pd.DataFrame({"copy": range(copies)}), how="cross")
    shares = np.random.default_rng(1).dirichlet(np.full(copies, 2.0), len(own))
    product = pd.Index(own).get_indexer(rows["product"])
    share = shares[product, rows["copy"]]
    if name == "demand_plan" and copies > 1:
        moved = np.random.default_rng(2).uniform(0, 12, (len(own), copies))[product, rows["copy"]]
        share = share * (1 + 0.3 * np.sin((rows["period"].dt.month + moved) * np.pi / 6))
    for column in SHARED.get(name, []):
        rows[column] = rows[column] * share
    rows["product"] = rows["product"] + "-" + rows["copy"].astype(str)
    return pd.concat([rows.drop(columns="copy"), table[~mine]], ignore_index=True).astype(
        {"product": "str"}
    )


def measured(copies, grouped):
    """Time, memory and the plan of record of one review."""
    tables = company(copies)
    tables["company_settings"] = tables["company_settings"].assign(
        aggregate_from_products=1 if grouped else 10**9
    )
    before = time.perf_counter()
    plans = supply_review(SupplyInputs(**tables))
    took = time.perf_counter() - before
    service = of_record(plans.strategy_comparison)
    made = plans.supply_plan
    made = made[["regular", "overtime", "subcontract"]].sum(axis=1).groupby(made["product"]).sum()
    check = plans.aggregation_check
    return {
        "products": len(made),
        "by groups": grouped,
        "seconds": took,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cost": service["cost"],
        "served in time": service["fill_rate"],
        "units": made.sum(),
        "sample: units otherwise": check["produced_differently"].sum()
        / max(check["produced_grouped"].sum(), 1e-9),
        "sample: cost": check["cost"].sum() / max(check["cost_exact"].sum(), 1e-9) - 1,
        "produced_grouped": made.to_dict(),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--compared", default="24,504", help="numbers of products to plan both ways"
    )
    parser.add_argument("--large", default="10008", help="numbers of products to plan by groups")
    given = parser.parse_args()
    runs = [
        (int(n) // 24, grouped) for n in given.compared.split(",") if n for grouped in (False, True)
    ]
    runs += [(int(n) // 24, True) for n in given.large.split(",") if n]
    made = {}
    for copies, grouped in runs:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(measured, (copies, grouped))
        made[grouped] = pd.Series(row.pop("produced_grouped"))
        if grouped and copies in [c for c, g in runs if not g]:
            row["units of another product"] = (
                np.abs(made[True] - made[False]).sum() / 2 / made[False].sum()
            )
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
