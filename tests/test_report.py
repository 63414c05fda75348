"""The report: one page, readable offline, in which whatever stands in a table stays text."""

import base64
import re

import nbformat
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sopkit import charts, presentation, report
from sopkit.charts import drawing
from sopkit.review.disagreements import KINDS
from sopkit.tables import conform
from sopkit.vocabulary import TABLES

EVIL = "<img src=x onerror=alert(1)>"
FACTS = {
    "company": "summit", "cycle": "2026-10", "scenario": "base", "revision": "3", "hash": "a" * 64,
    "made_at": "2026-10-05T09:00:00", "currency": "EUR",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def shell(tmp_path_factory):
    """What `display` needs outside a notebook; its files go to a folder of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield InteractiveShell.instance()
        InteractiveShell.clear_instance()


def outputs_of(show, *arguments, **more):
    """What a cell that calls `show` would keep as outputs."""
    with capture_output(display=True) as kept:
        show(*arguments, **more)
    return [new_output("display_data", data=one.data, metadata=one.metadata or {}) for one in kept.outputs]


def executed(path, *cells):
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Supply review\n\n> Can we?"), *cells]), path)
    return path


def page_of(tmp_path, *cells):
    path = executed(tmp_path / "40.ipynb", *cells)
    return report.build([("40_supply_review", "Supply review", path)], tmp_path, FACTS).read_text(
        encoding="utf-8"
    )


def html_of(frame, **more):
    return outputs_of(report.show_table, frame, **more)[0].data["text/html"]


# ---------------------------------------------------------------------------------------------------------------
# tables


def test_columns_are_written_in_their_units():
    frame = pd.DataFrame(
        {
            "product": ["TENT-1"], "period": pd.PeriodIndex(["2026-10"], freq="M"), "quantity": [12345.6],
            "utilisation_ratio": [0.9234], "price": [9.5], "revenue": [1234567.8], "mase": [0.876],
            "order_day": pd.to_datetime(["2026-10-05"]), "review": [True], "reason": pd.array([None], dtype="str"),
        }
    )  # fmt: skip
    cells = presentation.written_table(frame).iloc[0].tolist()
    assert cells == [
        "TENT-1",
        "Oct 2026",
        "12,346",
        "92.3",
        "9.50",
        "1,234,568",
        "0.88",
        "5 Oct 2026",
        "yes",
        "–",
    ]
    heads = [(presentation.heading(frame[name]), presentation.unit(frame[name])) for name in frame]
    assert heads[2:7] == [
        ("Quantity", "units"), ("Utilisation", "%"), ("Price", "money per unit"), ("Revenue", "money"), ("MASE", "ratio"),
    ]  # fmt: skip


def test_a_value_in_the_measures_unit_is_written_as_that_measure():
    frame = pd.DataFrame({"measure": ["service_level_ratio", "revenue"], "value": [0.984, 1234567.0]})
    written = presentation.written_table(frame)
    assert written["value"].tolist() == ["98.4 %", "1,234,567"]
    assert written["measure"].tolist() == ["service level ratio", "revenue"]


def test_a_company_code_keeps_its_underscores_and_leading_zeros():
    frame = pd.DataFrame({"component": ["00_417"], "lifecycle": ["phase_out"]})
    assert presentation.written_table(frame).iloc[0].tolist() == ["00_417", "phase out"]


def test_a_missing_number_is_a_dash_and_never_zero():
    assert presentation.written(pd.Series([None, 1.5], name="price", dtype="float64")).tolist() == [
        "–",
        "1.50",
    ]


def test_a_long_table_says_how_many_rows_are_left_out_and_where_they_are():
    html = html_of(pd.DataFrame({"quantity": range(1500)}), rows=10, table="demand_plan")
    assert html.count("<tr>") == 11
    assert "1,490 more rows; all of demand_plan: sopkit export demand_plan FILE.xlsx" in html


def test_a_table_without_rows_is_told_by_its_caption():
    nothing = pd.DataFrame({"product": []})
    assert "All arrive in time." in html_of(nothing, caption="All arrive in time.")
    assert "The largest corrections: none." in html_of(nothing, caption="The largest corrections")


def test_a_table_has_a_plain_text_twin():
    (output,) = outputs_of(report.show_table, pd.DataFrame({"product": ["TENT-1"]}), caption="One product.")
    assert output.data["text/plain"].split() == ["One", "product.", "product", "TENT-1"]


@pytest.mark.parametrize(
    "frame",
    [pd.DataFrame({"product": [EVIL]}), pd.DataFrame({EVIL: [1.0]}), pd.DataFrame({"x": [1]}, index=[EVIL])],
    ids=["value", "header", "index"],
)
def test_markup_in_a_table_stays_text(frame):
    assert EVIL not in html_of(frame, caption=EVIL)


# ---------------------------------------------------------------------------------------------------------------
# the page


def test_markup_stays_text_on_the_page_wherever_it_comes_from(tmp_path):
    load = conform(
        "rough_cut_capacity",
        pd.DataFrame({"resource": [EVIL], "period": ["2027-05"], "required_hours": [1], "capacity_hours": [1], "utilisation_ratio": [1]}),
    )  # fmt: skip
    asked = pd.DataFrame(
        {
            name: [EVIL]
            for name in ("decision", "question", "options", "recommendation", "effect", "owner", "choice")
        }
    )
    outputs = [
        *outputs_of(report.show_table, pd.DataFrame({"product": [EVIL]}), caption=EVIL),
        *outputs_of(report.show_claim, EVIL),
        *outputs_of(report.conclude, EVIL),
        *outputs_of(report.ask, asked),
        *outputs_of(charts.show, charts.capacity(load, EVIL)),
        *outputs_of(charts.show, charts.gaps(pd.DataFrame(), EVIL)),
        new_output("stream", name="stdout", text=EVIL),
        new_output("error", ename="E", evalue=EVIL, traceback=[EVIL]),
        new_output("display_data", data={"text/plain": EVIL}),
    ]
    path = executed(tmp_path / "40.ipynb", new_code_cell(f"'{EVIL}'", outputs=outputs))
    evil_facts = FACTS | {"company": EVIL, "scenario": EVIL}
    page = report.build([("40_supply_review", EVIL, path)], tmp_path, evil_facts).read_text(encoding="utf-8")
    assert "&lt;img src=x onerror" in page
    assert EVIL not in page
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert pictures
    assert not [one for one in pictures if EVIL in base64.b64decode(one).decode()]


def test_the_page_asks_nothing_of_a_network_and_runs_no_script(tmp_path):
    page = page_of(tmp_path, new_code_cell("1", outputs=outputs_of(report.show_claim, "text")))
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "@import" not in page
    assert "url(" not in page


def test_every_section_tells_which_plan_it_shows_in_place_of_the_notebooks_own_line(tmp_path):
    page = page_of(tmp_path, new_code_cell("", outputs=outputs_of(report.show_line, "tables from the draft")))
    assert "tables from the draft" not in page
    line = "summit · cycle 2026-10 · scenario base · revision 3 · aaaaaaaaaaaa · made 2026-10-05T09:00"
    assert page.count(line) == 2  # the summary and the one stage


def test_code_is_folded_away_and_one_click_away(tmp_path):
    page = page_of(tmp_path, new_code_cell("plan = supply.plan(demand < 3)"))
    assert '<details class="code"><summary>code</summary><pre><code>plan = supply.plan(demand &lt; 3)' in page


def test_conclusions_come_first_in_the_stage_and_again_in_the_summary(tmp_path):
    last = new_code_cell("report.conclude(...)", outputs=outputs_of(report.conclude, "All is well."))
    page = page_of(tmp_path, new_markdown_cell("## Details"), last)
    summary, stage = page.split('<section id="40_supply_review"')
    assert "All is well." in summary
    assert stage.index("All is well.") < stage.index("Details")


def test_decisions_are_asked_in_the_summary_without_options_and_in_the_stage_with_them(tmp_path):
    asked = pd.DataFrame(
        {
            "decision": ["decide-shift"], "choice": [None], "question": ["Do we add a shift?"], "options": ["keep the plan; add a shift"],
            "recommendation": ["Add a shift"], "effect": ["Margin +5"], "owner": ["A. Novak"],
        }
    )  # fmt: skip
    page = page_of(tmp_path, new_code_cell("", outputs=outputs_of(report.ask, asked)))
    summary, stage = page.split('<section id="40_supply_review"')
    assert "Do we add a shift?" in summary
    assert "keep the plan" not in summary
    assert "<b>Options:</b> keep the plan; add a shift." in stage
    assert "decide-shift" in stage
    assert "Chosen" not in page


def test_a_choice_that_was_made_stands_beside_its_question(tmp_path):
    words = ("decision", "question", "options", "recommendation", "effect", "owner")
    asked = pd.DataFrame({name: ["x"] for name in words} | {"choice": ["extra-shift"]})
    page = page_of(tmp_path, new_code_cell("", outputs=outputs_of(report.ask, asked)))
    assert page.count("<b>Chosen:</b> extra-shift.") == 2


def test_widgets_leave_their_static_twin(tmp_path):
    view = "application/vnd.jupyter.widget-view+json"
    both = new_output(
        "display_data", data={view: {"model_id": "x"}, "text/html": "<p>static</p>", "text/plain": "t"}
    )
    page = page_of(
        tmp_path, new_code_cell("panel", outputs=[both, new_output("display_data", data={view: {}})])
    )
    assert "<p>static</p>" in page
    assert "an output that only a notebook can show" in page
    assert "widget-view" not in page


def test_headings_of_a_notebook_stand_below_the_pages_own(tmp_path):
    page = page_of(tmp_path, new_markdown_cell("## Capacity"))
    assert re.search(r"<h2[^>]*>Supply review", page)
    assert re.search(r"<h3[^>]*>Capacity", page)
    assert page.count("<h1") == 1


def test_a_picture_too_dense_for_lines_is_kept_as_pixels():
    ax = drawing.canvas("Dense.")
    ax.plot([place % 7 for place in range(20_000)])
    (output,) = outputs_of(charts.show, ax)
    assert '<img alt="Dense." src="data:image/png;base64,' in output.data["text/html"]
    assert output.data["text/plain"] == "Dense."


def test_a_figure_has_alternative_text(tmp_path):
    load = conform(
        "rough_cut_capacity",
        pd.DataFrame({"resource": ["A"], "period": ["2027-05"], "required_hours": [1], "capacity_hours": [1], "utilisation_ratio": [1]}),
    )  # fmt: skip
    page = page_of(
        tmp_path, new_code_cell("", outputs=outputs_of(charts.show, charts.capacity(load, "All fits.")))
    )
    assert '<figure><img alt="All fits." src="data:image/svg+xml;base64,' in page


def test_a_row_leads_to_the_cell_that_shows_it_and_its_anchor_is_escaped(tmp_path):
    frame = pd.DataFrame(
        {"disagreement": ["<b>gap</b>"], "gap_value": [1.0], "shown_in": ["10_stage.supply_plan"]}
    )
    html, text = report.exhibit(frame, links="shown_in")
    assert '<a href="#10_stage.supply_plan">&lt;b&gt;gap&lt;/b&gt;</a>' in html
    assert "shown_in" not in text
    assert "Shown in" not in html


def test_every_place_that_a_gap_leads_to_is_shown_by_its_stages_notebook(root):
    for kind in KINDS.values():
        stage, _, shown = kind.shown_in.partition(".")
        cells = nbformat.read(root / "notebooks" / f"{stage}.ipynb", as_version=4).cells
        names = set().union(*(report.shown_names(c.source) for c in cells if c.cell_type == "code"))
        assert shown in names, kind.shown_in
        assert kind.table in TABLES
