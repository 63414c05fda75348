"""Level or chase: the cost of a rate change at which both cost the same."""

import numpy as np
import pytest
from conftest import table
from planning import call_with_targets, demand, item_costs, months
from test_strategies import red_tomato

from sopkit.reporting.exhibits import strategies
from sopkit.supply.level_or_chase import level_or_chase


def company(wanted):
    """Two months, nothing that limits, and a unit that costs 1 to hold for a month."""
    periods = months(len(wanted))
    economics = "product price material_cost holding_cost backlog_cost\nTEA 10 0 1 50"
    policy = "product site target_service_level\nTEA - 0.5"
    return {
        "planning_periods": periods,
        "products": table("products", "product family unit_of_measure\nTEA drinks box"),
        "demand_plan": demand(periods, {("TEA", "town"): wanted}),
        "unit_economics": item_costs(periods, economics),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nmain town 0"),
        "item_locations": table(
            "item_locations", "product site on_hand produced_here\nTEA main 0 yes"
        ),
        "inventory_policy": table("inventory_policy", policy),
    }


def found(tables):
    (row,) = call_with_targets(level_or_chase, tables).to_dict("records")
    return row


def test_holding_10_boxes_a_month_or_changing_the_rate_by_20():
    # level makes 20 and 20, and holds 10 at 1; chase makes 10 and 30: 10 / 20 a box
    row = found(company([10, 30]))
    assert (row["level_moved"], row["chase_moved"]) == pytest.approx((0, 20))
    assert row["level_cost"] - row["chase_cost"] == pytest.approx(10)
    assert row["break_even"] == pytest.approx(0.5)


def test_of_level_demand_no_cost_makes_one_the_cheaper():
    row = found(company([20, 20]))
    assert row["level_cost"] == pytest.approx(row["chase_cost"])
    assert row["break_even"] == 0


def test_where_hiring_and_layoffs_cost_more_than_stock_level_is_cheaper_at_any_cost():
    """Red Tomato Tools: Chopra & Meindl, Supply Chain Management, aggregate planning chapter."""
    row = found(red_tomato())
    assert row["level_cost"] == pytest.approx(422_275)
    assert row["chase_cost"] == pytest.approx(457_700)
    assert row["break_even"] == 0


def test_both_plans_cost_the_same_when_they_are_solved_again_at_the_break_even():
    row = found(company([10, 30, 5, 40, 25]))
    level = row["level_cost"] + row["break_even"] * row["level_moved"]
    chase = row["chase_cost"] + row["break_even"] * row["chase_moved"]
    assert row["break_even"] > 0
    assert level == pytest.approx(chase, rel=1e-4)


def test_the_break_evens_are_said():
    rows = table(
        "level_or_chase",
        """
        family  strategy  level_cost  chase_cost  level_moved  chase_moved  break_even  rate_cost
        tents   optimal   120         100         0            40           0.5         0
        stoves  chase     100         110         5            40           0           12
        packs   optimal   120         100         9            4            -           0
        """,
    )
    shown = strategies.level_or_chase(rows)
    assert shown.headline == (
        "Level is the cheaper where changing the rate by a unit a working day costs more: "
        "tents from 0.50, stoves from 0."
    )
    assert shown.table["cost_effect"].tolist() == [20, -10, 20]
    assert np.isnan(shown.table["break_even"].iloc[2])
