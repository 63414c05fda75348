"""Combination of methods, weighted for each series by their accuracy over its last year.

Nothing is learned across series, so a product's forecast never depends on what else is in the run.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from sopkit.forecasting import intermittent
from sopkit.forecasting import models as methods
from sopkit.forecasting.seasonality import History, decompose
from sopkit.forecasting.series import Panel, latest, shortened
from sopkit.tables.periods import YEAR

Method = Callable[[History, int], np.ndarray]  # horizon x series [units]


class Pool(NamedTuple):
    """Methods for histories of at least `months`, and the name planners see.

    weighed : by a back-test, or equally
    counted : the interval comes from counting what demand has been, not from the size of errors
    """

    name: str
    months: int
    methods: tuple[Method, ...]
    weighed: bool = False
    counted: bool = False


# A series takes the first pool that it is long enough for.
REGULAR = (
    Pool(
        name="combination weighed by back-test",
        months=36,
        methods=(
            methods.seasonal_naive,
            methods.theta,
            methods.linear_trend,
            methods.dynamic_theta,
            methods.smoothing_in_logs,
            methods.airline_in_logs,
            methods.two_months,
            methods.quarters,
            methods.half_years,
        ),
        weighed=True,
    ),
    Pool(
        name="combination",
        months=24,
        methods=(
            methods.seasonal_naive,
            methods.theta,
            methods.dynamic_theta,
            methods.smoothing_in_logs,
            methods.two_months,
            methods.quarters,
        ),
    ),
    Pool("theta and simple smoothing", 12, (methods.theta, methods.simple_smoothing)),
    Pool("mean and simple smoothing", 2, (methods.mean, methods.simple_smoothing)),
    Pool("mean", 1, (methods.mean,)),
)
INTERMITTENT = (
    Pool(
        "IMAPA and 12-month mean",
        24,
        (intermittent.imapa, intermittent.twelve_month_mean),
        counted=True,
    ),
    Pool("mean since the first sale", 1, (intermittent.mean_since_first_sale,), counted=True),
)
# A method that foresees more than this many times the best month ever is not believed.
BELIEVED = 3.0
# Added to each relative error, so that no method's weight is infinite.
ERROR_FLOOR = 1e-3


class Combination(NamedTuple):
    """A combined forecast and its back-test.

    forecast : horizon x series [units]
    weights : methods x series, summing to one
    rehearsed : the last year as it would have been forecast a year ago (12 x series) [units], or
        None
    """

    forecast: np.ndarray
    weights: np.ndarray
    rehearsed: np.ndarray | None


def combination(history: History, pool: Pool, horizon: int) -> Combination:
    """Forecast by the weighted mean of the methods of a pool; never below zero."""
    forecasts = all_forecasts(history, pool.methods, horizon)
    weights = np.full((len(pool.methods), history.length.size), 1 / len(pool.methods))
    rehearsed = None
    if pool.weighed:
        panel = Panel(history.values, history.length)
        rehearsals = all_forecasts(decompose(shortened(panel, YEAR)), pool.methods, YEAR)
        weights = weights_by_error(rehearsals - latest(panel, YEAR))
        rehearsed = np.einsum("mhs,ms->hs", rehearsals, weights)
    weights = cap_runaway_forecasts(weights, forecasts, history)
    return Combination(np.einsum("mhs,ms->hs", forecasts, weights), weights, rehearsed)


def all_forecasts(history: History, chosen: Iterable[Method], horizon: int) -> np.ndarray:
    """What each method forecasts (methods x horizon x series); a forecast below zero means zero."""
    return np.maximum([method(history, horizon) for method in chosen], 0)


def weights_by_error(errors: np.ndarray) -> np.ndarray:
    """Weights inverse to the squared mean absolute error of each method (methods x series).

    Source
    ------
    Bates and Granger, The combination of forecasts, Operational Research Quarterly 20 (1969).
    """
    size = np.abs(errors).mean(axis=1)
    share = size / np.maximum(size.mean(axis=0), np.finfo(float).tiny) + ERROR_FLOOR
    return share**-2 / (share**-2).sum(axis=0)


def cap_runaway_forecasts(
    weights: np.ndarray, forecasts: np.ndarray, history: History
) -> np.ndarray:
    """Weights without the methods that run away; if all do, none is left out."""
    limit = BELIEVED * np.nanmax(history.values, axis=0)
    kept = weights * (forecasts.max(axis=1) <= limit)
    total = kept.sum(axis=0)
    return np.where(total > 0, kept / np.where(total > 0, total, 1), weights)
