"""The cycle: its stages, declared once, and the same cycle computed in memory."""

from sopkit.stages.declaration import (
    BASE,
    EXECUTIVE,
    MEASURED_ON,
    STAGE_NAMES,
    STAGES,
    absent_inputs,
    first_reached,
    leading_to,
    reads,
    stage,
    stage_of,
    stage_writes,
    writes,
)
from sopkit.stages.replanning import planned_scenarios, replan, replan_before, under, what_if
