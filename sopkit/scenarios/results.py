"""Plans side by side: the figures of a plan under a scenario beside those of the plan as it is."""

import pandas as pd

from sopkit.model.comparison import of_record
from sopkit.scenarios.changes import untaken
from sopkit.schema.tables import CHANGE
from sopkit.tables import conform, empty

COMPARED = ("financial_plan", "strategy_comparison", "demand_plan", "workforce_plan", "cash_plan")
MONTHLY = ("demand", "inventory", "margin", "cash")  # the measures that show a plan month by month
SHOWN = (*COMPARED, "supply_plan")
_COMPANY_SUMS = ("quantity", "revenue", "cost_of_sales", "margin")


def compare(plan, reference):
    """Hold the figures of one plan against another's: gap = plan - reference.

    Both are dicts of plan tables; each needs financial_plan and strategy_comparison, demand_plan for the demand,
    workforce_plan for the highest use of a resource, and cash_plan for the lowest cash.

    Returns
    -------
    measure : plan, reference_value, gap [the measure's unit]
    """
    sides = pd.DataFrame({"plan": _figures(plan), "reference_value": _figures(reference)})
    sides = sides.rename_axis("measure").reset_index()
    return sides.assign(gap=sides["plan"] - sides["reference_value"])


def scenario_comparison(
    financial_plan,
    strategy_comparison,
    demand_plan,
    workforce_plan,
    cash_plan,
    replan,
    scenario_changes=None,
):
    """Plan every scenario again, and hold it against the plan without it; see `compare`.

    A scenario that the plan is made under already is not taken a second time.

    Returns
    -------
    scenario, measure : plan, reference_value, gap [the measure's unit]
    """
    offered = None if scenario_changes is None else untaken(scenario_changes)
    if offered is None or offered.empty:
        return empty("scenario_comparison")
    tables = (financial_plan, strategy_comparison, demand_plan, workforce_plan, cash_plan)
    reference = dict(zip(COMPARED, tables, strict=True))
    parts = [
        compare(replan(changes[CHANGE]), reference).assign(scenario=scenario)
        for scenario, changes in offered.groupby("scenario", sort=False)
    ]
    return conform("scenario_comparison", pd.concat(parts, ignore_index=True))


def by_month(plan, reference=None):
    """The company's plan month by month, beside the reference if there is one; of those measures that are planned yet.

    Returns
    -------
    measure, period : plan, and reference_value [the measure's unit]
    """
    sides = {"plan": _months(plan)} | (
        {} if reference is None else {"reference_value": _months(reference)}
    )
    return pd.DataFrame(sides).rename_axis(["measure", "period"]).reset_index()


def _months(plan):
    supply = plan.get("supply_plan")
    found = {
        "demand": (plan.get("demand_plan"), "consensus"),
        "inventory": (
            supply,
            "inventory",
        ),
        "margin": (plan.get("financial_plan"), "margin"),
        "cash": (plan.get("cash_plan"), "cash"),
    }
    sums = {
        m: t.groupby("period")[column].sum() for m, (t, column) in found.items() if t is not None
    }
    return (
        pd.concat(sums)
        if sums
        else pd.Series(dtype="float64", index=pd.MultiIndex.from_arrays([[], []]))
    )


def _figures(plan):
    """One figure a measure: sums, the service level and cost of the plan of record, highest stock, lowest cash."""
    finance, service = plan["financial_plan"], plan["strategy_comparison"]
    figures = finance[list(_COMPANY_SUMS)].sum()
    if plan.get("demand_plan") is not None:
        figures = pd.concat(
            [pd.Series({"demand": plan["demand_plan"]["consensus"].sum()}), figures]
        )
    record = of_record(service)
    for measure in ("cost", "service_level_ratio", "max_inventory_planned", "max_backlog"):
        figures[measure] = record[measure]
    figures["max_inventory_value"] = finance.groupby("period")["inventory_value"].sum().max()
    work = plan.get("workforce_plan")
    if work is not None and len(work):
        figures["max_utilisation_ratio"] = work["utilisation_ratio"].max()
    if plan.get("cash_plan") is not None:
        figures["min_cash"] = plan["cash_plan"]["cash"].min()
    return figures.astype("float64")
