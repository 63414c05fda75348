"""What the headlines of the financial review must say."""

import pandas as pd
from saying import Tables, largest, says

from sopkit.schema.formatting import (
    count,
    listed,
    money,
    month,
    more_or_less,
    most,
    percent,
    signed_money,
    some,
    span,
)

REFERENCES = {"budget": "budget", "last_year": "prior year", "last_cycle": "the prior cycle"}


def against_budget(t: Tables, measure: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Plan and budget of a measure by family, in the months of both; and these months."""
    plan = t["financial_plan"].groupby(["family", "period"])[measure].sum()
    budget = t["budget"].groupby(["family", "period"])[measure].sum()
    both = pd.concat({"plan": plan, "budget": budget}, axis=1, join="inner").dropna()
    sums = both.groupby("family").sum()
    months = both.index.get_level_values("period").to_series()
    return sums["plan"], sums["budget"], months


def margin_of(rows: pd.DataFrame) -> str:
    """Margin with its share of revenue; every cost of the sample companies is given."""
    assert not rows["uncosted_revenue"].any()
    margin = rows["margin"].sum()
    return f"{money(margin)} of margin ({percent(margin / rows['revenue'].sum(), 1)})"


@says("profit_and_loss.money")
def earned(t: Tables):
    rows = t["financial_plan"]
    said = [f"{money(rows['revenue'].sum())} of revenue", margin_of(rows), span(rows["period"])]
    basis = t["unit_economics"].groupby("product")["basis"].first()
    assumed = basis.str.startswith("assumed").sum()
    return said + ([f"{assumed} of {count(len(basis), 'product')} assumed"] if assumed else [])


@says("finance.costs")
def costs(t: Tables):
    kinds = largest(t["product_costs"].groupby("cost_item")["cost"].sum())
    first = kinds.iloc[:3]
    part = most(first.sum(), kinds.sum())
    shares = listed([f"{kind} ({percent(size / kinds.sum())})" for kind, size in first.items()])
    return [f"spends {money(kinds.sum())}, {part} of it on {shares}"]


@says("cash_flow.cash")
def cash(t: Tables):
    held = t["cash_plan"].set_index("period")["cash"]
    at, last = held.idxmin(), held.index.max()
    start = "Cash runs out: it falls to" if held.min() < 0 else "Cash never falls below"
    return [
        f"{start} {money(held.min())} (in {month(at)})",
        f"ends at {money(held[last])} in {month(last)}",
    ]


@says("finance.money_against_budget")
def money_against_budget(t: Tables):
    if "budget" not in t:
        return ["no budget"]
    plan, budget, months = against_budget(t, "margin")
    by_family = plan - budget
    gap = by_family.sum()
    family = by_family.idxmax() if gap >= 0 else by_family.idxmin()
    return [
        f"Margin is {money(abs(gap))} {'above' if gap >= 0 else 'below'} budget in {span(months)}",
        f"{most(by_family[family], gap)} of it in {family} ({signed_money(by_family[family])})",
    ]


@says("goals.goals")
def goals(t: Tables):
    """A goal is missed where the plan is on the wrong side of its target."""
    if "goals" not in t:
        return ["No goal"]
    held = t["plan_variances"].query("reference_type == 'goal'").set_index("item")["plan"]
    known = t["goals"].set_index("goal").loc[held.index]
    gap = (held - known["target"]) * known["direction"].map({"at_least": 1, "at_most": -1})
    checked, missed = held.notna().sum(), list(held.index[gap < 0])
    said = [f"keeps every goal that can be checked ({checked})"]
    if missed:
        be = "is" if len(missed) == 1 else "are"
        named = [name.replace("-", " ") for name in missed]
        said = [f"{len(missed)} of {count(checked, 'goal')} {be} missed", some(named)]
    later = len(held) - checked
    return said + ([count(later, "goal")] if later else [])


@says("finance.budget_bridge")
def budget_bridge(t: Tables):
    """The steps lead from the budget's margin to the plan's."""
    if "budget" not in t:
        return ["no budget"]
    rows = t["budget_bridge"].query("measure == 'margin' and family == 'all'")
    sizes = rows.groupby("step")["amount"].sum()
    plan, budget, months = against_budget(t, "margin")
    assert abs(sizes["budget"] - budget.sum()) < 1
    assert abs(sizes["plan"] - plan.sum()) < 1
    steps = sizes.drop(["budget", "plan"])
    assert abs(budget.sum() + steps.sum() - plan.sum()) < 1
    change = signed_money(plan.sum() - budget.sum())
    said = [f"margin changes by {change} in {span(months)}"]
    if steps.max() > 0:
        said.append(f"{steps.idxmax()} adds the most ({signed_money(steps.max())})")
    if steps.min() < 0:
        said.append(f"{steps.idxmin()} reduces it most ({signed_money(steps.min())})")
    return said


@says("executive.business_summary")
def business_summary(t: Tables):
    """Budget and last year are read from the company's own tables, the last cycle as planned."""
    changes, months = {}, {}
    if "budget" in t:
        plan, budget, months["budget"] = against_budget(t, "revenue")
        changes["budget"] = plan.sum() / budget.sum() - 1
    planned = t["financial_plan"].groupby("period")["revenue"].sum()
    sold = t["sales_history"].groupby("period")["revenue"].sum()
    before = sold.reindex(planned.index - 12)
    known = before.notna().to_numpy()
    changes["last_year"] = planned[known].sum() / before[known].sum() - 1
    months["last_year"] = planned.index[known]
    rows = t["plan_variances"].query("item == 'all' and measure == 'revenue'")
    last = rows[rows["reference_type"] == "last_cycle"]
    if len(last):
        changes["last_cycle"] = last["plan"].sum() / last["reference_value"].sum() - 1
        months["last_cycle"] = last["period"]
    said = [
        f"{more_or_less(change, 'above', 'below')} {REFERENCES[name]} in {span(months[name])}"
        for name, change in changes.items()
    ]
    return [f"Revenue is {listed(said)}"]
