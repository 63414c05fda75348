"""Exhibits of the supply review: who gets what is short, and what is available to promise."""

from pandas import DataFrame

from sopkit.reporting import theme
from sopkit.reporting.chart_types import Heatmap, StackedBars
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid, largest_first
from sopkit.reporting.theme import look
from sopkit.schema.formatting import bounds, short_month, some, verb
from sopkit.schema.glossary import label
from sopkit.schema.tolerances import MATERIAL
from sopkit.tables.measures import MissingValue, value

STAGE = "40_supply_review"
PROMISED_MONTHS = 6
RULES = {"priority": "by priority", "fair_share": "in proportion", "margin": "by margin"}


@exhibit(STAGE, title="Allocation by market, with rule and reason", table="market_shares")
def market_shares(market_shares: DataFrame) -> Exhibit:
    """Which share of what each market asks it gets in time, of the products that are short."""
    rule = market_shares["allocation"].map(lambda rule: label(rule, of="allocation"))
    rows = market_shares.assign(name=market_shares["product"] + " (" + rule + ")")
    missed = (rows["late"] + rows["lost_sales"]).groupby(rows["name"]).sum()
    shares = largest_first(grid(rows, "name", "fill_rate", "market"), missed)
    chart = Heatmap(
        shares,
        bold=shares < 1,
        shares=True,
        colours=theme.LOAD.reversed(),
        limits=(0.0, 1.4),
        rest=0.8,
        subtitle="% delivered in the month of demand, in months in which the product is short; "
        "bold: not all",
    )
    return Exhibit(_market_shares_headline(market_shares), chart, market_shares)


def _market_shares_headline(market_shares):
    if market_shares.empty:
        return Headline("No product is short: no market is cut.")
    rules = market_shares.drop_duplicates("product")
    many = verb(len(rules), "is", "are")
    if len(rules) == len(market_shares):
        products = some(rules["product"])
        said = Headline("{products} {are} short; ", products=products, are=many)
        return said + "no market is cut for another."
    names = [f"{row.product} ({RULES[row.allocation]})" for row in rules.itertuples()]
    missed = market_shares["late"] + market_shares["lost_sales"]
    total = missed.groupby(market_shares["market"]).sum()
    return Headline(
        "{products} {are} short and divided among markets; {market} is cut most, "
        "with {missed:number} of {all_missed:number} units late or lost.",
        products=some(names),
        are=many,
        market=total.idxmax(),
        missed=total.max(),
        all_missed=total.sum(),
    )


@exhibit(STAGE, title="Fill rate by market", table="constrained_demand")
def fill_rate_by_market(constrained_demand: DataFrame) -> Exhibit:
    """The share of each market's demand that is delivered in the month of demand."""
    try:
        rates = value("fill_rate", {"constrained_demand": constrained_demand}, ["market"])
    except MissingValue:
        return Exhibit(Headline("There is no demand, so no market has a fill rate."))
    rates = rates.sort_values("value", kind="stable", ignore_index=True)
    several = "{market} has a fill rate of {share:percent 1}, the lowest of all markets."
    said = several if len(rates) > 1 else "The fill rate of the only market is {share:percent 1}."
    headline = Headline(said, market=rates["market"][0], share=rates["value"][0])
    return Exhibit(headline, table=rates.rename(columns={"value": "fill_rate"}))


@exhibit(
    STAGE,
    title="Available to promise by product and month, units",
    table="available_to_promise",
    rows=8,
)
def promises(available_to_promise: DataFrame) -> Exhibit:
    """What comes in each month, what is booked, and what is available to promise (ATP)."""
    measures = ["supplied", "booked", "available_to_promise"]
    units = available_to_promise.groupby("period")[measures].sum()
    chart = StackedBars(
        units[["supplied"]],
        lines=units[["booked", "available_to_promise"]],
        looks={"available_to_promise": look("available_to_promise", marker="o")},
        unit="units a month",
        height=2.6,
        subtitle="Units a month, all products together: what comes in, what is booked, "
        "and what is left to promise",
    )
    headline = _promises_headline(available_to_promise)
    return Exhibit(headline, chart, _promises_by_product(available_to_promise))


def _promises_headline(rows):
    over = rows.groupby("product")["overcommitted"].max()
    over = over[over > MATERIAL].sort_values(ascending=False)
    said = Headline(
        "{booked:number} units are booked and {available:number} are available to promise in "
        "{months:span}; ",
        booked=round(rows["booked"].sum()),
        available=round(rows["available_to_promise"].sum()),
        months=bounds(rows["period"]),
    )
    if over.empty:
        return said + "every booked order can be kept."
    return said + Headline(
        "{products} {are} promised beyond what comes, at worst {over:number} units of {worst}.",
        products=some(over.index),
        are=verb(len(over), "is", "are"),
        over=over.iloc[0],
        worst=over.index[0],
    )


def _promises_by_product(available_to_promise):
    """Available to promise (ATP) by product and month for half a year; overbooked first."""
    first = available_to_promise["period"].min()
    rows = available_to_promise[available_to_promise["period"] < first + PROMISED_MONTHS]
    units = grid(rows, "product", "available_to_promise")
    units.columns = [short_month(month) for month in units.columns]
    totals = available_to_promise.groupby("product").agg(
        booked=("booked", "sum"), overcommitted=("overcommitted", "max")
    )
    order = ["overcommitted", "booked"]
    table = totals.join(units).sort_values(order, ascending=False, kind="stable")
    return table.reset_index()


@exhibit(STAGE, title="Order backlog in weeks of work", table="order_backlog")
def backlog(order_backlog: DataFrame) -> Exhibit:
    """How many weeks of work are ordered of what is made or assembled to order."""
    weeks = grid(order_backlog, "product", "backlog_weeks")
    quoted = order_backlog.groupby("product")["order_lead_time_weeks"].first()
    over = weeks.gt(quoted.reindex(weeks.index), axis=0)
    chart = Heatmap(
        weeks,
        words=weeks.map("{:.1f}".format, na_action="ignore"),
        bold=over,
        colours=theme.LOAD,
        limits=(0.0, max(float(weeks.max().max()), 1.0) if weeks.size else 1.0),
        rest=0.8,
        subtitle="Weeks of output that are ordered and not delivered at the month's end; bold: "
        "above the order lead time",
    )
    return Exhibit(_backlog_headline(order_backlog), chart, order_backlog)


def _backlog_headline(order_backlog):
    if order_backlog.empty:
        return Headline("Nothing is made or assembled to order.")
    first = order_backlog["period"].min()
    today = order_backlog.loc[order_backlog["period"] == first, "opening_order_backlog"].sum()
    said = Headline("{units:number} units are on order and not delivered; ", units=today)
    beyond = order_backlog["backlog_weeks"] - order_backlog["order_lead_time_weeks"]
    if not (beyond > 0).any():
        return said + "no order backlog exceeds its order lead time."
    worst = order_backlog.loc[beyond.idxmax()]
    return said + Headline(
        "the backlog of {product} exceeds its order lead time most, at the end of {month:month}: "
        "{weeks:.1f} weeks of work against {quoted:.1f}.",
        product=worst["product"],
        month=worst["period"],
        weeks=worst["backlog_weeks"],
        quoted=worst["order_lead_time_weeks"],
    )
