"""Diagnosis of one series: decomposition, tests, and comparison of forecasting models.

One series and twelve months held out are an anecdote: what is found here explains a forecast, it
does not choose the method. The engine chooses on many series (see `baseline`).
"""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from sopkit.forecasting.forecast import forecast_series
from sopkit.rules.marks import mark
from sopkit.tables import attach
from sopkit.tables.periods import YEAR, months_between

CELL = ["product", "market", "period"]
HELD_OUT = 12  # months
FEWEST_MONTHS = 36  # two years to learn from and one to be tested on
STRONG = 0.64  # strength from which a season is worth modelling
SIGNIFICANT = 0.05
SEASONAL_WINDOW = 13  # years over which the season may change
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


def diagnosed_series(
    demand_history: DataFrame, segments: DataFrame, forecast_accuracy: DataFrame
) -> DataFrame:
    """Choose the A product with the largest baseline error, in its largest market.

    The error is the product's baseline WAPE a month ahead, or where none was measured its
    forecast_error_cv. Only series with three years of months up to the last closed one can be
    looked into.

    Returns
    -------
    The rows of demand_history of one product and market, by period; none where no A product is old
    enough
    """
    last = demand_history["period"].max()
    if demand_history.empty:
        return demand_history
    months = demand_history.groupby(["product", "market"], as_index=False).agg(
        first=("period", "min"), last=("period", "max"), demand=("cleansed", "max")
    )
    recent = demand_history[
        months_between(demand_history["period"], [last] * len(demand_history)) < YEAR
    ]
    sold = recent.groupby(["product", "market"], as_index=False)["cleansed"].sum()
    months = attach(months, sold.rename(columns={"cleansed": "recent"}), default=0.0)
    old = (
        (months["last"] == last)
        & (months["first"] <= last - FEWEST_MONTHS + 1)
        & (months["demand"] > 0)
    )
    most_money = segments.loc[segments["abc"] == "A", ["product", "revenue", "forecast_error_cv"]]
    table = attach(months[old & months["product"].isin(most_money["product"])], most_money)
    measured = forecast_accuracy[
        (forecast_accuracy["contributor"] == "baseline")
        & (forecast_accuracy["level"] == "product")
        & (forecast_accuracy["lag"] == 1)
    ].set_index("item")["wape"]
    table["error"] = table["product"].map(measured).fillna(table["forecast_error_cv"])
    order = ["error", "revenue", "product", "recent", "market"]
    chosen = table.sort_values(
        order, ascending=[False, False, True, False, True], na_position="last"
    ).head(1)
    own = [demand_history[key].isin(chosen[key]) for key in ("product", "market")]
    return demand_history[own[0] & own[1]].sort_values("period", ignore_index=True)


def decomposition(diagnosed_series: DataFrame) -> DataFrame:
    """Decompose cleansed demand into trend, season and remainder, robust to outliers.

    Returns
    -------
    period : observed, trend, seasonal, remainder [units]; observed is the sum of the three

    Raises
    ------
    ValueError : not one series (see `diagnosed_series`), a month missing, or fewer than three
        years.

    Source
    ------
    Cleveland and others, STL: a seasonal-trend decomposition procedure based on loess (1990).
    """
    if diagnosed_series.empty:
        return pd.DataFrame(columns=["period", "observed", "trend", "seasonal", "remainder"])
    from statsmodels.tsa.seasonal import STL

    demand = _demand(diagnosed_series)
    parts = STL(demand, period=YEAR, seasonal=SEASONAL_WINDOW, robust=True).fit()
    return pd.DataFrame(
        {
            "period": diagnosed_series["period"].to_numpy(),
            "observed": demand,
            "trend": parts.trend,
            "seasonal": parts.seasonal,
            "remainder": demand - parts.trend - parts.seasonal,
        }
    )


def pattern_tests(decomposition: DataFrame) -> DataFrame:
    """Test whether season and trend are significant.

    Season: strength, and Kruskal and Wallis on what the trend leaves. Trend: strength, and the
    slope of what the season leaves, with errors that allow for months resembling their neighbours.

    Returns
    -------
    test : statistic, p_value (missing for a strength), conclusion

    Source
    ------
    Strengths: Wang, Smith and Hyndman, Characteristic-based clustering for time series data (2006).
    """
    if decomposition.empty:
        return pd.DataFrame(columns=["test", "statistic", "p_value", "conclusion"])
    parts = decomposition
    rows = [*_season_tests(parts), *_trend_tests(parts)]
    return pd.DataFrame(rows, columns=["test", "statistic", "p_value", "conclusion"])


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
    demand = _demand(diagnosed_series)
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
# tests


def _demand(series):
    """The series' cleaned demand, refused where it cannot be looked into."""
    name = " ".join(
        series[["product", "market"]].drop_duplicates().astype("str").agg(" in ".join, axis=1)
    )
    months = pd.PeriodIndex(series["period"]).asi8
    if (np.diff(months) != 1).any():
        raise ValueError(
            f"demand_history: {name} is not one series of consecutive months; choose one with "
            "diagnosed_series"
        )
    if len(series) < FEWEST_MONTHS:
        raise ValueError(
            f"demand_history: {name} has {len(series)} months; a close look needs {FEWEST_MONTHS}, "
            "of which "
            f"{HELD_OUT} are held out. Choose an older product."
        )
    return series["cleansed"].to_numpy(dtype="float64")


def _strength(part, remainder):
    """The share of the variance that the part explains, from 0 to 1."""
    total = np.var(part + remainder)
    return max(0.0, 1 - np.var(remainder) / total) if total > 0 else 0.0


def _season_tests(parts):
    strength = _strength(parts["seasonal"], parts["remainder"])
    yield "strength of season", strength, np.nan, "strong" if strength >= STRONG else "weak"
    plain = parts["observed"] - parts["trend"]
    month = pd.PeriodIndex(parts["period"]).month
    if np.ptp(plain) < 1e-9 * max(parts["observed"].abs().max(), 1.0):
        yield "months differ (Kruskal and Wallis)", np.nan, np.nan, "every month is alike"
        return
    test = stats.kruskal(*(plain[month == m] for m in range(1, YEAR + 1)))
    words = "months differ" if test.pvalue < SIGNIFICANT else "months do not differ significantly"
    yield "months differ (Kruskal and Wallis)", test.statistic, test.pvalue, words


def _trend_tests(parts):
    from statsmodels.regression.linear_model import OLS

    strength = _strength(parts["trend"], parts["remainder"])
    yield "strength of trend", strength, np.nan, "strong" if strength >= STRONG else "weak"
    plain = (parts["observed"] - parts["seasonal"]).to_numpy()
    years = np.arange(len(plain)) / YEAR
    x = np.column_stack([np.ones(len(plain)), years])
    if np.ptp(plain) < 1e-9 * max(np.abs(plain).max(), 1.0):
        yield "slope (errors allow for neighbours)", np.nan, np.nan, "demand stands still"
        return
    fit = OLS(plain, x).fit(
        cov_type="HAC", cov_kwds={"maxlags": YEAR, "use_correction": True}, use_t=True
    )
    rate = 100 * fit.params[1] / plain.mean()
    words = (
        f"{rate:+.1f} % a year"
        if fit.pvalues[1] < SIGNIFICANT
        else f"no significant slope ({rate:+.1f} % a year)"
    )
    yield "slope (errors allow for neighbours)", fit.tvalues[1], fit.pvalues[1], words


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
