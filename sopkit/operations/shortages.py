"""Shortages in the coming months and the constraints that cause them."""

import pandas as pd
from pandas import DataFrame

from sopkit.master_data.bom import usage_per_unit
from sopkit.operations.detail import detailed
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables import conform

HOURS = ("regular hours", "overtime hours", "machine hours")


def shortages(
    planning_periods: DataFrame,
    supply_plan: DataFrame,
    constrained_demand: DataFrame,
    shadow_prices: DataFrame,
    routings: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> DataFrame:
    """List what is late, lost or stocked below target, and the constraint that limits it most.

    Limits are compared by what they are worth for one unit of the product. Where none binds, the
    plan found it cheaper so.

    Returns
    -------
    product, period, measure, item : quantity [units], statement, constraint [empty where none
        binds]
    """
    rows = _short(
        detailed(planning_periods, supply_plan), detailed(planning_periods, constrained_demand)
    )
    limits = _binding(
        detailed(planning_periods, shadow_prices), supply_plan, routings, bill_of_materials
    )
    rows = rows.merge(limits, on=["product", "period"], how="left")
    cause = rows["constraint"] + " of " + rows["limited"] + " used up"
    rows["statement"] = cause.fillna("no limit binds: to be in time would cost more").astype("str")
    return conform("shortages", rows.drop(columns="limited"))


def _short(supply, service):
    """Units late, lost, or missing in stock at the end of each month, by market or site."""
    missing = supply["target_inventory"] - supply["inventory"]
    parts = [
        service.assign(measure=measure, item=service["market"], quantity=service[measure])
        for measure in ("backlog", "lost_sales")
    ]
    parts.append(supply.assign(measure="target_inventory", item=supply["site"], quantity=missing))
    rows = pd.concat(parts)[["product", "period", "measure", "item", "quantity"]]
    rows = rows[rows["quantity"] > MATERIAL]
    return rows.sort_values(
        ["period", "measure", "quantity"], ascending=[True, True, False], kind="stable"
    )


def _binding(values, supply_plan, routings, bill_of_materials):
    """The limit that binds each product most in each month.

    Returns
    -------
    product, period : constraint, limited
    """
    ways = [
        supply_plan[["product"]]
        .drop_duplicates()
        .assign(item=lambda t: t["product"], use=1.0, kind="product")
    ]
    stored = supply_plan[["product", "site"]].drop_duplicates().rename(columns={"site": "item"})
    ways.append(stored.assign(use=1.0, kind="storage"))
    sourced = values.loc[values["constraint"] == "supply limit", ["item"]].drop_duplicates()
    sourced = sourced.assign(product=sourced["item"].str.split(" from ").str[0])
    ways.append(sourced.assign(use=1.0, kind="source"))
    if routings is not None:
        made = routings.rename(columns={"resource": "item", "hours_per_unit": "use"})
        ways.append(made[["product", "item", "use"]].assign(kind="hours"))
    if bill_of_materials is not None:
        parts = usage_per_unit(bill_of_materials)
        parts = parts.rename(columns={"component": "item", "quantity_per_unit": "use"})
        ways.append(parts[["product", "item", "use"]].assign(kind="part"))
    kinds = dict.fromkeys(HOURS, "hours") | {
        "subcontract limit": "product", "material": "part", "storage": "storage",
        "supply limit": "source",
    }  # fmt: skip
    values = values.assign(kind=values["constraint"].map(kinds))
    limits = values.merge(pd.concat(ways), on=["item", "kind"], how="inner")
    limits["worth"] = limits["shadow_price"] * limits["use"]
    limits = limits.sort_values(["product", "period", "worth"], kind="stable")
    most = limits.groupby(["product", "period"], as_index=False).last()
    return most[["product", "period", "constraint", "item"]].rename(columns={"item": "limited"})
