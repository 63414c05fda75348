"""What price and feature do to the forecast of supermarket sales, known in the future.

    python benchmarks/drivers.py FILE

FILE holds weekly sales: store, brand, week, quantity, price, deal, feat. They are forecast in four-week periods, blind
and with the drivers, pooled by brand; OWA compares sMAPE and MASE with the last period.
"""

import argparse

import numpy as np
import pandas as pd

from sopkit.demand.drivers import driver_effects, driver_factors
from sopkit.forecasting.forecast import forecast_series
from sopkit.tables import conform

PAIR = ["product", "market"]
TRIALS = ((4, 0), (4, 4), (6, 0))  # periods ahead, periods left out before
FIRST = 400  # the number of the first period


def periods_of(path):
    """Sales, price, deal and feature of each brand, store and four-week period that all have."""
    weeks = pd.read_parquet(path)
    weeks["number"] = (weeks["week"] - weeks["week"].min()) // 4
    weeks["price"] = np.log(weeks["price"])
    table = weeks.groupby(["brand", "store", "number"], as_index=False).agg(
        weeks=("week", "size"),
        quantity=("quantity", "sum"),
        price=("price", "mean"),
        deal=("deal", "mean"),
        feature=("feat", "mean"),
    )
    table["quantity"] *= 4 / table["weeks"]  # as if no week were missing
    table["price"] = np.exp(table["price"])
    names = {"product": table["brand"].astype("str"), "market": table["store"].astype("str")}
    period = pd.PeriodIndex.from_ordinals(FIRST + table["number"].to_numpy(), freq="M")
    table = table.assign(**names, period=period)
    many = table.groupby(PAIR)["period"].transform("size")
    return table[many == many.max()].reset_index(drop=True)


def grid(rows, column):
    """A column as product-markets x periods."""
    return rows.pivot_table(column, PAIR, "period", aggfunc="sum")


def scores(history, actual, forecast):
    naive = np.repeat(history[:, -1:], actual.shape[1], axis=1)
    step = np.abs(np.diff(history, axis=1)).mean(axis=1)[:, None]

    def both(made):
        size = np.abs(made - actual)
        return np.array([(200 * size / (made + actual)).mean(), (size / step).mean()])

    return {
        "OWA": (both(forecast) / both(naive)).mean(),
        "WAPE": np.abs(forecast - actual).sum() / actual.sum(),
        "bias": forecast.sum() / actual.sum() - 1,
    }


def trial(table, ahead, left_out, names):
    """Scores of one origin with some drivers, blind without any."""
    last = table["period"].max() - left_out
    rows = table[table["period"] <= last]
    past = rows[rows["period"] <= last - ahead].reset_index(drop=True)
    history = grid(past, "quantity").to_numpy()
    actual = grid(rows[rows["period"] > last - ahead], "quantity").to_numpy()
    factors = np.ones((len(history), history.shape[1] + ahead))
    if names:
        given = rows.melt(
            [*PAIR, "period"], list(names), var_name="demand_driver", value_name="driver_value"
        )
        products = pd.DataFrame({"product": sorted(rows["product"].unique())})
        products = conform(
            "products", products.assign(family=products["product"], unit_of_measure="ounce")
        )
        cells = driver_factors(driver_effects(past, given, products), past, given)
        together = cells.groupby([*PAIR, "period"], as_index=False)["factor"].prod()
        known = rows[[*PAIR, "period"]].merge(together, how="left").fillna({"factor": 1.0})
        factors = grid(known, "factor").to_numpy()
    plain = forecast_series(history / factors[:, :-ahead], ahead).forecast
    return scores(history, actual, plain * factors[:, -ahead:])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file")
    table = periods_of(parser.parse_args().file)
    rows = [
        {"ahead": ahead, "left out": left_out, "drivers": " ".join(names) or "blind"}
        | trial(table, ahead, left_out, names)
        for ahead, left_out in TRIALS
        for names in ((), ("price",), ("price", "feature"), ("price", "feature", "deal"))
    ]
    print(pd.DataFrame(rows).to_string(index=False, float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
