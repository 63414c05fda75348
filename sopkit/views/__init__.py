"""What a reader is shown of a plan table: which rows, which columns, in which order. Only sums are computed."""

from sopkit.views.demand_views import (
    accuracy,
    activities,
    attention,
    corrections,
    demand_by_family,
    latest_kpis,
    launch_gates,
    launches,
    opportunities,
    override_register,
    overrides,
    product_sites,
)
from sopkit.views.evidence_views import (
    candidates,
    explanation,
    pattern_tests,
    price_effects,
    promotion_effects,
    rates,
    reconciliation,
    weights,
)
from sopkit.views.meeting_views import (
    against_all,
    asked,
    beside,
    company_against,
    costs,
    decision_log,
    decision_results,
    executive_agenda,
    gaps,
    goal_paths,
    goals,
    money_by_family,
    proposals,
    risks,
    scenario_words,
    scenarios,
    scenarios_by_measure,
    settled_below,
    story,
    ways,
)
from sopkit.views.operations_views import (
    coming_days,
    crews,
    horizons,
    schedule,
    shipments_by_day,
)
from sopkit.views.order_views import launch_weeks, materials, milestones, orders_to_do, purchase_orders
from sopkit.views.process_views import (
    by_item,
    disagreements,
    missed,
    own_evidence,
    register,
    scorecard,
    survey,
    unmeasured,
)
from sopkit.views.supply_views import (
    at_risk,
    constraints,
    out_of_band,
    overload,
    promises,
    relief,
    shortages,
    shortfalls,
    sites,
    strategy_costs,
    suppliers,
)
