"""The pre-read: twelve A4 sheets at most, whose sentences are those of the tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import table
from pages import overflowing, pre_read_of, printed_sizes, titles

from sopkit.finance.outlook import LINES
from sopkit.reporting import pre_read
from sopkit.reporting.pre_read import (
    decision_sheets,
    kpi_status,
    month,
    months,
    outlook,
    records,
    risks,
    supply,
)
from sopkit.reporting.pre_read.decisions import decisions_list
from sopkit.reporting.pre_read.fiscal_years import fiscal_years
from sopkit.reporting.pre_read.page import phrase
from sopkit.reporting.pre_read.status import status, trend
from sopkit.tables import conform, empty

SHEETS = [
    "The month on a page", "P&amp;L outlook", "Demand", "Supply", "Family: clothing",
    "Launches, risks and opportunities", "Assumptions, decision log and follow-up",
]  # fmt: skip


@pytest.fixture(scope="module")
def page(company, plan, tmp_path_factory):
    return pre_read_of({**company, **plan}, tmp_path_factory.mktemp("pre-read"))


def test_the_pre_read_opens_with_the_month_and_ends_with_the_record(page):
    found = titles(page)
    assert [sheet for sheet in SHEETS if sheet in found] == SHEETS
    assert found[1].startswith("Decision")
    assert len(found) <= pre_read.MOST_PAGES
    assert sum(sheet.startswith("Family: ") for sheet in found) <= 3


def test_every_sheet_has_its_number_and_the_first_lists_the_others(page):
    text = page.read_text(encoding="utf-8")
    sheets = titles(page)
    for number, sheet in enumerate(sheets, 1):
        assert f'<span class="number">{number} / {len(sheets)}</span>' in text
        assert number == 1 or f'<a href="#page-{number}">{sheet}</a>' in text


def test_it_holds_neither_code_nor_scripts(page):
    text = page.read_text(encoding="utf-8")
    for word in ("<script", "details", "review.show", "http://", "url(http"):
        assert word not in text.replace("http://www.w3.org/", "")


def test_nothing_overflows_its_sheet(page, chromium, tmp_path):
    assert overflowing(page, tmp_path, chromium) == []


def test_it_prints_a_sheet_of_a4_for_each_page(page, chromium, tmp_path):
    assert printed_sizes(page, tmp_path, chromium) == [("594", "841")] * len(titles(page)) or (
        printed_sizes(page, tmp_path, chromium) == [("595", "841")] * len(titles(page))
    )


def test_what_stands_in_a_table_stays_text(company, plan, tmp_path):
    evil = "<img src=x onerror=alert(1)>"
    known = company["assumptions"].assign(statement=evil)
    asked = plan["decisions"].assign(question=evil)
    page = pre_read_of({**company, **plan, "assumptions": known, "decisions": asked}, tmp_path)
    assert "<img" not in page.read_text(encoding="utf-8")


# -------------------------------------------------------------------------------------------------
# sentences and their numbers


def of(text):
    """A plan of revenue by month: month, revenue."""
    rows = [line.split() for line in text.strip().splitlines()]
    periods = pd.PeriodIndex([row[0] for row in rows], freq="M")
    return pd.DataFrame({"period": periods, "revenue": [float(row[1]) for row in rows]})


SOLD = of("2025-11 90\n2025-12 100\n2026-11 99\n2026-12 110").assign(quantity=1.0)
PLAN = of("2027-01 100\n2027-02 120").assign(family="tents")


def test_a_month_is_compared_with_the_same_month_a_year_before():
    found = months.by_month(SOLD, PLAN, "revenue")
    assert found.loc["2026-11", "prior_year"] == 90
    assert found.loc["2026-12"].tolist()[:3] == pytest.approx([110, np.nan, 100], nan_ok=True)
    two = months.against(found, pd.period_range("2026-11", "2026-12", freq="M"))
    assert two["value"] == 209
    assert two["vs_prior_year"] == pytest.approx(0.1)
    assert np.isnan(two["vs_reference"])


def test_a_year_is_not_known_while_a_month_of_it_is_missing():
    found = months.by_month(SOLD, PLAN, "revenue")
    assert np.isnan(months.against(found, pd.period_range("2027-01", "2027-12", freq="M"))["value"])


def test_a_closed_month_with_unknown_revenue_is_not_a_smaller_month():
    rows = pd.concat([SOLD, SOLD.tail(1).assign(revenue=np.nan)])
    assert np.isnan(months.by_month(rows, PLAN, "revenue").loc["2026-12", "actual"])


def test_the_chart_of_revenue_says_how_it_stands_against_budget():
    shown = months.by_month(SOLD, PLAN, "revenue", of("2027-01 110\n2027-02 110"))
    said = "Planned revenue 0.0 % vs. budget Jan 2027 to Feb 2027, below it in 1 of 2 months"
    assert month.plan_headline(shown) == said


LOAD = table(
    "rough_cut_capacity",
    """
    resource period  required_hours capacity_hours utilization
    SEWING   2027-01 150            100            1.5
    SEWING   2027-02 120            100            1.2
    CUTTING  2027-01 90             100            0.9
    """,
)


def test_a_resource_above_capacity_is_named_with_the_hours_it_lacks():
    said = (
        "Rough-cut capacity (RCCP): SEWING lacks 70 hours before hiring and subcontracting, Jan 2027 "
        "to Feb 2027"
    )
    assert supply.capacity_headline(LOAD) == said
    fits = LOAD[LOAD["resource"] == "CUTTING"]
    said = (
        "Rough-cut capacity (RCCP): no resource above 100 %; highest load CUTTING, 90 % in Jan 2027"
    )
    assert supply.capacity_headline(fits) == said


@pytest.mark.parametrize(
    ("opening", "said"),
    [(50.0, "Headcount -10 to 40 by Feb 2027"), (40.0, "Headcount unchanged at 40 by Feb 2027")],
)
def test_headcount_is_compared_with_the_workers_of_today(opening, said):
    workers = pd.DataFrame(
        {"workers": [45.0, 40.0]}, index=pd.PeriodIndex(["2027-01", "2027-02"], freq="M")
    )
    assert supply.headcount_headline(opening, workers) == said


def test_inventory_peaks_beside_its_target_of_that_month():
    stock = pd.DataFrame(
        {"inventory": [900.0, 1500.0], "target_inventory": [800.0, 700.0]},
        index=pd.PeriodIndex(["2027-01", "2027-02"], freq="M"),
    )
    assert (
        supply.inventory_headline(stock)
        == "Inventory peaks at 1,500 units in Feb 2027 (target 700)"
    )


def test_risks_and_opportunities_are_netted_beside_their_gross_sums():
    rows = pd.DataFrame(
        {
            "risk_kind": ["vulnerability", "vulnerability", "opportunity"],
            "expected_effect": [-3e5, -1e5, 5e5],
        }
    )
    said = (
        "Risks EUR -400 k, opportunities EUR +500 k, net EUR +100 k of margin, probability-weighted"
    )
    assert risks.risks_headline(rows, "EUR") == said


def test_the_bridge_names_its_largest_step_whichever_its_sign():
    total = pd.Series({"budget": 900e3, "volume": -200e3, "mix": 50e3, "plan": 750e3})
    said = "Budget-to-plan bridge: margin EUR -150 k; largest step: volume EUR -200 k"
    assert outlook.bridge_headline(total, "EUR") == said


def test_the_bridge_of_the_company_has_the_mix_of_its_families():
    """Two families whose units sum to the budget's: each moves in volume, the company in mix."""
    steps = {"budget": (60.0, 40.0), "volume": (-6.0, 4.0), "plan": (54.0, 44.0)}
    rows = [
        {"measure": "margin", "family": family, "step": step, "amount": 1e3 * size}
        for step, sizes in steps.items()
        for family, size in zip(("tents", "packs"), sizes, strict=True)
    ]
    of_all = {"budget": 100.0, "volume": 0.0, "mix": -2.0, "plan": 98.0}
    rows += [
        {"measure": "margin", "family": "all", "step": step, "amount": 1e3 * size}
        for step, size in of_all.items()
    ]
    months = pd.PeriodIndex(["2027-01", "2027-02"], freq="M")
    tables = SimpleNamespace(
        budget_bridge=pd.DataFrame(rows),
        financial_plan=pd.DataFrame({"revenue": [900.0], "uncosted_revenue": [0.0]}),
        plan_variances=pd.concat(
            pd.DataFrame(
                {"reference_type": "budget", "measure": name, "item": "tents", "period": months}
            )
            for name in ("quantity", "revenue", "margin")
        ),
    )
    (shown,) = outlook._bridge(tables, "EUR")
    assert shown.heading == "Budget-to-plan bridge: margin EUR -2,000; largest step: mix EUR -2,000"
    assert shown.note == "EUR; Jan 2027 to Feb 2027"
    assert [cell.text for cell in shown.rows[-1]] == ["Total", "100 k", "0", "-2,000", "98 k"]
    assert shown.foot.startswith("Mix: families grow at different rates")


# -------------------------------------------------------------------------------------------------
# fiscal years

CYCLE = pd.DataFrame({"period": pd.period_range("2027-01", "2028-06", freq="M")})
FROM_JULY = pd.DataFrame({"fiscal_year_start": [7], "currency": ["EUR"]})
YEARS = table(
    "outlook",
    """
    fiscal_year quarter item measure          actual plan  outlook budget prior_year prior_cycle closed_months
    2027        1       all  revenue          2e6    -     2e6     2e6    2e6        2e6         3
    2027        1       all  margin           -      -     -       1e6    -          -           3
    2027        2       all  revenue          3e6    -     3e6     3e6    2e6        3e6         3
    2027        2       all  margin           -      -     -       1e6    -          -           3
    2027        3       all  revenue          -      4e6   4e6     4e6    3e6        4e6         0
    2027        3       all  margin           -      2e6   2e6     1e6    -          2e6         0
    2027        4       all  revenue          -      4e6   4e6     5e6    3e6        3e6         0
    2027        4       all  margin           -      1e6   1e6     1e6    -          1e6         0
    2027        -       all  revenue          5e6    8e6   13e6    14e6   10e6       12e6        6
    2027        -       all  margin           -      3e6   -       4e6    -          -           6
    """,
)


def lines(fiscal_year_rows, cash="2027-03 5e5 2027-06 7e5", costed=True):
    """The table of a fiscal year: head -> cell by line."""
    others = [
        {
            "fiscal_year": 2027,
            "quarter": quarter,
            "item": "all",
            "measure": line,
            "closed_months": 0,
        }
        for line in LINES
        for quarter in fiscal_year_rows["quarter"].drop_duplicates()
        if line not in set(fiscal_year_rows["measure"])
    ]
    rows = conform("outlook", pd.concat([fiscal_year_rows, pd.DataFrame(others)]))
    words = cash.split()
    known = pd.Series(
        [float(size) for size in words[1::2]], index=pd.PeriodIndex(words[::2], freq="M")
    )
    current = months.year_of(CYCLE, FROM_JULY)
    (shown,) = fiscal_years(rows, current, known, costed, "EUR")
    head = [cell.text for cell in shown.heads[0]]
    named = {line[0].text: dict(zip(head, line, strict=True)) for line in shown.rows}
    return shown, {
        name: {at: cell.text for at, cell in line.items()} for name, line in named.items()
    }


def test_the_year_is_the_fiscal_one_and_is_called_so():
    year = months.year_of(CYCLE, FROM_JULY)
    assert (year.name, year.prior) == ("FY 2027", "FY 2026")
    assert [str(month) for month in year.months[[0, -1]]] == ["2026-07", "2027-06"]
    assert len(year.closed) == 6
    assert months.year_of(CYCLE).name == "2027"
    assert months.year_of(CYCLE).closed.empty


def test_a_fiscal_year_is_told_by_quarter_against_budget_prior_year_and_prior_cycle():
    shown, line = lines(YEARS)
    assert (shown.heading, shown.note) == ("P&L outlook FY 2027", "EUR m")
    assert line["Revenue"] == {
        "": "Revenue", "Q1 actual": "2.0", "Q2 actual": "3.0", "Q3 plan": "4.0", "Q4 plan": "4.0",
        "FY 2027": "13.0", "Budget": "14.0", "vs. budget": "-7.1 %", "vs. PY": "+30.0 %",
        "vs. prior cycle": "+8.3 %",
    }  # fmt: skip


def test_a_margin_of_closed_months_that_is_not_known_is_no_smaller_margin():
    shown, line = lines(YEARS)
    assert [line["Margin"][head] for head in ("Q2 actual", "Q3 plan", "FY 2027", "vs. budget")] == [
        "–", "2.0", "–", "–",
    ]  # fmt: skip
    assert line["Margin, % of revenue"]["Q3 plan"] == "50.0 %"
    assert shown.foot.startswith("Costs of closed months are not given")


def test_cash_stands_at_the_end_of_planned_quarters_and_only_where_it_is_known():
    _, line = lines(YEARS)
    cash = line["Cash, end of quarter"]
    assert [cash[head] for head in ("Q2 actual", "Q3 plan", "Q4 plan", "FY 2027", "Budget")] == [
        "–", "0.5", "0.7", "0.7", "",
    ]  # fmt: skip
    assert "Cash, end of quarter" not in lines(YEARS, cash="")[1]


def test_of_a_year_whose_end_the_plan_does_not_reach_its_whole_quarters_are_told():
    shown, line = lines(YEARS[YEARS["quarter"].isin([1, 2])])
    assert list(line["Revenue"]) == ["", "Q1 actual", "Q2 actual"]
    assert line["Revenue"]["Q2 actual"] == "3.0"
    assert shown.foot == "The plan does not reach the end of FY 2027."


def test_the_first_sentence_compares_the_fiscal_year_with_the_prior_cycle():
    sold = of("\n".join(f"2026-{month:02} 100" for month in range(7, 13)))
    plan = of("\n".join(f"2027-{month:02} 100" for month in range(1, 7)))
    tables = SimpleNamespace(
        year=months.year_of(CYCLE, FROM_JULY),
        sales_history=sold.assign(quantity=1.0),
        financial_plan=plan.assign(family="tents"),
        budget=of("\n".join([f"2026-{month:02} 125" for month in range(7, 13)]
                            + [f"2027-{month:02} 125" for month in range(1, 7)])),
        planning_periods=CYCLE,
    )  # fmt: skip
    said = month.changed(tables, empty("plan_variances"), YEARS, "EUR")
    assert said.text == (
        "revenue FY 2027 EUR 1,200 (actual + plan), -20.0 % vs. budget, +8.3 % vs. prior cycle."
    )


# -------------------------------------------------------------------------------------------------
# status, trend, decisions


@pytest.mark.parametrize(
    ("value", "target", "more_is_good", "word"),
    [
        (100, 100, True, "on target"),
        (98, 100, True, "watch"),
        (97.9, 100, True, "off target"),
        (103, 100, False, "off target"),
        (90, 100, False, "on target"),
        (90, np.nan, True, "no target"),
    ],
)
def test_status_follows_the_direction_of_the_measure(value, target, more_is_good, word):
    assert status(value, target, more_is_good).word == word


def test_a_trend_is_told_in_words_beside_its_colour():
    up, flat = pd.Series([110.0, 112, 114]), pd.Series([100.0, 100, 100])
    assert trend(up, flat) == ("▲ better", "good", 1)
    assert trend(up, flat, more_is_good=False) == ("▲ worse", "bad", 1)
    assert trend(flat, flat).text == "▶ steady"
    assert trend(up.head(1), flat).text == "–"


def test_a_falling_inventory_is_good_and_a_falling_margin_is_not():
    options = table(
        "decision_options",
        """
        decision scenario statement gap_closed_ratio revenue_effect margin_effect cash_effect inventory_effect closing_inventory_effect backlog_effect headcount_effect service_effect allowed recommended
        late     shift    Shift     1                0              -30000        0           -50000           0                        0              2                0.011          true    true
        late     price    Price     0                0              -40000        0           0                0                        0              0                0              false   false
        """,
    )
    shown = decision_sheets.options_table(options, "EUR", {})
    assert [cell.text for cell in shown.heads[0]][3:6] == [
        "Δ margin, EUR k",
        "Δ minimum cash, EUR k",
        "Δ peak inventory, EUR k",
    ]
    assert [tuple(cell)[:2] for cell in shown.rows[1]] == [
        ("Shift · recommended", ""), ("100", ""), ("0", ""), ("-30", "bad"), ("0", ""), ("-50", "good"), ("+2", ""), ("+1.1", "good"),
    ]  # fmt: skip
    assert shown.strong == {1}
    assert shown.rows[2][0].text == "Price · breaks a binding goal"


def test_a_decision_is_followed_up_by_its_effect_and_luck_with_the_question_that_was_asked():
    log = """
    cycle    decision  question      choice  author  reason  decided_on  scenario
    2026-10  tea       Dearer\u00a0tea?  dear    Novak   costs   2026-10-14  dear
    """
    found = """
    cycle    decision  measure   family  from_period  to_period  reference_value  plan   value  measured_effect  low_effect  high_effect  other_causes  statement
    2026-10  tea       quantity  drinks  2026-11      2027-01    300              240    288    -72              -117        -24          60    x
    2026-10  tea       margin    drinks  2026-11      2027-01    12000            12300  -      250              -           -            -     x
    """
    follow_up, decided = table("decision_follow_up", found), table("decision_log", log)
    (shown,) = records.follow_up_table(follow_up, decided, "EUR")
    assert [[cell.text for cell in line] for line in shown.rows] == [
        ["2026-10", "Dearer tea?", "sales volume, drinks", "Nov 2026 to Jan 2027", "-60",
         "-72 (-117 to -24)", "288", "+60"],
        ["2026-10", "Dearer tea?", "margin, drinks", "Nov 2026 to Jan 2027", "EUR +300", "EUR +250", "–", "–"],
    ]  # fmt: skip
    assert records.follow_up_table(follow_up.head(0), decided, "EUR") == []


def test_what_is_asked_counts_the_decisions_about_gaps_apart_from_the_approval():
    asked = pd.DataFrame(
        {
            "decision": ["a", "b", "plan"], "decision_level": ["executives", "department heads", "executives"],
            "cause": ["late", "cover", None], "choice": [None, None, None],
        }
    )  # fmt: skip
    said = "1 decision and approval of the plan; 1 more decision is for the department heads."
    assert month.asked(asked).text == said
    alone = month.asked(asked[asked["decision"] != "a"]).text
    assert alone == "approval of the plan; 1 decision is for the department heads."


GAPS = pd.DataFrame(
    {
        "gap": ["capacity-SEWING-2027-02", "layoffs-SEWING"],
        "statement": ["SEWING lacks 70 h after subcontracting: 270 h vs. 200 h", "nine go"],
        "gap_value": [-8_000.0, -600.0],
        "from_period": pd.PeriodIndex(["2027-02", "2027-01"], freq="M"),
        "to_period": pd.PeriodIndex(["2027-03", "2027-01"], freq="M"),
    }
)
LISTED = pd.DataFrame(
    {
        "decision": ["hours", "people", "plan"], "decision_level": "executives",
        "cause": ["hours", "people", None], "choice": None, "gap": [*GAPS["gap"], None],
        "question": ["Hours?", "People?", "Approve?"], "at_stake": [8_000.0, 900.0, np.nan],
        "recommendation": ["A shift; call the promotion off", "Keep the plan", "Approve"],
        "scenario": ["shift", None, None], "margin_effect": [5_000.0, 0.0, np.nan],
    }
)  # fmt: skip


def test_each_decision_is_a_line_with_its_worth_and_the_month_before_which_it_is_made():
    asked = SimpleNamespace(decisions=LISTED, gaps=GAPS)
    shown = decisions_list(asked, "EUR", pd.Period("2027-01", "M"), 200_000.0)
    assert [[cell.text for cell in line] for line in shown.rows] == [
        ["1", "Hours?", "A shift (and 1 more option)", "EUR +5,000 margin", "before Feb 2027"],
        ["2", "People?", "Keep the plan", "up to EUR +900 margin", "this meeting"],
        ["✓", "Approve?", "Approve", "–", "this meeting"],
    ]
    assert shown.foot == (
        "Decision 2: less than 1 % of the planned margin at stake; its rule sends it to the "
        "executives."
    )
    unknown = decisions_list(asked, "EUR", pd.Period("2027-01", "M"), np.nan)
    assert unknown.foot == ""


def test_what_is_at_risk_are_hours_that_the_plan_cannot_find():
    assert list(month._overloaded(GAPS)) == [
        "SEWING lacks 70 h after subcontracting, Feb 2027 to Mar 2027"
    ]


def test_a_goal_of_a_family_is_no_goal_of_the_company():
    goals = table(
        "goals",
        """
        goal measure  dimension item  from_period to_period target direction horizon  owner
        fam  quantity family    packs 2026-10     2027-09   10     at_least  tactical Ann
        """,
    )
    assert kpi_status.goal_of(goals, "quantity") is None
    assert kpi_status.goal_of(None, "cash") is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Keep the plan: no option adds to the margin.", "Keep the plan"),
        ("tents: 12 units are late. How do we deliver them?", "tents: 12 units are late."),
        ("Act, or drop it?", "Act, or drop it?"),
        ("Two gaps: bar: the plan lays off 4 of 4 workers", "Two gaps: bar: the plan lays …"),
        ("Six gaps of it, the largest: bar: 4 of 9 late", "Six gaps of it, the largest: …"),
        ("Revenue EUR 77 vs. EUR 79 on the path to growth", "Revenue EUR 77 vs. EUR 79 on …"),
    ],
)
def test_a_list_ends_a_text_where_a_part_of_it_ends(text, shown):
    assert phrase(text, 30) == shown
