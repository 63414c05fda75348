"""Thresholds from which gaps are reported."""

from pandas import DataFrame

from sopkit.schema.gap_rules import read_gap_rules


def thresholds_of(gap_thresholds: DataFrame | None = None) -> dict[str, dict[str, float]]:
    """List the thresholds of every gap rule: the standard ones, overridden by `gap_thresholds`.

    Returns
    -------
    dict of gap rule -> threshold -> value [a share, units or months, as the rule says]
    """
    known = {name: dict(thresholds) for name, thresholds in read_gap_rules().items()}
    for row in () if gap_thresholds is None else gap_thresholds.itertuples():
        known[row.gap_type][row.threshold] = row.value
    return known
