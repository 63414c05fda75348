"""What activities bring: estimation against known lifts, and the plan made of it."""

import numpy as np
import pandas as pd
import pytest
from conftest import table
from scipy import stats

from sopkit.demand.cleansing import demand_history
from sopkit.demand.promotion_cells import past_cells
from sopkit.demand.promotion_regression import log_effects
from sopkit.demand.promotions import promotion_effects, promotion_lift
from sopkit.tables.periods import planning_periods

PRODUCTS = table(
    "products",
    "product family unit_of_measure\nPACK-1 packs piece\nPACK-2 packs piece\nPACK-3 packs piece\nSTOVE-1 stoves piece",
)
PROMOTIONS = """
activity kind family product market start_period end_period spend reach response_ratio win_ratio units_per_win lag_months
PAST promotion packs - north 2025-04 2025-05 1000 - - - - -
NEXT promotion packs - north 2027-04 2027-05 1000 - - - - -
"""


def history(lift=0.4, seed=3, noise=0.05, months=60):
    rng = np.random.default_rng(seed)
    periods = pd.period_range(end="2026-09", periods=months, freq="M")
    season = 1 + 0.4 * np.sin(2 * np.pi * np.arange(months) / 12)
    parts = []
    for product in PRODUCTS["product"]:
        quantity = 1000 * season * np.exp(rng.normal(0, noise, months))
        promoted = product.startswith("PACK") & periods.isin(
            pd.PeriodIndex(["2025-04", "2025-05"], freq="M")
        )
        quantity = np.where(promoted, quantity * (1 + lift), quantity)
        parts.append(
            pd.DataFrame(
                {"product": product, "market": "north", "period": periods, "quantity": quantity}
            )
        )
    sold = pd.concat(parts, ignore_index=True).astype({"product": "str", "market": "str"})
    return sold.assign(cleansed=sold["quantity"])


def baseline(units=100.0, products=("PACK-1", "PACK-2", "PACK-3", "STOVE-1")):
    cells = pd.MultiIndex.from_product(
        [products, ["north"], planning_periods("2026-10")["period"]],
        names=["product", "market", "period"],
    )
    frame = cells.to_frame(index=False).astype({"product": "str", "market": "str"})
    return frame.assign(baseline=units, lower_80=units, upper_80=units, method="mean")


def test_one_series_agrees_with_statsmodels_robust_regression():
    statsmodels = pytest.importorskip("statsmodels.api")
    from sopkit.demand.promotion_regression import _controls

    sold = history().query("product == 'PACK-1'")
    ran = sold["period"].isin(pd.PeriodIndex(["2025-04", "2025-05"], freq="M")).to_numpy(float)
    effect, variance = log_effects(sold["quantity"].to_numpy()[None], ran[None, :, None])
    design = np.column_stack([_controls(60), ran])
    fit = statsmodels.RLM(np.log(sold["quantity"].to_numpy()), design).fit(maxiter=500, tol=1e-12)
    assert effect[0, 0] == pytest.approx(fit.params[-1], abs=1e-4)
    assert np.sqrt(variance[0, 0]) == pytest.approx(fit.bse[-1], rel=0.02)


def test_a_known_lift_lies_within_its_confidence_interval():
    effects = promotion_effects(
        PRODUCTS, history(lift=0.4), table("marketing_activities", PROMOTIONS)
    )
    packs = effects[effects["family"] == "packs"].iloc[0]
    assert packs["series"] == 3
    assert abs(packs["lift_ratio"] - 0.4) < 1.96 * packs["standard_error"]
    assert packs["standard_error"] < 0.06


def test_the_interval_is_that_of_the_logarithm_so_that_no_lift_falls_below_nothing():
    packs = promotion_effects(
        PRODUCTS, history(lift=0.4), table("marketing_activities", PROMOTIONS)
    ).iloc[0]
    assert packs["low_ratio"] < 0.4 < packs["high_ratio"]
    factor = 1 + packs["lift_ratio"]
    assert (1 + packs["low_ratio"]) * (1 + packs["high_ratio"]) == pytest.approx(factor**2)
    # 60 months less level, nine slopes, eleven months of the year and the promotion leave 38 to tell errors by
    assert np.log((1 + packs["high_ratio"]) / factor) == pytest.approx(
        stats.t.ppf(0.975, 38) * packs["standard_error"] / factor
    )


def families_with_shocks(shock, families=200, months=60):
    """Families of four products promoted in two months, whose demand shares good and bad months."""
    rng = np.random.default_rng(23)
    periods = pd.period_range(end="2026-09", periods=months, freq="M")
    promoted = periods.isin(pd.PeriodIndex(["2025-04", "2025-05"], freq="M"))
    shared = np.repeat(rng.normal(0, shock, (families, months)), 4, axis=0)
    demand = (
        1000 * np.exp(shared + rng.normal(0, 0.06, shared.shape)) * np.where(promoted, 1.3, 1.0)
    )
    family = [f"F{number // 4}" for number in range(len(demand))]
    product = [f"P{number}" for number in range(len(demand))]
    products = pd.DataFrame({"product": product, "family": family}, dtype="str")
    sold = pd.DataFrame(
        {"product": np.repeat(product, months), "market": "north"}, dtype="str"
    ).assign(period=np.tile(periods, len(demand)), quantity=demand.ravel(), cleansed=demand.ravel())
    text = "\n".join(f"A{n} promotion F{n} - north 2025-04 2025-05 1000" for n in range(families))
    heading = "activity kind family product market start_period end_period spend\n"
    return products, sold, table("marketing_activities", heading + text)


@pytest.mark.parametrize(
    "shock", [0.0, 0.06, 0.12], ids=["none", "as large as the noise", "twice as large"]
)
def test_intervals_hold_the_lift_in_19_of_20_families_whatever_shocks_their_products_share(shock):
    effects = promotion_effects(*families_with_shocks(shock)).dropna(subset="family")
    held = effects["low_ratio"].lt(0.3) & effects["high_ratio"].gt(0.3)
    assert len(held) == 200
    assert 0.92 <= held.mean() <= 0.98


def test_without_activities_there_is_no_effect_to_estimate():
    for marketing_activities in (None, table("marketing_activities", PROMOTIONS).iloc[:0]):
        assert promotion_effects(PRODUCTS, history(), marketing_activities).empty


def test_one_wild_month_outside_the_promotion_hardly_moves_the_lift():
    calm = history(lift=0.4)
    wild = calm.copy()
    wild.loc[
        (wild["product"] == "PACK-1") & (wild["period"] == pd.Period("2023-07", "M")),
        ["quantity", "cleansed"],
    ] *= 8
    marketing_activities = table("marketing_activities", PROMOTIONS)
    lifts = [
        promotion_effects(PRODUCTS, frame, marketing_activities)["lift_ratio"].iloc[0]
        for frame in (calm, wild)
    ]
    assert lifts[1] == pytest.approx(lifts[0], abs=0.03)


def test_the_lift_of_its_own_past_is_planned_on_the_baseline():
    plan = promotion_lift(
        planning_periods("2026-10"),
        PRODUCTS,
        history(),
        baseline(),
        table("marketing_activities", PROMOTIONS),
    )
    assert list(plan["activity"].unique()) == ["NEXT"]
    assert list(plan["product"]) == ["PACK-1", "PACK-1", "PACK-2", "PACK-2", "PACK-3", "PACK-3"]
    assert list(plan["activity_demand"]) == pytest.approx(list(100 * plan["lift_ratio"]))
    assert plan["lift_ratio"].between(0.3, 0.5).all()
    assert (plan["basis"] == "own history, pooled with the family's").all()


def test_a_family_without_such_a_past_takes_the_lift_of_the_kind():
    marketing_activities = table(
        "marketing_activities",
        PROMOTIONS + "STOVES promotion stoves - north 2027-06 2027-06 10 - - - - -\n",
    )
    plan = promotion_lift(
        planning_periods("2026-10"), PRODUCTS, history(), baseline(), marketing_activities
    )
    stove = plan[plan["product"] == "STOVE-1"].iloc[0]
    assert stove["basis"] == "history of the kind in other families"
    assert stove["lift_ratio"] == pytest.approx(0.4, abs=0.1)


def test_a_kind_without_past_brings_what_its_funnel_rates_say_after_the_lag():
    # 2,500 people x 5 % x 25 % x 12 units = 375 units, a month after the fair
    fair = "FAIR fair - STOVE-1 north 2027-02 2027-02 40000 2500 0.05 0.25 12 1\n"
    plan = promotion_lift(
        planning_periods("2026-10"),
        PRODUCTS,
        history(),
        baseline(),
        table("marketing_activities", PROMOTIONS + fair),
    )
    found = plan[plan["activity"] == "FAIR"]
    assert list(found["period"].astype(str)) == ["2027-03"]
    assert found["activity_demand"].iloc[0] == pytest.approx(375)
    assert found["lift_ratio"].iloc[0] == pytest.approx(3.75)
    assert found["basis"].iloc[0] == "funnel rates"


def test_funnel_units_of_a_family_are_split_by_what_its_products_sell():
    fair = "FAIR fair packs - north 2026-11 2026-12 1 600 0.5 0.5 2 -\n"  # 300 units in two months
    base = baseline()
    base.loc[base["product"] == "PACK-1", "baseline"] = 200.0
    plan = promotion_lift(
        planning_periods("2026-10"),
        PRODUCTS,
        history(),
        base,
        table("marketing_activities", PROMOTIONS + fair),
    )
    found = plan[plan["activity"] == "FAIR"]
    assert found["activity_demand"].sum() == pytest.approx(300)
    assert list(found["activity_demand"]) == pytest.approx([75, 75, 37.5, 37.5, 37.5, 37.5])


def test_without_past_and_rates_nothing_is_planned_and_that_is_said():
    fair = "FAIR fair - STOVE-1 north 2027-02 2027-02 40000 - - - - -\n"
    plan = promotion_lift(
        planning_periods("2026-10"),
        PRODUCTS,
        history(),
        baseline(),
        table("marketing_activities", PROMOTIONS + fair),
    )
    found = plan[plan["activity"] == "FAIR"].iloc[0]
    assert (found["activity_demand"], found["basis"]) == (0.0, "no history, no rates")


def test_a_product_on_its_way_out_is_not_promoted_beyond_what_is_left():
    launch_plan = baseline(products=("PACK-1",)).assign(launch_demand=-100.0)
    plan = promotion_lift(
        planning_periods("2026-10"),
        PRODUCTS,
        history(),
        baseline(),
        table("marketing_activities", PROMOTIONS),
        launch_plan,
    )
    assert (plan.loc[plan["product"] == "PACK-1", "activity_demand"] == 0).all()
    assert (plan.loc[plan["product"] == "PACK-2", "activity_demand"] > 0).all()


def test_months_with_a_stock_out_say_nothing_about_the_lift():
    sold = history(lift=0.4)
    may = pd.Period("2025-05", "M")
    sold.loc[(sold["period"] == may) & (sold["product"] != "STOVE-1"), "quantity"] *= 0.2
    text = "\n".join(f"PACK-{n} north 2025-05 0.2" for n in (1, 2, 3))
    stock_availability = table(
        "stock_availability", "product market period in_stock_ratio\n" + text
    )
    packs = promotion_effects(
        PRODUCTS, sold, table("marketing_activities", PROMOTIONS), stock_availability
    ).iloc[0]
    assert abs(packs["lift_ratio"] - 0.4) < 1.96 * packs["standard_error"]


def test_without_activities_there_is_no_lift():
    for marketing_activities in (None, table("marketing_activities", PROMOTIONS).iloc[:0]):
        plan = promotion_lift(
            planning_periods("2026-10"), PRODUCTS, history(), baseline(), marketing_activities
        )
        assert plan.empty
        assert "activity_demand" in plan.columns


def test_the_sample_company_s_two_known_lifts_are_recovered(company):
    sold = demand_history(
        planning_periods("2026-10"),
        company["products"],
        company["sales_history"],
        company["stock_availability"],
        company["marketing_activities"],
    )
    effects = promotion_effects(
        company["products"], sold, company["marketing_activities"], company["stock_availability"]
    )
    by_family = effects.dropna(subset="family").set_index("family")
    for family, truth in {"packs": 0.40, "clothing": 0.25}.items():
        found = by_family.loc[family]
        assert abs(found["lift_ratio"] - truth) < 1.96 * found["standard_error"]
        assert found["standard_error"] < 0.1


def test_where_every_activity_is_called_off_none_touches_a_month():
    called_off = pd.DataFrame(
        {
            "activity": ["FAIR"], "kind": ["fair"], "family": [None], "product": ["TENT-1"], "market": ["north"],
            "start_period": pd.PeriodIndex(["2026-12"], freq="M"), "end_period": pd.PeriodIndex(["2026-12"], freq="M"),
            "lag_months": [0.0], "cancelled": [True],
        }
    )  # fmt: skip
    products = pd.DataFrame({"product": ["TENT-1"], "family": ["tents"]})
    sold = pd.DataFrame(
        {
            "product": ["TENT-1"],
            "market": ["north"],
            "period": pd.PeriodIndex(["2026-12"], freq="M"),
        }
    )
    assert past_cells(products, sold, called_off).empty
