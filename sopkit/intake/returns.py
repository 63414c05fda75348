"""Returns and credits: set off against the sales they belong to.

A line below zero takes from the month of the sale of its order, where an order number tells; else
from its own month. A month that would sell less than nothing sells nothing, and the rest is set off
against the months before it, then those after.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.intake.columns import plain
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.header import says
from sopkit.intake.numbers import is_numeric, read_numbers
from sopkit.intake.other_lines import kinds
from sopkit.intake.rows import LeftOut, Table, amount, left_out
from sopkit.schema.formatting import count
from sopkit.tables.issues import SHOWN_ROWS

BACK = ("return", "retour", "refund", "ruckgabe", "devol")  # how words of returns begin
UNITS = {"unit", "units", "qty", "quantity", "pieces", "pcs", "menge", "anzahl", "stuck"}
UNITS |= {"cantidad", "unidades", "quantite", "quantita", "aantal"}
AMOUNTS = ("quantity", "revenue")
WAYS = ("net", "drop", "refuse")
REVERSED = 0.9  # of the units are below zero: the system books sales so
MANY = 0.6  # of the units sold: so many returns are asked for


def signed(lines: DataFrame, decisions: Decisions) -> DataFrame:
    """Turn the signs of a system that books sales as what leaves stock."""
    below = lines["quantity"] < 0
    units = lines["quantity"].abs().sum()
    share = float(lines.loc[below, "quantity"].abs().sum() / units) if units else 0.0
    if share < REVERSED:
        return lines
    text = (
        f"{share:.0%} of the units are below zero. Are sales booked so (turn the signs), or are "
        "all of them returns (keep)?"
    )
    if decisions.ask(Question("signs", text, ("turn", "keep"), "turn", 6.0)) == "keep":
        return lines
    turned = {"quantity": -lines["quantity"]}
    if "revenue" in lines and lines["revenue"].sum() < 0:
        turned["revenue"] = -lines["revenue"]
    return lines.assign(**turned)


def without_returned(
    lines: DataFrame, table: Table, roles: Mapping[str, str], decisions: Decisions
) -> DataFrame:
    """Take the units of a column of returns off the units sold beside it; asked.

    Parameters
    ----------
    lines : quantity, with the index of the table's frame
    """
    for name in [one for one in table.frame.columns if one not in roles.values()]:
        words = plain(name).split()
        is_returned = any(word.startswith(BACK) for word in words) and UNITS & {*words}
        if not is_returned or is_numeric(table.frame[name]) < 1:
            continue
        back, _ = read_numbers(table.frame[name], name, table.source, decisions)
        back = back.reindex(lines.index).abs().fillna(0.0)
        sold = float(lines["quantity"].abs().sum())
        text = (
            f"{name} holds {amount(back.sum())}, beside {amount(sold)} in {roles['quantity']}. "
            "Subtract what came back (subtract), or is it subtracted already (keep)?"
        )
        share = float(back.sum()) / max(sold, 1.0)
        asked = Question("returned", text, ("subtract", "keep"), "subtract", share)
        if back.any() and decisions.ask(asked) == "subtract":
            return lines.assign(quantity=lines["quantity"] - back)
    return lines


def with_credits(
    lines: DataFrame, frame: DataFrame, roles: Mapping[str, str], decisions: Decisions
) -> DataFrame:
    """Turn the signs of documents that take sales back and are written without a sign.

    A column of few names, some of which are words for credits or returns, says which they are; it
    is asked, for a name can mean something else.

    Parameters
    ----------
    lines : quantity, and revenue where it is known, with the index of `frame`
    frame : the table as it is in the file
    """
    for name in [one for one in frame.columns if one not in roles.values()]:
        said, names = kinds(frame[name], lambda text: says(text, "credits"))
        said = Series(said, frame.index)[~frame.index.duplicated()]
        rows = said.reindex(lines.index, fill_value=False).to_numpy()
        if not rows.any() or (lines["quantity"][rows] < 0).any():
            continue
        units = lines["quantity"].abs().sum()
        text = (
            f"{name} is {names[:60]} in {count(rows.sum(), 'line')}, with a quantity above zero. "
            "Is that sales taken back (return), or sales (use)?"
        )
        share = float(lines.loc[rows, "quantity"].sum() / units) if units else 0.0
        asked = Question("credits", text, ("return", "use"), "return", share)
        if decisions.ask(asked) == "use":
            return lines
        turned = {c: lines[c].mask(rows, -lines[c].abs()) for c in AMOUNTS if c in lines}
        return lines.assign(**turned)
    return lines


def treated(
    lines: DataFrame, source: str, decisions: Decisions
) -> tuple[DataFrame, list[LeftOut], list[str]]:
    """Treat returns as told: net them, drop them, or refuse them.

    Raises
    ------
    ValueError : they are to be refused, and there are some.
    """
    below = (lines["quantity"] < 0).to_numpy()
    way = decisions.told("returns", WAYS)
    if not below.any():
        return lines, [], []
    units = float(-lines.loc[below, "quantity"].sum())
    way = way or _way(below.sum(), units, float(lines.loc[~below, "quantity"].sum()), decisions)
    if way == "refuse":
        cells = lines.loc[below, "quantity"].head(SHOWN_ROWS)
        some = "; ".join(f"line {line}: {value:g}" for line, value in cells.items())
        raise ValueError(
            f"{source}: quantity is negative in {below.sum():,} of {len(lines):,} lines ({some}). "
            "Net returns within the month (--returns net), or leave them out (--returns drop)."
        )
    named = lines[["date", "product", "quantity"]]
    if way == "drop":
        return lines[~below], [left_out("returns", named, below, -units)], []
    moved, to_sale = _to_their_sale(lines, below)
    notes = [f"returns are netted: {below.sum():,} lines of {amount(units)} units"]
    if to_sale:
        notes.append(f"{to_sale:,} of the returns count in the month of their order's sale")
    return moved, [], notes


def _way(lines, units, sold, decisions):
    """What is done with returns that nobody was asked about: netted, and asked where they are
    many, for they may be no returns."""
    are = "is" if lines == 1 else "are"
    said = f"{count(lines, 'line')} of {amount(units)} units {are} below zero"
    if units < MANY * sold:
        return decisions.guess("returns", "net", said)
    text = (
        f"{said}, beside {amount(sold)} units sold. Are they returns, to be netted (net) or left "
        "out (drop); or does the file hold more than sales (refuse)?"
    )
    return decisions.ask(Question("returns", text, WAYS, "net", units / max(sold, 1.0)))


def _to_their_sale(lines, below):
    if "order" not in lines:
        return lines, 0
    sold = lines.loc[~below & lines["order"].notna().to_numpy()]
    first = sold.groupby(["order", "product"], observed=True)["period"].min()
    keys = pd.MultiIndex.from_frame(lines.loc[below, ["order", "product"]].astype(str))
    first.index = pd.MultiIndex.from_arrays(
        [first.index.get_level_values(i).astype(str) for i in (0, 1)]
    )
    month = first.reindex(keys).to_numpy()
    own = lines.loc[below, "period"].to_numpy()
    is_known = ~np.isnan(month.astype("float64")) & (month != own)
    period = lines["period"].to_numpy().copy()
    places = np.flatnonzero(below)
    period[places[is_known]] = month[is_known].astype("int64")
    return lines.assign(period=period), int(is_known.sum())


def set_off(months: DataFrame, measure: str, notes: list[str]) -> DataFrame:
    """Set months below zero off against the months before, then those after, of the same series.

    `months` has product, market, period and the measure, ordered by them.
    """
    values = months[measure].to_numpy().copy()
    below = np.flatnonzero(values < 0)
    if not len(below):
        return months
    keys = months[["product", "market"]].astype(str)
    series = (keys["product"] + "\0" + keys["market"]).to_numpy()
    listed, rest = [], 0.0
    for row in below:
        owed = -values[row]
        values[row] = 0.0
        own = _near(series, row)
        for place in [*own[own < row][::-1], *own[own > row]]:
            taken = min(owed, max(values[place], 0.0))
            values[place] -= taken
            owed -= taken
            if owed <= 0:
                break
        product, market = keys.iloc[row]
        month = np.datetime64(int(months["period"].iloc[row]), "M")
        listed.append(f"{product} {market} {month}: {months[measure].iloc[row]:g}")
        rest += owed
    if measure == "quantity":
        more = f" and {len(listed) - SHOWN_ROWS:,} more" if len(listed) > SHOWN_ROWS else ""
        notes.append(
            f"{len(listed):,} months had more returns than sales and become 0, the rest is set off "
            f"against other months: {'; '.join(listed[:SHOWN_ROWS])}{more}"
        )
        if rest > 1e-9:
            notes.append(
                f"{amount(rest)} units of returns have no sale in the data to set off against"
            )
    return months.assign(**{measure: values})


def _near(series, row):
    first = last = row
    while first > 0 and series[first - 1] == series[row]:
        first -= 1
    while last + 1 < len(series) and series[last + 1] == series[row]:
        last += 1
    return np.arange(first, last + 1)
