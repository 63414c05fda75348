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

import numpy as np
from pandas import PeriodIndex

from sopkit.master_data.selling_prices import prices_on
from sopkit.rules.marks import mark
from sopkit.rules.remember import remembered
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.on_arrays import on_arrays

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
    origin: str = "gap",
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
    origin : `plan choice` where no two plans disagree, but the plan does what somebody must decide
    """
    marked = mark(
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
        origin=origin,
    )
    return lambda rule: marked(on_arrays(rule))


def contribution(costs: ArrayTable, selling_prices: ArrayTable | None = None) -> np.ndarray:
    """Calculate price less material cost and inbound freight per unit.

    Parameters
    ----------
    costs : `unit_economics`, on whatever rows
    selling_prices : prices of markets; list prices without them

    Returns
    -------
    rows x months [money per unit]
    """
    landed = costs["material_cost"] + np.nan_to_num(costs["inbound_freight_cost"])
    return prices_on(costs, selling_prices) - landed


def sized(
    keys: Keys,
    months: PeriodIndex,
    item: str,
    *,
    present: np.ndarray | None = None,
    wrong: np.ndarray,
    **measures: np.ndarray,
) -> ArrayTable:
    """What a gap rule returns: its sizes, and what each row is about.

    Parameters
    ----------
    keys : what the rows are about; of these and of other columns those that a gap names
    item : the column that names the thing in the gap's code
    wrong : rows x months, where it is a gap
    measures : the `MEASURES`, each rows x months, and maybe `begins` [ordinals of months]
    """
    return ArrayTable(_told_by(keys, item), months, {**measures, "wrong": wrong}, present)


@remembered
def _told_by(keys: Keys, item: str) -> Keys:
    return keys.assign(item=keys[item])


def compared(plan_variances: ArrayTable, reference_type: str, *names: str) -> ArrayTable:
    """The families' rows of the plan beside one reference, of some measures.

    Returns
    -------
    measure, family : plan, reference_value, variance [the measure's unit]
    """
    keys = plan_variances.keys
    rows = keys.equal("reference_type", reference_type) & keys.equal("measure", *names)
    rows = plan_variances.keep(rows & ~keys.equal("item", "all"))
    return rows.about(_of_families(rows.keys))


@remembered
def _of_families(keys: Keys) -> Keys:
    return Keys(keys.frame[["measure", "item"]].rename(columns={"item": "family"}))


def at_worst(gap_value: np.ndarray, wrong: np.ndarray | None = None) -> np.ndarray:
    """Mark each row's worst month, of those that are wrong if any is: a level is not summed over
    months.

    Returns
    -------
    rows x months [true or false]
    """
    if not gap_value.size:
        return np.zeros(gap_value.shape, dtype=bool)
    if wrong is not None:
        gap_value = np.where(wrong | ~wrong.any(axis=1, keepdims=True), gap_value, np.inf)
    worst = gap_value.argmin(axis=1)
    return np.arange(gap_value.shape[1])[None, :] == worst[:, None]
