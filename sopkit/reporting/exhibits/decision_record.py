"""Exhibits of the executives' meeting: decisions on record, carried on and followed up."""

from pandas import DataFrame

from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.schema.formatting import verb

STAGE = "70_executive_sop"
LOGGED = [
    "cycle",
    "decision",
    "choice",
    "author",
    "decided_on",
    "reason",
    "owner",
    "due_on",
    "start_period",
]
PENDING = [
    "cycle",
    "decision",
    "scenario",
    "start_period",
    "pending_state",
    "statement",
    "owner",
    "author",
]


@exhibit(STAGE, title="Decision log", rows=20)
def decision_log(decision_log: DataFrame | None = None) -> Exhibit:
    """What was chosen, by whom, when and why, the newest cycle first."""
    if decision_log is None or decision_log.empty:
        said = "No choice is on record yet, of this cycle or an earlier one."
        return Exhibit(Headline(said), table=DataFrame())
    order = ["cycle", "decided_on"]
    table = decision_log.sort_values(order, ascending=False, kind="stable")[LOGGED]
    headline = Headline(
        "{choices:count choice} of {cycles:count cycle} {are} on record.",
        choices=len(table),
        cycles=table["cycle"].nunique(),
        are=verb(len(table), "is", "are"),
    )
    return Exhibit(headline, table=table)


@exhibit(STAGE, title="Decisions carried on", rows=20)
def pending_decisions(pending_decisions: DataFrame | None = None) -> Exhibit:
    """Approved decisions of earlier cycles, and whether this plan still has to apply them."""
    if pending_decisions is None or pending_decisions.empty:
        said = "No decision of an earlier cycle changes this plan."
        return Exhibit(Headline(said), table=DataFrame())
    states = pending_decisions["pending_state"]
    pending, impossible = int((states == "pending").sum()), int((states == "impossible").sum())
    if pending:
        template = (
            "{pending} of {decisions:count earlier decision} {are} applied to this plan: the input "
            "tables do not contain {it} yet"
        )
    else:
        template = "No decision of an earlier cycle has to be applied to this plan"
    headline = Headline(
        template,
        decisions=len(states),
        pending=pending,
        are=verb(pending, "is", "are"),
        it=verb(pending, "it", "them"),
    )
    if impossible:
        headline += Headline("; {impossible} can no longer be applied", impossible=impossible)
    return Exhibit(headline + ".", table=pending_decisions[PENDING])


@exhibit(STAGE, title="Decision follow-up", table="decision_follow_up", rows=20)
def decision_follow_up(decision_follow_up: DataFrame) -> Exhibit:
    """What earlier decisions were expected to do by now, and did, beside other causes; the newest
    cycle first."""
    rows = decision_follow_up.sort_values("cycle", ascending=False, kind="stable")
    table = rows.drop(columns=["from_period", "to_period"])
    return Exhibit(_results_headline(decision_follow_up), table=table)


def _results_headline(decision_follow_up):
    if decision_follow_up.empty:
        return Headline("No earlier decision was expected to have done anything by now.")
    decisions = decision_follow_up.groupby(["cycle", "decision"]).ngroups
    measured = int(decision_follow_up["measured_effect"].notna().sum())
    return Headline(
        "{decisions:count earlier decision} {were} expected to have done something by now; "
        "{measured} of {effects:count expected effect} {are} measured by a re-run on actual "
        "demand.",
        decisions=decisions,
        were=verb(decisions, "was", "were"),
        measured=measured,
        effects=len(decision_follow_up),
        are=verb(measured, "is", "are"),
    )


@exhibit(STAGE, title="Audit trail", rows=20)
def audit_trail(audit_trail: DataFrame) -> Exhibit:
    """What was done to the plan, the newest first."""
    rows = audit_trail.iloc[::-1]
    at = rows["at"].str[:16].str.replace("T", " ")
    plan = rows["content"].str[:12].where(~rows["what"].str.startswith("decided"), "")
    table = rows[["at", "who", "what", "revision", "why"]].assign(at=at, hash=plan)
    return Exhibit(Headline("Who did what, and why"), table=table)
