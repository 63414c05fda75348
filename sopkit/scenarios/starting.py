"""When changes can start: a decision of today takes effect from a coming month on."""

from pandas import DataFrame, Period

from sopkit.scenarios.changes import SPANS
from sopkit.schema.tables import TABLES

# tables of closed months: their months are not those in which a change takes effect
CLOSED = (
    "sales_history",
    "stock_availability",
    "production_history",
    "hours_history",
    "approved_forecasts",
    "approved_supply_plans",
)
NOTICE = {"resources": "hiring_notice"}  # table that is changed: the notice that people need
NEXT_MONTH = 1  # of the plan, counted from 0: what is decided in a month starts in the next


def starting(changes: DataFrame, start: Period) -> DataFrame:
    """The changes as far as they take effect from a month on.

    A change of a table of coming months is limited to months from the start on, and left out where
    it ends before. Tables without months, such as components, hold for the whole plan, and those of
    closed months, such as sales_history, stand for demand as a whole: changes of these stay.
    """
    first = changes["from_period"]
    dated = changes["table"].map(_has_coming_months).astype(bool)
    later = dated & (first.isna() | (first < start))
    over = dated & (changes["to_period"] < start)
    limited = changes.assign(from_period=first.mask(later, start).astype("period[M]"))
    return limited[~over.to_numpy(dtype=bool, na_value=False)].reset_index(drop=True)


def first_start(
    changes: DataFrame, planning_periods: DataFrame, planning_fences: DataFrame | None = None
) -> Period:
    """The first month in which changes can start: the next one, or after the notice that people
    need where resources are changed."""
    first = planning_periods["period"].min()
    months = NEXT_MONTH
    if planning_fences is not None:
        for table, kind in NOTICE.items():
            rows = planning_fences[planning_fences["kind"] == kind]
            of = changes.loc[changes["table"] == table, "resource"]
            mine = rows["item"].isna() | rows["item"].isin(of) | of.isna().any()
            asked = rows.loc[mine, "months"] if len(of) else rows["months"].head(0)
            months = max(months, int(asked.max())) if len(asked) else months
    return first + months


def _has_coming_months(table: str) -> bool:
    columns = TABLES[table].columns
    return table not in CLOSED and any(span[0] in columns for span in SPANS)
