"""The supply programme: textbook optima with lots, set-ups, shelf life, transfers and several machines; stable answers."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pandas.testing import assert_frame_equal
from planning import calendar, cost, demand, figure, item_costs, months, review, total_cost

from sopkit.model.comparison import measures_by_strategy
from sopkit.rules.call import call
from sopkit.supply import bottlenecks
from sopkit.supply.bottlenecks import bottleneck_analysis
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.optimization import whole_numbers
from sopkit.supply.optimization.whole_numbers import ROUGH
from sopkit.tables import conform


def one_product(wanted, money, **other):
    """One product, made at one plant for one market without limit."""
    planning_periods = months(len(wanted), "2026-01")
    return {
        "planning_periods": planning_periods,
        "products": table("products", "product family unit_of_measure\nSPADE tools piece"),
        "demand_plan": demand(planning_periods, {("SPADE", "home"): wanted}),
        "unit_economics": item_costs(planning_periods, money),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nplant home 0"),
        "item_locations": table(
            "item_locations", "product site on_hand produced_here\nSPADE plant 0 yes"
        ),
        "inventory_policy": table(
            "inventory_policy", "product site target_service_level\nSPADE - 0.5"
        ),
        **other,
    }


def machine(planning_periods, hours):
    """A machine that costs nothing an hour; `hours` it runs in each month."""
    days = planning_periods[["period"]].assign(
        resource="PRESS",
        working_days=20,
        regular_hours_per_worker=1e5,
        overtime_hours_per_worker=0.0,
    )
    return {
        "resources": table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\nPRESS plant 1 0 0 1e6 1e6",
        ),
        "resource_calendar": conform("resource_calendar", days.assign(machine_hours=hours)),
    }


class TestLots:
    """Silver, Pyke & Peterson, Inventory Management and Production Planning, the chapter on time-varying demand.

    Twelve months of demand, 54 for each replenishment, 0.40 for a unit in stock at a month's end: the best plan
    (Wagner & Whitin) costs 501.20.
    """

    DEMAND = (10, 62, 12, 130, 154, 129, 88, 52, 124, 160, 238, 41)

    def tables(self, routing):
        tables = one_product(
            self.DEMAND,
            "product price material_cost holding_cost backlog_cost\nSPADE 100 0 0.4 1000",
        )
        return {
            **tables,
            **machine(tables["planning_periods"], 1e5),
            "routings": table("routings", routing),
        }

    def test_set_ups_and_stock_cost_501_20(self):
        plans = review(self.tables("product resource hours_per_unit setup_cost\nSPADE PRESS 1 54"))
        assert total_cost(plans, "optimal") == pytest.approx(501.20)
        assert cost(plans, "set-up", "optimal") == pytest.approx(
            54 * plans.supply_plan["runs"].sum()
        )

    def test_a_month_makes_nothing_or_the_smallest_lot(self):
        plans = review(self.tables("product resource hours_per_unit min_lot\nSPADE PRESS 1 150"))
        made = plans.supply_plan["regular"]
        assert ((made < 1e-6) | (made >= 150 - 1e-6)).all()
        assert plans.constrained_demand["backlog"].max() == 0
        assert figure(plans, "optimality_gap_ratio", "optimal") < 1e-4

    def test_setting_up_takes_regular_hours(self):
        tables = self.tables(
            "product resource hours_per_unit setup_cost setup_hours\nSPADE PRESS 1 54 5"
        )
        plans = review(tables)
        plan, work = plans.supply_plan, plans.workforce_plan
        assert work["regular_hours"].tolist() == pytest.approx(
            (plan["regular"] + 5 * plan["runs"]).tolist()
        )

    def test_more_lots_than_are_searched_are_settled_near_the_best(self, monkeypatch):
        monkeypatch.setattr(whole_numbers, "SEARCHED_NUMBERS", 90)
        tables = self.tables("product resource hours_per_unit min_lot\nSPADE PRESS 1 150")
        many = [f"SPADE-{number}" for number in range(8)]

        def copies(name):
            return pd.concat(
                [tables[name].assign(product=code) for code in many], ignore_index=True
            )

        names = (
            "products",
            "demand_plan",
            "unit_economics",
            "item_locations",
            "inventory_policy",
            "routings",
        )
        plans = review({**tables, **{name: copies(name) for name in names}})
        made = plans.supply_plan["regular"]
        assert ((made < 1e-6) | (made >= 150 - 1e-6)).all()
        single = review(tables)
        best = total_cost(single, "optimal") * len(many)
        assert best - 1e-6 <= total_cost(plans, "optimal") <= best * (1 + ROUGH)
        assert 0 <= figure(plans, "optimality_gap_ratio", "optimal") <= ROUGH


class TestShelfLife:
    def tables(self, keeps):
        """Stock of 300 for 60 a month, and a machine that stands still in March and April."""
        tables = one_product(
            [60] * 6, "product price material_cost holding_cost backlog_cost\nSPADE 10 4 0.1 1"
        )
        tables["products"] = tables["products"].assign(shelf_life_months=keeps)
        tables["item_locations"] = table(
            "item_locations", "product site on_hand produced_here\nSPADE plant 300 yes"
        )
        return tables

    def test_what_cannot_be_sold_in_time_is_wasted_when_its_time_is_over(self):
        # January to March (the month it is counted in and two more) sell 180 of the 300.
        plan = review(self.tables(2.0)).supply_plan
        assert plan["expired"].tolist() == pytest.approx([0, 0, 120, 0, 0, 0])
        assert plan["inventory"].tolist()[:3] == pytest.approx([240, 180, 0])
        assert plan["regular"].tolist() == pytest.approx([0, 0, 0, 60, 60, 60])

    def test_what_keeps_is_not_wasted(self):
        plan = review(self.tables(np.nan)).supply_plan
        assert plan["expired"].sum() == 0
        assert plan["regular"].tolist() == pytest.approx([0, 0, 0, 0, 0, 60])

    def test_no_more_is_built_ahead_than_keeps(self):
        tables = self.tables(1.0)
        tables["item_locations"] = table(
            "item_locations", "product site on_hand produced_here\nSPADE plant 0 yes"
        )
        tables |= machine(tables["planning_periods"], [200, 200, 0, 0, 200, 200])
        tables["routings"] = table("routings", "product resource hours_per_unit\nSPADE PRESS 1")
        plans = review(tables)
        assert plans.supply_plan["inventory"].tolist() == pytest.approx([0, 60, 0, 0, 0, 0])
        assert plans.constrained_demand["backlog"].tolist() == pytest.approx([0, 0, 0, 60, 0, 0])


class TestTransfers:
    def test_a_site_that_reaches_no_market_supplies_one_that_does(self):
        tables = one_product(
            [50, 50, 50], "product price material_cost holding_cost backlog_cost\nSPADE 10 4 0.1 1"
        )
        tables["sourcing_network"] = table(
            "sourcing_network", "site market freight_cost\ndepot home 0.5"
        )
        tables["item_locations"] = table(
            "item_locations",
            "product site on_hand produced_here\nSPADE depot 20 no\nSPADE plant 0 yes",
        )
        tables["transfer_lanes"] = table(
            "transfer_lanes", "site to_site freight_cost\nplant depot 0.3"
        )
        plans = review(tables)
        assert plans.interplant_transfers["transferred"].tolist() == pytest.approx([30, 50, 50])
        assert plans.constrained_demand["fulfilled"].tolist() == pytest.approx([50, 50, 50])
        assert cost(plans, "transfers", "optimal") == pytest.approx(130 * 0.3)
        plan = plans.supply_plan.groupby("site")[["transferred_in", "transferred_out"]].sum()
        assert plan.loc["depot"].tolist() == pytest.approx([130, 0])
        assert plan.loc["plant"].tolist() == pytest.approx([0, 130])


class TestSeveralMachines:
    """Factory planning, in H. P. Williams, Model Building in Mathematical Programming, problem 3.

    Seven products pass grinders, drills, borers and planers; some stand still for maintenance. Sales are limited, stock
    to 100 of each product at 0.5 a month, and 50 of each must be left. The best plan earns 93,715.
    """

    PROFIT: ClassVar = (10, 6, 8, 4, 11, 9, 3)
    HOURS: ClassVar = {
        "GRINDER": (0.5, 0.7, 0, 0, 0.3, 0.2, 0.5),
        "VERTICAL": (0.1, 0.2, 0, 0.3, 0, 0.6, 0),
        "HORIZONTAL": (0.2, 0, 0.8, 0, 0, 0, 0.6),
        "BORER": (0.05, 0.03, 0, 0.07, 0.1, 0, 0.08),
        "PLANER": (0, 0, 0.01, 0, 0.05, 0, 0.05),
    }
    RUNNING: ClassVar = {
        "GRINDER": (3, 4, 4, 4, 3, 4),
        "VERTICAL": (2, 2, 2, 1, 1, 2),
        "HORIZONTAL": (3, 1, 3, 3, 3, 2),
        "BORER": (1, 1, 0, 1, 1, 1),
        "PLANER": (1, 1, 1, 1, 1, 0),
    }
    MARKET: ClassVar = (
        (500, 1000, 300, 300, 800, 200, 100),
        (600, 500, 200, 0, 400, 300, 150),
        (300, 600, 0, 0, 500, 400, 100),
        (200, 300, 400, 500, 200, 0, 100),
        (0, 100, 500, 100, 1000, 300, 0),
        (500, 500, 100, 300, 1100, 500, 60),
    )

    def tables(self):
        planning_periods = months(6, "2026-01")
        codes = [f"PROD{number}" for number in range(1, 8)]
        products = pd.DataFrame({"product": codes, "family": "parts", "unit_of_measure": "piece"})
        money = products[["product"]].assign(
            price=self.PROFIT, material_cost=0.0, holding_cost=0.5, backlog_cost=0.0, basis="given"
        )
        routings = [
            (code, resource, hours, step)
            for step, (resource, per_unit) in enumerate(self.HOURS.items(), 1)
            for code, hours in zip(codes, per_unit, strict=True)
            if hours
        ]
        machines = pd.DataFrame(
            {"resource": list(self.HOURS), "site": "plant", "opening_workers": 1.0}
        )
        paid = ["regular_wage", "overtime_wage", "hire_cost", "layoff_cost"]
        hours = [
            {"resource": resource, "period": period, "machine_hours": 24 * 2 * 8.0 * count}
            for resource, counts in self.RUNNING.items()
            for period, count in zip(planning_periods["period"], counts, strict=True)
        ]
        days = {
            "working_days": 24.0,
            "regular_hours_per_worker": 1e4,
            "overtime_hours_per_worker": 0.0,
        }
        rules = {
            "target_service_level": 0.5,
            "max_inventory": 100.0,
            "ending_inventory": 50.0,
            "backlog_allowed": False,
        }
        return {
            "planning_periods": planning_periods,
            "products": conform("products", products),
            "demand_plan": demand(
                planning_periods,
                {(code, "home"): [m[n] for m in self.MARKET] for n, code in enumerate(codes)},
            ),
            "unit_economics": conform(
                "unit_economics", money.merge(planning_periods[["period"]], how="cross")
            ),
            "sourcing_network": table("sourcing_network", "site market freight_cost\nplant home 0"),
            "item_locations": conform(
                "item_locations",
                products[["product"]].assign(site="plant", on_hand=0.0, produced_here=True),
            ),
            "inventory_policy": conform("inventory_policy", products[["product"]].assign(**rules)),
            "resources": conform("resources", machines.assign(**dict.fromkeys(paid, 0.0))),
            "routings": conform(
                "routings",
                pd.DataFrame(
                    routings, columns=["product", "resource", "hours_per_unit", "routing_step"]
                ),
            ),
            "resource_calendar": conform("resource_calendar", pd.DataFrame(hours).assign(**days)),
        }

    def test_earns_93_715(self):
        tables = self.tables()
        plans = review(tables)
        served = plans.constrained_demand.groupby("product")["fulfilled"].sum()
        earned = (served.to_numpy() * self.PROFIT).sum() - total_cost(plans, "optimal")
        assert earned == pytest.approx(93_715.18, abs=0.01)
        stock = plans.supply_plan
        assert stock["inventory"].max() <= 100 + 1e-6
        assert stock.loc[
            stock["period"] == stock["period"].max(), "inventory"
        ].tolist() == pytest.approx([50] * 7)


class TestPolicy:
    def tables(self, workers=0.8, **policy):
        planning_periods = months(6, "2026-01")
        tables = one_product(
            [100, 100, 100, 300, 300, 100],
            "product price material_cost holding_cost backlog_cost subcontract_cost\nSPADE 50 5 1 20 30",
        )
        tables["resources"] = table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost max_workers\n"
            f"CREW plant {workers} 10 15 200 300 {workers}",
        )
        tables["resource_calendar"] = calendar(
            planning_periods,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\nCREW 20 160 40",
        )
        tables["routings"] = table("routings", "product resource hours_per_unit\nSPADE CREW 1")
        row = pd.DataFrame([{"family": "tools", "author": "Larsen", "reason": "a test", **policy}])
        return {**tables, "supply_policy": conform("supply_policy", row)}

    def test_without_overtime_none_is_worked_under_any_strategy(self):
        plans = review(self.tables(strategy="optimal", overtime_allowed=False))
        assert plans.supply_plan["overtime"].sum() == 0

    def test_without_subcontracting_nothing_is_bought_outside(self):
        allowed = review(self.tables(strategy="chase")).supply_plan["subcontract"].sum()
        refused = review(self.tables(strategy="chase", subcontract_allowed=False)).supply_plan[
            "subcontract"
        ]
        assert allowed > 0
        assert refused.sum() == 0

    def test_a_level_strategy_may_buy_outside_where_the_policy_says_so(self):
        plans = review(self.tables(strategy="level", subcontract_allowed=True))
        assert plans.supply_plan["subcontract"].sum() > 0

    def test_a_level_workforce_may_vary_what_it_makes(self):
        plans = review(self.tables(workers=1.5, strategy="level", level_basis="workforce"))
        made = plans.supply_plan["regular"] + plans.supply_plan["overtime"]
        assert plans.workforce_plan["workers"].diff().abs().max() < 1e-9
        assert made.max() > made.min() + 1
        assert total_cost(plans) <= total_cost(review(self.tables(workers=1.5, strategy="level")))


class TestLastCycle:
    def tables(self):
        tables = TestPolicy().tables(strategy="optimal")
        plan = review(tables).supply_plan.assign(cycle=pd.Period("2025-12", "M"))
        columns = ["cycle", "product", "site", "period", "regular", "overtime", "subcontract"]
        # November's plan is not the last one, and must not be read
        older = plan[columns].assign(cycle=pd.Period("2025-11", "M"), regular=0.0)
        approved = pd.concat([older, plan[columns]], ignore_index=True)
        tables["approved_supply_plans"] = conform("approved_supply_plans", approved)
        return tables

    def test_what_was_approved_is_costed_under_todays_demand(self):
        tables = self.tables()
        tables["demand_plan"] = tables["demand_plan"].assign(
            total_demand=tables["demand_plan"]["total_demand"] * 1.2
        )
        plans = review(tables)
        approved = tables["approved_supply_plans"].query("cycle == cycle.max()")
        was = approved[["regular", "overtime", "subcontract"]].sum(axis=1)
        rows = plans.strategy_comparison.query(
            "strategy == 'last_cycle' and measure == 'cumulative_supply'"
        )
        assert rows["value"].tolist() == pytest.approx(was.cumsum().tolist())
        assert total_cost(plans, "last_cycle") > total_cost(plans, "optimal")

    def test_without_an_approved_plan_there_is_no_such_strategy(self):
        plans = review(TestPolicy().tables(strategy="optimal"))
        known = list(measures_by_strategy(plans.strategy_comparison).index)
        assert known == ["level", "chase", "optimal", "plan_of_record"]

    def test_a_price_on_change_keeps_what_was_approved_where_change_gains_less(self):
        # 20 units late for a month cost 100; 20 more in March and 20 less in April are 40 changes.
        tables = one_product(
            [100, 100, 120, 80],
            "product price material_cost holding_cost backlog_cost\nSPADE 50 5 1 5",
        )
        approved = tables["planning_periods"][["period"]].assign(
            cycle=pd.Period("2025-12", "M"),
            product="SPADE",
            site="plant",
            regular=100.0,
            overtime=0.0,
            subcontract=0.0,
        )
        tables["approved_supply_plans"] = conform("approved_supply_plans", approved)

        def made(plan_change_cost):
            policy = {
                "family": ["tools"],
                "strategy": "optimal",
                "author": "Larsen",
                "reason": "a test",
            }
            policy = conform(
                "supply_policy", pd.DataFrame(policy).assign(plan_change_cost=plan_change_cost)
            )
            return review({**tables, "supply_policy": policy}).supply_plan["regular"].tolist()

        assert made(np.nan) == pytest.approx([100, 100, 120, 80])
        assert made(2.0) == pytest.approx([100, 100, 120, 80])
        assert made(3.0) == pytest.approx([100, 100, 100, 100])

    def test_demand_up_by_a_hundredth_changes_little_of_what_is_made(self):
        """Nervousness: units that are made at another time, per unit made."""
        tables = self.tables()
        wanted = tables["demand_plan"]["total_demand"] * 1.01
        more = tables["demand_plan"].assign(total_demand=wanted)
        makes = ["regular", "overtime", "subcontract"]
        was, now = (
            review(t).supply_plan[makes].sum(axis=1)
            for t in (tables, {**tables, "demand_plan": more})
        )
        assert np.abs(now - was).sum() <= 0.03 * was.sum()


class TestEqualPlans:
    def test_of_equal_plans_the_steadiest_is_taken(self):
        # Stock costs nothing and hours enough are paid anyway: any plan that serves in time costs the same.
        planning_periods = months(6, "2026-01")
        tables = one_product(
            [40, 60, 80, 120, 140, 160],
            "product price material_cost holding_cost backlog_cost\nSPADE 50 5 0 20",
        )
        tables["resources"] = table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost min_workers max_workers\n"
            "CREW plant 1 10 15 200 300 1 1",
        )
        tables["resource_calendar"] = calendar(
            planning_periods,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\nCREW 20 160 0",
        )
        tables["routings"] = table("routings", "product resource hours_per_unit\nSPADE CREW 1")
        made = review(tables).supply_plan["regular"]
        assert made.tolist() == pytest.approx([100] * 6)


class TestStarts:
    def test_a_what_if_that_starts_from_the_base_costs_what_it_costs_alone(self):
        tables = TestPolicy().tables(strategy="optimal")
        more = {**tables, "resources": tables["resources"].assign(max_workers=2.0)}
        alone = review(more)
        starts = {}
        review(tables, starts=starts)
        started = review(more, starts=starts)
        assert_frame_equal(
            measures_by_strategy(started.strategy_comparison).round(6),
            measures_by_strategy(alone.strategy_comparison).round(6),
            check_exact=False,
            rtol=1e-6,
        )

    def test_nothing_changed_is_taken_over_to_the_bit(self):
        tables = TestPolicy().tables(strategy="optimal")
        starts = {}
        first, again = review(tables, starts=starts), review(tables, starts=starts)
        for before, after in zip(first, again, strict=True):
            assert_frame_equal(before, after)


class TestRelief:
    def relief(self, tables):
        targets = call(inventory_targets, tables)
        return call(bottleneck_analysis, {**tables, "inventory_targets": targets}, tail_months=0)

    def test_lifting_a_limit_saves_what_the_plan_without_it_costs_less(self):
        tables = TestPolicy().tables(strategy="optimal")
        base = review(tables)
        more = review({**tables, "resources": tables["resources"].assign(max_workers=1e6)})
        relief = self.relief(tables).groupby("constraint")[["saving", "units_recovered"]].sum()
        assert relief.loc["max workers", "saving"] == pytest.approx(
            total_cost(base) - total_cost(more)
        )
        unserved = [
            p.constrained_demand[["backlog", "lost_sales"]].sum().sum() for p in (base, more)
        ]
        assert relief.loc["max workers", "units_recovered"] == pytest.approx(
            unserved[0] - unserved[1]
        )

    def test_of_many_limits_those_that_are_worth_most_are_lifted(self, monkeypatch):
        tables = TestPolicy().tables(strategy="optimal")
        prices = review(tables).shadow_prices
        worth = (prices["shadow_price"] * prices["used"]).groupby(prices["constraint"]).sum()
        costly = set(self.relief(tables)["constraint"])
        assert len(costly) > 1
        monkeypatch.setattr(bottlenecks, "MOST", 1)
        lifted = self.relief(tables)["constraint"].unique()
        assert list(lifted) == [worth[sorted(costly)].idxmax()]

    def test_where_no_limit_costs_anything_there_is_nothing_to_lift(self):
        tables = one_product(
            [10, 10], "product price material_cost holding_cost backlog_cost\nSPADE 50 5 1 20"
        )
        assert self.relief(tables).empty
