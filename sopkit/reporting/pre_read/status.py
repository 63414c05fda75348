"""Status and trend of a measure: a word and a sign, then a colour, by the measure's direction."""

from typing import NamedTuple

import numpy as np
from pandas import Series

from sopkit.reporting.pre_read.page import Cell
from sopkit.schema.cells import MISSING

WATCH = 0.02  # of the target: what misses it by less is watched
STEADY = 0.01  # of the value: what moves less is steady
RECENT = 3  # months compared with those before
RULE = f"Watch: misses its target by at most {100 * WATCH:.0f} %"
TREND = f"Trend: last {RECENT} closed months against the prior year, or the {RECENT} before"


class Status(NamedTuple):
    """How a measure stands against its target."""

    sign: str
    word: str
    tone: str

    @property
    def cell(self) -> Cell:
        """Sign and word, in their colour."""
        return Cell(f"{self.sign} {self.word}", self.tone)


ON, NEAR, OFF = (
    Status("●", "on target", "good"),
    Status("▲", "watch", "watch"),
    Status("■", "off target", "bad"),
)
UNKNOWN = Status(MISSING, "no target", "")


def status(value: float, target: float, more_is_good: bool = True) -> Status:
    """Say whether a value reaches its target, misses it by little, or misses it.

    >>> status(98.5, 100).word, status(98.5, 100, more_is_good=False).word, status(90, 100).word
    ('watch', 'on target', 'off target')
    """
    if np.isnan(value) or np.isnan(target):
        return UNKNOWN
    missed = (target - value) if more_is_good else (value - target)
    if missed <= 1e-9 * abs(target):
        return ON
    return NEAR if missed <= WATCH * abs(target) else OFF


def trend(values: Series, before: Series, more_is_good: bool = True) -> Cell:
    """Say how the newest months compare with earlier ones: better, steady or worse.

    Months that are not known are left out; with fewer than two of either there is no trend.
    """
    new, old = values.dropna(), before.dropna()
    if len(new) < 2 or len(old) < 2 or not old.mean():
        return Cell(MISSING)
    change = float(new.mean() / old.mean() - 1)
    if abs(change) <= STEADY:
        return Cell("▶ steady")
    better = (change > 0) == more_is_good
    sign = "▲" if change > 0 else "▼"
    return Cell(*((f"{sign} better", "good") if better else (f"{sign} worse", "bad")))
