"""Numbers of the pre-read: rounded for people, with their unit, and changes with their sign."""

import numpy as np

from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import money, signed_money

MANY = 10  # times the least for a divisor: then the next smaller one would leave too many digits


def amount(value: float, currency: str = "") -> str:
    """An amount as it is said, after its currency: `EUR 74.0 m`, `61.8 k`.

    >>> amount(73_956_000, "EUR"), amount(float("nan")), amount(-20_400, "EUR")
    ('EUR 74.0 m', '–', 'EUR -20.4 k')
    """
    return MISSING if np.isnan(value) else money(value, currency)


def change(value: float, currency: str = "") -> str:
    """A change as it is said: `EUR +0.57 m`."""
    return MISSING if np.isnan(value) else signed_money(value, currency)


def percent(ratio: float, digits: int = 1) -> str:
    """A share: `96.1 %`."""
    return MISSING if np.isnan(ratio) else f"{100 * ratio:,.{digits}f} %"


def relative(ratio: float) -> str:
    """A relative change: `-3.0 %`.

    >>> relative(-0.0304), relative(-0.00001)
    ('-3.0 %', '0.0 %')
    """
    return MISSING if np.isnan(ratio) else _no_minus_zero(f"{100 * ratio:+,.1f}") + " %"


def points(ratio: float) -> str:
    """A change of a share, in percentage points: `+1.2 pp`."""
    return MISSING if np.isnan(ratio) else _no_minus_zero(f"{100 * ratio:+,.1f}") + " pp"


def whole_change(value: float) -> str:
    """A change to the unit, with its sign: `+106`, `0`."""
    return MISSING if np.isnan(value) else _no_minus_zero(f"{value:+,.0f}")


def in_scale(value: float, divisor: float, sign: str = "") -> str:
    """A number of a column that has one scale: `74.0`; whole where the scale is 1."""
    if np.isnan(value):
        return MISSING
    digits = 0 if divisor == 1 or abs(value / divisor) >= 1000 else 1
    return _no_minus_zero(f"{value / divisor:{sign},.{digits}f}")


def scale(*values: float) -> tuple[float, str]:
    """The divisor and sign of a column of amounts: millions, thousands, or as they are; the smaller
    where the smallest amount would lose its digits and the largest keeps few.

    >>> scale(6.1e6, 74e6), scale(182_000, 2_190_000), scale(900, 21_000)
    ((1000000.0, 'm'), (1000.0, 'k'), (1000.0, 'k'))
    """
    sizes = [abs(value) for value in values if value and not np.isnan(value)]
    largest, smallest = max(sizes, default=0.0), min(sizes, default=0.0)
    for divisor, sign, least in ((1e6, "m", 2e6), (1e3, "k", 2e4)):
        if largest >= least and (smallest >= 0.5 * divisor or largest >= MANY * least):
            return divisor, sign
    return 1.0, ""


def unit(currency: str, sign: str) -> str:
    """The unit of a column of money or units: `EUR m`, `k units`."""
    return f"{currency} {sign}".strip() if currency else f"{sign} units".strip()


def _no_minus_zero(text):
    return text.lstrip("+-") if not text.strip("+-0.,") else text
