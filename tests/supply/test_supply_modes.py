"""Supply modes: what is made to order, services and rooms; each with another question about stock."""

import pytest
from conftest import table
from planning import demand, item_costs, months, review

from sopkit.data_quality import supply_mode_checks as checks
from sopkit.pre_sop.rules_orders import order_backlog as backlog_gap
from sopkit.supply.available_to_promise import available_to_promise
from sopkit.supply.inventory_targets import inventory_targets, projected_inventory
from sopkit.supply.order_backlog import order_backlog
from sopkit.tables import conform

HOUSE = table("item_locations", "product site on_hand produced_here\nX house 0 yes")
LANES = table("sourcing_network", "site market freight_cost\nhouse home 0")
PRICES = "product price material_cost holding_cost backlog_cost lost_sale_cost\nX 100 10 1 5 0"


def product(mode, lead="-"):
    header = "product family unit_of_measure supply_mode order_lead_time_days"
    return table("products", f"{header}\nX f piece {mode} {lead}")


def business(mode, wanted, capacity, lead="-", waits="yes"):
    """One product by one crew of `capacity` hours a month, an hour a unit."""
    periods = months(len(wanted))
    hours = periods[["period"]].assign(
        resource="CREW",
        working_days=20,
        regular_hours_per_worker=float(capacity),
        overtime_hours_per_worker=0.0,
    )
    policy = f"product target_service_level backlog_allowed\nX - {waits}"
    return {
        "planning_periods": periods,
        "products": product(mode, lead),
        "demand_plan": demand(periods, {("X", "home"): wanted}),
        "unit_economics": item_costs(periods, PRICES),
        "sourcing_network": LANES,
        "item_locations": HOUSE,
        "inventory_policy": table("inventory_policy", policy),
        "resources": table("resources", CREW),
        "routings": table("routings", "product resource hours_per_unit\nX CREW 1"),
        "resource_calendar": conform("resource_calendar", hours),
    }


CREW = """
resource  site   opening_workers  regular_wage  overtime_wage  hire_cost  layoff_cost  min_workers  max_workers
CREW      house  1                1             0              0          0            1            1
"""


def made(plans):
    return plans.supply_plan["regular"].round(6).tolist()


class TestStock:
    @pytest.mark.parametrize("mode", ["to_order", "to_assemble", "not_storable"])
    def test_only_what_is_served_from_stock_has_safety_stock(self, mode):
        periods = months(2)
        wanted = demand(periods, {("X", "home"): [100, 100]}).assign(lower_80=80, upper_80=120)
        given = (periods, wanted, LANES, HOUSE, None)
        stocked = inventory_targets(*given, product("to_stock"))
        assert (stocked["safety_stock"] > 0).all()
        ordered = inventory_targets(*given, product(mode))
        assert ordered[["safety_stock", "target_inventory"]].to_numpy().max() == 0

    def test_an_unknown_mode_is_to_stock(self):
        periods = months(2)
        wanted = demand(periods, {("X", "home"): [100, 100]}).assign(lower_80=80, upper_80=120)
        one, other = (
            inventory_targets(periods, wanted, LANES, HOUSE, None, product(mode))
            for mode in ("-", "to_stock")
        )
        assert one.equals(other)

    def test_a_machine_is_made_no_earlier_than_it_can_have_been_ordered(self):
        # 120 are due in January, 40 can be made a month; a month before its due day a unit is ordered
        plans = review(business("to_order", [0, 0, 0, 120, 0], 40, lead=30))
        assert made(plans) == [0, 0, 40, 40, 40]
        assert plans.constrained_demand["backlog"].tolist() == pytest.approx([0, 0, 0, 40, 0])

    def test_without_an_order_lead_time_it_may_be_made_as_early_as_capacity_asks(self):
        plans = review(business("to_order", [0, 0, 0, 120, 0], 40))
        assert made(plans) == [0, 40, 40, 40, 0]


class TestAConsultancy:
    def test_hours_of_advice_are_not_stored_and_clients_wait(self):
        plans = review(business("not_storable", [60, 130, 80], 100))
        assert made(plans) == [60, 100, 100]
        assert plans.supply_plan["inventory"].tolist() == [0, 0, 0]
        assert plans.constrained_demand["backlog"].tolist() == pytest.approx([0, 30, 10])

    def test_goods_would_be_made_ahead(self):
        assert made(review(business("to_stock", [60, 130, 80], 100))) == [90, 100, 80]

    def test_it_has_no_inventory_to_show(self):
        tables = business("not_storable", [60, 130, 80], 100)
        plans = review(tables)
        targets = inventory_targets(
            *(tables[n] for n in ("planning_periods", "demand_plan", "sourcing_network")),
            tables["item_locations"],
            products=tables["products"],
        )
        assert projected_inventory(plans.supply_plan, targets, tables["products"]).empty


class TestAHotel:
    def test_a_night_that_cannot_be_had_is_lost(self):
        plans = review(business("not_storable", [60, 130], 100, waits="no"))
        assert made(plans) == [60, 100]
        assert plans.constrained_demand["lost_sales"].tolist() == pytest.approx([0, 30])

    def test_nights_of_one_month_are_not_promised_in_another(self):
        tables = business("not_storable", [60, 100], 100, waits="no")
        plans = review(tables)
        booked = tables["demand_plan"].assign(firm_orders=[20.0, 100.0], net_forecast=[40.0, 0.0])
        given = (tables["planning_periods"], plans.supply_plan, booked)
        promised = available_to_promise(*given, tables["products"])
        assert promised["available_to_promise"].tolist() == pytest.approx([40, 0])
        assert promised["cumulative_available"].tolist() == pytest.approx([40, 40])


class TestOrderBacklog:
    """30 machines a month are made; 50 are ordered for October, 10 of them past due, and 40 for November."""

    def rows(self, lead="60"):
        periods = months(4)
        wanted = demand(periods, {("X", "home"): [60, 40, 20, 20]}).assign(
            firm_orders=[50.0, 40, 0, 0],
            past_due_orders=[10.0, 0, 0, 0],
            net_forecast=[0.0, 0, 20, 20],
        )
        supply = periods[["period"]].assign(product="X", site="house", regular=30.0)
        late = periods[["period"]].assign(
            product="X", market="home", backlog=[30.0, 40.0, 30.0, 20.0], lost_sales=0.0
        )
        supply = supply.assign(overtime=0.0, subcontract=0.0)
        return order_backlog(periods, product("to_order", lead), wanted, supply, late)

    def test_is_what_is_late_what_is_due_later_and_what_will_have_been_ordered(self):
        # October: 30 late, 40 due in November, and within two months the 20 forecast for December
        rows = self.rows()
        assert rows["opening_order_backlog"].tolist() == [100, 90, 80, 50]
        assert rows["order_backlog"].tolist() == [90, 80, 50, 20]

    def test_in_weeks_of_work_it_is_divided_by_a_weeks_output_of_the_months_that_follow(self):
        # November, December and January have 92 days: 90 machines in 13 1/7 weeks
        weeks = self.rows()["backlog_weeks"]
        assert weeks.iloc[0] == pytest.approx(90 / (90 / (92 / 7)))
        assert self.rows()["order_lead_time_weeks"].iloc[0] == pytest.approx(60 / 7)

    def test_without_an_order_lead_time_no_forecast_is_taken_as_ordered(self):
        rows = self.rows("-")
        assert rows["order_backlog"].tolist() == [70, 40, 30, 20]
        assert rows["order_lead_time_weeks"].isna().all()

    def test_only_what_is_on_order_has_one(self):
        assert order_backlog_of("to_stock").empty
        assert len(order_backlog_of("to_assemble")) == 2

    def test_a_backlog_longer_than_the_order_lead_time_is_a_gap_where_units_are_late(self):
        # 13.1 weeks are ordered where customers are told 8.6; of the last 4.6 weeks 30 machines are late
        rows = self.rows().head(1)
        prices = item_costs(months(1), PRICES)
        limits = {"share_of_lead_time": 0.05, "share_of_backlog": 0.05}
        late = months(1)[["period"]].assign(product="X", market="home", lost_sales=0.0)
        found = backlog_gap(rows, prices, late.assign(backlog=30.0), limits)
        assert found["gap_units"].tolist() == pytest.approx([-30])
        assert found["gap_value"].tolist() == pytest.approx([-30 * 90])
        assert found["wrong"].tolist() == [True]
        beyond = (92 / 7 - 60 / 7) * 90 / (92 / 7)
        most = backlog_gap(rows, prices, late.assign(backlog=80.0), limits)
        assert most["gap_units"].tolist() == pytest.approx([-beyond])
        none = backlog_gap(rows, prices, late.assign(backlog=0.0), limits)
        assert none["wrong"].tolist() == [False]
        kept = rows.assign(order_lead_time_weeks=14.0)
        told = backlog_gap(kept, prices, late.assign(backlog=30.0), limits)
        assert told["wrong"].tolist() == [False]


def order_backlog_of(mode):
    periods = months(2)
    supply = periods[["period"]].assign(product="X", site="house")
    supply = supply.assign(regular=1.0, overtime=0.0, subcontract=0.0)
    late = periods[["period"]].assign(product="X", market="home", backlog=0.0, lost_sales=0.0)
    wanted = demand(periods, {("X", "home"): [1, 1]})
    return order_backlog(periods, product(mode), wanted, supply, late)


class TestWhatIsAskedOfTheInputs:
    def test_stock_of_a_service_is_named(self):
        stock = table("inventory", "product site on_hand\nX house 12")
        issue = checks.stock_of_what_is_not_storable(product("not_storable"), stock)
        assert "on_hand is above 0, but the product is not storable" in str(issue)
        assert "row 1  product=X  site=house  on_hand=12" in str(issue)
        assert checks.stock_of_what_is_not_storable(product("to_stock"), stock) is None

    def test_a_stock_target_of_what_is_made_to_order_is_not_used(self):
        policy = table("inventory_policy", "product target_service_level\nX 0.95")
        issue = checks.stock_targets_that_are_not_used(product("to_order", "30"), policy)
        assert "the product is not served from stock; it is not used" in str(issue)
        assert checks.stock_targets_that_are_not_used(product("to_stock"), policy) is None

    def test_an_order_lead_time_belongs_to_what_is_made_to_order(self):
        assert checks.order_lead_times_that_are_not_used(product("to_stock", "30")) is not None
        assert checks.order_lead_times_that_are_not_used(product("to_order", "30")) is None
        assert checks.order_lead_times_that_are_missing(product("to_assemble")) is not None
        assert checks.order_lead_times_that_are_missing(product("not_storable")) is None
