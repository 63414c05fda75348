"""Measure one cycle: the notebook run beside the same work in one plain Python process.

    python benchmarks/cycle.py [--company summit] [--cycle 2026-10] [--workspace PLACE]

Each line is wall time of a fresh process, the second of two. The aim: the notebook run costs less than twice the plain
process plus one second a stage.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLAIN = """
import sys
from sopkit.cycle import replanning
from sopkit.runner import planning_inputs
import statsmodels.api, matplotlib.pyplot
tables = planning_inputs.read(sys.argv[1], sys.argv[2])
plan = replanning.replan(tables, sys.argv[2])
"""
TIMED = """
import sys, time
from sopkit.cycle import replanning
from sopkit.runner import planning_inputs
tables = planning_inputs.read(sys.argv[1], sys.argv[2])
replanning.replan(tables, sys.argv[2])
start = time.perf_counter()
replanning.replan(tables, sys.argv[2])
print(time.perf_counter() - start)
"""


def seconds(command):
    """Wall time of the second of two runs."""
    for _ in range(2):
        start = time.perf_counter()
        subprocess.run(
            command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        took = time.perf_counter() - start
    return took


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
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/plans.sqlite"
        notebooks = [
            str(Path(sys.executable).with_name("sopkit")),
            "run",
            "--company",
            given.company,
            "--cycle",
            given.cycle,
        ]
        run = seconds([*notebooks, "--workspace", place, "--store", store])
    plain = seconds([sys.executable, "-c", PLAIN, place, given.cycle])
    warm = float(
        subprocess.run(
            [sys.executable, "-c", TIMED, place, given.cycle],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    print(f"notebook run, with report and revision  {run:6.1f} s")
    print(
        f"the same work in one plain process      {plain:6.1f} s   ratio {run / plain:.2f}, aim {2 + 8 / plain:.2f} or less"
    )
    print(f"replan in a warm process                {warm:6.1f} s")


if __name__ == "__main__":
    main()
