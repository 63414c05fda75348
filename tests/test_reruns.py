"""Follow-up of decisions by a re-run of the approved plan: months played through the store, numbers by hand.

A shop sells 100 boxes of tea a month, and its plan expects it to go on. In October something is decided, from November
on. What would have come without it, and what it does, are made up here, so both are known.
"""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from shop import shop

from sopkit.cycle import replanning, reruns
from sopkit.demand import rerun_demand
from sopkit.io.hashing import content_hash
from sopkit.pre_sop.follow_up import decision_follow_up
from sopkit.runner import planning_inputs
from sopkit.store import approval, measured_effects, pending, revisions, saving, status
from sopkit.store.audit_log import Author
from sopkit.tables import conform, empty
from sopkit.tables.periods import month, planning_periods

OCTOBER = status.plan_of("corner", "2026-10", "base")
NOVAK, CHEN = Author("A. Novak", "monthly meeting"), Author("B. Chen", "tea sells")
DECISIONS = """
decision     question  options    recommendation  effect  owner  choice  gap      scenario  margin_effect  decision_level
decide-tea   Tea?      keep;more  more            more    Holm   -       gap-tea  more      5              executives
decide-rice  Rice?     keep;dear  dear            more    Holm   -       gap-rice dear      5              executives
approve-plan Plan?     approve    approve         none    Boss   -       -        -         -              executives
"""
# the supplier delivers 80 boxes of tea a month, and what cannot be served is lost
COMPANY = {
    "products": """
product  family  unit_of_measure  price_elasticity
TEA      drinks  box              -
RICE     food    box              -1
""",
    "item_costs": """
product  effective_from  price  material_cost  holding_cost  backlog_cost
TEA      2024-01         5      2              0             1
RICE     2024-01         4      1              0             1
""",
    "sources": "item  supplier  unit_cost  supply_limit  lead_time_days\nTEA  Leaf  2  80  0",
    "inventory_policy": """
product  backlog_allowed  target_service_level  target_cover_months  lead_time_days
TEA      false            0.5                   0                    0
""",
    "inventory": "product site on_hand\nTEA main 0\nRICE main 500",
    "scenario_changes": """
scenario  change  table       column        operation  amount  product
more      1       sources     supply_limit  set        120     TEA
dear      1       item_costs  price         multiply   1.25    RICE
""",
}


def company(until="2026-09", tea=(), rice=()):
    """The shop's tables; the last months of tea and rice as they are given, all others 100."""
    tables = shop(until) | {name: table(name, text) for name, text in COMPANY.items()}
    sales = tables["sales_history"]
    for product, sold in (("TEA", tea), ("RICE", rice)):
        rows = sales.index[sales["product"] == product][len(sales) // 2 - len(sold) :]
        sales.loc[rows, "quantity"] = np.array(sold, dtype=float)
    return tables | {"sales_history": conform("sales_history", sales)}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """October: more tea and dearer rice are decided, both from November on, and approved."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'plans.sqlite'}"
    given = planning_inputs.with_record(company(), url, *OCTOBER)
    plan = replanning.replan(given, "2026-10")
    asked = plan | {"decisions": table("decisions", DECISIONS)}
    save(url, asked, given)
    approval.submit(url, OCTOBER, NOVAK)
    approval.decide(url, OCTOBER, "decide-tea", "more", CHEN)
    approval.decide(url, OCTOBER, "decide-rice", "dear", CHEN)
    basis = approval.rework(url, OCTOBER)
    plan = replanning.replan(basis.inputs, "2026-10")
    chosen = table("decisions", DECISIONS).assign(choice=["more", "dear", None])
    asked = plan | {"decisions": conform("decisions", chosen)}
    made = save(url, asked, basis.inputs, reworked=basis.seen)
    approval.submit(url, OCTOBER, NOVAK)
    approval.approve(url, OCTOBER, NOVAK, made.hash)
    return url


def save(url, tables, given, **more):
    hash_ = content_hash(given)
    return saving.save_revision(url, *OCTOBER, tables, hash_, "A. Novak", "planned", given, **more)


def followed(url, cycle="2027-02", **tables):
    """What the cycle says of the decisions of October, by decision and measure."""
    given = company(str(month(cycle) - 1), tea=[100, 110, 110, 110], rice=[100, 96, 96, 96])
    given = planning_inputs.with_record(given | tables, url, "corner", cycle, "base")
    plan = replanning.replan(given, cycle)
    return plan["decision_follow_up"].set_index(["decision", "measure"]).sort_index()


@pytest.fixture(scope="module")
def february(url):
    return followed(url)


def test_a_decision_on_supply_did_more_than_expected_for_demand_was_higher(february):
    """110 boxes were demanded in each of three months: 80 could have been served without the
    decision, all with it. The plan expected demand of 100."""
    tea = february.loc["decide-tea", "quantity"]
    assert (str(tea["from_period"]), str(tea["to_period"])) == ("2026-11", "2027-01")
    assert (tea["reference_value"], tea["plan"]) == pytest.approx((240, 300))
    assert (tea["value"], tea["measured_effect"]) == pytest.approx((330, 90))
    assert tea["other_causes"] == pytest.approx(0)
    assert tea["statement"] == (
        "Nov 2026 to Jan 2027: effect +90 on actual demand, +60 expected; came 330: "
        "240 expected without it, +90 effect, 0 other causes"
    )


def test_margin_has_an_effect_though_actual_costs_are_in_no_table(february):
    """Each of the 90 boxes is sold at 5 and bought at 2."""
    tea = february.loc["decide-tea", "margin"]
    assert tea["measured_effect"] == pytest.approx(270)
    assert pd.isna(tea["value"])
    assert pd.isna(tea["other_causes"])
    assert tea["statement"] == ("Nov 2026 to Jan 2027: effect +270 on actual demand, +180 expected")


def test_a_price_took_demand_and_the_market_gave_some_back(february):
    """A quarter on the price takes a fifth at elasticity -1: 96 boxes came of the 120 that would
    have. The plan expected 100 without it and 80 with it: other causes are 20 a month."""
    rice = february.loc["decide-rice", "quantity"]
    assert (rice["reference_value"], rice["plan"]) == pytest.approx((300, 240))
    assert (rice["value"], rice["measured_effect"], rice["other_causes"]) == pytest.approx(
        (288, -72, 60)
    )
    assert pd.isna(rice["low_effect"])  # a stated elasticity has no range
    margin = february.loc["decide-rice", "margin"]
    assert margin["measured_effect"] == pytest.approx(288 * (5 - 1) - 360 * (4 - 1))


def test_a_month_later_only_the_first_month_of_the_decision_is_closed(url):
    december = followed(url, "2026-12")
    assert str(december.loc[("decide-tea", "quantity"), "to_period"]) == "2026-11"
    assert december.loc[("decide-tea", "quantity"), "measured_effect"] == pytest.approx(30)


def test_what_was_out_of_stock_was_demanded_too(url):
    """Tea was in stock for half of November: 110 boxes sold were 220 demanded, of which the
    decision served 40 of those above 80. The 10 missing boxes of the 120 deliverable had other causes."""
    out = table("stock_availability", "product market period in_stock_ratio\nTEA town 2026-11 0.5")
    december = followed(url, "2026-12", stock_availability=out).loc["decide-tea", "quantity"]
    found = december[["reference_value", "measured_effect", "other_causes", "value"]].astype(float)
    assert found.tolist() == pytest.approx([80, 40, -10, 110])


@pytest.fixture(scope="module")
def rerun(url):
    """The approved plan of October on the demand that came until January, and the decision on rice
    as it was made; its lift is taken to have a standard deviation of 10 % of 100 boxes."""
    today = company("2027-01", tea=[100, 110, 110, 110], rice=[100, 96, 96, 96])
    chosen = list(pending.chosen(url, "corner", "2027-02"))
    rice = chosen[1]
    approved = measured_effects.approved(url, rice.plan, 2)
    lifts = approved.plan["promotion_lift"].assign(standard_error=0.1)
    approved = approved._replace(plan={**approved.plan, "promotion_lift": lifts})
    made = reruns.on_actual_demand(approved, today, month("2027-01"))
    before = revisions.read_inputs(url, *OCTOBER, 1)
    return made, measured_effects.without(before, rice, chosen)


def test_the_range_of_the_effect_is_that_of_the_lift(rerun):
    """The lift of -20 has an 80 % interval from -32.8 to -7.2, so of the 96 boxes that came, 135.4 or
    104.6 would have come without it."""
    rows = reruns.effects(*rerun).query("measure == 'quantity' and family == 'food'")
    rows = rows[rows["period"] == month("2026-12")]
    found = rows[["reference_value", "plan", "low_effect", "high_effect"]].to_numpy()
    assert found == pytest.approx(np.array([[120, 96, -8.62, -39.38]]), abs=0.01)


def test_the_follow_up_says_the_range():
    expected = table(
        "expected_effects",
        "cycle decision measure family period reference_value plan\n2026-10 dear quantity food 2026-11 100 80",
    )
    measured = table(
        "measured_effects",
        "cycle decision measure family period reference_value plan low_effect high_effect\n"
        "2026-10 dear quantity food 2026-11 120 96 -9 -39",
    )
    log = table(
        "decision_log",
        "cycle decision question choice author reason decided_on scenario start_period\n"
        "2026-10 dear Rice? dear Novak costs 2026-10-14 dear 2026-11",
    )
    given = company("2026-11", rice=[96])
    rows = decision_follow_up(
        planning_periods=conform("planning_periods", planning_periods(month("2026-12"), None)),
        products=given["products"],
        sales_history=given["sales_history"],
        forecast_accuracy=empty("forecast_accuracy"),
        decision_log=log,
        expected_effects=expected,
        measured_effects=measured,
    )
    assert rows["statement"].tolist() == [
        "Nov 2026: effect -24 on actual demand (80 % range -39 to -9), -20 expected; came 96: "
        "100 expected without it, -24 effect, +20 other causes"
    ]


def test_the_newest_decisions_are_re_run_and_the_rest_compared_with_what_came(url, monkeypatch):
    monkeypatch.setattr(measured_effects, "NEWEST", 1)
    rows = followed(url, "2026-12")
    assert rows.loc[("decide-rice", "quantity"), "measured_effect"] == pytest.approx(-24)
    assert pd.isna(rows.loc[("decide-tea", "quantity"), "measured_effect"])
    assert "from whatever cause" in rows.loc[("decide-tea", "quantity"), "statement"]


def test_what_was_decided_before_the_sales_that_are_kept_is_not_re_run(url):
    sales = company("2026-11")["sales_history"]
    kept = sales[sales["period"] > OCTOBER.cycle].reset_index(drop=True)
    given = company("2026-11") | {"sales_history": kept}
    assert measured_effects.NAME not in measured_effects.add_measured_effects(
        given, url, "corner", "2026-12"
    )


# --- demand without a lift ------------------------------------------------------------------------------------


def november(column, tea, rice):
    rows = f"product market period quantity\nTEA town 2026-11 {tea}\nRICE town 2026-11 {rice}"
    cells = table("sales_history", rows)[["product", "market", "period", "quantity"]]
    return cells.rename(columns={"quantity": column})


def test_a_lift_is_a_share_of_the_demand_that_came():
    sides = november("consensus", 120, 100), november("consensus", 100, 100)
    without = rerun_demand.without_lift(november("quantity", 60, 50), *sides)
    assert without["quantity"].tolist() == pytest.approx([50, 50])


def test_demand_that_a_decision_stopped_is_added_where_none_was_expected_with_it():
    sides = november("consensus", 0, 100), november("consensus", 30, 100)
    without = rerun_demand.without_lift(november("quantity", 60, 50), *sides)
    assert without["quantity"].tolist() == pytest.approx([90, 50])
