"""Tables as Parquet parts, each named by the hash of its bytes."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.io.typed_parquet import decoded, encoded
from sopkit.tables import attach

SMALL_TABLE = 20_000  # rows kept in one part


class Part(NamedTuple):
    """A piece of a table: its `place` among the others, and its content by name (`blob`) and
    bytes."""

    table: str
    place: int
    rows: int
    blob: str
    content: bytes


def parts(name: str, frame: DataFrame, families: DataFrame | None = None) -> list[Part]:
    """Cut a table into parts: a big one by family, so that a changed family leaves the others'
    parts alone.

    `families` says product : family. Rows keep their order within a part.
    """
    contents = [(len(piece), encoded(piece)) for piece in _pieces(frame, families)]
    return [
        Part(name, place, rows, blob_name(content), content)
        for place, (rows, content) in enumerate(contents)
    ]


def table(contents: Iterable[bytes]) -> DataFrame:
    """Put the parts of a table together again, with the types it had."""
    return decoded(*contents)


def blob_name(content: bytes) -> str:
    """Name bytes by what they are."""
    return hashlib.sha256(content).hexdigest()


def _pieces(frame, families):
    if len(frame) <= SMALL_TABLE or families is None or "product" not in frame.columns:
        return [frame]
    codes = pd.factorize(attach(frame[["product"]], families, default="")["family"], sort=True)[0]
    order = np.argsort(codes, kind="stable")
    return [frame.iloc[rows] for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)]
