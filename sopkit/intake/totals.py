"""Rows that are sums of other rows, or no data at all: recognised, left out, listed.

A word for a total decides where it stands alone, or beside the name of what it adds up. Where only
the arithmetic says so, it is asked.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake.columns import plain
from sopkit.intake.dates import readable as is_date
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.header import is_grand_total, is_total, vocabulary
from sopkit.intake.numbers import EMPTY
from sopkit.intake.numbers import readable as is_number
from sopkit.intake.outline import BLOCKS, filled_down
from sopkit.intake.rows import GROUP, LeftOut, left_out

DIMENSIONS = ("date", "product", "market", "family", "description")


class Rows(NamedTuple):
    """The rows that are data, what was left out, the totals of the file, and notes."""

    frame: DataFrame
    left_out: list[LeftOut]
    totals: DataFrame
    notes: list[str]


def without_totals(frame: DataFrame, roles: dict[str, str], decisions: Decisions) -> Rows:
    """Leave out totals, subtotals, footers and lines without a quantity.

    Returns
    -------
    Rows; its totals are the rows of grand totals, to compare the sum of the lines with
    """
    columns = [roles[role] for role in DIMENSIONS if role in roles]
    columns += [name for name in (GROUP, *frame.columns[:1]) if name in frame.columns]
    columns = list(dict.fromkeys(columns))
    grand, sub = total_rows(frame, columns, decisions)
    left = []
    if grand.any():
        left.append(left_out("a grand total", frame, grand))
    if (sub & ~grand).any():
        left.append(left_out("a subtotal", frame, sub & ~grand))
    totals, kept = frame[grand], frame[~(grand | sub)]
    kept, notes = _filled_down(kept, roles)
    no_data, empty = _without_data(kept, roles)
    for reason, rows in (("no date and no quantity", no_data), ("no quantity", empty)):
        if rows.any():
            left.append(left_out(reason, kept, rows))
    return Rows(kept[~(no_data | empty)], left, totals, notes)


def total_rows(
    frame: DataFrame, columns: list[str], decisions: Decisions
) -> tuple[np.ndarray, np.ndarray]:
    """Find the rows of grand totals, and those of subtotals, by what stands in some columns."""
    grand, sub = np.zeros(len(frame), bool), np.zeros(len(frame), bool)
    members = {plain(text_of(v)) for name in columns for v in distinct(frame[name])[1]}
    for name in columns:
        codes, values = distinct(frame[name])
        texts = [text_of(value) for value in values]
        alone = [is_grand_total(text) for text in texts]
        of = [not a and is_total(t) and _names_member(t, members)
              for a, t in zip(alone, texts, strict=True)]  # fmt: skip
        doubtful = [t for t, a, o in zip(texts, alone, of, strict=True)
                    if is_total(t) and not a and not o]  # fmt: skip
        for text in doubtful[:3]:
            rows = codes == texts.index(text)
            share = float(rows.mean())
            key = f"total.{text}"
            asked = (
                f"Is {text} in column {name} the total of other rows (leave) or one of them (use)?"
            )
            if decisions.ask(Question(key, asked, ("leave", "use"), "leave", 2 + share)) == "leave":
                sub |= rows
        grand |= np.array([*alone, False])[codes]
        sub |= np.array([*of, False])[codes]
    return grand, sub


def _names_member(text, members):
    """Whether what stands beside the word for a total is the name of something in the table."""
    words = plain(text).split()
    rest = [
        word for word in words if word not in vocabulary()["total_words"] | vocabulary()["beside"]
    ]
    return " ".join(rest) in members


def _filled_down(frame, roles):
    """Fill names that stand once a block, as in an outline, into the rows below."""
    notes = []
    for role in ("family", "market", "product", "date"):
        name = roles.get(role)
        if name is None or frame.empty:
            continue
        codes, _ = distinct(frame[name])
        blank = codes < 0
        least = 0.5 if role == "date" else BLOCKS
        if blank.mean() < least or blank[0] or not _are_blocks(codes, role):
            continue
        frame = filled_down(frame, name, blank, notes)
    return frame, notes


def _are_blocks(codes, role):
    """Whether each name begins one block only, as an outline does; dates may come again."""
    starts = codes[codes >= 0]
    return role == "date" or len(np.unique(starts)) > 0.7 * len(starts)


def _without_data(frame, roles):
    """Rows that name no day and no number, and rows of a day without a number."""
    number = _can_be(frame, roles["quantity"], is_number) & ~_is_dash(frame[roles["quantity"]])
    dated = "date" in roles
    date = _can_be(frame, roles["date"], is_date) if dated else np.ones(len(frame), bool)
    blank = (distinct(frame[roles["quantity"]])[0] < 0) | _is_dash(frame[roles["quantity"]])
    return ~date & ~number, blank & date


def _can_be(frame, name, readable):
    if name is None:
        return np.zeros(len(frame), bool)
    cells = frame[name]
    if pd.api.types.is_datetime64_any_dtype(cells) or pd.api.types.is_numeric_dtype(cells):
        return cells.notna().to_numpy()
    codes, values = distinct(cells)
    return np.array([*(readable(value) for value in values), False])[codes]


def _is_dash(cells):
    if pd.api.types.is_numeric_dtype(cells):
        return np.zeros(len(cells), bool)
    codes, values = distinct(cells)
    return np.array([*(isinstance(v, str) and v.casefold() in EMPTY for v in values), False])[codes]


def in_disguise(months: DataFrame, dimension: str, decisions: Decisions) -> list[str]:
    """Find members of a dimension that are, in every month, the sum of all others.

    `months` has product, market, period and quantity.
    """
    members = months[dimension].unique()
    if len(members) < 3 or months["period"].nunique() < 2:
        return []
    table = months.groupby([dimension, "period"], observed=True)["quantity"].sum().reset_index()
    table = table.pivot_table("quantity", dimension, "period", fill_value=0.0, observed=True)
    total = table.sum()
    if (total == 0).all():
        return []
    close = np.isclose(2 * table, total, rtol=1e-6, atol=0.01 * max(total.mean() / 1e4, 1e-9))
    found = [str(name) for name, same in zip(table.index, close.all(axis=1), strict=True) if same]
    leave = []
    for name in found[:1]:
        text = (
            f"{dimension} {name} is the sum of all others in each of {len(total)} months. "
            "Leave it out (leave), or count it too (use)?"
        )
        if is_total(name):
            decisions.guess(f"total.{name}", "leave", text)
            leave.append(name)
        elif (
            decisions.ask(Question(f"total.{name}", text, ("leave", "use"), "leave", 5.0))
            == "leave"
        ):
            leave.append(name)
    return leave
