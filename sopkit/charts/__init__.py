"""The figures of the workbook: a plan table and its claim in, axes out.

A chart selects, pivots and adds up rows for drawing and computes nothing else; `claim` is the sentence that stands
above it. `show` puts a chart into a notebook.
"""

from sopkit.charts.demand_figures import (
    accuracy,
    consensus,
    consensus_steps,
    demand_history,
    launches,
    segments,
)
from sopkit.charts.display import bundle, show, show_each
from sopkit.charts.evidence_figures import (
    decomposition,
    launch_actuals,
    price_effects,
    stage_win_rates,
    value_added,
)
from sopkit.charts.meeting_figures import (
    business_summary,
    consensus_by_family,
    families,
    gaps_by_function,
    kpis,
)
from sopkit.charts.money_figures import (
    bridge,
    cash,
    costs,
    gaps,
    gaps_by_month,
    money_against_budget,
    risks,
    scenarios,
    strategies,
    what_if,
)
from sopkit.charts.operations_figures import horizons, turns, week_load, weeks
from sopkit.charts.order_figures import go_to_market
from sopkit.charts.process_figures import disagreement, evidence, performance, plans_by_lag, survey
from sopkit.charts.supply_figures import (
    capacity,
    constraint_values,
    cumulative,
    demand_risk,
    load,
    market_shares,
    promises,
    stock,
    stock_bands,
    strategy_costs,
    suppliers,
    supply,
    workforce,
)
