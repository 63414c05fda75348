"""The checks that block and that a stage waits for."""

from collections.abc import Callable
from functools import cache

from sopkit.cycle.stages import STAGE_NAMES, stage_of
from sopkit.data_quality import judge


@cache
def due_before(name: str) -> tuple[Callable, ...]:
    """The checks that block, of plan tables the last of which the stage before this one writes."""
    position = STAGE_NAMES.index(name)
    return tuple(
        check
        for check in judge.BLOCKING_CHECKS
        if (tables := judge.plan_tables_of(check))
        and max(STAGE_NAMES.index(stage_of(table)) for table in tables) == position - 1
    )
