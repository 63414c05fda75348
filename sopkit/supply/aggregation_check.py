"""The effect of planning by groups: a sample of products planned individually."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.model import quantities
from sopkit.model.parameters import Facts
from sopkit.model.tail import shown
from sopkit.model.variables import Solution
from sopkit.supply import aggregation, run_out
from sopkit.supply.optimization.programme import supply_solution
from sopkit.supply.optimization.solver import Starts
from sopkit.tables import conform, empty

SAMPLE = 40  # products


def aggregation_check(
    facts: Facts,
    groups: aggregation.Groups | None,
    company_settings: DataFrame | None,
    mode: np.ndarray,
    spread: Solution,
    starts: Starts | None = None,
) -> DataFrame:
    """Plan a sample of the grouped products individually, all else equal, and compare.

    The sample goes evenly from the product with most demand to the one with least. `spread` is the
    products'
    solution by groups under `mode`. Cost is what can be told by product: hours at the regular wage,
    for who works overtime, idles, comes or goes is shared.

    Returns
    -------
    product : group, standard_units, produced_grouped, produced_exact, produced_differently [units],
        late_unit_months, late_unit_months_exact [unit-months], stock_months, stock_months_exact
        [unit-months], cost, cost_exact [money]; no rows where every product is planned individually
    """
    if groups is None:
        return empty("aggregation_check")
    sample = _sample(facts, groups)
    finer, planned = aggregation.planned_facts(facts, company_settings, alone=sample)
    solution = supply_solution(planned, mode, starts=starts)
    alone = run_out.products_solution(facts, finer, planned, solution, mode)
    measures = _measured(*shown(facts, spread))
    measures["produced_grouped"] = measures.pop("produced")
    measures |= {f"{name}_exact": found for name, found in _measured(*shown(facts, alone)).items()}
    was, now = (quantities.units_made(*shown(facts, one)) for one in (spread, alone))
    moved = np.abs(was - now)
    by_item = np.bincount(
        facts.stocks.item, moved.sum(axis=1) / 2, minlength=len(facts.items.codes)
    )
    table = pd.DataFrame(
        measures | {"produced_differently": by_item, "standard_units": groups.unit}
    )
    table.insert(0, "product", facts.items.codes)
    table.insert(1, "group", groups.codes[groups.of_item])
    return conform("aggregation_check", table.iloc[sample][["product", "group", *_MEASURES]])


_MEASURES = [
    "standard_units",
    "produced_grouped",
    "produced_exact",
    "produced_differently",
    "late_unit_months",
    "late_unit_months_exact",
    "stock_months",
    "stock_months_exact",
    "cost",
    "cost_exact",
]


def _sample(f, groups):
    grouped = np.flatnonzero(groups.several)
    wanted = np.bincount(f.wants.item, f.wants.demand.sum(axis=1), minlength=len(f.items.codes))[
        grouped
    ]
    place = np.linspace(0, len(grouped) - 1, min(SAMPLE, len(grouped))).round().astype(int)
    return np.sort(grouped[np.argsort(-wanted, kind="stable")[place]])


def _measured(f, solution):
    """What each product makes, misses, holds and costs over the horizon."""
    plan, count = solution.columns, len(f.items.codes)
    held, made = quantities.stock_held(f, solution), quantities.units_made(f, solution)
    crew, worked = f.routes.resource, solution.sets.worked
    making = f.items.material[f.routes.item] * f.routes.yields[:, None] + f.routes.making
    wage = np.vstack([f.crews.regular_wage, np.zeros((1, len(f.months)))])[crew]
    making = making + f.routes.hours * wage
    outside = np.nan_to_num(f.items.outside)[f.stocks.item[f.stocks.makes]]
    costs = [
        (f.routes.item, plan.regular * making),
        (f.routes.item[worked], plan.overtime * making[worked]),
        (f.stocks.item[f.stocks.makes], plan.outside * outside),
        (f.stocks.item, held * f.items.holding[f.stocks.item]),
        (
            f.wants.item,
            plan.backlog * f.items.late[f.wants.item] + plan.lost * f.items.lost[f.wants.item],
        ),
        (f.wants.item[f.lanes.want], plan.shipped * f.lanes.freight),
    ]

    def total(item, grid):
        return np.bincount(item, grid.sum(axis=1), minlength=count)

    return {
        "produced": total(f.stocks.item, made),
        "late_unit_months": total(
            f.wants.item, np.maximum(plan.backlog, 0.0) + np.maximum(plan.lost, 0.0)
        ),
        "stock_months": total(f.stocks.item, held),
        "cost": sum(total(*part) for part in costs),
    }
