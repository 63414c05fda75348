"""Exhibits of the pre-S&OP meeting."""

import pandas as pd
from looking import columns, drawn, frame, rows, table, texts

from sopkit.reporting.exhibits import pre_sop
from sopkit.tables import empty

PRODUCTS = table(
    "products",
    """product | family | unit_of_measure
       TENT-1 | tents | piece
       TENT-2 | tents | piece
       STOVE-1 | stoves | piece""",
)
GAPS = table(
    "gaps",
    """gap | area | statement | gap_units | gap_value | owner | question | from_period | to_period | table | exhibit | family | product | resource
       a | supply | late | -5 | -500 | Lars | why | 2026-10 | 2026-10 | constrained_demand | 40.x | | TENT-1 |
       b | supply | later. | -5 | -1500 | Lars | why | 2026-10 | 2026-10 | constrained_demand | 40.x | tents | |
       c | goals | missed | 0 | 20 | Novak | why | 2026-10 | 2026-10 | plan_variances | 50.x | | |""",
)


# -------------------------------------------------------------------------------------------------
# where the plans disagree


def test_disagreements_stand_under_whose_plan_and_which_family_with_their_money():
    shown = pre_sop.gaps_by_function(PRODUCTS, GAPS)
    assert shown.headline == ("3 gaps; largest by function: supply (1,500) and goals (20).")
    (ax,) = drawn(shown.chart)
    assert texts(ax) == ["1.50 k\n2 gaps", "20\n1 gap"]
    assert columns(ax) == ["tents", "company"]
    assert rows(ax) == [
        "product\nagrees", "demand\nagrees", "supply\nLars", "finance\nagrees", "goals\nNovak",
    ]  # fmt: skip


def test_the_disagreement_with_most_at_stake_comes_first_and_leads_to_where_it_is_shown():
    shown = pre_sop.gaps(GAPS)
    assert shown.headline == "3 gaps; the largest: later."
    (ax,) = drawn(shown.chart)
    assert texts(ax) == ["1.50 k", "500", "20", "Later.", "Late", "Missed"]
    assert list(shown.table["exhibit"]) == ["40.x", "40.x", "50.x"]


def test_where_all_agree_nothing_is_drawn():
    for shown in (pre_sop.gaps(empty("gaps")), pre_sop.gaps_by_function(PRODUCTS, empty("gaps"))):
        assert shown.headline == "Product, demand, supply, finance and goals agree."
        assert shown.chart.empty


# -------------------------------------------------------------------------------------------------
# how demand came to be agreed


def test_the_consensus_is_reached_step_by_step_for_the_company_and_each_family():
    demand = table(
        "demand_plan",
        """product | market | period | baseline | launch_demand | activity_demand | opportunity_demand | override | consensus | lower_80 | upper_80 | firm_orders | past_due_orders | net_forecast | total_demand
           TENT-1 | north | 2026-10 | 200 | 0 | 10 | 0 | -2 | 208 | 150 | 250 | 0 | 0 | 208 | 208
           STOVE-1 | north | 2026-10 | 8 | 0 | 0 | 0 | 0 | 8 | 5 | 11 | 0 | 0 | 8 | 8""",
    )
    shown = pre_sop.consensus_by_family(PRODUCTS, demand)
    changes = {ax.get_title(loc="right"): ax.patches[-1].get_height() for ax in drawn(shown.chart)}
    assert changes == {"all families": 8, "tents": 8, "stoves": 8}


OVERRIDES = table(
    "forecast_overrides",
    """function | product | market | period | quantity | weight | override | author | reason | submitted_on
       sales | TENT-1 | north | 2026-10 | 120 | 0.3 | 6 | Holm | fair | 2026-10-02
       sales | TENT-2 | north | 2026-11 | 120 | 0.3 | 8 | Holm | fair | 2026-10-02
       marketing | STOVE-1 | north | 2026-10 | 20 | 0.2 | -2 | Moreau | promo | 2026-10-03""",
)
RECORD = table(
    "forecast_value_added",
    """contributor | lag | reference_type | value_added | observations | assessment
       sales | 1 | baseline | -0.03 | 12 | worsens
       sales | 3 | baseline | 0.01 | 12 | improves""",
)


def test_the_register_says_who_changed_what_and_what_the_record_of_the_function_is():
    shown = pre_sop.override_register(PRODUCTS, OVERRIDES, RECORD)
    first, second = shown.table.itertuples()
    assert (first.author, first.family, first.override) == ("Holm", "tents", 14)
    assert first.assessment == "worsens"
    assert (str(first.from_period), str(first.to_period)) == ("2026-10", "2026-11")
    assert (second.author, second.override) == ("Moreau", -2)
    assert pd.isna(second.assessment)
    assert shown.headline == (
        "2 authors changed the forecast, most of all Holm (+14 units); the record of sales speaks "
        "against it."
    )
    nobody = pre_sop.override_register(PRODUCTS, OVERRIDES.head(0), RECORD).headline
    assert nobody == "Nobody has changed the forecast."


# -------------------------------------------------------------------------------------------------
# what may happen

RISKS = frame(
    """risk | risk_kind | statement | probability | revenue_effect | margin_effect | expected_effect | owner
       outage | vulnerability | Supplier out | 0.2 | -90 | -100 | -20 | Silva
       boom | opportunity | More demand | 0.5 | 90 | 80 | 40 | Holm"""
)


def test_the_largest_risk_is_named_and_the_largest_expected_comes_first():
    shown = pre_sop.risks(RISKS)
    assert shown.headline == (
        "The largest risk, “Supplier out”, would cost 100 of margin (20 % likely); weighted by "
        "probability, risks change margin by -20 and opportunities by +40, +20 in all."
    )
    assert list(shown.table["risk"]) == ["boom", "outage"]
    (ax,) = drawn(shown.chart)
    assert rows(ax) == ["outage (20 %)", "boom (50 %)"]
    assert sorted(bar.get_width() for bar in ax.patches) == [-100, -20, 40, 80]
    none = pre_sop.risks(empty("risk_impacts"))
    assert (none.headline, none.chart.empty) == ("No risk is listed.", True)


def test_an_opportunity_is_never_the_largest_risk():
    headline = pre_sop.risks(RISKS[RISKS["risk"] == "boom"]).headline
    assert headline.startswith(
        "No risk costs margin; weighted by probability, risks change margin by 0 and"
    )


def test_the_largest_risks_together_stand_beside_the_sum_of_each():
    tested = frame(
        """measure | statement | reference_value | value | variance | sum_of_variances
           revenue | outage and strike | 900 | 700 | -200 | -180
           margin | outage and strike | 300 | 180 | -120 | -90"""
    )
    shown = pre_sop.stress_test(tested)
    assert shown.headline == (
        "Outage and strike together would change margin by -120; each alone, by -90 in sum."
    )
    assert shown.table["variance"].tolist() == [-200, -120]
    none = pre_sop.stress_test(tested.head(0)).headline
    assert none == "Fewer than two risks cost margin, so none are tested together."


def test_the_agenda_says_how_long_each_meeting_takes():
    topics = frame(
        """decision_level | topic | duration_minutes
           department heads | a | 10
           executives | b | 15
           executives | c | 5"""
    )
    assert pre_sop.agenda(topics).headline == (
        "Department heads: 1 topic in 10 minutes; executives: 2 topics in 20 minutes."
    )
