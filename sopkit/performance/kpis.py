"""How the company did, as every meeting needs to know it."""

import pandas as pd

from sopkit.tables import attach, conform, empty

CLOSED_MONTHS = 12
COVER_MONTHS = 3  # the sales that stock is held against


def kpis(
    horizon,
    products,
    sales_history,
    demand_history,
    budget=None,
    availability=None,
    approved_plans=None,
    inventory=None,
):
    """Say how the last twelve closed months went, one sentence a figure.

    A measure that cannot be known has one row without value, in the last closed month, that says what is missing.

    Returns
    -------
    measure, period : value, target [the measure's unit], statement
    """
    first = horizon["period"].min()
    closed = sales_history[sales_history["period"].between(first - CLOSED_MONTHS, first - 1)]
    months = pd.DataFrame({"period": closed["period"].drop_duplicates().sort_values()})
    if months.empty:
        return empty("kpis")
    rows = [
        _sold(months, products, closed, budget),
        _revenue(months, closed, budget),
        _in_stock(months, demand_history, availability),
        *_consensus_made_a_month_ahead(months, closed, approved_plans),
        _cover(months, closed, inventory),
    ]
    return conform("kpis", pd.concat(rows, ignore_index=True))


def _measured(measure, months, statement, unknown):
    """Rows of one measure where it has a value, or one row that says why it has none."""
    rows = months.assign(measure=measure, statement=statement)
    known = rows[rows["value"].notna()]
    return known if len(known) else rows.tail(1).assign(statement=unknown)


def _name(months):
    return months["period"].astype("str")


def _beside_budget(months):
    """Words for the distance to budget; empty where the month has none."""
    known = months["target"].notna() & (months["target"] > 0)
    distance = months["value"] / months["target"].where(known) - 1
    side = distance.ge(0).map({True: "above", False: "below"})
    return (", " + distance.abs().map(_percent) + " " + side + " budget").where(known, "")


def _budgeted(months, budget, measure):
    if budget is None:
        return months.assign(target=float("nan"))
    target = (
        budget.groupby("period", as_index=False)[measure].sum().rename(columns={measure: "target"})
    )
    return attach(months, target, absent=float("nan"))


def _sold(months, products, closed, budget):
    sold = (
        closed.groupby("period", as_index=False)["quantity"]
        .sum()
        .rename(columns={"quantity": "value"})
    )
    rows = _budgeted(attach(months, sold), budget, "quantity")
    words = (
        rows["value"].map("{:,.0f}".format)
        + " units were sold in "
        + _name(rows)
        + _beside_budget(rows)
    )
    return _measured(
        "quantity", rows, words + _furthest_below(rows, products, closed, budget) + ".", ""
    )


def _furthest_below(months, products, closed, budget):
    """Name the family furthest below its budget in each month, in units of its own."""
    nothing = pd.Series("", index=months.index)
    if budget is None:
        return nothing
    sold = attach(closed, products[["product", "family"]])
    sold = (
        sold.groupby(["family", "period"], as_index=False)["quantity"]
        .sum()
        .rename(columns={"quantity": "sold"})
    )
    held = budget[budget["period"].isin(months["period"]) & (budget["quantity"] > 0)]
    held = attach(held[["family", "period", "quantity"]], sold, absent=0.0)
    held["distance"] = held["sold"] / held["quantity"] - 1
    worst = held[held["distance"] < 0].sort_values(["distance", "family"]).drop_duplicates("period")
    if worst.empty:
        return nothing
    worst["words"] = (
        "; " + worst["family"] + " is furthest below (" + worst["distance"].map(_percent) + ")"
    )
    return months["period"].map(worst.set_index("period")["words"]).fillna("").astype("str")


def _revenue(months, closed, budget):
    """Revenue of the months in which every sale's is known."""
    known = closed["revenue"].mask(closed["quantity"] == 0, closed["revenue"].fillna(0.0))
    whole = known.notna().groupby(closed["period"]).transform("all") & (
        closed["revenue"].notna().any()
    )
    revenue = (
        known[whole]
        .groupby(closed["period"])
        .sum()
        .rename("value")
        .rename_axis("period")
        .reset_index()
    )
    rows = _budgeted(attach(months, revenue, absent=float("nan")), budget, "revenue")
    words = (
        "Sales came to "
        + rows["value"].map("{:,.0f}".format)
        + " in "
        + _name(rows)
        + _beside_budget(rows)
        + "."
    )
    return _measured("revenue", rows, words, "The revenue of sales is not known.")


def _in_stock(months, demand_history, availability):
    """Share of demand that met stock; a month without entry in `availability` had stock all along."""
    unknown = "Availability is not recorded, so nobody knows how often products were missing."
    rows = months.assign(value=float("nan"), target=float("nan"))
    if availability is not None:
        cells = demand_history[demand_history["period"].isin(months["period"])]
        cells = attach(cells[["product", "market", "period", "cleaned"]], availability, absent=1.0)
        cells["met"] = cells["cleaned"] * cells["in_stock_ratio"]
        sums = cells.groupby("period")[["met", "cleaned"]].sum()
        rows["value"] = rows["period"].map(sums["met"] / sums["cleaned"].where(sums["cleaned"] > 0))
    words = (
        "Weighted by demand, products could be had "
        + rows["value"].map(_percent)
        + " of the time in "
        + _name(rows)
        + "."
    )
    return _measured("in_stock_ratio", rows, words, unknown)


def _consensus_made_a_month_ahead(months, closed, approved_plans):
    """Accuracy (1 - WAPE) and bias of the consensus that each month's own cycle approved, by product."""
    missing = "No consensus approved for the month is known, so its accuracy cannot be measured."
    rows = months.assign(accuracy=float("nan"), bias=float("nan"), target=float("nan"))
    if approved_plans is not None:
        own = (approved_plans["contributor"] == "consensus") & (
            approved_plans["cycle"] == approved_plans["period"]
        )
        forecast = approved_plans[own & approved_plans["period"].isin(months["period"])]
        forecast = (
            forecast.groupby(["product", "period"], as_index=False)["quantity"]
            .sum()
            .rename(columns={"quantity": "forecast"})
        )
        sold = closed.groupby(["product", "period"], as_index=False)["quantity"].sum()
        pairs = attach(forecast, sold, absent=0.0)
        pairs["miss"] = pairs["forecast"] - pairs["quantity"]
        pairs["error"] = pairs["miss"].abs()
        sums = pairs.groupby("period")[["quantity", "miss", "error"]].sum()
        actual = sums["quantity"].where(sums["quantity"] > 0)
        rows["accuracy"] = rows["period"].map(1 - sums["error"] / actual)
        rows["bias"] = rows["period"].map(sums["miss"] / actual)
    side = rows["bias"].ge(0).map({True: "too high", False: "too low"})
    right = (
        "The consensus for "
        + _name(rows)
        + " was "
        + rows["accuracy"].map(_percent)
        + " accurate, by product."
    )
    leaning = (
        "The consensus for "
        + _name(rows)
        + " was "
        + rows["bias"].abs().map(_percent)
        + " "
        + side
        + "."
    )
    accuracy = rows.rename(columns={"accuracy": "value"}).drop(columns="bias")
    bias = rows.rename(columns={"bias": "value"}).drop(columns="accuracy")
    return (
        _measured("forecast_accuracy_ratio", accuracy, right, missing),
        _measured("bias", bias, leaning, missing.replace("accuracy", "bias")),
    )


def _cover(months, closed, inventory):
    """Months that the opening stock lasts at the last three months' sales; one row, in the last closed month."""
    last = months.tail(1).assign(value=float("nan"), target=float("nan"))
    recent = months["period"].tail(COVER_MONTHS)
    monthly = closed.loc[closed["period"].isin(recent), "quantity"].sum() / len(recent)
    if inventory is not None and monthly > 0:
        last["value"] = inventory["on_hand"].sum() / monthly
    words = (
        "Stock covers "
        + last["value"].map("{:.1f}".format)
        + f" months at the sales of the last {len(recent)} months."
    )
    return _measured(
        "cover_months",
        last,
        words,
        "Stock or recent sales are not known, so cover cannot be measured.",
    )


def _percent(ratio):
    """A share in words: 5.9 %."""
    return f"{100 * ratio:.1f} %"
