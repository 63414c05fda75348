"""A company rolled cycle after cycle in one process and one store: what a cycle leaves stays the same. A few here, 60 by `make prove`."""

import sys
from itertools import pairwise

import pytest
from conftest import ROOT, trials

sys.path.insert(0, str(ROOT / "benchmarks"))
import soak

from sopkit.store import verify

STORED, HELD = (
    1.1,
    2.5e6,
)  # growth of the bytes that a cycle stores; bytes of memory a cycle may keep


def test_what_a_cycle_leaves_stays_the_same_and_the_decision_is_followed_up(tmp_path):
    left, plan = soak.rolled(tmp_path, trials(3, 60))
    follow_up = plan["decision_follow_up"].set_index("measure").loc["revenue"]
    months = min(len(left) - 2, 17)  # closed since it began, of those that its plan had
    assert follow_up["reference_value"] == pytest.approx(500 * months)
    assert follow_up["plan"] == pytest.approx(600 * months)
    assert follow_up["value"] == pytest.approx(600 * months)
    assert verify.verify(f"sqlite:///{tmp_path / 'plans.sqlite'}") == []
    added = [new.stored - old.stored for old, new in pairwise(left)]
    assert added[-1] <= STORED * added[0]
    half = len(left) // 2
    if half > 5:  # memory settles within the first cycles
        assert (left[-1].memory - left[half].memory) / (len(left) - half - 1) <= HELD
