"""What-if panels and forms: they compute and write when someone acts, and are still pictures where no one can."""

from pathlib import Path

import nbformat
import pandas as pd
import pytest
from conftest import table
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sopkit import scenarios
from sopkit.io import readers
from sopkit.reporting import html_report
from sopkit.runner import artifacts, session
from sopkit.widgets import controls, forms, layout, panel

CELL = ' style="text-align:right;padding:0 .6em"'
EVIL = "<img src=x onerror=alert(1)>"
MONTHS = [str(month) for month in pd.period_range("2023-10", "2026-09", freq="M")]
FILES = {
    "products": ["product,family,unit_of_measure", "TENT-1,tents,piece", "STOVE-1,stoves,piece"],
    "sales_history": [
        "product,market,period,quantity",
        *(f"{product},north,{month},100" for product in ("TENT-1", "STOVE-1") for month in MONTHS),
    ],
    "inventory": ["product,site,on_hand", "TENT-1,main,50", "STOVE-1,main,50"],
    "inventory_policy": [
        "product,site,target_service_level",
        "TENT-1,main,0.9",
        "STOVE-1,main,0.9",
    ],
    "supply_policy": ["family,strategy,author,reason", "tents,level,M. Larsen,Steady"],
    "item_costs": [
        "product,effective_from,price,material_cost,holding_cost,backlog_cost",
        "TENT-1,2026-01,50,20,1,5",
        "STOVE-1,2026-01,30,10,1,5",
    ],
    "marketing_activities": [
        "activity,kind,family,product,market,start_period,end_period,spend,reach,response_ratio,win_ratio,units_per_win",
        "FAIR,fair,,TENT-1,north,2026-12,2026-12,1000,1000,0.1,0.5,2",
    ],
    "scenario_changes": [
        "scenario,change,table,column,product,operation,amount,note",
        "more-tents,1,sales_history,quantity,TENT-1,multiply,1.2,Boom",
        "more-tents,2,sales_history,quantity,TENT-1,add,10,Fashion",
        "flat,1,sales_history,quantity,,set,100,",
        "slump,1,sales_history,quantity,,multiply,0.4,Slump",
    ],
}
PROPOSED = """
scenario  change  gap  table          column    operation  amount  statement
slump     1       goal-growth   sales_history  quantity  multiply   0.4     Proposed
"""


@pytest.fixture(scope="module", autouse=True)
def shell(tmp_path_factory):
    """What `display` needs outside a notebook; its files go to a folder of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.delenv(artifacts.VARIABLE, raising=False)
        yield InteractiveShell.instance()
        InteractiveShell.clear_instance()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A notebook opened by hand on a company that sells 100 tents and 100 stoves a month."""
    folder = tmp_path_factory.mktemp("company")
    for name, lines in FILES.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]))
    store = f"sqlite:///{folder / 'plans.sqlite'}"
    return session.Review("60_pre_sop", "tents", "2026-10", workspace=str(folder), store=store)


@pytest.fixture
def own(stage):
    return stage.inputs["scenario_changes"]


@pytest.fixture
def proposed():
    return table("option_changes", PROPOSED)


def outputs_of(act, *arguments, **named):
    """What is displayed while `act` works."""
    with capture_output(display=True) as kept:
        act(*arguments, **named)
    return [one.data for one in kept.outputs]


def text_of(widget):
    """Every sentence and table that a panel shows now."""
    return " ".join(part.value for part in parts_of(widget) if type(part).__name__ == "HTML")


def parts_of(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)


def part(widget, label):
    return next(part for part in parts_of(widget) if getattr(part, "description", None) == label)


def control(stage, group, label):
    offered = controls.offered(stage.inputs, stage.cycle, (group,))
    return next(one for one in offered if one.label == label)


# ---------------------------------------------------------------------------------------------------------------
# the rows behind a control


@pytest.mark.parametrize(
    ("group", "label", "value", "row"),
    [
        ("demand", "tents", 0.1, ("sales_history", "quantity", "multiply", 1.1)),
        ("price", "tents", -0.05, ("item_costs", "price", "multiply", 0.95)),
        ("strategy", "tents", "chase", ("supply_policy", "strategy", "set", "chase")),
        (
            "service level",
            "all products",
            0.97,
            ("inventory_policy", "target_service_level", "set", 0.97),
        ),
        ("promotions", "FAIR: fair", False, ("marketing_activities", "cancelled", "set", "true")),
    ],
)
def test_a_turned_control_is_a_row_of_scenario_changes_that_can_be_made(
    stage, group, label, value, row
):
    turned = control(stage, group, label)
    rows = controls.rows([turned], [value])
    said = rows[["table", "column", "operation"]].assign(
        to=rows["setting"].astype(object).fillna(rows["amount"])
    )
    assert said.to_numpy().tolist() == [list(row)]
    scenarios.apply(stage.inputs, rows)
    assert controls.rows([turned], [turned.neutral]).empty


def test_what_the_tables_do_not_hold_is_not_offered(stage):
    bare = {name: stage.inputs[name] for name in ("products", "sales_history")}
    assert {one.group for one in controls.offered(bare, stage.cycle)} == {"demand"}


def test_proposed_scenarios_come_first_and_a_scenario_in_both_tables_is_offered_once(proposed, own):
    offered = controls.offered_changes(proposed, own)
    assert offered["scenario"].tolist() == ["slump", "more-tents", "more-tents", "flat"]
    assert offered["statement"].tolist() == ["Proposed", "Boom; Fashion", "Boom; Fashion", "flat"]


@pytest.mark.parametrize(
    ("strength", "amounts"),
    [
        (0, [1, 0, 100, 1]),
        (0.5, [1.1, 5, 100, 0.7]),
        (1, [1.2, 10, 100, 0.4]),
        (2, [1.4, 20, 100, -0.2]),
    ],
)
def test_a_factor_moves_from_one_an_addition_from_zero_and_a_set_value_stays(
    own, strength, amounts
):
    assert controls.scaled(own, strength)["amount"].tolist() == pytest.approx(amounts)


# ---------------------------------------------------------------------------------------------------------------
# the panel


@pytest.fixture
def made(stage, own, proposed):
    offered = controls.offered(stage.inputs, stage.cycle)
    return panel.panel(stage, offered, controls.offered_changes(proposed, own))


def test_the_panel_begins_with_the_plan_as_it_is_and_shows_both_once_turned(made):
    assert panel.BASE in text_of(made)
    assert "Change" not in text_of(made)
    part(made, "tents").value = 0.1
    assert "Against the base plan: margin +" in text_of(made)
    assert "Change" in text_of(made)


def test_the_panel_says_what_is_turned_in_which_units_its_figures_are_and_where_it_would_be_kept(
    stage, made
):
    assert "No changes." in text_of(made)
    part(made, "tents").value = 0.1
    part(made, "FAIR: fair").value = False
    part(made, "Scenario").value = "more-tents"
    assert (
        "Changed: scenario more-tents at 100%; demand of tents +10 %; FAIR: fair called off."
        in text_of(made)
    )
    assert "quantities in units<" in text_of(made)
    assert f"adds rows to the table scenario_changes of {stage.place()}" in text_of(made)


def test_a_scenario_and_a_control_are_planned_together(stage, made):
    part(made, "Scenario").value = "more-tents"
    alone = text_of(made)
    part(made, "FAIR: fair").value = False
    assert text_of(made) != alone


def test_back_turns_everything_to_the_plan_as_it_is(made):
    part(made, "tents").value = 0.1
    part(made, "Reset").click()
    assert part(made, "tents").value == 0
    assert panel.BASE in text_of(made)


def test_a_scenario_that_only_sets_values_has_no_strength(made):
    assert part(made, "Strength").disabled
    part(made, "Scenario").value = "flat"
    assert part(made, "Strength").disabled
    part(made, "Scenario").value = "slump"
    assert not part(made, "Strength").disabled


def test_what_cannot_be_planned_is_said_in_words(made):
    part(made, "Scenario").value = "slump"
    part(made, "Strength").value = 2.0
    assert "Infeasible input: scenario what-if change 1: the result breaks a rule." in text_of(made)


def test_looking_and_turning_write_nothing_and_keeping_writes_what_was_turned(stage, made):
    before = readers.read(stage._location)["scenario_changes"]
    part(made, "tents").value = 0.2
    pd.testing.assert_frame_equal(readers.read(stage._location)["scenario_changes"], before)
    part(made, "Name").value, part(made, "Author").value = "boom", "E. Berg"
    part(made, "Keep as scenario").click()
    assert "Not kept: reason is empty" in text_of(made)
    part(made, "Reason").value = EVIL
    part(made, "Keep as scenario").click()
    kept = readers.read(stage._location)["scenario_changes"].set_index("scenario").loc[["boom"]]
    assert kept[["amount", "author", "note"]].to_numpy().tolist() == [[1.2, "E. Berg", EVIL]]


# ---------------------------------------------------------------------------------------------------------------
# forms


def test_a_function_gives_its_view_month_by_month(stage):
    demand_plan = stage.get("demand_plan")
    form = forms._override_grid(stage, demand_plan, stage.inputs)
    first = demand_plan[
        (demand_plan["product"] == "STOVE-1") & (demand_plan["period"] == pd.Period("2026-10"))
    ]
    consensus = first["consensus"].sum()
    assert part(form, "Oct 2026").placeholder == f"{consensus:,.0f}"
    part(form, "Oct 2026").value = "120"
    assert (
        f"120 units in 1 month, {120 - consensus:,.0f} more than the consensus of these months."
        in text_of(form)
    )
    part(form, "Nov 2026").value = "many"
    part(form, "Author").value, part(form, "Reason").value = "S. Tanaka", "A new shop"
    part(form, "Keep as demand input").click()
    assert "&#x27;many&#x27; is not a number" in text_of(form)
    part(form, "Nov 2026").value = ""
    part(form, "Keep as demand input").click()
    kept = readers.read(stage._location)["demand_inputs"]
    assert kept[["function", "product", "quantity"]].to_numpy().tolist() == [
        ["sales", "STOVE-1", 120]
    ]


def test_a_function_gives_its_view_of_a_group_in_all_markets(stage):
    groups = table("product_groups", "member product_group\ntents camping\nstoves camping")
    (Path(stage._location) / "product_groups.csv").write_text(groups.to_csv(index=False))
    demand_plan = stage.get("demand_plan")
    form = forms._override_grid(stage, demand_plan, stage.inputs | {"product_groups": groups})
    part(form, "Product").value, part(form, "Market").value = ("family", "camping"), ""
    october = demand_plan["period"] == pd.Period("2026-10")
    assert part(form, "Oct 2026").placeholder == f"{demand_plan[october]['consensus'].sum():,.0f}"
    part(form, "Oct 2026").value = "900"
    part(form, "Author").value, part(form, "Reason").value = "S. Tanaka", "A new chain"
    part(form, "Keep as demand input").click()
    kept = readers.read(stage._location)["demand_inputs"].tail(1)
    assert kept[["family", "quantity"]].to_numpy().tolist() == [["camping", 900]]
    assert kept[["product", "market"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("way", "typed", "grey", "units", "money", "how"),
    [
        ("% vs. last year", "5", "100", "105", "3,150", "+5 % vs. last year 100"),
        ("units vs. forecast", "-20", "100", "80", "2,400", "-20 units vs. forecast 100"),
        ("money", "4500", "30.00", "150", "4,500", "4,500 in money, at a price of 30"),
        ("", "120", "100", "120", "3,600", None),
    ],
)
def test_a_view_is_a_change_or_money_and_is_shown_both_ways(
    stage, way, typed, grey, units, money, how
):
    form = forms._override_grid(stage, stage.get("demand_plan"), stage.inputs)
    part(form, "Answer in").value = way
    assert part(form, "Oct 2026").placeholder == grey
    part(form, "Oct 2026").value = typed
    assert f"<td>= in units</td><td{CELL}>{units}</td>" in text_of(form)
    assert f"<td>= in money</td><td{CELL}>{money}</td>" in text_of(form)
    part(form, "Author").value, part(form, "Reason").value = "S. Tanaka", "A new shop"
    part(form, "Keep as demand input").click()
    kept = readers.read(stage._location)["demand_inputs"].iloc[-1]
    assert kept["quantity"] == pytest.approx(float(units))
    assert (None if pd.isna(kept["answered_as"]) else kept["answered_as"]) == how


@pytest.mark.parametrize(
    ("way", "typed", "told"),
    [
        ("% vs. forecast", "0.05", "Oct 2026 holds 0.05, which may mean a share or less than 1 %."),
        ("units vs. forecast", "-500", "Oct 2026 holds -500 (units vs. forecast), which gives -400 units."),
        ("% vs. last cycle", "5", "Oct 2026: last cycle is not known; choose another line, or enter units"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_made_units_is_refused_by_month(stage, way, typed, told):
    form = forms._override_grid(stage, stage.get("demand_plan"), stage.inputs)
    part(form, "Answer in").value = way
    part(form, "Oct 2026").value = typed
    assert told in text_of(form)
    part(form, "Author").value, part(form, "Reason").value = "S. Tanaka", "A new shop"
    part(form, "Keep as demand input").click()
    assert f"Not kept: {told}" in text_of(form)


# ---------------------------------------------------------------------------------------------------------------
# where no panel can live


def test_in_a_run_a_still_picture_of_the_plan_is_shown_and_no_form(tmp_path, monkeypatch, stage):
    plan = {name: stage.get(name) for name in scenarios.SHOWN}
    artifacts.save(tmp_path / "plan", plan)
    artifacts.save(tmp_path / "inputs", stage.inputs)
    monkeypatch.setenv(artifacts.VARIABLE, str(tmp_path))
    run = session.Review("60_pre_sop", "tents", "2026-10")
    (data,) = outputs_of(panel.what_if, run, "demand")
    assert set(data) == {"text/html", "text/plain"}
    assert "<img" in data["text/html"]
    assert outputs_of(forms.override_grid, run) == []


def test_the_report_shows_the_picture_of_a_panel_that_was_saved(tmp_path, stage):
    (data,) = outputs_of(panel.what_if, stage, "demand")
    assert set(data) == {layout.VIEW, "text/html", "text/plain"}
    cell = new_code_cell("panel", outputs=[new_output("display_data", data=data)])
    path = tmp_path / "60.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Pre-S&OP\n\n> Where?"), cell]), path)
    facts = dict.fromkeys(
        ("company", "cycle", "scenario", "revision", "hash", "made_at", "currency"), "summit"
    )
    page = html_report.build([("60_pre_sop", "Pre-S&OP", path)], tmp_path, facts).read_text(
        encoding="utf-8"
    )
    assert panel.BASE in page
    assert "widget-view" not in page
