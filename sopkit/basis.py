"""The planning basis: what the inputs say once they are complete, and what is wrong with them.

Later stages read prices, lanes and sites from here, so what was assumed for a missing row is said once, in `basis`
or in `data_issues`.
"""

import numpy as np
import pandas as pd

from sopkit.tables import attach, conform
from sopkit.vocabulary import TABLES

MAIN_SITE = "main"  # the one site of a company that names none
HOLDING_SHARE = 0.02  # of the price, a month, where no economics are known
BACKLOG_SHARE = 0.10


def unit_economics(horizon, products, sales_history, economics=None):
    """State price and costs of every product in every planned month.

    The row of `economics` in force is the latest that started by that month. A product without any is priced at last
    year's revenue per unit, and its holding and backlog costs are shares of that price; `basis` says which.

    Returns
    -------
    product, period : price, material_cost [money per unit], holding_cost, backlog_cost [money per unit and month],
        basis, lost_sale_cost, subcontract_cost [money per unit], subcontract_limit [units a month]
    """
    grid = products[["product"]].merge(horizon[["period"]], how="cross")
    known = _in_force(grid, economics) if economics is not None else grid.iloc[:0]
    rest = grid[~grid["product"].isin(known["product"])]
    result = pd.concat([known, _assumed_economics(rest, sales_history)], ignore_index=True)
    columns = [c for c in TABLES["unit_economics"].columns if c in result.columns]
    return result[columns].sort_values(["product", "period"], ignore_index=True)


def _in_force(grid, economics):
    """Join each month to the economics in force, or to the first to come where none is yet."""
    left = grid.assign(month=grid["period"].dt.to_timestamp()).sort_values("month")
    right = economics.assign(month=economics["effective_from"].dt.to_timestamp()).sort_values("month")
    now = pd.merge_asof(left, right, on="month", by="product", direction="backward")
    late = now["effective_from"].isna()
    coming = pd.merge_asof(left, right, on="month", by="product", direction="forward")
    now.loc[late] = coming.loc[late]
    now = now[now["effective_from"].notna()]
    note = np.where(now["effective_from"] > now["period"], ", not yet in force", "")
    return now.assign(basis="economics from " + now["effective_from"].astype("str") + note)


def _assumed_economics(grid, sales_history):
    recent = sales_history[sales_history["period"] > sales_history["period"].max() - 12]
    priced = recent[recent["revenue"].notna()].groupby("product")[["revenue", "quantity"]].sum()
    per_unit = priced["revenue"] / priced["quantity"].where(priced["quantity"] > 0)
    price = grid["product"].map(per_unit).astype("float64")
    basis = np.where(
        price.notna(), "assumed: last year's revenue per unit", "assumed: 1 a unit, no revenue is known"
    )
    price = price.fillna(1.0)
    return grid.assign(
        price=price,
        material_cost=0.0,
        holding_cost=HOLDING_SHARE * price,
        backlog_cost=BACKLOG_SHARE * price,
        basis=basis,
    )


def network(sales_history, launches=None, lanes=None, resources=None, inventory=None):
    """List which site serves which market.

    Without `lanes` every known site serves every market, free of freight; without any known site there is one, "main".

    Returns
    -------
    site, market : freight_cost [money per unit]

    Raises
    ------
    ValueError : a market that sells is reached by no lane.
    """
    markets = _distinct("market", sales_history, launches)
    if lanes is None:
        sites = _distinct("site", resources, inventory)
        sites = sites if len(sites) else pd.DataFrame({"site": [MAIN_SITE]})
        return sites.merge(markets, how="cross").assign(freight_cost=0.0)
    cut_off = sorted(set(markets["market"]) - set(lanes["market"]))
    if cut_off:
        raise ValueError(
            f"lanes: no site serves market {', '.join(cut_off)}, where demand is seen; add a row for it"
        )
    return lanes.sort_values(["site", "market"], ignore_index=True)


def product_sites(products, network, inventory=None, routings=None, resources=None):
    """List where each product is held and made.

    A product is made where a resource of its routings stands; one without routings is made (or bought) at every site.
    It is held where it is made and where `inventory` counts it.

    Returns
    -------
    product, site : on_hand [units], makes
    """
    everywhere = products[["product"]].merge(_distinct("site", network), how="cross")
    made = everywhere
    if routings is not None and resources is not None:
        routed = attach(routings[["product", "resource"]], resources[["resource", "site"]])[
            ["product", "site"]
        ]
        unrouted = everywhere[~everywhere["product"].isin(routed["product"])]
        made = pd.concat([routed.drop_duplicates(), unrouted], ignore_index=True)
    if inventory is None:
        return made.assign(on_hand=0.0, makes=True).sort_values(["product", "site"], ignore_index=True)
    pairs = (
        pd.concat([made, inventory[["product", "site"]]])
        .drop_duplicates()
        .sort_values(["product", "site"], ignore_index=True)
    )
    return attach(attach(pairs, inventory, absent=0.0), made.assign(makes=True), absent=False).astype(
        {"makes": bool}
    )


def _distinct(column, *frames):
    """The sorted distinct values of a column over the tables that are there."""
    values = pd.concat([f[column] for f in frames if f is not None] or [pd.Series([], dtype="str")])
    return values.drop_duplicates().sort_values(ignore_index=True).to_frame(column)


# ---------------------------------------------------------------------------------------------------------------
# what is wrong, odd or missing


def data_issues(
    horizon,
    products,
    sales_history,
    demand_history,
    unit_economics,
    launches=None,
    routings=None,
    budget=None,
    opportunities=None,
    demand_inputs=None,
):
    """List what the planners should know about the inputs before they trust the plan, gravest first.

    Returns
    -------
    issue : severity, table, finding, treatment, column, place
    """
    found = [
        *_sales_in_planned_months(horizon, sales_history),
        *_late_history(horizon, sales_history),
        *_products_without_demand(products, sales_history, launches),
        *_ended_series(horizon, sales_history),
        *_assumed_prices(unit_economics),
        *_products_without_routing(products, routings),
        *_months_without_budget(horizon, budget),
        *_outside_horizon(horizon, opportunities, "opportunities"),
        *_outside_horizon(horizon, demand_inputs, "demand_inputs"),
        *_corrections(demand_history),
    ]
    columns = ["severity", "table", "column", "place", "finding", "treatment"]
    frame = pd.DataFrame(found, columns=columns)
    order = frame["severity"].map({"high": 0, "medium": 1, "low": 2})
    frame = frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    return conform("data_issues", frame.assign(issue=np.arange(1, len(frame) + 1)))


def _sales_in_planned_months(horizon, sales_history):
    late = sales_history[sales_history["period"] >= horizon["period"].min()]
    if late.empty:
        return []
    place = f"period {late['period'].min()} to {late['period'].max()}"
    finding = f"{_count(len(late), 'row')} ({late['quantity'].sum():,.0f} units) in planned months"
    return [
        (
            "high",
            "sales_history",
            "period",
            place,
            finding,
            "Not used: history ends before the cycle's month.",
        )
    ]


def _late_history(horizon, sales_history):
    last = sales_history["period"].max()
    missing = (horizon["period"].min() - last).n - 1
    if missing <= 0:
        return []
    finding = f"History ends in {last}; {_count(missing, 'month')} before the cycle without sales"
    return [
        (
            "high",
            "sales_history",
            "period",
            f"period {last}",
            finding,
            "The forecast bridges the months without sales.",
        )
    ]


def _products_without_demand(products, sales_history, launches):
    sold = set(sales_history["product"]) | (set() if launches is None else set(launches["product"]))
    return [
        ("medium", "products", "product", f"product {product}", "Neither sales nor a launch", "Not planned.")
        for product in products.loc[~products["product"].isin(sold), "product"]
    ]


def _ended_series(horizon, sales_history):
    closed = sales_history[sales_history["period"] < horizon["period"].min()]
    last = closed.groupby(["product", "market"])["period"].max()
    ended = last[last < closed["period"].max()]
    return [
        (
            "medium",
            "sales_history",
            "period",
            f"product {product}, market {market}",
            f"No rows after {period}",
            "Taken as no sales since.",
        )
        for (product, market), period in ended.items()
    ]


def _assumed_prices(unit_economics):
    assumed = unit_economics[unit_economics["basis"].str.startswith("assumed")].drop_duplicates("product")
    return [
        (
            "medium",
            "economics",
            "price",
            _some(group["product"]),
            f"{_count(len(group), 'product')} without economics",
            f"{basis[0].upper()}{basis[1:]}.",
        )
        for basis, group in assumed.groupby("basis")
    ]


def _products_without_routing(products, routings):
    if routings is None:
        return []
    without = products.loc[~products["product"].isin(routings["product"]), "product"]
    if without.empty:
        return []
    return [
        (
            "medium",
            "routings",
            "product",
            _some(without),
            f"{_count(len(without), 'product')} without routing",
            "Made at every site without using capacity.",
        )
    ]


def _months_without_budget(horizon, budget):
    if budget is None:
        return []
    months = horizon["period"][~horizon["period"].isin(budget["period"])]
    if months.empty:
        return []
    place = f"period {months.min()} to {months.max()}"
    return [
        (
            "low",
            "budget",
            "period",
            place,
            f"{_count(len(months), 'planned month')} without budget",
            "These months are compared with last year only.",
        )
    ]


def _outside_horizon(horizon, frame, name):
    if frame is None:
        return []
    outside = frame[~frame["period"].isin(horizon["period"])]
    if outside.empty:
        return []
    place = f"period {outside['period'].min()} to {outside['period'].max()}"
    finding = (
        f"{_count(len(outside), 'row')} ({outside['quantity'].sum():,.0f} units) outside the planned months"
    )
    return [("medium", name, "period", place, finding, "Not part of this plan.")]


def _corrections(demand_history):
    changed = demand_history[demand_history["reason"].notna()]
    groups = changed.groupby(["reason", "product", "market"])
    rows = groups.agg(
        first=("period", "min"),
        last=("period", "max"),
        months=("period", "size"),
        units=("correction", "sum"),
    )
    return [
        (
            "low",
            "sales_history",
            "quantity",
            f"product {product}, market {market}, {row.first} to {row.last}",
            f"{reason} ({_count(row.months, 'month')})",
            f"History for the baseline is changed by {row.units:+,.0f} units; sales stay as they were.",
        )
        for (reason, product, market), row in zip(rows.index, rows.itertuples(), strict=True)
    ]


def _some(products):
    """Name the first few products of many."""
    names = list(products)
    return "product " + ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _count(number, noun):
    """A number and its noun: 1 row, 2 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
