"""Each word that people read stands in one place."""

import pytest

from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import TERMS, heading, label, read_terms
from sopkit.schema.reading import SchemaError


def test_a_column_has_a_label_and_where_room_is_short_another():
    assert label("target_inventory") == "target inventory"
    assert label("target_inventory", short=True) == "target"
    assert heading("utilization") == "Utilization"
    assert heading("wape") == "WAPE"


def test_the_short_label_is_the_label_where_there_is_none_of_its_own():
    assert label("margin", short=True) == "margin"


def test_a_value_is_said_as_one_of_its_column():
    assert label("level", of="strategy") == "level"
    assert label("last_cycle", short=True, of="strategy") == "as last approved"
    assert label("on_target", of="stock_position") == "on target"
    assert label("fill_rate", of="measure") == "on-time fill rate"


def test_a_heading_that_is_no_column_is_in_the_glossary():
    assert heading("by_chance_ratio") == "By chance"


def test_a_companys_own_name_stays_but_for_underscores():
    assert label("north_east") == "north east"


def test_every_choice_of_every_column_is_in_the_glossary_and_no_other():
    choices = {(name, choice) for name, column in COLUMNS.items() for choice in column.choices}
    assert choices == {(of, term) for of, term in TERMS if of in COLUMNS and COLUMNS[of].choices}


def test_no_two_values_of_a_column_read_alike():
    read = [(term.of, term.label, term.unit) for term in TERMS.values() if term.of]
    assert len(set(read)) == len(read)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("of,term,label,short_label,unit,definition,colour\n", "glossary.csv: unknown colour"),
        ("of,term,label\n", "short_label, unit, definition must be given"),
        ("of,term,label,short_label,unit,definition\nabc,A,A,,,\n", "without label or definition"),
        ("of,term,label,short_label,unit,definition\n" + "abc,A,A,,,First\n" * 2, "there twice"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path, rows, message):
    path = tmp_path / "glossary.csv"
    path.write_text(rows, encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        read_terms(path)
