"""The statistical baseline of a whole portfolio at once."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sopkit.demand.panel import Panel, latest, panel_of

KEYS = ["product", "market"]


class Forecast(NamedTuple):
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    method: np.ndarray


def baseline_forecast(demand_history, horizon):
    """Forecast every product and market from its own cleaned history.

    Returns
    -------
    product, market, period : baseline, low, high [units], method (low to high is an 80 % interval)
    """
    history, keys, last = history_array(demand_history)
    months = pd.PeriodIndex(horizon["period"])
    ahead = months.asi8 - last
    forecast = forecast_array(history, int(ahead[-1]))
    wanted = ahead - 1
    table = keys.loc[keys.index.repeat(len(months))].reset_index(drop=True)
    table["period"] = pd.PeriodIndex(np.tile(months, len(keys)))
    for name in ("mean", "low", "high"):
        table["baseline" if name == "mean" else name] = getattr(forecast, name)[:, wanted].ravel()
    table["method"] = pd.array(np.repeat(forecast.method, len(months)), dtype="str")
    return table


def history_array(demand_history):
    rows = demand_history.sort_values([*KEYS, "period"])
    group = rows.groupby(KEYS, sort=True).ngroup().to_numpy()
    keys = rows[KEYS].drop_duplicates().reset_index(drop=True)
    month = pd.PeriodIndex(rows["period"]).asi8
    first, last = month.min(), month.max()
    array = np.full((len(keys), last - first + 1), np.nan)
    array[group, month - first] = rows["cleaned"].to_numpy(float)
    begun = np.maximum.accumulate(~np.isnan(array), axis=1)
    return np.where(begun & np.isnan(array), 0.0, array), keys, last


def forecast_array(history, horizon):
    panel, order = panel_of(history)
    n = panel.length.size
    mean = np.zeros((n, horizon))
    method = np.full(n, "mean of history", dtype=object)
    mean[:] = np.nanmean(panel.values, axis=0)[:, None]
    long = panel.length >= 24
    if long.any():
        last_year = latest(Panel(panel.values[:, long], panel.length[long]), 12)
        mean[long] = last_year[np.arange(horizon) % 12].T
        method[long] = "seasonal naive"
    spread = np.nanstd(panel.values, axis=0)[:, None] * 1.2816 * np.ones(horizon)
    back = np.empty(n, int)
    back[order] = np.arange(n)
    mean = np.maximum(mean, 0)[back]
    spread = spread[back]
    return Forecast(mean, np.maximum(mean - spread, 0), mean + spread, method[back])
