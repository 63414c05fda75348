"""What each planner's row costs: the plan with it less the plan without, to the same closing stock."""

import numpy as np
import pytest
from planning import call_with_targets
from test_planning_rules import company, overrides

from sopkit.supply import override_costs
from sopkit.supply.override_costs import FREE, LEFT, MEASURED


def costs(tables):
    return call_with_targets(override_costs.override_costs, tables)


def test_a_row_costs_what_is_held_because_of_it():
    # 120 in place of 100 in October: 20 units of overtime at 6, held for a month at 30; in November
    # the crew is idle for 20 hours, which it is paid for either way
    rows = costs(company(plan_overrides=overrides("production A - 2026-10 120 - -")))
    assert rows["basis"].tolist() == [MEASURED]
    assert rows["cost"].tolist() == pytest.approx([20 * 30 + 20 * 6])
    assert rows["units_recovered"].tolist() == pytest.approx([0])


def test_a_cap_costs_what_is_delivered_late():
    tables = company(
        (120, 120, 120, 100), outside="-", plan_overrides=overrides("production A - 2027-01 - - 70")
    )
    rows = costs(tables | {"resources": tables["resources"].assign(max_workers=1.0)})
    assert rows["units_recovered"].tolist() == pytest.approx([30])
    assert rows["breach"].tolist() == [0]


def test_a_row_that_does_not_bind_costs_nothing_and_is_not_lifted():
    rows = costs(company(plan_overrides=overrides("production A - 2026-10 - 10 500")))
    assert rows[["cost", "basis"]].to_numpy().tolist() == [[0, FREE]]


def test_no_more_than_twelve_rows_are_lifted_and_the_rest_is_said(monkeypatch):
    monkeypatch.setattr(override_costs, "MOST", 1)
    orders = overrides("production A - 2026-10 120 - -", "production A - 2026-12 105 - -")
    rows = costs(company(plan_overrides=orders))
    assert sorted(rows["basis"]) == sorted([MEASURED, LEFT])
    assert np.isnan(rows.loc[rows["basis"] == LEFT, "cost"]).all()


def test_without_rows_there_is_no_cost():
    assert costs(company()).empty
