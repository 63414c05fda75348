"""Ten million rows of sales, read, checked and added up by family and month: seconds, rows a second, peak memory.

    python benchmarks/large_input.py [--rows 10000000] [--kind csv|parquet] [--export]

Each kind is measured in a process of its own; making the files is not counted.

Measured on two cores with another plan at work: 10 million rows of CSV 39.9 s (39.0 s of processor time), 2.6 GB; of Parquet
27.3 s (26.8 s), 2.4 GB.

With --export, rows are order lines as `sopkit init --from-sales` reads them, up to the proof. 5 million with eight times the load on two
cores: CSV 22.3 s of processor time (49.9 s by the clock), 2.1 GB; Parquet 28.3 s (76.4 s), 2.4 GB.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet

MARKETS, MONTHS = 40, 50


def write(folder, rows, kind):
    """Write a company of so many rows of sales."""
    products = max(1, rows // (MARKETS * MONTHS))
    place = np.arange(products * MARKETS * MONTHS)
    quantity = np.random.default_rng(1).poisson(20, len(place))
    names = [f"SKU-{i:05d}" for i in range(products)]
    periods = pd.period_range("2022-08", periods=MONTHS, freq="M").astype(str)
    sales = pa.table(
        {
            "product": _texts(place // (MARKETS * MONTHS), names),
            "market": _texts(
                place // MONTHS % MARKETS, [f"market-{i:02d}" for i in range(MARKETS)]
            ),
            "period": _texts(place % MONTHS, periods),
            "quantity": quantity,
            "revenue": (quantity * 9.95).round(2),
        }
    )
    families = [f"family-{i % 50}" for i in range(products)]
    known = pa.table(
        {"product": names, "family": families, "unit_of_measure": ["piece"] * products}
    )
    writer = parquet.write_table if kind == "parquet" else csv.write_csv
    for name, table in {"products": known, "sales_history": sales}.items():
        writer(table, folder / f"{name}.{kind}")


def _texts(codes, texts):
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype("int32")), pa.array(list(texts))
    ).cast("string")


def write_export(folder, rows, kind):
    """Write an export of so many order lines: German days, 5,000 products, 20 regions."""
    random = np.random.default_rng(1)
    days = np.datetime64("2022-01-01") + random.integers(0, 1460, rows)
    lines = pd.DataFrame(
        {
            "Invoice Date": pd.Series(days).dt.strftime("%d.%m.%Y"),
            "Invoice No": "INV" + pd.Series(random.integers(0, rows // 3 + 1, rows)).astype(str),
            "SKU": "SKU-" + pd.Series(random.integers(0, 5000, rows)).astype(str),
            "Region": "region " + pd.Series(random.integers(0, 20, rows)).astype(str),
            "Qty": random.poisson(8, rows),
            "Net Sales": (random.random(rows) * 1000).round(2),
        }
    )
    path = folder / f"export.{kind}"
    lines.to_parquet(path) if kind == "parquet" else lines.to_csv(path, index=False)


def measure_export(path):
    """Read an export up to its proof; print what it took."""
    from sopkit.intake.sales_import import import_sales

    begun, worked = time.perf_counter(), time.process_time()
    result = import_sales(path, path.parent / "made", {}, dry_run=True)
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{result.sales.used:>12,} lines  {seconds:6.1f} s ({worked:.1f} s of processor)  {peak:5.2f} GB"
    )


def measure(folder):
    """Read, check and add up; print what it took."""
    from sopkit.io import readers

    begun, worked = time.perf_counter(), time.process_time()
    tables = readers.read(folder)
    read = time.perf_counter() - begun
    sales = tables["sales_history"].merge(tables["products"][["product", "family"]], on="product")
    sums = sales.groupby(["family", "period"])[["quantity", "revenue"]].sum()
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    rows = len(tables["sales_history"])
    print(
        f"{rows:>12,} rows  {seconds:6.1f} s ({read:.1f} s until checked; {worked:.1f} s of processor)  "
        f"{rows / seconds:>10,.0f} rows/s  {peak:5.2f} GB  {len(sums):,} sums"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--kind", choices=["csv", "parquet"], action="append")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--export", action="store_true", help="order lines of an export")
    chosen = parser.parse_args()
    if chosen.measure and chosen.measure.is_file():
        measure_export(chosen.measure)
        return
    if chosen.measure:
        measure(chosen.measure)
        return
    for kind in chosen.kind or ["csv", "parquet"]:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / (f"export.{kind}" if chosen.export else "")
            (write_export if chosen.export else write)(Path(folder), chosen.rows, kind)
            print(f"{kind:<8}", end="", flush=True)
            subprocess.run([sys.executable, __file__, "--measure", place], check=True)


if __name__ == "__main__":
    main()
