"""Quarters of an export become months by a profile: the share of a quarter in each month."""

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake.columns import end_named
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.rows import LeftOut, left_out

PROFILE = "quarter_profile"  # key of the answer
MONTHS = 3
ROUNDING = 1e-6  # by which the shares may miss 1
HOW = f"--answer {PROFILE}=0.3,0.3,0.4"


class Split(NamedTuple):
    """Lines of months, quarters that are left out, and what is said of it."""

    lines: DataFrame
    left_out: list[LeftOut]
    note: str


def profile_of(decisions: Decisions) -> list[float] | None:
    """The share of its quarter that each of the three months sells; None where it is not given.

    Raises
    ------
    ValueError : they are not three numbers, one is negative, or their sum is not 1.
    """
    told = decisions.told(PROFILE)
    if told is None:
        return None
    try:
        shares = [float(part) for part in told.split(",")]
    except ValueError:
        shares = []
    if len(shares) != MONTHS:
        fault = "is not three numbers"
    elif not np.isfinite(shares).all() or min(shares) < 0:
        fault = f"has a share of {next(one for one in shares if not 0 <= one < np.inf):g}"
    elif abs(sum(shares) - 1) > ROUNDING:
        fault = f"has shares that sum to {sum(shares):.6g}"
    else:
        return shares
    raise ValueError(
        f"{PROFILE}={told!r} {fault}. Give three shares that are not negative and sum to 1, one "
        f"for each month of a quarter: {HOW}"
    )


def split(
    lines: DataFrame, shares: list[float], first: np.ndarray, source: str, today: dt.date
) -> Split:
    """Give each month of a quarter its share of quantity and revenue; quarters not over are left
    out.

    Parameters
    ----------
    first : the first month of each line's quarter

    Raises
    ------
    ValueError : no quarter is over, or lines are not quarters apart.
    """
    if ((first - first.min()).astype("int64") % MONTHS).any():
        raise ValueError(
            f"{source}: the lines are not quarters apart, and {PROFILE} splits quarters alone. "
            "Leave out --answer spacing=quarter."
        )
    unfinished = (first + MONTHS).astype("datetime64[D]") - 1 > np.datetime64(today)
    if unfinished.all():
        raise ValueError(
            f"{source}: no quarter is over: today is {today}. Export earlier ones too."
        )
    left = []
    if unfinished.any():
        units = float(lines.loc[unfinished, "quantity"].sum())
        reason = f"its quarter is not over: today is {today}"
        left.append(left_out(reason, lines[["date", "product", "quantity"]], unfinished, units))
    lines, first = lines[~unfinished], first[~unfinished]
    parts = []
    for step, share in enumerate(shares):
        part = lines.assign(date=(first + step).astype("datetime64[us]"))
        for measure in part.columns.intersection(["quantity", "revenue"]):
            part[measure] = part[measure] * share
        parts.append(part)
    said = ", ".join(f"{share:g}" for share in shares)
    note = f"the lines are quarters: each is split into its months by {PROFILE} {said}"
    return Split(pd.concat(parts), left, note)


def first_months(dates: pd.Series, size: str, name: str, decisions: Decisions) -> np.ndarray:
    """The first month of the quarter that each date names.

    Parameters
    ----------
    size : quarter, where the cells name quarters and not days
    name : the column of the dates
    """
    named = dates.to_numpy().astype("datetime64[M]")
    return named if _starts(dates, size, name, decisions) else named - (MONTHS - 1)


def _starts(dates, size, name, decisions):
    """Whether a date names the first month of its quarter, or the last one."""
    if size == "quarter":
        return True
    if dates.dt.is_month_end.all():
        best, reason = "ends", "dates are last days of months"
    elif best := end_named(name):
        reason = f"the column is called {name}"
    elif dates.dt.is_quarter_start.all():
        best, reason = "starts", "dates are first days of calendar quarters"
    else:
        ask = (
            f"Do the dates of {name} name the first month of a quarter (starts) or the last (ends)?"
        )
        default = "ends" if (dates.dt.month % MONTHS == 0).all() else "starts"
        return decisions.ask(Question("quarter", ask, ("starts", "ends"), default)) == "starts"
    return decisions.guess("quarter", best, reason, ("starts", "ends")) == "starts"
