"""Components are available when required, or the plan says what is late, short or wasted.

Days lie in October and November 2026; 5 October is a Monday.
"""

import pandas as pd
import pytest
from conftest import table
from planning import demand

from sopkit.master_data import work_calendar
from sopkit.operations import purchasing
from sopkit.schema.tolerances import ROUNDING
from sopkit.supply.procurement import procurement
from sopkit.tables import conform, empty
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
    "purchased",
    "consumed",
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
TERMS = "component supplier lead_time_days unit_cost on_hand supply_limit min_order order_multiple shelf_life_days"
PRODUCTS = table("products", "product family unit_of_measure\nSTOOL stools piece")


def day(text):
    return pd.Timestamp(f"2026-{text}")


def made_on(**days):
    """A daily plan that makes stools on these days (`d10_05`) and nothing else."""
    rows = pd.DataFrame(
        {"day": [day(name[1:].replace("_", "-")) for name in days], "regular": list(days.values())}
    )
    rows = rows.assign(product="STOOL", site="shop", overtime=0.0, **dict.fromkeys(FLOWS, 0.0))
    return conform("daily_plan", rows)


def parts(rows):
    """Components and their sources; a row has the columns of `TERMS`."""
    given = [row.split() for row in rows.strip().splitlines()]
    given = pd.DataFrame(given, columns=TERMS.split()).replace("-", pd.NA)
    stock = given[["component", "on_hand", "shelf_life_days"]]
    terms = given.drop(columns=["on_hand", "shelf_life_days"]).rename(columns={"component": "item"})
    return conform("components", stock), conform("sources", terms)


def by_month(made):
    """The plan of record of the months that makes what these days make."""
    units = made.groupby(made["day"].dt.to_period("M"))["regular"].sum()
    plan = HORIZON[["period"]].assign(
        product="STOOL",
        site="shop",
        regular=units.reindex(HORIZON["period"], fill_value=0.0).to_numpy(),
    )
    plan = plan.assign(started=plan["regular"], opening_inventory=0.0, target_inventory=0.0)
    rest = ["overtime", "subcontract", "scheduled_receipts", "shipped", "inventory"]
    return conform("supply_plan", plan.assign(**dict.fromkeys(rest, 0.0)))


def bought(given, made, bill=SEAT, **more):
    """Orders of the days, within the purchases that the months plan for the same production."""
    return bought_on(*parts(given), made, bill, **more)


def bought_on(components, sources, made, bill=SEAT, demanded=None, **calendars):
    """`demanded` by month, what is made unless given; `calendars` may hold purchase_orders too."""
    supply_plan, usage = by_month(made), table("bill_of_materials", bill)
    wanted = {("STOOL", "home"): demanded or supply_plan["regular"].tolist()}
    purchase_orders = calendars.pop("purchase_orders", None)
    months = procurement(
        HORIZON,
        PRODUCTS,
        supply_plan,
        demand(HORIZON, wanted),
        empty("purchased_products"),
        usage,
        components,
        sources,
        purchase_orders,
    )
    inputs = purchasing.PurchasingInputs(
        planning_periods=HORIZON,
        supply_plan=supply_plan,
        weekly_plan=empty("weekly_plan"),
        daily_plan=made,
        work_calendar=work_calendar.work_calendar(HORIZON, SITES, None, **calendars),
        products=PRODUCTS,
        purchase_plan=months.purchase_plan,
        bill_of_materials=usage,
        components=components,
        sources=sources,
        purchase_orders=purchase_orders,
        **calendars,
    )
    return purchasing.purchases(inputs)


def orders(*given, **more):
    return bought(*given, **more).planned_orders


def total(plan, column, by="component"):
    return plan.groupby(by)[column].sum().to_dict()


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
        assert total(self.plan().planned_orders, "quantity", "item") == published

    def test_orders_are_placed_a_lead_time_before_in_calendar_days(self):
        placed = self.plan().planned_orders.set_index("order_number")["order_day"]
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
        bill = "\n".join([STOOL.strip().splitlines()[0], *STOOL.strip().splitlines()[:0:-1]])
        turned = [part[::-1] for part in parts(self.components)]
        again = bought_on(*turned, self.made, bill)
        pd.testing.assert_frame_equal(again.planned_orders, self.plan().planned_orders)


class TestNetting:
    def test_stock_and_open_orders_are_used_before_anything_is_ordered(self):
        purchase_orders = table("purchase_orders", "item due_day quantity\nSEAT 2026-10-14 30")
        found = bought(
            "SEAT acme 0 1 50 - - - -",
            made_on(d10_13=60.0, d10_15=60.0),
            purchase_orders=purchase_orders,
        )
        order = found.planned_orders.iloc[
            0
        ]  # 120 less 50 in stock and 30 on their way, for the whole week
        assert (len(found.planned_orders), order["due_day"], order["quantity"]) == (
            1,
            day("10-13"),
            40,
        )
        assert found.material_plan["shortage"].eq(0).all()

    def test_an_open_order_that_is_overdue_comes_on_the_first_day(self):
        purchase_orders = table("purchase_orders", "item due_day quantity\nSEAT 2026-09-14 30")
        assert orders(
            "SEAT acme 0 1 0 - - - -", made_on(d10_01=30.0), purchase_orders=purchase_orders
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
        # 50 is not a multiple of 12: 60, which last until the third week
        rows = orders("SEAT acme 0 1 0 - 50 12 -", made_on(d10_06=10.0, d10_12=10.0, d10_19=95.0))
        assert rows["quantity"].tolist() == [60, 60]
        assert rows["due_day"].tolist() == [day("10-06"), day("10-19")]
        assert rows["required"].tolist() == [10, 55]

    def test_the_orders_of_a_month_are_those_of_the_monthly_plan(self):
        # the month needs 65: 72 in dozens; 60 would leave 12, which is less than an order
        rows = orders("SEAT acme 0 1 0 - 50 12 -", made_on(d10_06=10.0, d10_12=10.0, d10_19=45.0))
        assert rows[["due_day", "quantity"]].to_numpy().tolist() == [[day("10-06"), 72]]

    def test_a_perishable_is_ordered_for_no_more_days_than_it_keeps(self):
        made = made_on(d10_05=10.0, d10_06=10.0, d10_07=10.0, d10_08=10.0, d10_09=10.0)
        found = bought("SEAT acme 0 1 0 - - - 2", made)
        rows = found.planned_orders
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
        found = bought("SEAT acme 0 1 0 - - - 5", made)
        rows = found.planned_orders
        assert rows["due_day"].dt.strftime("%m-%d").tolist() == ["10-05", "10-09"]
        assert rows["quantity"].tolist() == [50, 20]
        assert found.material_plan["expired"].sum() == 0

    def test_what_perishes_because_of_the_smallest_order_is_named_as_waste(self):
        plan = bought("SEAT acme 0 1 0 - 30 - 3", made_on(d10_05=10.0, d10_12=25.0)).material_plan
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
        months = found.planned_orders.groupby(found.planned_orders["due_day"].dt.month)[
            "quantity"
        ].sum()
        assert months.to_dict() == {10: 90, 11: 100}
        assert found.material_plan["shortage"].eq(0).all()

    def test_what_a_supplier_cannot_deliver_is_named_as_short(self):
        found = bought("SEAT acme 0 1 0 100 - - -", made_on(d10_07=130.0))
        plan = found.material_plan
        assert plan[plan["period"] == "2026-10"]["shortage"].max() == 30
        assert found.planned_orders["quantity"].tolist() == [100, 30]
        assert plan["shortage"].iloc[-1] == 0

    def test_open_orders_count_in_the_suppliers_month(self):
        purchase_orders = table("purchase_orders", "item due_day quantity\nSEAT 2026-10-05 80")
        plan = bought(
            "SEAT acme 0 1 0 100 - - -",
            made_on(d10_07=130.0),
            purchase_orders=purchase_orders,
        ).material_plan
        assert plan[plan["period"] == "2026-10"]["received"].sum() == 100


class TestSources:
    """Of 100 seats a month acme brings 60, the rest comes from best, whose lead time is 20 days."""

    sources = table(
        "sources",
        """
        item supplier lead_time_days unit_cost supply_limit priority
        SEAT best     20             2         -            2
        SEAT acme     7              1         60           1
        """,
    )

    def orders(self, **days):
        components = table("components", "component on_hand\nSEAT 0")
        found = bought_on(components, self.sources, made_on(**days))
        return found.planned_orders.set_index(["supplier", "due_day"])

    def test_the_first_source_delivers_its_limit_of_each_month_and_the_second_the_rest(self):
        rows = self.orders(d11_09=100.0, d12_07=100.0)
        assert rows["quantity"].to_dict() == {
            ("acme", day("11-09")): 60,
            ("best", day("11-09")): 40,
            ("acme", day("12-07")): 60,
            ("best", day("12-07")): 40,
        }
        assert rows["cost"].tolist() == [80, 60, 80, 60]  # by order day: best 40 x 2, acme 60 x 1

    def test_each_is_ordered_its_own_lead_time_before(self):
        rows = self.orders(d11_09=100.0)
        assert rows["order_day"].to_dict() == {
            ("best", day("11-09")): day("10-20"),
            ("acme", day("11-09")): day("11-02"),
        }

    def test_two_orders_of_one_day_have_the_supplier_in_their_number(self):
        numbers = self.orders(d11_09=100.0, d12_07=30.0)["order_number"].tolist()
        assert numbers == [
            "P/2026-11-09/SEAT/best",
            "P/2026-11-09/SEAT/acme",
            "P/2026-12-07/SEAT",
        ]


class TestLateOrders:
    def test_a_late_order_keeps_its_days_says_how_late_it_is_and_is_short_until_it_comes(self):
        # demand takes a seat a day, so 17 of the seats that come on the 15th are used in October
        found = bought("SEAT acme 14 1 0 - - - -", made_on(d10_06=10.0), demanded=[31, 0, 0, 0])
        order = found.planned_orders.iloc[0]
        assert (order["order_day"], order["due_day"]) == (day("09-22"), day("10-06"))
        assert order["late_days"] == 9
        assert order["arrival_day"] == day("10-15")  # ordered on 1 October, 14 days later
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

    def test_an_order_is_placed_on_a_day_on_which_the_supplier_works(self):
        # seven calendar days before 14 October is the 7th, on which the supplier is closed
        closed = table(
            "holidays", "site day reason\nacme 2026-10-07 holiday\nacme 2026-10-12 holiday"
        )
        order = orders("SEAT acme 7 1 0 - - - -", made_on(d10_14=10.0), holidays=closed).iloc[0]
        assert (order["order_day"], order["due_day"]) == (day("10-06"), day("10-14"))

    def test_a_supplier_with_opening_hours_delivers_on_those_days(self):
        market = table("working_hours", "site weekday hours\nacme saturday 6\nacme wednesday 6")
        order = orders("SEAT acme 1 1 0 - - - -", made_on(d10_12=10.0), working_hours=market).iloc[
            0
        ]
        assert (order["order_day"], order["due_day"]) == (day("10-07"), day("10-10"))


class TestBadBills:
    def test_a_component_without_lead_time_is_ordered_on_the_day_it_is_due(self):
        order = orders("SEAT acme - 1 0 - - - -", made_on(d10_05=10.0)).iloc[0]
        assert order["order_day"] == order["due_day"] == order["arrival_day"] == day("10-05")

    def test_without_a_bill_nothing_is_bought(self):
        made = made_on(d10_05=1.0)
        inputs = purchasing.PurchasingInputs(
            planning_periods=HORIZON,
            supply_plan=by_month(made),
            weekly_plan=empty("weekly_plan"),
            daily_plan=made,
            work_calendar=work_calendar.work_calendar(HORIZON, SITES),
            products=PRODUCTS,
            purchase_plan=empty("purchase_plan"),
        )
        found = purchasing.purchases(inputs)
        assert found.material_plan.empty
        assert found.planned_orders.empty


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
        terms = company["sources"].set_index("item")
        rows = (
            plan["planned_orders"]
            .set_index("item")
            .join(terms[["min_order", "order_multiple", "supply_limit"]])
        )
        free = rows["supply_limit"].isna()
        assert (rows["quantity"] >= rows["min_order"].fillna(0))[free].all()
        boxed = rows[rows["order_multiple"].notna()]
        assert (boxed["quantity"] / boxed["order_multiple"] % 1).eq(0).all()
        assert (rows["quantity"] >= rows["required"]).all()
