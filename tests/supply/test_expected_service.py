"""Expected service of stock against the policy: the simulated chance, in the months safety stock covers."""

import pytest
from conftest import table
from planning import call
from test_uncertainty import CHANCE, SAFETY, tables_of

from sopkit.supply.expected_service import expected_service
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.risk_simulation import demand_risk

REACH = 1.28155 * 10  # half the width of an 80 % interval with a deviation of 10


def service(stock, policy, mode="to_stock"):
    """The expected service of a tent with a deviation of 10 units in each month."""
    tables = {
        **tables_of(stock, 1000 - REACH, 1000 + REACH),
        "sourcing_network": table("sourcing_network", "site market freight_cost\nplant north 0"),
        "item_locations": table(
            "item_locations", "product site on_hand produced_here\nTENT-1 plant 0 yes"
        ),
        "products": table(
            "products",
            f"product family unit_of_measure supply_mode\nTENT-1 tents piece {mode}",
        ),
        "inventory_policy": table("inventory_policy", policy),
    }
    tables["inventory_targets"] = call(inventory_targets, tables)
    return call(expected_service, tables), call(demand_risk, tables).inventory_risk


WEEK = "product target_service_level lead_time_days\nTENT-1 0.95 7"


def test_stock_of_one_month_in_twenty_is_within_a_policy_of_95_percent():
    found, _ = service([SAFETY] * 3, WEEK)
    # a review of a month and a week of lead time: later months can still be replanned
    assert found["period"].astype(str).tolist() == ["2026-10"]
    assert found["stock_out_probability"].tolist() == pytest.approx([0.05], abs=CHANCE)
    assert found["target_service_level"].tolist() == [0.95]
    assert found["target_fill_rate"].isna().all()


def test_the_chance_is_that_of_the_simulation_in_every_month_of_the_lead_time():
    policy = "product target_service_level target_fill_rate lead_time_days\nTENT-1 0.9 0.99 60"
    found, simulated = service([5.0, 8.0, 2.0, 9.0], policy)
    columns = ["stock_out_probability", "fill_rate", "unmet"]
    assert len(found) == 3
    assert found[columns].equals(simulated[columns].head(3))
    assert found["target_fill_rate"].tolist() == [0.99] * 3


def test_what_has_no_safety_stock_by_its_supply_mode_is_not_held_against_any_target():
    for mode in ("to_order", "not_storable"):
        assert service([0.0] * 2, WEEK, mode)[0].empty
