"""The month with a team: forms out, answers in, and who has answered."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from sopkit.collaboration import append_inputs
from sopkit.collaboration.finance_numbers import Asked, finance_series
from sopkit.collaboration.form_rows import (
    FUNCTIONS,
    form_rows,
    of_contributor,
    plan_before_inputs,
)
from sopkit.collaboration.input_status import deadline, input_status
from sopkit.collaboration.merge_forms import Merged, merge_forms
from sopkit.collaboration.merge_pack import PackMerged, Signed, merge_pack
from sopkit.collaboration.merge_target import Target
from sopkit.io import keyed_workbook, readers, sql
from sopkit.io.places import file_name
from sopkit.master_data.plan_units import in_plan_units
from sopkit.reporting.excel.input_form import Form
from sopkit.runner import planning_inputs
from sopkit.schema.formatting import currency_of
from sopkit.schema.stages import BASE
from sopkit.store import approval, decision_log, revisions
from sopkit.store.audit_log import Author
from sopkit.store.status import plan_of


def forms(
    place: str, url: str, company: str, cycle: str, names: Sequence[str], now: str
) -> Iterator[Form]:
    """Make the forms of contributors who plan demand: of all, or of those named.

    Raises
    ------
    ValueError : nobody is listed, or a name is unknown, of a function without a view of demand, or
        none that a file can have.
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
    plan = plan_before_inputs(inputs, cycle)
    own = readers.read(place)
    facts = {"company": company, "cycle": cycle, "revision": str(_revision(url, company, cycle))}
    for name in names or asked:
        _refuse_unfit(name)
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
                "currency": currency_of(inputs.get("company_settings")),
            },
            form_rows(scopes, cycle, inputs, plan),
            _finance_numbers(scopes, own, plan["planning_periods"]),
        )


def _finance_numbers(
    scopes: DataFrame, own: Mapping[str, DataFrame], planning_periods: DataFrame
) -> Sequence[Asked]:
    """What a contributor of finance is asked beside demand; nothing of others."""
    if scopes["function"].iloc[0] != "finance":
        return ()
    return finance_series(scopes, own, list(planning_periods["period"]))


def _refuse_unfit(contributor: str) -> None:
    """Refuse a contributor's name that cannot be that of a form."""
    try:
        file_name(contributor)
    except ValueError as error:
        raise ValueError(f"contributors: contributor {error}; nothing was written") from None


def merged(
    files: Sequence[Path], place: str, url: str, company: str, cycle: str, now: str, conflicts: str
) -> list[Merged]:
    """Read forms that came back and say what they change; nothing is written.

    Raises
    ------
    DataError : see `merge_forms` and `keyed_workbook.read`.
    """
    target = Target(company, cycle, readers.read(place), _revision(url, company, cycle), now)
    read = [(path, keyed_workbook.read(path)) for path in files]
    return merge_forms(read, target, conflicts)


def keep(place: str, cycle: str, merged: Sequence[Merged]) -> None:
    """Add what forms change to the company's tables: all of it or nothing.

    Raises
    ------
    DataError : the tables could not be planned with, such as where an entry is less than those
        below it.
    """
    added = [{"input_returns": one.returned, **one.rows} for one in merged]
    names = dict.fromkeys(name for rows in added for name in rows)
    tables = {name: [rows[name] for rows in added if name in rows] for name in names}
    add(place, cycle, {n: pd.concat(rows, ignore_index=True) for n, rows in tables.items()})


def add(place: str, cycle: str, rows: Mapping[str, DataFrame]) -> None:
    """Add rows to the company's tables, if they can be planned with."""
    added = {name: table for name, table in rows.items() if len(table)}
    if added:
        refuse_unplannable(place, cycle, added)
        append_inputs.add_rows(place, added)


def refuse_unplannable(place: str, cycle: str, added: Mapping[str, DataFrame]) -> None:
    """Raise what prevents a plan once the rows are in the tables."""
    tables = readers.read(place)
    whole = append_inputs.with_rows(tables, append_inputs.in_company_units(added, tables))
    planning_inputs.refuse(in_plan_units({**tables, **whole}, cycle), cycle)


def pack_merged(
    path: Path, place: str, url: str, company: str, cycle: str, now: str, signed: Signed
) -> PackMerged:
    """Read the Excel pack that came back and say what it changes; nothing is written.

    Raises
    ------
    DataError : see `merge_pack`.
    ValueError : no revision is saved in this store, or a choice is no option of its decision.
    """
    latest = revisions.latest_revision(url, company, cycle, BASE)
    if latest is None:
        raise ValueError(f"{path.name}: {company} {cycle} has no revision; run `sopkit run`")
    plan = (company, cycle, BASE, latest.number)
    names = ["demand_plan", "decisions", "option_changes"]
    tables = revisions.read_revision(url, *plan, names)
    own = readers.read(place)
    target = Target(company, cycle, own, latest.number, now)
    merged = merge_pack(path, keyed_workbook.read(path), target, signed, tables)
    asked = tables["decisions"].set_index("decision", drop=False)
    for made in merged.decisions:
        choice = decision_log.KEEP if made["choice"] == "keep" else made["choice"]
        question, changes = asked.loc[made["decision"]], own.get("scenario_changes")
        decision_log.changes_of(question, choice, tables, changes)
    return merged


def keep_pack(
    merged: PackMerged, place: str, url: str, company: str, cycle: str, author: str
) -> None:
    """Keep what a pack changes: decisions in the store, then rows in the tables.

    Raises
    ------
    ValueError : the plan is not submitted, or somebody decided first.
    DataError : the tables could not be planned with.
    """
    rows = {"demand_inputs": merged.demand_inputs, "plan_overrides": merged.plan_overrides}
    added = {name: table for name, table in rows.items() if len(table)}
    if added:
        refuse_unplannable(place, cycle, added)
    own = readers.read(place).get("scenario_changes")
    for made in merged.decisions:
        due = date.fromisoformat(made["due_on"]) if made["due_on"] else None
        signed = Author(author, made["reason"])
        plan = plan_of(company, cycle, BASE)
        approval.decide(url, plan, made["decision"], made["choice"], signed, due, own)
    if added:
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
