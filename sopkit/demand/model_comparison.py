"""Forecasting models compared on the held-out months of one series."""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand.diagnostics import HELD_OUT, SIGNIFICANT, checked_demand
from sopkit.forecasting.forecast import forecast_series
from sopkit.rules.marks import mark
from sopkit.tables.periods import YEAR

LAGS_TESTED = 12  # autocorrelations that the Ljung-Box test looks at
# error, trend, damped, season
SMOOTHED = {
    "ETS(A,N,A)": ("add", None, False, "add"),
    "ETS(A,Ad,A)": ("add", "add", True, "add"),
    "ETS(M,N,M)": ("mul", None, False, "mul"),
    "ETS(M,Ad,M)": ("mul", "add", True, "mul"),
}
DRIFTING, DIFFERENCED = (
    "ARIMA, drifting",
    "ARIMA, differenced",
)  # AICc cannot be compared between the two
# kind, order, seasonal order, trend
ARIMA = {
    "ARIMA(1,0,0)(0,1,1)12 with drift": (DRIFTING, (1, 0, 0), (0, 1, 1, YEAR), "c"),
    "ARIMA(1,0,1)(0,1,1)12 with drift": (DRIFTING, (1, 0, 1), (0, 1, 1, YEAR), "c"),
    "ARIMA(0,1,1)(0,1,1)12": (DIFFERENCED, (0, 1, 1), (0, 1, 1, YEAR), None),
}
FIT_COLUMNS = ["aicc", "ljung_box_p_value", "residual_bias_ratio", "converged"]


class ModelComparison(NamedTuple):
    """Forecasting models compared on the same held-out months.

    model_scores : method : kind, held_out_wape, held_out_bias [ratio], aicc (of demand as a share
        of its mean; comparable within a kind),
        ljung_box_p_value, residual_bias_ratio, converged (missing where nothing is fitted),
        conclusion
    holdout_forecasts : method, period : forecast, actual [units]
    """

    model_scores: DataFrame
    holdout_forecasts: DataFrame


@mark("analysis", kept=True)  # fitting takes seconds
def candidates(diagnosed_series: DataFrame) -> ModelComparison:
    """Forecast the last twelve months by each model, the engine and the prior year.

    The held-out months are the same for all, forecast from one origin; cleaning has seen them, for
    all alike.

    Returns
    -------
    ModelComparison

    Raises
    ------
    ValueError : not one series (see `diagnosed_series`), a month missing, or fewer than three
        years.
    """
    if diagnosed_series.empty:
        columns = ["method", "kind", "held_out_wape", "held_out_bias", *FIT_COLUMNS, "conclusion"]
        return ModelComparison(
            pd.DataFrame(columns=columns),
            pd.DataFrame(columns=["method", "period", "forecast", "actual"]),
        )
    demand = checked_demand(diagnosed_series)
    known, actual = demand[:-HELD_OUT], demand[-HELD_OUT:]
    engine = forecast_series(known[None, :], HELD_OUT)
    unfitted = dict.fromkeys(FIT_COLUMNS, np.nan)
    found = [
        ("same month last year", "naive", known[-YEAR:], unfitted),
        (f"engine: {engine.method[0]}", "engine", engine.forecast[0], unfitted),
    ]
    if np.ptp(known) > 0:  # there is nothing to fit to a constant
        found += [*_smoothed(known), *_arima(known)]
    methods = [{"method": m, "kind": k, **_errors(actual, f), **fit} for m, k, f, fit in found]
    table = pd.DataFrame(methods).astype({"converged": "boolean"})
    forecasts = pd.DataFrame(
        {
            "method": np.repeat(table["method"].to_numpy(), HELD_OUT),
            "period": np.tile(diagnosed_series["period"].array[-HELD_OUT:], len(found)),
            "forecast": np.concatenate([forecast for _, _, forecast, _ in found]),
            "actual": np.tile(actual, len(found)),
        }
    )
    return ModelComparison(table.assign(conclusion=_conclusions(table)), forecasts)


# --------------------------------------------------------------------------------------------------
# models


def _smoothed(known):
    """Exponential smoothing in state space form; multiplicative forms need demand in every
    month."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    share = known / known.mean()
    for name, (error, trend, damped, season) in SMOOTHED.items():
        if "mul" in (error, season) and known.min() <= 0:
            continue
        model = ETSModel(
            share,
            error=error,
            trend=trend,
            damped_trend=damped,
            seasonal=season,
            seasonal_periods=YEAR,
        )
        yield name, "ETS", *_fitted(model, known, 0)


def _arima(known):
    """Seasonal ARIMA of a short fixed list."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    share = known / known.mean()
    for name, (kind, order, seasonal, trend) in ARIMA.items():
        model = SARIMAX(
            share, order=order, seasonal_order=seasonal, trend=trend, concentrate_scale=True
        )
        yield name, kind, *_fitted(model, known, YEAR + order[1])


def _fitted(model, known, warm_up):
    """Fit a model of demand as a share of its mean; the first `warm_up` residuals only start it up.

    Returns
    -------
    forecast [units], dict of FIT_COLUMNS
    """
    usual = known.mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the optimiser's outcome is in `converged`
        fit = model.fit(disp=False)
        forecast = usual * np.asarray(fit.forecast(HELD_OUT))
    residual = (known / usual - np.asarray(fit.fittedvalues))[warm_up:]
    return forecast, {
        "aicc": float(fit.aicc),
        "ljung_box_p_value": _pattern_p_value(residual),
        "residual_bias_ratio": residual.mean(),
        "converged": bool(fit.mle_retvals["converged"]),
    }


def _pattern_p_value(residual):
    """The chance of such a pattern in mere noise; not known of fewer months than lags, or of no
    errors at all."""
    from statsmodels.stats.diagnostic import acorr_ljungbox

    if len(residual) <= LAGS_TESTED or np.ptp(residual) < 1e-9:
        return np.nan
    return float(acorr_ljungbox(residual, lags=[LAGS_TESTED])["lb_pvalue"].iloc[0])


def _errors(actual, forecast):
    total = actual.sum()
    if total <= 0:
        return {"held_out_wape": np.nan, "held_out_bias": np.nan}
    error = actual - forecast
    return {"held_out_wape": np.abs(error).sum() / total, "held_out_bias": error.sum() / total}


def _conclusions(table):
    """Say which model of its kind explains best, what its residuals leave, and which came
    closest."""
    kinds = table.groupby("kind")["aicc"]
    best = (table["aicc"] == kinds.transform("min")) & (kinds.transform("size") > 1)
    closest = table["held_out_wape"] == table["held_out_wape"].min()
    p_value = table["ljung_box_p_value"]
    sayings = [
        (closest, "closest in the held-out months"),
        (best, "lowest AICc of its kind"),
        (p_value < SIGNIFICANT, "its errors follow a pattern"),
        (table["converged"].eq(False).fillna(False), "the fit did not converge"),
    ]
    columns = [np.where(applies.to_numpy(dtype=bool), words, "") for applies, words in sayings]
    return pd.array(
        ["; ".join(filter(None, row)) for row in zip(*columns, strict=True)], dtype="str"
    )
