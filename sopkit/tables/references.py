"""What tables say about one another: codes that must be known elsewhere, scenarios that change what is there."""

from difflib import get_close_matches

import pandas as pd

from sopkit.master_data.bom import in_a_circle
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, changeable
from sopkit.tables.issues import did_you_mean, fault


def reference_faults(name, tables, unsound, source):
    """Codes of a table that no table knows which should; a table that was refused (`unsound`) is not asked."""
    table, frame = TABLES[name], tables[name]
    faults = []
    for column in frame.columns:
        known_in = table.references.get(column, COLUMNS[column].references)
        if (
            not table.is_input
            or not known_in
            or name in known_in
            or unsound & {t.partition(".")[0] for t in known_in}
        ):
            continue
        holders = [t for t in known_in if t.partition(".")[0] in tables]
        if not holders and not frame[column].notna().any():
            continue
        known = set().union(*(_known(column, t, tables[t.partition(".")[0]]) for t in holders))
        stranger = frame[column].notna() & ~frame[column].isin(known)
        if stranger.any():
            where, close = (
                " or ".join(known_in),
                _close(frame.loc[stranger, column].iloc[0], known),
            )
            remedy = f"Add it to {where}, or correct it here{did_you_mean(close)}"
            rule = f"{column} must be known in {where}"
            faults.append(fault(table, frame, stranger, rule, column, source, remedy))
    return faults


def change_faults(changes, given, source):
    """Changes of tables that are not there, of columns that no scenario may change, or that move no month."""
    absent = ~changes["table"].isin(given)
    known = {(name, column) for name in given & set(TABLES) for column in changeable(name)}
    pairs = zip(changes["table"], changes["column"], strict=True)
    other = ~absent & ~pd.Series([pair in known for pair in pairs], index=changes.index)
    months = changes["column"].map(
        lambda column: column in COLUMNS and COLUMNS[column].kind == "period"
    )
    moves = (changes["operation"] == "add") & (changes["amount"] % 1 == 0)
    rules = [
        (
            absent,
            "table",
            "table must be a table that is given",
            "Add the table, or remove the change.",
        ),
        (
            other,
            "column",
            "column must be a column of numbers, months, choices or true and false of its table",
            "Name a column that is not part of the key.",
        ),
        (
            ~absent & ~other & months & ~moves,
            "operation",
            "a month is moved by adding a whole number of months",
            "Write add, and 2 for two months later.",
        ),
    ]
    table = TABLES["scenario_changes"]
    return [
        fault(table, changes, bad, rule, at, source, remedy)
        for bad, at, rule, remedy in rules
        if bad.any()
    ]


def circle_faults(bill_of_materials, source):
    """Rows by which a component goes into itself, directly or through other parts."""
    closes = in_a_circle(bill_of_materials)
    rule, remedy = (
        "a component must not be part of itself",
        "Remove the row that closes the circle.",
    )
    table = TABLES["bill_of_materials"]
    return (
        [fault(table, bill_of_materials, closes, rule, None, source, remedy)]
        if closes.any()
        else []
    )


def _close(code, known):
    """The known code nearest to one, which may differ in nothing but its case."""
    plain = {text.casefold(): text for text in known}
    return [plain[text] for text in get_close_matches(code.casefold(), plain, 1)]


def _known(column, name, frame):
    """The values a table knows for a column: its own column of that name, else its key (like_product is a product).

    `components.supplier` names the column.
    """
    name, _, own = name.partition(".")
    column = own or column
    return set(frame[column if column in frame.columns else TABLES[name].key[0]].dropna().unique())
