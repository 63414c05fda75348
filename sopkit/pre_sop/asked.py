"""Which meeting takes each decision: by what is at stake, and at most seven the executives."""

from pandas import DataFrame

from sopkit.pre_sop.causes import POLICY
from sopkit.pre_sop.gaps import place_of, rule_of
from sopkit.pre_sop.thresholds import thresholds_of

MEETINGS = ("working group", "department heads", "executives")  # from the lowest to the highest
MOST = 7  # decisions of the executives
FROM = "executives_from"  # the threshold of a gap rule: share of the plan's margin
MATERIAL = 0.01  # of the plan's margin: so much at stake is more than a working group settles


def asked(
    gaps: DataFrame,
    gap_causes: DataFrame,
    decision_options: DataFrame,
    financial_plan: DataFrame,
    gap_thresholds: DataFrame | None = None,
) -> DataFrame:
    """List the decisions, that with most at stake first, each with the meeting that takes it.

    At stake is the largest money of a decision's gaps, or what an option that may be recommended
    adds to the margin. Each gap rule says in `executives_from` from which share of the plan's
    margin on the executives decide; what must go to them whatever its size comes first, and more
    than seven go down. Of the rest, what changes the plan or is large is the department heads'.

    Returns
    -------
    decision : gap (the largest), gaps, origin, cause, tried (whether it has options), at_stake
        [money], decision_level
    """
    margin = financial_plan["margin"].abs().sum()
    rows = gap_causes.merge(gaps[["gap", "gap_value"]], on="gap", how="left")
    rows = rows.assign(
        worth=rows["gap_value"].abs().fillna(0.0), limit=_limits(gaps, rows, gap_thresholds)
    )
    rows = rows.sort_values("worth", ascending=False, kind="stable")
    found = rows.groupby("decision", sort=False).agg(
        gap=("gap", "first"),
        gaps=("gap", list),
        origin=("origin", "first"),
        cause=("cause", "first"),
        worth=("worth", "max"),
        limit=("limit", "min"),
    )
    may = decision_options[decision_options["allowed"]]
    adds = may.groupby("decision")["margin_effect"].max().reindex(found.index)
    adds = adds.fillna(0.0).clip(lower=0.0)
    found = found.assign(
        at_stake=found["worth"].where(found["worth"] > adds, adds),
        tried=found.index.isin(decision_options["decision"]),
    )
    return _with_meetings(found.reset_index(), margin)


def _limits(gaps: DataFrame, rows: DataFrame, gap_thresholds: DataFrame | None) -> list[float]:
    """From which share of the margin on the executives decide about each gap."""
    known = thresholds_of(gap_thresholds)
    places = dict(zip(gaps["gap"], place_of(gaps), strict=True)) if len(gaps) else {}
    lowest = min(each[FROM] for each in known.values() if each[FROM] > 0)
    return [
        lowest if gap.startswith(POLICY) else known[rule_of(places[gap])][FROM]
        for gap in rows["gap"]
    ]


def _with_meetings(found: DataFrame, margin: float) -> DataFrame:
    """Add the meeting of each decision."""
    must = found["limit"] == 0
    found = found.assign(must=must).sort_values(
        ["must", "at_stake", "decision"], ascending=[False, False, True], kind="stable"
    )
    large = found["at_stake"] >= MATERIAL * margin
    highest = found["must"] | (found["tried"] & (found["at_stake"] >= found["limit"] * margin))
    highest &= highest.cumsum() <= MOST
    level = (found["tried"] | large).astype("int64").where(~highest, len(MEETINGS) - 1)
    found = found.assign(decision_level=level.map(dict(enumerate(MEETINGS))))
    order = found["at_stake"].sort_values(ascending=False, kind="stable").index
    return found.loc[order].drop(columns=["worth", "limit", "must"]).reset_index(drop=True)


def decided(decision_log: DataFrame | None, cycle: object) -> set[str]:
    """The decisions that this cycle has taken."""
    if decision_log is None:
        return set()
    return set(decision_log.loc[decision_log["cycle"] == cycle, "decision"])
