"""Import of sales: an export is read, proved, and written as products and sales_history."""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit.intake import mapping, own_periods, proof
from sopkit.intake.decisions import Decisions, Guess, Question
from sopkit.intake.drivers import with_known_drivers
from sopkit.intake.formats import read_location
from sopkit.intake.header import find_header
from sopkit.intake.import_summary import NAME as SUMMARY
from sopkit.intake.import_summary import import_summary
from sopkit.intake.levels import with_known
from sopkit.intake.sales import Sales, every_month, read_sales
from sopkit.io import readers
from sopkit.io.writers import replacing, write
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.tables import conform, conform_all

TABLES = ("products", "sales_history")
SETTINGS = "company_settings"  # whose currency is that of the first sales
GROUPS = tuple(table_of(dimension) for dimension in GROUPED)  # where the file has levels above


class Result(NamedTuple):
    """What an import did.

    questions : those that are open; nothing was written then but the mapping file
    guesses : what the data suggested, and how to say it otherwise
    screen : the proof, as text; empty where questions are open
    cycle : the month after the last one of sales, which is planned next
    calendar : the periods that the sales are counted in; None where they are calendar months
    summary : the proof, as rows of import_summary; None where questions are open
    tables : the names of the tables that were written; of a dry run, those that would be
    """

    questions: list[Question]
    guesses: list[Guess]
    screen: str
    cycle: str
    sales: Sales
    calendar: DataFrame | None = None
    summary: DataFrame | None = None
    tables: tuple[str, ...] = ()


def import_sales(
    location: str | Path,
    folder: Path,
    answers: Mapping[str, str],
    ask: Callable[[Question], str] | None = None,
    today: dt.date | None = None,
    update: bool = False,
    dry_run: bool = False,
) -> Result:
    """Read an export; write products, sales_history, import_summary and intake.toml to a folder.

    Parameters
    ----------
    location : file, archive, folder of files, or env:NAME of a database
    answers : told decisions by key; they win over those of the folder's mapping file
    ask : asks a person; without it open questions are written into the mapping file
    update : put the file's months in the place of those that the folder has, and keep the others

    Raises
    ------
    ValueError : the export cannot be read; the message says where and how to fix it.
    FileExistsError : the folder already has one of the tables, and is not updated.
    """
    folder = Path(folder)
    if not update and not dry_run:
        _refuse_present(folder)
    known = mapping.read(folder / mapping.NAME)
    _refuse_other_periods(folder, known, answers)
    given = {**known.answers, **{key: value for key, value in answers.items() if value}}
    files = read_location(location, given)
    today = today or dt.date.today()
    while True:
        decisions = Decisions(given)
        _refuse_changed(files, known, answers)
        calendar = own_periods.calendar_of(folder, decisions, today)
        sales = read_sales(files, decisions, today, known.corrections, known.units, calendar)
        wanted, defaults = decisions.open()
        if not wanted or ask is None:
            break
        given |= {question.key: ask(question) for question in wanted}
    unused = mapping.refuse_other_shape(known, sales.header, sales.source, sales.roles, sales.size)
    sales = sales._replace(notes=[*sales.notes, *unused, *_unknown_answers(answers, decisions)])
    cycle = str(sales.tables["sales_history"]["period"].max() + 1)
    if wanted:
        if not dry_run:
            mapping.write(folder / mapping.NAME, _mapping(known, decisions, sales), wanted)
        return Result(wanted, decisions.guesses, "", cycle, sales)
    tables = merged(folder, sales) if update else _first(folder, sales)
    if calendar is not None:
        calendar = own_periods.kept(calendar, folder, tables["sales_history"])
        tables = {**tables, own_periods.NAME: calendar}
    if sales.currency and not (folder / f"{SETTINGS}.csv").exists():
        tables = {**tables, SETTINGS: conform(SETTINGS, DataFrame({"currency": [sales.currency]}))}
    summary = import_summary(sales, decisions, defaults, calendar)
    tables = {**tables, SUMMARY: summary}
    if not dry_run:
        _write(folder, tables)
        mapping.write(folder / mapping.NAME, _mapping(known, decisions, sales))
    screen = proof.screen(sales, decisions, defaults, calendar)
    return Result([], decisions.guesses, screen, cycle, sales, calendar, summary, tuple(tables))


def _refuse_present(folder):
    for name in (*TABLES, *GROUPS):
        if (folder / f"{name}.csv").exists():
            raise FileExistsError(
                f"{folder / name}.csv exists; choose another folder, remove it, or put the months "
                "of this export in its place with --update"
            )


def _refuse_other_periods(folder, known, answers):
    """Refuse another calendar than that of the sales that the folder has."""
    told, before = answers.get(own_periods.PATTERN), known.answers.get(own_periods.PATTERN)
    if not told or told == before or not (folder / "sales_history.csv").exists():
        return
    was = f"in {before} weeks" if before else "by calendar month"
    raise ValueError(
        f"--calendar {told}: the sales in {folder} are {was}, and both cannot be in one plan. Read "
        "all sales again into a new folder."
    )


def _refuse_changed(files, known, answers):
    """Refuse a file in which a column of the mapping is gone, before anything else."""
    if not known.shape:
        return
    told = {role: name for role, name in known.answers.items() if role not in answers}
    for sheets in files:
        headers = []
        for grid in sheets:
            headers.append([column.name for column in find_header(grid).columns.values()])
        best = max(headers, key=lambda names: len(set(names) & set(known.answers.values())))
        mapping.refuse_missing(
            mapping.CompanyMapping(told, shape=known.shape), best, sheets[0].source
        )


def _unknown_answers(answers, decisions):
    """Answers to questions that the file does not raise."""
    used = set(decisions.used) | {guess.key for guess in decisions.guesses}
    ignored = [
        key for key in answers if key not in used and key not in ("encoding", "separator", "query")
    ]
    return [f"answers that this file does not need: {', '.join(ignored)}"] if ignored else []


def _mapping(known, decisions, sales):
    answers = {**known.answers, **mapping.kept(decisions.guesses), **decisions.used}
    for role, name in sales.roles.items():
        if not name.startswith("("):
            answers[role] = name
    answers = {key: value for key, value in answers.items() if key not in mapping.PASSING}
    shape = {
        "columns": [name for name in sales.header if not name.startswith("(")],
        "spacing": sales.size,
    }
    return replace(known, answers=answers, shape=shape)


def _first(folder, sales):
    """The tables of a first file; drivers that the folder has stay beside those of the file."""
    return {**sales.tables, **with_known_drivers(folder, sales.tables)}


def merged(folder: Path, sales: Sales) -> dict[str, DataFrame]:
    """The folder's tables with the months of the file in the place of the same months.

    Raises
    ------
    ValueError : no product is known, or months between are missing.
    """
    if not (folder / "sales_history.csv").exists():
        return sales.tables
    before = readers.read(folder, TABLES)
    old, new = before["sales_history"], sales.tables["sales_history"]
    if not set(old["product"]) & set(new["product"]):
        raise ValueError(
            f"{sales.source}: no product of it is in {folder / 'products.csv'}: here they are like "
            f"{new['product'].iloc[0]}, there like {old['product'].iloc[0]}. Check the column of "
            "products."
        )
    first = new["period"].min()
    if first > old["period"].max() + 1:
        raise ValueError(
            f"{sales.source} starts in {first}, but the last month in {folder} is "
            f"{old['period'].max()}: the months between are missing. Export them, too."
        )
    kept = old[(old["period"] < first) | (old["period"] > new["period"].max())]
    both = pd.concat([kept, new])
    history = every_month(both.assign(period=both["period"].astype("int64")))
    history["period"] = pd.PeriodIndex.from_ordinals(history["period"].to_numpy(), freq="M")
    added = sales.tables["products"]
    added = added[~added["product"].isin(before["products"]["product"])]
    products = pd.concat([before["products"], added])
    groups = {name: sales.tables[name] for name in GROUPS if name in sales.tables}
    tables = conform_all({"products": products, "sales_history": history})
    return tables | with_known(folder, groups) | with_known_drivers(folder, sales.tables)


def _write(folder, tables):
    """Write the tables; no file takes its place before the others can be written."""
    was_there = folder.exists()
    try:
        with ExitStack() as both:
            for name, frame in tables.items():
                unfinished = both.enter_context(replacing(folder / f"{name}.csv"))
                write(name, frame.dropna(axis=1, how="all"), unfinished)
    except Exception:
        if not was_there and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        raise
