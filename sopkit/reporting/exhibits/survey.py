"""Exhibits of the survey of people in the process: agreement, trend, differences of functions."""

from pandas import DataFrame

from sopkit.reporting.chart_types import Intervals
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import GREY, MEASURES, Look

STAGE = "90_process_review"
LONGEST_STATEMENT = 70  # characters of a survey's statement under a headline
ANSWERS = [
    "item",
    "respondents",
    "agreement_rate",
    "low_ratio",
    "high_ratio",
    "mean_score",
    "trend",
]
AGREE = {"unit": "of the answers agree (5 or more of 7)", "shares": True, "limits": (-0.015, 1.015)}
BLUE = MEASURES["consensus"].colour


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
        return Headline("There is no earlier survey to compare this one with.")
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
