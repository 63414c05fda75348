"""Call a rule with the tables that its parameters name.

A parameter without a default is a required table, one with `= None` is optional. A rule that reads
many tables takes one bundle: a dataclass whose fields are tables. A step that collects other rules
takes `tables`, a mapping of those that they read: `@mark("step", reads=...)` says which. What is no
table is a service, given to the rules that ask for it: `replan` is the cycle as a function,
`compared`, `starts`, `closing` and `tail_months` say how supply is planned in it, `threshold` holds
the thresholds of a gap rule, `gap` is the gap that a lever may close, `refused` names the tables
that break rules of their own.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sopkit.rules.marks import mark_of

SERVICES = ("replan", "compared", "starts", "tail_months", "closing", "refused", "threshold", "gap")
ON_ARRAYS = "on_arrays"  # of a function: itself, giving arrays where it would give tables
COLLECTED = "tables"  # the parameter of a step that hands tables on to the rules that it collects


@cache
def inputs_of(function: Callable) -> Mapping[str, bool]:
    """The tables that a rule reads: name -> whether it is required. Services are not among them."""
    inputs: dict[str, bool] = {}
    for parameter in _parameters(function):
        if is_bundle(parameter.annotation):
            for field in dataclasses.fields(parameter.annotation):
                required = field.default is dataclasses.MISSING
                inputs[field.name] = inputs.get(field.name, False) or required
        elif parameter.name == COLLECTED:
            inputs |= _collected(function)
        elif parameter.name not in SERVICES:
            required = parameter.default is parameter.empty
            inputs[parameter.name] = inputs.get(parameter.name, False) or required
    return inputs


def asks_for(function: Callable, service: str) -> bool:
    """Whether a rule asks for a service."""
    return any(parameter.name == service for parameter in _parameters(function))


def call(function: Callable, tables: Mapping, **services: object) -> Any:
    """Call a rule with the tables and services that it names; an absent optional table is None.

    Raises
    ------
    ValueError : a required table is absent.
    """
    return function(**_arguments(function, tables, services))


def call_on_arrays(function: Callable, tables: Mapping, **services: object) -> Any:
    """Call a rule as `call` does, and leave what it calculates on arrays as arrays."""
    return getattr(function, ON_ARRAYS, function)(**_arguments(function, tables, services))


def _arguments(
    function: Callable, tables: Mapping, services: Mapping[str, object]
) -> dict[str, object]:
    given = {name: tables.get(name) for name in inputs_of(function)}
    if not hasattr(function, ON_ARRAYS):
        given = {name: as_frame(table) for name, table in given.items()}
    if absent := missing(function, given):
        raise ValueError(
            f"{name_of(function)} needs the table {', '.join(absent)}, which is absent"
        )
    arguments: dict[str, object] = {}
    for parameter in _parameters(function):
        name, bundle = parameter.name, parameter.annotation
        if is_bundle(bundle):
            names = [field.name for field in dataclasses.fields(bundle)]
            arguments[name] = bundle(**{each: given[each] for each in names})
        elif name == COLLECTED:
            arguments[name] = {each: given[each] for each in _collected(function)}
        elif name not in SERVICES:
            arguments[name] = given[name]
        elif name in services:  # else the service's own default holds
            arguments[name] = services[name]
    return arguments


def as_frame(table: Any) -> Any:
    """A table as a frame, where it was calculated as arrays; see `tables.arrays`."""
    return table.frame if hasattr(type(table), "frame") else table


def missing(function: Callable, tables: Mapping) -> list[str]:
    """The required tables of a rule that are absent: without them it cannot be called."""
    inputs = inputs_of(function)
    return [name for name, required in inputs.items() if required and tables.get(name) is None]


def is_bundle(annotation: object) -> bool:
    """Whether a parameter's annotation is a dataclass of tables."""
    return isinstance(annotation, type) and dataclasses.is_dataclass(annotation)


def name_of(function: Callable) -> str:
    """A rule's name for messages: its module within the library and its own name."""
    return f"{function.__module__.removeprefix('sopkit.')}.{function.__name__}"


@cache
def _parameters(function: Callable) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(function).parameters.values())


def _collected(function: Callable) -> Mapping[str, bool]:
    """The tables of the rules that a step collects: name -> whether it is required."""
    marked = mark_of(function)
    if marked is None or "reads" not in marked.about:
        raise ValueError(f"{name_of(function)} takes `{COLLECTED}`; mark what it reads")
    return marked.about["reads"]()
