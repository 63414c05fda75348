"""Launches, cannibalisation, phase-out, and the Bass curve."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pandas.testing import assert_frame_equal

from sopkit.demand.diffusion import bass_curve, bass_fit, bass_fit_recursive
from sopkit.demand.launch_errors import launch_error
from sopkit.demand.new_products import launch_actuals, launch_plan
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10")
COLUMNS = (
    "launch product market launch_period like_product volume_ratio ramp_months "
    "replaces_product cannibalisation_ratio gate_demand gate_supply gate_finance\n"
)


def history(**monthly):
    """Cleaned demand by product in the north, months ending 2026-09."""
    parts = []
    for name, quantity in monthly.items():
        periods = pd.period_range(end="2026-09", periods=len(quantity), freq="M")
        frame = pd.DataFrame(
            {"product": name.replace("_", "-"), "market": "north", "period": periods}
        )
        parts.append(frame.assign(quantity=np.asarray(quantity, float)))
    frame = pd.concat(parts, ignore_index=True).astype({"product": "str", "market": "str"})
    return frame.assign(cleansed=frame["quantity"])


def launches(*rows):
    return table("launches", COLUMNS + "\n".join(rows))


def units(plan, product):
    return list(plan.loc[plan["product"] == product, "launch_demand"])


def test_a_launch_ramps_up_to_its_share_of_the_like_product():
    # TENT-2 sells 100 a month for as long as we know; half of that, in four equal steps
    plan = launch_plan(
        HORIZON,
        history(TENT_2=[100] * 48),
        launches("L1 TENT-9 north 2027-01 TENT-2 0.5 4 - - passed passed passed"),
    )
    assert units(plan, "TENT-9") == pytest.approx([12.5, 25, 37.5] + [50] * 12, rel=1e-3)
    assert plan["period"].min() == pd.Period("2027-01", "M")
    assert set(plan["readiness"]) == {"ready"}
    assert set(plan["basis"]) == {"like TENT-2, ramped in a straight line"}


def test_a_like_product_whose_start_was_seen_shows_its_ramp():
    # TENT-2's first three months were 20, 50 and 60 % of the same months a year later; STOVE-1 was sold before
    demand = history(STOVE_1=[10] * 60, TENT_2=[20, 50, 60] + [100] * 33)
    plan = launch_plan(
        HORIZON, demand, launches("L1 TENT-9 north 2026-10 TENT-2 1.0 4 - - passed passed passed")
    )
    full = units(plan, "TENT-9")[-1]
    assert np.array(units(plan, "TENT-9")[:4]) / full == pytest.approx(
        [0.2, 0.5, 0.6, 1.0], rel=0.1
    )
    assert plan["basis"].iloc[0] == "like TENT-2, ramped as it was"


def test_a_launch_in_a_new_market_looks_at_one_where_the_like_product_sells_and_takes_from_it_there():
    rows = launches("L1 TENT-9 south 2027-01 TENT-2 0.5 4 TENT-2 0.2 passed passed passed")
    plan = launch_plan(HORIZON, history(TENT_2=[100] * 48), rows.assign(like_market="north"))
    assert units(plan, "TENT-9") == pytest.approx([12.5, 25, 37.5] + [50] * 12, rel=1e-3)
    assert units(plan, "TENT-2") == pytest.approx([-2.5, -5, -7.5] + [-10] * 12, rel=1e-3)
    assert dict(zip(plan["product"], plan["market"], strict=True)) == {
        "TENT-2": "north",
        "TENT-9": "south",
    }
    assert "like TENT-2 in north, ramped in a straight line" in set(plan["basis"])


def test_the_replaced_product_loses_its_share_of_what_the_launch_adds():
    plan = launch_plan(
        HORIZON,
        history(TENT_2=[100] * 48),
        launches("L1 TENT-9 north 2027-01 TENT-2 0.5 4 TENT-2 0.6 passed passed passed"),
    )
    assert units(plan, "TENT-2") == pytest.approx(list(-0.6 * np.array(units(plan, "TENT-9"))))
    assert (
        plan.loc[plan["product"] == "TENT-2", "basis"].iloc[0]
        == "replaced by TENT-9, which takes 60 % of its volume from it"
    )


def test_without_a_cannibalisation_ratio_nothing_is_taken_and_that_is_said():
    plan = launch_plan(
        HORIZON,
        history(TENT_2=[100] * 48),
        launches("L1 TENT-9 north 2027-01 TENT-2 0.5 4 TENT-2 - passed passed passed"),
    )
    old = plan[plan["product"] == "TENT-2"]
    assert (old["launch_demand"] == 0).all()
    assert (
        old["basis"].iloc[0] == "replaced by TENT-9: no cannibalisation_ratio, so it loses nothing"
    )


@pytest.mark.parametrize(
    ("gates", "readiness", "planned"),
    [
        ("passed passed passed", "ready", True),
        ("passed open passed", "conditional", True),
        ("open open open", "conditional", True),
        ("passed open failed", "not_ready", False),
    ],
)
def test_the_gates_say_whether_a_launch_is_planned(gates, readiness, planned):
    plan = launch_plan(
        HORIZON,
        history(TENT_2=[100] * 48),
        launches(f"L1 TENT-9 north 2027-01 TENT-2 0.5 4 TENT-2 0.6 {gates}"),
    )
    assert set(plan["readiness"]) == {readiness}
    assert (plan["launch_demand"] != 0).all() == planned
    assert len(plan) == 30


def test_a_failed_gate_is_named():
    plan = launch_plan(
        HORIZON,
        history(TENT_2=[100] * 48),
        launches("L1 TENT-9 north 2027-01 TENT-2 0.5 4 - - failed open failed"),
    )
    assert set(plan["basis"]) == {"not planned: gate_demand failed, gate_finance failed"}


def test_a_launch_after_the_horizon_plans_nothing():
    plan = launch_plan(
        HORIZON,
        history(TENT_2=[100] * 48),
        launches("L1 TENT-9 north 2030-01 TENT-2 0.5 4 - - passed passed passed"),
    )
    assert plan.empty


def test_a_launch_under_way_goes_on_at_its_pace_and_counts_its_own_baseline_once():
    # launched 2026-08 with a ramp of four months: 25 and 50 expected, 50 and 100 sold: twice the curve
    demand = history(TENT_2=[100] * 48, TENT_9=[50, 100])
    row = "L1 TENT-9 north 2026-08 TENT-2 1.0 4 - - passed passed passed"
    plan = launch_plan(HORIZON, demand, launches(row))
    from sopkit.forecasting.baseline import baseline_forecast

    own = baseline_forecast(demand, HORIZON).query("product == 'TENT-9'")["baseline"].to_numpy()
    total = np.array(units(plan, "TENT-9")) + own
    assert total[:2] == pytest.approx([150, 200], rel=1e-3)
    assert units(plan, "TENT-9")[2:] == pytest.approx([0.0] * 16)
    assert plan["basis"].iloc[-1] == "launched: its own baseline carries it"


def test_what_a_launch_sold_stands_beside_its_curve():
    demand = history(TENT_2=[100] * 48, TENT_9=[50, 100])
    actuals = launch_actuals(
        HORIZON, demand, launches("L1 TENT-9 north 2026-08 TENT-2 1.0 4 - - passed passed passed")
    )
    assert list(actuals["expected"]) == pytest.approx([25, 50])
    assert list(actuals["difference"]) == pytest.approx([25, 50])
    assert list(actuals["reached_ratio"]) == pytest.approx([2, 2])


def test_a_launch_may_miss_by_what_past_ones_missed_or_by_what_its_row_says():
    # No launch has sold yet: half of the volume, the usual error of new products.
    row = "L1 TENT-9 north 2027-01 TENT-2 0.5 4 TENT-2 0.2 passed passed passed"
    sold = history(TENT_2=[100] * 48)
    plan = launch_plan(HORIZON, sold, launches(row)).set_index(["product", "period"])
    assert plan.loc[("TENT-9", "2027-04"), "launch_std"] == pytest.approx(0.5 * 50, rel=1e-3)
    assert plan.loc[("TENT-2", "2027-04"), "launch_std"] == pytest.approx(0.2 * 25, rel=1e-3)
    stated = launches(row).assign(volume_error_ratio=0.1)
    plan = launch_plan(HORIZON, sold, stated).set_index(["product", "period"])
    assert plan.loc[("TENT-9", "2027-04"), "launch_std"] == pytest.approx(5, rel=1e-3)


def test_what_launches_missed_counts_beside_the_usual_error_of_four():
    # One sold twice and one half of its curve; the third has sold for too short a time to tell.
    actuals = pd.DataFrame(
        {"launch": ["A"] * 3 + ["B"] * 3 + ["C"], "period": [1, 2, 3, 1, 2, 3, 1]}
    ).assign(expected=10.0, quantity=[20.0] * 3 + [5.0] * 3 + [90.0])
    expected = np.sqrt((4 * 0.5**2 + 2 * np.log(2) ** 2) / 6)
    assert launch_error(actuals) == pytest.approx(expected)
    assert launch_error(actuals.iloc[:0]) == 0.5


def test_without_launches_there_is_nothing_to_hold_against_a_curve():
    demand = history(TENT_2=[100] * 48)
    assert launch_actuals(HORIZON, demand).empty
    later = launches("L1 TENT-9 north 2027-01 TENT-2 1.0 4 - - passed passed passed")
    assert launch_actuals(HORIZON, demand, later).empty


def test_a_phase_out_fades_to_zero_in_half_a_year():
    products = table(
        "products", "product family unit_of_measure lifecycle\nTENT-2 tents piece phase_out"
    )
    plan = launch_plan(HORIZON, history(TENT_2=[60] * 48), products=products)
    assert units(plan, "TENT-2")[:8] == pytest.approx(
        [-10, -20, -30, -40, -50, -60, -60, -60], rel=1e-3
    )
    assert set(plan["launch"]) == {"phase-out TENT-2"}
    assert set(plan["basis"]) == {"phase-out: fades to zero over 6 months"}


def test_a_phase_out_that_stopped_selling_takes_exactly_its_baseline():
    from sopkit.forecasting.baseline import baseline_forecast

    demand = history(TENT_2=[60] * 48, STOVE_1=[10] * 48)
    gone = (demand["product"] == "TENT-2") & (demand["period"] > pd.Period("2026-05", "M"))
    demand = demand[~gone]
    products = table(
        "products", "product family unit_of_measure lifecycle\nTENT-2 tents piece phase_out"
    )
    baseline = (
        baseline_forecast(demand, HORIZON).query("product == 'TENT-2'")["baseline"].to_numpy()
    )
    plan = launch_plan(HORIZON, demand, products=products)
    assert units(plan, "TENT-2")[6:] == list(-baseline[6:] + 0.0)


def test_no_launches_and_no_phase_outs_give_an_empty_plan():
    plan = launch_plan(HORIZON, history(TENT_2=[100] * 48))
    assert plan.empty
    assert list(plan.columns) == [
        "launch",
        "product",
        "market",
        "period",
        "launch_demand",
        "readiness",
        "basis",
        "launch_std",
    ]


def test_another_launch_changes_nothing():
    demand = history(TENT_2=[100] * 48, STOVE_1=[10] * 48)
    tent = "L1 TENT-9 north 2027-01 TENT-2 0.5 4 TENT-2 0.6 passed passed passed"
    stove = "L2 STOVE-9 north 2027-03 STOVE-1 2.0 6 - - passed open passed"
    alone = launch_plan(HORIZON, demand, launches(tent))
    both = launch_plan(HORIZON, demand, launches(stove, tent))
    assert_frame_equal(alone, both[both["launch"] == "L1"].reset_index(drop=True))


# Sales of video recorders 1980-89, thousands; the continuous curve fitted by non-linear least squares in R
RECORDERS = [840, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890]
# Weekly revenue of a film, millions (Camm et al., Business Analytics, chapter on forecasting)
FILM = [0.1, 3.0, 5.2, 7.0, 5.25, 4.9, 3.0, 2.4, 1.9, 1.3, 0.8, 0.6]


def test_the_curve_of_video_recorders_is_fitted_as_published():
    bass = bass_fit(RECORDERS)
    assert bass.market_size == pytest.approx(67980, rel=1e-3)
    assert bass.innovation == pytest.approx(0.006594, rel=1e-3)
    assert bass.imitation == pytest.approx(0.6381, rel=1e-3)
    assert bass.residual_error == pytest.approx(727.2, abs=0.1)


def test_the_film_s_weeks_are_fitted_on_what_was_sold_before_as_published():
    # published: p = 0.07, q = 0.49, m = 34.85; the exact least squares are 0.0736, 0.4929 and 34.81
    bass = bass_fit_recursive(FILM)
    assert bass.innovation == pytest.approx(0.07, abs=0.005)
    assert bass.imitation == pytest.approx(0.49, abs=0.005)
    assert bass.market_size == pytest.approx(34.85, rel=0.002)


def test_no_parameters_follow_the_film_s_weeks_closer_than_the_fit():
    def squares(p, q, m):
        before = np.cumsum(FILM) - FILM
        return np.sum(((p + q * before / m) * (m - before) - FILM) ** 2)

    bass = bass_fit_recursive(FILM)
    ours = squares(bass.innovation, bass.imitation, bass.market_size)
    assert ours <= squares(0.07, 0.49, 34.85)
    assert ours == pytest.approx(9 * bass.residual_error**2)


def test_the_curve_adds_up_to_the_market():
    curve = bass_curve(bass_fit(RECORDERS), 60)
    assert curve["total"].iloc[-1] == pytest.approx(67980, rel=1e-3)
    assert curve["units"].sum() == pytest.approx(67980, rel=0.02)
    assert curve["units"].idxmax() in (5, 6)


def test_three_months_are_too_few_for_a_curve():
    with pytest.raises(ValueError, match="needs four months of sales or more"):
        bass_fit([1, 2, 3])
