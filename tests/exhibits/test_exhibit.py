"""Exhibits: a headline keeps its values; a chart stands under it, a table under either."""

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from sopkit.reporting.chart_types import HorizontalBars
from sopkit.reporting.exhibit import Exhibit, Headline, display, exhibit, made, outputs
from sopkit.rules.marks import mark_of

SHORT = Headline("{resource} lacks {hours:number} hours", resource="SEWING", hours=1240.4)
HOURS = pd.DataFrame({"resource": ["SEWING", "CUTTING"], "required_hours": [1240.0, 3.0]})


@exhibit("40_supply_review", title="Hours by resource", table="resource_load", rows=1)
def both(hours):
    return Exhibit(SHORT, HorizontalBars(hours.set_index("resource")), hours)


@exhibit("40_supply_review", title="Hours by resource")
def rows_alone(hours):
    return Exhibit(SHORT, table=hours)


@exhibit("40_supply_review", title="Hours by resource")
def chart_alone(hours, holidays=None):
    assert holidays is None
    return Exhibit(SHORT, HorizontalBars(hours.set_index("resource")))


@exhibit("40_supply_review", title="Hours of each resource")
def one_each(hours):
    return [Exhibit(Headline("{name} works", name=name)) for name in hours["resource"]]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(function, hours=HOURS):
    about, tables = mark_of(function).about, {"hours": hours, "others": hours}
    every = [output for one in made(function, tables) for output in outputs(one, **about)]
    return [output["text/html"] for output in every]


def test_a_headline_is_its_sentence_and_keeps_its_values():
    assert SHORT == "SEWING lacks 1,240 hours"
    assert SHORT.figures == {"resource": "SEWING", "hours": 1240.4}


def test_what_is_added_keeps_its_values_too():
    also = Headline(" in {months:count month}", months=2)
    assert SHORT + also + "." == "SEWING lacks 1,240 hours in 2 months."
    assert (SHORT + also + ".").figures == SHORT.figures | {"months": 2}


def test_parts_are_joined_with_their_values():
    parts = [Headline("{a:percent 1} late", a=0.25), Headline("{b:number} lost", b=3)]
    joined = Headline.joined(parts, " and ")
    assert (joined, joined.figures) == ("25.0 % late and 3 lost", {"a": 0.25, "b": 3})


def test_names_with_braces_are_no_templates():
    said = Headline("{name} is late", name="{TENT}: {0}") + " {as planned}"
    assert said == "{TENT}: {0} is late {as planned}"


def test_a_mark_changes_nothing_but_is_read():
    assert chart_alone(HOURS).headline == SHORT
    mark = mark_of(both)
    assert (mark.kind, mark.about["stage"]) == ("exhibit", "40_supply_review")
    assert mark_of(shown) is None


def test_a_chart_stands_under_the_headline_and_its_table_under_the_title():
    chart, rows = shown(both)
    assert chart.startswith("<figure")
    assert 'alt="SEWING lacks 1,240 hours"' in chart
    assert "<span>Hours by resource</span>" in rows
    assert "1 more row" in rows


def test_a_table_without_a_chart_stands_under_the_headline():
    (rows,) = shown(rows_alone)
    assert "<span>SEWING lacks 1,240 hours</span>" in rows


def test_a_chart_without_data_is_told_by_the_headline_and_a_table_without_rows_by_its_title():
    said, none = shown(both, HOURS.head(0))
    assert said == '<p class="caption"><b>SEWING lacks 1,240 hours</b></p>'
    assert "Hours by resource: none." in none


def test_tables_are_handed_over_by_name_and_an_absent_optional_one_is_none():
    chart, numbers = shown(chart_alone)
    assert chart.startswith("<figure")
    assert numbers.startswith('<details class="fold numbers">')
    with pytest.raises(ValueError, match="both needs the table hours"):
        display(both, {})


def test_several_exhibits_of_a_kind_are_shown_one_below_the_other():
    assert [html.split("<b>")[1].split("</b>")[0] for html in shown(one_each)] == [
        "SEWING works",
        "CUTTING works",
    ]


def test_what_is_displayed_is_what_a_notebook_keeps(shell):
    with capture_output(display=True) as kept:
        display(both, {"hours": HOURS})
    assert [one.data["text/html"] for one in kept.outputs] == shown(both)


def test_markup_in_names_is_escaped():
    evil = HOURS.assign(resource="<script>")
    assert not any("<script>" in html for html in shown(both, evil) + shown(one_each, evil))
