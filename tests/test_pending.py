"""Decisions carry on: three months of a shop, played through the store.

In October a price is raised from November on. November's tables do not hold the new price yet, so it
is applied; December's do, so it is not applied twice. What is withdrawn is planned no longer.
"""

from datetime import date

import pandas as pd
import pytest
from conftest import table
from shop import shop

from sopkit.cycle import replanning
from sopkit.io.hashing import content_hash
from sopkit.scenarios import apply
from sopkit.scenarios.contained import contained
from sopkit.scenarios.starting import first_start, starting
from sopkit.store import approval, pending, revisions, saving, status, verify
from sopkit.store.audit_log import Author
from sopkit.tables import conform
from sopkit.tables.periods import planning_periods

OCTOBER = status.plan_of("corner", "2026-10", "base")
NOVAK, CHEN = Author("A. Novak", "monthly meeting"), Author("B. Chen", "tea sells")
DECISIONS = """
decision     question  options    recommendation  effect  owner  choice  gap      scenario  margin_effect  decision_level
decide-tea   Tea?      keep;dear  dear            more    Holm   -       gap-tea  dear      5              executives
approve-plan Plan?     approve    approve         none    Boss   -       -        -         -              executives
"""
PRICES = """
product  effective_from  price  material_cost  holding_cost  backlog_cost
TEA      2026-01         5      2              0             1
RICE     2026-01         3      1              0             1
"""
CHANGES = """
scenario  change  table       column  operation  amount  product
dear      1       item_costs  price   multiply   1.2     TEA
calm      1       item_costs  price   multiply   0.9     TEA
"""


def company(prices=PRICES, changes=CHANGES, until="2026-09"):
    return shop(until) | {
        "item_costs": table("item_costs", prices),
        "scenario_changes": table("scenario_changes", changes),
    }


@pytest.fixture(scope="module")
def planned():
    tables = replanning.replan(company(), "2026-10")
    return tables | {"decisions": table("decisions", DECISIONS)}


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'plans.sqlite'}"


def saved(url, tables, given, **more):
    hash_ = content_hash(given)
    return saving.save_revision(url, *OCTOBER, tables, hash_, "A. Novak", "planned", given, **more)


def decided(url, planned, **options):
    saved(url, planned, company())
    approval.submit(url, OCTOBER, NOVAK)
    return approval.decide(url, OCTOBER, "decide-tea", "dear", CHEN, **options)


def october(url, planned, **options):
    """October: the plan is submitted, tea is made dearer, the plan is reworked and approved."""
    said = decided(url, planned, **options)
    basis = approval.rework(url, OCTOBER)
    asked = table("decisions", DECISIONS).assign(choice=["dear", None])
    tables = revisions.read_revision(url, *OCTOBER) | {"decisions": conform("decisions", asked)}
    made = saved(url, tables, basis.inputs, reworked=basis.seen)
    approval.submit(url, OCTOBER, NOVAK)
    approval.approve(url, OCTOBER, NOVAK, made.hash)
    return said


def price_of_tea(tables, month):
    costs = tables["item_costs"]
    rows = costs[(costs["product"] == "TEA")].sort_values("effective_from", na_position="first")
    begun = rows["effective_from"].isna() | (rows["effective_from"] <= pd.Period(month, "M"))
    return rows[begun]["price"].iloc[-1]


def only(tables):
    (row,) = tables[pending.NAME].to_dict("records")
    return row


# --- a choice has a start -------------------------------------------------------------------------------------


def test_a_choice_starts_next_month_and_is_due_the_day_before(url, planned):
    said = decided(url, planned)
    assert (said["start_period"], said["due_on"]) == ("2026-11", "2026-10-31")
    assert [row["from_period"] for row in said["changes"]] == ["2026-11"]
    effects = pd.DataFrame(said["effects"]).query("measure == 'revenue'")
    assert effects["period"].min() == "2026-10"
    first, second = effects.sort_values("period").iloc[:2].itertuples()
    assert first.plan == pytest.approx(first.reference_value)  # October is as it was
    assert second.plan == pytest.approx(1.2 * second.reference_value)


def test_what_is_due_in_the_middle_of_a_month_starts_in_the_next(url, planned):
    assert decided(url, planned, due=date(2026, 11, 15))["start_period"] == "2026-12"


def test_a_start_before_notice_is_refused(url, planned):
    with pytest.raises(ValueError, match="dear cannot start in 2026-10; it can from 2026-11"):
        decided(url, planned, start=pd.Period("2026-10", "M"))


def test_a_rework_holds_the_choice_from_its_start_on(url, planned):
    decided(url, planned)
    inputs = approval.rework(url, OCTOBER).inputs
    assert [price_of_tea(inputs, f"2026-{month}") for month in (10, 11)] == [5, 6]
    assert inputs["decision_log"]["start_period"].astype("str").tolist() == ["2026-11"]


# --- and carries on -------------------------------------------------------------------------------------------


def test_in_november_it_is_applied_for_the_tables_do_not_contain_it(url, planned):
    october(url, planned)
    november = pending.add_pending(company(until="2026-10"), url, "corner", "2026-11")
    assert price_of_tea(november, "2026-11") == 6
    row = only(november)
    assert (row["decision"], row["scenario"], row["pending_state"]) == (
        "decide-tea", "dear", "pending",
    )  # fmt: skip
    assert (str(row["start_period"]), row["author"], row["reason"]) == (
        "2026-11", "B. Chen", "tea sells",
    )  # fmt: skip
    assert november["scenario_changes"]["scenario"].tolist() == ["calm"]  # not asked again


@pytest.mark.parametrize("price", ["6", "6.5"])
def test_in_december_the_tables_contain_it_and_it_is_not_applied_twice(url, planned, price):
    october(url, planned)
    raised = company(f"{PRICES}TEA 2026-11 {price} 2 0 1\n", until="2026-11")
    december = pending.add_pending(raised, url, "corner", "2026-12")
    assert price_of_tea(december, "2026-12") == float(price)
    assert only(december)["pending_state"] == "contained"
    assert only(december)["statement"] == "the input tables contain it; it is no longer applied"


@pytest.mark.parametrize("raised", ["", "TEA 2026-11 6 2 0 1\n"])
def test_demand_answers_a_decided_price_while_it_lies_ahead_contained_or_not(url, planned, raised):
    october(url, planned)
    november = pending.add_pending(
        company(PRICES + raised, until="2026-10"), url, "corner", "2026-11"
    )
    assert price_of_tea(november, "2026-11") == 6
    rows = november["price_changes"]
    ratios = dict(zip(rows["effective_from"].astype(str), rows["price_ratio"], strict=True))
    assert ratios == pytest.approx({"2026-01": 1.0, "2026-11": 1.2})
    assert set(rows["product"]) == {"TEA"}
    december = pending.add_pending(
        company(PRICES + raised, until="2026-11"), url, "corner", "2026-12"
    )
    assert price_of_tea(december, "2026-12") == 6
    assert "price_changes" not in december  # November's sales have it


def test_half_of_a_change_does_not_contain_it(url, planned):
    october(url, planned)
    half = company(f"{PRICES}TEA 2026-11 5.5 2 0 1\n", until="2026-11")
    found = pending.add_pending(half, url, "corner", "2026-12")
    assert only(found)["pending_state"] == "pending"


def test_what_is_withdrawn_is_planned_no_longer_and_may_be_proposed_again(url, planned):
    october(url, planned)
    pending.withdraw(url, OCTOBER, "decide-tea", Author("D. Evans", "customers left"))
    november = pending.add_pending(company(until="2026-10"), url, "corner", "2026-11")
    assert price_of_tea(november, "2026-11") == 5
    assert only(november)["pending_state"] == "withdrawn"
    assert "D. Evans withdrew a decision of revision 2 of base on" in only(november)["statement"]
    assert november["scenario_changes"]["scenario"].tolist() == ["dear", "calm"]
    assert verify.verify(url) == []
    with pytest.raises(ValueError, match="decide-tea is withdrawn already"):
        pending.withdraw(url, OCTOBER, "decide-tea", NOVAK)


def test_only_decisions_of_an_approved_plan_are_withdrawn(url, planned):
    decided(url, planned)
    with pytest.raises(ValueError, match="is not approved; replace its decision"):
        pending.withdraw(url, OCTOBER, "decide-tea", NOVAK)


def test_an_unknown_decision_is_refused_with_those_there_are(url, planned):
    october(url, planned)
    with pytest.raises(
        ValueError, match="no decision 'moon' changes it; those that do are decide-tea"
    ):
        pending.withdraw(url, OCTOBER, "moon", NOVAK)


def test_what_cannot_be_applied_any_more_is_said(url, planned):
    october(url, planned)
    without = company(until="2026-10")
    without["products"] = without["products"].query("product != 'TEA'").reset_index(drop=True)
    for name in ("sales_history", "item_costs"):
        rows = without[name]
        without[name] = rows[rows["product"] != "TEA"].reset_index(drop=True)
    found = pending.add_pending(without, url, "corner", "2026-11")
    assert only(found)["pending_state"] == "impossible"
    assert only(found)["statement"].startswith("cannot be applied any more: scenario dear change 1")


def test_without_approved_decisions_the_tables_stay_as_they_are(url, planned):
    tables = company()
    assert pending.add_pending(tables, url, "corner", "2026-11") is tables
    decided(url, planned)
    assert pending.add_pending(tables, url, "corner", "2026-11") is tables


# --- the parts ------------------------------------------------------------------------------------------------


def changes(text):
    return table("scenario_changes", f"scenario change table column operation {text}")


def test_changes_of_coming_months_begin_with_the_start_and_those_over_by_then_are_left_out():
    given = changes("""amount from_period to_period
        s 1 item_costs        price           multiply 2 -       -
        s 2 resource_calendar working_days    set      9 2026-10 2026-12
        s 3 resource_calendar working_days    set      9 2026-09 2026-10
        s 4 sales_history     quantity        multiply 2 -       -
        s 5 components        lead_time_days  set      9 -       -""")
    found = starting(given, pd.Period("2026-11", "M"))
    assert found["change"].tolist() == [1, 2, 4, 5]
    assert found["from_period"].dropna().astype("str").tolist() == ["2026-11", "2026-11"]
    assert found["from_period"].isna().tolist() == [False, False, True, True]


def test_people_need_their_notice():
    periods = planning_periods("2026-10")
    hired = changes("amount resource\ns 1 resources max_workers add 2 LINE")
    assert str(first_start(hired, periods)) == "2026-11"
    fences = pd.DataFrame(
        {"kind": ["hiring_notice"] * 2, "item": ["LINE", "OTHER"], "months": [3, 5]}
    )
    assert str(first_start(hired, periods, fences)) == "2027-01"
    prices = changes("amount\ns 1 item_costs price multiply 2")
    assert str(first_start(prices, periods, fences)) == "2026-11"


@pytest.mark.parametrize(
    ("today", "seen"), [("10 5", True), ("9 4", False), ("10 4", False), ("12 9", True)]
)
def test_tables_contain_a_change_when_every_cell_has_come_as_far(today, seen):
    header = "product site on_hand\n"
    first, second = today.split()
    given = changes("amount\ns 1 inventory on_hand add 3")
    before = {"inventory": table("inventory", f"{header}A x 7\nB x 2")}
    now = {"inventory": table("inventory", f"{header}A x {first}\nB x {second}\nC x 1")}
    assert contained(now, before, given) is seen
    assert apply(before, given)["inventory"]["on_hand"].tolist() == [10, 5]
