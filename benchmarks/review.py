"""What cleaning and reconciliation rest on: planted orders and new levels, and families of real series.

    python benchmarks/review.py --data DIR      DIR holds m3_monthly.parquet (unique_id, ds, y, is_test)
                                                and m3_monthly_meta.parquet (unique_id, type)

Cleaning: in each series one month is multiplied, or the level from one month on; the screen alone beside STL on what
it suspects. Reconciliation: series that stand side by side are taken for families, families of one kind and length for
a company; each is forecast a year ahead from several origins, and the change of error is that of its logarithm.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sopkit.demand.odd_months import judged, odd_months
from sopkit.forecasting.comparable_months import comparable_months
from sopkit.forecasting.reconciliation import METHODS, base_forecasts, holdout_scores, sums

LATEST = 72  # months of each series
PLANTED = {"order": (1.5, 2, 3, 5), "new level": (0.5, 1.5, 2, 3), "nothing": (1,)}
DRAWS = 3
YEAR = 12
FAMILY_SIZES = (5, 10, 20)


def series_of(folder, tests):
    """The histories by name, with or without the test months."""
    table = pd.read_parquet(Path(folder) / "m3_monthly.parquet").sort_values(["unique_id", "ds"])
    table = table if tests else table[~table["is_test"]]
    return {
        name: part["y"].to_numpy(float) for name, part in table.groupby("unique_id", sort=False)
    }


def cleaning(folder):
    """kind, size : months flagged by the screen and left by STL, orders found, error of the value put in place."""
    known = [
        y[-LATEST:]
        for y in series_of(folder, tests=False).values()
        if len(y) >= 48 and y.min() >= 0
    ]
    rows = []
    for kind, sizes in PLANTED.items():
        for size in sizes:
            parts = [
                _planted(known, kind, size, np.random.default_rng(5 + draw))
                for draw in range(DRAWS)
            ]
            rows.append((kind, size, *_summed(parts)))
    columns = [
        "series",
        "flagged",
        "confirmed",
        "found",
        "found_by_stl",
        "error",
        "error_by_stl",
        "cpu",
        "cpu_stl",
    ]
    return pd.DataFrame(rows, columns=["planted", "size", *columns])


def _planted(known, kind, size, rng):
    values, truth = np.full((len(known), LATEST), np.nan), np.zeros(len(known))
    place = np.array([rng.integers(6, len(y)) for y in known])
    for row, (y, at) in enumerate(zip(known, place, strict=True)):
        until = at + 1 if kind == "order" else len(y)
        values[row, LATEST - len(y) :] = np.r_[y[:at], y[at:until] * size, y[until:]]
        truth[row] = max(y[at], 1)
    column = place + LATEST - np.array([len(y) for y in known])
    start = time.process_time()
    expected, season = comparable_months(values)
    suspect = odd_months(values, season, 1)
    screened = time.process_time()
    verdict = judged(values, expected, suspect)
    seconds = screened - start, time.process_time() - screened
    cells = np.arange(len(known)), column
    hit = verdict.confirmed[cells] & (kind == "order")
    errors = [np.abs(by[cells] - truth)[hit] / truth[hit] for by in (expected, verdict.usual)]
    found = suspect[cells].sum() * (kind == "order"), hit.sum()
    return (len(known), suspect.sum(), verdict.confirmed.sum(), *found), errors, seconds


def _summed(parts):
    counts = np.sum([part[0] for part in parts], axis=0)
    errors = [np.concatenate([part[1][by] for part in parts]) for by in (0, 1)]
    cpu = np.sum([part[2] for part in parts], axis=0) / counts[0] * 1000
    return *counts, *(np.median(error) if error.size else np.nan for error in errors), *cpu


def reconciliation(folder):
    """way, moved : how many families, change of the products' and of the families' error with its standard error."""
    kind = pd.read_parquet(Path(folder) / "m3_monthly_meta.parquet").set_index("unique_id")["type"]
    companies = {}
    for name, y in series_of(folder, tests=True).items():
        if y.min() >= 0:
            companies.setdefault((kind[name], len(y)), []).append(y)
    rows = []
    for (_, length), known in companies.items():
        for size in FAMILY_SIZES:
            for back in range(YEAR, 5 * YEAR, YEAR):
                if len(known) >= 2 * size and length - back >= 3 * YEAR:
                    rows += _company(np.array(known), size, length - back)
    table = pd.DataFrame(rows, columns=["way", "moved", "products", "families"])
    by_way = table.groupby(["way", "moved"], sort=False)
    return by_way.agg(
        families=("families", "size"),
        products_change=("products", "mean"),
        products_error=("products", "sem"),
        families_change=("families", "mean"),
        families_error=("families", "sem"),
    )


def _company(values, size, origin):
    member = np.minimum(np.arange(len(values)) // size, len(values) // size - 1)
    history, actual = values[:, max(origin - LATEST, 0) : origin], values[:, origin : origin + YEAR]
    base, _ = base_forecasts(history, member, YEAR)
    losses = {}
    for name, way in METHODS.items():
        error = np.maximum(way(base), 0) - actual
        products = sums(np.abs(error).sum(axis=1), member)
        losses[name] = np.log([products, np.abs(sums(error, member)).sum(axis=1)])
    scores = holdout_scores(history, member)
    chosen = scores.loc[scores["chosen"], "reconciliation"].item()
    tried = {**{f"always {name}": name for name in METHODS}, "by back-test": chosen}
    return [
        (label, name != "bottom-up", *change)
        for label, name in tried.items()
        for change in (losses[name] - losses["bottom-up"]).T
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with m3_monthly.parquet")
    arguments = parser.parse_args()
    print(cleaning(arguments.data).round(3).to_string(index=False))
    print(reconciliation(arguments.data).round(4).to_string())
