"""What a reader is shown of the tables of the operations plan."""


def coming_days(daily_plan):
    """Units made and shipped on each coming working day."""
    return daily_plan.groupby("day", as_index=False)[
        ["regular", "overtime", "subcontract", "receipts", "shipped"]
    ].sum()


def schedule(production_schedule):
    """What is made in each week, resource by resource, in order of its turn."""
    columns = [
        "week",
        "resource",
        "sequence",
        "product",
        "quantity",
        "min_lot",
        "work_hours",
        "cover_days",
        "due_day",
    ]
    return production_schedule.sort_values(["week", "period", "resource", "sequence"])[columns]


def crews(work_schedule):
    """Who works when, week by week."""
    columns = ["week", "resource", "working_days", "workers", "regular_hours", "overtime_hours"]
    columns += ["capacity_hours", "utilisation_ratio"]
    return work_schedule.sort_values(["week", "period", "resource"], kind="stable")[columns]


def horizons(horizons):
    """Goals, quarters, months and weeks, from far to near; of what is made only its hours."""
    order = {"strategic": 0, "tactical": 1, "operational": 2}
    rows = horizons[~horizons["measure"].isin(["regular", "overtime", "subcontract", "inventory"])]
    rows = rows.sort_values("horizon", key=lambda names: names.map(order), kind="stable")
    return rows[["horizon", "item", "period", "measure", "reference_value", "plan", "gap"]]


def shipments_by_day(replenishment_orders):
    """What each site sends to each market on each day."""
    return replenishment_orders.groupby(
        ["order_day", "site", "market", "responsible"], as_index=False
    )["quantity"].sum()
