"""Diagnosis of one series: decomposition, and tests of its season and trend.

One series and twelve months held out are an anecdote: what is found here explains a forecast, it
does not choose the method. The engine chooses on many series (see `baseline`).
"""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from sopkit.tables import attach
from sopkit.tables.periods import YEAR, months_between

CELL = ["product", "market", "period"]
HELD_OUT = 12  # months
FEWEST_MONTHS = 36  # two years to learn from and one to be tested on
STRONG = 0.64  # strength from which a season is worth modelling
SIGNIFICANT = 0.05
SEASONAL_WINDOW = 13  # years over which the season may change


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

    demand = checked_demand(diagnosed_series)
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


# --------------------------------------------------------------------------------------------------
# tests


def checked_demand(series: DataFrame) -> np.ndarray:
    """The cleansed demand of one series [units], refused where it cannot be looked into.

    Raises
    ------
    ValueError : not one series, a month missing, or fewer than three years.
    """
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
