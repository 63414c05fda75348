"""The oracle of headlines: what each must say, found again from the tables without the exhibit.

A function of the tables gives the phrases with a number, a name or a claim (most, above, none, late, ...) that a
headline must hold, in their order. What it says beside them must hold neither a number nor a claim.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from pandas import DataFrame, Series

Tables = Mapping[str, DataFrame]
Phrases = Sequence[str]
EXPECTED: dict[str, Callable[[Tables], Phrases]] = {}
CLAIMS = re.compile(
    r"\b(all|none|no|nothing|nobody|nowhere|every|each|only|never|most|largest|highest|lowest|least|fewest|furthest"
    r"|worst|busiest|peaks?|above|below|beyond|more|less|fewer|cheaper|dearer|better|worse|late|lost|short|missed"
    r"|exceeds?|beside|too|significant|urgent|open|critical|positive|negative|adds|reduces|runs)\b"
)
NUMBER = re.compile(r"\d[\d.,]*")
PART = 1e-3  # units or hours: less is rounding


def says(*exhibits: str):
    """Mark what headlines of these exhibits, `module.function`, must say."""

    def marked(function):
        EXPECTED.update(dict.fromkeys(exhibits, function))
        return function

    return marked


def unexplained(headline: str, phrases: Phrases) -> list[str]:
    """The phrases that a headline lacks, and the numbers and claims in the rest of it."""
    rest, left, lacks = headline, [], []
    for phrase in phrases:
        found = re.search(rf"(?<![\w.,]){re.escape(phrase)}(?![\w%])", rest)
        if found is None:
            lacks.append(f"lacks: {phrase}")
            continue
        left.append(rest[: found.start()])
        rest = rest[found.end() :]
    told = " ".join([*left, rest])
    return lacks + NUMBER.findall(told) + CLAIMS.findall(told.lower())


def largest(values: Series) -> Series:
    """Values from the largest, equal ones in their order."""
    return values.sort_values(ascending=False, kind="stable")


def family_of(t: Tables, rows: DataFrame) -> Series:
    """The family of the product of each row."""
    return rows["product"].map(
        dict(zip(t["products"]["product"], t["products"]["family"], strict=True))
    )
