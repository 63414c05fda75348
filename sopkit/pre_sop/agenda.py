"""Agendas of the meetings: what each decides, in which order, and how long it takes."""

import pandas as pd
from pandas import DataFrame

from sopkit.pre_sop.asked import MEETINGS, asked, decided
from sopkit.pre_sop.decisions import APPROVE, CHAIR, question_of
from sopkit.tables import conform

OPENING, QUESTION, DECISION, RISKS, CLOSING = 5, 5, 10, 10, 5  # minutes


def agenda(
    gaps: DataFrame,
    gap_causes: DataFrame,
    decision_options: DataFrame,
    risk_impacts: DataFrame,
    financial_plan: DataFrame,
    decision_log: DataFrame | None = None,
    gap_thresholds: DataFrame | None = None,
) -> DataFrame:
    """Assign each decision to the lowest meeting that may take it; executives approve the plan.

    Gaps with one cause are one topic. What this cycle has decided is on no agenda; see `asked` for
    which meeting takes what.

    Returns
    -------
    decision_level, topic : duration_minutes, owner, question
    """
    found = asked(gaps, gap_causes, decision_options, financial_plan, gap_thresholds)
    found = found[~found["decision"].isin(decided(decision_log, financial_plan["period"].min()))]
    question = "What changed since the prior cycle, and is it understood?"
    points = [(MEETINGS[-1], "Status of the plan", OPENING, CHAIR, question)]
    known = gaps.set_index("gap")
    points += [_topic(one, known) for one in found.itertuples()]
    if len(risk_impacts):
        known = risk_impacts["expected_effect"].fillna(0.0)
        largest = risk_impacts.loc[known.idxmin()]
        asks = "Which risks are mitigated? The largest:"
        if not largest["expected_effect"] < 0:  # the first is then the largest opportunity
            largest, asks = risk_impacts.iloc[0], "Which opportunities are pursued? The largest:"
        question = f"{asks} {largest['statement']}"
        points.append((MEETINGS[-1], "Risks and opportunities", RISKS, largest["owner"], question))
    points.append((MEETINGS[-1], "Approval of the plan", CLOSING, CHAIR, APPROVE))
    rows = pd.DataFrame(
        points, columns=["decision_level", "topic", "duration_minutes", "owner", "question"]
    )
    order = rows["decision_level"].map(MEETINGS.index).sort_values(kind="stable").index
    rows = rows.loc[order].reset_index(drop=True)
    place = (rows.groupby("decision_level").cumcount() + 1).astype("str")
    return conform("agenda", rows.assign(topic=place + ". " + rows["topic"]))


def _topic(one, gaps):
    """One point of an agenda: the largest gap of a decision asks, the others are named."""
    own = gaps.loc[[gap for gap in one.gaps if gap in gaps.index]]
    word, minutes = ("Decision", DECISION) if one.tried else ("Question", QUESTION)
    owner = own["owner"].iloc[0] if len(own) else CHAIR
    named = f"{word}: {', '.join(one.gaps)}"
    return one.decision_level, named, minutes, owner, question_of(one, own)
