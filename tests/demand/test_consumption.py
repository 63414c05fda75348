"""Forecast consumption: what firm orders take of the forecast, and what supply is asked for."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.cycle import replanning
from sopkit.cycle.supply_plan import plan_supply
from sopkit.demand.consumption import consumed, on_supply
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10").head(3)
ONE = "product family unit_of_measure {}\nDRILL tools piece {}"
UNITS = ["firm_orders", "past_due_orders", "net_forecast", "total_demand"]


def product(settings="", values=""):
    return table("products", ONE.format(settings, values))


def orders(rows):
    return table("sales_orders", f"order_number product market due_day quantity\n{rows}")


def asked(forecast, ordered=None, products=None, periods=HORIZON):
    """What supply is asked for, by month, of a drill in one market."""
    frame = periods[["period"]].assign(product="DRILL", market="north", consensus=forecast)
    plan = ArrayTable.of_rows(frame, ["product", "market"], pd.PeriodIndex(periods["period"]))
    return on_supply(plan, periods, products, ordered).frame


def test_demand_of_a_month_is_the_greater_of_forecast_and_firm_orders():
    ordered = orders("1 DRILL north 2026-10-12 500\n2 DRILL north 2026-11-03 1600")
    found = asked([1000.0, 1000.0, 1000.0], ordered)
    assert found["firm_orders"].tolist() == [500, 1600, 0]
    assert found["net_forecast"].tolist() == [500, 0, 1000]
    assert found["total_demand"].tolist() == [1000, 1600, 1000]


def test_without_orders_supply_is_asked_for_the_forecast():
    assert asked([30.0, 20.0, 10.0])["total_demand"].tolist() == [30, 20, 10]


def test_orders_past_due_are_demand_of_the_first_month_and_consume_nothing():
    ordered = orders(
        "1 DRILL north 2026-08-30 7\n2 DRILL north 2026-09-30 5\n3 DRILL north 2026-10-01 40"
    )
    found = asked([100.0, 100.0, 100.0], ordered)
    assert found[UNITS].iloc[0].tolist() == [40, 12, 60, 112]
    assert found["total_demand"].tolist() == [112, 100, 100]


@pytest.mark.parametrize(
    ("mode", "backward", "forward", "net"),
    [
        ("-", "-", "-", [100, 0, 100]),  # nothing said: the order's own month alone
        ("backward_forward", 1, 1, [0, 0, 50]),  # 150 too many: 100 of October, 50 of December
        ("forward_backward", 1, 1, [50, 0, 0]),
        ("backward", 1, 1, [0, 0, 100]),
        ("forward", 1, 1, [100, 0, 0]),
        ("backward_forward", 0, 1, [100, 0, 0]),
        ("none", 1, 1, [100, 100, 100]),
    ],
)
def test_orders_above_their_months_forecast_consume_that_of_other_months(
    mode, backward, forward, net
):
    settings = "consumption_mode consumption_backward_months consumption_forward_months"
    window = product(settings, f"{mode} {backward} {forward}")
    found = asked([100.0] * 3, orders("1 DRILL north 2026-11-20 250"), window)
    assert found["net_forecast"].tolist() == net
    assert found["total_demand"].tolist() == [net[0], net[1] + 250, net[2]]


def test_every_order_consumes_its_own_month_before_others_reach_for_it():
    # October has 50 too many, but November's own 80 come first: 20 of November are left to take
    net = consumed(np.array([[100.0, 100.0]]), np.array([[150.0, 80.0]]), (1,))
    assert net.tolist() == [[0, 0]]


def test_the_nearest_month_is_consumed_first():
    net = consumed(np.array([[10.0, 10, 10, 10]]), np.array([[0.0, 0, 0, 25]]), (-1, -2, -3))
    assert net.tolist() == [[10, 5, 0, 0]]


def test_nothing_is_consumed_twice():
    rng = np.random.default_rng(1)
    forecast, ordered = rng.uniform(0, 50, (40, 6)), rng.uniform(0, 80, (40, 6))
    net = consumed(forecast, ordered, (-1, 1, 2))
    taken = (forecast - net).sum(axis=1)
    assert ((net >= 0) & (net <= forecast + 1e-12)).all()
    assert (taken <= ordered.sum(axis=1) + 1e-9).all()


class TestProductsMadeToOrder:
    def test_no_forecast_can_still_be_ordered_within_the_order_lead_time(self):
        # as of 30 September, 61 days end with November: only December's forecast is still open
        machine = product("supply_mode order_lead_time_days", "to_order 61")
        ordered = orders(
            "1 DRILL north 2026-10-20 38\n2 DRILL north 2026-11-20 40\n3 DRILL north 2026-12-10 6"
        )
        found = asked([14.0, 14.0, 14.0], ordered, machine)
        assert found["net_forecast"].tolist() == [0, 0, 8]
        assert found["total_demand"].tolist() == [38, 40, 14]

    def test_of_a_month_half_within_it_the_other_half_is_open(self):
        # 46 days end on 15 November, and 15 of its 30 days are left
        machine = product("supply_mode order_lead_time_days", "to_assemble 46")
        assert asked([30.0] * 3, None, machine)["net_forecast"].tolist() == [0, 15, 30]
        booked = asked([30.0] * 3, orders("1 DRILL north 2026-11-20 20"), machine)
        assert booked["net_forecast"].tolist() == [0, 10, 30]

    def test_a_machine_builder_plans_all_114_machines_that_are_ordered(self):
        machine = product("supply_mode order_lead_time_days", "to_order 92")
        ordered = orders("1 DRILL north 2026-10-20 60\n2 DRILL north 2026-11-20 54")
        found = asked([14.0, 14.0, 14.0], ordered, machine)
        assert found["total_demand"].tolist() == [60, 54, 0]

    def test_without_a_lead_time_nothing_is_left_out(self):
        assert (
            asked([14.0] * 3, None, product("supply_mode", "to_order"))["net_forecast"].sum() == 42
        )


class TestTheCycle:
    def history(self):
        months = pd.period_range("2023-10", "2026-09", freq="M")
        rows = "\n".join(f"DRILL north {month} 100" for month in months)
        return table("sales_history", f"product market period quantity\n{rows}")

    def test_what_is_ordered_beyond_the_forecast_is_made(self):
        tables = {
            "products": product(),
            "sales_history": self.history(),
            "sales_orders": orders("1 DRILL north 2026-09-10 30\n2 DRILL north 2026-11-10 160"),
            "inventory_policy": table(
                "inventory_policy", "product target_service_level\nDRILL 0.5"
            ),
        }
        plan = replanning.replan(tables, "2026-10", until="40_supply_review")
        made = plan["supply_plan"].groupby("period")["regular"].sum()
        assert made.iloc[:3].tolist() == pytest.approx([130, 160, 100])
        demand = plan["constrained_demand"].set_index("period")["demand"]
        assert demand.iloc[:3].tolist() == pytest.approx([130, 160, 100])

    def test_what_is_ordered_and_never_forecast_is_planned(self):
        other = orders("1 DRILL south 2026-11-10 9")
        known = table("launches", LAUNCH)
        tables = {"products": product(), "sales_history": self.history(), "launches": known}
        plan = replanning.replan(
            tables | {"sales_orders": other}, "2026-10", until="30_demand_review"
        )
        rows = plan["demand_plan"].query("market == 'south'").set_index("period")
        assert rows.loc["2026-11", ["consensus", "total_demand"]].tolist() == [0, 9]

    def test_orders_consume_a_demand_plan_that_is_given(self):
        months = pd.period_range("2026-10", periods=2, freq="M")
        given = pd.DataFrame(
            {"product": "DRILL", "market": "north", "period": months, "consensus": 100.0}
        )
        ordered = orders("1 DRILL north 2026-11-10 160")
        plan = plan_supply({"products": product(), "demand_plan": given, "sales_orders": ordered})
        assert plan["constrained_demand"]["demand"].tolist() == [100, 160]


LAUNCH = """
launch  product  market  launch_period  like_product  like_market  volume_ratio  ramp_months  gate_demand  gate_supply  gate_finance
L-1     DRILL    south   2027-06        DRILL         north        0.5           2            failed       open         open
"""
