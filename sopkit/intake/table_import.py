"""Import of other tables than sales: stock, orders, prices, bills, capacity, budget.

The same rooms read the file; the schema says which columns the table has and of what kind they are.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake.codes import read_codes
from sopkit.intake.columns import exact, plain, roles
from sopkit.intake.dates import read_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.formats import read_location
from sopkit.intake.grid import texts
from sopkit.intake.levels import read_levels, with_known
from sopkit.intake.numbers import read_numbers, style_of
from sopkit.intake.rows import MEASURE, PERIOD, LeftOut, left_out
from sopkit.intake.shapes import tidy
from sopkit.intake.sheets import joined, sheet_of
from sopkit.intake.totals import total_rows
from sopkit.io import readers
from sopkit.io.writers import write
from sopkit.master_data.economics import MAIN_SITE
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, Table
from sopkit.tables import conform
from sopkit.tables.issues import did_you_mean, spelt_nearly

SUMMED = ("on_hand", "quantity", "revenue", "margin", "machine_hours")  # of rows of one key
KNOWN = ("products", "sales_history")  # the tables that further ones belong to


class Imported(NamedTuple):
    """A table made from a file: its rows, the column of each of its columns, and the proof; of
    products also the groups above their families."""

    table: DataFrame
    source: str
    columns: dict[str, str]
    left_out: list[LeftOut]
    notes: list[str]
    decisions: Decisions
    groups: dict[str, DataFrame]

    @property
    def questions(self) -> list[Question]:
        """The questions that are open; nothing was written then."""
        return self.decisions.open()[0]


@cache
def _names() -> dict[str, tuple[str, ...]]:
    text = (Path(__file__).parent / "table_columns.toml").read_text(encoding="utf-8")
    return {column: tuple(names) for column, names in tomllib.loads(text).items()}


def import_table(
    name: str, location: str | Path, folder: Path, answers: Mapping[str, str], dry_run: bool = False
) -> Imported:
    """Read one input table from an export and write it to the folder of a company.

    Parameters
    ----------
    answers : decisions by key; the name of a column says which column of the file it is, and
        `value.site` gives all rows one value

    Raises
    ------
    ValueError : the table is not known, a required column is not in the file, or cells cannot be
        read.
    FileExistsError : the folder has the table already.
    """
    table, folder = _table(name), Path(folder)
    if (path := folder / f"{name}.csv").exists() and not dry_run:
        raise FileExistsError(f"{path} exists; remove it, or choose another folder")
    company = readers.read(folder, KNOWN) if (folder / "products.csv").exists() else {}
    decisions = Decisions(dict(answers))
    grids = [sheet_of(sheets, decisions) for sheets in read_location(location, answers)]
    read = joined([tidy(grid, decisions) for grid in grids])
    found = _columns(table, read, decisions)
    grand, sub = total_rows(read.frame, [c for c in found.values() if c in read.frame], decisions)
    left = list(read.left_out)
    if (grand | sub).any():
        left.append(left_out("a total", read.frame, grand | sub))
    made, notes = _typed(read._replace(frame=read.frame[~(grand | sub)]), found, decisions)
    made = _with_values(table, made, company, decisions, notes)
    made = _known_products(made, company.get("products"), left)
    groups = {}
    if name == "products":
        above = read_levels(read.frame, made, found, read.source, decisions)
        groups, notes = with_known(folder, above.tables), [*notes, *above.notes]
    made = _one_row_a_key(table, made, notes)
    notes = [*read.notes, *notes]
    done = Imported(conform(name, made), read.source, found, left, notes, decisions, groups)
    if not done.questions and not dry_run:
        for each, rows in {name: done.table, **groups}.items():
            write(each, rows.dropna(axis=1, how="all"), folder / f"{each}.csv")
    return done


def _table(name):
    table = TABLES.get(name)
    if table is None or not table.is_input:
        known = [one for one, about in TABLES.items() if about.is_input]
        raise ValueError(f"{name} is no input table{did_you_mean(spelt_nearly(name, known))}")
    return table


def _columns(table: Table, read, decisions):
    """The column of the file for each column of the table: told, or the one of its name."""
    found: dict[str, str] = {}
    measures = list(read.measures) if PERIOD in read.frame else []
    for column in table.columns:
        if (told := decisions.told(column)) is not None:
            found[column] = exact(read.frame.columns, told, read.source)
    if measures and "period" in table.columns:
        found.setdefault("period", PERIOD)
        amounts = [c for c in (*table.required, *table.optional) if COLUMNS[c].kind == "number"]
        if measures == [MEASURE] and amounts:
            found.setdefault(amounts[0], MEASURE)
    for column in table.columns:
        free = [name for name in read.frame.columns if name not in found.values()]
        if column not in found and (best := _best(column, free)):
            found[column] = decisions.guess(column, best, f"column {best} has the name of it")
    return found


def _best(column, names):
    known = [plain(column), plain(COLUMNS[column].label), *_names().get(column, ())]
    if column in roles():
        known += [name for name in roles()[column].names if name not in known]
    ranked = [(known.index(plain(name)), name) for name in names if plain(name) in known]
    return min(ranked)[1] if ranked else None


def _typed(read, found, decisions):
    made, notes = pd.DataFrame(index=read.frame.index), []
    numeric = [c for c in found if COLUMNS[c].kind in ("number", "whole")]
    hint = style_of([read.frame[found[c]] for c in numeric])
    for column, name in found.items():
        cells, kind = read.frame[name], COLUMNS[column].kind
        if kind in ("number", "whole"):
            made[column], some = read_numbers(cells, name, read.source, decisions, hint)
        elif kind in ("period", "day"):
            days = read_dates(cells, name, read.source, decisions)
            made[column], some = days.days, days.notes
            if kind == "period":
                made[column] = made[column].dt.to_period("M")
        elif kind == "code":
            made[column], some = read_codes(cells, name, read.source, {})
            made[column] = made[column].astype(object)
        else:
            made[column], some = texts(cells).astype(object), []
        notes += some
    empty = made.isna().all(axis=1) if len(made.columns) else pd.Series(dtype=bool)
    return made[~empty], notes


def _with_values(table: Table, made, company, decisions, notes):
    """Fill required columns that the file does not have by what is told, or safe to assume."""
    for column in table.columns:
        is_number = COLUMNS[column].kind in ("number", "whole")
        read = decisions.told_number if is_number else decisions.told
        if (told := read(f"value.{column}")) is not None:
            made[column] = told
    if "site" in table.key and "site" not in made:
        made["site"] = decisions.guess("value.site", MAIN_SITE, "the file names no site")
    markets = company["sales_history"]["market"].unique() if company else []
    if "market" in table.must_have and "market" not in made and len(markets) == 1:
        made["market"] = decisions.guess("value.market", markets[0], "the company has one market")
    if table.name == "item_costs" and "price" in made:
        for column, share in (
            ("material_cost", 0.0),
            ("holding_cost", 0.02),
            ("backlog_cost", 0.1),
        ):
            if column not in made:
                made[column] = made["price"] * share
                notes.append(f"{column} is assumed: {share:.0%} of the price")
        if "effective_from" not in made:
            made["effective_from"] = pd.Period("2000-01", "M")
    if table.name == "products":
        for column, value in (("family", "products"), ("unit_of_measure", "piece")):
            if column not in made:
                made[column] = decisions.guess(f"value.{column}", value, "the file does not say it")
    lacking = [c for c in table.must_have if c not in made]
    if lacking:
        raise ValueError(
            f"{table.name} needs {', '.join(lacking)}, which no column of the file is named like. "
            f"Name it with --answer {lacking[0]}=COLUMN, or give all rows one value with "
            f"--answer value.{lacking[0]}=VALUE."
        )
    return made


def _known_products(made, products, left):
    """Leave out rows of products that the company does not plan."""
    if products is None or "product" not in made or made.empty:
        return made
    strange = ~made["product"].isin(products["product"]).to_numpy()
    if strange.all():
        raise ValueError(
            f"no product of the file is in products, such as {made['product'].iloc[0]}; there they "
            f"are like {products['product'].iloc[0]}. Check the column of products."
        )
    if strange.any():
        left.append(left_out("a product that is not in products", made, strange))
    return made[~strange]


def _one_row_a_key(table: Table, made, notes):
    """Add up rows of one key, such as a product's lots; where nothing can be added up, refuse."""
    keys = [c for c in table.key if c in made]
    double = made.duplicated(keys, keep=False)
    if not double.any():
        return made.reset_index(drop=True)
    amounts = [c for c in SUMMED if c in made]
    if not amounts:
        first = made[double].iloc[0]
        told = ", ".join(f"{key}={first[key]}" for key in keys)
        raise ValueError(
            f"{table.name}: {int(double.sum()):,} rows share a key with another, such as {told}. "
            "Keep one row for each key."
        )
    rest = [c for c in made.columns if c not in (*keys, *amounts)]
    notes.append(f"{int(double.sum()):,} rows of the same {', '.join(keys)} are added up")
    ways = dict.fromkeys(amounts, "sum") | dict.fromkeys(rest, "last")
    return made.groupby(keys, sort=True, observed=True).agg(ways).reset_index()


def screen(done: Imported) -> str:
    """Write the proof of a table as text."""
    columns = ", ".join(f"{column} = {name}" for column, name in done.columns.items())
    rows = [f"{done.source}: {len(done.table):,} rows", f"  columns: {columns}"]
    rows += [
        f"  left out: {one.reason}: {one.lines:,} ({'; '.join(one.examples)})"
        for one in done.left_out
    ]
    for column in done.table.select_dtypes("number"):
        if done.table[column].notna().any() and column in SUMMED:
            rows.append(f"  total {column}: {np.nansum(done.table[column]):,.10g}")
    rows += [f"  {guess.key} = {guess.value} ({guess.reason})" for guess in done.decisions.guesses]
    return "\n".join([*rows, *(f"  {note}" for note in done.notes)])
