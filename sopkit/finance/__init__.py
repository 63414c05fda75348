"""The plan in money: what it earns, what it does to cash, and how far it is from budget and goals."""

from sopkit.finance.budget_bridge import bridge
from sopkit.finance.comparison import family_sales, plan_gaps, unchecked_goals
from sopkit.finance.costs import costs_incurred, standard_costs
from sopkit.finance.statement import cash_plan, financial_plan

__all__ = [
    "bridge",
    "cash_plan",
    "costs_incurred",
    "family_sales",
    "financial_plan",
    "plan_gaps",
    "standard_costs",
    "unchecked_goals",
]
