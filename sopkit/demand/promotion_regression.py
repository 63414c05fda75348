"""Robust regression of many series at once: what each kind of activity adds to demand.

The logarithm of demand is regressed on a bent trend, the month of the year and the kinds of
activity (Huber). Arrays in, arrays out.
"""

from typing import NamedTuple

import numpy as np

from sopkit.tables.periods import YEAR

HUBER = 1.345
STEPS = 20  # of the robust regression
NORMAL_MEDIAN = (
    0.6744897501960817  # of the size of a normal error, as a share of its standard deviation
)
BEND_MONTHS = 6  # a stiffer trend takes a product's decline for the end of its promotion
BLOCK = 2000  # series regressed at once, to bound memory
FEWEST_MONTHS = 24
SEASONAL_MONTHS = 36  # a plain regression of fewer months has no season
USELESS_ERROR = 2.0  # a series with a larger error (on the log scale) has nothing to say


class Regression(NamedTuple):
    """The effects of each series' activities, and what their variance is made of."""

    effect: np.ndarray  # series x kinds; NaN where a kind never ran, or months are too few
    freedom: np.ndarray  # series
    lever: np.ndarray  # series x kinds x months
    error: np.ndarray  # series x months


def log_effects(
    demand: np.ndarray, ran: np.ndarray, fewest: int = FEWEST_MONTHS
) -> tuple[np.ndarray, np.ndarray]:
    """Give the effects of `regression` with their variances.

    Series of `fewest` months and more have a say; those of less than three years have a level and
    a straight trend alone, for a season and bends would take all that they know.

    Returns
    -------
    effect, variance : series x kinds; NaN where a kind never ran, or months are too few
    """
    effect, _, lever, error = regression(demand, ran, fewest)
    return effect, np.where(np.isnan(effect), np.nan, variance(lever, error))


def regression(demand: np.ndarray, ran: np.ndarray, fewest: int = FEWEST_MONTHS) -> Regression:
    """Regress the logarithm of demand on trend, season and kinds of activity, series by series.

    `demand` is series x months (NaN or 0 where it says nothing), `ran` series x months x kinds
    (1 where one ran).
    """
    parts = [
        _block(demand[i : i + BLOCK], ran[i : i + BLOCK], fewest)
        for i in range(0, len(demand), BLOCK)
    ]
    return Regression(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def variance(lever: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The variance of each effect: series x kinds."""
    return (lever**2).sum(axis=2) * (error**2).sum(axis=1)[:, None]


def _block(demand, ran, fewest):
    seen = demand > 0
    y = np.log(np.where(seen, demand, 1.0))
    x = design(ran, seen, plain=fewest < FEWEST_MONTHS)
    beta, lever, error, freedom = _huber(x, y * seen, seen)
    kinds = slice(x.shape[2] - ran.shape[2], None)
    effect, lever = beta[:, kinds], lever[:, kinds]
    spread = variance(lever, error)
    used = (ran * seen[:, :, None]).any(axis=1) & (seen.sum(axis=1) >= fewest)[:, None]
    known = used & (freedom > 0)[:, None] & (spread < USELESS_ERROR**2) & (spread > 0)
    return Regression(np.where(known, effect, np.nan), freedom, lever, error)


def design(ran: np.ndarray, seen: np.ndarray, plain: bool = False) -> np.ndarray:
    """What demand is regressed on: level, bent trend, month of the year, then `ran`; `plain`
    without bends, and without a season where less than three years are known.

    Returns
    -------
    series x months x columns; 0 where nothing was seen
    """
    controls = _controls(ran.shape[1])
    if plain:
        seasonal = ran.shape[1] >= SEASONAL_MONTHS
        months = controls[:, controls.shape[1] - (YEAR - 1) :]
        controls = np.hstack([controls[:, :2], months] if seasonal else [controls[:, :2]])
    always = np.broadcast_to(controls, (len(ran), *controls.shape))
    return np.concatenate([always, ran], axis=2) * seen[:, :, None]


def _controls(months):
    """Level, a trend that may bend every half year, and the month of the year."""
    time = np.arange(months) / YEAR
    bends = [
        np.maximum(time - start / YEAR, 0.0)
        for start in range(0, max(months - BEND_MONTHS, 1), BEND_MONTHS)
    ]
    season = [(np.arange(months) % YEAR == m).astype(float) for m in range(1, min(YEAR, months))]
    return np.column_stack([np.ones(months), *bends, *season])


def _huber(x, y, seen):
    """Huber regressions of many series at once, by reweighting; columns a series never sees get 0.

    Returns
    -------
    beta (series x columns), lever (series x columns x months), error (series x months), freedom;
    the covariance error . error (lever lever') is Huber's first (statsmodels RLM's H1)
    """
    many = seen.sum(axis=1)
    columns = x.any(axis=1).sum(axis=1)
    freedom = many - columns
    ridge = 1e-8 * np.eye(x.shape[2])
    weight = seen.astype(float)
    for _ in range(STEPS):
        moments = np.swapaxes(x * weight[:, :, None], 1, 2)
        beta = np.linalg.solve(moments @ x + ridge, moments @ y[:, :, None])
        error = y - (x @ beta)[:, :, 0]
        scale = np.maximum(_spread(error, seen), 1e-6)[:, None]
        weight = seen * np.minimum(1.0, HUBER * scale / np.maximum(np.abs(error), 1e-12))
    within = (seen & (np.abs(error) <= HUBER * scale)).sum(axis=1)
    slope = np.divide(within, many, out=np.ones(len(many)), where=many > 0)
    correction = 1 + columns / np.maximum(many, 1) * (1 - slope) / slope
    bounded = np.clip(error, -HUBER * scale, HUBER * scale) * seen
    bounded *= (correction / slope / np.sqrt(np.maximum(freedom, 1)))[:, None]
    sides = np.swapaxes(x, 1, 2)
    return beta[:, :, 0], np.linalg.solve(sides @ x + ridge, sides), bounded, freedom


def _spread(error, seen):
    """Robust standard deviation of each series' errors; 0 of a series without months."""
    known = seen.any(axis=1)
    sizes = np.where(seen[known], np.abs(error[known]), np.nan)
    spread = np.zeros(len(seen))
    spread[known] = np.nanmedian(sizes, axis=1) / NORMAL_MEDIAN
    return spread
