"""A mark says what kind of rule a function is, and changes nothing else.

Nothing happens when a marked function is defined or imported: `rules.collect` reads the marks of
the modules that it is given.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

Rule = TypeVar("Rule", bound=Callable)
ATTRIBUTE = "__rule__"


class Mark(NamedTuple):
    """The kind of a rule (check, gap, exhibit) and its attributes."""

    kind: str
    about: Mapping[str, Any]


def mark(kind: str, **about: object) -> Callable[[Rule], Rule]:
    """Mark a function as a rule of a kind; the function itself is returned, unchanged."""

    def marked(function: Rule) -> Rule:
        setattr(function, ATTRIBUTE, Mark(kind, MappingProxyType(about)))
        return function

    return marked


def mark_of(function: Callable) -> Mark | None:
    """The mark of a function; None where it has none."""
    return getattr(function, ATTRIBUTE, None)
