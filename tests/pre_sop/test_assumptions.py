"""Options against an assumption that is valid, and from when on they may start."""

import pandas as pd
from conftest import table

from sopkit.pre_sop.assumptions import against, offered_after

LAST = pd.Period("2028-03", "M")
VALVES = table(
    "assumptions",
    """
    assumption  statement          owner  valid_from  valid_to  table    column        item
    valves      No-second-source   Silva  2026-10     2027-09   sources  supply_limit  VALVE-7
    euro        The-euro-is-stable Novak  2026-10     2028-03   -        -             -
    """,
)


def options(text):
    head = "scenario change gap table column operation amount statement item from_period to_period"
    return table("option_changes", f"{head}\n{text}")


def test_an_option_that_changes_rows_an_assumption_is_about_is_against_it():
    found = options(
        """
        second  1 g sources supply_limit multiply 1.25 More-valves VALVE-7 -       -
        fabric  1 g sources supply_limit multiply 1.25 More-fabric FABRIC  -       -
        sooner  1 g sources lead_time_days multiply 0.5 Sooner     VALVE-7 -       -
        all     1 g sources supply_limit multiply 1.25 More-of-all -       -       -
        autumn  1 g sources supply_limit multiply 1.25 Later       VALVE-7 2027-10 -
        """
    )
    assert against(found, VALVES, LAST) == {"second": "valves", "all": "valves"}


def test_an_assumption_that_names_no_table_rules_nothing_out():
    found = options("second 1 g sources supply_limit multiply 1.25 More VALVE-7 - -")
    assert against(found, VALVES.iloc[1:], LAST) == {}
    assert against(found, None, LAST) == {}


def test_an_option_may_start_after_the_assumption_has_ended():
    found = options("second 1 g sources supply_limit multiply 1.25 More-valves VALVE-7 - -")
    later = offered_after(found, VALVES, LAST)
    assert later[["scenario", "statement"]].to_numpy().tolist() == [
        ["second-from-2027-10", "More-valves, from Oct 2027 on"]
    ]
    assert str(later["from_period"].iloc[0]) == "2027-10"
    assert against(later, VALVES, LAST) == {}


def test_what_cannot_start_later_is_not_offered_again():
    """A policy has no months, and what is over in June does not start in October."""
    of_policy = VALVES.iloc[:1].assign(table="supply_policy", column=None, item=None)
    chase = table(
        "option_changes",
        """
        scenario  change  gap  table          column    operation  setting  statement  family
        optimal   1       g    supply_policy  strategy  set        optimal  Plan       stoves
        """,
    )
    assert against(chase, of_policy, LAST) == {"optimal": "valves"}
    assert offered_after(chase, of_policy, LAST).empty
    june = options("second 1 g sources supply_limit multiply 1.25 More VALVE-7 2027-01 2027-06")
    assert offered_after(june, VALVES, LAST).empty
