"""A measure is declared once: in a row of measures.toml, and its value is asked of one function."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.schema import expressions
from sopkit.schema.measures import FILE, MEASURES, read_measures
from sopkit.schema.reading import SchemaError
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys
from sopkit.tables.measures import MissingValue, share, value, written
from sopkit.tables.periods import month

PRODUCTS = table("products", "product family unit_of_measure\nTENT tents piece\nSTOVE stoves piece")
SERVICE = table(
    "constrained_demand",
    """
    product  market  period   demand  fulfilled  backlog  lost_sales
    TENT     north   2026-10    100     90      10       0
    TENT     north   2026-11    50      50      10       0
    TENT     export  2026-10    40      30      0        10
    STOVE    export  2026-11    60      60      0        0
    STOVE    west    2026-11    0       0       0        0
    """,
)
MONEY = table(
    "financial_plan",
    """
    family  period   quantity  revenue  cost_of_sales  margin  inventory_value
    tents   2026-10  120       1200     700            500     300
    stoves  2026-10  0         0        0              0       100
    tents   2026-11  50        500      300            200     350
    stoves  2026-11  60        300      200            100     80
    """,
)
CASH = table(
    "cash_plan",
    """
    period   collections  payments  receivables  payables  inventory_value  cash
    2026-10  10           60        0            0         400              50
    2026-11  90           10        0            0         430              130
    """,
)
TABLES = {
    "products": PRODUCTS, "constrained_demand": SERVICE, "financial_plan": MONEY, "cash_plan": CASH,
}  # fmt: skip


def by(name, *dimensions, **more):
    """A measure's values by the words of their rows."""
    rows = value(name, TABLES, dimensions, **more)
    words = [rows[d].astype("str") for d in dimensions]
    return dict(zip(zip(*words, strict=True), rows["value"], strict=True))


def test_the_fill_rate_is_what_is_delivered_in_the_month_it_is_wanted():
    """Of 250 wanted 10 + 10 are late and 10 are lost."""
    assert value("fill_rate", TABLES) == pytest.approx(220 / 250)


def test_the_fill_rate_by_market_leaves_out_a_market_that_wants_nothing():
    """North: 20 late of 150; export: 10 lost of 100; the west wants nothing, so it has no fill rate."""
    assert by("fill_rate", "market") == {
        ("north",): pytest.approx(130 / 150), ("export",): pytest.approx(0.9)
    }  # fmt: skip


def test_a_familys_measure_takes_the_family_of_the_products():
    assert by("fill_rate", "family") == {
        ("tents",): pytest.approx(160 / 190), ("stoves",): 1.0
    }  # fmt: skip
    assert by("unmet_demand", "family", "period") == {
        ("tents", "2026-10"): 20, ("tents", "2026-11"): 10, ("stoves", "2026-11"): 0,
    }  # fmt: skip


def test_stock_is_told_by_its_highest_month_and_cash_by_its_lowest():
    assert value("inventory_value", TABLES) == 430
    assert by("inventory_value", "family") == {("stoves",): 100, ("tents",): 350}
    assert by("inventory_value", "period") == {("2026-10",): 400, ("2026-11",): 430}
    assert value("cash", TABLES) == 50


def test_a_ratio_is_one_of_sums_not_a_mean_of_ratios():
    assert value("margin_ratio", TABLES) == 800 / 2000
    assert by("margin_ratio", "period") == {("2026-10",): 500 / 1200, ("2026-11",): 300 / 800}


HOURS = """
    resource  period   regular_hours  overtime_hours  capacity_hours  workers  hired  laid_off  utilization
    SEWING    2026-10  150            30              200             1        0      0         0.9
    SEWING    2026-11  160            40              200             1        0      0         1
    """


def test_hours_used_are_regular_and_overtime_hours_of_those_available():
    """380 hours worked of 400: planned and past alike."""
    planned = {"workforce_plan": table("workforce_plan", HOURS)}
    past = {"hours_history": planned["workforce_plan"]}
    assert value("planned_utilization", planned) == pytest.approx(380 / 400)
    assert value("utilization", past) == pytest.approx(380 / 400)
    assert value("overtime_ratio", past) == pytest.approx(70 / 380)


def test_what_is_below_target_inventory_is_the_worst_month_and_never_less_than_nothing():
    stock = pd.DataFrame(
        {
            "product": ["TENT", "TENT", "STOVE"],
            "site": "plant",
            "period": pd.PeriodIndex(["2026-10", "2026-11", "2026-10"], freq="M"),
            "inventory": [30.0, 80.0, 40.0],
            "target_inventory": [50.0, 50.0, 10.0],
        }
    )
    assert value("target_inventory", {"supply_plan": stock}) == 20


GROUPED = TABLES | {
    "product_groups": table(
        "product_groups", "member product_group\ntents shelter\nshelter outdoor\nstoves outdoor"
    ),
    "market_groups": table("market_groups", "member market_group\nnorth home\nwest home"),
}


def on_arrays(tables):
    """The plan's tables as arrays."""
    names = ("constrained_demand", "financial_plan")
    return tables | {name: ArrayTable.of_table(name, tables[name]).filled(0.0) for name in names}


@pytest.mark.parametrize("tables", [GROUPED, on_arrays(GROUPED)], ids=["rows", "arrays"])
def test_a_row_counts_in_every_group_that_its_family_is_in(tables):
    revenue = value("revenue", tables, ["product_group"]).set_index("product_group")["value"]
    assert revenue.to_dict() == {"outdoor": 2000, "shelter": 1700}
    by_month = value("revenue", tables, ["product_group", "period"])
    assert by_month["value"].tolist() == [1200, 800, 1200, 500]
    stock = value("inventory_value", tables, ["product_group"])  # the highest month of each
    assert stock["value"].tolist() == [430, 350]


@pytest.mark.parametrize("tables", [GROUPED, on_arrays(GROUPED)], ids=["rows", "arrays"])
def test_groups_of_products_and_markets_meet_and_what_is_in_none_is_in_no_row(tables):
    rows = value("fill_rate", tables, ["product_group", "market_group"])
    assert rows.iloc[:, :2].to_numpy().tolist() == [["outdoor", "home"], ["shelter", "home"]]
    assert rows["value"].tolist() == [pytest.approx(130 / 150)] * 2
    assert len(value("fill_rate", tables, ["market"])) == 2


def test_a_dimension_of_groups_needs_its_table_and_a_row_in_it():
    with pytest.raises(MissingValue, match="by product_group is not known without product_groups"):
        value("revenue", TABLES, ["product_group"])
    other = table("product_groups", "member product_group\npacks gear")
    with pytest.raises(MissingValue, match="no family of these rows is in a group"):
        value("revenue", TABLES | {"product_groups": other}, ["product_group"])


def test_months_can_be_chosen():
    october = (month("2026-10"), month("2026-10"))
    assert value("revenue", TABLES, months=october) == 1200
    assert value("cash", TABLES, months=(month("2026-11"), month("2026-12"))) == 130


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ({}, "fill_rate is not known without constrained_demand"),
        (
            {"constrained_demand": SERVICE.iloc[:0]},
            "constrained_demand has no rows of these months",
        ),
        (
            {"constrained_demand": SERVICE.assign(demand=0.0)},
            "fill_rate is not known: demand is 0",
        ),
        ({"constrained_demand": SERVICE.assign(demand=np.nan)}, "has no demand in some rows"),
    ],
)
def test_what_is_missing_is_said_rather_than_given_as_no_number(tables, why):
    with pytest.raises(MissingValue, match=why):
        value("fill_rate", tables)


@pytest.mark.parametrize("by", [(), ("period",), ("market",)])
def test_a_table_of_arrays_without_rows_has_no_value_either(by):
    months = pd.period_range("2026-10", "2026-11", freq="M")
    keys = Keys(SERVICE[["product", "market"]].iloc[:0])
    nothing = {name: np.zeros((0, 2)) for name in ("demand", "fulfilled", "backlog", "lost_sales")}
    arrays = ArrayTable(keys, months, nothing)
    with pytest.raises(MissingValue, match="constrained_demand has no rows of these months"):
        value("fill_rate", {"constrained_demand": arrays}, by)


def test_a_sum_with_a_part_missing_is_missing():
    money = MONEY.assign(revenue=MONEY["revenue"].mask(MONEY["family"] == "stoves"))
    rows = value("revenue", {"financial_plan": money}, ["family"])
    assert rows["family"].tolist() == ["tents"]
    with pytest.raises(MissingValue, match="financial_plan has no revenue in some rows"):
        value("revenue", {"financial_plan": money})


@pytest.mark.parametrize(
    ("name", "dimension", "why"),
    [
        ("cash", "family", "cash has no dimension family; it has period"),
        (
            "revenue",
            "market",
            "revenue has no dimension market; it has family, product_group, period",
        ),
        ("happiness", "market", "'happiness' is not a measure; the measures are demand, quantity"),
    ],
)
def test_a_dimension_that_a_measure_has_not_is_refused_by_name(name, dimension, why):
    with pytest.raises(ValueError, match=why):
        value(name, TABLES, [dimension])


def test_what_a_function_finds_is_read_where_it_stands_with_what_is_missing():
    said = [
        ("plan_change_ratio", "lag 1", 0.2, "The cycle changed 20 %."),
        ("plan_change_ratio", "lag 2", 0.3, "The cycle changed 30 %."),
        ("bias", "all", np.nan, "No consensus is known."),
    ]
    rows = pd.DataFrame(said, columns=["measure", "item", "value", "statement"])
    rows = rows.assign(period=month("2026-09"))
    assert value("plan_change_ratio", {"performance": rows}) == 0.2
    assert value("plan_change_ratio", {"performance": rows}, ["lag"])["value"].tolist() == [
        0.2,
        0.3,
    ]
    with pytest.raises(MissingValue, match="No consensus is known"):
        value("bias", {"performance": rows})


def test_a_formula_gives_the_same_on_columns_and_on_arrays():
    measure = MEASURES["fill_rate"]
    arrays = {c: SERVICE[c].to_numpy().reshape(1, 5) for c in ("demand", "backlog", "lost_sales")}
    assert (measure.of(SERVICE).to_numpy().reshape(1, 5) == measure.of(arrays)).all()
    on_time, wanted = measure.of(arrays).sum(axis=1), arrays["demand"].sum(axis=1)
    assert share("fill_rate", on_time, wanted).tolist() == [220 / 250]


def test_a_share_of_nothing_is_missing_unless_something_else_is_said():
    assert np.isnan(share("fill_rate", 0.0, 0.0))
    assert share("fill_rate", np.array([0.0, 1.0]), np.array([0.0, 2.0]), 1.0).tolist() == [1.0, 0.5]  # fmt: skip


def test_a_share_is_written_in_per_cent():
    assert written("fill_rate", 0.9376) == "93.8 %"
    assert written("inventory_turns", 13.376) == "13.4"
    assert written("cash", 3284140.7) == "3,284,141"


# --- the language


@pytest.mark.parametrize(
    ("text", "result"),
    [("a + b * 2", 13), ("(a + b) * 2", 16), ("a - minimum(a, b)", 0), ("maximum(a, b) / b", 1)],
)
def test_expressions_are_calculated_as_they_are_written(text, result):
    assert expressions.evaluate(text, {"a": 3, "b": 5}) == result


@pytest.mark.parametrize("text", ["a ** 2", "a if b else c", "open('x')", "a.b.c", "[a]", "minimum(a)", "a +"])  # fmt: skip
def test_what_the_language_has_not_is_refused(text):
    with pytest.raises(SchemaError):
        expressions.parsed(text)


# --- the file

ROW = """
[fill]
label = "fill rate"
definition = "Delivered / wanted"
unit = "ratio"
direction = "at_least"
table = "constrained_demand"
dimensions = ["market", "family", "period"]
over_time = "ratio"
formula = "served"
per = "demand"
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ROW + 'colour = "red"', "measures.toml fill: unknown colour; known are label"),
        (ROW.replace('per = "demand"', ""), "per is given of a ratio"),
        (ROW.replace('formula = "served"', ""), "either formula or function must be given"),
        (ROW.replace('"served"', '"serfed"'), "fill formula: unknown serfed; known are product"),
        (ROW.replace('"market"', '"resource"'), "fill dimensions: unknown resource; known are"),
        (ROW.replace('"at_least"', '"up"'), "direction: unknown up; known are at_least, at_most"),
        (ROW.replace('"constrained_demand"', '"sales"'), "fill table: unknown sales"),
        (ROW.replace('unit = "ratio"', ""), "fill: unit must be given"),
        (ROW + 'actual = "sold"', "fill actual: unknown sold"),
    ],
)
def test_a_row_that_is_not_understood_is_refused(tmp_path, text, why):
    path = tmp_path / FILE.name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=why):
        read_measures(path)


def test_every_function_of_a_measure_exists():
    from sopkit.performance import attainment, kpis

    known = {**vars(kpis), **vars(attainment)}
    named = [m.function for m in MEASURES.values() if m.table == "performance"]
    assert not [name for name in named if name not in known]
