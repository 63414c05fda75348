"""How well what the company owns was used: stock, hours, and the work that hours gave."""

import pandas as pd

from sopkit.performance.measures import EVERYTHING
from sopkit.tables import attach

YEAR = 12  # a month's figure is said for a year, as turns are
_UNKNOWN = "is not known without"


def stock(closed, unit_economics, done):
    """Turns and margin per money of stock, a month's at twelve times; stock and sales at today's material cost.

    Returns
    -------
    measure, item, period, value, statement; or a list of (measure, what is missing)
    """
    counted = None if done is None else done[done["inventory"].notna()]
    cost = unit_economics.sort_values("period").drop_duplicates("product")[
        ["product", "material_cost"]
    ]
    lacking = None
    if counted is None or counted.empty:
        lacking = "production_history with the stock at each month's end"
    elif not cost["material_cost"].any():
        lacking = "material costs in economics"
    if lacking:
        return [
            ("inventory_turns", f"How often stock turns {_UNKNOWN} {lacking}."),
            ("margin_per_stock", f"What stock earns {_UNKNOWN} {lacking}."),
        ]
    held = _at_cost(counted, cost, "inventory").rename("held")
    sold = _at_cost(closed, cost, "quantity").rename("sold")
    money = closed.groupby("period")["revenue"].agg(lambda revenue: revenue.sum(skipna=False))
    months = pd.concat([held, sold, money], axis=1).dropna(subset=["held", "sold"])
    months = months[months["held"] > 0]
    turns, earned = (
        YEAR * months["sold"] / months["held"],
        YEAR * (months["revenue"] - months["sold"]) / months["held"],
    )
    parts = [
        _rows("inventory_turns", turns, "Stock turned {} times, taken over a year."),
        _rows(
            "margin_per_stock",
            earned.dropna(),
            "A money unit of stock earned {} of margin over material, taken over a year.",
        ),
    ]
    unpriced = (
        []
        if earned.notna().any()
        else [("margin_per_stock", f"What stock earns {_UNKNOWN} the revenue of sales.")]
    )
    return unpriced if months.empty else pd.concat(parts)


def hours(worked):
    """Use of capacity and share of overtime, by resource and in all; as `stock`."""
    if worked is None or worked.empty:
        return [
            ("utilisation_ratio", f"Use of capacity {_UNKNOWN} hours_history."),
            ("overtime_ratio", f"The share of overtime {_UNKNOWN} hours_history."),
        ]
    both = pd.concat([worked.rename(columns={"resource": "item"}), worked.assign(item=EVERYTHING)])
    both = both.drop(columns="resource")
    both["hours"] = both["regular_hours"] + both["overtime_hours"]
    sums = both.groupby(["item", "period"])[["hours", "overtime_hours", "capacity_hours"]].agg(
        lambda column: column.sum(skipna=False)
    )
    sums = sums[sums["hours"] > 0]
    overtime = _rows(
        "overtime_ratio",
        sums["overtime_hours"] / sums["hours"],
        "{} of the hours worked were overtime.",
        True,
    )
    used = (sums["hours"] / sums["capacity_hours"]).dropna()
    if used.empty:
        return pd.concat(
            [overtime, _missing("utilisation_ratio", worked, "capacity_hours in hours_history")]
        )
    return pd.concat(
        [overtime, _rows("utilisation_ratio", used, "{} of the hours there were worked.", True)]
    )


def productivity(worked, done, routings, resources):
    """Standard hours of what was made, the fastest way at its site, for one hour worked; as `stock`."""
    facts = {
        "hours_history": worked,
        "production_history": done,
        "routings": routings,
        "resources": resources,
    }
    lacking = [name for name, table in facts.items() if table is None or table.empty]
    if lacking:
        return [("labour_productivity_ratio", f"Output per hour {_UNKNOWN} {', '.join(lacking)}.")]
    ways = attach(
        routings[["product", "resource", "routing_step", "hours_per_unit"]],
        resources[["resource", "site"]],
    )
    ways = ways.groupby(["product", "site", "routing_step"], dropna=False, as_index=False)[
        "hours_per_unit"
    ].min()
    needs = ways.groupby(["product", "site"], as_index=False)["hours_per_unit"].sum()
    made = done[done["produced"] > 0]
    made = attach(made[["product", "site", "period", "produced"]], needs, absent=float("nan"))
    earned = (made["produced"] * made["hours_per_unit"]).groupby(made["period"]).sum()
    spent = (worked["regular_hours"] + worked["overtime_hours"]).groupby(worked["period"]).sum()
    strange = made.loc[made["hours_per_unit"].isna(), "product"].unique()
    said = "An hour worked gave {} of a standard hour of output"
    said += f"; {', '.join(strange)} had no routing at the site" if len(strange) else ""
    return _rows(
        "labour_productivity_ratio", (earned / spent[spent > 0]).dropna(), f"{said}.", True
    )


def _at_cost(rows, cost, measure):
    priced = attach(rows[["product", "period", measure]], cost, absent=float("nan"))
    return (priced[measure] * priced["material_cost"]).groupby(priced["period"]).sum()


def _rows(measure, values, sentence, percent=False):
    """Rows of a measure from values by month, or by item and month."""
    rows = values.rename("value").reset_index().assign(measure=measure)
    texts = rows["value"].map(lambda value: f"{100 * value:.1f} %" if percent else f"{value:,.2f}")
    rows["statement"] = texts.map(sentence.format).astype("str")
    return rows if "item" in rows else rows.assign(item=EVERYTHING)


def _missing(measure, worked, what):
    row = {"measure": measure, "item": EVERYTHING, "period": worked["period"].max()}
    return pd.DataFrame([{**row, "statement": f"Use of capacity {_UNKNOWN} {what}."}])
