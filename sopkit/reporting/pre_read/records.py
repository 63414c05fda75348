"""The page of assumptions, decision log and follow-up."""

from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame, Period

from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import (
    Cell,
    LeftOut,
    Page,
    Sign,
    Table,
    Words,
    clipped,
    heads,
    row,
)
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import (
    MONEY,
    currency_of,
    day,
    month,
    span,
)
from sopkit.schema.glossary import label
from sopkit.schema.measures import MEASURES
from sopkit.tables import attach

ASSUMPTIONS, LOGGED, FOLLOWED = 14, 12, 6  # rows; a decision followed up takes one of the log's


@dataclass(frozen=True)
class RecordTables:
    """The tables of assumptions, decisions on record and their follow-up."""

    planning_periods: DataFrame
    decision_follow_up: DataFrame
    data_issues: DataFrame
    plan_issues: DataFrame
    assumptions: DataFrame | None = None
    decision_log: DataFrame | None = None
    company_settings: DataFrame | None = None


def assumptions_and_record(tables: RecordTables) -> Page | LeftOut:
    """The assumptions of the plan; decisions on record; what earlier ones were expected to do."""
    start = tables.planning_periods["period"].min()
    blocks = [
        *_assumptions(tables.assumptions, start, tables.planning_periods["period"].max()),
        *_issues(pd.concat([tables.data_issues, tables.plan_issues])),
        *_log(
            tables.decision_log,
            currency_of(tables.company_settings),
            LOGGED - min(len(tables.decision_follow_up), FOLLOWED),
        ),
        *follow_up_table(
            tables.decision_follow_up,
            tables.decision_log,
            currency_of(tables.company_settings),
        ),
    ]
    title = "Assumptions, decision log and follow-up"
    if not blocks:
        return LeftOut(title, "no assumption or decision is on record")
    return Page(title, blocks)


def _assumptions(assumptions, start: Period, end: Period):
    if assumptions is None or assumptions.empty:
        return []
    rows = assumptions.sort_values(["valid_to", "assumption"], kind="stable")
    shown = [
        row(
            clipped(one.statement, 96),
            "all" if pd.isna(one.family) else clipped(one.family, 20),
            one.owner,
            f"{month(one.valid_from)} to {month(one.valid_to)}",
            _validity(one, start, end),
        )
        for one in rows.head(ASSUMPTIONS).itertuples()
    ]
    ends = int((rows["valid_to"] < end).sum())
    said = (
        f"Assumptions: {ends} of {len(rows)} end within the horizon"
        if ends
        else "Assumptions: all hold to the end of the horizon"
    )
    more = len(rows) - ASSUMPTIONS
    foot = f"{more} more in the workbook." if more > 0 else ""
    return [
        Table(
            [heads("Assumption", "Family", "Owner", "Valid", "State")],
            shown,
            said,
            names=5,
            foot=foot,
            wrap=frozenset({0}),
        )
    ]


def _validity(one, start, end):
    if one.valid_to < start:
        return Cell("■ expired", "bad")
    if one.valid_from >= start:
        return Cell(
            "new this cycle" if one.valid_from == start else "later",
            "watch" if one.valid_from == start else "",
        )
    return Cell("ends in the horizon", "watch") if one.valid_to < end else Cell("valid")


def _issues(data_issues):
    """What the data made the plan assume, where it is critical or major."""
    severe = data_issues[data_issues["severity"].isin(["critical", "major"])]
    if severe.empty:
        return []
    lines = [
        Sign(f"{label(one.table).capitalize()}:", clipped(f"{one.message}. {one.handling}", 170))
        for one in severe.head(4).itertuples()
    ]
    more = len(severe) - 4
    note = f"{more} more in the workbook" if more > 0 else "critical and major findings"
    return [Words(lines, heading="Assumed for lack of data", note=note)]


def _log(decision_log, currency, most):
    if decision_log is None or decision_log.empty:
        return [Words([Sign("None", "of this cycle or an earlier one.")], heading="Decision log")]
    rows = decision_log.sort_values(["cycle", "decided_on"], ascending=False, kind="stable")
    shown = [
        row(
            str(one.cycle),
            clipped(one.question, 70),
            clipped(one.choice, 60),
            one.author,
            day(one.decided_on),
            numbers.change(one.margin_effect, currency)
            if not pd.isna(one.margin_effect)
            else MISSING,
        )
        for one in rows.head(most).itertuples()
    ]
    more = len(rows) - most
    foot = f"{more} more in the workbook." if more > 0 else ""
    named_ = heads("Cycle", "Question", "Choice", "Decided by", "On", "Expected Δ margin")
    return [Table([named_], shown, "Decision log", names=4, foot=foot, wrap=frozenset({1, 2}))]


def follow_up_table(
    decision_follow_up: DataFrame, decision_log: DataFrame | None, currency: str
) -> list[Table]:
    """What earlier decisions were expected to do, and did, beside other causes; the newest cycle
    first; no table without any."""
    if decision_log is None or decision_follow_up.empty:
        return []
    rows = decision_follow_up.sort_values("cycle", ascending=False, kind="stable")
    rows = attach(rows, decision_log[["cycle", "decision", "question"]])
    shown = [_followed(one, currency) for one in rows.head(FOLLOWED).itertuples()]
    more = len(rows) - FOLLOWED
    columns = (
        "Cycle",
        "Decision",
        "Measure",
        "Months",
        "Expected",
        "Effect",
        "Actual",
        "Other causes",
    )
    foot = "Effect: the plan re-run on actual demand with the decision less the same without it. "
    foot += "Other causes: actual less what was expected without it and less the effect."
    foot += f" {more} more in the workbook." if more > 0 else ""
    return [
        Table(
            [heads(*columns)], shown, "Decision follow-up", names=4, foot=foot, wrap=frozenset({1})
        )
    ]


def _followed(one, currency):
    """One effect of a decision: expected, by the re-runs with its range; and other causes."""
    unit = currency if MEASURES[one.measure].unit == MONEY else ""
    effect = numbers.change(one.measured_effect, unit)
    if not pd.isna(one.low_effect):
        ends = (numbers.change(end) for end in (one.low_effect, one.high_effect))
        effect += f" ({' to '.join(ends)})"
    return row(
        str(one.cycle),
        clipped(one.question, 60),
        f"{label(one.measure, of='measure')}, {one.family}",
        span([one.from_period, one.to_period]),
        numbers.change(one.plan - one.reference_value, unit),
        effect,
        numbers.amount(one.value, unit),
        numbers.change(one.other_causes, unit),
    )
