"""Reconciliation of the forecasts of products and their families.

A family's sum is smoother than its products, so its own forecast knows something that theirs do
not. Reconciliation moves the products' forecasts so that they agree with the family's. Which way is
best is settled by a back-test: last year, forecast and reconciled with what was known a year ago.
Every family is one witness; a way is chosen for the whole company if it missed less beyond noise,
the best of them, else products are added up as they are.

A year of one family is too little to choose by: it was tried, and families chosen so were no better
afterwards. So the choice is the company's, but the moves are the family's: nothing but the choice
passes from one family to another, and the total is the sum of the families.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from sopkit.forecasting.baseline import (
    KEYS,
    baseline_table,
    completed,
    disturbed_share,
    recorded_months,
    refuse_unusable,
    steps_ahead,
    widened,
)
from sopkit.forecasting.forecast import MONTHS_TO_TELL, Forecasts, forecast_series
from sopkit.forecasting.intermittent import INTERMITTENT_INTERVAL
from sopkit.forecasting.succession import handed_over, joined
from sopkit.tables import attach
from sopkit.tables.periods import YEAR

# Without a year to rehearse after a year to learn from, nothing is moved.
MONTHS_TO_CHOOSE = 2 * YEAR
TINY = np.finfo(float).tiny


class Reconciled(NamedTuple):
    """The baseline, and how well each way of reconciling would have forecast the last year.

    baseline_forecast : product, market, period : see `baseline_table`
    reconciliation_scores : reconciliation : see `holdout_scores`
    """

    baseline_forecast: DataFrame
    reconciliation_scores: DataFrame


class Base(NamedTuple):
    """Forecasts of products and families before they are reconciled.

    member : the number of each product's family
    bottom, upper : products x horizon, families x horizon [units]
    variance, upper_variance : of each product's and each family's error
    errors, upper_errors : past errors in standard deviations (months x products or families), 0
        where unknown
    """

    member: np.ndarray
    bottom: np.ndarray
    upper: np.ndarray
    variance: np.ndarray
    upper_variance: np.ndarray
    errors: np.ndarray
    upper_errors: np.ndarray


def bottom_up(base: Base) -> np.ndarray:
    """The products' forecasts as they are."""
    return base.bottom


def top_down(base: Base) -> np.ndarray:
    """The family's forecast, shared out as the products' forecasts are."""
    total = sums(base.bottom, base.member)
    return (
        base.bottom
        * np.where(total > 0, base.upper / np.where(total > 0, total, 1), 1)[base.member]
    )


def weighted_least_squares(base: Base) -> np.ndarray:
    """The smallest moves that make both levels agree, each weighed by its own error."""
    nothing = np.zeros((0, base.variance.size)), np.zeros((0, base.upper_variance.size))
    return least_squares(base, base.variance, base.upper_variance, *nothing)


def minimum_trace(base: Base) -> np.ndarray:
    """Weighted least squares in which errors that occurred together count together, shrunk
    (MinT-shrink).

    Source
    ------
    Wickramasuriya, Athanasopoulos and Hyndman, Optimal forecast reconciliation for hierarchical and
    grouped time series through trace minimization, J. American Statistical Association 114 (2019).
    """
    kept = 1 - shrinkage(base)
    months = len(base.errors)
    known, upper_known = base.errors.any(axis=0), base.upper_errors.any(axis=0)
    return least_squares(
        base,
        base.variance * (1 - kept[base.member] * known),
        base.upper_variance * (1 - kept * upper_known),
        base.errors * np.sqrt(kept[base.member] * base.variance / months),
        base.upper_errors * np.sqrt(kept * base.upper_variance / months),
    )


METHODS = {
    "bottom-up": bottom_up,
    "top-down": top_down,
    "weighted least squares": weighted_least_squares,
    "MinT-shrink": minimum_trace,
}
UNCHANGED = "bottom-up"


def least_squares(
    base: Base,
    alone: np.ndarray,
    upper_alone: np.ndarray,
    together: np.ndarray,
    upper_together: np.ndarray,
) -> np.ndarray:
    """Generalised least squares with W = diag(alone) + together' together in each family, without
    ever forming W.

    A family is one equation: its products must sum to it.
    """
    gap = sums(base.bottom, base.member) - base.upper
    shared = sums(together.T, base.member).T - upper_together
    spread = sums(alone, base.member) + upper_alone + (shared**2).sum(axis=0)
    price = gap / (spread + TINY)[:, None]
    lever = alone + (together * shared[:, base.member]).sum(axis=0)
    return base.bottom - lever[:, None] * price[base.member]


def sums(values: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Add products up to families."""
    total = np.zeros((member.max() + 1, *values.shape[1:]))
    np.add.at(total, member, values)
    return total


def shrinkage(base: Base) -> np.ndarray:
    """How far the correlations of a few errors of many nodes are drawn to zero in each family,
    0..1.

    Source
    ------
    Schaefer and Strimmer, A shrinkage approach to large-scale covariance matrix estimation,
    Statistical Applications in Genetics and Molecular Biology 4 (2005); sums over all pairs,
    written as sums over months.
    """
    errors = np.concatenate([base.errors, base.upper_errors], axis=1).T
    member = np.concatenate([base.member, np.arange(len(base.upper))])
    months = errors.shape[1]
    square = errors**2
    products = (sums(square, member) ** 2 - sums(square**2, member)).sum(axis=1)
    correlation = -sums(square.sum(axis=1) ** 2, member)
    for month in range(months):
        correlation += (sums(errors * errors[:, [month]], member) ** 2).sum(axis=1)
    variance = (products - correlation / months) * months / (months - 1) ** 3
    return np.clip(variance / np.maximum(correlation / (months - 1) ** 2, TINY), 0, 1)


def base_forecasts(history: np.ndarray, member: np.ndarray, horizon: int) -> tuple[Base, Forecasts]:
    """Forecast the products and their families by the engine.

    Returns
    -------
    base, products : the forecasts to reconcile, and those of the products as the engine gave them
    """
    begun = sums((~np.isnan(history)).astype(float), member) > 0
    products = forecast_series(history, horizon, likely_sparse=sparse_families(history, member))
    families = forecast_series(
        np.where(begun, sums(np.nan_to_num(history), member), np.nan), horizon
    )
    variances = [f.deviation.mean(axis=1) ** 2 for f in (products, families)]
    errors = [_standardised(np.nan_to_num(f.errors).T) for f in (products, families)]
    return Base(member, products.forecast, families.forecast, *variances, *errors), products


def sparse_families(history: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Whether most of the products of each product's family that can show it sell now and then."""
    known = ~np.isnan(history)
    months = known.sum(axis=1)
    tells = (months >= MONTHS_TO_TELL).astype(float)
    gaps = months >= INTERMITTENT_INTERVAL * np.maximum((history > 0).sum(axis=1), 1)
    return (2 * sums(tells * gaps, member) > sums(tells, member))[member]


def _standardised(errors):
    size = np.sqrt((errors**2).mean(axis=0))
    return errors / np.where(size > 0, size, 1)


def holdout_scores(history: np.ndarray, member: np.ndarray) -> DataFrame:
    """Reconcile the last year in every way with what was known a year ago, measure all levels, and
    choose.

    Returns
    -------
    reconciliation : wape, family_wape, total_wape, gain_ratio, low_ratio, high_ratio [ratio],
        families (count) (missing where nothing could be rehearsed), chosen, reason (of the chosen)
    """
    known = ~np.isnan(history[:, :-YEAR]).all(axis=1)
    actual = history[known, -YEAR:]
    rows = [(name, *[np.nan] * 6) for name in METHODS]
    families = 0
    if history.shape[1] >= MONTHS_TO_CHOOSE and actual.sum() > 0:
        inside = np.unique(member[known], return_inverse=True)[1]
        base, _ = base_forecasts(history[known, :-YEAR], inside, YEAR)
        families = int((sums(actual, inside).sum(axis=1) > 0).sum())
        rows = [
            (name, *_score(np.maximum(way(base), 0), base, actual)) for name, way in METHODS.items()
        ]
    columns = [
        "reconciliation",
        "wape",
        "family_wape",
        "total_wape",
        "gain_ratio",
        "low_ratio",
        "high_ratio",
    ]
    table = pd.DataFrame(rows, columns=columns).astype({"reconciliation": "str"})
    best = table["gain_ratio"].where(table["low_ratio"] > 0, 0.0).argmax()
    table["families"] = families
    table["chosen"] = table.index == best
    table["reason"] = pd.Series(np.where(table["chosen"], _why(best, families), None), dtype="str")
    return table


def _score(forecast, base, actual):
    """WAPE of each level, and the gain over bottom-up with its interval over the families."""
    errors = [forecast - actual, base.bottom - actual]
    demand = sums(actual, base.member).sum(axis=1)
    families = [sums(error, base.member) for error in errors]
    missed = [
        (sums(np.abs(error), base.member).sum(axis=1), np.abs(family).sum(axis=1))
        for error, family in zip(errors, families, strict=True)
    ]
    gain = (
        sum(before - own for own, before in zip(*missed, strict=True))[demand > 0]
        / demand[demand > 0]
        / 2
    )
    count = len(gain)
    width = (
        stats.t.ppf(0.975, count - 1) * gain.std(ddof=1) / np.sqrt(count) if count > 1 else np.nan
    )
    levels = [*(part.sum() for part in missed[0]), np.abs(families[0].sum(axis=0)).sum()]
    return (
        *(level / demand.sum() for level in levels),
        gain.mean(),
        gain.mean() - width,
        gain.mean() + width,
    )


def _why(best, families):
    if best:
        return "missed least last year, beyond noise"
    if families > 1:
        return "no other way missed less last year beyond noise"
    return "too little history, or a single family: no other way differs significantly"


def reconciled_forecast(
    demand_history: DataFrame,
    products: DataFrame,
    planning_periods: DataFrame,
    product_successions: DataFrame | None = None,
) -> Reconciled:
    """Forecast like `baseline_forecast`, moved so as to agree with forecasts of the families if
    that has helped.

    The way that the back-test chose is used and named in `method`; if it chose none, the products'
    forecasts stay as they are. A family's forecast is the sum of its products. A forecast that
    would fall below zero is zero; low and high move with the forecast. The code that continues
    another is forecast from the history of both, see `succession`.

    Returns
    -------
    Reconciled

    Raises
    ------
    ValueError : as `baseline_forecast`; a product without a family.
    """
    refuse_unusable(demand_history)
    first = planning_periods["period"].iloc[0]
    given, demand_history = demand_history, joined(demand_history, product_successions, first)
    keys, recorded, last = recorded_months(demand_history)
    history, remarks = completed(recorded)
    months = pd.PeriodIndex(planning_periods["period"])
    steps = steps_ahead(months, last)
    family = attach(keys[KEYS], products[["product", "family"]])["family"]
    member = np.unique(family.to_numpy(object), return_inverse=True)[1]
    scores = holdout_scores(history, member)
    chosen = scores.loc[scores["chosen"], "reconciliation"].item()
    base, forecast = base_forecasts(history, member, int(steps[-1]))
    forecast = forecast.moved_to(METHODS[chosen](base))
    forecast = widened(forecast, disturbed_share(demand_history))
    said = "" if chosen == UNCHANGED else f"; reconciled with the family: {chosen}"
    forecast = forecast._replace(method=forecast.method + remarks + said)
    table = baseline_table(keys, planning_periods, steps, forecast)
    return Reconciled(handed_over(table, product_successions, given, first), scores)
