"""The figures of the workbook: a plan table and its claim in, axes out.

A chart selects, pivots and adds up rows for drawing and computes nothing else; `claim` is the sentence that stands
above it. `show` puts a chart into a notebook.
"""

from base64 import b64encode
from io import BytesIO, StringIO

import pandas as pd
from IPython.display import display

from sopkit import drawing
from sopkit.drawing import BETTER, COSTS, GREY, INK, LOAD, MEASURES, TOTAL, WORSE

LARGEST_SVG = 150_000  # bytes; a denser figure is smaller as pixels
SHOWN_BARS = 12
SHOWN_PANELS = 6
DEMAND_PARTS = ["baseline", "launch_demand", "activity_demand", "opportunity_demand", "override"]
SUPPLY_PARTS = ["regular", "overtime", "subcontract", "receipts"]


def show(ax, alt=None):
    """Display a chart with a text for those who cannot see it (its claim, if `alt` is not given)."""
    figure = ax.figure
    alt = alt or " ".join(figure.get_suptitle().split())
    drawn = StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    kind, data = "image/svg+xml", drawn.getvalue()
    if len(data) > LARGEST_SVG:
        pixels = BytesIO()
        figure.savefig(pixels, format="png", dpi=170)
        kind, data = "image/png", b64encode(pixels.getvalue()).decode()
    figure.clear()
    display({kind: data, "text/plain": alt}, raw=True, metadata={kind: {"alt": alt}})


# ---------------------------------------------------------------------------------------------------------------
# data and product


def demand_history(products, demand_history, claim=""):
    """Draw sold beside cleaned demand, a panel for each of the largest families."""
    family = demand_history["product"].map(products.set_index("product")["family"])
    largest = demand_history.groupby(family)["quantity"].sum().nlargest(SHOWN_PANELS).index
    panel = family.where(family.isin(largest), f"{family.nunique() - len(largest)} other families")
    months = demand_history.groupby([panel.rename("family"), "period"])[["quantity", "cleaned"]].sum()
    names = [name for name in [*largest, *panel.unique()] if name in months.index.get_level_values(0)]
    names = list(dict.fromkeys(names))
    rows = -(-len(names) // 2)
    axes = drawing.canvas(claim, 0.9 + 1.6 * rows, rows, min(2, len(names)), sharex=True)
    axes = axes if isinstance(axes, list) else [axes]
    for ax, name in zip(axes, names, strict=False):
        sold = months.loc[name]
        x = drawing.ordinals(sold.index)
        drawing.line(ax, x, sold["cleaned"], "cleaned", linewidth=1.3)
        drawing.line(ax, x, sold["quantity"], "quantity", linewidth=1.1)
        ax.set_title(name, loc="right", fontsize=9, color=GREY)
        ax.set_ylim(bottom=0)
        drawing.amounts(ax.yaxis, "units", sold["quantity"])
    for ax in axes:
        drawing.month_axis(ax, drawing.ordinals(demand_history["period"]), most=6)
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    drawing.legend(axes[0])
    return axes[0]


def segments(segments, claim=""):
    """Draw the nine classes: how many products, and which share of revenue, stand in each."""
    ax = drawing.canvas(claim, 2.9)
    classes = [("A", "B", "C"), ("X", "Y", "Z")]
    cells = segments.groupby(["abc", "xyz"])["revenue_share_ratio"].agg(["size", "sum"])
    for row, abc in enumerate(classes[0]):
        for column, xyz in enumerate(classes[1]):
            count, share = cells.loc[(abc, xyz)] if (abc, xyz) in cells.index else (0, 0.0)
            ax.add_patch(_cell(column, row, share))
            dark = "white" if share > 0.35 else INK
            text = (
                f"{count:,.0f} product{'s' * (count != 1)}\n{100 * share:.0f} % of revenue"
                if count
                else "none"
            )
            ax.text(column, row, text, ha="center", va="center", color=dark if count else GREY)
    ax.set_xticks(range(3), ["X steady", "Y variable", "Z erratic"])
    ax.set_yticks(range(3), ["A first 80 % of revenue", "B next 15 %", "C the rest"])
    ax.set(xlim=(-0.5, 2.5), ylim=(2.5, -0.5))
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    return ax


def _cell(column, row, share):
    from matplotlib.patches import Rectangle

    depth = min(1.0, 0.04 + share)
    return Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, facecolor=(*_rgb(TOTAL.colour), depth))


def _rgb(colour):
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def launches(launch_plan, claim=""):
    """Draw what each launch adds over its ramp, and what it takes from the product it replaces."""
    ax = drawing.canvas(claim)
    months = launch_plan.pivot_table(
        index="period", columns=["launch", "product"], values="launch_demand", aggfunc="sum"
    )
    x = drawing.ordinals(months.index)
    lines = ["-", "--", ":", "-."]
    largest = months.abs().sum().nlargest(SHOWN_PANELS).index
    for place, (launch, product) in enumerate(largest):
        colour = (MEASURES["launch_demand"], WORSE)[int(months[launch, product].sum() < 0)].colour
        drawing.line(
            ax,
            x,
            months[launch, product],
            "launch_demand",
            color=colour,
            linestyle=lines[place % 4],
            label=f"{product} ({launch})",
        )
    ax.axhline(0, color=GREY, linewidth=0.8)
    drawing.month_axis(ax, x)
    drawing.amounts(ax.yaxis, "units a month", months.to_numpy().ravel())
    drawing.legend(ax, 3)
    return ax


# ---------------------------------------------------------------------------------------------------------------
# demand


def consensus(demand_history, demand_plan, claim=""):
    """Draw three years of history, the baseline and the consensus with the sum of its 80 % ranges."""
    ax = drawing.canvas(claim)
    planned = demand_plan.groupby("period")[["baseline", "consensus", "low", "high"]].sum()
    past = demand_history.groupby("period")[["quantity", "cleaned"]].sum().tail(36)
    x, ahead = drawing.ordinals(past.index), drawing.ordinals(planned.index)
    drawing.line(ax, x, past["cleaned"], "cleaned")
    drawing.line(ax, x, past["quantity"], "quantity", linewidth=1.1)
    look = MEASURES["consensus"]
    ax.fill_between(
        ahead,
        planned["low"],
        planned["high"],
        color=look.colour,
        alpha=0.14,
        linewidth=0,
        label="sum of 80 % ranges",
    )
    drawing.line(ax, ahead, planned["baseline"], "baseline", linewidth=1.4)
    drawing.line(ax, ahead, planned["consensus"], "consensus", linewidth=2.2)
    drawing.month_axis(ax, [*x, *ahead])
    drawing.cutoff(ax, ahead.min())
    ax.set_ylim(bottom=0)
    drawing.amounts(ax.yaxis, "units a month", planned["high"])
    drawing.legend(ax)
    return ax


def consensus_steps(demand_plan, claim=""):
    """Draw the way from the baseline to the consensus over the whole horizon."""
    ax = drawing.canvas(claim, 3.0)
    total = demand_plan[[*DEMAND_PARTS, "consensus"]].sum()
    drawing.waterfall(
        ax,
        [MEASURES[part].label for part in total.index],
        list(total),
        [part in ("baseline", "consensus") for part in total.index],
        "units",
    )
    return ax


def accuracy(forecast_accuracy, claim=""):
    """Draw the error of the company's total from naive to consensus, at the nearest and the furthest lag."""
    ax = drawing.canvas(claim, 3.0)
    rows = forecast_accuracy[
        (forecast_accuracy["level"] == "total") & (forecast_accuracy["observations"] > 0)
    ]
    error = rows.pivot_table(index="contributor", columns="lag", values="wape", aggfunc="first")
    people = sorted(set(error.index) - {"naive", "baseline", "consensus"})
    stair = [name for name in ("naive", "baseline", *people, "consensus") if name in error.index]
    lags = sorted({error.columns.min(), error.columns.max()})
    looks = [MEASURES["consensus"], MEASURES["receipts"]]
    for side, (lag, look) in enumerate(zip(lags, looks, strict=False)):
        places = [place + 0.38 * side for place in range(len(stair))]
        label = f"{lag} month{'s' if lag > 1 else ''} ahead"
        bars = ax.bar(places, error.loc[stair, lag], 0.36, **drawing.filled(look) | {"label": label})
        ax.bar_label(bars, [f"{100 * share:.1f} %" for share in error.loc[stair, lag]], padding=2, fontsize=8)
    ax.set_xticks([place + 0.19 * (len(lags) - 1) for place in range(len(stair))], stair)
    drawing.percents(ax.yaxis, "error (WAPE)")
    drawing.legend(ax)
    return ax


# ---------------------------------------------------------------------------------------------------------------
# supply


def capacity(rough_cut_capacity, claim=""):
    """Draw which share of its hours each resource would need for the demand plan, month by month."""
    load = rough_cut_capacity.pivot_table(index="resource", columns="period", values="utilisation_ratio")
    load = load.loc[load.max(axis=1).nlargest(SHOWN_BARS).index]
    ax = drawing.canvas(claim, 1.3 + 0.36 * len(load))
    x = drawing.ordinals(load.columns)
    edges = [*(x - 0.5), x.max() + 0.5], [place - 0.5 for place in range(len(load) + 1)]
    ax.pcolormesh(*edges, load.to_numpy(), cmap=LOAD, vmin=0.5, vmax=1.5, edgecolor="white", linewidth=1.5)
    for row, months in enumerate(load.to_numpy()):
        for column, share in zip(x, months, strict=True):
            weight = "bold" if share > 1 else "normal"
            ax.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, weight=weight)
    ax.set_yticks(range(len(load)), load.index)
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    drawing.month_axis(ax, x)
    ax.set_xlim(x.min() - 0.5, x.max() + 0.5)
    ax.set_xlabel("% of capacity hours that the demand plan needs; bold: more than there are")
    return ax


def supply(supply_plan, service_plan, claim=""):
    """Draw the plan of record: what is made, what is asked for, what is left in stock."""
    upper, lower = drawing.canvas(claim, 4.6, 2, 1, sharex=True)
    made = (
        supply_plan[supply_plan["strategy"] == "policy"]
        .groupby("period")[[*SUPPLY_PARTS, "inventory", "target_inventory"]]
        .sum()
    )
    asked = service_plan[service_plan["strategy"] == "policy"].groupby("period")[["demand", "backlog"]].sum()
    x = drawing.ordinals(made.index)
    parts = [part for part in SUPPLY_PARTS if made[part].abs().sum() > 0]
    drawing.stack(upper, x, made[parts], MEASURES)
    drawing.line(upper, drawing.ordinals(asked.index), asked["demand"], "demand", marker="o", markersize=3)
    drawing.amounts(upper.yaxis, "units a month", [*made[parts].sum(axis=1), *asked["demand"]])
    lower.fill_between(x, made["inventory"], color=MEASURES["inventory"].colour, alpha=0.25, linewidth=0)
    drawing.line(lower, x, made["inventory"], "inventory")
    drawing.line(lower, x, made["target_inventory"], "target_inventory")
    if asked["backlog"].sum() > 0:
        lower.bar(drawing.ordinals(asked.index), asked["backlog"], 0.5, **drawing.filled(MEASURES["backlog"]))
    drawing.amounts(lower.yaxis, "units, month's end", [*made["inventory"], *asked["backlog"]])
    drawing.month_axis(lower, x)
    for ax in (upper, lower):
        drawing.legend(ax)
    return upper


def workforce(workforce_plan, claim=""):
    """Draw the hours worked of the plan of record under the hours that could be worked."""
    ax = drawing.canvas(claim, 3.0)
    hours = (
        workforce_plan[workforce_plan["strategy"] == "policy"]
        .groupby("period")[["regular_hours", "overtime_hours", "capacity_hours"]]
        .sum()
    )
    x = drawing.ordinals(hours.index)
    drawing.stack(ax, x, hours[["regular_hours", "overtime_hours"]], MEASURES)
    drawing.line(ax, x, hours["capacity_hours"], "capacity_hours")
    drawing.month_axis(ax, x)
    drawing.amounts(ax.yaxis, "hours a month", hours["capacity_hours"])
    drawing.legend(ax)
    return ax


def strategy_costs(strategy_comparison, claim=""):
    """Draw in which costs the strategies differ: each item beyond its cost in the strategy where it is lowest."""
    ax = drawing.canvas(claim, 3.0)
    costs = strategy_comparison.pivot_table(
        index="strategy", columns="cost_item", values="cost", aggfunc="sum"
    )
    costs = costs.fillna(0.0)
    common = costs.min()
    order = [name for name in ("policy", "optimal", "chase", "level") if name in costs.index]
    left = pd.Series(0.0, index=order)
    for item in [name for name in COSTS if name in costs] + sorted(set(costs) - set(COSTS)):
        beyond = costs.loc[order, item] - common[item]
        if beyond.max() > 0:
            look = COSTS.get(item, drawing.Look(item, GREY))
            ax.barh(order, beyond, 0.62, left=left, **drawing.filled(look) | {"label": item})
            left = left + beyond
    ax.invert_yaxis()
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    drawing.amounts(ax.xaxis, f"cost beyond the {common.sum():,.0f} that all strategies share", left)
    drawing.legend(ax)
    return ax


def constraint_values(constraint_values, claim=""):
    """Draw what one more unit of each limit would save in its worst month, the scarcest first."""
    rows = constraint_values[
        (constraint_values["strategy"] == "policy") & (constraint_values["marginal_value"] > 0)
    ]
    limits = rows.groupby(["constraint", "item"])["marginal_value"]
    worst = (
        rows.loc[limits.idxmax()]
        .assign(months=limits.size().to_numpy())
        .nlargest(SHOWN_BARS, "marginal_value")
    )
    ax = drawing.canvas(claim, 1.2 + 0.3 * len(worst))
    names = [
        f"{row.constraint}, {row.item}: {row.period:%b %y}, worst of {row.months}"
        for row in worst.itertuples()
    ]
    unit = "money saved by one more unit of the limit"
    drawing.sideways(ax, names, list(worst["marginal_value"]), unit, [TOTAL] * len(worst))
    return ax


# ---------------------------------------------------------------------------------------------------------------
# money


def money_against_budget(financial_plan, plan_gaps, claim=""):
    """Draw revenue and margin month by month beside the budget (last year, where there is no budget)."""
    axes = drawing.canvas(claim, 3.2, 1, 2)
    planned = financial_plan.groupby("period")[["revenue", "margin"]].sum()
    held = plan_gaps[plan_gaps["item"] == "all"]
    against = "budget" if (held["compared_with"] == "budget").any() else "last_year"
    held = held[held["compared_with"] == against]
    x = drawing.ordinals(planned.index)
    for ax, measure in zip(axes, ("revenue", "margin"), strict=True):
        ax.bar(x, planned[measure], 0.8, **drawing.filled(MEASURES[measure]))
        reference = held[held["measure"] == measure].sort_values("period")
        drawing.line(
            ax,
            drawing.ordinals(reference["period"]),
            reference["reference_value"],
            "reference_value",
            color=INK,
            drawstyle="steps-mid",
            label=against.replace("_", " "),
        )
        drawing.month_axis(ax, x, most=6)
        drawing.amounts(ax.yaxis, f"{measure} a month", [*planned[measure], *reference["reference_value"]])
        drawing.legend(ax)
    return axes[0]


def bridge(bridge, claim=""):
    """Draw the margin's way from the budget to the plan."""
    ax = drawing.canvas(claim, 3.0)
    rows = bridge[bridge["measure"] == "margin"]
    order = [
        step
        for step in ("budget", "volume", "mix", "price", "cost", "supply", "plan")
        if (rows["step"] == step).any()
    ]
    sizes = rows.groupby("step")["amount"].sum().reindex(order)
    drawing.waterfall(ax, order, list(sizes), [step in ("budget", "plan") for step in order], "margin")
    return ax


def cash(cash_plan, claim=""):
    """Draw cash at each month's end with receivables, payables and stock."""
    ax = drawing.canvas(claim, 3.0)
    x = drawing.ordinals(cash_plan["period"])
    ax.bar(x, cash_plan["cash"], 0.8, **drawing.filled(MEASURES["cash"]))
    shown = ["receivables", "payables", "inventory_value"]
    for measure in shown:
        drawing.line(ax, x, cash_plan[measure], measure)
    ax.axhline(0, color=GREY, linewidth=0.8)
    drawing.month_axis(ax, x)
    drawing.amounts(ax.yaxis, "month's end", cash_plan[["cash", *shown]].to_numpy().ravel())
    drawing.legend(ax)
    return ax


# ---------------------------------------------------------------------------------------------------------------
# review and operations


def gaps(gaps, claim=""):
    """Draw the disagreements by the money at stake."""
    rows = gaps.loc[gaps["gap_value"].abs().nlargest(SHOWN_BARS).index]
    ax = drawing.canvas(claim, 1.2 + 0.3 * len(rows))
    drawing.sideways(
        ax, list(rows["disagreement"]), list(rows["gap_value"].abs()), "money at stake", [WORSE] * len(rows)
    )
    return ax


def strategies(strategies, claim=""):
    """Draw what each way to close a gap does to the margin, and how much of the gap it closes."""
    rows = strategies.loc[strategies["margin_effect"].abs().nlargest(SHOWN_BARS).index].sort_values(
        ["disagreement", "margin_effect"], ascending=[True, False]
    )
    ax = drawing.canvas(claim, 1.3 + 0.34 * len(rows))
    looks = [
        TOTAL if row.recommended else drawing.Look("other", "#B8C4CC", "-", "///")
        for row in rows.itertuples()
    ]
    drawing.sideways(
        ax,
        list(rows["scenario"]),
        list(rows["margin_effect"]),
        "margin won or lost; recommended in blue",
        looks,
    )
    for place, row in enumerate(rows.itertuples()):
        ax.annotate(
            f"closes {100 * row.gap_closed_ratio:.0f} %",
            (max(row.margin_effect, 0), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    ax.margins(x=0.18)
    return ax


def risks(risk_scenarios, claim=""):
    """Draw what each risk does to the margin if it comes (pale) and weighted by its probability (full)."""
    rows = risk_scenarios.loc[risk_scenarios["margin_effect"].abs().nlargest(SHOWN_BARS).index]
    ax = drawing.canvas(claim, 1.3 + 0.36 * len(rows))
    names = [f"{row.risk} ({100 * row.probability:.0f} %)" for row in rows.itertuples()]
    drawing.sideways(
        ax,
        names,
        list(rows["margin_effect"]),
        "margin won or lost; the thin bar is weighted by probability",
        [drawing.Look("if it comes", "#D5DADE")] * len(rows),
    )
    for place, effect in enumerate(rows["expected_effect"]):
        ax.barh(place, effect, 0.26, color=(BETTER if effect >= 0 else WORSE).colour)
    return ax


def weeks(weekly_plan, claim=""):
    """Draw what is made and shipped in each of the coming weeks."""
    ax = drawing.canvas(claim, 3.0)
    parts = weekly_plan.groupby(["week", "period"])[[*SUPPLY_PARTS, "shipped"]].sum().reset_index()
    made = [part for part in SUPPLY_PARTS if parts[part].abs().sum() > 0]
    drawing.stack(ax, range(len(parts)), parts[made], MEASURES, 0.7)
    drawing.line(ax, range(len(parts)), parts["shipped"], "demand", marker="o", markersize=3, label="shipped")
    ax.set_xticks(
        range(len(parts)),
        [f"{week.day} {week:%b}" for week in parts["week"]],
        rotation=45,
        ha="right",
        rotation_mode="anchor",
    )
    for start in parts.index[parts["period"] != parts["period"].shift()][1:]:
        ax.axvline(start - 0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    drawing.amounts(ax.yaxis, "units a week", [*parts[made].sum(axis=1), *parts["shipped"]])
    drawing.legend(ax)
    return ax
