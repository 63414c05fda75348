"""Goals and targets of measures, dimensions and items that do not exist."""

from conftest import said, table

from sopkit.data_quality import target_checks as checks

GOALS = "goal measure dimension item from_period to_period target direction horizon owner\n"


def goal(row):
    return table("goals", GOALS + row + " 2026-10 2026-12 1 at_most strategic Ann")


def test_a_goal_of_an_unknown_measure_is_refused_and_the_known_are_named():
    text = said(checks.goals_of_unknown_measures(goal("green co2 - -")))
    assert text.startswith("goals: measure must be one of ")
    assert "fill_rate" in text
    assert "; 1 of 1 rows is not:\n  row 1  goal=green  measure=co2\n" in text


def test_a_goal_names_a_dimension_that_its_measure_has_and_an_item_of_it():
    text = said(checks.goals_of_a_strange_dimension(goal("floor cash family tents")))
    assert "row 1  goal=floor  dimension=family" in text
    assert "cash has no dimension: leave dimension and item empty." in text
    text = said(checks.goals_of_a_strange_dimension(goal("sell revenue - tents")))
    assert "dimension and item must both be given; 1 of 1 rows is not" in text
    assert not said(checks.goals_of_a_strange_dimension(goal("sell revenue family tents")))
