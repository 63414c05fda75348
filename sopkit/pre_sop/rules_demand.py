"""Gap rules of demand: functions' forecasts, bias, the last plan, single deals."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from sopkit.pre_sop.gap import MEASURES, contribution, gap, with_family
from sopkit.tables import attach


@gap(
    area="demand",
    owner="demand planner",
    statement="{detail} expects {reference} units of {family} where the statistical plan says {plan},"
    " {months}",
    question="Whose view of demand does the plan follow, and on what evidence?",
    table="forecast_overrides",
    exhibit="30_demand_review.forecast_overrides",
)
def view(
    forecast_overrides: DataFrame,
    demand_plan: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Compare the statistical plan (the consensus before overrides) with the functions' forecasts.

    Only the products and markets that a function spoke for are compared.
    """
    cells = ["product", "market", "period"]
    statistical = demand_plan[cells].assign(plan=demand_plan["consensus"] - demand_plan["override"])
    planned = forecast_overrides["period"].isin(demand_plan["period"])
    rows = attach(forecast_overrides.loc[planned, ["function", *cells, "quantity"]], statistical)
    rows = with_family(attach(rows, contribution(unit_economics)), products)
    rows["reference"] = rows["quantity"]
    rows["gap_units"] = rows["plan"] - rows["reference"]
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    rows = rows.groupby(["function", "family", "period"], as_index=False)[MEASURES].sum()
    rows["wrong"] = rows["gap_units"].abs() > threshold["share_of_plan"] * rows["plan"]
    function = rows["function"].astype("str")
    return rows.assign(
        item=function + "-" + rows["family"].astype("str"), detail=function.str.capitalize()
    )


@gap(
    area="demand",
    owner="demand planner",
    statement="{family}: the consensus has kept to one side of sales; without that bias the plan is"
    " {reference} units, not {plan}, {months}",
    question="Is the plan corrected, or why will it be right this time?",
    table="forecast_accuracy",
    exhibit="30_demand_review.forecast_accuracy",
    whole=True,
)
def bias(
    demand_plan: DataFrame,
    forecast_accuracy: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Compare the consensus with the consensus corrected by its bias one month ahead.

    A family's bias persists when its errors add up to several mean absolute errors on one side.
    """
    habit = forecast_accuracy
    habit = habit[
        (habit["contributor"] == "consensus") & (habit["level"] == "family") & (habit["lag"] == 1)
    ]
    habit = habit.assign(family=habit["item"])[["family", "bias", "tracking_signal"]]
    rows = attach(with_family(demand_plan, products), contribution(unit_economics))
    rows["gap_value"] = rows["consensus"] * rows["contribution"]
    rows = rows.groupby(["family", "period"], as_index=False)[["consensus", "gap_value"]].sum()
    rows = rows[rows["family"].isin(habit["family"])]
    rows = attach(rows, habit)
    rows["plan"], rows["reference"] = rows["consensus"], rows["consensus"] / (1 - rows["bias"])
    rows["gap_units"] = rows["plan"] - rows["reference"]
    rows["gap_value"] *= -rows["bias"] / (1 - rows["bias"])
    to_one_side = rows["tracking_signal"].abs() > threshold["tracking_signal"]
    rows["wrong"] = to_one_side & (rows["bias"].abs() > threshold["bias"])
    return rows.assign(item=rows["family"])


@gap(
    area="demand",
    owner="demand planner",
    statement="{family}: the plan is {plan} units where {reference} were approved last, {months}",
    question="What is known now that was not known then?",
    table="plan_variances",
    exhibit="50_financial_review.against_all",
)
def demand_change(
    plan_variances: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find months in which a family's plan differs widely from the last approved plan."""
    rows = plan_variances[
        (plan_variances["reference_type"] == "last_cycle") & (plan_variances["item"] != "all")
    ]
    rows = rows[rows["measure"] == "quantity"].rename(columns={"reference_value": "reference"})
    mean = with_family(contribution(unit_economics), products)
    mean = mean.groupby(["family", "period"], as_index=False)["contribution"].mean()
    rows = attach(rows.assign(family=rows["item"], gap_units=rows["variance"]), mean)
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    rows["wrong"] = rows["gap_units"].abs() > threshold["share_of_last_plan"] * rows["reference"]
    return rows


@gap(
    area="demand",
    owner="sales manager",
    statement="Deal {item} of {family} adds {units} units that sales may have in its own view as well,"
    " {months}",
    question="Is the deal in the view of sales, or on top of it?",
    table="pipeline_forecast",
    exhibit="30_demand_review.pipeline_forecast",
)
def double(
    pipeline_forecast: DataFrame,
    forecast_overrides: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
) -> DataFrame:
    """Find deals in the plan whose product and month sales has raised already."""
    cells = ["product", "market", "period"]
    raised = forecast_overrides[
        (forecast_overrides["function"] == "sales") & (forecast_overrides["override"] > 0)
    ]
    planned = pipeline_forecast[pipeline_forecast["period"].isin(unit_economics["period"])]
    rows = attach(planned, raised[[*cells, "override"]], default=0.0)
    rows = with_family(attach(rows, contribution(unit_economics)), products)
    rows["plan"], rows["item"] = rows["opportunity_demand"], rows["opportunity"]
    rows["gap_units"] = np.minimum(rows["opportunity_demand"], rows["override"])
    rows["reference"] = rows["plan"] - rows["gap_units"]
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    return rows.assign(wrong=rows["gap_units"] > 0)
