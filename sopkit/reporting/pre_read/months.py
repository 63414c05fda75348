"""The months of the pre-read: closed months as they were, coming ones as planned, and what they are
compared with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pandas import DataFrame, Period, PeriodIndex, Series

from sopkit.finance.outlook import fiscal_year
from sopkit.master_data.budgets import total_budget
from sopkit.master_data.sales import with_known_revenue
from sopkit.tables.periods import YEAR

BEFORE, AFTER = 12, 15  # months of a chart: before the cycle, and planned


@dataclass(frozen=True)
class Year:
    """The fiscal year of the first planned month."""

    start: Period  # the first planned month
    number: int
    months: PeriodIndex

    @property
    def name(self) -> str:
        """How it is called: in digits where it is a calendar year, else `FY 2027`."""
        return self._called(self.number)

    @property
    def prior(self) -> str:
        """How the year before is called."""
        return self._called(self.number - 1)

    @property
    def closed(self) -> PeriodIndex:
        """Its months before the first planned one; none where the plan starts with the year."""
        return self.months[self.months < self.start]

    def _called(self, number):
        first = self.months[0]
        is_calendar_year = (first.year, first.month) == (self.number, 1)
        return str(number) if is_calendar_year else f"FY {number}"


def year_of(
    planning_periods: DataFrame,
    company_settings: DataFrame | None = None,
    calendar: DataFrame | None = None,
) -> Year:
    """The fiscal year in which the plan starts."""
    number, months = fiscal_year(planning_periods, company_settings, calendar)
    return Year(planning_periods["period"].min(), number, months)


def by_month(
    sales_history: DataFrame,
    financial_plan: DataFrame,
    measure: str,
    budget: DataFrame | None = None,
) -> DataFrame:
    """Sum one measure by month: what was, what is planned, and what it is compared with.

    A closed month in which the measure is not known of every row is not known. The tables may hold
    some families only.

    Parameters
    ----------
    measure : quantity or revenue, which closed months have too; margin, which is planned only

    Returns
    -------
    period : actual, plan, prior_year, reference [the measure's unit]
    """
    planned = financial_plan.groupby("period")[measure].sum()
    start = financial_plan["period"].min()
    closed = with_known_revenue(sales_history)
    closed = closed[closed["period"] < start]
    actual = Series(dtype="float64", index=PeriodIndex([], freq="M"))
    if measure in closed:
        actual = closed.groupby("period")[measure].agg(lambda one: one.sum(skipna=False))
    reference = None if budget is None else total_budget(budget, measure)
    index = actual.index.union(planned.index)
    both = actual.reindex(index).fillna(planned.reindex(index))
    return DataFrame(
        {
            "actual": actual.reindex(index),
            "plan": planned.reindex(index),
            "prior_year": both.reindex(index - YEAR).set_axis(index),
            "reference": Series(dtype="float64") if reference is None else reference,
        },
        index=index,
    )


def outlook(months: DataFrame) -> Series:
    """What was, and from the first planned month on what is planned."""
    return months["actual"].fillna(months["plan"])


def total(values: Series, months: PeriodIndex) -> float:
    """Sum some months; not known unless every one is."""
    found = values.reindex(months)
    return float(found.sum()) if len(found) and found.notna().all() else float("nan")


def against(months: DataFrame, span: PeriodIndex) -> Mapping[str, float]:
    """What some months come to, and the relative change from each reference over the same months.

    Returns
    -------
    {value, reference, prior_year [the measure's unit], vs_reference, vs_prior_year [ratio]}; not a
    number where a month is not known
    """
    value = total(outlook(months), span)
    found = {name: total(months[name], span) for name in ("reference", "prior_year")}
    ratio = {
        f"vs_{name}": value / held - 1 if held > 0 else float("nan") for name, held in found.items()
    }
    return {"value": value, **found, **ratio}


def charted(months: DataFrame, start: Period, after: int = AFTER) -> DataFrame:
    """The months of a chart: a year before the cycle, and those planned, as far as they are
    known."""
    span = months[(months.index >= start - BEFORE) & (months.index < start + after)]
    return span[outlook(span).notna()]


def of_family(table: DataFrame, products: DataFrame, family: str) -> DataFrame:
    """The rows of a table by product that are of one family."""
    own = products.loc[products["family"] == family, "product"]
    return table[table["product"].isin(own)]
