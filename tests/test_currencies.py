"""Currencies: an importer buys in dollars and sells in euro and pounds; all is planned in euro."""

import numpy as np
import pandas as pd
import pytest
from conftest import said, table
from oracle import recalculated

from sopkit import scenarios
from sopkit.cycle import replanning
from sopkit.data_quality import currency_checks, data_issues
from sopkit.io import writers
from sopkit.master_data.currencies import CONVERTED, in_reporting_currency, money_columns
from sopkit.model.comparison import of_record
from sopkit.runner import planning_inputs
from sopkit.tables.issues import DataError

MONTHS = [str(month) for month in pd.period_range("2024-10", "2026-09", freq="M")]
RATES = """
currency  effective_from  exchange_rate
USD       -               0.9
USD       2026-12         1.0
GBP       -               1.2
"""


def importer():
    sold = "".join(f"TEA home {m} 100 1000 -\nTEA abroad {m} 50 500 GBP\n" for m in MONTHS)
    return {
        "products": table("products", "product family unit_of_measure\nTEA drinks box"),
        "sales_history": table(
            "sales_history", f"product market period quantity revenue currency\n{sold}"
        ),
        "sources": table(
            "sources", "item supplier lead_time_days unit_cost currency\nTEA Assam 0 4 USD"
        ),
        "lanes": table(
            "lanes",
            "site market freight_cost currency\nmain home 0.5 EUR\nmain abroad 1 GBP",
        ),
        "item_costs": table(
            "item_costs",
            "product effective_from price material_cost holding_cost backlog_cost currency\n"
            "TEA 2026-01 11 4 2 1 USD",
        ),
        "company_settings": table(
            "company_settings",
            "currency receivable_days payable_days opening_cash fixed_cost horizon_months\n"
            "EUR 0 0 0 0 4",
        ),
        "exchange_rates": table("exchange_rates", RATES),
    }


def kept(table, *columns):
    frame = table.assign(effective_from=[str(month) for month in table["effective_from"]])
    return frame[["effective_from", *columns]].to_numpy().tolist()


def test_an_amount_of_a_month_is_converted_at_the_rate_of_that_month():
    tables = importer()
    tables["budget"] = table(
        "budget",
        "family period quantity revenue margin currency\n"
        "drinks 2026-11 150 1600 600 USD\ndrinks 2026-12 150 1600 600 USD",
    )
    converted = in_reporting_currency(tables)
    assert converted["budget"]["revenue"].tolist() == [1440, 1600]
    assert converted["budget"]["quantity"].tolist() == [150, 150]
    sales = converted["sales_history"].drop_duplicates("market").set_index("market")
    assert sales["revenue"].to_dict() == {"home": 1000, "abroad": 600}
    assert tables["budget"]["revenue"].tolist() == [1600, 1600]


def test_what_is_in_force_when_a_rate_changes_starts_anew_at_the_new_rate():
    converted = in_reporting_currency(importer())
    assert kept(converted["sources"], "unit_cost") == [["NaT", 3.6], ["2026-12", 4.0]]
    assert kept(converted["item_costs"], "price") == [["2026-01", 9.9], ["2026-12", 11.0]]
    assert converted["lanes"].set_index("market")["freight_cost"].to_dict() == {
        "home": 0.5,
        "abroad": 1.2,
    }


def test_salvage_value_order_cost_and_the_costs_of_a_rate_are_converted():
    """A policy without a date starts anew in December; what has no month has the rate of October."""
    tables = importer() | {
        "products": table(
            "products",
            "product family unit_of_measure salvage_value currency\nTEA drinks box 2 USD",
        ),
        "inventory_policy": table(
            "inventory_policy",
            "product site order_cost target_cover_months currency\nTEA main 50 1 USD",
        ),
        "supply_policy": table(
            "supply_policy",
            "family strategy author reason rate_increase_cost rate_decrease_cost plan_change_cost currency\n"
            "drinks level Novak steady 5 10 1 GBP",
        ),
    }
    converted = in_reporting_currency(tables)
    assert converted["products"]["salvage_value"].tolist() == [1.8]
    policy = converted["inventory_policy"]
    assert kept(policy, "order_cost", "target_cover_months") == [["NaT", 45, 1], ["2026-12", 50, 1]]
    rates = converted["supply_policy"][
        ["rate_increase_cost", "rate_decrease_cost", "plan_change_cost"]
    ]
    assert rates.to_numpy().tolist() == [[6, 12, 1.2]]


def test_a_row_that_starts_later_or_ends_before_a_rate_changes_is_not_carried_on():
    tables = importer()
    tables["sources"] = table(
        "sources",
        "item supplier effective_from unit_cost currency\n"
        "TEA Assam 2026-01 4 USD\nTEA Assam 2026-11 5 -\nTEA Ceylon 2027-02 3 USD",
    )
    converted = in_reporting_currency(tables)["sources"]
    assert kept(converted, "supplier", "unit_cost") == [
        ["2026-01", "Assam", 3.6],
        ["2026-11", "Assam", 5.0],  # in euro by December
        ["2027-02", "Ceylon", 3.0],  # at the rate of February
    ]


def test_nothing_is_converted_twice_and_what_is_all_in_euro_stays():
    once = in_reporting_currency(importer())
    assert in_reporting_currency(once) is once
    plain = {name: t for name, t in importer().items() if name in ("products", "company_settings")}
    assert in_reporting_currency(plain) is plain


def test_a_scenario_that_changes_a_rate_converts_by_the_change():
    once = dict(in_reporting_currency(importer()))
    change = table(
        "scenario_changes",
        "scenario change table column operation amount from_period\n"
        "dollar-up 1 exchange_rates exchange_rate multiply 1.1 2027-01",
    )
    after = scenarios.apply(once, change)
    assert np.allclose(
        np.array(kept(after["sources"], "unit_cost"), dtype=object)[:, 1].astype(float),
        [3.6, 4.0, 4.4],
    )
    assert after["products"] is once["products"]
    assert in_reporting_currency(after) is after


def test_every_money_column_of_these_tables_is_converted():
    assert {name: money_columns(name) for name in CONVERTED} == {
        "products": ["salvage_value"],
        "sales_history": ["revenue"],
        "resources": ["regular_wage", "overtime_wage", "hire_cost", "layoff_cost"],
        "routings": ["variable_cost", "setup_cost"],
        "item_costs": [
            *("price", "material_cost", "holding_cost", "backlog_cost", "lost_sale_cost"),
            "subcontract_cost",
        ],
        "inventory_policy": ["order_cost"],
        "supply_policy": ["plan_change_cost", "rate_increase_cost", "rate_decrease_cost"],
        "lanes": ["freight_cost"],
        "transfer_lanes": ["freight_cost"],
        "storage_capacity": ["overflow_storage_cost"],
        "marketing_activities": ["spend"],
        "sources": ["unit_cost", "inbound_freight_cost"],
        "budget": ["revenue", "margin"],
        "actual_costs": ["amount"],
        "budget_costs": ["amount"],
    }


def test_the_plan_is_in_euro():
    """October to January sell 150 boxes a month at 9.90, 9.90, 11 and 11 euro, bought at 3.60 and 4."""
    tables = importer()
    plan = replanning.replan(tables, "2026-10", until="50_financial_review")
    finance = plan["financial_plan"]
    assert finance["quantity"].round(6).tolist() == pytest.approx([150] * 4)
    assert finance["revenue"].tolist() == pytest.approx([1485, 1485, 1650, 1650])
    freight = 100 * 0.5 + 50 * 1.2
    assert finance["cost_of_sales"].tolist() == pytest.approx(
        [540 + freight, 540 + freight, 600 + freight, 600 + freight]
    )
    converted = in_reporting_currency(tables)
    mine = recalculated({**converted, **plan})
    assert mine["financial_plan"]["margin"].tolist() == pytest.approx(finance["margin"].tolist())
    assert of_record(plan["strategy_comparison"])["cost"] > 0


def test_what_is_converted_stands_in_the_data_issues_with_its_rates():
    tables = importer()
    plan = replanning.replan(tables, "2026-10", until="10_data_review")
    issues = plan["data_issues"].set_index("table")
    assert issues.loc["sources", ["message", "handling"]].tolist() == [
        "2 rows in USD",
        "Converted at 0.9 EUR and 1 EUR from Dec 2026.",
    ]
    assert data_issues.CHECKS


def money_of(tables):
    """The tables that a check of currencies reads."""
    read = currency_checks.Money.__dataclass_fields__
    return currency_checks.Money(**{n: table for n, table in tables.items() if n in read})


def test_a_currency_without_rate_is_named_with_table_row_and_value():
    tables = importer()
    tables["lanes"] = table(
        "lanes", "site market freight_cost currency\nmain home 1 -\nmain abroad 1 GPB"
    )
    inputs = money_of(tables)
    told = said(currency_checks.currencies_without_rate(inputs, frozenset()))
    assert told == (
        "lanes: currency must be EUR, the currency of the company, or in exchange_rates; 1 of 2 "
        "rows is not:\n"
        "  row 2  site=main  market=abroad  currency=GPB\n"
        "  Add its rate to exchange_rates, or correct it here; did you mean GBP?"
    )
    with pytest.raises(ValueError, match="lanes: currency=GPB has no rate"):
        in_reporting_currency(tables)


def test_a_currency_without_company_settings_is_refused():
    tables = importer()
    tables.pop("company_settings")
    inputs = currency_checks.Money(sources=tables["sources"])
    told = said(currency_checks.currencies_without_rate(inputs, frozenset()))
    assert told.startswith("sources: currency needs company_settings")


def test_a_rate_must_be_above_zero_and_that_of_the_company_1():
    with pytest.raises(DataError, match="exchange_rate must be more than 0"):
        table("exchange_rates", "currency exchange_rate\nUSD 0")
    tables = importer()
    rates = table("exchange_rates", "currency exchange_rate\nEUR 1.1\nUSD 0.9")
    told = said(currency_checks.rates_of_the_reporting_currency(rates, tables["company_settings"]))
    assert told == (
        "exchange_rates: exchange_rate of EUR, the currency of company_settings, must be 1; 1 of 2 "
        "rows is not:\n"
        "  row 1  currency=EUR  exchange_rate=1.1\n"
        "  Remove the row: the rates are of other currencies, in EUR per unit."
    )


def test_tables_are_read_in_euro_and_their_files_stay(tmp_path):
    for name, frame in importer().items():
        writers.write(name, frame.dropna(axis="columns", how="all"), tmp_path / f"{name}.csv")
    before = (tmp_path / "sources.csv").read_text()
    tables, issues = planning_inputs.judged(tmp_path, "2026-10")
    assert not planning_inputs.blocking(issues)
    assert tables["sources"]["unit_cost"].tolist() == [3.6, 4.0]
    assert (tmp_path / "sources.csv").read_text() == before
    (tmp_path / "exchange_rates.csv").unlink()
    with pytest.raises(DataError, match="Add its rate to exchange_rates"):
        planning_inputs.read(tmp_path, "2026-10")
