import pandas as pd
import pytest
from conftest import table

from sopkit.tables import attach, conform
from sopkit.tables.issues import DataError

SALES = """
product  market  period   quantity
TENT-1   north   2026-01  10
TENT-1   north   2026-02  12
STOVE-1  north   2026-02  0
"""


def text(rows):
    return pd.DataFrame(rows, dtype="str")


def faults(name, rows, source=None):
    with pytest.raises(DataError) as caught:
        conform(name, text(rows), source)
    return str(caught.value)


def test_conform_gives_every_column_of_the_vocabulary_its_type_in_order():
    sales = table("sales_history", SALES)
    assert list(sales.columns) == [
        *("product", "market", "period", "quantity", "revenue", "currency")
    ]
    assert sales.dtypes.astype(str).to_dict() == {
        "product": "str",
        "market": "str",
        "period": "period[M]",
        "quantity": "float64",
        "revenue": "float64",
        "currency": "str",
    }
    assert sales["revenue"].isna().all()


def test_conforming_twice_changes_nothing():
    sales = table("sales_history", SALES)
    pd.testing.assert_frame_equal(conform("sales_history", sales), sales)


def test_codes_keep_leading_zeros_and_the_letters_na():
    sales = conform(
        "sales_history",
        text({"product": ["007"], "market": ["NA"], "period": ["2026-01"], "quantity": ["1e2"]}),
    )
    assert sales.loc[0, "product"] == "007"
    assert sales.loc[0, "market"] == "NA"
    assert sales.loc[0, "quantity"] == 100


def test_a_negative_quantity_is_named_with_row_line_key_value_and_remedy():
    rows = {
        "product": ["TENT-2"] * 2,
        "market": ["north"] * 2,
        "period": ["2026-02", "2026-03"],
        "quantity": ["3", "-40"],
    }
    assert faults("sales_history", rows, "sales_history.csv") == (
        "sales_history: quantity must be 0 or more; 1 of 2 rows is not:\n"
        "  row 2 (sales_history.csv line 3)  product=TENT-2  market=north  period=2026-03  quantity=-40\n"
        "  Quantities are gross, without returns: set negatives to 0, or net them in the export."
    )


def test_all_faults_of_a_table_are_told_at_once():
    rows = {
        "product": ["TENT-2", ""],
        "market": ["north"] * 2,
        "period": ["2026-2", "2026-03"],
        "quantity": ["3", "many"],
    }
    message = faults("sales_history", rows)
    assert "product must be filled" in message
    assert "period must be a month written as 2026-10" in message
    assert "quantity must be a number" in message


def test_a_double_key_is_named():
    rows = {
        "product": ["A", "A", "B"],
        "market": ["n"] * 3,
        "period": ["2026-01"] * 3,
        "quantity": ["1", "2", "3"],
    }
    message = faults("sales_history", rows)
    assert "the key (product, market, period) must be unique; 2 of 3 rows are not" in message
    assert "row 2  product=A  market=n  period=2026-01" in message


def test_a_missing_month_is_named():
    rows = {
        "product": ["A", "A"],
        "market": ["n"] * 2,
        "period": ["2026-01", "2026-03"],
        "quantity": ["1", "2"],
    }
    message = faults("sales_history", rows)
    assert "every month must have a row for each product and market; 1 of 2 rows is not" in message
    assert "product=A  market=n  period=2026-03" in message
    assert "Add a row with quantity 0" in message


def test_missing_and_unknown_columns_are_named_with_what_may_be_meant():
    message = faults(
        "sales_history",
        {"product": ["A"], "market": ["n"], "period": ["2026-01"], "quantiy": ["1"]},
    )
    assert "column quantity is missing" in message
    assert "column 'quantiy' is unknown; did you mean quantity?" in message


@pytest.mark.parametrize("value", ["1,5", "1 000", "inf", "1e999", "0x10", "½"])
def test_numbers_that_could_be_read_two_ways_are_refused(value):
    rows = {"product": ["A"], "market": ["n"], "period": ["2026-01"], "quantity": [value]}
    assert f"quantity={value}" in faults("sales_history", rows)


def test_shares_outside_0_to_1_are_refused():
    rows = {"product": ["A"], "market": ["n"], "period": ["2026-01"], "in_stock_ratio": ["80"]}
    assert "in_stock_ratio must be 1 or less" in faults("stock_availability", rows)


def test_a_choice_lists_what_may_be_chosen():
    rows = {"family": ["tents"], "strategy": ["policy"], "author": ["x"], "reason": ["y"]}
    assert "strategy must be one of level, chase, optimal; 1 of 1 rows is not" in faults(
        "supply_policy", rows
    )


def test_an_empty_required_table_is_refused():
    with pytest.raises(DataError, match=r"products\.csv has no rows"):
        conform(
            "products", text({"product": [], "family": [], "unit_of_measure": []}), "products.csv"
        )


def test_an_activity_needs_a_family_or_a_product_and_may_not_end_before_it_starts():
    row = {
        "activity": "A",
        "kind": "promo",
        "market": "n",
        "start_period": "2026-05",
        "end_period": "2026-04",
        "spend": "1",
    }
    message = faults("marketing_activities", {key: [value] for key, value in row.items()})
    assert "one of family, product must be filled" in message
    assert "start_period must not be after end_period" in message


def test_the_word_for_the_total_is_no_family():
    message = faults(
        "products", {"product": ["A"], "family": ["All"], "unit_of_measure": ["piece"]}
    )
    assert "family must not be 'all'" in message


def test_a_table_that_the_workbook_does_not_have_is_refused():
    with pytest.raises(DataError, match="did you mean sales_history"):
        conform("sale_history", text({}))


PRODUCTS = """
product  family  unit_of_measure
TENT-1   tents   piece
STOVE-1  stoves  piece
"""


def test_attach_adds_columns_and_keeps_every_row_in_order():
    joined = attach(
        table("sales_history", SALES), table("products", PRODUCTS)[["product", "family"]]
    )
    assert list(joined["family"]) == ["tents", "tents", "stoves"]
    assert list(joined["quantity"]) == [10, 12, 0]


def test_attach_refuses_rows_without_a_match_by_naming_them():
    products = table("products", PRODUCTS).query("product == 'TENT-1'")[["product", "family"]]
    with pytest.raises(ValueError, match="1 of 3 rows have no match: product=STOVE-1"):
        attach(table("sales_history", SALES), products)


def test_attach_fills_only_what_it_is_told_to():
    stock = table("inventory", "product site on_hand\nTENT-1 east 5")[["product", "on_hand"]]
    joined = attach(table("sales_history", SALES), stock, default=0.0)
    assert list(joined["on_hand"]) == [5, 5, 0]


def test_attach_refuses_two_rows_for_one_key_and_two_columns_of_one_name():
    sales = table("sales_history", SALES)
    with pytest.raises(ValueError, match="two rows to join for product=TENT-1"):
        attach(sales[["product", "market"]], sales[["product", "quantity"]])
    with pytest.raises(ValueError, match="also hold \\['quantity'\\] both"):
        attach(sales[["product", "quantity"]], sales[["product", "quantity"]])
