"""Allocation: who gets a product that is short, and what is available to promise."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pandas.testing import assert_frame_equal
from planning import demand, item_costs, months, review

from sopkit.demand.consumption import on_supply
from sopkit.model.parameters import Lanes
from sopkit.supply.allocation import allocate, market_shares, turns
from sopkit.supply.available_to_promise import available_to_promise
from sopkit.tables import conform
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys

PRODUCTS = table("products", "product family unit_of_measure\nTENT-1 tents piece")
PRIORITIES = table(
    "market_priorities",
    """
    market family priority author   reason
    south  -      1        A.Novak  contract
    north  -      2        A.Novak  home
    """,
)


def policy(rule):
    return table(
        "allocation_policy", f"family allocation author reason\ntents {rule} A.Novak agreed"
    )


def short_of_tents(made, wanted, waits="yes", sites="plant"):
    """One family, 1 hour a unit, `made` hours a month at each site, nothing outside, three markets."""
    planning_periods = months(len(wanted["north"]))
    names = sites.split()
    lines = [f"LINE-{site} {site} 1 0 0 0 0 1 1" for site in names]
    header = "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost min_workers max_workers\n"
    hours = planning_periods[["period"]].merge(
        pd.DataFrame({"resource": [f"LINE-{site}" for site in names]}), how="cross"
    )
    calendar = hours.assign(
        working_days=20, regular_hours_per_worker=float(made), overtime_hours_per_worker=0.0
    )
    return {
        "planning_periods": planning_periods,
        "products": PRODUCTS,
        "demand_plan": demand(
            planning_periods, {("TENT-1", market): units for market, units in wanted.items()}
        ),
        "unit_economics": item_costs(
            planning_periods,
            "product price material_cost holding_cost backlog_cost lost_sale_cost\nTENT-1 40 10 2 5 3",
        ),
        "sourcing_network": table(
            "sourcing_network",
            "site market freight_cost\n"
            + "\n".join(f"{s} {m} {f}" for s in names for m, f in FREIGHT.items()),
        ),
        "item_locations": table(
            "item_locations",
            "product site on_hand produced_here\n" + "\n".join(f"TENT-1 {s} 0 yes" for s in names),
        ),
        "inventory_policy": table(
            "inventory_policy",
            f"product site target_service_level backlog_allowed\nTENT-1 - 0.5 {waits}",
        ),
        "resources": table("resources", header + "\n".join(lines)),
        "routings": table(
            "routings",
            "product resource hours_per_unit\n" + "\n".join(f"TENT-1 LINE-{s} 1" for s in names),
        ),
        "resource_calendar": conform("resource_calendar", calendar),
    }


FREIGHT = {"north": 3, "south": 2, "export": 1}
WANTED = {"north": [60, 60], "south": [30, 30], "export": [30, 30]}


def served(plans, month=0):
    rows = plans.constrained_demand
    rows = rows[rows["period"] == rows["period"].min() + month]
    return dict(zip(rows["market"], rows["fulfilled"].round(6), strict=True))


class TestWhoGetsTheShortProduct:
    """80 tents a month for markets that ask for 120, and are owed the rest."""

    def test_everyone_shares_in_proportion_without_a_policy(self):
        plans = review(short_of_tents(80, WANTED))
        assert served(plans) == pytest.approx({"north": 40, "south": 20, "export": 20})
        assert served(plans, 1) == pytest.approx(
            {"north": 40, "south": 20, "export": 20}
        )  # of 80, 40 and 40

    def test_the_first_market_is_served_before_the_next_and_those_unnamed_come_last(self):
        tables = {**short_of_tents(80, WANTED), "allocation_policy": policy("priority")}
        plans = review({**tables, "market_priorities": PRIORITIES})
        assert served(plans) == pytest.approx({"south": 30, "north": 50, "export": 0})
        assert served(plans, 1) == pytest.approx(
            {"south": 30, "north": 50, "export": 0}
        )  # of 30, 70 and 60

    def test_a_priority_of_the_family_goes_before_one_of_all(self):
        own = table(
            "market_priorities",
            "market family priority author reason\nexport tents 1 A.Novak fair\nsouth - 1 A.Novak x",
        )
        tables = {
            **short_of_tents(50, WANTED),
            "allocation_policy": policy("priority"),
            "market_priorities": own,
        }
        assert served(review(tables)) == pytest.approx({"south": 25, "north": 0, "export": 25})

    def test_without_priorities_all_markets_are_equal(self):
        tables = {**short_of_tents(80, WANTED), "allocation_policy": policy("priority")}
        assert served(review(tables)) == pytest.approx({"north": 40, "south": 20, "export": 20})

    def test_by_margin_the_market_of_least_freight_comes_first(self):
        tables = {**short_of_tents(80, WANTED), "allocation_policy": policy("margin")}
        assert served(review(tables)) == pytest.approx({"export": 30, "south": 30, "north": 20})

    def test_customers_who_do_not_wait_lose_what_they_do_not_get_and_are_owed_nothing(self):
        tables = {**short_of_tents(80, WANTED, waits="no"), "allocation_policy": policy("priority")}
        plans = review({**tables, "market_priorities": PRIORITIES})
        rows = plans.constrained_demand.set_index(["market", "period"])
        assert rows.loc["export", "lost_sales"].tolist() == pytest.approx([30, 30])
        assert rows.loc["north", "lost_sales"].tolist() == pytest.approx([10, 10])
        assert rows["backlog"].sum() == 0

    def test_a_market_gets_no_more_than_it_asks_and_is_owed(self):
        wanted = {"north": [60, 0, 60], "south": [30, 0, 30], "export": [30, 0, 30]}
        tables = {**short_of_tents(80, wanted), "allocation_policy": policy("priority")}
        plans = review({**tables, "market_priorities": PRIORITIES})
        assert served(plans, 1) == pytest.approx({"south": 0, "north": 10, "export": 30})

    def test_two_sites_share_as_one(self):
        plans = review(short_of_tents(40, WANTED, sites="plant works"))
        assert served(plans) == pytest.approx({"north": 40, "south": 20, "export": 20})

    @pytest.mark.parametrize("rule", ["priority", "fair_share", "margin"])
    def test_no_rule_changes_what_sites_make_and_send_or_what_is_served_owed_and_lost_in_all(
        self, rule
    ):
        plain = review(short_of_tents(40, WANTED, sites="plant works"))
        tables = {
            **short_of_tents(40, WANTED, sites="plant works"),
            "allocation_policy": policy(rule),
        }
        ruled = review({**tables, "market_priorities": PRIORITIES})
        assert_frame_equal(ruled.supply_plan, plain.supply_plan)
        totals = [
            p.constrained_demand.groupby("period")[["fulfilled", "backlog", "lost_sales"]].sum()
            for p in (ruled, plain)
        ]
        assert_frame_equal(*totals)

    def test_where_nothing_is_short_nothing_changes(self):
        tables = short_of_tents(200, WANTED)
        plain = review(tables)
        ruled = review(
            {**tables, "allocation_policy": policy("priority"), "market_priorities": PRIORITIES}
        )
        for before, after in zip(plain, ruled, strict=True):
            assert_frame_equal(before, after, check_exact=True)


class TestSitesThatReachDifferentMarkets:
    """Random plans of one product: four sites, five markets, some lanes missing; what is divided stays feasible."""

    def plan(self, seed, waits, lanes_there=0.6, months=6):
        random = np.random.default_rng(seed)
        stock, want = np.nonzero(random.random((4, 5)) < lanes_there)
        wanted = random.integers(0, 20, (5, months)).astype(float)
        shipped, lost, owed = np.zeros((len(stock), months)), np.zeros((5, months)), np.zeros(5)
        for month in range(months):
            owed = owed + wanted[:, month]
            left = random.integers(0, 20, 4).astype(float)
            for lane in random.permutation(len(stock)):
                units = min(left[stock[lane]], owed[want[lane]])
                shipped[lane, month] = units
                left[stock[lane]] -= units
                owed[want[lane]] -= units
            if not waits:
                lost[:, month], owed = owed, np.zeros(5)
        lanes = Lanes(None, stock, want, random.random((len(stock), 1)), np.zeros(len(stock)))
        return lanes, np.zeros(5, dtype=int), wanted, shipped, lost, random.integers(1, 4, 5)[want]

    @pytest.mark.parametrize("waits", [True, False])
    def test_each_site_sends_and_each_month_serves_and_loses_what_it_did(self, waits):
        for seed in range(60):
            lanes, item, wanted, shipped, lost, turn = self.plan(seed, waits)
            divided, backlog, written_off = allocate(lanes, item, wanted, shipped, lost, turn)
            sent = np.array(
                [np.bincount(lanes.stock, units, minlength=4) for units in (divided - shipped).T]
            )
            assert np.abs(sent).max() < 1e-6
            assert divided.min() >= 0
            assert np.abs((written_off - lost).sum(axis=0)).max() < 1e-6
            got = np.array([np.bincount(lanes.want, units, minlength=5) for units in divided.T]).T
            owed = (wanted - got - written_off).cumsum(axis=1)
            assert owed.min() > -1e-6
            assert np.abs(backlog - owed).max() < 1e-6

    def test_a_site_that_reaches_one_market_leaves_the_others_to_the_rest(self):
        # works reaches the south alone; of 20 units for 40 wanted, each market should have 10
        lanes = Lanes(None, np.array([0, 0, 1]), np.array([0, 1, 1]), np.zeros((3, 1)), np.zeros(3))
        wanted, shipped = np.full((2, 1), 20.0), np.array([[0.0], [10.0], [10.0]])
        divided, _, _ = allocate(
            lanes, np.zeros(2, dtype=int), wanted, shipped, np.zeros((2, 1)), np.zeros(3)
        )
        assert divided.ravel().tolist() == pytest.approx([10, 0, 10])

    def test_the_row_order_of_lanes_changes_nothing(self):
        lanes, item, wanted, shipped, lost, turn = self.plan(3, True)
        back = np.arange(len(turn))[::-1]
        turned = Lanes(None, *(ends[back] for ends in lanes[1:]))
        plain, _, _ = allocate(lanes, item, wanted, shipped, lost, turn)
        other, _, _ = allocate(turned, item, wanted, shipped[back], lost, turn[back])
        assert other[back] == pytest.approx(plain)


class TestShares:
    def test_of_the_months_in_which_a_product_is_short_say_who_waited(self):
        tables = {
            **short_of_tents(80, WANTED),
            "allocation_policy": policy("priority"),
            "market_priorities": PRIORITIES,
        }
        shares = market_shares(
            PRODUCTS, review(tables).constrained_demand, policy("priority"), PRIORITIES
        )
        assert_frame_equal(conform("market_shares", shares), shares)
        rows = shares.set_index("market")
        assert rows["demand"].to_dict() == {"export": 60, "north": 120, "south": 60}
        assert rows["fill_rate"].to_dict() == pytest.approx(
            {"export": 0, "north": 90 / 120, "south": 1}
        )
        assert rows["late"].to_dict() == pytest.approx({"export": 60, "north": 30, "south": 0})
        assert rows.loc["north", "reason"] == "A.Novak: agreed"

    def test_nothing_is_said_where_nothing_is_short(self):
        shares = market_shares(PRODUCTS, review(short_of_tents(200, WANTED)).constrained_demand)
        assert conform("market_shares", shares).empty

    def test_every_lane_has_one_turn_without_a_policy(self):
        columns = {"product": "TENT-1", "site": "plant", "market": ["north", "south"]}
        keys = Keys(pd.DataFrame(columns).astype("str"))
        here = np.zeros(2, dtype=int)
        lanes = Lanes(keys, here, here, np.array([[3.0], [2.0]]), np.zeros(2))
        assert turns(lanes, PRODUCTS).tolist() == [0, 0]


def plan_of_record(planning_periods, on_hand, made):
    plan = planning_periods[["period"]].assign(
        product="PUMP", site="plant", regular=np.array(made, dtype=float)
    )
    for column in (
        "overtime",
        "subcontract",
        "scheduled_receipts",
        "shipped",
        "inventory",
        "target_inventory",
    ):
        plan[column] = 0.0
    return conform(
        "supply_plan", plan.assign(opening_inventory=[float(on_hand)] + [7.0] * (len(plan) - 1))
    )


def promised(on_hand, made, booked):
    planning_periods = months(len(made))
    ordered = demand(planning_periods, {("PUMP", "north"): booked})
    result = available_to_promise(
        planning_periods,
        plan_of_record(planning_periods, on_hand, made),
        ordered.assign(firm_orders=ordered["consensus"], net_forecast=0.0),
    )
    assert_frame_equal(conform("available_to_promise", result), result)
    return result


class TestAvailableToPromise:
    def test_of_industrial_pumps(self):
        """Stevenson, Operations Management, master scheduling: 64 pumps at hand, lots of 70 in weeks 3, 5, 7 and 8."""
        pumps = promised(64, [0, 0, 70, 0, 70, 0, 70, 70], [33, 20, 10, 4, 2, 0, 0, 0])
        assert pumps["available_to_promise"].tolist() == [11, 0, 56, 0, 68, 0, 70, 70]
        assert pumps["cumulative_available"].tolist() == [11, 11, 67, 67, 135, 135, 205, 275]

    def test_of_an_order_larger_than_its_lot_is_kept_from_what_came_before(self):
        # the lot of 30 does not cover the 50 ordered with it: 20 of the first month's 40 are kept for it
        result = promised(10, [30, 30, 30], [0, 50, 0])
        assert result["available_to_promise"].tolist() == [20, 0, 30]

    def test_of_more_orders_than_supply_is_nothing_and_says_how_much_is_overcommitted(self):
        result = promised(0, [50, 0, 80], [0, 100, 0])
        assert result["available_to_promise"].tolist() == [0, 0, 30]
        assert result["overcommitted"].tolist() == [0, 50, 0]

    def test_is_all_stock_and_supply_when_nothing_is_booked(self):
        result = promised(5, [10, 0, 20], [0, 0, 0])
        assert result["available_to_promise"].tolist() == [15, 0, 20]

    def test_counts_overdue_orders_now_and_leaves_orders_after_the_horizon_to_other_plans(self):
        planning_periods = months(2)
        orders = table(
            "sales_orders",
            """
            order_number  product  market  due_day     quantity
            1             PUMP     north   2026-08-14  4
            2             PUMP     south   2026-08-14  2
            3             PUMP     north   2027-08-02  9
            """,
        )
        forecast = ArrayTable.of_table(
            "demand_plan", demand(planning_periods, {("PUMP", "north"): [50, 50]})
        )
        ordered = on_supply(forecast, planning_periods, sales_orders=orders).frame
        result = available_to_promise(
            planning_periods, plan_of_record(planning_periods, 10, [0, 0]), ordered
        )
        assert result["booked"].tolist() == [6, 0]
        assert result["available_to_promise"].tolist() == [4, 0]
