"""Measure one cycle: the run and its stages, the same work in one plain process, and a what-if beside its floor.

    python benchmarks/cycle.py [--company summit] [--cycle 2026-10] [--workspace PLACE]

All in one go, so that the ratios hold on a busy machine too: the run should take at most 1.5 times one plain process that
plans, what-ifs included, and draws every chart; a what-if at most 1.5 times its floor, which is building and solving the
programme, dividing what is short and calculating the money. Seconds are of the second of two runs; processor seconds count
child processes.
"""

import argparse
import contextlib
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sopkit.cycle import replanning, stages, what_if
from sopkit.cycle.computing import compute
from sopkit.finance import costing, profitability, statements
from sopkit.pre_sop import evaluation
from sopkit.rules.call import call_on_arrays
from sopkit.runner import planning_inputs, project
from sopkit.scenarios import defined, results
from sopkit.schema.stages import BASE
from sopkit.supply.strategies import supply_review

ROOT = Path(__file__).resolve().parent.parent
PLAIN = """
import sys
from types import ModuleType
from sopkit.cycle import replanning
from sopkit.reporting import exhibits, picture
from sopkit.reporting.exhibit import made
from sopkit.rules.call import missing
from sopkit.rules.marks import mark_of
from sopkit.runner import planning_inputs
tables = planning_inputs.read(sys.argv[1], sys.argv[2])
known = tables | replanning.replan(tables, sys.argv[2])
modules = [one for one in vars(exhibits).values() if isinstance(one, ModuleType)]
for rule in {rule for one in modules for rule in vars(one).values() if callable(rule)}:
    mark = mark_of(rule)
    if mark is not None and mark.kind == "exhibit" and not missing(rule, known):
        for shown in made(rule, known):
            if shown.chart is not None:
                picture.shown(shown.chart, shown.headline)
"""


PR_SET_CHILD_SUBREAPER = 36


def adopt():
    """Become the parent of what started processes leave behind, so that their time is counted."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def used():
    """Processor seconds of this process and of all that it started, to the last that ends."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in parts)


def seconds(command):
    """Wall and processor seconds of the second of two runs of a command."""
    for _ in range(2):
        start, before = time.perf_counter(), used()
        subprocess.run(
            command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        took = time.perf_counter() - start, used() - before
    return took


def stage_seconds(folder):
    """Wall seconds of each stage's notebook, as papermill wrote them."""
    for stage in stages.STAGES:
        notebook = json.loads((folder / "notebooks" / f"{stage.name}.ipynb").read_text())
        yield stage.name, notebook["metadata"]["papermill"]["duration"]


def what_ifs(place, cycle):
    """Processor seconds of each scenario of the company, and of the floor of each.

    Returns
    -------
    (what-ifs, measured and sized as in a run; floors)
    """
    tables = planning_inputs.read(place, cycle)
    until = stages.MEASURED_ON
    plan = replanning.replan(tables, cycle, until=until, only=stages.bearing_on(stages.MEASURED_BY))
    ask = what_if.what_if(tables, cycle, plan)
    known = {**tables, **plan}
    places = evaluation.gap_results(known).query("measure == 'gap_value'")["item"]
    starts: dict = {}
    compute(supply_review, known, compared=False, starts=starts)
    whole, floor = [], []
    for one in defined(tables.get("scenario_changes")):
        start = time.process_time()
        made = {**known, **ask(one.changes)}
        results.figures(made)
        evaluation.gap_results(made, places)
        whole.append(time.process_time() - start)
        start = time.process_time()
        made |= call_on_arrays(supply_review, made, compared=False, starts=starts)._asdict()
        made["product_costs"] = call_on_arrays(costing.product_costs, made)
        made["profitability"] = call_on_arrays(profitability.profitability, made)
        made["financial_plan"] = call_on_arrays(statements.financial_plan, made)
        call_on_arrays(statements.cash_plan, made)
        floor.append(time.process_time() - start)
    return whole, floor


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--company", default="summit")
    parser.add_argument("--cycle", default="2026-10")
    parser.add_argument(
        "--workspace", default="", help="folder, .xlsx or URL; default: data/COMPANY"
    )
    given = parser.parse_args()
    place = given.workspace or str(ROOT / "data" / given.company)
    adopt()
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/plans.sqlite"
        run = [sys.executable, "-m", "sopkit.cli", "run", "--company", given.company]
        wall, cpu = seconds([*run, "--cycle", given.cycle, "--workspace", place, "--store", store])
    report = project.report_folder(given.company, given.cycle, BASE)
    plain_wall, plain_cpu = seconds([sys.executable, "-c", PLAIN, place, given.cycle])
    print(f"run, with report and revision     wall {wall:6.1f} s   processor {cpu:6.1f} s")
    for name, took in stage_seconds(report):
        print(f"    {name:<28}  wall {took:6.1f} s")
    print(
        f"one plain process, charts drawn   wall {plain_wall:6.1f} s   processor {plain_cpu:6.1f} s"
    )
    print(
        f"    ratio                              {wall / plain_wall:6.2f}               {cpu / plain_cpu:6.2f}"
    )
    whole, floor = what_ifs(place, given.cycle)
    print(
        f"what-if, median of {len(whole):>2}              processor {statistics.median(whole):6.3f} s"
    )
    print(f"    its floor                     processor {statistics.median(floor):6.3f} s")
    ratios = [each / least for each, least in zip(whole, floor, strict=True)]
    print(f"    ratio, median                           {statistics.median(ratios):6.2f}")


if __name__ == "__main__":
    main()
