"""Cells: read text, or what a spreadsheet or database gave, as the kind of word it is."""

import pandas as pd

KIND_NAMES = {
    "code": "a code",
    "text": "text",
    "choice": "one of the choices",
    "number": "a number written with a point, without thousands marks",
    "whole": "a whole number",
    "flag": "true or false",
    "period": "a month written as 2026-10",
    "day": "a date written as 2026-10-31",
}
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def filled(cells):
    """Whether each cell holds anything."""
    if cells.dtype == object or pd.api.types.is_string_dtype(cells):
        return cells.notna() & (cells.astype("str").str.strip() != "")
    return cells.notna()


def parse(kind, cells):
    """Read cells, text or typed, as a kind; what cannot be read is missing in the result."""
    if kind in ("code", "text", "choice"):
        text = cells.astype("str").str.strip()
        return text.where(filled(cells))
    if kind in ("number", "whole"):
        numbers = pd.to_numeric(_stripped(cells), errors="coerce").astype("float64")
        finite = numbers.abs() != float("inf")
        return numbers.where(finite & (numbers % 1 == 0 if kind == "whole" else True))
    if kind == "flag":
        is_flag = pd.api.types.is_bool_dtype(cells)
        return (cells if is_flag else _stripped(cells).astype("str").str.lower().map(_FLAGS)).astype(
            "boolean"
        )
    if kind == "period":
        return _months(cells)
    return _days(cells)


def _stripped(cells):
    return cells.str.strip() if pd.api.types.is_string_dtype(cells) else cells


def _months(cells):
    if isinstance(cells.dtype, pd.PeriodDtype):
        return cells.dt.asfreq("M")
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells.dt.to_period("M")
    codes, texts = pd.factorize(
        cells.astype("str").str.strip()
    )  # a few hundred months stand for a million cells
    texts = pd.Series(texts, dtype="str")
    months = pd.PeriodIndex(texts.where(texts.str.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])")), freq="M")
    return pd.Series(months.take(codes, allow_fill=True, fill_value=pd.NaT), index=cells.index)


def _days(cells):
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells.astype("datetime64[us]")
    text = cells.astype("str").str.strip()
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
