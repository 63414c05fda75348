"""Tables of web pages and XML spreadsheets, which many systems export and call .xls.

The standard library reads both, and nothing that declares entities. Cells come as they are shown; a
number that the file keeps beside its text is taken where the text shows it.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from html.parser import HTMLParser
from pathlib import PurePath
from typing import Any
from xml.etree.ElementTree import ParseError, iterparse

from sopkit.intake.encodings import MARKS, NAMES, utf8
from sopkit.intake.grid import MAX_COLUMNS, Grid, frame_of
from sopkit.io.delimited import FAR_ROWS, MAX_WORKBOOK, refuse_size
from sopkit.tables.issues import visible

HEAD = 4_000  # bytes in which a file says what it is
BLANKS = b"\xef\xbb\xbf\xff\xfe\0 \r\n\t"
MAIL = re.compile(rb"MIME-Version:", re.IGNORECASE)  # a web page saved as a single file
NAME = re.compile(rb"<[^<>]*>\s*[,;|\t]")  # the first name of a text file that has brackets
XML_SHEETS = b"urn:schemas-microsoft-com:office:spreadsheet"
SHEET = f"{{{XML_SHEETS.decode()}}}"
UNSEEN = "{urn:schemas-microsoft-com:office:excel}Visible"  # a sheet that is hidden says so
ENCODING = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
NUMBER = re.compile(r"[-+−(]?[\d.,'\s]*\d[\d.,'\s]*%?[-)]?")
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
NO_TABLE = "is a web page or XML, and holds no table that can be read. Export it as CSV or Excel."


def is_markup(raw: bytes) -> bool:
    """Whether a file is a web page or XML by its first bytes, whatever its ending."""
    head = raw[:HEAD].lstrip(BLANKS)
    return bool(MAIL.match(head)) or (head.startswith(b"<") and not NAME.match(head))


def read_markup(raw: bytes, source: str, encoding: str = "") -> list[Grid]:
    """Read every table of a web page, or every sheet of an XML spreadsheet, that has rows.

    Raises
    ------
    ValueError : it is damaged or too large, or holds no table.
    """
    refuse_size(PurePath(source), len(raw), MAX_WORKBOOK, "is")
    head = raw[:HEAD].replace(b"\0", b"")
    is_sheets = XML_SHEETS in head and b"<?xml" in head
    try:
        sheets = list(_sheets(raw) if is_sheets else _tables(raw, encoding))
    except (ParseError, RecursionError, LookupError, ValueError) as error:
        told = visible(str(error))[:200]
        raise ValueError(
            f"{source} cannot be read ({told}). Open it in Excel and save it as .xlsx."
        ) from error
    named = [sheet for sheet in sheets if len(sheet.rows) > 1]
    if not named:
        raise ValueError(f"{source} {NO_TABLE}")
    return [sheet.grid(source, number, len(named)) for number, sheet in enumerate(named, start=1)]


class _Sheet:
    """The cells of one table, each at its row and column."""

    def __init__(self, name: str = "", notes: tuple[str, ...] = ()) -> None:
        self.name, self.notes = name, notes
        self.rows: dict[int, list[Any]] = {}
        self.hidden: set[int] = set()
        self.merged: list[tuple[int, int, int, int]] = []
        self._last = 0  # row with a cell
        self._taken: dict[int, set[int]] = {}  # row: columns below a cell of several rows

    def put(self, row: int, column: int, value: Any, across: int = 1, down: int = 1) -> int:
        """Put a cell at the first free column from `column` on; the column after it."""
        while column in self._taken.get(row, ()):
            column += 1
        across, down = min(max(across, 1), MAX_COLUMNS), min(max(down, 1), FAR_ROWS)
        if value is not None:
            if column >= MAX_COLUMNS or row - self._last > FAR_ROWS:
                raise ValueError(
                    f"a cell in row {row:,}, column {column + 1:,} is far from the table"
                )
            self._last = row
            cells = self.rows.setdefault(row, [])
            cells += [None] * (column + 1 - len(cells))
            cells[column] = value
        if across > 1 or down > 1:
            self.merged.append((row, column, row + down - 1, column + across - 1))
            for below in range(row + 1, row + down):
                self._taken.setdefault(below, set()).update(range(column, column + across))
        return column + across

    def go_on(self, other: "_Sheet") -> None:
        """Put the rows of another table below, without its first, which repeats the names."""
        numbers, below = list(other.rows)[1:], max(self.rows, default=0)
        self.rows |= {below + number: other.rows[number] for number in numbers}
        self.hidden |= {below + number for number in other.hidden}
        self.merged += [(below + a, b, below + c, d) for a, b, c, d in other.merged]
        told = "tables with the same columns are read as one"
        self.notes = (*(note for note in self.notes if note != told), told)

    def grid(self, source: str, number: int, of: int) -> Grid:
        """The cells as they stand in the file."""
        name = self.name or (f"table {number}" if of > 1 else "")
        place = f"{source} sheet {name}" if name else source
        hidden = frozenset(self.hidden) & set(self.rows)
        return Grid(frame_of(self.rows), place, hidden, tuple(self.merged), self.notes)


# --------------------------------------------------------------------------------------------------
# web pages


class _Page(HTMLParser):
    """The tables of a page that hold no other table: one around them is there for the layout.

    Cells and rows need not be closed, as in HTML.
    """

    def __init__(self, notes: tuple[str, ...]) -> None:
        super().__init__()
        self.notes = notes
        self.tables: list[_Sheet] = []
        self._open: list[_Sheet] = []  # from the outermost
        self._row = self._column = 0
        self._cell: dict[str, str | None] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        told = dict(attrs)
        if tag in ("table", "tr", "td", "th"):
            self._end_cell()
        if tag == "table":
            self._open.append(_Sheet(notes=self.notes))
            self._row = 0
        elif tag == "tr" and self._open:
            self._row, self._column = self._row + 1, 0
            if "hidden" in told or HIDDEN.search(told.get("style") or ""):
                self._open[-1].hidden.add(self._row)
        elif tag in ("td", "th") and self._row:
            self._cell = told
        elif tag == "br":
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a cell or a table."""
        if tag in ("table", "tr", "td", "th"):
            self._end_cell()
        if tag == "table" and self._open:
            self.tables.append(self._open.pop())
            for around in self._open:
                around.rows.clear()
            self._row = 0

    def handle_data(self, data: str) -> None:
        """Keep the text of a cell."""
        if self._cell is not None:
            self._text.append(data)

    def close(self) -> None:
        """End what the page leaves open."""
        super().close()
        while self._open:
            self.handle_endtag("table")

    def _end_cell(self) -> None:
        if self._cell is not None and self._open:
            value = _shown("".join(self._text), self._cell.get("x:num") or "")
            spans = (_whole(self._cell.get(name) or "") for name in ("colspan", "rowspan"))
            self._column = self._open[-1].put(self._row, self._column, value, *spans)
        self._cell = None
        self._text.clear()


def _tables(raw, encoding) -> Iterator[_Sheet]:
    for part in _pages(raw):
        text, notes = _text(part, encoding)
        page = _Page(notes)
        page.feed(text)
        page.close()
        yield from _as_one(page.tables)


def _as_one(tables):
    """The tables of a page, those of the same names as one: a long one goes on below."""
    known: dict[tuple, _Sheet] = {}
    for number, one in enumerate(tables):
        names = tuple(next(iter(one.rows.values()), ()))
        key = names if len(names) > 1 else (number,)  # a title alone says nothing of the columns
        if known.setdefault(key, one) is not one:
            known[key].go_on(one)
    return known.values()


def _pages(raw):
    """The web pages of a file: itself, or the parts of a page saved as a single file."""
    if not MAIL.match(raw[:HEAD].lstrip(BLANKS)):
        return [raw]
    parts = message_from_bytes(raw.lstrip(BLANKS)).walk()
    return [one.get_payload(decode=True) for one in parts if one.get_content_type() == "text/html"]


def _text(raw, encoding):
    """The text of a page by its mark or what it says of itself, else by its letters; and a note."""
    said = ENCODING.search(raw[:HEAD])
    is_marked = raw.startswith(tuple(MARKS))
    told = encoding or ("" if said is None or is_marked else said[1].decode("ascii"))
    try:
        decoded = utf8(raw, told)
    except (LookupError, UnicodeDecodeError):
        if encoding:
            raise
        decoded = utf8(raw)
    name = NAMES.get(decoded.encoding, decoded.encoding)
    note = f"read as {name}; say otherwise with --answer encoding=NAME"
    return decoded.raw.decode(), () if decoded.is_sure else (note,)


def _whole(text):
    return int(text) if text.strip().isdecimal() else 1


def _shown(text, kept):
    """The text of a cell, or the number that Excel wrote beside a text that shows it."""
    text = " ".join(text.split())
    if kept and NUMBER.fullmatch(text) and _digits(kept).startswith(_digits(text).rstrip("0")):
        return float(kept)
    return text or None


def _digits(text):
    return re.sub(r"\D", "", text).lstrip("0")


# --------------------------------------------------------------------------------------------------
# XML spreadsheets


def _sheets(raw) -> Iterator[_Sheet]:
    if b"<!ENTITY" in raw.replace(b"\0", b""):
        raise ValueError("it declares entities")
    for _, element in iterparse(io.BytesIO(raw)):  # noqa: S314 - no entities
        if element.tag == f"{SHEET}Worksheet":
            if element.find(f".//{UNSEEN}") is None:
                yield _of_sheet(element)
            element.clear()


def _of_sheet(element):
    sheet, number = _Sheet(element.get(f"{SHEET}Name", "")), 0
    for line in element.iter(f"{SHEET}Row"):
        number, column = _index(line, number + 1), 0
        if line.get(f"{SHEET}Hidden") == "1":
            sheet.hidden.add(number)
        for cell in line.iter(f"{SHEET}Cell"):
            column = _index(cell, column + 1) - 1
            more = (1 + _whole(cell.get(f"{SHEET}Merge{way}", "0")) for way in ("Across", "Down"))
            column = sheet.put(number, column, _value(cell), *more)
        number += _whole(line.get(f"{SHEET}Span", "0"))
    return sheet


def _index(element, following):
    """The row or column that an element says to be at, or else the following."""
    return _whole(element.get(f"{SHEET}Index", str(following)))


def _value(cell):
    data = cell.find(f"{SHEET}Data")
    text = "" if data is None else "".join(data.itertext()).strip()
    kind = None if data is None else data.get(f"{SHEET}Type")
    if not text:
        return None
    if kind == "Number":
        return float(text)
    return datetime.fromisoformat(text) if kind == "DateTime" else text
