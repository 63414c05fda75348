"""Gap rules of products: stage gates, launches short of supply, stock of phase-outs."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame, PeriodIndex

from sopkit.master_data.bom import usage_per_unit
from sopkit.pre_sop.gap import contribution, gap, sized
from sopkit.rules.remember import remembered
from sopkit.schema import measures
from sopkit.schema.formatting import month
from sopkit.tables.arrays import ArrayTable, present
from sopkit.tables.keys import Keys, with_column
from sopkit.tables.periods import MONTH_DAYS

GATES = ["gate_demand", "gate_supply", "gate_finance"]
MAKING_MONTHS = 1  # from the last gate to the first month of sale at the least
ROUNDING = 0.5  # units


@gap(
    area="product",
    owner="product manager",
    statement="Launch {item} of {product} in {detail}: {plan} units in the plan, {months}",
    question="Will the open gates pass, or does the plan exclude the launch?",
    table="launch_plan",
    exhibit="20_product_review.launch_plan",
    whole=True,
    closed_by=("launches",),
)
def launch(
    planning_periods: DataFrame,
    launch_plan: ArrayTable,
    demand_plan: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    launches: DataFrame,
    bill_of_materials: DataFrame | None = None,
    sources: DataFrame | None = None,
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find launches planned before their gates passed, and those left out because a gate failed.

    An open gate is compared with the launch month of the plan: it must pass as long before it as
    the slowest part of the product takes, and a month at least; in a later month it is late. What
    a launch that is left out would have sold is its share of the like product's baseline, at full
    volume.
    """
    rows, like, volume = _waiting(launch_plan, launches, unit_economics.months)
    baseline = demand_plan.on(like, default=0.0)["baseline"]
    left_out = rows.keys.equal("readiness", "not_ready")[:, None]
    plan = rows["launch_demand"]
    reference = np.where(left_out, baseline * volume, 0.0)
    units = plan - reference
    said = _gates_said(planning_periods, rows, launches, bill_of_materials, sources)
    return sized(
        with_column(said, products, "family"),
        rows.months,
        "launch",
        plan=plan,
        reference=reference,
        gap_units=units,
        gap_value=units * contribution(unit_economics.on(rows), selling_prices),
        wrong=(units != 0) & present(rows),
        present=rows.present,
    )


@remembered
def _waiting(
    launch_plan: ArrayTable, launches: DataFrame, months: PeriodIndex
) -> tuple[ArrayTable, ArrayTable, np.ndarray]:
    """The launches with a gate that has not passed, their like products, their volume ratios."""
    rows = _of_new_products(launch_plan, launches, months)
    rows = rows.keep(~rows.keys.equal("readiness", "ready"))
    idea = launches.set_index("launch").loc[rows.keys.frame["launch"]]
    market = idea["like_market"].fillna(idea["market"]).array
    like = Keys(DataFrame({"product": idea["like_product"].array, "market": market}))
    volume = idea["volume_ratio"].to_numpy(dtype=float)[:, None]
    return rows, ArrayTable(like, rows.months, {}), volume


@remembered
def _of_new_products(
    launch_plan: ArrayTable, launches: DataFrame, months: PeriodIndex
) -> ArrayTable:
    """What the plan holds of each launch's own product: launch, product, market, readiness."""
    rows = launch_plan.over(months)
    own = launches.set_index("launch")["product"]
    own = rows.keys.frame["launch"].map(own) == rows.keys.frame["product"]
    rows = rows.keep(own.to_numpy())
    ready = rows["readiness"]
    first = np.argmax(present(rows), axis=1)
    return ArrayTable(
        rows.keys.assign(readiness=ready[np.arange(len(rows.keys)), first].astype(str)),
        months,
        {"launch_demand": rows["launch_demand"]},
        rows.present,
    )


@remembered
def _gates_said(
    planning_periods: DataFrame,
    rows: ArrayTable,
    launches: DataFrame,
    bill_of_materials: DataFrame | None,
    sources: DataFrame | None,
) -> Keys:
    """Add the words of each launch: its month in the plan, gates not passed, by when they must."""
    starts = {
        name: rows.months[present(rows)[number].argmax()]
        for number, name in enumerate(rows.keys["launch"])
    }
    lead = _lead_months(bill_of_materials, sources)
    gates, said = launches.set_index("launch"), {}
    for name, start in starts.items():
        gate = gates.loc[name, GATES]
        not_yet = [each.removeprefix("gate_") for each in GATES if gate[each] != "passed"]
        due = start - max(MAKING_MONTHS, lead.get(gates.loc[name, "product"], 0))
        if (gate == "failed").any():
            when = "left out of the plan"
        elif due < planning_periods["period"].min():
            when = f"late: due by {month(due)}"
        else:
            when = f"due by {month(due)}"
        said[name] = f"{month(start)} has not passed its {' and '.join(not_yet)} gate, {when}"
    return rows.keys.assign(detail=rows.keys.frame["launch"].map(said))


def _lead_months(bill_of_materials: DataFrame | None, sources: DataFrame | None) -> dict[str, int]:
    """The months from order to delivery of the slowest part of each product: product -> months."""
    if bill_of_materials is None or sources is None:
        return {}
    days = sources.groupby("item")["lead_time_days"].max()
    parts = usage_per_unit(bill_of_materials)
    longest = parts["component"].map(days).groupby(parts["product"]).max().dropna()
    return np.ceil(longest / MONTH_DAYS).astype(int).to_dict()


@gap(
    area="product",
    owner="product manager",
    statement="Launch {item} of {product} starts short: {units} of its first {reference} units "
    "cannot be delivered on time, {months}",
    question="Delay the launch, allocate supply to it, or accept the shortage?",
    table="constrained_demand",
    exhibit="40_supply_review.constrained_demand",
    whole=True,
    closed_by=("launches",),
)
def short_launch(
    launch_plan: ArrayTable,
    constrained_demand: ArrayTable,
    products: DataFrame,
    unit_economics: ArrayTable,
    launches: DataFrame,
    threshold: Mapping[str, float],
    selling_prices: ArrayTable | None = None,
) -> ArrayTable:
    """Find launches whose first months, up to their full volume, supply cannot deliver on time.

    Money is the contribution of the units that are late or lost.
    """
    rows = _of_new_products(launch_plan, launches, constrained_demand.months)
    sold = present(rows) & (np.nan_to_num(rows["launch_demand"]) > 0)
    since = np.arange(len(rows.months))[None, :] - sold.argmax(axis=1)[:, None]
    rows = ArrayTable(rows.keys, rows.months, {}, sold & (since < _ramps(rows.keys, launches)))
    served = constrained_demand.on(rows)
    demand = served["demand"]
    late = measures.MEASURES["unmet_demand"].of(served)
    return sized(
        with_column(rows.keys, products, "family"),
        rows.months,
        "launch",
        plan=demand - late,
        reference=demand,
        gap_units=-late,
        gap_value=-late * contribution(unit_economics.on(rows), selling_prices),
        wrong=(late > threshold["share_of_demand"] * demand) & rows.present,
        present=rows.present,
    )


@remembered
def _ramps(keys: Keys, launches: DataFrame) -> np.ndarray:
    """The months that the launch of each row takes to its full volume: a column."""
    ramp = launches.set_index("launch")["ramp_months"].loc[keys.frame["launch"]]
    return ramp.to_numpy(dtype=float)[:, None]


@gap(
    area="product",
    owner="product manager",
    statement="{product} phase-out leaves {units} units at the end of {months}",
    question="Sell off the stock, or stop production earlier?",
    table="projected_inventory",
    exhibit="40_supply_review.projected_inventory",
    peak=True,
    closed_by=("item_costs", "marketing_activities"),
)
def stranded(
    supply_plan: ArrayTable,
    segments: DataFrame,
    demand_plan: ArrayTable,
    unit_economics: ArrayTable,
    threshold: Mapping[str, float],
) -> ArrayTable:
    """Find stock of phased-out products at the end of the horizon, valued at material cost.

    What sells in some months like the last, or what the stock policy asks for, is not stranded.
    """
    leaving = segments[segments["lifecycle"] == "phase_out"]
    of_leaving = supply_plan.keys.frame["product"].isin(leaving["product"])
    rows = supply_plan.keep(of_leaving.to_numpy())
    value = rows["inventory"] * unit_economics.on(rows)["material_cost"]
    groups = rows.by("product", "family", master=segments)
    stock, target = groups.sum(rows["inventory"]), groups.sum(rows["target_inventory"])
    products = demand_plan.by("product")
    sold = ArrayTable(
        products.keys, demand_plan.months, {"units": products.sum(demand_plan["total_demand"])}
    )
    of_groups = ArrayTable(groups.keys, rows.months, {})
    sells = sold.on(of_groups, default=0.0)["units"]
    most = np.maximum(threshold["months_of_sales"] * sells, target)
    last = np.zeros(stock.shape, dtype=bool)
    last[:, -1:] = True
    return sized(
        groups.keys,
        rows.months,
        "product",
        plan=stock,
        reference=np.zeros(stock.shape),
        gap_units=stock,
        gap_value=groups.sum(value),
        wrong=stock > ROUNDING + most,
        present=last,
    )
