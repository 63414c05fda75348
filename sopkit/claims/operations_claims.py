"""What the operations plan says."""

from sopkit.claims.wording import MATERIAL, amount, count, day, span, verb


def working_days(work_calendar):
    """Say how many days the sites work, and where most and fewest."""
    months = span(work_calendar["period"])
    days = (work_calendar["hours"] > 0).groupby(work_calendar["site"]).sum()
    most, fewest = int(days.max()), int(days.min())
    if most == fewest:
        return f"{count(len(days), 'site')} {verb(len(days), 'works', 'work')} {most} days in {months}."
    return f"{days.idxmax()} works {most} days in {months}, {days.idxmin()} {fewest}."


def weeks(weekly_plan):
    """Say how much is made in the coming weeks, and which week is the busiest."""
    if weekly_plan.empty:
        return "No week is planned."
    made = weekly_plan[["regular", "overtime", "subcontract"]].sum(axis=1).groupby(weekly_plan["week"]).sum()
    busiest = f"the busiest starts on {day(made.idxmax())} ({amount(made.max())} units)"
    weeks = f"{count(len(made), 'week')} of {span(weekly_plan['period'])}"
    return f"{amount(made.sum())} units are made in the {weeks}; {busiest}."


def schedule(work_schedule):
    """Say where overtime falls in the coming weeks."""
    if work_schedule.empty:
        return "No resource is described, so nobody is scheduled."
    hours = work_schedule.groupby("resource")["overtime_hours"].sum().sort_values(ascending=False)
    if hours.iloc[0] <= MATERIAL:
        return f"{count(len(hours), 'resource')} {verb(len(hours), 'works', 'work')} in regular time only."
    months = span(work_schedule["period"])
    return f"{hours.index[0]} works the most overtime: {amount(hours.iloc[0])} hours in {months}."


def replenishment(replenishment_orders):
    """Say how much is sent to markets, and from when."""
    if replenishment_orders.empty:
        return "Nothing is to be sent."
    units = amount(replenishment_orders["quantity"].sum())
    first = day(replenishment_orders["order_day"].min())
    return f"{count(len(replenishment_orders), 'shipment')} of {units} units, the first on {first}."


def orders(procurement_orders, horizon):
    """Say what is ordered from suppliers, and how many orders are already late."""
    if procurement_orders.empty:
        return "Nothing is to be ordered."
    late = int((procurement_orders["order_day"] < horizon["period"].min().start_time).sum())
    tail = (
        f"{count(late, 'order')} should have been placed before the cycle began" if late else "none is late"
    )
    number, cost = count(len(procurement_orders), "order"), amount(procurement_orders["cost"].sum())
    return f"{number} for {cost} to {count(procurement_orders['supplier'].nunique(), 'supplier')}; {tail}."
