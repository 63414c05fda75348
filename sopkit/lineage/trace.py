"""The trace from a number down to its input rows."""

import ast
import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.lineage.arithmetic import arithmetic, figure
from sopkit.lineage.bounds import UNKNOWN, bound
from sopkit.lineage.formulas import FUNCTIONS, formula
from sopkit.lineage.related_rows import HISTORY, related, words_of
from sopkit.lineage.row_names import (
    STEPS,
    apart,
    main_column,
    maker,
    shared_words,
    together,
    without_month,
)
from sopkit.lineage.sources import authors, content, places
from sopkit.rules.call import inputs_of
from sopkit.schema import expressions
from sopkit.schema.columns import COLUMNS
from sopkit.schema.stages import BASE
from sopkit.schema.tables import PLAN_OF_RECORD, TABLES
from sopkit.tables import attach

ONE_BY_ONE = 6  # more rows are summarized
ONE_BY_ONE_INPUTS = 3
NEAR = 0.005
SAID = ("method", "basis", "handling", "readiness")  # the words in which a step says how
FIELDS = ("level", "what", "value", "unit", "how", "source", "author", "reason")


class Leaf(NamedTuple):
    """A number that a rule takes from rows of a table; `earlier` when they are those of the month
    before."""

    label: str
    table: str
    column: str
    rows: pd.DataFrame
    value: float
    earlier: bool = False


class Walk:
    """Collects the lines of an explanation, from the top down.

    `located` gives an input table's rows by line and the name of its file, or None; see
    `workspace.located`.
    """

    def __init__(
        self,
        tables: Mapping[str, DataFrame],
        located: Callable[[str], tuple[DataFrame, str] | None] | None = None,
        scenario: str = BASE,
    ) -> None:
        self.tables, self.scenario = tables, scenario
        self._located, self._files = located or (lambda _: None), {}
        self._lines, self._seen = [], set()

    def frame(self) -> DataFrame:
        """The lines as a table."""
        texts = dict.fromkeys(set(FIELDS) - {"level", "value"}, "str")
        return pd.DataFrame(self._lines, columns=list(FIELDS)).astype({"value": "float64"} | texts)

    def number(self, level: int, label: str, name: str, rows: DataFrame, column: str) -> None:
        """Add a number, and below it what it rests on."""
        line = self._line(level, label, together(rows, column), column)
        if TABLES[name].is_input:
            self._input(line, name, rows, column)
        else:
            line["how"] = self._below(line, name, rows, column)
            if limit := bound(rows, column):
                known = limit != UNKNOWN
                line["how"] = f"{limit}; {line['how']}" if known else limit
                line["value"] = line["value"] if known else np.nan
            if len(rows) == 1 and column == main_column(name) and not line["source"]:
                line["author"], line["reason"] = authors(rows)

    def _line(self, level, what, value, column="", how=""):
        unit = "" if np.isnan(value) else COLUMNS[column].unit if column else ""
        line = dict.fromkeys(FIELDS, "") | {
            "level": level,
            "what": what,
            "value": value,
            "unit": unit,
            "how": how,
        }
        self._lines.append(line)
        return line

    def _is_new(self, name, rows, column=""):
        mark = (name, column, tuple(rows.index))
        new = mark not in self._seen
        self._seen.add(mark)
        return new

    def _has_seen(self, leaf):
        return (leaf.table, leaf.column, tuple(leaf.rows.index)) in self._seen

    # ----------------------------------------------------------------------------------------------
    # plan tables

    def _below(self, line, name, rows, column):
        """Explain the number of a line, taken from a plan table, by lines of a lower level; return
        how it was made."""
        level = line["level"] + 1
        if rows.empty:
            return f"nothing in {name}"
        if not self._is_new(name, rows, column):
            return "as above"
        if len(rows) > 1:
            return self._many(level, name, rows, column)
        row = rows.iloc[0]
        words = words_of(name, row, self.tables)
        rule = self._rule(name, column)
        if self._is_decided(name, column):
            how = self._step(level, name, words)
        elif isinstance(rule, ast.Call) and rule.func.id == "total":
            how = self._total(level, rule.args[0], words)
        else:
            how = self._by_rule(line, rule, name, rows, words, column)
        if column != main_column(name) and not self._is_decided(name, column):
            return how
        return "; ".join(
            [how, *(row[word] for word in SAID if word in rows.columns and pd.notna(row[word]))]
        )

    def _many(self, level, name, rows, column):
        """Rows one by one where a formula continues from each, else summarized."""
        count, decided = f"{len(rows):,} rows of {name}", self._is_decided(name, column)
        for place in range(len(rows) if len(rows) <= ONE_BY_ONE else 0):
            row = rows.iloc[[place]]
            label = apart(name, row.iloc[0], rows)
            if decided:
                self._line(level, label, float(row[column].iloc[0]), column)
            else:
                self.number(level, label, name, row, column)
        if decided or len(rows) > ONE_BY_ONE:
            return f"{count}, {self._step(level, name, shared_words(name, rows))}"
        return count

    def _by_rule(self, line, rule, name, rows, words, column):
        leaves, level = [], line["level"] + 1
        result = self._evaluate(rule, name, rows, words, leaves)
        if isinstance(rule, ast.BinOp):
            how = f"= {arithmetic(rule, iter(leaves))}"
            self._leaves(level, name, leaves, words)
        else:
            how = self._same(line, leaves[0])
        rest = rows[column].iloc[0] - result
        if not abs(rest) < NEAR:
            self._line(
                level,
                "beyond this arithmetic",
                rest,
                column,
                f"taken back or added by {maker(name)}",
            )
        return how

    def _leaves(self, level, name, leaves, words):
        """A line for each number of a rule; what the step itself decided is led back to its tables
        once."""
        decided = []
        for leaf in leaves:
            if leaf.table == name and not leaf.earlier and self._is_decided(name, leaf.column):
                decided.append(self._line(level, leaf.label, leaf.value, leaf.column))
            elif leaf.earlier:
                self._line(level, leaf.label, leaf.value, leaf.column, _command(leaf))
            elif (
                leaf.table
                and not (leaf.value == 0 and leaf.rows.empty)
                and not self._has_seen(leaf)
            ):
                self.number(level, leaf.label, leaf.table, leaf.rows, leaf.column)
        if decided:
            made = " + ".join(line["what"] for line in decided)
            line = self._line(level, made, np.nan)
            line["how"] = self._step(level + 1, name, words)

    def _same(self, line, leaf):
        """A number that is another's: its location, and the explanation below it."""
        if leaf.earlier:
            return f"{leaf.label}: {_command(leaf)}"
        if not leaf.table:
            return "nothing before the first month"
        if TABLES[leaf.table].is_input and len(leaf.rows):
            self._input(line, leaf.table, leaf.rows, leaf.column)
            return f"from {leaf.table}" + (f": {line['how']}" if line["how"] else "")
        how = self._below(line, leaf.table, leaf.rows, leaf.column)
        return f"{leaf.table}: {how}" if len(leaf.rows) == 1 else how

    def _total(self, level, product, words):
        """Add up units x money; the largest product is led back further, for the others one can
        ask."""
        units, money = (
            related(side.value.id, words, self.tables) for side in (product.left, product.right)
        )
        unit_column, money_column = product.left.attr, product.right.attr
        shared = ["product", "period"]
        table = units.groupby(shared, as_index=False)[unit_column].sum()
        table = attach(table, money[[*shared, money_column]])
        table["amount"] = table[unit_column] * table[money_column]
        table = table.sort_values("amount", ascending=False, kind="stable", ignore_index=True)
        for place, row in table.head(ONE_BY_ONE).iterrows():
            how = f"= {figure(row[unit_column])} × {figure(row[money_column])}"
            self._line(level, f"product={row['product']}", row["amount"], "revenue", how)
            if place == 0:
                for side, rows in ((product.left, units), (product.right, money)):
                    mine = rows[rows["product"] == row["product"]]
                    self.number(level + 1, side.attr, side.value.id, mine, side.attr)
        rest = table.iloc[ONE_BY_ONE:]
        if len(rest):
            self._line(level, f"{len(rest):,} more products", rest["amount"].sum(), "revenue")
        return (
            f"= {unit_column} × {money_column}, added up over {len(table):,} "
            f"product{'s' * (len(table) != 1)}"
        )

    def _step(self, level, name, words):
        """Lead a number back to the tables of its step: the rows that share its words, each table's
        rows once."""
        for table in inputs_of(STEPS[name][1]) if name in STEPS else ("company_settings",):
            if table == "planning_periods" or self.tables.get(table) is None:
                continue
            rows = related(table, words, self.tables)
            column = main_column(table)
            if rows.empty or not self._is_new(table, rows):
                continue
            if TABLES[table].is_input:
                self.number(level, table, table, rows, column)
            else:
                line = self._line(level, table, together(rows, column), column if column else "")
                below = without_month(words) if table in HISTORY else words
                made = self._step(level + 1, table, below)
                line["how"] = (
                    f"{column}, " * bool(column)
                    + f"{len(rows):,} row{'s' * (len(rows) != 1)}, {made}"
                )
        return f"made by {maker(name)}"

    # ----------------------------------------------------------------------------------------------
    # rules

    def _rule(self, name, column):
        """The rule of a number; none where it rests on a table that is absent."""
        text = formula(name, column)
        if text is None:
            return None
        rule = expressions.parsed(text, FUNCTIONS)
        named = {node.value.id for node in ast.walk(rule) if isinstance(node, ast.Attribute)}
        return rule if all(self.tables.get(table) is not None for table in named) else None

    def _is_decided(self, name, column):
        """Whether the step itself found the number: no rule leads to another step's tables."""
        rule = self._rule(name, column)
        same_step = isinstance(rule, ast.Attribute) and STEPS[name] == STEPS.get(rule.value.id)
        return rule is None or same_step

    def _evaluate(self, node, name, rows, words, leaves):
        """Calculate a rule for one row; the numbers it takes are noted as leaves, in order."""

        def taken(node):
            leaves.append(self._leaf(node, name, rows, words))
            return leaves[-1].value

        result = expressions.calculated(node, taken)
        return 0.0 if np.isnan(result) else float(result)  # divided by nothing

    def _leaf(self, node, name, rows, words):
        if isinstance(node, ast.Constant):
            return Leaf("", "", "", rows, float(node.value))
        if isinstance(node, ast.Name):
            value = rows[node.id].fillna(0.0).iloc[0]  # a part that is not there adds nothing
            return Leaf(node.id, name, node.id, rows, float(value))
        if isinstance(node, ast.Attribute):
            found = related(node.value.id, words, self.tables)
            return Leaf(node.attr, node.value.id, node.attr, found, float(found[node.attr].sum()))
        column, first = node.args  # before(column, what stands for it in the first month)
        earlier = related(name, words | {"period": words["period"] - 1}, self.tables)
        if earlier.empty:
            return self._leaf(first, name, rows, words)
        label = f"{column.id} of {words['period'] - 1}"
        return Leaf(label, name, column.id, earlier, float(earlier[column.id].sum()), earlier=True)

    # ----------------------------------------------------------------------------------------------
    # input tables

    def _input(self, line, name, rows, column):
        """Give the lines and file of the rows, and their authors."""
        if name not in self._files:
            self._files[name] = self._located(name)
        groups = self.tables.get("product_groups")
        line["source"], changed = places(name, rows, self._files[name], groups)
        line["author"], line["reason"] = authors(rows)
        line["how"] = content(name, rows, column) if len(rows) == 1 else f"{len(rows):,} rows"
        if 1 < len(rows) <= ONE_BY_ONE_INPUTS:
            line["source"], line["author"], line["reason"] = "", "", ""
            for place in range(len(rows)):
                row = rows.iloc[[place]]
                self.number(line["level"] + 1, apart(name, row.iloc[0], rows), name, row, column)
        elif changed and self.scenario != BASE and name != "scenario_changes":
            changes = self.tables["scenario_changes"]
            mine = changes[(changes["scenario"] == self.scenario) & (changes["table"] == name)]
            self.number(
                line["level"] + 1, f"scenario {self.scenario}", "scenario_changes", mine, "amount"
            )


def _command(leaf):
    """How to ask for the explanation of a leaf's row."""
    row = leaf.rows.iloc[0]
    key = [
        f"{c}={row[c]}"
        for c in TABLES[leaf.table].key
        if pd.notna(row[c]) and not (c == "strategy" and row[c] == PLAN_OF_RECORD)
    ]
    return shlex.join(["sopkit", "explain", leaf.table, *key])
