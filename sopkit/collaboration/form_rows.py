"""What a contributor's form asks: series by month, with what is known of them."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.input_entries import SCOPE, cells_of, in_force
from sopkit.tables.periods import month

KNOWN = ("last_year", "baseline", "last_cycle", "last_input")  # lines above an answer
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

    A series is as wide as the scope: without a market, all markets together; by product or by
    family, as the contributor answers.

    Returns
    -------
    family, product, market, period : last_year, baseline, last_cycle, last_input [units],
        comment, reason
    """
    names = ("planning_periods", "products", "baseline_forecast", "launch_plan", "sales_history")
    cells = cells_of(*((plan | inputs)[name] for name in names))
    cells = cells.assign(last_cycle=_last_cycle(cells, inputs.get("approved_forecasts"), cycle))
    known = cells["period"] - 12 < month(cycle)  # a month to come has no sales yet
    cells = cells.assign(last_year=cells["last_year"].where(known))
    rows = pd.concat([_scope(scope, cells) for _, scope in scopes.iterrows()], ignore_index=True)
    rows = rows.drop_duplicates([*SCOPE, "period"], ignore_index=True)
    own = inputs.get("demand_inputs")
    return rows if own is None else _with_inputs(rows, own, scopes.iloc[0])


def _scope(scope: Series, cells: DataFrame) -> DataFrame:
    """The series of one scope, added up."""
    inside = pd.Series(True, index=cells.index)
    for column in ("family", "market"):
        if pd.notna(scope[column]):
            inside &= cells[column] == scope[column]
    level = "product" if scope["answers_by"] == "product" else "family"
    units = ["last_year", "baseline", "last_cycle"]
    sums = cells[inside].groupby([level, "period"], as_index=False)[units].sum(min_count=1)
    given = {column: sums.get(column) for column in ("family", "product")}
    texts = {
        name: pd.Series(column, index=sums.index, dtype="str") for name, column in given.items()
    }
    market = pd.Series(scope["market"], index=sums.index, dtype="str")
    empty_text = pd.Series(index=sums.index, dtype="str")
    return sums.assign(
        **texts, market=market, last_input=np.nan, comment=empty_text, reason=empty_text
    )[[*SCOPE, "period", *units, "last_input", "comment", "reason"]]


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


def _with_inputs(rows: DataFrame, demand_inputs: DataFrame, scope: Series) -> DataFrame:
    """Add what the contributor has in force."""
    own = in_force(own_entries(demand_inputs, scope["contributor"], scope["function"]))
    known = own[[*SCOPE, "period", "quantity", "comment", "reason"]]
    known = known.rename(columns={"quantity": "last_input"})
    asked = rows.drop(columns=["last_input", "comment", "reason"])
    return asked.merge(known, on=[*SCOPE, "period"], how="left", validate="one_to_one")


def own_entries(demand_inputs: DataFrame, contributor: str, function: str) -> DataFrame:
    """The entries of a contributor, of any version."""
    named = demand_inputs["contributor"] == contributor
    return demand_inputs[named & (demand_inputs["function"] == function)]
