"""Roll a company forward to the next cycle: what it would do, and doing it."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pandas import DataFrame

from sopkit.collaboration import append_inputs
from sopkit.collaboration.cells import as_written
from sopkit.collaboration.roll_forward import Refresh, Rolled, roll_forward
from sopkit.collaboration.table_files import write_table
from sopkit.intake import exports, mapping
from sopkit.intake.decisions import Question
from sopkit.io import readers, writers
from sopkit.io.places import company_name
from sopkit.io.source_tables import lone_workbook
from sopkit.master_data.plan_units import in_plan_units
from sopkit.runner import planning_inputs, project
from sopkit.store import pending
from sopkit.tables.issues import DataError
from sopkit.tables.periods import month

DATA = "data owner"  # who sees to faults of the tables


class Month(NamedTuple):
    """What rolling to a cycle does, and what stands in the way of a plan afterwards."""

    rolled: Rolled | None
    questions: list[Question]
    decisions: list[str]
    faults: list[str]
    tables: Mapping[str, DataFrame] = {}  # as they were read


class Home(NamedTuple):
    """A company's tables as a folder of files, and the folder of its mapping and archive."""

    tables: Path
    folder: Path


def look(place: str, url: str, company: str, cycle: str, told: Mapping[str, str]) -> Month:
    """Say what rolling forward does; nothing is written.

    Raises
    ------
    ValueError : an export is missing or cannot be read.
    """
    closed = month(cycle) - 1
    with _as_files(place, company) as home:
        found = exports.read_exports(home.tables, str(closed), told, home.folder)
        tables = readers.read(home.tables)
    if found.questions:
        return Month(None, found.questions, [], [])
    rolled = roll_forward(tables, found.tables, month(cycle))
    after = dict(in_plan_units({**tables, **rolled.tables}, cycle))
    after = pending.add_pending(after, url, company, cycle)
    decided = after.get("pending_decisions")
    decisions = (
        []
        if decided is None
        else [f"{row.decision} ({row.scenario}): {row.statement}" for row in decided.itertuples()]
    )
    faults = []
    try:
        planning_inputs.refuse(after, cycle)
    except DataError as error:
        faults = [str(fault) for fault in error.faults]
    refresh = [Refresh(one.partition(":")[0], DATA, one.partition(": ")[2]) for one in faults]
    rolled = rolled._replace(refresh=[*refresh, *rolled.refresh])
    return Month(rolled, [], decisions, faults, tables)


def write(place: str, company: str, cycle: str, told: Mapping[str, str], found: Month) -> None:
    """Archive what is over, then put the rolled tables in place, all of them or none.

    Raises
    ------
    ValueError : someone else has just changed the tables, or they cannot be written.
    """
    folder, rolled = _folder_of(place, company), found.rolled
    if rolled is None:
        raise ValueError("the exports raise questions; nothing was written")
    for name, rows in rolled.archived.items():
        kept = rows.dropna(axis="columns", how="all")
        path = folder / "archive" / str(month(cycle) - 1) / f"{name}.csv"
        writers.write(name, kept, path)
    append_inputs.replace_tables(place, rolled.tables, found.tables)
    exports.remember(folder, told)


def mapping_of(place: str, company: str) -> Path:
    """The mapping file of a company."""
    return _folder_of(place, company) / mapping.NAME


@contextmanager
def _as_files(place: str, company: str) -> Iterator[Home]:
    """The tables as files, which exports are read beside: a copy where they are a workbook's or a
    database's."""
    folder = _folder_of(place, company)
    if "://" not in str(place) and Path(place).is_dir() and not lone_workbook(Path(place)):
        yield Home(Path(place), folder)
        return
    tables = readers.read(place)
    with tempfile.TemporaryDirectory(prefix="rolling-") as made:
        copied = Path(made) / folder.name
        copied.mkdir()
        for name, table in tables.items():
            write_table(name, as_written(table), copied / f"{name}.csv")
        if (folder / mapping.NAME).exists():
            shutil.copy(folder / mapping.NAME, copied / mapping.NAME)
        yield Home(copied, folder)


def _folder_of(place: str, company: str) -> Path:
    """Where the mapping and the archive of a company are: in its folder, beside its workbook, or
    for a database in the company's folder of the project."""
    if "://" in str(place):
        return project.root() / "data" / company_name(company)
    path = Path(place)
    if path.is_dir():
        return path
    return path.parent if lone_workbook(path.parent) == path else path.with_suffix("")
