"""Methods for intermittent demand.

The most likely month of such demand is zero, so errors month by month reward forecasting nothing.
Judged by the cumulative error over the horizon and by bias, the mean of the last year and IMAPA
lead, and their mean is steadier than either (`benchmarks/forecast.py` measures them). Methods here
have the shape of those in `models.py`.
"""

import numpy as np
from scipy.stats import binom

from sopkit.forecasting.seasonality import History
from sopkit.forecasting.series import Panel, blocks, latest, recent_months
from sopkit.forecasting.smoothing import grid, likelihood_weights, opening, smoothing, squares
from sopkit.tables.periods import YEAR

# Average months from one demand to the next; above it demand is intermittent (Syntetos and Boylan
# 2005).
INTERMITTENT_INTERVAL = 1.32
# A product seen for one month only sells its first quantity so often, and that counts as so many
# months: car parts in their first year have the total that they then sell.
PRIOR_RATE = 0.25
PRIOR_MONTHS = 2.0
SEASON_YEARS = 5  # in which a season of sales is looked for
CHANCE = 0.03  # that months without a season agree so often
AGAIN = 0.6  # share of the months with sales that have them a year later
SLOW_LEVELS = grid((0.02, 0.05, 0.1, 0.15, 0.2, 0.3))


def demand_interval(panel: Panel) -> np.ndarray:
    """Average months from one demand to the next, up to the last one; infinite without any."""
    sold = panel.values > 0
    last = np.where(sold, np.arange(1, panel.values.shape[0] + 1)[:, None], 0).max(axis=0)
    count = sold.sum(axis=0)
    return np.where(count > 0, last / np.maximum(count, 1), np.inf)


def sells_in_season(panel: Panel) -> np.ndarray:
    """Which series sell, and do not sell, in the same months of most years: goods of a season.

    Months a year apart agree more often than by chance, and most of those that sold sold again.
    """
    recent = recent_months(panel, SEASON_YEARS * YEAR)
    known = ~np.isnan(recent[YEAR:]) & ~np.isnan(recent[:-YEAR])
    now, before = recent[YEAR:] > 0, recent[:-YEAR] > 0
    pairs, agreed = known.sum(axis=0), (known & (now == before)).sum(axis=0)
    sold = np.nanmean(np.where(np.isnan(recent), np.nan, recent > 0), axis=0)
    by_chance = binom.sf(agreed - 1, pairs, sold**2 + (1 - sold) ** 2)
    again = (known & now & before).sum(axis=0) / np.maximum((known & before).sum(axis=0), 1)
    return (pairs >= YEAR) & (by_chance < CHANCE) & (again >= AGAIN)


def months_without_demand(panel: Panel) -> np.ndarray:
    """How many months each series has been at zero up to its end."""
    sold = panel.values > 0
    return panel.length - np.where(sold, np.arange(1, panel.values.shape[0] + 1)[:, None], 0).max(
        axis=0
    )


def twelve_month_mean(history: History, horizon: int) -> np.ndarray:
    """The mean of the last twelve months."""
    return np.tile(latest(Panel(history.values, history.length), YEAR).mean(axis=0), (horizon, 1))


def mean_since_first_sale(history: History, horizon: int) -> np.ndarray:
    """The mean of the months after the first, with a prior of a few months.

    The first month is a sale by construction, for the history begins with it; counted in, it makes
    young products sell too much in sum. The prior is that the first quantity comes back in some of
    the months. A history that begins without a sale was chosen by nothing: its mean is that of all.
    """
    first = history.values[0]
    total = np.nansum(history.values, axis=0) - first
    rate = (total + PRIOR_MONTHS * PRIOR_RATE * first) / (history.length - 1 + PRIOR_MONTHS)
    rate = np.where(first > 0, rate, total / history.length)
    return np.tile(rate, (horizon, 1))


def imapa(history: History, horizon: int) -> np.ndarray:
    """Simple smoothing of averages over 1, 2, ... months, up to the usual gap between demands;
    their mean.

    Source
    ------
    Petropoulos and Kourentzes, Forecast combinations for intermittent demand, J. Operational
    Research Society 66 (2015); one level alone is ADIDA: Nikolopoulos et al., J. Operational
    Research Society 62 (2011).
    """
    panel = Panel(history.values, history.length)
    widest = np.clip(np.round(demand_interval(panel)), 1, panel.length // 2).astype(int)
    total = np.zeros(panel.length.size)
    for months in range(1, widest.max(initial=1) + 1):
        used = widest >= months
        total[used] += slow_level(blocks(Panel(panel.values[:, used], panel.length[used]), months))
    return np.tile(total / widest, (horizon, 1))


def slow_level(panel: Panel) -> np.ndarray:
    """The level by simple smoothing with small parameters, from the mean of the first year."""
    states = opening(
        np.nanmean(panel.values[:YEAR], axis=0), np.zeros(panel.length.size), SLOW_LEVELS
    )
    sse = squares(smoothing(panel, states, SLOW_LEVELS), states.level.shape)
    return (likelihood_weights(sse, panel) * states.level).sum(axis=0)
