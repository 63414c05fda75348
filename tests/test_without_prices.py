"""A company that gives units alone reads no figure in money anywhere."""

import re
from importlib import import_module
from inspect import isfunction, signature
from pathlib import Path

import pytest
from pages import pre_read_of, words
from shop import shop

from sopkit.cycle import replanning
from sopkit.reporting import exhibits
from sopkit.reporting.exhibit import display, made
from sopkit.reporting.exhibits import cash_flow, products
from sopkit.reporting.item_section import item_section
from sopkit.rules.marks import mark_of
from sopkit.schema.columns import COLUMNS

SOLD = 3_600  # two products, 100 a month, 18 months
EARNED = re.compile(
    r"([Rr]evenue|[Mm]argin|[Cc]ash|[Cc]osts?) (of |is |are )?[\d.,]+|[\d.,]+ of (revenue|margin)"
)


@pytest.fixture(scope="module")
def tables():
    given = shop()
    return {**given, **replanning.replan(given, "2026-10")}


def shown_of(tables):
    """Every exhibit that can be made of the tables alone, by name."""
    for path in sorted(Path(exhibits.__file__).parent.glob("[!_]*.py")):
        for one in filter(
            isfunction, vars(import_module(f"{exhibits.__name__}.{path.stem}")).values()
        ):
            needed = [p.name for p in signature(one).parameters.values() if p.default is p.empty]
            if mark_of(one) is not None and all(tables.get(name) is not None for name in needed):
                yield one.__name__, made(one, tables)


def test_a_product_without_a_price_brings_nothing(tables):
    assert (tables["unit_economics"]["price"] == 0).all()
    assert (tables["financial_plan"]["revenue"] == 0).all()
    assert tables["financial_plan"]["quantity"].sum() == pytest.approx(SOLD)


def test_stock_and_lateness_are_weighed_all_the_same(tables):
    economics = tables["unit_economics"]
    assert (economics["backlog_cost"] > economics["holding_cost"]).all()
    assert (economics["holding_cost"] > 0).all()


def test_classes_go_by_volume(tables):
    assert tables["segments"]["revenue_share_ratio"].tolist() == [0.5, 0.5]
    (shown,) = made(products.segments, tables)
    assert (
        shown.headline == "2 of 2 products generate 100 % of volume; none of them is XYZ class Z."
    )


def test_no_exhibit_says_or_shows_money(tables):
    found = dict(shown_of(tables))
    assert len(found) > 60
    assert found["costs"] == found["margin_by_product"] == found["gaps_by_function"] == []
    for name, several in found.items():
        for one in several:
            assert not EARNED.search(one.headline), (name, one.headline)
            columns = [] if one.table is None else [c for c in one.table if c in COLUMNS]
            assert not [c for c in columns if COLUMNS[c].unit.startswith("money")], name


def test_the_plan_is_said_in_units(tables):
    (shown,) = dict(shown_of(tables))["money"]
    assert shown.headline == (
        "No prices are given: the plan is in units alone, 3,600 in Oct 2026 to Mar 2028."
    )
    assert list(shown.table) == ["family", "quantity"]


def test_an_exhibit_of_money_says_why_it_is_not_there(tables, monkeypatch):
    said = []
    monkeypatch.setattr(
        "IPython.display.display", lambda output, **_: said.append(output["text/plain"])
    )
    display(cash_flow.cash, tables)
    assert said == ["Cash: not known, because no prices are given."]


def test_the_pre_read_is_about_volume(tables, tmp_path):
    said = words(pre_read_of(tables, tmp_path).read_text(encoding="utf-8"))
    assert "Changed: volume 2026 2,400 units (actual + plan), 0.0 % vs. 2025." in said
    assert "At risk: every order is on time; capacity is not given and taken as unlimited." in said
    assert "Planned volume 0.0 % vs. prior year Oct 2026 to Sep 2027" in said
    assert "Revenue no prices are given unknown" in said
    assert "Margin no costs are given unknown" in said
    assert "P&amp;L outlook: no prices are known" in said
    assert "Money: Unknown: no prices are given." in said
    assert not EARNED.search(said)


def test_pages_of_families_and_products_are_in_units(tables):
    section = item_section(tables, 5_000_000)
    assert section.said == "2 products, by planned volume."
    said = words(" ".join(page for one in section.lists for page in (*one.pages, one.listed)))
    assert "unknown: no prices are given" in said
    assert "money" not in said
    assert not EARNED.search(said)


def test_the_plan_is_put_to_approval_in_units(tables):
    effect = tables["decisions"].set_index("decision").loc["approve-plan", "effect"]
    assert effect.startswith("3,600 units over 18 months; ")
