"""What the pre-S&OP and executive packs show: summaries, pages of families, registers and logs."""

import pandas as pd
import pytest
from conftest import table

from sopkit import charts, claims, views
from sopkit.tables import empty

PRODUCTS = table(
    "products",
    """product family  unit_of_measure
       TENT-1  tents   piece
       TENT-2  tents   piece
       STOVE-1 stoves  piece""",
)
HELD = table(
    "plan_gaps",
    """compared_with measure  item   period  plan reference_value gap
       budget        revenue  all    2026-10 90   100             -10
       budget        revenue  all    2026-11 110  100             10
       budget        revenue  tents  2026-10 90   100             -10
       last_year     revenue  all    2026-10 90   60              30
       goal          revenue  growth 2026-10 90   95              -5""",
)
OVERRIDES = table(
    "demand_overrides",
    """function  product market period  quantity weight override author reason submitted_on
       sales     TENT-1  north  2026-10 120      0.3    6        Holm   fair   2026-10-02
       sales     TENT-2  north  2026-11 120      0.3    8        Holm   fair   2026-10-02
       marketing STOVE-1 north  2026-10 20       0.2    -2       Moreau promo  2026-10-03""",
)
RECORD = table(
    "forecast_value_added",
    """contributor lag compared_with value_added observations verdict
       sales       1   baseline      -0.03       12           hurts
       sales       3   baseline      0.01        12           helps""",
)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_business_is_held_against_each_reference_over_the_months_that_both_cover():
    ax = charts.business_summary(HELD)
    budget, last_year = ax.figure.axes
    assert texts(budget) == ["-10.0 %\n-10", "+0.0 %\n+0"]  # tents, all
    assert texts(last_year) == ["+50.0 %\n+30"]
    assert (
        claims.business_summary(HELD) == "Revenue is 0.0 % above budget and 50.0 % above last year."
    )
    totals = views.company_against(HELD).set_index("compared_with")
    assert totals["gap"].to_dict() == {"budget": 0, "last_year": 30}
    assert str(totals.loc["budget", "to_period"]) == "2026-11"


def test_without_anything_to_hold_the_plan_against_the_summary_says_so():
    nothing = HELD[HELD["compared_with"] == "goal"]
    assert not charts.business_summary(nothing).has_data()
    assert claims.business_summary(nothing) == "There is nothing to hold the plan against."


def test_each_family_gets_a_page_the_one_that_sells_most_first(company, plan):
    tables = {**company, **plan}
    names = (
        "demand_history",
        "demand_plan",
        "supply_plan",
        "service_plan",
        "financial_plan",
        "plan_gaps",
        "gaps",
    )
    told = claims.families(
        *(tables[n] for n in ("financial_plan", "service_plan", "products", "plan_gaps", "gaps"))
    )
    pages = charts.families(company["products"], *(tables[n] for n in names), told)
    revenue = plan["financial_plan"].groupby("family")["revenue"].sum().sort_values(ascending=False)
    titles = [" ".join(ax.figure.get_suptitle().split()) for ax in pages]
    assert titles == [told[family] for family in revenue.index]
    worst = plan["gaps"].query("family == 'clothing'").iloc[0]["statement"]
    assert worst in [
        text
        for ax in pages[list(revenue.index).index("clothing")].figure.axes
        for text in texts(ax)
    ]


def test_a_family_that_is_late_says_by_how_much():
    money = table(
        "financial_plan",
        "family period quantity revenue cost_of_sales margin inventory_value\ntents 2026-10 90 900 500 400 0",
    )
    service = table(
        "service_plan",
        "product market period demand served backlog lost_sales\nTENT-1 north 2026-10 100 90 10 0",
    )
    budget = HELD.query("compared_with == 'budget' and item == 'tents'").assign(measure="margin")
    assert claims.families(money, service, PRODUCTS, budget, empty("gaps")) == {
        "tents": "tents brings 900 of revenue and 400 of margin in Oct 2026, its margin 10.0 % below budget. "
        "At worst 10 units are late. 0 disagreements are open."
    }


def test_disagreements_stand_under_whose_plan_and_which_family_with_their_money():
    gaps = table(
        "gaps",
        """disagreement between statement gap_units gap_value owner question from_period to_period table        shown_in family product resource
           a            supply  late      -5        -1500     Lars  why      2026-10     2026-10   service_plan 40.x     -      TENT-1  -
           b            supply  late      -5        -500      Lars  why      2026-10     2026-10   service_plan 40.x     tents  -       -
           c            goals   missed    0         20        Novak why      2026-10     2026-10   plan_gaps    50.x     -      -       -""",
    )
    ax = charts.gaps_by_function(PRODUCTS, gaps)
    assert texts(ax) == ["2 k\n2 gaps", "20\n1 gap"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["tents", "company"]
    assert "supply\nLars" in [label.get_text() for label in ax.get_yticklabels()]
    assert claims.gaps_by_function(gaps).endswith(
        "most is between the plan and supply (2,000) and goals (20)."
    )


def test_the_consensus_is_reached_step_by_step_for_the_company_and_each_family():
    demand = table(
        "demand_plan",
        """product market period  baseline launch_demand activity_demand opportunity_demand override consensus low high
           TENT-1  north  2026-10 200      0             10              0                  -2       208       150 250
           STOVE-1 north  2026-10 8        0             0               0                  0        8         5   11""",
    )
    axes = charts.consensus_by_family(PRODUCTS, demand).figure.axes
    ends = {ax.get_title(loc="left"): ax.patches[-1].get_height() for ax in axes if ax.patches}
    assert ends == {"all families": 216, "tents": 208, "stoves": 8}


def test_the_newest_value_of_each_measure_is_written():
    kpis = table(
        "kpis",
        """measure        period  statement value target
           in_stock_ratio 2026-08 fine      0.97  0.98
           in_stock_ratio 2026-09 fine      0.99  0.98
           quantity       2026-09 sold      61775 -
           bias           2026-09 unknown   -     -""",
    )
    titles = [ax.get_title(loc="left") for ax in charts.kpis(kpis).figure.axes]
    assert [title for title in titles if title] == ["in stock: 99.0 %", "quantity: 61.8 k"]


def test_the_register_says_who_changed_what_and_what_the_record_of_the_function_is():
    register = views.override_register(PRODUCTS, OVERRIDES, RECORD)
    first, second = register.itertuples()
    assert (first.author, first.family, first.override, first.verdict) == (
        "Holm",
        "tents",
        14,
        "hurts",
    )
    assert (str(first.from_period), str(first.to_period)) == ("2026-10", "2026-11")
    assert (second.author, second.override) == ("Moreau", -2)
    assert pd.isna(second.verdict)
    assert claims.override_register(register) == (
        "2 authors changed the forecast, most of all Holm (+14 units); the record of sales speaks against it."
    )


@pytest.mark.parametrize("log", [None, empty("decision_log")])
def test_without_choices_the_log_says_so(log):
    assert views.decision_log(log).empty
    assert (
        claims.decision_log(log) == "No choice is on record yet, of this cycle or an earlier one."
    )


def test_the_log_tells_who_chose_what_when_and_why_the_newest_cycle_first():
    log = table(
        "decision_log",
        """cycle   decision question choice author reason decided_on due_on
           2026-09 shift    ?        keep   Holm   cheap  2026-09-14 -
           2026-10 source   ?        valve  Chen   short  2026-10-12 2026-11-15""",
    )
    assert views.decision_log(log)[
        ["decision", "choice", "author", "reason"]
    ].to_numpy().tolist() == [
        ["source", "valve", "Chen", "short"],
        ["shift", "keep", "Holm", "cheap"],
    ]
    assert claims.decision_log(log) == "2 choices of 2 cycles are on record."


def test_launches_stand_with_their_gates_and_what_they_add():
    launches = table(
        "launches",
        """launch product market launch_period like_product volume_ratio ramp_months gate_demand gate_supply gate_finance
           L-1    TENT-2  north  2026-11       TENT-1       0.5          3           passed      open        passed
           L-2    TENT-1  south  2026-12       TENT-2       0.5          3           passed      passed      passed""",
    )
    adds = table(
        "launch_plan",
        """launch product market period  launch_demand readiness basis
           L-1    TENT-2  north  2026-11 10            not_ready like
           L-1    TENT-1  north  2026-11 -4            not_ready replaced
           L-1    TENT-2  north  2026-12 20            not_ready like""",
    )
    shown = views.launch_gates(adds, launches).set_index("launch")
    assert shown["launch_demand"].to_dict() == {
        "L-1": 30,
        "L-2": pytest.approx(float("nan"), nan_ok=True),
    }
    assert shown.loc["L-1", "gate_supply"] == "open"
    assert views.launch_gates(adds, None).empty
