"""Groups above families and markets: the tree, and what is entered for a group."""

import numpy as np
import pandas as pd
import pytest
from conftest import said, table
from hypothesis import given, settings
from hypothesis import strategies as st

from sopkit.data_quality import input_checks, judge
from sopkit.demand.disaggregation import disaggregated_inputs
from sopkit.lineage.related_rows import related
from sopkit.master_data.input_entries import split_entries
from sopkit.tables.hierarchies import Hierarchies, memberships, top_of, tree, within
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10").head(1)
PRODUCTS = table(
    "products",
    """
product family unit_of_measure
TENT-1 tents piece
TENT-2 tents piece
STOVE stoves piece
COAT clothing piece
""",
)
PRODUCT_GROUPS = table(
    "product_groups",
    """
member product_group
tents camping
stoves camping
camping outdoor
clothing outdoor
""",
)
MARKET_GROUPS = table(
    "market_groups",
    """
member market_group
north inland
south inland
""",
)
GROUPS = Hierarchies(PRODUCT_GROUPS, MARKET_GROUPS)
BASELINE = table(
    "baseline_forecast",
    """
product market period baseline lower_80 upper_80 method
TENT-1 north 2026-10 60 50 70 mean
TENT-1 export 2026-10 20 10 30 mean
TENT-2 south 2026-10 20 10 30 mean
STOVE north 2026-10 50 40 60 mean
COAT north 2026-10 50 40 60 mean
""",
)
SALES = table("sales_history", "product market period quantity\nTENT-1 north 2025-10 10")
NO_LAUNCH = table("launch_plan", "launch product market period launch_demand readiness basis")
HEAD = (
    "function contributor family product market period quantity split_rule author reason "
    "submitted_on\n"
)


def inputs(*rows):
    texts = (f"sales ana {row} Holm said 2026-10-05" for row in rows)
    return table("demand_inputs", HEAD + "\n".join(texts))


def split(*rows):
    """Units by product and market of October."""
    parts = disaggregated_inputs(
        HORIZON, PRODUCTS, SALES, BASELINE, NO_LAUNCH, inputs(*rows), groups=GROUPS
    )
    return parts.set_index(["product", "market"])["quantity"].to_dict()


def refusal(*rows):
    return said(
        input_checks.inputs_that_cannot_be_split(
            HORIZON, PRODUCTS, SALES, inputs(*rows), BASELINE, NO_LAUNCH, groups=GROUPS
        )
    )


# -------------------------------------------------------------------------------------------------
# the tree


def test_a_group_is_all_that_is_below_it_at_any_depth():
    assert within("outdoor", PRODUCT_GROUPS) == {
        "outdoor",
        "camping",
        "clothing",
        "tents",
        "stoves",
    }
    assert within("tents", PRODUCT_GROUPS) == within("tents", None) == {"tents"}
    pairs = memberships(PRODUCT_GROUPS)
    assert sorted(pairs.loc[pairs["member"] == "tents", "product_group"]) == ["camping", "outdoor"]
    names = pd.Series(["tents", "clothing", "packs"])
    assert list(top_of(names, PRODUCT_GROUPS)) == ["outdoor", "outdoor", "packs"]


def test_the_tree_lists_groups_with_what_is_below_them_and_families_without_a_group_last():
    rows = tree(PRODUCT_GROUPS, pd.Series(["tents", "stoves", "packs"]))
    assert rows[["name", "depth"]].to_numpy().tolist() == [
        ["outdoor", 0],
        ["camping", 1],
        ["stoves", 2],
        ["tents", 2],
        ["packs", 0],
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            "tents camping\ncamping outdoor\noutdoor camping",
            "product_groups: a group must be above its members, and so no part of itself; 2 of 3 rows are not:\n"
            "  row 2  member=camping  product_group=outdoor\n"
            "  row 3  member=outdoor  product_group=camping\n"
            "  Remove the row that closes the circle.",
        ),
        (
            "tents stoves",
            "product_groups: a group must have a name that no family has; 1 of 1 rows is not:\n"
            "  row 1  member=tents  product_group=stoves\n"
            "  Give the group another name, or leave the family out of the table.",
        ),
        (
            "tent camping",
            "product_groups: member must be known in products.family or "
            "product_groups.product_group; 1 of 1 rows is not:\n  row 1  member=tent\n"
            "  Add it to products.family or product_groups.product_group, or correct it here; did "
            "you mean tents?",
        ),
    ],
)
def test_what_is_no_tree_is_refused_with_its_rows(rows, told):
    groups = table("product_groups", f"member product_group\n{rows}")
    tables = {"products": PRODUCTS, "sales_history": SALES, "product_groups": groups}
    assert [str(one) for one in judge.run(tables) if one.table == "product_groups"] == [told]


# -------------------------------------------------------------------------------------------------
# what is entered for a group


def test_a_group_is_split_among_all_products_below_it():
    assert split("outdoor - - 2026-10 400 -") == {
        ("COAT", "north"): 100,
        ("STOVE", "north"): 100,
        ("TENT-1", "export"): 40,
        ("TENT-1", "north"): 120,
        ("TENT-2", "south"): 40,
    }
    assert split("camping - north 2026-10 22 equal") == {
        ("STOVE", "north"): 11,
        ("TENT-1", "north"): 11,
    }


def test_a_market_group_is_split_among_its_markets_and_products():
    assert split("tents - inland 2026-10 160 -") == {
        ("TENT-1", "north"): 120,
        ("TENT-2", "south"): 40,
    }
    assert split("- TENT-1 inland 2026-10 7 -") == {("TENT-1", "north"): 7}


def test_at_every_level_the_lower_one_wins_and_the_rest_is_split():
    parts = split(
        "outdoor - - 2026-10 500 -",
        "camping - - 2026-10 200 -",
        "tents - - 2026-10 110 equal",
        "- TENT-1 north 2026-10 50 -",
    )
    assert parts == {
        ("COAT", "north"): 300,
        ("STOVE", "north"): 90,
        ("TENT-1", "export"): 30,
        ("TENT-1", "north"): 50,
        ("TENT-2", "south"): 30,
    }


def test_parts_say_the_group_that_they_were_entered_for():
    parts = disaggregated_inputs(
        HORIZON,
        PRODUCTS,
        SALES,
        BASELINE,
        NO_LAUNCH,
        inputs("camping - inland 2026-10 260 -"),
        groups=GROUPS,
    )
    assert set(parts["entered_for"]) == {"camping in inland"}
    assert set(parts["entered_quantity"]) == {260}
    assert set(parts["split_rule"]) == {"baseline"}


def test_of_a_group_and_its_only_family_the_family_wins():
    assert split("outdoor - - 2026-10 150 -", "clothing - - 2026-10 0 -")[("COAT", "north")] == 0
    only = Hierarchies(table("product_groups", "member product_group\nclothing apparel"))
    parts = disaggregated_inputs(
        HORIZON,
        PRODUCTS,
        SALES,
        BASELINE,
        NO_LAUNCH,
        inputs("apparel - - 2026-10 9 -", "clothing - - 2026-10 9 -"),
        groups=only,
    )
    assert parts["entered_for"].tolist() == ["clothing in all markets"]


def test_a_group_that_is_less_than_what_is_below_it_is_refused():
    assert refusal("outdoor - - 2026-10 30 -", "tents - - 2026-10 40 -").endswith(
        "30 units for outdoor in all markets in 2026-10 are less than the 40 that its lower entries "
        "add up to (function=sales period=2026-10 contributor=ana family=tents)"
    )
    assert refusal("outdoor - - 2026-10 40 -", "tents - - 2026-10 40 -") == ""


def test_a_group_that_nobody_knows_is_refused_with_the_nearest_name():
    tables = {
        "products": PRODUCTS,
        "sales_history": SALES,
        "product_groups": PRODUCT_GROUPS,
        "demand_inputs": inputs("campin - - 2026-10 30 -"),
    }
    told = "\n".join(str(one) for one in judge.run(tables) if one.table == "demand_inputs")
    assert "family must be known in products or product_groups.product_group" in told
    assert "did you mean camping?" in told


def test_a_part_is_led_back_to_the_entry_of_its_group():
    tables = {
        "products": PRODUCTS,
        "product_groups": PRODUCT_GROUPS,
        "market_groups": MARKET_GROUPS,
        "demand_inputs": inputs(
            "camping - inland 2026-10 260 -",
            "clothing - - 2026-10 9 -",
            "- STOVE export 2026-10 9 -",
        ),
    }
    words = {"product": "TENT-1", "market": "north", "period": pd.Period("2026-10", "M")}
    assert related("demand_inputs", words, tables)["family"].tolist() == ["camping"]
    of_group = related("sales_history", {"family": "outdoor"}, tables | {"sales_history": SALES})
    assert len(of_group) == len(SALES)


# -------------------------------------------------------------------------------------------------
# any tree


@st.composite
def trees(draw, leaves):
    """A table of groups above the leaves: again and again some of the tops get a group."""
    tops, rows = list(leaves), []
    for number in range(draw(st.integers(0, 5))):
        taken = draw(st.sets(st.sampled_from(sorted(tops)), min_size=1))
        rows += [(member, f"g{number}") for member in sorted(taken)]
        tops = [top for top in tops if top not in taken] + [f"g{number}"]
    return rows


def filled_in(draw, rows, leaves, below, open_leaves):
    """Entries for some of the tree's names: each is what its lower ones are together, and more
    where they leave something open."""
    members = {name: [m for m, group in rows if group == name] for _, name in rows}
    entered = {}

    def amount(name):
        if name in members:
            parts = [amount(member) for member in members[name]]
            lower, is_open = sum(n for n, _ in parts), any(left for _, left in parts)
        else:
            lower, is_open = below[name], name in open_leaves
        if not draw(st.booleans()):
            return lower, is_open
        entered[name] = lower + (draw(st.integers(0, 300)) if is_open else 0)
        return entered[name], False

    inner = {member for member, _ in rows}
    for top in sorted({*leaves, *members} - inner):
        amount(top)
    return entered


RULES = st.sampled_from(["baseline", "equal", "last_year", None])


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["family", "market"]), st.data())
def test_split_and_sum_are_exact_at_every_level_of_any_tree(dimension, data):
    names = [f"leaf{number}" for number in range(5)]
    other = "market" if dimension == "family" else "family"
    pairs = [(name, side) for name in names for side in ("x", "y")]
    cells = pd.DataFrame(pairs, columns=[dimension, other])
    cells["product"] = cells["family"] + "-item"
    period = pd.Period("2026-10", "M")
    cells = cells.assign(period=period, baseline=np.arange(10) + 1.0, last_year=1.0)
    rows = data.draw(trees(names))
    fine = data.draw(st.dictionaries(st.integers(0, 9), st.integers(0, 200)))
    below = {name: sum(n for i, n in fine.items() if pairs[i][0] == name) for name in names}
    open_leaves = {pairs[i][0] for i in range(10) if i not in fine}
    entered = filled_in(data.draw, rows, names, below, open_leaves)
    entries = [{**cells.loc[i, ["product", "market"]], "quantity": n} for i, n in fine.items()]
    entries += [
        {dimension: name, "quantity": n, "split_rule": data.draw(RULES)}
        for name, n in entered.items()
    ]
    columns = ["family", "product", "market", "quantity", "split_rule"]
    frame = pd.DataFrame(entries, columns=columns).astype({"quantity": "float64"})
    frame = frame.assign(function="sales", contributor=None, period=period)
    above = "product_group" if dimension == "family" else "market_group"
    groups = pd.DataFrame(rows, columns=["member", above])
    split_up = split_entries(frame, cells, Hierarchies(**{f"{above}s": groups}))
    assert split_up.conflicts == []
    parts = split_up.rows.assign(family=split_up.rows["product"].str.removesuffix("-item"))
    assert not parts.duplicated(["product", "market"]).any()
    assert (parts["quantity"] % 1 == 0).all()
    for name, wanted in entered.items():
        assert parts.loc[parts[dimension].isin(within(name, groups)), "quantity"].sum() == wanted
