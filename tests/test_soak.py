"""A company rolled cycle after cycle in one process and one store: what a cycle leaves stays the same. A few here, 60 by `make prove`."""

import sys
from itertools import pairwise

import pandas as pd
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
    left = soak.rolled(tmp_path, trials(3, 60))
    for number, one in enumerate(left):
        is_followed_up(number, one.followed)
    assert verify.verify(f"sqlite:///{tmp_path / 'plans.sqlite'}") == []
    added = [new.stored - old.stored for old, new in pairwise(left)]
    assert added[-1] <= STORED * added[0]
    half = len(left) // 2
    if half > 5:  # memory settles within the first cycles
        assert (left[-1].memory - left[half].memory) / (len(left) - half - 1) <= HELD


def is_followed_up(number, row):
    """The decision of the first cycle, as a later one follows it up: by the months closed since it began, as long as their
    sales are kept."""
    months = min(number - 1, 17)  # of those that its plan had
    if months < 1:
        assert row is None
        return
    assert row["reference_value"] == pytest.approx(500 * months)
    assert row["plan"] == pytest.approx(600 * months)
    if number <= soak.MONTHS + 1:
        assert row["value"] == pytest.approx(600 * months)
    else:
        assert pd.isna(row["value"])
        assert "cannot be measured, no table tells the revenue before" in row["statement"]
