"""Checks of goals, KPI targets and process measures: known measures, dimensions and items."""

from collections.abc import Iterator

import pandas as pd
from pandas import DataFrame

from sopkit.data_quality.marks import Inputs, check, given
from sopkit.schema.cells import is_share
from sopkit.schema.measures import MEASURES
from sopkit.schema.tables import TABLES, choices
from sopkit.tables.issues import BLOCKING, Issue, fault, spelt_nearly, told
from sopkit.tables.measures import items_of

MOST_SHARE = 3  # a share above it is probably a percentage
HOME = {  # where the items of a dimension are known
    "family": "products",
    "product": "products",
    "market": "sales_history",
    "resource": "resources",
    "supplier": "sources",
    "product_group": "product_groups",
    "market_group": "market_groups",
}


@check(BLOCKING)
def goals_of_unknown_measures(goals: DataFrame) -> Issue | None:
    """Find goals of unknown measures."""
    known = [measure.name for measure in MEASURES.values() if measure.of_plan]
    broken = ~goals["measure"].isin(known)
    rule = f"measure must be one of {', '.join(known)}"
    remedy = "Use the name in the data dictionary."
    return fault(TABLES["goals"], goals, broken, rule, "measure", remedy=remedy)


@check(BLOCKING)
def goals_of_a_strange_dimension(goals: DataFrame) -> Iterator[Issue | None]:
    """Find goals with a dimension that their measure lacks, or half of dimension and item."""
    return _strange_dimensions("goals", goals)


@check(BLOCKING)
def targets_of_a_strange_dimension(kpi_targets: DataFrame) -> Iterator[Issue | None]:
    """Find targets with a dimension that their measure lacks, or half of dimension and item."""
    return _strange_dimensions("kpi_targets", kpi_targets)


def _strange_dimensions(name: str, rows: DataFrame) -> Iterator[Issue | None]:
    half = rows["dimension"].isna() != rows["item"].isna()
    rule, remedy = (
        "dimension and item must both be given",
        "Enter both, or neither for the company.",
    )
    yield fault(TABLES[name], rows, half, rule, "item", remedy=remedy)
    has = {(m.name, dimension) for m in MEASURES.values() for dimension in m.dimensions}
    pairs = pd.MultiIndex.from_frame(rows[["measure", "dimension"]])
    strange = rows["measure"].isin(MEASURES) & rows["dimension"].notna() & ~pairs.isin(has)
    rule = "dimension must be one that the measure has"
    for measure, some in rows[strange].groupby("measure"):
        of = choices(TABLES[name], "dimension")
        known = ", ".join(d for d in MEASURES[measure].dimensions if d in of)
        remedy = f"{measure} can be split by {known}: enter one, or leave dimension and item empty."
        if not known:
            remedy = f"{measure} has no dimension: leave dimension and item empty."
        broken = rows.index.to_series().isin(some.index)
        yield fault(TABLES[name], rows, broken, rule, "dimension", remedy=remedy)


@check("major")
def targets_in_per_cent(inputs: Inputs) -> Iterator[Issue | None]:
    """Find targets of shares that are far above 1."""
    for name in ("goals", "kpi_targets", "processes"):
        frame = given(inputs).get(name)
        if frame is not None:
            odd = frame["measure"].map(is_share).astype(bool) & (frame["target"] > MOST_SHARE)
            text = "target of a share looks like a percentage"
            remedy = "Write a share as a number from 0 to 1: 30 % is 0.3."
            yield told(TABLES[name], frame, odd, text, "target", remedy=remedy)


@check("major")
def targets_of_nothing_measured(kpi_targets: DataFrame) -> Issue | None:
    """Find targets of unknown KPIs."""
    known = [measure.name for measure in MEASURES.values() if measure.of_closed_months]
    odd = kpi_targets["measure"].notna() & ~kpi_targets["measure"].isin(known)
    text = "measure is not a KPI of the workbook; its target is not used"
    remedy = f"Write one of {', '.join(known)}."
    return told(TABLES["kpi_targets"], kpi_targets, odd, text, "measure", remedy=remedy)


@check("major")
def targets_of_unknown_items(inputs: Inputs) -> Iterator[Issue | None]:
    """Find goals and targets of unknown items."""
    tables = given(inputs)
    for name in ("goals", "kpi_targets"):
        for dimension, table in HOME.items():
            if name in tables and table in tables:
                items = items_of(tables[name], dimension)
                odd = items.notna() & ~items.isin(tables[table][dimension])
                text, remedy = (
                    f"item is not a {dimension} of {table}",
                    f"Enter a {dimension} of {table}.",
                )
                yield told(TABLES[name], tables[name], odd, text, "item", remedy=remedy)


@check("major")
def process_measures_misspelt(processes: DataFrame) -> Issue | None:
    """Find measures of processes that are probably misspelt; others may be measured elsewhere."""
    known, named = list(MEASURES), processes["measure"]
    nearly = {name for name in set(named.dropna()) - set(known) if spelt_nearly(name, known)}
    text = (
        "measure is spelt almost like a measure of the workbook, and is treated as a different one"
    )
    remedy = f"The measures of the workbook are {', '.join(known)}."
    return told(TABLES["processes"], processes, named.isin(nearly), text, "measure", remedy=remedy)
