"""The sample company "summit": every input table of the workbook, drawn from a known model.

`python data/generate.py` rewrites the tables of data/summit. What is planted in them stands in `TRUTH`; the tables
that people write (processes, risks, launches, ...) stand as text at the end of each section. Every random table has
its own stream, so a change in one leaves the others as they are.
"""

import sys
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
    "capacity_shortfall": {"resource": "TENT-LINE", "from_period": "2027-05", "to_period": "2027-07"},
    "supply_limit": {"component": "VALVE-7", "family": "stoves"},
    "under_budget": {"family": "clothing", "budget_over_trend": 0.12},
    "missed_goal": "lean-stock",
    "double_counted": {"OPP-03": ("WEAR-1", "export", "2026-12")},  # contained in the sales input of the cell
    "counted_in_activity": {"OPP-06": "FAIR-1"},
    "sales_bias": 0.10,  # sales forecasts this share too much
}

SEASONS = {  # January to December
    "tents": (0.35, 0.50, 0.85, 1.25, 1.70, 1.85, 1.60, 1.25, 0.80, 0.55, 0.50, 0.80),
    "packs": (0.65, 0.75, 0.95, 1.15, 1.25, 1.30, 1.25, 1.20, 1.05, 0.80, 0.75, 0.90),
    "stoves": (0.60, 0.70, 0.90, 1.15, 1.30, 1.35, 1.30, 1.15, 0.95, 0.75, 0.75, 1.10),
    "clothing": (1.10, 0.95, 0.85, 0.80, 0.75, 0.70, 0.70, 0.90, 1.15, 1.35, 1.40, 1.35),
}
MARKET_SHARES = {"north": 0.46, "south": 0.33, "export": 0.21}
NOT_SOLD = {("WEAR-4", "export"), ("STOVE-3", "export")}
SPORADIC = ("TENT-5", "export")


def written(text):
    """Read a table written as text."""
    return pd.read_csv(StringIO(text.strip()), dtype=str, keep_default_na=False, na_values=[""], skipinitialspace=True)


def stream(name):
    """A random stream of its own for each table."""
    return np.random.default_rng([SEED, *name.encode()])


# --- what is made and sold -----------------------------------------------------------------------------------

# units: a month's demand in all markets in mid-2026; growth a year; amplitude: power of the family's season
CATALOGUE = written("""
product, family,   description,                    lifecycle, units, growth, amplitude, noise, price, hours, resource
TENT-1,  tents,    Solo trekking tent,             mature,    1500,  0.05,   1.0,       0.07,  229.0, 1.60,  TENT-LINE
TENT-2,  tents,    Two-person dome tent,           mature,    2600,  0.04,   1.0,       0.06,  189.0, 1.40,  TENT-LINE
TENT-3,  tents,    Two-person trekking tent,       decline,   1400,  -0.04,  1.0,       0.08,  279.0, 1.90,  TENT-LINE
TENT-4,  tents,    Four-person family tent,        mature,    1100,  0.06,   1.1,       0.08,  389.0, 2.60,  TENT-LINE
TENT-5,  tents,    Expedition tent,                mature,    150,   0.00,   0.5,       0.40,  649.0, 4.20,  TENT-LINE
TENT-6,  tents,    Light two-person trekking tent, launch,    0,     0.00,   1.0,       0.00,  299.0, 2.00,  TENT-LINE
PACK-1,  packs,    Daypack 20 l,                   mature,    6200,  0.07,   0.9,       0.06,  59.0,  0.45,  PACK-LINE
PACK-2,  packs,    Daypack 30 l,                   mature,    4200,  0.06,   0.9,       0.06,  89.0,  0.65,  PACK-LINE
PACK-3,  packs,    Trekking pack 50 l,             mature,    2600,  0.05,   1.0,       0.07,  149.0, 1.10,  PACK-LINE
PACK-4,  packs,    Trekking pack 65 l,             mature,    1500,  0.04,   1.1,       0.08,  189.0, 1.40,  PACK-LINE
PACK-5,  packs,    Frame pack,                     phase_out, 900,   0.00,   1.0,       0.09,  129.0, 1.00,  PACK-LINE
PACK-6,  packs,    Child carrier,                  mature,    700,   0.03,   0.8,       0.09,  199.0, 1.50,  PACK-LINE
STOVE-1, stoves,   Gas burner,                     mature,    7000,  0.02,   1.0,       0.06,  39.9,  0.20,  STOVE-LINE
STOVE-2, stoves,   Two-flame camp stove,           mature,    2600,  0.03,   1.1,       0.07,  99.0,  0.55,  STOVE-LINE
STOVE-3, stoves,   Multi-fuel stove,               mature,    1200,  0.01,   0.7,       0.09,  129.0, 0.70,  STOVE-LINE
STOVE-4, stoves,   Cook set with cartridge,        mature,    3600,  0.03,   1.0,       0.07,  64.5,  0.35,  STOVE-LINE
STOVE-5, stoves,   Integrated cooker,              growth,    1800,  0.14,   0.9,       0.08,  109.0, 0.55,  STOVE-LINE
STOVE-6, stoves,   Ultralight burner,              launch,    0,     0.00,   1.0,       0.00,  54.9,  0.25,  STOVE-LINE
WEAR-1,  clothing, Rain jacket,                    mature,    3200,  0.03,   0.7,       0.06,  139.0, 1.00,  WEAR-LINE
WEAR-2,  clothing, Rain trousers,                  mature,    2400,  0.03,   0.7,       0.07,  84.5,  0.60,  WEAR-LINE
WEAR-3,  clothing, Fleece jacket,                  mature,    4600,  0.02,   1.0,       0.06,  69.0,  0.45,  WEAR-LINE
WEAR-4,  clothing, Down jacket,                    mature,    1700,  0.04,   1.5,       0.08,  219.0, 1.60,  WEAR-LINE
WEAR-5,  clothing, Merino base layer,              growth,    5200,  0.08,   0.9,       0.06,  59.0,  0.35,  WEAR-LINE
WEAR-6,  clothing, Insulated gloves,               mature,    4200,  0.02,   1.6,       0.08,  34.9,  0.25,  WEAR-LINE
""").astype(dict.fromkeys(("units", "growth", "amplitude", "noise", "price", "hours"), float))


def products():
    """The range; a cartridge in the cook set gives it a shelf life."""
    table = CATALOGUE[["product", "family", "description", "lifecycle"]].copy()
    table["unit_of_measure"] = np.where(table["product"].isin(["STOVE-4", "WEAR-6"]), "set", "piece")
    table["shelf_life_months"] = np.where(table["product"] == "STOVE-4", 36.0, np.nan)
    return table


def activities():
    """Two past promotions, a planned one of the first's kind, and a fair known only by its funnel rates."""
    return written("""
activity, kind,            family,   product, market, start_period, end_period, spend, reach, response_ratio, win_ratio, units_per_win, lag_months
PROMO-1,  price promotion, packs,    ,        north,  2025-04,      2025-05,    80000, ,      ,               ,          ,
PROMO-2,  campaign,        clothing, ,        south,  2025-10,      2025-11,    55000, ,      ,               ,          ,
PROMO-3,  price promotion, packs,    ,        north,  2027-04,      2027-05,    85000, ,      ,               ,          ,
FAIR-1,   trade fair,      ,         STOVE-5, export, 2027-02,      2027-02,    40000, 3000,  0.06,           0.25,      12,            1
""")


def launches():
    """A successor in three markets, a new burner whose supply is open, and a new market that finance refused."""
    return written("""
launch,   product, market, launch_period, like_product, volume_ratio, ramp_months, replaces_product, cannibalisation_ratio, gate_demand, gate_supply, gate_finance
LAUNCH-1, TENT-6,  north,  2027-02,       TENT-3,       0.9,          4,           TENT-3,           0.6,                   passed,      passed,      passed
LAUNCH-2, TENT-6,  south,  2027-02,       TENT-3,       0.9,          4,           TENT-3,           0.6,                   passed,      passed,      passed
LAUNCH-3, TENT-6,  export, 2027-06,       TENT-3,       0.7,          4,           TENT-3,           0.5,                   passed,      open,        open
LAUNCH-4, STOVE-6, north,  2027-03,       STOVE-1,      0.3,          6,           ,                 ,                      passed,      open,        passed
LAUNCH-5, WEAR-4,  export, 2027-09,       WEAR-1,       0.3,          6,           ,                 ,                      passed,      passed,      failed
""")


def expected_demand():
    """The model: share x trend x season of each product in each market, with promotions, before any noise.

    Returns
    -------
    product, market, period : family, expected [units], promoted [ratio], noise [ratio]
    """
    grid = CATALOGUE.merge(pd.DataFrame({"market": MARKET_SHARES.keys()}), how="cross")
    grid = grid[[pair not in NOT_SOLD for pair in zip(grid["product"], grid["market"], strict=True)]]
    grid = grid.merge(pd.DataFrame({"period": MONTHS}), how="cross")
    years = (grid["period"].array.asi8 - pd.Period("2026-06", "M").ordinal) / 12
    tilt = 1 + 0.15 * np.sin(grid["product"].map(ord_sum) + grid["market"].map(ord_sum))  # markets differ in taste
    level = grid["units"] * grid["market"].map(MARKET_SHARES) * tilt * (1 + grid["growth"]) ** years
    grid["promoted"] = 1 + promotion_lift(grid)
    grid["expected"] = level * season(grid) * fading(grid) * ramp_up(grid) * grid["promoted"]
    grid = grid[grid["expected"] > 0]
    return grid[["product", "market", "period", "family", "expected", "promoted", "noise"]].reset_index(drop=True)


def ord_sum(text):
    return sum(text.encode())


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
    for row in activities().itertuples():
        held = (grid["family"] == row.family) & (grid["market"] == row.market)
        held &= grid["period"].between(pd.Period(row.start_period, "M"), pd.Period(row.end_period, "M"))
        lift += held.to_numpy() * (TRUTH["lifts"] | TRUTH["planned_lifts"]).get(row.activity, 0.0)
    return lift


def true_demand():
    """What customers asked for in each month of history: the model, noise, and the bulk order.

    Returns
    -------
    product, market, period : family, expected, promoted, demand [units], in_stock_ratio
    """
    table = expected_demand()
    table = table[table["period"] < CYCLE].reset_index(drop=True)
    random = stream("sales_history")
    noise = np.exp(random.normal(0, 1, len(table)) * table["noise"] - table["noise"] ** 2 / 2)
    cells = list(zip(table["product"], table["market"], table["period"].astype(str), strict=True))
    sporadic = (table["product"] == SPORADIC[0]) & (table["market"] == SPORADIC[1])
    asked = ~sporadic | (random.random(len(table)) < 0.55)
    bulk = np.array([TRUTH["bulk_orders"].get(cell, 0) for cell in cells])
    table["demand"] = (table["expected"] * noise * asked + bulk).round()
    table["in_stock_ratio"] = [TRUTH["stock_outs"].get(cell, 1.0) for cell in cells]
    return table.drop(columns="noise")


def sales_history():
    """Demand as far as stock allowed; a price promotion takes 15 % off the price."""
    table = true_demand()
    table["quantity"] = (table["demand"] * table["in_stock_ratio"]).round()
    discounted = (table["promoted"] > 1) & (table["family"] == "packs")
    price = list_price(table["product"], table["period"].dt.year) * np.where(discounted, 0.85, 1.0)
    table["revenue"] = (table["quantity"] * price).round()
    return table[["product", "market", "period", "quantity", "revenue"]]


def list_price(product, year):
    """Prices rise by 2 % or so in January and end on a full or half euro (on 0.90 below fifty euro)."""
    raw = product.map(CATALOGUE.set_index("product")["price"]) * 1.02 ** (year - 2026)
    return np.where(raw < 56, np.round(raw) - 0.1, np.where(raw < 100, np.round(raw * 2) / 2, np.round(raw)))


def availability():
    """The last 24 months of every product and market."""
    table = true_demand()
    return table.loc[table["period"] > CYCLE - 25, ["product", "market", "period", "in_stock_ratio"]]


# --- how it is made ------------------------------------------------------------------------------------------

SITES = {"TENT-LINE": "alpine", "PACK-LINE": "alpine", "STOVE-LINE": "harbour", "WEAR-LINE": "harbour"}
WAGES = {"TENT-LINE": 22.0, "PACK-LINE": 21.5, "STOVE-LINE": 24.0, "WEAR-LINE": 20.5}
OVERTIME_DAYS = 0.10  # overtime a worker may add to the regular hours
HOLIDAYS = ("2026-12-25", "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-06", "2027-10-01", "2028-01-03")


def planned_demand():
    """The model's demand in the planned months, launches and what they replace included.

    Returns
    -------
    product, market, period : family, expected [units]
    """
    table = expected_demand()
    table = table.loc[table["period"] >= CYCLE, ["product", "market", "period", "family", "expected"]]
    parts = [table]
    for row in launches()[launches()["gate_finance"] != "failed"].itertuples():
        like = table[(table["product"] == row.like_product) & (table["market"] == row.market)]
        months = like["period"].array.asi8 - pd.Period(row.launch_period, "M").ordinal + 1
        new = like["expected"] * float(row.volume_ratio) * np.clip(months / int(row.ramp_months), 0, 1)
        parts.append(like.assign(product=row.product, expected=new))
        if isinstance(row.replaces_product, str):
            parts.append(like.assign(product=row.replaces_product, expected=-new * float(row.cannibalisation_ratio)))
    keys = ["product", "market", "period", "family"]
    return pd.concat(parts).groupby(keys, as_index=False)["expected"].sum()


def required_hours():
    """Hours a month that the planned demand asks of each resource.

    Returns
    -------
    resource, period : hours
    """
    table = planned_demand().merge(CATALOGUE[["product", "resource", "hours"]], on="product")
    table["hours"] *= table["expected"]
    return table.groupby(["resource", "period"], as_index=False)["hours"].sum()


def resource_calendar():
    """Seven and a half hours on every working day; the stove line's presses have hours of their own."""
    days = pd.date_range(PLANNED[0].start_time, PLANNED[-1].end_time.normalize(), freq="B")
    days = days[~days.isin(pd.to_datetime(HOLIDAYS))]
    working = pd.Series(1.0, days.to_period("M")).groupby(level=0).sum().rename_axis("period").rename("working_days")
    table = pd.DataFrame({"resource": SITES.keys()}).merge(working.reset_index(), how="cross")
    table["regular_hours_per_worker"] = table["working_days"] * 7.5
    table["overtime_hours_per_worker"] = (table["regular_hours_per_worker"] * OVERTIME_DAYS).round()
    presses = table["resource"] == "STOVE-LINE"
    table["machine_hours"] = np.where(presses, table["working_days"] * 16 * 35, np.nan)  # two shifts on 35 presses
    return table


def resources():
    """Crews sized from the demand: all but the tent line can make the peak's demand in the peak."""
    table = required_hours().merge(resource_calendar(), on=["resource", "period"])
    regular = table["regular_hours_per_worker"]
    table["at_peak"] = table["hours"] / (regular + table["overtime_hours_per_worker"])
    year = table[table["period"].isin(YEAR)].groupby("resource").agg(
        hours=("hours", "sum"), regular=("regular_hours_per_worker", "sum"), peak=("at_peak", "max")
    )
    on_average = year["hours"] / year["regular"] / 0.94
    short = year.index == TRUTH["capacity_shortfall"]["resource"]
    workers = np.ceil(np.where(short, on_average, np.maximum(on_average, year["peak"] * 1.02)))
    result = pd.DataFrame({"resource": year.index, "opening_workers": workers})
    result["site"] = result["resource"].map(SITES)
    result["regular_wage"] = result["resource"].map(WAGES)
    result["overtime_wage"] = result["regular_wage"] * 1.5
    result["hire_cost"], result["layoff_cost"] = 2500.0, 4000.0
    result["min_workers"] = np.floor(on_average.to_numpy() * 0.80)
    result["max_workers"] = np.ceil(workers * np.where(short, 1.03, 1.10))
    result["whole_workers"] = "false"
    return result


def routings():
    """Each product on its line; the small packs can also be sewn on the clothing line, a little slower."""
    table = CATALOGUE[["product", "resource"]].assign(hours_per_unit=CATALOGUE["hours"])
    other = table[table["product"].isin(["PACK-1", "PACK-2"])].assign(resource="WEAR-LINE")
    other["hours_per_unit"] *= 1.1
    table = pd.concat([table, other])
    table["variable_cost"] = (table["product"].map(CATALOGUE.set_index("product")["price"]) * 0.03).round(1)
    table["min_lot"] = np.where(table["product"].str.startswith("TENT"), 50.0, 100.0)
    return table


def bill_of_materials():
    """What goes into each product; the pole set is made in the house from tube and cord."""
    recipes = written("""
product,  recipe
TENT-1,   FABRIC-T 9 POLE-SET 1 ZIP 4 PEG 10 SEAM-TAPE 12
TENT-2,   FABRIC-T 8 POLE-SET 1 ZIP 3 PEG 8 SEAM-TAPE 8
TENT-3,   FABRIC-T 12 POLE-SET 1.2 ZIP 4 PEG 12 SEAM-TAPE 14
TENT-4,   FABRIC-T 18 POLE-SET 1.6 ZIP 6 PEG 16 SEAM-TAPE 18
TENT-5,   FABRIC-T 28 POLE-SET 3 ZIP 8 PEG 20 SEAM-TAPE 30
TENT-6,   FABRIC-T 12 POLE-SET 1.3 ZIP 4 PEG 12 SEAM-TAPE 14
PACK-1,   FABRIC-P 1.6 BUCKLE 3 ZIP 1.5 FOAM 0.2
PACK-2,   FABRIC-P 2.3 BUCKLE 5 ZIP 2 FOAM 0.35
PACK-3,   FABRIC-P 3.6 BUCKLE 10 ZIP 2 FOAM 0.8 00418 1
PACK-4,   FABRIC-P 4.8 BUCKLE 12 ZIP 3 FOAM 1 00418 1
PACK-5,   FABRIC-P 3 BUCKLE 8 ZIP 1 FOAM 0.6 00418 2
PACK-6,   FABRIC-P 4 BUCKLE 14 ZIP 2 FOAM 1.5 00418 2
STOVE-1,  VALVE-7 1 BURNER 1 STEEL 0.4
STOVE-2,  VALVE-7 2 BURNER 2 STEEL 2.5
STOVE-3,  VALVE-7 1 BURNER 2 STEEL 3.5
STOVE-4,  STEEL 2.6 CARTRIDGE 1
STOVE-5,  VALVE-7 1 BURNER 2 STEEL 2.2 CARTRIDGE 1
STOVE-6,  VALVE-7 1 BURNER 1 STEEL 0.6
WEAR-1,   FABRIC-W 2.6 ZIP 1.2 SEAM-TAPE 10
WEAR-2,   FABRIC-W 1.7 ZIP 1 SEAM-TAPE 6
WEAR-3,   FLEECE 1.9 ZIP 0.8
WEAR-4,   FABRIC-W 2 DOWN 0.28 ZIP 1.2
WEAR-5,   MERINO 1.3
WEAR-6,   FABRIC-W 0.4 FLEECE 0.4
POLE-SET, 00417 8 CORD 9
""")
    rows = [
        (product, component, float(quantity))
        for product, recipe in zip(recipes["product"], recipes["recipe"].str.split(), strict=True)
        for component, quantity in zip(recipe[::2], recipe[1::2], strict=True)
    ]
    return pd.DataFrame(rows, columns=["product", "component", "quantity_per_unit"])


def component_need():
    """Units of each component that the planned demand uses in each month, pole sets exploded to tube and cord.

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


def components():
    """Parts with stock for their lead time; the valve's supplier delivers less than the peak needs."""
    table = written("""
component, supplier,          lead_time_days, unit_cost, min_order, shelf_life_days
00417,     Norsk Profil,      30, 2.00            ,      5000,
00418,     Norsk Profil,      30,             3.80,      1000,
BUCKLE,    Duraflex,          30, 0.60            ,      20000,
BURNER,    Brenner & Söhne,   60, 5.40            ,      2000,
CARTRIDGE, Gaz de Savoie,     15, 4.20            ,      4000,      1095
CORD,      Tessuti Lario,     30, 0.25            ,      10000,
DOWN,      Masuria Down,      60, 125           ,        100,
FABRIC-P,  Tessuti Lario,     60, 9.10            ,      2000,
FABRIC-T,  Tessuti Lario,     60, 5.70            ,      5000,
FABRIC-W,  Membrana,          75, 16.40            ,     2000,
FLEECE,    Beira Textil,      45, 11.20           ,      2000,
FOAM,      Schaumwerk,        15, 9.50            ,      500,
MERINO,    Otago Wool,        90, 15.90            ,     2000,
PEG,       Norsk Profil,      30, 0.48            ,      20000,
POLE-SET,  own workshop,      5, 19.00             ,     ,
SEAM-TAPE, Membrana,          30, 0.50            ,      10000,     540
STEEL,     Stahlhof,          15, 7.20            ,      1000,
VALVE-7,   Brenner & Söhne,   60, 6.10            ,      2000,
ZIP,       Duraflex,          30, 1.70            ,      5000,
""").astype({"lead_time_days": float})
    need = component_need()
    months = need["period"].array.asi8 - CYCLE.ordinal
    lead = need["component"].map(table.set_index("component")["lead_time_days"]) / 30
    opening = need["need"].where(months < np.ceil(lead) + 0.5, 0.0).groupby(need["component"]).sum() * 1.15
    table["on_hand"] = (table["component"].map(opening) / 100).round() * 100
    limited = table["component"] == TRUTH["supply_limit"]["component"]
    average = need[need["period"].isin(YEAR)].groupby("component")["need"].mean()
    table["supply_limit"] = np.where(limited, (table["component"].map(average) * 0.97 / 100).round() * 100, np.nan)
    return table


def material_cost():
    """Components of one unit, and five per cent for thread, labels and packing."""
    cost = components().set_index("component")["unit_cost"].astype(float)
    recipe = bill_of_materials()
    recipe["cost"] = recipe["quantity_per_unit"] * recipe["component"].map(cost)
    return (recipe.groupby("product")["cost"].sum() * 1.05).round(2)


def economics():
    """Prices of this year and the next; stock costs 1.5 % of its cost a month, lateness 6 % of the price."""
    table = CATALOGUE[["product", "resource", "hours"]].merge(pd.DataFrame({"year": [2026, 2027]}), how="cross")
    table["effective_from"] = table["year"].astype(str) + "-01"
    table["price"] = list_price(table["product"], table["year"])
    table["material_cost"] = (table["product"].map(material_cost()) * 1.015 ** (table["year"] - 2026)).round(2)
    made = table["material_cost"] + table["hours"] * table["resource"].map(WAGES)
    table["holding_cost"] = (made * 0.015).round(3)
    table["backlog_cost"] = (table["price"] * 0.06).round(2)
    table["lost_sale_cost"] = (table["price"] * 0.15).round(2)
    limits = {"PACK-1": 800, "PACK-2": 500, "STOVE-4": 600, "TENT-2": 250, "WEAR-3": 700, "WEAR-5": 900}
    table["subcontract_limit"] = table["product"].map(limits)
    outside = (made * 1.18).round(2)
    table["subcontract_cost"] = outside.where(table["subcontract_limit"].notna())
    return table.drop(columns=["resource", "hours", "year"])


def inventory():
    """About a month of the coming demand, more of clothing before winter; too much of what is phased out."""
    demand = planned_demand()
    coming = demand[demand["period"].isin(YEAR[:3])].groupby(["product", "family"], as_index=False)["expected"].sum()
    coming = coming[~coming["product"].isin(list(TRUTH["launches"]))]
    cover = coming["family"].map({"tents": 1.1, "packs": 1.0, "stoves": 1.0, "clothing": 1.3})
    cover = cover.where(coming["product"] != TRUTH["phase_out"]["product"], 9.0)
    random = stream("inventory").uniform(0.85, 1.15, len(coming))
    coming["on_hand"] = (coming["expected"] / 3 * cover * random / 10).round() * 10
    coming["site"] = coming["product"].map(CATALOGUE.set_index("product")["resource"].map(SITES))
    forward = coming[coming["product"].isin(["PACK-1", "PACK-2"])].assign(site="harbour")
    forward["on_hand"] = (forward["on_hand"] * 0.2 / 10).round() * 10
    return pd.concat([coming, forward])[["product", "site", "on_hand"]]


def inventory_policy():
    """Service by family; gloves and burners are lost sales when out of stock; the phase-out should end empty."""
    table = inventory()[["product", "site"]]
    new = pd.DataFrame({"product": ["STOVE-6", "TENT-6"], "site": ["harbour", "alpine"]})
    table = pd.concat([table, new])
    family = table["product"].map(CATALOGUE.set_index("product")["family"])
    table["service_level"] = family.map({"tents": 0.97, "packs": 0.96, "stoves": 0.95, "clothing": 0.95})
    table["target_cover_months"] = family.map({"tents": 0.4, "packs": 0.4, "stoves": 0.3, "clothing": 0.5})
    phased_out = table["product"] == TRUTH["phase_out"]["product"]
    table.loc[phased_out, ["service_level", "target_cover_months"]] = [0.80, 0.0]
    table["min_inventory"] = table["product"].map({"TENT-5": 60.0, "WEAR-1": 600.0})
    table["max_inventory"] = table["product"].map({"PACK-5": 1500.0, "WEAR-4": 6000.0})
    table["ending_inventory"] = table["product"].map({"PACK-5": 0.0, "TENT-2": 2500.0})
    table["backlog_allowed"] = np.where(table["product"].isin(["STOVE-1", "WEAR-6"]), "false", "true")
    return table


def supply_policy():
    """Tents level (sewers are hard to find), stoves chase, the rest least cost."""
    return written("""
family,   strategy, author,    reason
clothing, optimal,  M. Larsen, No commitment to the works council; the least cost is taken
packs,    optimal,  M. Larsen, No commitment to the works council; the least cost is taken
stoves,   chase,    J. Weiss,  Cartridges and valves are not stored for long; crews are flexible
tents,    level,    M. Larsen, Trained sewers are hard to find; the crew is kept through the year
""")


def lanes():
    return written("""
site,    market, freight_cost
alpine,  north,  1.90
alpine,  south,  1.40
alpine,  export, 4.60
harbour, north,  1.30
harbour, south,  1.80
harbour, export, 3.20
""")


def storage():
    return written("""
site,    storage_limit, rent_cost
alpine,  42000,         0.90
harbour, 60000,         0.70
""")


def receipts():
    """Finished goods on their way from subcontractors."""
    return written("""
product, site,    period,  quantity
PACK-1,  alpine,  2026-10, 600
STOVE-4, harbour, 2026-10, 500
WEAR-3,  harbour, 2026-10, 900
WEAR-3,  harbour, 2026-11, 700
WEAR-5,  harbour, 2026-10, 1200
WEAR-5,  harbour, 2026-11, 900
""")


# --- what people expect --------------------------------------------------------------------------------------


def opportunities():
    """The pipeline; OPP-03 is in the sales input already, OPP-06 came from the fair, OPP-08 lies beyond the plan."""
    return written("""
opportunity, product, market, period,  quantity, probability, stage,       owner,     source_activity
OPP-01,      TENT-4,  north,  2027-04, 900,      0.60,        offer,       K. Holm,
OPP-02,      PACK-3,  south,  2027-03, 700,      0.40,        qualified,   R. Conti,
OPP-03,      WEAR-1,  export, 2026-12, 800,      0.70,        negotiation, S. Tanaka,
OPP-04,      STOVE-2, north,  2027-05, 500,      0.25,        contact,     K. Holm,
OPP-05,      WEAR-4,  north,  2027-11, 600,      0.50,        offer,       K. Holm,
OPP-06,      STOVE-5, export, 2027-03, 300,      0.50,        qualified,   S. Tanaka, FAIR-1
OPP-07,      TENT-2,  export, 2027-05, 1200,     0.30,        qualified,   S. Tanaka,
OPP-08,      PACK-6,  export, 2028-06, 400,      0.40,        contact,     S. Tanaka,
OPP-09,      WEAR-5,  south,  2026-11, 1000,     0.90,        negotiation, R. Conti,
""")


def demand_inputs():
    """Sales hope for the larger products, finance is careful, marketing speaks for its promotion, product for TENT-6."""
    plan, random = planned_demand(), stream("demand_inputs")
    large = plan["product"].isin(["TENT-1", "TENT-2", "TENT-4", "PACK-1", "PACK-2", "PACK-3", "STOVE-1", "STOVE-2",
                                  "WEAR-1", "WEAR-3", "WEAR-4", "WEAR-5"])  # fmt: skip
    soon = plan["period"].isin(YEAR[:6])
    promoted = (promotion_lift(plan) > 0) & plan["product"].isin(["PACK-1", "PACK-2", "PACK-3", "PACK-4", "PACK-6"])
    new = (plan["product"] == "TENT-6") & plan["period"].between(pd.Period("2027-02", "M"), pd.Period("2027-07", "M"))
    parts = [
        plan[large & soon].assign(function="sales", share=1 + TRUTH["sales_bias"], spread=0.06, reason="Accounts' own outlook"),
        plan[large & soon & (plan["market"] != "export")].assign(function="finance", share=0.97, spread=0.02, reason="Run rate of the last quarter"),
        plan[promoted].assign(function="marketing", share=1.04, spread=0.03, reason="Spring promotion PROMO-3 as planned"),
        plan[new & (plan["expected"] > 0)].assign(function="product", share=1.08, spread=0.03, reason="Test panel liked TENT-6"),
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    table["quantity"] = (table["expected"] * table["share"] * np.exp(random.normal(0, 1, len(table)) * table["spread"])).round()
    for name, (product, market, period) in TRUTH["double_counted"].items():
        deal = opportunities().set_index("opportunity").loc[name, ["quantity", "probability"]].astype(float).prod()
        cell = (table["function"] == "sales") & (table["product"] == product) & (table["market"] == market)
        cell &= table["period"] == pd.Period(period, "M")
        table.loc[cell, "quantity"] += round(deal)
        table.loc[cell, "reason"] = f"Accounts' own outlook; {name} is in it"
    sellers = {"north": "K. Holm", "south": "R. Conti", "export": "S. Tanaka"}
    others = {"finance": "A. Novak", "marketing": "L. Moreau", "product": "E. Berg"}
    table["author"] = table["function"].map(others).fillna(table["market"].map(sellers))
    days = {"sales": "2026-10-02", "marketing": "2026-10-05", "finance": "2026-10-06", "product": "2026-10-01"}
    table["submitted_on"] = table["function"].map(days)
    return table[["function", "product", "market", "period", "quantity", "author", "reason", "submitted_on"]]


def consensus_policy():
    return written("""
function,  weight, author,    reason
finance,   0.20,   D. Fischer, Careful and close; knows no deals
marketing, 0.40,   D. Fischer, Knows promotions that the baseline cannot know
product,   0.50,   D. Fischer, Knows the launch best
sales,     0.30,   D. Fischer, Knows deals but has forecast about ten per cent too much
""")


def approved_plans():
    """What each contributor forecast in the last twelve cycles for one to six months ahead.

    All share the error of not knowing the level; sales add their optimism; the baseline does not know promotions;
    the consensus takes a third off the shared error.
    """
    demand, random = expected_demand(), stream("approved_plans")
    cycles = pd.DataFrame({"cycle": pd.period_range(CYCLE - 12, CYCLE - 1, freq="M")})
    table = cycles.merge(pd.DataFrame({"lag": range(1, 7)}), how="cross")
    ordinals = pd.PeriodIndex(table["cycle"]).asi8 + table["lag"] - 1
    table["period"] = pd.PeriodIndex.from_ordinals(ordinals, freq="M")
    table = table.merge(demand, on="period").sort_values(["cycle", "product", "market", "period"])
    shared = random.normal(0, 1, len(table)) * (0.07 + 0.012 * table["lag"])
    who = {  # share of the truth, share of the shared error, own error, knows promotions
        "baseline": (1.00, 1.0, 0.00, False),
        "sales": (1 + TRUTH["sales_bias"], 0.9, 0.08, True),
        "marketing": (1.04, 0.9, 0.05, True),
        "finance": (0.97, 1.0, 0.03, False),
        "consensus": (1.01, 0.67, 0.02, True),
    }
    parts = []
    for contributor, (share, of_shared, own, knows) in who.items():
        truth = table["expected"] if knows else table["expected"] / table["promoted"]
        error = np.exp(of_shared * shared + random.normal(0, own, len(table)))
        parts.append(table.assign(contributor=contributor, quantity=(truth * share * error).round()))
    return pd.concat(parts)[["cycle", "contributor", "product", "market", "period", "quantity"]]


# --- money and goals -----------------------------------------------------------------------------------------


def budget():
    """The trend as it was seen a year ago, with clothing set too high."""
    table = pd.concat([expected_demand().query("period < @CYCLE"), planned_demand()])
    table = table[(table["period"] >= pd.Period("2026-01", "M")) & (table["period"] <= pd.Period("2027-12", "M"))].copy()
    table["expected"] /= table.get("promoted", pd.Series(1.0, table.index)).fillna(1.0)
    plan = TRUTH["under_budget"]
    factor = {"tents": 1.00, "packs": 0.99, "stoves": 1.01, plan["family"]: 1 + plan["budget_over_trend"]}
    table["quantity"] = table["expected"] * table["family"].map(factor)
    table["revenue"] = table["quantity"] * list_price(table["product"], table["period"].dt.year)
    result = table.groupby(["family", "period"], as_index=False)[["quantity", "revenue"]].sum()
    share = result["family"].map({"tents": 0.42, "packs": 0.42, "stoves": 0.40, "clothing": 0.40})
    result["margin"] = (result["revenue"] * share / 1000).round() * 1000
    result["revenue"] = (result["revenue"] / 1000).round() * 1000
    result["quantity"] = (result["quantity"] / 10).round() * 10
    return result


def goals():
    return written("""
goal,             measure,             family, from_period, to_period, target,   direction, horizon,   owner
cash-floor,       cash,                ,       2026-10,     2027-09,   2000000,  at_least,  tactical,  A. Novak
grow-packs,       quantity,            packs,  2026-10,     2027-09,   195000,   at_least,  tactical,  L. Moreau
growth,           revenue,             ,       2026-10,     2027-09,   78000000, at_least,  strategic, C. Winter
growth-2028,      revenue,             ,       2028-01,     2028-12,   88000000, at_least,  strategic, C. Winter
lean-stock,       inventory_value,     ,       2026-10,     2027-09,   5000000,  at_most,   tactical,  A. Novak
margin,           margin,              ,       2026-10,     2027-09,   31000000, at_least,  strategic, C. Winter
reliable-service, service_level_ratio, ,       2026-10,     2027-09,   0.97,     at_least,  tactical,  M. Larsen
""")


def terms():
    return written("""
currency, receivable_days, payable_days, opening_cash, fixed_cost, horizon_months
EUR,      45,              30,           14000000,     1750000,    18
""")


# --- risks, scenarios, process -------------------------------------------------------------------------------


def assumptions():
    return written("""
assumption,   statement,                                                           owner,     family,   valid_from, valid_to
euro,         The euro stays within three per cent of its October rate,            A. Novak,  ,         2026-10,    2028-03
fabric,       Tent fabric keeps its contract price until the end of 2027,          P. Silva,  tents,    2026-10,    2027-12
mild-winter,  The winter is no milder than the mean of the last five,              R. Conti,  clothing, 2026-10,    2027-03
no-strike,    The works council agreement holds; overtime stays within ten per cent, M. Larsen, ,       2026-10,    2028-03
retail-north, The two northern chains keep the range they list today,              K. Holm,   ,         2026-10,    2027-09
successor,    TENT-6 takes six of ten units from TENT-3 where both are sold,       E. Berg,   tents,    2027-02,    2028-03
valves,       No second source for the valve is released before the autumn of 2027, P. Silva, stoves,   2026-10,    2027-09
""")


def risks():
    return written("""
risk,              risk_kind,     statement,                                                    probability, scenario,            owner
cool-summer,       vulnerability, A wet early summer takes a tenth off the demand for tents,    0.25,        demand-downside,     K. Holm
dear-material,     vulnerability, Textile and steel prices rise by eight per cent in the spring, 0.30,       material-price-rise, P. Silva
outdoor-boom,      opportunity,   Travel at home lifts the demand for tents by a tenth,         0.20,        demand-upside,       K. Holm
price-room,        opportunity,   The market takes three per cent more on every price,          0.40,        price-rise,          L. Moreau
valve-outage,      vulnerability, The valve supplier loses four tenths of its output,           0.15,        supplier-outage,     P. Silva
""")


def scenario_changes():
    return written("""
scenario,            change, table,             column,                    family, product, market, resource,  from_period, to_period, operation, amount, note
demand-downside,     1,      sales_history,     quantity,                  tents,  ,        ,       ,          ,            ,          multiply,  0.90,   As if a tenth fewer tents had been asked for all along
demand-downside,     2,      demand_inputs,     quantity,                  tents,  ,        ,       ,          ,            ,          multiply,  0.90,   The functions see it too
demand-upside,       1,      sales_history,     quantity,                  tents,  ,        ,       ,          ,            ,          multiply,  1.10,   As if a tenth more tents had been asked for all along
demand-upside,       2,      demand_inputs,     quantity,                  tents,  ,        ,       ,          ,            ,          multiply,  1.10,   The functions see it too
extra-shift,         1,      resources,         max_workers,               ,       ,        ,       TENT-LINE, ,            ,          add,       12,     A late shift on the tent line
extra-shift,         2,      resource_calendar, overtime_hours_per_worker, ,       ,        ,       TENT-LINE, 2027-03,     2027-07,   add,       8,      Saturday mornings in spring
material-price-rise, 1,      economics,         material_cost,             ,       ,        ,       ,          2027-03,     ,          multiply,  1.08,   Textile and steel
price-rise,          1,      economics,         price,                     ,       ,        ,       ,          2027-01,     ,          multiply,  1.03,   With the January price list
second-source,       1,      components,        supply_limit,              ,       ,        ,       ,          ,            ,          multiply,  1.25,   Only the valve has a limit
supplier-outage,     1,      components,        supply_limit,              ,       ,        ,       ,          ,            ,          multiply,  0.60,   Only the valve has a limit
""")


def processes():
    return written("""
process,          owner,      input,                                   output,                           means,                          control,                             criterion,                                    measure,              target
data-review,      D. Fischer, Month-end sales and stock,               Checked tables and demand history, Planner and this workbook,     Findings are cleared before day 3,   No high finding is open,                      open_high_findings,   0
product-review,   E. Berg,    Launch gates and segments,               Launch and phase-out plan,        Product managers,               Gate list signed,                    Every launch in the horizon has three gates,  gates_filled_ratio,   1
demand-review,    L. Moreau,  Baseline and the functions' inputs,      Consensus demand plan,            Sales marketing finance product, Overrides have author and reason,   Consensus beats the baseline,                 value_added,          0.01
supply-review,    M. Larsen,  Consensus demand plan and capacity,      Supply plan of record,            Plant managers and purchasing,  Shortfalls are named with their cost, Demand is met in the month it is wanted,     service_level_ratio,  0.97
financial-review, A. Novak,   Supply plan and economics,               Financial plan and gaps,          Controllers,                    Volumes tie to money,                Plan and budget are bridged without rest,     unexplained_margin,   0
pre-sop,          D. Fischer, Gaps of all reviews,                     Strategies with their effects,    Planning board,                 Every gap has an owner,              Each large gap has an option that was replanned, gaps_with_option_ratio, 1
executive-sop,    C. Winter,  Decisions and recommendations,           Approved plan,                    Executive team,                 Minutes with name and date,          Decisions are taken in the meeting,           decided_ratio,        0.9
operations-plan,  M. Larsen,  Approved plan,                           Weekly and daily plans and orders, Schedulers and buyers,         Weeks sum to months,                 Orders are placed by their order day,         orders_on_time_ratio, 0.95
""")


def evidence():
    return written("""
process,          element,   cycle,   reference,                                         value
data-review,      control,   2026-09, Checklist of 2 September,
data-review,      criterion, 2026-09, Finding log: two high findings open,              2
data-review,      input,     2026-10, Ledger export of 1 October,
demand-review,    control,   2026-09, Override list with authors,
demand-review,    criterion, 2026-09, Accuracy report at lag 1,                         0.03
demand-review,    input,     2026-10, Inputs of four functions,                         4
executive-sop,    control,   2026-09, Minutes of 24 September,
executive-sop,    criterion, 2026-09, Decision log: seven of nine taken,                0.78
executive-sop,    means,     2026-09, Attendance list: six of eight,                    0.75
financial-review, output,    2026-09, Financial plan of cycle 2026-09,
operations-plan,  criterion, 2026-09, Purchasing report: orders placed in time,         0.91
pre-sop,          output,    2026-09, Five options with replanned effects,              5
product-review,   control,   2026-09, Gate list signed 8 September,
product-review,   criterion, 2026-10, Gate list: all gates are filled,                  1
supply-review,    criterion, 2026-09, Delivery report of August,                        0.95
supply-review,    output,    2026-09, Supply plan of cycle 2026-09,
""")


def balance_survey():
    """Ten people score eight statements; marketing and finance trust the numbers less than sales and product do."""
    people = pd.DataFrame({"respondent": [f"R{n:02d}" for n in range(1, 11)]})
    people["function"] = ["sales"] * 3 + ["marketing"] * 2 + ["finance"] * 3 + ["product"] * 2
    items = written("""
item,                                                  mean
All functions plan from the same demand number,        5.2
Decisions are taken in the meeting and kept afterwards, 4.4
Demand and supply carry equal weight,                  3.8
I know which gaps are mine to close,                   5.0
Our opinion is heard before the plan is fixed,         4.6
The effort is in proportion to the use,                4.1
The plan and the budget tell one story,                3.2
We look far enough ahead,                              4.8
""").astype({"mean": float})
    table = people.merge(items, how="cross")
    lean = table["function"].map({"sales": 0.4, "marketing": -0.5, "finance": -0.7, "product": 0.5})
    scores = table["mean"] + lean + stream("balance_survey").normal(0, 0.8, len(table))
    table["score"] = np.clip(scores.round(), 1, 7)
    return table[["respondent", "item", "function", "score"]]


# --- writing -------------------------------------------------------------------------------------------------

KEYS = {  # table: the columns it is sorted by
    products: "product",
    sales_history: "product market period",
    inventory: "product site",
    resources: "resource",
    routings: "product resource",
    resource_calendar: "resource period",
    economics: "product effective_from",
    inventory_policy: "product site",
    supply_policy: "family",
    lanes: "site market",
    storage: "site",
    receipts: "product site period",
    availability: "product market period",
    activities: "activity",
    opportunities: "opportunity",
    launches: "launch",
    demand_inputs: "function product market period",
    consensus_policy: "function",
    bill_of_materials: "product component",
    components: "component",
    budget: "family period",
    goals: "goal",
    terms: "currency",
    assumptions: "assumption",
    risks: "risk",
    scenario_changes: "scenario change",
    processes: "process",
    evidence: "process element cycle",
    balance_survey: "respondent item",
    approved_plans: "cycle contributor product market period",
}


def write(folder):
    """Write every table as CSV: keys first and sorted, months as 2026-10, at most four decimals."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for table, key in KEYS.items():
        keys = key.split()
        frame = table().sort_values(keys, kind="stable")
        frame = frame[[*keys, *(c for c in frame.columns if c not in keys)]]
        numbers = frame.select_dtypes("number")
        frame = frame.assign(**numbers.round(4))
        text = frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        (folder / f"{table.__name__}.csv").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "summit")
