"""What is accepted from an input table but may not be what was meant: each is told with its rows, and how it is taken."""

import re
import unicodedata
from collections import defaultdict

import numpy as np
import pandas as pd

from sopkit.schema.columns import COLUMNS, LOST, WON
from sopkit.schema.tables import TABLES
from sopkit.tables.issues import shown, spelt_nearly, told
from sopkit.tables.parsing import distinct, is_text
from sopkit.tables.periods import month

LONGEST_CODE = 64
OUTLYING = 10_000  # times the median of its column
FAR_BACK, FAR_AHEAD = 240, 120  # months from the cycle
NAMED_LIKE_CODES = ("unit_of_measure", "supplier", "stage", "owner")  # texts that group rows
OFT_REPEATED = ("family", "market", "contributor", *NAMED_LIKE_CODES)  # a rare one may be misspelt
SHORTEST, TIMES = 5, 5  # letters, and how much more frequent what was meant is
MANY_NAMES = 300  # each is held against each, and among so many some are alike
PAST_DAYS = ("submitted_on", "entered_on", "decided_on", "held_on")
PAST = (
    "sales_history",
    "availability",
    "production_history",
    "hours_history",
)  # whose months are closed
COMING = {  # what is still to come
    "receipts": "period", "booked_orders": "period", "demand_inputs": "period", "opportunities": "period", "component_receipts": "due_day",
}  # fmt: skip
# fmt: off
ZERO_IS_ODD = {
    "price": "Nothing is earned", "material_cost": "Its material is free", "holding_cost": "Stock costs nothing to hold",
    "backlog_cost": "Delivering late costs nothing", "unit_cost": "It is bought for nothing", "regular_wage": "Work is free",
    "freight_cost": "Moving it is free", "subcontract_cost": "Making it outside is free",
    "max_workers": "Nobody can work there", "working_days": "Nothing can be made", "regular_hours_per_worker": "Nothing can be made",
    "machine_hours": "Nothing can be made", "storage_limit": "Nothing can be stored", "supply_limit": "Nothing can be bought",
    "subcontract_limit": "Nothing can be made outside", "units_per_win": "A win brings nothing",
    "quantity_per_unit": "None of it is needed", "volume_ratio": "The launch sells nothing", "shelf_life_days": "It does not keep for a day",
    "shelf_life_months": "It does not keep for a day", "service_level": "No stock is kept for safety", "fill_rate": "No stock is kept for safety",
}
AT_MOST = {  # more than this is odd
    "lead_time_days": 730, "lead_time_spread_days": 365, "receivable_days": 365, "payable_days": 365, "target_cover_months": 24,
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


def as_written(name, frame, source):
    """Tell of blanks around names and cells, which are left out when the cell is read."""
    table, found = TABLES[name], []
    for column in frame.columns:
        if (
            column not in table.columns
            or frame.columns.duplicated().any()
            or not is_text(frame[column])
        ):
            continue
        odd = _where(frame[column], lambda text: text != text.strip() and text.strip() != "")
        if odd.any():
            text = f"{column} has blanks around it, which are left out"
            found.append(
                told(table, frame, odd, text, column, source, "Remove them in the source.")
            )
    return found


def oddities(tables, sources, cycle=None):
    """List what is odd in conformed tables whose rows are labelled as `sopkit.io.delimited` labels them.

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
            homes = COLUMNS[column].references
            if name in homes or not tables.keys() & set(
                homes
            ):  # a code is told of where it is at home
                found += _of_column(table, frame, column, source)
        if cycle is not None:
            found += _of_months(table, frame, month(cycle), source)
    return found


# ---------------------------------------------------------------------------------------------------------------
# one column


def _of_column(table, frame, column, source):
    word, cells = COLUMNS[column], frame[column]
    if word.kind in ("code", "text"):
        return _of_texts(table, frame, column, source)
    if word.kind in ("number", "whole"):
        return _of_numbers(table, frame, cells, column, source)
    return []


def _of_texts(table, frame, column, source):
    cells, found = frame[column], []
    known = list(cells.dropna().unique())
    as_code = COLUMNS[column].kind == "code"
    if as_code or column in NAMED_LIKE_CODES:
        for twins in _twins(known):
            few = _rarest(cells, twins)
            text = f"{column} {' and '.join(map(shown, twins))} differ only in case, blanks or look-alike letters, and are taken as different"
            found.append(
                told(table, frame, few, text, column, source, "Write one of them everywhere.")
            )
    for rare, meant in _misspelt(cells) if column in OFT_REPEATED else ():
        text = (
            f"{column} {shown(rare)} is spelt nearly like {shown(meant)}, and is taken as another"
        )
        found.append(
            told(table, frame, cells == rare, text, column, source, "Correct it if that is meant.")
        )
    rules = [
        (
            _MOJIBAKE.search,
            "looks as if it had been read in a wrong encoding",
            "Save the source as UTF-8 anew.",
        ),
    ]
    if as_code:
        rules += [
            (_NOTHING.fullmatch, "reads as if nothing were known; it is kept as a code", "Leave the cell empty, or choose another code."),
            (_EXCEL_NUMBER.fullmatch, "looks like a long number that a spreadsheet has shortened; it is kept as a code", "Export the code as text."),
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
            (
                lambda text: not re.fullmatch("[A-Z]{3}", text),
                "is no code of a currency",
                "Write it as EUR.",
            )
        )
    for rule, text, remedy in rules:
        if any(map(rule, known)):
            odd = _where(cells, rule)
            found.append(told(table, frame, odd, f"{column} {text}", column, source, remedy))
    return found


def _of_numbers(table, frame, cells, column, source):
    found = []
    if column in ZERO_IS_ODD and (zero := cells == 0).any():
        text = f"{column} is 0: {ZERO_IS_ODD[column][0].lower()}{ZERO_IS_ODD[column][1:]}"
        found.append(
            told(table, frame, zero, text, column, source, "Correct it if that is not so.")
        )
    if column in AT_MOST and (much := cells > AT_MOST[column]).any():
        text = f"{column} is more than {AT_MOST[column]}, which is rare"
        found.append(
            told(
                table,
                frame,
                much,
                text,
                column,
                source,
                f"Check its unit: {COLUMNS[column].description}.",
            )
        )
    size = cells.abs()
    usual = size[size > 0].median()
    if (far := size > OUTLYING * usual).any():
        text = f"{column} is more than {OUTLYING:,} times as large as usual ({usual:,.6g})"
        found.append(
            told(table, frame, far, text, column, source, "Check its unit and its decimal mark.")
        )
    return found


def _twins(texts):
    """Groups of texts that a reader cannot well tell apart."""
    alike = defaultdict(list)
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).translate(_TWINS).casefold()
        alike[" ".join(plain.split())].append(text)
    return [group for group in alike.values() if len(group) > 1]


def _misspelt(cells):
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


def _unlike(one, other):
    """Whether two texts differ in more than their digits, and in more than what `_twins` tells."""
    return re.sub(r"\d", "", one.casefold()) != re.sub(r"\d", "", other.casefold())


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
        kind, cells = COLUMNS[column].kind, frame[column]
        if kind in ("period", "day") and len(frame):
            of_days = kind == "day"
            months = (
                pd.PeriodIndex(cells.dt.to_period("M") if of_days else cells).asi8 - cycle.ordinal
            )
            far = cells.notna() & ((months < -FAR_BACK) | (months > FAR_AHEAD))
            if far.any():
                text = f"{column} is more than {FAR_BACK // 12} years before or {FAR_AHEAD // 12} after cycle {cycle}"
                found.append(told(table, frame, far, text, column, source, "Correct the year."))
            if column == "cycle" and (later := cells > cycle).any():
                text = f"cycle is after cycle {cycle}, which is planned"
                found.append(
                    told(
                        table,
                        frame,
                        later,
                        text,
                        column,
                        source,
                        "Correct it, or say the cycle meant (--cycle).",
                    )
                )
        if column in PAST_DAYS and (late := cells > cycle.end_time).any():
            text = f"{column} is after the end of cycle {cycle}"
            found.append(
                told(
                    table,
                    frame,
                    late,
                    text,
                    column,
                    source,
                    "Correct the date, or say the cycle meant.",
                )
            )
    if table.name == "sales_history" and len(frame):
        found += _of_sales_months(table, frame, cycle, source)
    elif table.name in PAST and (late := frame["period"] >= cycle).any():
        text = f"period is in planned months, from cycle {cycle} on, though the table is about closed ones"
        found.append(
            told(
                table,
                frame,
                late,
                text,
                "period",
                source,
                "Correct it, or say the cycle meant (--cycle).",
            )
        )
    elif table.name in COMING:
        column = COMING[table.name]
        over = frame[column] < (cycle if COLUMNS[column].kind == "period" else cycle.start_time)
        if "stage" in frame:  # a deal that is closed is a record
            over &= ~frame["stage"].str.casefold().isin([WON, LOST])
        if over.any():
            text = f"{column} is before cycle {cycle}, though the table is about what is to come"
            remedy = "Remove what is over, or move it to when it is still to come."
            found.append(told(table, frame, over, text, column, source, remedy))
    return found


def _of_sales_months(table, frame, cycle, source):
    planned = frame["period"] >= cycle
    if planned.any():
        text = f"sales of {planned.sum():,} rows are in planned months, from cycle {cycle} on; they are not used"
        return [told(table, frame, planned, text, "period", source, f"Remove them, or say the cycle meant (--cycle {frame['period'].max() + 1}).")]  # fmt: skip
    last = frame["period"].max()
    if (missing := (cycle - last).n - 1) > 0:
        text = f"sales end in {last}: {missing} months before cycle {cycle} are not there; the forecast bridges them"
        remedy = f"Add the months since, or say the cycle meant (--cycle {last + 1})."
        return [told(table, frame, frame["period"] == last, text, "period", source, remedy)]
    return []


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


def _where(cells, rule):
    """Mark the cells that a rule holds for, asked once of each distinct text."""
    codes, texts = distinct(cells)
    answers = np.array([bool(rule(text)) for text in texts] + [False])
    return pd.Series(answers[codes], index=cells.index)
