"""Exhibits of goals: which the plan keeps, and the path to those beyond the horizon."""

from pandas import DataFrame

from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.schema.formatting import code_in_words, some, verb

STAGE = "50_financial_review"


@exhibit(STAGE, title="Plan vs. goals", table="plan_variances", rows=20)
def goals(plan_variances: DataFrame, goals: DataFrame | None = None) -> Exhibit:
    """Which goals the plan misses; one whose months are not all planned is not checked yet."""
    held = plan_variances[plan_variances["reference_type"] == "goal"]
    return Exhibit(_goals_headline(held, goals), table=held.drop(columns="reference_type"))


def _goals_headline(held, goals):
    if goals is None or held.empty:
        return Headline("No goal can be compared with the plan.")
    direction = held["item"].map(goals.set_index("goal")["direction"])
    below = (direction == "at_least") & (held["variance"] < 0)
    above = (direction == "at_most") & (held["variance"] > 0)
    missed, checked = held.loc[below | above, "item"], int(held["variance"].notna().sum())
    if missed.empty:
        template = "The plan keeps every goal that can be checked ({checked:whole})"
        said = Headline(template, checked=checked)
    else:
        said = Headline(
            "{missed:whole} of {checked:count goal} {are} missed: {names}",
            missed=len(missed),
            checked=checked,
            are=verb(len(missed), "is", "are"),
            names=some(map(code_in_words, missed)),
        )
    if len(held) > checked:
        later = len(held) - checked
        said = said + Headline("; {later:count goal} cannot be checked yet", later=later)
    return said + "."


@exhibit(STAGE, title="Path to goals beyond the horizon", rows=20)
def goal_paths(goal_paths: DataFrame) -> Exhibit:
    """What goals beyond the plan ask of each planned year, and what the plan holds for it."""
    return Exhibit(_paths_headline(goal_paths), table=goal_paths.drop(columns="owner"))


def _paths_headline(goal_paths):
    if goal_paths.empty:
        return Headline("No goal beyond the horizon has a path to compare the plan with.")
    last = goal_paths.sort_values("to_period", kind="stable").drop_duplicates("goal", keep="last")
    template = (
        "“{named}” asks for {required_ratio:percent 1} more a year; the planned year to "
        "{to_period:month} brings {planned_ratio:percent 1} more"
    )
    last = last.assign(named=last["goal"].map(code_in_words))
    return Headline.each(template, last.to_dict("records"), "; ") + "."


@exhibit(STAGE, title="Goals not yet measurable", rows=20)
def unchecked_goals(unchecked_goals: DataFrame) -> Exhibit:
    """Which goals the plan cannot be compared with yet, and why."""
    if unchecked_goals.empty:
        headline = Headline("Every goal can be compared with the plan.")
        return Exhibit(headline, table=unchecked_goals)
    headline = Headline(
        "{goals:count goal} cannot be checked yet: {names}.",
        goals=len(unchecked_goals),
        names=some(map(code_in_words, unchecked_goals["goal"])),
    )
    return Exhibit(headline, table=unchecked_goals)
