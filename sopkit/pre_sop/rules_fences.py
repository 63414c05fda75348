"""Gap rules of fences: firm production, planner's rows and notices that the plan cannot keep.

A breach is known only when supply has been planned, after the data review, and somebody has to
decide which gives way: so it is a gap and no data issue.
"""

import numpy as np

from sopkit.pre_sop.gap import gap, sized
from sopkit.rules.remember import remembered
from sopkit.schema.glossary import label
from sopkit.tables.arrays import ArrayTable
from sopkit.tables.keys import Keys

OF_PRODUCTS = ("firm_production", "frozen_production", "production", "purchases", "supplier_notice")


@gap(
    area="supply",
    owner="supply planner",
    statement="{detail} breached: {plan} planned vs. {reference}, {months}",
    question="Change the order, the override or the fence, or resolve the conflict?",
    table="planning_rules",
    exhibit="40_supply_review.planning_rules",
)
def broken_rule(planning_rules: ArrayTable) -> ArrayTable:
    """Find firm production, planner's rows, fences and notices that are not kept."""
    breach = np.nan_to_num(planning_rules["breach"])
    planned = np.nan_to_num(planning_rules["planned"])
    units = np.where(_of_products(planning_rules.keys)[:, None], breach, 0.0)
    return sized(
        _told(planning_rules.keys),
        planning_rules.months,
        "rule",
        plan=planned,
        reference=planned - breach,
        gap_units=units,
        gap_value=np.zeros(breach.shape),
        wrong=breach != 0,
        present=planning_rules.present,
    )


@remembered
def _of_products(keys: Keys) -> np.ndarray:
    return keys.frame["kind"].isin(OF_PRODUCTS).to_numpy(dtype=bool)


@remembered
def _told(keys: Keys) -> Keys:
    """The rows by a name of their own, and the words for it."""
    frame = keys.frame
    site = frame["site"].astype("str").fillna("")
    kinds = frame["kind"].map(lambda kind: label(kind, of="rule"))
    name = frame["kind"] + "-" + frame["item"] + ("-" + site).where(site != "", "")
    said = kinds.str.capitalize() + " of " + frame["item"] + (" at " + site).where(site != "", "")
    return Keys(frame[[]].assign(rule=name.astype("str"), detail=said.astype("str")))
