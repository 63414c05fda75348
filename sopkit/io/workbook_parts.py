"""The parts of a zipped workbook, each unpacked no further than the size that it states."""

import io
import re
import zipfile
from collections.abc import Iterator

CHUNK = 1 << 20  # bytes unpacked at once: a part that is larger than it says is found by then
SHEETS = "xl/worksheets/"
MANY_EMPTY = 1000  # cells that hold nothing: so many in a part are worth a copy without them
_EMPTY_CELL = re.compile(rb'<c(?=\s)(?=[^<>]*\sr="[A-Z]+\d+")[^<>]*(?:/>|></c>)')
_NO_PLACE = re.compile(rb'<c(?=[\s/>])(?![^<>]*\sr=")')
_PROGRAM = re.compile(rb"<(?:\w+:)?(?:dde|ole)Link\b")


def contents(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Unpack every part: its name and its content.

    Raises
    ------
    BadZipFile : a part is not what it says, such as larger.
    """
    for name in dict.fromkeys(archive.namelist()):
        with archive.open(name) as part:
            yield name, b"".join(iter(lambda part=part: part.read(CHUNK), b""))


def calls_a_program(name: str, content: bytes) -> bool:
    """Whether a part links cells to another program (DDE, OLE), which a spreadsheet may start."""
    return "externalLinks/" in name and _PROGRAM.search(content) is not None


def empty_cells(name: str, content: bytes) -> int:
    """Count the cells of a sheet that have a format and hold nothing, as forms to fill in have."""
    if not name.startswith(SHEETS) or _NO_PLACE.search(content):
        return 0  # a cell without a place stands right of the one before it, empty or not
    return sum(1 for _ in _EMPTY_CELL.finditer(content))


def without_empty_cells(archive: zipfile.ZipFile) -> io.BytesIO:
    """A copy, to be read, of a workbook without the cells that hold nothing: reading goes cell by
    cell, and takes ten times as long with those of a form."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as made:
        for name, content in contents(archive):
            slim = _EMPTY_CELL.sub(b"", content) if empty_cells(name, content) else content
            made.writestr(name, slim)
    copy.seek(0)
    return copy
