"""A price that a scenario changes moves demand by the elasticity that past prices bear out."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit import scenarios
from sopkit.cycle import replanning, what_if
from sopkit.demand.consensus import OverrideInputs, PlanParts, forecast_overrides
from sopkit.rules.call import as_frame
from sopkit.tables import conform
from sopkit.tables.issues import DataError

CYCLE = "2026-10"
MONTHS = pd.period_range("2022-10", "2026-09", freq="M")
PRICE = 20 * np.exp(0.08 * np.random.default_rng(3).standard_normal(48))
NOISE = 0.02 * np.random.default_rng(4).standard_normal((2, 48))
CELL = ["product", "market", "period"]


def sales(product, elasticity, market="town", noise=NOISE[0]):
    units = 500 * (PRICE / 20) ** elasticity * np.exp(noise)
    rows = {"product": product, "market": market, "period": MONTHS, "quantity": units}
    return pd.DataFrame(rows).assign(revenue=units * PRICE)


@pytest.fixture(scope="module")
def company():
    """Tea reacts to its price by -2; rice has a price that never moved, and no revenue."""
    rice = sales("RICE", 0.0, noise=NOISE[1]).assign(revenue=np.nan)
    sold = pd.concat([sales("TEA", -2.0), sales("TEA", -2.0, "abroad", NOISE[1]), rice])
    costs = "product market effective_from price material_cost holding_cost backlog_cost\n"
    costs += "TEA - 2026-01 20 8 1 1\nTEA abroad 2026-01 25 - - -\nRICE - 2026-01 5 3 1 1"
    return {
        "products": table(
            "products", "product family unit_of_measure\nTEA drinks box\nRICE food box"
        ),
        "sales_history": conform("sales_history", sold.reset_index(drop=True)),
        "item_costs": table("item_costs", costs),
    }


def planned(tables):
    return replanning.replan(tables, CYCLE, until="30_demand_review")


@pytest.fixture(scope="module")
def plan(company):
    return planned(company)


def rise(text):
    head = "scenario change table column operation amount product market from_period to_period\n"
    return table("scenario_changes", head + text)


def demand(plan, product="TEA", market="town"):
    rows = plan["demand_plan"]
    rows = rows[(rows["product"] == product) & (rows["market"] == market)]
    return rows.set_index("period")["consensus"]


def elasticity(plan, product="TEA"):
    table = plan["price_elasticity"]
    return table[(table["product"] == product) & table["in_plan"]]["elasticity_ratio"]


UP = rise("dearer 1 item_costs price multiply 1.05 - - 2027-01 2027-03")


def test_a_price_scenario_moves_demand_by_the_planted_elasticity(company, plan):
    found = elasticity(plan).item()
    assert found == pytest.approx(-2.0, abs=0.15)
    dearer = planned(scenarios.apply(company, UP))
    ratio = demand(dearer) / demand(plan)
    moved = ratio.index.astype(str).isin(["2027-01", "2027-02", "2027-03"])
    assert ratio[moved].tolist() == pytest.approx([1.05**found] * 3)
    assert ratio[~moved].tolist() == pytest.approx([1.0] * (~moved).sum())
    assert elasticity(plan, "RICE").empty
    pd.testing.assert_series_equal(demand(dearer, "RICE"), demand(plan, "RICE"))


def test_without_a_change_of_prices_the_plan_is_as_it_was(plan):
    assert plan["driver_lifts"].empty
    assert plan["promotion_lift"].empty


def test_a_what_if_answers_as_a_plan_made_of_the_changed_tables(company):
    made = what_if.what_if(
        company, CYCLE, replanning.replan(company, CYCLE, until="40_supply_review")
    )
    whole = planned(scenarios.apply(company, UP))["demand_plan"]
    assert as_frame(made(UP)["demand_plan"])["consensus"].tolist() == pytest.approx(
        whole["consensus"].tolist()
    )


def test_a_change_without_months_holds_in_all_of_them(company, plan):
    dearer = planned(
        scenarios.apply(company, rise("up 1 item_costs price multiply 1.05 TEA - - -"))
    )
    found = elasticity(plan).item()
    assert (demand(dearer) / demand(plan)).tolist() == pytest.approx([1.05**found] * 18)


def test_the_price_of_a_market_moves_demand_there(company, plan):
    dearer = planned(
        scenarios.apply(company, rise("up 1 item_costs price set 30 - abroad 2027-01 -"))
    )
    january = pd.Period("2027-01", "M")
    answer = demand(dearer, market="abroad")[january] / demand(plan, market="abroad")[january]
    assert answer == pytest.approx((30 / 25) ** elasticity(plan).item())
    pd.testing.assert_series_equal(demand(dearer), demand(plan))


def test_the_company_s_own_elasticity_comes_first_and_0_is_no_reaction(company, plan):
    for stated, expected in ((-1.0, 1 / 1.05), (0.0, 1.0)):
        own = company["products"].assign(price_elasticity=[stated, np.nan])
        mine = company | {"products": own}
        ratio = demand(planned(scenarios.apply(mine, UP))) / demand(planned(mine))
        assert ratio[pd.Period("2027-02", "M")] == pytest.approx(expected)


def test_changes_come_on_top_of_one_another(company):
    once = scenarios.apply(company, UP)
    twice = scenarios.apply(once, rise("up 2 item_costs price multiply 1.1 TEA - 2027-02 -"))
    rows = twice["price_changes"].query("product == 'TEA' and market.isna()")
    ratios = rows.set_index(rows["effective_from"].astype(str))["price_ratio"]
    assert ratios[["2027-01", "2027-02", "2027-04"]].tolist() == pytest.approx([1.05, 1.155, 1.1])


def test_costs_alone_are_no_change_of_a_price(company):
    dearer = rise("cost 1 item_costs material_cost multiply 1.5 - - - -")
    assert "price_changes" not in scenarios.apply(company, dearer)


def test_an_elasticity_above_zero_is_refused():
    with pytest.raises(DataError, match=r"products: price_elasticity .* 0"):
        conform(
            "products",
            pd.DataFrame({"product": ["TEA"], "family": "drinks", "unit_of_measure": "box"}).assign(
                price_elasticity=1.5
            ),
        )


@pytest.mark.parametrize(("amount", "expected"), [(0, 3.0), (1e-9, 3.0), (1e9, 1 / 3)])
def test_a_price_of_almost_nothing_moves_demand_no_further_than_three_times(
    company, plan, amount, expected
):
    change = rise(f"up 1 item_costs price multiply {amount} TEA - - -")
    ratio = demand(planned(scenarios.apply(company, change))) / demand(plan)
    assert ratio.tolist() == pytest.approx([expected] * 18)


def test_what_a_function_expects_answers_a_changed_price_too(company, plan):
    dearer = scenarios.apply(company, UP)
    views = pd.DataFrame({"product": "TEA", "market": "town", "period": ["2027-01", "2027-05"]})
    views = views.assign(
        function="sales", contributor="sales", quantity=800.0, entered_for="TEA", carried=False
    ).assign(author="Berg", reason="listed", submitted_on="2026-09-20")
    given = conform("disaggregated_inputs", views)
    told = planned(dearer)
    names = ["planning_periods", "baseline_forecast", "launch_plan", "promotion_lift"]
    found = forecast_overrides(
        PlanParts(*(told[name] for name in [*names, "pipeline_forecast"])),
        OverrideInputs(
            dearer["sales_history"],
            disaggregated_inputs=given,
            driver_lifts=told["driver_lifts"],
        ),
    )
    assert found["quantity"].tolist() == pytest.approx([800 * 1.05 ** elasticity(plan).item(), 800])
