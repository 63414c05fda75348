"""Effect of each option on the plan and the gaps, measured by replanning."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.pre_sop.gaps import is_peak, place_of, sized_by_rule
from sopkit.pre_sop.gaps import places as places_of
from sopkit.pre_sop.gaps import places_by_keys as rule_places
from sopkit.pre_sop.levers import known_levers, supposing
from sopkit.rules.call import as_frame
from sopkit.rules.remember import remembered
from sopkit.scenarios.results import (
    BASE,
    Engine,
    Scenario,
    comparison,
    planned_before,
    results_of,
    whole,
)
from sopkit.schema.formatting import currency_of, money
from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import attach, conform, empty
from sopkit.tables.arrays import ArrayTable, present

HELPS = 0.25  # below it a scenario is no answer to a gap
CLOSES = 0.80  # a gap closed so far counts as closed
MOVED = 0.05  # of a limit's worth: a smaller change explains nothing
BY_UNITS = ("product", "demand", "supply")  # gaps sized in units; the others in money
_SIZES = ["gap_units", "gap_value"]
_EFFECTS = {  # what executives ask for, by the measure that tells it
    "revenue": "revenue",
    "cost": "cost",
    "margin": "margin",
    "cash": "min_cash",
    "inventory": "max_inventory_value",
    "service": "fill_rate",
}


# -------------------------------------------------------------------------------------------------
# values of every plan, beside its figures


def gap_results(tables: Mapping[str, DataFrame], places: Series | None = None) -> DataFrame:
    """Size each gap under a scenario, with the shadow prices of its constraints.

    Parameters
    ----------
    tables : the inputs and the plan, by name
    places : the gaps to size; those of this plan, if none are named

    Returns
    -------
    measure, item, period : value
        gap_units [units], gap_value [money] : by place of a gap, and month
        shadow_price [money] : of a limit, what one more unit in every month saves; period empty
        limit_value [money] : of a limit, what all that is used of it saves; period empty
    """
    found = sized_by_rule(tables, as_frame(tables.get("gap_thresholds")))
    wanted = frozenset(_with_gap(found) if places is None else places)
    rows = _sizes_of(found, wanted) + _limits_worth(tables["shadow_prices"])
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
    for size in _SIZES:
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


def _limits_worth(shadow_prices):
    """What limits are worth: one more unit in every month, and all that is used."""
    limits = shadow_prices
    if isinstance(limits, DataFrame):
        limits = ArrayTable.of_table("shadow_prices", limits)
    cells = present(limits)
    rows = cells.any(axis=1)
    names = _limit_names(limits.keys)[rows]
    price = np.where(cells, limits["shadow_price"], 0.0)[rows]
    worth = {
        "shadow_price": price.sum(axis=1),
        "limit_value": (price * np.where(cells, limits["used"], 0.0)[rows]).sum(axis=1),
    }
    order = np.argsort(names)
    none = np.full(len(names), pd.NaT._value)
    return [
        (np.full(len(names), measure, dtype=object), names[order], none, value[order])
        for measure, value in worth.items()
    ]


@remembered
def _limit_names(keys):
    return (keys.frame["constraint"] + " of " + keys.frame["item"]).to_numpy(dtype=object)


def option_results(
    option_changes: DataFrame,
    scenario_results: DataFrame,
    replan: Engine,
    scenario_changes: DataFrame | None = None,
) -> DataFrame:
    """Plan every option; results that `scenario_results` has are reused.

    Returns
    -------
    scenario, measure, item, period : value; see `scenarios.figures` and `gap_results`
    """
    found, asked = {}, []
    for scenario, changes in option_changes.groupby("scenario", sort=False):
        known = planned_before(changes, (scenario_changes, scenario_results))
        found[scenario] = known
        if known is None:
            asked.append(Scenario(scenario, changes[CHANGE]))
    planned = replan(asked) if asked else empty("option_results")
    parts = [
        planned[planned["scenario"] == name] if known is None else known.assign(scenario=name)
        for name, known in found.items()
    ]
    return conform("option_results", pd.concat([empty("option_results"), *parts]))


# -------------------------------------------------------------------------------------------------
# what options do about gaps


def gap_options(
    gaps: DataFrame,
    option_changes: DataFrame,
    scenario_results: DataFrame,
    option_results: DataFrame,
    financial_plan: DataFrame,
    company_settings: DataFrame | None = None,
    levers: DataFrame | None = None,
) -> DataFrame:
    """Calculate the effect of every option on the plan and on each gap with options.

    How far a gap is closed is found with the same rules that found the gap, over the gap's months:
    in units for gaps of product, demand and supply, in money for those of finance and goals. Above
    1 it is more than closed, below 0 it grows. A scenario counts for the gap it was proposed for,
    and for others of which it closes a quarter or more. Recommended is, of the scenarios that close
    a quarter or more, the one with the highest margin effect; if none earns money, the cheapest
    that closes 80 %, unless it costs more than the gap is worth. A scenario that raises a
    price, lowers a material cost or does what another lever does that assumes something supposes
    that customers or suppliers do not react, so it is measured but never recommended.

    Returns
    -------
    gap, scenario : statement, gap_closed_ratio, revenue_effect, cost_effect,
        margin_effect, cash_effect, inventory_effect [money], service_effect [ratio],
        driver (the limit whose worth changes most), recommended
    """
    base = results_of(scenario_results, BASE)
    treated = gaps[gaps["gap"].isin(option_changes["gap"])]
    treated = treated.assign(place=place_of(treated))
    rows = []
    for scenario, changes in option_changes.groupby("scenario", sort=False):
        other = results_of(option_results, scenario)
        effect = (whole(other) - whole(base))[list(_EFFECTS.values())]
        proposal = {
            "scenario": scenario,
            "statement": changes["statement"].iloc[0],
            **dict(zip((f"{name}_effect" for name in _EFFECTS), effect, strict=True)),
            "driver": _because(base, other, currency_of(company_settings)),
        }
        found = other[other["measure"].isin(_SIZES)]
        closed = [_closed(gap, found) for gap in treated.itertuples()]
        own = treated["gap"] == changes["gap"].iloc[0]
        measured = treated[["gap"]].assign(gap_closed_ratio=closed, **proposal)
        rows.append(measured[own | (measured["gap_closed_ratio"] >= HELPS)])
    columns = [c for c in TABLES["gap_options"].columns if c != "recommended"]
    measured = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    supposed = supposing(known_levers(levers), option_changes)
    measured = _recommended(measured, treated, supposed, financial_plan["margin"].abs().sum())
    return conform("gap_options", measured)


def _because(base, other, currency):
    """Say of the limit that the scenario relieves, or strains, most what one more unit in every
    month would save."""
    both = {
        measure: DataFrame({"x": _limits(base, measure), "y": _limits(other, measure)}).fillna(0.0)
        for measure in ("shadow_price", "limit_value")
    }
    worth, total = both["shadow_price"], both["limit_value"]
    moved = (total["x"] - total["y"]).abs()
    moved = moved[(worth["x"] - worth["y"]).abs() > MOVED * worth.max(axis=1)]
    if moved.empty:
        return "no limit is worth more or less than before"
    most = moved.idxmax()
    before, after = (money(worth.loc[most, side], currency) for side in ("x", "y"))
    return f"{most}: one more in every month saves {after}, {before} in the plan"


def _limits(rows, measure):
    return rows[rows["measure"] == measure].set_index("item")["value"]


def _closed(gap, found):
    """The share of a gap that is gone in a plan made under a scenario."""
    rows = found[(found["item"] == gap.place)]
    rows = rows[rows["period"].between(gap.from_period, gap.to_period)]
    by_units = gap.area in BY_UNITS and gap.gap_units != 0
    before = gap.gap_units if by_units else gap.gap_value
    sizes_now = rows.loc[rows["measure"] == ("gap_units" if by_units else "gap_value"), "value"]
    highest = by_units and len(sizes_now) and is_peak(gap.place)
    after = sizes_now.max() if highest else sizes_now.sum()
    return 1 - after / before if before else 0.0


def _recommended(measured, treated, supposed, scale):
    """Mark the scenario put to the executives for each gap, if any is worth it."""
    if measured.empty:
        return measured.assign(recommended=pd.Series(dtype="bool"))
    rows = attach(measured, treated[["gap", "gap_value"]])
    helps = (rows["gap_closed_ratio"] >= HELPS) & ~rows["scenario"].isin(supposed)
    earns = helps & (rows["margin_effect"] > 1e-6 * scale)  # less is the solver's rounding
    worth_it = (
        helps
        & (rows["gap_closed_ratio"] >= CLOSES)
        & (-rows["margin_effect"] <= rows["gap_value"].abs())
    )
    none_earns = ~earns.groupby(rows["gap"]).transform("any")
    eligible = earns | (worth_it & none_earns)
    ranked = rows[eligible].sort_values(["margin_effect", "scenario"], ascending=[False, True])
    best = ranked.drop_duplicates("gap").index
    return measured.assign(recommended=np.isin(measured.index, best))


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
