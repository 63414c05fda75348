"""Scenarios: named changes to input tables, and their effect on the plan."""

from sopkit.scenarios.changes import apply, take, untaken, without_taken
from sopkit.scenarios.results import (
    BASE,
    SHOWN,
    Engine,
    Scenario,
    by_month,
    changes_of,
    compare,
    comparison,
    defined,
    figures,
    planned_before,
    results_of,
    scenario_results,
    whole,
)
