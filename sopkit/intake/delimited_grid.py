"""Text files as grids: which character separates the cells, and every line kept."""

import csv
import io
import re
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from sopkit.intake.encodings import NAMES, utf8
from sopkit.intake.fixed_width import cut, fixed_columns
from sopkit.intake.grid import MAX_COLUMNS, MAX_ROWS, Grid
from sopkit.tables.issues import SHOWN_ROWS, shown

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "^": "carets"}
SEEN_LINES, SEEN_BYTES = 400, 200_000  # of a file, to find what separates its cells
LONGEST = 32_767  # characters of a cell; a longer one has swallowed lines
TOLD = re.compile(rb"\A\s*sep=(.)[\r\n]+", re.IGNORECASE)


def read_text(raw: bytes, source: str, encoding: str = "", delimiter: str = "") -> Grid:
    """Read a delimited text file of any usual encoding, separator and quoting.

    Raises
    ------
    ValueError : the file is empty, damaged, too large, or its rows do not fit their columns.
    """
    raw, notes = _decoded(raw, source, encoding)
    if sep := TOLD.match(raw):
        delimiter, raw = delimiter or sep[1].decode(), b"\n" + raw[sep.end() :]
    if not raw.strip():
        raise ValueError(f"{source} is empty; it needs a line of column names and lines of data.")
    columns = None if delimiter else _fixed_width(raw)
    if columns:
        raw, delimiter = cut(raw.decode(), columns).encode(), "\t"
        places = ", ".join(str(start + 1) for start in columns.starts)
        notes.append(f"fixed-width file: columns begin at characters {places}")
    delimiter = delimiter or _delimiter(raw, source)
    quote = _quote(raw, source, delimiter)
    width = _width(raw, delimiter, quote)
    if width > MAX_COLUMNS or raw.count(b"\n") > MAX_ROWS:
        raise ValueError(
            f"{source} has more than {MAX_ROWS:,} lines or {MAX_COLUMNS:,} columns. "
            "Export fewer, or send it as Parquet."
        )
    cells = _read(raw, source, delimiter, quote, width)
    if delimiter != "," and not columns:
        notes.append(f"separated by {DELIMITERS.get(delimiter, repr(delimiter))}")
    return Grid(cells, source, notes=tuple(notes))


def _decoded(raw, source, encoding):
    try:
        decoded = utf8(raw, encoding)
    except (UnicodeDecodeError, LookupError) as error:
        told = f"the encoding told ({encoding})" if encoding else "the encoding that its mark says"
        raise ValueError(f"{source} is not of {told}: {error}. Save it as CSV UTF-8.") from None
    raw, name, is_sure = decoded
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise ValueError(f"{source} line {line} holds a NUL byte: the file is damaged.")
    if name == "utf-8":
        return raw, []
    note = f"read as {NAMES.get(name, name)}"
    return raw, [note if is_sure else f"{note}; say otherwise with --answer encoding=NAME"]


def _head(raw):
    cut = raw[:SEEN_BYTES]
    if len(raw) > SEEN_BYTES:
        cut = cut[: cut.rfind(b"\n") + 1 or len(cut)]
    text = cut.decode("utf-8", errors="ignore")
    return [line for line in text.splitlines()[:SEEN_LINES] if line.strip()]


def _rows(lines, delimiter, quote='"'):
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    try:
        return list(csv.reader(lines, delimiter=delimiter, quoting=quoting))
    except csv.Error:
        return []


def _fixed_width(raw):
    """The columns of a file without separators: its names have none between them."""
    columns = fixed_columns(_head(raw))
    return columns if columns and not any(mark in columns.header for mark in DELIMITERS) else None


def _delimiter(raw, source):
    """The separator by which most lines have as many cells; among equals that of more cells."""
    lines, scores = _head(raw), {}
    for mark in DELIMITERS:
        widths = Counter(len(row) for row in _rows(lines, mark) if row)
        wide = {width: count for width, count in widths.items() if width > 1}
        if wide:
            width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
            scores[mark] = (round(count / sum(widths.values()), 2), width)
    if not scores:
        first = shown(lines[0])
        raise ValueError(
            f"{source} has one column only ({first}). Export it with commas, semicolons or tabs "
            "between the cells."
        )
    return max(scores, key=lambda mark: scores[mark])


def _width(raw, delimiter, quote):
    """The widest row that at least two of the first lines, or one in twenty, have."""
    widths = Counter(len(row) for row in _rows(_head(raw), delimiter, quote))
    least = max(2, sum(widths.values()) // 20)
    usual = [width for width, count in widths.items() if count >= least]
    return max(usual) if usual else max(widths)


def _quote(raw, source, delimiter):
    """The quotation mark of the file; False where it has none, or tabs make it plain text."""
    if b'"' not in raw:
        return False
    start, rows = (
        1,
        csv.reader(
            io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline=""), delimiter=delimiter, strict=True
        ),
    )
    try:
        for row in rows:
            if max(map(len, row), default=0) > LONGEST:
                raise csv.Error("a cell goes on over many lines")
            start = rows.line_num + 1
    except csv.Error as error:
        if delimiter == "\t":
            return False
        raise ValueError(
            f"{source} line {start}: a quotation mark is not closed or stands alone ({error}). "
            'Write a quotation mark within a cell twice: "".'
        ) from None
    return '"'


def _read(raw, source, delimiter, quote, width):
    odd = []
    names = [str(i) for i in range(width)]
    body = arrow_csv.read_csv(
        pa.BufferReader(raw if raw.endswith((b"\n", b"\r")) else raw + b"\n"),
        arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(raw) + 2),
        arrow_csv.ParseOptions(
            delimiter=delimiter,
            quote_char=quote,
            newlines_in_values=bool(quote),
            ignore_empty_lines=False,
            invalid_row_handler=lambda row: odd.append(row) or "skip",
        ),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())),
            strings_can_be_null=False,
        ),
    )
    frame = body.to_pandas()
    frame.columns = range(width)
    numbers = np.arange(1, len(frame) + len(odd) + 1)
    if odd:
        whole = np.ones(len(numbers), dtype=bool)
        whole[[row.number - 1 for row in odd]] = False
        frame.index = pd.Index(numbers[whole])
        frame = _with_odd(frame, odd, source, delimiter, width)
    else:
        frame.index = pd.Index(numbers)
    return _by_line(frame) if quote else frame


def _with_odd(frame, odd, source, delimiter, width):
    """Put the rows of another width into their places: shorter ones are footers or titles."""
    long, rows = [], {}
    for row in odd:
        cells = next(csv.reader([row.text], delimiter=delimiter), [])
        if any(cell.strip() for cell in cells[width:]):
            long.append((row.number, len(cells), row.text))
        rows[row.number] = (cells + [""] * width)[:width]
    if long:
        some = "; ".join(
            f"line {n}: {size} cells ({shown(text)})" for n, size, text in long[:SHOWN_ROWS]
        )
        more = f" and {len(long) - SHOWN_ROWS:,} more" if len(long) > SHOWN_ROWS else ""
        raise ValueError(
            f"{source} has {width} columns, but some lines have more cells: {some}{more}. "
            "Put text that holds the separator in quotation marks."
        )
    added = pd.DataFrame.from_dict(rows, orient="index", columns=range(width))
    both = {c: _joined(frame[c], added[c]) for c in frame.columns}
    return pd.DataFrame(both).sort_index()


def _joined(cells, more):
    names = cells.cat.categories.union(more.unique(), sort=False)
    parts = [cells.cat.set_categories(names), pd.Series(pd.Categorical(more, names), more.index)]
    return pd.concat(parts)


def _by_line(frame):
    """Label the rows by the file's lines: a quoted cell may hold line breaks."""
    breaks = np.zeros(len(frame), dtype="int64")
    for column in frame.columns:
        names = frame[column].cat.categories
        held = np.array([str(name).count("\n") for name in names] + [0])
        if held.any():
            breaks += held[frame[column].cat.codes.to_numpy()]
    moved = np.concatenate([[0], breaks.cumsum()[:-1]]) if len(frame) else breaks
    return frame.set_axis(frame.index + moved)
