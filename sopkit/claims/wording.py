"""How numbers, months and things are said."""

import pandas as pd

NEAR_MONTHS = 6  # until then little of the plan can still be changed
MATERIAL = 0.5  # units or hours: less is a rounding error of the solver


def amount(value):
    """Write an amount as it is said: `3.4`, `1,240`, `124,000`, `1.24 million`."""
    size = abs(value)
    if size >= 999_500:
        return f"{value / 1e6:,.2f} million"
    if size >= 1e5:
        return f"{round(value, -3):,.0f}"
    return f"{value:,.0f}" if size >= 100 or value == round(value) else f"{value:,.3g}"


def signed(value):
    """Write a change with its sign."""
    return f"+{amount(value)}" if value >= 0 else amount(value)


def percent(ratio, digits=0):
    """Write a share as a percentage."""
    return f"{100 * ratio:,.{digits}f} %"


def month(period):
    """Write a month: `May 2027`."""
    return period.strftime("%b %Y")


def span(periods):
    """Write the months from first to last: `Oct 2026 to Mar 2028`."""
    first, last = periods.min(), periods.max()
    return month(first) if first == last else f"{month(first)} to {month(last)}"


def day(date):
    """Write a day: `5 Oct 2026`."""
    date = pd.Timestamp(date)
    return f"{date.day} {date:%b %Y}"


def count(number, noun):
    """Write a number of things: `1 launch`, `2 launches`."""
    ending = "es" if noun.endswith(("s", "ch", "sh")) else "s"
    return f"{number:,} {noun}{'' if number == 1 else ending}"


def verb(number, one, many):
    """Choose the verb's form for a number of things."""
    return one if number == 1 else many


def some(names, most=3):
    """Name the first few of many."""
    names = [str(name) for name in names]
    return ", ".join(names[:most]) + (
        f" and {len(names) - most:,} more" if len(names) > most else ""
    )


def listed(names):
    """Name all of a few things: `sales, marketing and finance`."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


def more_or_less(change, more="more", less="less"):
    """Say a relative change without its sign: `3.2 % more`."""
    return f"{percent(abs(change), 1)} {more if change >= 0 else less}"
