"""What production loses is made up for: of components, hours and money."""

import pandas as pd
import pytest
from conftest import table
from planning import cost, demand, item_costs, months, review

from sopkit.finance.standard_costing import standard_costs
from sopkit.master_data.yields import days_of_all_steps, routings_in_force
from sopkit.supply.procurement import procurement
from sopkit.supply.rccp import rough_cut_capacity

MONTH = pd.PeriodIndex(["2026-10"], freq="M")
ONE_STEP = "product resource hours_per_unit yield_ratio variable_cost\nCUP KILN 2 0.8 4"
TWO_STEPS = """
product resource hours_per_unit routing_step yield_ratio
CUP     WHEEL    1              1            0.9
CUP     KILN     2              2            0.8
"""


def units_worked(text):
    """Units that each resource works on for a good one, by resource."""
    ways = routings_in_force(table("routings", text), MONTH)
    return dict(zip(ways.keys["resource"], ways["units_worked"][:, 0], strict=True))


def crews(*names):
    rows = "\n".join(f"{name} plant 10 5 8 0 0" for name in names)
    return table(
        "resources",
        "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n" + rows,
    )


def pottery(ways=ONE_STEP, names=("KILN",), clay="-"):
    """80 cups of half a unit of clay each."""
    periods = months(1)
    return {
        "planning_periods": periods,
        "products": table("products", "product family unit_of_measure\nCUP cups piece"),
        "demand_plan": demand(periods, {("CUP", "home"): [80]}),
        "unit_economics": item_costs(
            periods, "product price material_cost holding_cost backlog_cost\nCUP 100 3 1 50"
        ),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nplant home 0"),
        "item_locations": table(
            "item_locations", "product site on_hand produced_here\nCUP plant 0 yes"
        ),
        "inventory_policy": table("inventory_policy", "product target_service_level\nCUP 0.5"),
        "resources": crews(*names),
        "routings": table("routings", ways),
        "bill_of_materials": table(
            "bill_of_materials", "product component quantity_per_unit\nCUP CLAY 0.5"
        ),
        "components": table("components", f"component on_hand\nCLAY {clay}"),
    }


class TestOneStep:
    """Of five cups four are good: 80 good ones are 100 started."""

    def test_hours_and_making_are_those_of_the_cups_started(self):
        plans = review(pottery())
        assert plans.supply_plan["regular"].tolist() == pytest.approx([80])
        assert plans.supply_plan["started"].tolist() == pytest.approx([100])
        assert plans.workforce_plan["regular_hours"].tolist() == pytest.approx([200])
        assert cost(plans, "conversion") == pytest.approx(400)

    def test_components_are_those_of_the_cups_started(self):
        tables = pottery()
        plans = review(tables)
        needed = procurement(
            tables["planning_periods"],
            tables["products"],
            plans.supply_plan,
            tables["demand_plan"],
            plans.purchased_products,
            tables["bill_of_materials"],
            tables["components"],
        ).procurement_plan
        assert needed["required"].tolist() == pytest.approx([50])

    def test_clay_for_80_cups_makes_64_good_ones(self):
        tables = pottery(clay=40)
        tables["sources"] = table("sources", "item supplier lead_time_days\nCLAY pit 31")
        assert review(tables).supply_plan["regular"].tolist() == pytest.approx([64])

    def test_the_rough_cut_takes_the_hours_of_the_cups_started(self):
        t = pottery()
        names = ("planning_periods", "demand_plan", "resources", "routings")
        found = rough_cut_capacity(*(t[name] for name in names))
        assert found["required_hours"].tolist() == pytest.approx([200])

    def test_the_standard_cost_of_a_good_cup_has_the_hours_of_one_and_a_quarter(self):
        t = pottery()
        found = standard_costs(t["unit_economics"], t["resources"], t["routings"])
        assert found["standard_cost"].tolist() == pytest.approx([3 + 1.25 * (2 * 5 + 4)])


class TestTwoSteps:
    def test_a_step_works_for_what_it_and_the_next_one_lose(self):
        found = units_worked(TWO_STEPS)
        assert found == pytest.approx({"WHEEL": 1 / (0.9 * 0.8), "KILN": 1 / 0.8})

    def test_hours_of_each_step_are_its_own(self):
        plans = review(pottery(TWO_STEPS, ("WHEEL", "KILN")))
        hours = plans.workforce_plan.set_index("resource")["regular_hours"]
        assert hours.to_dict() == pytest.approx({"WHEEL": 80 / 0.72, "KILN": 200})
        assert plans.supply_plan["started"].tolist() == pytest.approx([80 / 0.72])

    def test_of_alternatives_the_later_steps_count_with_their_mean(self):
        found = units_worked(TWO_STEPS.strip() + "\nCUP OVEN 2 2 1")
        mean = (1 / 0.8 + 1) / 2
        assert found == pytest.approx({"WHEEL": mean / 0.9, "KILN": 1 / 0.8, "OVEN": 1})

    def test_without_a_yield_nothing_is_lost(self):
        assert units_worked("product resource hours_per_unit\nCUP KILN 2") == {"KILN": 1}


def test_the_days_of_the_steps_add_up_and_of_alternatives_the_longest_counts():
    ways = table(
        "routings",
        """
        product resource hours_per_unit routing_step lead_time_days
        CUP     WHEEL    1              1            3
        CUP     KILN     2              2            5
        CUP     OVEN     2              2            8
        JUG     KILN     2              -            -
        """,
    )
    ways = routings_in_force(ways, MONTH)
    days = pd.Series(days_of_all_steps(ways), pd.MultiIndex.from_frame(ways.keys.frame))
    assert days["CUP", "WHEEL"] == days["CUP", "KILN"] == days["CUP", "OVEN"] == 11
    assert days["JUG", "KILN"] == 0
