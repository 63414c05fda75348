"""Figures of what the demand plan rests on: launches against their curve, value added with intervals, one product."""

from sopkit.charts import drawing
from sopkit.charts.looks import GREY, INK, MEASURES, Look

SHOWN_PANELS = 6
SHOWN_LAGS = 3
STAIR = {"baseline": 0, "consensus": 2}  # the functions stand between
VERDICTS = {
    "helps": Look("helps", MEASURES["consensus"].colour),
    "hurts": Look("hurts", MEASURES["backlog"].colour),
    "not told from noise": Look("not told from noise", GREY),
}
MARKERS = {"helps": "o", "hurts": "X", "not told from noise": "o"}


def launch_actuals(launch_actuals, claim=""):
    """Draw sold beside expected since the start, a panel for each of the largest launches under way."""
    if launch_actuals.empty:
        return drawing.nothing(claim)
    largest = launch_actuals.groupby("launch")["expected"].sum().nlargest(SHOWN_PANELS).index
    rows = -(-len(largest) // 2)
    shown = "Units a month since the start, beside what the launch's curve expected"
    axes = drawing.canvas(claim, shown, 0.7 + 1.4 * rows, rows, min(2, len(largest)))
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
        reached = (
            "" if last.isna()["reached_ratio"] else f": {100 * last['reached_ratio']:.0f} % reached"
        )
        ax.set_title(
            f"{launch}, {last['product']} in {last['market']}{reached}",
            loc="right",
            fontsize=9,
            color=GREY,
        )
        ax.set_ylim(bottom=0)
        drawing.month_axis(ax, x, most=6)
        drawing.amounts(ax.yaxis, "units", [*months["expected"], *months["quantity"]])
    for ax in axes[len(largest) :]:
        ax.set_axis_off()
    drawing.legend_below(axes[0])
    return axes[0]


def stage_win_rates(stage_win_rates, claim=""):
    """Draw the funnel of closed deals, and beside it the share won with its 95 % interval and the chance stated."""
    if stage_win_rates.empty:
        return drawing.nothing(claim)
    shown = "Left: closed deals that reached each stage. Right: the share of them that was won, with its 95 % interval"
    every, stage_win_rates = len(stage_win_rates), stage_win_rates.head(drawing.SHOWN_ROWS)
    shown = drawing.some(shown, len(stage_win_rates), every)
    passed, ax = drawing.canvas(claim, shown, 1.2 + 0.3 * len(stage_win_rates), 1, 2, sharey=True)
    names = [f"{row.stage} ({row.closed_deals:,} closed)" for row in stage_win_rates.itertuples()]
    _funnel(passed, stage_win_rates)
    _intervals(ax, stage_win_rates, "won_ratio", names, "won, with 95 % interval")
    stated = {
        "marker": "D",
        "color": MEASURES["opportunity_demand"].colour,
        "linestyle": "",
        "markersize": 6,
    }
    ax.plot(
        stage_win_rates["stated_ratio"], range(len(names)), label="stated for open deals", **stated
    )
    ax.set_xlim(0, 1)
    drawing.percents(ax.xaxis, "of the deals that entered the stage")
    drawing.legend_below(ax)
    return ax


def _funnel(ax, stages):
    """Deals as bars around one middle; the dark part was won."""
    look = MEASURES["opportunity_demand"]
    for column, strength in (("closed_deals", 0.3), ("won_deals", 0.9)):
        deals = stages[column]
        ax.barh(range(len(stages)), deals, 0.86, left=-deals / 2, color=look.colour, alpha=strength)
    for place, row in enumerate(stages.itertuples()):
        at = {"va": "center", "ha": "center", "fontsize": 8, "color": "white"}
        ax.text(0, place, f"{row.won_deals:,} won" if row.won_deals else "", **at)
    ax.set_xticks([])
    ax.set_xlabel("closed deals; dark: won in the end")
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def price_effects(price_elasticity, claim=""):
    """Draw by how many per cent demand changes for one per cent on the price, with 95 % intervals, best known first.

    Products that only take over their family's effect are left out.
    """
    known = price_elasticity[
        price_elasticity["elasticity_ratio"].notna() & (price_elasticity["series"] > 0)
    ]
    if known.empty:
        return drawing.nothing(claim)
    best = known.sort_values("standard_error", kind="stable").head(drawing.SHOWN_BARS)
    names = list(best["product"].fillna(best["family"] + ", all products"))
    shown = (
        "What is known of each product or family, best known first; the line is the 95 % interval"
    )
    ax = drawing.canvas(claim, drawing.some(shown, len(best), len(known)), 0.9 + 0.26 * len(names))
    _intervals(ax, best, "elasticity_ratio", names, "95 % interval")
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("% of demand for 1 % on the price")
    return ax


def _intervals(ax, rows, measure, names, label):
    """Draw a dot with its interval for each row, from top to bottom."""
    look = {"color": MEASURES["consensus"].colour, "linewidth": 1.6}
    for place, row in enumerate(rows.to_dict("records")):
        ax.plot([row["low_ratio"], row["high_ratio"]], [place] * 2, **look)
    ax.plot(rows[measure], range(len(names)), marker="o", **look | {"linewidth": 0}, label=label)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    drawing.across(ax)


def value_added(forecast_value_added, claim=""):
    """Draw what each contributor takes off the error, with its 95 % interval, a panel for each of the first lags."""
    if forecast_value_added.empty:
        return drawing.nothing(claim)
    names = sorted(
        forecast_value_added["contributor"].unique(), key=lambda name: (STAIR.get(name, 1), name)
    )
    lags = sorted(forecast_value_added["lag"].unique())[:SHOWN_LAGS]
    shown = "Error (WAPE) that each takes away, product by product, with its 95 % interval; right of the line is better"
    axes = drawing.canvas(
        claim, shown, 1.3 + 0.28 * len(names), 1, len(lags), sharex=True, sharey=True
    )
    axes = axes if isinstance(axes, list) else [axes]
    for ax, lag in zip(axes, lags, strict=True):
        near = forecast_value_added[forecast_value_added["lag"] == lag].set_index("contributor")
        for place, name in enumerate(names):
            if name in near.index:
                _interval(ax, place, near.loc[name])
        ax.axvline(0, color=INK, linewidth=0.8)
        ax.set_title(
            f"{lag} month{'s' if lag > 1 else ''} ahead", loc="right", fontsize=9, color=GREY
        )
        drawing.across(ax)
        drawing.percents(ax.xaxis, "")
    axes[0].set_yticks(
        range(len(names)), [f"{name}*" if name == "baseline" else name for name in names]
    )
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
    return {
        "marker": marker,
        "color": colour,
        "markerfacecolor": fill,
        "markersize": 6.5,
        "linestyle": "",
    }


def _name_verdicts(ax, verdicts):
    for verdict, look in VERDICTS.items():
        if (verdicts == verdict).any():
            ax.plot([], [], **_dot(verdict), label=look.label)
    drawing.legend_below(ax)


def decomposition(decomposition, claim=""):
    """Draw one product's demand with its trend, then what the season adds, then what neither explains."""
    if decomposition.empty:
        return drawing.nothing(claim)
    shown = "Units a month: demand with its trend, what the season adds, and what neither explains"
    whole, season, rest = drawing.canvas(
        claim, shown, 3.8, 3, 1, sharex=True, height_ratios=[2, 1, 1]
    )
    x = drawing.ordinals(decomposition["period"])
    drawing.line(whole, x, decomposition["observed"], "cleaned", linewidth=1.3)
    drawing.line(whole, x, decomposition["trend"], "consensus", label="trend")
    whole.set_ylim(bottom=0)
    drawing.legend(whole)
    for ax, part, name in ((season, "seasonal", "season"), (rest, "remainder", "remainder")):
        ax.bar(
            x,
            decomposition[part],
            0.7,
            color=MEASURES["baseline"].colour if part == "seasonal" else GREY,
        )
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.set_title(name, loc="right", fontsize=9, color=GREY)
    both = decomposition[["seasonal", "remainder"]].abs().to_numpy().max() * 1.1
    for ax in (season, rest):  # one scale, so that their sizes can be compared
        ax.set_ylim(-both, both)
    for ax, part in ((whole, "observed"), (season, "seasonal"), (rest, "remainder")):
        drawing.amounts(ax.yaxis, "units", decomposition[part])
    drawing.month_axis(rest, x)
    return whole
