"""Lead times: when an order, a start or a dispatch of the first day is there, and what it holds back."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from planning import demand, item_costs, months, review

from sopkit.master_data.lead_times import (
    MonthDays,
    arrival_shares,
    arrived,
    days_within,
    order_shares,
    ordered_for,
)
from sopkit.master_data.sources import open_orders, receivable, source_terms

QUARTER = pd.PeriodIndex(["2026-10", "2026-11", "2026-12"], freq="M")  # 31, 30 and 31 days
QUARTER_DAYS = MonthDays(np.array([[31.0, 30.0, 31.0]]), 0.0)
EACH_MONTH = np.array([[60.0, 60.0, 60.0]])


def sources(text):
    return table("sources", text)


def most(lead="-", limit="-", start="-", rate=EACH_MONTH):
    rows = sources(
        f"item supplier effective_from lead_time_days supply_limit\nSEAT acme {start} {lead} {limit}"
    )
    return receivable(source_terms(rows, QUARTER), rate, QUARTER_DAYS).tolist()


class TestTerms:
    def test_a_source_has_the_terms_of_its_last_row_in_force(self):
        terms = source_terms(
            sources(
                """
                item supplier effective_from lead_time_days unit_cost supply_limit
                SEAT acme     2026-10        20             3         50
                SEAT acme     2026-12        20             4         -
                """
            ),
            QUARTER,
        )
        assert terms["unit_cost"].tolist() == [[3, 3, 4]]
        np.testing.assert_array_equal(terms["supply_limit"], [[50, 50, np.nan]])

    def test_a_source_delivers_nothing_before_it_is_in_force(self):
        assert most(start="2026-12") == [[0, 0, np.inf]]

    def test_sources_stand_by_priority_then_as_the_table_lists_them(self):
        terms = source_terms(
            sources(
                """
                item supplier priority
                SEAT late     -
                SEAT second   2
                SEAT first    1
                LEG  own      -
                """
            ),
            QUARTER,
        )
        assert terms.keys.frame[["item", "supplier"]].to_numpy().tolist() == [
            ["LEG", "own"],
            ["SEAT", "first"],
            ["SEAT", "second"],
            ["SEAT", "late"],
        ]

    def test_without_sources_there_are_no_terms(self):
        assert source_terms(None, QUARTER).shape == (0, 3)


class TestReceivable:
    def test_what_is_not_given_does_not_limit(self):
        assert most() == [[np.inf] * 3]

    def test_an_order_of_the_first_day_is_used_for_the_days_that_are_left_of_its_month(self):
        # 1 October + 20 days is the 21st: 11 of 31 days are left; later months have no limit
        assert most(lead=20) == pytest.approx(np.array([[60 * 11 / 31, np.inf, np.inf]]))
        # 1 October + 45 days is 15 November: 16 of 30 days are left
        assert most(lead=45) == pytest.approx(np.array([[0, 60 * 16 / 30, np.inf]]))

    def test_what_comes_on_the_first_day_of_a_month_serves_the_whole_month(self):
        assert most(lead=31) == [[0, np.inf, np.inf]]

    def test_a_lead_time_beyond_the_horizon_delivers_nothing(self):
        assert most(lead=92) == [[0, 0, 0]]

    def test_the_limit_of_a_month_holds_for_the_days_that_are_left(self):
        assert most(lead=20, limit=31) == pytest.approx(np.array([[11, 31, 31]]))
        assert most(limit=31) == [[31] * 3]

    def test_an_explicit_limit_of_nothing_binds(self):
        assert most(limit=0) == [[0, 0, 0]]

    def test_a_month_that_takes_little_counts_with_the_usual_rate(self):
        quiet = np.array([[0.0, 90.0, 90.0]])
        assert most(lead=20, rate=quiet)[0][0] == pytest.approx(60 * 11 / 31)

    def test_the_lead_time_of_a_later_source_counts_from_its_start(self):
        # in force from 1 November, there on the 21st: 10 of 30 days are left
        found = most(lead=20, start="2026-11")
        assert found == pytest.approx(np.array([[0, 60 * 10 / 30, np.inf]]))


class TestShift:
    """A quarter of 31, 30 and 31 days, and a month before it has begun."""

    def test_45_days_from_an_even_month_end_in_the_days_of_two(self):
        # the first 16 days of October end in November, the other 15 in December
        shares = arrival_shares(45.0, QUARTER_DAYS)
        assert shares[0] == pytest.approx([0, 16 / 31, 15 / 31])
        # 16 days of November end in December, 14 after it
        assert shares[1] == pytest.approx([0, 0, 16 / 30])
        assert shares[2].tolist() == [0, 0, 0]

    def test_a_lead_time_of_nothing_moves_nothing(self):
        assert arrival_shares(0.0, QUARTER_DAYS).tolist() == np.eye(3).tolist()
        assert order_shares(np.nan, QUARTER_DAYS).tolist() == np.eye(3).tolist()

    def test_a_few_days_at_the_edge_of_a_month_count_with_its_neighbour(self):
        # of 30 days from October 1/31 would be there on its last day, and of 62 days none in November
        assert arrival_shares(30.0, QUARTER_DAYS)[0].tolist() == [0, 1, 0]
        assert arrival_shares(62.0, QUARTER_DAYS)[0] == pytest.approx([0, 0, 30 / 31], abs=0.04)
        # the last day of November's 30 is there in December, as 1/31 of December's own would be
        assert arrival_shares(30.0, QUARTER_DAYS)[1:].tolist() == [[0, 0, 1], [0, 0, 0]]
        # four of 31 days are more than a tenth
        assert arrival_shares(27.0, QUARTER_DAYS)[0] == pytest.approx([4 / 31, 27 / 31, 0])

    def test_a_short_month_between_two_is_passed_over(self):
        # of the 31 days of January, 27 days on, 4 end in January and 27 of 28 in February
        winter = MonthDays(np.array([[31.0, 28.0, 31.0]]), 0.0)
        assert arrival_shares(27.0, winter)[0] == pytest.approx([4 / 31, 27 / 31, 0])
        # of 45 days 14 end in February and 17 in March
        assert arrival_shares(45.0, winter)[0] == pytest.approx([0, 14 / 31, 17 / 31])

    def test_in_a_month_that_has_begun_what_starts_is_spread_over_the_days_after_the_as_of_day(
        self,
    ):
        # as of 20 October: the 21st to the 31st, 11 days; 15 days later is 5 to 15 November
        begun = MonthDays(QUARTER_DAYS.lengths, 20.0)
        assert arrival_shares(15.0, begun)[0].tolist() == [0, 1, 0]
        assert arrival_shares(5.0, begun)[0] == pytest.approx([6 / 11, 5 / 11, 0])

    def test_what_starts_arrives_in_parts(self):
        begun = np.array([[310.0, 0, 0], [310, 30, 0], [7, 8, 9]])
        there = arrived(begun, np.array([45.0, 15, 0]), QUARTER_DAYS)
        assert there == pytest.approx(
            np.array([[0, 160, 150], [160, 150 + 15, 15], [7, 8, 9]], dtype=float)
        )

    def test_what_is_received_was_ordered_in_parts_and_in_the_first_month_at_the_earliest(self):
        # 31 December days less 45: 17 October to 16 November, 15 days in October
        received = np.array([[0.0, 0, 310], [0, 60, 0]])
        assert ordered_for(received, np.array([45.0, 90]), QUARTER_DAYS) == pytest.approx(
            np.array([[150, 160, 0], [60, 0, 0]], dtype=float)
        )

    def test_the_first_days_are_those_after_the_as_of_day(self):
        assert days_within(45.0, QUARTER_DAYS) == pytest.approx([1, 14 / 30, 0])
        begun = MonthDays(QUARTER_DAYS.lengths, 20.0)
        assert days_within(15.0, begun) == pytest.approx([1, 4 / 30, 0])


def test_open_orders_count_in_their_month_and_overdue_ones_in_the_first():
    orders = table(
        "purchase_orders",
        """
        item due_day    order_number quantity
        SEAT 2026-09-20 P1           5
        SEAT 2026-10-31 P2           6
        SEAT 2026-12-01 P3           7
        SEAT 2027-01-01 P4           8
        LEG  2026-11-05 P5           9
        """,
    )
    found = open_orders(pd.Index(["SEAT", "LAMP"]), months(3), orders)
    assert found.tolist() == [[11, 0, 7], [0, 0, 0]]


def company(wanted=(60, 60, 60), on_hand=0, **more):
    """Stools, 60 wanted a month, made in the plant without limits of hours."""
    periods = months(len(wanted))
    return {
        "planning_periods": periods,
        "products": table("products", "product family unit_of_measure\nSTOOL stools piece"),
        "demand_plan": demand(periods, {("STOOL", "home"): wanted}),
        "unit_economics": item_costs(
            periods, "product price material_cost holding_cost backlog_cost\nSTOOL 100 10 1 50"
        ),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nplant home 0"),
        "item_locations": table(
            "item_locations", f"product site on_hand produced_here\nSTOOL plant {on_hand} yes"
        ),
        "inventory_policy": table("inventory_policy", "product target_service_level\nSTOOL 0.5"),
        **more,
    }


CREW = {
    "resources": table(
        "resources",
        "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"
        "CREW plant 10 5 8 0 0",
    ),
}


def routings(text):
    return {**CREW, "routings": table("routings", text)}


class TestProduction:
    def test_what_takes_45_days_to_make_arrives_in_the_next_two_months(self):
        # stock lasts until November; of 120 started in its 30 days those of the first 16 are there
        # in December and the others in January
        tables = company(
            (30, 60, 60, 60),
            on_hand=90,
            **routings("product resource hours_per_unit lead_time_days\nSTOOL CREW 1 45"),
        )
        plan = review(tables).supply_plan
        assert plan["started"].tolist() == pytest.approx([0, 120, 0, 0])
        assert plan["regular"].tolist() == pytest.approx([0, 0, 64, 56], abs=1e-6)

    def test_hours_are_worked_when_production_starts(self):
        tables = company(
            (60, 60, 60),
            on_hand=60,
            **routings("product resource hours_per_unit lead_time_days\nSTOOL CREW 2 30"),
        )
        plans = review(tables)
        assert plans.workforce_plan["regular_hours"].tolist() == pytest.approx([120, 120, 0])
        assert plans.supply_plan["regular"].tolist() == pytest.approx([0, 60, 60])

    def test_what_is_started_and_not_finished_is_in_transit(self):
        tables = company(
            (60, 60, 60),
            on_hand=60,
            **routings("product resource hours_per_unit lead_time_days\nSTOOL CREW 2 30"),
        )
        plan = review(tables).supply_plan
        assert plan["in_transit"].tolist() == pytest.approx([60, 60, 0])
        assert plan["opening_in_transit"].tolist() == pytest.approx([0, 60, 60])

    def test_the_days_of_the_steps_add_up(self):
        ways = (
            "product resource hours_per_unit routing_step lead_time_days\n"
            "STOOL SAW 1 1 10\nSTOOL CREW 1 2 20"
        )
        tables = company((60, 60, 60), on_hand=60, **routings(ways))
        tables["resources"] = table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"
            "SAW plant 10 5 8 0 0\nCREW plant 10 5 8 0 0",
        )
        assert review(tables).supply_plan["regular"].tolist() == pytest.approx([0, 60, 60])

    def test_no_demand_can_be_met_before_the_lead_time_without_stock(self):
        tables = company(
            (60, 60, 60),
            **routings("product resource hours_per_unit lead_time_days\nSTOOL CREW 1 31"),
        )
        service = review(tables).constrained_demand
        assert service["backlog"].tolist() == pytest.approx([60, 0, 0], abs=1e-6)


class TestTransport:
    lane = "site market freight_cost lead_time_days\nplant home 0 15"

    def test_what_ships_over_a_lane_of_15_days_arrives_half_a_month_later(self):
        # 15 of October's 31 days are under way already; what leaves in its first 16 days is there in
        # October, and 60 x 15/31 in November, which wants 60 and gets half of what leaves then
        tables = company(sourcing_network=table("sourcing_network", self.lane))
        plans = review(tables)
        rows = plans.distribution_plan
        november = (60 - 60 * 15 / 31) / (15 / 30)
        assert rows["shipped"].tolist()[:2] == pytest.approx([60, november])
        assert rows["delivered"].tolist() == pytest.approx([60, 60, 60])
        assert plans.constrained_demand["backlog"].sum() == pytest.approx(0, abs=1e-6)

    def test_what_is_on_the_way_is_in_transit_from_the_first_day(self):
        tables = company(sourcing_network=table("sourcing_network", self.lane))
        plan = review(tables).supply_plan
        assert plan["opening_in_transit"].iloc[0] == pytest.approx(60 * 15 / 31)
        november = 60 - 60 * 15 / 31  # half of what leaves in November
        assert plan["in_transit"].tolist()[:2] == pytest.approx([60 * 15 / 31, november])

    def test_a_transfer_of_a_month_leaves_the_one_site_and_is_at_the_other_a_month_later(self):
        tables = company(
            sourcing_network=table("sourcing_network", "site market freight_cost\nshop home 0"),
            item_locations=table(
                "item_locations",
                "product site on_hand produced_here\nSTOOL plant 0 yes\nSTOOL shop 60 no",
            ),
            transfer_lanes=table(
                "transfer_lanes", "site to_site freight_cost lead_time_days\nplant shop 1 30"
            ),
        )
        plan = review(tables).supply_plan.set_index(["site", "period"])
        assert plan.loc["plant", "transferred_out"].tolist() == pytest.approx([60, 60, 0])
        assert plan.loc["shop", "transferred_in"].tolist() == pytest.approx([0, 60, 60])
        assert plan.loc["plant", "in_transit"].tolist() == pytest.approx([60, 60, 0])

    def test_a_subcontractor_of_30_days_delivers_from_the_second_month_on(self):
        tables = company(
            **routings("product resource hours_per_unit\nSTOOL CREW 1"),
            unit_economics=item_costs(
                months(3),
                "product price material_cost holding_cost backlog_cost subcontract_cost "
                "subcontract_lead_time_days\nSTOOL 100 10 1 50 20 30",
            ),
        )
        tables["resources"] = CREW["resources"].assign(opening_workers=0.0, max_workers=0.0)
        plans = review(tables)
        assert plans.supply_plan["subcontract"].tolist() == pytest.approx([0, 120, 60])
        assert plans.constrained_demand["backlog"].tolist() == pytest.approx([60, 0, 0], abs=1e-6)
