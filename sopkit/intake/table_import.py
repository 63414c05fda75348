"""Import of other tables than sales: stock, orders, prices, bills, capacity, budget.

The same rooms read the file; the schema says which columns the table has and of what kind they are.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Series

from sopkit.intake import mapping
from sopkit.intake.codes import read_codes
from sopkit.intake.counted_in import DAYS, PER_UNIT, factor_of, price_unit, spans_in_days
from sopkit.intake.dates import read_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.formats import read_location
from sopkit.intake.grid import texts
from sopkit.intake.indented_bills import with_parents
from sopkit.intake.levels import read_levels, with_known
from sopkit.intake.measures_down import with_measures_in_columns
from sopkit.intake.numbers import is_numeric, read_numbers, scale_of, style_of
from sopkit.intake.rows import LeftOut, left_out
from sopkit.intake.shapes import tidy
from sopkit.intake.sheets import joined, sheet_of
from sopkit.intake.table_columns import column_named, columns_of, names_a_parent, unread
from sopkit.intake.table_rows import SUMMED, one_row_a_key, rows_of, without_debts
from sopkit.intake.totals import total_rows
from sopkit.io import readers
from sopkit.io.writers import write
from sopkit.master_data.assumed_costs import revenue_per_unit
from sopkit.master_data.economics import MAIN_SITE
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, Table
from sopkit.tables import conform
from sopkit.tables.issues import spelt_nearly

MATERIAL, USUAL_MATERIAL = "share.material_cost", "0.5"  # of the price: its key, and the default
SUGGESTED = 3  # tables that hold what was asked for
BILL = "bill_of_materials"
CALLED = {  # names that tables go by elsewhere, and that their descriptions do not have
    "bom": [BILL],
    "capacity": ["resource_calendar", "resources"],
    "forecast": ["demand_inputs"],
    "headcount": ["resources"],
    "supplier": ["sources"],
    "customer order": ["sales_orders"],
}
KNOWN = ("products", "sales_history")  # the tables that further ones belong to


class Imported(NamedTuple):
    """A table made from a file: its rows, the column of each of its columns, and the proof.

    `lines` were read; `unread` are columns of the file that nothing is read from; `own_totals`
    stand in the file's row of totals; `groups` are the tables of groups above the families of
    products
    """

    name: str
    table: DataFrame
    source: str
    lines: int
    columns: dict[str, str]
    unread: list[str]
    own_totals: dict[str, float]
    left_out: list[LeftOut]
    notes: list[str]
    decisions: Decisions
    groups: dict[str, DataFrame]

    @property
    def questions(self) -> list[Question]:
        """The questions that are open; nothing was written then."""
        return self.decisions.open()[0]


def import_table(
    name: str, location: str | Path, folder: Path, answers: Mapping[str, str], dry_run: bool = False
) -> Imported:
    """Read one input table from an export, write it to the folder of a company, and keep how it was
    read in its mapping file.

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
    read = _read(name, location, company, decisions)
    assumed = _assumed(table, company)
    prices = _sold_at(table, company)
    found = columns_of(table, read, decisions, (*assumed, *prices))
    grand, sub = total_rows(read.frame, list(found.values()), decisions)
    left = list(read.left_out)
    own = _own_totals(read, found, grand, decisions)
    if (grand | sub).any():
        left.append(left_out("a total", read.frame, grand | sub))
    made, notes = _typed(read._replace(frame=read.frame[~(grand | sub)]), found, decisions)
    made = _with_values(table, made, assumed, decisions)
    if len(prices) and "price" not in made:
        made = _with_prices(made, prices["price"], left, notes)
    if name == "item_costs":
        made = _with_material(made, read.source, decisions)
    made = rows_of(table, made, read, found, company.get("products"), decisions, left, notes)
    groups = {}
    if name == "products":
        above = read_levels(read.frame, made, found, read.source, decisions)
        groups, notes = with_known(folder, above.tables), [*notes, *above.notes]
    made = without_debts(table, one_row_a_key(table, made, notes), decisions)
    notes = [*read.notes, *notes]
    done = Imported(
        name,
        conform(name, made),
        read.source,
        len(read.frame) + sum(one.lines for one in read.left_out),
        found,
        unread(read, found),
        own,
        left,
        notes,
        decisions,
        groups,
    )
    if not done.questions and not dry_run:
        _keep(done, folder)
    return done


def _read(name, location, company, decisions):
    """The file as a table of rows; lines of an indented bill of materials with their parents."""
    sheets = [sheet_of(one, decisions) for one in read_location(location, decisions.given)]
    read = with_measures_in_columns(joined([tidy(sheet, decisions) for sheet in sheets]))
    if name == BILL and not any(map(names_a_parent, read.frame.columns)):
        read = with_parents(read, *_bill_columns(read, decisions), _planned(company), decisions)
    return read


def _bill_columns(read, decisions):
    """The columns of components and of their quantities, as far as they are known."""
    for column in ("component", "quantity_per_unit"):
        yield decisions.told(column) or column_named(BILL, column, [*read.frame.columns])


def _planned(company):
    """The products of the company, as far as they are known."""
    return set(company["products"]["product"]) if company else set()


def _keep(done, folder):
    """Write the table and its groups, and how it was read."""
    for name, rows in {done.name: done.table, **done.groups}.items():
        write(name, rows.dropna(axis=1, how="all"), folder / f"{name}.csv")
    mapping.remember_table(folder, done.name, done.decisions)


def _table(name):
    table = TABLES.get(name)
    if table is None or not table.is_input:
        known = [one for one, about in TABLES.items() if about.is_input]
        word = name.casefold().rstrip("s").replace("_", " ")
        about = [one for one in known if word in TABLES[one].description.casefold()]
        near = spelt_nearly(name, known) or CALLED.get(word, []) or about[:SUGGESTED]
        meant = f"; did you mean {' or '.join(near)}?" if near else "."
        raise ValueError(f"{name} is no input table{meant} `sopkit docs FOLDER` lists them.")
    return table


def _own_totals(read, found, grand, decisions):
    """What the file's one row of totals says of each column that is added up."""
    if grand.sum() != 1:
        return {}
    summed = {column: found[column] for column in SUMMED if column in found}
    row = read.frame[grand]
    summed = {column: name for column, name in summed.items() if is_numeric(row[name]) == 1}
    if not summed:
        return {}
    made, _ = _typed(read._replace(frame=row), summed, decisions)
    return {column: float(made[column].iloc[0]) for column in made if made[column].notna().all()}


def _typed(read, found, decisions):
    made, notes = pd.DataFrame(index=read.frame.index), []
    of_units = 1.0
    if any(COLUMNS[column].unit == PER_UNIT for column in found):
        of_units = price_unit(read.frame, unread(read, found), read.source, decisions, notes)
    numeric = [c for c in found if COLUMNS[c].kind in ("number", "whole")]
    hint = style_of([read.frame[found[c]] for c in numeric])
    for column, name in found.items():
        cells, kind = read.frame[name], COLUMNS[column].kind
        if COLUMNS[column].unit == DAYS and (days := spans_in_days(cells)) is not None:
            made[column], some = days, [f"{name} is converted to days, by the unit in each cell"]
        elif kind in ("number", "whole"):
            made[column], some = read_numbers(cells, name, read.source, decisions, hint)
            scale = scale_of if column in SUMMED else factor_of
            made[column] *= scale(column, name, decisions)
            if COLUMNS[column].unit == PER_UNIT:
                made[column] /= of_units
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


def _assumed(table: Table, company) -> dict[str, tuple[object, str]]:
    """The value of a column, and why, that all rows have where the file does not say it."""
    assumed: dict[str, tuple[object, str]] = {}
    if "site" in (*table.key, *table.must_have):
        assumed["site"] = (MAIN_SITE, "the file names no site")
    if company:
        sales = company["sales_history"]
        markets = sales["market"].unique()
        if "market" in table.must_have and len(markets) == 1:
            assumed["market"] = (markets[0], "the company has one market")
        families = company["products"]["family"].unique()
        if "family" in table.must_have and len(families) == 1 and table.name != "products":
            assumed["family"] = (families[0], "the company has one family")
        if "effective_from" in table.must_have and len(sales):
            assumed["effective_from"] = (str(sales["period"].min()), "the first month of sales")
    if table.name == "products":
        why = "the file does not say it"
        assumed |= {"family": ("products", why), "unit_of_measure": ("piece", why)}
    return assumed


def _sold_at(table: Table, company) -> dict[str, Series]:
    """The price of each product as it was sold, for a list of costs that has none."""
    if table.name != "item_costs" or not company:
        return {}
    prices = revenue_per_unit(company["sales_history"]).dropna()
    return {"price": prices.map(_to_six_digits)} if len(prices) else {}


def _to_six_digits(price):
    return float(f"{price:.6g}")


def _with_prices(made, prices, left, notes):
    """Price each product at last year's revenue per unit; what was not sold is left out."""
    unsold = ~made["product"].isin(prices.index).to_numpy()
    if unsold.any():
        left.append(left_out("no price, and not sold in the last year", made, unsold))
    notes.append("price is not in the file: last year's revenue per unit (value.price)")
    made = made[~unsold]
    return made.assign(price=made["product"].map(prices))


def _with_values(table: Table, made, assumed, decisions):
    """Fill columns that the file does not have by what is told, or safe to assume."""
    for column in table.columns:
        is_number = COLUMNS[column].kind in ("number", "whole")
        read = decisions.told_number if is_number else decisions.told
        if (told := read(f"value.{column}")) is not None:
            made[column] = told
        elif column not in made and column in assumed:
            made[column] = decisions.guess(f"value.{column}", *assumed[column])
        if column in made and COLUMNS[column].kind == "period" and made[column].dtype == object:
            made[column] = pd.PeriodIndex(made[column], freq="M")
    return made


def _with_material(made, source, decisions):
    """Ask which share of the price the material is, where a list of prices does not say its cost:
    the margin rests on it."""
    if "material_cost" in made or "price" not in made:
        return made
    share = decisions.told_number(MATERIAL)
    if share is None:
        text = f"{source} has no material_cost. Which share of the price is it?"
        share = float(decisions.ask(Question(MATERIAL, text, (), USUAL_MATERIAL)))
    return made.assign(material_cost=made["price"] * share)
