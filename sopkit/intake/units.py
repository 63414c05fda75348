"""Units of measure: a product sold in several is counted in one, by factors that somebody gives."""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame

from sopkit.intake.columns import plain
from sopkit.intake.decisions import Decisions, Question, number

PIECE = "piece"  # where nothing names a unit
NAMED = {  # units by the last word of a column's name
    "kg": ("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramm"),
    "t": ("t", "tons", "tonnes", "tonnen", "tonne", "mt"),
    "l": ("l", "lt", "ltr", "liter", "liters", "litre", "litres", "litros", "litri"),
    "hl": ("hl",),
    "m": ("m", "metres", "meters", "meter", "lfm"),
    "m2": ("m2", "qm", "sqm"),
    "m3": ("m3", "cbm"),
    "lb": ("lb", "lbs", "pounds"),
}


def unit_named(column: str) -> str:
    """The unit that the name of a column of quantities ends with, such as `Menge (kg)`, or
    nothing."""
    last = plain(column).split()[-1:]
    return next((unit for unit, words in NAMED.items() if last and last[0] in words), "")


def converted(
    lines: DataFrame, decisions: Decisions, factors: Mapping[str, float]
) -> tuple[DataFrame, list[str]]:
    """Count every product in its most usual unit.

    `factors` says how many base units are in one of a unit: [units] of the mapping file, or the
    answer `unit.box=12`.

    Returns
    -------
    (lines with their quantity converted, what was done)
    """
    if "unit" not in lines:
        return lines, []
    pairs = lines[["product", "unit"]].dropna().drop_duplicates()
    mixed = pairs["product"].value_counts()
    mixed = set(mixed.index[mixed > 1].astype(str))
    if not mixed:
        return lines, []
    is_mixed = lines["product"].astype(str).isin(mixed)
    named = lines.loc[is_mixed, "unit"].astype(str)
    units = list(named.value_counts().index)
    known = {unit: factors.get(unit) for unit in units}
    for unit in units:
        if (told := decisions.told_number(f"unit.{unit}")) is not None:
            known[unit] = told
    missing = [unit for unit in units[1:] if known[unit] is None]
    if missing:
        share = float((named.isin(missing)).sum() / len(lines))
        text = (
            f"{len(mixed):,} products are sold in several units ({', '.join(units[:4])}). How many "
            f"{units[0]} is one {missing[0]}? A number"
        )
        key = f"unit.{missing[0]}"
        known[missing[0]] = number(key, decisions.ask(Question(key, text, (), "1", 2 + share)))
    shares = named.map(lambda unit: known.get(unit) or 1.0).astype("float64")
    quantity = lines["quantity"].copy()
    quantity[is_mixed] = quantity[is_mixed] * shares
    base = lines["unit"].astype(object).where(~is_mixed, units[0])
    note = f"{len(mixed):,} products sold in several units are counted in {units[0]}"
    return lines.assign(quantity=quantity, unit=pd.Categorical(base)), [note]
