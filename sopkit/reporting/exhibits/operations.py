"""Exhibits of the operations plan: weeks and days, the order of work, crews, what is short."""

import pandas as pd
from pandas import DataFrame

from sopkit.reporting.chart_types import (
    TOP,
    Bars,
    Heatmap,
    HorizontalBars,
    SmallMultiples,
    StackedBars,
)
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid, largest_first
from sopkit.reporting.exhibits.supply import SUPPLY_PARTS
from sopkit.reporting.theme import look
from sopkit.schema.formatting import LEAST, bounds, listed, percent, verb
from sopkit.schema.tolerances import MATERIAL

STAGE = "80_operations_plan"
MADE = ["regular", "overtime", "subcontract", "purchased"]
WEEK = ["week", "period"]
HOURS = ("regular_hours", "overtime_hours")
ADDED = (*MADE, "shipped", "inventory", *HOURS)  # what parts of a horizon add up to
HORIZONS = {"strategic": 0, "tactical": 1, "operational": 2}
TURN = [
    "week",
    "resource",
    "sequence",
    "product",
    "quantity",
    "min_lot",
    "work_hours",
    "days_of_supply",
    "due_day",
]
CREW = [
    "week",
    "resource",
    "working_days",
    "workers",
    *HOURS,
    "capacity_hours",
    "utilization",
]


# -------------------------------------------------------------------------------------------------
# weeks and days


@exhibit(STAGE, title="Weekly plan", table="weekly_plan")
def weeks(weekly_plan: DataFrame) -> Exhibit:
    """Units made, by how, and shipped in each week; parts of a week that lies in two months."""
    parts = weekly_plan.groupby(WEEK)[[*SUPPLY_PARTS, "shipped"]].sum()
    made = parts[SUPPLY_PARTS]
    chart = StackedBars(
        made.loc[:, made.abs().sum() > 0],
        lines=parts[["shipped"]],
        looks={"shipped": look("demand", label="shipped", marker="o")},
        unit="units a week",
        subtitle="Units a week; a week that lies in two months stands in each with its days, "
        "the dotted line parts them",
    )
    return Exhibit(_weeks_headline(weekly_plan), chart)


def _weeks_headline(weekly_plan):
    if weekly_plan.empty:
        return Headline("No week is planned.")
    made = weekly_plan[MADE].sum(axis=1).groupby(weekly_plan["week"]).sum()
    if made.max() <= MATERIAL:
        months = bounds(weekly_plan["period"])
        return Headline("No production and no new receipts in {months:span}.", months=months)
    bought = weekly_plan["purchased"].sum() > MATERIAL
    return Headline(
        "{made:number} units are {done} in the {weeks:count week} of {months:span}; the busiest "
        "starts on {busiest:day} ({most:number} units).",
        made=made.sum(),
        done="made or purchased" if bought else "made",
        weeks=len(made),
        months=bounds(weekly_plan["period"]),
        busiest=made.idxmax(),
        most=made.max(),
    )


@exhibit(STAGE, title="Daily plan", table="daily_plan", rows=20)
def days(daily_plan: DataFrame) -> Exhibit:
    """Units made, received and shipped on each coming working day, all products together."""
    units = daily_plan.groupby("day", as_index=False)[[*SUPPLY_PARTS, "shipped"]].sum()
    return Exhibit(Headline("Units made and shipped on each working day"), table=units)


# -------------------------------------------------------------------------------------------------
# what is made in which order, and who works when


@exhibit(STAGE, title="Production schedule", table="production_schedule")
def schedule(production_schedule: DataFrame) -> Exhibit:
    """What each resource makes in each week, in order of its turn."""
    rows = production_schedule.sort_values(["week", "period", "resource", "sequence"])
    return Exhibit(_schedule_headline(production_schedule), table=rows[TURN])


def _schedule_headline(schedule):
    if schedule.empty:
        return Headline("No resource is described, so nothing is scheduled.")
    first = schedule[schedule["week"] == schedule["week"].min()]
    products = first["product"].nunique()
    said = Headline(
        "{products:count product} {are} made in the week of {week:day}",
        products=products,
        are=verb(products, "is", "are"),
        week=first["week"].iloc[0],
    )
    due = first.dropna(subset="due_day").sort_values(["due_day", "days_of_supply"])
    if due.empty:
        return said + "; none of them would run out."
    row = due.iloc[0]
    urgent = "; {product} on {resource} is the most urgent: "
    said = said + Headline(urgent, product=row["product"], resource=row["resource"])
    if row["days_of_supply"] > 0:
        return said + Headline("its stock lasts to {due_day:day}.", due_day=row["due_day"])
    return said + "none of it is in stock."


@exhibit(
    STAGE, title="Production sequence of the most loaded resource", table="production_schedule"
)
def turns(production_schedule: DataFrame, labor_schedule: DataFrame) -> Exhibit:
    """What the fullest resource makes in which week: its turn and units, the largest products."""
    if production_schedule.empty:
        return Exhibit(Headline("Nothing is scheduled."), Heatmap(DataFrame()))
    fullest = _fullest(labor_schedule)["resource"]
    rows = production_schedule[production_schedule["resource"] == fullest]
    return Exhibit(_turns_headline(fullest, rows), _turns_by_week(fullest, rows))


def _fullest(labor_schedule):
    """The week of a resource that is the fullest of all."""
    return labor_schedule.loc[labor_schedule["utilization"].idxmax()]


def _turns_headline(resource, rows):
    said = Headline(
        "Sequence on {resource}: {products:count product}; ",
        resource=resource,
        products=rows["product"].nunique(),
    )
    if not (rows["min_lot"] > 0).any():
        return said + "no smallest lots are known."
    cut = int((rows["quantity"] < rows["min_lot"] - MATERIAL).sum())
    if cut:
        return said + Headline("{cut:count batch} below the smallest lot.", cut=cut)
    return said + "all lots reach the minimum lot size."


def _turns_by_week(resource, rows):
    turn = rows["sequence"].astype("str") + ".  " + rows["quantity"].map("{:,.0f}".format)
    units = grid(rows, "product", "quantity", WEEK)
    most = units.max(axis=1)
    shown = units.loc[most.nlargest(TOP).index].sort_index()
    return Heatmap(
        shown.div(most[shown.index], axis=0),
        words=grid(rows.assign(turn=turn), "product", "turn", WEEK),
        limits=(0.0, 2.5),
        small=True,
        of=len(units),
        subtitle=f"{resource}: turn within the week that begins on, and units; "
        "darker: more of the product",
    )


@exhibit(STAGE, title="Labor schedule of the coming weeks", table="labor_schedule", rows=8)
def crews(labor_schedule: DataFrame) -> Exhibit:
    """How full each week of each resource is, in % of its hours, and who works when."""
    table = labor_schedule.sort_values(["week", "period", "resource"], kind="stable")[CREW]
    return Exhibit(_crews_headline(labor_schedule), _load_by_week(labor_schedule), table)


def _crews_headline(labor_schedule):
    if labor_schedule.empty:
        return Headline("No resource is described, so nobody is scheduled.")
    row = _fullest(labor_schedule)
    said = Headline(
        "{resource} load peaks in the week of {week:day}, at {utilisation:percent} of its hours; ",
        resource=row["resource"],
        week=row["week"],
        utilisation=row["utilization"],
    )
    overtime = labor_schedule["overtime_hours"].sum()
    figures = {"months": bounds(labor_schedule["period"]), "overtime": overtime}
    if overtime <= MATERIAL:
        return said + Headline("nobody works overtime in {months:span}.", **figures)
    template = "{overtime:number} hours of overtime are worked in {months:span}."
    return said + Headline(template, **figures)


def _load_by_week(labor_schedule):
    rows = labor_schedule
    beyond = rows[list(HOURS)].sum(axis=1) > rows["regular_capacity_hours"]
    share = rows["utilization"].map(lambda part: f"{100 * part:.0f}", na_action="ignore")
    words = share.astype("str").fillna("") + beyond.map({True: "+", False: ""})
    load = grid(rows, "resource", "utilization", WEEK)
    return Heatmap(
        largest_first(load, load.max(axis=1)),
        words=grid(rows.assign(word=words), "resource", "word", WEEK),
        bold=load > 1,
        limits=(0.5, 1.5),
        subtitle="% of the hours there are in the week that begins on; +: more than regular "
        "time; bold: above 100 %",
    )


# -------------------------------------------------------------------------------------------------
# what is short, and whether the horizons agree


@exhibit(STAGE, title="Shortages and causes", table="shortages")
def shortages(shortages: DataFrame, weekly_plan: DataFrame) -> Exhibit:
    """Shortages of the months of the weekly plan, and their causes."""
    return Exhibit(_short_items_headline(shortages, weekly_plan["period"]), table=shortages)


def _short_items_headline(shortages, months):
    if shortages.empty:
        said = "Nothing is late, lost or below target"
        if months.empty:
            return Headline(said + ".")
        return Headline(said + " in {months:span}.", months=bounds(months))
    row, products = shortages.loc[shortages["quantity"].idxmax()], shortages["product"]
    return Headline(
        "{products:count product} {are} late, lost or below target, most of all {product} by "
        "{units:number} units in {month:month}: {cause}.",
        products=products.nunique(),
        are=verb(products.nunique(), "is", "are"),
        product=row["product"],
        units=row["quantity"],
        month=row["period"],
        cause=row["statement"],
    )


@exhibit(
    STAGE, title="Plan by horizon, with the total of the horizon below", table="plan_alignment"
)
def plan_alignment(plan_alignment: DataFrame) -> Exhibit:
    """Goals, quarters, months and weeks, from far to near; of what is made only its hours."""
    rows = plan_alignment[~plan_alignment["measure"].isin([*MADE, "inventory"])]
    rows = rows.sort_values("horizon", key=lambda names: names.map(HORIZONS), kind="stable")
    table = rows[["horizon", "item", "period", "measure", "reference_value", "plan", "variance"]]
    return Exhibit(_horizons_headline(plan_alignment), _goals_quarters_weeks(plan_alignment), table)


def _horizons_headline(plan_alignment):
    years = plan_alignment[plan_alignment["horizon"] == "strategic"]
    known, beyond = years.dropna(subset="plan"), int(years["plan"].isna().sum())
    parts = []
    if len(known):
        share = known["plan"] / known["reference_value"].where(known["reference_value"] != 0)
        reached = dict(zip(known["item"], share, strict=True))
        goals = [f"{percent(part)} of goal {goal}" for goal, part in reached.items()]
        parts.append(Headline("the plan reaches {goals}", goals=listed(goals), reached=reached))
    if beyond:
        lies = verb(beyond, "lies", "lie")
        template = "{beyond:count goal} {lies} beyond its horizon"
        parts.append(Headline(template, beyond=beyond, lies=lies))
    apart = plan_alignment.loc[plan_alignment["measure"].isin(ADDED), "variance"].abs().max()
    template = "quarters, months, weeks and days "
    template += "differ by up to {apart:number} units" if apart >= LEAST else "add up"
    parts.append(Headline(template, apart=apart))
    return Headline.joined(parts, "; ").capitalised() + "."


def _goals_quarters_weeks(plan_alignment):
    goals = plan_alignment[
        (plan_alignment["horizon"] == "strategic") & plan_alignment["plan"].notna()
    ]
    share = (goals["plan"] / goals["reference_value"]).set_axis(goals["item"])
    reached = HorizontalBars(
        share.to_frame("revenue"),
        looks={"revenue": look("revenue", label="")},
        shares=True,
        level=1.0,
        unit="plan, of the goal of the years",
    )
    shipped = plan_alignment[plan_alignment["measure"] == "shipped"]
    quarters = shipped[(shipped["horizon"] == "tactical") & (shipped["item"] != "month")]
    quarters = quarters["plan"].set_axis(quarters["item"].str.slice(2))
    weeks = shipped[shipped["horizon"] == "operational"].groupby("item")["plan"].sum()
    weeks = weeks.set_axis([f"{day.day} {day:%b}" for day in pd.to_datetime(weeks.index.str[-10:])])
    return SmallMultiples(
        [reached, _units(quarters), _units(weeks)],
        3,
        showing=len(reached.shown),
        of=len(goals),
        height=2.4,
        subtitle="The plan as a share of the goals of years, and units shipped in each quarter "
        "and in the first weeks",
    )


def _units(plan):
    regular = look("regular", label="")
    return Bars(plan.to_frame("regular"), looks={"regular": regular}, unit="units")
