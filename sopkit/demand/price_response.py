"""What drivers and changes of prices do to demand in the planned months.

A driver moves demand from its reference (`drivers`). A scenario, a lever or an approved decision
that moves a price moves demand by the elasticity of `price_elasticity`, and nothing where none is
known: the plan of the company's own price list is as it was.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand import drivers
from sopkit.master_data.dated import position_in_force
from sopkit.tables import attach, conform, empty
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays

PAIR = ["product", "market"]
CELL = [*PAIR, "period"]
PRICE_CHANGE = "price change"  # the driver of prices that a scenario or a decision moves
COLUMNS = ["activity", *CELL, "lift_ratio", "standard_error", "basis"]


@on_arrays
def driver_lifts(
    planning_periods: DataFrame,
    products: DataFrame,
    demand_history: DataFrame,
    price_elasticity: DataFrame,
    launch_plan: DataFrame | None = None,
    demand_drivers: DataFrame | None = None,
    price_changes: DataFrame | None = None,
) -> DataFrame:
    """Calculate how far each driver, and each change of a price, moves demand.

    Returns
    -------
    activity (the driver, or `price change`), product, market, period : lift_ratio [share of
        baseline and launches], standard_error [ratio] (missing where an elasticity is stated),
        basis
    """
    parts = [drivers.planned_lifts(demand_history, demand_drivers, products, planning_periods)]
    if price_changes is not None and not price_changes.empty:
        sold = [demand_history[PAIR]] + ([] if launch_plan is None else [launch_plan[PAIR]])
        pairs = pd.concat(sold).drop_duplicates(ignore_index=True)
        cells = pairs.merge(planning_periods[["period"]], how="cross")
        parts.append(_price_lifts(cells, price_elasticity, price_changes))
    filled = [part[COLUMNS] for part in parts if not part.empty]
    rows = pd.concat(filled, ignore_index=True) if filled else parts[0][COLUMNS]
    return conform("driver_lifts", rows)


def as_activities(driver_lifts: DataFrame | None, products: DataFrame) -> DataFrame:
    """What drivers do, as of activities of a kind of their own: with kind and family."""
    rows = empty("driver_lifts") if driver_lifts is None else driver_lifts
    rows = attach(rows, products[["product", "family"]])
    return rows.assign(kind="driver " + rows["activity"])


def answers(cells: DataFrame, driver_lifts: DataFrame | None) -> np.ndarray:
    """By which factor changes of prices move demand in each product, market and month."""
    if driver_lifts is None or not (changed := driver_lifts["activity"] == PRICE_CHANGE).any():
        return np.ones(len(cells))
    rows = driver_lifts[changed]
    row = rows_of(cells, rows, CELL)
    return np.where(row >= 0, 1.0 + rows["lift_ratio"].to_numpy()[row], 1.0)


def _price_lifts(cells, price_elasticity, price_changes):
    """How demand answers the changed prices of the cells, where an elasticity is in the plan."""
    ratio = _price_ratios(cells, price_changes)
    known = _elasticities(cells, price_elasticity[price_elasticity["in_plan"]])
    moved = (ratio != 1.0) & known["elasticity_ratio"].notna().to_numpy()
    cells, ratio, known = cells[moved], ratio[moved], known[moved]
    limit = np.log(drivers.FARTHEST)
    step = np.log(np.maximum(ratio, np.finfo(float).tiny))
    factor = np.exp(np.clip(known["elasticity_ratio"].to_numpy() * step, -limit, limit))
    return cells.assign(
        activity=PRICE_CHANGE,
        lift_ratio=factor - 1,
        standard_error=factor * np.abs(step) * known["standard_error"].to_numpy(),
        basis=_told(known),
    )


def _price_ratios(cells, price_changes):
    """New over listed price in each cell: that of its market, else that of its product."""
    own, _ = position_in_force(price_changes, PAIR, cells)
    whole, _ = position_in_force(price_changes, PAIR, cells.assign(market=_nowhere(cells)))
    row = np.where(own >= 0, own, whole)
    return np.where(row >= 0, price_changes["price_ratio"].to_numpy()[row], 1.0)


def _elasticities(cells, price_elasticity):
    """The elasticity of each cell, with error and basis: of its market, else of its product."""
    own = rows_of(cells, price_elasticity, PAIR)
    whole = rows_of(cells.assign(market=_nowhere(cells)), price_elasticity, PAIR)
    row = np.where(own >= 0, own, whole)
    known = price_elasticity.reset_index(drop=True).reindex(row)
    return known[["elasticity_ratio", "standard_error", "low_ratio", "high_ratio", "basis"]]


def _nowhere(cells):
    return pd.array([None] * len(cells), dtype="str")


def _told(known):
    """The elasticity in words: `elasticity -1.6 (95 % interval -2.2 to -1.0), own months, ...`."""
    number, low, high = (
        known[name].map("{:.1f}".format).astype("str")
        for name in ("elasticity_ratio", "low_ratio", "high_ratio")
    )
    range_ = " (95 % interval " + low + " to " + high + ")"
    range_ = range_.where(known["low_ratio"].notna(), "")
    return ("elasticity " + number + range_ + ", " + known["basis"].astype("str")).array
