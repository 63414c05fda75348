"""Figures of what the demand plan rests on: launches against their curve, value added with intervals, one product."""

from sopkit.charts import drawing
from sopkit.charts.drawing import GREY, INK, MEASURES

SHOWN_PANELS = 6
SHOWN_LAGS = 3
STAIR = {"baseline": 0, "consensus": 2}  # the functions stand between
VERDICTS = {
    "helps": drawing.Look("helps", MEASURES["consensus"].colour),
    "hurts": drawing.Look("hurts", MEASURES["backlog"].colour),
    "not told from noise": drawing.Look("not told from noise", GREY),
}
MARKERS = {"helps": "o", "hurts": "X", "not told from noise": "o"}


def launch_actuals(launch_actuals, claim=""):
    """Draw sold beside expected since the start, a panel for each of the largest launches under way."""
    if launch_actuals.empty:
        return drawing.nothing(claim)
    largest = launch_actuals.groupby("launch")["expected"].sum().nlargest(SHOWN_PANELS).index
    rows = -(-len(largest) // 2)
    axes = drawing.canvas(claim, 0.9 + 1.6 * rows, rows, min(2, len(largest)))
    axes = axes if isinstance(axes, list) else [axes]
    for ax, launch in zip(axes, largest, strict=False):
        months = launch_actuals[launch_actuals["launch"] == launch].sort_values("period")
        x = drawing.ordinals(months["period"])
        drawing.line(
            ax,
            x,
            months["expected"],
            "launch_demand",
            label="expected by its curve",
            marker="o",
            markersize=3,
        )
        drawing.line(ax, x, months["quantity"], "cleaned", label="sold", marker="o", markersize=3)
        last = months.iloc[-1]
        reached = "" if last.isna()["reached_ratio"] else f": {100 * last['reached_ratio']:.0f} % reached"
        ax.set_title(
            f"{launch}, {last['product']} in {last['market']}{reached}", loc="right", fontsize=9, color=GREY
        )
        ax.set_ylim(bottom=0)
        drawing.month_axis(ax, x, most=6)
        drawing.amounts(ax.yaxis, "units", [*months["expected"], *months["quantity"]])
    for ax in axes[len(largest) :]:
        ax.set_axis_off()
    _legend_below(axes[0])
    return axes[0]


def stage_win_rates(stage_win_rates, claim=""):
    """Draw the share of closed deals that were won, with its 95 % interval, and the chance stated for open deals."""
    if stage_win_rates.empty:
        return drawing.nothing(claim)
    names = [f"{row.stage} ({row.closed_deals:,} closed)" for row in stage_win_rates.itertuples()]
    ax = _intervals(claim, stage_win_rates, "won_ratio", names, "won, with 95 % interval")
    stated = {"marker": "D", "color": MEASURES["opportunity_demand"].colour, "linestyle": "", "markersize": 6}
    ax.plot(stage_win_rates["stated_ratio"], range(len(names)), label="stated for open deals", **stated)
    ax.set_xlim(0, 1)
    drawing.percents(ax.xaxis, "of the deals that entered the stage")
    _legend_below(ax)
    return ax


def price_effects(price_elasticity, claim=""):
    """Draw by how many per cent demand changes for one per cent on the price, with 95 % intervals, best known first.

    Products that only take over their family's effect are left out.
    """
    known = price_elasticity[price_elasticity["elasticity_ratio"].notna() & (price_elasticity["series"] > 0)]
    if known.empty:
        return drawing.nothing(claim)
    best = known.sort_values("standard_error", kind="stable").head(drawing.SHOWN_BARS)
    names = list(best["product"].fillna(best["family"] + ", all products"))
    ax = _intervals(claim, best, "elasticity_ratio", names, "95 % interval")
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("% of demand for 1 % on the price")
    return ax


def _intervals(claim, rows, measure, names, label):
    """Draw a dot with its interval for each row, from top to bottom."""
    ax = drawing.canvas(claim, 1.3 + 0.3 * len(names))
    look = {"color": MEASURES["consensus"].colour, "linewidth": 1.6}
    for place, row in enumerate(rows.to_dict("records")):
        ax.plot([row["low_ratio"], row["high_ratio"]], [place] * 2, **look)
    ax.plot(rows[measure], range(len(names)), marker="o", **look | {"linewidth": 0}, label=label)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    return ax


def value_added(forecast_value_added, claim=""):
    """Draw what each contributor takes off the error, with its 95 % interval, a panel for each of the first lags."""
    if forecast_value_added.empty:
        return drawing.nothing(claim)
    names = sorted(forecast_value_added["contributor"].unique(), key=lambda name: (STAIR.get(name, 1), name))
    lags = sorted(forecast_value_added["lag"].unique())[:SHOWN_LAGS]
    axes = drawing.canvas(claim, 1.5 + 0.3 * len(names), 1, len(lags), sharex=True, sharey=True)
    axes = axes if isinstance(axes, list) else [axes]
    for ax, lag in zip(axes, lags, strict=True):
        near = forecast_value_added[forecast_value_added["lag"] == lag].set_index("contributor")
        for place, name in enumerate(names):
            if name in near.index:
                _interval(ax, place, near.loc[name])
        ax.axvline(0, color=INK, linewidth=0.8)
        ax.set_title(f"{lag} month{'s' if lag > 1 else ''} ahead", loc="right", fontsize=9, color=GREY)
        ax.grid(axis="x")
        ax.grid(visible=False, axis="y")
        drawing.percents(ax.xaxis, "")
    axes[0].set_yticks(range(len(names)), [f"{name}*" if name == "baseline" else name for name in names])
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    axes[len(axes) // 2].set_xlabel("error (WAPE) taken away from the baseline; * from naive")
    _name_verdicts(axes[0], forecast_value_added["verdict"])
    return axes[0]


def _interval(ax, place, row):
    colour = VERDICTS[row["verdict"]].colour
    ax.plot([row["low_ratio"], row["high_ratio"]], [place] * 2, color=colour, linewidth=1.6)
    ax.plot(row["value_added"], place, **_dot(row["verdict"]))


def _dot(verdict):
    """A full mark where the record tells, an open one where it does not."""
    colour, told = VERDICTS[verdict].colour, verdict != "not told from noise"
    fill = colour if told else "white"
    marker = MARKERS[verdict]
    return {"marker": marker, "color": colour, "markerfacecolor": fill, "markersize": 6.5, "linestyle": ""}


def _name_verdicts(ax, verdicts):
    for verdict, look in VERDICTS.items():
        if (verdicts == verdict).any():
            ax.plot([], [], **_dot(verdict), label=look.label)
    _legend_below(ax)


def _legend_below(ax):
    """Name the measures under all panels, where no panel's title is in the way."""
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside lower left", ncols=6, columnspacing=1.4)


def decomposition(decomposition, claim=""):
    """Draw one product's demand with its trend, then what the season adds, then what neither explains."""
    if decomposition.empty:
        return drawing.nothing(claim)
    whole, season, rest = drawing.canvas(claim, 4.6, 3, 1, sharex=True, height_ratios=[2, 1, 1])
    x = drawing.ordinals(decomposition["period"])
    drawing.line(whole, x, decomposition["observed"], "cleaned", linewidth=1.3)
    drawing.line(whole, x, decomposition["trend"], "consensus", label="trend")
    whole.set_ylim(bottom=0)
    drawing.legend(whole)
    for ax, part, name in ((season, "seasonal", "season"), (rest, "remainder", "remainder")):
        ax.bar(x, decomposition[part], 0.7, color=MEASURES["baseline"].colour if part == "seasonal" else GREY)
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.set_title(name, loc="right", fontsize=9, color=GREY)
    both = decomposition[["seasonal", "remainder"]].abs().to_numpy().max() * 1.1
    for ax in (season, rest):  # one scale, so that their sizes can be compared
        ax.set_ylim(-both, both)
    for ax, part in ((whole, "observed"), (season, "seasonal"), (rest, "remainder")):
        drawing.amounts(ax.yaxis, "units", decomposition[part])
    drawing.month_axis(rest, x)
    return whole
