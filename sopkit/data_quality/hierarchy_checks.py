"""Checks of the groups above families and markets: what makes no tree, and their budgets."""

from pandas import DataFrame, Series

from sopkit.data_quality.marks import check
from sopkit.master_data.bom import in_a_circle
from sopkit.master_data.budgets import budget_by_family
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.schema.tables import TABLES
from sopkit.tables.hierarchies import is_group
from sopkit.tables.issues import BLOCKING, Issue, fault, told


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


@check(BLOCKING)
def group_budgets_that_cannot_be_split(
    budget: DataFrame,
    products: DataFrame,
    sales_history: DataFrame,
    product_groups: DataFrame,
) -> Issue | None:
    """Find budgets of groups that are less than those of their families, or leave no family."""
    if not is_group(budget["family"], product_groups).any():
        return None
    conflicts = budget_by_family(budget, products, sales_history, product_groups).conflicts
    broken = Series(budget.index.isin(list(conflicts)), index=budget.index)
    rule = "the budget of a group must hold those of its families"
    why = "\n  ".join(conflicts.values())
    remedy = f"Correct it or the rows below it, or remove the row of the group.\n  {why}"
    return fault(TABLES["budget"], budget, broken, rule, "quantity", remedy=remedy)


@check("minor")
def budgets_of_groups(budget: DataFrame, product_groups: DataFrame) -> Issue | None:
    """Tell which budgets are given for groups, and how they are split."""
    split = is_group(budget["family"], product_groups)
    text = (
        "the budget is given for a group; it is split among the families that have none of their "
        "own by what they sold in the same month of last year"
    )
    remedy = "Enter the budget of each family where the split matters."
    return told(TABLES["budget"], budget, split, text, "family", remedy=remedy)


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
