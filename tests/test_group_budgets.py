"""The budget of a product group is split among its families, to the cent."""

import pandas as pd
import pytest
from conftest import said, table
from hypothesis import given, settings
from hypothesis import strategies as st

from sopkit.data_quality import cross_table_checks, hierarchy_checks
from sopkit.lineage.sources import places
from sopkit.master_data.budgets import budget_by_family, with_budget_by_family
from sopkit.master_data.plan_units import in_plan_units

PRODUCTS = table(
    "products",
    "product family unit_of_measure\nTENT tents piece\nSTOVE stoves piece\nPACK packs piece",
)
GROUPS = table(
    "product_groups",
    "member product_group\ntents camping\nstoves camping\ncamping outdoor\npacks outdoor",
)
SALES = table(
    "sales_history",
    """
    product market period  quantity revenue
    TENT    north  2025-10 10       900
    STOVE   north  2025-10 30       100
    PACK    north  2025-10 60       1000
    """,
)


def budget(*rows):
    return table("budget", "family period quantity revenue margin\n" + "\n".join(rows))


def split(*rows):
    """The budget of each family: units, revenue and margin."""
    found = budget_by_family(budget(*rows), PRODUCTS, SALES, GROUPS)
    assert found.conflicts == {}
    return {row.family: (row.quantity, row.revenue, row.margin) for row in found.rows.itertuples()}


def refusal(*rows):
    return said(
        hierarchy_checks.group_budgets_that_cannot_be_split(budget(*rows), PRODUCTS, SALES, GROUPS)
    )


def test_units_are_split_by_last_years_units_and_money_by_last_years_revenue_to_the_cent():
    # 10 : 30 of 41 units is 10.25 and 30.75; 9 : 1 of 1,000.01 is 900.009 and 100.001
    parts = split("camping 2026-10 41 1000.01 -10.01")
    assert parts["tents"] == (10, 900.01, -9.01)
    assert parts["stoves"] == (31, 100.00, -1.00)


def test_a_family_keeps_its_own_budget_and_the_group_holds_it():
    parts = split(
        "outdoor 2026-10 200 5000 1000", "camping 2026-10 80 2000 600", "tents 2026-10 30 1500 500"
    )
    assert parts == {
        "packs": (120, 3000, 400),
        "stoves": (50, 500, 100),
        "tents": (30, 1500, 500),
    }


def test_a_month_far_ahead_is_split_by_the_last_such_month_and_equally_where_nothing_was_sold():
    assert split("camping 2027-10 40 1000 100") == split("camping 2026-10 40 1000 100")
    assert split("camping 2026-12 4 10 1") == {"stoves": (2, 5, 0.5), "tents": (2, 5, 0.5)}


def test_without_all_revenue_money_is_split_by_units():
    sales = SALES.assign(revenue=SALES["revenue"].mask(SALES["product"] == "TENT"))  # not known
    rows = budget_by_family(budget("camping 2026-10 4 100 8"), PRODUCTS, sales, GROUPS).rows
    assert rows["revenue"].tolist() == [75, 25]


def test_what_cannot_be_split_is_refused_with_its_row():
    assert refusal("camping 2026-10 40 1000 100", "tents 2026-10 50 900 100") == (
        "budget: the budget of a group must hold those of its families; 1 of 2 rows is not:\n"
        "  row 1  family=camping  period=2026-10  quantity=40.0\n"
        "  Correct it or the rows below it, or remove the row of the group.\n"
        "  family=camping period=2026-10 has quantity=40, less than the 50 of rows below it"
    )
    both = ("tents 2026-10 20 900 100", "stoves 2026-10 20 100 0")
    assert refusal("camping 2026-10 40 1000 100", *both) == ""
    assert "has revenue=1,001, but its families have 1,000 already" in refusal(
        "camping 2026-10 40 1001 100", *both
    )
    tables = {"products": PRODUCTS, "sales_history": SALES, "product_groups": GROUPS}
    rows = budget("camping 2026-10 40 1000 100", "tents 2026-10 50 900 100")
    with pytest.raises(ValueError, match="budget: family=camping period=2026-10 has quantity=40"):
        with_budget_by_family(tables | {"budget": rows})


def test_tables_are_planned_with_the_budget_by_family_and_the_data_review_says_so():
    tables = {"products": PRODUCTS, "sales_history": SALES, "product_groups": GROUPS}
    rows = budget("camping 2026-10 40 1000 100")
    planned = in_plan_units(tables | {"budget": rows}, "2026-10")
    assert planned["budget"]["family"].tolist() == ["stoves", "tents"]
    assert in_plan_units(planned, "2026-10") is planned
    told = said(hierarchy_checks.budgets_of_groups(rows, GROUPS))
    assert "the budget is given for a group; it is split among the families" in told
    assert cross_table_checks.families_without_budget(rows, PRODUCTS, SALES, GROUPS) is None


def test_a_familys_budget_is_led_back_to_the_line_of_its_group():
    file = budget("outdoor 2026-10 200 5000 1000", "tents 2026-10 30 1500 500")
    parts = budget_by_family(file, PRODUCTS, SALES, GROUPS).rows
    there = (file.set_axis([2, 3]), "budget.csv line")
    stoves = parts[parts["family"] == "stoves"]
    assert places("budget", stoves, there, GROUPS) == (
        "budget.csv line 2, split from outdoor",
        False,
    )
    tents = parts[parts["family"] == "tents"]
    assert places("budget", tents, there, GROUPS) == ("budget.csv line 3", False)
    other = stoves.assign(period=pd.Period("2026-11", "M"))
    assert places("budget", other, there, GROUPS) == ("not in the tables now", True)


CENTS = st.integers(-(10**7), 10**7).map(lambda cents: cents / 100)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10**6),
    st.integers(0, 10**9),
    CENTS,
    st.lists(st.integers(0, 1000), min_size=3, max_size=3),
    st.booleans(),
)
def test_parts_add_up_to_the_group_exactly_for_any_amounts(units, cents, margin, sold, has_own):
    sales = SALES.head(3).assign(quantity=[float(n) for n in sold], revenue=[1.0 * n for n in sold])
    own = pd.DataFrame([{"family": "tents", "quantity": units // 2, "revenue": cents // 3 / 100}])
    rows = pd.DataFrame([{"family": "outdoor", "quantity": units, "revenue": cents / 100}])
    rows = pd.concat([rows.assign(margin=margin), own.assign(margin=1.23)][: 1 + has_own])
    rows = rows.assign(period=pd.Period("2026-10", "M"), currency=None).astype({"quantity": float})
    parts = budget_by_family(rows.reset_index(drop=True), PRODUCTS, sales, GROUPS).rows
    assert sorted(parts["family"]) == ["packs", "stoves", "tents"]
    assert parts["quantity"].sum() == units
    assert round(parts["revenue"].sum(), 2) == cents / 100
    assert round(parts["margin"].sum(), 2) == margin
    for column in ("revenue", "margin"):
        assert ((parts[column] * 100).round(6) % 1).tolist() == [0, 0, 0]
