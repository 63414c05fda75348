"""Exhibits of forecast value added: who makes the forecast better, and the weight that earns."""

from pandas import DataFrame

from sopkit.reporting.chart_types import Intervals, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import GREY, MEASURES, Look
from sopkit.schema.formatting import count, listed, verb

STAGE = "30_demand_review"
SHOWN_LAGS = 3
STAIR = {"baseline": 0, "consensus": 2}  # the functions stand between
NOISE = "not significant"
VERDICTS = {
    "improves": Look("improves", MEASURES["consensus"].colour, marker="o"),
    "worsens": Look("worsens", MEASURES["backlog"].colour, marker="X"),
    NOISE: Look(NOISE, GREY, marker="o", hollow=True),
}
VERDICT_VERBS = {
    "improves": ("has positive FVA", "have positive FVA"),
    "worsens": ("has negative FVA", "have negative FVA"),
    NOISE: ("has no significant FVA", "have no significant FVA"),
}


@exhibit(STAGE, title="Forecast value added", table="forecast_value_added")
def value_added(forecast_value_added: DataFrame) -> Exhibit:
    """What each contributor takes off the error, with its 95 % interval, for the first lags."""
    rows = forecast_value_added
    names = sorted(rows["contributor"].unique(), key=lambda name: (STAIR.get(name, 1), name))
    lags = sorted(rows["lag"].unique())[:SHOWN_LAGS]
    middle = lags[len(lags) // 2] if lags else None
    panels = [
        _value_added_at(
            rows[rows["lag"] == lag].set_index("contributor"), names, lag, lag == middle
        )
        for lag in lags
    ]
    chart = SmallMultiples(
        panels,
        max(len(panels), 1),
        share_x=True,
        share_y=True,
        subtitle="Error (WAPE) that each takes away, product by product, with its 95 % interval; "
        "right of the line is better",
    )
    return Exhibit(_value_headline(rows), chart)


def _value_added_at(near, names, lag, middle):
    near = near.reindex(names)
    ranges = near[["value_added", "low_ratio", "high_ratio"]]
    ranges = ranges.set_axis(["value", "low", "high"], axis=1)
    starred = {"baseline": "baseline*"}
    axis = "error (WAPE) taken away from the baseline; * from naive"
    return Intervals(
        ranges.rename(starred),
        kinds=near["assessment"].rename(starred),
        looks=VERDICTS,
        zero=True,
        shares=True,
        unit=axis if middle else "",
        title=f"{count(int(lag), 'month')} ahead",
    )


def _value_headline(rows):
    if rows.empty:
        return Headline("No step of the forecast has a record: who helps is not known.")
    lag = rows["lag"].min()
    near = rows[rows["lag"] == lag]
    parts, verdicts = [], near.set_index("contributor")["assessment"].to_dict()
    for verdict, (one, many) in VERDICT_VERBS.items():
        names = list(near.loc[near["assessment"] == verdict, "contributor"])
        if names:
            parts.append(f"{listed(names)} {verb(len(names), one, many)}")
    said = Headline("Product by product, {lag:count month} ahead, ", lag=int(lag))
    return said + "; ".join(parts) + Headline(".", verdicts=verdicts)


@exhibit(STAGE, title="Consensus weights by function")
def weights(learned_weights: DataFrame, consensus_policy: DataFrame | None = None) -> Exhibit:
    """Each function's weight by policy beside the weight its record one month ahead earns."""
    nearest = learned_weights[learned_weights["lag"] == learned_weights["lag"].min()]
    earned = nearest.rename(columns={"weight": "earned_ratio", "reason": "record"})
    earned = earned[["function", "earned_ratio", "record"]]
    headline = _weights_headline(nearest, consensus_policy)
    if consensus_policy is None:
        return Exhibit(headline, table=earned)
    policy = consensus_policy[["function", "weight"]].rename(columns={"weight": "policy_ratio"})
    rows = policy.merge(earned, on="function", how="outer", validate="one_to_one")
    table = rows.sort_values("earned_ratio", ascending=False, kind="stable")
    return Exhibit(headline, table=table)


def _weights_headline(nearest, consensus_policy):
    if nearest.empty:
        return Headline("No function has a record yet from which a weight could be learned.")
    earned = nearest.set_index("function")["weight"]
    start = Headline("By their record beside the baseline's the functions ")
    if consensus_policy is None:
        rows = [{"function": name, "earned": weight} for name, weight in earned.items()]
        said = Headline.each("{function} {earned:percent}", rows)
        return start + "weigh " + said + "; there is no policy."
    policy = consensus_policy.set_index("function")["weight"].reindex(earned.index, fill_value=0.0)
    order = (earned - policy).abs().sort_values(ascending=False, kind="stable").index
    rows = [{"function": name, "earned": earned[name], "policy": policy[name]} for name in order]
    said = Headline.each("{function} {earned:percent} (policy {policy:percent})", rows)
    return start + "would weigh: " + said + "."
