"""Dependency of the plan on each supplier: spend, revenue and cost of late components."""

import pandas as pd
from pandas import DataFrame

from sopkit.master_data.bom import usage_per_unit
from sopkit.master_data.selling_prices import priced
from sopkit.schema.tables import TABLES
from sopkit.tables import empty


def supplier_dependency(
    constrained_demand: DataFrame,
    unit_economics: DataFrame,
    procurement_plan: DataFrame,
    purchase_plan: DataFrame,
    bill_of_materials: DataFrame | None = None,
    selling_prices: DataFrame | None = None,
) -> DataFrame:
    """Calculate the dependency of the plan of record on each supplier, over the planned months.

    A product depends on each supplier of the components that it needs, on whatever level of its
    bill, and on its own suppliers.

    Returns
    -------
    supplier : components_supplied, cost [money ordered], spend_share, products_dependent,
        dependent_revenue [money, of units served], revenue_dependency [of all revenue],
        shortage_cost [money, in the worst month]
    """
    bought = purchase_plan[purchase_plan["supplier"].notna()]
    pairs = bought[["item", "supplier"]].drop_duplicates()
    if pairs.empty:
        return empty("supplier_dependency")
    missing = _missing_cost(procurement_plan, bought)
    revenue = _revenue(constrained_demand, unit_economics, selling_prices)
    needs = [pairs.rename(columns={"item": "product"})]
    if bill_of_materials is not None:
        usage = usage_per_unit(bill_of_materials).rename(columns={"component": "item"})
        needs.append(usage.merge(pairs, on="item")[["product", "supplier"]])
    depending = pd.concat(needs).drop_duplicates().merge(revenue, on="product")
    table = pd.DataFrame(
        {
            "components_supplied": pairs.groupby("supplier").size(),
            "cost": bought.groupby("supplier")["cost"].sum(),
            "products_dependent": depending.groupby("supplier").size(),
            "dependent_revenue": depending.groupby("supplier")["revenue"].sum(),
            "shortage_cost": missing.groupby("supplier")["missing"].max(),
        }
    ).fillna(0)
    table["spend_share"] = _share(table["cost"], table["cost"].sum())
    table["revenue_dependency"] = _share(table["dependent_revenue"], revenue["revenue"].sum())
    whole = {"components_supplied": "int64", "products_dependent": "int64"}
    table = table.astype(whole).rename_axis("supplier").reset_index()
    return table[list(TABLES["supplier_dependency"].columns)]


def _missing_cost(procurement_plan, bought):
    """What the components that each supplier is late with cost, by month."""
    first = bought.groupby("item", as_index=False)[["cost", "ordered", "supplier"]].agg(
        {"cost": "sum", "ordered": "sum", "supplier": "first"}
    )
    first["unit_cost"] = first["cost"] / first["ordered"].where(first["ordered"] > 0)
    rows = procurement_plan.rename(columns={"component": "item"})
    rows = rows[["item", "period", "shortage"]].merge(first, on="item")
    rows["missing"] = rows["shortage"] * rows["unit_cost"].fillna(0.0)
    return rows.groupby(["supplier", "period"], as_index=False)["missing"].sum()


def _revenue(constrained_demand, unit_economics, selling_prices):
    """Revenue of each product under the plan of record."""
    rows = constrained_demand[["product", "market", "period", "fulfilled"]]
    rows = priced(rows, unit_economics, selling_prices)
    return (
        (rows["fulfilled"] * rows["price"])
        .groupby(rows["product"])
        .sum()
        .rename("revenue")
        .reset_index()
    )


def _share(part, whole):
    """A part of the whole, which sums of another order may pass by their last digit."""
    return (part / whole).clip(upper=1.0) if whole > 0 else part * 0.0
