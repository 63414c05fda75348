"""Planning units: a dairy keeps milk in litres and cream in kilograms, and plans kilograms."""

import pandas as pd
import pytest
from conftest import table

from sopkit.collaboration.append_inputs import add_demand_inputs, add_rows
from sopkit.cycle import replanning
from sopkit.io import readers
from sopkit.master_data.planning_units import in_planning_units
from sopkit.runner import planning_inputs
from sopkit.tables.issues import DataError

# a litre of milk weighs 1.25 kg in this dairy
PRODUCTS = "product family unit_of_measure unit_factor\nMILK dairy litre 1.25\nCREAM dairy kg -"
COSTS = """
product  effective_from  price  material_cost  holding_cost  backlog_cost
MILK     2026-01         1      0.5            0             0.1
CREAM    2026-01         4      2              0             0.4
"""


def dairy():
    months = [str(month) for month in pd.period_range("2023-10", "2026-09", freq="M")]
    sales = "".join(f"MILK m {month} 800\nCREAM m {month} 200\n" for month in months)
    return {
        "products": table("products", PRODUCTS),
        "sales_history": table("sales_history", f"product market period quantity\n{sales}"),
        "item_costs": table("item_costs", COSTS),
        "inventory": table("inventory", "product site on_hand\nMILK s 80\nCREAM s 10"),
        "routings": table(
            "routings", "product resource hours_per_unit min_lot\nMILK R 0.5 40\nCREAM R 2 -"
        ),
        "bill_of_materials": table(
            "bill_of_materials",
            "product component quantity_per_unit\nMILK BOTTLE 1\nCREAM MILK 3",
        ),
    }


def test_quantities_are_multiplied_and_what_is_per_unit_is_divided():
    tables = in_planning_units(dairy())
    milk = {
        name: frame[frame["product"] == "MILK"].iloc[0]
        for name, frame in tables.items()
        if name != "products"
    }
    assert milk["sales_history"]["quantity"] == 1000
    assert milk["inventory"]["on_hand"] == 100
    assert milk["item_costs"][["price", "material_cost"]].tolist() == [0.8, 0.4]
    assert milk["routings"][["hours_per_unit", "min_lot"]].tolist() == [0.4, 50]
    bill = tables["bill_of_materials"].set_index(["product", "component"])["quantity_per_unit"]
    assert bill["MILK", "BOTTLE"] == pytest.approx(0.8)  # bottles in a kilogram
    assert bill["CREAM", "MILK"] == pytest.approx(3.75)  # kilograms of milk, not 3 litres


def test_what_has_no_factor_stays_and_nothing_is_converted_twice():
    once = in_planning_units(dairy())
    assert in_planning_units(once) is once
    cream = once["sales_history"].query("product == 'CREAM'")
    assert set(cream["quantity"]) == {200}
    without = dairy()
    without["products"] = without["products"].assign(unit_factor=1.0)
    assert in_planning_units(without) is without


def test_a_family_of_litres_and_kilograms_adds_up_and_its_money_is_the_same():
    tables = dairy()
    del tables["routings"], tables["bill_of_materials"]
    plan = replanning.replan(tables, "2026-10", until="50_financial_review")
    month = plan["financial_plan"].iloc[0]
    assert month["quantity"] == pytest.approx(1000 + 200)
    assert month["revenue"] == pytest.approx(800 * 1 + 200 * 4)  # as in litres


def test_a_factor_is_above_zero():
    with pytest.raises(DataError, match="unit_factor must be more than 0"):
        table("products", PRODUCTS.replace("1.25", "0"))


def test_what_a_form_adds_goes_back_into_the_files_in_litres(tmp_path):
    for name, frame in dairy().items():
        if name in ("products", "sales_history"):
            frame.dropna(axis=1, how="all").to_csv(tmp_path / f"{name}.csv", index=False)
    rows = pd.DataFrame(
        {
            "function": ["sales"],
            "product": ["MILK"],
            "market": ["m"],
            "period": ["2026-11"],
            "quantity": [1250.0],
            "submitted_on": ["2026-09-28"],
        }
    )
    add_demand_inputs(tmp_path, rows, "K. Holm", "school milk")
    assert readers.read(tmp_path)["demand_inputs"]["quantity"].tolist() == [1000]
    assert planning_inputs.read(tmp_path)["demand_inputs"]["quantity"].tolist() == [1250]


def test_a_planner_s_numbers_are_saved_in_the_products_own_units(tmp_path):
    for name in ("products", "sales_history", "inventory", "item_costs"):
        rows = dairy()[name]
        rows.dropna(axis=1, how="all").to_csv(tmp_path / f"{name}.csv", index=False)
    head = "kind item site period author reason fixed least most\n"
    rows = "production MILK s 2026-11 Holm School - 1250 2500\npurchases CREAM - 2026-11 Holm School 10 - -"
    add_rows(tmp_path, {"plan_overrides": table("plan_overrides", head + rows)})
    limits = ["fixed", "least", "most"]
    kept = readers.read(tmp_path)["plan_overrides"][limits]
    assert kept.fillna(0).to_numpy().tolist() == [[0, 1000, 2000], [10, 0, 0]]
