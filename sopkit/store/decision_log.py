"""Decisions of the executives: their changes, expected effects, and storage."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa
from pandas import DataFrame, Period, Series

from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import attach, conform, empty
from sopkit.tables.periods import month

KEEP = "keep the plan"  # the choice that changes nothing
MATERIAL = 0.001  # of a family's planned total: less is a rounding of the solver
TOLD = ("decision", "question", "owner", "choice", "margin_effect", "due_on", "start_period")
BY_FAMILY = ("quantity", "revenue", "margin", "inventory")


def changes_of(
    question: Series, choice: str, tables: Mapping[str, DataFrame], own: DataFrame | None = None
) -> DataFrame:
    """The changes of a decision: none for `keep the plan`, else those of the scenario of that name.

    A scenario is one that the planners proposed, or one of `scenario_changes`: as it is now
    (`own`), else as it stood when the plan was made.

    Parameters
    ----------
    question : the row of `decisions` that is answered
    tables : the revision's `option_changes`, and its `scenario_changes` if there are any

    Raises
    ------
    ValueError : the scenario is unknown.
    """
    if choice == KEEP:
        return empty("scenario_changes")
    proposed = tables["option_changes"]
    defined = own if own is not None else tables.get("scenario_changes")
    for known in (proposed, defined):
        rows = None if known is None else known[known["scenario"] == choice]
        if rows is not None and len(rows):
            return conform("scenario_changes", rows[CHANGE])
    offered = proposed.loc[proposed["gap"] == question["gap"], "scenario"]
    others = set(proposed["scenario"]) | (set() if defined is None else set(defined["scenario"]))
    names = dict.fromkeys([KEEP, *offered, *sorted(others)])
    raise ValueError(
        f"{question['decision']}: {choice!r} is not an option; the options are {', '.join(names)}"
    )


def expected_effects(cycle: str, decision: str, plan: DataFrame, other: DataFrame) -> DataFrame:
    """Calculate the expected effect of a decision, by family and month, where there is one.

    `plan` and `other` are the values of the base plan and of the plan made with the choice
    alone: rows of `scenario_results` or `option_results`.

    Returns
    -------
    cycle, decision, measure, family, period : reference_value (without the choice), plan (with it)
        [the measure's unit]
    """
    sides = attach(_by_family(other, "plan"), _by_family(plan, "reference_value"))
    size = sides.assign(effect=(sides["plan"] - sides["reference_value"]).abs())
    sums = size.assign(total=sides["reference_value"].abs()).groupby(["measure", "family"])[
        ["effect", "total"]
    ]
    sums = sums.transform("sum")
    rows = sides[sums["effect"] > MATERIAL * sums["total"]]
    return conform("expected_effects", rows.assign(cycle=month(cycle), decision=decision))


def _by_family(values, side):
    """A plan's money and month-end stock by family, one figure a row."""
    rows = values[values["measure"].isin(BY_FAMILY) & values["item"].notna()]
    rows = rows.rename(columns={"item": "family", "value": side})
    return rows[["measure", "family", "period", side]]


# --------------------------------------------------------------------------------------------------
# how it is kept


def record(
    question: Series,
    choice: str,
    due_on: str | None,
    start: Period | None,
    changes: DataFrame,
    effects: DataFrame,
    margin_effect: float | None,
) -> str:
    """Write a decision as the text that the store keeps."""
    said = {
        "decision": question["decision"],
        "question": question["question"],
        "owner": question["owner"],
        "choice": choice,
        "margin_effect": margin_effect,
        "due_on": due_on,
        "start_period": None if start is None else str(start),
        "changes": _plain_rows(changes),
        "effects": _plain_rows(effects),
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def _plain_rows(frame):
    months = {
        c: frame[c].astype("str").where(frame[c].notna())
        for c in frame
        if COLUMNS[c].kind == "period"
    }
    rows = frame.assign(**months).to_dict("records")
    return [{name: value for name, value in row.items() if pd.notna(value)} for row in rows]


def changes(record: Mapping[str, Any]) -> DataFrame:
    """The changes of a stored decision, as rows of `scenario_changes`."""
    return _conformed("scenario_changes", record["changes"])


def log(kept: Iterable[tuple[sa.RowMapping, Mapping[str, Any]]]) -> DataFrame:
    """Stored decisions as rows of `decision_log`; `kept` lists (audit row, record)."""
    rows = [
        {
            **{name: said[name] for name in TOLD},
            "cycle": row["cycle"],
            "author": row["who"],
            "reason": row["why"],
            "decided_on": row["at"][:10],
            "scenario": said["choice"] if said["changes"] else None,
        }
        for row, said in kept
    ]
    return _conformed("decision_log", rows)


def effects(kept: Iterable[tuple[sa.RowMapping, Mapping[str, Any]]]) -> DataFrame:
    """Expected effects of stored decisions, as rows of `expected_effects`; `kept` as in `log`."""
    return _conformed(
        "expected_effects", [effect for _, said in kept for effect in said["effects"]]
    )


def _conformed(name, rows):
    return conform(name, pd.DataFrame(rows, columns=TABLES[name].columns))


def added(name: str, earlier: DataFrame | None, later: DataFrame) -> DataFrame:
    """A table of decisions with later rows; a replaced decision is dropped."""
    if earlier is None:
        return later
    key = ["cycle", "decision"]
    again = pd.MultiIndex.from_frame(earlier[key]).isin(pd.MultiIndex.from_frame(later[key]))
    return conform(name, pd.concat([earlier[~again], later], ignore_index=True))
