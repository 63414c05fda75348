"""Moves that may close a gap or overturn a policy: small sets of changes to the input tables.

An option lifts a limit that costs the plan of record money, moves a launch or an activity in time,
or moves a price, a cost or a stock rule by a small step. Scenarios that people defined come first.
All are only ideas until they are measured by replanning.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import chain, zip_longest
from types import MappingProxyType

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, Series

from sopkit.pre_sop import moves
from sopkit.pre_sop.gaps import gap_rules, place_of, rule_of
from sopkit.pre_sop.levers import Lever, known_levers, options_of
from sopkit.pre_sop.limits import bearing_on, products_using, resources_of, scarce_limits
from sopkit.pre_sop.option import Gap, Option
from sopkit.rules.call import call, inputs_of, missing
from sopkit.rules.collect import collect
from sopkit.rules.marks import mark_of
from sopkit.scenarios.starting import NEXT_MONTH, starting
from sopkit.schema.levers import CHANGED
from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import conform
from sopkit.tables.hierarchies import memberships, within

MONTHS = {"from_period": "period[M]", "to_period": "period[M]"}
POLICIES = ("supply_policy", "inventory_policy")  # rows that a lever may overturn
LIMITED = ("quantity", "fill_rate")  # measures that lifting limits may raise

Tables = Mapping[str, DataFrame | None]


@cache
def lever_functions() -> Mapping[str, Callable]:
    """Collect the levers that need code: name -> function."""
    return MappingProxyType(collect("lever", moves, tables=TABLES))


@cache
def option_tables() -> Mapping[str, bool]:
    """Name the tables that levers read or change: name -> whether it is required."""
    read = (name for function in lever_functions().values() for name in inputs_of(function))
    names = ["products", "product_groups", "market_groups", *read, *CHANGED, "price_elasticity"]
    return MappingProxyType(
        {name: TABLES[name].is_input and not TABLES[name].absent for name in dict.fromkeys(names)}
    )


def proposed(
    tables: Tables,
    gaps: DataFrame,
    planning_periods: DataFrame,
    shadow_prices: DataFrame,
    goals: DataFrame | None = None,
    levers: DataFrame | None = None,
    scenario_changes: DataFrame | None = None,
    risks: DataFrame | None = None,
) -> DataFrame:
    """Propose every move that touches a gap or overturns a policy row, each a scenario.

    The first of each gap come first, the largest gap's before the others', then the second ones.
    Nothing starts before the month after the first planned one: what would be over by then, and
    what moves something that has begun or is cancelled, is not proposed.
    A scenario that would serve several gaps is listed once, at the largest; it is measured for all
    of them. How suppliers answer a price is not in the plan, so the statement says "if"; how
    customers do is where a price elasticity is known, see `price_answers`.

    Returns
    -------
    scenario, change : gap, table, column, operation, amount, statement, family, product,
        market, resource, from_period, to_period
    """
    known = known_levers(levers)
    people = set() if scenario_changes is None else set(scenario_changes["scenario"])
    months, found = planning_periods["period"], {}
    for row in gaps.assign(place=place_of(gaps)).itertuples():
        gap = _gap(row, months, tables, goals)
        if gap.from_period > gap.to_period:
            continue  # it is over before anything can start
        ours = _options(gap, tables, known, shadow_prices)
        fresh = [each for each in ours if each.scenario not in people]
        defined = _touching(gap, tables, scenario_changes, risks)
        found[row.gap] = _startable([*defined, *fresh], gap.first + NEXT_MONTH)
    for place, options in _of_policies(tables, known, months):
        found[place] = _startable(options, months.min() + NEXT_MONTH)
    in_turn = chain(*zip_longest(*([(gap, one) for one in own] for gap, own in found.items())))
    taken: dict[str, tuple[str, Option]] = {}
    for gap_code, option in filter(None, in_turn):
        taken.setdefault(option.scenario, (gap_code, option))
    distinct: dict[frozenset, tuple[str, Option]] = {}
    for pair in taken.values():
        distinct.setdefault(_what(pair[1]), pair)
    rows = [change for pair in distinct.values() for change in _rows(*pair)]
    columns = list(TABLES["option_changes"].columns)
    return conform("option_changes", DataFrame(rows, columns=columns))


def _what(option: Option) -> frozenset:
    """What an option changes: two options of the same changes are one."""
    return frozenset(frozenset(change.items()) for change in option.changes)


def _of_policies(
    tables: Tables, levers: Mapping[str, Lever], months: Series
) -> Iterator[tuple[str, list[Option]]]:
    """The options that overturn a row of policy, by family, whether a gap asks for it or not."""
    span = months.min() + NEXT_MONTH, months.max()
    for family in sorted(tables["products"]["family"].unique()):
        options = [
            option
            for lever in levers.values()
            if lever.table in POLICIES and lever.scope == "family" and lever.closes
            for option in options_of(lever, family, *span, tables, levers)
        ]
        yield f"policy-{family}", options


def _startable(options: list[Option], start: Period) -> list[Option]:
    """The options with their changes from a month on; none of what would be over by then."""
    found = []
    for option in options:
        rows = DataFrame(option.changes).reindex(columns=CHANGE).astype(MONTHS)
        kept = starting(rows, start).to_dict("records")
        changes = tuple({k: v for k, v in row.items() if not pd.isna(v)} for row in kept)
        if len(changes) == len(option.changes):
            found.append(Option(option.scenario, option.statement, changes))
    return found


def _rows(gap: str, option: Option) -> list[dict]:
    told = {"scenario": option.scenario, "gap": gap, "statement": option.statement}
    return [
        {**told, "change": number, **change}
        for number, change in enumerate(option.changes, start=1)
    ]


def _gap(row, months: Series, tables: Tables, goals: DataFrame | None) -> Gap:
    """What levers must know of a row of `gaps`."""
    rule = rule_of(row.place)
    item = row.place.removeprefix(rule.replace("_", "-") + "-")
    products, bill = tables["products"], tables.get("bill_of_materials")
    if rule == "component":
        about: set[str] | None = products_using(item, products, bill)
    else:
        about = bearing_on(row.family, row.resource, products, tables.get("routings"))
    known = set(products["product"])
    return Gap(
        rule=rule,
        item=item,
        measure=_measure_of(rule, item, goals),
        family=None if pd.isna(row.family) else row.family,
        product=None if pd.isna(row.product) else row.product,
        resource=None if pd.isna(row.resource) else row.resource,
        from_period=max(row.from_period, months.min() + NEXT_MONTH),
        to_period=row.to_period,
        products=frozenset(known if about is None else about & known),
        first=months.min(),
        last=months.max(),
    )


def _measure_of(rule: str, item: str, goals: DataFrame | None) -> str:
    """The measure of a budget or goal that is missed; empty for other gaps."""
    if rule == "budget":
        return item.partition("-")[0]
    if rule in ("goal", "path") and goals is not None:
        return goals.set_index("goal").loc[item, "measure"]
    return ""


def _options(
    gap: Gap,
    tables: Tables,
    levers: Mapping[str, Lever],
    shadow_prices: DataFrame,
) -> list[Option]:
    """The options of all levers that close a gap: the first of each, then the second of each."""
    wanted = {gap.rule, gap.measure}
    found = defaultdict(list, limits=_lifted(gap, tables, levers, shadow_prices))
    for lever in levers.values():
        for item in _items_of(gap, lever, tables) if wanted & lever.closes else ():
            months = (gap.from_period, gap.to_period)
            found[lever.lever] += options_of(lever, item, *months, tables, levers)
    for name, function in lever_functions().items():
        about = mark_of(function).about
        if wanted.intersection(about["closes"]) and not missing(function, tables):
            found[about["beside"] or name] += call(function, tables, gap=gap)
    mixed = [option for option in chain(*zip_longest(*found.values())) if option is not None]
    return list({option.scenario: option for option in mixed}.values())


def _items_of(gap: Gap, lever: Lever, tables: Tables) -> list[str | None]:
    """The items of a lever for a gap: none, those of that kind that it touches, or all (None).

    What sets a policy is of one family or resource at a time, for each has its reason.
    """
    if lever.scope == "company":
        return [None]
    if lever.scope == "family":
        products = tables["products"]
        touched = products.loc[products["product"].isin(gap.products), "family"]
        several = gap.family is None and (lever.setting is not None or gap.resource is not None)
        return sorted(touched.unique()) if several else [gap.family]
    if lever.scope == "product_group":
        return _groups_of(gap, tables)
    if lever.scope == "resource" and gap.resource is None and gap.family is not None:
        return sorted(resources_of(gap.family, tables["products"], tables.get("routings")))
    own = {"product": gap.product, "resource": gap.resource}.get(lever.scope)
    return [] if own is None else [own]


def _groups_of(gap: Gap, tables: Tables) -> list[str | None]:
    """The product groups that a gap's family is in, or those of all products that it touches."""
    products, groups = tables["products"], tables.get("product_groups")
    if groups is None:
        return []
    touched = products.loc[products["product"].isin(gap.products), "family"]
    families = touched if gap.family is None else [gap.family]
    pairs = memberships(groups)
    return sorted(pairs.loc[pairs["member"].isin(families), "product_group"].unique())


def _lifted(
    gap: Gap, tables: Tables, levers: Mapping[str, Lever], shadow_prices: DataFrame
) -> list[Option]:
    """Lift the limits that cost most, one at a time."""
    products, bill = tables["products"], tables.get("bill_of_materials")
    if gap.rule == "component":
        limits = DataFrame(
            {"constraint": ["material"], "item": [gap.item], "first": [gap.from_period]}
        )
    elif mark_of(gap_rules()[gap.rule]).about["limited"] or gap.measure in LIMITED:
        items = bearing_on(gap.family, gap.resource, products, tables.get("routings"), bill)
        limits = scarce_limits(items, gap.from_period, gap.to_period, shadow_prices)
    else:
        return []
    family_of = products.set_index("product")["family"]
    ours: list[Option] = []
    for limit in limits.itertuples():
        item_of = {"family": family_of.get(limit.item, limit.item), "company": None}
        for lever in levers.values():
            if limit.constraint in lever.closes:
                item = item_of.get(lever.scope, limit.item)
                first = max(limit.first, gap.first + NEXT_MONTH)
                ours += options_of(lever, item, first, gap.to_period, tables, levers)
    return ours


def _touching(
    gap: Gap, tables: Tables, scenario_changes: DataFrame | None, risks: DataFrame | None
) -> list[Option]:
    """The scenarios of people that touch the gap; a risk's is what may happen, not what to do."""
    if scenario_changes is None:
        return []
    rows = scenario_changes
    rows = rows[~rows["applied"].fillna(False).astype(bool)]
    if risks is not None:
        rows = rows[~rows["scenario"].isin(risks["scenario"])]
    touching = rows.loc[_touches(gap, rows, tables), "scenario"].drop_duplicates()
    return [_as_option(name, rows[rows["scenario"] == name]) for name in sorted(touching)]


def _touches(gap: Gap, rows: DataFrame, tables: Tables) -> Series:
    """Mark the changes to a table that bears on the gap, for its family or resource and months."""
    products = tables["products"]
    first = rows["from_period"].fillna(gap.to_period)
    last = rows["to_period"].fillna(gap.to_period)
    hit = rows["table"].isin(mark_of(gap_rules()[gap.rule]).about["closed_by"])
    hit &= (first <= gap.to_period) & (last >= gap.from_period)
    made_for = rows["family"].fillna(rows["product"].map(products.set_index("product")["family"]))
    if gap.family is not None:
        near = resources_of(gap.family, products, tables.get("routings"))
        groups = tables.get("product_groups")
        for_family = [pd.isna(name) or gap.family in within(name, groups) for name in made_for]
        hit &= np.array(for_family, dtype=bool)
        hit &= rows["resource"].isna() | rows["resource"].isin(near)
    if gap.resource is not None:
        hit &= rows["resource"].isna() | (rows["resource"] == gap.resource)
    return hit


def _as_option(name: str, rows: DataFrame) -> Option:
    notes = "; ".join(dict.fromkeys(rows["note"].dropna()))
    columns = [c for c in CHANGE if c not in ("scenario", "change")]
    changes = rows.sort_values("change")[columns].to_dict("records")
    return Option(name, notes or name, tuple(changes))
