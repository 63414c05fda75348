"""The month on one screen: the plan's headline figures, each with its months and what it is held against."""

from typing import NamedTuple

from sopkit.claims.wording import amount, month, percent, span
from sopkit.tables.measures import MissingValue, value


class Headline(NamedTuple):
    """One figure as it is said, with what makes it good or bad, and its course month by month."""

    name: str
    figure: str
    note: str
    course: list


SUMS = {"quantity": "Sold, units", "revenue": "Revenue", "margin": "Margin"}


def headlines(financial_plan, service_plan, cash_plan, plan_gaps):
    """Say what the plan sells, earns, serves, holds and keeps in cash.

    Returns
    -------
    list of Headline
    """
    if financial_plan.empty:
        return []
    tables = {
        "financial_plan": financial_plan,
        "service_plan": service_plan,
        "cash_plan": cash_plan,
    }
    said = []
    for measure, name in SUMS.items():
        course = _course(measure, tables)
        note = _held(plan_gaps, measure) or span(course.index)
        said.append(Headline(name, amount(course.sum()), note, list(course)))
    stock = _course("inventory_value", tables)
    highest = Headline(
        "Highest stock value", amount(stock.max()), f"in {month(stock.idxmax())}", list(stock)
    )
    return [*said, _served(tables), highest, *_lowest_cash(tables)]


def _course(measure, tables):
    return value(measure, tables, ["period"]).set_index("period")["value"]


def _lowest_cash(tables):
    if tables["cash_plan"].empty:
        return []
    cash = _course("cash", tables)
    return [Headline("Lowest cash", amount(cash.min()), f"in {month(cash.idxmin())}", list(cash))]


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


def _served(tables):
    """The share of demand that is served in its month; what is late is served later."""
    try:
        whole = value("service_level_ratio", tables)
    except MissingValue:
        return Headline("Demand met in time", "–", "nothing is wanted", [])
    ratio = _course("service_level_ratio", tables)
    worst = (
        f"least in {month(ratio.idxmin())}: {percent(ratio.min(), 1)}"
        if whole < 1
        else span(ratio.index)
    )
    return Headline("Demand met in time", percent(whole, 1), worst, list(ratio))
