"""sopkit: a planning workbook for sales & operations planning.

The public names are loaded when they are first used: importing sopkit loads no pandas.

read         the input tables of a folder, workbook or database, judged
plan         the plan tables of a cycle, computed in memory
plan_supply  a supply plan for a given demand plan, from input tables alone
value        a measure of a plan, in all or by dimensions
explain      where a number of a plan comes from
attach       the one join of the workbook
conform      a table held to the schema
Review       one stage's notebook
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sopkit.cycle.replanning import replan as plan
    from sopkit.cycle.supply_plan import plan_supply
    from sopkit.lineage import explain
    from sopkit.runner.planning_inputs import read
    from sopkit.runner.session import Review
    from sopkit.tables.joins import attach
    from sopkit.tables.measures import value
    from sopkit.tables.validation import conform

__all__ = ["Review", "attach", "conform", "explain", "plan", "plan_supply", "read", "value"]
_PLACES = {
    "Review": "runner.session:Review",
    "attach": "tables.joins:attach",
    "conform": "tables.validation:conform",
    "explain": "lineage:explain",
    "plan": "cycle.replanning:replan",
    "plan_supply": "cycle.supply_plan:plan_supply",
    "read": "runner.planning_inputs:read",
    "value": "tables.measures:value",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    module, _, member = _PLACES[name].partition(":")
    return getattr(import_module(f"sopkit.{module}"), member)
