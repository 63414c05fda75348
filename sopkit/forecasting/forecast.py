"""Forecast many series at once: choose methods by demand pattern, combine, add intervals.

This is the array level under `baseline_forecast`; benchmarks and analysts call it directly.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sopkit.forecasting.ensemble import INTERMITTENT, REGULAR, Pool, combination
from sopkit.forecasting.intermittent import (
    INTERMITTENT_INTERVAL,
    demand_interval,
    months_without_demand,
    sells_in_season,
)
from sopkit.forecasting.intervals import (
    INTERVAL,
    back_test_errors,
    counted_distribution,
    measured_distribution,
    refuse_levels,
)
from sopkit.forecasting.parallel import mapped
from sopkit.forecasting.seasonality import decompose
from sopkit.forecasting.series import Panel, chosen, latest, panel_of
from sopkit.tables.periods import YEAR

NO_DEMAND = "no recent demand"
# A regular product that stops for this long no longer behaves like one.
STOPPED_MONTHS = 3
# A series of fewer months does not show whether it sells now and then.
MONTHS_TO_TELL = 6
# Series worked on together: their states stay in the processor's cache.
BATCH = 256


class Forecasts(NamedTuple):
    """Forecasts of many series, in the order of the histories given.

    forecast : the mean, series x horizon [units]
    quantiles : series x horizon x levels [units]
    deviation : standard deviation of a month, series x horizon [units]
    zero_probability : the chance of a month without demand (series); 0 for what sells every month
    errors : actual less what would have been forecast a year ago, of the last year (series x 12)
        [units]; NaN where the history is too short for a back-test
    method : name of what was used (series)
    """

    forecast: np.ndarray
    quantiles: np.ndarray
    deviation: np.ndarray
    zero_probability: np.ndarray
    errors: np.ndarray
    method: np.ndarray

    @property
    def low(self) -> np.ndarray:
        """The lowest quantile asked for, and no more than the forecast (series x horizon)."""
        return np.minimum(self.quantiles[..., 0], self.forecast)

    @property
    def high(self) -> np.ndarray:
        """The highest quantile asked for, and no less than the forecast (series x horizon)."""
        return np.maximum(self.quantiles[..., -1], self.forecast)

    @property
    def median(self) -> np.ndarray:
        """The middle one of the quantiles asked for (series x horizon)."""
        return self.quantiles[..., self.quantiles.shape[-1] // 2]

    def moved_to(self, forecast: np.ndarray) -> "Forecasts":
        """The same around another forecast: quantiles move as far, nothing falls below zero."""
        forecast = np.maximum(forecast, 0)
        move = (forecast - self.forecast)[..., None]
        quantiles = np.where(self.quantiles > 0, self.quantiles + move, self.quantiles)
        return self._replace(forecast=forecast, quantiles=np.maximum(quantiles, 0))


def forecast_series(
    history: np.ndarray,
    horizon: int,
    levels: Sequence[float] = INTERVAL,
    likely_sparse: np.ndarray | None = None,
) -> Forecasts:
    """Forecast every row of `history` (series x months [units], NaN before a start, all ending
    together).

    Each series is forecast from itself alone, at any `levels` of quantiles. `likely_sparse` says of
    which series it is known from elsewhere that they sell now and then: one with a few months
    cannot show it.

    Returns
    -------
    Forecasts : series in the order of `history`, months ahead 1 .. horizon

    Raises
    ------
    ValueError : a series without a month, a gap or a negative month inside one, levels that are no
        probabilities in order.
    """
    refuse_levels(levels)
    panel, order = panel_of(history)
    shape = (order.size, horizon)
    result = Forecasts(
        forecast=np.zeros(shape),
        quantiles=np.zeros((*shape, len(levels))),
        deviation=np.zeros(shape),
        zero_probability=np.ones(order.size),
        errors=np.full((order.size, YEAR), np.nan),
        method=np.full(order.size, NO_DEMAND, dtype=object),
    )
    hint = None if likely_sparse is None else likely_sparse[order]
    batches = [
        (pool, columns[first : first + BATCH])
        for pool, columns in chosen_pools(panel, hint)
        for first in range(0, columns.size, BATCH)
    ]
    blocks = ((chosen(panel, batch), pool, horizon, levels) for pool, batch in batches)
    for (_, batch), forecast in zip(batches, mapped(batch_forecast, blocks), strict=True):
        for whole, piece in zip(result, forecast, strict=True):
            whole[order[batch]] = piece
    return result


def chosen_pools(
    panel: Panel, likely_sparse: np.ndarray | None = None
) -> Iterator[tuple[Pool, np.ndarray]]:
    """The pools, and for each its series by column; a series without demand for a year has none."""
    silent = months_without_demand(panel)
    gone = (silent >= YEAR) & (demand_interval(panel) < YEAR) | (silent == panel.length)
    sparse = (demand_interval(panel) >= INTERMITTENT_INTERVAL) | (silent >= STOPPED_MONTHS)
    sparse &= ~sells_in_season(panel)
    if likely_sparse is not None:
        sparse |= likely_sparse & (panel.length < MONTHS_TO_TELL)
    for kind, pools in ((~sparse & ~gone, REGULAR), (sparse & ~gone, INTERMITTENT)):
        longest = np.inf
        for pool in pools:
            columns = np.flatnonzero(
                kind & (panel.length >= pool.months) & (panel.length < longest)
            )
            longest = pool.months
            if columns.size:
                yield pool, columns


def batch_forecast(
    panel: Panel, pool: Pool, horizon: int, levels: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, str]:
    """The fields of `Forecasts` for one batch by one pool, series first; one name for all.

    Returns
    -------
    forecast, deviation : series x horizon [units]
    quantiles : series x horizon x levels [units]
    zero_probability : series
    errors : series x 12 [units], NaN without a back-test
    method : name of the pool
    """
    history = decompose(panel)
    forecast, _, rehearsed = combination(history, pool, horizon)
    errors, logs = np.full((YEAR, panel.length.size), np.nan), None
    if rehearsed is not None:
        errors = latest(panel, YEAR) - rehearsed
        logs = back_test_errors(panel, rehearsed, history.shift)
    if pool.counted:
        known = counted_distribution(panel, forecast, levels)
    else:
        known = measured_distribution(history, forecast, logs, levels)
    quantiles = np.moveaxis(known.quantiles, (0, 1, 2), (2, 1, 0))
    deviation, nothing = known.deviation.T, known.zero_probability
    return forecast.T, quantiles, deviation, nothing, errors.T, pool.name
