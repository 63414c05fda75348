"""Safety stock: what a service level or a fill rate asks for beyond the demand expected.

Demand over an exposure has a mean, a standard deviation, and for what sells now and then a chance
of nothing at all. Sums of forecast errors have longer tails than a normal distribution, so
quantiles of them were measured: `benchmarks/risk.py --calibrate` prints the numbers written here.
What sells now and then follows a gamma distribution, which held there. The textbooks' normal
distribution is a choice of the inventory policy.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaincc, gammaincinv, ndtr, ndtri

SERVICE_LEVEL = 0.95  # target without a policy
INTERVAL_WIDTH = 2 * ndtri(0.9)  # standard deviations between the ends of an 80 % interval
NORMAL = "normal"  # the textbooks' distribution, in the policy's `demand_distribution`
# Quantiles of sums of forecast errors of 1 to 6 months, in standard deviations; in straight lines
# between, at the normal score of the level. Normal ones are 0, 0.25, 0.52, 0.84, 1.28, ...
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995)
QUANTILES = (0.0, 0.28, 0.55, 0.88, 1.39, 1.88, 2.45, 3.3, 4.0, 5.5)
SCORES = np.linspace(0.0, ndtri(LEVELS[-1]), 2001)  # at which expected shortages are tabled
HALVINGS = 30  # of the range in which a quantity is looked for
FARTHEST = 20.0  # deviations above the mean: the end of that range


class Exposure(NamedTuple):
    """Demand over the time that safety stock covers, as arrays of one shape.

    mean, deviation : [units]
    sparse : whether the product sells now and then
    normal : whether the policy asks for the normal distribution
    """

    mean: np.ndarray
    deviation: np.ndarray
    sparse: np.ndarray
    normal: np.ndarray


def safety_stock(
    exposure: Exposure,
    target_service_level: np.ndarray | float,
    target_fill_rate: np.ndarray | float,
    short: np.ndarray | float,
) -> np.ndarray:
    """Calculate the stock beyond mean demand for a cycle service level, or a given fill rate.

    A cycle service level asks for that quantile of demand over the exposure; a fill rate for the
    quantity beyond which no more than `short` is expected to be wanted.

    Parameters
    ----------
    target_service_level, target_fill_rate : ratios; the usual service level where neither is known
    short : what may be short on average in a cycle to keep the fill rate [units]

    Returns
    -------
    units, 0 or more, in the shape of the exposure
    """
    level = np.where(np.isnan(target_service_level), SERVICE_LEVEL, target_service_level)
    arrays = np.broadcast_arrays(*exposure, level, target_fill_rate, short)
    mean, deviation, sparse, normal, level, fill, short = arrays
    allowed = np.divide(short, deviation, out=np.zeros(mean.shape), where=deviation > 0)
    wanted = np.isnan(fill) | (mean > 0)
    asked = level, fill, allowed
    factor = np.where(normal, safety_factor(*asked), _measured_factor(*asked))
    stock = np.asarray(deviation * factor)
    rows = sparse & ~normal & (deviation > 0) & (mean > 0)
    if rows.any():
        stock[rows] = _gamma_stock(*(a[rows] for a in (mean, deviation, level, fill, short)))
    return np.where(wanted, stock, 0.0)


def safety_factor(
    target_service_level: np.ndarray | float,
    target_fill_rate: np.ndarray | float,
    allowed: np.ndarray | float,
) -> np.ndarray:
    """Calculate the safety factor of the normal distribution, the textbooks' z.

    Parameters
    ----------
    allowed : units that may be short on average in a cycle to keep the fill rate / standard
        deviation

    Returns
    -------
    standard deviations, in the shape of those given; 0 up to a service level of one half
    """
    level = np.where(np.isnan(target_service_level), SERVICE_LEVEL, target_service_level)
    cycle = ndtri(np.clip(level, LEVELS[0], LEVELS[-1]))
    shortage = np.exp(-(SCORES**2) / 2) / np.sqrt(2 * np.pi) - SCORES * ndtr(-SCORES)
    rated = np.interp(allowed, shortage[::-1], SCORES[::-1])
    return np.where(np.isnan(target_fill_rate), cycle, rated)


def _measured_factor(level, fill, allowed):
    """The same of the measured distribution, whose tail is longer."""
    cycle = np.interp(ndtri(np.clip(level, LEVELS[0], LEVELS[-1])), ndtri(LEVELS), QUANTILES)
    factors = np.interp(SCORES, ndtri(LEVELS), QUANTILES)
    beyond = ndtr(-(SCORES[1:] + SCORES[:-1]) / 2)  # the chance of more, from step to step
    shortage = np.append((np.diff(factors) * beyond)[::-1].cumsum()[::-1], 0.0)
    return np.where(np.isnan(fill), cycle, np.interp(allowed, shortage[::-1], factors[::-1]))


def _gamma_stock(mean, deviation, level, fill, short):
    """Stock beyond the mean of what sells now and then, by its gamma distribution [units]."""
    form = (mean / deviation) ** 2
    size = mean / form
    cycle = gammaincinv(form, np.minimum(level, LEVELS[-1])) * size
    least, most = np.zeros(mean.shape), mean + FARTHEST * deviation
    if (~np.isnan(fill)).any():
        for _ in range(HALVINGS):
            tried = (least + most) / 2
            shortage = mean * gammaincc(form + 1, tried / size) - tried * gammaincc(
                form, tried / size
            )
            enough = shortage <= short
            least, most = np.where(enough, least, tried), np.where(enough, tried, most)
    return np.maximum(np.where(np.isnan(fill), cycle, most) - mean, 0.0)
