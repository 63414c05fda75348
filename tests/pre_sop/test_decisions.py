"""What is asked of the executives, and which meeting takes what."""

import pandas as pd
import pytest
from conftest import table
from deciding import causes, decided, found, on_the_agenda, options
from resting import BASE, DEFINED, RISKS, beside, nothing

from sopkit.pre_sop import evaluation
from sopkit.pre_sop.ruled_out import SUPPOSED

LINE = "decide-capacity-CELL"
GAPS = found(
    """
    gap                  area    gap_value
    capacity-CELL-2027-04  supply  -900
    unserved-tents-2027-05 supply  -300
    cover-tents            supply  -20
    """
)
CAUSES = causes(
    f"""
    gap                    decision            origin  cause
    capacity-CELL-2027-04  {LINE}              gap     capacity_of_CELL
    unserved-tents-2027-05 {LINE}              gap     capacity_of_CELL
    cover-tents            decide-cover-tents  gap     cover-tents-is-open
    """
)
WAYS = options(
    f"""
    decision  scenario  margin_effect  recommended
    {LINE}    shift     400            true
    {LINE}    overtime  -20            false
    """
)


def test_gaps_with_one_cause_are_one_question_whose_code_comes_from_the_cause():
    rows = decided(GAPS, CAUSES, WAYS)
    assert rows["decision"].tolist() == [LINE, "approve-plan"]
    first = rows.iloc[0]
    assert first["question"] == (
        "The capacity of CELL causes 2 gaps: capacity-CELL-2027-04-is-open; "
        "unserved-tents-2027-05-is-open. Why?"
    )
    assert (first["gap"], first["at_stake"]) == ("capacity-CELL-2027-04", 900)
    assert (first["scenario"], first["margin_effect"]) == ("shift", 400)
    assert first["options"] == (
        "keep the plan; shift: do-shift (closes 50.0 %, margin EUR +400);"
        " overtime: do-overtime (closes 50.0 %, margin EUR -20)"
    )
    assert first["effect"] == "Closes 50.0 % of the gap; margin EUR +400"  # nothing else changes


def test_the_code_of_a_decision_survives_another_first_month():
    """The gap begins a month later in the next run; the decision on its cause is the same one."""
    later = GAPS.assign(gap=GAPS["gap"].str.replace("2027-04", "2027-05"))
    of_later = CAUSES.assign(gap=CAUSES["gap"].str.replace("2027-04", "2027-05"))
    assert decided(later, of_later, WAYS)["decision"].tolist() == [LINE, "approve-plan"]


def test_where_nothing_is_recommended_the_plan_is_kept_and_the_gap_named():
    costly = WAYS.assign(recommended=False, margin_effect=-20.0)
    first = decided(GAPS, CAUSES, costly).iloc[0]
    assert first["recommendation"] == ("Keep the plan: no option adds to the margin")
    assert first["effect"] == "Gap remains: EUR 900"


def test_what_an_option_would_add_alone_is_said_where_it_is_not_recommended():
    first = decided(GAPS, CAUSES, WAYS.assign(recommended=False)).iloc[0]
    assert first["recommendation"] == (
        "Keep the plan: do-shift (EUR +400 margin) on its own, but too little beside the recommended "
        "options or against a binding goal"
    )


REASONS = {
    SUPPOSED: "do-shift (EUR +400 margin) depends on the reaction of customers or suppliers: decide "
    "on judgement",
    "no-strike": "do-shift (EUR +400 margin) contradicts the assumption “No strike”",
    None: "do-shift (EUR +400 margin) breaks a binding goal",
}


@pytest.mark.parametrize("note", list(REASONS))
def test_what_would_add_to_the_margin_and_is_ruled_out_is_named_with_its_reason(note):
    barred = WAYS.assign(recommended=False, allowed=False, note=note)
    known = pd.DataFrame({"assumption": ["no-strike"], "statement": ["No strike."]})
    first = decided(GAPS, CAUSES, barred, assumptions=known).iloc[0]
    said = REASONS[note]
    assert first["recommendation"] == f"No option recommended. {said[:1].upper()}{said[1:]}"


def test_options_that_one_reason_rules_out_are_named_together():
    barred = WAYS.assign(recommended=False, allowed=False, note=SUPPOSED, margin_effect=[400, 300])
    first = decided(GAPS, CAUSES, barred).iloc[0]
    assert first["recommendation"] == (
        "No option recommended. Do-shift (EUR +400 margin) and do-overtime (EUR +300 margin) depend "
        "on the reaction of customers or suppliers: decide on judgement"
    )


def test_an_option_that_another_decision_recommends_says_which_and_who_takes_it():
    ways = options(
        f"""
        decision           scenario  margin_effect  recommended
        {LINE}             shift     20             false
        decide-cover-tents shift     20             true
        """
    )
    first = decided(GAPS, CAUSES, ways).set_index("decision").loc[LINE]
    assert first["recommendation"] == (
        "No further option recommended; decided by the department heads with "
        "“cover-tents-is-open”: do-shift (EUR +20 margin)"
    )


def test_a_policy_that_overturns_a_row_is_recommended_with_its_reason():
    reasoned = WAYS.assign(note="the policy's reason: crews are flexible (Weiss)")
    first = decided(GAPS, CAUSES, reasoned).iloc[0]
    assert first["recommendation"] == ("do-shift (the policy's reason: crews are flexible (Weiss))")


def test_a_costly_policy_without_a_gap_is_asked_for_itself():
    of_policy = causes(
        """
        gap                          decision                     origin  cause
        policy-supply-policy-stoves  decide-supply-policy-stoves  policy  supply_policy_of_stoves
        """
    )
    ways = options(
        """
        decision                     scenario  margin_effect  recommended
        decide-supply-policy-stoves  optimal   400            true
        """
    )
    first = decided(nothing("gaps"), of_policy, ways).iloc[0]
    assert first["question"] == "The supply policy of stoves costs more than it earns. Keep it?"
    assert (first["origin"], first["at_stake"], first["decision_level"]) == (
        "policy", 400, "executives",
    )  # fmt: skip


def test_a_plan_without_gaps_asks_only_for_approval():
    rows = decided(nothing("gaps"), nothing("gap_causes"), nothing("decision_options"))
    assert rows["decision"].tolist() == ["approve-plan"]
    assert rows["effect"].iloc[0] == (
        "Revenue EUR 60 k and margin EUR 27 k over 3 months; no risks are listed"
    )
    assert (rows.iloc[0]["options"], rows.iloc[0]["recommendation"]) == (
        "approve; reject",
        "Approve",
    )


# -------------------------------------------------------------------------------------------------
# which meeting takes it


def topics(rows, meeting):
    return rows.loc[rows["decision_level"] == meeting, "topic"].tolist()


OWN = ["1. Status of the plan", "2. Approval of the plan"]


def test_a_large_decision_is_the_executives_and_a_small_question_the_working_groups():
    """Half a per cent of a margin of 27,000 is 135: 900 are at stake on the line, 20 in the cover."""
    rows = on_the_agenda(GAPS, CAUSES, WAYS)
    assert topics(rows, "executives") == [
        "1. Status of the plan",
        "2. Decision: capacity-CELL-2027-04, unserved-tents-2027-05",
        "3. Approval of the plan",
    ]
    assert topics(rows, "working group") == ["1. Question: cover-tents"]


def test_a_small_decision_that_changes_the_plan_is_the_department_heads():
    small = GAPS.assign(gap_value=-100.0)
    rows = on_the_agenda(small, CAUSES, WAYS.assign(recommended=False, margin_effect=-20.0))
    assert topics(rows, "department heads") == [
        "1. Decision: capacity-CELL-2027-04, unserved-tents-2027-05"
    ]
    assert topics(rows, "executives") == OWN


def test_the_company_says_from_which_share_of_the_margin_on_the_executives_decide():
    delegated = table(
        "gap_thresholds",
        """
        gap_type  threshold        value  owner  reason
        capacity  executives_from  0.1    Novak  delegated
        unserved  executives_from  0.1    Novak  delegated
        """,
    )
    rows = on_the_agenda(GAPS, CAUSES, WAYS, gap_thresholds=delegated)
    assert topics(rows, "executives") == OWN
    rows = decided(GAPS, CAUSES, WAYS, gap_thresholds=delegated)
    assert rows["decision_level"].tolist() == ["department heads", "executives"]


def test_a_missed_goal_is_the_executives_whatever_is_at_stake():
    goal = found("gap area gap_value\ngoal-lean goals 1")
    of_goal = causes("gap decision origin cause\ngoal-lean decide-goal-lean gap goal-lean-is-open")
    rows = on_the_agenda(goal, of_goal, nothing("decision_options"))
    assert "2. Question: goal-lean" in topics(rows, "executives")


def test_at_most_seven_decisions_reach_the_executives():
    names = [f"unserved-f{n}-2027-04" for n in range(9)]
    many = found(
        "gap area gap_value\n"
        + "\n".join(f"{name} supply -{900 - n}" for n, name in enumerate(names))
    )
    of_many = causes("gap decision origin cause\n" + "\n".join(
        f"{name} decide-{n} gap cause-{n}" for n, name in enumerate(names)))  # fmt: skip
    ways = options("decision scenario margin_effect recommended\n" + "\n".join(
        f"decide-{n} option-{n} 1 false" for n in range(9)))  # fmt: skip
    rows = decided(many, of_many, ways)
    taken = rows[rows["decision_level"] == "executives"]["decision"].tolist()
    assert taken == [*(f"decide-{n}" for n in range(7)), "approve-plan"]
    left = rows[rows["decision_level"] == "department heads"]
    assert left["decision"].tolist() == ["decide-7", "decide-8"]
    assert left["owner"].tolist() == ["Holm", "Holm"]


def test_what_this_cycle_has_decided_is_on_no_agenda():
    cycle = BASE["financial_plan"]["period"].min()
    log = table("decision_log", "cycle decision question choice author reason decided_on\n"
                f"{cycle} {LINE} ? keep Holm cheap 2027-03-02")  # fmt: skip
    assert topics(on_the_agenda(GAPS, CAUSES, WAYS, decision_log=log), "executives") == OWN
    older = on_the_agenda(GAPS, CAUSES, WAYS, decision_log=log.assign(cycle=cycle - 1))
    assert len(topics(older, "executives")) == 3
    assert decided(GAPS, CAUSES, WAYS, decision_log=log)["choice"].iloc[0] == "keep"


def test_the_largest_risk_is_asked_for():
    risks = evaluation.risk_impacts(beside(DEFINED), RISKS)
    rows = on_the_agenda(GAPS, CAUSES, WAYS, risk_impacts=risks)
    assert "3. Risks and opportunities" in topics(rows, "executives")


def test_an_opportunity_is_never_asked_for_as_the_largest_risk():
    impacts = evaluation.risk_impacts(beside(DEFINED), RISKS)
    impacts = impacts.sort_values("expected_effect", ascending=False)
    asked = on_the_agenda(GAPS, CAUSES, WAYS, risk_impacts=impacts)["question"]
    largest = impacts.loc[impacts["expected_effect"].idxmin(), "statement"]
    assert f"Which risks are mitigated? The largest: {largest}" in set(asked)
    chances = impacts[impacts["expected_effect"] > 0]
    if len(chances):
        asked = on_the_agenda(GAPS, CAUSES, WAYS, risk_impacts=chances)["question"]
        first = chances["statement"].iloc[0]
        assert f"Which opportunities are pursued? The largest: {first}" in set(asked)


def test_of_several_moves_each_effect_is_told_on_its_own_and_only_what_changes():
    moves = options(
        f"""
        decision  scenario  margin_effect  recommended
        {LINE}    shift     429087         true
        {LINE}    no-sale   74000          true
        """
    )
    changed = {"cash_effect": -418_610.0, "inventory_effect": 0.2, "headcount_effect": 3.59}
    moves.loc[0, [*changed, "service_effect"]] = [*changed.values(), 0.006]
    assert decided(GAPS, CAUSES, moves)["effect"].iloc[0] == (
        "Each on its own: do-shift: closes 50.0 % of the gap; margin EUR +429 k, lowest cash "
        "EUR -419 k, headcount +4, fill rate +0.6 points; do-no-sale: margin EUR +74 k"
    )


def test_layoffs_are_a_decision_of_the_executives_though_nothing_else_was_found():
    people = found("gap area gap_value\nlayoffs-CELL supply -5")
    chosen = causes(
        "gap decision origin cause\nlayoffs-CELL decide-layoffs-CELL gap layoffs-CELL-is-open"
    ).assign(origin="plan choice")
    rows = decided(people, chosen, nothing("decision_options"))
    assert rows["decision"].tolist() == ["decide-layoffs-CELL", "approve-plan"]
    assert rows["decision_level"].tolist() == ["executives", "executives"]
    assert rows["options"].iloc[0] == "keep the plan"
