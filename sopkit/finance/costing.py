"""Standard cost of a unit, and cost of the plan of record by product.

What is spent is what the plan of record spends by `strategy_comparison`, so idle hours, overtime premium, hiring, layoffs
and outside premium reach the margin in the month they are paid. Costs of holding, backlog, lost sales and extra storage
weigh strategies against each other; no invoice is behind them, so they stay out of the margin.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.master_data.economics import ways_to_do, worker_calendar
from sopkit.model.comparison import costs_by_strategy
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.tables import attach, conform

CELL = ["product", "period"]
ON_TERMS = (
    "material",
    "subcontracting",
)  # paid after payable_days; everything else is paid at once
LABOUR = ("regular labour", "idle labour", "overtime", "hiring", "layoff")
AT_ONCE = (*LABOUR, "making", "set-up", "freight", "transfers")
WEIGHED_ONLY = ("holding", "backlog", "lost sales", "extra storage")


def standard_costs(
    unit_economics: DataFrame, resources: DataFrame | None = None, routings: DataFrame | None = None
) -> DataFrame:
    """Value one unit at standard: material + hours x regular wage + conversion cost.

    A product without routing costs its material; an empty `variable_cost` is no cost; without `resources` labour
    costs nothing.

    Returns
    -------
    product, period : standard_cost [money per unit]
    """
    costs = unit_economics[["product", "period", "material_cost"]]
    if routings is None:
        return costs.rename(columns={"material_cost": "standard_cost"})
    wage = 0.0
    if resources is not None:
        wage = attach(routings, resources[["resource", "regular_wage"]])["regular_wage"]
    making = routings["hours_per_unit"] * wage + routings["variable_cost"].fillna(0.0)
    making = routings[["product"]].assign(making=making / ways_to_do(routings))
    costs = attach(costs, making.groupby("product", as_index=False)["making"].sum(), default=0.0)
    costs["standard_cost"] = costs["material_cost"] + costs["making"]
    return costs[["product", "period", "standard_cost"]]


def product_costs(
    planning_periods: DataFrame,
    products: DataFrame,
    supply_plan: DataFrame,
    distribution_plan: DataFrame,
    production_plan: DataFrame,
    workforce_plan: DataFrame,
    strategy_comparison: DataFrame,
    unit_economics: DataFrame,
    sourcing_network: DataFrame,
    interplant_transfers: DataFrame,
    resources: DataFrame | None = None,
    routings: DataFrame | None = None,
    resource_calendar: DataFrame | None = None,
) -> DataFrame:
    """Allocate the cost of the plan of record to products and months.

    Each cost item of `strategy_comparison` is spread by its own driver at its own price: material by units
    made, making and set-up by what each resource makes at its own price, outside cost by units bought, freight by
    units sent, labour by the hours that products take of the resource that pays it, as
    `production_plan` has them. Every item adds up to the supply plan's total. A cost whose driver is 0 (a crew that
    makes nothing) is spread by units shipped.

    Returns
    -------
    product, period, cost_item : cost [money]

    Raises
    ------
    ValueError : a cost item that no driver is known for.
    """
    totals = _booked(strategy_comparison)[[*ON_TERMS, *AT_ONCE]]
    units = supply_plan.groupby(CELL, as_index=False)[
        ["regular", "overtime", "subcontract", "shipped", "runs"]
    ].sum()
    cells = attach(
        products[["product"]].merge(planning_periods[["period"]], how="cross"), units, default=0.0
    )
    moved = interplant_transfers.groupby(CELL, as_index=False)[["cost"]].sum()
    drivers = [
        _unit_drivers(cells, unit_economics),
        _driven(cells, _freight_driver(distribution_plan, sourcing_network)),
        _driven(cells, moved.rename(columns={"cost": "transfers"})),
    ]
    if routings is not None and resources is None:
        drivers.append(_driven(cells, _mean_making_drivers(cells, routings)))
    elif routings is not None:
        labour = _labour_drivers(
            planning_periods,
            production_plan,
            workforce_plan,
            resources,
            routings,
            resource_calendar,
        )
        making = _making_drivers(production_plan, routings)
        drivers += [_driven(cells, making), _driven(cells, labour)]
    drivers = pd.concat(drivers, axis=1).reindex(columns=totals.index, fill_value=0.0)
    idle = drivers.columns[(drivers.sum() == 0) & (totals != 0)]
    anything = cells["shipped"] if cells["shipped"].sum() > 0 else cells["shipped"] + 1.0
    drivers[idle] = np.repeat(anything.to_numpy()[:, None], len(idle), axis=1)
    costs = drivers * (totals / drivers.sum().where(drivers.sum() != 0, 1.0))
    costs = pd.concat([cells[CELL], costs], axis=1).melt(
        CELL, var_name="cost_item", value_name="cost"
    )
    return conform("product_costs", costs[costs["cost"] != 0])


def _driven(cells, driver):
    """A driver beside the cells, 0 where it has no row."""
    return attach(cells[CELL], driver, default=0.0).drop(columns=CELL)


def _booked(strategy_comparison):
    """Total cost of the plan of record by cost item; an unknown item is refused, so that no cost is left out."""
    costs = costs_by_strategy(strategy_comparison)
    rows = costs[costs["strategy"] == PLAN_OF_RECORD]
    known = (*ON_TERMS, *AT_ONCE, *WEIGHED_ONLY)
    strange = sorted(set(rows["cost_item"]) - set(known))
    if strange:
        raise ValueError(
            f"strategy_comparison: cost_item={strange[0]!r} cannot be booked; known are {', '.join(known)}. "
            "Rename it, or give it a driver in product_costs."
        )
    return rows.groupby("cost_item")["cost"].sum().reindex(known, fill_value=0.0)


def _unit_drivers(cells, unit_economics):
    """Material and outside cost of each product and month at list cost."""
    prices = attach(cells[CELL], unit_economics[[*CELL, "material_cost", "subcontract_cost"]])
    outside = (cells["subcontract"] * prices["subcontract_cost"]).where(
        cells["subcontract"] > 0, 0.0
    )
    made = cells["regular"] + cells["overtime"]
    return pd.DataFrame({"material": made * prices["material_cost"], "subcontracting": outside})


def _making_drivers(production_plan, routings):
    """Making and set-up cost at the price of the resource that does the work."""
    prices = routings[["product", "resource", "variable_cost", "setup_cost"]]
    rows = attach(production_plan, prices)
    rows["making"] = (rows["regular"] + rows["overtime"]) * rows["variable_cost"].fillna(0.0)
    rows["set-up"] = rows["runs"].fillna(0.0) * rows["setup_cost"].fillna(0.0)
    return rows.groupby(CELL, as_index=False)[["making", "set-up"]].sum()


def _mean_making_drivers(cells, routings):
    """Conversion and set-up cost without a resource: the mean over the alternatives."""
    mean = routings[["variable_cost", "setup_cost"]].fillna(0.0).div(ways_to_do(routings), axis=0)
    mean = mean.set_axis(["making", "set-up"], axis=1).groupby(routings["product"]).sum()
    steps = attach(cells, mean.reset_index(), default=0.0)
    steps["making"] *= steps["regular"] + steps["overtime"]
    steps["set-up"] *= steps["runs"].fillna(0.0)
    return steps[[*CELL, "making", "set-up"]]


def _freight_driver(distribution_plan, sourcing_network):
    sent = attach(distribution_plan, sourcing_network)
    sent["freight"] = sent["shipped"] * sent["freight_cost"]
    return sent.groupby(CELL, as_index=False)[["freight"]].sum()


def _labour_drivers(
    planning_periods, production_plan, workforce_plan, resources, routings, calendar
):
    """Pay of each resource and month: hours worked by the product that takes them, the rest by their share."""
    wages = resources[["resource", "regular_wage", "overtime_wage", "hire_cost", "layoff_cost"]]
    pay = attach(workforce_plan, wages)
    hours = worker_calendar(planning_periods, resources, calendar)
    pay = attach(pay, hours[["resource", "period", "regular_hours_per_worker"]])
    paid = pay["workers"] * pay["regular_hours_per_worker"]
    pay["idle labour"] = (paid - pay["regular_hours"]) * pay["regular_wage"]
    pay["hiring"] = pay["hired"] * pay["hire_cost"]
    pay["layoff"] = pay["laid_off"] * pay["layoff_cost"]
    shared = ["idle labour", "hiring", "layoff"]
    rows = _hour_shares(planning_periods, production_plan, routings)
    rows = attach(rows, wages[["resource", "regular_wage", "overtime_wage"]])
    rows = attach(rows, pay[["resource", "period", *shared]], default=0.0)
    rows["regular labour"] = rows["regular_hours"] * rows["regular_wage"]
    rows["overtime"] = rows["overtime_hours"] * rows["overtime_wage"]
    rows[shared] = rows[shared].mul(rows["share"], axis=0)
    return rows.groupby(CELL, as_index=False)[list(LABOUR)].sum()


def _hour_shares(planning_periods, production_plan, routings):
    """The hours that each product takes of a resource, and its share of them; in an idle month over the horizon.

    Returns
    -------
    product, resource, period : regular_hours, overtime_hours [hours], share [ratio]
    """
    worked = production_plan[[*CELL, "resource", "regular_hours", "overtime_hours"]]
    load = routings[["product", "resource"]].merge(planning_periods[["period"]], how="cross")
    load = attach(load, worked, default=0.0)
    load["hours"] = load["regular_hours"] + load["overtime_hours"]
    in_month = load.groupby(["resource", "period"])["hours"].transform("sum")
    of_product = load.groupby(["resource", "product"])["hours"].transform("sum")
    in_all = load.groupby("resource")["hours"].transform("sum")
    alike = 1.0 / load.groupby(["resource", "period"])["hours"].transform("size")
    busy, used = in_month > 0, in_all > 0
    usual = (of_product / in_all.where(used, 1.0)).where(used, alike)
    load["share"] = (load["hours"] / in_month.where(busy, 1.0)).where(busy, usual)
    return load[["product", "resource", "period", "regular_hours", "overtime_hours", "share"]]
