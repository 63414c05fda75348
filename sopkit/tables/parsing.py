"""Parsing of cells: text, or typed cells of a spreadsheet or database, by kind."""

import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
from pandas import Index, Series

KIND_NAMES = {
    "code": "a code without line breaks, control or invisible characters",
    "text": "text without control characters, of 32,767 at most",
    "choice": "one of the choices",
    "number": "a number below 1e15 written with a point, without thousands marks",
    "whole": "a whole number below 1e15",
    "flag": "true or false",
    "period": "a month written as 2026-10",
    "day": "a date written as 2026-10-31",
}
REMEDIES = {
    "code": "Retype the code; text copied from web pages and e-mails can contain hidden "
    "characters.",
    "text": "Retype the text, and keep longer text in a separate document.",
    "number": "Write 1234.5, without currency, per cent or thousands marks; leave the cell empty "
    "if "
    "the value is unknown.",
    "whole": "Write 12, without currency, per cent or thousands marks; leave the cell empty if "
    "the value is unknown.",
    "flag": "Write true or false.",
    "period": "Write a month as 2026-10.",
    "day": "Write a date as 2026-10-31.",
}
LONGEST = 32_767  # characters that a cell of Excel holds
TOO_LARGE = 1e15  # from about here on a float skips whole numbers
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_TEXT_MAY_HOLD = str.maketrans(dict.fromkeys("\n\r\t", " "))


def filled(cells: Series) -> Series:
    """Whether each cell has content."""
    if not is_text(cells):
        return cells.notna()
    codes, texts = distinct(cells)
    return pd.Series(
        np.array([*(text.strip() != "" for text in texts), False])[codes], index=cells.index
    )


def is_text(cells: Series) -> bool:
    """Whether cells hold text, as files give it: plain, or each distinct text once."""
    kind = cells.dtype  # of numpy or of pandas
    is_category = isinstance(kind, pd.CategoricalDtype)
    return is_category or pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(cells)


def distinct(cells: Series) -> tuple[np.ndarray, Index]:
    """Number the distinct texts of cells: a few thousand stand for millions of cells.

    Returns
    -------
    (number of each cell's text, -1 where it is missing; the texts)
    """
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return cells.cat.codes.to_numpy(), cells.cat.categories
    return pd.factorize(cells.astype("str"))


def parse(kind: str, cells: Series) -> Series:
    """Parse cells, text or typed, as a kind; unreadable cells are missing in the result."""
    if kind in ("code", "text", "choice"):
        return each_text(
            cells, lambda text: text.strip() if _is_clean(kind, text.strip()) else None
        )
    if kind in ("number", "whole"):
        numbers = _numbers(cells)
        exact = numbers.abs() < TOO_LARGE
        return numbers.where(exact & (numbers % 1 == 0 if kind == "whole" else True))
    if kind == "flag":
        is_flag = pd.api.types.is_bool_dtype(cells)
        texts = cells if is_flag else each_text(cells, lambda text: text.strip().lower())
        return (texts if is_flag else texts.map(_FLAGS)).astype("boolean")
    if kind == "period":
        return _months(cells)
    return _days(cells)


def each_text(cells: Series, change: Callable[[str], object]) -> Series:
    """Change every cell as text; text that becomes None is missing."""
    codes, texts = distinct(cells)
    changed = pd.array([change(text) for text in texts], dtype="str")
    return pd.Series(changed.take(codes, allow_fill=True), index=cells.index, name=cells.name)


def _is_clean(kind, text):
    """Whether text is there, and every character of it says what it shows."""
    if len(text) > LONGEST:
        return False
    if kind == "text":
        text = text.translate(_TEXT_MAY_HOLD)
        return (
            bool(text)
            and "\ufffd" not in text
            and not any(unicodedata.category(c) == "Cc" for c in text)
        )
    return bool(text) and text.isprintable() and "\ufffd" not in text


def _numbers(cells):
    if not is_text(cells):
        says_number = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
        return cells.astype("float64") if says_number else pd.Series(np.nan, index=cells.index)
    codes, texts = distinct(cells)
    numbers = pd.to_numeric(pd.Series(texts, dtype="str").str.strip(), errors="coerce").astype(
        "float64"
    )
    return pd.Series(np.append(numbers.to_numpy(), np.nan)[codes], index=cells.index)


def _months(cells):
    if isinstance(cells.dtype, pd.PeriodDtype):
        return cells.dt.asfreq("M")
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells.dt.to_period("M")
    codes, texts = distinct(cells)
    texts = pd.Series(texts, dtype="str").str.strip()
    months = pd.PeriodIndex(
        texts.where(texts.str.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])")), freq="M"
    )
    return pd.Series(months.take(codes, allow_fill=True, fill_value=pd.NaT), index=cells.index)


def _days(cells):
    if pd.api.types.is_datetime64_dtype(cells):  # without a zone
        return cells.where(cells == cells.dt.normalize()).astype("datetime64[us]")
    text = each_text(cells, str.strip)
    text = text.where(text.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"))
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
