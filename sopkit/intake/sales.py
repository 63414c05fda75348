"""Sales of an export as products and sales_history: the order in which a file is read.

A pure function of the grids, the answers and today; it writes nothing. What it decided and left out
is in its result, which the proof shows.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake import columns
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.drivers import drivers_of
from sopkit.intake.grid import Grid
from sopkit.intake.header import vocabulary
from sopkit.intake.levels import read_levels
from sopkit.intake.lines import counted, read_lines
from sopkit.intake.measures_down import with_measures_in_columns
from sopkit.intake.numbers import read_numbers, scale_of
from sopkit.intake.other_lines import without_other_lines
from sopkit.intake.products_across import with_products_in_rows
from sopkit.intake.reporting_currency import reporting_currency
from sopkit.intake.returns import set_off, signed, treated, with_credits, without_returned
from sopkit.intake.rows import GROUP, MEASURE, PERIOD, LeftOut, Table, left_out
from sopkit.intake.sheets import dated_by_file, joined, sheets_as_tables
from sopkit.intake.spacing import by_month, in_whole_units
from sopkit.intake.totals import in_disguise, without_totals
from sopkit.intake.units import PIECE, converted, unit_named
from sopkit.tables import conform_all

MAX_SERIES = 2_000_000  # products by markets, before memory is spent on their months
MAX_MONTHS = 1200


class Sales(NamedTuple):
    """What a file says: the tables, the columns taken, and the proof of it.

    tables : products and sales_history, and the groups above families and markets, conformed
    roles : the column of each role
    header : the columns of the file, to know the shape again
    read : lines of the file below its column names
    used : lines that count
    own_total : the file's own grand total of the quantity, where a row of it says one
    levels : the columns that hold these groups
    currency : of the revenue; "" where it is not known
    """

    tables: dict[str, DataFrame]
    source: str
    roles: dict[str, str]
    header: list[str]
    size: str
    read: int
    used: int
    first: pd.Timestamp
    last: pd.Timestamp
    left_out: list[LeftOut]
    notes: list[str]
    own_total: float | None
    levels: list[str]
    currency: str = ""


def read_sales(
    files: Sequence[Sequence[Grid]],
    decisions: Decisions,
    today: dt.date,
    corrections: Mapping[str, Mapping[str, str]] | None = None,
    unit_factors: Mapping[str, float] | None = None,
    calendar: DataFrame | None = None,
) -> Sales:
    """Read the sales of a company from the grids of its files; with a `calendar`, by its periods.

    Raises
    ------
    ValueError : something cannot be read; the message names file, line, column, cell and remedy.
    """
    tables = [one for sheets in files for one in sheets_as_tables(sheets, decisions)]
    table = joined(dated_by_file(tables, decisions))
    header = [name for name in table.frame.columns if name not in table.measures]
    table = with_products_in_rows(with_measures_in_columns(table), decisions)
    read = table.frame.index.nunique() + sum(left.lines for left in table.left_out)
    roles = _roles(table, decisions)
    rows = without_totals(table.frame, roles, decisions)
    if rows.frame.empty:
        raise ValueError(f"{table.source} has no line with a date and a quantity")
    frame, others = without_other_lines(rows.frame, roles, decisions)
    table = table._replace(frame=frame)
    lines = read_lines(table, roles, decisions, corrections or {})
    made = without_returned(lines.frame, table, roles, decisions)
    made, unit_notes = converted(made, decisions, unit_factors or {})
    made = with_credits(made, table.frame, roles, decisions)
    made = signed(made, decisions)
    own_total = _own_total(rows.totals, roles, table, decisions)
    name = roles.get("date", "")
    months = by_month(made, lines.size, table.source, today, decisions, name, calendar)
    kept, more_left = counted(months.lines, roles, decisions)
    if kept.empty:
        raise ValueError(f"{table.source}: no line is left that counts as a sale")
    kept, returned, return_notes = treated(kept, table.source, decisions)
    notes = [*table.notes, *rows.notes, *lines.notes, *unit_notes, *months.notes, *return_notes]
    left = [*table.left_out, *rows.left_out, *others, *lines.left_out, *months.left_out]
    left += [*more_left, *returned]
    sold = _summed(kept, table.source)
    sold = _without_disguised(sold, decisions, left)
    for measure in ("quantity", "revenue"):
        if measure in sold:
            sold = set_off(sold, measure, notes)
    sold = in_whole_units(sold, made, notes)
    tables = _tables(sold, kept, unit_named(roles["quantity"]), notes)
    planned = kept[kept["family"].isin(tables["products"]["family"])]
    above = read_levels(table.frame, planned, roles, table.source, decisions)
    tables |= above.tables | drivers_of(kept, sold, table, decisions, notes)
    notes += above.notes
    return Sales(
        conform_all(tables), table.source, roles, header, months.size, read,
        kept.index.nunique(), kept["date"].min(), kept["date"].max(), left, notes, own_total,
        above.columns, reporting_currency(table.frame, roles, decisions),
    )  # fmt: skip


def _roles(table: Table, decisions: Decisions) -> dict[str, str]:
    """The column of each role, those of periods across included."""
    across = table.measures
    frame = table.frame.drop(columns=[PERIOD, *table.measures], errors="ignore")
    if across:
        for role in ("date", "quantity"):
            if (told := decisions.given.get(role)) and told not in table.frame.columns:
                decisions.guess(
                    f"{role} across", told, "periods stand across: the column told is one of them"
                )
    if GROUP in frame.columns and "product" not in decisions.given:
        named = [c for c in frame.columns if columns.likeness("product", c) >= columns.WHOLE]
        if not named:
            decisions.guess("product", GROUP, "names that head the lines are products")
            frame = frame.rename(columns={GROUP: "product"})
    roles = columns.find(frame, table.source, decisions, across)
    if roles.get("product") == "product" and GROUP in table.frame.columns:
        roles["product"] = GROUP
    if across:
        roles |= _measures(table, decisions)
        roles.pop("price", None)
    _refuse_cumulative(roles["quantity"], table.source)
    return roles


def _refuse_cumulative(name, source):
    """Refuse units that count from the start of the year: months would be added up many times."""
    if columns.plain(name) in vocabulary()["cumulative"]:
        raise ValueError(
            f"{source}: {name} is the year to date, not the units of each month. Export the units "
            "of each month, or name another column with --quantity COLUMN."
        )


def _measures(table, decisions):
    """Which measure under the periods is the quantity, and which the revenue."""
    names = list(table.measures)
    if names == [MEASURE]:
        return {"quantity": MEASURE}
    told = decisions.given.get("quantity")
    by = {
        role: sorted(names, key=lambda n: -columns.likeness(role, n))
        for role in ("quantity", "revenue")
    }
    best = told if told in names else by["quantity"][0]
    if told not in names and not columns.likeness("quantity", best) and len(names) > 1:
        text = f"Which measure of {table.source} is the quantity?"
        best = decisions.ask(Question("quantity", text, tuple(names), best, 10.0))
    elif told not in names:
        decisions.guess("quantity", best, f"of {', '.join(names)} it has the name of it")
    told = decisions.told("revenue")
    rest = [n for n in by["revenue"] if n != best and columns.likeness("revenue", n)]
    revenue = told if told in (*names, columns.NOBODY) else next(iter(rest), columns.NOBODY)
    return {"quantity": best} | ({} if revenue == columns.NOBODY else {"revenue": revenue})


def _own_total(totals, roles, table, decisions):
    """The grand total that the file itself says, if one row does."""
    if totals.empty or len(set(totals.index)) != 1:
        return None
    name = roles["quantity"]
    cells = pd.concat([totals[name].astype(object), table.frame[name].astype(object)])
    numbers, _ = read_numbers(cells, name, table.source, decisions)
    return float(numbers.iloc[: len(totals)].sum()) * scale_of("quantity", name, decisions)


# --------------------------------------------------------------------------------------------------
# months


def _summed(lines, source):
    measures = [name for name in ("quantity", "revenue") if name in lines]
    keys = ["product", "market", "period"]
    count = lines["product"].cat.categories.size * lines["market"].cat.categories.size
    if count > MAX_SERIES and len(lines[["product", "market"]].drop_duplicates()) > MAX_SERIES:
        raise ValueError(
            f"{source} has more than {MAX_SERIES:,} pairs of product and market. "
            "Choose a market of fewer members."
        )
    months = int(lines["period"].max() - lines["period"].min()) + 1
    if months > MAX_MONTHS:
        raise ValueError(
            f"{source} has {months:,} months; at most {MAX_MONTHS:,} are read. Check the dates."
        )
    sold = lines.groupby(keys, observed=True, sort=True)[measures].sum().reset_index()
    sold["quantity"] = sold["quantity"].round(6)
    return sold


def _without_disguised(sold, decisions, left):
    for dimension in ("market", "product"):
        for name in in_disguise(sold, dimension, decisions):
            rows = (sold[dimension].astype(str) == name).to_numpy()
            units = float(sold.loc[rows, "quantity"].sum())
            left.append(left_out(f"{dimension} {name} is the sum of all others", sold, rows, units))
            sold = sold[~rows].reset_index(drop=True)
    return sold


def _tables(sold, lines, unit, notes):
    """products and sales_history: every month from a series' first sale to the last of all."""
    sold = sold.astype({"product": str, "market": str})
    history = every_month(sold)
    notes.append(f"months without a sale, written as 0: {len(history) - len(sold):,}")
    history["period"] = pd.PeriodIndex.from_ordinals(history["period"].to_numpy(), freq="M")
    return {
        "products": _products(lines, set(sold["product"]), unit, notes),
        "sales_history": history,
    }


def every_month(sold: DataFrame) -> DataFrame:
    """Write 0 for the months without a row, from a series' first month to the last of all.

    `sold` has product, market, period as the number of its month, quantity and perhaps revenue.
    """
    first = sold.groupby(["product", "market"], sort=True)["period"].min().reset_index()
    counts = sold["period"].max() - first["period"] + 1
    full = first.loc[first.index.repeat(counts)].reset_index(drop=True)
    full["period"] += full.groupby(["product", "market"]).cumcount()
    filled = full.merge(sold, on=["product", "market", "period"], how="left", validate="one_to_one")
    has = [name for name in ("quantity", "revenue") if name in sold and sold[name].notna().any()]
    return filled.fillna(dict.fromkeys(has, 0.0))


def _products(lines, sold, unit, notes):
    """Each product's latest family, description and unit; `unit` is that of all where lines name
    none."""
    names = [name for name in ("family", "description", "unit") if name in lines]
    ordered = lines.sort_values("date", kind="stable")
    products = ordered.groupby("product", observed=True, sort=True)[names].last().reset_index()
    products = products.astype({"product": str})
    products = products[products["product"].isin(sold)].sort_values("product", kind="stable")
    for name in names:
        products[name] = products[name].astype(object)
    count = (
        ordered[["product", "family"]].drop_duplicates().groupby("product", observed=True).size()
    )
    if (changed := count.index[count > 1]).size:
        some = ", ".join(map(str, changed[:5]))
        notes.append(f"{changed.size:,} products have several families; the latest is used: {some}")
    units = products.pop("unit") if "unit" in products else pd.Series(np.nan, index=products.index)
    if units.isna().all():
        why = "as the column of quantities says" if unit else "assumed for every product"
        notes.append(f"unit of measure: {unit or PIECE}, {why}")
    return products.assign(
        unit_of_measure=units.astype(object).fillna(unit or PIECE).to_numpy()
    ).reset_index(drop=True)
