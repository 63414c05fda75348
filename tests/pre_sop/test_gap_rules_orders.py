"""Gap rules of what is made to order: one question a product, sized by its worst month."""

from conftest import table
from planning import item_costs, months

from sopkit.pre_sop.gaps import gaps

BOOK = table(
    "order_backlog",
    """
    product  period   opening_order_backlog  order_backlog  backlog_weeks  order_lead_time_weeks
    TENT-1   2026-10  100                    100            10             5
    TENT-1   2026-11  100                    100            4              5
    TENT-1   2026-12  100                    120            12             5
    TENT-1   2027-01  120                    80             8              5
    """,
)
NAMED = table(
    "products", "product family unit_of_measure description\nTENT-1 tents piece Dome-tent"
)
PRICES = """
product  price  material_cost  holding_cost  backlog_cost
TENT-1   100    40             1             5
"""


def waiting(*late):
    rows = "\n".join(
        f"TENT-1 home {period} 50 50 {units} 0"
        for period, units in zip(BOOK["period"].astype(str), late, strict=True)
    )
    columns = "product market period demand fulfilled backlog lost_sales"
    return table("constrained_demand", f"{columns}\n{rows}")


def asked(*late):
    found = gaps(
        {
            "products": NAMED,
            "order_backlog": BOOK,
            "unit_economics": item_costs(months(4), PRICES),
            "constrained_demand": waiting(*late),
        }
    )
    return found[found["gap"].str.startswith("order-backlog")]


def test_a_backlog_is_one_gap_with_the_units_of_its_worst_month():
    # 10 units a week: 50 beyond the lead time in October, 70 in December, 30 in January
    (gap,) = asked(30, 0, 60, 40).to_dict("records")
    assert gap["gap"] == "order-backlog-TENT-1"
    assert gap["statement"] == (
        "Dome-tent (TENT-1): up to 60 units of the order backlog cannot be produced within the "
        "order lead time, Oct 2026 to Jan 2027"
    )
    assert (gap["gap_units"], gap["gap_value"]) == (-60, -60 * 60)


def test_a_month_that_is_no_gap_does_not_size_it():
    # 5.9 of December's 120 units are late, fewer than one in twenty, and 5.5 of October's 100
    (gap,) = asked(5.5, 0, 5.9, 0).to_dict("records")
    assert (gap["gap_units"], str(gap["to_period"])) == (-5.5, "2026-10")
    assert asked(0, 40, 0, 0).empty
