"""Columns of categories, divisions and countries become groups above families and markets."""

import pytest
from importing import Import, importer

from sopkit.intake.table_import import import_table
from sopkit.intake.table_proof import screen
from sopkit.io import readers

HEAD = "Order Date,SKU,Family,Category,Division,Region,Country,Continent,Qty"
ORDERS = f"""{HEAD}
2026-06-03,TENT-2,tents,Camping,Outdoor,north,Germany,Europe,2
2026-06-28,STOVE-1,stoves,Camping,Outdoor,south,Germany,Europe,1
2026-06-30,PACK-1,packs,Hiking,Outdoor,coast,France,Europe,5
2026-06-30,SHIRT-1,shirts,Sport,Clothing,west,Canada,America,5
2026-06-30,SHIRT-2,shorts,Sport,Clothing,west,Canada,America,5
"""


@pytest.fixture
def imported(tmp_path):
    return importer(tmp_path)


def groups(done, name):
    """The group of each member; nothing without the table."""
    there = (done.folder / f"{name}.csv").exists()
    rows = readers.read(done.folder, (name,))[name].to_numpy().tolist() if there else []
    return {member: group for member, group in rows}  # noqa: C416


def test_levels_above_family_and_market_become_groups_without_a_question(imported):
    done = imported(ORDERS)
    assert done.asked == []
    assert groups(done, "product_groups") == {
        "tents": "Camping", "stoves": "Camping", "packs": "Hiking", "shirts": "Sport", "shorts": "Sport",
        "Camping": "Outdoor", "Hiking": "Outdoor", "Sport": "Clothing",
    }  # fmt: skip
    assert groups(done, "market_groups") == {
        "north": "Germany", "south": "Germany", "coast": "France", "west": "Canada",
        "Germany": "Europe", "France": "Europe", "Canada": "America",
    }  # fmt: skip
    assert "product_groups = Category, Division" in done.said
    assert "market_groups = Country, Continent" in done.said
    assert "not used" not in done.said


def test_no_levels_where_that_is_told_or_others_in_their_place(imported):
    done = imported(ORDERS, product_groups="(none)", market_groups="Continent")
    assert groups(done, "product_groups") == {}
    assert set(groups(done, "market_groups").values()) == {"Europe", "America"}
    with pytest.raises(ValueError, match="has no column 'Brand'; it has"):
        imported(ORDERS, folder="other", product_groups="Brand")


def test_a_column_that_crosses_families_is_no_level_and_is_said(imported):
    text = ORDERS.replace("Division", "Brand") + (
        "2026-06-30,TENT-3,tents,Camping,Other,north,Germany,Europe,5\n"
    )
    done = imported(text)
    assert set(groups(done, "product_groups").values()) == {"Camping", "Hiking", "Sport"}
    assert "Brand is no level above the family: tents have several of it" in done.said
    with pytest.raises(
        ValueError, match=r"Brand is no level above the family.*--answer product_gr"
    ):
        imported(text, folder="other", product_groups="Brand")


def test_a_finer_column_is_named_as_what_could_be_planned_by(imported):
    text = """Date,SKU,Category,Sub Category,Qty
2026-06-02,A,camping,tents,1
2026-06-03,B,camping,stoves,1
2026-06-30,C,hiking,packs,1
"""
    done = imported(text)
    assert groups(done, "product_groups") == {}
    assert "Sub Category is below the family; to plan by it, name it with --family" in done.said
    done = imported(text, folder="other", family="Sub Category")
    assert groups(done, "product_groups") == {
        "tents": "camping", "stoves": "camping", "packs": "hiking"
    }  # fmt: skip


def test_a_group_with_the_name_of_a_family_or_of_another_group_gets_its_columns_name(imported):
    text = ORDERS.replace("Camping", "tents").replace("Clothing", "Sport")
    done = imported(text)
    product_groups = groups(done, "product_groups")
    assert product_groups["stoves"] == product_groups["tents"] == "tents (Category)"
    assert (product_groups["shirts"], product_groups["Sport"]) == ("Sport", "Sport (Division)")


def test_next_months_file_adds_members_and_keeps_what_was_changed_by_hand(imported):
    done = imported(ORDERS)
    path = done.folder / "product_groups.csv"
    path.write_text(path.read_text().replace("packs,Hiking", "packs,Camping"))
    later = ORDERS.replace("2026-06", "2026-07") + (
        "2026-07-30,BOOT-1,boots,Hiking,Outdoor,coast,France,Europe,5\n"
    )
    done = imported(later, update=True)
    assert groups(done, "product_groups")["packs"] == "Camping"
    assert groups(done, "product_groups")["boots"] == "Hiking"


def test_a_level_of_one_group_or_of_a_group_for_each_family_says_nothing(imported):
    text = ORDERS.replace("Camping", "All").replace("Hiking", "All").replace("Sport", "All")
    text = text.replace("Outdoor", "D").replace("Clothing", "D")
    assert groups(imported(text), "product_groups") == {}


def test_a_table_of_products_has_levels_too(tmp_path):
    text = (
        "Item No,Family,Category,Brand\nA,tents,Camping,X\nB,stoves,Camping,Y\nC,packs,Hiking,X\n"
    )
    (tmp_path / "items.csv").write_text(text)
    done = import_table("products", tmp_path / "items.csv", tmp_path / "acme", {})
    assert groups(Import(tmp_path / "acme", None), "product_groups") == {
        "tents": "Camping", "stoves": "Camping", "packs": "Hiking"
    }  # fmt: skip
    assert "product_groups = Category (each family has one value" in screen(done)
    assert "Brand is no level above Category, and is not used" in screen(done)


def test_a_table_of_groups_is_read_as_it_is(tmp_path):
    (tmp_path / "tree.csv").write_text("Category,Division\nCamping,Outdoor\nHiking,Outdoor\n")
    done = import_table("product_groups", tmp_path / "tree.csv", tmp_path / "acme", {})
    assert done.table.to_numpy().tolist() == [["Camping", "Outdoor"], ["Hiking", "Outdoor"]]
