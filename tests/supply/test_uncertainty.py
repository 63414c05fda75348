"""Demand risk: the plan itself without uncertainty, the normal approximation by hand, the same answer every time."""

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same_table, table
from pandas.testing import assert_frame_equal
from planning import call, demand, months, review
from test_strategies import two_families

from sopkit.master_data.safety_stock import Exposure, safety_stock
from sopkit.supply.demand_draws import drawn_demand, normal_draws
from sopkit.supply.risk_simulation import demand_risk
from sopkit.tables import conform

CHANCE = 0.02  # two standard errors of a chance of one in ten, from a thousand draws
SAFETY = 16.449  # keeps a deviation of 10 units from a stock-out in 95 cases of 100


def tables_of(inventory, low, high, mean=1000.0, backlog=0.0, policy=None):
    """A plan of record for TENT-1, from one site to one market, with this stock at each month's end."""
    planning_periods = months(len(inventory))
    keys = pd.DataFrame({"product": "TENT-1", "period": planning_periods["period"]})
    stock = keys.assign(site="plant", inventory=np.asarray(inventory, dtype=float))
    return {
        "planning_periods": planning_periods,
        "demand_plan": demand(
            planning_periods, {("TENT-1", "north"): [mean] * len(inventory)}
        ).assign(lower_80=low, upper_80=high),
        "supply_plan": stock,
        "distribution_plan": keys.assign(site="plant", market="north", shipped=mean),
        "constrained_demand": keys.assign(market="north", backlog=backlog, lost_sales=0.0),
        "inventory_policy": None if policy is None else table("inventory_policy", policy),
    }


def risk(inventory, deviation=10.0, **more):
    """The risk of that plan with a symmetric 80 % interval around 1,000 units a month."""
    reach = 1.28155 * deviation
    return call(
        demand_risk, tables_of(inventory, 1000 - reach, 1000 + reach, **more)
    ).inventory_risk


@pytest.fixture(scope="module")
def scarce():
    """Too few hours for the season, and customers of the stove who do not wait."""
    tables = two_families()
    tables["resources"] = tables["resources"].assign(max_workers=1.0)
    policy = tables["inventory_policy"]
    tables["inventory_policy"] = policy.assign(backlog_allowed=policy["product"] != "STOVE-1")
    return {**tables, **review(tables)._asdict()}


class TestWithoutUncertainty:
    """Intervals of no width: every draw is the plan."""

    def test_stock_is_that_of_the_plan(self, scarce):
        found = call(demand_risk, scarce).inventory_risk
        planned = scarce["supply_plan"]
        for column in ("inventory_low", "inventory_median", "inventory_high"):
            assert found[column].to_numpy() == pytest.approx(planned["inventory"].to_numpy())

    def test_unmet_is_the_backlog_and_lost_sales_of_the_plan(self, scarce):
        found = call(demand_risk, scarce).inventory_risk
        planned = scarce["constrained_demand"].copy()
        planned["unmet"] = planned["backlog"] + planned["lost_sales"]
        assert planned.groupby("product")["unmet"].sum().min() > 0
        both = [rows.groupby(["product", "period"])["unmet"].sum() for rows in (found, planned)]
        assert both[0].to_numpy() == pytest.approx(both[1].to_numpy())

    def test_a_stock_out_is_certain_where_the_plan_has_one_and_impossible_elsewhere(self, scarce):
        found = call(demand_risk, scarce).inventory_risk
        assert set(found["stock_out_probability"]) == {0.0, 1.0}
        assert (found["stock_out_probability"] == (found["unmet"] > 0)).all()

    def test_service_of_all_is_that_of_the_plan(self, scarce):
        found = call(demand_risk, scarce).service_risk
        planned = scarce["constrained_demand"].copy()
        planned["late"] = np.minimum(planned["backlog"] + planned["lost_sales"], planned["demand"])
        total = planned.groupby("period")[["demand", "late"]].sum()
        wanted = (1 - total["late"] / total["demand"]).to_numpy()
        assert found["fill_rate"].to_numpy() == pytest.approx(wanted)
        assert found["service_low_ratio"].to_numpy() == pytest.approx(wanted)


class TestOneProduct:
    """Demand of 1,000 a month with a deviation of 10 is as good as normal."""

    def test_with_safety_stock_for_95_percent_is_out_of_stock_in_one_month_of_twenty(self):
        first = risk([SAFETY]).iloc[0]
        assert first["stock_out_probability"] == pytest.approx(0.05, abs=CHANCE)

    def test_is_short_of_the_units_of_the_loss_function_on_average(self):
        # 10 x G(1.645) = 0.209 units with safety stock, 10 x G(0) = 3.989 without.
        assert risk([SAFETY])["unmet"].item() == pytest.approx(0.209, abs=0.06)
        assert risk([0.0])["unmet"].item() == pytest.approx(3.989, abs=0.3)
        assert risk([0.0])["fill_rate"].item() == pytest.approx(1 - 0.003989, abs=0.0003)

    def test_has_stock_around_the_plan_by_the_deviation(self):
        row = risk([500.0]).iloc[0]
        found = row[["inventory_low", "inventory_median", "inventory_high"]].tolist()
        assert found == pytest.approx([500 - 12.8, 500, 500 + 12.8], abs=1.0)

    @pytest.mark.parametrize(("share", "chance"), [("0", 0.1224), ("-", 0.1628), ("1", 0.2054)])
    def test_errs_more_after_two_months_the_more_the_months_have_in_common(self, share, chance):
        # The deviation of both months together is 14.14, 16.73 or 20; 16.449 units of stock are 1.163, 0.983, 0.822 of it.
        policy = f"product site forecast_error_correlation\nTENT-1 - {share}"
        second = risk([SAFETY, SAFETY], policy=policy).iloc[1]
        assert second["stock_out_probability"] == pytest.approx(chance, abs=CHANCE)

    def test_owes_what_is_unmet_until_stock_comes_but_loses_it_where_nobody_waits(self):
        # Months that err alike: two months owe twice the units of one; what is lost is lost once a month.
        waits, leaves = (
            risk(
                [0.0, 0.0],
                policy=f"product site backlog_allowed forecast_error_correlation\nTENT-1 - {wait} 1",
            )["unmet"]
            for wait in ("yes", "no")
        )
        assert waits.tolist() == pytest.approx([3.989, 7.979], abs=0.6)
        assert leaves.tolist() == pytest.approx([3.989, 3.989], abs=0.3)

    def test_delivers_what_the_plan_owes_when_less_is_wanted(self):
        # 10 x G(2) = 0.085 units are left over when the plan owes 20 units, two deviations.
        row = risk([0.0], backlog=20.0).iloc[0]
        assert row["unmet"] == pytest.approx(20 + 0.085, abs=0.5)
        assert row["inventory_high"] == 0
        assert row["stock_out_probability"] == pytest.approx(0.977, abs=CHANCE)

    def test_wants_in_one_draw_of_ten_less_than_low_and_in_one_more_than_high(self):
        # An interval as forecasts have it: down by e^-0.3, up by 0.3.
        found = call(demand_risk, tables_of([500.0], 74.1, 130.0, mean=100.0)).inventory_risk
        assert found["inventory_low"].item() == pytest.approx(500 - 30, abs=3)
        assert found["inventory_high"].item() == pytest.approx(500 + 25.9, abs=3)

    def test_never_wants_less_than_nothing_and_keeps_its_forecast_as_the_mean(self):
        # So uncertain that a normal error would be below zero in one month of six; nothing is unmet at 2,000 units.
        found = call(demand_risk, tables_of([2000.0], 0.0, 256.3, mean=100.0))
        assert found.inventory_risk["inventory_high"].item() <= 2100
        assert found.service_risk["inventory_median"].item() > 2000


class TestNowAndThen:
    """A product that sells nothing in seven months of ten, and 10 in the others."""

    def drawn(self):
        wants = pd.DataFrame({"product": ["KIT-1"], "market": ["north"]})
        z = normal_draws(wants, 1)[:, 1]
        return drawn_demand(z, *(np.array([[each]]) for each in (3.0, 10 * np.sqrt(0.21), 0.7)))

    def test_draws_nothing_as_often_as_that_and_its_mean_is_the_forecast(self):
        assert (self.drawn() == 0).mean() == pytest.approx(0.7, abs=0.03)
        assert self.drawn().mean() == pytest.approx(3.0)

    def test_draws_the_ten_when_it_sells(self):
        sold = self.drawn()[self.drawn() > 0]
        assert sold == pytest.approx(np.full(len(sold), 10.0), rel=0.1)

    def test_asks_for_stock_that_lasts_in_as_many_draws_as_the_policy_says(self):
        # Months of one to three that sell: safety stock for 0.95 of the sum of three such months.
        wants = pd.DataFrame({"product": [f"KIT-{row}" for row in range(40)], "market": "north"})
        z = normal_draws(wants, 3)[:, 1:]
        spread = [np.full((40, 1), each) for each in (3.0, 10 * np.sqrt(0.21), 0.7)]
        total = sum(drawn_demand(z[:, month], *spread) for month in range(3))
        exposure = Exposure(*map(np.array, (9.0, 10 * np.sqrt(0.63), True, False)))
        stock = 9.0 + safety_stock(exposure, 0.95, np.nan, 0.0)
        assert (total <= stock).mean() == pytest.approx(0.95, abs=0.03)


class TestSites:
    def test_bear_the_errors_of_a_market_in_the_shares_in_which_they_send_to_it(self):
        tables = tables_of([500.0, 500.0], 872.0, 1128.0)
        harbour = tables["supply_plan"].assign(site="harbour")
        tables["supply_plan"] = pd.concat([tables["supply_plan"], harbour], ignore_index=True)
        other = tables["distribution_plan"].assign(site="harbour", shipped=[300.0, 0.0])
        tables["distribution_plan"] = pd.concat(
            [tables["distribution_plan"].assign(shipped=[700.0, 0.0]), other], ignore_index=True
        )
        found = call(demand_risk, tables).inventory_risk.set_index(["site", "period"])
        spread = (found["inventory_high"] - found["inventory_low"]) / 2.563
        assert spread["plant", "2026-10"] == pytest.approx(70, rel=0.07)
        assert spread["harbour", "2026-10"] == pytest.approx(30, rel=0.07)
        # Nothing is sent in November: errors fall where the market is served in other months.
        assert spread["harbour", "2026-11"] == pytest.approx(
            30 * np.sqrt(0.4 * 4 + 0.6 * 2), rel=0.07
        )


@pytest.fixture(scope="module")
def tables(company, plan):
    return {**company, **plan}


class TestSameAnswer:
    def test_fits_the_vocabulary_and_is_that_of_the_cycle(self, tables, plan):
        for name, found in call(demand_risk, tables)._asdict().items():
            assert_frame_equal(conform(name, found), found)
            assert_same_table(plan[name], found)

    def test_whatever_the_order_of_rows(self, tables):
        names = (
            "demand_plan",
            "supply_plan",
            "distribution_plan",
            "constrained_demand",
            "inventory_policy",
        )
        turned = {**tables, **{name: tables[name][::-1] for name in names}}
        for one, other in zip(call(demand_risk, tables), call(demand_risk, turned), strict=True):
            assert_frame_equal(one, other)

    def test_of_a_product_whatever_else_is_planned(self, tables):
        chosen = ["TENT-2", "WEAR-6"]
        names = (
            "demand_plan",
            "supply_plan",
            "distribution_plan",
            "constrained_demand",
            "inventory_policy",
        )
        alone = {name: tables[name][tables[name]["product"].isin(chosen)] for name in names}
        among = call(demand_risk, tables).inventory_risk
        among = among[among["product"].isin(chosen)].reset_index(drop=True)
        assert_frame_equal(call(demand_risk, {**tables, **alone}).inventory_risk, among)

    def test_of_products_in_many_blocks_as_in_one(self):
        tables = tables_of([20.0, 30.0], 900.0, 1100.0)
        one = call(demand_risk, tables).inventory_risk
        codes = [f"A-{number}" for number in range(150)]
        for name in ("demand_plan", "supply_plan", "distribution_plan", "constrained_demand"):
            more = [tables[name].assign(product=code) for code in codes]
            tables[name] = pd.concat([*more, tables[name]], ignore_index=True)
        many = call(demand_risk, tables)
        last = many.inventory_risk[many.inventory_risk["product"] == "TENT-1"].reset_index(
            drop=True
        )
        assert_frame_equal(last, one)
        assert many.service_risk["unmet"].to_numpy() == pytest.approx(
            many.inventory_risk.groupby("period")["unmet"].sum().to_numpy()
        )
