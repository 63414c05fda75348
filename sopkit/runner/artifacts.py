"""The draft of a run: its input and plan tables as Parquet files, handed from notebook to
notebook."""

import os
from collections.abc import Mapping
from pathlib import Path

from pandas import DataFrame

from sopkit.io.typed_parquet import decoded, encoded
from sopkit.rules.text import as_python_text

VARIABLE = "SOPKIT_DRAFT"  # names the draft's folder to the notebooks of a run


def folder() -> Path | None:
    """The draft of the run this process belongs to, or None in a notebook opened by hand."""
    path = os.environ.get(VARIABLE)
    return Path(path) if path else None


def save(path: Path, tables: Mapping[str, DataFrame]) -> None:
    """Write tables into the draft, each whole or not at all."""
    path.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        part = path / f"{name}.part"
        part.write_bytes(encoded(table))
        with open(
            part, "rb"
        ) as written:  # on disk before it has its name: a run may be resumed after a power cut
            os.fsync(written)
        part.rename(path / f"{name}.parquet")


@as_python_text
def load(path: Path, name: str) -> DataFrame | None:
    """Read one table of the draft; None if it is not there.

    It was conformed when it was written, and Parquet keeps its types: it is not checked again.
    """
    file = path / f"{name}.parquet"
    return decoded(file.read_bytes()) if file.exists() else None


def load_all(path: Path) -> dict[str, DataFrame]:
    """Read every table of the draft."""
    return {file.stem: load(path, file.stem) for file in sorted(path.glob("*.parquet"))}
