"""One text as a day, week, month, quarter or period of a fiscal year, as exports write them."""

import datetime as dt
import re
from functools import cache
from typing import NamedTuple

LOCALES = (  # of names that two share, the first counts
    "en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "pl", "cs", "fi", "tr",
    "sk", "hu", "ro", "el", "ru",
)  # fmt: skip
_TIME = re.compile(
    r"(?:[T ,]+|(?<=\d)T)\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*"
    r"(?:Z|UTC|GMT|[A-Z]{2,4}|[+-]\d{2}:?\d{2})?(?:\s+[+-]\d{4})?$"
)
FISCAL = "fiscal period"  # the size of what counts the periods of a fiscal year
_SEP = r"\s*[-/.\s,_']\s*"
_PERIOD = r"(?:P|FP|Per|Period)\.?\s*-?0{0,2}([1-9]|1[0-6])"
_FORMS = {
    "ymd": re.compile(rf"(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})"),
    "compact": re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
    "compact_dmy": re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])((?:19|20)\d{2})"),
    "numbers": re.compile(rf"(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}})"),
    "month": re.compile(rf"((?:19|20)\d{{2}})(?:{_SEP}|\s*[Mm]\s*|-M)?(0?[1-9]|1[0-2])"),
    "month_first": re.compile(rf"[Mm]?0{{0,2}}([1-9]|1[0-2]){_SEP}((?:19|20)\d{{2}})"),
    "quarter": re.compile(r"((?:19|20)?\d{2})\s*[-/ .]?\s*[Qq](?:TR)?\s*([1-4])"),
    "quarter_first": re.compile(
        r"(?:[QqTt](?:TR)?\s*([1-4])|([1-4])\.?\s*Q(?:uartal|TR)?)"
        r"\s*[-/ .']?\s*((?:19|20)?\d{2})"
    ),
    "fiscal": re.compile(
        rf"(?:FY\s*'?)?((?:19|20)?\d{{2}})\s*[-/ .,_]*\s*{_PERIOD}", re.IGNORECASE
    ),
    "fiscal_year": re.compile(r"FY\s*'?((?:19|20)?\d{2})\s*[-/ .,_M]+\s*0?([1-9]|1[0-2])"),
    "fiscal_first": re.compile(
        rf"{_PERIOD}\s*[-/ .,_]*\s*(?:FY)?\s*'?((?:19|20)?\d{{2}})", re.IGNORECASE
    ),
    "week": re.compile(
        r"((?:19|20)\d{2})\s*[-/ .]?\s*(?:W|w|Wk|WK|KW|CW|Week|S|Sem)\.?\s*[-/ ]?(\d{1,2})"
    ),
    "week_first": re.compile(
        r"(?:W|Wk|WK|KW|CW|Week|week|S|Sem)\.?\s*(\d{1,2})\s*[-/ .,']\s*((?:19|20)\d{2}|\d{2})"
    ),
}  # fmt: skip
_NAMED = {
    "dmy": re.compile(
        rf"(\d{{1,2}})(?:st|nd|rd|th|\.|º)?{_SEP}?(?:de |of )?<(\d+)>"
        rf"{_SEP}?(?:de |of )?(\d{{4}}|\d{{2}})"
    ),
    "mdy": re.compile(rf"<(\d+)>\.?{_SEP}?(\d{{1,2}})(?:st|nd|rd|th)?{_SEP}(\d{{4}}|\d{{2}})"),
    "ymd": re.compile(rf"(\d{{4}}){_SEP}?<(\d+)>{_SEP}?(\d{{1,2}})"),
    "my": re.compile(rf"<(\d+)>\.?{_SEP}?(?:de |of )?(\d{{4}}|\d{{2}})"),
    "ym": re.compile(rf"(\d{{4}}){_SEP}?<(\d+)>\.?"),
}  # fmt: skip
_WEEKDAY = re.compile(r"^([^\W\d_]+)\.?,?\s+")
_WORD = re.compile(r"[^\W\d_]+")
_EAST_ASIAN = str.maketrans({"年": "-", "月": "-", "년": "-", "월": "-", "日": " ", "일": " "})


class Label(NamedTuple):
    """What a text says: the first day of a day, week, month or quarter, or of both orders; of the
    periods of a fiscal year, that of the month with its number, if one has it.

    `exchanged` is the other day that the text can mean, if its day and month are exchanged.
    """

    size: str
    day: dt.date | None
    exchanged: dt.date | None = None


def month_and_year(month: str, year: str, mark: str = "M") -> str:
    """Write a month, by name or number, and a year as one text; `mark` is P for fiscal periods."""
    bare = month.lstrip("MP0")
    return f"{mark}{bare} {year}".strip() if bare.isdigit() else f"{month} {year}".strip()


@cache
def label(text: str) -> Label | None:
    """Read one text as a day, week, month or quarter; None where it is none."""
    text = text.translate(_EAST_ASIAN).strip().removesuffix("-")
    text = _WEEKDAY.sub(_without_weekday, _TIME.sub("", text).strip())
    if not any(c.isdigit() for c in text) or len(text) > 40:
        return None
    for kind, form in _FORMS.items():
        found = form.fullmatch(text)
        if found and (made := _of_numbers(kind, found.groups())):
            return made
    return _of_names(text)


def _of_numbers(kind, parts):
    if kind in ("ymd", "compact"):
        year, month, day = map(int, parts)
        return _day(year, month, day)
    if kind == "compact_dmy":
        return _day(int(parts[2]), int(parts[1]), int(parts[0]))
    if kind == "numbers":
        first, second, year = int(parts[0]), int(parts[1]), _year(parts[2])
        one, other = _date(year, second, first), _date(year, first, second)
        return Label("day", one, other) if one or other else None
    if kind in ("month", "month_first"):
        year, month = parts if kind == "month" else parts[::-1]
        return Label("month", dt.date(int(year), int(month), 1))
    if kind in ("quarter", "quarter_first"):
        year = parts[0] if kind == "quarter" else parts[2]
        quarter = int(parts[1] if kind == "quarter" else parts[0] or parts[1])
        return Label("quarter", dt.date(_year(year), 3 * quarter - 2, 1))
    if kind.startswith("fiscal"):
        year, period = parts[::-1] if kind == "fiscal_first" else parts
        return Label(FISCAL, _date(_year(year), int(period), 1))
    year, week = parts if kind == "week" else parts[::-1]
    try:
        return Label("week", dt.date.fromisocalendar(_year(year), int(week), 1))
    except ValueError:
        return None


def _of_names(text):
    numbered = _WORD.sub(_numbered, text).strip()
    numbered = re.sub(r"^[\s,.]+|\s+$", "", numbered)
    for kind, form in _NAMED.items():
        if found := form.fullmatch(numbered):
            if kind in ("my", "ym"):
                month, year = found.groups() if kind == "my" else found.groups()[::-1]
                return Label("month", dt.date(_year(year), int(month), 1))
            order = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}[kind]
            year, month, day = (found.groups()[i] for i in order)
            return _day(_year(year), int(month), int(day))
    return None


def _numbered(found):
    word = found[0].casefold()
    if word in _months():
        return f"<{_months()[word]}>"
    return "" if word in _weekdays() else found[0]


@cache
def _months():
    """Names of months in the languages of exports, without the points of abbreviations."""
    from babel.dates import get_month_names

    found = {}
    for locale in reversed(LOCALES):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                names = get_month_names(width, context, locale)
                for month, name in names.items():
                    plain = name.casefold().strip(". ")
                    if plain.isalpha():
                        found[plain] = month
                        if len(plain) > 3 and width == "wide" and locale in ("en", "de"):
                            found.setdefault(plain[:3], month)
    return found | {
        "jän": 1,
        "jänner": 1,
        "sept": 9,
        "mrz": 3,
        "maerz": 3,
        "mär": 3,
        "okt": 10,
        "dez": 12,
        "mai": 5,
    }


@cache
def _weekdays():
    from babel.dates import get_day_names

    return {
        name.casefold().strip(". ")
        for locale in LOCALES[:6]
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, "format", locale).values()
    }


def _without_weekday(found):
    word = found[1].casefold()
    return "" if word in _weekdays() and word not in _months() else found[0]


def _year(text):
    if len(text) == 4:
        return int(text)
    return 2000 + int(text) if int(text) < 70 else 1900 + int(text)


def _date(year, month, day):
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _day(year, month, day):
    made = _date(year, month, day)
    return Label("day", made) if made else None


def is_day_of_two_numbers(text: str) -> bool:
    """Say whether a text is two numbers and a year, whose day and month could be exchanged."""
    return bool(_FORMS["numbers"].fullmatch(_TIME.sub("", text).strip()))
