"""Exhibits of the evidence of processes: register, audit trail and ISO 9001 checklist."""

from matplotlib.colors import ListedColormap
from pandas import DataFrame

from sopkit.reporting.chart_types import TOP_ROWS, Heatmap
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits import decision_record
from sopkit.reporting.exhibits.rows import grid
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import verb

STAGE = "90_process_review"
ELEMENTS = list(COLUMNS["element"].choices)
HEADS = {
    "resources_used": "resources used",
    "criterion": "criteria",
}  # of elements whose plural is not with an s
REGISTER = ["process", "element", "owner", "statement", "evidenced", "reference", "last_evidenced"]


@exhibit(STAGE, title="Process register, missing evidence first", table="process_register")
def process_register(process_register: DataFrame) -> Exhibit:
    """The evidence of each process in this cycle; those without come first."""
    rows = process_register.sort_values("evidenced", kind="stable")[REGISTER]
    return Exhibit(_register_headline(process_register), _pieces(process_register), rows)


def _register_headline(process_register):
    if process_register.empty:
        return Headline("No process is described, so there is nothing to show evidence of.")
    shown = process_register.groupby("process")["evidenced"].sum()
    said = Headline(
        "{shown:whole} of {elements:whole} elements of {processes:count process} are "
        "evidenced in this cycle",
        shown=int(shown.sum()),
        elements=len(process_register),
        processes=len(shown),
    )
    bare = list(shown.index[shown == 0])
    if not bare:
        return said + "."
    has = verb(len(bare), "has", "have")
    return said + Headline("; {bare:listed} {has} none.", bare=bare, has=has)


def _pieces(process_register):
    """How many pieces of evidence there are; the processes with fewest, by name."""
    if process_register.empty:
        return Heatmap(DataFrame())
    pieces = grid(process_register, "process", "evidence_count", "element")[ELEMENTS]
    pieces = pieces.rename(columns=lambda element: HEADS.get(element, f"{element}s"))
    shown = pieces.loc[pieces.sum(axis=1).nsmallest(TOP_ROWS).index.sort_values()]
    return Heatmap(
        (shown > 0).astype("float64"),
        words=shown.astype("int64").astype("str").replace("0", "none"),
        bold=shown == 0,
        colours=ListedColormap(["#F0C9C2", "#CFE3D5"]),
        named_on_top=True,
        top=TOP_ROWS,
        of=len(pieces),
        row=0.27,
        rest=0.7,
        subtitle="Pieces of evidence of this cycle for each element of each process",
    )


@exhibit(STAGE, title="Evidence of this cycle", table="process_evidence")
def own_evidence(process_evidence: DataFrame, planning_periods: DataFrame) -> Exhibit:
    """What proves the processes in this cycle without anyone having written it down."""
    is_now = process_evidence["cycle"] == planning_periods["period"].min()
    rows = process_evidence[is_now & (process_evidence["kind"] != "document")]
    table = rows[["process", "element", "kind", "reference", "statement"]]
    return Exhibit(Headline("Found by the workbook in this cycle"), table=table)


@exhibit(STAGE, title="Audit trail", rows=20)
def plan_history(audit_trail: DataFrame) -> Exhibit:
    """Approval history, the newest first."""
    table = decision_record.audit_trail(audit_trail).table
    return Exhibit(Headline("Approval history"), table=table)


@exhibit(STAGE, title="ISO 9001 checklist", table="iso_9001_checklist", rows=20)
def iso_9001_checklist(iso_9001_checklist: DataFrame) -> Exhibit:
    """What the standard asks, clause by clause, where the answer stands, and what is lacking."""
    return Exhibit(_audit_page_headline(iso_9001_checklist), table=iso_9001_checklist)


def _audit_page_headline(iso_9001_checklist):
    known = iso_9001_checklist[iso_9001_checklist["coverage"].notna()]
    if known.empty:
        return Headline("No clause has evidence yet.")
    whole = int((known["coverage"] == 1).sum())
    said = Headline(
        "{whole:whole} of {clauses:whole} clauses are fully evidenced",
        whole=whole,
        clauses=len(iso_9001_checklist),
    )
    if whole == len(known):
        return said + "."
    least = known.loc[known["coverage"].idxmin()]
    return said + Headline(
        "; the least is {clause}: {statement}",
        clause=least["clause"],
        statement=least["statement"],
    )
