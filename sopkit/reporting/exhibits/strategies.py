"""Exhibits of the supply review: what the strategies cost, and the binding constraints."""

from pandas import DataFrame

from sopkit.finance.costing import WEIGHED_ONLY
from sopkit.model.comparison import costs_by_strategy, measures_by_strategy
from sopkit.reporting.chart_types import Band, HorizontalBars, Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import with_others
from sopkit.reporting.theme import COSTS, OTHERS, STRATEGIES, TOTAL, look
from sopkit.schema.formatting import LEAST, money, money_unit, verb
from sopkit.schema.glossary import label
from sopkit.schema.tables import PLAN_OF_RECORD
from sopkit.schema.tolerances import MATERIAL

STAGE = "40_supply_review"
TEXTBOOK = ("level", "chase", PLAN_OF_RECORD)
LAST_CYCLE = "last_cycle"
ORDER = (PLAN_OF_RECORD, "optimal", "chase", "level", LAST_CYCLE)
SHOWN_KINDS = 4  # of costs, beside the others
SAME = 1e-4  # of what is spent: plans that are nearer spend the same
KINDS = {**COSTS, OTHERS.label: OTHERS}
ISSUE = ["severity", "message", "handling"]
GIVEN = (  # for its cost
    "cost",
    "fill_rate",
    "max_inventory_planned",
    "max_backlog",
    "below_target",
    "max_hours_planned",
    "months_short",
    "optimality_gap_ratio",
)


@exhibit(STAGE, title="Cumulative supply vs. demand", table="strategy_comparison")
def cumulative(strategy_comparison: DataFrame) -> Exhibit:
    """Opening stock and all that each strategy has made and bought against all demand so far.

    The curves lie close to one another: below, the gap between them is drawn on its own.
    """
    known = strategy_comparison.set_index(["measure", "strategy", "period"])["value"].sort_index()
    asked = known["cumulative_demand", PLAN_OF_RECORD]
    planned = set(strategy_comparison["strategy"])
    so_far = DataFrame(
        {name: known["cumulative_supply", name] for name in TEXTBOOK if name in planned}
    )
    looks = {name: one._replace(width=1.3) for name, one in STRATEGIES.items()}
    unnamed = {name: one._replace(label="") for name, one in STRATEGIES.items()}
    demand = look("demand", label="all demand so far")
    whole = Lines(so_far, bands=[Band(0, asked, demand, 0.2)], looks=looks, unit="units so far")
    ahead = Lines(so_far.sub(asked, axis=0), looks=unnamed, unit="units ahead")
    chart = SmallMultiples(
        [whole, ahead],
        1,
        share_x=True,
        height=4.2,
        subtitle="Units since the start: opening stock and production against demand (above), "
        "and their lead (below)",
    )
    return Exhibit(_cumulative_headline(strategy_comparison, asked), chart)


def _cumulative_headline(strategy_comparison, asked):
    highest = measures_by_strategy(strategy_comparison)["max_inventory_planned"]
    return Headline(
        "To serve {demand:number} units, stock rises to {record:number} in the plan of record, "
        "to {level:number} when production is level and {chase:number} when it chases demand.",
        demand=asked.iloc[-1],
        record=highest[PLAN_OF_RECORD],
        level=highest.get("level", float("nan")),
        chase=highest.get("chase", float("nan")),
    )


@exhibit(STAGE, title="Level or chase", table="level_or_chase", rows=20)
def level_or_chase(level_or_chase: DataFrame) -> Exhibit:
    """From which cost of changing its rate on each family is cheaper at a level rate."""
    rows = level_or_chase
    rows = rows.assign(cost_effect=rows["level_cost"] - rows["chase_cost"])
    known = rows[rows["break_even"].notna()]
    columns = ["family", "strategy", "cost_effect", "level_moved", "chase_moved", "break_even"]
    table = rows[[*columns, "rate_cost"]]
    if known.empty:
        return Exhibit(
            Headline("No cost of changing the rate makes level the cheaper."), table=table
        )
    said = Headline.each("{family} from {break_even:money}", known.to_dict("records"), ", ")
    start = "Level is the cheaper where changing the rate by a unit a working day costs more: "
    return Exhibit(Headline(start) + said + ".", table=table)


@exhibit(STAGE, title="Cost and service by strategy", table="strategy_comparison")
def strategies(strategy_comparison: DataFrame) -> Exhibit:
    """What each strategy spends beyond the others, and what it gives for that.

    What only weighs strategies, such as backlog, is in no ledger and in none of these costs.
    """
    given = measures_by_strategy(strategy_comparison)
    given = given.assign(cost=given["cost"] - _weights(strategy_comparison, given.index))
    shown = given[[measure for measure in GIVEN if measure in given]].reset_index()
    return Exhibit(_strategies_headline(given), _costs_that_differ(strategy_comparison), shown)


def _weights(strategy_comparison, names):
    """What each strategy's cost holds that nobody spends."""
    costs = costs_by_strategy(strategy_comparison)
    weighed = costs[costs["cost_item"].isin(WEIGHED_ONLY)]
    return weighed.groupby("strategy")["cost"].sum().reindex(names, fill_value=0.0)


def _costs_that_differ(strategy_comparison):
    """Each cost item beyond what is spent on it in the strategy where it is lowest."""
    costs = _by_strategy(strategy_comparison).T.fillna(0.0)
    costs = costs.drop(columns=[name for name in WEIGHED_ONLY if name in costs])
    common = costs.min()
    beyond = costs.loc[[name for name in ORDER if name in costs.index]] - common
    beyond = with_others(beyond.loc[:, beyond.max() > 0], SHOWN_KINDS)
    return HorizontalBars(
        beyond.set_axis([STRATEGIES[name].label for name in beyond.index]),
        arranged="stacked",
        looks={item: KINDS.get(item, look(item)) for item in beyond},
        unit=f"{money_unit()} beyond the {money(common.sum())} that all strategies share",
        height=2.7,
        subtitle="What each strategy spends beyond what every one of them spends, by kind",
    )


def _by_strategy(strategy_comparison):
    """The cost of each item (rows) in each strategy (columns)."""
    return costs_by_strategy(strategy_comparison).pivot_table(
        index="cost_item", columns="strategy", values="cost", aggfunc="sum", sort=False
    )


def _strategies_headline(table):
    own, others = table.loc[PLAN_OF_RECORD], table["cost"].drop(PLAN_OF_RECORD)
    if not table["cost"].abs().max() > MATERIAL:
        template = (
            "The plan of record delivers {served:percent 1} on time; the cost of each strategy is "
            "not known: no costs are given."
        )
        return Headline(template, served=own["fill_rate"])
    said = Headline(
        "The plan of record spends {cost:money} and delivers {served:percent 1} on time",
        cost=own["cost"],
        served=own["fill_rate"],
    )
    if others.empty:
        return said + "."
    cheapest, dearest = others.idxmin(), others.idxmax()
    if others[cheapest] < own["cost"] * (1 - SAME):
        less = own["cost"] - others[cheapest]
        said = said + Headline(
            "; {cheapest} would spend {less:money} less",
            cheapest=_strategy(cheapest),
            less=less,
        )
        return said + _price(own, table.loc[cheapest]) + "."
    more = others[dearest] - own["cost"]
    if more < own["cost"] * SAME:
        return said + "; every strategy spends the same."
    return said + Headline(
        "; no other spends less, {dearest} would spend {more:money} more.",
        dearest=_strategy(dearest),
        more=more,
    )


def _strategy(name):
    """A strategy as the subject of a sentence."""
    return "the plan as last approved" if name == LAST_CYCLE else f"the {name} strategy"


def _price(own, cheaper):
    """What a cheaper strategy gives up: later deliveries, or stock further below target."""
    late = own["fill_rate"] - cheaper["fill_rate"]
    below = cheaper["below_target"] - own["below_target"]
    parts = []
    if late > 0.0005:
        parts.append(Headline("deliver {late:points} less on time", late=late))
    if below > MATERIAL:
        template = "leave stock {below:number} unit-months further below target"
        parts.append(Headline(template, below=below))
    return Headline(", but ") + Headline.joined(parts, " and ") if parts else ""


@exhibit(STAGE, title="Issues of the plan", table="plan_issues")
def plan_issues(plan_issues: DataFrame, solver_stops: DataFrame) -> Exhibit:
    """Where the solver stopped before a plan was near its least cost, and what to do about it."""
    return Exhibit(_issues_headline(solver_stops), table=plan_issues[ISSUE])


def _issues_headline(stops):
    if stops.empty:
        return Headline("The solver ended every plan within its limits.")
    most = stops.loc[stops["gap_cost"].idxmax()]
    return Headline(
        "The solver stopped early at {stops:count part} of the plans; the most that one may cost "
        "above its least cost is {gap:money} ({plan} of {item}, {reason}).",
        stops=len(stops),
        gap=most["gap_cost"],
        plan=label(most["strategy"], of="strategy"),
        item=most["item"],
        reason=most["stop_reason"],
    )


@exhibit(STAGE, title="Cost of each strategy", table="strategy_comparison", rows=20, money=True)
def strategy_costs(strategy_comparison: DataFrame) -> Exhibit:
    """Each cost item's cost, a column for each strategy."""
    costs = _by_strategy(strategy_comparison).rename_axis(columns=None)
    costs = costs[costs.abs().max(axis="columns") >= LEAST].reset_index()
    return Exhibit(Headline("Cost of each strategy over the planned months"), table=costs)


# -------------------------------------------------------------------------------------------------
# limits


@exhibit(STAGE, title="Binding constraints", table="shadow_prices", rows=8)
def constraints(shadow_prices: DataFrame) -> Exhibit:
    """In how many months each limit is binding; what it is worth is measured later.

    A shadow price holds the penalties that rank plans, so it orders limits and is shown nowhere.
    """
    scarce = shadow_prices[shadow_prices["shadow_price"] > 0]
    table = _by_limit(scarce)
    return Exhibit(_constraints_headline(table), _months_binding(table), table)


def _by_limit(scarce):
    """The limits that hold the plan back, the scarcest first."""
    worth = (scarce["shadow_price"] * scarce["used"]).rename("worth")
    rows = scarce.join(worth).groupby(["constraint", "item"], as_index=False)
    table = rows.agg(
        months=("period", "nunique"),
        from_period=("period", "min"),
        to_period=("period", "max"),
        limit=("limit", "max"),
        worth=("worth", "sum"),
    )
    table = table.sort_values("worth", ascending=False, kind="stable", ignore_index=True)
    return table.drop(columns="worth")


def _months_binding(table):
    """The months in which each limit is binding."""
    return HorizontalBars(
        table[["months"]].set_axis(table["constraint"] + ", " + table["item"]),
        row_looks=[TOTAL] * len(table),
        labels=True,
        unit="months",
        row=0.26,
        subtitle="Months in which each limit is binding, the scarcest limit first",
    )


def _constraints_headline(table):
    if table.empty:
        return Headline("No limit is binding.")
    worst = table.iloc[0]
    return Headline(
        "{limits:count limit} {hold} the plan back, most of all {constraint} of {item}, in "
        "{months:count month} from {first:month} on; the pre-S&OP review measures what lifting "
        "them adds.",
        limits=len(table),
        hold=verb(len(table), "holds", "hold"),
        constraint=worst["constraint"],
        item=worst["item"],
        months=worst["months"],
        first=worst["from_period"],
    )


@exhibit(STAGE, title="Effect of removing each constraint", table="bottleneck_analysis")
def relief(bottleneck_analysis: DataFrame, shadow_prices: DataFrame) -> Exhibit:
    """What lifting each limit in full brings over the horizon; what recovers most comes first.

    How many limits have a shadow price and were not lifted is said.
    """
    rows = bottleneck_analysis.groupby(["constraint", "item"], as_index=False)
    rows = rows["units_recovered"].sum()
    table = rows.sort_values("units_recovered", ascending=False, kind="stable")
    headline = _relief_headline(rows)
    if left := _not_lifted(rows, shadow_prices):
        more = Headline(" Not lifted: {left:count limit} of smaller value.", left=left)
        headline = headline + more
    return Exhibit(headline, table=table)


def _not_lifted(rows, shadow_prices):
    """How many limits that could be lifted cost the plan something and were not looked into."""
    costly = shadow_prices[(shadow_prices["shadow_price"] > 0)]
    costly = costly[costly["constraint"] != "regular hours"]
    known = set(zip(rows["constraint"], rows["item"], strict=True))
    return len(set(zip(costly["constraint"], costly["item"], strict=True)) - known)


def _relief_headline(rows):
    if rows.empty:
        return Headline("No limit costs the plan anything that could be lifted.")
    most = rows.loc[rows["units_recovered"].idxmax()]
    if most["units_recovered"] > MATERIAL:
        limit = "" if most["constraint"].endswith("limit") else "limit on "
        return Headline(
            f"Removing the {limit}{{constraint}} of {{item}} recovers {{recovered:number}} "
            "unit-months.",
            constraint=most["constraint"],
            item=most["item"],
            recovered=most["units_recovered"],
        )
    return Headline("Lifting limits makes nothing earlier: they only cost money.")
