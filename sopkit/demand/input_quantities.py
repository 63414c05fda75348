"""What a function expects: units, or a change of a named reference."""

import numpy as np
from pandas import DataFrame, Series

from sopkit.master_data.input_references import OF_ALL, reference


def expected(
    spoken: DataFrame,
    together: np.ndarray,
    baseline: np.ndarray,
    planning_periods: DataFrame,
    sales_history: DataFrame,
    approved_forecasts: DataFrame | None = None,
) -> DataFrame:
    """Give each input the units that its function expects in all.

    Units stay as they are. A change of the last cycle's consensus or of last year's sales gives
    the reference with the change. A change of the baseline (the reference if none is named) comes
    on top of baseline, launches, activities and opportunities as they are: what is added to one of
    them or called off is not taken back by the input. Nobody expects less than nothing.

    Parameters
    ----------
    spoken : demand inputs
    together, baseline : baseline, launches, activities and opportunities, and the baseline alone,
        of each input [units]

    Returns
    -------
    spoken, with quantity [units]

    Raises
    ------
    ValueError : an input changes a reference that is not known.
    """
    if "reference_type" not in spoken or spoken["quantity"].notna().all():
        return spoken
    before = reference(spoken, planning_periods, sales_history, approved_forecasts)
    of_all = spoken["reference_type"].isin(OF_ALL).to_numpy()
    base = np.where(of_all, before, baseline)
    change = spoken["change_units"].fillna(spoken["change_ratio"] * base)
    units = np.maximum(np.where(of_all, before, together) + change, 0.0)
    quantity = spoken["quantity"].fillna(Series(units, spoken.index))
    if quantity.isna().any():
        row = spoken[quantity.isna()].iloc[0]
        raise ValueError(
            f"demand_inputs: {row['reference_type']} of product={row['product']} "
            f"market={row['market']} period={row['period']} is not known. Enter units in quantity, "
            "or a change of the baseline."
        )
    return spoken.assign(quantity=quantity)
