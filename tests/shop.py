"""A shop of two products for the tests of decisions: two years of level sales."""

import pandas as pd

from sopkit.tables import conform


def shop(until="2026-09", **of_each_row):
    """Its products and its sales until a month; more columns of the sales by name."""
    products = pd.DataFrame(
        {"product": ["TEA", "RICE"], "family": ["drinks", "food"], "unit_of_measure": "box"}
    )
    months = [str(month) for month in pd.period_range("2024-10", until, freq="M")]
    sales = products[["product"]].merge(pd.DataFrame({"period": months}), how="cross")
    sales = sales.assign(market="town", quantity=100.0, **of_each_row)
    return {
        "products": conform("products", products),
        "sales_history": conform("sales_history", sales),
    }
