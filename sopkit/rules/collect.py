"""Collect the rules of a kind from their modules."""

from collections.abc import Callable, Collection
from difflib import get_close_matches
from types import ModuleType

from sopkit.rules.call import inputs_of, name_of
from sopkit.rules.marks import mark_of


def collect(kind: str, *modules: ModuleType, tables: Collection[str]) -> dict[str, Callable]:
    """The rules of a kind, in the order of the modules and within each of its source.

    Parameters
    ----------
    kind : what the marks say: check, gap, exhibit
    modules : the modules of the rules
    tables : the names of all tables; a rule that reads another one is refused

    Returns
    -------
    dict of name -> function

    Raises
    ------
    ValueError : two rules have one name, or a rule reads an unknown table.
    """
    rules: dict[str, Callable] = {}
    for module in modules:
        for function in _marked(kind, module):
            verify_inputs(function, tables)
            if function.__name__ in rules:
                other = rules[function.__name__]
                raise ValueError(
                    f"two {kind} rules have one name: {name_of(other)} and {name_of(function)};"
                    " rename one of them"
                )
            rules[function.__name__] = function
    return rules


def verify_inputs(function: Callable, tables: Collection[str]) -> None:
    """Refuse a rule that names an unknown table.

    Raises
    ------
    ValueError : which rule, which parameter, and the nearest name.
    """
    for name in inputs_of(function):
        if name not in tables:
            close = get_close_matches(name, tables, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(f"{name_of(function)} reads {name!r}, which is not a table{hint}")


def _marked(kind: str, module: ModuleType) -> list[Callable]:
    found = [
        value
        for value in vars(module).values()
        if callable(value)
        and getattr(value, "__module__", None) == module.__name__
        and (mark := mark_of(value)) is not None
        and mark.kind == kind
    ]
    return sorted(found, key=lambda function: function.__code__.co_firstlineno)
