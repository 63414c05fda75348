"""Values of measures: of the company, or by any dimension of the measure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.rules.remember import remembered
from sopkit.schema import expressions
from sopkit.schema.formatting import percent, whole
from sopkit.schema.measures import MEASURES, Measure
from sopkit.schema.tables import PLAN_OF_RECORD, TABLES, choices
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.dimensions import MissingValue, grouped_by, with_dimensions
from sopkit.tables.keys import Keys

EVERYTHING = "all"  # the item of a measure that is about the whole company
Months = tuple[Period, Period]  # the first and the last


def value(
    name: str,
    tables: Mapping[str, DataFrame],
    by: Sequence[str] = (),
    months: Months | None = None,
) -> Any:
    """Calculate the value of a measure, its months combined as `schema/measures.toml` says.

    Parameters
    ----------
    by : dimensions to tell it apart by; with `period` months are not combined
    months : the first and last month looked at; all that the table has otherwise

    Returns
    -------
    without `by` a number [the measure's unit], else a table: by : value [the measure's unit], of
    those that have a value

    Raises
    ------
    MissingValue : its table is absent or has no rows, a number in it is not known, or a ratio has
        nothing to be divided by.
    ValueError : the measure is unknown, or does not have a dimension.
    """
    measure = known_measure(name)
    refuse_dimensions(measure, by)
    if measure.function:
        return _found(measure, tables, by, months)
    if isinstance(tables.get(measure.table), ArrayTable):
        return _of_months(measure, tables, by, months)
    rows = _rows(measure, tables, by, months)
    series = _over_time(measure, rows, by).dropna()
    if series.empty:
        raise MissingValue(_lacking(measure, rows))
    return series.reset_index(name="value") if by else float(series.iloc[0])


def written(name: str, number: float) -> str:
    """A measure's value in words: shares as per cents."""
    if known_measure(name).is_share:
        return percent(number, 1)
    return whole(number) if abs(number) >= 100 or number == round(number) else f"{number:,.3g}"


def known_measure(name: str) -> Measure:
    """The measure of that name.

    Raises
    ------
    ValueError : there is none.
    """
    if name not in MEASURES:
        raise ValueError(f"{name!r} is not a measure; the measures are {', '.join(MEASURES)}")
    return MEASURES[name]


def refuse_dimensions(measure: Measure, by: Sequence[str]) -> None:
    """Refuse to split a measure by a dimension that it does not have.

    Raises
    ------
    ValueError : which dimension, and which the measure has.
    """
    for dimension in by:
        if dimension not in measure.dimensions:
            has = ", ".join(measure.dimensions) or "none: it is known for the company alone"
            raise ValueError(f"{measure.name} has no dimension {dimension}; it has {has}")


def refuse_targets(name: str, rows: DataFrame) -> None:
    """Refuse goals or targets with a dimension that their measure does not have.

    Raises
    ------
    ValueError : the table, row, value and how to fix it.
    """
    for row in rows.itertuples():
        measure, where = known_measure(row.measure), f"{name}: {_row_said(name, row)}"
        of_item = [word for word in ("dimension", "item") if not pd.isna(getattr(row, word))]
        if len(of_item) == 1:
            raise ValueError(
                f"{where} has {of_item[0]}={getattr(row, of_item[0])} alone. "
                "Enter both dimension and item, or leave both empty for the whole company."
            )
        if of_item and row.dimension not in measure.dimensions:
            has = [d for d in measure.dimensions if d in choices(TABLES[name], "dimension")]
            known = (
                f"it is known by {', '.join(has)}" if has else "it is known for the company only"
            )
            raise ValueError(
                f"{where} names dimension={row.dimension}, which {measure.name} does not have; "
                f"{known}. "
                "Enter one that it has, or leave dimension and item empty for the whole company."
            )


def _row_said(name: str, row: Any) -> str:
    words = dict.fromkeys([*TABLES[name].key, "measure"])
    return "  ".join(f"{w}={getattr(row, w)}" for w in words if not pd.isna(getattr(row, w)))


def items_of(rows: DataFrame, dimension: str) -> Series:
    """The item of each goal or target of one dimension; missing for others.

    >>> goals = pd.DataFrame({"dimension": ["family", None], "item": ["tents", None]})
    >>> items_of(goals, "family").isna().tolist()
    [False, True]
    """
    return rows["item"].where(rows["dimension"] == dimension)


def share(name: str, part: Any, whole: Any, nothing: float = np.nan) -> Any:
    """A ratio of sums, of arrays or numbers; `nothing` where it has no value.

    The sums are those of the formula and of the divisor of measure `name`.
    """
    if not known_measure(name).per:
        raise ValueError(f"{name} is not a ratio")
    ratio = expressions.evaluate("part / whole", {"part": part, "whole": whole})
    return np.where(np.isnan(ratio), nothing, ratio)


def _given(measure: Measure, tables: Mapping[str, DataFrame]) -> DataFrame:
    """The table of a measure."""
    rows = tables.get(measure.table)
    if rows is None:
        raise MissingValue(f"{measure.name} is not known without {measure.table}")
    return rows


# -------------------------------------------------------------------------------------------------
# sums of arrays


def by_month(
    name: str, tables: Mapping[str, Any], by: Sequence[str] = (), months: Months | None = None
) -> ArrayTable:
    """What a measure of the plan is worth in each month, of tables that are arrays.

    Parameters
    ----------
    by, months : as of `value`

    Returns
    -------
    by (without `period`) : value [the measure's unit], and the sums it is made of: top, bottom

    Raises
    ------
    MissingValue, ValueError : as of `value`.
    """
    measure = known_measure(name)
    refuse_dimensions(measure, [*by, "period"])
    table = tables.get(measure.table)
    if table is None:
        raise MissingValue(f"{measure.name} is not known without {measure.table}")
    groups = grouped_by(measure, table, tables, by)
    shown = slice(None)
    if months is not None:
        shown = (table.months >= months[0]) & (table.months <= months[1])
    sums = {"top": groups.sum(measure.of(table))[:, shown]}
    sums["value"] = sums["top"]
    if measure.per:
        sums["bottom"] = groups.sum(measure.per_of(table))[:, shown]
        sums["value"] = share(measure.name, sums["top"], sums["bottom"])
    if not len(table.keys) or not sums["top"].size:
        raise MissingValue(
            f"{measure.name} is not known: {measure.table} has no rows of these months"
        )
    return ArrayTable(groups.keys, table.months[shown], sums)


def _of_months(
    measure: Measure, tables: Mapping[str, Any], by: Sequence[str], months: Months | None
) -> Any:
    """What a measure is worth, of tables that are arrays; see `value`."""
    found = by_month(measure.name, tables, [each for each in by if each != "period"], months)
    if "period" in by:
        known = ~np.isnan(found["value"])
        if not known.any():
            raise MissingValue(_lacking_of(measure, found))
        cells = _cells(found.keys, found.months, known.tobytes())
        return cells.assign(value=found["value"][known])[[*by, "value"]]
    if measure.per:
        values = share(measure.name, found["top"].sum(axis=1), found["bottom"].sum(axis=1))
    elif measure.over_time == "sum":
        values = found["value"].sum(axis=1)
    else:
        values = DataFrame(found["value"].T).dropna(how="all").agg(measure.over_time).to_numpy()
    known = ~np.isnan(values)
    if not known.any():
        raise MissingValue(_lacking_of(measure, found))
    if not by:
        return float(values[0])
    return found.keys.frame[known].assign(value=values[known]).reset_index(drop=True)


@remembered
def _cells(keys: Keys, months: PeriodIndex, known: bytes) -> DataFrame:
    """What the known cells of rows x months are about: the keys, and the period."""
    row, month = np.nonzero(np.frombuffer(known, dtype=bool).reshape(len(keys), len(months)))
    period = PeriodIndex.from_ordinals(months.asi8[month], freq="M")
    return keys.frame.take(row).reset_index(drop=True).assign(period=period)


def _lacking_of(measure: Measure, found: ArrayTable) -> str:
    """Why there is no value, in words."""
    if measure.per and not np.isnan(found["top"]).all():
        return f"{measure.name} is not known: {measure.per} is 0"
    return f"{measure.name} is not known: a number of {measure.table} is missing"


# -------------------------------------------------------------------------------------------------
# sums of rows


def _rows(
    measure: Measure,
    tables: Mapping[str, DataFrame],
    by: Sequence[str],
    months: Months | None,
) -> DataFrame:
    """The rows that are added up, with the dimensions that other tables know of them."""
    rows = _given(measure, tables)
    if months is not None:
        refuse_dimensions(measure, ["period"])
        rows = rows[rows["period"].between(*months)]
    if rows.empty:
        raise MissingValue(
            f"{measure.name} is not known: {measure.table} has no rows of these months"
        )
    return with_dimensions(measure, rows, tables, by)


def _over_time(measure: Measure, rows: DataFrame, by: Sequence[str]) -> Series:
    """Sum by the dimensions, then combine months; a sum with a missing part is missing."""
    levels = measure.over_time in ("last", "max", "min") and "period" not in by
    sums = _sums(measure.of(rows), rows, [*by, "period"] if levels else by)
    if measure.per:
        divisor = _sums(measure.per_of(rows), rows, by)
        return sums / divisor.where(divisor != 0)
    if not levels:
        return sums
    known = sums.dropna()
    if by:
        return known.groupby(level=[*by]).agg(measure.over_time)
    if measure.over_time == "last":
        return known.tail(1)
    return Series([known.agg(measure.over_time)])


def _sums(amounts: Series, rows: DataFrame, by: Sequence[str]) -> Series:
    if not by:
        return Series([amounts.sum(skipna=False)])
    return amounts.groupby([rows[name] for name in by]).sum(skipna=False)


def _lacking(measure: Measure, rows: DataFrame) -> str:
    """Why there is no value, in words."""
    columns = expressions.names(measure.formula)
    empty = [c for c in dict.fromkeys(columns) if c in rows and rows[c].isna().any()]
    if empty:
        return (
            f"{measure.name} is not known: {measure.table} has no {', '.join(empty)} in some rows"
        )
    return f"{measure.name} is not known: {measure.per} is 0"


# -------------------------------------------------------------------------------------------------
# what a function has found


def _found(
    measure: Measure,
    tables: Mapping[str, DataFrame],
    by: Sequence[str],
    months: Months | None,
) -> Any:
    """Read the values that a function has written; the last month's, unless months are given."""
    rows = _given(measure, tables)
    own = _of_record(rows[rows["measure"] == measure.name])
    if months is not None:
        own = own[own["period"].between(*months)]
    if own.empty:
        raise MissingValue(f"{measure.name} is not known: {measure.table} has no row of it")
    item = [dimension for dimension in by if dimension != "period"]
    whole = own["item"].isna() | (own["item"] == EVERYTHING)
    if item:
        own = own[~whole]
    else:
        own = own[whole if whole.any() else own["item"] == own["item"].min()]  # a month ahead
    if "period" not in by and own["period"].isna().any():
        own = own[own["period"].isna()]  # all months together
    known = own[own["value"].notna()].rename(columns={"item": item[0]} if item else {})
    if known.empty:
        raise MissingValue("; ".join(pd.unique(own["statement"])))
    if "period" not in by:
        known = known.sort_values("period", kind="stable").groupby(item or "measure").tail(1)
    return known[[*by, "value"]].reset_index(drop=True) if by else float(known["value"].iloc[0])


def _of_record(rows: DataFrame) -> DataFrame:
    """The rows of the plan of record, where strategies are compared."""
    return rows[rows["strategy"] == PLAN_OF_RECORD] if "strategy" in rows else rows
