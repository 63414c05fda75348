"""Whatever valid company is planned, the plan adds up, is the same again, and hangs neither on rows' order nor on strangers."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("hypothesis", reason="hypothesis is not installed: pip install hypothesis")
from conftest import assert_same_table, trials
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from sopkit.cycle import replanning
from sopkit.pre_sop import option_search
from sopkit.schema.tables import TABLES
from sopkit.tables import conform_all

CYCLE = "2026-10"
LAST = pd.Period("2026-09", "M")
STOCK = ["product", "site"]
EXAMPLES = settings(
    max_examples=trials(3, 25),
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
KINDS = (
    "steady",
    "seasonal",
    "now and then",
    "constant",
    "nothing",
    "young",
    "stopped",
    "huge",
    "tiny",
)
# fmt: off
OPTIONAL = [
    "inventory", "resources", "routings", "resource_calendar", "item_costs", "inventory_policy", "supply_policy",
    "allocation_policy", "sales_orders", "lanes", "storage_capacity", "purchase_orders", "stock_availability", "marketing_activities", "opportunities",
    "launches", "demand_inputs", "bill_of_materials", "components", "sources", "budget", "goals", "company_settings", "production_history",
    "approved_forecasts", "market_priorities", "working_hours", "transfer_lanes",
]
# fmt: on
NEEDED = {
    "resources": ["routings", "resource_calendar"],
    "bill_of_materials": ["components"],
    "components": ["bill_of_materials"],
}
NEEDED["inventory"] = [
    *(
        "inventory_policy",
        "storage_capacity",
        "purchase_orders",
        "lanes",
        "transfer_lanes",
        "working_hours",
        "production_history",
    )
]


@st.composite
def companies(draw):
    """Valid input tables: 2-6 products, 1-3 markets, 14-30 months, and any of the optional tables."""
    kinds = ["steady", *draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))]
    markets = [f"market {n}" for n in range(draw(st.integers(1, 3)))]
    months = draw(st.integers(14, 30))
    present = draw(st.sets(st.sampled_from(OPTIONAL)))
    families = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    note(
        f"{kinds}, {len(markets)} markets, {months} months, {families} families, {sorted(present)}"
    )
    return company(kinds, markets, months, families, present, rng)


def company(kinds, markets, months, families, present, rng):
    sold_names = [f"{n:04d}" if n % 2 else f"Ware {n}" for n in range(len(kinds))]
    names = [*sold_names, *(["NEW"] if "launches" in present else [])]
    products = pd.DataFrame(
        {
            "product": names,
            "family": [f"family {n % families}" for n in range(len(names))],
            "unit_of_measure": "piece",
            "shelf_life_months": [
                rng.integers(1, 9) if rng.random() < 0.3 else np.nan for _ in names
            ],
        }
    )
    sales = pd.concat(
        [
            sold(kind, name, m, months, rng)
            for kind, name in zip(kinds, sold_names, strict=True)
            for m in markets
        ]
    )
    if rng.random() < 0.5:
        sales["revenue"] = sales["quantity"] * rng.uniform(1, 100)
    tables = {"products": products, "sales_history": sales}
    makers = (facts_of_supply, facts_of_demand, facts_of_money)
    for more in makers:
        tables |= {
            k: t
            for k, t in more(names, products["family"].unique(), markets, rng).items()
            if k in present
        }
    return settled(tables)


def sold(kind, product, market, months, rng):
    period = pd.period_range(end=LAST, periods=3 if kind == "young" else months, freq="M")
    count = len(period)
    quantity = rng.uniform(5, 500) * rng.gamma(20, 1 / 20, count)
    if kind == "seasonal":
        quantity *= 1 + 0.5 * np.sin(period.month * np.pi / 6)
    elif kind == "now and then":
        quantity *= rng.random(count) < 0.3
    elif kind in ("nothing", "stopped"):
        quantity[0 if kind == "nothing" else count // 2 :] = 0
    elif kind != "steady" and kind != "young":
        quantity = {"constant": 7.0, "huge": quantity * 1e6, "tiny": quantity / 1e4}[kind]
    return pd.DataFrame(
        {"product": product, "market": market, "period": period, "quantity": quantity}
    )


def planned_months(count=6):
    return pd.period_range(LAST + 1, periods=count, freq="M")


def crossed(**columns):
    """Every combination of the values given."""
    return pd.MultiIndex.from_product(columns.values(), names=columns).to_frame(index=False)


def facts_of_supply(names, families, markets, rng):
    """Stock, people, stores, parts: with too little or too much of each, at two sites at most."""
    sites = ["north", "south"][: rng.integers(1, 3)]
    stocks = crossed(product=names, site=sites)
    many, resources = len(stocks), [f"line {n}" for n in range(rng.integers(1, 3))]
    crew = pd.DataFrame(
        {"resource": resources, "site": sites[0], "opening_workers": rng.integers(0, 20)}
    )
    crew = crew.assign(
        regular_wage=20.0,
        overtime_wage=30.0,
        hire_cost=rng.uniform(0, 900),
        layoff_cost=rng.uniform(0, 900),
    ).assign(max_workers=rng.integers(20, 40), whole_workers=bool(rng.random() < 0.5))
    routings = pd.DataFrame({"product": names, "resource": rng.choice(resources, len(names))})
    routings["hours_per_unit"] = rng.uniform(0.01, 2, len(names))
    if rng.random() < 0.3:
        routings["min_lot"] = 50.0
    calendar = crossed(resource=resources, period=planned_months(18))
    lanes = crossed(site=sites, market=markets).assign(freight_cost=rng.uniform(0, 3))
    if (
        rng.random() < 0.3
    ):  # what is lost and how long it takes; what a family's first product takes
        routings = routings.assign(yield_ratio=0.8, lead_time_days=rng.integers(0, 50))
        lanes["lead_time_days"] = rng.integers(0, 40)
    wanted = stocks.assign(
        target_service_level=rng.uniform(0.6, 0.99, many), backlog_allowed=rng.random(many) < 0.7
    )
    if rng.random() < 0.5:
        wanted = wanted.assign(
            target_cover_months=rng.uniform(0, 3, many), ending_inventory=rng.integers(0, 50, many)
        )
    bill = pd.DataFrame(
        {
            "product": names,
            "component": "bolt",
            "quantity_per_unit": rng.uniform(0.5, 4, len(names)),
        }
    )
    if len(names) > 1 and rng.random() < 0.5:  # a product that goes into another one
        inside = {"product": names[0], "component": names[1], "quantity_per_unit": 0.5}
        bill = pd.concat([bill, pd.DataFrame([inside])], ignore_index=True)
    sources = pd.DataFrame(
        {
            "item": ["bolt", "bolt", names[-1]],
            "supplier": ["acme", "best", "far east"],
            "lead_time_days": rng.integers(0, 90, 3),
            "unit_cost": [0.5, 0.6, 4.0],
            "min_order": [100.0, np.nan, np.nan],
            "priority": [1, 2, 1],
        }
    )
    people = {"author": "kim", "reason": "agreed"}
    return {
        "inventory": stocks.assign(on_hand=rng.integers(0, 400, many)),
        "resources": crew,
        "routings": routings,
        "resource_calendar": calendar.assign(
            working_days=rng.integers(0, 23, len(calendar)),
            regular_hours_per_worker=160,
            overtime_hours_per_worker=rng.integers(0, 40),
        ),
        "inventory_policy": wanted,
        "supply_policy": pd.DataFrame(
            {"family": families, "strategy": rng.choice(["level", "chase", "optimal"]), **people}
        ),
        "allocation_policy": pd.DataFrame(
            {
                "family": families,
                "allocation": rng.choice(["priority", "fair_share", "margin"]),
                **people,
            }
        ),
        "market_priorities": pd.DataFrame(
            {"market": markets, "priority": range(1, len(markets) + 1), **people}
        ),
        "lanes": lanes,
        "transfer_lanes": pd.DataFrame(
            {"site": sites[:1], "to_site": sites[1:] or "south", "freight_cost": 1.0}
        ),
        "storage_capacity": pd.DataFrame(
            {"site": sites, "storage_limit": rng.uniform(1e3, 1e6), "overflow_storage_cost": 2.0}
        ),
        "purchase_orders": crossed(
            item=names[:1], site=sites[:1], due_day=planned_months(2).to_timestamp()
        ).assign(quantity=30.0),
        "bill_of_materials": bill,
        "components": pd.DataFrame({"component": ["bolt"], "on_hand": rng.integers(0, 1000)}),
        "sources": sources,
        "working_hours": crossed(site=sites, weekday=["monday", "tuesday", "saturday"]).assign(
            hours=7.5
        ),
        "production_history": stocks.assign(period=LAST, produced=10.0, inventory=5.0),
    }


def facts_of_demand(names, families, markets, rng):
    """What functions, campaigns, deals and launches say of the demand to come."""
    cells = crossed(product=names, market=markets, period=planned_months(3))
    said = crossed(
        function=["sales", "finance"],
        product=names[:2],
        market=markets[:1],
        period=planned_months(4),
    )
    launch = {
        "launch": "new",
        "product": "NEW",
        "market": markets[0],
        "launch_period": LAST + rng.integers(1, 9),
    }
    gates = {"gate_demand": "passed", "gate_supply": "open", "gate_finance": "passed"}
    deal = {
        "opportunity": ["deal"],
        "product": names[0],
        "market": markets[0],
        "period": LAST + 2,
        "quantity": 75.0,
    }
    campaign = {
        "activity": ["sale", "fair"],
        "kind": "promotion",
        "market": markets[0],
        "spend": 100.0,
    }
    past = crossed(
        cycle=[LAST - 1, LAST],
        contributor=["consensus", "baseline", "sales"],
        product=names,
        market=markets,
    )
    return {
        "stock_availability": crossed(product=names[:1], market=markets, period=[LAST - 3]).assign(
            in_stock_ratio=rng.choice([0.0, 0.4, 1.0])
        ),
        "sales_orders": ordered(cells, rng),
        "marketing_activities": pd.DataFrame(campaign).assign(
            start_period=[LAST - 5, LAST + 2], end_period=[LAST - 4, LAST + 3], product=names[0],
            discount_ratio=[0.1, 0.2],
        ),
        "opportunities": pd.DataFrame(deal).assign(probability=rng.choice([0.0, 0.5, 1.0]), stage="offer", owner="kim"),
        "launches": pd.DataFrame([launch]).assign(
            like_product=names[0], volume_ratio=0.5, ramp_months=rng.integers(1, 7), **gates,
            replaces_product=names[-2], cannibalisation_ratio=rng.choice([0.0, 0.3, 1.0]),
        ),
        "demand_inputs": said.assign(
            quantity=rng.uniform(0, 400, len(said)), author="kim", reason="told", submitted_on=pd.Timestamp("2026-09-28")
        ),
        "approved_forecasts": past.assign(period=past["cycle"], quantity=rng.uniform(0, 300, len(past))),
    }  # fmt: skip


def ordered(cells, rng):
    """An order a cell, due on any day of its month or of the month before it."""
    days = [
        each.start_time - pd.Timedelta(days=int(rng.integers(-27, 5))) for each in cells["period"]
    ]
    orders = cells.drop(columns="period").assign(
        due_day=days, order_number=np.arange(len(cells)).astype(str)
    )
    return orders.assign(quantity=rng.uniform(0, 50, len(cells)))


def facts_of_money(names, families, markets, rng):
    """Prices, budget, goals and terms; some costs are nothing, and some products are sold at a loss."""
    price = rng.uniform(1, 50, len(names))
    costs = pd.DataFrame({"product": names, "effective_from": LAST - 40, "price": price})
    budget = crossed(family=families, period=planned_months(12))
    goal = {
        "goal": ["grow"],
        "measure": "revenue",
        "from_period": LAST + 1,
        "to_period": LAST + 6,
        "target": 1e5,
    }
    return {
        "item_costs": costs.assign(
            material_cost=price * rng.choice([0, 0.5, 1.2]), holding_cost=rng.choice([0.0, 0.2]),
            backlog_cost=rng.uniform(0, 5, len(names)), lost_sale_cost=price * 0.6,
            subcontract_cost=price * 0.9 if rng.random() < 0.5 else np.nan,
        ),
        "budget": budget.assign(quantity=100.0, revenue=rng.uniform(0, 9e4, len(budget)), margin=1e3),
        "goals": pd.DataFrame(goal).assign(direction="at_least", horizon="tactical", owner="kim"),
        "company_settings": pd.DataFrame(
            {"currency": ["EUR"], "receivable_days": rng.integers(0, 90), "payable_days": rng.integers(0, 90),
             "opening_cash": -1e4, "fixed_cost": 500.0, "overhead_key": "cost_of_sales", "horizon_months": rng.integers(3, 19)}
        ),
    }  # fmt: skip


def settled(tables):
    """Without the tables that speak of things in an absent one."""
    lost = {name for known, names in NEEDED.items() if known not in tables for name in names}
    return conform_all({name: table for name, table in tables.items() if name not in lost})


@pytest.fixture(autouse=True, scope="module")
def few_what_ifs():
    """The search has tests of its own: here it need not look far."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(option_search, "WHAT_IFS", 4)
        patch.setattr(option_search, "TOGETHER", 1)
        yield


def planned(tables):
    return replanning.replan(tables, CYCLE)


def total(table, column, *by):
    return table.groupby(list(by), observed=True)[column].sum()


def assert_close(one, other, what):
    both = pd.concat([one, other], axis=1, keys=["one", "other"]).astype(float).fillna(0)
    missed = (both["one"] - both["other"]).abs() > 1e-6 * (1 + both.abs().max(axis=1))
    assert not missed.any(), f"{what}\n{both[missed].head()}"


@EXAMPLES
@given(companies())
def test_the_plan_adds_up(tables):
    plan = planned(tables)
    stock_adds_up(plan["supply_plan"])
    customers_add_up(plan["constrained_demand"], plan["distribution_plan"])
    demand_adds_up(plan["demand_plan"])
    money_adds_up(plan, tables)
    weeks_add_up(plan["weekly_plan"], plan["supply_plan"])


def stock_adds_up(supply):
    came = supply[
        [
            "opening_inventory",
            "regular",
            "overtime",
            "subcontract",
            "purchased",
            "scheduled_receipts",
            "transferred_in",
        ]
    ]
    went = supply[["shipped", "transferred_out", "consumed", "expired", "inventory"]]
    assert_close(
        came.sum(axis=1), went.sum(axis=1), "what came less what went is not what is there"
    )
    in_time = supply.sort_values([*STOCK, "period"])
    before = in_time.groupby(STOCK)["inventory"].shift()
    later = before.notna()
    assert_close(
        before[later],
        in_time.loc[later, "opening_inventory"],
        "a month does not open as the last one closed",
    )


def customers_add_up(service, shipments):
    in_time = service.sort_values(["product", "market", "period"])
    owed = in_time.groupby(["product", "market"])["backlog"].shift().fillna(0)
    left = owed + in_time["demand"] - in_time["fulfilled"] - in_time["lost_sales"]
    assert_close(
        left, in_time["backlog"], "what is owed is not what was wanted less what was given"
    )
    by = ["product", "period"]
    assert_close(
        total(service, "fulfilled", *by),
        total(shipments, "delivered", *by),
        "what is served is not what arrives",
    )


def demand_adds_up(demand):
    parts = ["baseline", "launch_demand", "activity_demand", "opportunity_demand", "override"]
    assert_close(demand[parts].sum(axis=1), demand["consensus"], "the parts are not the consensus")


def money_adds_up(plan, tables):
    family = tables["products"].set_index("product")["family"]
    record = plan["constrained_demand"]
    price = plan["unit_economics"].set_index(["product", "period"])["price"]
    sold = record.groupby(["product", "period"])["fulfilled"].sum()
    worth = (sold * price).rename("worth").reset_index()
    worth["family"] = worth["product"].map(family)
    by, money = ["family", "period"], plan["financial_plan"]
    listed = total(money, "list_revenue", *by)
    assert_close(total(worth, "worth", *by), listed, "list revenue is not units x price")
    assert_close(money["list_revenue"] - money["discount"], money["revenue"], "discounts")
    spent = money["cost_of_sales"] + money["activity_spend"]
    assert_close(money["revenue"] - spent, money["margin"], "margin")
    profit = money["margin"] - money["overhead"]
    assert_close(profit, money["operating_profit"], "operating profit")
    budget_bridge = plan["budget_bridge"]
    steps = (
        budget_bridge[budget_bridge["step"] != "plan"]
        .groupby(["measure", "family"])["amount"]
        .sum()
    )
    ends = (
        budget_bridge[budget_bridge["step"] == "plan"]
        .groupby(["measure", "family"])["amount"]
        .sum()
    )
    assert_close(steps, ends, "the bridge does not reach the plan")


def weeks_add_up(weeks, supply):
    by = ["product", "site", "period"]
    months = supply[supply["period"].isin(weeks["period"])]
    for column in (
        "regular",
        "overtime",
        "subcontract",
        "purchased",
        "scheduled_receipts",
        "shipped",
        "consumed",
        "expired",
    ):
        assert_close(
            total(weeks, column, *by),
            total(months, column, *by),
            f"weeks of {column} are not the month",
        )


@EXAMPLES
@given(companies(), st.integers(0, 99))
def test_a_rerun_is_identical_and_the_order_of_rows_changes_nothing(tables, seed):
    plan = planned(tables)
    assert_same(plan, planned(tables))
    mixed = {
        name: t.sample(frac=1, random_state=seed, ignore_index=True) for name, t in tables.items()
    }
    assert_same(
        plan, planned(conform_all(mixed)), noise=1e-9
    )  # sums of numbers hang on their order in the last digit


def assert_same(plan, other, noise=0.0):
    """Whether two plans are equal, but for `noise` of the largest number that a difference of sums may be made of."""
    costs = plan["product_costs"]["cost"].abs().max()
    for name in plan:
        key = list(TABLES[name].key)
        table, again = (p[name].sort_values(key, ignore_index=True) for p in (plan, other))
        size = 1e-3 * np.nanmax([0.0, costs, table.select_dtypes("number").abs().max().max()])
        assert_same_table(
            table, again, rtol=noise, atol=noise * (1 + size), check_exact=noise == 0, obj=name
        )


@EXAMPLES
@given(companies())
def test_a_stranger_changes_nothing_for_the_others(tables):
    """A product of another family in another market; supply is left out, for there all share hours, parts and room."""
    both = (tables, conform_all(tables | with_stranger(tables)))
    plan, more = (replanning.replan(each, CYCLE, until="30_demand_review") for each in both)
    for name in ("demand_history", "unit_economics", "launch_plan", "demand_plan"):
        theirs = more[name][more[name]["product"] != "STRANGER"].reset_index(drop=True)
        assert_same_table(plan[name], theirs, obj=name)


def with_stranger(tables):
    sales = tables["sales_history"]
    first = sales["period"].min()
    stranger = pd.DataFrame(
        {
            "product": "STRANGER",
            "market": "elsewhere",
            "period": pd.period_range(first, LAST, freq="M"),
        }
    )
    stranger["quantity"] = 11.0 + np.arange(len(stranger)) % 3
    wares = pd.DataFrame({"product": ["STRANGER"], "family": "strange", "unit_of_measure": "piece"})
    added = {"products": wares, "sales_history": stranger}
    if "item_costs" in tables:
        costs = {"price": 3.0, "material_cost": 1.0, "holding_cost": 0.1, "backlog_cost": 0.5}
        added["item_costs"] = pd.DataFrame(
            {"product": ["STRANGER"], "effective_from": first, **costs}
        )
    return {
        name: pd.concat([tables[name], rows], ignore_index=True) for name, rows in added.items()
    }
