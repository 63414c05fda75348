"""Exhibits of the financial review."""

import pandas as pd
import pytest
from looking import columns, drawn, frame, lines, named, rows, table, texts, weights

from sopkit.reporting import exhibits, figures
from sopkit.reporting.exhibits import cash_flow, finance
from sopkit.tables import empty

PLAN = table(
    "financial_plan",
    """family | period | quantity | revenue | cost_of_sales | margin | inventory_value
       tents | 2026-10 | 10 | 1000 | 600 | 400 | 50
       packs | 2026-10 | 5 | 500 | 300 | 200 | 20
       tents | 2026-11 | 20 | 2000 | 1200 | 800 | 40""",
)
HELD = table(
    "plan_variances",
    """reference_type | measure | item | period | plan | reference_value | variance
       budget | margin | all | 2026-10 | 90 | 100 | -10
       budget | margin | tents | 2026-10 | 35 | 50 | -15
       budget | margin | packs | 2026-10 | 55 | 50 | 5
       last_cycle | revenue | all | 2026-10 | 130 | 100 | 30
       last_cycle | revenue | all | 2026-11 | 130 | 110 | 20
       unconstrained | quantity | all | 2026-10 | 10 | 14 | -4
       unconstrained | revenue | all | 2026-10 | 100 | 140 | -40
       unconstrained | margin | all | 2026-10 | 90 | 106 | -16
       goal | cash | floor | 2027-09 | 50 | 80 | -30
       goal | inventory_value | lean | 2027-09 | 50 | 80 | -30
       goal | revenue | later | 2028-09 | 0 | 80 | 0""",
)
HELD["variance"] = HELD["variance"].where(HELD["item"] != "later")  # not all its months are planned
COSTED = pd.DataFrame({"revenue": [900.0], "uncosted_revenue": [0.0]})


# -------------------------------------------------------------------------------------------------
# the plan in money


COSTS = table(
    "product_costs",
    """product | period | cost_item | cost
       TENT-1 | 2026-10 | material | 60
       TENT-1 | 2026-11 | material | 40
       TENT-1 | 2026-10 | freight | 20""",
)
WEIGHED = table(
    "strategy_comparison",
    """strategy | measure | item | period | value
       plan_of_record | cost | | | 107
       plan_of_record | cost | material | | 100
       plan_of_record | cost | holding | | 7
       plan_of_record | cost | backlog | | 0
       level | cost | holding | | 90""",
)


def test_what_is_spent_is_shown_by_kind_and_what_only_weighs_strategies_below_it():
    shown = finance.costs(COSTS, WEIGHED)
    assert shown.headline == (
        "The plan spends 120, all of it on material (83 %) and freight (17 %)."
    )
    assert shown.headline.figures["shares"]["freight"] == pytest.approx(1 / 6)
    assert shown.table.to_numpy().tolist() == [
        ["material", 100.0, "yes"],
        ["freight", 20.0, "yes"],
        ["holding", 7.0, "no: weighs strategies only"],
    ]
    (ax,) = drawn(shown.chart)
    assert named(ax) == ["material", "freight"]  # the largest at the bottom
    none = finance.costs(COSTS.head(0), WEIGHED)
    assert none.headline == "The plan spends nothing."
    assert none.chart.empty


def test_cash_below_zero_is_called_that():
    cash = table(
        "cash_plan",
        """period | collections | payments | receivables | payables | inventory_value | cash
           2026-10 | 0 | 0 | 30 | 20 | 5 | -50
           2026-11 | 0 | 0 | 40 | 10 | 6 | 70""",
    )
    settings = table("company_settings", "currency | opening_cash\nEUR | 0")
    shown = cash_flow.cash(cash, COSTED, settings)
    assert shown.headline == (
        "Cash runs out: it falls to -50 (in Oct 2026) and ends at 70 in Nov 2026."
    )
    (ax,) = drawn(shown.chart)
    assert lines(ax)["receivables"] == [30, 40]
    assert [bar.get_height() for bar in ax.patches] == [-50, 70]
    rich = cash_flow.cash(cash.assign(cash=[50.0, 70.0]), COSTED, settings).headline
    assert rich.startswith("Cash never falls below 50 (in Oct 2026)")


# -------------------------------------------------------------------------------------------------
# what the plan is held against


def test_the_family_with_most_of_a_budget_gap_is_named():
    shown = finance.money_against_budget(PLAN, HELD)
    assert shown.headline == "Margin is 10 below budget in Oct 2026, most of it in tents (-15)."
    assert shown.headline.figures["family_gap"] == -15
    revenue, margin = drawn(shown.chart)
    assert lines(margin)["budget"] == [100]
    assert [bar.get_height() for bar in revenue.patches] == [1500, 2000]
    assert finance.money_against_budget(PLAN, HELD.iloc[::-1]).headline == shown.headline


def test_without_a_budget_the_months_stand_beside_last_year():
    held = HELD.replace({"reference_type": {"budget": "last_year"}})
    shown = finance.money_against_budget(PLAN, held)
    assert shown.headline == "There is no budget in money to compare with."
    assert "prior year" in lines(drawn(shown.chart)[1])


def test_revenue_is_told_against_last_year_and_the_last_cycle():
    assert finance.gaps_by_month(HELD).headline == "Last year's revenue is not known."
    said = "Revenue is 50 above the prior cycle at today's prices in Oct 2026 to Nov 2026."
    assert finance.last_cycle(HELD).headline == said
    none = finance.last_cycle(HELD.head(0)).headline
    assert none == "No earlier approved cycle is known."


def test_revenue_below_its_reference_is_bold():
    held = HELD.assign(
        measure="revenue", variance=HELD["variance"].where(HELD["item"] != "packs", 0.0)
    )
    (budget, _) = drawn(finance.gaps_by_month(held).chart)
    assert (rows(budget), columns(budget)[:1]) == (["all", "packs", "tents"], ["Oct 26"])
    assert weights(budget) == {"-10": "bold", "0": "normal", "-30": "bold"}
    assert budget.get_title(loc="left") == "revenue against budget, %"


def test_of_thousands_of_families_the_largest_are_drawn():
    many = pd.DataFrame({"item": [f"family {n}" for n in range(3_000)]})
    many = many.assign(
        reference_type="budget",
        measure="revenue",
        period=pd.Period("2026-11", "M"),
        reference_value=1.0 + pd.RangeIndex(3_000),
        variance=1.0,
    )
    chart = finance.gaps_by_month(many).chart
    assert figures.subtitle(chart).endswith("; 24 of 3,000")
    (ax,) = drawn(chart)
    assert "family 2999" in rows(ax)
    assert ax.figure.get_size_inches()[1] < 12


def test_what_supply_leaves_out_is_told_in_units_and_money():
    assert finance.opportunity(HELD, COSTED).headline == (
        "Unconstrained, the plan would serve 4 units more: 40 of revenue and 16 of margin."
    )
    nothing = HELD[HELD["reference_type"] == "budget"]
    said = "Supply serves all demand: there is no opportunity gap."
    assert finance.opportunity(nothing, COSTED).headline == said


def test_the_company_stands_before_its_families_and_the_budget_before_the_rest():
    shown = finance.against_all(HELD, PLAN.assign(uncosted_revenue=0.0)).table
    assert list(shown.columns) == [
        "reference_type", "measure", "item", "plan", "reference_value", "variance",
    ]  # fmt: skip
    said = list(zip(shown["reference_type"], shown["item"], shown["variance"], strict=True))
    assert said[:2] == [("budget", "all", -10), ("last_cycle", "all", 50)]
    assert said[-2:] == [("budget", "tents", -15), ("budget", "packs", 5)]
    assert "goal" not in list(shown["reference_type"])


# -------------------------------------------------------------------------------------------------
# goals, adjustments, the bridge


def test_a_goal_is_missed_on_its_wrong_side_only():
    goals = table(
        "goals",
        """goal | measure | from_period | to_period | target | direction | horizon | owner
           floor | cash | 2026-10 | 2027-09 | 80 | at_least | tactical | A. Novak
           lean | inventory_value | 2026-10 | 2027-09 | 80 | at_most | tactical | A. Novak
           later | revenue | 2026-10 | 2028-09 | 80 | at_least | strategic | A. Novak""",
    )
    shown = exhibits.goals.goals(HELD, goals)
    assert shown.headline == "1 of 2 goals is missed: floor; 1 goal cannot be checked yet."
    assert list(shown.table["item"]) == ["floor", "lean", "later"]
    kept = exhibits.goals.goals(HELD[HELD["item"] != "floor"], goals).headline
    assert kept == (
        "The plan keeps every goal that can be checked (1); 1 goal cannot be checked yet."
    )
    assert exhibits.goals.goals(HELD).headline == "No goal can be compared with the plan."


def test_goals_that_cannot_be_checked_yet_are_named():
    none = exhibits.goals.unchecked_goals(pd.DataFrame({"goal": []})).headline
    assert none == "Every goal can be compared with the plan."
    later = exhibits.goals.unchecked_goals(pd.DataFrame({"goal": ["growth-2028"]})).headline
    assert later == "1 goal cannot be checked yet: growth 2028."


def test_the_last_year_of_each_path_is_told():
    paths = frame(
        """goal | to_period | required_ratio | planned_ratio | variance | owner
           growth | 2027-09 | 0.1 | 0.12 | 5 | Novak
           growth | 2028-03 | 0.08 | 0.05 | -20 | Novak"""
    )
    paths = paths.assign(to_period=pd.PeriodIndex(paths["to_period"], freq="M"))
    shown = exhibits.goals.goal_paths(paths)
    assert shown.headline == (
        "“growth” asks for 8.0 % more a year; the planned year to Mar 2028 brings 5.0 % more."
    )
    assert "owner" not in shown.table


def test_the_largest_adjustment_of_finance_is_named():
    asked = frame(
        """adjustment | author | margin_effect | handling
           run-rate | Novak | -5 | in this plan
           price-rise | Weiss | 20 | not in this plan"""
    )
    assert finance.adjustments(asked).headline == (
        "Finance asks for 2 adjustments; the largest, by Weiss, changes margin by +20 "
        "and is not in this plan."
    )
    none = finance.adjustments(empty("finance_adjustments")).headline
    assert none == "Finance asks for no adjustment of the plan."


BRIDGE = table(
    "budget_bridge",
    """measure | family | step | amount
       margin | tents | budget | 60
       margin | tents | volume | 4
       margin | tents | plan | 64
       margin | all | budget | 100
       margin | all | price | 5
       margin | all | volume | -20
       margin | all | plan | 85
       revenue | all | budget | 900""",
)


COMPARED = pd.concat(
    pd.DataFrame(
        {
            "reference_type": ["budget", "budget", "last_year"],
            "measure": measure,
            "item": "tents",
            "period": pd.PeriodIndex(["2026-10", "2026-12", "2027-09"], freq="M"),
        }
    )
    for measure in ("quantity", "revenue", "margin")
)


def test_the_step_that_gives_and_the_step_that_takes_most_are_named():
    shown = finance.budget_bridge(BRIDGE, COMPARED, COSTED)
    assert shown.headline == (
        "From budget to plan, margin changes by -15 in Oct 2026 to Dec 2026: price adds the most "
        "(+5) and volume reduces it most (-20)."
    )
    (ax,) = drawn(shown.chart)
    assert columns(ax) == ["budget\n(100)", "volume", "price", "plan\n(85)"]
    assert texts(ax) == ["0", "-20", "+5", "-15"]
    same = BRIDGE["amount"].where(~BRIDGE["step"].isin(["price", "volume"]), 0.0)
    level = BRIDGE.assign(amount=same.where(BRIDGE["step"] != "plan", 100.0))
    unchanged = finance.budget_bridge(level, COMPARED, COSTED)
    assert unchanged.headline == (
        "From budget to plan, margin changes by 0 in Oct 2026 to Dec 2026."
    )
    none = finance.budget_bridge(BRIDGE.head(0), COMPARED, COSTED)
    assert none.headline == "There is no budget to start a bridge from."
    assert none.chart.empty


def test_without_costs_there_is_no_margin_bridge():
    shown = finance.budget_bridge(BRIDGE, COMPARED, COSTED.assign(uncosted_revenue=900.0))
    assert shown.headline == "No margin bridge: costs are not given for all that is sold."
    assert shown.chart is None
