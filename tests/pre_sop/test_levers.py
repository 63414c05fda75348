"""Levers: standard rows, and a company's own beside them or in their place."""

import numpy as np
import pandas as pd
from conftest import table
from resting import (
    BILL,
    CALENDAR,
    ECONOMICS,
    LATE,
    PRODUCTS,
    RESOURCES,
    SOURCES,
    TERMS,
    budget,
    gaps,
    limits,
    only,
    proposals,
)

from sopkit import scenarios
from sopkit.pre_sop import price_answers
from sopkit.pre_sop.levers import known_levers, supposing
from sopkit.tables import conform
from sopkit.widgets import controls


def test_the_limit_that_costs_money_is_lifted_in_the_months_it_costs():
    change = only(proposals(gaps(**LATE), resource_calendar=CALENDAR))
    assert change["scenario"] == "overtime-CELL-2027-05"
    assert change["statement"] == "Raise the overtime limit of CELL by 25 %, May 2027"
    assert (change["table"], change["column"]) == ("resource_calendar", "overtime_hours_per_worker")
    assert (change["operation"], change["amount"], change["resource"]) == ("multiply", 1.25, "CELL")


def test_where_there_is_no_overtime_yet_some_is_added():
    none = CALENDAR.assign(overtime_hours_per_worker=0.0)
    change = only(proposals(gaps(**LATE), resource_calendar=none))
    assert (change["operation"], change["amount"]) == ("add", 10)


def test_every_kind_of_limit_has_its_lever():
    scarce = limits(
        """
        constraint         item    period   limit  used  shadow_price
        overtime-hours     CELL    2027-05  40     40    1
        max-workers        CELL    2027-05  12     12    9
        subcontract-limit  TENT-2  2027-05  10     10    8
        material           POLE    2027-05  350    350   1
        """
    )
    changes = proposals(
        gaps(**LATE),
        shadow_prices=scarce,
        resource_calendar=CALENDAR,
        resources=RESOURCES,
        item_costs=ECONOMICS,
        sources=SOURCES,
        bill_of_materials=BILL,
    )
    # dearest first: 350 poles x 1, 12 workers x 9 (some more, or a second shift), 10 tents x 8, 40 hours x 1
    assert changes["scenario"].tolist() == [
        "supplier-POLE",
        "workers-CELL",
        "shift-CELL",
        "outside-tents-2027-05",
        "overtime-CELL-2027-05",
    ]
    assert changes["amount"].tolist() == [1.25, 2, 2, 1.5, 1.25]


def test_a_margin_below_budget_may_be_met_by_price_or_material():
    changes = proposals(gaps(plan_variances=budget(5000, 12000)), item_costs=ECONOMICS)
    assert changes["column"].tolist() == ["price", "material_cost"]
    assert changes["amount"].tolist() == [1.02, 0.98]
    assert changes["statement"].iloc[0].endswith("if volume holds")


# a company's own levers


DISCOUNT = {
    "lever": "trade_discount",
    "table": "item_costs",
    "column": "price",
    "operation": "multiply",
    "amount": 0.98,
    "scope": "family",
    "monthly": True,
    "closes": "revenue",
    "assumes": "dealers order more",
    "statement": "Give dealers of {item} {percent} off, {months}",
    "slider": "trade discount",
    "slider_low": -0.1,
    "slider_high": 0.0,
    "slider_step": 0.01,
}


def own(**row):
    return conform("levers", pd.DataFrame([DISCOUNT | row]))


def test_a_lever_of_the_company_is_an_option_beside_the_standard_ones():
    below = gaps(plan_variances=budget(margin=4000, revenue=12000))
    changes = proposals(below, item_costs=ECONOMICS, levers=own())
    assert changes["scenario"].tolist() == [
        "price-tents-2027-05",
        "trade_discount-tents-2027-05",
    ]
    change = changes.iloc[1]
    assert change["statement"] == ("Give dealers of tents 2 % off, May 2027, if dealers order more")
    assert (change["amount"], change["family"], str(change["to_period"])) == (
        0.98,
        "tents",
        "2027-05",
    )
    after = scenarios.apply({"products": PRODUCTS, "item_costs": ECONOMICS}, changes.iloc[1:])
    assert after["item_costs"]["price"].min() == 50
    assert 98 in after["item_costs"]["price"].tolist()


def sliders(**tables):
    sold = "product market period quantity\nTENT-2 north 2027-03 100\nSTOVE-1 north 2027-03 200"
    known = {"products": PRODUCTS, "sales_history": table("sales_history", sold)}
    return controls.offered({**known, **tables}, "2027-04")


def test_a_lever_of_the_company_has_a_slider_for_each_thing_that_it_changes():
    offered = sliders(item_costs=ECONOMICS, levers=own())
    mine = [one for one in offered if one.group == "trade discount"]
    assert [one.label for one in mine] == ["stoves", "tents"]
    assert mine[0].heading == "Trade discount of a family, % more or less"
    assert mine[0].options == (-0.1, 0.0, 0.01)
    turned = controls.rows(mine, [0.0, -0.02])
    assert only(turned)[["table", "column", "operation", "amount", "family"]].tolist() == [
        "item_costs",
        "price",
        "multiply",
        0.98,
        "tents",
    ]
    assert controls.said(mine, [0.0, -0.02]) == ["trade discount of tents -2 %"]


GROUPS = table("product_groups", "member product_group\ntents camping\ncamping outdoor")


def test_a_lever_for_product_groups_is_an_option_of_each_group_of_the_family_and_a_slider():
    below = gaps(plan_variances=budget(margin=4000, revenue=12000))
    wide = own(scope="product_group")
    changes = proposals(below, item_costs=ECONOMICS, levers=wide, product_groups=GROUPS)
    changes = changes[changes["scenario"].str.startswith("trade")]
    assert changes["family"].tolist() == ["camping", "outdoor"]
    assert changes["statement"].iloc[0].startswith("Give dealers of camping 2 % off")
    known = {"products": PRODUCTS, "item_costs": ECONOMICS, "product_groups": GROUPS}
    after = scenarios.apply(known, changes.iloc[:1])
    assert 98 in after["item_costs"]["price"].tolist()
    offered = sliders(item_costs=ECONOMICS, levers=wide, product_groups=GROUPS)
    mine = [one for one in offered if one.group == "trade discount"]
    assert [one.label for one in mine] == ["camping", "outdoor"]
    assert mine[0].heading == "Trade discount of a product group, % more or less"
    without = proposals(below, item_costs=ECONOMICS, levers=wide)
    assert without["scenario"].tolist() == ["price-tents-2027-05"]


def test_a_lever_without_slider_has_none_and_one_that_closes_nothing_is_no_option():
    assert "trade discount" not in {one.group for one in sliders(levers=own(slider=None))}
    below = gaps(plan_variances=budget(margin=4000, revenue=12000))
    changes = proposals(below, item_costs=ECONOMICS, levers=own(closes=None))
    assert changes["scenario"].tolist() == ["price-tents-2027-05"]


def test_a_lever_of_the_company_takes_the_place_of_the_standard_one_of_its_name():
    below = gaps(plan_variances=budget(margin=4000, revenue=12000))
    dearer = own(lever="price", amount=1.05, statement="Raise prices of {item} by {percent}")
    change = only(proposals(below, item_costs=ECONOMICS, levers=dearer))
    assert (change["scenario"], change["amount"]) == ("price-tents-2027-05", 1.05)


def test_a_lever_for_the_whole_company_filters_nothing():
    rows = own(
        scope="company",
        table="company_settings",
        column="receivable_days",
        closes="cash",
        monthly=None,
    )
    late = gaps(plan_variances=budget(5000, 12000)).assign(gap="goal-cash-floor")
    goals = table(
        "goals",
        "goal measure from_period to_period target direction horizon owner\n"
        "cash-floor cash 2027-04 2027-06 9e5 at_least tactical Ann",
    )
    company_settings = TERMS.assign(receivable_days=30.0)
    change = only(proposals(late, levers=rows, goals=goals, company_settings=company_settings))
    assert change["scenario"] == "trade_discount-all"
    assert change[["family", "product", "resource", "from_period"]].isna().all()


def test_a_lever_that_would_change_nothing_is_not_offered():
    none = ECONOMICS.assign(price=0.0)
    assert proposals(gaps(plan_variances=budget(4000, 12000)), item_costs=none).empty


def test_what_moves_a_column_as_an_assuming_lever_does_supposes_the_same():
    """Prices up and material costs down suppose something of others; paying more is our choice."""
    changes = table(
        "scenario_changes",
        """
        scenario  change  table      column         operation  amount
        dearer    1       item_costs  price          multiply   1.03
        off       1       item_costs  price          multiply   0.98
        fixed     1       item_costs  price          set        90
        cheaper   1       item_costs  material_cost  add        -1
        premium   1       item_costs  material_cost  add        1
        """,
    )
    unknown = {"products": PRODUCTS}
    assert supposing(known_levers(), changes, unknown) == {"dearer", "fixed", "cheaper"}
    assert supposing(known_levers(own()), changes, unknown) == {"dearer", "fixed", "cheaper", "off"}


ELASTIC = conform(
    "price_elasticity",
    pd.DataFrame(
        {"family": ["tents", "stoves"], "product": ["TENT-2", "STOVE-1"]}
        | {
            "elasticity_ratio": -1.5,
            "low_ratio": -1.9,
            "high_ratio": -1.1,
            "in_plan": [True, False],
        }
    ).assign(price_variation_ratio=0.1, series=1, basis="own months"),
)


def test_a_price_whose_elasticity_is_known_supposes_nothing_and_says_its_range():
    below = gaps(plan_variances=budget(margin=4000, revenue=12000))
    change = proposals(below, item_costs=ECONOMICS, price_elasticity=ELASTIC).iloc[0]
    assert change["statement"] == (
        "Raise prices of tents by 2 %, May 2027; demand answers by -1.5 % for each 1 % (95 % "
        "interval -1.9 to -1.1)"
    )
    changes = table(
        "scenario_changes",
        """
        scenario  change  table      column         operation  amount  family
        tents     1       item_costs  price          multiply   1.03    tents
        stoves    1       item_costs  price          multiply   1.03    stoves
        all       1       item_costs  price          multiply   1.03    -
        """,
    )
    known = {"products": PRODUCTS, "price_elasticity": ELASTIC}
    assert supposing(known_levers(), changes, known) == {"stoves", "all"}


def test_where_some_products_are_known_the_number_of_the_others_is_said():
    change = {"table": "item_costs", "column": "price"}
    known = {"products": PRODUCTS, "price_elasticity": ELASTIC}
    assert price_answers.in_words(change, "volume holds", known) == (
        ", if volume holds for 1 of 2 products"
    )
    groups = table("product_groups", "member product_group\ntents camp\nstoves camp")
    of_group = price_answers.in_words(
        change | {"family": "camp"}, "volume holds", known | {"product_groups": groups}
    )
    assert of_group.endswith("if volume holds for 1 of 2 products")
    stated = ELASTIC.assign(low_ratio=np.nan, high_ratio=np.nan, in_plan=True)
    assert price_answers.in_words(change, "volume holds", known | {"price_elasticity": stated}) == (
        "; demand answers by -1.5 % for each 1 % (as stated)"
    )


# levers that set a policy


SUPPLY_POLICY = table(
    "supply_policy",
    """
    family  strategy  crew_kept  author  reason
    tents   chase     -          Weiss   flexible
    stoves  optimal   true       Larsen  trained
    """,
)


def test_a_lever_may_set_a_policy_where_it_is_another_one():
    """Tents chase demand and their crews come and go; stoves are planned at least cost already."""
    changes = proposals(gaps(**LATE), supply_policy=SUPPLY_POLICY)
    assert changes[["scenario", "column", "setting", "family"]].to_numpy().tolist() == [
        ["optimal-tents", "strategy", "optimal", "tents"],
        ["level-stoves", "strategy", "level", "stoves"],
        ["level-tents", "strategy", "level", "tents"],
        ["chase-stoves", "strategy", "chase", "stoves"],
        ["crew_released-stoves", "crew_kept", "false", "stoves"],
        ["crew_kept-tents", "crew_kept", "true", "tents"],
    ]
    assert changes["statement"].iloc[0] == (
        "Plan tents by the least-cost strategy instead of chase"
    )
    after = scenarios.apply(
        {"products": PRODUCTS, "supply_policy": SUPPLY_POLICY}, changes.iloc[[0, 4]]
    )["supply_policy"].set_index("family")
    assert after["strategy"].to_dict() == {"tents": "optimal", "stoves": "optimal"}
    assert after["crew_kept"].fillna(False).to_dict() == {"tents": False, "stoves": False}


def test_without_a_policy_table_no_strategy_is_proposed():
    assert proposals(gaps(**LATE)).empty


def test_each_size_of_a_lever_is_an_option_of_its_own():
    policy = table("inventory_policy", "product site max_inventory\nTENT-2 - 8")
    changes = proposals(gaps(**LATE), inventory_policy=policy)
    assert changes[["scenario", "amount"]].to_numpy().tolist() == [
        ["build_ahead-tents", 1.5],
        ["build_ahead-tents-2", 2.0],
    ]
    assert changes["statement"].iloc[1] == (
        "Build tents ahead of the peak: raise maximum inventory by 100 %"
    )
