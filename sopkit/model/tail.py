"""The tail: months after the horizon that are planned and never shown.

A plan that ends runs its stock, its crews and its lots towards the end. So the programme plans
some months more than are shown, in which everything is as in the same month a year before: demand,
calendars, prices, limits, targets. Amounts of known months only (receipts on order, the plan last
approved) have nothing there. `lengthened` adds these months to the facts and `shown` takes them off
facts and solution; nothing else knows of them.
"""

from functools import cache
from typing import Any, TypeVar, get_type_hints

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model.parameters import AMOUNT, KNOWN, LASTS, Facts
from sopkit.model.variables import Columns, Solution, years
from sopkit.tables.periods import YEAR

TAIL_MONTHS = 12  # when `company_settings` does not say
T = TypeVar("T")


def with_tail(
    facts: Facts,
    company_settings: DataFrame | None = None,
    inventory_policy: DataFrame | None = None,
    count: int | None = None,
) -> Facts:
    """The facts with `count` months after the horizon; as `company_settings` says if absent.

    None are planned where every product that is wanted has an ending inventory: that plan ends as
    it is told to.
    """
    if count is None and inventory_policy is not None:
        stated = inventory_policy.loc[inventory_policy["ending_inventory"].notna(), "product"]
        count = 0 if facts.items.codes[facts.wants.item].isin(stated).all() else None
    if count is None and company_settings is not None:
        count = int(company_settings["tail_months"].fillna(TAIL_MONTHS).iloc[0])
    return lengthened(facts, TAIL_MONTHS if count is None else count)


def repeated(length: int, count: int) -> np.ndarray:
    """The position of the month that each of `count` months after a horizon of `length` repeats.

    The same month a year before; a horizon under a year is repeated from its start.
    """
    year = min(YEAR, length)
    return length - year + np.arange(count) % year


def lengthened(facts: Facts, count: int) -> Facts:
    """The facts with `count` months after the horizon."""
    return facts if count == 0 else _lengthened(facts, len(facts.months), count)


def shown(facts: Facts, solution: Solution) -> tuple[Facts, Solution]:
    """Facts and solution of the shown months alone."""
    planned, months = len(facts.months), facts.shown
    if planned == months:
        return facts, solution
    columns = Columns(
        *(
            array[..., : years(planned)[months - 1] + 1]
            if name in ("rate", "pace")
            else array[..., :months]
            for name, array in solution.columns._asdict().items()
        )
    )
    savings = {name: grid[..., :months] for name, grid in solution.savings.items()}
    return _cut(facts, planned, months), solution._replace(columns=columns, savings=savings)


def _lengthened(facts: Facts, length: int, count: int) -> Facts:
    after = repeated(length, count)

    def grown(array: np.ndarray, goes_on: object) -> np.ndarray:
        if goes_on == LASTS:
            later = np.repeat(array[..., -1:], count, axis=-1)
        elif goes_on in (AMOUNT, KNOWN):
            nothing = 0.0 if goes_on == AMOUNT else np.nan
            later = np.full((*array.shape[:-1], count), nothing)
        else:
            later = array[..., after]
        return np.concatenate([array, later], axis=-1)

    months = pd.period_range(facts.months[0], periods=length + count, freq="M")
    long = _by_month(facts, length, grown)
    demand = long.wants.demand
    demand[:, length:] -= facts.wants.past_due[:, after]
    return long._replace(months=months)


def _cut(facts, planned, months):
    """The facts of the first months."""
    cut = _by_month(facts, planned, lambda array, _: array[..., :months])
    return cut._replace(months=facts.months[:months])


def _by_month(facts: T, length: int, change: Any, goes_on: object = None) -> T:
    """The facts with a change of every array by month: two axes at least, the months last."""
    if isinstance(facts, tuple) and hasattr(facts, "_fields"):
        notes = _notes(type(facts))
        return type(facts)(
            *(
                _by_month(value, length, change, notes[name])
                for name, value in zip(facts._fields, facts, strict=True)
            )
        )
    if isinstance(facts, np.ndarray) and facts.ndim > 1 and facts.shape[-1] == length:
        return change(facts, goes_on)
    return facts


@cache
def _notes(kind: Any) -> dict[str, object]:
    """What the annotation of each field says of the months after the horizon; None if nothing."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: getattr(hints[name], "__metadata__", [None])[0] for name in kind._fields}
