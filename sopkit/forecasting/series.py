"""Many histories side by side, longest first, each beginning in row 0.

So arranged, the series that still have data in a month are the first few columns, and a recursion
steps through the months with plain slices: no masks, and no waste on series of unequal length.
"""

from typing import NamedTuple

import numpy as np


class Panel(NamedTuple):
    """Histories of unequal length in one array.

    values : months x series [units], row 0 is each series' own first month, NaN after its last
    length : months of history of each series, descending
    """

    values: np.ndarray
    length: np.ndarray


def first_months(history: np.ndarray) -> np.ndarray:
    """Where each row of `history` begins; a row that cannot be forecast from is refused."""
    known = ~np.isnan(history)
    empty = np.flatnonzero(~known.any(axis=1))
    if empty.size:
        raise ValueError(
            f"history: every series needs at least one month; rows {empty[:5].tolist()} have none"
        )
    first = np.argmax(known, axis=1)
    begun = np.arange(history.shape[1]) >= first[:, None]
    # A comparison with an unknown month is false, so this finds gaps and negative months alike.
    for row, month in np.argwhere(begun & ~((history >= 0) & (history < np.inf)))[:1]:
        raise ValueError(
            f"history: quantities must be 0 or more in every month after the first; row {row} in "
            "month "
            f"{month} is {history[row, month]}"
        )
    return first


def panel_of(history: np.ndarray) -> tuple[Panel, np.ndarray]:
    """Arrange histories that end together (series x months, NaN before a start) as a panel.

    Returns
    -------
    panel, order : the panel, and the row of `history` each of its columns came from
    """
    months = history.shape[1]
    first = first_months(history)
    order = np.argsort(first, kind="stable")
    month = np.arange(months)[:, None] + first[order]
    values = history[order, np.minimum(month, months - 1)]
    return Panel(np.where(month < months, values, np.nan), months - first[order]), order


def chosen(panel: Panel, columns: np.ndarray) -> Panel:
    """Some of the series, given by column, still longest first."""
    length = panel.length[columns]
    return Panel(panel.values[: length[0], columns], length)


def active(panel: Panel) -> np.ndarray:
    """How many series, the first so many columns, still have data in each month."""
    return np.searchsorted(-panel.length, -np.arange(panel.values.shape[0]), side="left")


def shortened(panel: Panel, months: int) -> Panel:
    """The panel as it was known `months` earlier; every series must be longer than that."""
    length = panel.length - months
    rows = np.arange(length.max(initial=0))
    return Panel(np.where(rows[:, None] < length, panel.values[: rows.size], np.nan), length)


def recent_months(panel: Panel, months: int) -> np.ndarray:
    """The last months of each series, NaN before it began (months x series)."""
    recent = np.full((months, panel.length.size), np.nan)
    for back in range(1, min(months, panel.values.shape[0]) + 1):
        known = panel.length >= back
        recent[-back, known] = panel.values[panel.length[known] - back, known]
    return recent


def latest(panel: Panel, months: int) -> np.ndarray:
    """The last `months` months of each series in order (months x series)."""
    return np.take_along_axis(
        panel.values, panel.length - months + np.arange(months)[:, None], axis=0
    )


def blocks(panel: Panel, months: int) -> Panel:
    """Averages over blocks of `months`, counted back from the last month; an older remainder is
    left out."""
    length = panel.length // months
    rows = np.arange(length.max(initial=0) * months)[:, None]
    month = np.minimum(rows + panel.length - length * months, panel.values.shape[0] - 1)
    values = np.where(
        rows < length * months, np.take_along_axis(panel.values, month, axis=0), np.nan
    )
    return Panel(values.reshape(-1, months, length.size).mean(axis=1), length)
