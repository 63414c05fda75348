"""Columns of an export that moved demand: discounts, features, distribution.

Nobody can know that from a file, so they are told: `--answer drivers=Deal,Feature`. What a driver
was in a month is the mean of its lines; yes and no are 1 and 0.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.intake.columns import exact, flags, plain
from sopkit.intake.decisions import Decisions
from sopkit.intake.grid import distinct
from sopkit.intake.numbers import read_numbers
from sopkit.intake.rows import Table
from sopkit.io import readers
from sopkit.tables import conform

KEY, NAME = "drivers", "demand_drivers"
CELL = ["product", "market", "period"]


def drivers_of(
    lines: DataFrame, sold: DataFrame, table: Table, decisions: Decisions, notes: list[str]
) -> dict[str, DataFrame]:
    """The drivers that were told, by product, market and month; no table where none was.

    Parameters
    ----------
    lines : product, market and period (the number of its month) of the lines that count, by line
    sold : the products and markets that are planned; others are sums of them
    table : as it is in the file

    Raises
    ------
    ValueError : a told column is not in the file, or holds neither numbers nor yes and no.
    """
    parts, frame = [], table.frame
    lines = lines[lines["product"].isin(sold["product"]) & lines["market"].isin(sold["market"])]
    for name in [exact(frame.columns, one, table.source) for one in told_columns(decisions)]:
        values = _values(frame[name], name, table.source, decisions)
        values = values[~values.index.duplicated()].reindex(lines.index)
        rows = lines[CELL].assign(driver_value=values.to_numpy()).dropna(subset="driver_value")
        means = rows.groupby(CELL, observed=True)["driver_value"].mean().reset_index()
        parts.append(means.assign(demand_driver=plain(name).replace(" ", "_")))
        least, most = means["driver_value"].agg(["min", "max"])
        notes.append(f"driver {name}: {least:g} to {most:g}, the mean of a month's lines")
    if not parts:
        return {}
    table = pd.concat(parts, ignore_index=True)
    table["period"] = PeriodIndex.from_ordinals(table["period"].astype("int64"), freq="M")
    return {NAME: conform(NAME, table.astype({"product": str, "market": str}))}


def told_columns(decisions: Decisions) -> list[str]:
    """The columns that were told to hold drivers."""
    return [one.strip() for one in (decisions.told(KEY) or "").split(",") if one.strip()]


def _values(cells, name, source, decisions):
    """A column as numbers; yes and no are 1 and 0, and what says yes alone is no elsewhere."""
    codes, values = distinct(cells)
    said = flags(values)
    if said is None:
        return read_numbers(cells, name, source, decisions)[0]
    return Series(np.array([*said, 0.0])[codes], cells.index)


def with_known_drivers(folder: Path, tables: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """The drivers of a company's folder, those of the file in their months as the file has them."""
    if NAME not in tables:
        return {}
    new = tables[NAME]
    if not (folder / f"{NAME}.csv").exists():
        return {NAME: new}
    old = readers.read(folder, (NAME,))[NAME]
    again = old["demand_driver"].isin(new["demand_driver"])
    again &= old["period"].between(new["period"].min(), new["period"].max())
    return {NAME: conform(NAME, pd.concat([old[~again], new]))}
