"""Histories side by side, longest first."""

import numpy as np
import pytest

from sopkit.forecasting.series import active, blocks, latest, panel_of, shortened

NONE = np.nan
HISTORY = np.array([[NONE, NONE, 1.0, 2.0], [3.0, 4.0, 5.0, 6.0], [NONE, 7.0, 8.0, 9.0]])


def test_the_longest_series_comes_first_and_all_begin_in_row_zero():
    panel, order = panel_of(HISTORY)
    assert order.tolist() == [1, 2, 0]
    assert panel.length.tolist() == [4, 3, 2]
    np.testing.assert_array_equal(
        panel.values, [[3, 7, 1], [4, 8, 2], [5, 9, NONE], [6, NONE, NONE]]
    )


def test_series_with_data_in_a_month_are_the_first_columns():
    panel, _ = panel_of(HISTORY)
    assert active(panel).tolist() == [3, 3, 2, 1]


def test_a_shortened_panel_ends_earlier():
    panel, _ = panel_of(HISTORY)
    earlier = shortened(panel, 1)
    assert earlier.length.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(earlier.values, [[3, 7, 1], [4, 8, NONE], [5, NONE, NONE]])


def test_the_latest_months_are_each_series_own():
    panel, _ = panel_of(HISTORY)
    np.testing.assert_array_equal(latest(panel, 2), [[5, 8, 1], [6, 9, 2]])


def test_blocks_are_counted_back_from_the_last_month():
    panel, _ = panel_of(HISTORY)
    halves = blocks(panel, 2)
    assert halves.length.tolist() == [2, 1, 1]
    np.testing.assert_array_equal(halves.values, [[3.5, 8.5, 1.5], [5.5, NONE, NONE]])


def test_a_series_without_a_month_is_refused():
    with pytest.raises(ValueError, match=r"rows \[1\] have none"):
        panel_of(np.array([[1.0, 2.0], [NONE, NONE]]))


def test_a_gap_inside_a_series_is_refused():
    with pytest.raises(ValueError, match=r"row 1 .* month 1"):
        panel_of(np.array([[1.0, 2.0, 3.0], [1.0, NONE, 3.0]]))


def test_a_negative_month_is_refused():
    with pytest.raises(ValueError, match=r"row 0 .* month 1 .* -2"):
        panel_of(np.array([[1.0, -2.0, 3.0]]))
