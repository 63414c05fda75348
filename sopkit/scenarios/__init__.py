"""Scenarios: named changes to input tables, and what they do to the plan."""

from sopkit.scenarios.changes import apply, take, untaken
from sopkit.scenarios.results import (
    COMPARED,
    MONTHLY,
    SHOWN,
    by_month,
    compare,
    scenario_comparison,
)
