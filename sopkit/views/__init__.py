"""What a reader is shown of a plan table: which rows, which columns, in which order. Only sums are computed."""

from sopkit.views.demand_views import (
    accuracy,
    activities,
    attention,
    corrections,
    demand_by_family,
    latest_kpis,
    launches,
    opportunities,
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
    beside,
    costs,
    decision_results,
    gaps,
    goal_paths,
    goals,
    money_by_family,
    proposals,
    risks,
    scenario_words,
    scenarios,
    scenarios_by_measure,
    story,
    ways,
)
from sopkit.views.operations_views import coming_days, orders_by_day, schedule, shipments_by_day
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
