"""Demand is served and policy is met wherever hours and material allow, whatever that costs."""

import numpy as np
import pytest
from conftest import table
from planning import calendar, demand, item_costs, review
from test_model import machine, one_product
from test_tail import seasonal

from sopkit.model.readings import supply_facts
from sopkit.rules.call import call
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.optimization.programme import supply_programme

LEAVING = "product site target_service_level backlog_allowed\nSPADE - 0.5 no"
WAITING = "product site target_service_level backlog_allowed\nSPADE - 0.5 yes"


def five_a_month(policy, setup, money="20 1 0.1 1"):
    tables = one_product(
        [5] * 12, f"product price material_cost holding_cost backlog_cost\nSPADE {money}"
    )
    return {
        **tables,
        **machine(tables["planning_periods"], 1e5),
        "inventory_policy": table("inventory_policy", policy),
        "routings": table(
            "routings", f"product resource hours_per_unit setup_cost\nSPADE PRESS 1 {setup}"
        ),
    }


class TestDemandIsServed:
    @pytest.mark.parametrize("policy", [LEAVING, WAITING])
    @pytest.mark.parametrize("setup", [1_000, 50_000])
    @pytest.mark.parametrize("tail_months", [0, 12])
    def test_at_a_price_of_20_with_a_set_up_that_no_sale_pays_for(self, policy, setup, tail_months):
        served = review(five_a_month(policy, setup), tail_months=tail_months).constrained_demand
        assert served["fulfilled"].sum() == pytest.approx(60)
        assert served["lost_sales"].sum() == 0

    @pytest.mark.parametrize("policy", [LEAVING, WAITING])
    def test_where_all_prices_and_costs_are_nothing(self, policy):
        tables = five_a_month(policy, 0, "0 0 0 0")
        served = review(tables, tail_months=12).constrained_demand
        assert served["fulfilled"].tolist() == pytest.approx([5] * 12)

    def test_by_people_who_are_hired_for_it(self):
        # A crew of nobody, 2,000 to hire and 3,000 to lay off: 60 spades at 20 do not pay for it.
        tables = five_a_month(LEAVING, 0)
        tables["resources"] = table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"
            "PRESS plant 0 10 15 2000 3000",
        )
        days = tables["resource_calendar"].assign(regular_hours_per_worker=160.0)
        tables["resource_calendar"] = days
        plans = review(tables)
        assert plans.constrained_demand["fulfilled"].sum() == pytest.approx(60)
        assert plans.workforce_plan["hired"].sum() > 0

    def test_from_rented_room_over_two_sites_with_freight_on_every_way(self):
        tables = five_a_month(LEAVING, 0)
        tables["sourcing_network"] = table(
            "sourcing_network", "site market freight_cost\ndepot home 40"
        )
        tables["item_locations"] = table(
            "item_locations",
            "product site on_hand produced_here\nSPADE depot 0 no\nSPADE plant 0 yes",
        )
        tables["transfer_lanes"] = table(
            "transfer_lanes", "site to_site freight_cost\nplant depot 30"
        )
        assert review(tables).constrained_demand["fulfilled"].sum() == pytest.approx(60)


class TestWhatIsShort:
    def test_goes_to_demand_that_is_near_though_a_later_month_is_cheaper_to_serve(self):
        # 300 hours of overtime work in all; March is made in overtime at 15, April at 10.
        tables = seasonal(12)
        tables["bill_of_materials"] = table(
            "bill_of_materials", "product component quantity_per_unit\nSPADE BLADE 1"
        )
        tables["components"] = table("components", "component on_hand\nBLADE 500")
        tables["sources"] = table(
            "sources", "item supplier lead_time_days unit_cost supply_limit\nBLADE acme 0 1 0"
        )
        tables["inventory_policy"] = table("inventory_policy", LEAVING)
        lost = review(tables, tail_months=12).constrained_demand["lost_sales"].tolist()
        # 60 a month until May are 300, and 200 more in June and July (180 and 20 of 180)
        assert lost[:5] == pytest.approx([0] * 5)
        assert sum(lost) == pytest.approx(sum([60] * 10 + [180] * 2) - 500)


class TestStockPolicy:
    def tables(self, cover=0.5, **other):
        policy = f"product site target_cover_months\nSPADE - {cover}"
        return seasonal(12, inventory_policy=table("inventory_policy", policy), **other)

    def test_is_met_by_overtime_that_costs_more_than_waiting(self):
        # 60 wanted and 60 hours a month; half a month's stock takes 30 hours of overtime at 15.
        tables = self.tables()
        plan = tables["planning_periods"]
        tables["demand_plan"] = demand(plan, {("SPADE", "home"): [60] * 12})
        tables["unit_economics"] = item_costs(
            plan, "product price material_cost holding_cost backlog_cost\nSPADE 50 5 1 2"
        )
        tables["resource_calendar"] = calendar(
            plan,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\nCREW 20 60 30",
        )
        stock = review(tables, tail_months=12).supply_plan["inventory"]
        assert stock.tolist() == pytest.approx([30] * 12)

    def test_gives_way_to_customers_who_would_wait_for_a_song(self):
        # 80 wanted of 60 hours in March, 2 a month to wait: 20 of the 30 in stock serve them.
        tables = self.tables(0.0)
        tables["inventory_policy"] = table(
            "inventory_policy", "product site target_service_level min_inventory\nSPADE - 0.5 -"
        )
        policy = "product site target_cover_months max_inventory\nSPADE - 0.5 30"
        tables["inventory_policy"] = table("inventory_policy", policy)
        plan = tables["planning_periods"]
        wanted = [60, 60, 80, *[60] * 9]
        tables["demand_plan"] = demand(plan, {("SPADE", "home"): wanted})
        tables["item_locations"] = table(
            "item_locations", "product site on_hand produced_here\nSPADE plant 30 yes"
        )
        tables["unit_economics"] = item_costs(
            plan, "product price material_cost holding_cost backlog_cost\nSPADE 50 5 1 2"
        )
        tables["resource_calendar"] = calendar(
            plan,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\nCREW 20 60 0",
        )
        plans = review(tables)
        assert plans.constrained_demand["backlog"].sum() == pytest.approx(0)
        assert plans.supply_plan["inventory"].iloc[2] == pytest.approx(10)


class TestWorth:
    def test_of_an_hour_is_in_money_and_not_in_what_plans_are_ranked_by(self):
        # One spade more an hour is sold at 50, its customer is not disappointed, which the programme
        # takes for 20, it takes material of 5, and the wage is paid anyway.
        tables = seasonal(12)
        tables["inventory_policy"] = table("inventory_policy", LEAVING)
        tables["demand_plan"] = demand(tables["planning_periods"], {("SPADE", "home"): [150] * 12})
        prices = review(tables).shadow_prices.query("constraint == 'regular hours'")
        assert prices["shadow_price"].tolist() == pytest.approx([65.0] * 12, abs=0.01)


class TestNumbers:
    @pytest.mark.parametrize(
        ("column", "value"), [("material", np.nan), ("holding", np.inf), ("late", np.nan)]
    )
    def test_that_are_unknown_or_infinite_never_reach_the_solver(self, column, value):
        facts = _facts(seasonal())
        grid = getattr(facts.items, column).copy()
        grid[0, 3] = value
        broken = facts._replace(items=facts.items._replace(**{column: grid}))
        with pytest.raises(ValueError, match="a price that is unknown or infinite"):
            supply_programme(broken, broken.families.strategy)

    def test_of_hours_that_are_unknown_are_told_by_their_constraint(self):
        facts = _facts(seasonal())
        hours = facts.crews.regular_hours.copy()
        hours[0, 2] = np.nan
        broken = facts._replace(crews=facts.crews._replace(regular_hours=hours))
        with pytest.raises(ValueError, match="unknown or infinite"):
            supply_programme(broken, broken.families.strategy)

    def test_of_penalties_stay_within_reach_of_costs(self):
        facts = _facts(seasonal())
        cost = supply_programme(facts, facts.families.strategy)[3].cost
        assert np.abs(cost).max() <= 1e4 * facts.items.price.max()


def _facts(tables):
    return call(supply_facts, {**tables, "inventory_targets": call(inventory_targets, tables)})
