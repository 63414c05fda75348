"""Purchases of products in whole lots: minimum orders and order multiples."""

import numpy as np

from sopkit.model.parameters import Purchases
from sopkit.schema.tolerances import ROUNDING


def has_lots(purchases: Purchases) -> bool:
    """Whether any source asks for a minimum order or a multiple."""
    return bool((purchases.least > 0).any() or (purchases.multiple > 0).any())


def in_lots(purchased: np.ndarray, purchases: Purchases) -> np.ndarray:
    """Round purchases up to the minimum and the multiple of an order, month by month.

    What a month buys beyond its need is carried over to the next. A source's limit holds: what is
    above it in whole multiples is not bought.

    >>> way = Purchases(None, None, np.array([0]), None, np.array([[100.0] * 3]),
    ...     np.array([[30.0] * 3]), np.array([[np.inf] * 3]), None, None)
    >>> in_lots(np.array([[95.0, 95.0, 95.0]]), way)
    array([[120., 120., 120.]])

    Returns
    -------
    ways x months [units]
    """
    bought, most = np.zeros(purchased.shape), purchases.most[purchases.source]
    needed, placed = purchased.cumsum(axis=1), np.zeros(len(purchased))
    for month in range(purchased.shape[1]):
        need = needed[:, month] - placed
        size = np.where(need > ROUNDING, np.maximum(need, purchases.least[:, month]), 0.0)
        step = purchases.multiple[:, month]
        lots = np.where(step > 0, step, 1.0)
        whole = np.ceil(size / lots - ROUNDING) * lots
        size = np.where(step > 0, whole, size)
        fits = np.minimum(size, most[:, month])
        fits = np.where((step > 0) & (fits < size), np.floor(fits / lots + ROUNDING) * lots, fits)
        bought[:, month] = fits
        placed += fits
    return bought
