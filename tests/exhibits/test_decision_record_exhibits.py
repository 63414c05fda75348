"""Exhibits of decisions on record, carried on and followed up."""

import pytest
from looking import frame, table

from sopkit.reporting.exhibits import decision_record
from sopkit.tables import empty


@pytest.mark.parametrize("log", [None, empty("decision_log")])
def test_without_choices_the_log_says_so(log):
    shown = decision_record.decision_log(log)
    assert shown.table.empty
    assert shown.headline == "No choice is on record yet, of this cycle or an earlier one."


def test_the_log_tells_who_chose_what_when_and_why_the_newest_cycle_first():
    log = table(
        "decision_log",
        """cycle | decision | question | choice | author | reason | decided_on | due_on
           2026-09 | shift | ? | keep | Holm | cheap | 2026-09-14 |
           2026-10 | source | ? | valve | Chen | short | 2026-10-12 | 2026-11-15""",
    )
    shown = decision_record.decision_log(log)
    assert shown.headline == "2 choices of 2 cycles are on record."
    assert shown.table[["decision", "author", "reason"]].to_numpy().tolist() == [
        ["source", "Chen", "short"],
        ["shift", "Holm", "cheap"],
    ]


def test_effects_of_earlier_decisions_are_counted_as_far_as_a_re_run_measures_them():
    found = table(
        "decision_follow_up",
        """cycle | decision | measure | family | from_period | to_period | reference_value | plan | statement | value | measured_effect
           2026-08 | shift | quantity | tents | 2026-08 | 2026-09 | 200 | 250 | x | 240 | 30
           2026-08 | shift | margin | tents | 2026-08 | 2026-09 | 20 | 25 | x | |""",
    )
    assert decision_record.decision_follow_up(found).headline == (
        "1 earlier decision was expected to have done something by now; 1 of 2 expected effects "
        "is measured by a re-run on actual demand."
    )
    none = decision_record.decision_follow_up(found.head(0)).headline
    assert none == "No earlier decision was expected to have done anything by now."


def test_decisions_carried_on_are_counted_by_what_became_of_them():
    carried = table(
        "pending_decisions",
        """cycle | decision | scenario | start_period | pending_state | statement | owner | due_on | author | reason
           2026-08 | decide-a | dear | 2026-09 | pending | applied | Holm | 2026-08-31 | Chen | tea sells
           2026-08 | decide-b | busy | 2026-09 | contained | contained | Holm | 2026-08-31 | Chen | tea sells
           2026-09 | decide-c | calm | 2026-10 | impossible | gone | Holm | 2026-09-30 | Chen | tea sells""",
    )
    assert decision_record.pending_decisions(carried).headline == (
        "1 of 3 earlier decisions is applied to this plan: the input tables do not contain it yet; "
        "1 can no longer be applied."
    )
    assert decision_record.pending_decisions(carried.iloc[[1]]).headline == (
        "No decision of an earlier cycle has to be applied to this plan."
    )
    none = decision_record.pending_decisions(None).headline
    assert none == "No decision of an earlier cycle changes this plan."


def test_what_was_done_to_the_plan_is_told_the_newest_first_with_its_hash():
    done = frame(
        """at | who | what | revision | why | content
           2026-10-05T09:10:11 | Holm | made | 1 | | 0123456789abcdef
           2026-10-06T10:00:00 | Novak | decided a | 1 | cheap | extra-shift"""
    )
    shown = decision_record.audit_trail(done).table
    assert shown[["at", "who", "hash"]].to_numpy().tolist() == [
        ["2026-10-06 10:00", "Novak", ""],
        ["2026-10-05 09:10", "Holm", "0123456789ab"],
    ]
