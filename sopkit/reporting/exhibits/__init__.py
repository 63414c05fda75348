"""The exhibits of the report, area by area: what each stage shows of its tables."""

from sopkit.reporting.exhibits import (
    allocation,
    data_review,
    demand,
    diagnostics,
    inventory,
    pipeline,
    procurement,
    products,
    strategies,
    supply,
)
