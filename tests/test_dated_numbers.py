"""Numbers that hold from a month on: shown where they change, changed without moving the others."""

import pandas as pd

from sopkit.collaboration.dated_numbers import by_month, changed_rows, steps

MONTHS = [pd.Period(f"2026-{number:02}", "M") for number in (1, 4, 7)]
JANUARY, APRIL, JULY = MONTHS
ROWS = [
    {"effective_from": JANUARY, "price": 4.0, "cost": 1.0},
    {"effective_from": JULY, "price": 5.0, "cost": 1.0},
]


def made(rows, answers):
    return [
        (str(one.row["effective_from"]), one.row["price"], one.row["cost"], one.is_withdrawn)
        for one in changed_rows(rows, answers)
    ]


def test_a_number_is_shown_where_it_changes_and_in_the_first_month_as_it_is():
    assert by_month(steps(ROWS, "price"), MONTHS) == {JANUARY: 4, APRIL: None, JULY: 5}
    assert by_month(steps(ROWS, "cost"), MONTHS) == {JANUARY: 1, APRIL: None, JULY: None}
    assert by_month(steps(ROWS, "price"), MONTHS[1:]) == {APRIL: 4, JULY: 5}
    assert by_month(steps(ROWS[1:], "price"), MONTHS) == {JANUARY: None, APRIL: None, JULY: 5}


def test_a_number_that_begins_makes_a_row_with_the_others_as_they_are():
    assert made(ROWS, {"price": {APRIL: 4.4}}) == [("2026-04", 4.4, 1.0, False)]


def test_later_rows_carry_a_number_on_as_far_as_its_next_one():
    assert made(ROWS, {"cost": {APRIL: 1.5}}) == [
        ("2026-04", 4.0, 1.5, False),
        ("2026-07", 5.0, 1.5, False),
    ]
    assert made(ROWS, {"cost": {APRIL: 1.5, JULY: 2.0}})[-1] == ("2026-07", 5.0, 2.0, False)


def test_a_number_taken_away_goes_on_as_before_and_withdraws_a_row_that_says_nothing_else():
    assert made(ROWS, {"price": {JULY: None}}) == [("2026-07", 5.0, 1.0, True)]
    other = [ROWS[0], ROWS[1] | {"cost": 2.0}]
    assert made(other, {"price": {JULY: None}}) == [("2026-07", 4.0, 2.0, False)]


def test_a_number_that_holds_already_makes_no_row():
    assert made(ROWS, {"price": {APRIL: 4.0}}) == []
