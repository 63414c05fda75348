"""Every measure of the company and its plan, declared once.

The rows are in `measures.toml`; they are read when `MEASURES` is first used. The value of a measure
is calculated by `sopkit.tables.measures.value`.
"""

import ast
import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from sopkit.schema import expressions
from sopkit.schema.hierarchies import GROUPED
from sopkit.schema.reading import FOLDER, SchemaError, refuse_missing, refuse_unknown
from sopkit.schema.tables import TABLES, read_tables

FILE = FOLDER / "measures.toml"
OVER_TIME = ("sum", "ratio", "last", "max", "min")
DIRECTIONS = ("at_least", "at_most")
MASTERS = ("products",)  # tables that say more of a thing: its family
MEASURES: dict[str, "Measure"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: its rows, unit and direction."""

    name: str
    label: str  # as within a sentence
    definition: str
    unit: str
    direction: str  # which side of a target is good; empty: neither
    table: str  # whose rows are added up, or that holds the values of a measure with a function
    dimensions: tuple[str, ...]  # by which it can be split
    over_time: str  # how months combine: one of OVER_TIME
    short_label: str = ""  # on charts and where room is short; empty: the label
    formula: str = ""  # of columns and measures of the table; its rows are added up
    per: str = ""  # of a ratio: an expression whose sum divides that of the formula
    function: str = ""  # who finds it, where it is no expression: a function of that name
    actual: str = ""  # of a plan's measure: the measure of closed months
    use: str = ""  # the decision that it supports

    def of(self, quantities: Any) -> Any:
        """Its formula, row by row, on named quantities: columns of a table, or arrays."""
        return _calculated(self.formula, quantities)

    def per_of(self, quantities: Any) -> Any:
        """What its formula is divided by, as `of`."""
        return _calculated(self.per, quantities)

    @property
    def is_share(self) -> bool:
        """Whether it is written as per cent."""
        return self.unit == "ratio"

    @property
    def of_plan(self) -> bool:
        """Whether it is a sum over the plan's months, which goals may be set for."""
        is_input = TABLES[self.table].is_input
        return bool(self.formula) and "period" in self.dimensions and not is_input

    @property
    def of_closed_months(self) -> bool:
        """Whether it is one of how the company did, which `kpi_targets` may name."""
        return self.table == "performance" or TABLES[self.table].is_input


def _calculated(text: str, quantities: Any) -> Any:
    def quantity(node: ast.expr) -> Any:
        if not isinstance(node, ast.Name):
            return ast.literal_eval(node)
        if node.id in quantities:
            return quantities[node.id]
        return read_measures()[node.id].of(quantities)

    return expressions.calculated(expressions.parsed(text), quantity)


REQUIRED = ("label", "definition", "unit", "direction", "table", "dimensions", "over_time")


@cache
def read_measures(path: Path = FILE) -> dict[str, Measure]:
    """Read the measures.

    Returns
    -------
    {measure name : Measure}, in file order

    Raises
    ------
    SchemaError : a field, table, column, dimension or choice is unknown or left out.
    """
    with path.open("rb") as file:
        measures = {name: _measure(name, row) for name, row in tomllib.load(file).items()}
    for measure in measures.values():
        refuse_unknown(f"{path.name} {measure.name} actual", [measure.actual], ("", *measures))
        of_table = [other.name for other in measures.values() if other.table == measure.table]
        known = [*read_tables()[measure.table].columns, *of_table]
        texts = [text for text in (measure.formula, measure.per) if text]
        named = [name for text in texts for name in expressions.names(text)]
        refuse_unknown(f"{path.name} {measure.name} formula", named, known)
    return measures


def _measure(name: str, row: dict[str, Any]) -> Measure:
    where = f"{FILE.name} {name}"
    refuse_unknown(where, row, [field.name for field in fields(Measure) if field.name != "name"])
    refuse_missing(where, row, REQUIRED)
    measure = Measure(name=name, **row | {"dimensions": tuple(row["dimensions"])})
    refuse_unknown(f"{where} direction", [measure.direction], (*DIRECTIONS, ""))
    refuse_unknown(f"{where} over_time", [measure.over_time], OVER_TIME)
    refuse_unknown(f"{where} table", [measure.table], read_tables())
    if bool(measure.formula) == bool(measure.function):
        raise SchemaError(f"{where}: either formula or function must be given")
    if bool(measure.per) != (measure.over_time == "ratio"):
        raise SchemaError(f"{where}: per is given of a ratio (over_time), and of nothing else")
    if measure.formula:
        columns = TABLES[measure.table].columns
        known = [*columns, *(c for m in MASTERS if m[:-1] in columns for c in TABLES[m].columns)]
        refuse_unknown(f"{where} dimensions", measure.dimensions, known)
        measure = replace(measure, dimensions=_with_groups(measure.dimensions))
    return measure


def _with_groups(dimensions: tuple[str, ...]) -> tuple[str, ...]:
    """What is known by family or market is known by the groups above them, too.

    >>> _with_groups(("family", "period"))
    ('family', 'product_group', 'period')
    """
    above = {below: group for group, below in GROUPED.items()}
    return tuple(each for d in dimensions for each in (d, above.get(d)) if each)


def master_of(table: str, dimension: str) -> str:
    """The table that knows a dimension of a table's rows; empty where they have it themselves.

    >>> master_of("constrained_demand", "family"), master_of("constrained_demand", "market")
    ('products', '')
    """
    columns = TABLES[table].columns
    if dimension in columns:
        return ""
    return next(m for m in MASTERS if m[:-1] in columns and dimension in TABLES[m].columns)


def __getattr__(name: str) -> Any:
    if name == "MEASURES":
        return read_measures()
    raise AttributeError(f"module {__name__} has no attribute {name}")
