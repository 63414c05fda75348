"""The register of processes and the evidence of their elements, found in the plan or recorded."""

from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame

from sopkit.model.comparison import of_record
from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import label
from sopkit.schema.measures import MEASURES
from sopkit.tables import conform, empty
from sopkit.tables.measures import written
from sopkit.tables.periods import first_days

ELEMENTS = list(COLUMNS["element"].choices)
REMEMBERED = 12  # earlier cycles
# What an act recorded by the plan store proves, and of which meeting's process: of every one that
# plans where none is named.
ACTS = {
    "read": ("input", None, "files"),
    "saved": ("output", None, "stored version"),
    "reworked": ("output", None, "stored version"),
    "submitted": ("output", "pre_sop", "submission"),
    "decided": ("output", "executive_sop", "decision"),
    "approved": ("output", "executive_sop", "approval"),
}
# The executive meeting decides on what the others plan.
PLANNING = [meeting for meeting in COLUMNS["meeting"].choices if meeting != "executive_sop"]
# The plan table that shows that a meeting of the cycle did its work.
MADE_IN = {
    "data_review": "demand_history",
    "product_review": "launch_plan",
    "demand_review": "demand_plan",
    "supply_review": "supply_plan",
    "financial_review": "financial_plan",
    "pre_sop": "gap_options",
    "operations_plan": "planned_orders",
    "process_review": "scorecard",
}
_PIECE = ["process", "element", "cycle", "kind", "reference", "statement", "value"]


@dataclass(frozen=True)
class EvidenceInputs:
    """The tables with evidence of processes: this plan, people's records and the store."""

    planning_periods: DataFrame
    scorecard: DataFrame
    demand_history: DataFrame
    data_issues: DataFrame
    launch_plan: DataFrame
    forecast_value_added: DataFrame
    demand_plan: DataFrame
    supply_plan: DataFrame
    strategy_comparison: DataFrame
    financial_plan: DataFrame
    budget_bridge: DataFrame
    gaps: DataFrame
    gap_options: DataFrame
    decisions: DataFrame
    planned_orders: DataFrame
    processes: DataFrame | None = None
    evidence: DataFrame | None = None
    cycle_record: DataFrame | None = None
    meeting_calendar: DataFrame | None = None
    decision_log: DataFrame | None = None


def process_evidence(inputs: EvidenceInputs) -> DataFrame:
    """Collect the evidence of each process: files, tables, revisions, decisions, meetings, values.

    Evidence is a file, a plan table, a stored version, a decision, a meeting, a value or a
    document. What the workbook did itself is tied to the process whose `meeting` it belongs to. A
    plan cannot hold its own approval: what is done with it later is evidence of its cycle once the
    next one is planned.

    Returns
    -------
    process, element, cycle, kind, reference : statement, value
    """
    processes = inputs.processes
    if processes is None:
        return empty("process_evidence")
    now = inputs.planning_periods["period"].min()
    values = _values(inputs) | _measured(inputs.scorecard)
    found = [
        _made(inputs, now),
        _recorded(inputs.cycle_record, inputs.decision_log),
        _decided(inputs.decision_log),
        _held(inputs.meeting_calendar),
    ]
    linked = processes.loc[processes["meeting"].notna(), ["process", "meeting"]]
    parts = [linked.merge(part, on="meeting") for part in found if len(part)]
    parts += [_written_down(inputs.evidence), _by_value(processes, values, now)]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[(rows["cycle"] <= now) & (rows["cycle"] >= now - REMEMBERED)]
    order = ["process", "cycle", "element", "kind", "reference"]
    rows = rows.sort_values(order, kind="stable").drop_duplicates(order)
    return conform("process_evidence", rows[_PIECE])


def process_register(
    planning_periods: DataFrame, process_evidence: DataFrame, processes: DataFrame | None = None
) -> DataFrame:
    """List the elements of each process with their evidence in this cycle.

    Returns
    -------
    process, element : owner, statement, evidence_count, evidenced, reference, last_evidenced
    """
    if processes is None:
        return empty("process_register")
    now = planning_periods["period"].min()
    wanted = processes["target"].map("{:g}".format)
    told = processes.assign(measure=processes["measure"] + ", target " + wanted)
    register = told.melt(["process", "owner"], ELEMENTS, "element", "statement").astype(
        {"element": "str"}
    )
    cells = ["process", "element"]
    is_now = process_evidence["cycle"] == now
    pieces = process_evidence[is_now]
    files = "files as read, hash " + pieces["reference"]
    said = pieces.assign(said=pieces["statement"].where(pieces["kind"] != "files", files)).groupby(
        cells
    )["said"]
    here = pd.DataFrame({"evidence_count": said.size(), "reference": said.agg("; ".join)})
    before = process_evidence[~is_now].groupby(cells)["cycle"].max().rename("last_evidenced")
    register = register.join(here, on=cells).join(before, on=cells)
    register["evidence_count"] = register["evidence_count"].fillna(0).astype("int64")
    register["evidenced"] = register["evidence_count"] > 0
    place = register["element"].map({name: place for place, name in enumerate(ELEMENTS)})
    register = register.assign(place=place).sort_values(["process", "place"], kind="stable")
    return conform("process_register", register.drop(columns="place"))


# --------------------------------------------------------------------------------------------------
# what the workbook finds


def _made(inputs, now):
    """The plan tables of this very plan."""
    rows = []
    for meeting, name in MADE_IN.items():
        count = len(getattr(inputs, name))
        said = f"{name}: {count:,} rows of this plan"
        if count:
            rows.append({"meeting": meeting, "reference": name, "statement": said})
    return pd.DataFrame(rows).assign(element="output", kind="plan table", cycle=now)


def _recorded(cycle_record, decision_log):
    """Events of each cycle from the plan store, without decisions, which the decision log has."""
    if cycle_record is None or cycle_record.empty:
        return pd.DataFrame()
    known = [] if decision_log is None else decision_log["cycle"].unique()
    rows = cycle_record[~((cycle_record["event"] == "decided") & cycle_record["cycle"].isin(known))]
    proves = (
        pd.DataFrame(ACTS, index=["element", "of", "kind"]).T.rename_axis("event").reset_index()
    )
    rows = rows.merge(proves, on="event", validate="many_to_one")
    rows["meeting"] = rows["meeting"].fillna(rows["of"])
    every = rows[rows["meeting"].isna()].drop(columns="meeting")
    meetings = pd.DataFrame({"meeting": PLANNING})
    rows = pd.concat(
        [rows[rows["meeting"].notna()], every.merge(meetings, how="cross")], ignore_index=True
    )
    return rows.assign(reference=rows["reference"].fillna("entry " + rows["entry"].astype(str)))


def _decided(decision_log):
    if decision_log is None or decision_log.empty:
        return pd.DataFrame()
    said = (
        decision_log["decision"]
        + ": "
        + decision_log["choice"]
        + ", chosen by "
        + decision_log["author"]
    )
    rows = decision_log[["cycle"]].assign(reference=decision_log["decision"], statement=said)
    return rows.assign(meeting="executive_sop", element="output", kind="decision")


def _held(meeting_calendar):
    if meeting_calendar is None:
        return pd.DataFrame()
    held = meeting_calendar[meeting_calendar["actual_date"].notna()]
    day = held["actual_date"].dt.strftime("%Y-%m-%d")
    rows = held[["cycle", "meeting"]].assign(reference=day, statement="meeting held on " + day)
    return rows.assign(element="control", kind="meeting")


def _written_down(evidence):
    if evidence is None:
        return empty("process_evidence")
    return evidence.assign(kind="document", statement=evidence["reference"])


# --------------------------------------------------------------------------------------------------
# values


def _values(inputs):
    """Measures of this cycle's process by name; unknown ones are left out."""
    critical = inputs.data_issues["severity"] == "critical"
    values = {"open_critical_issues": float(critical.sum())}
    added = inputs.forecast_value_added
    added = added[added["contributor"] == "consensus"].sort_values("lag")
    if len(added):
        values["value_added"] = added["value_added"].iloc[0]
    if len(inputs.strategy_comparison):
        values["fill_rate"] = of_record(inputs.strategy_comparison)["fill_rate"]
    margin = inputs.budget_bridge[inputs.budget_bridge["measure"] == "margin"]
    if len(margin):
        is_plan = margin["step"] == "plan"
        rest = margin.loc[~is_plan, "amount"].sum() - margin.loc[is_plan, "amount"].sum()
        values["unexplained_margin"] = abs(round(rest, 2))
    if len(inputs.gaps):
        values["gaps_with_option_ratio"] = inputs.gaps["gap"].isin(inputs.gap_options["gap"]).mean()
    decided = inputs.decisions["choice"].notna()
    if decided.any():
        values["decided_ratio"] = decided.mean()
    if len(inputs.planned_orders):
        start = first_days(inputs.planning_periods).min()
        values["orders_on_time_ratio"] = (inputs.planned_orders["order_day"] >= start).mean()
    return values


def _measured(scorecard):
    """The last value of each measure of how the company does; of several items the first is the
    main one."""
    known = scorecard[scorecard["value"].notna()].drop_duplicates("measure")
    return known.set_index("measure")["value"].to_dict()


def _by_value(processes, values, now):
    """A process's measure is shown by its value; its criterion by whether that is on the good side
    of the target."""
    known = processes[processes["measure"].isin(values)]
    rows = []
    for name, measure, target in zip(
        known["process"], known["measure"], known["target"], strict=True
    ):
        value, direction = values[measure], MEASURES[measure].direction
        said = f"{label(measure, of='measure')} is {written(measure, value)}"
        good = abs(value) <= target if direction == "at_most" else value >= target
        wanted = f"{label(direction, of='direction')} {written(measure, target)} is wanted"
        judged = f"{said}; {wanted}: {'met' if good else 'missed'}"
        for element, statement in (("measure", said), ("criterion", judged)):
            rows.append((name, element, now, "value", measure, statement, value))
    return pd.DataFrame(rows, columns=_PIECE).astype({"cycle": "period[M]", "value": "float64"})
