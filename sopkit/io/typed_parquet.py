"""A table as the bytes of one Parquet file, and back with the types it had.

Months are written as their first day, which any reader understands; the pandas types stand beside
the columns. Small tables are what there are most of: a column becomes an array at once, without a
Series or a look through all types that pandas knows.
"""

import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame
from pyarrow import parquet

_MONTHS = pd.PeriodDtype("M")
_NOTE = b"sopkit"  # of the file: the pandas types by column


def encoded(frame: DataFrame) -> bytes:
    """Write a conformed table."""
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
        pa.table(columns).replace_schema_metadata({_NOTE: types}), sink, compression="zstd"
    )
    return sink.getvalue()


def decoded(*contents: bytes) -> DataFrame:
    """Read a table from what was written of it, in one piece or several.

    Raises
    ------
    ArrowInvalid : bytes are no Parquet file.
    """
    pieces = [
        parquet.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        for content in contents
    ]
    arrow = pa.concat_tables(pieces)
    types = json.loads(arrow.schema.metadata[_NOTE])
    return DataFrame({name: _cells(arrow.column(name), kind) for name, kind in types.items()})


def _cells(column, kind):
    if kind.startswith("period"):
        months = column.to_numpy().astype("datetime64[M]")
        return pd.arrays.PeriodArray(months.astype("int64"), dtype=_MONTHS)
    if kind == "float64":
        return np.asarray(column.to_numpy(), dtype="float64")  # of empty cells alone: no numbers
    cells = column.to_pandas()
    return (cells if str(cells.dtype) == kind else cells.astype(kind)).array
