"""Large portfolios: groups of products are planned by the programme, and what they make is spread by run-out time.

A group holds products of one family that are made on the same resources and held at the same sites, and whose customers
wait alike. It is counted in standard units: one of each takes the same hours, so what a group can make its products can
make. Stock at hand is taken off each product's own demand first, for stock of one product serves no other.

Source
------
Bitran & Hax, On the design of hierarchical production planning systems, Decision Sciences 8 (1977): effective demand,
families in a linear programme, items by equal run-out times.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sopkit.tables import attach, conform

MADE = ["regular", "overtime", "subcontract"]
RATES = ["price", "material_cost", "holding_cost", "backlog_cost", "lost_sale_cost", "subcontract_cost"]
PARTS = [
    "baseline",
    "launch_demand",
    "activity_demand",
    "opportunity_demand",
    "override",
    "consensus",
    "low",
    "high",
]


class FamilyTables(NamedTuple):
    """Tables of the supply review with groups in the place of products; receipts are taken off demand."""

    products: pd.DataFrame
    demand_plan: pd.DataFrame
    unit_economics: pd.DataFrame
    product_sites: pd.DataFrame
    inventory_targets: pd.DataFrame
    inventory_policy: pd.DataFrame
    routings: pd.DataFrame | None
    bill_of_materials: pd.DataFrame | None


def product_groups(products, product_sites, unit_economics, inventory_policy=None, routings=None):
    """Say in which group each product is planned, and how many standard units one unit of it is.

    Returns
    -------
    product : family, group [code], standard_units [hours of a unit / mean hours of its group; 1 without routings],
        waits [flag]
    """
    table = products[["product", "family"]].sort_values("product", ignore_index=True)
    leaving = pd.Series(dtype="str")
    if inventory_policy is not None:
        stays = inventory_policy["backlog_allowed"].fillna(True).astype(bool)
        leaving = inventory_policy.loc[~stays, "product"]
    held = product_sites["site"] + product_sites["makes"].map({True: "+", False: "-"})
    outside = unit_economics.loc[unit_economics["subcontract_cost"].notna(), "product"]
    kind = table["product"].map(_listed(product_sites["product"], held)).fillna("")
    if routings is not None:
        kind += "|" + table["product"].map(_listed(routings["product"], routings["resource"])).fillna("")
    table["waits"] = ~table["product"].isin(leaving)
    kind += np.where(table["product"].isin(outside), "|outside", "|") + np.where(table["waits"], "", "lost")
    number = kind.groupby(table["family"]).rank(method="dense").astype(int)
    table["group"] = table["family"] + " " + number.astype("str")
    hours = np.ones(len(table))
    if routings is not None:
        each = routings.groupby("product")["hours_per_unit"].mean()
        hours = table["product"].map(each).fillna(0.0).to_numpy()
    mean = pd.Series(hours).groupby(table["group"]).transform("mean").to_numpy()
    table["standard_units"] = np.where((hours > 0) & (mean > 0), hours / np.where(mean > 0, mean, 1.0), 1.0)
    return table[["product", "family", "group", "standard_units", "waits"]]


def families_of(
    groups,
    products,
    demand_plan,
    unit_economics,
    product_sites,
    inventory_targets,
    routings=None,
    receipts=None,
    bill_of_materials=None,
):
    """Add the tables of the supply review up to groups.

    Demand and targets are what stock at hand and receipts leave open; costs of a group are means weighted by what is to
    be made of each product. Limits of stock by product are not carried over: their targets are.

    Returns
    -------
    FamilyTables
    """
    months = pd.PeriodIndex(np.sort(demand_plan["period"].unique()))
    grids = _grids(groups, months, demand_plan, product_sites, receipts)
    net, left = _effective(*grids)
    share = _long(groups["product"], months, net=net, gross=grids[0], left=left)
    weight = groups.assign(volume=np.maximum(net.sum(axis=1), 1e-6) * groups["standard_units"])
    open_share = np.divide(share["net"], share["gross"], out=np.zeros(len(share)), where=share["gross"] > 0)
    demand = attach(demand_plan, share[["product", "period"]].assign(open=open_share))
    demand[PARTS] = demand[PARTS].mul(demand["open"], axis=0)
    wanted = attach(inventory_targets, share[["product", "period", "left"]])
    total = wanted.groupby(["product", "period"])["target_inventory"].transform("sum")
    lacking = (1 - wanted["left"] / total.where(total > 0, 1.0)).clip(lower=0.0)
    stock = ["safety_stock", "target_inventory", "max_inventory"]
    wanted[stock] = wanted[stock].mul(lacking, axis=0)
    first = attach(products[["product", "unit_of_measure"]], groups[["product", "group", "family"]])
    first = first.groupby("group", as_index=False).first().drop(columns="product")
    waits = groups.groupby("group", as_index=False)["waits"].first()
    return FamilyTables(
        conform("products", first.rename(columns={"group": "product"})),
        conform("demand_plan", _summed(demand, groups, ["market", "period"], PARTS)),
        conform("unit_economics", _economics(unit_economics, weight)),
        conform("product_sites", _sites(product_sites, groups)),
        conform("inventory_targets", _summed(wanted, groups, ["site", "period"], stock)),
        conform("inventory_policy", waits.rename(columns={"group": "product", "waits": "backlog_allowed"})),
        None
        if routings is None
        else conform("routings", _mean(routings, weight, ["resource"], ["hours_per_unit", "variable_cost"])),
        None if bill_of_materials is None else conform("bill_of_materials", _bill(bill_of_materials, weight)),
    )


def products_of(groups, supply_plan, demand_plan, product_sites, inventory_targets, receipts=None):
    """Spread what groups make over their products, so that all run out of stock at the same time.

    First this month's demand and what is owed, then the wanted stock, then the coming months one by one; within a step
    every product gets the same share of what it lacks. Stock of a product that outlasts the others gets nothing. What
    goes beyond the known demand is spread by mean demand. `supply_plan` is the groups' plan of one strategy.

    Returns
    -------
    product, site, period : regular, overtime, subcontract [units]
    """
    months = pd.PeriodIndex(np.sort(demand_plan["period"].unique()))
    demand, on_hand, coming = _grids(groups, months, demand_plan, product_sites, receipts)
    target = _grid(groups["product"], months, inventory_targets, inventory_targets["target_inventory"])
    codes, row = np.unique(groups["group"], return_inverse=True)
    made = _grid(codes, months, supply_plan, supply_plan[MADE].sum(axis=1))
    unit, units = groups["standard_units"].to_numpy(), np.zeros(demand.shape)
    stock, waits = on_hand.copy(), groups["waits"].to_numpy()
    for month in range(len(months)):
        stock = stock + coming[:, month]
        ahead = demand[:, month:].cumsum(axis=1)
        lacks = np.column_stack([ahead[:, :1], ahead + target[:, [month]]]) - stock[:, None]
        lacks = np.column_stack([np.zeros(len(stock)), np.maximum(lacks, 0.0)])
        units[:, month] = _spread(row, unit, lacks, made[:, month], demand.mean(axis=1))
        stock = stock + units[:, month] - demand[:, month]
        stock = np.where(waits, stock, np.maximum(stock, 0.0))
    return _by_site(groups, months, units, supply_plan)


def _spread(row, unit, lacks, made, usual):
    """Units of each product when its group fills one column of `lacks` after the other, as far as `made` goes."""
    totals = np.zeros((len(made), lacks.shape[1]))
    np.add.at(totals, row, lacks * unit[:, None])
    step = np.minimum((totals <= made[:, None]).sum(axis=1), lacks.shape[1] - 1)[row]
    at, place = totals[row, step - 1], np.arange(len(row))
    width = totals[row, step] - at
    part = np.clip((made[row] - at) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    units = lacks[place, step - 1] + part * (lacks[place, step] - lacks[place, step - 1])
    rest = np.maximum(made - np.bincount(row, units * unit, minlength=len(made)), 0.0)
    usual = usual + (np.bincount(row, usual, minlength=len(made)) <= 0)[row]  # nothing wanted: all alike
    return units + rest[row] * usual / np.bincount(row, usual * unit, minlength=len(made))[row]


def _effective(demand, on_hand, coming):
    """Demand that stock and receipts leave open, and the stock they leave at each month's end."""
    net, left, stock = np.zeros(demand.shape), np.zeros(demand.shape), on_hand
    for month in range(demand.shape[1]):
        after = stock + coming[:, month] - demand[:, month]
        net[:, month], stock = np.maximum(-after, 0.0), np.maximum(after, 0.0)
        left[:, month] = stock
    return net, left


def _by_site(groups, months, units, supply_plan):
    """Part each product's units as its group's are, by site and kind of making."""
    keys = ["group", "site", "period"]
    rows = supply_plan.rename(columns={"product": "group"})[[*keys, *MADE]]
    total = rows[MADE].sum(axis=1).groupby([rows["group"], rows["period"]]).transform("sum")
    rows[MADE] = rows[MADE].div(total.where(total > 0, 1.0), axis=0)
    table = attach(_long(groups["product"], months, units=units), groups[["product", "group"]])
    table = table.merge(rows, on=["group", "period"])
    table[MADE] = table[MADE].mul(table["units"], axis=0)
    return table[["product", "site", "period", *MADE]].sort_values(
        ["product", "site", "period"], ignore_index=True
    )


def _summed(rows, groups, keys, columns):
    """Units of products added up in standard units of their groups."""
    rows = rows.merge(groups[["product", "group", "standard_units"]], on="product", validate="many_to_one")
    rows[columns] = rows[columns].mul(rows["standard_units"], axis=0)
    return rows.groupby(["group", *keys], as_index=False)[columns].sum().rename(columns={"group": "product"})


def _mean(rows, weight, keys, columns):
    """Rates of products, per standard unit, as means of their groups; an empty rate counts nothing."""
    rows = rows.merge(
        weight[["product", "group", "standard_units", "volume"]], on="product", validate="many_to_one"
    )
    rates = rows[columns].div(rows["standard_units"], axis=0)
    counted = rates.notna().mul(rows["volume"], axis=0)
    by = [rows["group"].rename("product"), *(rows[key] for key in keys)]
    total, volume = rates.mul(rows["volume"], axis=0).groupby(by).sum(min_count=1), counted.groupby(by).sum()
    return (total / volume).reset_index()


def _economics(unit_economics, weight):
    rates = _mean(unit_economics, weight, ["period"], RATES)
    limits = _limit(unit_economics, weight)
    return attach(rates.assign(basis="mean of the group"), limits, absent=np.nan)


def _limit(unit_economics, weight):
    """What all products of a group can be bought outside; empty where one of them has no limit."""
    rows = unit_economics.merge(
        weight[["product", "group", "standard_units"]], on="product", validate="many_to_one"
    )
    rows["subcontract_limit"] *= rows["standard_units"]
    limits = rows.groupby(["group", "period"], as_index=False)["subcontract_limit"].sum(skipna=False)
    return limits.rename(columns={"group": "product"})


def _sites(product_sites, groups):
    rows = product_sites.merge(groups[["product", "group"]], on="product", validate="many_to_one")
    return (
        rows.groupby(["group", "site"], as_index=False)
        .agg(makes=("makes", "any"))
        .assign(on_hand=0.0)
        .rename(columns={"group": "product"})
    )


def _bill(bill_of_materials, weight):
    """What one standard unit of a group needs; parts that are themselves made of parts keep their rows."""
    own = bill_of_materials["product"].isin(weight["product"])
    rows = bill_of_materials[own].merge(
        weight[["product", "group", "volume", "standard_units"]], on="product", validate="many_to_one"
    )
    volume = weight.groupby("group")["volume"].sum()
    rows["quantity_per_unit"] *= rows["volume"] / rows["standard_units"] / rows["group"].map(volume)
    needs = rows.groupby(["group", "component"], as_index=False)["quantity_per_unit"].sum()
    return pd.concat([needs.rename(columns={"group": "product"}), bill_of_materials[~own]], ignore_index=True)


def _listed(product, names):
    return names.groupby(product).agg(lambda every: " ".join(sorted(every)))


def _grids(groups, months, demand_plan, product_sites, receipts):
    """Demand, stock at hand and receipts of each product, over all markets and sites."""
    demand = _grid(groups["product"], months, demand_plan, demand_plan["consensus"])
    on_hand = product_sites.groupby("product")["on_hand"].sum().reindex(groups["product"], fill_value=0.0)
    coming = np.zeros(demand.shape)
    if receipts is not None:
        coming = _grid(groups["product"], months, receipts, receipts["quantity"])
    return demand, on_hand.to_numpy(), coming


def _grid(codes, months, rows, values):
    row = pd.Index(codes).get_indexer(rows["product"])
    month = months.get_indexer(pd.PeriodIndex(rows["period"]))
    grid = np.zeros((len(codes), len(months)))
    known = (row >= 0) & (month >= 0)
    np.add.at(grid, (row[known], month[known]), values.to_numpy()[known])
    return grid


def _long(codes, months, **grids):
    table = pd.DataFrame(
        {"product": np.repeat(np.asarray(codes), len(months)), "period": np.tile(months, len(codes))}
    )
    return table.astype({"product": "str"}).assign(**{name: grid.ravel() for name, grid in grids.items()})
