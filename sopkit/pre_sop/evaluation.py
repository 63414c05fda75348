"""What each option does to the plan and to the gaps, read from plans that the engine made under it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.pre_sop.gaps import is_peak, place_of, sizes
from sopkit.pre_sop.levers import known_levers, supposing
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
# what is measured of every plan, beside its figures


def gap_results(tables: Mapping[str, DataFrame], places: Series | None = None) -> DataFrame:
    """What closes or opens under a scenario: the size of each gap, and what its limits are worth.

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
    found = sizes(tables, tables.get("gap_thresholds"))
    wanted = found.loc[found["wrong"], "place"].unique() if places is None else places
    found = found.loc[found["place"].isin(wanted), ["place", "period", *_SIZES]]
    found = found.rename(columns={"place": "item"})
    limits = tables["shadow_prices"]
    worth = DataFrame(
        {
            "item": limits["constraint"] + " of " + limits["item"],
            "shadow_price": limits["shadow_price"],
            "limit_value": limits["shadow_price"] * limits["used"],
        }
    )
    worth = worth.groupby("item", as_index=False)[["shadow_price", "limit_value"]].sum()
    parts = [
        found.melt(["item", "period"], _SIZES, "measure"),
        worth.melt(["item"], var_name="measure"),
    ]
    columns = ["measure", "item", "period", "value"]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)


def option_results(
    option_changes: DataFrame,
    scenario_results: DataFrame,
    replan: Engine,
    scenario_changes: DataFrame | None = None,
) -> DataFrame:
    """Plan every proposed scenario; what `scenario_results` holds already is read from it.

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
    """Say what every proposed scenario does, against each gap that scenarios were proposed for.

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
    """Say of the limit that the scenario relieves, or strains, most what one more unit in every month would save."""
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
    """Say what each listed risk would do to the plan, and what is expected of it.

    A risk whose scenario the plan is made under already is in it: it adds nothing more, and its statement says so.

    Returns
    -------
    risk : risk_kind, statement, scenario, probability [ratio], revenue_effect, margin_effect, expected_effect
        [money; probability x margin effect], owner; the largest expected effect first

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
            f"risks: scenario must have rows in scenario_changes; risk={row['risk']} has scenario={row['scenario']}.\n"
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
