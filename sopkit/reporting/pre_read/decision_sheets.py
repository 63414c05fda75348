"""The pages of the decisions: each with its options side by side, as many a page as fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.pre_sop.ruled_out import statements_of, why
from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.decisions import LISTED, by_when, recommended, required
from sopkit.reporting.pre_read.page import (
    Block,
    Cell,
    LeftOut,
    Page,
    Sign,
    Table,
    Words,
    clipped,
    heads,
    phrase,
    row,
    varying,
)
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import capitalised, currency_of, listed, span

MOST_PAGES, SHOWN_OPTIONS = 3, 6
TITLE, STATEMENT, REASON, ASSUMPTION = 150, 96, 420, 70  # characters
# Heights in points, and how many characters a line of each holds, by the page's style sheet.
PAGE = 710
HEADING, SENTENCE, OPTION = (13, 84, 10), (12.5, 104, 3), (10, 38, 5)  # a line, characters, room
HEAD, FOOT = 34, 14
EFFECTS = {  # column of decision_options : (heading, more is good, unit)
    "revenue_effect": ("Δ revenue", True, "money"),
    "margin_effect": ("Δ margin", True, "money"),
    "cash_effect": ("Δ minimum cash", True, "money"),
    "inventory_effect": ("Δ peak inventory", False, "money"),
    "headcount_effect": ("Δ headcount", True, "workers"),
    "service_effect": ("Δ fill rate", True, "share"),
}


@dataclass(frozen=True)
class DecisionTables:
    """The tables of the decisions' pages."""

    planning_periods: DataFrame
    decisions: DataFrame
    decision_options: DataFrame
    gaps: DataFrame
    assumptions: DataFrame | None = None
    company_settings: DataFrame | None = None


class _Asked(NamedTuple):
    """A decision on paper, and how high it stands [points]."""

    number: int
    blocks: list[Block]
    height: float


def decision_pages(tables: DecisionTables) -> list[Page] | LeftOut:
    """The decisions of the executives, each with its options against the same base."""
    own = required(tables.decisions).head(LISTED)
    if own.empty:
        return LeftOut("Decisions", "none is required of the executives")
    asked = [_asked(number, one, tables) for number, one in enumerate(own.itertuples(), 1)]
    if common := _common(tables):
        block = Words([Sign("All decisions rest on:", common)])
        first = asked[0]
        asked[0] = _Asked(1, [block, *first.blocks], first.height + _words_height(block))
    sheets = _sheets(asked)
    note = f"effects {span(tables.planning_periods['period'])} against the base plan, replanned"
    pages = [Page(_title(sheet), _blocks(sheet), note) for sheet in sheets[:MOST_PAGES]]
    left = [str(one.number) for sheet in sheets[MOST_PAGES:] for one in sheet]
    if left:
        said = f"{'decision' if len(left) == 1 else 'decisions'} {listed(left)} (index.html)."
        last = pages[-1]
        more = Words([Sign("In the workbook:", said)])
        pages[-1] = Page(last.title, [*last.blocks, more], note)
    return pages


def _sheets(asked: Sequence[_Asked]) -> list[list[_Asked]]:
    """As many decisions on a page as fit, in their order."""
    sheets: list[list[_Asked]] = []
    room = 0.0
    for one in asked:
        if not sheets or one.height > room:
            sheets.append([])
            room = PAGE
        sheets[-1].append(one)
        room -= one.height
    return sheets


def _title(sheet: Sequence[_Asked]) -> str:
    first, last = sheet[0].number, sheet[-1].number
    return f"Decision {first}" if first == last else f"Decisions {first}–{last}"


def _blocks(sheet):
    return [block for one in sheet for block in one.blocks]


# -------------------------------------------------------------------------------------------------
# one decision


def _asked(number, one, tables) -> _Asked:
    options = tables.decision_options[tables.decision_options["decision"] == one.decision]
    start = tables.planning_periods["period"].min()
    said = recommended(one).rstrip(".")
    if not isinstance(one.scenario, str):
        said += f". {one.effect}"
    lines = [
        Sign("Recommendation:", clipped(f"{said}.", REASON)),
        Sign("Owner:", f"{one.owner}; to be decided {by_when(one, tables.gaps, start)}."),
    ]
    if rests := _own_assumptions(one, tables):
        lines.append(Sign("Rests on:", rests))
    words = Words(lines, heading=f"{number} · {capitalised(phrase(one.question, TITLE))}")
    if options.empty:
        return _Asked(number, [words], _words_height(words))
    currency, statements = currency_of(tables.company_settings), statements_of(tables.assumptions)
    table = options_table(options, currency, statements)
    height = _words_height(words) + HEAD + FOOT * bool(table.foot)
    height += sum(_height(cells[0].text, OPTION) for cells in table.rows)
    return _Asked(number, [words, table], height)


def _words_height(words: Words) -> float:
    heading = _height(words.heading, HEADING) if words.heading else 0.0
    return heading + sum(_height(f"{one.strong} {one.text}", SENTENCE) for one in words.lines)


def _height(text: str, kind: tuple[float, int, float]) -> float:
    line, characters, room = kind
    return line * ceil(max(len(text), 1) / characters) + room


def options_table(options: DataFrame, currency: str, statements: Mapping[str, str]) -> Table:
    """The options of a decision side by side; the first is to keep the plan.

    Parameters
    ----------
    statements : what each assumption says, by its code
    """
    shown = [name for name in EFFECTS if name in options]
    ordered = options.sort_values(["recommended", "margin_effect"], ascending=False, kind="stable")
    best = ordered.head(SHOWN_OPTIONS)
    money = [name for name in shown if EFFECTS[name][2] == "money"]
    divisor, sign = numbers.scale(*best[money].to_numpy("float64").ravel())
    scale = (1e3, "k") if sign == "m" else (divisor, sign)
    units = {
        "money": numbers.unit(currency or "money", scale[1]),
        "share": "pp",
        "workers": "workers",
    }
    named = heads(
        "Option", "Gap closed, %", *[f"{EFFECTS[n][0]}, {units[EFFECTS[n][2]]}" for n in shown]
    )
    rows = [row("Keep the plan", *[MISSING] * (len(shown) + 1))]
    rows += [_option(one, shown, scale[0], statements) for one in best.to_dict("records")]
    strong = frozenset(n for n, one in enumerate(best["recommended"], 1) if one)
    more = len(ordered) - len(best)
    foot = f"{more} more option{'s' * (more != 1)} in the workbook." if more else ""
    return Table([named], rows, strong=strong, foot=foot, wrap=frozenset({0}))


def _option(one, shown, divisor, statements):
    said = clipped(one["statement"], STATEMENT)
    said += " · recommended" if one["recommended"] else _against(one, statements)
    cells = [_effect(one[name], name, divisor) for name in shown]
    return row(said, f"{100 * one['gap_closed_ratio'] + 0.0:,.0f}".replace("-0", "0"), *cells)


def _against(one, statements):
    """Why an option cannot be recommended; empty where it can."""
    if one["allowed"]:
        return ""
    note = "" if pd.isna(one["note"]) else one["note"]
    clip = {code: clipped(said, ASSUMPTION) for code, said in statements.items()}
    return f" · {why(note, clip)}"


def _effect(size, name, divisor):
    _, more_is_good, unit = EFFECTS[name]
    if np.isnan(size):
        return Cell(MISSING)
    if unit == "share":
        return varying(size, numbers.points(size).removesuffix(" pp"), more_is_good, even=0.0005)
    if unit == "workers":
        return Cell(f"{size:+,.0f}" if abs(size) >= 0.5 else "0")
    return varying(size, numbers.whole_change(size / divisor), more_is_good, even=0.5 * divisor)


# -------------------------------------------------------------------------------------------------
# assumptions


def _common(tables: DecisionTables) -> str:
    """The assumptions about the whole company that hold in some planned month."""
    if tables.assumptions is None:
        return ""
    known, months = tables.assumptions, tables.planning_periods["period"]
    return _told(known[known["family"].isna()], months.min(), months.max())


def _own_assumptions(one, tables) -> str:
    """The assumptions about the family of the decision's largest gap that hold in its months."""
    gap = tables.gaps[tables.gaps["gap"] == one.gap]
    if tables.assumptions is None or gap.empty:
        return ""
    known, months = tables.assumptions, gap.iloc[0]
    return _told(
        known[known["family"] == months["family"]], months["from_period"], months["to_period"]
    )


def _told(assumptions, first, last):
    valid = (assumptions["valid_from"] <= last) & (assumptions["valid_to"] >= first)
    rows = assumptions[valid].head(3).itertuples()
    texts = [f"{each.statement.rstrip('.')} ({each.owner})" for each in rows]
    return clipped("; ".join(texts), 260) + ("." if texts else "")
