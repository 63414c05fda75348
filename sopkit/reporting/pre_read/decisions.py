"""Decisions of the pre-read: the list, and each with its options side by side."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame, Series

from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import (
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
from sopkit.schema.formatting import capitalised, currency_of, month, span

LISTED, A_PAGE, MOST_PAGES = 7, 2, 3
SHOWN_OPTIONS = 6
TITLE, STATEMENT = 150, 96  # characters
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


def required(decisions: DataFrame) -> DataFrame:
    """The decisions of the executives but the approval, in the order in which they are asked."""
    return decisions[(decisions["decision_level"] == "executives") & ~is_approval(decisions)]


def is_approval(decisions: DataFrame) -> Series:
    """Which decision is to approve the plan: the one without a cause."""
    return decisions["cause"].isna()


def decisions_list(tables: Any, currency: str) -> Table:
    """Every decision on one line: question, recommendation, value, by when."""
    own = required(tables.decisions)
    rows = [
        row(
            f"{number}",
            capitalised(phrase(one.question, 96)),
            phrase(recommended(one), 62),
            value_of(one, currency),
            by_when(one, tables.gaps),
        )
        for number, one in enumerate(own.head(LISTED).itertuples(), 1)
    ]
    approve = tables.decisions[
        (tables.decisions["decision_level"] == "executives") & is_approval(tables.decisions)
    ]
    rows += [
        row("✓", phrase(one.question, 96), phrase(recommended(one), 62), MISSING, "this meeting")
        for one in approve.head(1).itertuples()
    ]
    more = len(own) - LISTED
    foot = f"{more} more in the workbook (index.html)." if more > 0 else ""
    named = heads("", "Question", "Recommendation", "Value", "By when")
    if not rows:
        return Table(
            [named],
            [row("", "No decision is required.", "", "", "")],
            "Decisions required",
            names=3,
        )
    return Table([named], rows, "Decisions required", names=3, foot=foot, wrap=frozenset({1, 2}))


def recommended(decision: Any) -> str:
    """What is chosen, or recommended."""
    return decision.choice if isinstance(decision.choice, str) else decision.recommendation


def value_of(decision: Any, currency: str) -> Cell:
    """What the recommendation adds to margin; without one, what is at stake."""
    effect = decision.margin_effect
    if isinstance(decision.scenario, str) and not np.isnan(effect):
        return varying(effect, f"{numbers.change(effect, currency)} margin")
    if np.isnan(decision.at_stake) or not decision.at_stake:
        return Cell(MISSING)
    return Cell(f"at stake {numbers.amount(abs(decision.at_stake), currency)}")


def by_when(decision: Any, gaps: DataFrame) -> str:
    """The month in which the gap begins: what is decided takes effect before."""
    gap = gaps.loc[gaps["gap"] == decision.gap, "from_period"]
    return "this meeting" if gap.empty else f"before {month(gap.iloc[0])}"


def decision_pages(tables: DecisionTables) -> list[Page] | LeftOut:
    """Two decisions a page, each with its options side by side against the same base."""
    own = required(tables.decisions).head(A_PAGE * MOST_PAGES)
    if own.empty:
        return LeftOut("Decisions", "none is required of the executives")
    currency = currency_of(tables.company_settings)
    numbered = list(enumerate(own.itertuples(), 1))
    pages = []
    for first in range(0, len(numbered), A_PAGE):
        part = numbered[first : first + A_PAGE]
        blocks = [
            block for number, one in part for block in _decision(number, one, tables, currency)
        ]
        many = "Decision" if len(part) == 1 else "Decisions"
        title = f"{many} {'–'.join(dict.fromkeys([str(part[0][0]), str(part[-1][0])]))}"
        note = f"effects {span(tables.planning_periods['period'])} against the base plan, replanned"
        pages.append(Page(title, blocks, note))
    return pages


def _decision(number, one, tables, currency):
    options = tables.decision_options[tables.decision_options["decision"] == one.decision]
    why = [
        Sign("Recommended:", clipped(f"{recommended(one)}. {one.effect}.", 300)),
        Sign("Owner:", f"{one.owner}; {by_when(one, tables.gaps)}."),
    ]
    rests = _assumptions(one, tables)
    if rests:
        why.append(Sign("Assumptions valid in these months:", rests))
    return [
        Words(why, heading=f"{number} · {capitalised(phrase(one.question, TITLE))}"),
        options_table(options, currency),
    ]


def options_table(options: DataFrame, currency: str) -> Table:
    """The options of a decision side by side; the first is to keep the plan."""
    shown = [name for name in EFFECTS if name in options]
    ordered = options.sort_values(["recommended", "margin_effect"], ascending=False, kind="stable")
    best = ordered.head(SHOWN_OPTIONS)
    money = (
        best[[name for name in shown if EFFECTS[name][2] == "money"]].to_numpy("float64").ravel()
    )
    divisor, sign = numbers.scale(*money)
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
    rows += [_option(one, shown, scale[0]) for one in best.to_dict("records")]
    strong = frozenset(n for n, one in enumerate(best["recommended"], 1) if one)
    more = len(ordered) - len(best)
    foot = f"{more} more option{'s' * (more != 1)} in the workbook." if more else ""
    if options.empty:
        foot = "No option is known for it."
    return Table([named], rows, strong=strong, foot=foot, wrap=frozenset({0}))


def _option(one, shown, divisor):
    said = clipped(one["statement"], STATEMENT)
    said += " · recommended" if one["recommended"] else "" if one["allowed"] else " · not allowed"
    cells = [_effect(one[name], name, divisor) for name in shown]
    return row(said, f"{100 * one['gap_closed_ratio'] + 0.0:,.0f}".replace("-0", "0"), *cells)


def _effect(size, name, divisor):
    _, more_is_good, unit = EFFECTS[name]
    if np.isnan(size):
        return Cell(MISSING)
    if unit == "share":
        return varying(size, numbers.points(size).removesuffix(" pp"), more_is_good, even=0.0005)
    if unit == "workers":
        return Cell(f"{size:+,.0f}")
    return varying(size, numbers.whole_change(size / divisor), more_is_good, even=0.5 * divisor)


def _assumptions(one, tables):
    """The assumptions about the gap's family, or about everything, that hold in its months."""
    gap = tables.gaps[tables.gaps["gap"] == one.gap]
    if tables.assumptions is None or gap.empty:
        return ""
    known, months = tables.assumptions, gap.iloc[0]
    about = known["family"].isna() | (known["family"] == months["family"])
    valid = (known["valid_from"] <= months["to_period"]) & (
        known["valid_to"] >= months["from_period"]
    )
    texts = [
        f"{each.statement} ({each.owner})" for each in known[about & valid].head(3).itertuples()
    ]
    return clipped("; ".join(texts), 260) + ("." if texts else "")
