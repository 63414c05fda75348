"""The proof of a table that was read beside sales: what to compare with the system it came from."""

import numpy as np
from pandas import DataFrame

from sopkit.intake.rows import LeftOut, amount
from sopkit.intake.table_import import Imported
from sopkit.intake.table_rows import SUMMED
from sopkit.schema.columns import COLUMNS

SAME = 0.5  # between two totals that are the same but for rounding
SHOWN = 12  # columns named, and periods with their totals


def screen(done: Imported) -> str:
    """Write the proof of a table as one screen of text."""
    left = sum(one.lines for one in done.left_out)
    rows = [
        f"{done.source}: {done.lines:,} lines read, {left:,} left out, {len(done.table):,} rows"
    ]
    rows += [_left_out(one) for one in done.left_out]
    rows.append("  columns: " + ", ".join(f"{one} = {name}" for one, name in done.columns.items()))
    if done.unread:
        rows.append(f"  not read: {_some(done.unread)}; read one with --answer COLUMN=ITS NAME")
    rows += _totals(done.table, done.own_totals)
    rows += [f"  {guess.key} = {guess.value} ({guess.reason})" for guess in done.decisions.guesses]
    return "\n".join([*rows, *(f"  {note}" for note in done.notes)])


def _left_out(one: LeftOut) -> str:
    return f"  left out: {one.reason}: {one.lines:,} ({'; '.join(one.examples)})"


def _totals(table: DataFrame, own: dict[str, float]) -> list[str]:
    """The first and last day or period, and the totals beside the file's own, by period where there
    are a few."""
    rows = []
    for column in table:
        if COLUMNS[column].kind in ("period", "day") and table[column].notna().any():
            first, last = table[column].min(), table[column].max()
            rows.append(f"  {column} from {_day(first)} to {_day(last)}")
    for column in table.select_dtypes("number"):
        if column in SUMMED and table[column].notna().any():
            total = np.nansum(table[column])
            rows.append(f"  total {column}: {amount(total)}{_by_period(table, column)}")
            if column in own:
                beside = _beside(total, own[column])
                rows.append(f"  the file's own total is {amount(own[column])}{beside}")
    return rows


def _beside(total: float, own: float) -> str:
    return ": the same" if abs(total - own) < SAME else f": {amount(total - own, '+')}"


def _by_period(table: DataFrame, column: str) -> str:
    if "period" not in table or not 1 < table["period"].nunique() <= SHOWN:
        return ""
    sums = table.groupby("period")[column].sum()
    return "; " + ", ".join(f"{period} {amount(value)}" for period, value in sums.items())


def _day(value) -> str:
    return f"{value:%Y-%m-%d}" if hasattr(value, "date") and callable(value.date) else str(value)


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" ..." if len(names) > SHOWN else "")
