"""Where products and the plan disagree: gates, starts that supply cannot meet, what phase-outs leave."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from sopkit.master_data.bom import usage_per_unit
from sopkit.pre_sop.gap import contribution, gap, with_family
from sopkit.schema import measures
from sopkit.schema.formatting import month
from sopkit.tables import attach

GATES = ["gate_demand", "gate_supply", "gate_finance"]
MONTH_DAYS = 30
MAKING_MONTHS = 1  # from the last gate to the first month of sale at the least
ROUNDING = 0.5  # units


@gap(
    area="product",
    owner="product manager",
    statement="Launch {item} of {product} in {detail}: the plan holds {plan} units of it, {months}",
    question="Do the open gates pass, or does the plan go without the launch?",
    table="launch_plan",
    exhibit="20_product_review.launch_plan",
    whole=True,
    closed_by=("launches",),
)
def launch(
    planning_periods: DataFrame,
    launch_plan: DataFrame,
    demand_plan: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    launches: DataFrame,
    bill_of_materials: DataFrame | None = None,
    components: DataFrame | None = None,
) -> DataFrame:
    """Find launches planned before their gates passed, and those left out because a gate failed.

    An open gate is held against the launch month of the plan: it must pass as long before it as
    the slowest part of the product takes, and a month at least; in a later month it is late. What
    a launch that is left out would have sold is its share of the like product's baseline, at full
    volume.
    """
    idea = launches[["launch", "like_product", "volume_ratio"]].assign(
        new_product=launches["product"],
        looked_at=launches["like_market"].fillna(launches["market"]),
    )
    rows = attach(launch_plan[launch_plan["launch"].isin(launches["launch"])], idea)
    rows = rows[(rows["product"] == rows["new_product"]) & (rows["readiness"] != "ready")]
    rows = with_family(attach(rows, contribution(unit_economics)), products)
    like = rows[["like_product", "looked_at", "period"]]
    like = like.rename(columns={"like_product": "product", "looked_at": "market"})
    baseline = demand_plan[["product", "market", "period", "baseline"]]
    full = attach(like, baseline, default=0.0)["baseline"]
    left_out = rows["readiness"] == "not_ready"
    rows["plan"] = rows["launch_demand"]
    rows["reference"] = (full * rows["volume_ratio"]).where(left_out, 0.0)
    rows["gap_units"] = rows["plan"] - rows["reference"]
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    said = _gates_said(planning_periods, rows, launches, bill_of_materials, components)
    return rows.assign(
        item=rows["launch"], wrong=rows["gap_units"] != 0, detail=rows["launch"].map(said)
    )


def _gates_said(
    planning_periods: DataFrame,
    rows: DataFrame,
    launches: DataFrame,
    bill_of_materials: DataFrame | None,
    components: DataFrame | None,
) -> dict[str, str]:
    """The launch month of the plan, the gates not passed and by when they must: launch -> words."""
    starts = rows.groupby("launch")["period"].min()
    lead = _lead_months(bill_of_materials, components)
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
    return said


def _lead_months(
    bill_of_materials: DataFrame | None, components: DataFrame | None
) -> dict[str, int]:
    """The months from order to delivery of the slowest part of each product: product -> months."""
    if bill_of_materials is None or components is None:
        return {}
    days = components.set_index("component")["lead_time_days"]
    parts = usage_per_unit(bill_of_materials)
    longest = parts["component"].map(days).groupby(parts["product"]).max().dropna()
    return np.ceil(longest / MONTH_DAYS).astype(int).to_dict()


@gap(
    area="product",
    owner="product manager",
    statement="Launch {item} of {product} starts short: {units} of its first {reference} units"
    " cannot be delivered on time, {months}",
    question="Does the launch wait, does it get more of what is scarce, or does it start short?",
    table="constrained_demand",
    exhibit="40_supply_review.constrained_demand",
    whole=True,
    thresholds={"share_of_demand": 0.001},  # a smaller shortage is rounding
    closed_by=("launches",),
)
def short_launch(
    launch_plan: DataFrame,
    constrained_demand: DataFrame,
    products: DataFrame,
    unit_economics: DataFrame,
    launches: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find launches whose first months, up to their full volume, supply cannot deliver on time.

    Money is the contribution of the units that are late or lost.
    """
    idea = launches[["launch", "ramp_months"]].assign(new_product=launches["product"])
    rows = attach(launch_plan[launch_plan["launch"].isin(launches["launch"])], idea)
    rows = rows[(rows["product"] == rows["new_product"]) & (rows["launch_demand"] > 0)]
    first = rows.groupby("launch")["period"].transform("min")
    rows = rows[rows["period"].array.asi8 - first.array.asi8 < rows["ramp_months"]]
    cells = ["product", "market", "period"]
    served = constrained_demand[[*cells, "demand", "backlog", "lost_sales"]]
    rows = attach(rows[["launch", *cells]], served)
    rows = with_family(attach(rows, contribution(unit_economics)), products)
    late = measures.MEASURES["unmet_demand"].of(rows)
    return rows.assign(
        item=rows["launch"],
        plan=rows["demand"] - late,
        reference=rows["demand"],
        gap_units=-late,
        gap_value=-late * rows["contribution"],
        wrong=late > threshold["share_of_demand"] * rows["demand"],
    )


@gap(
    area="product",
    owner="product manager",
    statement="{product} is being phased out, and {units} units of it are left at the end of {months}",
    question="How is the stock sold off, or is production stopped earlier?",
    table="projected_inventory",
    exhibit="40_supply_review.projected_inventory",
    peak=True,
    thresholds={"months_of_sales": 3.0},  # what is sold in that time, as in the last month
    closed_by=("item_costs", "marketing_activities"),
)
def stranded(
    planning_periods: DataFrame,
    supply_plan: DataFrame,
    segments: DataFrame,
    demand_plan: DataFrame,
    unit_economics: DataFrame,
    threshold: Mapping[str, float],
) -> DataFrame:
    """Find stock of phased-out products that is left when the horizon ends; money is its material.

    What sells in some months like the last, or what the stock policy asks for, is not stranded.
    """
    last = planning_periods["period"].max()
    leaving = segments.loc[segments["lifecycle"] == "phase_out", ["product", "family"]]
    rows = supply_plan
    rows = rows[(rows["period"] == last) & rows["product"].isin(leaving["product"])]
    rows = attach(rows[["product", "site", "period", "inventory", "target_inventory"]], leaving)
    rows = attach(rows, unit_economics[["product", "period", "material_cost"]])
    rows["gap_value"] = rows["inventory"] * rows["material_cost"]
    sums = ["inventory", "target_inventory", "gap_value"]
    rows = rows.groupby(["product", "family", "period"], as_index=False)[sums].sum()
    sells = demand_plan.groupby(["product", "period"], as_index=False)["consensus"].sum()
    rows = attach(rows, sells, default=0.0)
    most = np.maximum(threshold["months_of_sales"] * rows["consensus"], rows["target_inventory"])
    return rows.assign(
        item=rows["product"],
        plan=rows["inventory"],
        reference=0.0,
        gap_units=rows["inventory"],
        wrong=rows["inventory"] > ROUNDING + most,
    )
