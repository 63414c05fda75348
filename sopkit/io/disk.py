"""Room on a disk, in words with its bytes: before it is needed, and when it was not there."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LEAST = 16_000_000  # bytes that are free before a run begins, whatever it is of
FULL = 1_000_000  # bytes; with fewer a disk counts as full
_WHY = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


def trouble(folder: Path) -> str:
    """Say why nothing can be written in a folder: its disk is full or read-only; "" where it
    can."""
    there = _nearest(folder)
    if hasattr(os, "statvfs") and os.statvfs(there).f_flag & os.ST_RDONLY:
        return f"{folder}: the disk is read-only"
    usage = shutil.disk_usage(there)
    if usage.free >= FULL:
        return ""
    return f"{folder}: the disk is full: {usage.free:,} of {usage.total:,} bytes are free"


def refuse_scarce(folder: Path, needed: int = 0) -> None:
    """Refuse to begin what could not be written in the end.

    `needed` : bytes, such as those that it took the last time

    Raises
    ------
    OSError : the disk of the folder is read-only, or has too few bytes free.
    """
    there, needed = _nearest(folder), max(2 * needed, LEAST)
    free = shutil.disk_usage(there).free
    if said := trouble(folder):
        raise OSError(f"{said}; nothing was begun. Make room, or use another disk")
    if free < needed:
        raise OSError(
            f"{folder}: {free:,} bytes are free on the disk, but this takes some {needed:,}; "
            "nothing was begun. Make room, or use another disk"
        )


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Add to an error of the disk which file it is about, and how many bytes are free.

    Raises
    ------
    OSError : the disk is full, read-only or broken.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _WHY:
            raise
        free = shutil.disk_usage(_nearest(path.parent)).free
        text = f"{path} could not be written: {error.strerror}; {free:,} bytes are free"
        raise OSError(error.errno, text) from error


@contextmanager
def added_to(error: BaseException) -> Iterator[None]:
    """Let what is done because of an error fail for want of a disk, and say so in that error."""
    try:
        yield
    except OSError as further:
        error.add_note(f"{further}")


def _nearest(folder):
    """The folder, or the first one above it that is there."""
    folder = Path(folder).absolute()
    return next(one for one in (folder, *folder.parents) if one.exists())
