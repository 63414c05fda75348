"""Product codes that continue others: stated, suggested, handed over month by month."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.demand.product_successions import product_successions
from sopkit.forecasting.reconciliation import reconciled_forecast
from sopkit.tables.periods import planning_periods

PRODUCTS = table(
    "products",
    "product family unit_of_measure\nOLD-1 tents piece\nNEW-1 tents piece\nNEW-2 tents piece",
)
HORIZON = planning_periods("2026-10")
HEAD = "old_product product market from_period to_period factor owner reason"


def history(**sold):
    parts = []
    for name, quantity in sold.items():
        periods = pd.period_range(end="2026-09", periods=len(quantity), freq="M")
        code = name.replace("_", "-")
        frame = pd.DataFrame({"product": code, "market": "north", "period": periods})
        parts.append(frame.assign(quantity=np.asarray(quantity, float)))
    frame = pd.concat(parts, ignore_index=True).astype({"product": "str", "market": "str"})
    nothing = pd.Series(pd.NA, frame.index, dtype="str")
    return frame.assign(cleansed=frame["quantity"], finding=nothing)


def stated(rows):
    return table("product_succession", f"{HEAD}\n{rows}")


def planned(demand, rows=None):
    """The baseline by product (rows) and month."""
    codes = product_successions(PRODUCTS, demand, None if rows is None else stated(rows))
    made = reconciled_forecast(demand, PRODUCTS, HORIZON, codes).baseline_forecast
    return made.pivot_table("baseline", "product", "period", observed=True)


RENAMED = history(OLD_1=[100.0] * 32 + [0.0] * 4, NEW_1=[0.0] * 32 + [100.0] * 4)


def test_a_code_that_begins_as_another_stops_is_suggested_and_joined():
    row = product_successions(PRODUCTS, RENAMED).iloc[0]
    assert (row["old_product"], row["product"]) == ("OLD-1", "NEW-1")
    assert str(row["from_period"]) == "2026-06"
    assert row["message"] == (
        "OLD-1 sold last in 2026-05, NEW-1 first in 2026-06, at 100% of its level"
    )
    plan = planned(RENAMED)
    assert plan.loc["OLD-1"].to_numpy() == pytest.approx(np.zeros(18))
    assert plan.loc["NEW-1"].to_numpy() == pytest.approx(np.full(18, 100.0))


def test_months_of_an_ended_code_are_not_filled_beside_the_code_that_continues_it():
    """Two months without sales look like a gap; beside the new code they are the end of the old."""
    ended = history(OLD_1=[100.0] * 34 + [0.0] * 2, NEW_1=[0.0] * 34 + [100.0] * 2)
    gap = (ended["product"] == "OLD-1") & (ended["quantity"] == 0)
    ended = ended.assign(
        cleansed=ended["cleansed"].mask(gap, 100.0),
        finding=ended["finding"].mask(gap, "not_on_sale"),
    )
    assert planned(ended).loc["NEW-1"].to_numpy() == pytest.approx(np.full(18, 100.0))


@pytest.mark.parametrize(
    "demand",
    [
        history(OLD_1=[100.0] * 32 + [0.0] * 4, NEW_1=[10.0] * 4),
        history(OLD_1=[100.0] * 36, NEW_1=[100.0] * 4),
        history(OLD_1=[100.0] * 32 + [0.0] * 4, NEW_1=[100.0] * 4, NEW_2=[100.0] * 4),
        history(OLD_1=[100.0] * 26 + [0.0] * 10, NEW_1=[100.0] * 4),
    ],
    ids=["another level", "both sell", "two could be it", "months apart"],
)
def test_no_succession_is_suggested_where_it_is_not_plain(demand):
    assert product_successions(PRODUCTS, demand).empty


def test_the_planner_refuses_a_suggestion_by_keeping_the_newest_month_as_sold():
    kept = RENAMED.copy()
    newest = (kept["product"] == "OLD-1") & (kept["period"] == pd.Period("2026-09", "M"))
    kept.loc[newest, "finding"] = "stated"
    assert product_successions(PRODUCTS, kept).empty


def test_a_factor_turns_units_of_the_old_code_into_those_of_the_new():
    demand = history(OLD_1=[100.0] * 32 + [0.0] * 4, NEW_1=[0.0] * 32 + [200.0] * 4)
    plan = planned(demand, "OLD-1 NEW-1 north 2026-06 - 2 Novak half_packs")
    assert plan.loc["OLD-1"].sum() == pytest.approx(0)
    assert plan.loc["NEW-1"].to_numpy() == pytest.approx(np.full(18, 200.0))


def test_a_succession_to_come_hands_the_old_code_s_forecast_over_in_equal_steps():
    demand = history(OLD_1=[100.0] * 36)
    plan = planned(demand, "OLD-1 NEW-1 - 2027-01 2027-04 1.5 Novak new_code")
    old, new = [100, 100, 100, 75, 50, 25, 0, 0], [0, 0, 0, 37.5, 75, 112.5, 150, 150]
    assert plan.loc["OLD-1"].iloc[:8].tolist() == pytest.approx(old, abs=1e-6)
    assert plan.loc["NEW-1"].iloc[:8].tolist() == pytest.approx(new, abs=1e-6)


def test_a_split_product_goes_on_in_both_codes():
    demand = history(OLD_1=[100.0] * 36)
    rows = "OLD-1 NEW-1 north 2026-10 - 0.6 Novak a\nOLD-1 NEW-2 north 2026-10 - 0.4 Novak b"
    first = planned(demand, rows).iloc[:, 0]
    assert first.to_dict() == pytest.approx({"NEW-1": 60, "NEW-2": 40, "OLD-1": 0}, abs=1e-6)


def test_a_chain_of_codes_ends_in_the_last_one():
    demand = history(OLD_1=[100.0] * 36)
    rows = "OLD-1 NEW-1 north 2026-08 - 1 Novak a\nNEW-1 NEW-2 north 2026-09 - 1 Novak b"
    first = planned(demand, rows).iloc[:, 0]
    assert first["NEW-2"] == pytest.approx(100)
    assert first.drop("NEW-2").sum() == pytest.approx(0)


def test_a_factor_of_nothing_is_refused_and_a_circle_gives_finite_numbers():
    with pytest.raises(ValueError, match="factor"):
        stated("OLD-1 NEW-1 north 2026-08 - 0 Novak a")
    rows = "OLD-1 NEW-1 north 2026-08 - 1 Novak a\nNEW-1 OLD-1 north 2026-09 - 1 Novak b"
    assert np.isfinite(planned(RENAMED, rows).to_numpy()).all()
