"""The mark of a gap rule: a function that sizes one kind of gap by month.

A rule returns a row for each item and month, whether it is a gap or not, so that the same gap can
be sized again after replanning:

    item, period : plan, reference [the rule's unit], gap_units [units], gap_value [money], wrong

`gap_units` and `gap_value` are plan - reference. It may add what the item belongs to (family,
product, resource), words for the statement (detail), the measure that plan and reference are in,
an owner of its own, and the month in which the gap begins (begins). A rule is left out where a
table that it needs is absent.
"""

from collections.abc import Callable, Sequence

from pandas import DataFrame

from sopkit.rules.marks import mark
from sopkit.tables import attach

MEASURES = ["plan", "reference", "gap_units", "gap_value"]


def gap(
    *,
    area: str,
    owner: str,
    statement: str,
    question: str,
    table: str,
    exhibit: str,
    whole: bool = False,
    peak: bool = False,
    limited: bool = False,
    closed_by: Sequence[str] = (),
) -> Callable:
    """Mark a function as the rule of one kind of gap; its name begins the codes of its gaps.

    From which size on it is a gap is in `gap_rules.toml` and `gap_thresholds`; the rule reads it
    from its parameter `threshold`.

    Parameters
    ----------
    area : whose plans disagree: product, demand, supply, finance or goals
    owner : who is accountable
    statement, question : texts, with the placeholders of `gaps.worded` in braces
    table : the table whose rows show it
    exhibit : the stage and what it shows there: a table, or a view of one
    whole : one gap over all months, not one a run of months
    peak : the size is that of the highest month, not the sum: stock is the same month after month
    limited : lifting the limits that cost the plan most may close it
    closed_by : the input tables in which a change that people defined may close it
    """
    return mark(
        "gap",
        area=area,
        owner=owner,
        statement=statement,
        question=question,
        table=table,
        exhibit=exhibit,
        whole=whole,
        peak=peak,
        limited=limited,
        closed_by=tuple(closed_by),
    )


def contribution(unit_economics: DataFrame) -> DataFrame:
    """Calculate price less material cost per unit.

    Returns
    -------
    product, period : contribution [money per unit]
    """
    left = unit_economics["price"] - unit_economics["material_cost"]
    return unit_economics[["product", "period"]].assign(contribution=left)


def at_worst(rows: DataFrame) -> DataFrame:
    """Keep the values of each item's worst month: a level is not summed over months."""
    worst = rows.groupby("item")["gap_value"].transform("idxmin") == rows.index
    return rows.assign(**{name: rows[name].where(worst, 0.0) for name in MEASURES})


def with_family(rows: DataFrame, products: DataFrame) -> DataFrame:
    """Add to each row the family of its product."""
    return attach(rows, products[["product", "family"]])
