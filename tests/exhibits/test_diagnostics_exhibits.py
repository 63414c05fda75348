"""What the demand plan rests on: exhibits say what the estimates say, and no more."""

import pandas as pd
import pytest
from looking import columns, drawn, frame, lines, named, rows, texts

from sopkit.reporting.exhibits import diagnostics, pipeline, products, value_added

# -------------------------------------------------------------------------------------------------
# launches under way

UNDER_WAY = frame(
    """launch | product | market | period | expected | quantity | difference | reached_ratio
       L1 | TENT-9 | north | 2026-08 | 25 | 20 | -5 | 0.8
       L1 | TENT-9 | north | 2026-09 | 50 | 40 | -10 | 0.8
       L2 | STOVE-9 | south | 2026-09 | 10 | 12 | 2 | 1.2"""
)


def test_the_launch_that_sells_least_of_its_curve_is_named():
    assert products.launch_actuals(UNDER_WAY).headline == (
        "2 launches are under way; L1 has sold 80 % of what its curve expected so far, the "
        "least of all."
    )
    assert products.launch_actuals(UNDER_WAY.iloc[:0]).headline.startswith("No launch is under way")
    unknown = UNDER_WAY.assign(expected=0.0)
    assert products.launch_actuals(unknown).headline.endswith("nothing was expected of them yet.")


def test_each_launch_has_a_panel_with_what_it_sold_beside_its_curve():
    axes = drawn(products.launch_actuals(UNDER_WAY).chart)
    titles = [panel.get_title(loc="right") for panel in axes]
    assert titles == ["L1, TENT-9 in north: 80 % reached", "L2, STOVE-9 in south: 120 % reached"]
    assert lines(axes[0]) == {"expected by its curve": [25, 50], "sold": [20, 40]}


# -------------------------------------------------------------------------------------------------
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
    assert pipeline.promotion_effects(EFFECTS).headline == (
        "What past activities did to demand: promotion +30 % (95 % interval +14 % to +46 %); "
        "campaign +2 % (95 % interval -8 % to +12 %, not significant)."
    )
    assert (
        pipeline.promotion_effects(EFFECTS.iloc[:0]).headline
        == "No past activity shows what an activity brings."
    )


def test_all_families_together_are_shown_only_where_there_are_several():
    shown = pipeline.promotion_effects(EFFECTS).table
    assert list(shown["family"]) == ["clothing", "packs", "tents", "all families"]
    assert {"low_ratio", "high_ratio"} <= set(shown.columns)


def test_the_activity_that_spends_most_of_what_it_brings_is_named():
    revenue = frame(
        """activity | activity_demand | revenue | spend | spend_per_unit
           FAIR | 100 | 10000 | 9000 | 90
           PROMO | 900 | 90000 | 9000 | 10"""
    )
    said = "Activities generate 100 k of revenue for 18 k spent"
    assert (
        pipeline.campaigns(revenue).headline
        == f"{said}; the dearest is FAIR, which spends 90 % of what it brings."
    )
    useless = revenue.assign(revenue=[0.0, 90000.0])
    assert pipeline.campaigns(useless).headline.endswith("; FAIR brings nothing.")
    assert (
        pipeline.campaigns(revenue.iloc[:0]).headline == "No activity is planned in these months."
    )


def test_reach_that_falls_short_of_the_plan_is_named():
    reach = frame("activity | quantity | required_reach | reach\nFAIR | 450 | 3000 | 2500")
    assert pipeline.reach(reach).headline == (
        "FAIR needs a reach of 3,000 people for the 450 units the plan counts on; 2,500 are "
        "planned."
    )
    assert pipeline.reach(reach.assign(reach=3000.0)).headline.startswith(
        "The reach that is planned is enough"
    )
    assert (
        pipeline.reach(reach.assign(reach=float("nan"))).headline
        == "No reach is planned for FAIR, which the plan counts on."
    )
    assert pipeline.reach(reach.iloc[:0]).headline.startswith(
        "No planned activity has funnel rates"
    )


def test_rates_nobody_has_seen_are_not_shown():
    rates = frame(
        """kind | marketing_activities | opportunities | response_ratio | win_ratio | units_per_win
           fair | 2 | 40 | 0.02 | 0.5 | 10
           promotion | 3 | 0 |  |  | """
    )
    assert list(pipeline.rates(rates).table["kind"]) == ["fair"]
    assert (
        pipeline.rates(rates).headline
        == "Deals that came from past activities show the rates of fair."
    )
    assert pipeline.rates(rates.iloc[1:]).headline.startswith("No deal on record")


PRICES = frame(
    """family | product | market | elasticity_ratio | standard_error | low_ratio | high_ratio | price_variation_ratio | series | basis | in_plan
       packs |  |  | -1.5 | 0.3 | -2.1 | -0.9 | 0.04 | 3 | mean of the products whose price moved | False
       packs | PACK-1 |  | -1.6 | 0.3 | -2.2 | -1.0 | 0.04 | 3 | own months, drawn towards the family's | True
       tents |  |  |  |  |  |  | 0.00 | 0 | no estimate: the price hardly moved | False
       tents | TENT-1 |  |  |  |  |  | 0.00 | 0 | no estimate: the price hardly moved | False"""
)


def test_a_price_effect_is_said_with_its_interval_and_silence_is_counted():
    assert diagnostics.price_effects(PRICES).headline == (
        "Price elasticity: packs -1.5 % (95 % interval -2.1 "
        "to -0.9); "
        "1 of 2 families have no significant estimate. Where a scenario or decision changes a price, "
        "demand of 1 of 2 products reacts by it; that of the others is planned as if it did not react."
    )
    silent = PRICES[PRICES["elasticity_ratio"].isna()]
    assert (
        diagnostics.price_effects(silent).headline
        == "What a price change does to demand is not known: the price hardly moved. Demand is planned as if "
        "it did not react to prices."
    )
    assert list(diagnostics.price_effects(PRICES).table["product"]) == ["all products", "PACK-1"]


def test_a_stated_price_effect_is_listed_without_interval():
    unknown = dict.fromkeys(["standard_error", "low_ratio", "high_ratio"], float("nan"))
    shown = diagnostics.price_effects(PRICES.assign(**unknown).iloc[[1]])
    assert list(shown.table["elasticity"]) == [-1.6]
    assert shown.headline.endswith(
        "Where a scenario or decision changes a price, demand of 1 of 1 products reacts by it."
    )


STAGE_RATES = frame(
    """stage | open_deals | stated_ratio | closed_deals | won_deals | won_ratio | low_ratio | high_ratio
       contact | 2 | 0.33 | 170 | 35 | 0.21 | 0.15 | 0.27
       offer | 1 | 0.55 | 62 | 35 | 0.56 | 0.44 | 0.68
       pilot | 0 |  | 8 | 4 | 0.5 | 0.2 | 0.8"""
)


def test_only_stages_whose_stated_chance_lies_outside_the_record_are_named():
    assert pipeline.stage_win_rates(STAGE_RATES).headline == (
        "CRM win probabilities differ from actual win rates: at contact 33 % is stated, and 21 % of 170 "
        "closed deals were won; "
        "elsewhere the two agree."
    )
    agreed = STAGE_RATES.iloc[1:]
    assert pipeline.stage_win_rates(agreed).headline == (
        "At every stage the chance that is stated agrees with the record of 62 closed deals."
    )
    assert pipeline.stage_win_rates(STAGE_RATES.iloc[2:]).headline.startswith(
        "No stage has both open and closed deals"
    )
    assert pipeline.stage_win_rates(STAGE_RATES.iloc[:0]).headline.startswith(
        "No stage history is known"
    )


def test_stated_chances_stand_beside_what_was_won():
    rates = frame(
        """owner | open_deals | stated_ratio | closed_deals | won_ratio
           Holm | 3 | 0.6 | 4 | 0.25
           Conti | 1 | 0.2 | 0 | """
    )
    assert pipeline.win_rates(rates).headline == (
        "4 open deals are given a chance of 50 % on average; of 4 closed deals 25 % were won."
    )
    assert pipeline.win_rates(rates.iloc[1:]).headline.endswith(
        "no closed deal is on record to compare that with."
    )
    assert pipeline.win_rates(rates.iloc[:0]).headline == "No deal, open or closed, is on record."


# -------------------------------------------------------------------------------------------------
# records

ADDED = frame(
    """contributor | lag | reference_type | value_added | low_ratio | high_ratio | observations | assessment
       baseline | 1 | naive | 0.02 | 0.01 | 0.03 | 12 | improves
       consensus | 1 | baseline | 0.02 | 0.01 | 0.03 | 12 | improves
       finance | 1 | baseline | 0.00 | -0.01 | 0.01 | 12 | not significant
       sales | 1 | baseline | -0.05 | -0.06 | -0.04 | 12 | worsens
       sales | 2 | baseline | -0.01 | -0.06 | 0.04 | 11 | not significant"""
)


def test_noise_is_not_called_skill():
    assert value_added.value_added(ADDED).headline == (
        "Product by product, 1 month ahead, baseline and consensus have positive FVA; "
        "sales has negative FVA; finance has no significant FVA."
    )
    assert value_added.value_added(ADDED.iloc[:0]).headline.startswith(
        "No step of the forecast has a record"
    )


def test_what_cannot_be_told_from_noise_is_drawn_open_so_that_it_shows_in_grey():
    one_month, two_months = drawn(value_added.value_added(ADDED).chart)
    dots = [
        line
        for line in one_month.get_lines()
        if line.get_marker() in "oX" and len(line.get_xdata())
    ]
    places = {int(line.get_ydata()[0]): line.get_markerfacecolor() for line in dots}
    names = rows(one_month)
    assert names == ["baseline*", "finance", "sales", "consensus"]
    assert [place for place, fill in places.items() if fill == "white"] == [names.index("finance")]
    assert two_months.get_title(loc="right") == "2 months ahead"


def test_intervals_are_drawn_from_low_to_high():
    one_month, _ = drawn(value_added.value_added(ADDED[ADDED["contributor"] == "sales"]).chart)
    assert list(one_month.get_lines()[0].get_xdata()) == [-0.06, -0.04]


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
    assert value_added.weights(LEARNED, POLICY).headline == (
        "By their record beside the baseline's the functions would weigh: finance 65 % "
        "(policy 20 %), sales 35 % (policy 30 %)."
    )
    shown = value_added.weights(LEARNED, POLICY).table.set_index("function")
    assert shown.loc["finance", ["policy_ratio", "earned_ratio"]].tolist() == [0.20, 0.65]
    assert shown["earned_ratio"].isna().to_dict() == {
        "finance": False,
        "sales": False,
        "product": True,
    }


def test_without_a_policy_or_a_record_weights_say_so():
    assert value_added.weights(LEARNED).headline.endswith(
        "finance 65 %, sales 35 %; there is no policy."
    )
    assert list(value_added.weights(LEARNED).table["earned_ratio"]) == [0.65, 0.35]
    assert value_added.weights(LEARNED.iloc[:0], POLICY).headline.startswith(
        "No function has a record yet"
    )


SCORES = frame(
    """reconciliation | wape | family_wape | total_wape | gain_ratio | low_ratio | high_ratio | families | chosen | reason
       bottom-up | 0.09 | 0.05 | 0.04 | 0 | 0 | 0 | 12 | False | -
       top-down | 0.08 | 0.04 | 0.03 | 0.01 | 0.002 | 0.018 | 12 | True | missed least last year, beyond noise"""
).assign(chosen=[False, True])


def test_the_way_that_won_the_back_test_is_named_with_its_margin():
    assert diagnostics.reconciliation(SCORES).headline == (
        "The plan reconciles by top-down: over 12 families it took 1.0 % of demand off last "
        "year's error (95 % "
        "interval 0.2 % to 1.8 %); products missed by 8.0 % instead of 9.0 %, families by "
        "4.0 % instead of 5.0 %."
    )
    shown = diagnostics.reconciliation(SCORES).table
    assert list(shown["reconciliation"]) == ["top-down", "bottom-up"]
    assert list(shown["plan"]) == ["used", ""]


def test_a_plan_that_adds_products_up_says_why():
    plain = SCORES.assign(
        chosen=[True, False], reason="no other way missed less last year beyond noise"
    )
    assert diagnostics.reconciliation(plain).headline == (
        "The plan adds products up, as they are forecast: no other way missed less last year "
        "beyond noise."
    )


# -------------------------------------------------------------------------------------------------
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


SERIES = frame("product | market | period | cleansed\nWEAR-4 | north | 2026-09 | 900")
PARTS = frame(
    """period | observed | trend | seasonal | remainder
       2026-08 | 140 | 100 | 30 | 10
       2026-09 | 65 | 100 | -30 | -5"""
)


def test_the_product_in_depth_is_named_with_its_season_and_trend():
    assert diagnostics.depth(SERIES, TESTS, PARTS).headline == (
        "WEAR-4 in north, the A product that is forecast worst, has a strong season and a "
        "weak trend."
    )
    assert diagnostics.depth(SERIES.iloc[:0], TESTS.iloc[:0], PARTS).headline.startswith(
        "No A product has three years of history"
    )
    assert (
        diagnostics.pattern_tests(TESTS).headline
        == "Tested against chance: months differ; +5.2 % a year."
    )
    assert (
        diagnostics.pattern_tests(TESTS.iloc[:0]).headline
        == "No season and no trend could be tested."
    )


def test_a_model_that_beats_the_engine_is_said_to():
    assert diagnostics.candidates(METHODS).headline == (
        "ETS(M,N,M) came closest to the last twelve months, missing by 10.0 %; the engine "
        "missed by 11.0 %."
    )
    assert diagnostics.candidates(METHODS.iloc[:2]).headline == (
        "Of 2 methods none came closer to the last twelve months than the engine, which "
        "missed by 11.0 %."
    )
    assert (
        diagnostics.candidates(METHODS.iloc[:0]).headline
        == "There is nothing to let other methods forecast."
    )
    assert list(diagnostics.candidates(METHODS).table["wape"]) == [0.10, 0.11, 0.12]


def test_season_and_remainder_share_one_scale():
    shown = diagnostics.depth(SERIES, TESTS, PARTS)
    whole, season, rest = drawn(shown.chart)
    assert season.get_ylim() == rest.get_ylim()
    assert [list(line.get_ydata()) for line in whole.get_lines()] == [[140, 65], [100, 100]]
    assert [bar.get_height() for bar in rest.patches] == [10, -5]


def test_stated_chances_are_drawn_beside_what_was_won():
    deals, won = drawn(pipeline.stage_win_rates(STAGE_RATES).chart)
    at = {line.get_label(): list(line.get_xdata()) for line in won.get_lines()}
    assert at["stated for open deals"][:2] == [0.33, 0.55]
    assert named(won) == ["stated for open deals", "won, with 95 % interval"]
    assert rows(deals) == ["contact (170 closed)", "offer (62 closed)", "pilot (8 closed)"]
    assert texts(deals) == ["35 won", "35 won", "4 won"]
    assert columns(deals) == []


def test_price_effects_are_drawn_best_known_first():
    better = PRICES.assign(standard_error=[0.5, 0.2, None, None])
    (ax,) = drawn(diagnostics.price_effects(better).chart)
    assert rows(ax) == ["PACK-1", "packs, all products"]


def test_one_number_is_led_back_to_its_sources_each_line_set_in_under_what_it_explains():
    lines_ = pd.DataFrame(
        {
            "level": [0, 1],
            "what": ["demand_plan  TENT-1 north  consensus", "baseline"],
            "value": [208.0, 200.0],
            "unit": ["units", "units"],
            "how": ["baseline + override", ""],
            "source": ["", "sales_history.csv:12"],
            "author": ["", "A. Novak"],
            "reason": ["", "counted"],
        }
    )
    shown = diagnostics.explanation(lines_)
    assert shown.headline == (
        "demand_plan TENT-1 north consensus is 208.0 units; it rests on 1 place of the inputs."
    )
    assert list(shown.table["what"]) == ["consensus", "\u2003baseline"]
    assert list(shown.table["given"]) == ["", "sales_history.csv:12; A. Novak: counted"]


@pytest.mark.parametrize(
    "shown",
    [
        products.launch_actuals(UNDER_WAY.head(0)),
        value_added.value_added(ADDED.head(0)),
        diagnostics.price_effects(PRICES[PRICES["elasticity_ratio"].isna()]),
        pipeline.stage_win_rates(STAGE_RATES.head(0)),
    ],
)
def test_where_nothing_is_known_nothing_is_drawn(shown):
    assert shown.chart.empty
    assert shown.headline.endswith(".")
