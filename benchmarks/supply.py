"""Time the supply programme beside bare HiGHS, PuLP, Pyomo and linopy on the same model, and what-ifs warm and cold.

    python benchmarks/supply.py                         24, 500 and 5,000 products, every library, 50 what-ifs
    python benchmarks/supply.py --sizes 24 500 --only highs
    python benchmarks/supply.py --sizes --what-ifs 10   what-ifs alone

The companies are drawn at random, always the same: 10 resources, seasonal demand with peaks above capacity, overtime,
subcontracting, storage. Up to 500 products they are one plant and 18 months, which hangs together as one block; 5,000
are ten plants that share nothing, and 24 months. The libraries get the programme as arrays and each builds it as its
manual asks; ours also makes those arrays. Each runs in a process of its own. Seconds are wall time, those of the
processor beside; peak memory is the whole process's, imports included.

A what-if changes the machine hours of a resource, the demand of some products or the material cost of others, and plans
again: from nothing (cold), and from the answer of the plan without the change (warm). The time to solve that plan once
is stated apart.
"""

import argparse
import inspect
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import highspy
import numpy as np
import pandas as pd
from scipy.sparse import load_npz, save_npz

from sopkit.model.readings import supply_facts
from sopkit.rules.call import call
from sopkit.supply.inventory_targets import inventory_targets
from sopkit.supply.optimization.programme import supply_programme, supply_solution
from sopkit.supply.optimization.solver import solve
from sopkit.tables import conform

FIELDS = ("cost", "lower", "upper", "row_lower", "row_upper")
AGREES = 1e-6  # share of the objective by which libraries may differ
SHARES = (0.8, 0.9, 1.1, 1.2)  # what a what-if multiplies by


# --- the company
# ----------------------------------------------------------------------------------------------------------


def company(size, plants, months, seed=1):
    """Tables of the supply review for so many products, spread over plants that share nothing."""
    rng = np.random.default_rng(seed)
    planning_periods = conform("planning_periods", _horizon(months))
    product = pd.Series([f"P-{number:05d}" for number in range(size)])
    plant = np.arange(size) * plants // size
    site, market = (
        pd.Series([f"{kind}-{number}" for number in plant]) for kind in ("plant", "market")
    )
    lines = min(10, max(1, size // plants // 6))
    line = np.arange(size) % lines
    hours, material = rng.uniform(0.05, 0.5, size), rng.uniform(5, 50, size)
    demand = _demand(rng, size, months)
    load = np.zeros((plants * lines, months))
    np.add.at(load, plant * lines + line, demand * hours[:, None])
    tables = {
        "planning_periods": planning_periods,
        "products": pd.DataFrame(
            {"product": product, "family": site + "-family-" + pd.Series(line % 5).astype(str)}
        ),
        "demand_plan": _each_month(
            planning_periods, {"product": product, "market": market}, {"baseline": demand}
        ),
        "unit_economics": _economics(rng, planning_periods, product, material, hours, demand),
        "sourcing_network": pd.DataFrame({"site": site, "market": market})
        .drop_duplicates()
        .assign(freight_cost=0.5),
        "item_locations": pd.DataFrame({"product": product, "site": site, "produced_here": True}),
        "routings": _routings(product, plant, line, lines, hours),
        "storage_capacity": pd.DataFrame(
            {"site": site, "storage_limit": 0.8 * demand.mean(axis=1)}
        ),
        **_resources(rng, planning_periods, plants, lines, load),
    }
    tables["products"] = tables["products"].assign(unit_of_measure="piece")
    tables["item_locations"]["on_hand"] = 0.5 * demand[:, 0]
    tables["storage_capacity"] = (
        tables["storage_capacity"]
        .groupby("site", as_index=False)
        .sum()
        .assign(overflow_storage_cost=0.3)
    )
    zero = dict.fromkeys(
        (
            *("launch_demand", "activity_demand", "opportunity_demand", "override"),
            *("firm_orders", "past_due_orders"),
        ),
        0.0,
    )
    units = tables["demand_plan"]["baseline"]
    tables["demand_plan"] = tables["demand_plan"].assign(
        **zero,
        **dict.fromkeys(("consensus", "net_forecast", "total_demand"), units),
        lower_80=0.8 * units,
        upper_80=1.25 * units,
    )
    return {name: conform(name, table) for name, table in tables.items()}


def _horizon(months):
    periods = pd.period_range("2026-10", periods=months, freq="M")
    return pd.DataFrame({"period": periods, "month_number": range(1, months + 1)})


def _demand(rng, size, months):
    """Levels of several magnitudes, a season that half of the products share, noise."""
    level = rng.lognormal(5, 1, size)[:, None]
    peak = np.where(rng.random(size) < 0.5, 8.0, rng.uniform(0, 12, size))[:, None]
    season = 1 + rng.uniform(0.2, 0.8, (size, 1)) * np.cos(
        2 * np.pi * (np.arange(months) - peak) / 12
    )
    return (level * season * rng.uniform(0.9, 1.1, (size, months))).round(1)


def _each_month(planning_periods, keys, grids):
    months = len(planning_periods)
    rows = {name: pd.Series(column).repeat(months).to_numpy() for name, column in keys.items()}
    rows["period"] = (
        planning_periods["period"]
        .take(np.tile(np.arange(months), len(next(iter(keys.values())))))
        .array
    )
    return pd.DataFrame(
        rows | {name: np.asarray(grid, dtype=float).ravel() for name, grid in grids.items()}
    )


def _economics(rng, planning_periods, product, material, hours, demand):
    """A fifth of the products can be had outside, up to a quarter of their demand."""
    shape = demand.shape
    outside = np.where(rng.random(len(product)) < 0.2, 1.05 * (material + 30 * hours), np.nan)
    money = {
        "price": 2 * (material + 30 * hours),
        "material_cost": material,
        "holding_cost": 0.02 * material,
        "backlog_cost": 0.2 * material,
        "lost_sale_cost": 0.2 * material,
        "subcontract_cost": outside,
        "subcontract_limit": np.where(np.isnan(outside), np.nan, 0.25 * demand.mean(axis=1)),
    }
    grids = {name: np.broadcast_to(values[:, None], shape) for name, values in money.items()}
    return _each_month(planning_periods, {"product": product}, grids).assign(basis="given")


def _routings(product, plant, line, lines, hours):
    """Each product on its line, every third also on the next one, slower."""
    name = np.array([f"plant-{p}-line-{n}" for p in range(plant.max() + 1) for n in range(lines)])
    own = pd.DataFrame(
        {"product": product, "resource": name[plant * lines + line], "hours_per_unit": hours}
    )
    other = own.assign(
        resource=name[plant * lines + (line + 1) % lines], hours_per_unit=1.2 * hours
    )
    third = np.arange(len(product)) // lines % 3 == 0
    return pd.concat([own, other[third & (lines > 1)]], ignore_index=True)


def _resources(rng, planning_periods, plants, lines, load):
    """Workers for most of the mean load and overtime for the rest; machines for little more, far below the peaks."""
    names = pd.Series([f"plant-{p}-line-{n}" for p in range(plants) for n in range(lines)])
    workers = 0.9 * load.mean(axis=1) / 160
    resources = pd.DataFrame(
        {
            "resource": names,
            "site": [f"plant-{p}" for p in range(plants) for _ in range(lines)],
            "opening_workers": workers,
            "regular_wage": rng.uniform(18, 25, len(names)),
            "overtime_wage": rng.uniform(27, 38, len(names)),
            "hire_cost": rng.uniform(400, 800, len(names)),
            "layoff_cost": rng.uniform(600, 1200, len(names)),
            "min_workers": 0.8 * workers,
            "max_workers": 1.05 * workers,
        }
    )
    grids = {
        "working_days": 20.0,
        "regular_hours_per_worker": 160.0,
        "overtime_hours_per_worker": 24.0,
    }
    grids = {name: np.full(load.shape, value) for name, value in grids.items()}
    grids["machine_hours"] = np.broadcast_to(1.05 * load.mean(axis=1)[:, None], load.shape)
    return {
        "resources": resources,
        "resource_calendar": _each_month(planning_periods, {"resource": names}, grids),
    }


def facts_of(size, plants, months):
    """The facts of the company, and the mode in which every family is planned at least cost."""
    tables = company(size, plants, months)
    tables["inventory_targets"] = _called(inventory_targets, tables)
    began = time.perf_counter()
    facts = call(supply_facts, tables)
    return (
        facts,
        np.full(len(facts.families.codes), "optimal", dtype=object),
        time.perf_counter() - began,
    )


def _called(step, tables):
    wanted = inspect.signature(step).parameters
    return step(**{name: tables[name] for name in wanted if name in tables})


def shape_of(size):
    """Plants and months of a company of that size."""
    return (10, 24) if size > 500 else (1, 18)


# --- the libraries: each gives a function that builds and one that solves, which gives the value of each column
# ----------------------------------------------------------------------------------------------------------


def highs(p):
    """The solver alone, handed the arrays."""

    def build():
        solver, (rows, columns) = highspy.Highs(), p["matrix"].shape
        solver.setOptionValue("output_flag", False)
        solver.passModel(
            *(columns, rows, p["matrix"].nnz, int(highspy.MatrixFormat.kColwise), 1, 0.0),
            *(p[name] for name in FIELDS),
            *(
                p["matrix"].indptr,
                p["matrix"].indices,
                p["matrix"].data,
                np.zeros(columns, dtype=np.int32),
            ),
        )
        return solver

    def solved(solver):
        solver.run()
        return np.array(solver.getSolution().col_value)

    return build, solved


def pulp(p):
    import pulp as library

    def build():
        model = library.LpProblem("supply", library.LpMinimize)
        model.variables_ = [
            library.LpVariable(f"x{n}", low, high)
            for n, (low, high) in enumerate(zip(_open(p["lower"]), _open(p["upper"]), strict=True))
        ]
        x = model.variables_
        model += library.LpAffineExpression(zip(x, p["cost"].tolist(), strict=True))
        senses = {
            "==": library.LpConstraintEQ,
            "<=": library.LpConstraintLE,
            ">=": library.LpConstraintGE,
        }
        for columns, values, sense, side in _each_row(p):
            terms = library.LpAffineExpression(
                [(x[c], v) for c, v in zip(columns, values, strict=True)]
            )
            model.addConstraint(library.LpConstraint(terms, senses[sense], rhs=side))
        return model

    def solved(model):
        model.solve(library.HiGHS(msg=False))
        return np.array([x.varValue for x in model.variables_], dtype=float)

    return build, solved


def pyomo(p):
    import pyomo.environ as library
    from pyomo.core.expr.numeric_expr import LinearExpression

    def build():
        model = library.ConcreteModel()
        low, high = _open(p["lower"]), _open(p["upper"])
        model.x = library.Var(range(len(low)), bounds=lambda _, n: (low[n], high[n]))
        x = list(model.x.values())
        model.cost = library.Objective(
            expr=LinearExpression(linear_coefs=p["cost"].tolist(), linear_vars=x),
            sense=library.minimize,
        )
        rows = list(_each_row(p))

        def row(_, n):
            columns, values, sense, side = rows[n]
            terms = LinearExpression(linear_coefs=values, linear_vars=[x[c] for c in columns])
            return {
                "==": (side, terms, side),
                "<=": (None, terms, side),
                ">=": (side, terms, None),
            }[sense]

        model.rows = library.Constraint(range(len(rows)), rule=row)
        return model

    def solved(model):
        library.SolverFactory("appsi_highs").solve(model)
        return np.array([x.value for x in model.x.values()], dtype=float)

    return build, solved


def linopy(p):
    """A set of constraints for all rows with so many terms, for every set is one array."""
    import linopy as library
    import xarray

    def build():
        model = library.Model()
        column = pd.RangeIndex(len(p["cost"]), name="column")
        low, high, cost = (
            xarray.DataArray(p[f], coords=[column]) for f in ("lower", "upper", "cost")
        )
        x = model.add_variables(low, high, name="x")
        matrix = p["matrix"].tocsr()
        counts = np.diff(matrix.indptr)
        for terms in np.unique(counts[counts > 0]):
            rows = np.flatnonzero(counts == terms)
            place = matrix.indptr[rows][:, None] + np.arange(terms)
            names, dims = pd.Index(rows, name="row"), ("row", "term")
            chosen = xarray.DataArray(matrix.indices[place], dims=dims, coords={"row": names})
            value = xarray.DataArray(matrix.data[place], dims=dims, coords={"row": names})
            sense, side = _senses(p["row_lower"][rows], p["row_upper"][rows])
            left = (value * x.isel(column=chosen)).sum("term")
            sense, side = (xarray.DataArray(part, coords=[names]) for part in (sense, side))
            model.add_constraints(left, sense, side, name=f"rows of {terms} terms")
        model.add_objective((cost * x).sum())
        return model

    def solved(model):
        model.solve("highs", io_api="direct", output_flag=False)
        return model.solution["x"].to_numpy()

    return build, solved


LIBRARIES = {"highs": highs, "pulp": pulp, "pyomo": pyomo, "linopy": linopy}


def _open(bounds):
    """Bounds as the modelling languages want them: None where there is none."""
    return [bound if np.isfinite(bound) else None for bound in bounds.tolist()]


def _senses(lower, upper):
    """Whether a row is equal to, at most or at least its side."""
    ends = np.isfinite(upper)
    return np.where(lower == upper, "==", np.where(ends, "<=", ">=")), np.where(ends, upper, lower)


def _each_row(p):
    """The columns, coefficients, sense and side of each row that limits anything."""
    matrix = p["matrix"].tocsr()
    senses, sides = (part.tolist() for part in _senses(p["row_lower"], p["row_upper"]))
    edges, columns, values = matrix.indptr.tolist(), matrix.indices.tolist(), matrix.data.tolist()
    for n, (sense, side) in enumerate(zip(senses, sides, strict=True)):
        start, end = edges[n], edges[n + 1]
        if end > start and np.isfinite(side):
            yield columns[start:end], values[start:end], sense, side


# --- measures
# ----------------------------------------------------------------------------------------------------------


def ours(size, folder):
    """Build and solve from facts; leave the programme in the folder for the others."""
    facts, mode, reading = facts_of(size, *shape_of(size))
    row, programme, values = _timed(
        lambda: supply_programme(facts, mode)[3], lambda programme: solve(programme, tuple(mode))[0]
    )
    peak = _peak()
    np.savez(folder / "vectors.npz", **{name: getattr(programme, name) for name in FIELDS})
    save_npz(folder / "matrix.npz", programme.matrix)
    sizes = {
        "columns": len(programme.cost),
        "rows": len(programme.row_lower),
        "entries": programme.matrix.nnz,
    }
    return {
        **row,
        "objective": float(programme.cost @ values),
        "peak": peak,
        "reading": reading,
        **sizes,
    }


def beside(library, folder):
    """Build and solve the programme in the folder."""
    programme = {**np.load(folder / "vectors.npz"), "matrix": load_npz(folder / "matrix.npz")}
    build, solved = LIBRARIES[library](programme)
    row, _, values = _timed(build, solved)
    return {**row, "objective": float(programme["cost"] @ values), "peak": _peak()}


def _timed(build, solved):
    """The fastest of the runs that a second holds, the first always, with the model and its values."""
    runs, started = [], time.perf_counter()
    while not runs or time.perf_counter() - started < 1:
        began, used = time.perf_counter(), time.process_time()
        model = build()
        built = time.perf_counter()
        values = solved(model)
        ended = time.perf_counter()
        row = {"build": built - began, "solve": ended - built, "total": ended - began}
        runs.append(row | {"processor": time.process_time() - used})
    return min(runs, key=lambda row: row["total"]), model, values


def _peak():
    """Most memory the process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(function, *given):
    """The result of a function called in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def comparison(size, chosen):
    """A line for each library on the company of that size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = alone(ours, size, folder)
        print(
            f"\n{size:,} products: {first.pop('columns'):,} columns, {first.pop('rows'):,} rows, "
            f"{first.pop('entries'):,} entries; tables read in {first.pop('reading'):.2f} s",
            flush=True,
        )
        rows = {"ours": first}
        for library in chosen:
            present = library == "highs" or find_spec(library)
            rows[library] = alone(beside, library, folder) if present else {}
    table = pd.DataFrame.from_dict(rows, orient="index")
    if "highs" in rows:
        table["ratio"] = table["total"] / rows["highs"]["total"]
        table["processor ratio"] = table["processor"] / rows["highs"]["processor"]
    table["differs"] = table["objective"] / first["objective"] - 1
    print(
        table.to_string(
            float_format="{:,.2f}".format,
            na_rep="not installed",
            formatters={"differs": "{:.0e}".format},
        )
    )
    apart = table.index[table["differs"].abs() > AGREES]
    if len(apart):
        raise SystemExit(f"the objective of {', '.join(apart)} is another")


def changed(facts, number, plants):
    """The facts under one what-if, which touches one plant."""
    rng = np.random.default_rng(number)
    share, plant = rng.choice(SHARES), number % plants
    crews, wants, items = facts.crews, facts.wants, facts.items
    start = rng.integers(len(facts.months))
    some = np.arange(len(items.codes)) * plants // len(items.codes) == plant
    some &= rng.random(len(some)) < 0.1
    kind = number // plants % 3 if plants > 1 else number % 3
    if kind == 0:
        hours = crews.machine_hours.copy()
        crew = plant * len(hours) // plants + rng.integers(len(hours) // plants)
        hours[crew, start:] *= share
        return facts._replace(crews=crews._replace(machine_hours=hours))
    if kind == 1:
        demand = wants.demand.copy()
        demand[some[wants.item], start:] *= share
        return facts._replace(wants=wants._replace(demand=demand))
    material = items.material.copy()
    material[some, start:] *= share
    return facts._replace(items=items._replace(material=material))


def what_ifs(size, plants, months, count):
    """Seconds of so many what-ifs cold and warm, and the furthest that their costs are apart."""
    facts, mode, _ = facts_of(size, plants, months)
    starts, rows, costs = {}, [], {}
    began = time.perf_counter()
    supply_solution(facts, mode, starts=starts)
    base = time.perf_counter() - began
    for way in ("cold", "warm"):
        known = starts if way == "warm" else None
        began, used = time.perf_counter(), time.process_time()
        plans = [
            supply_solution(changed(facts, n, plants), mode, starts=known) for n in range(count)
        ]
        costs[way] = np.array([plan.cost for plan in plans])
        rows.append((time.perf_counter() - began, time.process_time() - used))
    (cold, cold_used), (warm, warm_used) = rows
    return {
        "products": size,
        "plants": plants,
        "plan": base,
        "cold": cold,
        "warm": warm,
        "ratio": warm / cold,
        "processor cold": cold_used,
        "processor warm": warm_used,
        "processor ratio": warm_used / cold_used,
        "differs": np.abs(costs["warm"] / costs["cold"] - 1).max(),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="*", type=int, default=[24, 500, 5_000])
    parser.add_argument(
        "--only", nargs="*", choices=list(LIBRARIES), default=list(LIBRARIES), help="beside ours"
    )
    parser.add_argument("--what-ifs", type=int, default=50, help="how many; 0 for none")
    parser.add_argument(
        "--plant-size", type=int, default=50, help="products of each of ten plants in what-ifs"
    )
    given = parser.parse_args()
    for size in given.sizes:
        comparison(size, given.only)
    if given.what_ifs:
        companies = [(500, 1, 18), (10 * given.plant_size, 10, 18)]
        table = pd.DataFrame([alone(what_ifs, *which, given.what_ifs) for which in companies])
        print(f"\n{given.what_ifs} what-ifs")
        print(
            table.to_string(
                index=False, float_format="{:,.2f}".format, formatters={"differs": "{:.0e}".format}
            )
        )


if __name__ == "__main__":
    main()
