"""Requirements and orders of components, and dependency on suppliers."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.bom import bill_matrix, levels_of, usage_per_unit
from sopkit.master_data.lead_times import lead_months, open_receipts
from sopkit.rules.remember import remembered
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, empty
from sopkit.tables.arrays import ArrayTable, Keys
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import months_of

ROUNDING = 1e-6  # units below this are the rounding of sums, not stock or shortage
NUMBERS = ("required", "ordered", "received", "inventory", "shortage", "cost", "supply_limit")


@on_arrays
def procurement_plan(
    planning_periods: DataFrame,
    supply_plan: ArrayTable,
    bill_of_materials: DataFrame | None = None,
    components: DataFrame | None = None,
    open_purchase_orders: DataFrame | None = None,
) -> ArrayTable:
    """Explode production into components and plan what to order each month.

    Level by level of the bill of materials: needs are met from stock and open orders, then by
    deliveries just in time, earlier where the supplier's limit asks for it and late where even that
    is not enough. A part of several levels is summed. What goes into a pre-made part is needed when
    that part is ordered. Where a limit is below the smallest order the limit holds. Orders for
    months after the horizon are not planned.

    Returns
    -------
    component, period : required, ordered, received, inventory [units], shortage [units still
        missing at the month's end], cost [money, of what is ordered], supply_limit [units; empty
        where there is none]

    Raises
    ------
    ValueError : a component is part of itself.
    """
    months = months_of(planning_periods)
    if bill_of_materials is None or components is None or bill_of_materials.empty:
        return _empty(months)
    items, per_unit = bill_matrix(bill_of_materials)
    parts = _parts(components, bill_of_materials)
    coming = open_receipts(items, months, open_purchase_orders)
    released = _production(items, supply_plan)
    required, received, ordered = (np.zeros(released.shape) for _ in range(3))
    for level in levels_of(items, per_unit):
        required[level] = per_unit[level] @ released
        received[level] = _deliveries(required[level], coming[level], parts.iloc[level])
        ordered[level] = _orders(received[level], parts["lead_months"].to_numpy()[level])
        released[level] += ordered[level]
    return _plan(months, parts, required, received + coming, ordered)


def supplier_dependency(
    constrained_demand: DataFrame,
    unit_economics: DataFrame,
    procurement_plan: DataFrame,
    bill_of_materials: DataFrame | None = None,
    components: DataFrame | None = None,
) -> DataFrame:
    """Calculate the dependency of the plan of record on each supplier, over the planned months.

    A component has one supplier, so a product that needs it, on whatever level of its bill, cannot
    be made without him.

    Returns
    -------
    supplier : components_supplied, cost [money ordered], spend_share, products_dependent,
        dependent_revenue [money, of units served], revenue_dependency [of all revenue],
        shortage_cost [money, in the worst month]
    """
    if bill_of_materials is None or components is None:
        return empty("supplier_dependency")
    bought = components[["component", "supplier", "unit_cost"]]
    orders = attach(procurement_plan, bought)
    orders["missing"] = orders["shortage"] * orders["unit_cost"]
    missing = orders.groupby(["supplier", "period"])["missing"].sum()
    revenue = _revenue(constrained_demand, unit_economics)
    needs = usage_per_unit(bill_of_materials).merge(bought, on="component")
    needs = needs[["product", "supplier"]].drop_duplicates().merge(revenue, on="product")
    table = pd.DataFrame(
        {
            "components_supplied": bought.groupby("supplier").size(),
            "cost": orders.groupby("supplier")["cost"].sum(),
            "products_dependent": needs.groupby("supplier").size(),
            "dependent_revenue": needs.groupby("supplier")["revenue"].sum(),
            "shortage_cost": missing.groupby("supplier").max(),
        }
    ).fillna(0)
    table["spend_share"] = _share(table["cost"], table["cost"].sum())
    table["revenue_dependency"] = _share(table["dependent_revenue"], revenue["revenue"].sum())
    whole = {"components_supplied": "int64", "products_dependent": "int64"}
    table = table.astype(whole).rename_axis("supplier").reset_index()
    return table[list(TABLES["supplier_dependency"].columns)]


def _revenue(constrained_demand, unit_economics):
    """Revenue of each product under the plan of record."""
    rows = constrained_demand[["product", "market", "period", "fulfilled"]]
    rows = attach(rows, unit_economics[["product", "period", "price"]])
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


@remembered
def _parts(components: DataFrame, bill_of_materials: DataFrame) -> DataFrame:
    """What is known of every item; one that is made with its parent needs no stock, time or
    supplier."""
    items = bill_matrix(bill_of_materials)[0]
    known = components.set_index("component").reindex(items)
    bought = items.isin(components["component"])
    return pd.DataFrame(
        {
            "bought": bought,
            "lead_months": lead_months(known["lead_time_days"].fillna(0)),
            "on_hand": known["on_hand"].fillna(0),
            "limit": known["supply_limit"].fillna(np.inf),
            "min_order": known["min_order"].fillna(0),
            "unit_cost": known["unit_cost"],
            "supply_limit": known["supply_limit"],
        },
        index=items,
    )


def _production(items: pd.Index, supply_plan: ArrayTable) -> np.ndarray:
    """Units made of every item in every month under the plan of record."""
    made = np.zeros((len(items), len(supply_plan.months)))
    products = supply_plan.by("product")
    row = items.get_indexer(pd.Index(products.keys["product"]))
    units = products.sum(supply_plan["regular"] + supply_plan["overtime"])
    made[row[row >= 0]] = units[row >= 0]
    return made


def _deliveries(required, coming, parts):
    """Deliveries that cover what stock does not: just in time, earlier before a peak, late where
    nothing else helps."""
    limit, lead, least = (parts[c].to_numpy() for c in ("limit", "lead_months", "min_order"))
    balance = (required - coming).cumsum(axis=1) - parts["on_hand"].to_numpy()[:, None]
    need = np.diff(np.maximum.accumulate(np.maximum(balance, 0), axis=1), axis=1, prepend=0)
    limit = np.maximum(limit[:, None] - coming, 0.0)
    wanted, pushed = np.zeros(need.shape), np.zeros(len(need))
    for month in reversed(range(need.shape[1])):
        possible = np.where(month >= lead, limit[:, month], 0.0)
        wanted[:, month] = np.minimum(need[:, month] + pushed, possible)
        pushed += need[:, month] - wanted[:, month]
    received, late, spare = np.zeros(need.shape), pushed, np.zeros(len(need))
    for month in range(need.shape[1]):
        possible = np.where(month >= lead, limit[:, month], 0.0)
        due = np.maximum(wanted[:, month] + late - spare, 0)
        delivery = np.minimum(np.where(due > 0, np.maximum(due, least), 0.0), possible)
        received[:, month] = delivery
        balance = spare + delivery - wanted[:, month] - late
        spare, late = np.maximum(balance, 0), np.maximum(-balance, 0)
    return received


def _orders(received, lead):
    """Deliveries moved forward to the month in which they are ordered."""
    length = received.shape[1]
    later = np.arange(length)[None, :] + lead[:, None]
    moved = np.take_along_axis(received, np.minimum(later, length - 1), axis=1)
    return np.where(later < length, moved, 0.0)


def _plan(
    months: pd.PeriodIndex,
    parts: DataFrame,
    required: np.ndarray,
    received: np.ndarray,
    ordered: np.ndarray,
) -> ArrayTable:
    bought = parts["bought"].to_numpy()
    on_hand, unit_cost, limit = parts[bought][["on_hand", "unit_cost", "supply_limit"]].to_numpy().T
    left = on_hand[:, None] + (received - required)[bought].cumsum(axis=1)
    left = np.where(np.abs(left) > ROUNDING, left, 0.0)
    columns = {
        "required": required[bought],
        "ordered": ordered[bought],
        "received": received[bought],
        "inventory": np.maximum(left, 0),
        "shortage": np.maximum(-left, 0),
        "cost": ordered[bought] * unit_cost[:, None],
        "supply_limit": np.repeat(limit[:, None], len(months), axis=1),
    }
    return ArrayTable(_bought(parts), months, columns)


@remembered
def _bought(parts: DataFrame) -> Keys:
    """The components that are bought."""
    return Keys(DataFrame({"component": pd.array(parts.index[parts["bought"]], dtype="str")}))


def _empty(months: pd.PeriodIndex) -> ArrayTable:
    none = DataFrame({"component": pd.Series(dtype="str")})
    return ArrayTable(Keys(none), months, dict.fromkeys(NUMBERS, np.zeros((0, len(months)))))
