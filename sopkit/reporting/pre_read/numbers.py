"""Numbers of the pre-read: rounded for people, with their unit, and changes with their sign."""

import numpy as np

from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import money, signed_money


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
    """The divisor and sign of a column of amounts: millions, thousands, or as they are."""
    largest = max((abs(value) for value in values if not np.isnan(value)), default=0.0)
    return (1e6, "m") if largest >= 2e6 else (1e3, "k") if largest >= 2e4 else (1.0, "")


def unit(currency: str, sign: str) -> str:
    """The unit of a column of money or units: `EUR m`, `k units`."""
    return f"{currency} {sign}".strip() if currency else f"{sign} units".strip()


def _no_minus_zero(text):
    return text.lstrip("+-") if not text.strip("+-0.,") else text
