"""The baseline of a portfolio, as tables."""

import numpy as np
import pandas as pd
import pytest

from sopkit.forecasting.baseline import baseline_forecast
from sopkit.forecasting.forecast import forecast_series

PERIODS = pd.period_range("2022-01", periods=48, freq="M")
MONTH = np.arange(48)
REGULAR = 100 + 20 * np.sin(MONTH * np.pi / 6) + np.random.default_rng(3).normal(0, 4, 48)


def history(product, quantities, market="north", periods=None):
    periods = PERIODS[-len(quantities) :] if periods is None else periods
    return pd.DataFrame(
        {
            "product": product,
            "market": market,
            "period": periods,
            "quantity": np.asarray(quantities, float),
            "cleansed": np.asarray(quantities, float),
        }
    )


def months(first="2026-01", count=6):
    return pd.DataFrame({"period": pd.period_range(first, periods=count, freq="M")})


def method_of(forecast, product):
    return forecast.loc[forecast["product"] == product, "method"].iloc[0]


def test_the_table_has_a_row_for_every_product_market_and_planned_month_in_order():
    demand = pd.concat(
        [history("B", REGULAR), history("A", REGULAR, "south"), history("A", REGULAR)]
    )
    forecast = baseline_forecast(demand, months(count=2))
    assert forecast.columns.tolist() == [
        "product",
        "market",
        "period",
        "baseline",
        "median",
        "lower_80",
        "upper_80",
        "demand_std",
        "zero_probability",
        "method",
    ]
    assert forecast[["product", "market", "period"]].astype("str").to_numpy().tolist() == [
        ["A", "north", "2026-01"],
        ["A", "north", "2026-02"],
        ["A", "south", "2026-01"],
        ["A", "south", "2026-02"],
        ["B", "north", "2026-01"],
        ["B", "north", "2026-02"],
    ]
    assert forecast["period"].dtype == "period[M]"
    assert forecast["method"].dtype == "str"


def test_the_numbers_are_those_of_the_array_level():
    forecast = baseline_forecast(history("A", REGULAR), months())
    arrays = forecast_series(REGULAR[None], 6)
    np.testing.assert_allclose(forecast["baseline"], arrays.forecast[0])
    np.testing.assert_allclose(forecast["lower_80"], arrays.low[0])
    np.testing.assert_allclose(forecast["upper_80"], arrays.high[0])


def test_the_cleaned_quantity_is_forecast_not_the_raw_one():
    demand = history("A", REGULAR)
    cleaned = demand.assign(quantity=demand["quantity"] * 3)
    pd.testing.assert_frame_equal(
        baseline_forecast(cleaned, months()), baseline_forecast(demand, months())
    )


def test_a_horizon_that_starts_later_is_the_end_of_a_longer_one():
    demand = history("A", REGULAR)
    later, whole = (
        baseline_forecast(demand, months("2026-04", 3)),
        baseline_forecast(demand, months(count=6)),
    )
    np.testing.assert_allclose(later["baseline"], whole["baseline"].iloc[3:])


def test_the_order_of_the_rows_does_not_matter():
    demand = pd.concat([history("A", REGULAR), history("B", REGULAR[::-1])], ignore_index=True)
    shuffled = demand.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        baseline_forecast(shuffled, months()), baseline_forecast(demand, months())
    )


def test_another_product_does_not_change_a_forecast():
    alone = baseline_forecast(history("A", REGULAR), months())
    noise = np.random.default_rng(5).poisson(1000, 48)
    beside = baseline_forecast(pd.concat([history("A", REGULAR), history("B", noise)]), months())
    pd.testing.assert_frame_equal(beside[beside["product"] == "A"], alone)


def test_months_before_the_first_record_do_not_exist():
    demand = pd.concat([history("OLD", REGULAR), history("NEW", [50.0, 52.0])])
    forecast = baseline_forecast(demand, months())
    assert forecast.loc[forecast["product"] == "NEW", "baseline"].between(49, 53).all()
    assert method_of(forecast, "NEW") == "mean and simple smoothing"


def test_months_after_the_last_record_had_no_demand():
    ended = history("ENDED", REGULAR[:20], periods=PERIODS[:20])
    forecast = baseline_forecast(pd.concat([history("LIVE", REGULAR), ended]), months())
    assert (forecast.loc[forecast["product"] == "ENDED", "baseline"] == 0).all()
    assert method_of(forecast, "ENDED") == (
        "no recent demand; 28 month(s) without record at the end taken as no demand"
    )


def test_a_few_months_missing_from_a_regular_product_are_interpolated_and_said():
    demand = history("A", REGULAR).drop(index=[20, 21, 40])
    straight = REGULAR.copy()
    straight[20:22] = np.interp([20, 21], [19, 22], REGULAR[[19, 22]])
    straight[40] = (REGULAR[39] + REGULAR[41]) / 2
    forecast = baseline_forecast(demand, months())
    np.testing.assert_allclose(forecast["baseline"], forecast_series(straight[None], 6).forecast[0])
    assert method_of(forecast, "A").endswith("; 3 missing month(s) interpolated")


def test_months_missing_from_a_product_that_sells_now_and_then_had_no_demand():
    demand = history("A", np.where(MONTH % 4 == 3, 8.0, 0.0))
    sold = demand[demand["cleansed"] > 0]
    forecast, full = baseline_forecast(sold, months()), baseline_forecast(demand.iloc[3:], months())
    np.testing.assert_allclose(forecast["baseline"], full["baseline"])
    assert method_of(forecast, "A").endswith("; 33 missing month(s) taken as no demand")


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (
            7,
            "cleansed",
            np.nan,
            r"cleansed is empty in 1 of 48 rows, first in row 7: product=A .* period=2022-08",
        ),
        (
            7,
            "cleansed",
            -3.0,
            r"cleansed is below zero in 1 of 48 rows, first in row 7: .* cleansed=-3.0",
        ),
        (
            7,
            "period",
            PERIODS[8],
            r"a month stands there twice in 1 of 48 rows, first in row 8: .* period=2022-09",
        ),
    ],
)
def test_rows_that_nothing_can_be_forecast_from_are_refused(row, column, value, message):
    demand = history("A", REGULAR)
    demand.loc[row, column] = value
    with pytest.raises(ValueError, match=message):
        baseline_forecast(demand, months())


@pytest.mark.parametrize(
    "periods",
    [
        pd.period_range("2025-12", periods=3, freq="M"),
        pd.PeriodIndex(["2026-01", "2026-03"], freq="M"),
        PERIODS[:0],
    ],
    ids=["begins within the history", "leaves a month out", "holds no month"],
)
def test_a_horizon_must_be_consecutive_months_after_the_history(periods):
    with pytest.raises(
        ValueError, match="planning_periods: period must be consecutive months after 2025-12"
    ):
        baseline_forecast(history("A", REGULAR), pd.DataFrame({"period": periods}))
