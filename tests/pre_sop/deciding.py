"""Decisions on the resting plan: gaps and their options, written as text."""

from conftest import table
from resting import BASE, TERMS, nothing

from sopkit.pre_sop import agenda, decisions
from sopkit.tables import conform

GAP = "owner question from_period to_period table exhibit"
SAID = "Holm Why? 2027-04 2027-05 constrained_demand x"
EFFECTS = "revenue_effect margin_effect cash_effect inventory_effect closing_inventory_effect"
MORE = "backlog_effect headcount_effect service_effect"


def found(text):
    """gaps of `gap area gap_value`."""
    _, *rows = text.strip().splitlines()
    lines = [f"{row} {row.split()[0]}-is-open 0 {SAID}" for row in rows]
    head = f"gap area gap_value statement gap_units {GAP}"
    return table("gaps", "\n".join([head, *lines]))


def causes(text):
    """gap_causes of `gap decision origin cause`."""
    _, *rows = text.strip().splitlines()
    lines = [f"{row} 1 {row.split()[0]}-is-open" for row in rows]
    head = "gap decision origin cause gap_closed_ratio statement"
    frame = table("gap_causes", "\n".join([head, *lines]).replace("plan-choice", "plan_choice"))
    return frame.assign(cause=frame["cause"].str.replace("_", " "))


def options(text):
    """decision_options of `decision scenario margin_effect recommended`."""
    _, *rows = text.strip().splitlines()
    lines = [f"{row} do-{row.split()[1]} 0.5 0 0 0 0 0 0 0 true" for row in rows]
    head = "decision scenario margin_effect recommended statement gap_closed_ratio revenue_effect"
    head += f" cash_effect inventory_effect closing_inventory_effect {MORE} allowed"
    return table("decision_options", "\n".join([head, *lines]))


def plan(**tables):
    """The tables that decisions read of the resting plan."""
    known = {"financial_plan": BASE["financial_plan"], "risk_impacts": nothing("risk_impacts")}
    return decisions.PlanInputs(**{**known, "company_settings": TERMS, **tables})


def decided(gaps, of_cause, ways, **tables):
    """The decisions, where nothing is recommended together."""
    none = nothing("tried_options"), nothing("gap_options")
    return decisions.decisions(gaps, of_cause, ways, *none, plan(**tables))


def on_the_agenda(gaps, of_cause, ways, **tables):
    told = {"risk_impacts": nothing("risk_impacts"), **tables}
    risks = told.pop("risk_impacts")
    return agenda.agenda(gaps, of_cause, ways, risks, BASE["financial_plan"], **told)


def empty(name):
    return conform(name, nothing(name))
