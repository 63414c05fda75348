"""The safety factor: standard deviations of stock for a target service level."""

import numpy as np
from scipy.special import ndtr, ndtri

SERVICE_LEVEL = 0.95  # target without a policy
INTERVAL_WIDTH = 2 * ndtri(0.9)  # standard deviations between the ends of an 80 % interval


def safety_factor(
    target_service_level: np.ndarray | float,
    target_fill_rate: np.ndarray | float,
    allowed: np.ndarray | float,
) -> np.ndarray:
    """Calculate the safety factor for a cycle service level, or a fill rate where one is given.

    Parameters
    ----------
    target_service_level, target_fill_rate : ratios; the usual service level where neither is known
    allowed : units that may be short on average in a cycle to keep the fill rate / standard
        deviation

    Returns
    -------
    standard deviations, in the shape of those given
    """
    level = np.where(np.isnan(target_service_level), SERVICE_LEVEL, target_service_level)
    cycle = ndtri(np.maximum(level, 0.5))  # up to one half, no stock is held for safety
    asked = ~np.isnan(target_fill_rate) & (allowed > 0) & np.isfinite(allowed)
    return np.where(
        np.isnan(target_fill_rate), cycle, _factor_of_shortage(np.where(asked, allowed, 1.0))
    )


def _factor_of_shortage(allowed):
    """The factor k, 0 or more, at which a standard normal error exceeds k by `allowed` units on
    average.

    Newton's steps from 0 never overshoot: the expected shortage is convex and falls.
    """
    factor = np.zeros(allowed.shape)
    for _ in range(40):
        beyond = ndtr(-factor)
        shortage = np.exp(-(factor**2) / 2) / np.sqrt(2 * np.pi) - factor * beyond
        factor = np.maximum(factor + (shortage - allowed) / beyond, 0.0)
    return factor
