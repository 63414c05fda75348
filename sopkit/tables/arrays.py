"""Plan tables as arrays: a row for each key, a column for each month.

Tables go in and come out; between them the plan is calculated on arrays, which is many times
as fast where the same plan is made again under changes. A function marked `on_arrays` takes and
gives arrays where the cycle asks for them, and tables where a person calls it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Self

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.rules.remember import remembered
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import SHOWN_ROWS, row_key
from sopkit.tables.joins import numbered
from sopkit.tables.keys import Groups, Keys, grouped, joined, kept, rows_in

Column = np.ndarray | Callable[[], np.ndarray]


class ArrayTable:
    """A table of months as arrays.

    Parameters
    ----------
    keys : what the rows are about
    months : what the columns are about
    columns : name -> rows x months, or a function that calculates it when it is asked for
    present : rows x months, the cells that the table has; all if absent
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        keys: Keys,
        months: PeriodIndex,
        columns: Mapping[str, Column],
        present: np.ndarray | None = None,
    ) -> None:
        self.keys, self.months, self.present = keys, months, present
        self._columns = dict(columns)

    @classmethod
    def of_table(cls, name: str, frame: DataFrame) -> Self:
        """Lay a table of the schema out; what it has no row for is NaN."""
        return _of_table(cls, name, frame)

    @classmethod
    def of_rows(
        cls, frame: DataFrame, key: Sequence[str], months: PeriodIndex | None = None
    ) -> Self:
        """Lay rows out that `key` and their period tell apart.

        Parameters
        ----------
        months : what the columns are about, rows of other months are left out; those of the rows if
            absent
        """
        if months is None:
            months = PeriodIndex(frame["period"]).unique().sort_values()
        month = months.get_indexer(PeriodIndex(frame["period"]))
        frame, month = frame[month >= 0], month[month >= 0]
        row, first = numbered(frame, list(key))
        keys = frame[list(key)].take(first) if key else DataFrame(index=range(1))
        present = np.zeros((len(keys), len(months)), dtype=bool)
        present[row, month] = True
        if present.sum() < len(frame):
            twice = frame[frame.duplicated([*key, "period"])].iloc[0]
            raise ValueError(
                f"two rows for {row_key(twice, [*key, 'period'])}; keep one, or sum them"
            )

        def grid(column: str) -> np.ndarray:
            cells = frame[column]
            is_number = pd.api.types.is_numeric_dtype(cells.dtype)
            kind, absent = (float, np.nan) if is_number else (object, None)
            if cells.dtype == bool and present.all():
                kind, absent = bool, False
            values = np.full(present.shape, absent, dtype=kind)
            empty = {"na_value": np.nan} if kind is float and cells.hasnans else {}
            values[row, month] = cells.to_numpy(dtype=kind, **empty)
            return values

        columns = {c: partial(grid, c) for c in frame.columns if c not in (*key, "period")}
        return cls(Keys(keys), months, columns, None if present.all() else present)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._columns)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.keys), len(self.months)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> np.ndarray:
        column = self._columns[name]
        if callable(column):
            column = self._columns[name] = column()
        return column

    def assign(self, **columns: Column) -> "ArrayTable":
        """The same rows with further columns, or with others in their place."""
        return ArrayTable(self.keys, self.months, {**self._columns, **columns}, self.present)

    def about(self, keys: Keys) -> "ArrayTable":
        """The same cells, their rows told by other keys."""
        return ArrayTable(keys, self.months, self._columns, self.present)

    def keep(self, rows: np.ndarray) -> "ArrayTable":
        """Some of the rows, by a mask or by their positions."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.intp)
        if len(rows) == len(self.keys) and (rows == np.arange(len(rows))).all():
            return self
        keys = kept(self.keys, rows.tobytes())
        taken = {name: partial(lambda name: self[name][rows], name) for name in self._columns}
        present = None if self.present is None else self.present[rows]
        return ArrayTable(keys, self.months, taken, present)

    def on(self, other: "ArrayTable", default: float | None = None) -> "ArrayTable":
        """The cells of this table that go with each cell of another, by the keys of this one.

        Parameters
        ----------
        default : what stands where this table has no cell; without it such cells are refused

        Raises
        ------
        ValueError : cells without a match, or keys of this table that the other has not.
        """
        place = rows_in(other.keys, self.keys)
        month = self._month(other.months)
        absent = (place < 0)[:, None] | (month < 0)[None, :]
        if self.present is not None and self.present.size:
            absent |= ~self.present[np.ix_(place, month)]
        if default is None:
            wanted = absent if other.present is None else absent & other.present
            if wanted.any():
                raise ValueError(_unmatched(other, wanted))
            default = np.nan
        lone = bool(absent.any())

        def taken(name: str) -> np.ndarray:
            if not self[name].size:
                return np.full(other.shape, default)
            values = self[name][np.ix_(place, month)]
            return np.where(absent, default, values) if lone else values

        columns = {name: partial(taken, name) for name in self._columns}
        return ArrayTable(other.keys, other.months, columns, other.present)

    def equals(self, known: "ArrayTable") -> bool:
        """Whether this table has the cells of a known one, in the columns of that one."""
        return (
            self.keys is known.keys
            and self.months.equals(known.months)
            and np.array_equal(present(self), present(known))
            and all(name in self and _equals(self[name], known[name]) for name in known.names)
        )

    def over(self, months: PeriodIndex) -> "ArrayTable":
        """The cells of these months; what the table has not of them is absent."""
        if months is self.months or months.equals(self.months):
            return self
        month = self._month(months)
        known = np.broadcast_to(month >= 0, (len(self.keys), len(months)))
        present = (
            known
            if self.present is None or not len(self.months)
            else known & self.present[:, month]
        )

        def taken(name: str) -> np.ndarray:
            values = self[name]
            return (
                np.where(present, values[:, month], np.nan)
                if values.size
                else np.full(present.shape, np.nan)
            )

        columns = {name: partial(taken, name) for name in self._columns}
        return ArrayTable(self.keys, months, columns, None if present.all() else present)

    def filled(self, value: float) -> "ArrayTable":
        """Every cell, those that the table has not holding a value."""
        if self.present is None:
            return self
        columns = {name: partial(self._filled, name, value) for name in self._columns}
        return ArrayTable(self.keys, self.months, columns)

    def _filled(self, name: str, value: float) -> np.ndarray:
        return np.where(present(self), self[name], value)

    def sums(self, *names: str, master: DataFrame | None = None) -> "ArrayTable":
        """The columns added up by some keys; see `by`."""
        groups = self.by(*names, master=master)
        columns = {name: partial(self._summed, groups, name) for name in self._columns}
        return ArrayTable(groups.keys, self.months, columns)

    def _summed(self, groups: Groups, name: str) -> np.ndarray:
        return groups.sum(self[name])

    def by(self, *names: str, master: DataFrame | None = None) -> Groups:
        """Bring the rows together by some keys; `master` knows those that the rows have not."""
        return grouped(self.keys, master, *names)

    def _month(self, months: PeriodIndex) -> np.ndarray:
        if months is self.months or months.equals(self.months):
            return np.arange(len(months))
        return self.months.get_indexer(months)

    @cached_property
    def frame(self) -> DataFrame:
        """The table: a row for each key and month, keys first."""
        columns = {name: self[name] for name in self._columns}
        count = len(self.months)
        table = self.keys.frame.loc[self.keys.frame.index.repeat(count)].reset_index(drop=True)
        table["period"] = PeriodIndex.from_ordinals(
            np.tile(self.months.asi8, len(self.keys)), freq="M"
        )
        table = table.assign(**{name: _cells(grid) for name, grid in columns.items()})
        return table if self.present is None else table[self.present.ravel()].reset_index(drop=True)


def _cells(grid: np.ndarray) -> Any:
    """The cells of a column, row by row; words as text."""
    return pd.array(grid.ravel(), dtype="str") if grid.dtype.kind == "U" else grid.ravel()


def _equals(cells: np.ndarray, known: np.ndarray) -> bool:
    """Whether two columns hold the same; what is empty in both is the same."""
    if known.dtype.kind == "O":
        return DataFrame(cells.astype(object)).equals(DataFrame(known))
    return np.array_equal(cells, known, equal_nan=True)


def present(table: ArrayTable) -> np.ndarray:
    """The cells that a table has: rows x months."""
    return np.ones(table.shape, dtype=bool) if table.present is None else table.present


@remembered
def _of_table(cls: type[ArrayTable], name: str, frame: DataFrame) -> Any:
    return cls.of_rows(frame, [column for column in TABLES[name].key if column != "period"])


def _unmatched(table: ArrayTable, cells: np.ndarray) -> str:
    rows, months = np.nonzero(cells)
    shown = [
        f"{row_key(table.keys.frame.iloc[row], list(table.keys.names))}  "
        f"period={table.months[month]}"
        for row, month in list(zip(rows, months, strict=True))[:SHOWN_ROWS]
    ]
    return f"{len(rows)} of {cells.size} cells have no match: {'; '.join(shown)}"


def stacked(parts: Sequence[ArrayTable]) -> ArrayTable:
    """One array table of several; a column that one does not have is empty there.

    Raises
    ------
    ValueError : there are no parts, or their months differ.
    """
    if not parts or any(not part.months.equals(parts[0].months) for part in parts):
        raise ValueError("tables are stacked that have the same months; see `over`")
    keys = joined(*(part.keys for part in parts))
    names = dict.fromkeys(name for part in parts for name in part.names)

    def column(name: str) -> np.ndarray:
        known = [part[name] for part in parts if name in part]
        is_text = any(each.dtype.kind in "UO" for each in known)
        return np.concatenate([_or_empty(part, name, is_text) for part in parts])

    cells = np.concatenate([present(part) for part in parts])
    columns = {name: partial(column, name) for name in names}
    return ArrayTable(keys, parts[0].months, columns, None if cells.all() else cells)


def _or_empty(part: ArrayTable, name: str, is_text: bool) -> np.ndarray:
    """A column of a part as words or numbers; empty where the part does not have it."""
    if name not in part:
        return np.full(part.shape, None, dtype=object) if is_text else np.full(part.shape, np.nan)
    return part[name].astype(object) if is_text else part[name]
