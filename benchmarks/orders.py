"""Orders as a signal: forecasts of companies made up, without and with the pick-up of their orders.

`python benchmarks/orders.py` makes eight companies of each kind with a known booking behaviour,
plans each as of 30 September 2026, and prints the error (WAPE) of the baseline, of the pick-up
alone (where enough is usually booked) and of both together, one to three months ahead.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand.order_pickup import order_pickup
from sopkit.forecasting.baseline import baseline_forecast
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

CELL = ["product", "market", "period"]
MONTHS = pd.period_range("2023-10", "2026-12", freq="M")
HORIZON = planning_periods("2026-10").head(3)
AS_OF = pd.Timestamp("2026-09-30")
SEEDS = range(10, 18)
LINE = 10.0  # units of an order
USUAL = {"products": 8, "lead": 30.0, "swing": 0.25, "by_order": 1.0, "foretell": True}
KINDS = {
    "orders 30 days ahead on average": {},
    "90 days": {"lead": 90.0},
    "10 days": {"lead": 10.0},
    "half of demand without orders": {"by_order": 0.5},
    "calm demand": {"swing": 0.05},
    "two products": {"products": 2},
    "orders that foretell nothing": {"foretell": False},
}


def company(seed, products, lead, swing, by_order, foretell):
    """Sales, and orders with their days; `foretell` false: the orders of other sales."""
    draw = np.random.default_rng(seed)
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(len(MONTHS)) / 12)
    sales, orders = [], []
    for number in range(products):
        level = draw.lognormal(5.5, 0.5) * season
        lines = [
            draw.poisson(level * np.exp(draw.normal(0, swing, len(MONTHS))) / LINE) for _ in "ab"
        ]
        name = f"P{number}"
        sales += [(name, "town", m, n * LINE) for m, n in zip(MONTHS, lines[0], strict=True)]
        for month, count in zip(MONTHS, lines[0 if foretell else 1], strict=True):
            ordered = draw.binomial(count, by_order)
            due = month.start_time + pd.to_timedelta(draw.integers(0, 28, ordered), "D")
            before = pd.to_timedelta(draw.exponential(lead, ordered).astype(int), "D")
            orders += [(name, "town", a, b, LINE) for a, b in zip(due - before, due, strict=True)]
    columns = ["product", "market", "order_day", "due_day", "quantity"]
    return DataFrame(sales, columns=[*CELL, "quantity"]), DataFrame(orders, columns=columns)


def trial(seed, kind):
    """Absolute errors and demand of one company, by month ahead."""
    sales, orders = company(seed, **{**USUAL, **kind})
    names = {
        "product": sorted(sales["product"].unique()),
        "family": "parts",
        "unit_of_measure": "box",
    }
    known = sales[sales["period"] < HORIZON["period"].iloc[0]]
    past = conform(
        "demand_history", known.assign(cleansed=known["quantity"], cleansing_adjustment=0.0)
    )
    orders["order_number"] = "SO-" + orders.index.astype("str")
    over, now = orders["due_day"] <= AS_OF, orders["order_day"] <= AS_OF
    found = order_pickup(
        HORIZON,
        conform("products", DataFrame(names)),
        past,
        conform("order_history", orders[over]),
        conform("sales_orders", orders[~over & now].drop(columns="order_day")),
    )
    cells = baseline_forecast(past, HORIZON)[[*CELL, "baseline"]].merge(sales, on=CELL)
    cells = cells.merge(found.pickup_forecast[[*CELL, "pickup", "weight"]], on=CELL, how="left")
    moved = (cells["weight"] * (cells["pickup"] - cells["baseline"])).fillna(0.0)
    told = cells["pickup"].notna()
    errors = {
        "baseline": (cells["baseline"] - cells["quantity"]).abs(),
        "both": (cells["baseline"] + moved - cells["quantity"]).abs(),
        "pickup": (cells["pickup"] - cells["quantity"]).abs(),
        "told": cells["quantity"].where(told, 0.0),
        "quantity": cells["quantity"],
        "weight": cells["weight"].fillna(0.0) * cells["quantity"],
    }
    return DataFrame(errors).groupby(cells["period"]).sum()


def main():
    for kind, more in KINDS.items():
        sums = sum(trial(seed, more) for seed in SEEDS)
        table = sums[["baseline", "both"]].div(sums["quantity"], axis=0)
        table["pickup alone"] = sums["pickup"] / sums["told"].where(sums["told"] > 0)
        table["weight"] = sums["weight"] / sums["quantity"]
        print(f"\n{kind}\n{table.to_string(float_format='{:.3f}'.format)}")


if __name__ == "__main__":
    main()
