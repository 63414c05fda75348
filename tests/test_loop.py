"""Submit, decide, rework, approve: what each records, what each refuses, and who wins when two are at it at once.

As the store's, these tests run on SQLite and on PostgreSQL.
"""

import multiprocessing
from datetime import date

import pandas as pd
import pytest
import sqlalchemy as sa
from conftest import assert_same_table, execute, table
from shop import shop

from sopkit.cycle import replanning, reruns, stages
from sopkit.io.hashing import content_hash
from sopkit.store import (
    approval,
    approved_plans,
    choices,
    decision_log,
    history,
    revisions,
    saving,
    status,
    verify,
)
from sopkit.store.audit_log import Author
from sopkit.tables import conform

PLAN = status.plan_of("corner", "2026-10", "base")
NOVAK, CHEN = Author("A. Novak", "monthly meeting"), Author("B. Chen", "tea sells")
DUE = date(2026, 11, 15)
DECISIONS = """
decision     question  options    recommendation  effect  owner  choice  gap  scenario  margin_effect  decision_level
decide-tea   Tea?      keep;busy  busy            more    Holm   -       gap-tea       busy      5  executives
decide-food  Food?     keep       keep            none    Holm   -       gap-food      -         0  executives
approve-plan Plan?     approve    approve         none    Boss   -       -             -         -  executives
"""
ECONOMICS = """
product  effective_from  price  material_cost  holding_cost  backlog_cost
TEA      2026-10         5      2              0             1
RICE     2026-10         3      1              0             1
"""
CHANGES = """
scenario  change  table          column    operation  amount  product
busy      1       sales_history  quantity  multiply   1.5     TEA
calm      1       sales_history  quantity  multiply   0.9     TEA
"""


@pytest.fixture(scope="module")
def inputs():
    """A shop that knows its sales and two scenarios."""
    return shop(revenue=500.0) | {
        "item_costs": table("item_costs", ECONOMICS),
        "scenario_changes": table("scenario_changes", CHANGES),
    }


@pytest.fixture(scope="module")
def whole(inputs):
    """The shop's plan, and the decisions that it asks."""
    return replanning.replan(inputs, "2026-10") | {"decisions": table("decisions", DECISIONS)}


@pytest.fixture(scope="module")
def planned(whole):
    """Of its tables those that are decided by, read back by the next cycle, or followed up."""
    names = {*choices.DECIDED_BY, *approved_plans.READ_BACK, *reruns.READ}
    return {name: frame for name, frame in whole.items() if name in names}


@pytest.fixture
def save(url, planned, inputs):
    """Save a revision of the shop's plan."""

    def saved(plan=PLAN, tables=None, given=None, **more):
        given = given or inputs
        return saving.save_revision(
            url, *plan, tables or planned, content_hash(given), "A. Novak", "planned", given, **more
        )

    return saved


@pytest.fixture
def submitted(url, save):
    made = save()
    approval.submit(url, PLAN, NOVAK)
    return made


def decide_all(url, tea="keep"):
    approval.decide(url, PLAN, "decide-tea", tea, CHEN, DUE)
    approval.decide(url, PLAN, "decide-food", "keep", CHEN)


def rework(url, save):
    """Rework as the runner does, without the notebooks."""
    basis = approval.rework(url, PLAN)
    log = basis.inputs["decision_log"].set_index("decision")["choice"]
    asked = table("decisions", DECISIONS)
    tables = revisions.read_revision(url, *PLAN) | {
        "decisions": conform("decisions", asked.assign(choice=asked["decision"].map(log)))
    }
    return save(tables=tables, given=basis.inputs, reworked=basis.seen)


def refused(url, message, act, *words, **options):
    """An act is refused with this message, and the store stays as it was."""
    before = verify.audit(url)
    with pytest.raises(ValueError, match=message):
        act(url, *words, **options)
    pd.testing.assert_frame_equal(verify.audit(url), before)


# --- submit ----------------------------------------------------------------------------------------------------


def test_a_submitted_revision_waits_for_its_decisions_but_not_for_the_approval_among_them(
    url, save
):
    made = save()
    before_the_executives, undecided = approval.submit(url, PLAN, NOVAK)
    assert before_the_executives == made
    assert undecided["decision"].tolist() == ["decide-tea", "decide-food"]
    assert status.with_states(url, revisions.revisions(url))["state"].tolist() == ["submitted"]


def test_only_the_newest_revision_can_be_submitted_and_only_once(url, save):
    save()
    save()
    refused(url, 'revision 1 is no longer the latest: A. Novak saved revision 2 of base on .* UTC \\("planned"\\)',
            approval.submit, PLAN, NOVAK, 1)  # fmt: skip
    refused(url, "there is no revision 3; the newest is 2", approval.submit, PLAN, NOVAK, 3)
    approval.submit(url, PLAN, CHEN)
    refused(url, "submitted already; B. Chen submitted revision 2", approval.submit, PLAN, NOVAK)


@pytest.mark.parametrize(
    ("who", "why", "message"), [("", "why", "--author is empty"), ("A", " ", "--reason is empty")]
)
def test_every_act_says_who_and_why(url, submitted, who, why, message):
    author = Author(who, why)
    refused(url, message, approval.submit, PLAN, author)
    refused(url, message, approval.decide, PLAN, "decide-tea", "keep", author)
    refused(url, message, approval.approve, PLAN, author, submitted.hash)


def test_without_a_store_or_a_revision_nothing_is_begun(tmp_path, url, save):
    with pytest.raises(FileNotFoundError, match="no plan store found; run `sopkit run`"):
        approval.submit(f"sqlite:///{tmp_path / 'none.sqlite'}", PLAN, NOVAK)
    assert not (tmp_path / "none.sqlite").exists()
    save()
    refused(
        url,
        "no revision yet; run `sopkit run`",
        approval.submit,
        status.plan_of("corner", "2026-11", "base"),
        NOVAK,
    )


# --- decide ----------------------------------------------------------------------------------------------------


def test_a_choice_that_changes_the_plan_carries_its_changes_and_what_they_are_expected_to_do(
    url, submitted
):
    said = approval.decide(url, PLAN, "decide-tea", "busy", CHEN, DUE)
    assert decision_log.changes(said)["amount"].tolist() == [1.5]
    effects = pd.DataFrame(said["effects"])
    assert set(effects["family"]) == {"drinks"}
    tea = effects[effects["measure"] == "quantity"]
    assert tea["reference_value"].to_numpy() == pytest.approx(100, rel=0.01)
    assert tea["plan"].to_numpy() == pytest.approx(150, rel=0.01)
    assert said["margin_effect"] == pytest.approx(len(tea) * 50 * (5 - 2), rel=0.02)
    told = status.story(url, "corner").iloc[-1]
    assert (told["who"], told["why"]) == ("B. Chen", "tea sells")
    assert told["what"] == "decided decide-tea: busy, due 2026-11-15"
    assert verify.verify(url) == []


def test_keeping_the_plan_needs_no_date_and_changes_nothing(url, submitted):
    said = approval.decide(url, PLAN, "decide-food", "keep", CHEN)
    assert (said["choice"], said["changes"], said["effects"]) == ("keep the plan", [], [])


def test_a_scenario_that_was_written_after_the_plan_can_be_chosen(url, submitted):
    own = table("scenario_changes", CHANGES.replace("calm", "calmer"))
    said = approval.decide(url, PLAN, "decide-tea", "calmer", CHEN, DUE, own)
    assert said["changes"][0]["amount"] == 0.9


@pytest.mark.parametrize(
    ("decision", "choice", "due", "message"),
    [
        (
            "decide-tea",
            "moon",
            DUE,
            "'moon' is not an option; the options are keep the plan, busy, calm",
        ),
        (
            "decide-tea",
            "busy",
            date(2029, 1, 15),
            "busy cannot start in 2029-02; it can from 2026-11",
        ),
        (
            "decide-milk",
            "keep",
            None,
            "no decision 'decide-milk'; the decisions are decide-tea, decide-food",
        ),
        ("approve-plan", "keep", None, "approve-plan is decided by `sopkit approve`"),
    ],
)
def test_a_choice_that_says_nothing_is_refused(url, submitted, decision, choice, due, message):
    refused(url, message, approval.decide, PLAN, decision, choice, CHEN, due)


def test_nobody_decides_on_what_is_not_before_the_executives(url, save):
    save()
    refused(
        url,
        "revision 1 has not been submitted",
        approval.decide,
        PLAN,
        "decide-tea",
        "keep",
        CHEN,
    )


def test_a_plan_made_under_a_scenario_cannot_take_it_once_more(url, save):
    under = status.plan_of("corner", "2026-10", "busy")
    save(plan=under)
    approval.submit(url, under, NOVAK)
    refused(
        url,
        "already includes scenario busy",
        approval.decide,
        under,
        "decide-tea",
        "busy",
        CHEN,
        DUE,
    )


def test_a_choice_is_replaced_only_knowingly(url, submitted):
    approval.decide(url, PLAN, "decide-tea", "busy", CHEN, DUE)
    refused(url, "decide-tea is decided: busy; B. Chen decided on revision 1",
            approval.decide, PLAN, "decide-tea", "keep", NOVAK)  # fmt: skip
    approval.decide(url, PLAN, "decide-tea", "keep", NOVAK, replace=True)
    refused(url, "no decision changes the plan", approval.rework, PLAN)


# --- rework ----------------------------------------------------------------------------------------------------


def test_a_rework_plans_from_the_snapshot_under_each_scenario_once_and_offers_it_no_more(
    url, submitted, inputs
):
    approval.decide(url, PLAN, "decide-tea", "busy", CHEN, DUE)
    approval.decide(url, PLAN, "decide-food", "busy", CHEN, DUE)
    basis = approval.rework(url, PLAN)
    tea = basis.inputs["sales_history"].query("product == 'TEA'")
    assert (tea["quantity"] == 150).all()
    assert (basis.revision, basis.chosen, basis.first) == (submitted, ("busy",), "10_data_review")
    assert basis.inputs["scenario_changes"]["scenario"].tolist() == ["calm"]
    log = basis.inputs["decision_log"]
    assert log["decision"].tolist() == ["decide-tea", "decide-food"]
    assert log["due_on"].tolist() == [pd.Timestamp(DUE)] * 2
    assert_same_table(basis.inputs["products"], inputs["products"])


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        (["company_settings"], "10_data_review"),
        (["consensus_policy", "supply_policy"], "30_demand_review"),
        (["inventory_policy"], "40_supply_review"),
        (["decision_log"], "60_pre_sop"),
        (["expected_effects"], "70_executive_sop"),
        (["processes"], "90_process_review"),
    ],
)
def test_the_first_stage_that_reads_a_changed_table_is_the_first_to_be_made_again(changed, first):
    assert stages.first_reached(changed) == first


def test_choices_stand_in_the_reworked_plan_and_a_scenario_is_not_taken_twice(url, submitted, save):
    decide_all(url, "busy")
    made = rework(url, save)
    assert made.number == 2
    assert status.story(url, "corner")["what"].iloc[-1] == "reworked"
    _, undecided = approval.submit(url, PLAN, NOVAK)
    assert undecided.empty
    own = table("scenario_changes", CHANGES)
    refused(
        url,
        "busy is already in the plan",
        approval.decide,
        PLAN,
        "decide-tea",
        "busy",
        CHEN,
        DUE,
        own,
    )


def test_a_rework_that_does_not_know_what_was_done_meanwhile_is_not_saved(url, submitted, save):
    approval.decide(url, PLAN, "decide-tea", "busy", CHEN, DUE)
    basis = approval.rework(url, PLAN)
    approval.decide(url, PLAN, "decide-food", "keep", Author("C. Diaz", "rice stays"))
    with pytest.raises(
        ValueError,
        match=r"meanwhile C. Diaz decided on revision 1 .*; nothing was saved, rework again",
    ):
        save(given=basis.inputs, reworked=basis.seen)
    assert revisions.revisions(url)["number"].tolist() == [1]


def test_only_a_submitted_plan_with_a_choice_that_changes_it_is_reworked(url, save):
    save()
    refused(url, "revision 1 has not been submitted", approval.rework, PLAN)
    approval.submit(url, PLAN, NOVAK)
    approval.decide(url, PLAN, "decide-tea", "keep", CHEN)
    refused(
        url, "revision 1: nothing to rework: no decision changes the plan", approval.rework, PLAN
    )


# --- approve ---------------------------------------------------------------------------------------------------


def test_an_approved_revision_is_sealed_with_name_time_reason_and_hash(url, submitted, save):
    decide_all(url)
    assert approval.approve(url, PLAN, NOVAK, submitted.hash[:12]) == submitted
    row = verify.audit(url).iloc[-1]
    assert (row["what"], row["who"], row["why"], row["content"]) == (
        "approved",
        *NOVAK,
        submitted.hash,
    )
    assert verify.verify(url) == []
    permanent = 'corner 2026-10 is approved and locked: A. Novak approved revision 1 of base .*"monthly meeting"'
    refused(url, permanent, approval.approve, PLAN, CHEN, submitted.hash)
    refused(url, permanent, approval.submit, PLAN, CHEN)
    refused(url, permanent, approval.decide, PLAN, "decide-tea", "keep", CHEN, replace=True)
    refused(url, permanent, approval.rework, PLAN)
    refused(
        url,
        "corner 2026-10 base is approved and locked: A. Novak approved",
        approval.refuse_sealed,
        PLAN,
    )
    with pytest.raises(ValueError, match="is approved and locked"):
        save()


SETTINGS = """
currency receivable_days payable_days opening_cash fixed_cost separate_approver
EUR      0               0            0            0          yes
"""
ENTRIES = """
product market period  function contributor quantity author  reason submitted_on
TEA     town   2026-10 sales    D.Evans     120      D.Evans promise 2026-09-20
TEA     town   2026-09 sales    E.Flint     120      E.Flint past    2026-08-20
"""


def test_where_the_company_asks_for_it_nobody_approves_a_plan_that_he_has_a_part_in(
    url, save, inputs
):
    asked = {
        "company_settings": table("company_settings", SETTINGS),
        "demand_inputs": table("demand_inputs", ENTRIES),
    }
    made = save(given=inputs | asked)
    approval.submit(url, PLAN, Author("B. Chen", "for the meeting"))
    approval.decide(url, PLAN, "decide-tea", "keep", NOVAK, DUE)
    approval.decide(url, PLAN, "decide-food", "keep", NOVAK)
    for name, part in (
        ("a. novak ", "A. Novak saved revision 1"),
        ("B. Chen", "B. Chen submitted revision 1"),
        ("D.Evans", "D.Evans entered 1 of its numbers in demand_inputs"),
    ):
        message = f"{part}.*; somebody else must approve it, as separate_approver of company_settings says"
        refused(url, message, approval.approve, PLAN, Author(name, "fine"), made.hash)
    approval.approve(url, PLAN, Author("E.Flint", "fine"), made.hash)


def test_a_cycle_has_one_approved_plan_whatever_the_scenario(url, submitted, save):
    decide_all(url)
    other = status.plan_of("corner", "2026-10", "busy")
    save(plan=other)
    approval.submit(url, other, NOVAK)
    approval.approve(url, PLAN, NOVAK, submitted.hash)
    refused(url, "corner 2026-10 is approved", approval.approve, other, NOVAK, submitted.hash)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    again = "INSERT INTO audit SELECT number + 1, at, who, what, why, company, cycle, 'busy', revision, content, hash, hash, actor FROM audit WHERE what = 'approved'"
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(again)


def test_what_was_not_reviewed_decided_or_reworked_is_not_approved(url, save, planned):
    made = save()
    refused(url, "revision 1 has not been submitted", approval.approve, PLAN, NOVAK, made.hash)
    approval.submit(url, PLAN, NOVAK)
    refused(url, "undecided: decide-tea, decide-food", approval.approve, PLAN, NOVAK, made.hash)
    decide_all(url, "busy")
    refused(
        url,
        "the decision on decide-tea is not in this plan; run `sopkit rework`",
        approval.approve,
        PLAN,
        NOVAK,
        made.hash,
    )
    refused(url, "enter at least 8 characters", approval.approve, PLAN, NOVAK, made.hash[:7])
    refused(url, "no revision has the hash 00000000; there are revision 1: " + made.hash[:12],
            approval.approve, PLAN, NOVAK, "00000000")  # fmt: skip
    save(tables=planned | {"supply_plan": planned["supply_plan"].head(0)})
    refused(url, "revision 1 is no longer the latest", approval.approve, PLAN, NOVAK, made.hash)


def test_a_plan_whose_tables_were_changed_is_not_approved(url, submitted):
    decide_all(url)
    execute(url, "UPDATE revision_table SET hash = 'x' WHERE table_name = 'demand_plan'")
    refused(
        url,
        "demand_plan is not what was saved; it cannot be approved",
        approval.approve,
        PLAN,
        NOVAK,
        submitted.hash,
    )


TAMPERING = {
    "UPDATE decision SET record = replace(record, 'Tea?', 'Tee?')": "the decision's record was changed",
    "DELETE FROM decision": "the decision's record is missing",
    "INSERT INTO decision SELECT number, what FROM audit WHERE number = 1": "decision record 1: it has no row in the audit log",
    "UPDATE audit SET who = 'B. Other' WHERE what = 'approved'": "was changed",
    "UPDATE audit SET content = 'x' WHERE what = 'approved'": "was submitted or approved with another hash than the saved plan",
    "UPDATE revision SET hash = 'x'": "was submitted or approved with another hash than the saved plan",
}


@pytest.mark.parametrize("statement", TAMPERING)
def test_verify_finds_what_was_tampered_with(url, submitted, statement):
    decide_all(url)
    approval.approve(url, PLAN, NOVAK, submitted.hash)
    execute(url, statement)
    problems = verify.verify(url)
    assert any(TAMPERING[statement] in problem for problem in problems), problems


# --- two at once -----------------------------------------------------------------------------------------------


def at_once(act, people=4):
    """Let people do the same at the same moment, each in a process; give what each was told, `None` for done."""
    context = multiprocessing.get_context("fork")
    gate, told = context.Barrier(people), context.Queue()

    def person(number):
        gate.wait()
        try:
            act(Author(f"Person {number}", "at once"))
            told.put((number, None))
        except ValueError as error:
            told.put((number, str(error)))

    processes = [context.Process(target=person, args=(number,)) for number in range(people)]
    for process in processes:
        process.start()
    answers = dict(told.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    return answers


def one_wins_and_the_others_know(answers):
    winners = [number for number, error in answers.items() if error is None]
    assert len(winners) == 1, answers
    assert all(f"Person {winners[0]}" in error for error in answers.values() if error)


def test_of_people_who_submit_decide_and_approve_at_once_one_wins_each_time(url, save):
    made = save()
    one_wins_and_the_others_know(at_once(lambda who: approval.submit(url, PLAN, who)))
    one_wins_and_the_others_know(
        at_once(lambda who: approval.decide(url, PLAN, "decide-tea", "keep", who))
    )
    approval.decide(url, PLAN, "decide-food", "keep", CHEN)
    one_wins_and_the_others_know(at_once(lambda who: approval.approve(url, PLAN, who, made.hash)))
    assert verify.verify(url) == []
    assert verify.audit(url)["what"].tolist() == [
        "saved",
        "submitted",
        "decided",
        "decided",
        "approved",
    ]


def test_of_people_who_rework_at_once_one_wins(url, submitted, planned):
    approval.decide(url, PLAN, "decide-tea", "busy", CHEN, DUE)
    basis = approval.rework(url, PLAN)

    def save(who):
        tables = (planned, content_hash(basis.inputs), who.who, who.why, basis.inputs, basis.seen)
        return saving.save_revision(url, *PLAN, *tables)

    one_wins_and_the_others_know(at_once(save))
    assert revisions.revisions(url)["number"].tolist() == [1, 2]


def test_of_one_who_approves_and_one_who_changes_a_choice_at_once_the_first_wins(url, submitted):
    decide_all(url)

    def either(who):
        if who.who == "Person 0":
            approval.approve(url, PLAN, who, submitted.hash)
        else:
            approval.decide(url, PLAN, "decide-tea", "busy", who, DUE, replace=True)

    answers = at_once(either, people=2)
    approved = "approved" in set(verify.audit(url)["what"])
    assert (answers[0] is None) == approved
    assert answers[1] is None or (approved and "Person 0 approved" in answers[1])
    assert answers[0] is None or "the decision on decide-tea is not in this plan" in answers[0]


# --- another store --------------------------------------------------------------------------------------------


def test_a_store_that_a_sopkit_of_another_version_wrote_is_refused(url, save):
    save()
    execute(url, "INSERT INTO store_version VALUES (2)")
    for act in (save, lambda: revisions.revisions(url), lambda: approval.submit(url, PLAN, NOVAK)):
        with pytest.raises(ValueError, match="has version 2, but this sopkit supports version 1"):
            act()


# --- next month ------------------------------------------------------------------------------------------------

EARLIER = """
cycle    contributor  product  market  period   quantity
2026-09  consensus    TEA      town    2026-10  90
2026-10  consensus    TEA      town    2026-10  1
"""


def test_what_was_approved_is_read_back_as_what_earlier_cycles_forecast_and_decided(
    url, submitted, save, inputs
):
    decide_all(url, "busy")
    made = rework(url, save)
    approval.submit(url, PLAN, NOVAK)
    approval.approve(url, PLAN, NOVAK, made.hash)
    tables = inputs | {"approved_forecasts": table("approved_forecasts", EARLIER)}
    tables["products"] = tables["products"].query("product != 'RICE'").reset_index(drop=True)
    assert approved_plans.add_approved_plans(tables, url, "corner", "2026-10") is tables
    known = approved_plans.add_approved_plans(tables, url, "corner", "2026-11")
    forecasts = (
        known["approved_forecasts"]
        .query("contributor == 'consensus'")
        .set_index(["cycle", "product", "period"])
    )
    assert forecasts.loc[(pd.Period("2026-09"), "TEA", pd.Period("2026-10")), "quantity"] == 90
    assert forecasts.loc[
        (pd.Period("2026-10"), "TEA", pd.Period("2026-10")), "quantity"
    ] == pytest.approx(100, rel=0.01)
    assert set(known["approved_forecasts"]["product"]) == {"TEA"}
    supply = revisions.read_table(url, *PLAN, "supply_plan").query("product == 'TEA'")
    assert known["approved_supply_plans"]["regular"].tolist() == supply["regular"].tolist()
    assert known["decision_log"]["choice"].tolist() == ["busy", "keep the plan"]
    assert set(known["expected_effects"]["decision"]) == {"decide-tea"}
    assert "decision_log" not in tables


def test_what_was_done_in_a_cycle_is_in_its_rework_and_in_the_record_of_the_next(
    url, submitted, save, inputs
):
    decide_all(url, "busy")
    told = approval.rework(url, PLAN).inputs["cycle_record"]
    assert told["event"].tolist() == ["saved", "submitted", "decided", "decided"]
    made = rework(url, save)
    approval.submit(url, PLAN, NOVAK)
    approval.approve(url, PLAN, NOVAK, made.hash)
    later = history.add_cycle_record(inputs, url, "corner", "2026-11")["cycle_record"]
    done = later[later["cycle"] == pd.Period("2026-10")]
    assert done["event"].tolist() == [*told["event"], "reworked", "submitted", "approved"]
    assert done["reference"].iloc[-1] == made.hash[:12]
    assert set(later.loc[later["cycle"] == pd.Period("2026-11"), "event"]) == {"read"}


def test_without_a_store_a_company_s_tables_stay_as_they_are(tmp_path, inputs):
    assert (
        approved_plans.add_approved_plans(
            inputs, f"sqlite:///{tmp_path / 'none.sqlite'}", "corner", "2026-11"
        )
        is inputs
    )
