"""Make a company folder from the 474 MICRO series of the M3 competition: products and sales_history, nothing else.

    python benchmarks/company_from_m3.py --data DIR --out data/m3

DIR holds `m3_monthly.parquet` (unique_id, ds, y, is_test) and `m3_monthly_meta.parquet`. The months before the held-out
ones become sales_history, moved so that every series ends in 2026-09: firms' shipments with their own lengths and gaps.
"""

import argparse
from pathlib import Path

import pandas as pd

LAST_MONTH = pd.Period("2026-09", "M")


def company(series, meta):
    """products, sales_history of the MICRO series."""
    micro = series[series["unique_id"].isin(_micro(meta)) & ~series["is_test"].astype(bool)]
    steps_to_end = micro.groupby("unique_id")["ds"].transform("max") - micro["ds"]
    periods = pd.PeriodIndex.from_ordinals(
        LAST_MONTH.ordinal - steps_to_end.to_numpy(dtype="int64"), freq="M"
    )
    sales = pd.DataFrame(
        {
            "product": micro["unique_id"],
            "market": "all",
            "period": periods.astype(str),
            "quantity": micro["y"],
        }
    )
    names = sorted(sales["product"].unique())
    products = pd.DataFrame({"product": names, "family": "micro", "unit_of_measure": "unit"})
    return products, sales


def _micro(meta):
    category = next(
        c for c in meta.columns if meta[c].astype(str).str.strip().str.upper().eq("MICRO").any()
    )
    return meta.loc[meta[category].astype(str).str.strip().str.upper() == "MICRO", "unique_id"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with m3_monthly.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must not exist")
    given = parser.parse_args()
    tables = company(
        pd.read_parquet(given.data / "m3_monthly.parquet"),
        pd.read_parquet(given.data / "m3_monthly_meta.parquet"),
    )
    given.out.mkdir(parents=True)
    for name, table in zip(("products", "sales_history"), tables, strict=True):
        table.to_csv(given.out / f"{name}.csv", index=False)
        print(f"{name}: {len(table):,} rows")


if __name__ == "__main__":
    main()
