"""What is said of an item: what it earns, what is forecast, how it is served."""

from collections.abc import Iterator, Mapping

import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.reporting.pre_read import numbers
from sopkit.schema.formatting import month, percent, span, whole
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables.periods import YEAR


def earned(figures: Mapping[str, float], planned: PeriodIndex, currency: str) -> str:
    """Revenue and margin over the planned months."""
    if not figures["revenue"]:
        return "unknown: no prices are given"
    said = f"revenue {numbers.amount(figures['revenue'], currency)}"
    if figures["revenue"] > 0 and pd.notna(figures["margin"]):
        share = percent(figures["margin"] / figures["revenue"], 1)
        said += f", margin {numbers.amount(figures['margin'], currency)} ({share})"
    return f"{said}, {span(planned)}"


def forecast(own: Mapping[str, DataFrame], planned: PeriodIndex) -> str:
    """The consensus of twelve months, beside the twelve before where they are known."""
    demand = own["demand_plan"].groupby("period")["consensus"].sum().reindex(planned[:YEAR])
    said = f"consensus {whole(demand.sum())} units, {span(demand.index)}"
    sold = own["demand_history"].groupby("period")["quantity"].sum().reindex(demand.index - YEAR)
    if len(demand) == YEAR and sold.notna().all() and sold.sum() > 0:
        said += f", {numbers.relative(demand.sum() / sold.sum() - 1)} vs. the 12 months before"
    return said + "."


def service(own: Mapping[str, DataFrame], figures: Mapping[str, float]) -> Iterator[str]:
    """What is late and lost, or that nothing is."""
    late = own["constrained_demand"].groupby("period")["backlog"].sum()
    if figures["max_backlog"] > MATERIAL:
        yield f"backlog peaks at {whole(late.max())} units in {month(late.idxmax())}"
    if figures["lost_sales"] > MATERIAL:
        yield f"{whole(figures['lost_sales'])} units of lost sales"
    if figures["max_backlog"] <= MATERIAL and figures["lost_sales"] <= MATERIAL:
        yield "all demand is met in its month"
