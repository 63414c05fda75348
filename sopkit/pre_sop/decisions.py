"""Decisions required and agendas."""

import pandas as pd
from pandas import DataFrame

from sopkit.pre_sop.evaluation import CLOSES
from sopkit.schema.formatting import currency_of, money, percent, signed_money, whole
from sopkit.schema.tables import APPROVAL, TABLES
from sopkit.tables import conform

CHAIR = "S&OP leader"
OPENING, QUESTION, DECISION, RISKS, CLOSING = 5, 5, 10, 10, 5  # minutes
MEETINGS = (
    "working group",
    "department heads",
    "executives",
)  # from the first that may settle a matter to the last
PROMISES = ("finance", "goals")  # areas of budget, cash and goals
MATERIAL = 0.01  # of the plan's margin: so much at stake is more than a working group settles


def decisions(
    gaps: DataFrame,
    gap_options: DataFrame,
    risk_impacts: DataFrame,
    financial_plan: DataFrame,
    company_settings: DataFrame | None = None,
    decision_log: DataFrame | None = None,
) -> DataFrame:
    """List a decision for each gap with evaluated options, largest first, and the approval.

    `choice` is empty until the meeting has made it: a reworked plan includes the decisions.
    `scenario` is the recommended one, empty when the plan should stay as it is.

    Returns
    -------
    decision : decision_level (which meeting), question, options, recommendation, effect, owner,
        choice, gap, scenario, margin_effect [money]
    """
    currency = currency_of(company_settings)
    rows = [
        _about(gap, gap_options[gap_options["gap"] == gap.gap], currency)
        for gap in _settled_by(gaps, gap_options, financial_plan).itertuples()
        if gap.gap in set(gap_options["gap"])
    ]
    rows.append(_approval(risk_impacts, financial_plan, currency))
    asked = conform("decisions", pd.DataFrame(rows, columns=TABLES["decisions"].columns))
    return (
        asked
        if decision_log is None
        else _with_choices(asked, decision_log, financial_plan["period"].min())
    )


def _with_choices(asked, decision_log, cycle):
    """The choices that this plan was made with, beside their questions."""
    made = decision_log[decision_log["cycle"] == cycle].set_index("decision")["choice"]
    return asked.assign(choice=asked["decision"].map(made).astype("str"))


def _about(gap, options, currency):
    """The question of one gap."""
    told = {
        "decision": f"decide-{gap.gap}",
        "decision_level": gap.decision_level,
        "question": f"{gap.statement}. {gap.question}",
        "options": "; ".join(
            ["keep the plan", *(_option(row, currency) for row in options.itertuples())]
        ),
        "owner": gap.owner,
        "gap": gap.gap,
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
        f"{row.scenario}: {row.statement} (closes {percent(row.gap_closed_ratio, 1)},"
        f" margin {signed_money(row.margin_effect, currency)})"
    )


def _effect(best, currency):
    return (
        f"Closes {percent(best['gap_closed_ratio'], 1)} of the gap;"
        f" margin {signed_money(best['margin_effect'], currency)},"
        f" revenue {signed_money(best['revenue_effect'], currency)}, highest stock"
        f" {signed_money(best['inventory_effect'], currency)},"
        f" service {100 * best['service_effect']:+.1f} points"
    )


def _size(gap, currency):
    units = f"{whole(abs(gap.gap_units))} units, " if gap.gap_units else ""
    return units + money(abs(gap.gap_value), currency)


def _approval(risk_impacts, financial_plan, currency):
    """The standing question: is this the plan?"""
    revenue, margin = (money(financial_plan[c].sum(), currency) for c in ("revenue", "margin"))
    months = financial_plan["period"].nunique()
    risks = "no risks are listed"
    if len(risk_impacts):
        expected = signed_money(risk_impacts["expected_effect"].sum(), currency)
        risks = (
            f"the {len(risk_impacts)} listed risks together are expected to change margin by "
            f"{expected}"
        )
    return {
        "decision": APPROVAL,
        "decision_level": MEETINGS[-1],
        "question": "Is this plan the one plan of the company until the next cycle?",
        "options": "approve; approve with the choices made above; send back",
        "recommendation": "Approve with the choices made above",
        "effect": f"Revenue {revenue} and margin {margin} over {months} months; {risks}",
        "owner": CHAIR,
    }


def agenda(
    gaps: DataFrame,
    gap_options: DataFrame,
    risk_impacts: DataFrame,
    financial_plan: DataFrame,
    decision_log: DataFrame | None = None,
) -> DataFrame:
    """Assign each gap to the lowest meeting that may decide it; executives approve the plan.

    Gaps to budget, cash or a goal go to the executives, and those where one per cent of the plan's
    margin is at stake and
    no way that was measured closes it. Other changes of the plan, and other questions of that size,
    are the department heads'; the rest is the working group's. Disagreements with the same
    recommended way are one topic, settled where the most severe of them is. What this cycle has
    decided is on no agenda.

    Returns
    -------
    decision_level, topic : duration_minutes, owner, question
    """
    found = _settled_by(gaps, gap_options, financial_plan)
    found = found[~found["gap"].isin(_decided(decision_log, financial_plan["period"].min()))]
    points = [
        (
            MEETINGS[-1],
            "Where the plan stands",
            OPENING,
            CHAIR,
            "What changed since the last cycle, and is it understood?",
        )
    ]
    points += [_topic(rows) for _, rows in found.groupby("settled_with", sort=False)]
    if len(risk_impacts):
        largest = risk_impacts.iloc[0]
        question = f"Which risks are hedged? The largest: {largest['statement']}"
        points.append((MEETINGS[-1], "Risks and opportunities", RISKS, largest["owner"], question))
    question = "Is this plan the one plan of the company until the next cycle?"
    points.append((MEETINGS[-1], "Approval of the plan", CLOSING, CHAIR, question))
    rows = pd.DataFrame(
        points, columns=["decision_level", "topic", "duration_minutes", "owner", "question"]
    )
    order = rows["decision_level"].map(MEETINGS.index).sort_values(kind="stable").index
    rows = rows.loc[order].reset_index(drop=True)
    place = (rows.groupby("decision_level").cumcount() + 1).astype("str")
    return conform("agenda", rows.assign(topic=place + ". " + rows["topic"]))


def _topic(rows):
    """One point of an agenda: the largest of its disagreements asks, the others are named."""
    first, others = rows.iloc[0], list(rows["gap"])
    word, minutes = ("Decision", DECISION) if rows["tried"].any() else ("Question", QUESTION)
    return (
        first["decision_level"],
        f"{word}: {', '.join(others)}",
        minutes,
        first["owner"],
        f"{first['statement']}. {first['question']}",
    )


def _settled_by(gaps, gap_options, financial_plan):
    """Add to each gap what it is settled with (its recommended scenario or itself), and the meeting
    that settles it."""
    best = gap_options[gap_options["recommended"]].set_index("gap")
    code = gaps["gap"]
    closed = code.map(best["gap_closed_ratio"]) >= CLOSES
    tried = code.isin(gap_options["gap"])
    large = gaps["gap_value"].abs() >= MATERIAL * financial_plan["margin"].abs().sum()
    highest = gaps["area"].isin(PROMISES) | (tried & large & ~closed)
    with_what = code.map(best["scenario"]).astype("str").fillna(code)
    level = (tried | large).astype("int64").where(~highest, len(MEETINGS) - 1)
    meeting = level.groupby(with_what).transform("max").map(dict(enumerate(MEETINGS)))
    return gaps.assign(settled_with=with_what, tried=tried, decision_level=meeting)


def _decided(decision_log, cycle):
    """The disagreements about which this cycle has decided."""
    if decision_log is None:
        return []
    made = decision_log.loc[decision_log["cycle"] == cycle, "decision"]
    return made.str.removeprefix("decide-")
