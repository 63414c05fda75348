"""The array level: any number of histories, each forecast from itself alone."""

import numpy as np
import pytest

from sopkit.forecasting.forecast import NO_DEMAND, forecast_series

RNG = np.random.default_rng(21)
MONTH = np.arange(60)
REGULAR = 100 + 20 * np.sin(MONTH * np.pi / 6) + RNG.normal(0, 5, 60)


def rows(*series):
    """Histories that end together, the shorter ones beginning later."""
    months = max(map(len, series))
    return np.array([np.r_[np.full(months - len(y), np.nan), y] for y in series])


CASES = {
    "one month": ([7.0], "mean"),
    "two months": ([5.0, 9.0], "mean and simple smoothing"),
    "six months": ([5.0, 9.0, 8.0, 7.0, 6.0, 9.0], "mean and simple smoothing"),
    "fourteen months": (REGULAR[:14], "theta and simple smoothing"),
    "two years": (REGULAR[:25], "combination"),
    "three years": (REGULAR[:36], "combination weighed by back-test"),
    "five years": (REGULAR, "combination weighed by back-test"),
    "never sold": (np.zeros(60), NO_DEMAND),
    "a new product never sold": (np.zeros(2), NO_DEMAND),
    "stopped a year ago": (np.where(MONTH < 45, 50.0, 0.0), NO_DEMAND),
    "stopped lately": (np.where(MONTH < 55, 50.0, 0.0), "IMAPA and 12-month mean"),
    "intermittent": (np.where(MONTH % 5 == 2, 4.0, 0.0), "IMAPA and 12-month mean"),
    "new and intermittent": ([0.0, 3.0, 0.0, 0.0, 2.0], "mean since the first sale"),
    "level shift": (
        np.where(MONTH < 48, 100.0, 300.0) + RNG.normal(0, 5, 60),
        "combination weighed by back-test",
    ),
    "one outlier": (np.where(MONTH == 30, 5000.0, REGULAR), "combination weighed by back-test"),
    "constant": (np.full(60, 10.0), "combination weighed by back-test"),
    "explosive": (np.exp(MONTH / 5), "combination weighed by back-test"),
    "tiny": (REGULAR * 1e-9, "combination weighed by back-test"),
    "huge": (REGULAR * 1e12, "combination weighed by back-test"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", CASES)
def test_every_history_gets_finite_numbers_and_a_named_method(name):
    history, method = CASES[name]
    result = forecast_series(rows(history), 18)
    assert result.method.tolist() == [method]
    for numbers in (result.forecast, result.low, result.high):
        assert numbers.shape == (1, 18)
        assert np.isfinite(numbers).all()
        assert (numbers >= 0).all()


def test_after_a_level_shift_the_new_level_is_forecast():
    forecast = forecast_series(rows(CASES["level shift"][0]), 6).forecast
    assert ((forecast > 240) & (forecast < 390)).all()


def test_one_outlier_leaves_the_forecast_where_it_was():
    with_outlier = forecast_series(rows(CASES["one outlier"][0]), 12).forecast
    without = forecast_series(rows(REGULAR), 12).forecast
    np.testing.assert_allclose(with_outlier, without, rtol=0.3)


def test_an_explosive_history_is_not_believed_beyond_three_times_its_best():
    history = CASES["explosive"][0]
    assert forecast_series(rows(history), 24).forecast.max() <= 3 * history.max()


def test_a_forecast_does_not_depend_on_what_else_is_in_the_run():
    portfolio = [RNG.poisson(30, n) + RNG.random(n) for n in RNG.integers(1, 90, 700)]
    together = forecast_series(rows(*portfolio, REGULAR), 18)
    alone = forecast_series(rows(REGULAR), 18)
    for ours, theirs in zip(together[:4], alone[:4], strict=True):
        np.testing.assert_allclose(ours[-1], theirs[0], rtol=1e-9)


def test_the_order_of_the_histories_is_kept():
    series = [case[0] for case in CASES.values()]
    forward, backward = forecast_series(rows(*series), 6), forecast_series(rows(*series[::-1]), 6)
    assert forward.method.tolist() == backward.method.tolist()[::-1]
    np.testing.assert_allclose(forward.forecast, backward.forecast[::-1], rtol=1e-9)


def test_a_larger_unit_only_scales_the_forecast():
    pieces, dozens = forecast_series(rows(REGULAR * 12), 6), forecast_series(rows(REGULAR), 6)
    np.testing.assert_allclose(pieces.forecast, 12 * dozens.forecast, rtol=1e-9)
    np.testing.assert_allclose(pieces.high, 12 * dozens.high, rtol=1e-9)


def test_a_longer_horizon_only_adds_months():
    short, long = forecast_series(rows(REGULAR), 6), forecast_series(rows(REGULAR), 24)
    np.testing.assert_allclose(short.forecast, long.forecast[:, :6], rtol=1e-9)


def test_the_errors_are_the_last_year_less_its_forecast_a_year_ago():
    result = forecast_series(rows(REGULAR, REGULAR[-30:]), 6)
    assert np.abs(result.errors[0]).mean() < 10
    assert np.isnan(result.errors[1]).all()
