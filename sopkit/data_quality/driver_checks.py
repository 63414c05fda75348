"""Checks of drivers of demand: those that say nothing of the past, and those that end early."""

from pandas import DataFrame

from sopkit.data_quality.entries import entry_alone, with_entries
from sopkit.data_quality.marks import check
from sopkit.schema.formatting import some
from sopkit.tables.issues import Entry, Issue

SERIES = ["demand_driver", "product", "market"]


@check("minor")
def driver_constant(planning_periods: DataFrame, demand_drivers: DataFrame) -> Issue | None:
    """Find drivers that never changed in the closed months of any product."""
    past = demand_drivers[demand_drivers["period"] < planning_periods["period"].iloc[0]]
    known = past.groupby(SERIES)["driver_value"].nunique().groupby("demand_driver").max()
    names = demand_drivers["demand_driver"].drop_duplicates()
    silent = [name for name in names if known.get(name, 0) < 2]
    entries = [
        Entry(
            "demand_drivers",
            "driver_value",
            f"demand_driver {name}",
            "Does not change in the closed months, so its effect is unknown",
            "Not used; give past months in which it differed.",
        )
        for name in silent
    ]
    return with_entries(Issue("demand_drivers", ""), entries) if entries else None


@check("minor")
def driver_without_planned_values(
    planning_periods: DataFrame, demand_drivers: DataFrame
) -> Issue | None:
    """Find drivers that are not known up to the last planned month."""
    last = planning_periods["period"].iloc[-1]
    ends = demand_drivers.groupby(SERIES)["period"].max()
    short = ends[ends < last].reset_index()
    if short.empty:
        return None
    names = some(sorted(short["demand_driver"].unique()))
    finding = f"{names}: known to {short['period'].max()} at most, not to {last}"
    treatment = "Kept at the last value; add rows of the planned months where it will differ."
    return entry_alone("demand_drivers", "period", "planned months", finding, treatment)
