"""The plan in money, on two products and three months that can be checked by hand.

A tent takes 2 hours at 10, making cost 1 and material 40: standard cost 61. A stove takes 1 hour and material 20: 30.
October leaves 20 of 320 paid hours idle, November works overtime and buys stoves outside, December makes nothing.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.finance import adjustments, bridge, costing, profitability, statements, variance
from sopkit.finance import goals as goals_module
from sopkit.finance.costing import WEIGHED_ONLY
from sopkit.finance.standard_costing import standard_costs
from sopkit.model.comparison import costs_by_strategy, of_record
from sopkit.scenarios.results import scenario_results
from sopkit.tables import conform, empty
from sopkit.tables.periods import month, planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
PRODUCTS = table(
    "products", "product family unit_of_measure\nTENT-2 tents piece\nSTOVE-1 stoves piece"
)
UNIT_ECONOMICS = table(
    "unit_economics",
    """
    product  period   price  material_cost  holding_cost  backlog_cost  basis  subcontract_cost
    TENT-2   2026-10  100    40             1             5             list   -
    TENT-2   2026-11  100    40             1             5             list   -
    TENT-2   2026-12  100    40             1             5             list   -
    STOVE-1  2026-10  50     20             1             5             list   35
    STOVE-1  2026-11  50     20             1             5             list   35
    STOVE-1  2026-12  50     20             1             5             list   35
    """,
)
RESOURCES = table(
    "resources",
    """
    resource  site   opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost
    CELL      alpha  2                10            15             100        200
    """,
)
ROUTINGS = table(
    "routings", "product resource hours_per_unit variable_cost\nTENT-2 CELL 2 1\nSTOVE-1 CELL 1 -"
)
CALENDAR = table(
    "resource_calendar",
    """
    resource  period   working_days  regular_hours_per_worker  overtime_hours_per_worker
    CELL      2026-10  20            160                       20
    CELL      2026-11  20            160                       20
    CELL      2026-12  20            160                       20
    """,
)
NETWORK = table("sourcing_network", "site market freight_cost\nalpha north 1")
TRANSFERS = table("interplant_transfers", "product site to_site period transferred cost")
NOT_PURCHASED = empty("purchased_products")
SUPPLY_PLAN = table(
    "supply_plan",
    """
    product  site   period   opening_inventory  regular  overtime  subcontract  scheduled_receipts  shipped  inventory  target_inventory
    TENT-2   alpha  2026-10  10                 100      0         0            0         90       20         0
    TENT-2   alpha  2026-11  20                 120      10        0            0         150      0          0
    TENT-2   alpha  2026-12  0                  0        0         0            10        10       0          0
    STOVE-1  alpha  2026-10  0                  100      0         0            0         100      0          0
    STOVE-1  alpha  2026-11  0                  80       0         10           0         90       0          0
    STOVE-1  alpha  2026-12  0                  0        0         0            0         0        0          0
    """,
)
SHIPMENTS = table(
    "distribution_plan",
    """
    product  site   market  period   shipped
    TENT-2   alpha  north   2026-10  90
    TENT-2   alpha  north   2026-11  150
    TENT-2   alpha  north   2026-12  10
    STOVE-1  alpha  north   2026-10  100
    STOVE-1  alpha  north   2026-11  90
    STOVE-1  alpha  north   2026-12  0
    """,
)
SERVICE_PLAN = table(
    "constrained_demand",
    """
    product  market  period   demand  fulfilled  backlog  lost_sales
    TENT-2   north   2026-10  90      90      0        0
    TENT-2   north   2026-11  160     150     10       0
    TENT-2   north   2026-12  0       10      0        0
    STOVE-1  north   2026-10  100     100     0        0
    STOVE-1  north   2026-11  95      90      0        5
    STOVE-1  north   2026-12  0       0       0        0
    """,
)
WORKFORCE_PLAN = table(
    "workforce_plan",
    """
    resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilization
    CELL      2026-10  2        0      0         300            0               360             0.8
    CELL      2026-11  2        0      0         320            20              360             0.9
    CELL      2026-12  1        0      1         0              0               180             0
    """,
)
STRATEGY_COMPARISON = conform(
    "strategy_comparison",
    pd.DataFrame(
        [
            ("plan_of_record", "overtime", 300.0),
            ("plan_of_record", "subcontracting", 350.0),
            ("plan_of_record", "material", 12800.0),
            ("plan_of_record", "conversion", 230.0),
            ("plan_of_record", "layoff", 200.0),
            ("plan_of_record", "hiring", 0.0),
            ("plan_of_record", "freight", 440.0),
            ("plan_of_record", "holding", 99.0),
            ("plan_of_record", "backlog", 50.0),
            ("plan_of_record", "regular labour", 6200.0),
            ("plan_of_record", "unabsorbed labour", 1800.0),
            ("level", "overtime", 777.0),
        ],
        columns=["strategy", "item", "value"],
    ).assign(measure="cost"),
)
SALES = table(
    "sales_history",
    """
    product  market  period   quantity  revenue
    TENT-2   north   2025-10  80        7200
    TENT-2   north   2025-11  150       13500
    STOVE-1  north   2025-11  60        -
    TENT-2   north   2025-12  0         -
    STOVE-1  north   2025-12  10        500
    TENT-2   north   2026-01  0         -
    TENT-2   north   2026-02  0         -
    TENT-2   north   2026-03  0         -
    TENT-2   north   2026-04  0         -
    TENT-2   north   2026-05  0         -
    TENT-2   north   2026-06  0         -
    TENT-2   north   2026-07  0         -
    TENT-2   north   2026-08  30        2900
    TENT-2   north   2026-09  40        3800
    """,
)
TERMS = table(
    "company_settings",
    "currency receivable_days payable_days opening_cash fixed_cost\nEUR 45 30 5000 1000",
)
MONTHS = [month("2026-10"), month("2026-11"), month("2026-12")]
CREW = (RESOURCES, ROUTINGS, CALENDAR)


def production_of(supply_plan):
    """What CELL makes of a supply plan: a unit takes the hours of its routing, and nobody sets up."""
    made = supply_plan.groupby(["product", "period"], as_index=False)[["regular", "overtime"]].sum()
    made = made.merge(ROUTINGS[["product", "resource", "hours_per_unit"]], on="product")
    hours = (
        made[["regular", "overtime"]].mul(made.pop("hours_per_unit"), axis=0).add_suffix("_hours")
    )
    return conform("production_plan", made.join(hours))


def incurred(**other):
    tables = {
        "strategy_comparison": STRATEGY_COMPARISON,
        "products": PRODUCTS,
        "supply_plan": SUPPLY_PLAN,
        "unit_economics": UNIT_ECONOMICS,
    } | other
    limits = other.get("storage_capacity")
    inputs = costing.CostingInputs(
        HORIZON, tables["products"], tables["supply_plan"], SHIPMENTS,
        production_of(tables["supply_plan"]), WORKFORCE_PLAN,
        tables["strategy_comparison"], tables["unit_economics"], NETWORK, TRANSFERS, NOT_PURCHASED, *CREW,
        storage_capacity=limits,
    )  # fmt: skip
    return costing.product_costs(inputs)


def plan_in_money(supply_plan=SUPPLY_PLAN, products=PRODUCTS, item_costs=UNIT_ECONOMICS):
    inputs = costing.CostingInputs(
        HORIZON, products, supply_plan, SHIPMENTS, production_of(supply_plan), WORKFORCE_PLAN,
        STRATEGY_COMPARISON, item_costs, NETWORK, TRANSFERS, NOT_PURCHASED, *CREW,
    )  # fmt: skip
    return of_families(costing.product_costs(inputs), supply_plan, products, item_costs, CREW[:2])


def ledger(costs, supply_plan=SUPPLY_PLAN, products=PRODUCTS, item_costs=UNIT_ECONOMICS, **more):
    given = (HORIZON, products, supply_plan, SERVICE_PLAN, SHIPMENTS, NETWORK, costs, item_costs)
    return profitability.profitability(profitability.ProfitabilityInputs(*given, **more))


def of_families(
    costs, supply_plan=SUPPLY_PLAN, products=PRODUCTS, item_costs=UNIT_ECONOMICS, crew=(), **more
):
    makes = dict(zip(("resources", "routings"), crew, strict=False))
    terms = more.pop("company_settings", None)
    earned = ledger(costs, supply_plan, products, item_costs, **makes, **more)
    return statements.financial_plan(
        products, earned, supply_plan, item_costs, **makes, company_settings=terms
    )


def cash(company_settings=TERMS, sales=SALES):
    inputs = statements.CashInputs(
        HORIZON,
        plan_in_money(),
        SUPPLY_PLAN,
        incurred(),
        UNIT_ECONOMICS,
        sales,
        RESOURCES,
        ROUTINGS,
        company_settings=company_settings,
    )
    return statements.cash_plan(inputs)


def gaps(**references):
    return variance.plan_variances(HORIZON, measured(), **references)


def measured(sales=SALES):
    return goals_module.GoalInputs(PRODUCTS, plan_in_money(), cash(), SERVICE_PLAN, sales)


def at(frame, value, **where):
    for column, wanted in where.items():
        frame = frame[frame[column] == (month(wanted) if column == "period" else wanted)]
    assert len(frame) == 1
    return frame[value].iloc[0]


def same_rows(left, right):
    keys = list(left.columns[:2])
    order = lambda frame: frame.sort_values(keys, ignore_index=True)  # noqa: E731
    pd.testing.assert_frame_equal(order(left), order(right))


# what a unit costs and what the plan spends


def test_standard_cost_is_material_and_regular_hours_and_making():
    costs = standard_costs(UNIT_ECONOMICS, RESOURCES, ROUTINGS)
    assert at(costs, "standard_cost", product="TENT-2", period="2026-10") == 40 + 2 * 10 + 1
    assert at(costs, "standard_cost", product="STOVE-1", period="2026-10") == 20 + 1 * 10


@pytest.mark.parametrize(
    ("whole", "part", "cost"),
    [("TENT-2", "STOVE-1", 61 + 3 * 30), ("STOVE-1", "TENT-2", 30 + 3 * 61)],
)
def test_standard_cost_holds_that_of_the_products_in_it(whole, part, cost):
    bill = table("bill_of_materials", f"product component quantity_per_unit\n{whole} {part} 3")
    costs = standard_costs(UNIT_ECONOMICS, RESOURCES, ROUTINGS, bill)
    assert at(costs, "standard_cost", product=whole, period="2026-10") == cost


def test_standard_cost_of_a_product_with_two_routings_is_their_mean():
    two = pd.concat([ROUTINGS, ROUTINGS.iloc[[0]].assign(resource="LINE", hours_per_unit=4.0)])
    crews = pd.concat([RESOURCES, RESOURCES.assign(resource="LINE")])
    costs = standard_costs(UNIT_ECONOMICS, crews, two)
    assert at(costs, "standard_cost", product="TENT-2", period="2026-10") == (61 + 81) / 2


def test_without_routings_a_unit_costs_its_material():
    costs = standard_costs(UNIT_ECONOMICS)
    assert at(costs, "standard_cost", product="TENT-2", period="2026-10") == 40


def test_every_cost_item_adds_up_to_the_supply_plan():
    spread = incurred().groupby("cost_item")["cost"].sum()
    booked = STRATEGY_COMPARISON.query("strategy == 'plan_of_record'").set_index("item")["value"]
    booked = booked.drop(["holding", "backlog"])
    spread = spread[spread != 0]
    booked = booked[booked != 0]
    pd.testing.assert_series_equal(spread.sort_index(), booked.sort_index(), check_names=False)


def test_a_months_pay_is_shared_by_the_hours_products_take():
    october = incurred()[lambda costs: costs["period"] == month("2026-10")]
    assert at(october, "cost", product="TENT-2", cost_item="regular labour") == pytest.approx(
        3000 * 200 / 300
    )
    assert at(october, "cost", product="STOVE-1", cost_item="regular labour") == pytest.approx(
        3000 * 100 / 300
    )
    assert at(october, "cost", product="TENT-2", cost_item="unabsorbed labour") == pytest.approx(
        200 * 200 / 300
    )


def test_pay_of_an_idle_month_is_shared_by_the_hours_of_the_whole_plan():
    december = incurred()[lambda costs: costs["period"] == month("2026-12")]
    assert at(december, "cost", product="TENT-2", cost_item="layoff") == pytest.approx(
        200 * 460 / 640
    )


def test_a_cost_without_a_driver_is_shared_by_units_shipped():
    hired = STRATEGY_COMPARISON.assign(
        value=STRATEGY_COMPARISON["value"].mask(STRATEGY_COMPARISON["item"] == "hiring", 440.0)
    )
    costs = incurred(strategy_comparison=hired)
    assert at(
        costs, "cost", product="TENT-2", period="2026-11", cost_item="hiring"
    ) == pytest.approx(150)


def test_what_is_bought_outside_is_borne_by_units_at_the_price_of_their_month():
    twice = SUPPLY_PLAN.assign(subcontract=[0, 0, 0, 10, 10, 0])
    prices = UNIT_ECONOMICS.assign(subcontract_cost=[np.nan, np.nan, np.nan, 70, 35, 35])
    costs = incurred(supply_plan=twice, unit_economics=prices)
    outside = costs[costs["cost_item"] == "subcontracting"].set_index("period")["cost"]
    assert outside[month("2026-10")] == pytest.approx(2 * outside[month("2026-11")])
    assert outside.sum() == pytest.approx(350)


def test_a_cost_item_nobody_knows_is_refused():
    bribes = STRATEGY_COMPARISON.assign(
        item=STRATEGY_COMPARISON["item"].replace("layoff", "bribes")
    )
    with pytest.raises(ValueError, match="cost_item='bribes' cannot be booked; known are material"):
        incurred(strategy_comparison=bribes)


# margin


def test_margin_of_october_by_hand():
    plan = plan_in_money()
    # 90 tents at 61, the 20 idle hours' pay by hours used, freight
    assert at(plan, "cost_of_sales", family="tents", period="2026-10") == pytest.approx(
        90 * 61 + 200 * 2 / 3 + 90
    )
    assert at(plan, "revenue", family="tents", period="2026-10") == 9000
    assert at(plan, "margin", family="stoves", period="2026-10") == pytest.approx(
        5000 - 100 * 30 - 200 / 3 - 100
    )


def test_stock_is_valued_at_standard_cost():
    plan = plan_in_money()
    assert list(plan.loc[plan["family"] == "tents", "inventory_value"]) == [20 * 61, 0, 0]


def test_cost_of_sales_is_opening_stock_and_receipts_and_spending_less_closing_stock():
    spent = incurred()["cost"].sum()
    opening, scheduled_receipts, closing = 10 * 61, 10 * 61, 0
    assert plan_in_money()["cost_of_sales"].sum() == pytest.approx(
        opening + scheduled_receipts + spent - closing
    )


def test_revenue_is_units_served_times_price_and_margin_is_revenue_less_cost():
    plan = plan_in_money()
    assert plan["quantity"].sum() == SERVICE_PLAN["fulfilled"].sum()
    assert plan["revenue"].sum() == 250 * 100 + 190 * 50
    pd.testing.assert_series_equal(
        plan["margin"], plan["revenue"] - plan["cost_of_sales"], check_names=False
    )


def test_a_dearer_material_revalues_stock_in_the_month_it_comes():
    dearer = UNIT_ECONOMICS.assign(
        material_cost=UNIT_ECONOMICS["material_cost"].mask(
            (UNIT_ECONOMICS["product"] == "TENT-2")
            & (UNIT_ECONOMICS["period"] >= month("2026-12")),
            45.0,
        )
    )
    plan = plan_in_money(item_costs=dearer)
    assert plan["margin"].sum() == pytest.approx(
        plan_in_money()["margin"].sum() - 10 * 5
    )  # only the receipts


def test_row_order_does_not_matter():
    same_rows(plan_in_money(SUPPLY_PLAN.iloc[::-1], PRODUCTS.iloc[::-1]), plan_in_money())


def test_a_product_without_plan_adds_a_family_of_zeros_and_changes_no_other():
    more = pd.concat(
        [PRODUCTS, PRODUCTS.iloc[[0]].assign(product="PACK-1", family="packs")], ignore_index=True
    )
    item_costs = pd.concat(
        [UNIT_ECONOMICS, UNIT_ECONOMICS.iloc[:3].assign(product="PACK-1")], ignore_index=True
    )
    plan = plan_in_money(products=more, item_costs=item_costs)
    packs = plan["family"] == "packs"
    assert (plan.loc[packs, ["quantity", "revenue", "margin"]] == 0).all(axis=None)
    same_rows(plan[~packs].reset_index(drop=True), plan_in_money())


def test_the_smallest_company_has_a_plan_in_money():
    costs = incurred().iloc[:0]
    plan = of_families(costs)
    # nothing is spent, so only the stock and receipts at hand cost anything
    assert plan["cost_of_sales"].sum() == pytest.approx(20 * 40)


# promotions, rent, overhead

PROMOTED = table(
    "marketing_activities",
    """
    activity  kind       market  start_period  end_period  spend  family  product  discount_ratio  cancelled
    HALF      promotion  north   2026-11       2026-12     400    tents   -        0.2             -
    SMALL     promotion  north   2026-11       2026-11     0      -       TENT-2   0.1             -
    OFF       promotion  north   2026-10       2026-10     900    tents   -        0.5             true
    """,
)


def promoted(**more):
    return of_families(incurred(), crew=CREW[:2], marketing_activities=PROMOTED, **more)


def test_a_promotion_takes_its_discount_off_revenue_and_its_spend_off_margin():
    plan, without = promoted(), plan_in_money()
    # 150 tents in November and 10 in December at 80 in place of 100; 400 spent in two months
    assert at(plan, "list_revenue", family="tents", period="2026-11") == 15000
    assert at(plan, "discount", family="tents", period="2026-11") == pytest.approx(3000)
    assert at(plan, "revenue", family="tents", period="2026-12") == pytest.approx(10 * 80)
    assert at(plan, "activity_spend", family="tents", period="2026-12") == pytest.approx(200)
    lost = without["margin"].sum() - plan["margin"].sum()
    assert lost == pytest.approx(160 * 20 + 400)
    assert plan["cost_of_sales"].sum() == pytest.approx(without["cost_of_sales"].sum())


def test_a_cancelled_promotion_costs_nothing_and_other_families_are_not_touched():
    plan, without = promoted(), plan_in_money()
    october, stoves = plan["period"] == month("2026-10"), plan["family"] == "stoves"
    columns = ["revenue", "margin"]
    pd.testing.assert_frame_equal(
        plan.loc[october | stoves, columns], without.loc[october | stoves, columns]
    )


def test_months_of_an_activity_outside_the_plan_are_not_the_plans():
    longer = PROMOTED.assign(start_period=PROMOTED["start_period"] - 6)
    plan = of_families(incurred(), crew=CREW[:2], marketing_activities=longer)
    assert plan["activity_spend"].sum() == pytest.approx(400 * 3 / 8)


def test_spend_where_its_products_are_not_sold_is_borne_by_them_elsewhere():
    abroad = PROMOTED.assign(market="export")
    plan = of_families(incurred(), crew=CREW[:2], marketing_activities=abroad)
    assert plan["activity_spend"].sum() == pytest.approx(400)
    assert plan["discount"].sum() == 0


def test_what_activities_spend_is_paid_in_its_month():
    plan = promoted()
    given = (HORIZON, plan, SUPPLY_PLAN, incurred(), UNIT_ECONOMICS, SALES, RESOURCES, ROUTINGS)
    paid = statements.cash_plan(statements.CashInputs(*given, company_settings=TERMS))
    more = paid["payments"] - cash()["payments"]
    assert more.tolist() == pytest.approx([0, 200, 200])


def test_overhead_is_shared_by_revenue_and_leaves_operating_profit():
    plan = of_families(incurred(), crew=CREW[:2], company_settings=TERMS)
    assert at(plan, "overhead", family="tents", period="2026-10") == pytest.approx(
        1000 * 9000 / 14000
    )
    assert at(plan, "overhead", family="stoves", period="2026-12") == 0  # nothing is sold
    assert plan.groupby("period")["overhead"].sum().tolist() == pytest.approx([1000, 1000, 1000])
    assert plan["operating_profit"].sum() == pytest.approx(plan["margin"].sum() - 3000)


def test_overhead_is_shared_by_the_key_that_is_stated():
    by_units = TERMS.assign(overhead_key="quantity")
    plan = of_families(incurred(), crew=CREW[:2], company_settings=by_units)
    assert at(plan, "overhead", family="tents", period="2026-10") == pytest.approx(1000 * 90 / 190)


def test_rent_of_extra_storage_is_borne_by_what_is_in_stock_there():
    rented = pd.concat(
        [
            STRATEGY_COMPARISON,
            STRATEGY_COMPARISON.head(1).assign(item="extra storage", value=30.0),
        ],
        ignore_index=True,
    )
    limit = table("storage_capacity", "site storage_limit overflow_storage_cost\nalpha 5 2")
    costs = incurred(strategy_comparison=rented, storage_capacity=limit)
    rent = costs[costs["cost_item"] == "extra storage"]
    assert rent[["product", "period", "cost"]].to_numpy().tolist() == [
        ["TENT-2", month("2026-10"), (20 - 5) * 2]
    ]


# by market

TWO_MARKETS = table(
    "constrained_demand",
    """
    product  market  period   demand  fulfilled  backlog  lost_sales
    TENT-2   north   2026-10  60      60         0        0
    TENT-2   south   2026-10  30      30         0        0
    """,
)
TO_TWO = table(
    "distribution_plan",
    """
    product  site   market  period   shipped
    TENT-2   alpha  north   2026-10  60
    TENT-2   alpha  south   2026-10  30
    """,
)


def test_a_market_bears_its_freight_and_its_units_of_all_other_cost():
    lanes = table("sourcing_network", "site market freight_cost\nalpha north 1\nalpha south 4")
    october = HORIZON.head(1)
    tents = SUPPLY_PLAN.head(1).assign(opening_inventory=0.0, inventory=10.0)
    costs = table(
        "product_costs",
        """
        product  period   cost_item  cost
        TENT-2   2026-10  material   4000
        TENT-2   2026-10  freight    180
        """,
    )
    given = (october, PRODUCTS.head(1), tents, TWO_MARKETS, TO_TWO, lanes, costs)
    found = profitability.profitability(
        profitability.ProfitabilityInputs(*given, UNIT_ECONOMICS[UNIT_ECONOMICS["product"] == "TENT-2"].head(1))
    )  # fmt: skip
    # 4,000 of material less 10 in stock at 40; two thirds of it in the north
    assert at(found, "cost_of_sales", market="north") == pytest.approx(3600 * 2 / 3 + 60)
    assert at(found, "cost_of_sales", market="south") == pytest.approx(3600 / 3 + 120)
    assert at(found, "margin", market="south") == pytest.approx(3000 - 1320)


def test_what_is_spent_on_a_product_that_nobody_gets_is_borne_by_its_markets_alike():
    tents = SUPPLY_PLAN.head(1).assign(opening_inventory=0.0, inventory=10.0)
    spent = table("product_costs", "product period cost_item cost\nTENT-2 2026-10 material 4000")
    unserved = TWO_MARKETS.assign(fulfilled=0.0, backlog=TWO_MARKETS["demand"])
    lanes = table("sourcing_network", "site market freight_cost\nalpha north 1\nalpha south 4")
    spent = pd.concat([spent, spent.assign(cost_item="freight", cost=60.0)], ignore_index=True)
    given = (HORIZON.head(1), PRODUCTS.head(1), tents, unserved, TO_TWO.head(1), lanes, spent)
    found = profitability.profitability(
        profitability.ProfitabilityInputs(*given, UNIT_ECONOMICS[UNIT_ECONOMICS["product"] == "TENT-2"].head(1))
    )  # fmt: skip
    north = at(found, "cost_of_sales", market="north")
    assert north == pytest.approx((4000 - 10 * 40) / 2 + 60 * 1)  # 60 went there
    assert at(found, "cost_of_sales", market="south") == pytest.approx((4000 - 10 * 40) / 2)


def test_a_cost_that_is_not_given_is_said_beside_the_revenue_that_rests_on_it():
    unknown = UNIT_ECONOMICS.assign(costed=UNIT_ECONOMICS["product"] != "STOVE-1")
    plan = of_families(incurred(), item_costs=unknown)
    assert at(plan, "uncosted_revenue", family="stoves", period="2026-10") == 5000
    assert at(plan, "uncosted_revenue", family="tents", period="2026-10") == 0


# cash


def test_customers_who_pay_after_45_days_pay_half_after_one_month_and_half_after_two():
    plan = cash()
    october, november = 9000 + 5000, 15000 + 4500
    assert plan["collections"].tolist() == pytest.approx(
        [0.5 * 3800 + 0.5 * 2900, 0.5 * october + 0.5 * 3800, 0.5 * november + 0.5 * october]
    )
    assert plan["receivables"].iloc[0] == pytest.approx(october + 0.5 * 3800)


def test_material_is_paid_after_30_days_and_everything_else_at_once():
    plan = cash()
    old_material = 40 * 40  # September's tents
    labour, making, freight = 3200, 100, 190
    assert plan["payments"].iloc[0] == pytest.approx(
        old_material + labour + making + freight + 1000
    )
    assert plan["payables"].iloc[0] == pytest.approx(100 * 40 + 100 * 20)
    assert plan["payables"].iloc[2] == pytest.approx(10 * 61)  # the receipts


@pytest.mark.parametrize(
    "company_settings", [TERMS, None], ids=["on terms", "everyone pays at once"]
)
def test_margin_less_fixed_cost_is_the_change_in_cash_receivables_stock_less_payables(
    company_settings,
):
    plan = cash(company_settings)
    fixed = 1000 if company_settings is not None else 0
    margin = plan_in_money().groupby("period")["margin"].sum().to_numpy()
    wealth = (
        plan["cash"] + plan["receivables"] + plan["inventory_value"] - plan["payables"]
    ).to_numpy()
    assert wealth[1:] - wealth[:-1] == pytest.approx(margin[1:] - fixed)


def test_receivables_and_payables_roll_forward():
    plan, sold = cash(), plan_in_money().groupby("period")["revenue"].sum().to_numpy()
    before = [3800 + 0.5 * 2900, *plan["receivables"].iloc[:-1]]
    assert plan["receivables"].to_numpy() == pytest.approx(
        before + sold - plan["collections"].to_numpy()
    )


def test_cash_rolls_forward_from_the_opening_cash():
    plan = cash()
    before = [5000, *plan["cash"].iloc[:-1]]
    assert plan["cash"].to_numpy() == pytest.approx(
        before + (plan["collections"] - plan["payments"]).to_numpy()
    )


def test_without_terms_nothing_is_owed():
    plan = cash(company_settings=None)
    assert (plan[["receivables", "payables"]] == 0).all(axis=None)
    assert plan["collections"].iloc[0] == 14000


# gaps

BUDGET = table(
    "budget",
    """
    family  period   quantity  revenue  margin
    tents   2026-10  100       10000    4000
    stoves  2026-10  80        4400     1600
    tents   2026-11  140       14000    5600
    stoves  2026-11  100       5500     2000
    tents   2027-06  140       14000    5600
    """,
)


def test_the_plan_is_held_against_budget_where_both_have_the_month():
    found = gaps(budget=BUDGET)[lambda rows: rows["reference_type"] == "budget"]
    assert set(found["period"]) == set(MONTHS[:2])
    assert at(found, "variance", measure="quantity", item="tents", period="2026-10") == -10
    assert at(found, "variance", measure="revenue", item="all", period="2026-10") == 14000 - 14400
    assert (found["variance"] == found["plan"] - found["reference_value"]).all()


def test_all_is_the_sum_of_the_families_that_are_compared_in_the_month():
    later = BUDGET[~((BUDGET["family"] == "stoves") & (BUDGET["period"] == month("2026-11")))]
    found = gaps(budget=later)
    found = found[found["reference_type"] == "budget"]
    key, sides = ["measure", "period"], ["plan", "reference_value"]
    families = found[found["item"] != "all"].groupby(key)[sides].sum()
    company = found[found["item"] == "all"].set_index(key)[sides]
    pd.testing.assert_frame_equal(company.sort_index(), families.sort_index())


def test_last_year_is_the_same_month_and_counts_a_family_without_sales_as_zero():
    found = gaps()
    assert at(found, "reference_value", measure="quantity", item="tents", period="2026-11") == 150
    assert at(found, "reference_value", measure="quantity", item="stoves", period="2026-10") == 0
    assert at(found, "reference_value", measure="quantity", item="all", period="2026-11") == 210


def test_last_years_revenue_is_compared_only_where_every_sales_is_known():
    revenue = gaps()[lambda rows: rows["measure"] == "revenue"]
    compared = set(zip(revenue["item"], revenue["period"].astype("str"), strict=True))
    assert ("tents", "2026-11") in compared
    assert ("stoves", "2026-11") not in compared
    assert at(revenue, "reference_value", item="tents", period="2026-12") == 0


def test_without_any_revenue_in_history_last_year_is_compared_in_units_alone():
    found = variance.plan_variances(HORIZON, measured(SALES.assign(revenue=float("nan"))))
    assert set(found["measure"]) == {"quantity"}


def test_last_cycle_is_the_latest_consensus_before_this_cycle():
    approved = table(
        "approved_forecasts",
        """
        cycle    contributor  product  market  period   quantity
        2026-08  consensus    TENT-2   north   2026-10  1
        2026-09  consensus    TENT-2   north   2026-10  95
        2026-09  sales        TENT-2   north   2026-10  999
        2026-10  consensus    TENT-2   north   2026-10  2
        """,
    )
    found = gaps(approved_forecasts=approved, unit_economics=UNIT_ECONOMICS)
    assert (
        at(
            found,
            "variance",
            measure="quantity",
            reference_type="last_cycle",
            item="tents",
            period="2026-10",
        )
        == -5
    )
    revenue = at(
        found,
        "reference_value",
        measure="revenue",
        reference_type="last_cycle",
        item="tents",
        period="2026-10",
    )
    assert revenue == 95 * 100


def test_the_opportunity_is_what_demand_would_bring_beyond_the_plan():
    earned = ledger(incurred(), resources=RESOURCES, routings=ROUTINGS)
    found = gaps(profitability=earned)[lambda rows: rows["reference_type"] == "unconstrained"]
    service = SERVICE_PLAN
    missed = service["fulfilled"].sum() - service["demand"].sum()
    everything = found[found["item"] == "all"].groupby("measure")["variance"].sum()
    assert everything["quantity"] == missed < 0
    assert everything["revenue"] < everything["margin"] < 0
    assert len(found) == 3 * 3 * len(MONTHS)  # two families and all, in units, revenue and margin


def goals(text):
    header = "goal measure dimension item from_period to_period target direction horizon owner\n"
    return table("goals", header + text)


def test_goals_are_sums_levels_and_service_over_their_months():
    found = gaps(
        goals=goals(
            """
            sell     quantity             family  tents  2026-10  2026-12  300   at_least  tactical  Ann
            lean     inventory_value      -       -      2026-10  2026-12  1000  at_most   tactical  Ann
            service  fill_rate  -       -      2026-10  2026-12  0.98  at_least  tactical  Ann
            floor    cash                 -       -      2026-10  2026-12  0     at_least  tactical  Ann
            """
        )
    )[lambda rows: rows["reference_type"] == "goal"]
    assert at(found, "variance", item="sell") == 250 - 300
    assert at(found, "plan", item="lean") == 20 * 61
    assert at(found, "plan", item="service") == pytest.approx(1 - 15 / 445)  # 10 late, 5 lost
    assert at(found, "plan", item="floor") == pytest.approx(cash()["cash"].min())
    assert set(found["period"]) == {month("2026-12")}


def test_a_goal_that_began_before_the_cycle_counts_what_was_sold():
    found = gaps(
        goals=goals("sell quantity family tents 2026-08 2026-11 300 at_least tactical Ann")
    )
    assert at(found, "plan", item="sell") == 30 + 40 + 90 + 150


def test_goals_that_cannot_be_checked_are_listed_with_the_reason():
    wanted = goals(
        """
        beyond  revenue          -  -  2026-10  2027-09  9e6  at_least  strategic  Ann
        begun   margin           -  -  2026-08  2026-12  9e6  at_least  tactical   Ann
        over    revenue          -  -  2026-01  2026-09  9e6  at_least  tactical   Ann
        later   inventory_value  -  -  2028-01  2028-12  9e6  at_most   strategic  Ann
        """
    )
    assert "goal" not in set(gaps(goals=wanted)["reference_type"])
    listed = goals_module.unchecked_goals(HORIZON, measured(), wanted)
    assert dict(zip(listed["goal"], listed["reason"], strict=True)) == {
        "beyond": "revenue is known for 3 of its 12 months",
        "begun": "margin is known for 3 of its 5 months",
        "over": "it ended in 2026-09, before this cycle",
        "later": "no planned month falls into it",
    }


def test_a_strategic_goal_beyond_the_plan_is_held_against_the_path_to_it():
    """A thousand units were sold in the last year; 1,210 two years on ask for a tenth more each year: 1,100 in the next."""
    planned = planning_periods("2026-10", pd.DataFrame({"horizon_months": [12.0]}))
    products = table("products", "product family unit_of_measure\nTENT-2 tents piece")
    months = pd.period_range("2025-10", "2026-09", freq="M")
    sold = pd.DataFrame(
        {"product": "TENT-2", "market": "north", "period": months, "quantity": 1000 / 12}
    )
    money = pd.DataFrame({"family": "tents", "period": planned["period"], "quantity": 90.0})
    money = money.assign(revenue=0.0, cost_of_sales=0.0, margin=0.0, inventory_value=0.0)
    far = "far quantity family tents 2027-10 2028-09 1210 at_least {} Ann"
    known = goals_module.GoalInputs(
        products, money, cash().head(0), SERVICE_PLAN.head(0), sold.assign(revenue=0.0)
    )
    tables = (planned, known)
    row = goals_module.goal_paths(*tables, goals(far.format("strategic"))).iloc[0]
    assert row["value"] == pytest.approx(1000)
    assert row["reference_value"] == pytest.approx(1100)
    assert (row["plan"], row["variance"]) == (1080, pytest.approx(-20))
    assert (row["required_ratio"], row["planned_ratio"]) == (
        pytest.approx(0.10),
        pytest.approx(0.08),
    )
    assert goals_module.unchecked_goals(*tables, goals(far.format("strategic"))).empty
    assert goals_module.goal_paths(*tables, goals(far.format("tactical"))).empty


def test_a_goal_may_be_for_a_group_of_families():
    groups = table("product_groups", "member product_group\ntents camping\nstoves camping")
    known = dataclasses.replace(measured(), product_groups=groups)
    wanted = goals("sell quantity product_group camping 2026-08 2026-11 300 at_least tactical Ann")
    found = variance.plan_variances(HORIZON, known, goals=wanted)
    whole = gaps(goals=goals("sell quantity - - 2026-08 2026-11 300 at_least tactical Ann"))
    is_goal = found["reference_type"] == "goal"  # of closed months what was sold counts
    assert found[is_goal]["plan"].tolist() == whole[is_goal]["plan"].tolist()
    unknown = goals_module.unchecked_goals(HORIZON, measured(), wanted)
    assert unknown["reason"].tolist() == ["financial_plan knows no product_group camping"]


def test_what_finance_asks_to_change_is_measured_before_it_is_taken():
    """Each unit of demand earns 2: finance's ten are in the plan, its price scenario is not."""
    inputs = table(
        "demand_inputs",
        """
        function  product  market  period   quantity  author  reason  submitted_on
        finance   TENT-2   north   2026-10  10        Novak   careful 2026-10-01
        sales     TENT-2   north   2026-10  20        Kim     hopeful 2026-10-01
        """,
    )
    changes = table(
        "scenario_changes",
        """
        scenario  change  table      column  operation  amount  note   function  author
        dearer    1       item_costs  price   multiply   1.1     market finance   Novak
        other     1       item_costs  price   multiply   1.2     -      -         -
        """,
    )

    def replan(scenarios):
        plans = {}
        for one in scenarios:
            spoken = (one.instead or {"demand_inputs": inputs})["demand_inputs"]["quantity"].sum()
            margin = 2.0 * spoken + (0.0 if one.changes is None else 7.0)
            plans[one.name] = {"revenue": 3 * margin, "margin": margin, "min_cash": margin}
        values = pd.DataFrame(plans).rename_axis(index="measure").reset_index()
        return values.melt("measure", var_name="scenario", value_name="value")

    plan = pd.DataFrame({"period": pd.PeriodIndex(["2026-10"], freq="M")})
    results = scenario_results(plan, replan, changes, inputs)
    rows = adjustments.finance_adjustments(plan, results, inputs, changes)
    rows = rows.set_index("adjustment")
    assert rows["margin_effect"].to_dict() == {"demand-inputs-1": 20, "dearer": 7}
    assert rows.loc["demand-inputs-1", ["author", "reason"]].tolist() == ["Novak", "careful"]
    assert rows.loc["dearer", ["reason", "handling"]].tolist() == ["market", "not in this plan"]


def test_a_goal_of_an_unknown_measure_is_refused_and_the_known_are_named():
    with pytest.raises(ValueError) as refusal:
        gaps(goals=goals("green co2 - - 2026-10 2026-12 1 at_most strategic Ann"))
    said = str(refusal.value)
    assert said.startswith(
        "goals: measure must be one of demand, quantity, revenue, cost_of_sales,"
    )
    assert "; 1 of 1 rows are not:\n  goal=green  measure=co2\n" in said


def test_a_goal_for_what_its_measure_is_not_told_apart_by_is_refused():
    with pytest.raises(
        ValueError, match="dimension=family, which cash does not have; it is known for the"
    ):
        gaps(goals=goals("floor cash family tents 2026-10 2026-12 0 at_least tactical Ann"))
    with pytest.raises(ValueError) as refusal:
        gaps(goals=goals("sell revenue market north 2026-10 2026-12 0 at_least tactical Ann"))
    assert str(refusal.value) == (
        "goals: goal=sell  measure=revenue names dimension=market, which revenue does not have; it is "
        "known by family, product_group. Enter one that it has, or leave dimension and item empty for the whole company."
    )
    with pytest.raises(ValueError, match=r"has item=tents alone\. Enter both dimension and item"):
        gaps(goals=goals("sell revenue - tents 2026-10 2026-12 0 at_least tactical Ann"))


def test_a_goal_may_be_for_a_market_a_product_or_whatever_its_measure_is_told_apart_by():
    """Of 250 tents 10 are late, of 195 stoves 5 are lost; all are wanted in the north."""
    found = gaps(
        goals=goals(
            """
            north  fill_rate  market   north   2026-10  2026-12  1  at_least  tactical  Ann
            tent   fill_rate  product  TENT-2  2026-10  2026-12  1  at_least  tactical  Ann
            lost   lost_sales           family   stoves  2026-10  2026-12  0  at_most   tactical  Ann
            """
        )
    )[lambda rows: rows["reference_type"] == "goal"]
    assert at(found, "plan", item="north") == pytest.approx(1 - 15 / 445)
    assert at(found, "plan", item="tent") == pytest.approx(1 - 10 / 250)
    assert at(found, "plan", item="lost") == 5


# bridge


def walk(budget=BUDGET):
    earned = ledger(incurred(), resources=RESOURCES, routings=ROUTINGS)
    return bridge.budget_bridge(HORIZON, PRODUCTS, plan_in_money(), SERVICE_PLAN, earned, budget)


def steps_of(family, measure, steps=None):
    rows = walk() if steps is None else steps
    rows = rows[(rows["family"] == family) & (rows["measure"] == measure)]
    return rows.set_index("step")["amount"]


def test_the_steps_of_the_bridge_add_up_to_the_plan_of_each_family_and_of_the_company():
    steps = walk()
    is_end = steps["step"] == "plan"
    arrived = steps[is_end].set_index(["measure", "family"])["amount"].sort_index()
    walked = steps[~is_end].groupby(["measure", "family"])["amount"].sum().sort_index()
    assert len(arrived) == 6
    assert walked.to_numpy() == pytest.approx(arrived.to_numpy(), abs=1e-9)


@pytest.mark.parametrize("measure", ["revenue", "margin"])
def test_families_add_up_to_the_company_and_their_volume_to_its_volume_and_mix(measure):
    company = steps_of("all", measure)
    families = steps_of("tents", measure) + steps_of("stoves", measure)
    assert company["volume"] + company["mix"] == pytest.approx(families["volume"])
    rest = [step for step in company.index if step not in ("volume", "mix")]
    assert company[rest].to_numpy() == pytest.approx(families[rest].to_numpy())


def test_the_bridge_takes_the_months_that_budget_and_plan_both_have():
    steps = walk()
    assert at(steps, "amount", measure="revenue", family="tents", step="budget") == 10000 + 14000
    assert at(steps, "amount", measure="revenue", family="tents", step="plan") == 9000 + 15000


def test_each_step_of_a_familys_bridge_by_hand():
    # budget: 180 stoves at 55, margin 20 each; demand: 195 at 50, of which 5 are lost
    revenue = steps_of("stoves", "revenue")
    assert revenue["budget"] == 9900
    assert revenue["volume"] == pytest.approx((195 - 180) * 55)
    assert revenue["mix"] == 0
    assert revenue["price"] == pytest.approx(195 * (50 - 55))
    assert revenue["supply"] == -5 * 50
    assert revenue["plan"] == 190 * 50
    margin = steps_of("stoves", "margin")
    assert margin["volume"] == pytest.approx((195 - 180) * 20)
    assert margin["supply"] == -5 * (50 - 30)
    assert list(margin.index) == ["budget", "volume", "mix", "price", "cost", "supply", "plan"]


def test_volume_of_the_company_is_its_growth_and_mix_what_families_grow_otherwise():
    # tents: 240 budgeted, 250 wanted, at 100; stoves: 180 budgeted, 195 wanted, at 55, margin 20 each
    growth = (250 * 100 + 195 * 55) / (24000 + 9900) - 1
    revenue = steps_of("all", "revenue")
    assert revenue["volume"] == pytest.approx(growth * (24000 + 9900))
    assert revenue["mix"] == pytest.approx(0, abs=1e-9)  # moves none in or out of the company
    margin, budgeted = steps_of("all", "margin"), steps_of("tents", "margin")["budget"]
    assert margin["volume"] == pytest.approx(growth * (budgeted + 180 * 20))
    assert margin["mix"] == pytest.approx(10 * budgeted / 240 + 15 * 20 - margin["volume"])


def test_units_over_budget_are_volume_of_their_family_however_the_company_does():
    """616 tents over the budget are worth 616 of its margins, though all else halves."""
    base = pd.DataFrame(
        {"quantity": [1000.0, 9000.0], "revenue": [1e5, 9e5], "margin": [4e4, 1.8e5]},
        index=pd.Index(["tents", "stoves"], name="family"),
    )
    plan = base.assign(demand=[1616.0, 4500.0], unserved_revenue=0.0, unserved_margin=0.0)
    plan = plan.assign(revenue=plan["demand"] * 100, demand_revenue=plan["demand"] * 100)
    plan["margin"] = [616 * 40 + 4e4, 9e4]
    steps = bridge.walk(base, plan, "margin")
    tents, company = steps_of("tents", "margin", steps), steps_of("all", "margin", steps)
    assert tents[["volume", "mix", "price", "cost"]].tolist() == [616 * 40, 0, 0, 0]
    assert company["volume"] == pytest.approx(2.2e5 * (6116 / 10000 - 1))
    assert company["volume"] + company["mix"] == pytest.approx(616 * 40 - 4500 * 20)


def test_without_budget_there_is_no_bridge():
    assert walk(budget=None).empty


def test_a_family_without_budgeted_units_still_adds_up():
    nothing = BUDGET.assign(quantity=BUDGET["quantity"].mask(BUDGET["family"] == "stoves", 0.0))
    steps = walk(nothing)
    stoves = steps_of("stoves", "revenue", steps)
    assert stoves.drop("plan").sum() == pytest.approx(stoves["plan"])


# the sample company


def test_labour_and_making_are_booked_to_the_product_whose_hours_the_plan_holds():
    """P is made on the cheap line alone, Q on the dear one, though P could be made on both.

    10 hours of P at 10 and 1 a unit, 10 hours of Q at 50 and 3 a unit; the dear line is idle for 5 hours more.
    """
    two = table("products", "product family unit_of_measure\nP fp piece\nQ fq piece")
    lines = table(
        "resources",
        """
        resource  site  opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost
        CHEAP     s     1                10            20             0          0
        DEAR      s     1                50            75             0          0
        """,
    )
    ways = table(
        "routings",
        "product resource hours_per_unit variable_cost\nP CHEAP 1 1\nP DEAR 1 2\nQ DEAR 1 3",
    )
    held = table(
        "supply_plan",
        """
        product  site  period   opening_inventory  regular  overtime  subcontract  scheduled_receipts  shipped  inventory  target_inventory
        P        s     2026-10  0                  10       0         0            0                   10       0          0
        Q        s     2026-10  0                  10       0         0            0                   10       0          0
        """,
    )
    made = table(
        "production_plan",
        """
        product  resource  period   regular  overtime  regular_hours  overtime_hours
        P        CHEAP     2026-10  10       0         10             0
        P        DEAR      2026-10  0        0         0              0
        Q        DEAR      2026-10  10       0         10             0
        """,
    )
    crew = table(
        "workforce_plan",
        """
        resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilization
        CHEAP     2026-10  1        0      0         10             0               10              1
        DEAR      2026-10  1        0      0         10             0               15              0.67
        """,
    )
    days = table(
        "resource_calendar",
        """
        resource  period   working_days  regular_hours_per_worker  overtime_hours_per_worker
        CHEAP     2026-10  1             10                        0
        DEAR      2026-10  1             15                        0
        """,
    )
    spent = pd.DataFrame(
        {
            "strategy": "plan_of_record",
            "measure": "cost",
            "item": ["regular labour", "unabsorbed labour", "conversion"],
            "period": None,
            "value": [600.0, 250.0, 40.0],
        }
    )
    prices = UNIT_ECONOMICS.iloc[:2].assign(product=["P", "Q"], period=MONTHS[0])
    one_month = HORIZON.iloc[:1]
    inputs = costing.CostingInputs(
        one_month, two, held, SHIPMENTS.iloc[:0], made, crew, conform("strategy_comparison", spent),
        prices, NETWORK, TRANSFERS.iloc[:0], NOT_PURCHASED, lines, ways, days,
    )  # fmt: skip
    costs = costing.product_costs(inputs)
    booked = costs.set_index(["product", "cost_item"])["cost"].to_dict()
    assert booked == {
        ("P", "regular labour"): pytest.approx(100.0),
        ("Q", "regular labour"): pytest.approx(500.0),
        ("Q", "unabsorbed labour"): pytest.approx(250.0),
        ("P", "conversion"): pytest.approx(10.0),
        ("Q", "conversion"): pytest.approx(30.0),
    }


def test_on_the_sample_company_each_cost_falls_in_the_month_that_causes_it(company, plan):
    supply = [
        plan[name]
        for name in (
            "supply_plan",
            "distribution_plan",
            "production_plan",
            "workforce_plan",
            "strategy_comparison",
            "unit_economics",
            "sourcing_network",
            "interplant_transfers",
            "purchased_products",
        )
    ]
    crew = [company[name] for name in ("resources", "routings", "resource_calendar")]
    inputs = costing.CostingInputs(plan["planning_periods"], company["products"], *supply, *crew)
    costs = costing.product_costs(inputs)
    monthly = costs.pivot_table(
        index="period", columns="cost_item", values="cost", aggfunc="sum"
    ).fillna(0.0)
    made = plan["supply_plan"].merge(plan["unit_economics"], on=["product", "period"])
    material = (
        ((made["regular"] + made["overtime"]) * made["material_cost"]).groupby(made["period"]).sum()
    )
    assert monthly["material"].to_numpy() == pytest.approx(material.to_numpy())
    crews = plan["workforce_plan"].merge(company["resources"], on="resource")
    crews = crews[crews["effective_from"].isna() | (crews["effective_from"] <= crews["period"])]
    crews = crews.sort_values("effective_from", na_position="first")  # the last one is in force
    crews = crews.drop_duplicates(["resource", "period"], keep="last")
    overtime = (crews["overtime_hours"] * crews["overtime_wage"]).groupby(crews["period"]).sum()
    assert monthly["overtime"].to_numpy() == pytest.approx(overtime.to_numpy(), abs=1e-6)
    assert costs["cost"].sum() == pytest.approx(
        costs_by_strategy(plan["strategy_comparison"])
        .query("strategy == 'plan_of_record'")
        .loc[lambda rows: ~rows["cost_item"].isin(WEIGHED_ONLY), "cost"]
        .sum()
    )


def test_on_the_sample_company_margin_less_fixed_cost_becomes_cash_claims_and_stock(company, plan):
    cash_plan = plan["cash_plan"]
    margin = plan["financial_plan"].groupby("period")["margin"].sum().to_numpy()
    wealth = (
        cash_plan["cash"]
        + cash_plan["receivables"]
        + cash_plan["inventory_value"]
        - cash_plan["payables"]
    )
    fixed = company["company_settings"]["fixed_cost"].iloc[0]
    assert wealth.diff().iloc[1:].to_numpy() == pytest.approx(margin[1:] - fixed)


def test_on_the_sample_company_the_service_goal_is_measured_as_supply_measures_it(company, plan):
    months = plan["planning_periods"]["period"]
    goal = goals(f"service fill_rate - - {months.min()} {months.max()} 0.9 at_least tactical Ann")
    known = goals_module.GoalInputs(
        company["products"],
        plan["financial_plan"],
        plan["cash_plan"],
        plan["constrained_demand"],
        company["sales_history"],
    )
    found = variance.plan_variances(plan["planning_periods"], known, goals=goal)
    service = of_record(plan["strategy_comparison"])["fill_rate"]
    assert at(found, "plan", reference_type="goal", item="service") == pytest.approx(service)


def test_on_the_sample_company_the_bridge_arrives_at_the_plan(plan):
    steps = plan["budget_bridge"]
    is_end = steps["step"] == "plan"
    left = steps[~is_end].groupby(["measure", "family"])["amount"].sum()
    right = steps[is_end].set_index(["measure", "family"])["amount"].sort_index()
    assert left.to_numpy() == pytest.approx(right.to_numpy())
