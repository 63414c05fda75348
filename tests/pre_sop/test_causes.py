"""One cause, one decision; the options of each decision, and what is recommended of them."""

import pandas as pd
from conftest import table
from resting import BASE, beside, gaps, late_tents, nothing, replanned

from sopkit import scenarios
from sopkit.pre_sop import causes, decision_options, evaluation
from sopkit.tables import conform

OVERTIME = "resource_calendar overtime_hours_per_worker"
MOVES = table(
    "option_changes",
    f"""
    scenario  change  gap                     table          column                     operation  amount  setting  statement  resource  family  product
    hours     1       unserved-tents-2027-05  {OVERTIME}                                add        40      -        More-hours CELL      -       -
    few       1       unserved-tents-2027-05  {OVERTIME}                                add        10      -        Few-hours  CELL      -       -
    launch    1       unserved-tents-2027-05  launches       launch_period              add        1       -        Later      -         -       TENT-2
    chase     1       policy-stoves           supply_policy  strategy                   set        -       chase    Chase      -         stoves  -
    """,
)


def tried(**best):
    """The search's list of the moves, of which some are the best combination."""
    rows = MOVES[["scenario", "gap", "statement"]].assign(
        moves=1, outcome="planned", allowed=True, best=[name in best for name in MOVES["scenario"]]
    )
    return conform("tried_options", rows)


def results(**served):
    """What the moves make of 40 late tents: how many are served, and what they do to the margin."""
    parts = []
    for scenario, (units, margin) in served.items():
        changes = pd.DataFrame({"column": ["overtime_hours_per_worker"], "amount": [units]})
        plan = replanned(changes)
        money = plan["financial_plan"]
        money.loc[0, "margin"] += 10 * units + margin
        made = {**BASE, **plan, "financial_plan": money}
        places = pd.Series(["unserved-tents"])
        rows = pd.concat([scenarios.figures(made), evaluation.gap_results(made, places)])
        parts.append(rows.assign(scenario=scenario))
    return conform("option_results", pd.concat(parts))


NAMED = table(
    "products", "product family unit_of_measure description\nTENT-2 tents piece Dome-tent"
)
LATE = gaps(constrained_demand=late_tents(may=40))
SERVED = {"hours": (40, 50), "few": (10, 5), "launch": (40, -900), "chase": (0, 300)}


def of_causes(lifted=None, best=(), **served):
    worth = nothing("limit_worth") if lifted is None else lifted
    return causes.gap_causes(
        LATE,
        MOVES,
        results(**{**SERVED, **served}),
        beside(None),
        tried(**dict.fromkeys(best)),
        worth,
        NAMED,
    )


def test_the_cause_is_the_limit_whose_lifting_closes_most_of_the_gap():
    """The launch closes it too, but moving it lifts no limit."""
    row = of_causes().iloc[0]
    assert (row["decision"], row["cause"]) == ("decide-capacity-CELL", "capacity of CELL")
    assert row["gap_closed_ratio"] == 1
    assert row["origin"] == "gap"


def test_a_gap_that_no_limit_closes_by_half_is_its_own_cause():
    row = of_causes(hours=(10, 50)).iloc[0]
    assert row["decision"] == "decide-unserved-tents"
    assert row["gap_closed_ratio"] == 0


def test_of_limits_that_close_as_much_the_one_that_adds_most_is_the_cause():
    """The chase strategy serves the tents too, and earns 300."""
    row = of_causes(chase=(40, 300)).iloc[0]
    assert (row["decision"], row["cause"]) == (
        "decide-supply-policy-stoves", "supply policy of stoves",
    )  # fmt: skip


def test_a_limit_that_no_option_lifts_is_the_cause_where_lifting_it_wholly_closes_the_gap():
    lifted = table(
        "limit_worth",
        """
        constraint   item  one_unit_effect  whole_effect  scenario
        max-workers  CELL  1                9             free
        """,
    ).assign(constraint="max workers")
    row = of_causes(lifted, hours=(10, 50), free=(40, 9)).iloc[0]
    assert row["decision"] == "decide-capacity-CELL"


def test_a_product_whose_limit_is_the_cause_is_named_beside_its_code():
    lifted = table(
        "limit_worth",
        """
        constraint         item    one_unit_effect  whole_effect  scenario
        subcontract-limit  TENT-2  1                9             free
        """,
    ).assign(constraint="subcontract limit")
    row = of_causes(lifted, hours=(10, 50), free=(40, 9)).iloc[0]
    assert row["decision"] == "decide-subcontracting-TENT-2"
    assert row["cause"] == "subcontracting limit of Dome-tent (TENT-2)"


def test_a_policy_that_costs_more_than_it_brings_is_a_decision_of_its_own():
    rows = of_causes()
    assert rows["decision"].tolist() == ["decide-capacity-CELL", "decide-supply-policy-stoves"]
    assert rows["origin"].tolist() == ["gap", "policy"]
    assert rows["statement"].iloc[1] == "The supply policy of stoves costs more than it brings"


def test_a_policy_that_costs_next_to_nothing_is_left():
    assert of_causes(chase=(0, 10))["decision"].tolist() == ["decide-capacity-CELL"]


def ways(best=(), policy=None, **served):
    found = results(**{**SERVED, **served})
    known = tried(**dict.fromkeys(best))
    of_gaps = of_causes(best=best, **served)
    measured = evaluation.gap_options(LATE, MOVES, beside(None), found)
    return decision_options.decision_options(of_gaps, measured, MOVES, known, policy)


def test_what_the_best_combination_does_about_a_decision_is_recommended():
    rows = ways(best=["hours", "chase"])
    chosen = rows[rows["recommended"]].set_index("decision")["scenario"].to_dict()
    assert chosen == {"decide-capacity-CELL": "hours", "decide-supply-policy-stoves": "chase"}
    assert rows[rows["decision"] == "decide-capacity-CELL"]["scenario"].tolist() == [
        "hours", "few", "launch",
    ]  # fmt: skip


def test_no_two_decisions_share_cause_and_option():
    rows = ways(best=["hours", "chase"], chase=(20, 300))
    assert not rows.duplicated(["decision", "scenario"]).any()
    assert rows[rows["recommended"]]["scenario"].is_unique


def test_the_written_reason_of_a_policy_is_beside_the_option_that_overturns_it():
    policy = table(
        "supply_policy", "family strategy author reason\nstoves level Weiss Crews-are-kept"
    )
    rows = ways(best=["chase"], policy=policy).set_index("scenario")
    assert rows.loc["chase", "note"] == "the policy's reason: Crews-are-kept (Weiss)"
    assert pd.isna(rows.loc["hours", "note"])


def test_options_are_compared_like_for_like():
    row = ways().set_index("scenario").loc["few"]
    assert row["margin_effect"] == 5  # 10 hours cost 100, and the plan earns 105 more
    assert row["service_effect"] > 0
    assert row[["closing_inventory_effect", "backlog_effect", "headcount_effect"]].tolist() == [
        0,
        0,
        0,
    ]
