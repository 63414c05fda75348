"""Where launches and the plan disagree: gates against the launch month, and starts that supply cannot meet."""

import numpy as np

from sopkit.master_data.bom import usage_per_unit
from sopkit.pre_sop.shape import listed, nothing
from sopkit.pre_sop.wording import span
from sopkit.tables import attach

GATES = ["gate_demand", "gate_supply", "gate_finance"]
MONTH_DAYS = 30
MAKING_MONTHS = 1  # from the last gate to the first month of sale at the least
NOISE = 0.001  # of what is asked for


def launch_sizes(
    horizon,
    launch_plan,
    demand_plan,
    products,
    value,
    launches=None,
    bill_of_materials=None,
    components=None,
):
    """Find launches that are planned before their gates passed, and those left out because a gate failed.

    An open gate is held against the launch month of the plan: it must pass as long before it as the slowest part of the
    product takes, and a month at least; in a later month it is late. What a launch that is left out would have sold is its
    share of the like product's baseline, at full volume.
    """
    if launches is None:
        return nothing("launch", horizon)
    idea = launches[["launch", "like_product", "volume_ratio"]].assign(
        new_product=launches["product"],
        looked_at=launches["like_market"].fillna(launches["market"]),
    )
    rows = attach(launch_plan[launch_plan["launch"].isin(launches["launch"])], idea)
    rows = rows[(rows["product"] == rows["new_product"]) & (rows["readiness"] != "ready")]
    rows = attach(attach(rows, value), products[["product", "family"]])
    like = rows[["like_product", "looked_at", "period"]]
    like = like.rename(columns={"like_product": "product", "looked_at": "market"})
    full = attach(like, demand_plan[["product", "market", "period", "baseline"]], absent=0.0)[
        "baseline"
    ]
    left_out = rows["readiness"] == "not_ready"
    rows["plan"] = rows["launch_demand"]
    rows["reference"] = (full * rows["volume_ratio"]).where(left_out, 0.0)
    rows["gap_units"] = rows["plan"] - rows["reference"]
    rows["gap_value"] = rows["gap_units"] * rows["contribution"]
    said = _gates_said(horizon, rows, launches, bill_of_materials, components)
    rows = rows.assign(
        item=rows["launch"], wrong=rows["gap_units"] != 0, detail=rows["launch"].map(said)
    )
    return listed("launch", rows)


def _gates_said(horizon, rows, launches, bill_of_materials, components):
    """The launch month of the plan, the gates that have not passed, and by when they must: dict of launch : words."""
    starts, lead = (
        rows.groupby("launch")["period"].min(),
        _lead_months(bill_of_materials, components),
    )
    gates, said = launches.set_index("launch"), {}
    for launch, start in starts.items():
        gate = gates.loc[launch, GATES]
        not_yet = [name.removeprefix("gate_") for name in GATES if gate[name] != "passed"]
        due = start - max(MAKING_MONTHS, lead.get(gates.loc[launch, "product"], 0))
        if (gate == "failed").any():
            when = "left out of the plan"
        elif due < horizon["period"].min():
            when = f"late: due by {span(due, due)}"
        else:
            when = f"due by {span(due, due)}"
        said[launch] = (
            f"{span(start, start)} has not passed its {' and '.join(not_yet)} gate, {when}"
        )
    return said


def _lead_months(bill_of_materials, components):
    """The months from order to delivery of the slowest part of each product: dict of product : months."""
    if bill_of_materials is None or components is None:
        return {}
    days = components.set_index("component")["lead_time_days"]
    parts = usage_per_unit(bill_of_materials)
    longest = parts["component"].map(days).groupby(parts["product"]).max().dropna()
    return np.ceil(longest / MONTH_DAYS).astype(int).to_dict()


def short_launch_sizes(horizon, launch_plan, service_plan, products, value, launches=None):
    """Find launches of which supply cannot deliver the units of the first months, up to their full volume, on time.

    Money is the contribution of the units that are late or lost.
    """
    if launches is None:
        return nothing("short launch", horizon)
    idea = launches[["launch", "ramp_months"]].assign(new_product=launches["product"])
    rows = attach(launch_plan[launch_plan["launch"].isin(launches["launch"])], idea)
    rows = rows[(rows["product"] == rows["new_product"]) & (rows["launch_demand"] > 0)]
    month = rows["period"].array.asi8 - rows.groupby("launch")["period"].transform("min").array.asi8
    rows = rows[month < rows["ramp_months"]]
    cells = ["product", "market", "period"]
    served = service_plan[[*cells, "demand", "backlog", "lost_sales"]]
    rows = attach(rows[["launch", *cells]], served)
    rows = attach(attach(rows, value), products[["product", "family"]])
    late = np.minimum(rows["demand"], rows["backlog"] + rows["lost_sales"])
    rows = rows.assign(
        item=rows["launch"],
        plan=rows["demand"] - late,
        reference=rows["demand"],
        gap_units=-late,
        gap_value=-late * rows["contribution"],
        wrong=late > NOISE * rows["demand"],
    )
    return listed("short launch", rows)
