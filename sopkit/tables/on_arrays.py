"""Functions on arrays: called by a person they take and give tables, by the cycle arrays.

One formula serves both: the function names tables as its parameters, and their annotation says
whether it wants a table as an `ArrayTable` or as a frame.
"""

import dataclasses
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, cast

from pandas import DataFrame

from sopkit.rules.call import is_bundle
from sopkit.tables.arrays import ArrayTable


class OnArrays(Protocol):
    """A function on arrays as a person calls it, and as the cycle does."""

    on_arrays: Callable[..., Any]

    def __call__(self, *given: Any, **named: Any) -> Any: ...


def on_arrays(function: Callable) -> OnArrays:
    """Let a function on arrays take tables as well.

    A table given for a parameter of arrays, which bears the table's name, is laid out. Called by a
    person, the function gives tables, and remembers nothing of those given, which may be changed in
    place; the cycle asks it for arrays (`rules.call.call_on_arrays`). Steps that calculate on
    tables are marked too where they remember.
    """
    signature = inspect.signature(function)

    def calculated(*given: Any, **named: Any) -> Any:
        bound = signature.bind(*given, **named)
        for name, value in bound.arguments.items():
            bound.arguments[name] = _as_asked(name, value, signature.parameters[name].annotation)
        bound.apply_defaults()
        return function(*bound.args, **bound.kwargs)

    @wraps(function)
    def by_hand(*given: Any, **named: Any) -> Any:
        own = {name: _own(value) for name, value in named.items()}
        return as_tables(calculated(*map(_own, given), **own))

    by_hand.on_arrays = calculated  # type: ignore[attr-defined]
    return cast(OnArrays, by_hand)


def _own(value: Any) -> Any:
    """A table, or a bundle of them, under identities of its own; nothing is copied."""
    if is_bundle(type(value)):
        fields = {each.name: _own(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value.copy(deep=False) if isinstance(value, DataFrame) else value


def _as_asked(name: str, value: Any, annotation: Any) -> Any:
    if is_bundle(annotation):
        fields = {
            field.name: _as_asked(field.name, getattr(value, field.name), field.type)
            for field in dataclasses.fields(annotation)
        }
        return dataclasses.replace(value, **fields)
    wanted = annotation in (ArrayTable, ArrayTable | None)
    if wanted and isinstance(value, DataFrame):
        return ArrayTable.of_table(name, value)
    return value if wanted or not isinstance(value, ArrayTable) else value.frame


def as_tables(result: Any) -> Any:
    """The tables of what a function on arrays gives: one, or a NamedTuple of them."""
    if isinstance(result, tuple):
        return type(result)(*map(as_tables, result))
    return result.frame if isinstance(result, ArrayTable) else result
