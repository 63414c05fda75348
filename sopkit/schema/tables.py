"""Every table of the workbook: its key, required and optional columns.

The tables are in `tables.toml`, which is read when `TABLES` is first used. The pandera model
of a table, the data dictionary, the template workbook and all checks are made from it and from
`columns.csv`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sopkit.schema.columns import read_columns
from sopkit.schema.reading import FOLDER, SchemaError, refuse_missing, refuse_unknown

FILE = FOLDER / "tables.toml"
PLAN_OF_RECORD = "plan_of_record"  # the strategy to be executed
APPROVAL = "approve-plan"  # the decision that locks a plan
GROUPS = ("inputs", "plans")  # what a company gives; what the plan makes
LISTS = ("key", "required", "optional")
MAPPINGS = ("choices", "references")
FIELDS = ("description", *LISTS, "checks", *MAPPINGS, "absent")
CHECKS = {  # rule: its arguments
    "one_of": ("columns",),  # one of the columns is filled
    "not_after": ("first", "last"),  # the first column is not later than the last
    "not_above": ("column", "limit"),  # the column is not more than the limit, another column
    "above_zero": ("column",),  # the column is more than nothing
    "one_row": ("column",),  # there is one row, shown by that column
    "every_month": ("by",),  # no month is missing between the first and last of each such key
    "reserved": ("column", "value", "meaning"),  # the column is not that value, which is reserved
}
TABLES: dict[str, "Table"]
INPUT_TABLES: tuple["Table", ...]
DIMENSIONS: frozenset[str]
CHANGE: list[str]


@dataclass(frozen=True)
class Table:
    """A table: its key, columns, and the default without it."""

    name: str
    is_input: bool
    description: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    checks: tuple[dict[str, Any], ...]  # each a rule and its arguments, see CHECKS
    choices: dict[str, tuple[str, ...]]  # column -> choices allowed here, fewer than everywhere
    references: dict[str, tuple[str, ...]]  # column -> tables, any of which must know it here
    absent: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in file order: the key, then the rest."""
        return tuple(dict.fromkeys(self.key + self.required + self.optional))

    @property
    def must_have(self) -> tuple[str, ...]:
        """Columns whose every cell must be filled."""
        return tuple(c for c in self.columns if c not in self.optional)


# -------------------------------------------------------------------------------------------------
# reading


@cache
def read_tables(path: Path = FILE) -> dict[str, Table]:
    """Read the tables.

    Returns
    -------
    {table name : Table}: the input tables, then the plan tables, in file order

    Raises
    ------
    SchemaError : a field, column, choice or rule is unknown or left out, or a table is there twice.
    """
    with path.open("rb") as file:
        groups = tomllib.load(file)
    refuse_unknown(path.name, groups, GROUPS)
    tables: dict[str, Table] = {}
    for group in GROUPS:
        for name, fields in groups.get(group, {}).items():
            if name in tables:
                raise SchemaError(f"{path.name}: {name} is both an input and a plan table")
            tables[name] = _table(name, group == "inputs", fields)
    return tables


def _table(name: str, is_input: bool, fields: dict[str, Any]) -> Table:
    where = f"{FILE.name} {name}"
    refuse_unknown(where, fields, FIELDS)
    refuse_missing(where, fields, ("description", "key"))
    lists: dict[str, Any] = {field: tuple(fields.get(field, ())) for field in LISTS}
    mappings: dict[str, Any] = {field: _tuples(fields.get(field, {})) for field in MAPPINGS}
    table = Table(
        name=name,
        is_input=is_input,
        description=fields["description"],
        checks=tuple(fields.get("checks", ())),
        absent=fields.get("absent", ""),
        **lists,
        **mappings,
    )
    refuse_unknown(where, table.columns, read_columns())
    for field, mapping in mappings.items():
        refuse_unknown(f"{where} {field}", mapping, table.columns)
    for column, narrowed in table.choices.items():
        refuse_unknown(f"{where} {column}", narrowed, read_columns()[column].choices)
    for check in table.checks:
        _refuse_check(where, check, table)
    return table


def _tuples(lists: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {column: tuple(names) for column, names in lists.items()}


def _refuse_check(where: str, check: dict[str, Any], table: Table) -> None:
    """Refuse a check with an unknown rule or argument."""
    refuse_unknown(f"{where} checks", [check.get("rule", "a check without rule")], CHECKS)
    told = CHECKS[check["rule"]]
    where = f"{where} {check['rule']}"
    refuse_unknown(where, check, ("rule", *told))
    refuse_missing(where, check, told)
    for word in set(told) - {"value", "meaning"}:
        named = check[word] if isinstance(check[word], list) else [check[word]]
        refuse_unknown(f"{where} {word}", named, table.columns)


# -------------------------------------------------------------------------------------------------
# what follows from it


@cache
def _derived() -> dict[str, Any]:
    tables = read_tables()
    proposed = tables["option_changes"].columns
    return {
        "TABLES": tables,
        "INPUT_TABLES": tuple(table for table in tables.values() if table.is_input),
        # columns that tell rows apart
        "DIMENSIONS": frozenset(column for table in tables.values() for column in table.key),
        # the columns that say what a scenario changes; the others say who proposes it and why
        "CHANGE": [c for c in tables["scenario_changes"].columns if c in proposed],
    }


def __getattr__(name: str) -> Any:
    if name in ("TABLES", "INPUT_TABLES", "DIMENSIONS", "CHANGE"):
        return _derived()[name]
    raise AttributeError(f"module {__name__} has no attribute {name}")


def changeable(name: str) -> list[str]:
    """The columns of a table that a scenario may change: neither of its key, nor a code or text."""
    table, kinds = read_tables()[name], ("number", "whole", "period", "choice", "flag")
    return [c for c in table.columns if c not in table.key and read_columns()[c].kind in kinds]


def dtype(table: Table, name: str) -> str:
    """The pandas dtype of a column in a table."""
    kind, filled = read_columns()[name].kind, name in table.must_have
    if kind == "whole":
        return "int64" if filled else "float64"
    if kind == "flag":
        return "bool" if filled else "boolean"
    return {"number": "float64", "period": "period[M]", "day": "datetime64[us]"}.get(kind, "str")


def choices(table: Table, name: str) -> tuple[str, ...]:
    """The values a choice column may hold in a table."""
    return table.choices.get(name, read_columns()[name].choices)


@cache
def model(name: str) -> Any:
    """The pandera model of a table: types, filled cells, limits, key."""
    import pandera.pandas as pa  # here alone, so that tools read the schema without it

    table = read_tables()[name]
    return pa.DataFrameSchema(
        {column: _model_column(table, column) for column in table.columns},
        name=name,
        description=table.description,
        unique=list(table.key),
        strict=True,
        ordered=True,
    )


def _model_column(table: Table, name: str) -> Any:
    import pandera.pandas as pa

    column, checks = read_columns()[name], []
    if column.low is not None:
        checks.append(pa.Check.ge(column.low))
    if column.high is not None:
        checks.append(pa.Check.le(column.high))
    if column.choices:
        checks.append(pa.Check.isin(choices(table, name)))
    return pa.Column(
        dtype(table, name),
        checks,
        nullable=name not in table.must_have,
        title=column.unit,
        description=column.description,
    )
