"""The sample company "summit": every input table of the workbook, drawn from a known model.

`python data/generate.py` rewrites the tables of data/summit. What is planted in them stands in `TRUTH`. The
tables that people write (launches, risks, processes, ...) stand in summit.txt, with the facts from which the
others are drawn. Every random table has its own stream, so a change in one leaves the others as they are.
"""

import argparse
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20261001
CYCLE = pd.Period("2026-10", "M")
HISTORY = pd.period_range("2021-10", "2026-09", freq="M")
PLANNED = pd.period_range("2026-10", "2028-03", freq="M")
MONTHS = HISTORY.append(PLANNED)
YEAR = PLANNED[:12]

TRUTH = {
    "lifts": {"PROMO-1": 0.40, "PROMO-2": 0.25},
    "planned_lifts": {"PROMO-3": 0.40},
    "stock_outs": {  # (product, market, period): in_stock_ratio; sales are that share of demand
        ("STOVE-1", "north", "2024-12"): 0.50,
        ("TENT-2", "south", "2025-06"): 0.40,
        ("TENT-2", "south", "2025-07"): 0.60,
        ("WEAR-4", "south", "2025-12"): 0.30,
        ("PACK-3", "north", "2026-06"): 0.50,
        ("STOVE-4", "export", "2026-07"): 0.65,
    },
    "bulk_orders": {("PACK-4", "export", "2025-09"): 2600},  # units on top of ordinary demand
    "phase_out": {"product": "PACK-5", "from_period": "2025-07", "monthly_decline": 0.07},
    "launches": {"TENT-6": "TENT-3", "STOVE-6": "STOVE-1"},  # new product: like product
    "short_history": {"STOVE-5": "2024-07"},  # first month of sale
    "capacity_shortfall": {
        "resource": "TENT-LINE",
        "from_period": "2027-04",
        "to_period": "2027-08",
    },
    "supply_limit": {"component": "VALVE-7", "family": "stoves"},
    "under_budget": {"family": "clothing", "budget_over_trend": 0.12},
    "missed_goal": "lean-stock",
    "double_counted": {
        "OPP-03": ("WEAR-1", "export", "2026-12")
    },  # contained in the sales input of the cell
    "counted_in_activity": {"OPP-06": "FAIR-1"},
    "large_order": {("TENT-2", "export", "2027-08"): 3000},  # booked units, more than August makes
    "on_order": {  # product: supply mode, order lead time in days
        "TENT-5": ("to_order", 45),
        "PACK-6": ("to_assemble", 14),
    },
    "past_due": [  # ordered, due before the first month and not delivered
        ("WEAR-2", "north", "2026-09-24", 90),
        ("WEAR-5", "south", "2026-09-28", 40),
    ],
    "sales_bias": 0.10,  # sales forecasts this share too much
    "win_rates": {
        "contact": 0.20,
        "qualified": 0.36,
        "offer": 0.54,
        "negotiation": 0.75,
    },  # by stage entered
    "deals_from_activity": {"activity": "DAY-1", "response_ratio": 0.10, "units_per_win": 14},
    "price_elasticity": {"STOVE-4": -1.6},  # its price moved alone, see price_moves
    "launch_under_way": {"launch": "LAUNCH-6", "pace": 0.80},  # sells this share of its curve
    "line_stop": {  # this share of a family's planned units of the month was not made
        "family": "clothing",
        "period": "2026-09",
        "share_lost": 0.20,
        "reason": "The clothing line's cutting table stood still for a week",
    },
    "slower": {
        "resource": "WEAR-LINE",
        "monthly_ratio": 0.015,
    },  # each month more hours for the same output
    "survey": {  # sales and supply are twice this far apart; the other rose by so many points since April
        "disputed": "Demand and supply carry equal weight",
        "apart": 1.2,
        "improved": "Decisions are taken in the meeting and kept afterwards",
        "gain": 1.1,
    },
    "careful": {"marketing": 0.03, "finance": 0.04},  # forecast this share too little
    "tent_overtime": 0.12,  # of regular hours
    "ending_workers": {"PACK-LINE": 58.0},
    "crew_over_peak": {},  # 1.03 where nothing else is said
    "lots": 1.0,  # times the smallest batch
    "budgeted_margin": {
        "tents": 0.39,
        "packs": 0.41,
        "stoves": 0.42,
        "clothing": 0.45,
    },  # of revenue
    "stock_of_phase_out": 18.0,  # months
    "rewritten": {},  # tables of summit.txt: the columns that are written otherwise
}
PAY_RISE = "2027-04"  # half a euro an hour more, by the collective agreement
EASIER = {"lean-stock": "9000000", "growth-2028": "84000000"}
# What makes of it the same company without troubles: `TRUTH.update(UNTROUBLED)` before anything is drawn.
UNTROUBLED = {
    "capacity_shortfall": {"resource": None},
    "supply_limit": {"component": None},
    "under_budget": {"family": None, "budget_over_trend": 0.0},
    "sales_bias": 0.0,
    "careful": {"marketing": 0.0, "finance": 0.0},
    "tent_overtime": 0.45,
    "ending_workers": {},
    "crew_over_peak": {"PACK-LINE": 1.15, "STOVE-LINE": 1.15},
    "lots": np.nan,
    "budgeted_margin": {"tents": 0.34, "packs": 0.39, "stoves": 0.40, "clothing": 0.43},
    "stock_of_phase_out": 1.0,
    "rewritten": {
        "launches": {"gate_demand": "passed", "gate_supply": "passed", "gate_finance": "passed"},
        "voices": {"share": "1.00", "spread": "0.02"},
        "supply_policy": {
            "strategy": lambda policy: policy["strategy"].replace("level", "chase"),
            "level_basis": None,
            "crew_kept": None,
            "chase_by": None,
        },
        "planning_fences": {"months": "1", "limit": "99"},
        "goals": {"target": lambda goals: goals["goal"].map(EASIER).fillna(goals["target"])},
    },
}

SEASONS = {  # January to December
    "tents": (0.35, 0.50, 0.85, 1.25, 1.70, 1.85, 1.60, 1.25, 0.80, 0.55, 0.50, 0.80),
    "packs": (0.70, 0.80, 0.95, 1.10, 1.20, 1.25, 1.25, 1.15, 1.05, 0.85, 0.80, 0.90),
    "stoves": (0.65, 0.75, 0.90, 1.15, 1.25, 1.30, 1.25, 1.15, 0.95, 0.80, 0.75, 1.10),
    "clothing": (1.10, 0.95, 0.85, 0.80, 0.75, 0.75, 0.75, 0.90, 1.15, 1.30, 1.35, 1.35),
}
MARKET_SHARES = {"north": 0.46, "south": 0.33, "export": 0.21}
NOT_SOLD = {("WEAR-4", "export"), ("STOVE-3", "export")}
SPORADIC = ("TENT-5", "export")


def written(name, source="summit.txt"):
    """Read a table of summit.txt: its lines from `[name]` to the next table, remarks left out."""
    text = Path(__file__).with_name(source).read_text(encoding="utf-8")
    lines = text.partition(f"[{name}]\n")[2].partition("\n[")[0].splitlines()
    rows = "\n".join(line for line in lines if not line.startswith("#"))
    table = pd.read_csv(
        StringIO(rows), dtype=str, keep_default_na=False, na_values=[""], skipinitialspace=True
    )
    return table.assign(**TRUTH["rewritten"].get(name, {}))


def stream(name):
    """A random stream of its own for each table."""
    return np.random.default_rng([SEED, *name.encode()])


# --- what is made and sold --------------------------------------------------------------------------------

CATALOGUE = written("catalogue").astype(
    dict.fromkeys(("units", "growth", "amplitude", "noise", "price", "hours"), "float64")
)


def products():
    """The range; a cartridge in the cook set gives it a shelf life."""
    table = CATALOGUE[["product", "family", "description", "lifecycle"]].copy()
    table["unit_of_measure"] = np.where(
        table["product"].isin(["STOVE-4", "WEAR-6"]), "set", "piece"
    )
    table["shelf_life_months"] = np.where(table["product"] == "STOVE-4", 36.0, np.nan)
    table["salvage_value"] = np.where(table["product"] == "STOVE-4", 12.0, np.nan)
    modes = table["product"].map(TRUTH["on_order"])
    table["supply_mode"] = modes.str[0].fillna("")
    table["order_lead_time_days"] = modes.str[1]
    packs = table["family"] == "packs"
    table["consumption_mode"] = np.where(packs, "backward_forward", "")
    table["consumption_backward_months"] = np.where(packs, 1, np.nan)
    table["consumption_forward_months"] = np.where(packs, 1, np.nan)
    table["unit_factor"] = 1  # all are planned in pieces
    return table


def expected_demand():
    """The model: share x trend x season of each product in each market, with promotions and prices, before any noise.

    What a launch under way sells stands at the end.

    Returns
    -------
    product, market, period : family, expected [units], promoted [ratio], noise [ratio]
    """
    grid = CATALOGUE.merge(pd.DataFrame({"market": MARKET_SHARES.keys()}), how="cross")
    grid = grid[
        [pair not in NOT_SOLD for pair in zip(grid["product"], grid["market"], strict=True)]
    ]
    grid = grid.merge(pd.DataFrame({"period": MONTHS}), how="cross")
    years = (grid["period"].array.asi8 - pd.Period("2026-06", "M").ordinal) / 12
    share = grid["market"].map(MARKET_SHARES) * taste(grid)
    level = grid["units"] * share * (1 + grid["growth"]) ** years
    grid["promoted"] = 1 + promotion_lift(grid)
    grid["expected"] = level * season(grid) * fading(grid) * ramp_up(grid) * grid["promoted"]
    grid["expected"] *= price_factor(grid) ** grid["product"].map(TRUTH["price_elasticity"]).fillna(
        0.0
    )
    columns = ["product", "market", "period", "family", "expected", "promoted", "noise"]
    table = grid.loc[grid["expected"] > 0, columns]
    return pd.concat([table, launch_under_way(table)], ignore_index=True)


def launch_under_way(table):
    """What the launch that is under way sells: its share of what the like product would, at the planted pace."""
    plan = TRUTH["launch_under_way"]
    row = next(written("launches").query("launch == @plan['launch']").itertuples())
    return ramped(row, table, plan["pace"]).query("expected > 0").assign(noise=0.07)


def ramped(row, table, pace=1.0):
    """The curve of a launch: the like product's demand in its market, from none to full in a straight line."""
    like = table[(table["product"] == row.like_product) & (table["market"] == row.market)]
    months = like["period"].array.asi8 - pd.Period(row.launch_period, "M").ordinal + 1
    share = float(row.volume_ratio) * np.clip(months / int(row.ramp_months), 0, 1)
    return like.assign(product=row.product, expected=like["expected"] * share * pace)


def price_factor(grid):
    """Price over list price."""
    factor = np.ones(len(grid))
    for row in written("price_moves").itertuples():
        held = grid["period"].between(
            pd.Period(row.from_period, "M"), pd.Period(row.to_period, "M")
        )
        factor[held & (grid["product"] == row.product)] = float(row.factor)
    return factor


def taste(grid):
    """Markets like a product up to 15 % more or less than their share says."""
    return 1 + 0.15 * np.sin(
        (grid["product"] + grid["market"]).map(lambda name: sum(name.encode()))
    )


def season(grid):
    """The family's twelve factors, sharpened or flattened for the product, with mean 1."""
    factors = np.array([SEASONS[f] for f in grid["family"]]) ** grid[["amplitude"]].to_numpy()
    return factors[np.arange(len(grid)), grid["period"].dt.month - 1] / factors.mean(axis=1)


def fading(grid):
    """The phase-out's decline."""
    plan = TRUTH["phase_out"]
    months = grid["period"].array.asi8 - pd.Period(plan["from_period"], "M").ordinal + 1
    fades = (grid["product"] == plan["product"]).to_numpy()
    return np.where(fades, (1 - plan["monthly_decline"]) ** np.maximum(months, 0), 1.0)


def ramp_up(grid):
    """A young product reaches its volume in six months; before its first month it does not exist."""
    first = grid["product"].map(TRUTH["short_history"]).fillna(str(MONTHS[0] - 12))
    months = grid["period"].array.asi8 - pd.PeriodIndex(first, freq="M").asi8 + 1
    return np.clip(months / 6, 0, 1)


def promotion_lift(grid):
    """The true lift of the activities that hold in each row."""
    lift = np.zeros(len(grid))
    for row in written("marketing_activities").itertuples():
        held = (grid["family"] == row.family) & (grid["market"] == row.market)
        held &= grid["period"].between(
            pd.Period(row.start_period, "M"), pd.Period(row.end_period, "M")
        )
        lift += held.to_numpy() * (TRUTH["lifts"] | TRUTH["planned_lifts"]).get(row.activity, 0.0)
    return lift


def true_demand():
    """What customers asked for in each month of history: the model, noise, the bulk order, and a dealer day's deals.

    Returns
    -------
    product, market, period : family, expected, promoted, surprise [ratio], demand [units], in_stock_ratio
    """
    table = expected_demand()
    table = table[table["period"] < CYCLE].reset_index(drop=True)
    cells = list(zip(table["product"], table["market"], table["period"].astype(str), strict=True))
    new = np.array([cell[:2] in NOT_SOLD for cell in cells])
    random = stream("sales_history")
    drawn = np.append(
        random.normal(0, 1, (~new).sum()),
        stream(TRUTH["launch_under_way"]["launch"]).normal(0, 1, new.sum()),
    )
    table["surprise"] = np.exp(drawn * table["noise"] - table["noise"] ** 2 / 2)
    sporadic = (table["product"] == SPORADIC[0]) & (table["market"] == SPORADIC[1])
    asked = np.append(random.random((~new).sum()), np.zeros(new.sum()))
    table["surprise"] *= ~sporadic | (asked < 0.55)
    bulk = np.array([TRUTH["bulk_orders"].get(cell, 0) for cell in cells])
    deals = won_from_activity()
    brought = np.array([deals.get(cell, 0) for cell in cells])
    table["demand"] = (table["expected"] * table["surprise"] + bulk + brought).round()
    table["in_stock_ratio"] = [TRUTH["stock_outs"].get(cell, 1.0) for cell in cells]
    return table.drop(columns="noise")


def sales_history():
    """Demand as far as stock allowed; a price promotion takes 15 % off the price, price moves change it alone."""
    table = true_demand()
    table["quantity"] = (table["demand"] * table["in_stock_ratio"]).round()
    discounted = (table["promoted"] > 1) & (table["family"] == "packs")
    price = list_price(table["product"], table["period"].dt.year) * np.where(discounted, 0.85, 1.0)
    price *= price_factor(table)
    table["revenue"] = (table["quantity"] * price).round()
    return table[["product", "market", "period", "quantity", "revenue"]]


def list_price(product, year):
    """Prices rise by 2 % or so in January and end on a full or half euro (on 0.90 below fifty euro)."""
    raw = product.map(CATALOGUE.set_index("product")["price"]) * 1.02 ** (year - 2026)
    return np.where(
        raw < 56, np.round(raw) - 0.1, np.where(raw < 100, np.round(raw * 2) / 2, np.round(raw))
    )


def stock_availability():
    """The last 24 months of every product and market."""
    table = true_demand()
    return table.loc[
        table["period"] > CYCLE - 25, ["product", "market", "period", "in_stock_ratio"]
    ]


def demand_drivers():
    """The share of dealers that list a pack: it moves a little, and does nothing to demand."""
    shares = np.random.default_rng(23).integers(82, 91, len(MONTHS)) / 100
    keys = {"product": "PACK-2", "market": "south", "period": MONTHS}
    return pd.DataFrame({**keys, "demand_driver": "distribution", "driver_value": shares})


# --- how it is made ---------------------------------------------------------------------------------------

SITES = {
    "TENT-LINE": "alpine",
    "PACK-LINE": "alpine",
    "STOVE-LINE": "harbour",
    "WEAR-LINE": "harbour",
}
WAGES = {"TENT-LINE": 22.0, "PACK-LINE": 21.5, "STOVE-LINE": 24.0, "WEAR-LINE": 20.5}
OVERTIME_RATIOS = {
    "PACK-LINE": 0.20,
    "STOVE-LINE": 0.20,
    "WEAR-LINE": 0.20,
}  # of regular hours
HOLIDAYS = {
    "2026-12-25": "Christmas Day",
    "2027-01-01": "New Year's Day",
    "2027-03-26": "Good Friday",
    "2027-03-29": "Easter Monday",
    "2027-05-06": "Ascension Day",
    "2027-10-01": "works outing",
    "2028-01-03": "stock-taking",
}
WORKDAY_HOURS = 7.5


def planned_demand():
    """The model's demand in the planned months, launches and what they replace included.

    Returns
    -------
    product, market, period : family, expected [units]
    """
    table = expected_demand()
    table = table.loc[
        table["period"] >= CYCLE, ["product", "market", "period", "family", "expected"]
    ]
    parts = [table]
    launches = written("launches")
    to_come = launches["launch"] != TRUTH["launch_under_way"]["launch"]
    for row in launches[to_come & (launches["gate_finance"] != "failed")].itertuples():
        new = ramped(row, table)
        parts.append(new)
        if isinstance(row.replaces_product, str):
            taken = -new["expected"] * float(row.cannibalisation_ratio)
            parts.append(new.assign(product=row.replaces_product, expected=taken))
    keys = ["product", "market", "period", "family"]
    return pd.concat(parts).groupby(keys, as_index=False)["expected"].sum()


def required_hours():
    """Hours a month that the planned demand asks of each resource; two routings share a product equally.

    Returns
    -------
    resource, period : hours
    """
    ways = ways_to_make()
    ways["share"] = 1 / ways.groupby("product")["product"].transform("size")
    table = planned_demand().merge(ways, on="product")
    table["hours"] = table["expected"] * table["share"] * table["hours_per_unit"]
    return table.groupby(["resource", "period"], as_index=False)["hours"].sum()


def resource_calendar():
    """Seven and a half hours on every working day; the stove line's presses have hours of their own."""
    days = pd.date_range(PLANNED[0].start_time, PLANNED[-1].end_time.normalize(), freq="B")
    days = days[~days.isin(pd.to_datetime(list(HOLIDAYS)))]
    working = pd.DataFrame({"period": days.to_period("M"), "working_days": 1.0})
    working = working.groupby("period", as_index=False).sum()
    table = pd.DataFrame({"resource": SITES.keys()}).merge(working, how="cross")
    table["regular_hours_per_worker"] = table["working_days"] * WORKDAY_HOURS
    overtime = table["resource"].map(OVERTIME_RATIOS | {"TENT-LINE": TRUTH["tent_overtime"]})
    table["overtime_hours_per_worker"] = (table["regular_hours_per_worker"] * overtime).round()
    two_shifts_on_28_presses = table["working_days"] * 16 * 28
    table["machine_hours"] = two_shifts_on_28_presses.where(table["resource"] == "STOVE-LINE")
    return table


def working_hours():
    """Both sites work from Monday to Friday."""
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    table = pd.DataFrame({"site": sorted(set(SITES.values()))})
    return table.merge(pd.DataFrame({"weekday": weekdays}), how="cross").assign(hours=WORKDAY_HOURS)


def holidays():
    """Both sites close on the days that `resource_calendar` leaves out."""
    table = pd.DataFrame({"site": sorted(set(SITES.values()))})
    return table.merge(pd.DataFrame(HOLIDAYS.items(), columns=["day", "reason"]), how="cross")


def resources():
    """Crews sized from the demand.

    The tent line needs overtime from winter on to make the year's tents; the others can make the peak's
    demand in the peak.
    """
    table = required_hours().merge(resource_calendar(), on=["resource", "period"])
    regular = table["regular_hours_per_worker"]
    table["at_peak"] = table["hours"] / (regular + table["overtime_hours_per_worker"])
    peak = table.groupby("resource")["at_peak"].max()
    year = (
        table[table["period"].isin(YEAR)]
        .groupby("resource")[["hours", "regular_hours_per_worker"]]
        .sum()
    )
    crews = np.array([TRUTH["crew_over_peak"].get(line, 1.03) for line in peak.index])
    on_average = year["hours"] / year["regular_hours_per_worker"] / 0.94
    short = peak.index == TRUTH["capacity_shortfall"]["resource"]
    workers = np.ceil(np.where(short, on_average * 0.75, np.maximum(on_average, peak * crews)))
    result = pd.DataFrame({"resource": peak.index, "opening_workers": workers})
    result["site"] = result["resource"].map(SITES)
    result["regular_wage"] = result["resource"].map(WAGES)
    result["overtime_wage"] = result["regular_wage"] * 1.5
    result["hire_cost"], result["layoff_cost"] = 2500.0, 4000.0
    result["min_workers"] = np.floor(workers * 0.85)
    result["max_workers"] = np.ceil(workers * np.where(short, 1.03, 1.10))
    result["whole_workers"] = "false"
    result["attrition_ratio"] = result["resource"].map({"STOVE-LINE": 0.005})
    result["part_time_ratio"] = result["resource"].map({"WEAR-LINE": 0.5})
    result["crew_while_open"] = result["resource"].map({"STOVE-LINE": 2.0})  # at the gas tanks
    result["shift_hours"] = result["resource"].map({"STOVE-LINE": 7.5})
    result["ending_workers"] = result["resource"].map(TRUTH["ending_workers"])
    risen = result.assign(
        effective_from=PAY_RISE,
        regular_wage=result["regular_wage"] + 0.5,
        overtime_wage=(result["regular_wage"] + 0.5) * 1.5,
    )
    return pd.concat([result.assign(effective_from=None), risen])


def ways_to_make():
    """Each product on its line; the small packs can also be sewn on the clothing line, a little slower."""
    table = CATALOGUE[["product", "resource"]].assign(hours_per_unit=CATALOGUE["hours"])
    other = table[table["product"].isin(["PACK-1", "PACK-2"])].assign(resource="WEAR-LINE")
    other["hours_per_unit"] *= 1.1
    table = pd.concat([table, other])
    table["variable_cost"] = (
        table["product"].map(CATALOGUE.set_index("product")["price"]) * 0.03
    ).round(1)
    table["routing_step"] = 1
    table["min_lot"] = TRUTH["lots"] * np.where(
        table["product"].str.startswith("TENT"), 50.0, 100.0
    )
    large_tent = table["product"] == "TENT-5"  # its frames are set up anew
    table["setup_cost"], table["setup_hours"] = np.where(large_tent, [[600.0], [8.0]], np.nan)
    return table


def routings():
    """The ways to make each product; gas for testing the large stove is dearer from a month on."""
    table = ways_to_make().assign(effective_from=None)
    dearer = table[table["product"] == "STOVE-3"]
    cost = dearer["variable_cost"] + 0.1
    return pd.concat([table, dearer.assign(effective_from=PAY_RISE, variable_cost=cost)])


def bill_of_materials():
    """What goes into each product; the pole set is made in the house from tube and cord."""
    recipes = written("recipes")
    rows = [
        (product, component, float(quantity))
        for product, recipe in zip(recipes["product"], recipes["recipe"].str.split(), strict=True)
        for component, quantity in zip(recipe[::2], recipe[1::2], strict=True)
    ]
    return pd.DataFrame(rows, columns=["product", "component", "quantity_per_unit"])


def component_need():
    """Units of each component that the planned demand uses in each month; pole sets become tube and cord.

    Returns
    -------
    component, period : need [units]
    """
    recipe = bill_of_materials()
    made = planned_demand().groupby(["product", "period"], as_index=False)["expected"].sum()
    direct = made.merge(recipe, on="product")
    direct["need"] = direct["expected"] * direct["quantity_per_unit"]
    sets = direct[direct["component"] == "POLE-SET"].groupby("period", as_index=False)["need"].sum()
    parts = sets.assign(product="POLE-SET").merge(recipe, on="product")
    parts["need"] *= parts["quantity_per_unit"]
    both = pd.concat([direct, parts])
    return both.groupby(["component", "period"], as_index=False)["need"].sum()


def parts():
    """Parts with stock for their lead time; the valve's supplier delivers less than the peak needs."""
    table = written("parts").astype({"lead_time_days": float})
    need = component_need()
    months = need["period"].array.asi8 - CYCLE.ordinal
    lead = need["component"].map(table.set_index("component")["lead_time_days"]) / 30
    opening = need["need"].where(months <= np.ceil(lead), 0.0).groupby(need["component"]).sum()
    limited = table["component"] == TRUTH["supply_limit"]["component"]
    scarce = np.where(limited, 0.80, 1.15)
    table["on_hand"] = (table["component"].map(opening) * scarce / 100).round() * 100
    average = need[need["period"].isin(YEAR)].groupby("component")["need"].mean()
    table["order_multiple"] = table["component"].map(
        written("order_multiples").set_index("component")["order_multiple"]
    )
    table["supply_limit"] = ((table["component"].map(average) * 0.95 / 100).round() * 100).where(
        limited
    )
    return table


def components():
    """Stock and shelf life of the parts."""
    return parts()[["component", "on_hand", "shelf_life_days"]].assign(counted_on="2026-09-30")


def sources():
    """Who supplies each part, and on which terms."""
    terms = parts().drop(columns=["on_hand", "shelf_life_days"])
    return terms.rename(columns={"component": "item"}).assign(priority=1)


def material_cost():
    """Components of one unit, and five per cent for thread, labels and packing."""
    cost = parts().set_index("component")["unit_cost"].astype(float)
    recipe = bill_of_materials()
    recipe["cost"] = recipe["quantity_per_unit"] * recipe["component"].map(cost)
    return (recipe.groupby("product")["cost"].sum() * 1.05).round(2)


def item_costs():
    """Prices of this year and the next; stock costs 1.5 % of its cost a month, lateness 15 % of the price."""
    table = CATALOGUE[["product", "resource", "hours"]].merge(
        pd.DataFrame({"year": [2026, 2027]}), how="cross"
    )
    table["effective_from"] = table["year"].astype(str) + "-01"
    table["price"] = list_price(table["product"], table["year"])
    table["material_cost"] = (
        table["product"].map(material_cost()) * 1.015 ** (table["year"] - 2026)
    ).round(2)
    made = table["material_cost"] + table["hours"] * table["resource"].map(WAGES)
    table["holding_cost"] = (made * 0.015).round(3)
    table["backlog_cost"] = (table["price"] * 0.15).round(2)
    table["lost_sale_cost"] = (table["price"] * 0.15).round(2)
    limits = {
        "PACK-1": 800,
        "PACK-2": 500,
        "STOVE-4": 600,
        "TENT-2": 250,
        "WEAR-3": 700,
        "WEAR-5": 900,
    }
    table["subcontract_limit"] = table["product"].map(limits)
    outside = (made * 1.18).round(2)
    table["subcontract_cost"] = outside.where(table["subcontract_limit"].notna())
    return table.drop(columns=["resource", "hours", "year"])


def inventory():
    """About a month of the coming demand, more of clothing before winter; too much of what is phased out."""
    demand = planned_demand()
    coming = (
        demand[demand["period"].isin(YEAR[:3])]
        .groupby(["product", "family"], as_index=False)["expected"]
        .sum()
    )
    coming = coming[~coming["product"].isin(list(TRUTH["launches"]))]
    cover = coming["family"].map({"tents": 1.0, "packs": 0.8, "stoves": 0.6, "clothing": 0.9})
    cover = cover.where(
        coming["product"] != TRUTH["phase_out"]["product"], TRUTH["stock_of_phase_out"]
    )
    random = stream("inventory").uniform(0.85, 1.15, len(coming))
    coming["on_hand"] = (coming["expected"] / 3 * cover * random / 10).round() * 10
    coming["site"] = coming["product"].map(CATALOGUE.set_index("product")["resource"].map(SITES))
    forward = coming[coming["product"].isin(["PACK-1", "PACK-2"])].assign(site="harbour")
    forward["on_hand"] = (forward["on_hand"] * 0.2 / 10).round() * 10
    table = pd.concat([coming, forward])[["product", "site", "on_hand"]]
    return table.assign(counted_on="2026-09-30")


def inventory_policy():
    """Service by family; gloves and burners out of stock are lost sales; the phase-out should end empty."""
    table = inventory()[["product", "site"]]
    new = pd.DataFrame({"product": ["STOVE-6", "TENT-6"], "site": ["harbour", "alpine"]})
    table = pd.concat([table, new])
    family = table["product"].map(CATALOGUE.set_index("product")["family"])
    table["target_service_level"] = family.map(
        {"tents": 0.97, "packs": 0.96, "stoves": 0.95, "clothing": 0.95}
    )
    table["target_cover_months"] = family.map(
        {"tents": 0.4, "packs": 0.4, "stoves": 0.3, "clothing": 0.5}
    )
    phased_out = table["product"] == TRUTH["phase_out"]["product"]
    table.loc[phased_out, ["target_service_level", "target_cover_months"]] = [0.80, 0.0]
    table["min_inventory"] = table["product"].map({"TENT-5": 60.0, "WEAR-1": 600.0})
    table["max_inventory"] = table["product"].map({"PACK-5": 1500.0, "WEAR-4": 6000.0})
    table["ending_inventory"] = table["product"].map({"PACK-5": 0.0, "TENT-2": 2500.0})
    table["backlog_allowed"] = np.where(
        table["product"].isin(["STOVE-1", "WEAR-6"]), "false", "true"
    )
    table["target_fill_rate"] = table["product"].map({"STOVE-4": 0.995})
    table["lead_time_days"] = family.map({"tents": 20, "packs": 15, "stoves": 10, "clothing": 25})
    ordered = table["product"].isin(TRUTH["on_order"])  # not served from stock
    goals = ["target_service_level", "target_fill_rate", "target_cover_months"]
    table.loc[ordered, goals] = np.nan
    table["max_cover_months"] = table["product"].map({"WEAR-5": 3.0, "WEAR-6": 4.0})
    table["forecast_error_correlation"] = table["product"].map({"TENT-5": 0.2})
    table["lead_time_std_days"] = family.map({"tents": 4, "clothing": 6})
    table["order_cost"] = family.map({"packs": 60.0, "stoves": 80.0})
    gloves = table[table["product"] == "WEAR-2"]  # more of them are kept from the second winter on
    second_winter = gloves.assign(effective_from="2027-10", target_cover_months=0.6)
    return pd.concat([table.assign(effective_from=None), second_winter])


# --- the sales pipeline -----------------------------------------------------------------------------------

SELLERS = {"north": "K. Holm", "south": "R. Conti", "export": "S. Tanaka"}
OTHER_DEALS = 110


def closed_deals():
    """Deals of the last two years that were won or lost: those a dealer day brought, and others.

    Returns
    -------
    opportunity : product, market, period, quantity [units], source_activity, first_day, won, stages (how many it entered)
    """
    random = stream("closed_deals")
    plan = TRUTH["deals_from_activity"]
    day = written("marketing_activities").set_index("activity").loc[plan["activity"]]
    start = pd.Period(day.start_period, "M")
    size = round(float(day.reach) * plan["response_ratio"])
    cell = {"product": day["product"], "market": day.market, "period": start + int(day.lag_months)}
    brought = pd.DataFrame(cell, index=range(size)).assign(source_activity=plan["activity"])
    brought["quantity"] = random.integers(
        plan["units_per_win"] - 5, plan["units_per_win"] + 6, size
    )
    brought["first_day"] = start.start_time + pd.to_timedelta(random.integers(3, 25, size), "D")
    cells = expected_demand()
    lately = cells["period"].between(CYCLE - 22, CYCLE - 1) & (cells["expected"] > 50)
    others = cells[lately].sample(OTHER_DEALS, random_state=random)[
        ["product", "market", "period", "expected"]
    ]
    others["quantity"] = (others.pop("expected") * random.uniform(0.05, 0.2, OTHER_DEALS)).round()
    ago = pd.to_timedelta(random.integers(120, 200, OTHER_DEALS), "D")
    others["first_day"] = pd.PeriodIndex(others["period"]).start_time - ago
    deals = pd.concat([brought, others]).sort_values(
        ["first_day", "product"], kind="stable", ignore_index=True
    )
    rates = np.append(list(TRUTH["win_rates"].values()), 1.0)
    goes_on = random.random((len(deals), len(rates) - 1)) < rates[:-1] / rates[1:]
    deals["won"] = goes_on.all(axis=1)
    deals["stages"] = np.minimum(goes_on.cumprod(axis=1).sum(axis=1) + 1, len(rates) - 1)
    deals["opportunity"] = [f"OPP-{number}" for number in range(101, 101 + len(deals))]
    return deals


def won_from_activity():
    """Units that the dealer day's won deals add to demand, by cell."""
    deals = closed_deals()
    units = deals[deals["won"] & deals["source_activity"].notna()]
    units = units.groupby(["product", "market", "period"])["quantity"].sum()
    return {
        (product, market, str(period)): amount
        for (product, market, period), amount in units.items()
    }


def opportunities():
    """The open pipeline, and the deals that were closed."""
    deals = closed_deals()
    deals["stage"] = np.where(deals["won"], "won", "lost")
    deals["probability"] = deals["won"].astype(float)
    deals["owner"] = deals["market"].map(SELLERS)
    table = written("opportunities").astype({"quantity": float, "probability": float})
    return pd.concat([table, deals[table.columns]])


def opportunity_history():
    """The day on which each deal entered each of its stages, the open ones' last stage some weeks ago."""
    names = np.array(list(TRUTH["win_rates"]))
    closed, still_open = closed_deals(), written("opportunities")
    still_open["stages"] = pd.Index(names).get_indexer(still_open["stage"]) + 1
    still_open["first_day"] = CYCLE.start_time - pd.to_timedelta(still_open["stages"] * 35, "D")
    deals = pd.concat(
        [closed.assign(end=np.where(closed["won"], "won", "lost")), still_open.assign(end="")]
    )
    random = stream("stage_history")
    rows = []
    for deal in deals.itertuples():
        passed = [*names[: deal.stages], *filter(None, [deal.end])]
        days = np.append(0, random.integers(5, 15, len(passed) - 1).cumsum())
        entered = (deal.first_day + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d")
        rows += [(deal.opportunity, stage, on) for stage, on in zip(passed, entered, strict=True)]
    return pd.DataFrame(rows, columns=["opportunity", "stage", "entered_on"])


# --- what people expect -----------------------------------------------------------------------------------


def spoken_of(plan):
    """The cells of the plan on which each function gives its view."""
    soon, market = plan["period"].isin(YEAR[:6]), plan["market"]
    large = plan["product"].isin(
        CATALOGUE["product"][CATALOGUE["units"] * CATALOGUE["price"] > 250_000]
    )
    start = plan["period"].between(pd.Period("2027-02", "M"), pd.Period("2027-07", "M"))
    return {
        "sales": large & soon,
        "finance": large & soon & (market != "export"),
        "marketing": (promotion_lift(plan) > 0) & (plan["product"] != "PACK-5"),
        "product": (plan["product"] == "TENT-6") & start & (plan["expected"] > 0),
    }


def demand_inputs():
    """Sales hope, finance is careful, marketing speaks for its promotion and product for TENT-6.

    In the months of the promotion they say how far demand is from the baseline with it, so that the
    promotion can be called off.
    """
    plan = planned_demand()
    table = pd.concat(
        [plan[cells].assign(function=name) for name, cells in spoken_of(plan).items()]
    )
    table = table.merge(written("voices").astype({"share": float, "spread": float}), on="function")
    error = np.exp(stream("demand_inputs").normal(0, 1, len(table)) * table["spread"])
    table["quantity"] = (table["expected"] * table["share"] * error).round()
    promoted = promotion_lift(table) > 0
    table["reference_type"] = np.where(promoted, "baseline", "")
    table["change_ratio"] = (table["share"] * error - 1).round(3).where(promoted)
    table["author"] = table["author"].fillna(table["market"].map(SELLERS))
    deals = (
        written("opportunities")
        .astype({"quantity": float, "probability": float})
        .set_index("opportunity")
    )
    for name, (product, market, period) in TRUTH["double_counted"].items():
        cell = (
            (table["function"] == "sales")
            & (table["product"] == product)
            & (table["market"] == market)
        )
        cell &= table["period"] == pd.Period(period, "M")
        table.loc[cell, "quantity"] += round(
            deals.loc[name, "quantity"] * deals.loc[name, "probability"]
        )
        table.loc[cell, "reason"] += f"; {name} is in it"
    rests_on = [
        (table["function"] == "sales") & (table["market"] == "north"),
        table["function"] == "product",
    ]
    table["assumption"] = np.select(rests_on, ["retail-north", "successor"], "")
    of_market = "sales-" + table["market"]
    table["contributor"] = table["function"].where(table["function"] != "sales", of_market)
    table["quantity"] = table["quantity"].mask(promoted)
    columns = ["contributor", "quantity", "author", "reason", "submitted_on", "assumption"]
    changes = ["reference_type", "change_ratio"]
    return table[["function", "product", "market", "period", *columns, *changes]]


def sales_orders():
    """Two thirds of the first month's demand are ordered, less of the two that follow, and one large order far ahead.

    Some units that were due before the first month are not delivered yet.
    """
    table = planned_demand()
    table = table.merge(
        pd.DataFrame({"period": YEAR[:3], "share": [0.65, 0.35, 0.15]}), on="period"
    )
    on_order = table["product"].isin(TRUTH["on_order"])  # within their lead time all is ordered
    table["share"] = table["share"].mask(
        on_order, table["period"].map({YEAR[0]: 1.0, YEAR[1]: 0.6, YEAR[2]: 0.1})
    )
    table["quantity"] = (table["expected"] * table["share"]).round()
    (product, market, period), units = next(iter(TRUTH["large_order"].items()))
    large = pd.DataFrame(
        {
            "product": [product],
            "market": market,
            "period": pd.Period(period, "M"),
            "quantity": units,
        }
    )
    late = pd.DataFrame(TRUTH["past_due"], columns=["product", "market", "due_day", "quantity"])
    ahead = pd.concat([table[table["quantity"] > 0], large]).sort_values(
        ["period", "product", "market"]
    )
    days = stream("sales_orders").integers(0, 28, len(ahead))
    ahead["due_day"] = [
        (period.start_time + pd.Timedelta(days=int(day))).strftime("%Y-%m-%d")
        for period, day in zip(ahead["period"], days, strict=True)
    ]
    table = pd.concat([late, ahead])
    table["order_number"] = [f"SO-{4001 + row}" for row in range(len(table))]
    return table[["order_number", "product", "market", "due_day", "quantity"]]


def approved_forecasts():
    """What each contributor forecast in the last twelve cycles for one to six months ahead.

    The baseline errs about the level, and the others share that error in part. Sales and marketing know promotions
    and, from their customers, a part of what makes the month differ from the model, less of it further ahead; finance
    knows little of that; sales add their optimism. The consensus takes the functions by today's policy, as the plan does. A launch is forecast
    from its first month of sales on.
    """
    known = true_demand()[["product", "market", "period", "surprise"]]
    launched = written("launches").set_index("launch").loc[TRUTH["launch_under_way"]["launch"]]
    demand, random = expected_demand(), stream("approved_plans")
    cycles = pd.DataFrame({"cycle": pd.period_range(CYCLE - 12, CYCLE - 1, freq="M")})
    table = cycles.merge(pd.DataFrame({"lag": range(1, 7)}), how="cross")
    ordinals = pd.PeriodIndex(table["cycle"]).asi8 + table["lag"] - 1
    table["period"] = pd.PeriodIndex.from_ordinals(ordinals, freq="M")
    table = table.merge(demand, on="period").merge(
        known, on=["product", "market", "period"], how="left"
    )
    table = table.sort_values(["cycle", "product", "market", "period"])
    new = (table["product"] == launched["product"]) & (table["market"] == launched["market"])
    table = table[~new | (table["cycle"] > pd.Period(launched["launch_period"], "M"))]
    surprise = np.log(table["surprise"].where(table["surprise"] > 0)).fillna(0.0)
    shared = random.normal(0, 1, len(table)) * (0.05 + 0.004 * table["lag"])
    fading = 1 - 0.1 * (table["lag"] - 1)
    who = {  # share of the truth, share of the shared error, own error, share of the surprise known, knows promotions
        "baseline": (1.00, 1.0, 0.00, 0.0, False),
        "sales": (1 + TRUTH["sales_bias"], 0.5, 0.05, 0.5, True),
        "marketing": (1 - TRUTH["careful"]["marketing"], 0.5, 0.04, 0.5, True),
        "finance": (1 - TRUTH["careful"]["finance"], 1.0, 0.02, 0.2, False),
    }
    said = {}
    for contributor, (share, of_shared, own, of_surprise, knows) in who.items():
        truth = table["expected"] if knows else table["expected"] / table["promoted"]
        error = (
            of_shared * shared + of_surprise * fading * surprise + random.normal(0, own, len(table))
        )
        said[contributor] = (truth * share * np.exp(error)).round()
    policy = written("consensus_policy").set_index("function")["weight"].astype(float)
    moved = [policy[f] * (said[f] - said["baseline"]) for f in ("sales", "marketing", "finance")]
    said["consensus"] = (said["baseline"] + sum(moved)).round()
    parts = [table.assign(contributor=name, quantity=quantity) for name, quantity in said.items()]
    return pd.concat(parts)[["cycle", "contributor", "product", "market", "period", "quantity"]]


# --- budget and survey ------------------------------------------------------------------------------------


def approved_supply_plans():
    """What the last cycle planned to make: the demand it knew, evened out over three months, on each product's line."""
    monthly = planned_demand().pivot_table(
        index="product", columns="period", values="expected", aggfunc="sum"
    )
    even = monthly.T.rolling(3, center=True, min_periods=1).mean().T.round()
    table = even.reset_index().melt("product", var_name="period", value_name="regular")
    table["site"] = table["product"].map(HOME)
    table = pd.concat([table.assign(cycle=PLANNED[0] - 1), planned_in_the_month()])
    return table.assign(overtime=0, subcontract=0)


def budget():
    """The trend as it was seen a year ago, with clothing set too high."""
    table = pd.concat([expected_demand().query("period < @CYCLE"), planned_demand()])
    table = table[
        (table["period"] >= pd.Period("2026-01", "M"))
        & (table["period"] <= pd.Period("2027-12", "M"))
    ].copy()
    table["expected"] /= table.get("promoted", pd.Series(1.0, table.index)).fillna(1.0)
    plan = TRUTH["under_budget"]
    factor = {
        "tents": 1.00,
        "packs": 0.99,
        "stoves": 1.01,
        plan["family"]: 1 + plan["budget_over_trend"],
    }
    table["quantity"] = table["expected"] * table["family"].map(factor)
    table["revenue"] = table["quantity"] * list_price(table["product"], table["period"].dt.year)
    result = table.groupby(["family", "period"], as_index=False)[["quantity", "revenue"]].sum()
    share = result["family"].map(TRUTH["budgeted_margin"])
    result["margin"] = (result["revenue"] * share / 1000).round() * 1000
    result["revenue"] = (result["revenue"] / 1000).round() * 1000
    result["quantity"] = (result["quantity"] / 10).round() * 10
    return result


def money_of_families(table):
    """Units and revenue at list price of each family and month; `expected` holds the units."""
    table = table.assign(
        revenue=table["expected"] * list_price(table["product"], table["period"].dt.year)
    )
    sums = table.groupby(["family", "period"], as_index=False)[["expected", "revenue"]].sum()
    return sums.rename(columns={"expected": "quantity"})


def activity_spend():
    """What each family's activities spend a month, in equal parts over their months."""
    families = CATALOGUE.set_index("product")["family"]
    rows = []
    for each in written("marketing_activities").query("cancelled.isna()").itertuples():
        months = pd.period_range(each.start_period, each.end_period, freq="M")
        family = each.family if isinstance(each.family, str) else families[each.product]
        rows += [(family, month, float(each.spend) / len(months)) for month in months]
    table = pd.DataFrame(rows, columns=["family", "period", "amount"])
    return table.groupby(["family", "period"], as_index=False)["amount"].sum()


def overheads(months):
    """Overhead of the company in each month, a little less in the year before this one."""
    fixed = float(written("company_settings")["fixed_cost"].iloc[0])
    amount = np.where(months.year < CYCLE.year, 0.97 * fixed, fixed)
    return pd.DataFrame({"period": months, "account": "overhead", "amount": amount})


def actual_costs():
    """What closed months cost since January 2025: a little more than was budgeted for what was sold."""
    months = pd.period_range("2025-01", CYCLE - 1, freq="M")
    sold = sales_history().merge(CATALOGUE[["product", "family"]], on="product")
    sold = sold.groupby(["family", "period"], as_index=False)["revenue"].sum()
    sold = sold[sold["period"].isin(months)]
    share = 1.01 - sold["family"].map(TRUTH["budgeted_margin"])
    noise = np.exp(stream("actual_costs").normal(0, 0.015, len(sold)))
    sales = sold.assign(
        account="cost_of_sales", amount=(sold["revenue"] * share * noise / 1000).round() * 1000
    )
    spend = activity_spend().assign(account="activity_spend")
    spend = spend[spend["period"].isin(months)]
    parts = pd.concat([sales, spend, overheads(months)])
    return parts[["period", "account", "family", "amount"]]


def budget_costs():
    """The costs of the annual plan: what revenue leaves of the budgeted margin, and overhead."""
    planned = budget()
    costs = planned.assign(account="cost_of_sales", amount=planned["revenue"] - planned["margin"])
    months = pd.PeriodIndex(planned["period"].unique()).sort_values()
    parts = pd.concat([costs, overheads(months)])
    return parts[["period", "account", "family", "amount"]]


def approved_financial_plans():
    """What the last cycle planned to earn: the demand it knew at list price, a point of tents more."""
    known = expected_demand()
    demand = pd.concat([known[known["period"] == CYCLE - 1], planned_demand()])
    table = money_of_families(demand[demand["period"] < PLANNED[-1]])
    more = np.where(table["family"] == "tents", 1.01, 1.0)
    table[["quantity", "revenue"]] = table[["quantity", "revenue"]].mul(more, axis=0).round()
    spend = activity_spend().rename(columns={"amount": "activity_spend"})
    table = table.merge(spend, on=["family", "period"], how="left").fillna({"activity_spend": 0.0})
    share = table["family"].map(TRUTH["budgeted_margin"])
    table["cost_of_sales"] = (table["revenue"] * (1 - share)).round()
    table["margin"] = table["revenue"] - table["cost_of_sales"] - table["activity_spend"]
    company = overheads(PLANNED)["amount"].iloc[-1]
    of_month = table.groupby("period")["revenue"].transform("sum")
    table["overhead"] = (company * table["revenue"] / of_month).round(2)
    table["operating_profit"] = (table["margin"] - table["overhead"]).round(2)
    return table.assign(cycle=CYCLE - 1)


def balance_survey():
    """Forty people score eight statements twice; finance trusts the numbers least, and supply feels passed over by sales."""
    functions = {"sales": 12, "marketing": 4, "finance": 6, "product": 6, "supply": 12}
    people = pd.DataFrame({"function": np.repeat(list(functions), list(functions.values()))})
    people["respondent"] = [f"R{n:02d}" for n in range(1, len(people) + 1)]
    items = written("survey").astype({"mean": float})
    table = people.merge(items, how="cross").merge(
        pd.DataFrame({"cycle": [CYCLE - 6, CYCLE]}), how="cross"
    )
    lean = table["function"].map(
        {"sales": 0.4, "marketing": -0.5, "finance": -0.7, "product": 0.5, "supply": 0.0}
    )
    plant, apart = (
        TRUTH["survey"],
        table["function"].map({"sales": 1.0, "supply": -1.0}).fillna(0.0),
    )
    lean += apart * plant["apart"] * (table["item"] == plant["disputed"])
    lean += plant["gain"] * ((table["item"] == plant["improved"]) & (table["cycle"] == CYCLE))
    scores = table["mean"] + lean + stream("balance_survey").normal(0, 0.8, len(table))
    table["score"] = np.clip(scores.round(), 1, 7)
    return table[["respondent", "item", "cycle", "function", "score"]]


# --- what was done ----------------------------------------------------------------------------------------

HOME = CATALOGUE.set_index("product")["resource"].map(SITES)
CLOSED = HISTORY[-12:]


def month_by_month():
    """What was made and what was in stock, from today's stock back: made is what was sold and what stock changed by.

    Stock should cover the coming month as it does today; where more was there than was wanted nothing was made.
    """
    random = stream("month_by_month")
    held = inventory().groupby("product")["on_hand"].sum()
    sold = sales_history().pivot_table(
        index="product", columns="period", values="quantity", aggfunc="sum"
    )
    cover = held / sold[CLOSED[-3:]].mean(axis=1)
    stock, rows = held, []
    for period in CLOSED[::-1]:
        wanted = cover * sold[period] * random.uniform(0.9, 1.1, len(held))
        made = (
            (stock - wanted.reindex(held.index) + sold[period].reindex(held.index))
            .clip(lower=0)
            .round()
        )
        rows.append(pd.DataFrame({"period": period, "produced": made, "inventory": stock}))
        stock = (stock + sold[period].reindex(held.index) - made).round()
    return pd.concat(rows).rename_axis("product").reset_index()


def stopped(table):
    """The rows of what was not made in full because the line stood still."""
    stop, family = TRUTH["line_stop"], CATALOGUE.set_index("product")["family"]
    return (table["period"] == pd.Period(stop["period"], "M")) & (
        table["product"].map(family) == stop["family"]
    )


def production_history():
    """Every product at its home site; forward stock of two packs stands at the harbour; the clothing line once stood still."""
    table = month_by_month().assign(reason=None)
    table["site"] = table["product"].map(HOME)
    stop = TRUTH["line_stop"]
    table.loc[stopped(table), "reason"] = stop["reason"]
    forward = table[table["product"].isin(["PACK-1", "PACK-2"])].assign(
        site="harbour", produced=0.0
    )
    share = inventory().query("site == 'harbour'").set_index("product")["on_hand"]
    share = share / inventory().groupby("product")["on_hand"].sum()
    forward["inventory"] = (forward["inventory"] * forward["product"].map(share)).round()
    moved = forward.set_index(["product", "period"])["inventory"]
    away = pd.MultiIndex.from_frame(table[["product", "period"]]).map(moved.to_dict())
    table["inventory"] -= pd.Series(away, index=table.index, dtype=float).fillna(0.0)
    return pd.concat([table, forward])[
        ["product", "site", "period", "produced", "inventory", "reason"]
    ]


def planned_in_the_month():
    """What each past cycle planned for its own month: near what was made, but where the clothing line stood still."""
    table, stop, random = month_by_month(), TRUTH["line_stop"], stream("planned_in_the_month")
    lost = np.where(stopped(table), 1 - stop["share_lost"], 1.0)
    table["regular"] = (table["produced"] / lost * random.normal(1.0, 0.02, len(table))).round()
    other = (
        0.03 * table["inventory"] * random.normal(0, 1, len(table))
    )  # demand was not as planned either
    table["inventory"] = (
        (table["inventory"] + table["regular"] - table["produced"] + other).clip(lower=0).round()
    )
    return table.assign(cycle=table["period"], site=table["product"].map(HOME)).drop(
        columns="produced"
    )


def hours_history():
    """Hours that the output took, a little slower from month to month on the clothing line.

    Crews follow the season; what they do not reach in regular hours they make in overtime, of which they can give a fifth.
    """
    made = month_by_month().merge(CATALOGUE[["product", "resource", "hours"]], on="product")
    made["needed"] = made["produced"] * made["hours"] / 0.94
    table = made.groupby(["resource", "period"], as_index=False)["needed"].sum()
    age = pd.PeriodIndex(table["period"]).asi8 - CLOSED[0].ordinal
    table["needed"] *= np.where(
        table["resource"] == TRUTH["slower"]["resource"],
        1 + TRUTH["slower"]["monthly_ratio"] * age,
        1.0,
    )
    even = table.groupby("resource")["needed"].rolling(3, center=True, min_periods=1).mean()
    regular = (even.reset_index(drop=True) * 1.02).round()
    table["regular_hours"] = np.minimum(table["needed"].round(), regular)
    table["overtime_hours"] = np.minimum(
        (table["needed"] - regular).clip(lower=0).round(), (regular / 5).round()
    )
    table["capacity_hours"] = regular + (regular / 5).round()
    return table.drop(columns="needed")


def meeting_calendar():
    """Eight meetings on set working days of each month; what went wrong stands in data/summit.txt."""
    meetings = written("meetings").astype({"working_day": int})
    cycles = pd.DataFrame({"cycle": pd.period_range(CYCLE - 12, CYCLE, freq="M")})
    table = cycles.merge(meetings, how="cross")
    starts = pd.DatetimeIndex([p.start_time for p in table["cycle"]]) - pd.Timedelta(days=1)
    table["planned_date"] = [
        start + pd.offsets.BDay(day)
        for start, day in zip(starts, table["working_day"], strict=True)
    ]
    missed = written("meetings_missed").assign(cycle=lambda t: pd.PeriodIndex(t["cycle"], freq="M"))
    table = table.merge(missed, on=["cycle", "meeting"], how="left", validate="one_to_one")
    held = pd.to_datetime(table["actual_date"]).fillna(table["planned_date"])
    done = table["planned_date"] < CYCLE.start_time + pd.Timedelta(days=12)
    table["actual_date"] = held.where(done & (table["held"] != "no"))
    for column in ("planned_date", "actual_date"):
        table[column] = table[column].dt.strftime("%Y-%m-%d")
    return table[["cycle", "meeting", "planned_date", "actual_date", "reason"]]


# --- writing ----------------------------------------------------------------------------------------------

DRAWN = {  # table: the columns it is sorted by
    products: "product",
    sales_history: "product market period",
    stock_availability: "product market period",
    demand_drivers: "product market period demand_driver",
    inventory: "product site",
    inventory_policy: "product site effective_from",
    resources: "resource effective_from",
    resource_calendar: "resource period",
    working_hours: "site weekday",
    holidays: "site day",
    routings: "product resource effective_from",
    item_costs: "product effective_from",
    bill_of_materials: "product component",
    components: "component",
    sources: "item supplier",
    demand_inputs: "function product market period",
    sales_orders: "order_number product market due_day",
    approved_forecasts: "cycle contributor product market period",
    approved_supply_plans: "cycle product site period",
    budget: "family period",
    actual_costs: "period account family",
    budget_costs: "period account family",
    approved_financial_plans: "cycle family period",
    opportunities: "opportunity",
    opportunity_history: "opportunity stage",
    balance_survey: "respondent item cycle",
    production_history: "product site period",
    hours_history: "resource period",
    meeting_calendar: "cycle meeting",
}
WRITTEN = {
    "product_groups": "member",
    "market_groups": "member",
    "marketing_activities": "activity",
    "history_corrections": "correction",
    "product_succession": "old_product product market",
    "launches": "launch",
    "contributors": "contributor family market",
    "consensus_policy": "function",
    "supply_policy": "family",
    "planning_fences": "kind item",
    "plan_overrides": "kind item period day",
    "allocation_policy": "family",
    "market_priorities": "market family",
    "lanes": "site market",
    "transfer_lanes": "site to_site",
    "storage_capacity": "site effective_from",
    "purchase_orders": "item due_day",
    "goals": "goal",
    "gap_thresholds": "gap_type threshold",
    "levers": "lever",
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
    write_tables(folder, {table.__name__: (table(), keys) for table, keys in DRAWN.items()})
    write_tables(folder, {name: (written(name), keys) for name, keys in WRITTEN.items()})


def write_tables(folder, tables):
    """Write tables, each with the names of its keys, as CSV files of a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (table, keys) in tables.items():
        _write_table(folder, name, table, keys.split())


def _write_table(folder, name, table, keys):
    """Keys first and sorted, months as 2026-10, at most four decimals, every line ended by a line feed."""
    table = table.sort_values(keys, kind="stable")
    table = table[[*keys, *(c for c in table.columns if c not in keys)]]
    table = table.assign(**table.select_dtypes("number").round(4))
    text = table.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent / "summit")
    write(parser.parse_args().folder)
