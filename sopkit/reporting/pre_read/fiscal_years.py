"""The P&L of each fiscal year by quarter: actual, plan, and what the year is compared with."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.finance.bridge import ALL
from sopkit.finance.outlook import LINES
from sopkit.reporting.exhibits.rows import grid
from sopkit.reporting.pre_read import months, numbers
from sopkit.reporting.pre_read.kpi_status import heading_of
from sopkit.reporting.pre_read.page import Cell, Table, heads, row, varying
from sopkit.tables.periods import YEAR

YEARS = 2
QUARTER = 3  # months
COMPARED = {"budget": "vs. budget", "prior_year": "vs. PY", "prior_cycle": "vs. prior cycle"}
SPENT = ("cost_of_sales", "activity_spend", "overhead")  # below the reference is good
EVEN = 0.0005  # of a reference, or of revenue: what is nearer is in line with it
MADE_OF = {0: "plan", QUARTER: "actual"}  # by the closed months of a quarter
NO_ACTUALS = "Costs of closed months are not given: what rests on them has no outlook for the year."
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
    def compared(self) -> list[str]:
        """The references that some line has."""
        return [name for name in COMPARED if self.whole.loc[self.lines, name].notna().any()]


def fiscal_years(
    outlook: DataFrame, current: months.Year, cash: Series, costed: bool, currency: str
) -> list[Table]:
    """The company's P&L of each fiscal year that the plan reaches the end of, two at most.

    Parameters
    ----------
    current : the fiscal year in which the plan starts
    cash : planned month -> cash at its end [money]; empty where it is not known
    costed : whether costs are given for all that is planned
    """
    company = outlook[outlook["item"] == ALL]
    whole = company[company["quarter"].isna()]
    numbers_ = sorted(whole["fiscal_year"].unique())[:YEARS]
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
        own[own["quarter"].isna()].set_index("measure"),
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
    made_of = [MADE_OF.get(months, "actual + plan") for months in year.closed]
    quarters = [f"Q{one} {made}" for one, made in zip(year.closed.index, made_of, strict=True)]
    budget = ["Budget"] if "budget" in year.compared else []
    named = ["", *quarters, year.name, *budget, *(COMPARED[name] for name in year.compared)]
    unknown = np.isnan(year.whole.loc["margin", "outlook"])
    return Table(
        [heads(*named)],
        rows,
        f"P&L outlook {year.name}",
        numbers.unit(currency or "money", sign),
        foot=NO_COSTS if not costed else NO_ACTUALS if unknown else "",
        dense=True,
    )


def _line(year, line, divisor):
    """A line of the P&L: its quarters, the year, and how far that is from each reference."""
    named, sizes, whole = heading_of(line), year.quarters.loc[line], year.whole.loc[line]
    if line == "quantity":
        divisor, sign = numbers.scale(*sizes)
        named += f", {numbers.unit('', sign)}"
    budget = [whole["budget"]] if "budget" in year.compared else []
    held = whole[year.compared].astype("float64")
    changes = whole["outlook"] / held.where(held > 0) - 1
    return row(
        named,
        *(numbers.in_scale(size, divisor) for size in sizes),
        Cell(numbers.in_scale(whole["outlook"], divisor), "strong"),
        *(numbers.in_scale(size, divisor) for size in budget),
        *(varying(one, numbers.relative(one), line not in SPENT, EVEN) for one in changes),
    )


def _cash(year, divisor):
    """The cash at the end of the quarters, and of the year."""
    ends = [*year.cash, year.cash.iloc[-1]]
    beside = ["" for name in year.compared for _ in range(1 + (name == "budget"))]
    return row("Cash, end of quarter", *(numbers.in_scale(size, divisor) for size in ends), *beside)


def _margin_ratio(year):
    """The margin as a share of revenue, and its changes in points."""
    revenue, margin = (
        pd.concat([year.quarters.loc[line], year.whole.loc[line, ["outlook", *COMPARED]]])
        for line in ("revenue", "margin")
    )
    ratio = (margin / revenue.where(revenue > 0)).astype("float64")
    budget = [ratio["budget"]] if "budget" in year.compared else []
    changes = ratio["outlook"] - ratio[year.compared]
    return row(
        "Margin, % of revenue",
        *(numbers.percent(ratio[quarter]) for quarter in year.quarters),
        Cell(numbers.percent(ratio["outlook"]), "strong"),
        *map(numbers.percent, budget),
        *(varying(one, numbers.points(one), even=EVEN) for one in changes),
    )
