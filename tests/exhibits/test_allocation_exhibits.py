"""Exhibits of the supply review: who gets what is short, what can be promised, and purchasing."""

from looking import drawn, lines, named, rows, table, weights

from sopkit.reporting.exhibits import allocation, procurement

SHARES = table(
    "market_shares",
    """product | market | family | allocation | demand | late | lost_sales | fill_rate | reason | priority
       STOVE-1 | north | stoves | priority | 100 | 0 | 0 | 1 | J. Weiss: contracts | 1
       STOVE-1 | south | stoves | priority | 100 | 0 | 60 | 0.4 | J. Weiss: contracts | 2
       TENT-2 | north | tents | fair_share | 50 | 20 | 0 | 0.6 | no row in allocation_policy | """,
)


def test_the_market_that_stands_back_most_is_named_with_the_rules():
    assert allocation.market_shares(SHARES).headline == (
        "STOVE-1 (by priority), TENT-2 (in proportion) are short and divided among markets; "
        "south is cut most, with 60 of 80 units late or lost."
    )
    assert allocation.market_shares(SHARES.iloc[1:]).headline == (
        "STOVE-1, TENT-2 are short; no market is cut for another."
    )
    none = allocation.market_shares(SHARES.head(0))
    assert none.headline == "No product is short: no market is cut."
    assert none.chart.empty


def test_the_share_that_each_market_gets_in_time_is_written_in_its_tile():
    (ax,) = drawn(allocation.market_shares(SHARES).chart)
    assert weights(ax) == {"100": "normal", "40": "bold", "60": "bold"}
    assert rows(ax) == ["STOVE-1 (priority)", "TENT-2 (fair share)"]


SERVICE = table(
    "constrained_demand",
    """product | market | period | demand | fulfilled | backlog | lost_sales
       TENT-1 | north | 2026-10 | 100 | 100 | 0 | 0
       TENT-1 | export | 2026-10 | 50 | 40 | 10 | 0
       TENT-2 | export | 2026-10 | 50 | 45 | 0 | 5""",
)


def test_the_market_with_the_lowest_fill_rate_is_named_first():
    """Export wants 100 and gets 85 of them in time."""
    shown = allocation.fill_rate_by_market(SERVICE)
    assert shown.headline == ("export has a fill rate of 85.0 %, the lowest of all markets.")
    assert list(shown.table["market"]) == ["export", "north"]
    assert list(shown.table["fill_rate"]) == [0.85, 1.0]
    nothing = allocation.fill_rate_by_market(SERVICE.assign(demand=0.0))
    assert nothing.headline == "There is no demand, so no market has a fill rate."


PROMISES = table(
    "available_to_promise",
    """product | period | supplied | booked | available_to_promise | cumulative_available | overcommitted
       TENT-1 | 2026-10 | 50 | 100 | 0 | 0 | 50
       TENT-1 | 2026-11 | 80 | 0 | 30 | 30 | 0
       TENT-2 | 2027-04 | 80 | 0 | 80 | 80 | 0""",
)


def test_what_is_promised_beyond_supply_is_named():
    said = "100 units are booked and 110 are available to promise in Oct 2026 to Apr 2027; "
    headline = allocation.promises(PROMISES).headline
    assert headline == (f"{said}TENT-1 is promised beyond what comes, at worst 50 units of TENT-1.")
    kept = PROMISES.assign(overcommitted=0.0)
    assert allocation.promises(kept).headline == f"{said}every booked order can be kept."


def test_what_can_be_promised_is_drawn_by_month_and_listed_for_half_a_year():
    shown = allocation.promises(PROMISES)
    (ax,) = drawn(shown.chart)
    assert named(ax) == ["booked", "ATP", "made, bought or on order"]
    assert lines(ax)["ATP"] == [0, 30, 80]
    assert list(shown.table) == ["product", "booked", "overcommitted", "Oct 26", "Nov 26"]
    assert list(shown.table["product"]) == ["TENT-1", "TENT-2"]


BOUGHT = table(
    "procurement_plan",
    """component | period | required | demand_requirement | ordered | received | inventory | shortage | cost
       ZIP | 2026-10 | 100 | 100 | 100 | 100 | 0 | 0 | 50
       ZIP | 2026-11 | 60 | 100 | 60 | 60 | 0 | 40 | 30
       POLE | 2026-11 | 0 | 10 | 0 | 0 | 0 | 10 | 0""",
)


def test_components_that_cannot_be_had_in_time_are_named_the_largest_shortage_first():
    shown = procurement.procurement(BOUGHT)
    assert shown.headline == (
        "ZIP, POLE limit production: by the end of Nov 2026 demand needs 40 more units of ZIP than "
        "stock and suppliers can provide."
    )
    assert list(shown.table["component"]) == ["ZIP", "POLE"]
    enough = BOUGHT.assign(shortage=0.0)
    said = "No shortage: 2 components checked against the demand plan."
    assert procurement.procurement(enough).headline == said
    none = procurement.procurement(BOUGHT.head(0))
    assert none.headline == "No bill of materials is given: material was not checked."


PURCHASES = table(
    "purchase_plan",
    """item | supplier | site | period | ordered | received | cost
       ZIP | acme | | 2026-10 | 20 | 0 | 400
       ZIP | acme | | 2026-11 | 0 | 20 | 0
       LEG | tree | | 2026-10 | 5 | 5 | 600
       GLUE | | | 2026-10 | 7 | 7 | 0""",
)


def test_purchases_are_summed_by_supplier_the_largest_first():
    shown = procurement.purchases(PURCHASES)
    assert shown.headline == (
        "Purchases of 1,000 from 2 suppliers, Oct 2026 to Nov 2026; the largest supplier is tree, "
        "600."
    )
    assert list(shown.table["supplier"]) == ["tree", "acme"]


def test_no_supplier_and_nothing_to_order_are_told_apart():
    unknown = procurement.purchases(PURCHASES[PURCHASES["supplier"].isna()])
    assert unknown.headline == "No supplier is given: purchases were not planned."
    enough = procurement.purchases(PURCHASES.assign(ordered=0.0))
    assert enough.headline == "Nothing has to be ordered from suppliers."


BACKLOG = table(
    "order_backlog",
    """product | period | opening_order_backlog | order_backlog | backlog_weeks | order_lead_time_weeks
       TENT-1 | 2026-10 | 60 | 50 | 5 | 4
       TENT-1 | 2026-11 | 50 | 40 | 3 | 4
       TENT-2 | 2026-10 | 30 | 30 | 2 | 6
       TENT-2 | 2026-11 | 30 | 90 | 8.5 | 6""",
)


def test_the_order_backlog_furthest_beyond_its_lead_time_is_named_with_its_month():
    assert allocation.backlog(BACKLOG).headline == (
        "90 units are on order and not delivered; the backlog of TENT-2 exceeds its order lead time "
        "most, at the end of Nov 2026: 8.5 weeks of work against 6.0."
    )
    short = allocation.backlog(BACKLOG.assign(backlog_weeks=1.0)).headline
    assert short == (
        "90 units are on order and not delivered; no order backlog exceeds its order lead time."
    )
    assert allocation.backlog(BACKLOG.head(0)).headline == "Nothing is made or assembled to order."


EXPOSED = table(
    "supplier_dependency",
    """supplier | components_supplied | cost | spend_share | products_dependent | dependent_revenue | revenue_dependency | shortage_cost
       tree | 1 | 900 | 0.9 | 1 | 1000 | 0.1 | 0
       acme | 2 | 100 | 0.1 | 5 | 9000 | 0.9 | 0""",
)


def test_the_supplier_on_whom_most_revenue_depends_is_named_and_stands_first():
    shown = procurement.suppliers(EXPOSED)
    assert shown.headline == (
        "90 % of revenue (9,000) is exposed to acme, which takes 10 % of spending; "
        "tree takes most, 90 % of spending."
    )
    assert rows(drawn(shown.chart)[0]) == list(shown.table["supplier"]) == ["acme", "tree"]
    alone = procurement.suppliers(EXPOSED[EXPOSED["supplier"] == "acme"])
    assert alone.headline.endswith("exposed to acme, which also takes 10 % of spending.")


def test_without_suppliers_nothing_depends_on_one():
    none = procurement.suppliers(EXPOSED.head(0))
    assert none.headline == "No supplier is described: nothing depends on one."
    assert none.chart.empty
    assert none.table.empty
