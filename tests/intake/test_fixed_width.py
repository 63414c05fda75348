"""Files whose cells stand below one another: reports of older systems, printed to a file."""

import pytest
from importing import importer

MONTHS = [f"2026-{month:02}" for month in range(1, 7)]
HEAD = f"{'Item':<10}{'Description':<22}{'Ship date':<12}{'Qty sold':>10}"
RULE = "-" * 54


@pytest.fixture
def read(tmp_path):
    return importer(tmp_path)


def sold(units="{:,}", item="ITEM-{}"):
    """Two products, six months: item, description, day, units to the right."""
    return [
        f"{item.format(number):<10}{f'Product number {number}':<22}{month}-15  "
        f"{units.format(900 * number + 1):>10}"
        for number in (1, 2)
        for month in MONTHS
    ]


def units(found):
    return {tuple(found.products["product"]), *found.months.values()}


WANTED = {("ITEM-1", "ITEM-2"), 901.0, 1801.0}


def test_columns_begin_where_names_and_all_lines_are_blank_before(read):
    found = read("\n".join([HEAD, *sold()]), "sales.txt", **{"decimals.Qty sold": "point"})
    assert units(found) == WANTED
    assert found.products["description"].tolist() == ["Product number 1", "Product number 2"]
    assert "columns begin at characters 1, 11, 33, 47" in found.said


def test_names_of_several_words_stand_over_their_columns_left_or_right(read):
    head = f"{'Item no':<10}{'Invoice date':<14}{'Net':>9} {'units':<5}"
    rows = [f"{'A-1':<10}{f'{month}-15':<14}{7:>15}" for month in MONTHS]
    found = read("\n".join([head, *rows]), "sales.txt")
    assert found.months == {f"A-1 {month}": 7.0 for month in MONTHS}
    assert "date = Invoice date, quantity = Net units, product = Item no" in found.said


def test_titles_and_drawn_lines_above_and_heads_of_later_pages_are_no_data(read):
    lines, top = sold(), ["SALES BY ITEM                             PAGE {}", "", HEAD, RULE]
    first, second = ([text.format(page) for text in top] for page in (1, 2))
    text = "\n".join([*first, *lines[:6], *second, *lines[6:], RULE])
    found = read(text, "sales.prn", **{"decimals.Qty sold": "point"})
    assert units(found) == WANTED


def test_a_text_that_is_too_long_for_its_column_is_no_cell_cut_in_two(read):
    lines = sold("{}")
    long = lines[0][:10] + "A description of product 1 " + lines[0][37:]
    found = read("\n".join([HEAD, *lines, long]), "sales.txt")
    assert units(found) == {("ITEM-1", "ITEM-2"), 901.0, 1801.0}
    assert "1 left out" in found.said


def test_words_that_stand_below_one_another_are_no_columns_without_names(read):
    text = "\n".join(["please find below", *["the sales of may"] * 6])
    with pytest.raises(ValueError, match="has one column only"):
        read(text, "sales.txt")


def test_a_file_padded_to_a_width_between_separators_keeps_them(read):
    rows = [f"{month}-15 , ITEM-1    , {5:>6}" for month in MONTHS]
    found = read("\n".join(["Date       , Item      ,    Qty", *rows]))
    assert set(found.months.values()) == {5}
