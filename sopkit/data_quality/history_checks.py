"""Checks of the sales history that list what cleansing changed, and the successions it suggests."""

from collections.abc import Iterator

from pandas import DataFrame

from sopkit.data_quality.entries import entry_alone
from sopkit.data_quality.marks import check
from sopkit.schema.formatting import count
from sopkit.tables.issues import Issue

DRIVER = "driver"  # the finding of months that drivers changed


@check("minor")
def history_corrected(demand_history: DataFrame) -> Iterator[Issue]:
    """List the months of the history that are cleansed before forecasting."""
    changed = demand_history[demand_history["reason"].notna()]
    of_drivers = changed["finding"] == DRIVER
    if of_drivers.any():
        yield _of_drivers(changed[of_drivers])
    changed = changed[~of_drivers]
    rows = changed.groupby(["reason", "product", "market"]).agg(
        first=("period", "min"),
        last=("period", "max"),
        months=("period", "size"),
        units=("cleansing_adjustment", "sum"),
    )
    for (reason, product, market), row in zip(rows.index, rows.itertuples(), strict=True):
        treatment = (
            f"History for the baseline is changed by {row.units:+,.0f} units; sales stay as they "
            "were. To refuse it, add a row with treatment as_sold to history_corrections."
            if row.units
            else "Nothing was changed."
        )
        place = f"product {product}, market {market}, {row.first} to {row.last}"
        finding = f"{reason} ({count(row.months, 'month')})"
        yield entry_alone("sales_history", "quantity", place, finding, treatment)


def _of_drivers(changed):
    """What drivers did to sales, which `demand_drivers` states, in one entry."""
    units = changed["cleansing_adjustment"].sum()
    treatment = (
        f"History for the baseline is changed by {units:+,.0f} units; the effect of each driver, "
        "with its range, is among the drivers of demand."
    )
    finding = f"the effect of demand drivers is removed from {count(len(changed), 'month')}"
    return entry_alone("demand_drivers", "driver_value", "all products", finding, treatment)


@check("major")
def suggested_successions(product_successions: DataFrame) -> Iterator[Issue]:
    """List the codes that are taken to continue others because their sales suggest it."""
    for row in product_successions[product_successions["confidence"] != "high"].itertuples():
        place = f"product {row.old_product}, market {row.market}, {row.from_period}"
        handling = (
            f"{row.product} is forecast from the history of both and {row.old_product} no longer. "
            "State it in product_succession, or keep the newest month of the old code as_sold in "
            "history_corrections."
        )
        yield entry_alone("sales_history", "product", place, row.message, handling)


@check("minor")
def history_level_changes(history_findings: DataFrame) -> Iterator[Issue]:
    """List the months in which a product's sales begin a new level."""
    for row in history_findings[history_findings["finding"] == "level_change"].itertuples():
        place = f"product {row.product}, market {row.market}, {row.from_period}"
        handling = row.handling[0].upper() + row.handling[1:] + "."
        yield entry_alone("sales_history", "quantity", place, row.message, handling)
