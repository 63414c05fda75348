"""Demand as it would have been: stock-outs, one-off orders, promotions."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pandas.testing import assert_frame_equal

from sopkit.demand.cleansing import demand_history
from sopkit.tables.periods import planning_periods

PRODUCTS = table(
    "products", "product family unit_of_measure\nTENT-2 tents piece\nSTOVE-1 stoves piece"
)
SEASON = np.array([4, 4, 6, 8, 12, 14, 12, 10, 8, 6, 4, 8]) * 10.0


def sales(quantity, product="TENT-2", market="north", last="2026-09"):
    periods = pd.period_range(end=last, periods=len(quantity), freq="M")
    return pd.DataFrame(
        {
            "product": pd.array([product] * len(periods), dtype="str"),
            "market": pd.array([market] * len(periods), dtype="str"),
            "period": periods,
            "quantity": np.asarray(quantity, float),
            "revenue": np.nan,
        }
    )


def four_years():
    return np.tile(SEASON, 4)  # 2022-10 .. 2026-09


def row(history, period):
    return history[history["period"] == pd.Period(period, "M")].iloc[0]


def test_ordinary_months_are_left_as_they_are():
    history = demand_history(planning_periods("2026-10"), PRODUCTS, sales(four_years()))
    assert (history["cleansing_adjustment"] == 0).all()
    assert history["reason"].isna().all()
    assert list(history.columns) == [
        "product",
        "market",
        "period",
        "quantity",
        "cleansed",
        "cleansing_adjustment",
        "finding",
        "reason",
        "level_factor",
    ]


def test_only_months_before_the_cycle_are_history():
    history = demand_history(planning_periods("2026-07"), PRODUCTS, sales(four_years()))
    assert history["period"].max() == pd.Period("2026-06", "M")


def test_the_share_of_a_month_without_stock_is_filled_as_in_comparable_months():
    quantity = four_years()
    quantity[-14] = 40.0  # 2025-08: SEASON says 40 for the eleventh month from October
    usual = quantity.copy()
    quantity[-14] = usual[-14] * 0.25
    stock_availability = table(
        "stock_availability", "product market period in_stock_ratio\nTENT-2 north 2025-08 0.25"
    )
    found = row(
        demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity), stock_availability),
        "2025-08",
    )
    assert found["quantity"] == 10.0
    assert found["cleansed"] == pytest.approx(10 + 0.75 * 40)
    assert found["reason"] == "in stock 25 % of the month: the rest as in comparable months"


def test_a_month_that_was_never_in_stock_takes_what_comparable_months_say():
    quantity = four_years()
    quantity[-6] = 0.0  # 2026-04
    stock_availability = table(
        "stock_availability", "product market period in_stock_ratio\nTENT-2 north 2026-04 0"
    )
    found = row(
        demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity), stock_availability),
        "2026-04",
    )
    assert found["cleansed"] == pytest.approx(SEASON[6])


def test_without_comparable_months_a_short_month_is_grossed_up_but_at_most_doubled():
    stock_availability = table(
        "stock_availability",
        "product market period in_stock_ratio\nTENT-2 north 2026-08 0.8\nTENT-2 north 2026-09 0.1",
    )
    history = demand_history(
        planning_periods("2026-10"), PRODUCTS, sales([80, 10]), stock_availability
    )
    assert list(history["cleansed"]) == [100.0, 20.0]
    assert history["reason"].str.contains("at most doubled").all()


def test_a_single_large_order_is_proposed_as_one_off_with_its_size():
    quantity = four_years()
    quantity[-13] += 600  # 2025-09: usually 80
    found = row(demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity)), "2025-09")
    assert found["cleansed"] == pytest.approx(80)
    assert found["cleansing_adjustment"] == pytest.approx(-600)
    assert (
        found["reason"]
        == "one-off order proposed: 8.5 times what STL expects; comparable months agree"
    )


def test_with_less_than_two_full_years_comparable_months_decide_alone():
    quantity = np.full(20, 80.0)
    quantity[-6] += 600
    found = row(demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity)), "2026-04")
    assert found["cleansed"] == pytest.approx(80)
    assert found["reason"] == "one-off order proposed: 8.5 times what comparable months say"


@pytest.mark.parametrize("months", [2, 3])
def test_the_last_month_of_a_young_level_is_no_one_off_order(months):
    quantity = four_years() * np.exp(np.random.default_rng(4).normal(0, 0.03, 48))
    quantity[-months:] *= 1.6
    history = demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity))
    assert (history["cleansing_adjustment"] == 0).all()
    assert history["reason"].isna().all()


def test_a_one_off_order_among_promotions_and_stock_outs_is_judged_too():
    quantity = four_years()
    quantity[-13] += 600
    quantity[-30] = 0.0  # 2024-04
    stock_availability = table(
        "stock_availability", "product market period in_stock_ratio\nTENT-2 north 2024-04 0"
    )
    found = row(
        demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity), stock_availability),
        "2025-09",
    )
    assert found["cleansed"] == pytest.approx(80)
    assert "STL expects" in found["reason"]


def test_a_level_that_stays_is_no_one_off_order():
    quantity = four_years()
    quantity[-10:] *= 4
    assert (
        demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity))["reason"]
        .isna()
        .all()
    )


def test_a_month_that_is_high_in_two_years_is_no_one_off_order():
    quantity = four_years()
    quantity[[-13, -25]] += 600
    assert (
        demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity))["reason"]
        .isna()
        .all()
    )


def test_demand_that_comes_in_lumps_has_no_one_off_orders():
    quantity = np.tile([0, 0, 0, 30, 0, 0], 8).astype(float)
    quantity[20] = 200
    assert (
        demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity))["reason"]
        .isna()
        .all()
    )


def test_promoted_months_lose_the_estimated_lift_and_keep_what_was_sold():
    rng = np.random.default_rng(7)
    quantity = four_years() * 10 * np.exp(rng.normal(0, 0.02, 48))
    quantity[[-20, -19]] *= 1.4  # 2025-02, 2025-03
    marketing_activities = table(
        "marketing_activities",
        "activity kind product market start_period end_period spend\n"
        "PROMO-1 promotion TENT-2 north 2025-02 2025-03 1000",
    )
    history = demand_history(
        planning_periods("2026-10"),
        PRODUCTS,
        sales(quantity),
        marketing_activities=marketing_activities,
    )
    changed = history[history["reason"].notna()]
    assert list(changed["period"].astype(str)) == ["2025-02", "2025-03"]
    assert changed["reason"].str.fullmatch(r"PROMO-1: lift of \d+ % removed").all()
    assert list(changed["quantity"] / changed["cleansed"]) == pytest.approx([1.4, 1.4], rel=0.05)
    assert list(history["cleansing_adjustment"]) == pytest.approx(
        list(history["cleansed"] - history["quantity"])
    )


def test_a_one_off_test_does_not_take_a_promotion_for_an_order():
    quantity = four_years()
    quantity[-20] *= 5
    marketing_activities = table(
        "marketing_activities",
        "activity kind product market start_period end_period spend\n"
        "PROMO-1 promotion TENT-2 north 2025-02 2025-02 1000",
    )
    history = demand_history(
        planning_periods("2026-10"),
        PRODUCTS,
        sales(quantity),
        marketing_activities=marketing_activities,
    )
    assert not history["reason"].str.contains("one-off", na=False).any()


def test_the_future_changes_nothing_in_the_past():
    quantity = four_years()
    later = sales(np.append(quantity, [9999.0, 9999.0]), last="2026-11")
    assert_frame_equal(
        demand_history(planning_periods("2026-10"), PRODUCTS, later),
        demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity)),
    )


def test_row_order_and_another_product_change_nothing():
    quantity = four_years()
    quantity[-13] += 600
    alone = demand_history(planning_periods("2026-10"), PRODUCTS, sales(quantity))
    both = pd.concat([sales(quantity), sales([5.0] * 30, product="STOVE-1")]).sample(
        frac=1, random_state=1
    )
    together = demand_history(planning_periods("2026-10"), PRODUCTS, both)
    tents = together[together["product"] == "TENT-2"].reset_index(drop=True)
    assert_frame_equal(alone, tents)


def test_no_closed_month_gives_an_empty_history():
    history = demand_history(planning_periods("2020-01"), PRODUCTS, sales(four_years()))
    assert history.empty
    assert "cleansed" in history.columns


def test_the_planted_stock_outs_and_the_bulk_order_of_the_sample_company_are_found(company):
    history = demand_history(
        planning_periods("2026-10"),
        company["products"],
        company["sales_history"],
        company["stock_availability"],
        company["marketing_activities"],
    )
    short = company["stock_availability"].query("in_stock_ratio < 1")
    assert history["reason"].str.contains("in stock", na=False).sum() == len(short)
    one_off = history[history["reason"].str.contains("one-off", na=False)]
    assert list(
        one_off["product"] + " " + one_off["market"] + " " + one_off["period"].astype(str)
    ) == ["PACK-4 export 2025-09"]
    assert one_off["cleansing_adjustment"].iloc[0] == pytest.approx(-2600, rel=0.06)
