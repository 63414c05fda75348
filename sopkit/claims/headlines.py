"""The month on one screen: the plan's headline figures, each with its months and what it is held against."""

from typing import NamedTuple

from sopkit.claims.wording import amount, month, percent, span


class Headline(NamedTuple):
    """One figure as it is said, with what makes it good or bad, and its course month by month."""

    name: str
    figure: str
    note: str
    course: list


def headlines(financial_plan, service_plan, cash_plan, plan_gaps):
    """Say what the plan sells, earns, serves, holds and keeps in cash.

    Returns
    -------
    list of Headline
    """
    money = financial_plan.groupby("period")[
        ["quantity", "revenue", "margin", "inventory_value"]
    ].sum()
    if money.empty:
        return []
    when = span(money.index)
    said = [
        Headline(
            name,
            amount(money[measure].sum()),
            _held(plan_gaps, measure) or when,
            list(money[measure]),
        )
        for measure, name in (
            ("quantity", "Sold, units"),
            ("revenue", "Revenue"),
            ("margin", "Margin"),
        )
    ]
    stock, cash = money["inventory_value"], cash_plan.set_index("period")["cash"]
    return [
        *said,
        _served(service_plan),
        Headline(
            "Highest stock value", amount(stock.max()), f"in {month(stock.idxmax())}", list(stock)
        ),
        *(
            [Headline("Lowest cash", amount(cash.min()), f"in {month(cash.idxmin())}", list(cash))]
            if len(cash)
            else []
        ),
    ]


def _held(plan_gaps, measure):
    """How far the plan is from the budget, or from last year where there is no budget."""
    for reference, name in (("budget", "budget"), ("last_year", "last year")):
        held = plan_gaps[
            (plan_gaps["compared_with"] == reference) & (plan_gaps["measure"] == measure)
        ]
        held = held[held["item"] == "all"]
        if held["reference_value"].sum() > 0:
            share = held["gap"].sum() / held["reference_value"].sum()
            side = "above" if share >= 0 else "below"
            return f"{percent(abs(share), 1)} {side} {name} to {month(held['period'].max())}"
    return ""


def _served(service_plan):
    """The share of demand that is served in its month; what is late is served later."""
    rows = service_plan
    missed = (rows["backlog"] + rows["lost_sales"]).clip(upper=rows["demand"])
    months = rows.assign(missed=missed).groupby("period")[["demand", "missed"]].sum()
    months = months[months["demand"] > 0]
    if months.empty:
        return Headline("Demand met in time", "–", "nothing is wanted", [])
    ratio = 1 - months["missed"] / months["demand"]
    whole = 1 - months["missed"].sum() / months["demand"].sum()
    worst = (
        f"least in {month(ratio.idxmin())}: {percent(ratio.min(), 1)}"
        if whole < 1
        else span(ratio.index)
    )
    return Headline("Demand met in time", percent(whole, 1), worst, list(ratio))
