"""The list of data issues: errors, anomalies and defaults, with how the plan handles each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import make_dataclass

import numpy as np
from pandas import DataFrame

from sopkit.data_quality import (
    assumption_checks,
    currency_checks,
    driver_checks,
    extract_checks,
    history_checks,
    horizon_checks,
    magnitude_checks,
    order_checks,
    solver_checks,
)
from sopkit.data_quality.judge import found_by
from sopkit.rules.call import inputs_of
from sopkit.rules.collect import collect
from sopkit.rules.marks import mark_of
from sopkit.schema.tables import TABLES
from sopkit.tables import conform
from sopkit.tables.issues import BLOCKING, Entry

LISTED = (  # modules whose issues have entries
    assumption_checks,
    currency_checks,
    driver_checks,
    horizon_checks,
    extract_checks,
    magnitude_checks,
    order_checks,
    history_checks,
)
CHECKS = tuple(  # where one that blocks finds something, there is no plan that could list it
    one
    for one in collect("check", *LISTED, tables=TABLES).values()
    if mark_of(one).about["severity"] != BLOCKING
)
PLAN_CHECKS = tuple(collect("check", solver_checks, tables=TABLES).values())
_READ = {name for check in CHECKS for name in inputs_of(check)}
_ALWAYS = [  # no company and no cycle lacks them
    name
    for name, table in TABLES.items()
    if name in _READ and not (table.is_input and table.absent)
]
# The tables that the checks read, so that the step, its lineage and its documentation name them.
Assumed = make_dataclass(
    "Assumed",
    [
        *((name, DataFrame) for name in _ALWAYS),
        *((name, DataFrame | None, None) for name in TABLES if name in _READ - {*_ALWAYS}),
    ],
    frozen=True,
)


def data_issues(tables: Assumed) -> DataFrame:
    """List the data issues that planners should know, most severe first.

    Returns
    -------
    issue : severity, table, finding, treatment, column, place
    """
    return conform("data_issues", by_severity(CHECKS, vars(tables)))


def plan_issues(solver_stops: DataFrame, company_settings: DataFrame | None = None) -> DataFrame:
    """List the issues that the supply plan itself reveals, most severe first.

    Returns
    -------
    issue : severity, table, finding, treatment, column, place
    """
    tables = {"solver_stops": solver_stops, "company_settings": company_settings}
    return conform("plan_issues", by_severity(PLAN_CHECKS, tables))


def by_severity(checks: Iterable[Callable], tables: Mapping[str, DataFrame | None]) -> DataFrame:
    """What checks find, a row an entry, the most severe first.

    Returns
    -------
    issue : severity, table, finding, treatment, column, place
    """
    rows = [
        (issue.severity, *entry)
        for check in checks
        for issue in found_by(check, tables)
        for entry in issue.entries
    ]
    frame = DataFrame(rows, columns=["severity", *Entry._fields])
    order = frame["severity"].map({"critical": 0, "major": 1, "minor": 2})
    frame = frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    return frame.assign(issue=np.arange(1, len(frame) + 1))
