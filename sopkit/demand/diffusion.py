"""The Bass diffusion model for products without history."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas import DataFrame
from scipy.optimize import least_squares


class Bass(NamedTuple):
    """A diffusion: market potential, coefficient of innovation, coefficient of imitation."""

    market_size: float
    innovation: float
    imitation: float
    residual_error: float = 0.0


def bass_curve(bass: Bass, months: int) -> DataFrame:
    """Calculate first purchases in each month after launch, as the density at the month's end.

    Returns
    -------
    month_number : units, total [units]

    Source
    ------
    Bass, A new product growth model for consumer durables (1969).
    """
    month = np.arange(1, months + 1)
    return pd.DataFrame(
        {
            "month_number": month,
            "units": _bass_density(month, *bass[:3]),
            "total": _bass_total(month, *bass[:3]),
        }
    )


def bass_fit(sales: ArrayLike) -> Bass:
    """Fit the density of the diffusion curve to sales since launch by non-linear least squares.

    Raises
    ------
    ValueError : fewer than four months, or no sales.
    """
    sales = _bass_sales(sales)
    month = np.arange(1, len(sales) + 1)
    start = bass_fit_recursive(sales)
    total = sales.sum()
    plausible = start.market_size > 0 and start.imitation > 0 and start.innovation > 0
    first = start[:3] if plausible else (2 * total, 0.01, 0.4)
    fit = least_squares(
        lambda guess: _bass_density(month, *guess) - sales,
        first,
        x_scale=(total, 0.01, 0.1),
        bounds=([0, 1e-9, 1e-9], np.inf),
    )
    return Bass(*map(float, fit.x), _residual_error(fit.fun))


def bass_fit_recursive(sales: ArrayLike) -> Bass:
    """Fit each month's sales on the cumulative sales before it: (p + q C / m)(m - C), a parabola in
    C.

    This is another fit than `bass_fit`: it follows what was sold, not the curve, and gives other
    parameters.

    Returns
    -------
    Bass, with NaN where the parabola is no diffusion (it must fall again)

    Raises
    ------
    ValueError : fewer than four months, or no sales.
    """
    sales = _bass_sales(sales)
    before = np.cumsum(sales) - sales
    square, linear, constant = np.polyfit(before, sales, 2)
    root = np.sqrt(max(linear**2 - 4 * square * constant, 0.0))
    market_size = (-linear - root) / (2 * square) if square < 0 else np.nan
    error = _residual_error(np.polyval([square, linear, constant], before) - sales)
    return Bass(
        float(market_size), float(constant / market_size), float(-square * market_size), error
    )


def _bass_sales(sales):
    sales = np.asarray(sales, float)
    if len(sales) < 4 or not sales.sum() > 0:
        raise ValueError(
            f"a diffusion curve needs four months of sales or more; these are {list(sales)}"
        )
    return sales


def _bass_density(month, market_size, innovation, imitation):
    speed, ratio = innovation + imitation, imitation / innovation
    fading = np.exp(-speed * month)
    return market_size * speed**2 / innovation * fading / (1 + ratio * fading) ** 2


def _bass_total(month, market_size, innovation, imitation):
    fading = np.exp(-(innovation + imitation) * month)
    return market_size * (1 - fading) / (1 + imitation / innovation * fading)


def _residual_error(residual):
    """Standard error of a fit with three parameters."""
    return float(np.sqrt(np.sum(residual**2) / max(len(residual) - 3, 1)))


# --------------------------------------------------------------------------------------------------
# the parts
