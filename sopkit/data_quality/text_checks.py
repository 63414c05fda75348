"""Checks of valid codes, texts and numbers that are probably mistyped."""

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
from sopkit.tables.periods import day_counts, period_of

LONGEST_CODE = 64
OUTLYING = 10_000  # times the median of its column
NAMED_LIKE_CODES = ("unit_of_measure", "supplier", "stage", "owner")  # texts that group rows
OFT_REPEATED = ("family", "market", "contributor", *NAMED_LIKE_CODES)  # a rare one may be misspelt
SHORTEST, TIMES = 5, 5  # letters, and how much more frequent what was meant is
MANY_NAMES = 300  # pairs are compared, and among so many some are alike
# fmt: off
ZERO_IS_ODD = {
    "price": "It earns no revenue", "material_cost": "Its material costs nothing", "holding_cost": "Stock costs nothing to hold",
    "backlog_cost": "Delivering late costs nothing", "unit_cost": "It costs nothing", "regular_wage": "Labour costs nothing",
    "freight_cost": "Freight costs nothing", "subcontract_cost": "Subcontracting costs nothing",
    "max_workers": "No worker can work there", "working_days": "Nothing can be produced", "regular_hours_per_worker": "Nothing can be produced",
    "machine_hours": "Nothing can be produced", "storage_limit": "Nothing can be stored", "supply_limit": "Nothing can be bought",
    "subcontract_limit": "Nothing can be subcontracted", "units_per_win": "A win sells no units",
    "quantity_per_unit": "No unit of it is needed", "volume_ratio": "The launch sells nothing", "shelf_life_days": "Its shelf life is less than a day",
    "shelf_life_months": "Its shelf life is less than a day", "target_service_level": "There is no safety stock", "target_fill_rate": "There is no safety stock",
}
AT_MOST = {  # more than this is an anomaly
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
CODE_RULES = (  # patterns of odd codes, and how to fix them
    (_NOTHING.fullmatch, "looks like an empty value; it is kept as a code", "Leave the cell empty, or choose another code."),
    (_EXCEL_NUMBER.fullmatch, "looks like a long number that a spreadsheet has shortened; it is "
                              "kept as a code", "Export the code as text."),
    (lambda text: _mixes_scripts(text), "mixes letters of different alphabets", "Type it in one alphabet."),
    (lambda text: len(text) > LONGEST_CODE, f"is longer than {LONGEST_CODE} characters", "Give it a short code."),
    (_MARKUP.search, "looks like a formula or markup; it is kept as text", "Choose a plain code if other programs read it."),
)  # fmt: skip


@check("major")
def look_alike_texts(inputs: Inputs) -> Iterator[Issue | None]:
    """Find codes that differ only in case, blanks or look-alike letters."""
    for table, frame, column in _columns(inputs, "code", "text"):
        if COLUMNS[column].kind != "code" and column not in NAMED_LIKE_CODES:
            continue
        cells = frame[column]
        for twins in _twins(list(cells.dropna().unique())):
            names = " and ".join(map(shown, twins))
            text = (
                f"{column} {names} differ only in case, blanks or look-alike letters, and are "
                "treated as different codes"
            )
            remedy = "Use one of them everywhere."
            yield told(table, frame, _rarest(cells, twins), text, column, remedy=remedy)


@check("major")
def misspelt_texts(inputs: Inputs) -> Iterator[Issue | None]:
    """Find rare names that are spelt almost like frequent ones."""
    for table, frame, column in _columns(inputs, "code", "text"):
        for rare, meant in _misspelt(frame[column]) if column in OFT_REPEATED else ():
            text = (
                f"{column} {shown(rare)} is spelt almost like {shown(meant)}, and is treated as a "
                "different code"
            )
            odd, remedy = frame[column] == rare, "Correct it if it is misspelt."
            yield told(table, frame, odd, text, column, remedy=remedy)


@check("major")
def wrongly_encoded_texts(inputs: Inputs) -> Iterator[Issue | None]:
    """Find texts that were read in another encoding than they were saved in."""
    remedy = "Save the source again as UTF-8."
    for table, frame, column in _columns(inputs, "code", "text"):
        text = f"{column} looks wrongly encoded"
        odd = _where(frame[column], _MOJIBAKE.search)
        yield told(table, frame, odd, text, column, remedy=remedy)


@check("minor")
def odd_codes(inputs: Inputs) -> Iterator[Issue | None]:
    """Find codes that look like something else; see `CODE_RULES`."""
    for table, frame, column in _columns(inputs, "code"):
        texts = distinct(frame[column])
        for rule, text, remedy in CODE_RULES:
            odd = _where(frame[column], rule, texts)
            yield told(table, frame, odd, f"{column} {text}", column, remedy=remedy)


@check("major")
def scenarios_without_a_plain_name(inputs: Inputs) -> Iterator[Issue | None]:
    """Find scenarios whose names cannot be folder names."""
    for table, frame, column in _columns(inputs, "code", "text"):
        if column == "scenario":
            odd = _where(
                frame[column], lambda name: not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name)
            )
            text, remedy = (
                "is not a valid name of a scenario",
                "Use lower-case letters, digits, - and _.",
            )
            yield told(table, frame, odd, f"{column} {text}", column, remedy=remedy)


@check("major")
def currency_without_code(company_settings: DataFrame) -> Issue | None:
    """Find a currency that is not a three-letter code."""
    odd = _where(company_settings["currency"], lambda text: not re.fullmatch("[A-Z]{3}", text))
    text, remedy = "currency is not a currency code", "Write it as EUR."
    return told(TABLES["company_settings"], company_settings, odd, text, "currency", remedy=remedy)


@check("major")
def numbers_that_are_zero(inputs: Inputs) -> Iterator[Issue | None]:
    """Find prices, costs and limits of 0."""
    for table, frame, column in _columns(inputs, "number", "whole"):
        if column in ZERO_IS_ODD:
            meaning = f"{ZERO_IS_ODD[column][0].lower()}{ZERO_IS_ODD[column][1:]}"
            text, remedy = f"{column} is 0: {meaning}", "Correct it if that is wrong."
            yield told(table, frame, frame[column] == 0, text, column, remedy=remedy)


@check("major")
def numbers_above_the_usual(inputs: Inputs) -> Iterator[Issue | None]:
    """Find numbers above the largest plausible value."""
    for table, frame, column in _columns(inputs, "number", "whole"):
        if column in AT_MOST:
            text = f"{column} is more than {AT_MOST[column]}, which is rare"
            remedy = f"Check its unit: {COLUMNS[column].description}."
            odd = frame[column] > AT_MOST[column]
            yield told(table, frame, odd, text, column, remedy=remedy)


@check("major")
def numbers_far_from_the_rest(inputs: Inputs) -> Iterator[Issue | None]:
    """Find numbers far larger than the others of their column."""
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
    """Groups of texts that look alike."""
    alike = defaultdict(list)
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).translate(_TWINS).casefold()
        alike[" ".join(plain.split())].append(text)
    return [group for group in alike.values() if len(group) > 1]


def _misspelt(cells: Series) -> list[tuple[str, str]]:
    """Pairs of a rare text and a frequent one that it nearly is; texts that only number things
    differently are none."""
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
    """Mark months without working days in which holidays close the site on every day."""
    calendar = tables["resource_calendar"]
    idle = calendar["working_days"] == 0
    if not idle.any() or not {"holidays", "resources"} <= set(tables):
        return idle & False
    own = tables.get("calendar")
    days = tables["holidays"].assign(period=period_of(tables["holidays"]["day"], own))
    days = days.groupby(["site", "period"]).size()
    sites = calendar["resource"].map(tables["resources"].set_index("resource")["site"])
    closed = days.reindex(pd.MultiIndex.from_arrays([sites, calendar["period"]])).to_numpy()
    lengths = calendar["period"].dt.days_in_month
    if own is not None:
        counts = pd.Series(day_counts(own), index=pd.PeriodIndex(own["period"]))
        lengths = calendar["period"].map(counts)
    return idle & (closed == lengths)


def _where(cells: Series, rule: Callable, known: tuple | None = None) -> Series:
    """Mark the cells that a rule matches, tested once per distinct text."""
    codes, texts = distinct(cells) if known is None else known
    answers = np.array([bool(rule(text)) for text in texts] + [False])
    return pd.Series(answers[codes], index=cells.index)
