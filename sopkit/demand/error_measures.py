"""Measures of forecast error: one row of actuals and forecasts in, one figure out.

error = actual - forecast: a tracking signal above 0 is under-forecast.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas import DataFrame

from sopkit.tables.periods import YEAR


def mean_absolute_error(actual: ArrayLike, forecast: ArrayLike) -> float:
    """Mean absolute error (MAE)."""
    return float(np.mean(np.abs(np.asarray(actual) - np.asarray(forecast))))


def root_mean_squared_error(actual: ArrayLike, forecast: ArrayLike) -> float:
    """Root mean squared error (RMSE)."""
    return float(np.sqrt(np.mean((np.asarray(actual) - np.asarray(forecast)) ** 2)))


def mean_absolute_percentage_error(actual: ArrayLike, forecast: ArrayLike) -> float:
    """Mean absolute percentage error (MAPE)."""
    return float(np.mean(np.abs(np.asarray(actual) - np.asarray(forecast)) / np.abs(actual)) * 100)


def mean_absolute_scaled_error(
    actual: ArrayLike, forecast: ArrayLike, history: ArrayLike, season: int = YEAR
) -> float:
    """Mean absolute scaled error (MASE): MAE over that of a seasonal naive forecast within history.

    Source
    ------
    Hyndman and Koehler, Another look at measures of forecast accuracy (2006).
    """
    history = np.asarray(history)
    return mean_absolute_error(actual, forecast) / mean_absolute_error(
        history[season:], history[:-season]
    )


def tracking_signals(actual: ArrayLike, forecast: ArrayLike) -> DataFrame:
    """Running sum of errors over running mean absolute error, period by period.

    Above 0 is under-forecast.

    Returns
    -------
    period number, from 1 : running_sum, mean_absolute_deviation [units], tracking_signal (missing
        while without error)
    """
    error = pd.Series(np.asarray(actual, float) - np.asarray(forecast, float))
    table = pd.DataFrame(
        {"running_sum": error.cumsum(), "mean_absolute_deviation": error.abs().expanding().mean()}
    )
    table["tracking_signal"] = table["running_sum"] / table["mean_absolute_deviation"].where(
        table["mean_absolute_deviation"] > 0
    )
    return table.set_axis(range(1, len(table) + 1))
