"""Finance adjustments and their effect."""

from math import nan

import pandas as pd
from pandas import DataFrame

from sopkit.scenarios.changes import untaken
from sopkit.scenarios.results import BASE, WITHOUT, finance_inputs, results_of, whole
from sopkit.schema.tables import TABLES
from sopkit.tables import conform

WITHIN, PROPOSED = "in this plan, at its weight", "not in this plan"
EFFECTS = {"revenue": "revenue", "margin": "margin", "cash": "min_cash"}


def finance_adjustments(
    financial_plan: DataFrame,
    scenario_results: DataFrame,
    demand_inputs: DataFrame | None = None,
    scenario_changes: DataFrame | None = None,
) -> DataFrame:
    """Measure the effect of each finance adjustment on the plan.

    Demand inputs of finance, by author and reason, are in the plan at their weight: their effect is
    the plan less the plan without them. A scenario whose changes name finance as their function is
    not in the plan: its effect is the plan under it less the plan; its reason is its notes.

    Returns
    -------
    adjustment : statement, author, reason, revenue_effect, margin_effect,
        cash_effect [money; of the lowest cash], handling
    """
    plan, rows = whole(results_of(scenario_results, BASE)), []
    for name, inputs in finance_inputs(demand_inputs, financial_plan["period"]):
        without = whole(results_of(scenario_results, WITHOUT + name))
        rows.append({**_inputs(name, inputs), **_effects(plan, without)})
    for name, changes in _proposed(scenario_changes):
        under = whole(results_of(scenario_results, name))
        rows.append({**_scenario(name, changes), **_effects(under, plan)})
    columns = TABLES["finance_adjustments"].columns
    return conform("finance_adjustments", pd.DataFrame(rows, columns=columns))


def _effects(with_it, without):
    return {
        f"{name}_effect": with_it.get(measure, nan) - without.get(measure, nan)
        for name, measure in EFFECTS.items()
    }


def _inputs(name, rows):
    """What finance expects, in words."""
    count = (rows["product"].nunique(), rows.loc[rows["product"].isna(), "family"].nunique())
    things = (f"{n} {what}" for n, what in zip(count, ("products", "families"), strict=True) if n)
    return {
        "adjustment": name,
        "statement": f"Finance expects {rows['quantity'].sum():,.0f} units of "
        f"{' and '.join(things) or 'all products'} from {rows['period'].min()} to "
        f"{rows['period'].max()}",
        "author": rows["author"].iloc[0],
        "reason": rows["reason"].iloc[0],
        "handling": WITHIN,
    }


def _proposed(scenario_changes):
    """The scenarios that finance proposes and that the plan is not made under."""
    if scenario_changes is None:
        return ()
    rows = untaken(scenario_changes)
    return rows[rows["function"] == "finance"].groupby("scenario", sort=False)


def _scenario(name, rows):
    """A scenario that finance proposes, in words."""
    done = [f"{r.operation} {r.table}.{r.column} {r.amount:g}" for r in rows.itertuples()]
    return {
        "adjustment": name,
        "statement": "; ".join(done),
        "author": "; ".join(rows["author"].dropna().unique()) or "finance",
        "reason": "; ".join(rows["note"].dropna().unique()) or "none is given",
        "handling": PROPOSED,
    }
