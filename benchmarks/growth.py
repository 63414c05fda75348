"""Measure how the cycle grows with the company: all nine notebooks, each by plain papermill on the draft of those before it.

    python benchmarks/growth.py [--products 24,240,1200,2400,10000] [--minutes 30]

The companies are those of `large_company.py`. A line for each size and stage has the processor seconds and the peak memory
of papermill and its kernel, of which some three seconds are imports. At the end stand the seconds of each stage by size, and
the exponent between sizes: 1 where ten times the products take ten times as long. A size that is not ready in the minutes given
is ended, and the stage is named in which it was; stages that did not end count in no exponent.
"""

import argparse
import itertools
import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sopkit.runner import artifacts
from sopkit.schema.stages import STAGE_NAMES

ROOT = Path(__file__).resolve().parent.parent
CYCLE = "2026-10"
READ = """
import sys
from pathlib import Path
from sopkit.cycle import computing
from sopkit.runner import artifacts, planning_inputs
place, cycle, draft, store = sys.argv[1:]
read = planning_inputs.read_once(place, cycle)
inputs = planning_inputs.with_record(read.tables, store, "grown", cycle, "base")
artifacts.save(Path(draft) / "inputs", inputs)
artifacts.save(Path(draft) / "plan", computing.first_table(inputs, cycle))
"""


def measured(command, seconds, environment):
    """Run a command with what it starts; end all of it after so many seconds.

    Returns
    -------
    wall seconds; None where it was ended
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=max(seconds, 1))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None
    if process.returncode:
        raise RuntimeError(said.decode()[-2000:])
    return time.perf_counter() - start


def alone(command, seconds, environment):
    """As `measured`, in a process whose children are this command's alone, so that its peak is its own.

    Returns
    -------
    dict of processor seconds, wall seconds (None where it was ended), and peak_mb
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        wall = measured(command, seconds, environment)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        row = {
            "processor": round(used.ru_utime + used.ru_stime, 1),
            "wall": wall and round(wall, 1),
            "peak_mb": round(used.ru_maxrss / 1024),
        }
        os.write(writing, json.dumps(row).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        row = answer.read()
    os.waitpid(child, 0)
    if not row:
        raise RuntimeError(f"failed: {' '.join(command)}")
    return json.loads(row)


def grown(products, minutes, folder):
    """Plan a company of so many products: (stage, what it took) as long as there is time."""
    place, draft, store = folder / "company", folder / "draft", f"sqlite:///{folder}/plans.sqlite"
    maker = [sys.executable, "benchmarks/large_company.py", "--products", str(products)]
    subprocess.run([*maker, "--out", str(place)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    environment = {artifacts.VARIABLE: str(draft), "SOPKIT_STORE": store}
    parameters = ["-p", "company", "grown", "-r", "cycle", CYCLE, "-p", "workspace", str(place)]
    commands = {"read": [sys.executable, "-c", READ, str(place), CYCLE, str(draft), store]}
    for name in STAGE_NAMES:
        notebook, out = f"notebooks/{name}.ipynb", str(folder / f"{name}.ipynb")
        papermill = [sys.executable, "-m", "papermill", notebook, out, *parameters]
        commands[name] = [*papermill, "-k", "python3", "--no-progress-bar"]
    end = time.monotonic() + minutes * 60
    for stage, command in commands.items():
        row = alone(command, end - time.monotonic(), environment)
        yield stage, row
        if row["wall"] is None:
            return


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", default="24,240,1200,2400,10000")
    parser.add_argument("--minutes", type=float, default=30, help="for each size")
    given = parser.parse_args()
    sizes, took = [int(each) for each in given.products.split(",")], {}
    for products in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for stage, row in grown(products, given.minutes, Path(folder)):
                if row["wall"] is None:
                    print(f"{products} products: ended in {stage} after {given.minutes:g} minutes")
                    break
                took[stage, products] = row["processor"]
                print(json.dumps({"products": products, "stage": stage, **row}), flush=True)
    print(f"\n{'processor seconds':<22}" + "".join(f"{n:>10,}" for n in sizes))
    for stage in ("read", *STAGE_NAMES):
        cells = [took.get((stage, n)) for n in sizes]
        print(f"{stage:<22}" + "".join(f"{'-' if s is None else f'{s:.1f}':>10}" for s in cells))
    for small, large in itertools.pairwise(sizes):
        both = [s for s in ("read", *STAGE_NAMES) if (s, small) in took and (s, large) in took]
        if both:
            ratio = sum(took[s, large] for s in both) / sum(took[s, small] for s in both)
            exponent = math.log(ratio) / math.log(large / small)
            print(
                f"{small:,} to {large:,} products, {len(both)} of {len(STAGE_NAMES) + 1} parts: "
                f"{ratio:.2f} times the time, exponent {exponent:.2f}"
            )


if __name__ == "__main__":
    main()
