"""How well planning runs: measures beside targets, evidence, the audit page, the survey."""

import pandas as pd
import pytest
from conftest import table

from sopkit.cycle import stages
from sopkit.io import readers
from sopkit.performance import (
    iso_9001,
    kpis,
    process_register,
    scorecard,
    survey,
)
from sopkit.performance import (
    kpis as kpis_module,
)
from sopkit.performance import (
    survey as survey_module,
)
from sopkit.reporting import exhibits
from sopkit.rules.call import call, inputs_of
from sopkit.schema.reading import SchemaError
from sopkit.store import history
from sopkit.tables.issues import DataError
from sopkit.tables.periods import month, planning_periods

HORIZON = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
PRODUCTS = table("products", "product family unit_of_measure\nTENT tents piece\nSTOVE stoves piece")
PRICES = table(
    "unit_economics",
    """
    product  period   price  material_cost  holding_cost  backlog_cost  basis
    TENT     2026-10  100    40             1             10            given
    STOVE    2026-10  50     10             1             5             given
    """,
)
SALES = table(
    "sales_history",
    """
    product  market  period   quantity  revenue
    TENT     north   2026-08  80        8000
    TENT     north   2026-09  90        9000
    STOVE    north   2026-08  20        1000
    STOVE    north   2026-09  10        500
    """,
)
HISTORY = SALES[["product", "market", "period", "quantity"]].assign(
    cleansed=SALES["quantity"], cleansing_adjustment=0.0
)
KPIS = kpis.kpis(HORIZON, PRODUCTS, SALES, HISTORY)
DEMAND = table(
    "demand_plan",
    """
    product market period baseline launch_demand activity_demand opportunity_demand override consensus lower_80 upper_80  firm_orders  past_due_orders  net_forecast  total_demand
    TENT    north  2026-10  99     0             0               0                  0        99        80  120  0  0  99  99
    TENT    north  2026-11  80     0             0               0                  0        80        60  100  0  0  80  80
    """,
)
CONSENSUS = table(
    "approved_forecasts",
    """
    cycle    contributor  product  market  period   quantity
    2026-09  consensus    TENT     north   2026-09  100
    2026-09  consensus    STOVE    north   2026-09  10
    2026-09  consensus    TENT     north   2026-10  110
    2026-08  consensus    TENT     north   2026-09  120
    2026-08  consensus    TENT     north   2026-08  80
    """,
)
SUPPLY = table(
    "approved_supply_plans",
    """
    cycle    product  site  period   regular  overtime  subcontract  inventory
    2026-09  TENT     main  2026-09  60       20        20           50
    2026-09  STOVE    main  2026-09  20       0         0            10
    2026-08  TENT     main  2026-09  500      0         0            500
    """,
)
MADE = table(
    "production_history",
    """
    product  site  period   produced  inventory  reason
    TENT     main  2026-09  88        45         Flood
    STOVE    main  2026-09  20        10         -
    """,
)
HOURS = table(
    "hours_history",
    """
    resource  period   regular_hours  overtime_hours  capacity_hours
    sewing    2026-09  90             10              125
    """,
)


def performance(kpis=KPIS, **known):
    inputs = kpis_module.PerformanceInputs(HORIZON, PRODUCTS, PRICES, SALES, kpis, DEMAND, **known)
    return kpis_module.performance(inputs)


def row(frame, measure, item="all", period="2026-09"):
    found = frame[
        (frame["measure"] == measure) & (frame["item"] == item) & (frame["period"] == month(period))
    ]
    assert len(found) == 1
    return found.iloc[0]


# --- measures ----------------------------------------------------------------------------------------------------


def test_a_plan_is_attained_to_the_extent_that_families_do_not_differ_from_it():
    found = row(performance(approved_forecasts=CONSENSUS), "demand_attainment_ratio")
    assert found["value"] == pytest.approx(1 - 10 / 110)
    assert "tents was furthest off, 10 units below plan" in found["statement"]


def test_production_is_held_against_the_months_own_cycle_and_names_the_reason_given():
    found = row(
        performance(approved_supply_plans=SUPPLY, production_history=MADE),
        "production_attainment_ratio",
    )
    assert found["value"] == pytest.approx(1 - 12 / 120)
    assert found["statement"].endswith("12 units below plan (Flood).")


def test_stock_is_held_against_the_stock_planned_where_all_of_it_was_counted():
    known = {"approved_supply_plans": SUPPLY, "production_history": MADE}
    assert row(performance(**known), "inventory_attainment_ratio")["value"] == pytest.approx(
        1 - 5 / 60
    )
    uncounted = MADE.assign(inventory=[45.0, None])
    found = row(
        performance(**known | {"production_history": uncounted}), "inventory_attainment_ratio"
    )
    assert pd.isna(found["value"])
    assert "without the stock in production_history" in found["statement"]


def test_accuracy_is_measured_by_months_ahead():
    kpis = kpis_module.kpis(HORIZON, PRODUCTS, SALES, HISTORY, approved_forecasts=CONSENSUS)
    found = performance(kpis, approved_forecasts=CONSENSUS)
    assert row(found, "forecast_accuracy_ratio", "lag 1")["value"] == pytest.approx(1 - 10 / 100)
    assert row(found, "forecast_accuracy_ratio", "lag 2")["value"] == pytest.approx(1 - 30 / 90)


def test_plan_change_holds_each_cycle_against_the_one_before_for_the_same_month():
    found = performance(approved_forecasts=CONSENSUS)
    assert row(found, "plan_change_ratio", "lag 1", "2026-10")["value"] == pytest.approx(11 / 110)
    assert row(found, "plan_change_ratio", "lag 1", "2026-09")["value"] == pytest.approx(20 / 120)
    assert "lag 2" not in set(
        found.loc[found["measure"] == "plan_change_ratio", "item"]
    )  # no plan before for November


def test_turns_and_margin_per_stock_are_a_years_at_material_cost():
    found = performance(production_history=MADE)
    stock, sold = 45 * 40 + 10 * 10, 90 * 40 + 10 * 10
    assert row(found, "inventory_turns")["value"] == pytest.approx(12 * sold / stock)
    assert row(found, "margin_per_stock")["value"] == pytest.approx(12 * (9500 - sold) / stock)


def test_use_of_capacity_and_overtime_are_shares_of_hours():
    found = performance(hours_history=HOURS)
    assert row(found, "utilization")["value"] == pytest.approx(100 / 125)
    assert row(found, "overtime_ratio", "sewing")["value"] == pytest.approx(10 / 100)
    blind = performance(hours_history=HOURS.assign(capacity_hours=float("nan")))
    assert row(blind, "utilization")["statement"] == (
        "Use of capacity is not known without capacity_hours in hours_history."
    )


def test_productivity_counts_the_fastest_way_through_every_step_at_the_site():
    places = {"sewing": "main", "slow": "main", "packing": "main", "far": "east"}
    lines = "\n".join(f"{name} 1 {site} 1 1 1 1" for name, site in places.items())
    resources = (
        "resource opening_workers site regular_wage overtime_wage hire_cost layoff_cost\n" + lines
    )
    routings = table(
        "routings",
        """
        product  resource  hours_per_unit  routing_step
        TENT     sewing    0.5             1
        TENT     slow      0.9             1
        TENT     far       0.1             1
        TENT     packing   0.25            2
        """,
    )
    known = {"hours_history": HOURS, "production_history": MADE, "routings": routings}
    found = row(
        performance(**known, resources=table("resources", resources)), "labour_productivity_ratio"
    )
    assert found["value"] == pytest.approx(88 * (0.5 + 0.25) / 100)
    assert "STOVE had no routing at the site" in found["statement"]


def test_a_meeting_that_was_late_or_not_held_breaks_the_calendar():
    calendar = table(
        "meeting_calendar",
        """
        cycle    meeting        planned_date  actual_date     reason
        2026-09  data_review    2026-09-02   2026-09-02  -
        2026-09  demand_review  2026-09-07   2026-09-08  Storm
        2026-09  pre_sop        2026-09-17   -           -
        2026-10  data_review    2026-10-02   -           -
        """,
    )
    found = row(performance(meeting_calendar=calendar), "calendar_kept_ratio")
    assert found["value"] == pytest.approx(1 / 3)
    assert found["statement"] == (
        "1 of 3 meetings were held in time; demand review was late (Storm); pre sop was not held."
    )


def test_what_is_not_recorded_has_no_value_and_says_what_is_missing():
    found = performance()
    unknown = found[found["value"].isna()].set_index("measure")["statement"]
    for measure, table_name in (
        ("production_attainment_ratio", "approved_supply_plans"),
        ("utilization", "hours_history"),
        ("inventory_turns", "production_history"),
    ):
        assert table_name in unknown[measure]
    assert not found.duplicated(["measure", "item", "period"]).any()


def test_row_order_does_not_matter():
    known = {
        "approved_forecasts": CONSENSUS, "approved_supply_plans": SUPPLY, "production_history": MADE, "hours_history": HOURS,
    }  # fmt: skip
    turned = {name: frame.iloc[::-1] for name, frame in known.items()}
    pd.testing.assert_frame_equal(performance(**known), performance(**turned))


# --- beside targets ----------------------------------------------------------------------------------------------


def months_of(measure, values, target=None, item="all"):
    periods = pd.period_range("2025-10", periods=len(values), freq="M")
    return pd.DataFrame(
        {
            "measure": measure,
            "item": item,
            "period": periods,
            "statement": "It was so.",
            "value": values,
            "target": target,
        }
    ).astype({"target": "float64"})


RISING = [0.80 + 0.01 * n for n in range(12)]
TARGETS = table(
    "kpi_targets",
    "measure owner target\novertime_ratio Silva 0.95\nbias Moreau 0.03\nhappiness Nobody 1",
)


def review(rows, targets=None):
    return scorecard.scorecard(rows, targets).set_index(["measure", "item"])


def test_a_rise_is_worse_where_less_is_wanted_and_better_where_more_is():
    found = review(
        pd.concat([months_of("overtime_ratio", RISING), months_of("in_stock_ratio", RISING)]),
        TARGETS,
    )
    assert found.loc[("overtime_ratio", "all"), "trend"] == (
        "worse: 82.5 % in the first 6 months, 88.5 % in the last"
    )
    assert found.loc[("in_stock_ratio", "all"), "trend"].startswith("better: ")
    assert (found.loc[("overtime_ratio", "all"), ["on_target", "owner"]] == [True, "Silva"]).all()


def test_no_trend_is_called_of_noise_nor_of_a_few_months():
    found = review(
        pd.concat(
            [months_of("in_stock_ratio", [0.9, 0.8] * 6), months_of("overtime_ratio", RISING[:5])]
        )
    )
    assert found.loc[("in_stock_ratio", "all"), "trend"] == "no clear trend"
    assert found.loc[("overtime_ratio", "all"), "trend"] == "too few months to tell"


def test_what_goes_with_the_season_is_taken_over_its_budget():
    sold = [100.0 * n for n in range(1, 13)]
    assert (
        review(months_of("actual_quantity", sold)).loc[("actual_quantity", "all"), "trend"]
        == "too few months to tell"
    )
    assert (
        review(months_of("actual_quantity", sold, sold)).loc[("actual_quantity", "all"), "trend"]
        == "steady"
    )


def test_of_a_bias_the_size_counts():
    found = review(months_of("bias", [-0.05] * 12, item="lag 1"), TARGETS)
    assert not found.loc[("bias", "lag 1"), "on_target"]


def test_a_target_is_for_the_company_and_a_measure_that_nobody_takes_is_said():
    rows = pd.concat(
        [months_of("overtime_ratio", RISING), months_of("overtime_ratio", RISING, item="sewing")]
    )
    found = review(rows, TARGETS)
    assert pd.isna(found.loc[("overtime_ratio", "sewing"), "target"])
    assert found.loc[("overtime_ratio", "sewing"), "owner"] == "Silva"
    assert found.loc[("happiness", "all"), "statement"].startswith(
        "happiness is not measured; kpi_targets may name"
    )


def test_a_target_for_one_resource_is_held_against_that_resource_alone():
    rows = pd.concat(
        [months_of("overtime_ratio", RISING), months_of("overtime_ratio", RISING, item="sewing")]
    )
    text = "measure dimension item owner target\novertime_ratio resource sewing Kim 0.5"
    found = review(rows, table("kpi_targets", text))
    assert pd.isna(found.loc[("overtime_ratio", "all"), "target"])
    assert (found.loc[("overtime_ratio", "sewing"), ["target", "on_target", "owner"]] == [0.5, False, "Kim"]).all()  # fmt: skip


def test_a_target_for_what_a_measure_is_not_told_apart_by_is_refused():
    text = "measure dimension item owner target\nmonths_of_supply family tents Kim 1"
    with pytest.raises(ValueError, match="kpi_targets: measure=months_of_supply  dimension=family"):
        review(months_of("months_of_supply", RISING), table("kpi_targets", text))


# --- evidence ----------------------------------------------------------------------------------------------------

REGISTER = pd.DataFrame(
    {
        "process": ["budgeting", "demand-review"], "owner": ["Eve", "Ann"], "input": ["Budget", "Baseline"],
        "output": ["Paper", "Consensus"], "resources_used": ["Desk", "Planner"], "control": ["Stamp", "Reasons"],
        "criterion": ["Peace", "Better than the baseline"], "measure": ["peace", "value_added"],
        "target": [1.0, 0.01], "meeting": [None, "demand_review"],
    }
)  # fmt: skip
EVIDENCE = pd.DataFrame(
    {"process": "demand-review", "element": ["resources_used", "resources_used"], "cycle": [month("2026-10"), month("2026-08")],
     "reference": ["List of names", "Old list"], "value": float("nan")}
)  # fmt: skip


def empty_plan():
    from sopkit.tables import empty

    steps = (process_register.process_evidence, iso_9001.iso_9001_checklist)
    names = {name for step in steps for name, needed in inputs_of(step).items() if needed}
    return {name: empty(name) for name in names} | {
        "planning_periods": HORIZON,
        "demand_plan": DEMAND,
    }


def found_evidence(**known):
    tables = empty_plan() | {"processes": REGISTER} | known
    return call(process_register.process_evidence, tables)


def test_what_the_workbook_did_is_evidence_of_the_process_whose_meeting_it_belongs_to():
    told = table(
        "cycle_record",
        "cycle entry event statement meeting reference\n"
        "2026-09 1 saved A-saved-revision-1 - aaaa\n2026-09 2 approved C-approved executive_sop bbbb\n"
        "2026-10 1 read Two-tables demand_review cccc",
    )
    found = found_evidence(cycle_record=told)
    assert set(zip(found["element"], found["kind"], found["cycle"].astype(str), strict=True)) == {
        ("output", "stored version", "2026-09"),
        ("output", "plan table", "2026-10"),
        ("input", "files", "2026-10"),
    }
    assert set(found["process"]) == {
        "demand-review"
    }  # the other names no meeting, and nobody approves in this one


def test_a_value_shows_the_measure_and_whether_the_criterion_is_met():
    added = table(
        "forecast_value_added",
        "contributor lag reference_type value_added observations assessment\nconsensus 1 baseline 0.004 12 improves",
    )
    found = found_evidence(forecast_value_added=added).set_index("element")["statement"]
    assert found["measure"] == "value added is 0.4 %"
    assert found["criterion"] == "value added is 0.4 %; at least 1.0 % is wanted: missed"


def test_the_register_says_what_is_shown_now_and_when_it_last_was():
    proof = found_evidence(evidence=EVIDENCE)
    register = process_register.process_register(HORIZON, proof, REGISTER).set_index(
        ["process", "element"]
    )
    assert list(register.loc["demand-review"].index) == [
        "input",
        "output",
        "resources_used",
        "control",
        "criterion",
        "measure",
    ]
    assert register.loc[("demand-review", "resources_used"), "reference"] == "List of names"
    assert register.loc[("demand-review", "resources_used"), "last_evidenced"] == month("2026-08")
    assert register.loc[("budgeting", "measure"), "statement"] == "peace, target 1"
    assert not register.loc["budgeting", "evidenced"].any()


def test_the_audit_page_names_what_is_lacking_clause_by_clause():
    proof = found_evidence(evidence=EVIDENCE)
    register = process_register.process_register(HORIZON, proof, REGISTER)
    tables = {"process_register": register, "process_evidence": proof, "processes": REGISTER}
    page = call(iso_9001.iso_9001_checklist, empty_plan() | tables)
    page = page.set_index("clause")
    assert page.loc["4.4.1 d", ["coverage", "missing_evidence"]].tolist() == [
        0.5,
        "budgeting resources_used",
    ]
    assert page.loc["4.4.1 b", "missing_evidence"] == "budgeting"
    assert page.loc["9.3", "statement"] == "No calendar of meetings is kept."


CLAUSE = '["9.3"]\nquestion = "Who reviews?"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (CLAUSE + 'answer = "yes"', "iso_9001.toml 9.3: unknown answer; known are question, ref"),
        (CLAUSE, "iso_9001.toml 9.3: reference must be given"),
    ],
)
def test_a_clause_that_is_not_understood_is_refused(tmp_path, text, why):
    path = tmp_path / iso_9001.FILE.name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=why):
        iso_9001.read_clauses(path)


def test_a_clause_that_nothing_answers_is_refused(monkeypatch):
    row = {"question": "Who reviews?", "reference": "meetings"}
    monkeypatch.setattr(iso_9001, "read_clauses", lambda: {"99.1": row})
    proof = found_evidence(evidence=EVIDENCE)
    register = process_register.process_register(HORIZON, proof, REGISTER)
    tables = empty_plan() | {"process_register": register, "process_evidence": proof}
    with pytest.raises(SchemaError, match=r"iso_9001.toml: unknown 99.1; known are 4.4.1 a"):
        call(iso_9001.iso_9001_checklist, tables)


def test_the_record_holds_what_was_read_and_does_not_change_with_another_run(company):
    first, again = (
        history.add_cycle_record(company, "sqlite:///none.sqlite", "summit", "2026-10")[
            "cycle_record"
        ]
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert set(first["event"]) == {"read"}
    changed = company | {"company_settings": company["company_settings"].assign(opening_cash=1.0)}
    other = history.add_cycle_record(changed, "sqlite:///none.sqlite", "summit", "2026-10")[
        "cycle_record"
    ]
    differ = first.loc[first["reference"] != other["reference"], "meeting"]
    assert set(differ) == {
        m.name[3:]
        for m in stages.STAGES
        if any("company_settings" in inputs_of(s) for s in m.steps)
    }


# --- the survey --------------------------------------------------------------------------------------------------


def answers(agreeing, of, function, item="balance", cycle=None, start=0):
    return pd.DataFrame(
        {
            "respondent": [f"{function}{start + n}" for n in range(of)], "item": item, "function": function,
            "cycle": pd.PeriodIndex([cycle] * of, freq="M"), "score": [6] * agreeing + [4] * (of - agreeing),
        }
    )  # fmt: skip


def test_the_interval_is_wilsons_and_honest_for_few_answers():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, Wilson score: 0 of 20 and 1 of 29.
    survey = pd.concat([answers(0, 20, "sales"), answers(1, 29, "supply")])
    found = survey_module.survey_results(HORIZON, survey).set_index("function")
    assert found.loc["sales", ["low_ratio", "high_ratio"]].tolist() == pytest.approx(
        [0, 0.1611], abs=1e-4
    )
    assert found.loc["supply", ["low_ratio", "high_ratio"]].tolist() == pytest.approx(
        [0.0061, 0.1718], abs=1e-4
    )


def test_answers_of_all_functions_stand_together_and_without_cycle_are_of_this_one():
    found = survey.survey_results(
        HORIZON, pd.concat([answers(2, 2, "sales"), answers(0, 2, "supply")])
    )
    together = found[found["function"].isna()].iloc[0]
    assert (together["agreement_rate"], together["respondents"], together["cycle"]) == (
        0.5,
        4,
        month("2026-10"),
    )
    assert together["trend"] == "first survey"


def test_a_change_is_told_only_beyond_chance():
    survey = [answers(2, 20, "sales", cycle="2026-04"), answers(15, 20, "sales", cycle="2026-10")]
    survey += [answers(2, 4, "finance", cycle="2026-04"), answers(3, 4, "finance", cycle="2026-10")]
    found = survey_module.survey_results(HORIZON, pd.concat(survey)).set_index(
        ["function", "cycle"]
    )["trend"]
    assert found[("sales", month("2026-10"))].startswith("rose since Apr 2026")
    assert found[("finance", month("2026-10"))].startswith("no significant change")


def test_differences_are_tested_exactly_and_adjusted_for_their_number():
    survey = pd.concat([answers(8, 8, "sales"), answers(0, 8, "supply"), answers(4, 8, "finance")])
    found = survey_module.survey_differences(HORIZON, survey)
    first = found.iloc[0]
    assert (first["function"], first["other_function"], first["difference_ratio"]) == (
        "sales",
        "supply",
        1,
    )
    assert first["p_value"] == pytest.approx(
        3 * 2 / 12870
    )  # 2 of the 16 over 8 ways, three comparisons
    assert found["significant"].tolist() == [True, False, False]
    few = survey_module.survey_differences(
        HORIZON, pd.concat([answers(3, 3, "sales"), answers(0, 3, "supply")])
    )
    assert not few["significant"].any()  # three against three can never tell


def test_a_score_outside_1_to_7_is_refused_with_file_and_line(tmp_path):
    (tmp_path / "balance_survey.csv").write_text(
        "respondent,item,function,score\nR1,a,sales,7\nR2,a,sales,8\n"
    )
    with pytest.raises(DataError, match=r"balance_survey.csv line 3(.|\n)*8"):
        readers.read(tmp_path, ["balance_survey"])


# --- the sample company ------------------------------------------------------------------------------------------


def test_what_is_planted_in_the_sample_company_is_found(plan):
    said = exhibits.performance.missed(plan["scorecard"]).headline
    assert "cutting table stood still" in said
    said = exhibits.processes.process_register(plan["process_register"]).headline
    assert said.endswith("supplier-review has none.")
    most = plan["survey_differences"].iloc[0]
    assert {most["function"], most["other_function"]} == {"sales", "supply"}
    assert most["item"] == "Demand and supply carry equal weight"
    assert most["significant"]
    said = exhibits.survey.survey_trend(plan["survey_results"]).headline
    assert "kept afterwards” rose" in said
    trend = plan["scorecard"].set_index(["measure", "item"])["trend"]
    assert trend[("labour_productivity_ratio", "all")].startswith("worse")


def test_the_missed_measures_are_those_that_the_scorecard_calls_so(plan):
    shown = exhibits.performance.trends(plan["scorecard"]).table
    missed = exhibits.performance.missed(plan["scorecard"]).table
    assert set(shown.loc[shown["on_target"] == "missed", "measure"]) == set(missed["measure"])


def test_a_target_for_one_family_has_the_months_of_that_family():
    text = "measure dimension item owner target\nactual_quantity family tents Kim 85"
    targets = table("kpi_targets", text)
    found = performance(kpi_targets=targets)
    assert row(found, "actual_quantity", "tents", "2026-08")["value"] == 80
    last = row(found, "actual_quantity", "tents")
    assert last["statement"] == "Units sold of tents in Sep 2026: 90."
    assert review(found, targets).loc[("actual_quantity", "tents"), "on_target"]


def test_a_target_for_a_product_group_has_the_months_of_its_families():
    text = "measure dimension item owner target\nactual_quantity product_group camping Kim 85"
    targets = table("kpi_targets", text)
    groups = table("product_groups", "member product_group\ntents camping\nstoves camping")
    found = performance(kpi_targets=targets, product_groups=groups)
    whole = row(found, "actual_quantity")["value"]
    assert row(found, "actual_quantity", "camping")["value"] == whole
    assert review(found, targets).loc[("actual_quantity", "camping"), "on_target"]
    without = performance(kpi_targets=targets)
    assert "camping" not in set(without["item"])
