"""A heat map as a table: its heads, its words, its colours and what is heavy."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from sopkit.reporting import picture, theme
from sopkit.reporting.chart_types import Heatmap, HorizontalBars, SmallMultiples
from sopkit.reporting.theme import Look
from sopkit.reporting.tiles import heatmaps, tile_table
from sopkit.schema.formatting import company_terms

MONTHS = pd.period_range("2026-12", periods=3, freq="M")
LOAD = pd.DataFrame([[0.5, 1.2, np.nan]], index=["SEWING"], columns=MONTHS)


def cells(chart):
    html = picture.shown(chart, "SEWING is full.")["text/html"]
    return re.findall(r"<t[dh](?: [^>]*)?>(.*?)</t[dh]>", html)


def test_each_value_is_a_cell_under_its_month():
    assert cells(Heatmap(LOAD, shares=True)) == [
        "",
        "Dec 26",
        "Jan 27",
        "Feb",
        "SEWING",
        "50",
        "120",
        "",
    ]


def test_months_are_called_as_the_company_calls_them():
    calendar = pd.DataFrame({"period": MONTHS, "label": ["P12", "P01", "P02"]})
    with company_terms({"calendar": calendar}):
        assert [head.name for head in tile_table(Heatmap(LOAD)).heads] == ["P12", "P01", "P02"]


def test_a_tile_has_the_colour_of_its_value_and_words_that_can_be_read_on_it():
    chart = Heatmap(LOAD, limits=(0.5, 1.2), colours="Greys", bold=LOAD > 1)
    _, (idle, full, unknown) = tile_table(chart).rows[0]
    assert (idle.paper, idle.ink, idle.bold) == ("#ffffff", theme.ON_TILE, False)
    assert (full.paper, full.ink, full.bold) == ("#000000", theme.ON_BAR, True)
    assert (unknown.paper, unknown.lines) == ("transparent", [""])


def test_words_of_several_lines_stay_in_their_cell_and_a_name_keeps_who_answers():
    words = pd.DataFrame([["3.40 m\n1 gap", "", ""]], index=["SEWING"], columns=MONTHS)
    chart = Heatmap(LOAD.set_axis(["supply\nplanner"]), words=words.set_axis(["supply\nplanner"]))
    found = cells(chart)
    assert re.fullmatch("supply<br><small[^>]*>planner</small>", found[4])
    assert found[5] == "3.40 m<br>1 gap"


def test_weeks_are_told_by_their_mondays_and_parted_where_a_month_begins():
    weeks = pd.MultiIndex.from_tuples(
        [
            (pd.Timestamp("2026-11-23"), MONTHS[0] - 1),
            (pd.Timestamp("2026-11-30"), MONTHS[0] - 1),
            (pd.Timestamp("2026-11-30"), MONTHS[0]),
        ],
        names=["week", "period"],
    )
    heads = tile_table(Heatmap(LOAD.set_axis(weeks, axis=1))).heads
    assert heads == [("23 Nov", False), ("30 Nov", False), ("30 Nov", True)]


def test_colours_are_named_once_below_all_tables():
    one = Heatmap(LOAD, key=[Look("full", "#123456")], title="first")
    html = picture.shown(SmallMultiples([one, one]), "Full.")["text/html"]
    told = [html.count(one) for one in ("<table", "<caption", "background:#123456", "full")]
    assert told == [2, 2, 1, 1]


def test_only_what_is_made_of_heat_maps_becomes_tables():
    bars = HorizontalBars(LOAD)
    assert list(heatmaps(SmallMultiples([Heatmap(LOAD), bars]))) == []
    assert list(heatmaps(bars)) == []
    assert "<table" not in picture.shown(bars, "Bars.")["text/html"]


@pytest.mark.parametrize("evil", ["<img src=x>", "<b>&amp;", "{{ 1 }}"])
def test_names_stay_text(evil):
    assert unescape(cells(Heatmap(LOAD.set_axis([evil])))[4]) == evil
    html = picture.shown(Heatmap(LOAD.set_axis([evil])), "Load.")["text/html"]
    assert "<img" not in html
