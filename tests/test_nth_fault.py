"""Whichever file or SQL operation of an act fails, it is done whole or not at all, and can be tried again: all of them by `make prove`, a few here."""

import os
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import nth_fault


@pytest.mark.filterwarnings("ignore:.*was not noted")
@pytest.mark.parametrize("name", nth_fault.ACTS)
def test_an_act_whose_nth_operation_fails_is_done_whole_or_not_at_all(tmp_path, name):
    wanted = None if os.environ.get("SOPKIT_PROVE") else 3
    count, wrong = nth_fault.tried(nth_fault.ACTS[name], tmp_path, wanted, seed=24)
    assert wrong == []
    assert count >= 8  # it sees what it is to fail


def test_of_two_files_neither_is_new_where_the_second_cannot_be_put_in_place(tmp_path):
    place = nth_fault._fresh(nth_fault.ACTS["add rows to two tables"], tmp_path)
    before = {path.name: path.read_bytes() for path in (place / "shop").iterdir()}
    with pytest.MonkeyPatch.context() as patch:
        real, moved = os.replace, []

        def replace(source, target):
            moved.append(target)
            if len(moved) == 2:
                raise OSError(28, "No space left on device")
            real(source, target)

        patch.setattr(os, "replace", replace)
        with pytest.raises(OSError, match="No space left"):
            nth_fault._add(place)
    assert {path.name: path.read_bytes() for path in (place / "shop").iterdir()} == before
