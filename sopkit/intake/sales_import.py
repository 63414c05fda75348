"""Import of order lines: products and sales_history from an export of a shop or ERP."""

import re
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit.io.delimited import TextTable, read_csv, with_points
from sopkit.io.excel import read_workbook
from sopkit.io.writers import replacing, write
from sopkit.tables import conform_all
from sopkit.tables.issues import SHOWN_ROWS, DataError, shown

ALL = "all"  # the one market where the export names none
ONE_FAMILY = "products"  # the one family where the export names none
UNIT = "piece"
# a whole month may end so many days after its last sale, or as many as nine in ten months before it
LATE_DAYS = 5
# fmt: off
_NAMES = {
    "date": ("date", "order date", "orderdate", "invoice date", "posting date", "ship date", "day", "month", "period", "datum", "bestelldatum", "rechnungsdatum", "fecha"),
    "product": ("product", "sku", "item", "article", "material", "stockcode", "product id", "product code", "item number", "artikel", "artikelnummer", "produkt", "referencia"),
    "quantity": ("quantity", "qty", "units", "units sold", "volume", "pieces", "menge", "anzahl", "stueck", "cantidad", "quantite"),
    "market": ("market", "region", "channel", "country", "customer group", "store", "markt", "land", "kanal", "pais", "pays"),
    "revenue": ("revenue", "net sales", "sales", "amount", "turnover", "net value", "sales value", "umsatz", "nettoumsatz", "betrag", "ventas"),
    "family": ("family", "category", "product group", "product line", "product family", "group", "familie", "warengruppe", "produktgruppe", "familia"),
}
# fmt: on
_TIME = r"[ T]\d{1,2}:\d{2}.*$"
# How each is read, and what the message calls it; two that read every cell but disagree are
# refused.
_DATES = {
    "%Y-%m-%d": "year-month-day",
    "%Y/%m/%d": "year/month/day",
    "%Y%m%d": "yearmonthday",
    "%Y-%m": "year-month",
    "%Y%m": "yearmonth",
    "%d.%m.%Y": "day.month.year",
    "%d.%m.%y": "day.month.year",
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%d/%m/%y": "day/month/year",
    "%m/%d/%y": "month/day/year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
    "%d-%b-%Y": "day-Jan-year",
    "%d %b %Y": "day Jan year",
}


class ExportColumns(NamedTuple):
    """Which columns of an export hold what; None is a column that it lacks."""

    date: str
    product: str
    quantity: str
    market: str | None = None
    revenue: str | None = None
    family: str | None = None


def columns(path: Path) -> list[str]:
    """List the column names of an export."""
    return [name for name in _read(path).frame.columns if name]


def guess(columns: Iterable[str]) -> dict[str, str]:
    """Propose which column holds what, by its name.

    Returns
    -------
    date, product, quantity, market, revenue, family : column name; what no name fits is absent
    """
    plain = {
        re.sub(
            r"[^a-z]+", " ", column.casefold().replace("ü", "ue").replace("é", "e")
        ).strip(): column
        for column in columns
    }
    found = {}
    for role, names in _NAMES.items():
        exact = [plain[name] for name in names if name in plain]
        partly = [
            column
            for text, column in plain.items()
            if any(f" {name} " in f" {text} " for name in names)
        ]
        free = [column for column in exact + partly if column not in found.values()]
        if free:
            found[role] = free[0]
    return found


def from_sales(
    path: Path, folder: Path, columns: ExportColumns, returns: str = "refuse"
) -> DataFrame:
    """Write products.csv and sales_history.csv from an export of order lines (CSV or Excel).

    Lines are added up by product, market and month; months without a sale, from a product's first
    in a market to the last month of all, become 0. A last month that seems unfinished is left out.
    `returns` says what happens to negative quantities: "refuse" them, "net" them within their
    month, or "drop" them.

    Returns
    -------
    fact : value; what was read, assumed, filled and left out

    Raises
    ------
    ValueError : a cell cannot be read, dates can be read in two ways, or a month would sell less
        than nothing.
    FileExistsError : the folder already has one of the tables.
    """
    folder = Path(folder)
    for name in ("products", "sales_history"):
        if (folder / f"{name}.csv").exists():
            raise FileExistsError(
                f"{folder / name}.csv exists; choose another folder, or remove it"
            )
    if returns not in ("refuse", "net", "drop"):
        raise ValueError(f"returns={returns!r} is unknown; write refuse, net or drop")
    lines, source = _lines(_read(path), columns)
    facts = [("lines read", f"{len(lines):,} from {source}")]
    lines = _without_returns(lines, returns, source, facts)
    families = _families(lines, facts)
    sales = _by_month(_whole_months(lines, facts), source, facts)
    products = _products(families, sales, facts)
    _write_both(folder, conform_all({"products": products, "sales_history": sales}))
    facts.append(("written", f"{len(products):,} products, {len(sales):,} months of sales"))
    return pd.DataFrame(facts, columns=["fact", "value"])


def _read(path):
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        return read_csv(path)
    sheets, faults = read_workbook(path)
    if faults:
        raise DataError(faults)
    if len(sheets) > 1:
        raise ValueError(
            f"{path.name} has the sheets {', '.join(sheets)}; save the one with the order lines as "
            "CSV"
        )
    return next(iter(sheets.values()))


def _lines(table, columns):
    """Give the chosen columns our names and types; the index stays the line number less 2.

    Returns
    -------
    (date, product, quantity, market, family and, if chosen, revenue by line, where they are from)
    """
    chosen = columns._asdict().items()
    chosen = {role: column.strip() for role, column in chosen if column is not None}
    _refuse_columns(table, list(chosen.values()))
    frame = pd.DataFrame({role: table.frame[column].str.strip() for role, column in chosen.items()})
    frame = with_points(
        TextTable(frame, table.source, table.delimiter), {"quantity", "revenue"}
    ).frame
    for role in frame.columns:
        _refuse(frame[role] == "", frame[role], f"{chosen[role]} is empty", table.source)
    for role in {"quantity", "revenue"} & set(frame.columns):
        numbers = pd.to_numeric(frame[role], errors="coerce")
        _refuse(
            numbers.isna() | ~numbers.abs().lt(float("inf")),
            frame[role],
            f"{chosen[role]} is not a number",
            table.source,
        )
        frame[role] = numbers.astype("float64")
    frame["date"] = _days(frame["date"], chosen["date"], table.source)
    for role in {"market", "family"} - set(frame.columns):
        frame[role] = ONE_FAMILY if role == "family" else ALL
    return frame, table.source


def _refuse_columns(table, chosen):
    """Refuse an export in which a chosen column is missing or double, or which has no lines."""
    columns = table.frame.columns
    double = [column for column in chosen if (columns == column).sum() > 1]
    if double:
        raise ValueError(
            f"duplicate columns in {table.source}: {shown(double[0])}. Keep one of each."
        )
    missing = [column for column in chosen if column not in columns]
    if missing:
        raise ValueError(
            f"{table.source} has no column {missing[0]!r}; it has {', '.join(columns)}"
        )
    if table.frame.empty:
        raise ValueError(f"{table.source} has no lines below its column names")


def _days(texts, column, source):
    """Read dates in the one way in which all of them can be read."""
    distinct = pd.Series(texts.unique(), dtype="str")
    plain = distinct.str.replace(_TIME, "", regex=True)
    read = {way: _read_as(way, plain) for way in _DATES}
    whole = [way for way, days in read.items() if days.notna().all()]
    if not whole:
        best = max(read, key=lambda way: read[way].notna().sum())
        known = set(distinct[read[best].notna()])
        _refuse(~texts.isin(known), texts, f"{column} is not a date as {_DATES[best]}", source)
    others = [way for way in whole[1:] if not read[way].equals(read[whole[0]])]
    if others:
        first, second = _DATES[whole[0]], _DATES[others[0]]
        raise ValueError(
            f"{source}: {column} can be read as {first} and as {second} ({distinct[0]}). Write "
            "2026-10-31."
        )
    return texts.map(dict(zip(distinct, read[whole[0]], strict=True))).astype("datetime64[us]")


def _read_as(way, texts):
    days = pd.to_datetime(texts, format=way, errors="coerce")
    digits = {"%Y%m%d": 8, "%Y%m": 6}.get(
        way
    )  # the parser would also take 202611 for the 1st of January 2026
    return days if digits is None else days.where(texts.str.fullmatch(rf"\d{{{digits}}}"))


def _without_returns(lines, returns, source, facts):
    negative = lines["quantity"] < 0
    if not negative.any():
        return lines
    if returns == "refuse":
        remedy = (
            " Net returns within the month (--returns net), or leave them out (--returns drop)."
        )
        _refuse(negative, lines["quantity"], "quantity is negative", source, remedy)
    if returns == "net":
        facts.append(("returns netted within the month", f"{negative.sum():,} lines"))
        return lines
    facts.append(
        (
            "returns left out",
            f"{negative.sum():,} lines of {-lines.loc[negative, 'quantity'].sum():,.10g} units",
        )
    )
    return lines[~negative]


def _whole_months(lines, facts):
    """Leave out a last month that ends too early after its last sale to be whole."""
    periods = lines["date"].dt.to_period("M")
    last = lines["date"].groupby(periods).max().sort_index()
    unsold = last.dt.days_in_month - last.dt.day
    facts.append(
        ("sales from", f"{lines['date'].min():%Y-%m-%d} to {lines['date'].max():%Y-%m-%d}")
    )
    usual = unsold.iloc[:-1].quantile(0.9) if len(unsold) > 1 else 0
    dated_by_month = (lines["date"].dt.day == lines["date"].dt.day.iloc[0]).all()
    if dated_by_month or unsold.iloc[-1] <= max(LATE_DAYS, usual):
        return lines
    month = last.index[-1]
    rest = lines[periods != month]
    if rest.empty:
        raise ValueError(
            f"all sales are in {month} and end on {last.iloc[-1]:%Y-%m-%d}: there is no complete "
            "month"
        )
    facts.append(
        (
            f"month left out: {month}",
            f"its last sale is on {last.iloc[-1]:%Y-%m-%d}, {len(lines) - len(rest):,} lines",
        )
    )
    return rest


def _families(lines, facts):
    """Find each product's family; the latest one where it changed."""
    ordered = lines.sort_values("date", kind="stable")
    count = ordered.groupby("product")["family"].nunique()
    changed = count.index[count > 1]
    if len(changed):
        some = ", ".join(changed[:SHOWN_ROWS])
        facts.append(
            ("products in several families; the latest is used", f"{len(changed):,}: {some}")
        )
    return ordered.groupby("product")["family"].last().reset_index()


def _by_month(lines, source, facts):
    """Add the lines up by month, with a 0 for each month without a sale."""
    measures = [c for c in ("quantity", "revenue") if c in lines.columns]
    months = lines["date"].dt.to_period("M").rename("period")
    sold = lines.groupby(["product", "market", months], sort=True)[measures].sum().reset_index()
    below = sold[sold["quantity"] < 0]
    if len(below):
        months = "; ".join(
            f"{r.product} {r.market} {r.period}: {r.quantity:g}"
            for r in below.head(SHOWN_ROWS).itertuples()
        )
        raise ValueError(
            f"{source}: returns exceed sales in {len(below):,} months ({months}). Leave returns "
            "out (--returns drop)."
        )
    first = sold.groupby(["product", "market"], sort=True)["period"].min().reset_index()
    counts = sold["period"].max().ordinal - pd.PeriodIndex(first["period"]).asi8 + 1
    full = first.loc[first.index.repeat(counts)].reset_index(drop=True)
    step = full.groupby(["product", "market"]).cumcount()
    full["period"] = pd.PeriodIndex.from_ordinals(
        pd.PeriodIndex(full["period"]).asi8 + step.to_numpy(), freq="M"
    )
    filled = full.merge(sold, on=["product", "market", "period"], how="left", validate="one_to_one")
    facts.append(("months without a sale, written as 0", f"{filled['quantity'].isna().sum():,}"))
    return filled.fillna(dict.fromkeys(measures, 0.0))


def _products(families, sales, facts):
    """The products that have sales; one sold only in the month left out is planned next month."""
    sold = families["product"].isin(sales["product"])
    if not sold.all():
        gone = ", ".join(families.loc[~sold, "product"].head(SHOWN_ROWS))
        facts.append(("products left out, sold only in the month left out", gone))
    facts.append(("unit of measure", f"{UNIT}, assumed for every product"))
    return families[sold].assign(unit_of_measure=UNIT)


def _write_both(folder, tables):
    """Write the tables; no file takes its place before the others can be written."""
    with ExitStack() as both:
        for name, frame in tables.items():
            unfinished = both.enter_context(replacing(folder / f"{name}.csv"))
            write(name, frame.dropna(axis=1, how="all"), unfinished)


def _refuse(broken, cells, rule, source, remedy=""):
    if broken.any():
        found = cells[broken].head(SHOWN_ROWS)
        lines = "; ".join(f"line {label + 2}: {shown(value)}" for label, value in found.items())
        raise ValueError(
            f"{source}: {rule} in {broken.sum():,} of {len(cells):,} lines ({lines}).{remedy}"
        )
