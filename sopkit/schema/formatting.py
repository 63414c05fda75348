"""How numbers, periods and lists become text: one function a format."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

import pandas as pd
from pandas import DataFrame, Period, Timestamp

# what the company calls its periods, while tables are shown
_LABELS: ContextVar[Mapping[Period, str]] = ContextVar("labels", default=MappingProxyType({}))


# -------------------------------------------------------------------------------------------------
# numbers


def number(value: float) -> str:
    """An amount as it is said: `3.4`, `1,240`, `124,000`, `1.24 million`."""
    size = abs(value)
    if size >= 999_500:
        return f"{value / 1e6:,.2f} million"
    if size >= 1e5:
        return f"{round(value, -3):,.0f}"
    return whole(value) if size >= 100 or value == round(value) else f"{value:,.3g}"


def whole(value: float) -> str:
    """An amount to the unit: `1,240`, `1,236,417`."""
    return f"{value:,.0f}"


def signed(value: float) -> str:
    """A change with its sign: `+12`, `-1.24 million`."""
    return f"+{number(value)}" if value >= 0 else number(value)


def percent(ratio: float, digits: int = 0) -> str:
    """A share in per cent: `25 %`."""
    return f"{100 * ratio:,.{digits}f} %"


def signed_percent(ratio: float) -> str:
    """A change in per cent with its sign: `+12 %`."""
    return f"{100 * ratio:+.0f} %"


def more_or_less(change: float, more: str = "more", less: str = "less") -> str:
    """A relative change without its sign: `3.2 % more`."""
    return f"{percent(abs(change), 1)} {more if change >= 0 else less}"


def money(value: float, currency: str = "") -> str:
    """Money to the unit, after its currency where that is given: `EUR 98,000`."""
    return f"{currency} {whole(value)}".lstrip()


def signed_money(value: float, currency: str = "") -> str:
    """A change in money with its sign: `EUR +12,000`."""
    return f"{currency} {round(value):+,}".lstrip()


def amount(value: float, unit: str, currency: str = "") -> str:
    """A number in its unit: `1,240` units, `EUR 98,000`, `96.1 %`."""
    if unit == "ratio":
        return percent(value, 1)
    return money(value, currency if unit == "money" else "")


def currency_of(company_settings: DataFrame | None) -> str:
    """The company's currency; "" where its tables name none."""
    return "" if company_settings is None else company_settings["currency"].iloc[0]


def compact(value: float, sign: str = "") -> str:
    """A number for a bar or a tile: `-1.50 m`, `204 k`, `17`; `sign` before what is not below 0."""
    size = abs(value)
    divisor, word = (1e6, " m") if size >= 1e6 else (1e3, " k") if size >= 1e3 else (1.0, "")
    return f"{sign if value >= 0 else ''}{digits(value / divisor)}{word}"


def digits(value: float) -> str:
    """A number in three or four digits: `214`, `21.4`, `2.14`."""
    places = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{places}f}"


# -------------------------------------------------------------------------------------------------
# time


@contextmanager
def labelled(calendar: DataFrame | None) -> Iterator[None]:
    """Write the periods of a calendar by its labels (`P04 FY28`) inside this block.

    It is for what shows tables: no step or rule is run in it.
    """
    named: Mapping[Period, str] = {}
    if calendar is not None:
        known = calendar[calendar["label"].notna()]
        named = dict(zip(known["period"], known["label"], strict=True))
    before = _LABELS.set(named)
    try:
        yield
    finally:
        _LABELS.reset(before)


def period_labels() -> Mapping[Period, str]:
    """What the company calls its periods, inside `labelled`."""
    return _LABELS.get()


def month(period: Period) -> str:
    """A month, `May 2027`, or what the company calls its period, `P04 FY28` (see `labelled`)."""
    return _LABELS.get().get(period) or period.strftime("%b %Y")


def short_month(period: Period) -> str:
    """The same for narrow columns: `May 27`."""
    return _LABELS.get().get(period) or period.strftime("%b %y")


def span(periods: Iterable[Period]) -> str:
    """The months from first to last: `Oct 2026 to Mar 2028`."""
    first, last = bounds(periods)
    return month(first) if first == last else f"{month(first)} to {month(last)}"


def bounds(periods: Iterable[Period]) -> tuple[Period, Period]:
    """The first and the last of some months."""
    return min(periods), max(periods)


def day(date: Timestamp) -> str:
    """A day: `5 Oct 2026`."""
    date = pd.Timestamp(date)
    return f"{date.day} {date:%b %Y}"


# -------------------------------------------------------------------------------------------------
# things


def count(many: int, noun: str) -> str:
    """A number of things: `1 launch`, `2 launches`."""
    ending = "es" if noun.endswith(("s", "ch", "sh")) else "s"
    return f"{many:,} {noun}{'' if many == 1 else ending}"


def verb(many: int, one: str, several: str) -> str:
    """The verb's form for a number of things."""
    return one if many == 1 else several


def some(names: Iterable[object], most: int = 3) -> str:
    """The first few of many: `a, b, c and 2 more`."""
    texts = [str(name) for name in names]
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def listed(names: Sequence[str]) -> str:
    """All of a few things: `sales, marketing and finance`."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


def capitalised(text: str) -> str:
    """A sentence with its first letter large; one that begins with a code stays as it is.

    >>> capitalised("tents: 120 units are late"), capitalised("sales_history has no rows")
    ('Tents: 120 units are late', 'sales_history has no rows')
    """
    first = text.split(" ", 1)[0]
    is_code = "_" in first or (first == text and "-" in text)
    return text if is_code else text[:1].upper() + text[1:]
