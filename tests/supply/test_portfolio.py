"""Large portfolios: groups for products in the programme, and what they make spread by run-out time."""

import inspect

import numpy as np
import pandas as pd
import pytest
from conftest import table
from planning import demand, economics, months

from sopkit.supply.portfolio import MADE, families_of, product_groups, products_of
from sopkit.supply.strategies import supply_review
from sopkit.tables import conform

PRODUCTS = table(
    "products",
    """
    product family unit_of_measure
    TENT-1  tents  piece
    TENT-2  tents  piece
    TENT-3  tents  piece
    """,
)
ROUTINGS = """
product resource hours_per_unit
TENT-1  SEWING   1
TENT-2  SEWING   3
TENT-3  PRESS    2
"""


def company(on_hand, wanted):
    """Three tents at one plant; TENT-1 and TENT-2 are sewn, TENT-3 is pressed."""
    horizon = months(len(next(iter(wanted.values()))))
    held = "\n".join(f"{product} plant {units} yes" for product, units in on_hand.items())
    targets = horizon[["period"]].merge(PRODUCTS[["product"]], how="cross").assign(site="plant")
    return {
        "horizon": horizon,
        "products": PRODUCTS,
        "demand_plan": demand(horizon, {(product, "north"): units for product, units in wanted.items()}),
        "unit_economics": economics(
            horizon,
            """
            product price material_cost holding_cost backlog_cost
            TENT-1  100   20            1            5
            TENT-2  300   60            3            15
            TENT-3  200   40            2            10
            """,
        ),
        "product_sites": table("product_sites", f"product site on_hand makes\n{held}"),
        "inventory_targets": conform(
            "inventory_targets", targets.assign(safety_stock=0.0, target_inventory=0.0, max_inventory=0.0)
        ),
        "routings": table("routings", ROUTINGS),
    }


def call(function, tables, **more):
    known = {**tables, **more}
    return function(**{name: known[name] for name in inspect.signature(function).parameters if name in known})


def made_by_groups(horizon, units):
    """A plan in which each group makes so many standard units a month, two thirds of it in regular time."""
    rows = [
        {"product": group, "site": "plant", "period": period, "strategy": "policy", "regular": made * 2 / 3,
         "overtime": made / 3}
        for group, monthly in units.items()
        for period, made in zip(horizon["period"], monthly, strict=True)
    ]  # fmt: skip
    plan = pd.DataFrame(rows)
    for column in (
        "opening_inventory",
        "subcontract",
        "receipts",
        "shipped",
        "inventory",
        "target_inventory",
    ):
        plan[column] = 0.0
    return conform("supply_plan", plan)


def units(made, month=0):
    rows = made[made["period"] == made["period"].min() + month]
    return rows[MADE].sum(axis=1).groupby(rows["product"]).sum().round(6).to_dict()


EVEN = {"TENT-1": [10, 10, 10], "TENT-2": [30, 30, 30], "TENT-3": [5, 5, 5]}
NO_STOCK = {"TENT-1": 0, "TENT-2": 0, "TENT-3": 0}


def test_products_of_a_family_made_alike_are_a_group_counted_in_hours():
    groups = call(product_groups, company(NO_STOCK, EVEN)).set_index("product")
    assert groups["group"].to_dict() == {"TENT-1": "tents 2", "TENT-2": "tents 2", "TENT-3": "tents 1"}
    assert groups["standard_units"].to_dict() == {"TENT-1": 0.5, "TENT-2": 1.5, "TENT-3": 1}


def test_products_whose_customers_do_not_wait_are_a_group_of_their_own():
    policy = table("inventory_policy", "product site backlog_allowed\nTENT-2 - no")
    groups = call(product_groups, company(NO_STOCK, EVEN), inventory_policy=policy).set_index("product")
    assert groups["group"].nunique() == 3
    assert not groups.loc["TENT-2", "waits"]


class TestRunOut:
    """TENT-1 sells 10 a month and counts half, TENT-2 sells 30 and counts one and a half."""

    def spread(self, on_hand, made, wanted=None):
        tables = company(on_hand, wanted or EVEN)
        groups = call(product_groups, tables)
        plan = made_by_groups(tables["horizon"], {"tents 2": made, "tents 1": [0] * len(made)})
        return groups, call(products_of, tables, groups=groups, supply_plan=plan)

    def test_products_of_a_group_run_out_at_the_same_time(self):
        # stock of 10 and 30 is a month of each; 75 standard units are one and a half months more
        _, made = self.spread({"TENT-1": 10, "TENT-2": 30, "TENT-3": 0}, [75, 0, 0])
        assert units(made) == pytest.approx({"TENT-1": 15, "TENT-2": 45, "TENT-3": 0})

    def test_stock_that_outlasts_the_others_gets_nothing(self):
        # TENT-1 has two months; 90 units of TENT-2 at 1.5 last two months and use all but 0
        _, made = self.spread({"TENT-1": 20, "TENT-2": 0, "TENT-3": 0}, [90, 0, 0])
        assert units(made) == pytest.approx({"TENT-1": 0, "TENT-2": 60, "TENT-3": 0})

    def test_the_month_itself_comes_before_any_later_month(self):
        _, made = self.spread({"TENT-1": 30, "TENT-2": 0, "TENT-3": 0}, [30, 0, 0])
        assert units(made) == pytest.approx({"TENT-1": 0, "TENT-2": 20, "TENT-3": 0})

    def test_what_is_made_beyond_all_known_demand_is_spread_by_mean_demand(self):
        _, made = self.spread(NO_STOCK, [150 + 50, 0, 0])
        assert units(made) == pytest.approx({"TENT-1": 30 + 10, "TENT-2": 90 + 30, "TENT-3": 0})

    def test_all_that_a_group_makes_is_spread_in_its_kinds_of_making(self):
        groups, made = self.spread({"TENT-1": 7, "TENT-2": 3, "TENT-3": 0}, [40, 90, 20])
        rows = made.merge(groups, on="product")
        standard = (
            rows[["regular", "overtime"]].mul(rows["standard_units"], axis=0).groupby(rows["period"]).sum()
        )
        assert standard["regular"].tolist() == pytest.approx([40 * 2 / 3, 60, 20 * 2 / 3])
        assert standard["overtime"].tolist() == pytest.approx([40 / 3, 30, 20 / 3])


class TestFamilies:
    def test_stock_of_one_product_serves_no_other(self):
        tables = company({"TENT-1": 25, "TENT-2": 0, "TENT-3": 0}, EVEN)
        groups = call(product_groups, tables)
        family = call(families_of, tables, groups=groups)
        sewn = family.demand_plan[family.demand_plan["product"] == "tents 2"]
        assert sewn["consensus"].tolist() == pytest.approx([45, 45, 45 + 5 * 0.5])
        assert family.product_sites["on_hand"].sum() == 0

    def test_a_standard_unit_takes_the_mean_hours_of_its_group_and_earns_as_much_as_its_products(self):
        tables = company(NO_STOCK, EVEN)
        groups = call(product_groups, tables)
        family = call(families_of, tables, groups=groups)
        hours = family.routings.set_index("product")["hours_per_unit"]
        assert hours.to_dict() == pytest.approx({"tents 1": 2, "tents 2": 2})
        plan = family.demand_plan.merge(family.unit_economics, on=["product", "period"])
        assert (plan["consensus"] * plan["price"]).sum() == pytest.approx(3 * (10 * 100 + 30 * 300 + 5 * 200))

    def test_groups_are_planned_by_the_programme_and_their_products_serve_the_same_demand(self):
        tables = company(NO_STOCK, {**EVEN, "TENT-2": [10, 60, 20]})
        tables |= {
            "network": table("network", "site market freight_cost\nplant north 1"),
            "resources": table(
                "resources",
                """
                resource site  opening_workers regular_wage overtime_wage hire_cost layoff_cost
                SEWING   plant 1               10           15            100       100
                PRESS    plant 1               10           15            100       100
                """,
            ),
        }
        groups = call(product_groups, tables)
        family = call(families_of, tables, groups=groups)
        plan = call(supply_review, {**tables, **family._asdict()}).supply_plan
        made = call(products_of, tables, groups=groups, supply_plan=plan[plan["strategy"] == "optimal"])
        total = made[MADE].sum(axis=1).groupby(made["product"]).sum()
        wanted = tables["demand_plan"].groupby("product")["consensus"].sum()
        assert total.to_dict() == pytest.approx(wanted.to_dict())
        full = call(supply_review, tables).supply_plan
        full = full[full["strategy"] == "optimal"].groupby("product")[MADE].sum().sum(axis=1)
        assert np.abs(full - total).sum() < 0.01 * total.sum()
