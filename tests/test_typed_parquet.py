"""A table comes back from the bytes of a Parquet file with the types that it had."""

import io

import pandas as pd
import pytest
from pyarrow import ArrowInvalid

from sopkit.io.typed_parquet import decoded, encoded

MONTHS = pd.PeriodIndex(["2026-10", pd.NaT, "1999-01"], freq="M")


def every_type():
    return pd.DataFrame(
        {
            "product": pd.array(["0042", None, "ÄÖ\u200b"], dtype="str"),
            "period": MONTHS,
            "due_day": pd.array(["2026-10-31", None, "1900-01-01"], dtype="datetime64[us]"),
            "quantity": [1.5, float("nan"), -0.0],
            "months": [3, 0, -1],
            "is_firm": [True, False, True],
            "is_new": pd.array([True, None, False], dtype="boolean"),
            "absent": pd.array([None] * 3, dtype="str"),
            "unknown": [float("nan")] * 3,
        }
    )


@pytest.mark.parametrize("rows", [3, 0])
def test_every_type_comes_back_empty_cells_and_tables_without_rows_included(rows):
    table = every_type().head(rows)
    pd.testing.assert_frame_equal(decoded(encoded(table)), table)


def test_pieces_are_put_below_one_another():
    rows = every_type()
    back = decoded(encoded(rows.head(1)), encoded(rows.tail(2)))
    pd.testing.assert_frame_equal(back, rows)


def test_cells_of_a_table_that_was_read_can_be_changed():
    back = decoded(encoded(every_type()))
    back.loc[0, ["quantity", "months"]] = 7, 7
    assert back.loc[0, ["quantity", "months"]].tolist() == [7, 7]


def test_months_are_days_to_other_readers():
    read = pd.read_parquet(io.BytesIO(encoded(every_type())))
    assert str(read.loc[0, "period"]) == "2026-10-01"


def test_bytes_that_are_no_table_are_refused():
    with pytest.raises(ArrowInvalid):
        decoded(b"PAR1 but no more")
