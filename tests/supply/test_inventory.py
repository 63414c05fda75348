"""Stock targets: safety stock, cover, bounds, and which site holds what."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from planning import demand, months

from sopkit.supply.inventory import inventory_targets, months_covered, site_demand
from sopkit.tables import conform

ONE_SITE = "product site on_hand makes\nTENT-1 plant 0 yes"
TWO_SITES = "product site on_hand makes\nTENT-1 alpine 0 yes\nTENT-1 harbour 0 yes"


def uncertain(plan, deviation):
    """The same plan with an 80 % interval of a standard deviation on both sides of the mean."""
    return plan.assign(
        low=plan["consensus"] - 1.2816 * deviation, high=plan["consensus"] + 1.2816 * deviation
    )


def policy(text):
    return table("inventory_policy", text)


class TestSafetyStock:
    def test_of_1_000_units_gives_a_cycle_service_level_of_92_percent(self):
        """B&M Office Supplies: Chopra & Meindl, Supply Chain Management, safety inventory chapter.

        Weekly demand deviates by 500, the exposure is two weeks; a safety stock of 1,000 serves 0.92 of cycles.
        """
        horizon = months(3)
        plan = uncertain(demand(horizon, {("TENT-1", "north"): [10_000] * 3}), 500 * np.sqrt(2))
        targets = inventory_targets(
            horizon,
            plan,
            table("network", "site market freight_cost\nplant north 0"),
            table("product_sites", ONE_SITE),
            policy("product site service_level\nTENT-1 - 0.9214"),
        )
        assert targets["safety_stock"].tolist() == pytest.approx([1000] * 3, rel=1e-3)

    def test_serves_95_percent_when_no_policy_is_known(self):
        horizon = months(2)
        plan = uncertain(demand(horizon, {("TENT-1", "north"): [100, 100]}), 10)
        network = table("network", "site market freight_cost\nplant north 0")
        targets = inventory_targets(horizon, plan, network, table("product_sites", ONE_SITE))
        assert targets["safety_stock"].tolist() == pytest.approx([16.45, 16.45], abs=0.01)

    def test_pools_the_markets_of_a_site(self):
        # Deviations of 30 and 40 together deviate by 50.
        horizon = months(1)
        plan = demand(horizon, {("TENT-1", "north"): [100], ("TENT-1", "south"): [100]})
        plan = uncertain(plan, np.array([30.0, 40.0]))
        network = table("network", "site market freight_cost\nplant north 0\nplant south 0")
        targets = inventory_targets(horizon, plan, network, table("product_sites", ONE_SITE))
        assert targets["safety_stock"].item() == pytest.approx(1.645 * 50, abs=0.05)

    def test_looks_at_the_month_that_follows(self):
        horizon = months(3)
        plan = uncertain(demand(horizon, {("TENT-1", "north"): [100] * 3}), np.array([0.0, 10.0, 20.0]))
        network = table("network", "site market freight_cost\nplant north 0")
        targets = inventory_targets(horizon, plan, network, table("product_sites", ONE_SITE))
        # The month after a short horizon is taken like its mean month.
        assert targets["safety_stock"].tolist() == pytest.approx([16.45, 32.90, 16.45], abs=0.01)

    def test_cannot_promise_that_a_stock_out_never_happens(self):
        horizon = months(1)
        plan = demand(horizon, {("TENT-1", "north"): [100]})
        network = table("network", "site market freight_cost\nplant north 0")
        with pytest.raises(ValueError) as error:
            inventory_targets(
                horizon,
                plan,
                network,
                table("product_sites", ONE_SITE),
                policy("product site service_level\nTENT-1 - 1"),
            )
        assert str(error.value) == (
            "inventory_policy: service_level must be below 1; product=TENT-1  site=plant has 1\n"
            "  No stock makes a stock-out impossible. Write 0.999 or less."
        )


class TestTarget:
    def targets(self, rules, wanted):
        horizon = months(len(wanted))
        plan = demand(horizon, {("TENT-1", "north"): wanted})
        network = table("network", "site market freight_cost\nplant north 0")
        sites = table("product_sites", ONE_SITE)
        return inventory_targets(horizon, plan, network, sites, policy(rules))["target_inventory"].tolist()

    def test_covers_coming_months_and_a_part_of_the_next(self):
        # 1.5 months of the demand that follows; after the horizon the mean month of 250.
        target = self.targets("product site target_cover_months\nTENT-1 - 1.5", [100, 200, 300, 400])
        assert target == pytest.approx([200 + 150, 300 + 200, 400 + 125, 250 + 125])

    def test_takes_the_months_after_a_year_like_those_a_year_before(self):
        wanted = [10.0 * month for month in range(1, 13)]
        target = self.targets("product site target_cover_months\nTENT-1 - 1", wanted)
        assert target == pytest.approx([*wanted[1:], 10.0])

    def test_stays_between_the_least_and_the_most_stock(self):
        rules = "product site target_cover_months min_inventory max_inventory\nTENT-1 - 1 150 250"
        assert self.targets(rules, [0, 100, 200, 300]) == pytest.approx([150, 200, 250, 150])

    def test_ends_with_the_stock_that_is_wanted_at_the_end(self):
        rules = "product site target_cover_months ending_inventory\nTENT-1 - 1 7"
        assert self.targets(rules, [100, 100, 100]) == pytest.approx([100, 100, 7])


class TestSites:
    network = """
    site    market freight_cost
    alpine  north  1
    harbour north  2
    alpine  south  3
    harbour south  3
    """

    def test_share_a_market_that_costs_them_the_same_and_leave_others_to_the_nearer(self):
        horizon = months(1)
        plan = demand(horizon, {("TENT-1", "north"): [100], ("TENT-1", "south"): [60]})
        shared = site_demand(plan, table("network", self.network), table("product_sites", TWO_SITES))
        assert shared.set_index("site")["demand"].to_dict() == {"alpine": 130, "harbour": 30}

    def test_that_only_hold_a_product_are_counted_on_by_no_market(self):
        horizon = months(1)
        plan = demand(horizon, {("TENT-1", "north"): [100]})
        sites = table("product_sites", "product site on_hand makes\nTENT-1 alpine 9 no\nTENT-1 harbour 0 yes")
        assert site_demand(plan, table("network", self.network), sites)["site"].tolist() == ["harbour"]

    def test_share_the_units_of_a_rule_for_the_whole_product_as_they_share_demand(self):
        horizon = months(1)
        plan = demand(horizon, {("TENT-1", "north"): [100], ("TENT-1", "south"): [60]})
        targets = inventory_targets(
            horizon,
            plan,
            table("network", self.network),
            table("product_sites", TWO_SITES),
            policy("product site min_inventory\nTENT-1 - 320"),
        )
        assert targets["target_inventory"].tolist() == pytest.approx([260, 60])

    def test_follow_their_own_rule_before_that_of_the_product(self):
        horizon = months(1)
        plan = demand(horizon, {("TENT-1", "north"): [100], ("TENT-1", "south"): [60]})
        targets = inventory_targets(
            horizon,
            plan,
            table("network", self.network),
            table("product_sites", TWO_SITES),
            policy("product site min_inventory\nTENT-1 - 320\nTENT-1 alpine 5"),
        )
        assert targets["target_inventory"].tolist() == pytest.approx([5, 60])

    def test_must_hold_the_product_to_have_a_rule(self):
        horizon = months(1)
        plan = demand(horizon, {("TENT-1", "north"): [100]})
        network, sites = table("network", self.network), table("product_sites", TWO_SITES)
        with pytest.raises(ValueError, match="product=TENT-1  site=moon"):
            inventory_targets(
                horizon, plan, network, sites, policy("product site min_inventory\nTENT-1 moon 5")
            )


def test_targets_fit_the_vocabulary_whatever_the_order_of_rows():
    horizon = months(3)
    plan = uncertain(demand(horizon, {("TENT-1", "north"): [100] * 3, ("TENT-1", "south"): [60] * 3}), 5)
    network, sites = table("network", TestSites.network), table("product_sites", TWO_SITES)
    targets = inventory_targets(horizon, plan, network, sites)
    turned = inventory_targets(horizon, plan[::-1], network[::-1], sites[::-1])
    pd.testing.assert_frame_equal(conform("inventory_targets", targets), targets)
    pd.testing.assert_frame_equal(turned, targets)


def test_stock_that_outlasts_the_horizon_has_no_known_cover():
    stock, wanted = np.array([[30.0, 500.0, 0.0, 10.0]]), np.array([[10.0, 20.0, 20.0, 20.0]])
    assert months_covered(stock, wanted)[0].tolist() == pytest.approx([1.5, np.nan, 0, np.nan], nan_ok=True)
