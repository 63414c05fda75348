"""What a scenario does to the plan, found by making the whole plan again."""

import numpy as np
import pandas as pd

from sopkit.model.comparison import of_record
from sopkit.pre_sop.gaps import place_of, size_between
from sopkit.pre_sop.sizes import sizes
from sopkit.pre_sop.wording import amount, currency_of
from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import attach, conform, empty

HELPS = 0.25  # below it a scenario is no answer to a gap
CLOSES = 0.80  # a gap closed so far counts as closed
MOVED = 0.05  # of a limit's worth: a smaller change explains nothing
_SIZED_FROM = (
    "products", "launches", "routings", "bill_of_materials", "inventory_policy", "goals", "resources",
    "approved_supply_plans", "components",
)  # fmt: skip
BY_UNITS = ("product", "demand", "supply")  # gaps sized in units; the others in money


def strategies(
    gaps,
    proposed_changes,
    financial_plan,
    strategy_comparison,
    cash_plan,
    constraint_values,
    products,
    replan,
    launches=None,
    routings=None,
    bill_of_materials=None,
    inventory_policy=None,
    goals=None,
    resources=None,
    approved_supply_plans=None,
    components=None,
    terms=None,
):
    """Measure every proposed scenario by one replan, against each gap that scenarios were proposed for.

    How far a gap is closed is found with the same rules that found the gap, over the gap's months: in units for gaps
    of product, demand and supply, in money for those of finance and goals. Above 1 it is more than closed, below 0
    it grows. A scenario counts for the gap it was proposed for, and for others of which it closes a quarter or more.
    Recommended is, of the scenarios that close a quarter or more, the one with the highest margin effect; if none
    earns money, the cheapest that closes 80 %, unless it costs more than the gap is worth. A scenario that sets a price or
    a lower material cost supposes that customers or suppliers do not react, so it is measured but never recommended.

    Returns
    -------
    disagreement, scenario : statement, gap_closed_ratio, revenue_effect, cost_effect, margin_effect, cash_effect,
        inventory_effect [money], service_effect [ratio], because (the limit whose worth changes most), recommended
    """
    given = dict(locals())
    inputs = {name: given[name] for name in _SIZED_FROM}
    base = _figures(financial_plan, strategy_comparison, cash_plan)
    treated = gaps[gaps["disagreement"].isin(proposed_changes["disagreement"])]
    treated = treated.assign(place=place_of(treated))
    rows = []
    for scenario, changes in proposed_changes.groupby("scenario", sort=False):
        other = replan(changes[CHANGE])
        new = _figures(other["financial_plan"], other["strategy_comparison"], other["cash_plan"])
        effect = {f"{name}_effect": new[name] - base[name] for name in base}
        effect["because"] = _because(
            constraint_values, other["constraint_values"], currency_of(terms)
        )
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


def _figures(financial_plan, strategy_comparison, cash_plan):
    """The figures that executives ask for."""
    carried_out = of_record(strategy_comparison)
    return {
        "revenue": financial_plan["revenue"].sum(),
        "cost": carried_out["cost"],
        "margin": financial_plan["margin"].sum(),
        "cash": cash_plan["cash"].min(),
        "inventory": financial_plan.groupby("period")["inventory_value"].sum().max(),
        "service": carried_out["service_level_ratio"],
    }


def _because(plan, other, currency):
    """Say of the limit that the scenario relieves, or strains, most what one more unit in every month would save."""
    both = pd.concat([_limit_worth(plan, "x"), _limit_worth(other, "y")])
    both = both.groupby(["constraint", "item"]).sum().reset_index()
    both["moved"] = (both["total_x"] - both["total_y"]).abs()
    moved = both[
        (both["worth_x"] - both["worth_y"]).abs() > MOVED * both[["worth_x", "worth_y"]].max(axis=1)
    ]
    if moved.empty:
        return "no limit is worth more or less than before"
    row = moved.loc[moved["moved"].idxmax()]
    before, after = (amount(row[side], "money", currency) for side in ("worth_x", "worth_y"))
    return f"{row['constraint']} of {row['item']}: one more in every month saves {after}, {before} in the plan"


def _limit_worth(constraint_values, side):
    """What one more unit of each limit (worth), and what all that is used of it (total), saves over the horizon."""
    rows = constraint_values
    columns = {
        f"worth_{side}": rows["marginal_value"],
        f"total_{side}": rows["marginal_value"] * rows["used"],
    }
    return rows[["constraint", "item"]].assign(**columns)


def _closed(gap, found):
    """The share of a gap that is gone in a replanned plan."""
    units, value = size_between(found, gap)
    by_units = gap.between in BY_UNITS and gap.gap_units != 0
    before, after = (gap.gap_units, units) if by_units else (gap.gap_value, value)
    return 1 - after / before if before else 0.0


def _supposes(changes):
    """Scenarios that change what others decide: the market's price, or suppliers' cost to our favour."""
    money = changes["table"] == "economics"
    start = changes["operation"].map({"multiply": 1.0, "add": 0.0}).astype("float64")
    dearer = changes["amount"] > start  # paying more is our own choice
    others = (changes["column"] == "price") | ((changes["column"] == "material_cost") & ~dearer)
    return set(changes.loc[money & others, "scenario"])


def _recommended(measured, treated, supposed, scale):
    """Mark the scenario put to the executives for each gap, if any is worth it."""
    if measured.empty:
        return measured.assign(recommended=pd.Series(dtype="bool"))
    rows = attach(measured, treated[["disagreement", "gap_value"]])
    helps = (rows["gap_closed_ratio"] >= HELPS) & ~rows["scenario"].isin(supposed)
    earns = helps & (rows["margin_effect"] > 1e-6 * scale)  # less is the solver's rounding
    worth_it = (
        helps
        & (rows["gap_closed_ratio"] >= CLOSES)
        & (-rows["margin_effect"] <= rows["gap_value"].abs())
    )
    none_earns = ~earns.groupby(rows["disagreement"]).transform("any")
    eligible = earns | (worth_it & none_earns)
    ranked = rows[eligible].sort_values(["margin_effect", "scenario"], ascending=[False, True])
    best = ranked.drop_duplicates("disagreement").index
    return measured.assign(recommended=np.isin(measured.index, best))


def risk_scenarios(scenario_comparison, risks=None, scenario_changes=None):
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
        return empty("risk_scenarios")
    known = [] if scenario_changes is None else scenario_changes["scenario"]
    within = risks["scenario"].isin(known) & ~risks["scenario"].isin(
        scenario_comparison["scenario"]
    )
    unknown = risks[~within & ~risks["scenario"].isin(scenario_comparison["scenario"])]
    if len(unknown):
        row = unknown.iloc[0]
        raise ValueError(
            f"risks: scenario must have rows in scenario_changes; risk={row['risk']} has scenario={row['scenario']}.\n"
            "  Add its changes, or name another scenario."
        )
    effects = scenario_comparison.pivot_table(index="scenario", columns="measure", values="gap")
    effects = effects.reindex(columns=["revenue", "margin"]).add_suffix("_effect").reset_index()
    rows = risks.assign(
        statement=risks["statement"].mask(within, risks["statement"] + " (in the plan)")
    )
    rows = attach(rows, effects, absent=0.0)
    rows["expected_effect"] = rows["probability"] * rows["margin_effect"]
    order = np.lexsort([rows["risk"], -rows["expected_effect"].abs()])
    return conform("risk_scenarios", rows.iloc[order][list(TABLES["risk_scenarios"].columns)])
