"""Figures of the financial review and of what executives decide."""

import pandas as pd

from sopkit.charts import drawing
from sopkit.charts.looks import BETTER, COSTS, GREY, INK, MEASURES, TOTAL, WORSE, Look
from sopkit.scenarios.results import comparison
from sopkit.schema.glossary import label


def money_against_budget(financial_plan, plan_gaps, claim=""):
    """Draw revenue and margin month by month beside the budget (last year, where there is no budget)."""
    shown = (
        "Money a month, all families together; the dashed steps are what the plan is held against"
    )
    axes = drawing.canvas(claim, shown, 2.6, 1, 2)
    planned = financial_plan.groupby("period")[["revenue", "margin"]].sum()
    for ax, measure in zip(axes, ("revenue", "margin"), strict=True):
        beside_reference(ax, planned[measure], against(plan_gaps, "all"), measure)
    return axes[0]


def against(plan_gaps, item):
    """The rows that hold an item against its budget, or against last year where nothing has a budget."""
    name = "budget" if (plan_gaps["compared_with"] == "budget").any() else "last_year"
    return plan_gaps[(plan_gaps["item"] == item) & (plan_gaps["compared_with"] == name)]


def beside_reference(ax, planned, held, measure):
    """Draw a measure's months as bars, and what they are held against as steps."""
    x = drawing.ordinals(planned.index)
    ax.bar(x, planned, 0.8, **drawing.filled(MEASURES[measure]))
    known = held[held["measure"] == measure].sort_values("period")
    if len(known):
        name = label(known["compared_with"].iloc[0], of="compared_with")
        style = {"color": INK, "drawstyle": "steps-mid", "label": name}
        drawing.line(
            ax,
            drawing.ordinals(known["period"]),
            known["reference_value"],
            "reference_value",
            **style,
        )
    drawing.month_axis(ax, x, most=6)
    drawing.amounts(ax.yaxis, f"{measure} a month", [*planned, *known["reference_value"]])
    drawing.legend(ax)


def bridge(bridge, claim=""):
    """Draw the margin's way from the budget to the plan."""
    rows = bridge[bridge["measure"] == "margin"]
    if rows.empty:
        return drawing.nothing(claim)
    shown = "Margin over the months that the budget covers, and what moved it from the budget to the plan"
    ax = drawing.canvas(claim, shown, 2.5)
    order = [
        step
        for step in ("budget", "volume", "mix", "price", "cost", "supply", "plan")
        if (rows["step"] == step).any()
    ]
    sizes = rows.groupby("step")["amount"].sum().reindex(order)
    drawing.waterfall(
        ax, order, list(sizes), [step in ("budget", "plan") for step in order], "margin"
    )
    return ax


def cash(cash_plan, claim=""):
    """Draw cash at each month's end with receivables, payables and stock."""
    shown = "Money at each month's end; what customers owe, what is owed to suppliers, and stock as lines"
    ax = drawing.canvas(claim, shown, 2.7)
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


def gaps(gaps, claim=""):
    """Draw the disagreements by the money at stake."""
    if gaps.empty:
        return drawing.nothing(claim)
    value = gaps.set_index("disagreement")["gap_value"].abs().nlargest(drawing.SHOWN_BARS)
    ax = drawing.canvas(
        claim, "Money at stake in each disagreement, the largest first", 1.0 + 0.25 * len(value)
    )
    drawing.sideways(
        ax, list(value.index), list(value), "money at stake", [WORSE] * len(value), labelled=True
    )
    return ax


def strategies(strategies, claim=""):
    """Draw what each way to close a gap does to the margin, and how much of the gap it closes."""
    if strategies.empty:
        return drawing.nothing(claim)
    size = strategies["margin_effect"].abs()
    first = strategies.assign(size=size).sort_values(
        ["recommended", "size"], ascending=False, kind="stable"
    )
    rows = first.head(drawing.SHOWN_BARS)
    rows = rows.sort_values(["disagreement", "margin_effect"], ascending=[True, False])
    shown = "Margin won or lost by each way to close a disagreement, and how much of it the way closes; blue: recommended"
    ax = drawing.canvas(
        claim, drawing.some(shown, len(rows), len(strategies)), 1.0 + 0.31 * len(rows)
    )
    other = Look("other", "#B8C4CC", "-", "///")
    looks = [TOTAL if recommended else other for recommended in rows["recommended"]]
    names = [f"{row.disagreement}: {row.scenario}" for row in rows.itertuples()]
    drawing.sideways(ax, names, list(rows["margin_effect"]), "margin won or lost", looks)
    for place, row in enumerate(rows.itertuples()):
        at = (max(row.margin_effect, 0), place)
        advice = "recommended, " if row.recommended else ""
        text = f"{advice}closes {100 * row.gap_closed_ratio:.0f} %"
        ax.annotate(text, at, xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    ax.margins(x=0.18)
    return ax


def risks(risk_scenarios, claim=""):
    """Draw what each risk does to the margin if it comes (pale) and weighted by its probability (full)."""
    if risk_scenarios.empty:
        return drawing.nothing(claim)
    rows = risk_scenarios.loc[
        risk_scenarios["margin_effect"].abs().nlargest(drawing.SHOWN_BARS).index
    ]
    shown = "Margin won or lost if the risk comes (pale) and weighted by its probability, which stands in brackets"
    ax = drawing.canvas(
        claim, drawing.some(shown, len(rows), len(risk_scenarios)), 1.0 + 0.28 * len(rows)
    )
    names = [f"{row.risk} ({100 * row.probability:.0f} %)" for row in rows.itertuples()]
    pale = [Look("if it comes", "#D5DADE")] * len(rows)
    drawing.sideways(ax, names, list(rows["margin_effect"]), "margin won or lost", pale)
    for place, effect in enumerate(rows["expected_effect"]):
        ax.barh(place, effect, 0.26, color=(BETTER if effect >= 0 else WORSE).colour)
    return ax


SIDE_BY_SIDE = (  # measure, its name, whether more is better (None: neither)
    ("demand", "demand, units", None),
    ("service_level_ratio", "service", True),
    ("cost", "cost of supply", False),
    ("margin", "margin", True),
    ("max_inventory_value", "highest stock value", False),
    ("min_cash", "lowest cash", True),
    ("max_utilisation_ratio", "fullest month", None),
)


def scenarios(scenario_results, claim=""):
    """Draw what each scenario changes against the plan, measure by measure; the one that moves margin most first."""
    sides = comparison(scenario_results)
    if sides.empty:
        return drawing.nothing(claim)
    change = sides.pivot_table(index="scenario", columns="measure", values="gap")
    every = list(change["margin"].abs().sort_values(ascending=False, kind="stable").index)
    names = every[: drawing.SHOWN_ROWS]
    change = change.loc[names]
    known = [row for row in SIDE_BY_SIDE if row[0] in change.columns]
    shown = "Change against the plan: green better, red and hatched worse, blue neither; largest change of margin first"
    shown = drawing.some(shown, len(names), len(every))
    axes = drawing.canvas(claim, shown, 1.8 + 0.3 * len(names), 2, 4, sharey=True)
    for ax in axes[len(known) :]:
        ax.set_axis_off()
    for ax, (measure, name, more_is_better) in zip(axes, known, strict=False):
        changes = list(change[measure])
        good = [more_is_better is not None and (size >= 0) == more_is_better for size in changes]
        looks = [TOTAL if more_is_better is None else BETTER if g else WORSE for g in good]
        drawing.sideways(ax, names, changes, name, looks)
        ax.locator_params(axis="x", nbins=3)
        if measure.endswith("_ratio"):
            drawing.percents(ax.xaxis, name)
        ax.margins(x=0.1)
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    return axes[0]


def what_if(by_month, claim=""):
    """Draw the plan month by month, measure by measure, in front of the plan it is held against."""
    measures = list(by_month["measure"].drop_duplicates())
    if not measures:
        return drawing.nothing(claim)
    columns = min(len(measures), 2)
    rows = -(-len(measures) // columns)
    before = ", in front of the plan as it is" if "reference_value" in by_month else ""
    axes = drawing.canvas(
        claim, f"All products together, month by month{before}", 0.6 + 1.9 * rows, rows, columns
    )
    for ax, measure in zip(axes if len(measures) > 1 else [axes], measures, strict=False):
        part = by_month[by_month["measure"] == measure]
        x = drawing.ordinals(part["period"])
        if "reference_value" in part:
            drawing.line(
                ax, x, part["reference_value"], "reference_value", label="the plan as it is"
            )
        drawing.line(ax, x, part["plan"], measure, linestyle="-")
        drawing.month_axis(ax, x, 7)
        drawing.amounts(ax.yaxis, MEASURES[measure].label, part["plan"])
        ax.set_ylim(min(0, ax.get_ylim()[0]))
    first = axes[0] if len(measures) > 1 else axes
    # a panel draws while somebody waits: a fixed layout takes half the time
    first.figure.set_layout_engine(None)
    head = 0.26 / rows + drawing.SUBTITLE_HEIGHT / first.figure.get_figheight()
    first.figure.subplots_adjust(0.08, 0.12 / rows, 0.99, 1 - head, 0.22, 0.35)
    if "reference_value" in by_month:
        drawing.legend(first)
    return first


def costs(costs_incurred, claim=""):
    """Draw month by month what the plan spends, by kind."""
    if costs_incurred.empty:
        return drawing.nothing(claim)
    kinds = costs_incurred.pivot_table(
        index="period", columns="cost_item", values="cost", aggfunc="sum"
    )
    kinds = kinds[kinds.sum().sort_values(ascending=False).index]
    ax = drawing.canvas(
        claim, "Money spent a month, by kind; the kinds that cost most at the bottom", 3.0
    )
    x = drawing.ordinals(kinds.index)
    looks = {kind: COSTS.get(kind, Look(kind, GREY)) for kind in kinds}
    drawing.stack(
        ax, x, kinds.set_axis(x), {kind: look._replace(label=kind) for kind, look in looks.items()}
    )
    drawing.month_axis(ax, x)
    drawing.amounts(ax.yaxis, "spent a month", kinds.sum(axis=1))
    drawing.legend(ax)
    return ax


def gaps_by_month(plan_gaps, claim=""):
    """Draw how far each family's revenue is, month by month, from budget, last year and the last cycle."""
    rows = plan_gaps[(plan_gaps["measure"] == "revenue") & (plan_gaps["reference_value"] > 0)]
    names = {"budget": "budget", "last_year": "last year", "last_cycle": "last cycle"}
    held = [name for name in names if (rows["compared_with"] == name).any()]
    if not held:
        return drawing.nothing(claim)
    rows = rows[rows["compared_with"].isin(held)]
    every = rows.groupby("item")["reference_value"].sum()
    rows = rows[rows["item"].isin(every.nlargest(drawing.SHOWN_ROWS).index)]
    families, months = rows["item"].nunique(), sorted(rows["period"].unique())
    shown = (
        "Difference in per cent of what the plan is held against, by family and month; bold: below"
    )
    shown = drawing.some(shown, families, len(every))
    axes = drawing.canvas(claim, shown, 0.6 + len(held) * (0.55 + 0.24 * families), len(held), 1)
    for ax, name in zip(axes if len(held) > 1 else [axes], held, strict=True):
        cells = rows[rows["compared_with"] == name]
        cells = cells.assign(share=cells["gap"] / cells["reference_value"])
        share = cells.pivot_table(index="item", columns="period", values="share").reindex(
            columns=months
        )
        x, words = (
            drawing.ordinals(share.columns),
            share.map(lambda part: "" if pd.isna(part) else f"{round(100 * part):d}"),
        )
        drawing.month_axis(ax, x)
        drawing.tiles(ax, x, share, "BrBG", (-0.6, 0.6), words, share < -0.005)
        ax.set_title(f"revenue against {names[name]}, %", loc="left", fontsize=9)
    return axes[0] if len(held) > 1 else axes
