"""Products, families and the total agree."""

import numpy as np
import pandas as pd
import pytest

from sopkit.demand.baseline import baseline_forecast
from sopkit.demand.reconciliation import (
    LEVELS,
    METHODS,
    Base,
    base_forecasts,
    membership,
    minimum_trace,
    reconciled_forecast,
    reconciliation_scores,
    shrinkage,
    top_down,
    weighted_least_squares,
)

MONTHS = 60
RNG = np.random.default_rng(17)
FAMILIES = ["TENTS"] * 4 + ["STOVES"] * 3
NAMES = [f"P{number}" for number in range(7)]
PRODUCTS = pd.DataFrame({"product": NAMES, "family": FAMILIES})


def demand():
    season = 1 + 0.4 * np.sin(np.arange(MONTHS) * np.pi / 6)
    shared = np.exp(np.cumsum(RNG.normal(0, 0.03, MONTHS)))
    return RNG.poisson(60 * season * shared * RNG.uniform(0.3, 2, (7, 1))).astype(float)


QUANTITIES = demand()


def demand_history(quantities=QUANTITIES, names=NAMES):
    periods = pd.period_range("2021-01", periods=quantities.shape[1], freq="M")
    return pd.DataFrame(
        {
            "product": np.repeat(names, quantities.shape[1]),
            "market": "north",
            "period": pd.PeriodIndex(np.tile(periods, len(quantities))),
            "quantity": quantities.ravel(),
            "cleaned": quantities.ravel(),
        }
    )


HORIZON = pd.DataFrame({"period": pd.period_range("2026-01", periods=6, freq="M")})


def small_base(errors=None):
    """Two products of one family, forecast 10 and 20; family and total are both forecast 36."""
    return Base(
        np.array([[10.0], [20.0]]),
        np.array([[36.0], [36.0]]),
        np.ones((2, 2)),
        np.array([1.0, 3.0, 4.0, 4.0]),
        np.zeros((12, 4)) if errors is None else errors,
    )


def test_the_total_is_shared_out_as_the_products_are_forecast():
    np.testing.assert_allclose(top_down(small_base()), [[12], [24]])


def test_least_squares_moves_the_uncertain_product_more():
    # Two equal statements of 36, each of variance 4, are one of variance 2; the sum of 30 has variance 1 + 3.
    # So the sum moves by 6 x 4 / (4 + 2) = 4, three quarters of it in the second product.
    np.testing.assert_allclose(weighted_least_squares(small_base()), [[11], [23]])


def test_minimum_trace_without_shared_errors_is_weighted_least_squares():
    np.testing.assert_allclose(minimum_trace(small_base()), weighted_least_squares(small_base()))


def test_minimum_trace_is_generalised_least_squares_written_out():
    base, _ = base_forecasts(QUANTITIES, membership(FAMILIES), 6)
    kept = 1 - shrinkage(base.errors)
    correlation = kept * base.errors.T @ base.errors / 12
    np.fill_diagonal(correlation, 1)
    w = correlation * np.sqrt(np.outer(base.variance, base.variance))
    s = np.vstack([np.eye(7), base.sums])
    inverse = np.linalg.inv(w)
    written_out = np.linalg.solve(s.T @ inverse @ s, s.T @ inverse @ np.vstack([base.bottom, base.upper]))
    np.testing.assert_allclose(minimum_trace(base), written_out, rtol=1e-6)


def test_shrinkage_is_the_formula_summed_over_all_pairs():
    errors = RNG.normal(0, 1, (12, 5))
    pairs = [(i, j) for i in range(5) for j in range(5) if i != j]
    w = np.array([errors[:, i] * errors[:, j] for i, j in pairs])
    variance = (12 / 11**3) * ((w - w.mean(axis=1, keepdims=True)) ** 2).sum()
    expected = variance / ((w.sum(axis=1) / 11) ** 2).sum()
    assert shrinkage(errors) == pytest.approx(min(expected, 1))


def test_levels_that_already_agree_are_left_alone():
    base = small_base()._replace(upper=np.array([[30.0], [30.0]]))
    for method in METHODS.values():
        np.testing.assert_allclose(method(base), base.bottom)


@pytest.mark.parametrize("name", ["weighted least squares", "MinT-shrink"])
def test_a_certain_total_is_met_to_a_millionth(name):
    base, _ = base_forecasts(QUANTITIES, membership(FAMILIES), 6)
    certain = base._replace(variance=np.r_[base.variance[:-1], 1e-12 * base.variance[-1]])
    np.testing.assert_allclose(METHODS[name](certain).sum(axis=0), base.upper[-1], rtol=1e-6)


def test_products_without_any_demand_stay_at_zero():
    quantities = QUANTITIES.copy()
    quantities[2] = 0
    forecast = reconciled_forecast(demand_history(quantities), PRODUCTS, HORIZON)
    assert (forecast.loc[forecast["product"] == "P2", ["baseline", "low", "high"]] == 0).all(axis=None)


def test_the_table_is_that_of_the_baseline_with_the_way_named():
    forecast = reconciled_forecast(demand_history(), PRODUCTS, HORIZON)
    baseline = baseline_forecast(demand_history(), HORIZON)
    keys = ["product", "market", "period"]
    pd.testing.assert_frame_equal(forecast[keys], baseline[keys])
    scores = reconciliation_scores(demand_history(), PRODUCTS)
    best = scores.groupby("reconciliation")["wape"].mean().idxmin()
    assert forecast["method"].str.endswith(f"; reconciled {best}").all()
    assert (forecast["low"] <= forecast["baseline"]).all()
    assert (forecast["baseline"] <= forecast["high"]).all()


def test_every_way_is_scored_at_every_level():
    scores = reconciliation_scores(demand_history(), PRODUCTS)
    assert scores[["reconciliation", "level"]].to_numpy().tolist() == [
        [m, level] for m in METHODS for level in LEVELS
    ]
    assert scores["wape"].between(0, 1).all()


def test_the_back_test_does_not_see_the_last_year():
    changed = QUANTITIES.copy()
    changed[:, -12:] *= 2
    base, _ = base_forecasts(QUANTITIES[:, :-12], membership(FAMILIES), 12)
    scores = reconciliation_scores(demand_history(changed), PRODUCTS).set_index(["reconciliation", "level"])[
        "wape"
    ]
    error = np.abs(base.bottom - changed[:, -12:]).sum() / changed[:, -12:].sum()
    assert scores["bottom-up", "product"] == pytest.approx(error)


def test_a_last_year_without_demand_cannot_be_rehearsed():
    asleep = QUANTITIES.copy()
    asleep[:, -12:] = 0
    assert reconciliation_scores(demand_history(asleep), PRODUCTS).empty


def test_less_than_two_years_stay_bottom_up():
    short = demand_history(QUANTITIES[:, -20:])
    horizon = pd.DataFrame({"period": pd.period_range("2022-09", periods=3, freq="M")})
    forecast = reconciled_forecast(short, PRODUCTS, horizon)
    np.testing.assert_allclose(forecast["baseline"], baseline_forecast(short, horizon)["baseline"])
    assert forecast["method"].str.endswith("; reconciled bottom-up").all()


def test_a_product_without_a_family_is_refused_by_name():
    with pytest.raises(ValueError, match="P6"):
        reconciled_forecast(demand_history(), PRODUCTS.iloc[:6], HORIZON)
