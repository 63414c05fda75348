"""Checks of supply modes: stock of what has none, and settings that another mode would need."""

from pandas import DataFrame

from sopkit.data_quality.marks import check
from sopkit.master_data.supply_modes import has_stock_policy, is_on_order, is_storable
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import Issue, told
from sopkit.tables.keys import keys_of

TARGETS = ("target_service_level", "target_fill_rate", "target_cover_months")


@check("major")
def stock_of_what_is_not_storable(products: DataFrame, inventory: DataFrame) -> Issue | None:
    """Find opening stock of services, rooms and other products that cannot be stored."""
    stored = ~is_storable(products, keys_of(inventory, "product")) & (inventory["on_hand"] > 0)
    text = "on_hand is above 0, but the product is not storable; it expires in the first month"
    remedy = "Set on_hand to 0, or correct supply_mode in products."
    return told(TABLES["inventory"], inventory, stored, text, "on_hand", remedy=remedy)


@check("minor")
def stock_targets_that_are_not_used(
    products: DataFrame, inventory_policy: DataFrame
) -> Issue | None:
    """Find service levels and target cover of products that are not served from stock."""
    known = inventory_policy["product"].isin(products["product"])
    served = has_stock_policy(products, keys_of(inventory_policy, "product"))
    asked = inventory_policy[list(TARGETS)].notna().any(axis=1)
    text = "the row sets a stock target, but the product is not served from stock; it is not used"
    remedy = f"Empty {', '.join(TARGETS)}, or correct supply_mode in products."
    rows = known & ~served & asked
    return told(TABLES["inventory_policy"], inventory_policy, rows, text, remedy=remedy)


@check("minor")
def order_lead_times_that_are_not_used(products: DataFrame) -> Issue | None:
    """Find order lead times of products that are not made or assembled to order."""
    on_order = is_on_order(products, keys_of(products, "product"))
    unused = products["order_lead_time_days"].notna() & ~on_order
    text = "order_lead_time_days is not used: the product is not made or assembled to order"
    remedy = "Empty it, or set supply_mode to to_order or to_assemble."
    return told(TABLES["products"], products, unused, text, "order_lead_time_days", remedy=remedy)


@check("major")
def order_lead_times_that_are_missing(products: DataFrame) -> Issue | None:
    """Find products made or assembled to order without an order lead time."""
    on_order = is_on_order(products, keys_of(products, "product"))
    missing = on_order & products["order_lead_time_days"].isna()
    text = (
        "order_lead_time_days is empty: all of the forecast is taken as still to be ordered, and "
        "nothing limits how early the product is made"
    )
    remedy = "Enter the days from a customer's order to its delivery."
    return told(TABLES["products"], products, missing, text, "order_lead_time_days", remedy=remedy)
