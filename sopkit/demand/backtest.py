"""Back-test: replan past cycles from what was known then, and measure the plans.

The content of a table at that time follows from its dates. A table without dates is used as it is
today, or left out where today's state would give the future away; `assumptions` says which.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.demand.forecast_accuracy import forecast_record
from sopkit.demand.new_products import LIKE, with_analog_market
from sopkit.master_data.input_entries import is_split
from sopkit.master_data.versions import latest
from sopkit.schema.columns import COLUMNS
from sopkit.tables import empty
from sopkit.tables.periods import month, planning_periods

CELL = ["product", "market", "period"]
PAIR = ["product", "market"]
DATA_REVIEW, DEMAND_REVIEW = "10_data_review", "30_demand_review"
CUT, TODAY, OUT = "cut to what was known", "as it is today", "left out"
TREATMENTS = {
    "sales_history": (
        CUT,
        "Months before the cycle; they are taken as final at the cycle's first day.",
    ),
    "stock_availability": (CUT, "Months before the cycle."),
    "demand_inputs": (
        CUT,
        "Inputs given by the cycle's first day for months from the cycle on; what the functions "
        "said in that "
        "very cycle, as approved_forecasts keeps it, comes before them. Inputs for a product and "
        "market that "
        "neither sold nor was to be launched are not used.",
    ),
    "approved_forecasts": (CUT, "Plans of earlier cycles."),
    "launches": (
        CUT,
        "Launches in the planned months whose like product had sold in the market; their gates, "
        "dates and "
        "volumes are today's, for no date says when they were set.",
    ),
    "products": (CUT, "lifecycle is emptied: today's says what has become of the product since."),
    "marketing_activities": (
        TODAY,
        "Taken as planned before each cycle; their lift is estimated from the months before it.",
    ),
    "demand_drivers": (
        TODAY,
        "Prices and the like, taken as planned before each cycle; what they do is estimated from "
        "the months before it.",
    ),
    "history_corrections": (TODAY, "What planners know today of months that were closed then."),
    "product_succession": (TODAY, "Codes that continue others from a month on."),
    "calendar": (TODAY, "Gives the days of all periods."),
    "consensus_policy": (TODAY, "Today's weights: those of the time are not kept."),
    "company_settings": (TODAY, "Gives the number of planned months."),
    "opportunities": (
        OUT,
        "Stage and probability are today's and would tell which deals were won.",
    ),
    "opportunity_history": (OUT, "Belongs to opportunities."),
    "order_history": (
        OUT,
        "Past cycles are planned without pick-up: the orders that were open then are not kept.",
    ),
}
NO_PART = (OUT, "No part of the demand plan.")


class Replay(NamedTuple):
    """The results of a back-test of past cycles.

    plans : cycle, contributor (baseline, consensus), product, market, period : quantity [units]
    accuracy : contributor (naive among them), level, item, lag : see
        `forecast_accuracy.forecast_accuracy`
    value_added : contributor, lag : see `forecast_accuracy.forecast_value_added`;
        the consensus against the baseline
    knowledge : cycle, table : rows, known (how many of them the cycle was planned from)
    assumptions : table : handling, statement
    """

    plans: DataFrame
    accuracy: DataFrame
    value_added: DataFrame
    knowledge: DataFrame
    assumptions: DataFrame


def replay(
    tables: Mapping[str, DataFrame],
    cycle: str,
    replan: Callable[..., Mapping[str, DataFrame]],
    cycles: int = 12,
) -> Replay:
    """Replan the cycles before `cycle` from what was known then, and measure those plans.

    `tables` are the input tables by name; `replan(tables, cycle, until=stage)` computes plan
    tables, as `replanning.replan`. Plans are compared with units sold, promotions and stock-outs
    included.

    Returns
    -------
    Replay

    Raises
    ------
    ValueError : fewer than one cycle, or one before the second month of sales_history.
    """
    past = past_cycles(tables, cycle, cycles)
    plans = pd.concat([_planned_again(tables, each, replan) for each in past], ignore_index=True)
    present = replan(tables, cycle, until=DATA_REVIEW)
    facts = (tables["products"], present["demand_history"], present["planning_periods"], plans)
    return Replay(
        plans,
        *forecast_record(*facts),
        pd.concat([_knowledge(tables, each) for each in past], ignore_index=True),
        assumptions(tables),
    )


def past_cycles(tables: Mapping[str, DataFrame], cycle: str, cycles: int) -> list[str]:
    """List the cycles before `cycle`, oldest first.

    Raises
    ------
    ValueError : fewer than one cycle, or one before the second month of sales_history.
    """
    if cycles < 1:
        raise ValueError(f"replay: cycles must be 1 or more; it is {cycles}")
    past = pd.period_range(end=month(cycle) - 1, periods=cycles, freq="M")
    first = tables["sales_history"]["period"].min()
    if past[0] <= first:
        raise ValueError(
            f"replay: cycle {past[0]} has no months to plan from, because sales_history begins in "
            f"{first}; "
            f"use at most {max((month(cycle) - first).n - 1, 0)} cycles"
        )
    return list(past)


def known_then(tables: Mapping[str, DataFrame], cycle: str) -> dict[str, DataFrame]:
    """Cut the tables to what was known on the first day of a cycle (see `assumptions`).

    Returns
    -------
    dict of table name -> table; a table of which nothing could be known is there without rows
    """
    start = month(cycle)
    known = {name: tables[name] for name in _named(tables, TODAY)}
    known["products"] = tables["products"].assign(
        lifecycle=pd.Series(np.nan, tables["products"].index, "str")
    )
    for name in {"sales_history", "stock_availability"} & set(tables):
        known[name] = _rows(tables[name], tables[name]["period"] < start)
    if "approved_forecasts" in tables:
        known["approved_forecasts"] = _rows(
            tables["approved_forecasts"], tables["approved_forecasts"]["cycle"] < start
        )
    if "launches" in tables:
        known["launches"] = _launches(
            tables["launches"], known["sales_history"], start, tables.get("company_settings")
        )
    if {"demand_inputs", "approved_forecasts"} & set(tables):
        known["demand_inputs"] = _functions_inputs(tables, start, _plannable(known))
    return known


def assumptions(tables: Mapping[str, DataFrame]) -> DataFrame:
    """List how each input table is cut for a past cycle, and why.

    Returns
    -------
    table : handling, statement
    """
    rows = [(name, *TREATMENTS.get(name, NO_PART)) for name in tables]
    table = pd.DataFrame(rows, columns=["table", "handling", "statement"], dtype="str")
    order = table["handling"].map({CUT: 0, TODAY: 1, OUT: 2})
    return table.iloc[np.lexsort([table["table"], order])].reset_index(drop=True)


# --------------------------------------------------------------------------------------------------
# what was known


def _named(tables, treatment):
    return [
        name for name, (given, _) in TREATMENTS.items() if given == treatment and name in tables
    ]


def _rows(table, wanted):
    return table[wanted].reset_index(drop=True)


def _launches(launches, sales_history, start, company_settings):
    """Launches that begin by the last planned month and whose like product had sold in the market
    it is looked at."""
    sold = pd.MultiIndex.from_frame(sales_history[PAIR])
    like = pd.MultiIndex.from_frame(with_analog_market(launches)[LIKE])
    begins = (
        launches["launch_period"] <= planning_periods(start, company_settings)["period"].iloc[-1]
    )
    return _rows(launches, begins & like.isin(sold))


def _plannable(known):
    """Products and markets that had sold or were to be launched."""
    pairs = [known[name][PAIR] for name in ("sales_history", "launches") if name in known]
    return pd.MultiIndex.from_frame(pd.concat(pairs).drop_duplicates())


def _functions_inputs(tables, start, plannable):
    """The functions' inputs up to the cycle's first day, and those of the cycle."""
    given = tables.get("demand_inputs", empty("demand_inputs"))
    given = given[(given["submitted_on"] <= start.start_time) & (given["period"] >= start)]
    kept = tables.get("approved_forecasts", empty("approved_forecasts"))
    spoke = (kept["cycle"] == start) & kept["contributor"].isin(COLUMNS["function"].choices)
    said = kept[spoke & (kept["period"] >= start)].rename(columns={"contributor": "function"})
    said = said.assign(
        author=said["function"], reason=f"said in cycle {start}", submitted_on=start.start_time
    )
    above = is_split(given, tables.get("market_groups"))
    given = latest(
        "demand_inputs", given[~above]
    )  # what was entered above was split as it was said
    both = pd.concat([said.reindex(columns=given.columns), given]).drop_duplicates(
        ["function", *CELL]
    )
    return _rows(both.astype(given.dtypes), pd.MultiIndex.from_frame(both[PAIR]).isin(plannable))


def _knowledge(tables, cycle):
    known = known_then(tables, cycle)
    rows = [
        (cycle, name, len(tables.get(name, ())), len(frame))
        for name, frame in sorted(known.items())
    ]
    return pd.DataFrame(rows, columns=["cycle", "table", "rows", "known"])


# --------------------------------------------------------------------------------------------------
# what would have been planned


def _planned_again(tables, cycle, replan):
    """The baseline and the consensus of a past cycle, for all its planned months."""
    try:
        plan = replan(known_then(tables, cycle), cycle, until=DEMAND_REVIEW)["demand_plan"]
    except ValueError as error:
        error.add_note(f"in the replay of cycle {cycle}")
        raise
    rows = plan.melt(CELL, ["baseline", "consensus"], "contributor", "quantity")
    rows["cycle"] = pd.PeriodIndex([cycle] * len(rows), freq="M")
    return rows[["cycle", "contributor", *CELL, "quantity"]].astype({"contributor": "str"})
