"""Tables as Parquet parts, each named by the hash of its bytes."""

import hashlib
import io
import json
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame
from pyarrow import parquet

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
    contents = [(len(piece), _encoded(piece)) for piece in _pieces(frame, families)]
    return [
        Part(name, place, rows, blob_name(content), content)
        for place, (rows, content) in enumerate(contents)
    ]


def table(contents: Iterable[bytes]) -> DataFrame:
    """Put the parts of a table together again, with the types it had."""
    pieces = [parquet.read_table(pa.BufferReader(content)) for content in contents]
    return _decoded(pa.concat_tables(pieces))


def blob_name(content: bytes) -> str:
    """Name bytes by what they are."""
    return hashlib.sha256(content).hexdigest()


def _pieces(frame, families):
    if len(frame) <= SMALL_TABLE or families is None or "product" not in frame.columns:
        return [frame]
    codes = pd.factorize(attach(frame[["product"]], families, default="")["family"], sort=True)[0]
    order = np.argsort(codes, kind="stable")
    return [frame.iloc[rows] for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)]


def _encoded(frame):
    """Write typed columns; months as their first day, which any reader understands. The pandas
    types are noted."""
    columns = {}
    for name, cells in frame.items():
        if isinstance(cells.dtype, pd.PeriodDtype):
            months = cells.array.asi8.astype("datetime64[M]")  # a missing month is NaT in both
            columns[name] = pa.array(months.astype("datetime64[D]"))
        else:
            columns[name] = pa.Array.from_pandas(cells)
    types = json.dumps({name: str(cells.dtype) for name, cells in frame.items()})
    sink = io.BytesIO()
    parquet.write_table(
        pa.table(columns).replace_schema_metadata({"sopkit": types}), sink, compression="zstd"
    )
    return sink.getvalue()


def _decoded(arrow):
    columns = {}
    for name, kind in json.loads(arrow.schema.metadata[b"sopkit"]).items():
        cells = arrow.column(name)
        if kind.startswith("period"):
            columns[name] = pd.Series(
                pd.PeriodIndex(cells.to_numpy().astype("datetime64[M]"), freq="M")
            )
        else:
            columns[name] = cells.to_pandas().astype(kind)
    return pd.DataFrame(columns)
