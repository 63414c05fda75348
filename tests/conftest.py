"""What tests share: the sample company's tables and its plan, computed once."""

from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from sopkit.tables import conform

ROOT = Path(__file__).resolve().parent.parent


def table(name, text):
    """A conformed table written as text: one row a line, columns apart by blanks, `-` for an empty cell."""
    frame = pd.read_csv(
        StringIO(text.strip()), sep=r"\s+", dtype="str", keep_default_na=False, na_values=["-"]
    )
    return conform(name, frame)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def company():
    """The sample company's input tables."""
    from sopkit import workspace

    return workspace.read(str(ROOT / "data" / "summit"))


@pytest.fixture(scope="session")
def plan(company):
    """The sample company's plan tables."""
    from sopkit import stages

    return stages.replan(company, "2026-10")
