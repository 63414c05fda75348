"""The input and output of a lever: a gap, and options to close it, each as a scenario."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pandas import Period

from sopkit.rules.marks import mark


class Gap(NamedTuple):
    """A gap as levers read it."""

    rule: str  # that found it
    item: str  # such as a launch or a component
    measure: str  # of a budget or goal that is missed; else empty
    family: str | None
    product: str | None
    resource: str | None
    from_period: Period
    to_period: Period
    products: frozenset[str]  # that it is about
    first: Period  # planned month
    last: Period  # planned month


class Option(NamedTuple):
    """A scenario that could close a gap, and its changes (dicts of columns of scenario_changes)."""

    scenario: str
    statement: str
    changes: tuple[dict[str, object], ...]


def lever(closes: Sequence[str], beside: str = "") -> Callable:
    """Mark a function as a lever that needs code, such as a move in time.

    It takes the `gap` and the tables that it reads, and returns a list of options.

    Parameters
    ----------
    closes : gap rules, and measures of budgets and goals, for which it has options
    beside : `limits` where its options are listed with those that lift limits; else they alternate
        with the options of other levers
    """
    return mark("lever", closes=tuple(closes), beside=beside)


def code(
    lever: str, thing: str, from_period: Period | None = None, to_period: Period | None = None
) -> str:
    """A scenario's code, such as overtime-ASSEMBLY-2027-05-2027-07."""
    months = dict.fromkeys(str(p) for p in (from_period, to_period) if p is not None)
    return "-".join([lever, thing, *months])
