"""Firm production, planner's rows, fences and notices: what they bind, and what breaks them.

A worker gives 100 hours a month, a unit takes an hour; 100 units are wanted in each of four months.
"""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from planning import calendar, cost, demand, figure, item_costs, months, review

FENCE = "kind item months limit owner reason\n"
OVERRIDE = "kind item site period fixed least most author reason\n"
CREW = "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost"
WHOLE = f"{CREW} whole_workers part_time_ratio\n"


def fences(rows):
    return table("planning_fences", FENCE + "\n".join(f"{row} Larsen test" for row in rows))


def overrides(*rows):
    return table("plan_overrides", OVERRIDE + "\n".join(f"{row} Larsen test" for row in rows))


def company(wanted=(100, 100, 100, 100), on_hand=0, opening=1, outside=60, **tables):
    periods = months(len(wanted))
    return {
        "planning_periods": periods,
        "products": table("products", "product family unit_of_measure\nA tents piece"),
        "demand_plan": demand(periods, {("A", "home"): list(wanted)}),
        "unit_economics": item_costs(
            periods,
            "product price material_cost holding_cost backlog_cost subcontract_cost\n"
            f"A 100 10 30 60 {outside}",
        ),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nplant home 0"),
        "item_locations": table(
            "item_locations", f"product site on_hand produced_here\nA plant {on_hand} yes"
        ),
        "inventory_policy": table("inventory_policy", "product target_service_level\nA 0.5"),
        "resources": table("resources", f"{CREW}\nCREW plant {opening} 4 6 300 500"),
        "routings": table("routings", "product resource hours_per_unit\nA CREW 1"),
        "resource_calendar": calendar(
            periods,
            "resource working_days regular_hours_per_worker overtime_hours_per_worker\n"
            "CREW 20 100 20",
        ),
        **tables,
    }


def made(plans):
    return (plans.supply_plan["regular"] + plans.supply_plan["overtime"]).tolist()


def rules(plans):
    """The rules as rows: kind, item, month, planned, breach."""
    rows = plans.planning_rules
    named = rows["kind"] + " " + rows["item"] + " " + rows["period"].astype("str")
    numbers = rows[["planned", "breach"]].round(6).to_numpy().tolist()
    return dict(zip(named, map(tuple, numbers), strict=True))


class TestUnknownNeverBinds:
    def test_without_rows_there_is_no_rule(self):
        assert review(company()).planning_rules.empty

    def test_frozen_months_without_released_orders_or_approved_plan_are_not_frozen(self):
        plans = review(company(planning_fences=fences(["frozen_production - 2 -"])))
        assert plans.planning_rules.empty

    def test_a_supplier_whose_usual_rate_is_unknown_is_not_limited(self):
        plans = review(company(planning_fences=fences(["supplier_notice A 2 -"])))
        assert plans.planning_rules.empty


class TestFrozenProduction:
    APPROVED = table(
        "approved_supply_plans",
        """
        cycle   product site  period  regular overtime subcontract
        2026-08 A       plant 2026-10 10      0        0
        2026-09 A       plant 2026-10 70      10       5
        2026-09 A       plant 2026-11 90      0        0
        """,
    )

    def test_is_the_plan_last_approved_where_nothing_is_released(self):
        plans = review(
            company(
                planning_fences=fences(["frozen_production - 1 -"]),
                approved_supply_plans=self.APPROVED,
            )
        )
        assert made(plans)[0] == pytest.approx(80)
        assert rules(plans) == {"frozen_production A 2026-10": (80, 0)}

    def test_is_the_released_order_and_nothing_in_a_month_without_one(self):
        plans = review(
            company(
                planning_fences=fences(["frozen_production tents 2 -"]),
                approved_supply_plans=self.APPROVED,
                plan_overrides=overrides("firm_production A - 2026-10 110 - -"),
            )
        )
        assert made(plans)[:2] == pytest.approx([110, 0])
        assert rules(plans) == {
            "firm_production A 2026-10": (110, 0),
            "frozen_production A 2026-11": (0, 0),
        }

    def test_above_capacity_is_made_as_far_as_hours_go_and_the_rest_is_a_breach(self):
        plans = review(
            company(
                resources=table("resources", f"{CREW} max_workers\nCREW plant 1 4 6 300 500 1"),
                plan_overrides=overrides("firm_production A plant 2026-10 150 - -"),
            )
        )
        assert made(plans)[0] == pytest.approx(120)  # 100 hours and 20 of overtime
        assert rules(plans)["firm_production A 2026-10"] == (120, -30)

    def test_a_breach_is_in_no_shadow_price(self):
        limited = table("resources", f"{CREW} max_workers\nCREW plant 1 4 6 300 500 1")
        orders = overrides("firm_production A plant 2026-10 150 - -")
        plans = review(company(resources=limited, plan_overrides=orders))
        prices = plans.shadow_prices.query("constraint == 'overtime hours'")["shadow_price"]
        assert prices.max() < 100  # what an hour of overtime makes sells at 100


class TestAuthority:
    def test_firm_production_goes_before_the_planners_row(self):
        orders = overrides("firm_production A - 2026-10 120 - -", "production A - 2026-10 - - 80")
        plans = review(company(plan_overrides=orders))
        assert rules(plans) == {
            "firm_production A 2026-10": (120, 0),
            "production A 2026-10": (120, 40),
        }

    def test_the_planners_row_goes_before_the_fence(self):
        plans = review(
            company(
                planning_fences=fences(["frozen_production - 1 -"]),
                approved_supply_plans=TestFrozenProduction.APPROVED,
                plan_overrides=overrides("production A - 2026-10 100 - -"),
            )
        )
        assert rules(plans) == {
            "production A 2026-10": (100, 0),
            "frozen_production A 2026-10": (100, 20),
        }

    def test_the_planners_row_goes_before_notice(self):
        plans = review(
            company(
                planning_fences=fences(["hiring_notice - 2 -"]),
                plan_overrides=overrides("workers CREW - 2026-10 - 3 -"),
            )
        )
        assert plans.workforce_plan["workers"][0] == pytest.approx(3)
        assert rules(plans)["hiring_notice CREW 2026-10"] == (2, 2)
        assert rules(plans)["hiring_notice CREW 2026-11"] == (0, 0)


class TestPlannersRows:
    def test_fix_floor_and_cap_production_purchases_and_crews(self):
        plans = review(
            company(
                plan_overrides=overrides(
                    "production A - 2026-10 - 110 -",
                    "production tents - 2026-11 - - 70",
                    "purchases A plant 2026-12 25 - -",
                    "workers CREW - 2027-01 2 - -",
                )
            )
        )
        assert made(plans)[:2] == pytest.approx([130, 70])  # November's cap is made up before it
        assert plans.supply_plan["subcontract"][2] == pytest.approx(25)
        assert plans.workforce_plan["workers"][3] == pytest.approx(2)
        assert set(rules(plans).values()) == {(130, 0), (70, 0), (25, 0), (2, 0)}

    def test_a_row_that_asks_the_impossible_is_kept_as_far_as_can_be(self):
        limited = table("resources", f"{CREW} max_workers\nCREW plant 1 4 6 300 500 1")
        plans = review(
            company(resources=limited, plan_overrides=overrides("workers CREW - 2026-10 3 - -"))
        )
        assert rules(plans)["workers CREW 2026-10"] == (1, -2)


class TestNotice:
    def test_nobody_is_hired_or_laid_off_before_it_is_over(self):
        season = company(wanted=(100, 300, 300, 100))
        free = review(season).workforce_plan
        assert free["hired"][1] == pytest.approx(200 / 120, rel=0.2)
        noticed = season | {
            "planning_fences": fences(["hiring_notice - 2 -", "layoff_notice CREW 4 -"])
        }
        plans = review(noticed)
        assert plans.workforce_plan["hired"][:2].tolist() == pytest.approx([0, 0])
        assert plans.workforce_plan["laid_off"].tolist() == pytest.approx([0, 0, 0, 0])
        assert all(breach == 0 for _, breach in rules(plans).values())

    def test_a_level_workforce_changes_in_the_first_month_that_notice_allows(self):
        season = company(wanted=(100, 100, 300, 300))
        plans = review(season | {"planning_fences": fences(["hiring_notice - 1 -"])}, "level")
        workers = plans.workforce_plan["workers"]
        assert workers[0] == pytest.approx(1)
        assert workers[1:].tolist() == pytest.approx([1.2] * 3)  # at October's rate, 120 a month

    def test_a_supplier_delivers_no_more_than_the_rate_he_is_used_to(self):
        limited = table("resources", f"{CREW} max_workers\nCREW plant 1 4 6 300 500 1")
        busy = company(wanted=(200, 200, 200, 200), resources=limited)
        assert review(busy).supply_plan["subcontract"].tolist() == pytest.approx([80] * 4)
        plans = review(busy | {"planning_fences": fences(["supplier_notice A 2 30"])})
        bought = plans.supply_plan["subcontract"].tolist()
        assert bought == pytest.approx([30, 30, 180, 80])  # what waited comes in December


class TestRateChange:
    def test_production_grows_by_the_limit_at_most_from_the_last_month_made(self):
        history = table("production_history", "product site period produced\nA plant 2026-09 60")
        plans = review(
            company(production_history=history, planning_fences=fences(["rate_change A - 10"]))
        )
        steps = np.diff([60, *made(plans)])
        assert made(plans)[0] == pytest.approx(70)
        assert np.abs(steps).max() <= 10 + 1e-6

    def test_a_crew_grows_by_the_limit_at_most(self):
        season = company(wanted=(100, 400, 400, 100))
        plans = review(season | {"planning_fences": fences(["rate_change CREW - 1"])})
        assert np.abs(np.diff([1, *plans.workforce_plan["workers"]])).max() <= 1 + 1e-6

    def test_its_cost_is_paid_for_each_unit_a_day_more_or_less(self):
        policy = table(
            "supply_policy",
            "family strategy rate_increase_cost rate_decrease_cost subcontract_allowed author reason\n"
            "tents optimal 30 60 no x y",
        )
        spoils = table(
            "products", "product family unit_of_measure shelf_life_months\nA tents piece 0.1"
        )
        kept = table("inventory_policy", "product backlog_allowed\nA no")
        plans = review(
            company(
                (100, 140, 120, 120),
                products=spoils,
                inventory_policy=kept,
                supply_policy=policy,
            )
        )
        assert made(plans) == pytest.approx([100, 140, 120, 120])
        assert cost(plans, "rate change") == pytest.approx(40 / 20 * 30 + 20 / 20 * 60)


class TestPeople:
    def test_a_crew_that_is_kept_is_not_laid_off(self):
        policy = "family strategy crew_kept author reason\ntents {} {} x y"
        falling = company(wanted=(300, 100, 100, 100), opening=3)
        let_go = review(
            falling | {"supply_policy": table("supply_policy", policy.format("level", "no"))}
        )
        assert let_go.workforce_plan["laid_off"].sum() > 1
        kept = review(
            falling | {"supply_policy": table("supply_policy", policy.format("level", "yes"))}
        )
        assert kept.workforce_plan["laid_off"].sum() == pytest.approx(0)
        assert kept.workforce_plan["workers"].tolist() == pytest.approx([3, 3, 3, 3])

    def test_leavers_are_replaced_and_paid_for(self):
        crew = table(
            "resources", f"{CREW} attrition_ratio min_workers\nCREW plant 10 4 6 300 500 0.1 10"
        )
        plans = review(company(resources=crew)).workforce_plan
        assert plans["workers"].tolist() == pytest.approx([10, 10, 10, 10])
        assert plans["leavers"].tolist() == pytest.approx([0, 1, 1, 1])
        assert plans["hired"].tolist() == pytest.approx([0, 1, 1, 1])

    def test_a_level_workforce_replaces_leavers_and_hires_nobody_else(self):
        crew = table("resources", f"{CREW} attrition_ratio\nCREW plant 1 4 6 300 500 0.2")
        plans = review(company(resources=crew), "level").workforce_plan
        assert plans["workers"].tolist() == pytest.approx([plans["workers"][0]] * 4)
        assert plans["hired"][1:].tolist() == pytest.approx([0.2 * plans["workers"][0]] * 3)

    def test_the_crew_to_end_with_is_there_in_the_last_month(self):
        crew = table("resources", f"{CREW} ending_workers\nCREW plant 1 4 6 300 500 5")
        plans = review(company(resources=crew))
        assert plans.workforce_plan["workers"].tolist() == pytest.approx([1, 1, 1, 5])
        assert rules(plans) == {"ending_workers CREW 2027-01": (5, 0)}

    def test_half_posts_are_filled_where_they_may_be(self):
        busy = company(wanted=(130, 130, 130, 130))
        whole = review(
            busy | {"resources": table("resources", f"{WHOLE}CREW plant 1 4 60 300 500 yes -")}
        )
        half = review(
            busy | {"resources": table("resources", f"{WHOLE}CREW plant 1 4 60 300 500 yes 0.5")}
        )
        assert whole.workforce_plan["workers"].tolist() == pytest.approx([2, 2, 2, 2])
        assert half.workforce_plan["workers"].tolist() == pytest.approx([1.5, 1.5, 1.5, 1.5])

    def test_a_counter_is_staffed_while_it_is_open_whatever_is_sold(self):
        days = pd.date_range("2026-10-01", "2027-01-31")
        hours = pd.DataFrame({"site": "plant", "day": days, "period": days.to_period("M")})
        hours["hours"] = np.where(days.day_of_week < 5, 10.0, 0.0)
        crew = f"{CREW} crew_while_open shift_hours max_workers\nCREW plant 0 4 6 0 0 1"
        quiet = company(wanted=(1, 1, 1, 1), opening=0, work_calendar=hours)
        plans = review(quiet | {"resources": table("resources", f"{crew} - 9")})
        # 22 days of 10 hours in October, 21 in November, 23 in December, 21 in January
        assert plans.workforce_plan["workers"].tolist() == pytest.approx([2.2, 2.1, 2.3, 2.1])
        shifts = review(quiet | {"resources": table("resources", f"{crew} 8 9")})
        assert shifts.workforce_plan["workers"].tolist() == pytest.approx([3.52, 3.36, 3.68, 3.36])


class TestChase:
    SEASON = (100, 140, 120, 120)

    def chase(self, by):
        policy = table(
            "supply_policy", f"family strategy chase_by author reason\ntents chase {by} x y"
        )
        return review(company(self.SEASON, outside=17, supply_policy=policy))

    def test_by_workers_takes_no_overtime_and_buys_nothing(self):
        plans = self.chase("workers")
        assert plans.supply_plan["regular"].tolist() == pytest.approx(list(self.SEASON))
        assert plans.workforce_plan["workers"].tolist() == pytest.approx([1, 1.4, 1.2, 1.2])

    def test_by_hours_keeps_the_crew_and_works_overtime_or_idles(self):
        plans = self.chase("hours")
        workers = plans.workforce_plan["workers"]
        assert workers.tolist() == pytest.approx([140 / 120] * 4)
        assert made(plans) == pytest.approx(list(self.SEASON))
        assert plans.supply_plan["subcontract"].sum() == pytest.approx(0)

    def test_by_subcontracting_keeps_the_crew_and_buys_what_it_cannot_make(self):
        plans = self.chase("subcontract")  # a fifth of a worker costs 320, buying 20 units 140
        assert plans.workforce_plan["workers"].tolist() == pytest.approx([1.2] * 4)
        assert plans.supply_plan["overtime"].sum() == pytest.approx(0)
        assert plans.supply_plan["subcontract"].tolist() == pytest.approx([0, 20, 0, 0])


class TestComparison:
    def test_every_strategy_ends_with_the_stock_of_the_plan_of_record(self):
        policy = table(
            "inventory_policy", "product target_service_level target_cover_months\nA 0.5 0.3"
        )
        strategies = table("supply_policy", "family strategy author reason\ntents chase x y")
        plans = review(
            company((100, 180, 60, 100), inventory_policy=policy, supply_policy=strategies)
        )
        stock = plans.supply_plan["inventory"].iloc[-1]
        assert stock == pytest.approx(33)  # 0.3 of the mean month, 110
        supplied = plans.strategy_comparison.query("measure == 'cumulative_supply'")
        at_the_end = supplied.groupby("strategy")["value"].last()
        assert len(at_the_end) == 4
        assert at_the_end.tolist() == pytest.approx([440 + stock] * 4)
        assert figure(plans, "cost", "optimal") == min(
            figure(plans, "cost", name) for name in at_the_end.index
        )


class TestLevelRate:
    def test_a_month_that_is_frozen_does_not_set_the_rate_of_the_others(self):
        orders = overrides("firm_production A - 2026-10 120 - -")
        free = {"inventory_policy": table("inventory_policy", "product ending_inventory\nA 0")}
        plans = review(company(plan_overrides=orders, **free), "level")
        assert made(plans) == pytest.approx([120] + [280 / 3] * 3)


class TestPurchasedGoods:
    def test_a_floor_of_purchases_binds_what_comes_from_a_source(self):
        bought = company(
            outside="-",
            item_locations=table(
                "item_locations",
                "product site on_hand produced_here purchased_here\nA plant 0 no yes",
            ),
            sources=table("sources", "item supplier lead_time_days unit_cost\nA acme 0 12"),
            routings=None,
            resources=None,
            resource_calendar=None,
        )
        row = overrides("purchases A - 2026-10 - 130 -")
        plans = review({k: v for k, v in bought.items() if v is not None} | {"plan_overrides": row})
        assert plans.supply_plan["purchased"].tolist() == pytest.approx([130, 70, 100, 100])
        assert rules(plans) == {"purchases A 2026-10": (130, 0)}
