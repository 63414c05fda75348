"""Changes to input tables, row by row, and two plans side by side."""

import pandas as pd
import pytest
from conftest import table

from sopkit import scenarios
from sopkit.scenarios.starting import starting
from sopkit.tables.periods import month

TABLES = {
    "products": table(
        "products", "product family unit_of_measure\nTENT-2 tents piece\nTENT-5 tents piece\nSTOVE-1 stoves piece"
    ),
    "item_costs": table(
        "item_costs",
        """
        product  effective_from  price  material_cost  holding_cost  backlog_cost  subcontract_limit
        TENT-2   2026-01         100    40             1             5             -
        TENT-2   2027-03         110    44             1             5             -
        TENT-5   2026-01         200    80             1             5             30
        STOVE-1  2027-01         50     20             1             5             -
        """,
    ),
    "sales_history": table(
        "sales_history",
        """
        product  market  period   quantity
        TENT-2   north   2026-08  10
        TENT-2   north   2026-09  12
        TENT-2   south   2026-09  3
        STOVE-1  north   2026-09  7
        """,
    ),
    "budget": table("budget", "family period quantity revenue margin\ntents 2026-10 5 500 200\nstoves 2026-10 9 450 90"),
    "stock_availability": table("stock_availability", "product market period in_stock_ratio\nTENT-2 north 2026-09 0.8"),
    "resources": table(
        "resources",
        """
        resource  site   opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost  max_workers
        CELL      alpha  2                10            15             100        200          4
        LINE      alpha  6                10            15             100        200          8
        """,
    ),
    "bill_of_materials": table(
        "bill_of_materials", "product component quantity_per_unit\nTENT-2 FRAME 1\nFRAME TUBE 4\nSTOVE-1 VALVE 1"
    ),
    "components": table("components", "component on_hand\nFRAME 0\nTUBE 0\nVALVE 0"),
    "sources": table(
        "sources",
        """
        item   supplier  lead_time_days  unit_cost  supply_limit
        FRAME  Norsk     10              5          100
        TUBE   Norsk     10              1          400
        VALVE  Duraflex  20              3          50
        TENT-2 Import    60              90         20
        """,
    ),
    "marketing_activities": table(
        "marketing_activities",
        """
        activity  kind   market  start_period  end_period  spend  family  product
        SPRING    promo  north   2027-03       2027-05     1000   tents   -
        STOVES    promo  north   2027-04       2027-04     2000   -       STOVE-1
        """,
    ),
}  # fmt: skip
FILTERS = ["family", "product", "market", "resource", "item", "from_period", "to_period"]


def change(table_, column, operation, amount, number=1, **filters):
    row = {
        "scenario": "what-if",
        "change": number,
        "table": table_,
        "column": column,
        "operation": operation,
    }
    row |= {"amount": amount} | {f: filters.get(f) for f in FILTERS}
    frame = pd.DataFrame([row])
    for bound in ("from_period", "to_period"):
        frame[bound] = pd.PeriodIndex(frame[bound], freq="M")
    return frame


def changed(name, *rows):
    return scenarios.apply(TABLES, pd.concat(rows, ignore_index=True))[name]


def prices(*rows):
    """Price by product and the month it holds from."""
    item_costs = changed("item_costs", *rows).sort_values(["product", "effective_from"])
    keys = item_costs["product"] + " " + item_costs["effective_from"].astype("str")
    return dict(zip(keys, item_costs["price"], strict=True))


def refusal(*rows):
    with pytest.raises(ValueError) as refused:
        scenarios.apply(TABLES, pd.concat(rows, ignore_index=True))
    return str(refused.value)


# what is done


@pytest.mark.parametrize(
    ("operation", "amount", "result"), [("set", 5, 5), ("add", -2, 10), ("multiply", 1.5, 18)]
)
def test_a_cell_is_set_added_to_or_multiplied(operation, amount, result):
    rows = change(
        "sales_history",
        "quantity",
        operation,
        amount,
        product="TENT-2",
        market="north",
        from_period="2026-09",
    )
    assert list(changed("sales_history", rows)["quantity"]) == [10, result, 3, 7]


def test_the_tables_handed_in_stay_as_they_are_and_others_are_passed_on():
    before = {name: frame.copy(deep=True) for name, frame in TABLES.items()}
    result = scenarios.apply(
        TABLES, change("item_costs", "price", "multiply", 1.1, from_period="2026-12")
    )
    for name, frame in TABLES.items():
        pd.testing.assert_frame_equal(frame, before[name])
    assert [name for name in TABLES if result[name] is not TABLES[name]] == ["item_costs"]


def test_changes_are_made_in_the_order_of_their_numbers():
    doubled = change("sales_history", "quantity", "multiply", 2, number=2, product="STOVE-1")
    set_ = change("sales_history", "quantity", "set", 1, number=1, product="STOVE-1")
    assert changed("sales_history", doubled, set_)["quantity"].iloc[3] == 2


def test_no_change_is_no_change():
    nothing = change("budget", "margin", "add", 1).iloc[:0]
    assert all(scenarios.apply(TABLES, nothing)[name] is TABLES[name] for name in TABLES)


def test_no_limit_times_a_half_is_still_no_limit():
    limits = changed("item_costs", change("item_costs", "subcontract_limit", "multiply", 0.5))[
        "subcontract_limit"
    ]
    assert limits.isna().tolist() == [True, True, False, True]
    assert limits.iloc[2] == 15


# which rows


def test_a_family_is_its_products_where_a_table_has_no_family():
    assert list(
        changed("sales_history", change("sales_history", "quantity", "set", 0, family="tents"))[
            "quantity"
        ]
    ) == [0, 0, 0, 7]


def test_a_family_is_itself_where_a_table_has_it():
    assert list(
        changed("budget", change("budget", "revenue", "set", 0, family="tents"))["revenue"]
    ) == [
        0,
        450,
    ]


def test_a_family_takes_its_own_rows_and_those_of_its_products():
    rows = change("marketing_activities", "spend", "multiply", 2, family="stoves")
    assert list(changed("marketing_activities", rows)["spend"]) == [1000, 4000]


GROUPED = TABLES | {
    "product_groups": table(
        "product_groups", "member product_group\ntents camping\nstoves camping"
    ),
    "market_groups": table("market_groups", "member market_group\nnorth inland\ninland europe"),
}


def test_a_group_in_place_of_a_family_or_a_market_is_all_that_is_below_it():
    rows = change("sales_history", "quantity", "set", 0, family="camping", market="europe")
    sold = scenarios.apply(GROUPED, rows)["sales_history"]
    assert list(sold["quantity"]) == [0, 0, 3, 0]
    held = scenarios.apply(GROUPED, change("budget", "revenue", "set", 0, family="camping"))
    assert list(held["budget"]["revenue"]) == [0, 0]
    spent = change("marketing_activities", "spend", "multiply", 2, family="camping")
    assert list(scenarios.apply(GROUPED, spent)["marketing_activities"]["spend"]) == [2000, 4000]


def test_a_group_that_is_not_known_leaves_no_row():
    rows = change("sales_history", "quantity", "set", 0, family="camping")
    assert "family=camping leaves no row of it" in refusal(rows)


def test_a_product_is_itself_and_everything_that_goes_into_it_among_sources():
    rows = change("sources", "supply_limit", "multiply", 0.5, product="TENT-2")
    assert list(changed("sources", rows)["supply_limit"]) == [50, 200, 50, 10]


def test_an_item_is_changed_alone():
    rows = change("sources", "lead_time_days", "add", 5, item="TUBE")
    assert list(changed("sources", rows)["lead_time_days"]) == [10, 15, 20, 60]


def test_a_resource_is_changed_alone():
    rows = change("resources", "max_workers", "add", 2, resource="LINE")
    assert list(changed("resources", rows)["max_workers"]) == [4, 10]


def test_a_row_with_first_and_last_month_is_changed_when_the_months_overlap():
    rows = change(
        "marketing_activities", "spend", "set", 0, from_period="2027-05", to_period="2027-09"
    )
    assert list(changed("marketing_activities", rows)["spend"]) == [0, 2000]


# item costs hold from a month on


def test_a_price_rise_from_a_month_starts_a_new_row_there_and_goes_on():
    assert prices(
        change("item_costs", "price", "multiply", 2, family="tents", from_period="2026-12")
    ) == {
        "STOVE-1 2027-01": 50,
        "TENT-2 2026-01": 100,
        "TENT-2 2026-12": 200,
        "TENT-2 2027-03": 220,
        "TENT-5 2026-01": 200,
        "TENT-5 2026-12": 400,
    }


def test_after_the_last_month_the_old_price_comes_back():
    rows = change(
        "item_costs",
        "price",
        "add",
        10,
        product="TENT-5",
        from_period="2026-12",
        to_period="2027-02",
    )
    assert {k: v for k, v in prices(rows).items() if k.startswith("TENT-5")} == {
        "TENT-5 2026-01": 200,
        "TENT-5 2026-12": 210,
        "TENT-5 2027-03": 200,
    }


def test_a_month_in_which_a_row_starts_anyway_gets_no_second_one():
    rows = change("item_costs", "price", "add", 1, product="TENT-2", from_period="2027-03")
    assert {k: v for k, v in prices(rows).items() if k.startswith("TENT-2")} == {
        "TENT-2 2026-01": 100,
        "TENT-2 2027-03": 111,
    }


def test_a_rise_up_to_a_month_ends_there():
    rows = change("item_costs", "price", "add", 1, product="TENT-2", to_period="2026-12")
    assert {k: v for k, v in prices(rows).items() if k.startswith("TENT-2")} == {
        "TENT-2 2026-01": 101,
        "TENT-2 2027-01": 100,
        "TENT-2 2027-03": 110,
    }


def test_before_its_first_row_a_products_first_row_holds():
    rows = change(
        "item_costs",
        "price",
        "add",
        1,
        product="STOVE-1",
        from_period="2026-11",
        to_period="2026-11",
    )
    assert {k: v for k, v in prices(rows).items() if k.startswith("STOVE")} == {
        "STOVE-1 2026-11": 51,
        "STOVE-1 2026-12": 50,
        "STOVE-1 2027-01": 50,
    }


# months are moved


def test_adding_to_a_month_moves_it():
    later = change(
        "marketing_activities", "end_period", "add", 2, family="tents", from_period="2027-03"
    )
    assert changed("marketing_activities", later)["end_period"].astype("str").tolist() == [
        "2027-07",
        "2027-04",
    ]


def test_an_activity_is_put_off_by_moving_its_end_and_then_its_start():
    where = {"family": "tents", "from_period": "2027-03", "to_period": "2027-05"}
    end = change("marketing_activities", "end_period", "add", 3, number=1, **where)
    start = change("marketing_activities", "start_period", "add", 3, number=2, **where)
    moved = changed("marketing_activities", end, start).iloc[0]
    assert (str(moved["start_period"]), str(moved["end_period"])) == ("2027-06", "2027-08")


@pytest.mark.parametrize(("operation", "amount"), [("multiply", 2), ("set", 3), ("add", 0.5)])
def test_a_month_is_moved_in_no_other_way(operation, amount):
    assert refusal(change("marketing_activities", "start_period", operation, amount)) == (
        f"scenario what-if change 1: column=start_period of marketing_activities holds months, and "
        f"{operation} {amount} does not move one. Add a whole number of months: 2 is two months later, -1 a month earlier."
    )


def test_an_activity_does_not_end_before_it_starts():
    assert "the result breaks a rule" in refusal(
        change("marketing_activities", "start_period", "add", 9)
    )


def test_moving_a_month_by_nothing_alters_nothing():
    assert "alters nothing" in refusal(change("marketing_activities", "start_period", "add", 0))


def test_a_scenario_that_is_taken_is_not_offered_again():
    both = pd.concat(
        [
            change("budget", "margin", "add", 1),
            change("budget", "revenue", "add", 1).assign(scenario="b"),
        ]
    )
    both = scenarios.take(both.assign(applied=pd.array([None, None], dtype="boolean")), ["what-if"])
    assert scenarios.untaken(both)["scenario"].tolist() == ["b"]


# refused


def test_an_unknown_table_is_refused_with_the_nearest_name():
    assert refusal(change("item_cost", "price", "add", 1)) == (
        "scenario what-if change 1: table=item_cost is not an input table. Did you mean item_costs?"
    )


def test_a_plan_table_cannot_be_changed():
    assert "table=demand_plan is not an input table" in refusal(
        change("demand_plan", "consensus", "add", 1)
    )


def test_a_table_that_the_workspace_does_not_have_is_refused():
    assert refusal(change("storage_capacity", "storage_limit", "add", 1)) == (
        "scenario what-if change 1: table=storage_capacity is not in this workspace. Add storage_capacity before changing it."
    )


def test_an_unknown_column_is_refused_with_the_nearest_name():
    assert "column=prize is not in item_costs. Did you mean price?" in refusal(
        change("item_costs", "prize", "add", 1)
    )


@pytest.mark.parametrize(
    ("column", "why"), [("effective_from", "is part of the key"), ("product", "is part of the key")]
)
def test_key_columns_are_refused(column, why):
    assert f"column={column} of item_costs {why}. Only price, material_cost" in refusal(
        change("item_costs", column, "set", 1)
    )


def test_text_columns_are_refused():
    assert "column=site of resources holds codes or text" in refusal(
        change("resources", "site", "set", 1)
    )


def test_a_filter_that_leaves_no_row_is_named():
    assert refusal(change("item_costs", "price", "add", 1, product="TENT-9")) == (
        "scenario what-if change 1: nothing in table=item_costs is changed: product=TENT-9 leaves no row of it. "
        "Correct or remove the filter."
    )
    late = change("sales_history", "quantity", "add", 1, product="STOVE-1", from_period="2027-01")
    assert "from_period=2027-01 leaves no row of it" in refusal(late)


def test_a_filter_that_the_table_cannot_have_is_refused():
    assert "market=north, but components has no market. Leave market empty" in refusal(
        change("components", "on_hand", "add", 1, market="north")
    )
    assert "from_period=2027-01, but components has no months" in refusal(
        change("components", "on_hand", "add", 1, from_period="2027-01")
    )
    assert "item=TUBE, but item_costs has no item. Leave item empty" in refusal(
        change("item_costs", "price", "add", 1, item="TUBE")
    )
    assert "product=TENT-2, but resources has no product" in refusal(
        change("resources", "max_workers", "add", 1, product="TENT-2")
    )


def test_adding_to_cells_that_are_all_empty_is_refused():
    assert (
        "column=subcontract_limit is empty in every row chosen, so nothing changes. Use set."
        in refusal(change("item_costs", "subcontract_limit", "add", 1, product="TENT-2"))
    )


def test_limits_of_the_vocabulary_hold_after_the_change():
    text = refusal(change("stock_availability", "in_stock_ratio", "multiply", 2))
    assert text.startswith(
        "scenario what-if change 1: the result breaks a rule.\nstock_availability: in_stock_ratio must be 1"
    )


@pytest.mark.parametrize(("operation", "amount"), [("multiply", 1.0), ("add", 0.0), ("set", 12.0)])
def test_a_change_that_alters_nothing_is_refused(operation, amount):
    where = {"product": "TENT-2", "market": "north", "from_period": "2026-09"}
    idle = change("sales_history", "quantity", operation, amount, **where)
    assert "alters nothing: quantity of sales_history is the same as before" in refusal(idle)
    assert scenarios.apply(TABLES, idle, idle_allowed=True)["sales_history"].equals(
        TABLES["sales_history"]
    )


def test_in_a_run_no_set_of_changes_is_planned_twice_under_the_same_rules(company, planned):
    plan, told = planned
    asked = [said.rpartition(",")[0] for said in told if said.startswith("planning scenario")]
    defined = scenarios.untaken(company["scenario_changes"])
    without = plan["scenario_results"]["scenario"].str.startswith("without ")
    inputs = plan["scenario_results"].loc[without, "scenario"].nunique()
    tried = plan["tried_options"]
    searched = tried[tried["outcome"] != "not tried"]["scenario"]
    limits = 2 * len(plan["limit_worth"])  # each lifted by a unit, and wholly
    stressed = int(len(plan["stress_test"]) > 0)
    assert len(asked) == defined["scenario"].nunique() + inputs + limits + len(searched) + stressed
    options, start = plan["option_changes"], plan["planning_periods"]["period"].min() + 1
    later = 0  # scenarios of people that are options as far as they can still start
    for name, rows in defined.groupby("scenario"):
        proposed = scenarios.changes_of(options[options["scenario"] == name])
        if proposed:
            assert proposed == scenarios.changes_of(starting(rows, start))
            later += proposed != scenarios.changes_of(rows)
    assert later
    # planned again, to the closing stock of the plan: a scenario of people that is an option
    twice = {said.removeprefix("planning scenario ") for said in asked if asked.count(said) > 1}
    assert twice <= set(defined["scenario"])
    without_limit = set(plan["limit_worth"]["scenario"])
    assert set(plan["option_results"]["scenario"]) - without_limit == set(options["scenario"])


# side by side


def plan(margin, cash):
    return {
        "financial_plan": table(
            "financial_plan",
            f"""
            family  period   quantity  revenue  cost_of_sales  margin    inventory_value
            tents   2026-10  10        1000     600            {margin}  50
            stoves  2026-10  20        1000     500            500       40
            tents   2026-11  10        1000     600            400       30
            """,
        ),
        "strategy_comparison": table(
            "strategy_comparison",
            """
            strategy        measure                item  period  value
            level           cost                   -     -       9
            plan_of_record  cost                   -     -       700
            plan_of_record  fill_rate    -     -       0.98
            plan_of_record  max_inventory_planned  -     -       12
            plan_of_record  max_backlog            -     -       3
            """,
        ),
        "cash_plan": table(
            "cash_plan",
            f"period collections payments receivables payables inventory_value cash\n2026-10 1 1 0 0 90 {cash}",
        ),
    }


def test_two_plans_stand_side_by_side_with_their_gap():
    sides = scenarios.compare(*map(scenarios.figures, (plan(400, 70), plan(460, -10))))
    sides = sides.set_index("measure")
    assert list(sides.loc["margin"]) == [1300, 1360, -60]
    assert list(sides.loc["min_cash"]) == [70, -10, 80]
    assert list(sides.loc["fill_rate"]) == [0.98, 0.98, 0]
    assert sides.loc["cost", "plan"] == 700
    assert sides.loc["max_inventory_value", "plan"] == 90


def test_a_plan_is_measured_by_family_and_month_as_far_as_it_is_made():
    products = ["TENT-2", "TENT-5", "STOVE-1"]
    supply = pd.DataFrame({"product": products, "inventory": [7.0, 5.0, 4.0]})
    supply["period"] = month("2026-10")
    made = {"products": TABLES["products"], "supply_plan": supply}
    found = scenarios.figures(made | plan(400, 70))
    months = found.dropna(subset=["item", "period"]).set_index(["measure", "item"])["value"]
    assert months["inventory"].to_dict() == {"stoves": 4, "tents": 12}
    assert list(months["margin"]["tents"]) == [400, 400]
    cash = found[(found["measure"] == "cash") & found["item"].isna()]
    assert list(cash["value"]) == [70]
    assert "demand" not in set(found["measure"])  # no demand plan is made


def test_without_cash_plans_the_rest_is_compared():
    left = {name: frame for name, frame in plan(400, 70).items() if name != "cash_plan"}
    assert "min_cash" not in set(scenarios.figures(left)["measure"])
    assert month("2026-10") == left["financial_plan"]["period"].iloc[0]


def test_demand_and_the_fullest_month_of_a_resource_are_compared_where_they_are_known():
    demand = "product market period baseline launch_demand activity_demand opportunity_demand override consensus lower_80 upper_80  firm_orders  past_due_orders  net_forecast  total_demand\n"
    work = "resource period workers hired laid_off regular_hours overtime_hours capacity_hours utilization\n"
    more = {
        "demand_plan": table(
            "demand_plan", demand + "TENT-2 north 2026-10 90 0 0 0 10 100 80 120 0 0 100 100"
        ),
        "workforce_plan": table(
            "workforce_plan",
            work + "SEWING 2026-10 1 0 0 80 0 100 0.8",
        ),
    }
    both = scenarios.figures(plan(400, 70) | more)
    sides = scenarios.compare(both, both).set_index("measure")
    assert list(sides.loc["demand"]) == [100, 100, 0]
    assert sides.loc["max_utilization_ratio", "plan"] == 0.8
