"""Pre-S&OP and executive review: gaps, ways to close them, risks, decisions."""

from sopkit.review.disagreements import gaps
from sopkit.review.effects import risk_scenarios, strategies
from sopkit.review.followup import decision_results
from sopkit.review.meeting import agenda, decisions
from sopkit.review.proposals import proposed_changes

__all__ = [
    "agenda",
    "decision_results",
    "decisions",
    "gaps",
    "proposed_changes",
    "risk_scenarios",
    "strategies",
]
