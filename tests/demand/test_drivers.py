"""Drivers of demand: price, feature and the like, in the history and in the plan alike."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.data_quality.driver_checks import driver_constant, driver_without_planned_values
from sopkit.demand.cleansing import demand_history
from sopkit.demand.drivers import driver_effects, planned_lifts
from sopkit.demand.price_elasticity import price_elasticity
from sopkit.demand.price_response import driver_lifts
from sopkit.demand.promotions import promotion_lift
from sopkit.scenarios.changes import apply
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10").head(3)
MONTHS = pd.period_range(end="2026-09", periods=30, freq="M")
PRODUCTS = conform(
    "products",
    pd.DataFrame(
        {"product": ["TEA", "MATE", "RICE"], "family": ["drinks", "drinks", "food"]}
    ).assign(unit_of_measure="box"),
)
RNG = np.random.default_rng(3)
PRICE = np.where(np.arange(30) % 5 == 2, 8.0, 10.0)  # a fifth off in every fifth month
NOISE = np.exp(RNG.normal(0, 0.02, (3, 30)))


def sold(*products, elasticity=-2.0, price=PRICE, **more):
    """Sales of 100 a month at the usual price, with this elasticity."""
    rows = [
        pd.DataFrame({"product": name, "market": "town", "period": MONTHS}).assign(
            quantity=100 * (price / 10) ** elasticity * NOISE[number], **more
        )
        for number, name in enumerate(products)
    ]
    return pd.concat(rows, ignore_index=True)


def prices(*products, price=PRICE, planned=()):
    """Rows of `demand_drivers`: the past price, and those of planned months."""
    values = np.r_[price, planned]
    months = pd.period_range(MONTHS[0], periods=len(values), freq="M")
    rows = [
        pd.DataFrame({"product": name, "market": "town", "period": months}).assign(
            demand_driver="price", driver_value=values
        )
        for name in products
    ]
    return conform("demand_drivers", pd.concat(rows, ignore_index=True))


def baseline(units=100.0, product="TEA"):
    rows = pd.DataFrame({"product": product, "market": "town", "period": HORIZON["period"]})
    said = dict.fromkeys(("baseline", "lower_80", "upper_80"), units)
    return conform("baseline_forecast", rows.assign(**said, method="mean"))


def lifts(history, given, products=PRODUCTS, **more):
    sales = conform("sales_history", history[["product", "market", "period", "quantity"]])
    known = price_elasticity(HORIZON, products, sales, demand_drivers=given)
    return driver_lifts(HORIZON, products, history, known, demand_drivers=given, **more)


def test_the_effect_of_a_price_is_an_elasticity_with_its_range():
    found = driver_effects(sold("TEA"), prices("TEA"), PRODUCTS).iloc[0]
    assert found["effect"] == pytest.approx(-2, abs=0.15)
    assert found["low_ratio"] < -2 < found["high_ratio"]
    assert found["demand_driver"] == "price"


def test_a_product_whose_price_never_moved_takes_over_its_family_s_effect_and_no_other_family_s():
    history = pd.concat([sold("TEA"), sold("MATE", "RICE", price=np.full(30, 10.0))])
    given = pd.concat([prices("TEA"), prices("MATE", "RICE", price=np.full(30, 10.0))])
    found = driver_effects(
        history.reset_index(drop=True), given.reset_index(drop=True), PRODUCTS
    ).set_index("product")
    assert set(found.index) <= {"TEA", "MATE"}
    assert found.loc["TEA", "basis"] == "own months, drawn towards the family's"


def test_what_cheap_months_sold_more_is_taken_out_of_history_and_told():
    history = demand_history(
        HORIZON, PRODUCTS, conform("sales_history", sold("TEA")), demand_drivers=prices("TEA")
    )
    cheap = history[history["finding"] == "driver"]
    assert len(cheap) == 6
    assert cheap["cleansed"].to_numpy() == pytest.approx(np.full(6, 100.0), rel=0.08)
    assert cheap["quantity"].to_numpy() == pytest.approx(np.full(6, 156.25), rel=0.08)
    assert cheap["reason"].str.fullmatch(r"price \+5\d % removed").all()


def test_the_plan_takes_the_same_effect_as_the_history():
    history = demand_history(
        HORIZON, PRODUCTS, conform("sales_history", sold("TEA")), demand_drivers=prices("TEA")
    )
    given = prices("TEA", planned=(10.0, 8.0, 12.5))
    lift = promotion_lift(
        HORIZON, PRODUCTS, history, baseline(), driver_lifts=lifts(history, given)
    )
    # The usual price brings nothing; a fifth off 56 %, a quarter more takes 36 %.
    assert lift["period"].astype("str").tolist() == ["2026-11", "2026-12"]
    assert lift["activity_demand"].tolist() == pytest.approx([56.25, -36], abs=4)
    assert set(lift["activity"]) == {"price"}
    assert set(lift["basis"]) == {"price: own months, drawn towards the family's"}


def test_a_driver_without_planned_values_keeps_its_last_one_and_says_so():
    price = np.r_[PRICE[:-1], 8.0]
    given = prices("TEA", price=price)
    history = sold("TEA", price=price)
    lift = planned_lifts(history, given, PRODUCTS, HORIZON)
    assert lift["lift_ratio"].to_numpy() == pytest.approx(np.full(3, 0.5625), abs=0.05)
    assert lift["basis"].str.endswith("; its last value kept").all()
    finding = driver_without_planned_values(HORIZON, given).entries[0].message
    assert finding == "price: known to 2026-09 at most, not to 2026-12"


def test_a_driver_that_never_changed_says_nothing_and_that_is_told():
    given = prices("TEA", price=np.full(30, 10.0), planned=(5.0, 5.0, 5.0))
    assert driver_effects(sold("TEA"), given, PRODUCTS).empty
    assert planned_lifts(sold("TEA"), given, PRODUCTS, HORIZON).empty
    entry = driver_constant(HORIZON, given).entries[0]
    assert entry.message == "Does not change in the closed months, so its effect is unknown"


def test_a_driver_that_does_nothing_leaves_the_history_as_it_is():
    given = prices("TEA", price=RNG.permutation(PRICE))
    flat = conform("sales_history", sold("TEA", elasticity=0.0, price=np.full(30, 10.0)))
    history = demand_history(HORIZON, PRODUCTS, flat, demand_drivers=given)
    assert set(history["finding"].dropna()) == set()
    assert (history["cleansed"] == history["quantity"]).all()


def test_without_drivers_nothing_changes():
    sales = conform("sales_history", sold("TEA"))
    plain = demand_history(HORIZON, PRODUCTS, sales)
    other = prices("RICE")
    pd.testing.assert_frame_equal(
        plain, demand_history(HORIZON, PRODUCTS, sales, demand_drivers=other)
    )
    assert planned_lifts(plain, None, PRODUCTS, HORIZON).empty


def test_a_price_of_almost_nothing_moves_demand_no_further_than_three_times():
    given = prices("TEA", planned=(1e-6, 1e12, 10.0))
    lift = planned_lifts(sold("TEA"), given, PRODUCTS, HORIZON)
    assert lift["lift_ratio"].tolist() == pytest.approx([2.0, -2 / 3])


def test_a_price_scenario_moves_demand_by_the_same_elasticity():
    given = prices("TEA", planned=(10.0, 10.0, 10.0))
    other = given.assign(demand_driver="feature", driver_value=1.0)
    text = """
        scenario   change table          column       operation amount demand_driver from_period
        price-rise 1      demand_drivers driver_value multiply  1.25   price         2026-11
        """
    rise = table("scenario_changes", text)
    tables = {"demand_drivers": pd.concat([given, other], ignore_index=True), "products": PRODUCTS}
    changed = apply(tables, rise)["demand_drivers"]
    assert changed.groupby("demand_driver")["driver_value"].max().to_dict() == {
        "feature": 1.0,
        "price": 12.5,
    }
    lift = planned_lifts(sold("TEA"), changed, PRODUCTS, HORIZON)
    assert lift["period"].astype("str").tolist() == ["2026-11", "2026-12"]
    assert lift["lift_ratio"].tolist() == pytest.approx([-0.36, -0.36], abs=0.04)


def changed_price(ratio=1.25, market=None):
    rows = {"product": "TEA", "market": market, "effective_from": ["2026-01", "2026-11"]}
    return conform("price_changes", pd.DataFrame(rows | {"price_ratio": [1.0, ratio]}))


def test_the_price_list_moves_demand_by_the_elasticity_of_the_price_driver():
    given = prices("TEA", planned=(10.0, 10.0, 10.0))
    lift = lifts(sold("TEA"), given, price_changes=changed_price())
    known = driver_effects(sold("TEA"), given, PRODUCTS).iloc[0]
    assert set(lift["activity"]) == {"price change"}
    assert lift["period"].astype("str").tolist() == ["2026-11", "2026-12"]
    assert lift["lift_ratio"].tolist() == pytest.approx([1.25 ** known["effect"] - 1] * 2)
    assert lift["basis"].iloc[0] == (
        f"elasticity {known['effect']:.1f} (95 % interval {known['low_ratio']:.1f} to "
        f"{known['high_ratio']:.1f}), price driver: own months, drawn towards the family's"
    )


def test_the_elasticity_that_the_company_states_is_that_of_its_price_driver_in_past_and_plan():
    stated = PRODUCTS.assign(price_elasticity=[-1.0, np.nan, np.nan])
    given = prices("TEA", planned=(10.0, 8.0, 10.0))
    history = demand_history(
        HORIZON, stated, conform("sales_history", sold("TEA")), demand_drivers=given
    )
    assert history.loc[2, "cleansed"] / history.loc[2, "quantity"] == pytest.approx(8 / 10)
    lift = lifts(history, given, stated, price_changes=changed_price())
    assert lift["lift_ratio"].tolist() == pytest.approx([0.25, -0.2, -0.2])
    assert lift["activity"].tolist() == ["price", "price change", "price change"]
    assert lift["standard_error"].tolist()[0] == 0
    none = PRODUCTS.assign(price_elasticity=0.0)
    assert (lifts(sold("TEA"), given, none, price_changes=changed_price())["lift_ratio"] == 0).all()
