"""Procurement: what production needs, when it is ordered, and what cannot be had."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from planning import demand, item_costs, months

from sopkit.master_data.bom import usage_per_unit
from sopkit.supply.procurement import procurement
from sopkit.supply.supplier_dependency import supplier_dependency
from sopkit.tables import conform, empty

STOOL = """
product component quantity_per_unit
STOOL   BASE      1
STOOL   SEAT      1
STOOL   BOLT      2
STOOL   SCREW     1
BASE    LEG       4
BASE    SCREW     4
"""


PRODUCTS = "product family unit_of_measure\nSTOOL stools piece\nBENCH benches piece"
FLOWS = ["overtime", "subcontract", "scheduled_receipts", "shipped", "inventory"]


def production(planning_periods, made, product="STOOL"):
    """A plan of record that makes these units and nothing else."""
    plan = planning_periods[["period"]].assign(
        product=product, site="plant", regular=np.array(made, float)
    )
    plan = plan.assign(started=plan["regular"], opening_inventory=0.0, target_inventory=0.0)
    return conform("supply_plan", plan.assign(**dict.fromkeys(FLOWS, 0.0)))


def purchases(planning_periods, made, bill=None, parts=None, orders=None):
    """What the plan purchases: all it makes is demanded. `parts` are components and sources."""
    monthly_units = made.pivot_table(
        index="period", columns="product", values="regular", aggfunc="sum"
    )
    wanted = {(product, "home"): units.tolist() for product, units in monthly_units.items()}
    components, sources = parts or (None, None)
    return procurement(
        planning_periods,
        table("products", PRODUCTS),
        made,
        demand(planning_periods, wanted),
        empty("purchased_products"),
        bill,
        components,
        sources,
        orders,
    )


def procurement_plan(*given, **more):
    return purchases(*given, **more).procurement_plan


def parts(rows):
    """Components and their sources: component, supplier, lead time, unit cost, stock, limit, minimum."""
    names = [
        "item",
        "supplier",
        "lead_time_days",
        "unit_cost",
        "on_hand",
        "supply_limit",
        "min_order",
    ]
    given = pd.DataFrame([row.split() for row in rows.strip().splitlines()], columns=names)
    given = given.replace("-", pd.NA)
    stock = given[["item", "on_hand"]].rename(columns={"item": "component"})
    return conform("components", stock), conform("sources", given.drop(columns="on_hand"))


def monthly(plan, component, column):
    return plan.loc[plan["component"] == component, column].tolist()


class TestStool:
    """The two-level stool of a course on material requirements: 100 in one month, 200 two months later."""

    parts = parts(
        """
        BASE  own  30 5   0 - -
        SEAT  acme 90 3   0 - -
        BOLT  acme 60 0.1 0 - -
        LEG   acme 0  1   0 - -
        SCREW acme 0  0.1 0 - -
        """
    )

    def plan(self):
        planning_periods = months(8)
        made = production(planning_periods, [0, 0, 0, 0, 100, 0, 200, 0])
        return procurement_plan(
            planning_periods, made, table("bill_of_materials", STOOL), self.parts
        )

    def test_needs_1_500_screws_from_both_levels(self):
        required = self.plan().groupby("component")["required"].sum()
        assert required.to_dict() == {
            "BASE": 300,
            "BOLT": 600,
            "LEG": 1200,
            "SCREW": 1500,
            "SEAT": 300,
        }

    def test_orders_each_part_its_lead_time_before_it_is_needed(self):
        plan = self.plan()
        assert monthly(plan, "SEAT", "ordered") == [0, 100, 0, 200, 0, 0, 0, 0]
        assert monthly(plan, "BOLT", "ordered") == [0, 0, 200, 0, 400, 0, 0, 0]
        assert monthly(plan, "BASE", "ordered") == [0, 0, 0, 100, 0, 200, 0, 0]

    def test_needs_the_legs_when_the_base_is_started(self):
        assert monthly(self.plan(), "LEG", "required") == [0, 0, 0, 400, 0, 800, 0, 0]

    def test_pays_for_what_it_orders(self):
        assert monthly(self.plan(), "SEAT", "cost") == [0, 300, 0, 600, 0, 0, 0, 0]

    def test_takes_part_of_every_unit_from_every_level(self):
        usage = usage_per_unit(table("bill_of_materials", STOOL)).set_index(
            ["product", "component"]
        )
        assert usage.loc[("STOOL", "SCREW"), "quantity_per_unit"] == 5
        assert usage.loc[("STOOL", "LEG"), "quantity_per_unit"] == 4


class TestSupply:
    bill = "product component quantity_per_unit\nSTOOL SEAT 1"

    def plan(self, made, part):
        planning_periods = months(len(made))
        return procurement_plan(
            planning_periods,
            production(planning_periods, made),
            table("bill_of_materials", self.bill),
            parts(part),
        )

    def test_uses_stock_before_it_buys(self):
        plan = self.plan([100, 100, 100], "SEAT acme 0 1 150 - -")
        assert plan["received"].tolist() == [0, 50, 100]
        assert plan["inventory"].tolist() == [50, 0, 0]

    def test_buys_ahead_of_a_peak_that_the_supplier_cannot_deliver_at_once(self):
        plan = self.plan([50, 50, 300], "SEAT acme 0 1 0 150 -")
        assert plan["received"].tolist() == [100, 150, 150]
        assert plan["shortage"].tolist() == [0, 0, 0]

    def test_shows_what_cannot_be_had_in_time_and_delivers_it_late(self):
        plan = self.plan([200, 100, 0, 0], "SEAT acme 0 1 0 120 -")
        assert plan["received"].tolist() == [120, 120, 60, 0]
        assert plan["shortage"].tolist() == [80, 60, 0, 0]

    def test_misses_what_is_needed_before_the_first_order_can_arrive(self):
        # an order of 1 October is there on the 31st, for the last of the month's 31 days
        plan = self.plan([50, 50, 50], "SEAT acme 30 1 20 - -")
        last_day = 50 / 31
        assert plan["received"].tolist() == pytest.approx([last_day, 80 - last_day, 50])
        assert plan["shortage"].tolist() == pytest.approx([30 - last_day, 0, 0])
        assert plan["ordered"].tolist() == pytest.approx([80, 50, 0])

    def test_orders_at_least_the_smallest_order_and_uses_the_rest_later(self):
        plan = self.plan([40, 40, 40, 0], "SEAT acme 0 1 0 - 100")
        assert plan["received"].tolist() == [100, 0, 100, 0]
        assert plan["inventory"].tolist() == [60, 20, 80, 80]

    def test_leaves_what_it_had_plus_what_came_less_what_went(self):
        plan = self.plan([200, 100, 30, 400, 10], "SEAT acme 30 1 90 130 50")
        change = 90 + (plan["received"] - plan["required"]).cumsum()
        assert (plan["inventory"] - plan["shortage"]).tolist() == pytest.approx(change.tolist())
        assert (plan["received"] <= 130).all()


class TestBills:
    def test_a_part_made_with_its_parent_is_passed_through(self):
        planning_periods = months(1)
        bill = table(
            "bill_of_materials", "product component quantity_per_unit\nSTOOL BASE 1\nBASE LEG 4"
        )
        plan = procurement_plan(
            planning_periods, production(planning_periods, [10]), bill, parts("LEG acme 0 1 0 - -")
        )
        assert plan[["component", "required"]].to_numpy().tolist() == [["LEG", 40]]

    def test_a_part_of_itself_is_refused(self):
        planning_periods = months(1)
        bill = table(
            "bill_of_materials", "product component quantity_per_unit\nSTOOL BASE 1\nBASE STOOL 1"
        )
        with pytest.raises(ValueError, match="a component must not be part of itself"):
            procurement_plan(
                planning_periods,
                production(planning_periods, [10]),
                bill,
                parts("LEG acme 0 1 0 - -"),
            )

    def test_a_circle_over_several_levels_is_refused(self):
        bill = table(
            "bill_of_materials",
            "product component quantity_per_unit\nSTOOL BASE 1\nBASE LEG 1\nLEG STOOL 1",
        )
        with pytest.raises(ValueError, match="Remove the row that closes the circle"):
            usage_per_unit(bill)

    def test_a_part_without_a_lead_time_is_there_in_the_month_of_its_order(self):
        planning_periods = months(2)
        bill = table("bill_of_materials", "product component quantity_per_unit\nSTOOL LEG 4")
        made = production(planning_periods, [10, 20])
        plan = procurement_plan(planning_periods, made, bill, parts("LEG acme - 1 0 - -"))
        assert plan["ordered"].tolist() == plan["received"].tolist() == [40, 80]

    def test_without_a_bill_nothing_is_bought(self):
        planning_periods = months(2)
        plan = procurement_plan(planning_periods, production(planning_periods, [10, 10]))
        assert conform("procurement_plan", plan).empty

    def test_row_order_changes_nothing(self):
        planning_periods = months(3)
        bill, made = table("bill_of_materials", STOOL), production(planning_periods, [10, 20, 30])
        plain = procurement_plan(planning_periods, made, bill, TestStool.parts)
        turned = procurement_plan(
            planning_periods, made[::-1], bill[::-1], [part[::-1] for part in TestStool.parts]
        )
        pd.testing.assert_frame_equal(conform("procurement_plan", plain), plain)
        pd.testing.assert_frame_equal(turned, plain)


class TestExposure:
    """Stools need screws of acme on two levels, benches need planks alone; 10 stools and 20 benches are sold.

    No product takes the labels of print, so the plan does not depend on print.
    """

    bill = table("bill_of_materials", STOOL + "BENCH PLANK 2")
    parts = parts(
        """
        BASE  own   0 5   0 - -
        SEAT  acme  0 3   0 - -
        BOLT  acme  0 0.5 0 - -
        LEG   tree  0 1   0 - -
        SCREW acme  0 0.1 0 30 -
        PLANK tree  0 2   0 - -
        LABEL print 0 1   0 - -
        """
    )

    def exposure(self):
        planning_periods = months(1)
        made = [production(planning_periods, [10]), production(planning_periods, [20], "BENCH")]
        bought = purchases(planning_periods, pd.concat(made), self.bill, self.parts)
        sold = table(
            "constrained_demand",
            """
            product market period  demand fulfilled backlog lost_sales
            STOOL   north  2026-10 10     10     0       0
            BENCH   north  2026-10 20     15     5       0
            BENCH   south  2026-10 5      5      0       0
            """,
        )
        prices = item_costs(
            planning_periods,
            "product price material_cost holding_cost backlog_cost\nSTOOL 60 0 0 0\nBENCH 20 0 0 0",
        )
        result = supplier_dependency(sold, prices, *bought, self.bill)
        pd.testing.assert_frame_equal(conform("supplier_dependency", result), result)
        return result.set_index("supplier")

    def test_is_the_money_ordered_and_its_share(self):
        rows = self.exposure()
        # acme delivers 30 of the 50 screws that are needed
        assert rows["cost"].to_dict() == {
            "acme": 30 + 10 + 3,
            "own": 50,
            "tree": 40 + 80,
        }
        assert rows["spend_share"].sum() == pytest.approx(1)

    def test_is_the_revenue_of_the_products_that_need_the_supplier_on_any_level(self):
        rows = self.exposure()
        assert rows["dependent_revenue"].to_dict() == {
            "acme": 600,
            "own": 600,
            "tree": 1000,
        }
        assert rows["revenue_dependency"].to_dict() == {
            "acme": 0.6,
            "own": 0.6,
            "tree": 1,
        }
        assert rows["products_dependent"].to_dict() == {"acme": 1, "own": 1, "tree": 2}
        assert rows["components_supplied"].to_dict() == {"acme": 3, "own": 1, "tree": 2}

    def test_is_what_is_missing_at_its_price(self):
        assert self.exposure()["shortage_cost"].to_dict() == pytest.approx(
            {"acme": 2, "own": 0, "tree": 0}
        )

    def test_is_not_known_without_a_bill(self):
        planning_periods = months(1)
        nothing = purchases(planning_periods, production(planning_periods, [10]))
        sold = table(
            "constrained_demand",
            "product market period demand fulfilled backlog lost_sales\nSTOOL n 2026-10 1 1 0 0",
        )
        prices = item_costs(
            planning_periods,
            "product price material_cost holding_cost backlog_cost\nSTOOL 60 0 0 0",
        )
        assert supplier_dependency(sold, prices, *nothing).empty
