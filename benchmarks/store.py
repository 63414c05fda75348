"""Time the plan store on a plan of 1.2 million rows: 50 families, 5,000 products, 10 markets, 24 months.

Run: python benchmarks/store.py [database URL]
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from sopkit.io.hashing import content_hash
from sopkit.store import revisions, saving, verify
from sopkit.tables import conform

FAMILIES, PRODUCTS, MARKETS, MONTHS = 50, 5_000, 10, 24


def inputs():
    """The smallest inputs of the company: products and one month of sales each."""
    codes = [f"P{i:05d}" for i in range(PRODUCTS)]
    families = [f"F{i * FAMILIES // PRODUCTS:02d}" for i in range(PRODUCTS)]
    products = pd.DataFrame({"product": codes, "family": families, "unit_of_measure": "piece"})
    sales = pd.DataFrame({"product": codes, "market": "M0", "period": "2026-09", "quantity": 1.0})
    return {
        "products": conform("products", products),
        "sales_history": conform("sales_history", sales),
    }


def demand_plan(seed=1):
    """A demand plan of random volumes, three digits behind the point."""
    rows = PRODUCTS * MARKETS * MONTHS
    product, rest = np.divmod(np.arange(rows), MARKETS * MONTHS)
    market, month = np.divmod(rest, MONTHS)
    numbers = np.random.default_rng(seed).gamma(2.0, 50.0, (rows, 3)).round(3)
    periods = pd.period_range("2026-10", periods=MONTHS, freq="M")
    frame = pd.DataFrame(
        {
            "product": pd.Series([f"P{i:05d}" for i in range(PRODUCTS)]).take(product).to_numpy(),
            "market": pd.Series([f"M{i}" for i in range(MARKETS)]).take(market).to_numpy(),
            "period": periods.take(month),
            "baseline": numbers[:, 0],
            "launch_demand": 0.0,
            "activity_demand": 0.0,
            "opportunity_demand": 0.0,
            "override": 0.0,
            "consensus": numbers[:, 0],
            "lower_80": numbers[:, 0] - np.minimum(numbers[:, 0], numbers[:, 1]),
            "upper_80": numbers[:, 0] + numbers[:, 2],
        }
    )
    return frame.astype({"product": "str", "market": "str"})


def timed(label, action):
    """Run an action, print how long it took, and give its result."""
    start = perf_counter()
    result = action()
    print(f"{label:<42} {perf_counter() - start:6.2f} s")
    return result


def main():
    """Save, save again with 3 of 50 families changed, read, verify."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plans.sqlite"
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{file}"
        given, plan = inputs(), demand_plan()
        changed = plan.copy()
        changed.loc[changed["product"] < "P00300", "override"] = 1.0
        who = {
            "inputs_hash": content_hash(given),
            "who": "benchmark",
            "why": "timing",
            "inputs": given,
        }
        print(f"{len(plan):,} rows")
        for label, table in (("save", plan), ("save, 3 of 50 families changed", changed)):
            key = (url, "bench", "2026-10", "base")
            timed(
                label,
                lambda key=key, table=table: saving.save_revision(
                    *key, {"demand_plan": table}, **who
                ),
            )
            if file.exists():
                print(
                    f"{'':<42} {sum(f.stat().st_size for f in file.parent.iterdir()) / 1e6:6.1f} MB"
                )
        timed("read the table", lambda: revisions.read_table(*key, "demand_plan"))
        print(timed("verify both revisions", lambda: verify.verify(url)) or "no problems")


if __name__ == "__main__":
    main()
