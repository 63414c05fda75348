"""Where a number comes from: arithmetic that is exact, and the lines of the files it rests on."""

import ast

import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT, table

from sopkit import lineage
from sopkit.cli import main
from sopkit.io import hashing, readers
from sopkit.lineage.formulas import RULES, formula
from sopkit.reporting.exhibits import diagnostics
from sopkit.scenarios import apply
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.store import saving

# One product in one market for two months: 100 by the baseline, of which sales (half the weight) think it is 20 too few.
TINY = {
    "products": "product family unit_of_measure\n TENT tents piece",
    "sales_history": "product market period quantity\n TENT north 2026-08 90\n TENT north 2026-09 110",
    "inventory": "product site on_hand\n TENT main 40",
    "demand_inputs": "function product market period quantity author reason submitted_on\n"
    " sales TENT north 2026-11 120 K.Holm New-dealer 2026-10-02",
    "consensus_policy": "function weight author reason\n finance 0.1 D.Fischer Careful\n sales 0.5 D.Fischer Half-is-enough",
    "planning_periods": "period month_number\n 2026-10 1\n 2026-11 2",
    "demand_history": "product market period quantity cleansed cleansing_adjustment\n TENT north 2026-08 90 90 0\n TENT north 2026-09 110 110 0",
    "baseline_forecast": "product market period baseline lower_80 upper_80 method\n"
    " TENT north 2026-10 100 80 120 mean\n TENT north 2026-11 100 80 120 mean",
    "launch_plan": "launch product market period launch_demand readiness basis",
    "promotion_lift": "activity product market period activity_demand lift_ratio basis",
    "pipeline_forecast": "opportunity product market period quantity probability opportunity_demand handling",
    "pickup_forecast": "product market period firm_orders booked_ratio pickup weight",
    "disaggregated_inputs": "function product market period contributor quantity entered_quantity entered_for carried author reason\n"
    " sales TENT north 2026-11 sales 120 120 TENT-in-north false K.Holm New-dealer",
    "forecast_overrides": "function product market period quantity weight override author reason\n"
    " sales TENT north 2026-11 120 0.5 10 K.Holm New-dealer",
    "demand_plan": "product market period baseline launch_demand activity_demand opportunity_demand pickup_demand override consensus lower_80 upper_80 firm_orders past_due_orders net_forecast total_demand\n"
    " TENT north 2026-10 100 0 0 0 0 0 100 80 120 0 0 100 100\n TENT north 2026-11 100 0 0 0 0 10 110 90 130 0 0 110 110",
    "item_locations": "product site on_hand produced_here\n TENT main 40 true",
    "sourcing_network": "site market freight_cost\n main north 0",
    "supply_plan": "product site period opening_inventory regular overtime subcontract scheduled_receipts shipped inventory target_inventory\n"
    " TENT main 2026-10 40 90 0 0 0 100 30 20\n TENT main 2026-11 30 100 0 0 0 110 20 20",
    "strategy_comparison": "strategy measure item period value\n"
    " level cost - - 50\n plan_of_record cost - - 40\n plan_of_record cost material - 40",
}  # fmt: skip
CELL = ["TENT", "north", "2026-11"]


@pytest.fixture(scope="module")
def tiny():
    return {name: table(name, text) for name, text in TINY.items()}


@pytest.fixture
def folder(tiny, tmp_path):
    """The tiny company's files; a note with a line break stands before the row of sales."""
    for name in ("products", "sales_history", "inventory", "demand_inputs", "consensus_policy"):
        tiny[name].dropna(axis=1, how="all").to_csv(tmp_path / f"{name}.csv", index=False)
    path = tmp_path / "consensus_policy.csv"
    path.write_text(path.read_text().replace("Careful", '"Careful\nand close"'))
    return tmp_path


def located(folder):
    return lambda name: readers.located(folder, name)


def line(lines, what, level=None):
    rows = lines[(lines["what"] == what) & (True if level is None else lines["level"] == level)]
    assert len(rows) == 1, lines[["level", "what"]].to_string()
    return rows.iloc[0]


# ---------------------------------------------------------------------------------------------------------------
# down to the files


def test_a_consensus_is_led_back_to_the_lines_of_the_files_with_author_and_reason(tiny, folder):
    lines = lineage.explain("demand_plan", CELL, tiny, located=located(folder))
    assert (
        lineage.tree(lines).splitlines()[0].endswith("110.00 units    = 100 + 0 + 0 + 0 + 0 + 10")
    )
    override = (
        line(lines, "function=sales")
        if "function=sales" in set(lines["what"])
        else line(lines, "override")
    )
    assert override["value"] == 10
    assert "= 0.50 × (120 - (100 + 0 + 0 + 0 + 0))" in override["how"]
    given = line(lines, "demand_inputs")
    assert (given["value"], given["source"], given["author"], given["reason"]) == (
        120, "demand_inputs.csv line 2", "K.Holm", "New-dealer",
    )  # fmt: skip
    weight = line(lines, "weight")
    assert (weight["value"], weight["source"], weight["reason"]) == (
        0.5,
        "consensus_policy.csv line 4",
        "Half-is-enough",
    )
    sold = line(lines, "sales_history")
    assert (sold["value"], sold["how"]) == (200, "2 rows")
    assert list(lines.loc[lines["what"].str.startswith("period="), "source"]) == [
        "sales_history.csv line 2", "sales_history.csv line 3",
    ]  # fmt: skip


def test_without_files_the_same_is_said_without_lines(tiny, folder):
    bare = lineage.explain("demand_plan", CELL, tiny)
    assert (bare["source"] == "").all()
    full = lineage.explain("demand_plan", CELL, tiny, located=located(folder))
    pd.testing.assert_frame_equal(bare.drop(columns="source"), full.drop(columns="source"))


def test_a_stock_starts_from_the_count_and_later_from_the_month_before(tiny, folder):
    first = lineage.explain(
        "supply_plan", ["product=TENT", "period=2026-10"], tiny, located=located(folder)
    )
    assert first["how"].iloc[0] == "= 40 + 90 + 0 + 0 + 0 + 0 + 0 - 0 - 100 - 0 - 0"
    assert line(first, "opening_inventory")["source"] == "inventory.csv line 2"
    later = lineage.explain("supply_plan", ["product=TENT", "period=2026-11"], tiny)
    assert later["how"].iloc[0] == "= 30 + 100 + 0 + 0 + 0 + 0 + 0 - 0 - 110 - 0 - 0"
    asked = "inventory of 2026-10: sopkit explain supply_plan product=TENT site=main period=2026-10"
    assert line(later, "opening_inventory")["how"] == asked


def test_the_plan_of_record_is_meant_unless_a_strategy_is_named(tiny):
    asked = ["measure=cost"]
    told = lineage.explain("strategy_comparison", [*asked, "item=material"], tiny)
    assert told["value"].iloc[0] == 40
    assert lineage.explain("strategy_comparison", asked, tiny)["value"].iloc[0] == 40
    told = lineage.explain("strategy_comparison", [*asked, "strategy=level"], tiny)
    assert told["value"].iloc[0] == 50


def test_what_no_arithmetic_gives_is_led_back_to_the_step_and_the_rows_it_read(tiny):
    lines = lineage.explain("supply_plan", ["period=2026-11"], tiny, "regular")
    assert lines["how"].iloc[0] == "made by supply.strategies.supply_review (40_supply_review)"
    assert line(lines, "demand_plan")["value"] == 110


def test_a_number_that_its_parts_do_not_give_says_so(tiny):
    wrong = tiny | {"demand_plan": tiny["demand_plan"].assign(consensus=[100.0, 115.0])}
    lines = lineage.explain("demand_plan", CELL, wrong)
    assert line(lines, "beyond this arithmetic")["value"] == 5


def test_rows_that_the_files_no_longer_hold_or_hold_otherwise_are_told_apart(tiny, folder):
    path = folder / "demand_inputs.csv"
    path.write_text(path.read_text().replace("120", "150"))
    lines = lineage.explain("demand_plan", CELL, tiny, located=located(folder))
    assert line(lines, "demand_inputs")["source"] == "demand_inputs.csv line 2, other numbers there"
    path.write_text(path.read_text().replace("sales,TENT", "finance,TENT"))
    lines = lineage.explain("demand_plan", CELL, tiny, located=located(folder))
    assert line(lines, "demand_inputs")["source"] == "not in the tables now"


def test_a_row_that_a_scenario_changed_names_the_change(tiny, folder):
    changes = table("scenario_changes", """scenario change table column operation amount note
        dealer 1 demand_inputs quantity multiply 2 Twice-the-dealers""")  # fmt: skip
    inputs = (
        tiny
        | apply({name: t for name, t in tiny.items() if TABLES[name].is_input}, changes)
        | {"scenario_changes": changes}
    )
    changes.dropna(axis=1, how="all").to_csv(folder / "scenario_changes.csv", index=False)
    lines = lineage.explain("demand_plan", CELL, inputs, located=located(folder), scenario="dealer")
    change = line(lines, "scenario dealer")
    assert (change["value"], change["source"], change["reason"]) == (
        2,
        "scenario_changes.csv line 2",
        "Twice-the-dealers",
    )


def test_a_notebook_shows_the_lines_set_in_under_what_they_explain(tiny, folder):
    lines = lineage.explain("demand_plan", CELL, tiny, located=located(folder))
    made = diagnostics.explanation(lines)
    shown = made.table.set_index("what")
    assert list(shown.index[:2]) == ["consensus", "\u2003baseline"]
    assert (
        shown.loc["\u2003\u2003\u2003demand_inputs", "given"]
        == "demand_inputs.csv line 2; K.Holm: New-dealer"
    )
    assert made.headline == (
        "demand_plan product=TENT market=north period=2026-11 consensus is 110.0 units; it rests on 5 places of the inputs."
    )


# ---------------------------------------------------------------------------------------------------------------
# questions that cannot be answered


@pytest.mark.parametrize(
    ("name", "key", "column", "message"),
    [
        ("demand_pln", [], "", "'demand_pln' is not a table of the workbook; did you mean demand_plan?"),
        ("demand_plan", ["produkt=TENT"], "", "demand_plan has no column 'produkt'; did you mean product?"),
        ("demand_plan", ["product=TENTT"], "", "demand_plan has no product=TENTT; did you mean TENT?"),
        ("demand_plan", ["market=mars"], "", "demand_plan has no market=mars; it has north."),
        ("demand_plan", ["period=soon"], "", "'soon' is not a month; write it as 2026-10"),
        ("demand_plan", [*CELL, "x"], "", "'x' is one value too many: the key of demand_plan is product, market, period"),
        ("demand_plan", CELL, "consensu", "'consensu' is not a number of demand_plan; did you mean consensus?"),
        ("budget", [], "", "budget is absent. The plan is compared with the prior year."),
        ("strategy_comparison", ["item=material", "strategy=level"], "",
         "strategy_comparison has no row with strategy=level and item=material; there it has strategy plan_of_record."),
    ],
)  # fmt: skip
def test_an_unanswerable_question_says_what_is_known(tiny, name, key, column, message):
    with pytest.raises(ValueError) as error:
        lineage.explain(name, key, tiny, column)
    assert str(error.value) == message


def test_a_question_for_too_many_rows_says_what_tells_them_apart(plan, company):
    with pytest.raises(
        ValueError,
        match=r"54 rows of demand_plan match; add market \(export, north, south\) or period",
    ):
        lineage.explain("demand_plan", ["PACK-1"], company | plan)


# ---------------------------------------------------------------------------------------------------------------
# the sample company


def test_rules_speak_of_tables_and_words_of_the_vocabulary():
    for name, rules in RULES.items():
        for column in rules:
            rule = formula(name, column)
            assert COLUMNS[column].kind in ("number", "whole")
            assert column in TABLES[name].columns
            for node in ast.walk(ast.parse(rule)):
                if isinstance(node, ast.Attribute):
                    assert node.attr in TABLES[node.value.id].columns, rule
                elif (
                    isinstance(node, ast.Name)
                    and node.id not in ("before", "total")
                    and node.id not in TABLES
                ):
                    assert node.id in TABLES[name].columns, rule


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name, rules in RULES.items() for column in rules]
)
def test_every_declared_arithmetic_gives_the_plans_number(name, column, company, plan):
    rows = plan[name]
    for _, row in rows.iloc[:: max(1, len(rows) // 4)].iterrows():
        key = [f"{k}={'' if pd.isna(row[k]) else row[k]}" for k in TABLES[name].key]
        lines = lineage.explain(name, key, company | plan, column)
        assert lines["value"].iloc[0] == pytest.approx(row[column])
        if row.get("handling", "probability-weighted") != "probability-weighted":
            continue  # a deal that is counted elsewhere adds nothing, and says so
        assert "beyond this arithmetic" not in set(lines.loc[lines["level"] == 1, "what"]), (
            lineage.tree(lines)
        )


def test_a_row_of_every_plan_table_can_be_explained(company, plan):
    for name, rows in plan.items():
        if rows.empty:
            continue
        named = rows.iloc[-1].dropna()
        key = [f"{word}={named[word]}" for word in TABLES[name].key if word in named]
        lines = lineage.explain(name, key, company | plan)
        given = lines["what"].isin(company) | lines["how"].str.startswith("from ")
        assert given.any(), f"{name} is not led back to an input table"


def test_the_most_changed_demand_is_the_one_with_the_largest_override(plan):
    key = dict(part.split("=") for part in lineage.most_changed(plan["demand_plan"]))
    rows = plan["demand_plan"].astype({"period": "str"})
    for word, value in key.items():
        rows = rows[rows[word] == value]
    assert abs(rows["override"].iloc[0]) == plan["demand_plan"]["override"].abs().max()


def test_the_command_explains_a_stored_revision(company, plan, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    saving.save_revision(
        url,
        "summit",
        "2026-10",
        "base",
        plan,
        hashing.content_hash(company),
        "T. Ester",
        "planned",
        company,
    )
    words = ["explain", "demand_plan", "PACK-1", "market=north", "period=2027-03", "--store", url]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "[demand_inputs.csv line" in result.output
    assert "L. Moreau: “Spring promotion PROMO-3 as planned”" in result.output
    result = CliRunner().invoke(main, ["explain", "demand_plan", "PACK-11", "--store", url])
    assert result.exit_code == 1
    assert result.output == "Error: demand_plan has no product=PACK-11; did you mean PACK-1?\n"


def test_without_a_revision_the_command_plans_in_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    months = pd.period_range("2023-10", "2026-09", freq="M")
    rows = [f"TEA,town,{month},{100 + 10 * (month.month % 6)}" for month in months]
    (tmp_path / "products.csv").write_text("product,family,unit_of_measure\nTEA,drinks,box\n")
    (tmp_path / "sales_history.csv").write_text(
        "\n".join(["product,market,period,quantity", *rows, ""])
    )
    place, url = str(tmp_path), f"sqlite:///{tmp_path / 'plans.sqlite'}"
    words = [
        "explain",
        "financial_plan",
        "drinks",
        "2026-10",
        "--company",
        "corner",
        "--workspace",
        place,
    ]
    result = CliRunner().invoke(main, [*words, "--store", url])
    assert result.exit_code == 0, result.output
    assert "No revision yet: planned in memory." in result.output
    assert "fulfilled × price, added up over 1 product" in result.output
    assert "[sales_history.csv lines 2-37]" in result.output


def test_the_number_that_a_review_explains_is_its_largest(plan):
    service = plan["constrained_demand"]
    worst = dict(word.split("=") for word in lineage.worst_served(plan["constrained_demand"]))
    row = (
        service.astype({"period": "str"})
        .query(" and ".join(f"{w} == '{v}'" for w, v in worst.items()))
        .iloc[0]
    )
    assert row["demand"] - row["fulfilled"] == pytest.approx(
        (service["demand"] - service["fulfilled"]).max()
    )
    met = plan["constrained_demand"].assign(fulfilled=plan["constrained_demand"]["demand"])
    largest = service.loc[service["demand"].idxmax()]
    assert lineage.worst_served(met)[0] == f"product={largest['product']}"
    money = plan["financial_plan"]
    most = money.loc[money["margin"].idxmax()]
    assert lineage.most_earned(money) == [f"family={most['family']}", f"period={most['period']}"]
