"""The P&L of each fiscal year by quarter: actual, plan, and what the year is compared with."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.finance.bridge import ALL
from sopkit.finance.outlook import LINES, QUARTER
from sopkit.reporting.exhibits.rows import grid
from sopkit.reporting.pre_read import months, numbers
from sopkit.reporting.pre_read.kpi_status import heading_of
from sopkit.reporting.pre_read.page import EVEN, Cell, Table, heads, relative_to, row, varying
from sopkit.tables.periods import YEAR

YEARS = 2
COMPARED = {"budget": "vs. budget", "prior_year": "vs. PY", "prior_cycle": "vs. prior cycle"}
SPENT = ("cost_of_sales", "activity_spend", "overhead")  # below the reference is good
MADE_OF = {0: "plan", QUARTER: "actual"}  # by the closed months of a quarter
NO_ACTUALS = (
    "Costs of closed months are not given: lines that depend on them have no full-year outlook."
)
NO_COSTS = "Margin and profit are not known: costs are not given for all that is sold."


@dataclass(frozen=True)
class Year:
    """The company's P&L of a fiscal year: measure x quarters, the year and its references."""

    name: str
    quarters: DataFrame
    whole: DataFrame
    closed: Series  # months of each quarter
    cash: Series  # at the end of each quarter [money]; empty where it is not known

    @property
    def lines(self) -> list[str]:
        """The lines that are known in some quarter, and are not nothing throughout."""
        return [line for line in LINES if self.quarters.loc[line].abs().max() > 0]

    @property
    def is_whole(self) -> bool:
        """Whether the plan reaches its end."""
        return bool(self.whole["outlook"].notna().any())

    @property
    def compared(self) -> list[str]:
        """The references that some line has."""
        return [name for name in COMPARED if self.whole.loc[self.lines, name].notna().any()]


def fiscal_years(
    outlook: DataFrame, current: months.Year, cash: Series, costed: bool, currency: str
) -> list[Table]:
    """The company's P&L of each fiscal year by its whole quarters, two years at most.

    Parameters
    ----------
    current : the fiscal year in which the plan starts
    cash : planned month -> cash at its end [money]; empty where it is not known
    costed : whether costs are given for all that is planned
    """
    company = outlook[outlook["item"] == ALL]
    quarters = company[company["quarter"].notna() & company["outlook"].notna()]
    numbers_ = sorted(quarters["fiscal_year"].unique())[:YEARS]
    years = [_year(company, int(number), current, cash) for number in numbers_]
    return [_table(year, costed, currency) for year in years]


def _year(company, number, current, cash):
    own = company[company["fiscal_year"] == number]
    parts = own[own["quarter"].notna()].astype({"quarter": "int64"})
    closed = parts.groupby("quarter")["closed_months"].max()
    first = current.months[0] + YEAR * (number - current.number)
    ends = pd.PeriodIndex([first + QUARTER * quarter - 1 for quarter in closed.index], freq="M")
    return Year(
        f"FY {number}",
        grid(parts, "measure", "outlook", "quarter"),
        own[own["quarter"].isna()].set_index("measure").reindex(list(LINES)),
        closed,
        cash.reindex(ends).set_axis(closed.index).astype("float64"),
    )


def _table(year, costed, currency):
    divisor, sign = numbers.scale(*year.quarters.loc["revenue"])
    rows = [_line(year, line, divisor) for line in year.lines]
    if "margin" in year.lines:
        rows.insert(year.lines.index("margin") + 1, _margin_ratio(year))
    if year.cash.notna().any():
        rows.append(_cash(year, divisor))
    made_of = [MADE_OF.get(closed, "actual + plan") for closed in year.closed]
    quarters = [f"Q{one} {made}" for one, made in zip(year.closed.index, made_of, strict=True)]
    budget = ["Budget"] if "budget" in year.compared else []
    whole = [year.name, *budget, *(COMPARED[name] for name in year.compared)]
    return Table(
        [heads("", *quarters, *(whole if year.is_whole else []))],
        rows,
        f"P&L outlook {year.name}",
        numbers.unit(currency or "money", sign),
        foot=_foot(year, costed),
        dense=True,
    )


def _foot(year, costed):
    if not costed:
        return NO_COSTS
    if not year.is_whole:
        return f"The plan does not reach the end of {year.name}."
    return NO_ACTUALS if np.isnan(year.whole.loc["margin", "outlook"]) else ""


def _line(year, line, divisor):
    """A line of the P&L: its quarters, the year, and how far that is from each reference."""
    named, sizes, whole = heading_of(line), year.quarters.loc[line], year.whole.loc[line]
    if line == "quantity":
        divisor, sign = numbers.scale(*sizes)
        named += f", {numbers.unit('', sign)}"

    def write(size):
        return numbers.in_scale(size, divisor)

    held = whole[year.compared].astype("float64")
    changes = whole["outlook"] / held.where(held > 0) - 1
    told = [relative_to(one, line not in SPENT) for one in changes]
    return row(named, *map(write, sizes), *_of_year(year, whole, write), *told)


def _margin_ratio(year):
    """The margin as a share of revenue, and its changes in points."""
    revenue, margin = (
        pd.concat([year.quarters.loc[line], year.whole.loc[line, ["outlook", *COMPARED]]])
        for line in ("revenue", "margin")
    )
    ratio = (margin / revenue.where(revenue > 0)).astype("float64")
    changes = ratio["outlook"] - ratio[year.compared]
    told = [varying(one, numbers.points(one), even=EVEN) for one in changes]
    sizes = map(numbers.percent, ratio[list(year.quarters)])
    return row("Margin, % of revenue", *sizes, *_of_year(year, ratio, numbers.percent), *told)


def _of_year(year, whole, write):
    """The cells of the year and of its budget, where it has them."""
    cells = [Cell(write(whole["outlook"]), "strong")] if year.is_whole else []
    return [*cells, *([Cell(write(whole["budget"]))] if "budget" in year.compared else [])]


def _cash(year, divisor):
    """The cash at the end of the quarters, and of the year."""
    ends = [*year.cash, *([year.cash.iloc[-1]] if year.is_whole else [])]
    beside = [""] * (len(year.compared) + ("budget" in year.compared))
    return row("Cash, end of quarter", *(numbers.in_scale(size, divisor) for size in ends), *beside)
