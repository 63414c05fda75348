"""The proof of a reading: what to hold against the ledger, and what was decided on the way."""

import numpy as np
import pandas as pd

from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.sales import Sales

TOP = 10  # products shown
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def screen(sales: Sales, decisions: Decisions, defaults: list[Question]) -> str:
    """Write the proof as one screen of text."""
    blocks = [_lines(sales), _columns(sales), _totals(sales), _products(sales)]
    blocks += [_guesses(decisions, defaults), _notes(sales)]
    return "\n\n".join(block for block in blocks if block)


def _years(sales):
    """Units by year and calendar month, with the year's total, and its revenue where given."""
    history = sales.tables["sales_history"]
    table = pd.pivot_table(
        history.assign(year=history["period"].dt.year, month=history["period"].dt.month),
        index="year", columns="month", values="quantity", aggfunc="sum",
    )  # fmt: skip
    table = table.reindex(columns=range(1, 13)).set_axis(MONTHS, axis="columns")
    table["units"] = table.sum(axis=1)
    if history["revenue"].notna().any():
        table["revenue"] = history.groupby(history["period"].dt.year)["revenue"].sum()
    return table


def _left_out(left):
    units = f", {left.units:,.10g} units" if left.units else ""
    return (
        f"{left.lines:,} line{'' if left.lines == 1 else 's'}{units} ({'; '.join(left.examples)})"
    )


def _lines(sales):
    left = sum(one.lines for one in sales.left_out)
    text = [f"{sales.source}: {sales.read:,} lines read, {sales.used:,} used, {left:,} left out"]
    text += [f"  left out: {one.reason}: {_left_out(one)}" for one in sales.left_out]
    text.append(f"  sales from {sales.first:%Y-%m-%d} to {sales.last:%Y-%m-%d}, by {sales.size}")
    return "\n".join(text)


def _columns(sales):
    pairs = ", ".join(f"{role} = {name}" for role, name in sales.roles.items())
    rest = [name for name in sales.header if name not in sales.roles.values()]
    unused = (
        f"\n  not used: {', '.join(rest[:12])}{' ...' if len(rest) > 12 else ''}" if rest else ""
    )
    return f"Columns: {pairs}{unused}"


def _totals(sales):
    table = _years(sales)
    shown = table.map(lambda n: "" if n is None or np.isnan(n) else f"{n:,.0f}")
    total = table["units"].sum()
    text = [f"Units by month\n{shown.to_string()}", f"Total {total:,.10g} units"]
    if "revenue" in table:
        text[-1] += f", revenue {table['revenue'].sum():,.2f}"
    if sales.own_total is not None:
        same = (
            "the same"
            if abs(sales.own_total - total) < 0.5
            else f"{total - sales.own_total:+,.10g}"
        )
        text.append(f"The file's own total is {sales.own_total:,.10g}: {same}")
    return "\n".join(text)


def _products(sales):
    units = sales.tables["sales_history"].groupby("product")["quantity"].sum()
    top = units.sort_values(ascending=False, kind="stable").head(TOP)
    total = units.sum() or 1.0
    rows = [f"  {name}  {value:,.10g}  {value / total:.0%}" for name, value in top.items()]
    return "\n".join([f"Top products of {len(units):,}", *rows])


def _guesses(decisions, defaults):
    rows = [f"  {g.key} = {g.value}  ({g.reason})" for g in decisions.guesses]
    rows += [f"  {q.key} = {q.default}  (not asked: {q.text})" for q in defaults]
    if not rows:
        return ""
    return "\n".join(["Decided from the file; say otherwise with --answer KEY=VALUE", *rows])


def _notes(sales):
    return "\n".join(["Notes", *(f"  {note}" for note in sales.notes)])
