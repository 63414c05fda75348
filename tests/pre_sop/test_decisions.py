"""What is asked of the executives, and which meeting settles what."""

import pandas as pd
from conftest import table
from resting import BASE, DEFINED, RISKS, TERMS, beside, gaps, idea, measured, nothing, with_cells

from sopkit.pre_sop import decisions, evaluation


def asked(*ideas, **tables):
    found = gaps(constrained_demand=BASE["constrained_demand"], **tables)
    risks = evaluation.risk_impacts(beside(DEFINED), RISKS)
    return decisions.decisions(
        found, measured(*ideas, **tables), risks, BASE["financial_plan"], TERMS
    )


def test_each_gap_with_options_is_a_question_and_approval_stands_last():
    dear = with_cells("unit_economics", {"product": "TENT-2"}, backlog_cost=12.0)
    rows = asked(idea("thirty-six", 36.0), unit_economics=dear)
    assert rows["decision"].tolist() == ["decide-unserved-tents-2027-05", "approve-plan"]
    assert rows["choice"].isna().all()
    first = rows.iloc[0]
    assert first["recommendation"] == "thirty-six"
    assert first["scenario"] == "thirty-six"
    assert first["margin_effect"] == -360
    assert "closes 90.0 %, margin EUR -360" in first["options"]


def test_where_no_option_pays_the_plan_is_kept_and_the_gap_named():
    first = asked(idea("sixteen", 16.0)).iloc[0]
    assert (
        first["recommendation"]
        == "Keep the plan: no option can be recommended by its figures alone"
    )
    assert first["effect"] == "The gap of 40 units, EUR 200 stays"
    assert pd.isna(first["scenario"])


def test_a_plan_without_gaps_asks_only_for_approval():
    rows = decisions.decisions(
        gaps(), nothing("gap_options"), nothing("risk_impacts"), BASE["financial_plan"]
    )
    assert rows["decision"].tolist() == ["approve-plan"]
    assert (
        rows["effect"].iloc[0]
        == "Revenue 60,000 and margin 27,000 over 3 months; no risks are listed"
    )


def agenda(*ideas, log=None, **tables):
    found = gaps(constrained_demand=BASE["constrained_demand"], **tables)
    risks = evaluation.risk_impacts(beside(DEFINED), RISKS)
    ways = measured(*ideas, **tables) if ideas else nothing("gap_options")
    return decisions.agenda(found, ways, risks, BASE["financial_plan"], log)


def topics(rows, meeting):
    return rows.loc[rows["decision_level"] == meeting, "topic"].tolist()


OWN = ["1. Where the plan stands", "2. Risks and opportunities", "3. Approval of the plan"]


def test_a_small_question_that_changes_nothing_is_the_working_groups():
    """40 late tents are worth 200, less than one per cent of a margin of 27,000."""
    rows = agenda()
    assert topics(rows, "working group") == ["1. Question: unserved-tents-2027-05"]
    assert topics(rows, "executives") == OWN
    assert rows["duration_minutes"].tolist() == [5, 5, 10, 5]


def test_a_change_of_the_plan_is_the_department_heads():
    rows = agenda(idea("sixteen", 16.0))
    assert topics(rows, "department heads") == ["1. Decision: unserved-tents-2027-05"]
    assert topics(rows, "working group") == []
    assert topics(rows, "executives") == OWN


def settled(*rows):
    """The meetings that settle gaps of (code, whose, money, scenario recommended, share that it closes)."""
    columns = ["gap", "area", "gap_value", "scenario", "gap_closed_ratio"]
    found = pd.DataFrame(rows, columns=columns).assign(
        owner="Holm", statement="It is late", question="Why?"
    )
    ways = found.dropna(subset="scenario").assign(recommended=True)
    rows = decisions.agenda(found, ways, nothing("risk_impacts"), BASE["financial_plan"])
    return {
        row.topic.split(": ")[1]: row.decision_level
        for row in rows.itertuples()
        if ": " in row.topic
    }


def test_what_breaks_a_promise_or_is_large_and_stays_open_is_the_executives():
    found = settled(
        ("budget", "finance", -5.0, None, None),
        ("large-open", "supply", -280.0, "shift", 0.5),
        ("large-closed", "supply", -280.0, "source", 1.0),
        ("large-view", "demand", -280.0, None, None),
        ("small-open", "supply", -200.0, "hours", 0.5),
    )
    assert found == {
        "budget": "executives", "large-open": "executives", "large-closed": "department heads",
        "large-view": "department heads", "small-open": "department heads",
    }  # fmt: skip


def test_disagreements_with_the_same_answer_are_one_topic_of_the_higher_meeting():
    found = settled(
        ("large-open", "supply", -280.0, "shift", 0.5),
        ("small-closed", "supply", -20.0, "shift", 1.0),
    )
    assert found == {"large-open, small-closed": "executives"}


def test_what_this_cycle_has_decided_is_on_no_agenda():
    cycle = BASE["financial_plan"]["period"].min()
    log = table("decision_log", "cycle decision question choice author reason decided_on\n"
                f"{cycle} decide-unserved-tents-2027-05 ? keep Holm cheap 2027-03-02")  # fmt: skip
    rows = agenda(idea("sixteen", 16.0), log=log)
    assert rows["decision_level"].unique().tolist() == ["executives"]
    older = agenda(idea("sixteen", 16.0), log=log.assign(cycle=cycle - 1))
    assert topics(older, "department heads") == ["1. Decision: unserved-tents-2027-05"]


def test_a_decision_says_which_meeting_settles_it():
    rows = asked(idea("sixteen", 16.0))
    assert rows["decision_level"].tolist() == ["department heads", "executives"]
