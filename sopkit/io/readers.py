"""Read input tables from a folder of CSV or Parquet files, an Excel workbook or a database.

Whatever the source, the tables come out the same: conformed and complete, each for itself. Whether
they go together, and can be planned with, is judged by `data_quality`.
"""

import logging
import re
from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit.io.delimited import with_points
from sopkit.io.source_tables import INPUT_NAMES, find
from sopkit.rules.text import as_python_text
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import (
    SHOWN_ROWS,
    DataError,
    Issue,
    has_lines,
    shown,
    told,
)
from sopkit.tables.parsing import distinct, each_text, is_text
from sopkit.tables.validation import ignored_columns, validate

LOG = logging.getLogger(__name__)
LARGE = 50_000  # rows; parsing fewer takes no time worth telling
FIRST_LINE = 2  # of a table's rows in its file; the first holds the names
REQUIRED = ("products", "sales_history")
_FIRST_OF_MONTH = r"^\s*(\d{4}-\d{2})-01(?:[ T]00:00(?::00(?:\.0+)?)?)?\s*$"
_MIDNIGHT = r"^\s*(\d{4}-\d{2}-\d{2})[ T]00:00(?::00(?:\.0+)?)?\s*$"


class Parsed(NamedTuple):
    """What was read, as far as it could be.

    tables : by name, every row labelled by its location; without those whose cells cannot be read
    sources : where each table was read
    faults : what cannot be read, or breaks a rule of its own table
    notes : anomalies of files and cells that can be read
    is_whole : whether every file and sheet could be opened
    """

    tables: dict[str, DataFrame]
    sources: dict[str, str]
    faults: list[Issue]
    notes: list[Issue]
    is_whole: bool


def read(location: str | Path, names: Collection[str] | None = None) -> dict[str, DataFrame]:
    """Read the input tables of a company without cross-table checks; see `parse`.

    Returns
    -------
    table name : conformed table; tables that the source does not have are absent

    Raises
    ------
    DataError : all errors of all tables.
    """
    parsed = parse(location, names)
    if parsed.faults:
        raise DataError(parsed.faults)
    return {name: table.reset_index(drop=True) for name, table in parsed.tables.items()}


@as_python_text
def parse(location: str | Path, names: Collection[str] | None = None) -> Parsed:
    """Read the input tables of a company (with `names`, only these), as far as they can be read.

    Parameters
    ----------
    location : a folder, an .xlsx workbook or a database URL

    Raises
    ------
    FileNotFoundError, ValueError : the location does not exist, or tables cannot be read from it.
    """
    wanted = INPUT_NAMES if names is None else tuple(names)
    found, faults = find(location, wanted)
    present = {fault.table for fault in faults} | set(found)
    if found or not faults:  # the content of a workbook that cannot be opened is unknown
        faults += [
            _missing(name, location, present)
            for name in REQUIRED
            if name in wanted and name not in present
        ]
    is_whole, tables = not faults, {}
    for name, table in found.items():
        rows, level = len(table.frame), logging.DEBUG
        LOG.log(logging.INFO if rows > LARGE else level, "checking %s (%s rows)", name, f"{rows:,}")
        try:
            conformed, some = validate(name, _plain(table), table.source)
        except DataError as error:
            is_whole = False
            faults += error.faults
            continue
        faults += some
        if conformed is not None:
            tables[name] = conformed
    sources = {name: table.source for name, table in found.items()}
    notes = [Issue(name, note) for name, table in found.items() for note in table.notes]
    notes += [note for name, table in found.items() for note in _blanks(name, table)]
    notes += [note for name, table in found.items() for note in _ignored(name, table)]
    notes = [replace(note, severity="minor") for note in notes]
    return Parsed(tables, sources, faults, notes, is_whole)


def _blanks(name, table):
    """Report leading and trailing blanks, which are removed when the cell is read."""
    frame, found = table.frame, []
    if frame.columns.duplicated().any():
        return []
    for column in [c for c in TABLES[name].columns if c in frame and is_text(frame[c])]:
        codes, texts = distinct(frame[column])
        padded = [text != text.strip() and text.strip() != "" for text in texts]
        odd = pd.Series(pd.array([*padded, False])[codes], index=frame.index)
        text, remedy = (
            f"{column} has leading or trailing blanks, which are removed",
            "Remove them in the source.",
        )
        found.append(told(TABLES[name], frame, odd, text, column, table.source, remedy))
    return [note for note in found if note]


def _ignored(name, table):
    """Report columns that the table does not have, once for all of them."""
    names = [] if name not in TABLES else ignored_columns(name, table.frame)
    if not names or len(names) == table.frame.shape[1]:
        return []
    first = ", ".join(map(shown, names[:SHOWN_ROWS]))
    more = f" and {len(names) - SHOWN_ROWS:,} more" if len(names) > SHOWN_ROWS else ""
    which = f"column {first} is" if len(names) == 1 else f"columns {first}{more} are"
    text = f"{which} not known in {table.source}, and not read. Nothing has to be done."
    return [Issue(name, text)]


def located(location: str | Path, name: str) -> tuple[DataFrame, str] | None:
    """Read one input table with the location of each row.

    Returns
    -------
    (the table, labelled by line or row; what is counted, such as `sales_history.csv line`), or None
    when there is no such source, or no such table in it
    """
    if "://" not in str(location) and not Path(location).exists():
        return None
    found, _ = find(location, (name,))
    if name not in found:
        return None
    source = found[name].source
    table, faults = validate(name, _plain(found[name]), source)
    if faults:
        raise DataError(faults)
    if has_lines(source):
        return table.set_axis(table.index + FIRST_LINE), f"{source} line"
    return table.set_axis(table.index + 1), f"{source} row"


def _missing(name, location, present):
    close = get_close_matches(name, present, 1)
    hint = f" (found {close[0]})" if close else ""
    columns = ", ".join(TABLES[name].must_have)
    return Issue(
        name,
        f"is missing in {_shown(location)}{hint}. Add it with the columns {columns}; `sopkit init` "
        "shows how.",
    )


def _shown(location):
    if "://" not in str(location):
        return Path(location).name
    from sopkit.io import sql

    return sql.shown(str(location))


# --------------------------------------------------------------------------------------------------
# one shape for all sources


def _plain(table):
    """Bring cells to the form that `conform` reads: months as 2026-10, codes as text, decimal
    points."""
    numbers = {
        c for c in table.frame.columns if c in COLUMNS and COLUMNS[c].kind in ("number", "whole")
    }
    frame = with_points(table, numbers).frame
    if frame.columns.duplicated().any():
        return frame
    for column in [c for c in frame.columns if frame[c].dtype == object]:
        kind = pd.api.types.infer_dtype(frame[column])
        if kind in ("bytes", "mixed"):
            text = (
                f"column {column} in {table.source} holds {kind} values, not text or numbers. "
                "Write it as text."
            )
            raise DataError([Issue(Path(table.source).stem, text)])
    return frame.assign(
        **{c: _plain_column(COLUMNS[c].kind, frame[c]) for c in frame.columns if c in COLUMNS}
    )


def _plain_column(kind, cells):
    if kind in ("code", "text", "choice") and pd.api.types.is_float_dtype(cells):
        whole = (cells.dropna() % 1 == 0).all()
        return cells.astype("Int64") if whole else cells
    if kind not in ("period", "day") or isinstance(cells.dtype, pd.PeriodDtype):
        return cells
    if kind == "day" and pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    # A date says a month only if it is its first day: a table by day must be summed by its owner.
    form = re.compile(_FIRST_OF_MONTH if kind == "period" else _MIDNIGHT)
    return each_text(cells, lambda text: form.sub(r"\1", text))
