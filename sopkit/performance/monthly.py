"""How well plans held month by month, and how well what the company owns was used."""

import pandas as pd

from sopkit.performance import assets
from sopkit.performance.kpis import CLOSED_MONTHS
from sopkit.performance.measures import EVERYTHING
from sopkit.schema.glossary import label
from sopkit.tables import attach, conform
from sopkit.tables.periods import add_months, months_between

MADE = ["regular", "overtime", "subcontract"]
FAR = 6  # months ahead: plans further out are not yet acted on
_FIGURE = ["measure", "item", "period", "value", "statement"]


def performance(
    horizon,
    products,
    unit_economics,
    sales_history,
    kpis,
    demand_plan,
    approved_plans=None,
    approved_supply_plans=None,
    production_history=None,
    hours_history=None,
    routings=None,
    resources=None,
    cycle_calendar=None,
):
    """Say how the last twelve closed months went and how well their plans held, one sentence a figure.

    A plan is attained to the extent that families do not differ from it: 1 - sum of |actual - plan| / sum of plan, both
    by family. What cannot be known has one row without value, in the last closed month, that says what is missing.

    Returns
    -------
    measure, item, period : value, target [the measure's unit], statement

    Source
    ------
    Wallace and Stahl, Sales & Operations Planning: The How-To Handbook, on measuring performance to plan by family.
    """
    first = horizon["period"].min()
    months = pd.period_range(first - CLOSED_MONTHS, first - 1, freq="M")
    closed = sales_history[sales_history["period"].isin(months)]
    own = _own_month(approved_supply_plans, months)
    done = (
        None
        if production_history is None
        else production_history[production_history["period"].isin(months)]
    )
    worked = None if hours_history is None else hours_history[hours_history["period"].isin(months)]
    parts = [
        _kept_from(kpis),
        _demand_attained(products, closed, approved_plans),
        _accuracy_by_lag(closed, approved_plans),
        _production_attained(products, own, done),
        _inventory_attained(products, own, done),
        _plan_change(first, demand_plan, approved_plans),
        assets.stock(closed, unit_economics, done),
        assets.hours(worked),
        assets.productivity(worked, done, routings, resources),
        _calendar_kept(first, cycle_calendar),
    ]
    rows = pd.concat([_one_unknown(part, first - 1) for part in parts], ignore_index=True)
    return conform("performance", rows.sort_values(["measure", "item", "period"], kind="stable"))


def _one_unknown(part, last):
    """Rows of a measure, or, where only words came, one row without value in the last closed month."""
    if isinstance(part, pd.DataFrame):
        return part
    rows = [
        {"measure": measure, "item": EVERYTHING, "period": last, "statement": why}
        for measure, why in part
    ]
    return pd.DataFrame(rows)


def _kept_from(kpis):
    """The measures that every meeting knows; accuracy and bias are those of the month's own cycle."""
    ahead = kpis["measure"].isin(["forecast_accuracy_ratio", "bias"]) & kpis["value"].notna()
    return kpis.assign(item=ahead.map({True: "lag 1", False: EVERYTHING}))


def _own_month(approved_supply_plans, months):
    """What each closed month's own cycle planned to make and to have in stock."""
    if approved_supply_plans is None:
        return None
    own = approved_supply_plans[approved_supply_plans["cycle"] == approved_supply_plans["period"]]
    own = own[own["period"].isin(months)]
    return own.assign(made=own[MADE].sum(axis=1))


def _attained(measure, families, what, reasons=None):
    """Attainment of the months that have both a plan and an actual; `families`: family, period, plan, actual."""
    off = families.assign(off=(families["actual"] - families["plan"]).abs())
    sums = off.groupby("period")[["off", "plan"]].sum()
    value = (1 - sums["off"] / sums["plan"].where(sums["plan"] > 0)).dropna()
    worst = off.sort_values(["off", "family"], ascending=[False, True]).drop_duplicates("period")
    worst = worst.set_index("period").loc[value.index]
    side = (worst["actual"] >= worst["plan"]).map({True: "above", False: "below"})
    words = (
        value.map("{:.1%}".format).str.replace("%", " %")
        + f" of the {what} was kept to; "
        + worst["family"]
    )
    words += " was furthest off, " + worst["off"].map("{:,.0f} units ".format) + side + " plan"
    if reasons is not None:
        words += value.index.to_series().map(reasons).fillna("").astype("str")
    rows = (
        pd.DataFrame({"value": value, "statement": words + "."}).rename_axis("period").reset_index()
    )
    return rows.assign(measure=measure, item=EVERYTHING)[_FIGURE]


def _paired(products, plan, actual):
    """Plan and actual by family and month, where the month has both."""
    sides = []
    for name, rows in (("plan", plan), ("actual", actual)):
        rows = attach(rows[["product", "period", name]], products[["product", "family"]])
        sides.append(rows.groupby(["family", "period"])[name].sum())
    both = pd.concat(sides, axis=1).reset_index()
    whole = both["period"].isin(plan["period"]) & both["period"].isin(actual["period"])
    return both[whole].fillna({"plan": 0.0, "actual": 0.0})


def _of_planned(products, rows):
    """Rows of products that are planned; the past may know others."""
    return rows[rows["product"].isin(products["product"])]


def _demand_attained(products, closed, approved_plans):
    measure = "demand_attainment_ratio"
    consensus = _consensus(approved_plans)
    if consensus is not None:
        plan = consensus[consensus["cycle"] == consensus["period"]].rename(
            columns={"quantity": "plan"}
        )
        pairs = _paired(
            products, _of_planned(products, plan), closed.rename(columns={"quantity": "actual"})
        )
        if len(pairs):
            return _attained(measure, pairs, "demand plan")
    return [
        (
            measure,
            "No consensus approved for the closed months is known, so it is held against nothing.",
        )
    ]


def _production_attained(products, own, done):
    measure = "production_attainment_ratio"
    if own is None or done is None:
        lacking = "approved_supply_plans" if own is None else "production_history"
        return [(measure, f"Without {lacking} nobody can say whether production kept to its plan.")]
    plan, actual = own.rename(columns={"made": "plan"}), done.rename(columns={"produced": "actual"})
    pairs = _paired(products, _of_planned(products, plan), _of_planned(products, actual))
    if pairs.empty:
        return [(measure, "No month has both a plan approved in it and a count of what was made.")]
    said = done[done["reason"].notna()].drop_duplicates(["period", "reason"])
    reasons = said.groupby("period")["reason"].agg("; ".join)
    return _attained(measure, pairs, "production plan", " (" + reasons + ")")


def _inventory_attained(products, own, done):
    measure = "inventory_attainment_ratio"
    plan = None if own is None else _whole_months(own)
    actual = None if done is None else _whole_months(done)
    if plan is None or actual is None or plan.empty or actual.empty:
        lacking = "approved_supply_plans" if plan is None or plan.empty else "production_history"
        return [
            (
                measure,
                f"Without the stock in {lacking} nobody can say whether stock kept to its plan.",
            )
        ]
    plan, actual = (
        plan.rename(columns={"inventory": "plan"}),
        actual.rename(columns={"inventory": "actual"}),
    )
    pairs = _paired(products, _of_planned(products, plan), _of_planned(products, actual))
    return _attained(measure, pairs, "stock plan")


def _whole_months(rows):
    """Months in which every stock is known."""
    return rows[rows["inventory"].notna().groupby(rows["period"]).transform("all")]


def _consensus(approved_plans):
    return (
        None
        if approved_plans is None
        else approved_plans[approved_plans["contributor"] == "consensus"]
    )


def _accuracy_by_lag(closed, approved_plans):
    """Accuracy of the consensus, by product, two to six months ahead; one month ahead is among the `kpis`."""
    consensus = _consensus(approved_plans)
    if consensus is None or consensus.empty:
        return pd.DataFrame(columns=_FIGURE)
    lag = months_between(consensus["cycle"], consensus["period"]) + 1
    known = consensus.assign(lag=lag)[
        (lag > 1) & (lag <= FAR) & consensus["period"].isin(closed["period"])
    ]
    forecast = known.groupby(["product", "period", "lag"], as_index=False)["quantity"].sum()
    sold = closed.groupby(["product", "period"], as_index=False)["quantity"].sum()
    pairs = attach(forecast.rename(columns={"quantity": "forecast"}), sold, absent=0.0)
    pairs["error"] = (pairs["forecast"] - pairs["quantity"]).abs()
    sums = pairs.groupby(["lag", "period"], as_index=False)[["error", "quantity"]].sum()
    rows = sums.assign(value=1 - sums["error"] / sums["quantity"].where(sums["quantity"] > 0))
    rows = rows[rows["value"].notna()]
    words = (
        "The consensus made "
        + rows["lag"].astype(str)
        + " months ahead was "
        + _percents(rows["value"])
    )
    return _figures(
        rows, "forecast_accuracy_ratio", _lag_name(rows["lag"]), words + " accurate, by product."
    )


def _plan_change(first, demand_plan, approved_plans):
    """How much of the plan for each of the next months each cycle changed, by product."""
    measure = "plan_change_ratio"
    consensus = _consensus(approved_plans)
    if consensus is None or consensus.empty:
        return [
            (measure, "No earlier plan is approved, so nobody can say how much this one changes.")
        ]
    now = demand_plan.assign(cycle=first, quantity=demand_plan["consensus"])
    plans = pd.concat(
        [consensus[consensus["cycle"] != first], now[["cycle", "product", "period", "quantity"]]]
    )
    plans = plans.groupby(["cycle", "product", "period"], as_index=False)["quantity"].sum()
    before = plans.assign(cycle=add_months(plans["cycle"], 1)).rename(
        columns={"quantity": "before"}
    )
    both = plans.merge(
        before, on=["cycle", "product", "period"], how="inner", validate="one_to_one"
    )
    lag = months_between(both["cycle"], both["period"]) + 1
    both = both.assign(lag=lag, moved=(both["quantity"] - both["before"]).abs())
    both = both[(lag >= 1) & (lag <= FAR) & (both["cycle"] > first - CLOSED_MONTHS)]
    sums = both.groupby(["lag", "cycle"], as_index=False)[["moved", "before"]].sum()
    rows = sums[sums["before"] > 0].rename(columns={"cycle": "period"})
    if rows.empty:
        return [(measure, "No two cycles one after the other planned the same month.")]
    rows["value"] = rows["moved"] / rows["before"]
    words = (
        "The cycle changed "
        + _percents(rows["value"])
        + " of the plan made a month before for its month "
    )
    return _figures(
        rows, measure, _lag_name(rows["lag"]), words + rows["lag"].astype(str) + ", by product."
    )


def _calendar_kept(first, cycle_calendar):
    """The share of each earlier cycle's meetings that were held by the day they were called for."""
    measure = "calendar_kept_ratio"
    past = None if cycle_calendar is None else cycle_calendar[cycle_calendar["cycle"] < first]
    if past is None or past.empty:
        return [(measure, "No calendar of earlier cycles' meetings is kept.")]
    past = past[past["cycle"] >= first - CLOSED_MONTHS]
    late = past["held_on"].isna() | (past["held_on"] > past["planned_day"])
    how = past["held_on"].isna().map({True: " was not held", False: " was late"})
    why = (" (" + past["reason"] + ")").where(past["reason"].notna(), "")
    said = (
        (past["meeting"].map(lambda meeting: label(meeting, of="meeting")) + how + why)[late]
        .groupby(past["cycle"])
        .agg("; ".join)
    )
    rows = (~late).groupby(past["cycle"]).agg(["mean", "sum", "size"])
    rows = rows.rename_axis("period").rename(columns={"mean": "value"}).reset_index()
    words = (
        rows["sum"].astype(str) + " of " + rows["size"].astype(str) + " meetings were held in time"
    )
    tail = ("; " + rows["period"].map(said)).fillna("").astype("str")
    return _figures(rows, measure, EVERYTHING, words + tail + ".")


def _lag_name(lags):
    return "lag " + lags.astype(str)


def _percents(values):
    return values.map("{:.1%}".format).astype("str").str.replace("%", " %")


def _figures(rows, measure, item, statement):
    return rows.assign(measure=measure, item=item, statement=statement)[_FIGURE]
