"""Effect of each option on the plan and the gaps, measured by replanning."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.pre_sop.gaps import is_peak, place_of, sized_by_rule
from sopkit.pre_sop.gaps import places as places_of
from sopkit.pre_sop.gaps import places_by_keys as rule_places
from sopkit.rules.call import as_frame
from sopkit.rules.remember import remembered
from sopkit.scenarios.results import (
    BASE,
    comparison,
    results_of,
    whole,
)
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, conform, empty
from sopkit.tables.arrays import ArrayTable, present

HELPS = 0.25  # below it a scenario is no answer to a gap
BY_UNITS = ("product", "demand", "supply")  # gaps sized in units; the others in money
GAP_SIZES = ["gap_units", "gap_value"]
EFFECTS = {  # what decisions are compared by, like for like: column -> measure of a whole plan
    "revenue": "revenue",
    "margin": "margin",
    "cash": "min_cash",
    "inventory": "max_inventory_value",
    "closing_inventory": "closing_inventory_value",
    "backlog": "closing_backlog",
    "headcount": "closing_workers",
    "service": "fill_rate",
}
UNCOSTED = ("margin", "min_cash", "max_inventory_value", "closing_inventory_value")
SAME = 1e-9  # of a measure: what moves less does not move
GOAL = "goal_value"  # the measure of results that says what a plan makes of a goal


# -------------------------------------------------------------------------------------------------
# values of every plan, beside its figures


def gap_results(tables: Mapping[str, DataFrame], places: Series | None = None) -> DataFrame:
    """Size each gap under a scenario, with the plan's value of each goal.

    Parameters
    ----------
    tables : the inputs and the plan, by name
    places : the gaps to size; those of this plan, if none are named

    Returns
    -------
    measure, item, period : value
        gap_units [units], gap_value [money] : by place of a gap, and month
        goal_value [the goal's measure] : what the plan makes of each goal; period empty
    """
    found = sized_by_rule(tables, as_frame(tables.get("gap_thresholds")))
    wanted = frozenset(_with_gap(found) if places is None else places)
    rows = [*_sizes_of(found, wanted), _goal_values(tables.get("plan_variances"))]
    columns = [np.concatenate(part) for part in zip(*rows, strict=True)]
    measure, item, period, value = columns
    return DataFrame(
        {
            "measure": pd.array(measure, dtype="str"),
            "item": pd.array(item, dtype="str"),
            "period": PeriodIndex.from_ordinals(period, freq="M"),
            "value": value,
        }
    )


def _with_gap(found):
    """The places that are a gap in any month."""
    for rule, sized in found.items():
        yield from places_of(rule, sized)[(sized["wrong"] & present(sized)).any(axis=1)]


def _sizes_of(found, wanted):
    """The size of each gap month by month, in units and in money: (measure, item, month, value)."""
    parts = []
    for size in GAP_SIZES:
        for rule, sized in found.items():
            names, rows = _wanted_rows(sized.keys, rule, wanted)
            cells = present(sized)[rows]
            row, month = np.nonzero(cells)
            measures = np.full(len(row), size, dtype=object)
            parts.append((measures, names[row], sized.months.asi8[month], sized[size][rows][cells]))
    return parts


@remembered
def _wanted_rows(keys, rule, wanted):
    """The places of a rule that are asked for, and their rows."""
    names = rule_places(keys, rule).to_numpy(dtype=object)
    rows = np.flatnonzero([name in wanted for name in names])
    return names[rows], rows


def _goal_values(plan_variances):
    """What the plan makes of each goal: (measure, goal, no month, value)."""
    if plan_variances is None:
        return tuple(np.zeros(0, dtype=kind) for kind in (object, object, np.int64, float))
    if isinstance(plan_variances, DataFrame):
        plan_variances = ArrayTable.of_table("plan_variances", plan_variances)
    rows = plan_variances.keep(plan_variances.keys.equal("reference_type", "goal"))
    row, month = np.nonzero(present(rows))
    names = np.asarray(rows.keys["item"], dtype=object)[row]
    none = np.full(len(row), pd.NaT._value)
    return np.full(len(row), GOAL, dtype=object), names, none, rows["plan"][row, month]


# -------------------------------------------------------------------------------------------------
# what options do about gaps


def gap_options(
    gaps: DataFrame,
    option_changes: DataFrame,
    scenario_results: DataFrame,
    option_results: DataFrame,
) -> DataFrame:
    """Calculate the effect of every option on the plan and on each gap with options.

    How far a gap is closed is found with the same rules that found the gap, over the gap's months:
    in units for gaps of product, demand and supply, in money for those of finance and goals. Above
    1 it is more than closed, below 0 it grows. An option counts for the gap it was proposed for,
    and for others of which it closes a quarter or more.

    All effects are differences from the base plan, on the same demand. Margin holds the closing
    stock at standard cost, so plans that end with other stock compare; by how much it differs is
    shown beside it.

    Returns
    -------
    gap, scenario : statement, gap_closed_ratio [ratio], revenue_effect, margin_effect, cash_effect,
        inventory_effect, closing_inventory_effect [money], backlog_effect [units],
        headcount_effect [workers], service_effect [ratio]
    """
    before, closed = whole(results_of(scenario_results, BASE)), closed_shares(gaps, option_results)
    rows = []
    for scenario, changes in option_changes.groupby("scenario", sort=False):
        asked, said = changes["gap"].iloc[0], changes["statement"].iloc[0]
        share = closed.loc[scenario]
        share = share[(share >= HELPS) | (share.index == asked)]
        if asked not in closed.columns:  # of a policy row: no gap that it closes
            share = pd.concat([share, Series({asked: 0.0})])
        rows.append(
            DataFrame({"gap": share.index, "scenario": scenario, "gap_closed_ratio": share.array})
        )
        rows[-1] = rows[-1].assign(statement=said)
    found = pd.concat([empty("gap_options"), *rows], ignore_index=True)
    columns = option_effects(option_results, before).reindex(found["scenario"])
    return conform("gap_options", found.assign(**{c: columns[c].array for c in columns}))


def option_effects(option_results: DataFrame, base: Series) -> DataFrame:
    """What each option is more than the plan, in every figure that decisions are compared by.

    Parameters
    ----------
    base : the measures of the base plan; see `scenarios.whole`

    Returns
    -------
    scenario : a column for each effect [the measure's unit]
    """
    rows = option_results[option_results["item"].isna() & option_results["period"].isna()]
    wide = rows.pivot_table(index="scenario", columns="measure", values="value")
    found = {}
    for name, of in EFFECTS.items():
        # what a company does not plan, such as workers without a resource, does not change; what
        # rests on costs that are not given is not known
        none = np.nan if of in UNCOSTED and EFFECTS["margin"] not in base else 0.0
        change = wide[of] - base[of] if of in wide else Series(none, index=wide.index)
        rounding = SAME * max(abs(base.get(of, 0.0)), 1.0)
        found[f"{name}_effect"] = change.mask(change.abs() <= rounding, 0.0)
    return DataFrame(found, index=wide.index)


def closed_shares(gaps: DataFrame, option_results: DataFrame) -> DataFrame:
    """The share of each gap that is gone in each plan, 1 at most; below 0 where it is wider.

    Returns
    -------
    scenario : a column for each gap [ratio]
    """
    scenarios = option_results["scenario"].drop_duplicates()
    if gaps.empty:
        return DataFrame(index=scenarios)
    known = gaps[["gap", "from_period", "to_period", "gap_units", "gap_value"]].assign(
        item=place_of(gaps),
        by_units=gaps["area"].isin(BY_UNITS) & (gaps["gap_units"] != 0),
        peak=[is_peak(place) for place in place_of(gaps)],
    )
    sizes = option_results[option_results["measure"].isin(GAP_SIZES)]
    rows = sizes.merge(known, on="item")
    rows = rows[rows["period"].between(rows["from_period"], rows["to_period"])]
    rows = rows[rows["by_units"] == (rows["measure"] == "gap_units")]
    left = rows.groupby(["scenario", "gap"])["value"].agg(["sum", "max"]).reset_index()
    left = left.merge(known[["gap", "by_units", "peak"]], on="gap")
    left["left"] = left["sum"].where(~(left["by_units"] & left["peak"]), left["max"])
    after = left.pivot_table(index="scenario", columns="gap", values="left")
    after = after.reindex(index=scenarios, columns=known["gap"]).fillna(0.0)
    before = known["gap_units"].where(known["by_units"], known["gap_value"]).to_numpy()
    share = 1 - after / np.where(before == 0, np.nan, before)
    return share.fillna(0.0).clip(upper=1.0)


def risk_impacts(
    scenario_results: DataFrame,
    risks: DataFrame | None = None,
    scenario_changes: DataFrame | None = None,
) -> DataFrame:
    """Calculate the effect of each risk on the plan, and its expected value.

    A risk whose scenario the plan is made under already is in it: it adds nothing more, and its
    statement says so.

    Returns
    -------
    risk : risk_kind, statement, scenario, probability [ratio], revenue_effect, margin_effect,
        expected_effect [money; probability x margin effect], owner; the largest expected effect
        first

    Raises
    ------
    ValueError : a risk names a scenario without changes.
    """
    if risks is None or risks.empty:
        return empty("risk_impacts")
    known = [] if scenario_changes is None else scenario_changes["scenario"]
    sides = comparison(scenario_results)
    planned = risks["scenario"].isin(sides["scenario"])
    within = risks["scenario"].isin(known) & ~planned
    unknown = risks[~within & ~planned]
    if len(unknown):
        row = unknown.iloc[0]
        raise ValueError(
            f"risks: scenario must have rows in scenario_changes; risk={row['risk']} has "
            f"scenario={row['scenario']}.\n"
            "  Add its changes, or name another scenario."
        )
    effects = sides.pivot_table(index="scenario", columns="measure", values="variance")
    effects = effects.reindex(columns=["revenue", "margin"]).add_suffix("_effect").reset_index()
    rows = risks.assign(
        statement=risks["statement"].mask(within, risks["statement"] + " (in the plan)")
    )
    rows = attach(rows, effects, default=0.0)
    rows["expected_effect"] = rows["probability"] * rows["margin_effect"]
    order = np.lexsort([rows["risk"], -rows["expected_effect"].abs()])
    return conform("risk_impacts", rows.iloc[order][list(TABLES["risk_impacts"].columns)])
