"""The what-if panel: it computes when someone acts, and is a plain table where no one can."""

import nbformat
import pandas as pd
import pytest
from conftest import table
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sopkit import draft, report, stages, widgets
from sopkit.tables import conform

EVIL = "<img src=x onerror=alert(1)>"
OWN = """
scenario    change  table          column    product  operation  amount  note
more-tents  1       sales_history  quantity  TENT-1   multiply   1.2     Boom
more-tents  2       sales_history  quantity  TENT-1   add        10      Fashion
flat        1       sales_history  quantity  -        set        100     -
slump       1       sales_history  quantity  -        multiply   0.4     Slump
"""
PROPOSED = """
scenario  change  disagreement  table          column    operation  amount  statement
slump     1       goal-growth   sales_history  quantity  multiply   0.4     Proposed
"""
PRODUCTS = """
product  family  unit_of_measure
TENT-1   tents   piece
STOVE-1  stoves  piece
"""


@pytest.fixture(scope="module", autouse=True)
def shell(tmp_path_factory):
    """What `display` needs outside a notebook; its files go to a folder of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.delenv(draft.VARIABLE, raising=False)
        yield InteractiveShell.instance()
        InteractiveShell.clear_instance()


@pytest.fixture(scope="module")
def replan():
    """The cycle of a company that sells 100 tents and 100 stoves a month."""
    months = pd.DataFrame({"period": pd.period_range("2023-10", "2026-09", freq="M")})
    products = table("products", PRODUCTS)
    sales = products[["product"]].merge(months, how="cross").assign(market="north", quantity=100.0)
    tables = {"products": products, "sales_history": conform("sales_history", sales)}
    plan = stages.replan(tables, "2026-10", until="50_financial_review")
    return stages.what_if(tables, "2026-10", plan)


@pytest.fixture
def own():
    return table("scenario_changes", OWN)


@pytest.fixture
def proposed():
    return table("proposed_changes", PROPOSED)


def never(changes):
    raise AssertionError("planned before anyone acted")


def outputs_of(act, *arguments):
    """What is displayed while `act` works."""
    with capture_output(display=True) as kept:
        act(*arguments)
    return [one.data for one in kept.outputs]


def text_of(outputs):
    return "\n".join(data["text/plain"] for data in outputs)


# ---------------------------------------------------------------------------------------------------------------
# the scenarios on offer


def test_proposed_scenarios_come_first_and_a_scenario_in_both_tables_is_offered_once(proposed, own):
    offered = widgets.offered_changes(proposed, own)
    assert offered["scenario"].tolist() == ["slump", "more-tents", "more-tents", "flat"]
    assert offered["statement"].tolist()[0] == "Proposed"


def test_a_companys_scenario_is_told_by_its_notes_and_without_notes_by_its_name(proposed, own):
    told = widgets.offered_changes(proposed, own).set_index("scenario")["statement"]
    assert told["more-tents"].tolist() == ["Boom; Fashion", "Boom; Fashion"]
    assert told["flat"] == "flat"


def test_where_the_company_has_no_scenarios_the_proposed_ones_are_offered(proposed):
    assert widgets.offered_changes(proposed)["scenario"].tolist() == ["slump"]


# ---------------------------------------------------------------------------------------------------------------
# strength


@pytest.mark.parametrize(
    ("strength", "amounts"),
    [(0, [1, 0, 100, 1]), (0.5, [1.1, 5, 100, 0.7]), (1, [1.2, 10, 100, 0.4]), (2, [1.4, 20, 100, -0.2])],
)
def test_a_factor_moves_from_one_an_addition_from_zero_and_a_set_value_stays(own, strength, amounts):
    assert widgets.scaled(own, strength)["amount"].tolist() == pytest.approx(amounts)


def test_at_no_strength_the_two_plans_are_the_same(replan, own):
    changes = widgets.scaled(own[own["scenario"] == "more-tents"], 0)
    assert widgets.compared(replan, changes)["gap"].abs().max() == pytest.approx(0, abs=1e-6)


def test_twice_the_strength_of_a_factor_moves_demand_twice_as_far(replan, own):
    changes = own[own["scenario"] == "slump"]
    gaps = [
        widgets.compared(replan, widgets.scaled(changes, strength)).set_index("measure")["gap"]["quantity"]
        for strength in (0.5, 1)
    ]
    assert gaps[0] < 0
    assert gaps[1] == pytest.approx(2 * gaps[0], rel=1e-6)


# ---------------------------------------------------------------------------------------------------------------
# the panel


def test_nothing_is_planned_before_a_scenario_is_chosen(proposed, own):
    (data,) = outputs_of(widgets.what_if, never, proposed, own)
    assert set(data) == {widgets.VIEW, "text/html", "text/plain"}
    _, strength, _ = widgets.panel(never, widgets.offered_changes(proposed, own)).children
    assert strength.disabled
    strength.value = 0.5


def test_choosing_a_scenario_shows_its_changes_and_the_two_plans(replan, proposed, own):
    scenario, strength, _ = widgets.panel(replan, widgets.offered_changes(proposed, own)).children
    shown = text_of(outputs_of(setattr, scenario, "value", "more-tents"))
    assert "more-tents at 100 %" in shown
    assert "1.2" in shown
    assert shown.split("measure")[1].split()[:3] == ["plan", "reference_value", "gap"]
    shown = text_of(outputs_of(setattr, strength, "value", 1.5))
    assert "more-tents at 150 %" in shown
    assert "1.3" in shown


def test_a_scenario_that_only_sets_values_has_no_strength(replan, proposed, own):
    scenario, strength, _ = widgets.panel(replan, widgets.offered_changes(proposed, own)).children
    outputs_of(setattr, scenario, "value", "flat")
    assert strength.disabled
    outputs_of(setattr, scenario, "value", "slump")
    assert not strength.disabled


def test_what_cannot_be_planned_is_said_in_words(replan, proposed, own):
    scenario, strength, _ = widgets.panel(replan, widgets.offered_changes(proposed, own)).children
    outputs_of(setattr, scenario, "value", "slump")
    shown = text_of(outputs_of(setattr, strength, "value", 2.0))
    assert "slump at 200 % cannot be planned: scenario slump change 1: the result breaks a rule." in shown


# ---------------------------------------------------------------------------------------------------------------
# where no panel can live


def test_in_a_run_only_the_table_is_shown(tmp_path, monkeypatch, proposed, own):
    monkeypatch.setenv(draft.VARIABLE, str(tmp_path))
    (data,) = outputs_of(widgets.what_if, never, proposed, own)
    assert set(data) == {"text/html", "text/plain"}
    assert "Boom; Fashion" in data["text/plain"]


def test_the_report_shows_the_table_of_a_panel_that_was_saved(tmp_path, proposed, own):
    (data,) = outputs_of(widgets.what_if, never, proposed, own)
    panel = new_code_cell("panel", outputs=[new_output("display_data", data=data)])
    path = tmp_path / "60.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Pre-S&OP\n\n> Where?"), panel]), path)
    facts = dict.fromkeys(
        ("company", "cycle", "scenario", "revision", "hash", "made_at", "currency"), "summit"
    )
    page = report.build([("60_pre_sop", "Pre-S&OP", path)], tmp_path, facts).read_text(encoding="utf-8")
    assert "Boom; Fashion" in page
    assert "widget-view" not in page


def test_markup_in_a_scenario_stays_text(proposed, own):
    (data,) = outputs_of(widgets.what_if, never, proposed.assign(statement=EVIL), own)
    assert EVIL not in data["text/html"]


def test_where_no_scenario_is_on_offer_that_is_said(proposed):
    (data,) = outputs_of(widgets.what_if, never, proposed.head(0))
    assert data["text/plain"] == "What if: no scenario is on offer."
