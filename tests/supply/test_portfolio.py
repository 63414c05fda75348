"""Large portfolios: groups for products in the programme, and what they make spread by run-out time."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pandas.testing import assert_frame_equal
from planning import demand, item_costs, months, review
from test_strategies import two_families

from sopkit.model.comparison import costs_by_strategy, measures_by_strategy
from sopkit.model.readings import supply_facts
from sopkit.rules.call import call
from sopkit.supply.aggregation import grouped_facts
from sopkit.supply.planning_groups import planning_groups
from sopkit.supply.run_out import _spread
from sopkit.tables import conform

MADE = ["regular", "overtime", "subcontract"]
COMING = [*MADE, "scheduled_receipts", "transferred_in"]


def company_settings(least):
    """Terms that ask for groups from so many products on."""
    return table(
        "company_settings",
        "currency receivable_days payable_days opening_cash fixed_cost aggregate_from_products\n"
        f"EUR 0 0 0 0 {least}",
    )


def shop(on_hand=(0, 0, 0), waits="yes", limit="-", **more):
    """Three tents, sewn at alpine or harbour; TENT-2 takes three times the hours of TENT-1, TENT-3 is pressed."""
    planning_periods = months(6)
    season = np.array([0.6, 0.8, 1.0, 1.6, 1.3, 0.7])
    wanted = {
        ("TENT-1", "north"): 60 * season,
        ("TENT-1", "south"): 40 * season[::-1],
        ("TENT-2", "north"): 50 * season[::-1],
        ("TENT-3", "south"): 30 * season,
    }
    held = "\n".join(
        f"TENT-{n} {site} {units * share} yes"
        for n, units in enumerate(on_hand, 1)
        for site, share in ((("alpine", 0.75), ("harbour", 0.25)) if n < 3 else (("alpine", 1),))
    )
    tables = {
        "planning_periods": planning_periods,
        "products": table(
            "products",
            "product family unit_of_measure\nTENT-1 tents piece\nTENT-2 tents piece\nTENT-3 tents piece",
        ),
        "demand_plan": demand(planning_periods, wanted),
        "unit_economics": item_costs(
            planning_periods,
            f"""
            product price material_cost holding_cost backlog_cost lost_sale_cost subcontract_cost subcontract_limit
            TENT-1  100   20            1            5            7              60               {limit}
            TENT-2  300   60            3            15           21             180              -
            TENT-3  200   40            2            10           14             -                -
            """,
        ),
        "sourcing_network": table(
            "sourcing_network",
            "site market freight_cost\nalpine north 1\nalpine south 3\nharbour north 4\nharbour south 2",
        ),
        "item_locations": table("item_locations", f"product site on_hand produced_here\n{held}"),
        "inventory_policy": table(
            "inventory_policy",
            f"product site target_cover_months backlog_allowed\nTENT-1 - 0.3 {waits}\nTENT-2 - 0.3 {waits}",
        ),
        "resources": table(
            "resources",
            """
            resource site    opening_workers regular_wage overtime_wage hire_cost layoff_cost max_workers
            SEWING   alpine  1               10           15            300       300         1
            HEMMING  harbour 1               12           18            300       300         1
            PRESS    alpine  1               10           15            300       300         2
            """,
        ),
        "routings": table(
            "routings",
            """
            product resource hours_per_unit
            TENT-1  SEWING   1
            TENT-1  HEMMING  1.5
            TENT-2  SEWING   3
            TENT-2  HEMMING  4.5
            TENT-3  PRESS    2
            """,
        ),
        "supply_policy": table(
            "supply_policy", "family strategy author reason\ntents optimal Larsen cost"
        ),
        "storage_capacity": table(
            "storage_capacity", "site storage_limit overflow_storage_cost\nalpine 60 1.5"
        ),
    }
    return tables | more


def grouped(tables, least=1):
    return review({**tables, "company_settings": company_settings(least)})


def facts_of(tables):
    known = {"inventory_targets": NO_TARGETS, **tables}
    return call(supply_facts, known)


NO_TARGETS = conform(
    "inventory_targets",
    pd.DataFrame(
        {"product": ["TENT-1"], "site": ["alpine"], "period": months(1)["period"]}
        | dict.fromkeys(["safety_stock", "target_inventory", "max_inventory"], 0.0)
    ),
)


class TestGroups:
    def test_are_products_of_a_family_that_take_the_same_hours_of_every_resource_counted_in_hours(
        self,
    ):
        groups = planning_groups(facts_of(shop()), company_settings(1))
        assert groups.codes[groups.of_item].tolist() == ["tents group 1", "tents group 1", "TENT-3"]
        assert groups.unit[1] / groups.unit[0] == pytest.approx(3)
        assert groups.unit[2] == 1

    def test_are_not_made_below_the_number_of_products_that_terms_name_nor_below_2000_without_one(
        self,
    ):
        facts = facts_of(shop())
        assert planning_groups(facts, company_settings(3)) is not None
        assert planning_groups(facts, company_settings(4)) is None
        assert planning_groups(facts, company_settings("-")) is None
        assert planning_groups(facts) is None

    @pytest.mark.parametrize(
        "other",
        [
            {"products": table("products", "product family unit_of_measure shelf_life_months\n"
             "TENT-1 tents piece 3\nTENT-2 tents piece -\nTENT-3 tents piece -")},
            {"routings": table("routings", "product resource hours_per_unit min_lot\nTENT-1 SEWING 1 50\n"
             "TENT-1 HEMMING 1.5 -\nTENT-2 SEWING 3 -\nTENT-2 HEMMING 4.5 -\nTENT-3 PRESS 2 -")},
            {"routings": table("routings", "product resource hours_per_unit setup_cost\nTENT-1 SEWING 1 50\n"
             "TENT-1 HEMMING 1.5 -\nTENT-2 SEWING 3 -\nTENT-2 HEMMING 4.5 -\nTENT-3 PRESS 2 -")},
            {"routings": table("routings", "product resource hours_per_unit routing_step\nTENT-1 SEWING 1 2\n"
             "TENT-1 HEMMING 1.5 2\nTENT-2 SEWING 3 -\nTENT-2 HEMMING 4.5 -\nTENT-1 PRESS 1 1")},
            {"routings": table("routings", "product resource hours_per_unit\nTENT-1 SEWING 1\n"
             "TENT-1 HEMMING 1.5\nTENT-2 SEWING 3\nTENT-2 HEMMING 4\nTENT-3 PRESS 2")},
            {"transfer_lanes": table("transfer_lanes", "site to_site freight_cost\nalpine harbour 1")},
            {"inventory_policy": table("inventory_policy", "product site backlog_allowed\nTENT-1 - no")},
        ],
        ids=["shelf life", "lot", "set-up", "step", "other speed", "transfer", "lost"],
    )  # fmt: skip
    def test_do_not_hold_a_product_with_rules_of_its_own(self, other):
        assert planning_groups(facts_of(shop(**other)), company_settings(1)) is None

    def test_keep_the_stock_of_one_product_that_serves_no_other(self):
        facts = facts_of(shop(on_hand=(600, 0, 0)))
        groups = planning_groups(facts, company_settings(1))
        least = grouped_facts(facts, groups).stocks.least
        # TENT-1 sells 100 x 6 in all: 600 less what it has sold, in standard units, must lie there
        left = 600 - facts.wants.demand[facts.wants.item == 0].sum(axis=0).cumsum()
        group = groups.codes.get_loc("tents group 1")
        of_group = grouped_facts(facts, groups).stocks.item == group
        assert least[of_group].sum(axis=0) == pytest.approx(groups.unit[0] * left)


class TestRunOut:
    """Two stocks of one group: one sells 10 a month and counts half, the other 30 and counts one and a half."""

    def spread(self, on_hand, made):
        demand_ahead = np.array([[10, 20, 30], [30, 60, 90.0]])
        lacks = np.maximum(
            np.column_stack([[0, 0], demand_ahead - np.array(on_hand)[:, None]]), 0.0
        )
        units = _spread(
            np.array([0, 0]), np.array([0.5, 1.5]), lacks, np.array([made]), np.array([10, 30.0])
        )
        return units.tolist()

    def test_products_of_a_group_run_out_at_the_same_time(self):
        # stock is a month of each; 75 standard units are one and a half months more
        assert self.spread([10, 30], 75) == pytest.approx([15, 45])

    def test_stock_that_outlasts_the_others_gets_nothing(self):
        assert self.spread([20, 0], 90) == pytest.approx([0, 60])

    def test_the_month_itself_comes_before_any_later_month(self):
        assert self.spread([30, 0], 30) == pytest.approx([0, 20])

    def test_what_is_made_beyond_all_known_demand_is_spread_by_mean_demand(self):
        assert self.spread([0, 0], 150 + 50) == pytest.approx([30 + 10, 90 + 30])


@pytest.fixture(
    scope="class",
    params=[
        {},
        {"on_hand": (300, 20, 10)},
        {"waits": "no", "limit": "4"},
        {"on_hand": (50, 50, 0), "limit": "6"},
    ],
    ids=["no stock", "surplus", "lost sales", "limited"],
)
def case(request):
    tables = shop(**request.param)
    return tables, grouped(tables)


class TestThePlanByGroups:
    def test_opens_plus_comes_less_goes_is_what_is_left(self, case):
        plan = case[1].supply_plan
        left = plan["opening_inventory"] + plan[COMING].sum(axis=1)
        left -= plan[["shipped", "transferred_out", "expired"]].sum(axis=1)
        assert left.to_numpy() == pytest.approx(plan["inventory"].to_numpy(), abs=1e-4)
        assert (plan["inventory"] >= 0).all()

    def test_ships_what_markets_get_and_owes_the_rest(self, case):
        tables, plans = case
        keys = ["product", "market", "period"]
        sent = plans.distribution_plan.groupby(keys)["shipped"].sum()
        service = plans.constrained_demand.set_index(keys)
        assert sent.reindex(service.index, fill_value=0).to_numpy() == pytest.approx(
            service["fulfilled"].to_numpy(), abs=1e-4
        )
        before = service.groupby(["product", "market"])["backlog"].shift(fill_value=0.0)
        owed = before + service["demand"] - service["fulfilled"] - service["lost_sales"]
        assert owed.to_numpy() == pytest.approx(service["backlog"].to_numpy(), abs=1e-4)
        if (tables["inventory_policy"]["backlog_allowed"] == False).any():  # noqa: E712
            assert service.loc[["TENT-1", "TENT-2"], "backlog"].max() < 1e-4
        else:
            assert service["lost_sales"].max() < 1e-4

    def test_works_the_hours_that_its_products_take(self, case):
        tables, plans = case
        workforce = plans.workforce_plan
        worked = workforce["regular_hours"] + workforce["overtime_hours"]
        assert (worked <= workforce["capacity_hours"] + 1e-4).all()
        hours = tables["routings"].merge(tables["resources"][["resource", "site"]], on="resource")
        made = plans.supply_plan.merge(hours, on=["product", "site"])
        taken = (made[["regular", "overtime"]].sum(axis=1) * made["hours_per_unit"]).sum()
        assert taken == pytest.approx(
            workforce[["regular_hours", "overtime_hours"]].to_numpy().sum()
        )

    def test_buys_no_more_of_a_product_than_can_be_had(self, case):
        tables, plans = case
        most = (
            tables["unit_economics"].groupby("product")["subcontract_limit"].first().fillna(np.inf)
        )
        bought = plans.supply_plan.groupby(["product", "period"])["subcontract"].sum()
        assert (bought - most.reindex(bought.index, level="product") < 1e-4).all()

    def test_costs_the_sum_of_its_items(self, case):
        plans = case[1]
        total = costs_by_strategy(plans.strategy_comparison).groupby("strategy")["cost"].sum()
        service = measures_by_strategy(plans.strategy_comparison)["cost"]
        assert total[service.index].to_numpy() == pytest.approx(service.to_numpy())

    def test_is_near_the_plan_of_single_products(self, case):
        tables, plans = case
        full = review(tables)
        assert len(plans.aggregation_check) == 2
        assert len(full.aggregation_check) == 0
        mine, exact = (
            measures_by_strategy(p.strategy_comparison).loc["optimal"] for p in (plans, full)
        )
        assert mine["cost"] == pytest.approx(exact["cost"], rel=0.05)
        assert mine["fill_rate"] == pytest.approx(exact["fill_rate"], abs=0.05)

    def test_checks_a_sample_against_the_plan_of_single_products(self, case):
        tables, plans = case
        check = plans.aggregation_check.set_index("product")
        exact = review(tables).supply_plan
        alone = exact[MADE].sum(axis=1).groupby(exact["product"]).sum()
        mine = plans.supply_plan
        made = mine[MADE].sum(axis=1).groupby(mine["product"]).sum()
        assert check["produced_exact"].to_dict() == pytest.approx(
            alone[check.index].to_dict(), rel=1e-6
        )
        assert check["produced_grouped"].to_dict() == pytest.approx(
            made[check.index].to_dict(), rel=1e-6
        )


def test_rows_in_another_order_give_the_same_plan():
    tables = shop(on_hand=(300, 20, 10))
    mixed = {
        name: t
        if name == "planning_periods"
        else t.sample(frac=1, random_state=3, ignore_index=True)
        for name, t in tables.items()
    }
    for mine, other in zip(grouped(tables), grouped(mixed), strict=True):
        assert_frame_equal(mine, other)


def test_a_company_whose_products_are_all_different_gets_the_plan_of_single_products():
    tables = two_families()
    for mine, full in zip(grouped(tables), review(tables), strict=True):
        assert_frame_equal(mine, full)


def test_a_product_by_itself_beside_groups_is_planned_as_without_them():
    tables = shop()
    tables.pop("storage_capacity")  # which all products share
    mine, full = grouped(tables).supply_plan, review(tables).supply_plan
    columns = [*MADE, "shipped", "inventory"]
    assert mine.loc[mine["product"] == "TENT-3", columns].to_numpy() == pytest.approx(
        full.loc[full["product"] == "TENT-3", columns].to_numpy(), abs=1e-4
    )


def test_production_frozen_as_approved_is_that_of_the_group_and_a_named_product_is_planned_alone():
    approved = table(
        "approved_supply_plans",
        """
        cycle   product site    period  regular overtime subcontract
        2026-09 TENT-1  alpine  2026-10 50      0        0
        2026-09 TENT-2  alpine  2026-10 20      0        0
        """,
    )
    fence = table(
        "planning_fences",
        "kind item months limit owner reason\nfrozen_production - 1 - Larsen cut",
    )
    tables = shop(
        approved_supply_plans=approved,
        planning_fences=fence,
        company_settings=company_settings(1),
    )
    plans = review(tables)
    rows = plans.planning_rules
    assert rows["item"].tolist() == ["tents group 1"]
    assert rows["breach"].tolist() == [0]
    made = plans.supply_plan.query("site == 'alpine'")
    made = made[made["period"] == made["period"].min()]
    hours = dict(zip(made["product"], made["regular"] + made["overtime"], strict=True))
    assert hours["TENT-1"] * 1 + hours["TENT-2"] * 3 == pytest.approx(50 * 1 + 20 * 3)
    named = table(
        "plan_overrides",
        "kind item site period fixed author reason\nproduction TENT-1 alpine 2026-11 33 x y",
    )
    alone = review(tables | {"plan_overrides": named}).planning_rules
    assert {"TENT-1", "TENT-2"} <= set(alone["item"])
