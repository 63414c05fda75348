"""A released order, a planner's row, a fence or a notice that is not kept is a gap."""

from conftest import table

from sopkit.pre_sop.gaps import gaps

PRODUCTS = table("products", "product family unit_of_measure\nTENT-2 tents piece")
RULES = table(
    "planning_rules",
    """
    kind              item   site   period   planned breach lower_limit upper_limit
    firm_production   TENT-2 alpine 2026-10  120     -30    150   150
    frozen_production TENT-1 -      2026-10  80      0      80    80
    hiring_notice     SEWING -      2026-10  2       2      -     0
    """,
)


def test_each_breach_is_a_gap_with_its_quantity():
    found = gaps({"planning_rules": RULES, "products": PRODUCTS})
    assert sorted(found["statement"]) == [
        "Hiring notice of SEWING breached: 2 planned vs. 0, Oct 2026",
        "Released orders of TENT-2 at alpine breached: 120 planned vs. 150, Oct 2026",
    ]
    units = dict(zip(found["gap"], found["gap_units"], strict=True))
    assert units == {
        "broken-rule-firm_production-TENT-2-alpine-2026-10": -30,
        "broken-rule-hiring_notice-SEWING-2026-10": 0,
    }
