"""Blocking checks of the groups above families and markets: what makes no tree."""

from pandas import DataFrame, Series

from sopkit.data_quality.marks import check
from sopkit.master_data.bom import in_a_circle
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import BLOCKING, Issue, fault


@check(BLOCKING)
def product_groups_in_a_circle(product_groups: DataFrame) -> Issue | None:
    """Find product groups that are part of themselves, directly or through others."""
    return _in_a_circle("product_group", product_groups)


@check(BLOCKING)
def market_groups_in_a_circle(market_groups: DataFrame) -> Issue | None:
    """Find market groups that are part of themselves, directly or through others."""
    return _in_a_circle("market_group", market_groups)


@check(BLOCKING)
def product_groups_named_as_a_family(
    product_groups: DataFrame, products: DataFrame
) -> Issue | None:
    """Find product groups with the name of a family."""
    return _named_twice("product_group", product_groups, products["family"])


@check(BLOCKING)
def market_groups_named_as_a_market(
    market_groups: DataFrame,
    sales_history: DataFrame,
    launches: DataFrame | None = None,
    lanes: DataFrame | None = None,
) -> Issue | None:
    """Find market groups with the name of a market."""
    named = [table["market"] for table in (sales_history, launches, lanes) if table is not None]
    known = Series(list({name for names in named for name in names.unique()}), dtype="str")
    return _named_twice("market_group", market_groups, known)


def _in_a_circle(dimension: str, groups: DataFrame) -> Issue | None:
    links = groups.rename(columns={"member": "component", dimension: "product"})
    closes = in_a_circle(links.assign(quantity_per_unit=1.0))
    rule = "a group must be above its members, and so no part of itself"
    remedy = "Remove the row that closes the circle."
    return fault(TABLES[table_of(dimension)], groups, closes, rule, dimension, remedy=remedy)


def _named_twice(dimension: str, groups: DataFrame, names: Series) -> Issue | None:
    below = GROUPED[dimension]
    rule = f"a group must have a name that no {below} has"
    remedy = f"Give the group another name, or leave the {below} out of the table."
    twice = groups[dimension].isin(names)
    return fault(TABLES[table_of(dimension)], groups, twice, rule, dimension, remedy=remedy)
