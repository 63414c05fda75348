"""The exhibits of the report, area by area: what each stage shows of its tables."""

from sopkit.reporting.exhibits import (
    allocation,
    data_review,
    demand,
    diagnostics,
    executive,
    families,
    fences,
    finance,
    inventory,
    operations,
    orders,
    performance,
    pipeline,
    pre_sop,
    procurement,
    products,
    scenarios,
    strategies,
    supply,
)
