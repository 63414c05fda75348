"""Exhibit of the financial review: cash, and what it is bound in."""

from pandas import DataFrame

from sopkit.master_data.known_money import (
    cash_is_known,
    costs_are_known,
    uncosted_share,
    without_costs,
)
from sopkit.reporting.chart_types import Bars
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.schema.formatting import money_unit

STAGE = "50_financial_review"


@exhibit(STAGE, title="Cash", table="cash_plan", money=True)
def cash(
    cash_plan: DataFrame, financial_plan: DataFrame, company_settings: DataFrame | None = None
) -> Exhibit:
    """Cash at each month's end with receivables, payables and stock."""
    months = cash_plan.set_index("period")
    chart = Bars(
        months[["cash"]],
        lines=months[["receivables", "payables", "inventory_value"]],
        unit=f"{money_unit()} at month's end",
        height=2.7,
        subtitle=f"{money_unit(start=True)} at each month's end; what customers owe, what is owed "
        "to suppliers, and stock as lines",
    )
    is_known = cash_is_known(company_settings)
    return Exhibit(_cash_headline(months["cash"], financial_plan, is_known), chart)


def _cash_headline(cash, financial_plan, is_known):
    if without_costs(financial_plan):
        return Headline("Cash is not known, only what is received: no costs are given.")
    lowest, last = cash.idxmin(), cash.index.max()
    if not is_known:
        said = "Cash changes by {change:signed_money} until {last_month:month}; what it starts "
        said += "from is not known: no opening cash is given."
        return Headline(said, change=cash[last], last_month=last)
    runs_out = cash[lowest] < 0
    start = "Cash runs out: it falls to" if runs_out else "Cash never falls below"
    said = Headline(
        start + " {lowest:money} (in {lowest_month:month}) and ends at {end:money} in "
        "{last_month:month}.",
        lowest=cash[lowest],
        lowest_month=lowest,
        end=cash[last],
        last_month=last,
    )
    if costs_are_known(financial_plan):
        return said
    part = uncosted_share(financial_plan)
    return said + Headline(" No costs are given for {part:percent} of revenue.", part=part)
