"""One step of the cycle computed, and the months that every step may read."""

from collections.abc import Callable, Mapping
from typing import Any

from pandas import DataFrame

from sopkit.rules.call import as_frame, call_on_arrays, name_of
from sopkit.rules.text import as_python_text
from sopkit.tables import conform, laid_out
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.periods import month, planning_periods


def first_table(tables: Mapping[str, DataFrame], cycle: str) -> dict[str, DataFrame]:
    """The planned months, which every step may read: dict of `planning_periods`."""
    periods = planning_periods(month(cycle), tables.get("company_settings"), tables.get("calendar"))
    return {"planning_periods": conform("planning_periods", periods)}


@as_python_text
def compute(
    step: Callable, available: Mapping[str, Any], as_arrays: bool = False, **services: object
) -> dict[str, Any]:
    """Run one step on the tables and services it asks for.

    Parameters
    ----------
    as_arrays : whether what is calculated as arrays is handed on so, unchecked, as what-ifs do

    Returns
    -------
    dict of table name -> conformed table
    """
    try:
        result = call_on_arrays(step, available, **services)
        several = isinstance(result, tuple)  # a NamedTuple of tables
        frames = result._asdict() if several else {step.__name__: result}
        return {name: _kept(name, table, as_arrays) for name, table in frames.items()}
    except ValueError as error:
        error.add_note(f"in {name_of(step)}")
        raise


def _kept(name: str, table: Any, as_arrays: bool) -> Any:
    """What a step wrote: checked, or as a what-if hands it on."""
    if not as_arrays:
        return conform(name, as_frame(table))
    return table if isinstance(table, ArrayTable) else laid_out(name, table)
