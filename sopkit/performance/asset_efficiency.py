"""KPIs of inventory and labour: turns, GMROI, utilisation, overtime, productivity.

Each function is a KPI of closed months, as `kpis` describes them.
"""

import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.master_data.dated import once, rows_in_force
from sopkit.performance.attainment import percents, rows_of
from sopkit.tables import attach
from sopkit.tables.measures import EVERYTHING, MissingValue, value
from sopkit.tables.periods import YEAR


def inventory_turns(
    closed: DataFrame, unit_economics: DataFrame, done: DataFrame | None
) -> DataFrame:
    """Twelve times a month's sales / stock, both at today's material cost."""
    months = _stock_months("How often stock turns", closed, unit_economics, done)
    return _said(
        YEAR * months["sold"] / months["held"], "Stock turned {:,.2f} times, taken over a year."
    )


def margin_per_stock(
    closed: DataFrame, unit_economics: DataFrame, done: DataFrame | None
) -> DataFrame:
    """GMROI: twelve times a month's revenue less material cost / stock at that cost."""
    months = _stock_months("What stock earns", closed, unit_economics, done)
    earned = (YEAR * (months["revenue"] - months["sold"]) / months["held"]).dropna()
    if earned.empty:
        raise MissingValue("GMROI is not measured without the revenue of sales.")
    said = "A money unit of stock earned {:,.2f} of margin over material, taken over a year."
    return _said(earned, said)


def _stock_months(
    what: str, closed: DataFrame, unit_economics: DataFrame, done: DataFrame | None
) -> DataFrame:
    """Stock held and what was sold, at today's material cost, of months with stock.

    Returns
    -------
    period : held, sold, revenue [money]
    """
    counted = None if done is None else done[done["inventory"].notna()]
    cost = unit_economics.sort_values("period").drop_duplicates("product")
    cost = cost[["product", "material_cost"]]
    if counted is None or counted.empty:
        lacking = "production_history with the stock at each month's end"
        raise MissingValue(f"{what} is not known without {lacking}.")
    if not cost["material_cost"].any():
        raise MissingValue(f"{what} is not known without material costs in item_costs.")
    money = closed.groupby("period")["revenue"].agg(lambda revenue: revenue.sum(skipna=False))
    held, sold = _at_cost(counted, cost, "inventory"), _at_cost(closed, cost, "quantity")
    months = pd.concat({"held": held, "sold": sold, "revenue": money}, axis=1)
    months = months.dropna(subset=["held", "sold"])
    return months[months["held"] > 0]


def _at_cost(rows: DataFrame, cost: DataFrame, units: str) -> Series:
    priced = attach(rows[["product", "period", units]], cost, default=float("nan"))
    return (priced[units] * priced["material_cost"]).groupby(priced["period"]).sum()


def utilisation(worked: DataFrame | None) -> DataFrame:
    """Hours worked / hours available, by resource and in total."""
    lacking = "hours_history"
    if worked is not None and len(worked):
        lacking = "capacity_hours in hours_history"
    rows = _of_hours("utilization", worked, f"Use of capacity is not known without {lacking}.")
    rows = rows[rows["value"] > 0]
    return rows.assign(statement=percents(rows["value"]) + " of the hours there were worked.")


def overtime(worked: DataFrame | None) -> DataFrame:
    """The share of overtime, by resource and in total."""
    why = "The share of overtime is not known without hours_history."
    rows = _of_hours("overtime_ratio", worked, why)
    return rows.assign(statement=percents(rows["value"]) + " of the hours worked were overtime.")


def _of_hours(measure: str, worked: DataFrame | None, why: str) -> DataFrame:
    tables = {} if worked is None else {"hours_history": worked}
    try:
        whole = value(measure, tables, ["period"]).assign(item=EVERYTHING)
    except MissingValue as missing:
        raise MissingValue(why) from missing
    each = value(measure, tables, ["resource", "period"]).rename(columns={"resource": "item"})
    return pd.concat([each, whole], ignore_index=True)


def labour_productivity(
    worked: DataFrame | None,
    done: DataFrame | None,
    routings: DataFrame | None,
    resources: DataFrame | None,
) -> DataFrame:
    """Standard hours produced, by the fastest resource of the site, / hours worked."""
    facts = {
        "hours_history": worked,
        "production_history": done,
        "routings": routings,
        "resources": resources,
    }
    lacking = [name for name, table in facts.items() if table is None or table.empty]
    if lacking:
        raise MissingValue(f"Labour productivity is not measured without {', '.join(lacking)}.")
    made = done[done["produced"] > 0][["product", "site", "period", "produced"]]
    standard = _standard_hours(routings, resources, PeriodIndex(made["period"].unique()))
    made = attach(made, standard, default=float("nan"))
    earned = (made["produced"] * made["hours_per_unit"]).groupby(made["period"]).sum()
    spent = (worked["regular_hours"] + worked["overtime_hours"]).groupby(worked["period"]).sum()
    strange = made.loc[made["hours_per_unit"].isna(), "product"].unique()
    tail = f"; {', '.join(strange)} had no routing at the site" if len(strange) else ""
    rows = rows_of((earned / spent[spent > 0]).dropna())
    words = "An hour worked gave " + percents(rows["value"]) + " of a standard hour of output"
    return rows.assign(statement=words + tail + ".")


def _standard_hours(routings: DataFrame, resources: DataFrame, months: PeriodIndex) -> DataFrame:
    """Hours of a unit by the fastest way at each site: product, site, period : hours_per_unit."""
    ways = rows_in_force(routings, ("product", "resource"), months)
    ways = ways[["product", "resource", "period", "routing_step", "hours_per_unit"]]
    ways = attach(ways, once(resources, "resource")[["resource", "site"]])
    made = ["product", "site", "period"]
    steps = ways.groupby([*made, "routing_step"], dropna=False, as_index=False)
    fastest = steps["hours_per_unit"].min()
    return fastest.groupby(made, as_index=False)["hours_per_unit"].sum()


def _said(values: Series, sentence: str) -> DataFrame:
    rows = rows_of(values)
    return rows.assign(statement=rows["value"].map(sentence.format).astype("str"))
