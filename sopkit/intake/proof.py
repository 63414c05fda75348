"""The proof of a reading: what to hold against the ledger, and what was decided on the way."""

import numpy as np
from pandas import DataFrame

from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.drivers import told_columns
from sopkit.intake.header import says
from sopkit.intake.import_summary import years_of
from sopkit.intake.rows import MEASURE, PERIOD, amount
from sopkit.intake.sales import Sales

TOP = 10  # products shown
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def screen(
    sales: Sales,
    decisions: Decisions,
    defaults: list[Question],
    calendar: DataFrame | None = None,
) -> str:
    """Write the proof as one screen of text; with a `calendar`, by its periods and fiscal years."""
    blocks = [_lines(sales), _columns(sales, decisions), _totals(sales, calendar), _products(sales)]
    blocks += [_guesses(decisions, defaults), _notes(sales)]
    return "\n\n".join(block for block in blocks if block)


def _years(sales, calendar):
    """Units by year and month, with the year's total, and its revenue where given.

    A fiscal year is shown from its first period on; each is known by its month.
    """
    history = sales.tables["sales_history"]
    years = years_of(history["period"], calendar)
    years = years.rename("year" if calendar is None else "fiscal year")
    months = history["period"].dt.month.rename("month")
    sums = history.groupby([years, months])["quantity"].sum()
    table = sums.unstack()  # noqa: PD010 - nothing to add up
    order = [(_first_month(calendar) - 1 + step) % 12 for step in range(12)]
    table = table.reindex(columns=[number + 1 for number in order])
    table = table.set_axis([MONTHS[number] for number in order], axis="columns")
    table["units"] = table.sum(axis=1)
    if history["revenue"].notna().any():
        table["revenue"] = history.groupby(years)["revenue"].sum()
    return table


def _first_month(calendar):
    """The month by which most fiscal years' first period is known."""
    if calendar is None:
        return 1
    return int(calendar.groupby("fiscal_year")["period"].min().dt.month.mode()[0])


def _left_out(left):
    units = f", {amount(left.units)} units" if left.units else ""
    return (
        f"{left.lines:,} line{'' if left.lines == 1 else 's'}{units} ({'; '.join(left.examples)})"
    )


def _lines(sales):
    left = sum(one.lines for one in sales.left_out)
    text = [f"{sales.source}: {sales.read:,} lines read, {sales.used:,} used, {left:,} left out"]
    text += [f"  left out: {one.reason}: {_left_out(one)}" for one in sales.left_out]
    text.append(f"  sales from {sales.first:%Y-%m-%d} to {sales.last:%Y-%m-%d}, by {sales.size}")
    return "\n".join(text)


def _columns(sales, decisions):
    pairs = ", ".join(f"{role} = {name}" for role, name in sales.roles.items())
    used = {*sales.roles.values(), *sales.levels, *told_columns(decisions), PERIOD, MEASURE}
    rest = [name for name in sales.header if name not in used]
    if not rest:
        return f"Columns: {pairs}"
    unused = f"{', '.join(rest[:12])}{' ...' if len(rest) > 12 else ''}"
    drivers = [name for name in rest if says(name, "drivers")]
    asked = f'--answer "drivers={", ".join(drivers)}" plans with them'
    told = f"\n  possible demand drivers: {asked}" if drivers else ""
    return f"Columns: {pairs}\n  not used: {unused}{told}"


def _totals(sales, calendar):
    table = _years(sales, calendar)
    shown = table.map(lambda n: "" if n is None or np.isnan(n) else f"{n:,.0f}")
    total = table["units"].sum()
    by = "month" if calendar is None else "period, each under its month"
    text = [f"Units by {by}\n{shown.to_string()}", f"Total {amount(total)} units"]
    if "revenue" in table:
        text[-1] += f", revenue {table['revenue'].sum():,.2f}"
    if sales.own_total is not None:
        same = (
            "the same"
            if abs(sales.own_total - total) < 0.5
            else amount(total - sales.own_total, "+")
        )
        text.append(f"The file's own total is {amount(sales.own_total)}: {same}")
    return "\n".join(text)


def _products(sales):
    units = sales.tables["sales_history"].groupby("product")["quantity"].sum()
    top = units.sort_values(ascending=False, kind="stable").head(TOP)
    total = units.sum() or 1.0
    rows = [f"  {name}  {amount(value)}  {value / total:.0%}" for name, value in top.items()]
    return "\n".join([f"Top products of {len(units):,}", *rows])


def _guesses(decisions, defaults):
    rows = [f"  {g.key} = {g.value}  ({g.reason})" for g in decisions.guesses]
    rows += [f"  {q.key} = {q.default}  (not asked: {q.text})" for q in defaults]
    if not rows:
        return ""
    return "\n".join(["Decided from the file; say otherwise with --answer KEY=VALUE", *rows])


def _notes(sales):
    return "\n".join(["Notes", *(f"  {note}" for note in sales.notes)])
