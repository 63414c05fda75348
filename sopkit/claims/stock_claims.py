"""What the supply review says of stock."""

from sopkit.claims.wording import MATERIAL, NEAR_MONTHS, amount, count, month, percent, verb


def targets(inventory_targets):
    """Say how much stock the policy asks for."""
    total = inventory_targets.groupby("period")[["safety_stock", "target_inventory"]].sum().mean()
    wanted, safety = amount(round(total["target_inventory"])), amount(round(total["safety_stock"]))
    return f"The policy asks for {wanted} units of stock on average, {safety} of them against uncertain demand."


def stock(inventory_plan):
    """Say how often stock misses its target or rises above the most that is wanted, and where most."""
    parts = []
    for column, words in (("shortfall", "below target"), ("excess", "above the most wanted")):
        rows = inventory_plan[inventory_plan[column] > MATERIAL]
        if len(rows):
            worst = rows.loc[rows[column].idxmax()]
            units = f"{amount(worst[column])} units in {month(worst['period'])}"
            parts.append(
                f"{len(rows):,} {verb(len(rows), 'is', 'are')} {words} (furthest {worst['product']}, {units})"
            )
    stocks = count(len(inventory_plan.drop_duplicates(["product", "site"])), "stock")
    if inventory_plan[["inventory", "target_inventory"]].to_numpy().max(initial=0.0) <= MATERIAL:
        return "Nothing is kept in stock, and nothing is wanted there."
    if not parts:
        return f"Each of {stocks} stands in its band at the end of every month."
    return f"Of {len(inventory_plan):,} month-ends of {stocks}, {' and '.join(parts)}."


def stock_bands(inventory_plan):
    """Say which stock stands furthest out of its band, and for how long."""
    astray = inventory_plan.assign(units=inventory_plan[["shortfall", "excess"]].sum(axis=1))
    stocks = astray.groupby(["product", "site"])["units"].sum()
    if stocks.max() <= MATERIAL:
        return "No stock leaves its band."
    product, site = stocks.idxmax()
    months = astray[(astray["product"] == product) & (astray["site"] == site)]
    out = int((months["units"] > MATERIAL).sum())
    worst = months.loc[months["units"].idxmax()]
    side = "too little" if worst["shortfall"] > worst["excess"] else "too much"
    return (
        f"{product} at {site} stands furthest out of its band, in {out} of {count(len(months), 'month')}: "
        f"{amount(worst['units'])} units {side} in {month(worst['period'])}."
    )


def demand_risk(stock_risk, service_risk):
    """Say what service may come to when demand differs from its forecast, and which stock is most at risk soon."""
    ahead = service_risk["period"].iloc[:NEAR_MONTHS]
    soon, last = service_risk.loc[ahead.index[-1]], service_risk.iloc[-1]
    said = [
        f"{percent(row['service_level_ratio'], 1)} of {month(row['period'])}"
        for row in ([soon, last] if last["period"] > soon["period"] else [soon])
    ]
    said = f"If supply stays as planned, {' and '.join(said)} demand is expected in time"
    near = stock_risk[stock_risk["period"].isin(ahead) & (stock_risk["unmet"] > MATERIAL)]
    if near.empty:
        return f"{said}; no stock is at risk by {month(soon['period'])}."
    worst = near.loc[near["unmet"].idxmax()]
    chance = f"out in {month(worst['period'])} with a chance of {percent(worst['stock_out_probability'])}"
    return f"{said}; most at risk by {month(soon['period'])} is {worst['product']}, {chance}."
