"""Stock targets: safety stock, cover, bounds, and which site holds what."""

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same_table, table
from planning import demand, months

from sopkit.master_data.safety_stock import Exposure, safety_stock
from sopkit.master_data.stock_policy import site_demand
from sopkit.model.comparison import of_record
from sopkit.model.quantities import months_covered
from sopkit.supply.inventory_targets import (
    exposure_spread,
    inventory_targets,
    projected_inventory,
)
from sopkit.tables import conform

ONE_SITE = "product site on_hand produced_here\nTENT-1 plant 0 yes"
TWO_SITES = "product site on_hand produced_here\nTENT-1 alpine 0 yes\nTENT-1 harbour 0 yes"


def uncertain(plan, deviation):
    """The same plan with an 80 % interval of a standard deviation on both sides of the mean."""
    return plan.assign(
        lower_80=plan["consensus"] - 1.2816 * deviation,
        upper_80=plan["consensus"] + 1.2816 * deviation,
    )


def policy(text):
    return table("inventory_policy", text)


def band(rules, mean, deviation=0.0, products=None):
    """Targets of one product at one site by the textbooks' normal distribution.

    `mean` holds its demand by month, `rules` a policy's columns and values.
    """
    rules = rules if "demand_distribution" in rules else f"{rules} demand_distribution=normal"
    planning_periods = months(len(mean))
    plan = uncertain(demand(planning_periods, {("TENT-1", "north"): mean}), deviation)
    names, values = zip(*(rule.split("=") for rule in rules.split()), strict=True)
    return inventory_targets(
        planning_periods,
        plan,
        table("sourcing_network", "site market freight_cost\nplant north 0"),
        table("item_locations", ONE_SITE),
        policy(f"product site {' '.join(names)}\nTENT-1 - {' '.join(values)}"),
        products,
    )


def first(targets, column):
    return targets[column].iloc[0]


class TestSafetyStock:
    def test_of_1_000_units_gives_a_cycle_service_level_of_92_percent(self):
        """B&M Office Supplies: Chopra & Meindl, Supply Chain Management, safety inventory chapter.

        Weekly demand deviates by 500, the exposure is two weeks; a safety stock of 1,000 serves 0.92 of cycles.
        """
        planning_periods = months(3)
        plan = uncertain(
            demand(planning_periods, {("TENT-1", "north"): [10_000] * 3}), 500 * np.sqrt(2)
        )
        targets = inventory_targets(
            planning_periods,
            plan,
            table("sourcing_network", "site market freight_cost\nplant north 0"),
            table("item_locations", ONE_SITE),
            policy("product site target_service_level demand_distribution\nTENT-1 - 0.9214 normal"),
        )
        assert targets["safety_stock"].tolist() == pytest.approx([1000] * 3, rel=1e-3)

    def test_serves_95_percent_when_no_policy_is_known(self):
        planning_periods = months(2)
        plan = uncertain(demand(planning_periods, {("TENT-1", "north"): [100, 100]}), 10)
        sourcing_network = table("sourcing_network", "site market freight_cost\nplant north 0")
        targets = inventory_targets(
            planning_periods, plan, sourcing_network, table("item_locations", ONE_SITE)
        )
        assert targets["safety_stock"].tolist() == pytest.approx([18.8, 18.8], abs=0.01)

    def test_pools_the_markets_of_a_site(self):
        # Deviations of 30 and 40 together deviate by 50.
        planning_periods = months(1)
        plan = demand(planning_periods, {("TENT-1", "north"): [100], ("TENT-1", "south"): [100]})
        plan = uncertain(plan, np.array([30.0, 40.0]))
        sourcing_network = table(
            "sourcing_network", "site market freight_cost\nplant north 0\nplant south 0"
        )
        targets = inventory_targets(
            planning_periods, plan, sourcing_network, table("item_locations", ONE_SITE)
        )
        assert targets["safety_stock"].item() == pytest.approx(1.88 * 50, abs=0.01)

    def test_looks_at_the_month_that_follows(self):
        planning_periods = months(3)
        plan = uncertain(
            demand(planning_periods, {("TENT-1", "north"): [100] * 3}), np.array([0.0, 10.0, 20.0])
        )
        sourcing_network = table("sourcing_network", "site market freight_cost\nplant north 0")
        targets = inventory_targets(
            planning_periods, plan, sourcing_network, table("item_locations", ONE_SITE)
        )
        # The month after a short horizon is taken like its mean month.
        assert targets["safety_stock"].tolist() == pytest.approx([18.8, 37.6, 18.8], abs=0.01)


class TestExposure:
    """Safety stock lasts until what is ordered at the next review arrives: a month and the lead time."""

    def test_of_a_month_and_two_weeks_asks_for_1_570_units_and_orders_up_to_16_570(self):
        """Lego at Walmart, periodic review: Chopra & Meindl, Supply Chain Management, safety inventory chapter.

        Weekly demand is 2,500 with a deviation of 500, weeks err independently; review every four weeks (our month),
        lead time two weeks (half a month), cycle service level 0.90.
        """
        targets = band(
            "target_service_level=0.9 lead_time_days=15 forecast_error_correlation=0",
            [4 * 2500.0] * 6,
            np.sqrt(4) * 500,
        )
        assert first(targets, "safety_stock") == pytest.approx(1570, abs=0.5)
        assert first(targets, "max_inventory") == pytest.approx(16_570, abs=0.5)

    def test_of_two_weeks_reorders_at_6_000_units(self):
        """B&M Office Supplies, reorder point: 5,000 in the lead time and 1,000 of safety stock, which serve 0.92."""
        targets = band("target_service_level=0.9214", [2 * 2500.0] * 3, np.sqrt(2) * 500)
        assert first(targets, "max_inventory") == pytest.approx(6000, abs=0.5)

    def test_adds_up_variances_of_independent_months_and_deviations_of_months_that_err_alike(self):
        deviation, exposure = np.array([[9.0, 3.0, 4.0, 0.0]]), np.array([2.0])
        spread = [exposure_spread(deviation, exposure, [share])[0, 0] for share in (0, 1, 0.4)]
        assert spread == pytest.approx([5, 7, np.sqrt(0.4 * 49 + 0.6 * 25)])

    def test_takes_a_part_of_its_last_month(self):
        deviation, exposure = np.array([[0.0, 10.0, 10.0, 10.0]]), np.array([1.5])
        assert exposure_spread(deviation, exposure, [0])[0, 0] == pytest.approx(np.sqrt(100 + 50))
        assert exposure_spread(deviation, exposure, [1])[0, 0] == pytest.approx(15)

    def test_takes_four_tenths_of_the_variance_as_common_when_the_policy_does_not_say(self):
        targets = band("target_service_level=0.95 lead_time_days=30", [100.0] * 6, 10)
        assert first(targets, "safety_stock") == pytest.approx(
            1.6449 * np.sqrt(0.4 * 400 + 0.6 * 200), abs=0.01
        )


class TestFillRate:
    """Chopra & Meindl, Supply Chain Management, safety inventory chapter: expected shortage / lot of 10,000."""

    def test_of_97_5_percent_takes_67_units(self):
        targets = band("target_fill_rate=0.975", [10_000.0] * 3, np.sqrt(2) * 500)
        assert first(targets, "safety_stock") == pytest.approx(67, abs=0.5)

    def test_of_99_75_percent_is_what_1_000_units_give(self):
        # The book's expected shortage of B&M is 25 units a lot.
        targets = band("target_fill_rate=0.9975", [10_000.0] * 3, np.sqrt(2) * 500)
        assert first(targets, "safety_stock") == pytest.approx(1000, abs=5)

    def test_goes_before_the_service_level(self):
        both = band(
            "target_service_level=0.99 target_fill_rate=0.975", [10_000.0] * 3, np.sqrt(2) * 500
        )
        assert first(both, "safety_stock") == pytest.approx(67, abs=0.5)

    def test_needs_no_stock_where_little_can_be_short_or_nothing_is_wanted(self):
        assert first(band("target_fill_rate=0.9", [1000.0] * 3, 10), "safety_stock") == 0
        assert first(band("target_fill_rate=0.99", [0.0] * 3, 10), "safety_stock") == 0


class TestDistributionOfDemand:
    """Without the normal formula, stock is a quantile of demand over the exposure."""

    def test_as_measured_has_a_longer_tail_than_the_normal_one(self):
        # 2.45 deviations hold 97.5 % of sums of forecast errors; the normal 1.96 held fewer.
        rules = "target_service_level=0.975 demand_distribution="
        measured = first(band(rules + "measured", [100.0] * 3, 10), "safety_stock")
        assert measured == pytest.approx(24.5, abs=0.01)
        assert first(band(rules + "normal", [100.0] * 3, 10), "safety_stock") == pytest.approx(
            19.6, abs=0.01
        )

    def test_of_a_service_level_of_one_half_needs_no_stock(self):
        rules = "target_service_level=0.5 demand_distribution=measured"
        assert first(band(rules, [100.0] * 3, 10), "safety_stock") == 0

    def test_of_a_fill_rate_is_the_stock_beyond_which_the_rest_is_expected(self):
        # Without stock 0.44 deviations are short on average, more than a normal distribution's 0.40.
        exposure = Exposure(*map(np.array, (100.0, 10.0, False, False)))
        assert safety_stock(exposure, np.nan, 0.9, 5.0) == 0
        some = safety_stock(exposure, np.nan, 0.99, 1.0)
        assert safety_stock(exposure, np.nan, 0.999, 0.1) > 2 * some > 0

    def test_of_what_sells_now_and_then_is_that_of_a_gamma_distribution(self):
        # As uncertain as its mean is large: exponential, whose quantile is -ln(1 - p) times the mean,
        # and of which e^(-x / mean) of the mean is wanted beyond x.
        exposure = Exposure(*map(np.array, (10.0, 10.0, True, False)))
        assert safety_stock(exposure, 0.95, np.nan, 0.0) == pytest.approx(-10 * np.log(0.05) - 10)
        assert safety_stock(exposure, np.nan, 0.99, 0.1) == pytest.approx(
            -10 * np.log(0.01) - 10, abs=1e-3
        )

    def test_of_what_hardly_sells_may_be_no_stock_at_all(self):
        exposure = Exposure(*map(np.array, (0.1, 0.5, True, False)))
        assert safety_stock(exposure, 0.9, np.nan, 0.0) < 0.2

    def test_comes_from_the_plan_where_the_forecast_says_so(self):
        planning_periods = months(2)
        plan = demand(planning_periods, {("TENT-1", "north"): [10.0, 10.0]})
        targets = inventory_targets(
            planning_periods,
            plan.assign(demand_std=10.0, zero_probability=0.5),
            table("sourcing_network", "site market freight_cost\nplant north 0"),
            table("item_locations", ONE_SITE),
        )
        assert targets["safety_stock"].tolist() == pytest.approx([-10 * np.log(0.05) - 10] * 2)


class TestMostStock:
    def test_is_the_least_of_what_the_policy_says(self):
        targets = band("max_cover_months=2 max_inventory=450", [0.0, 100, 200, 300, 400, 0])
        assert targets["max_inventory"].tolist()[:3] == pytest.approx([300, 450, 450])

    def test_is_never_below_the_stock_that_is_wanted_at_the_end(self):
        targets = band("max_inventory=5 ending_inventory=7", [10.0, 10, 10])
        assert targets["max_inventory"].tolist() == pytest.approx([5, 5, 7])

    def test_and_target_are_sold_within_the_shelf_life(self):
        products = table(
            "products", "product family unit_of_measure shelf_life_months\nTENT-1 tents piece 2"
        )
        targets = band("target_cover_months=3 max_cover_months=4", [100.0] * 8, products=products)
        assert targets["target_inventory"].tolist() == pytest.approx([200] * 8)
        assert targets["max_inventory"].tolist() == pytest.approx([200] * 8)


class TestTarget:
    def targets(self, rules, wanted):
        names, values = rules.split("\n")
        pairs = zip(names.split()[2:], values.split()[2:], strict=True)
        rules = " ".join(f"{name}={value}" for name, value in pairs)
        return band(rules, [float(units) for units in wanted])["target_inventory"].tolist()

    def test_covers_coming_months_and_a_part_of_the_next(self):
        # 1.5 months of the demand that follows; after the horizon the mean month of 250.
        target = self.targets(
            "product site target_cover_months\nTENT-1 - 1.5", [100, 200, 300, 400]
        )
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
    sourcing_network = """
    site    market freight_cost
    alpine  north  1
    harbour north  2
    alpine  south  3
    harbour south  3
    """

    def test_share_a_market_that_costs_them_the_same_and_leave_others_to_the_nearer(self):
        planning_periods = months(1)
        plan = demand(planning_periods, {("TENT-1", "north"): [100], ("TENT-1", "south"): [60]})
        shared = site_demand(
            plan,
            table("sourcing_network", self.sourcing_network),
            table("item_locations", TWO_SITES),
        )
        assert shared.set_index("site")["demand"].to_dict() == {"alpine": 130, "harbour": 30}

    def test_that_only_hold_a_product_are_counted_on_by_no_market(self):
        planning_periods = months(1)
        plan = demand(planning_periods, {("TENT-1", "north"): [100]})
        sites = table(
            "item_locations",
            "product site on_hand produced_here\nTENT-1 alpine 9 no\nTENT-1 harbour 0 yes",
        )
        assert site_demand(plan, table("sourcing_network", self.sourcing_network), sites)[
            "site"
        ].tolist() == ["harbour"]

    def test_share_the_units_of_a_rule_for_the_whole_product_as_they_share_demand(self):
        planning_periods = months(1)
        plan = demand(planning_periods, {("TENT-1", "north"): [100], ("TENT-1", "south"): [60]})
        targets = inventory_targets(
            planning_periods,
            plan,
            table("sourcing_network", self.sourcing_network),
            table("item_locations", TWO_SITES),
            policy("product site min_inventory\nTENT-1 - 320"),
        )
        assert targets["target_inventory"].tolist() == pytest.approx([260, 60])

    def test_follow_their_own_rule_before_that_of_the_product(self):
        planning_periods = months(1)
        plan = demand(planning_periods, {("TENT-1", "north"): [100], ("TENT-1", "south"): [60]})
        targets = inventory_targets(
            planning_periods,
            plan,
            table("sourcing_network", self.sourcing_network),
            table("item_locations", TWO_SITES),
            policy("product site min_inventory\nTENT-1 - 320\nTENT-1 alpine 5"),
        )
        assert targets["target_inventory"].tolist() == pytest.approx([5, 60])

    def test_must_hold_the_product_to_have_a_rule(self):
        planning_periods = months(1)
        plan = demand(planning_periods, {("TENT-1", "north"): [100]})
        sourcing_network, sites = (
            table("sourcing_network", self.sourcing_network),
            table("item_locations", TWO_SITES),
        )
        with pytest.raises(ValueError, match="product=TENT-1  site=moon"):
            inventory_targets(
                planning_periods,
                plan,
                sourcing_network,
                sites,
                policy("product site min_inventory\nTENT-1 moon 5"),
            )


def test_targets_fit_the_vocabulary_whatever_the_order_of_rows():
    planning_periods = months(3)
    plan = uncertain(
        demand(planning_periods, {("TENT-1", "north"): [100] * 3, ("TENT-1", "south"): [60] * 3}), 5
    )
    sourcing_network, sites = (
        table("sourcing_network", TestSites.sourcing_network),
        table("item_locations", TWO_SITES),
    )
    targets = inventory_targets(planning_periods, plan, sourcing_network, sites)
    turned = inventory_targets(planning_periods, plan[::-1], sourcing_network[::-1], sites[::-1])
    pd.testing.assert_frame_equal(conform("inventory_targets", targets), targets)
    pd.testing.assert_frame_equal(turned, targets)


def test_stock_that_outlasts_the_horizon_has_no_known_cover():
    stock, wanted = np.array([[30.0, 500.0, 0.0, 10.0]]), np.array([[10.0, 20.0, 20.0, 20.0]])
    assert months_covered(stock, wanted)[0].tolist() == pytest.approx(
        [1.5, np.nan, 0, np.nan], nan_ok=True
    )


class TestPositions:
    """Where projected stock stands against its band."""

    def stand(self, inventory):
        targets = table(
            "inventory_targets",
            "product site period safety_stock target_inventory max_inventory\nTENT-1 plant 2026-10 20 50 100",
        )
        plan = table(
            "supply_plan",
            "product site period opening_inventory regular overtime subcontract scheduled_receipts shipped inventory"
            " target_inventory months_of_supply\n"
            f"TENT-1 plant 2026-10 0 0 0 0 0 0 {inventory} 50 0.5",
        )
        row = projected_inventory(plan, targets)
        return row["stock_position"].item(), row["shortfall"].item(), row["excess"].item()

    def test_are_told_apart_by_safety_stock_target_and_most_stock(self):
        assert self.stand(10) == ("below_safety", 40, 0)
        assert self.stand(30) == ("below_target", 20, 0)
        assert self.stand(50) == self.stand(100) == ("on_target", 0, 0)
        assert self.stand(130) == ("excess", 0, 30)

    def test_are_not_moved_by_the_rounding_of_sums(self):
        assert self.stand(49.9999999) == ("on_target", 0, 0)

    def test_fit_the_vocabulary_and_miss_targets_by_what_the_review_says(self, plan):
        stock = plan["projected_inventory"]
        record = of_record(plan["strategy_comparison"])
        assert stock["shortfall"].sum() == pytest.approx(record["below_target"])
        again = projected_inventory(plan["supply_plan"][::-1], plan["inventory_targets"][::-1])
        again = again.sort_values(["product", "site", "period"], ignore_index=True)
        assert_same_table(conform("projected_inventory", again), stock)

    def test_of_planr_are_its_ratios_to_the_least_and_its_units_over_the_most(self):
        """The R package planr's own test: least two, most four months of coming demand."""
        wanted = [360, 458, 300, 264, 140, 233, 229, 208, 260, 336, 295, 226]
        wanted += [336, 434, 276, 240, 116, 209, 205, 183, 235, 312, 270, 201]
        stock = [
            950,
            492,
            192,
            0,
            0,
            2055,
            1826,
            1618,
            1358,
            1022,
            727,
            501,
            165,
            0,
            0,
            1215,
            1099,
            890,
            685,
        ]
        ratio = [
            1.25,
            0.87,
            0.48,
            0,
            0,
            4.7,
            3.9,
            2.71,
            2.15,
            1.96,
            1.29,
            0.65,
            0.23,
            0,
            0,
            3.74,
            2.65,
            2.29,
            1.64,
        ]
        excess = [0, 0, 0, 0, 0, 1022, 727, 501, 165, 0, 0, 0, 0, 0, 0, 502, 267, 0, 0]
        targets = band(
            "target_cover_months=2 max_cover_months=4", [float(units) for units in wanted]
        )
        plan = targets.iloc[: len(stock)][["product", "site", "period"]].assign(
            inventory=np.array(stock, dtype=float), months_of_supply=np.nan
        )
        row = projected_inventory(plan, targets)
        assert (row["inventory"] / row["target_inventory"]).tolist() == pytest.approx(
            ratio, abs=0.0051
        )
        assert row["excess"].tolist() == pytest.approx(excess)
