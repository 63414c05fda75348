"""Input tables from earlier cycles in the plan store."""

import pandas as pd
from pandas import DataFrame

from sopkit.io.places import company_name
from sopkit.store import audit_log, database, decision_log, revisions
from sopkit.store.status import kept
from sopkit.tables import conform
from sopkit.tables.periods import month

READ_BACK = ["demand_plan", "forecast_overrides", "supply_plan", "financial_plan"]
MONEY = ["quantity", "revenue", "cost_of_sales", "margin"]
PROFIT = ["activity_spend", "overhead", "operating_profit"]  # older plans do not have them
CELL = ["product", "market", "period"]


def add_approved_plans(
    tables: dict[str, DataFrame], url: str, company: str, cycle: str
) -> dict[str, DataFrame]:
    """Add forecasts, supply, P&L, decisions and expected effects of earlier approved cycles.

    An approved revision takes the place of rows that a table holds for the same cycle. Products
    and families that are planned no longer are left out, as in `sales_history`.

    Returns
    -------
    table name : table; those handed in, with `approved_forecasts`, `approved_supply_plans`,
        `approved_financial_plans`, `decision_log` and `expected_effects` extended
    """
    for plan, number in approved_before(url, company, cycle):
        planned = revisions.read_revision(url, *plan, number, READ_BACK)
        approved = {
            "approved_forecasts": _forecasts(planned),
            "approved_supply_plans": _supply(planned),
            "approved_financial_plans": _finance(planned),
        }
        told = _told(url, plan, number)
        tables = (
            tables
            | {name: _of_cycle_anew(name, tables, rows, plan[1]) for name, rows in approved.items()}
            | {
                name: decision_log.added(name, tables.get(name), rows)
                for name, rows in told.items()
            }
        )
    return tables


def approved_before(url: str, company: str, cycle: str) -> list[tuple[tuple[str, str, str], int]]:
    """List the approved revisions of a company's earlier cycles, oldest cycle first: ((company,
    cycle, scenario), number)."""
    if not database.exists(url):
        return []
    with database.reading(url) as connection:
        rows = audit_log.rows(connection, company=company_name(company), what=audit_log.APPROVED)
    earlier = [row for row in rows if month(row["cycle"]) < month(cycle)]
    plans = [((row["company"], row["cycle"], row["scenario"]), row["revision"]) for row in earlier]
    return sorted(plans, key=lambda plan: plan[0][1])


def _of_cycle_anew(name, tables, rows, cycle):
    """A table with a cycle's rows from its approved revision, for products and families that are
    still planned."""
    planned = "product" if "product" in rows else "family"
    rows = rows[rows[planned].isin(tables["products"][planned])].assign(cycle=month(cycle))
    known = tables.get(name)
    others = [] if known is None else [known[known["cycle"] != month(cycle)]]
    return conform(name, pd.concat([*others, rows], ignore_index=True))


def _forecasts(planned):
    """What each contributor forecast; a function only where it spoke."""
    both = planned["demand_plan"].melt(CELL, ["baseline", "consensus"], "contributor", "quantity")
    spoken = planned["forecast_overrides"].rename(columns={"function": "contributor"})
    return pd.concat([both, spoken[["contributor", *CELL, "quantity"]]], ignore_index=True)


def _supply(planned):
    """What was to be made."""
    return planned["supply_plan"][
        [
            "product",
            "site",
            "period",
            "regular",
            "overtime",
            "subcontract",
            "purchased",
            "inventory",
        ]
    ]


def _finance(planned):
    """What was to be earned."""
    table = planned["financial_plan"]
    return table[["family", "period", *MONEY, *(name for name in PROFIT if name in table)]]


def _told(url, plan, number):
    """The choices of an approved cycle: those that its plan was made with, and those for the plan
    as it is."""
    inputs = revisions.read_inputs(url, *plan, number)
    with database.reading(url) as connection:
        last = kept(
            connection,
            audit_log.rows(connection, company=plan[0], cycle=plan[1], scenario=plan[2]),
            number,
        )
    rows = {"decision_log": decision_log.log(last), "expected_effects": decision_log.effects(last)}
    return {
        name: decision_log.added(name, _of_cycle(inputs.get(name), plan[1]), later)
        for name, later in rows.items()
    }


def _of_cycle(table, cycle):
    return None if table is None else table[table["cycle"] == month(cycle)]
