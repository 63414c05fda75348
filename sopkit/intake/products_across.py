"""Products that are columns beside a date become rows; asked, for they can be something else."""

import pandas as pd

from sopkit.intake.columns import FITS, PART, likeness, roles
from sopkit.intake.dates import share_of_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct
from sopkit.intake.numbers import is_numeric
from sopkit.intake.periods_across import is_sum
from sopkit.intake.rows import MEASURE, PERIOD, Table, is_filled

PRODUCT = "(product)"  # the column of their names
ACROSS = "products_across"  # the key of the question


def with_products_in_rows(table: Table, decisions: Decisions) -> Table:
    """Give each product its own rows, where a line is a date and what each product sold then.

    So it looks where no date stands twice and the other columns are numbers whose names say
    nothing that is known.
    """
    frame = table.frame
    told = {decisions.given.get(role) for role in ("product", "quantity")}
    if PERIOD in frame.columns or told - {None, PRODUCT, MEASURE}:
        return table
    dates = [name for name in frame.columns if share_of_dates(frame[name]) >= FITS]
    across = [name for name in frame.columns if name not in dates and not is_sum(name)]
    if len(dates) != 1 or len(across) < 2 or not all(_is_product(frame, name) for name in across):
        return table
    codes, _ = distinct(frame[dates[0]])
    if pd.Series(codes).duplicated().any():
        return table
    text = (
        f"{table.source} has a line for each {dates[0]}, and columns {', '.join(across[:3])}"
        f"{' and others' if len(across) > 3 else ''}. Is each a product (products), or is only one "
        "of them the quantity (one)?"
    )
    asked = Question(ACROSS, text, ("products", "one"), "products", 11.0)
    if decisions.ask(asked) == "one":
        return table
    date = frame[dates[0]]
    parts = [
        pd.DataFrame({dates[0]: date, PRODUCT: name, MEASURE: frame[name].astype(object)})
        for name in across
    ]
    long = pd.concat(parts).sort_index(kind="stable")
    note = f"{len(across)} products stand across, {across[0]} to {across[-1]}"
    return table._replace(frame=long[is_filled(long[MEASURE])], notes=(*table.notes, note))


def _is_product(frame, name):
    """Whether a column may be a product: numbers under a name that is not that of a number."""
    counted = [role for role, about in roles().items() if about.kind == "number"]
    is_known = any(likeness(role, name) >= PART for role in counted)
    return not is_known and is_numeric(frame[name]) >= FITS
