"""Decisions required, each with its options and what is recommended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit.pre_sop.asked import MEETINGS, asked
from sopkit.pre_sop.ruled_out import SUPPOSED, statements_of, why
from sopkit.schema.formatting import (
    capitalised,
    closing,
    currency_of,
    money,
    number,
    percent,
    signed_money,
    whole,
    within_sentence,
)
from sopkit.schema.tables import APPROVAL, TABLES
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import conform

CHAIR = "S&OP leader"
KEEP = "Keep the plan: "
UNKNOWN = "unknown"  # a margin without costs
NO_COSTS = "not known, because no costs are given"
NAMED = 2  # gaps of one cause, and options of one reason, in a sentence
APPROVE = "Approve the plan for this cycle?"
SIDES = {  # effects in money that stand beside the margin, where there are any
    "revenue_effect": "revenue",
    "cash_effect": "lowest cash",
    "inventory_effect": "peak inventory",
    "closing_inventory_effect": "closing inventory",
}


@dataclass(frozen=True)
class PlanInputs:
    """What decisions say of the plan, and what was decided before."""

    financial_plan: DataFrame
    risk_impacts: DataFrame
    company_settings: DataFrame | None = None
    decision_log: DataFrame | None = None
    gap_thresholds: DataFrame | None = None
    assumptions: DataFrame | None = None


def decisions(
    gaps: DataFrame,
    gap_causes: DataFrame,
    decision_options: DataFrame,
    tried_options: DataFrame,
    gap_options: DataFrame,
    plan: PlanInputs,
) -> DataFrame:
    """List a decision for each cause, largest first, and the approval.

    A gap without options is a question of the agenda and no decision; what the plan chooses by
    itself is a decision whether there are options or not.

    Gaps with one cause are one decision, whose code comes from the cause. `choice` is empty until
    the meeting has made it: a reworked plan includes the decisions. `scenario` is the recommended
    one, empty when the plan should stay as it is.

    Returns
    -------
    decision : decision_level (which meeting), question, options, recommendation, effect, owner,
        choice, gap (the largest), scenario, margin_effect [money], origin, cause, at_stake [money]
    """
    currency = currency_of(plan.company_settings)
    known = gaps.set_index("gap")
    found = asked(gaps, gap_causes, decision_options, plan.financial_plan, plan.gap_thresholds)
    places = _decided_with(decision_options, found, set(gaps["statement"]))
    terms = _Terms(places, statements_of(plan.assumptions), currency)
    rows = [
        _about(one, known, decision_options[decision_options["decision"] == one.decision], terms)
        for one in found[found["tried"] | (found["origin"] != "gap")].itertuples()
    ]
    together = _together(tried_options, gap_options, currency)
    above = any(row["decision_level"] == MEETINGS[-1] for row in rows)
    rows.append(_approval(plan.risk_impacts, plan.financial_plan, above, together, currency))
    told = conform("decisions", pd.DataFrame(rows, columns=TABLES["decisions"].columns))
    if plan.decision_log is None:
        return told
    cycle = plan.financial_plan["period"].min()
    made = plan.decision_log[plan.decision_log["cycle"] == cycle].set_index("decision")["choice"]
    return told.assign(choice=told["decision"].map(made).astype("str"))


class _Terms(NamedTuple):
    """What the wording of every decision needs."""

    decided_with: Mapping[str, str]  # recommended option: where it is decided
    statements: Mapping[str, str]  # assumption: what it says
    currency: str


def _decided_with(decision_options, found, statements):
    """Where each recommended option is decided: the cause, and the meeting unless the highest; a
    gap that is its own cause is quoted."""
    chosen = decision_options[decision_options["recommended"]]
    at = found.set_index("decision")
    places = {}
    for scenario, decision in zip(chosen["scenario"], chosen["decision"], strict=True):
        cause, meeting = at.loc[decision, ["cause", "decision_level"]]
        below = f" by the {meeting}" if meeting != MEETINGS[-1] else ""
        named = f"“{cause}”" if cause in statements else f"the {cause}"
        places[scenario] = f"decided{below} with {named}"
    return places


def _about(one, gaps, options, terms):
    """The question of one cause, and what is recommended for it."""
    currency = terms.currency
    own = gaps.loc[[gap for gap in one.gaps if gap in gaps.index]]
    said = {
        "decision": one.decision,
        "decision_level": one.decision_level,
        "question": question_of(one, own),
        "options": "; ".join(
            ["keep the plan", *(_option(row, currency) for row in options.itertuples())]
        ),
        "owner": own["owner"].iloc[0] if len(own) else CHAIR,
        "gap": one.gap,
        "origin": one.origin,
        "cause": one.cause,
        "at_stake": one.at_stake,
    }
    chosen = options[options["recommended"]]
    if chosen.empty:
        nothing = {
            "recommendation": _kept(options, terms),
            "effect": _stays(own, currency),
        }
        return {**said, **nothing, "margin_effect": 0.0}
    best = chosen.iloc[0]
    parts = [
        row.statement if pd.isna(row.note) else f"{row.statement} ({row.note})"
        for row in chosen.itertuples()
    ]
    return {
        **said,
        "recommendation": "; ".join([parts[0], *map(within_sentence, parts[1:])]),
        "effect": _effects(chosen, currency),
        "scenario": best["scenario"],
        "margin_effect": best["margin_effect"],
    }


def _kept(options, terms):
    """Why nothing is recommended for this cause, and what its options would add."""
    adds = options[options["margin_effect"] > 0].sort_values("margin_effect", ascending=False)
    alone = adds[adds["allowed"]]
    if options.empty:
        return f"{KEEP}no option is known"
    if options["margin_effect"].isna().all():
        return f"No option recommended: effects on margin are {NO_COSTS}"
    if adds.empty:
        return f"{KEEP}no option adds to the margin"
    if alone.empty:
        reasons = _ruled_out(adds, terms)
        return "No option recommended. " + "; ".join(capitalised(one) for one in reasons)
    best = alone.iloc[0]
    if best["scenario"] in terms.decided_with:
        place = terms.decided_with[best["scenario"]]
        return f"No further option recommended; {place}: {_named(best, terms.currency)}"
    return (
        f"{KEEP}{_named(best, terms.currency)} on its own, but too little beside the recommended "
        "options or against a binding goal"
    )


def _ruled_out(adds, terms):
    """The options that would add to the margin, by what rules them out."""
    for note, rows in adds.groupby(adds["note"].fillna(""), sort=False):
        first, *more = (_named(row, terms.currency) for _, row in rows.head(NAMED).iterrows())
        named = [first, *map(within_sentence, more)]
        said = why(note, terms.statements, several=len(named) > 1)
        judged = ": decide on judgement" if note == SUPPOSED else ""
        yield f"{' and '.join(named)} {said}{judged}"


def _named(option, currency):
    """An option and what it adds to the margin on its own."""
    return f"{option['statement']} ({signed_money(option['margin_effect'], currency)} margin)"


def question_of(one: Any, own: DataFrame) -> str:
    """Word the question of a decision: the cause, its largest gaps, and the question of the first.

    Parameters
    ----------
    one : a row of `asked`
    own : its gaps, the largest first
    """
    if own.empty:
        return f"The {one.cause} costs more than it earns. Keep it?"
    told = [statement.rstrip(".") for statement in own["statement"].head(NAMED)]
    asks = own["question"].iloc[0]
    if len(own) == 1:
        return f"{capitalised(told[0])}. {asks}"
    largest = ", the largest" if len(own) > NAMED else ""
    return f"The {one.cause} causes {len(own)} gaps{largest}: {'; '.join(told)}. {asks}"


def _option(row, currency):
    return (
        f"{row.scenario}: {row.statement} ({closing(row.gap_closed_ratio, 1)},"
        f" margin {_money(row.margin_effect, currency)})"
    )


def _money(effect, currency):
    return UNKNOWN if pd.isna(effect) else signed_money(effect, currency)


def _effects(chosen, currency):
    """What is recommended does to the plan; of several moves, what each does on its own."""
    first = _effect(chosen.iloc[0], currency)
    if len(chosen) == 1:
        return first
    others = [
        f"{row['statement']}: margin {signed_money(row['margin_effect'], currency)}"
        for _, row in chosen.iloc[1:].iterrows()
    ]
    said = f"{chosen['statement'].iloc[0]}: {within_sentence(first)}"
    return f"Each on its own: {'; '.join([within_sentence(one) for one in (said, *others)])}"


def _effect(best, currency):
    closes, begins = best["gap_closed_ratio"], "Margin"
    said = percent(abs(closes), 1)
    if said != percent(0, 1):
        moves = f"Closes {said} of the gap" if closes > 0 else f"Widens the gap by {said}"
        begins = f"{moves}; margin"
    margin = f"{begins} {signed_money(best['margin_effect'], currency)}"
    return ", ".join([margin, *_sides(best, currency)])


def _sides(best, currency):
    """What changes beside the margin, like for like."""
    for column, name in SIDES.items():
        if round(best[column]):
            yield f"{name} {signed_money(best[column], currency)}"
    if round(best["headcount_effect"]):
        yield f"headcount {round(best['headcount_effect']):+,}"
    if round(100 * best["service_effect"], 1):
        yield f"fill rate {100 * best['service_effect']:+.1f} points"


def _stays(own, currency):
    if own.empty:
        return "The policy is unchanged"
    gap = own.iloc[0]
    units = f"{whole(abs(gap.gap_units))} units, " if gap.gap_units else ""
    return f"Gap remains: {units}{money(abs(gap.gap_value), currency)}"


def _together(tried_options, gap_options, currency):
    """What all that is recommended does together; empty where that is no more than one move."""
    best = tried_options[tried_options["best"]].sort_values("moves")
    if best.empty or best["moves"].iloc[-1] == 1:
        return ""
    row = gap_options[gap_options["scenario"] == best["scenario"].iloc[-1]].iloc[0]
    margin = f"margin {signed_money(row['margin_effect'], currency)}"
    told = ", ".join([margin, *_sides(row, currency)])
    return f"; the {best['moves'].iloc[-1]} recommended moves together: {told}"


def _approval(risk_impacts, financial_plan, above, together, currency):
    """The standing question: is this the plan? `above`: whether other decisions come before it."""
    brings = _brought(financial_plan, currency)
    months = financial_plan["period"].nunique()
    risks = "no risks are listed"
    if len(risk_impacts) and risk_impacts["expected_effect"].isna().all():
        risks = f"what risks and opportunities do to margin is {NO_COSTS}"
    elif len(risk_impacts):
        expected = signed_money(risk_impacts["expected_effect"].sum(), currency)
        risks = (
            f"probability-weighted, {len(risk_impacts)} risks and opportunities change margin by "
            f"{expected}"
        )
    return {
        "decision": APPROVAL,
        "decision_level": MEETINGS[-1],
        "question": APPROVE,
        "options": f"approve; {'approve with the decisions above; ' * above}reject",
        "recommendation": "Approve" + " with the decisions above" * above,
        "effect": f"{brings} over {months} months; {risks}{together}",
        "owner": CHAIR,
    }


def _brought(financial_plan, currency):
    """Revenue and margin of the plan; its volume where no price is known."""
    if not financial_plan["revenue"].any():
        return f"{number(financial_plan['quantity'].sum())} units"
    revenue, margin = (money(financial_plan[c].sum(), currency) for c in ("revenue", "margin"))
    if financial_plan["uncosted_revenue"].sum() > ROUNDING:
        margin = UNKNOWN
    return f"Revenue {revenue} and margin {margin}"
