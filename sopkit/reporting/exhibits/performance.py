"""Exhibits of the process review: measures, how well plans held, evidence, audit page, survey."""

from matplotlib.colors import ListedColormap
from pandas import DataFrame

from sopkit.reporting.chart_types import TOP_ROWS, Heatmap, Intervals, Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid
from sopkit.reporting.theme import GREY, MEASURES, Look
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import some, verb
from sopkit.schema.glossary import label
from sopkit.tables.measures import known_measure

STAGE = "90_process_review"
SHOWN_PANELS = 8
LONGEST_STATEMENT = 70  # characters of a survey's statement under a headline
SCORE = [
    "measure",
    "period",
    "value",
    "target",
    "on_target",
    "trend",
    "owner",
    "decision_supported",
]
ELEMENTS = list(COLUMNS["element"].choices)
HEADS = {
    "resources_used": "resources used",
    "criterion": "criteria",
}  # of elements whose plural is not with an s
REGISTER = ["process", "element", "owner", "statement", "evidenced", "reference", "last_evidenced"]
ANSWERS = [
    "item",
    "respondents",
    "agreement_rate",
    "low_ratio",
    "high_ratio",
    "mean_score",
    "trend",
]
BY_LAG = {
    "forecast_accuracy_ratio": "forecast accuracy of the consensus, by product",
    "plan_change_ratio": "how much of the plan a cycle changed, by product",
}
AGREE = {"unit": "of the answers agree (5 or more of 7)", "shares": True, "limits": (-0.015, 1.015)}
BLUE, RED = MEASURES["consensus"].colour, MEASURES["backlog"].colour


# -------------------------------------------------------------------------------------------------
# measures beside their targets


@exhibit(STAGE, title="Measures with a target", table="performance")
def measures(performance: DataFrame, scorecard: DataFrame) -> Exhibit:
    """Twelve months of the measures with a target and an owner, a panel each, missed ones first."""
    rows = scorecard.drop_duplicates("measure")
    rows = rows[rows[["owner", "target", "value"]].notna().all(axis=1)]
    rows = rows.sort_values("on_target", kind="stable").head(SHOWN_PANELS)
    months = performance.groupby("measure")["value"].count()
    several = rows["measure"].map(months) > 1
    panels = [_measure(performance, row) for row in rows[several].itertuples()]
    chart = SmallMultiples(
        panels,
        subtitle="The last twelve months of each measure, those that miss their target first; "
        "dashed: the target",
    )
    return Exhibit(_measures_headline(scorecard), chart)


def _measure(performance, row):
    own = (performance["measure"] == row.measure) & (performance["item"] == row.item)
    months = performance[own & performance["value"].notna()].set_index("period")
    courses = months[["value", "target"]]
    if courses["target"].isna().all():
        courses = courses.assign(target=row.target)
    last, colour = (
        months["value"].where(months.index == months.index[-1]),
        BLUE if row.on_target else RED,
    )
    name = label(row.measure, short=True, of="measure")
    return Lines(
        courses.assign(last=last),
        looks={
            "value": Look("", BLUE, width=1.6, marker="o"),
            "target": Look("", GREY, "--", width=1.0),
            "last": Look("", colour, line="", marker="o"),
        },
        shares=known_measure(row.measure).is_share,
        from_zero=False,
        height=1.1,
        title=f"{name}: {'met' if row.on_target else 'missed'}",
        title_colour=GREY if row.on_target else RED,
    )


def _measures_headline(scorecard):
    judged = scorecard[scorecard["on_target"].notna()]
    if judged.empty:
        return Headline("No measure has a target, so none is met or missed.")
    missed = judged[~judged["on_target"].astype(bool)]
    said = Headline(
        "{met:whole} of {judged:count measure} meet their target",
        met=len(judged) - len(missed),
        judged=len(judged),
    )
    if missed.empty:
        return said + "."
    return said + Headline("; missed: {missed}.", missed=some(_plain(missed["measure"]), 5))


def _plain(measures):
    return measures.map(lambda measure: label(measure, short=True, of="measure"))


@exhibit(STAGE, title="Trends", table="scorecard", rows=40)
def trends(scorecard: DataFrame) -> Exhibit:
    """Each measure's last value beside its target, with trend, owner and what it serves."""
    rows = scorecard[scorecard["value"].notna()].drop_duplicates("measure")
    met = rows["on_target"].map({True: "met", False: "missed"}).astype("str").fillna("")
    return Exhibit(_trends_headline(scorecard), table=rows.assign(on_target=met)[SCORE])


def _trends_headline(scorecard):
    found = []
    for way in ("better", "worse"):
        rows = scorecard[scorecard["trend"].str.startswith(f"{way}:")]
        names = _plain(rows["measure"]).drop_duplicates()
        if len(names):
            get = verb(len(names), "gets", "get")
            found.append({"measures": some(names), "get": get, "way": way})
    if not found:
        return Headline("No measure has a clear trend over twelve months.")
    return (
        Headline("Over twelve months ") + Headline.each("{measures} {get} {way}", found, "; ") + "."
    )


@exhibit(STAGE, title="Missed targets", table="scorecard", rows=20)
def missed(scorecard: DataFrame) -> Exhibit:
    """The measures that miss their target, in words."""
    rows = scorecard[scorecard["on_target"].eq(False).fillna(False)]
    table = rows[["measure", "value", "target", "owner", "statement"]]
    return Exhibit(_missed_headline(rows), table=table)


def _missed_headline(rows):
    """The statement on a measure for which a reason is given, before all others."""
    if rows.empty:
        return Headline("No measure misses its target.")
    reasoned = rows[
        rows["statement"].str.contains("(", regex=False)
        & ~rows["measure"].isin(["actual_quantity", "actual_revenue"])
    ]
    row = (reasoned if len(reasoned) else rows).iloc[0]
    figures = {"measure": row["measure"], "value": row["value"], "target": row["target"]}
    return Headline("{statement}", statement=row["statement"], **figures)


# -------------------------------------------------------------------------------------------------
# how well plans held


@exhibit(STAGE, title="By lag and by resource", table="scorecard")
def plan_change(performance: DataFrame, scorecard: DataFrame) -> Exhibit:
    """How right plans were, and how much a cycle changed them, by how far ahead they planned."""
    several = scorecard["measure"].duplicated(keep=False)
    table = scorecard.loc[several, ["measure", "item", "period", "value", "trend"]]
    chart = SmallMultiples(
        [_by_lag(performance, measure) for measure in BY_LAG],
        height=2.1,
        subtitle="Average of past cycles, by how many months ahead they planned",
    )
    return Exhibit(_plan_change_headline(performance), chart, table)


def _mean_by_lag(performance, measure):
    rows = performance[(performance["measure"] == measure) & performance["value"].notna()]
    return rows.groupby("item")["value"].mean().rename(lambda lag: lag.removeprefix("lag "))


def _by_lag(performance, measure):
    return Lines(
        _mean_by_lag(performance, measure).to_frame(),
        looks={"value": Look("", BLUE, marker="o")},
        shares=True,
        from_zero=False,
        title=BY_LAG[measure],
    )


def _plan_change_headline(performance):
    mean = _mean_by_lag(performance, "plan_change_ratio")
    if mean.empty:
        said = "No earlier plan is approved, so how stable the plan is cannot be said."
        return Headline(said)
    return Headline(
        "Plan change vs. prior cycle: {first_change:percent 1} at M+{first} and "
        "{last_change:percent 1} at M+{last}, on average.",
        first_change=mean.iloc[0],
        first=mean.index[0],
        last_change=mean.iloc[-1],
        last=mean.index[-1],
    )


@exhibit(STAGE, title="KPIs without data", rows=20)
def unmeasured(scorecard: DataFrame) -> Exhibit:
    """The measures without a value, and what is missing for them."""
    unknown = scorecard["value"].isna()
    rows = scorecard.loc[unknown, ["measure", "owner", "statement"]]
    return Exhibit(Headline("What cannot be measured, and what is missing for it"), table=rows)


# -------------------------------------------------------------------------------------------------
# evidence


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
    rows = audit_trail.iloc[::-1]
    at = rows["at"].str[:16].str.replace("T", " ")
    plan = rows["content"].str[:12].where(~rows["what"].str.startswith("decided"), "")
    table = rows[["at", "who", "what", "revision", "why"]].assign(at=at, hash=plan)
    return Exhibit(Headline("Approval history"), table=table)


@exhibit(STAGE, title="ISO 9001 checklist", table="iso_9001_checklist", rows=20)
def iso_9001_checklist(iso_9001_checklist: DataFrame) -> Exhibit:
    """What the standard asks, clause by clause, where the answer stands, and what is lacking."""
    return Exhibit(_audit_page_headline(iso_9001_checklist), table=iso_9001_checklist)


def _audit_page_headline(iso_9001_checklist):
    known = iso_9001_checklist[iso_9001_checklist["coverage"].notna()]
    if known.empty:
        return Headline("No clause can be shown yet.")
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


# -------------------------------------------------------------------------------------------------
# the survey


@exhibit(STAGE, title="Survey", table="survey_results")
def survey(survey_results: DataFrame) -> Exhibit:
    """Who agrees with each statement, the fewest first, beside the survey before."""
    return Exhibit(_survey_headline(survey_results), _agreement(survey_results))


def _last(survey_results):
    """The answers of all functions together in the last survey."""
    last = survey_results[survey_results["cycle"] == survey_results["cycle"].max()]
    return last[last["function"].isna()]


def _survey_headline(survey_results):
    rows = _last(survey_results)
    if rows.empty:
        said = "No survey was taken, so whether people find operations and business needs "
        return Headline(said + "balanced is not known.")
    least = rows.loc[rows["agreement_rate"].idxmin()]
    return Headline(
        "Fewest agree (5 or more of 7) with “{item}”: {agreeing:percent} of {respondents:number} "
        "people (95 % interval {low:percent} to {high:percent}).",
        item=least["item"],
        agreeing=least["agreement_rate"],
        respondents=least["respondents"],
        low=least["low_ratio"],
        high=least["high_ratio"],
    )


def _agreement(survey_results):
    all_functions = survey_results[survey_results["function"].isna()]
    cycles = sorted(all_functions["cycle"].unique())[-2:]
    last = _intervals(_last(survey_results), "item")
    points, looks = None, {}
    if cycles:
        looks["value"] = Look(f"{cycles[-1]:%b %Y}, with 95 % interval", BLUE)
    if len(cycles) > 1:
        before = all_functions[all_functions["cycle"] == cycles[0]].set_index("item")
        points = before[["agreement_rate"]].rename(columns={"agreement_rate": "before"})
        looks["before"] = Look(f"{cycles[0]:%b %Y}", GREY, hollow=True)
    return Intervals(
        last,
        points=points,
        looks=looks,
        **AGREE,
        row=0.36,  # a statement may take two lines
        subtitle="Share of the answers that agree with each statement, with its 95 % interval; "
        "the fewest first",
    )


def _intervals(rows, name):
    """Shares that agree with their intervals, by name, the lowest first."""
    rows = rows.sort_values("agreement_rate", kind="stable").set_index(name)
    columns = ["agreement_rate", "low_ratio", "high_ratio"]
    return rows[columns].set_axis(["value", "low", "high"], axis=1)


@exhibit(STAGE, title="Change since the previous survey", table="survey_results", rows=20)
def survey_trend(survey_results: DataFrame) -> Exhibit:
    """The last survey, all functions together, the statement that fewest agree with first."""
    rows = _last(survey_results).sort_values("agreement_rate", kind="stable")
    return Exhibit(_survey_trend_headline(survey_results), table=rows[ANSWERS])


def _survey_trend_headline(survey_results):
    rows = _last(survey_results)
    if rows.empty or rows["trend"].eq("first survey").all():
        return Headline("There is no earlier survey to hold this one against.")
    moved = rows[rows["trend"].str.startswith(("rose", "fell"))]
    if moved.empty:
        said = "No statement changed significantly since the prior survey."
        return Headline(said)
    columns = ["item", "trend", "agreement_rate"]
    return Headline.each("“{item}” {trend}.", moved[columns].to_dict("records"), " ")


@exhibit(
    STAGE,
    title="Largest difference between functions by statement",
    table="survey_differences",
    rows=20,
)
def disagreements(survey_results: DataFrame, survey_differences: DataFrame) -> Exhibit:
    """What functions say to the statement on which two of them are furthest apart; each's pair."""
    table = survey_differences.drop_duplicates("item")
    chart = _functions(survey_results, survey_differences)
    return Exhibit(_disagreements_headline(survey_differences), chart, table)


def _disagreements_headline(survey_differences):
    if survey_differences.empty:
        said = "No two functions answered, so whether they disagree is not known."
        return Headline(said)
    most = survey_differences.iloc[0]
    return Headline(
        "{function} and {other} are furthest apart on “{item}”: {points:.0f} points of agreement "
        "(95 % interval {low:.0f} to {high:.0f}), {told} among {comparisons:count comparison}.",
        function=most["function"],
        other=most["other_function"],
        item=most["item"],
        points=100 * most["difference_ratio"],
        low=100 * most["low_ratio"],
        high=100 * most["high_ratio"],
        told="significant" if most["significant"] else "not significant",
        comparisons=len(survey_differences),
    ).capitalised()


def _functions(survey_results, survey_differences):
    if survey_differences.empty:
        return Intervals(DataFrame())
    item = survey_differences["item"].iloc[0]
    rows = survey_results[(survey_results["item"] == item) & survey_results["function"].notna()]
    rows = rows[rows["cycle"] == rows["cycle"].max()]
    answered = rows["respondents"].astype("str")
    named = rows.assign(name=rows["function"].astype("str") + " (" + answered + ")")
    return Intervals(
        _intervals(named, "name"),
        looks={"value": Look("", BLUE)},
        **AGREE,
        subtitle=f"Who agrees with “{_cut(item)}”, with how many answered",
    )


def _cut(text):
    return text if len(text) <= LONGEST_STATEMENT else f"{text[:LONGEST_STATEMENT]}…"
