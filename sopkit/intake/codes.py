"""Codes and names as text: what was lost or hidden in them, and which are spelt almost alike."""

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import Series

from sopkit.intake.grid import distinct, text_of
from sopkit.tables.issues import shown

_LOST = re.compile(r"\d(?:[.,]\d+)?E\+\d{2,}", re.IGNORECASE)
_RUNS = re.compile(r"[=@]|[+-](?!\s*\d)")
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
_FLOAT = re.compile(r"\d+\.0")  # how a column of whole numbers with empty cells is often written
NEAR = 10  # near spellings that are listed
LONGEST = 200  # characters of a code


def read_codes(
    cells: Series, name: str, source: str, corrections: Mapping[str, str]
) -> tuple[Series, list[str]]:
    """Read a column as codes: blanks around and invisible characters within are taken off.

    `corrections` writes a code in the place of another.

    Returns
    -------
    (code by row, as a category; what was cleaned or corrected, and near spellings)

    Raises
    ------
    ValueError : a spreadsheet has turned codes into numbers such as 4.0E+12, or dates; a cell holds
        an error or more text than a code.
    """
    codes, values = distinct(cells)
    texts = [text_of(value) for value in values]
    for value, text in zip(values, texts, strict=True):
        if fault := _fault(value, text):
            line = cells.index[np.flatnonzero(codes == texts.index(text))[0]]
            raise ValueError(f"{source} line {line}: {name} is {shown(text)}: {fault}")
    clean = [_clean(text) for text in texts]
    notes = []
    if clean and all(map(_FLOAT.fullmatch, clean)):
        clean = [text.removesuffix(".0") for text in clean]
        notes.append(f"{name}: {texts[0]} is read as {clean[0]}")
        texts = clean
    written = [corrections.get(text, text) for text in clean]
    hidden = [(t, c) for t, c in zip(texts, clean, strict=True) if t != c]
    if hidden:
        notes.append(
            f"{name}: invisible or double blank characters are taken off {len(hidden):,} codes, "
            f"such as {shown(hidden[0][0])}"
        )
    if changed := [(c, w) for c, w in zip(clean, written, strict=True) if c != w]:
        notes.append(
            f"{name}: {len(changed):,} codes are corrected, such as "
            f"{changed[0][0]} to {changed[0][1]}"
        )
    if near := near_spellings(written):
        listed = "; ".join(" and ".join(pair) for pair in near[:NEAR])
        notes.append(
            f"{name}: {len(near):,} pairs of codes are spelt almost alike and kept apart: "
            f"{listed}. "
            'Join them by [corrections] in intake.toml: "old" = "new"'
        )
    places, names = pd.factorize(np.array(written, dtype=object))
    made = np.append(places, -1)[codes]
    return Series(pd.Categorical.from_codes(made, names), index=cells.index), notes


def _fault(value, text):
    if isinstance(value, str) and _LOST.fullmatch(text.replace(" ", "")):
        return "a spreadsheet has shortened a long code. Export it again as text."
    if isinstance(value, float) and abs(value) >= 1e15:
        return "a number of more than 15 digits has lost some. Export it again as text."
    if hasattr(value, "isoformat"):
        return "a spreadsheet has turned a code into a date. Type it as text."
    if _RUNS.match(text):
        return "it starts like a formula, which a spreadsheet would run. Write it otherwise."
    if text in _ERRORS:
        return "a formula has failed. Correct it, or type the code."
    if len(text) > LONGEST:
        return (
            f"{len(text):,} characters are no code. Look for a quotation mark that is not closed."
        )
    return ""


def _clean(text):
    blank = "".join(" " if unicodedata.category(c) == "Zs" or c in "\t\r\n" else c for c in text)
    seen = "".join(c for c in blank if unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(seen.split())


def near_spellings(texts: list[str]) -> list[tuple[str, str]]:
    """Find pairs that differ in case, blanks or marks only."""
    known: dict[str, str] = {}
    pairs = []
    for text in dict.fromkeys(texts):
        bare = re.sub(r"[\W_]+", "", text).casefold()
        if bare in known and known[bare] != text:
            pairs.append((known[bare], text))
        known.setdefault(bare, text)
    return pairs
