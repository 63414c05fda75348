"""Measure what-ifs: scenarios planned again in a warm process beside as many cold runs, wall and CPU time.

    python benchmarks/scenarios.py [--scenarios 50] [--cycle 2026-10]

Each of ten changes of the sample company is made in steps of two per cent. Warm: one process plans the company, then
asks `what_if.what_if` for every scenario, as the meetings do; the first plan counts. Cold: every scenario is a process of
its own that reads the tables and plans as far as the financial review. The margins of both are held against each other.

Measured on two cores with others at work on them: 50 scenarios warm 62 s (CPU 62 s), 50 cold runs 379 s (CPU 304 s): 6.1
times the wall time and 4.9 times the CPU time; margins differ by at most 0.0025 %, where plans cost the same.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from sopkit import scenarios
from sopkit.cycle import replanning, stages, what_if
from sopkit.io import readers

COMPANY = Path(__file__).resolve().parent.parent / "data" / "summit"
UNTIL = "50_financial_review"
CHANGED = (
    ("sales_history", "quantity", 1.0),
    ("demand_inputs", "quantity", 1.0),
    ("item_costs", "price", 1.0),
    ("item_costs", "material_cost", 1.0),
    ("item_costs", "subcontract_limit", 1.0),
    ("resources", "max_workers", 1.0),
    ("resource_calendar", "overtime_hours_per_worker", 1.0),
    ("components", "supply_limit", 1.0),
    ("inventory_policy", "target_cover_months", -1.0),
    ("marketing_activities", "spend", 1.0),
)
STEP = 0.02


def changes_of(number):
    """The changes of one scenario: each table in turn, a step further each time round."""
    table, column, sign = CHANGED[number % len(CHANGED)]
    amount = 1 + sign * STEP * (1 + number // len(CHANGED))
    row = {
        "scenario": f"S-{number}",
        "change": 1,
        "table": table,
        "column": column,
        "operation": "multiply",
    }
    months = {name: pd.PeriodIndex([None], freq="M") for name in ("from_period", "to_period")}
    return pd.DataFrame([row]).assign(amount=amount, **months)


def margin(plan):
    """The margin of a plan over its horizon."""
    return float(plan["financial_plan"]["margin"].sum())


def warm(count, cycle):
    """The margin of each scenario, asked of one process."""
    tables = readers.read(str(COMPANY))
    plan = replanning.replan(tables, cycle, until=UNTIL, only=stages.bearing_on(stages.MEASURED_BY))
    ask = what_if.what_if(tables, cycle, plan)
    return [margin(ask(changes_of(number))) for number in range(count)]


def cold(count, cycle):
    """The margin of each scenario, each from a process of its own."""
    command = [sys.executable, __file__, "--cycle", cycle, "--one"]
    runs = [
        subprocess.run([*command, str(n)], check=True, capture_output=True, text=True)
        for n in range(count)
    ]
    return [float(run.stdout) for run in runs]


def measured(plan_all, count, cycle):
    """What planning all scenarios gives and takes: margins, wall and CPU time [s], that of own processes included."""
    before, start = _cpu(), time.perf_counter()
    margins = plan_all(count, cycle)
    return margins, time.perf_counter() - start, _cpu() - before


def _cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenarios", type=int, default=50)
    parser.add_argument("--cycle", default="2026-10")
    parser.add_argument("--one", type=int, help="print the margin of this scenario, planned alone")
    given = parser.parse_args()
    if given.one is not None:
        tables = readers.read(str(COMPANY))
        changed = scenarios.apply(tables, changes_of(given.one))
        print(margin(replanning.replan(changed, given.cycle, until=UNTIL)))
        return
    found, wall, cpu = measured(warm, given.scenarios, given.cycle)
    alone, cold_wall, cold_cpu = measured(cold, given.scenarios, given.cycle)
    apart = max(abs(a / b - 1) for a, b in zip(found, alone, strict=True))
    print(f"{given.scenarios} scenarios, warm   wall {wall:7.1f} s   CPU {cpu:7.1f} s")
    print(f"{given.scenarios} cold runs         wall {cold_wall:7.1f} s   CPU {cold_cpu:7.1f} s")
    print(f"ratio                wall {cold_wall / wall:7.1f}     CPU {cold_cpu / cpu:7.1f}")
    print(f"margins differ by at most {apart:.2e} of themselves")


if __name__ == "__main__":
    main()
