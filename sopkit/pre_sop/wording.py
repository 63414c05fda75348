"""Numbers and months in sentences."""

from pandas import DataFrame, Period


def amount(number: float, unit: str = "units", currency: str = "") -> str:
    """Write a number in its unit: 1,240; EUR 98,000; 96.1 %."""
    if unit == "ratio":
        return f"{100 * number:,.1f} %"
    return f"{currency if unit == 'money' else ''}{number:,.0f}"


def change(number: float, currency: str = "") -> str:
    """Write a change in money with its sign: EUR +12,000."""
    return f"{currency}{round(number):+,}"


def share(ratio: float) -> str:
    """Write a share in whole per cent: 25 %."""
    return f"{100 * ratio:.0f} %"


def span(from_period: Period, to_period: Period) -> str:
    """Write a range of months: May 2027, or May 2027 to Jul 2027."""
    first, last = from_period.strftime("%b %Y"), to_period.strftime("%b %Y")
    return first if first == last else f"{first} to {last}"


def currency_of(company_settings: DataFrame | None) -> str:
    """The currency and a blank, or nothing without company settings."""
    return "" if company_settings is None else f"{company_settings['currency'].iloc[0]} "
