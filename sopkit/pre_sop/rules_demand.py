"""Gap rules of demand: functions' forecasts, bias, naive, the last plan, single deals."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.pre_sop.gap import compared, contribution, gap, sized
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable, present
from sopkit.tables.keys import Keys, rows_in, with_column
from sopkit.tables.periods import YEAR


@gap(
    area="demand",
    owner="demand planner",
    statement="{detail} forecast for {family}: {reference} units vs. statistical baseline "
    "{plan}, {months}",
    question="Which forecast do we adopt, and why?",
    table="forecast_overrides",
    exhibit="30_demand_review.forecast_overrides",
)
def view(
    forecast_overrides: ArrayTable,
    demand_plan: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Compare the statistical plan (the consensus before overrides) with the functions' forecasts.

    Only the products and markets that a function spoke for are compared.
    """
    expected = forecast_overrides.over(demand_plan.months)
    spoken = present(expected)
    statistical = demand_plan.on(expected)
    plan = np.where(spoken, statistical["consensus"] - statistical["override"], 0.0)
    quantity = np.where(spoken, expected["quantity"], 0.0)
    units = plan - quantity
    groups = expected.by("function", "family", master=products)
    function = groups.keys.frame["function"]
    keys = groups.keys.assign(
        place=function + "-" + groups.keys.frame["family"], detail=function.str.capitalize()
    )
    change, planned = groups.sum(units), groups.sum(plan)
    return sized(
        keys,
        expected.months,
        "place",
        plan=planned,
        reference=groups.sum(quantity),
        gap_units=change,
        gap_value=groups.sum(
            units * np.nan_to_num(contribution(unit_economics.on(expected), selling_prices))
        ),
        wrong=np.abs(change) > threshold["share_of_plan"] * planned,
        present=groups.sum(spoken.astype(float)) > 0,
    )


@gap(
    area="demand",
    owner="demand planner",
    statement="{family}: the consensus has been biased; corrected for bias the plan is "
    "{reference} units vs. {plan}, {months}",
    question="Correct the plan for bias, or justify it?",
    table="forecast_accuracy",
    exhibit="30_demand_review.forecast_accuracy",
    whole=True,
)
def bias(
    demand_plan: ArrayTable,
    forecast_accuracy: DataFrame,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Compare the consensus with the consensus corrected by its bias one month ahead.

    A family's bias persists when its errors add up to several mean absolute errors on one side.
    """
    families = demand_plan.by("family", master=products)
    known, off, signal = _habits(families.keys, forecast_accuracy)
    plan = families.sum(demand_plan["consensus"])[known]
    value = families.sum(
        demand_plan["consensus"] * contribution(unit_economics.on(demand_plan), selling_prices)
    )
    reference = plan / (1 - off)
    to_one_side = np.abs(signal) > threshold["tracking_signal"]
    return sized(
        Keys(families.keys.frame[known]),
        demand_plan.months,
        "family",
        plan=plan,
        reference=reference,
        gap_units=plan - reference,
        gap_value=value[known] * (-off / (1 - off)),
        wrong=np.broadcast_to(to_one_side & (np.abs(off) > threshold["bias"]), plan.shape),
    )


@remembered
def _habits(
    families: Keys, forecast_accuracy: DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How the consensus of each family has erred one month ahead.

    Returns
    -------
    (whether it is known, by family; bias and tracking signal of those known, a column each)
    """
    habit = forecast_accuracy[
        (forecast_accuracy["contributor"] == "consensus")
        & (forecast_accuracy["level"] == "family")
        & (forecast_accuracy["lag"] == 1)
    ].set_index("item")
    habit = habit.reindex(pd.Index(families["family"]))[["bias", "tracking_signal"]]
    known = np.isin(np.asarray(families["family"], dtype=object), habit.dropna(how="all").index)
    off, signal = habit.to_numpy(dtype=float)[known].T[:, :, None]
    return known, off, signal


@gap(
    area="demand",
    owner="demand planner",
    statement="{family}: the baseline has been less accurate than the prior year ({detail}); "
    "prior year {reference} units vs. plan {plan}, {months}",
    question="Keep the baseline, or override it?",
    table="forecast_accuracy",
    exhibit="30_demand_review.forecast_accuracy",
    whole=True,
)
def naive(
    demand_plan: ArrayTable,
    forecast_accuracy: DataFrame,
    demand_history: DataFrame,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Compare the plan with the prior year where the baseline's record is worse than naive's.

    A record counts from some months on, one month ahead; the plan is compared in the families that
    lost by more than the threshold.
    """
    last_year = _prior_year(demand_history, unit_economics.months).on(demand_plan, default=0.0)
    worth = contribution(unit_economics.on(demand_plan), selling_prices)
    families = demand_plan.by("family", master=products)
    lost, said = _lost(families.keys, forecast_accuracy, threshold["months"])
    plan = families.sum(demand_plan["consensus"])
    units = demand_plan["consensus"] - last_year["quantity"]
    return sized(
        families.keys.assign(detail=pd.array(said, dtype="str")),
        demand_plan.months,
        "family",
        plan=plan,
        reference=families.sum(last_year["quantity"]),
        gap_units=families.sum(units),
        gap_value=families.sum(units * worth),
        wrong=np.broadcast_to((lost > threshold["value_lost"])[:, None], plan.shape),
    )


@remembered
def _prior_year(demand_history: DataFrame, months: pd.PeriodIndex) -> ArrayTable:
    """What sold in the same month of the last year that is closed, in each planned month."""
    pair = ["product", "market"]
    sold = demand_history[[*pair, "period", "quantity"]]
    month = pd.PeriodIndex(sold["period"]).asi8
    last = month > month.max(initial=0) - YEAR
    sold, month = sold[last], month[last]
    years = range(1, -(-len(months) // YEAR) + 2)
    moved = [
        sold.assign(period=pd.PeriodIndex.from_ordinals(month + YEAR * n, freq="M")) for n in years
    ]
    return ArrayTable.of_rows(pd.concat(moved, ignore_index=True), pair, months)


@remembered
def _lost(families: Keys, forecast_accuracy: DataFrame, months: float) -> tuple[np.ndarray, list]:
    """How much larger the baseline's error one month ahead has been than naive's, by family, and
    both errors in words; 0 where the record is too short."""
    near = forecast_accuracy[
        (forecast_accuracy["level"] == "family")
        & (forecast_accuracy["lag"] == 1)
        & (forecast_accuracy["observations"] >= months)
    ]
    wape = near.pivot_table(index="item", columns="contributor", values="wape", aggfunc="first")
    wape = wape.reindex(index=pd.Index(families["family"]), columns=["baseline", "naive"])
    said = [f"{100 * b:.1f} % against {100 * n:.1f} %" for b, n in wape.to_numpy()]
    return np.nan_to_num((wape["baseline"] - wape["naive"]).to_numpy(dtype=float)), said


@gap(
    area="demand",
    owner="demand planner",
    statement="{family}: plan {plan} units vs. {reference} in the last approved plan, {months}",
    question="What has changed since the last approval?",
    table="plan_variances",
    exhibit="50_financial_review.against_all",
)
def demand_change(
    plan_variances: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find months in which a family's plan differs widely from the last approved plan."""
    rows = compared(plan_variances, "last_cycle", "quantity").over(unit_economics.months)
    families = unit_economics.by("family", master=products)
    mean = families.mean(contribution(unit_economics, selling_prices))
    mean = mean[rows_in(rows.keys, families.keys)]
    change = rows["variance"]
    return sized(
        rows.keys,
        rows.months,
        "family",
        plan=rows["plan"],
        reference=rows["reference_value"],
        gap_units=change,
        gap_value=change * mean,
        wrong=np.abs(change) > threshold["share_of_last_plan"] * rows["reference_value"],
        present=rows.present,
    )


@gap(
    area="demand",
    owner="sales manager",
    statement="Deal {item} of {family} adds {units} units that the sales forecast may already "
    "include, {months}",
    question="Is the deal included in the sales forecast, or additional?",
    table="pipeline_forecast",
    exhibit="30_demand_review.pipeline_forecast",
)
def double(
    pipeline_forecast: DataFrame,
    forecast_overrides: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find deals in the plan whose product and month sales has raised already."""
    keys = ["opportunity", "product", "market"]
    rows = pipeline_forecast[[*keys, "period", "opportunity_demand"]]
    rows = ArrayTable.of_rows(rows, keys, unit_economics.months)
    sales = forecast_overrides.keys.equal("function", "sales")
    view = forecast_overrides.keep(sales)
    view = view.about(Keys(view.keys.frame[["product", "market"]]))
    raised = np.maximum(np.nan_to_num(view.on(rows, default=0.0)["override"]), 0.0)
    plan = rows["opportunity_demand"]
    twice = np.minimum(plan, raised)
    return sized(
        with_column(rows.keys, products, "family"),
        rows.months,
        "opportunity",
        plan=plan,
        reference=plan - twice,
        gap_units=twice,
        gap_value=twice * contribution(unit_economics.on(rows), selling_prices),
        wrong=twice > 0,
        present=present(rows),
    )
