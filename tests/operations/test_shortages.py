"""What is late or too little is named with the limit that binds it most."""

import pandas as pd
from conftest import table

from sopkit.operations import shortages as shortages_module
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
SUPPLY = table(
    "supply_plan",
    """
    product  site   period   opening_inventory  regular  overtime  subcontract  scheduled_receipts  shipped  inventory  target_inventory
    TENT-2   alpha  2026-10  0                  20       0         0            0         20       0          0
    STOVE-1  alpha  2026-10  50                 0        0         0            0         20       30         40
    STOVE-1  alpha  2027-01  50                 0        0         0            0         20       0          40
    """,
)
SERVICE = table(
    "constrained_demand",
    """
    product  market  period   demand  fulfilled  backlog  lost_sales
    TENT-2   north   2026-10  50      20      18       12
    TENT-2   south   2026-10  0       0       0.2      0
    STOVE-1  north   2026-10  20      20      0        0
    """,
)
VALUES = table(
    "shadow_prices",
    """
    constraint         item   period   limit  used  shadow_price
    overtime-hours     CELL   2026-10  40     40    9
    material           VALVE  2026-10  100    100   5
    subcontract-limit  OTHER  2026-10  1      1     99
    """,
).assign(constraint=lambda t: t["constraint"].str.replace("-", " "))
ROUTINGS = table("routings", "product resource hours_per_unit\nTENT-2 CELL 2")
BILL = table(
    "bill_of_materials", "product component quantity_per_unit\nTENT-2 VALVE 3\nSTOVE-1 TUBE 1"
)


def shortages(values=VALUES):
    rows = shortages_module.shortages(HORIZON, SUPPLY, SERVICE, values, ROUTINGS, BILL)
    return rows.set_index(["product", "measure", "item"])


def test_late_lost_and_missing_units_are_listed_each_in_the_detailed_months():
    quantities = shortages()["quantity"].to_dict()
    assert quantities == {
        ("TENT-2", "backlog", "north"): 18,
        ("TENT-2", "lost_sales", "north"): 12,
        ("STOVE-1", "target_inventory", "alpha"): 10,
    }


def test_the_cause_is_the_limit_worth_most_for_one_unit():
    # a tent takes 2 hours, worth 9 each, and 3 valves, worth 5 each
    assert (
        shortages().loc[("TENT-2", "backlog", "north"), "statement"]
        == "overtime hours of CELL used up"
    )
    dearer = VALUES.assign(shadow_price=[9.0, 7.0, 99.0])
    row = shortages(dearer).loc[("TENT-2", "backlog", "north")]
    assert (row["constraint"], row["statement"]) == (
        "material",
        "material of VALVE used up",
    )


def test_a_purchased_product_is_limited_by_its_source():
    values = VALUES.assign(
        constraint="supply limit",
        item=["TENT-2 from far east", "STOVE-1 from far east", "LAMP from far east"],
    )
    rows = shortages(values)["statement"]
    assert rows["TENT-2", "backlog", "north"] == "supply limit of TENT-2 from far east used up"


def test_where_no_limit_binds_that_is_said():
    row = shortages().loc[("STOVE-1", "target_inventory", "alpha")]
    assert pd.isna(row["constraint"])
    assert row["statement"] == "no limit binds: to be in time would cost more"
