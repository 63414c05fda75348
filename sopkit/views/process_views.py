"""What a reader is shown of how the planning process runs: measures, evidence, the audit page, the survey."""

from sopkit.schema.columns import COLUMNS

ELEMENTS = list(COLUMNS["element"].choices)


def scorecard(performance_review):
    """Each measure's last value beside its target, with trend, owner and the decision that it serves."""
    columns = ["measure", "period", "value", "target", "met", "trend", "owner", "serves"]
    rows = performance_review[performance_review["value"].notna()].drop_duplicates("measure")
    met = rows["met"].map({True: "met", False: "missed"}).astype("str").fillna("")
    return rows.assign(met=met)[columns]


def by_item(performance_review):
    """The measures that are known for each resource, or for plans made months ahead."""
    several = performance_review["measure"].duplicated(keep=False)
    return performance_review.loc[several, ["measure", "item", "period", "value", "trend"]]


def missed(performance_review):
    """The measures that miss their target, in words."""
    rows = performance_review[performance_review["met"].eq(False).fillna(False)]
    return rows[["measure", "value", "target", "owner", "statement"]]


def unmeasured(performance_review):
    """What cannot be measured, and what is missing for it."""
    return performance_review.loc[
        performance_review["value"].isna(), ["measure", "owner", "statement"]
    ]


def register(process_register):
    """What the register says of each process beside what proves it; what has no evidence comes first."""
    rows = process_register.sort_values("shown", kind="stable")
    return rows[["process", "element", "owner", "statement", "shown", "reference", "last_shown"]]


def own_evidence(process_evidence, horizon):
    """What proves the processes in this cycle without anyone having written it down."""
    is_now = process_evidence["cycle"] == horizon["period"].min()
    rows = process_evidence[is_now & (process_evidence["kind"] != "document")]
    return rows[["process", "element", "kind", "reference", "statement"]]


def survey(survey_balance):
    """The last survey, all functions together, the statement that fewest agree with first."""
    last = survey_balance[survey_balance["cycle"] == survey_balance["cycle"].max()]
    rows = last[last["function"].isna()].sort_values("agreeing_ratio", kind="stable")
    return rows[
        ["item", "respondents", "agreeing_ratio", "low_ratio", "high_ratio", "mean_score", "trend"]
    ]


def disagreements(survey_disagreements):
    """Each statement's furthest pair of functions, the clearest first."""
    return survey_disagreements.drop_duplicates("item")
