"""Classes by money and forecastability, life cycle, and what to look at."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.demand.segmentation import segments
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10")


def history(**monthly):
    """Cleaned demand by product, months ending 2026-09."""
    parts = []
    for name, quantity in monthly.items():
        periods = pd.period_range(end="2026-09", periods=len(quantity), freq="M")
        parts.append(
            pd.DataFrame(
                {
                    "product": name.replace("_", "-"),
                    "market": "north",
                    "period": periods,
                    "quantity": np.asarray(quantity, float),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True).astype({"product": "str", "market": "str"})
    return frame.assign(cleansed=frame["quantity"])


def products(*names, lifecycle="-"):
    rows = "\n".join(f"{name} tents piece {lifecycle}" for name in names)
    return table("products", "product family unit_of_measure lifecycle\n" + rows)


def prices(**price):
    frame = pd.DataFrame(
        {"product": [name.replace("_", "-") for name in price], "price": list(price.values())}
    )
    return frame.astype({"product": "str", "price": "float"}).merge(
        HORIZON[["period"]], how="cross"
    )


def found(table, product):
    return table.set_index("product").loc[product]


def test_the_first_80_percent_of_revenue_is_a_the_next_15_b_the_rest_c():
    # revenue 80, 15, 5 of 100: the running share before each is 0, 0.80, 0.95
    demand = history(TENT_1=[10] * 36, TENT_2=[10] * 36, TENT_3=[10] * 36)
    result = segments(
        HORIZON,
        products("TENT-1", "TENT-2", "TENT-3"),
        demand,
        prices(TENT_1=16, TENT_2=3, TENT_3=1),
    )
    assert list(result["abc"]) == ["A", "B", "C"]
    assert list(result["revenue_share_ratio"]) == pytest.approx([0.80, 0.15, 0.05])
    assert list(result["revenue"]) == [1920.0, 360.0, 120.0]


def test_revenue_is_as_sold_where_known_and_priced_where_not():
    demand = history(TENT_1=[10] * 12)
    sold = demand[["product", "market", "period", "quantity"]].assign(
        revenue=[50.0] * 6 + [np.nan] * 6
    )
    result = segments(HORIZON, products("TENT-1"), demand, prices(TENT_1=7), sold)
    assert result["revenue"].iloc[0] == 6 * 50 + 6 * 70


@pytest.mark.parametrize(("swing", "letter"), [(0.0, "X"), (0.19, "X"), (0.3, "Y"), (0.9, "Z")])
def test_forecastability_is_the_error_of_last_year_over_the_mean(swing, letter):
    # alternate years swing around 100: errors are 2 x swing x 100 each year
    year = [np.full(12, 100 * (1 + sign * swing / 2)) for sign in (1, -1, 1)]
    result = segments(
        HORIZON, products("TENT-1"), history(TENT_1=np.concatenate(year)), prices(TENT_1=1)
    )
    assert result["forecast_error_cv"].iloc[0] == pytest.approx(swing)
    assert result["xyz"].iloc[0] == letter


def test_a_product_without_history_is_there_as_a_launch_to_look_at():
    result = segments(
        HORIZON, products("TENT-1", "TENT-9"), history(TENT_1=[10] * 36), prices(TENT_1=1, TENT_9=1)
    )
    new = found(result, "TENT-9")
    assert (new["revenue"], new["abc"], new["xyz"], new["lifecycle"]) == (0.0, "C", "Z", "launch")
    assert new["review"]
    assert new["reason"] == "launch (read from history)"
    assert np.isnan(new["forecast_error_cv"])


def test_the_lifecycle_is_read_from_history_where_nobody_states_it():
    demand = history(
        OLD=[10] * 48,
        NEW=[10] * 6,
        UP=[10] * 36 + [13] * 12,
        DOWN=[10] * 36 + [7] * 12,
        GONE=[10] * 40 + [0] * 8,
    )
    names = ["OLD", "NEW", "UP", "DOWN", "GONE"]
    result = segments(HORIZON, products(*names), demand, prices(**dict.fromkeys(names, 1)))
    assert [found(result, name)["lifecycle"] for name in names] == [
        "mature",
        "launch",
        "growth",
        "decline",
        "phase_out",
    ]


def test_a_stated_lifecycle_stands():
    result = segments(
        HORIZON, products("OLD", lifecycle="decline"), history(OLD=[10] * 48), prices(OLD=1)
    )
    assert result["lifecycle"].iloc[0] == "decline"
    assert result["reason"].iloc[0] == "nothing unusual"


def test_a_quarter_far_off_the_same_quarter_last_year_is_looked_at():
    result = segments(HORIZON, products("OLD"), history(OLD=[10] * 45 + [14] * 3), prices(OLD=1))
    assert result["review"].iloc[0]
    assert result["reason"].iloc[0] == "last quarter 40 % on the year before"


def test_a_quarter_is_compared_with_a_whole_quarter_alone():
    """14 months back only two months of last year's quarter are known."""
    result = segments(HORIZON, products("OLD"), history(OLD=[10] * 14), prices(OLD=1))
    assert result["reason"].iloc[0] == "nothing unusual"


def test_much_money_that_is_hard_to_forecast_is_looked_at():
    lumps = np.tile([0, 0, 40, 0, 0, 0, 0, 90, 0, 0, 0], 5)[:48]
    result = segments(HORIZON, products("OLD"), history(OLD=lumps), prices(OLD=1))
    assert "much money, hard to forecast" in result["reason"].iloc[0]


def test_no_sales_at_all_leave_every_product_in_class_c():
    result = segments(HORIZON, products("OLD"), history(OLD=[0] * 12), prices(OLD=1))
    assert list(result["abc"]) == ["C"]
    assert list(result["revenue_share_ratio"]) == [0.0]


def test_row_order_changes_nothing():
    demand = history(OLD=[10] * 48, UP=[10] * 36 + [13] * 12)
    item_costs = prices(OLD=1, UP=2)
    straight = segments(HORIZON, products("OLD", "UP"), demand, item_costs)
    shuffled = segments(
        HORIZON, products("UP", "OLD"), demand.sample(frac=1, random_state=2), item_costs[::-1]
    )
    pd.testing.assert_frame_equal(straight, shuffled)
