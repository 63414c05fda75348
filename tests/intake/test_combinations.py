"""One truth, written in every combination of format, encoding, separator, number, date and shape.

However it is written, the same months come back.
"""

import csv
import datetime as dt
import gzip
import io
import itertools
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopkit.intake.decisions import Decisions
from sopkit.intake.formats import read_location
from sopkit.intake.sales import read_sales

TODAY = dt.date(2026, 11, 29)
PRODUCTS = ("Café 01", "007", "Größe-L")
TRUTH = {  # units of each product in January, February and March 2026
    "Café 01": (1234.5, 12.5, 3.0),
    "007": (20.0, 1500.5, 7.5),
    "Größe-L": (5.0, 6.0, 12345.5),
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850", "mac_roman")
DELIMITERS = (",", ";", "\t", "|")
NUMBERS = {
    "plain point": lambda n: f"{n:.2f}",
    "plain comma": lambda n: f"{n:.2f}".replace(".", ","),
    "english": lambda n: f"{n:,.2f}",
    "german": lambda n: f"{n:,.2f}".translate(str.maketrans(",.", ".,")),
    "swiss": lambda n: f"{n:,.2f}".replace(",", "'"),
    "french": lambda n: f"{n:,.2f}".replace(",", "\u00a0").replace(".", ","),
    "dollar": lambda n: f"${n:,.2f}",
}
DAYS = {
    "iso": "%Y-%m-%d", "german": "%d.%m.%Y", "british": "%d/%m/%Y", "american": "%m/%d/%Y", "compact": "%Y%m%d",
    "excel": "%d-%b-%y", "long": "%B %d, %Y", "stamp": "%Y-%m-%dT%H:%M:%SZ", "short": "%d.%m.%y",
}  # fmt: skip
MONTHS = {
    "iso": "%Y-%m",
    "compact": "%Y%m",
    "words": "%B %Y",
    "short": "%b-%y",
    "sap": "0%m.%Y",
    "first": "%Y-%m-01",
}


def day_rows(number, way):
    """Order lines: half of a month's units on its second day, half on its 28th."""
    yield ["Order Date", "SKU", "Qty", "City"]
    for product, units in TRUTH.items():
        for month, total in enumerate(units, start=1):
            for day in (2, 28):
                when = dt.datetime(2026, month, day).strftime(way)
                yield [when, product, number(total / 2), "Zürich"]


def month_rows(number, way):
    """A row a product and month."""
    yield ["Month", "Item", "Quantity"]
    for product, units in TRUTH.items():
        for month, total in enumerate(units, start=1):
            yield [dt.datetime(2026, month, 1).strftime(way), product, number(total)]


def across_rows(number, way):
    """A row a product, a column a month, a total to the right and below."""
    names = [dt.datetime(2026, month, 1).strftime(way) for month in (1, 2, 3)]
    yield ["Artikel", *names, "Total"]
    for product, units in TRUTH.items():
        yield [product, *map(number, units), number(sum(units))]
    sums = [sum(units) for units in zip(*TRUTH.values(), strict=True)]
    yield ["Total", *map(number, sums), number(sum(sums))]


def titled_rows(number, way):
    """Order lines below a title, the names repeated, a grand total at the end."""
    head, *rows = day_rows(number, way)
    yield ["Sales of the first quarter", "", "", ""]
    yield ["", "", "", ""]
    yield head
    yield from rows[:9]
    yield head
    yield from rows[9:]
    yield ["Grand Total", "", number(sum(map(sum, TRUTH.values()))), ""]


SHAPES = {"lines": (day_rows, DAYS), "months": (month_rows, MONTHS), "across": (across_rows, MONTHS), "titled": (titled_rows, DAYS)}  # fmt: skip


def text_of(rows, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def months_of(place, **answers):
    """The truth as it is read; every question is answered by what is asked in `answers`."""
    decisions = Decisions(answers)
    sales = read_sales(read_location(place, answers), decisions, TODAY)
    assert not decisions.questions, [str(question) for question in decisions.questions]
    history = sales.tables["sales_history"]
    assert [str(p) for p in sorted(history["period"].unique())] == ["2026-01", "2026-02", "2026-03"]
    return {p: tuple(part["quantity"]) for p, part in history.groupby("product")}


def combinations():
    """Every shape with every number and date, the encodings and separators in turn."""
    turn = itertools.cycle(itertools.product(ENCODINGS, DELIMITERS))
    for shape, (_, ways) in SHAPES.items():
        for number, way in itertools.product(NUMBERS, ways):
            yield shape, number, way, *next(turn)


@pytest.mark.parametrize(("shape", "number", "way", "encoding", "delimiter"), list(combinations()))
def test_the_truth_comes_back_from_a_text_file(tmp_path, shape, number, way, encoding, delimiter):
    make, ways = SHAPES[shape]
    if encoding == "mac_roman" and number == "french":
        encoding = "cp1252"  # its hard blank is another character there
    text = text_of(make(NUMBERS[number], ways[way]), delimiter)
    place = tmp_path / "export.csv"
    place.write_bytes(text.encode(encoding))
    assert months_of(place) == TRUTH


@pytest.mark.parametrize(("encoding", "delimiter"), list(itertools.product(ENCODINGS, DELIMITERS)))
def test_the_truth_comes_back_in_every_encoding_and_separator(tmp_path, encoding, delimiter):
    place = tmp_path / "export.txt"
    place.write_bytes(text_of(day_rows(NUMBERS["german"], "%d.%m.%Y"), delimiter).encode(encoding))
    assert months_of(place) == TRUTH


def typed(rows, dated):
    """The rows as a spreadsheet holds them: numbers and days."""
    for row in rows:
        yield [
            dt.datetime.fromisoformat(c)
            if dated and len(c) == 10 and c[:4] == "2026"
            else _number(c)
            for c in row
        ]


def _number(cell):
    return float(cell) if cell.replace(".", "").isdigit() and "." in cell else cell


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["xlsx", "parquet", "gz", "zip", "folder"])
def test_the_truth_comes_back_from_every_format(tmp_path, shape, kind):
    make, _ = SHAPES[shape]
    rows = list(make(lambda n: f"{n:.3f}", "%Y-%m-%d"))
    place = tmp_path / f"export.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in typed(rows, True):
            book.active.append(row)
        book.save(place)
    elif kind == "parquet":
        head = rows.index(["Order Date", "SKU", "Qty", "City"]) if shape == "titled" else 0
        frame = pd.DataFrame(rows[head + 1 :], columns=rows[head])
        frame.to_parquet(place)
    elif kind == "gz":
        place.write_bytes(gzip.compress(text_of(rows, ";").encode()))
    elif kind == "zip":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("export.csv", text_of(rows, ";"))
    else:
        place.mkdir()
        (place / "export.csv").write_text(text_of(rows, ","))
    assert months_of(place) == TRUTH


def test_monthly_files_of_a_folder_are_read_together(tmp_path):
    head, *rows = day_rows(NUMBERS["english"], "%d-%b-%y")
    for month, name in enumerate(("Jan", "Feb", "Mar"), start=1):
        own = [row for row in rows if f"-{name}-" in row[0]]
        (tmp_path / f"2026-{month:02d}.csv").write_text(text_of([head, *own], ","))
    assert months_of(tmp_path) == TRUTH


def test_typed_columns_of_parquet_are_read(tmp_path):
    rows = list(month_rows(lambda n: n, "%Y-%m-%d"))
    frame = pd.DataFrame(rows[1:], columns=rows[0]).astype({"Month": "datetime64[us]"})
    frame.to_parquet(tmp_path / "export.parquet")
    assert months_of(tmp_path / "export.parquet") == TRUTH


@settings(max_examples=60, deadline=None)
@given(
    units=st.lists(st.integers(0, 9_999_999), min_size=6, max_size=6).filter(
        lambda n: n[0] and n[3]
    ),
    number=st.sampled_from(sorted(NUMBERS)),
    shape=st.sampled_from(["lines", "months", "across"]),
    data=st.data(),
)
def test_any_units_come_back(tmp_path_factory, units, number, shape, data):
    """Fiftieths of two products in three months, in any style of number, date and separator."""
    truth = {"A-1": tuple(n / 50 for n in units[:3]), "B-2": tuple(n / 50 for n in units[3:])}
    way = data.draw(st.sampled_from(sorted(SHAPES[shape][1])))
    delimiter = data.draw(st.sampled_from(DELIMITERS))
    rows = _rows_of(truth, shape, NUMBERS[number], SHAPES[shape][1][way])
    place = tmp_path_factory.mktemp("any") / "export.csv"
    place.write_text(text_of(rows, delimiter), encoding="utf-8")
    sales = read_sales(read_location(place, {}), Decisions({}), TODAY).tables["sales_history"]
    for product, expected in truth.items():
        read = sales[sales["product"] == product].sort_values("period")["quantity"]
        np.testing.assert_allclose(read, expected, atol=1e-6)


def _rows_of(truth, shape, number, way):
    months = [dt.datetime(2026, month, 1) for month in (1, 2, 3)]
    if shape == "across":
        yield ["SKU", *(month.strftime(way) for month in months)]
        for product, units in truth.items():
            yield [product, *map(number, units)]
        return
    yield ["Date", "SKU", "Qty"]
    for product, units in truth.items():
        for month, total in zip(months, units, strict=True):
            days = (month,) if shape == "months" else (month.replace(day=1), month.replace(day=28))
            for day in days:
                yield [day.strftime(way), product, number(total / len(days))]
