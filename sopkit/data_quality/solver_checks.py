"""Checks of the supply plan itself: where the solver stopped before it was near the least cost."""

from pandas import DataFrame

from sopkit.data_quality.entries import with_entries
from sopkit.data_quality.marks import check
from sopkit.schema.formatting import currency_of, money
from sopkit.schema.glossary import label
from sopkit.tables.issues import Entry, Issue

FEWER = (
    "For a plan nearer to its least cost, remove min_lot, setup_cost or setup_hours (routings) "
    "where they matter least, or set whole_workers (resources) to no."
)


@check("major")
def stopped_at_the_time_limit(
    solver_stops: DataFrame, company_settings: DataFrame | None = None
) -> Issue | None:
    """Find parts of the plan whose search for whole numbers ended at its time limit."""
    again = "The best plan found by then is used; the same inputs may give another one, so run it "
    again += f"again when nothing else runs on the machine. {FEWER}"
    return _stopped(solver_stops, "time limit", again, currency_of(company_settings))


@check("minor")
def stopped_at_the_node_limit(
    solver_stops: DataFrame, company_settings: DataFrame | None = None
) -> Issue | None:
    """Find parts of the plan whose search for whole numbers ended at its node limit, far from the
    least cost."""
    same = f"The best plan found is used; the same inputs always give it. {FEWER}"
    return _stopped(solver_stops, "node limit", same, currency_of(company_settings))


def _stopped(rows: DataFrame, reason: str, treatment: str, currency: str) -> Issue | None:
    rows = rows[rows["stop_reason"] == reason]
    if rows.empty:
        return None
    plans = {name: label(name, of="strategy") for name in rows["strategy"]}
    entries = [
        Entry(
            "solver_stops",
            "gap_cost",
            f"strategy {row.strategy}, item {row.item}",
            f"The solver stopped at its {reason}: the {plans[row.strategy]} of {row.item} may "
            f"cost up to {money(row.gap_cost, currency)} more than the least-cost one",
            treatment,
        )
        for row in rows.itertuples()
    ]
    return with_entries(Issue("solver_stops", ""), entries)
