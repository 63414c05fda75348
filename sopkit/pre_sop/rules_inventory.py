"""Gap rules of inventory: stock above its maximum, below its safety stock, likely to run out."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.dated import in_force
from sopkit.pre_sop.gap import at_worst, contribution, gap, sized
from sopkit.rules.remember import remembered
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables.arrays import ArrayTable, present, stacked
from sopkit.tables.keys import Keys, rows_in


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: inventory up to {units} units above maximum, {months}",
    question="Produce less, or raise the maximum?",
    table="projected_inventory",
    exhibit="40_supply_review.projected_inventory",
    peak=True,
    closed_by=("inventory_policy",),
)
def excess(
    supply_plan: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    inventory_policy: DataFrame,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """Find stock above the policy's maximum, by family, valued at holding cost.

    A limit that names no site holds for the product as a whole, over the sites without a limit of
    their own.
    """
    at_sites, elsewhere = _stock_with_limit(supply_plan, inventory_policy)
    rows = stacked([at_sites, elsewhere])
    # room left is no gap
    units = np.maximum(rows["inventory"] - rows["reference"], 0.0)
    families = rows.by("family", master=products)
    over, reference = families.sum(units), families.sum(rows["reference"])
    return sized(
        families.keys,
        rows.months,
        "family",
        plan=families.sum(rows["inventory"]),
        reference=reference,
        gap_units=over,
        gap_value=families.sum(units * unit_economics.on(rows)["holding_cost"]),
        wrong=(over > MATERIAL) & (over > threshold["share_of_maximum"] * reference),
    )


@gap(
    area="supply",
    owner="supply planner",
    statement="{family}: inventory up to {units} units below safety stock, {months}",
    question="Rebuild safety stock, or accept the risk?",
    table="projected_inventory",
    exhibit="40_supply_review.projected_inventory",
    whole=True,
)
def cover(
    projected_inventory: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find stock below safety stock, by family.

    Money is the contribution of the units missing in the worst month.
    """
    stock = projected_inventory
    missing = np.minimum(stock["inventory"] - stock["safety_stock"], 0.0)
    families = stock.by("family", master=products)
    units, reference = families.sum(missing), families.sum(stock["safety_stock"])
    value = families.sum(missing * contribution(unit_economics.on(stock), selling_prices))
    wrong = (units < -MATERIAL) & (units < -threshold["share_of_safety_stock"] * reference)
    worst = at_worst(value, wrong)
    return sized(
        families.keys,
        stock.months,
        "family",
        plan=np.where(worst, families.sum(stock["inventory"]), 0.0),
        reference=np.where(worst, reference, 0.0),
        gap_units=np.where(worst, units, 0.0),
        gap_value=np.where(worst, value, 0.0),
        wrong=wrong,
    )


@gap(
    area="supply",
    owner="supply planner",
    statement="{product}: expected service {plan} vs. {reference} by policy, {months}",
    question="Build stock, expedite, or accept the risk of a stock-out?",
    table="expected_service",
    exhibit="40_supply_review.inventory_risk",
    whole=True,
    closed_by=("inventory_policy", "inventory", "purchase_orders", "sources"),
)
def stock_out(
    expected_service: ArrayTable,
    constrained_demand: ArrayTable,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find products whose chance of a stock-out is above what the inventory policy allows.

    Service is 1 less that chance, and the fill rate where the policy's target is one. A product
    counts at its worst site and month; a month in which the plan itself leaves demand unmet is a
    gap of its own. Money is the contribution of the units that are expected to be unmet then.
    """
    stock = expected_service
    rated = np.isfinite(stock["target_fill_rate"])
    service = np.where(rated, stock["fill_rate"], 1 - stock["stock_out_probability"])
    asked = np.where(rated, stock["target_fill_rate"], stock["target_service_level"])
    planned = present(stock) & ~_short_as_planned(stock, constrained_demand)
    below = np.where(planned, np.maximum(asked - service, 0.0), 0.0)
    products, site = _worst_sites(stock, below)
    month = np.arange(len(stock.months))
    value = -stock["unmet"] * contribution(unit_economics.on(stock), selling_prices)
    at_site = {
        "plan": service[site, month],
        "reference": asked[site, month],
        "gap_units": -stock["unmet"][site, month],
        "gap_value": value[site, month],
    }
    below = below[site, month]
    wrong = below > threshold["share_below_target"]
    worst = at_worst(-below, wrong)
    return sized(
        products.assign(measure="fill_rate"),
        stock.months,
        "product",
        wrong=wrong,
        **{name: np.where(worst & wrong, grid, 0.0) for name, grid in at_site.items()},
    )


def _short_as_planned(stock: ArrayTable, constrained_demand: ArrayTable) -> np.ndarray:
    """Whether the plan itself leaves demand of the product unmet, by stock and month."""
    products = constrained_demand.by("product")
    unmet = products.sum(constrained_demand["backlog"] + constrained_demand["lost_sales"])
    cells = ArrayTable(products.keys, constrained_demand.months, {"unmet": unmet})
    return cells.on(stock, default=0.0)["unmet"] > MATERIAL


def _worst_sites(stock: ArrayTable, below: np.ndarray) -> tuple[Keys, np.ndarray]:
    """The products, and the row of each one's site that is furthest below, by month."""
    products, rows = stock.by("product"), np.arange(len(below))[:, None]
    most = np.zeros((len(products.keys), below.shape[1]))
    np.maximum.at(most, products.number, below)
    site = np.full(most.shape, len(below))
    np.minimum.at(site, products.number, np.where(below >= most[products.number], rows, len(below)))
    return products.keys, site


def _stock_with_limit(
    supply_plan: ArrayTable, inventory_policy: DataFrame
) -> tuple[ArrayTable, ArrayTable]:
    """Stock beside its limit: at sites with a limit of their own, and of each product elsewhere.

    Returns
    -------
    (rows by product and site, rows by product), of what has a limit : inventory, reference [units]
    """
    months = supply_plan.months
    own, limit = _limits(supply_plan.keys, months, inventory_policy, True)
    has = own & np.isfinite(limit).any(axis=1)
    at_sites = supply_plan.keep(has)
    at_sites = _beside(at_sites.keys, months, at_sites["inventory"], limit[has])
    rest = supply_plan.keep(~own)
    products = rest.by("product")
    _, general = _limits(products.keys, months, inventory_policy, False)
    known = np.isfinite(general).any(axis=1)
    inventory = products.sum(rest["inventory"])[known]
    keys = Keys(products.keys.frame[known])
    return at_sites, _beside(keys, months, inventory, general[known])


def _beside(
    keys: Keys, months: PeriodIndex, inventory: np.ndarray, limit: np.ndarray
) -> ArrayTable:
    """Stock of products beside its limit; in a month without one it is its own."""
    reference = np.where(np.isnan(limit), inventory, limit)
    columns = {"inventory": inventory, "reference": reference}
    return ArrayTable(Keys(keys.frame[["product"]]), months, columns)


@remembered
def _limits(
    keys: Keys, months: PeriodIndex, inventory_policy: DataFrame, by_site: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Whether a row of the policy, with a site or without, is about each key, and the most stock
    that it allows in each month: nan where it allows any."""
    rows = inventory_policy[inventory_policy["site"].notna() == by_site]
    on = ("product", "site") if by_site else ("product",)
    policy = in_force(rows, on, months)
    most = policy.on(ArrayTable(keys, months, {}), default=np.nan)["max_inventory"]
    return rows_in(keys, policy.keys) >= 0, most.astype(float)
