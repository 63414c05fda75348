"""Exhibits of the demand review: baseline, what comes on top of it, consensus and orders."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.reporting.chart_types import Band, Lines, StackedBars, Waterfall
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import largest_first, with_demand
from sopkit.reporting.theme import look
from sopkit.schema.formatting import bounds, verb
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables.periods import as_of_day, first_days

STAGE = "30_demand_review"
SHOWN_HISTORY = 36  # months
PARTS = {
    "launch_demand": "launches",
    "activity_demand": "activities and other effects",
    "opportunity_demand": "the sales pipeline",
    "pickup_demand": "the pick-up of orders",
    "override": "overrides",
}
STEPS = ["baseline", *PARTS, "consensus"]
ASKED = ["firm_orders", "past_due_orders", "net_forecast"]
DEAL = ["opportunity", "product", "market", "period", "quantity", "stage", "probability"]


@exhibit(STAGE, title="Statistical baseline", table="baseline_forecast")
def baseline(baseline_forecast: DataFrame) -> Exhibit:
    """The statistical baseline of each product, and how it was forecast."""
    methods = baseline_forecast.drop_duplicates(["product", "market"])["method"].value_counts()
    headline = Headline(
        "Statistical baseline: {units:number} units in {months:span}; "
        "{series} of {all_series} series by {method}.",
        units=baseline_forecast["baseline"].sum(),
        months=bounds(baseline_forecast["period"]),
        series=int(methods.iloc[0]),
        all_series=int(methods.sum()),
        method=methods.index[0],
    )
    return Exhibit(headline)


# -------------------------------------------------------------------------------------------------
# on top of the baseline


@exhibit(STAGE, title="Activities", table="promotion_lift")
def activities(promotion_lift: DataFrame, driver_lifts: DataFrame | None = None) -> Exhibit:
    """Each activity's units over the horizon, with the lift and what it rests on."""
    promotion_lift = promotion_lift[~_driven(promotion_lift, driver_lifts)]
    groups = promotion_lift.groupby(["activity", "market", "basis"], as_index=False, sort=False)
    table = groups.agg(
        activity_demand=("activity_demand", "sum"),
        lift_ratio=("lift_ratio", "mean"),
        standard_error=("standard_error", "mean"),
    )
    if promotion_lift.empty:
        return Exhibit(Headline("No activity is planned in these months."), table=table)
    units = promotion_lift.groupby("activity")["activity_demand"].sum()
    units = units.sort_values(ascending=False)
    headline = Headline(
        "Activities add {units:number} units, most of them {largest} ({most:number}).",
        units=units.sum(),
        largest=units.index[0],
        most=units.iloc[0],
    )
    return Exhibit(headline, table=table)


def _driven(promotion_lift, driver_lifts):
    """Which rows are of drivers, not of activities."""
    if driver_lifts is None:
        return np.zeros(len(promotion_lift), dtype=bool)
    return promotion_lift["activity"].isin(driver_lifts["activity"]).to_numpy()


@exhibit(STAGE, title="Drivers of demand", table="promotion_lift", rows=20)
def drivers_of_demand(
    promotion_lift: DataFrame, demand_plan: DataFrame, driver_lifts: DataFrame | None = None
) -> Exhibit:
    """The way from the baseline through what price, feature and other drivers do to it."""
    rows = promotion_lift[_driven(promotion_lift, driver_lifts)]
    table = rows.groupby(["activity", "basis"], as_index=False, sort=False).agg(
        activity_demand=("activity_demand", "sum"),
        lift_ratio=("lift_ratio", "mean"),
        standard_error=("standard_error", "mean"),
    )
    if rows.empty:
        return Exhibit(Headline("No driver changes demand in the planned months."), table=table)
    units = rows.groupby("activity")["activity_demand"].sum()
    units = units.reindex(units.abs().sort_values(ascending=False).index)
    baseline = demand_plan["baseline"].sum()
    ends = look("baseline").label, "with drivers"
    steps = pd.Series([baseline, *units, baseline + units.sum()], [ends[0], *units.index, ends[1]])
    chart = Waterfall(
        steps, ends, unit="units", subtitle="Units over the planned months, by driver of demand"
    )
    headline = Headline(
        "Drivers of demand change the baseline of {baseline:number} units by {units:number}, "
        "{largest} most of all ({most:number}).",
        baseline=baseline,
        units=units.sum(),
        largest=units.index[0],
        most=units.iloc[0],
    )
    return Exhibit(headline, chart, table)


@exhibit(STAGE, title="Sales pipeline", table="pipeline_forecast", rows=10)
def opportunities(pipeline_forecast: DataFrame) -> Exhibit:
    """The deals, their stated probability beside the record of their stage where that is known."""
    rows = pipeline_forecast
    record = ["won_ratio"] if rows["won_ratio"].notna().any() else []
    table = rows[[*DEAL, *record, "opportunity_demand", "handling"]]
    return Exhibit(_opportunities_headline(rows), table=table)


def _opportunities_headline(rows):
    if rows.empty:
        return Headline("No single deal is in the sales pipeline.")
    counted = rows["opportunity_demand"] > 0
    deals = int(counted.sum())
    said = Headline(
        "{deals:count deal} {add} {units:number} units, weighted by stated probability",
        deals=deals,
        add=verb(deals, "adds", "add"),
        units=rows["opportunity_demand"].sum(),
    )
    if rows.loc[counted, "won_ratio"].notna().any():
        by_record = rows["quantity"] * rows["won_ratio"].fillna(rows["probability"])
        template = "; by the record of their stages it would be {by_record:number}"
        said = said + Headline(template, by_record=by_record[counted].sum())
    left_out = rows[~counted]
    if left_out.empty:
        return said + "."
    return said + Headline(
        "; {left_out:count deal} of {left_units:number} units {left_add} nothing, "
        "for the reasons given.",
        left_out=len(left_out),
        left_units=left_out["quantity"].sum(),
        left_add=verb(len(left_out), "adds", "add"),
    )


@exhibit(STAGE, title="Overrides", table="forecast_overrides")
def overrides(forecast_overrides: DataFrame) -> Exhibit:
    """What each function's input changes, the largest change first."""
    table = largest_first(forecast_overrides, forecast_overrides["override"].abs())
    if forecast_overrides.empty:
        return Exhibit(Headline("No function has changed the forecast."), table=table)
    units = forecast_overrides.groupby("function")["override"].sum()
    rows = [{"function": name, "override": value} for name, value in units.items()]
    total = "The functions change the forecast by {overrides:signed} units: "
    said = Headline(total, overrides=units.sum())
    return Exhibit(said + Headline.each("{function} {override:signed}", rows) + ".", table=table)


# -------------------------------------------------------------------------------------------------
# the consensus


@exhibit(STAGE, title="Consensus demand plan", table="demand_plan")
def consensus(
    demand_history: DataFrame, demand_plan: DataFrame, approved_forecasts: DataFrame | None = None
) -> Exhibit:
    """Three years of history, the baseline, the last cycle's plan and the consensus, by month."""
    planned = demand_plan.groupby("period")[["baseline", "consensus", "lower_80", "upper_80"]].sum()
    past = demand_history.groupby("period")[["quantity", "cleansed"]].sum().tail(SHOWN_HISTORY)
    last = _last_plan(approved_forecasts, planned.index)
    series = pd.concat([past, planned[["baseline", "consensus"]], last], axis=1).sort_index()
    within = look("consensus", label="")
    chart = Lines(
        series,
        bands=[Band(planned["lower_80"], planned["upper_80"], within, 0.14)],
        looks={
            "quantity": look("quantity", width=1.3),
            "last_plan": look("last_plan", width=1.2),
            "baseline": look("baseline", width=1.2),
            "consensus": look("consensus", width=2.2),
        },
        today=planned.index.min(),
        unit="units a month",
        subtitle="Units a month, all products together; the band adds up the ranges in which 80 % "
        "of outcomes are expected",
    )
    return Exhibit(_consensus_headline(demand_history, planned["consensus"]), chart)


def _last_plan(approved_forecasts, months):
    """The consensus of the newest earlier cycle, for the months that are planned again."""
    if approved_forecasts is None:
        return DataFrame()
    agreed = approved_forecasts[approved_forecasts["contributor"] == "consensus"]
    agreed = agreed[agreed["cycle"] == agreed["cycle"].max()]
    again = agreed[agreed["period"].isin(months)].groupby("period")["quantity"].sum()
    return again.to_frame("last_plan") if len(again) else DataFrame()


def _consensus_headline(demand_history, planned):
    sold = demand_history.groupby("period")["quantity"].sum()
    months = min(12, len(planned), len(sold))
    coming, past = planned.head(months).sum(), sold.tail(months).sum()
    said = Headline(
        "The consensus is {units:number} units in {months:span}",
        units=coming,
        months=bounds(planned.index[:months]),
    )
    if not past:
        return said + f"; nothing was sold in the {months} months before."
    change = coming / past - 1
    template = ", {change:more_or_less} than was sold in the {before} months before."
    return said + Headline(template, change=change, before=months)


@exhibit(
    STAGE,
    title="Baseline to consensus by family over the horizon",
    table="demand_plan",
    rows=20,
)
def consensus_steps(products: DataFrame, demand_plan: DataFrame) -> Exhibit:
    """The way from the baseline to the consensus over the horizon, and its steps by family."""
    steps = with_demand(demand_plan, STEPS)
    total = demand_plan[steps].sum()
    unchanged = (total[steps[1:-1]] == 0).all()
    chart = Waterfall(
        total.head(0) if unchanged else total.rename({part: look(part).label for part in steps}),
        (look("baseline").label, look("consensus").label),
        unit="units",
        subtitle="Units over the planned months, from the statistical baseline to what all "
        "functions agree on",
    )
    family = demand_plan["product"].map(products.set_index("product")["family"]).rename("family")
    table = demand_plan.groupby(family)[steps].sum().reset_index()
    return Exhibit(consensus_steps_headline(demand_plan), chart, table)


@exhibit(STAGE, title="Orders and net forecast", table="demand_plan")
def orders(
    products: DataFrame,
    demand_plan: DataFrame,
    planning_periods: DataFrame,
    sales_history: DataFrame,
) -> Exhibit:
    """Total demand: firm orders, past-due orders and net forecast; of a month that has begun, what
    was sold in it until the as-of day stands beside."""
    months = demand_plan.groupby("period")[["consensus", *ASKED]].sum()
    chart = StackedBars(
        months[ASKED],
        lines=months[["consensus"]],
        unit="units a month",
        subtitle="Units of total demand in each month; the consensus as a line",
    )
    family = demand_plan["product"].map(products.set_index("product")["family"]).rename("family")
    table = demand_plan.groupby(family)[["consensus", *ASKED, "total_demand"]].sum()
    sold = _sold_to_date(products, planning_periods, sales_history)
    headline = _orders_headline(months) + _begun_headline(planning_periods, sold)
    if sold is not None:
        table = table.assign(quantity=sold.reindex(table.index).fillna(0.0))
    return Exhibit(headline, chart, table.reset_index())


def _sold_to_date(products, planning_periods, sales_history):
    """Units sold by family in the first planned month until the as-of day; None where that month
    has not begun."""
    first = planning_periods["period"].min()
    if as_of_day(planning_periods) < first_days(planning_periods)[0]:
        return None
    rows = sales_history[sales_history["period"] == first]
    family = rows["product"].map(products.set_index("product")["family"])
    return rows["quantity"].groupby(family).sum()


def _begun_headline(planning_periods, sold):
    if sold is None:
        return Headline("")
    return Headline(
        " {sold:number} units were sold in {first:month} until {day:day}; only its remaining days "
        "are planned.",
        sold=float(sold.sum()),
        first=planning_periods["period"].min(),
        day=as_of_day(planning_periods),
    )


def _orders_headline(months):
    firm, past_due, net = (float(months[column].sum()) for column in ASKED)
    total = firm + past_due + net
    said = Headline(
        "Total demand is {total:number} units, {months:span}: {firm:number} in firm orders",
        total=total,
        months=months.index,
        firm=firm,
    )
    if past_due:
        said += Headline(", {late:number} in past-due orders", late=past_due)
    more = total - float(months["consensus"].sum())
    if abs(more) < MATERIAL:
        return said + "; it equals the consensus."
    template = "; {more:number} {than} than the consensus."
    return said + Headline(template, more=abs(more), than="more" if more > 0 else "less")


def consensus_steps_headline(demand_plan: DataFrame) -> Headline:
    """How far the consensus is from the baseline, and what moves it most."""
    parts = demand_plan[with_demand(demand_plan, PARTS)].sum()
    if (parts == 0).all():
        return Headline("The consensus is the baseline: nothing was planned on top.")
    largest = parts.abs().idxmax()
    most = Headline(
        "the largest driver is {part} ({most:signed} units).",
        part=PARTS[largest],
        most=parts[largest],
    )
    before = demand_plan["baseline"].sum()
    if not before:
        return Headline("There is no baseline; ") + most
    change = demand_plan["consensus"].sum() / before - 1
    said = "In {months:span} the consensus is {change:percent 1} {side} the baseline; "
    side, months = "above" if change >= 0 else "below", bounds(demand_plan["period"])
    return Headline(said, months=months, change=abs(change), side=side) + most
