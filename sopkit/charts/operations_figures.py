"""Figures of the operations plan."""

import pandas as pd

from sopkit.charts import drawing
from sopkit.charts.looks import GREY, LOAD, MEASURES
from sopkit.charts.supply_figures import SUPPLY_PARTS


def weeks(weekly_plan, claim=""):
    """Draw what is made and shipped in each of the coming weeks."""
    shown = "Units a week; a week that lies in two months stands in each with its days, the dotted line parts them"
    ax = drawing.canvas(claim, shown, 2.7)
    parts = weekly_plan.groupby(["week", "period"])[[*SUPPLY_PARTS, "shipped"]].sum().reset_index()
    made = [part for part in SUPPLY_PARTS if parts[part].abs().sum() > 0]
    drawing.stack(ax, range(len(parts)), parts[made], MEASURES, 0.7)
    drawing.line(
        ax, range(len(parts)), parts["shipped"], "demand", marker="o", markersize=3, label="shipped"
    )
    _week_axis(ax, parts)
    drawing.amounts(ax.yaxis, "units a week", [*parts[made].sum(axis=1), *parts["shipped"]])
    drawing.legend(ax)
    return ax


def week_load(work_schedule, claim=""):
    """Draw how full each week of each resource is."""
    if work_schedule.empty:
        return drawing.nothing(claim)
    cells = work_schedule.assign(
        beyond=work_schedule["regular_hours"] + work_schedule["overtime_hours"]
        > work_schedule["regular_capacity_hours"]
    ).pivot_table(
        index="resource", columns=["week", "period"], values=["utilisation_ratio", "beyond"]
    )
    load = cells["utilisation_ratio"]
    every, load = len(load), load.loc[load.max(axis=1).nlargest(drawing.SHOWN_BARS).index]
    words = load.map(lambda share: "" if pd.isna(share) else f"{100 * share:.0f}")
    marks = cells["beyond"].loc[load.index].map(lambda beyond: "+" if beyond == 1 else "")
    shown = "% of the hours there are in the week that begins on; +: more than regular time; bold: more than there are"
    ax = drawing.canvas(claim, drawing.some(shown, len(load), every), 1.1 + 0.3 * len(load))
    drawing.tiles(ax, pd.RangeIndex(load.shape[1]), load, LOAD, (0.5, 1.5), words + marks, load > 1)
    _week_axis(ax, load.columns.to_frame(index=False))
    return ax


def turns(production_schedule, work_schedule, claim=""):
    """Draw what the fullest resource makes in which week, and its turn."""
    if production_schedule.empty:
        return drawing.nothing(claim)
    fullest = work_schedule.loc[work_schedule["utilisation_ratio"].idxmax(), "resource"]
    rows = production_schedule[production_schedule["resource"] == fullest]
    rows = rows.assign(
        word=rows["sequence"].astype("str") + ".  " + rows["quantity"].map("{:,.0f}".format)
    )
    at = {"index": "product", "columns": ["week", "period"]}
    units = rows.pivot_table(values="quantity", **at)
    every, units = (
        len(units),
        units.loc[units.max(axis=1).nlargest(drawing.SHOWN_BARS).sort_index().index],
    )
    words = rows.pivot_table(values="word", aggfunc="first", **at).loc[units.index].fillna("")
    share = units.div(units.max(axis=1), axis=0)
    shown = (
        f"{fullest}: turn within the week that begins on, and units; darker: more of the product"
    )
    ax = drawing.canvas(claim, drawing.some(shown, len(units), every), 1.1 + 0.3 * len(units))
    drawing.tiles(ax, pd.RangeIndex(units.shape[1]), share, LOAD, (0.0, 2.5), words, units.isna())
    for text in ax.texts:
        text.set_fontsize(7)
    _week_axis(ax, units.columns.to_frame(index=False))
    return ax


def horizons(horizons, claim=""):
    """Draw the plan against the goals of years, and what is shipped in quarters and in the first weeks."""
    shown = "The plan as a share of the goals of years, and units shipped in each quarter and in the first weeks"
    every = horizons[(horizons["horizon"] == "strategic") & horizons["plan"].notna()]
    goals = every.head(drawing.SHOWN_BARS)
    axes = drawing.canvas(claim, drawing.some(shown, len(goals), len(every)), 2.4, columns=3)
    share = goals["plan"] / goals["reference_value"]
    axes[0].barh(goals["item"], share, 0.6, **drawing.filled(MEASURES["revenue"]))
    axes[0].axvline(1, color=GREY, linewidth=1, linestyle=(0, (2, 2)))
    axes[0].invert_yaxis()
    drawing.percents(axes[0].xaxis, "plan, of the goal of the years")
    shipped = horizons[horizons["measure"] == "shipped"]
    quarters = shipped[(shipped["horizon"] == "tactical") & (shipped["item"] != "month")]
    weeks = shipped[shipped["horizon"] == "operational"].groupby("item")["plan"].sum()
    names = (
        quarters["item"].str.slice(2),
        [f"{day.day} {day:%b}" for day in pd.to_datetime(weeks.index.str[-10:])],
    )
    for ax, units, name in zip(axes[1:], (quarters["plan"], weeks), names, strict=True):
        ax.bar(range(len(units)), units, 0.7, **drawing.filled(MEASURES["regular"]))
        ax.set_xticks(range(len(units)), name, rotation=45, ha="right", rotation_mode="anchor")
        drawing.amounts(ax.yaxis, "units", units)
    return axes[0]


def _week_axis(ax, weeks):
    """Name weeks by their Monday and part the months."""
    names = [f"{week.day} {week:%b}" for week in weeks["week"]]
    ax.set_xticks(range(len(weeks)), names, rotation=45, ha="right", rotation_mode="anchor")
    for start in weeks.index[weeks["period"] != weeks["period"].shift()][1:]:
        ax.axvline(start - 0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
