"""Last month's exports of a company, read by its mapping file."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pandas import DataFrame

from sopkit.intake import import_summary, mapping, own_periods, sales_import, table_import
from sopkit.intake.decisions import Question
from sopkit.intake.sales import Sales
from sopkit.io import readers
from sopkit.tables.periods import month

SALES = "sales_history"
MONTH = "{month}"  # in the place of an export: the month that is closed


class Exports(NamedTuple):
    """What the exports say: tables by name, where each was read, and what is asked before."""

    tables: dict[str, DataFrame]
    places: dict[str, Path]
    questions: list[Question]


def read_exports(
    folder: Path, closed: str, told: Mapping[str, str], home: Path | None = None
) -> Exports:
    """Read the exports of the month that is closed; nothing is written.

    Parameters
    ----------
    folder : the company's tables, with its mapping file
    told : the place of an export by table, in place of that of the mapping file; relative places
        are found beside the company's folder
    home : the company's folder, where the tables are read from a copy of them

    Raises
    ------
    ValueError : no export of sales is named, or an export cannot be read.
    FileNotFoundError : there is no file at the place.
    """
    known = mapping.read(folder / mapping.NAME)
    named = known.exports | dict(told)
    if SALES not in named:
        raise ValueError(
            f"{mapping.NAME}: [exports] names no {SALES}. Give it once with --from {SALES}=FILE; "
            "it is remembered."
        )
    tables, places, questions = {}, {}, []
    today = own_periods.day_after(folder, known.answers, month(closed))  # it is whole by then
    for name, text in named.items():
        places[name] = _place(home or folder, text, closed)
        if name == SALES:
            done = sales_import.import_sales(places[name], folder, {}, None, today, dry_run=True)
            if done.calendar is not None:
                tables[own_periods.NAME] = done.calendar
            questions += done.questions
            _refuse_other_markets(folder, done.sales)
            tables |= sales_import.merged(folder, done.sales)
            if done.summary is not None:
                tables[import_summary.NAME] = done.summary
        else:
            answers = known.tables.get(name, {})
            read = table_import.import_table(name, places[name], folder, answers, dry_run=True)
            questions += read.questions
            tables |= {name: read.table, **read.groups}
    return Exports(tables, places, questions)


def _refuse_other_markets(folder: Path, sales: Sales) -> None:
    """Refuse an export whose markets the company does not have, as where no column was taken."""
    if not (folder / f"{SALES}.csv").exists():
        return
    known = readers.read(folder, (SALES,))[SALES]["market"]
    new = sales.tables[SALES]["market"]
    if set(new).isdisjoint(known):
        raise ValueError(
            f"{sales.source}: no market of it is in {SALES}: here they are like {new.iloc[0]}, "
            f"there like {known.iloc[0]}. Name its column in {mapping.NAME}: [answers] "
            'market = "COLUMN".'
        )


def _place(folder: Path, text: str, closed: str) -> Path:
    path = Path(text.replace(MONTH, closed))
    found = path if path.is_absolute() or path.exists() else folder.parent / path
    if not found.exists():
        raise FileNotFoundError(f"{found}: there is no such export; see [exports] of intake.toml")
    return found


def remember(folder: Path, told: Mapping[str, str]) -> None:
    """Keep the places of exports in the mapping file."""
    known = mapping.read(folder / mapping.NAME)
    if told and {**known.exports, **told} != known.exports:
        known.exports |= dict(told)
        mapping.write(folder / mapping.NAME, known)
