"""From when on a gap is a gap: the defaults of the rules, and what a company sets in their place."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches

from pandas import DataFrame

from sopkit.rules.marks import mark_of


def thresholds_of(
    rules: Mapping[str, Callable], gap_thresholds: DataFrame | None = None
) -> dict[str, dict[str, float]]:
    """The thresholds of every gap rule: its defaults, overridden by the rows of `gap_thresholds`.

    Returns
    -------
    dict of gap rule -> threshold -> value [a share, units or months, as the rule says]

    Raises
    ------
    ValueError : a row names a gap or a threshold that no rule has.
    """
    known = {name: dict(mark_of(rule).about["thresholds"]) for name, rule in rules.items()}
    rows = () if gap_thresholds is None else gap_thresholds.itertuples()
    for row in rows:
        where = f"gap_type={row.gap_type} threshold={row.threshold} value={row.value:g}"
        if not known.get(row.gap_type):
            have = sorted(name for name, own in known.items() if own)
            raise _unknown("gap_type", row.gap_type, have, "no gap with thresholds", where)
        if row.threshold not in known[row.gap_type]:
            have = sorted(known[row.gap_type])
            raise _unknown(
                "threshold", row.threshold, have, f"no threshold of {row.gap_type}", where
            )
        known[row.gap_type][row.threshold] = row.value
    return known


def _unknown(column: str, value: str, known: list[str], fault: str, where: str) -> ValueError:
    close = get_close_matches(value, known, 1)
    mend = f"Write {close[0]}." if close else f"Write one of {', '.join(known)}."
    return ValueError(
        f"gap_thresholds: {column} {value} is {fault}; the row is {where}.\n"
        f"  {mend} Or remove the row: without it the default holds."
    )
