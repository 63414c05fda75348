"""What cleansing changed is listed: each finding alone, what drivers did in one entry."""

import pandas as pd

from sopkit.data_quality import history_checks

MONTHS = pd.period_range("2026-01", "2026-04", freq="M")
HISTORY = pd.DataFrame(
    {
        "product": "TEA",
        "market": "town",
        "period": MONTHS,
        "quantity": [100.0, 130.0, 120.0, 20.0],
        "cleansing_adjustment": [0.0, -30.0, -20.0, 80.0],
        "finding": [None, "driver", "driver", "low_month"],
        "reason": [None, "feature +30 % removed", "feature +20 % removed", "far below others"],
    }
)


def entries(history):
    return [entry for issue in history_checks.history_corrected(history) for entry in issue.entries]


def test_what_drivers_did_is_one_entry_beside_each_other_finding():
    drivers, low = entries(HISTORY)
    assert drivers.table == "demand_drivers"
    assert drivers.message == "the effect of demand drivers is removed from 2 months"
    assert drivers.handling.startswith(
        "History for the baseline is changed by -50 units; the effect"
    )
    assert low.message == "far below others (1 month)"


def test_without_drivers_there_is_no_entry_of_them():
    (low,) = entries(HISTORY[HISTORY["finding"] != "driver"])
    assert low.table == "sales_history"
