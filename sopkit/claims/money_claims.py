"""What the financial review says."""

from sopkit.claims.wording import (
    MATERIAL,
    amount,
    count,
    listed,
    month,
    more_or_less,
    percent,
    signed,
    some,
    span,
    verb,
)


def money(financial_plan, unit_economics):
    """Say what the plan earns, and for how many products prices are only assumed."""
    revenue, margin = financial_plan["revenue"].sum(), financial_plan["margin"].sum()
    share = f" ({percent(margin / revenue, 1)})" if revenue else ""
    earned = f"{amount(revenue)} of revenue and {amount(margin)} of margin{share}"
    said = f"The plan brings {earned} in {span(financial_plan['period'])}"
    rows = unit_economics.drop_duplicates("product")
    assumed = int(rows["basis"].str.startswith("assumed").sum())
    if not assumed:
        return f"{said}."
    return f"{said}, with prices and costs of {assumed:,} of {count(len(rows), 'product')} assumed."


def budget(plan_gaps):
    """Say how far margin is from the budget, and in which family most."""
    held = plan_gaps[(plan_gaps["compared_with"] == "budget") & (plan_gaps["measure"] == "margin")]
    return _against(held, "Margin", "budget") or "There is no budget to hold margin against."


def business_summary(plan_gaps):
    """Say by how much revenue is above or below budget, last year and the last cycle, each over the months it covers."""
    rows = plan_gaps[
        (plan_gaps["measure"] == "revenue")
        & (plan_gaps["item"] == "all")
        & plan_gaps["gap"].notna()
    ]
    sums = rows.groupby("compared_with")[["gap", "reference_value"]].sum()
    said = [
        f"{more_or_less(sums.loc[name, 'gap'] / sums.loc[name, 'reference_value'], 'above', 'below')} {words}"
        for name, words in (
            ("budget", "budget"),
            ("last_year", "last year"),
            ("last_cycle", "the last cycle"),
        )
        if name in sums.index and sums.loc[name, "reference_value"]
    ]
    return f"Revenue is {listed(said)}." if said else "There is nothing to hold the plan against."


def last_year(plan_gaps):
    """Say how far revenue is from last year, and in which family most."""
    held = plan_gaps[
        (plan_gaps["compared_with"] == "last_year") & (plan_gaps["measure"] == "revenue")
    ]
    return _against(held, "Revenue", "last year") or "Last year's revenue is not known."


def last_cycle(plan_gaps):
    """Say how far the plan's revenue is from the demand of the last approved cycle."""
    held = plan_gaps[
        (plan_gaps["compared_with"] == "last_cycle") & (plan_gaps["measure"] == "revenue")
    ]
    return (
        _against(held, "Revenue", "the last cycle at today's prices")
        or "No earlier approved cycle is known."
    )


def opportunity(plan_gaps):
    """Say what the plan would bring beyond itself if supply limited nothing."""
    held = plan_gaps[(plan_gaps["compared_with"] == "unconstrained") & (plan_gaps["item"] == "all")]
    gap = -held.groupby("measure")["gap"].sum()
    if held.empty or gap["quantity"] <= MATERIAL:
        return "Supply serves all demand: there is no opportunity gap."
    money = f"{amount(gap['revenue'])} of revenue and {amount(gap['margin'])} of margin"
    return f"Unconstrained, the plan would serve {amount(gap['quantity'])} units more: {money}."


def costs(costs_incurred):
    """Say what is spent, and on what most."""
    kinds = costs_incurred.groupby("cost_item")["cost"].sum().sort_values(ascending=False)
    if kinds.empty:
        return "The plan spends nothing."
    shares = [f"{name} ({percent(cost / kinds.sum())})" for name, cost in kinds.head(3).items()]
    return f"The plan spends {amount(kinds.sum())}, most of it on {listed(shares)}."


def _against(held, measure, name):
    total = held[(held["item"] == "all") & held["gap"].notna()]
    if total.empty:
        return ""
    gap = total["gap"].sum()
    said = f"{measure} is {amount(abs(gap))} {'above' if gap >= 0 else 'below'} {name}"
    families = held[held["item"] != "all"].groupby("item")["gap"].sum()
    if families.empty:
        return f"{said} in {span(total['period'])}."
    family = families.idxmax() if gap >= 0 else families.idxmin()
    return (
        f"{said} in {span(total['period'])}, most of it in {family} ({signed(families[family])})."
    )


def bridge(bridge):
    """Say which step gives and which takes the most margin on the way from budget to plan."""
    rows = bridge[(bridge["measure"] == "margin") & ~bridge["step"].isin(["budget", "plan"])]
    steps = rows.groupby("step")["amount"].sum()
    if steps.empty:
        return "There is no budget to start a bridge from."
    helps, hurts = steps.idxmax(), steps.idxmin()
    parts = [f"{helps} gives the most ({signed(steps[helps])})"] if steps[helps] > 0 else []
    parts += [f"{hurts} takes the most ({signed(steps[hurts])})"] if steps[hurts] < 0 else []
    return f"On the way from budget to plan, {' and '.join(parts) or 'nothing changes'}."


def cash(cash_plan):
    """Say where cash is lowest, and where it ends."""
    lowest, last = (
        cash_plan.loc[cash_plan["cash"].idxmin()],
        cash_plan.loc[cash_plan["period"].idxmax()],
    )
    state = "Cash never falls below" if lowest["cash"] >= 0 else "Cash runs out: it falls to"
    end = f"ends at {amount(last['cash'])} in {month(last['period'])}"
    return f"{state} {amount(lowest['cash'])} (in {month(lowest['period'])}) and {end}."


def goals(plan_gaps, goals=None):
    """Say which goals the plan misses; a goal whose months are not all planned cannot be checked yet."""
    held = plan_gaps[plan_gaps["compared_with"] == "goal"]
    if goals is None or held.empty:
        return "No goal can be held against the plan."
    direction = held["item"].map(goals.set_index("goal")["direction"])
    below, above = (
        (direction == "at_least") & (held["gap"] < 0),
        (direction == "at_most") & (held["gap"] > 0),
    )
    missed, checked = held[below | above], int(held["gap"].notna().sum())
    later = len(held) - checked
    tail = f"; {count(later, 'goal')} cannot be checked yet" if later else ""
    if missed.empty:
        return f"The plan keeps every goal that can be checked ({checked}){tail}."
    number = f"{len(missed):,} of {count(checked, 'goal')} {verb(len(missed), 'is', 'are')}"
    return f"{number} missed: {some(missed['item'])}{tail}."


def unchecked_goals(unchecked_goals):
    """Say which goals the plan cannot be held against yet."""
    if unchecked_goals.empty:
        return "Every goal can be held against the plan."
    return f"{count(len(unchecked_goals), 'goal')} cannot be checked yet: {some(unchecked_goals['goal'])}."


def goal_paths(goal_paths):
    """Say what goals beyond the plan ask for a year, and how far the plan's last whole year is from their path."""
    if goal_paths.empty:
        return "No goal beyond the plan has a path to hold it against."
    last = goal_paths.sort_values("to_period", kind="stable").drop_duplicates("goal", keep="last")
    said = [
        f"{row.goal} asks for {percent(row.required_ratio, 1)} more a year; {row.to_period:%b %Y} ends a planned year of"
        f" {percent(row.planned_ratio, 1)} more, {signed(row.gap)} against the path"
        for row in last.itertuples()
    ]
    return f"{'; '.join(said)}."


def adjustments(finance_adjustments):
    """Say what finance asks to change and what all of it does to the margin."""
    if finance_adjustments.empty:
        return "Finance asks for no adjustment of the plan."
    number, largest = len(finance_adjustments), finance_adjustments["margin_effect"].abs().idxmax()
    row = finance_adjustments.loc[largest]
    return (
        f"Finance asks for {count(number, 'adjustment')}; the largest, {row['adjustment']} of {row['author']}, changes"
        f" margin by {signed(row['margin_effect'])} and is {row['treatment']}."
    )
