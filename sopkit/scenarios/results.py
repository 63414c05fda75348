"""Measures of the base plan and of each scenario, in one table of values.

A set of changes is planned once, by the engine (`cycle.replanning.scenario_engine`) that a step
gets as `replan`; effects are read from the values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.master_data.known_money import without_costs
from sopkit.master_data.versions import latest
from sopkit.model.comparison import of_record
from sopkit.rules.remember import remembered
from sopkit.scenarios.changes import untaken
from sopkit.schema.measures import MEASURES
from sopkit.schema.stages import BASE
from sopkit.schema.tables import CHANGE
from sopkit.tables import conform
from sopkit.tables.measures import MissingValue, value

WITHOUT = "without "  # begins the name of a plan without some of its inputs
SHOWN = (
    "financial_plan",
    "strategy_comparison",
    "demand_plan",
    "workforce_plan",
    "cash_plan",
    "supply_plan",
)
MONTHLY = ("demand", "inventory", "margin", "cash")  # the measures that show a plan month by month
_SUMS = (
    "demand",
    "quantity",
    "revenue",
    "cost_of_sales",
    "margin",
    "lost_sales",
    "hired",
    "laid_off",
)
_CLOSING = {"inventory_value": "closing_inventory_value", "backlog": "closing_backlog"}
_CLOSING |= {"workers": "closing_workers"}  # what a plan leaves at its end, by the measure of it
_OF_RECORD = ("cost", "fill_rate", "max_inventory_planned", "max_backlog")  # of strategy_comparison
_BY = {
    **dict.fromkeys(("quantity", "revenue", "margin", "inventory"), ("family", "period")),
    **dict.fromkeys(("demand", "cash"), ("period",)),
}
NO_MONTH = pd.NaT._value
OF_COSTS = frozenset(("cost_of_sales", "margin", "inventory_value", "cash"))  # measures of costs


class Scenario(NamedTuple):
    """The inputs of a plan: changes, or other tables in place of some."""

    name: str
    changes: DataFrame | None = None  # rows of scenario_changes
    instead: Mapping[str, DataFrame] | None = None  # input table name -> table
    alike: bool = False  # whether it ends with the stock of the base plan, by product


Engine = Callable[[Sequence[Scenario]], DataFrame]  # -> scenario, measure, item, period : value


# -------------------------------------------------------------------------------------------------
# the scenarios that are planned


def scenario_results(
    financial_plan: DataFrame,
    replan: Engine,
    scenario_changes: DataFrame | None = None,
    demand_inputs: DataFrame | None = None,
) -> DataFrame:
    """Plan every scenario that is defined or a risk names, and without finance adjustments.

    A scenario that is part of the plan is not planned again. The base plan
    is listed as `base`.

    Returns
    -------
    scenario, measure, item, period : value [the measure's unit]; see `figures` and
        `pre_sop.evaluation.gap_results`
    """
    asked = [Scenario(BASE), *defined(scenario_changes)]
    if demand_inputs is not None:
        for name, without in finance_inputs(demand_inputs, financial_plan["period"]):
            kept = (
                latest("demand_inputs", demand_inputs)
                .drop(index=without.index)
                .reset_index(drop=True)
            )
            asked.append(Scenario(WITHOUT + name, instead={"demand_inputs": kept}))
    return conform("scenario_results", replan(asked))


def defined(scenario_changes: DataFrame | None) -> list[Scenario]:
    """The scenarios of a table of changes that are not part of the plan yet."""
    if scenario_changes is None:
        return []
    groups = untaken(scenario_changes).groupby("scenario", sort=False)
    return [Scenario(name, rows[CHANGE]) for name, rows in groups]


def finance_inputs(
    demand_inputs: DataFrame | None, periods: Series
) -> Iterator[tuple[str, DataFrame]]:
    """The demand inputs of finance for planned months, named by author and reason."""
    if demand_inputs is None:
        return
    entries = latest("demand_inputs", demand_inputs)
    own = entries[(entries["function"] == "finance") & entries["period"].isin(periods)]
    for number, (_, rows) in enumerate(own.groupby(["author", "reason"]), start=1):
        yield f"demand-inputs-{number}", rows


def planned_before(
    changes: DataFrame, *known: tuple[DataFrame | None, DataFrame]
) -> DataFrame | None:
    """The results of the same changes, if planned before; else None.

    Parameters
    ----------
    changes : the rows of one scenario
    known : pairs of a table of changes and the results of its scenarios

    Returns
    -------
    scenario, measure, item, period : value, or None
    """
    asked = changes_of(changes)
    for others, results in known:
        for name in [] if others is None else _by_changes(others).get(asked, []):
            found = results[results["scenario"] == name]
            if len(found):
                return found
    return None


@remembered
def _by_changes(others: DataFrame) -> dict[tuple, list[str]]:
    """The scenarios that make each set of changes."""
    found: dict[tuple, list[str]] = {}
    for name, rows in others.groupby("scenario", sort=False):
        found.setdefault(changes_of(rows), []).append(name)
    return found


def changes_of(rows: DataFrame | None) -> tuple:
    """The changes of a scenario without its name: equal for equal sets of changes."""
    if rows is None:
        return ()
    columns = [column for column in CHANGE if column not in ("scenario", "change")]
    order = np.argsort(rows["change"].to_numpy(), kind="stable")
    cells = [rows[column].array.take(order) for column in columns]
    told = [np.where(each.isna(), None, each.astype(object)) for each in cells]
    return tuple(zip(*told, strict=True))


# -------------------------------------------------------------------------------------------------
# the figures of a plan


def figures(tables: Mapping[str, DataFrame]) -> DataFrame:
    """The measures of a plan: in total, by family and month, and by month.

    Returns
    -------
    measure, item, period : value [the measure's unit]
        in all, item and period empty : sums, cost and service level of supply, highest stock and
            backlog, highest utilization of a resource in a month, lowest cash; stock at standard
            cost, backlog and workers at the end
        quantity, revenue, margin, inventory : by family and month
        demand, cash : by month
        where no costs are given, nothing that rests on them
    """
    tables = {name: table for name, table in tables.items() if table is not None}
    unknown = OF_COSTS if without_costs(tables.get("financial_plan")) else frozenset()
    totals = {name: _known(name, tables) for name in _SUMS if name not in unknown}
    if "strategy_comparison" in tables:
        of_supply = of_record(tables["strategy_comparison"])
        totals |= {name: of_supply[name] for name in _OF_RECORD}
    if "inventory_value" not in unknown:
        totals["max_inventory_value"] = _known("inventory_value", tables)
    used = _known("planned_utilization", tables, ("resource", "period"))
    totals["max_utilization_ratio"] = None if used is None else used["value"].max()
    if "cash" not in unknown:
        totals["min_cash"] = _known("cash", tables)
    totals |= {
        name: _at_the_end(measure, tables)
        for measure, name in _CLOSING.items()
        if measure not in unknown
    }
    totals = {name: number for name, number in totals.items() if number is not None}
    parts = [_told([*totals], [None] * len(totals), NO_MONTH, [*totals.values()])]
    for name, by in _BY.items():
        if name in unknown:
            continue
        if (rows := _known(name, tables, by)) is not None:
            item = rows["family"] if "family" in rows else [None] * len(rows)
            parts.append(_told([name] * len(rows), item, rows["period"].array.asi8, rows["value"]))
    measure, item, period, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    return DataFrame(
        {
            "measure": pd.array(measure, dtype="str"),
            "item": pd.array(item, dtype="str"),
            "period": PeriodIndex.from_ordinals(period, freq="M"),
            "value": value,
        }
    )


def _at_the_end(name, tables):
    """The value of a measure in the last month; None where its table is not there."""
    months = _known(name, tables, ("period",))
    if months is None or months.empty:
        return None
    return months.loc[months["period"].idxmax(), "value"]


def _told(measure, item, period, value):
    """Rows of figures as arrays: names, ordinals of months and numbers."""
    names = np.asarray(measure, dtype=object), np.asarray(item, dtype=object)
    return *names, np.broadcast_to(period, len(names[0])), np.asarray(value, dtype=float)


def _known(name, tables, by=()):
    """The value of a measure; None where its table is not there."""
    table, products = tables.get(MEASURES[name].table), tables.get("products")
    return None if table is None else _value_of(table, products, name, tuple(by))


@remembered
def _value_of(table, products, name, by):
    try:
        return value(name, {MEASURES[name].table: table, "products": products}, by)
    except MissingValue:
        return None


def by_month(plan: DataFrame, reference: DataFrame | None = None) -> DataFrame:
    """The company's plan by month with the reference, if any; only measures that are planned.

    `plan` and `reference` are results as `figures` gives them.

    Returns
    -------
    measure, period : plan, and reference_value [the measure's unit]
    """
    sides = {"plan": _months(plan)}
    if reference is not None:
        sides["reference_value"] = _months(reference)
    return DataFrame(sides).rename_axis(["measure", "period"]).reset_index()


def _months(rows):
    sums = rows.groupby(["measure", "period"], sort=False)["value"].sum()
    return sums.reindex(MONTHLY, level="measure")


# -------------------------------------------------------------------------------------------------
# reading results


def results_of(results: DataFrame, scenario: str) -> DataFrame:
    """The values of one scenario.

    Returns
    -------
    measure, item, period : value [the measure's unit]
    """
    return results[results["scenario"] == scenario].drop(columns="scenario")


def whole(rows: DataFrame) -> Series:
    """The measures of one scenario's whole plan.

    Returns
    -------
    measure : value [the measure's unit]
    """
    return rows[rows["item"].isna() & rows["period"].isna()].set_index("measure")["value"]


def compare(plan: DataFrame, reference: DataFrame) -> DataFrame:
    """Compare the measures of two plans: variance = plan - reference.

    `plan` and `reference` are results as `figures` gives them.

    Returns
    -------
    measure : plan, reference_value, variance [the measure's unit]
    """
    return _beside(whole(plan), whole(reference))


def comparison(scenario_results: DataFrame) -> DataFrame:
    """Compare every scenario with the base plan.

    Returns
    -------
    scenario, measure : plan, reference_value, variance [the measure's unit]
    """
    base = whole(results_of(scenario_results, BASE))
    names = [n for n in scenario_results["scenario"].unique() if not n.startswith(WITHOUT)]
    parts = [
        _beside(whole(results_of(scenario_results, name)), base).assign(scenario=name)
        for name in names
        if name != BASE
    ]
    none = _beside(base, base).iloc[:0].assign(scenario="")
    rows = pd.concat(parts, ignore_index=True) if parts else none
    return rows[["scenario", "measure", "plan", "reference_value", "variance"]]


def _beside(plan, reference):
    sides = DataFrame({"plan": plan, "reference_value": reference.reindex(plan.index)})
    sides = sides.rename_axis("measure").reset_index()
    return sides.assign(variance=sides["plan"] - sides["reference_value"])
