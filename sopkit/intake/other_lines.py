"""Lines that are no sales of their own: plans, other movements of stock, lines exported twice.

They look like sales, and would be counted with them.
"""

from collections.abc import Callable, Mapping

import numpy as np
from pandas import DataFrame, Series

from sopkit.intake.columns import plain
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.header import says, vocabulary
from sopkit.intake.rows import LeftOut, left_out
from sopkit.schema.formatting import count

MOST_KINDS = 30  # names of a column that says what kind a line is of
IDENTIFYING = 0.9  # share of lines that columns of their own tell apart


def without_other_lines(
    frame: DataFrame, roles: Mapping[str, str], decisions: Decisions
) -> tuple[DataFrame, list[LeftOut]]:
    """Leave out lines of plans, other movements of stock and what stands in the file twice; each
    is asked.

    Parameters
    ----------
    roles : the columns that are read, by role; the others say what kind a line is of
    """
    left = []
    for reason, found in (
        ("a plan beside the actuals", _planned),
        ("a movement of stock that is no sale", _moved),
        ("a charge that is no product", _charged),
        ("in the file twice", _twice),
    ):
        rows = found(frame, roles, decisions)
        if rows.any():
            left.append(left_out(reason, frame, rows))
            frame = frame[~rows]
    return frame, left


def kinds(cells: Series, is_one: Callable[[object], bool]) -> tuple[np.ndarray, str]:
    """Which lines a column of few names says to be of a kind, where it says it of some, not of all.

    `is_one` says of a name whether it is of the kind.

    Returns
    -------
    (line by line, the names that say it); no line where the column has many names
    """
    codes, values = distinct(cells)
    if len(values) > MOST_KINDS:
        return np.zeros(len(cells), bool), ""
    found = [is_one(value) for value in values]
    names = ", ".join(text_of(v) for v, is_kind in zip(values, found, strict=True) if is_kind)
    some = not all(found)
    return np.array([*found, False])[codes] & some, names


def _planned(frame, roles, decisions):
    """Lines of which a column of few names says that they are planned, where others are not."""
    return _asked("plans", "plans", lambda name: says(name, "plans"), frame, roles, decisions)


def _moved(frame, roles, decisions):
    """Lines of a stock ledger that are no sales: purchases, transfers, counts."""

    def is_moved(name):
        return plain(str(name)) in vocabulary()["movements"]

    return _asked("movements", "other movements of stock", is_moved, frame, roles, decisions)


def _charged(frame, roles, decisions):
    """Lines whose product or description is nothing but what invoices charge beside products:
    shipping, discounts, tax."""
    rows, names = np.zeros(len(frame), bool), []
    for role in ("product", "description"):
        if role not in roles:
            continue
        codes, values = distinct(frame[roles[role]])
        found = [plain(text_of(value)) in vocabulary()["charges"] for value in values]
        rows |= np.array([*found, False])[codes]
        names += [text_of(v) for v, is_one in zip(values, found, strict=True) if is_one]
    if not rows.any() or rows.all():
        return np.zeros(len(frame), bool)
    why = f"{', '.join(names)[:60]} in {count(rows.sum(), 'line')}: charges, not products"
    told = decisions.guess("charges", "leave", why, ("leave", "use"))
    return rows if told == "leave" else np.zeros(len(frame), bool)


def _asked(key, said, is_one, frame, roles, decisions):
    """The lines that one of the columns that are not read says to be of a kind, if they are to be
    left out."""
    for name in [one for one in frame.columns if one not in roles.values()]:
        rows, names = kinds(frame[name], is_one)
        if not rows.any():
            continue
        text = (
            f"{name} is {names[:60]} in {count(rows.sum(), 'line')}. Are they {said} (leave), or "
            "sales (use)?"
        )
        asked = Question(key, text, ("leave", "use"), "leave", float(rows.mean()))
        if decisions.ask(asked) == "leave":
            return rows
    return np.zeros(len(frame), bool)


def _twice(frame, roles, decisions):
    """Lines that repeat another to the last cell, where columns that are not read, such as order
    numbers, else tell the lines of a product apart."""
    rows = np.zeros(len(frame), bool)
    own = [name for name in frame.columns if name not in roles.values()]
    own += [roles["order"]] if "order" in roles else []
    if not own:
        return rows
    numbered = max(own, key=lambda name: len(distinct(frame[name])[1]))
    again = Series(distinct(frame[numbered])[0]).duplicated(keep=False).to_numpy()
    rows[again] = frame[again].duplicated()
    once = frame.loc[~rows, [*own, *([roles["product"]] if "product" in roles else [])]]
    if not rows.any() or once.duplicated().mean() > 1 - IDENTIFYING:
        return np.zeros(len(frame), bool)
    text = (
        f"{numbered} and all other cells stand again in {count(rows.sum(), 'line')}. Count each "
        "line once (once), or as often as it stands (all)?"
    )
    asked = Question("twice", text, ("once", "all"), "once", float(rows.mean()))
    return rows if decisions.ask(asked) == "once" else np.zeros(len(frame), bool)
