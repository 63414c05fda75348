"""Codes, texts and numbers that can be read, but may not be what was meant: each is told with how it is taken."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.data_quality.marks import Inputs, check, given
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, Table
from sopkit.tables.issues import Issue, shown, spelt_nearly, told
from sopkit.tables.parsing import distinct

LONGEST_CODE = 64
OUTLYING = 10_000  # times the median of its column
NAMED_LIKE_CODES = ("unit_of_measure", "supplier", "stage", "owner")  # texts that group rows
OFT_REPEATED = ("family", "market", "contributor", *NAMED_LIKE_CODES)  # a rare one may be misspelt
SHORTEST, TIMES = 5, 5  # letters, and how much more frequent what was meant is
MANY_NAMES = 300  # each is held against each, and among so many some are alike
# fmt: off
ZERO_IS_ODD = {
    "price": "Nothing is earned", "material_cost": "Its material is free", "holding_cost": "Stock costs nothing to hold",
    "backlog_cost": "Delivering late costs nothing", "unit_cost": "It is bought for nothing", "regular_wage": "Work is free",
    "freight_cost": "Moving it is free", "subcontract_cost": "Making it outside is free",
    "max_workers": "Nobody can work there", "working_days": "Nothing can be made", "regular_hours_per_worker": "Nothing can be made",
    "machine_hours": "Nothing can be made", "storage_limit": "Nothing can be stored", "supply_limit": "Nothing can be bought",
    "subcontract_limit": "Nothing can be made outside", "units_per_win": "A win brings nothing",
    "quantity_per_unit": "None of it is needed", "volume_ratio": "The launch sells nothing", "shelf_life_days": "It does not keep for a day",
    "shelf_life_months": "It does not keep for a day", "target_service_level": "No stock is kept for safety", "target_fill_rate": "No stock is kept for safety",
}
AT_MOST = {  # more than this is odd
    "lead_time_days": 730, "lead_time_std_days": 365, "receivable_days": 365, "payable_days": 365, "target_cover_months": 24,
    "max_cover_months": 60, "ramp_months": 36, "lag_months": 24, "volume_ratio": 10,
    "regular_hours_per_worker": 300, "overtime_hours_per_worker": 300,
}
# Letters of other scripts that look like Latin ones.
_TWINS = str.maketrans(
    "аеорсухіјѕԁһкмтвнАВЕЅІЈКМНОРСТХ" "αορντυχκιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdhkmtbhABESIJKMHOPCTX" "aopvtuxkiABEZHIKMNOPTYX",
)
# fmt: on
_MARKUP = re.compile(r"[<>`$]|\.\.[/\\]|\]\(|\*\*|^[=+@-]|^&|&#")
_NOTHING = re.compile(
    r"#[A-Z/0]+[!?]?|n/a|tbd|\?+|-+", re.IGNORECASE
)  # `NA` and `null` name things often enough
_EXCEL_NUMBER = re.compile(r"\d(\.\d+)?E\+\d+")
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf]|â€")
CODE_RULES = (  # what a code does not look like, and how to mend it
    (_NOTHING.fullmatch, "reads as if nothing were known; it is kept as a code", "Leave the cell empty, or choose another code."),
    (_EXCEL_NUMBER.fullmatch, "looks like a long number that a spreadsheet has shortened; it is kept as a code", "Export the code as text."),
    (lambda text: _mixes_scripts(text), "mixes letters of different alphabets", "Type it in one alphabet."),
    (lambda text: len(text) > LONGEST_CODE, f"is longer than {LONGEST_CODE} characters", "Give it a short code."),
    (_MARKUP.search, "looks like a formula or markup; it is kept as text", "Choose a plain code if other programs read it."),
)  # fmt: skip


@check("major")
def look_alike_texts(inputs: Inputs) -> Iterator[Issue | None]:
    """Codes that differ only in case, blanks or letters that look alike."""
    for table, frame, column in _columns(inputs, "code", "text"):
        if COLUMNS[column].kind != "code" and column not in NAMED_LIKE_CODES:
            continue
        cells = frame[column]
        for twins in _twins(list(cells.dropna().unique())):
            names = " and ".join(map(shown, twins))
            text = f"{column} {names} differ only in case, blanks or look-alike letters, and are taken as different"
            remedy = "Write one of them everywhere."
            yield told(table, frame, _rarest(cells, twins), text, column, remedy=remedy)


@check("major")
def misspelt_texts(inputs: Inputs) -> Iterator[Issue | None]:
    """Rare names that are spelt nearly like frequent ones."""
    for table, frame, column in _columns(inputs, "code", "text"):
        for rare, meant in _misspelt(frame[column]) if column in OFT_REPEATED else ():
            text = f"{column} {shown(rare)} is spelt nearly like {shown(meant)}, and is taken as another"
            odd, remedy = frame[column] == rare, "Correct it if that is meant."
            yield told(table, frame, odd, text, column, remedy=remedy)


@check("major")
def wrongly_encoded_texts(inputs: Inputs) -> Iterator[Issue | None]:
    """Texts that were saved in another encoding than they were read in."""
    remedy = "Save the source as UTF-8 anew."
    for table, frame, column in _columns(inputs, "code", "text"):
        text = f"{column} looks as if it had been read in a wrong encoding"
        odd = _where(frame[column], _MOJIBAKE.search)
        yield told(table, frame, odd, text, column, remedy=remedy)


@check("minor")
def odd_codes(inputs: Inputs) -> Iterator[Issue | None]:
    """Codes that look like something else; see `CODE_RULES`."""
    for table, frame, column in _columns(inputs, "code"):
        texts = distinct(frame[column])
        for rule, text, remedy in CODE_RULES:
            odd = _where(frame[column], rule, texts)
            yield told(table, frame, odd, f"{column} {text}", column, remedy=remedy)


@check("major")
def scenarios_without_a_plain_name(inputs: Inputs) -> Iterator[Issue | None]:
    """Scenarios whose names cannot name a folder."""
    for table, frame, column in _columns(inputs, "code", "text"):
        if column == "scenario":
            odd = _where(
                frame[column], lambda name: not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name)
            )
            text, remedy = "cannot be planned by this name", "Use small letters, digits, - and _."
            yield told(table, frame, odd, f"{column} {text}", column, remedy=remedy)


@check("major")
def currency_without_code(company_settings: DataFrame) -> Issue | None:
    """A currency by another name than its code."""
    odd = _where(company_settings["currency"], lambda text: not re.fullmatch("[A-Z]{3}", text))
    text, remedy = "currency is no code of a currency", "Write it as EUR."
    return told(TABLES["company_settings"], company_settings, odd, text, "currency", remedy=remedy)


@check("major")
def numbers_that_are_zero(inputs: Inputs) -> Iterator[Issue | None]:
    """Prices, costs and limits of 0."""
    for table, frame, column in _columns(inputs, "number", "whole"):
        if column in ZERO_IS_ODD:
            meaning = f"{ZERO_IS_ODD[column][0].lower()}{ZERO_IS_ODD[column][1:]}"
            text, remedy = f"{column} is 0: {meaning}", "Correct it if that is not so."
            yield told(table, frame, frame[column] == 0, text, column, remedy=remedy)


@check("major")
def numbers_above_the_usual(inputs: Inputs) -> Iterator[Issue | None]:
    """Numbers that are larger than they are anywhere."""
    for table, frame, column in _columns(inputs, "number", "whole"):
        if column in AT_MOST:
            text = f"{column} is more than {AT_MOST[column]}, which is rare"
            remedy = f"Check its unit: {COLUMNS[column].description}."
            odd = frame[column] > AT_MOST[column]
            yield told(table, frame, odd, text, column, remedy=remedy)


@check("major")
def numbers_far_from_the_rest(inputs: Inputs) -> Iterator[Issue | None]:
    """Numbers that are far larger than the others of their column."""
    for table, frame, column in _columns(inputs, "number", "whole"):
        size = frame[column].abs()
        usual = size[size > 0].median()
        text = f"{column} is more than {OUTLYING:,} times as large as usual ({usual:,.6g})"
        remedy = "Check its unit and its decimal mark."
        yield told(table, frame, size > OUTLYING * usual, text, column, remedy=remedy)


def _columns(inputs: Inputs, *kinds: str) -> Iterator[tuple[Table, DataFrame, str]]:
    """The columns of these kinds in all tables; a code is looked at only where it is at home."""
    tables = given(inputs)
    for name, frame in tables.items():
        if name == "resource_calendar":
            frame = frame[~_known_closed(tables)]
        for column in TABLES[name].columns:
            homes = COLUMNS[column].references
            if COLUMNS[column].kind in kinds and (name in homes or not tables.keys() & set(homes)):
                yield TABLES[name], frame, column


def _twins(texts: list[str]) -> list[list[str]]:
    """Groups of texts that a reader cannot well tell apart."""
    alike = defaultdict(list)
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).translate(_TWINS).casefold()
        alike[" ".join(plain.split())].append(text)
    return [group for group in alike.values() if len(group) > 1]


def _misspelt(cells: Series) -> list[tuple[str, str]]:
    """Pairs of a rare text and a frequent one that it nearly is; texts that only number things differently are none."""
    counts = cells.value_counts()
    counts = counts[[len(text) >= SHORTEST for text in counts.index]]
    if len(counts) > MANY_NAMES:
        return []
    pairs = []
    for rare, count in counts[counts * TIMES <= counts.max()].items():
        frequent = [text for text in counts.index[counts >= TIMES * count] if _unlike(text, rare)]
        pairs += [(rare, meant) for meant in spelt_nearly(rare, frequent)]
    return pairs


def _unlike(one: str, other: str) -> bool:
    """Whether two texts differ in more than their digits, and in more than what `_twins` tells."""
    return re.sub(r"\d", "", one.casefold()) != re.sub(r"\d", "", other.casefold())


def _rarest(cells: Series, twins: list[str]) -> Series:
    """Mark the rows of a group of twins that hold any but the most frequent."""
    counts = cells[cells.isin(twins)].value_counts()
    return cells.isin(twins) & (cells != counts.index[0])


def _mixes_scripts(text: str) -> bool:
    if text.isascii():
        return False
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()}
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1


def _known_closed(tables: dict[str, DataFrame]) -> Series:
    """Mark the months of the resource calendar without working days in which closures close the site on every day."""
    calendar = tables["resource_calendar"]
    idle = calendar["working_days"] == 0
    if not idle.any() or not {"holidays", "resources"} <= set(tables):
        return idle & False
    days = tables["holidays"].assign(period=tables["holidays"]["day"].dt.to_period("M"))
    days = days.groupby(["site", "period"]).size()
    sites = calendar["resource"].map(tables["resources"].set_index("resource")["site"])
    closed = days.reindex(pd.MultiIndex.from_arrays([sites, calendar["period"]])).to_numpy()
    return idle & (closed == calendar["period"].dt.days_in_month)


def _where(cells: Series, rule: Callable, known: tuple | None = None) -> Series:
    """Mark the cells that a rule holds for, asked once of each distinct text (`known`, where they are)."""
    codes, texts = distinct(cells) if known is None else known
    answers = np.array([bool(rule(text)) for text in texts] + [False])
    return pd.Series(answers[codes], index=cells.index)
