"""Forecasts of products, families and the total that add up.

A family's sum is smoother than its products, so its own forecast knows something that theirs do not.
Reconciliation moves the products' forecasts so that they agree with all levels at once. Which way is best is
settled by a back-test: last year, forecast and reconciled with what was known a year ago.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sopkit.demand.baseline import (
    KEYS,
    baseline_table,
    completed,
    recorded_months,
    refuse_unusable,
    steps_ahead,
)
from sopkit.demand.engine import forecast_series
from sopkit.demand.seasonality import YEAR
from sopkit.tables import attach

LEVELS = ("product", "family", "total")
# Standard deviations from one end of an 80 % interval to the other.
INTERVAL_DEVIATIONS = 2 * 1.2816
# Without a year to rehearse after a year to learn from, nothing is moved.
MONTHS_TO_CHOOSE = 2 * YEAR
UNTESTED = "bottom-up"


class Base(NamedTuple):
    """Forecasts of every level before they are reconciled.

    bottom : products x horizon [units]
    upper : families, then the total x horizon [units]
    sums : which products make up each of the upper (upper x products, 0 or 1)
    variance : of each node's error, products first
    errors : past errors of each node in standard deviations (months x nodes), 0 where unknown
    """

    bottom: np.ndarray
    upper: np.ndarray
    sums: np.ndarray
    variance: np.ndarray
    errors: np.ndarray


def bottom_up(base):
    """The products' forecasts as they are."""
    return base.bottom


def top_down(base):
    """The total's forecast, shared out as the products' forecasts are."""
    total = base.bottom.sum(axis=0)
    return base.bottom * np.where(total > 0, base.upper[-1] / np.where(total > 0, total, 1), 1)


def weighted_least_squares(base):
    """The smallest moves that make all levels agree, each weighed by its own error."""
    return least_squares(base, base.variance, np.zeros((0, base.variance.size)))


def minimum_trace(base):
    """Weighted least squares in which errors that occurred together count together, shrunk (MinT-shrink).

    Source
    ------
    Wickramasuriya, Athanasopoulos and Hyndman, Optimal forecast reconciliation for hierarchical and grouped
    time series through trace minimization, J. American Statistical Association 114 (2019).
    """
    known = base.errors.any(axis=0)
    kept = 1 - shrinkage(base.errors[:, known])
    together = base.errors * np.sqrt(kept * base.variance / len(base.errors))
    return least_squares(base, base.variance * (1 - kept * known), together)


METHODS = {
    "bottom-up": bottom_up,
    "top-down": top_down,
    "weighted least squares": weighted_least_squares,
    "MinT-shrink": minimum_trace,
}


def least_squares(base, alone, together):
    """Generalised least squares with W = diag(alone) + together' together, without ever forming W.

    Only as many equations are solved as there are families and totals.
    """
    products = base.bottom.shape[0]
    gap = base.sums @ base.bottom - base.upper
    shared = together[:, :products] @ base.sums.T - together[:, products:]
    spread = (base.sums * alone[:products]) @ base.sums.T + np.diag(alone[products:]) + shared.T @ shared
    spread += np.eye(len(gap)) * (np.trace(spread) * 1e-12 + np.finfo(float).tiny)
    price = np.linalg.solve(spread, gap)
    moves = alone[:products, None] * (base.sums.T @ price) + together[:, :products].T @ (shared @ price)
    return base.bottom - moves


def shrinkage(errors):
    """How far correlations of a few errors of many nodes are drawn to zero, 0..1.

    Source
    ------
    Schaefer and Strimmer, A shrinkage approach to large-scale covariance matrix estimation, Statistical
    Applications in Genetics and Molecular Biology 4 (2005); sums over all pairs, written as sums over months.
    """
    months = len(errors)
    square = errors**2
    products = (square.sum(axis=1) ** 2).sum() - (square**2).sum()
    correlation = ((errors @ errors.T) ** 2).sum() - (square.sum(axis=0) ** 2).sum()
    variance = (products - correlation / months) * months / (months - 1) ** 3
    return float(np.clip(variance / max(correlation / (months - 1) ** 2, np.finfo(float).tiny), 0, 1))


def base_forecasts(history, sums, horizon):
    """Forecast the products and the levels above them by the engine.

    Returns
    -------
    base, products : the forecasts to reconcile, and those of the products as the engine gave them
    """
    totals = sums @ np.nan_to_num(history)
    begun = (sums @ ~np.isnan(history)) > 0
    products = forecast_series(history, horizon)
    above = forecast_series(np.where(begun, totals, np.nan), horizon)
    width = np.concatenate([(part.high - part.low).mean(axis=1) for part in (products, above)])
    errors = np.nan_to_num(np.concatenate([products.errors, above.errors])).T
    size = np.sqrt((errors**2).mean(axis=0))
    base = Base(
        products.forecast,
        above.forecast,
        sums,
        (width / INTERVAL_DEVIATIONS) ** 2,
        errors / np.where(size > 0, size, 1),
    )
    return base, products


def membership(family):
    """Which products make up each family and, in the last row, the total."""
    names, number = np.unique(np.asarray(family, dtype=object), return_inverse=True)
    return np.vstack([number == np.arange(len(names))[:, None], np.ones(len(number), dtype=bool)]).astype(
        float
    )


def rehearsed_scores(history, sums):
    """Reconcile the last year in every way with what was known a year ago, and measure each level.

    Returns
    -------
    reconciliation, level : wape [ratio]; no rows where the history is too short or its last year without demand
    """
    known = ~np.isnan(history[:, :-YEAR]).all(axis=1)
    if history.shape[1] < MONTHS_TO_CHOOSE or not history[known, -YEAR:].sum() > 0:
        return pd.DataFrame({"reconciliation": [], "level": [], "wape": []})
    sums = sums[:, known][sums[:, known].any(axis=1)]
    actual = history[known, -YEAR:]
    base, _ = base_forecasts(history[known, :-YEAR], sums, YEAR)
    rows = []
    for name, method in METHODS.items():
        error = np.maximum(method(base), 0) - actual
        for level, part in zip(LEVELS, (error, sums[:-1] @ error, sums[-1:] @ error), strict=True):
            rows.append((name, level, np.abs(part).sum() / actual.sum()))
    return pd.DataFrame(rows, columns=["reconciliation", "level", "wape"])


def reconciliation_scores(demand_history, products):
    """How well each way of reconciling would have forecast the last year.

    Returns
    -------
    reconciliation, level : wape [ratio]; no rows with less than two years of history or a last year without demand
    """
    _, history, sums, _ = hierarchy(demand_history, products)
    return rehearsed_scores(history, sums)


def reconciled_forecast(demand_history, products, horizon):
    """Forecast like `baseline_forecast`, moved so as to agree with forecasts of the families and the total.

    The way that had the lowest WAPE last year, averaged over the levels, is used, and named in `method`. A
    family's forecast is the sum of its products. A forecast that would fall below zero is zero. Other than
    with `baseline_forecast`, a product's forecast depends on its family and the rest of the portfolio.

    Returns
    -------
    product, market, period : baseline, low, high [units], method; low to high is an 80 % interval

    Raises
    ------
    ValueError : as `baseline_forecast`; a product without a family.
    """
    keys, history, sums, remarks = hierarchy(demand_history, products)
    months = pd.PeriodIndex(horizon["period"])
    steps = steps_ahead(months, pd.PeriodIndex(demand_history["period"]).asi8.max())
    scores = rehearsed_scores(history, sums)
    chosen = (
        UNTESTED if scores.empty else scores.groupby("reconciliation", sort=False)["wape"].mean().idxmin()
    )
    base, forecast = base_forecasts(history, sums, int(steps[-1]))
    reconciled = np.maximum(METHODS[chosen](base), 0)
    move = reconciled - forecast.forecast
    moved = forecast._replace(
        forecast=reconciled,
        low=np.maximum(forecast.low + move, 0),
        high=forecast.high + move,
        method=forecast.method + remarks + f"; reconciled {chosen}",
    )
    return baseline_table(keys, months, steps, moved)


def hierarchy(demand_history, products):
    """Keys, completed histories, membership in family and total, and remarks of a portfolio."""
    refuse_unusable(demand_history)
    keys, recorded, _ = recorded_months(demand_history)
    history, remarks = completed(recorded)
    family = attach(keys[KEYS], products[["product", "family"]])["family"]
    return keys, history, membership(family), remarks
