"""Firm production, planner's rows, fences and notices, read into rules of the supply programme.

A rule is a sum of quantities of the plan that must lie within limits in one month. What is not
given makes no rule.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex

from sopkit.model.parameters import (
    FENCE,
    FIRM,
    NOTICE,
    PLANNER,
    QUANTITIES,
    Families,
    Items,
    Rules,
    RuleTerms,
    Stocks,
)
from sopkit.rules.remember import remembered
from sopkit.tables import empty
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys

FENCES = {  # kind of a fence : what its item may be; "" where it may be empty, for all
    "frozen_production": ("product", "family", ""),
    "hiring_notice": ("resource", ""),
    "layoff_notice": ("resource", ""),
    "supplier_notice": ("product", "family", "component", ""),
    "rate_change": ("product", "family", "resource"),
}
OVERRIDES = {  # kind of an override : what its item may be
    "firm_production": ("product",),
    "production": ("product", "family"),
    "purchases": ("product",),
    "workers": ("resource",),
}
AMOUNT = {"production": "made", "firm_production": "made", "purchases": "bought"}
Term = tuple[str, int, int, float]  # quantity, thing, month, weight


class Rule(NamedTuple):
    """One rule: what it is about, its limits and its terms."""

    kind: str
    item: str
    site: str | None
    month: int
    authority: int
    least: float
    most: float
    terms: list[Term]


class Known(NamedTuple):
    """What the items of rules are looked up in."""

    months: PeriodIndex
    items: Items
    families: Families
    stocks: Stocks
    crews: pd.Index
    opening: np.ndarray  # workers of each crew before the first month

    def stocks_of(self, item: str, site: object = None, made: bool = True) -> np.ndarray:
        """Positions of the stocks of a product, a family, or all (""), at a site; those that are
        made, or all."""
        of_item = self.items.codes.get_indexer([item])[0]
        of_family = self.families.codes.get_indexer([item])[0]
        chosen = self.stocks.makes | (not made)
        if of_item >= 0:
            chosen &= self.stocks.item == of_item
        elif item:
            chosen &= self.items.family[self.stocks.item] == of_family
        if isinstance(site, str):
            chosen &= np.asarray(self.stocks.keys["site"] == site, dtype=bool)
        return np.flatnonzero(chosen)

    def crews_of(self, item: str) -> np.ndarray:
        """Positions of a crew, or of all ("")."""
        return np.arange(len(self.crews)) if not item else self.crews.get_indexer([item])


def planning_rules(
    known: Known,
    planning_fences: DataFrame | None,
    plan_overrides: DataFrame | None,
    approved_supply_plans: DataFrame | None,
    production_history: DataFrame | None,
    kept: tuple[str, ...],
    ending: tuple[float, ...],
) -> Rules:
    """Read every rule of the plan.

    Parameters
    ----------
    approved_supply_plans : the last approved plan, which is firm where no released order is
    production_history : what a largest change of the first month is counted from
    kept : resources whose crew the policy keeps
    ending : workers of each crew at the end of the horizon; nan where none are asked for
    """
    fences = empty("planning_fences") if planning_fences is None else planning_fences
    overrides = empty("plan_overrides") if plan_overrides is None else plan_overrides
    approved = _approved(known.stocks.keys, known.months, approved_supply_plans)
    last = _last_month(known.stocks.keys, known.months[:1] - 1, production_history)
    rules = [
        *_overrides(known, overrides),
        *_frozen(known, fences, overrides, approved),
        *_rate_changes(known, fences, last),
        *_supplier_notices(known, fences, approved),
        *_people(known, fences, kept, ending),
    ]
    return _arrays(rules)


def no_rules() -> Rules:
    """Rules of a company that gives none."""
    return _arrays([])


def _arrays(rules: Iterable[Rule]) -> Rules:
    rules = list(rules)
    terms = [(number, *term) for number, rule in enumerate(rules) for term in rule.terms]
    rule, quantity, thing, month, weight = zip(*terms, strict=True) if terms else [()] * 5
    keys = DataFrame(
        [(rule.kind, rule.item, rule.site) for rule in rules], columns=["kind", "item", "site"]
    )
    return Rules(
        Keys(keys.astype("str")),
        month=np.array([rule.month for rule in rules], dtype=int),
        authority=np.array([rule.authority for rule in rules], dtype=int),
        least=np.array([rule.least for rule in rules], dtype=float),
        most=np.array([rule.most for rule in rules], dtype=float),
        terms=RuleTerms(
            np.array(rule, dtype=int),
            np.array([QUANTITIES.index(name) for name in quantity], dtype=int),
            np.array(thing, dtype=int),
            np.array(month, dtype=int),
            np.array(weight, dtype=float),
        ),
    )


# --------------------------------------------------------------------------------------------------
# production and purchases


def _overrides(known: Known, overrides: DataFrame) -> Iterator[Rule]:
    """Planner's rows and firm production; orders of several days are one number of their month."""
    rows = overrides.assign(month=_month(known, overrides))
    rows = rows[(rows["month"] >= 0) & rows["kind"].isin(OVERRIDES)]
    columns = ["kind", "item", "site", "month"]
    limits = rows.groupby(columns, dropna=False, sort=False)[["fixed", "least", "most"]]
    for (kind, item, site, month), row in limits.sum(min_count=1).iterrows():
        fixed, least, most = row
        least, most = (fixed, fixed) if np.isfinite(fixed) else (least, most)
        limit = (-np.inf if np.isnan(least) else least, np.inf if np.isnan(most) else most)
        if kind == "workers":
            terms = [("workers", crew, month, 1.0) for crew in known.crews_of(item)]
        else:
            stocks = known.stocks_of(item, site, made=kind != "purchases")
            terms = [(AMOUNT[kind], stock, month, 1.0) for stock in stocks]
        authority = FIRM if kind == "firm_production" else PLANNER
        yield Rule(kind, item, site, month, authority, *limit, terms)


def _frozen(
    known: Known, fences: DataFrame, overrides: DataFrame, approved: ArrayTable
) -> Iterator[Rule]:
    """Production of frozen months: released orders, or where a product has none what was approved.

    A month for which neither says anything is not frozen.
    """
    rows = fences[fences["kind"] == "frozen_production"]
    lengths = np.zeros(len(known.stocks.item), dtype=int)
    for item, months in zip(rows["item"].fillna(""), rows["months"], strict=True):
        stocks = known.stocks_of(item)
        lengths[stocks] = np.maximum(lengths[stocks], int(months))
    released = _released(known, overrides)
    units = approved["regular"] + approved["overtime"]
    for stock in np.flatnonzero(lengths).tolist():
        product, site = (known.stocks.keys[name][stock] for name in ("product", "site"))
        item, length = known.stocks.item[stock], min(lengths[stock], len(known.months))
        if released[item, :length].any():
            if stock != known.stocks_of(product)[0]:
                continue  # orders are counted over the sites
            for month in np.flatnonzero(~released[item, :length]).tolist():
                terms = [("made", one, month, 1.0) for one in known.stocks_of(product)]
                yield Rule("frozen_production", product, None, month, FENCE, 0.0, 0.0, terms)
            continue
        for month in np.flatnonzero(np.isfinite(units[stock, :length])).tolist():
            firm, terms = units[stock, month], [("made", stock, month, 1.0)]
            yield Rule("frozen_production", product, site, month, FENCE, firm, firm, terms)


def _released(known: Known, overrides: DataFrame) -> np.ndarray:
    """Whether a product has released orders in a month: products x months."""
    released = np.zeros((len(known.items.codes), len(known.months)), dtype=bool)
    orders = overrides[overrides["kind"] == "firm_production"]
    month, item = _month(known, orders), known.items.codes.get_indexer(orders["item"])
    inside = (month >= 0) & (item >= 0)
    released[item[inside], month[inside]] = True
    return released


def _rate_changes(known: Known, fences: DataFrame, last: np.ndarray) -> Iterator[Rule]:
    """The largest change of production or of a crew from one month to the next.

    Production of the first month is compared with the last month made, where that is known.
    """
    rows = fences[fences["kind"] == "rate_change"]
    for item, limit in zip(rows["item"], rows["limit"], strict=True):
        if item in known.crews:
            things, quantity = known.crews_of(item), "workers"
            before = known.opening[things].sum()
        else:
            things, quantity = known.stocks_of(item), "made"
            before = last[things].sum()
        for month in range(len(known.months)):
            terms = [(quantity, thing, month, 1.0) for thing in things]
            start = 0.0
            if month:
                terms += [(quantity, thing, month - 1, -1.0) for thing in things]
            elif np.isnan(before):
                continue
            else:
                start = before
            yield Rule("rate_change", item, None, month, FENCE, start - limit, start + limit, terms)


def _supplier_notices(known: Known, fences: DataFrame, approved: ArrayTable) -> Iterator[Rule]:
    """Units bought within the notice: the given rate at most, or else what was approved."""
    rows = fences[fences["kind"] == "supplier_notice"]
    for item, months, limit in zip(
        rows["item"].fillna(""), rows["months"], rows["limit"], strict=True
    ):
        stocks = known.stocks_of(item, made=False)
        for product in np.unique(known.stocks.item[stocks]):
            mine = stocks[known.stocks.item[stocks] == product]
            for month in range(min(int(months), len(known.months))):
                bought = approved["subcontract"][mine, month].sum() if np.isnan(limit) else limit
                if np.isnan(bought):
                    continue  # nobody knows what the supplier is used to
                terms = [("bought", stock, month, 1.0) for stock in mine]
                code = known.items.codes[product]
                yield Rule("supplier_notice", code, None, month, NOTICE, -np.inf, bought, terms)


# --------------------------------------------------------------------------------------------------
# people


def _people(
    known: Known, fences: DataFrame, kept: tuple[str, ...], ending: tuple[float, ...]
) -> Iterator[Rule]:
    """Notice of hiring and laying off, crews that are kept, and crews to end with."""
    for kind, quantity in (("hiring_notice", "hired"), ("layoff_notice", "laid_off")):
        for crew, months in enumerate(notice_months(known.crews, fences, kind)):
            for month in range(min(months, len(known.months))):
                terms = [(quantity, crew, month, 1.0)]
                yield Rule(kind, known.crews[crew], None, month, NOTICE, -np.inf, 0.0, terms)
    for crew in known.crews.get_indexer(list(kept)):
        for month in range(len(known.months)):
            terms = [("laid_off", crew, month, 1.0)]
            yield Rule("crew_kept", known.crews[crew], None, month, FENCE, -np.inf, 0.0, terms)
    final = len(known.months) - 1
    for crew, workers in enumerate(ending):
        if np.isfinite(workers):
            terms = [("workers", crew, final, 1.0)]
            yield Rule(
                "ending_workers", known.crews[crew], None, final, PLANNER, workers, workers, terms
            )


def notice_months(crews: pd.Index, fences: DataFrame | None, kind: str) -> np.ndarray:
    """Months of notice of each crew; a row that names the crew goes before one for all.

    Returns
    -------
    crews [months]
    """
    months = np.zeros(len(crews), dtype=int)
    if fences is None:
        return months
    rows = fences[fences["kind"] == kind]
    for item, count in zip(rows["item"], rows["months"], strict=True):
        if not isinstance(item, str):
            months[:] = int(count)
    for item, count in zip(rows["item"], rows["months"], strict=True):
        if isinstance(item, str) and item in crews:
            months[crews.get_loc(item)] = int(count)
    return months


# --------------------------------------------------------------------------------------------------
# what is known of months


def _month(known: Known, rows: DataFrame) -> np.ndarray:
    return known.months.get_indexer(PeriodIndex(rows["period"], freq="M"))


@remembered
def _approved(
    stocks: Keys, months: PeriodIndex, approved_supply_plans: DataFrame | None
) -> ArrayTable:
    """The plan last approved, by stock and month; nan where it says nothing."""
    cells = ArrayTable(stocks, months, {})
    columns = ["regular", "overtime", "subcontract"]
    if approved_supply_plans is None or approved_supply_plans.empty:
        return cells.assign(**dict.fromkeys(columns, np.full(cells.shape, np.nan)))
    newest = approved_supply_plans["cycle"] == approved_supply_plans["cycle"].max()
    last = approved_supply_plans.loc[newest, ["product", "site", "period", *columns]]
    return ArrayTable.of_rows(last, ["product", "site"], months).on(cells, default=np.nan)


def _last_month(
    stocks: Keys, before: PeriodIndex, production_history: DataFrame | None
) -> np.ndarray:
    """Units of each stock made in the month before the first; nan where it is not known."""
    cells = ArrayTable(stocks, before, {})
    if production_history is None:
        return np.full(len(stocks), np.nan)
    made = production_history[["product", "site", "period", "produced"]]
    made = ArrayTable.of_rows(made, ["product", "site"], before).on(cells, default=np.nan)
    return made["produced"][:, 0]
