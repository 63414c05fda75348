"""Inputs at any level: which version is in force, and how what is entered above is split below."""

import numpy as np
import pandas as pd
import pytest
from conftest import said, table
from hypothesis import given, settings
from hypothesis import strategies as st

from sopkit.data_quality import input_checks
from sopkit.demand.disaggregation import by_function, disaggregated_inputs
from sopkit.master_data.input_entries import cells_of, largest_remainder, split_entries
from sopkit.master_data.product_mix import with_mix
from sopkit.tables.hierarchies import NO_GROUPS
from sopkit.tables.periods import planning_periods

HORIZON = planning_periods("2026-10").head(2)
PRODUCTS = table(
    "products",
    """
product family unit_of_measure
TENT-1 tents piece
TENT-2 tents piece
STOVE stoves piece
""",
)
BASELINE = table(
    "baseline_forecast",
    """
product market period baseline lower_80 upper_80 method
TENT-1 north 2026-10 60 50 70 mean
TENT-1 south 2026-10 20 10 30 mean
TENT-2 north 2026-10 20 10 30 mean
STOVE north 2026-10 50 40 60 mean
""",
)
SALES = table(
    "sales_history",
    """
product market period quantity
TENT-1 north 2025-10 10
TENT-1 south 2025-10 30
TENT-2 north 2025-10 0
STOVE north 2025-10 0
""",
)
NO_LAUNCH = table("launch_plan", "launch product market period launch_demand readiness basis")
TABLES = (HORIZON, PRODUCTS, SALES, BASELINE, NO_LAUNCH)
HEAD = (
    "function contributor family product market period version quantity split_rule input_status "
    "cycle author reason submitted_on\n"
)
PEOPLE = table(
    "contributors", "contributor function deadline_day\nana sales 8\nben sales 8\ncleo finance 9"
)


def inputs(*rows):
    return table("demand_inputs", HEAD + "\n".join(f"{row} Holm said 2026-10-05" for row in rows))


def split(*rows):
    """Units by product and market of October."""
    parts = disaggregated_inputs(*TABLES, inputs(*rows))
    return parts.set_index(["product", "market"])["quantity"].to_dict()


def refusal(*rows):
    return said(
        input_checks.inputs_that_cannot_be_split(
            HORIZON, PRODUCTS, SALES, inputs(*rows), BASELINE, NO_LAUNCH
        )
    )


def test_a_family_is_split_by_the_baseline_in_whole_units():
    # 60 : 20 : 20 of 99 is 59.4, 19.8, 19.8: rounded down 97, two units for the largest remainders
    assert split("sales ana tents - - 2026-10 - 99 - - -") == {
        ("TENT-1", "north"): 59,
        ("TENT-1", "south"): 20,
        ("TENT-2", "north"): 20,
    }


def test_the_rule_of_an_entry_says_by_what_it_is_split():
    last_year = split("sales ana tents - - 2026-10 - 80 last_year - -")
    assert list(last_year.values()) == [20, 60, 0]
    equal = split("sales ana tents - - 2026-10 - 80 equal - -")
    assert list(equal.values()) == [27, 27, 26]


MIX = table(
    "product_mix",
    """
product market mix_ratio author reason
TENT-1 - 0.6 Holm Order-book
TENT-2 - 0.3 Holm Order-book
STOVE south 0.5 Holm Order-book
""",
)


def by_mix(row, mix=MIX):
    parts = disaggregated_inputs(*TABLES, inputs(row), mix)
    return parts.set_index(["product", "market"])["quantity"].to_dict()


def test_a_family_is_split_by_the_mix_that_somebody_gives():
    # 6 : 3 of 90; the tents' 60 by the baseline of their markets, 60 : 20
    assert by_mix("sales ana tents - - 2026-10 - 90 given_mix - -") == {
        ("TENT-1", "north"): 45,
        ("TENT-1", "south"): 15,
        ("TENT-2", "north"): 30,
    }
    # in the north alone the mix of the products is the same
    assert by_mix("sales ana tents - north 2026-10 - 90 given_mix - -") == {
        ("TENT-1", "north"): 60,
        ("TENT-2", "north"): 30,
    }


def test_a_mix_by_market_comes_before_that_of_the_product():
    mix = table(
        "product_mix",
        """
product market mix_ratio author reason
TENT-1 - 2 Holm Order-book
TENT-1 south 1 Holm New-dealer
TENT-2 - 1 Holm Order-book
""",
    )
    parts = by_mix("sales ana tents - - 2026-10 - 100 given_mix - -", mix)
    assert list(parts.values()) == [50, 25, 25]
    assert by_mix("sales ana - TENT-1 - 2026-10 - 30 given_mix - -", mix) == {
        ("TENT-1", "north"): 20,
        ("TENT-1", "south"): 10,
    }


@pytest.mark.parametrize("mix", [MIX, None])
def test_a_given_mix_without_shares_is_refused_with_the_products_that_lack_them(mix):
    row = inputs("sales ana stoves - - 2026-10 - 30 given_mix - -")
    told = said(
        input_checks.inputs_that_cannot_be_split(
            HORIZON, PRODUCTS, SALES, row, BASELINE, NO_LAUNCH, mix
        )
    )
    assert (
        "30 units for stoves in all markets in 2026-10 cannot be split by given_mix: product_mix has no "
        "share of STOVE; enter their mix_ratio" in told
    )


def test_a_market_and_a_product_in_all_markets_are_levels_too():
    assert split("sales ana - - north 2026-10 - 260 - - -") == {
        ("STOVE", "north"): 100,
        ("TENT-1", "north"): 120,
        ("TENT-2", "north"): 40,
    }
    assert list(split("sales ana - TENT-1 - 2026-10 - 40 - - -").values()) == [30, 10]
    assert list(split("sales ana tents - north 2026-10 - 40 - - -").values()) == [30, 10]


def test_a_lower_level_wins_and_the_rest_is_split():
    assert split(
        "sales ana tents - - 2026-10 - 100 - - -",
        "sales ana - TENT-1 north 2026-10 - 40 - - -",
    ) == {("TENT-1", "north"): 40, ("TENT-1", "south"): 30, ("TENT-2", "north"): 30}


def test_a_negative_remainder_names_the_rows():
    said_of_it = refusal(
        "sales ana tents - - 2026-10 - 30 - - -",
        "sales ana - TENT-1 north 2026-10 - 40 - - -",
    )
    assert said_of_it == (
        "demand_inputs: what is entered above must leave a remainder that can be split; 1 of 2 rows is not:\n"
        "  row 1  function=sales  period=2026-10  contributor=ana  family=tents  quantity=30.0\n"
        "  Correct it or the entries below it, or split it equally.\n"
        "  30 units for tents in all markets in 2026-10 are less than the 40 that its lower entries add up to "
        "(function=sales product=TENT-1 market=north period=2026-10 contributor=ana)"
    )
    with pytest.raises(ValueError, match="are less than the 40 that its lower entries add up to"):
        split(
            "sales ana tents - - 2026-10 - 30 - - -",
            "sales ana - TENT-1 north 2026-10 - 40 - - -",
        )


def test_a_remainder_without_anything_open_and_a_rule_without_weights_are_refused():
    whole = [f"sales ana - {cell} 2026-10 - 10 - - -" for cell in ("TENT-1 north", "TENT-1 south")]
    assert "are more than the 20 of its lower entries, which leave nothing to be split" in refusal(
        "sales ana - TENT-1 - 2026-10 - 30 - - -", *whole
    )
    assert "cannot be split by last_year, which is 0 for all that is left" in refusal(
        "sales ana stoves - - 2026-10 - 30 last_year - -"
    )
    assert "have no product and market with a baseline or a launch" in refusal(
        "sales ana stoves - south 2026-10 - 30 - - -"
    )
    assert refusal("sales ana - TENT-1 - 2026-10 - 20 - - -", *whole) == ""


def test_a_later_version_replaces_an_entry_and_may_withdraw_it():
    first, later = (
        "sales ana tents - - 2026-10 1 50 - - -",
        "sales ana tents - - 2026-10 2 80 - - -",
    )
    assert sum(split(first, later).values()) == sum(split(later, first).values()) == 80
    assert split(first, "sales ana tents - - 2026-10 2 50 - withdrawn -") == {}


def test_two_people_of_a_function_do_not_collide_and_where_they_meet_their_mean_counts():
    rows = inputs(
        "sales ana - TENT-1 north 2026-10 - 40 - - -",
        "sales ben - TENT-1 - 2026-10 - 100 - - -",
    )
    parts = disaggregated_inputs(*TABLES, rows)
    assert parts["contributor"].tolist() == ["ana", "ben", "ben"]
    assert by_function(parts)["quantity"].tolist() == [(40 + 75) / 2, 25]


def test_what_was_entered_is_shown_with_each_part_and_an_earlier_cycle_is_carried():
    rows = inputs(
        "sales ana tents - - 2026-10 - 99 - - 2026-09",
        "finance - - STOVE north 2026-10 - 50 - - 2026-10",
    )
    parts = disaggregated_inputs(*TABLES, rows)
    columns = [
        "contributor",
        "quantity",
        "entered_quantity",
        "entered_for",
        "split_rule",
        "carried",
    ]
    assert parts[columns].to_csv(index=False).splitlines()[1:] == [
        "finance,50.0,50.0,STOVE in north,,False",
        "ana,59.0,99.0,tents in all markets,baseline,True",
        "ana,20.0,99.0,tents in all markets,baseline,True",
        "ana,20.0,99.0,tents in all markets,baseline,True",
    ]


def test_an_input_after_the_planned_months_waits_for_them():
    assert split("sales ana tents - - 2027-10 - 99 - - -") == {}


def test_a_product_with_its_family_is_refused():
    rows = inputs("sales ana tents TENT-1 north 2026-10 - 30 - - -")
    assert "an input must be for a product or for a family, not both" in said(
        input_checks.inputs_of_product_and_family(rows)
    )


@settings(deadline=None)
@given(
    st.integers(0, 10**7),
    st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-3),
)
def test_parts_are_whole_and_add_up_exactly(amount, weights):
    parts = largest_remainder(amount, weights)
    assert parts.sum() == amount
    assert (parts == np.floor(parts)).all()
    assert (parts >= 0).all()
    assert (np.abs(parts - amount * np.array(weights) / sum(weights)) < 1 + 1e-6).all()


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 500), min_size=12, max_size=12),
    st.lists(st.integers(0, 400), min_size=3, max_size=3),
    st.lists(
        st.sampled_from(["baseline", "equal", "last_year", "given_mix"]), min_size=3, max_size=3
    ),
    st.lists(st.floats(0, 10), min_size=6, max_size=6),
    st.data(),
)
def test_split_and_sum_are_exact_at_every_level(units, extra, rules, mix, data):
    """Cells of 2 families x 3 products x 2 markets; entries above are sums of those below and more."""
    cells = pd.MultiIndex.from_product([range(6), ["north", "south"]], names=["product", "market"])
    cells = cells.to_frame(index=False)
    cells["family"] = np.where(cells["product"] < 3, "f0", "f1")
    cells["product"] = "p" + cells["product"].astype(str)
    period = pd.Period("2026-10", "M")
    cells = cells.assign(period=period, baseline=units, last_year=units)
    cells[["baseline", "last_year"]] += 1.0  # no rule without weights
    shares = {"product": cells["product"].unique(), "market": None, "mix_ratio": mix}
    cells = with_mix(cells, pd.DataFrame(shares))
    fine = data.draw(st.sets(st.integers(0, 11), max_size=8))
    rows = [(None, cells.loc[i, "product"], cells.loc[i, "market"], units[i]) for i in sorted(fine)]
    told = [sum(units[i] for i in fine if cells.loc[i, "family"] == f) for f in ("f0", "f1")]
    north = [
        i for i in fine if cells.loc[i, "family"] == "f0" and cells.loc[i, "market"] == "north"
    ]
    rows.append(("f0", None, "north", sum(units[i] for i in north) + extra[0]))
    rows.append(("f0", None, None, told[0] + extra[0] + extra[1]))
    rows.append(("f1", None, None, told[1] + extra[2]))
    entries = pd.DataFrame(rows, columns=["family", "product", "market", "quantity"])
    entries = entries.assign(function="sales", contributor=None, period=period)
    entries["split_rule"] = [None] * len(fine) + rules
    split_up = split_entries(entries, cells, NO_GROUPS)
    whole = split_up.rows.merge(cells[["product", "market", "family"]], on=["product", "market"])
    refused = {conflict.label for conflict in split_up.conflicts}
    for label, entry in entries.iterrows():
        if label in refused:
            continue
        within = pd.Series(True, index=whole.index)
        for column in ("family", "product", "market"):
            if pd.notna(entry[column]):
                within &= whole[column] == entry[column]
        assert whole.loc[within, "quantity"].sum() == entry["quantity"]
    assert not whole.duplicated(["product", "market"]).any()
    assert (whole["quantity"] == np.floor(whole["quantity"])).all()


def test_the_cells_are_what_has_a_baseline_or_a_launch_in_the_planned_months():
    cells = cells_of(HORIZON, PRODUCTS, BASELINE, NO_LAUNCH, SALES)
    assert len(cells) == 8  # four products in markets, two months
    assert cells["baseline"].sum() == 150
