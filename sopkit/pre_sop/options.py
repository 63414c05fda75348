"""What could be done about a gap: each proposal a small set of changes to the input tables.

A proposal lifts a limit that costs the plan of record money, moves a launch or an activity in time, or moves a price, a
cost or a stock rule by a small step.
Scenarios that people defined come first. All are only ideas until they are measured by replanning.
"""

from itertools import chain, zip_longest
from typing import NamedTuple

import pandas as pd

from sopkit.pre_sop import levers, moves
from sopkit.pre_sop.option import Option
from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import conform

GAPS, OPTIONS = 10, 5  # at most so many gaps, and options for each: every option costs a replan
# a defined scenario is an idea for a gap when it changes one of these tables
TOUCHED_BY = {
    "capacity": ("resources", "resource_calendar", "routings", "launches", "activities"),
    "unserved": (
        "resources",
        "resource_calendar",
        "routings",
        "components",
        "inventory",
        "receipts",
        "launches",
        "activities",
    ),
    "component": ("components", "launches", "activities"),
    "launch": ("launches",),
    "short": ("launches",),
    "budget": ("economics", "activities"),
    "goal": ("economics", "activities", "inventory_policy"),
    "path": ("economics", "activities", "launches"),
    "excess": ("inventory_policy",),
    "stranded": ("economics", "activities"),
}
GOAL_LEVERS = {
    "revenue": ("price", "nearer"),
    "margin": ("price", "material", "nearer"),
    "cash": ("price", "material", "cover"),
    "inventory_value": ("cover",),
    "quantity": ("limits", "nearer"),
    "service_level_ratio": ("limits",),
}


class Inputs(NamedTuple):
    """The input tables that proposals change; None where absent."""

    months: pd.Series  # planned
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
    launches: pd.DataFrame | None
    activities: pd.DataFrame | None
    demand_inputs: pd.DataFrame | None


def proposed_changes(
    gaps,
    horizon,
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
    launches=None,
    activities=None,
    demand_inputs=None,
):
    """Propose up to five scenarios, of different kinds first, for each of the ten largest gaps that have any.

    A scenario that would serve several gaps stands once, at the largest; it is measured against all of them. Prices
    and material costs move by 2 %; how customers and suppliers answer is not in the plan, so the statement says "if".

    Returns
    -------
    scenario, change : disagreement, table, column, operation, amount, statement, family, product, market, resource,
        from_period, to_period
    """
    inputs = Inputs(
        horizon["period"], products, constraint_values, resources, routings, resource_calendar, components, bill_of_materials, economics,
        inventory_policy, goals, scenario_changes, risks, launches, activities, demand_inputs,
    )  # fmt: skip
    rows, taken, treated = [], set(), 0
    for gap in gaps.itertuples():
        if treated == GAPS:
            break
        fresh = [option for option in _options(gap, inputs) if option.scenario not in taken][
            :OPTIONS
        ]
        treated += bool(fresh)
        taken |= {option.scenario for option in fresh}
        rows += [row for option in fresh for row in _rows(gap, option)]
    columns = list(TABLES["proposed_changes"].columns)
    return conform("proposed_changes", pd.DataFrame(rows, columns=columns))


def _rows(gap, option):
    told = {
        "scenario": option.scenario,
        "disagreement": gap.disagreement,
        "statement": option.statement,
    }
    return [
        {**told, "change": number, **change}
        for number, change in enumerate(option.changes, start=1)
    ]


def _options(gap, inputs):
    """Every idea for a gap, those that people defined first; a name that people took is not used again."""
    kind = gap.disagreement.split("-")[0]
    ours = []
    if kind in ("capacity", "unserved"):
        ours = [_limits(gap, inputs), *_off(gap, inputs)]
    elif kind == "component":
        ours = [_parts(gap, inputs), *_off(gap, inputs)]
    elif kind in ("launch", "short"):
        ours = [_launch(gap, inputs)]
    elif kind == "budget":
        levers_of = (
            ("price", "material") if gap.disagreement.startswith("budget-margin-") else ("price",)
        )
        ours = [*(_money(lever, gap, inputs) for lever in levers_of), *_nearer(gap, inputs)]
    elif kind in ("goal", "path"):
        ours = _for_goal(gap, inputs)
    mixed = [option for option in chain(*zip_longest(*ours)) if option is not None]
    defined = set() if inputs.scenario_changes is None else set(inputs.scenario_changes["scenario"])
    fresh = {option.scenario: option for option in mixed if option.scenario not in defined}
    return [*_defined(kind, gap, inputs), *fresh.values()]


def _made(gap, inputs):
    return levers.products_of(gap, inputs.products, inputs.routings, inputs.bill_of_materials)


def _off(gap, inputs):
    """Kinds of ideas that take demand off the gap's months."""
    made, first, last = _made(gap, inputs), inputs.months.min(), inputs.months.max()
    without = made if gap.disagreement.startswith("component-") else set()
    return [
        moves.launches_off(gap, made, last, inputs.launches, inputs.demand_inputs),
        moves.activities_off(
            gap, made, first, last, inputs.products, inputs.activities, inputs.demand_inputs
        ),
        levers.substitute(gap, made, inputs.launches, without),
    ]


def _nearer(gap, inputs):
    """Kinds of ideas that bring demand into the gap's months."""
    made, first = _made(gap, inputs), inputs.months.min()
    about = (gap, made, first, inputs.products, inputs.activities)
    return [
        moves.activities_longer(*about),
        moves.activities_nearer(*about, inputs.demand_inputs),
        moves.launches_nearer(gap, made, first, inputs.launches),
    ]


def _parts(gap, inputs):
    """Have more of a component."""
    item, parts = (
        levers.component_of(gap),
        (inputs.products, inputs.components, inputs.bill_of_materials),
    )
    return levers.supplier(item, *parts) + levers.expedite(item, *parts, inputs.economics)


def _launch(gap, inputs):
    """Put a launch off, unless it is left out of the plan."""
    launch = gap.disagreement.removeprefix("short-").removeprefix("launch-")
    row = inputs.launches[inputs.launches["launch"] == launch]
    if (row[moves.GATES] == "failed").any(axis=None):
        return []
    return moves.launch_later(launch, inputs.months.max(), inputs.launches, inputs.demand_inputs)


def _money(lever, gap, inputs):
    return levers.money(
        lever, gap.family, gap.from_period, gap.to_period, inputs.products, inputs.economics
    )


def _for_goal(gap, inputs):
    """Ideas for a goal, by what it measures."""
    goal = inputs.goals.set_index("goal").loc[gap.disagreement.partition("-")[2]]
    ours = []
    for lever in GOAL_LEVERS.get(goal["measure"], ()):
        if lever == "limits":
            ours.append(_limits(gap, inputs))
        elif lever == "nearer":
            ours += _nearer(gap, inputs)
        elif lever == "cover":
            ours.append(levers.cover(gap.family, inputs.products, inputs.inventory_policy))
        else:
            ours.append(_money(lever, gap, inputs))
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
            ours += levers.supplier(
                limit.item, inputs.products, inputs.components, inputs.bill_of_materials
            )
    return ours


def _defined(kind, gap, inputs):
    """The scenarios of scenario_changes that touch the gap; those of a risk are what may happen, not what to do."""
    if inputs.scenario_changes is None:
        return []
    rows = inputs.scenario_changes
    rows = rows[~rows["taken"].fillna(False).astype(bool)]
    if inputs.risks is not None:
        rows = rows[~rows["scenario"].isin(inputs.risks["scenario"])]
    touching = rows.loc[_touches(kind, gap, rows, inputs), "scenario"].drop_duplicates()
    return [_as_option(name, rows[rows["scenario"] == name]) for name in sorted(touching)]


def _touches(kind, gap, rows, inputs):
    """Mark the changes to a table that bears on the gap, for its family or resource and in its months."""
    first = rows["from_period"].fillna(gap.to_period)
    last = rows["to_period"].fillna(gap.to_period)
    hit = (
        rows["table"].isin(TOUCHED_BY.get(kind, ()))
        & (first <= gap.to_period)
        & (last >= gap.from_period)
    )
    made_for = rows["family"].fillna(
        rows["product"].map(inputs.products.set_index("product")["family"])
    )
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
    columns = [c for c in CHANGE if c not in ("scenario", "change")]
    changes = rows.sort_values("change")[columns].to_dict("records")
    return Option(name, notes or name, tuple(changes))
