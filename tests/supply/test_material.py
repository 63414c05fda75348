"""What is not there cannot be made or sold: stock, lead times, limits and lots of material bind."""

import numpy as np
import pandas as pd
import pytest
from conftest import said, table
from planning import cost, demand, item_costs, months
from test_lead_times import company, review, routings

from sopkit.data_quality import fence_checks
from sopkit.supply.optimization.purchase_lots import in_lots
from sopkit.supply.procurement import procurement

BILL = "product component quantity_per_unit\nSTOOL SEAT 1"


def of_seats(sources, components="-", wanted=(60, 60, 60), **more):
    """Stools of one seat each; stock of seats and their sources as given."""
    given = {"bill_of_materials": table("bill_of_materials", BILL)}
    if components != "-":
        given["components"] = table("components", f"component on_hand\nSEAT {components}")
    if sources is not None:
        given["sources"] = table("sources", sources)
    return company(wanted, **given, **more)


def made(tables):
    return review(tables).supply_plan["regular"].tolist()


def late(tables):
    return review(tables).constrained_demand["backlog"].tolist()


def bought(tables):
    """The purchases of a plan."""
    plans = review(tables)
    return procurement(
        tables["planning_periods"],
        tables["products"],
        plans.supply_plan,
        tables["demand_plan"],
        plans.purchased_products,
        tables.get("bill_of_materials"),
        tables.get("components"),
        tables.get("sources"),
        tables.get("purchase_orders"),
        tables.get("planning_fences"),
    )


class TestLeadTimes:
    sources = "item supplier lead_time_days unit_cost\nSEAT acme {} 2"

    def test_seats_of_20_days_serve_11_of_the_31_days_of_october(self):
        tables, there = of_seats(self.sources.format(20), 0), 60 * 11 / 31
        assert made(tables) == pytest.approx([there, 120 - there, 60])
        assert late(tables) == pytest.approx([60 - there, 0, 0], abs=1e-6)

    def test_seats_of_45_days_serve_16_of_the_30_days_of_november(self):
        tables = of_seats(self.sources.format(45), 60)
        assert made(tables) == pytest.approx([60, 60 * 16 / 30, 60 + 60 * 14 / 30])
        assert late(tables) == pytest.approx([0, 60 * 14 / 30, 0], abs=1e-6)

    def test_an_open_order_bridges_the_lead_time(self):
        orders = table("purchase_orders", "item due_day quantity\nSEAT 2026-11-10 28")
        tables = of_seats(self.sources.format(45), 60, purchase_orders=orders)
        assert made(tables) == pytest.approx([60, 60, 60])

    def test_stock_of_nothing_binds_and_stock_not_given_does_not(self):
        assert made(of_seats(self.sources.format(31), 0))[0] == pytest.approx(0, abs=1e-6)
        assert made(of_seats(self.sources.format(31)))[0] == pytest.approx(60)

    def test_a_source_without_a_lead_time_delivers_at_once(self):
        assert made(of_seats(self.sources.format("-"), 0)) == pytest.approx([60, 60, 60])

    def test_without_sources_seats_are_there_though_none_is_in_stock(self):
        assert made(of_seats(None, 0)) == pytest.approx([60, 60, 60])

    def test_what_the_demand_plan_lacks_is_the_shortage(self):
        plan = bought(of_seats(self.sources.format(31), 20)).procurement_plan
        assert plan["demand_requirement"].tolist() == pytest.approx([60, 60, 60])
        assert plan["required"].tolist() == pytest.approx([20, 100, 60])
        assert plan["shortage"].tolist() == pytest.approx([40, 0, 0])


class TestSources:
    two = """
        item supplier lead_time_days unit_cost supply_limit priority
        SEAT best     0              3         -            2
        SEAT acme     0              2         40           1
    """

    def test_the_first_source_delivers_up_to_its_limit_and_the_second_the_rest(self):
        plan = bought(of_seats(self.two, 0)).purchase_plan.set_index(["supplier", "period"])
        assert plan.loc["acme", "received"].tolist() == pytest.approx([40, 40, 40])
        assert plan.loc["best", "received"].tolist() == pytest.approx([20, 20, 20])
        assert plan.loc["acme", "cost"].tolist() == pytest.approx([80, 80, 80])
        assert plan.loc["best", "cost"].tolist() == pytest.approx([60, 60, 60])

    def test_one_source_alone_holds_production_at_its_limit(self):
        tables = of_seats(
            "item supplier lead_time_days unit_cost supply_limit\nSEAT acme 0 2 40", 0
        )
        assert made(tables) == pytest.approx([40, 40, 40])
        assert late(tables) == pytest.approx([20, 40, 60])

    def test_a_limit_that_binds_has_a_shadow_price(self):
        tables = of_seats(
            "item supplier lead_time_days unit_cost supply_limit\nSEAT acme 0 2 40", 0
        )
        values = review(tables).shadow_prices
        rows = values[values["constraint"] == "material"]
        assert rows["item"].unique().tolist() == ["SEAT"]
        assert (rows["shadow_price"] > 0).all()

    @pytest.mark.parametrize(
        ("lots", "received"),
        [
            ("100 30", [120, 120, 120]),  # four multiples of 30; 10 and then 20 are left over
            ("- 500", [500, 0, 0]),
            ("200 -", [200, 200, 0]),  # 90 are left over, so that 20 are missing in November
        ],
    )
    def test_an_order_is_the_minimum_or_more_in_whole_multiples(self, lots, received):
        terms = f"item supplier lead_time_days min_order order_multiple\nSEAT acme 0 {lots}"
        found = bought(of_seats(terms, 0, wanted=(110, 110, 110))).purchase_plan
        assert found["received"].tolist() == received


class TestAssemblies:
    """A stool takes a seat and two legs; legs are products that are sold, too."""

    products = table(
        "products",
        "product family unit_of_measure\nSTOOL stools piece\nLEG legs piece",
    )

    def tables(self, legs=0, **more):
        periods = months(1)
        given = {
            "planning_periods": periods,
            "products": self.products,
            "demand_plan": demand(periods, {("STOOL", "home"): [10], ("LEG", "home"): [10]}),
            "unit_economics": item_costs(
                periods,
                """
                product price material_cost holding_cost backlog_cost
                STOOL   100   10            1            50
                LEG     10    2             1            5
                """,
            ),
            "item_locations": table(
                "item_locations",
                f"product site on_hand produced_here\nSTOOL plant 0 yes\nLEG plant {legs} yes",
            ),
            "bill_of_materials": table(
                "bill_of_materials", "product component quantity_per_unit\nSTOOL LEG 2"
            ),
            "inventory_policy": table(
                "inventory_policy",
                "product target_service_level\nSTOOL 0.5\nLEG 0.5",
            ),
        }
        ways = "product resource hours_per_unit\nSTOOL CREW 2\nLEG CREW 1"
        return company((10,), **(given | routings(ways) | more))

    def test_hours_are_those_of_legs_for_sale_legs_in_stools_and_stools(self):
        plans = review(self.tables())
        # 10 legs for sale, 20 in stools, an hour each, and 10 stools of 2 hours
        assert plans.workforce_plan["regular_hours"].tolist() == pytest.approx([10 + 20 + 20])
        rows = plans.supply_plan.set_index("product")
        assert rows["regular"].to_dict() == pytest.approx({"LEG": 30, "STOOL": 10})
        assert rows["consumed"].to_dict() == pytest.approx({"LEG": 20, "STOOL": 0})

    def test_legs_in_stock_are_used_first(self):
        plans = review(self.tables(legs=25))
        rows = plans.supply_plan.set_index("product")
        assert rows["regular"].to_dict() == pytest.approx({"LEG": 5, "STOOL": 10})
        assert rows["inventory"].to_dict() == pytest.approx({"LEG": 0, "STOOL": 0})

    def test_no_stool_is_made_without_legs(self):
        ways = "product resource hours_per_unit\nSTOOL CREW 2\nLEG SAW 1"
        saw = table(
            "resources",
            "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost max_workers\n"
            "CREW plant 10 5 8 0 0 10\nSAW plant 0 5 8 0 0 0",
        )
        tables = self.tables(legs=14, routings=table("routings", ways), resources=saw)
        rows = review(tables).supply_plan.set_index("product")
        # a stool is worth more than two legs
        assert rows.loc["STOOL", "regular"] == pytest.approx(7)
        assert rows.loc["LEG", "shipped"] == pytest.approx(0, abs=1e-6)

    def test_no_stool_is_refused_because_its_legs_cost_more_than_it_earns(self):
        costs = """
            product price material_cost holding_cost backlog_cost
            STOOL   1     10            1            1
            LEG     1     900           1            1
        """
        tables = self.tables(unit_economics=item_costs(months(1), costs))
        rows = review(tables).constrained_demand
        assert rows["fulfilled"].tolist() == pytest.approx([10, 10])

    def test_what_goes_into_legs_goes_into_stools(self):
        bill = "product component quantity_per_unit\nSTOOL LEG 2\nLEG WOOD 3"
        tables = self.tables(
            bill_of_materials=table("bill_of_materials", bill),
            components=table("components", "component on_hand\nWOOD 0"),
            sources=table("sources", "item supplier unit_cost\nWOOD acme 1"),
        )
        plan = bought(tables).procurement_plan
        assert plan["required"].tolist() == pytest.approx([3 * 30])


class TestCoProducts:
    """A litre of milk gives a tenth of cream and nine tenths of skimmed milk."""

    def tables(self, cream, skim):
        periods = months(1)
        products = "product family unit_of_measure\n" + "\n".join(
            f"{name} dairy litre" for name in ("CREAM", "MILK", "SKIM")
        )
        costs = "product price material_cost holding_cost backlog_cost\n" + "\n".join(
            f"{name} 10 {material} 0.1 5"
            for name, material in (("CREAM", 0), ("MILK", 1), ("SKIM", 0))
        )
        places = "product site on_hand produced_here\n" + "\n".join(
            f"{name} plant 0 yes" for name in ("CREAM", "MILK", "SKIM")
        )
        wanted = {("CREAM", "home"): [cream], ("SKIM", "home"): [skim], ("MILK", "home"): [0]}
        bill = (
            "product component quantity_per_unit co_product\nMILK CREAM 0.1 yes\nMILK SKIM 0.9 yes"
        )
        return company(
            (1,),
            planning_periods=periods,
            products=table("products", products),
            demand_plan=demand(periods, wanted),
            unit_economics=item_costs(periods, costs),
            item_locations=table("item_locations", places),
            bill_of_materials=table("bill_of_materials", bill),
            inventory_policy=table(
                "inventory_policy",
                "product target_service_level\nCREAM 0.5\nMILK 0.5\nSKIM 0.5",
            ),
        )

    def test_the_milk_for_the_skimmed_milk_brings_the_cream(self):
        rows = review(self.tables(cream=5, skim=90)).supply_plan.set_index("product")
        assert rows["regular"].to_dict() == pytest.approx({"CREAM": 10, "MILK": 100, "SKIM": 90})
        assert rows.loc["CREAM", "inventory"] == pytest.approx(5)

    def test_the_cream_alone_may_ask_for_the_milk(self):
        rows = review(self.tables(cream=20, skim=90)).supply_plan.set_index("product")
        assert rows.loc["MILK", "regular"] == pytest.approx(200)
        assert rows.loc["SKIM", "inventory"] == pytest.approx(90)


class TestPurchasedProducts:
    """An importer: 100 kettles a month, half a month in stock, 90 days from the far east."""

    def tables(self, lead=90, waits="yes", **terms):
        wanted = (100, 100, 100, 100, 100)
        rows = {"item": "STOOL", "supplier": "far-east", "lead_time_days": lead, "unit_cost": 30}
        text = pd.DataFrame([rows | terms]).to_csv(sep=" ", index=False)
        return company(
            wanted,
            on_hand=50,
            sources=table("sources", text),
            item_locations=table(
                "item_locations",
                "product site on_hand produced_here purchased_here\nSTOOL plant 50 no yes",
            ),
            inventory_policy=table(
                "inventory_policy",
                f"product target_service_level backlog_allowed\nSTOOL 0.5 {waits}",
            ),
        )

    def test_half_a_month_of_stock_and_90_days_lose_two_and_a_half_months_of_sales(self):
        # an order of 1 October is there on 30 December, for 2 of 31 days
        lost = review(self.tables(waits="no")).constrained_demand["lost_sales"]
        december = 100 * 29 / 31
        assert lost.tolist() == pytest.approx([50, 100, december, 0, 0], abs=1e-5)

    def test_purchases_cost_what_the_source_asks(self):
        plans = review(self.tables(waits="no"))
        units = plans.purchased_products["purchased"].sum()
        assert units == pytest.approx(200 + 100 * 2 / 31)
        assert cost(plans, "purchased goods") == pytest.approx(units * 30)
        assert cost(plans, "material") == 0

    def test_a_limit_of_the_source_holds_sales(self):
        plans = review(self.tables(lead=0, supply_limit=80))
        assert plans.supply_plan["purchased"].tolist() == pytest.approx([80] * 5)
        assert plans.constrained_demand["backlog"].iloc[-1] == pytest.approx(500 - 50 - 400)

    def test_orders_are_whole_lots(self):
        plan = review(self.tables(lead=0, min_order=100, order_multiple=30)).supply_plan
        assert np.unique(plan["purchased"].round(6)).tolist() in ([0, 120], [120])
        plan = review(self.tables(lead=0, order_multiple=500)).supply_plan
        assert plan["purchased"].tolist() == pytest.approx([500, 0, 0, 0, 0])

    def test_the_purchase_plan_orders_a_lead_time_ahead(self):
        plan = bought(self.tables(lead=30)).purchase_plan
        assert plan["item"].unique().tolist() == ["STOOL"]
        received = plan["received"].to_numpy()
        assert plan["ordered"].tolist() == pytest.approx(
            [received[0] + received[1], *received[2:], 0]
        )

    def test_lots_are_rounded_up_and_what_is_left_over_counts_next_month(self):
        way = type("Way", (), {})
        way.source, way.most = np.array([0]), np.full((1, 3), np.inf)
        way.least, way.multiple = np.full((1, 3), 100.0), np.full((1, 3), 30.0)
        assert in_lots(np.array([[110.0, 110.0, 110.0]]), way).tolist() == [[120, 120, 120]]
        assert in_lots(np.array([[20.0, 20.0, 90.0]]), way).tolist() == [[120, 0, 120]]


def test_a_company_without_any_of_this_plans_as_before():
    plans = review(company())
    assert plans.supply_plan["regular"].tolist() == pytest.approx([60, 60, 60])
    assert plans.purchased_products.empty
    assert bought(company()).purchase_plan.empty


def notice(item, months, limit="-"):
    return table(
        "planning_fences",
        "kind item months limit owner reason\n"
        f"supplier_notice {item} {months} {limit} Silva booked",
    )


class TestNotice:
    """Seats for 60 stools a month from a supplier who delivers at once, under notice."""

    sources = "item supplier lead_time_days unit_cost\nSEAT acme 0 2"
    orders = "item due_day quantity\nSEAT 2026-10-10 25\nSEAT 2026-11-10 45"

    def test_within_it_no_more_comes_than_is_on_order(self):
        # 25 and 45 are firm; what is missing, 50, is made when notice is over
        orders = table("purchase_orders", self.orders)
        tables = of_seats(
            self.sources, 0, purchase_orders=orders, planning_fences=notice("SEAT", 2)
        )
        assert made(tables) == pytest.approx([25, 45, 110])
        assert late(tables) == pytest.approx([35, 50, 0], abs=1e-6)
        plan = bought(tables).procurement_plan
        assert plan["received"].tolist() == pytest.approx([25, 45, 110])
        assert plan["shortage"].tolist() == pytest.approx([35, 50, 0])

    def test_a_limit_is_what_comes_in_all_with_what_is_on_order(self):
        orders = table("purchase_orders", self.orders)
        fence = notice("SEAT", 2, 40)
        tables = of_seats(self.sources, 0, purchase_orders=orders, planning_fences=fence)
        assert made(tables) == pytest.approx([40, 45, 95])
        assert bought(tables).procurement_plan["received"].tolist() == pytest.approx([40, 45, 95])

    def test_two_suppliers_of_a_seat_share_the_limit(self):
        two = "item supplier lead_time_days unit_cost priority\nSEAT acme 0 2 1\nSEAT best 0 3 2"
        tables = of_seats(two, 0, planning_fences=notice("SEAT", 1, 40))
        assert made(tables) == pytest.approx([40, 80, 60])
        assert bought(tables).procurement_plan["received"].tolist() == pytest.approx([40, 80, 60])

    def test_a_row_for_the_seat_goes_before_one_for_all(self):
        both = pd.concat([notice("SEAT", 1, 50), notice("-", 2)], ignore_index=True)
        assert made(of_seats(self.sources, 0, planning_fences=both)) == pytest.approx([50, 70, 60])

    def test_stock_that_is_not_given_binds_nothing_under_notice_either(self):
        tables = of_seats(self.sources, planning_fences=notice("SEAT", 2))
        assert made(tables) == pytest.approx([60, 60, 60])
        assert late(tables) == pytest.approx([0, 0, 0], abs=1e-6)

    def test_a_component_of_no_bill_of_materials_is_refused(self):
        bill = table("bill_of_materials", BILL)
        products = table("products", "product family unit_of_measure\nSTOOL seats piece")
        found = fence_checks.unknown_fences(notice("SAET", 2), products, bill_of_materials=bill)
        assert said(found) == (
            "planning_fences: the item of supplier_notice must be a product or a family or a "
            "component known in products or bill_of_materials; 1 of 1 rows is not:\n"
            "  row 1  kind=supplier_notice  item=SAET\n"
            "  Correct the item, or leave it empty for all."
        )
