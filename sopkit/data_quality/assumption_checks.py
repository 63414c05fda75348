"""Checks of incomplete inputs, with the default that the plan uses instead."""

from collections.abc import Iterator

from pandas import DataFrame, Series

from sopkit.data_quality.entries import entry_alone, span_of, with_entries
from sopkit.data_quality.marks import check
from sopkit.master_data.assumed_costs import assumed_economics, material_by_source
from sopkit.master_data.bom import co_products, in_a_circle
from sopkit.master_data.dated import once
from sopkit.master_data.economics import worker_calendar
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import capitalised, count, listed, some
from sopkit.schema.tables import TABLES
from sopkit.tables import attach
from sopkit.tables.issues import Entry, Issue, told
from sopkit.tables.periods import first_days, first_planned_day

SERVICES = (  # units that are served and not held
    "appointment", "class", "consultation", "course", "cover", "day", "hour", "lesson",
    "meal", "night", "portion", "ride", "seat", "session", "ticket", "treatment", "trip", "visit",
)  # fmt: skip
TERMS = {  # of the settings, and what holds where they are not given
    "receivable_days": "customers pay at once",
    "payable_days": "suppliers are paid at once",
    "opening_cash": "cash is known by its changes alone",
    "fixed_cost": "the P&L ends at margin",
}

# --------------------------------------------------------------------------------------------------
# sales and products


@check("critical")
def sales_in_planned_months(planning_periods: DataFrame, sales_history: DataFrame) -> Issue | None:
    """Find sales in planned months."""
    cycle, months = planning_periods["period"].min(), sales_history["period"]
    # the sales of a month that has begun are known until the as-of day
    begun = first_planned_day(planning_periods) > first_days(planning_periods)[0]
    planned = months >= cycle + int(begun)
    late = sales_history[planned]
    text = f"sales are in planned months, from cycle {cycle} on, and are not used"
    remedy = f"Remove them, or set the cycle (--cycle {months.max() + 1})."
    finding = f"{count(len(late), 'row')} ({late['quantity'].sum():,.0f} units) in planned months"
    treatment = "Not used: history ends before the cycle's month."
    entry = Entry("sales_history", "period", span_of(late["period"]), finding, treatment)
    issue = told(TABLES["sales_history"], sales_history, planned, text, "period", remedy=remedy)
    return with_entries(issue, [entry])


@check("critical")
def history_ends_early(planning_periods: DataFrame, sales_history: DataFrame) -> Issue | None:
    """Find months without sales between the end of the history and the cycle."""
    cycle, last = planning_periods["period"].min(), sales_history["period"].max()
    missing = (cycle - last).n - 1 if len(sales_history) else 0
    if missing <= 0:
        return None
    text = (
        f"sales end in {last}: {missing} months before cycle {cycle} are missing; the forecast "
        "bridges them"
    )
    remedy = f"Add the months since, or set the cycle (--cycle {last + 1})."
    finding = f"History ends in {last}; {count(missing, 'month')} before the cycle without sales"
    treatment = "The forecast bridges the months without sales."
    entry = Entry("sales_history", "period", f"period {last}", finding, treatment)
    ends = sales_history["period"] == last
    issue = told(TABLES["sales_history"], sales_history, ends, text, "period", remedy=remedy)
    return with_entries(issue, [entry])


@check("major")
def products_not_planned(
    products: DataFrame,
    sales_history: DataFrame,
    launches: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> Issue | None:
    """Find products without sales, launch or use in another product."""
    known = set(sales_history["product"])
    known |= set() if launches is None else set(launches["product"])
    if bill_of_materials is not None:
        known |= {*bill_of_materials["product"], *bill_of_materials["component"]}
    idle = ~products["product"].isin(known)
    text = "product is not in sales_history or launches or bill_of_materials: it is not planned"
    remedy = "Add it to sales_history, or correct it here."
    entries = [
        Entry("products", "product", f"product {one}", "Neither sales nor a launch", "Not planned.")
        for one in products.loc[idle, "product"]
    ]
    issue = told(TABLES["products"], products, idle, text, "product", remedy=remedy)
    return with_entries(issue, entries)


@check("major")
def series_that_ended(planning_periods: DataFrame, sales_history: DataFrame) -> Issue | None:
    """Find products whose sales in a market end before the history does."""
    closed = sales_history[sales_history["period"] < planning_periods["period"].min()]
    if closed.empty:
        return None
    last = closed.groupby(["product", "market"])["period"].transform("max")
    end = closed["period"].max()
    final = (last < end) & (closed["period"] == last)
    text = (
        f"sales of a product in a market end before {end}, the last month of the history; no sales "
        "are assumed since"
    )
    remedy = (
        "Add its later months, with 0 where nothing was sold; if it is no longer sold, no action "
        "is needed."
    )
    entries = [
        Entry(
            "sales_history",
            "period",
            f"product {row.product}, market {row.market}",
            f"No rows after {row.period}",
            "No sales are assumed since.",
        )
        for row in closed[final].sort_values(["product", "market"]).itertuples()
    ]
    issue = told(TABLES["sales_history"], closed, final, text, "period", remedy=remedy)
    return with_entries(issue, entries)


@check("major")
def prices_assumed(
    products: DataFrame, sales_history: DataFrame, item_costs: DataFrame | None = None
) -> Issue | None:
    """Find products without price and costs."""
    stated = set() if item_costs is None else set(item_costs["product"])
    unstated = ~products["product"].isin(stated)
    rest = assumed_economics(products.loc[unstated, ["product"]], sales_history)
    entries = [
        Entry(
            "item_costs",
            "price",
            f"product {some(group['product'])}",
            f"{count(len(group), 'product')} without item costs",
            f"{basis[0].upper()}{basis[1:]}.",
        )
        for basis, group in rest.sort_values("product").groupby("basis")
    ]
    if item_costs is None:  # the default of the whole table covers it
        return Issue("item_costs", "", entries=tuple(entries)) if entries else None
    text = "product is not in item_costs: its price and costs are assumed"
    remedy = "Add it to item_costs, or correct it here."
    issue = told(TABLES["products"], products, unstated, text, "product", remedy=remedy)
    return with_entries(issue, entries)


@check("major")
def material_not_given(
    item_costs: DataFrame,
    sources: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> Issue | None:
    """Find products whose material cost neither their row nor a source says."""
    parts = bill_of_materials
    if parts is not None:
        parts = parts[~in_a_circle(parts)]
    asked = material_by_source(sources, parts)
    open_ = item_costs["material_cost"].isna() & item_costs["market"].isna()
    items = item_costs.loc[open_ & ~item_costs["product"].isin(asked.index), "product"]
    treatment = "Not known: margin is at most what is shown. Enter it, 0 where there is none."
    return _not_given("item_costs", "material_cost", "Material cost", "product", items, treatment)


@check("major")
def services_in_stock(products: DataFrame, inventory: DataFrame | None = None) -> Issue | None:
    """Find products counted in units of a service that are planned from stock."""
    held = set() if inventory is None else set(inventory["product"])
    units = products["unit_of_measure"].str.casefold()
    of_service = units.isin(SERVICES) | units.str.removesuffix("s").isin(SERVICES)
    stocked = of_service & products["supply_mode"].isna() & ~products["product"].isin(held)
    if not stocked.any():
        return None
    rows = products[stocked]
    unit = rows["unit_of_measure"].iloc[0]
    finding = f"{count(len(rows), 'product')} counted as a service ({unit}) and planned from stock"
    treatment = "Stock of it is planned; set supply_mode to not_storable if there is none."
    place = f"product {some(rows['product'])}"
    return entry_alone("products", "supply_mode", place, finding, treatment)


# --------------------------------------------------------------------------------------------------
# capacity


@check("major")
def products_without_routing(
    products: DataFrame,
    routings: DataFrame,
    sources: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> Issue | None:
    """Find products without a routing that are neither purchased nor co-products."""
    known = set(routings["product"]) | (set() if sources is None else set(sources["item"]))
    if bill_of_materials is not None:
        known |= set(co_products(bill_of_materials)["item"])
    without = ~products["product"].isin(known)
    names = products.loc[without, "product"]
    text = "product is not in routings: its production uses no capacity"
    remedy = "Add it to routings, or correct it here."
    finding = f"{count(len(names), 'product')} without routing"
    treatment = "Produced at every site without using capacity."
    entry = Entry("routings", "product", f"product {some(names)}", finding, treatment)
    issue = told(TABLES["products"], products, without, text, "product", remedy=remedy)
    return with_entries(issue, [entry])


@check("minor")
def components_not_checked(
    bill_of_materials: DataFrame, components: DataFrame | None = None
) -> Issue | None:
    """Find purchased components whose stock is not given: they do not limit the first months."""
    parts = bill_of_materials.loc[
        ~bill_of_materials["component"].isin(bill_of_materials["product"]), "component"
    ]
    stated = [] if components is None else components.dropna(subset="on_hand")["component"]
    missing = ("components", "on_hand", "Stock", "component")
    treatment = "Not checked: production is not limited by them before a new order can arrive."
    return _not_given(*missing, parts[~parts.isin(stated)], treatment)


@check("minor")
def lead_times_not_checked(sources: DataFrame) -> Issue | None:
    """Find sources without a lead time: they deliver in the month in which they are needed."""
    missing = ("sources", "lead_time_days", "Lead time", "item")
    treatment = "Not checked: orders arrive in the month in which they are needed."
    return _not_given(*missing, sources.loc[sources["lead_time_days"].isna(), "item"], treatment)


@check("minor")
def inbound_freight_of_components(sources: DataFrame, products: DataFrame) -> Issue | None:
    """Find inbound freight of what goes into products, which their material cost holds."""
    paid = sources[sources["inbound_freight_cost"] > 0]
    items = paid.loc[~paid["item"].isin(products["product"]), "item"].drop_duplicates()
    if items.empty:
        return None
    finding = f"Inbound freight of {count(len(items), 'component')}"
    treatment = "Not added: material_cost of the products is taken to hold it."
    place = f"item {some(items)}"
    return entry_alone("sources", "inbound_freight_cost", place, finding, treatment)


def _not_given(
    table: str, column: str, what: str, noun: str, items: Series, treatment: str
) -> Issue | None:
    """An issue of the items of which a number is not given, each named once."""
    names = items.drop_duplicates().sort_values()
    if names.empty:
        return None
    finding = f"{what} of {count(len(names), noun)} not given"
    return entry_alone(table, column, f"{noun} {some(names)}", finding, treatment)


@check("minor")
def terms_not_given(company_settings: DataFrame) -> Issue | None:
    """Find payment terms, opening cash and fixed cost that the settings leave open."""
    lacking = [name for name in TERMS if company_settings[name].isna().all()]
    if not lacking:
        return None
    finding = capitalised(f"{listed([COLUMNS[name].label for name in lacking])} not given")
    treatment = f"Taken as 0: {listed([TERMS[name] for name in lacking])}."
    return entry_alone("company_settings", lacking[0], "the one row", finding, treatment)


@check("minor")
def goods_on_the_way_to_customers(lanes: DataFrame) -> Issue | None:
    """Find lanes that take time: what was shipped before the cycle is in no table."""
    slow = lanes[lanes["lead_time_days"] > 0]
    if slow.empty:
        return None
    days = slow["lead_time_days"]
    finding = f"{count(len(slow), 'lane')} of {days.min():g} to {days.max():g} days"
    treatment = "What is on the way at the start is assumed to be the demand of these days."
    place = f"market {some(slow['market'])}"
    return entry_alone("lanes", "lead_time_days", place, finding, treatment)


@check("critical")
def resources_without_calendar(resources: DataFrame, resource_calendar: DataFrame) -> Issue | None:
    """Find resources without any row in the calendar."""
    without = ~resources["resource"].isin(resource_calendar["resource"])
    text = "resource is not in resource_calendar: it works 8 hours on every weekday"
    remedy = "Add it to resource_calendar, or correct it here."
    entries = [
        Entry(
            "resource_calendar",
            "resource",
            f"resource {resource}",
            "No planned month has a calendar",
            "8 hours on every weekday and no overtime are assumed.",
        )
        for resource in resources.loc[without, "resource"].unique()
    ]
    issue = told(TABLES["resources"], resources, without, text, "resource", remedy=remedy)
    return with_entries(issue, entries)


@check("major")
def calendars_apart(
    planning_periods: DataFrame,
    work_calendar: DataFrame,
    resources: DataFrame,
    resource_calendar: DataFrame | None = None,
) -> Iterator[Issue]:
    """Find resources with other working days than their site."""
    rows = attach(
        worker_calendar(planning_periods, resources, resource_calendar),
        once(resources, "resource")[["resource", "site"]],
    )
    worked = work_calendar[work_calendar["hours"] > 0]
    open_days = worked.groupby(["site", "period"], as_index=False).agg(open_days=("day", "size"))
    rows = attach(rows, open_days, default=0.0)
    apart = rows[rows["working_days"] != rows["open_days"]]
    for resource, months in apart.groupby("resource"):
        site, days = months["site"].iloc[0], months[["working_days", "open_days"]].sum()
        yield entry_alone(
            "resource_calendar",
            "working_days",
            f"resource {resource}, {months['period'].min()} to {months['period'].max()}",
            f"{count(len(months), 'month')} with other working days than site {site}: "
            f"{days['working_days']:g} against {days['open_days']:g}",
            "Months are planned with the resource's days, weeks and days with the site's.",
        )


@check("major")
def decisions_not_in_the_tables(pending_decisions: DataFrame) -> Iterator[Issue]:
    """List approved decisions of earlier cycles that the input tables do not contain."""
    states = {
        "pending": "Applied to the input tables until they contain it, or it is withdrawn.",
        "impossible": "Not applied; withdraw it (sopkit withdraw), or correct the input tables.",
    }
    for row in pending_decisions[pending_decisions["pending_state"].isin(states)].itertuples():
        finding = f"{row.scenario}, from {row.start_period} on: {row.statement}"
        place = f"cycle {row.cycle}, decision {row.decision}"
        treatment = states[row.pending_state]
        yield entry_alone("pending_decisions", "pending_state", place, finding, treatment)
