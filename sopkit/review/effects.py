"""What a scenario does to the plan, found by making the whole plan again."""

import numpy as np
import pandas as pd

from sopkit.review.disagreements import place_of, size_between
from sopkit.review.shape import of_record
from sopkit.review.sizes import sizes
from sopkit.tables import attach, conform, empty
from sopkit.vocabulary import CHANGE, TABLES

HELPS = 0.25  # below it a scenario is no answer to a gap
CLOSES = 0.80  # a gap closed so far counts as closed
BY_UNITS = ("product", "demand", "supply")  # gaps sized in units; the others in money


def strategies(
    gaps,
    proposed_changes,
    financial_plan,
    strategy_service,
    products,
    replan,
    launches=None,
    routings=None,
    bill_of_materials=None,
    inventory_policy=None,
    goals=None,
    resources=None,
    approved_supply_plans=None,
):
    """Measure every proposed scenario by one replan, against each gap that scenarios were proposed for.

    How far a gap is closed is found with the same rules that found the gap, over the gap's months: in units for gaps
    of product, demand and supply, in money for those of finance and goals. Above 1 it is more than closed, below 0
    it grows. A scenario counts for the gap it was proposed for, and for others of which it closes a quarter or more.
    Recommended is, of the scenarios that close a quarter or more, the one with the highest margin effect; if none
    earns money, the cheapest that closes 80 %, unless it costs more than the gap is worth. A scenario that sets a price or
    a material cost supposes that customers or suppliers do not react, so it is measured but never recommended.

    Returns
    -------
    disagreement, scenario : statement, gap_closed_ratio, revenue_effect, margin_effect, inventory_effect [money],
        service_effect [ratio], recommended
    """
    inputs = {
        "products": products,
        "launches": launches,
        "routings": routings,
        "bill_of_materials": bill_of_materials,
        "inventory_policy": inventory_policy,
        "goals": goals,
        "resources": resources,
        "approved_supply_plans": approved_supply_plans,
    }
    treated = gaps[gaps["disagreement"].isin(proposed_changes["disagreement"])]
    treated = treated.assign(place=place_of(treated))
    rows = []
    for scenario, changes in proposed_changes.groupby("scenario", sort=False):
        other = replan(changes[CHANGE])
        effect = _effect(financial_plan, strategy_service, other)
        found = sizes({**inputs, **other})
        proposal = {"scenario": scenario, "statement": changes["statement"].iloc[0], **effect}
        closed = [_closed(gap, found) for gap in treated.itertuples()]
        own = treated["disagreement"] == changes["disagreement"].iloc[0]
        measured = treated[["disagreement"]].assign(gap_closed_ratio=closed, **proposal)
        rows.append(measured[own | (measured["gap_closed_ratio"] >= HELPS)])
    columns = [c for c in TABLES["strategies"].columns if c != "recommended"]
    measured = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    supposed = _supposes(proposed_changes)
    measured = _recommended(measured, treated, supposed, financial_plan["margin"].abs().sum())
    return conform("strategies", measured)


def _effect(financial_plan, strategy_service, other):
    """The scenario's plan less the plan, in the four figures executives ask for."""
    base, new = (
        _figures(financial_plan, strategy_service),
        _figures(other["financial_plan"], other["strategy_service"]),
    )
    return {f"{name}_effect": new[name] - base[name] for name in base}


def _figures(financial_plan, strategy_service):
    return {
        "revenue": financial_plan["revenue"].sum(),
        "margin": financial_plan["margin"].sum(),
        "inventory": financial_plan.groupby("period")["inventory_value"].sum().max(),
        "service": of_record(strategy_service)["service_level_ratio"].iloc[0],
    }


def _closed(gap, found):
    """The share of a gap that is gone in a replanned plan."""
    units, value = size_between(found, gap)
    by_units = gap.between in BY_UNITS and gap.gap_units != 0
    before, after = (gap.gap_units, units) if by_units else (gap.gap_value, value)
    return 1 - after / before if before else 0.0


def _supposes(changes):
    """Scenarios that change what others decide: the market's price, the suppliers' cost."""
    others = (changes["table"] == "economics") & changes["column"].isin(["price", "material_cost"])
    return set(changes.loc[others, "scenario"])


def _recommended(measured, treated, supposed, scale):
    """Mark the scenario put to the executives for each gap, if any is worth it."""
    if measured.empty:
        return measured.assign(recommended=pd.Series(dtype="bool"))
    rows = attach(measured, treated[["disagreement", "gap_value"]])
    helps = (rows["gap_closed_ratio"] >= HELPS) & ~rows["scenario"].isin(supposed)
    earns = helps & (rows["margin_effect"] > 1e-6 * scale)  # less is the solver's rounding
    worth_it = (
        helps & (rows["gap_closed_ratio"] >= CLOSES) & (-rows["margin_effect"] <= rows["gap_value"].abs())
    )
    none_earns = ~earns.groupby(rows["disagreement"]).transform("any")
    eligible = earns | (worth_it & none_earns)
    ranked = rows[eligible].sort_values(["margin_effect", "scenario"], ascending=[False, True])
    best = ranked.drop_duplicates("disagreement").index
    return measured.assign(recommended=np.isin(measured.index, best))


def risk_scenarios(scenario_comparison, risks=None):
    """Say what each listed risk would do to the plan, and what is expected of it.

    Returns
    -------
    risk : risk_kind, statement, scenario, probability [ratio], revenue_effect, margin_effect, expected_effect
        [money; probability x margin effect], owner; the largest expected effect first

    Raises
    ------
    ValueError : a risk names a scenario without changes.
    """
    if risks is None or risks.empty:
        return empty("risk_scenarios")
    unknown = risks[~risks["scenario"].isin(scenario_comparison["scenario"])]
    if len(unknown):
        row = unknown.iloc[0]
        raise ValueError(
            f"risks: scenario must have rows in scenario_changes; risk={row['risk']} has scenario={row['scenario']}.\n"
            "  Add its changes, or name another scenario."
        )
    effects = scenario_comparison.pivot_table(index="scenario", columns="measure", values="gap")
    effects = effects[["revenue", "margin"]].add_suffix("_effect").reset_index()
    rows = attach(risks, effects)
    rows["expected_effect"] = rows["probability"] * rows["margin_effect"]
    order = np.lexsort([rows["risk"], -rows["expected_effect"].abs()])
    return conform("risk_scenarios", rows.iloc[order][list(TABLES["risk_scenarios"].columns)])
