"""Input tables in the units of the plan: planning units, and the reporting currency."""

from collections.abc import Mapping

from pandas import DataFrame

from sopkit.master_data.currencies import in_reporting_currency
from sopkit.master_data.planning_units import in_planning_units
from sopkit.tables.periods import month


def in_plan_units(
    tables: Mapping[str, DataFrame], cycle: str | None = None
) -> Mapping[str, DataFrame]:
    """Convert quantities to planning units and money to the reporting currency, once.

    Parameters
    ----------
    cycle : the first planned month; the month after the last sales if absent

    Returns
    -------
    table name : table; those handed in where nothing is converted

    Raises
    ------
    ValueError : a currency without rate.
    """
    first = None if cycle is None else month(cycle)
    return in_planning_units(in_reporting_currency(tables, first))
