"""Exhibits of the executives' meeting."""

import pandas as pd
import pytest
from looking import drawn, frame, lines, rows, table, texts

from sopkit.reporting import figures
from sopkit.reporting.exhibits import decisions_asked, executive, families, products
from sopkit.tables import empty

DECISIONS = table(
    "decisions",
    """decision | decision_level | question | options | recommendation | effect | owner | choice | gap | scenario
       a | executives | A shift? | x | x | x | Holm | extra-shift | late | extra-shift
       b | executives | A price? | x | x | x | Holm | | dear | price-rise
       c | department heads | ? | x | x | x | Holm | | short | second-source""",
)
HELD = table(
    "plan_variances",
    """reference_type | measure | item | period | plan | reference_value | variance
       last_year | revenue | all | 2026-10 | 1000 | 800 | 200
       budget | revenue | all | 2026-10 | 1000 | 1600 | -600
       budget | revenue | all | 2026-11 | 3000 | 3400 | -400
       budget | revenue | tents | 2026-11 | 3000 | 3400 | -400
       goal | revenue | growth | 2026-10 | 90 | 95 | -5""",
)
MONEY = table(
    "financial_plan",
    """family | period | quantity | revenue | cost_of_sales | margin | inventory_value
       tents | 2026-10 | 10 | 1000 | 600 | 400 | 5000
       tents | 2026-11 | 30 | 3000 | 1800 | 1200 | 4000""",
)
SERVED = table(
    "constrained_demand",
    """product | market | period | demand | fulfilled | backlog | lost_sales
       TENT-1 | north | 2026-10 | 10 | 10 | 0 | 0
       TENT-1 | north | 2026-11 | 30 | 24 | 6 | 0""",
)
CASH = table(
    "cash_plan",
    """period | collections | payments | receivables | payables | inventory_value | cash
       2026-10 | 0 | 0 | 0 | 0 | 0 | 700
       2026-11 | 0 | 0 | 0 | 0 | 0 | 200""",
)


# -------------------------------------------------------------------------------------------------
# what must be decided


def test_choices_made_are_told_beside_the_decisions_still_asked_for():
    shown = decisions_asked.decisions(DECISIONS, empty("decision_options"))
    assert shown.headline == (
        "1 decision is required; 1 recommendation changes the plan; 1 is made; 1 more decision is "
        "settled by the department heads."
    )
    assert "A price?" in shown.fragment.html
    below = decisions_asked.settled_below(DECISIONS)
    assert below.headline == ("1 decision is settled by the department heads before this meeting.")
    assert list(below.table["decision"]) == ["c"]


def test_without_decisions_that_is_said():
    none = decisions_asked.decisions(empty("decisions"), empty("decision_options"))
    assert none.headline == "No decision is required."
    assert none.fragment.text == "No decision is required."
    assert decisions_asked.settled_below(empty("decisions")).headline == (
        "Every decision needs the executives."
    )


REVISIONS = frame(
    """measure | reference_value | plan | variance | revision
       demand | 100 | 100 | 0 | 1
       margin | 50 | 57 | 7 | 1
       min_cash | 20 | 17 | -3 | 1"""
)


def test_a_revision_beside_the_one_before_says_what_moved():
    shown = decisions_asked.revision(REVISIONS)
    assert shown.headline == "Against revision 1: margin +7, lowest cash -3."
    assert shown.headline.figures["moved"] == {"margin": 7, "min_cash": -3}
    assert list(shown.table["measure"]) == ["margin", "min_cash"]
    still = decisions_asked.revision(REVISIONS.assign(variance=0)).headline
    assert still == "Against revision 1, neither demand nor money moved."
    first = decisions_asked.revision(REVISIONS.head(0)).headline
    assert first == "There is no earlier revision of this plan."


# -------------------------------------------------------------------------------------------------
# the KPI dashboard


def test_the_key_figures_say_what_the_plan_sells_earns_serves_holds_and_keeps():
    figures = executive.key_figures(MONEY, SERVED, CASH, HELD)
    assert [(one.name, one.figure, one.note) for one in figures] == [
        ("Sales volume, units", "40", "Oct 2026 to Nov 2026"),
        ("Revenue", "4,000", "20.0 % below budget to Nov 2026"),
        ("Margin", "1,600", "Oct 2026 to Nov 2026"),
        ("On-time fill rate", "85.0 %", "low: 80.0 % in Nov 2026"),
        ("Peak inventory value", "5,000", "in Oct 2026"),
        ("Minimum cash balance", "200", "in Nov 2026"),
    ]
    assert figures[3].course == [1.0, 0.8]
    assert executive.key_figures(MONEY.head(0), SERVED, CASH, HELD) == []


def test_without_a_budget_the_key_figures_are_held_against_last_year():
    held = HELD[HELD["reference_type"] != "budget"]
    revenue = executive.key_figures(MONEY, SERVED, CASH, held)[1]
    assert revenue.note == "25.0 % above prior year to Oct 2026"


def test_the_gaps_on_the_screen_are_those_of_the_whole_company_budget_first():
    gaps = executive.company_against(HELD)
    assert gaps[["reference_type", "measure", "variance", "gap_ratio"]].to_numpy().tolist() == [
        ["budget", "revenue", -1000.0, -0.2],
        ["last_year", "revenue", 200.0, 0.25],
    ]
    assert str(gaps["to_period"].iloc[0]) == "2026-11"


def test_the_dashboard_says_how_far_the_plan_is_from_budget():
    settings = table("company_settings", "currency | opening_cash\nEUR | 100")
    shown = executive.dashboard(MONEY, SERVED, CASH, HELD, settings).fragment
    assert "20.0 % below budget to Nov 2026" in shown.html
    assert "Minimum cash balance: 200 (in Nov 2026)" in shown.text


def test_the_business_is_held_against_each_reference_over_the_months_that_both_cover():
    shown = executive.business_summary(HELD, MONEY)
    assert shown.headline == (
        "Revenue is 20.0 % below budget in Oct 2026 to Nov 2026 and 25.0 % above prior year in Oct "
        "2026."
    )
    budgeted, before = shown.chart.panels
    assert budgeted.title == "against budget, Oct 2026 to Nov 2026"
    assert before.title == "against prior year, Oct 2026"
    assert shown.headline.figures["against"] == pytest.approx({"budget": -0.2, "last_year": 0.25})
    budget, last_year = drawn(shown.chart)
    assert texts(budget) == ["-11.8 %\n-400", "-20.0 %\n-1 k"]  # tents, all
    assert texts(last_year) == ["+25.0 %\n+200"]
    assert rows(budget) == ["tents", "all"]


def test_without_anything_to_hold_the_plan_against_the_summary_says_so():
    nothing = executive.business_summary(HELD[HELD["reference_type"] == "goal"], MONEY)
    assert nothing.headline == "There is nothing to compare the plan with."
    assert nothing.chart.empty


def test_of_thousands_of_families_the_largest_are_drawn():
    many = pd.DataFrame({"item": [f"family {n}" for n in range(3_000)]})
    many = many.assign(
        reference_type="budget",
        measure="revenue",
        period=pd.Period("2026-11", "M"),
        plan=2.0,
        reference_value=1.0 + pd.RangeIndex(3_000),
        variance=1.0,
    )
    chart = executive.business_summary(many, MONEY).chart
    assert figures.subtitle(chart).endswith("; 24 of 3,000")
    (ax,) = drawn(chart)
    assert "family 2999" in rows(ax)
    assert ax.figure.get_size_inches()[1] < 12


# -------------------------------------------------------------------------------------------------
# a page a family

PRODUCTS = table(
    "products",
    """product | family | unit_of_measure
       TENT-1 | tents | piece
       PACK-1 | packs | piece""",
)
SOLD = table(
    "demand_history",
    """product | market | period | quantity | cleansed | cleansing_adjustment
       TENT-1 | north | 2026-09 | 12 | 12 | 0""",
)
DEMAND = table(
    "demand_plan",
    """product | market | period | baseline | launch_demand | activity_demand | opportunity_demand | override | consensus | lower_80 | upper_80 | firm_orders | past_due_orders | net_forecast | total_demand
       TENT-1 | north | 2026-10 | 8 | 0 | 0 | 0 | 2 | 10 | 5 | 15 | 0 | 0 | 10 | 10
       TENT-1 | north | 2026-11 | 30 | 0 | 0 | 0 | 0 | 30 | 20 | 40 | 0 | 0 | 30 | 30""",
)
PLAN = table(
    "supply_plan",
    """product | site | period | opening_inventory | regular | overtime | subcontract | scheduled_receipts | shipped | inventory | target_inventory
       TENT-1 | plant | 2026-10 | 0 | 20 | 0 | 0 | 0 | 10 | 10 | 0
       TENT-1 | plant | 2026-11 | 10 | 14 | 0 | 0 | 0 | 24 | 0 | 0""",
)
GAPS = table(
    "gaps",
    f"""gap | area | statement | gap_units | gap_value | owner | question | from_period | to_period | table | exhibit | family | product | resource
       a | supply | {"word " * 99} | -5 | -500 | Lars | why | 2026-10 | 2026-10 | constrained_demand | 40.x | | TENT-1 |
       b | demand | more | -5 | 900 | Lars | why | 2026-10 | 2026-10 | constrained_demand | 40.x | tents | |
       c | demand | other | -5 | 900 | Lars | why | 2026-10 | 2026-10 | constrained_demand | 40.x | packs | |""",
)


def pages(gaps=GAPS):
    budget = HELD[HELD["item"] == "tents"].assign(
        measure="margin", reference_value=500, variance=-50
    )
    return families.families(PRODUCTS, SOLD, DEMAND, PLAN, SERVED, MONEY, budget, gaps)


def test_a_familys_page_says_what_it_brings_what_is_late_and_how_many_disagreements_are_open():
    (page,) = pages()
    assert page.headline == (
        "Tents brings 4,000 of revenue and 1,600 of margin (40.0 %) in Oct 2026 to Nov "
        "2026, its margin 10.0 % below budget. At worst 6 units are late. 2 gaps are open."
    )
    assert page.headline.figures["late"] == 6


def test_a_familys_page_draws_demand_supply_stock_money_and_its_largest_disagreements():
    (page,) = pages()
    demand, supply, stock, revenue, margin, gaps = drawn(page.chart)
    assert lines(demand)["consensus"] == [10, 30]
    assert lines(supply)["demand"] == [10, 30]
    assert lines(stock)["stock"] == [10, 0]
    assert [bar.get_height() for bar in revenue.patches] == [1000, 3000]
    assert lines(margin)["budget"] == [500]
    most, long = texts(gaps)
    assert most == "more"
    assert len(long) <= families.LONGEST_STATEMENT
    assert not gaps.texts[0].get_in_layout()


def test_a_family_without_disagreements_needs_no_room_for_them():
    (page,) = pages(GAPS.head(0))
    assert len(drawn(page.chart)) == 5
    assert page.chart.inches() < pages()[0].chart.inches()


def test_launches_stand_with_their_gates_and_what_they_add():
    launches = table(
        "launches",
        """launch | product | market | launch_period | like_product | volume_ratio | ramp_months | gate_demand | gate_supply | gate_finance
           L-1 | TENT-2 | north | 2026-11 | TENT-1 | 0.5 | 3 | passed | open | passed
           L-2 | TENT-1 | south | 2026-12 | TENT-2 | 0.5 | 3 | passed | passed | passed""",
    )
    adds = table(
        "launch_plan",
        """launch | product | market | period | launch_demand | readiness | basis
           L-1 | TENT-2 | north | 2026-11 | 10 | not_ready | like
           L-1 | TENT-1 | north | 2026-11 | -4 | not_ready | replaced
           L-1 | TENT-2 | north | 2026-12 | 20 | not_ready | like""",
    )
    shown = products.launch_gates(adds, launches).table.set_index("launch")
    assert shown["launch_demand"].to_dict() == {
        "L-1": 30,
        "L-2": pytest.approx(float("nan"), nan_ok=True),
    }
    assert shown.loc["L-1", "gate_supply"] == "open"
    assert products.launch_gates(adds).table.empty


# -------------------------------------------------------------------------------------------------
# how we did, and the records


def test_the_newest_value_of_each_measure_is_written():
    kpis = table(
        "kpis",
        """measure | period | statement | value | target
           in_stock_ratio | 2026-08 | fine | 0.97 | 0.98
           in_stock_ratio | 2026-09 | fine | 0.99 | 0.98
           quantity | 2026-09 | sold | 61775 |
           bias | 2026-09 | unknown | |""",
    )
    shown = executive.kpi_trends(kpis)
    titles = [ax.get_title(loc="right") for ax in drawn(shown.chart)]
    assert titles == ["in stock: 99.0 %", "volume: 61.8 k"]
    assert shown.table is None  # the data review has shown them


def test_the_executives_agenda_says_what_lower_meetings_have_taken_from_it():
    topics = frame(
        """decision_level | topic | duration_minutes
           department heads | a | 10
           executives | b | 15
           executives | c | 5"""
    )
    shown = executive.executive_agenda(topics)
    assert shown.headline == "2 topics in 20 minutes; 1 topic is settled by lower meetings."
    assert list(shown.table["topic"]) == ["b", "c"]
