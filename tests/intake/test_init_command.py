"""`sopkit init --from-sales` as a user types it: questions, answers, next month, and what comes next."""

import sqlite3

import pytest
from click.testing import CliRunner
from importing import TODAY, importer

from sopkit.cli import main
from sopkit.intake import sales_import
from sopkit.intake.sales_import import import_sales

ORDERS = "Date,Item,Qty\n2026-06-03,A,2\n2026-06-30,B,1\n2026-07-02,A,5\n2026-07-31,B,4\n"
DOUBTFUL = "Date,Item,Qty\n03/06/2026,A,2\n04/07/2026,B,1\n"


@pytest.fixture
def sopkit(monkeypatch):
    class Today(sales_import.dt.date):
        @classmethod
        def today(cls):
            return TODAY

    monkeypatch.setattr(sales_import.dt, "date", Today)
    runner = CliRunner()
    return lambda *words, **more: runner.invoke(main, [str(w) for w in words], **more)


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def test_it_ends_with_the_commands_that_come_next(sopkit, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    folder = tmp_path / "acme"
    result = sopkit("init", folder, "--from-sales", tmp_path / "orders.csv")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-4:] == [
        f"Wrote products.csv, sales_history.csv, import_summary.csv and intake.toml to {folder}.",
        "Next:",
        f"  sopkit check {folder} --cycle 2026-08",
        f"  sopkit run --company acme --workspace {folder} --cycle 2026-08",
    ]


def test_check_takes_the_cycle_from_the_data(sopkit, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    sopkit("init", tmp_path / "acme", "--from-sales", tmp_path / "orders.csv")
    result = sopkit("check", tmp_path / "acme")
    assert result.output.splitlines()[-1] == (
        "Checked for cycle 2026-08, the month after the last one of sales (--cycle)."
    )


def test_without_a_terminal_open_questions_end_with_code_3_and_wait_in_the_mapping_file(
    sopkit, tmp_path
):
    (tmp_path / "orders.csv").write_text(DOUBTFUL)
    words = ("init", tmp_path / "acme", "--from-sales", tmp_path / "orders.csv")
    result = sopkit(*words)
    assert result.exit_code == 3
    assert "1 question before" in result.output
    assert '--answer "date_order.Date=day_first"' in result.output
    mapping = tmp_path / "acme" / "intake.toml"
    assert [path.name for path in mapping.parent.iterdir()] == ["intake.toml"]
    text = mapping.read_text()
    mapping.write_text(text.replace('"date_order.Date" = ""', '"date_order.Date" = "day_first"'))
    assert sopkit(*words).exit_code == 0
    assert "[questions]" not in mapping.read_text()
    assert "2026-06" in (mapping.parent / "sales_history.csv").read_text()


def test_an_answer_on_the_command_line_is_taken(sopkit, tmp_path):
    (tmp_path / "orders.csv").write_text(DOUBTFUL)
    words = ("init", tmp_path / "acme", "--from-sales", tmp_path / "orders.csv")
    assert sopkit(*words, "--answer", "date_order.Date=month_first").exit_code == 0
    assert "2026-03" in (tmp_path / "acme" / "sales_history.csv").read_text()


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ("date_order.Date", 2, "write KEY=VALUE, such as returns=net"),
        ("date_order.Date=day_frist", 1, "write one of: day_first, month_first. Did you mean day_first?"),
        ("returns=nett", 1, "returns='nett' is no answer; write one of: net, drop, refuse. Did you mean net?"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(sopkit, tmp_path, answer, code, told):
    (tmp_path / "orders.csv").write_text(DOUBTFUL + "05/07/2026,B,-1\n")
    words = ("init", tmp_path / "acme", "--from-sales", tmp_path / "orders.csv")
    result = sopkit(*words, "--answer", answer)
    assert result.exit_code == code
    assert told in result.output
    assert not (tmp_path / "acme").exists()


def test_a_dry_run_shows_the_proof_and_writes_nothing(sopkit, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    words = ("init", tmp_path / "acme", "--from-sales", tmp_path / "orders.csv", "--dry-run")
    result = sopkit(*words)
    assert result.exit_code == 0
    assert "Total 12 units" in result.output
    assert result.output.splitlines()[-1] == "Nothing was written (--dry-run)."
    assert not (tmp_path / "acme").exists()


def test_a_person_is_asked_and_the_answers_are_kept(tmp_path):
    (tmp_path / "orders.csv").write_text(DOUBTFUL)
    asked = []

    def ask(question):
        asked.append(question.key)
        return "month_first"

    import_sales(tmp_path / "orders.csv", tmp_path / "acme", {}, ask, TODAY)
    assert asked == ["date_order.Date"]
    assert '"date_order.Date" = "month_first"' in (tmp_path / "acme" / "intake.toml").read_text()


def test_a_database_is_read_by_the_name_of_a_variable_and_its_url_is_nowhere(
    sopkit, tmp_path, monkeypatch
):
    url = f"sqlite:///{tmp_path / 'secret-place.sqlite'}"
    with sqlite3.connect(tmp_path / "secret-place.sqlite") as connection:
        connection.execute("create table orders (day text, item text, qty real)")
        connection.executemany("insert into orders values (?, ?, ?)", [("2026-06-03", "A", 2), ("2026-06-30", "A", 3)])  # fmt: skip
    monkeypatch.setenv("SALES_DB", url)
    query = "query=select day, item, qty from orders"
    words = ("init", tmp_path / "acme", "--from-sales", "env:SALES_DB")
    result = sopkit(*words, "--answer", query)
    assert result.exit_code == 0, result.output
    assert "Total 5 units" in result.output
    assert "2026-06" in (tmp_path / "acme" / "sales_history.csv").read_text()
    assert url not in (tmp_path / "acme" / "intake.toml").read_text()
    assert sopkit("init", tmp_path / "b", "--from-sales", "env:NO_DB").output == (
        "Error: env:NO_DB: there is no environment variable NO_DB\n"
    )
    assert "needs a query" in sopkit("init", tmp_path / "b", "--from-sales", "env:SALES_DB").output


# --- next month ------------------------------------------------------------------------------------


def test_the_next_file_is_read_without_a_question_and_its_months_take_their_place(imported):
    first = "Date,Item,Qty\n03/06/2026,A,2\n30/06/2026,A,1\n02/07/2026,B,5\n31/07/2026,A,4\n"
    imported(first, **{"date_order.Date": "day_first"})
    second = "Date,Item,Qty\n02/07/2026,B,6\n31/07/2026,A,4\n01/08/2026,B,7\n08/08/2026,C,1\n31/08/2026,B,1\n"
    done = imported(second, "august.csv", update=True)
    assert not done.asked
    assert done.months == {
        "A 2026-06": 3, "A 2026-07": 4, "A 2026-08": 0, "B 2026-07": 6, "B 2026-08": 8, "C 2026-08": 1,
    }  # fmt: skip
    assert done.products["product"].tolist() == ["A", "B", "C"]


CHANGES = {  # the next file : what is said of it
    "Date,Article,Qty\n2026-08-01,A,1\n2026-08-31,A,1\n": (
        "august.csv lacks the column Item, which held the product before. New in it: Article. Name the column: "
        "--answer product=COLUMN, or give it its old name."
    ),
    "Date,Item,Qty\n2026-09-01,A,1\n2026-09-30,A,1\n": (
        "august.csv starts in 2026-09, but the last month in {folder} is 2026-07: the months between are missing. "
        "Export them, too."
    ),
    "Date,Item,Qty\n2026-08-01,X,1\n2026-08-31,Y,1\n": (
        "august.csv: no product of it is in {folder}/products.csv: here they are like X, there like A. Check the "
        "column of products."
    ),
    "Date,Item,Qty\n2026-07,A,1\n2026-08,A,1\n": (
        "august.csv: the lines are by month, those of the file before were by day. Export it as before, or remove "
        "intake.toml and say again what the columns are."
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", CHANGES)
def test_a_file_of_another_shape_is_refused_by_what_changed(imported, tmp_path, text):
    imported(ORDERS)
    before = {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()}
    with pytest.raises(ValueError) as refused:
        imported(text, "august.csv", update=True)
    assert str(refused.value) == CHANGES[text].format(folder=tmp_path / "new")
    assert {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()} == before


def test_new_columns_are_listed(imported):
    imported(ORDERS)
    text = "Date,Item,Qty,Weight\n2026-08-01,A,1,5\n2026-08-31,A,1,5\n"
    assert "new columns, not used: Weight" in imported(text, "august.csv", update=True).said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[answers\n", "intake.toml cannot be read: "),
        ("[answer]\nx = 1\n", "intake.toml has a section [answer] that is not known; known are answers, questions"),
        ("[units]\nbox = 'twelve'\n", "intake.toml: [units] box must be a number"),
        ("[answers]\nreturns = ['net']\n", "intake.toml: returns must be one value, in quotation marks"),
    ],
)  # fmt: skip
def test_a_mapping_file_that_cannot_be_read_is_refused(imported, tmp_path, text, told):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "intake.toml").write_text(text)
    with pytest.raises(ValueError) as refused:
        imported(ORDERS)
    assert str(refused.value).startswith(told)
