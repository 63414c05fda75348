"""What a reader is shown of orders, and of launches on their way to the market."""

import pandas as pd


def purchase_orders(procurement_orders):
    """The orders to each supplier, the most urgent first."""
    columns = [
        "supplier",
        "component",
        "quantity",
        "required",
        "order_day",
        "due_day",
        "arrival_day",
    ]
    columns += ["late_days", "cost"]
    return procurement_orders.sort_values(["supplier", "order_day", "component"], kind="stable")[
        columns
    ]


def materials(material_plan):
    """The weeks in which a component is short or perishes; where there are none, those in which it comes."""
    trouble = (material_plan["shortage"] > 0) | (material_plan["wasted"] > 0)
    shown = trouble if trouble.any() else material_plan["received"] > 0
    return material_plan[shown].sort_values(["week", "period", "component"], kind="stable")


def orders_to_do(order_list):
    """What to order or ship, site by site; shipments to a market as one."""
    keys = ["order_day", "urgency", "site", "action", "from_place", "to_place", "reason"]
    shipped = (
        order_list[order_list["action"] == "ship"].groupby(keys, as_index=False)["quantity"].sum()
    )
    rest = order_list[order_list["action"] != "ship"]
    columns = [
        "urgency",
        "order_day",
        "site",
        "action",
        "item",
        "quantity",
        "from_place",
        "to_place",
        "reason",
    ]
    rows = pd.concat([rest[columns], shipped.assign(item="all products")[columns]])
    return rows.sort_values(["order_day", "site", "action", "item"], kind="stable")


def milestones(go_to_market):
    """What happens on the way of each launch, without its weeks."""
    return go_to_market[go_to_market["milestone"] != "volume"]


def launch_weeks(go_to_market):
    """What each launch sells week by week."""
    weeks = go_to_market[go_to_market["milestone"] == "volume"]
    return weeks[["launch", "item", "day", "quantity"]]
