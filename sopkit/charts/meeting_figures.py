"""Figures of the packs: the business on one screen, a page a family, gaps by function, consensus by family, measures."""

from textwrap import shorten

import pandas as pd

from sopkit.charts import drawing
from sopkit.charts.looks import GREY, LOAD, WORSE
from sopkit.charts.money_figures import against, beside_reference
from sopkit.charts.supply_figures import stock_lines, supply_bars
from sopkit.schema.glossary import label
from sopkit.tables import attach
from sopkit.tables.measures import known_measure

SHOWN_FAMILIES = 6  # the others are in the Excel pack
SHOWN_GAPS = 4
LONGEST_STATEMENT = 126  # characters in the width of a figure
COMPANY = "company"  # what belongs to no family
FUNCTIONS = ("product", "demand", "supply", "finance", "goals")
PARTS = [
    "baseline",
    "launch_demand",
    "activity_demand",
    "opportunity_demand",
    "override",
    "consensus",
]
REFERENCES = {"budget": "budget", "last_year": "last year", "last_cycle": "last cycle"}
HELD = ["quantity", "revenue", "margin"]
FAMILY_PAGE = [["demand"] * 2, ["supply", "stock"], ["revenue", "margin"], ["gaps"] * 2]


def business_summary(plan_gaps, claim=""):
    """Draw by how much units, revenue and margin differ from budget, last year and the last cycle, by family."""
    rows = plan_gaps[plan_gaps["compared_with"].isin(REFERENCES) & plan_gaps["measure"].isin(HELD)]
    sums = rows.groupby(["compared_with", "item", "measure"])[["gap", "reference_value"]].sum()
    sums = sums[sums["reference_value"] > 0]
    if sums.empty:
        return drawing.nothing(claim)
    known = {name: sums.loc[name] for name in REFERENCES if name in sums.index.unique(0)}
    measures = {
        name: [m for m in HELD if m in rows.index.unique(1)] for name, rows in known.items()
    }
    every = sums["reference_value"].groupby("item").sum().drop("all", errors="ignore")
    items = [*sorted(every.nlargest(drawing.SHOWN_ROWS).index), "all"]
    widths = [len(columns) for columns in measures.values()]
    shown = "Difference in per cent and in units or money (k: thousand, m: million); bold: below"
    shown, height = drawing.some(shown, len(items) - 1, len(every)), 1.0 + 0.38 * len(items)
    axes = drawing.canvas(claim, shown, height, 1, len(known), sharey=True, width_ratios=widths)
    for ax, (name, columns) in zip(
        axes if len(known) > 1 else [axes], measures.items(), strict=True
    ):
        wide = known[name].unstack().reindex(index=items)  # noqa: PD010 - nothing to add up
        gap = wide["gap"][columns]
        share = gap / wide["reference_value"][columns]
        words = share.map(lambda part: "" if pd.isna(part) else f"{100 * part:+.1f} %\n")
        words = words + gap.map(lambda size: "" if pd.isna(size) else drawing.spoken(size, "+"))
        drawing.tiles(ax, pd.RangeIndex(len(columns)), share, "BrBG", (-0.3, 0.3), words, share < 0)
        ax.set_xticks(range(len(columns)), ["units" if m == "quantity" else m for m in columns])
        ax.set_title(f"against {REFERENCES[name]}", loc="left", fontsize=9)
    return ax


def families(
    products,
    demand_history,
    demand_plan,
    supply_plan,
    service_plan,
    financial_plan,
    plan_gaps,
    gaps,
    claims=None,
):
    """Draw a page for each family: demand, supply, stock, money and its largest gaps; the one that sells most first.

    `claims` gives each family its sentences.

    Returns
    -------
    one axes a figure
    """
    tables = (demand_history, demand_plan, supply_plan, service_plan)
    history, demand, supply, service = (attach(t, products[["product", "family"]]) for t in tables)
    gaps = gaps.assign(
        family=gaps["family"].fillna(gaps["product"].map(products.set_index("product")["family"]))
    )
    largest = financial_plan.groupby("family")["revenue"].sum().nlargest(SHOWN_FAMILIES).index
    drawn = []
    for family in largest:
        own = [
            table[table["family"] == family]
            for table in (history, demand, supply, service, financial_plan, gaps)
        ]
        shown = f"{family} month by month: demand, supply and stock in units, money, and the largest disagreements"
        says = (claims or {}).get(family, family)
        axes = drawing.panel(says, shown, 8.2, FAMILY_PAGE, [1.1, 1.0, 1.0, 0.9])
        _family_demand(axes["demand"], *own[:2], plan_gaps[plan_gaps["item"] == family])
        _family_supply(axes["supply"], axes["stock"], *own[2:4])
        _family_money(axes["revenue"], axes["margin"], own[4], plan_gaps, family)
        _family_gaps(axes["gaps"], own[5])
        drawn.append(axes["demand"])
    return drawn


def _family_demand(ax, history, demand, held):
    """Two years of sales, the baseline, the consensus and the budget's units."""
    sold = history.groupby("period")["quantity"].sum().tail(24)
    planned = demand.groupby("period")[["baseline", "consensus"]].sum()
    x = drawing.ordinals(planned.index)
    drawing.line(ax, drawing.ordinals(sold.index), sold, "cleaned", label="sold")
    drawing.line(ax, x, planned["baseline"], "baseline", linewidth=1.2)
    drawing.line(ax, x, planned["consensus"], "consensus", linewidth=2.2)
    budget = held[
        (held["compared_with"] == "budget") & (held["measure"] == "quantity")
    ].sort_values("period")
    if len(budget):
        style = {"drawstyle": "steps-mid", "label": "budget", "linewidth": 1.2}
        drawing.line(
            ax,
            drawing.ordinals(budget["period"]),
            budget["reference_value"],
            "reference_value",
            **style,
        )
    drawing.month_axis(ax, [*drawing.ordinals(sold.index), *x], most=10)
    drawing.today(ax, x.min() - 0.5)
    ax.margins(y=0.14)
    ax.set_ylim(bottom=0)
    drawing.amounts(ax.yaxis, "demand, units", [*sold, *planned["consensus"]])
    drawing.legend(ax)


def _family_supply(made, left, supply, service):
    """What is made beside what is asked for, and the stock that is left."""
    supply_bars(made, supply, service)
    stock_lines(left, supply, service)
    for ax in (made, left):
        drawing.month_axis(ax, drawing.ordinals(supply["period"].drop_duplicates()), most=6)
        drawing.legend(ax, 2)


def _family_money(revenue, margin, money, plan_gaps, family):
    planned = money.set_index("period").sort_index()
    for ax, measure in ((revenue, "revenue"), (margin, "margin")):
        beside_reference(ax, planned[measure], against(plan_gaps, family), measure)


def _family_gaps(ax, gaps):
    """The largest disagreements about the family, each in words over its bar."""
    rows = gaps.loc[gaps["gap_value"].abs().sort_values(ascending=False).index].head(SHOWN_GAPS)
    places = pd.RangeIndex(len(rows))
    ax.barh(places + 0.38, rows["gap_value"].abs(), 0.24, **drawing.filled(WORSE))
    for place, statement in zip(places, rows["statement"], strict=True):
        # a sentence may be longer than the axes are wide: it takes no room from the panels above
        words = {"xytext": (3, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
        ax.annotate(
            shorten(statement, LONGEST_STATEMENT, placeholder=" …"),
            (0, place),
            **words,
            in_layout=False,
        )
    if rows.empty:
        ax.text(
            0,
            0.5,
            "No disagreement is about this family alone.",
            transform=ax.transAxes,
            color=GREY,
        )
    ax.set_ylim(max(len(rows), SHOWN_GAPS) - 0.35, -0.4)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    drawing.amounts(ax.xaxis, "money at stake", rows["gap_value"])
    ax.xaxis.set_visible(not rows.empty)


def gaps_by_function(products, gaps, claim=""):
    """Draw where plans disagree: whose plan, about which family, with how much at stake in how many disagreements."""
    if gaps.empty:
        return drawing.nothing(claim)
    family = (
        gaps["family"]
        .fillna(gaps["product"].map(products.set_index("product")["family"]))
        .fillna(COMPANY)
    )
    rows = gaps.assign(family=family, at_stake=gaps["gap_value"].abs())
    cells = rows.pivot_table(
        index="between", columns="family", values="at_stake", aggfunc=["sum", "count"]
    )
    order = [*sorted(set(family) - {COMPANY}), *({COMPANY} & set(family))]
    money, number = (cells[how].reindex(index=FUNCTIONS, columns=order) for how in ("sum", "count"))
    owners = rows.groupby("between")["owner"].agg(lambda names: ", ".join(names.unique()[:3]))
    shown = "Money at stake (k: thousand, m: million) by whose plan differs (rows, with who answers) and by family"
    ax = drawing.canvas(claim, shown, 0.8 + 0.42 * len(FUNCTIONS))
    words = money.map(lambda size: "" if pd.isna(size) else f"{drawing.spoken(size)}\n")
    words = words + number.map(lambda n: "" if pd.isna(n) else f"{n:.0f} gap{'s' * (n > 1)}")
    drawing.tiles(
        ax, pd.RangeIndex(len(order)), money, LOAD, (0.0, money.max().max()), words, money < 0
    )
    ax.set_xticks(range(len(order)), order)
    ax.set_yticks(
        range(len(FUNCTIONS)), [f"{name}\n{owners.get(name, 'agrees')}" for name in FUNCTIONS]
    )
    return ax


def consensus_by_family(products, demand_plan, claim=""):
    """Draw the way from baseline to consensus for the company and for each of its largest families."""
    rows = attach(demand_plan, products[["product", "family"]])
    steps = rows.groupby("family")[PARTS].sum()
    steps = steps.loc[steps["consensus"].nlargest(SHOWN_FAMILIES - 1).index]
    steps = pd.concat([demand_plan[PARTS].sum().rename("all families").to_frame().T, steps])
    lines = -(-len(steps) // 2)
    shown = "Units over the planned months; every axis has its own scale and starts where it says"
    axes = drawing.canvas(claim, shown, 0.5 + 1.6 * lines, lines, 2)
    names = ["baseline", "launch", "activity", "pipeline", "override", "consensus"]
    for ax in axes[len(steps) :]:
        ax.set_axis_off()
    for ax, (family, sizes) in zip(axes, steps.iterrows(), strict=False):
        drawing.waterfall(ax, names, list(sizes), [True, *[False] * 4, True], "units")
        ax.tick_params(axis="x", labelsize=7.5)
        ax.set_title(family, loc="left", fontsize=9)
    return axes[0]


def kpis(kpis, claim=""):
    """Draw each measure over its months, with its target; the newest value is written."""
    known = kpis[kpis["value"].notna()]
    measures = list(known["measure"].drop_duplicates())[:6]
    if not measures:
        return drawing.nothing(claim)
    lines = -(-len(measures) // 3)
    shown = "Each month's value, with its target where one is set; the newest value stands beside the name"
    axes = drawing.canvas(claim, shown, 0.5 + 1.35 * lines, lines, 3)
    for ax in axes[len(measures) :]:
        ax.set_axis_off()
    for ax, measure in zip(axes, measures, strict=False):
        rows = known[known["measure"] == measure].sort_values("period")
        x = drawing.ordinals(rows["period"])
        drawing.line(ax, x, rows["value"], "consensus", marker="o", markersize=3, label=None)
        drawing.line(ax, x, rows["target"], "reference_value", label="target")
        share = known_measure(measure).is_share
        last = rows["value"].iloc[-1]
        shown = f"{100 * last:.1f} %" if share else drawing.spoken(last)
        drawing.month_axis(ax, x, most=4)
        (drawing.percents if share else drawing.amounts)(
            ax.yaxis, "", *[] if share else [rows["value"]]
        )
        ax.set_title(f"{label(measure, short=True, of='measure')}: {shown}", loc="left", fontsize=9)
        ax.margins(y=0.25)
        if rows["target"].notna().any():
            ax.legend(handles=ax.get_lines()[-1:], loc="lower right")
    return axes[0]
