"""The proof of a reading is kept beside the mapping file, for the data review and the report."""

import pytest
from importing import importer

from sopkit.io import readers
from sopkit.reporting.exhibits.sales_import import imported_sales
from sopkit.tables import empty

ORDERS = (
    "Date,Item,Qty,Sales\n2025-12-03,A,2,20\n2025-12-31,B,1,15\n2026-01-02,A,5,50\n"
    "2026-01-31,B,4,60\nTotal,,13,145\n"
)
WEEKS = "Week start,Item,Qty\n" + "".join(
    f"2026-{day},A,70\n" for day in ("01-04", "01-11", "01-18", "01-25", "02-01", "02-08", "02-15",
                                     "02-22")
)  # fmt: skip


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def summary(done):
    return readers.read(done.folder, ("import_summary",))["import_summary"]


def facts(table, fact, *columns):
    rows = table.loc[table["import_fact"] == fact, list(columns)]
    return [tuple(row) for row in rows.itertuples(index=False)]


def test_lines_totals_by_year_and_days_are_kept(imported):
    """3 units of 35 in 2025, 9 of 110 in 2026; the file says 13 units, one more than its lines."""
    table = summary(imported(ORDERS))
    assert facts(table, "lines_read", "about", "lines") == [("file orders.csv", 5)]
    assert facts(table, "lines_used", "lines") == [(4,)]
    assert facts(table, "left_out", "about", "lines", "detail") == [
        ("a grand total", 1, "line 6: Total, 13, 145")
    ]
    assert facts(table, "total_of_year", "about", "imported_quantity", "revenue") == [
        ("year 2025", 3, 35),
        ("year 2026", 9, 110),
    ]
    assert facts(table, "total", "imported_quantity", "revenue", "file_quantity") == [(12, 145, 13)]
    days = [str(day.date()) for fact in ("first_day", "last_day")
            for (day,) in facts(table, fact, "day")]  # fmt: skip
    assert days == ["2025-12-03", "2026-01-31"]
    assert facts(table, "decision", "about", "how_to_change")[0] == (
        "date",
        'add --answer "date=VALUE" to sopkit init',
    )


def test_an_update_replaces_all_of_it_and_a_dry_run_writes_none(imported):
    imported(ORDERS)
    done = imported("Date,Item,Qty,Sales\n2026-02-01,A,7,70\n2026-02-28,A,1,9\n", update=True)
    table = summary(done)
    assert facts(table, "total_of_year", "about", "imported_quantity") == [("year 2026", 8)]
    assert facts(table, "left_out", "about") == []


def test_fiscal_years_are_those_of_the_calendar(imported):
    """Four weeks of January 2026 end fiscal year 2026, the next four are the first of 2027."""
    done = imported(WEEKS, calendar="4-4-5", fiscal_year_start="2026-02-01", first_month="keep")
    assert facts(summary(done), "total_of_year", "about", "imported_quantity") == [
        ("fiscal year 2026", 280),
        ("fiscal year 2027", 280),
    ]
    shown = done.said.partition("Units by period, each under its month\n")[2].splitlines()
    assert shown[0].split()[0] == "Feb"
    assert [row.split() for row in shown[2:4]] == [["2026", "280", "280"], ["2027", "280", "280"]]


def test_the_exhibit_says_what_its_rows_hold(imported):
    shown = imported_sales(summary(imported(ORDERS)))
    assert [one.headline for one in shown] == [
        "The last import, file orders.csv: 5 lines read, 4 used, 1 left out; 12 units from "
        "3 Dec 2025 to 31 Jan 2026; the file's own total is 13, a difference of -1 units. "
        "4 decisions taken from the file."
    ]
    assert "import_entry" not in shown[0].table


def test_a_file_without_a_total_and_one_of_the_same_total_are_said_so(imported):
    lines = ORDERS.rpartition("Total")[0]
    (bare,) = imported_sales(summary(imported(lines, folder="bare")))
    assert "; the file has no total of its own." in bare.headline
    (same,) = imported_sales(summary(imported(lines + "Total,,12,145\n", folder="same")))
    assert "; the file's own total is the same." in same.headline


def test_a_company_without_an_import_has_no_exhibit():
    assert imported_sales() == []
    assert imported_sales(empty("import_summary")) == []


def test_what_cannot_be_seen_is_not_kept(imported):
    done = imported(ORDERS.replace("Total,,", '"Total\x0b",,'), name="=orders.csv")
    table = summary(done)
    assert facts(table, "lines_read", "about") == [("file =orders.csv",)]
    assert table["detail"].dropna().map(str.isprintable).all()
