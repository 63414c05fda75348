"""Input tables come out the same from any source, and whatever would have to be guessed is refused."""

import datetime as dt
import zipfile

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa

from sopkit.io import hashing, readers
from sopkit.io.places import company_name
from sopkit.tables.issues import DataError

PRODUCTS = "product,family,unit_of_measure\n00123,tents,piece\nNA,stoves,piece\n"
SALES = (
    "product,market,period,quantity\n"
    "00123,north,2026-08,120\n"
    "00123,north,2026-09,95.5\n"
    "NA,south,2026-09,1E2\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "products.csv").write_text(PRODUCTS)
    (tmp_path / "sales_history.csv").write_text(SALES)
    return tmp_path


def faults(location):
    with pytest.raises(DataError) as caught:
        readers.read(location)
    return str(caught.value)


def sales_faults(folder, content):
    content = content if isinstance(content, bytes) else content.encode()
    (folder / "sales_history.csv").write_bytes(content)
    return faults(folder)


def book(path, **sheets):
    """A workbook with the sheets given as lists of rows."""
    result = openpyxl.Workbook()
    result.remove(result.active)
    for name, rows in sheets.items():
        sheet = result.create_sheet(name)
        for row in rows:
            sheet.append(row)
    result.save(path)
    return path


PRODUCT_ROWS = [["product", "family", "unit_of_measure"], ["TENT-2", "tents", "piece"]]
SALES_ROWS = [
    ["product", "market", "period", "quantity"],
    ["TENT-2", "north", dt.date(2026, 8, 1), 120],
    ["TENT-2", "north", "2026-09", 95.5],
]


# --- one content, any source -----------------------------------------------------------------------------------


def test_codes_keep_their_zeros_and_NA_is_a_code_not_a_gap(folder):
    tables = readers.read(folder)
    assert tables["products"]["product"].tolist() == ["00123", "NA"]
    assert tables["sales_history"]["quantity"].tolist() == [120, 95.5, 100]
    assert set(tables) == {"products", "sales_history"}


def test_csv_parquet_excel_and_a_database_give_the_same_tables_and_the_same_hash(folder, tmp_path):
    tables = readers.read(folder)
    other = tmp_path / "parquet"
    other.mkdir()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'company.sqlite'}")
    sheets = {}
    for name, table in tables.items():
        full = table.dropna(axis=1, how="all")
        full.assign(
            **{
                c: full[c].dt.to_timestamp()
                for c in full
                if isinstance(full[c].dtype, pd.PeriodDtype)
            }
        ).to_parquet(other / f"{name}.parquet")
        text = full.astype({c: "str" for c in full if isinstance(full[c].dtype, pd.PeriodDtype)})
        text.to_sql(name, engine, index=False)
        sheets[name] = [list(text.columns), *text.itertuples(index=False, name=None)]
    engine.dispose()
    sources = [
        other,
        book(tmp_path / "company.xlsx", **sheets),
        f"sqlite:///{tmp_path / 'company.sqlite'}",
    ]
    for source in sources:
        found = readers.read(source)
        for name, table in tables.items():
            pd.testing.assert_frame_equal(found[name], table)
        assert hashing.content_hash(found) == hashing.content_hash(tables)


def test_the_hash_ignores_the_order_of_rows_and_sees_every_cell(folder):
    tables = readers.read(folder)
    whole = hashing.content_hash(tables)
    turned = {name: table.iloc[::-1].reset_index(drop=True) for name, table in tables.items()}
    assert hashing.content_hash(turned) == whole
    for column, value in {
        "quantity": 119.999,
        "market": "norths",
        "revenue": 0.0,
        "product": "123",
    }.items():
        sales = tables["sales_history"].copy()
        sales.loc[0, column] = value
        assert hashing.content_hash(tables | {"sales_history": sales}) != whole


def test_the_hash_tells_texts_apart_that_run_together():
    def hashed(*texts):
        return hashing.table_hash(pd.DataFrame({"product": texts}, dtype="str"))

    assert hashed("ab", "c") != hashed("a", "bc")
    assert hashed("a", None) != hashed("a", "")


def test_minus_zero_is_zero():
    assert hashing.table_hash(pd.DataFrame({"x": [0.0]})) == hashing.table_hash(
        pd.DataFrame({"x": [-0.0]})
    )


def test_only_the_tables_named_are_read(folder):
    (folder / "inventory.csv").write_text("product,site\nTENT-9,main\n")
    assert set(readers.read(folder, ["sales_history"])) == {"sales_history"}


@pytest.mark.parametrize("name", ["plans.sqlite", "plans.sqlite.head", "notes.txt", "minutes.docx"])
def test_what_is_no_table_may_lie_beside_the_tables(folder, name):
    before = hashing.content_hash(readers.read(folder))
    (folder / name).write_bytes(b"mine")
    assert hashing.content_hash(readers.read(folder)) == before


# --- CSV -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_any_line_end_are_read(folder, mark):
    before = hashing.content_hash(readers.read(folder))
    (folder / "sales_history.csv").write_bytes(b"\xef\xbb\xbf" + SALES.replace("\n", mark).encode())
    assert hashing.content_hash(readers.read(folder)) == before


def test_a_semicolon_file_writes_decimal_commas(folder):
    before = hashing.content_hash(readers.read(folder))
    text = SALES.replace(",", ";").replace("95.5", "95,5")
    (folder / "sales_history.csv").write_text(text)
    assert hashing.content_hash(readers.read(folder)) == before


def test_numbers_that_may_be_thousands_or_decimals_are_refused(folder):
    text = SALES.replace(",", ";").replace("95.5", "1.234")
    assert "has 1.234, which may be thousands or decimals" in sales_faults(folder, text)
    text = SALES.replace(",", ";").replace("120", "1.234").replace("95.5", "95,5")
    assert "has numbers both with commas and with points (95,5, 1.234)" in sales_faults(
        folder, text
    )


def test_a_thousands_mark_in_a_comma_file_is_refused_by_line(folder):
    message = sales_faults(folder, SALES.replace("120", '"1,200"'))
    assert (
        "quantity must be a number below 1e15 written with a point, without thousands marks"
        in message
    )
    assert "row 1 (sales_history.csv line 2)" in message


def test_the_first_day_of_a_month_is_the_month_and_other_days_are_refused(folder):
    before = hashing.content_hash(readers.read(folder))
    (folder / "sales_history.csv").write_text(SALES.replace("2026-09", "2026-09-01"))
    assert hashing.content_hash(readers.read(folder)) == before
    message = sales_faults(
        folder, SALES.replace("95.5", "95").replace("2026-09,95", "2026-09-17,95")
    )
    assert "period must be a month written as 2026-10; 1 of 3 rows is not:" in message
    assert "row 2 (sales_history.csv line 3)" in message


def test_rows_of_another_length_are_refused_by_line(folder):
    message = sales_faults(folder, SALES + "NA,north,2026-09,1,7\nNA,west\n")
    assert (
        "sales_history.csv has 4 column names, but other rows have another number of cells"
        in message
    )
    assert "line 5: 5 cells (NA,north,2026-09,1,7); line 6: 2 cells (NA,west)." in message


def test_blank_rows_and_columns_at_the_edge_are_not_data_and_shift_no_line(folder):
    text = (
        "product,market,period,quantity,\n\n00123,north,2026-08,120,\n,,,,\nNA,south,2026-09,-3,\n"
    )
    message = sales_faults(folder, text)
    assert "row 4 (sales_history.csv line 5)  product=NA" in message
    assert "1 of 2 rows" in message


def test_a_line_break_within_a_cell_shifts_no_line(folder):
    text = 'product,family,unit_of_measure,description\n00123,tents,piece,"two\nlines"\n,stoves,piece,x\n'
    (folder / "products.csv").write_text(text)
    assert "products.csv line 4" in faults(folder)


DAMAGED = {
    "a quotation mark that is not closed": (
        SALES + 'NA,"south,2026-10,5\nNA,south,2026-11,5\n',
        "sales_history.csv line 5: a quotation mark is not closed or stands alone",
    ),
    "a NUL byte": (SALES + "NA,south,2026-10,\0\n", "sales_history.csv line 5 holds a NUL byte"),
    "Windows-1252": (
        SALES.encode() + "NA,süd,2026-09,5\n".encode("cp1252"),
        "sales_history.csv line 5 holds the byte 0xfc, which is not UTF-8. In Excel choose 'Save as', 'CSV UTF-8'.",
    ),
    "UTF-16": (
        SALES.encode("utf-16"),
        "sales_history.csv is written in UTF-16 or UTF-32. In Excel choose 'Save as', 'CSV UTF-8'.",
    ),
    "an empty file": ("", "sales_history.csv is empty; it needs a line of column names."),
    "nothing but a header": (
        SALES.splitlines()[0],
        "sales_history.csv has no rows; at least one is needed",
    ),
    "tabs": (
        SALES.replace(",", "\t"),
        "sales_history.csv line 1 is separated by tabs. Separate the cells by commas.",
    ),
    "a column twice": (
        SALES.replace("market", "product", 1),
        "duplicate columns in sales_history.csv: product. Keep one of each.",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_refused_by_name(folder, damage):
    content, message = DAMAGED[damage]
    assert message in sales_faults(folder, content)


def test_all_faults_of_all_tables_are_said_at_once(folder):
    (folder / "products.csv").write_bytes(b"\xff\xfe")
    (folder / "inventory.csv").write_text("product,site,on_hand\n00123,main,-1\n")
    message = sales_faults(folder, SALES.replace("120", "many"))
    assert "products.csv is written in UTF-16" in message
    assert "on_hand must be 0 or more" in message
    assert "quantity=many" in message


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("inventry.csv", "inventry.csv is not a table of the workbook; did you mean inventory?"),
        ("Inventory.csv", "Inventory.csv is not a table of the workbook; did you mean inventory?"),
        ("inventory.txt", "inventory.txt is not read; save it as inventory.csv, or rename it."),
        (
            "weather.csv",
            "weather.csv is not a table of the workbook; remove it, or give it the name of one",
        ),
        (
            "demand_plan.csv",
            "demand_plan.csv is a table that the plan writes, not an input. Remove it.",
        ),
        ("more.xlsx", "more.xlsx is in a folder of tables. Use it as the workspace"),
    ],
)
def test_a_file_that_looks_like_a_table_but_is_none_is_refused(folder, file, message):
    (folder / file).write_text("product,site,on_hand\n00123,main,1\n")
    assert message in faults(folder)


def test_notes_beside_the_tables_are_left_alone(folder):
    for name in ("README.md", "minutes.docx", ".DS_Store", "~$company.xlsx"):
        (folder / name).write_text("x")
    assert set(readers.read(folder)) == {"products", "sales_history"}


def test_the_same_table_twice_is_refused(folder):
    pd.DataFrame({"product": ["A"]}).to_parquet(folder / "products.parquet")
    assert "products.csv and products.parquet hold the same table. Keep one of them." in faults(
        folder
    )


def test_missing_tables_are_named_with_their_columns(tmp_path):
    message = faults(tmp_path)
    assert "products: is missing in" in message
    assert (
        "Add it with the columns product, market, period, quantity; `sopkit init` shows how."
        in message
    )


def test_a_place_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder or workbook"):
        readers.read(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["../x", "a/b", "", "A", "ä", "-x", "x" * 65, "a b", "a\n", None])
def test_a_name_that_could_leave_its_folder_is_refused(text):
    with pytest.raises(ValueError, match="is not a valid name"):
        company_name(text)


def test_a_plain_name_is_accepted():
    assert company_name("alpine-outfitters_2") == "alpine-outfitters_2"


# --- Excel -----------------------------------------------------------------------------------------------------


def test_dates_and_whole_numbers_of_excel_become_months_and_codes(tmp_path):
    products = [PRODUCT_ROWS[0], [123, "tents", "piece"], [124.0, "tents", "piece"]]
    sales = [
        SALES_ROWS[0],
        [123, "north", dt.datetime(2026, 8, 1), 120],
        ["124", "north", "2026-08", 1.5],
    ]
    tables = readers.read(
        book(tmp_path / "c.xlsx", README=[["anything"]], products=products, sales_history=sales)
    )
    assert tables["products"]["product"].tolist() == ["123", "124"]
    assert tables["sales_history"]["period"].astype(str).tolist() == ["2026-08", "2026-08"]
    assert tables["sales_history"]["quantity"].tolist() == [120, 1.5]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["TENT-2", "north", "2026-08", "=1+1"], "cell D2 is a formula whose value was not saved."),
        (["TENT-2", "north", "2026-08", "#N/A"], "cell D2 holds the error #N/A."),
        (
            [dt.date(2026, 3, 1), "north", "2026-08", 1],
            "cell A2 (product) is a date (2026-03-01); Excel has converted a code.",
        ),
        (["TENT-2", "north", dt.date(2026, 8, 31), 1], "period must be a month written as 2026-10"),
    ],
)
def test_a_cell_that_says_something_else_than_it_shows_is_refused(tmp_path, row, message):
    path = book(tmp_path / "c.xlsx", products=PRODUCT_ROWS, sales_history=[SALES_ROWS[0], row])
    assert message in faults(path)


def test_rows_of_a_sheet_are_counted_as_excel_counts_them(tmp_path):
    sales = [*SALES_ROWS, [None], ["TENT-2", "south", "2026-09", -4]]
    message = faults(book(tmp_path / "c.xlsx", products=PRODUCT_ROWS, sales_history=sales))
    assert "(c.xlsx sheet sales_history line 5)" in message


def test_an_unknown_sheet_is_refused(tmp_path):
    path = book(tmp_path / "c.xlsx", products=PRODUCT_ROWS, sales=SALES_ROWS)
    assert "c.xlsx sheet sales is not a table of the workbook" in faults(path)


def test_a_stray_cell_in_the_last_column_costs_nothing_and_is_refused(tmp_path):
    path = book(tmp_path / "c.xlsx", products=PRODUCT_ROWS, sales_history=SALES_ROWS)
    workbook = openpyxl.load_workbook(path)
    workbook["sales_history"]["XFD1048576"] = "x"
    workbook.save(path)
    assert "has a cell in XFD1048576, far from the table. Delete it." in faults(path)


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_not_unpacked(tmp_path):
    path = book(tmp_path / "c.xlsx", products=PRODUCT_ROWS, sales_history=SALES_ROWS)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/bomb.xml", "w") as bomb,
    ):
        for _ in range(31):
            bomb.write(bytes(10_000_000))
    assert path.stat().st_size < 1_000_000
    assert (
        "c.xlsx unpacks to 310 MB; 300 MB are read. Send its tables as CSV, or raise SOPKIT_MAX_WORKBOOK_MB."
        in faults(path)
    )


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "c.xlsx").write_text("product,family")
    assert "c.xlsx is not an Excel workbook (.xlsx), or is protected by a password." in faults(
        tmp_path / "c.xlsx"
    )


# --- databases -------------------------------------------------------------------------------------------------


def test_a_database_may_hold_other_tables_views_and_whole_numbers_as_codes(tmp_path):
    url = f"sqlite:///{tmp_path / 'erp.sqlite'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE items (id INTEGER, grp TEXT)",
            "INSERT INTO items VALUES (123, 'tents'), (124, 'tents')",
            "CREATE VIEW products AS SELECT id AS product, grp AS family, 'piece' AS unit_of_measure FROM items",
            "CREATE TABLE sales_history (product INTEGER, market TEXT, period DATE, quantity NUMERIC(9, 2))",
            "INSERT INTO sales_history VALUES (123, 'north', '2026-08-01', 10.25)",
        ):
            connection.execute(sa.text(statement))
    engine.dispose()
    tables = readers.read(url)
    assert tables["products"]["product"].tolist() == ["123", "124"]
    assert tables["sales_history"]["quantity"].tolist() == [10.25]
    assert str(tables["sales_history"]["period"][0]) == "2026-08"


def test_a_database_without_the_tables_says_so(tmp_path):
    (tmp_path / "x.sqlite").touch()
    assert "products: is missing in sqlite:///" in faults(f"sqlite:///{tmp_path / 'x.sqlite'}")


def test_reading_a_database_that_is_not_there_does_not_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        readers.read(f"sqlite:///{tmp_path / 'x.sqlite'}")
    assert not (tmp_path / "x.sqlite").exists()


def test_a_wrong_url_is_refused_in_words():
    with pytest.raises(ValueError, match="not the URL of a database"):
        readers.read("nodatabase://user:secret@host/x")
