"""Components are there when production needs them, or the plan says what is late, short or wasted.

Days lie in October and November 2026; 5 October is a Monday.
"""

import pandas as pd
import pytest
from conftest import table

from sopkit.master_data import work_calendar
from sopkit.operations import purchasing
from sopkit.schema.tolerances import ROUNDING
from sopkit.tables import conform, empty
from sopkit.tables.issues import DataError
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
SITES = table("item_locations", "product site on_hand produced_here\nSTOOL shop 0 true")
FLOWS = [
    "subcontract",
    "scheduled_receipts",
    "transferred_in",
    "shipped",
    "transferred_out",
    "expired",
]
STOOL = """
product component quantity_per_unit
STOOL   BASE      1
STOOL   SEAT      1
STOOL   BOLT      2
STOOL   SCREW     1
BASE    LEG       4
BASE    SCREW     4
"""
SEAT = "product component quantity_per_unit\nSTOOL SEAT 1"
TERMS = "component supplier lead_time_days unit_cost on_hand supply_limit min_order order_multiple shelf_life_days\n"


def day(text):
    return pd.Timestamp(f"2026-{text}")


def made_on(**days):
    """A daily plan that makes stools on these days (`d10_05`) and nothing else."""
    rows = pd.DataFrame(
        {"day": [day(name[1:].replace("_", "-")) for name in days], "regular": list(days.values())}
    )
    rows = rows.assign(product="STOOL", site="shop", overtime=0.0, **dict.fromkeys(FLOWS, 0.0))
    return conform("daily_plan", rows)


def bought(components, made, bill=SEAT, scheduled_receipts=None, working_hours=None, holidays=None):
    calendar = work_calendar.work_calendar(HORIZON, SITES, None, working_hours, holidays)
    inputs = purchasing.PurchasingInputs(
        HORIZON, empty("supply_plan"), empty("weekly_plan"), made, calendar, table("bill_of_materials", bill),
        table("components", TERMS + components), scheduled_receipts, working_hours, holidays,
    )  # fmt: skip
    return purchasing.purchases(inputs)


def orders(*given, **more):
    return bought(*given, **more).purchase_orders


def total(plan, column):
    return plan.groupby("component")[column].sum().to_dict()


class TestStool:
    """The two-level stool of a course on material requirements: 100 in week 5, 200 in week 7.

    Week 1 begins on 5 October. Lead times: base 1 week, seat 3, bolt 2. The screw is used at two levels.
    """

    components = """
        BASE  own  7  5   0 - - - -
        SEAT  acme 21 3   0 - - - -
        BOLT  acme 14 0.1 0 - - - -
        LEG   acme 0  1   0 - - - -
        SCREW acme 0  0.1 0 - - - -
    """
    made = made_on(d11_02=100.0, d11_16=200.0)

    def plan(self):
        return bought(self.components, self.made, STOOL)

    def test_every_level_is_exploded_and_a_part_of_two_levels_is_summed(self):
        published = {"BASE": 300, "SEAT": 300, "BOLT": 600, "LEG": 1200, "SCREW": 1500}
        assert total(self.plan().material_plan, "required") == published
        assert total(self.plan().purchase_orders, "quantity") == published

    def test_orders_are_placed_a_lead_time_before_in_working_days(self):
        placed = self.plan().purchase_orders.set_index("order_number")["order_day"]
        assert placed["P/2026-11-02/SEAT"] == day("10-12")
        assert placed["P/2026-11-02/BOLT"] == day("10-19")
        assert placed["P/2026-11-02/BASE"] == day("10-26")

    def test_parts_of_a_pre_made_part_are_needed_when_it_is_ordered(self):
        plan = self.plan().material_plan
        screws = plan[(plan["component"] == "SCREW") & (plan["required"] > 0)].set_index("week")[
            "required"
        ]
        assert screws.to_dict() == {
            day("10-26"): 400,
            day("11-02"): 100,
            day("11-09"): 800,
            day("11-16"): 200,
        }

    def test_the_order_of_rows_does_not_matter(self):
        bill = table("bill_of_materials", STOOL).iloc[::-1]
        parts = table("components", TERMS + self.components).iloc[::-1]
        calendar = work_calendar.work_calendar(HORIZON, SITES)
        inputs = purchasing.PurchasingInputs(
            HORIZON, empty("supply_plan"), empty("weekly_plan"), self.made, calendar, bill, parts
        )
        again = purchasing.purchases(inputs)
        pd.testing.assert_frame_equal(again.purchase_orders, self.plan().purchase_orders)


class TestNetting:
    def test_stock_and_open_orders_are_used_before_anything_is_ordered(self):
        scheduled_receipts = table(
            "open_purchase_orders", "component due_day quantity\nSEAT 2026-10-14 30"
        )
        found = bought(
            "SEAT acme 0 1 50 - - - -",
            made_on(d10_13=60.0, d10_15=60.0),
            scheduled_receipts=scheduled_receipts,
        )
        order = found.purchase_orders.iloc[
            0
        ]  # 120 less 50 in stock and 30 on their way, for the whole week
        assert (len(found.purchase_orders), order["due_day"], order["quantity"]) == (
            1,
            day("10-13"),
            40,
        )
        assert found.material_plan["shortage"].eq(0).all()

    def test_an_open_order_that_is_overdue_comes_on_the_first_day(self):
        scheduled_receipts = table(
            "open_purchase_orders", "component due_day quantity\nSEAT 2026-09-14 30"
        )
        assert orders(
            "SEAT acme 0 1 0 - - - -", made_on(d10_01=30.0), scheduled_receipts=scheduled_receipts
        ).empty

    def test_stock_runs_from_week_to_week(self):
        plan = bought(
            "SEAT acme 7 1 90 - 50 - -", made_on(d10_06=70.0, d10_14=45.0, d11_04=10.0)
        ).material_plan
        came_and_went = (
            plan["opening_inventory"] + plan["received"] - plan["required"] - plan["expired"]
        )
        assert came_and_went.tolist() == pytest.approx(
            (plan["inventory"] - plan["shortage"]).tolist()
        )
        assert (
            plan["inventory"].shift().iloc[1:].tolist()
            == plan["opening_inventory"].iloc[1:].tolist()
        )


class TestLots:
    def test_an_order_covers_its_week(self):
        rows = orders("SEAT acme 0 1 0 - - - -", made_on(d10_06=10.0, d10_08=10.0, d10_12=10.0))
        assert rows[["due_day", "quantity"]].to_numpy().tolist() == [
            [day("10-06"), 20],
            [day("10-12"), 10],
        ]

    def test_an_order_is_raised_to_the_smallest_order_and_its_multiple(self):
        rows = orders("SEAT acme 0 1 0 - 50 12 -", made_on(d10_06=10.0, d10_12=10.0, d10_19=45.0))
        assert rows["quantity"].tolist() == [
            60,
            60,
        ]  # 50 is not a multiple of 12; 60 last until the third week
        assert rows["due_day"].tolist() == [day("10-06"), day("10-19")]
        assert rows["required"].tolist() == [10, 5]

    def test_a_perishable_is_ordered_for_no_more_days_than_it_keeps(self):
        made = made_on(d10_05=10.0, d10_06=10.0, d10_07=10.0, d10_08=10.0, d10_09=10.0)
        found = bought("SEAT acme 1 1 0 - - - 2", made)
        rows = found.purchase_orders
        assert rows["due_day"].dt.strftime("%m-%d").tolist() == ["10-05", "10-07", "10-09"]
        assert rows["quantity"].tolist() == [20, 20, 10]
        assert found.material_plan["expired"].sum() == 0

    def test_what_keeps_five_days_is_brought_on_monday_for_the_week_and_on_friday_for_the_weekend(
        self,
    ):
        made = made_on(
            d10_05=10.0,
            d10_06=10.0,
            d10_07=10.0,
            d10_08=10.0,
            d10_09=10.0,
            d10_10=10.0,
            d10_11=10.0,
        )
        found = bought("SEAT acme 1 1 0 - - - 5", made)
        rows = found.purchase_orders
        assert rows["due_day"].dt.strftime("%m-%d").tolist() == ["10-05", "10-09"]
        assert rows["quantity"].tolist() == [50, 20]
        assert found.material_plan["expired"].sum() == 0

    def test_what_perishes_because_of_the_smallest_order_is_named_as_waste(self):
        plan = bought("SEAT acme 1 1 0 - 30 - 3", made_on(d10_05=10.0, d10_12=25.0)).material_plan
        wasted = plan[plan["expired"] > 0].set_index("week")["expired"]
        assert wasted.to_dict() == {day("10-05"): 20, day("10-12"): 5}

    def test_the_oldest_stock_is_used_first_and_stock_at_the_start_is_fresh(self):
        plan = bought("SEAT acme 0 1 30 - - - 5", made_on(d10_05=10.0, d10_06=15.0)).material_plan
        assert (
            plan.groupby("week")["expired"].sum()[day("10-05")] == 20
        )  # 10 used on the fifth day, none after it
        assert total(plan, "received") == {"SEAT": 15}


class TestLimits:
    def test_a_peak_beyond_the_suppliers_limit_is_delivered_a_month_ahead(self):
        found = bought("SEAT acme 0 1 0 100 - - -", made_on(d10_07=40.0, d11_18=150.0))
        months = found.purchase_orders.groupby(found.purchase_orders["due_day"].dt.month)[
            "quantity"
        ].sum()
        assert months.to_dict() == {10: 90, 11: 100}
        assert found.material_plan["shortage"].eq(0).all()

    def test_what_a_supplier_cannot_deliver_is_named_as_short(self):
        found = bought("SEAT acme 0 1 0 100 - - -", made_on(d10_07=130.0))
        plan = found.material_plan
        assert plan[plan["period"] == "2026-10"]["shortage"].max() == 30
        assert found.purchase_orders["quantity"].tolist() == [100, 30]
        assert plan["shortage"].iloc[-1] == 0

    def test_open_orders_count_in_the_suppliers_month(self):
        scheduled_receipts = table(
            "open_purchase_orders", "component due_day quantity\nSEAT 2026-10-05 80"
        )
        plan = bought(
            "SEAT acme 0 1 0 100 - - -",
            made_on(d10_07=130.0),
            scheduled_receipts=scheduled_receipts,
        ).material_plan
        assert plan[plan["period"] == "2026-10"]["received"].sum() == 100


class TestLateOrders:
    def test_a_late_order_keeps_its_days_says_how_late_it_is_and_is_short_until_it_comes(self):
        found = bought("SEAT acme 14 1 0 - - - -", made_on(d10_06=10.0))
        order = found.purchase_orders.iloc[0]
        assert (order["order_day"], order["due_day"]) == (day("09-22"), day("10-06"))
        assert order["late_days"] == 9
        assert order["arrival_day"] == day(
            "10-15"
        )  # ordered on Thursday 1 October, ten working days later
        assert order["responsible"] == "purchasing: expedite, 9 days late"
        short = found.material_plan.set_index("week")["shortage"]
        assert (short[day("10-05")], short[day("10-12")]) == (10, 0)

    def test_an_order_in_time_is_not_late(self):
        order = orders("SEAT acme 7 1 0 - - - -", made_on(d10_14=10.0)).iloc[0]
        assert (order["order_day"], order["late_days"], order["responsible"]) == (
            day("10-07"),
            0,
            "purchasing",
        )
        assert order["arrival_day"] == order["due_day"]


class TestSuppliersDays:
    def test_a_supplier_delivers_and_takes_orders_from_monday_to_friday(self):
        weekend = table("working_hours", "site weekday hours\nshop sunday 8")
        order = orders("SEAT acme 1 1 0 - - - -", made_on(d10_11=10.0), working_hours=weekend).iloc[
            0
        ]
        assert (order["order_day"], order["due_day"]) == (day("10-08"), day("10-09"))

    def test_a_closed_day_of_the_supplier_lengthens_the_lead_time(self):
        closed = table("holidays", "site day reason\nacme 2026-10-12 holiday")
        order = orders("SEAT acme 7 1 0 - - - -", made_on(d10_14=10.0), holidays=closed).iloc[0]
        assert order["order_day"] == day("10-06")

    def test_a_supplier_with_opening_hours_delivers_on_those_days(self):
        market = table("working_hours", "site weekday hours\nacme saturday 6\nacme wednesday 6")
        order = orders("SEAT acme 1 1 0 - - - -", made_on(d10_12=10.0), working_hours=market).iloc[
            0
        ]
        assert (order["order_day"], order["due_day"]) == (day("10-07"), day("10-10"))


class TestBadBills:
    def test_a_component_without_lead_time_is_refused(self):
        with pytest.raises(DataError, match="lead_time_days must be filled"):
            table("components", TERMS + "LEG acme - 1 0 - - - -")

    def test_without_a_bill_nothing_is_bought(self):
        calendar = work_calendar.work_calendar(HORIZON, SITES)
        inputs = purchasing.PurchasingInputs(
            HORIZON, empty("supply_plan"), empty("weekly_plan"), made_on(d10_05=1.0), calendar
        )
        found = purchasing.purchases(inputs)
        assert found.material_plan.empty
        assert found.purchase_orders.empty


class TestSampleCompany:
    """The weeks of the sample company against its months."""

    def test_weekly_needs_of_parts_that_go_into_products_sum_to_the_monthly_plan(
        self, company, plan
    ):
        weeks = plan["material_plan"].groupby(["component", "period"])["required"].sum()
        months = (
            plan["procurement_plan"].set_index(["component", "period"])["required"].loc[weeks.index]
        )
        below = company["bill_of_materials"].set_index("product").loc["POLE-SET", "component"]
        direct = ~weeks.index.get_level_values("component").isin(below)
        assert (~direct).sum() == 2 * 3
        pd.testing.assert_series_equal(weeks[direct], months[direct])

    def test_parts_of_a_pre_made_part_are_needed_by_its_orders_not_by_the_months_it_is_used_in(
        self, company, plan
    ):
        rows = plan["material_plan"].set_index(["component", "period", "week"])
        per_set = company["bill_of_materials"].query("product == 'POLE-SET'").set_index("component")
        for part, each in per_set["quantity_per_unit"].items():
            expected = rows.loc["POLE-SET", "ordered"] * each
            pd.testing.assert_series_equal(rows.loc[part, "required"], expected, check_names=False)

    def test_stock_is_never_negative_and_every_week_follows_from_the_one_before(self, plan):
        rows = plan["material_plan"]
        change = rows["received"] - rows["required"] - rows["expired"]
        left = rows["opening_inventory"] + change - rows["inventory"] + rows["shortage"]
        opened = rows.groupby("component")["shortage"].shift(fill_value=0.0)
        assert (left - opened).abs().max() < 1e-5
        assert rows["inventory"].min() >= 0

    def test_orders_cover_needs(self, plan):
        rows = (
            plan["material_plan"]
            .groupby("component")
            .agg(
                {
                    "opening_inventory": "first",
                    "received": "sum",
                    "required": "sum",
                    "expired": "sum",
                    "shortage": "last",
                }
            )
        )
        there = rows["opening_inventory"] + rows["received"] + rows["shortage"] - rows["expired"]
        assert (there - rows["required"] > -ROUNDING * 100).all()

    def test_smallest_orders_and_multiples_are_kept(self, company, plan):
        terms = company["components"].set_index("component")
        rows = (
            plan["purchase_orders"]
            .set_index("component")
            .join(terms[["min_order", "order_multiple", "supply_limit"]])
        )
        free = rows["supply_limit"].isna()
        assert (rows["quantity"] >= rows["min_order"].fillna(0))[free].all()
        boxed = rows[rows["order_multiple"].notna()]
        assert (boxed["quantity"] / boxed["order_multiple"] % 1).eq(0).all()
        assert (rows["quantity"] >= rows["required"]).all()
