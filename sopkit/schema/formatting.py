"""How numbers, periods and lists become text: one function a format."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

import pandas as pd
from pandas import DataFrame, Period, Timestamp

# what the company calls its periods and its money, while tables are shown
_LABELS: ContextVar[Mapping[Period, str]] = ContextVar("labels", default=MappingProxyType({}))
_CURRENCY: ContextVar[str] = ContextVar("currency", default="")
LEAST = 0.005  # what is smaller is said as 0
THOUSANDS = 10_000  # from which on money is said in thousands
ONE_MARKET = "all"  # of a company whose sales name none
MONEY = "money"  # begins the units that are the company's currency


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


def closing(ratio: float, digits: int = 0) -> str:
    """What an option does to its gap: `closes 25 %`, `widens it by 19 %`, `leaves it`."""
    said = percent(abs(ratio), digits)
    if said == percent(0, digits):
        return "leaves it"
    return f"closes {said}" if ratio > 0 else f"widens it by {said}"


def points(ratio: float) -> str:
    """A difference of shares in percentage points: `1.5 points`."""
    return f"{100 * ratio:,.1f} points"


def signed_percent(ratio: float) -> str:
    """A change in per cent with its sign: `+12 %`."""
    return f"{100 * ratio:+.0f} %"


def most(part: float, whole: float) -> str:
    """What the largest part of a whole is called: `most` where it is more than half of it, `all`
    where there is no other.

    >>> most(6, 10), most(-4, -10), most(10, 10)
    ('most', 'the largest part', 'all')
    """
    if abs(whole - part) <= 1e-9 * abs(whole):
        return "all"
    return "most" if part / whole > 0.5 else "the largest part"


def more_or_less(change: float, more: str = "more", less: str = "less") -> str:
    """A relative change without its sign: `3.2 % more`."""
    return f"{percent(abs(change), 1)} {more if change >= 0 else less}"


def money(value: float, currency: str | None = None) -> str:
    """Money as it is said, after its currency: `EUR 1.70 m`, `EUR 98 k`, `EUR 1,250`, `EUR 26.25`.

    The currency is the company's inside `company_terms`, where none is given.
    """
    return f"{_known(currency)} {_rounded(value)}".lstrip()


def signed_money(value: float, currency: str | None = None) -> str:
    """A change in money with its sign: `EUR +12.3 k`."""
    return f"{_known(currency)} {'+' if value >= LEAST else ''}{_rounded(value)}".lstrip()


def money_unit(start: bool = False) -> str:
    """The unit of an amount of money: the company's currency inside `company_terms`, else `money`;
    with its first letter large at the `start` of a sentence."""
    return _CURRENCY.get() or (MONEY.capitalize() if start else MONEY)


def in_currency(unit: str) -> str:
    """A unit as it is read: money in the company's currency inside `company_terms`."""
    return money_unit() + unit.removeprefix(MONEY) if unit.startswith(MONEY) else unit


def _known(currency):
    return _CURRENCY.get() if currency is None else currency


def _rounded(value):
    """Three or four digits of an amount: thousands from 10,000 on."""
    size = abs(value)
    if size < LEAST:
        return "0"
    if size >= THOUSANDS:
        return compact(value)
    return whole(value) if size >= 100 or value == round(value) else f"{value:.2f}"


def amount(value: float, unit: str, currency: str | None = None) -> str:
    """A number in its unit: `1,240` units, `EUR 98 k`, `96.1 %`."""
    if unit == "ratio":
        return percent(value, 1)
    return money(value, currency) if unit == MONEY else whole(value)


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
# the company's own terms


@contextmanager
def company_terms(tables: Mapping[str, DataFrame | None]) -> Iterator[None]:
    """Write periods by the labels of `calendar` (`P04 FY28`) and money in the currency of
    `company_settings` inside this block.

    It is for what shows tables: no step or rule is run in it.
    """
    named: Mapping[Period, str] = {}
    calendar = tables.get("calendar")
    if calendar is not None:
        known = calendar[calendar["label"].notna()]
        named = dict(zip(known["period"], known["label"], strict=True))
    labels = _LABELS.set(named)
    currency = _CURRENCY.set(currency_of(tables.get("company_settings")))
    try:
        yield
    finally:
        _LABELS.reset(labels)
        _CURRENCY.reset(currency)


# -------------------------------------------------------------------------------------------------
# time


def period_labels() -> Mapping[Period, str]:
    """What the company calls its periods, inside `company_terms`."""
    return _LABELS.get()


def month(period: Period) -> str:
    """A month, `May 2027`, or what the company calls it inside `company_terms`, `P04 FY28`."""
    return _LABELS.get().get(period) or period.strftime("%b %Y")


def short_month(period: Period) -> str:
    """The same for narrow columns: `May 27`."""
    return _LABELS.get().get(period) or period.strftime("%b %y")


def month_heads(periods: Iterable[Period]) -> list[str]:
    """Months as heads of narrow columns, the year with the first and each January: `Oct 26`, `Nov`.

    What the company calls its periods stands as it is.
    """
    heads = []
    for number, period in enumerate(periods):
        said = short_month(period)
        is_month = said == f"{period:%b %y}"
        heads.append(f"{period:%b}" if is_month and number and period.month != 1 else said)
    return heads


def month_ticks(periods: Iterable[Period], short: bool = False) -> list[str]:
    """Months below the columns of a chart, on a second line the year where it begins: `Nov\\n2026`,
    `Dec`; a month's first letter where they are to be `short`.

    What the company calls its periods stands in the same way: `P10\\nFY27`, `P11`.
    """
    ticks, year = [], ""
    for period in periods:
        named, _, of = month(period).partition(" ")
        named = named[0] if short and period not in period_labels() else named
        ticks.append(named if of == year else f"{named}\n{of}")
        year = of
    return ticks


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


def sold_in(product: str, market: str) -> str:
    """A product and its market: `TENT-1 in north`; the product alone where sales name no market."""
    return product if market == ONE_MARKET else f"{product} in {market}"


def listed(names: Sequence[str]) -> str:
    """All of a few things: `sales, marketing and finance`."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


def code_in_words(code: str) -> str:
    """A code that was made of words, as words: `price rise`, `without demand inputs 1`.

    >>> code_in_words("price-rise"), code_in_words("dear_material")
    ('price rise', 'dear material')
    """
    return code.replace("-", " ").replace("_", " ").strip()


def within_sentence(text: str) -> str:
    """A sentence as part of another: with its first letter small, unless it begins with a code.

    >>> [within_sentence(text) for text in ("Lower the cost", "A shift", "TENT-1 ends")]
    ['lower the cost', 'a shift', 'TENT-1 ends']
    """
    return text if text[1:2].isupper() or text[1:2] == "-" else text[:1].lower() + text[1:]


def capitalised(text: str) -> str:
    """A sentence with its first letter large; one that begins with a code or a file stays as it is.

    >>> capitalised("tents: 120 units are late"), capitalised("sales_history has no rows")
    ('Tents: 120 units are late', 'sales_history has no rows')
    >>> capitalised("products.csv line 36")
    'products.csv line 36'
    """
    first = text.split(" ", 1)[0]
    is_code = "_" in first or "." in first.rstrip(".") or (first == text and "-" in text)
    return text if is_code else text[:1].upper() + text[1:]
