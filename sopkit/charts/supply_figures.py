"""Figures of the supply review."""

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from sopkit.charts import drawing
from sopkit.charts.looks import (
    COSTS,
    GREY,
    LOAD,
    MEASURES,
    POSITIONS,
    PRODUCTS,
    STRATEGIES,
    TOTAL,
    Look,
)
from sopkit.model.comparison import costs_by_strategy
from sopkit.schema.glossary import label
from sopkit.schema.tables import PLAN_OF_RECORD

NONE = 0.5  # units: less is drawn as nothing
SHOWN_RESOURCES = 6
SHOWN_STOCKS = 6
SUPPLY_PARTS = ["regular", "overtime", "subcontract", "receipts"]


def capacity(rough_cut_capacity, claim=""):
    """Draw which share of its hours each resource would need for the demand plan, month by month."""
    if rough_cut_capacity.empty:
        return drawing.nothing(claim)
    cells = rough_cut_capacity.assign(
        beyond=rough_cut_capacity["required_hours"] > rough_cut_capacity["regular_capacity_hours"]
    ).pivot_table(index="resource", columns="period", values=["utilisation_ratio", "beyond"])
    load = cells["utilisation_ratio"]
    every, load = len(load), load.loc[load.max(axis=1).nlargest(drawing.SHOWN_BARS).index]
    shown = "% of capacity hours that the demand plan needs; +: overtime is needed; bold: more than there are"
    ax = drawing.canvas(claim, drawing.some(shown, len(load), every), 0.9 + 0.32 * len(load))
    x = drawing.ordinals(load.columns)
    marks = cells["beyond"].loc[load.index].map(lambda beyond: "+" if beyond else "")
    drawing.month_axis(ax, x)
    drawing.tiles(ax, x, load, LOAD, (0.5, 1.5), _percent(load) + marks, load > 1)
    return ax


def load(resource_load, rough_cut_capacity, claim=""):
    """Draw which products make the load of the resource that lacks most hours, under the hours it can give."""
    if rough_cut_capacity.empty:
        return drawing.nothing(claim)
    missing = rough_cut_capacity["required_hours"] - rough_cut_capacity["capacity_hours"]
    resource = rough_cut_capacity.loc[missing.idxmax(), "resource"]
    hours = rough_cut_capacity[rough_cut_capacity["resource"] == resource].set_index("period")
    rows = resource_load[resource_load["resource"] == resource]
    parts = rows.pivot_table(
        index="period", columns="product", values="required_hours", aggfunc="sum"
    )
    parts = parts.reindex(hours.index).fillna(0.0)
    largest = parts.sum().sort_values(ascending=False, kind="stable").index
    needed = parts[largest[: len(PRODUCTS)]]
    if len(largest) > len(PRODUCTS):
        needed = needed.assign(others=parts[largest[len(PRODUCTS) :]].sum(axis=1))
    looks = [*PRODUCTS, Look("others", "#EDF0F2")]
    shown = f"Hours a month that the demand plan needs of {resource}, by product, against the hours there are"
    ax, x = drawing.canvas(claim, shown, 3.0), drawing.ordinals(hours.index)
    drawing.stack(
        ax,
        x,
        needed,
        {name: look._replace(label=name) for name, look in zip(needed, looks, strict=False)},
    )
    drawing.line(ax, x, hours["capacity_hours"], "capacity_hours", label="capacity with overtime")
    drawing.line(
        ax,
        x,
        hours["regular_capacity_hours"],
        "capacity_hours",
        linestyle=":",
        label="in regular time",
    )
    drawing.month_axis(ax, x)
    drawing.amounts(ax.yaxis, "hours a month", [*hours["required_hours"], *hours["capacity_hours"]])
    drawing.legend(ax, 4)
    return ax


def _percent(shares):
    return shares.map(lambda share: "" if pd.isna(share) else f"{100 * share:.0f}")


def market_shares(market_shares, claim=""):
    """Draw which share of what each market asks it gets in time, of the products that are short."""
    if market_shares.empty:
        return drawing.nothing(claim)
    rows = market_shares.assign(
        name=market_shares["product"]
        + " ("
        + market_shares["allocation"].map(lambda rule: label(rule, of="allocation"))
        + ")"
    )
    most = (
        rows.groupby("name")[["late", "lost_sales"]]
        .sum()
        .sum(axis=1)
        .nlargest(drawing.SHOWN_BARS)
        .index
    )
    shares = rows.pivot_table(index="name", columns="market", values="service_level_ratio").loc[
        most
    ]
    shown = "% delivered in the month it is wanted, in months in which the product is short; bold: not all"
    shown = drawing.some(shown, len(shares), rows["name"].nunique())
    ax = drawing.canvas(claim, shown, 0.8 + 0.32 * len(shares))
    places = range(len(shares.columns))
    drawing.tiles(
        ax, pd.Index(places), shares, LOAD.reversed(), (0.0, 1.4), _percent(shares), shares < 1
    )
    ax.set_xticks(places, shares.columns)
    return ax


def promises(available_to_promise, claim=""):
    """Draw what comes in each month, what is booked and what can still be promised, all products together."""
    shown = "Units a month, all products together: what comes in, what is booked, and what is left to promise"
    ax = drawing.canvas(claim, shown, 2.6)
    units = available_to_promise.groupby("period")[
        ["supplied", "booked", "available_to_promise"]
    ].sum()
    x = drawing.ordinals(units.index)
    drawing.stack(ax, x, units[["supplied"]], MEASURES)
    drawing.line(ax, x, units["booked"], "booked")
    drawing.line(
        ax, x, units["available_to_promise"], "available_to_promise", marker="o", markersize=3
    )
    drawing.month_axis(ax, x)
    drawing.amounts(ax.yaxis, "units a month", units.max())
    drawing.legend(ax)
    return ax


def suppliers(supplier_exposure, claim=""):
    """Draw each supplier's share of spending beside the share of revenue that cannot be made without him."""
    if supplier_exposure.empty:
        return drawing.nothing(claim)
    rows = supplier_exposure.nlargest(drawing.SHOWN_BARS, "dependent_ratio")
    shown = "Revenue that cannot be made without the supplier, beside his share of spending; over the planned months"
    shown = drawing.some(shown, len(rows), len(supplier_exposure))
    ax, places = drawing.canvas(claim, shown, 1.0 + 0.29 * len(rows)), pd.RangeIndex(len(rows))
    for shift, column in ((-0.19, "dependent_ratio"), (0.19, "spend_ratio")):
        ax.barh(places + shift, rows[column], 0.36, **drawing.filled(MEASURES[column]))
    ax.set_yticks(places, rows["supplier"])
    ax.invert_yaxis()
    drawing.across(ax)
    drawing.percents(ax.xaxis, "share of the company's total")
    drawing.legend(ax)
    return ax


def supply(supply_plan, service_plan, claim=""):
    """Draw the plan of record: what is made, what is asked for, and what is left in stock where anything is."""
    held = _by_month(supply_plan)[["inventory", "target_inventory"]].sum().to_numpy().max()
    if max(held, _by_month(service_plan)["backlog"].sum().max()) < NONE:
        ax = drawing.canvas(
            claim, "Units a month, all products together: made and ordered against demand"
        )
        supply_bars(ax, supply_plan, service_plan)
        drawing.month_axis(ax, drawing.ordinals(supply_plan["period"].drop_duplicates()))
        drawing.legend(ax)
        return ax
    shown = "Units, all products together: made and ordered against demand (above), stock at each month's end (below)"
    upper, lower = drawing.canvas(claim, shown, 4.0, 2, 1, sharex=True)
    supply_bars(upper, supply_plan, service_plan)
    stock_lines(lower, supply_plan, service_plan)
    drawing.month_axis(lower, drawing.ordinals(supply_plan["period"].drop_duplicates()))
    for ax in (upper, lower):
        drawing.legend(ax)
    return upper


def supply_bars(ax, supply_plan, service_plan):
    """Draw what the plan of record makes, by how it is made, and what is asked for."""
    made = _by_month(supply_plan)[SUPPLY_PARTS].sum()
    asked = _by_month(service_plan)["demand"].sum()
    parts = [part for part in SUPPLY_PARTS if made[part].abs().sum() > 0]
    drawing.stack(ax, drawing.ordinals(made.index), made[parts], MEASURES)
    drawing.line(ax, drawing.ordinals(asked.index), asked, "demand", marker="o", markersize=3)
    drawing.amounts(ax.yaxis, "units", [*made[parts].sum(axis=1), *asked])


def stock_lines(ax, supply_plan, service_plan):
    """Draw the stock that is left, the stock that is wanted, and what is owed."""
    stock = _by_month(supply_plan)[["inventory", "target_inventory"]].sum()
    owed, x = _by_month(service_plan)["backlog"].sum(), drawing.ordinals(stock.index)
    ax.fill_between(
        x, stock["inventory"], color=MEASURES["inventory"].colour, alpha=0.25, linewidth=0
    )
    drawing.line(ax, x, stock["inventory"], "inventory")
    drawing.line(ax, x, stock["target_inventory"], "target_inventory")
    if owed.sum() > 0:
        ax.bar(drawing.ordinals(owed.index), owed, 0.5, **drawing.filled(MEASURES["backlog"]))
    drawing.amounts(ax.yaxis, "units", [*stock["inventory"], *owed])


def _by_month(table):
    return table.groupby("period")


def stock(inventory_plan, claim=""):
    """Draw where each stock stands against its band, with the months it covers; the stocks furthest out of it first."""
    if inventory_plan[["inventory", "target_inventory"]].to_numpy().max(initial=0.0) < NONE:
        return drawing.nothing(claim)
    rows = inventory_plan.assign(
        stock=inventory_plan["product"] + ", " + inventory_plan["site"],
        colour=inventory_plan["stock_position"].map(list(POSITIONS).index),
    )
    astray = rows[["shortfall", "excess"]].sum(axis=1).groupby(rows["stock"]).sum()
    first = astray.sort_values(ascending=False, kind="stable").index[: drawing.SHOWN_BARS]
    months = rows.set_index(["stock", "period"]).unstack("period").loc[first]  # noqa: PD010 - nothing to add up
    colour, cover = months["colour"], months["cover_months"]
    shown = "Months of coming demand in stock (empty: beyond the plan); furthest from its band first; bold: below safety stock"
    ax = drawing.canvas(claim, shown, 1.0 + 0.25 * len(first))
    colours = ListedColormap([look.colour for look in POSITIONS.values()])
    x = drawing.ordinals(colour.columns)
    words = cover.map(lambda covered: "" if np.isnan(covered) else f"{covered:.1f}")
    drawing.month_axis(ax, x)
    drawing.tiles(ax, x, colour, colours, (-0.5, len(POSITIONS) - 0.5), words, colour == 0)
    drawing.legend(
        ax, handles=[Patch(facecolor=look.colour, label=look.label) for look in POSITIONS.values()]
    )
    return ax


def stock_bands(inventory_plan, claim=""):
    """Draw the stocks that stand furthest out of their band: between safety stock and the most that is wanted."""
    astray = inventory_plan.groupby(["product", "site"])[["shortfall", "excess"]].sum().sum(axis=1)
    first = astray[astray > 0].sort_values(ascending=False, kind="stable").index[:SHOWN_STOCKS]
    if first.empty:
        return drawing.nothing(claim)
    rows = -(-len(first) // 2)
    shown = "Units at each month's end, against the band from safety stock to the most wanted; furthest out of it first"
    axes = drawing.canvas(claim, shown, 0.6 + 1.3 * rows, rows, min(2, len(first)), sharex=True)
    axes = axes if isinstance(axes, list) else [axes]
    for ax in axes[len(first) :]:
        ax.set_axis_off()
    for ax, key in zip(axes, first, strict=False):
        months = inventory_plan.set_index(["product", "site"]).loc[[key]].sort_values("period")
        x, look = drawing.ordinals(months["period"]), MEASURES["target_inventory"]
        low, high = months["safety_stock"], months["max_inventory"]
        ax.fill_between(x, low, high, color=look.colour, alpha=0.18, linewidth=0, label="its band")
        drawing.line(ax, x, months["target_inventory"], "target_inventory", linewidth=1.2)
        drawing.line(ax, x, months["inventory"], "inventory")
        drawing.month_axis(ax, x, most=6)
        drawing.amounts(ax.yaxis, "units", [*months["inventory"], *high])
        ax.set_title(", ".join(key), loc="right", fontsize=9, color=GREY)
        ax.set_ylim(bottom=0)
    drawing.legend_below(axes[0])
    return axes[0]


def demand_risk(stock_risk, service_risk, claim=""):
    """Draw how far stock and service may come from the plan: eight draws of ten lie in the band."""
    shown = "Units in stock (above) and shares (below), month by month, of a thousand draws of demand met by the plan"
    upper, lower = drawing.canvas(claim, shown, 3.8, 2, 1, sharex=True)
    x = drawing.ordinals(service_risk["period"])
    low, high = service_risk["inventory_low"], service_risk["inventory_high"]
    upper.fill_between(
        x,
        low,
        high,
        color=MEASURES["inventory"].colour,
        alpha=0.25,
        linewidth=0,
        label="8 of 10 draws",
    )
    drawing.line(
        upper, x, service_risk["inventory_median"], "inventory", label="stock, middle draw"
    )
    upper.set_ylim(0)
    drawing.amounts(upper.yaxis, "units", high)
    out = stock_risk.groupby("period")["stock_out_probability"].mean()
    service = service_risk["service_level_ratio"]
    look = MEASURES["service_level_ratio"]
    lower.fill_between(
        x, service_risk["service_low_ratio"], service, color=look.colour, alpha=0.2, linewidth=0,
        label="1 of 10 draws lies below",
    )  # fmt: skip
    drawing.line(lower, x, service, "service_level_ratio")
    drawing.line(lower, x, out, "stock_out_probability")
    lower.set_ylim(0, 1.03)
    drawing.percents(lower.yaxis, "share")
    drawing.month_axis(lower, x)
    for ax in (upper, lower):
        drawing.legend(ax)
    return upper


def workforce(workforce_plan, claim=""):
    """Draw the hours worked of the plan of record under the hours that could be worked, a panel for each resource."""
    rows = workforce_plan
    if rows.empty:
        return drawing.nothing(claim)
    most = (
        rows.groupby("resource")["overtime_hours"].sum().sort_values(ascending=False, kind="stable")
    )
    most = most.index[:SHOWN_RESOURCES]
    lines = -(-len(most) // 2)
    shown = "Hours a month that are worked, under those that the people there can work; most overtime first"
    axes = drawing.canvas(claim, shown, 0.6 + 1.5 * lines, lines, min(2, len(most)))
    axes = axes if isinstance(axes, list) else [axes]
    for ax in axes[len(most) :]:
        ax.set_axis_off()
    for ax, resource in zip(axes, most, strict=False):
        hours = rows[rows["resource"] == resource].sort_values("period").set_index("period")
        x = drawing.ordinals(hours.index)
        drawing.stack(ax, x, hours[["regular_hours", "overtime_hours"]], MEASURES)
        drawing.line(ax, x, hours["capacity_hours"], "capacity_hours")
        drawing.month_axis(ax, x, most=6)
        drawing.amounts(ax.yaxis, "hours", hours["capacity_hours"])
        ax.set_title(resource, loc="right", fontsize=9, color=GREY)
    drawing.legend_below(axes[0])
    return axes[0]


def cumulative(strategy_comparison, claim=""):
    """Draw opening stock and all that each strategy has made and bought against all demand so far.

    The curves lie close to one another: below, the gap between them is drawn by itself.
    """
    shown = "Units since the start: opening stock and production against demand (above), and by how much they lead it (below)"
    (whole, ax), made_so_far, ahead = drawing.canvas(claim, shown, 4.2, 2, 1, sharex=True), [], []
    known = strategy_comparison.set_index(["measure", "strategy", "period"])["value"].sort_index()
    asked = known["cumulative_demand", PLAN_OF_RECORD]
    x = drawing.ordinals(asked.index)
    look = MEASURES["demand"]
    whole.fill_between(
        x, asked, color=look.colour, alpha=0.2, linewidth=0, label="all demand so far"
    )
    for strategy in STRATEGIES:
        if strategy not in set(strategy_comparison["strategy"]):
            continue
        supplied = known["cumulative_supply", strategy]
        look, lead = STRATEGIES[strategy], supplied - asked
        style = {"color": look.colour, "linestyle": look.line, "label": look.label}
        whole.plot(x, supplied, **style, linewidth=1.3)
        ax.plot(x, lead, **style, linewidth=1.8)
        made_so_far.extend(supplied)
        ahead.extend(lead)
    ax.axhline(0, color=MEASURES["demand"].colour, linewidth=1.2)
    whole.set_ylim(bottom=0)
    drawing.month_axis(ax, x)
    drawing.amounts(whole.yaxis, "units so far", made_so_far)
    drawing.amounts(ax.yaxis, "units ahead", ahead)
    drawing.legend(whole)
    return ax


def strategy_costs(strategy_comparison, claim=""):
    """Draw in which costs the strategies differ: each item beyond its cost in the strategy where it is lowest."""
    shown = "What each strategy costs beyond what every one of them costs, by kind"
    ax = drawing.canvas(claim, shown, 2.7)
    costs = costs_by_strategy(strategy_comparison).pivot_table(
        index="strategy", columns="cost_item", values="cost", aggfunc="sum"
    )
    costs = costs.fillna(0.0)
    common = costs.min()
    order = [
        name
        for name in (PLAN_OF_RECORD, "optimal", "chase", "level", "last_cycle")
        if name in costs.index
    ]
    left = pd.Series(0.0, index=order)
    for item in [name for name in COSTS if name in costs] + sorted(set(costs) - set(COSTS)):
        beyond = costs.loc[order, item] - common[item]
        if beyond.max() > 0:
            look = COSTS.get(item, Look(item, GREY))
            ax.barh(order, beyond, 0.62, left=left, **drawing.filled(look) | {"label": item})
            left = left + beyond
    ax.set_yticks(range(len(order)), [STRATEGIES[name].label for name in order])
    ax.invert_yaxis()
    drawing.across(ax)
    drawing.amounts(
        ax.xaxis, f"cost beyond the {common.sum():,.0f} that all strategies share", left
    )
    drawing.legend(ax)
    return ax


def constraint_values(constraint_values, claim=""):
    """Draw what a hundredth more of each limit would save in its worst month, the scarcest first."""
    rows = constraint_values[constraint_values["marginal_value"] > 0]
    if rows.empty:
        return drawing.nothing(claim)
    rows = rows.assign(saved=rows["marginal_value"] * rows["limit"] / 100)
    limits = rows.groupby(["constraint", "item"])["saved"]
    worst = rows.loc[limits.idxmax()].assign(months=limits.size().to_numpy())
    worst = worst.nlargest(drawing.SHOWN_BARS, "saved")
    shown = "Money saved by 1 % more of each limit, in its worst month of those in which it holds the plan back"
    shown = drawing.some(shown, len(worst), len(limits))
    ax = drawing.canvas(claim, shown, 1.0 + 0.26 * len(worst))
    names = [
        f"{row.constraint}, {row.item}: {row.period:%b %y}, worst of {row.months}"
        for row in worst.itertuples()
    ]
    drawing.sideways(
        ax, names, list(worst["saved"]), "money saved", [TOTAL] * len(worst), labelled=True
    )
    return ax
