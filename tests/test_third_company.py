"""A third company makes nothing: what it sells comes by sea, ninety days after the order."""

from pathlib import Path

import pandas as pd
import pytest
from pages import overflowing, pre_read_of, titles

DATA = Path(__file__).parents[1] / "data"
IMPORTER = DATA / "lantern-trading"


@pytest.fixture(scope="module")
def tables(others):
    return others(IMPORTER.name)[0]


@pytest.fixture(scope="module")
def planned(others):
    return others(IMPORTER.name)[1]


def test_nothing_is_made_and_nothing_ordered_now_is_there_before_the_end_of_december(planned):
    plan = planned["supply_plan"]
    assert plan[["regular", "overtime", "subcontract"]].to_numpy().sum() == 0
    early = plan["period"] < pd.Period("2026-12", "M")
    assert plan.loc[early, "purchased"].sum() == 0
    assert planned["planned_orders"]["arrival_day"].min() >= pd.Timestamp("2026-12-30")


def test_a_lamp_without_orders_on_the_way_loses_its_sales_until_then(planned):
    rows = planned["constrained_demand"].query("product == 'LAMP-1'")
    lost = rows.groupby("period")[["demand", "fulfilled", "lost_sales"]].sum()
    before = lost.loc["2026-10":"2026-12"]
    stock = planned["projected_inventory"].query("product == 'LAMP-1' and period == '2026-10'")
    assert stock["inventory"].sum() == pytest.approx(0, abs=1)  # no target keeps it from customers
    # half a month of stock, and what is on the way to customers, for three months of demand
    assert 0.75 < before["lost_sales"].sum() / before["demand"].sum() < 0.85
    assert lost.loc["2027-01":, "lost_sales"].sum() == pytest.approx(0, abs=1)


def test_orders_are_whole_lots_of_their_source(tables, planned):
    terms = tables["sources"].drop_duplicates("item").set_index("item")
    orders = planned["planned_orders"].merge(
        terms[["min_order", "order_multiple"]], left_on="item", right_index=True
    )
    assert len(orders) >= 12
    assert (orders["quantity"] >= orders["min_order"]).all()
    assert (orders["quantity"] % orders["order_multiple"]).abs().max() < 1e-6


def test_orders_by_month_are_the_purchase_plan(planned):
    first = planned["planning_periods"]["period"].iloc[:5]
    orders = planned["planned_orders"]
    due = orders.groupby(["item", orders["due_day"].dt.to_period("M")])["quantity"].sum()
    plan = planned["purchase_plan"].query("received > 0")
    plan = plan[plan["period"].isin(first)].groupby(["item", "period"])["received"].sum()
    assert due[due.index.isin(plan.index)].to_dict() == pytest.approx(plan.to_dict())


def test_the_dearer_price_is_paid_from_its_month_on(planned):
    glass = planned["purchased_products"].query("product == 'LAMP-3' and purchased > 0")
    price = (glass["cost"] / glass["purchased"]).round(2)
    euro = {  # 33.00 and 7 % more, at 0.92 euro a dollar and then at 0.94
        name: set(price[glass["period"].between(first, last)])
        for name, first, last in (
            ("winter", "2027-01", "2027-03"),
            ("later", "2027-04", "2027-12"),
        )
    }
    assert euro == {"winter": {35.31}, "later": {36.08}}


def test_goods_are_bought_in_dollars_and_all_is_planned_in_euro(tables, planned):
    raw = pd.read_csv(IMPORTER / "sources.csv").drop_duplicates("item").set_index("item")
    lamp = tables["sources"].query("item == 'LAMP-1'")
    assert raw.loc["LAMP-1", ["unit_cost", "inbound_freight_cost"]].tolist() == [23.37, 1.40]
    assert lamp["unit_cost"].round(4).tolist() == [21.5004, 21.9678]  # at 0.92, and at 0.94
    assert lamp["inbound_freight_cost"].round(4).tolist() == [1.288, 1.316]
    money = planned["financial_plan"]
    assert (money["inbound_freight"] > 0).all()
    # six per cent of what goods cost
    assert 0.04 < money["inbound_freight"].sum() / money["cost_of_sales"].sum() < 0.06
    said = planned["data_issues"].query("table == 'sources' and column == 'currency'")
    assert said["handling"].tolist() == ["Converted at 0.92 EUR and 0.94 EUR from Apr 2027."]


def test_its_pre_read_fits_its_sheets_and_says_what_is_left_out(
    tables, planned, chromium, tmp_path
):
    page = pre_read_of({**tables, **planned}, tmp_path)
    assert overflowing(page, tmp_path, chromium) == []
    assert len(titles(page)) <= 12
    text = page.read_text(encoding="utf-8")
    assert "Launches, risks and opportunities: no launch, risk or scenario is given" in text
