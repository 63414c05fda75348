"""Variance of the plan to budget, prior year, prior cycle and goals."""

from functools import lru_cache, partial

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.finance.actuals import family_sales
from sopkit.finance.bridge import plan_at_demand
from sopkit.finance.goals import GoalInputs, judged_goals
from sopkit.master_data.known_money import without_costs
from sopkit.master_data.selling_prices import prices_on
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable, present, stacked
from sopkit.tables.keys import Keys
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import add_months, months_of

MONEY = ("revenue", "margin")
SIDES = ["reference_type", "measure", "item", "period", "plan", "reference_value"]


@on_arrays
def plan_variances(
    planning_periods: DataFrame,
    measured: GoalInputs,
    budget: DataFrame | None = None,
    goals: DataFrame | None = None,
    approved_forecasts: DataFrame | None = None,
    unit_economics: ArrayTable | None = None,
    profitability: ArrayTable | None = None,
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Compare the plan with budget, prior year, prior cycle, unconstrained demand and goals.

    Only months that both sides cover have a row; item `all` adds up the families compared. Last
    year is the same month's sales (revenue where every sale's is known); last cycle is the demand
    that the latest earlier consensus expected, at today's prices (its margin is not known). Where
    no costs are given, no margin is compared.
    Unconstrained is the plan if all demand were served in its month: its gap is the opportunity. A
    goal is in its last month, a path to a goal (see `goal_paths`) in the last month
    of each planned year; `unchecked_goals` lists the goals that cannot be checked.

    Returns
    -------
    reference_type, measure, item, period : plan, reference_value, variance [the measure's unit]

    Raises
    ------
    ValueError : a goal names a measure that the plan does not have, or a dimension that its measure
        has not.
    """
    months = months_of(planning_periods)
    products, plan = measured.products, measured.financial_plan
    references = {"last_year": _last_year(measured.sales_history, products, months)}
    if budget is not None:
        references["budget"] = ArrayTable.of_table("budget", budget).over(months)
    if approved_forecasts is not None:
        latest = _latest_consensus(approved_forecasts, months)
        prices = None
        if unit_economics is not None:
            prices = prices_on(unit_economics.on(latest), selling_prices)
        references["last_cycle"] = _last_cycle(products, latest, prices)
    if profitability is not None:
        references["unconstrained"] = _unconstrained(plan, measured, profitability)
    money = ("revenue",) if without_costs(plan) else MONEY
    shown = ("quantity", *(money if plan["revenue"].any() else ()))
    parts = [
        _compared(name, plan, reference, measure)
        for name, reference in references.items()
        for measure in shown
        if measure in reference
    ]
    found = stacked([_nothing(months), *(part for part in parts if present(part).any())])
    if goals is not None:
        of_goals = _of_goals(planning_periods, measured, goals, months)
        every = found.months.union(of_goals.months)
        found = stacked([found.over(every), of_goals.over(every)])
    return found.assign(variance=found["plan"] - found["reference_value"])


def _compared(name: str, plan: ArrayTable, reference: ArrayTable, measure: str) -> ArrayTable:
    """Plan beside reference for each family, and for all together where any is known."""
    known = present(reference) & ~np.isnan(reference[measure])
    some = known.any(axis=1)
    reference, known = reference.keep(some), known[some]
    planned = plan.on(ArrayTable(reference.keys, reference.months, {}, known))[measure]
    sides = {
        side: np.vstack([values, np.where(known, values, 0.0).sum(axis=0)])
        for side, values in (("plan", planned), ("reference_value", reference[measure]))
    }
    cells = np.vstack([known, known.any(axis=0)])
    return ArrayTable(_and_all(reference.keys, name, measure), reference.months, sides, cells)


def _nothing(months: PeriodIndex) -> ArrayTable:
    """No rows: what is compared where there is nothing to compare with."""
    keys = DataFrame(dict.fromkeys(SIDES[:3], pd.Series(dtype="str")))
    sides = dict.fromkeys(SIDES[4:], np.zeros((0, len(months))))
    return ArrayTable(Keys(keys), months, sides)


@remembered
def _and_all(families: Keys, name: str, measure: str) -> Keys:
    """The rows of one reference and measure: each family, and all."""
    columns = {"reference_type": name, "measure": measure, "item": [*families["family"], "all"]}
    return Keys(DataFrame(columns).astype(dict.fromkeys(columns, "str")))


@remembered
def _last_year(sales_history: DataFrame, products: DataFrame, months: PeriodIndex) -> ArrayTable:
    """The same month's sales a year before; the margin of sales is not known."""
    first = DataFrame({"period": months[:1]})
    sales = family_sales(first, products, sales_history)
    sales["period"] = add_months(sales["period"], 12)
    return ArrayTable.of_rows(sales, ["family"], months)


def _last_cycle(products: DataFrame, latest: ArrayTable, prices: np.ndarray | None) -> ArrayTable:
    """The demand that the latest earlier consensus expected, at today's prices."""
    columns = {"quantity": latest["quantity"]}
    if prices is not None:
        columns["revenue"] = latest["quantity"] * prices
    cells = present(latest)
    filled = {name: partial(np.where, cells, column, 0.0) for name, column in columns.items()}
    families = latest.by("family", master=products)
    sums = {name: families.sum(column()) for name, column in filled.items()}
    known = families.sum(cells.astype(float)) > 0
    return ArrayTable(families.keys, latest.months, sums, known)


@remembered
def _latest_consensus(approved_forecasts: DataFrame, months: PeriodIndex) -> ArrayTable:
    consensus = approved_forecasts[
        (approved_forecasts["contributor"] == "consensus")
        & (approved_forecasts["cycle"] < months[0])
    ]
    latest = consensus[consensus["cycle"] == consensus["cycle"].max()]
    rows = latest[["product", "market", "period", "quantity"]]
    return ArrayTable.of_rows(rows, ["product", "market"], months)


def _unconstrained(plan: ArrayTable, measured: GoalInputs, profitability: ArrayTable) -> ArrayTable:
    """The plan with every unit fulfilled in the month of demand."""
    at_demand = plan_at_demand.on_arrays(
        measured.products, measured.constrained_demand, profitability
    ).on(plan, default=0.0)
    columns = {
        "quantity": at_demand["demand"],
        "revenue": at_demand["demand_revenue"],
        "margin": plan["margin"] - at_demand["unserved_margin"],
    }
    return ArrayTable(plan.keys, plan.months, columns)


def _of_goals(
    planning_periods: DataFrame, measured: GoalInputs, goals: DataFrame, months: PeriodIndex
) -> ArrayTable:
    """Each goal in its last month, each path to a goal in the last month of each planned year."""
    judged = judged_goals(planning_periods, measured, goals)
    rows = [
        ("goal", each.goal, each.goal.to_period.ordinal, each.plan, each.goal.target)
        for each in judged
        if not np.isnan(each.plan)
    ]
    rows += [
        ("goal_path", each.goal, year.end, year.plan, year.wanted)
        for each in judged
        for year in each.path
    ]
    named = dict.fromkeys((name, goal.measure, goal.goal) for name, goal, *_ in rows)
    place = {key: number for number, key in enumerate(named)}
    ends = PeriodIndex.from_ordinals([month for _, _, month, *_ in rows], freq="M")
    every = months.union(ends.unique())
    sides = np.full((2, len(named), len(every)), np.nan)
    for (name, goal, _, *values), month in zip(rows, every.get_indexer(ends), strict=True):
        sides[:, place[name, goal.measure, goal.goal], month] = values
    columns = dict(zip(SIDES[4:], sides, strict=True))
    return ArrayTable(_named(tuple(named)), every, columns, ~np.isnan(sides[1]))


@lru_cache(maxsize=8)
def _named(rows: tuple[tuple[str, str, str], ...]) -> Keys:
    """What the rows of goals are about: reference_type, measure, item."""
    columns = zip(*rows, strict=True) if rows else [[], [], []]
    return Keys(
        DataFrame(
            {
                name: pd.array(list(cells), dtype="str")
                for name, cells in zip(SIDES[:3], columns, strict=True)
            }
        )
    )
