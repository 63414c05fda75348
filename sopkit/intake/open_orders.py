"""Of orders what is still open: not what was supplied of them, nor those that are closed."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from sopkit.intake.columns import FITS, plain
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.header import says, vocabulary
from sopkit.intake.numbers import is_numeric, read_numbers
from sopkit.intake.other_lines import kinds
from sopkit.intake.rows import LeftOut, Table, left_out
from sopkit.intake.table_columns import unread
from sopkit.schema.formatting import count

ORDERS = ("sales_orders", "purchase_orders")


def only_open(
    name: str,
    made: DataFrame,
    read: Table,
    found: Mapping[str, str],
    decisions: Decisions,
    left: list[LeftOut],
) -> DataFrame:
    """Take what was supplied off the quantity of orders, and leave out those that are closed; both
    are asked.

    Parameters
    ----------
    name : the table; other tables than those of orders stay as they are
    made : quantity, labelled by line of `read`
    """
    if name not in ORDERS or "quantity" not in made or not made.index.is_unique:
        return made
    others = [one for one in unread(read, dict(found)) if one in read.frame]
    made = _less_supplied(made, read, found["quantity"], others, decisions)
    closed = _closed(made, read, others, decisions)
    done = (made["quantity"] == 0).to_numpy()
    for reason, rows in (("a closed order", closed), ("nothing of it is open", done & ~closed)):
        if rows.any():
            left.append(left_out(reason, made, rows))
    return made[~(closed | done)]


def _less_supplied(made, read, ordered, others, decisions):
    supplied = [
        one
        for one in others
        if says(one, "supplied") and is_numeric(read.frame.loc[made.index, one]) >= FITS
    ]
    if len(supplied) != 1 or _says_open(ordered):
        return made
    cells = read.frame.loc[made.index, supplied[0]]
    numbers, _ = read_numbers(cells, supplied[0], read.source, decisions)
    text = (
        f"{read.source} has {supplied[0]} beside {ordered}. Is the open quantity {ordered} less "
        f"{supplied[0]} (left), or all of {ordered} (all)?"
    )
    if decisions.ask(Question("supplied", text, ("left", "all"), "left", 5.0)) == "all":
        return made
    return made.assign(quantity=(made["quantity"] - numbers.fillna(0.0)).clip(lower=0.0))


def _says_open(column):
    words = plain(column).split()
    return any(word in words for word in ("open", "outstanding", "remaining", "balance", "offene"))


def _closed(made, read, others, decisions):
    """Orders that a column of few names says to be closed or cancelled, where others are not."""

    def is_closed(text):
        words = plain(str(text))
        return words in vocabulary()["closed"] or words.startswith(tuple(vocabulary()["cancelled"]))

    for name in others:
        rows, names = kinds(read.frame.loc[made.index, name], is_closed)
        if not rows.any():
            continue
        text = (
            f"{name} is {names[:60]} in {count(rows.sum(), 'line')}. Are those orders closed "
            "(leave), or open (use)?"
        )
        asked = Question("closed", text, ("leave", "use"), "leave", float(rows.mean()))
        return rows if decisions.ask(asked) == "leave" else np.zeros(len(made), bool)
    return np.zeros(len(made), bool)
