"""What a reader is shown of the tables of the operations plan."""


def coming_days(daily_plan):
    """Units made and shipped on each coming working day."""
    return daily_plan.groupby("day", as_index=False)[
        ["regular", "overtime", "subcontract", "receipts", "shipped"]
    ].sum()


def schedule(work_schedule):
    """Who works when, week by week."""
    return work_schedule.sort_values(["week", "period", "resource"], kind="stable")


def shipments_by_day(replenishment_orders):
    """What each site sends to each market on each day."""
    return replenishment_orders.groupby(["order_day", "site", "market", "responsible"], as_index=False)[
        "quantity"
    ].sum()


def orders_by_day(procurement_orders):
    """The orders to suppliers, the most urgent first."""
    return procurement_orders.sort_values(["order_day", "component"], kind="stable")
