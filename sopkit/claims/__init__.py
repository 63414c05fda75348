"""What a plan table says, in one sentence with its numbers: the titles of charts and tables, and the conclusions.

Every claim takes plan tables and returns one sentence. Where all is well it says that.
"""

from sopkit.claims.demand_claims import (
    accuracy,
    activities,
    assumed,
    attention,
    baseline,
    cleaning,
    consensus,
    consensus_steps,
    data_issues,
    kpis,
    launch_actuals,
    launches,
    opportunities,
    overrides,
    places,
    prices,
    segments,
)
from sopkit.claims.evidence_claims import (
    campaigns,
    candidates,
    depth,
    explanation,
    pattern_tests,
    price_effects,
    promotion_effects,
    rates,
    reach,
    reconciliation,
    stage_win_rates,
    value_added,
    weights,
    win_rates,
)
from sopkit.claims.headlines import headlines
from sopkit.claims.meeting_claims import (
    agenda,
    beside,
    decision_log,
    decision_results,
    decisions,
    executive_agenda,
    families,
    gaps,
    gaps_by_function,
    override_register,
    risks,
    scenarios,
    settled_below,
    ways,
    what_if,
)
from sopkit.claims.money_claims import (
    adjustments,
    bridge,
    budget,
    business_summary,
    cash,
    costs,
    goal_paths,
    goals,
    last_cycle,
    last_year,
    money,
    opportunity,
    unchecked_goals,
)
from sopkit.claims.operations_claims import (
    crews,
    horizons,
    replenishment,
    schedule,
    short_items,
    turns,
    weeks,
    working_days,
)
from sopkit.claims.order_claims import go_to_market, materials, order_list, orders, reorder_points
from sopkit.claims.process_claims import (
    audit_page,
    disagreements,
    missed,
    performance_review,
    plan_change,
    process_register,
    survey,
    survey_trend,
    trends,
)
from sopkit.claims.stock_claims import demand_risk, stock, stock_bands, targets
from sopkit.claims.supply_claims import (
    capacity,
    constraints,
    cumulative,
    grouping,
    load,
    market_shares,
    procurement,
    promises,
    relief,
    service,
    sites,
    strategies,
    suppliers,
    supply,
    workforce,
)
