"""A plan at rest on two products and three months, that can be checked by hand.

A tent sells at 100 and takes 40 of material: it leaves 60. A stove sells at 50 and takes 20: it
leaves 30. The plan serves all demand and disagrees with nobody; each test changes one or two tables.
"""

from functools import cache

import pandas as pd
from conftest import table

from sopkit import scenarios
from sopkit.cycle import what_if
from sopkit.pre_sop import evaluation, options
from sopkit.pre_sop import gaps as gaps_module
from sopkit.rules.call import call
from sopkit.schema.tables import TABLES
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

MORE = (
    "procurement_plan",
    "order_backlog",
    "planning_rules",
    "plan_variances",
    "projected_inventory",
    "expected_service",
    "forecast_accuracy",
    "demand_history",
    "pipeline_forecast",
    "selling_prices",
)


MONTHS = ["2027-04", "2027-05", "2027-06"]


PRODUCTS = table(
    "products", "product family unit_of_measure\nTENT-2 tents piece\nSTOVE-1 stoves piece"
)


TERMS = table(
    "company_settings", "currency receivable_days payable_days opening_cash fixed_cost\nEUR 0 0 0 0"
)


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
    "item_costs",
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


SOURCES = table(
    "sources",
    """
    item   supplier  lead_time_days  unit_cost  supply_limit
    POLE   Duraflex  10              2          350
    VALVE  Brenner   10              5          -
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
    """The plan at rest, for a test to change."""
    return {name: frame.copy() for name, frame in _at_rest().items()}


@cache
def _at_rest():
    """A plan in which nobody disagrees: 100 tents and 200 stoves a month, all served."""
    quiet = (
        "launch_plan",
        "forecast_overrides",
        "rough_cut_capacity",
        "workforce_plan",
        "shadow_prices",
    )
    return {
        **{name: nothing(name) for name in (*quiet, *MORE)},
        "planning_periods": planning_periods("2027-04", pd.DataFrame({"horizon_months": [3.0]})),
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
            product  market  baseline  launch_demand  activity_demand  opportunity_demand  override  consensus  lower_80  upper_80  firm_orders  past_due_orders  net_forecast  total_demand
            TENT-2   north   90        0              0                0                   10        100        80   120  0  0  100  100
            STOVE-1  north   200       0              0                0                   0         200        180  220  0  0  200  200
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
            product  site   opening_inventory  regular  overtime  subcontract  scheduled_receipts  shipped  inventory  target_inventory
            TENT-2   alpha  10                 100      0         0            0         100      10         10
            STOVE-1  alpha  20                 200      0         0            0         200      20         20
            """,
        ),
        "constrained_demand": every_month(
            "constrained_demand",
            """
            product  market  demand  fulfilled  backlog  lost_sales
            TENT-2   north   100     100     0        0
            STOVE-1  north   200     200     0        0
            """,
        ),
        "profitability": every_month(
            "profitability",
            """
            product  market  quantity  list_revenue  discount  revenue  cost_of_sales  activity_spend  margin  uncosted_revenue  net_price  standard_cost
            TENT-2   north   100       10000         0         10000    6000           0               4000    0                 100        60
            STOVE-1  north   200       10000         0         10000    5000           0               5000    0                 50         25
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
    return call(gaps_module.gaps, {**resting_plan(), **tables})


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
    """shadow_prices whose constraint is written with a dash for the blank."""
    frame = table("shadow_prices", text)
    return frame.assign(constraint=frame["constraint"].str.replace("-", " "))


def late_tents(april=0.0, may=0.0, june=0.0):
    frame = resting_plan()["constrained_demand"]
    tents = frame["product"] == "TENT-2"
    frame.loc[tents, "backlog"] = [april, may, june]
    frame.loc[tents, "fulfilled"] = [100 - april, 100 + april - may, 100 + may - june]
    return frame


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


ROUGH_CUT = """
    resource  period   required_hours  capacity_hours  utilization
    CELL      2027-04  180             200             0.9
    CELL      2027-05  260             200             1.3
    CELL      2027-06  220             200             1.1
    """


SCARCE_HOURS = """
    constraint      item  period   limit  used  shadow_price
    overtime-hours  CELL  2027-05  40     40    3
    regular-hours   CELL  2027-05  160    160   25
    """


def overload(**tables):
    known = {"rough_cut_capacity": table("rough_cut_capacity", ROUGH_CUT), "routings": ROUTINGS}
    return gaps(**{**known, "shadow_prices": limits(SCARCE_HOURS), **tables})


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
        "plan_variances",
        "\n".join(["reference_type measure item period plan reference_value variance", *rows]),
    )


POLICY = table(
    "inventory_policy", "product site max_inventory\nTENT-2 - 8\nSTOVE-1 beta 5\nSTOVE-1 alpha 30"
)


LATE = {"constrained_demand": late_tents(april=20, may=10), "shadow_prices": limits(SCARCE_HOURS)}


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
        plan_of_record  fill_rate    -     -       {1 - max(40 - added, 0) / 900}
        plan_of_record  max_inventory_planned  -     -       30
        plan_of_record  max_backlog            -     -       40
        """,
    )
    return {
        **resting_plan(),
        "constrained_demand": served,
        "financial_plan": money,
        "strategy_comparison": service,
    }


BASE = replanned(nothing("option_changes"))


def idea(
    scenario, amount, column="overtime_hours_per_worker", disagreement="unserved-tents-2027-05"
):
    row = {
        "scenario": scenario,
        "change": 1,
        "gap": disagreement,
        "table": "resource_calendar",
    }
    return pd.DataFrame(
        [{**row, "column": column, "operation": "add", "amount": amount, "statement": scenario}]
    )


def measured(*ideas, inventory_policy=None, **tables):
    changes = conform("option_changes", pd.concat(ideas))
    found = gaps(
        constrained_demand=BASE["constrained_demand"], inventory_policy=inventory_policy, **tables
    )
    return strategies_of(found, changes, inventory_policy=inventory_policy)


def engine(**inputs):
    """The engine on top of the small plan."""
    return what_if.engine_of({**BASE, "products": PRODUCTS, **inputs}, replanned)


def strategies_of(found, changes, **inputs):
    plan_them, money = engine(**inputs), BASE["financial_plan"]
    base = scenarios.scenario_results(money, plan_them)
    asked = [scenarios.Scenario(name, rows) for name, rows in changes.groupby("scenario")]
    results = plan_them(asked) if asked else nothing("option_results")
    return evaluation.gap_options(found, changes, base, results)


def beside(defined):
    return scenarios.scenario_results(BASE["financial_plan"], engine(), defined)


def proposals(found, **inputs):
    known = {"products": PRODUCTS, "shadow_prices": limits(SCARCE_HOURS), "routings": ROUTINGS}
    known["planning_periods"] = BASE["planning_periods"]
    told = {"gaps": found, **known, **inputs}
    tables = {name: told.get(name) for name in options.option_tables()}
    own = (
        "gaps",
        "planning_periods",
        "shadow_prices",
        "goals",
        "levers",
        "scenario_changes",
        "risks",
    )
    return options.proposed(tables, **{name: told.get(name) for name in own})
