"""The standard levers, from `levers.toml`, and what a row of the input table `levers` may name."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sopkit.schema.reading import FOLDER, refuse_missing, refuse_unknown
from sopkit.schema.tables import TABLES

FILE = FOLDER / "levers.toml"
LIMITS = (
    "overtime hours", "machine hours", "regular hours", "max workers", "subcontract limit",
    "supply limit", "material", "storage",
)  # fmt: skip
MEASURES = ("revenue", "margin", "cash", "inventory_value", "quantity", "fill_rate")
PLACEHOLDERS = ("item", "months", "percent", "amount", "value")  # of a statement
CHANGED = (
    "marketing_activities", "sources", "demand_inputs", "item_costs", "inventory_policy",
    "lanes", "launches", "resource_calendar", "resources", "routings", "storage_capacity",
    "supply_policy", "company_settings",
)  # fmt: skip  # the input tables that hold decisions of the company


@cache
def standard_levers(path: Path = FILE) -> tuple[dict[str, Any], ...]:
    """Read the standard levers.

    Returns
    -------
    rows of the input table `levers`, each a dict of column : value, in file order

    Raises
    ------
    SchemaError : a column is unknown, or a required one is left out.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    table = TABLES["levers"]
    for name, row in rows.items():
        refuse_unknown(f"{path.name} {name}", row, table.columns)
        refuse_missing(f"{path.name} {name}", row, table.required)
    return tuple({"lever": name, **row} for name, row in rows.items())
