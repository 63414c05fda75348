"""What tables say about one another: codes that must be known elsewhere, scenarios that change what is there."""

from difflib import get_close_matches

import pandas as pd

from sopkit.faults import did_you_mean, fault
from sopkit.vocabulary import TABLES
from sopkit.words import WORDS


def reference_faults(name, tables, unsound, source):
    """Codes of a table that no table knows which should; a table that was refused (`unsound`) is not asked."""
    table, frame = TABLES[name], tables[name]
    faults = []
    for column in frame.columns:
        known_in = table.references.get(column, WORDS[column].refers_to)
        if not table.is_input or not known_in or name in known_in or unsound.intersection(known_in):
            continue
        holders = [t for t in known_in if t in tables]
        if not holders and not frame[column].notna().any():
            continue
        known = set().union(*(_known(column, t, tables[t]) for t in holders))
        stranger = frame[column].notna() & ~frame[column].isin(known)
        if stranger.any():
            where, close = (
                " or ".join(known_in),
                get_close_matches(frame.loc[stranger, column].iloc[0], known, 1),
            )
            remedy = f"Add it to {where}, or correct it here{did_you_mean(close)}"
            rule = f"{column} must be known in {where}"
            faults.append(fault(table, frame, stranger, rule, column, source, remedy))
    return faults


def change_faults(changes, given, source):
    """Changes of tables that are not there, or of columns that hold neither numbers nor choices."""
    absent = ~changes["table"].isin(given)
    numbers = {
        (name, column)
        for name in given & set(TABLES)
        for column in TABLES[name].columns
        if WORDS[column].kind in ("number", "whole", "choice", "flag") and column not in TABLES[name].key
    }
    pairs = zip(changes["table"], changes["column"], strict=True)
    other = ~absent & ~pd.Series([pair in numbers for pair in pairs], index=changes.index)
    rules = [
        (absent, "table", "table must be a table that is given", "Add the table, or remove the change."),
        (
            other,
            "column",
            "column must be a column of numbers, choices or true and false of its table",
            "Name a column that is not part of the key.",
        ),
    ]
    table = TABLES["scenario_changes"]
    return [
        fault(table, changes, bad, rule, at, source, remedy) for bad, at, rule, remedy in rules if bad.any()
    ]


def _known(column, name, frame):
    """The values a table knows for a column: its own column of that name, else its key (like_product is a product)."""
    return set(frame[column if column in frame.columns else TABLES[name].key[0]].dropna())
