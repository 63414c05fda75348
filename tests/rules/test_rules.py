"""A rule is a function of tables: how it is marked, collected, called, and held to an order."""

from dataclasses import dataclass
from types import ModuleType

import pytest

from sopkit.rules.call import asks_for, call, inputs_of
from sopkit.rules.collect import collect
from sopkit.rules.marks import mark, mark_of

TABLES = ("products", "sales_history", "demand_plan")


@dataclass(frozen=True)
class Basis:
    products: list
    sales_history: list | None = None


def demand(products, sales_history=None):
    return products, sales_history


def supply(basis: Basis, demand_plan, replan):
    return basis.products, basis.sales_history, demand_plan, replan("rows")


def module(*functions):
    made = ModuleType("sopkit.rules_of_a_test")
    for function in functions:
        function.__module__ = made.__name__
        setattr(made, function.__name__, function)
    return made


def test_a_parameter_without_default_is_a_required_table():
    assert inputs_of(demand) == {"products": True, "sales_history": False}


def test_the_fields_of_a_bundle_are_tables_and_a_service_is_none():
    assert inputs_of(supply) == {"products": True, "sales_history": False, "demand_plan": True}
    assert asks_for(supply, "replan")
    assert not asks_for(demand, "replan")


def test_a_rule_is_called_with_the_tables_that_it_names():
    tables = {"products": [1], "demand_plan": [2], "budget": [3]}
    assert call(demand, tables) == ([1], None)
    assert call(supply, tables, replan=lambda rows: rows) == ([1], None, [2], "rows")


def test_an_absent_required_table_is_named():
    with pytest.raises(ValueError, match=r"test_rules\.demand needs the table products"):
        call(demand, {})


def test_a_mark_changes_nothing_else():
    marked = mark("check", severity="major")(lambda products: products)
    assert marked([1]) == [1]
    assert mark_of(marked).kind == "check"
    assert mark_of(marked).about["severity"] == "major"
    assert mark_of(demand) is None


def test_rules_are_collected_by_kind_in_the_order_of_their_source():
    @mark("check")
    def second_by_name(products):
        return products

    @mark("check")
    def first_by_name(products):
        return products

    @mark("variance")
    def of_another_kind(products):
        return products

    found = collect("check", module(first_by_name, of_another_kind, second_by_name), tables=TABLES)
    assert list(found) == ["second_by_name", "first_by_name"]


def test_a_misspelt_table_is_refused_even_where_it_is_optional():
    @mark("check")
    def late_sales(products, sale_history=None):
        return products

    with pytest.raises(
        ValueError, match=r"'sale_history', which is not a table; did you mean sales_h"
    ):
        collect("check", module(late_sales), tables=TABLES)


def test_two_rules_of_one_name_are_refused():
    def made():
        @mark("check")
        def late_sales(products):
            return products

        return late_sales

    with pytest.raises(ValueError, match="two check rules have one name"):
        collect("check", module(made()), module(made()), tables=TABLES)
