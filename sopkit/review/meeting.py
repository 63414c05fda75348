"""What the executives are asked, and in which order."""

import pandas as pd

from sopkit.review.wording import amount, change, currency_of
from sopkit.tables import conform
from sopkit.vocabulary import TABLES

APPROVAL = "approve-plan"
CHAIR = "S&OP leader"
OPENING, DECISION, RISKS, CLOSING = 5, 10, 10, 5  # minutes


def decisions(gaps, strategies, risk_scenarios, financial_plan, terms=None, decision_log=None):
    """Ask one question for each gap that scenarios were measured for, the largest first, and then for approval.

    `choice` is empty until the meeting has made it: a reworked plan is made with choices, which stand. `scenario` is the
    recommended one, empty when the plan should stay as it is.

    Returns
    -------
    decision : question, options, recommendation, effect, owner, choice, disagreement, scenario, margin_effect [money]
    """
    currency = currency_of(terms)
    rows = [
        _about(gap, strategies[strategies["disagreement"] == gap.disagreement], currency)
        for gap in gaps.itertuples()
        if gap.disagreement in set(strategies["disagreement"])
    ]
    rows.append(_approval(risk_scenarios, financial_plan, currency))
    asked = conform("decisions", pd.DataFrame(rows, columns=TABLES["decisions"].columns))
    return (
        asked if decision_log is None else _with_choices(asked, decision_log, financial_plan["period"].min())
    )


def _with_choices(asked, decision_log, cycle):
    """The choices that this plan was made with, beside their questions."""
    made = decision_log[decision_log["cycle"] == cycle].set_index("decision")["choice"]
    return asked.assign(choice=asked["decision"].map(made).astype("str"))


def _about(gap, options, currency):
    """The question of one gap."""
    told = {
        "decision": f"decide-{gap.disagreement}",
        "question": f"{gap.statement}. {gap.question}",
        "options": "; ".join(["keep the plan", *(_option(row, currency) for row in options.itertuples())]),
        "owner": gap.owner,
        "disagreement": gap.disagreement,
    }
    chosen = options[options["recommended"]]
    if chosen.empty:
        return {
            **told,
            "recommendation": "Keep the plan: no option can be recommended by its figures alone",
            "effect": f"The gap of {_size(gap, currency)} stays",
            "margin_effect": 0.0,
        }
    best = chosen.iloc[0]
    return {
        **told,
        "recommendation": best["statement"],
        "effect": _effect(best, currency),
        "scenario": best["scenario"],
        "margin_effect": best["margin_effect"],
    }


def _option(row, currency):
    return (
        f"{row.scenario}: {row.statement} (closes {amount(row.gap_closed_ratio, 'ratio')},"
        f" margin {change(row.margin_effect, currency)})"
    )


def _effect(best, currency):
    return (
        f"Closes {amount(best['gap_closed_ratio'], 'ratio')} of the gap;"
        f" margin {change(best['margin_effect'], currency)},"
        f" revenue {change(best['revenue_effect'], currency)}, highest stock"
        f" {change(best['inventory_effect'], currency)}, service {100 * best['service_effect']:+.1f} points"
    )


def _size(gap, currency):
    units = f"{amount(abs(gap.gap_units))} units, " if gap.gap_units else ""
    return units + amount(abs(gap.gap_value), "money", currency)


def _approval(risk_scenarios, financial_plan, currency):
    """The standing question: is this the plan?"""
    revenue, margin = (amount(financial_plan[c].sum(), "money", currency) for c in ("revenue", "margin"))
    months = financial_plan["period"].nunique()
    risks = "no risks are listed"
    if len(risk_scenarios):
        expected = change(risk_scenarios["expected_effect"].sum(), currency)
        risks = f"the {len(risk_scenarios)} listed risks together are expected to change margin by {expected}"
    return {
        "decision": APPROVAL,
        "question": "Is this plan the one plan of the company until the next cycle?",
        "options": "approve; approve with the choices made above; send back",
        "recommendation": "Approve with the choices made above",
        "effect": f"Revenue {revenue} and margin {margin} over {months} months; {risks}",
        "owner": CHAIR,
    }


def agenda(decisions, risk_scenarios):
    """Set the meeting's points: where the plan stands, the decisions, the risks, the approval.

    Returns
    -------
    topic : minutes, owner, question
    """
    standing = decisions["decision"] == APPROVAL
    points = [
        ("Where the plan stands", OPENING, CHAIR, "What changed since the last cycle, and is it understood?")
    ]
    points += [
        (f"Decision: {d.decision.removeprefix('decide-')}", DECISION, d.owner, d.question)
        for d in decisions[~standing].itertuples()
    ]
    if len(risk_scenarios):
        largest = risk_scenarios.iloc[0]
        question = f"Which risks are hedged? The largest: {largest['statement']}"
        points.append(("Risks and opportunities", RISKS, largest["owner"], question))
    points += [
        ("Approval of the plan", CLOSING, d.owner, d.question) for d in decisions[standing].itertuples()
    ]
    topics = [(f"{number}. {topic}", *rest) for number, (topic, *rest) in enumerate(points, start=1)]
    return conform("agenda", pd.DataFrame(topics, columns=["topic", "minutes", "owner", "question"]))
