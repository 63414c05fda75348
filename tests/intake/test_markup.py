"""Tables of web pages and XML spreadsheets, which systems export and call .xls."""

import pytest
from importing import importer

from sopkit.intake.markup_grids import is_markup, read_markup

MONTHS = [f"2026-{month:02}" for month in range(1, 7)]


@pytest.fixture
def read(tmp_path):
    return importer(tmp_path)


def page(rows, head="", around=("", "")):
    cells = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    return (
        f"<html><head>{head}</head><body>{around[0]}<table>{cells}</table>{around[1]}</body></html>"
    )


SOLD = [("Date", "Item", "Qty")] + [(f"{month}-15", "0012", "1,200") for month in MONTHS]


def xml(sheets):
    """An XML spreadsheet of Excel 2003: name -> (rows of XML, XML of its options)."""
    spaces = {"": "spreadsheet", ":ss": "spreadsheet", ":x": "excel"}
    named = " ".join(
        f'xmlns{short}="urn:schemas-microsoft-com:office:{space}"'
        for short, space in spaces.items()
    )
    parts = "".join(
        f'<Worksheet ss:Name="{name}"><Table>{rows}</Table>{more}</Worksheet>'
        for name, (rows, more) in sheets.items()
    )
    return f'<?xml version="1.0"?><Workbook {named}>{parts}</Workbook>'


def line(*cells, where=""):
    told = "".join(f'<Cell><Data ss:Type="{kind}">{text}</Data></Cell>' for kind, text in cells)
    return f"<Row{where}>{told}</Row>"


HEAD = line(("String", "Date"), ("String", "Item"), ("String", "Qty"))
DAYS = "".join(
    line(("DateTime", f"{month}-15T00:00:00.000"), ("String", "0012"), ("Number", "1200.5"))
    for month in MONTHS
)


def cells(raw, encoding=""):
    (grid,) = read_markup(raw if isinstance(raw, bytes) else raw.encode(), "a.xls", encoding)
    return grid.cells.to_numpy().tolist()


def test_a_web_page_called_xls_is_read_as_the_table_it_shows(read):
    found = read(page(SOLD), "sales.xls", decimals__Qty="point")
    assert found.months == {f"0012 {month}": 1200 for month in MONTHS}


def test_a_table_around_others_is_layout_and_a_line_alone_is_no_table():
    layout = (
        "<table><tr><td>Menu</td><td>",
        "</td></tr></table><table><tr><td>©</td></tr></table>",
    )
    assert cells(page(SOLD, around=layout))[0] == ["Date", "Item", "Qty"]


def test_tables_of_the_same_columns_are_read_together_and_of_others_it_is_asked_which(read):
    more = page([SOLD[0], *[(f"{month}-15", "X", "1,007") for month in MONTHS]])
    assert set(read(page(SOLD) + more, "all.xls", decimals__Qty="point").months.values()) == {
        1200.0,
        1007.0,
    }
    other = page([("Day", "Article", "Quantity"), *[(f"{one}-02", "X", "7") for one in MONTHS]])
    found = read(page(SOLD) + other, "sales.xls", folder="other")
    assert found.asked[0] == "sheet"
    assert "table 2" in str(found.result.questions)


def test_tables_below_the_same_title_alone_are_not_put_together():
    titled = [
        page([("Report",), ("Date", name), ("2026-01-01", "5")]) for name in ("Sold", "Stock")
    ]
    assert len(read_markup("".join(titled).encode(), "a.xls")) == 2


def test_cells_over_several_columns_and_rows_keep_their_places():
    head = (
        "<tr><th rowspan=2>Item</th><th colspan=2>2026</th></tr><tr><th>Jan</th><th>Feb</th></tr>"
    )
    (grid,) = read_markup(f"<table>{head}<tr><td>A<td>1<td>2</table>".encode(), "a.htm")
    assert grid.cells.loc[2].tolist() == [None, "Jan", "Feb"]
    assert grid.cells.loc[3].tolist() == ["A", "1", "2"]
    assert grid.merged == ((1, 0, 2, 0), (1, 1, 1, 2))


def test_hidden_rows_are_told():
    raw = '<table><tr><td>a<tr style="display: none"><td>b<tr hidden><td>c</table>'
    (grid,) = read_markup(raw.encode(), "a.htm")
    assert grid.hidden == {2, 3}


def test_the_number_beside_a_text_is_taken_where_the_text_shows_it():
    raw = '<table><tr><td x:num="1234.5678">1.234,57<td x:num="46054">01.02.2026<tr><td>a</table>'
    assert cells(raw)[0] == ["1.234,57", "01.02.2026"]
    assert cells(raw.replace("1234.5678", "1234.57"))[0] == [1234.57, "01.02.2026"]


@pytest.mark.parametrize(
    ("told", "encoding"),
    [("windows-1252", "cp1252"), ("utf-8", "utf-8"), ("utf-16", "utf-16"), ("nothing", "cp1252")],
)
def test_a_page_is_of_the_encoding_that_it_says_or_that_its_letters_show(told, encoding):
    head = f"<meta charset={told}>" if told != "nothing" else ""
    raw = page([("Größe", "Menge"), ("Mütze", "1")], head).encode(encoding)
    assert is_markup(raw)
    assert cells(raw) == [["Größe", "Menge"], ["Mütze", "1"]]


def test_a_page_saved_as_a_single_file_is_read():
    part = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    raw = (
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n'
        f"--x\n{part}<table><tr><td>Gr=C3=B6=C3=9Fe<tr><td>1</table>\n--x--\n"
    )
    assert cells(raw) == [["Größe"], ["1"]]


def test_an_xml_spreadsheet_is_read_by_its_types(read):
    found = read(xml({"Sales": (HEAD + DAYS, "")}), "sales.xls")
    assert found.months == {f"0012 {month}": 1200.5 for month in MONTHS}


def test_places_and_hidden_rows_and_sheets_of_an_xml_spreadsheet_count():
    gap = '<Row ss:Index="4"><Cell ss:Index="3"><Data ss:Type="String">far</Data></Cell></Row>'
    hidden = line(("String", "unseen"), where=' ss:Hidden="1"')
    unseen = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    raw = xml({"Sales": (HEAD + gap + hidden, ""), "Old": (HEAD + DAYS, unseen)})
    (grid,) = read_markup(raw.encode("utf-16"), "a.xml")
    assert grid.source == "a.xml sheet Sales"
    assert grid.cells.index.tolist() == [1, 4, 5]
    assert grid.cells.loc[4].tolist() == [None, None, "far"]
    assert grid.hidden == {5}


REFUSED = {
    "no table": ("<html><p>no rows</html>", "is a web page or XML, and holds no table"),
    "an error page": ("<!doctype html><h1>Session expired</h1>", "holds no table that can be read"),
    "other XML": ("<?xml version='1.0'?><orders><order id='1'/></orders>", "holds no table"),
    "entities": (
        xml({"a": (HEAD, "")}).replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>'),
        "it declares entities",
    ),
    "cut off": (xml({"a": (HEAD + DAYS, "")})[:900], "cannot be read"),
    "a cell far below": (
        xml({"a": (HEAD + line(("String", "x"), where=' ss:Index="900000"'), "")}),
        "a cell in row 900,000, column 1 is far from the table",
    ),
    "a cell far right": (
        xml({"a": (HEAD.replace("<Cell>", '<Cell ss:Index="9999">', 1), "")}),
        "column 9,999 is far from the table",
    ),
    "nested without end": ("<table><tr><td>" * 9_000, "holds no table"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused_with_its_name(case):
    raw, said = REFUSED[case]
    with pytest.raises(ValueError, match=r"a\.xls") as refused:
        read_markup(raw.encode(), "a.xls")
    assert said in str(refused.value)


def test_a_page_that_is_too_large_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setenv("SOPKIT_MAX_WORKBOOK_MB", "0.0001")
    with pytest.raises(ValueError, match="Send its tables as CSV, or raise SOPKIT_MAX_WORKBOOK_MB"):
        read_markup(page(SOLD).encode(), "a.xls")


def test_names_in_angle_brackets_are_those_of_a_text_file(read):
    rows = "\n".join(f"{month}-15,A,2" for month in MONTHS)
    found = read(
        f"<DATE>,<ITEM>,<QTY>\n{rows}\n", date="<DATE>", product="<ITEM>", quantity="<QTY>"
    )
    assert found.months == {f"A {month}": 2 for month in MONTHS}
