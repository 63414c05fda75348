"""The ISO 9001:2015 checklist: requirements of a process and their evidence."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from sopkit.schema.glossary import label
from sopkit.schema.reading import refuse_missing, refuse_unknown
from sopkit.tables import conform

FILE = Path(__file__).parent / "iso_9001.toml"
FIELDS = ("question", "reference")


@cache
def read_clauses(path: Path = FILE) -> dict[str, dict[str, str]]:
    """Read the question and reference of each clause.

    Returns
    -------
    {clause : {question, reference}}, in file order

    Raises
    ------
    SchemaError : a field is unknown or left out.
    """
    with path.open("rb") as file:
        clauses = tomllib.load(file)
    for clause, row in clauses.items():
        refuse_unknown(f"{path.name} {clause}", row, FIELDS)
        refuse_missing(f"{path.name} {clause}", row, FIELDS)
    return clauses


@dataclass(frozen=True)
class ChecklistInputs:
    """The tables that show what ISO 9001 asks of the processes."""

    process_register: DataFrame
    process_evidence: DataFrame
    scorecard: DataFrame
    risk_impacts: DataFrame
    decision_follow_up: DataFrame
    processes: DataFrame | None = None
    cycle_record: DataFrame | None = None
    meeting_calendar: DataFrame | None = None
    decision_log: DataFrame | None = None


def iso_9001_checklist(inputs: ChecklistInputs) -> DataFrame:
    """Assess for each clause the share of requirements with evidence, and name what is missing.

    Returns
    -------
    clause : question, statement, reference, coverage, lacking
    """
    answers = _of_processes(inputs) | _of_measures(inputs.scorecard)
    answers |= {
        "4.4.2": _records(inputs.cycle_record),
        "9.3": _reviews(inputs.meeting_calendar),
        "10.3": _followed(inputs.decision_follow_up, inputs.decision_log),
    }
    clauses = read_clauses()
    refuse_unknown(FILE.name, clauses, answers)
    rows = [{"clause": clause, **row, **answers[clause]} for clause, row in clauses.items()]
    return conform("iso_9001_checklist", pd.DataFrame(rows))


def _of_processes(inputs):
    """How far each process is described, judged by its criterion, and its risks are owned."""
    register, evidence, risks = (
        inputs.process_register,
        inputs.process_evidence,
        inputs.risk_impacts,
    )
    criteria = evidence[(evidence["kind"] == "value") & (evidence["element"] == "criterion")]
    met, owned = criteria["statement"].str.endswith("met"), risks["owner"].notna()
    return {
        "4.4.1 a": _elements(register, ["input", "output"]),
        "4.4.1 b": _ordered(inputs.processes),
        "4.4.1 c": _elements(register, ["control", "criterion", "measure"]),
        "4.4.1 d": _elements(register, ["resources_used"]),
        "4.4.1 f": _share(risks["risk"], owned, "risks are weighed and have an owner"),
        "4.4.1 g": _share(criteria["process"], met, "processes met their target"),
    }


def _of_measures(scorecard):
    """How many measures have an owner, a value, a target and a good trend."""
    owned, measured = scorecard["owner"].notna(), scorecard["value"].notna()
    known = scorecard[measured]
    judged = scorecard[scorecard["on_target"].notna()]
    missed = judged[~judged["on_target"].astype(bool)]
    trends = scorecard[scorecard["trend"].str.startswith(("better", "worse"))]
    better = trends["trend"].str.startswith("better")
    targeted = "measures with a value are compared with a target"
    answered = "missed measures have somebody who answers for them"
    return {
        "4.4.1 e": _share(_named(scorecard), owned, "measures have an owner"),
        "4.4.1 h": _share(_named(trends), better, "measures with a clear trend get better"),
        "9.1.1": _share(_named(scorecard), measured, "measures have a value"),
        "9.1.3": _share(_named(known), known["on_target"].notna(), targeted),
        "10.2": _share(_named(missed), missed["owner"].notna(), answered),
    }


def _answer(statement, ratio=None, lacking=None):
    return {"statement": statement, "coverage": ratio, "missing_evidence": lacking}


def _share(names, shown, what):
    """How many of the named things are as they should be, and which are not."""
    shown = shown.to_numpy(dtype=bool)
    if not len(names):
        return _answer(f"0 of 0 {what}.")
    lacking = ", ".join(dict.fromkeys(names[~shown])) or None
    return _answer(f"{shown.sum()} of {len(names)} {what}.", float(shown.mean()), lacking)


def _named(review):
    """Measures by name, with their item where there are several."""
    single = ~review["measure"].duplicated(keep=False)
    names = review["measure"].map(lambda measure: label(measure, of="measure"))
    return names.where(single, names + " (" + review["item"] + ")")


def _elements(process_register, elements):
    rows = process_register[process_register["element"].isin(elements)]
    names = rows["process"] + " " + rows["element"].astype(str)
    return _share(
        names, rows["evidenced"], f"entries ({', '.join(elements)}) are evidenced in this cycle"
    )


def _ordered(processes):
    if processes is None:
        return _answer("No process is described.")
    return _share(
        processes["process"],
        processes["meeting"].notna(),
        "processes have their place in the cycle of meetings",
    )


def _records(cycle_record):
    kept = 0 if cycle_record is None else (cycle_record["event"] != "read").sum()
    if not kept:
        return _answer("The plan store tells of no earlier cycle.")
    acts = cycle_record[cycle_record["event"] != "read"]
    return _answer(
        f"{kept} acts of {acts['cycle'].nunique()} cycles are on record, each sealed.", 1.0
    )


def _reviews(meeting_calendar):
    if meeting_calendar is None:
        return _answer("No calendar of meetings is kept.")
    called = meeting_calendar[meeting_calendar["meeting"] == "executive_sop"]
    called = called[called["actual_date"].notna() | (called["cycle"] < called["cycle"].max())]
    return _share(
        called["cycle"].astype(str),
        called["actual_date"].notna(),
        "executive meetings called were held",
    )


def _followed(decision_follow_up, decision_log):
    chosen = decision_log if decision_log is not None else decision_follow_up
    if chosen.empty:
        return _answer("No earlier decision is known.")
    made = chosen[["cycle", "decision"]].drop_duplicates()
    known = pd.MultiIndex.from_frame(made).isin(
        pd.MultiIndex.from_frame(decision_follow_up[["cycle", "decision"]])
    )
    return _share(
        made["decision"],
        pd.Series(known),
        "earlier decisions are compared with what was expected",
    )
