"""The mark of a check: a function from the tables it reads to the issues it finds."""

from collections.abc import Callable
from dataclasses import make_dataclass
from typing import TypeVar

from pandas import DataFrame

from sopkit.rules.marks import mark
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import INPUT_TABLES
from sopkit.tables.issues import BLOCKING

Check = TypeVar("Check", bound=Callable)
SEVERITIES = (BLOCKING, *COLUMNS["severity"].choices)
# Every input table that is there, for checks that ask the same of each of them.
Inputs = make_dataclass(
    "Inputs", [(table.name, DataFrame | None, None) for table in INPUT_TABLES], frozen=True
)


def check(
    severity: str,
    withholds: str = "",
    needs_sound: bool = False,
    suspects: Callable | None = None,
) -> Callable[[Check], Check]:
    """Mark a check, which returns an `Issue`, several, or None.

    Parameters
    ----------
    severity : `BLOCKING` where no plan can be made, else how much it matters, as in `data_issues`
    withholds : a table that later checks are not given where this one finds something
    needs_sound : whether it is run only without blocking issues
    suspects : of a check that reads plan tables, whether the input tables leave anything for it to
        find; without one, they always may
    """
    if severity not in SEVERITIES:
        raise ValueError(f"severity {severity!r} is none of {', '.join(SEVERITIES)}")
    return mark(
        "check",
        severity=severity,
        withholds=withholds,
        needs_sound=needs_sound,
        suspects=suspects,
    )


def given(inputs: object) -> dict[str, DataFrame]:
    """Name the tables of a bundle that are given."""
    return {name: frame for name, frame in vars(inputs).items() if frame is not None}
