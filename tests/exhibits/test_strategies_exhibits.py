"""Exhibits of the supply review: what the strategies cost, and what holds the plan back."""

import pandas as pd
from looking import drawn, lines, named, rows, table, texts

from sopkit.reporting.exhibits import strategies

SERVICE = table(
    "strategy_service",
    """strategy | cost | service_level_ratio | max_inventory_planned | max_backlog | below_target
       level | 1300 | 0.9 | 10 | 0 | 0
       optimal | 1000 | 0.99 | 10 | 0 | 5
       policy | 1200 | 0.98 | 10 | 0 | 5""",
)
COSTS = table(
    "strategy_comparison",
    """strategy | cost_item | cost
       level | material | 500
       chase | material | 500
       level | holding | 80
       chase | holding | 30
       chase | overtime | 20""",
)


def test_a_cheaper_strategy_is_named_with_what_it_would_save():
    headline = strategies.strategies(COSTS, SERVICE).headline
    assert headline == (
        "The plan of record costs 1,200 and delivers 98.0 % in time; optimal would cost 200 less."
    )
    assert headline.figures["less"] == 200
    equal = SERVICE.assign(cost=[1300.0, 1200.0, 1200.0])
    assert strategies.strategies(COSTS, equal).headline.endswith(
        "no other is cheaper, level would cost 100 more."
    )
    alone = SERVICE[SERVICE["strategy"] == "policy"]
    assert strategies.strategies(COSTS, alone).headline.endswith("delivers 98.0 % in time.")


def test_what_a_cheaper_strategy_gives_up_is_said():
    service = SERVICE.assign(
        cost=[1000.0, 1300.0, 1200.0],
        service_level_ratio=[0.95, 0.99, 0.98],
        below_target=[2005.0, 5.0, 5.0],
    )
    assert strategies.strategies(COSTS, service).headline.endswith(
        "level would cost 200 less, but deliver 3.0 % less in time and leave stock "
        "2,000 unit-months further below target."
    )


def test_strategies_are_drawn_by_what_they_cost_beyond_what_all_share():
    (ax,) = drawn(strategies.strategies(COSTS, SERVICE).chart)
    assert sorted(round(bar.get_width()) for bar in ax.patches) == [0, 0, 20, 50]
    assert ax.get_xlabel() == "cost beyond the 530 that all strategies share"
    assert rows(ax) == ["chase", "level"]


def test_each_cost_is_shown_for_each_strategy():
    shown = strategies.strategy_costs(COSTS).table
    assert list(shown) == ["cost_item", "level", "chase"]
    assert list(shown["cost_item"]) == ["material", "holding", "overtime"]


def test_families_are_told_by_the_strategy_they_had_better():
    preferred = pd.DataFrame(
        {
            "family": ["tents", "packs", "stoves"],
            "strategy": ["level", "level", "optimal"],
            "preferred": ["level", "chase", "chase"],
        }
    )
    assert strategies.preference(preferred).headline == (
        "Holding stock through the swing is cheaper for tents; following demand with people is "
        "cheaper for packs and stoves; the policy does otherwise for packs."
    )


PLAN = table(
    "supply_plan",
    """product | site | period | strategy | opening_inventory | regular | overtime | subcontract | receipts | shipped | inventory | target_inventory
       TENT-1 | plant | 2027-05 | policy | 10 | 50 | 0 | 0 | 0 | 0 | 20 | 0
       TENT-1 | plant | 2027-06 | policy | 20 | 50 | 0 | 0 | 0 | 0 | 10 | 0
       TENT-1 | plant | 2027-05 | level | 10 | 70 | 0 | 0 | 0 | 0 | 40 | 0
       TENT-1 | plant | 2027-06 | level | 40 | 70 | 0 | 0 | 0 | 0 | 50 | 0
       TENT-1 | plant | 2027-05 | chase | 10 | 40 | 0 | 0 | 0 | 0 | 10 | 0
       TENT-1 | plant | 2027-06 | chase | 10 | 60 | 0 | 0 | 0 | 0 | 10 | 0""",
)
DEMAND = table(
    "service_plan",
    """product | market | period | strategy | demand | served | backlog | lost_sales
       TENT-1 | north | 2027-05 | policy | 40 | 40 | 0 | 0
       TENT-1 | north | 2027-06 | policy | 60 | 60 | 0 | 0""",
)


def test_production_is_drawn_against_all_demand_so_far_strategy_by_strategy():
    shown = strategies.cumulative(PLAN, DEMAND)
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
    "constraint_values",
    """strategy | constraint | item | period | limit | used | marginal_value
       policy | max workers | SEWING | 2027-05 | 10 | 10 | 40
       policy | max workers | SEWING | 2027-06 | 10 | 10 | 20
       policy | storage | depot | 2027-05 | 500 | 500 | 0.1
       policy | storage | plant | 2027-05 | 500 | 500 | 0
       level | storage | depot | 2027-05 | 500 | 500 | 900""",
)


def test_the_limit_that_costs_most_is_named_with_what_a_hundredth_more_would_save():
    shown = strategies.constraints(VALUES)
    assert shown.headline == (
        "The limit that costs most is max workers of SEWING in May 2027: 1 % more would save 4, "
        "one more worker 40."
    )
    (ax,) = drawn(shown.chart)
    assert rows(ax) == [
        "max workers, SEWING: May 27, worst of 2",
        "storage, depot: May 27, worst of 1",
    ]
    assert texts(ax) == ["4", "0.50"]
    assert list(shown.table["marginal_value"]) == [40, 20, 0.1, 0]


def test_where_no_limit_binds_none_is_drawn():
    none = strategies.constraints(VALUES.assign(marginal_value=0.0))
    assert none.headline == "No limit costs the plan anything."
    assert none.chart.empty


RELIEF = table(
    "constraint_relief",
    """constraint | item | period | saving | recovered
       max workers | SEWING | 2027-05 | 100 | 30
       max workers | SEWING | 2027-06 | -140 | 30
       storage | depot | 2027-05 | 900 | 0""",
)


def test_the_limit_whose_lifting_recovers_most_is_named():
    shown = strategies.relief(RELIEF)
    assert shown.headline == (
        "Lifting the max workers of SEWING wholly recovers 60 unit-months and costs 40, "
        "before what lifting it costs."
    )
    assert list(shown.table["recovered"]) == [60, 0]
    money = strategies.relief(RELIEF.assign(recovered=0.0)).headline
    assert money == "Lifting the storage of depot wholly saves 900, before what it costs."
    none = strategies.relief(RELIEF.head(0)).headline
    assert none == "No limit costs the plan anything that could be lifted."
