"""Hashes of the content of tables."""

import hashlib
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame


def files_hash(location: str | Path) -> str | None:
    """Hash the bytes of a folder's files or of a workbook; None where tables lie in a database."""
    path = Path(location)
    if "://" in str(location) or not path.exists():
        return None
    files = sorted(path.glob("*")) if path.is_dir() else [path]
    hashes = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()
    }
    return combined_hash(hashes)


def content_hash(tables: Mapping[str, DataFrame]) -> str:
    """Hash tables: the same rows give the same hash from any source, in any order."""
    return combined_hash({name: table_hash(frame) for name, frame in tables.items()})


def combined_hash(hashes: Mapping[str, str]) -> str:
    """Hash named hashes."""
    lines = "".join(f"{name} {hashes[name]}\n" for name in sorted(hashes))
    return hashlib.sha256(lines.encode()).hexdigest()


def table_hash(frame: DataFrame) -> str:
    """Hash a table, independent of the order of rows and columns; empty columns do not count.

    The rows are sorted by all columns but measures, which hold the key; each column is hashed as
    its values, text as its sorted distinct texts and each row's place among them.
    """
    by_name = sorted(frame.items(), key=itemgetter(0))
    columns = {name: _encoded(cells) for name, cells in by_name if cells.notna().any()}
    order = _row_order(
        [codes for kind, _, codes in columns.values() if kind != "number"], len(frame)
    )
    digest = hashlib.sha256(f"{len(frame)} rows".encode())
    for name, (kind, texts, codes) in columns.items():
        digest.update(f"\n{name} {kind} {len(texts)}\n".encode())
        digest.update(texts)
        digest.update(np.ascontiguousarray(codes[order]).data)
    return digest.hexdigest()


def _encoded(cells):
    """Turn a column into its kind, its distinct texts as bytes, and one number a row."""
    if isinstance(cells.dtype, pd.PeriodDtype):
        return "period", b"", pd.PeriodIndex(cells).asi8.astype("<i8")
    if pd.api.types.is_datetime64_any_dtype(cells):
        return "day", b"", cells.to_numpy(dtype="datetime64[us]").astype("<i8")
    if pd.api.types.is_bool_dtype(cells):
        return "flag", b"", cells.astype("boolean").astype("Int8").fillna(-1).to_numpy(dtype="<i8")
    if pd.api.types.is_integer_dtype(cells):
        return "whole", b"", cells.to_numpy(dtype="<i8")
    if pd.api.types.is_float_dtype(cells):
        numbers = cells.to_numpy(dtype="<f8") + 0.0  # minus zero becomes zero
        return "number", b"", np.where(np.isnan(numbers), np.nan, numbers)
    codes, texts = pd.factorize(cells, sort=True)
    parts = [text.encode() for text in texts]
    return (
        "text",
        b"".join(len(part).to_bytes(8, "little") + part for part in parts),
        codes.astype("<i8"),
    )


def _row_order(columns, rows):
    return np.lexsort(columns[::-1]) if columns else np.arange(rows)
