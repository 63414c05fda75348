"""Forecasts of products and families agree."""

import numpy as np
import pandas as pd
import pytest

from sopkit.forecasting.baseline import baseline_forecast
from sopkit.forecasting.reconciliation import (
    METHODS,
    Base,
    base_forecasts,
    holdout_scores,
    minimum_trace,
    reconciled_forecast,
    shrinkage,
    sums,
    top_down,
    weighted_least_squares,
)

MONTHS = 60
RNG = np.random.default_rng(17)
MEMBER = np.array([0] * 4 + [1] * 3)
FAMILIES = np.array(["STOVES", "TENTS"])[MEMBER]
NAMES = [f"P{number}" for number in range(7)]
PRODUCTS = pd.DataFrame({"product": NAMES, "family": FAMILIES})
QUANTITIES = RNG.poisson(
    60 * (1 + 0.4 * np.sin(np.arange(MONTHS) * np.pi / 6)) * RNG.uniform(0.3, 2, (7, 1))
).astype(float)
HORIZON = pd.DataFrame({"period": pd.period_range("2026-01", periods=6, freq="M")})


def demand_history(quantities=QUANTITIES, names=NAMES):
    periods = pd.period_range(end="2025-12", periods=quantities.shape[1], freq="M")
    return pd.DataFrame(
        {
            "product": np.repeat(names, quantities.shape[1]),
            "market": "north",
            "period": pd.PeriodIndex(np.tile(periods, len(quantities))),
            "quantity": quantities.ravel(),
            "cleansed": quantities.ravel(),
        }
    )


def few_sales_in_many_families(families=30):
    """Families of six products that sell a few units a month and share season and trend, so that a family tells more."""
    rng = np.random.default_rng(5)
    shared = np.cumsum(rng.normal(0, 0.05, (families, MONTHS)), axis=1)
    season = 0.5 * np.sin((np.arange(MONTHS) + rng.uniform(0, 12, (families, 1))) * np.pi / 6)
    member = np.repeat(np.arange(families), 6)
    quantities = rng.poisson(np.exp(shared + season)[member] * rng.uniform(1, 5, (len(member), 1)))
    names = [f"P{number:03d}" for number in range(len(member))]
    products = pd.DataFrame({"product": names, "family": [f"F{number:02d}" for number in member]})
    return demand_history(quantities.astype(float), names), products


def small_base():
    """Two products of one family, forecast 10 and 20; the family is forecast 36."""
    variances = np.array([1.0, 3.0]), np.array([2.0])
    forecasts = np.array([[10.0], [20.0]]), np.array([[36.0]])
    return Base(np.array([0, 0]), *forecasts, *variances, np.zeros((12, 2)), np.zeros((12, 1)))


def test_the_family_is_shared_out_as_the_products_are_forecast():
    np.testing.assert_allclose(top_down(small_base()), [[12], [24]])


def test_least_squares_moves_the_uncertain_product_more():
    # The family says 36 with variance 2, the sum 30 with variance 1 + 3: the sum moves by 6 x 4 / (4 + 2) = 4,
    # three quarters of it in the second product.
    np.testing.assert_allclose(weighted_least_squares(small_base()), [[11], [23]])


def test_minimum_trace_without_shared_errors_is_weighted_least_squares():
    np.testing.assert_allclose(minimum_trace(small_base()), weighted_least_squares(small_base()))


def family_of(base, number):
    """One family's products and errors, its own behind them."""
    own = base.member == number
    variance = np.r_[base.variance[own], base.upper_variance[number]]
    return own, variance, np.c_[base.errors[:, own], base.upper_errors[:, number]]


def test_minimum_trace_is_generalised_least_squares_written_out_family_by_family():
    base, _ = base_forecasts(QUANTITIES, MEMBER, 6)
    for number in (0, 1):
        own, variance, errors = family_of(base, number)
        correlation = (1 - shrinkage(base)[number]) * errors.T @ errors / 12
        np.fill_diagonal(correlation, 1)
        inverse = np.linalg.inv(correlation * np.sqrt(np.outer(variance, variance)))
        s = np.vstack([np.eye(own.sum()), np.ones(own.sum())])
        forecasts = np.vstack([base.bottom[own], base.upper[number]])
        written_out = np.linalg.solve(s.T @ inverse @ s, s.T @ inverse @ forecasts)
        np.testing.assert_allclose(minimum_trace(base)[own], written_out, rtol=1e-6)


def test_shrinkage_is_the_formula_summed_over_all_pairs():
    base, _ = base_forecasts(QUANTITIES, MEMBER, 6)
    for number in (0, 1):
        errors = family_of(base, number)[2]
        nodes = range(errors.shape[1])
        w = np.array([errors[:, i] * errors[:, j] for i in nodes for j in nodes if i != j])
        variance = (12 / 11**3) * ((w - w.mean(axis=1, keepdims=True)) ** 2).sum()
        expected = variance / ((w.sum(axis=1) / 11) ** 2).sum()
        assert shrinkage(base)[number] == pytest.approx(min(expected, 1))


def test_levels_that_already_agree_are_left_alone():
    base = small_base()._replace(upper=np.array([[30.0]]))
    for method in METHODS.values():
        np.testing.assert_allclose(method(base), base.bottom)


@pytest.mark.parametrize("name", ["top-down", "weighted least squares", "MinT-shrink"])
def test_products_meet_a_certain_family_to_a_millionth(name):
    base, _ = base_forecasts(QUANTITIES, MEMBER, 6)
    certain = base._replace(upper_variance=1e-12 * base.upper_variance)
    np.testing.assert_allclose(sums(METHODS[name](certain), MEMBER), base.upper, rtol=1e-6)


def test_low_and_high_move_with_the_forecast_and_nothing_falls_below_zero():
    _, forecast = base_forecasts(QUANTITIES, MEMBER, 6)
    after = forecast.moved_to(forecast.forecast - 100)
    assert after.forecast.min() == 0
    assert (after.low >= 0).all()
    assert (after.low <= after.forecast).all()
    np.testing.assert_allclose(after.high - after.forecast, forecast.high - forecast.forecast)


def test_where_families_tell_more_the_way_that_won_is_used_and_named():
    sold, products = few_sales_in_many_families()
    baseline, scores = reconciled_forecast(sold, products, HORIZON)
    best = scores.loc[scores["gain_ratio"].argmax()]
    assert best["chosen"]
    assert scores["chosen"].sum() == 1
    assert best["low_ratio"] > 0
    assert best["reason"] == "missed least last year, beyond noise"
    assert (
        baseline["method"]
        .str.endswith(f"; reconciled with the family: {best['reconciliation']}")
        .all()
    )
    plain = baseline_forecast(sold, HORIZON)
    keys = ["product", "market", "period"]
    pd.testing.assert_frame_equal(baseline[keys], plain[keys])
    assert not np.allclose(baseline["baseline"], plain["baseline"])
    assert (baseline["lower_80"] <= baseline["baseline"]).all()
    assert (baseline["baseline"] <= baseline["upper_80"]).all()


def test_what_won_a_year_ago_would_have_helped_this_year():
    sold, products = few_sales_in_many_families()
    year = pd.period_range("2025-01", periods=12, freq="M")
    known, later = sold[sold["period"] < year[0]], sold[sold["period"] >= year[0]]
    frames = reconciled_forecast(known, products, pd.DataFrame({"period": year}))
    frames = frames.baseline_forecast, baseline_forecast(known, pd.DataFrame({"period": year}))
    family = later["product"].map(products.set_index("product")["family"]).to_numpy()
    errors = [frame["baseline"].to_numpy() - later["cleansed"].to_numpy() for frame in frames]
    missed = [
        np.abs(pd.Series(e).groupby([family, later["period"].array]).sum()).sum() for e in errors
    ]
    assert np.abs(errors[0]).sum() < np.abs(errors[1]).sum()
    assert missed[0] < 0.95 * missed[1]


def test_a_product_of_another_family_changes_no_forecast():
    sold, products = few_sales_in_many_families()
    noise = demand_history(RNG.poisson(200, (1, MONTHS)).astype(float), ["NEW"])
    wider = pd.concat([products, pd.DataFrame({"product": ["NEW"], "family": ["OTHER"]})])
    alone = reconciled_forecast(sold, products, HORIZON).baseline_forecast
    beside = reconciled_forecast(pd.concat([sold, noise]), wider, HORIZON).baseline_forecast
    ours = beside[beside["product"] != "NEW"].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, alone)


def test_the_order_of_the_rows_does_not_matter():
    sold, products = few_sales_in_many_families(8)
    one = reconciled_forecast(sold, products, HORIZON)
    two = reconciled_forecast(sold.sample(frac=1, random_state=2), products[::-1], HORIZON)
    pd.testing.assert_frame_equal(one.baseline_forecast, two.baseline_forecast)
    pd.testing.assert_frame_equal(one.reconciliation_scores, two.reconciliation_scores)


def test_gains_are_averaged_over_levels_and_families():
    scores = holdout_scores(QUANTITIES, MEMBER).set_index("reconciliation")
    assert list(scores.index) == list(METHODS)
    base, _ = base_forecasts(QUANTITIES[:, :-12], MEMBER, 12)
    actual = QUANTITIES[:, -12:]
    gains = []
    for number in (0, 1):
        own = number == MEMBER
        missed = []
        for method in (METHODS["bottom-up"], METHODS["top-down"]):
            error = method(base)[own] - actual[own]
            missed.append(
                (np.abs(error).sum() + np.abs(error.sum(axis=0)).sum()) / 2 / actual[own].sum()
            )
        gains.append(missed[0] - missed[1])
    found = scores.loc["top-down"]
    assert found["gain_ratio"] == pytest.approx(np.mean(gains))
    # Student's interval of two families: 12.706 standard errors
    assert found["high_ratio"] - found["gain_ratio"] == pytest.approx(
        12.706 * np.std(gains, ddof=1) / 2**0.5, rel=1e-4
    )
    assert found["families"] == 2


def test_the_back_test_does_not_see_the_last_year():
    changed = QUANTITIES.copy()
    changed[:, -12:] *= 2
    base, _ = base_forecasts(QUANTITIES[:, :-12], MEMBER, 12)
    scores = holdout_scores(changed, MEMBER).set_index("reconciliation")
    error = np.abs(base.bottom - changed[:, -12:]).sum() / changed[:, -12:].sum()
    assert scores.loc["bottom-up", "wape"] == pytest.approx(error)


def asleep(quantities):
    quantities = quantities.copy()
    quantities[:, -12:] = 0
    return quantities


@pytest.mark.parametrize(
    ("quantities", "families", "reason"),
    [
        (QUANTITIES[:, -20:], FAMILIES, "too little history"),
        (asleep(QUANTITIES), FAMILIES, "too little history"),
        (QUANTITIES, ["TENTS"] * 7, "a single family"),
        (QUANTITIES, FAMILIES, "no other way missed less last year beyond noise"),
    ],
    ids=[
        "less than two years",
        "a last year without demand",
        "a single family",
        "two families alike",
    ],
)
def test_without_evidence_the_products_forecasts_stay_as_they_are(quantities, families, reason):
    sold = demand_history(quantities)
    baseline, scores = reconciled_forecast(sold, PRODUCTS.assign(family=families), HORIZON)
    pd.testing.assert_frame_equal(baseline, baseline_forecast(sold, HORIZON))
    chosen = scores[scores["chosen"]]
    assert chosen["reconciliation"].tolist() == ["bottom-up"]
    assert reason in chosen["reason"].item()


def test_a_product_younger_than_the_rehearsed_year_takes_no_part_in_the_back_test():
    quantities = QUANTITIES.copy()
    quantities[6, :-5] = np.nan
    with_it, without = (
        holdout_scores(quantities, MEMBER),
        holdout_scores(QUANTITIES[:6], MEMBER[:6]),
    )
    pd.testing.assert_frame_equal(with_it, without)


def test_products_without_any_demand_stay_at_zero():
    quantities = QUANTITIES.copy()
    quantities[2] = 0
    base, _ = base_forecasts(quantities, MEMBER, 6)
    for method in METHODS.values():
        assert (method(base)[2] == 0).all()


def test_a_product_without_a_family_is_refused_by_name():
    with pytest.raises(ValueError, match="P6"):
        reconciled_forecast(demand_history(), PRODUCTS.iloc[:6], HORIZON)
