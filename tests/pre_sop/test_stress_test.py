"""A stress test: the largest risks are planned together, and only those that cost margin."""

import pandas as pd
import pytest
from conftest import table

from sopkit.pre_sop.stress_test import largest_risks, stress_test
from sopkit.scenarios.results import BASE
from sopkit.tables import conform

IMPACTS = table(
    "risk_impacts",
    """
    risk     risk_kind      statement scenario probability revenue_effect margin_effect expected_effect owner
    outage   vulnerability  o         out      0.1         -100           -40           -4              A
    strike   vulnerability  s         halt     0.1         -90            -30           -3              A
    prices   vulnerability  p         dear     0.9         0              -20           -18             A
    weather  vulnerability  w         rain     0.5         -10            -5            -2.5            A
    deal     opportunity    d         more     0.5         80             30            15              A
    again    vulnerability  a         out      0.2         -100           -40           -8              A
    """,
)
CHANGES = table(
    "scenario_changes",
    """
    scenario change table         column      operation amount
    out      1      sources       unit_cost   multiply  2
    halt     1      resources     max_workers multiply  0.5
    halt     2      resources     max_workers add       -1
    dear     1      item_costs    price       multiply  0.9
    more     1      demand_plan   consensus   multiply  1.1
    """,
)


def results(**margins):
    rows = [
        (name, "margin", value) if measure == "margin" else (name, measure, value / 1000)
        for name, value in margins.items()
        for measure in ("margin", "fill_rate")
    ]
    found = pd.DataFrame(rows, columns=["scenario", "measure", "value"])
    months = pd.PeriodIndex([pd.NaT] * len(found), freq="M")
    return conform("scenario_results", found.assign(item=None, period=months))


PLANNED = results(base=900.0, out=860.0, halt=870.0, dear=880.0, more=930.0)


def engine(asked):
    (one,) = asked
    engine.changes = one.changes
    return results(**{one.name: 780.0})


def test_the_three_costliest_scenarios_are_those_of_the_test_whatever_their_probability():
    assert largest_risks(IMPACTS)["risk"].tolist() == ["outage", "strike", "prices"]


def test_all_changes_of_the_largest_risks_are_planned_one_after_the_other():
    stress_test(IMPACTS, PLANNED, engine, CHANGES)
    assert engine.changes["scenario"].tolist() == ["out", "halt", "halt", "dear"]
    assert engine.changes["change"].tolist() == [1, 2, 3, 4]


def test_together_they_cost_more_than_the_sum_of_each_alone():
    found = stress_test(IMPACTS, PLANNED, engine, CHANGES).set_index("measure")
    margin = found.loc["margin"]
    assert (margin["reference_value"], margin["value"]) == (900.0, 780.0)
    assert margin["variance"] == -120.0
    assert margin["sum_of_variances"] == -40.0 - 30.0 - 20.0
    assert margin["statement"] == "outage, strike and prices"
    assert found.loc["fill_rate", "variance"] == pytest.approx(-0.12)
    assert PLANNED.loc[PLANNED["scenario"] == BASE, "value"].iloc[0] == 900.0


@pytest.mark.parametrize("changes", [CHANGES, None])
def test_one_risk_alone_is_no_stress_test(changes):
    alone = IMPACTS[IMPACTS["risk"].isin(["outage", "deal"])] if changes is CHANGES else IMPACTS
    assert stress_test(alone, PLANNED, engine, changes).empty
