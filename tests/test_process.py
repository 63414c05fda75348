"""How the company did, as every meeting needs to know it."""

import pandas as pd
import pytest
from conftest import table

from sopkit.performance import kpis as kpis_module
from sopkit.tables.periods import month, planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
PRODUCTS = table(
    "products", "product family unit_of_measure\nTENT-2 tents piece\nSTOVE-1 stoves piece"
)
SALES = table(
    "sales_history",
    """
    product  market  period   quantity  revenue
    TENT-2   north   2025-09  999       999
    TENT-2   north   2025-10  1         1
    TENT-2   north   2025-11  1         1
    TENT-2   north   2025-12  1         1
    TENT-2   north   2026-01  1         1
    TENT-2   north   2026-02  1         1
    TENT-2   north   2026-03  1         1
    TENT-2   north   2026-04  1         1
    TENT-2   north   2026-05  1         1
    TENT-2   north   2026-06  1         1
    TENT-2   north   2026-07  60        6000
    TENT-2   north   2026-08  80        -
    TENT-2   north   2026-09  90        9000
    STOVE-1  north   2026-09  10        500
    """,
)
HISTORY = table(
    "demand_history",
    """
    product  market  period   quantity  cleansed  cleansing_adjustment
    TENT-2   north   2026-08  80        80       0
    TENT-2   north   2026-09  90        120      30
    STOVE-1  north   2026-09  10        40       30
    """,
)
BUDGET = table(
    "budget",
    """
    family  period   quantity  revenue  margin
    tents   2026-09  100       10000    4000
    stoves  2026-09  5         250      100
    """,
)
AVAILABILITY = table(
    "stock_availability", "product market period in_stock_ratio\nTENT-2 north 2026-09 0.75"
)
APPROVED = table(
    "approved_forecasts",
    """
    cycle    contributor  product  market  period   quantity
    2026-09  consensus    TENT-2   north   2026-09  99
    2026-09  consensus    STOVE-1  north   2026-09  7
    2026-08  consensus    TENT-2   north   2026-09  500
    2026-09  sales        TENT-2   north   2026-09  500
    """,
)
INVENTORY = table("inventory", "product site on_hand\nTENT-2 alpha 100\nSTOVE-1 alpha 20")


def kpis(**known):
    return kpis_module.kpis(HORIZON, PRODUCTS, SALES, HISTORY, **known)


def row(frame, measure, period="2026-09"):
    found = frame[(frame["measure"] == measure) & (frame["period"] == month(period))]
    assert len(found) == 1
    return found.iloc[0]


def test_the_last_twelve_closed_months_are_shown_and_none_before():
    sold = kpis()[lambda rows: rows["measure"] == "actual_quantity"]
    assert (len(sold), sold["period"].min(), sold["period"].max()) == (
        12,
        month("2025-10"),
        month("2026-09"),
    )


def test_units_sold_stand_beside_the_budget_and_name_the_family_furthest_below():
    found = row(kpis(budget=BUDGET), "actual_quantity")
    assert (found["value"], found["target"]) == (100, 105)
    assert found["statement"] == (
        "100 units were sold in Sep 2026, 4.8 % below budget; tents is furthest below (-10.0 %)."
    )


def test_a_month_without_budget_has_no_target():
    found = row(kpis(budget=BUDGET), "actual_quantity", "2026-08")
    assert pd.isna(found["target"])
    assert found["statement"] == "80 units were sold in Aug 2026."


def test_a_budget_that_starts_with_the_cycle_gives_closed_months_no_target():
    coming = BUDGET.assign(period=month("2026-10"))
    found = row(kpis(budget=coming), "actual_quantity")
    assert pd.isna(found["target"])
    assert found["statement"] == "100 units were sold in Sep 2026."


def test_revenue_is_shown_for_the_months_in_which_every_sales_is_known():
    found = kpis(budget=BUDGET)[lambda rows: rows["measure"] == "actual_revenue"]
    assert month("2026-08") not in set(found["period"])
    assert (
        row(found, "actual_revenue")["statement"]
        == "Sales came to 9,500 in Sep 2026, 7.3 % below budget."
    )


def test_the_in_stock_ratio_is_weighted_by_demand():
    found = row(kpis(stock_availability=AVAILABILITY), "in_stock_ratio")
    assert found["value"] == pytest.approx((0.75 * 120 + 1 * 40) / 160)


def test_accuracy_and_bias_are_those_of_the_consensus_of_the_months_own_cycle():
    found = kpis(approved_forecasts=APPROVED)
    assert row(found, "forecast_accuracy_ratio")["value"] == pytest.approx(1 - (9 + 3) / 100)
    assert row(found, "bias")["value"] == pytest.approx((3 - 9) / 100)
    assert row(found, "bias")["statement"] == "The consensus for Sep 2026 was 6.0 % too high."


def test_cover_is_opening_stock_over_the_mean_of_the_last_three_months():
    found = row(kpis(inventory=INVENTORY), "months_of_supply")
    assert found["value"] == pytest.approx(120 / ((60 + 80 + 100) / 3))
    assert found["statement"] == "Stock covers 1.5 months at the sales of the last 3 months."


def test_what_is_not_known_has_no_value_and_says_so():
    found = kpis()
    for measure in ("in_stock_ratio", "forecast_accuracy_ratio", "bias", "months_of_supply"):
        assert pd.isna(row(found, measure)["value"])
    assert row(found, "bias")["statement"] == (
        "No approved consensus for the month: bias is not measured."
    )


def test_the_smallest_company_has_kpis():
    found = kpis_module.kpis(HORIZON, PRODUCTS, SALES.assign(revenue=float("nan")), HISTORY)
    assert row(found, "actual_revenue")["statement"] == "The revenue of sales is not known."
    assert row(found, "actual_quantity")["value"] == 100


def test_without_closed_months_there_are_no_kpis():
    old = SALES[SALES["period"] < month("2025-10")]
    assert kpis_module.kpis(HORIZON, PRODUCTS, old, HISTORY.iloc[:0]).empty


def test_row_order_does_not_matter():
    known = {
        "budget": BUDGET,
        "stock_availability": AVAILABILITY,
        "approved_forecasts": APPROVED,
        "inventory": INVENTORY,
    }
    turned = {name: frame.iloc[::-1] for name, frame in known.items()}
    right = kpis_module.kpis(HORIZON, PRODUCTS[::-1], SALES[::-1], HISTORY[::-1], **turned)
    pd.testing.assert_frame_equal(kpis(**known), right)
