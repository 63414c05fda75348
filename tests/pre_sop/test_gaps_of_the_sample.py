"""Gaps and options of the sample company: what is planted is found."""

import importlib.util

import pandas as pd
import pytest

from sopkit import scenarios
from sopkit.cycle import replanning
from sopkit.cycle.stages import MEASURED_BY, MEASURED_ON, bearing_on
from sopkit.io import readers
from sopkit.model.comparison import of_record
from sopkit.pre_sop import gaps as gaps_module
from sopkit.pre_sop.gaps import gap_rules
from sopkit.rules.call import call
from sopkit.rules.marks import mark_of
from sopkit.tables import conform

MEASURED = {"until": MEASURED_ON, "only": bearing_on(MEASURED_BY)}  # what gaps are found in
CHOICES = ("prebuild-", "layoffs-")  # of the plan, which are asked about and are no trouble
SMALL = 750_000  # money by which a forecast may miss a budget of 26 million that it does not know


def test_every_proposal_for_the_sample_company_can_be_made(company, plan):
    changes = plan["option_changes"]
    assert not changes.empty
    for _, rows in changes.groupby("scenario"):
        scenarios.apply(company, rows)


def test_on_the_sample_company_every_gap_is_whole_and_its_owner_known(plan):
    found = plan["gaps"]
    assert set(found["area"]) == {mark_of(rule).about["area"] for rule in gap_rules().values()}
    assert (found["gap_units"].abs() + found["gap_value"].abs() > 0).all()
    assert found["owner"].notna().all()


def test_on_the_sample_company_late_units_are_those_of_the_service_level(plan):
    """1 - late units / demand is the service level that the supply review reports."""
    late = -plan["gaps"].loc[plan["gaps"]["gap"].str.startswith("unserved"), "gap_units"].sum()
    served = of_record(plan["strategy_comparison"])["fill_rate"]
    assert 1 - late / plan["demand_plan"]["consensus"].sum() == pytest.approx(served, abs=2e-4)


def test_on_the_sample_company_each_move_is_recommended_once_and_what_is_recommended_is_allowed(
    plan,
):
    chosen = plan["decision_options"][plan["decision_options"]["recommended"]]
    assert len(chosen)
    assert chosen["allowed"].all()
    assert not chosen["scenario"].duplicated().any()


@pytest.fixture(scope="module")
def untroubled(root, tmp_path_factory):
    """The sample company drawn anew without what is planted in it."""
    spec = importlib.util.spec_from_file_location("untroubled", root / "data" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    generate.TRUTH.update(generate.UNTROUBLED)
    folder = tmp_path_factory.mktemp("untroubled")
    generate.write(folder)
    return readers.read(str(folder))


def test_in_the_sample_company_drawn_without_its_troubles_only_the_rest_of_a_phase_out_is_found(
    untroubled,
):
    """What was approved last is drawn as demand evened out, not as a plan: here it is the plan itself, made
    before its first month was frozen, so nothing changed."""
    lots = ["min_lot", "setup_cost", "setup_hours"]  # whole lots are no trouble, and take long
    routings = untroubled["routings"].drop(columns=lots)
    untroubled = untroubled | {"routings": conform("routings", routings)}
    untroubled = {n: t for n, t in untroubled.items() if n not in ("scenario_changes", "risks")}
    free = {n: t for n, t in untroubled.items() if n != "planning_fences"}
    plan = replanning.replan(free, "2026-10", **MEASURED)
    drawn, made = (
        untroubled["approved_supply_plans"],
        plan["supply_plan"],
    )
    columns = [column for column in drawn.columns if column in made.columns]
    approved = pd.concat(
        [
            drawn[drawn["period"] < made["period"].min()],
            made[columns].assign(cycle=drawn["cycle"].max()),
        ]
    )
    tables = untroubled | {"approved_supply_plans": conform("approved_supply_plans", approved)}
    plan = replanning.replan(tables, "2026-10", **MEASURED)
    found = call(gaps_module.gaps, tables | plan)
    chosen = found["gap"].str.startswith(CHOICES)
    off_budget = (found["area"] == "finance") & (found["gap_value"].abs() < SMALL)
    rest = found[~chosen & ~off_budget]
    assert rest["gap"].tolist() == ["stranded-PACK-5-2028-03"]
    assert rest["gap_units"].iloc[0] < 200


def test_on_the_sample_company_every_planted_trouble_is_found(plan):
    found = set(plan["gaps"]["gap"])
    planted = {
        "capacity-TENT-LINE-2027-04",
        "unserved-stoves-2027-07",  # valves are enough for demand, not for stock beside it
        "budget-margin-clothing",
        "goal-lean-stock",
        "launch-LAUNCH-3",
        "launch-LAUNCH-4",
        "launch-LAUNCH-5",
        "stranded-PACK-5-2028-03",
        "view-sales-clothing-2026-10",
    }
    assert planted <= found


def test_on_the_sample_company_a_launch_is_moved_where_it_bears_on_a_gap(plan):
    ways = plan["gap_options"].merge(plan["option_changes"][["scenario", "column"]], on="scenario")
    assert "launch_period" in set(ways["column"])
