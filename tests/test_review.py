"""Gaps, what could close them, risks and decisions, on two products and three months that can be checked by hand.

A tent sells at 100 and takes 40 of material: it leaves 60. A stove sells at 50 and takes 20: it leaves 30. The plan at
rest serves all demand and disagrees with nobody; each test changes one or two tables.
"""

import importlib.util
import inspect

import pandas as pd
import pytest
from conftest import table

from sopkit import scenarios
from sopkit.cycle import replanning
from sopkit.io import readers
from sopkit.model.comparison import of_record
from sopkit.pre_sop import decisions, evaluation, options
from sopkit.pre_sop import gaps as gaps_module
from sopkit.pre_sop.gaps import KINDS
from sopkit.schema.tables import TABLES
from sopkit.tables import conform
from sopkit.tables.periods import horizon

MORE = ("procurement_plan", "plan_gaps", "inventory_plan", "forecast_accuracy", "opportunity_plan")
MONTHS = ["2027-04", "2027-05", "2027-06"]
PRODUCTS = table(
    "products", "product family unit_of_measure\nTENT-2 tents piece\nSTOVE-1 stoves piece"
)
TERMS = table("terms", "currency receivable_days payable_days opening_cash fixed_cost\nEUR 0 0 0 0")
ROUTINGS = table("routings", "product resource hours_per_unit\nTENT-2 CELL 2\nSTOVE-1 PRESS 1")
RESOURCES = table(
    "resources",
    """
    resource  site   opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost  max_workers
    CELL      alpha  10               20            30             100        100          12
    """,
)
CALENDAR = table(
    "resource_calendar",
    """
    resource  period   working_days  regular_hours_per_worker  overtime_hours_per_worker
    CELL      2027-04  20            160                       20
    CELL      2027-05  20            160                       20
    CELL      2027-06  20            160                       20
    """,
)
ECONOMICS = table(
    "economics",
    """
    product  effective_from  price  material_cost  holding_cost  backlog_cost  subcontract_cost  subcontract_limit
    TENT-2   2027-01         100    40             1             5             70                10
    STOVE-1  2027-01         50     20             1             3             -                 -
    """,
)
BILL = table(
    "bill_of_materials",
    "product component quantity_per_unit\nTENT-2 FRAME 1\nFRAME POLE 4\nSTOVE-1 VALVE 1",
)
COMPONENTS = table(
    "components",
    """
    component  supplier  lead_time_days  unit_cost  on_hand  supply_limit
    POLE       Duraflex  10              2          0        350
    VALVE      Brenner   10              5          0        -
    """,
)


def nothing(name):
    return conform(name, pd.DataFrame(columns=TABLES[name].columns))


def every_month(name, text):
    """A table whose rows hold in each of the three months."""
    header, *rows = text.strip().splitlines()
    lines = [f"{row} {month}" for month in MONTHS for row in rows]
    return table(name, "\n".join([f"{header} period", *lines]))


def resting_plan():
    """A plan in which nobody disagrees: 100 tents and 200 stoves a month, all served."""
    quiet = (
        "launch_plan",
        "demand_overrides",
        "rough_cut_capacity",
        "workforce_plan",
        "constraint_values",
    )
    return {
        **{name: nothing(name) for name in (*quiet, *MORE)},
        "horizon": horizon("2027-04", pd.DataFrame({"horizon_months": [3.0]})),
        "products": PRODUCTS,
        "segments": table(
            "segments",
            """
            product  family  revenue  revenue_share_ratio  abc  xyz  lifecycle  review  reason
            TENT-2   tents   120000   0.5                  A    X    mature     false   steady
            STOVE-1  stoves  120000   0.5                  A    X    mature     false   steady
            """,
        ),
        "demand_plan": every_month(
            "demand_plan",
            """
            product  market  baseline  launch_demand  activity_demand  opportunity_demand  override  consensus  low  high
            TENT-2   north   90        0              0                0                   10        100        80   120
            STOVE-1  north   200       0              0                0                   0         200        180  220
            """,
        ),
        "unit_economics": every_month(
            "unit_economics",
            """
            product  price  material_cost  holding_cost  backlog_cost  basis  lost_sale_cost
            TENT-2   100    40             1             5             list   -
            STOVE-1  50     20             1             3             list   2
            """,
        ),
        "supply_plan": every_month(
            "supply_plan",
            """
            product  site   opening_inventory  regular  overtime  subcontract  receipts  shipped  inventory  target_inventory
            TENT-2   alpha  10                 100      0         0            0         100      10         10
            STOVE-1  alpha  20                 200      0         0            0         200      20         20
            """,
        ),
        "service_plan": every_month(
            "service_plan",
            """
            product  market  demand  served  backlog  lost_sales
            TENT-2   north   100     100     0        0
            STOVE-1  north   200     200     0        0
            """,
        ),
        "cash_plan": every_month(
            "cash_plan",
            "collections payments receivables payables inventory_value cash\n0 0 0 0 800 100",
        ),
        "financial_plan": every_month(
            "financial_plan",
            """
            family  quantity  revenue  cost_of_sales  margin  inventory_value
            tents   100       10000    6000           4000    400
            stoves  200       10000    5000           5000    400
            """,
        ),
    }


def gaps(**tables):
    return gaps_module.gaps(**{**resting_plan(), **tables})


def with_cells(name, where, **values):
    """A table of the resting plan with other values in the rows of one product or family and month."""
    frame = resting_plan()[name]
    rows = pd.Series(True, index=frame.index)
    for column, value in where.items():
        rows &= frame[column].astype("str") == value
    for column, value in values.items():
        frame.loc[rows, column] = value
    return frame


def limits(text):
    """constraint_values whose constraint is written with a dash for the blank."""
    frame = table("constraint_values", text)
    return frame.assign(constraint=frame["constraint"].str.replace("-", " "))


def late_tents(april=0.0, may=0.0, june=0.0):
    frame = resting_plan()["service_plan"]
    tents = frame["product"] == "TENT-2"
    frame.loc[tents, "backlog"] = [april, may, june]
    frame.loc[tents, "served"] = [100 - april, 100 + april - may, 100 + may - june]
    return frame


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


# gaps


def test_a_plan_at_rest_has_no_gaps():
    assert gaps().empty


def test_months_of_backlog_that_follow_one_another_are_one_gap():
    gap = only(gaps(service_plan=late_tents(april=20, may=10)))
    assert gap["disagreement"] == "unserved-tents-2027-04"
    assert (str(gap["from_period"]), str(gap["to_period"])) == ("2027-04", "2027-05")
    assert (
        gap["gap_units"] == -30
    )  # 20 of April's and 10 of May's were not delivered in their month
    assert gap["gap_value"] == -(20 * 5 + 10 * 5)
    assert gap["statement"] == (
        "tents: 30 of 200 units wanted cannot be delivered on time, Apr 2027 to May 2027"
    )
    assert (gap["between"], gap["owner"], gap["family"]) == ("supply", "supply planner", "tents")


def test_months_apart_are_gaps_of_their_own():
    found = gaps(service_plan=late_tents(april=20, june=20))
    assert sorted(found["disagreement"]) == ["unserved-tents-2027-04", "unserved-tents-2027-06"]


def test_what_is_owed_when_the_horizon_ends_also_costs_its_contribution():
    gap = only(gaps(service_plan=late_tents(june=20)))
    assert gap["gap_value"] == -(20 * 5 + 20 * 60)


def test_a_lost_sale_costs_its_contribution_and_the_cost_beside_it():
    where = {"product": "STOVE-1", "period": "2027-05"}
    gap = only(gaps(service_plan=with_cells("service_plan", where, served=150.0, lost_sales=50.0)))
    assert (gap["gap_units"], gap["gap_value"]) == (-50, -50 * (30 + 2))


def test_a_shortage_of_the_solvers_rounding_is_no_gap():
    assert gaps(service_plan=late_tents(april=0.05)).empty


ROUGH_CUT = """
    resource  period   required_hours  capacity_hours  utilisation_ratio
    CELL      2027-04  180             200             0.9
    CELL      2027-05  260             200             1.3
    CELL      2027-06  220             200             1.1
    """
SCARCE_HOURS = """
    constraint      item  period   limit  used  marginal_value
    overtime-hours  CELL  2027-05  40     40    3
    regular-hours   CELL  2027-05  160    160   25
    """


def overload(**tables):
    known = {"rough_cut_capacity": table("rough_cut_capacity", ROUGH_CUT), "routings": ROUTINGS}
    return gaps(**{**known, "constraint_values": limits(SCARCE_HOURS), **tables})


def test_missing_hours_are_valued_at_what_they_would_save():
    gap = only(overload())
    assert gap["disagreement"] == "capacity-CELL-2027-05"
    assert gap["statement"] == (
        "CELL can give 400 hours and demand needs 480: 80 hours (about 40 units) are missing, May 2027 to Jun 2027"
    )
    assert gap["gap_units"] == -40  # a tent takes two hours
    assert gap["gap_value"] == -60 * 3  # nothing in June: the plan carries that peak at no cost
    assert gap["resource"] == "CELL"


def test_units_bought_outside_need_no_hours():
    where = {"product": "TENT-2", "period": "2027-06"}
    gap = only(overload(supply_plan=with_cells("supply_plan", where, subcontract=10.0)))
    assert str(gap["to_period"]) == "2027-05"


def test_hours_of_workers_the_plan_hires_are_there():
    hired = table(
        "workforce_plan",
        """
        resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilisation_ratio
        CELL      2027-05  2        1      0         200            60              260             1
        """,
    )
    assert overload(workforce_plan=hired)["from_period"].astype("str").tolist() == ["2027-06"]


def test_a_step_is_shared_by_the_resources_that_can_do_it_and_every_step_is_passed():
    routings = table(
        "routings",
        "product resource hours_per_unit routing_step\nTENT-2 CELL 2 1\nTENT-2 OVEN 1 2\nTENT-2 KILN 1 2",
    )
    assert (
        only(overload(routings=routings))["gap_units"] == -40
    )  # all tents pass the cell, half of them the oven


def test_without_routings_no_hours_are_judged():
    assert overload(routings=None).empty


PROCUREMENT = """
    component  period   required  ordered  received  inventory  shortage  cost  supply_limit
    POLE       2027-04  350       350      350       0          0         0     350
    POLE       2027-05  350       350      350       0          {late}    0     350
    VALVE      2027-05  200       200      200       0          0         0     -
    """
SCARCE_POLES = """
    constraint    item  period   limit  used  marginal_value
    supply-limit  POLE  2027-05  350    350   6
    """


def test_a_supplier_limit_that_costs_money_is_a_gap_through_all_levels_of_the_bill():
    """100 tents take 100 frames, 400 poles; the supplier gives 350. April's limit costs nothing: no gap."""
    gap = only(
        gaps(
            procurement_plan=table("procurement_plan", PROCUREMENT.format(late=0)),
            constraint_values=limits(SCARCE_POLES),
            bill_of_materials=BILL,
        )
    )
    assert gap["disagreement"] == "component-POLE-2027-05"
    assert (gap["gap_units"], gap["gap_value"]) == (-50, -50 * 6)


def test_a_component_that_comes_too_late_costs_the_contribution_of_its_products():
    gap = only(
        gaps(
            procurement_plan=table("procurement_plan", PROCUREMENT.format(late=8)),
            bill_of_materials=BILL,
        )
    )
    assert (gap["gap_units"], gap["gap_value"]) == (-8, -8 * 60 / 4)


LAUNCHES = table(
    "launches",
    """
    launch  product  market  launch_period  like_product  volume_ratio  ramp_months  gate_demand  gate_supply  gate_finance
    L-1     TENT-2   north   2027-05        STOVE-1       0.5           1            passed       open         passed
    """,
)


def launch(readiness, units):
    rows = f"L-1 TENT-2 north 2027-05 {units} {readiness} curve\nL-1 TENT-2 north 2027-06 {units} {readiness} curve"
    return table(
        "launch_plan", f"launch product market period launch_demand readiness basis\n{rows}"
    )


def test_a_launch_with_open_gates_puts_its_planned_units_at_stake():
    gap = only(gaps(launch_plan=launch("conditional", 30), launches=LAUNCHES))
    assert (gap["disagreement"], gap["between"]) == ("launch-L-1", "product")
    assert (gap["gap_units"], gap["gap_value"]) == (60, 60 * 60)


def test_a_launch_left_out_is_missed_at_its_share_of_the_like_product():
    gap = only(gaps(launch_plan=launch("not_ready", 0), launches=LAUNCHES))
    assert gap["gap_units"] == -2 * 0.5 * 200


def test_a_ready_launch_is_no_gap():
    assert gaps(launch_plan=launch("ready", 30), launches=LAUNCHES).empty


def test_an_open_gate_is_held_against_the_launch_month():
    """Poles take 45 days, so the gate of a launch in May is due in March; without parts a month is enough."""
    planned, slow = launch("conditional", 40), COMPONENTS.assign(lead_time_days=45.0)
    late = only(
        gaps(launch_plan=planned, launches=LAUNCHES, bill_of_materials=BILL, components=slow)
    )
    assert "in May 2027 has not passed its supply gate, late: due by Mar 2027:" in late["statement"]
    in_time = only(gaps(launch_plan=planned, launches=LAUNCHES))
    assert "has not passed its supply gate, due by Apr 2027:" in in_time["statement"]


def test_a_launch_that_supply_cannot_meet_is_a_gap_of_its_own():
    found = gaps(
        launch_plan=launch("ready", 40), launches=LAUNCHES, service_plan=late_tents(may=20)
    )
    short = only(found[found["disagreement"] == "short-launch-L-1"])
    assert short["statement"].startswith(
        "Launch L-1 of TENT-2 starts short: 20 of its first 100 units"
    )
    assert (short["gap_units"], short["gap_value"]) == (-20, -1200)


def test_every_gap_says_which_table_shows_it_and_where():
    gap = only(gaps(**{name: frame for name, frame in LATE.items() if name == "service_plan"}))
    assert (gap["table"], gap["shown_in"]) == ("service_plan", "40_supply_review.service_plan")


def test_a_plan_behind_the_path_to_a_far_goal_is_a_gap():
    far = table(
        "goals",
        "goal measure from_period to_period target direction horizon owner\n"
        "far revenue 2029-01 2029-12 9e5 at_least strategic Ann",
    )
    path = "compared_with measure item period plan reference_value gap\ngoal_path revenue far 2027-06 90 100 -10"
    gap = only(gaps(plan_gaps=table("plan_gaps", path), goals=far))
    assert (gap["disagreement"], gap["gap_value"], gap["owner"]) == ("path-far", -10, "Ann")
    assert only(gaps(plan_gaps=table("plan_gaps", path), goals=far))["statement"].startswith(
        "Goal far is behind its path: revenue is 90 where 100 would be on the way"
    )


def budget(margin, revenue):
    """Tents' plan of 4,000 margin and 10,000 revenue a month against a budget."""
    rows = [
        f"budget {measure} tents {month} {plan} {reference} {plan - reference}"
        for month in MONTHS[:2]
        for measure, plan, reference in (
            ("margin", 4000, margin),
            ("revenue", 10000, revenue),
            ("quantity", 100, 110),
        )
    ]
    return table(
        "plan_gaps",
        "\n".join(["compared_with measure item period plan reference_value gap", *rows]),
    )


def test_a_family_more_than_two_per_cent_below_budget_is_one_gap_over_all_months():
    gap = only(gaps(plan_gaps=budget(margin=5000, revenue=12000), terms=TERMS))
    assert gap["disagreement"] == "budget-margin-tents"  # revenue is not told again
    assert (gap["gap_units"], gap["gap_value"]) == (-20, -2000)
    assert (
        gap["statement"] == "tents: margin is EUR 2,000 (20.0 %) below budget, Apr 2027 to May 2027"
    )


def test_revenue_counts_where_the_margin_holds():
    gap = only(gaps(plan_gaps=budget(margin=4000, revenue=12000)))
    assert (gap["disagreement"], gap["gap_value"]) == ("budget-revenue-tents", -4000)


def test_up_to_two_per_cent_below_budget_is_no_gap():
    assert gaps(plan_gaps=budget(margin=4080, revenue=10200)).empty


GOALS = table(
    "goals",
    """
    goal     measure              family  from_period  to_period  target  direction  horizon   owner
    growth   revenue              tents   2027-04      2027-06    40000   at_least   tactical  Winter
    lean     inventory_value      -       2027-04      2027-06    700     at_most    tactical  Novak
    service  service_level_ratio  -       2027-04      2027-06    0.98    at_least   tactical  Larsen
    """,
)


def judged(goal, measure, plan, target):
    row = f"goal {measure} {goal} 2027-06 {plan} {target} {plan - target}"
    return table("plan_gaps", f"compared_with measure item period plan reference_value gap\n{row}")


def test_a_goal_missed_belongs_to_its_owner_and_begins_with_its_first_month():
    gap = only(gaps(plan_gaps=judged("growth", "revenue", 30000, 40000), goals=GOALS, terms=TERMS))
    assert (gap["disagreement"], gap["owner"], gap["family"]) == ("goal-growth", "Winter", "tents")
    assert (str(gap["from_period"]), str(gap["to_period"])) == ("2027-04", "2027-06")
    assert gap["gap_value"] == -10000
    assert gap["statement"] == (
        "Goal growth is missed: revenue is EUR 30,000 where EUR 40,000 is wanted, Apr 2027 to Jun 2027"
    )


def test_a_goal_at_most_is_missed_from_above():
    assert (
        only(gaps(plan_gaps=judged("lean", "inventory_value", 800, 700), goals=GOALS))["gap_value"]
        == 100
    )
    assert gaps(plan_gaps=judged("lean", "inventory_value", 600, 700), goals=GOALS).empty


def test_a_point_of_service_is_worth_a_hundredth_of_revenue():
    gap = only(gaps(plan_gaps=judged("service", "service_level_ratio", 0.97, 0.98), goals=GOALS))
    assert gap["gap_value"] == pytest.approx(-0.01 * 60000)
    assert "97.0 % where 98.0 % is wanted" in gap["statement"]


def view(quantity, months=MONTHS):
    rows = [f"sales TENT-2 north {month} {quantity} 1 10 Holm hope" for month in months]
    return table(
        "demand_overrides",
        "\n".join(["function product market period quantity weight override author reason", *rows]),
    )


def test_a_view_that_differs_by_more_than_a_tenth_from_the_statistics_is_a_gap():
    gap = only(gaps(demand_overrides=view(108)))  # the statistical plan is 100 - 10 = 90
    assert (gap["disagreement"], gap["between"]) == ("view-sales-tents-2027-04", "demand")
    assert (gap["gap_units"], gap["gap_value"]) == (3 * (90 - 108), 3 * (90 - 108) * 60)


def test_a_view_within_a_tenth_is_agreement():
    assert gaps(demand_overrides=view(99)).empty


def test_views_on_either_side_do_not_cancel():
    mixed = pd.concat([view(120, MONTHS[:1]), view(60, MONTHS[1:2])])
    assert gaps(demand_overrides=mixed)["gap_units"].tolist() == [-30, 30]


POLICY = table(
    "inventory_policy", "product site max_inventory\nTENT-2 - 8\nSTOVE-1 beta 5\nSTOVE-1 alpha 30"
)


def test_stock_above_its_maximum_counts_at_its_highest_month():
    gap = only(gaps(inventory_policy=POLICY))
    assert (gap["disagreement"], gap["gap_units"], gap["gap_value"]) == (
        "excess-tents-2027-04",
        2,
        6,
    )


def test_phased_out_stock_left_at_the_end_is_worth_its_material():
    leaving = resting_plan()["segments"].assign(lifecycle=["phase_out", "mature"])
    left = with_cells("supply_plan", {"product": "TENT-2"}, inventory=310.0)
    gap = only(gaps(segments=leaving, supply_plan=left))
    assert (gap["disagreement"], gap["gap_units"], gap["gap_value"]) == (
        "stranded-TENT-2-2027-06",
        310,
        12400,
    )
    assert gaps(segments=leaving).empty  # ten are sold in days


def test_the_most_money_comes_first():
    found = gaps(
        service_plan=late_tents(april=20), plan_gaps=budget(5000, 10000), inventory_policy=POLICY
    )
    assert found["gap_value"].abs().is_monotonic_decreasing
    assert found["disagreement"].tolist() == [
        "budget-margin-tents",
        "unserved-tents-2027-04",
        "excess-tents-2027-04",
    ]


def test_gaps_do_not_depend_on_the_order_of_rows():
    tables = {
        "service_plan": late_tents(april=20, may=10),
        "rough_cut_capacity": table("rough_cut_capacity", ROUGH_CUT),
    }
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in tables.items()}
    pd.testing.assert_frame_equal(
        gaps(**tables, routings=ROUTINGS), gaps(**mixed, routings=ROUTINGS)
    )


# proposals


LATE = {"service_plan": late_tents(april=20, may=10), "constraint_values": limits(SCARCE_HOURS)}


def proposals(found, **inputs):
    known = {"products": PRODUCTS, "constraint_values": limits(SCARCE_HOURS), "routings": ROUTINGS}
    known["horizon"] = BASE["horizon"]
    return options.proposed_changes(found, **{**known, **inputs})


def test_the_limit_that_costs_money_is_lifted_in_the_months_it_costs():
    change = only(proposals(gaps(**LATE), resource_calendar=CALENDAR))
    assert change["scenario"] == "overtime-CELL-2027-05"
    assert change["statement"] == "Raise the overtime limit of CELL by 25 %, May 2027"
    assert (change["table"], change["column"]) == ("resource_calendar", "overtime_hours_per_worker")
    assert (change["operation"], change["amount"], change["resource"]) == ("multiply", 1.25, "CELL")


def test_where_there_is_no_overtime_yet_some_is_added():
    none = CALENDAR.assign(overtime_hours_per_worker=0.0)
    change = only(proposals(gaps(**LATE), resource_calendar=none))
    assert (change["operation"], change["amount"]) == ("add", 10)


def test_nothing_is_proposed_for_tables_that_are_absent():
    assert proposals(gaps(**LATE)).empty


def test_every_kind_of_limit_has_its_lever():
    scarce = limits(
        """
        constraint         item    period   limit  used  marginal_value
        overtime-hours     CELL    2027-05  40     40    1
        max-workers        CELL    2027-05  12     12    9
        subcontract-limit  TENT-2  2027-05  10     10    8
        supply-limit       POLE    2027-05  350    350   1
        """
    )
    changes = proposals(
        gaps(**LATE),
        constraint_values=scarce,
        resource_calendar=CALENDAR,
        resources=RESOURCES,
        economics=ECONOMICS,
        components=COMPONENTS,
        bill_of_materials=BILL,
    )
    # dearest first: 350 poles x 1, 12 workers x 9 (some more, or a second shift), 10 tents x 8, 40 hours x 1
    assert changes["scenario"].tolist() == [
        "supplier-POLE",
        "workers-CELL",
        "shift-CELL",
        "outside-tents-2027-05",
        "overtime-CELL-2027-05",
    ]
    assert changes["amount"].tolist() == [1.25, 2, 2, 1.5, 1.25]


def test_a_margin_below_budget_may_be_met_by_price_or_material():
    changes = proposals(gaps(plan_gaps=budget(5000, 12000)), economics=ECONOMICS)
    assert changes["column"].tolist() == ["price", "material_cost"]
    assert changes["amount"].tolist() == [1.02, 0.98]
    assert changes["statement"].iloc[0].endswith("if volume holds")


DEFINED = table(
    "scenario_changes",
    """
    scenario   change  table              column                     resource  from_period  to_period  operation  amount  note
    saturdays  1       resource_calendar  overtime_hours_per_worker  CELL      2027-04      2027-05    add        8       Saturdays
    saturdays  2       resources          max_workers                CELL      -            -          add        1       Saturdays
    autumn     1       resource_calendar  overtime_hours_per_worker  CELL      2027-09      2027-10    add        8       Autumn
    strike     1       resource_calendar  overtime_hours_per_worker  CELL      -            -          set        0       Strike
    press      1       resource_calendar  overtime_hours_per_worker  PRESS     -            -          add        8       Press
    """,
)
RISKS = table(
    "risks",
    """
    risk  risk_kind      statement  probability  scenario  owner
    R-1   vulnerability  Strike     0.25         strike    Larsen
    R-2   opportunity    Saturday   0.5          saturdays  Larsen
    """,
)


def test_a_defined_scenario_comes_first_when_it_touches_the_gap():
    """Autumn is too late, the press makes stoves, and a strike is a risk, not an idea."""
    changes = proposals(
        gaps(**LATE), scenario_changes=DEFINED, risks=RISKS.iloc[:1], resource_calendar=CALENDAR
    )
    assert changes["scenario"].tolist() == ["saturdays", "saturdays", "overtime-CELL-2027-05"]
    assert changes["statement"].iloc[0] == "Saturdays"


def test_a_name_that_people_took_is_not_used_for_another_idea():
    taken = DEFINED.iloc[[2]].assign(scenario="overtime-CELL-2027-05")
    assert proposals(gaps(**LATE), scenario_changes=taken, resource_calendar=CALENDAR).empty


def test_at_most_ten_gaps_get_proposals_and_the_others_wait():
    families = [f"family-{n}" for n in range(12)]
    products = pd.DataFrame({"product": families, "family": families, "unit_of_measure": "piece"})
    economics = pd.concat([ECONOMICS.iloc[[0]].assign(product=name) for name in families])
    rows = [budget(5000 + 10 * n, 12000).assign(item=name) for n, name in enumerate(families)]
    found = gaps(plan_gaps=pd.concat(rows))
    changes = proposals(found, products=conform("products", products), economics=economics)
    assert changes["disagreement"].unique().tolist() == found["disagreement"].head(10).tolist()


def test_a_scenario_stands_once_though_two_gaps_call_for_it():
    found = overload(service_plan=late_tents(april=20, may=10, june=10))
    changes = proposals(
        found,
        resource_calendar=CALENDAR,
        constraint_values=limits(SCARCE_HOURS),
        resources=RESOURCES,
    )
    assert not changes.duplicated(["scenario", "change"]).any()


def test_every_proposal_for_the_sample_company_can_be_made(company, plan):
    changes = plan["proposed_changes"]
    assert not changes.empty
    for _, rows in changes.groupby("scenario"):
        scenarios.apply(company, rows)


READY = table(
    "launches",
    """
    launch  product  market  launch_period  like_product  volume_ratio  ramp_months  gate_demand  gate_supply  gate_finance
    L-1     TENT-2   north   2027-04        STOVE-1       0.5           3            passed       passed       passed
    """,
)
ACTIVITIES = table(
    "activities",
    """
    activity  kind   market  start_period  end_period  spend  family  product
    SPRING    promo  north   2027-05       2027-05     1000   tents   -
    """,
)
SAID = table(
    "demand_inputs",
    """
    function  product  market  period   quantity  author  reason  submitted_on
    sales     TENT-2   north   2027-04  40        Kim     shows   2027-03-01
    """,
)


def test_a_launch_and_a_promotion_are_moved_off_the_months_that_are_short():
    moved = {"launches": READY, "activities": ACTIVITIES, "demand_inputs": SAID}
    changes = proposals(gaps(**LATE), **moved)
    assert changes["scenario"].drop_duplicates().tolist() == [
        "launch-TENT-2-2027-06",
        "activity-SPRING-2027-06",
    ]
    assert changes["column"].tolist() == ["launch_period", "quantity", "end_period", "start_period"]
    assert changes["amount"].tolist() == [2, 0, 1, 1]
    after = scenarios.apply({"products": PRODUCTS, **moved}, changes)
    assert str(after["launches"]["launch_period"].iloc[0]) == "2027-06"
    assert str(after["activities"]["start_period"].iloc[0]) == "2027-06"
    assert after["demand_inputs"]["quantity"].tolist() == [0]  # nobody sells before the launch


def test_nothing_is_moved_out_of_the_planned_months():
    at_the_end = gaps(**LATE).assign(to_period=BASE["horizon"]["period"].max())
    assert proposals(at_the_end, launches=READY, activities=ACTIVITIES, demand_inputs=SAID).empty


def test_two_activities_that_no_change_can_tell_apart_are_not_moved():
    twice = pd.concat([ACTIVITIES, ACTIVITIES.assign(activity="FAIR")], ignore_index=True)
    assert proposals(gaps(**LATE), activities=twice).empty


def test_a_planned_promotion_runs_longer_where_a_family_is_below_budget():
    below = gaps(plan_gaps=budget(5000, 12000))
    changes = proposals(below.assign(to_period=below["to_period"] + 1), activities=ACTIVITIES)
    assert changes["scenario"].tolist() == ["longer-SPRING"] * 2
    assert dict(zip(changes["column"], changes["amount"], strict=True)) == {
        "end_period": 1,
        "spend": 2,
    }


def test_a_product_that_is_short_may_be_replaced_by_the_launch_that_replaces_it():
    heir = READY.assign(product="STOVE-1", replaces_product="TENT-2", cannibalisation_ratio=0.45)
    changes = proposals(gaps(**LATE), launches=heir)
    assert changes["scenario"].tolist() == ["substitute-TENT-2"] * 2
    # of 110 sold instead of 100, 45 and ten more are taken from what it replaces
    assert changes["amount"].tolist() == [pytest.approx(1.1), pytest.approx(55 / 110)]


def test_expediting_a_component_costs_a_premium_on_every_product_it_goes_into():
    need = every_month(
        "procurement_plan",
        "component required ordered received inventory shortage cost supply_limit\nPOLE 400 0 0 0 40 0 350",
    )
    changes = proposals(
        gaps(procurement_plan=need, bill_of_materials=BILL),
        components=COMPONENTS,
        bill_of_materials=BILL,
        economics=ECONOMICS,
    )
    expedite = changes[changes["scenario"] == "expedite-POLE"].set_index("column")
    assert expedite["amount"].to_dict() == {
        "lead_time_days": 0.5,
        "supply_limit": 1.25,
        "material_cost": pytest.approx(4 * 2 * 0.10),
    }


# strategies: replan is a small plan of its own, in which every hour of overtime added makes a tent more in May


def replanned(changes, instead=None):
    """Recompute the resting plan where 40 tents of May are late, less one for each hour of overtime added.

    Each hour costs 10 of margin, and prices act on revenue and margin as they stand.
    """
    overtime = changes["column"] == "overtime_hours_per_worker"
    added = changes.loc[overtime, "amount"].sum()
    factor = changes.loc[changes["column"] == "price", "amount"].prod()
    money = resting_plan()["financial_plan"]
    dearer = money["revenue"] * (factor - 1)
    money = money.assign(revenue=money["revenue"] + dearer, margin=money["margin"] + dearer)
    money.loc[0, "margin"] -= 10 * added
    served = late_tents(may=max(40 - added, 0))
    service = table(
        "strategy_comparison",
        f"""
        strategy        measure                item  period  value
        plan_of_record  cost                   -     -       1000
        plan_of_record  service_level_ratio    -     -       {1 - max(40 - added, 0) / 900}
        plan_of_record  max_inventory_planned  -     -       30
        plan_of_record  max_backlog            -     -       40
        """,
    )
    return {
        **resting_plan(),
        "service_plan": served,
        "financial_plan": money,
        "strategy_comparison": service,
    }


BASE = replanned(nothing("proposed_changes"))


def idea(
    scenario, amount, column="overtime_hours_per_worker", disagreement="unserved-tents-2027-05"
):
    row = {
        "scenario": scenario,
        "change": 1,
        "disagreement": disagreement,
        "table": "resource_calendar",
    }
    return pd.DataFrame(
        [{**row, "column": column, "operation": "add", "amount": amount, "statement": scenario}]
    )


def measured(*ideas, inventory_policy=None, **tables):
    changes = conform("proposed_changes", pd.concat(ideas))
    found = gaps(service_plan=BASE["service_plan"], inventory_policy=inventory_policy, **tables)
    return strategies_of(found, changes, inventory_policy=inventory_policy)


def engine(**inputs):
    """The engine on top of the small plan."""
    return replanning.engine_of({**BASE, "products": PRODUCTS, **inputs}, replanned)


def strategies_of(found, changes, **inputs):
    plan_them, money = engine(**inputs), BASE["financial_plan"]
    base = scenarios.scenario_results(money, plan_them)
    options = evaluation.option_results(changes, base, plan_them)
    return evaluation.strategies(found, changes, base, options, money)


def test_every_set_of_changes_is_planned_once_and_told():
    """Two scenarios of one content are planned once; an option of the same content is read from their results."""
    made, told = [], []

    def counted(changes, instead=None):
        made.append(scenarios.changes_of(changes))
        return replanned(changes, instead)

    ask = replanning.engine_of({**BASE, "products": PRODUCTS}, counted, told.append)
    ten, four = idea("ten", 10.0), idea("four", 4.0)
    twice = pd.concat([ten, ten.assign(scenario="ten-again")])
    known = conform("scenario_changes", twice.drop(columns=["disagreement", "statement"]))
    base = scenarios.scenario_results(BASE["financial_plan"], ask, known)
    proposed = conform("proposed_changes", pd.concat([ten.assign(scenario="overtime"), four]))
    options = evaluation.option_results(proposed, base, ask, known)
    assert len(made) == len(set(made)) == 2
    assert told == ["planning scenario ten, 1 of 1", "planning scenario four, 1 of 1"]
    assert base["scenario"].unique().tolist() == ["base", "ten", "ten-again"]
    assert options["scenario"].unique().tolist() == ["overtime", "four"]
    same = scenarios.results_of(options, "overtime").reset_index(drop=True)
    pd.testing.assert_frame_equal(
        same, scenarios.results_of(base, "ten").reset_index(drop=True), check_dtype=False
    )


def test_the_plan_as_it_is_stands_beside_every_scenario():
    sides = scenarios.comparison(beside(DEFINED)).set_index(["scenario", "measure"])
    assert sides.index.unique("scenario").tolist() == ["saturdays", "autumn", "strike", "press"]
    row = sides.loc["saturdays", "margin"]
    assert (row["reference_value"], row["gap"]) == (27000, -80)


def test_a_scenario_is_measured_by_making_the_plan_again():
    row = only(measured(idea("ten", 10.0)))
    assert row["gap_closed_ratio"] == pytest.approx(10 / 40)
    assert row["margin_effect"] == -100
    assert row["revenue_effect"] == 0
    assert row["service_effect"] == pytest.approx(10 / 900)


def test_a_gap_that_is_gone_is_closed_in_full():
    assert only(measured(idea("forty", 40.0)))["gap_closed_ratio"] == 1


def test_a_gap_that_grows_is_closed_below_nought():
    assert only(measured(idea("less", -10.0)))["gap_closed_ratio"] == pytest.approx(-0.25)


def test_if_nothing_earns_the_cheapest_that_closes_eight_tenths_is_recommended():
    """40 late tents cost 200: 16 hours close too little, 36 close it for 360, which is more than it is worth."""
    assert not measured(idea("sixteen", 16.0), idea("thirty-six", 36.0))["recommended"].any()


def test_a_scenario_that_costs_less_than_the_gap_is_recommended():
    """Where the backlog is still owed at the end it costs its contribution too: then 36 hours are worth it."""
    dear = with_cells("unit_economics", {"product": "TENT-2"}, backlog_cost=12.0)
    rows = measured(idea("thirty-six", 36.0), idea("forty", 40.0), unit_economics=dear)
    assert rows.set_index("scenario")["recommended"].to_dict() == {
        "thirty-six": True,
        "forty": False,
    }


def test_a_scenario_that_supposes_a_price_is_measured_but_never_recommended():
    """The same hours that are recommended by themselves are not when a price is set with them."""
    dear = with_cells("unit_economics", {"product": "TENT-2"}, backlog_cost=12.0)
    price = idea("thirty-six", 1.0, column="price").assign(table="economics", change=2)
    rows = measured(pd.concat([idea("thirty-six", 36.0), price]), unit_economics=dear)
    assert only(rows)["gap_closed_ratio"] == pytest.approx(0.9)
    assert not only(rows)["recommended"]


def test_a_scenario_that_earns_but_does_not_help_is_not_recommended():
    row = only(measured(idea("dearer", 1.02, column="price")))
    assert (row["gap_closed_ratio"], row["margin_effect"]) == (0, pytest.approx(0.02 * 60000))
    assert not row["recommended"]


def test_a_scenario_also_counts_for_another_gap_of_which_it_closes_a_quarter():
    """Overtime proposed against too much stock does nothing there, but serves the late tents; four hours do little."""
    rows = measured(
        idea("forty", 40.0, disagreement="excess-tents-2027-04"),
        idea("four", 4.0),
        inventory_policy=POLICY,
    )
    closed = rows.set_index(["disagreement", "scenario"])["gap_closed_ratio"].to_dict()
    assert closed == {
        ("excess-tents-2027-04", "forty"): 0,
        ("unserved-tents-2027-05", "forty"): 1,
        ("unserved-tents-2027-05", "four"): pytest.approx(0.1),
    }


def test_without_proposals_there_are_no_strategies():
    empty = nothing("proposed_changes")
    assert strategies_of(gaps(), empty).empty


# risks


def beside(defined):
    return scenarios.scenario_results(BASE["financial_plan"], engine(), defined)


def test_a_risk_is_expected_at_its_probability_times_its_margin_effect():
    rows = evaluation.risk_scenarios(beside(DEFINED), RISKS).set_index("risk")
    assert rows.loc["R-2", "margin_effect"] == -80  # Saturdays add 8 hours at 10
    assert rows.loc["R-2", "expected_effect"] == -40
    assert rows.index.tolist() == ["R-2", "R-1"]


def test_a_risk_whose_scenario_has_no_changes_is_refused():
    with pytest.raises(ValueError) as refusal:
        evaluation.risk_scenarios(beside(DEFINED.iloc[:2]), RISKS)
    assert str(refusal.value) == (
        "risks: scenario must have rows in scenario_changes; risk=R-1 has scenario=strike.\n"
        "  Add its changes, or name another scenario."
    )


def test_a_risk_that_the_plan_is_made_under_is_in_it_and_not_measured_again():
    taken = scenarios.take(DEFINED, ["strike"])
    rows = evaluation.risk_scenarios(beside(taken), RISKS, taken).set_index("risk")
    assert rows.loc["R-1", ["statement", "margin_effect", "expected_effect"]].tolist() == [
        "Strike (in the plan)",
        0,
        0,
    ]
    assert rows.loc["R-2", "margin_effect"] == -80


def test_without_risks_there_are_no_risk_scenarios():
    assert evaluation.risk_scenarios(beside(None)).empty


# decisions


def asked(*ideas, **tables):
    found = gaps(service_plan=BASE["service_plan"], **tables)
    risks = evaluation.risk_scenarios(beside(DEFINED), RISKS)
    return decisions.decisions(
        found, measured(*ideas, **tables), risks, BASE["financial_plan"], TERMS
    )


def test_each_gap_with_options_is_a_question_and_approval_stands_last():
    dear = with_cells("unit_economics", {"product": "TENT-2"}, backlog_cost=12.0)
    rows = asked(idea("thirty-six", 36.0), unit_economics=dear)
    assert rows["decision"].tolist() == ["decide-unserved-tents-2027-05", "approve-plan"]
    assert rows["choice"].isna().all()
    first = rows.iloc[0]
    assert first["recommendation"] == "thirty-six"
    assert first["scenario"] == "thirty-six"
    assert first["margin_effect"] == -360
    assert "closes 90.0 %, margin EUR -360" in first["options"]


def test_where_no_option_pays_the_plan_is_kept_and_the_gap_named():
    first = asked(idea("sixteen", 16.0)).iloc[0]
    assert (
        first["recommendation"]
        == "Keep the plan: no option can be recommended by its figures alone"
    )
    assert first["effect"] == "The gap of 40 units, EUR 200 stays"
    assert pd.isna(first["scenario"])


def test_a_plan_without_gaps_asks_only_for_approval():
    rows = decisions.decisions(
        gaps(), nothing("strategies"), nothing("risk_scenarios"), BASE["financial_plan"]
    )
    assert rows["decision"].tolist() == ["approve-plan"]
    assert (
        rows["effect"].iloc[0]
        == "Revenue 60,000 and margin 27,000 over 3 months; no risks are listed"
    )


def agenda(*ideas, log=None, **tables):
    found = gaps(service_plan=BASE["service_plan"], **tables)
    risks = evaluation.risk_scenarios(beside(DEFINED), RISKS)
    ways = measured(*ideas, **tables) if ideas else nothing("strategies")
    return decisions.agenda(found, ways, risks, BASE["financial_plan"], log)


def topics(rows, meeting):
    return rows.loc[rows["settled_by"] == meeting, "topic"].tolist()


OWN = ["1. Where the plan stands", "2. Risks and opportunities", "3. Approval of the plan"]


def test_a_small_question_that_changes_nothing_is_the_working_groups():
    """40 late tents are worth 200, less than one per cent of a margin of 27,000."""
    rows = agenda()
    assert topics(rows, "working group") == ["1. Question: unserved-tents-2027-05"]
    assert topics(rows, "executives") == OWN
    assert rows["minutes"].tolist() == [5, 5, 10, 5]


def test_a_change_of_the_plan_is_the_department_heads():
    rows = agenda(idea("sixteen", 16.0))
    assert topics(rows, "department heads") == ["1. Decision: unserved-tents-2027-05"]
    assert topics(rows, "working group") == []
    assert topics(rows, "executives") == OWN


def settled(*rows):
    """The meetings that settle gaps of (code, whose, money, scenario recommended, share that it closes)."""
    columns = ["disagreement", "between", "gap_value", "scenario", "gap_closed_ratio"]
    found = pd.DataFrame(rows, columns=columns).assign(
        owner="Holm", statement="It is late", question="Why?"
    )
    ways = found.dropna(subset="scenario").assign(recommended=True)
    rows = decisions.agenda(found, ways, nothing("risk_scenarios"), BASE["financial_plan"])
    return {
        row.topic.split(": ")[1]: row.settled_by for row in rows.itertuples() if ": " in row.topic
    }


def test_what_breaks_a_promise_or_is_large_and_stays_open_is_the_executives():
    found = settled(
        ("budget", "finance", -5.0, None, None),
        ("large-open", "supply", -280.0, "shift", 0.5),
        ("large-closed", "supply", -280.0, "source", 1.0),
        ("large-view", "demand", -280.0, None, None),
        ("small-open", "supply", -200.0, "hours", 0.5),
    )
    assert found == {
        "budget": "executives", "large-open": "executives", "large-closed": "department heads",
        "large-view": "department heads", "small-open": "department heads",
    }  # fmt: skip


def test_disagreements_with_the_same_answer_are_one_topic_of_the_higher_meeting():
    found = settled(
        ("large-open", "supply", -280.0, "shift", 0.5),
        ("small-closed", "supply", -20.0, "shift", 1.0),
    )
    assert found == {"large-open, small-closed": "executives"}


def test_what_this_cycle_has_decided_is_on_no_agenda():
    cycle = BASE["financial_plan"]["period"].min()
    log = table("decision_log", "cycle decision question choice author reason decided_on\n"
                f"{cycle} decide-unserved-tents-2027-05 ? keep Holm cheap 2027-03-02")  # fmt: skip
    rows = agenda(idea("sixteen", 16.0), log=log)
    assert rows["settled_by"].unique().tolist() == ["executives"]
    older = agenda(idea("sixteen", 16.0), log=log.assign(cycle=cycle - 1))
    assert topics(older, "department heads") == ["1. Decision: unserved-tents-2027-05"]


def test_a_decision_says_which_meeting_settles_it():
    rows = asked(idea("sixteen", 16.0))
    assert rows["settled_by"].tolist() == ["department heads", "executives"]


# the sample company


def test_on_the_sample_company_every_gap_is_whole_and_its_owner_known(plan):
    found = plan["gaps"]
    assert set(found["between"]) == {kind.between for kind in KINDS.values()}
    assert (found["gap_units"].abs() + found["gap_value"].abs() > 0).all()
    assert found["owner"].notna().all()


def test_on_the_sample_company_late_units_are_those_of_the_service_level(plan):
    """1 - late units / demand is the service level that the supply review reports."""
    late = (
        -plan["gaps"]
        .loc[plan["gaps"]["disagreement"].str.startswith("unserved"), "gap_units"]
        .sum()
    )
    served = of_record(plan["strategy_comparison"])["service_level_ratio"]
    assert 1 - late / plan["demand_plan"]["consensus"].sum() == pytest.approx(served, abs=2e-4)


def test_on_the_sample_company_at_most_one_scenario_a_gap_is_recommended(plan):
    chosen = plan["strategies"][plan["strategies"]["recommended"]]
    assert not chosen["disagreement"].duplicated().any()


# what should make the meeting ask though all is served


def test_cash_below_zero_is_one_gap_of_its_lowest_month():
    cash = table(
        "cash_plan",
        """
        period   collections  payments  receivables  payables  inventory_value  cash
        2027-04  0            100       0            0         0                -100
        2027-05  0            200       0            0         0                -300
        2027-06  400          0         0            0         0                100
        """,
    )
    gap = only(gaps(cash_plan=cash, terms=TERMS))
    assert gap["disagreement"] == "cash-company"
    assert gap["statement"] == "Cash falls EUR 300 below zero at its lowest, Apr 2027 to May 2027"
    assert gap["gap_value"] == -300
    assert gaps(cash_plan=cash.assign(cash=0.0)).empty


def stock(april, may):
    return table(
        "inventory_plan",
        f"""
        product  site   period   inventory  safety_stock  target_inventory  max_inventory  shortfall  excess  stock_position
        TENT-2   alpha  2027-04  {april}    10            12                20             0          0       in_band
        TENT-2   alpha  2027-05  {may}      10            12                20             0          0       in_band
        """,
    )


def test_stock_below_safety_counts_at_its_worst_month():
    gap = only(gaps(inventory_plan=stock(8, 5)))
    assert (gap["disagreement"], gap["gap_units"], gap["gap_value"]) == ("cover-tents", -5, -5 * 60)
    assert gaps(inventory_plan=stock(10, 15)).empty


def habit(bias, signal):
    return table(
        "forecast_accuracy",
        f"""
        contributor  level   item   lag  wape  bias    observations  tracking_signal
        consensus    family  tents  1    0.1   {bias}  12            {signal}
        sales        family  tents  1    0.3   0.30    12            -12
        """,
    )


def test_a_bias_persists_when_errors_add_up_on_one_side():
    gap = only(gaps(forecast_accuracy=habit(0.25, -9)))
    assert gap["disagreement"] == "bias-tents"
    assert "without that bias the plan is 240 units, not 300" in gap["statement"]
    assert (gap["gap_units"], gap["gap_value"]) == (60, 60 * 60)
    assert gaps(forecast_accuracy=habit(0.25, -3)).empty
    assert gaps(forecast_accuracy=habit(0.01, -9)).empty


def approved_last(units):
    frame = table(
        "plan_gaps",
        f"compared_with measure item period plan reference_value gap\nlast_cycle quantity tents 2027-04 100 {units} 0",
    )
    return frame.assign(gap=frame["plan"] - frame["reference_value"])


def test_a_demand_plan_far_from_the_last_one_needs_a_reason():
    gap = only(gaps(plan_gaps=approved_last(80)))
    assert gap["statement"] == "tents: the plan is 100 units where 80 were approved last, Apr 2027"
    assert (gap["gap_units"], gap["gap_value"]) == (20, 20 * 60)
    assert gaps(plan_gaps=approved_last(95)).empty


def test_a_supply_plan_that_is_turned_over_within_the_near_months_is_nervous():
    text = "cycle product site period regular overtime subcontract\n2027-03 TENT-2 alpha 2027-04 {} 0 0"
    gap = only(gaps(approved_supply_plans=table("approved_supply_plans", text.format(150))))
    assert gap["disagreement"] == "supply-change-tents"
    assert (gap["gap_units"], gap["gap_value"]) == (-50, -50)  # a tent costs 1 a month to hold
    assert gaps(approved_supply_plans=table("approved_supply_plans", text.format(120))).empty


def crew(used):
    return table(
        "workforce_plan",
        f"""
        resource  period   workers  hired  laid_off  regular_hours  overtime_hours  capacity_hours  utilisation_ratio
        CELL      2027-04  10       0      0         {used}         0               1000            0.5
        """,
    )


def test_a_resource_that_is_paid_for_idle_hours_is_a_gap():
    gap = only(gaps(workforce_plan=crew(500), resources=RESOURCES))
    assert gap["statement"] == "CELL pays 1,000 hours and needs 500, Apr 2027"
    assert gap["gap_value"] == -500 * 20
    assert gaps(workforce_plan=crew(700), resources=RESOURCES).empty


def test_a_deal_on_top_of_what_sales_added_may_be_counted_twice():
    deals = table(
        "opportunity_plan",
        """
        opportunity  product  market  period   quantity  probability  opportunity_demand  treatment
        D-1          TENT-2   north   2027-04  40        0.5          20                  added
        D-2          TENT-2   north   2027-05  40        0.5          20                  added
        """,
    )
    views = table(
        "demand_overrides",
        """
        function  product  market  period   quantity  weight  override  author  reason
        sales     TENT-2   north   2027-04  95        1       5         Kim     dealers
        sales     TENT-2   north   2027-05  90        1       0         Kim     dealers
        """,
    )
    gap = only(gaps(opportunity_plan=deals, demand_overrides=views))
    assert (gap["disagreement"], gap["gap_units"], gap["gap_value"]) == (
        "double-D-1-2027-04",
        5,
        5 * 60,
    )


# the sample company without its troubles


@pytest.fixture(scope="module")
def untroubled(root, tmp_path_factory):
    """The sample company drawn anew without what is planted in it."""
    spec = importlib.util.spec_from_file_location("untroubled", root / "data" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    generate.TRUTH.update(generate.UNTROUBLED)
    folder = tmp_path_factory.mktemp("untroubled")
    generate.write(folder)
    return readers.read(str(folder))


def test_in_the_sample_company_drawn_without_its_troubles_only_the_rest_of_a_phase_out_is_found(
    untroubled,
):
    """What was approved last is drawn as demand evened out, not as a plan: here it is the plan itself, so nothing changed."""
    until = "50_financial_review"
    plan = replanning.replan(untroubled, "2026-10", until=until)
    drawn, made = (
        untroubled["approved_supply_plans"],
        plan["supply_plan"],
    )
    columns = [column for column in drawn.columns if column in made.columns]
    approved = pd.concat(
        [
            drawn[drawn["period"] < made["period"].min()],
            made[columns].assign(cycle=drawn["cycle"].max()),
        ]
    )
    tables = untroubled | {"approved_supply_plans": conform("approved_supply_plans", approved)}
    plan = replanning.replan(tables, "2026-10", until=until)
    wanted = inspect.signature(gaps_module.gaps).parameters
    found = gaps_module.gaps(**{name: plan.get(name, tables.get(name)) for name in wanted})
    assert found["disagreement"].tolist() == ["stranded-PACK-5-2028-03"]
    assert found["gap_units"].iloc[0] < 100


def test_on_the_sample_company_every_planted_trouble_is_found(plan):
    found = set(plan["gaps"]["disagreement"])
    planted = {
        "capacity-TENT-LINE-2027-04",
        "component-VALVE-7-2027-04",
        "budget-margin-clothing",
        "goal-lean-stock",
        "launch-LAUNCH-3",
        "launch-LAUNCH-4",
        "launch-LAUNCH-5",
        "stranded-PACK-5-2028-03",
        "view-sales-clothing-2026-10",
    }
    assert planted <= found


def test_on_the_sample_company_a_launch_and_an_activity_are_moved_where_they_bear_on_a_gap(plan):
    ways = plan["strategies"].merge(plan["proposed_changes"][["scenario", "column"]], on="scenario")
    assert {"launch_period", "start_period"} <= set(ways["column"])
