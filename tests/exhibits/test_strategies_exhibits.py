"""Exhibits of the supply review: what the strategies cost, and the binding constraints."""

import pandas as pd
from looking import drawn, lines, named, rows, table, texts

from sopkit.data_quality.data_issues import plan_issues
from sopkit.reporting.exhibits import strategies

OWN = "plan_of_record 1200 0.98 5"
COSTS = (
    "level | cost | material | | 500",
    "chase | cost | material | | 500",
    "level | cost | holding | | 80",
    "chase | cost | holding | | 30",
    "chase | cost | overtime | | 20",
)


def comparison(*rows):
    return table(
        "strategy_comparison", "\n".join(["strategy | measure | item | period | value", *rows])
    )


def compared(*said):
    """Strategies by name, cost, service level and unit-months below target."""
    measures = ("cost", "fill_rate", "below_target")
    return comparison(
        *(
            f"{name} | {measure} | | | {value}"
            for name, *values in map(str.split, said)
            for measure, value in zip(measures, values, strict=True)
        )
    )


def headline(*said):
    return strategies.strategies(compared(*said)).headline


def test_a_cheaper_strategy_is_named_with_what_it_would_save():
    said = headline("level 1300 0.9 0", "optimal 1000 0.99 5", OWN)
    assert said == (
        "The plan of record spends 1,200 and delivers 98.0 % on time; the optimal "
        "strategy would spend 200 less."
    )
    assert said.figures["less"] == 200
    equal = headline("level 1300 0.9 0", "optimal 1200 0.99 5", OWN)
    assert equal.endswith("no other spends less, the level strategy would spend 100 more.")
    same = headline("level 1200 0.98 5", "optimal 1200 0.98 5", OWN)
    assert same.endswith("on time; every strategy spends the same.")
    own = OWN.split()
    free = " ".join([own[0], "0", *own[2:]])
    assert headline("level 0 0.98 5", free) == (
        "The plan of record delivers 98.0 % on time; the cost of each strategy is not known: no "
        "costs are given."
    )


def test_costs_that_no_strategy_has_are_no_rows():
    free = ("level | cost | freight | | 0", "chase | cost | freight | | 0")
    shown = strategies.strategy_costs(comparison(*COSTS, *free)).table
    assert shown["cost_item"].tolist() == ["material", "holding", "overtime"]
    assert headline(OWN).endswith("delivers 98.0 % on time.")


def test_what_a_cheaper_strategy_gives_up_is_said():
    assert headline("level 1000 0.95 2005", "optimal 1300 0.99 5", OWN).endswith(
        "the level strategy would spend 200 less, but deliver 3.0 points less on time and leave stock "
        "2,000 unit-months further below target."
    )


def test_strategies_are_drawn_by_what_they_spend_beyond_what_all_share():
    """Holding weighs strategies, and nobody spends it."""
    said = compared("level 580 0.9 0", "chase 550 0.9 0", OWN)
    both = pd.concat([said, comparison(*COSTS)], ignore_index=True)
    shown = strategies.strategies(both)
    assert list(shown.table) == ["strategy", "cost", "fill_rate", "below_target"]
    (ax,) = drawn(shown.chart)
    assert sorted(round(bar.get_width()) for bar in ax.patches) == [0, 20]
    assert shown.table.set_index("strategy")["cost"].to_dict() | {"plan_of_record": 0} == {
        "plan_of_record": 0, "level": 500, "chase": 520,
    }  # fmt: skip
    assert ax.get_xlabel() == "money beyond the 500 that all strategies share"
    assert rows(ax) == ["chase", "level"]


def test_each_cost_is_shown_for_each_strategy():
    shown = strategies.strategy_costs(comparison(*COSTS)).table
    assert list(shown) == ["cost_item", "level", "chase"]
    assert list(shown["cost_item"]) == ["material", "holding", "overtime"]


SO_FAR = comparison(
    "level | max_inventory_planned | | | 50",
    "level | cumulative_supply | | 2027-05 | 80",
    "level | cumulative_supply | | 2027-06 | 150",
    "chase | max_inventory_planned | | | 10",
    "chase | cumulative_supply | | 2027-05 | 50",
    "chase | cumulative_supply | | 2027-06 | 110",
    "plan_of_record | max_inventory_planned | | | 20",
    "plan_of_record | cumulative_supply | | 2027-05 | 60",
    "plan_of_record | cumulative_supply | | 2027-06 | 110",
    "plan_of_record | cumulative_demand | | 2027-05 | 40",
    "plan_of_record | cumulative_demand | | 2027-06 | 100",
)


def test_production_is_drawn_against_all_demand_so_far_strategy_by_strategy():
    shown = strategies.cumulative(SO_FAR)
    assert shown.headline == (
        "To serve 100 units, stock rises to 20 in the plan of record, to 50 when production is "
        "level and 10 when it chases demand."
    )
    whole, ahead = drawn(shown.chart)
    assert lines(whole)["level"] == [80, 150]
    assert lines(whole)["plan of record"] == [60, 110]
    assert [20, 10] in [list(line.get_ydata()) for line in ahead.get_lines()]
    assert named(whole) == ["all demand so far", "level", "chase", "plan of record"]


VALUES = table(
    "shadow_prices",
    """constraint | item | period | limit | used | shadow_price
       max workers | SEWING | 2027-05 | 10 | 10 | 40
       max workers | SEWING | 2027-06 | 10 | 10 | 20
       storage | depot | 2027-05 | 500 | 500 | 0.1
       storage | plant | 2027-05 | 500 | 500 | 0""",
)


def test_limits_are_shown_by_the_months_in_which_they_bind_and_never_as_money():
    shown = strategies.constraints(VALUES)
    assert shown.headline == (
        "2 limits hold the plan back, most of all max workers of SEWING, in 2 months from May 2027 "
        "on; the pre-S&OP review measures what lifting them adds."
    )
    (ax,) = drawn(shown.chart)
    assert rows(ax) == ["max workers, SEWING", "storage, depot"]
    assert texts(ax) == ["2", "1"]
    assert "shadow_price" not in shown.table


def test_where_no_limit_binds_none_is_drawn():
    none = strategies.constraints(VALUES.assign(shadow_price=0.0))
    assert none.headline == "No limit is binding."
    assert none.chart.empty


RELIEF = table(
    "bottleneck_analysis",
    """constraint | item | period | saving | units_recovered
       max workers | SEWING | 2027-05 | 100 | 30
       max workers | SEWING | 2027-06 | -140 | 30
       storage | depot | 2027-05 | 900 | 0""",
)


PRICED = table(
    "shadow_prices",
    """constraint | item | period | limit | used | shadow_price
       max workers | SEWING | 2027-05 | 10 | 10 | 50
       storage | depot | 2027-05 | 100 | 100 | 9
       regular hours | SEWING | 2027-05 | 800 | 800 | 3
       supply limit | VALVE | 2027-05 | 500 | 500 | 2
       storage | plant | 2027-05 | 70 | 69 | 0""",
)


def test_limits_of_smaller_value_that_were_not_lifted_are_counted():
    headline = strategies.relief(RELIEF, PRICED).headline
    assert headline.endswith(". Not lifted: 1 limit of smaller value.")


def test_the_limit_whose_lifting_recovers_most_is_named():
    priced = PRICED.head(2)
    shown = strategies.relief(RELIEF, priced)
    assert shown.headline == "Removing the limit on max workers of SEWING recovers 60 unit-months."
    assert list(shown.table["units_recovered"]) == [60, 0]
    assert "saving" not in shown.table
    nothing = strategies.relief(RELIEF.assign(units_recovered=0.0), priced).headline
    assert nothing == "Lifting limits makes nothing earlier: they only cost money."
    none = strategies.relief(RELIEF.head(0), priced.head(0)).headline
    assert none == "No limit costs the plan anything that could be lifted."


STOPS = """
strategy       | item     | stop_reason | gap_cost
plan_of_record | A, B     | time limit  | 1250
level          | A, B     | node limit  | 300
"""


def test_the_part_of_a_plan_that_may_be_furthest_off_its_least_cost_is_named():
    stops = table("solver_stops", STOPS)
    shown = strategies.plan_issues(plan_issues(stops), stops)
    assert shown.headline == (
        "The solver stopped early at 2 parts of the plans; the most that one may cost above its "
        "least cost is 1,250 (plan of record of A, B, time limit)."
    )
    assert shown.table["severity"].tolist() == ["major", "minor"]
    none = strategies.plan_issues(plan_issues(stops.head(0)), stops.head(0))
    assert none.headline == "The solver ended every plan within its limits."
