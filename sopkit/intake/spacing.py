"""How far apart the lines of an export lie, and what month or fiscal period each belongs to.

Days and months are what they are. Weeks and 4-week periods are spread over their days, so that a
month of five weeks does not look larger. What a month sold is not in quarters and years: quarters
are split by a profile that is given, else refused, as years are.
"""

import datetime as dt
import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.intake import own_periods, quarters
from sopkit.intake.columns import end_named
from sopkit.intake.decisions import Decisions
from sopkit.intake.rows import LeftOut, left_out

MEASURES = ("quantity", "revenue")
# a whole month may end so many days after its last sale, or as many as nine in ten others do
LATE_DAYS = 5
DAYS = {"week": 7, "4 weeks": 28}
LONG = ("month", "quarter")
KEEP = ("leave", "keep")
_ADVICE = "Export the sales by month, or line by line."


class Months(NamedTuple):
    """Lines with the month that each counts in, and what was found, left out and said."""

    lines: DataFrame
    size: str
    left_out: list[LeftOut]
    notes: list[str]


def by_month(
    lines: DataFrame,
    size: str,
    source: str,
    today: dt.date,
    decisions: Decisions,
    name: str = "",
    calendar: DataFrame | None = None,
) -> Months:
    """Give each line its `period`, a month; lines of weeks that lie in two months become two.

    `size` is what a cell names, where it names more than a day; `name` the column of the dates;
    with a `calendar`, its periods take the place of months.

    Raises
    ------
    ValueError : lines lie years apart, or quarters without a profile, or months or quarters where
        there is a calendar, all are dated after today, or no month is whole.
    """
    left: list[LeftOut] = []
    notes: list[str] = []
    lines = _without_future(lines, source, today, left)
    found = decisions.told("spacing", ("day", *DAYS, *LONG)) or spacing(lines["date"], size)
    shares = quarters.profile_of(decisions) if found == "quarter" else None
    if shares is None:
        _refuse_long(lines, found, source)
    if calendar is not None:
        _refuse_months(lines, found, source)
        own_periods.refuse_outside(lines["date"], calendar, source)
    if found in DAYS:
        lines = _spread(lines, found, size, name, notes, decisions, calendar)
    elif shares is not None:
        first = quarters.first_months(lines["date"], size, name, decisions)
        lines, some, note = quarters.split(lines, shares, first, source, today)
        left += some
        notes.append(note)
    elif found == "month":
        notes.append("the lines are months")
    days = lines["date"].to_numpy().astype("datetime64[D]")
    lines = lines.assign(period=own_periods.numbers_of(days, calendar))
    lines = _whole_months(lines, found, source, today, decisions, left, calendar)
    if calendar is not None:
        notes.append(own_periods.said(calendar, lines["period"].to_numpy()))
    return Months(lines, found, left, notes)


def _without_future(lines, source, today, left):
    """The lines dated until today."""
    future = (lines["date"] > pd.Timestamp(today)).to_numpy()
    if future.any():
        if future.all():
            raise ValueError(
                f"{source}: all lines are dated after today, {today}; the first is "
                f"{lines['date'].min():%Y-%m-%d}. Sales are what was sold: check the "
                "column of dates."
            )
        units = float(lines.loc[future, "quantity"].sum())
        left.append(
            left_out(
                f"dated after today, {today}", lines[["date", "product", "quantity"]], future, units
            )
        )
    return lines[~future]


def spacing(dates: pd.Series, size: str = "") -> str:
    """Find how far apart dates lie: day, week, 4 weeks, month, quarter or year."""
    days = np.sort(dates.dropna().unique()).astype("datetime64[D]")
    if size in ("week", "quarter"):
        return size
    months = np.unique(days.astype("datetime64[M]").astype("int64"))
    if size == "month" or _are_months(days):
        return _of_months(months)
    if len(days) >= 4:
        step = math.gcd(*np.diff(days.astype("int64")).tolist())
        usual = int(np.median(np.diff(days.astype("int64"))))
        if step % 28 == 0 and usual == 28:
            return "4 weeks"
        if step % 7 == 0:
            return "week"
    return "day"


def _are_months(days):
    """Whether all dates are the same day of their months, or the last one."""
    after = (days + 1).astype("datetime64[M]")
    ends = (days + 1 == after.astype("datetime64[D]")).all()
    number = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype("int64")
    return len(days) > 1 and (ends or len(np.unique(number)) == 1)


def _of_months(months):
    if len(months) < 3:
        return "month"
    step = math.gcd(*np.diff(months).tolist())
    if step % 12 == 0:
        return "year"
    return "quarter" if step % 3 == 0 else "month"


def _refuse_long(lines, found, source):
    if found not in ("quarter", "year"):
        return
    first = lines["date"].dt.strftime("%Y-%m").drop_duplicates().sort_values().head(3)
    by_profile = f" Or say how a quarter's sales divide: {quarters.HOW}."
    raise ValueError(
        f"{source}: the lines are one {found} apart ({', '.join(first)}). A plan by month cannot "
        f"be made of {found}s. {_ADVICE}{by_profile if found == 'quarter' else ''} If some months "
        "just had no sale: --answer spacing=month."
    )


def _refuse_months(lines, found, source):
    if found not in LONG:
        return
    first = lines["date"].dt.strftime("%Y-%m").drop_duplicates().sort_values().head(3)
    raise ValueError(
        f"{source}: the lines are {found}s ({', '.join(first)}), and the periods of the "
        f"calendar cannot be made of {found}s. Export the sales by day or week, or plan by "
        "calendar month: without --calendar, in a new folder."
    )


def _spread(lines, found, size, name, notes, decisions, calendar):
    """Give each month its days' part of what a week or four weeks sold."""
    length = DAYS[found]
    start = _starts(lines["date"], size, name, decisions)
    first = lines["date"].to_numpy().astype("datetime64[D]")
    if not start:
        first = first - (length - 1)
    days = own_periods.numbers_of(first[:, None] + np.arange(length), calendar)
    parts = []
    for step in range(2 + length // 28):
        month = days[:, 0] + step
        share = (days == month[:, None]).sum(axis=1) / length
        part = lines[share > 0].copy()
        for measure in MEASURES:
            if measure in part:
                part[measure] = part[measure] * share[share > 0]
        own = first[share > 0]
        begins, ends = own_periods.bounds_of(month[share > 0], calendar)
        begins, ends = np.maximum(begins, own), np.minimum(ends, own + length - 1)
        part["date"] = begins.astype("datetime64[us]")
        part["last"] = ends.astype("datetime64[us]")
        parts.append(part)
    text = f"the lines are {length} days apart: each is spread over its days"
    text += ", so that months of five weeks do not look larger than months of four"
    notes.append(text if calendar is None else f"the lines are {length} days apart")
    return pd.concat(parts)


def in_whole_units(sold: DataFrame, lines: DataFrame, notes: list[str]) -> DataFrame:
    """Give months whole units where every line had them; what they sum up to stays, to half a unit.

    `sold` has product, market and quantity, a row a month, in order of time.
    """
    if (lines["quantity"] % 1).any() or not (sold["quantity"] % 1).any():
        return sold
    series = [sold["product"], sold["market"]]
    until = sold["quantity"].groupby(series, observed=True).cumsum().round()
    month = until.groupby(series, observed=True).diff().fillna(until)
    notes.append("lines have whole units: what is split between months is rounded to them")
    return sold.assign(quantity=month)


def _starts(dates, size, name, decisions):
    """Whether a date names the first day of its week, or the last one."""
    day = int(dates.iloc[0].weekday())
    if size == "week":
        return (
            decisions.guess("week", "starts", "numbered weeks start on Monday", ("starts", "ends"))
            == "starts"
        )
    if best := end_named(name):
        reason = f"the column is called {name}"
    else:
        best = "starts" if day == 0 else "ends"
        reason = f"dates are {dates.iloc[0]:%A}s"
    return decisions.guess("week", best, reason, ("starts", "ends")) == "starts"


def _whole_months(lines, found, source, today, decisions, left, calendar):
    """Leave out a first and a last month that are not whole."""
    for which in ("first", "last"):
        month = int(lines["period"].min() if which == "first" else lines["period"].max())
        rows = (lines["period"] == month).to_numpy()
        reason = _part(lines, rows, found, which, today, calendar)
        if not reason:
            continue
        text = str(np.datetime64(month, "M"))
        if rows.all():
            if decisions.told(f"{which}_month", KEEP) == "keep":
                continue
            raise ValueError(
                f"{source}: all sales are in {text} and {reason}: there is no complete month. "
                f"Keep it with --answer {which}_month=keep."
            )
        said = f"{text} is not whole: {reason}"
        if decisions.guess(f"{which}_month", "leave", said, KEEP) == "leave":
            units = float(lines.loc[rows, "quantity"].sum())
            named = [name for name in ("date", "product", "quantity") if name in lines]
            left.append(left_out(said, lines[named], rows, units))
            lines = lines[~rows]
    return lines.drop(columns="last", errors="ignore")


def _part(lines, rows, found, which, today, calendar):
    """Why the first or the last month is not whole; nothing where it is."""
    begin, end = (
        day[0].astype(dt.date)
        for day in own_periods.bounds_of(lines["period"].to_numpy()[rows][:1], calendar)
    )
    if which == "last" and end > today:
        return f"today is {today}"
    if found in LONG:
        return ""
    firsts, lasts = lines["date"], lines["last"] if "last" in lines else lines["date"]
    if found in DAYS:
        if which == "first":
            day = firsts[rows].min()
            return f"the data starts on {day:%Y-%m-%d}" if day.date() > begin else ""
        day = lasts[rows].max()
        return f"the data ends on {day:%Y-%m-%d}" if day.date() < end else ""
    days = _days_off(firsts, lasts, lines["period"].to_numpy(), which, calendar)
    own, others = (
        (days.iloc[0], days.iloc[1:]) if which == "first" else (days.iloc[-1], days.iloc[:-1])
    )
    if which == "first" and not len(others):
        return ""  # nothing says how early a month begins
    usual = others.quantile(0.9) if len(others) else 0
    if own <= max(LATE_DAYS, usual):
        return ""
    if which == "first":
        return f"its first sale is on {firsts[rows].min():%Y-%m-%d}"
    return f"its last sale is on {lasts[rows].max():%Y-%m-%d}"


def _days_off(firsts, lasts, by, which, calendar):
    """How many days after its begin each month has its first sale, or before its end its last."""
    sold = firsts.groupby(by).min() if which == "first" else lasts.groupby(by).max()
    begins, ends = own_periods.bounds_of(sold.index.to_numpy(), calendar)
    day = sold.to_numpy().astype("datetime64[D]")
    off = day - begins if which == "first" else ends - day
    return pd.Series(off.astype("int64"), index=sold.index)
