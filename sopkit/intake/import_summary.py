"""The proof of a reading as rows of import_summary, for the report beside the terminal's screen."""

import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.sales import Sales
from sopkit.tables import conform

NAME = "import_summary"


def import_summary(
    sales: Sales,
    decisions: Decisions,
    defaults: list[Question],
    calendar: DataFrame | None = None,
) -> DataFrame:
    """Write down what was read of an export, with what to compare it and how to read it otherwise.

    Parameters
    ----------
    defaults : questions that were not asked; their default was taken
    calendar : the periods that the sales are counted in, whose fiscal years the totals are of

    Returns
    -------
    import_entry : import_fact, about, lines, imported_quantity [units of the file], revenue,
        file_quantity, day, detail, how_to_change
    """
    rows = [*_lines(sales), *_totals(sales, calendar), *_days(sales)]
    rows += _decisions(decisions, defaults)
    table = DataFrame(rows).assign(import_entry=range(1, len(rows) + 1))
    for name in ("about", "detail", "how_to_change"):
        if name in table:
            table[name] = table[name].map(_printable, na_action="ignore")
    return conform(NAME, table)


def _printable(text):
    """Cells of the export are quoted without what cannot be seen in them."""
    return "".join(one if one.isprintable() else " " for one in text).strip()


def _lines(sales):
    source = _file(sales)
    return [
        {"import_fact": "lines_read", "about": source, "lines": sales.read},
        {"import_fact": "lines_used", "about": source, "lines": sales.used},
        *(
            {
                "import_fact": "left_out",
                "about": one.reason,
                "lines": one.lines,
                "imported_quantity": one.units or None,
                "detail": "; ".join(one.examples),
            }
            for one in sales.left_out
        ),
    ]


def _file(sales):
    """Its name, with a word before it: a cell must not begin as a formula does."""
    return f"file {sales.source}"


def years_of(periods: pd.Series, calendar: DataFrame | None) -> pd.Series:
    """The year of each period: the fiscal one, where there is a calendar."""
    if calendar is None:
        return periods.dt.year
    years = pd.Series(calendar["fiscal_year"].to_numpy(), PeriodIndex(calendar["period"]))
    return periods.map(years).astype("int64")


def _totals(sales, calendar):
    history = sales.tables["sales_history"]
    years = years_of(history["period"], calendar)
    sums = history.groupby(years)[["quantity", "revenue"]].sum(min_count=1)
    total = history[["quantity", "revenue"]].sum(min_count=1)
    kind = "year" if calendar is None else "fiscal year"
    return [
        *(
            {
                "import_fact": "total_of_year",
                "about": f"{kind} {year}",
                "imported_quantity": row["quantity"],
                "revenue": row["revenue"],
            }
            for year, row in sums.iterrows()
        ),
        {
            "import_fact": "total",
            "about": _file(sales),
            "imported_quantity": total["quantity"],
            "revenue": total["revenue"],
            "file_quantity": sales.own_total,
        },
    ]


def _days(sales):
    return [
        {"import_fact": "first_day", "about": _file(sales), "day": sales.first.normalize()},
        {"import_fact": "last_day", "about": _file(sales), "day": sales.last.normalize()},
    ]


def _decisions(decisions, defaults):
    taken = [(one.key, one.value, one.reason) for one in decisions.guesses]
    taken += [(one.key, one.default, f"not asked: {one.text}") for one in defaults]
    return [
        {
            "import_fact": "decision",
            "about": key,
            "detail": f"taken as {value} ({reason})",
            "how_to_change": f'add --answer "{key}=VALUE" to sopkit init',
        }
        for key, value, reason in taken
    ]
