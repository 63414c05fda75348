"""Figures of how the planning process runs: measures over a year, plans by lag, evidence, the survey."""

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap

from sopkit.charts import drawing
from sopkit.charts.looks import GREY, MEASURES
from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import label
from sopkit.tables.measures import known_measure

SHOWN_PANELS = 8
ELEMENTS = list(COLUMNS["element"].choices)
HEADS = {"means": "means", "criterion": "criteria"}
_BLUE, _RED = MEASURES["consensus"].colour, MEASURES["backlog"].colour


def performance(performance, performance_review, claim=""):
    """Draw the last twelve months of the measures with a target set, those that miss it first."""
    main = performance_review.drop_duplicates("measure")
    main = main[main["owner"].notna() & main["target"].notna() & main["value"].notna()]
    main = main.sort_values("met", kind="stable").head(SHOWN_PANELS)
    main = main[main["measure"].map(performance.groupby("measure")["value"].count()) > 1]
    if main.empty:
        return drawing.nothing(claim)
    rows = -(-len(main) // 2)
    shown = "The last twelve months of each measure, those that miss their target first; dashed: the target"
    axes = drawing.canvas(claim, shown, 0.6 + 1.1 * rows, rows, min(2, len(main)))
    axes = axes if isinstance(axes, list) else [axes]
    for ax, row in zip(axes, main.itertuples(), strict=False):
        own = (performance["measure"] == row.measure) & (performance["item"] == row.item)
        _panel(ax, performance[own & performance["value"].notna()], row)
    for ax in axes[len(main) :]:
        ax.set_axis_off()
    return axes[0]


def _panel(ax, months, row):
    x = drawing.ordinals(months["period"])
    ax.plot(x, months["value"], color=_BLUE, linewidth=1.6, marker="o", markersize=2.5)
    own = months["target"].notna().any()
    ax.plot(
        x,
        months["target"] if own else [row.target] * len(x),
        color=GREY,
        linewidth=1,
        linestyle="--",
    )
    ax.plot(
        x[-1], months["value"].iloc[-1], marker="o", markersize=6, color=_BLUE if row.met else _RED
    )
    name = label(row.measure, short=True, of="measure")
    ax.set_title(
        f"{name}: {'met' if row.met else 'missed'}",
        loc="left",
        fontsize=9,
        color=GREY if row.met else _RED,
    )
    drawing.month_axis(ax, x, most=4)
    if known_measure(row.measure).is_share:
        drawing.percents(ax.yaxis, "")
    else:
        drawing.amounts(ax.yaxis, "", months["value"])
    ax.margins(y=0.2)


def plans_by_lag(performance, claim=""):
    """Draw by months ahead how right the consensus was and how much of it each cycle changed, on average."""
    sides = [
        (name, performance[(performance["measure"] == name) & performance["value"].notna()])
        for name in _BY_LAG
    ]
    if all(rows.empty for _, rows in sides):
        return drawing.nothing(claim)
    shown = "Average of past cycles, by how many months ahead they planned"
    axes = drawing.canvas(claim, shown, 2.1, 1, 2)
    for ax, (name, rows) in zip(axes, sides, strict=True):
        mean = rows.groupby("item")["value"].mean()
        ax.plot([item.removeprefix("lag ") for item in mean.index], mean, color=_BLUE, marker="o")
        ax.set_title(_BY_LAG[name], loc="left", fontsize=9, color=GREY)
        ax.set_xlabel("months ahead")
        drawing.percents(ax.yaxis, "")
        ax.margins(y=0.3)
    return axes[0]


_BY_LAG = {
    "forecast_accuracy_ratio": "how right the consensus was, by product",
    "plan_change_ratio": "how much of the plan a cycle changed, by product",
}


def evidence(process_register, claim=""):
    """Draw which elements of each process have evidence in this cycle, and how many pieces."""
    if process_register.empty:
        return drawing.nothing(claim)
    grid = process_register.pivot_table(index="process", columns="element", values="pieces")[
        ELEMENTS
    ].astype(int)
    every, grid = (
        len(grid),
        grid.loc[grid.sum(axis=1).nsmallest(drawing.SHOWN_ROWS).index.sort_values()],
    )
    shown = drawing.some(
        "Pieces of evidence of this cycle for each element of each process", len(grid), every
    )
    ax = drawing.canvas(claim, shown, 0.7 + 0.27 * len(grid))
    words = grid.astype(str).replace("0", "none")
    colours = ListedColormap(["#F0C9C2", "#CFE3D5"])
    x = np.arange(len(ELEMENTS))
    drawing.tiles(ax, x, (grid > 0).astype(float), colours, (0, 1), words, grid == 0)
    ax.set_xticks(x, [HEADS.get(element, f"{element}s") for element in ELEMENTS])
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0)
    return ax


def survey(survey_balance, claim=""):
    """Draw who agrees with each statement, with its 95 % interval, and who did in the survey before."""
    rows = survey_balance[survey_balance["function"].isna()]
    if rows.empty:
        return drawing.nothing(claim)
    cycles = sorted(rows["cycle"].unique())[-2:]
    last = rows[rows["cycle"] == cycles[-1]].sort_values("agreeing_ratio", kind="stable")
    every, last = len(last), last.head(drawing.SHOWN_ROWS)
    shown = "Share of the answers that agree with each statement, with its 95 % interval; the fewest first"
    shown = drawing.some(shown, len(last), every)
    ax = drawing.canvas(claim, shown, 1.1 + 0.28 * len(last))
    _dots(ax, last, last["item"], f"{cycles[-1]:%b %Y}, with 95 % interval")
    if len(cycles) > 1:
        before = (
            rows[rows["cycle"] == cycles[0]]
            .set_index("item")["agreeing_ratio"]
            .reindex(last["item"])
        )
        look = {
            "marker": "o",
            "markerfacecolor": "white",
            "color": GREY,
            "linestyle": "",
            "zorder": 1,
        }
        ax.plot(before, range(len(last)), **look, label=f"{cycles[0]:%b %Y}")
    drawing.legend_below(ax)
    return ax


def disagreement(survey_balance, survey_disagreements, claim=""):
    """Draw what each function says to the statement on which two of them are furthest apart."""
    if survey_disagreements.empty:
        return drawing.nothing(claim)
    item = survey_disagreements["item"].iloc[0]
    rows = survey_balance[(survey_balance["item"] == item) & survey_balance["function"].notna()]
    every = rows[rows["cycle"] == rows["cycle"].max()].sort_values("agreeing_ratio", kind="stable")
    rows = every.head(drawing.SHOWN_ROWS)
    shown = drawing.some(
        f"Who agrees with “{_cut(item)}”, with how many answered", len(rows), len(every)
    )
    ax = drawing.canvas(claim, shown, 0.9 + 0.28 * len(rows))
    _dots(
        ax,
        rows,
        rows["function"].astype(str) + " (" + rows["respondents"].astype(str) + ")",
        "agree, with 95 % interval",
    )
    return ax


def _cut(text, most=70):
    return text if len(text) <= most else f"{text[:most]}…"


def _dots(ax, rows, names, label):
    places = range(len(rows))
    for place, low, high in zip(places, rows["low_ratio"], rows["high_ratio"], strict=True):
        ax.plot([low, high], [place] * 2, color=_BLUE, linewidth=1.6)
    ax.plot(rows["agreeing_ratio"], places, marker="o", color=_BLUE, linestyle="", label=label)
    ax.set_yticks(places, pd.Series(names).to_list())
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(-0.015, 1.015)
    drawing.across(ax)
    drawing.percents(ax.xaxis, "of the answers agree (5 or more of 7)")
