"""Exhibits of the process review: measures beside their targets, and plan changes."""

from pandas import DataFrame

from sopkit.reporting.chart_types import Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import GREY, MEASURES, Look
from sopkit.schema.formatting import some, verb
from sopkit.schema.glossary import label
from sopkit.tables.measures import known_measure

STAGE = "90_process_review"
SHOWN_PANELS = 8
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
BY_LAG = {
    "forecast_accuracy_ratio": "forecast accuracy of the consensus, by product",
    "plan_change_ratio": "how much of the plan a cycle changed, by product",
}
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
        "{met:whole} of {judged:count measure} {meet} target",
        met=len(judged) - len(missed),
        judged=len(judged),
        meet=verb(len(judged), "meets its", "meet their"),
    )
    if missed.empty:
        return said + "."
    return said + Headline("; missed: {missed}.", missed=some(_plain(missed["measure"]), 5))


def _plain(measures):
    return measures.map(lambda measure: label(measure, short=True, of="measure"))


@exhibit(STAGE, title="Trends", table="scorecard")
def trends(scorecard: DataFrame) -> Exhibit:
    """Each measure's last value beside its target, with trend, owner and what it serves; those
    that miss their target first."""
    rows = scorecard[scorecard["value"].notna()].drop_duplicates("measure")
    rows = rows.sort_values("on_target", kind="stable")
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
