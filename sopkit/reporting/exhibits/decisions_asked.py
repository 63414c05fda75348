"""Exhibits of the decisions asked of the executives, and of what moved since the last revision."""

from pandas import DataFrame

from sopkit.reporting import notebook_output
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.schema.formatting import signed, verb
from sopkit.schema.glossary import label
from sopkit.schema.tables import APPROVAL
from sopkit.schema.tolerances import MATERIAL

STAGE = "70_executive_sop"
COMPARED = ["demand", "revenue", "margin", "max_inventory_value", "min_cash"]
BELOW = ["decision", "recommendation", "effect", "owner", "choice"]
MOVED = 1e-6  # of a figure: what moved less did not move


@exhibit(STAGE, title="Decisions required", table="decisions")
def decisions(decisions: DataFrame, decision_options: DataFrame) -> Exhibit:
    """The decisions asked of the executives, each with its options and what they do."""
    asked = decisions[decisions["decision_level"] == "executives"]
    shown = notebook_output.decisions_asked(asked, decision_options)
    return Exhibit(_decisions_headline(decisions, asked), fragment=shown)


def _decisions_headline(decisions, asked):
    if decisions.empty:
        return Headline("No decision is required.")
    said = _required(asked[asked["choice"].isna()])
    made = int(decisions["choice"].notna().sum())
    if made:
        said = said + Headline("; {made} {were} made", made=made, were=verb(made, "is", "are"))
    below = len(decisions) - len(asked)
    if below:
        are = verb(below, "is", "are")
        template = "; {below:count more decision} {below_are} settled by the department heads"
        said = said + Headline(template, below=below, below_are=are)
    return said + "."


def _required(unmade):
    """How many decisions are required, the approval apart, and how many recommendations change the
    plan."""
    others = unmade[unmade["decision"] != APPROVAL]
    if others.empty:
        return Headline("Approval of the plan is required" if len(unmade) else "None is required")
    approval = " and approval of the plan" if len(others) < len(unmade) else ""
    said = Headline(
        "{decisions:count decision}{approval} {are} required; ",
        decisions=len(others),
        approval=approval,
        are=verb(len(others) + bool(approval), "is", "are"),
    )
    changes = int(others["scenario"].notna().sum())
    if not changes:
        return said + "no recommendation changes the plan"
    template = "{changes:count recommendation} {change} the plan"
    return said + Headline(template, changes=changes, change=verb(changes, "changes", "change"))


@exhibit(STAGE, title="Decisions settled in earlier meetings", table="decisions")
def settled_below(decisions: DataFrame) -> Exhibit:
    """The decisions that the department heads settle."""
    rows = decisions[decisions["decision_level"] != "executives"]
    if rows.empty:
        return Exhibit(Headline("Every decision needs the executives."), table=rows[BELOW])
    template = "{below:count decision} {are} settled by the department heads before this meeting."
    headline = Headline(template, below=len(rows), are=verb(len(rows), "is", "are"))
    return Exhibit(headline, table=rows[BELOW])


@exhibit(STAGE, title="Changes since the previous revision", rows=20)
def revision(revision_comparison: DataFrame) -> Exhibit:
    """The figures that moved against the revision before, in the order of a plan."""
    rows = revision_comparison
    moved = rows[rows["variance"].abs() > MOVED * rows["reference_value"].abs()]
    return Exhibit(
        _revision_headline(rows), table=moved[["measure", "reference_value", "plan", "variance"]]
    )


def _revision_headline(rows):
    if rows.empty:
        return Headline("There is no earlier revision of this plan.")
    before = Headline("Against revision {revision}", revision=rows["revision"].iloc[0])
    gap = rows.set_index("measure")["variance"].reindex(COMPARED).dropna()
    gap = gap[gap.abs() > MATERIAL]
    if gap.empty:
        return before + ", neither demand nor money moved."
    moved = [f"{label(name, of='measure')} {signed(size)}" for name, size in gap.items()]
    return before + f": {', '.join(moved)}" + Headline(".", moved=dict(gap))
