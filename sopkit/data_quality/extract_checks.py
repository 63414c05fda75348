"""Checks of the sales history as an extract: loaded twice, cut short, in another unit."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.data_quality.entries import with_entries
from sopkit.data_quality.marks import check
from sopkit.schema.input_checks import read_input_checks
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import Entry, Issue, told
from sopkit.tables.periods import YEAR

FACTORS = (10, 12, 100, 1000)  # units, tens, dozens, hundreds, thousands


@check("critical")
def repeated_months(planning_periods: DataFrame, sales_history: DataFrame) -> Iterator[Issue]:
    """Find months in which nearly every series sold exactly what it sold in the month before, or a
    year before."""
    limits, sold = read_input_checks()["repeated_months"], _closed(planning_periods, sales_history)
    for lag in (1, YEAR):
        both = (sold > 0) & (sold.shift(lag) > 0)
        same = ((sold == sold.shift(lag)) & both).sum(axis=1) / both.sum(axis=1).replace(0, np.nan)
        alike = same >= limits["share_of_series"]
        usual = same[~alike].max() if (~alike & same.notna()).any() else 1.0
        if usual > limits["share_elsewhere"]:
            continue
        for month in same.index[alike & (both.sum(axis=1) >= limits["least_series"])]:
            finding = (
                f"{same[month]:.0%} of all series sold exactly as much in {month} as in "
                f"{month - lag}: a month was probably loaded twice"
            )
            remedy = f"Export {month} and {month - lag} again."
            yield _of_month(month, finding, remedy)


@check("critical")
def doubled_month(planning_periods: DataFrame, sales_history: DataFrame) -> Iterator[Issue]:
    """Find months that were added up twice: only even quantities, and well above the months
    beside."""
    limits, sold = read_input_checks()["doubled_month"], _closed(planning_periods, sales_history)
    filled = sold.where(sold > 0)
    even = (filled % 2 == 0).sum(axis=1) / filled.notna().sum(axis=1).replace(0, np.nan)
    total = sold.sum(axis=1)
    beside = pd.concat([total.shift(1), total.shift(-1)], axis=1).max(axis=1)
    odd = (even >= limits["share_even"]) & (filled.notna().sum(axis=1) >= limits["least_series"])
    if even[~odd].max() >= limits["share_even"] or odd.all():
        return
    for month in total.index[odd & (total >= limits["growth"] * beside)]:
        finding = (
            f"{total[month]:,.0f} units in {month} are {total[month] / beside[month]:.1f} times "
            "the months beside it, and every quantity is even: the month was probably added up "
            "twice"
        )
        yield _of_month(month, finding, f"Export {month} again.")


@check("critical")
def short_last_month(planning_periods: DataFrame, sales_history: DataFrame) -> Issue | None:
    """Find a last month far below its season, as an extract made before the month's end has."""
    limits, sold = read_input_checks()["short_last_month"], _closed(planning_periods, sales_history)
    total = sold.sum(axis=1)
    if len(total) < limits["least_months"]:
        return None
    month, now, before = total.index[-1], total.iloc[-4:-1].sum(), total.iloc[-16:-13].sum()
    expected = total.iloc[-1 - YEAR] * now / before if before > 0 else np.nan
    short = limits["share_of_season"] * expected
    if not total.iloc[-1] < min(short, total.iloc[-1 - YEAR : -1].min()):
        return None
    finding = (
        f"{total.iloc[-1]:,.0f} units in {month}, the last month, are "
        f"{total.iloc[-1] / expected:.0%} of what its season leads to expect ({expected:,.0f}): "
        "the extract is probably short"
    )
    remedy = f"Export {month} again after its end; if sales fell so far, nothing has to be done."
    return _of_month(month, finding, remedy)


@check("critical")
def changed_units(planning_periods: DataFrame, sales_history: DataFrame) -> Iterator[Issue | None]:
    """Find series whose level changes by the factor of another unit, and stays there."""
    limits, sold = read_input_checks()["changed_units"], _closed(planning_periods, sales_history)
    starts: dict[float, set[tuple]] = {}
    for month, product, market, factor in _changes(sold, limits):
        starts.setdefault(factor, set()).add((product, market, month))
    keys = pd.MultiIndex.from_frame(sales_history[["product", "market", "period"]])
    for factor in sorted(starts):
        times = f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"
        finding = f"quantity is from here on some {times} what it was: its unit probably changed"
        remedy = "Export all months in the product's unit_of_measure."
        entries = [
            _entry(f"product {p}, market {m}, from {month}", finding, remedy)
            for p, m, month in sorted(starts[factor])
        ]
        odd = pd.Series(keys.isin(starts[factor]), index=sales_history.index)
        table = TABLES["sales_history"]
        issue = told(table, sales_history, odd, finding, "quantity", remedy=remedy)
        yield with_entries(issue, entries)


def _changes(sold, limits):
    """The first lasting change of each series by one of `FACTORS`: month, product, market,
    factor."""
    before = sold.rolling(int(limits["months_before"])).agg
    since = sold[::-1].rolling(YEAR, min_periods=int(limits["months_since"])).agg
    was, is_ = before("median").shift(1), since("median")[::-1]
    steady = _is_steady(was, before("min").shift(1), before("max").shift(1), limits["steadiness"])
    steady &= _is_steady(is_, since("min")[::-1], since("max")[::-1], limits["steadiness"])
    up = (is_ / was.where(was > 0)).where(steady)
    for factor in (*FACTORS, *(1 / one for one in FACTORS)):
        apart = np.maximum(up / factor, factor / up.where(up > 0)) - 1
        found = (apart <= limits["factor_tolerance"]).to_numpy()
        for series in np.flatnonzero(found.any(axis=0)):
            yield sold.index[found[:, series].argmax()], *sold.columns[series], factor


def _is_steady(median, least, most, times):
    return (least * times >= median) & (most <= times * median)


def _closed(planning_periods, sales_history):
    """Units sold by closed month and series."""
    rows = sales_history[sales_history["period"] < planning_periods["period"].min()]
    return rows.pivot_table("quantity", "period", ["product", "market"], "sum")


def _entry(place, finding, remedy):
    return Entry("sales_history", "quantity", place, finding, f"Planned as it is. {remedy}")


def _of_month(month, finding, remedy):
    """An issue of a whole month."""
    issue = Issue("sales_history", finding, remedy=remedy)
    return with_entries(issue, [_entry(f"period {month}", finding, remedy)])
