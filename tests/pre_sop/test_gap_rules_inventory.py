"""Gap rules of inventory: stock above its maximum, below its safety stock, likely to run out."""

from conftest import table
from resting import POLICY, gaps, late_tents, only


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


def service(*rows):
    header = "product site period stock_out_probability fill_rate unmet target_service_level target_fill_rate"
    return table("expected_service", "\n".join([header, *rows]))


def test_a_chance_of_a_stock_out_above_the_policys_counts_at_its_worst_site_and_month():
    found = service(
        "TENT-2 alpha 2027-04 0.10 0.99 2 0.95 -",
        "TENT-2 beta 2027-04 0.25 0.96 7 0.95 -",
        "TENT-2 alpha 2027-05 0.20 0.97 9 0.95 -",
        "STOVE-1 alpha 2027-04 0.06 0.99 4 0.95 -",  # within the error of the draws
    )
    gap = only(gaps(expected_service=found))
    assert (gap["gap"], gap["gap_units"], gap["gap_value"]) == ("stock-out-TENT-2", -7, -7 * 60)
    assert gap["statement"] == (
        "TENT-2: expected service 75.0 % vs. 95.0 % by policy, Apr 2027 to May 2027"
    )


def test_where_the_policy_asks_for_a_fill_rate_the_expected_one_is_held_against_it():
    kept = service("STOVE-1 alpha 2027-04 0.40 0.985 4 0.95 0.98")
    assert gaps(expected_service=kept).empty
    missed = service("STOVE-1 alpha 2027-04 0.40 0.93 14 0.95 0.98")
    gap = only(gaps(expected_service=missed))
    assert (gap["gap_units"], gap["gap_value"]) == (-14, -14 * 30)


def test_a_month_in_which_the_plan_itself_is_short_is_no_second_gap():
    found = service("TENT-2 alpha 2027-05 1 0.6 40 0.95 -")
    codes = gaps(expected_service=found, constrained_demand=late_tents(may=40))["gap"]
    assert not codes.str.startswith("stock-out").any()


def test_the_company_says_from_when_on_it_is_a_gap():
    found = service("TENT-2 alpha 2027-04 0.10 0.99 2 0.95 -")
    own = table(
        "gap_thresholds",
        "gap_type threshold value owner reason\nstock_out share_below_target 0.06 Ito review",
    )
    assert len(gaps(expected_service=found)) == 1
    assert gaps(expected_service=found, gap_thresholds=own).empty
