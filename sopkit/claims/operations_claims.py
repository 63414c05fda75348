"""What the operations plan says."""

from sopkit.claims.wording import MATERIAL, amount, count, day, listed, month, percent, span, verb

ADDED = (
    "regular",
    "overtime",
    "subcontract",
    "shipped",
    "inventory",
    "regular_hours",
    "overtime_hours",
)


def working_days(work_calendar):
    """Say how many days the sites work, and where most and fewest."""
    months = span(work_calendar["period"])
    days = (work_calendar["hours"] > 0).groupby(work_calendar["site"]).sum()
    most, fewest = int(days.max()), int(days.min())
    if most == fewest:
        return f"{count(len(days), 'site')} {verb(len(days), 'works', 'work')} {count(most, 'day')} in {months}."
    return f"{days.idxmax()} works {count(most, 'day')} in {months}, {days.idxmin()} {fewest}."


def weeks(weekly_plan):
    """Say how much is made in the coming weeks, and which week is the busiest."""
    if weekly_plan.empty:
        return "No week is planned."
    made = (
        weekly_plan[["regular", "overtime", "subcontract"]]
        .sum(axis=1)
        .groupby(weekly_plan["week"])
        .sum()
    )
    busiest = f"the busiest starts on {day(made.idxmax())} ({amount(made.max())} units)"
    weeks = f"{count(len(made), 'week')} of {span(weekly_plan['period'])}"
    return f"{amount(made.sum())} units are made in the {weeks}; {busiest}."


def schedule(production_schedule):
    """Say what is most urgent in the first week."""
    if production_schedule.empty:
        return "No resource is described, so nothing is scheduled."
    first = production_schedule[production_schedule["week"] == production_schedule["week"].min()]
    products = first["product"].nunique()
    number = f"{count(products, 'product')} {verb(products, 'is', 'are')} made in the week of "
    week = f"{number}{day(first['week'].iloc[0])}"
    due = first.dropna(subset="due_day").sort_values(["due_day", "cover_days"])
    if due.empty:
        return f"{week}; none of them would run out."
    row = due.iloc[0]
    lasts = (
        f"its stock lasts to {day(row['due_day'])}"
        if row["cover_days"] > 0
        else "none of it is in stock"
    )
    return f"{week}; {row['product']} on {row['resource']} is the most urgent: {lasts}."


def crews(work_schedule):
    """Say which week is the fullest, and how much overtime is worked."""
    if work_schedule.empty:
        return "No resource is described, so nobody is scheduled."
    row = work_schedule.loc[work_schedule["utilisation_ratio"].idxmax()]
    full = f"{row['resource']} is fullest in the week of {day(row['week'])}, at {percent(row['utilisation_ratio'])} of its hours"
    overtime = work_schedule["overtime_hours"].sum()
    months = span(work_schedule["period"])
    if overtime <= MATERIAL:
        return f"{full}; nobody works overtime in {months}."
    return f"{full}; {amount(overtime)} hours of overtime are worked in {months}."


def turns(production_schedule, work_schedule):
    """Say what limits the order of work on the fullest resource."""
    if production_schedule.empty:
        return "Nothing is scheduled."
    fullest = work_schedule.loc[work_schedule["utilisation_ratio"].idxmax(), "resource"]
    rows = production_schedule[production_schedule["resource"] == fullest]
    lots = rows["min_lot"] > 0
    cut = int((rows["quantity"] < rows["min_lot"] - MATERIAL).sum())
    kept = (
        f"{count(cut, 'batch')} below the smallest lot"
        if cut
        else "no batch is below its smallest lot"
    )
    return f"{fullest} makes {count(int(rows['product'].nunique()), 'product')} in turns; " + (
        f"{kept}." if lots.any() else "no smallest lots are known."
    )


def short_items(short_items):
    """Say what comes late or too little, and why."""
    if short_items.empty:
        return "Nothing is late, lost or stored below its target in the coming months."
    row = short_items.loc[short_items["quantity"].idxmax()]
    products = count(short_items["product"].nunique(), "product")
    units = f"{row['product']} by {amount(row['quantity'])} units in {month(row['period'])}"
    return f"{products} {verb(short_items['product'].nunique(), 'is', 'are')} late, lost or below target, most of all {units}: {row['statement']}."


def horizons(horizons):
    """Say how far the plan reaches the goals of years, and whether months, weeks and days add up."""
    years = horizons[horizons["horizon"] == "strategic"]
    known, beyond = years.dropna(subset="plan"), int(years["plan"].isna().sum())
    share = known["plan"] / known["reference_value"].where(known["reference_value"] != 0)
    said = (
        [
            f"the plan makes {listed(percent(part) + ' of ' + goal for goal, part in zip(known['item'], share, strict=True))}"
        ]
        if len(known)
        else []
    )
    said += (
        [f"{count(beyond, 'goal')} of years {verb(beyond, 'lies', 'lie')} beyond it"]
        if beyond
        else []
    )
    apart = horizons.loc[horizons["measure"].isin(ADDED), "gap"].abs().max()
    said.append(f"quarters, months, weeks and days add up to within {apart:.2f}")
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def replenishment(replenishment_orders):
    """Say how much is sent to markets, and from when."""
    if replenishment_orders.empty:
        return "Nothing is to be sent."
    units = amount(replenishment_orders["quantity"].sum())
    first = day(replenishment_orders["order_day"].min())
    return f"{count(len(replenishment_orders), 'shipment')} of {units} units, the first on {first}."
