"""Figures of orders and launches."""

import matplotlib.dates as mdates
from matplotlib.lines import Line2D

from sopkit.charts import drawing
from sopkit.charts.looks import GREY, MEASURES

STATES = {  # colour of a milestone's mark
    "done": "#8A949C", "planned": "#1B5E9B", "open": "#E69F00", "late": "#CC3311", "failed": "#882255",
}  # fmt: skip
MARKS = {"gate": "D", "order": "s", "production": "^", "launch": "*"}
SIZES = {"gate": 42, "order": 26, "production": 46, "launch": 130}


def go_to_market(go_to_market, horizon, claim=""):
    """Draw each launch's milestones on a line of time: gates, first orders and production, campaigns, first weeks of sale."""
    if go_to_market.empty:
        return drawing.nothing(claim)
    every = go_to_market[go_to_market["milestone"] == "launch"]
    days = _most_urgent(every, go_to_market).sort_values("day")
    go_to_market = go_to_market[go_to_market["launch"].isin(days["launch"])]
    place = {launch: number for number, launch in enumerate(days["launch"])}
    shown = drawing.some(
        "Each launch's milestones by day, with what it first sells", len(days), len(every)
    )
    ax = drawing.canvas(claim, shown, 1.3 + 0.34 * len(place))
    spans = {
        "volume": (0.0, 6, MEASURES["revenue"].colour, 0.25),
        "activity": (0.22, 3, "#E69F00", 0.9),
    }
    for milestone, (shift, width, colour, strength) in spans.items():
        rows = go_to_market[go_to_market["milestone"] == milestone]
        for launch, own in rows.groupby("launch"):
            ends = [own["day"].min(), own["day"].max()]
            level = place[launch] + shift
            ax.plot(ends, [level, level], color=colour, linewidth=width, alpha=strength, marker="|")
    for milestone, mark in MARKS.items():
        rows = go_to_market[go_to_market["milestone"] == milestone]
        rows = rows.sort_values(
            "state", key=lambda state: state.map(list(STATES).index)
        )  # the worst on top
        colours = rows["state"].map(STATES)
        shift = -0.22 if milestone == "gate" else 0.0
        ax.scatter(
            rows["day"], rows["launch"].map(place).astype("float64") + shift, s=SIZES[milestone], marker=mark, c=colours,
            edgecolor="white", linewidth=0.5, zorder=3,
        )  # fmt: skip
    ax.set_yticks(range(len(place)), days["launch"] + ", " + days["item"])
    ax.set_ylim(len(place) - 0.5, -0.5)
    ax.grid(axis="x")
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=4, maxticks=8))
    long = (go_to_market["day"].max() - go_to_market["day"].min()).days > 240
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%b %y" if long else "%d %b"))
    drawing.today(ax, horizon["period"].min().start_time)
    drawing.legend(ax, 5, [*_marks(), *_states(go_to_market)])
    return ax


def _most_urgent(launches, go_to_market):
    """The launches with most that is late or failed, then the earliest."""
    astray = go_to_market["state"].isin(["late", "failed"]).groupby(go_to_market["launch"]).sum()
    order = launches.assign(on_its_way=-launches["launch"].map(astray))
    return order.sort_values(["on_its_way", "day"], kind="stable").head(drawing.SHOWN_ROWS)


def _marks():
    """What each mark and line stands for."""
    marks = [
        Line2D(
            [],
            [],
            color=GREY,
            marker=mark,
            linestyle="",
            markersize=6 if name != "launch" else 9,
            label=name,
        )
        for name, mark in MARKS.items()
    ]
    return [
        *marks,
        Line2D([], [], color=MEASURES["revenue"].colour, linewidth=5, alpha=0.25, label="sales"),
    ]


def _states(go_to_market):
    """The colour of each state that occurs."""
    there = [state for state in STATES if (go_to_market["state"] == state).any()]
    return [
        Line2D([], [], color=STATES[state], marker="o", linestyle="", label=state)
        for state in there
    ]
