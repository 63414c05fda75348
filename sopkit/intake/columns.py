"""Which column of an export holds what: by its name and by what its cells are."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Hashable, Iterable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pandas import DataFrame, Series

from sopkit.intake.dates import share_of_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.grid import distinct, text_of, texts
from sopkit.intake.numbers import CURRENCIES, is_numeric

NEEDED = ("date", "product", "quantity")
LATER = (
    "revenue",
    "price",
    "market",
    "family",
    "description",
    "order",
    "status",
    "currency",
    "unit",
)
NOBODY = "(none)"  # the answer that no column holds it
FITS = 0.9  # share of the distinct cells of a column that are of the kind of its role
FITS_NAMED = 0.5  # the same where its name says so; its other cells are totals, or are refused
COUNTED_IN = re.compile(  # a currency, thousands or millions at the end of a name, or first
    rf" (?:in |x )?(?:[tk]?(?:{CURRENCIES})|(?:1 ?)?000s?|thousands?|tsd|millions?|mio|mln)$"
    rf"|^(?:{CURRENCIES}) (?=\w)",
    re.IGNORECASE,
)
FLAGS = [  # the words in which a column says yes, and no
    tuple(pair.split())
    for pair in ("1 0", "y n", "yes no", "true false", "t f", "x", "j n", "ja nein", "si no", "s n",
                 "sim não", "oui non")
]  # fmt: skip
WHOLE, PART = 2.0, 1.0  # what a whole name counts, and a part of one


class Role(NamedTuple):
    """What a column can hold: the names that it goes by, and the kind of its cells."""

    kind: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    never: tuple[str, ...]


@cache
def roles() -> dict[str, Role]:
    """Read the names that columns of exports go by."""
    text = (Path(__file__).parent / "roles.toml").read_text(encoding="utf-8")
    return {
        name: Role(
            row["kind"], *(tuple(map(plain, row[key])) for key in ("names", "words", "never"))
        )
        for name, row in tomllib.loads(text).items()
    }


def plain(name: str) -> str:
    """Write a column's name in lower case, without accents and marks: NetSales is net sales."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name))
    split = split.replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    bare = unicodedata.normalize("NFKD", split)
    bare = "".join(c for c in bare if not unicodedata.combining(c)).casefold()
    return re.sub(r"[^\w]+|_+", " ", bare).strip()


def without_unit(name: str) -> str:
    """Write a column's name plainly, without what it is counted in: Net value CHF is net value."""
    return COUNTED_IN.sub("", COUNTED_IN.sub("", plain(name)))


def likeness(role: str, name: str) -> float:
    """How well a column's name fits a role: 0 is not at all; earlier names fit better."""
    about, text = roles()[role], without_unit(name)
    joined = text.replace(" ", "")
    for place, known in enumerate(about.names):
        if known == text or known.replace(" ", "") == joined:
            return WHOLE + 1 - place / len(about.names)
    words = f" {text} "
    if any(f" {word} " in words for word in about.never):
        return 0.0
    for place, word in enumerate(about.words):
        if f" {word} " in words:
            return PART + 1 - (place + len(text) / 100) / (len(about.words) + 1)
    return 0.0


def is_known(name: str) -> bool:
    """Whether a name is the whole name of some role."""
    return any(likeness(role, name) >= WHOLE for role in roles())


def find(
    frame: DataFrame, source: str, decisions: Decisions, across: Collection[str] = ()
) -> dict[str, str]:
    """Find the column of each role: told, or the one whose name and cells fit.

    `across` are the measures that stand under periods: date and quantity are known then.

    Returns
    -------
    role : column name; what no column holds is absent

    Raises
    ------
    ValueError : a told column is not in the file, or stands twice.
    """
    found: dict[str, str] = {}
    for role in (*NEEDED, *LATER, "year", "month"):
        told = decisions.told(role)
        is_across = told in across or (across and role in ("date", "quantity"))
        if told is not None and told != NOBODY and not is_across:
            found[role] = exact(frame.columns, told, source)
    wanted = ["product"] if across else ["date", "quantity", "product"]
    if not across and "date" not in found:
        _year_and_month(frame, found, decisions)
    for role in wanted:
        is_known = role in found or (role == "date" and "year" in found)
        if not is_known and (name := _needed(role, frame, source, found, decisions)):
            found[role] = name
    for role in LATER:
        if role not in found and decisions.told(role) is None:
            found |= _later(role, frame, source, found, decisions)
    if "revenue" in found:
        found.pop("price", None)
    return found


def _later(role, frame, source, found, decisions):
    """The column that has the whole name of a role; asked where several differ by currency."""
    best = [one for one in _candidates(role, frame, set(found.values())) if one[0] >= WHOLE]
    if not best:
        return {}
    alike = [name for score, name in best if score == best[0][0]]
    if len(alike) > 1:
        text = f"Which column of {source} holds the {role}?"
        told = decisions.ask(Question(role, text, (*alike, NOBODY), alike[0]))
        return {} if told == NOBODY else {role: told}
    return {role: decisions.guess(role, alike[0], f"column {alike[0]} has the name of it")}


def exact(names: Iterable[str], told: str, source: str) -> str:
    """Find a told column among those of the file, in its own spelling."""
    names = list(names)
    wanted = told.strip()
    for name in names:
        if name == wanted:
            return name
    twice = [name for name in names if re.fullmatch(re.escape(wanted) + r" \(column \d+\)", name)]
    if twice:
        raise ValueError(
            f"{source}: the column name {wanted} stands {len(twice)} times. Name one of "
            f"{', '.join(twice)}, or give each its own name."
        )
    near = [name for name in names if plain(name) == plain(wanted)]
    if len(near) == 1:
        return near[0]
    raise ValueError(f"{source} has no column {wanted!r}; it has {', '.join(names)}")


def _needed(role, frame, source, found, decisions):
    """The column of a role that every export has; asked where it is not plain."""
    taken = set(found.values())
    named = _candidates(role, frame, taken)
    rivals = _rivals(role, named, frame)
    if named and (named[0][0] >= WHOLE or len(named) == 1) and len(rivals) < 2:
        name = named[0][1]
        decisions.guess(role, name, f"column {name} has the name and the cells of it")
        return name
    free = [name for name in frame.columns if name not in taken and not _is_other(role, name)]
    fitting = [name for name in free if _fits(role, frame[name])]
    if role == "date" and len(fitting) == 1:
        return decisions.guess(role, fitting[0], f"{fitting[0]} is the only column of dates")
    rest = len(frame.columns) - len(taken)
    if role == "quantity" and len(fitting) == 1:
        return decisions.guess(role, fitting[0], f"{fitting[0]} is the only column of numbers")
    if role == "product" and not named and not _names_things(frame, fitting, rest):
        return _product_above(frame, taken, decisions)
    if not fitting:
        kind = {"date": "dates", "quantity": "numbers"}.get(role, "codes")
        raise ValueError(
            f"{source} has no column of {kind} for the {role}; it has "
            f"{', '.join(frame.columns)}. Name one: --{role} COLUMN."
        )
    default = named[0][1] if named else fitting[0]
    fitting = rivals if len(rivals) > 1 else fitting
    if role == "product":
        fitting = list(dict.fromkeys([*fitting, *_families(frame, taken), NOBODY]))
    text = f"Which column of {source} holds the {role}?"
    moves = {"quantity": 10.0, "date": 9.0, "product": 8.0}[role]
    answer = decisions.ask(Question(role, text, tuple(fitting), default, moves))
    return None if answer == NOBODY else answer


def _product_above(frame, taken, decisions):
    """The finest families, which are planned where no column names products; None: one series."""
    families = _families(frame, taken)
    counted = {name: len(distinct(frame[name])[1]) for name in families}
    finest = max(families, key=lambda name: counted[name], default=NOBODY)
    if counted.get(finest, 1) == 1:
        decisions.guess("product", NOBODY, "no column names products: the file is one series")
        return None
    return decisions.guess("product", finest, f"no column names products: {finest} is planned")


def _families(frame, taken):
    """The columns that have the whole name of a family or of a group of families."""
    above = [_candidates(role, frame, taken) for role in ("family", "product_group")]
    return [name for score, name in chain(*above) if score >= WHOLE]


def _is_other(role, name):
    """Whether a name is the whole name of other roles only."""
    named = {one for one in roles() if likeness(one, name) >= WHOLE}
    return bool(named) and role not in named


def _names_things(frame, fitting, rest):
    """Whether some column can name products: one that is left alone names several, each again."""
    if rest > 1 or not fitting:
        return bool(fitting)
    codes, values = distinct(frame[fitting[0]])
    texts = [value for value in values if isinstance(value, str)]
    return len(texts) > 1 and len(values) <= len(codes) / 2


def _rivals(role, named, frame):
    """Quantities that go by equally plain names and are not the same: ordered, delivered."""
    if role != "quantity" or not named or named[0][0] < WHOLE:
        return []
    plainly = [name for score, name in named if score >= WHOLE and _has_word(role, name)]
    if named[0][1] not in plainly or plain(named[0][1]) in roles()[role].names[:3]:
        return []
    first = texts(frame[plainly[0]]).astype(str)
    others = [name for name in plainly[1:] if not texts(frame[name]).astype(str).equals(first)]
    return [plainly[0], *others]


def _has_word(role, name):
    return any(f" {word} " in f" {plain(name)} " for word in roles()[role].words)


def _candidates(role, frame, taken):
    scored = [(likeness(role, name), name) for name in frame.columns if name not in taken]
    fitting = [
        (score, name)
        for score, name in scored
        if score and _fits(role, frame[name], is_named=score >= WHOLE)
    ]
    return sorted(fitting, key=lambda pair: -pair[0])


def _fits(role: str, cells: Series, is_named: bool = False) -> bool:
    kind, share = roles()[role].kind, FITS_NAMED if is_named else FITS
    if kind == "date":
        return share_of_dates(cells, is_named) >= share
    if kind == "number":
        return is_numeric(cells) >= share and not _is_day(cells)
    _, values = distinct(cells)
    if role == "product" and not is_named:  # else its name says so
        rest = (_is_day, _is_measure, _is_flag)
        return bool(values) and not any(is_other(cells) for is_other in rest)
    return bool(values)


def _is_day(cells):
    _, values = distinct(cells)
    texts = [value for value in values[:200] if isinstance(value, str)]
    dated = share_of_dates(cells)
    return dated >= FITS and (len(texts) < len(values[:200]) or not all(map(str.isdigit, texts)))


def _is_measure(cells):
    """Whether numbers have decimals other than .0: codes do not."""
    _, values = distinct(cells)
    numbers = [v for v in values[:500] if isinstance(v, float)]
    decimals = re.compile(r"-?\d+[.,]\d*[1-9]\d*")
    texts = [v for v in values[:500] if isinstance(v, str) and decimals.fullmatch(v)]
    return any(v % 1 for v in numbers) or len(texts) > len(values[:500]) / 2


def flags(values: Sequence[Hashable]) -> list[float] | None:
    """What the cells of a column say, 1 for yes and 0 for no; None where they say something else.

    >>> flags(["Yes", "no"]), flags(["x"]), flags(["x", "y"])
    ([1.0, 0.0], [1.0], None)
    """
    said = [text_of(value).casefold() for value in values]
    known = next((pair for pair in FLAGS if set(said) <= set(pair)), None)
    return None if known is None else [float(one == known[0]) for one in said]


def _is_flag(cells):
    """Whether cells say yes or no: they name nothing."""
    return flags(distinct(cells)[1]) is not None


def _year_and_month(frame, found, decisions):
    """A year and a month in two columns, where no column holds whole dates."""
    dated = [
        name
        for name in frame.columns
        if likeness("date", name) and share_of_dates(frame[name]) >= FITS
    ]
    if dated:
        return
    pair = {role: _candidates(role, frame, set()) for role in ("year", "month")}
    if all(pair.values()):
        for role, candidates in pair.items():
            found[role] = candidates[0][1]
            decisions.guess(role, found[role], "year and month stand in two columns")


def end_named(name: str) -> str:
    """Which end of its period a column of dates names by its own name: starts, ends, or neither."""
    words = name.casefold()
    if "end" in words or "through" in words:
        return "ends"
    begins = any(word in words for word in ("start", "begin", "commenc", "first"))
    return "starts" if begins else ""
