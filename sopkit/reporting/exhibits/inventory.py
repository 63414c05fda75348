"""Exhibits of the supply review: stock, its band, and what differing demand does to it."""

from matplotlib.colors import ListedColormap
from pandas import DataFrame, Series

from sopkit.reporting.chart_types import Band, Heatmap, Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid, largest_first
from sopkit.reporting.theme import POSITIONS, look
from sopkit.schema.formatting import verb
from sopkit.schema.tolerances import MATERIAL

STAGE = "40_supply_review"
SHOWN_STOCKS, SHOWN_BANDS = 8, 6
NEAR_MONTHS = 6  # until then little of the plan can still be changed
STOCK = ["product", "site"]


@exhibit(STAGE, title="Inventory targets", table="inventory_targets")
def targets(inventory_targets: DataFrame) -> Exhibit:
    """How much stock the policy asks for."""
    asked = ["safety_stock", "target_inventory"]
    total = inventory_targets.groupby("period")[asked].sum().mean()
    wanted, safety = round(total["target_inventory"]), round(total["safety_stock"])
    part = "all" if wanted == safety else "{safety:number}"
    template = (
        "The policy asks for {wanted:number} units of stock on average, "
        f"{part} of them against uncertain demand."
    )
    return Exhibit(Headline(template, wanted=wanted, safety=safety))


@exhibit(STAGE, title="Inventory vs. target range", table="projected_inventory")
def stock(projected_inventory: DataFrame) -> Exhibit:
    """Where each stock stands against its band, and the months it covers; furthest out first."""
    rows = projected_inventory.assign(
        stock=projected_inventory["product"] + ", " + projected_inventory["site"],
        position=projected_inventory["stock_position"].map(list(POSITIONS).index).astype("float64"),
        covered=projected_inventory["months_of_supply"].map("{:.1f}".format, na_action="ignore"),
    )
    out_of_band = rows[["shortfall", "excess"]].sum(axis=1).groupby(rows["stock"]).sum()
    position = largest_first(grid(rows, "stock", "position"), out_of_band)
    chart = Heatmap(
        position if _is_held(projected_inventory) else position.head(0),
        words=grid(rows, "stock", "covered"),
        bold=position == 0,
        colours=ListedColormap([look.colour for look in POSITIONS.values()]),
        limits=(-0.5, len(POSITIONS) - 0.5),
        key=list(POSITIONS.values()),
        top=SHOWN_STOCKS,
        row=0.25,
        rest=1.0,
        subtitle="Months of coming demand in stock (empty: beyond the plan); furthest out first; "
        "bold: below safety stock",
    )
    return Exhibit(_stock_headline(projected_inventory), chart)


def _is_held(projected_inventory):
    """Whether any stock is held or wanted."""
    units = projected_inventory[["inventory", "target_inventory"]].to_numpy()
    return units.max(initial=0.0) > MATERIAL


def _stock_headline(projected_inventory):
    if not _is_held(projected_inventory):
        return Headline("No inventory is held, and no target asks for any.")
    stocks = len(projected_inventory.drop_duplicates(STOCK))
    below = _furthest(
        projected_inventory,
        "shortfall",
        "{below:whole} {is_below} below target (furthest {short_product}, "
        "{shortfall:number} units in {short_month:month})",
        ("below", "is_below", "short_product", "shortfall", "short_month"),
    )
    above = _furthest(
        projected_inventory,
        "excess",
        "{above:whole} {is_above} above maximum (furthest {excess_product}, "
        "{excess:number} units in {excess_month:month})",
        ("above", "is_above", "excess_product", "excess", "excess_month"),
    )
    parts = [part for part in (below, above) if part]
    if not parts:
        return Headline(
            "Each of {stocks:count stock} stands in its band at the end of every month.",
            stocks=stocks,
        )
    said = Headline(
        "Of {months:whole} month-ends of {stocks:count stock}, ",
        months=len(projected_inventory),
        stocks=stocks,
    )
    return said + Headline.joined(parts, " and ") + "."


def _furthest(projected_inventory, column, template, names):
    """How often stock is out of its band on one side, and where furthest; "" where it never is."""
    rows = projected_inventory[projected_inventory[column] > MATERIAL]
    if rows.empty:
        return ""
    worst = rows.loc[rows[column].idxmax()]
    values = [
        len(rows),
        verb(len(rows), "is", "are"),
        worst["product"],
        worst[column],
        worst["period"],
    ]
    return Headline(template, **dict(zip(names, values, strict=True)))


@exhibit(
    STAGE,
    title="Inventory outside its range, worst month of each",
    table="projected_inventory",
    rows=8,
)
def stock_bands(projected_inventory: DataFrame) -> Exhibit:
    """The stocks furthest out of their band: between safety stock and the most that is wanted."""
    rows = projected_inventory.assign(
        units=projected_inventory[["shortfall", "excess"]].sum(axis=1)
    )
    out_of_band = rows.groupby(STOCK)["units"].sum()
    order = out_of_band[out_of_band > 0].sort_values(ascending=False, kind="stable")
    months = rows.set_index(STOCK)
    panels = [
        _band(", ".join(key), months.loc[[key]].set_index("period").sort_index())
        for key in order.index[:SHOWN_BANDS]
    ]
    chart = SmallMultiples(
        panels,
        of=len(order),
        share_x=True,
        subtitle="Units at month-end and the band from safety stock to maximum; furthest outside "
        "it first",
    )
    return Exhibit(_bands_headline(rows, out_of_band), chart, _out_of_band(projected_inventory))


def _band(name, months):
    wanted = look("target_inventory", label="its band")
    return Lines(
        months[["target_inventory", "inventory"]],
        bands=[Band(months["safety_stock"], months["max_inventory"], wanted)],
        looks={"target_inventory": look("target_inventory", width=1.2)},
        unit="units",
        title=name,
    )


def _bands_headline(rows, out_of_band):
    if out_of_band.max() <= MATERIAL or out_of_band.empty:
        return Headline("No stock leaves its band.")
    product, site = out_of_band.idxmax()
    months = rows[(rows["product"] == product) & (rows["site"] == site)]
    worst = months.loc[months["units"].idxmax()]
    return Headline(
        "{product} at {site} stands furthest out of its band, in {out} of {months:count month}: "
        "{units:number} units {side} in {month:month}.",
        product=product,
        site=site,
        out=int((months["units"] > MATERIAL).sum()),
        months=len(months),
        units=worst["units"],
        side="too little" if worst["shortfall"] > worst["excess"] else "too much",
        month=worst["period"],
    )


def _out_of_band(projected_inventory):
    """Each stock out of its band, in the month in which it is furthest out, on either side."""
    rows = projected_inventory[projected_inventory["stock_position"] != "on_target"]
    rows = largest_first(rows, rows[["shortfall", "excess"]].max(axis=1))
    return rows.drop_duplicates([*STOCK, "stock_position"])


@exhibit(
    STAGE,
    title="Highest stock-out risk in the next six months, worst month of each",
    table="inventory_risk",
    rows=10,
)
def demand_risk(inventory_risk: DataFrame, service_risk: DataFrame) -> Exhibit:
    """How far stock and service may come from the plan when demand differs from its forecast."""
    months = service_risk.set_index("period")
    chart = SmallMultiples(
        [_stock_at_risk(months), _service_at_risk(months, inventory_risk)],
        1,
        share_x=True,
        height=3.8,
        subtitle="Units in stock (above) and shares (below), month by month, of a thousand draws "
        "of demand met by the plan",
    )
    return Exhibit(_risk_headline(inventory_risk, service_risk), chart, _at_risk(inventory_risk))


def _stock_at_risk(months):
    draws = look("inventory", label="80 % range")
    return Lines(
        months[["inventory_median"]],
        bands=[Band(months["inventory_low"], months["inventory_high"], draws, 0.25)],
        looks={"inventory_median": look("inventory", label="inventory, median")},
        unit="units",
    )


def _service_at_risk(months, inventory_risk):
    out = inventory_risk.groupby("period")["stock_out_probability"].mean()
    service = months["fill_rate"]
    below = look("fill_rate", label="10 % quantile")
    return Lines(
        months[["fill_rate"]].assign(stock_out_probability=out),
        bands=[Band(months["service_low_ratio"], service, below, 0.2)],
        unit="share",
        shares=True,
        limits=(0.0, 1.03),
    )


def _risk_headline(inventory_risk, service_risk):
    ahead = service_risk["period"].iloc[:NEAR_MONTHS]
    soon, last = service_risk.loc[ahead.index[-1]], service_risk.iloc[-1]
    said = Headline("If supply stays as planned, ") + _in_time("soon", soon)
    if last["period"] > soon["period"]:
        said = said + " and " + _in_time("last", last)
    said = said + " demand is expected on time; "
    near = inventory_risk[
        inventory_risk["period"].isin(ahead) & (inventory_risk["unmet"] > MATERIAL)
    ]
    if near.empty:
        return said + Headline("no stock is at risk by {by:month}.", by=soon["period"])
    worst = _riskiest_first(near).iloc[0]
    return said + Headline(
        "highest stock-out risk by {by:month}: {product}, {chance:percent} in {month:month}.",
        by=soon["period"],
        product=worst["product"],
        month=worst["period"],
        chance=worst["stock_out_probability"],
    )


def _riskiest_first(rows):
    """The rows by their chance of a stock-out, equal ones by the units that are missed."""
    by = ["stock_out_probability", "unmet"]
    return rows.sort_values(by, ascending=False, kind="stable")


def _in_time(name: str, row: Series):
    figures = {f"{name}_share": row["fill_rate"], f"{name}_month": row["period"]}
    return Headline(f"{{{name}_share:percent 1}} of {{{name}_month:month}}", **figures)


def _at_risk(inventory_risk):
    """The month of the coming ones in which each stock is most at risk, the riskiest first."""
    near = inventory_risk[inventory_risk["period"] < inventory_risk["period"].min() + NEAR_MONTHS]
    rows = _riskiest_first(near).drop_duplicates(STOCK)
    return rows[rows["stock_out_probability"] > 0]
