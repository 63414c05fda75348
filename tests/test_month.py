"""A month of the sample company, played through the command: run, submit, decide, rework, submit, approve, next cycle."""

import re
import shutil
import sqlite3

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT
from openpyxl import load_workbook

from sopkit.cli import main
from sopkit.cycle import replanning
from sopkit.io import readers
from sopkit.pre_sop import follow_up
from sopkit.store import approved_plans, revisions, verify

SHIFT = "extra-shift"  # the scenario taken
PLAN = ("summit", "2026-10", "base")


@pytest.fixture(scope="module")
def home(tmp_path_factory, summit_run):
    """A project of its own, in which the sample company has been planned."""
    return shutil.copytree(summit_run[0], tmp_path_factory.mktemp("month") / "project")


@pytest.fixture(scope="module")
def sopkit(home):
    """The command, typed inside the project; it must end as expected."""

    def typed(*words, code=0, author="A. Novak", reason="as the meeting decided"):
        if words[0] in ("submit", "decide", "rework", "approve"):
            words = (*words, "--author", author, "--reason", reason)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(home)
            result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code == code, result.output
        return result.output

    return typed


@pytest.fixture(scope="module")
def url(home):
    return f"sqlite:///{home / 'plans.sqlite'}"


@pytest.fixture(scope="module")
def month(sopkit, url, home, summit_run):
    """The month as far as the approval; what each step said."""
    folder, told = summit_run
    said = {"run": told.replace(f"{folder}", f"{home}"), "submit": sopkit("submit")}
    decisions = revisions.read_table(url, *PLAN, "decisions")
    offered = decisions["options"].str.contains(SHIFT)
    asked = said["asked"] = decisions.loc[offered, "decision"].iloc[0]
    said["refused"] = [
        sopkit("decide", asked, "moon", code=1),
        sopkit("decide", asked, SHIFT, "--due", "2026-11-15", reason="", code=1),
        sopkit("approve", revisions.latest_revision(url, *PLAN).hash, code=1),
    ]
    said["decide"] = sopkit("decide", asked, SHIFT, "--due", "2026-11-15", author="B. Chen")
    others = sorted(set(decisions["decision"]) - {asked, "approve-plan"})
    said["keep"] = [sopkit("decide", decision, "keep", author="C. Diaz") for decision in others]
    said["rework"] = sopkit("rework")
    said["diff"] = sopkit("diff", 1, 2)
    said["submit again"] = sopkit("submit")
    asked_anew = re.findall(r"^  (decide-\S+)", said["submit again"], re.M)
    said["keep again"] = [
        sopkit("decide", decision, "keep", author="C. Diaz") for decision in asked_anew
    ]
    said["stale"] = sopkit("approve", revisions.revisions(url)["hash"].iloc[0], code=1)
    said["approve"] = sopkit(
        "approve", revisions.latest_revision(url, *PLAN).hash[:12], author="D. Evans"
    )
    said["twice"] = sopkit(
        "approve", revisions.latest_revision(url, *PLAN).hash, author="E. Late", code=1
    )
    said["collect"] = sopkit("collect")
    return said


def test_the_month_ends_with_an_approved_revision_that_holds_the_shift(month, url):
    assert month["asked"] in month["submit"]
    assert "extra-shift, chosen by B. Chen" in month["decide"]
    assert "Revision 2 of summit 2026-10 base is saved" in month["rework"]
    before, after = (revisions.read_table(url, *PLAN, "resources", n) for n in (1, 2))
    key = ["resource", "effective_from"]
    both = after.merge(before[[*key, "max_workers"]], on=key, how="left", suffixes=("", "_before"))
    new = both[both["max_workers_before"].isna()]
    assert new["resource"].tolist() == ["TENT-LINE"]
    assert str(new["effective_from"].iloc[0]) == "2026-12"  # due on 15 November
    line = before.loc[before["resource"] == "TENT-LINE", "max_workers"].iloc[-1]
    assert new["max_workers"].iloc[0] == line + 12
    assert "is approved by D. Evans and locked" in month["approve"]
    margin = [
        revisions.read_table(url, *PLAN, "financial_plan", number)["margin"].sum()
        for number in (1, 2)
    ]
    (shift,) = (
        revisions.read_table(url, *PLAN, "decision_log", 2).query("scenario == @SHIFT").itertuples()
    )
    # a what-if starts from the plan's basis, a revision from none: plans of equal cost may differ
    assert margin[1] - margin[0] == pytest.approx(shift.margin_effect, rel=1e-3)


def test_the_reworked_plan_asks_only_what_no_choice_has_answered(month, url):
    decisions = revisions.read_table(url, *PLAN, "decisions", 2)
    log = revisions.read_table(url, *PLAN, "decision_log", 2).set_index("decision")["choice"]
    both = decisions[decisions["decision"].isin(log.index)]
    assert (both["choice"] == both["decision"].map(log)).all()
    assert decisions["choice"].isna().sum() == 1 + month["submit again"].count("  decide-")


def test_what_is_refused_is_said_in_one_message(month):
    assert "is not an option; the options are keep the plan, " in month["refused"][0]
    assert "--reason is empty" in month["refused"][1]
    assert "undecided: decide-" in month["refused"][2]
    assert (
        "revision 1 is no longer the latest: A. Novak reworked the plan into revision 2"
        in month["stale"]
    )
    assert "is approved and locked: D. Evans approved revision 2" in month["twice"]


def test_the_walk_through_a_month_quotes_what_its_commands_answer(month, home):
    told = "\n".join(
        part for said in month.values() for part in (said if isinstance(said, list) else [said])
    )
    text = (ROOT / "docs" / "month.md").read_text(encoding="utf-8")
    blocks = [
        block
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
        if not language
    ]
    quoted = [line.removesuffix("...") for block in blocks for line in block.splitlines()]
    assert len(quoted) > 12
    answered = _plain(told.replace(f"{home}/", ""))
    assert [line for line in quoted if _plain(line) not in answered] == []


def _plain(text):
    """Text without the width of columns and without hashes, which hold who wrote and why."""
    return re.sub(r"\b[0-9a-f]{12,64}\b", "HASH", " ".join(text.split()))


def test_two_revisions_differ_in_figures_tables_and_rows(month, sopkit):
    assert "margin" in month["diff"]
    assert "workforce_plan" in month["diff"]
    changed = sopkit("diff", 1, 2, "--table", "resources")
    assert "TENT-LINE 2026-12  max_workers: nothing -> 77" in changed
    assert "TENT-LINE 2027-04  max_workers: 65 -> 77" in changed
    assert "products is the same in both revisions." in sopkit("diff", 1, 2, "--table", "products")


def test_the_executive_notebook_shows_the_revision_beside_the_one_before_and_who_did_what(
    month, home
):
    path = home / "reports" / "summit" / "2026-10" / "base" / "notebooks" / "70_executive_sop.ipynb"
    text = "\n".join(
        output["data"]["text/plain"]
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        if "text/plain" in output.get("data", {})
    )
    assert "Against revision 1: " in text
    assert f"decided {month['asked']}: extra-shift, due 2026-11-15" in text


def test_the_history_tells_who_did_what_when_and_why(month, sopkit):
    told = [line for line in sopkit("history").splitlines() if "keep the plan" not in line]
    expected = [
        "saved",
        "submitted",
        f"decided {month['asked']}",
        "reworked",
        "submitted",
        "approved",
    ]
    assert [word in line for word, line in zip(expected, told, strict=True)] == [True] * 6
    assert told[-1].endswith("as the meeting decided")
    assert "approved" in sopkit("status")


def test_the_excel_pack_beside_the_report_says_that_its_revision_is_approved(month, home):
    assert "Excel pack: " in month["submit"]
    path = home / "reports" / "summit" / "2026-10" / "base" / "sop.xlsx"
    assert "revision 2 · approved" in load_workbook(path)["Contents"]["A2"].value
    assert (path.parent / "executive.html").exists()


def test_an_approved_cycle_is_sealed(month, sopkit, url):
    assert "is approved and locked" in sopkit("run", code=1)
    assert "is approved and locked" in sopkit("submit", code=1)
    assert revisions.revisions(url)["number"].tolist() == [1, 2]


def test_tampering_with_the_approved_plan_is_found(month, sopkit, home, tmp_path):
    assert "The plan store is intact" in sopkit("verify")
    shutil.copy(home / "plans.sqlite", tmp_path / "plans.sqlite")
    with sqlite3.connect(tmp_path / "plans.sqlite") as connection:
        connection.execute("DROP TRIGGER decision_no_update")
        connection.execute(
            "UPDATE decision SET record = replace(record, 'extra-shift', 'keep the plan')"
        )
    message = sopkit("verify", "--store", f"sqlite:///{tmp_path / 'plans.sqlite'}", code=1)
    assert "the decision's record was changed" in message


# --- the next cycle --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def november(month, url, home):
    """The company's tables a month later: October was sold a little over plan; what was planned for it is closed."""
    tables = readers.read(str(home / "data" / "summit"))
    plan = revisions.read_table(url, *PLAN, "demand_plan")
    plan = plan[plan["period"] == "2026-10"]
    sold = plan[["product", "market", "period"]].assign(quantity=(1.02 * plan["consensus"]).round())
    open_months = {
        name: tables[name][tables[name]["period"] > "2026-10"].reset_index(drop=True)
        for name in ("demand_inputs", "opportunities")
    }
    stages = tables["opportunity_history"]
    stages = stages[stages["opportunity"].isin(open_months["opportunities"]["opportunity"])]
    sales = pd.concat([tables["sales_history"], sold], ignore_index=True)
    tables = {
        **tables,
        **open_months,
        "sales_history": sales,
        "opportunity_history": stages.reset_index(drop=True),
    }
    return approved_plans.add_approved_plans(tables, url, "summit", "2026-11")


def test_the_next_cycle_measures_the_approved_plan_without_extra_work(november):
    plan = replanning.replan(november, "2026-11", until="30_demand_review")
    plans, sales = november["approved_forecasts"], november["sales_history"]
    ours = plans[(plans["contributor"] == "consensus") & (plans["cycle"] == plans["period"])]
    assert (ours["cycle"] == "2026-10").sum() == (sales["period"] == "2026-10").sum() > 0
    accuracy = plan["forecast_accuracy"].query(
        "contributor == 'consensus' and level == 'total' and lag == 1"
    )
    assert accuracy["observations"].item() == ours["cycle"].nunique()


def test_a_later_cycle_says_what_the_shift_was_expected_to_do_and_what_can_be_measured(
    november, month, url
):
    """The shift starts in December: November has nothing to follow up, June has its spring."""
    plan = replanning.replan(november, "2026-11", until="30_demand_review")
    periods, approved = plan["planning_periods"], revisions.read_table(url, *PLAN, "demand_plan")
    june = periods.assign(period=periods["period"] + 7)
    since = approved[approved["period"].between("2026-11", "2027-05")]
    sold = since[["product", "market", "period"]].assign(quantity=since["consensus"].round())
    sales = pd.concat([november["sales_history"], sold], ignore_index=True)
    early, rows = (
        follow_up.decision_follow_up(
            planning_periods=months, products=november["products"], sales_history=sales,
            forecast_accuracy=plan["forecast_accuracy"], decision_log=november["decision_log"],
            expected_effects=november["expected_effects"], inventory=november["inventory"],
        ).set_index("measure")
        for months in (periods, june)
    )  # fmt: skip
    assert early.empty
    assert set(rows["decision"]) == {month["asked"]}
    tents = november["products"].query("family == 'tents'")["product"]
    stock = november["inventory"][november["inventory"]["product"].isin(tents)]["on_hand"].sum()
    tents_held = rows[rows["family"] == "tents"].loc["inventory"]
    assert tents_held["value"] == stock
    assert tents_held["plan"] > tents_held["reference_value"]
    assert (
        "cannot be measured, actual costs are in no table"
        in rows[rows["family"] == "tents"].loc["margin", "statement"]
    )


def test_the_store_stays_whole_to_the_end(november, url):
    assert verify.verify(url) == []
