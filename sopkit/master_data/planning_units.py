"""Planning units: quantities of products that are kept in different units, made to add up.

A family of litres and kilograms has one planning unit, such as the kilogram; `unit_factor` says how
many of it are in a product's own unit. Tables are converted once, before anything is planned, so
every sum over products is in planning units.
"""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Series

from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES

ITEM = (
    "product",
    "component",
    "item",
)  # columns that name what is counted, the first that is there
COUNTED = ("units", "units a day", "unit-months", "units or workers")
PER_UNIT = ("money per unit", "money per unit and month", "money per unit a day", "hours per unit")


def in_planning_units(tables: Mapping[str, DataFrame]) -> Mapping[str, DataFrame]:
    """Convert quantities, prices and hours of every input table to planning units.

    Quantities are multiplied by the product's `unit_factor`, what is stated per unit is divided by
    it. `unit_factor` is empty afterwards, so nothing is converted twice. What is stated by family,
    such as a budget, and the amounts of scenario_changes are in planning units already.

    Returns
    -------
    table name : table; those handed in where no factor is given
    """
    factor = _factors(tables.get("products"))
    if factor.empty:
        return tables
    converted = {
        name: _converted(table, factor) if name in TABLES and TABLES[name].is_input else table
        for name, table in tables.items()
    }
    return converted | {"products": converted["products"].assign(unit_factor=float("nan"))}


def in_own_units(rows: DataFrame, products: DataFrame) -> DataFrame:
    """Convert quantities, and a planner's numbers, back to the products' own units."""
    item = "item" if "item" in rows else "product"
    own = _of(rows[item], _factors(products))
    counted = [name for name in ("quantity", "fixed", "least", "most") if name in rows]
    return rows.assign(**{name: rows[name] / own for name in counted})


def _factors(products: DataFrame | None) -> Series:
    """The factor of each product that has one other than 1."""
    if products is None or "unit_factor" not in products:
        return Series(dtype="float64")
    factor = products.set_index("product")["unit_factor"].astype("float64")
    return factor[factor.notna() & (factor != 1.0)]


def _of(items: Series, factor: Series) -> Series:
    return items.map(factor).astype("float64").fillna(1.0)


def _converted(table: DataFrame, factor: Series) -> DataFrame:
    item = next((each for each in ITEM if each in table.columns), None)
    if item is None:
        return table
    own, changed = _of(table[item], factor), {}
    for column in table.columns:
        unit = COLUMNS[column].unit
        if column == "quantity_per_unit":
            changed[column] = table[column] * _of(table["component"], factor) / own
        elif unit in COUNTED:
            changed[column] = table[column] * own
        elif unit in PER_UNIT:
            changed[column] = table[column] / own
    return table.assign(**{c: pd.to_numeric(values) for c, values in changed.items()})
