"""The data files of the schema say what is, once, and what is unknown in them is refused."""

import subprocess
import sys

import pytest

from sopkit.schema import columns, tables
from sopkit.schema.columns import COLUMNS, read_columns
from sopkit.schema.reading import SchemaError
from sopkit.schema.tables import TABLES, read_tables

COLUMN = "quantity,quantity,,number,units,0,,,,,Units"
SALES = """
[inputs.sales]
description = "Sales"
key = ["product", "period"]
required = ["quantity"]
"""


def columns_of(tmp_path, *rows, header=None):
    path = tmp_path / "columns.csv"
    header = header or columns.FILE.read_text(encoding="utf-8").splitlines()[0]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_columns(path)


def tables_of(tmp_path, text):
    path = tmp_path / "tables.toml"
    path.write_text(text, encoding="utf-8")
    return read_tables(path)


def test_a_column_is_read_with_its_kind_unit_and_limits(tmp_path):
    quantity = columns_of(tmp_path, COLUMN)["quantity"]
    assert (quantity.kind, quantity.unit) == ("number", "units")
    assert (quantity.low, quantity.high) == (0.0, None)
    assert (quantity.choices, quantity.description) == ((), "Units")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (COLUMN.replace("number", "figure"), "kind: unknown figure; known are code, text, choice"),
        (COLUMN.replace(",0,", ",nought,"), "low and high must be numbers"),
        (COLUMN.replace("number", "choice"), "a choice has choices"),
        (COLUMN.replace("Units", ""), "label and description must be given"),
        (COLUMN + ",more", "must have 11 cells"),
        (COLUMN + "\n" + COLUMN, "the column is there twice"),
    ],
)
def test_a_row_that_is_not_understood_is_refused(tmp_path, row, message):
    with pytest.raises(SchemaError, match=message):
        columns_of(tmp_path, row)


def test_a_field_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(SchemaError, match=r"columns\.csv: unknown colour; known are column, label"):
        columns_of(tmp_path, header="column,label,colour")


def test_a_table_is_read_with_its_columns_in_order(tmp_path):
    sales = tables_of(tmp_path, SALES + 'optional = ["revenue"]\n')["sales"]
    assert sales.is_input
    assert sales.columns == ("product", "period", "quantity", "revenue")
    assert sales.must_have == ("product", "period", "quantity")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SALES + "colour = 1", "tables.toml sales: unknown colour; known are description, key"),
        (SALES.replace("inputs", "outputs"), "unknown outputs; known are inputs, plans"),
        (SALES.replace('key = ["product", "period"]', ""), "tables.toml sales: key must be given"),
        (SALES.replace('"quantity"', '"quantiy"'), "sales: unknown quantiy; known are product"),
        (SALES + SALES.replace("inputs", "plans"), "sales is both an input and a plan table"),
        (SALES + 'choices = {function = ["sales"]}', "sales choices: unknown function"),
        (
            SALES.replace("quantity", "function") + 'choices = {function = ["law"]}',
            "sales function: unknown law; known are sales, marketing",
        ),
        (SALES + 'checks = [{rule = "even"}]', "sales checks: unknown even; known are one_of"),
        (SALES + 'checks = [{by = "product"}]', "sales checks: unknown a check without rule"),
        (SALES + 'checks = [{rule = "above_zero"}]', "sales above_zero: column must be given"),
        (
            SALES + 'checks = [{rule = "above_zero", column = "quantity", least = 1}]',
            "sales above_zero: unknown least; known are rule, column",
        ),
        (
            SALES + 'checks = [{rule = "every_month", by = ["market"]}]',
            "sales every_month by: unknown market; known are product, period, quantity",
        ),
    ],
)
def test_a_table_that_is_not_understood_is_refused(tmp_path, text, message):
    with pytest.raises(SchemaError, match=message):
        tables_of(tmp_path, text)


def test_every_reference_names_an_input_table_or_a_column_of_one():
    lists = [column.references for column in COLUMNS.values()]
    lists += [names for table in TABLES.values() for names in table.references.values()]
    for name in sorted({name for names in lists for name in names}):
        table, _, column = name.partition(".")
        assert TABLES[table].is_input, name
        assert not column or column in TABLES[table].columns, name


def test_no_column_is_unused():
    used = {column for table in TABLES.values() for column in table.columns}
    assert list(COLUMNS) == [column for column in COLUMNS if column in used]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_no_two_columns_of_a_table_read_alike(table):
    read = [(COLUMNS[name].label, COLUMNS[name].unit) for name in table.columns]
    assert len(set(read)) == len(read)


def test_a_model_is_made_of_every_table():
    sales = tables.model("sales_history")
    assert list(sales.columns) == [
        *("product", "market", "period", "quantity", "revenue", "currency")
    ]
    assert sales.unique == ["product", "market", "period"]
    assert sales.columns["revenue"].nullable
    assert [tables.model(name).name for name in TABLES] == list(TABLES)


def test_the_schema_is_read_without_pandas():
    code = (
        "import sys; from sopkit.schema.tables import TABLES\n"
        "from sopkit.schema.glossary import label; "
        "print(label('wape'), len(TABLES), {'pandas', 'pandera', 'numpy'} & set(sys.modules))"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert said.split() == ["WAPE", str(len(TABLES)), "set()"]
