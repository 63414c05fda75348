"""Chart types: each draws its data with units, months, names and a legend, readable in grey."""

import base64
import re
from xml.etree import ElementTree

import matplotlib
import pandas as pd
import pytest
from looking import columns, drawn, lines, named, rows, texts, weights
from matplotlib.colors import to_hex
from matplotlib.textpath import TextPath

from sopkit.reporting import axes, figures, inline_svg, picture, theme
from sopkit.reporting.chart_types import (
    Band,
    Bars,
    Heatmap,
    HorizontalBars,
    Intervals,
    Lines,
    PlanColumns,
    SmallMultiples,
    Sparkline,
    StackedBars,
    Timeline,
    Waterfall,
)
from sopkit.reporting.theme import Look, look
from sopkit.schema.formatting import number

MONTHS = pd.period_range("2026-10", periods=3, freq="M", name="period")
UNITS = pd.DataFrame({"regular": [10.0, 20.0, 30.0], "overtime": [0.0, -5.0, 5.0]}, index=MONTHS)
ASKED = pd.DataFrame({"demand": [12.0, 25.0, 20.0]}, index=MONTHS)
SHARES = pd.DataFrame([[0.5, 1.1, float("nan")]], index=["SEWING"], columns=MONTHS)
WEEKS = pd.MultiIndex.from_tuples(
    [
        (pd.Timestamp("2026-10-26"), MONTHS[0]),
        (pd.Timestamp("2026-10-26"), MONTHS[1]),
        (pd.Timestamp("2026-11-02"), MONTHS[1]),
    ],
    names=["week", "period"],
)
RANGES = pd.DataFrame(
    {"value": [0.2, -0.1], "low": [0.1, -0.2], "high": [0.3, 0.0]}, index=["sales", "finance"]
)


# -------------------------------------------------------------------------------------------------
# courses


def test_lines_are_drawn_over_their_months_with_a_band_and_the_line_of_today():
    band = Band(ASKED["demand"] - 5, ASKED["demand"] + 5, look("demand", label="80 % range"))
    past = pd.DataFrame({"cleansed": [9.0, 8.0]}, index=MONTHS[:2] - 2)
    both = pd.concat([past, ASKED])
    (ax,) = drawn(Lines(both, bands=[band], today=MONTHS[0], unit="units a month"))
    assert lines(ax)["demand"] == [12, 25, 20]
    assert lines(ax)["demand, cleaned"] == [9, 8]
    assert named(ax) == ["80 % range", "demand, cleaned", "demand"]
    assert "today" in texts(ax)
    assert [MONTHS[0].ordinal - 0.5] * 2 in [list(line.get_xdata()) for line in ax.get_lines()]
    assert ax.get_ylabel() == "units a month"
    assert ax.get_ylim()[0] == 0


def test_months_are_written_as_month_and_year_and_years_start_in_january():
    long = pd.period_range("2025-10", "2028-03", freq="M")
    (ax,) = drawn(Lines(pd.DataFrame({"demand": 1.0}, index=long)))
    assert columns(ax)[:3] == ["Oct 25", "Jan 26", "Apr 26"]


def test_large_amounts_are_written_in_thousands_or_millions_with_the_unit():
    (ax,) = drawn(Lines(1e6 * ASKED, unit="revenue a month"))
    assert ax.get_ylabel() == "revenue a month, million"
    assert axes.scale([25_000]) == (1e3, "thousand")
    assert axes.scale([1_999]) == (1.0, "")


def test_shares_are_written_in_per_cent():
    (ax,) = drawn(Lines(ASKED / 25, shares=True, unit="share", limits=(0, 1)))
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "100 %"


def test_stacked_bars_stand_on_one_another_and_what_takes_away_below_zero():
    (ax,) = drawn(StackedBars(UNITS, lines=ASKED, unit="units"))
    tops = [(bar.get_y(), bar.get_height()) for bar in ax.patches]
    assert tops == [(0, 10), (0, 20), (0, 30), (10, 0), (0, -5), (30, 5)]
    assert named(ax) == ["demand", "regular time", "overtime"]


def test_bars_stand_side_by_side_with_their_sizes():
    names = pd.DataFrame({"near": [0.2, 0.1], "far": [0.3, 0.2]}, index=["naive", "baseline"])
    (ax,) = drawn(Bars(names, shares=True, labelled=True, level=0.1))
    assert columns(ax) == ["naive", "baseline"]
    assert texts(ax) == ["20.0 %", "10.0 %", "30.0 %", "20.0 %"]
    assert [0.1, 0.1] in lines(ax).values()


def test_weeks_are_named_by_their_monday_with_a_line_between_months():
    (ax,) = drawn(StackedBars(UNITS.set_axis(WEEKS)))
    assert columns(ax) == ["26 Oct", "26 Oct", "2 Nov"]
    assert [0.5, 0.5] in [list(line.get_xdata()) for line in ax.get_lines()]


def test_names_are_turned_where_a_panel_has_no_room_for_them_side_by_side():
    quarters = pd.DataFrame({"regular": [1.0] * 6}, index=["26Q4", *(f"27Q{n}" for n in range(5))])
    (whole,) = drawn(Bars(quarters))
    (third, *_) = drawn(SmallMultiples([Bars(quarters)] * 3, 3))
    angles = [ax.get_xticklabels()[0].get_rotation() for ax in (whole, third)]
    assert angles == [0, 45]


def test_a_look_without_a_line_marks_a_value_of_its_own():
    courses = pd.DataFrame({"value": [1.0, 2.0], "last": [float("nan"), 2.0]}, index=MONTHS[:2])
    looks = {"value": Look("", "#1B5E9B", marker="o"), "last": Look("", "#CC3311", "", marker="o")}
    (ax,) = drawn(Lines(courses, looks=looks))
    assert [line.get_markersize() for line in ax.get_lines()] == [3, 6]


def test_a_waterfall_goes_from_total_to_total():
    steps = pd.Series({"baseline": 100.0, "launches": 40.0, "overrides": -20.0, "consensus": 120.0})
    (ax,) = drawn(Waterfall(steps, ["baseline", "consensus"], unit="units"))
    assert [(bar.get_y(), bar.get_height()) for bar in ax.patches] == [
        (0, 100),
        (100, 40),
        (140, -20),
        (0, 120),
    ]
    assert texts(ax) == ["100", "+40", "-20", "120"]


def test_a_waterfall_with_small_steps_shows_the_changes_alone_from_zero():
    steps = pd.Series({"budget": 100.0, "volume": -3.0, "cost": 1.0, "plan": 98.0})
    (ax,) = drawn(Waterfall(steps, ["budget", "plan"], unit="margin"))
    assert ax.get_ylabel() == "change of margin"
    assert [(bar.get_y(), bar.get_height()) for bar in ax.patches] == [
        (0, 0),
        (0, -3),
        (-3, 1),
        (0, -2),
    ]
    assert texts(ax) == ["0", "-3", "+1", "-2"]
    assert [name.get_text() for name in ax.get_xticklabels()] == [
        "budget\n(100)",
        "volume",
        "cost",
        "plan\n(98)",
    ]


@pytest.mark.parametrize("plan", [96.0, 60.0, 170.0])
def test_no_bar_of_a_bridge_stands_on_a_cut_axis(plan):
    steps = pd.Series({"budget": 100.0, "volume": plan - 100.0, "plan": plan})
    (ax,) = drawn(Waterfall(steps, ["budget", "plan"], unit="margin"))
    low, high = ax.get_ylim()
    assert low <= 0 <= high


def test_a_cost_that_rises_is_not_green():
    steps = pd.Series({"before": 100.0, "overtime": 50.0, "after": 150.0})
    (ax,) = drawn(Waterfall(steps, ["before", "after"], more_is_good=False))
    assert to_hex(ax.patches[1].get_facecolor()) == theme.WORSE.colour.lower()


def test_actual_is_solid_the_plan_outlined_the_prior_year_light_and_the_budget_a_line():
    data = pd.DataFrame(
        {
            "actual": [10.0, None],
            "plan": [None, 12.0],
            "prior_year": [8.0, 9.0],
            "reference": [11.0, 11.0],
        },
        index=pd.period_range("2026-09", periods=2, freq="M"),
    )
    (ax,) = drawn(PlanColumns(data, pins=True))
    faces = {to_hex(bar.get_facecolor()) for bar in ax.patches if bar.get_height() in (8.0, 9.0)}
    assert faces == {theme.PRIOR.lower()}
    (actual,) = (bar for bar in ax.patches if bar.get_height() == 10.0)
    (planned,) = (bar for bar in ax.patches if bar.get_height() == 12.0)
    assert to_hex(actual.get_facecolor()) == theme.INK.lower()
    assert (to_hex(planned.get_facecolor()), to_hex(planned.get_edgecolor())) == (
        "#ffffff",
        theme.INK.lower(),
    )
    (budget,) = ax.collections
    assert [segment[0][1] for segment in budget.get_segments()] == [11.0, 11.0]
    assert all(bar.get_y() == 0 for bar in ax.patches)
    assert {text.get_text(): to_hex(text.get_color()) for text in ax.texts if text.get_text()[0] in "+-"} == {
        "-9": theme.BAD.lower(), "+9": theme.GOOD.lower(),
    }  # fmt: skip


def test_a_stock_above_its_target_is_not_green():
    data = pd.DataFrame(
        {"plan": [12.0], "reference": [10.0]}, index=pd.period_range("2026-10", periods=1, freq="M")
    )
    (ax,) = drawn(PlanColumns(data, pins=True, more_is_good=False))
    assert [to_hex(text.get_color()) for text in ax.texts if text.get_text() == "+20"] == [
        theme.BAD.lower()
    ]


# -------------------------------------------------------------------------------------------------
# rows


def test_tiles_are_written_in_per_cent_bold_where_that_is_true_and_empty_where_nothing_is_known():
    (ax,) = drawn(Heatmap(SHARES, shares=True, bold=SHARES > 1))
    assert weights(ax) == {"50": "normal", "110": "bold"}
    assert rows(ax) == ["SEWING"]


def test_tiles_may_hold_words_and_a_key_of_their_colours():
    words = SHARES.map(lambda share: "over" if share > 1 else "")
    (ax,) = drawn(Heatmap(SHARES, words=words, key=[Look("full", "#123456")]))
    assert texts(ax) == ["over"]
    assert named(ax) == ["full"]


def test_bars_from_left_to_right_stand_beside_upon_or_within_one_another():
    sizes = pd.DataFrame({"regular": [3.0, 1.0], "overtime": [1.0, 1.0]}, index=["a", "b"])
    (stacked,) = drawn(HorizontalBars(sizes, arranged="stacked"))
    assert [(bar.get_x(), bar.get_width()) for bar in stacked.patches] == [
        (0, 3),
        (0, 1),
        (3, 1),
        (1, 1),
    ]
    (beside,) = drawn(HorizontalBars(sizes))
    assert len({bar.get_y() for bar in beside.patches}) == 4
    (within,) = drawn(HorizontalBars(sizes, arranged="within"))
    assert [round(bar.get_height(), 2) for bar in within.patches] == [0.66, 0.66, 0.26, 0.26]


def test_rows_have_looks_and_sizes_beside_them():
    effect = pd.DataFrame({"margin": [204_000.0, -17.0]}, index=["price", "promotion"])
    bars = HorizontalBars(effect, row_looks=theme.by_meaning(effect["margin"]), labels=True)
    (ax,) = drawn(bars)
    assert texts(ax) == ["204 k", "-17"]
    assert [matplotlib.colors.to_hex(bar.get_facecolor()) for bar in ax.patches] == [
        theme.BETTER.colour.lower(),
        theme.WORSE.colour.lower(),
    ]


def test_sentences_stand_above_their_bars_and_take_no_room_from_panels_beside():
    long = pd.DataFrame({"gap_value": [5.0]}, index=["word " * 40])
    (ax,) = drawn(HorizontalBars(long, named_above=True))
    assert not ax.texts[0].get_in_layout()
    assert rows(ax) == []


def test_a_funnel_is_centred():
    deals = pd.DataFrame({"closed": [8.0], "won": [2.0]}, index=["offer"])
    (ax,) = drawn(HorizontalBars(deals, arranged="within", centred=True))
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(-4, 8), (-1, 2)]


def test_intervals_are_dots_with_their_range_by_kind_and_further_marks():
    kinds = pd.Series({"sales": "improves", "finance": "unknown"})
    looks = {
        "improves": Look("improves", "#1B5E9B"),
        "unknown": Look("unknown", "#6B7680", hollow=True),
    }
    before = pd.DataFrame({"before": [0.15, 0.0]}, index=RANGES.index)
    (ax,) = drawn(
        Intervals(RANGES, kinds=kinds, looks=looks, points=before, zero=True, shares=True)
    )
    assert rows(ax) == ["sales", "finance"]
    assert named(ax) == ["before", "improves", "unknown"]
    assert list(ax.get_lines()[0].get_xdata()) == [0.1, 0.3]


def test_a_timeline_shows_what_happens_when_and_its_state():
    day = pd.Timestamp
    marks = pd.DataFrame(
        {"name": ["L-1"], "day": [day("2026-11-02")], "kind": ["gate"], "state": ["late"]}
    )
    spans = pd.DataFrame(
        {
            "name": ["L-1", "L-1"],
            "start": [day("2026-12-01"), day("2026-11-15")],
            "end": [day("2027-02-01"), day("2026-12-15")],
            "kind": ["sales", "campaign"],
        }
    )
    looks = {
        "gate": Look("gate", "#000000", marker="D", width=6),
        "sales": Look("sales", "#1B5E9B", width=6),
        "campaign": Look("", "#E69F00", width=3),  # drawn, not named
    }
    chart = Timeline(
        pd.DataFrame(index=["L-1"]),
        marks,
        spans,
        looks=looks,
        states={"late": "#CC3311"},
        now=MONTHS[0],
    )
    (ax,) = drawn(chart)
    assert rows(ax) == ["L-1"]
    assert named(ax) == ["gate", "sales"]
    assert "today" in texts(ax)


@pytest.mark.parametrize("many", [13, 5_000])
def test_of_many_rows_the_first_are_drawn_and_it_is_said_of_how_many(many):
    sizes = pd.DataFrame({"margin": 1.0}, index=[f"S-{number}" for number in range(many)])
    chart = HorizontalBars(sizes, subtitle="word " * 60)
    assert rows(drawn(chart)[0])[-1] == "S-11"
    assert figures.subtitle(chart).endswith(f"…; 12 of {many:,}")
    assert len(figures.subtitle(chart)) <= figures.SUBTITLE_CHARACTERS
    assert figures.subtitle(HorizontalBars(sizes.head(2), subtitle="Hours")) == "Hours"


# -------------------------------------------------------------------------------------------------
# panels


def test_panels_with_titles_share_a_legend_below_others_have_their_own():
    titled = [StackedBars(UNITS, title=name) for name in ("a", "b", "c")]
    chart = SmallMultiples(titled, of=9, share_x=True, subtitle="Units")
    made = drawn(chart)
    assert [ax.get_title(loc="right") for ax in made] == ["a", "b", "c"]
    assert [text.get_text() for text in made[0].figure.legends[0].get_texts()] == [
        "regular time",
        "overtime",
    ]
    assert figures.subtitle(chart) == "Units; 3 of 9"
    upper, lower = drawn(SmallMultiples([StackedBars(UNITS), Lines(ASKED)], 1, share_x=True))
    assert (named(upper), named(lower)) == (["regular time", "overtime"], ["demand"])


def test_the_title_of_a_panel_may_stand_out():
    panel = Lines(ASKED, title="service: missed", title_colour="#CC3311")
    (ax,) = drawn(SmallMultiples([panel]))
    assert ax.title.get_text() == ""
    assert ax._right_title.get_color() == "#CC3311"


def test_panels_without_data_are_left_out():
    chart = SmallMultiples([Lines(ASKED), Lines(ASKED.head(0))])
    assert len(drawn(chart)) == 1
    assert SmallMultiples([Lines(ASKED.head(0))]).empty
    assert SmallMultiples([]).empty


def test_panels_stand_where_the_layout_has_them():
    page = [Lines(ASKED), Lines(ASKED), Lines(ASKED)]
    wide, left, right = drawn(SmallMultiples(page, layout=[[0, 0], [1, 2]], heights=[2, 1]))
    assert wide.get_window_extent().width > 1.8 * left.get_window_extent().width
    assert left.get_window_extent().y0 == right.get_window_extent().y0


def test_a_row_of_the_layout_without_data_is_left_out():
    page = [Lines(ASKED.head(0)), Lines(ASKED), Lines(ASKED)]
    chart = SmallMultiples(page, layout=[[0, 0], [1, 2]], heights=[2, 1])
    left, right = drawn(chart)
    assert left.get_window_extent().y0 == right.get_window_extent().y0
    assert chart.inches() == SmallMultiples(page[1:], heights=[1]).inches()


def test_steps_of_several_waterfalls_are_named_below_them_and_in_no_legend():
    steps = pd.Series({"baseline": 100.0, "launch": 10.0, "consensus": 110.0})
    panel = Waterfall(steps, ("baseline", "consensus"), title="tents")
    (ax,) = drawn(SmallMultiples([panel]))
    assert not ax.figure.legends


def test_a_panel_that_somebody_waits_for_has_a_fixed_layout():
    (ax,) = drawn(SmallMultiples([Lines(ASKED)], quick=True))
    assert ax.figure.get_layout_engine() is None


def test_a_sparkline_is_a_picture_of_numbers_alone():
    assert 'points="2.0,26.0 118.0,2.0"' in Sparkline([1.0, 3.0]).svg()
    assert 'points="2.0,26.0 118.0,26.0"' in Sparkline([2.0, 2.0]).svg()
    assert Sparkline([1.0]).svg() == ""


# -------------------------------------------------------------------------------------------------
# what all have in common


@pytest.mark.parametrize(
    "chart",
    [
        Lines(UNITS.head(0)),
        Lines(pd.DataFrame()),
        StackedBars(UNITS.head(0)),
        Bars(UNITS.head(0)),
        Waterfall(pd.Series(dtype=float)),
        Heatmap(SHARES.head(0)),
        HorizontalBars(pd.DataFrame()),
        Intervals(RANGES.head(0)),
    ],
)
def test_a_chart_without_data_is_shown_as_its_headline_alone(chart):
    shown = picture.shown(chart, "Nothing is late & lost.")
    assert shown["text/html"] == '<p class="caption"><b>Nothing is late &amp; lost.</b></p>'
    assert shown["text/plain"] == "Nothing is late & lost."


def test_a_long_headline_is_broken_into_lines_of_about_the_same_length():
    said = (
        "The limit that costs most is the supply limit of VALVE-7-SPARE-PART in October 2026: "
        "at most 1 % more would save 9,004."
    )
    title = picture.draw(Lines(ASKED), said).get_suptitle()
    first, second = title.split("\n")
    assert abs(len(first) - len(second)) < 35
    assert "1\u00a0%" in title
    assert "VALVE-7-SPARE-PART" in title


def test_what_a_chart_shows_stands_under_its_headline():
    (ax,) = drawn(Lines(ASKED, subtitle="Units a month"), "Demand grows")
    below = next(one for one in ax.figure.artists if one.get_text() == "Units a month")
    title, under = ax.figure._suptitle.get_window_extent(), below.get_window_extent()
    assert under.y1 <= title.y0
    assert under.y0 >= ax.get_window_extent().y1


def test_measures_that_share_a_chart_differ_in_more_than_colour():
    one, other = look("quantity"), look("cleansed")
    assert one.line != other.line
    parts = ["regular", "overtime", "subcontract", "scheduled_receipts"]
    assert len({look(name).hatch for name in parts}) == len(parts)


def test_names_with_dollars_and_markup_are_drawn_as_they_are():
    odd = SHARES.set_axis(["$\\frac$ & <b>"])
    assert rows(drawn(Heatmap(odd), "A claim of $5 and $6")[0]) == ["$\\frac$ & <b>"]


def test_charts_change_nothing_in_how_others_draw():
    before = dict(matplotlib.rcParams)
    picture.shown(Lines(ASKED), "Demand")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_chart_is_saved_as_the_file_that_its_name_says(tmp_path, ending):
    path = tmp_path / f"chart.{ending}"
    picture.save(Lines(ASKED), "Demand", path)
    assert path.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")


def image_of(chart, headline="Demand"):
    """The SVG that a notebook shows of a chart as an image."""
    html = picture.shown(chart, headline)["text/html"]
    return base64.b64decode(re.search('base64,([^"]+)"', html)[1]).decode()


def test_a_chart_of_any_size_is_drawn(tmp_path):
    assert 'viewBox="0 0 576 10800"' in image_of(Lines(ASKED, height=150))
    picture.save(Lines(ASKED, height=150), "Very tall.", tmp_path / "tall.png")
    assert (tmp_path / "tall.png").stat().st_size > 1000


def test_as_an_image_a_chart_brings_its_colours_and_as_part_of_a_page_it_takes_the_pages():
    image = image_of(Lines(ASKED))
    root = ElementTree.fromstring(image)  # noqa: S314  drawn above
    assert root.get("width") == f"{inline_svg.PIXELS}"
    style = root.find(f"{{{inline_svg.SVG}}}style").text
    assert "--ink:#22313f;" in style
    assert set(re.findall(r"var\(--([a-z]+)\)", image)) <= set(re.findall("--([a-z]+):", style))
    page = inline_svg.of_page(image)
    assert "<style>:root" not in page
    assert page.startswith('<svg viewBox="0 0 576 ')


def test_a_chart_is_text_under_its_headline_and_subtitle():
    shown = picture.shown(Lines(ASKED, subtitle="Units a month"), "Demand < supply")
    assert "<b>Demand &lt; supply</b><br><small>Units a month</small>" in shown["text/html"]
    assert ">Oct 26</text>" in image_of(Lines(ASKED))


def test_where_the_pointer_rests_a_mark_tells_what_it_stands_for():
    bars = image_of(StackedBars(UNITS[["regular"]]))
    place, value = f"{UNITS.index[0]:%b %Y}", UNITS["regular"].iloc[0]
    assert f"<title>{look('regular').label}, {place}&#10;{number(value)}</title>" in bars
    course = image_of(Lines(UNITS[["regular"]]))
    first, last = f"{place}: {number(value)}", f"{UNITS.index[-1]:%b %Y}: {number(30.0)}"
    assert f"<title>{look('regular').label}&#10;{first}&#10;{last}</title>" in course
    steps = image_of(Waterfall(pd.Series({"Budget <1>": 40.0, "Volume": -10.0})))
    assert "<title>Budget &lt;1&gt;&#10;40</title>" in steps
    rows_of = image_of(HorizontalBars(pd.DataFrame({"units": [5.0]}, index=["Tent"])))
    assert "Tent&#10;5</title>" in rows_of


def test_no_two_charts_of_a_page_share_an_id():
    one, other = (image_of(StackedBars(UNITS[["overtime"]] * times)) for times in (1, 2))
    ids = [set(re.findall(' id="([^"]+)"', svg)) for svg in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert ids[0] == set(re.findall('(?:url\\(#|href="#)([^")]+)', one))


def test_the_dots_of_a_hatch_take_little_room():
    assert len(image_of(StackedBars(UNITS[["regular"]].set_axis(["subcontract"], axis=1)))) < 20_000


@pytest.mark.parametrize("name", ["word " * 60, "x" * 300, "אוהל " * 50])
def test_a_name_of_any_length_leaves_room_to_draw(name):
    for chart in (
        Heatmap(SHARES.set_axis([name.strip()])),
        SmallMultiples([Lines(ASKED, title=name), Lines(ASKED, title="b")], subtitle=name),
    ):
        figure = picture.draw(chart, "Nothing is late.")
        figure.draw_without_rendering()
        widths = [ax.get_window_extent().width for ax in figure.axes]
        assert sum(widths) > 0.5 * figure.bbox.width
        assert len(figures.subtitle(chart)) <= figures.SUBTITLE_CHARACTERS


@pytest.mark.filterwarnings("error")
def test_letters_that_no_font_has_are_boxes_in_a_file(monkeypatch):
    monkeypatch.setattr(theme, "families", lambda: ["DejaVu Sans"])
    figure = picture.draw(Heatmap(SHARES.set_axis(["テント"])), "All fits.")
    with theme.applied():
        assert theme.box_undrawable(figure) == "テント"


@pytest.mark.parametrize(
    "name", ["Zelte für Größe", "палатки", "σκηνές", "אוהלים", "الخيام", "テント"]
)
def test_the_letters_of_a_name_are_the_readers_to_draw(name):
    assert f">{name}</text>" in image_of(
        HorizontalBars(pd.DataFrame({"revenue": [1.0]}, index=[name]))
    )


def test_what_is_written_from_right_to_left_is_drawn_so():
    bet, both = (
        TextPath((0, 0), text, size=20, usetex=False).vertices.tolist() for text in ("ב", "אב")
    )
    assert all(point in both for point in bet)  # the second letter begins at the left


def test_fonts_are_those_that_are_installed():
    installed = {font.name for font in theme.font_manager.fontManager.ttflist}
    assert theme.families()[0] == "DejaVu Sans"
    assert set(theme.families()) <= installed
