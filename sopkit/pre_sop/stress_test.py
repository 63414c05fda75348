"""A stress test of the plan: the largest risks together, beside the sum of each alone."""

import pandas as pd
from pandas import DataFrame

from sopkit.scenarios.results import BASE, Engine, Scenario, results_of, whole
from sopkit.schema.formatting import listed
from sopkit.schema.tables import CHANGE
from sopkit.tables import conform, empty

MOST = 3  # risks that come together
STRESSED = "stress test"
SHOWN = ("revenue", "margin", "min_cash", "fill_rate", "closing_inventory_value", "closing_backlog")


def stress_test(
    risk_impacts: DataFrame,
    scenario_results: DataFrame,
    replan: Engine,
    scenario_changes: DataFrame | None = None,
) -> DataFrame:
    """Plan the three risks that cost most margin as if they all came, whatever their probability.

    Together they may cost more than the sum of each alone, as when two draw on the same stock or
    capacity, or less. There is no stress test of fewer than two risks.

    Returns
    -------
    measure : statement (which risks), reference_value (of the plan), value (if all come),
        variance (value less reference_value), sum_of_variances (of each risk alone)
        [the measure's unit]
    """
    largest = largest_risks(risk_impacts)
    if scenario_changes is None or len(largest) < 2:
        return empty("stress_test")
    names = largest["scenario"].tolist()
    changes = [scenario_changes[scenario_changes["scenario"] == name] for name in names]
    together = pd.concat(changes, ignore_index=True)
    together["change"] = range(1, len(together) + 1)  # one after the other
    stressed = whole(results_of(replan([Scenario(STRESSED, together[CHANGE])]), STRESSED))
    base = whole(results_of(scenario_results, BASE))
    alone = [whole(results_of(scenario_results, name)) - base for name in names]
    shown = [name for name in SHOWN if name in base and name in stressed]
    rows = DataFrame({"reference_value": base[shown], "value": stressed[shown]})
    rows["variance"] = rows["value"] - rows["reference_value"]
    rows["sum_of_variances"] = sum(effect.reindex(shown).fillna(0.0) for effect in alone)
    rows = rows.rename_axis("measure").reset_index()
    return conform("stress_test", rows.assign(statement=listed(largest["risk"])))


def largest_risks(risk_impacts: DataFrame) -> DataFrame:
    """The risks that cost most margin, one for each scenario: rows of risk_impacts."""
    costly = risk_impacts[risk_impacts["margin_effect"] < 0].drop_duplicates("scenario")
    return costly.nsmallest(MOST, "margin_effect")
