"""The month with a team: forms out, answers in, and who has answered."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from sopkit.collaboration import append_inputs
from sopkit.collaboration.form_rows import FUNCTIONS, form_rows, of_contributor
from sopkit.collaboration.input_status import DEMAND_REVIEW, deadline, input_status
from sopkit.collaboration.merge_forms import Merged, Target, merge_forms
from sopkit.cycle import replanning, stages
from sopkit.io import keyed_workbook, readers, sql
from sopkit.master_data.planning_units import in_planning_units
from sopkit.reporting.excel.input_form import Form
from sopkit.runner import planning_inputs
from sopkit.schema.stages import BASE, STAGE_NAMES
from sopkit.store import revisions
from sopkit.tables import conform


def forms(
    place: str, url: str, company: str, cycle: str, names: Sequence[str], now: str
) -> Iterator[Form]:
    """Make the forms of contributors who plan demand: of all, or of those named.

    Raises
    ------
    ValueError : nobody is listed, or a name is unknown or of a function without a view of demand.
    DataError : the company's tables cannot be planned with.
    """
    inputs = planning_inputs.for_plan(place, url, company, cycle, BASE)
    contributors = inputs.get("contributors")
    if contributors is None or contributors.empty:
        raise ValueError(
            f"contributors is absent in {shown(place)}; list who gives inputs: contributor, "
            "function, deadline_day"
        )
    asked = contributors[contributors["function"].isin(FUNCTIONS)]["contributor"].unique()
    steps = stages.leading_to(
        frozenset({"baseline_forecast", "launch_plan"}), STAGE_NAMES.index(DEMAND_REVIEW) + 1
    )
    plan = replanning.replan(inputs, cycle, until=DEMAND_REVIEW, only=steps, judged=False)
    facts = {"company": company, "cycle": cycle, "revision": str(_revision(url, company, cycle))}
    for name in names or asked:
        scopes = of_contributor(contributors, name)
        about = scopes.iloc[0]
        if about["function"] not in FUNCTIONS:
            raise ValueError(
                f"contributors: {name} is of {about['function']}, which plans no demand; its "
                "workbook is sop.xlsx (`sopkit export sop`)"
            )
        yield Form(
            {
                **facts,
                "contributor": name,
                "function": about["function"],
                "made_at": now,
                "deadline": str(deadline(cycle, about["deadline_day"])),
                "reviewer": about["reviewer"] if isinstance(about["reviewer"], str) else "",
            },
            form_rows(scopes, cycle, inputs, plan),
        )


def merged(
    files: Sequence[Path], place: str, url: str, company: str, cycle: str, now: str, conflicts: str
) -> list[Merged]:
    """Read forms that came back and say what they change; nothing is written.

    Raises
    ------
    DataError : see `merge_forms` and `keyed_workbook.read`.
    """
    tables = dict(in_planning_units(readers.read(place)))
    target = Target(company, cycle, tables, _revision(url, company, cycle), now)
    read = [(path, keyed_workbook.read(path)) for path in files]
    return merge_forms(read, target, conflicts)


def keep(place: str, cycle: str, merged: Sequence[Merged]) -> None:
    """Add what forms change to the company's tables: all of it or nothing.

    Raises
    ------
    DataError : the tables could not be planned with, such as where an entry is less than those
        below it.
    """
    entries = [one.entries for one in merged if len(one.entries)]
    returned = pd.concat([one.returned for one in merged], ignore_index=True)
    added = {"input_returns": returned} if len(returned) else {}
    if entries:
        added["demand_inputs"] = pd.concat(entries, ignore_index=True)
    if not added:
        return
    tables = dict(in_planning_units(readers.read(place)))
    after = {name: pd.concat([tables[name], rows]) if name in tables else rows
             for name, rows in added.items()}  # fmt: skip
    conformed = {name: conform(name, table) for name, table in after.items()}
    planning_inputs.refuse({**tables, **conformed}, cycle)
    append_inputs.add_rows(place, added)


def status(place: str, url: str, company: str, cycle: str, today: date) -> DataFrame:
    """Who has answered, who is late, and what the answers change; see `input_status`."""
    return input_status(planning_inputs.for_plan(place, url, company, cycle, BASE), cycle, today)


def shown(place: str) -> str:
    """Where the tables are, in words."""
    return sql.shown(place) if "://" in place else place


def _revision(url: str, company: str, cycle: str) -> int:
    """The number of the cycle's latest revision; 0 where there is none."""
    latest = revisions.latest_revision(url, company, cycle, BASE)
    return latest.number if latest else 0
