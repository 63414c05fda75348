"""How the company did, how well its plans hold, what proves its planning process, and what people think of it."""

from sopkit.process.audit import audit_page
from sopkit.process.kpis import kpis
from sopkit.process.performance import performance
from sopkit.process.register import process_evidence, process_register
from sopkit.process.scores import performance_review
from sopkit.process.survey import survey_balance, survey_disagreements

__all__ = [
    "audit_page",
    "kpis",
    "performance",
    "performance_review",
    "process_evidence",
    "process_register",
    "survey_balance",
    "survey_disagreements",
]
