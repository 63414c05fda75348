"""Claims: the sentence a table supports, with its numbers, on tables that can be checked by hand."""

from io import StringIO

import pandas as pd

from sopkit import claims, views
from sopkit.claims.wording import amount, count, percent, signed, some
from sopkit.tables import conform


def table(name, text):
    cells = pd.read_csv(
        StringIO(text), sep=r"\s*\|\s*", engine="python", dtype=str, keep_default_na=False
    )
    cells.columns = [column.strip() for column in cells.columns]
    return conform(name, cells.apply(lambda column: column.str.strip()))


def test_amounts_are_rounded_to_what_can_be_said():
    assert [amount(x) for x in (0, 3.4159, 1240, 123_456, 999_999, 1_236_000)] == [
        "0", "3.42", "1,240", "123,000", "1.00 million", "1.24 million",
    ]  # fmt: skip
    assert (signed(5), signed(-5), percent(0.0815, 1)) == ("+5", "-5", "8.2 %")


def test_things_are_counted_in_plain_english():
    assert [count(1, "launch"), count(2, "launch"), count(0, "month")] == [
        "1 launch",
        "2 launches",
        "0 months",
    ]
    assert some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_data_issues_name_the_gravest():
    found = table(
        "data_issues",
        """issue | severity | table | finding | treatment
           1 | high | sales_history | History ends in 2026-07 | The forecast bridges the gap.
           2 | low | budget | 3 planned months have no budget | Compared with last year.""",
    )
    assert (
        claims.data_issues(found)
        == "1 grave finding in the data (1 high, 1 low): History ends in 2026-07."
    )
    assert claims.data_issues(found.iloc[1:]).startswith(
        "Nothing grave is wrong with the data; 1 finding (1 low)"
    )
    assert claims.data_issues(found.iloc[:0]) == "No issue was found in the data."


HISTORY = table(
    "demand_history",
    """product | market | period | quantity | cleaned | correction | reason
       TENT-1 | north | 2026-08 | 100 | 130 | 30 | out of stock
       TENT-1 | north | 2026-09 | 300 | 290 | -10 | promotion""",
)


def test_cleaning_adds_up_what_was_lost_and_what_will_not_come_again():
    assert claims.cleaning(HISTORY) == (
        "Cleaning changed 2 of 2 months of sales: 30 units could not be sold, 10 will not come again "
        "(10.0 % of what was sold)."
    )
    untouched = HISTORY.assign(correction=0.0)
    assert claims.cleaning(untouched) == "History stands as it was sold: nothing was corrected."


DEMAND = table(
    "demand_plan",
    """product | market | period | baseline | launch_demand | activity_demand | opportunity_demand | override | consensus | low | high
       TENT-1 | north | 2026-10 | 200 | 0 | 10 | 0 | -2 | 208 | 150 | 250
       TENT-1 | north | 2026-11 | 200 | 0 | 0 | 4 | 0 | 204 | 150 | 250""",
)


def test_the_consensus_is_held_against_as_many_months_of_sales():
    assert claims.consensus(HISTORY, DEMAND) == (
        "The consensus is 412 units in Oct 2026 to Nov 2026, 3.0 % more than was sold in the 2 months before."
    )


def test_the_largest_step_from_baseline_to_consensus_is_named():
    assert claims.consensus_steps(DEMAND) == (
        "The consensus is 3.0 % above the baseline; most of the change comes from activities (+10 units)."
    )
    bare = DEMAND.assign(activity_demand=0.0, opportunity_demand=0.0, override=0.0)
    assert (
        claims.consensus_steps(bare) == "The consensus is the baseline: nothing was planned on top."
    )


def test_a_contributor_who_made_the_forecast_worse_is_named():
    accuracy = table(
        "forecast_accuracy",
        """contributor | level | item | lag | wape | bias | observations | value_added
           naive | total | all | 1 | 0.30 | 0 | 12 |
           baseline | total | all | 1 | 0.20 | 0 | 12 | 0.10
           sales | total | all | 1 | 0.25 | 0.2 | 12 | -0.05
           consensus | total | all | 1 | 0.18 | 0 | 12 | 0.07""",
    )
    assert claims.accuracy(accuracy) == (
        "1 month ahead the consensus misses the company's total by 18.0 %; sales (5.0 points) made it worse."
    )
    assert claims.accuracy(accuracy[accuracy["contributor"] != "sales"]).endswith(
        "no step made it worse."
    )
    assert claims.accuracy(accuracy.iloc[:0]) == "No forecast is old enough to be measured."


LOAD = table(
    "rough_cut_capacity",
    """resource | period | required_hours | capacity_hours | utilisation_ratio
       ASSEMBLY | 2027-04 | 1100 | 1000 | 1.1
       ASSEMBLY | 2027-05 | 2240 | 1000 | 2.24
       SEWING | 2027-05 | 900 | 1000 | 0.9""",
)


def test_the_resource_and_month_most_short_of_hours_are_named():
    assert claims.capacity(LOAD) == (
        "ASSEMBLY is short of 1,240 hours in May 2027, the worst of 2 months over capacity."
    )


PARTS = table(
    "resource_load",
    """resource | product | period | family | required_hours
       ASSEMBLY | STOVE-1 | 2027-04 | stoves | 600
       ASSEMBLY | STOVE-1 | 2027-05 | stoves | 1404
       ASSEMBLY | STOVE-2 | 2027-04 | stoves | 300
       ASSEMBLY | STOVE-2 | 2027-05 | stoves | 700
       ASSEMBLY | STOVE-3 | 2027-04 | stoves | 200
       ASSEMBLY | STOVE-3 | 2027-05 | stoves | 136
       SEWING | TENT-1 | 2027-05 | tents | 900""",
)


def test_the_products_that_make_the_overload_are_named():
    assert claims.load(PARTS, LOAD) == (
        "STOVE-1 and STOVE-2 make 90 % of the load of ASSEMBLY in the 2 months in which it lacks 1,340 hours."
    )
    sewing = LOAD[LOAD["resource"] == "SEWING"]
    assert claims.load(PARTS, sewing) == "No resource is overloaded; SEWING is the nearest to it."


SHARES = table(
    "market_shares",
    """product | market | family | allocation | demand | late | lost_sales | service_level_ratio | reason | priority
       STOVE-1 | north | stoves | priority | 100 | 0 | 0 | 1 | J. Weiss: contracts | 1
       STOVE-1 | south | stoves | priority | 100 | 0 | 60 | 0.4 | J. Weiss: contracts | 2
       TENT-2 | north | tents | fair_share | 50 | 20 | 0 | 0.6 | no row in allocation_policy | """,
)


def test_the_market_that_stands_back_most_is_named_with_the_rules():
    assert claims.market_shares(SHARES) == (
        "STOVE-1 (by priority), TENT-2 (in proportion) are short and divided among markets;"
        " south stands back most, with 60 of 80 units late or lost."
    )
    assert claims.market_shares(SHARES.iloc[1:]) == (
        "STOVE-1, TENT-2 are short; no market has to stand back for another."
    )
    assert (
        claims.market_shares(SHARES.iloc[:0]) == "No product is short: no market has to stand back."
    )


def test_what_is_promised_beyond_supply_is_named():
    promises = table(
        "available_to_promise",
        """product | period | supplied | booked | available_to_promise | cumulative_available | overpromised
           TENT-1 | 2026-10 | 50 | 100 | 0 | 0 | 50
           TENT-1 | 2026-11 | 80 | 0 | 30 | 30 | 0""",
    )
    said = "100 units are booked and 30 can be promised in Oct 2026 to Nov 2026"
    assert (
        claims.promises(promises)
        == f"{said}; TENT-1 is promised beyond what comes, at worst 50 units of TENT-1."
    )
    assert (
        claims.promises(promises.assign(overpromised=0.0))
        == f"{said}; every booked order can be kept."
    )


def test_the_supplier_on_whom_most_revenue_depends_is_named():
    exposure = table(
        "supplier_exposure",
        """supplier | components_supplied | cost | spend_ratio | products_dependent | dependent_revenue | dependent_ratio | shortage_cost
           acme | 2 | 100 | 0.1 | 5 | 9000 | 0.9 | 0
           tree | 1 | 900 | 0.9 | 1 | 1000 | 0.1 | 0""",
    )
    assert claims.suppliers(exposure) == (
        "90 % of revenue (9,000) cannot be made without acme, who takes 10 % of spending; tree takes most, 90 % of spending."
    )
    assert (
        claims.suppliers(exposure.iloc[:0]) == "No supplier is described: nothing depends on one."
    )


def test_where_capacity_suffices_the_fullest_resource_is_named():
    assert claims.capacity(LOAD[LOAD["resource"] == "SEWING"]) == (
        "Every resource can carry the demand plan; the fullest is SEWING, 90 % used in May 2027."
    )
    assert (
        claims.capacity(LOAD.iloc[:0])
        == "No resource is described: capacity is taken as unlimited."
    )


def test_service_speaks_of_the_plan_of_record_alone():
    service = table(
        "service_plan",
        """product | market | period | demand | served | backlog | lost_sales
           TENT-1 | north | 2027-05 | 100 | 70 | 30 | 0
           TENT-1 | north | 2027-06 | 100 | 110 | 15 | 5
""",
    )
    assert claims.service(service) == (
        "Not all demand can be met in time: backlog peaks at 30 units in May 2027 and 5 units are never delivered."
    )
    met = service.assign(backlog=0.0, lost_sales=0.0)
    assert claims.service(met) == "All demand of May 2027 to Jun 2027 is delivered in its month."


def test_stock_is_held_against_its_band():
    stock = table(
        "inventory_plan",
        """product | site | period | inventory | safety_stock | target_inventory | max_inventory | shortfall | excess | stock_position
           TENT-1 | plant | 2027-05 | 10 | 20 | 50 | 100 | 40 | 0 | below_safety
           TENT-1 | plant | 2027-06 | 30 | 20 | 50 | 100 | 20 | 0 | below_target
           TENT-2 | plant | 2027-05 | 130 | 20 | 50 | 100 | 0 | 30 | above_max
           TENT-2 | plant | 2027-06 | 60 | 20 | 50 | 100 | 0 | 0 | in_band""",
    )
    assert claims.stock(stock) == (
        "Of 4 month-ends of 2 stocks, 2 are below target (furthest TENT-1, 40 units in May 2027) and "
        "1 is above the most wanted (furthest TENT-2, 30 units in May 2027)."
    )
    assert (
        claims.stock(stock.iloc[3:])
        == "Each of 1 stock stands in its band at the end of every month."
    )


STOCK_RISK = table(
    "stock_risk",
    """product | site | period | stock_out_probability | service_level_ratio | unmet | inventory_low | inventory_median | inventory_high
       TENT-1 | plant | 2027-05 | 0.05 | 0.99 | 4 | 2 | 9 | 16
       TENT-2 | plant | 2027-05 | 0.3 | 0.9 | 9 | 0 | 5 | 12
       TENT-1 | plant | 2027-11 | 0.6 | 0.7 | 90 | 0 | 0 | 30
       TENT-2 | plant | 2027-11 | 0 | 1 | 0 | 5 | 20 | 35""",
)


def test_risk_names_what_is_expected_in_time_and_the_stock_most_short_in_the_coming_months():
    every = table(
        "service_risk",
        """period | service_level_ratio | service_low_ratio | unmet | inventory_low | inventory_median | inventory_high
           2027-05 | 0.95 | 0.9 | 13 | 5 | 14 | 25
           2027-06 | 0.95 | 0.9 | 13 | 5 | 14 | 25
           2027-07 | 0.95 | 0.9 | 13 | 5 | 14 | 25
           2027-08 | 0.95 | 0.9 | 13 | 5 | 14 | 25
           2027-09 | 0.95 | 0.9 | 13 | 5 | 14 | 25
           2027-10 | 0.94 | 0.9 | 13 | 5 | 14 | 25
           2027-11 | 0.85 | 0.6 | 90 | 9 | 20 | 50""",
    )
    assert claims.demand_risk(STOCK_RISK, every) == (
        "If supply stays as planned, 94.0 % of Oct 2027 and 85.0 % of Nov 2027 demand is expected in time; "
        "most at risk by Oct 2027 is TENT-2, out in May 2027 with a chance of 30 %."
    )
    assert claims.demand_risk(STOCK_RISK.iloc[2:], every.iloc[:1]) == (
        "If supply stays as planned, 95.0 % of May 2027 demand is expected in time; no stock is at risk by May 2027."
    )


def test_the_risk_of_a_stock_is_shown_in_its_worst_coming_month():
    shown = views.at_risk(STOCK_RISK)
    assert list(zip(shown["product"], shown["period"].astype(str), strict=True)) == [
        ("TENT-2", "2027-05"), ("TENT-1", "2027-05"),
    ]  # fmt: skip


OWN = "plan_of_record 1200 0.98 5"


def compared(*strategies):
    """What strategies are compared by; each is written as its name, cost, service level and unit-months below target."""
    measures = ("cost", "service_level_ratio", "below_target")
    rows = [
        f"{name} | {measure} | | | {value}"
        for name, *values in map(str.split, strategies)
        for measure, value in zip(measures, values, strict=True)
    ]
    return table(
        "strategy_comparison", "\n".join(["strategy | measure | item | period | value", *rows])
    )


def test_a_cheaper_strategy_is_named_with_what_it_would_save():
    assert claims.strategies(compared("level 1300 0.9 0", "optimal 1000 0.99 5", OWN)) == (
        "The plan of record costs 1,200 and delivers 98.0 % in time; optimal would cost 200 less."
    )
    equal = compared("level 1300 0.9 0", "optimal 1200 0.99 5", OWN)
    assert claims.strategies(equal).endswith("no other is cheaper, level would cost 100 more.")


def test_what_a_cheaper_strategy_gives_up_is_said():
    assert claims.strategies(compared("level 1000 0.95 2005", OWN)).endswith(
        "level would cost 200 less, but deliver 3.0 % less in time and leave stock 2,000 unit-months further below target."
    )


GAPS = table(
    "plan_gaps",
    """compared_with | measure | item | period | plan | reference_value | gap
       budget | margin | all | 2026-10 | 90 | 100 | -10
       budget | margin | tents | 2026-10 | 40 | 55 | -15
       budget | margin | packs | 2026-10 | 50 | 45 | 5
       goal | cash | floor | 2027-09 | 50 | 80 | -30
       goal | inventory_value | lean | 2027-09 | 50 | 80 | -30
       goal | revenue | later | 2028-09 | 0 | 80 | 0""",
)


def test_money_at_assumed_prices_is_called_that():
    plan = table(
        "financial_plan",
        """family | period | quantity | revenue | cost_of_sales | margin | inventory_value
           tents | 2026-10 | 10 | 1000 | 600 | 400 | 50""",
    )
    prices = table(
        "unit_economics",
        """product | period | price | material_cost | holding_cost | backlog_cost | basis
           TENT-1 | 2026-10 | 100 | 0 | 0 | 0 | assumed: last year's revenue per unit
           TENT-2 | 2026-10 | 100 | 0 | 0 | 0 | economics from 2026-01""",
    )
    said = "The plan brings 1,000 of revenue and 400 of margin (40.0 %) in Oct 2026"
    assert (
        claims.money(plan, prices) == f"{said}, with prices and costs of 1 of 2 products assumed."
    )
    assert claims.money(plan, prices.iloc[1:]) == f"{said}."


def test_the_family_with_most_of_a_budget_gap_is_named():
    assert (
        claims.budget(GAPS) == "Margin is 10 below budget in Oct 2026, most of it in tents (-15)."
    )
    assert claims.last_year(GAPS) == "Last year's revenue is not known."


def test_a_goal_is_missed_on_its_wrong_side_only():
    goals = table(
        "goals",
        """goal | measure | from_period | to_period | target | direction | horizon | owner
           floor | cash | 2026-10 | 2027-09 | 80 | at_least | tactical | A. Novak
           lean | inventory_value | 2026-10 | 2027-09 | 80 | at_most | tactical | A. Novak
           later | revenue | 2026-10 | 2028-09 | 80 | at_least | strategic | A. Novak""",
    )
    open_goal = GAPS.assign(gap=GAPS["gap"].where(GAPS["item"] != "later"))
    assert (
        claims.goals(open_goal, goals)
        == "1 of 2 goals is missed: floor; 1 goal cannot be checked yet."
    )
    assert claims.goals(GAPS, None) == "No goal can be held against the plan."


def test_cash_below_zero_is_called_that():
    cash = table(
        "cash_plan",
        """period | collections | payments | receivables | payables | inventory_value | cash
           2026-10 | 0 | 0 | 0 | 0 | 0 | -50
           2026-11 | 0 | 0 | 0 | 0 | 0 | 70""",
    )
    assert (
        claims.cash(cash)
        == "Cash runs out: it falls to -50 (in Oct 2026) and ends at 70 in Nov 2026."
    )


def test_what_deals_add_is_said_as_stated_and_by_the_record_of_their_stages():
    deals = table(
        "opportunity_plan",
        """opportunity | product | market | period | quantity | probability | opportunity_demand | treatment | stage | won_ratio
           A | TENT-1 | north | 2026-10 | 100 | 0.5 | 50 | by its stated probability | offer | 0.4
           B | TENT-1 | north | 2026-11 | 10 | 1 | 10 | by its stated probability | won |
           C | TENT-1 | north | 2026-12 | 70 | 0.5 | 0 | already in the sales input | offer | 0.4""",
    )
    said = "2 deals add 60 units, weighted by stated probability"
    rest = "1 deal of 70 units adds nothing, for the reasons given."
    assert (
        claims.opportunities(deals)
        == f"{said}; by the record of their stages it would be 50; {rest}"
    )
    without = deals.assign(won_ratio=float("nan"))
    assert claims.opportunities(without) == f"{said}; {rest}"


def test_every_claim_has_a_sentence_for_a_table_without_rows():
    empty = {
        claims.launches: "launch_plan", claims.activities: "activity_lift", claims.overrides: "demand_overrides",
        claims.opportunities: "opportunity_plan", claims.procurement: "procurement_plan",
        claims.constraints: "constraint_values", claims.workforce: "workforce_plan", claims.bridge: "bridge",
        claims.gaps: "gaps", claims.ways: "strategies", claims.risks: "risk_scenarios", claims.scenarios: "scenario_results",
        claims.costs: "costs_incurred", claims.opportunity: "plan_gaps", claims.last_cycle: "plan_gaps",
        claims.decisions: "decisions", claims.weeks: "weekly_plan", claims.schedule: "production_schedule", claims.crews: "work_schedule",
        claims.short_items: "short_items",
        claims.replenishment: "replenishment_orders", claims.materials: "material_plan",
        claims.order_list: "order_list", claims.go_to_market: "go_to_market",
    }  # fmt: skip
    for claim, name in empty.items():
        said = claim(
            conform(
                name,
                pd.DataFrame(columns=pd.Index([], dtype="str")).reindex(columns=_columns(name)),
            )
        )
        assert said.endswith("."), name


def _columns(name):
    from sopkit.schema.tables import TABLES

    return list(TABLES[name].columns)


def test_claims_do_not_depend_on_the_order_of_rows():
    shuffled = LOAD.iloc[::-1].reset_index(drop=True)
    assert claims.capacity(shuffled) == claims.capacity(LOAD)
    assert claims.budget(GAPS.iloc[::-1]) == claims.budget(GAPS)


def test_goals_that_cannot_be_checked_yet_are_named():
    assert (
        claims.unchecked_goals(pd.DataFrame({"goal": []}))
        == "Every goal can be held against the plan."
    )
    assert (
        claims.unchecked_goals(pd.DataFrame({"goal": ["growth-2028"]}))
        == "1 goal cannot be checked yet: growth-2028."
    )


def test_a_revision_beside_the_one_before_says_what_moved():
    sides = pd.DataFrame(
        {
            "measure": ["demand", "margin", "min_cash"],
            "reference_value": [100.0, 50.0, 20.0],
            "plan": [100.0, 57.0, 17.0],
            "gap": [0.0, 7.0, -3.0],
            "revision": 1,
        }
    )
    assert claims.beside(sides) == "Against revision 1: margin +7, lowest cash -3."
    assert (
        claims.beside(sides.assign(gap=0.0))
        == "Against revision 1, neither demand nor money moved."
    )
    assert claims.beside(sides.head(0)) == "There is no earlier revision of this plan."


def test_effects_of_earlier_decisions_are_counted_as_far_as_they_can_be_measured():
    found = table(
        "decision_results",
        """cycle | decision | measure | family | from_period | to_period | reference_value | plan | statement | value
           2026-08 | shift | quantity | tents | 2026-08 | 2026-09 | 200 | 250 | x | 240
           2026-08 | shift | margin | tents | 2026-08 | 2026-09 | 20 | 25 | x |""",
    )
    assert claims.decision_results(found) == (
        "1 earlier decision was expected to have done something by now; 1 of 2 expected effects can be measured."
    )
    said = "No earlier decision was expected to have done anything by now."
    assert claims.decision_results(found.head(0)) == said


def test_choices_made_are_told_beside_the_decisions_still_asked_for():
    asked = table(
        "decisions",
        """decision | settled_by | question | options | recommendation | effect | owner | choice | scenario
           a | executives | ? | x | x | x | Holm | extra-shift | extra-shift
           b | executives | ? | x | x | x | Holm | | price-rise
           c | department heads | ? | x | x | x | Holm | | second-source""",
    )
    assert claims.decisions(asked) == (
        "1 decision is asked for; 1 of them would change the plan; 1 is made; 1 more is settled by the department heads."
    )
    assert (
        claims.settled_below(asked)
        == "1 decision is settled by the department heads before this meeting."
    )


def test_grouping_says_what_planning_by_groups_changes():
    columns = """product | group | standard_units | made | made_alone | made_otherwise | late_months | late_months_alone | stock_months | stock_months_alone | cost | cost_alone"""
    none = table("group_check", columns)
    assert claims.grouping(none) == "Every product is planned by itself."
    some_of_all = table(
        "group_check",
        columns
        + """
           TENT-1 | tents group 1 | 0.5 | 100 | 90 | 12 | 8 | 0 | 50 | 40 | 990 | 950
           TENT-2 | tents group 1 | 1.5 | 100 | 110 | 8 | 0 | 3 | 50 | 60 | 1030 | 1050""",
    )
    said = claims.grouping(some_of_all)
    assert (
        "2 products planned by themselves as well would make 10.0 % of their units in other months"
        in said
    )
    assert "miss 3 unit-months and not 8, and cost 0.99 % less." in said


def test_ways_are_ranked_by_what_they_close_per_money():
    found = table(
        "strategies",
        """disagreement | scenario | statement | gap_closed_ratio | revenue_effect | cost_effect | margin_effect | cash_effect | inventory_effect | service_effect | because | recommended
           g | dear | dear | 1.0 | 0 | 0 | -100 | 0 | 0 | 0 | hours | false
           g | cheap | cheap | 0.5 | 0 | 0 | -10 | 0 | 0 | 0 | hours | false
           g | free | free | 0.2 | 0 | 0 | 5 | 0 | 0 | 0 | hours | false
           g | chosen | chosen | 0.9 | 0 | 0 | -50 | 0 | 0 | 0 | hours | true""",
    )
    assert views.ways(found)["statement"].tolist() == ["chosen", "free", "cheap", "dear"]


SCHEDULE = table(
    "production_schedule",
    """resource | period | week | product | sequence | quantity | work_hours | min_lot | cover_days | due_day
       SEWING | 2026-10 | 2026-09-28 | TENT-1 | 1 | 120 | 12 | 50 | 3 | 2026-10-05
       SEWING | 2026-10 | 2026-09-28 | TENT-2 | 2 | 40 | 60 | 50 | 9 | 2026-10-13
       SEWING | 2026-10 | 2026-10-05 | PACK-1 | 1 | 60 | 60 | | | """,
)
WORK = table(
    "work_schedule",
    """resource | period | week | working_days | workers | regular_hours | overtime_hours | regular_capacity_hours | capacity_hours | utilisation_ratio
       SEWING | 2026-10 | 2026-10-05 | 5 | 3 | 60 | 50 | 90 | 100 | 1.1""",
)


def test_the_schedule_says_what_is_most_urgent_and_which_lots_are_cut():
    assert claims.schedule(SCHEDULE) == (
        "2 products are made in the week of 28 Sep 2026; TENT-1 on SEWING is the most urgent: its stock lasts to 5 Oct 2026."
    )
    assert claims.schedule(SCHEDULE.iloc[2:]) == (
        "1 product is made in the week of 5 Oct 2026; none of them would run out."
    )
    assert (
        claims.turns(SCHEDULE, WORK)
        == "SEWING makes 3 products in turns; 1 batch below the smallest lot."
    )
    assert claims.crews(WORK) == (
        "SEWING is fullest in the week of 5 Oct 2026, at 110 % of its hours; 50 hours of overtime are worked in Oct 2026."
    )


def test_shortages_name_the_largest_and_its_cause():
    short = table(
        "short_items",
        """product | period | measure | item | quantity | statement
           TENT-1 | 2026-10 | backlog | north | 12 | overtime hours of SEWING used up
           TENT-1 | 2026-11 | backlog | north | 30 | supply limit of VALVE used up""",
    )
    assert claims.short_items(short) == (
        "1 product is late, lost or below target, most of all TENT-1 by 30 units in Nov 2026: supply limit of VALVE used up."
    )


def test_the_horizons_say_how_far_goals_are_reached_and_whether_all_adds_up():
    rows = table(
        "horizons",
        """horizon | item | measure | period | reference_value | plan | gap
           strategic | growth | revenue | 2027-09 | 200 | 150 | -50
           strategic | far | revenue | 2028-12 | 200 | |
           tactical | 2026Q4 | shipped | 2026-12 | 90 | 90.5 | 0.5""",
    )
    assert claims.horizons(rows) == (
        "The plan makes 75 % of growth; 1 goal of years lies beyond it; quarters, months, weeks and days add up to within 0.50."
    )


def test_working_days_name_the_sites_that_differ():
    rows = "site | day | period | week | hours\nalpha | 2026-10-01 | 2026-10 | 2026-09-28 | 8\nbeta | 2026-10-01 | 2026-10 | 2026-09-28 | 0"
    assert (
        claims.working_days(table("work_calendar", rows))
        == "alpha works 1 day in Oct 2026, beta 0."
    )


def test_a_component_that_is_short_or_perishes_is_named():
    weeks = table(
        "material_plan",
        """component | period | week | opening_inventory | required | received | ordered | wasted | inventory | shortage
           MILK | 2026-10 | 2026-10-05 | 0 | 40 | 60 | 60 | 20 | 0 | 0
           SEAT | 2026-10 | 2026-10-05 | 0 | 10 | 0 | 10 | 0 | 0 | 10
           SEAT | 2026-10 | 2026-10-12 | 0 | 0 | 10 | 0 | 0 | 0 | 0""",
    )
    assert claims.materials(weeks) == (
        "SEAT is short, first SEAT by 10 units in the week of 5 Oct 2026; 20 units of MILK will perish."
    )
    assert claims.materials(weeks.assign(shortage=0.0, wasted=0.0)) == (
        "2 components are there when production needs them."
    )


def test_a_launch_that_supply_cannot_reach_goes_before_open_gates():
    steps = table(
        "go_to_market",
        """launch | milestone | item | day | state | statement | quantity
           L-1 | gate | supply | 2026-11-02 | open | open |
           L-1 | launch | TENT-6 in north | 2027-02-01 | open | planned, though a gate is open | 5
           L-2 | launch | TENT-6 in south | 2027-02-01 | late | supply cannot be there before 2027-03-05: LEG | 5""",
    )
    assert claims.go_to_market(steps) == (
        "1 of 2 launches cannot be served in time: L-2, supply cannot be there before 2027-03-05: LEG."
    )
    rest = steps[steps["launch"] == "L-1"]
    assert (
        claims.go_to_market(rest)
        == "No launch of 1 waits for supply; 1 gate is open, first supply of L-1, by 2 Nov 2026."
    )


def test_stocks_at_their_reorder_point_are_counted():
    points = table(
        "reorder_points",
        """product | site | daily_demand | daily_deviation | lead_time_days | lead_time_spread_days | service_level | safety_stock | reorder_point | order_quantity | source | basis
           TENT-1 | east | 1 | 0 | 7 | 0 | 0.95 | 0 | 7 | 7 | own production | EOQ
           TENT-2 | east | 1 | 0 | 7 | 0 | 0.95 | 0 | 7 | 7 | own production | EOQ""",
    )
    sites = table(
        "product_sites",
        "product | site | on_hand | makes\nTENT-1 | east | 7 | true\nTENT-2 | east | 8 | true",
    )
    assert (
        claims.reorder_points(points, sites)
        == "1 of 2 stocks is at or below the reorder point: TENT-1 at east."
    )
