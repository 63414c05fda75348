"""Attainment of plans and dates: forecast accuracy, production, inventory, plan changes,
meetings."""

from collections.abc import Iterable

import pandas as pd
from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.schema.formatting import percent
from sopkit.schema.glossary import label
from sopkit.tables import attach, empty
from sopkit.tables.measures import MissingValue
from sopkit.tables.periods import add_months, months_between

CLOSED_MONTHS = 12
FAR = 6  # months ahead: plans further out are not yet acted on
MADE = ["regular", "overtime", "subcontract"]


def consensus_accuracy(closed: DataFrame, approved_forecasts: DataFrame | None) -> DataFrame:
    """1 - WAPE, by product, of the consensus approved in each month's own cycle."""
    rows = _month_ahead("accuracy", closed, approved_forecasts)
    words = "The consensus for " + months_of(rows) + " was " + percents(rows["value"])
    return rows.assign(statement=words + " accurate, by product.")


def bias(closed: DataFrame, approved_forecasts: DataFrame | None) -> DataFrame:
    """Sum of (actual - forecast) / sum of actual of the consensus of each month's own cycle."""
    rows = _month_ahead("bias", closed, approved_forecasts)
    side = rows["value"].le(0).map({True: " too high.", False: " too low."})
    words = "The consensus for " + months_of(rows) + " was " + percents(rows["value"].abs())
    return rows.assign(statement=words + side)


def accuracy_by_lag(closed: DataFrame, approved_forecasts: DataFrame | None) -> DataFrame:
    """As `consensus_accuracy`, two to six months ahead; one month ahead is among the `kpis`."""
    rows = _forecast_errors(closed, approved_forecasts)
    rows = rows[rows["lag"].between(2, FAR)].rename(columns={"accuracy": "value"})
    lags = rows["lag"].astype(str)
    words = "The consensus made " + lags + " months ahead was " + percents(rows["value"])
    return rows.assign(item="lag " + lags, statement=words + " accurate, by product.")


def _month_ahead(figure: str, closed: DataFrame, approved_forecasts: DataFrame | None) -> DataFrame:
    rows = _forecast_errors(closed, approved_forecasts)
    rows = rows[rows["lag"] == 1].rename(columns={figure: "value"})
    if rows.empty:
        raise MissingValue(f"No approved consensus for the month: {figure} is not measured.")
    return rows[["period", "value"]]


def _forecast_errors(closed: DataFrame, approved_forecasts: DataFrame | None) -> DataFrame:
    """How right the consensus of each cycle was about closed months.

    Returns
    -------
    lag, period : accuracy, bias [ratio]
    """
    consensus = _consensus(approved_forecasts)
    consensus = consensus[consensus["period"].isin(closed["period"])]
    lag = months_between(consensus["cycle"], consensus["period"]) + 1
    keys = ["product", "period", "lag"]
    forecast = consensus.assign(lag=lag).groupby(keys, as_index=False)["quantity"].sum()
    actual = closed.groupby(["product", "period"], as_index=False)["quantity"].sum()
    pairs = attach(forecast.rename(columns={"quantity": "forecast"}), actual, default=0.0)
    pairs["miss"] = pairs["quantity"] - pairs["forecast"]
    pairs["error"] = pairs["miss"].abs()
    sums = pairs.groupby(["lag", "period"])[["quantity", "miss", "error"]].sum()
    sums = sums[sums["quantity"] > 0]
    ratios = {
        "accuracy": 1 - sums["error"] / sums["quantity"],
        "bias": sums["miss"] / sums["quantity"],
    }
    return DataFrame(ratios).reset_index()


def _consensus(approved_forecasts: DataFrame | None) -> DataFrame:
    plans = empty("approved_forecasts") if approved_forecasts is None else approved_forecasts
    return plans[plans["contributor"] == "consensus"]


def own_month(approved_supply_plans: DataFrame | None, months: PeriodIndex) -> DataFrame | None:
    """Production and inventory planned in each closed month's own cycle."""
    if approved_supply_plans is None:
        return None
    own = approved_supply_plans[approved_supply_plans["cycle"] == approved_supply_plans["period"]]
    own = own[own["period"].isin(months)]
    return own.assign(made=own[MADE].sum(axis=1))


def demand_attainment(
    products: DataFrame, closed: DataFrame, approved_forecasts: DataFrame | None
) -> DataFrame:
    consensus = _consensus(approved_forecasts)
    plan = consensus[consensus["cycle"] == consensus["period"]]
    pairs = _paired(_of_planned(products, plan), closed, "quantity", "quantity", products)
    if pairs.empty:
        raise MissingValue(
            "No approved consensus for the closed months: demand attainment is not measured."
        )
    return _attained(pairs, "demand plan")


def production_attainment(
    products: DataFrame, own: DataFrame | None, done: DataFrame | None
) -> DataFrame:
    if own is None or done is None:
        lacking = "approved_supply_plans" if own is None else "production_history"
        raise MissingValue(f"Production attainment is not measured without {lacking}.")
    plan, actual = _of_planned(products, own), _of_planned(products, done)
    pairs = _paired(plan, actual, "made", "produced", products)
    if pairs.empty:
        raise MissingValue("No month has both an approved plan and actual production.")
    said = done[done["reason"].notna()].drop_duplicates(["period", "reason"])
    reasons = said.groupby("period")["reason"].agg("; ".join)
    return _attained(pairs, "production plan", " (" + reasons + ")")


def inventory_attainment(
    products: DataFrame, own: DataFrame | None, done: DataFrame | None
) -> DataFrame:
    plan, actual = _whole_months(own), _whole_months(done)
    if plan.empty or actual.empty:
        lacking = "approved_supply_plans" if plan.empty else "production_history"
        raise MissingValue(f"Inventory attainment is not measured without the stock in {lacking}.")
    plan, actual = _of_planned(products, plan), _of_planned(products, actual)
    return _attained(_paired(plan, actual, "inventory", "inventory", products), "stock plan")


def _of_planned(products: DataFrame, rows: DataFrame) -> DataFrame:
    """Rows of products that are planned; the past may know others."""
    return rows[rows["product"].isin(products["product"])]


def _whole_months(rows: DataFrame | None) -> DataFrame:
    """Months in which every stock is known."""
    if rows is None:
        return DataFrame()
    return rows[rows["inventory"].notna().groupby(rows["period"]).transform("all")]


def _paired(
    plan: DataFrame, actual: DataFrame, planned: str, done: str, products: DataFrame
) -> DataFrame:
    """Plan and actual by family and month, where the month has both.

    Returns
    -------
    family, period : plan, actual [units]
    """
    sides = []
    for name, rows, column in (("plan", plan, planned), ("actual", actual, done)):
        rows = attach(rows[["product", "period", column]], products[["product", "family"]])
        sides.append(rows.groupby(["family", "period"])[column].sum().rename(name))
    both = pd.concat(sides, axis=1).reset_index()
    whole = both["period"].isin(plan["period"]) & both["period"].isin(actual["period"])
    return both[whole].fillna({"plan": 0.0, "actual": 0.0})


def _attained(families: DataFrame, what: str, reasons: Series | None = None) -> DataFrame:
    """Attainment of the months that have both a plan and an actual."""
    off = families.assign(off=(families["actual"] - families["plan"]).abs())
    sums = off.groupby("period")[["off", "plan"]].sum()
    rows = rows_of((1 - sums["off"] / sums["plan"].where(sums["plan"] > 0)).dropna())
    worst = off.sort_values(["off", "family"], ascending=[False, True]).drop_duplicates("period")
    worst = worst.set_index("period").loc[rows["period"]].reset_index()
    side = (worst["actual"] >= worst["plan"]).map({True: "above", False: "below"})
    words = percents(rows["value"]) + f" of the {what} was kept to; " + worst["family"]
    words += " was furthest off, " + worst["off"].map("{:,.0f} units ".format) + side + " plan"
    if reasons is not None:
        words += rows["period"].map(dict(reasons)).astype(object).fillna("").astype("str")
    return rows.assign(statement=words + ".")


def plan_change(
    first: Period, demand_plan: DataFrame, approved_forecasts: DataFrame | None
) -> DataFrame:
    """Calculate how much each cycle changed the plan for the next months, by product."""
    consensus = _consensus(approved_forecasts)
    if consensus.empty:
        raise MissingValue("No earlier plan is approved: the plan change is not measured.")
    now = demand_plan.assign(cycle=first, quantity=demand_plan["consensus"])
    keys = ["cycle", "product", "period"]
    plans = pd.concat([consensus[consensus["cycle"] != first], now[[*keys, "quantity"]]])
    plans = plans.groupby(keys, as_index=False)["quantity"].sum()
    before = plans.assign(cycle=add_months(plans["cycle"], 1))
    before = before.rename(columns={"quantity": "before"})
    both = plans.merge(before, on=keys, how="inner", validate="one_to_one")
    lag = months_between(both["cycle"], both["period"]) + 1
    both = both.assign(lag=lag, moved=(both["quantity"] - both["before"]).abs())
    both = both[(lag >= 1) & (lag <= FAR) & (both["cycle"] > first - CLOSED_MONTHS)]
    sums = both.groupby(["lag", "cycle"], as_index=False)[["moved", "before"]].sum()
    rows = sums[sums["before"] > 0].rename(columns={"cycle": "period"})
    if rows.empty:
        raise MissingValue("No two consecutive cycles planned the same month.")
    rows = rows.assign(value=rows["moved"] / rows["before"])
    lags = rows["lag"].astype(str)
    words = "The cycle changed " + percents(rows["value"])
    words += " of the plan made a month before for its month " + lags + ", by product."
    return rows.assign(item="lag " + lags, statement=words)


def calendar_kept(first: Period, meeting_calendar: DataFrame | None) -> DataFrame:
    """Calendar adherence: share of each earlier cycle's meetings held by their planned date."""
    calendar = empty("meeting_calendar") if meeting_calendar is None else meeting_calendar
    past = calendar[calendar["cycle"] < first]
    if past.empty:
        raise MissingValue(
            "No meeting calendar of earlier cycles: calendar adherence is not measured."
        )
    past = past[past["cycle"] >= first - CLOSED_MONTHS]
    late = past["actual_date"].isna() | (past["actual_date"] > past["planned_date"])
    how = past["actual_date"].isna().map({True: " was not held", False: " was late"})
    why = (" (" + past["reason"] + ")").where(past["reason"].notna(), "")
    named = past["meeting"].map(lambda meeting: label(meeting, of="meeting"))
    said = (named + how + why)[late].groupby(past["cycle"]).agg("; ".join)
    rows = (~late).groupby(past["cycle"]).agg(["mean", "sum", "size"])
    rows = rows.rename_axis("period").rename(columns={"mean": "value"}).reset_index()
    words = rows["sum"].astype(str) + " of " + rows["size"].astype(str)
    tail = ("; " + rows["period"].map(said)).fillna("").astype("str")
    return rows.assign(statement=words + " meetings were held in time" + tail + ".")


def rows_of(values: Series) -> DataFrame:
    """Values by month as rows: period, value."""
    return values.rename("value").rename_axis("period").reset_index()


def percents(ratios: Iterable[float]) -> Series:
    return Series(ratios).map(lambda ratio: percent(ratio, 1)).astype("str")


def months_of(rows: DataFrame) -> Series:
    """The month of each row, in words."""
    return rows["period"].dt.strftime("%b %Y")
