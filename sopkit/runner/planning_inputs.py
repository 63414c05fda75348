"""The inputs of a plan: read, checked, and completed from the plan store.

A blocking issue refuses the tables; any other is a warning.
Checks, cycle and store are imported where they are needed: most refusals come before the first, and
most tables are judged without the others.
"""

import logging
import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit.io import hashing, readers, source_tables
from sopkit.master_data.currencies import in_reporting_currency, missing_rates
from sopkit.master_data.plan_units import in_plan_units
from sopkit.master_data.versions import current_entries
from sopkit.rules.text import as_python_text
from sopkit.tables import conform
from sopkit.tables.issues import BLOCKING, DataError, DataWarning, Issue
from sopkit.tables.periods import month, planning_periods

LOG = logging.getLogger(__name__)
NEXT = "next"  # the cycle that the data is ready for


@as_python_text
def judged(
    location: str | Path, cycle: str | None = None, as_of: str = ""
) -> tuple[dict[str, DataFrame], list[Issue]]:
    """Read all input tables and run every check.

    Parameters
    ----------
    location : a folder, an .xlsx workbook or a database URL
    cycle : the month that is planned; NEXT is the month after the last one of sales; without it,
        what does not fit that month is not looked for
    as_of : the day the data is of, in place of that of `company_settings`; empty: as these say

    Returns
    -------
    (table name : conformed table, in the units of the plan; the issues, those of unreadable or
    oddly written cells first)
    """
    from sopkit.data_quality import judge

    parsed = readers.parse(location)
    valid = dict(current_entries(parsed.tables))
    parsed = parsed._replace(tables=_with_as_of(valid, as_of))
    rows = sum(len(table) for table in parsed.tables.values())
    level = logging.INFO if rows > readers.LARGE else logging.DEBUG
    LOG.log(level, "checking %s rows for anomalies", f"{rows:,}")
    refused = {fault.table for fault in parsed.faults}
    if not parsed.is_whole:  # a file that could not be opened is no reference either
        refused |= set(source_tables.INPUT_NAMES)
    if cycle == NEXT:
        cycle = next_cycle(parsed.tables)
    tables = _comparable(parsed.tables, cycle)
    tables |= {} if cycle is None else _horizon(parsed.tables, cycle)
    issues = parsed.faults + judge.run(tables, parsed.sources, refused)
    if cycle is not None and not any(issue.severity == BLOCKING for issue in issues):
        issues += _of_the_plan(parsed.tables, cycle, parsed.sources)
    plain = {name: table.reset_index(drop=True) for name, table in parsed.tables.items()}
    if blocking(issues):  # refused already, and may be what cannot be converted
        return plain, parsed.notes + issues
    return dict(in_plan_units(plain, cycle)), parsed.notes + issues


def _comparable(tables, cycle):
    """The tables as they are checked: in one currency, each row where it was read; as they are
    where a rate is missing."""
    if "sales_history" not in tables or missing_rates(tables):
        return dict(tables)
    first = None if cycle is None else month(cycle)
    converted = in_reporting_currency(tables, first)
    return {name: _as_read(table, tables.get(name)) for name, table in converted.items()}


def _as_read(converted, read):
    """As many rows of each place as were read there: months across stand in one row, and so does
    what a conversion at several rates adds."""
    if read is None or len(converted) == len(read):
        return converted
    many = read.index.value_counts().reindex(converted.index).to_numpy()
    return converted[converted.groupby(level=0).cumcount().to_numpy() < many]


def next_cycle(tables: Mapping[str, DataFrame]) -> str | None:
    """Say which month is planned after the sales given: the one after their last; None without
    sales."""
    sales = tables.get("sales_history")
    return None if sales is None or sales.empty else str(sales["period"].max() + 1)


def cycle_of(location: str | Path) -> str:
    """Say which month is planned next from the tables of a place.

    Raises
    ------
    DataError : the sales cannot be read.
    """
    found = next_cycle(readers.read(location, ("sales_history",)))
    if found is None:
        raise ValueError(f"{location}: sales_history has no rows; say which month with --cycle")
    return found


def _with_as_of(tables, as_of):
    """The tables with another as-of day in their settings."""
    if not as_of:
        return tables
    settings = tables.get("company_settings")
    if settings is None:
        raise ValueError(
            f"--as-of {as_of}: company_settings is absent; add it, its as_of_day is the default"
        )
    try:
        day = pd.Timestamp(datetime.strptime(as_of, "%Y-%m-%d"))
    except ValueError as error:
        raise ValueError(f"--as-of {as_of!r} is not a day; write it as 2026-10-14") from error
    return tables | {"company_settings": settings.assign(as_of_day=day)}


def read(location: str | Path, cycle: str | None = None, as_of: str = "") -> dict[str, DataFrame]:
    """Read all input tables; see `judged`. Each non-blocking issue is a `DataWarning`.

    Raises
    ------
    DataError : every issue that blocks.
    """
    tables, issues = judged(location, cycle, as_of)
    for issue in odd(issues):
        warnings.warn(str(issue), DataWarning, stacklevel=2)
    if faults := blocking(issues):
        raise DataError(faults)
    return tables


def blocking(issues: Iterable[Issue]) -> list[Issue]:
    """List the issues that prevent a plan."""
    return [issue for issue in issues if issue.severity == BLOCKING]


def odd(issues: Iterable[Issue]) -> list[Issue]:
    """List the issues that are warnings; those without a text are in `data_issues` only."""
    return [issue for issue in issues if issue.severity != BLOCKING and issue.text]


class Read(NamedTuple):
    """The tables of a company as they were read, and the hash of the files that they were read
    from."""

    tables: dict[str, DataFrame]
    files_hash: str | None


def for_plan(
    location: str | Path, url: str, company: str, cycle: str, scenario: str
) -> dict[str, DataFrame]:
    """Give the inputs of a plan: read, with the results of earlier cycles, under the scenario.

    Raises
    ------
    DataError : every issue that blocks, of the tables as they are or under the scenario, which is
        named then.
    """
    return with_record(read(location, cycle), url, company, cycle, scenario)


def read_once(
    location: str | Path, cycle: str, before: Read | None = None, as_of: str = ""
) -> Read:
    """Read the tables; those read before, while the files are still the same.

    Raises
    ------
    DataError : every issue that blocks.
    """
    files_hash = hashing.files_hash(location)
    if before is not None and files_hash is not None and files_hash == before.files_hash:
        return before
    return Read(read(location, cycle, as_of), files_hash)


@as_python_text
def with_record(
    tables: dict[str, DataFrame], url: str, company: str, cycle: str, scenario: str
) -> dict[str, DataFrame]:
    """Add what earlier cycles approved and did, and apply the scenario; see `for_plan`."""
    from sopkit.cycle import replanning
    from sopkit.store import approved_plans, history, measured_effects, pending

    tables = approved_plans.add_approved_plans(tables, url, company, cycle)
    tables = history.add_cycle_record(tables, url, company, cycle)
    tables = measured_effects.add_measured_effects(tables, url, company, cycle)
    decided = pending.add_pending(tables, url, company, cycle)
    if decided is not tables:
        refuse(decided, cycle, "under the pending decisions of earlier cycles")
    under = replanning.under(decided, scenario)
    if under is not decided:
        refuse(under, cycle, f"under scenario {scenario}")
    return under


def refuse(tables: Mapping[str, DataFrame], cycle: str | None, supposed: str = "") -> None:
    """Raise the blocking issues of the tables; `supposed` is added to the error.

    Raises
    ------
    DataError : every issue that blocks.
    """
    from sopkit.data_quality import judge

    try:
        judge.refuse({**tables, **_horizon(tables, cycle)})
        if issues := _of_the_plan(tables, cycle, {}):
            raise DataError(issues)
    except DataError as error:
        if supposed:
            error.add_note(supposed)
        raise


def _horizon(tables, cycle):
    """The planned periods; without their days where the calendar lacks some, which is refused."""
    periods = planning_periods(month(cycle), tables.get("company_settings"))
    calendar = tables.get("calendar")
    if calendar is not None and periods["period"].isin(calendar["period"]).all():
        periods = planning_periods(month(cycle), tables.get("company_settings"), calendar)
    return {"planning_periods": conform("planning_periods", periods)}


def _of_the_plan(tables, cycle, sources):
    """What only the plan shows; it is made in memory, as far as a check needs it, where there is a
    suspicion."""
    from sopkit.data_quality import judge

    known = {**tables, **_horizon(tables, cycle)}
    wanted = judge.wanted_plan_tables(known)
    if not wanted:
        return []
    from sopkit.cycle import replanning, stages
    from sopkit.demand.consensus import RECORD, learns_weights

    LOG.debug("planning %s to check whether it is feasible", ", ".join(sorted(wanted)))
    needless = frozenset() if learns_weights(tables) else frozenset({RECORD})
    steps = stages.leading_to(frozenset(wanted), len(stages.STAGES), needless - wanted)
    last = max(stages.STAGE_NAMES.index(stages.stage_of(table)) for table in wanted)
    plain = {name: table.reset_index(drop=True) for name, table in tables.items()}
    plan = replanning.replan(plain, cycle, until=stages.STAGE_NAMES[last], only=steps, judged=False)
    return judge.of_the_plan({**tables, **plan}, sources)
