"""What the rows of an array table are about, and how rows are found and brought together by it."""

from functools import cached_property
from typing import Any, ClassVar
from weakref import ref

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.sparse import csr_array

from sopkit.rules.remember import remembered
from sopkit.tables.issues import row_key
from sopkit.tables.joins import rows_of


class Keys:
    """What the rows of an array table are about: one row each, told apart by every column.

    Equal rows are the same keys, so that what is remembered of them holds for every table of such
    rows, also for those that a what-if makes again.
    """

    __hash__ = None  # type: ignore[assignment]  # known by identity, see `remembered`
    _living: ClassVar[dict[tuple, list[ref["Keys"]]]] = {}
    remembers: ClassVar = 64  # their answers are small, and hold for every table of these rows
    frame: DataFrame

    def __new__(cls, frame: DataFrame) -> "Keys":
        alike = cls._living.setdefault((len(frame), *frame.columns), [])
        frame = frame.reset_index(drop=True)
        for each in alike:
            known = each()
            if known is not None and known.frame.equals(frame):
                return known
        keys = super().__new__(cls)
        keys.frame = frame
        alike[:] = [*(each for each in alike if each() is not None), ref(keys)]
        return keys

    def __len__(self) -> int:
        return len(self.frame)

    def __contains__(self, name: object) -> bool:
        return name in self.frame.columns

    def __getitem__(self, name: str) -> Any:
        return self.frame[name].array

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.frame.columns)

    def equal(self, name: str, *values: str) -> np.ndarray:
        """Whether each row has one of these values of a key: true or false."""
        return _equal(self, name, values)

    def assign(self, **columns: Any) -> "Keys":
        """The same rows with further columns, or with others in their place."""
        return Keys(self.frame.assign(**columns))


class Groups:
    """Rows of an array table brought together by some of their keys, in the order of these.

    `number` is the group of each row; with `rows`, of each of these of `count` rows, where a row
    may be in several groups or in none.
    """

    def __init__(
        self, keys: Keys, number: np.ndarray, rows: np.ndarray | None = None, count: int = 0
    ) -> None:
        self.keys, self.number = keys, number
        if rows is None:
            rows, count = np.arange(len(number)), len(number)
        self._sums = csr_array((np.ones(len(number)), (number, rows)), (len(keys), count))

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Add up the rows of each group: groups x months."""
        return self._sums @ values

    def mean(self, values: np.ndarray) -> np.ndarray:
        """The mean of the rows of each group: groups x months."""
        return self.sum(values) / np.bincount(self.number)[:, None]


@remembered
def _equal(keys: Keys, name: str, values: tuple[str, ...]) -> np.ndarray:
    return keys.frame[name].isin(values).to_numpy(dtype=bool)


@remembered
def kept(keys: Keys, rows: bytes) -> Keys:
    """Some of the rows, by the bytes of their positions, which are remembered."""
    return Keys(keys.frame.iloc[np.frombuffer(rows, dtype=np.intp)])


@remembered
def joined(*keys: Keys) -> Keys:
    """The rows of several, one after the other."""
    return Keys(pd.concat([each.frame for each in keys], ignore_index=True))


@remembered
def keys_of(frame: DataFrame, *names: str) -> Keys:
    """What the rows of a table are about: some of its columns."""
    return Keys(frame[list(names)] if names else frame)


@remembered
def rows_in(keys: Keys, others: Keys) -> np.ndarray:
    """The row of `others` that each row of `keys` belongs to, by every key of `others`; -1 if none.

    Raises
    ------
    ValueError : `keys` has not all the keys of `others`.
    """
    on = list(others.names)
    if absent := [name for name in on if name not in keys]:
        raise ValueError(f"no {', '.join(absent)} to join by; there are {', '.join(keys.names)}")
    if not on:
        return np.zeros(len(keys), dtype=int)
    if others.frame.duplicated().any():
        twice = others.frame[others.frame.duplicated()].iloc[0]
        raise ValueError(f"two rows to join for {row_key(twice, on)}; keep one, or sum them")
    if len(on) == 1:
        return pd.Index(others[on[0]]).get_indexer(pd.Index(keys[on[0]]))
    return rows_of(keys.frame, others.frame, on)


@remembered
def with_column(keys: Keys, master: DataFrame, name: str) -> Keys:
    """Add what a master table knows of each row: its family, its supplier.

    Raises
    ------
    ValueError : the master table does not know a row.
    """
    return keys.assign(**{name: master[name].array.take(_known_rows(keys, master, name))})


def _known_rows(keys: Keys, master: DataFrame, name: str) -> np.ndarray:
    on = [column for column in keys.names if column in master.columns]
    if not on:
        raise ValueError(f"{name}: nothing to join by; there are {', '.join(keys.names)}")
    place = rows_in(keys, Keys(master[on]))
    if (place < 0).any():
        unknown = row_key(keys.frame[place < 0].iloc[0], on)
        raise ValueError(f"{name} is not known of {unknown}")
    return place


@remembered
def grouped(keys: Keys, master: DataFrame | None, *names: str) -> Groups:
    """Bring rows together by some of their keys; see `ArrayTable.by`."""
    for name in names:
        if name not in keys:
            if master is None:
                raise ValueError(f"no {name} to group by; there are {', '.join(keys.names)}")
            keys = with_column(keys, master, name)
    if not names:
        return Groups(Keys(DataFrame(index=range(1))), np.zeros(len(keys), dtype=int))
    groups = keys.frame.groupby(list(names), sort=True, observed=True, dropna=False)
    distinct = keys.frame.loc[:, list(names)].drop_duplicates().sort_values(list(names))
    return Groups(Keys(distinct), groups.ngroup().to_numpy())
