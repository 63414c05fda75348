"""What the demand plan rests on: its claims, tables and charts say what the estimates say, and no more."""

from io import StringIO

import pandas as pd
import pytest

from sopkit import charts, claims, views


def frame(text):
    """A table written as text; columns apart by `|`, empty cells missing."""
    cells = pd.read_csv(StringIO(text), sep=r"\s*\|\s*", engine="python", skipinitialspace=True)
    cells.columns = [column.strip() for column in cells.columns]
    cells = cells.apply(lambda column: column.str.strip() if column.dtype == "str" else column)
    return (
        cells.assign(period=pd.PeriodIndex(cells["period"], freq="M"))
        if "period" in cells
        else cells
    )


def drawn(ax):
    ax.figure.draw_without_rendering()
    return ax


# ---------------------------------------------------------------------------------------------------------------
# launches under way

UNDER_WAY = frame(
    """launch | product | market | period | expected | quantity | difference | reached_ratio
       L1 | TENT-9 | north | 2026-08 | 25 | 20 | -5 | 0.8
       L1 | TENT-9 | north | 2026-09 | 50 | 40 | -10 | 0.8
       L2 | STOVE-9 | south | 2026-09 | 10 | 12 | 2 | 1.2"""
)


def test_the_launch_that_sells_least_of_its_curve_is_named():
    assert claims.launch_actuals(UNDER_WAY) == (
        "2 launches are under way; L1 has sold 80 % of what its curve expected so far, the least of all."
    )
    assert claims.launch_actuals(UNDER_WAY.iloc[:0]).startswith("No launch is under way")
    unknown = UNDER_WAY.assign(reached_ratio=float("nan"))
    assert claims.launch_actuals(unknown).endswith("nothing was expected of them yet.")


def test_each_launch_has_a_panel_with_what_it_sold_beside_its_curve():
    ax = drawn(charts.launch_actuals(UNDER_WAY))
    titles = [panel.get_title(loc="right") for panel in ax.figure.axes]
    assert titles == ["L1, TENT-9 in north: 80 % reached", "L2, STOVE-9 in south: 120 % reached"]
    drawn_lines = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
    assert drawn_lines == {"expected by its curve": [25, 50], "sold": [20, 40]}


# ---------------------------------------------------------------------------------------------------------------
# activities, prices, deals

EFFECTS = frame(
    """kind | family | lift_ratio | standard_error | low_ratio | high_ratio | series
       campaign | clothing | 0.02 | 0.05 | -0.08 | 0.12 | 6
       campaign |  | 0.02 | 0.05 | -0.08 | 0.12 | 6
       promotion | packs | 0.40 | 0.05 | 0.30 | 0.50 | 6
       promotion | tents | 0.20 | 0.05 | 0.10 | 0.30 | 6
       promotion |  | 0.30 | 0.08 | 0.14 | 0.46 | 12"""
)


def test_an_effect_whose_interval_holds_nothing_is_not_called_an_effect():
    assert claims.promotion_effects(EFFECTS) == (
        "What past activities did to demand: promotion +30 % (95 % interval +14 % to +46 %); "
        "campaign +2 % (95 % interval -8 % to +12 %, not told from noise)."
    )
    assert (
        claims.promotion_effects(EFFECTS.iloc[:0])
        == "No past activity shows what an activity brings."
    )


def test_all_families_together_are_shown_only_where_there_are_several():
    shown = views.promotion_effects(EFFECTS)
    assert list(shown["family"]) == ["clothing", "packs", "tents", "all families"]
    assert {"low_ratio", "high_ratio"} <= set(shown.columns)


def test_the_activity_that_spends_most_of_what_it_brings_is_named():
    revenue = frame(
        """activity | activity_demand | revenue | spend | spend_per_unit
           FAIR | 100 | 10000 | 9000 | 90
           PROMO | 900 | 90000 | 9000 | 10"""
    )
    said = "Activities bring 100,000 of revenue for 18,000 spent"
    assert (
        claims.campaigns(revenue)
        == f"{said}; the dearest is FAIR, which spends 90 % of what it brings."
    )
    useless = revenue.assign(revenue=[0.0, 90000.0])
    assert claims.campaigns(useless).endswith("; FAIR brings nothing.")
    assert claims.campaigns(revenue.iloc[:0]) == "No activity is planned in these months."


def test_reach_that_falls_short_of_the_plan_is_named():
    reach = frame("activity | quantity | required_reach | reach\nFAIR | 450 | 3000 | 2500")
    assert claims.reach(reach) == (
        "FAIR needs a reach of 3,000 people for the 450 units the plan counts on; 2,500 are planned."
    )
    assert claims.reach(reach.assign(reach=3000.0)).startswith(
        "The reach that is planned is enough"
    )
    assert (
        claims.reach(reach.assign(reach=float("nan")))
        == "No reach is planned for FAIR, which the plan counts on."
    )
    assert claims.reach(reach.iloc[:0]).startswith("No planned activity has funnel rates")


def test_rates_nobody_has_seen_are_not_shown():
    rates = frame(
        """kind | activities | opportunities | response_ratio | win_ratio | units_per_win
           fair | 2 | 40 | 0.02 | 0.5 | 10
           promotion | 3 | 0 |  |  | """
    )
    assert list(views.rates(rates)["kind"]) == ["fair"]
    assert claims.rates(rates) == "Deals that came from past activities show the rates of fair."
    assert claims.rates(rates.iloc[1:]).startswith("No deal on record")


PRICES = frame(
    """family | product | elasticity_ratio | standard_error | low_ratio | high_ratio | price_variation_ratio | series | basis
       packs |  | -1.5 | 0.3 | -2.1 | -0.9 | 0.04 | 3 | mean of the products whose price moved
       packs | PACK-1 | -1.6 | 0.3 | -2.2 | -1.0 | 0.04 | 3 | own months, drawn towards the family's
       tents |  |  |  |  |  | 0.00 | 0 | no estimate: the price hardly moved"""
)


def test_a_price_effect_is_said_with_its_interval_and_silence_is_counted():
    assert claims.price_effects(PRICES) == (
        "For each per cent on the price demand changes by: packs -1.5 % (95 % interval -2.1 to -0.9); "
        "1 of 2 families tell nothing."
    )
    silent = PRICES[PRICES["elasticity_ratio"].isna()]
    assert (
        claims.price_effects(silent)
        == "What a price change does to demand is not known: the price hardly moved."
    )
    assert list(views.price_effects(PRICES)["product"]) == ["all products", "PACK-1"]


STAGE_RATES = frame(
    """stage | open_deals | stated_ratio | closed_deals | won_deals | won_ratio | low_ratio | high_ratio
       contact | 2 | 0.33 | 170 | 35 | 0.21 | 0.15 | 0.27
       offer | 1 | 0.55 | 62 | 35 | 0.56 | 0.44 | 0.68
       pilot | 0 |  | 8 | 4 | 0.5 | 0.2 | 0.8"""
)


def test_only_stages_whose_stated_chance_lies_outside_the_record_are_named():
    assert claims.stage_win_rates(STAGE_RATES) == (
        "Stated chances and the record differ: at contact 33 % is stated, and 21 % of 170 closed deals were won; "
        "elsewhere the two agree."
    )
    agreed = STAGE_RATES.iloc[1:]
    assert claims.stage_win_rates(agreed) == (
        "At every stage the chance that is stated agrees with the record of 62 closed deals."
    )
    assert claims.stage_win_rates(STAGE_RATES.iloc[2:]).startswith(
        "No stage has both open and closed deals"
    )
    assert claims.stage_win_rates(STAGE_RATES.iloc[:0]).startswith("No stage history is known")


def test_stated_chances_stand_beside_what_was_won():
    rates = frame(
        """owner | open_deals | stated_ratio | closed_deals | won_ratio
           Holm | 3 | 0.6 | 4 | 0.25
           Conti | 1 | 0.2 | 0 | """
    )
    assert claims.win_rates(rates) == (
        "4 open deals are given a chance of 50 % on average; of 4 closed deals 25 % were won."
    )
    assert claims.win_rates(rates.iloc[1:]).endswith(
        "no closed deal is on record to hold that against."
    )
    assert claims.win_rates(rates.iloc[:0]) == "No deal, open or closed, is on record."


# ---------------------------------------------------------------------------------------------------------------
# records

ADDED = frame(
    """contributor | lag | compared_with | value_added | low_ratio | high_ratio | observations | verdict
       baseline | 1 | naive | 0.02 | 0.01 | 0.03 | 12 | helps
       consensus | 1 | baseline | 0.02 | 0.01 | 0.03 | 12 | helps
       finance | 1 | baseline | 0.00 | -0.01 | 0.01 | 12 | not told from noise
       sales | 1 | baseline | -0.05 | -0.06 | -0.04 | 12 | hurts
       sales | 2 | baseline | -0.01 | -0.06 | 0.04 | 11 | not told from noise"""
)


def test_noise_is_not_called_skill():
    assert claims.value_added(ADDED) == (
        "Product by product, 1 month ahead, baseline and consensus help; sales hurts; finance cannot be told from noise."
    )
    assert claims.value_added(ADDED.iloc[:0]).startswith("No step of the forecast has a record")


def test_what_cannot_be_told_from_noise_is_drawn_open_so_that_it_shows_in_grey():
    ax = drawn(charts.value_added(ADDED))
    one_month, two_months = ax.figure.axes
    dots = [
        line
        for line in one_month.get_lines()
        if line.get_marker() in "oX" and len(line.get_xdata())
    ]
    places = {int(line.get_ydata()[0]): line.get_markerfacecolor() for line in dots}
    names = [label.get_text() for label in one_month.get_yticklabels()]
    assert names == ["baseline*", "finance", "sales", "consensus"]
    assert [place for place, fill in places.items() if fill == "white"] == [names.index("finance")]
    assert two_months.get_title(loc="right") == "2 months ahead"


def test_intervals_are_drawn_from_low_to_high():
    ax = charts.value_added(ADDED[ADDED["contributor"] == "sales"])
    assert list(ax.get_lines()[0].get_xdata()) == [-0.06, -0.04]


LEARNED = frame(
    """function | lag | weight | author | reason
       finance | 1 | 0.65 | learned | past error 10.0 % over 12 months
       finance | 2 | 0.20 | learned | past error 15.0 % over 12 months
       sales | 1 | 0.35 | learned | past error 20.0 % over 12 months"""
)
POLICY = frame(
    """function | weight | author | reason
       finance | 0.20 | D. Fischer | Careful
       sales | 0.30 | D. Fischer | Knows deals
       product | 0.50 | D. Fischer | Knows the launch"""
)


def test_the_weight_a_record_earns_stands_beside_the_policy_s():
    assert claims.weights(POLICY, LEARNED) == (
        "By their record beside the baseline's the functions would weigh: finance 65 % (policy 20 %), sales 35 % (policy 30 %)."
    )
    shown = views.weights(POLICY, LEARNED).set_index("function")
    assert shown.loc["finance", ["policy_ratio", "earned_ratio"]].tolist() == [0.20, 0.65]
    assert shown["earned_ratio"].isna().to_dict() == {
        "finance": False,
        "sales": False,
        "product": True,
    }


def test_without_a_policy_or_a_record_weights_say_so():
    assert claims.weights(None, LEARNED).endswith("finance 65 %, sales 35 %; there is no policy.")
    assert list(views.weights(None, LEARNED)["earned_ratio"]) == [0.65, 0.35]
    assert claims.weights(POLICY, LEARNED.iloc[:0]).startswith("No function has a record yet")


SCORES = frame(
    """reconciliation | wape | family_wape | total_wape | gain_ratio | low_ratio | high_ratio | families | chosen | reason
       bottom-up | 0.09 | 0.05 | 0.04 | 0 | 0 | 0 | 12 | False | -
       top-down | 0.08 | 0.04 | 0.03 | 0.01 | 0.002 | 0.018 | 12 | True | missed least last year, beyond noise"""
).assign(chosen=[False, True])


def test_the_way_that_won_the_back_test_is_named_with_its_margin():
    assert claims.reconciliation(SCORES) == (
        "The plan reconciles by top-down: over 12 families it took 1.0 % of demand off last year's error (95 % "
        "interval 0.2 % to 1.8 %); products missed by 8.0 % instead of 9.0 %, families by 4.0 % instead of 5.0 %."
    )
    shown = views.reconciliation(SCORES)
    assert list(shown["reconciliation"]) == ["top-down", "bottom-up"]
    assert list(shown["plan"]) == ["used", ""]


def test_a_plan_that_adds_products_up_says_why():
    plain = SCORES.assign(
        chosen=[True, False], reason="no other way missed less last year beyond noise"
    )
    assert claims.reconciliation(plain) == (
        "The plan adds products up, as they are forecast: no other way missed less last year beyond noise."
    )


# ---------------------------------------------------------------------------------------------------------------
# one product in depth

TESTS = frame(
    """test | statistic | p_value | conclusion
       strength of season | 0.9 |  | strong
       months differ (Kruskal and Wallis) | 53 | 0.001 | months differ
       strength of trend | 0.4 |  | weak
       slope (errors allow for neighbours) | 12 | 0.001 | +5.2 % a year"""
)
METHODS = frame(
    """method | kind | held_out_wape | held_out_bias | aicc | ljung_box_p_value | residual_bias_ratio | converged | conclusion
       same month last year | naive | 0.12 | 0 |  |  |  |  |
       engine: mean | engine | 0.11 | 0 |  |  |  |  |
       ETS(M,N,M) | ETS | 0.10 | 0 | -61 | 0.09 | 0 | True | closest in the held-out months"""
)


def test_the_product_in_depth_is_named_with_its_season_and_trend():
    series = frame("product | market | period | cleaned\nWEAR-4 | north | 2026-09 | 900")
    assert claims.depth(series, TESTS) == (
        "WEAR-4 in north, the A product that is forecast worst, has a strong season and a weak trend."
    )
    assert claims.depth(series.iloc[:0], TESTS.iloc[:0]).startswith(
        "No A product has three years of history"
    )
    assert claims.pattern_tests(TESTS) == "Tested against chance: months differ; +5.2 % a year."
    assert claims.pattern_tests(TESTS.iloc[:0]) == "No season and no trend could be tested."


def test_a_model_that_beats_the_engine_is_said_to():
    assert claims.candidates(METHODS) == (
        "ETS(M,N,M) came closest to the last twelve months, missing by 10.0 %; the engine missed by 11.0 %."
    )
    assert claims.candidates(METHODS.iloc[:2]) == (
        "Of 2 methods none came closer to the last twelve months than the engine, which missed by 11.0 %."
    )
    assert claims.candidates(METHODS.iloc[:0]) == "There is nothing to let other methods forecast."
    assert list(views.candidates(METHODS)["wape"]) == [0.10, 0.11, 0.12]


def test_season_and_remainder_share_one_scale():
    parts = frame(
        """period | observed | trend | seasonal | remainder
           2026-08 | 140 | 100 | 30 | 10
           2026-09 | 65 | 100 | -30 | -5"""
    )
    whole, season, rest = drawn(charts.decomposition(parts)).figure.axes
    assert season.get_ylim() == rest.get_ylim()
    assert [list(line.get_ydata()) for line in whole.get_lines()] == [[140, 65], [100, 100]]
    assert [bar.get_height() for bar in rest.patches] == [10, -5]


@pytest.mark.parametrize("draw", [charts.launch_actuals, charts.value_added, charts.decomposition])
def test_a_table_without_rows_is_shown_as_its_claim_alone(draw, capsys):
    charts.show(draw(pd.DataFrame(), "Nothing to draw."))
    assert "svg" not in capsys.readouterr().out
