"""What a contributor's form asks: series by month, with what is known of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.cycle import replanning, stages
from sopkit.demand.consensus import RECORD
from sopkit.demand.input_quantities import expected
from sopkit.master_data.assumed_costs import UNPRICED
from sopkit.master_data.input_entries import CELL, SCOPE, cells_of
from sopkit.master_data.versions import latest
from sopkit.schema.stages import STAGE_NAMES
from sopkit.tables import attach, empty
from sopkit.tables.hierarchies import Hierarchies, hierarchies_of, is_within, top_of
from sopkit.tables.periods import month

DEMAND_REVIEW = "30_demand_review"
OF_INPUTS = ("disaggregated_inputs", "pipeline_forecast", "forecast_overrides", "demand_plan")
KNOWN = ("last_year", "forecast", "last_cycle", "last_input", "price")  # lines above an answer
FUNCTIONS = ("sales", "marketing", "finance", "product")  # that have a view of demand


def of_contributor(contributors: DataFrame, name: str) -> DataFrame:
    """The rows of a contributor, one for each scope.

    Raises
    ------
    ValueError : nobody has the name, or its rows name two functions.
    """
    rows = contributors[contributors["contributor"] == name]
    if rows.empty:
        known = ", ".join(contributors["contributor"].unique())
        raise ValueError(f"contributors: nobody is named {name!r}; known are {known}")
    if len(found := rows["function"].unique()) > 1:
        functions = " and ".join(found)
        raise ValueError(f"contributors: {name} has the functions {functions}; give each its name")
    return rows


def form_rows(
    scopes: DataFrame, cycle: str, inputs: dict[str, DataFrame], plan: dict[str, DataFrame]
) -> DataFrame:
    """The series that a contributor is asked about, by month.

    A series is as wide as the scope: without a market, all markets together; by product, by family
    or for the scope's group as a whole, as the contributor answers.

    Returns
    -------
    family, product, market, period : last_year, forecast (without any input), last_cycle,
        last_input, entered (the last input, if it is in units) [units], price (missing where a
        product of the series has none) [money per unit], comment, reason
    """
    names = ("planning_periods", "products", "baseline_forecast", "launch_plan", "sales_history")
    cells = cells_of(*((plan | inputs)[name] for name in names))
    cells = cells.assign(last_cycle=_last_cycle(cells, inputs.get("approved_forecasts"), cycle))
    known = cells["period"] - 12 < month(cycle)  # a month to come has no sales yet
    cells = cells.assign(last_year=cells["last_year"].where(known), **_priced(cells, plan))
    groups = hierarchies_of(inputs)
    parts = [_scope(scope, cells, groups) for _, scope in scopes.iterrows()]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.drop_duplicates([*SCOPE, "period"], ignore_index=True)
    about, given = scopes.iloc[0], inputs.get("demand_inputs", empty("demand_inputs"))
    own = latest("demand_inputs", own_entries(given, about["contributor"], about["function"]))
    return _with_inputs(rows, own.assign(last_input=_in_units(own, inputs, plan)))


def plan_before_inputs(
    inputs: Mapping[str, DataFrame], cycle: str, known: Mapping[str, DataFrame] | None = None
) -> dict[str, DataFrame]:
    """The demand plan without any input, with prices; see `form_rows`.

    Parameters
    ----------
    known : plan tables of the cycle; those that inputs change are made again
    """
    wanted = frozenset({"baseline_forecast", "launch_plan", "demand_plan", "unit_economics"})
    until = STAGE_NAMES.index(DEMAND_REVIEW) + 1
    steps = stages.leading_to(wanted, until, given=frozenset({RECORD}))  # nobody's weight is asked
    alone = {name: table for name, table in inputs.items() if name != "demand_inputs"}
    free = {name: table for name, table in (known or {}).items() if name not in OF_INPUTS}
    return replanning.replan(alone, cycle, DEMAND_REVIEW, free, steps, judged=False)


def _priced(cells: DataFrame, plan: dict[str, DataFrame]) -> dict[str, object]:
    """The forecast, and the price, of each cell; no price where nobody gave one."""
    forecast = plan["demand_plan"][[*CELL, "consensus"]]
    forecast = attach(cells[CELL], forecast, default=0.0)["consensus"]
    prices = plan["unit_economics"][["product", "period", "price", "basis"]]
    prices = prices.assign(price=prices["price"].where(prices["basis"] != UNPRICED))
    price = attach(cells[["product", "period"]], prices.drop(columns="basis"))["price"]
    unpriced = price.isna() & (forecast > 0)
    return {"forecast": forecast, "price": price, "value": price * forecast, "unpriced": unpriced}


def _scope(scope: Series, cells: DataFrame, groups: Hierarchies) -> DataFrame:
    """The series of one scope, added up."""
    inside = pd.Series(True, index=cells.index)
    known = {"family": groups.product_groups, "market": groups.market_groups}
    for column, of_column in known.items():
        if pd.notna(scope[column]):
            inside &= is_within(cells[column], scope[column], of_column)
    cells = cells[inside]
    if scope["answers_by"] == "group":
        whole = top_of(cells["family"], groups.product_groups)
        cells = cells.assign(family=whole if pd.isna(scope["family"]) else scope["family"])
    level = "product" if scope["answers_by"] == "product" else "family"
    units = ["last_year", "forecast", "last_cycle"]
    series = cells.groupby([level, "period"], as_index=False)
    sums = series[units].sum(min_count=1).assign(price=_price(series))
    given = {column: sums.get(column) for column in ("family", "product")}
    texts = {
        name: pd.Series(column, index=sums.index, dtype="str") for name, column in given.items()
    }
    market = pd.Series(scope["market"], index=sums.index, dtype="str")
    return sums.assign(**texts, market=market)[[*SCOPE, "period", *units, "price"]]


def _price(series) -> Series:
    """The price of a unit of each series: the mean, weighted by the forecast."""
    sums, means = series[["value", "forecast", "unpriced"]].sum(), series["price"].mean()["price"]
    weighted = sums["value"] / sums["forecast"].where(sums["forecast"] > 0)
    return weighted.fillna(means).where(sums["unpriced"] == 0)


def _last_cycle(cells, approved_forecasts, cycle):
    """The consensus of the latest earlier cycle; missing where there is none."""
    if approved_forecasts is None:
        return np.nan
    rows = approved_forecasts[
        (approved_forecasts["contributor"] == "consensus")
        & (approved_forecasts["cycle"] < month(cycle))
    ]
    latest = rows[rows["cycle"] == rows["cycle"].max()]
    key = ["product", "market", "period"]
    units = latest.set_index(key)["quantity"]
    return units.reindex(pd.MultiIndex.from_frame(cells[key])).array


def _in_units(own: DataFrame, inputs: dict[str, DataFrame], plan: dict[str, DataFrame]) -> Series:
    """Entries in units; those that change a reference as the plan makes units of them."""
    changes = own[own["quantity"].isna()].reset_index()
    forecast = plan["demand_plan"][[*CELL, "consensus"]]
    together = attach(changes[CELL], forecast, default=0.0)["consensus"]
    baseline = plan["baseline_forecast"][[*CELL, "baseline"]]
    alone = attach(changes[CELL], baseline, default=0.0)["baseline"]
    tables = (plan["planning_periods"], inputs["sales_history"], inputs.get("approved_forecasts"))
    made = expected(changes, together.to_numpy(), alone.to_numpy(), *tables)
    return own["quantity"].fillna(made.set_index("index")["quantity"])


def _with_inputs(rows: DataFrame, own: DataFrame) -> DataFrame:
    """Add what the contributor has in force."""
    known = own[[*SCOPE, "period", "last_input", "quantity", "comment", "reason"]]
    known = known.rename(columns={"quantity": "entered"})
    return rows.merge(known, on=[*SCOPE, "period"], how="left", validate="one_to_one")


def own_entries(demand_inputs: DataFrame, contributor: str, function: str) -> DataFrame:
    """The entries of a contributor, of any version."""
    named = demand_inputs["contributor"] == contributor
    return demand_inputs[named & (demand_inputs["function"] == function)]
