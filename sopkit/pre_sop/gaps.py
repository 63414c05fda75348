"""The gaps between the plans, each with a statement and a question.

Each kind of gap is found by a rule of its own, a marked function in one of the `rules_` modules;
see `gap`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, PeriodIndex, Series

from sopkit.master_data.product_names import named
from sopkit.pre_sop import (
    rules_choices,
    rules_demand,
    rules_fences,
    rules_finance,
    rules_inventory,
    rules_margin,
    rules_orders,
    rules_product,
    rules_supply,
)
from sopkit.pre_sop.gap import MEASURES
from sopkit.pre_sop.thresholds import thresholds_of
from sopkit.rules.call import call_on_arrays, inputs_of, missing
from sopkit.rules.collect import collect
from sopkit.rules.marks import mark, mark_of
from sopkit.rules.remember import remembered
from sopkit.schema import measures
from sopkit.schema.formatting import (
    MONEY,
    amount,
    code_in_words,
    currency_of,
    money,
    percent,
    span,
    whole,
)
from sopkit.schema.gap_rules import FILE, read_gap_rules
from sopkit.schema.glossary import label
from sopkit.schema.reading import refuse_missing, refuse_unknown
from sopkit.schema.tables import TABLES
from sopkit.tables import conform
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys

_ABOUT = ["item", "family", "product", "resource", "detail", "measure", "owner"]
LEAST_SHARE = 1e-5  # of planned revenue: a gap that is worth less is rounding
GOALS = "goals"  # the area whose gaps are named by a code of words
_WORDED = ["area", "statement", "owner", "question", "table", "exhibit"]


@cache
def gap_rules() -> Mapping[str, Callable]:
    """Collect every gap rule: name -> function; `gap_rules.toml` must list the same names."""
    modules = (
        rules_product,
        rules_demand,
        rules_supply,
        rules_inventory,
        rules_margin,
        rules_orders,
        rules_fences,
        rules_choices,
        rules_finance,
    )
    rules, listed = collect("gap", *modules, tables=TABLES), read_gap_rules()
    refuse_unknown(FILE.name, listed, rules)
    refuse_missing(FILE.name, listed, rules)
    return MappingProxyType(rules)


@cache
def gap_tables() -> Mapping[str, bool]:
    """Name the tables that the gap rules read: name -> whether it is required.

    An input that a company may leave out is not: the rules that need it are left out then.
    """
    names = dict.fromkeys(name for rule in gap_rules().values() for name in inputs_of(rule))
    return MappingProxyType({name: not TABLES[name].absent for name in names})


@mark("step", reads=gap_tables)
def gaps(
    tables: Mapping[str, DataFrame | None],
    gap_thresholds: DataFrame | None = None,
    company_settings: DataFrame | None = None,
) -> DataFrame:
    """List the gaps between the plans, the largest value first; consecutive months are one gap.

    Gap = plan - reference: a shortage, or a plan below budget, is negative. What is worth less than
    a hundred-thousandth of planned revenue is rounding, and no gap.

    Returns
    -------
    gap : area, statement, gap_units [units], gap_value [money], owner, question,
        from_period, to_period, table, exhibit, family, product, resource
    """
    found = _runs(sizes(tables, gap_thresholds))
    # a limit worth nothing gives -0
    found = found.assign(gap_value=found["gap_value"] + 0.0)
    found = found[_is_material(found["gap_value"], tables.get("financial_plan"))]
    names, currency = named(tables["products"]), currency_of(company_settings)
    told = [worded(row, currency, names) for row in found.to_dict("records")]
    found = found.drop(columns="owner").join(DataFrame(told, columns=_WORDED, index=found.index))
    order = np.lexsort([found["gap"], -found["gap_value"].abs()])
    return conform("gaps", found.iloc[order].reindex(columns=list(TABLES["gaps"].columns)))


def _is_material(value: Series, financial_plan: DataFrame | None) -> Series:
    """Whether a gap is worth a question; one without money is."""
    revenue = 0.0 if financial_plan is None else float(financial_plan["revenue"].sum())
    return (value == 0) | (value.abs() >= LEAST_SHARE * revenue)


def sizes(
    plan: Mapping[str, DataFrame | None], gap_thresholds: DataFrame | None = None
) -> DataFrame:
    """Size every gap of a plan by month; months without a gap are kept.

    `place` is what a row is about: the stable part of a gap's code.

    Returns
    -------
    place, period : rule, item, family, product, resource, detail, measure, owner, begins [month],
        plan, reference [the rule's unit], gap_units [units], gap_value [money], wrong
    """
    found = sized_by_rule(plan, gap_thresholds)
    parts = [_as_rows(name, table) for name, table in found.items()]
    return pd.concat(parts, ignore_index=True)


def sized_by_rule(
    plan: Mapping[str, Any], gap_thresholds: DataFrame | None = None
) -> dict[str, ArrayTable]:
    """What each gap rule finds in a plan, as arrays; see `gap.sized`.

    Returns
    -------
    dict of gap rule -> sizes
    """
    threshold = thresholds_of(gap_thresholds)
    return {
        name: _found(rule, tuple(threshold[name].items()), *(plan.get(t) for t in inputs_of(rule)))
        for name, rule in gap_rules().items()
        if not missing(rule, plan)
    }


@remembered
def _found(rule: Callable, threshold: tuple, *tables: Any) -> ArrayTable:
    given = dict(zip(inputs_of(rule), tables, strict=True))
    return call_on_arrays(rule, given, threshold=dict(threshold))


def places(rule: str, found: ArrayTable) -> Series:
    """The stable part of the code of each gap that a rule sizes: its name and the item."""
    return places_by_keys(found.keys, rule)


@remembered
def places_by_keys(keys: Keys, rule: str) -> Series:
    """As `places`, of the rows of a rule."""
    return rule.replace("_", "-") + "-" + keys.frame["item"].astype("str")


def _as_rows(rule: str, found: ArrayTable) -> DataFrame:
    """The rows of one rule in the columns of all; those it lacks are empty."""
    found = found.about(found.keys.assign(place=places(rule, found)))
    rows = found.frame
    if "begins" in rows:
        rows = rows.assign(begins=PeriodIndex.from_ordinals(rows["begins"].astype(int), freq="M"))
    begins = rows.get("begins", rows["period"])
    columns = [*_ABOUT, "place", "period", *MEASURES, "wrong"]
    rows = rows.reindex(columns=columns).assign(rule=rule, begins=begins)
    texts = dict.fromkeys(["rule", "place", *_ABOUT], "str")
    return rows.astype(texts | dict.fromkeys(MEASURES, "float64") | {"wrong": bool})


def worded(row: Mapping, currency: str, names: Mapping[str, str]) -> dict[str, str]:
    """Word the statement and question of one gap; `names` are those of the products, by code.

    Returns
    -------
    dict of between, statement, owner, question, table, exhibit
    """
    about = mark_of(gap_rules()[row["rule"]]).about
    measured = isinstance(row["measure"], str)
    unit = measures.MEASURES[row["measure"]].unit if measured else "units"
    worth = abs(row["gap_value"])
    words = {
        "item": _item(row["item"], about["area"], names),
        "family": row["family"],
        "product": names.get(row["product"], row["product"]),
        "resource": row["resource"],
        "detail": row["detail"],
        "measure": label(row["measure"], short=True, of="measure") if measured else "",
        "of": "" if pd.isna(row["family"]) else f" of {row['family']}",
        **_sides(row, unit, currency, about["area"]),
        "short": whole(row["reference"] - row["plan"]),
        "units": whole(abs(row["gap_units"])),
        "money": money(worth, currency),
        "share": percent(worth / abs(row["reference"]), 1) if row["reference"] else "all",
        "months": span((row["from_period"], row["to_period"])),
    }
    return {
        "area": about["area"],
        "statement": about["statement"].format(**words),
        "owner": row["owner"] if isinstance(row["owner"], str) else about["owner"],
        "question": about["question"].format(**words),
        "table": about["table"],
        "exhibit": about["exhibit"],
    }


def _sides(row, unit, currency, area):
    """The plan and its reference in words, in all digits where they would else read the same; a
    goal names its unit."""
    numbers = row["plan"], row["reference"]
    plan, reference = (amount(one, unit, currency) for one in numbers)
    if plan == reference and unit == MONEY:
        plan, reference = (f"{currency} {whole(one)}".strip() for one in numbers)
    if area == GOALS and unit == "units":
        reference += f" {unit}"
    return {"plan": plan, "reference": reference}


def _item(item: str, area: str, names: Mapping[str, str]) -> str:
    """What a gap is about, in words: a goal's name is quoted, a product is named beside its code,
    all else goes by its code."""
    return f"“{code_in_words(item)}”" if area == GOALS else names.get(item, item)


def _runs(found: DataFrame) -> DataFrame:
    """Merge the wrong months of a place that follow one another and lie on the same side.

    Returns
    -------
    disagreement : the columns of `sizes`, with from_period and to_period in place of period
    """
    rows = found[found["wrong"]].sort_values(["place", "period"], ignore_index=True)
    whole, peak = (_said(rows["rule"], name) for name in ("whole", "peak"))
    month = pd.Series(pd.PeriodIndex(rows["period"]).asi8, index=rows.index)
    apart = (month.diff() != 1) | (np.sign(rows["gap_units"]) != np.sign(rows["gap_units"].shift()))
    begins = (rows["place"] != rows["place"].shift()) | (apart & ~whole)
    number = begins.cumsum()
    groups = rows.groupby(number)
    runs = groups[["rule", "place", *_ABOUT]].first()
    runs["from_period"], runs["to_period"] = groups["begins"].min(), groups["period"].max()
    measures = ["plan", "reference", "gap_units"]
    highest, total = groups[measures].max(), groups[measures].sum()
    runs[measures] = total.where(~peak.groupby(number).first(), highest)
    runs["gap_value"] = groups["gap_value"].sum()
    month_code = "-" + runs["from_period"].astype("str")
    runs["gap"] = runs["place"] + month_code.where(~whole.groupby(number).first(), "")
    return runs.reset_index(drop=True)


def _said(rules: Series, name: str) -> Series:
    """What the marks of rules say under a name, such as whether all months are one gap."""
    told = {rule: mark_of(function).about[name] for rule, function in gap_rules().items()}
    return rules.map(told).astype(bool)


def place_of(gaps: DataFrame) -> Series:
    """The place of each gap: its code, without the month in which it begins."""
    pairs = zip(gaps["gap"], gaps["from_period"].astype("str"), strict=True)
    return pd.Series(
        [code.removesuffix(f"-{month}") for code, month in pairs], index=gaps.index, dtype="str"
    )


def rule_of(place: str) -> str:
    """The name of the rule that found a place; the longest where two begin its code."""
    names = [name for name in gap_rules() if place.startswith(name.replace("_", "-") + "-")]
    return max(names, key=len)


def is_peak(place: str) -> bool:
    """Whether a gap's units are those of its highest month, not of all its months together."""
    return mark_of(gap_rules()[rule_of(place)]).about["peak"]
