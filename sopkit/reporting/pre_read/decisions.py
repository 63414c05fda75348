"""The list of the decisions: question, recommendation, value, by when."""

from typing import Any

import numpy as np
from pandas import DataFrame, Series

from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import Cell, Table, heads, phrase, row, varying
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import capitalised, month

LISTED = 7
QUESTION, CHOICE = 104, 62  # characters of a line of the list


def required(decisions: DataFrame) -> DataFrame:
    """The decisions of the executives but the approval, in the order in which they are asked."""
    return decisions[(decisions["decision_level"] == "executives") & ~is_approval(decisions)]


def is_approval(decisions: DataFrame) -> Series:
    """Which decision is to approve the plan: the one without a cause."""
    return decisions["cause"].isna()


def decisions_list(tables: Any, currency: str) -> Table:
    """Every decision on one line: question, recommendation, value, by when."""
    own = required(tables.decisions)
    rows = [
        row(
            f"{number}",
            capitalised(phrase(one.question, QUESTION)),
            _in_short(one),
            value_of(one, currency),
            by_when(one, tables.gaps),
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
    foot = f"{more} more in the workbook (index.html)." if more > 0 else ""
    named = heads("", "Question", "Recommendation", "Value", "By when")
    if not rows:
        return Table(
            [named],
            [row("", "No decision is required.", "", "", "")],
            "Decisions required",
            names=3,
        )
    return Table([named], rows, "Decisions required", names=3, foot=foot, wrap=frozenset({1, 2}))


def recommended(decision: Any) -> str:
    """What is chosen, or recommended."""
    return decision.choice if isinstance(decision.choice, str) else decision.recommendation


def _in_short(decision):
    """The first of what is chosen or recommended, and how many more moves there are."""
    moves = recommended(decision).split("; ") if isinstance(decision.scenario, str) else []
    more = f" and {len(moves) - 1} more" if len(moves) > 1 else ""
    return phrase(recommended(decision), CHOICE).rstrip(".") + more


def value_of(decision: Any, currency: str) -> Cell:
    """What the recommendation adds to margin; without one, what is at stake."""
    effect = decision.margin_effect
    if isinstance(decision.scenario, str) and not np.isnan(effect):
        return varying(effect, f"{numbers.change(effect, currency)} margin")
    if np.isnan(decision.at_stake) or not decision.at_stake:
        return Cell(MISSING)
    return Cell(f"at stake {numbers.amount(abs(decision.at_stake), currency)}")


def by_when(decision: Any, gaps: DataFrame) -> str:
    """The month in which the gap begins: what is decided takes effect before."""
    gap = gaps.loc[gaps["gap"] == decision.gap, "from_period"]
    return "this meeting" if gap.empty else f"before {month(gap.iloc[0])}"
