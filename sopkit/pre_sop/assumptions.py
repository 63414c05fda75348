"""Options against an assumption that is valid: named, and offered again after its end."""

import pandas as pd
from pandas import DataFrame, Period, Series

from sopkit.scenarios.starting import starting
from sopkit.tables import conform

FILTERS = ("column", "family", "product", "market", "resource", "item")


def against(changes: DataFrame, assumptions: DataFrame | None, last: Period) -> dict[str, str]:
    """Name the assumption that each scenario changes the rows of while it is valid.

    Only an assumption that names its table is about rows. What it leaves empty holds for all, and
    a change that leaves it empty touches them too.

    Parameters
    ----------
    last : the last planned month, to which a change without an end lasts

    Returns
    -------
    dict of scenario -> assumption, the one that ends last
    """
    found: dict[str, str] = {}
    if assumptions is None:
        return found
    for row in assumptions[assumptions["table"].notna()].sort_values("valid_to").itertuples():
        touched = _touched(changes, row)
        ends = changes["to_period"].fillna(last)
        begins = changes["from_period"].fillna(row.valid_from)
        within = (begins <= row.valid_to) & (ends >= row.valid_from)
        found |= dict.fromkeys(changes.loc[touched & within, "scenario"], row.assumption)
    return found


def offered_after(changes: DataFrame, assumptions: DataFrame | None, last: Period) -> DataFrame:
    """The options against an assumption, each starting after it has ended, where it can.

    A change of a table without months, or one that is over by then, cannot start later.
    """
    barred = against(changes, assumptions, last)
    if assumptions is None or not barred:
        return changes.iloc[:0]
    end_of = assumptions.set_index("assumption")["valid_to"]
    later = []
    for scenario, assumption in barred.items():
        rows, start = changes[changes["scenario"] == scenario], end_of[assumption] + 1
        moved = starting(rows, start)
        dated = moved["from_period"].notna() & (moved["from_period"] >= start)
        if start <= last and len(moved) == len(rows) and dated.all():
            said = f"{rows['statement'].iloc[0]}, from {start:%b %Y} on"
            later.append(moved.assign(scenario=f"{scenario}-from-{start}", statement=said))
    return conform("option_changes", pd.concat([changes.iloc[:0], *later], ignore_index=True))


def _touched(changes: DataFrame, assumption) -> Series:
    """The changes of rows that an assumption is about."""
    touched = changes["table"] == assumption.table
    for name in FILTERS:
        wanted = getattr(assumption, name)
        if not pd.isna(wanted):
            touched &= changes[name].isna() | (changes[name] == wanted)
    return touched
