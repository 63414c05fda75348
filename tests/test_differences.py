"""Two plans side by side, table by table and row by row."""

from conftest import table

from sopkit.store import diff

BEFORE = """
constraint  item    period   limit  used  shadow_price
capacity    sewing  2026-10  100    100   2.5
capacity    sewing  2026-11  100    80    0
"""
AFTER = """
constraint  item    period   limit  used            shadow_price
capacity    sewing  2026-11  120    80.00000000001  0
capacity    sewing  2026-12  100    90              1
"""
POLICY = "product site target_service_level min_inventory\nTENT-2 - 0.9 -\nSTOVE-1 main - 20"
CHANGED_POLICY = (
    "product site target_service_level min_inventory\nTENT-2 - 0.95 -\nSTOVE-1 main - 20"
)


def sides():
    return table("shadow_prices", BEFORE), table("shadow_prices", AFTER)


def test_tables_that_differ_are_counted_row_by_row():
    before, after = sides()
    same = {"inventory_policy": table("inventory_policy", POLICY)}
    counts = diff.tables({"shadow_prices": before, **same}, {"shadow_prices": after, **same})
    assert counts.to_dict("records") == [
        {
            "table": "shadow_prices",
            "rows_before": 2,
            "rows_after": 2,
            "added": 1,
            "removed": 1,
            "changed": 1,
        }
    ]


def test_a_table_that_only_one_plan_has_is_all_new():
    counts = diff.tables({}, {"inventory_policy": table("inventory_policy", POLICY)})
    assert counts[["added", "removed", "changed"]].to_numpy().tolist() == [[2, 0, 0]]


def test_cells_that_changed_are_told_with_their_key():
    lines = diff.told(diff.rows("shadow_prices", *sides()))
    assert "capacity sewing 2026-11  limit: 100 -> 120" in lines
    assert "capacity sewing 2026-10  shadow_price: 2.5 -> nothing" in lines
    assert "capacity sewing 2026-12  used: nothing -> 90" in lines
    assert not [line for line in lines if "2026-11  used" in line]  # a rounding of the solver
    assert len(lines) == 7


def test_an_empty_cell_of_the_key_or_of_a_column_is_the_same_on_both_sides():
    lines = diff.told(
        diff.rows(
            "inventory_policy",
            table("inventory_policy", POLICY),
            table("inventory_policy", CHANGED_POLICY),
        )
    )
    assert lines == ["TENT-2 - -  target_service_level: 0.9 -> 0.95"]
    same = table("inventory_policy", POLICY)
    assert diff.rows("inventory_policy", same, same).empty
