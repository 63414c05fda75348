"""The service that stock is expected to give in the months that safety stock covers.

Beside what the inventory policy asks for: its cycle service level, or its fill rate where it names
one. The chance of a stock-out is that of `risk_simulation`, the exposure that of safety stock.
"""

import numpy as np
from pandas import DataFrame

from sopkit.master_data.safety_stock import SERVICE_LEVEL
from sopkit.master_data.stock_policy import SITE, site_demand, stock_levels, stock_policy
from sopkit.supply.inventory_targets import ROUNDING, exposure_months
from sopkit.supply.risk_simulation import PlanOfRecord, simulated_service
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import keys_of
from sopkit.tables.on_arrays import on_arrays


@on_arrays
def expected_service(
    demand_plan: ArrayTable,
    supply_plan: ArrayTable,
    distribution_plan: ArrayTable,
    constrained_demand: ArrayTable,
    inventory_targets: ArrayTable,
    sourcing_network: DataFrame,
    item_locations: DataFrame,
    inventory_policy: DataFrame | None = None,
    sources: DataFrame | None = None,
) -> ArrayTable:
    """Compare the simulated service of stock with the inventory policy, month by month.

    Only months that lie entirely within the exposure of safety stock (review interval and lead
    time): later ones can still be replanned. Only what has safety stock: what is made to order, is
    not storable, or is not counted on by a market has none, and its policy asks for none.

    Returns
    -------
    product, site, period : stock_out_probability, fill_rate, target_service_level,
        target_fill_rate [ratio; empty where the policy names none], unmet [units expected]
    """
    months = supply_plan.months
    demand = site_demand.on_arrays(demand_plan, sourcing_network, item_locations)
    policy = stock_policy(item_locations, demand, inventory_policy)
    levels = stock_levels(item_locations, demand, months, inventory_policy)
    covered = np.maximum(np.floor(exposure_months(policy, sources) + ROUNDING), 1)
    held = inventory_targets.on(levels, default=0.0)["safety_stock"] > ROUNDING
    within = held & (np.arange(len(months)) < covered[:, None])
    count = max(int(within.any(axis=0).sum()), 1)
    plan = PlanOfRecord(demand_plan, supply_plan, distribution_plan, constrained_demand)
    simulated = simulated_service(plan, inventory_policy, count)
    rows = ArrayTable(keys_of(policy, *SITE), simulated.months, {})
    asked, found = levels.over(simulated.months), simulated.on(rows, default=np.nan)
    level = asked["target_service_level"]
    return ArrayTable(
        rows.keys,
        rows.months,
        {
            **{name: found[name] for name in simulated.names},
            "target_service_level": np.where(np.isnan(level), SERVICE_LEVEL, level),
            "target_fill_rate": asked["target_fill_rate"],
        },
        present=within[:, :count],
    )
