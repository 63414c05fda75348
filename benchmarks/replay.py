"""Plan past cycles again with what was known then, and print how good the plans would have been.

    python benchmarks/replay.py [--company summit] [--cycle 2026-10] [--cycles 12] [--lags 6] [--workspace PLACE]

Errors are those of the company's total; value added is per product and market, a contributor against the one it is
compared with, with a 95 % interval. The time is that of one cycle up to its demand review.
"""

import argparse
import time
from pathlib import Path

from sopkit.cycle import replanning
from sopkit.demand.backtest import replay
from sopkit.io import readers

ROOT = Path(__file__).resolve().parent.parent


def timed(seconds):
    """`stages.replan` that notes how long it took."""

    def replan(tables, cycle, until):
        start = time.perf_counter()
        plan = replanning.replan(tables, cycle, until=until)
        seconds.append(time.perf_counter() - start)
        return plan

    return replan


def printed(result, lags):
    """The table that is printed.

    Returns
    -------
    contributor, lag : wape, bias [% of units], months, value_added, low, high [% of units], reference_type, verdict
    """
    accuracy = result.accuracy[result.accuracy["level"] == "total"]
    accuracy = accuracy[["contributor", "lag", "wape", "bias", "observations"]]
    added = result.value_added.drop(columns="observations")
    table = accuracy.merge(added, on=["contributor", "lag"], how="left", validate="one_to_one")
    ratios = ["wape", "bias", "value_added", "low_ratio", "high_ratio"]
    table[ratios] = (100 * table[ratios]).round(2)
    return table[table["lag"] <= lags].rename(columns={"observations": "months"})


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--company", default="summit")
    parser.add_argument("--cycle", default="2026-10")
    parser.add_argument("--cycles", type=int, default=12)
    parser.add_argument("--lags", type=int, default=6)
    parser.add_argument(
        "--workspace", default="", help="folder, .xlsx or URL; default: data/COMPANY"
    )
    given = parser.parse_args()
    seconds = []
    tables = readers.read(given.workspace or str(ROOT / "data" / given.company))
    result = replay(tables, given.cycle, timed(seconds), given.cycles)
    print(printed(result, given.lags).to_string(index=False, na_rep=""))
    cycles = seconds[:-1]  # the last prepares the present cycle's history, to compare with
    print(
        f"\n{len(cycles)} cycles; each {min(cycles):.2f} to {max(cycles):.2f} s, {sum(seconds):.1f} s in all"
    )


if __name__ == "__main__":
    main()
