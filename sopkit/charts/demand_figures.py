"""Figures of the data, product and demand reviews."""

from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from sopkit.charts import drawing
from sopkit.charts.looks import GREY, INK, MEASURES, TOTAL, WORSE

SHOWN_PANELS = 6
DEMAND_PARTS = ["baseline", "launch_demand", "activity_demand", "opportunity_demand", "override"]


def demand_history(products, demand_history, claim=""):
    """Draw sold beside cleaned demand, a panel for each of the largest families."""
    family = demand_history["product"].map(products.set_index("product")["family"])
    largest = demand_history.groupby(family)["quantity"].sum().nlargest(SHOWN_PANELS).index
    panel = family.where(family.isin(largest), f"{family.nunique() - len(largest)} other families")
    months = demand_history.groupby([panel.rename("family"), "period"])[
        ["quantity", "cleaned"]
    ].sum()
    names = [
        name for name in [*largest, *panel.unique()] if name in months.index.get_level_values(0)
    ]
    names = list(dict.fromkeys(names))
    rows = -(-len(names) // 2)
    shown = "Units a month, family by family; dashed: sold, where it differs from demand"
    axes = drawing.canvas(claim, shown, 0.7 + 1.3 * rows, rows, min(2, len(names)), sharex=True)
    axes = axes if isinstance(axes, list) else [axes]
    for ax, name in zip(axes, names, strict=False):
        sold = months.loc[name]
        x = drawing.ordinals(sold.index)
        drawing.line(ax, x, sold["quantity"], "quantity", linewidth=1.3)
        drawing.line(ax, x, sold["cleaned"], "cleaned", linewidth=1.3)
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
    shown = "Products by their revenue (from top to bottom) and by how steady their demand is (from left to right)"
    ax = drawing.canvas(claim, shown, 2.2)
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
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _cell(column, row, share):
    depth = min(1.0, 0.06 + share)
    return Rectangle(
        (column - 0.48, row - 0.46), 0.96, 0.92, facecolor=to_rgba(TOTAL.colour, depth)
    )


def launches(launch_plan, claim=""):
    """Draw what each launch adds over its ramp, and what it takes from the product it replaces."""
    if launch_plan.empty:
        return drawing.nothing(claim)
    ax = drawing.canvas(
        claim, "Units a month that each launch adds, and takes from the product it replaces"
    )
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


def consensus(demand_history, demand_plan, approved_plans, claim=""):
    """Draw three years of history, the baseline, the plan of the last cycle and the consensus with its 80 % ranges.

    `approved_plans` may be None: no earlier cycle is known.
    """
    shown = "Units a month, all products together; the band adds up the ranges in which 80 % of outcomes are expected"
    ax = drawing.canvas(claim, shown)
    planned = demand_plan.groupby("period")[["baseline", "consensus", "low", "high"]].sum()
    past = demand_history.groupby("period")[["quantity", "cleaned"]].sum().tail(36)
    x, ahead = drawing.ordinals(past.index), drawing.ordinals(planned.index)
    drawing.line(ax, x, past["quantity"], "quantity", linewidth=1.3)
    drawing.line(ax, x, past["cleaned"], "cleaned")
    look = MEASURES["consensus"]
    ax.fill_between(
        ahead,
        planned["low"],
        planned["high"],
        color=look.colour,
        alpha=0.14,
        linewidth=0,
        label="80 % range",
    )
    _last_plan(ax, approved_plans, planned.index)
    drawing.line(ax, ahead, planned["baseline"], "baseline", linewidth=1.2)
    drawing.line(ax, ahead, planned["consensus"], "consensus", linewidth=2.2)
    drawing.month_axis(ax, [*x, *ahead])
    drawing.today(ax, ahead.min() - 0.5)
    ax.set_ylim(bottom=0)
    drawing.amounts(ax.yaxis, "units a month", planned["high"])
    drawing.legend(ax)
    return ax


def _last_plan(ax, approved_plans, months):
    """The consensus of the newest earlier cycle, for the months that are planned again."""
    if approved_plans is None:
        return
    agreed = approved_plans[approved_plans["contributor"] == "consensus"]
    agreed = agreed[agreed["cycle"] == agreed["cycle"].max()]
    again = agreed[agreed["period"].isin(months)].groupby("period")["quantity"].sum()
    if len(again):
        drawing.line(ax, drawing.ordinals(again.index), again, "last_plan", zorder=3, linewidth=1.2)


def consensus_steps(demand_plan, claim=""):
    """Draw the way from the baseline to the consensus over the whole horizon."""
    total = demand_plan[[*DEMAND_PARTS, "consensus"]].sum()
    if (total[DEMAND_PARTS[1:]] == 0).all():
        return drawing.nothing(claim)
    shown = "Units over the planned months, from the statistical baseline to what all functions agree on"
    ax = drawing.canvas(claim, shown, 2.5)
    names = [MEASURES[part].label for part in total.index]
    is_total = [part in ("baseline", "consensus") for part in total.index]
    drawing.waterfall(ax, names, list(total), is_total, "units")
    return ax


def accuracy(forecast_accuracy, claim=""):
    """Draw the stairs of the company's error from naive to consensus, at the nearest and the furthest lag.

    A line at the baseline's nearest error shows who adds to it and who takes from it.
    """
    rows = forecast_accuracy[
        (forecast_accuracy["level"] == "total") & (forecast_accuracy["observations"] > 0)
    ]
    if rows.empty:
        return drawing.nothing(claim)
    shown = "Error (WAPE) of the company's total; what stands above the line is worse than the statistical baseline"
    ax = drawing.canvas(claim, shown, 2.6)
    error = rows.pivot_table(index="contributor", columns="lag", values="wape", aggfunc="first")
    people = sorted(set(error.index) - {"naive", "baseline", "consensus"})
    stair = [name for name in ("naive", "baseline", *people, "consensus") if name in error.index]
    lags = sorted({error.columns.min(), error.columns.max()})
    looks = [MEASURES["consensus"], MEASURES["receipts"]]
    for side, (lag, look) in enumerate(zip(lags, looks, strict=False)):
        places = [place + 0.38 * side for place in range(len(stair))]
        label = f"{lag} month{'s' if lag > 1 else ''} ahead"
        bars = ax.bar(
            places, error.loc[stair, lag], 0.36, **drawing.filled(look) | {"label": label}
        )
        ax.bar_label(
            bars, [f"{100 * share:.1f} %" for share in error.loc[stair, lag]], padding=2, fontsize=8
        )
    if "baseline" in error.index:
        ax.axhline(
            error.loc["baseline", lags[0]],
            color=INK,
            linewidth=0.9,
            linestyle=(0, (4, 2)),
            zorder=3,
        )
    ax.set_xticks([place + 0.19 * (len(lags) - 1) for place in range(len(stair))], stair)
    drawing.percents(ax.yaxis, "error (WAPE)")
    drawing.legend(ax)
    return ax
