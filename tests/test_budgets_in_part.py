"""A budget in money alone, or in units alone, is compared in what it gives and in nothing else."""

import re
from inspect import getmembers, isfunction
from io import StringIO

import pandas as pd
import pytest
from openpyxl import load_workbook
from pages import FACTS, pre_read_of, words
from shop import shop

from sopkit.cycle import replanning
from sopkit.finance.bridge import bridged_months
from sopkit.master_data.budgets import BUDGETED, budget_by_family, total_budget
from sopkit.reporting import excel
from sopkit.reporting.exhibit import made
from sopkit.reporting.exhibits import executive, families, finance, groups, outlook
from sopkit.rules.call import inputs_of
from sopkit.rules.marks import mark_of
from sopkit.tables import conform

MODULES = (executive, families, finance, groups, outlook)
WHOLE = {"quantity": 120.0, "revenue": 700.0, "margin": 300.0}
COSTS = """product,effective_from,price,material_cost,holding_cost,backlog_cost
TEA,2024-10,5,2,.1,1
RICE,2024-10,5,2,.1,1
"""


def budgeted(**numbers):
    months = pd.period_range("2026-10", "2027-09", freq="M")
    rows = [{"family": f, "period": m} for f in ("drinks", "food") for m in months]
    return conform("budget", pd.DataFrame(rows).assign(**numbers))


@pytest.fixture(scope="module")
def planned():
    """The tables of the shop with a budget, and its plan."""
    costs = conform("item_costs", pd.read_csv(StringIO(COSTS)))

    def plan(**numbers):
        given = {**shop(), "item_costs": costs, "budget": budgeted(**numbers)}
        return {**given, **replanning.replan(given, "2026-10")}

    return {name: plan(**{name: WHOLE[name]}) for name in BUDGETED}


def required(function):
    return {name for name, is_required in inputs_of(function).items() if is_required}


@pytest.mark.parametrize("measure", BUDGETED)
def test_the_plan_is_compared_in_what_the_budget_gives(planned, measure):
    tables = planned[measure]
    held = tables["plan_variances"].query("reference_type == 'budget'")
    assert set(held["measure"]) == {measure}
    total = held[held["item"] == "all"]["reference_value"]
    assert total.tolist() == [2 * WHOLE[measure]] * 12
    assert tables["budget_bridge"].empty
    year = tables["outlook"].query("item == 'all' and budget == budget")
    assert set(year["measure"]) <= {measure}


@pytest.mark.parametrize("measure", BUDGETED)
def test_every_exhibit_of_money_and_the_pre_read_do_without_the_rest(planned, measure, tmp_path):
    tables = planned[measure]
    headlines = [
        shown.headline
        for module in MODULES
        for _, function in getmembers(module, isfunction)
        if mark_of(function) is not None and required(function) <= {*tables}
        for shown in made(function, tables)
    ]
    assert len(headlines) > 20
    assert [said for said in headlines if re.search(r"\bnan\b", said, re.I)] == []
    said = words(pre_read_of(tables, tmp_path).read_text(encoding="utf-8"))
    assert not re.search(r"\bnan\b", said, re.I)


def test_revenue_is_compared_where_the_budget_has_no_margin(planned):
    tables = planned["revenue"]
    shown = finance.money_against_budget(tables["financial_plan"], tables["plan_variances"])
    assert "below budget" in shown.headline
    assert shown.headline.startswith("Revenue is ")
    below = tables["gaps"][tables["gaps"]["statement"].str.contains("below budget")]
    assert len(below) == 2
    assert below["statement"].str.contains("revenue is ").all()


def test_the_workbook_has_lines_of_what_the_budget_gives_only(planned, tmp_path):
    path = tmp_path / "sop.xlsx"
    tables = planned["revenue"]
    excel.write(path, tables, tables, {**FACTS, "status": "saved"})
    labels = {cell.value for row in load_workbook(path)["drinks"].iter_rows() for cell in row}
    assert "Budget: revenue" in labels
    assert not labels & {"Budget: sales", "Budget: margin"}


def test_the_bridge_is_of_the_months_whose_budget_is_in_units_and_in_money():
    months = pd.period_range("2026-10", "2026-12", freq="M")
    given = [("quantity", months), ("revenue", months), ("margin", months[:2])]
    rows = pd.DataFrame(
        [("budget", name, "food", month) for name, those in given for month in those],
        columns=["reference_type", "measure", "item", "period"],
    )
    assert bridged_months(rows).tolist() == list(months[:2])


def test_a_month_that_a_family_does_not_give_has_no_total():
    budget = budgeted(revenue=10.0)
    budget.loc[0, "revenue"] = float("nan")
    assert total_budget(budget, "revenue").isna().tolist() == [True] + [False] * 11


def test_a_group_leaves_to_its_families_what_they_give_themselves():
    groups_above = conform(
        "product_groups",
        pd.DataFrame({"member": ["drinks", "food"], "product_group": ["groceries"] * 2}),
    )
    rows = [("groceries", 300.0, 1000.0), ("food", float("nan"), 400.0)]
    budget = pd.DataFrame(rows, columns=["family", "quantity", "revenue"]).assign(period="2026-10")
    tables = shop()
    split = budget_by_family(
        conform("budget", budget), tables["products"], tables["sales_history"], groups_above
    )
    assert not split.conflicts
    assert split.rows[["family", "quantity", "revenue"]].to_numpy().tolist() == [
        ["drinks", 150.0, 600.0], ["food", 150.0, 400.0],
    ]  # fmt: skip
    assert split.rows["margin"].isna().all()


def test_a_row_of_the_budget_without_a_number_is_refused():
    with pytest.raises(ValueError, match="one of quantity, revenue, margin must be filled"):
        conform("budget", budgeted(revenue=float("nan")))
