"""The effect of removing each constraint: savings and units on time, month by month."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model import quantities, tail
from sopkit.model.plan_costs import monthly_costs
from sopkit.model.readings import SupplyInputs, supply_facts
from sopkit.model.shadow_prices import costly_limits
from sopkit.supply.aggregation import planned_facts
from sopkit.supply.optimization.programme import supply_solution
from sopkit.supply.optimization.solver import Starts

# Regular hours are not among them: they come with workers, and are lifted by more of these.
LIFTED = (
    "overtime hours",
    "machine hours",
    "max workers",
    "storage",
    "subcontract limit",
    "supply limit",
    "material",
)


MOST = 12  # limits that are lifted: those that are worth most in the plan


def bottleneck_analysis(inputs: SupplyInputs, tail_months: int | None = None) -> DataFrame:
    """Remove each constraint with a shadow price, one at a time over all months, and replan.

    Of more than twelve the twelve that are worth most are removed, by shadow price x what is used;
    `shadow_prices` has the others.

    What one more unit is worth (`shadow_prices`) holds for a little more; this says what a lot more
    is worth: an upper bound on the benefit of any measure that lifts the limit, before that way's
    own cost. Where products are planned in
    groups, so are they here, and units are the groups' standard units.

    Returns
    -------
    constraint, item, period : saving [money; below 0 in a month that now makes more for later
        ones], units_recovered [units no longer late or lost]
    """
    facts = supply_facts(inputs)
    facts = tail.with_tail(facts, inputs.company_settings, inputs.inventory_policy, tail_months)
    facts = planned_facts(facts, inputs.company_settings)[1]
    starts: Starts = {}
    base = supply_solution(facts, facts.families.strategy, starts=starts)
    costly = [one for one in costly_limits(*tail.shown(facts, base)) if one.constraint in LIFTED]
    tables = [_relief(facts, base, starts, limit) for limit in costly[:MOST]]
    return pd.concat([_table(facts.months[:0], "", "", [], []), *tables], ignore_index=True)


def _relief(facts, base, starts, limit):
    lifted = supply_solution(
        facts, facts.families.strategy, [(limit.constraint, limit.row)], starts
    )
    seen, base = tail.shown(facts, base)
    lifted = tail.shown(facts, lifted)[1]
    saving = monthly_costs(seen, base) - monthly_costs(seen, lifted)
    recovered = quantities.monthly_unserved(seen, base) - quantities.monthly_unserved(seen, lifted)
    return _table(seen.months, limit.constraint, limit.item, saving, recovered)


def _table(months, constraint, item, saving, recovered):
    text = {
        name: pd.array([word] * len(months), dtype="str")
        for name, word in {"constraint": constraint, "item": item}.items()
    }
    numbers = {
        "saving": np.asarray(saving, dtype=float),
        "units_recovered": np.asarray(recovered, dtype=float),
    }
    return pd.DataFrame({**text, "period": months, **numbers})
