"""A way to close a gap, as a scenario: its code, its sentence and its changes."""

from typing import NamedTuple


class Option(NamedTuple):
    """A scenario that could close a gap, and its changes (dicts of columns of scenario_changes)."""

    scenario: str
    statement: str
    changes: tuple


def code(lever, thing, from_period=None, to_period=None):
    """A scenario's code, such as overtime-ASSEMBLY-2027-05-2027-07."""
    months = dict.fromkeys(str(p) for p in (from_period, to_period) if p is not None)
    return "-".join([lever, thing, *months])


def month_name(period):
    """Say a month: May 2027."""
    return period.strftime("%b %Y")
