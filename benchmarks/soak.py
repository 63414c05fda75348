"""Roll a small company cycle after cycle, in one process and one plan store, and measure what each cycle leaves.

    python benchmarks/soak.py [--cycles 60]

In the first cycle it is decided to raise the price of tea by a fifth from the next month on. Each cycle is planned with what
the store knows of the earlier ones, saved, submitted and approved. The sales of the last two years are kept, so that
whatever grows with the number of cycles is what the store and the process keep.

Prints bytes of the store, memory of the process, and seconds, by cycle. The test calls `rolled` with few cycles.
"""

import argparse
import gc
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from conftest import table
from shop import shop

from sopkit.cycle import replanning
from sopkit.io.hashing import content_hash
from sopkit.runner import planning_inputs
from sopkit.store import approval, revisions, saving, status
from sopkit.store.audit_log import Author
from sopkit.tables import conform

FIRST, MONTHS = pd.Period("2026-10", "M"), 24
NOVAK, CHEN = Author("A. Novak", "monthly meeting"), Author("B. Chen", "tea sells")
PRICES = """
product  effective_from  price  material_cost  holding_cost  backlog_cost
TEA      2026-01         5      2              0             1
RICE     2026-01         3      1              0             1
"""
RAISED = "TEA 2026-11 6 2 0 1\n"
CHANGES = """
scenario  change  table       column  operation  amount  product
dear      1       item_costs  price   multiply   1.2     TEA
"""
DECISIONS = """
decision     question  options    recommendation  effect  owner  choice  gap      scenario  margin_effect  decision_level
decide-tea   Tea?      keep;dear  dear            more    Holm   -       gap-tea  dear      5              executives
approve-plan Plan?     approve    approve         none    Boss   -       -        -         -              executives
"""


class Cycle(NamedTuple):
    """What a cycle left: bytes of the store and of the process's memory after it, its seconds, and how the decision of the
    first cycle is followed up in it (a row of `decision_follow_up` on revenue; None before a month is closed)."""

    cycle: str
    stored: int
    memory: int
    seconds: float
    followed: pd.Series | None


def company(cycle):
    """The shop at the start of a cycle: tea sells 100 a month, for 5 each and for 6 from November."""
    tables = shop(str(cycle - 1))
    sales = tables["sales_history"]
    is_dear = (sales["product"] == "TEA") & (sales["period"] > FIRST)
    price = sales["product"].map({"TEA": 5.0, "RICE": 3.0}) + is_dear
    sales = sales.assign(revenue=sales["quantity"] * price)
    tables["sales_history"] = sales[sales["period"] >= cycle - MONTHS].reset_index(drop=True)
    prices = PRICES if cycle <= FIRST + 1 else PRICES + RAISED  # November's tables lack it yet
    return tables | {
        "item_costs": table("item_costs", prices),
        "scenario_changes": table("scenario_changes", CHANGES),
    }


def one_cycle(url, cycle):
    """Plan, save, submit and approve a cycle; the first is reworked as it was decided.

    Returns
    -------
    the plan's tables
    """
    place = status.plan_of("soak", str(cycle), "base")
    inputs = planning_inputs.with_record(company(cycle), url, *place)
    plan = replanning.replan(inputs, str(cycle))
    asked = plan | {"decisions": table("decisions", DECISIONS)}
    if cycle > FIRST:
        asked["decisions"] = asked["decisions"].tail(1).reset_index(drop=True)
    made = saving.save_revision(
        url, *place, asked, content_hash(inputs), NOVAK.who, NOVAK.why, inputs
    )
    approval.submit(url, place, NOVAK)
    if cycle == FIRST:
        approval.decide(url, place, "decide-tea", "dear", CHEN)
        basis = approval.rework(url, place)
        chosen = table("decisions", DECISIONS).assign(choice=["dear", None])
        asked = revisions.read_revision(url, *place) | {"decisions": conform("decisions", chosen)}
        made = saving.save_revision(
            url, *place, asked, content_hash(basis.inputs), NOVAK.who, NOVAK.why, basis.inputs,
            reworked=basis.seen,
        )  # fmt: skip
        approval.submit(url, place, NOVAK)
    approval.approve(url, place, NOVAK, made.hash)
    return plan


def rolled(folder, cycles):
    """Roll the shop; what each cycle left."""
    file, left = folder / "plans.sqlite", []
    for cycle in pd.period_range(FIRST, periods=cycles, freq="M"):
        begun = time.perf_counter()
        plan = one_cycle(f"sqlite:///{file}", cycle)
        gc.collect()
        stored = sum(one.stat().st_size for one in folder.glob("plans.sqlite*"))
        memory = psutil.Process().memory_info().rss
        left.append(Cycle(str(cycle), stored, memory, time.perf_counter() - begun, followed(plan)))
    return left


def followed(plan):
    """How the decision is followed up by its revenue."""
    rows = plan["decision_follow_up"]
    rows = rows[rows["measure"] == "revenue"]
    return None if rows.empty else rows.iloc[0]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cycles", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        left = rolled(Path(folder), given.cycles)
    print("cycle    store MB  memory MB  seconds")
    for one in left:
        print(f"{one.cycle} {one.stored / 1e6:9.2f} {one.memory / 1e6:10.2f} {one.seconds:8.1f}")


if __name__ == "__main__":
    main()
