"""What is accepted from an input table but may not be what was meant: each is told with its rows, and how it is taken."""

import re
import unicodedata
from collections import defaultdict

import numpy as np
import pandas as pd

from sopkit.cells import distinct, is_text
from sopkit.faults import shown, with_rows
from sopkit.periods import month
from sopkit.vocabulary import TABLES
from sopkit.words import WORDS

LONGEST_CODE = 64
OUTLYING = 10_000  # times the median of its column
FAR_MONTHS = 240  # from the cycle
NAMED_LIKE_CODES = ("unit_of_measure", "supplier", "stage", "owner")  # texts that group rows
SINGLE = (
    "piece",
    "pieces",
    "pc",
    "pcs",
    "each",
    "ea",
    "unit",
    "units",
    "set",
    "pair",
)  # units that can be counted together
PAST_DAYS = ("submitted_on", "entered_on", "decided_on")
# fmt: off
ZERO_IS_ODD = {
    "price": "Nothing is earned", "material_cost": "Its material is free", "holding_cost": "Stock costs nothing to hold",
    "backlog_cost": "Delivering late costs nothing", "unit_cost": "It is bought for nothing", "regular_wage": "Work is free",
    "freight_cost": "Moving it is free", "subcontract_cost": "Making it outside is free",
    "max_workers": "Nobody can work there", "working_days": "Nothing can be made", "regular_hours_per_worker": "Nothing can be made",
    "machine_hours": "Nothing can be made", "storage_limit": "Nothing can be stored", "supply_limit": "Nothing can be bought",
    "subcontract_limit": "Nothing can be made outside", "units_per_win": "A win brings nothing",
}
# Letters of other scripts that look like Latin ones.
_TWINS = str.maketrans(
    "аеорсухіјѕԁһкмтвнАВЕЅІЈКМНОРСТХ" "αορντυχκιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdhkmtbhABESIJKMHOPCTX" "aopvtuxkiABEZHIKMNOPTYX",
)
# fmt: on
_MARKUP = re.compile(r"[<>`$]|\]\(|\*\*|^[=+@-]|^&|&#")
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf]|â€")


def as_written(name, frame, source):
    """Tell of blanks around names and cells, which are left out when the cell is read."""
    table, found = TABLES[name], []
    for column in frame.columns:
        if column not in table.columns or frame.columns.duplicated().any() or not is_text(frame[column]):
            continue
        odd = _where(frame[column], lambda text: text != text.strip() and text.strip() != "")
        if odd.any():
            text = f"{column} has blanks around it, which are left out"
            found.append(_told(table, frame, odd, text, column, source, "Remove them in the source."))
    return found


def oddities(tables, sources, cycle=None):
    """List what is odd in conformed tables whose rows are labelled as `sopkit.files` labels them.

    With `cycle`, also what does not fit the month that is planned.

    Returns
    -------
    list of Fault
    """
    found = []
    for name, frame in tables.items():
        table, source = TABLES[name], sources[name]
        if name == "resource_calendar":
            frame = frame[~_known_closed(tables)]
        for column in table.columns:
            homes = WORDS[column].refers_to
            if name in homes or not tables.keys() & set(homes):  # a code is told of where it is at home
                found += _of_column(table, frame, column, source)
        if cycle is not None:
            found += _of_months(table, frame, month(cycle), source)
    if "sales_history" in tables:
        found += _of_series(tables["sales_history"], sources["sales_history"])
    if "products" in tables:
        found += _of_units(tables["products"], sources["products"])
    if "inventory" in tables:
        found += _of_sites(tables, sources["inventory"])
    return found


# ---------------------------------------------------------------------------------------------------------------
# one column


def _of_column(table, frame, column, source):
    word, cells = WORDS[column], frame[column]
    if word.kind in ("code", "text"):
        return _of_texts(table, frame, column, source)
    if word.kind in ("number", "whole"):
        return _of_numbers(table, frame, cells, column, source)
    return []


def _of_texts(table, frame, column, source):
    cells, found = frame[column], []
    known = list(cells.dropna().unique())
    as_code = WORDS[column].kind == "code"
    if as_code or column in NAMED_LIKE_CODES:
        for twins in _twins(known):
            few = _rarest(cells, twins)
            text = f"{column} {' and '.join(map(shown, twins))} differ only in case, blanks or look-alike letters, and are taken as different"
            found.append(_told(table, frame, few, text, column, source, "Write one of them everywhere."))
    rules = [
        (
            _MOJIBAKE.search,
            "looks as if it had been read in a wrong encoding",
            "Save the source as UTF-8 anew.",
        ),
    ]
    if as_code:
        rules += [
            (_mixes_scripts, "mixes letters of different alphabets", "Type it in one alphabet."),
            (lambda text: len(text) > LONGEST_CODE, f"is longer than {LONGEST_CODE} characters", "Give it a short code."),
            (_MARKUP.search, "looks like a formula or markup; it is kept as text", "Choose a plain code if other programs read it."),
        ]  # fmt: skip
    if column == "scenario":
        rules.append(
            (lambda text: not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", text), "cannot be planned by this name", "Use small letters, digits, - and _.")
        )  # fmt: skip
    if column == "currency":
        rules.append(
            (lambda text: not re.fullmatch("[A-Z]{3}", text), "is no code of a currency", "Write it as EUR.")
        )
    for rule, text, remedy in rules:
        if any(map(rule, known)):
            odd = _where(cells, rule)
            found.append(_told(table, frame, odd, f"{column} {text}", column, source, remedy))
    return found


def _of_numbers(table, frame, cells, column, source):
    found = []
    if column in ZERO_IS_ODD and (zero := cells == 0).any():
        text = f"{column} is 0: {ZERO_IS_ODD[column][0].lower()}{ZERO_IS_ODD[column][1:]}"
        found.append(_told(table, frame, zero, text, column, source, "Correct it if that is not so."))
    size = cells.abs()
    usual = size[size > 0].median()
    if (far := size > OUTLYING * usual).any():
        text = f"{column} is more than {OUTLYING:,} times as large as usual ({usual:,.6g})"
        found.append(_told(table, frame, far, text, column, source, "Check its unit and its decimal mark."))
    return found


def _twins(texts):
    """Groups of texts that a reader cannot well tell apart."""
    alike = defaultdict(list)
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).translate(_TWINS).casefold()
        alike[" ".join(plain.split())].append(text)
    return [group for group in alike.values() if len(group) > 1]


def _rarest(cells, twins):
    """Mark the rows of a group of twins that hold any but the most frequent."""
    counts = cells[cells.isin(twins)].value_counts()
    return cells.isin(twins) & (cells != counts.index[0])


def _mixes_scripts(text):
    if text.isascii():
        return False
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()}
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1


# ---------------------------------------------------------------------------------------------------------------
# months and days against the cycle


def _of_months(table, frame, cycle, source):
    found = []
    for column in table.columns:
        kind, cells = WORDS[column].kind, frame[column]
        if kind == "period" and len(frame):
            months = pd.PeriodIndex(cells).asi8 - cycle.ordinal
            far = cells.notna() & (np.abs(months) > FAR_MONTHS)
            if far.any():
                text = f"{column} is more than {FAR_MONTHS // 12} years from cycle {cycle}"
                found.append(_told(table, frame, far, text, column, source, "Correct the year."))
        if column in PAST_DAYS and (late := cells > cycle.end_time).any():
            text = f"{column} is after the end of cycle {cycle}"
            found.append(
                _told(table, frame, late, text, column, source, "Correct the date, or say the cycle meant.")
            )
    if table.name == "sales_history" and len(frame):
        found += _of_sales_months(table, frame, cycle, source)
    return found


def _of_sales_months(table, frame, cycle, source):
    planned = frame["period"] >= cycle
    if planned.any():
        text = (
            f"sales of {planned.sum():,} rows are in planned months, from cycle {cycle} on; they are not used"
        )
        return [_told(table, frame, planned, text, "period", source, f"Remove them, or say the cycle meant (--cycle {frame['period'].max() + 1}).")]  # fmt: skip
    last = frame["period"].max()
    if (missing := (cycle - last).n - 1) > 0:
        text = f"sales end in {last}: {missing} months before cycle {cycle} are not there; the forecast bridges them"
        remedy = f"Add the months since, or say the cycle meant (--cycle {last + 1})."
        return [_told(table, frame, frame["period"] == last, text, "period", source, remedy)]
    return []


# ---------------------------------------------------------------------------------------------------------------
# rows against one another


def _of_series(sales, source):
    table, found = TABLES["sales_history"], []
    key = ["product", "market"]
    series = sales.groupby(key, sort=False)["quantity"].agg(["size", "max"])
    for odd, text, remedy in (
        (
            series["size"] == 1,
            "has one month of sales only",
            "Add its other months, with 0 where nothing was sold.",
        ),
        (
            (series["max"] == 0) & (series["size"] > 1),
            "never sold anything",
            "Remove it, or correct its quantities.",
        ),
    ):
        if odd.any():
            first = ~sales.duplicated(key)  # of each series, in the order of `series`
            first[first] = odd.to_numpy()
            text = f"a product in a market {text} ({odd.sum():,} of {len(series):,} series):"
            found.append(with_rows(table, sales, first, text, "quantity", source, remedy))
    return found


def _of_units(products, source):
    table = TABLES["products"]
    units = products["unit_of_measure"].str.casefold()
    units = units.mask(units.isin(SINGLE), SINGLE[0])
    usual = units.groupby(products["family"]).transform(lambda cells: cells.mode().iloc[0])
    if not (odd := units != usual).any():
        return []
    families = ", ".join(map(shown, products.loc[odd, "family"].unique()[:3]))
    text = f"unit_of_measure differs within a family ({families}), whose quantities are added up"
    return [
        _told(table, products, odd, text, "unit_of_measure", source, "Use one unit, or split the family.")
    ]


def _known_closed(tables):
    """Mark the months of the resource calendar without working days in which closures close the site on every day."""
    calendar = tables["resource_calendar"]
    idle = calendar["working_days"] == 0
    if not idle.any() or not {"closures", "resources"} <= set(tables):
        return idle & False
    days = tables["closures"].assign(period=tables["closures"]["day"].dt.to_period("M"))
    days = days.groupby(["site", "period"]).size()
    sites = calendar["resource"].map(tables["resources"].set_index("resource")["site"])
    closed = days.reindex(pd.MultiIndex.from_arrays([sites, calendar["period"]])).to_numpy()
    return idle & (closed == calendar["period"].dt.days_in_month)


def _of_sites(tables, source):
    """Stock at a site that nothing else knows."""
    others = [tables[name] for name in ("resources", "lanes", "transfer_lanes", "storage") if name in tables]
    known = {
        site for frame in others for c in ("site", "to_site") if c in frame for site in frame[c].dropna()
    }
    inventory = tables["inventory"]
    strange = ~inventory["site"].isin(known)
    if not others or not strange.any():
        return []
    text = f"site is known to no other table, which know {', '.join(map(shown, sorted(known)[:5]))}"
    return [
        _told(
            TABLES["inventory"],
            inventory,
            strange,
            text,
            "site",
            source,
            "Correct it, or add the site to lanes.",
        )
    ]


def _told(table, frame, odd, text, column, source, remedy):
    count = f"{int(odd.sum()):,} of {len(frame):,} rows"
    return with_rows(table, frame, odd, f"{text}; {count}:", column, source, remedy)


def _where(cells, rule):
    """Mark the cells that a rule holds for, asked once of each distinct text."""
    codes, texts = distinct(cells)
    answers = np.array([bool(rule(text)) for text in texts] + [False])
    return pd.Series(answers[codes], index=cells.index)
