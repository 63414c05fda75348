"""A second, quite different company is planned by the same steps: nothing of it is known to the library."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pages import overflowing, pre_read_of, titles

from sopkit.runner import planning_inputs

DATA = Path(__file__).parents[1] / "data"
CAFE = DATA / "poolside-cafe"
CYCLE = "2027-03"
COMMON = {
    "rooms",
    "dishes",
    "drinks",
}  # families with names of the language; codes of one's own must not be found


@pytest.fixture(scope="module")
def tables(others):
    return others(CAFE.name)[0]


@pytest.fixture(scope="module")
def planned(others):
    return others(CAFE.name)[1]


@pytest.mark.filterwarnings("error")
def test_its_tables_are_read_without_a_warning():
    assert len(planning_inputs.read(str(CAFE), CYCLE)) == len(list(CAFE.glob("*.csv")))


def test_no_word_of_it_stands_in_the_library(tables):
    """Its codes and names are searched as whole words in the code and the notebooks."""
    names = {
        "products": "product",
        "components": "component",
        "resources": "resource",
        "launches": "launch",
    }
    names |= {
        "lanes": "market",
        "marketing_activities": "activity",
        "sources": "supplier",
        "lanes ": "site",
    }
    words = {word for table, column in names.items() for word in tables[table.strip()][column]}
    words |= set(tables["products"]["family"]) - COMMON
    words |= {"poolside", "cafe", "lodge", "kitchen", "guest", "guests", "menu"}
    pattern = re.compile(
        r"(?<![\w-])(" + "|".join(map(re.escape, sorted(words))) + r")(?![\w-])", re.I
    )
    root = DATA.parent
    files = [
        f
        for folder in ("sopkit", "notebooks")
        for f in (root / folder).rglob("*")
        if f.suffix in (".py", ".ipynb")
    ]
    assert files
    found = {
        f"{f.relative_to(root)}: {m.group()}"
        for f in files
        for m in pattern.finditer(f.read_text("utf-8"))
    }
    assert found == set()


# --- the cafe


def test_a_launch_follows_its_like_product_in_the_lobby_bar_and_takes_from_it_there(planned):
    plan = (
        planned["launch_plan"]
        .query("launch == 'open-gelato'")
        .set_index(["product", "market", "period"])
    )
    like = planned["baseline_forecast"].query("product == 'sundae' and market == 'lobby-bar'")
    like = like.set_index("period")["baseline"]
    added = plan.loc[("gelato-cup", "poolside"), "launch_demand"]
    months = pd.period_range("2027-05", "2028-02", freq="M")
    ramp = np.minimum(np.arange(1, 11) / 3, 1)
    assert added.to_numpy() == pytest.approx((1.1 * like[months] * ramp).to_numpy())
    taken = plan.loc[("sundae", "lobby-bar"), "launch_demand"]
    assert taken.to_numpy() == pytest.approx(-0.3 * added.to_numpy())


def test_nothing_is_made_or_paid_where_it_is_not_open_yet(planned):
    early = planned["supply_plan"].query("site == 'poolside' and period < '2027-05'")
    assert len(early)
    assert early[["regular", "overtime", "shipped"]].to_numpy().max() == pytest.approx(
        0.0, abs=1e-6
    )
    crews = planned["workforce_plan"].query("period < '2027-05'")
    crews = crews[crews["resource"].str.startswith("cafe")]
    assert crews["workers"].max() == pytest.approx(0.0, abs=1e-6)


def test_the_small_kitchen_and_the_full_house_are_short_in_summer_and_nowhere_else(planned):
    plan = planned["constrained_demand"]
    lost = plan[plan["lost_sales"] > 0.5]
    assert set(lost["period"].astype(str)) <= {"2027-07", "2027-08"}
    assert set(lost["market"]) == {"poolside", "reception"}


# --- identities


def test_nothing_that_keeps_for_the_day_is_left_at_a_months_end(planned):
    assert planned["supply_plan"]["inventory"].max() == pytest.approx(0.0, abs=1e-6)


def test_weeks_sum_to_months_and_shipments_to_weeks(planned):
    keys = ["product", "site", "period"]
    weeks = planned["weekly_plan"].groupby(keys)[["regular", "overtime", "shipped"]].sum()
    months = planned["supply_plan"].set_index(keys)[["regular", "overtime", "shipped"]]
    pd.testing.assert_frame_equal(weeks, months.loc[weeks.index], check_exact=False, atol=1e-6)
    sent = planned["replenishment_orders"].groupby("product")["quantity"].sum()
    wanted = planned["weekly_plan"].groupby("product")["shipped"].sum()
    assert sent.to_numpy() == pytest.approx(wanted[sent.index].to_numpy())


def test_what_keeps_for_the_day_is_made_and_sent_on_every_open_day(planned):
    sent = planned["replenishment_orders"].query("site == 'lodge' and product == 'burger'")
    march = sent[sent["order_day"] < "2027-04-01"]
    assert march["order_day"].nunique() == 31
    by_day = march.groupby(march["order_day"].dt.day_name())["quantity"].mean()
    assert by_day["Saturday"] / by_day["Monday"] == pytest.approx(1.3)
    orders = planned["short_term_orders"].query(
        "action == 'make' and item == 'burger' and due != 'next week'"
    )
    assert orders["order_day"].dt.day.tolist() == [1, 2, 3, 4, 5, 6, 7]
    monday, saturday = orders["quantity"].iloc[[0, 5]]
    assert saturday / monday == pytest.approx(1.3)


def test_provisions_are_there_when_they_are_needed_or_shown_as_short(planned):
    plan = planned["material_plan"]
    assert plan["inventory"].min() >= 0
    assert plan["shortage"].max() == 0
    flow = plan["opening_inventory"] + plan["received"] - plan["required"] - plan["expired"]
    assert flow.to_numpy() == pytest.approx(plan["inventory"].to_numpy(), abs=1e-4)


def test_no_order_reaches_beyond_the_days_it_keeps(planned, tables):
    """What perishes is what the smallest order and whole boxes bring beyond the need."""
    keeps = tables["components"].set_index("component")["shelf_life_days"]
    orders = planned["planned_orders"]
    fresh = orders[orders["item"].map(keeps) <= 7]
    used = planned["material_plan"].groupby("component")[["required", "expired"]].sum()
    on_hand = tables["components"].set_index("component")["on_hand"]
    beyond = (fresh["quantity"] - fresh["required"]).groupby(fresh["item"]).sum()
    assert set(beyond.index) >= {"trout", "salad-leaves", "tomatoes", "rolls", "beef"}
    assert (used.loc[beyond.index, "expired"] <= beyond + on_hand[beyond.index] + 1e-6).all()
    assert used.loc["tomatoes", "expired"] < 0.1 * used.loc["tomatoes", "required"]


def test_sauce_of_the_house_asks_for_tomatoes_before_it_is_needed(planned):
    plan = planned["material_plan"].query("component in ('tomatoes', 'tomato-sauce')")
    used = plan.groupby("component")["required"].sum()
    bowls = planned["supply_plan"].query(
        "product in ('salad-bowl', 'poke-bowl') and period < '2027-06'"
    )
    fresh = (bowls["regular"] + bowls["overtime"]) * bowls["product"].map(
        {"salad-bowl": 0.12, "poke-bowl": 0.08}
    )
    assert used["tomatoes"] == pytest.approx(fresh.sum() + 1.4 * used["tomato-sauce"], rel=0.1)


def test_its_pre_read_fits_its_sheets(tables, planned, chromium, tmp_path):
    page = pre_read_of({**tables, **planned}, tmp_path)
    assert overflowing(page, tmp_path, chromium) == []
    assert len(titles(page)) <= 12
