"""What cells say that does not go with other cells: other columns, rows of the same thing, other tables, the months planned."""

import numpy as np
import pandas as pd

from sopkit import scenarios
from sopkit.finance.goals import GOAL_MEASURES
from sopkit.performance.measures import MEASURES, PLAN_DIRECTIONS
from sopkit.schema.columns import LOST, WON
from sopkit.schema.tables import TABLES
from sopkit.tables import attach
from sopkit.tables.issues import Fault, shown, spelt_nearly, told, with_rows
from sopkit.tables.periods import horizon, month

SINGLE = (
    "piece",
    "pieces",
    "pc",
    "pcs",
    "each",
    "ea",
    "unit",
    "units",
    "set",
    "pair",
)  # counted together
MANY_CELLS = (
    5_000_000  # of the tables that scenarios change; trying them out on more takes too long
)
FAR_AHEAD = 120  # months from the last sale that nobody plans
YEAR = 12  # months
FEW = 3  # rows of a thing that show what is usual for it
# fmt: off
NOT_ABOVE = (  # table, what is not above what
    ("economics", "material_cost", "price"), ("economics", "holding_cost", "price"),
    ("resources", "opening_workers", "max_workers"), ("resources", "regular_wage", "overtime_wage"),
    ("inventory_policy", "min_inventory", "max_inventory"), ("inventory_policy", "ending_inventory", "max_inventory"),
    ("inventory_policy", "target_cover_months", "max_cover_months"), ("components", "min_order", "supply_limit"),
    ("budget", "margin", "revenue"),
)
PEERS = (  # table, column, what it is alike for, and how many times the usual of those rows is odd
    ("sales_history", "quantity", ("product", "market"), 100), ("demand_inputs", "quantity", ("product", "market"), 100),
    ("booked_orders", "quantity", ("product", "market"), 100), ("approved_plans", "quantity", ("product", "market"), 100),
    ("approved_supply_plans", "regular", ("product", "site"), 100), ("production_history", "produced", ("product", "site"), 100),
    ("budget", "quantity", ("family",), 100), ("budget", "revenue", ("family",), 100), ("hours_history", "regular_hours", ("resource",), 10),
    ("resource_calendar", "regular_hours_per_worker", ("resource",), 10), ("resources", "regular_wage", (), 20),
    ("routings", "hours_per_unit", ("family",), 20), ("bill_of_materials", "quantity_per_unit", ("component",), 100),
)
COUNTED = (("sales_history", "quantity"), ("inventory", "on_hand"), ("receipts", "quantity"), ("booked_orders", "quantity"))
NEEDS = (  # table, column, where it should stand too when that table is given, what it means that it does not
    ("sales_history", "market", ("lanes",), "no site serves it"), ("components", "component", ("bill_of_materials",), "it goes into nothing"),
    ("component_receipts", "supplier", ("components",), "it delivers no component"), ("products", "product", ("sales_history", "launches", "bill_of_materials"), "it is not planned"),
    ("products", "product", ("routings",), "it is made without using capacity"), ("products", "product", ("economics",), "its price and costs are assumed"),
    ("resources", "resource", ("routings",), "it makes nothing"), ("resources", "resource", ("resource_calendar",), "it works 8 hours on every weekday"),
    ("opportunities", "stage", ("stage_history",), "its deals never entered it"), ("stage_history", "stage", ("opportunities",), "no deal is in it"),
)
SITES = ("inventory", "resources", "lanes", "transfer_lanes", "storage")  # tables in which a site is at home
MEASURED = (  # table, the measures it can name, what these are
    ("goals", GOAL_MEASURES, "a goal can have; the plan will be refused"),
    ("kpi_targets", tuple(MEASURES), "the workbook takes; its target is held against nothing"),
)
OTHER_THAN = (("launches", "product", "replaces_product"), ("transfer_lanes", "site", "to_site"))
# fmt: on


def contradictions(tables, sources, cycle=None):
    """List what in conformed tables does not go with the rest of them.

    With `cycle`, also the planned months that a calendar leaves out.

    Returns
    -------
    list of Fault
    """
    found = []

    def tell(name, odd, text, column, remedy):
        if odd.any():
            found.append(told(TABLES[name], tables[name], odd, text, column, sources[name], remedy))

    for rule in _RULES:
        rule(tables, tell)
    if cycle is not None:
        _uncovered_months(tables, tell, cycle)
    if "sales_history" in tables:
        found += _of_series(tables["sales_history"], sources["sales_history"])
    if "products" in tables:
        found += _of_units(tables["products"], sources["products"])
    return found


def cycle_faults(sales, cycle, source):
    """Object to a cycle that the history says nothing about."""
    first, last = sales["period"].min(), sales["period"].max()
    if first < month(cycle) and (month(cycle) - last).n <= FAR_AHEAD:
        return []
    rule = f"cycle {cycle} cannot be planned: {source} holds sales from {first} to {last}"
    return [Fault("sales_history", f"{rule}. Say the cycle meant, such as --cycle {last + 1}, or add the sales before it.")]  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------
# the same table


def _above(tables, tell):
    for name, low, high in NOT_ABOVE:
        if name in tables:
            frame = tables[name]
            tell(name, frame[low] > frame[high], f"{low} is more than {high}", low, f"Check both, and their units: {high} should be at least as much.")  # fmt: skip


def _unlike_peers(tables, tell):
    for name, column, group, times in PEERS:
        if name not in tables:
            continue
        frame = tables[name]
        if group == ("family",) and "family" not in frame:
            families = (
                tables["products"].set_index("product")["family"] if "products" in tables else {}
            )
            frame = frame.assign(family=frame["product"].map(families))
        cells = frame[column].where(frame[column] > 0)
        alike = (
            cells.groupby([frame[c] for c in group])
            if group
            else cells.groupby(np.zeros(len(cells)))
        )
        usual = alike.transform("median").where(alike.transform("count") >= FEW)
        whose = f"of its {' and '.join(group)}" if group else "of the others"
        odd = cells > times * usual
        text = f"{column} is more than {times} times the usual {whose} ({usual[odd].max():,.6g})"
        tell(name, odd, text, column, "Check its unit, its decimal mark and its thousands marks.")


def _parts_of_pieces(tables, tell):
    if "products" not in tables:
        return
    units = tables["products"].set_index("product")["unit_of_measure"].str.casefold()
    for name, column in COUNTED:
        if name in tables:
            frame = tables[name]
            odd = frame[column] % 1 != 0
            odd[odd] = frame.loc[odd, "product"].map(units).isin(SINGLE)
            tell(name, odd, f"{column} is no whole number, though the product is counted in pieces", column, "Check whether the point marks thousands, or correct unit_of_measure in products.")  # fmt: skip


def _itself(tables, tell):
    for name, one, other in OTHER_THAN:
        if name in tables:
            same = tables[name][one] == tables[name][other]
            tell(
                name,
                same,
                f"{other} is the same as {one}",
                other,
                "Name another one, or remove the row.",
            )


def _ended(tables, tell):
    """The last rows of series that end before the history does."""
    if "sales_history" in tables and len(sales := tables["sales_history"]):
        last = sales.groupby(["product", "market"])["period"].transform("max")
        end = sales["period"].max()
        text = f"sales of a product in a market end before {end}, where the history ends; taken as no sales since"
        tell("sales_history", (last < end) & (sales["period"] == last), text, "period", "Add its later months, with 0 where nothing was sold; nothing is to do for what is no longer sold.")  # fmt: skip


def _shares(tables, tell):
    for name in ("goals", "kpi_targets", "processes"):
        if name in tables:
            frame = tables[name]
            odd = frame["measure"].str.endswith("_ratio") & (frame["target"] > FEW)
            tell(name, odd, "target of a share looks like per cent", "target", "Write a share as a number from 0 to 1: 30 % is 0.3.")  # fmt: skip


def _measures(tables, tell):
    for name, known, meaning in MEASURED:
        if name in tables:
            odd = tables[name]["measure"].notna() & ~tables[name]["measure"].isin(known)
            tell(
                name,
                odd,
                f"measure is none that {meaning}",
                "measure",
                f"Write one of {', '.join(known)}.",
            )


def _process_measures(tables, tell):
    """Measures of processes may be taken elsewhere; one that is nearly the workbook's is doubtful."""
    if "processes" in tables:
        known, named = [*MEASURES, *PLAN_DIRECTIONS], tables["processes"]["measure"]
        nearly = {name for name in set(named.dropna()) - set(known) if spelt_nearly(name, known)}
        text = "measure is spelt nearly like one that the workbook takes, and is taken as another"
        tell(
            "processes",
            named.isin(nearly),
            text,
            "measure",
            f"The workbook takes {', '.join(known)}.",
        )


def _closed_deals(tables, tell):
    """Deals that were won or lost before they entered another stage."""
    if "stage_history" in tables:
        steps = tables["stage_history"]
        closing = steps["stage"].str.casefold().isin([WON, LOST])
        closed = steps["entered_on"].where(closing).groupby(steps["opportunity"]).transform("min")
        text = "entered_on is after the deal was won or lost"
        tell("stage_history", steps["entered_on"] > closed, text, "entered_on", "Correct the date, or remove the stage that was not entered.")  # fmt: skip


def _idle_sites(tables, tell):
    if "opening_hours" in tables:
        hours = tables["opening_hours"]
        odd = hours.groupby("site")["hours"].transform("sum") == 0
        tell("opening_hours", odd, "hours are 0 on every day: the site never opens", "hours", "Give its hours, or remove its rows.")  # fmt: skip


def _of_series(sales, source):
    table, found = TABLES["sales_history"], []
    key = ["product", "market"]
    series = sales.groupby(key, sort=False)["quantity"].agg(["size", "max"])
    for odd, text, remedy in (
        (
            series["size"] == 1,
            "has one month of sales only",
            "Add its other months, with 0 where nothing was sold.",
        ),
        (
            (series["max"] == 0) & (series["size"] > 1),
            "never sold anything",
            "Remove it, or correct its quantities.",
        ),
    ):
        if odd.any():
            first = ~sales.duplicated(key)  # of each series, in the order of `series`
            first[first] = odd.to_numpy()
            text = f"a product in a market {text} ({odd.sum():,} of {len(series):,} series):"
            found.append(with_rows(table, sales, first, text, "quantity", source, remedy))
    return found


def _of_units(products, source):
    table = TABLES["products"]
    units = products["unit_of_measure"].str.casefold()
    units = units.mask(units.isin(SINGLE), SINGLE[0])
    usual = units.groupby(products["family"]).transform(lambda cells: cells.mode().iloc[0])
    if not (odd := units != usual).any():
        return []
    families = ", ".join(map(shown, products.loc[odd, "family"].unique()[:3]))
    text = f"unit_of_measure differs within a family ({families}), whose quantities are added up"
    return [
        told(
            table,
            products,
            odd,
            text,
            "unit_of_measure",
            source,
            "Use one unit, or split the family.",
        )
    ]


# ---------------------------------------------------------------------------------------------------------------
# other tables


def _missing_elsewhere(tables, tell):
    for name, column, others, meaning in NEEDS:
        there = [tables[other] for other in others if other in tables]
        if name not in tables or others[0] not in tables:
            continue
        cells = tables[name][column]
        known = {
            value
            for frame in there
            for c in (column, "component")
            if c in frame
            for value in frame[c].unique()
        }
        odd = cells.notna() & ~cells.isin(known) & ~cells.duplicated()
        tell(name, odd, f"{column} is not in {' or '.join(others)}: {meaning}", column, f"Add it to {others[0]}, or correct it here.")  # fmt: skip


def _sites(tables, tell):
    """Sites that only one of the tables knows in which sites are at home."""
    known = {name: {site for c in ("site", "to_site") if c in tables[name] for site in tables[name][c].unique()} for name in SITES if name in tables}  # fmt: skip
    for name in known:
        others = set().union(*(sites for other, sites in known.items() if other != name))
        for column in ("site", "to_site"):
            if others and column in tables[name]:
                strange = ~tables[name][column].isin(others)
                text = f"{column} is known to no other table, which know {', '.join(map(shown, sorted(others)[:5]))}"
                tell(name, strange, text, column, "Correct it, or add the site to lanes.")


def _prices(tables, tell):
    """Revenue of a unit, sold or budgeted, that is far from the price."""
    prices = {}
    if {"products", "economics"} <= set(tables):
        economics = tables["economics"].merge(
            tables["products"][["product", "family"]], on="product"
        )
        prices = {
            by: economics.groupby(by)["price"].agg(["min", "max"]) for by in ("product", "family")
        }
    if "economics" in tables:
        price = tables["economics"]["price"]
        lowest = price.where(price > 0).groupby(tables["economics"]["product"]).transform("min")
        tell("economics", price > 10 * lowest, "price is more than ten times another price of the product", "price", "Check its unit and its decimal mark.")  # fmt: skip
    for name, by in (("sales_history", "product"), ("budget", "family")):
        if name not in tables or (name == "budget" and not prices):
            continue
        frame = tables[name]
        paid = (frame["revenue"] / frame["quantity"].where(frame["quantity"] > 0)).where(
            frame["revenue"].notna()
        )
        usual = paid.groupby(frame[by]).transform("median")
        low, high = (
            frame[by].map(prices[by][side]) if prices else usual for side in ("min", "max")
        )
        low, high = low.fillna(usual), high.fillna(usual)
        odd = (low > 0) & ((paid < low / 10) | (paid > high * 10))
        odd |= (frame["quantity"] == 0) & (frame["revenue"] > 0) | (frame["revenue"] < 0)
        basis = "the price in economics" if prices else f"what is usual for the {by}"
        text = f"revenue of a unit is less than a tenth or more than ten times {basis}"
        tell(name, odd, text, "revenue", "Check both units, the currency, and that quantity and revenue are not exchanged.")  # fmt: skip


def _sold_out(tables, tell):
    """Months without any stock in which something was sold."""
    if {"availability", "sales_history"} <= set(tables):
        key = ["product", "market", "period"]
        odd = tables["availability"]["in_stock_ratio"] == 0
        sold = tables["sales_history"].query("quantity > 0")
        sold = sold[sold["product"].isin(tables["availability"].loc[odd, "product"])]
        odd[odd] = pd.MultiIndex.from_frame(tables["availability"].loc[odd, key]).isin(
            pd.MultiIndex.from_frame(sold[key])
        )
        tell("availability", odd, "in_stock_ratio is 0 where sales_history tells of sales", "in_stock_ratio", "Write the share of the month in which it could be had, such as 0.1.")  # fmt: skip


def _budget_months(tables, tell):
    """Months without a budget of a family that sold in them a year before, while other families have one."""
    if not {"budget", "products", "sales_history"} <= set(tables):
        return
    budget, sales = tables["budget"], tables["sales_history"].query("quantity > 0")
    sold = sales[["product", "period"]].drop_duplicates()
    sold = attach(sold, tables["products"][["product", "family"]], absent="")
    again = sold.assign(period=sold["period"] + YEAR)[["family", "period"]].drop_duplicates()
    again = pd.MultiIndex.from_frame(again[again["period"].isin(budget["period"])])
    absent = again.difference(budget.set_index(["family", "period"]).index)
    odd = budget["family"].isin(absent.get_level_values(0)) & ~budget["family"].duplicated()
    text = "a family has no budget in months in which others have one and it sold a year before; the plan is held against nothing then"
    tell("budget", odd, text, "period", "Add its other months.")


def _likes(tables, tell):
    if {"launches", "sales_history"} <= set(tables):
        odd = ~tables["launches"]["like_product"].isin(tables["sales_history"]["product"].unique())
        tell("launches", odd, "like_product was never sold, so it does not show what to expect", "like_product", "Name a product that has sales.")  # fmt: skip


def _uncovered_months(tables, tell, cycle):
    """Resources of whose planned months the calendar tells only some."""
    if "resource_calendar" not in tables:
        return
    calendar, months = tables["resource_calendar"], horizon(cycle, tables.get("terms"))["period"]
    given = calendar["period"].isin(months).groupby(calendar["resource"]).transform("sum")
    odd = (given < len(months)) & ~calendar["resource"].duplicated(keep="last")
    text = f"planned months ({months.min()} to {months.max()}) of a resource are not in the calendar; they are worked 8 hours on every weekday"
    tell("resource_calendar", odd, text, "period", "Add the months.")


def scenario_doubts(tables):
    """Scenarios that could not be planned, tried out one by one on tables that are all sound."""
    if "scenario_changes" not in tables:
        return []
    changes = tables["scenario_changes"]
    touched = [tables[name].size for name in changes["table"].unique() if name in tables]
    if sum(touched) > MANY_CELLS:
        return []
    found = []
    for name, rows in changes.groupby("scenario"):
        try:
            scenarios.apply(tables, rows)
        except ValueError as error:
            found.append(
                Fault("scenario_changes", f"scenario {shown(name)} cannot be planned: {error}")
            )
    return found


_RULES = (
    _above, _unlike_peers, _parts_of_pieces, _missing_elsewhere, _sites, _itself, _prices, _sold_out, _likes,
    _ended, _closed_deals, _budget_months, _measures, _process_measures, _shares, _idle_sites,
)  # fmt: skip
