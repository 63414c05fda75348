"""What a reader is shown of a plan table: which rows, which columns, in which order. Only sums are computed."""

import pandas as pd

POLICY = "policy"  # the plan of record
NEAR_MONTHS = 6  # until then little of the plan can still be changed


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
    return changed.loc[changed["correction"].abs().sort_values(ascending=False, kind="stable").index]


def attention(segments):
    """The products to look at, the most valuable first."""
    columns = ["product", "family", "revenue", "revenue_share_ratio", "abc", "xyz", "lifecycle", "reason"]
    return segments[segments["review"]].sort_values("revenue", ascending=False, kind="stable")[columns]


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
    deal = ["opportunity", "product", "market", "period", "quantity", "stage", "probability", "won_ratio"]
    shown = [c for c in deal if c != "won_ratio" or opportunity_plan[c].notna().any()]
    return opportunity_plan[[*shown, "opportunity_demand", "treatment"]]


def overrides(demand_overrides):
    """The functions' inputs, the largest change first."""
    return demand_overrides.loc[
        demand_overrides["override"].abs().sort_values(ascending=False, kind="stable").index
    ]


def demand_by_family(products, demand_plan):
    """The parts of the consensus by family, over the horizon."""
    family = demand_plan["product"].map(products.set_index("product")["family"]).rename("family")
    parts = ["baseline", "launch_demand", "activity_demand", "opportunity_demand", "override", "consensus"]
    return demand_plan.groupby(family)[parts].sum().reset_index()


def accuracy(forecast_accuracy):
    """The accuracy of the company's total, by lag and contributor."""
    rows = forecast_accuracy[forecast_accuracy["level"] == "total"]
    stair = rows["contributor"].map({"naive": 0, "baseline": 1, "consensus": 9}).fillna(5)
    rows = rows.assign(stair=stair).sort_values(["lag", "stair", "contributor"])
    return rows[
        ["lag", "contributor", "wape", "bias", "mase", "tracking_signal", "value_added", "observations"]
    ]


def promotion_effects(promotion_effects):
    """What activities of each kind brought, by family; all families together only where there are several."""
    several = promotion_effects.groupby("kind")["family"].transform("count") > 1
    rows = promotion_effects[promotion_effects["family"].notna() | several]
    return rows.assign(family=rows["family"].fillna("all families"))


def rates(estimated_rates):
    """The funnel rates that past activities have shown, by kind."""
    return estimated_rates[estimated_rates["opportunities"] > 0]


def price_effects(price_elasticity):
    """The families and products whose own months tell a price effect, the best known first."""
    rows = price_elasticity[price_elasticity["elasticity_ratio"].notna() & (price_elasticity["series"] > 0)]
    rows = rows.sort_values("standard_error", kind="stable")
    rows = rows.assign(product=rows["product"].fillna("all products"))
    names = {"elasticity_ratio": "elasticity", "low_ratio": "elasticity_from", "high_ratio": "elasticity_to"}
    return rows[["family", "product", *names, "basis"]].rename(columns=names)


def weights(consensus_policy, learned_weights):
    """Each function's weight by policy beside the weight its record one month ahead earns."""
    nearest = learned_weights[learned_weights["lag"] == learned_weights["lag"].min()]
    earned = nearest.rename(columns={"weight": "earned_ratio", "reason": "record"})
    earned = earned[["function", "earned_ratio", "record"]]
    if consensus_policy is None:
        return earned
    policy = consensus_policy[["function", "weight"]].rename(columns={"weight": "policy_ratio"})
    rows = policy.merge(earned, on="function", how="outer", validate="one_to_one")
    return rows.sort_values("earned_ratio", ascending=False, kind="stable")


def reconciliation(reconciliation_scores):
    """The error of each way to make the levels agree, the best way first."""
    rows = reconciliation_scores.assign(plan=reconciliation_scores["chosen"].map({True: "used", False: ""}))
    names = {"wape": "product_ratio", "family_wape": "family_ratio", "total_wape": "total_ratio"}
    shown = ["plan", "reconciliation", *names, "gain_ratio", "low_ratio", "high_ratio"]
    return rows.sort_values("gain_ratio", ascending=False, kind="stable")[shown].rename(columns=names)


def pattern_tests(pattern_tests):
    """The tests of season and trend; how likely chance alone would do as much is a share."""
    return pattern_tests.rename(columns={"p_value": "by_chance_ratio"})


def candidates(methods):
    """The methods side by side, the one that came closest first."""
    columns = {
        "method": "method",
        "kind": "kind",
        "held_out_wape": "wape",
        "held_out_bias": "bias",
        "aicc": "AICc",
        "ljung_box_p_value": "pattern_by_chance_ratio",
        "conclusion": "conclusion",
    }
    rows = methods.sort_values("held_out_wape", kind="stable")
    return rows[list(columns)].rename(columns=columns)


def overload(resource_load, rough_cut_capacity):
    """The products that make the load in months over capacity, the largest first, resource by resource."""
    over = rough_cut_capacity[
        rough_cut_capacity["required_hours"] > rough_cut_capacity["capacity_hours"] + 0.5
    ]
    rows = resource_load.merge(
        over[["resource", "period"]], on=["resource", "period"], validate="many_to_one"
    )
    keys = ["resource", "family", "product"]
    rows = rows.groupby(keys, as_index=False).agg(
        months=("period", "nunique"), required_hours=("required_hours", "sum")
    )
    return rows.sort_values(["resource", "required_hours"], ascending=[True, False], kind="stable")


def promises(available_to_promise):
    """What can be promised of each product, month by month for half a year; booked products first."""
    first = available_to_promise["period"].min()
    rows = available_to_promise[available_to_promise["period"] < first + 6]
    units = rows.pivot_table(index="product", columns="period", values="available_to_promise")
    units.columns = units.columns.astype(str)
    totals = available_to_promise.groupby("product").agg(
        booked=("booked", "sum"), overpromised=("overpromised", "max")
    )
    table = totals.join(units).sort_values(["overpromised", "booked"], ascending=False, kind="stable")
    return table.reset_index()


def suppliers(supplier_exposure):
    """The suppliers, the one on whom most revenue depends first."""
    return supplier_exposure.sort_values("dependent_revenue", ascending=False, kind="stable")


def strategy_costs(strategy_comparison):
    """Each cost item's cost, a column for each strategy."""
    costs = strategy_comparison.pivot_table(
        index="cost_item", columns="strategy", values="cost", aggfunc="sum", sort=False
    )
    return costs.rename_axis(columns=None).reset_index()


def shortfalls(service_plan):
    """Where the plan of record delivers late or never, the worst first."""
    rows = service_plan[
        (service_plan["strategy"] == POLICY) & (service_plan[["backlog", "lost_sales"]].sum(axis=1) > 0.5)
    ]
    return rows.sort_values(["lost_sales", "backlog"], ascending=False, kind="stable").drop(
        columns="strategy"
    )


def out_of_band(inventory_plan):
    """Each stock below target or above the most wanted, in the month when it is furthest out; the furthest first."""
    rows = inventory_plan[inventory_plan["stock_position"] != "in_band"]
    furthest = rows[["shortfall", "excess"]].max(axis=1).sort_values(ascending=False, kind="stable")
    return rows.loc[furthest.index].drop_duplicates(["product", "site", "stock_position"])


def at_risk(stock_risk):
    """The month of the coming ones in which each stock is most short, the shortest first."""
    near = stock_risk[stock_risk["period"] < stock_risk["period"].min() + NEAR_MONTHS]
    rows = near.sort_values("unmet", ascending=False, kind="stable").drop_duplicates(["product", "site"])
    return rows[rows["stock_out_probability"] > 0]


def constraints(constraint_values):
    """What one more unit of each limit is worth in the plan of record, the scarcest first."""
    rows = constraint_values[constraint_values["strategy"] == POLICY]
    return rows.sort_values("marginal_value", ascending=False, kind="stable").drop(columns="strategy")


def sites(supply_plan):
    """What each site makes, receives, sends on and ships over the horizon, and the most it holds."""
    rows = supply_plan[supply_plan["strategy"] == POLICY]
    flows = [
        "regular",
        "overtime",
        "subcontract",
        "receipts",
        "transferred_in",
        "transferred_out",
        "shipped",
        "wasted",
    ]
    held = rows.groupby(["site", "period"])["inventory"].sum().groupby("site").max()
    return rows.groupby("site")[flows].sum().assign(max_inventory_planned=held).reset_index()


def relief(constraint_relief):
    """What lifting each limit brings over the horizon, what recovers most first."""
    rows = constraint_relief.groupby(["constraint", "item"], as_index=False)[["saving", "recovered"]].sum()
    return rows.sort_values(["recovered", "saving"], ascending=False, kind="stable")


def shortages(procurement_plan):
    """Components that cannot be had in time, the largest shortage first."""
    return procurement_plan[procurement_plan["shortage"] > 0.5].sort_values(
        "shortage", ascending=False, kind="stable"
    )


def money_by_family(financial_plan):
    """Volume and money by family, over the horizon."""
    return financial_plan.groupby("family", as_index=False)[
        ["quantity", "revenue", "cost_of_sales", "margin"]
    ].sum()


def costs(costs_incurred, strategy_comparison):
    """What the plan of record spends by kind; what only weighs strategies against each other is in no margin."""
    spent = costs_incurred.groupby("cost_item")["cost"].sum().sort_values(ascending=False)
    weighed = strategy_comparison[strategy_comparison["strategy"] == POLICY]
    weighed = weighed[~weighed["cost_item"].isin(spent.index) & (weighed["cost"] > 0)]
    weighed = weighed.groupby("cost_item")["cost"].sum()
    rows = pd.concat([spent, weighed]).rename_axis("cost_item").reset_index()
    booked = rows["cost_item"].isin(spent.index)
    return rows.assign(in_margin=booked.map({True: "yes", False: "no: weighs strategies only"}))


def against_all(plan_gaps):
    """The plan against budget, last year, last cycle and itself unconstrained, by family, over the months both cover."""
    rows = plan_gaps[plan_gaps["compared_with"] != "goal"]
    order = ["compared_with", "measure", "item"]
    return rows.groupby(order, as_index=False, sort=False)[["plan", "reference_value", "gap"]].sum()


def goals(plan_gaps):
    """The plan against the company's goals."""
    rows = plan_gaps[plan_gaps["compared_with"] == "goal"]
    return rows.drop(columns="compared_with")


def gaps(gaps):
    """The disagreements, the one with most money at stake first."""
    rows = gaps.loc[gaps["gap_value"].abs().sort_values(ascending=False, kind="stable").index]
    return rows[["disagreement", "statement", "gap_units", "gap_value", "owner", "question"]]


def proposals(proposed_changes):
    """The scenarios that were tried, one row each."""
    return proposed_changes.drop_duplicates("scenario")[["disagreement", "scenario", "statement"]]


def ways(strategies):
    """The measured ways to close each disagreement, the recommended one first, then by what they close per money.

    A way that costs nothing closes the most per money; of several, the one that earns more comes first.
    """
    paid = -strategies["margin_effect"].clip(upper=0.0)
    per_money = (strategies["gap_closed_ratio"] / paid.where(paid > 0)).fillna(float("inf"))
    order = ["disagreement", "recommended", "per_money", "margin_effect"]
    rows = strategies.assign(per_money=per_money)
    rows = rows.sort_values(order, ascending=[True, False, False, False], kind="stable")
    return rows.drop(columns=["scenario", "per_money"])


def risks(risk_scenarios):
    """The risks with their measured effects, the largest expected effect first."""
    order = risk_scenarios["expected_effect"].abs().sort_values(ascending=False, kind="stable").index
    columns = [
        "risk",
        "statement",
        "probability",
        "revenue_effect",
        "margin_effect",
        "expected_effect",
        "owner",
    ]
    return risk_scenarios.loc[order, columns]


COMPARED = (
    "demand",
    "service_level_ratio",
    "revenue",
    "cost",
    "margin",
    "max_inventory_value",
    "min_cash",
    "max_utilisation_ratio",
)


def scenarios(scenario_comparison):
    """The plan, and below it what each scenario makes of it."""
    rows = scenario_comparison[scenario_comparison["measure"].isin(COMPARED)]
    base = rows.drop_duplicates("measure").assign(scenario="the plan", plan=rows["reference_value"])
    figures = pd.concat([base, rows]).pivot_table(index="scenario", columns="measure", values="plan")
    order = ["the plan", *rows["scenario"].drop_duplicates()] if len(rows) else []
    shown = [measure for measure in COMPARED if measure in figures.columns]
    return figures.loc[order, shown].reset_index()


def scenarios_by_measure(scenario_comparison):
    """The figures of the plan, and beside them each scenario's with what it changes."""
    shown = scenario_comparison["measure"].drop_duplicates()
    by = scenario_comparison.set_index(["scenario", "measure"])
    columns = {"measure": shown, "base": shown.map(by.groupby("measure")["reference_value"].first())}
    for scenario in scenario_comparison["scenario"].drop_duplicates():
        columns[scenario] = shown.map(by.loc[scenario, "plan"])
        columns[f"{scenario}: change"] = shown.map(by.loc[scenario, "gap"])
    return pd.DataFrame(columns)


def scenario_words(scenario_changes):
    """Each scenario's changes in words: dict of scenario : one line a change."""
    filters = ("family", "product", "market", "resource")
    said = {}
    for row in scenario_changes.sort_values(["scenario", "change"]).itertuples():
        about = [str(getattr(row, name)) for name in filters if pd.notna(getattr(row, name))]
        about += [f"from {row.from_period}"] if pd.notna(row.from_period) else []
        about += [f"to {row.to_period}"] if pd.notna(row.to_period) else []
        line = f"{row.operation} {row.table}.{row.column} {row.amount:g} ({', '.join(about) or 'every row'})"
        said.setdefault(row.scenario, []).append(line if pd.isna(row.note) else f"{line}: {row.note}")
    return said


def story(story):
    """What was done to the plan, the newest first."""
    rows = story.iloc[::-1]
    at, plan = rows["at"].str[:16].str.replace("T", " "), rows["content"].str[:12]
    plan = plan.where(~rows["what"].str.startswith("decided"), "")
    return rows[["at", "who", "what", "revision", "why"]].assign(at=at, hash=plan)


def beside(beside):
    """The figures that moved against the revision before, in the order of a plan."""
    moved = beside[beside["gap"].abs() > 1e-6 * beside["reference_value"].abs()]
    return moved[["measure", "reference_value", "plan", "gap"]]


def decision_results(decision_results):
    """What earlier decisions were expected to do by now and what came, the newest cycle first."""
    return decision_results.sort_values("cycle", ascending=False, kind="stable").drop(
        columns=["from_period", "to_period"]
    )


def coming_days(daily_plan):
    """Units made and shipped on each coming working day."""
    return daily_plan.groupby("day", as_index=False)[
        ["regular", "overtime", "subcontract", "receipts", "shipped"]
    ].sum()


def schedule(work_schedule):
    """Who works when, week by week."""
    return work_schedule.sort_values(["week", "period", "resource"], kind="stable")


def shipments_by_day(replenishment_orders):
    """What each site sends to each market on each day."""
    return replenishment_orders.groupby(["order_day", "site", "market", "responsible"], as_index=False)[
        "quantity"
    ].sum()


def orders_by_day(procurement_orders):
    """The orders to suppliers, the most urgent first."""
    return procurement_orders.sort_values(["order_day", "component"], kind="stable")


def explanation(explanation):
    """The lines of an explanation, each set in under what it explains; the caption says which number is asked for."""
    names = explanation["what"].where(explanation["level"] > 0, explanation["what"].str.rpartition("  ")[2])
    said = explanation["author"].where(
        explanation["reason"] == "", explanation["author"] + ": " + explanation["reason"]
    )
    given = (explanation["source"] + "; " + said.str.removeprefix(": ")).str.strip("; ")
    inset = explanation["level"].map(lambda level: "\u2003" * level)
    return explanation.assign(what=inset + names, given=given)[["what", "value", "unit", "how", "given"]]
