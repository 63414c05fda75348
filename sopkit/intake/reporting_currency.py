"""The currency of the revenue in an export: the company reports in it until it says otherwise."""

import re
from collections import Counter
from collections.abc import Mapping

from pandas import DataFrame

from sopkit.intake.columns import NOBODY
from sopkit.intake.decisions import Decisions
from sopkit.intake.grid import distinct, text_of
from sopkit.intake.lines import REPORTING
from sopkit.intake.numbers import CURRENCIES

SYMBOLS = {  # of one currency alone; kr and the yen sign are of several
    "€": "EUR", "£": "GBP", "R$": "BRL", "C$": "CAD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD",
    "US$": "USD", "$": "USD", "₹": "INR", "₩": "KRW", "₪": "ILS", "₺": "TRY", "₽": "RUB",
    "zł": "PLN", "Kč": "CZK", "₫": "VND", "฿": "THB",
}  # fmt: skip
SEEN = 1_000  # distinct cells that are looked at
_CODE = re.compile(rf"(?<![A-Za-z])[TKtk]?({CURRENCIES})(?![A-Za-z])")
_SYMBOL = re.compile("|".join(re.escape(one) for one in sorted(SYMBOLS, key=len, reverse=True)))


def reporting_currency(frame: DataFrame, roles: Mapping[str, str], decisions: Decisions) -> str:
    """Find the currency of the revenue: told, or named by its column, its cells or their column.

    Returns
    -------
    its code; "" where the file has no money, or does not say of what
    """
    told = decisions.told(REPORTING)
    if told is not None:
        return "" if told == NOBODY else told.strip().upper()
    found, reason = _found(frame, roles, decisions)
    return decisions.guess(REPORTING, found, reason) if found else ""


def _found(frame, roles, decisions):
    money = roles.get("revenue") or roles.get("price")
    if money is None:
        return "", ""
    if named := roles.get("currency"):
        return _of_column(frame[named], decisions), f"column {named} says it"
    if named := _named(money):
        return named, f"column {money} is named after it"
    if money not in frame:
        return "", ""
    cells = [_named(text_of(one)) for one in distinct(frame[money])[1][:SEEN]]
    usual = Counter(filter(None, cells)).most_common(1)
    return (usual[0][0], f"cells of {money} are written in it") if usual else ("", "")


def _of_column(cells, decisions):
    """The only currency of a column; of several that which no rate turns into another."""
    named = {text_of(one).strip().upper() for one in distinct(cells)[1]}
    own = [one for one in named if decisions.given.get(f"rate.{one}") is None]
    return own[0] if len(own) == 1 and re.fullmatch(CURRENCIES, own[0]) else ""


def _named(text: str) -> str:
    """The currency that a text names by its code or its sign; "" where it names none."""
    if code := _CODE.search(text):
        return code[1]
    symbol = _SYMBOL.search(text)
    return SYMBOLS[symbol[0]] if symbol else ""
