"""Input tables as they are planned with: what is valid now, in planning units and the reporting
currency, the budget by family."""

from collections.abc import Mapping

from pandas import DataFrame

from sopkit.master_data.budgets import with_budget_by_family
from sopkit.master_data.currencies import in_reporting_currency
from sopkit.master_data.planning_units import in_planning_units
from sopkit.master_data.versions import current_entries
from sopkit.tables.periods import month


def in_plan_units(
    tables: Mapping[str, DataFrame], cycle: str | None = None
) -> Mapping[str, DataFrame]:
    """Take what is valid now, convert quantities to planning units and money to the reporting
    currency, and split the budget of groups among their families, once.

    Parameters
    ----------
    cycle : the first planned month; the month after the last sales if absent

    Returns
    -------
    table name : table; those handed in where nothing changes

    Raises
    ------
    ValueError : a currency without rate, or a group's budget that cannot be split.
    """
    first = None if cycle is None else month(cycle)
    valid = in_reporting_currency(current_entries(tables), first)
    return with_budget_by_family(in_planning_units(valid))
