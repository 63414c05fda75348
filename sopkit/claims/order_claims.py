"""What must be ordered, and what launches wait for."""

from sopkit.claims.wording import MATERIAL, amount, count, day, some, verb


def orders(procurement_orders, horizon):
    """Say what is ordered from suppliers, and how many orders are already late."""
    if procurement_orders.empty:
        return "Nothing is to be ordered."
    start = horizon["period"].min().start_time
    late = procurement_orders[procurement_orders["order_day"] < start]
    tail = "none is late"
    if len(late):
        most = late.loc[late["late_days"].idxmax()]
        tail = f"{count(len(late), 'order')} should have been placed before the cycle began"
        tail += f", {most['component']} {count(most['late_days'], 'day')} ago"
    number, cost = count(len(procurement_orders), "order"), amount(procurement_orders["cost"].sum())
    return f"{number} for {cost} to {count(procurement_orders['supplier'].nunique(), 'supplier')}; {tail}."


def materials(material_plan):
    """Say whether components are there when they are needed, and what perishes."""
    if material_plan.empty:
        return "No component is known, so nothing can be short."
    short = material_plan[material_plan["shortage"] > MATERIAL]
    wasted = material_plan.groupby("component")["wasted"].sum()
    wasted = wasted[wasted > MATERIAL].sort_values(ascending=False)
    said = f"{count(material_plan['component'].nunique(), 'component')} are there when production needs them"
    if len(short):
        first = short.loc[short["week"].idxmin()]
        names = short["component"].drop_duplicates()
        said = (
            f"{some(names)} {verb(len(names), 'is', 'are')} short, first {first['component']} by "
        )
        said += f"{amount(first['shortage'])} units in the week of {day(first['week'])}"
    tail = (
        f"; {amount(wasted.iloc[0])} units of {wasted.index[0]} will perish" if len(wasted) else ""
    )
    return f"{said}{tail}."


def order_list(order_list):
    """Say how much is to be done today, tomorrow and next week."""
    if order_list.empty:
        return "Nothing is to be ordered or sent until the end of next week."
    number = order_list["urgency"].value_counts()
    said = [
        f"{number[word]:,} {word}"
        for word in ("today", "tomorrow", "this week", "next week")
        if word in number
    ]
    return f"Orders to be placed: {', '.join(said)}."


def reorder_points(reorder_points, product_sites):
    """Say how many stocks are at or below their reorder point now."""
    stocks = reorder_points.merge(
        product_sites[["product", "site", "on_hand"]], on=["product", "site"]
    )
    stocks = stocks[stocks["reorder_point"] > 0]
    anew = int(
        (reorder_points["shelf_life_days"].notna() & (reorder_points["order_quantity"] > 0)).sum()
    )
    if stocks.empty and anew:
        return f"{count(anew, 'product')} {verb(anew, 'is', 'are')} made anew when the last batch has perished; no stock is refilled."
    if stocks.empty:
        return "No stock is sent from, so none is reordered."
    low = stocks[stocks["on_hand"] <= stocks["reorder_point"]]
    if low.empty:
        return f"All {count(len(stocks), 'stock')} are above their reorder point."
    places = some(low["product"] + " at " + low["site"])
    return f"{len(low):,} of {count(len(stocks), 'stock')} {verb(len(low), 'is', 'are')} at or below the reorder point: {places}."


def go_to_market(go_to_market):
    """Say which launches supply cannot reach in time, and which gate is next."""
    days = go_to_market[go_to_market["milestone"] == "launch"]
    if days.empty:
        return "No launch is planned."
    late = days[days["state"] == "late"]
    if len(late):
        row = late.loc[late["day"].idxmin()]
        return f"{len(late):,} of {count(len(days), 'launch')} cannot be served in time: {row['launch']}, {row['statement']}."
    waiting = go_to_market[
        (go_to_market["milestone"] == "gate") & go_to_market["state"].isin(["open", "late"])
    ]
    said = f"No launch of {len(days):,} waits for supply"
    if waiting.empty:
        return f"{said}, and no gate is open."
    row = waiting.loc[waiting["day"].idxmin()]
    return f"{said}; {count(len(waiting), 'gate')} {verb(len(waiting), 'is', 'are')} open, first {row['item']} of {row['launch']}, by {day(row['day'])}."
