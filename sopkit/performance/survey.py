"""The survey of the planning process: agreement, trends and differences between functions."""

from itertools import combinations

import pandas as pd
from pandas import DataFrame
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from sopkit.tables import conform, empty

AGREES = 5  # of 7: from this score on an answer agrees
CHANCE = 0.05
_CELL = ["item", "function", "cycle"]


def survey_results(
    planning_periods: DataFrame, balance_survey: DataFrame | None = None
) -> DataFrame:
    """Calculate agreement (5 or more of 7) by statement and function, with interval and trend.

    The interval is Wilson's: it stays honest for a handful of answers, where none or all may agree.
    An answer without cycle is of this one. Rows without function are all functions together.

    Returns
    -------
    item, function, cycle : respondents, agreement_rate, low_ratio, high_ratio, mean_score, trend

    Source
    ------
    Wilson (1927), Probable inference; Brown, Cai and DasGupta (2001), Interval estimation for a
    binomial proportion; Newcombe (1998), Interval estimation for the difference between independent
    proportions.
    """
    if balance_survey is None or balance_survey.empty:
        return empty("survey_results")
    answers = _answers(planning_periods, balance_survey)
    both = pd.concat([answers.assign(function=None), answers], ignore_index=True)
    groups = both.groupby(_CELL, dropna=False)
    summary = groups.agg(
        agreeing=("agrees", "sum"), respondents=("agrees", "size"), mean_score=("score", "mean")
    )
    summary = summary.reset_index()
    low, high = proportion_confint(summary["agreeing"], summary["respondents"], method="wilson")
    ratio = summary["agreeing"] / summary["respondents"]
    summary = summary.assign(agreement_rate=ratio, low_ratio=low, high_ratio=high)
    before = summary.groupby(["item", "function"], dropna=False)[
        ["cycle", "agreeing", "respondents"]
    ].shift()
    pairs = zip(summary.to_dict("records"), before.to_dict("records"), strict=True)
    return conform(
        "survey_results",
        summary.assign(trend=[_change(*pair) for pair in pairs]).drop(columns="agreeing"),
    )


def _answers(planning_periods, balance_survey):
    cycle = balance_survey["cycle"].fillna(planning_periods["period"].min())
    return balance_survey.assign(cycle=cycle, agrees=balance_survey["score"] >= AGREES)


def _change(now, before):
    """Test whether agreement changed since the last survey, with independent samples."""
    if pd.isna(before["cycle"]):
        return "first survey"
    low, high = _interval(
        now["agreeing"], now["respondents"], before["agreeing"], before["respondents"]
    )
    since = (
        f"since {before['cycle'].strftime('%b %Y')} ({100 * low:+.0f} to {100 * high:+.0f} points)"
    )
    return (
        f"rose {since}"
        if low > 0
        else f"fell {since}"
        if high < 0
        else f"no significant change {since}"
    )


def _interval(first, of_first, second, of_second):
    """The 95 % interval of the difference between two shares."""
    return confint_proportions_2indep(
        int(first), int(of_first), int(second), int(of_second), method="newcomb", compare="diff"
    )


def survey_differences(
    planning_periods: DataFrame, balance_survey: DataFrame | None = None
) -> DataFrame:
    """Compare functions in pairs on each statement of the last survey, largest difference first.

    Fisher's exact test says how likely chance alone makes a difference as large; because many pairs
    are compared it is adjusted (Holm), so that among all of them not one in twenty surveys calls a
    difference that is not there.

    Returns
    -------
    item, function, other_function : difference_ratio, low_ratio, high_ratio, p_value, significant
    """
    if balance_survey is None or balance_survey.empty:
        return empty("survey_differences")
    answers = _answers(planning_periods, balance_survey)
    last = answers[answers["cycle"] == answers["cycle"].max()]
    counts = last.groupby(["item", "function"])["agrees"].agg(["sum", "size"])
    rows = [
        _apart(item, *pair)
        for item, functions in counts.groupby(level="item")
        for pair in combinations(functions.droplevel("item").itertuples(name=None), 2)
    ]
    if not rows:
        return empty("survey_differences")
    frame = pd.DataFrame(rows)
    frame["p_value"] = multipletests(frame["p_value"], method="holm")[1]
    frame["significant"] = frame["p_value"] < CHANCE
    frame["size"] = frame["difference_ratio"].abs()
    frame = frame.sort_values(["p_value", "size"], ascending=[True, False], kind="stable")
    return conform("survey_differences", frame.drop(columns="size"))


def _apart(item, one, other):
    """One comparison, the function that agrees more first; each side is (function, agreeing,
    answers)."""
    one, other = sorted((one, other), key=lambda side: -side[1] / side[2])
    low, high = _interval(*one[1:], *other[1:])
    _, chance = fisher_exact([[one[1], one[2] - one[1]], [other[1], other[2] - other[1]]])
    return {
        "item": item, "function": one[0], "other_function": other[0],
        "difference_ratio": one[1] / one[2] - other[1] / other[2],
        "low_ratio": low, "high_ratio": high, "p_value": min(chance, 1.0),
    }  # fmt: skip
