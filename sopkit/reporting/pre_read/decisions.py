"""The list of the decisions: question, recommendation, value, by when."""

from typing import Any

import numpy as np
from pandas import DataFrame, Period, Series

from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import Cell, Table, heads, phrase, row, varying
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import capitalised, count, listed, month, percent
from sopkit.schema.tolerances import MATERIAL

LISTED = 7
SMALL = 0.01  # of the planned margin
QUESTION, CHOICE = 104, 62  # characters of a line of the list


def required(decisions: DataFrame) -> DataFrame:
    """The decisions of the executives but the approval, in the order in which they are asked."""
    return decisions[(decisions["decision_level"] == "executives") & ~is_approval(decisions)]


def is_approval(decisions: DataFrame) -> Series:
    """Which decision is to approve the plan: the one without a cause."""
    return decisions["cause"].isna()


def decisions_list(tables: Any, currency: str, start: Period, margin: float) -> Table:
    """Every decision on one line: question, recommendation, value, by when.

    Parameters
    ----------
    start : the first planned month
    margin : of the plan [money]; not a number where it is not known
    """
    own = required(tables.decisions)
    rows = [
        row(
            f"{number}",
            capitalised(phrase(one.question, QUESTION)),
            _in_short(one),
            value_of(one, tables.gaps, currency),
            by_when(one, tables.gaps, start),
        )
        for number, one in enumerate(own.head(LISTED).itertuples(), 1)
    ]
    approve = tables.decisions[
        (tables.decisions["decision_level"] == "executives") & is_approval(tables.decisions)
    ]
    rows += [
        row("✓", phrase(one.question, QUESTION), _in_short(one), MISSING, "this meeting")
        for one in approve.head(1).itertuples()
    ]
    more = len(own) - LISTED
    feet = [f"{more} more in the workbook (index.html)."] if more > 0 else []
    foot = " ".join([*_small(own.head(LISTED), margin), *feet])
    named = heads("", "Question", "Recommendation", "Value", "By when")
    if not rows:
        return Table(
            [named],
            [row("", "No decision is required.", "", "", "")],
            "Decisions required",
            names=3,
        )
    return Table([named], rows, "Decisions required", names=3, foot=foot, wrap=frozenset({1, 2}))


def _small(shown: DataFrame, margin: float) -> list[str]:
    """Say which decisions are small: rules send some to the executives whatever their size."""
    small = shown["at_stake"].abs().to_numpy() < SMALL * margin
    numbered = [str(number) for number in np.flatnonzero(small) + 1]
    if not numbered:
        return []
    one = len(numbered) == 1
    return [
        f"{'Decision' if one else 'Decisions'} {listed(numbered)}: less than {percent(SMALL)} of "
        f"the planned margin at stake; {'its rule sends it' if one else 'their rules send them'} "
        "to the executives."
    ]


def recommended(decision: Any) -> str:
    """What is chosen, or recommended."""
    return decision.choice if isinstance(decision.choice, str) else decision.recommendation


def _in_short(decision):
    """The first of what is chosen or recommended, and how many more moves there are."""
    moves = recommended(decision).split("; ") if isinstance(decision.scenario, str) else []
    more = f" (and {count(len(moves) - 1, 'more option')})" if len(moves) > 1 else ""
    first = moves[0] if more else recommended(decision)
    return phrase(first, CHOICE).rstrip(".") + more


def value_of(decision: Any, gaps: DataFrame, currency: str) -> Cell:
    """What the recommendation adds to margin; without one what is at stake: the largest gap, or
    what an option would add where that is more."""
    effect = decision.margin_effect
    if isinstance(decision.scenario, str) and not np.isnan(effect):
        return varying(effect, f"{numbers.change(effect, currency)} margin")
    if np.isnan(decision.at_stake) or not decision.at_stake:
        return Cell(MISSING)
    gap = gaps.loc[gaps["gap"] == decision.gap, "gap_value"].abs().sum()
    if decision.at_stake > gap + MATERIAL:
        return Cell(f"up to {numbers.change(decision.at_stake, currency)} margin")
    return Cell(f"at stake {numbers.amount(abs(decision.at_stake), currency)}")


def by_when(decision: Any, gaps: DataFrame, start: Period) -> str:
    """The month before which it is decided: in which the gap begins. One that begins with the plan
    cannot wait."""
    begins = gaps.loc[gaps["gap"] == decision.gap, "from_period"]
    later = not begins.empty and begins.iloc[0] > start
    return f"before {month(begins.iloc[0])}" if later else "this meeting"
