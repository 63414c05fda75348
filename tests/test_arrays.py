"""Plan tables as arrays: laid out, joined, added up, and given back as tables."""

import gc
import weakref
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pandas import DataFrame

from sopkit.rules.call import call, call_on_arrays
from sopkit.rules.remember import MOST, remembered
from sopkit.tables.arrays import ArrayTable, present, stacked
from sopkit.tables.keys import Keys, joined, keys_of, rows_in, with_column
from sopkit.tables.on_arrays import as_tables, on_arrays

MONTHS = pd.period_range("2026-10", periods=3, freq="M")
NOTHING = float("nan")
PRODUCTS = table(
    "products",
    """
    product  family  unit_of_measure  shelf_life_months
    TENT-1   tents   piece            -
    STOVE-1  stoves  piece            6
    TENT-2   tents   piece            12
    """,
)
SALES = DataFrame(
    {
        "product": pd.array(["TENT-1", "TENT-1", "STOVE-1", "TENT-1"], dtype="str"),
        "market": pd.array(["alpine", "harbour", "alpine", "alpine"], dtype="str"),
        "period": MONTHS[[0, 1, 2, 2]],
        "quantity": [10.0, 20.0, 5.0, 30.0],
    }
)  # with gaps, which no sales history that is read has


def keys(**columns):
    return Keys(DataFrame({name: pd.array(codes, dtype="str") for name, codes in columns.items()}))


def grid(rows, months=MONTHS, **columns):
    """An array table with a column `units`: a row of numbers for each key."""
    return ArrayTable(keys(**columns), months, {"units": np.array(rows, dtype=float)})


def same(found, expected):
    np.testing.assert_array_equal(found, np.array(expected))


# --- laying out ----------------------------------------------------------------------------------


def test_a_table_is_laid_out_with_a_row_for_each_key_and_a_column_for_each_month():
    sales = ArrayTable.of_table("sales_history", SALES)
    assert sales.shape == (3, 3)
    assert sales.keys.names == ("product", "market")
    assert sales.keys.frame.to_numpy().tolist() == [
        ["TENT-1", "alpine"],
        ["TENT-1", "harbour"],
        ["STOVE-1", "alpine"],
    ]
    assert sales.months.equals(MONTHS)
    same(sales["quantity"], [[10, np.nan, 30], [np.nan, 20, np.nan], [np.nan, np.nan, 5]])


def test_what_it_has_no_row_for_is_absent_and_does_not_come_back():
    sales = ArrayTable.of_table("sales_history", SALES)
    same(sales.present, [[True, False, True], [False, True, False], [False, False, True]])
    by = ["product", "market", "period"]
    pd.testing.assert_frame_equal(
        sales.frame.sort_values(by, ignore_index=True),
        SALES.sort_values(by, ignore_index=True),
    )


def test_without_gaps_every_cell_is_present():
    whole = ArrayTable.of_rows(SALES.iloc[:1], ["product", "market"])
    assert whole.present is None
    same(present(whole), [[True]])


def test_an_empty_cell_is_present_with_no_number():
    rows = SALES.assign(quantity=[10.0, np.nan, 5.0, 30.0])
    sales = ArrayTable.of_table("sales_history", rows)
    assert sales.present.sum() == 4
    assert len(sales.frame) == 4


def test_rows_of_other_months_and_what_only_they_are_about_are_left_out():
    two = ArrayTable.of_rows(SALES, ["product", "market"], MONTHS[:2])
    assert list(two.keys["market"]) == ["alpine", "harbour"]
    same(two["quantity"], [[10, np.nan], [np.nan, 20]])


def test_a_table_of_the_company_has_one_row_and_a_table_without_rows_none():
    company = DataFrame({"period": MONTHS, "cash": [1.0, 2.0, 3.0]})
    same(ArrayTable.of_rows(company, [])["cash"], [[1, 2, 3]])
    assert ArrayTable.of_table("sales_history", SALES.iloc[:0]).shape == (0, 0)


def test_words_come_back_as_text_and_a_table_comes_back_with_its_keys_first():
    sizes = np.array([["small", "large", "large"]])
    found = grid([[1, 2, 3]], product=["TENT-1"]).assign(size=sizes).frame
    assert list(found.columns) == ["product", "period", "units", "size"]
    assert found.dtypes.astype(str).to_dict() == {
        "product": "str",
        "period": "period[M]",
        "units": "float64",
        "size": "str",
    }


def test_a_column_that_is_a_function_is_calculated_once_and_only_when_it_is_asked_for():
    asked = []

    def double():
        asked.append(1)
        return np.full((1, 3), 2.0)

    lazy = grid([[1, 2, 3]], product=["TENT-1"]).assign(double=double)
    lazy["units"]
    assert not asked
    same(lazy["double"] + lazy["double"], [[4, 4, 4]])
    assert len(asked) == 1


def test_assign_changes_no_table_but_the_one_it_gives():
    one = grid([[1, 2, 3]], product=["TENT-1"])
    other = one.assign(units=np.zeros((1, 3)), more=np.ones((1, 3)))
    same(one["units"], [[1, 2, 3]])
    assert "more" not in one
    assert other.names == ("units", "more")


# --- on: the cells that go with the cells of another table ---------------------------------------


def test_on_repeats_cells_for_each_row_of_the_other_table_that_they_are_about():
    price = grid([[1, 2, 3], [4, 5, 6]], product=["STOVE-1", "TENT-1"])
    sold = ArrayTable(
        keys(product=["TENT-1", "STOVE-1", "TENT-1"], market=["north", "north", "south"]),
        MONTHS,
        {},
    )
    found = price.on(sold)
    same(found["units"], [[4, 5, 6], [1, 2, 3], [4, 5, 6]])
    assert found.keys is sold.keys


def test_on_aligns_months():
    price = grid([[1, 2, 3]], product=["TENT-1"])
    later = ArrayTable(price.keys, MONTHS[::-1][:2], {})
    same(price.on(later)["units"], [[3, 2]])


def test_on_a_table_of_the_company_goes_with_every_row():
    days = ArrayTable(Keys(DataFrame(index=range(1))), MONTHS, {"days": np.array([[22, 21, 20]])})
    two = ArrayTable(keys(product=["TENT-1", "STOVE-1"]), MONTHS, {})
    same(days.on(two)["days"], [[22, 21, 20], [22, 21, 20]])


def test_on_refuses_cells_without_a_match_by_name():
    price = grid([[1, 2, 3]], product=["TENT-1"])
    sold = ArrayTable(keys(product=["TENT-1", "STOVE-1"]), MONTHS, {})
    with pytest.raises(ValueError) as caught:
        price.on(sold)
    assert str(caught.value) == (
        "3 of 6 cells have no match: product=STOVE-1  period=2026-10; "
        "product=STOVE-1  period=2026-11; product=STOVE-1  period=2026-12"
    )
    with pytest.raises(
        ValueError, match="1 of 3 cells have no match: product=TENT-1  period=2027-01"
    ):
        price.on(ArrayTable(price.keys, MONTHS + 1, {}))


def test_on_refuses_a_cell_that_is_absent_but_where_the_other_table_has_none_either():
    sales = ArrayTable.of_table("sales_history", SALES)
    with pytest.raises(
        ValueError, match="5 of 9 cells have no match: product=TENT-1  market=alpine"
    ):
        sales.on(ArrayTable(sales.keys, MONTHS, {}))
    same(sales.on(sales)["quantity"], sales["quantity"])


def test_on_with_a_default_fills_what_is_absent_but_no_empty_cell():
    cells = np.array([[1, NOTHING, 3]])
    known = ArrayTable(
        keys(product=["TENT-1"]), MONTHS, {"units": cells}, np.array([[True, True, False]])
    )
    wanted = ArrayTable(keys(product=["TENT-1", "STOVE-1"]), MONTHS, {})
    same(known.on(wanted, default=0.0)["units"], [[1, np.nan, 0], [0, 0, 0]])


def test_on_without_rows_gives_the_default_everywhere():
    none = ArrayTable.of_table("sales_history", SALES.iloc[:0])
    wanted = ArrayTable(keys(product=["TENT-1"], market=["alpine"]), MONTHS, {})
    same(none.on(wanted, default=0.0)["quantity"], [[0, 0, 0]])


def test_on_refuses_a_table_that_does_not_have_its_keys():
    price = grid([[1, 2, 3]], product=["TENT-1"])
    with pytest.raises(ValueError, match=r"^no product to join by; there are market$"):
        price.on(ArrayTable(keys(market=["north"]), MONTHS, {}))


# --- months, rows and cells ----------------------------------------------------------------------


def test_over_other_months_what_the_table_has_not_is_absent():
    later = grid([[1, 2, 3]], product=["TENT-1"]).over(MONTHS + 2)
    same(later["units"], [[3, np.nan, np.nan]])
    same(later.present, [[True, False, False]])
    assert later.frame["period"].tolist() == [MONTHS[2]]
    one = grid([[1, 2, 3]], product=["TENT-1"])
    assert one.over(MONTHS) is one


def test_filled_puts_a_value_where_a_cell_is_absent():
    sales = ArrayTable.of_table("sales_history", SALES).filled(0.0)
    same(sales["quantity"], [[10, 0, 30], [0, 20, 0], [0, 0, 5]])
    assert sales.present is None


def test_keep_takes_rows_by_a_mask_or_by_their_positions():
    units = grid([[1, 1, 1], [2, 2, 2], [3, 3, 3]], product=["A", "B", "C"])
    for rows in (np.array([True, False, True]), np.array([0, 2])):
        kept = units.keep(rows)
        assert list(kept.keys["product"]) == ["A", "C"]
        same(kept["units"], [[1, 1, 1], [3, 3, 3]])
    same(units.keep(np.array([2, 0]))["units"], [[3, 3, 3], [1, 1, 1]])
    assert units.keep(np.array([True] * 3)) is units


def test_the_same_rows_kept_again_are_the_same_keys():
    """What is remembered of keys is found again in each what-if."""
    units = grid([[1, 1, 1], [2, 2, 2]], product=["A", "B"])
    first = np.array([True, False])
    assert units.keep(first).keys is units.assign(units=np.zeros((2, 3))).keep(first).keys


def test_equal_rows_are_the_same_keys():
    """A table that a what-if makes anew finds what is remembered of the rows of the plan's."""
    known = keys(product=["A", "B"], site=["N", "N"])
    assert keys(product=["A", "B"], site=["N", "N"]) is known
    assert keys(product=["B", "A"], site=["N", "N"]) is not known
    assert keys(product=["A", "B"], market=["N", "N"]) is not known


def test_keys_that_no_table_has_any_longer_are_gone():
    held = weakref.ref(keys(product=["nobody", "else"]))
    gc.collect()
    assert held() is None


def test_a_table_equals_a_known_one_with_the_same_cells_in_its_columns():
    known = grid([[1, 2, 3], [4, 5, NOTHING]], product=["A", "B"])
    same_cells = grid([[1, 2, 3], [4, 5, NOTHING]], product=["A", "B"])
    assert same_cells.assign(further=np.zeros((2, 3))).equals(known)
    assert not known.equals(same_cells.assign(further=np.zeros((2, 3))))
    assert not grid([[1, 2, 3], [4, 5, 6]], product=["A", "B"]).equals(known)
    assert not grid([[1, 2, 3], [4, 5, NOTHING]], product=["B", "A"]).equals(known)


def test_a_table_equals_another_only_with_the_same_cells_absent():
    known = grid([[1, 2, 3]], product=["A"])
    here = np.array([[True, True, False]])
    assert not ArrayTable(known.keys, MONTHS, {"units": known["units"]}, here).equals(known)
    words = known.assign(units=np.array([["x", None, "y"]], dtype=object))
    assert words.equals(known.assign(units=np.array([["x", None, "y"]], dtype=object)))
    assert not words.equals(known.assign(units=np.array([["x", "z", "y"]], dtype=object)))


def test_about_tells_the_same_cells_by_other_keys():
    other = grid([[1, 2, 3]], product=["TENT-1"]).about(keys(family=["tents"]))
    assert other.frame["family"].tolist() == ["tents"] * 3
    same(other["units"], [[1, 2, 3]])


# --- adding up -----------------------------------------------------------------------------------


def test_sums_add_rows_up_by_some_keys_in_the_order_of_these():
    units = grid(
        [[1, 2, 3], [10, 20, 30], [100, 200, 300]],
        product=["TENT-1", "STOVE-1", "TENT-1"],
        site=["alpine", "alpine", "harbour"],
    )
    by_product = units.sums("product")
    assert list(by_product.keys["product"]) == ["STOVE-1", "TENT-1"]
    same(by_product["units"], [[10, 20, 30], [101, 202, 303]])
    same(units.sums("site")["units"], [[11, 22, 33], [100, 200, 300]])
    same(units.sums()["units"], [[111, 222, 333]])


def test_sums_by_what_only_a_master_table_knows():
    units = grid([[1, 2, 3], [10, 20, 30], [5, 5, 5]], product=["TENT-2", "STOVE-1", "TENT-1"])
    by_family = units.sums("family", master=PRODUCTS)
    assert list(by_family.keys["family"]) == ["stoves", "tents"]
    same(by_family["units"], [[10, 20, 30], [6, 7, 8]])
    with pytest.raises(ValueError, match=r"^no family to group by; there are product$"):
        units.sums("family")
    with pytest.raises(ValueError, match=r"^family is not known of product=TENT-9$"):
        grid([[1, 2, 3]], product=["TENT-9"]).sums("family", master=PRODUCTS)


def test_a_sum_with_an_absent_part_is_not_known_until_it_is_filled():
    sales = ArrayTable.of_table("sales_history", SALES)
    same(sales.sums("product")["quantity"][1], [np.nan, np.nan, np.nan])
    same(sales.filled(0.0).sums("product")["quantity"], [[0, 0, 5], [10, 20, 30]])


def test_groups_know_the_group_of_each_row_and_their_mean():
    units = grid([[1, 2, 3], [10, 20, 30], [3, 4, 5]], product=["B", "A", "B"])
    groups = units.by("product")
    same(groups.number, [1, 0, 1])
    same(groups.mean(units["units"]), [[10, 20, 30], [2, 3, 4]])
    assert units.by("product") is groups


def test_a_table_without_rows_adds_up_to_nothing():
    none = ArrayTable.of_rows(SALES.iloc[:0], ["product", "market"], MONTHS)
    assert none.sums("product").shape == (0, 3)
    same(none.sums()["quantity"], [[0, 0, 0]])


def test_stacked_tables_have_the_rows_of_all_and_no_number_where_one_has_no_such_column():
    one = grid([[1, 2, 3]], product=["TENT-1"])
    other = ArrayTable.of_rows(
        DataFrame(
            {"product": pd.array(["STOVE-1"], dtype="str"), "period": MONTHS[:1], "hours": [8.0]}
        ),
        ["product"],
        MONTHS,
    )
    found = stacked([one, other])
    assert list(found.keys["product"]) == ["TENT-1", "STOVE-1"]
    same(found["units"], [[1, 2, 3], [np.nan] * 3])
    same(found["hours"], [[np.nan] * 3, [8, np.nan, np.nan]])
    same(found.present, [[True] * 3, [True, False, False]])


# --- keys ----------------------------------------------------------------------------------------


def test_rows_are_found_among_others_by_every_key_of_these():
    rows = keys(product=["A", "B", "A"], site=["x", "x", "y"])
    same(rows_in(rows, keys(product=["B", "A"])), [1, 0, 1])
    same(rows_in(rows, keys(site=["y", "x"], product=["A", "A"])), [1, -1, 0])
    with pytest.raises(ValueError, match=r"^no market to join by; there are product, site$"):
        rows_in(rows, keys(market=["north"]))


def test_a_master_table_adds_what_it_knows_of_each_row():
    rows = keys(product=["STOVE-1", "TENT-1"])
    assert list(with_column(rows, PRODUCTS, "family")["family"]) == ["stoves", "tents"]
    with pytest.raises(ValueError, match=r"^family is not known of product=TENT-9$"):
        with_column(keys(product=["TENT-9"]), PRODUCTS, "family")


def test_keys_of_a_table_and_rows_with_some_of_the_values():
    rows = keys_of(SALES, "product", "market")
    assert len(rows) == 4
    assert "market" in rows
    assert "quantity" not in rows
    same(rows.equal("market", "harbour"), [False, True, False, False])
    same(rows.equal("product", "STOVE-1", "TENT-1"), [True] * 4)
    assert rows.assign(site="north").names == ("product", "market", "site")
    assert len(joined(rows, rows)) == 8


# --- functions on arrays -------------------------------------------------------------------------


class Two(NamedTuple):
    sales_history: ArrayTable
    products: DataFrame


@dataclass(frozen=True)
class Inputs:
    sales_history: ArrayTable
    products: DataFrame | None = None


@on_arrays
def doubled(sales_history: ArrayTable) -> ArrayTable:
    """Double sales."""
    return sales_history.assign(quantity=sales_history["quantity"] * 2.0)


@on_arrays
def both(inputs: Inputs) -> Two:
    """Give a bundle's tables back."""
    assert isinstance(inputs.sales_history, ArrayTable)
    return Two(inputs.sales_history, inputs.products)


def test_called_with_tables_a_function_on_arrays_gives_tables():
    found = doubled(SALES)
    assert isinstance(found, DataFrame)
    assert found["quantity"].sum() == 130
    assert doubled(sales_history=SALES)["quantity"].sum() == 130


def test_the_cycle_asks_it_for_arrays_and_gives_arrays_or_tables():
    arrays = ArrayTable.of_table("sales_history", SALES)
    for given in (SALES, arrays):
        found = call_on_arrays(doubled, {"sales_history": given})
        assert isinstance(found, ArrayTable)
        assert np.nansum(found["quantity"]) == 130
    assert isinstance(call(doubled, {"sales_history": arrays}), DataFrame)


def test_tables_of_a_bundle_are_laid_out_where_it_asks_for_arrays():
    found = both(Inputs(SALES, PRODUCTS))
    assert type(found) is Two
    assert len(found.sales_history) == 4
    pd.testing.assert_frame_equal(found.products, PRODUCTS)
    assert both(Inputs(SALES)).products is None


def test_arrays_become_tables_where_a_function_asks_for_tables():
    @on_arrays
    def counted(sales_history: DataFrame) -> int:
        return len(sales_history)

    assert counted(ArrayTable.of_table("sales_history", SALES)) == 4


def test_what_is_no_array_table_stays_what_it_is():
    assert as_tables(3) == 3
    assert as_tables(PRODUCTS) is PRODUCTS


def test_a_table_changed_in_place_by_a_person_is_not_answered_from_memory():
    sales = SALES.copy()
    assert doubled(sales)["quantity"].sum() == 130
    sales.loc[0, "quantity"] = 110.0
    assert doubled(sales)["quantity"].sum() == 330
    assert both(Inputs(sales)).sales_history["quantity"].sum() == 165
    sales["quantity"] = 1.0
    assert both(Inputs(sales)).sales_history["quantity"].sum() == 4


def test_what_a_person_gives_is_not_changed_by_the_function():
    sales = SALES.copy()
    doubled(sales)
    pd.testing.assert_frame_equal(sales, SALES)


# --- remembered ----------------------------------------------------------------------------------


class Answer:
    """Something that can be watched."""


def counting():
    asked = []

    @remembered
    def answer(*arguments):
        asked.append(1)  # the arguments themselves would keep the table alive
        return Answer()

    return answer, asked


def test_the_same_table_gives_the_same_answer_and_an_equal_one_is_asked_anew():
    answer, asked = counting()
    first = DataFrame({"a": [1]})
    assert answer(first) is answer(first)
    assert answer(first.copy()) is not answer(first)
    assert len(asked) == 2


def test_names_numbers_and_tuples_of_them_are_known_by_what_they_are():
    answer, asked = counting()
    rows, name = DataFrame({"a": [1]}), "".join(["fam", "ily"])
    assert answer(rows, "family", ("a", 1), None) is answer(rows, name, ("a", 1), None)
    assert answer(rows, "family", ("a", 2), None) is not answer(rows, "family", ("a", 1), None)
    assert len(asked) == 2


def test_arrays_are_known_by_identity():
    answer, _ = counting()
    rows, values = DataFrame({"a": [1]}), np.ones(3)
    assert answer(rows, values) is answer(rows, values)
    assert answer(rows, values) is not answer(rows, np.ones(3))


def test_an_answer_goes_when_its_table_goes():
    answer, _ = counting()
    rows = DataFrame({"a": [1]})
    held = weakref.ref(answer(rows, "family"))
    gc.collect()
    assert held() is not None
    del rows
    gc.collect()
    assert held() is None


def test_the_other_arguments_live_as_long_as_the_answer():
    """An identity is not given to another table while an answer is known by it."""
    answer, asked = counting()
    rows = DataFrame({"a": [1]})
    for number in range(5):
        answer(rows, DataFrame({"b": [number]}))
    assert len(asked) == 5


def test_of_many_answers_to_one_table_the_ones_not_asked_for_longest_go():
    answer, asked = counting()
    rows = DataFrame({"a": [1]})
    for number in range(MOST):
        answer(rows, number)
    answer(rows, 0)
    answer(rows, "one more")
    assert len(asked) == MOST + 1
    answer(rows, 0)
    assert len(asked) == MOST + 1
    answer(rows, 1)
    assert len(asked) == MOST + 2


def test_keys_have_more_answers_than_a_table():
    """With an answer its tables are held: those of a what-if are large, answers of keys small."""
    answer, asked = counting()
    rows = keys(product=["A", "B"])
    for number in range(MOST + 1):
        answer(rows, number)
    answer(rows, 0)
    assert len(asked) == MOST + 1


def test_what_fails_is_not_remembered():
    failing = [True]

    @remembered
    def answer(rows):
        if failing:
            raise ValueError(failing.pop())
        return len(rows)

    rows = DataFrame({"a": [1]})
    with pytest.raises(ValueError):
        answer(rows)
    assert answer(rows) == 1


def test_a_table_laid_out_again_is_the_same_arrays_and_a_copy_is_not():
    rows = SALES.copy()
    one = ArrayTable.of_table("sales_history", rows)
    assert ArrayTable.of_table("sales_history", rows) is one
    assert ArrayTable.of_table("sales_history", rows.copy()) is not one


def test_tables_of_other_months_are_not_stacked():
    spring, summer = (
        ArrayTable.of_rows(
            pd.DataFrame({"product": ["A"], "period": [pd.Period(month, "M")], "units": [1.0]}),
            ["product"],
        )
        for month in ("2026-04", "2026-07")
    )
    with pytest.raises(ValueError, match="same months"):
        stacked([spring, summer])


def test_two_rows_of_one_key_and_month_are_refused():
    rows = pd.DataFrame({"product": ["A", "A"], "period": [pd.Period("2026-04", "M")] * 2})
    with pytest.raises(ValueError, match="two rows for product=A  period=2026-04; keep one"):
        ArrayTable.of_rows(rows.assign(units=1.0), ["product"])


def test_a_master_table_with_nothing_to_join_by_is_refused():
    keys = Keys(pd.DataFrame({"product": ["A", "B"]}))
    sites = pd.DataFrame({"site": ["north", "south"], "freight_cost": [1.0, 2.0]})
    with pytest.raises(ValueError, match="freight_cost: nothing to join by; there are product"):
        with_column(keys, sites, "freight_cost")


def test_a_master_table_that_knows_a_row_twice_is_refused():
    keys = Keys(pd.DataFrame({"product": ["A"]}))
    twice = pd.DataFrame({"product": ["A", "A"], "family": ["x", "y"]})
    with pytest.raises(ValueError, match="two rows to join for product=A"):
        with_column(keys, twice, "family")
