"""Demand of launches, cannibalisation, and phase-outs."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand.launch_errors import launch_error
from sopkit.forecasting.baseline import baseline_forecast
from sopkit.rules.remember import remembered
from sopkit.tables import attach, empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays
from sopkit.tables.periods import YEAR

PAIR = ["product", "market"]
CELL = [*PAIR, "period"]
ROW = ["launch", *CELL, "launch_demand", "launch_std", "readiness", "basis"]
PHASE_OUT_MONTHS = 6  # from today's demand to none
LIKE = ["like_product", "like_market"]
SOLD = {"like_product": "product", "like_market": "market"}
NEVER = 10**9  # a month that does not come
GATES = ["gate_demand", "gate_supply", "gate_finance"]


class Sold(NamedTuple):
    """The history as arrays, each with one row and month more, of NaN, for what it does not know.

    pairs : product, market, a row for each row of the arrays
    months : as ordinals, in order
    grids : quantity, cleansed -> rows x months [units]
    first : the month of each row's first sale, NEVER without one
    """

    pairs: DataFrame
    months: np.ndarray
    grids: dict[str, np.ndarray]
    first: np.ndarray


@on_arrays
def launch_plan(
    planning_periods: DataFrame,
    demand_history: DataFrame,
    launches: DataFrame | None = None,
    products: DataFrame | None = None,
) -> DataFrame:
    """Calculate launch demand and cannibalisation, and fade out products that are phased out.

    A launch at full volume sells what its like product's baseline says, times volume_ratio; until
    ramp_months are over it sells the share of it that the like product did in its own first months
    (a straight line where those are unknown). `like_market` names the reference market where
    nothing has sold in the launch's own yet; the replaced product loses there too. A
    launch that is under way and sells already is scaled by how it did against its curve, and only
    what goes beyond its own baseline is added. A launch with a failed gate adds 0. The replaced
    product loses cannibalisation_ratio of what the launch adds; demand_plan sees to it that it
    never loses more than it has. What a launch adds may be wrong by its `volume_error_ratio`, else
    by what past launches missed their curves by.

    Returns
    -------
    launch, product, market, period : launch_demand, launch_std [units], readiness, basis
    """
    asked = _leaving(demand_history, products)
    if launches is not None and not launches.empty:
        launches = with_analog_market(launches)
        asked += _distinct(launches[LIKE]) + _distinct(launches[PAIR])
    baseline = _baseline_of(demand_history, planning_periods, tuple(sorted(set(asked))))
    parts = [_phase_outs(baseline, planning_periods, products)]
    if launches is not None and not launches.empty:
        curve = _curve(baseline, planning_periods, demand_history, launches)
        added = _added(curve, baseline, planning_periods, demand_history)
        error = launch_error(launch_actuals(planning_periods, demand_history, launches))
        own = attach(added, launches[["launch", "volume_error_ratio"]])["volume_error_ratio"]
        added["launch_std"] = np.abs(added["launch_demand"]) * own.fillna(error)
        parts += [added, _taken(added, launches, demand_history)]
    plan = pd.concat([part[ROW] for part in parts], ignore_index=True)
    if plan.empty:
        return empty("launch_plan")
    return plan.sort_values(["launch", *CELL]).reset_index(drop=True)


@on_arrays
def launch_curve(
    planning_periods: DataFrame, demand_history: DataFrame, launches: DataFrame
) -> DataFrame:
    """Calculate the volume of each launch from its first month to the end of the horizon.

    Returns
    -------
    launch, product, market, period : expected [units], month_of_launch (1 for the first), share [of
        full volume], volume_ratio, ramp_months, readiness, basis
    """
    launches = with_analog_market(launches)
    baseline = _baseline_of(demand_history, planning_periods, _distinct(launches[LIKE]))
    return _curve(baseline, planning_periods, demand_history, launches)


def _curve(baseline, planning_periods, demand_history, launches):
    """The volume of each launch, from a table that has the baselines of the like products."""
    rows = _months_of(launches, planning_periods["period"].iloc[-1])
    like = rows[[*LIKE, "period"]].rename(columns=SOLD)
    sold = _sold(demand_history)
    place = rows_of(like, sold.pairs, PAIR)
    before = _in(sold, "cleansed", place, pd.PeriodIndex(rows["period"]).asi8)
    coming = attach(like, baseline, default=0.0)["baseline"]
    rows["share"], seen = _ramp_share(rows, sold, place)
    full = np.where(np.isnan(before), coming, before)
    rows["expected"] = full * rows["volume_ratio"] * rows["share"]
    shape = np.where(seen, ", ramped as it was", ", ramped in a straight line")
    elsewhere = (" in " + rows["like_market"]).where(rows["like_market"] != rows["market"], "")
    rows["basis"] = "like " + rows["like_product"] + elsewhere + pd.Series(shape, dtype="str")
    rows["basis"] = rows["basis"].where(
        rows["readiness"] != "not_ready", "not planned: " + rows["gate"]
    )
    return rows[
        [
            "launch",
            *CELL,
            "expected",
            "month_of_launch",
            "share",
            "volume_ratio",
            "ramp_months",
            "readiness",
            "basis",
        ]
    ]


def _months_of(launches, last):
    """A row for each month of each launch, from its first to the last month planned."""
    first = pd.PeriodIndex(launches["launch_period"]).asi8
    count = np.maximum(last.ordinal - first + 1, 0)
    row = np.arange(len(launches)).repeat(count)
    step = np.arange(len(row)) - (count.cumsum() - count)[row]
    rows = launches.assign(readiness=_readiness(launches), gate=_failed_gates(launches)).take(row)
    period = pd.PeriodIndex.from_ordinals(first[row] + step, freq="M")
    return rows.assign(month_of_launch=step + 1, period=period).reset_index(drop=True)


def with_analog_market(launches: DataFrame) -> DataFrame:
    """Give each launch its like market: its own where none is given.

    Returns
    -------
    the rows of `launches`, `like_market` never empty
    """
    return launches.assign(like_market=launches["like_market"].fillna(launches["market"]))


def launch_actuals(
    planning_periods: DataFrame, demand_history: DataFrame, launches: DataFrame | None = None
) -> DataFrame:
    """Compare actual sales of launches with their curve.

    Returns
    -------
    launch, product, market, period : expected, quantity, difference [units], reached_ratio (sold so
        far / expected so far)
    """
    launches = empty("launches") if launches is None else launches
    curve = launch_curve(planning_periods, demand_history, launches)
    sold = curve[curve["period"] < planning_periods["period"].iloc[0]]
    table = attach(
        sold[["launch", *CELL, "expected"]], demand_history[[*CELL, "quantity"]], default=0.0
    )
    table["difference"] = table["quantity"] - table["expected"]
    so_far = table.groupby("launch")[["expected", "quantity"]].cumsum()
    table["reached_ratio"] = so_far["quantity"] / so_far["expected"].where(so_far["expected"] > 0)
    return table.reset_index(drop=True)


# --------------------------------------------------------------------------------------------------
# curves without a like product


def _readiness(launches):
    gates = launches[GATES]
    failed, passed = (gates == "failed").any(axis=1), (gates == "passed").all(axis=1)
    return pd.array(np.select([failed, passed], ["not_ready", "ready"], "conditional"), dtype="str")


def _failed_gates(launches):
    """Name the failed gates of each launch."""
    words = pd.Series("", index=launches.index, dtype="str")
    for gate in GATES:
        words = (words + f", {gate} failed").where(launches[gate] == "failed", words)
    return words.str.removeprefix(", ")


def _distinct(pairs):
    """The distinct products and markets of rows, as they come."""
    return tuple(dict.fromkeys(zip(*(pairs[name] for name in pairs), strict=True)))


@remembered
def _baseline_of(demand_history, planning_periods, pairs):
    """The baseline of some products, as it will be among all: who stopped selling early sold
    nothing since.

    Returns
    -------
    product, market, period : baseline [units]
    """
    wanted = pd.DataFrame(pairs, columns=PAIR, dtype="str")
    history = demand_history[rows_of(demand_history[PAIR], wanted, PAIR) >= 0]
    if history.empty:
        return history[CELL].assign(baseline=0.0)
    ends = history.groupby(PAIR, as_index=False)["period"].max().rename(columns={"period": "end"})
    days = {"period_days"} & set(history)
    since = ends.merge(demand_history[["period", *days]].drop_duplicates(), how="cross")
    since = since[since["period"] > since["end"]].drop(columns="end").assign(cleansed=0.0)
    level = {"level_factor"} & set(history)
    columns = [*CELL, "cleansed", *level, *days]
    complete = pd.concat([history[columns], since], ignore_index=True)
    return baseline_forecast(complete, planning_periods)[[*CELL, "baseline"]]


def _ramp_share(rows, sold, place):
    """The share of full volume in each month of a launch, and whether the like product's own first
    months gave it.

    A like product whose first sale lies inside the history shows its ramp: each of its first months
    over the same month a year later, so that the season cancels out. The share never falls and
    never passes 1.
    """
    number = rows["month_of_launch"].to_numpy()
    ramp = rows["ramp_months"].to_numpy()
    first = sold.first[place]
    own, later = (_in(sold, "cleansed", place, first + number - 1 + n) for n in (0, YEAR))
    own = np.where(number < ramp, own / np.where(later > 0, later, np.nan), 1.0)
    by_launch = pd.Series(own).groupby(rows["launch"])
    known = by_launch.transform("count").eq(by_launch.transform("size")).to_numpy(dtype=bool)
    seen = known & (first > sold.months.min(initial=NEVER)) & (first < NEVER)
    return np.where(seen, by_launch.cummax().clip(upper=1.0), np.minimum(number / ramp, 1.0)), seen


@remembered
def _sold(demand_history):
    """The history as arrays; see `Sold`."""
    table = ArrayTable.of_rows(demand_history[[*CELL, "quantity", "cleansed"]], PAIR)
    grids = {
        name: np.pad(table[name], ((0, 1), (0, 1)), constant_values=np.nan) for name in table.names
    }
    months = table.months.asi8
    first = np.where(grids["cleansed"] > 0, np.append(months, NEVER), NEVER).min(axis=1)
    return Sold(table.keys.frame, months, grids, first)


def _in(sold, column, place, month):
    """A column of the history at some of its rows, in some months; NaN where it has none."""
    return sold.grids[column][place, pd.Index(sold.months).get_indexer(month)]


def _added(curve, baseline, planning_periods, demand_history):
    """The planned months of each curve, less what the launched product's own baseline carries
    already."""
    start = planning_periods["period"].iloc[0]
    past = curve[curve["period"] < start]
    sold = _sold(demand_history)
    place = rows_of(past, sold.pairs, PAIR)
    quantity = _in(sold, "quantity", place, pd.PeriodIndex(past["period"]).asi8)
    so_far = past.assign(sold=np.nan_to_num(quantity)).groupby("launch")[["sold", "expected"]].sum()
    pace = (so_far["sold"] / so_far["expected"]).where((so_far > 0).all(axis=1))
    plan = curve[curve["period"] >= start].reset_index(drop=True)
    plan["pace"] = pace.reindex(plan["launch"]).to_numpy()
    begun = rows_of(plan, past[PAIR].drop_duplicates(), PAIR) >= 0
    plan["baseline"] = attach(plan[CELL], baseline, default=0.0)["baseline"].where(begun, 0.0)
    ramping = plan["month_of_launch"] <= plan["ramp_months"]
    planned = plan["readiness"] != "not_ready"
    selling = plan["pace"].notna()
    volume = np.where(
        selling,
        np.where(ramping, plan["expected"] * plan["pace"], plan["baseline"]),
        plan["expected"],
    )
    plan["launch_demand"] = np.where(planned, volume - plan["baseline"], 0.0)
    words = np.where(
        ramping,
        plan["basis"] + ", at the pace of its sales so far, beyond its own baseline",
        "launched: its own baseline carries it",
    )
    plan["basis"] = pd.array(np.where(selling & planned, words, plan["basis"]), dtype="str")
    return plan


def _taken(added, launches, demand_history):
    """What replaced products lose: the cannibalised share of what their launch adds."""
    replaced = launches.loc[
        launches["replaces_product"].notna(),
        ["launch", "replaces_product", "like_market", "cannibalisation_ratio"],
    ]
    rows = attach(added[added["launch"].isin(replaced["launch"])], replaced)
    pairs = _sold(demand_history).pairs
    sells, there = (
        rows_of(rows[["replaces_product", market]].set_axis(PAIR, axis=1), pairs, PAIR) >= 0
        for market in ("market", "like_market")
    )
    rows["market"], sells = rows["market"].where(sells, rows["like_market"]), sells | there
    ratio = rows["cannibalisation_ratio"]
    rows["launch_std"] = (ratio.fillna(0.0) * rows["launch_std"]).where(sells, 0.0)
    rows["launch_demand"] = (-ratio.fillna(0.0) * rows["launch_demand"]).where(sells, 0.0) + 0.0
    percent = (ratio.fillna(0.0) * 100).round().astype("int64").astype("str")
    words = (
        "replaced by " + rows["product"] + ", which takes " + percent + " % of its volume from it"
    )
    words = words.where(
        ratio.notna(),
        "replaced by " + rows["product"] + ": no cannibalisation_ratio, so it loses nothing",
    )
    rows["basis"] = words.where(
        sells, "replaced by " + rows["product"] + ", but does not sell in this market"
    )
    return rows.drop(columns=["product", "like_market"]).rename(
        columns={"replaces_product": "product"}
    )[ROW]


@remembered
def _leaving(demand_history, products):
    """The products in phase-out, with the markets in which they sold."""
    if products is None:
        return ()
    leaving = products.loc[products["lifecycle"] == "phase_out", "product"]
    return _distinct(demand_history.loc[demand_history["product"].isin(leaving), PAIR])


@remembered
def _phase_outs(baseline, planning_periods, products):
    """Fade products in phase-out from their baseline to zero."""
    if products is None:
        return empty("launch_plan")[ROW]
    leaving = products.loc[products["lifecycle"] == "phase_out", "product"]
    rows = baseline[baseline["product"].isin(leaving)]
    if rows.empty:
        return empty("launch_plan")[ROW]
    plan = attach(rows, planning_periods[["period", "month_number"]])
    share = np.minimum(plan["month_number"] / PHASE_OUT_MONTHS, 1.0)
    plan["launch_demand"] = -share * plan["baseline"] + 0.0
    plan["launch"] = "phase-out " + plan["product"]
    plan["launch_std"] = 0.0
    plan["readiness"] = "ready"
    plan["basis"] = f"phase-out: fades to zero over {PHASE_OUT_MONTHS} months"
    return plan[ROW]
