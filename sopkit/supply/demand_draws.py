"""Joint draws of demand: every product and market, all months together."""

from hashlib import blake2b

import numpy as np
from pandas import DataFrame
from scipy.special import ndtr, ndtri

DRAWS = 1000


def normal_draws(wants: DataFrame, months: int) -> np.ndarray:
    """Standard normal draws: what the months of each series share, then each month's own (series x
    1 + months x draws).

    Each series has a counter-based stream of its own, keyed by its codes. Half of the draws mirror
    the other half, so that their mean is the forecast.
    """
    half = np.empty((len(wants), 1 + months, DRAWS // 2))
    for row, codes in enumerate(zip(wants["product"], wants["market"], strict=True)):
        key = int.from_bytes(blake2b("\0".join(codes).encode(), digest_size=16).digest(), "little")
        np.random.Generator(np.random.Philox(key=key)).standard_normal(out=half[row])
    return np.concatenate([half, -half], axis=2)


def drawn_demand(
    score: np.ndarray, mean: np.ndarray, deviation: np.ndarray, zero_probability: np.ndarray
) -> np.ndarray:
    """Demand of one month at normal scores: lognormal, and nothing as often as it is expected.

    What is not nothing is lognormal, so that all months together have the mean and the deviation.

    Parameters
    ----------
    score : series x draws
    mean, deviation : series x 1 [units]
    zero_probability : series x 1 [ratio]

    Returns
    -------
    series x draws [units]
    """
    variation = deviation / np.where(mean > 0, mean, np.inf)
    width = np.sqrt(np.log1p(variation**2))
    demand = np.where(zero_probability < 1, mean * np.exp(width * score - width**2 / 2), 0.0)
    rows = ((zero_probability > 0) & (zero_probability < 1) & (mean > 0))[:, 0]
    if rows.any():
        sold, own = 1 - zero_probability[rows], mean[rows]
        squared = np.maximum((1 + variation[rows] ** 2) * sold, 1.0)  # of the months that sell
        width = np.sqrt(np.log(squared))
        share = (ndtr(score[rows]) - zero_probability[rows]) / sold
        size = np.exp(width * ndtri(np.clip(share, 1e-12, 1 - 1e-12)) - width**2 / 2)
        drawn = np.where(share > 0, own / sold * size, 0.0)
        average = drawn.mean(axis=1, keepdims=True)
        demand[rows] = drawn * own / np.where(average > 0, average, 1.0)
    return demand
