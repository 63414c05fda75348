"""What a price change does to demand: found where the price moved, not claimed where it did not."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.demand.price_elasticity import (
    TOO_NOISY,
    TOO_SHORT,
    TOO_STEADY,
    partial_pooling,
    price_elasticity,
)
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10")
MONTHS = pd.period_range("2021-10", "2026-09", freq="M")
SEASON = 0.3 * np.sin(2 * np.pi * np.arange(60) / 12)
TREND = 0.05 * np.arange(60) / 12


def products(families):
    rows = [(product, family) for family, members in families.items() for product in members]
    frame = pd.DataFrame(rows, columns=["product", "family"]).assign(unit_of_measure="piece")
    return conform("products", frame)


def sales(product, price, elasticity, noise, market="north"):
    """Five years whose units follow season, trend, price and noise (logarithms of the last two)."""
    price = np.asarray(price, float)
    units = np.exp(np.log(500) + SEASON + TREND + elasticity * np.log(price / 20) + noise)
    frame = {
        "product": product,
        "market": market,
        "period": MONTHS,
        "quantity": units,
        "revenue": units * price,
    }
    return pd.DataFrame(frame).astype({"product": "str", "market": "str"})


def portfolio(seed, families=4, members=6, spread=0.3, noise=0.1):
    """Families of elasticity -1.5, their products `spread` around it, prices moving by some 6 % a month.

    Returns
    -------
    products, sales_history, product : true elasticity
    """
    draw = np.random.default_rng(seed)
    names = {f"family-{f}": [f"TENT-{f}{m}" for m in range(members)] for f in range(families)}
    truth, rows = {}, []
    for product in [name for group in names.values() for name in group]:
        truth[product] = -1.5 + spread * draw.standard_normal()
        for market in ("north", "south"):
            price = 20 * np.exp(0.06 * draw.standard_normal(60))
            rows.append(
                sales(product, price, truth[product], noise * draw.standard_normal(60), market)
            )
    return products(names), pd.concat(rows, ignore_index=True), truth


def of_product(result, product):
    return result[result["product"] == product].iloc[0]


def of_family(result, family):
    return result[result["product"].isna() & (result["family"] == family)].iloc[0]


STEADY = np.full(60, 20.0)
MOVING = 20 * np.exp(0.08 * np.random.default_rng(3).standard_normal(60))
QUIET = 0.02 * np.random.default_rng(4).standard_normal(60)


def test_the_truth_lies_in_about_95_of_100_intervals():
    families, members = [], []
    for seed in range(12):
        range_, sold, truth = portfolio(seed)
        result = price_elasticity(HORIZON, range_, sold)
        true = result["product"].map(truth).fillna(-1.5)
        inside = true.between(result["low_ratio"], result["high_ratio"])
        families += list(inside[result["product"].isna()])
        members += list(inside[result["product"].notna()])
    assert len(families) == 48
    assert len(members) == 288
    assert 0.90 <= np.mean(families) <= 1
    assert 0.90 <= np.mean(members) <= 0.99


def test_one_product_that_answers_exactly_is_found_exactly():
    result = price_elasticity(
        HORIZON, products({"tents": ["TENT-1"]}), sales("TENT-1", MOVING, -2.0, QUIET)
    )
    row = of_product(result, "TENT-1")
    assert row["elasticity_ratio"] == pytest.approx(-2.0, abs=0.15)
    assert row["low_ratio"] < -2.0 < row["high_ratio"]
    assert row["basis"] == "own months, drawn towards the family's"


def test_a_price_that_never_moved_gives_no_estimate():
    result = price_elasticity(
        HORIZON, products({"tents": ["TENT-1"]}), sales("TENT-1", STEADY, -2.0, QUIET)
    )
    assert (
        result[["elasticity_ratio", "standard_error", "low_ratio", "high_ratio"]]
        .isna()
        .all(axis=None)
    )
    assert list(result["basis"]) == [TOO_STEADY] * 2
    assert list(result["series"]) == [0, 0]


def test_a_list_price_that_rises_every_january_cannot_be_told_from_trend_and_season():
    january = 20 * 1.02 ** (MONTHS.year.to_numpy() - 2021)
    result = price_elasticity(
        HORIZON, products({"tents": ["TENT-1"]}), sales("TENT-1", january, -2.0, QUIET)
    )
    assert list(result["basis"]) == [TOO_STEADY] * 2


def test_demand_too_noisy_for_its_price_gives_no_estimate_rather_than_a_wild_one():
    price = 20 * np.exp(0.02 * np.random.default_rng(5).standard_normal(60))
    noise = np.random.default_rng(6).standard_normal(60)
    result = price_elasticity(
        HORIZON, products({"tents": ["TENT-1"]}), sales("TENT-1", price, -2.0, noise)
    )
    assert list(result["basis"]) == [TOO_NOISY] * 2
    assert result["elasticity_ratio"].isna().all()


def test_a_product_with_a_steady_price_takes_over_the_family_s_with_a_wider_error():
    names = ["TENT-1", "TENT-2", "TENT-3"]
    draws = np.random.default_rng(8).standard_normal((2, 60))
    moving = [
        sales(name, 20 * np.exp(0.08 * d), -1.5, QUIET)
        for name, d in zip(names[:2], draws, strict=True)
    ]
    sold = pd.concat([*moving, sales("TENT-3", STEADY, -1.5, QUIET)], ignore_index=True)
    result = price_elasticity(HORIZON, products({"tents": names}), sold)
    family, still = of_family(result, "tents"), of_product(result, "TENT-3")
    assert still["elasticity_ratio"] == pytest.approx(family["elasticity_ratio"])
    assert still["standard_error"] > family["standard_error"]
    assert still["basis"] == "the family's, as its own months say nothing"
    assert (family["series"], still["series"]) == (2, 0)


def test_a_promotion_s_lift_is_the_activity_s_and_not_the_price_s():
    promoted = np.isin(MONTHS.astype(str), ["2025-03", "2025-04"])
    price = np.where(promoted, 17.0, 20.0)
    sold = sales("PACK-1", price, 0.0, QUIET + np.where(promoted, 0.34, 0.0))
    marketing_activities = table(
        "marketing_activities",
        """
activity kind product market start_period end_period spend family reach response_ratio win_ratio units_per_win lag_months
PROMO-1 price-promotion PACK-1 north 2025-03 2025-04 1000 - - - - - -
""",
    )
    packs = products({"packs": ["PACK-1"]})
    alone = of_product(price_elasticity(HORIZON, packs, sold), "PACK-1")
    assert alone["elasticity_ratio"] == pytest.approx(0.34 / np.log(0.85), abs=0.6)
    assert set(
        price_elasticity(HORIZON, packs, sold, marketing_activities=marketing_activities)["basis"]
    ) == {TOO_STEADY}


def test_without_revenue_or_with_a_short_record_the_reason_is_said():
    sold = sales("TENT-1", MOVING, -2.0, QUIET)
    tents = products({"tents": ["TENT-1"]})
    without = price_elasticity(HORIZON, tents, sold.assign(revenue=np.nan))
    short = price_elasticity(HORIZON, tents, sold.tail(20).reset_index(drop=True))
    closed = price_elasticity(planning_periods("2021-10"), tents, sold)
    for result in (without, short, closed):
        assert list(result["basis"]) == [TOO_SHORT] * 2
        assert result["elasticity_ratio"].isna().all()


def test_stock_outs_and_mistaken_prices_are_left_out():
    sold, tents = sales("TENT-1", MOVING, -2.0, QUIET), products({"tents": ["TENT-1"]})
    plain = of_product(price_elasticity(HORIZON, tents, sold), "TENT-1")
    spoilt = sold.copy()
    spoilt.loc[30, "quantity"] *= 0.2
    spoilt.loc[30, "revenue"] *= 0.2
    spoilt.loc[40, "revenue"] *= 10
    short = table(
        "stock_availability", "product market period in_stock_ratio\nTENT-1 north 2024-04 0.2"
    )
    mended = of_product(price_elasticity(HORIZON, tents, spoilt, short), "TENT-1")
    assert mended["elasticity_ratio"] == pytest.approx(plain["elasticity_ratio"], abs=0.1)


def test_row_order_and_another_family_change_nothing():
    range_, sold, _ = portfolio(1, families=2, members=3)
    result = price_elasticity(HORIZON, range_, sold)
    shuffled = price_elasticity(
        HORIZON, range_[::-1].reset_index(drop=True), sold.sample(frac=1, random_state=1)
    )
    pd.testing.assert_frame_equal(result, shuffled)
    one = range_[range_["family"] == "family-0"].reset_index(drop=True)
    alone = price_elasticity(
        HORIZON, one, sold[sold["product"].isin(one["product"])].reset_index(drop=True)
    )
    same = result[result["family"] == "family-0"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, same)


def test_the_eight_schools_are_pooled_as_published():
    # Gelman and others, Bayesian Data Analysis, 3rd edition, section 5.5, the eight schools (after Rubin 1981): data of
    # table 5.2, posterior medians of table 5.3, which rest on 200 draws. A very wide expectation stands for the book's
    # uniform one; ours are means, which lie up to a point above medians where the distribution leans.
    effect = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    error = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    found = partial_pooling(effect, error**2, np.zeros(8, dtype=int), usual_spread=30.0)
    assert found.effect == pytest.approx([10, 8, 7, 8, 5, 6, 10, 8], abs=1.7)
    assert found.group_effect[0] == pytest.approx(8, abs=0.5)


def test_estimates_that_agree_are_drawn_together_and_those_that_differ_keep_their_own():
    group = np.zeros(4, dtype=int)
    alike = partial_pooling(np.array([-1.5, -1.6, -1.4, -1.5]), np.full(4, 0.25), group, 0.5)
    apart = partial_pooling(np.array([-0.2, -3.0, -0.4, -2.4]), np.full(4, 0.0025), group, 0.5)
    assert np.ptp(alike.effect) < 0.1
    assert apart.effect == pytest.approx([-0.2, -3.0, -0.4, -2.4], abs=0.02)
    assert (alike.newcomer_variance > alike.group_variance).all()
