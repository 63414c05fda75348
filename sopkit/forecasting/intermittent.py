"""Demand with many empty months: methods that aim at the total, not at the most likely month.

The most likely month of such demand is zero, so errors month by month reward forecasting nothing. Judged by
the cumulative error over the horizon and by bias, the mean of the last year and IMAPA lead, and their mean is
steadier than either (`benchmarks/forecast.py` measures all of these). Methods here have the shape of those in
`methods.py`.
"""

import numpy as np

from sopkit.forecasting.seasonality import YEAR
from sopkit.forecasting.series import Panel, active, blocks, latest
from sopkit.forecasting.smoothing import grid, likelihood_weights, opening, smoothing, squares

# Average months from one demand to the next; above it demand is intermittent (Syntetos and Boylan 2005).
INTERMITTENT_INTERVAL = 1.32
SLOW_LEVELS = grid((0.02, 0.05, 0.1, 0.15, 0.2, 0.3))
SIZE_ALPHA = 0.1
CHANCE_ALPHA = 0.05


def demand_interval(panel):
    """Average months from one demand to the next, up to the last one; infinite without any."""
    sold = panel.values > 0
    last = np.where(sold, np.arange(1, panel.values.shape[0] + 1)[:, None], 0).max(axis=0)
    count = sold.sum(axis=0)
    return np.where(count > 0, last / np.maximum(count, 1), np.inf)


def months_without_demand(panel):
    """How many months each series has been at zero up to its end."""
    sold = panel.values > 0
    return panel.length - np.where(sold, np.arange(1, panel.values.shape[0] + 1)[:, None], 0).max(
        axis=0
    )


def twelve_month_mean(history, horizon):
    """The mean of the last twelve months."""
    return np.tile(latest(Panel(history.values, history.length), YEAR).mean(axis=0), (horizon, 1))


def imapa(history, horizon):
    """Simple smoothing of averages over 1, 2, ... months, up to the usual gap between demands; their mean.

    Source
    ------
    Petropoulos and Kourentzes, Forecast combinations for intermittent demand, J. Operational Research Society
    66 (2015); one level alone is ADIDA: Nikolopoulos et al., J. Operational Research Society 62 (2011).
    """
    panel = Panel(history.values, history.length)
    widest = np.clip(np.round(demand_interval(panel)), 1, panel.length // 2).astype(int)
    total = np.zeros(panel.length.size)
    for months in range(1, widest.max(initial=1) + 1):
        used = widest >= months
        total[used] += slow_level(blocks(Panel(panel.values[:, used], panel.length[used]), months))
    return np.tile(total / widest, (horizon, 1))


def slow_level(panel):
    """The level by simple smoothing with small parameters, from the mean of the first year."""
    states = opening(
        np.nanmean(panel.values[:YEAR], axis=0), np.zeros(panel.length.size), SLOW_LEVELS
    )
    sse = squares(smoothing(panel, states, SLOW_LEVELS), states.level.shape)
    return (likelihood_weights(sse, panel) * states.level).sum(axis=0)


def sba(history, horizon):
    """Croston's size over interval, less its bias (Syntetos and Boylan); updated only when something sells.

    Source
    ------
    Syntetos and Boylan, The accuracy of intermittent demand estimates, Int. J. Forecasting 21 (2005).
    """
    panel = Panel(history.values, history.length)
    size, interval = np.full((2, panel.length.size), np.nan)
    gap = np.ones(panel.length.size)
    for month, n in enumerate(active(panel)):
        y = panel.values[month, :n]
        sold, first = y > 0, np.isnan(size[:n])
        size[:n] = np.where(
            sold, np.where(first, y, size[:n] + SIZE_ALPHA * (y - size[:n])), size[:n]
        )
        stretch = interval[:n] + SIZE_ALPHA * (gap[:n] - interval[:n])
        interval[:n] = np.where(sold, np.where(first, gap[:n], stretch), interval[:n])
        gap[:n] = np.where(sold, 1, gap[:n] + 1)
    return np.tile((1 - SIZE_ALPHA / 2) * size / interval, (horizon, 1))


def tsb(history, horizon):
    """Size of a demand times its chance; the chance falls with every empty month, so what has died fades out.

    Source
    ------
    Teunter, Syntetos and Babai, Intermittent demand: linking forecasting to inventory obsolescence, European
    J. Operational Research 214 (2011).
    """
    panel = Panel(history.values, history.length)
    chance = np.nanmean(np.where(np.isnan(panel.values), np.nan, panel.values > 0)[:YEAR], axis=0)
    size = np.nansum(panel.values, axis=0) / np.maximum((panel.values > 0).sum(axis=0), 1)
    for month, n in enumerate(active(panel)):
        y = panel.values[month, :n]
        sold = y > 0
        chance[:n] += CHANCE_ALPHA * (sold - chance[:n])
        size[:n] = np.where(sold, size[:n] + SIZE_ALPHA * (y - size[:n]), size[:n])
    return np.tile(chance * size, (horizon, 1))
