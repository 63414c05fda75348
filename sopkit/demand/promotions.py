"""Promotion lift: estimated from past activities, applied to planned ones.

Each product and market with a past activity is regressed on its own: logarithm of demand on a bent
trend, the month of the year and the kinds of activity, robustly (Huber). The estimates of a kind
are then pooled over the products of a family by random effects (see `pooling`): a product with
little evidence takes over the family's lift, one with much keeps its own.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy import stats

from sopkit.demand import pipeline
from sopkit.demand.pooling import Effects, as_ratios, pooled, shrunk
from sopkit.demand.price_response import as_activities
from sopkit.demand.promotion_cells import CELL, PAIR, past_cells, recorded, touched_cells
from sopkit.demand.promotion_regression import regression, variance
from sopkit.rules.remember import as_known, remembered
from sopkit.tables import attach, conform
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays


@on_arrays
def promotion_lift(
    planning_periods: DataFrame,
    products: DataFrame,
    demand_history: DataFrame,
    baseline_forecast: DataFrame,
    marketing_activities: DataFrame | None = None,
    launch_plan: DataFrame | None = None,
    stock_availability: DataFrame | None = None,
    driver_lifts: DataFrame | None = None,
) -> DataFrame:
    """Calculate the demand that each activity and each driver adds in the planned months.

    A kind with past activities brings its estimated lift on what would sell without it, baseline
    and launches: the product's own lift, else the family's, else the kind's. A kind without brings
    what its funnel rates say, over its months; without rates it brings 0, and says so. Activities
    of one kind in one month bring its lift once, in equal parts; different kinds multiply, as they
    do in cleansing. A driver (price, feature, ...) or a change of a price brings or takes what
    `driver_lifts` says, like an activity of a kind of its own that bears its name.

    Returns
    -------
    activity, product, market, period : activity_demand [units], lift_ratio [share of baseline and
        launches], basis, standard_error [ratio] (missing where nothing was estimated)
    """
    touched = touched_cells(marketing_activities, products)
    cells = _planned_cells(touched, marketing_activities, planning_periods)
    driven = as_activities(driver_lifts, products)
    if cells.empty and driven.empty:
        return conform(
            "promotion_lift",
            pd.DataFrame(columns=["activity", *CELL, "activity_demand", "lift_ratio", "basis"]),
        )
    if not cells.empty:
        past = as_known(demand_history, recorded(touched, demand_history))
        cells = _with_lift(cells, _lifts(demand_history, past, products, stock_availability))
    parts = [part for part in (cells, driven.assign(units=np.nan)) if not part.empty]
    cells = pd.concat(parts, ignore_index=True)
    cells = attach(cells, _base(cells, baseline_forecast, launch_plan), default=0.0)
    cells["units"] = cells["units"] * _share_of_activity(cells)
    known = cells["lift_ratio"].notna()
    rated = cells["units"].notna() & ~known
    cells = _sharing_the_month(cells)
    cells["activity_demand"] = np.where(
        known, cells["base"] * cells["lift_ratio"], np.where(rated, cells["units"], 0.0)
    )
    cells["basis"] = cells["basis"].where(
        known, np.where(rated, "funnel rates", "no history, no rates")
    )
    share = cells["activity_demand"] / cells["base"].where(cells["base"] > 0)
    cells["lift_ratio"] = cells["lift_ratio"].where(known, share.fillna(0.0))
    columns = ["activity", *CELL, "activity_demand", "lift_ratio", "basis", "standard_error"]
    return cells.sort_values(["activity", *CELL])[columns].reset_index(drop=True)


def promotion_effects(
    products: DataFrame,
    demand_history: DataFrame,
    marketing_activities: DataFrame | None = None,
    stock_availability: DataFrame | None = None,
) -> DataFrame:
    """Estimate the lift of each kind of activity from past months, by family and over all families.

    Returns
    -------
    kind, family (missing: all families together) : lift_ratio, standard_error, low_ratio,
    high_ratio [ratio] (a 95 % interval),
        series (count)
    """
    cells = past_cells(products, demand_history, marketing_activities)
    effects = _series_effects(demand_history, cells, products, stock_availability)
    table = pd.concat(
        [pooled(effects, ["kind", "family"]), pooled(effects, ["kind"])], ignore_index=True
    )
    table = as_ratios(table).sort_values(["kind", "family"]).reset_index(drop=True)
    width = stats.t.ppf(0.975, table["freedom"]) * np.sqrt(table["variance"])
    table["low_ratio"], table["high_ratio"] = (
        np.exp(table["effect"] - width) - 1,
        np.exp(table["effect"] + width) - 1,
    )
    return table[
        ["kind", "family", "lift_ratio", "standard_error", "low_ratio", "high_ratio", "series"]
    ]


def past_lifts(
    demand_history: DataFrame,
    cells: DataFrame,
    products: DataFrame,
    stock_availability: DataFrame | None = None,
) -> DataFrame:
    """Calculate the lift of each past activity; `cells` is what `past_cells` lists.

    Returns
    -------
    activity, product, market, period : lift_ratio, standard_error [ratio], basis; only where a
        lift could be estimated
    """
    if cells.empty:
        return cells.assign(lift_ratio=0.0, standard_error=0.0, basis="")
    effects = _series_effects(demand_history, cells, products, stock_availability)
    cells = _with_lift(cells, _lifts_of(effects))
    return cells[cells["lift_ratio"].notna()].reset_index(drop=True)


# --------------------------------------------------------------------------------------------------
# the planned months


def _base(cells, baseline_forecast, launch_plan):
    """What would sell in the cells without activities: baseline and launches, never below 0.

    Returns
    -------
    product, market, period : base [units]
    """
    parts = [(baseline_forecast, "baseline")]
    if launch_plan is not None:
        parts.append((launch_plan, "launch_demand"))
    wanted = cells[CELL].drop_duplicates()
    touched = [
        table.loc[rows_of(table, wanted, CELL) >= 0, [*CELL, part]].rename(columns={part: "base"})
        for table, part in parts
    ]
    base = pd.concat(touched).groupby(CELL, as_index=False)["base"].sum()
    return base.assign(base=np.maximum(base["base"], 0.0))


@remembered
def _planned_cells(touched, marketing_activities, planning_periods):
    """The touched cells of planned months, with the activity's units a month by funnel rates."""
    if touched.empty:
        return touched
    months = touched.groupby(["activity", "product"])["period"].transform("size")
    planned = touched["period"].isin(planning_periods["period"])
    cells = touched.assign(months=months)[planned].reset_index(drop=True)
    cells = attach(cells, pipeline.campaign_units(marketing_activities)[["activity", "units"]])
    return cells.assign(units=cells["units"] / cells["months"]).drop(columns="months")


def _sharing_the_month(cells):
    """The lift of each activity beside the others of its product, market and month.

    Rows of one kind part its lift equally. The factors of different kinds multiply; what they bring
    together is parted as the mean of taking them in the order of their names and in the other.
    """
    known = cells["lift_ratio"].notna()
    rows = cells[known].sort_values([*CELL, "kind"], kind="stable")
    if rows.empty:
        return cells
    kind = rows.groupby([*CELL, "kind"])["lift_ratio"]
    count, first = kind.transform("size"), kind.cumcount() == 0
    factor = np.where(first, 1 + rows["lift_ratio"], 1.0)
    month = pd.Series(factor, rows.index).groupby([rows[name] for name in CELL])
    up_to = month.cumprod().groupby([rows[name] for name in [*CELL, "kind"]]).transform("last")
    own, together = 1 + rows["lift_ratio"], month.transform("prod")
    safe = own.where(own > 0, 1.0)
    before, after = up_to / safe, together / up_to.where(up_to > 0, 1.0)
    part = rows["lift_ratio"] * (before + after) / 2 / count
    return cells.assign(
        lift_ratio=cells["lift_ratio"].mask(known, part),
        standard_error=cells["standard_error"].mask(known, cells["standard_error"] / count),
    )


def _share_of_activity(cells):
    """The share of each cell in its activity's month: products in proportion to what they sell."""
    month = cells.groupby(["activity", "period"])["base"]
    total, count = month.transform("sum"), month.transform("size")
    return np.where(total > 0, cells["base"] / total.where(total > 0, 1.0), 1.0 / count)


# --------------------------------------------------------------------------------------------------
# how much


@remembered
def _lifts(demand_history, cells, products, stock_availability):
    """Estimate lifts by the past cells; see `_lifts_of`."""
    return _lifts_of(_series_effects(demand_history, cells, products, stock_availability))


def _lifts_of(effects):
    """The lifts of series, families and kinds, those of the nearest first.

    Returns
    -------
    list of (key, table with lift_ratio and standard_error, words for the basis)
    """
    family, kind = (pooled(effects, key) for key in (["kind", "family"], ["kind"]))
    own = shrunk(effects, family)
    steps = (
        (["kind", "product", "market"], own, "own history, pooled with the family's"),
        (["kind", "family"], family, "history of the family"),
        (["kind"], kind, "history of the kind in other families"),
    )
    return [(key, as_ratios(table), words) for key, table, words in steps]


@remembered
def _with_lift(cells, lifts):
    """Give each cell the lift of its product and market, else of its family, else of its kind."""
    ratio, error = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    basis = np.full(len(cells), None, dtype=object)
    for key, known, words in lifts:
        place = rows_of(cells, known, key)
        new = np.isnan(ratio) & (place >= 0)
        ratio[new] = known["lift_ratio"].to_numpy()[place[new]]
        error[new] = known["standard_error"].to_numpy()[place[new]]
        basis[new] = words
    return cells.assign(lift_ratio=ratio, standard_error=error, basis=pd.array(basis, dtype="str"))


# --------------------------------------------------------------------------------------------------
# the series that are regressed


def _series_effects(demand_history, cells, products, stock_availability):
    """Estimate each kind's effect in each product and market.

    Months with an activity count as sold, other months as cleaned; months with a stock-out are left
    out.

    Returns
    -------
    Effects
    """
    columns = ["kind", "product", "market", "family"]
    touched = cells[PAIR].drop_duplicates(ignore_index=True)
    if touched.empty:
        return Effects(
            cells[columns].assign(effect=0.0, variance=0.0, freedom=0), *np.zeros((2, 0, 0))
        )
    kinds = sorted(cells["kind"].unique())
    demand, ran = _as_arrays(touched, cells, kinds, demand_history, stock_availability)
    effect, freedom, lever, error = regression(demand, ran)
    known, kind = np.nonzero(~np.isnan(effect))
    table = touched.loc[known, PAIR].reset_index(drop=True)
    table = table.assign(
        kind=pd.array(np.array(kinds, dtype=object)[kind], dtype="str"),
        effect=effect[known, kind],
        variance=variance(lever, error)[known, kind],
        freedom=freedom[known],
    )
    table = attach(table, products[["product", "family"]])
    return Effects(
        table[[*columns, "effect", "variance", "freedom"]], lever[known, kind], error[known]
    )


def _as_arrays(touched, cells, kinds, demand_history, stock_availability):
    """The series as arrays: what the regression explains, and which activities ran.

    Returns
    -------
    (series x month : demand [units; missing where it is not known],
    series x month x kind : 1 where an activity of the kind ran, else 0)
    """
    series = rows_of(demand_history, touched, PAIR)
    rows, series = demand_history[series >= 0], series[series >= 0]
    month = pd.PeriodIndex(rows["period"]).asi8
    first, size = month.min(), month.max() - month.min() + 1
    ran = np.zeros((len(touched), size, len(kinds)))
    when = pd.PeriodIndex(cells["period"]).asi8 - first
    ran[rows_of(cells, touched, PAIR), when, pd.Index(kinds).get_indexer(cells["kind"])] = 1.0
    promoted = ran.any(axis=2)[series, month - first]
    demand = np.full(ran.shape[:2], np.nan)
    demand[series, month - first] = np.where(promoted, rows["quantity"], rows["cleansed"])
    if stock_availability is not None:
        short = attach(rows[CELL], stock_availability, default=1.0)["in_stock_ratio"].to_numpy() < 1
        demand[series[short], (month - first)[short]] = np.nan
    return demand, ran
