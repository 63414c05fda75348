"""Cost of the plan of record by product, each cost item by its own driver.

What is spent is what the plan of record spends by `strategy_comparison`, so idle hours, overtime
premium, hiring, layoffs, outside premium and rent of extra storage reach the margin in the month
they are paid. Costs of holding, backlog and lost sales weigh strategies against each other; no
invoice is behind them, so they stay out of the margin.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy.sparse import csr_array

from sopkit.finance.standard_costing import added_by_product, standard_cost
from sopkit.master_data.bom import stocked_usage
from sopkit.master_data.dated import in_force
from sopkit.master_data.economics import crew_calendar
from sopkit.master_data.freight import LANE, freight_by_month
from sopkit.master_data.yields import routings_in_force
from sopkit.model.comparison import costs_by_strategy
from sopkit.rules.remember import remembered
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import months_of

ON_TERMS = (
    "material",
    "purchased goods",
    "subcontracting",
)  # paid after payable_days; all else is paid at once
LABOUR = ("regular labour", "unabsorbed labour", "overtime", "hiring", "layoff")
INBOUND = "inbound freight"
AT_ONCE = (
    *LABOUR, "conversion", "set-up", "rate change", "freight", "transfers", "extra storage",
    INBOUND,
)  # fmt: skip
NOTHING = 1e-9  # money: less is the rounding of hours
WEIGHED_ONLY = ("holding", "backlog", "lost sales")


@dataclass(frozen=True)
class CostingInputs:
    """The tables that hold what the plan of record spends, and what causes it."""

    planning_periods: DataFrame
    products: DataFrame
    supply_plan: ArrayTable
    distribution_plan: ArrayTable
    production_plan: ArrayTable
    workforce_plan: ArrayTable
    strategy_comparison: DataFrame
    unit_economics: ArrayTable
    sourcing_network: DataFrame
    interplant_transfers: ArrayTable
    purchased_products: ArrayTable
    resources: DataFrame | None = None
    routings: DataFrame | None = None
    resource_calendar: DataFrame | None = None
    bill_of_materials: DataFrame | None = None
    storage_capacity: DataFrame | None = None


@on_arrays
def product_costs(inputs: CostingInputs) -> ArrayTable:
    """Allocate the cost of the plan of record to products and months.

    Each cost item of `strategy_comparison` is spread by its own driver at its own price: material
    by units made, making and set-up by what each resource makes at its own price, outside cost,
    purchased goods and inbound freight by units bought, freight by units sent, rent of extra
    storage by stock at the site, labour by the hours that products take of the resource that pays
    it, as `production_plan` has them. Every item adds up to the supply plan's total;
    sub-assemblies, which move cost from a product to those it goes into, add up to nothing. A cost
    whose driver is 0 (a crew that makes nothing) is spread by units shipped.

    Returns
    -------
    product, period, cost_item : cost [money]

    Raises
    ------
    ValueError : a cost item that no driver is known for.
    """
    months = months_of(inputs.planning_periods)
    cells = ArrayTable(_products(inputs.products), months, {})
    units = inputs.supply_plan.sums("product").on(cells, default=0.0)
    totals = _booked(inputs.strategy_comparison)[[*ON_TERMS, *AT_ONCE]]
    drivers = _drivers(cells, units, inputs)
    costs = {item: _spread(total, drivers.get(item), units) for item, total in totals.items()}
    if inputs.bill_of_materials is not None:
        costs["sub-assemblies"] = _sub_assemblies(units, inputs)
    return _by_cost_item(cells, costs)


def _sub_assemblies(units: ArrayTable, inputs: CostingInputs) -> np.ndarray:
    """The standard cost of products that go into others: taken from the ones, borne by the others.

    It sums to nothing. What a product takes is what of the others is consumed, by its part in all
    that takes them in the month.
    """
    economics, bill = inputs.unit_economics, inputs.bill_of_materials
    cost = standard_cost(economics, inputs.resources, inputs.routings, bill)
    cost = economics.assign(standard_cost=cost).on(units)["standard_cost"]
    value = np.nan_to_num(units["consumed"]) * cost
    taken = _direct_use(units.keys, bill, inputs.products)
    total = taken @ np.nan_to_num(units["started"])
    per_unit = np.divide(value, total, out=np.zeros(value.shape), where=total > 0)
    return (taken.T @ per_unit) * np.nan_to_num(units["started"]) - value


@remembered
def _direct_use(keys: Keys, bill_of_materials: DataFrame, products: DataFrame) -> csr_array:
    """Units of each product that go directly into a unit of each other: products x products."""
    usage = stocked_usage(bill_of_materials, products)
    codes = pd.Index(keys["product"])
    row, column = (codes.get_indexer(pd.Index(usage[c])) for c in ("item", "parent"))
    known = (row >= 0) & (column >= 0)
    units = usage["quantity_per_unit"].to_numpy()[known]
    return csr_array((units, (row[known], column[known])), (len(codes), len(codes)))


@remembered
def _products(products: DataFrame) -> Keys:
    return Keys(products[["product"]])


def _drivers(cells: ArrayTable, units: ArrayTable, inputs: CostingInputs) -> dict[str, np.ndarray]:
    """What spreads each cost item over products and months."""
    moved = inputs.interplant_transfers
    drivers = _unit_drivers(units, inputs.unit_economics.on(cells))
    sent = freight(inputs.distribution_plan, inputs.sourcing_network)
    drivers["freight"] = _of_products(cells, sent)
    drivers["extra storage"] = _rent(cells, inputs.supply_plan, inputs.storage_capacity)
    bought = inputs.purchased_products
    drivers["purchased goods"] = _of_products(cells, bought.assign(amount=bought["cost"]))
    drivers[INBOUND] = _of_products(
        cells, bought.assign(amount=np.nan_to_num(bought["inbound_freight"]))
    )
    drivers["rate change"] = units["regular"] + units["overtime"]
    drivers["transfers"] = _of_products(cells, moved.assign(amount=moved["cost"]))
    if inputs.routings is None:
        return drivers
    if inputs.resources is None:
        return drivers | _mean_making_drivers(units, inputs.routings)
    drivers |= _making_drivers(cells, inputs.production_plan, inputs.routings)
    return drivers | _labour_drivers(cells, inputs)


def _spread(total: float, driver: np.ndarray | None, units: ArrayTable) -> np.ndarray:
    """A total over products and months as its driver says; as units are shipped where it says
    nothing."""
    driver = np.zeros(units.shape) if driver is None else driver
    if driver.sum() == 0 and total != 0:
        driver = units["shipped"] if units["shipped"].sum() > 0 else units["shipped"] + 1.0
    return driver * (total / (driver.sum() or 1.0))


def _by_cost_item(cells: ArrayTable, costs: Mapping[str, np.ndarray]) -> ArrayTable:
    """Costs of products and months by cost item; what costs nothing has no row."""
    count = len(cells.keys)
    keys = {
        "product": np.tile(np.asarray(cells.keys["product"], dtype=object), len(costs)),
        "cost_item": np.repeat(np.array(list(costs), dtype=object), count),
    }
    cost = np.concatenate(list(costs.values()))
    names = DataFrame({name: pd.array(codes, dtype="str") for name, codes in keys.items()})
    return ArrayTable(Keys(names), cells.months, {"cost": cost}, np.abs(cost) > NOTHING)


def _of_products(cells: ArrayTable, table: ArrayTable) -> np.ndarray:
    """The `amount` of a table by product: cells, 0 where it has no row."""
    if not len(table.keys):
        return np.zeros(cells.shape)
    return table.sums("product").on(cells, default=0.0)["amount"]


def _booked(strategy_comparison: DataFrame) -> Series:
    """Total cost of the plan of record by cost item; an unknown item is refused, so that no cost is
    left out."""
    costs = costs_by_strategy(strategy_comparison)
    rows = costs[costs["strategy"] == PLAN_OF_RECORD]
    known = (*ON_TERMS, *AT_ONCE, *WEIGHED_ONLY)
    strange = sorted(set(rows["cost_item"]) - set(known))
    if strange:
        raise ValueError(
            f"strategy_comparison: cost_item={strange[0]!r} cannot be booked; known are "
            f"{', '.join(known)}. "
            "Rename it, or give it a driver in product_costs."
        )
    return rows.groupby("cost_item")["cost"].sum().reindex(known, fill_value=0.0)


def _unit_drivers(units: ArrayTable, prices: ArrayTable) -> dict[str, np.ndarray]:
    """Material and outside cost of each product and month at list cost."""
    bought = units["subcontract"]
    made = units["regular"] + units["overtime"]
    return {
        "material": made * prices["material_cost"],
        "subcontracting": np.where(bought > 0, bought * prices["subcontract_cost"], 0.0),
    }


def _making_drivers(
    cells: ArrayTable, production_plan: ArrayTable, routings: DataFrame
) -> dict[str, np.ndarray]:
    """Making and set-up cost at the price of the resource that does the work."""
    plan, made = production_plan, production_plan["regular"] + production_plan["overtime"]
    ways = routings_in_force(routings, plan.months).on(plan)
    amounts = {
        "conversion": made * np.nan_to_num(ways["variable_cost"] * ways["units_worked"]),
        "set-up": np.nan_to_num(plan["runs"]) * np.nan_to_num(ways["setup_cost"]),
    }
    return {
        item: _of_products(cells, plan.assign(amount=amount)) for item, amount in amounts.items()
    }


def _mean_making_drivers(units: ArrayTable, routings: DataFrame) -> dict[str, np.ndarray]:
    """Conversion and set-up cost without a resource: the mean over the alternatives."""
    ways = routings_in_force(routings, units.months)
    variable, setup = (
        added_by_product(units.keys, ways.keys, np.nan_to_num(cost) * ways["share"])
        for cost in (ways["variable_cost"] * ways["units_worked"], ways["setup_cost"])
    )
    return {
        "conversion": variable * (units["regular"] + units["overtime"]),
        "set-up": setup * np.nan_to_num(units["runs"]),
    }


def _rent(
    cells: ArrayTable, supply_plan: ArrayTable, storage_capacity: DataFrame | None
) -> np.ndarray:
    """Rent of the units above a site's limit, borne by its products as they are in stock."""
    if storage_capacity is None:
        return np.zeros(cells.shape)
    stores = in_force(storage_capacity, ("site",), cells.months)
    at_site = supply_plan.by("site")
    held = at_site.sum(supply_plan["inventory"])
    of_site = stores.on(ArrayTable(at_site.keys, cells.months, {}), default=np.nan)
    above = np.nan_to_num(np.maximum(held - of_site["storage_limit"], 0.0))
    rent = above * np.nan_to_num(of_site["overflow_storage_cost"])
    a_unit = np.where(held > 0, rent / np.where(held > 0, held, 1.0), 0.0)
    amount = supply_plan["inventory"] * a_unit[at_site.number]
    return _of_products(cells, supply_plan.assign(amount=amount))


def freight(distribution_plan: ArrayTable, sourcing_network: DataFrame) -> ArrayTable:
    """Freight of each shipment to a market.

    Returns
    -------
    product, site, market, period : amount [money], beside the columns of the table
    """
    plan = distribution_plan
    rate = freight_by_month(plan.keys, sourcing_network, LANE, plan.months)
    return plan.assign(amount=plan["shipped"] * rate)


def _labour_drivers(cells: ArrayTable, inputs: CostingInputs) -> dict[str, np.ndarray]:
    """Pay of each resource and month: hours worked by the product that takes them, the rest by
    their share."""
    crews, resources = inputs.workforce_plan, inputs.resources
    hours = crew_calendar(inputs.planning_periods, resources, inputs.resource_calendar)
    paid = crews["workers"] * hours.on(crews)["regular_hours_per_worker"]
    rates = in_force(resources, ("resource",), crews.months)
    of_crews = rates.on(crews)
    pay = crews.assign(
        **{
            "unabsorbed labour": (paid - crews["regular_hours"]) * of_crews["regular_wage"],
            "hiring": crews["hired"] * of_crews["hire_cost"],
            "layoff": crews["laid_off"] * of_crews["layoff_cost"],
        }
    )
    rows = ArrayTable(_routed(inputs.routings), cells.months, {})
    worked, wage = inputs.production_plan.on(rows, default=0.0), rates.on(rows)
    wages = {
        "regular labour": worked["regular_hours"] * wage["regular_wage"],
        "overtime": worked["overtime_hours"] * wage["overtime_wage"],
    }
    share, pay = _hour_shares(rows, worked), pay.on(rows, default=0.0)
    wages |= {item: pay[item] * share for item in ("unabsorbed labour", "hiring", "layoff")}
    return {item: _of_products(cells, rows.assign(amount=wage)) for item, wage in wages.items()}


def _hour_shares(rows: ArrayTable, worked: ArrayTable) -> np.ndarray:
    """The share of a resource's hours that each product takes; in an idle month that over the
    horizon.

    Returns
    -------
    products on resources x months [ratio]
    """
    hours = worked["regular_hours"] + worked["overtime_hours"]
    crews = rows.by("resource")
    in_month = crews.sum(hours)[crews.number]
    in_all = in_month.sum(axis=1, keepdims=True)
    alike = 1.0 / np.bincount(crews.number)[crews.number][:, None]
    of_product = hours.sum(axis=1, keepdims=True)
    usual = np.where(in_all > 0, of_product / np.where(in_all > 0, in_all, 1.0), alike)
    return np.where(in_month > 0, hours / np.where(in_month > 0, in_month, 1.0), usual)


@remembered
def _routed(routings: DataFrame) -> Keys:
    """The products on each resource."""
    return Keys(routings[["product", "resource"]].drop_duplicates())
