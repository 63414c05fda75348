"""Measures and costs of the strategies, side by side."""

import pandas as pd
from pandas import DataFrame, Index, Series

from sopkit.schema.tables import PLAN_OF_RECORD


def measures_by_strategy(strategy_comparison: DataFrame) -> DataFrame:
    """The measures of each strategy's whole plan.

    Returns
    -------
    strategy : a column for each measure [the measure's unit]
    """
    whole = strategy_comparison["item"].isna() & strategy_comparison["period"].isna()
    rows = strategy_comparison[whole].set_index(["strategy", "measure"])["value"]
    order = pd.unique(strategy_comparison["strategy"])
    return rows.unstack("measure").reindex(order).rename_axis("strategy")  # noqa: PD010 - nothing to add up


def costs_by_strategy(strategy_comparison: DataFrame) -> DataFrame:
    """The cost of each strategy's plan, by cost item.

    Returns
    -------
    strategy, cost_item : cost [money]
    """
    rows = (strategy_comparison["measure"] == "cost") & strategy_comparison["item"].notna()
    costs = strategy_comparison.loc[rows, ["strategy", "item", "value"]]
    return costs.rename(columns={"item": "cost_item", "value": "cost"})


def of_record(strategy_comparison: DataFrame) -> Series:
    """The measures of the plan of record.

    Returns
    -------
    measure : value [the measure's unit]
    """
    rows = (strategy_comparison["strategy"] == PLAN_OF_RECORD).to_numpy(dtype=bool)
    for name in ("item", "period"):
        rows = rows & strategy_comparison[name].isna().to_numpy()
    measure = Index(strategy_comparison["measure"].array[rows], name="measure")
    return Series(strategy_comparison["value"].to_numpy()[rows], index=measure, name="value")
