import pandas as pd
from conftest import table
from test_basis import ECONOMICS, HORIZON, PRODUCTS, SALES

from sopkit.data_quality import data_issues
from sopkit.master_data import work_calendar
from sopkit.tables.validation import empty


def history(reason=None, correction=4.0):
    frame = SALES[["product", "market", "period", "quantity"]].assign(
        cleansing_adjustment=0.0, finding=None, reason=None
    )
    frame["cleansed"] = frame["quantity"]
    if reason:
        frame.loc[0, ["cleansing_adjustment", "cleansed", "reason"]] = [
            correction,
            10.0 + correction,
            reason,
        ]
    return frame.astype({"reason": "str"})


CALENDAR = work_calendar.work_calendar(HORIZON, pd.DataFrame({"site": ["alpha"]}))


def issues(prices=ECONOMICS, **tables):
    given = {"products": PRODUCTS, "sales_history": SALES, "demand_history": history()}
    given |= {"item_costs": prices, "work_calendar": CALENDAR, "planning_periods": HORIZON}
    given |= {name: empty(name) for name in ("history_findings", "product_successions")}
    return data_issues.data_issues(data_issues.Assumed(**given | tables))


def test_sales_in_planned_months_are_reported_as_not_used():
    late = pd.concat([SALES, SALES.iloc[[1]].assign(period=pd.Period("2026-10", "M"))])
    found = issues(sales_history=late)
    assert found.loc[0, "severity"] == "critical"
    assert "1 row (10 units) in planned months" in found.loc[0, "message"]


def test_a_history_that_ends_early_is_reported():
    found = issues(sales_history=SALES[SALES["period"] < "2026-09"])
    assert "History ends in 2026-08; 1 month before the cycle without sales" in set(
        found["message"]
    )


def test_assumed_prices_products_without_routing_and_corrections_are_reported():
    routings = table("routings", "product resource hours_per_unit\nTENT-1 LINE-1 1")
    found = issues(None, demand_history=history("out of stock"), routings=routings)
    assert {"item_costs", "routings", "sales_history"} <= set(found["table"])
    correction = found[found["message"].str.startswith("out of stock")].iloc[0]
    assert correction["row_key"] == "product TENT-1, market north, 2026-08 to 2026-08"
    assert "+4 units" in correction["handling"]


def test_a_month_that_was_suspected_but_left_as_sold_is_reported():
    found = issues(demand_history=history("left as sold: no one-off order by STL", correction=0.0))
    row = found[found["message"].str.startswith("left as sold")].iloc[0]
    assert row["handling"] == "Nothing was changed."


def test_sound_tables_have_only_the_issues_that_are_there():
    products = PRODUCTS[PRODUCTS["product"] == "TENT-1"]
    sales = SALES[SALES["product"] == "TENT-1"]
    found = issues(products=products, sales_history=sales, demand_history=history().iloc[:2])
    assert found.empty


def test_a_resource_that_the_calendar_leaves_out_is_reported():
    resources = table(
        "resources",
        "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\nCELL alpha 2 10 15 100 200\nPRESS alpha 2 10 15 100 200",
    )
    calendar = table(
        "resource_calendar",
        "resource period working_days regular_hours_per_worker overtime_hours_per_worker\nCELL 2026-10 20 160 0",
    )
    found = issues(resources=resources, resource_calendar=calendar)
    row = found[found["table"] == "resource_calendar"].iloc[0]
    assert (row["severity"], row["row_key"]) == ("critical", "resource PRESS")
    assert row["handling"] == "8 hours on every weekday and no overtime are assumed."


def test_a_resource_with_other_working_days_than_its_site_is_reported():
    resources = table(
        "resources",
        "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\nCELL alpha 2 10 15 100 200",
    )
    closed = table(
        "holidays", "site day reason\nalpha 2026-10-12 inventory\nalpha 2026-10-11 Sunday-anyway"
    )
    calendar = work_calendar.work_calendar(
        HORIZON, pd.DataFrame({"site": ["alpha"]}), holidays=closed
    )
    found = issues(resources=resources, work_calendar=calendar)
    row = found[found["table"] == "resource_calendar"].iloc[0]
    assert row["row_key"] == "resource CELL, 2026-10 to 2026-10"
    assert row["message"] == "1 month with other working days than site alpha: 22 against 21"
    assert not (issues(resources=resources)["table"] == "resource_calendar").any()


def test_purchase_orders_that_should_have_come_already_are_reported():
    open_orders = table(
        "purchase_orders",
        """
        item   site due_day    quantity
        POLE   -    2026-09-14 30
        POLE   -    2027-01-14 40
        TENT-1 east 2026-09-30 20
        """,
    )
    found = issues(purchase_orders=open_orders)
    assert found[["severity", "table", "row_key", "message"]].to_numpy().tolist()[:2] == [
        [
            "critical",
            "purchase_orders",
            "item POLE, due 2026-09-14",
            "30 units overdue from the supplier",
        ],
        [
            "critical",
            "purchase_orders",
            "item TENT-1, due 2026-09-30",
            "20 units overdue from the supplier",
        ],
    ]


def test_only_open_deals_outside_the_planned_months_are_reported():
    deals = table(
        "opportunities",
        """
        opportunity  product  market  period   quantity  probability  stage  owner  source_activity
        A            TENT-1   north   2026-01  30        1            Won    Holm   -
        B            TENT-1   north   2026-01  40        0            lost   Holm   -
        C            TENT-1   north   2026-01  50        0.4          offer  Holm   -
        """,
    )
    found = issues(opportunities=deals)
    assert list(found.loc[found["table"] == "opportunities", "message"]) == [
        "1 row (50 units) outside the planned months"
    ]
    assert "opportunities" not in set(issues(opportunities=deals[:2])["table"])


def test_material_that_no_row_and_no_source_says_is_reported():
    open_ = ECONOMICS.assign(material_cost=float("nan"))
    bought = table("sources", "item supplier unit_cost\nTENT-1 Sails 55")
    found = issues(open_, sources=bought).set_index("column").loc["material_cost"]
    assert found["message"] == "Material cost of 1 product not given"
    assert found["row_key"] == "product STOVE-1"
    assert issues(ECONOMICS)["column"].ne("material_cost").all()


def test_a_service_that_would_be_held_in_stock_is_reported():
    served = PRODUCTS.assign(unit_of_measure=["Nights", "class"])
    found = issues(products=served).set_index("column").loc["supply_mode"]
    assert found["message"] == ("2 products counted as a service (Nights) and planned from stock")
    fresh = served.assign(supply_mode="not_storable")
    assert issues(products=fresh)["column"].ne("supply_mode").all()
    held = table("inventory", "product site on_hand\nTENT-1 alpha 5\nSTOVE-1 alpha 0")
    assert issues(products=served, inventory=held)["column"].ne("supply_mode").all()
