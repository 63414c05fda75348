"""The report: one page, readable offline, in which whatever stands in a table stays text."""

import ast
import base64
import hashlib
import re

import nbformat
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sopkit.cycle import stages
from sopkit.pre_sop.gaps import gap_rules
from sopkit.reporting import exhibit, html_report, notebook_output
from sopkit.reporting.arrangement import OPEN
from sopkit.reporting.chart_types import HorizontalBars
from sopkit.reporting.exhibit import Exhibit, display
from sopkit.reporting.exhibits import capacity, decisions_asked, executive
from sopkit.reporting.exhibits import options as options_exhibits
from sopkit.reporting.pre_read.page import Page, Sign, Words
from sopkit.rules.call import inputs_of
from sopkit.rules.marks import mark_of
from sopkit.schema import cells
from sopkit.schema.formatting import company_terms
from sopkit.schema.glossary import heading
from sopkit.schema.tables import TABLES
from sopkit.tables import conform, empty

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
    return [
        new_output("display_data", data=one.data, metadata=one.metadata or {})
        for one in kept.outputs
    ]


def executed(path, *cells):
    nbformat.write(
        new_notebook(cells=[new_markdown_cell("# Supply review\n\n> Can we?"), *cells]), path
    )
    return path


def page_of(tmp_path, *cells):
    path = executed(tmp_path / "40.ipynb", *cells)
    return html_report.build(
        [("40_supply_review", "Supply review", path)], tmp_path, FACTS
    ).read_text(encoding="utf-8")


def shown_decisions(asked, ways=None):
    """What the executives' notebook keeps of the decisions that it asks for."""
    asked = asked.assign(decision_level="executives", scenario=None)
    tables = {
        "decisions": asked,
        "decision_options": empty("decision_options") if ways is None else ways,
    }
    return outputs_of(display, decisions_asked.decisions, tables)


def outputs_of_exhibit(shown, rows=12, table=""):
    """What a cell that shows an exhibit would keep as outputs."""
    made = exhibit.outputs(shown, title="", table=table, rows=rows, links="")
    return [new_output("display_data", data=data) for data in made]


def outputs_of_table(frame, caption="", **more):
    return outputs_of_exhibit(Exhibit(caption, table=frame), **more)


def html_of(frame, **more):
    return outputs_of_table(frame, **more)[0].data["text/html"]


# ---------------------------------------------------------------------------------------------------------------
# tables


def test_columns_are_written_in_their_units():
    frame = pd.DataFrame(
        {
            "product": ["TENT-1"], "period": pd.PeriodIndex(["2026-10"], freq="M"), "quantity": [12345.6],
            "utilization": [0.9234], "price": [9.5], "revenue": [1234567.8], "mase": [0.876],
            "order_day": pd.to_datetime(["2026-10-05"]), "review": [True], "reason": pd.array([None], dtype="str"),
        }
    )  # fmt: skip
    written = cells.written_table(frame).iloc[0].tolist()
    assert written == [
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
    heads = [(heading(name), cells.unit(frame[name])) for name in frame]
    assert heads[2:7] == [
        ("Quantity", "units"), ("Utilization", "%"), ("Price", "money per unit"), ("Revenue", "money"), ("MASE", "ratio"),
    ]  # fmt: skip


def test_a_value_in_the_measures_unit_is_written_as_that_measure():
    frame = pd.DataFrame({"measure": ["fill_rate", "revenue"], "value": [0.984, 1234567.0]})
    written = cells.written_table(frame)
    assert written["value"].tolist() == ["98.4 %", "1,234,567"]
    assert written["measure"].tolist() == ["on-time fill rate", "revenue"]


def test_a_company_code_keeps_its_underscores_and_leading_zeros():
    frame = pd.DataFrame({"component": ["00_417"], "lifecycle": ["phase_out"]})
    assert cells.written_table(frame).iloc[0].tolist() == ["00_417", "phase out"]


def test_a_missing_number_is_a_dash_and_never_zero():
    assert cells.written(pd.Series([None, 1.5], name="price", dtype="float64")).tolist() == [
        "–",
        "1.50",
    ]


def test_a_long_table_is_folded_and_says_how_many_rows_are_left_out_and_where_they_are():
    html = html_of(pd.DataFrame({"quantity": range(1500)}), rows=10, table="demand_plan")
    shown, folded = html.split('<details class="fold"><summary>100 more rows</summary>')
    assert (shown.count("<tr>"), folded.count("<tr>")) == (1 + 10, 1 + 100)
    assert "1,390 more rows in the table demand_plan" in html


def test_a_change_is_marked_by_its_meaning_and_not_by_its_sign():
    html = html_of(pd.DataFrame({"margin_effect": [-5.0, 5.0, None], "product": ["-1", "B", "C"]}))
    assert html.count('class="negative"') == 1
    assert '<td class="negative">-5</td>' in html
    html = html_of(pd.DataFrame({"inventory_effect": [-5.0, 7.0, None]}))
    assert re.findall('class="negative">([^<]+)', html) == ["7"]
    html = html_of(pd.DataFrame({"cleansing_adjustment": [-5.0, 5.0]}))
    assert 'class="negative"' not in html


def test_a_variance_is_marked_by_the_measure_of_its_row():
    rows = pd.DataFrame(
        {"measure": ["margin", "inventory_value"] * 2, "variance": [-5.0, -6.0, 7.0, 8.0]}
    )
    assert re.findall('class="negative">([^<]+)', html_of(rows)) == ["-5", "8"]


def test_what_is_written_as_nothing_is_not_marked_as_below_it():
    assert 'class="negative"' not in html_of(pd.DataFrame({"margin_effect": [-1e-9, 5.0]}))


def test_what_is_late_lost_short_or_over_says_so_beside_its_colour():
    html = html_of(
        pd.DataFrame(
            {
                "product": ["TENT-1", "TENT-2"], "backlog": [1288.0, 0.0], "lost_sales": [3.0, 0.2],
                "shortfall": [0.0, 7.0], "utilization": [0.9, 1.05], "state": ["late", "done"],
            }
        )
    )  # fmt: skip
    assert re.findall(r'class="negative">(?:<small>(\w+)</small> )?([^<]+)', html) == [
        ("late", "1,288"), ("lost", "3.0"), ("", "Late"), ("short", "7"), ("over", "105.0"),
    ]  # fmt: skip


def test_a_table_has_its_caption_and_can_be_reached_by_keyboard():
    html = html_of(pd.DataFrame({"product": ["TENT-1"]}), caption="One product.")
    assert '<caption style="text-align:left"><span>One product.</span></caption>' in html
    assert 'tabindex="0" aria-label="One product."' in html


def test_a_table_without_rows_is_told_by_its_caption():
    nothing = pd.DataFrame({"product": []})
    assert "All arrive in time." in html_of(nothing, caption="All arrive in time.")
    assert "The largest corrections: none." in html_of(nothing, caption="The largest corrections")


def test_a_table_has_a_plain_text_twin():
    (output,) = outputs_of_table(pd.DataFrame({"product": ["TENT-1"]}), caption="One product.")
    assert output.data["text/plain"].split() == ["One", "product.", "product", "TENT-1"]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"product": [EVIL]}),
        pd.DataFrame({EVIL: [1.0]}),
        pd.DataFrame({"x": [1]}, index=[EVIL]),
    ],
    ids=["value", "header", "index"],
)
def test_markup_in_a_table_stays_text(frame):
    assert EVIL not in html_of(frame, caption=EVIL)


# ---------------------------------------------------------------------------------------------------------------
# the page


def test_markup_stays_text_on_the_page_wherever_it_comes_from(tmp_path):
    load = conform(
        "rough_cut_capacity",
        pd.DataFrame({"resource": [EVIL], "period": ["2027-05"], "required_hours": [1], "capacity_hours": [1], "utilization": [1]}),
    )  # fmt: skip
    asked = pd.DataFrame(
        {
            name: [EVIL]
            for name in (
                "decision",
                "question",
                "options",
                "recommendation",
                "effect",
                "owner",
                "choice",
                "gap",
            )
        }
    )
    tried = pd.DataFrame({"gap": [EVIL], "scenario": EVIL, "statement": EVIL})
    outputs = [
        *outputs_of_table(pd.DataFrame({"product": [EVIL]}), caption=EVIL),
        *outputs_of_exhibit(Exhibit(EVIL)),
        *outputs_of(notebook_output.show_conclusions, [EVIL]),
        *shown_decisions(asked),
        *outputs_of(display, capacity.capacity, {"rough_cut_capacity": load}),
        *outputs_of(display, options_exhibits.proposals, {"option_changes": tried}),
        new_output("stream", name="stdout", text=EVIL),
        new_output("error", ename="E", evalue=EVIL, traceback=[EVIL]),
        new_output("display_data", data={"text/plain": EVIL}),
    ]
    path = executed(tmp_path / "40.ipynb", new_code_cell(f"'{EVIL}'", outputs=outputs))
    evil_facts = FACTS | {"company": EVIL, "scenario": EVIL}
    page = html_report.build([("40_supply_review", EVIL, path)], tmp_path, evil_facts).read_text(
        encoding="utf-8"
    )
    assert "&lt;img src=x onerror" in page
    assert EVIL not in page


def test_the_page_asks_nothing_of_a_network_and_runs_no_script_but_its_own_two(tmp_path):
    page = page_of(tmp_path, new_code_cell("1", outputs=outputs_of_exhibit(Exhibit("text"))))
    assert "default-src 'none'" in page
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    named = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert "script-src " + " ".join(f"'sha256-{one}'" for one in named) + ";" in page
    assert len(scripts) == 2
    for script in scripts:
        assert not re.search(r"\beval\(|new Function|blob:|data:\w+/|import\(", script)
    page = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "@import" not in page
    assert "url(" not in page


def test_every_section_tells_which_plan_it_shows_in_place_of_the_notebooks_own_line(tmp_path):
    page = page_of(
        tmp_path,
        new_code_cell("", outputs=outputs_of(notebook_output.show_line, "tables from the draft")),
    )
    assert "tables from the draft" not in page
    line = (
        "summit · cycle 2026-10 · scenario base · revision 3 · aaaaaaaaaaaa · made 2026-10-05T09:00"
    )
    assert page.count(line) == 1  # the summary; a stage has it without the hash
    assert page.count("summit, cycle 2026-10, base, revision 3, EUR</p>") == 1


def test_code_is_folded_away_and_one_click_away(tmp_path):
    page = page_of(tmp_path, new_code_cell("plan = supply.plan(demand < 3)"))
    assert (
        '<details class="code"><summary>code</summary><pre><code>plan = supply.plan(demand &lt; 3)'
        in page
    )


def test_conclusions_come_first_in_the_stage_and_again_in_the_summary(tmp_path):
    last = new_code_cell(
        "review.finish(...)",
        outputs=outputs_of(notebook_output.show_conclusions, ["All is well."]),
    )
    page = page_of(tmp_path, new_markdown_cell("## Details"), last)
    summary, stage = page.split('<section id="40_supply_review"')
    assert "All is well." in summary
    assert stage.index("All is well.") < stage.index("Details")


def test_the_summary_shows_two_conclusions_of_a_stage_and_counts_the_others(tmp_path):
    claims = ["First.", "Second.", "Third.", "Fourth."]
    cell = new_code_cell("", outputs=outputs_of(notebook_output.show_conclusions, claims))
    summary, stage = page_of(tmp_path, cell).split('<section id="40_supply_review"')
    assert "<li>Second.</li>" in summary
    assert "Third." not in summary
    assert '<a href="#40_supply_review">2 more</a>' in summary
    assert all(claim in stage for claim in claims)


def test_what_needs_a_kernel_is_left_to_the_notebook(tmp_path):
    page = page_of(
        tmp_path,
        new_markdown_cell("## What-if analysis\n\nAdjust a driver."),
        new_code_cell("panel.what_if(review)", outputs=outputs_of_exhibit(Exhibit("As it is"))),
        new_markdown_cell("## Decisions requested\n\n- Accept the plan."),
    )
    assert "Adjust a driver" not in page
    assert "As it is" not in page
    assert "Accept the plan." in page


def test_money_is_in_the_currency_of_the_company_and_a_unit_is_not_said_twice(tmp_path):
    frame = pd.DataFrame({"product": ["TENT-1"], "revenue": [9.0], "quantity": [1.0]})
    with company_terms({"company_settings": pd.DataFrame({"currency": ["EUR"]})}):
        page = page_of(tmp_path, new_code_cell("", outputs=outputs_of_table(frame)))
    assert "Revenue<br/><small>EUR</small>" in page
    assert "Quantity<br/><small>units</small>" in page
    assert "<small>money</small>" not in page
    twice = html_of(pd.DataFrame({"gap_units": [5.0]}))
    assert re.search(r"<th[^>]*>Gap units</th>", twice)


def test_cells_of_our_words_and_sentences_begin_with_a_capital_and_codes_stay():
    frame = pd.DataFrame(
        {
            "lifecycle": ["phase_out"], "family": ["tents"],
            "statement": ["tents: twelve units are late until May"], "gap": ["late-tents-2027-02-and-so-on-long"],
        }
    )  # fmt: skip
    html = html_of(frame)
    for said in (">Phase out<", ">tents<", ">Tents: twelve units", ">late-tents-2027-02"):
        assert said in html


def test_decisions_stand_in_their_stage_with_their_options(tmp_path):
    asked = pd.DataFrame(
        {
            "decision": ["decide-shift"], "choice": [None], "question": ["Do we add a shift?"], "options": ["keep the plan; add a shift"],
            "recommendation": ["Add a shift"], "effect": ["Margin +5"], "owner": ["A. Novak"],
            "gap": ["late-tents"],
        }
    )  # fmt: skip
    page = page_of(
        tmp_path,
        new_code_cell("", outputs=shown_decisions(asked)),
    )
    summary, stage = page.split('<section id="40_supply_review"')
    assert "Do we add a shift?" not in summary
    assert "Do we add a shift?" in stage
    assert "<b>Options:</b> keep the plan; add a shift." in stage
    assert "decide-shift" in stage
    assert "Chosen" not in page


def test_a_choice_that_was_made_stands_beside_its_question(tmp_path):
    words = ("decision", "question", "options", "recommendation", "effect", "owner", "gap")
    asked = pd.DataFrame({name: ["x"] for name in words} | {"choice": ["extra-shift"]})
    page = page_of(
        tmp_path,
        new_code_cell("", outputs=shown_decisions(asked)),
    )
    assert page.count("<b>Chosen:</b> extra-shift.") == 1


def test_the_measured_options_of_a_decision_stand_in_a_table_the_recommended_one_first():
    words = (
        "decision",
        "question",
        "options",
        "recommendation",
        "effect",
        "owner",
        "choice",
        "gap",
    )
    asked = pd.DataFrame({name: ["late-tents"] for name in words})
    ways = conform(
        "decision_options",
        pd.DataFrame(
            {
                "decision": ["late-tents"] * 2 + ["other"], "scenario": ["price", "shift", "idle"], "statement": ["Ask more", EVIL, "Wait"],
                "gap_closed_ratio": [0.1, 1, 0], "revenue_effect": [9, 0, 0], "margin_effect": [9, 5, 0], "inventory_effect": [0, 0, 0],
                "service_effect": [0, 0.01, 0], "recommended": [False, True, False], "cash_effect": [0, 0, 0],
                "closing_inventory_effect": [0, 0, 0], "backlog_effect": [0, 0, 0], "headcount_effect": [0, 0, 0],
                "allowed": [True] * 3,
            }
        ),
    )  # fmt: skip
    html = shown_decisions(asked, ways)[0].data["text/html"]
    assert html.index("Option vs. plan") < html.index(": recommended") < html.index("Ask more")
    assert "Wait" not in html
    assert EVIL not in html
    assert '<details class="fold">' not in html
    kept = shown_decisions(asked, ways.assign(recommended=False))[0].data["text/html"]
    assert '<details class="fold"><summary>Options: 2</summary>' in kept


def test_widgets_leave_their_static_twin(tmp_path):
    view = "application/vnd.jupyter.widget-view+json"
    both = new_output(
        "display_data",
        data={view: {"model_id": "x"}, "text/html": "<p>static</p>", "text/plain": "t"},
    )
    page = page_of(
        tmp_path,
        new_code_cell("panel", outputs=[both, new_output("display_data", data={view: {}})]),
    )
    assert "<p>static</p>" in page
    assert "an output that only a notebook can show" in page
    assert "widget-view" not in page


def test_headings_of_a_notebook_stand_below_the_pages_own(tmp_path):
    page = page_of(tmp_path, new_markdown_cell("## Capacity"))
    assert re.search(r"<h2[^>]*>Supply review", page)
    assert re.search(r"<h3[^>]*>Capacity", page)
    assert page.count("<h1") == 1


def test_a_figure_has_alternative_text(tmp_path):
    load = conform(
        "rough_cut_capacity",
        pd.DataFrame({"resource": ["A"], "period": ["2027-05"], "required_hours": [1], "capacity_hours": [1], "utilization": [1]}),
    )  # fmt: skip
    page = page_of(
        tmp_path,
        new_code_cell(
            "", outputs=outputs_of(display, capacity.capacity, {"rough_cut_capacity": load})
        ),
    )
    said = "No resource is above capacity; the highest load is A, 100 % used in May 2027."
    figure = re.search(r'<figure [^>]*tabindex="0">.*?</figure>', page, re.S)[0]
    assert f"<figcaption><b>{said}</b>" in figure
    assert f'<div aria-label="{said}" role="group"' in figure  # a heat map is a table
    bars = Exhibit(said, HorizontalBars(pd.DataFrame({"revenue": [1.0]}, index=["A"])))
    page = page_of(tmp_path, new_code_cell("", outputs=outputs_of_exhibit(bars)))
    assert re.search(rf'<svg viewBox="[^"]+" role="img" aria-label="{said}"', page)
    assert "<img" not in figure


def test_the_page_says_by_class_what_a_notebooks_tables_say_inline(tmp_path):
    frame = pd.DataFrame(
        {"state": ["late", "done"], "reason": ["x" * 40, EVIL], "quantity": [-1.0, 2.0]}
    )
    page = page_of(
        tmp_path,
        new_code_cell("", outputs=outputs_of_table(frame, caption="All")),
    )
    assert '<tr><td class="negative n">Late<td class="s">' in page
    assert '<td class="negative">-1<tr>' in page
    assert EVIL not in page
    assert "white-space:nowrap" not in page


def test_sections_have_addresses_and_are_listed_at_the_head_of_their_stage(tmp_path):
    page = page_of(tmp_path, new_markdown_cell("## What could be done"))
    address = html_report.anchor("40_supply_review", "What could be done")
    assert address == "40_supply_review-what-could-be-done"
    assert f'<h3 id="{address}">What could be done</h3>' in page
    assert f'<ul class="toc"><li><a href="#{address}">What could be done</a></li></ul>' in page


def test_a_row_leads_to_the_cell_that_shows_it_and_its_anchor_is_escaped(tmp_path):
    frame = pd.DataFrame(
        {"gap": ["<b>gap</b>"], "gap_value": [1.0], "exhibit": ["10_stage.supply_plan"]}
    )
    html, text = notebook_output.exhibit(frame, links="exhibit")
    assert '<a href="#10_stage.supply_plan">&lt;b&gt;gap&lt;/b&gt;</a>' in html
    assert "exhibit" not in text
    assert "Shown in" not in html


def test_an_exhibit_says_which_tables_it_shows_so_that_a_row_can_lead_there(tmp_path):
    tried = pd.DataFrame({"gap": ["a"], "scenario": "shift", "statement": "Add a shift"})
    tables = {"option_changes": tried}
    outputs = outputs_of(display, options_exhibits.proposals, tables)
    page = page_of(tmp_path, *(new_code_cell("", outputs=outputs) for _ in range(2)))
    assert page.count('<a id="40_supply_review.proposals"></a>') == 1  # the first leads there
    assert page.count('<a id="40_supply_review.option_changes"></a>') == 1


def test_every_place_that_a_gap_leads_to_is_shown_by_its_stages_notebook(root):
    for about in (mark_of(rule).about for rule in gap_rules().values()):
        stage, _, shown = about["exhibit"].partition(".")
        assert shown in places(root, stages.stage(stage)), about["exhibit"]
        assert about["table"] in TABLES


def places(root, stage):
    """What a stage's notebook shows: exhibits, and the tables that they read."""
    cells = nbformat.read(root / "notebooks" / f"{stage.name}.ipynb", as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names, scope = set(), {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            exec(ast.unparse(node), scope)  # noqa: S102  the notebook is ours
    for call in nodes:
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "review.show":
            shown = eval(ast.unparse(call.args[0]), scope)  # noqa: S307
            names |= {shown.__name__, *inputs_of(shown)}
    return names


# ---------------------------------------------------------------------------------------------------------------
# the month on one screen

MONEY = """family | period | quantity | revenue | cost_of_sales | margin | inventory_value
           tents | 2026-10 | 10 | 1000 | 600 | 400 | 5000
           tents | 2026-11 | 30 | 3000 | 1800 | 1200 | 4000"""
SERVED = """product | market | period | demand | fulfilled | backlog | lost_sales
            TENT-1 | north | 2026-10 | 10 | 10 | 0 | 0
            TENT-1 | north | 2026-11 | 30 | 24 | 6 | 0"""
CASH = """period | collections | payments | receivables | payables | inventory_value | cash
          2026-10 | 0 | 0 | 0 | 0 | 0 | 700
          2026-11 | 0 | 0 | 0 | 0 | 0 | 200"""
GAPS = """reference_type | measure | item | period | plan | reference_value | variance
          last_year | revenue | all | 2026-10 | 1000 | 800 | 200
          budget | revenue | all | 2026-10 | 1000 | 1600 | -600
          budget | revenue | all | 2026-11 | 3000 | 3400 | -400
          budget | revenue | tents | 2026-11 | 3000 | 3400 | -400"""


def told(name, text):
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return conform(name, pd.DataFrame(rows[1:], columns=rows[0]))


def test_the_dashboard_holds_the_figures_and_how_far_they_are_from_each_reference(tmp_path):
    texts = {
        "financial_plan": MONEY,
        "constrained_demand": SERVED,
        "cash_plan": CASH,
        "plan_variances": GAPS,
    }
    tables = {name: told(name, text) for name, text in texts.items()}
    outputs = outputs_of(display, executive.dashboard, tables)
    page = page_of(tmp_path, new_code_cell("", outputs=outputs))
    assert "20.0 % below budget to Nov 2026" in page
    assert "Plan vs. budget, prior year and prior cycle" in page
    assert ">Budget <small>Oct 2026 to Nov 2026</small>" in page
    assert re.search('<td class="negative">-1,000(</td>)?<td class="negative">-20.0', page)


def test_the_summary_begins_with_the_month_on_a_page(tmp_path):
    path = executed(tmp_path / "40.ipynb")
    said = Words([Sign("At risk:", f"TENT-LINE lacks 10 hours {EVIL}")])
    month = Page("The month on a page", [said])
    stages_ = [("40_supply_review", "Supply review", path)]
    page = html_report.build(stages_, tmp_path, FACTS, month).read_text(encoding="utf-8")
    summary = page.split('<section id="40_supply_review"')[0]
    assert '<div class="month" data-exhibit="month_on_a_page">' in summary
    assert "<b>At risk:</b> TENT-LINE lacks 10 hours &lt;img" in summary
    assert EVIL not in page


def test_what_stands_open_is_four_to_six_exhibits_a_stage_that_its_notebook_shows(root):
    for stage in stages.STAGES:
        text = (root / "notebooks" / f"{stage.name}.ipynb").read_text(encoding="utf-8")
        shown = re.findall(r"review\.show\([\w.]*?(\w+)\)", text)
        assert [name for name in shown if name in OPEN[stage.name]] == list(OPEN[stage.name])
        assert 4 <= len(OPEN[stage.name]) <= 6
    named = [name for names in OPEN.values() for name in names]
    assert len(named) == len(set(named))
    assert 40 <= len(named) + 1 <= 50  # with the month on a page


LOAD = conform(
    "rough_cut_capacity",
    pd.DataFrame({"resource": ["A"], "period": ["2027-05"], "required_hours": [1], "capacity_hours": [1], "utilization": [1]}),
)  # fmt: skip


def test_the_details_of_a_stage_are_folded_and_an_exhibit_is_shown_once(tmp_path):
    rough_cut = outputs_of(display, capacity.capacity, {"rough_cut_capacity": LOAD})
    load = outputs_of(
        display,
        capacity.load,
        {"rough_cut_capacity": LOAD, "resource_load": empty("resource_load")},
    )
    path = executed(
        tmp_path / "40.ipynb",
        new_markdown_cell("## Capacity"),
        new_code_cell(
            "",
            outputs=[*outputs_of(notebook_output.show_conclusions, ["Late."]), *rough_cut, *load],
        ),
    )
    stages_ = [
        ("40_supply_review", "Supply review", path), ("70_executive_sop", "Executive S&OP", path),
    ]  # fmt: skip
    page = html_report.build(stages_, tmp_path, FACTS).read_text(encoding="utf-8")
    assert page.count('data-exhibit="40_supply_review.capacity"') == 1
    assert 'data-exhibit="70_executive_sop.capacity"' not in page
    assert page.count('<div class="conclusions">') == 2
    folded = re.search(
        r'<details class="detail"><summary>(.*?)</summary>(.*?)</details>', page, re.DOTALL
    )
    assert folded[1] == "Products that load resources in months over capacity"
    assert 'data-exhibit="40_supply_review.load"' in folded[2]
    assert 'data-exhibit="40_supply_review.capacity"' not in folded[2]


# ---------------------------------------------------------------------------------------------------------------
# in a browser


def test_the_search_finds_rows_and_headings_and_shows_text_as_text(tmp_path, chromium):
    frame = pd.DataFrame({"product": [f"TENT-{n}" for n in range(40)] + [EVIL]})
    cells = [
        new_markdown_cell("## Tents"),
        new_code_cell("", outputs=outputs_of_table(frame, caption="All tents")),
    ]
    page = page_of(tmp_path, *cells)
    ask = "const box = document.getElementById('find'); box.value = WORDS; box.dispatchEvent(new Event('input'));"
    found = {}
    for words in ("TENT-39", "tent", "onerror", "nothing like it"):
        asked = tmp_path / "asked.html"
        policy = page[page.index("<meta http-equiv") : page.index("<meta name=")]
        script = f"<script>{ask.replace('WORDS', repr(words))}</script></body>"
        asked.write_text(page.replace(policy, "").replace("</body>", script), encoding="utf-8")
        shown = chromium(asked, "--dump-dom", profile=tmp_path / "profile")
        found[words] = re.search(r'aria-live="polite">(.*?)</p>', shown)[1]
        assert EVIL not in shown
    assert found == {
        "TENT-39": "1 found",
        "tent": "first 25 of 42",
        "onerror": "1 found",
        "nothing like it": "nothing found",
    }
