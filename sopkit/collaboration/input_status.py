"""Who has answered in a cycle, who is late, and what the answers change."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
from pandas import DataFrame

from sopkit.collaboration.form_rows import DEMAND_REVIEW, OF_INPUTS, of_contributor, own_entries
from sopkit.cycle import replanning, stages
from sopkit.master_data.versions import latest
from sopkit.schema.stages import STAGE_NAMES
from sopkit.tables import empty
from sopkit.tables.periods import month


def deadline(cycle: str, day: float) -> date:
    """The day by which a contributor answers in a cycle."""
    return date(month(cycle).year, month(cycle).month, int(day))


def input_status(tables: Mapping[str, DataFrame], cycle: str, today: date) -> DataFrame:
    """List the contributors with the state of their answers.

    Returns
    -------
    contributor : function, deadline, state (finished, open, late, carried over), answered_cells,
        carried_cells, change [units of the consensus of all planned months, against a plan without
        the contributor's entries], reviewer, author, submitted_at
    """
    contributors = tables.get("contributors", empty("contributors"))
    returns = tables.get("input_returns", empty("input_returns"))
    returns = returns[returns["cycle"] == month(cycle)]
    entries = tables.get("demand_inputs", empty("demand_inputs"))
    effect = _effects(tables, cycle, list(contributors["contributor"].unique()))
    rows = []
    for name in contributors["contributor"].unique():
        about = of_contributor(contributors, name).iloc[0]
        mine = latest("demand_inputs", own_entries(entries, name, about["function"]))
        carried = (mine["cycle"] < month(cycle)).fillna(False)
        last = returns[returns["contributor"] == name].sort_values("submitted_at").tail(1)
        due = deadline(cycle, about["deadline_day"])
        rows.append(
            {
                "contributor": name,
                "function": about["function"],
                "deadline": due,
                "state": _state(last, due, today, bool(carried.any())),
                "answered_cells": int((~carried).sum()),
                "carried_cells": int(carried.sum()),
                "change": effect.get(name, 0.0),
                "reviewer": about["reviewer"],
                "author": last["author"].iloc[0] if len(last) else None,
                "submitted_at": last["submitted_at"].iloc[0] if len(last) else None,
            }
        )
    return pd.DataFrame(rows)


def _state(last, due, today, has_carried):
    if len(last) and last["form_status"].iloc[0] == "finished":
        return "finished"
    if today > due:
        return "late"
    return "open" if len(last) or not has_carried else "carried over"


def _effects(tables, cycle, names):
    """What the entries of each contributor add to the consensus, in units."""
    entries = tables.get("demand_inputs")
    if entries is None or entries.empty:
        return {}
    steps = stages.leading_to(frozenset({"demand_plan"}), STAGE_NAMES.index(DEMAND_REVIEW) + 1)
    plan = replanning.replan(tables, cycle, until=DEMAND_REVIEW, only=steps, judged=False)
    known = {name: table for name, table in plan.items() if name not in OF_INPUTS}
    total, effects = plan["demand_plan"]["consensus"].sum(), {}
    for name in names:
        without = entries[entries["contributor"] != name].reset_index(drop=True)
        other = replanning.replan(
            {**tables, "demand_inputs": without}, cycle, DEMAND_REVIEW, known, steps, judged=False
        )
        effects[name] = float(total - other["demand_plan"]["consensus"].sum())
    return effects
