"""The rows of a table as lines of sales: typed, judged, and those that do not count left out."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake.codes import read_codes
from sopkit.intake.columns import FITS, NEEDED, NOBODY, plain
from sopkit.intake.counted_in import price_unit
from sopkit.intake.date_labels import month_and_year
from sopkit.intake.dates import Dates, read_dates
from sopkit.intake.decisions import Decisions, Question, number
from sopkit.intake.fiscal_years import of_named_months, says_fiscal
from sopkit.intake.grid import distinct, text_of, texts
from sopkit.intake.header import vocabulary
from sopkit.intake.numbers import is_numeric, read_numbers, scale_of, style_of
from sopkit.intake.rows import PERIOD, LeftOut, Table, left_out
from sopkit.schema.formatting import ONE_MARKET
from sopkit.tables.issues import SHOWN_ROWS

ALL, ONE_FAMILY, ONE_PRODUCT = ONE_MARKET, "products", "all-products"
NUMBERS = ("quantity", "revenue", "price")
TEXTS = ("product", "market", "family", "order", "description", "status", "currency", "unit")
NOTHING = "(empty)"
REPORTING = "reporting_currency"  # the key of the currency that the company reports in
FAR_MONTHS, FEW = 60, 0.01  # a date so far from all others is a placeholder, if few lines have it


class Lines(NamedTuple):
    """Lines of sales: date, product, quantity, market, family and, where given, revenue, order,
    description, unit; labelled by line."""

    frame: DataFrame
    size: str
    left_out: list[LeftOut]
    notes: list[str]


def read_lines(
    table: Table,
    roles: dict[str, str],
    decisions: Decisions,
    corrections: Mapping[str, Mapping[str, str]],
) -> Lines:
    """Give the columns of a table their types and meanings.

    Raises
    ------
    ValueError : cells cannot be read; the message has their lines.
    """
    frame, notes, left = table.frame, [], []
    made = pd.DataFrame(index=frame.index)
    days = _days(frame, roles, table, decisions)
    made["date"] = days.days
    notes += days.notes
    hint = _style(frame, roles)
    for role in (r for r in (*NUMBERS, *TEXTS) if r in roles):
        name = roles[role]
        try:
            if role in NUMBERS:
                made[role], some = read_numbers(frame[name], name, table.source, decisions, hint)
                made[role] *= scale_of(role, name, decisions)
            elif role == "order":
                made[role], some = texts(frame[name]), []
            else:
                fix = corrections.get(role, {})
                made[role], some = read_codes(frame[name], name, table.source, fix)
                some = some if role in ("product", "market") else some[:1]
        except ValueError as error:
            if role in NEEDED or decisions.told(role):
                raise
            some = [f"{role} is not read: {error}"]
        notes += some
    if "price" in made:
        free = [name for name in frame.columns if name not in roles.values()]
        made["price"] /= price_unit(frame, free, table.source, decisions, notes, of_sales=True)
    for role in ("date", "product"):
        if role in made:
            _refuse_empty(made[role], roles.get(role, PERIOD), table.source)
    made = _with_defaults(made, notes)
    made = _revenue(made, decisions, notes)
    far = _far(made["date"])
    if far.any():
        left.append(
            left_out(
                "dated far from all others", frame, far, float(made.loc[far, "quantity"].sum())
            )
        )
    made = made[~far]
    return Lines(made, days.size, left, notes)


def _style(frame, roles):
    """How decimals are written: as the columns that are read show it, else as others do."""
    read = [frame[roles[r]] for r in NUMBERS if r in roles]
    others = [frame[name] for name in frame if name not in roles.values()]
    return style_of(read) or style_of(cells for cells in others if is_numeric(cells) >= FITS)


def _days(frame, roles, table, decisions):
    if PERIOD in frame.columns:
        return Dates(frame[PERIOD].astype("datetime64[us]"), table.size, [])
    if "date" in roles:
        return read_dates(frame[roles["date"]], roles["date"], table.source, decisions)
    year, month = (distinct(frame[roles[part]]) for part in ("year", "month"))
    years = np.array([text_of(value) for value in year[1]] + [""], dtype=object)[year[0]]
    months = np.array([text_of(value) for value in month[1]] + [""], dtype=object)[month[0]]
    is_fiscal = says_fiscal(roles["year"])
    mark = "P" if is_fiscal else "M"
    texts = pd.Series(
        [month_and_year(m, y, mark) for y, m in zip(years, months, strict=True)], frame.index
    )
    days = read_dates(texts.astype("category"), roles["month"], table.source, decisions)
    if is_fiscal and any(re.search(r"[^MP\d]", text) for text in set(months)):  # Jan, not P01
        named = of_named_months(days.days, roles["year"], table.source, decisions)
        return days._replace(days=named)
    return days


def _refuse_empty(cells, name, source):
    empty = cells.isna()
    if empty.any():
        lines = ", ".join(f"line {line}" for line in cells.index[empty].unique()[:SHOWN_ROWS])
        raise ValueError(
            f"{source}: {name} is empty in {empty.sum():,} of {len(cells):,} lines ({lines}). "
            "Fill it, or remove these lines."
        )


def _with_defaults(made, notes):
    for role, value in (("product", ONE_PRODUCT), ("market", ALL), ("family", ONE_FAMILY)):
        if role not in made:
            made[role] = pd.Categorical.from_codes(np.zeros(len(made), "int8"), [value])
        elif made[role].isna().any():
            notes.append(f"{role} is empty in {made[role].isna().sum():,} lines, read as {NOTHING}")
            made[role] = made[role].cat.add_categories(NOTHING).fillna(NOTHING)
    if "family" in made:
        made["family"] = made["family"].cat.rename_categories(_not_all)
    return made


def _not_all(family):
    """`all` is the name of the total of all families."""
    return "all-families" if family == ALL else family


def _revenue(made, decisions, notes):
    if "price" in made and "revenue" not in made:
        made["revenue"] = made["price"] * made["quantity"]
        notes.append("revenue is price times quantity, line by line")
    made = made.drop(columns="price", errors="ignore")
    if "revenue" not in made:
        return made.drop(columns="currency", errors="ignore")
    missing = made["revenue"].isna()
    if missing.any():
        notes.append(f"revenue is empty in {missing.sum():,} lines, counted as 0")
        made["revenue"] = made["revenue"].fillna(0.0)
    currencies = list(made["currency"].dropna().unique()) if "currency" in made else []
    if len(currencies) > 1:
        made["revenue"] = _one_currency(made, currencies, decisions)
        if made["revenue"].isna().any():
            notes.append(
                f"revenue is left out: it is in {', '.join(currencies[:5])}; give what each is "
                "worth by --answer rate.USD=0.92"
            )
            made = made.drop(columns="revenue")
    return made.drop(columns="currency", errors="ignore")


def _one_currency(made, currencies, decisions):
    """The revenue in the currency that the company reports in, else that of most lines; empty where
    what another one is worth stays open."""
    lines = made["currency"].value_counts()
    told = decisions.given.get(REPORTING, "").strip().upper()
    rated = [one for one in currencies if f"rate.{one}" in decisions.given]
    own = told or next((one for one in lines.index if one not in rated), "")
    others = [one for one in currencies if one != own]
    rates = {one: _rate(one, own, lines[one] / len(made), decisions) for one in others}
    factors = made["currency"].map({own: 1.0, **rates}).astype("float64")
    if np.isnan(list(rates.values())).any():
        return pd.Series(np.nan, index=made.index)
    return made["revenue"] * factors.fillna(1.0)


def _rate(currency, own, share, decisions):
    """What one unit of a currency is worth in the company's own; empty where it is left open."""
    key = f"rate.{currency}"
    text = f"Revenue is in several currencies. What is 1 {currency} worth in {own}? A number, or "
    text += f"{NOBODY}: then revenue is left out."
    answer = decisions.ask(Question(key, text, (), NOBODY, float(share)))
    return np.nan if answer == NOBODY else number(key, answer)


# --------------------------------------------------------------------------------------------------
# lines that do not count


def counted(
    lines: DataFrame, roles: dict[str, str], decisions: Decisions
) -> tuple[DataFrame, list[LeftOut]]:
    """Leave out lines that are cancelled or free of charge, where that is told."""
    left = []
    for reason, found in (
        ("cancelled", lambda rest: _cancelled(rest, roles, decisions)),
        ("free of charge", lambda rest: _free(rest, decisions)),
    ):
        rows = found(lines)
        if rows.any():
            named = lines[["date", "product", "quantity"]]
            left.append(left_out(reason, named, rows, float(lines.loc[rows, "quantity"].sum())))
            lines = lines[~rows]
    return lines.drop(columns="status", errors="ignore"), left


def _cancelled(made, roles, decisions):
    if "status" not in made:
        return np.zeros(len(made), bool)
    codes, values = distinct(made["status"])
    if plain(roles["status"]) in ("cancelled at", "canceled at", "cancelled", "canceled", "storno"):
        words = [plain(text_of(value)) not in ("no", "false", "0", "n", "nein") for value in values]
    else:
        begins = vocabulary()["cancelled"]
        words = [any(word in plain(text_of(value)) for word in begins) for value in values]
    rows = np.array([*words, False])[codes]
    return rows & (_ask_rows("cancelled", made, rows, roles["status"], values, words, decisions))


def _ask_rows(key, made, rows, name, values, words, decisions):
    if not rows.any():
        return False
    share = float(made.loc[rows, "quantity"].abs().sum() / max(made["quantity"].abs().sum(), 1e-9))
    said = ", ".join(text_of(v) for v, word in zip(values, words, strict=True) if word)[:60]
    text = (
        f"{rows.sum():,} lines are {key} ({name}: {said}). Leave them out (leave), or count them "
        "(use)?"
    )
    return decisions.ask(Question(key, text, ("leave", "use"), "leave", share)) == "leave"


def _free(made, decisions):
    if "revenue" not in made:
        return np.zeros(len(made), bool)
    rows = ((made["revenue"] == 0) & (made["quantity"] > 0)).to_numpy()
    if not rows.any() or rows.all():
        return np.zeros(len(made), bool)
    share = float(made.loc[rows, "quantity"].sum() / max(made["quantity"].abs().sum(), 1e-9))
    text = (
        f"{rows.sum():,} lines have a quantity and no value ({share:.1%} of the units). Are they "
        "demand (use), or samples and gifts (leave)?"
    )
    answer = decisions.ask(Question("free_of_charge", text, ("use", "leave"), "use", share))
    return rows if answer == "leave" else np.zeros(len(made), bool)


def _far(dates):
    """Placeholders such as 1900-01-01 and 9999-12-31: few lines, five years from all others."""
    months = dates.to_numpy().astype("datetime64[M]").astype("int64")
    found, counted = np.unique(months, return_counts=True)
    gaps = np.flatnonzero(np.diff(found) >= FAR_MONTHS)
    far = np.zeros(len(months), bool)
    if not len(gaps):
        return far
    edges = [0, *(gaps + 1), len(found)]
    sizes = [counted[a:b].sum() for a, b in pairwise(edges)]
    for a, b, size in zip(edges[:-1], edges[1:], sizes, strict=True):
        if size < max(sizes) and size <= max(FEW * len(months), 2):
            far |= (months >= found[a]) & (months <= found[b - 1])
    return far
