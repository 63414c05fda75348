"""The plan store keeps revisions whole, never changes them, and notices when somebody else did.

The tests run on SQLite and on PostgreSQL: in a schema of their own of SOPKIT_TEST_POSTGRES (the URL of a database), else on
a server of their own where PostgreSQL and psycopg are installed.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from conftest import assert_same_table, execute, table

from sopkit.io.hashing import content_hash
from sopkit.io.readers import read
from sopkit.schema.tables import TABLES
from sopkit.store import parts, revisions, saving, verify
from sopkit.tables import conform

PLACE = ("summit", "2026-10", "base")

SUPPLY = """
constraint  item    period   limit  used  shadow_price
capacity    sewing  2026-10  100    100   2.5
capacity    sewing  2026-11  100    80    0
"""
PRODUCTS = """
product  family  unit_of_measure  lifecycle
TENT-2   tents   piece            mature
STOVE-1  stoves  piece            -
"""
SALES = """
product  market  period   quantity  revenue
TENT-2   north   2026-09  95        18905
STOVE-1  north   2026-09  160       -
"""


def plan(shadow_price=2.5):
    values = table("shadow_prices", SUPPLY)
    values.loc[0, "shadow_price"] = shadow_price
    return {"shadow_prices": values}


def inputs():
    return {"products": table("products", PRODUCTS), "sales_history": table("sales_history", SALES)}


def save(url, tables=None, place=PLACE, given=None, why="monthly plan"):
    return saving.save_revision(
        url,
        *place,
        plan() if tables is None else tables,
        content_hash(given or {}),
        "A. Novak",
        why,
        given,
    )


# --- saving and reading ----------------------------------------------------------------------------------------


def test_a_revision_is_read_as_it_was_saved(url):
    saved = save(url, given=inputs())
    assert (saved.company, saved.cycle, saved.scenario, saved.number, saved.who) == (
        *PLACE,
        1,
        "A. Novak",
    )
    assert_same_table(revisions.read_table(url, *PLACE, "shadow_prices"), plan()["shadow_prices"])
    assert list(revisions.read_revision(url, *PLACE)) == ["shadow_prices"]
    for name, frame in revisions.read_inputs(url, *PLACE).items():
        assert_same_table(frame, inputs()[name])
    assert revisions.latest_revision(url, *PLACE) == saved
    assert verify.verify(url) == []


def test_revisions_count_within_company_cycle_and_scenario(url):
    numbers = [
        save(url, place=place).number
        for place in (
            PLACE,
            PLACE,
            ("summit", "2026-11", "base"),
            ("summit", "2026-10", "dear-oil"),
            ("alps", *PLACE[1:]),
        )
    ]
    assert numbers == [1, 2, 1, 1, 1]
    assert revisions.revisions(url, "alps")["number"].tolist() == [1]
    history = revisions.revisions(url)
    assert history["number"].tolist() == numbers
    assert str(history["cycle"].dtype) == "period[M]"


def test_an_earlier_revision_stays_as_it_was(url):
    save(url, plan(2.5))
    save(url, plan(9))
    first = revisions.read_table(url, *PLACE, "shadow_prices", revision=1)
    assert first["shadow_price"].tolist() == [2.5, 0]
    assert revisions.read_table(url, *PLACE, "shadow_prices")["shadow_price"].tolist() == [
        9,
        0,
    ]


def test_the_same_plan_has_the_same_hash_in_any_order_of_rows_and_another_plan_another(url):
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in plan().items()}
    hashes = [save(url, tables).hash for tables in (plan(), turned, plan(2.6))]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_hash_rests_on_the_inputs_too(url):
    other = inputs()
    other["products"]["family"] = "outdoor"
    assert save(url, given=inputs()).hash != save(url, given=other).hash


def test_equal_parts_are_kept_once(url):
    save(url, given=inputs())
    save(url, plan(9), given=inputs())
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert (
            connection.scalar(sa.text("SELECT count(*) FROM blob")) == 4
        )  # products, sales and two plans


EVERY_TYPE = {
    "products": PRODUCTS,
    "sales_history": SALES,
    "inventory_policy": "product site target_service_level backlog_allowed\nTENT-2 - 0.9 true\nSTOVE-1 main - -",
    "demand_inputs": "function product market period quantity author reason submitted_on\n"
    "sales TENT-2 north 2026-11 140 Holm näher 2026-09-28",
    "scenario_changes": "scenario change table column operation amount from_period\n"
    "a 1 budget revenue set 1 2026-10\nb 1 budget revenue add 0.1 -",
    "weekly_plan": "product site period week working_days regular overtime subcontract purchased scheduled_receipts transferred_in shipped "
    "transferred_out consumed expired inventory\n"
    "TENT-2 main 2026-10 2026-09-28 2 0.1 0 0 0 0 0 1e-300 0 0 0 123456789.123456789",
    "item_locations": "product site on_hand produced_here\nTENT-2 main 1 true\nTENT-2 depot 1 false",
}


@pytest.mark.parametrize("name", EVERY_TYPE)
@pytest.mark.parametrize("rows", ["with rows", "empty"])
def test_every_type_of_column_comes_back_with_its_type_and_gaps(name, rows):
    frame = table(name, EVERY_TYPE[name])
    frame = frame if rows == "with rows" else frame.iloc[:0]
    pd.testing.assert_frame_equal(
        parts.table(part.content for part in parts.parts(name, frame)), frame
    )


def test_a_big_table_is_cut_by_family_and_a_changed_family_changes_one_part():
    codes = [f"P{i:03d}" for i in range(300)]
    families = pd.DataFrame({"product": codes, "family": [f"F{i % 3}" for i in range(300)]}).astype(
        "str"
    )
    months = pd.period_range("2020-01", periods=100, freq="M").astype("str")
    rows = pd.MultiIndex.from_product(
        [codes, ["north"], months], names=["product", "market", "period"]
    ).to_frame(index=False)
    before = conform("sales_history", rows.assign(quantity=1.0))
    after = before.assign(quantity=before["quantity"].where(before["product"] != "P000", 2.0))
    one, two = (parts.parts("sales_history", frame, families) for frame in (before, after))
    assert [part.rows for part in one] == [10_000] * 3
    assert [a.blob == b.blob for a, b in zip(one, two, strict=True)] == [False, True, True]
    back = parts.table(part.content for part in two).sort_values(
        ["product", "period"], ignore_index=True
    )
    pd.testing.assert_frame_equal(back, after)


# --- what is refused -------------------------------------------------------------------------------------------


def test_a_table_saved_under_an_older_vocabulary_has_todays_columns_with_nothing_in_them():
    new = revisions._as_of_now(
        "gaps", pd.DataFrame({"gap": ["late-tents"], "gap_units": [3.0], "gone": ["x"]})
    )
    assert tuple(new.columns) == TABLES["gaps"].columns
    assert new.loc[0, ["gap", "gap_units"]].tolist() == ["late-tents", 3.0]
    assert new[["owner", "from_period", "gap_value"]].isna().all(axis=None)


def test_what_is_not_there_is_said_in_words(url):
    with pytest.raises(FileNotFoundError, match="no plan store found; run `sopkit run`"):
        revisions.read_table(url, *PLACE, "demand_plan")
    assert revisions.latest_revision(url, *PLACE) is None
    assert revisions.revisions(url).empty
    save(url)
    with pytest.raises(
        ValueError,
        match="summit 2026-10 base, revision 1: no table demand_plan; it has shadow_prices",
    ):
        revisions.read_table(url, *PLACE, "demand_plan")
    with pytest.raises(ValueError, match="no revision 7; `sopkit status`"):
        revisions.read_revision(url, *PLACE, 7)
    with pytest.raises(ValueError, match="no revision yet; `sopkit status`"):
        revisions.read_revision(url, "alps", "2026-10", "base")
    assert revisions.latest_revision(url, "alps", "2026-10", "base") is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"who": " "}, "who is empty"),
        ({"why": ""}, "why is empty"),
        ({"company": "../x"}, "is not a valid name"),
        ({"cycle": "2026-13"}, "is not a month"),
        ({"inputs_hash": "0" * 64}, "made from other inputs"),
        ({"tables": {"products": None}}, "products is not a plan table"),
        (
            {
                "tables": {
                    "planning_periods": pd.DataFrame({"period": ["2026-10"], "month_number": [1]})
                }
            },
            "planning_periods is not conformed",
        ),
    ],
)
def test_a_revision_that_could_not_be_traced_is_refused_and_leaves_no_store(
    tmp_path, change, message
):
    given = inputs()
    words = {
        "company": "summit",
        "cycle": "2026-10",
        "scenario": "base",
        "tables": plan(),
        "who": "A",
        "why": "b",
    }
    words |= {"inputs_hash": content_hash(given), "inputs": given} | change
    with pytest.raises(ValueError, match=message):
        saving.save_revision(f"sqlite:///{tmp_path / 'plans.sqlite'}", **words)
    assert not (tmp_path / "plans.sqlite").exists()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "would be lost at once"),
        ("mysql+pymysql://host/x", "pymysql|SQLite or PostgreSQL"),
        ("plans", "not the URL"),
    ],
)
def test_a_store_that_could_not_keep_its_word_is_refused(url, message):
    with pytest.raises(ValueError, match=message):
        revisions.revisions(url)


def test_rows_cannot_be_changed_or_deleted_by_accident(url):
    save(url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    for statement in (
        "UPDATE revision SET who = 'B'",
        "DELETE FROM audit",
        "DELETE FROM part",
        "UPDATE blob SET id = ''",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="only adds rows"), engine.begin() as connection:
            connection.exec_driver_sql(statement)


# --- whole or not at all ---------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
import sqlalchemy as sa
from test_store import PLACE, inputs, plan, save

@sa.event.listens_for(sa.Engine, "after_cursor_execute")
def die(connection, cursor, statement, *_):
    if statement.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

save(sys.argv[1], plan(9), given=inputs())
"""


@pytest.mark.parametrize("statement", ["INSERT INTO blob", "INSERT INTO part", "INSERT INTO audit"])
def test_a_process_killed_in_the_middle_of_a_save_leaves_nothing(url, statement):
    first = save(url)
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url, statement],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert revisions.latest_revision(url, *PLACE) == first
    assert verify.verify(url) == []
    assert save(url).number == 2


def test_writers_that_race_get_different_numbers_and_one_audit_trail(url):
    with ThreadPoolExecutor(6) as writers:
        saved = list(writers.map(lambda i: save(url, plan(i)), range(18)))
    assert sorted(revision.number for revision in saved) == list(range(1, 19))
    assert verify.verify(url) == []


# --- trust -----------------------------------------------------------------------------------------------------


def test_the_audit_trail_says_who_did_what_when_and_why(url):
    revision = save(url, why="monthly plan")
    save(url, why="new dealer")
    trail = verify.audit(url)
    assert trail["number"].tolist() == [1, 2]
    assert trail["what"].tolist() == ["saved", "saved"]
    assert trail["why"].tolist() == ["monthly plan", "new dealer"]
    assert trail.loc[0, ["who", "at", "content"]].tolist() == [
        "A. Novak",
        revision.made_at,
        revision.hash,
    ]
    assert trail["previous_hash"].tolist() == ["", trail["hash"][0]]


TAMPERING = {
    "UPDATE audit SET why = 'as agreed' WHERE number = 1": "audit row 1 was changed",
    "DELETE FROM audit WHERE number = 1": "audit row 1 is missing",
    "DELETE FROM audit WHERE number = 2": "summit 2026-10 base, revision 2: has no matching audit row",
    "UPDATE revision SET who = 'B. Other' WHERE number = 2": "summit 2026-10 base, revision 2: has no matching audit row",
    "UPDATE revision_table SET hash = 'x' WHERE revision = 1": "summit 2026-10 base, revision 1: shadow_prices is not what was saved",
    "DELETE FROM part WHERE revision = 1": "revision 1: shadow_prices: its parts are missing in the store",
    "DELETE FROM part WHERE revision = 1; DELETE FROM revision_table WHERE revision = 1": "revision 1: its tables are not those that were saved",
    "UPDATE part SET blob = (SELECT blob FROM part WHERE revision = 2 AND table_name = 'shadow_prices') "
    "WHERE revision = 1 AND table_name = 'shadow_prices'": "revision 1: shadow_prices is not what was saved",
}


@pytest.mark.parametrize("statement", TAMPERING)
def test_verify_finds_what_was_tampered_with(url, statement):
    save(url, given=inputs())
    save(url, plan(9), given=inputs())
    execute(url, statement)
    problems = verify.verify(url)
    assert any(TAMPERING[statement] in problem for problem in problems), problems


def test_an_audit_row_that_was_changed_and_sealed_anew_no_longer_fits_the_next(url):
    save(url)
    save(url, plan(9))
    row = verify.audit(url).iloc[0].drop("hash").to_dict()
    row |= {"why": "as agreed", "number": 1, "revision": 1}
    row = {name: value for name, value in row.items() if name != "actor" or value}
    seal = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
    execute(url, f"UPDATE audit SET why = 'as agreed', hash = '{seal}' WHERE number = 1")  # noqa: S608  names of ours
    problems = verify.verify(url)
    assert "audit row 1 was changed" not in problems
    assert "audit row 2 does not follow the row before it" in problems


def test_a_changed_part_is_found_by_verify_and_refused_by_reading(url):
    save(url)
    execute(url, "UPDATE blob SET content = substr(content, 1, length(content) - 1)")
    assert any("was changed" in problem for problem in verify.verify(url))
    with pytest.raises(ValueError, match="was changed after it was saved; run `sopkit verify`"):
        revisions.read_revision(url, *PLACE)


# --- export ----------------------------------------------------------------------------------------------------


DEMAND_INPUT = """
function  product  market  period   quantity  author  reason  submitted_on
sales     TENT-2   north   2026-11  140       Holm    x       2026-09-28
"""


def saved_reason(url, reason):
    given = inputs() | {"demand_inputs": table("demand_inputs", DEMAND_INPUT)}
    given["demand_inputs"]["reason"] = pd.Series([reason], dtype="str")
    save(url, given=given)
    return url


def test_a_table_is_exported_as_csv_that_the_workspace_reads_again(tmp_path):
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    save(url, given=inputs())
    for name in ("products", "sales_history"):
        assert revisions.export(url, *PLACE, name, tmp_path / "out" / f"{name}.csv") == 2
    assert content_hash(read(tmp_path / "out")) == content_hash(inputs())


def test_a_table_is_exported_as_parquet_with_months_as_days(tmp_path):
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    save(url)
    revisions.export(url, *PLACE, "shadow_prices", tmp_path / "x.parquet")
    back = pd.read_parquet(tmp_path / "x.parquet")
    assert back["period"].tolist() == [pd.Timestamp("2026-10-01"), pd.Timestamp("2026-11-01")]
    assert back["shadow_price"].tolist() == [2.5, 0]


@pytest.mark.parametrize(
    "reason", ["=1+1", '=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "@SUM(A1)", "#N/A", "-5"]
)
def test_text_stays_text_in_excel_whatever_it_says(tmp_path, reason):
    url = saved_reason(f"sqlite:///{tmp_path / 'plans.sqlite'}", reason)
    revisions.export(url, *PLACE, "demand_inputs", tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["demand_inputs"]
    row = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (row["reason"].value, row["reason"].data_type) == (reason, "s")
    assert row["period"].number_format == "yyyy-mm"
    assert row["quantity"].value == 140


@pytest.mark.parametrize(
    ("file", "reason", "message"),
    [
        (
            "x.csv",
            "=1+1",
            r"reason starts like a formula, which a spreadsheet would execute: row 1 \('=1\+1'\)",
        ),
        ("x.csv", "+cmd|' /C calc'!A0", "starts like a formula"),
        ("x.xlsx", "bell \a", "reason holds a control character, which Excel cannot: row 1"),
        ("x.xlsx", "x" * 32_768, "reason is longer than Excel's 32,767 characters: row 1"),
        (
            "x.doc",
            "fine",
            "x.doc: a table can be written as .csv, .parquet, .xlsx; choose one of these file extensions",
        ),
    ],
)
def test_a_file_that_could_not_hold_the_table_is_refused_and_not_begun(
    tmp_path, file, reason, message
):
    url = saved_reason(f"sqlite:///{tmp_path / 'plans.sqlite'}", reason)
    with pytest.raises(ValueError, match=message):
        revisions.export(url, *PLACE, "demand_inputs", tmp_path / file)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plans.sqlite", "plans.sqlite.head"]


def test_a_table_longer_than_a_sheet_is_refused(tmp_path):
    from sopkit.io.writers import write

    with pytest.raises(ValueError, match="1,048,576 rows; a sheet holds 1,048,575"):
        write("agenda", pd.DataFrame({"duration_minutes": range(1_048_576)}), tmp_path / "x.xlsx")
