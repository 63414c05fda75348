"""The tables of a solved supply plan."""

import numpy as np
import pandas as pd

from sopkit.supply.capacity import utilisation
from sopkit.supply.inventory import months_covered

NEAR_LIMIT = 0.98  # share of a limit from which it is reported though it costs nothing yet
NEAR = 1e-6  # units and money below this are the solver's rounding


def supply_plan(facts, plan, strategy):
    """What is made, shipped and stored.

    Returns
    -------
    product, site, period, strategy : opening_inventory, regular, overtime, subcontract, receipts, shipped, inventory,
        target_inventory [units], cover_months [months; empty where stock outlasts the horizon]
    """
    f, flows = facts, _flows(facts, plan)
    inventory = _inventory(f, flows)
    columns = {
        "opening_inventory": np.hstack([f.stocks.on_hand[:, None], inventory[:, :-1]]),
        **flows,
        "inventory": inventory,
        "target_inventory": f.stocks.target,
        "cover_months": months_covered(inventory, f.stocks.demand),
    }
    return _long(f, f.stocks.keys, strategy, columns)


def shipments(facts, plan, strategy):
    """What each site sends to each market.

    Returns
    -------
    product, site, market, period, strategy : shipped [units]
    """
    return _long(facts, facts.lanes.keys, strategy, {"shipped": _clean(plan.shipped)})


def service_plan(facts, plan, strategy):
    """What markets get of what they ask.

    Returns
    -------
    product, market, period, strategy : demand, served, backlog, lost_sales [units]
    """
    f = facts
    served, lost, backlog = _service(f, plan)
    columns = {"demand": f.wants.demand, "served": served, "backlog": backlog, "lost_sales": lost}
    return _long(f, f.wants.keys, strategy, columns)


def workforce_plan(facts, plan, strategy):
    """Who works how much.

    Returns
    -------
    resource, period, strategy : workers, hired, laid_off [workers], regular_hours, overtime_hours [hours worked],
        capacity_hours [hours of these workers, overtime included, that machines allow], utilisation_ratio
    """
    f, crews = facts, facts.crews
    regular, overtime = _crew_hours(f, plan)
    workers = _clean(plan.workers)
    capacity = np.minimum(workers * (crews.regular_hours + crews.overtime_hours), crews.machine_hours)
    columns = {
        "workers": workers,
        "hired": _clean(plan.hired),
        "laid_off": _clean(plan.laid_off),
        "regular_hours": regular,
        "overtime_hours": overtime,
        "capacity_hours": capacity,
        "utilisation_ratio": utilisation(regular + overtime, capacity),
    }
    return _long(f, crews.codes.to_frame(index=False, name="resource"), strategy, columns)


def strategy_comparison(facts, plan, strategy):
    """What the plan costs in money; prices that only rank plans are left out, and so is the revenue of lost sales.

    Returns
    -------
    strategy, cost_item : cost [money]
    """
    f, crews, flows = facts, facts.crews, _flows(facts, plan)
    made = _clean(plan.regular)
    made[f.routes.resource >= 0] += _clean(plan.overtime)
    inventory = _inventory(f, flows)
    _, lost, backlog = _service(f, plan)
    item, want = f.stocks.item, f.wants.item
    workers = _clean(plan.workers)
    outside = np.where(flows["subcontract"] > 0, f.items.outside[item], 0.0)
    costs = {
        "regular labour": (workers * crews.regular_hours * crews.regular_wage[:, None]).sum(),
        "overtime": (_crew_hours(f, plan)[1] * crews.overtime_wage[:, None]).sum(),
        "subcontracting": (flows["subcontract"] * outside).sum(),
        "material": (made * f.items.material[f.routes.item]).sum(),
        "making": (made * f.routes.making[:, None]).sum(),
        "holding": (inventory * f.items.holding[item]).sum(),
        "backlog": (backlog * f.items.late[want]).sum(),
        "lost sales": (lost * f.items.lost[want]).sum(),
        "hiring": (_clean(plan.hired) * crews.hire_cost[:, None]).sum(),
        "layoff": (_clean(plan.laid_off) * crews.layoff_cost[:, None]).sum(),
        "freight": (_clean(plan.shipped) * f.lanes.freight[:, None]).sum(),
        "extra storage": (_clean(plan.rented) * f.stores.rent[:, None])[~np.isnan(f.stores.rent)].sum(),
    }
    table = pd.DataFrame(
        {"cost_item": pd.array(list(costs), dtype="str"), "cost": [float(c) for c in costs.values()]}
    )
    table.insert(0, "strategy", pd.array([strategy] * len(table), dtype="str"))
    return table


def strategy_service(facts, plan, strategy):
    """What the strategy gives for its cost; deliveries fill the oldest order first.

    Returns
    -------
    strategy : cost [money], service_level_ratio [delivered in the month wanted / wanted; 1 when nothing is wanted],
        max_inventory_planned, max_backlog [units, highest total of a month], below_target [unit-months]
    """
    f = facts
    _, lost, backlog = _service(f, plan)
    wanted = f.wants.demand.sum()
    on_time = (f.wants.demand - np.minimum(f.wants.demand, backlog + lost)).sum()
    inventory = _inventory(f, _flows(f, plan))
    row = {
        "strategy": pd.array([strategy], dtype="str"),
        "cost": strategy_comparison(f, plan, strategy)["cost"].sum(),
        "service_level_ratio": on_time / wanted if wanted > 0 else 1.0,
        "max_inventory_planned": inventory.sum(axis=0).max(),
        "max_backlog": backlog.sum(axis=0).max(),
        "below_target": np.maximum(f.stocks.target - inventory, 0.0).sum(),
    }
    return pd.DataFrame(row)


def constraint_values(facts, solution, strategy):
    """What one more unit of each scarce thing would save: limits that bind, or nearly.

    With whole workers, the value of an hour is that with the number of workers as planned. The limit of a supply is
    what is there in the month: parts left over and parts that can arrive.

    Returns
    -------
    constraint, item, period, strategy : limit, used [the limit's unit], marginal_value [money per unit of the limit,
        in the prices of the programme: lost sales at their price]
    """
    tables = []
    for constraint, (codes, limit, used) in _limits(facts, solution.columns).items():
        value = np.where(solution.savings[constraint] > NEAR, solution.savings[constraint], 0.0)
        row, month = np.nonzero(
            np.isfinite(limit) & ((value > 0) | ((used > NEAR) & (used >= NEAR_LIMIT * limit)))
        )
        tables.append(
            pd.DataFrame(
                {
                    "constraint": pd.array([constraint] * len(row), dtype="str"),
                    "item": pd.array(codes[row], dtype="str"),
                    "period": facts.months[month],
                    "strategy": pd.array([strategy] * len(row), dtype="str"),
                    "limit": limit[row, month],
                    "used": used[row, month],
                    "marginal_value": value[row, month],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _limits(f, plan):
    """Each limit of the programme with what it is about, what it allows and what the plan takes."""
    crews, workers = f.crews, _clean(plan.workers)
    regular, overtime = _crew_hours(f, plan)
    inventory = _inventory(f, _flows(f, plan))
    stored, outside = np.zeros((len(f.stores.codes), len(f.months))), np.zeros(f.items.outside_limit.shape)
    held = f.stores.of_stock >= 0
    np.add.at(stored, f.stores.of_stock[held], inventory[held])
    np.add.at(outside, f.stocks.item[f.stocks.makes], _clean(plan.outside))
    there = f.parts.arriving.copy()
    there[:, 1:] += _clean(plan.left)[:, :-1]
    return {
        "regular hours": (crews.codes, workers * crews.regular_hours, regular),
        "overtime hours": (crews.codes, workers * crews.overtime_hours, overtime),
        "machine hours": (crews.codes, crews.machine_hours, regular + overtime),
        "max workers": (crews.codes, np.broadcast_to(crews.most[:, None], workers.shape), workers),
        "storage": (f.stores.codes, np.broadcast_to(f.stores.limit[:, None], stored.shape), stored),
        "subcontract limit": (f.items.codes, f.items.outside_limit, outside),
        "supply limit": (f.parts.codes, there, there - _clean(plan.left)),
    }


def _flows(f, plan):
    """What comes to and goes from each stock."""
    regular, overtime, outside, shipped = (np.zeros(f.stocks.target.shape) for _ in range(4))
    worked = f.routes.resource >= 0
    np.add.at(regular, f.routes.stock, _clean(plan.regular))
    np.add.at(overtime, f.routes.stock[worked], _clean(plan.overtime))
    outside[f.stocks.makes] = _clean(plan.outside)
    np.add.at(shipped, f.lanes.stock, _clean(plan.shipped))
    return {
        "regular": regular,
        "overtime": overtime,
        "subcontract": outside,
        "receipts": f.stocks.receipts,
        "shipped": shipped,
    }


def _inventory(f, flows):
    """Stock at each month's end, added up from what comes and goes."""
    coming = flows["regular"] + flows["overtime"] + flows["subcontract"] + flows["receipts"]
    inventory = f.stocks.on_hand[:, None] + (coming - flows["shipped"]).cumsum(axis=1)
    return np.where(inventory > NEAR, inventory, 0.0)


def _service(f, plan):
    """Served, lost and backlog of each product in each market."""
    served = np.zeros(f.wants.demand.shape)
    np.add.at(served, f.lanes.want, _clean(plan.shipped))
    lost = _clean(plan.lost)
    backlog = (f.wants.demand - served - lost).cumsum(axis=1)
    return served, lost, np.where(backlog > NEAR, backlog, 0.0)


def _crew_hours(f, plan):
    """Regular and overtime hours worked by each crew."""
    worked = f.routes.resource >= 0
    hours = []
    for made in (plan.regular[worked], plan.overtime):
        total = np.zeros(f.crews.days.shape)
        np.add.at(total, f.routes.resource[worked], _clean(made) * f.routes.hours[worked, None])
        hours.append(total)
    return hours


def _clean(values):
    """Values without the solver's rounding."""
    return np.where(values > NEAR / 1000, values, 0.0)


def _long(f, keys, strategy, columns):
    """A row for each key and month, keys first."""
    table = keys.loc[keys.index.repeat(len(f.months))].reset_index(drop=True)
    table["period"] = pd.PeriodIndex.from_ordinals(np.tile(f.months.asi8, len(keys)), freq="M")
    table["strategy"] = pd.array(np.full(len(table), strategy), dtype="str")
    return table.assign(**{name: np.asarray(grid, dtype=float).ravel() for name, grid in columns.items()})
