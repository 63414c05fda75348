"""Reorder points and order quantities."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from scipy.special import ndtri

from sopkit.master_data.dated import once
from sopkit.master_data.freight import TRANSFER
from sopkit.master_data.safety_stock import NORMAL, SERVICE_LEVEL, Exposure, safety_stock
from sopkit.master_data.selling_prices import priced
from sopkit.master_data.stock_policy import month_deviation
from sopkit.master_data.supply_modes import is_on_order, is_storable
from sopkit.schema.tables import TABLES
from sopkit.tables import attach
from sopkit.tables.keys import keys_of
from sopkit.tables.periods import MONTH_DAYS, WEEK_DAYS, day_counts

STOCK = ["product", "site"]
POLICY = [
    "target_service_level",
    "target_fill_rate",
    "lead_time_days",
    "lead_time_std_days",
    "order_cost",
    "demand_distribution",
]


@dataclass(frozen=True)
class ReorderInputs:
    """The tables that say what each stock sends, how it is replenished and at which cost."""

    planning_periods: DataFrame
    weekly_plan: DataFrame
    distribution_plan: DataFrame
    demand_plan: DataFrame
    item_locations: DataFrame
    unit_economics: DataFrame
    products: DataFrame
    inventory_policy: DataFrame | None = None
    routings: DataFrame | None = None
    transfer_lanes: DataFrame | None = None
    selling_prices: DataFrame | None = None


def reorder_points(inputs: ReorderInputs) -> DataFrame:
    """Calculate reorder point, order quantity and source of each product at each site.

    The reorder point is what the plan sends over the coming lead time, d L, and safety stock
    against both the spread of daily demand s and that of the lead time v: z sqrt(L s^2 + d^2 v^2).
    The order is the economic order quantity sqrt(2 D K / h), at least the smallest lot, at most
    what is sent within the shelf life; where the cost of an order is unknown it is a week's demand.
    What keeps a week or less is ordered again each time it has expired: the newsvendor's quantity,
    whose chance to suffice is (price + cost of a lost sale - material) / (that + material -
    salvage). Labour is no cost of it: the crew is paid anyhow. Components are ordered by what
    production needs, see `purchases`; what is made to order by its orders, and services not at all.

    Returns
    -------
    product, site : daily_demand, daily_demand_std [units], lead_time_days, lead_time_std_days
        [days], target_service_level [ratio], safety_stock, reorder_point, order_quantity [units],
        source, basis, shelf_life_days [days; where a week or less]

    Source
    ------
    Chopra & Meindl, Supply Chain Management, safety inventory (uncertain demand and lead time) and
    cycle inventory (EOQ). Silver, Pyke & Thomas, Inventory and Production Management in Supply
    Chains, style goods and perishables (newsvendor).
    """
    rows = _stocks(inputs)
    rows = rows.join(_order_quantity(rows, _making(rows, inputs.routings)))
    rows["shelf_life_days"] = rows["keeps"].where(rows["keeps"] <= WEEK_DAYS).round()
    rows["safety_stock"] = _safety_stock(rows)
    rows["reorder_point"] = rows["daily_demand"] * rows["lead_time_days"] + rows["safety_stock"]
    rows["target_service_level"] = rows["target_service_level"].fillna(SERVICE_LEVEL)
    rows["source"] = _source(rows, inputs.transfer_lanes)
    return rows[list(TABLES["reorder_points"].columns)]


def _stocks(inputs):
    """Every product and site with its policy, its demand a day, its shelf life and its prices."""
    months, economics = inputs.planning_periods, inputs.unit_economics
    rows = _kept_in_stock(inputs).sort_values(STOCK, ignore_index=True)
    rows = rows.join(_policy(rows, inputs.inventory_policy))
    rows["lead_time_days"] = rows["lead_time_days"].fillna(WEEK_DAYS)
    rows["lead_time_std_days"] = rows["lead_time_std_days"].fillna(0.0)
    rows["daily_demand"] = _daily_demand(rows, months, inputs.weekly_plan)
    rows[["daily_demand_std", "zero_probability"]] = _daily_deviation(
        rows, months, inputs.distribution_plan, inputs.demand_plan
    )
    rows = attach(rows, inputs.products[["product", "shelf_life_months", "salvage_value"]])
    rows["keeps"] = rows.pop("shelf_life_months") * MONTH_DAYS
    prices = ["product", "price", "material_cost", "holding_cost", "lost_sale_cost"]
    first = economics[economics["period"] == months["period"].iloc[0]]
    mean = priced(first[["product", "period"]], economics, inputs.selling_prices)
    return attach(rows, first.assign(price=mean["price"])[prices])


def _kept_in_stock(inputs):
    """The products and sites that are replenished: not what is made to order, nor services. What is
    not storable and yet has a shelf life is prepared ahead within the day."""
    places, products = inputs.item_locations[[*STOCK, "produced_here"]], inputs.products
    keys = keys_of(places, "product")
    keeps = products.loc[products["shelf_life_months"].notna(), "product"]
    held = is_storable(products, keys) | places["product"].isin(keeps)
    return places[held & ~is_on_order(products, keys)]


def economic_order_quantity(
    monthly_demand: Series | float, order_cost: Series | float, holding_cost: Series | float
) -> Series | float:
    """The economic order quantity: sqrt(2 D K / h).

    Returns
    -------
    units an order
    """
    return np.sqrt(2 * monthly_demand * order_cost / holding_cost)


def newsvendor_quantity(
    mean: Series | float,
    deviation: Series | float,
    underage: Series | float,
    overage: Series | float,
) -> tuple[Series | float, Series | float]:
    """The newsvendor quantity: stock-out probability overage / (underage + overage).

    Returns
    -------
    quantity [units], chance that it suffices [ratio]
    """
    ratio = underage / (underage + overage)
    return np.maximum(mean + ndtri(np.clip(ratio, 1e-6, 1 - 1e-6)) * deviation, 0.0), ratio


def reorder_spread(
    lead_time_days: np.ndarray | float,
    lead_time_std_days: np.ndarray | float,
    daily_demand: np.ndarray | float,
    daily_demand_std: np.ndarray | float,
) -> np.ndarray | float:
    """The standard deviation of demand over an uncertain lead time.

    Returns
    -------
    units
    """
    return np.sqrt(lead_time_days * daily_demand_std**2 + (daily_demand * lead_time_std_days) ** 2)


def _safety_stock(rows):
    columns = ("lead_time_days", "lead_time_std_days", "daily_demand", "daily_demand_std")
    spread = reorder_spread(*(rows[c].to_numpy() for c in columns))
    fill = rows["target_fill_rate"].to_numpy()
    short = (1 - fill) * rows["order_quantity"].to_numpy()
    covered = Exposure(
        (rows["daily_demand"] * rows["lead_time_days"]).to_numpy(),
        spread,
        rows["zero_probability"].to_numpy() > 0,
        (rows["demand_distribution"] == NORMAL).to_numpy(dtype=bool),
    )
    return safety_stock(covered, rows["target_service_level"].to_numpy(), fill, short)


def _policy(rows, inventory_policy):
    """The policy of each product and site; a row that names the site goes before one that does
    not."""
    if inventory_policy is None:
        return pd.DataFrame(np.nan, index=rows.index, columns=POLICY)
    inventory_policy = once(inventory_policy, *STOCK)
    named = inventory_policy["site"].notna()
    own = attach(
        rows[STOCK],
        inventory_policy.loc[named, [*STOCK, *POLICY]].assign(named=1.0),
        default=np.nan,
    )
    common = attach(rows[STOCK], inventory_policy.loc[~named, ["product", *POLICY]], default=np.nan)
    return common[POLICY].where(own["named"].isna(), own[POLICY])


def _daily_demand(rows, planning_periods, weekly_plan):
    """What the plan sends to markets and sites, a day of the coming lead time (of the months
    planned by week at most)."""
    sent = weekly_plan.assign(sent=weekly_plan["shipped"] + weekly_plan["transferred_out"])
    months = pd.PeriodIndex(planning_periods["period"].iloc[: weekly_plan["period"].nunique() or 1])
    table = sent.pivot_table(index=STOCK, columns="period", values="sent", aggfunc="sum")
    table = table.reindex(pd.MultiIndex.from_frame(rows[STOCK])).reindex(columns=months).fillna(0.0)
    lengths = day_counts(planning_periods)[: len(months)]
    window = np.clip(rows["lead_time_days"].to_numpy(), 1, lengths.sum())
    share = np.clip((window[:, None] - (lengths.cumsum() - lengths)) / lengths, 0, 1)
    return (table.to_numpy() * share).sum(axis=1) / window


def _daily_deviation(rows, planning_periods, distribution_plan, demand_plan):
    """The spread of a day's demand in the first month, and the chance that the month has none: a
    site errs with its share of each market, days independently."""
    first = planning_periods["period"].iloc[0]
    sent = distribution_plan.groupby([*STOCK, "market"], as_index=False)["shipped"].sum()
    total = sent.groupby(["product", "market"])["shipped"].transform("sum")
    sent["share"] = sent["shipped"] / total.where(total > 0, 1.0)
    month = demand_plan[demand_plan["period"] == first]
    spread = month.assign(deviation=month_deviation(month))
    known = ["product", "market", "deviation", "zero_probability"]
    sent = attach(sent, spread[known], default=0.0).fillna({"zero_probability": 0.0})
    sent["variance"] = (sent["share"] * sent["deviation"]) ** 2
    sums = {"variance": "sum", "zero_probability": "prod"}
    variance = sent.groupby(STOCK, as_index=False).agg(sums)
    found = attach(rows[STOCK], variance, default=0.0)
    found["variance"] = np.sqrt(found["variance"] / day_counts(planning_periods)[0])
    return found[["variance", "zero_probability"]].to_numpy()


def _making(rows, routings):
    """What setting up for a run of each product costs over its steps, and its smallest lot, at the
    least on each step."""
    if routings is None:
        return rows[STOCK].assign(setup_cost=np.nan, min_lot=0.0)
    steps = routings.assign(routing_step=routings["routing_step"].fillna(0))
    least = (
        steps.groupby(["product", "routing_step"])[["setup_cost", "min_lot"]]
        .min()
        .groupby("product")
    )
    costs = pd.DataFrame(
        {"setup_cost": least["setup_cost"].sum(), "min_lot": least["min_lot"].max()}
    )
    made = attach(rows[["product", "produced_here"]], costs.reset_index(), default=np.nan)
    return made.assign(
        setup_cost=made["setup_cost"].where(made["produced_here"]),
        min_lot=made["min_lot"].where(made["produced_here"]).fillna(0.0),
    )


def _order_quantity(rows, making):
    """How much is ordered at once, and why so much."""
    demand = rows["daily_demand"]
    cost = rows["order_cost"].fillna(making["setup_cost"])
    known = (cost > 0) & (rows["holding_cost"] > 0)
    holding = rows["holding_cost"].where(known, 1.0)
    lot = economic_order_quantity(demand * MONTH_DAYS, cost.where(known, 0.0), holding)
    lot = lot.where(known, demand * WEEK_DAYS)
    basis = pd.Series(
        np.where(known, "economic order quantity", "a week's demand"), index=rows.index
    )
    least = making["min_lot"].where(demand > 0, 0.0)
    basis = basis.mask(lot < least, "the smallest lot")
    lot = np.maximum(lot, least)
    sold = (demand * rows["keeps"]).fillna(np.inf)
    basis = basis.mask(lot > sold, "what is sold within its shelf life")
    lot = np.minimum(lot, sold)
    underage = rows["price"] + rows["lost_sale_cost"].fillna(0.0) - rows["material_cost"]
    overage = (rows["material_cost"] - rows["salvage_value"].fillna(0.0)).clip(lower=1e-9)
    days = rows["keeps"].fillna(0.0).clip(lower=1)
    deviation = rows["daily_demand_std"] * np.sqrt(days)
    news, ratio = newsvendor_quantity(demand * days, deviation, underage.clip(lower=0.0), overage)
    perishable = rows["keeps"] <= WEEK_DAYS
    words = (
        "newsvendor: enough in "
        + (100 * ratio).round().astype("int64").astype("str")
        + " of 100 cases"
    )
    return pd.DataFrame(
        {
            "order_quantity": lot.mask(perishable, news),
            "basis": basis.astype("str").mask(perishable, words),
        }
    )


def _source(rows, transfer_lanes):
    """Who fills a stock: the site itself, or the site that sends at the least freight."""
    outside = pd.Series("outside", index=rows.index, dtype="str")
    if transfer_lanes is not None:
        lanes = once(transfer_lanes, *TRANSFER)
        holders = rows[["product", "site", "produced_here"]].merge(lanes, on="site")
        holders = holders.sort_values(
            ["produced_here", "freight_cost"], ascending=[False, True], kind="stable"
        )
        best = holders.drop_duplicates(["product", "to_site"])[["product", "to_site", "site"]]
        best = best.rename(columns={"site": "sender", "to_site": "site"})
        outside = attach(rows[STOCK], best, default="outside")["sender"]
    return outside.mask(rows["produced_here"], "own production")
