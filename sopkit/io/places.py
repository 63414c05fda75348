"""Names that can also be those of folders, and whether tables can lie at a place."""

import re
from pathlib import Path

from sopkit.tables.issues import shown

_DEVICES = "con|prn|aux|nul|com[0-9]|lpt[0-9]"  # Windows takes such names for devices


def company_name(text: str) -> str:
    """Accept a company's (or scenario's) name if it can also name a folder.

    Raises
    ------
    ValueError : the name holds anything but small letters, digits, - and _, or starts with a mark.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", str(text)) or re.fullmatch(
        _DEVICES, str(text)
    ):
        raise ValueError(
            f"{str(text)!r} is not a valid name; use lower-case letters, digits, - and _, such as "
            "alpine-outfitters"
        )
    return str(text)


def file_name(text: str) -> str:
    """Accept a name that data give to a file if it names one in its folder, on any system.

    Raises
    ------
    ValueError : the name would leave its folder, be hidden, or is none that every system takes.
    """
    if not re.fullmatch(r"[^\W_](?:[\w .,&@()+'-]{0,62}[\w)])?", text) or re.fullmatch(
        _DEVICES, text.casefold()
    ):
        raise ValueError(
            f"{shown(text)} cannot name a file; use at most 64 letters, digits, blanks and - _ . "
            "and begin with a letter or digit"
        )
    return text


def refuse_absent(location: str | Path) -> None:
    """Refuse a place of tables that is no folder, workbook or URL; a database is not asked.

    Raises
    ------
    FileNotFoundError, ValueError : there is nothing, or a file of another kind.
    """
    path = Path(location)
    if "://" in str(location) or path.is_dir():
        return
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such folder or workbook")
    if path.suffix.lower() != ".xlsx":
        raise ValueError(
            f"{path.name}: a workspace is a folder of CSV or Parquet files, an .xlsx workbook or a "
            "URL"
        )
