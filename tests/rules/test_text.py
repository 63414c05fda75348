"""Text is Python's own where tables are read and computed, and pandas' choice everywhere else."""

import pandas as pd

from sopkit.cycle.computing import compute, first_table
from sopkit.io import readers
from sopkit.rules.text import as_python_text

SALES = "product,market,period,quantity\nA,north,2026-01,5\n"


def storage(column):
    return column.dtype.storage


@as_python_text
def named(codes):
    return pd.Series(codes, dtype="str")


def test_text_made_within_is_pythons_and_the_option_is_as_before():
    before = pd.get_option("mode.string_storage")
    assert storage(named(["A"])) == "python"
    assert pd.get_option("mode.string_storage") == before


def test_tables_are_read_with_pythons_text(tmp_path):
    (tmp_path / "products.csv").write_text("product,family,unit_of_measure\nA,tents,piece\n")
    (tmp_path / "sales_history.csv").write_text(SALES)
    tables = readers.read(tmp_path)
    assert storage(tables["products"]["product"]) == "python"


def test_a_step_makes_pythons_text_of_its_own():
    seen = []

    def planning_periods():
        seen.append(storage(pd.Series(["A"])))
        return first_table({}, "2026-10")["planning_periods"]

    compute(planning_periods, {})
    assert seen == ["python"]


def test_days_and_months_have_names_in_an_analysts_cell():
    days = pd.Series(pd.to_datetime(["2026-10-05"]))
    assert list(days.dt.day_name()) == ["Monday"]
    assert list(days.dt.month_name()) == ["October"]
