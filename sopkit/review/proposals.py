"""What could be done about a gap: each proposal a small set of changes to the input tables.

A proposal lifts a limit that costs the plan of record money, or moves a price, a cost or a stock rule by a small step.
Scenarios that people defined come first. All are only ideas until they are measured by replanning.
"""

from typing import NamedTuple

import pandas as pd

from sopkit.review import levers
from sopkit.tables import conform
from sopkit.vocabulary import TABLES

GAPS, OPTIONS = 6, 3  # at most so many gaps, and options for each: every option costs a replan
# a defined scenario is an idea for a gap when it changes one of these tables
TOUCHED_BY = {
    "capacity": ("resources", "resource_calendar", "routings"),
    "unserved": ("resources", "resource_calendar", "routings", "components", "inventory", "receipts"),
    "component": ("components",),
    "launch": ("launches",),
    "budget": ("economics", "activities"),
    "goal": ("economics", "activities", "inventory_policy"),
    "excess": ("inventory_policy",),
    "stranded": ("economics", "activities"),
}
GOAL_LEVERS = {
    "revenue": ("price",),
    "margin": ("price", "material"),
    "cash": ("price", "material", "cover"),
    "inventory_value": ("cover",),
    "quantity": ("limits",),
    "service_level_ratio": ("limits",),
}


class Inputs(NamedTuple):
    """The input tables that proposals change; None where absent."""

    products: pd.DataFrame
    constraint_values: pd.DataFrame
    resources: pd.DataFrame | None
    routings: pd.DataFrame | None
    resource_calendar: pd.DataFrame | None
    components: pd.DataFrame | None
    bill_of_materials: pd.DataFrame | None
    economics: pd.DataFrame | None
    inventory_policy: pd.DataFrame | None
    goals: pd.DataFrame | None
    scenario_changes: pd.DataFrame | None
    risks: pd.DataFrame | None


def proposed_changes(
    gaps,
    products,
    constraint_values,
    resources=None,
    routings=None,
    resource_calendar=None,
    components=None,
    bill_of_materials=None,
    economics=None,
    inventory_policy=None,
    goals=None,
    scenario_changes=None,
    risks=None,
):
    """Propose up to three scenarios for each of the six largest gaps that something can be done about.

    A scenario that would serve several gaps stands once, at the largest; it is measured against all of them. Prices
    and material costs move by 2 %; how customers and suppliers answer is not in the plan, so the statement says "if".

    Returns
    -------
    scenario, change : disagreement, table, column, operation, amount, statement, family, product, market, resource,
        from_period, to_period
    """
    inputs = Inputs(
        products, constraint_values, resources, routings, resource_calendar, components, bill_of_materials, economics,
        inventory_policy, goals, scenario_changes, risks,
    )  # fmt: skip
    rows, taken, treated = [], set(), 0
    for gap in gaps.itertuples():
        fresh = [option for option in _options(gap, inputs) if option.scenario not in taken][:OPTIONS]
        if treated == GAPS or not fresh:
            continue
        treated += 1
        taken |= {option.scenario for option in fresh}
        rows += [row for option in fresh for row in _rows(gap, option)]
    columns = list(TABLES["proposed_changes"].columns)
    return conform("proposed_changes", pd.DataFrame(rows, columns=columns))


def _rows(gap, option):
    told = {"scenario": option.scenario, "disagreement": gap.disagreement, "statement": option.statement}
    return [{**told, "change": number, **change} for number, change in enumerate(option.changes, start=1)]


def _options(gap, inputs):
    """Every idea for a gap, those that people defined first; a name that people took is not used again."""
    kind = gap.disagreement.split("-")[0]
    ours = []
    if kind in ("capacity", "unserved"):
        ours = _limits(gap, inputs)
    elif kind == "component":
        item = gap.disagreement.removeprefix("component-").removesuffix(f"-{gap.from_period}")
        ours = levers.supplier(item, inputs.products, inputs.components, inputs.bill_of_materials)
    elif kind == "budget":
        ours = _money("price", gap, inputs)
        if gap.disagreement.startswith("budget-margin-"):
            ours += _money("material", gap, inputs)
    elif kind == "goal":
        ours = _for_goal(gap, inputs)
    defined = set() if inputs.scenario_changes is None else set(inputs.scenario_changes["scenario"])
    fresh = {option.scenario: option for option in ours if option.scenario not in defined}
    return [*_defined(kind, gap, inputs), *fresh.values()]


def _money(lever, gap, inputs):
    return levers.money(lever, gap.family, gap.from_period, gap.to_period, inputs.products, inputs.economics)


def _for_goal(gap, inputs):
    """Ideas for a goal, by what it measures."""
    goal = inputs.goals.set_index("goal").loc[gap.disagreement.removeprefix("goal-")]
    ours = []
    for lever in GOAL_LEVERS.get(goal["measure"], ()):
        if lever == "limits":
            ours += _limits(gap, inputs)
        elif lever == "cover":
            ours += levers.cover(gap.family, inputs.products, inputs.inventory_policy)
        else:
            ours += _money(lever, gap, inputs)
    return ours


def _limits(gap, inputs):
    """Lift the limits that cost most, one at a time."""
    families = inputs.products.set_index("product")["family"]
    scarce = levers.scarce_limits(
        gap, inputs.products, inputs.constraint_values, inputs.routings, inputs.bill_of_materials
    )
    ours = []
    for limit in scarce.itertuples():
        months = (limit.first, gap.to_period)
        if limit.constraint == "overtime hours":
            ours += levers.overtime(limit.item, *months, inputs.resource_calendar)
        elif limit.constraint == "machine hours":
            ours += levers.machine(limit.item, *months, inputs.resource_calendar)
        elif limit.constraint == "max workers":
            ours += levers.workers(limit.item, inputs.resources)
        elif limit.constraint == "subcontract limit":
            ours += levers.outside(families[limit.item], *months, inputs.products, inputs.economics)
        elif limit.constraint == "supply limit":
            ours += levers.supplier(limit.item, inputs.products, inputs.components, inputs.bill_of_materials)
    return ours


def _defined(kind, gap, inputs):
    """The scenarios of scenario_changes that touch the gap; those of a risk are what may happen, not what to do."""
    if inputs.scenario_changes is None:
        return []
    rows = inputs.scenario_changes
    if inputs.risks is not None:
        rows = rows[~rows["scenario"].isin(inputs.risks["scenario"])]
    touching = rows.loc[_touches(kind, gap, rows, inputs), "scenario"].drop_duplicates()
    return [_as_option(name, rows[rows["scenario"] == name]) for name in sorted(touching)]


def _touches(kind, gap, rows, inputs):
    """Mark the changes to a table that bears on the gap, for its family or resource and in its months."""
    first = rows["from_period"].fillna(gap.to_period)
    last = rows["to_period"].fillna(gap.to_period)
    hit = rows["table"].isin(TOUCHED_BY.get(kind, ())) & (first <= gap.to_period) & (last >= gap.from_period)
    made_for = rows["family"].fillna(rows["product"].map(inputs.products.set_index("product")["family"]))
    if pd.notna(gap.family):
        hit &= made_for.isna() | (made_for == gap.family)
        hit &= rows["resource"].isna() | rows["resource"].isin(_resources_of(gap.family, inputs))
    if pd.notna(gap.resource):
        hit &= rows["resource"].isna() | (rows["resource"] == gap.resource)
    return hit


def _resources_of(family, inputs):
    if inputs.routings is None:
        return set()
    made = inputs.products.loc[inputs.products["family"] == family, "product"]
    return set(inputs.routings.loc[inputs.routings["product"].isin(made), "resource"])


def _as_option(name, rows):
    notes = "; ".join(dict.fromkeys(rows["note"].dropna()))
    columns = [c for c in TABLES["scenario_changes"].columns if c not in ("scenario", "change", "note")]
    changes = rows.sort_values("change")[columns].to_dict("records")
    return levers.Option(name, notes or name, tuple(changes))
