"""Exhibits of the process review: measures, how well plans held, evidence, audit page, survey."""

import pandas as pd
import pytest
from looking import drawn, frame, lines, named, rows, table, texts, weights

from sopkit.reporting.exhibits import performance, processes, survey
from sopkit.rules.call import call
from sopkit.tables import empty
from sopkit.tables.periods import planning_periods

MONTHS = table(
    "performance",
    """measure | item | period | value | target | statement
       bias | all | 2026-08 | 0.01 | | said
       bias | all | 2026-09 | 0.02 | | said
       actual_quantity | all | 2026-08 | 90 | 100 | said
       actual_quantity | all | 2026-09 | 80 | 95 | said
       forecast_accuracy_ratio | lag 1 | 2026-08 | 0.9 | | said
       forecast_accuracy_ratio | lag 1 | 2026-09 | 0.7 | | said
       forecast_accuracy_ratio | lag 2 | 2026-09 | 0.6 | | said
       plan_change_ratio | lag 1 | 2026-08 | 0.02 | | said
       plan_change_ratio | lag 1 | 2026-09 | 0.04 | | said
       plan_change_ratio | lag 5 | 2026-09 | 0.1 | | said""",
)
REVIEW = table(
    "scorecard",
    """measure | item | period | statement | trend | decision_supported | value | target | direction | on_target | owner
       bias | all | 2026-09 | bias is 2 % | better: 1 % less a month | forecast | 0.02 | 0.05 | at_most | true | Ann
       actual_quantity | all | 2026-09 | 80 units were sold (fewest tents) | worse: 2 less a month | budget | 80 | 95 | at_least | false | Bea
       utilization | SEWING | 2026-09 | 95 % of hours (a press stood still) | level | capacity | 0.95 | 0.9 | at_most | false | Cal
       utilization | IDLE | 2026-09 | 5 % of hours | level | capacity | 0.05 | | at_most | | Cal
       calendar_kept_ratio | all | 2026-09 | no calendar is known | too few months | meetings | | 0.9 | at_least | | Dan""",
)
REGISTER = table(
    "process_register",
    """process | element | owner | statement | evidence_count | evidenced | reference | last_evidenced
       review | input | Ann | Baseline | 2 | true | demand_plan | 2026-10
       review | output | Ann | Consensus | 1 | true | demand_plan | 2026-10
       review | resources_used | Ann | Planner | 0 | false | |
       review | control | Ann | Reasons | 0 | false | |
       review | criterion | Ann | Better | 0 | false | |
       review | measure | Ann | Value added | 0 | false | |
       budgeting | input | Eve | Budget | 0 | false | |
       budgeting | output | Eve | Paper | 0 | false | |
       budgeting | resources_used | Eve | Desk | 0 | false | |
       budgeting | control | Eve | Stamp | 0 | false | |
       budgeting | criterion | Eve | Peace | 0 | false | |
       budgeting | measure | Eve | Peace | 0 | false | | """,
)
SURVEY = table(
    "survey_results",
    """item | function | cycle | respondents | agreement_rate | low_ratio | high_ratio | mean_score | trend
       Even | | 2026-04 | 10 | 0.3 | 0.1 | 0.6 | 4 | first survey
       Kept | | 2026-04 | 10 | 0.2 | 0.1 | 0.5 | 4 | first survey
       Kept | | 2026-10 | 12 | 0.75 | 0.45 | 0.9 | 5 | rose since Apr 2026 (+20 to +80 points)
       Even | | 2026-10 | 12 | 0.25 | 0.1 | 0.55 | 4 | no more than chance
       Even | sales | 2026-10 | 6 | 0.5 | 0.2 | 0.8 | 5 | first survey
       Even | supply | 2026-10 | 6 | 0 | 0 | 0.4 | 2 | first survey""",
)
APART = table(
    "survey_differences",
    """item | function | other_function | difference_ratio | low_ratio | high_ratio | p_value | significant
       Even | sales | supply | 0.5 | 0.05 | 0.8 | 0.04 | true
       Even | sales | finance | 0.2 | -0.1 | 0.6 | 0.4 | false
       Kept | sales | supply | 0.1 | -0.3 | 0.5 | 0.9 | false""",
)
NOW = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))


# -------------------------------------------------------------------------------------------------
# measures


def test_measures_that_meet_their_target_are_counted_and_those_that_miss_it_named():
    headline = performance.measures(MONTHS, REVIEW).headline
    assert headline == "1 of 3 measures meet their target; missed: volume, utilisation."
    assert (headline.figures["met"], headline.figures["judged"]) == (1, 3)
    met = performance.measures(MONTHS, REVIEW.head(1)).headline
    assert met == "1 of 1 measure meets its target."


def test_missed_measures_are_drawn_first_against_the_target_of_each_month():
    missed, met = drawn(performance.measures(MONTHS, REVIEW).chart)
    titles = [ax.get_title(loc="right") for ax in (missed, met)]
    assert titles == ["volume: missed", "bias: met"]
    value, target, last = [list(line.get_ydata()) for line in missed.get_lines()[:3]]
    assert (value, target, last) == ([90, 80], [100, 95], [80])
    assert list(met.get_lines()[1].get_ydata()) == [0.05, 0.05]


def test_what_gets_better_and_what_worse_is_told():
    shown = performance.trends(REVIEW)
    assert shown.headline == "Over twelve months bias gets better; volume gets worse."
    assert shown.table["measure"].tolist() == ["actual_quantity", "utilization", "bias"]
    assert shown.table["on_target"].tolist() == ["missed", "missed", "met"]
    level = REVIEW.assign(trend="level")
    assert performance.trends(level).headline == (
        "No measure has a clear trend over twelve months."
    )


def test_the_missed_measure_for_which_a_reason_is_given_is_told():
    shown = performance.missed(REVIEW)
    assert shown.headline == "95 % of hours (a press stood still)"
    assert shown.table["owner"].tolist() == ["Bea", "Cal"]
    assert performance.missed(REVIEW.head(2)).headline == "80 units were sold (fewest tents)"
    assert performance.missed(REVIEW.head(1)).headline == "No measure misses its target."


def test_plan_change_is_told_and_drawn_by_how_far_ahead_was_planned():
    shown = performance.plan_change(MONTHS, REVIEW)
    assert shown.headline == (
        "Plan change vs. prior cycle: 3.0 % at M+1 and 10.0 % at M+5, on average."
    )
    accuracy, change = drawn(shown.chart)
    assert list(accuracy.get_lines()[0].get_ydata()) == pytest.approx([0.8, 0.6])
    assert list(change.get_lines()[0].get_ydata()) == pytest.approx([0.03, 0.1])
    assert shown.table["item"].tolist() == ["SEWING", "IDLE"]


def test_what_cannot_be_measured_says_what_is_missing():
    shown = performance.unmeasured(REVIEW).table
    assert shown.to_numpy().tolist() == [["calendar_kept_ratio", "Dan", "no calendar is known"]]


# -------------------------------------------------------------------------------------------------
# evidence


def test_the_register_says_how_much_has_evidence_and_which_process_has_none():
    shown = processes.process_register(REGISTER)
    assert shown.headline == (
        "2 of 12 elements of 2 processes are evidenced in this cycle; budgeting has none."
    )
    assert shown.headline.figures["bare"] == ["budgeting"]
    assert shown.table["evidenced"].tolist() == [False] * 10 + [True] * 2


def test_pieces_of_evidence_are_counted_and_their_absence_is_bold():
    (ax,) = drawn(processes.process_register(REGISTER).chart)
    assert rows(ax) == ["budgeting", "review"]
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "inputs",
        "outputs",
        "resources used",
        "controls",
        "criteria",
        "measures",
    ]
    assert texts(ax) == ["none"] * 6 + ["2", "1"] + ["none"] * 4
    assert weights(ax) == {"none": "bold", "2": "normal", "1": "normal"}


def test_evidence_that_nobody_wrote_down_is_shown_of_this_cycle():
    found = table(
        "process_evidence",
        """process | element | cycle | kind | reference | statement | value
           review | output | 2026-10 | plan table | demand_plan | 3 rows |
           review | resources_used | 2026-10 | document | List | written |
           review | output | 2026-09 | stored version | aaaa | saved | """,
    )
    shown = processes.own_evidence(found, NOW).table
    assert shown["reference"].tolist() == ["demand_plan"]


def test_the_audit_trail_begins_with_the_newest_act():
    acts = frame(
        """at | who | what | revision | why | content
           2026-10-01T10:00:59Z | Ann | saved | 1 | first | 0123456789abcdef
           2026-10-02T09:30:00Z | Bob | decided hire | 1 | cheaper | 0123456789abcdef"""
    )
    shown = processes.plan_history(acts).table
    assert shown[["at", "who", "hash"]].to_numpy().tolist() == [
        ["2026-10-02 09:30", "Bob", ""],
        ["2026-10-01 10:00", "Ann", "0123456789ab"],
    ]


def test_the_clause_that_is_shown_least_is_named():
    page = table(
        "iso_9001_checklist",
        """clause | question | statement | reference | coverage | missing_evidence
           4.4.1 a | inputs? | All are shown. | process_register | 1 |
           4.4.1 d | means? | 0 of 2 have evidence. | process_register | 0 | means
           4.4.2 | kept? | Nothing is known. | cycle_record | | """,
    )
    assert processes.iso_9001_checklist(page).headline == (
        "1 of 3 clauses are fully evidenced; the least is 4.4.1 d: 0 of 2 have evidence."
    )
    whole = page.head(1)
    assert processes.iso_9001_checklist(whole).headline == "1 of 1 clauses are fully evidenced."
    assert processes.iso_9001_checklist(page.tail(1)).headline == "No clause has evidence yet."


# -------------------------------------------------------------------------------------------------
# the survey


def test_the_statement_that_fewest_agree_with_is_named_with_its_interval():
    assert survey.survey(SURVEY).headline == (
        "Fewest agree (5 or more of 7) with “Even”: 25 % of 12 people (95 % interval 10 % to 55 %)."
    )


def test_the_last_survey_is_drawn_with_intervals_beside_the_one_before():
    (ax,) = drawn(survey.survey(SURVEY).chart)
    assert rows(ax) == ["Even", "Kept"]
    assert named(ax) == ["Apr 2026", "Oct 2026, with 95 % interval"]
    assert lines(ax)["Apr 2026"] == [0, 1]
    before = next(line for line in ax.get_lines() if line.get_label() == "Apr 2026")
    assert list(before.get_xdata()) == [0.3, 0.2]
    assert list(ax.get_lines()[0].get_xdata()) == [0.1, 0.55]


def test_a_change_since_the_survey_before_is_told_where_it_is_more_than_chance():
    shown = survey.survey_trend(SURVEY)
    assert shown.headline == "“Kept” rose since Apr 2026 (+20 to +80 points)."
    assert shown.table["item"].tolist() == ["Even", "Kept"]
    still = SURVEY.assign(trend="no more than chance")
    assert survey.survey_trend(still).headline == (
        "No statement changed significantly since the prior survey."
    )
    first = SURVEY.head(2)
    assert survey.survey_trend(first).headline == (
        "There is no earlier survey to compare this one with."
    )


def test_the_functions_furthest_apart_are_named_and_drawn_with_how_many_answered():
    shown = survey.disagreements(SURVEY, APART)
    assert shown.headline == (
        "Sales and supply are furthest apart on “Even”: 50 points of agreement (95 % interval 5 to "
        "80), significant among 3 comparisons."
    )
    (ax,) = drawn(shown.chart)
    assert rows(ax) == ["supply (6)", "sales (6)"]
    assert ax.get_legend() is None
    assert shown.table["item"].tolist() == ["Even", "Kept"]


@pytest.mark.parametrize(
    ("exhibit", "said"),
    [
        (performance.measures, "No measure has a target, so none is met or missed."),
        (
            performance.plan_change,
            "No earlier plan is approved, so how stable the plan is cannot be said.",
        ),
        (
            processes.process_register,
            "No process is described, so there is nothing to show evidence of.",
        ),
        (processes.iso_9001_checklist, "No clause has evidence yet."),
        (
            survey.survey,
            "No survey was taken, so whether people find operations and business needs balanced is "
            "not known.",
        ),
        (
            survey.disagreements,
            "No two functions answered, so whether they disagree is not known.",
        ),
    ],
)
def test_where_nothing_is_known_everything_says_so_and_nothing_is_drawn(exhibit, said):
    names = (
        "performance",
        "scorecard",
        "process_register",
        "iso_9001_checklist",
        "survey_results",
        "survey_differences",
    )
    shown = call(exhibit, {name: empty(name) for name in names})
    assert shown.headline == said
    assert shown.chart is None or shown.chart.empty
