"""The outlook of a fiscal year on one or two families and months that can be added up by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.finance import cycle_bridge, outlook
from sopkit.reporting.exhibits import outlook as exhibits
from sopkit.schema.formatting import company_terms
from sopkit.tables import conform
from sopkit.tables.periods import month

PLANNED = pd.period_range("2026-10", "2027-12", freq="M")
CLOSED = pd.period_range("2025-01", "2026-09", freq="M")
PERIODS = pd.DataFrame({"period": PLANNED, "month_number": range(1, 16)})
PRODUCTS = table("products", "product family unit_of_measure\nTEA drinks box\nRICE food bag")


def rows(name, months, families, **columns):
    """A table of families and months, the same in every month."""
    grid = pd.MultiIndex.from_product([families, months], names=["family", "period"])
    return grid.to_frame(index=False).assign(**columns)


def sales(months=CLOSED):
    """10 boxes of tea at 10 and 20 bags of rice at 5 a month: 100 of revenue each."""
    sold = rows("sales", months, ["TEA", "RICE"], market="town", revenue=100.0)
    sold = sold.rename(columns={"family": "product"})
    return conform(
        "sales_history", sold.assign(quantity=sold["product"].map({"TEA": 10.0, "RICE": 20.0}))
    )


def plan(**other):
    """120 of revenue, 70 of cost, 10 of activities and 15 of overhead, a family and month."""
    money = {
        **{"quantity": 12.0, "revenue": 120.0, "cost_of_sales": 70.0, "activity_spend": 10.0},
        **{"margin": 40.0, "overhead": 15.0, "operating_profit": 25.0, "inventory_value": 0.0},
    }
    return conform("financial_plan", rows("plan", PLANNED, ["drinks", "food"], **money | other))


def costs(name, months):
    """60 of cost of sales a family and month, and 30 of overhead of the company."""
    sold = rows(name, months, ["drinks", "food"], account="cost_of_sales", amount=60.0)
    whole = pd.DataFrame({"period": months, "account": "overhead", "amount": 30.0})
    return conform(name, pd.concat([sold, whole], ignore_index=True))


def settings(**more):
    terms = "currency receivable_days payable_days opening_cash fixed_cost\nEUR 0 0 0 30"
    return table("company_settings", terms).assign(**more)


def found(start=1.0, **tables):
    given = {"planning_periods": PERIODS, "products": PRODUCTS, "sales_history": sales()}
    given |= {"financial_plan": plan(), "company_settings": settings(fiscal_year_start=start)}
    return outlook.outlook(outlook.OutlookInputs(**given | tables))


def cell(result, column, year, measure, item="all", quarter=None):
    at = (result["fiscal_year"] == year) & (result["measure"] == measure) & (result["item"] == item)
    at &= result["quarter"].isna() if quarter is None else result["quarter"] == quarter
    (value,) = result.loc[at, column]
    return value


def test_the_year_is_nine_months_actual_and_three_months_plan():
    result = found()
    assert cell(result, "actual", 2026, "revenue") == 9 * 200
    assert cell(result, "plan", 2026, "revenue") == 3 * 240
    assert cell(result, "outlook", 2026, "revenue") == 1800 + 720
    assert cell(result, "closed_months", 2026, "revenue") == 9
    assert cell(result, "outlook", 2026, "quantity", "food") == 9 * 20 + 3 * 12


def test_quarters_add_up_to_their_year_and_families_to_the_company():
    result = found(actual_costs=costs("actual_costs", CLOSED))
    known = result[result["outlook"].notna()]
    year = known[known["quarter"].isna()].set_index(["fiscal_year", "item", "measure"])["outlook"]
    quarters = known[known["quarter"].notna()].groupby(["fiscal_year", "item", "measure"])
    pd.testing.assert_series_equal(
        quarters["outlook"].sum().reindex(year.index), year, check_names=False
    )
    parts = year.drop("all", level="item").groupby(["fiscal_year", "measure"]).sum()
    company = year.xs("all", level="item")
    pd.testing.assert_series_equal(company.reindex(parts.index), parts, check_names=False)


def test_with_actual_costs_the_year_goes_down_to_operating_profit():
    result = found(actual_costs=costs("actual_costs", CLOSED))
    # closed: 100 - 60 - half of 30 of overhead, a family; planned: 25
    assert cell(result, "actual", 2026, "operating_profit", "food") == 9 * (100 - 60 - 15)
    assert cell(result, "outlook", 2026, "operating_profit") == 2 * (9 * 25 + 3 * 25)
    assert cell(result, "outlook", 2026, "margin", quarter=4) == 2 * 3 * 40


def test_without_actual_costs_the_year_stops_at_revenue_and_the_next_does_not():
    result = found()
    assert np.isnan(cell(result, "outlook", 2026, "operating_profit"))
    assert np.isnan(cell(result, "outlook", 2026, "margin"))
    assert cell(result, "outlook", 2027, "operating_profit") == 2 * 12 * 25
    said = exhibits.by_quarter(result)
    assert said[0].headline.endswith("It stops at revenue: costs of closed months are not given.")


def test_costs_of_the_plan_that_are_not_given_leave_profit_unknown():
    result = found(financial_plan=plan(uncosted_revenue=120.0))
    assert np.isnan(cell(result, "outlook", 2027, "margin"))
    assert cell(result, "outlook", 2027, "revenue") == 12 * 240


def test_overhead_of_the_company_is_shared_as_revenue_is():
    sold = sales()
    sold["revenue"] = sold["revenue"].mask(sold["product"] == "TEA", 300.0)
    result = found(sales_history=sold, actual_costs=costs("actual_costs", CLOSED))
    assert cell(result, "actual", 2026, "overhead", "drinks") == pytest.approx(9 * 30 * 0.75)


def test_a_fiscal_year_from_april_is_named_by_the_year_it_ends_in():
    result = found(start=4.0)
    years = result.loc[result["quarter"].isna(), "fiscal_year"].unique()
    assert list(years) == [2027]  # April 2026 to March 2027; the next is not planned to its end
    assert cell(result, "actual", 2027, "revenue") == 6 * 200
    assert cell(result, "plan", 2027, "revenue") == 6 * 240
    assert cell(result, "closed_months", 2027, "revenue", quarter=2) == 3
    assert set(result.loc[result["fiscal_year"] == 2028, "quarter"]) == {1, 2, 3}


def test_the_prior_year_is_twelve_months_before_actual_or_plan():
    result = found()
    assert cell(result, "prior_year", 2026, "revenue") == 12 * 200
    assert cell(result, "prior_year", 2027, "revenue") == 9 * 200 + 3 * 240


def test_the_budget_goes_down_to_operating_profit_where_its_costs_are_given():
    months = pd.period_range("2026-01", "2026-12", freq="M")
    money = {"quantity": 11.0, "revenue": 110.0, "margin": 50.0}
    budget = conform("budget", rows("budget", months, ["drinks", "food"], **money))
    result = found(budget=budget, budget_costs=costs("budget_costs", months))
    assert cell(result, "budget", 2026, "revenue") == 12 * 220
    assert cell(result, "budget", 2026, "operating_profit") == 12 * (100 - 30)
    assert np.isnan(cell(result, "budget", 2027, "revenue"))
    without = found(budget=budget)
    assert np.isnan(cell(without, "budget", 2026, "operating_profit"))


APPROVED = conform(
    "approved_financial_plans",
    rows(
        "approved",
        pd.period_range("2026-09", "2027-11", freq="M"),
        ["drinks", "food"],
        **{"cycle": month("2026-09"), "quantity": 11.0, "revenue": 110.0, "cost_of_sales": 60.0},
        **{"margin": 50.0, "activity_spend": 0.0, "overhead": 15.0, "operating_profit": 35.0},
    ),
)


def test_the_prior_cycle_saw_what_was_actual_before_it_and_its_plan():
    result = found(approved_financial_plans=APPROVED)
    assert cell(result, "prior_cycle", 2026, "revenue") == 8 * 200 + 4 * 220
    assert np.isnan(cell(result, "prior_cycle", 2027, "revenue"))  # its plan ended in November


def bridge(**tables):
    given = {"planning_periods": PERIODS, "products": PRODUCTS, "sales_history": sales()}
    given |= {"financial_plan": plan(), "approved_financial_plans": APPROVED}
    wanted = rows("wanted", PLANNED, ["TEA", "RICE"], market="town").rename(
        columns={"family": "product"}
    )
    service = wanted.assign(demand=13.0, fulfilled=12.0, backlog=0.0, lost_sales=1.0)
    earned = wanted.assign(
        **dict.fromkeys(("list_revenue", "discount", "cost_of_sales", "activity_spend"), 0.0),
        **dict.fromkeys(("quantity", "revenue", "margin", "uncosted_revenue"), 0.0),
        **{"net_price": 10.0, "standard_cost": 6.0},
    )
    return cycle_bridge.cycle_bridge(
        outlook.OutlookInputs(**given | tables),
        conform("constrained_demand", service),
        conform("profitability", earned),
    )


def test_what_changed_since_the_last_cycle_by_cause():
    steps = bridge()
    revenue = steps[(steps["measure"] == "revenue") & (steps["family"] == "food")]
    amounts = revenue.set_index("step")["amount"]
    # October 2026 to November 2027: 13 wanted at 10 where 11 were planned at 10, one is lost;
    # September closed with 100 where 110 were planned
    assert amounts.to_dict() == pytest.approx(
        {"last_cycle": 15 * 110, "actual": -10, "volume": 14 * 20, "mix": 0, "price": 0}
        | {"supply": -14 * 10, "plan": 14 * 120 + 100}
    )
    assert set(revenue["from_period"]) == {month("2026-09")}


def test_the_steps_add_up_in_each_family_and_in_the_company():
    steps = bridge(actual_costs=costs("actual_costs", CLOSED))
    sums = steps.assign(
        amount=steps["amount"].where(steps["step"] != "plan", -steps["amount"])
    ).groupby(["measure", "family"])["amount"]
    assert sums.sum().to_numpy() == pytest.approx(0, abs=1e-9)
    assert sums.ngroups == 6


def test_margin_leaves_out_closed_months_whose_costs_are_not_known():
    margin = bridge()[lambda all: all["measure"] == "margin"]
    assert set(margin["from_period"]) == {month("2026-10")}
    assert (margin.loc[margin["step"] == "actual", "amount"] == 0).all()


def test_without_an_approved_plan_there_is_no_bridge():
    assert bridge(approved_financial_plans=None).empty


# exhibits


def test_the_year_is_shown_by_quarter_with_its_references():
    result = found(actual_costs=costs("actual_costs", CLOSED), approved_financial_plans=APPROVED)
    with company_terms({"company_settings": settings()}):
        this_year, next_year = exhibits.by_quarter(result)
        in_short = exhibits.in_short(result)
    assert this_year.headline == (
        "FY 2026 outlook (9 months actual, 3 plan): revenue EUR 2,520, 5.0 % above prior year and "
        "1.6 % above the prior cycle; operating profit EUR 600, in line with prior year and 11.8 % "
        "below the prior cycle."
    )
    assert list(this_year.table.columns) == [
        *("measure", "q1_actual", "q2_actual", "q3_actual", "q4_plan", "outlook"),
        *("prior_year", "prior_year_variance_ratio", "prior_cycle", "prior_cycle_variance_ratio"),
    ]
    assert "12 months plan" in next_year.headline
    assert in_short.headline == this_year.headline


def test_the_largest_cause_of_a_change_is_named():
    shown = exhibits.cycle_bridge(bridge())
    assert shown[0].headline == (
        "Revenue is +260 against the prior cycle in Sep 2026 to Nov 2027; the largest cause is "
        "volume (+560)."
    )
    none = exhibits.cycle_bridge(bridge(approved_financial_plans=None))
    assert none[0].headline == "No earlier approved plan is known: nothing to compare with."
