"""Call a rule with the tables that its parameters name.

A parameter without a default is a required table, one with `= None` is optional. A rule that reads
many tables takes one bundle: a dataclass whose fields are tables. What is no table is a service of the
engine: `replan` is the cycle itself as a function, `compared` and `starts` say how supply is planned in it,
`refused` names the tables that break rules of their own.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from functools import cache

SERVICES = ("replan", "compared", "starts", "refused")


@cache
def inputs_of(function: Callable) -> Mapping[str, bool]:
    """The tables that a rule reads: name -> whether it is required. Services are not among them."""
    inputs: dict[str, bool] = {}
    for parameter in _parameters(function):
        if is_bundle(parameter.annotation):
            for field in dataclasses.fields(parameter.annotation):
                required = field.default is dataclasses.MISSING
                inputs[field.name] = inputs.get(field.name, False) or required
        elif parameter.name not in SERVICES:
            required = parameter.default is parameter.empty
            inputs[parameter.name] = inputs.get(parameter.name, False) or required
    return inputs


def asks_for(function: Callable, service: str) -> bool:
    """Whether a rule asks for a service."""
    return any(parameter.name == service for parameter in _parameters(function))


def call(function: Callable, tables: Mapping, **services: object) -> object:
    """Call a rule with the tables and services that it names; an absent optional table is None.

    Raises
    ------
    ValueError : a required table is absent.
    """
    inputs = inputs_of(function)
    given = {name: tables.get(name) for name in inputs}
    missing = [name for name, required in inputs.items() if required and given[name] is None]
    if missing:
        raise ValueError(
            f"{name_of(function)} needs the table {', '.join(missing)}, which is absent"
        )
    arguments = {}
    for parameter in _parameters(function):
        name, bundle = parameter.name, parameter.annotation
        if is_bundle(bundle):
            names = [field.name for field in dataclasses.fields(bundle)]
            arguments[name] = bundle(**{each: given[each] for each in names})
        elif name not in SERVICES:
            arguments[name] = given[name]
        elif name in services:  # else the service's own default holds
            arguments[name] = services[name]
    return function(**arguments)


def is_bundle(annotation: object) -> bool:
    """Whether a parameter's annotation is a dataclass of tables."""
    return isinstance(annotation, type) and dataclasses.is_dataclass(annotation)


def name_of(function: Callable) -> str:
    """A rule's name for messages: its module within the library and its own name."""
    return f"{function.__module__.removeprefix('sopkit.')}.{function.__name__}"


@cache
def _parameters(function: Callable) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(function).parameters.values())
