"""Exhibits of plans side by side."""

from io import StringIO

import pandas as pd
from looking import drawn, lines, named, rows, table

from sopkit.reporting import figures
from sopkit.reporting.exhibits import scenarios
from sopkit.scenarios.results import comparison
from sopkit.tables import conform, empty


def results(text):
    """Results of scenarios, beside the base plan, from rows of scenario, measure, plan, base."""
    sides = pd.read_csv(StringIO(text), sep=r"\s*\|\s*", engine="python")
    base = sides.drop_duplicates("measure").assign(scenario="base", plan=lambda rows: rows["base"])
    rows = pd.concat([base, sides], ignore_index=True).rename(columns={"plan": "value"})
    rows = rows.assign(item=None, period=None)[["scenario", "measure", "item", "period", "value"]]
    return conform("scenario_results", rows.astype({"value": "float64"}))


SIDES = results(
    """scenario | measure | plan | base
    outage | margin | 70 | 100
    outage | fill_rate | 0.9 | 0.95
    boom | margin | 120 | 100
    boom | fill_rate | 0.95 | 0.95"""
)
SUPPOSED = pd.DataFrame(
    {
        "measure": ["margin", "demand", "fill_rate", "min_cash"],
        "variance": [236_000.0, -17.0, 0.012, 3.0],
    }
)


def test_the_scenarios_that_add_and_take_most_margin_are_named():
    shown = scenarios.scenarios(SIDES)
    assert shown.headline == (
        "Of 2 scenarios, boom adds the most margin (+20) and outage reduces it most (-30)."
    )
    service, margin = drawn(shown.chart)
    assert rows(service) == ["outage", "boom"]
    assert [bar.get_width() for bar in margin.patches] == [-30, 20]
    assert (service.get_xlabel(), margin.get_xlabel()) == ("service", "margin")
    still = scenarios.scenarios_headline(comparison(SIDES).assign(variance=0.0))
    assert still == "Of 2 scenarios, none moves the margin."


def test_the_plan_stands_above_its_scenarios():
    shown = scenarios.scenarios(SIDES).table
    assert shown["scenario"].tolist() == ["the plan", "outage", "boom"]
    assert shown["margin"].tolist() == [100, 70, 120]


def test_without_scenarios_that_is_said():
    none = scenarios.scenarios(empty("scenario_results"))
    assert (none.headline, none.chart.empty) == ("No scenarios are defined.", True)
    assert none.table.empty


def test_of_hundreds_of_scenarios_those_that_move_margin_most_are_drawn():
    names = [f"S-{number}" for number in range(300)]
    rows_of = "".join(f"{name} | margin | {n} | 0\n" for n, name in enumerate(names))
    chart = scenarios.scenarios(results(f"scenario | measure | plan | base\n{rows_of}")).chart
    assert figures.subtitle(chart).endswith("; 24 of 300")
    (ax,) = drawn(chart)
    assert rows(ax)[0] == "S-299"
    assert ax.figure.get_size_inches()[1] < 12


def test_scenarios_stand_beside_one_another_measure_by_measure():
    shown = scenarios.by_measure(comparison(SIDES))
    assert shown.columns.tolist() == [
        "measure", "base", "outage", "outage: change", "boom", "boom: change",
    ]  # fmt: skip
    assert shown.iloc[0].tolist() == ["margin", 100, 70, -30, 120, 20]


def test_changes_of_a_scenario_are_told_in_words():
    changes = table(
        "scenario_changes",
        """scenario | change | table | column | operation | amount | family | from_period | to_period | note
           boom | 2 | item_costs | price | multiply | 1.03 | | | |
           boom | 1 | demand_plan | consensus | multiply | 1.1 | tents | 2027-05 | 2027-08 | hot summer""",
    )
    assert scenarios.in_words(changes) == {
        "boom": [
            "multiply demand_plan.consensus 1.1 (tents, from 2027-05, to 2027-08): hot summer",
            "multiply item_costs.price 1.03 (every row)",
        ]
    }


# -------------------------------------------------------------------------------------------------
# what if


def test_a_supposition_says_what_it_does_to_margin_demand_service_and_cash():
    assert scenarios.what_if_headline(SUPPOSED) == (
        "Against the base plan: margin +236 k, demand -17 units, service +1.2 points, "
        "lowest cash +3."
    )
    still = SUPPOSED.assign(variance=0.0)
    assert scenarios.what_if_headline(still) == "Nothing changes against the base plan."


MONTHS = pd.DataFrame(
    {
        "measure": ["demand", "demand", "cash", "cash"],
        "period": pd.PeriodIndex(["2026-10", "2026-11"] * 2, freq="M"),
        "plan": [12.0, 13.0, 5.0, 6.0],
    }
)


def test_a_supposition_is_drawn_in_front_of_the_plan_as_it_is():
    chart = scenarios.what_if_chart(MONTHS.assign(reference_value=[10.0, 10.0, 7.0, 7.0]))
    demand, cash = drawn(chart)
    assert lines(demand) == {"base plan": [10, 10], "demand": [12, 13]}
    assert named(demand) == ["base plan", "demand"]
    assert cash.get_legend() is None
    assert demand.figure.get_layout_engine() is None  # somebody waits


def test_the_plan_as_it_is_stands_alone():
    demand, _ = drawn(scenarios.what_if_chart(MONTHS))
    assert demand.get_legend() is None
    assert scenarios.what_if_chart(MONTHS.head(0)).empty
