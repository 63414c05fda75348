"""Follow-up of earlier decisions: expected effect, effect on actual demand, other causes."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.schema.formatting import month, percent, span, whole
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables import attach, conform, empty

SOLD = ("quantity", "revenue")  # measured by what was sold in the closed months
HELD = "inventory"  # measured by the stock counted at the start of the cycle
OUTWEIGHED = (
    1.5  # from halfway: what came is further from both plans than they are from one another
)
DECISION = ["cycle", "decision"]
EFFECT = [*DECISION, "measure", "family"]
MEASURED = ("measured_effect", "low_effect", "high_effect")


def decision_follow_up(
    planning_periods: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    forecast_accuracy: DataFrame,
    decision_log: DataFrame | None = None,
    expected_effects: DataFrame | None = None,
    measured_effects: DataFrame | None = None,
    inventory: DataFrame | None = None,
) -> DataFrame:
    """Compare the expected effect of earlier decisions with the months closed since.

    The effect is that of `measured_effects`: the approved plan re-run on actual demand with the
    decision less the same without it. What came is what was expected without the decision, plus
    its effect, plus other causes: demand that differed, among others. Actual costs by family are
    in no table, so of margin only the effect is measured. A decision without a re-run is only
    compared with what came, which has many causes: the statement says how far it came from the plan
    without the decision to the plan with it, unless that distance is less than the consensus
    usually misses the family's demand by, or other causes outweigh it. A scenario chosen in several
    decisions counts at the first.

    Returns
    -------
    cycle, decision, measure, family : from_period, to_period, reference_value (expected without the
        decision), plan (expected with it), value (what happened; missing where it is not known),
        measured_effect, other_causes (missing without a re-run), low_effect, high_effect (missing
        where no lift of demand is modelled) [the measure's unit], statement
    """
    first = planning_periods["period"].min()
    if expected_effects is None or decision_log is None:
        return empty("decision_follow_up")
    taken = decision_log.dropna(subset="scenario").drop_duplicates(["cycle", "scenario"])
    own = pd.MultiIndex.from_frame(expected_effects[DECISION]).isin(
        pd.MultiIndex.from_frame(taken[DECISION])
    )
    starts = taken[[*DECISION, "start_period"]]
    begins = attach(expected_effects[DECISION], starts, default=pd.NaT)["start_period"]
    begins = begins.set_axis(expected_effects.index)
    begun = begins.isna() | (expected_effects["period"] >= begins)
    by_now = _closed(expected_effects[own & begun], first)
    rows = by_now.groupby(EFFECT, as_index=False).agg(
        from_period=("period", "min"),
        to_period=("period", "max"),
        reference_value=("reference_value", "sum"),
        plan=("plan", "sum"),
    )
    rows = rows[(rows["plan"] - rows["reference_value"]).abs() >= MATERIAL].reset_index(drop=True)
    if rows.empty:
        return empty("decision_follow_up")
    rows = _with_rerun(rows, measured_effects, first)
    usual = _usual_error(rows, forecast_accuracy)
    facts = [
        _beside(row, error, products, sales_history, inventory)
        for row, error in zip(rows.itertuples(), usual, strict=True)
    ]
    rows = pd.concat([rows, pd.DataFrame(facts, index=rows.index)], axis=1)
    others = rows["value"] - rows["reference_value"] - rows["measured_effect"]
    return conform("decision_follow_up", rows.assign(other_causes=others))


def _closed(effects, first):
    """The effects of closed months; of what is held, those of the last one."""
    closed = effects[effects["period"] < first]
    return closed[(closed["measure"] != HELD) | (closed["period"] == first - 1)]


def _with_rerun(rows, measured_effects, first):
    """The rows with the effect by the re-runs, and the ends of its range; missing where there is
    none."""
    if measured_effects is None:
        return rows.assign(**dict.fromkeys(MEASURED, np.nan))
    found = _closed(measured_effects, first).groupby(EFFECT)
    sums = found[["reference_value", "plan"]].sum()
    ends = found[list(MEASURED[1:])].agg(lambda months: months.sum(skipna=False))
    measured = ends.assign(
        measured_effect=sums["plan"] - sums["reference_value"],
        low_effect=ends.min(axis=1, skipna=False),
        high_effect=ends.max(axis=1, skipna=False),
    )
    wanted = pd.MultiIndex.from_frame(rows[EFFECT])
    return rows.join(measured.reindex(wanted).reset_index(drop=True))


def _beside(row, usual, products, sales_history, inventory):
    """What happened beside one expectation, in a number and in words."""
    made = products.loc[products["family"] == row.family, "product"]
    sold = sales_history[sales_history["product"].isin(made)]
    since = sold[sold["period"].between(row.cycle, row.to_period)]
    value, noise = np.nan, usual * abs(row.reference_value)
    first_kept = sales_history["period"].min()
    if row.measure in SOLD:
        months = sold.loc[sold["period"].between(row.from_period, row.to_period), row.measure]
        known = first_kept <= row.from_period and len(months) and months.notna().all()
        value = months.sum() if known else np.nan
    elif row.measure == HELD and inventory is not None:
        # what is not sold as forecast stays on hand: errors since the decision add up there
        value, noise = (
            inventory.loc[inventory["product"].isin(made), "on_hand"].sum(),
            usual * since["quantity"].sum(),
        )
    return {"value": value, "statement": _said(row, value, noise, first_kept)}


def _usual_error(rows, forecast_accuracy):
    """By how much the consensus usually misses each family a month ahead, as a share; missing
    without a record."""
    known = forecast_accuracy["contributor"].eq("consensus") & forecast_accuracy["level"].eq(
        "family"
    )
    errors = forecast_accuracy[known & forecast_accuracy["lag"].eq(1)]
    errors = errors[["item", "wape"]].rename(columns={"item": "family"})
    return attach(rows[["family"]], errors, default=np.nan)["wape"]


def _said(row, value, noise, first_kept):
    months, distance = span((row.from_period, row.to_period)), row.plan - row.reference_value
    if not np.isnan(row.measured_effect):
        return f"{months}: {_effect_and_luck(row, value, distance)}"
    if np.isnan(value):
        return f"{months}: cannot be measured, {_why_unknown(row, first_kept)}"
    said = (
        f"{months}: expected {whole(row.reference_value)} without and {whole(row.plan)} with it,"
        f" came {whole(value)}"
    )
    if abs(distance) < noise:
        return f"{said}; forecasts usually miss by {whole(noise)}, so chance hides the effect"
    way = (value - row.reference_value) / distance
    if abs(way - 0.5) > OUTWEIGHED:
        return f"{said}; other causes outweigh the effect"
    return f"{said}; {percent(way, 1)} of the way, from whatever cause"


def _why_unknown(row, first_kept):
    """Why what came is not known."""
    if row.measure == "margin":
        return "actual costs are in no table"
    before = f" before {month(first_kept)}" if row.from_period < first_kept else ""
    return f"no table tells the {row.measure}{before}"


def _effect_and_luck(row, value, expected):
    """The effect on actual demand beside the one expected, and what other causes did."""
    said = f"effect {_signed(row.measured_effect)} on actual demand"
    if not np.isnan(row.low_effect):
        said += f" (80 % range {_signed(row.low_effect)} to {_signed(row.high_effect)})"
    said += f", {_signed(expected)} expected"
    if np.isnan(value):
        return said
    effect, others = row.measured_effect, value - row.reference_value - row.measured_effect
    return (
        f"{said}; came {whole(value)}: {whole(row.reference_value)} expected without it, "
        f"{_signed(effect)} effect, {_signed(others)} other causes"
    )


def _signed(value):
    """A change to the unit, with its sign: `+1,240`, `-12`, `0`."""
    return f"{round(value):+,}" if round(value) else "0"
