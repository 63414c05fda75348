"""The forecast under real conditions: short histories, and histories with faults planted in them.

    python benchmarks/conditions.py FOLDER              both
    python benchmarks/conditions.py FOLDER --half 0     of every second series only, to find a size on; --half 1 judges
    python benchmarks/conditions.py FOLDER --cut 24     faults in histories of two years

FOLDER holds files with a row for each series and month: unique_id, y, the month as `ds` or `t`, and `set` where a
file has several kinds of series. Each series is cut to the months that a company would have, forecast, and held
against its last twelve. Errors are means over series of the mean absolute error over that of the seasonal naive
forecast within the series. Faults are planted in regular series of five years and more, cleansed and forecast as
the plan does; "x" is the error over that of the same series without the fault.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sopkit.demand.cleansing import demand_history
from sopkit.forecasting.baseline import baseline_forecast
from sopkit.forecasting.forecast import forecast_series
from sopkit.tables.periods import planning_periods

YEAR = HORIZON = 12
LENGTHS = (6, 9, 12, 15, 18, 21, 24, 30, 36)
SPARSE = 0.05  # series with more empty months are left out of the faults
FEWEST_UNITS = 8
NO_PRODUCTS = pd.DataFrame({"product": [], "family": []})


def series_by_set(folder, half):
    """{set: [months of each series]} of the files of a folder."""
    found = {}
    for path in sorted(Path(folder).glob("*.parquet")):
        table = pd.read_parquet(path)
        month = next((name for name in ("ds", "t") if name in table), None)
        if month is None or not {"unique_id", "y"} <= set(table):
            continue
        name = table["set"] if "set" in table else pd.Series(path.stem, table.index)
        for (kind, _), rows in table.sort_values(month).groupby([name, table["unique_id"]]):
            found.setdefault(kind, []).append(rows["y"].to_numpy(float))
    return {kind: s if half is None else s[half::2] for kind, s in found.items()}


def side_by_side(series):
    """Series of unequal length as one array in which they end together."""
    months = max(map(len, series))
    return np.array([np.r_[np.full(months - len(y), np.nan), y] for y in series])


def scale(y):
    """The mean absolute error of the seasonal naive forecast within a series."""
    error = np.abs(y[YEAR:] - y[:-YEAR]).mean()
    return error if error > 0 else np.nan


def short(sets):
    """Error over naive's (the same month last year; under a year, the last month) and share in 80 %."""
    rows = []
    for kind, series in sets.items():
        for months in LENGTHS:
            used = [y for y in series if len(y) >= max(months, 2 * YEAR) + HORIZON]
            used = [y for y in used if y[-months - HORIZON : -HORIZON].any()]
            if not used or np.mean([(y == 0).mean() for y in used]) > 0.5:
                continue
            known = np.array([y[-months - HORIZON : -HORIZON] for y in used])
            actual = np.array([y[-HORIZON:] for y in used])
            size = np.array([scale(y) for y in used])
            made = forecast_series(known, HORIZON)
            back = known[:, -YEAR:] if months >= YEAR else known[:, -1:].repeat(HORIZON, axis=1)
            errors = [np.nanmean(np.abs(f - actual).mean(1) / size) for f in (made.forecast, back)]
            inside = ((actual >= made.low) & (actual <= made.high)).mean()
            rows.append((kind, len(used), months, errors[0] / errors[1], inside))
    table = pd.DataFrame(rows, columns=["set", "series", "months", "over naive", "in 80 %"])
    for column in ("over naive", "in 80 %"):
        wide = table.pivot_table(column, "set", "months")
        wide.loc["mean"] = wide.mean()
        print(f"\n{column}\n{wide.round(3).to_string()}")


def times(first, last, factor):
    """A fault: months `first` to before `last`, counted from the end, times a factor."""

    def planted(y):
        y = y.copy()
        y[len(y) + first : len(y) + last] *= factor
        return y

    return planted


FAULTS = {  # the fault, and at what level the series goes on
    "none": (lambda y: y, 1),
    "6 months of zeros 8 months ago": (times(-14, -8, 0), 1),
    "3 months of zeros 20 months ago": (times(-23, -20, 0), 1),
    "one month of zero": (times(-6, -5, 0), 1),
    "newest month zero": (times(-1, 0, 0), 1),
    "one month at 0.3": (times(-6, -5, 0.3), 1),
    "newest month at 0.3": (times(-1, 0, 0.3), 1),
    "one month at 3": (times(-6, -5, 3), 1),
    "newest month at 3": (times(-1, 0, 3), 1),
    "the month a year ago at 3": (times(-13, -12, 3), 1),
    "two months at 3, 5 ago": (times(-6, -4, 3), 1),
    "two months at 3, 18 ago": (times(-19, -17, 3), 1),
    "three months at 3, 8 ago": (times(-9, -6, 3), 1),
    "two months at 0.3, 5 ago": (times(-6, -4, 0.3), 1),
    "four months at 0.3, 20 ago": (times(-23, -19, 0.3), 1),
    "level 1.6 since 2 months": (times(-2, 0, 1.6), 1.6),
    "level 1.6 since 8 months": (times(-8, 0, 1.6), 1.6),
    "level 0.6 since 12 months": (times(-12, 0, 0.6), 0.6),
}


def as_planned(history):
    """Cleanse and forecast as the plan does: forecast, low, high (series x 12)."""
    months = pd.period_range(end="2026-09", periods=history.shape[1], freq="M")
    row, month = np.nonzero(~np.isnan(history))
    sold = pd.DataFrame({"product": [f"P{n:06}" for n in row], "market": "m"}, dtype="str")
    sold = sold.assign(period=months[month], quantity=history[row, month], revenue=np.nan)
    planned = planning_periods("2026-10").head(HORIZON)
    table = baseline_forecast(demand_history(planned, NO_PRODUCTS, sold), planned)
    units = table[["baseline", "lower_80", "upper_80"]].to_numpy()
    return units.reshape(len(history), HORIZON, 3).transpose(2, 0, 1)


def faulty(sets, cut=None):
    """Error with each fault over the error without; `cut` leaves so many months of history."""
    every = [y for series in sets.values() for y in series if len(y) >= 5 * YEAR]
    every = [y[-(cut + HORIZON) :] for y in every] if cut else every
    used = [
        y
        for y in every
        if (y[:-HORIZON] == 0).mean() <= SPARSE and np.median(y[:-HORIZON]) >= FEWEST_UNITS
    ]
    actual, size = (
        np.array([y[-HORIZON:] for y in used]),
        np.array([scale(y[:-HORIZON]) for y in used]),
    )
    rows, usual = [], np.nan
    for name, (planted, level) in FAULTS.items():
        began = time.process_time()
        forecast, low, high = as_planned(side_by_side([planted(y[:-HORIZON]) for y in used]))
        seconds = (time.process_time() - began) / len(used) * 1000
        came = actual * level
        error = np.nanmean(np.abs(forecast - came).mean(axis=1) / size / level)
        usual = error if name == "none" else usual
        rows.append((name, error, error / usual, ((came >= low) & (came <= high)).mean(), seconds))
    columns = ["fault", "error", "x", "in 80 %", "seconds"]
    print(f"\n{len(used)} series; processor seconds are per 1,000 series")
    print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--cut", type=int, metavar="MONTHS")
    given = parser.parse_args()
    sets = series_by_set(given.folder, given.half)
    if given.cut is None:
        short(sets)
    faulty(sets, given.cut)


if __name__ == "__main__":
    main()
