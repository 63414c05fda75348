"""Blocking checks of the contributors' inputs: entries that contradict one another."""

from pandas import DataFrame, Series

from sopkit.data_quality.marks import check
from sopkit.master_data.input_entries import cells_of, conflicts_told, is_split, split_entries
from sopkit.master_data.versions import latest
from sopkit.schema.tables import TABLES
from sopkit.tables.hierarchies import NO_GROUPS, Hierarchies
from sopkit.tables.issues import BLOCKING, Issue, fault


@check(BLOCKING)
def inputs_of_product_and_family(demand_inputs: DataFrame) -> Issue | None:
    """Find inputs of a product that name its family as well."""
    both = demand_inputs["product"].notna() & demand_inputs["family"].notna()
    rule = "an input must be for a product or for a family, not both"
    remedy = "Leave family empty where product is filled."
    return fault(TABLES["demand_inputs"], demand_inputs, both, rule, "family", remedy=remedy)


def _any_split(demand_inputs: DataFrame, market_groups: DataFrame | None = None) -> bool:
    """Whether any input is for several products or markets."""
    return bool(is_split(demand_inputs, market_groups).any())


@check(BLOCKING, suspects=_any_split)
def inputs_that_cannot_be_split(
    planning_periods: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    demand_inputs: DataFrame,
    baseline_forecast: DataFrame,
    launch_plan: DataFrame,
    product_mix: DataFrame | None = None,
    groups: Hierarchies = NO_GROUPS,
) -> Issue | None:
    """Find inputs whose lower entries contradict them, or that nothing says how to split."""
    tables = (planning_periods, products, baseline_forecast, launch_plan, sales_history)
    entries = latest("demand_inputs", demand_inputs)
    if entries.empty or not is_split(entries, groups.market_groups).any():
        return None
    conflicts = split_entries(entries, cells_of(*tables, product_mix), groups).conflicts
    labels = [conflict.label for conflict in conflicts]
    broken = Series(demand_inputs.index.isin(labels), index=demand_inputs.index)
    rule = "what is entered above must leave a remainder that can be split"
    told = "\n  ".join(conflicts_told(conflicts, demand_inputs))
    remedy = f"Correct it or the entries below it, or split it equally.\n  {told}"
    return fault(TABLES["demand_inputs"], demand_inputs, broken, rule, "quantity", remedy=remedy)
