"""Files that come back from others may be hostile: nothing in them runs, leaves its folder, swamps the machine or is half kept."""

import io
import re
import struct
import tracemalloc
import zipfile

import pandas as pd
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from team import Office, answer_cell, fill_in

from sopkit.cli import main
from sopkit.forecasting import parallel
from sopkit.intake import workbook_grids
from sopkit.io import readers
from sopkit.io.excel import open_cells
from sopkit.reporting.excel import starter
from sopkit.tables.issues import DataError

OCTOBER = "2026-10"
RUNS = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """An office whose forms are out."""
    office = Office(tmp_path_factory.mktemp("office"))
    office.collect()
    return office


@pytest.fixture
def office(asked, tmp_path):
    return asked.copied(tmp_path / "office")


def parts_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def tables_of(office):
    return {path.name: path.read_bytes() for path in office.place.iterdir()}


# --- parts of a workbook ---------------------------------------------------------------------------------------


LINK = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</externalLink>'
DDE = LINK % b'<ddeLink ddeService="cmd" ddeTopic="/C calc"><ddeItems/></ddeLink>'
OLE = LINK % b'<oleLink progId="Package"/>'
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (b, b"&%c;" % (b - 1) * 10) for b in range(ord("b"), ord("n"))
    )
    + b"]><sst>&m;</sst>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'
)


def shared(content):
    """Give the workbook these shared strings."""

    def change(parts):
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        type_ = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        name, rels = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
        if "xl/sharedStrings.xml" not in parts:
            parts[name] = parts[name].replace(
                b"</Types>",
                f'<Override PartName="/xl/sharedStrings.xml" ContentType="{type_}"/></Types>'.encode(),
            )
            parts[rels] = parts[rels].replace(
                b"</Relationships>",
                f'<Relationship Id="rId99" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'.encode(),
            )
        parts["xl/sharedStrings.xml"] = content

    return change


def part(name, content):
    return lambda parts: parts.update({name: content})


HOSTILE = {
    "a DDE link": (part("xl/externalLinks/externalLink1.xml", DDE), "links cells to another program (DDE or OLE), which is not started. Break the link in Excel: Data, Edit Links."),
    "an OLE link": (part("xl/externalLinks/externalLink1.xml", OLE), "links cells to another program"),
    "macros": (part("xl/vbaProject.bin", b"x"), "holds macros, which are not run. Save it as .xlsx without macros."),
    "entities that expand": (shared(BOMB), "is damaged"),
    "an entity of another file": (shared(OUTSIDE), "is damaged"),
    "a part of 400 MB": (part("xl/media/image1.png", b"\0" * 400_000_000), "MB; 300 MB are read."),
}  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_form_is_refused_by_name_and_nothing_is_kept(office, attack):
    change, told = HOSTILE[attack]
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    parts, before = parts_of(form), tables_of(office)
    change(parts)
    said = office.typed("merge", packed(form, parts), code=1)
    assert "ana.xlsx" in said
    assert told in said
    assert "root:" not in said
    assert tables_of(office) == before


@pytest.mark.parametrize("attack", sorted(set(HOSTILE) - {"a part of 400 MB"}))
def test_a_hostile_starter_workbook_or_company_workbook_is_refused(tmp_path, attack):
    change, told = HOSTILE[attack]
    path = tmp_path / "starter.xlsx"
    starter.write(path, "make", pd.Period("2026-09", "M"))
    parts = parts_of(path)
    change(parts)
    result = CliRunner().invoke(main, ["check", str(packed(path, parts))])
    assert result.exit_code == 1
    assert f"starter.xlsx {told}" in result.output


def lying(size):
    """A zip file whose only sheet says that it is small, and unpacks to so many bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * size)
    raw = out.getvalue()
    return raw.replace(struct.pack("<L", size), struct.pack("<L", 1000))


@pytest.mark.parametrize("read", ["a form", "an export"])
def test_a_part_that_is_larger_than_it_says_is_not_unpacked(tmp_path, read):
    path = tmp_path / "small.xlsx"
    path.write_bytes(lying(200_000_000))
    reads = {
        "a form": lambda: open_cells(path),
        "an export": lambda: workbook_grids.read_workbook(path.read_bytes(), path.name),
    }
    tracemalloc.start()
    with pytest.raises((DataError, ValueError), match=r"small\.xlsx is"):
        reads[read]()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_the_value_of_a_link_to_another_workbook_is_taken_as_it_was_saved_and_nothing_is_fetched(
    office,
):
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    where = answer_cell(load_workbook(form)["Demand"], "TEA", OCTOBER).coordinate
    parts = parts_of(form)
    for name, content in parts.items():
        cell = re.search(rb'<c r="%b"[^>]*><v>130</v></c>' % where.encode(), content)
        if cell:
            linked = cell[0].replace(b"<v>", b"<f>'[1]//evil/share'!A1</f><v>")
            parts[name] = content.replace(cell[0], linked)
    link = LINK % b'<externalBook r:id="rId1" xmlns:r="x"/>'
    packed(form, parts | {"xl/externalLinks/externalLink1.xml": link})
    office.typed("merge", form)
    (row,) = readers.read(office.place)["demand_inputs"].to_dict("records")
    assert (row["quantity"], row["reason"]) == (130, "New shop")


# --- texts and names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["reason", "comment", "author"])
def test_an_answer_in_words_that_a_spreadsheet_would_run_is_refused_by_its_cell(office, place):
    form = fill_in(office.form("ana"), {("TEA", OCTOBER): 130})
    book, before = load_workbook(form), tables_of(office)
    sheet = book["Start" if place == "author" else "Demand"]
    if place == "author":
        cell = next(row[2] for row in sheet.iter_rows() if row[1].value == "Your name")
    else:
        row = answer_cell(sheet, "TEA", OCTOBER).row
        cell = sheet.cell(row, sheet.max_column - (place == "comment"))
    cell.value, cell.data_type = RUNS, "s"
    book.save(form)
    said = office.typed("merge", form, code=1)
    assert (
        f'ana.xlsx sheet {sheet.title} cell {cell.coordinate} holds "{RUNS}", which begins like a '
        "formula. Begin it with a word." in said
    )
    assert tables_of(office) == before


def test_what_is_said_on_the_command_line_is_no_formula_in_the_company_s_files(office):
    office.run()
    pack = office.pack()
    book = load_workbook(pack)
    sheet = book["Change demand"]
    answer = next(
        c
        for row in sheet.iter_rows()
        for c in row
        if c.value == 100 and c.protection.locked is False
    )
    answer.value = 150
    book.save(pack)
    before = tables_of(office)
    signed = ("--author", RUNS, "--reason", "Shop")
    said = office.typed("merge", pack, *signed, code=1)
    assert f'demand_inputs: author "{RUNS}" begins like a formula' in said
    assert tables_of(office) == before


@pytest.mark.parametrize(
    "name", ["../../ana", "/ana", "a/b", "..", ".ana", "-rf", "con", "a\\b", "a:b", "x" * 300]
)
def test_a_contributor_s_name_does_not_lead_out_of_the_folder_of_forms(office, tmp_path, name):
    contributors = office.place / "contributors.csv"
    contributors.write_text(contributors.read_text().replace("cleo", name))
    before = sorted(tmp_path.rglob("*"))
    said = office.typed("collect", "--to", office.home / "new", code=1)
    assert "cannot name a file" in said
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["K. Holm", "key-accounts_2", "Åsa Öberg", "North (retail)"])
def test_a_contributor_has_a_name_of_his_own(office, name):
    contributors = office.place / "contributors.csv"
    contributors.write_text(contributors.read_text().replace("ana", name))
    office.collect()
    assert office.form(name).exists()


# --- mapping files ---------------------------------------------------------------------------------------------


SALES = "Date,Item,Qty\n2026-06-03,A,2\n2026-06-30,B,5\n2026-07-31,A,4\n"
MAPPINGS = {
    "a section that is a number": ("answers = 3", "answers must be a section: [answers], with KEY = VALUE"),
    "a section that is a list": ('exports = ["x"]', "exports must be a section: [exports]"),
    "a section of a section that is text": ('[corrections]\nproduct = "x"', "corrections.product must be a section"),
    "a table's section that is text": ('[tables]\ninventory = "x"', "tables.inventory must be a section"),
    "no number": ("[units]\nbox = nan", "[units] box must be a number above 0"),
    "infinity": ("[units]\nbox = inf", "[units] box must be a number above 0"),
    "a factor below nothing": ("[units]\nbox = -12", "[units] box must be a number above 0"),
    "a number of 400 digits": (f"[units]\nbox = 1{'0' * 400}", "[units] box must be a number above 0"),
    "a number of 5,000 digits": (f"[units]\nbox = 1{'0' * 5000}", "intake.toml cannot be read: Exceeds the limit"),
    "lists in lists": (f"[answers]\nx = {'[' * 20_000}", "intake.toml cannot be read: its lists lie too deep"),
    "two megabytes": (f'[answers]\nx = "{"(" * 2_000_000}"', "intake.toml has more than 1,000,000 bytes"),
    "a long name": (f"[{'x' * 5000}]\na = 1", "(5,000 characters)] that is not known"),
}  # fmt: skip


@pytest.mark.parametrize("fault", MAPPINGS)
def test_a_mapping_file_that_is_none_is_refused_by_name_and_nothing_is_written(tmp_path, fault):
    text, told = MAPPINGS[fault]
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "intake.toml").write_text(text)
    (tmp_path / "orders.csv").write_text(SALES)
    words = ["init", str(folder), "--from-sales", str(tmp_path / "orders.csv")]
    result = CliRunner().invoke(main, words)
    assert isinstance(result.exception, SystemExit)
    assert told in result.output
    assert len(result.output) < 500
    assert [path.name for path in folder.iterdir()] == ["intake.toml"]
    assert (folder / "intake.toml").read_text() == text


def test_a_mapping_file_is_searched_for_no_pattern(tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "intake.toml").write_text(f'[answers]\ndate = "{"(a+)+" * 5000}"')
    (tmp_path / "orders.csv").write_text(SALES.replace("2026-06-03", "a" * 40))
    result = CliRunner().invoke(
        main, ["init", str(folder), "--from-sales", str(tmp_path / "orders.csv")]
    )
    assert isinstance(result.exception, SystemExit)
    assert "has no column" in result.output


@pytest.mark.parametrize(
    "place", ["/etc/passwd", "/dev/zero", "../../../../../etc/hosts", "/proc/self/mem", "no/such"]
)
def test_an_export_at_a_place_that_is_none_is_refused_and_none_of_its_content_is_kept(
    office, place
):
    (office.place / "intake.toml").write_text(f'[exports]\nsales_history = "{place}"\n')
    before = tables_of(office)
    words = ("--company", "shop", "--workspace", office.place, "--store", office.store)
    said = office.plainly("roll", "2026-11", *words, code=1)
    assert "Error: " in said
    assert "root:x:" not in said
    assert tables_of(office) == before


@pytest.mark.parametrize("answer", ["unit.box=nan", "unit.box=inf", "unit.box=0", "unit.box=1e300"])
def test_a_factor_on_the_command_line_is_a_number_above_nothing(tmp_path, answer):
    (tmp_path / "orders.csv").write_text(
        "Date,Item,Qty,Unit\n2026-06-03,A,2,each\n2026-06-30,A,5,box\n2026-07-31,A,4,each\n"
    )
    columns = ["--answer", "unit=Unit", "--answer", answer]
    words = ["init", str(tmp_path / "new"), "--from-sales", str(tmp_path / "orders.csv"), *columns]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "write it as 0.92" in result.output
    assert not (tmp_path / "new" / "sales_history.csv").exists()


# --- addresses -------------------------------------------------------------------------------------------------


def test_work_is_not_sent_over_the_internet_in_the_clear():
    with pytest.raises(
        ValueError, match=r"8\.8\.8\.8 is on the internet, and tcp:// is not encryp"
    ):
        parallel.reach("tcp://8.8.8.8:8786")
    with pytest.raises(ValueError, match="is on the internet"):
        parallel.reach("tcp://[2001:4860:4860::8888]:8786")
    for address in ("tcp://127.0.0.1:1", "tcp://10.2.3.4:1", "tls://8.8.8.8:1", "tcp://[::1]:1"):
        parallel._refuse_public(address)
    for address in ("http://10.2.3.4:8786", "tcp://10.2.3.4", "inproc://x:1", "tcp://a/b:1"):
        with pytest.raises(ValueError, match="the address of a Dask scheduler is"):
            parallel.reach(address)
