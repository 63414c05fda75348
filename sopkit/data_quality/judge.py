"""Run the checks whose tables are given; the caller decides what an issue stops."""

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import replace

from pandas import DataFrame

from sopkit.data_quality import (
    assumption_checks,
    calendar_checks,
    consistency_checks,
    currency_checks,
    driver_checks,
    extract_checks,
    feasibility_checks,
    fence_checks,
    hierarchy_checks,
    history_checks,
    horizon_checks,
    input_checks,
    lever_checks,
    magnitude_checks,
    period_checks,
    reference_checks,
    solver_checks,
    sourcing_checks,
    supply_mode_checks,
    target_checks,
    text_checks,
)
from sopkit.rules.call import asks_for, call, inputs_of
from sopkit.rules.collect import collect
from sopkit.rules.marks import mark_of
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import BLOCKING, DataError, Issue

ALWAYS = ("planning_periods",)  # known as soon as the cycle is
CHECKS = tuple(
    collect(
        "check",
        reference_checks,
        hierarchy_checks,
        currency_checks,
        feasibility_checks,
        input_checks,
        sourcing_checks,
        target_checks,
        fence_checks,
        text_checks,
        period_checks,
        calendar_checks,
        consistency_checks,
        assumption_checks,
        driver_checks,
        horizon_checks,
        history_checks,
        extract_checks,
        magnitude_checks,
        lever_checks,
        supply_mode_checks,
        solver_checks,
        tables=TABLES,
    ).values()
)
BLOCKING_CHECKS = tuple(one for one in CHECKS if mark_of(one).about["severity"] == BLOCKING)


def run(
    tables: Mapping[str, DataFrame],
    sources: Mapping[str, str] | None = None,
    refused: Collection[str] = (),
) -> list[Issue]:
    """Run every check whose tables are given.

    Parameters
    ----------
    tables : input tables by name, rows labelled by where they stand; with `planning_periods`, also
        what does not fit the planned months is found, and with plan tables, what these show
    sources : where each table was read, for the lines
    refused : tables with errors of their own, which are not used as reference

    Returns
    -------
    list of Issue, each with the severity of its check
    """
    return _asked(CHECKS, dict(tables), sources or {}, frozenset(refused))


def refuse(
    tables: Mapping[str, DataFrame],
    changed: Collection[str] | None = None,
    checks: Iterable[Callable] = BLOCKING_CHECKS,
) -> None:
    """Raise the blocking issues of the tables.

    Parameters
    ----------
    tables : input tables, `planning_periods`, and the plan tables made so far
    changed : only checks that read one of these are run; every check if absent. References between
        tables are not checked then: no scenario changes a code
    checks : the blocking checks to run

    Raises
    ------
    DataError : every blocking issue.
    """
    if changed is not None:
        checks = [
            check
            for check in checks
            if not inputs_of(check).keys().isdisjoint(changed) and not asks_for(check, "refused")
        ]
    if issues := _asked(checks, dict(tables), {}, frozenset()):
        raise DataError(issues)


def of_the_plan(
    tables: Mapping[str, DataFrame], sources: Mapping[str, str] | None = None
) -> list[Issue]:
    """List the blocking issues that only plan tables reveal; absent ones are not checked."""
    asked = [check for check in BLOCKING_CHECKS if plan_tables_of(check)]
    return _asked(asked, dict(tables), sources or {}, frozenset())


def found_by(
    check: Callable, tables: Mapping[str, DataFrame], refused: Set[str] = frozenset()
) -> list[Issue]:
    """List the issues that one check finds; none where a required table is absent."""
    needed = [name for name, required in inputs_of(check).items() if required]
    if any(tables.get(name) is None for name in needed):
        return []
    found = call(check, tables, refused=refused)
    issues = [found] if isinstance(found, Issue) else list(found or ())
    severity = mark_of(check).about["severity"]
    return [replace(issue, severity=severity) for issue in issues if issue is not None]


def wanted_plan_tables(tables: Mapping[str, DataFrame]) -> set[str]:
    """Name the plan tables that blocking checks need for these inputs."""
    wanted = set()
    for check in BLOCKING_CHECKS:
        of_plan, suspects = plan_tables_of(check), mark_of(check).about["suspects"]
        needed = {name for name, required in inputs_of(check).items() if required} - of_plan
        if of_plan and needed <= tables.keys() and (not suspects or call(suspects, tables)):
            wanted |= of_plan
    return wanted


def plan_tables_of(check: Callable) -> set[str]:
    """Name the plan tables that a check reads."""
    return {name for name in inputs_of(check) if not TABLES[name].is_input and name not in ALWAYS}


def _asked(
    checks: Iterable[Callable],
    tables: dict[str, DataFrame],
    sources: Mapping[str, str],
    refused: frozenset,
) -> list[Issue]:
    issues: list[Issue] = []
    for check in checks:
        about = mark_of(check).about
        if about["needs_sound"] and (refused or any(i.severity == BLOCKING for i in issues)):
            continue
        found = found_by(check, tables, refused)
        if found and about["withholds"]:
            tables.pop(about["withholds"], None)
        issues += [replace(issue, source=sources.get(issue.table)) for issue in found]
    return issues
