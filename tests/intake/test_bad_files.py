"""Files that cannot be read as they are: each is refused, asked or read with the expected words.

No file ends in a traceback, and none leaves tables behind that were not read whole.
"""

import datetime as dt
import gzip
import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from importing import importer

GOOD = "Date,Item,Qty,Net Sales\n2026-06-03,A,2,20\n2026-06-28,B,1,10\n2026-06-30,A,5,50\n2026-07-31,B,4,40\n"
HEAD = "Date,Item,Qty\n"
NAMES = {"date": "Date", "product": "Item", "quantity": "Qty"}


def changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def rows(*lines, head=HEAD):
    return head + "".join(f"{line}\n" for line in lines)


def book(*sheets, names=(), change=None):
    """A workbook of sheets of rows, as bytes."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, lines in enumerate(sheets):
        sheet = made.create_sheet(names[number] if names else f"Sheet{number + 1}")
        for line in lines:
            sheet.append(line)
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def parquet(frame):
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


TABLE = [
    ["Date", "Item", "Qty"],
    [dt.datetime(2026, 6, 3), "A", 2],
    [dt.datetime(2026, 6, 30), "B", 3],
]


def cell(place, value, number_format=None):
    def change(made):
        made.worksheets[0][place] = value
        if number_format:
            made.worksheets[0][place].number_format = number_format

    return change


def hide(*numbers):
    def change(made):
        for number in numbers:
            made.worksheets[0].row_dimensions[number].hidden = True

    return change


# what is wrong : (content, file name, words of the refusal)
REFUSED = {
    # --- the file itself
    "no bytes": (b"", "a.csv", "a.csv is empty; it needs a line of column names"),
    "blank lines only": ("\n\n  \n", "a.csv", "a.csv is empty"),
    "names only": ("Date,Item,Qty\n", "a.csv", "a.csv has no lines below its column names"),
    "names and blank rows": ("Date,Item,Qty\n,,\n,,\n", "a.csv", "has no lines below its column names"),
    "a PDF": (b"%PDF-1.4 ...", "a.pdf", "a.pdf is a PDF"),
    "a PDF called csv": (b"%PDF-1.4 ...", "a.csv", "is a PDF, which holds pages and no table"),
    "JSON": ('{"rows": []}', "a.json", "a.json is JSON"),
    "a web page called xls": ("<html><table></table></html>", "a.xls", "is a web page or XML, and holds no table"),
    "XML": ("<?xml version='1.0'?><a/>", "a.xml", "is a web page or XML"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "a.png", "is a picture"),
    "a photo": (b"\xff\xd8\xff\xe0", "a.jpg", "is a picture"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", "a.7z", "is a 7-Zip archive"),
    "RAR": (b"Rar!\x1a\x07", "a.rar", "is a RAR archive"),
    "a database file": (b"SQLite format 3\x00", "a.db", "is a database. Name its URL in an environment variable"),
    "a NUL byte": (b"Date,Item,Qty\n2026-06-03,A\0,2\n", "a.csv", "a.csv line 2 holds a NUL byte"),
    "one column": ("Qty\n1\n2\n", "a.csv", "has one column only (Qty)"),
    "prose": ("Dear colleague\nplease find the sales\n", "a.csv", "has one column only"),
    "no names": (rows("2026-06-03,A,2", "2026-06-30,B,3", head=""), "a.csv", "has no line of column names: line 1 is 2026-06-03, A, 2"),
    "wrong mark": (b"\xff\xfeD", "a.csv", "is not of the encoding that its mark says"),
    "open quotation mark": ('Date,Item,Qty\n2026-06-03,"A,2\n2026-06-30,B,3\n', "a.csv", "a.csv line 2: a quotation mark is not closed"),
    "quotation mark within": ('Date,Item,Qty\n2026-06-03,"A" b,2\n', "a.csv", "line 2: a quotation mark is not closed or stands alone"),
    "more cells": (rows("2026-06-03,A,2", "2026-06-04,A,2,x", "2026-06-30,A,2"), "a.csv", "has 3 columns, but some lines have more cells: line 3: 4 cells"),
    "decimal comma in a comma file": (rows("2026-06-03,A,2", "2026-06-04,A,2,5", "2026-06-30,A,2"), "a.csv", "Put text that holds the separator in quotation marks"),
    "decimal commas in all lines": (rows("2026-06-03,A,2,5", "2026-06-04,A,2,5", "2026-06-30,A,2,5"), "a.csv", "a.csv has 3 columns, but 3 lines have more cells, the first is line 2"),
    # --- packed files
    "damaged gz": (b"\x1f\x8b\x08\x00abc", "a.csv.gz", "is damaged"),
    "cut gz": (gzip.compress(GOOD.encode())[:-12], "a.csv.gz", "a.csv.gz is damaged"),
    "gz bomb": (gzip.compress(b"0" * 30_000_000), "a.csv.gz", "unpacks to more than 100 times its size"),
    "zip bomb": (packed(a__csv="0" * 30_000_000), "a.zip", "unpacks to more than 100 times its size"),
    "empty zip": (packed(), "a.zip", ""),
    "cut zip": (packed(a__csv=GOOD)[:40], "a.zip", "is damaged or cut off"),
    "zip of a PDF": (packed(a__pdf="%PDF-1.4"), "a.zip", "a.pdf is a PDF"),
    "gz in gz in gz": (gzip.compress(gzip.compress(gzip.compress(GOOD.encode()))), "a.gz", "is packed more than twice"),
    "files of other columns": (packed(a__csv=GOOD, b__csv=GOOD.replace("Item", "Article")), "a.zip", "b.csv lacks Item and has Article, other than a.csv"),
    "a file twice": (packed(a__csv=GOOD, b__csv=GOOD), "a.zip", "b.csv has the same lines as a.csv. Remove the copy"),
    "damaged Parquet": (b"PAR1abcdPAR1", "a.parquet", "is not a whole Parquet file"),
    "Parquet without rows": (parquet(pd.DataFrame({"Date": [], "Item": [], "Qty": []})), "a.parquet", "has no rows"),
    "Parquet of lists": (parquet(pd.DataFrame({"Date": ["2026-06-03"], "Item": ["A"], "Qty": [[1, 2]]})), "a.parquet", "Qty hold several values in a cell"),
    # --- workbooks
    "no workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xls", "a.xls"),
    "cut workbook": (book(TABLE)[:800], "a.xlsx", "is damaged"),
    "empty workbook": (book([]), "a.xlsx", "has no visible sheet with cells"),
    "formula without a value": (book(TABLE, change=cell("C2", "=1+1")), "a.xlsx", "a.xlsx sheet Sheet1: C2 hold formulas whose values were not saved"),
    "stray cell far right": (book(TABLE, change=cell("CZZ9", 1)), "a.xlsx", "has a cell in CZZ9, far from the table"),
    "stray cell far below": (book(TABLE, change=cell("A20000", 1)), "a.xlsx", "far from the table. Delete it"),
    "an error cell": (book(TABLE, change=cell("C2", "#REF!")), "a.xlsx", "Qty is not a number in 1 of 2 lines (line 2: #REF!)"),
    "a code of sixteen digits": (book(TABLE, change=cell("B2", 4.0123456789e15)), "a.xlsx", "has lost some. Export it again as text"),
    "a code that became a date": (book([["Date", "Item", "Qty"], [dt.datetime(2026, 6, 3), "A-1", 2], [dt.datetime(2026, 6, 30), dt.datetime(2026, 3, 1), 3]]), "a.xlsx", "a spreadsheet has turned a code into a date"),
    # --- columns
    "column twice": (GOOD.replace("Net Sales", "Qty"), "a.csv", "the column name Qty stands 2 times. Name one of Qty (column 3), Qty (column 4)"),
    "column not there": (GOOD.replace("Qty", "Menge"), "a.csv", "a.csv has no column 'Qty'; it has Date, Item, Menge, Net Sales"),
    # --- dates
    "not a date": (changed("2026-06-28", "soon"), "a.csv", "Date is not a date in 1 of 4 lines (line 3: soon)"),
    "31 June": (changed("2026-06-28", "2026-06-31"), "a.csv", "(line 3: 2026-06-31)"),
    "30 February": (changed("2026-06-28", "30-Feb-2026"), "a.csv", "(line 3: 30-Feb-2026)"),
    "month 13": (changed("2026-06-28", "2026-13-01"), "a.csv", "(line 3: 2026-13-01)"),
    "empty date": (changed("2026-06-28", ""), "a.csv", "Date is empty in 1 of 4 lines (line 3)"),
    "two orders": (rows("13/06/2026,A,2", "06/14/2026,A,2"), "a.csv", "Date is day/month/year in some lines, but cannot be in 1 of 2 lines (line 3: 06/14/2026)"),
    "months and days": (rows("2026-06,A,2", "2026-07,A,2", "2026-08-03,A,2"), "a.csv", "Date mixes day"),
    "a year alone": (rows("2024,A,2", "2025,A,2"), "a.csv", "Date is not a date in 2 of 2 lines"),
    "time alone": (rows("10:15,A,2", "10:16,A,2"), "a.csv", "Date is not a date"),
    "all in the future": (rows("2030-06-03,A,2", "2030-06-30,A,2"), "a.csv", "all lines are dated after today, 2026-11-29; the first is 2030-06-03"),
    "quarters": (rows("2025-Q1,A,2", "2025-Q2,A,2", "2025-Q3,A,2"), "a.csv", "the lines are one quarter apart (2025-01, 2025-04, 2025-07)"),
    "quarters by their first day": (rows("2025-01-01,A,2", "2025-04-01,A,2", "2025-07-01,A,2", "2025-10-01,A,2"), "a.csv", "A plan by month cannot be made of quarters"),
    "quarters by their last day": (rows("2025-03-31,A,2", "2025-06-30,A,2", "2025-09-30,A,2"), "a.csv", "one quarter apart"),
    "years": (rows("2023-12-31,A,2", "2024-12-31,A,2", "2025-12-31,A,2"), "a.csv", "the lines are one year apart"),
    "one unfinished month": (rows("2026-05-03,A,2", "2026-05-20,A,2"), "a.csv", "all sales are in 2026-05 and its last sale is on 2026-05-20"),
    "week 60": (rows("2026-W60,A,2", "2026-W61,A,2"), "a.csv", "Date is not a date"),
    # --- numbers
    "not a number": (changed(",1,10", ",one,10"), "a.csv", "Qty is not a number in 1 of 4 lines (line 3: one)"),
    "two decimal marks": (rows('2026-06-03,A,"1.5"', '2026-06-04,A,"2,55"', '2026-06-30,A,"2.5"'), "a.csv", "write all with one decimal mark"),
    "a number of sixteen digits": (changed(",1,10", ",1234567890123456,10"), "a.csv", "Qty is not a number in 1 of 4 lines"),
    "infinity": (changed(",1,10", ",inf,10"), "a.csv", "(line 3: inf)"),
    "per cent": (changed(",1,10", ",5%,10"), "a.csv", "(line 3: 5%)"),
    "two numbers in a cell": (changed(",1,10", ",1/2,10"), "a.csv", "(line 3: 1/2)"),
    "an error text": (changed(",1,10", ",#DIV/0!,10"), "a.csv", "(line 3: #DIV/0!)"),
    "true": (changed(",1,10", ",TRUE,10"), "a.csv", "(line 3: TRUE)"),
    "all quantities empty": (rows("2026-06-03,A,", "2026-06-30,A,"), "a.csv", ""),
    "wrong thousands": (changed(",1,10", ',"1,23,4",10'), "a.csv", "Qty is not a number"),
    # --- codes
    "no product": (changed("28,B,", "28,,"), "a.csv", "Item is empty in 1 of 4 lines (line 3)"),
    "shortened code": (changed("28,B,", "28,4.0E+12,"), "a.csv", "a.csv line 3: Item is 4.0E+12: a spreadsheet has shortened a long code"),
    "shortened code with a comma": (rows('2026-06-03,"4,01E+12",2', "2026-06-30,B,2"), "a.csv", "Export it again as text"),
    "failed formula": (changed("28,B,", "28,#N/A,"), "a.csv", "line 3: Item is #N/A: a formula has failed"),
    "a page as a code": (changed("28,B,", f"28,{'x' * 300},"), "a.csv", "300 characters are no code"),
    # --- periods across
    "a month twice": ("Item,2026-01,2026-02,Jan 2026\nA,1,2,3\n", "a.csv", "columns 2026-01 and Jan 2026 say the same period"),
    "quarters across": ("Item,Q1 2025,Q2 2025,Q3 2025,Q4 2025\nA,1,2,3,4\n", "a.csv", "one quarter apart"),
    "no number below a month": ("Item,2026-01,2026-02,2026-03\nA,1,x,3\n", "a.csv", "is not a number in 1 of 3 lines (line 2: x)"),
    "no year in the year": ("Item,Year,Jan,Feb,Mar,Apr,May,Jun\nA,last,1,2,3,4,5,6\n", "a.csv", "Year is no year: last"),
}  # fmt: skip
TOLD = set(REFUSED) - {"no year in the year"}
ALONE = (
    "a month twice", "quarters across", "no number below a month", "no year in the year",
)  # fmt: skip  # read without naming columns


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


@pytest.mark.parametrize("fault", REFUSED)
def test_it_is_refused_in_words_and_nothing_is_written(imported, tmp_path, fault):
    content, name, words = REFUSED[fault]
    answers = {} if fault in ALONE else NAMES
    with pytest.raises((ValueError, FileNotFoundError)) as refused:
        imported(content, name, **answers)
    assert words in str(refused.value)
    assert not (tmp_path / "new").exists()


# --- what is asked -------------------------------------------------------------------------------

ASKED = {  # what is doubtful : (content, file name, answers, the keys of the questions)
    "day or month": (rows("03/06/2026,A,2", "04/07/2026,A,2"), "a.csv", NAMES, ["date_order.Date"]),
    "day or month of two digits": (rows("03/06/26,A,2", "04/07/26,A,2"), "a.csv", NAMES, ["date_order.Date"]),
    "thousands or decimals": (rows('2026-06-03,A,"1,234"', '2026-06-30,A,"2,345"'), "a.csv", NAMES, ["decimals.Qty"]),
    "thousands or decimals, German": (rows("2026-06-03;A;1.234", "2026-06-30;A;2.345", head="Date;Item;Qty\n"), "a.csv", NAMES, ["decimals.Qty"]),
    "two sheets": (book(TABLE, [r if i == 0 else [r[0], "C", 9] for i, r in enumerate(TABLE)]), "a.xlsx", NAMES, ["sheet"]),
    "hidden rows": (book(TABLE, change=hide(2)), "a.xlsx", NAMES, ["hidden_rows"]),
    "cancelled lines": (rows("2026-06-03,A,2,ok", "2026-06-29,A,2,cancelled", "2026-06-30,A,2,ok", head="Date,Item,Qty,Status\n"), "a.csv", NAMES, ["cancelled"]),
    "voided lines": (rows("2026-06-03,A,2,ok", "2026-06-29,A,2,VOIDED", "2026-06-30,A,2,ok", head="Date,Item,Qty,Status\n"), "a.csv", NAMES, ["cancelled"]),
    "free lines": (rows("2026-06-03,A,2,10", "2026-06-29,A,2,0", "2026-06-30,A,2,9", head="Date,Item,Qty,Net Sales\n"), "a.csv", NAMES, ["free_of_charge"]),
    "all below zero": (rows("2026-06-03,A,-2", "2026-06-29,A,-2", "2026-06-30,A,-3"), "a.csv", NAMES, ["signs"]),
    "two units": (rows("2026-06-03,A,2,pc", "2026-06-29,A,2,box", "2026-06-30,A,2,pc", head="Date,Item,Qty,UoM\n"), "a.csv", NAMES, ["unit.box"]),
    "which product": ("Date,Alpha,Beta,Qty\n2026-06-03,x,y,2\n2026-06-30,x,z,2\n", "a.csv", {}, ["product"]),
    "which quantity": ("Date,Item,Alpha,Beta\n2026-06-03,x,1,2\n2026-06-30,x,3,2\n", "a.csv", {}, ["quantity"]),
    "a market that is the sum of all": (
        rows(*(f"2026-0{m}-01,A,{n},{r}" for m in (1, 2, 3) for r, n in (("east", m), ("west", 2 * m), ("National", 3 * m))), head="Date,Item,Qty,Region\n"),
        "a.csv", {**NAMES, "market": "Region"}, ["total.National"],
    ),
    "a product that is the sum of all": (
        rows(*(f"2026-0{m}-01,{r},{n}" for m in (1, 2, 3) for r, n in (("A", m), ("B", 2 * m), ("Bundle", 3 * m)))),
        "a.csv", NAMES, ["total.Bundle"],
    ),
    "a total of something else": (rows("2026-06-03,Total Care,2", "2026-06-30,A,2"), "a.csv", NAMES, ["total.Total Care"]),
}  # fmt: skip


@pytest.mark.parametrize("doubt", ASKED)
def test_it_is_asked_and_only_the_mapping_file_is_written(imported, doubt):
    content, name, answers, keys = ASKED[doubt]
    done = imported(content, name, **answers)
    assert done.asked == keys
    assert [path.name for path in done.folder.iterdir()] == ["intake.toml"]
    text = (done.folder / "intake.toml").read_text()
    assert all(f'"{key}" = ""' in text or f'{key} = ""' in text for key in keys)


@pytest.mark.parametrize("doubt", ASKED)
def test_each_of_its_answers_is_taken(imported, doubt):
    content, name, answers, keys = ASKED[doubt]
    question = imported(content, name, **answers).result.questions[0]
    for number, choice in enumerate(question.choices or ("12",)):
        done = imported(content, name, folder=f"answered {number}", **answers, **{keys[0]: choice})
        assert keys[0] not in done.asked


# --- what is read, with a word --------------------------------------------------------------------

FULL = {"A 2026-06": 7, "A 2026-07": 0, "B 2026-06": 1, "B 2026-07": 4}
SAID = {  # what is odd : (content, file name, words of the proof); all are read as GOOD
    "a grand total": (GOOD + "2026-07-31,Grand Total,12,120\n", "a.csv", "left out: a grand total: 1 line (line 6"),
    "a total without a date": (GOOD + "Total,,12,120\n", "a.csv", "The file's own total is 12: the same"),
    "a total that is wrong": (GOOD + "Total,,13,120\n", "a.csv", "The file's own total is 13: -1"),
    "a German total": (GOOD + ",Gesamtergebnis,12,120\n", "a.csv", "left out: a grand total: 1 line"),
    "a Spanish total": (GOOD + ",Total general,12,120\n", "a.csv", "left out: a grand total: 1 line"),
    "subtotals": (GOOD + ",A Total,7,70\n,B Total,5,50\n", "a.csv", "left out: a subtotal: 2 lines"),
    "a footer": (GOOD + "\nGenerated by ERP on 2026-08-01,,,\n", "a.csv", "left out: no date and no quantity: 1 line (line 7"),
    "a filter note": (GOOD + "Applied filters: Region is north,,,\n", "a.csv", "no date and no quantity"),
    "a line without a quantity": (GOOD + "2026-07-30,A,,\n", "a.csv", "left out: no quantity: 1 line (line 6"),
    "a dash for nothing": (GOOD + "2026-07-30,A,-,\n", "a.csv", "left out: no quantity"),
    "repeated names": (GOOD.replace("2026-06-30", "Date,Item,Qty,Net Sales\n2026-06-30"), "a.csv", "left out: repeats the column names: 1 line (line 4"),
    "a title": ("Sales\nfrom,2026-06-01\n\n" + GOOD, "a.csv", "2 lines above the column names are no data: Sales"),
    "a rule below the names": (GOOD.replace("Net Sales\n", "Net Sales\n----------,----,---,------\n"), "a.csv", "12 units"),
    "Windows-1252": (GOOD.replace("Net Sales", "Größe").encode("cp1252"), "a.csv", "read as Windows-1252"),
    "UTF-16": (GOOD.encode("utf-16"), "a.csv", "read as UTF-16"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "a.csv", "read as UTF-16 without a mark"),
    "a mark of UTF-8": (GOOD.encode("utf-8-sig"), "a.csv", "12 units"),
    "tabs": (GOOD.replace(",", "\t"), "a.txt", "separated by tabs"),
    "semicolons": (GOOD.replace(",", ";"), "a.csv", "separated by semicolons"),
    "bars": (GOOD.replace(",", "|"), "a.csv", "separated by bars"),
    "a told separator": ("sep=;\n" + GOOD.replace(",", ";"), "a.csv", "separated by semicolons"),
    "line ends of an old Mac": (GOOD.replace("\n", "\r"), "a.csv", "12 units"),
    "line ends of Windows": (GOOD.replace("\n", "\r\n"), "a.csv", "12 units"),
    "no last line end": (GOOD.rstrip("\n"), "a.csv", "12 units"),
    "blanks around": (GOOD.replace(",", " , "), "a.csv", "12 units"),
    "quoted": ("\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in GOOD.splitlines()), "a.csv", "12 units"),
    "empty columns": ("\n".join(f",{line},," for line in GOOD.splitlines()), "a.csv", "12 units"),
    "empty lines between": (GOOD.replace("\n", "\n\n"), "a.csv", "12 units"),
    "a line break in a cell": (GOOD.replace("28,B", '28,"B\n"'), "a.csv", "12 units"),
    "a placeholder of 1900": (GOOD + "1900-01-01,A,3,30\n", "a.csv", "left out: dated far from all others: 1 line, 3 units"),
    "the year 9999": (GOOD + "9999-12-31,A,3,30\n", "a.csv", "left out: dated far from all others: 1 line, 3 units"),
    "a sale after today": (GOOD + "2026-12-24,A,3,30\n", "a.csv", "left out: dated after today, 2026-11-29: 1 line, 3 units"),
    "an unfinished month": (GOOD + "2026-08-05,A,3,30\n", "a.csv", "2026-08 is not whole: its last sale is on 2026-08-05"),
    "an invisible character": (GOOD.replace("28,B", "28,\u200bB"), "a.csv", "invisible or double blank characters are taken off 1 codes"),
    "a hard blank": (GOOD.replace("28,B", "28,B\u00a0"), "a.csv", "12 units"),
    "dollars": (GOOD.replace(",10\n", ",$10.00\n"), "a.csv", "$10.00 is read as a number without its currency"),
    "euros": (GOOD.replace(",10\n", ",10 €\n"), "a.csv", "10 € is read as a number without its currency"),
    "day numbers": (GOOD.replace("2026-06-03", "46176").replace("2026-06-28", "46201").replace("2026-06-30", "46203").replace("2026-07-31", "46234"), "a.csv", "46176 is read as the spreadsheet's day number of 2026-06-03"),
    "a return": (GOOD + "2026-06-29,A,-1,-10\n2026-06-29,A,1,10\n", "a.csv", "returns are netted: 1 lines of 1 units"),
    "a shouting name": (GOOD.replace("Item", "ITEM"), "a.csv", "product = ITEM"),
    "a padded name": (GOOD.replace("Item", " Item "), "a.csv", "product = Item"),
    "pieces beside the number": (GOOD.replace("A,2,", "A,2 pcs,"), "a.csv", "12 units"),
    "a workbook of a date as text": (book([list(line.split(",")) for line in GOOD.splitlines()]), "a.xlsx", "12 units"),
    "a hidden sheet": (book([line.split(",") for line in GOOD.splitlines()], [["x"]], change=lambda b: setattr(b.worksheets[1], "sheet_state", "hidden")), "a.xlsx", "12 units"),
    "a sheet of notes": (book([["Notes"], ["read me"]], [line.split(",") for line in GOOD.splitlines()]), "a.xlsx", "of 2 sheets only Sheet2 looks like sales"),
    "a workbook called csv": (book([line.split(",") for line in GOOD.splitlines()]), "a.csv", "12 units"),
    "a CSV called xlsx": (GOOD, "a.xlsx", "12 units"),
    "a packed CSV": (gzip.compress(GOOD.encode()), "a.csv.gz", "12 units"),
    "two months in two files": (packed(june__csv="\n".join(GOOD.splitlines()[:4]), july__csv=GOOD.splitlines()[0] + "\n" + GOOD.splitlines()[4]), "a.zip", "2 files (july.csv to june.csv)"),
}  # fmt: skip


@pytest.mark.parametrize("oddity", SAID)
def test_it_is_read_and_said(imported, oddity):
    content, name, words = SAID[oddity]
    done = imported(content, name)
    assert not done.asked
    assert done.months == FULL
    assert words in done.said


def test_the_corpus_has_more_than_150_files():
    assert len(REFUSED) + 2 * len(ASKED) + len(SAID) > 150
