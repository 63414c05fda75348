"""Every number and every claim of an open headline of the three sample companies is found again from their tables.

`said_of_*` gives what each headline must hold, from the tables and without the exhibits. Open is what stands open on the
report's page, and the conclusions of each stage.
"""

import json
import re
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import pytest
import said_of_decisions
import said_of_demand
import said_of_money
import said_of_operations
import said_of_supply
from conftest import COMPANIES, ROOT
from saying import EXPECTED, unexplained

from sopkit import scenarios
from sopkit.cycle.stages import STAGES
from sopkit.reporting import exhibits
from sopkit.reporting.arrangement import OPEN
from sopkit.reporting.exhibit import made
from sopkit.rules.call import call, inputs_of
from sopkit.rules.marks import mark_of
from sopkit.schema.formatting import company_terms

ORACLES = (
    said_of_decisions, said_of_demand, said_of_money, said_of_operations, said_of_supply,
)  # fmt: skip
ANALYSES = {each.__name__: each for stage in STAGES for each in stage.analyses}
MODULES = [
    import_module(f"{exhibits.__name__}.{each.name}") for each in iter_modules(exhibits.__path__)
]
EXHIBITS = {
    function.__name__: function
    for module in MODULES
    for function in vars(module).values()
    if callable(function)
    and mark_of(function) is not None
    and function.__module__ == module.__name__
}


def conclusions():
    """The exhibits whose headlines a stage's notebook concludes with."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for listed in re.findall(r"review\.finish\(([^)]*)\)", "".join(cell["source"])):
                yield from re.findall(r"\.(\w+)(?=\s*[,)]|\s*$)", listed)


SHOWN = list(dict.fromkeys([*(name for names in OPEN.values() for name in names), *conclusions()]))


def key(function):
    """The name of an exhibit: `module.function`."""
    return f"{function.__module__.rsplit('.', 1)[1]}.{function.__name__}"


def with_what_a_session_adds(tables, exhibit, known):
    """The tables of a company with those that only a notebook makes; `known` are analyses made for other exhibits."""
    plan = dict(tables)
    for name in inputs_of(exhibit):
        if name in ANALYSES:
            if name not in known:
                known[name] = call(ANALYSES[name], plan)
            plan[name] = known[name]
        if name == "revision_comparison":  # planned once: there is no revision before
            values = scenarios.figures(plan)
            plan[name] = scenarios.compare(values, values).head(0).assign(revision=0)
    return plan


@pytest.fixture(scope="module")
def tables_of(company, plan, others):
    """Give the tables of a company by its name, and the analyses that have been made of them."""

    @cache
    def of(name):
        given, planned = (company, plan) if name == "summit" else others(name)
        return {**given, **planned}, {}

    return of


def test_every_open_headline_has_an_oracle():
    assert len(SHOWN) > 50
    assert sorted({key(EXHIBITS[name]) for name in SHOWN} - set(EXPECTED)) == []
    assert sorted(set(EXPECTED) - {key(EXHIBITS[name]) for name in SHOWN}) == []
    assert {function.__module__ for function in EXPECTED.values()} == {
        each.__name__ for each in ORACLES
    }


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("name_of_company", ["summit", *COMPANIES])
def test_a_headline_says_what_its_tables_say_and_nothing_else(name_of_company, name, tables_of):
    exhibit = EXHIBITS[name]
    tables, known = tables_of(name_of_company)
    tables = with_what_a_session_adds(tables, exhibit, known)
    headlines = [shown.headline for shown in made(exhibit, tables)]
    with company_terms(tables):
        phrases = EXPECTED[key(exhibit)](tables)
    each = [phrases] if len(phrases) == 0 or isinstance(phrases[0], str) else phrases
    assert len(headlines) == len(each)
    for headline, expected in zip(headlines, each, strict=True):
        assert unexplained(headline, expected) == [], headline


@pytest.mark.parametrize(
    ("headline", "phrases", "wrong"),
    [
        ("3 late orders, none from Ceylon.", ["3 late orders", "none"], []),
        ("13 late orders.", ["3 late orders"], ["lacks: 3 late orders", "13", "late"]),
        ("TENT-2 is cut most, by 40 units.", ["TENT-2", "by 40 units"], ["most"]),
        ("By 40 units TENT-2 is cut.", ["TENT-2", "By 40 units"], ["lacks: By 40 units", "40"]),
        (
            "Margin is 5 % below budget.",
            ["5 % above budget"],
            ["lacks: 5 % above budget", "5", "below"],
        ),
    ],
)
def test_what_a_headline_says_beside_its_phrases_is_found(headline, phrases, wrong):
    assert unexplained(headline, phrases) == wrong
