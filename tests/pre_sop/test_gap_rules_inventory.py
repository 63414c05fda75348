"""Gap rules of inventory: stock above its maximum and below its safety stock."""

from conftest import table
from resting import POLICY, gaps, only


def test_stock_above_its_maximum_counts_at_its_highest_month():
    gap = only(gaps(inventory_policy=POLICY))
    assert (gap["gap"], gap["gap_units"], gap["gap_value"]) == (
        "excess-tents-2027-04",
        2,
        6,
    )


def stock(april, may):
    return table(
        "projected_inventory",
        f"""
        product  site   period   inventory  safety_stock  target_inventory  max_inventory  shortfall  excess  stock_position
        TENT-2   alpha  2027-04  {april}    10            12                20             0          0       on_target
        TENT-2   alpha  2027-05  {may}      10            12                20             0          0       on_target
        """,
    )


def test_stock_below_safety_counts_at_its_worst_month():
    gap = only(gaps(projected_inventory=stock(8, 5)))
    assert (gap["gap"], gap["gap_units"], gap["gap_value"]) == ("cover-tents", -5, -5 * 60)
    assert gaps(projected_inventory=stock(10, 15)).empty
