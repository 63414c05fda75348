"""Exhibits of the data, product and demand reviews."""

import pandas as pd
from looking import columns, drawn, frame, lines, named, rows, table, texts

from sopkit.reporting.exhibits import data_review, demand, forecast_accuracy, products
from sopkit.schema.tables import TABLES
from sopkit.tables import periods
from sopkit.tables.validation import conform

PRODUCTS = table(
    "products",
    """product | family | unit_of_measure
       TENT-1 | tents | piece
       PACK-1 | packs | piece""",
)
HISTORY = table(
    "demand_history",
    """product | market | period | quantity | cleansed | cleansing_adjustment | finding | reason
       TENT-1 | north | 2026-08 | 100 | 130 | 30 | stock_out | out of stock
       TENT-1 | north | 2026-09 | 300 | 290 | -10 | promotion | promotion""",
)
DEMAND = table(
    "demand_plan",
    """product | market | period | baseline | launch_demand | activity_demand | opportunity_demand | override | consensus | lower_80 | upper_80 | firm_orders | past_due_orders | net_forecast | total_demand
       TENT-1 | north | 2026-10 | 200 | 0 | 10 | 0 | -2 | 208 | 150 | 250 | 0 | 0 | 208 | 208
       PACK-1 | north | 2026-11 | 200 | 0 | 0 | 4 | 0 | 204 | 150 | 250 | 0 | 0 | 204 | 204""",
)


def none_of(name):
    """A table without rows."""
    return conform(name, pd.DataFrame(columns=list(TABLES[name].columns), dtype="str"))


# -------------------------------------------------------------------------------------------------
# data review


def test_prices_are_told_by_what_they_rest_on():
    item_costs = pd.DataFrame({"product": ["A", "A", "B", "C"]})
    item_costs = item_costs.assign(basis=["given", "given", "given", "assumed: last year's"])
    assert data_review.prices(item_costs).headline == (
        "Prices and costs rest on: given (2 products); assumed: last year's (1 product)."
    )


def test_the_rates_of_other_currencies_stand_beside_the_prices():
    item_costs = pd.DataFrame({"product": ["A"], "basis": ["given"]})
    rates = table(
        "exchange_rates",
        "currency | effective_from | exchange_rate\nUSD | | 0.9\nUSD | 2027-01 | 0.95",
    )
    settings = pd.DataFrame({"currency": ["EUR"]})
    assert data_review.prices(item_costs, rates, settings).headline == (
        "Prices and costs rest on: given (1 product). USD is converted at 0.9 EUR and 0.95 EUR "
        "from Jan 2027."
    )


def test_working_days_name_the_sites_that_differ():
    days = pd.DataFrame(
        {"site": ["plant", "plant", "depot", "depot"], "hours": [8.0, 8.0, 8.0, 0.0]}
    )
    days = days.assign(period=pd.Period("2026-10", "M"))
    headline = data_review.working_days(days).headline
    assert headline == "plant works 2 days in Oct 2026, depot 1."
    assert headline.figures["fewest"] == 1
    same = data_review.working_days(days.assign(hours=8.0)).headline
    assert same == "2 sites work 2 days in Oct 2026."


def test_products_and_stock_are_told_by_site():
    sourcing_network = pd.DataFrame({"site": ["plant", "depot"], "market": ["north", "south"]})
    sites = pd.DataFrame(
        {
            "product": ["TENT-1", "TENT-1"],
            "site": ["plant", "depot"],
            "produced_here": [True, False],
            "purchased_here": [False, False],
            "on_hand": [5.0, 60.0],
        }
    )
    shown = data_review.places(sourcing_network, sites)
    assert shown.headline == (
        "1 product is made at 1 site; 2 sites serve 2 markets; 65 units are in stock."
    )
    assert list(shown.table["site"]) == ["depot", "plant"]
    bought = sites.assign(produced_here=False, purchased_here=True)
    assert data_review.places(sourcing_network, bought).headline.startswith(
        "1 product is purchased at 2 sites; 2 sites serve 2 markets; "
    )
    empty = data_review.places(sourcing_network, sites.assign(on_hand=0.0)).headline
    assert empty.endswith("; no opening stock is known.")


def test_cleansing_is_added_up_by_what_was_found():
    shown = data_review.cleaning(PRODUCTS, HISTORY)
    assert shown.headline == (
        "Cleansing changed 2 of 2 months of sales, by 10.0 % of what was sold: stock-out +30 "
        "units, promotion -10 units."
    )
    assert list(shown.table["cleansing_adjustment"]) == [30, -10]
    untouched = data_review.cleaning(PRODUCTS, HISTORY.assign(cleansing_adjustment=0.0))
    assert untouched.headline == "History stands as it was sold: nothing was corrected."


def test_one_family_beyond_the_panels_is_drawn_with_the_others():
    names = [f"P-{number}" for number in range(9)]
    many = pd.DataFrame({"product": names, "family": names})
    sold = pd.DataFrame({"product": names, "period": pd.Period("2026-09", "M")})
    sold = sold.assign(quantity=range(1, 10), cleansed=1.0, cleansing_adjustment=0.0)
    axes = drawn(data_review.cleaning(many, sold).chart)
    assert [ax.get_title(loc="right") for ax in axes] == [
        *("P-8", "P-7", "P-6", "P-5", "P-4", "P-3"),
        "3 other families",
    ]
    assert lines(axes[-1])["sold"] == [6]


def test_data_issues_name_the_first_critical_one():
    found = table(
        "data_issues",
        """issue | severity | table | message | handling
           1 | critical | sales_history | History ends in 2026-07 | The forecast bridges the gap.
           2 | minor | budget | 3 planned months have no budget | Compared with last year.""",
    )
    assert data_review.data_issues(found).headline == (
        "2 data issues (1 critical, 1 minor); critical: History ends in 2026-07."
    )
    assert data_review.data_issues(found.iloc[1:]).headline == (
        "No critical data issues; 1 other (1 minor)."
    )
    none = data_review.data_issues(found.head(0)).headline
    assert none == "No issue was found in the data."


def test_measures_are_told_against_their_targets():
    kpis = frame(
        """measure | period | value | target | statement
           forecast_accuracy_ratio | 2026-08 | 0.7 | 0.8 |
           forecast_accuracy_ratio | 2026-09 | 0.84 | 0.8 |
           inventory_turns | 2026-09 | 3 | 4 |
           overdue | 2026-09 |  |  |"""
    )
    shown = data_review.kpis(kpis)
    assert shown.headline == (
        "In Sep 2026, against target: forecast accuracy 5.0 % above and inventory turns 25.0 "
        "% below. "
        "2 measures of how the company did, Aug 2026 to Sep 2026; 1 measure cannot be known from "
        "the data."
    )
    assert list(shown.table["value"].dropna()) == [0.84, 3]
    unknown = data_review.kpis(kpis.assign(value=float("nan"))).headline
    assert unknown == "The data do not say how the company did."


def test_absent_tables_are_counted():
    absent = pd.DataFrame({"table": ["budget", "goals"]})
    assert data_review.assumptions(absent).headline == (
        "2 tables are absent; this is what the plan takes instead."
    )
    assert "no defaults applied" in data_review.assumptions(absent.head(0)).headline


# -------------------------------------------------------------------------------------------------
# product review

SEGMENTS = frame(
    """product | family | revenue | revenue_share_ratio | abc | xyz | lifecycle | review | reason
       TENT-1 | tents | 800 | 0.8 | A | X | active | False |
       TENT-2 | tents | 100 | 0.1 | B | Z | active | True | erratic
       PACK-1 | packs | 90 | 0.09 | C | Z | active | True | erratic
       PACK-2 | packs | 10 | 0.01 | C | Z | active | True | erratic"""
)


def test_classes_are_told_by_the_share_of_revenue_of_the_few():
    shown = products.segments(SEGMENTS)
    assert (
        shown.headline == "1 of 4 products generate 80 % of revenue; none of them is XYZ class Z."
    )
    erratic = products.segments(SEGMENTS.assign(xyz="Z")).headline
    assert erratic.endswith("; TENT-1 is erratic.")
    (ax,) = drawn(shown.chart)
    assert texts(ax)[0] == "1 product\n80 % of revenue"
    assert texts(ax)[-1] == "2 products\n10 % of revenue"
    assert columns(ax) == ["X steady", "Y variable", "Z erratic"]


def test_products_to_look_at_are_named_the_most_valuable_first():
    shown = products.attention(SEGMENTS)
    assert shown.headline == (
        "3 of 4 products require attention this month: TENT-2, PACK-1, PACK-2."
    )
    assert list(shown.table["product"]) == ["TENT-2", "PACK-1", "PACK-2"]
    calm = products.attention(SEGMENTS.assign(review=False)).headline
    assert calm == "No product requires attention this month."


LAUNCHES = frame(
    """launch | product | market | period | launch_demand | readiness | basis
       L-1 | TENT-9 | north | 2026-10 | 30 | ready | curve
       L-1 | TENT-9 | north | 2026-11 | 50 | ready | curve
       L-1 | TENT-1 | north | 2026-11 | -20 | ready | replaced
       L-2 | PACK-9 | north | 2026-11 | 5 | open | curve"""
)


def test_launches_are_told_by_what_they_add_and_take_and_by_their_gates():
    shown = products.launches(LAUNCHES)
    assert shown.headline == (
        "Launches add 85 units, cannibalisation and phase-outs remove 20; "
        "1 launch has open stage gates: L-2."
    )
    assert list(shown.table["launch_demand"]) == [80, -20, 5]
    ready = products.launches(LAUNCHES[LAUNCHES["launch_demand"] > 0].assign(readiness="ready"))
    assert ready.headline == "Launches add 85 units; all are ready."


def test_each_launch_and_what_it_replaces_has_a_line():
    (ax,) = drawn(products.launches(LAUNCHES).chart)
    assert named(ax) == ["TENT-9 (L-1)", "TENT-1 (L-1)", "PACK-9 (L-2)"]
    assert lines(ax)["TENT-9 (L-1)"] == [30, 50]


def test_gates_are_shown_where_launches_are_known():
    assert products.launch_gates(LAUNCHES).table.empty
    gates = LAUNCHES[LAUNCHES["launch_demand"] > 0].drop_duplicates("launch")
    gates = gates[["launch", "product", "market"]].assign(
        launch_period="2026-10",
        gate_demand="passed",
        gate_supply="open",
        gate_finance="open",
        replaces_product=None,
    )
    assert list(products.launch_gates(LAUNCHES, gates).table["launch_demand"]) == [80, 5]


# -------------------------------------------------------------------------------------------------
# demand review


def test_the_baseline_is_told_with_its_most_frequent_method():
    forecast = frame(
        """product | market | period | baseline | method
           TENT-1 | north | 2026-10 | 200 | mean
           TENT-1 | north | 2026-11 | 300 | mean
           PACK-1 | north | 2026-10 | 4 | mean
           PACK-2 | north | 2026-10 | 6 | naive"""
    )
    assert demand.baseline(forecast).headline == (
        "Statistical baseline: 510 units in Oct 2026 to Nov 2026; 2 of 3 series by mean."
    )


def test_activities_are_told_by_the_largest():
    lift = frame(
        """activity | market | basis | period | activity_demand | lift_ratio | standard_error
           FAIR | north | stated | 2026-10 | 30 | 0.2 | 0.1
           FAIR | north | stated | 2026-11 | 10 | 0.4 | 0.1
           PROMO | north | past | 2026-10 | 15 | 0.1 | 0.1"""
    )
    shown = demand.activities(lift)
    assert shown.headline == "Activities add 55 units, most of them FAIR (40)."
    assert list(shown.table["activity_demand"]) == [40, 15]


def test_drivers_are_steps_from_the_baseline_and_no_activities():
    lift = frame(
        """activity | market | basis | period | activity_demand | lift_ratio | standard_error
           FAIR | north | stated | 2026-10 | 30 | 0.2 | 0.1
           price | north | price: own | 2026-10 | -50 | -0.2 | 0.1
           feature | north | feature: own | 2026-10 | 10 | 0.1 | 0.1"""
    )
    given = frame(
        """activity | product | market | period | lift_ratio
           price | TENT-1 | north | 2026-10 | -0.2
           feature | TENT-1 | north | 2026-10 | 0.1"""
    )
    shown = demand.drivers_of_demand(lift, DEMAND, given)
    assert shown.headline == (
        "Drivers of demand change the baseline of 400 units by -40, price most of all (-50)."
    )
    (ax,) = drawn(shown.chart)
    bars = [(bar.get_y(), bar.get_height()) for bar in ax.patches]
    assert bars == [(0, 0), (0, -50), (-50, 10), (0, -40)]  # small steps: the changes alone
    assert demand.activities(lift, given).headline == (
        "Activities add 30 units, most of them FAIR (30)."
    )
    nothing = demand.drivers_of_demand(lift, DEMAND)
    assert nothing.headline == "No driver changes demand in the planned months."


def test_what_deals_add_is_said_as_stated_and_by_the_record_of_their_stages():
    deals = table(
        "pipeline_forecast",
        """opportunity | product | market | period | quantity | probability | opportunity_demand | handling | stage | won_ratio
           A | TENT-1 | north | 2026-10 | 100 | 0.5 | 50 | by its stated probability | offer | 0.4
           B | TENT-1 | north | 2026-11 | 10 | 1 | 10 | by its stated probability | won |
           C | TENT-1 | north | 2026-12 | 70 | 0.5 | 0 | already in the sales input | offer | 0.4""",
    )
    said = "2 deals add 60 units, weighted by stated probability"
    rest = "1 deal of 70 units adds nothing, for the reasons given."
    shown = demand.opportunities(deals)
    assert shown.headline == f"{said}; by the record of their stages it would be 50; {rest}"
    assert "won_ratio" in shown.table
    without = demand.opportunities(deals.assign(won_ratio=float("nan")))
    assert without.headline == f"{said}; {rest}"
    assert "won_ratio" not in without.table


def test_overrides_are_told_by_function_the_largest_change_first():
    changes = frame(
        """function | product | period | override
           sales | TENT-1 | 2026-10 | 30
           finance | TENT-1 | 2026-10 | -40
           sales | PACK-1 | 2026-10 | 15"""
    )
    shown = demand.overrides(changes)
    assert shown.headline == (
        "The functions change the forecast by +5 units: finance -40, sales +45."
    )
    assert shown.headline.figures["override"] == [-40, 45]
    assert list(shown.table["override"]) == [-40, 30, 15]


def test_the_consensus_is_held_against_as_many_months_of_sales():
    headline = demand.consensus(HISTORY, DEMAND).headline
    assert headline == (
        "The consensus is 412 units in Oct 2026 to Nov 2026, 3.0 % more than was sold in the "
        "2 months before."
    )
    unsold = demand.consensus(HISTORY.assign(quantity=0.0), DEMAND).headline
    assert unsold.endswith("; nothing was sold in the 2 months before.")


def test_history_range_and_consensus_are_drawn_and_today_stands_before_the_first_planned_month():
    (ax,) = drawn(demand.consensus(HISTORY, DEMAND).chart)
    assert lines(ax)["sold"] == [100, 300]
    assert lines(ax)["consensus"] == [208, 204]
    first = DEMAND["period"].min().ordinal
    assert any(list(line.get_xdata()) == [first - 0.5] * 2 for line in ax.get_lines())
    assert named(ax) == ["sold", "demand, cleaned", "baseline", "consensus"]


def test_the_last_plan_is_dashed_where_it_is_planned_again():
    earlier = table(
        "approved_forecasts",
        """cycle | contributor | product | market | period | quantity
           2026-08 | consensus | TENT-1 | north | 2026-10 | 900
           2026-09 | consensus | TENT-1 | north | 2026-09 | 290
           2026-09 | consensus | TENT-1 | north | 2026-10 | 190
           2026-09 | baseline | TENT-1 | north | 2026-10 | 5""",
    )
    (ax,) = drawn(demand.consensus(HISTORY, DEMAND, earlier).chart)
    assert lines(ax)["prior cycle's plan"] == [190]


def test_the_largest_step_from_baseline_to_consensus_is_named():
    shown = demand.consensus_steps(PRODUCTS, DEMAND)
    assert shown.headline == (
        "In Oct 2026 to Nov 2026 the consensus is 3.0 % above the baseline; the largest driver is "
        "activities and other effects (+10 units)."
    )
    assert list(shown.table["family"]) == ["packs", "tents"]
    bare = DEMAND.assign(activity_demand=0.0, opportunity_demand=0.0, override=0.0)
    nothing = demand.consensus_steps(PRODUCTS, bare)
    assert nothing.headline == "The consensus is the baseline: nothing was planned on top."
    assert nothing.chart.empty


def test_the_way_from_baseline_to_consensus_ends_where_it_says():
    (ax,) = drawn(demand.consensus_steps(PRODUCTS, DEMAND).chart)
    bars = [(bar.get_y(), bar.get_height()) for bar in ax.patches]
    assert bars[0] == (0, 0)  # small steps: the changes alone, from the baseline of 400 units
    assert bars[2] == (0, 10)
    assert bars[-1] == (0, 12)
    assert columns(ax)[-1] == "consensus\n(412)"


def test_every_exhibit_has_a_sentence_for_a_table_without_rows():
    for show, name in (
        (products.launches, "launch_plan"),
        (demand.activities, "promotion_lift"),
        (demand.opportunities, "pipeline_forecast"),
        (demand.overrides, "forecast_overrides"),
        (forecast_accuracy.replayed_accuracy, "forecast_accuracy"),
    ):
        assert show(none_of(name)).headline.endswith("."), name
    assert rows(drawn(products.segments(SEGMENTS).chart)[0])[0] == "A first 80 % of revenue"


def test_orders_and_what_is_past_due_stand_beside_the_forecast_that_is_left():
    # 208 forecast, 180 of them ordered, and 12 past due; 204 forecast and 250 ordered
    ordered = DEMAND.assign(
        firm_orders=[180.0, 250.0],
        past_due_orders=[12.0, 0.0],
        net_forecast=[28.0, 0.0],
        total_demand=[220.0, 250.0],
    )
    sales = table(
        "sales_history", "product | market | period | quantity\nTENT-1 | north | 2026-10 | 31"
    )
    shown = demand.orders(PRODUCTS, ordered, periods.planning_periods("2026-10"), sales)
    assert shown.headline == (
        "Total demand is 470 units, Oct 2026 to Nov 2026: 430 in firm orders, 12 in past-due "
        "orders; 58 more than the consensus."
    )
    assert shown.table.set_index("family").loc["packs", "total_demand"] == 250
    begun = periods.planning_periods("2026-10").assign(as_of_day=pd.Timestamp("2026-10-14"))
    told = demand.orders(PRODUCTS, DEMAND, begun, sales)
    assert told.headline == (
        "Total demand is 412 units, Oct 2026 to Nov 2026: 0 in firm orders; it equals the "
        "consensus. 31 units were sold in Oct 2026 until 14 Oct 2026; only its remaining days are "
        "planned."
    )
    assert told.table.set_index("family")["quantity"].to_dict() == {"packs": 0, "tents": 31}
