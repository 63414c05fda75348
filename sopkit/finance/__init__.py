"""The plan in money: what it earns, what it does to cash, and how far it is from budget and goals."""

from sopkit.finance.adjustments import finance_adjustments
from sopkit.finance.budget_bridge import bridge
from sopkit.finance.comparison import plan_gaps
from sopkit.finance.costs import costs_incurred, standard_costs
from sopkit.finance.goals import goal_paths, unchecked_goals
from sopkit.finance.months import family_sales
from sopkit.finance.statement import cash_plan, financial_plan

__all__ = [
    "bridge",
    "cash_plan",
    "costs_incurred",
    "family_sales",
    "finance_adjustments",
    "financial_plan",
    "goal_paths",
    "plan_gaps",
    "standard_costs",
    "unchecked_goals",
]
