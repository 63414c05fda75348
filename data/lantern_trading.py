"""Write the tables of lantern-trading, a company that does not exist: an importer of lamps and furniture.

It makes nothing: twelve products come from three suppliers, ninety days away by sea, into one depot,
and are sold in two markets. `python data/lantern_trading.py` writes the tables again, byte for byte.
"""

import argparse
from pathlib import Path

import generate
import numpy as np
import pandas as pd

CYCLE = pd.Period("2026-10", "M")
HISTORY = pd.period_range(CYCLE - 36, CYCLE - 1, freq="M")
SEASON = np.array(
    [0.95, 0.85, 0.9, 0.95, 1.0, 0.95, 0.85, 0.85, 1.0, 1.1, 1.3, 1.3]
)  # January first
MARKETS = {"shops": 0.7, "online": 0.3}  # share of a product's demand
ERROR = 0.08  # of a month's demand
TRUTH = {
    "lead_time_days": 90,
    "short": "LAMP-1",  # half a month of stock, nothing on order: it runs out until January
    "late": "CHAIR-2",  # its container was due in September
    "dearer": ("LAMP-3", 1.07, "2027-01"),  # the supplier's price from that month on
    "rates": ((None, 0.92), ("2027-04", 0.94)),  # euro per dollar, in which suppliers are paid
    "freight": 0.06,  # inbound, of the purchase price
}
CATALOGUE = pd.DataFrame(
    [
        # product, family, description, units a month, price, purchase price, supplier, minimum, multiple
        ("LAMP-1", "lamps", "Desk lamp, brass", 420, 59.0, 21.5, "Ningbo Lighting", 500, 100),
        ("LAMP-2", "lamps", "Floor lamp, oak", 160, 139.0, 52.0, "Ningbo Lighting", 200, 50),
        ("LAMP-3", "lamps", "Pendant, glass", 240, 89.0, 33.0, "Ningbo Lighting", 300, 50),
        ("LAMP-4", "lamps", "Table lamp, linen", 310, 45.0, 15.8, "Ningbo Lighting", 500, 100),
        ("CHAIR-1", "chairs", "Dining chair, ash", 280, 119.0, 48.0, "Da Nang Wood", 200, 20),
        ("CHAIR-2", "chairs", "Armchair, cord", 90, 289.0, 121.0, "Da Nang Wood", 100, 10),
        ("CHAIR-3", "chairs", "Stool, beech", 350, 69.0, 24.5, "Da Nang Wood", 400, 40),
        ("SHELF-1", "storage", "Wall shelf", 200, 79.0, 29.0, "Da Nang Wood", 200, 20),
        ("SHELF-2", "storage", "Bookcase", 60, 349.0, 148.0, "Da Nang Wood", 50, 5),
        ("RUG-1", "textiles", "Wool rug, small", 130, 149.0, 58.0, "Jaipur Weavers", 100, 10),
        ("RUG-2", "textiles", "Wool rug, large", 55, 389.0, 160.0, "Jaipur Weavers", 50, 5),
        ("THROW-1", "textiles", "Cotton throw", 380, 39.0, 13.2, "Jaipur Weavers", 500, 100),
    ],
    columns=[
        "product",
        "family",
        "description",
        "units",
        "price",
        "cost",
        "supplier",
        "least",
        "multiple",
    ],
)


def products():
    return CATALOGUE[["product", "family", "description"]].assign(unit_of_measure="piece")


def sales_history():
    """Three years of sales: season, a little growth, and chance."""
    rng = np.random.default_rng(90)
    rows = CATALOGUE[["product", "units", "price"]].merge(
        pd.DataFrame(MARKETS.items(), columns=["market", "share"]), how="cross"
    )
    rows = rows.merge(HISTORY.to_frame(index=False, name="period"), how="cross")
    age = rows["period"].array.asi8 - CYCLE.ordinal
    season = SEASON[rows["period"].dt.month.to_numpy() - 1]
    chance = np.exp(rng.normal(0.0, ERROR, len(rows)))
    rows["quantity"] = (
        rows["units"] * rows["share"] * season * 1.04 ** (age / 12) * chance
    ).round()
    rows["revenue"] = (rows["quantity"] * rows["price"]).round(2)
    return rows[["product", "market", "period", "quantity", "revenue"]]


def _demand(first, count):
    """Units of each product that are expected in some months from the cycle's month on."""
    months = (CYCLE.month - 1 + np.arange(first, first + count)) % 12
    return CATALOGUE.set_index("product")["units"] * SEASON[months].sum()


def inventory():
    """Stock for a month and a half; of the product that runs out, for half a month."""
    months = np.where(CATALOGUE["product"] == TRUTH["short"], 0.5, 1.5)
    stock = _demand(0, 1).to_numpy() * months
    return CATALOGUE[["product"]].assign(site="depot", on_hand=stock.round())


def purchase_orders():
    """Containers on the water: one arrives in each of the next three months."""
    rows = []
    for number, row in enumerate(CATALOGUE.itertuples()):
        if row.product == TRUTH["short"]:
            continue
        for month, day in ((0, 21), (1, 18), (2, 16)):
            due = (CYCLE + month).start_time + pd.Timedelta(days=day - 1)
            if row.product == TRUTH["late"] and month == 0:
                due = CYCLE.start_time - pd.Timedelta(days=9)
            units = np.ceil(_demand(month, 1)[row.product] / row.multiple) * row.multiple
            order = f"C-{26030 + 10 * month + number % 4}"
            rows.append(
                (row.product, "depot", due.date(), max(units, row.least), row.supplier, order)
            )
    columns = ["item", "site", "due_day", "quantity", "supplier", "order_number"]
    return pd.DataFrame(rows, columns=columns)


def sources():
    """One supplier a product, paid in dollars; of one lamp the price rises with the new year."""
    rows = CATALOGUE.rename(
        columns={
            "product": "item",
            "cost": "unit_cost",
            "least": "min_order",
            "multiple": "order_multiple",
        }
    ).assign(site="depot", effective_from=None, lead_time_days=TRUTH["lead_time_days"])
    rows["unit_cost"] = (rows["unit_cost"] / TRUTH["rates"][0][1]).round(2)
    rows["inbound_freight_cost"] = (rows["unit_cost"] * TRUTH["freight"]).round(2)
    rows["currency"] = "USD"
    columns = [
        "item",
        "supplier",
        "site",
        "effective_from",
        "lead_time_days",
        "unit_cost",
        "min_order",
        "order_multiple",
        "inbound_freight_cost",
        "currency",
    ]
    item, factor, month = TRUTH["dearer"]
    dearer = rows[rows["item"] == item].assign(effective_from=month)
    dearer["unit_cost"] = (dearer["unit_cost"] * factor).round(2)
    return pd.concat([rows, dearer])[columns]


def item_costs():
    table = CATALOGUE[["product", "price"]].assign(effective_from="2026-01")
    table["material_cost"] = CATALOGUE["cost"]
    table["holding_cost"] = (CATALOGUE["cost"] * 0.015).round(2)
    table["backlog_cost"] = (CATALOGUE["price"] * 0.1).round(2)
    return table


def inventory_policy():
    return CATALOGUE[["product"]].assign(
        target_service_level=0.95,
        backlog_allowed=np.where(CATALOGUE["family"] == "lamps", "false", "true"),
    )


def lanes():
    return pd.DataFrame(
        {
            "site": "depot",
            "market": ["shops", "online"],
            "freight_cost": [1.8, 4.9],
            "lead_time_days": [4, 2],
        }
    )


def exchange_rates():
    return pd.DataFrame(
        [("USD", start, rate) for start, rate in TRUTH["rates"]],
        columns=["currency", "effective_from", "exchange_rate"],
    )


def company_settings():
    return pd.DataFrame(
        [("EUR", 30, 45, 900000, 120000, 15)],
        columns=[
            "currency",
            "receivable_days",
            "payable_days",
            "opening_cash",
            "fixed_cost",
            "horizon_months",
        ],
    )


TABLES = {  # table: the columns it is sorted by
    products: "product",
    sales_history: "product market period",
    inventory: "product site",
    purchase_orders: "item due_day",
    sources: "item supplier effective_from",
    item_costs: "product effective_from",
    inventory_policy: "product",
    lanes: "site market",
    company_settings: "currency",
    exchange_rates: "currency effective_from",
}


def write(folder):
    """Write every table to `folder` as CSV."""
    generate.write_tables(
        folder, {table.__name__: (table(), keys) for table, keys in TABLES.items()}
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(__file__).parent / "lantern-trading"
    )
    write(parser.parse_args().folder)
