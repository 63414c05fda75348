"""What a reader is shown of the tables of the data, product and demand reviews."""


def product_sites(product_sites):
    """Where products are made and held, the largest stock first."""
    return product_sites.sort_values("on_hand", ascending=False, kind="stable")


def latest_kpis(kpis):
    """The newest value of each measure."""
    return (
        kpis.sort_values("period")
        .groupby("measure", sort=False)
        .tail(1)[["measure", "period", "value", "target", "statement"]]
    )


def corrections(demand_history):
    """The corrected months of history, the largest first."""
    changed = demand_history[demand_history["correction"] != 0]
    return changed.loc[
        changed["correction"].abs().sort_values(ascending=False, kind="stable").index
    ]


def attention(segments):
    """The products to look at, the most valuable first."""
    columns = [
        "product",
        "family",
        "revenue",
        "revenue_share_ratio",
        "abc",
        "xyz",
        "lifecycle",
        "reason",
    ]
    return segments[segments["review"]].sort_values("revenue", ascending=False, kind="stable")[
        columns
    ]


def launches(launch_plan):
    """Each launch's units over the horizon, by product."""
    return launch_plan.groupby(
        ["launch", "product", "market", "readiness", "basis"], as_index=False, sort=False
    )["launch_demand"].sum()


def activities(activity_lift):
    """Each activity's units over the horizon, with the lift and what it rests on."""
    groups = activity_lift.groupby(["activity", "market", "basis"], as_index=False, sort=False)
    return groups.agg(
        activity_demand=("activity_demand", "sum"),
        lift_ratio=("lift_ratio", "mean"),
        standard_error=("standard_error", "mean"),
    )


def opportunities(opportunity_plan):
    """The deals, the stated probability beside the record of the deal's stage where that is known."""
    deal = [
        "opportunity",
        "product",
        "market",
        "period",
        "quantity",
        "stage",
        "probability",
        "won_ratio",
    ]
    shown = [c for c in deal if c != "won_ratio" or opportunity_plan[c].notna().any()]
    return opportunity_plan[[*shown, "opportunity_demand", "treatment"]]


def overrides(demand_overrides):
    """The functions' inputs, the largest change first."""
    return demand_overrides.loc[
        demand_overrides["override"].abs().sort_values(ascending=False, kind="stable").index
    ]


def override_register(products, demand_overrides, forecast_value_added):
    """Who changed what, by how much and why, the largest change first, with the record of the function, nearest lag."""
    family = (
        demand_overrides["product"].map(products.set_index("product")["family"]).rename("family")
    )
    said = ["function", "author", family, "reason"]
    rows = demand_overrides.groupby(said, as_index=False).agg(
        from_period=("period", "min"), to_period=("period", "max"), override=("override", "sum"),
        weight=("weight", "mean"),
    )  # fmt: skip
    nearest = forecast_value_added["lag"].min()
    record = forecast_value_added[forecast_value_added["lag"] == nearest].set_index("contributor")
    for column in ("value_added", "verdict"):
        rows[column] = rows["function"].map(record[column])
    return rows.loc[rows["override"].abs().sort_values(ascending=False, kind="stable").index]


def launch_gates(launch_plan, launches):
    """Each launch with its gates and what it adds over the horizon; no rows where no launch is known."""
    if launches is None:
        return launch_plan.head(0)
    units = (
        launch_plan.groupby(["launch", "product"])["launch_demand"]
        .sum()
        .rename("launch_demand")
        .reset_index()
    )
    rows = launches.merge(units, on=["launch", "product"], how="left", validate="one_to_one")
    gates = ["gate_demand", "gate_supply", "gate_finance"]
    return rows[
        [
            "launch",
            "product",
            "market",
            "launch_period",
            *gates,
            "replaces_product",
            "launch_demand",
        ]
    ]


def demand_by_family(products, demand_plan):
    """The parts of the consensus by family, over the horizon."""
    family = demand_plan["product"].map(products.set_index("product")["family"]).rename("family")
    parts = [
        "baseline",
        "launch_demand",
        "activity_demand",
        "opportunity_demand",
        "override",
        "consensus",
    ]
    return demand_plan.groupby(family)[parts].sum().reset_index()


def accuracy(forecast_accuracy):
    """The accuracy of the company's total, by lag and contributor."""
    rows = forecast_accuracy[forecast_accuracy["level"] == "total"]
    stair = rows["contributor"].map({"naive": 0, "baseline": 1, "consensus": 9}).fillna(5)
    rows = rows.assign(stair=stair).sort_values(["lag", "stair", "contributor"])
    return rows[
        [
            "lag",
            "contributor",
            "wape",
            "bias",
            "mase",
            "tracking_signal",
            "value_added",
            "observations",
        ]
    ]
