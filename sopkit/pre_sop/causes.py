"""The cause of each gap, so that gaps with one cause are one decision.

A cause is a limit or a row of policy whose lifting closes most of the gap. A gap that none of them
closes is its own cause. Gaps are never merged because one option serves both.
"""

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame, Series

from sopkit.master_data.product_names import named
from sopkit.pre_sop.evaluation import closed_shares, option_effects
from sopkit.pre_sop.gaps import gap_rules, place_of, rule_of
from sopkit.pre_sop.limits import HELD_BY
from sopkit.rules.marks import mark_of
from sopkit.scenarios.results import BASE, results_of, whole
from sopkit.tables import conform

COSTS = 0.0005  # of the margin: a policy that costs less is left
CLOSES_MOST = 0.5  # of a gap: what closes less is not its cause
POLICY = "policy-"  # begins the gap that stands for a row of policy
ASKS = "decide-"  # begins the code of a decision
KINDS = {  # table, and column where not all are meant: the kind of cause, and how it is said
    ("supply_policy", ""): ("supply-policy", "supply policy of {}"),
    ("inventory_policy", ""): ("inventory-policy", "inventory policy of {}"),
    ("resources", ""): ("capacity", "capacity of {}"),
    ("resource_calendar", ""): ("capacity", "capacity of {}"),
    ("item_costs", "subcontract_limit"): ("subcontracting", "subcontracting limit of {}"),
    ("sources", "supply_limit"): ("supply", "supply limit of {}"),
    ("storage_capacity", ""): ("storage", "storage capacity of {}"),
}
ITEMS = ("family", "product", "resource", "item")  # the filter that names a cause's item
POLICY_KINDS = ("supply-policy", "inventory-policy")


def gap_causes(
    gaps: DataFrame,
    option_changes: DataFrame,
    option_results: DataFrame,
    scenario_results: DataFrame,
    tried_options: DataFrame,
    limit_worth: DataFrame,
    products: DataFrame,
) -> DataFrame:
    """Find the cause of each gap, and the policies that cost more than they bring.

    The cause is the limit or policy row that closes most of the gap when it is lifted, half of it
    at least; of equal ones that which adds most to the margin. A policy row that no gap comes from
    is a decision of its own where overturning it alone adds a share of the margin, within the
    binding goals.

    Returns
    -------
    gap : decision, origin, cause, gap_closed_ratio (by lifting the cause), statement
    """
    lifts = _lifts(option_changes, tried_options, limit_worth)
    results = option_results[option_results["scenario"].isin(lifts)]
    base = whole(results_of(scenario_results, BASE))
    profit = option_effects(results, base)["margin_effect"].fillna(0.0)
    shares = closed_shares(gaps, results)
    places = place_of(gaps) if len(gaps) else Series(dtype="str")
    rows, names = [], named(products)
    for gap, place in zip(gaps.itertuples(), places, strict=True):
        closed = shares[gap.gap].to_dict()
        most = max(closed, key=lambda name: (closed[name], profit[name], name), default=None)
        known = most is not None and closed[most] >= CLOSES_MOST
        kind, item, said = lifts[most] if known else ("", place, gap.statement)
        rows.append(
            {
                "gap": gap.gap,
                "decision": ASKS + (f"{kind}-{item}" if known else place),
                "origin": mark_of(gap_rules()[rule_of(place)]).about["origin"],
                "cause": said.format(names.get(item, item)) if known else gap.statement,
                "gap_closed_ratio": closed[most] if known else 0.0,
                "statement": gap.statement,
            }
        )
    costly = COSTS * abs(base.get("margin", 0.0))
    may = tried_options[tried_options["allowed"] & tried_options["note"].isna()]["scenario"]
    adds = {name: profit[name] for name in may if name in lifts and profit[name] >= costly}
    rows += _costly_policies(adds, lifts, {row["decision"] for row in rows}, names)
    return conform("gap_causes", DataFrame(rows, columns=_COLUMNS))


_COLUMNS = ["gap", "decision", "origin", "cause", "gap_closed_ratio", "statement"]


def cause_of(changes: DataFrame) -> tuple[str, str, str] | None:
    """The limit or policy row that changes lift: kind, item and how it is said; None if several."""
    found = {_cause(row) for row in changes.to_dict("records")}
    return next(iter(found)) if len(found) == 1 else None


def _cause(change: Mapping) -> tuple[str, str, str] | None:
    kind = KINDS.get((change["table"], "")) or KINDS.get((change["table"], change["column"]))
    items = [change[name] for name in ITEMS if not pd.isna(change[name])]
    return (kind[0], items[0], kind[1]) if kind and len(items) == 1 else None


def _lifts(
    option_changes: DataFrame, tried_options: DataFrame, limit_worth: DataFrame
) -> dict[str, tuple[str, str, str]]:
    """The scenarios that lift one limit or one policy row, with the cause that each lifts."""
    alone = tried_options.loc[tried_options["moves"] == 1, "scenario"]
    moves = option_changes[option_changes["scenario"].isin(alone)]
    found = {name: cause_of(rows) for name, rows in moves.groupby("scenario", sort=False)}
    for row in limit_worth.itertuples():
        table, column, _ = HELD_BY[row.constraint]
        kind = KINDS.get((table, "")) or KINDS[table, column]
        found[row.scenario] = (kind[0], row.item, kind[1])
    return {name: cause for name, cause in found.items() if cause is not None}


def _costly_policies(
    adds: Mapping[str, float],
    lifts: Mapping[str, tuple[str, str, str]],
    asked: set[str],
    names: Mapping[str, str],
) -> list[dict]:
    """A row for each policy row that costs more than it brings and no gap comes from."""
    rows = []
    for move in sorted(adds, key=lambda name: -adds[name]):
        kind, item, said = lifts[move]
        if kind not in POLICY_KINDS:
            continue
        if (decision := f"{ASKS}{kind}-{item}") not in asked:
            asked.add(decision)
            cause = said.format(names.get(item, item))
            rows.append(
                {
                    "gap": f"{POLICY}{kind}-{item}",
                    "decision": decision,
                    "origin": "policy",
                    "cause": cause,
                    "gap_closed_ratio": 0.0,
                    "statement": f"The {cause} costs more than it brings",
                }
            )
    return rows
