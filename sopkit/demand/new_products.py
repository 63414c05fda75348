"""Demand of launches, cannibalisation, and phase-outs."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.forecasting.baseline import baseline_forecast
from sopkit.tables import attach, empty
from sopkit.tables.periods import add_months, months_between

CELL = ["product", "market", "period"]
ROW = ["launch", *CELL, "launch_demand", "readiness", "basis"]
PHASE_OUT_MONTHS = 6  # from today's demand to none
LIKE = ["like_product", "like_market"]
SOLD = {"like_product": "product", "like_market": "market"}
GATES = ["gate_demand", "gate_supply", "gate_finance"]


def launch_plan(
    planning_periods: DataFrame,
    demand_history: DataFrame,
    launches: DataFrame | None = None,
    products: DataFrame | None = None,
) -> DataFrame:
    """Calculate launch demand and cannibalisation, and fade out products that are phased out.

    A launch at full volume sells what its like product's baseline says, times volume_ratio; until ramp_months are over it
    sells the share of it that the like product did in its own first months (a straight line where those are unknown).
    `like_market` names the reference market where nothing has sold in the launch's own yet; the
    replaced product loses there too. A
    launch that is under way and sells already is scaled by how it did against its curve, and only what goes beyond its
    own baseline is added. A launch with a failed gate adds 0. The replaced product loses cannibalisation_ratio of what
    the launch adds; demand_plan sees to it that it never loses more than it has.

    Returns
    -------
    launch, product, market, period : launch_demand [units], readiness, basis

    """
    parts = [_phase_outs(planning_periods, demand_history, products)]
    if launches is not None and not launches.empty:
        launches = with_analog_market(launches)
        curve = launch_curve(planning_periods, demand_history, launches)
        added = _added(curve, planning_periods, demand_history)
        parts += [added, _taken(added, launches, demand_history)]
    plan = pd.concat([part[ROW] for part in parts], ignore_index=True)
    if plan.empty:
        return empty("launch_plan")
    return plan.sort_values(["launch", *CELL]).reset_index(drop=True)


def launch_curve(
    planning_periods: DataFrame, demand_history: DataFrame, launches: DataFrame
) -> DataFrame:
    """Calculate the volume of each launch from its first month to the end of the horizon.

    Returns
    -------
    launch, product, market, period : expected [units], month_of_launch (1 for the first), share [of full volume],
        volume_ratio, ramp_months, readiness, basis
    """
    launches = with_analog_market(launches)
    rows = launches.assign(readiness=_readiness(launches), gate=_failed_gates(launches))
    end = pd.PeriodIndex([planning_periods["period"].iloc[-1]] * len(rows), freq="M")
    months = months_between(rows["launch_period"], end) + 1
    rows = rows.loc[rows.index.repeat(np.maximum(months, 0))]
    rows["month_of_launch"] = rows.groupby(level=0).cumcount() + 1
    rows = rows.reset_index(drop=True)
    rows["period"] = add_months(rows["launch_period"], rows["month_of_launch"] - 1)
    full = _like_volume(planning_periods, demand_history, launches)
    rows["full"] = attach(rows[[*LIKE, "period"]].rename(columns=SOLD), full, default=0.0)["full"]
    share, seen = _ramp_share(rows, demand_history)
    rows["share"] = share
    rows["expected"] = rows["full"] * rows["volume_ratio"] * share
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
    launch, product, market, period : expected, quantity, difference [units], reached_ratio (sold so far / expected so far)
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


# ---------------------------------------------------------------------------------------------------------------
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


def _like_volume(planning_periods, demand_history, launches):
    """What like products sold in closed months and are forecast to sell in planned ones.

    Returns
    -------
    product, market, period : full [units]
    """
    like = launches[LIKE].drop_duplicates().rename(columns=SOLD)
    history = demand_history.merge(like, on=["product", "market"], validate="many_to_one")
    past = history[[*CELL, "cleansed"]].rename(columns={"cleansed": "full"})
    future = _baseline_of(history, demand_history, planning_periods).rename(
        columns={"baseline": "full"}
    )
    return pd.concat([past, future], ignore_index=True)


def _baseline_of(history, demand_history, planning_periods):
    """The baseline of some products, as it will be among all: who stopped selling early sold nothing since.

    Returns
    -------
    product, market, period : baseline [units]
    """
    if history.empty:
        return history[CELL].assign(baseline=0.0)
    ends = (
        history.groupby(["product", "market"], as_index=False)["period"]
        .max()
        .rename(columns={"period": "end"})
    )
    since = ends.merge(demand_history[["period"]].drop_duplicates(), how="cross")
    since = since[since["period"] > since["end"]].drop(columns="end").assign(cleansed=0.0)
    complete = pd.concat([history[[*CELL, "cleansed"]], since], ignore_index=True)
    return baseline_forecast(complete, planning_periods)[[*CELL, "baseline"]]


def _ramp_share(rows, demand_history):
    """The share of full volume in each month of a launch, and whether the like product's own first months gave it.

    A like product whose first sale lies inside the history shows its ramp: each of its first months over the same month a
    year later, so that the season cancels out. The share never falls and never passes 1.
    """
    linear = np.minimum(rows["month_of_launch"] / rows["ramp_months"], 1.0)
    begins = demand_history["period"].min()
    sold = demand_history[demand_history["cleansed"] > 0]
    first = (
        sold.groupby(["product", "market"], as_index=False)["period"]
        .min()
        .rename(columns={"period": "first", "product": "like_product", "market": "like_market"})
    )
    rows = rows[["launch", *LIKE, "month_of_launch", "ramp_months"]].merge(
        first, on=LIKE, validate="many_to_one"
    )
    ordinal = pd.PeriodIndex(rows["first"]).asi8 + rows["month_of_launch"] - 1
    cells = demand_history.assign(
        like_product=demand_history["product"],
        like_market=demand_history["market"],
        ordinal=pd.PeriodIndex(demand_history["period"]).asi8,
    )
    cells = cells[[*LIKE, "ordinal", "cleansed"]]
    month = rows.assign(ordinal=ordinal).merge(
        cells, how="left", on=[*LIKE, "ordinal"], validate="many_to_one"
    )["cleansed"]
    later = rows.assign(ordinal=ordinal + 12).merge(
        cells, how="left", on=[*LIKE, "ordinal"], validate="many_to_one"
    )["cleansed"]
    ramping = rows["month_of_launch"] < rows["ramp_months"]
    own = (month / later.where(later > 0)).where(ramping, 1.0)
    seen = (rows["first"] > begins) & own.notna().groupby(rows["launch"]).transform("all")
    own = own.groupby(rows["launch"]).cummax().clip(upper=1.0)
    return np.where(seen, own, linear), seen.to_numpy()


def _added(curve, planning_periods, demand_history):
    """The planned months of each curve, less what the launched product's own baseline carries already."""
    start = planning_periods["period"].iloc[0]
    past = curve[curve["period"] < start]
    sold = attach(past, demand_history[[*CELL, "quantity"]], default=0.0)
    so_far = sold.groupby("launch", as_index=False)[["quantity", "expected"]].sum()
    so_far["pace"] = (so_far["quantity"] / so_far["expected"]).where(
        (so_far["expected"] > 0) & (so_far["quantity"] > 0)
    )
    plan = attach(curve[curve["period"] >= start], so_far[["launch", "pace"]], default=np.nan)
    under_way = demand_history.merge(
        past[["product", "market"]].drop_duplicates(), on=["product", "market"]
    )
    own = _baseline_of(under_way, demand_history, planning_periods)
    plan["baseline"] = attach(plan[CELL], own, default=0.0)["baseline"]
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
    return plan[ROW]


def _taken(added, launches, demand_history):
    """What replaced products lose: the cannibalised share of what their launch adds."""
    replaced = launches.loc[
        launches["replaces_product"].notna(),
        ["launch", "replaces_product", "like_market", "cannibalisation_ratio"],
    ]
    rows = attach(added[added["launch"].isin(replaced["launch"])], replaced)
    known = pd.MultiIndex.from_frame(demand_history[["product", "market"]])
    sells = pd.MultiIndex.from_frame(rows[["replaces_product", "market"]]).isin(known)
    there = pd.MultiIndex.from_frame(rows[["replaces_product", "like_market"]]).isin(known)
    rows["market"], sells = rows["market"].where(sells, rows["like_market"]), sells | there
    ratio = rows["cannibalisation_ratio"]
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


def _phase_outs(planning_periods, demand_history, products):
    """Fade products in phase-out from their baseline to zero."""
    if products is None:
        return empty("launch_plan")[ROW]
    leaving = products.loc[products["lifecycle"] == "phase_out", "product"]
    history = demand_history[demand_history["product"].isin(leaving)]
    if history.empty:
        return empty("launch_plan")[ROW]
    plan = attach(
        _baseline_of(history, demand_history, planning_periods),
        planning_periods[["period", "month_number"]],
    )
    share = np.minimum(plan["month_number"] / PHASE_OUT_MONTHS, 1.0)
    plan["launch_demand"] = -share * plan["baseline"] + 0.0
    plan["launch"] = "phase-out " + plan["product"]
    plan["readiness"] = "ready"
    plan["basis"] = f"phase-out: fades to zero over {PHASE_OUT_MONTHS} months"
    return plan[ROW]
