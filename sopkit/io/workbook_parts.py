"""The parts of a zipped workbook, each unpacked no further than the size that it states."""

import re
import zipfile
from collections.abc import Iterator

CHUNK = 1 << 20  # bytes unpacked at once: a part that is larger than it says is found by then
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
