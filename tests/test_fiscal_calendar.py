"""Planning in the company's own periods: their days, what the calendar refuses, and the forecast."""

import numpy as np
import pandas as pd
import pytest
from conftest import said, table
from pandas import Period, Timestamp

from sopkit.data_quality import calendar_checks, fence_checks
from sopkit.demand.cleansing import demand_history
from sopkit.demand.consumption import on_supply
from sopkit.finance import outlook
from sopkit.forecasting.reconciliation import reconciled_forecast
from sopkit.master_data.economics import worker_calendar
from sopkit.master_data.sources import open_orders
from sopkit.master_data.work_calendar import work_calendar
from sopkit.reporting.exhibit import Exhibit, Headline, display, exhibit
from sopkit.runner import planning_inputs
from sopkit.supply.order_backlog import order_backlog
from sopkit.tables import conform
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.fiscal_calendar import continued, fiscal_calendar, pattern_weeks, year_start
from sopkit.tables.periods import (
    around,
    as_of_day,
    day_counts,
    days_left,
    first_planned_day,
    period_of,
    planning_periods,
    working_days,
)

START = Timestamp("2026-02-01")
THREE = """
period  first_day  last_day   fiscal_year quarter label
2026-09 2026-08-30 2026-09-26 2027        3       P08/27
2026-10 2026-09-27 2026-10-31 2027        3       P09/27
2026-11 2026-11-01 2026-11-28 2027        4       P10/27
"""
PRODUCTS = table("products", "product family unit_of_measure\nX f piece")


def retail(pattern="4-4-5", first="2022-02", last="2029-01"):
    """The calendar of a retailer whose year begins on the Sunday nearest to 1 February."""
    return conform(
        "calendar", fiscal_calendar(pattern, START, Period(first, "M"), Period(last, "M"))
    )


def horizon(count=2, day=None, cycle="2026-10", calendar=None):
    terms = {"horizon_months": [float(count)]} | ({"as_of_day": [Timestamp(day)]} if day else {})
    own = table("calendar", THREE) if calendar is None else calendar
    return planning_periods(cycle, pd.DataFrame(terms), own)


class TestPatterns:
    def test_three_periods_a_quarter_and_a_53rd_week_in_the_last_of_its_year(self):
        # the 53-week years of the National Retail Federation's calendar: those begun in 2023, 2028
        rows = retail("4-5-4", "2023-02", "2029-01")
        weeks = (day_counts(rows) / 7).reshape(-1, 12)
        assert weeks[0].tolist() == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5]
        assert weeks[1].tolist() == [4, 5, 4] * 4
        assert weeks.sum(axis=1).tolist() == [53, 52, 52, 52, 52, 53]
        begins = rows["first_day"].dt.strftime("%Y-%m-%d").tolist()[::12]
        assert begins == [
            *("2023-01-29", "2024-02-04", "2025-02-02"),
            *("2026-02-01", "2027-01-31", "2028-01-30"),
        ]

    def test_periods_are_known_by_months_and_years_by_the_year_they_end_in(self):
        rows = retail(first="2026-02", last="2027-01")
        assert rows["period"].astype(str).iloc[[0, -1]].tolist() == ["2026-02", "2027-01"]
        assert rows["label"].iloc[[0, -1]].tolist() == ["P01 FY27", "P12 FY27"]
        assert rows["quarter"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]

    def test_a_year_that_begins_in_december_has_the_months_of_the_next(self):
        rows = fiscal_calendar(
            "5-4-4", Timestamp("2025-12-29"), Period("2026-01", "M"), Period("2026-12", "M")
        )
        assert rows["period"].astype(str).iloc[[0, -1]].tolist() == ["2026-01", "2026-12"]
        assert rows["last_day"].iloc[-1] == Timestamp("2027-01-03")  # 53 weeks
        assert (rows["fiscal_year"] == 2026).all()

    @pytest.mark.parametrize("pattern", ["13", "4-4-4", "5-5-3"])
    def test_other_patterns_are_refused_with_what_to_do(self, pattern):
        with pytest.raises(ValueError, match="write one of: 4-4-5, 4-5-4, 5-4-4"):
            pattern_weeks(pattern)

    def test_thirteen_periods_say_why(self):
        with pytest.raises(ValueError, match="Thirteen periods of four weeks do not fit twelve"):
            pattern_weeks("13x4")

    def test_a_start_that_is_no_day_is_refused(self):
        with pytest.raises(ValueError, match="'February' is not a day; write the first day"):
            year_start("February")

    def test_it_is_continued_and_its_own_rows_stay(self):
        own = table("calendar", THREE)
        longer = continued(own, "4-4-5", START, Period("2027-02", "M"))
        pd.testing.assert_frame_equal(longer.head(3).astype(own.dtypes), own)
        assert longer["first_day"].iloc[3] == Timestamp("2026-11-29")
        assert said(calendar_checks.periods_of_the_calendar(conform("calendar", longer))) == ""


class TestDays:
    def test_planned_periods_have_the_days_of_the_calendar(self):
        assert day_counts(horizon()).tolist() == [35, 28]
        assert as_of_day(horizon()) == Timestamp("2026-09-26")

    def test_a_day_belongs_to_the_period_it_lies_in(self):
        days = pd.Series(
            pd.to_datetime(["2026-09-26", "2026-09-27", "2026-10-31", "2026-11-28", "2026-11-29"])
        )
        found = period_of(days, horizon()).astype(str).tolist()
        assert found == ["2026-09", "2026-10", "2026-10", "2026-11", "2026-12"]
        assert period_of(pd.Series([pd.NaT]), horizon()).isna().all()

    def test_without_a_calendar_a_day_belongs_to_its_month(self):
        days = pd.Series(pd.to_datetime(["2026-09-30", "2026-10-01"]))
        for periods in (planning_periods("2026-10"), None):
            assert period_of(days, periods).astype(str).tolist() == ["2026-09", "2026-10"]

    def test_of_a_period_that_has_begun_the_days_after_the_as_of_day_are_left(self):
        begun = horizon(day="2026-10-10")
        assert first_planned_day(begun) == Timestamp("2026-10-11")
        assert days_left(begun).tolist() == pytest.approx([21 / 35, 1])

    def test_weekdays_are_those_of_its_days(self):
        days = working_days(horizon()).groupby("period")["working_days"].sum()
        assert days.tolist() == [25, 20]
        crews = table("resources", RESOURCES)
        assert worker_calendar(horizon(), crews)["regular_hours_per_worker"].tolist() == [200, 160]

    def test_sites_work_on_its_days(self):
        stock = pd.DataFrame({"product": ["X"], "site": ["main"]})
        days = work_calendar(horizon(), stock)
        assert days["day"].iloc[[0, -1]].tolist() == [
            Timestamp("2026-09-27"),
            Timestamp("2026-11-28"),
        ]
        assert (days.groupby("period")["hours"].sum() == [200, 160]).all()

    def test_around_the_plan_days_follow_one_another(self):
        rows = around(horizon(), 2)
        assert rows["period"].astype(str).iloc[[0, -1]].tolist() == ["2026-08", "2027-01"]
        gaps = rows["first_day"].iloc[1:].to_numpy() - rows["last_day"].iloc[:-1].to_numpy()
        assert set(gaps / np.timedelta64(1, "D")) == {1}

    def test_a_calendar_without_a_planned_period_is_refused(self):
        with pytest.raises(ValueError, match="has no row for 2026-12, which is planned"):
            horizon(3)


RESOURCES = """
resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost
line     main 1               1            1             1         1
"""


class TestOrders:
    def test_an_order_is_due_in_the_period_of_its_day(self):
        # 27 September is a day of October's period, 29 November of one that is not planned
        orders = table(
            "sales_orders",
            """
            order_number product market due_day    quantity
            1            X       m      2026-09-27 5
            2            X       m      2026-10-31 7
            3            X       m      2026-11-01 4
            4            X       m      2026-11-29 9
            5            X       m      2026-09-26 2
            """,
        )
        rows = horizon()[["period"]].assign(product="X", market="m", consensus=100.0)
        plan = ArrayTable.of_rows(rows, ["product", "market"], pd.PeriodIndex(rows["period"]))
        found = on_supply(plan, horizon(), PRODUCTS, orders).frame
        assert found["firm_orders"].tolist() == [12, 4]
        assert found["past_due_orders"].tolist() == [2, 0]

    def test_a_purchase_is_received_in_the_period_of_its_day(self):
        orders = table("purchase_orders", "item due_day quantity\nX 2026-09-28 5\nX 2026-11-01 3")
        assert open_orders(pd.Index(["X"]), horizon(), orders).tolist() == [[5, 3]]

    def test_a_backlog_is_worked_off_at_the_pace_of_a_week(self):
        # 50 a period of five weeks and 40 of four: 10 a week
        periods = horizon()
        goods = table("products", "product family unit_of_measure supply_mode\nX f piece to_order")
        rows = periods[["period"]].assign(product="X")
        made = rows.assign(site="s", regular=[50.0, 40.0], overtime=0.0, subcontract=0.0)
        late = rows.assign(market="m", backlog=30.0, lost_sales=0.0)
        asked = rows.assign(market="m", firm_orders=0.0, net_forecast=0.0, past_due_orders=30.0)
        found = order_backlog(periods, goods, asked, made, late)
        assert found["backlog_weeks"].tolist() == pytest.approx([3, 3])

    def test_released_orders_lie_in_their_period(self):
        orders = table(
            "plan_overrides",
            "kind item site period day author reason fixed\n"
            "firm_production X main 2026-10 2026-09-28 A r 5",
        )
        assert "day must be in the month" in said(fence_checks.orders_on_another_month(orders))
        own = table("calendar", THREE)
        assert said(fence_checks.orders_on_another_month(orders, own)) == ""


class TestChecks:
    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            ("2026-10-31 2027", "2026-09-25 2027", "last_day must not be before first_day"),
            ("2026-09-27", "2026-09-28", "no left out days"),
            ("2026-09-27", "2026-09-20", "no shared days"),
            ("2026-11 2026-11-01", "2026-12 2026-11-01", "periods must be consecutive"),
            ("2026-11-28", "2027-01-30", "must not be longer than 49 days"),
        ],
    )
    def test_days_that_do_not_follow_one_another_are_refused(self, before, after, words):
        found = said(
            calendar_checks.periods_of_the_calendar(table("calendar", THREE.replace(before, after)))
        )
        assert words in found
        assert "period=" in found

    def test_days_of_another_year_are_refused(self):
        rows = table("calendar", THREE)
        later = rows.assign(period=rows["period"] + 12)
        found = said(calendar_checks.periods_of_the_calendar(later))
        assert "the days must be those of the month by which a period is known" in found

    def test_a_sound_calendar_passes(self):
        for pattern in ("4-4-5", "4-5-4", "5-4-4"):
            assert said(calendar_checks.periods_of_the_calendar(retail(pattern))) == ""
            assert said(calendar_checks.years_of_the_calendar(retail(pattern))) == ""

    def test_thirteen_periods_of_a_year_are_refused_with_what_to_do(self):
        days = pd.date_range("2026-02-01", periods=14, freq="28D")
        rows = pd.DataFrame(
            {
                "period": pd.period_range("2026-02", periods=13, freq="M"),
                "first_day": days[:-1],
                "last_day": days[1:] - pd.Timedelta(1, "D"),
                "fiscal_year": 2027,
                "quarter": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4],
            }
        )
        found = said(calendar_checks.years_of_the_calendar(conform("calendar", rows)))
        assert "a fiscal year must have at most 12 periods; 1 of 13 rows is not" in found
        assert "Thirteen periods of four weeks are not planned in" in found
        assert "quarter" not in found.split("Thirteen")[0].split("row")[0]

    def test_history_and_horizon_must_be_covered(self):
        sold = table(
            "sales_history", "product market period quantity\nX m 2026-08 1\nX m 2026-09 1"
        )
        months = planning_periods("2026-10", pd.DataFrame({"horizon_months": [4.0]}))
        found = said(calendar_checks.periods_without_days(table("calendar", THREE), sold, months))
        assert "1 sold period, first 2026-08" in found
        assert "2 planned periods, first 2026-12" in found
        assert "it has 2026-09 to 2026-11" in found

    def test_a_plan_beyond_the_calendar_is_refused_before_it_is_made(self, tmp_path):
        (tmp_path / "products.csv").write_text("product,family,unit_of_measure\nX,f,piece\n")
        sold = "product,market,period,quantity\nX,m,2026-09,5\n"
        (tmp_path / "sales_history.csv").write_text(sold)
        table("calendar", THREE).to_csv(tmp_path / "calendar.csv", index=False)
        with pytest.raises(ValueError, match="planned periods, first 2026-12; it has 2026-09"):
            planning_inputs.read(tmp_path, "2026-10")


def sales(per_week, calendar, last="2026-09"):
    """Sales history at these units a week, by period of the calendar."""
    rows = calendar[calendar["period"] <= last]
    quantity = per_week[: len(rows)] * day_counts(rows) / 7
    return conform(
        "sales_history",
        pd.DataFrame(
            {"product": "X", "market": "m", "period": rows["period"], "quantity": quantity}
        ),
    )


class TestForecast:
    def forecast(self, sold, calendar):
        periods = horizon(18, calendar=calendar)
        history = demand_history(periods, PRODUCTS, sold, calendar=calendar)
        table = reconciled_forecast(history, PRODUCTS, periods).baseline_forecast
        return history, table.assign(weeks=day_counts(periods) / 7)

    @pytest.mark.parametrize("pattern", ["4-4-5", "4-5-4", "5-4-4"])
    def test_a_constant_rate_a_week_is_forecast_as_constant(self, pattern):
        """Also over the 53rd week of the year that ends in January 2024."""
        calendar = retail(pattern)
        history, found = self.forecast(sales(np.full(60, 70.0), calendar), calendar)
        assert (found["baseline"] / found["weeks"]).tolist() == pytest.approx([70.0] * 18)
        assert set(found["weeks"]) == {4, 5}
        assert (history["cleansing_adjustment"] == 0).all()
        assert (history["cleansed"] == history["quantity"]).all()

    def test_by_month_a_young_product_has_no_five_weeks_to_come(self):
        """What the rates are for: a year and a half by month does not know which periods are long."""
        calendar = retail()
        sold = sales(np.full(60, 70.0), calendar).tail(18).reset_index(drop=True)
        months = planning_periods("2026-10")
        history = demand_history(months, PRODUCTS, sold)
        found = reconciled_forecast(history, PRODUCTS, months).baseline_forecast
        weekly = found["baseline"] / (day_counts(horizon(18, calendar=calendar)) / 7)
        assert np.ptp(weekly) > 2
        _, found = self.forecast(sold, calendar)
        assert (found["baseline"] / found["weeks"]).tolist() == pytest.approx([70.0] * 18)

    def test_a_season_is_one_of_the_rate_a_week(self):
        calendar = retail()
        per_week = 100 + 40 * np.sin(np.arange(60) * np.pi / 6)
        _, found = self.forecast(sales(per_week, calendar), calendar)
        expected = 100 + 40 * np.sin(np.arange(56, 74) * np.pi / 6)
        assert (found["baseline"] / found["weeks"]).to_numpy() == pytest.approx(expected, rel=0.03)

    def test_an_odd_period_is_judged_by_its_rate_and_cleansed_in_its_days(self):
        calendar = retail()
        per_week = np.full(60, 70.0) + np.tile([0, 2, -2], 20)
        per_week[50] = 700.0  # April 2026: 5 weeks
        history, _ = self.forecast(sales(per_week, calendar), calendar)
        row = history.set_index("period").loc["2026-04"]
        assert row["finding"] == "one_off_order"
        assert row["period_days"] == 35
        assert row["cleansed"] == pytest.approx(70 * 5, rel=0.05)
        assert row["cleansing_adjustment"] == row["cleansed"] - 3500


def test_quarters_and_fiscal_years_of_the_outlook_are_those_of_the_calendar():
    """The year that ends in January 2027: 8 periods of 100 sold, 4 of 120 planned."""
    calendar = retail(first="2025-02", last="2028-01")
    periods = horizon(16, calendar=calendar)
    sold = pd.DataFrame({"period": pd.period_range("2026-02", "2026-09", freq="M")})
    sold = conform(
        "sales_history", sold.assign(product="X", market="m", quantity=10.0, revenue=100.0)
    )
    money = {"quantity": 12.0, "revenue": 120.0, "cost_of_sales": 70.0, "activity_spend": 10.0}
    money |= {"margin": 40.0, "overhead": 15.0, "operating_profit": 25.0, "inventory_value": 0.0}
    plan = conform("financial_plan", periods[["period"]].assign(family="f", **money))
    inputs = outlook.OutlookInputs(periods, PRODUCTS, sold, plan, calendar=calendar)
    rows = outlook.outlook(inputs)
    rows = rows[(rows["item"] == "all") & (rows["measure"] == "revenue")]
    year = rows[rows["quarter"].isna()].set_index("fiscal_year")["outlook"]
    assert year.to_dict() == {2027: 8 * 100 + 4 * 120, 2028: 12 * 120}
    quarters = rows[rows["fiscal_year"] == 2027].dropna(subset="quarter")["outlook"]
    assert quarters.tolist() == [300, 300, 2 * 100 + 120, 360]


@exhibit("30_demand_review", title="Demand", table="demand_plan")
def demand_by_period(demand_plan: pd.DataFrame) -> Exhibit:
    """The demand of each period."""
    first = demand_plan["period"].min()
    return Exhibit(Headline("Demand from {first:month} on", first=first), table=demand_plan)


def test_exhibits_call_periods_by_their_label(capsys):
    plan = pd.DataFrame({"period": pd.period_range("2026-10", periods=2, freq="M")})
    plan = plan.assign(quantity=[350.0, 280.0])
    display(demand_by_period, {"demand_plan": plan, "calendar": table("calendar", THREE)})
    assert "Demand from P09/27 on" in capsys.readouterr().out
    display(demand_by_period, {"demand_plan": plan})
    assert "Demand from Oct 2026 on" in capsys.readouterr().out
