"""Measure a turn of the what-if panel: one of each group of controls is moved, the plan made again and drawn.

    python benchmarks/panel.py [--turns 5]

It is what JupyterLab's kernel does between the slider and the new picture. The first turn of a session, which also loads
what drawing needs, is left out. Each figure is the median of the turns, in processor seconds: on a quiet machine those of the
wall are the same.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from sopkit.runner import session
from sopkit.widgets import controls, panel

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def turned(offered, position):
    """The changes of one control, moved to an end of what it can say."""
    control = offered[position]
    values = [each.neutral for each in offered]
    values[position] = {
        "switch": lambda: not control.neutral,
        "choice": lambda: next(value for _, value in control.options if value != control.neutral),
        "percent": lambda: control.options[1],
    }[control.kind]()
    return controls.rows(offered, values)


def measured(review, changes, turns):
    """The median processor seconds to plan again and to draw."""
    planning, drawing = [], []
    for _ in range(turns):
        start = time.process_time()
        plans = review.suppose(changes)
        planned = time.process_time()
        panel.picture(*plans)
        planning.append(planned - start)
        drawing.append(time.process_time() - planned)
    return statistics.median(planning), statistics.median(drawing)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=5)
    turns = parser.parse_args().turns
    os.chdir(NOTEBOOKS)
    with tempfile.TemporaryDirectory() as folder:
        review = session.Review(
            "60_pre_sop", "summit", "2026-10", "base", "", f"sqlite:///{folder}/x.sqlite"
        )
        offered = controls.offered(review.inputs, review.cycle, ())
        groups = {control.group: place for place, control in reversed(list(enumerate(offered)))}
        measured(review, turned(offered, groups["demand"]), 1)
        for group, place in reversed(groups.items()):
            planning, drawing = measured(review, turned(offered, place), turns)
            print(
                f"{group:15s} plan {planning:.2f} s   draw {drawing:.2f} s   turn {planning + drawing:.2f} s"
            )


if __name__ == "__main__":
    main()
