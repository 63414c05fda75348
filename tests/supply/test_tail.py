"""Months after the horizon: planned, a repeat of the last year, and never shown."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from planning import calendar, demand, figure, item_costs, months, review, total_cost

from sopkit.cycle.supply_plan import plan_supply
from sopkit.model.readings import supply_facts
from sopkit.model.tail import lengthened, repeated, shown, with_tail
from sopkit.rules.call import call
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.optimization.programme import supply_solution

SEASON = [60, 60, 60, 60, 60, 180, 180, 60, 60, 60, 60, 60]


def seasonal(count=17, **other):
    """Spades by a crew of one that makes 100 a month; two months of each year want 180.

    The plan begins in January, so that May ends it: the months of the peak follow.
    """
    planning_periods = months(count, "2026-01")
    wanted = [SEASON[month % 12] for month in range(count)]
    return {
        "planning_periods": planning_periods,
        "products": table("products", "product family unit_of_measure\nSPADE tools piece"),
        "demand_plan": demand(planning_periods, {("SPADE", "home"): wanted}),
        "unit_economics": item_costs(
            planning_periods,
            "product price material_cost holding_cost backlog_cost\nSPADE 50 5 1 20",
        ),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nplant home 0"),
        "item_locations": table(
            "item_locations", "product site on_hand produced_here\nSPADE plant 0 yes"
        ),
        "inventory_policy": table(
            "inventory_policy", "product site target_service_level\nSPADE - 0.5"
        ),
        "resources": table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost"
            " min_workers max_workers\nCREW plant 1 10 15 200 300 1 1",
        ),
        "resource_calendar": calendar(
            planning_periods,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\nCREW 20 100 0",
        ),
        "routings": table("routings", "product resource hours_per_unit\nSPADE CREW 1"),
        **other,
    }


class TestMonthsAfterTheHorizon:
    def test_repeat_the_same_month_a_year_before(self):
        assert repeated(18, 12).tolist() == [*range(6, 18)]
        assert repeated(18, 14).tolist() == [*range(6, 18), 6, 7]

    def test_repeat_what_there_is_where_that_is_less_than_a_year(self):
        assert repeated(6, 12).tolist() == [0, 1, 2, 3, 4, 5] * 2

    def test_let_a_season_that_begins_after_the_plan_be_built_ahead(self):
        # June and July want 180 each and 100 can be made: 80 short each, so 160 are there by May,
        # in which 40 are spare in each month from February on.
        plan = review(seasonal(), tail_months=12).supply_plan.set_index("period")["inventory"]
        assert plan["2027-01":"2027-05"].tolist() == pytest.approx([0, 40, 80, 120, 160])
        ends = review(seasonal()).supply_plan["inventory"].iloc[-1]
        assert ends == pytest.approx(0)

    def test_are_not_shown(self):
        plans = review(seasonal(), tail_months=12)
        for name, frame in plans._asdict().items():
            if "period" in frame:
                assert (frame["period"].dropna() <= pd.Period("2027-05", "M")).all(), name
        # 160 spades in stock at the end are 160 more made: at 5 each, no hour is paid for them
        more = total_cost(plans) - total_cost(review(seasonal()))
        assert more == pytest.approx(160 * 5 + (40 + 80 + 120 + 160) * 1)

    def test_say_for_how_long_stock_lasts(self):
        # 160 in May are June's: 160 of 180
        supply = review(seasonal(), tail_months=12).supply_plan["months_of_supply"]
        assert supply.iloc[-1] == pytest.approx(160 / 180)

    def test_have_no_receipts_on_order_and_no_approved_plan(self):
        orders = "item site due_day quantity\nSPADE plant 2027-05-16 30"
        facts = _facts(seasonal(purchase_orders=table("purchase_orders", orders)))
        long = lengthened(facts, 12)
        assert long.stocks.scheduled_receipts[0].tolist() == [0.0] * 16 + [30.0] + [0.0] * 12
        assert np.isnan(long.stocks.approved).all()
        assert long.wants.demand[0, 17:].tolist() == [SEASON[month % 12] for month in range(5, 17)]

    def test_do_not_owe_again_what_is_past_due(self):
        tables = seasonal(12)
        tables["demand_plan"].loc[0, ["past_due_orders", "total_demand"]] = [25.0, 85.0]
        wanted = lengthened(_facts(tables), 12).wants.demand[0]
        assert wanted.tolist() == [85.0, *SEASON[1:], *SEASON]

    def test_are_taken_off_facts_and_solution_alike(self):
        facts = _facts(seasonal())
        long = lengthened(facts, 12)
        seen, solution = shown(long, supply_solution(long, long.families.strategy))
        assert (seen.months == facts.months).all()
        assert seen.wants.demand.tolist() == facts.wants.demand.tolist()
        assert solution.columns.regular.shape == (1, 17)
        assert solution.columns.pace.shape == (1, 2)  # the second is 17 months long


class TestWhetherThereAreAny:
    def test_twelve_when_the_company_does_not_say(self):
        facts = _facts(seasonal())
        assert len(with_tail(facts).months) == 29
        settings = "currency receivable_days payable_days opening_cash fixed_cost tail_months\n"
        for said, planned in (("24", 41), ("-", 29), ("0", 17)):
            row = table("company_settings", f"{settings}EUR 0 0 0 0 {said}")
            assert len(with_tail(facts, row).months) == planned

    def test_none_where_the_stock_to_end_with_is_stated(self):
        policy = "product site target_service_level ending_inventory\nSPADE - 0.5 25"
        tables = seasonal(inventory_policy=table("inventory_policy", policy))
        plan = review(tables, tail_months=None).supply_plan
        assert plan["inventory"].iloc[-1] == pytest.approx(25)
        assert len(with_tail(_facts(tables), None, tables["inventory_policy"]).months) == 17

    def test_none_where_supply_is_planned_for_a_demand_plan_unless_asked_for(self):
        tables = seasonal()
        given = {
            name: tables[name] for name in ("products", "demand_plan", "resources", "routings")
        }
        given |= {name: tables[name] for name in ("resource_calendar", "inventory_policy")}
        given["item_costs"] = table(
            "item_costs",
            "product effective_from price material_cost holding_cost backlog_cost\n"
            "SPADE 2026-01 50 5 1 20",
        )
        ends, lasts = (plan_supply(given, tail)["supply_plan"] for tail in (0, 12))
        assert ends["inventory"].iloc[-1] == pytest.approx(0)
        assert lasts["inventory"].iloc[-1] == pytest.approx(160)


class TestTailsOfDifferentLength:
    @pytest.mark.parametrize("count", [12, 18, 24])
    def test_of_12_and_24_months_give_the_same_stock_crew_and_cost(self, count):
        one, two = (review(seasonal(count), tail_months=tail) for tail in (12, 24))
        stock = [plans.supply_plan["inventory"].sum() for plans in (one, two)]
        crew = [plans.workforce_plan["workers"].sum() for plans in (one, two)]
        assert stock[0] == pytest.approx(stock[1], rel=0.01)
        assert crew[0] == pytest.approx(crew[1], rel=0.01)
        assert total_cost(one) == pytest.approx(total_cost(two), rel=0.01)


class TestLevel:
    def test_a_rate_holds_for_a_year_and_is_then_set_again(self):
        tables = seasonal(24)
        wanted = [80] * 12 + [95] * 12
        tables["demand_plan"] = demand(tables["planning_periods"], {("SPADE", "home"): wanted})
        made = review(tables, "level", tail_months=12).supply_plan["regular"]
        assert made.tolist() == pytest.approx([80] * 12 + [95] * 12)

    def test_a_product_short_of_parts_is_served_now_before_later(self):
        # 60 parts a month for 60 spades; 20 spades fewer can be had of the parts than are wanted.
        # Prices rise in the second year: what is lost is lost late all the same.
        tables = seasonal(12)
        wanted = [60] * 10 + [80] * 2
        tables["demand_plan"] = demand(tables["planning_periods"], {("SPADE", "home"): wanted})
        tables["unit_economics"]["price"] = [50.0] * 6 + [60.0] * 6
        policy = "product site target_service_level backlog_allowed\nSPADE - 0.5 no"
        tables["inventory_policy"] = table("inventory_policy", policy)
        tables["bill_of_materials"] = table(
            "bill_of_materials", "product component quantity_per_unit\nSPADE BLADE 1"
        )
        tables["components"] = table("components", "component on_hand\nBLADE 0")
        tables["sources"] = table(
            "sources", "item supplier lead_time_days unit_cost supply_limit\nBLADE acme 0 1 60"
        )
        lost = review(tables, tail_months=12).constrained_demand["lost_sales"]
        assert lost.tolist() == pytest.approx([0] * 10 + [20, 20])


def _facts(tables):
    return call(supply_facts, {**tables, "inventory_targets": call(inventory_targets, tables)})


def test_months_short_are_those_that_are_shown():
    assert figure(review(seasonal(), tail_months=12), "months_short") <= 4
