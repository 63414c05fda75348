"""The demand funnel from activities to units and back, and deals of the sales pipeline."""

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.special import betaincinv

from sopkit.master_data.selling_prices import market_prices, priced
from sopkit.rules.remember import as_known, remembered
from sopkit.schema.columns import LOST, WON
from sopkit.schema.tables import TABLES
from sopkit.tables import attach, empty
from sopkit.tables.joins import rows_of
from sopkit.tables.on_arrays import on_arrays

CELL = ["product", "market", "period"]
RATES = ["response_ratio", "win_ratio", "units_per_win"]
# stages truly differ: drawing a stage's record harder to the mean misses the truth more often
SHRINKAGE_DEALS = 1
WEIGHTED = "by its stated probability"
STAGE_COLUMNS = [
    "stage",
    "open_deals",
    "stated_ratio",
    "closed_deals",
    "won_deals",
    "won_ratio",
    "low_ratio",
    "high_ratio",
]


@on_arrays
def pipeline_forecast(
    planning_periods: DataFrame,
    opportunities: DataFrame | None = None,
    disaggregated_inputs: DataFrame | None = None,
    promotion_lift: DataFrame | None = None,
    opportunity_history: DataFrame | None = None,
) -> DataFrame:
    """Weight each open deal by its stated probability, unless another input counts it already.

    A deal is counted inside the sales input of its product, market and month where there is one,
    and inside its source activity where that brings units to its product and market. The treatment
    says what was done. What closed deals say of the deal's stage (`stage_win_rates`) is shown
    beside its probability and changes nothing. Deals won or lost in months that have passed are a
    record, no longer a plan, and are left out.

    Returns
    -------
    opportunity, product, market, period : quantity [units], probability, opportunity_demand
        [units], handling, stage, won_ratio (missing without a stage history)
    """
    if opportunities is None:
        return empty("pipeline_forecast")
    spoken = as_known(opportunities, _sales_cells(disaggregated_inputs))
    busy = as_known(opportunities, _busy_activities(promotion_lift))
    return _weighted(opportunities, opportunity_history, spoken, busy, planning_periods)


@remembered
def _weighted(opportunities, opportunity_history, spoken, busy, planning_periods):
    """Weight the deals that neither a sales input (`spoken`) nor an activity (`busy`) counts."""
    rates = stage_win_rates(opportunities, opportunity_history)
    deals = _pipeline(planning_periods, opportunities)
    if deals.empty:
        return empty("pipeline_forecast")
    in_sales = rows_of(deals, spoken, CELL) >= 0
    source = deals[["product", "market"]].assign(activity=deals["source_activity"])
    in_activity = rows_of(source, busy, list(busy)) >= 0
    cases = {
        "closed month: not planned": deals["period"] < planning_periods["period"].iloc[0],
        "after the planned months": deals["period"] > planning_periods["period"].iloc[-1],
        "lost": deals["stage"].str.lower() == LOST,
        "already in the sales input": in_sales,
    }
    treatment = np.select(
        [*cases.values(), in_activity],
        [*cases, "counted in activity " + deals["source_activity"].fillna("")],
        WEIGHTED,
    )
    plan = deals.assign(handling=pd.array(treatment, dtype="str"))
    counted = plan["handling"] == WEIGHTED
    plan["opportunity_demand"] = (plan["quantity"] * plan["probability"]).where(counted, 0.0)
    stages = plan[["stage"]].assign(stage=plan["stage"].str.lower())
    plan["won_ratio"] = attach(stages, rates[["stage", "won_ratio"]], default=np.nan)["won_ratio"]
    return plan[list(TABLES["pipeline_forecast"].columns)]


def _pipeline(planning_periods, opportunities):
    """Every deal but those that were won or lost in a month that has passed."""
    closed = opportunities["stage"].str.lower().isin([WON, LOST])
    passed = opportunities["period"] < planning_periods["period"].iloc[0]
    return opportunities[~(closed & passed)].sort_values("opportunity", ignore_index=True)


def _sales_cells(disaggregated_inputs):
    """The products, markets and months with a sales input."""
    if disaggregated_inputs is None:
        return empty("disaggregated_inputs")[CELL]
    of_sales = disaggregated_inputs["function"] == "sales"
    return disaggregated_inputs.loc[of_sales, CELL].drop_duplicates(ignore_index=True)


def _busy_activities(promotion_lift):
    """The activities that bring units, with the products and markets that they bring them to."""
    columns = ["activity", "product", "market"]
    if promotion_lift is None:
        return empty("promotion_lift")[columns]
    brings = promotion_lift.loc[promotion_lift["activity_demand"] > 0, columns]
    return brings.drop_duplicates(ignore_index=True)


def campaign_units(marketing_activities: DataFrame) -> DataFrame:
    """Calculate the units of each activity from its reach.

    Returns
    -------
    activity : reach [people], opportunities, wins, units (missing where a rate is not given),
        lag_months [months]
    """
    table = marketing_activities[["activity", "reach"]].copy()
    table["opportunities"] = marketing_activities["reach"] * marketing_activities["response_ratio"]
    table["wins"] = table["opportunities"] * marketing_activities["win_ratio"]
    table["units"] = table["wins"] * marketing_activities["units_per_win"]
    table["lag_months"] = marketing_activities["lag_months"].fillna(0.0)
    return table


def campaign_revenue(
    promotion_lift: DataFrame,
    unit_economics: DataFrame,
    marketing_activities: DataFrame | None = None,
    item_costs: DataFrame | None = None,
) -> DataFrame:
    """Value the units of each activity at the planned price, and compare with its spend.

    What drivers of demand bring is spent by no activity.

    Returns
    -------
    activity : activity_demand [units], revenue, spend [money], spend_per_unit [money per unit],
        missing without units
    """
    marketing_activities = (
        empty("marketing_activities") if marketing_activities is None else marketing_activities
    )
    own = market_prices(item_costs, pd.PeriodIndex(unit_economics["period"].unique()))
    of_activities = promotion_lift["activity"].isin(marketing_activities["activity"])
    lifts = priced(promotion_lift[of_activities], unit_economics, own)
    lifts["revenue"] = lifts["activity_demand"] * lifts["price"]
    total = lifts.groupby("activity", as_index=False)[["activity_demand", "revenue"]].sum()
    table = attach(total, marketing_activities[["activity", "spend"]])
    table["spend_per_unit"] = table["spend"] / table["activity_demand"].where(
        table["activity_demand"] > 0
    )
    return table


def required_reach(marketing_activities: DataFrame, wanted: DataFrame) -> DataFrame:
    """Calculate the reach that each activity needs for its target units.

    `wanted` is activity : quantity [units]. Spend grows with reach, from the activity's own spend
        per person reached.

    Returns
    -------
    activity : quantity [units], wins, opportunities, reach [people], spend [money]

    Raises
    ------
    ValueError : an activity is unknown, or one of its rates is missing or 0.
    """
    known = marketing_activities[["activity", *RATES]].assign(
        spend_per_person=marketing_activities["spend"]
        / marketing_activities["reach"].where(marketing_activities["reach"] > 0)
    )
    table = attach(wanted[["activity", "quantity"]], known)
    unusable = ~(table[RATES] > 0).all(axis=1)
    if unusable.any():
        names = ", ".join(table.loc[unusable, "activity"])
        raise ValueError(
            f"marketing_activities: {', '.join(RATES)} must be above 0 to calculate the required "
            f"reach; they are not for {names}. Enter the rates."
        )
    table["wins"] = table["quantity"] / table["units_per_win"]
    table["opportunities"] = table["wins"] / table["win_ratio"]
    table["reach"] = table["opportunities"] / table["response_ratio"]
    table["spend"] = table["reach"] * table["spend_per_person"]
    return table[["activity", "quantity", "wins", "opportunities", "reach", "spend"]]


def reach_in_plan(
    promotion_lift: DataFrame, marketing_activities: DataFrame | None = None
) -> DataFrame:
    """Calculate the reach that the planned units need, for activities with known rates.

    Returns
    -------
    activity : quantity [units], required_reach, reach [people] (planned; missing where not given)
    """
    marketing_activities = (
        empty("marketing_activities") if marketing_activities is None else marketing_activities
    )
    rated = marketing_activities.loc[(marketing_activities[RATES] > 0).all(axis=1), "activity"]
    planned = promotion_lift[promotion_lift["activity"].isin(rated)]
    wanted = planned.groupby("activity", as_index=False)["activity_demand"].sum()
    needed = required_reach(
        marketing_activities, wanted.rename(columns={"activity_demand": "quantity"})
    )
    needed = needed[["activity", "quantity", "reach"]].rename(columns={"reach": "required_reach"})
    return attach(needed, marketing_activities[["activity", "reach"]])


def estimated_rates(
    planning_periods: DataFrame,
    marketing_activities: DataFrame | None = None,
    opportunities: DataFrame | None = None,
) -> DataFrame:
    """Estimate the funnel rates of each kind of activity from the deals of past activities.

    Past is what ended before the planned months. Only deals that are won or lost tell how many are
    won.

    Returns
    -------
    kind : marketing_activities, opportunities (counts), response_ratio, win_ratio, units_per_win
        (missing where nothing is known)
    """
    if marketing_activities is None or opportunities is None:
        marketing_activities, opportunities = empty("marketing_activities"), empty("opportunities")
    marketing_activities = marketing_activities[
        marketing_activities["end_period"] < planning_periods["period"].iloc[0]
    ]
    deals = opportunities[opportunities["source_activity"].isin(marketing_activities["activity"])]
    won = deals["stage"].str.lower() == WON
    closed = won | (deals["stage"].str.lower() == LOST)
    counts = pd.DataFrame(
        {
            "activity": deals["source_activity"],
            "opportunities": 1.0,
            "closed": closed.astype(float),
            "won": won.astype(float),
            "won_units": deals["quantity"].where(won, 0.0),
        }
    )
    counts = counts.groupby("activity", as_index=False).sum()
    table = attach(marketing_activities[["activity", "kind", "reach"]], counts, default=0.0)
    table["activities"] = 1
    total = table.drop(columns="activity").groupby("kind", as_index=False).sum()
    total["response_ratio"] = total["opportunities"] / total["reach"].where(total["reach"] > 0)
    total["win_ratio"] = total["won"] / total["closed"].where(total["closed"] > 0)
    total["units_per_win"] = total["won_units"] / total["won"].where(total["won"] > 0)
    return total[["kind", "activities", "opportunities", *RATES]]


def win_rates(opportunities: DataFrame | None = None) -> DataFrame:
    """Compare the stated probability of open deals with the win rate of closed deals, by owner.

    Returns
    -------
    owner : open_deals, stated_ratio, closed_deals, won_ratio (missing without such deals)
    """
    opportunities = empty("opportunities") if opportunities is None else opportunities
    stage = opportunities["stage"].str.lower()
    closed = stage.isin([WON, LOST])
    table = pd.DataFrame(
        {
            "owner": opportunities["owner"],
            "open_deals": ~closed,
            "stated_ratio": opportunities["probability"].where(~closed),
            "closed_deals": closed,
            "won_ratio": (stage == WON).astype(float).where(closed),
        }
    )
    return table.groupby("owner", as_index=False).agg(
        {"open_deals": "sum", "stated_ratio": "mean", "closed_deals": "sum", "won_ratio": "mean"}
    )


def stage_win_rates(
    opportunities: DataFrame | None = None, opportunity_history: DataFrame | None = None
) -> DataFrame:
    """Compare the stated probability of open deals with the win rate of closed deals, by stage.

    A stage's record is that of the closed deals that ever entered it. It is drawn to the record of
    all closed deals, as if one more deal (SHRINKAGE_DEALS) had been closed in that proportion.
    Stages stand in the order deals pass them.

    Returns
    -------
    stage (in small letters) : open_deals, stated_ratio, closed_deals, won_deals, won_ratio,
    low_ratio, high_ratio (a
        95 % interval); ratios are missing without deals

    Source
    ------
    Gelman and others, Bayesian Data Analysis, sections 2.4 and 5.3: a beta distribution of a share,
    as if from deals seen before.
    """
    history = empty("opportunity_history") if opportunity_history is None else opportunity_history
    if history.empty or opportunities is None:
        return pd.DataFrame(columns=STAGE_COLUMNS).astype({"stage": "str"})
    deals = opportunities[["opportunity", "probability"]].assign(
        now=opportunities["stage"].str.lower()
    )
    passed = attach(history.assign(stage=history["stage"].str.lower()), deals)
    passed["place"] = passed.groupby("opportunity")["entered_on"].rank()
    passed = passed[~passed["stage"].isin([WON, LOST])].drop_duplicates(["opportunity", "stage"])
    closed = passed[passed["now"].isin([WON, LOST])].assign(won=lambda rows: rows["now"] == WON)
    still_open = deals[~deals["now"].isin([WON, LOST])].rename(columns={"now": "stage"})
    at_stage = {
        "place": passed.groupby("stage")["place"].mean(),
        "open_deals": still_open.groupby("stage").size(),
        "stated_ratio": still_open.groupby("stage")["probability"].mean(),
        "closed_deals": closed.groupby("stage").size(),
        "won_deals": closed.groupby("stage")["won"].sum(),
    }
    table = pd.DataFrame(at_stage).sort_values("place", kind="stable").reset_index(names="stage")
    counts = ["open_deals", "closed_deals", "won_deals"]
    table[counts] = table[counts].fillna(0).astype("int64")
    return _with_record(table, closed.drop_duplicates("opportunity")["won"])[STAGE_COLUMNS]


def _with_record(table, won):
    """Add the share won at each stage; `won` is of all closed deals, and one more of each kind
    keeps it from 0 and 1."""
    usual = (won.sum() + 1) / (len(won) + 2) if len(won) else np.nan
    wins = table["won_deals"] + SHRINKAGE_DEALS * usual
    losses = table["closed_deals"] - table["won_deals"] + SHRINKAGE_DEALS * (1 - usual)
    table["won_ratio"] = wins / (wins + losses)
    table["low_ratio"], table["high_ratio"] = (
        betaincinv(wins, losses, share) for share in (0.025, 0.975)
    )
    return table
