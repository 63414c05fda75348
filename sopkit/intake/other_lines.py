"""Lines that are no sales of their own: a plan beside the actuals, lines exported twice.

Both look like sales, and would be counted with them.
"""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.header import says
from sopkit.intake.rows import LeftOut, left_out
from sopkit.schema.formatting import count

MOST_KINDS = 30  # of lines
IDENTIFYING = 0.9  # share of lines that a number of their own tells apart


def without_other_lines(
    frame: DataFrame, roles: Mapping[str, str], decisions: Decisions
) -> tuple[DataFrame, list[LeftOut]]:
    """Leave out the lines of plans, and what stands in the file twice; both are asked.

    Parameters
    ----------
    roles : the columns that are read, by role; the others say what kind a line is of
    """
    left = []
    for reason, found in (("a plan beside the actuals", _planned), ("in the file twice", _twice)):
        rows = found(frame, roles, decisions)
        if rows.any():
            left.append(left_out(reason, frame, rows))
            frame = frame[~rows]
    return frame, left


def _planned(frame, roles, decisions):
    """Lines of which a column of few names says that they are planned, where others are not."""
    for name in [one for one in frame.columns if one not in roles.values()]:
        codes, values = distinct(frame[name])
        found = [says(value, "plans") for value in values]
        rows = np.array([*found, False])[codes]
        if not 0 < sum(found) < len(found) <= MOST_KINDS or rows.all():
            continue
        said = ", ".join(text_of(v) for v, is_plan in zip(values, found, strict=True) if is_plan)
        text = (
            f"{name} is {said[:60]} in {count(rows.sum(), 'line')}. Are they plans (leave), or "
            "sales (use)?"
        )
        asked = Question("plans", text, ("leave", "use"), "leave", float(rows.mean()))
        if decisions.ask(asked) == "leave":
            return rows
    return np.zeros(len(frame), bool)


def _twice(frame, roles, decisions):
    """Lines that repeat another to the last cell, where a number of their own tells lines apart."""
    rows = frame.duplicated().to_numpy()
    if not rows.any():
        return rows
    own = [name for name in frame.columns if name not in roles.values()]
    own += [roles["order"]] if "order" in roles else []
    once = frame[~rows]
    numbered = [n for n in own if once[n].nunique() >= IDENTIFYING * len(once) and len(once) > 1]
    if not numbered:
        return np.zeros(len(frame), bool)
    text = (
        f"{numbered[0]} and all other cells stand again in {count(rows.sum(), 'line')}. Count each "
        "line once (once), or as often as it stands (all)?"
    )
    asked = Question("twice", text, ("once", "all"), "once", float(rows.mean()))
    return rows if decisions.ask(asked) == "once" else np.zeros(len(frame), bool)
