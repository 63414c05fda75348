"""Faulty history: what is found, how it is treated, and how a planner overrules it."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.demand.cleansing import demand_history
from sopkit.demand.history_findings import history_findings
from sopkit.forecasting.baseline import baseline_forecast
from sopkit.tables.periods import planning_periods

PRODUCTS = table("products", "product family unit_of_measure\nTENT-2 tents piece")
HORIZON = planning_periods("2026-10")


def sales(quantity):
    periods = pd.period_range(end="2026-09", periods=len(quantity), freq="M")
    frame = pd.DataFrame({"product": "TENT-2", "market": "north", "period": periods})
    frame = frame.astype({"product": "str", "market": "str"})
    return frame.assign(quantity=np.asarray(quantity, float), revenue=np.nan)


def steady(months=48):
    """100 a month, alternately 2 more and 2 less."""
    return 100 + 2.0 * (-1.0) ** np.arange(months)


def cleansed(quantity, corrections=None, stock_availability=None):
    stated = corrections and table("history_corrections", f"{HEAD}\n{corrections}")
    return demand_history(
        HORIZON, PRODUCTS, sales(quantity), stock_availability, history_corrections=stated
    )


HEAD = "correction from_period to_period treatment owner reason product market quantity"


def months(history):
    return history[history["finding"].notna()].set_index("period")


def test_months_without_sales_of_a_product_that_always_sells_are_filled_and_told():
    quantity = steady()
    quantity[-14:-8] = 0
    found = months(cleansed(quantity))
    assert list(found.index.astype(str)) == [f"2025-{m:02}" for m in range(8, 13)] + ["2026-01"]
    assert found["cleansed"].between(97, 103).all()
    assert set(found["finding"]) == {"not_on_sale"}
    assert (
        found["reason"]
        .str.match(r"no sales where (9\d|10\d) are usual: taken as not on sale$")
        .all()
    )


def test_the_newest_month_without_sales_is_filled_but_doubted():
    quantity = steady()
    quantity[-1] = 0
    history = cleansed(quantity)
    assert months(history)["reason"].iloc[0].endswith("it may be the end of sales")
    finding = history_findings(history).iloc[0]
    assert (finding["finding"], finding["confidence"]) == ("not_on_sale", "low")
    assert finding["effect_units"] == pytest.approx(12 * finding["cleansed"])


@pytest.mark.parametrize(
    "quantity",
    [
        np.where(np.arange(48) % 12 == 7, 0.0, steady()),  # closed every May
        np.where(np.arange(48) == 20, 0.0, 5.0),  # few units a month
        np.r_[np.zeros(10), steady(38)],  # before the first sale
        np.r_[steady(44), np.zeros(4)],  # sales have ended
        np.where(np.arange(48) % 4 == 0, 0.0, steady()),  # sells now and then
    ],
    ids=["closed season", "small", "not launched", "ended", "intermittent"],
)
def test_zeros_that_may_be_demand_stay(quantity):
    assert (cleansed(quantity)["cleansing_adjustment"] == 0).all()


def test_a_month_that_is_known_to_have_been_in_stock_is_no_gap():
    quantity = steady()
    quantity[-9] = 0
    known = table(
        "stock_availability", "product market period in_stock_ratio\nTENT-2 north 2026-01 1"
    )
    assert (cleansed(quantity)["cleansing_adjustment"] != 0).any()
    found = months(cleansed(quantity, stock_availability=known))
    assert not (found["finding"] == "not_on_sale").any()


def test_a_low_month_is_raised_as_a_high_one_is_lowered():
    quantity = steady()
    quantity[-6] *= 0.3
    found = months(cleansed(quantity)).loc[pd.Period("2026-04", "M")]
    assert found["finding"] == "low_month"
    assert found["cleansed"] == pytest.approx(100, abs=3)
    assert found["reason"] == (
        "hidden stock-out proposed: 0.3 times what STL expects; comparable months agree"
    )


def test_no_month_is_cleansed_to_a_yardstick_of_nothing():
    """Monthly sales of one region; a year ago the line was not sold there, and init wrote 0."""
    quantity = [12070, 1240, 2350, 5570, 8040, 0, 0, 0, 0, 0, 0, 15440, 3670, 4670]
    history = cleansed(quantity)
    assert (history["cleansed"].iloc[-2:] == [3670, 4670]).all()
    assert not history["reason"].str.contains(r"\d{7}", na=False).any()


def test_a_level_change_moves_the_months_before_it_for_the_forecast_alone():
    quantity = steady()
    quantity[-8:] *= 1.6
    history = cleansed(quantity)
    assert (history["cleansing_adjustment"] == 0).all()
    assert history["level_factor"].round(2).tolist() == [1.6] * 40 + [1.0] * 8
    finding = history_findings(history).iloc[0]
    assert (str(finding["from_period"]), finding["finding"]) == ("2026-02", "level_change")
    assert finding["message"] == "a new level begins: +60 %"
    plan = baseline_forecast(history, HORIZON)
    assert plan["baseline"].between(155, 165).all()


def test_two_level_changes_are_both_moved():
    quantity = steady()
    quantity[20:] *= 2
    quantity[34:] *= 0.75
    factor = cleansed(quantity)["level_factor"].round(2).tolist()
    assert factor == [1.5] * 20 + [0.75] * 14 + [1.0] * 14


def test_growth_is_no_level_change():
    assert (cleansed(100 * 1.03 ** np.arange(48))["level_factor"] == 1).all()


def test_the_planner_keeps_months_as_sold():
    quantity = steady()
    quantity[-14:-8] = 0
    history = cleansed(quantity, "KEEP 2025-08 2026-01 as_sold Novak fair_stand_closed - - -")
    assert (history["cleansing_adjustment"] == 0).all()
    finding = history_findings(history).iloc[0]
    assert (finding["finding"], finding["confidence"]) == ("stated", "high")
    assert finding["message"] == "kept as sold, says Novak: fair_stand_closed"
    quantity = steady()
    quantity[-8:] *= 1.6
    kept = cleansed(quantity, "KEEP 2026-02 2026-02 as_sold Novak one_more_dealer - - -")
    assert (kept["level_factor"] == 1).all()


def test_disturbed_months_are_bridged_and_widen_the_interval():
    quantity = steady()
    quantity[-5:] = [40, 20, 30, 50, 70]
    stated = "CRISIS 2026-05 2026-09 disturbed Novak border_closed TENT-2 - -"
    history = cleansed(quantity, stated)
    assert history["cleansed"].iloc[-5:].between(97, 103).all()
    assert set(history["finding"].iloc[-5:]) == {"disturbed"}
    plan = baseline_forecast(history, HORIZON).iloc[0]
    calm = baseline_forecast(history.assign(finding=None), HORIZON).iloc[0]
    assert plan["baseline"] == calm["baseline"]
    assert plan["upper_80"] - plan["baseline"] == pytest.approx(
        (calm["upper_80"] - calm["baseline"]) * (1 + 5 / 12)
    )


def test_the_planner_sets_a_quantity_and_states_a_new_level():
    history = cleansed(steady(), "SET 2026-03 2026-03 quantity Novak miscounted TENT-2 north 130")
    assert history.set_index("period").loc[pd.Period("2026-03", "M"), "cleansed"] == 130
    quantity = steady()
    quantity[-2:] *= 1.6
    stated = "NEW 2026-08 2026-09 new_level Novak listed_by_a_chain TENT-2 - -"
    factor = cleansed(quantity, stated)["level_factor"]
    assert factor.iloc[:-2].tolist() == pytest.approx([1.6] * 46, rel=0.03)
    assert factor.iloc[-2:].tolist() == [1, 1]


def test_a_history_without_findings_has_an_empty_list():
    assert history_findings(cleansed(steady())).empty


@pytest.mark.parametrize(
    "quantity",
    [
        [0.0] * 40,
        [7.0] * 40,
        [0.0] * 39 + [1e12],
        [1e12] + [0.0] * 39,
        [5.0],
        [0.0, 0.0, 1e-9] * 12,
    ],
    ids=["zeros", "one value", "late giant", "early giant", "one month", "tiny"],
)
def test_odd_series_give_finite_numbers(quantity):
    history = cleansed(np.array(quantity))
    assert np.isfinite(history[["cleansed", "level_factor"]].to_numpy()).all()
    plan = baseline_forecast(history, HORIZON)[["baseline", "lower_80", "upper_80"]]
    assert np.isfinite(plan.to_numpy()).all()
    history_findings(history)


def test_thirteen_months_of_which_six_are_at_another_level_are_told_from_a_season():
    """The newest month is the one that the year before was at the old level."""
    step = steady(13)
    step[7:] *= 2
    assert cleansed(step)["level_factor"].round(1).tolist() == [2.0] * 7 + [1.0] * 6
    plan = baseline_forecast(cleansed(step), HORIZON)
    assert plan["baseline"].iloc[0] == pytest.approx(200, rel=0.03)
    season = steady(13)
    season[6:12] *= 2
    assert (cleansed(season)["level_factor"] == 1).all()


def test_growth_over_thirteen_months_goes_on_from_where_it_is():
    grown = [100, 105, 110, 116, 122, 128, 134, 141, 148, 155, 163, 171, 180]
    plan = baseline_forecast(cleansed(grown), HORIZON)["baseline"]
    assert plan.iloc[:3].between(175, 195).all()


# --------------------------------------------------------------------------------------------------
# two years of history


@pytest.mark.parametrize("factor", [0.2, 4.0])
@pytest.mark.parametrize("place", [-1, -5, -13, -14, -20])
def test_of_two_years_the_odd_month_is_cleansed_and_not_its_mirror(place, factor):
    """The same month of the other year looks odd, for the season is half of the odd one."""
    quantity = steady(24)
    quantity[place] *= factor
    found = months(cleansed(quantity))
    taken = found[found["cleansing_adjustment"].abs() > 1]
    assert [str(month) for month in taken.index] == [str(pd.Period("2026-10", "M") + place)]
    assert taken["cleansed"].iloc[0] == pytest.approx(100, abs=30)


# --------------------------------------------------------------------------------------------------
# runs of odd months


@pytest.mark.parametrize("factor", [0.3, 3.0])
@pytest.mark.parametrize(("first", "after"), [(-6, -4), (-9, -6), (-23, -19)])
def test_odd_months_in_a_row_are_cleansed_where_the_level_comes_back(factor, first, after):
    quantity = steady()
    quantity[first:after] *= factor
    found = months(cleansed(quantity))
    place = pd.period_range(pd.Period("2026-10", "M") + first, periods=after - first, freq="M")
    assert list(found.index.astype(str)) == list(map(str, place))
    assert found["cleansed"].between(95, 105).all()
    assert set(found["finding"]) == {"one_off_order" if factor > 1 else "low_month"}
    assert found["reason"].str.contains("proposed: .* times what comparable months say").all()


@pytest.mark.parametrize(
    "places",
    [range(-2, 0), range(-8, 0), [-6, -5, -18, -17, -30, -29, -42, -41]],
    ids=["newest", "new level", "every year"],
)
def test_what_stays_or_comes_back_every_year_is_no_run(places):
    quantity = steady()
    quantity[list(places)] *= 3
    assert not (months(cleansed(quantity))["cleansing_adjustment"].abs() > 1).any()


@pytest.mark.parametrize("first", [-6, -19])
def test_of_two_years_the_run_is_cleansed_and_not_its_mirror(first):
    quantity = steady(24)
    quantity[first : first + 2] *= 3
    found = months(cleansed(quantity))
    taken = found[found["cleansing_adjustment"].abs() > 1]
    assert [str(month) for month in taken.index] == [
        str(pd.Period("2026-10", "M") + place) for place in (first, first + 1)
    ]
