"""What finance asks to change, measured before the plan is accepted with it."""

import pandas as pd

from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import conform

WITHIN, PROPOSED = "in this plan, at its weight", "not in this plan"


def finance_adjustments(
    financial_plan, cash_plan, replan, demand_inputs=None, scenario_changes=None
):
    """Say what each adjustment of finance does to the plan, by one replan each.

    Demand inputs of finance, by author and reason, are in the plan at their weight: their effect is the plan less the plan
    without them. A scenario whose changes name finance as their function is not in the plan: its effect is the plan under
    it less the plan; its reason is its notes.

    Returns
    -------
    adjustment : statement, author, reason, revenue_effect, margin_effect, cash_effect [money; of the lowest cash],
        treatment
    """
    plan = _figures(financial_plan, cash_plan)
    asked = [*_inputs(financial_plan, demand_inputs), *_scenarios(scenario_changes)]
    rows = []
    for said, instead, changes in asked:
        other = replan(changes, instead)
        sides = plan, _figures(other["financial_plan"], other["cash_plan"])
        without, with_it = sides[::-1] if said["treatment"] == WITHIN else sides
        rows.append({**said, **{f"{name}_effect": with_it[name] - without[name] for name in plan}})
    return conform(
        "finance_adjustments", pd.DataFrame(rows, columns=TABLES["finance_adjustments"].columns)
    )


def _figures(financial_plan, cash_plan):
    money = {name: financial_plan[name].sum() for name in ("revenue", "margin")}
    return {**money, "cash": cash_plan["cash"].min()}


def _inputs(financial_plan, demand_inputs):
    """Finance's rows of demand_inputs by author and reason, and the inputs without them."""
    if demand_inputs is None:
        return
    planned = demand_inputs["period"].isin(financial_plan["period"])
    own = demand_inputs[(demand_inputs["function"] == "finance") & planned]
    for number, ((author, reason), rows) in enumerate(own.groupby(["author", "reason"]), start=1):
        said = {
            "adjustment": f"demand-inputs-{number}",
            "statement": f"Finance expects {rows['quantity'].sum():,.0f} units of {rows['product'].nunique()} products"
            f" from {rows['period'].min()} to {rows['period'].max()}",
            "author": author,
            "reason": reason,
            "treatment": WITHIN,
        }
        yield (
            said,
            {"demand_inputs": demand_inputs.drop(index=rows.index).reset_index(drop=True)},
            None,
        )


def _scenarios(scenario_changes):
    """The scenarios that finance proposes and that the plan is not made under."""
    if scenario_changes is None:
        return
    taken = scenario_changes["taken"].fillna(False).astype(bool)
    own = scenario_changes[(scenario_changes["function"] == "finance") & ~taken]
    for scenario, rows in own.groupby("scenario", sort=False):
        done = [f"{r.operation} {r.table}.{r.column} {r.amount:g}" for r in rows.itertuples()]
        said = {
            "adjustment": scenario,
            "statement": "; ".join(done),
            "author": "; ".join(rows["author"].dropna().unique()) or "finance",
            "reason": "; ".join(rows["note"].dropna().unique()) or "none is given",
            "treatment": PROPOSED,
        }
        yield said, None, rows[CHANGE]
