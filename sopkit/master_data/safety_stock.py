"""How many standard deviations of stock a wanted service asks for."""

import numpy as np
from scipy.special import ndtr, ndtri

SERVICE_LEVEL = 0.95  # wanted when the policy does not say
INTERVAL_WIDTH = 2 * ndtri(0.9)  # standard deviations between the ends of an 80 % interval


def safety_factor(
    target_service_level: np.ndarray | float,
    target_fill_rate: np.ndarray | float,
    allowed: np.ndarray | float,
) -> np.ndarray:
    """The factor for the wanted chance of no stock-out, or for the fill rate where one is named; never below 0.

    Parameters
    ----------
    target_service_level, target_fill_rate : ratios; the usual service level where neither is known
    allowed : units that may be short on average in a cycle to keep the fill rate / standard deviation

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
    """The factor k, 0 or more, at which a standard normal error exceeds k by `allowed` units on average.

    Newton's steps from 0 never overshoot: the expected shortage is convex and falls.
    """
    factor = np.zeros(allowed.shape)
    for _ in range(40):
        beyond = ndtr(-factor)
        shortage = np.exp(-(factor**2) / 2) / np.sqrt(2 * np.pi) - factor * beyond
        factor = np.maximum(factor + (shortage - allowed) / beyond, 0.0)
    return factor
