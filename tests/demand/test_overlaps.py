"""Activities that run together: one effect a kind and month, kinds multiply, in past and plan."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.demand.cleansing import demand_history
from sopkit.demand.promotions import promotion_lift
from sopkit.tables.periods import planning_periods

PRODUCTS = table("products", "product family unit_of_measure\nTENT-2 tents piece")
HORIZON = planning_periods("2026-10")
HEAD = "activity kind product market start_period end_period spend"
MONTHS = pd.period_range("2022-10", "2026-09", freq="M")
LEAFLET = ["2023-02", "2023-09", "2024-06", "2025-01", "2025-11"]
DISPLAY = ["2023-05", "2024-01", "2024-10", "2025-07", "2026-04"]


def activities(*rows):
    lines = [f"{name} {kind} TENT-2 north {month} {month} 10" for name, kind, month in rows]
    return table("marketing_activities", "\n".join([HEAD, *lines]))


def sales(factors):
    """100 a month, times the factor of what ran."""
    factor = pd.Series(factors).reindex(MONTHS.astype("str")).fillna(1.0).to_numpy()
    frame = pd.DataFrame({"product": "TENT-2", "market": "north", "period": MONTHS})
    frame = frame.astype({"product": "str", "market": "str"})
    return frame.assign(quantity=100.0 * factor, revenue=np.nan)


def history_and_plan(given, sold):
    history = demand_history(HORIZON, PRODUCTS, sold, marketing_activities=given)
    baseline = pd.DataFrame({"product": "TENT-2", "market": "north", "period": HORIZON["period"]})
    baseline = baseline.astype({"product": "str", "market": "str"})
    baseline = baseline.assign(baseline=100.0, lower_80=90.0, upper_80=110.0, method="x")
    return history, promotion_lift(HORIZON, PRODUCTS, history, baseline, given)


def test_two_rows_of_one_kind_bring_its_lift_once_in_equal_parts():
    past = [(f"{n}-{m}", "leaflet", m) for m in LEAFLET for n in ("A", "B")]
    given = activities(*past, ("N-1", "leaflet", "2026-12"), ("N-2", "leaflet", "2026-12"))
    history, lift = history_and_plan(given, sales(dict.fromkeys(LEAFLET, 1.5)))
    assert history["cleansed"].to_numpy() == pytest.approx(np.full(48, 100.0), rel=1e-3)
    assert lift["activity_demand"].tolist() == pytest.approx([25, 25], rel=1e-3)
    reason = history.set_index("period").loc[pd.Period("2023-02", "M"), "reason"]
    assert reason == "A-2023-02 and B-2023-02: lift of 50 % removed"


def test_kinds_multiply_in_the_plan_as_they_do_in_the_past():
    past = [(f"L-{m}", "leaflet", m) for m in LEAFLET] + [(f"D-{m}", "display", m) for m in DISPLAY]
    both = [("L-X", "leaflet", "2026-08"), ("D-X", "display", "2026-08")]
    plan = [("L-N", "leaflet", "2027-02"), ("D-N", "display", "2027-02")]
    factors = dict.fromkeys(LEAFLET, 1.5) | dict.fromkeys(DISPLAY, 1.2) | {"2026-08": 1.8}
    history, lift = history_and_plan(activities(*past, *both, *plan), sales(factors))
    assert history["cleansed"].to_numpy() == pytest.approx(np.full(48, 100.0), rel=1e-3)
    brought = lift.set_index("activity")["activity_demand"]
    # taken first and last: display brings 20 and 30, leaflet 60 and 50
    assert brought.to_dict() == pytest.approx({"D-N": 25, "L-N": 55}, rel=1e-3)
