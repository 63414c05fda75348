"""Performance at its edges: months without stock or revenue, plans far ahead, families without sales."""

import pytest
from conftest import table
from pandas import Period

from sopkit.performance import asset_efficiency, attainment, kpis

PRODUCTS = table(
    "products",
    """
    product family unit_of_measure
    TEA     drinks box
    RICE    food   box
    """,
)
COSTS = table(
    "unit_economics",
    """
    product period  price material_cost holding_cost backlog_cost basis
    TEA     2026-08 5     2             0            0            given
    RICE    2026-08 5     2             0            0            given
    """,
)
SOLD = table(
    "sales_history",
    """
    product market period  quantity revenue
    TEA     town   2026-07 10       50
    RICE    town   2026-07 10       50
    TEA     town   2026-08 10       50
    RICE    town   2026-08 10       -
    """,
)


def stock(july, august):
    return table(
        "production_history",
        f"""
        product site period  produced inventory
        TEA     main 2026-07 10       {july}
        RICE    main 2026-07 0        0
        TEA     main 2026-08 10       {august}
        RICE    main 2026-08 0        0
        """,
    )


def test_what_stock_earns_is_not_known_of_a_month_whose_revenue_is_not_known_in_full():
    rows = asset_efficiency.margin_per_stock(SOLD, COSTS, stock(july=20, august=20))
    # July: 12 x (100 - 20 units of material at 2) / 20 units of stock at 2
    assert rows.set_index("period")["value"].to_dict() == {Period("2026-07", "M"): 12 * 60 / 40}


def test_a_month_without_stock_turns_nothing():
    rows = asset_efficiency.inventory_turns(SOLD, COSTS, stock(july=20, august=0))
    assert rows["period"].tolist() == [Period("2026-07", "M")]


def test_a_consensus_counts_up_to_six_months_ahead():
    plans = table(
        "approved_forecasts",
        """
        cycle   contributor product market period  quantity
        2026-01 consensus   TEA     town   2026-07 8
        2026-02 consensus   TEA     town   2026-07 8
        2026-07 consensus   TEA     town   2026-07 8
        """,
    )
    rows = attainment.accuracy_by_lag(SOLD, plans)
    assert rows["item"].tolist() == ["lag 6"]


def test_a_family_that_made_nothing_of_its_plan_misses_all_of_it_and_no_more():
    plans = table(
        "approved_supply_plans",
        """
        cycle   product site period  regular overtime subcontract inventory
        2026-07 TEA     main 2026-07 100     0        0           0
        2026-07 RICE    main 2026-07 50      0        0           0
        """,
    )
    made = table(
        "production_history",
        """
        product site period  produced inventory reason
        TEA     main 2026-07 100      0         -
        """,
    )
    own = attainment.own_month(plans, SOLD["period"].unique())
    rows = attainment.production_attainment(PRODUCTS, own, made)
    assert rows["value"].tolist() == pytest.approx([1 - 50 / 150])


def test_a_family_that_sold_nothing_is_below_its_budget_by_all_of_it():
    budget = table(
        "budget",
        """
        family period  quantity revenue margin
        drinks 2026-07 10       50      20
        food   2026-07 40       50      20
        """,
    )
    only_tea = SOLD[(SOLD["product"] == "TEA") & (SOLD["period"] == Period("2026-07", "M"))]
    (row,) = kpis.sold(only_tea, PRODUCTS, budget).to_dict("records")
    assert row["statement"].endswith("food is furthest below (-100.0 %).")
