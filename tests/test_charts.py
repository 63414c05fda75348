"""Charts: every figure draws what its table says, under its claim, with units, readable in grey."""

import re
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.textpath import TextPath

from sopkit import charts
from sopkit.charts import display, drawing, lettering, looks, meeting_figures
from sopkit.tables import conform

SUBTITLES = re.compile(r"""(?:shown = f?|canvas\(claim, f?)"([^"]+)\"""")


def table(name, text):
    cells = pd.read_csv(
        StringIO(text), sep=r"\s*\|\s*", engine="python", dtype=str, keep_default_na=False
    )
    cells.columns = [column.strip() for column in cells.columns]
    return conform(name, cells.apply(lambda column: column.str.strip()))


HISTORY = table(
    "demand_history",
    """product | market | period | quantity | cleaned | correction
       TENT-1 | north | 2026-08 | 100 | 130 | 30
       TENT-1 | north | 2026-09 | 300 | 300 | 0
       PACK-1 | north | 2026-09 | 7 | 7 | 0""",
)
DEMAND = table(
    "demand_plan",
    """product | market | period | baseline | launch_demand | activity_demand | opportunity_demand | override | consensus | low | high
       TENT-1 | north | 2026-10 | 200 | 0 | 10 | 0 | -2 | 208 | 150 | 250
       PACK-1 | north | 2026-10 | 8 | 0 | 0 | 0 | 0 | 8 | 5 | 11""",
)
LOAD = table(
    "rough_cut_capacity",
    """resource | period | required_hours | capacity_hours | utilisation_ratio
       ASSEMBLY | 2027-04 | 1100 | 1000 | 1.1
       SEWING | 2027-04 | 500 | 1000 | 0.5""",
)


def drawn(ax):
    ax.figure.draw_without_rendering()
    return ax


def lines(ax):
    return {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_claim_stands_above_the_figure():
    ax = charts.capacity(LOAD, "ASSEMBLY is short of 100 hours")
    assert ax.figure.get_suptitle() == "ASSEMBLY is short of 100 hours"


def test_a_long_claim_is_broken_into_lines_of_about_the_same_length():
    claim = "The consensus is 758,863 units in Oct 2026 to Sep 2027, 5.6 % more than was sold in the twelve months before."
    first, second = charts.capacity(LOAD, claim).figure.get_suptitle().split("\n")
    assert abs(len(first) - len(second)) < 35


def test_the_consensus_is_the_sum_over_products_with_months_in_order():
    ax = charts.consensus(HISTORY, DEMAND, None)
    assert lines(ax)["sold"] == [100, 307]
    assert lines(ax)["consensus"] == [216]


def test_history_and_plan_are_divided_before_the_first_planned_month():
    ax = charts.consensus(HISTORY, DEMAND, None)
    first = drawing.ordinals(DEMAND["period"]).min()
    assert any(list(line.get_xdata()) == [first - 0.5] * 2 for line in ax.get_lines())


def test_months_are_written_as_month_and_year_and_years_start_in_january():
    ax = drawing.canvas("", "")
    drawing.month_axis(ax, drawing.ordinals(pd.period_range("2025-10", "2028-03", freq="M")))
    labels = [label.get_text() for label in drawn(ax).get_xticklabels()]
    assert labels[:3] == ["Oct 25", "Jan 26", "Apr 26"]


def test_large_amounts_are_written_in_thousands_or_millions_with_the_unit():
    ax = drawing.canvas("", "")
    ax.plot([0, 1], [0, 3e6])
    drawing.amounts(ax.yaxis, "revenue a month", [3e6])
    assert ax.get_ylabel() == "revenue a month, million"
    assert drawing.scale([25_000]) == (1e3, "thousand")
    assert drawing.scale([1_999]) == (1.0, "")


def test_the_way_from_baseline_to_consensus_ends_where_it_says():
    ax = charts.consensus_steps(DEMAND)
    bars = [(bar.get_y(), bar.get_height()) for bar in ax.patches]
    assert bars[0] == (0, 208)
    assert bars[2] == (208, 10)
    assert bars[-1] == (0, 216)


def test_a_waterfall_with_small_steps_says_that_its_axis_does_not_start_at_zero():
    assert "axis starts above 0" in charts.consensus_steps(DEMAND).get_ylabel()


def test_overloaded_months_are_printed_in_bold_so_that_they_show_in_grey():
    ax = charts.capacity(LOAD)
    weights = {text.get_text(): text.get_weight() for text in ax.texts}
    assert weights == {"110": "bold", "50": "normal"}


def test_stocks_furthest_out_of_their_band_come_first_with_months_covered_and_bold_below_safety():
    stock = table(
        "inventory_plan",
        """product | site | period | inventory | safety_stock | target_inventory | max_inventory | shortfall | excess | stock_position | cover_months
           TENT-1 | plant | 2027-05 | 60 | 20 | 50 | 100 | 0 | 0 | in_band | 1.25
           TENT-1 | plant | 2027-06 | 60 | 20 | 50 | 100 | 0 | 0 | in_band |
           TENT-2 | plant | 2027-05 | 10 | 20 | 50 | 100 | 40 | 0 | below_safety | 0.2
           TENT-2 | plant | 2027-06 | 130 | 20 | 50 | 100 | 0 | 30 | above_max | """,
    )
    ax = charts.stock(stock)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "TENT-2, plant",
        "TENT-1, plant",
    ]
    assert {text.get_text(): text.get_weight() for text in ax.texts} == {
        "0.2": "bold",
        "1.2": "normal",
    }
    assert ax.collections[0].get_array().ravel().tolist() == [0, 3, 2, 2]


def test_risk_is_drawn_as_a_band_of_stock_and_the_share_of_stocks_that_are_out():
    risk = table(
        "stock_risk",
        """product | site | period | stock_out_probability | service_level_ratio | unmet | inventory_low | inventory_median | inventory_high
           TENT-1 | plant | 2027-05 | 0.1 | 0.99 | 4 | 2 | 9 | 16
           TENT-2 | plant | 2027-05 | 0.3 | 0.9 | 9 | 0 | 5 | 12""",
    )
    every = table(
        "service_risk",
        """period | service_level_ratio | service_low_ratio | unmet | inventory_low | inventory_median | inventory_high
           2027-05 | 0.95 | 0.9 | 13 | 5 | 14 | 25""",
    )
    ax = drawn(charts.demand_risk(risk, every))
    below = lines(ax.figure.axes[1])
    assert lines(ax)["stock, middle draw"] == [14]
    assert below["stocks expected to be out"] == pytest.approx([0.2])
    assert below["demand expected in time"] == [0.95]


def test_months_that_need_overtime_are_marked():
    ax = charts.capacity(LOAD.assign(regular_capacity_hours=[900.0, 900.0]))
    assert texts(ax) == ["110+", "50"]


def test_the_load_of_the_most_overloaded_resource_is_drawn_by_product_the_smallest_together():
    hours = LOAD.assign(
        regular_capacity_hours=[900.0, 900.0], overtime_capacity_hours=[100.0, 100.0]
    )
    names = [f"P-{number}" for number in range(9)]
    rows = pd.DataFrame(
        {"resource": "ASSEMBLY", "product": names, "period": "2027-04", "family": "stoves"}
    )
    parts = conform("resource_load", rows.assign(required_hours=[float(n) for n in range(9)]))
    ax = drawn(charts.load(parts, hours))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "capacity with overtime", "in regular time", "P-8", "P-7", "P-6", "P-5", "P-4", "P-3", "others",
    ]  # fmt: skip
    assert [bar.get_height() for bar in ax.patches] == [8, 7, 6, 5, 4, 3, 3]


def test_the_share_that_each_market_gets_in_time_is_written_in_its_cell():
    shares = table(
        "market_shares",
        """product | market | family | allocation | demand | late | lost_sales | service_level_ratio | reason | priority
           STOVE-1 | north | stoves | priority | 100 | 0 | 0 | 1 | contracts | 1
           STOVE-1 | south | stoves | priority | 100 | 0 | 60 | 0.4 | contracts | 2""",
    )
    ax = drawn(charts.market_shares(shares))
    assert {text.get_text(): text.get_weight() for text in ax.texts} == {
        "100": "normal",
        "40": "bold",
    }
    assert [label.get_text() for label in ax.get_yticklabels()] == ["STOVE-1 (priority)"]


def test_strategies_are_drawn_by_what_they_cost_beyond_what_all_share():
    costs = table(
        "strategy_comparison",
        """strategy | measure | item | period | value
           level | cost | | | 580
           level | cost | material | | 500
           chase | cost | material | | 500
           level | cost | holding | | 80
           chase | cost | holding | | 30
           chase | cost | overtime | | 20""",
    )
    ax = charts.strategy_costs(costs)
    assert sorted(round(bar.get_width()) for bar in ax.patches) == [0, 0, 20, 50]
    assert ax.get_xlabel() == "cost beyond the 530 that all strategies share"


def test_names_with_dollars_and_markup_are_drawn_as_they_are():
    odd = LOAD.assign(resource=["$\\frac$ & <b>", "100 $ line"])
    ax = drawn(charts.capacity(odd, "A claim of $5 and $6"))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["$\\frac$ & <b>", "100 $ line"]


def test_measures_that_share_a_chart_differ_in_more_than_colour():
    lines_, hatched = ["quantity", "cleaned"], ["regular", "overtime", "subcontract", "receipts"]
    assert len({looks.MEASURES[name].line for name in lines_}) == len(lines_)
    assert len({looks.MEASURES[name].hatch for name in hatched}) == len(hatched)


def test_one_family_beyond_the_panels_is_drawn_with_the_others():
    names = [f"P-{number}" for number in range(9)]
    products = conform(
        "products", pd.DataFrame({"product": names, "family": names, "unit_of_measure": "piece"})
    )
    months = pd.DataFrame({"product": names, "market": "north", "period": "2026-09"})
    history = conform(
        "demand_history", months.assign(quantity=range(1, 10), cleaned=1, correction=0)
    )
    figure = charts.demand_history(products, history).figure
    assert "3 other families" in [ax.get_title(loc="right") for ax in figure.axes]


@pytest.mark.parametrize(
    "draw",
    [
        charts.gaps,
        charts.strategies,
        charts.risks,
        charts.capacity,
        charts.market_shares,
        charts.suppliers,
    ],
)
def test_a_table_without_rows_is_shown_as_its_claim_alone(draw, capsys):
    ax = draw(pd.DataFrame(), "Nothing to draw.")
    charts.show(ax)
    assert "svg" not in capsys.readouterr().out


def test_stated_chances_are_drawn_beside_what_was_won():
    rates = pd.DataFrame(
        {
            "stage": ["contact", "offer"],
            "closed_deals": [170, 62],
            "won_deals": [34, 31],
            "stated_ratio": [0.33, 0.55],
            "won_ratio": [0.2, 0.5],
            "low_ratio": [0.1, 0.4],
            "high_ratio": [0.3, 0.6],
        }
    )
    ax = drawn(charts.stage_win_rates(rates))
    drawn_at = {line.get_label(): list(line.get_xdata()) for line in ax.get_lines()}
    assert drawn_at["stated for open deals"] == [0.33, 0.55]
    assert drawn_at["won, with 95 % interval"] == [0.2, 0.5]
    assert [label.get_text() for label in ax.figure.axes[0].get_yticklabels()] == [
        "contact (170 closed)",
        "offer (62 closed)",
    ]


def test_price_effects_are_drawn_best_known_first():
    effects = pd.DataFrame(
        {
            "family": ["packs", "packs", "tents"],
            "product": [None, "PACK-1", None],
            "elasticity_ratio": [-1.5, -1.6, None],
            "standard_error": [0.5, 0.2, None],
            "low_ratio": [-2.5, -2.0, None],
            "high_ratio": [-0.5, -1.2, None],
            "series": [3, 3, 0],
        }
    )
    ax = drawn(charts.price_effects(effects))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["PACK-1", "packs, all products"]


SCHEDULE = table(
    "production_schedule",
    """resource | period | week | product | sequence | quantity | work_hours | min_lot
       SEWING | 2026-10 | 2026-09-28 | TENT-1 | 1 | 120 | 12 | 50
       SEWING | 2026-10 | 2026-10-05 | PACK-1 | 1 | 60 | 60 | 50
       SEWING | 2026-10 | 2026-10-05 | TENT-1 | 2 | 1000 | 0 | 50
       IDLE | 2026-10 | 2026-10-05 | PACK-1 | 1 | 7 | 7 | 50""",
)
WORK = table(
    "work_schedule",
    """resource | period | week | working_days | workers | regular_hours | overtime_hours | regular_capacity_hours | capacity_hours | utilisation_ratio
       SEWING | 2026-10 | 2026-09-28 | 2 | 3 | 12 | 0 | 40 | 48 | 0.25
       SEWING | 2026-10 | 2026-10-05 | 5 | 3 | 60 | 50 | 90 | 100 | 1.1
       IDLE | 2026-10 | 2026-09-28 | 2 | 1 | 0 | 0 | 16 | 16 | 0
       IDLE | 2026-10 | 2026-10-05 | 5 | 1 | 7 | 0 | 40 | 40 | 0.175""",
)


def test_the_load_of_each_week_is_marked_where_regular_time_is_not_enough():
    ax = drawn(charts.week_load(WORK))
    assert texts(ax) == ["25", "110+", "0", "18"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["28 Sep", "5 Oct"]
    assert [text.get_weight() for text in ax.texts] == ["normal", "bold", "normal", "normal"]


def test_the_turns_of_the_fullest_resource_are_drawn_with_their_units():
    ax = drawn(charts.turns(SCHEDULE, WORK))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["PACK-1", "TENT-1"]
    assert texts(ax) == ["1.  60", "1.  120", "2.  1,000"]


def test_the_horizons_show_goals_quarters_and_weeks():
    rows = table(
        "horizons",
        """horizon | item | measure | period | reference_value | plan | gap
           strategic | growth | revenue | 2027-09 | 200 | 150 | -50
           strategic | far | revenue | 2028-12 | 200 | |
           tactical | 2026Q4 | shipped | 2026-12 | 90 | 90 | 0
           tactical | month | shipped | 2026-10 | 30 | 30 | 0
           operational | week of 2026-10-26 | shipped | 2026-10 | 5 | 5 | 0
           operational | week of 2026-10-26 | shipped | 2026-11 | 2 | 2 | 0""",
    )
    years, quarters, weeks = drawn(charts.horizons(rows)).figure.axes
    assert [bar.get_width() for bar in years.patches] == [0.75]
    assert [bar.get_height() for bar in quarters.patches] == [90]
    assert [bar.get_height() for bar in weeks.patches] == [7]


BANDS = """product | site | period | inventory | safety_stock | target_inventory | max_inventory | shortfall | excess | stock_position | cover_months
           TENT-1 | plant | 2027-05 | 60 | 20 | 50 | 100 | 0 | 0 | in_band | 1.25
           TENT-2 | plant | 2027-05 | 10 | 20 | 50 | 100 | 40 | 0 | below_safety | 0.2
           TENT-2 | plant | 2027-06 | 130 | 20 | 50 | 100 | 0 | 30 | above_max | """


def test_stocks_that_leave_their_band_are_drawn_against_it():
    figure = drawn(charts.stock_bands(table("inventory_plan", BANDS), "TENT-2")).figure
    assert [ax.get_title(loc="right") for ax in figure.axes] == ["TENT-2, plant"]
    assert lines(figure.axes[0])["stock"] == [10, 130]
    corners = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert (corners.min(), corners.max()) == (20, 100)


def test_stocks_that_keep_to_their_band_are_told_by_the_claim_alone():
    inside = table("inventory_plan", "\n".join(BANDS.split("\n")[:2]))
    assert not charts.stock_bands(inside, "No stock leaves its band.").has_data()


def test_what_a_figure_shows_stands_under_its_claim():
    figure = drawn(charts.capacity(LOAD, "ASSEMBLY is short")).figure
    below = next(
        one for one in figure.artists if one.get_text() == drawing.subtitle(figure.axes[0])
    )
    title, under = figure._suptitle.get_window_extent(), below.get_window_extent()
    assert under.y1 <= title.y0
    assert under.y0 >= figure.axes[0].get_window_extent().y1
    assert under.x1 < figure.bbox.x1


def test_every_subtitle_fits_into_one_line():
    source = (Path(charts.__file__).parent).glob("*_figures.py")
    said = [text for path in source for text in SUBTITLES.findall(path.read_text(encoding="utf-8"))]
    assert len(said) > 30
    assert [text for text in said if len(text) > drawing.SUBTITLE_CHARACTERS] == []


def test_the_last_plan_is_dashed_where_it_is_planned_again():
    earlier = table(
        "approved_plans",
        """cycle | contributor | product | market | period | quantity
           2026-08 | consensus | TENT-1 | north | 2026-10 | 900
           2026-09 | consensus | TENT-1 | north | 2026-09 | 290
           2026-09 | consensus | TENT-1 | north | 2026-10 | 190
           2026-09 | baseline | TENT-1 | north | 2026-10 | 5""",
    )
    ax = charts.consensus(HISTORY, DEMAND, earlier)
    assert lines(ax)["last cycle's plan"] == [190]
    assert looks.MEASURES["last_plan"].line != "-"


def test_a_statement_longer_than_the_page_takes_no_room_from_the_panels_above():
    ax = drawing.canvas("", "")
    meeting_figures._family_gaps(
        ax, pd.DataFrame({"gap_value": [5.0], "statement": ["word " * 99]})
    )
    assert len(texts(ax)[0]) <= meeting_figures.LONGEST_STATEMENT
    assert not ax.texts[0].get_in_layout()


def test_a_claim_keeps_numbers_with_their_per_cent_sign_and_codes_whole():
    claim = "The limit that costs most is the supply limit of VALVE-7-SPARE-PART in October 2026: at most 1 % more would save 9,004."
    title = drawing.canvas(claim, "").figure.get_suptitle()
    assert "1\u00a0%" in title
    assert "VALVE-7-SPARE-PART" in title


def test_launches_stand_before_and_after_today():
    steps = table(
        "go_to_market",
        """launch | milestone | item | day | state | statement | quantity
           L-1 | launch | TENT-6 in north | 2027-02-01 | planned | first sale |
           L-1 | gate | supply | 2026-09-04 | done | passed | """,
    )
    ax = charts.go_to_market(
        steps, pd.DataFrame({"period": pd.period_range("2026-10", periods=3, freq="M")})
    )
    assert "today" in texts(ax)


@pytest.mark.parametrize("name", ["word " * 60, "x" * 300, "אוהל " * 50])
def test_a_family_of_any_length_leaves_room_to_draw(name):
    products = conform(
        "products",
        pd.DataFrame(
            {"product": ["TENT-1", "PACK-1"], "family": name.strip(), "unit_of_measure": "piece"}
        ),
    )
    history = charts.demand_history(products, HISTORY, "Nothing was corrected.")
    subtitled = drawing.canvas("", f"{name} month by month")
    for ax in (history, subtitled):
        ax.plot([0, 1], [0, 1])
        figure, kept = ax.figure, len(drawing.subtitle(ax))
        display.shorten_names(figure)
        figure.draw_without_rendering()
        assert ax.get_window_extent().width > 0.7 * figure.bbox.width
        assert kept <= drawing.SUBTITLE_CHARACTERS


# ---------------------------------------------------------------------------------------------------------------
# letters


def bundled(resource, claim="All fits."):
    return charts.bundle(charts.capacity(LOAD.assign(resource=resource), claim))


@pytest.mark.filterwarnings("error")
def test_letters_that_no_font_has_are_boxes_and_are_named_under_the_chart(monkeypatch):
    monkeypatch.setitem(lettering.matplotlib.rcParams, "font.family", ["DejaVu Sans"])
    made = bundled("テント")
    assert "letters that no font of this machine has: テント." in made["text/html"]
    assert "テント" in made["text/plain"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["Zelte für Größe", "палатки", "σκηνές", "אוהלים", "الخيام"])
def test_letters_that_a_font_has_are_drawn_without_a_word(name):
    assert "font of this machine" not in bundled(name, name)["text/html"]


def test_what_is_written_from_right_to_left_is_drawn_so():
    bet, both = (
        TextPath((0, 0), text, size=20, usetex=False).vertices.tolist() for text in ("ב", "אב")
    )
    assert all(point in both for point in bet)  # the second letter begins at the left


def test_fonts_are_those_that_are_installed():
    installed = {font.name for font in lettering.font_manager.fontManager.ttflist}
    assert lettering.families()[0] == "DejaVu Sans"
    assert set(lettering.families()) <= installed


def test_of_thousands_of_launches_the_late_and_then_the_next_are_drawn():
    days = pd.date_range("2026-10-05", periods=2_000).astype("datetime64[us]")
    rows = {
        "launch": [f"L-{n:04}" for n in range(2_000)],
        "milestone": "launch",
        "item": "TENT-1",
        "day": days,
    }
    many = pd.DataFrame(rows | {"state": "planned", "statement": "on its way", "quantity": None})
    many.loc[1_500, "state"] = "late"
    horizon = pd.DataFrame({"period": pd.period_range("2026-10", periods=3, freq="M")})
    ax = charts.go_to_market(conform("go_to_market", many), horizon, "Many launches.")
    names = [label.get_text().partition(",")[0] for label in ax.get_yticklabels()]
    assert names == [*(f"L-{n:04}" for n in range(drawing.SHOWN_ROWS - 1)), "L-1500"]
    assert drawing.subtitle(ax).endswith(f"; {drawing.SHOWN_ROWS} of 2,000")
    assert ax.figure.get_size_inches()[1] < 12


def test_of_thousands_of_families_and_scenarios_the_largest_are_drawn():
    families = pd.DataFrame(
        {
            "item": [f"family {n}" for n in range(3_000)],
            "reference_value": 1.0 + pd.RangeIndex(3_000),
        }
    )
    months = families.assign(
        compared_with="budget", measure="revenue", period=pd.Period("2026-11", "M")
    )
    gaps = months.assign(plan=2.0, gap=2.0 - months["reference_value"])
    for ax in (charts.gaps_by_month(gaps, "Below."), charts.business_summary(gaps, "Below.")):
        assert "family 2999" in texts(ax) + [label.get_text() for label in ax.get_yticklabels()]
        assert ax.figure.get_size_inches()[1] < 12
    names = [f"S-{n}" for n in range(3_000)]
    measures = {"measure": "margin", "plan": 1.0, "reference_value": 0.0}
    compared = pd.DataFrame({"scenario": names, "gap": range(3_000)} | measures)
    ax = charts.scenarios(compared, "Better.")
    assert ax.figure.get_size_inches()[1] < 12
    assert drawing.subtitle(ax).endswith("; 24 of 3,000")


def test_how_many_are_left_out_is_said_whatever_the_length_of_the_rest():
    assert drawing.some("Hours", 4, 4) == "Hours"
    said = drawing.some("word " * 60, 12, 5_000)
    assert said.endswith("…; 12 of 5,000")
    assert len(said) <= drawing.SUBTITLE_CHARACTERS


def test_a_figure_of_any_size_is_drawn():
    ax = drawing.canvas("Very tall.", "Nothing much", 150)
    ax.plot([1, 2])
    assert display._drawn(ax.figure)[:4] == b"RIFF"
