"""Orders as a signal: the booking curve by hand, the back-test, and each order counted once."""

import numpy as np
import pandas as pd
import pytest
from conftest import table

from sopkit.cycle import replanning
from sopkit.data_quality import order_checks
from sopkit.demand.bookings import booked, bookings, usual_shares
from sopkit.demand.consumption import on_supply
from sopkit.demand.order_pickup import booking_curve, order_pickup
from sopkit.tables import conform
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.issues import DataError
from sopkit.tables.periods import planning_periods

CYCLE = "2026-10"
HORIZON = planning_periods(CYCLE).head(3)
MONTHS = pd.period_range("2024-07", "2026-09", freq="M")
PRODUCTS = table("products", "product family unit_of_measure\nTEA drinks box\nRICE drinks box")
PART = {40: 0.5, 10: 0.3, -8: 0.2}  # days before the month: share that is ordered then


def demand(seed, spread=0.3):
    return np.round(200 * np.exp(spread * np.random.default_rng(seed).standard_normal(len(MONTHS))))


DEMAND = {"TEA": demand(1), "RICE": demand(2)}


def order_rows(product, units, months=MONTHS, parts=PART):
    """Orders of each month's demand in the parts that are usual, due on the 20th."""
    rows = [
        (
            product,
            "town",
            month.start_time - pd.Timedelta(days, "D"),
            month.start_time,
            share * unit,
        )
        for month, unit in zip(months, units, strict=True)
        for days, share in parts.items()
    ]
    frame = pd.DataFrame(rows, columns=["product", "market", "order_day", "due_day", "quantity"])
    return frame.assign(due_day=frame["due_day"] + pd.Timedelta(19, "D"), order_number=None)


def history(demand=DEMAND, **more):
    rows = [order_rows(product, units) for product, units in demand.items()]
    return conform("order_history", pd.concat([*rows, *more.values()], ignore_index=True))


def sold(demand=DEMAND):
    rows = [
        pd.DataFrame({"product": name, "market": "town", "period": MONTHS, "quantity": units})
        for name, units in demand.items()
    ]
    return conform("sales_history", pd.concat(rows, ignore_index=True))


def cleansed(demand=DEMAND):
    rows = sold(demand)[["product", "market", "period", "quantity"]]
    return conform(
        "demand_history", rows.assign(cleansed=rows["quantity"], cleansing_adjustment=0.0)
    )


def open_orders(*rows):
    lines = "".join(f"SO-{i} {row}\n" for i, row in enumerate(rows))
    return table("sales_orders", f"order_number product market due_day quantity\n{lines}")


NOW = open_orders("TEA town 2026-10-20 320", "TEA town 2026-11-20 60", "RICE town 2026-10-20 100")


def signals(orders=NOW, periods=HORIZON, products=PRODUCTS, past=None, demand=DEMAND):
    return order_pickup(
        periods, products, cleansed(demand), history(demand) if past is None else past, orders
    )


def test_the_usual_share_is_what_was_booked_of_what_was_sold():
    book = bookings(PRODUCTS, cleansed(), history())
    end = len(MONTHS)
    for days, share in ((41, 0.0), (40, 0.5), (11, 0.5), (10, 0.8), (-7, 0.8), (-8, 1.0)):
        units = booked(book, days)
        assert units[:, -1] == pytest.approx([share * DEMAND[p][-1] for p in ("RICE", "TEA")])
        assert usual_shares(book, units, end) == pytest.approx([share, share])
    assert book.first == 0
    # known from August 2024 on, and nearly all lines come within 40 days: whole from October on
    cut = history()[lambda rows: rows["order_day"] >= "2024-08-01"].reset_index(drop=True)
    assert bookings(PRODUCTS, cleansed(), cut).first == 3


def test_the_booking_curve_falls_with_the_days_before_the_month():
    curve = booking_curve(HORIZON, PRODUCTS, cleansed(), history())
    assert curve["lead_days"].tolist() == [0, 15, 30]  # nothing is booked 45 days before
    assert curve["booked_ratio"].tolist() == pytest.approx([0.8, 0.5, 0.5])
    assert set(curve["family"]) == {"drinks"}


def test_the_pick_up_forecast_is_what_is_booked_over_what_is_usual():
    found = signals()
    # as of 30 September October is a day away and November 32 days: 80 % and 50 % are usual
    rows = found.pickup_forecast.set_index(["product", "period"])
    october, november = pd.Period("2026-10", "M"), pd.Period("2026-11", "M")
    assert rows.loc[("TEA", october), "pickup"] == pytest.approx(320 / 0.8)
    assert rows.loc[("TEA", november), "pickup"] == pytest.approx(60 / 0.5)
    assert rows.loc[("RICE", october), "pickup"] == pytest.approx(100 / 0.8)
    assert rows.loc[("RICE", november), ["firm_orders", "pickup"]].tolist() == [0, 0]
    assert set(found.pickup_forecast["period"]) == {october, november}  # nothing 62 days before


def test_orders_that_foretold_past_demand_exactly_have_all_the_weight():
    record = signals().pickup_record.set_index("lag")
    assert record.index.tolist() == [1, 2]
    assert record["in_plan"].all()
    assert record["weight"].tolist() == pytest.approx([1.0, 1.0], abs=0.02)
    assert (record["pickup_wape"] < 0.1 * record["wape"]).all()
    assert record["observations"].tolist() == [16, 14]  # 8 origins and 7, of two products


def test_orders_without_bearing_on_demand_are_shown_and_not_used():
    booked_of = {name: demand(seed) for name, seed in (("TEA", 11), ("RICE", 12))}
    found = signals(past=history(booked_of))
    assert (found.pickup_record["weight"] == 0).all()
    assert not found.pickup_record["in_plan"].any()
    assert (found.pickup_forecast["weight"] == 0).all()
    assert (found.pickup_forecast["pickup"] > 0).any()


def test_nothing_is_said_without_orders_or_with_too_few_months():
    lately = history()[lambda rows: rows["due_day"] >= "2025-12-01"].reset_index(drop=True)
    for found in (
        order_pickup(HORIZON, PRODUCTS, cleansed()),
        order_pickup(HORIZON, PRODUCTS, cleansed(), history()),
        signals(past=lately),
        signals(past=history().head(0)),
        signals(past=history().assign(market="abroad")),
    ):
        assert found.pickup_forecast.empty
        assert found.pickup_record.empty


def test_a_month_that_has_begun_and_orders_on_top_of_the_forecast_have_no_pick_up():
    begun = HORIZON.assign(as_of_day=pd.Timestamp("2026-10-10"))
    found = signals(periods=begun)
    assert set(found.pickup_forecast["period"].astype(str)) == {"2026-11"}  # 22 days ahead
    assert found.pickup_forecast["booked_ratio"].tolist() == pytest.approx([0.5, 0.5])
    assert found.pickup_record["lag"].tolist() == [2]
    on_top = PRODUCTS.assign(consumption_mode=["none", None])
    assert set(signals(products=on_top).pickup_forecast["product"]) == {"RICE"}


# --------------------------------------------------------------------------------------------------
# in the plan


COMPANY = {"products": PRODUCTS, "sales_history": sold()}


def planned(**tables):
    return replanning.replan(COMPANY | tables, CYCLE, until="30_demand_review")["demand_plan"]


def cell(plan, product, period):
    return plan[(plan["product"] == product) & (plan["period"] == pd.Period(period, "M"))].iloc[0]


def test_the_consensus_moves_to_the_pick_up_by_its_weight():
    made = replanning.replan(
        COMPANY | {"order_history": history(), "sales_orders": NOW}, CYCLE, until="30_demand_review"
    )
    row = cell(made["demand_plan"], "TEA", "2026-10")
    said = cell(made["pickup_forecast"], "TEA", "2026-10")
    moved = said["weight"] * (said["pickup"] - row["baseline"])
    assert row["pickup_demand"] == pytest.approx(moved)
    assert row["consensus"] == pytest.approx(row["baseline"] + moved)
    assert row["total_demand"] == pytest.approx(row["consensus"])
    assert cell(made["demand_plan"], "TEA", "2026-12")["pickup_demand"] == 0


def test_a_company_without_a_history_of_orders_plans_as_before():
    plain, given = planned(sales_orders=NOW), planned(sales_orders=NOW, order_history=history())
    assert (plain["pickup_demand"] == 0).all()
    later = given["period"] > pd.Period("2026-11", "M")
    pd.testing.assert_frame_equal(plain[later], given[later])


def test_the_input_of_a_function_that_counts_wholly_leaves_no_room_for_orders():
    view = table(
        "demand_inputs",
        "function product market period quantity author reason submitted_on\n"
        "sales TEA town 2026-10 900 Berg contract 2026-09-20",
    )
    rule = table("consensus_policy", "function weight author reason\nsales 1 Berg agreed")
    plan = planned(
        sales_orders=NOW, order_history=history(), demand_inputs=view, consensus_policy=rule
    )
    assert cell(plan, "TEA", "2026-10")["consensus"] == pytest.approx(900)


def test_an_order_is_counted_by_its_pick_up_or_by_consumption_and_never_twice():
    """October's orders are 50 above its consensus; where they are in it by their pick-up, they take
    nothing of November and December."""
    window = PRODUCTS.assign(consumption_forward_months=2.0)
    ordered = open_orders("TEA town 2026-10-20 150", "TEA town 2026-12-20 130")
    frame = HORIZON[["period"]].assign(product="TEA", market="town", consensus=100.0)
    for pickup, net in ((0.0, [0, 50, 0]), (20.0, [0, 100, 0])):
        rows = frame.assign(pickup_demand=[pickup, 0.0, 0.0])
        plan = ArrayTable.of_rows(rows, ["product", "market"], pd.PeriodIndex(HORIZON["period"]))
        found = on_supply(plan, HORIZON, window, ordered).frame
        assert found["net_forecast"].tolist() == net
        assert found["total_demand"].tolist() == [150, net[1], 130]


# --------------------------------------------------------------------------------------------------
# bad input


def test_orders_that_no_one_can_have_booked_and_open_ones_are_told_and_not_booked():
    late = order_rows("TEA", [70.0], MONTHS[-1:], {-40: 1.0})
    coming = order_rows("TEA", [500.0], pd.period_range("2026-11", periods=1, freq="M"), {60: 1.0})
    given = history(late=late, coming=coming)
    book = bookings(PRODUCTS, cleansed(), given)
    assert booked(book, 1)[:, -1] == pytest.approx(
        booked(bookings(PRODUCTS, cleansed(), history()), 1)[:, -1]
    )
    entry = order_checks.orders_after_their_due_day(given).entries[0]
    assert entry.message == (
        "order_day after due_day in 1 order, first product TEA, market town, ordered 2026-10-11, "
        "due 2026-09-20"
    )
    entry = order_checks.order_history_after_closed_months(HORIZON, given).entries[0]
    assert entry.message == "1 order of 500 units due in planned months"
    fine = history()
    assert order_checks.orders_after_their_due_day(fine) is None
    assert order_checks.order_history_after_closed_months(HORIZON, fine) is None


def test_orders_in_other_units_than_sales_are_told_and_no_share_is_above_one():
    dozens = history({name: 12 * units for name, units in DEMAND.items()})
    issue = order_checks.orders_unlike_sales(HORIZON, sold(), dozens)
    assert issue.entries[0].message.startswith("Orders of ")
    assert order_checks.orders_unlike_sales(HORIZON, sold(), history()) is None
    book = bookings(PRODUCTS, cleansed(), dozens)
    assert usual_shares(book, booked(book, 1), len(MONTHS)).tolist() == [1.0, 1.0]


def test_a_history_without_open_orders_is_told():
    issue = order_checks.order_history_without_open_orders(history())
    assert issue.entries[0].message == "Past orders are given, and no open orders (sales_orders)"
    assert order_checks.order_history_without_open_orders(history(), NOW) is None


@pytest.mark.parametrize("units", [0.0, 1e12])
def test_orders_of_nothing_and_of_far_too_much_give_finite_plans(units):
    past = history().assign(quantity=units)
    found = signals(past=past)
    assert np.isfinite(found.pickup_forecast[["booked_ratio", "pickup", "weight"]]).all(axis=None)
    plan = planned(
        order_history=past, sales_orders=open_orders("TEA town 2026-10-20 1000000000000")
    )
    assert np.isfinite(plan[["consensus", "total_demand"]]).all(axis=None)


def test_an_order_below_zero_is_refused_by_row():
    with pytest.raises(DataError, match=r"order_history: quantity"):
        conform("order_history", order_rows("TEA", [-5.0], MONTHS[-1:], {3: 1.0}))
