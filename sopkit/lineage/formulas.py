"""Exact formulas of plan columns, declared once.

A rule is an expression (see `schema.expressions`): `baseline` is another column of the same row;
`launch_plan.launch_demand` adds up the rows of that table that share the row's key;
`before(inventory, item_locations.on_hand)` is the column a month before, or, in the first month,
what stands second; `total(constrained_demand.fulfilled * unit_economics.price)` adds up products.
The first rule of a table is its main number. What has no rule is made by a step in another way: a
forecast, a least-cost plan.
"""

from sopkit.schema.measures import MEASURES

FUNCTIONS = ("before", "total")  # what rules have beside the functions of all expressions
RULES = {
    "demand_history": {
        "cleansed": "quantity + cleansing_adjustment",
        "quantity": "sales_history.quantity",
    },
    "unit_economics": {
        word: f"item_costs.{word}"
        for word in ("price", "material_cost", "holding_cost", "backlog_cost")
    },
    "sourcing_network": {"freight_cost": "lanes.freight_cost"},
    "item_locations": {"on_hand": "inventory.on_hand"},
    "pipeline_forecast": {
        "opportunity_demand": "quantity * probability",
        "quantity": "opportunities.quantity",
        "probability": "opportunities.probability",
    },
    "forecast_overrides": {
        "override": "weight * (quantity - (demand_plan.baseline + demand_plan.launch_demand"
        " + demand_plan.activity_demand + demand_plan.opportunity_demand"
        " + demand_plan.pickup_demand))",
        "quantity": "disaggregated_inputs.quantity",
        "weight": "consensus_policy.weight",
    },
    "demand_plan": {
        "consensus": "baseline + launch_demand + activity_demand + opportunity_demand"
        " + pickup_demand + override",
        "pickup_demand": "pickup_forecast.weight * (pickup_forecast.pickup - (baseline"
        " + launch_demand + activity_demand + opportunity_demand))",
        "baseline": "baseline_forecast.baseline",
        "launch_demand": "launch_plan.launch_demand",
        "activity_demand": "promotion_lift.activity_demand",
        "opportunity_demand": "pipeline_forecast.opportunity_demand",
        "override": "forecast_overrides.override",
        "total_demand": "firm_orders + past_due_orders + net_forecast",
    },
    "rough_cut_capacity": {"utilization": "required_hours / capacity_hours"},
    "supply_plan": {
        "inventory": "opening_inventory + regular + overtime + subcontract + purchased"
        " + scheduled_receipts + transferred_in - transferred_out - shipped - consumed - expired",
        "opening_inventory": "before(inventory, item_locations.on_hand)",
        "shipped": "distribution_plan.shipped",
        "target_inventory": "inventory_targets.target_inventory",
    },
    "constrained_demand": {
        "fulfilled": "distribution_plan.delivered",
        "demand": "demand_plan.total_demand",
        "backlog": "before(backlog, 0) + demand - fulfilled - lost_sales",
    },
    "workforce_plan": {"utilization": "planned_utilization"},  # as that measure
    "profitability": {
        "margin": "revenue - cost_of_sales - activity_spend",
        "revenue": "list_revenue - discount",
        "list_revenue": "quantity * unit_economics.price",
        "quantity": "constrained_demand.fulfilled",
    },
    "financial_plan": {
        "revenue": "list_revenue - discount",
        "list_revenue": "total(constrained_demand.fulfilled * unit_economics.price)",
        "quantity": "constrained_demand.fulfilled",
        "margin": "revenue - cost_of_sales - activity_spend",
        "operating_profit": "margin - overhead",
        **{
            word: f"profitability.{word}"
            for word in ("discount", "activity_spend", "uncosted_revenue")
        },
    },
    "cash_plan": {
        "cash": "before(cash, company_settings.opening_cash) + collections - payments",
        "inventory_value": "financial_plan.inventory_value",
    },
    "plan_variances": {"variance": "plan - reference_value"},
    "risk_impacts": {
        "expected_effect": "probability * margin_effect",
        "probability": "risks.probability",
    },
}


def formula(table: str, column: str) -> str | None:
    """The rule of a column, in words of tables and columns; None where it has none.

    >>> formula("workforce_plan", "utilization")
    '(regular_hours + overtime_hours) / (capacity_hours)'
    """
    text = RULES.get(table, {}).get(column)
    measure = MEASURES.get(text or "")
    if measure is None or measure.table != table:
        return text
    return f"({measure.formula}) / ({measure.per})" if measure.per else measure.formula
