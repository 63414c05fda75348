"""Exhibits of forecast accuracy: by lag and contributor, by method, and of replanned cycles."""

from pandas import DataFrame

from sopkit.reporting.chart_types import Bars
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import look
from sopkit.schema.formatting import count, listed, points, verb

STAGE = "30_demand_review"
ACCURACY = [
    "lag", "contributor", "wape", "bias", "mase", "tracking_signal", "value_added", "observations",
]  # fmt: skip


@exhibit(
    STAGE,
    title="Forecast accuracy of the company total by lag",
    table="forecast_accuracy",
    rows=6,  # of one lag
)
def accuracy(forecast_accuracy: DataFrame) -> Exhibit:
    """The company's error from naive to consensus, at the nearest and the furthest lag."""
    rows = _measured(forecast_accuracy)
    table = _accuracy_by_lag(forecast_accuracy)
    return Exhibit(_accuracy_headline(rows), _stairs(rows), table)


@exhibit(STAGE, title="Forecast accuracy by method", table="forecast_accuracy")
def accuracy_by_method(forecast_accuracy: DataFrame) -> Exhibit:
    """How each method has forecast what it is used for, beside naive, at the nearest lag."""
    rows = forecast_accuracy[forecast_accuracy["level"] == "method"]
    rows = rows[rows["contributor"].isin(["naive", "baseline"])]
    rows = rows[rows["lag"] == rows["lag"].min()]
    wape = rows.pivot_table(index="item", columns="contributor", values="wape", aggfunc="first")
    wape = wape.reindex(columns=["naive", "baseline"]).dropna()
    if wape.empty:
        return Exhibit(Headline("No method has a record yet."))
    lost = wape.index[wape["baseline"] > wape["naive"]]
    said = Headline(
        "{better} of {all_methods:count method} {verb} less error than naive, "
        "{lag:count month} ahead",
        better=int((wape["baseline"] < wape["naive"]).sum()),
        all_methods=len(wape),
        verb=verb(len(wape), "has", "have"),
        lag=int(rows["lag"].iloc[0]),
    )
    tail = Headline("; worse: {names}.", names=listed(list(lost))) if len(lost) else "."
    table = rows[["item", "contributor", "wape", "bias", "value_added", "observations"]]
    return Exhibit(said + tail, table=table.rename(columns={"item": "method"}))


@exhibit("explore/replay", title="Forecast accuracy of replanned cycles", rows=40)
def replayed_accuracy(forecast_accuracy: DataFrame) -> Exhibit:
    """The company's error by lag and contributor, in past cycles that were planned again."""
    headline = _accuracy_headline(_measured(forecast_accuracy))
    return Exhibit(headline, table=_accuracy_by_lag(forecast_accuracy))


@exhibit("explore/replay", title="Data available to past cycles", rows=40)
def replayed_assumptions(replay_assumptions: DataFrame) -> Exhibit:
    """What each table was cut to before a past cycle was planned again."""
    return Exhibit(Headline("Data available to each past cycle"), table=replay_assumptions)


def _measured(forecast_accuracy):
    total = forecast_accuracy["level"] == "total"
    return forecast_accuracy[total & (forecast_accuracy["observations"] > 0)]


def _accuracy_by_lag(forecast_accuracy):
    """The accuracy of the company's total, by lag and contributor."""
    rows = forecast_accuracy[forecast_accuracy["level"] == "total"]
    stair = rows["contributor"].map({"naive": 0, "baseline": 1, "consensus": 9}).fillna(5)
    rows = rows.assign(stair=stair).sort_values(["lag", "stair", "contributor"])
    return rows[ACCURACY]


def _stairs(rows):
    """The error of each step; a line at the baseline's nearest error shows who adds to it."""
    error = rows.pivot_table(index="contributor", columns="lag", values="wape", aggfunc="first")
    people = sorted(set(error.index) - {"naive", "baseline", "consensus"})
    stair = ["naive", "baseline", *people, "consensus"]
    error = error.loc[[name for name in stair if name in error.index]]
    error = error[sorted({min(error, default=0), max(error, default=0)})] if len(error) else error
    names = [f"{count(int(lag), 'month')} ahead" for lag in error]
    looks = [look("consensus"), look("scheduled_receipts")]
    return Bars(
        error.set_axis(names, axis=1),
        looks={name: one._replace(label=name) for name, one in zip(names, looks, strict=False)},
        labelled=True,
        level=error.loc["baseline"].iloc[0] if "baseline" in error.index else None,
        unit="error (WAPE)",
        shares=True,
        subtitle="Error (WAPE) of the company's total; what stands above the line is worse than "
        "the statistical baseline",
    )


def _accuracy_headline(rows):
    if rows.empty:
        return Headline("No forecast is old enough to be measured.")
    lag = rows["lag"].min()
    near = rows[rows["lag"] == lag].set_index("contributor")
    best = next((name for name in ("consensus", "baseline") if name in near.index), near.index[0])
    said = Headline(
        "{lag:count month} ahead the {contributor} misses the company's total by {wape:percent 1}",
        lag=int(lag),
        contributor=best,
        wape=near.loc[best, "wape"],
    )
    added = near["value_added"].drop(labels="naive", errors="ignore").dropna()
    worse = added[added < 0]
    if len(worse):
        parts = [part for part in (_worse(worse, True), _worse(worse, False)) if part]
        return said + "".join(parts) + "." + Headline("", worse=dict(worse))
    return said + ("; no forecast is less accurate than its reference." if len(added) else ".")


def _worse(worse, baseline):
    """Who is less accurate than its reference: the baseline than naive, all others than the
    baseline; "" where nobody is."""
    names = [name for name in worse.index if (name == "baseline") == baseline]
    if not names:
        return ""
    each = " each" if len(names) > 1 else ""
    points_of = listed([points(-worse[name]) for name in names])
    than = "naive" if baseline else "the baseline"
    was = verb(len(names), "was", "were")
    return f"; {listed(names)} {was}{each} less accurate than {than} (by {points_of})"
