"""The numbers behind a chart, and its legend: both are HTML beside the picture."""

import pandas as pd
from matplotlib.figure import Figure

from sopkit.reporting import chart_numbers, figures, legends, picture, theme
from sopkit.reporting.chart_types import (
    Band,
    Heatmap,
    HorizontalBars,
    Lines,
    SmallMultiples,
    StackedBars,
    Waterfall,
)
from sopkit.reporting.theme import Look, look

MONTHS = pd.PeriodIndex(["2026-10", "2026-11"], freq="M")
PLAN = pd.DataFrame({"demand": [1240.0, float("nan")]}, index=MONTHS)
MADE = pd.DataFrame({"regular": [3.0, 4.0], "overtime": [1.0, 0.0]}, index=MONTHS)


def numbers(chart):
    return [(one.title, one.heads, one.rows) for one in chart_numbers.tables_of(chart)]


def legend_of(chart):
    with theme.applied():
        figure = Figure(figsize=(figures.WIDTH, chart.inches()))
        figures.fill(figure, chart)
        found = legends.taken(figure)
    left = [*figure.legends, *(ax.get_legend() for ax in figure.axes if ax.get_legend())]
    return found, left


def test_lines_are_told_month_by_month_with_their_band():
    band = Band(PLAN["demand"] - 40, PLAN["demand"] + 60, Look("8 of 10", "#123456"))
    ((title, heads, rows),) = numbers(Lines(PLAN, bands=[band], title="north"))
    assert title == "north"
    assert heads == ["8 of 10, low", "8 of 10, high", look("demand").label]
    assert rows == [["Oct 2026", "1,200", "1,300", "1,240"], ["Nov 2026", "–", "–", "–"]]


def test_what_is_left_of_rounding_is_nothing():
    ((_, _, rows),) = numbers(Lines(PLAN.assign(demand=[1240.0, -2.1e-11])))
    assert [row[-1] for row in rows] == ["1,240", "0"]


def test_bars_stand_before_their_lines_and_panels_below_one_another():
    chart = SmallMultiples([StackedBars(MADE, lines=PLAN, title="a"), Lines(PLAN, title="b")])
    (first, second) = numbers(chart)
    assert [len(first[1]), len(second[1])] == [3, 1]
    assert first[2][0] == ["Oct 2026", "3", "1", "1,240"]


def test_rows_are_told_by_name_and_shares_in_per_cent():
    bars = HorizontalBars(pd.DataFrame({"part": [0.25]}, index=["tents"]), shares=True)
    ((_, _, rows),) = numbers(bars)
    assert rows == [["tents", "25.0 %"]]
    steps = Waterfall(pd.Series({"budget": 10.0, "plan": 12.0}), ("budget", "plan"), unit="EUR")
    assert numbers(steps) == [("", ["EUR"], [["budget", "10"], ["plan", "12"]])]


def test_a_heat_map_is_a_table_itself_and_what_is_empty_has_no_numbers():
    assert chart_numbers.fold(Heatmap(PLAN)) is None
    assert chart_numbers.fold(Lines(PLAN.head(0))) is None


def test_names_in_the_numbers_are_escaped():
    evil = HorizontalBars(pd.DataFrame({"x": [1.0]}, index=["<script>"]))
    assert "<script>" not in chart_numbers.fold(evil).html


def test_the_one_legend_of_a_picture_becomes_html():
    found, left = legend_of(StackedBars(MADE, lines=PLAN))
    assert {entry.label for entry in found} == {
        look(n).label for n in ("regular", "overtime", "demand")
    }
    assert left == []
    styles = {entry.label: entry.style for entry in found}
    assert "border-top:2px" in styles[look("demand").label]
    assert "background" in styles[look("regular").label]
    html = picture.shown(StackedBars(MADE, lines=PLAN), "Made.")["text/html"]
    assert f"</i>{look('demand').label}</span>" in html


def test_panels_with_legends_of_their_own_keep_them():
    chart = SmallMultiples([StackedBars(MADE), StackedBars(MADE, lines=PLAN)])
    found, left = legend_of(chart)
    assert found == []
    assert len(left) == 2
