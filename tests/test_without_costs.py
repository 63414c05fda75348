"""A company that gives sales and their revenue alone reads no margin anywhere."""

import re

import pandas as pd
import pytest
from pages import pre_read_of, words
from shop import shop

from sopkit.cycle import replanning
from sopkit.lineage import explain
from sopkit.reporting.exhibit import made
from sopkit.reporting.exhibits import cash_flow, finance, options, pre_sop, scenarios
from sopkit.reporting.item_section import item_section
from sopkit.tables import conform

DRINKS = ["family=drinks", "period=2026-12"]
MARGIN = re.compile(r"[Mm]argin [\d.,]+")  # a number of margin


@pytest.fixture(scope="module")
def tables():
    sold = shop()
    sales = sold["sales_history"]
    given = {**sold, "sales_history": sales.assign(revenue=10.0 * sales["quantity"])}
    given.pop("item_costs", None)
    return {**given, **replanning.replan(given, "2026-10")}


def test_the_pre_read_has_revenue_in_money_and_no_margin(tables, tmp_path):
    said = words(pre_read_of(tables, tmp_path).read_text(encoding="utf-8"))
    assert "Revenue, money" in said
    assert "Revenue, units" not in said
    assert "Margin no costs are given unknown" in said
    assert "Minimum cash no costs are given unknown" in said
    assert "Margin and profit are not known: costs are not given for all that is sold." in said
    assert "margin unknown: costs are not given for all that is sold" in said
    assert not MARGIN.search(said)


def test_pages_of_families_and_products_have_no_margin(tables):
    pages = [page for one in item_section(tables, 5_000_000).lists for page in one.pages]
    assert len(pages) >= 2
    said = words(" ".join(pages))
    assert "revenue " in said
    assert "100.0 %)" not in said
    assert not MARGIN.search(said)


def test_the_plan_is_compared_in_units_and_revenue_alone(tables):
    shown = finance.against_all(tables["plan_variances"], tables["financial_plan"])
    assert set(shown.table["measure"]) == {"quantity", "revenue"}
    assert shown.headline.endswith("margin is not known: costs are not given for all that is sold")


def test_level_sales_leave_no_gap_of_no_units(tables):
    """Without variation there is no safety stock to be below."""
    assert tables["gaps"].empty


def test_the_plan_is_put_to_approval_without_a_margin(tables):
    effect = tables["decisions"].set_index("decision").loc["approve-plan", "effect"]
    assert "and margin unknown over" in effect


# -------------------------------------------------------------------------------------------------
# a shop with options: an oven that is too small


@pytest.fixture(scope="module")
def short():
    """The shop with wages and an oven of 0.8 hours a unit, for 160 units a month or so."""
    given = shop()
    sales = given["sales_history"]
    given["sales_history"] = sales.assign(revenue=10.0 * sales["quantity"])
    months = [str(month) for month in pd.period_range("2026-10", "2028-03", freq="M")]
    oven = {"resource": "OVEN", "site": "main", "opening_workers": 1.0, "regular_wage": 10.0,
            "overtime_wage": 15.0, "hire_cost": 100.0, "layoff_cost": 100.0, "min_workers": 1.0,
            "max_workers": 1.0}  # fmt: skip
    hours = {"resource": "OVEN", "period": months, "working_days": 20.0,
             "regular_hours_per_worker": 130.0, "overtime_hours_per_worker": 0.0}  # fmt: skip
    cakes = {"product": ["TEA", "RICE"], "resource": "OVEN", "hours_per_unit": 0.8}
    growth = {"scenario": ["growth"], "change": 1, "table": "sales_history", "column": "quantity",
              "operation": "multiply", "amount": 1.1}  # fmt: skip
    risk = {"risk": ["more"], "risk_kind": "opportunity", "statement": "More come",
            "scenario": "growth", "probability": 0.5, "owner": "Ann"}  # fmt: skip
    year = [(family, month) for family in ("drinks", "food") for month in months[:12]]
    budget = {"family": [family for family, _ in year], "period": [month for _, month in year],
              "quantity": 150.0, "revenue": 1500.0, "margin": 500.0}  # fmt: skip
    told = {"resources": [oven], "resource_calendar": hours, "routings": cakes, "risks": risk,
            "scenario_changes": growth, "budget": budget}  # fmt: skip
    given |= {name: conform(name, pd.DataFrame(rows)) for name, rows in told.items()}
    return {**given, **replanning.replan(given, "2026-10")}


def test_no_gap_is_a_margin_against_the_budget(short):
    rules = set(short["gaps"]["gap"].str.rpartition("-")[0])
    assert "budget-revenue" in rules
    assert "budget-margin" not in rules
    assert not (short["plan_variances"]["measure"] == "margin").any()


def test_scenarios_and_options_have_no_effect_on_a_margin_that_nobody_knows(short):
    assert "margin" not in set(short["scenario_results"]["measure"])
    assert short["risk_impacts"]["margin_effect"].isna().all()
    options = short["decision_options"]
    assert len(options) >= 1
    assert options["margin_effect"].isna().all()
    assert (options["revenue_effect"] > 0).any()
    assert not options["recommended"].any()
    said = "No option recommended: effects on margin are not known, because no costs are given"
    assert said in set(short["decisions"]["recommendation"])


def test_every_page_of_a_company_with_options_says_so(short, tmp_path):
    said = words(pre_read_of(short, tmp_path).read_text(encoding="utf-8"))
    assert "effects on margin are not known, because no costs are given" in said
    assert not MARGIN.search(said)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (scenarios.scenarios, "1 scenario; margin is not known: no costs are given."),
        (pre_sop.risks, "1 risk; what they do to margin is not known: no costs are given."),
        (options.frontier, "No frontier: margin is not known, because no costs are given."),
        (options.limits, "What limits are worth is not known: no costs are given."),
        (finance.budget_bridge, "No margin bridge: costs are not given for all that is sold."),
        (cash_flow.cash, "Cash is not known, only what is received: no costs are given."),
    ],
)
def test_exhibits_say_that_margins_are_not_known(short, shown, said):
    (one,) = made(shown, short)
    assert one.headline == said


def test_a_margin_is_explained_as_unknown(short):
    lines = explain("financial_plan", DRINKS, short, "margin")
    whole = lines.iloc[0]
    assert pd.isna(whole["value"])
    assert whole["how"] == "unknown: no costs are given"


def test_where_some_costs_are_given_a_margin_is_at_most_what_is_explained(short):
    half = short["financial_plan"]
    half = half.assign(uncosted_revenue=0.5 * half["revenue"])
    tables = {**short, "financial_plan": half}
    lines = explain("financial_plan", DRINKS, tables, "margin")
    assert lines.loc[0, "value"] > 0
    assert lines.loc[0, "how"].startswith("at most: no costs are given for 50 % of revenue")


# -------------------------------------------------------------------------------------------------
# costs are given, and no opening cash


@pytest.fixture(scope="module")
def costed():
    given = shop()
    sales = given["sales_history"]
    given["sales_history"] = sales.assign(revenue=10.0 * sales["quantity"])
    costs = {"product": ["TEA", "RICE"], "effective_from": "2024-10", "price": 10.0,
             "material_cost": 6.0, "holding_cost": 0.2, "backlog_cost": 1.0}  # fmt: skip
    given["item_costs"] = conform("item_costs", pd.DataFrame(costs))
    given["company_settings"] = conform("company_settings", pd.DataFrame({"currency": ["EUR"]}))
    return {**given, **replanning.replan(given, "2026-10")}


def test_cash_is_known_by_its_changes_alone(costed, tmp_path):
    (shown,) = made(cash_flow.cash, costed)
    assert re.fullmatch(
        r"Cash changes by EUR \+\d\S* k until Mar 2028; what it starts from is not known: no opening "
        r"cash is given\.",
        shown.headline,
    )
    said = words(pre_read_of(costed, tmp_path).read_text(encoding="utf-8"))
    assert "Minimum cash no opening cash is given unknown" in said
    assert "Cash, end of quarter" not in said


def test_what_the_settings_leave_open_is_an_issue_of_the_data(costed):
    (issue,) = costed["data_issues"].query("table == 'company_settings'").itertuples()
    assert "opening cash" in issue.message.lower()
    assert issue.handling == (
        "Taken as 0: customers pay at once, suppliers are paid at once, cash is known by its changes "
        "alone and the P&L ends at margin."
    )
