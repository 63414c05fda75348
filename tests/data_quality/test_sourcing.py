"""Products and components that no site, source or order can be planned with; the cycle is 2026-10."""

import pandas as pd
from conftest import said, table

from sopkit.data_quality import sourcing_checks as checks
from sopkit.tables.periods import planning_periods

PRODUCTS = table("products", "product family unit_of_measure\nA tents piece\nB tents piece")
SALES = table(
    "sales_history",
    """
    product  market  period   quantity
    A        north   2026-08  10
    A        north   2026-09  10
    B        south   2026-08  5
    B        south   2026-09  5
    """,
)
CREW = "resource site opening_workers regular_wage overtime_wage hire_cost layoff_cost\n"
HELD = checks.Network(
    products=PRODUCTS,
    sales_history=SALES,
    inventory=table("inventory", "product site on_hand\nA main 0\nB main 100"),
)
PLACES = table(
    "item_locations", "product site on_hand produced_here\nA main 0 true\nB main 100 true"
)


def test_an_order_of_a_product_comes_to_a_site_that_makes_or_keeps_it():
    orders = table(
        "purchase_orders",
        """
        item site due_day    quantity
        A    main 2026-10-05 5
        B    moon 2026-10-05 5
        BOLT moon 2026-10-05 5
        """,
    )
    text = said(checks.orders_where_nothing_is_held(HELD, PRODUCTS, orders))
    assert (
        "an order must be for a site that produces, purchases or stocks the product; 1 of 3" in text
    )
    assert "row 2  item=B  site=moon  due_day=2026-10-05" in text


def test_an_order_of_a_product_that_several_sites_hold_names_its_site():
    stock = table("inventory", "product site on_hand\nA main 0\nA moon 5\nB main 100")
    held = checks.Network(products=PRODUCTS, sales_history=SALES, inventory=stock)
    orders = table("purchase_orders", "item due_day quantity\nA 2026-10-05 5\nB 2026-10-05 5")
    text = said(checks.orders_where_nothing_is_held(held, PRODUCTS, orders))
    assert "an order of a product that several sites hold must name its site; 1 of 2" in text
    assert "row 1  item=A" in text


def test_a_lead_time_is_within_the_planned_months():
    """Of three months of 92 days; of 93 days nothing would ever come."""
    periods = planning_periods("2026-10", pd.DataFrame({"horizon_months": [3.0]}))
    sources = table("sources", "item supplier lead_time_days\nA near 92\nB far 93\nC any -")
    text = said(checks.sources_that_never_deliver(periods, sources))
    assert "lead_time_days must be within the planned months, 92 days; 1 of 3" in text
    assert "row 2  item=B  supplier=far" in text


def test_a_source_of_a_component_names_no_site():
    sources = table("sources", "item supplier site\nA acme main\nBOLT acme main\nLEG acme -")
    text = said(checks.sites_of_component_sources(PRODUCTS, sources))
    assert "its stock is planned for all sites together; 1 of 3" in text
    assert "row 2  item=BOLT  supplier=acme  site=main" in text


def test_a_stock_rule_is_for_a_site_that_makes_or_keeps_the_product():
    rules = table("inventory_policy", "product site target_service_level\nA - 0.9\nB moon 0.9")
    text = said(checks.stock_rules_where_nothing_is_held(HELD, rules))
    assert "for a site that produces or stocks the product; 1 of 2" in text
    assert "row 2  product=B  site=moon" in text


def test_a_product_with_demand_that_nobody_makes_or_sells_is_refused():
    demand = pd.DataFrame({"product": ["A", "B", "B"], "total_demand": [10.0, 60.0, 50.0]})
    item_costs = pd.DataFrame({"product": ["A", "B"], "subcontract_cost": [None, None]})
    routings = table("routings", "product resource hours_per_unit\nA R 0.1")
    given = (PRODUCTS, demand, item_costs, PLACES, table("resources", CREW + "R main 1 1 1 1 1"))
    assert said(checks.products_nobody_makes(*given, routings)) == (
        "products: a product with demand must be produced, subcontracted or purchased; 1 of 2 rows is not:\n"
        "  row 2  product=B  total_demand=110.0\n"  # of which 100 are at hand
        "  Add a routing, a subcontract_cost in item_costs if it is subcontracted, or a row of "
        "sources if it is purchased."
    )
    source = table("sources", "item supplier\nB far-east")
    assert not said(checks.products_nobody_makes(*given, routings, source))
    in_stock = demand.assign(total_demand=[10.0, 50.0, 50.0])
    assert not said(checks.products_nobody_makes(PRODUCTS, in_stock, *given[2:], routings))


def test_a_part_is_bought_or_made_of_parts():
    bill = table(
        "bill_of_materials", "product component quantity_per_unit\nA B 1\nA LEG 1\nLEG BOLT 4"
    )
    sources = table("sources", "item supplier\nBOLT acme")
    text = said(checks.components_without_source(PRODUCTS.iloc[:1], bill, sources))
    assert "a component must have a source, or components of its own; 1 of 3" in text
    assert "row 1  product=A  component=B" in text
    assert not said(checks.components_without_source(PRODUCTS, bill, sources))  # B is a product
