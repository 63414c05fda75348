"""The sample company "poolside-cafe": a lodge with rooms and a lobby bar that opens a cafe at its pool.

`python data/poolside_cafe.py` rewrites the tables of data/poolside-cafe. What is planted in them stands in `TRUTH`. The
tables that people write (menu, recipes, provisions, ...) stand in poolside_cafe.txt, with the facts from which the
others are drawn. Every random table has its own stream, so a change in one leaves the others as they are.
"""

import argparse
from pathlib import Path

import generate
import numpy as np
import pandas as pd

SEED = 20270301
CYCLE = pd.Period("2027-03", "M")
HISTORY = pd.period_range("2024-03", "2027-02", freq="M")
PLANNED = pd.period_range("2027-03", "2028-02", freq="M")
MONTHS = HISTORY.append(PLANNED)
CLOSED = HISTORY[-12:]

TRUTH = {
    "lifts": {"barbecue-26": 0.18},
    "planned_lifts": {"barbecue-27": 0.18},
    "stock_outs": {
        ("trout-plate", "lobby-bar", "2026-08"): 0.60
    },  # the lake was closed to fishing for twelve days
    "opens": "2027-05-01",  # until then the cafe's site is closed
    "winter_week": ("2028-01-10", "2028-01-16"),
    "capacity_shortfall": {
        "resource": "cafe-kitchen",
        "from_period": "2027-07",
        "to_period": "2027-08",
    },
    "full_house": {
        "resource": "housekeeping",
        "rooms": 44,
    },  # nights in August are more than these rooms have
    "over_budget": {"family": "pool-dishes", "budget_over_plan": 0.15},
    "win_rates": {"enquiry": 0.25, "offer": 0.50, "option": 0.80},  # by stage entered
    "deals_from_activity": {"activity": "groups-26", "response_ratio": 0.08, "units_per_win": 20},
}

SEASONS = {  # January to December; a week of January is closed
    "rooms": (0.70, 0.90, 0.75, 0.80, 0.95, 1.20, 1.45, 1.55, 1.15, 0.95, 0.65, 0.95),
    "dishes": (0.65, 0.85, 0.75, 0.85, 1.00, 1.25, 1.50, 1.55, 1.15, 0.90, 0.65, 0.90),
    "drinks": (0.60, 0.75, 0.70, 0.85, 1.05, 1.35, 1.65, 1.65, 1.15, 0.85, 0.60, 0.80),
}
MARKET_SHARES = {  # of each family's demand
    "rooms": {"reception": 1.0},
    "dishes": {"lobby-bar": 0.84, "room-service": 0.16},
    "drinks": {"lobby-bar": 0.90, "room-service": 0.10},
}
ROOM_HOURS = 0.70  # that housekeeping takes for a night
WORKING_SHARE = 5 / 7  # each of a crew works five days of the week
DAY_HOURS = 8.0
OVERTIME_SHARE = 0.12


def written(name):
    """A table of poolside_cafe.txt."""
    return generate.written(name, "poolside_cafe.txt")


def stream(name):
    """A random stream of its own for each table."""
    return np.random.default_rng([SEED, *name.encode()])


# --- what guests ask for ----------------------------------------------------------------------------------

CATALOGUE = written("catalogue").astype(
    dict.fromkeys(("units", "growth", "amplitude", "noise", "price", "prepare", "serve"), "float64")
)
FAMILY = CATALOGUE.set_index("product")["family"]


def products():
    """The menu and the rooms: what is prepared is eaten on the day, a night that is not sold is lost."""
    table = CATALOGUE[["product", "family", "unit_of_measure", "description", "lifecycle"]]
    keeps = np.where(table["family"] == "rooms", np.nan, 0.0333)
    return table.assign(shelf_life_months=keeps, supply_mode="not_storable")


def expected_demand():
    """The model without the cafe: share x trend x season of each product in each market, with barbecue evenings.

    Returns
    -------
    product, market, period : family, expected [units], noise [ratio]
    """
    shares = [
        (family, market, share)
        for family, of in MARKET_SHARES.items()
        for market, share in of.items()
    ]
    grid = CATALOGUE.merge(pd.DataFrame(shares, columns=["family", "market", "share"]), on="family")
    grid = grid.merge(pd.DataFrame({"period": MONTHS}), how="cross")
    years = (grid["period"].array.asi8 - pd.Period("2026-06", "M").ordinal) / 12
    factors = np.array([SEASONS[f] for f in grid["family"]]) ** grid[["amplitude"]].to_numpy()
    season = factors[np.arange(len(grid)), grid["period"].dt.month - 1] / factors.mean(axis=1)
    grid["expected"] = grid["units"] * grid["share"] * (1 + grid["growth"]) ** years * season
    grid["expected"] *= 1 + promotion_lift(grid)
    return grid[["product", "market", "period", "family", "expected", "noise"]]


def promotion_lift(grid):
    """The true lift of the barbecue evenings."""
    lift = np.zeros(len(grid))
    for row in written("marketing_activities").itertuples():
        held = (grid["family"] == row.family) & (grid["market"] == row.market)
        held &= grid["period"].between(
            pd.Period(row.start_period, "M"), pd.Period(row.end_period, "M")
        )
        lift += held.to_numpy() * (TRUTH["lifts"] | TRUTH["planned_lifts"]).get(row.activity, 0.0)
    return lift


def planned_demand():
    """The model's demand in the planned months: the cafe ramps up and takes its share from the lobby bar.

    Returns
    -------
    product, market, period : family, expected [units]
    """
    table = expected_demand().query("period >= @CYCLE")
    parts = [table]
    for row in written("launches").itertuples():
        like = table[(table["product"] == row.like_product) & (table["market"] == row.like_market)]
        month = like["period"].array.asi8 - pd.Period(row.launch_period, "M").ordinal + 1
        ramp = np.clip(month / int(row.ramp_months), 0, 1)
        sold = like["expected"] * float(row.volume_ratio) * ramp
        parts.append(
            like.assign(
                product=row.product, market=row.market, family=FAMILY[row.product], expected=sold
            )
        )
        taken = -sold * float(row.cannibalisation_ratio)
        parts.append(like.assign(product=row.replaces_product, expected=taken))
    keys = ["product", "market", "period", "family"]
    return pd.concat(parts).groupby(keys, as_index=False)["expected"].sum()


def true_demand():
    """What guests asked for in each month of history: the model, noise, and the dinners that the mailing brought."""
    table = expected_demand().query("period < @CYCLE").reset_index(drop=True)
    cells = list(zip(table["product"], table["market"], table["period"].astype(str), strict=True))
    drawn = stream("sales_history").normal(0, 1, len(table))
    surprise = np.exp(drawn * table["noise"] - table["noise"] ** 2 / 2)
    deals = closed_deals().query("won and source_activity.notna()")
    brought = deals.groupby(["product", "market", "period"])["quantity"].sum()
    brought = {(p, m, str(month)): units for (p, m, month), units in brought.items()}
    table["demand"] = (
        table["expected"] * surprise + [brought.get(cell, 0) for cell in cells]
    ).round()
    table["in_stock_ratio"] = [TRUTH["stock_outs"].get(cell, 1.0) for cell in cells]
    return table


def sales_history():
    """Demand as far as provisions allowed, at the year's prices."""
    table = true_demand()
    table["quantity"] = (table["demand"] * table["in_stock_ratio"]).round()
    table["revenue"] = (
        table["quantity"] * list_price(table["product"], table["period"].dt.year)
    ).round()
    return table[["product", "market", "period", "quantity", "revenue"]]


def list_price(product, year):
    """Prices rise by 3 % or so a year, on ten cents, rooms on full euro."""
    raw = product.map(CATALOGUE.set_index("product")["price"]) * 1.03 ** (year - 2027)
    return raw.round(1).where(raw < 100, raw.round())


def stock_availability():
    """The last year of every product and market."""
    table = true_demand().query("period in @CLOSED")
    return table[["product", "market", "period", "in_stock_ratio"]]


def sales_orders():
    """Rooms are booked ahead: half of the first month's nights, less of the two that follow."""
    table = planned_demand().query("family == 'rooms'")
    table = table.merge(
        pd.DataFrame({"period": PLANNED[:3], "share": [0.50, 0.35, 0.20]}), on="period"
    )
    table["quantity"] = (table["expected"] * table["share"]).round()
    table = table.sort_values(["period", "product"])
    table["due_day"] = [period.start_time.strftime("%Y-%m-15") for period in table["period"]]
    table["order_number"] = [f"group-{row + 1}" for row in range(len(table))]
    return table[["order_number", "product", "market", "due_day", "quantity"]]


# --- groups and events ------------------------------------------------------------------------------------


def closed_deals():
    """Groups and events of the last year that were won or lost: those the mailing brought, and others.

    Returns
    -------
    opportunity : product, market, period, quantity [units], source_activity, first_day, won, stages (how many it entered)
    """
    random, plan = stream("closed_deals"), TRUTH["deals_from_activity"]
    day = written("marketing_activities").set_index("activity").loc[plan["activity"]]
    start, size = pd.Period(day.start_period, "M"), round(float(day.reach) * plan["response_ratio"])
    brought = pd.DataFrame(
        {"product": day["product"], "market": day.market, "period": start + 1}, index=range(size)
    )
    brought = brought.assign(source_activity=plan["activity"])
    brought["quantity"] = random.integers(
        plan["units_per_win"] - 6, plan["units_per_win"] + 7, size
    )
    brought["first_day"] = start.start_time + pd.to_timedelta(random.integers(3, 15, size), "D")
    cells = expected_demand().query(
        "period in @CLOSED and market != 'room-service' and family != 'drinks'"
    )
    others = cells.sample(36, random_state=random)[["product", "market", "period", "expected"]]
    others["quantity"] = (others.pop("expected") * random.uniform(0.04, 0.12, 36)).round()
    ago = pd.to_timedelta(random.integers(60, 120, 36), "D")
    others["first_day"] = pd.PeriodIndex(others["period"]).start_time - ago
    deals = pd.concat([brought, others]).sort_values(
        ["first_day", "product"], kind="stable", ignore_index=True
    )
    rates = np.append(list(TRUTH["win_rates"].values()), 1.0)
    goes_on = random.random((len(deals), len(rates) - 1)) < rates[:-1] / rates[1:]
    deals["won"] = goes_on.all(axis=1)
    deals["stages"] = np.minimum(goes_on.cumprod(axis=1).sum(axis=1) + 1, len(rates) - 1)
    deals["opportunity"] = [f"EVENT-{number}" for number in range(101, 101 + len(deals))]
    return deals


def opportunities():
    """The open groups and events, and those that were closed."""
    deals = closed_deals()
    deals["stage"] = np.where(deals["won"], "won", "lost")
    deals["probability"] = deals["won"].astype(float)
    deals["owner"] = np.where(deals["market"] == "reception", "L. Berg", "M. Sol")
    table = written("opportunities").astype({"quantity": float, "probability": float})
    return pd.concat([table, deals[table.columns]])


def opportunity_history():
    """The day on which each deal entered each of its stages, the open ones' last stage some weeks ago."""
    names = list(TRUTH["win_rates"])
    closed, still_open = closed_deals(), written("opportunities")
    still_open["stages"] = pd.Index(names).get_indexer(still_open["stage"]) + 1
    still_open["first_day"] = CYCLE.start_time - pd.to_timedelta(still_open["stages"] * 25, "D")
    deals = pd.concat(
        [closed.assign(end=np.where(closed["won"], "won", "lost")), still_open.assign(end="")]
    )
    random, rows = stream("stage_history"), []
    for deal in deals.itertuples():
        passed = [*names[: deal.stages], *filter(None, [deal.end])]
        days = np.append(0, random.integers(4, 12, len(passed) - 1).cumsum())
        entered = (deal.first_day + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d")
        rows += [(deal.opportunity, stage, on) for stage, on in zip(passed, entered, strict=True)]
    return pd.DataFrame(rows, columns=["opportunity", "stage", "entered_on"])


def demand_inputs():
    """Sales speak for the rooms, finance holds against them, marketing speaks for the barbecue, the chef for the cafe."""
    plan = planned_demand()
    soon = plan["period"].isin(PLANNED[:6]) & (plan["expected"] > 0)
    speaks = {
        "sales": (plan["family"] == "rooms") & soon,
        "finance": (plan["family"] == "rooms") & soon,
        "marketing": (promotion_lift(plan) > 0),
        "product": (plan["market"] == "poolside") & soon,
    }
    table = pd.concat([plan[cells].assign(function=name) for name, cells in speaks.items()])
    table = table.merge(written("voices").astype({"share": float, "spread": float}), on="function")
    error = np.exp(stream("demand_inputs").normal(0, 1, len(table)) * table["spread"])
    table["quantity"] = (table["expected"] * table["share"] * error).round()
    table["assumption"] = np.where(table["function"] == "product", "permit", "")
    columns = ["quantity", "author", "reason", "submitted_on", "assumption"]
    return table[["function", "product", "market", "period", *columns]]


# --- crews, kitchens and provisions -----------------------------------------------------------------------


def working_hours():
    """The cafe is open from ten to six every day, the bar longer, most of all on the three days of the weekend."""
    table = written("hours").assign(weekday=lambda t: t["days"].str.split()).explode("weekday")
    return table[["site", "weekday", "hours"]].astype({"hours": float})


def holidays():
    """The cafe is closed until it opens, and the whole house in the winter week."""
    built = pd.date_range(
        PLANNED[0].start_time, pd.Timestamp(TRUTH["opens"]) - pd.Timedelta(days=1)
    )
    week = pd.date_range(*TRUTH["winter_week"])
    parts = [pd.DataFrame({"site": "poolside", "day": built, "reason": "The cafe is not open yet"})]
    parts += [
        pd.DataFrame({"site": s, "day": week, "reason": "Winter week"})
        for s in ("lodge", "poolside")
    ]
    return pd.concat(parts).assign(day=lambda t: t["day"].dt.strftime("%Y-%m-%d"))


def open_days():
    """Days of each month on which each site is open."""
    days = pd.DataFrame(
        {"day": pd.date_range(PLANNED[0].start_time, PLANNED[-1].end_time.normalize())}
    )
    table = pd.DataFrame({"site": ["lodge", "poolside"]}).merge(days, how="cross")
    off = pd.MultiIndex.from_frame(holidays()[["site", "day"]].astype({"day": "datetime64[us]"}))
    table["open"] = ~pd.MultiIndex.from_frame(table[["site", "day"]]).isin(off)
    table["period"] = table["day"].dt.to_period("M")
    return table.groupby(["site", "period"], as_index=False)["open"].sum()


def resources():
    """Crews; seasonal staff come and go, in whole and half posts."""
    return written("crews").assign(whole_workers="true", part_time_ratio=0.5)


def resource_calendar():
    """Each of a crew works five of the seven days; housekeeping can make up no more rooms than there are."""
    table = written("crews")[["resource", "site"]].merge(open_days(), on="site")
    table["working_days"] = table["open"].astype(float)
    table["regular_hours_per_worker"] = (table["open"] * WORKING_SHARE * DAY_HOURS).round(1)
    table["overtime_hours_per_worker"] = (table["regular_hours_per_worker"] * OVERTIME_SHARE).round(
        1
    )
    full = TRUTH["full_house"]
    rooms = table["open"] * full["rooms"] * ROOM_HOURS
    table["machine_hours"] = rooms.where(table["resource"] == full["resource"])
    return table.drop(columns=["site", "open"])


def routings():
    """Two steps: a dish is prepared and then served; a drink is served, a room made up."""
    rows = []
    for row in CATALOGUE.itertuples():
        if row.crew == "housekeeping":
            rows.append((row.product, "housekeeping", row.prepare, 1))
            continue
        steps = [(f"{row.crew}-kitchen", row.prepare), (f"{row.crew}-service", row.serve)]
        steps = [step for step in steps if step[1] > 0]
        rows += [
            (row.product, crew, hours, number) for number, (crew, hours) in enumerate(steps, 1)
        ]
    table = pd.DataFrame(rows, columns=["product", "resource", "hours_per_unit", "routing_step"])
    table["variable_cost"] = (
        table["product"].map(CATALOGUE.set_index("product")["price"] * 0.02).round(2)
    )
    return table.assign(variable_cost=table["variable_cost"].where(table["routing_step"] == 1, 0.0))


def bill_of_materials():
    """What goes into each dish; sauce, dressing and syrup are made in the house from what the suppliers bring."""
    rows = [
        (row.product, component, float(quantity))
        for row in written("recipes").itertuples()
        for component, quantity in zip(
            row.recipe.split()[::2], row.recipe.split()[1::2], strict=True
        )
    ]
    return pd.DataFrame(rows, columns=["product", "component", "quantity_per_unit"])


def daily_need():
    """Units of each component that a day of the first month takes, through both levels."""
    first = planned_demand().query("period == @CYCLE").groupby("product")["expected"].sum()
    recipe = bill_of_materials()
    need = (recipe["product"].map(first).fillna(0.0) * recipe["quantity_per_unit"]).groupby(
        recipe["component"]
    )
    direct = need.sum()
    parts = recipe["product"].map(direct).fillna(0.0) * recipe["quantity_per_unit"]
    return (
        direct + parts.groupby(recipe["component"]).sum().reindex(direct.index)
    ) / CYCLE.days_in_month


def provisions():
    """Provisions with stock until the first delivery can be there, as far as they keep."""
    table = written("provisions")
    lead, keeps = (
        table["lead_time_days"].astype(float),
        table["shelf_life_days"].astype(float).fillna(30),
    )
    step = table["order_multiple"].astype(float).fillna(1.0)
    stock = table["component"].map(daily_need()) * np.minimum(lead + 3, keeps)
    return table.assign(on_hand=np.ceil(stock / step) * step)


def components():
    """Stock and shelf life of the provisions."""
    return provisions()[["component", "on_hand", "shelf_life_days"]]


def sources():
    """Who supplies the provisions, and on which terms."""
    terms = provisions().drop(columns=["on_hand", "shelf_life_days"])
    return terms.rename(columns={"component": "item"})


def item_costs():
    """Prices of this year and the last; provisions of a portion and a twentieth for spices, napkins and gas."""
    cost = written("provisions").set_index("component")["unit_cost"].astype(float)
    recipe = bill_of_materials()
    material = (
        (recipe["component"].map(cost) * recipe["quantity_per_unit"])
        .groupby(recipe["product"])
        .sum()
    )
    table = CATALOGUE[["product"]].merge(pd.DataFrame({"year": [2026, 2027, 2028]}), how="cross")
    table["effective_from"] = table["year"].astype(str) + "-01"
    table["price"] = list_price(table["product"], table["year"])
    table["material_cost"] = (
        table["product"].map(material) * 1.05 * 1.02 ** (table["year"] - 2027)
    ).round(2)
    table["holding_cost"] = (table["price"] * 0.02).round(3)
    table["backlog_cost"] = (table["price"] * 0.5).round(2)
    table["lost_sale_cost"] = (table["price"] * 0.2).round(2)
    return table.drop(columns="year")


def inventory_policy():
    """Nothing is stored for another day, and nobody waits: what cannot be had is lost."""
    site = CATALOGUE["crew"].map({"cafe": "poolside"}).fillna("lodge")
    table = CATALOGUE[["product"]].assign(site=site, lead_time_days=0.0)
    return table.assign(backlog_allowed="false")


# --- budget, and what was done ----------------------------------------------------------------------------


def budget():
    """The model's demand of 2027 and early 2028 at list prices; the cafe was budgeted too high."""
    table = planned_demand()
    plan = TRUTH["over_budget"]
    table["quantity"] = table["expected"] * np.where(
        table["family"] == plan["family"], 1 + plan["budget_over_plan"], 1
    )
    table["revenue"] = table["quantity"] * list_price(table["product"], table["period"].dt.year)
    table = table.query("expected > 0").groupby(["family", "period"], as_index=False)
    table = table[["quantity", "revenue"]].sum()
    share = table["family"].map(
        {"rooms": 0.84, "dishes": 0.47, "drinks": 0.73, "pool-dishes": 0.58, "pool-drinks": 0.80}
    )
    table["margin"] = (table["revenue"] * share / 100).round() * 100
    table["revenue"], table["quantity"] = (
        (table["revenue"] / 100).round() * 100,
        table["quantity"].round(),
    )
    return table


def production_history():
    """What was prepared in the last twelve months is what was sold; nothing is kept."""
    table = (
        sales_history().query("period in @CLOSED").groupby(["product", "period"], as_index=False)
    )
    table = table["quantity"].sum().rename(columns={"quantity": "produced"})
    return table.assign(site="lodge", inventory=0.0)


def hours_history():
    """Hours that it took: a tenth more than the recipe says, what crews do not reach in regular hours in overtime."""
    table = production_history().merge(routings(), on="product")
    table["needed"] = table["produced"] * table["hours_per_unit"] * 1.1
    table = table.groupby(["resource", "period"], as_index=False)["needed"].sum()
    even = table.groupby("resource")["needed"].rolling(3, center=True, min_periods=1).mean()
    crew = (even.reset_index(drop=True) * 1.06).round()
    table["regular_hours"] = np.minimum(table["needed"].round(), crew)
    table["overtime_hours"] = np.minimum(
        (table["needed"] - crew).clip(lower=0), crew * OVERTIME_SHARE
    ).round()
    table["capacity_hours"] = crew + (crew * OVERTIME_SHARE).round()
    return table.drop(columns="needed")


def balance_survey():
    """Fourteen people score four statements twice; the kitchen feels least heard."""
    functions = {"sales": 4, "finance": 2, "supply": 8}
    people = pd.DataFrame({"function": np.repeat(list(functions), list(functions.values()))})
    people["respondent"] = [f"P{n:02d}" for n in range(1, len(people) + 1)]
    items = written("survey").astype({"mean": float})
    table = people.merge(items, how="cross").merge(
        pd.DataFrame({"cycle": [CYCLE - 6, CYCLE]}), how="cross"
    )
    lean = table["function"].map({"sales": 0.6, "finance": 0.0, "supply": -0.6})
    scores = table["mean"] + lean + stream("balance_survey").normal(0, 0.9, len(table))
    table["score"] = np.clip(scores.round(), 1, 7)
    return table[["respondent", "item", "cycle", "function", "score"]]


def meeting_calendar():
    """Five short meetings in the first days of each month since December; what went wrong stands in poolside_cafe.txt."""
    meetings = written("meetings").astype({"working_day": int})
    cycles = pd.DataFrame({"cycle": pd.period_range(CYCLE - 3, CYCLE, freq="M")})
    table = cycles.merge(meetings, how="cross")
    starts = [cycle.start_time - pd.Timedelta(days=1) for cycle in table["cycle"]]
    planned = [
        start + pd.offsets.BDay(day)
        for start, day in zip(starts, table["working_day"], strict=True)
    ]
    table["planned_date"] = pd.to_datetime(planned)
    missed = written("meetings_missed").assign(cycle=lambda t: pd.PeriodIndex(t["cycle"], freq="M"))
    table = table.merge(missed, on=["cycle", "meeting"], how="left", validate="one_to_one")
    held = pd.to_datetime(table["actual_date"]).fillna(table["planned_date"])
    done = table["planned_date"] < CYCLE.start_time + pd.Timedelta(days=4)
    table["actual_date"] = held.where(done & (table["held"] != "no"))
    for column in ("planned_date", "actual_date"):
        table[column] = table[column].dt.strftime("%Y-%m-%d")
    return table[["cycle", "meeting", "planned_date", "actual_date", "reason"]]


# --- writing ----------------------------------------------------------------------------------------------

DRAWN = {  # table: the columns it is sorted by
    products: "product",
    sales_history: "product market period",
    stock_availability: "product market period",
    sales_orders: "order_number product market due_day",
    opportunities: "opportunity",
    opportunity_history: "opportunity stage",
    demand_inputs: "function product market period",
    working_hours: "site weekday",
    holidays: "site day",
    resources: "resource",
    resource_calendar: "resource period",
    routings: "product resource",
    bill_of_materials: "product component",
    components: "component",
    sources: "item supplier",
    item_costs: "product effective_from",
    inventory_policy: "product site",
    budget: "family period",
    production_history: "product site period",
    hours_history: "resource period",
    balance_survey: "respondent item cycle",
    meeting_calendar: "cycle meeting",
}
WRITTEN = {
    "marketing_activities": "activity",
    "launches": "launch",
    "consensus_policy": "function",
    "supply_policy": "family",
    "planning_fences": "kind item",
    "plan_overrides": "kind item period day",
    "market_priorities": "market family",
    "lanes": "site market",
    "purchase_orders": "item due_day",
    "goals": "goal",
    "gap_thresholds": "gap_type threshold",
    "company_settings": "currency",
    "assumptions": "assumption",
    "risks": "risk",
    "scenario_changes": "scenario change",
    "processes": "process",
    "evidence": "process element cycle",
    "kpi_targets": "measure dimension item",
}


def write(folder):
    """Write every table to `folder` as CSV."""
    generate.write_tables(
        folder, {table.__name__: (table(), keys) for table, keys in DRAWN.items()}
    )
    generate.write_tables(folder, {name: (written(name), keys) for name, keys in WRITTEN.items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(__file__).parent / "poolside-cafe"
    )
    write(parser.parse_args().folder)
