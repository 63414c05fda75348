"""The day the data is of: what is past due, what can still be ordered, and what is left of a month."""

import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import table

from sopkit.cli import main
from sopkit.cycle import replanning
from sopkit.data_quality import assumption_checks, period_checks
from sopkit.demand.consumption import on_supply
from sopkit.master_data.economics import worker_calendar
from sopkit.master_data.work_calendar import work_calendar
from sopkit.runner import planning_inputs
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.periods import (
    as_of_day,
    days_left,
    first_planned_day,
    planning_periods,
    weekdays_left,
)

SETTINGS = """
currency  receivable_days  payable_days  opening_cash  fixed_cost  horizon_months  as_of_day
EUR       0                0             0             0           2               {}
"""
GOODS = "product family unit_of_measure supply_mode order_lead_time_days\nX f piece {}"


def settings(day):
    return table("company_settings", SETTINGS.format(day))


def periods(day):
    return planning_periods("2026-10", settings(day))


def asked(day, orders="", mode="to_stock -"):
    rows = periods(day)[["period"]].assign(product="X", market="m", consensus=[310.0, 300.0])
    plan = ArrayTable.of_rows(rows, ["product", "market"], pd.PeriodIndex(rows["period"]))
    ordered = table("sales_orders", f"order_number product market due_day quantity\n{orders}")
    goods = table("products", GOODS.format(mode))
    return on_supply(plan, periods(day), goods, ordered).frame


def test_without_a_setting_it_is_the_day_before_the_first_month():
    for months in (planning_periods("2026-10"), periods("-")):
        assert as_of_day(months) == pd.Timestamp("2026-09-30")
        assert days_left(months).tolist() == [1.0] * len(months)


def test_of_a_month_that_has_begun_the_days_after_it_are_left():
    # 17 of 31 days, and 13 of 22 weekdays: Thursday 15 to Saturday 31 October
    months = periods("2026-10-14")
    assert first_planned_day(months) == pd.Timestamp("2026-10-15")
    assert days_left(months).tolist() == pytest.approx([17 / 31, 1])
    assert weekdays_left(months).tolist() == pytest.approx([12 / 22, 1])


def test_before_the_first_month_nothing_more_is_left_than_the_month():
    months = periods("2026-09-20")
    assert as_of_day(months) == pd.Timestamp("2026-09-20")
    assert first_planned_day(months) == pd.Timestamp("2026-10-01")
    assert days_left(months).tolist() == [1, 1]


def test_only_the_remaining_days_forecast_is_asked_for_and_orders_consume_it():
    found = asked("2026-10-14", "1 X m 2026-10-20 100")
    assert found["net_forecast"].tolist() == pytest.approx([70, 300])  # 17 days at 10, less 100
    assert found["total_demand"].tolist() == pytest.approx([170, 300])


def test_orders_due_until_the_as_of_day_are_past_due():
    found = asked("2026-10-14", "1 X m 2026-10-14 8\n2 X m 2026-10-15 5\n3 X m 2026-09-02 1")
    assert found["past_due_orders"].tolist() == [9, 0]
    assert found["firm_orders"].tolist() == [5, 0]


def test_order_lead_times_count_from_it():
    # 30 days from 14 October end on 13 November: 17 of its 30 days are open
    found = asked("2026-10-14", mode="to_order 30")
    assert found["net_forecast"].tolist() == pytest.approx([0, 170])
    # from 20 September they end on 20 October: 11 of its 31 days are
    assert asked("2026-09-20", mode="to_order 30")["net_forecast"].iloc[0] == pytest.approx(110)


def test_only_the_remaining_weekdays_are_worked():
    crew = "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\nC s 1 1 1 1 1"
    months = periods("2026-10-14")
    usual = worker_calendar(months, table("resources", crew))
    assert usual["working_days"].tolist() == [12, 21]
    assert usual["regular_hours_per_worker"].tolist() == [96, 168]
    given = table(
        "resource_calendar",
        "resource period working_days regular_hours_per_worker overtime_hours_per_worker\n"
        "C 2026-10 22 176 11\nC 2026-11 21 168 11",
    )
    stated = worker_calendar(months, table("resources", crew), given)
    assert stated["regular_hours_per_worker"].tolist() == pytest.approx([96, 168])
    assert stated["overtime_hours_per_worker"].tolist() == pytest.approx([6, 11])


def test_no_work_is_planned_on_days_that_are_past():
    held = table("item_locations", "product site on_hand produced_here\nX s 0 yes")
    days = work_calendar(periods("2026-10-14"), held).set_index("day")["hours"]
    assert days[: pd.Timestamp("2026-10-14")].sum() == 0
    assert days[pd.Timestamp("2026-10-15")] == 8


def test_sales_of_a_month_that_has_begun_are_no_error():
    sales = table("sales_history", "product market period quantity\nX m 2026-09 1\nX m 2026-10 1")
    assert assumption_checks.sales_in_planned_months(periods("-"), sales) is not None
    assert assumption_checks.sales_in_planned_months(periods("2026-10-14"), sales) is None


@pytest.mark.parametrize(
    ("day", "sound"), [("2026-10-30", 1), ("2026-10-31", 0), ("2026-08-31", 0)]
)
def test_it_lies_before_the_end_of_the_first_month(day, sound):
    issue = period_checks.as_of_day_outside_the_cycle(periods(day), settings(day))
    assert (issue is None) == bool(sound)
    if issue:
        assert "as_of_day is not in the first planned month, 2026-10, or the one before" in str(
            issue
        )
        assert as_of_day(periods(day)) == pd.Timestamp("2026-09-30")


@pytest.mark.parametrize(
    ("counted", "told"),
    [("2026-09-14", True), ("2026-09-30", False), ("-", False), ("2026-10-05", True)],
)
def test_stock_of_another_day_is_told_because_what_came_in_between_is_missing_or_planned_twice(
    counted, told
):
    stock = table("inventory", f"product site on_hand counted_on\nX main 12 {counted}")
    found = period_checks.stock_of_another_day(periods("-"), stock)
    assert (found is not None) == told
    if told:
        assert "stock is not of the as-of day, 2026-09-30" in str(found)
        assert f"counted_on={counted}" in str(found)


def company(folder):
    months = pd.period_range("2024-10", "2026-09", freq="M")
    sales = "".join(f"X,m,{month},310\n" for month in months)
    (folder / "products.csv").write_text("product,family,unit_of_measure\nX,f,kg\n")
    (folder / "sales_history.csv").write_text(f"product,market,period,quantity\n{sales}")
    return folder


def test_the_option_takes_the_place_of_the_setting(tmp_path):
    folder = company(tmp_path)
    with pytest.raises(ValueError, match="--as-of 2026-10-14: company_settings is absent"):
        planning_inputs.read(folder, "2026-10", "2026-10-14")
    header, row = SETTINGS.strip().format("").splitlines()
    text = ",".join(header.split()) + "\n" + ",".join(row.split()) + ",2026-09-30\n"
    (folder / "company_settings.csv").write_text(text)
    tables = planning_inputs.read(folder, "2026-10", "2026-10-14")
    plan = replanning.replan(tables, "2026-10", until="40_supply_review")
    demand = plan["demand_plan"]
    left = demand["net_forecast"] / demand["consensus"]
    assert left.tolist() == pytest.approx([17 / 31, 1])
    made = plan["supply_plan"]["regular"].iloc[0] - plan["supply_plan"]["inventory"].iloc[0]
    assert made == pytest.approx(demand["total_demand"].iloc[0])
    result = CliRunner().invoke(main, ["check", str(folder), "--as-of", "yesterday"])
    assert "--as-of 'yesterday' is not a day; write it as 2026-10-14" in result.output
