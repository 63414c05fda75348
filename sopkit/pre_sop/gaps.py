"""Where product, demand, supply, finance and goals disagree, each in one sentence with its question.

Each kind of gap is found by a rule of its own, a marked function in one of the `rules_` modules;
see `gap`.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.pre_sop import rules_demand, rules_finance, rules_product, rules_supply
from sopkit.pre_sop.gap import MEASURES
from sopkit.pre_sop.thresholds import thresholds_of
from sopkit.rules.call import call, inputs_of, missing
from sopkit.rules.collect import collect
from sopkit.rules.marks import mark, mark_of
from sopkit.schema import measures
from sopkit.schema.formatting import amount, currency_of, money, percent, span, whole
from sopkit.schema.glossary import label
from sopkit.schema.tables import TABLES
from sopkit.tables import conform

_ABOUT = ["item", "family", "product", "resource", "detail", "measure", "owner"]
_WORDED = ["area", "statement", "owner", "question", "table", "exhibit"]


@cache
def gap_rules() -> Mapping[str, Callable]:
    """Every gap rule: name -> function."""
    modules = (rules_product, rules_demand, rules_supply, rules_finance)
    return MappingProxyType(collect("gap", *modules, tables=TABLES))


@cache
def gap_tables() -> Mapping[str, bool]:
    """The tables that the gap rules read: name -> whether it is required.

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
    """List where the plans disagree, the most money first; months that follow one another are one.

    Gap = plan - reference: a shortage, or a plan below budget, is negative.

    Returns
    -------
    gap : area, statement, gap_units [units], gap_value [money], owner, question,
        from_period, to_period, table, exhibit, family, product, resource

    Raises
    ------
    ValueError : a row of `gap_thresholds` names a gap or threshold that no rule has.
    """
    found = _runs(sizes(tables, gap_thresholds))
    # a limit worth nothing gives -0
    found = found.assign(gap_value=found["gap_value"] + 0.0)
    told = [worded(row, currency_of(company_settings)) for row in found.to_dict("records")]
    found = found.drop(columns="owner").join(DataFrame(told, columns=_WORDED, index=found.index))
    order = np.lexsort([found["gap"], -found["gap_value"].abs()])
    return conform("gaps", found.iloc[order].reindex(columns=list(TABLES["gaps"].columns)))


def sizes(
    plan: Mapping[str, DataFrame | None], gap_thresholds: DataFrame | None = None
) -> DataFrame:
    """Size every gap of a plan, month by month; the months that are no gap are kept.

    `place` is what a row is about: the stable part of a gap's code.

    Returns
    -------
    place, period : rule, item, family, product, resource, detail, measure, owner, begins [month],
        plan, reference [the rule's unit], gap_units [units], gap_value [money], wrong
    """
    threshold = thresholds_of(gap_rules(), gap_thresholds)
    parts = [
        _sized(name, call(rule, plan, threshold=threshold[name]))
        for name, rule in gap_rules().items()
        if not missing(rule, plan)
    ]
    return pd.concat(parts, ignore_index=True)


def _sized(rule: str, rows: DataFrame) -> DataFrame:
    """The rows of one rule in the columns of all; what it does not say is empty."""
    place = rule.replace("_", "-") + "-" + rows["item"].astype("str")
    begins = rows.get("begins", rows["period"])
    columns = [*_ABOUT, "period", *MEASURES, "wrong"]
    rows = rows.reindex(columns=columns).assign(rule=rule, place=place, begins=begins)
    texts = dict.fromkeys(["rule", "place", *_ABOUT], "str")
    return rows.astype(texts | dict.fromkeys(MEASURES, "float64") | {"wrong": bool})


def worded(row: Mapping, currency: str) -> dict[str, str]:
    """Put one gap in words.

    Returns
    -------
    dict of between, statement, owner, question, table, exhibit
    """
    about = mark_of(gap_rules()[row["rule"]]).about
    measured = isinstance(row["measure"], str)
    unit = measures.MEASURES[row["measure"]].unit if measured else "units"
    worth = abs(row["gap_value"])
    words = {
        "item": row["item"],
        "family": row["family"],
        "product": row["product"],
        "resource": row["resource"],
        "detail": row["detail"],
        "measure": label(row["measure"], short=True, of="measure") if measured else "",
        "plan": amount(row["plan"], unit, currency),
        "reference": amount(row["reference"], unit, currency),
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
