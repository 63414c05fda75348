"""Roll a company forward to the next cycle: what it would do, and doing it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from sopkit.collaboration import append_inputs
from sopkit.collaboration.roll_forward import Refresh, Rolled, roll_forward
from sopkit.intake import exports
from sopkit.intake.decisions import Question
from sopkit.io import readers, writers
from sopkit.master_data.plan_units import in_plan_units
from sopkit.runner import planning_inputs
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


def look(place: str, url: str, company: str, cycle: str, told: Mapping[str, str]) -> Month:
    """Say what rolling forward does; nothing is written.

    Raises
    ------
    ValueError : an export is missing or cannot be read.
    """
    closed = month(cycle) - 1
    found = exports.read_exports(Path(place), str(closed), told)
    if found.questions:
        return Month(None, found.questions, [], [])
    tables = readers.read(place)
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
    return Month(rolled, [], decisions, faults)


def write(place: str, cycle: str, told: Mapping[str, str], rolled: Rolled) -> None:
    """Archive what is over, then put the rolled tables in place, all of them or none."""
    folder = Path(place)
    for name, rows in rolled.archived.items():
        kept = rows.dropna(axis="columns", how="all")
        path = folder / "archive" / str(month(cycle) - 1) / f"{name}.csv"
        writers.write(name, kept, path)
    append_inputs.replace_tables(folder, rolled.tables)
    exports.remember(folder, told)
