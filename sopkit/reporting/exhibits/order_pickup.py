"""Exhibits of orders as a signal: what is usually booked by now, what is, and what that says."""

from pandas import DataFrame

from sopkit.reporting.chart_types import Heatmap, HorizontalBars
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid, largest_first
from sopkit.reporting.theme import look
from sopkit.schema.formatting import bounds

STAGE = "30_demand_review"
CELL = ["product", "market", "period"]
SHOWN = [*CELL, "firm_orders", "booked_ratio", "pickup", "baseline", "weight"]


@exhibit(STAGE, title="Pick-up of orders", table="pickup_forecast", rows=12)
def pickup(
    pickup_forecast: DataFrame,
    pickup_record: DataFrame,
    demand_plan: DataFrame,
    order_history: DataFrame | None = None,
) -> list[Exhibit]:
    """The pick-up forecast beside the baseline, and what it did to past errors; none without a
    history of orders."""
    if order_history is None:
        return []
    if pickup_record.empty:
        said = "Orders are no signal yet: too few closed months with a whole order book."
        return [Exhibit(Headline(said))]
    table = pickup_forecast.merge(demand_plan[[*CELL, "baseline"]], on=CELL, how="left")
    table = largest_first(table[SHOWN], (table["pickup"] - table["baseline"]).abs())
    names = pickup_record["family"] + ", M+" + pickup_record["lag"].astype("str")
    chart = HorizontalBars(
        pickup_record[["wape", "pickup_wape"]].set_axis(names),
        looks={
            "wape": look("baseline", label="baseline"),
            "pickup_wape": look("pickup_demand", label="baseline and orders"),
        },
        shares=True,
        unit="WAPE",
        subtitle="Error (WAPE) of past forecasts without and with orders, by family and month "
        "ahead",
    )
    return [Exhibit(_headline(pickup_record, demand_plan), chart, table)]


def _headline(record, demand_plan):
    used = record[record["in_plan"]]
    if used.empty:
        return Headline(
            "Orders make no past forecast better by enough: they are shown, and not used."
        )
    best = used.loc[(used["wape"] - used["pickup_wape"]).idxmax()]
    months = demand_plan.loc[demand_plan["pickup_demand"] != 0, "period"]
    said = Headline(
        "Orders change the forecast by {units:signed} units",
        units=float(demand_plan["pickup_demand"].sum()),
    )
    if len(months):
        said += Headline(" in {months:span}", months=bounds(months))
    return said + Headline(
        "; the largest gain is {lag:count month} ahead in {family}: past error {before:percent 1} "
        "without and {after:percent 1} with orders.",
        family=best["family"],
        lag=int(best["lag"]),
        before=best["wape"],
        after=best["pickup_wape"],
    )


@exhibit(STAGE, title="Booking curve")
def booking_curve(booking_curve: DataFrame) -> list[Exhibit]:
    """The share of a month's demand that is usually booked so many days before it; none without a
    history of orders."""
    if booking_curve.empty:
        return []
    wide = grid(booking_curve, "family", "booked_ratio", "lead_days")
    first, last = wide.columns.min(), wide.columns.max()
    chart = Heatmap(
        wide.set_axis([f"{days} d" for days in wide.columns], axis=1),
        shares=True,
        colours="Blues",
        limits=(0.0, 1.5),
        subtitle="% of a month's demand that is booked so many days (d) before its first day",
    )
    said = Headline.each(
        "{family} {near:percent} by the month's first day, {far:percent} {days:whole} days before "
        "it",
        [
            {"family": name, "near": row[first], "far": row[last], "days": int(last)}
            for name, row in wide.iterrows()
        ],
        "; ",
    )
    return [Exhibit(Headline("Usually booked: ") + said + ".", chart)]
