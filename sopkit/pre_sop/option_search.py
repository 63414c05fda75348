"""The options of the review: every move that touches a gap, and the best combinations of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.pre_sop import search
from sopkit.pre_sop.assumptions import against, offered_after
from sopkit.pre_sop.evaluation import EFFECTS, GOAL
from sopkit.pre_sop.levers import known_levers, supposing
from sopkit.pre_sop.limits import IN_FULL, ONE_UNIT, lifted
from sopkit.pre_sop.options import option_tables, proposed
from sopkit.pre_sop.ruled_out import SUPPOSED
from sopkit.rules.marks import mark
from sopkit.scenarios.results import (
    BASE,
    Engine,
    Scenario,
    results_of,
    whole,
)
from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import conform, empty

WHAT_IFS = 40  # of the search, where company_settings says nothing
TOGETHER = 6  # of these, to plan together all that is recommended
LEAST_SHARE = 0.0005  # of the plan's margin: what a move must add, where nothing is said
PROFIT = "margin"  # holds closing stock at standard cost: plans that end with other stock compare
PLUS = "+"  # between the moves of a combination, in its code
SAME = 1e-6  # of a value: a plan that differs by less is the same
PLANNED, WITHOUT_EFFECT, NOT_TRIED = "planned", "without effect", "not tried"
LIFT = "lift"  # begins the code of a plan without a limit
TRIED = ["scenario", "gap", "statement", "moves", "outcome", "allowed", "best"]
FILTERS = ("family", "product", "market", "resource", "item")


@dataclass(frozen=True)
class SearchInputs:
    """What the search reads beside the tables that levers change."""

    gaps: DataFrame
    planning_periods: DataFrame
    shadow_prices: DataFrame
    scenario_results: DataFrame
    goals: DataFrame | None = None
    levers: DataFrame | None = None
    scenario_changes: DataFrame | None = None
    risks: DataFrame | None = None
    assumptions: DataFrame | None = None
    company_settings: DataFrame | None = None


class OptionSearch(NamedTuple):
    """The tables of the search."""

    option_changes: DataFrame
    option_results: DataFrame
    tried_options: DataFrame
    limit_worth: DataFrame


@mark("step", reads=option_tables)
def option_search(
    tables: Mapping[str, DataFrame | None], inputs: SearchInputs, replan: Engine
) -> OptionSearch:
    """Plan every move alone, then the most promising combinations, within a number of what-ifs.

    A move that changes nothing is not offered. Costs that others must agree to, prices of products
    without a known elasticity, and what an assumption rules out, are planned alone, and neither
    recommended nor combined.

    Returns
    -------
    option_changes : scenario, change : see `options.proposed`; combinations follow their moves
    option_results : scenario, measure, item, period : value; see `scenarios.figures`
    tried_options : scenario : gap, statement, moves, outcome, note (what rules it out), allowed
        (whether no binding goal is missed for it), best (whether it is the combination with the
        highest profit, or a move of it)
    limit_worth : constraint, item : one_unit_effect, whole_effect [money of margin, like for like,
        of one unit more in every month, and of no limit], scenario (of the whole lift in
        option_results)
    """
    offered = _offered(tables, inputs)
    barred = _barred(offered, inputs, tables)
    groups = dict(iter(offered.groupby("scenario", sort=False)))
    moves, results = list(groups), {}
    base = results_of(inputs.scenario_results, BASE)
    goals = binding_goals(inputs.goals, base)
    terms = terms_of(goals, inputs.company_settings, base)

    lifts = _lifts(tables, inputs)
    free = _planned({name: rows for name, (_, rows) in lifts.items()}, replan)
    terms = terms._replace(what_ifs=max(terms.what_ifs - len(lifts) - TOGETHER, 0))

    def plan(wanted: Sequence[search.Combination]) -> list[np.ndarray]:
        asked = {_code(one, moves): _changes(one, moves, groups) for one in wanted}
        results.update(_planned(asked, replan))
        return [profit_and_goals(results[name], goals) for name in asked]

    known = _as_moves(groups, barred)
    plans = search.searched(known, profit_and_goals(base, goals), plan, terms)
    best = search.extended(search.best(plans, terms, known.combinable), known, plans, plan, terms)
    tried = _tried(plans, terms, best, groups)
    tried.loc[_without_effect(results, base, tried), "outcome"] = WITHOUT_EFFECT
    tried = tried.assign(note=[barred.get(name) for name in tried["scenario"]])
    found = _kept(tried, plans, groups, results)
    whole_lifts = [
        free[name].assign(scenario=name)
        for name, (limit, _) in lifts.items()
        if limit[2] == IN_FULL
    ]
    return OptionSearch(
        found[0],
        conform("option_results", pd.concat([found[1], *whole_lifts])),
        conform("tried_options", tried),
        _limit_worth(lifts, free, base),
    )


# -------------------------------------------------------------------------------------------------
# what a combination is worth, and what is allowed


def terms_of(goals: DataFrame, company_settings: DataFrame | None, base: DataFrame) -> search.Terms:
    """What the search may plan and recommend.

    Parameters
    ----------
    goals : the binding goals; see `binding_goals`
    base : the results of the base plan
    """
    said, known_profit = dict.fromkeys(("what_ifs", "least_gain"), np.nan), PROFIT in whole(base)
    if company_settings is not None:
        said = company_settings[list(said)].iloc[0].to_dict()
    least = said["least_gain"]
    if pd.isna(least):
        least = LEAST_SHARE * abs(whole(base).get(PROFIT, 0.0))
    if not known_profit:  # no costs are given: nothing is known to be worth it
        least = np.inf
    known = search.Goals(
        goals["target"].to_numpy(dtype=float),
        np.where(goals["direction"] == "at_least", 1.0, -1.0),
        (goals["tolerance"].fillna(0.0) * goals["target"].abs()).to_numpy(dtype=float),
    )
    return search.Terms(
        known, WHAT_IFS if pd.isna(said["what_ifs"]) else int(said["what_ifs"]), least
    )


def binding_goals(goals: DataFrame | None, base: DataFrame) -> DataFrame:
    """The binding goals of which the base plan has a value: rows of `goals`."""
    goals = empty("goals") if goals is None else goals
    valued = base.loc[base["measure"] == GOAL, "item"]
    return goals[goals["binding"].fillna(False).astype(bool) & goals["goal"].isin(valued)]


def profit_and_goals(results: DataFrame, goals: DataFrame) -> np.ndarray:
    """The like-for-like profit of a plan, then its values of the binding goals.

    Without costs the profit of every plan counts as 0.
    """
    values = results[results["measure"] == GOAL].set_index("item")["value"]
    profit = whole(results).get(PROFIT, 0.0)
    return np.array([profit, *values.reindex(goals["goal"])], dtype=float)


# -------------------------------------------------------------------------------------------------
# moves and combinations


def _offered(tables: Mapping[str, DataFrame | None], inputs: SearchInputs) -> DataFrame:
    """The changes of every move, and of those that may start after an assumption has ended."""
    told = {
        name: getattr(inputs, name) for name in ("goals", "levers", "scenario_changes", "risks")
    }
    periods = inputs.planning_periods
    moves = proposed(tables, inputs.gaps, periods, inputs.shadow_prices, **told)
    later = offered_after(moves, inputs.assumptions, periods["period"].max())
    return pd.concat([moves, later], ignore_index=True) if len(later) else moves


def _barred(
    offered: DataFrame, inputs: SearchInputs, tables: Mapping[str, DataFrame | None]
) -> dict[str, str]:
    """The scenarios that are never recommended: by an assumption, or by what they suppose."""
    last = inputs.planning_periods["period"].max()
    unsure = supposing(known_levers(inputs.levers), offered, tables)
    supposed = dict.fromkeys(unsure, SUPPOSED)
    return supposed | against(offered, inputs.assumptions, last)


def _as_moves(groups: Mapping[str, DataFrame], barred: Mapping[str, str]) -> search.Moves:
    """The moves as the search knows them: two that change the same rows are not combined."""
    changed = [rows.to_dict("records") for rows in groups.values()]
    near = [rows["gap"].iloc[0] for rows in groups.values()]
    free = [number for number, name in enumerate(groups) if name not in barred]
    clash = {
        (one, other)
        for one, other in combinations(range(len(changed)), 2)
        if any(_overlap(*pair) for pair in product(changed[one], changed[other]))
    }
    return search.Moves(near, free, clash)


def _overlap(one: Mapping, other: Mapping) -> bool:
    """Whether two changes may move the same cell: a filter that is empty holds for all."""
    same = (one["table"], one["column"]) == (other["table"], other["column"])
    return same and all(
        one[name] == other[name] or pd.isna(one[name]) or pd.isna(other[name]) for name in FILTERS
    )


def _code(one: search.Combination, moves: Sequence[str]) -> str:
    return PLUS.join(moves[move] for move in sorted(one))


def _changes(
    one: search.Combination, moves: Sequence[str], groups: Mapping[str, DataFrame]
) -> DataFrame:
    """The changes of a combination, under its own code: those of its moves, one after the other."""
    rows = pd.concat([groups[moves[move]] for move in sorted(one)], ignore_index=True)
    parts = [groups[moves[move]]["statement"].iloc[0] for move in sorted(one)]
    return rows.assign(
        scenario=_code(one, moves),
        change=range(1, len(rows) + 1),
        gap=rows["gap"].iloc[0],
        statement="; ".join(parts),
    )


def _planned(asked: Mapping[str, DataFrame], replan: Engine) -> dict[str, DataFrame]:
    """The results of sets of changes, each planned to the closing stock of the base plan."""
    if not asked:
        return {}
    wanted = [Scenario(name, rows[CHANGE], alike=True) for name, rows in asked.items()]
    planned = replan(wanted)
    return {name: results_of(planned, name) for name in asked}


# -------------------------------------------------------------------------------------------------
# what was found


def _tried(
    plans: search.Plans,
    terms: search.Terms,
    best: search.Combination,
    groups: Mapping[str, DataFrame],
) -> DataFrame:
    """Every move, planned or not, and every combination that was planned."""
    moves, before = list(groups), plans[frozenset()]
    alone = [frozenset([move]) for move in range(len(moves))]
    rows = []
    for one in dict.fromkeys([*alone, *(one for one in plans if len(one) > 1)]):
        rows.append(
            {
                "scenario": _code(one, moves),
                "gap": groups[moves[min(one)]]["gap"].iloc[0],
                "statement": "; ".join(groups[moves[m]]["statement"].iloc[0] for m in sorted(one)),
                "moves": len(one),
                "outcome": PLANNED if one in plans else NOT_TRIED,
                "allowed": one in plans and bool(search.allowed(plans[one], before, terms.goals)),
                "best": one <= best and (len(one) == 1 or one == best),
            }
        )
    return DataFrame(rows, columns=TRIED)


def _without_effect(
    results: Mapping[str, DataFrame], base: DataFrame, tried: DataFrame
) -> list[bool]:
    """Whether each of what was tried gives the base plan."""
    return [name in results and _same(results[name], base) for name in tried["scenario"]]


def _same(results: DataFrame, base: DataFrame) -> bool:
    """Whether a plan is the base plan, in all that decisions are compared by."""
    one, other = (whole(rows).reindex([*EFFECTS.values()]).fillna(0.0) for rows in (results, base))
    return bool(((one - other).abs() <= SAME * other.abs().clip(lower=1.0)).all())


def _kept(
    tried: DataFrame,
    plans: search.Plans,
    groups: Mapping[str, DataFrame],
    results: Mapping[str, DataFrame],
) -> tuple[DataFrame, DataFrame]:
    """The changes and results of the options; what has no effect is none."""
    options = tried[tried["outcome"] == PLANNED]["scenario"]
    moves = list(groups)
    by_code = {_code(one, moves): one for one in plans if one}
    changes = [_changes(by_code[name], moves, groups) for name in options]
    values = [results[name].assign(scenario=name) for name in options]
    return (
        conform("option_changes", pd.concat([empty("option_changes"), *changes])),
        pd.concat([empty("option_results"), *values]),
    )


# -------------------------------------------------------------------------------------------------
# what limits are worth


def _lifts(
    tables: Mapping[str, DataFrame | None], inputs: SearchInputs
) -> dict[str, tuple[tuple[str, str, str], DataFrame]]:
    """The limits to lift, and the changes that lift them, by the scenario's code."""
    found = {}
    for limit, change in lifted(inputs.shadow_prices, tables).items():
        constraint, item, far = limit
        code = f"{LIFT} {constraint} of {item}" + (f", {far}" if far == ONE_UNIT else "")
        row = {"scenario": code, "change": 1, "gap": code, "statement": code, **change}
        rows = DataFrame([row], columns=list(TABLES["option_changes"].columns))
        found[code] = limit, conform("option_changes", rows)
    return found


def _limit_worth(lifts: Mapping, results: Mapping[str, DataFrame], base: DataFrame) -> DataFrame:
    """What lifting each limit adds to the margin: a unit, and in full."""
    before = whole(base).get(PROFIT, np.nan)
    effect = {name: whole(rows).get(PROFIT, np.nan) - before for name, rows in results.items()}
    found = {limit: (name, effect[name]) for name, (limit, _) in lifts.items()}
    rows = [
        {
            "constraint": constraint,
            "item": item,
            "one_unit_effect": found[constraint, item, ONE_UNIT][1],
            "whole_effect": added,
            "scenario": name,
        }
        for (constraint, item, far), (name, added) in found.items()
        if far == IN_FULL
    ]
    return conform("limit_worth", DataFrame(rows, columns=list(TABLES["limit_worth"].columns)))
