"""Rows of `levers` and `gap_thresholds` are refused before a plan is made, with the row and the fix."""

import pandas as pd
import pytest
from conftest import table

from sopkit.data_quality import judge
from sopkit.pre_sop.gaps import gap_rules
from sopkit.schema.gap_rules import read_gap_rules
from sopkit.schema.levers import standard_levers
from sopkit.tables import conform
from sopkit.tables.issues import DataError

DISCOUNT = {
    "lever": "trade_discount",
    "table": "item_costs",
    "column": "price",
    "operation": "multiply",
    "amount": 0.98,
    "scope": "family",
    "monthly": True,
    "closes": "revenue",
    "assumes": "dealers order more",
    "statement": "Give dealers of {item} {percent} off, {months}",
    "slider": "trade discount",
    "slider_low": -0.1,
    "slider_high": 0.0,
    "slider_step": 0.01,
}


def refusal(**tables):
    with pytest.raises(DataError) as caught:
        judge.refuse(tables)
    return str(caught.value)


def own(**row):
    return conform("levers", pd.DataFrame([DISCOUNT | row]))


def threshold(gap_type, name, value=0.7):
    header = "gap_type threshold value owner reason"
    return table("gap_thresholds", f"{header}\n{gap_type} {name} {value} Silva season")


def test_a_gap_type_that_does_not_exist_is_refused_with_the_nearest():
    assert refusal(gap_thresholds=threshold("ilde", "share_of_paid_hours")) == (
        "gap_thresholds: gap_type must be a gap rule with thresholds; 1 of 1 rows is not:\n"
        "  row 1  gap_type=ilde  threshold=share_of_paid_hours\n"
        "  Write idle."
    )


def test_every_gap_rule_says_from_when_on_the_executives_decide_and_no_other_threshold_is_taken():
    assert all("executives_from" in thresholds for thresholds in read_gap_rules().values())
    said = refusal(gap_thresholds=threshold("cash", "lowest"))
    assert "threshold must be a threshold of cash; 1 of 1 rows is not:" in said
    assert "Write one of executives_from." in said


def test_a_threshold_of_another_rule_is_refused():
    assert refusal(gap_thresholds=threshold("idle", "share_of_hours")) == (
        "gap_thresholds: threshold must be a threshold of idle; 1 of 1 rows is not:\n"
        "  row 1  gap_type=idle  threshold=share_of_hours\n"
        "  Write share_of_paid_hours."
    )


def test_a_threshold_below_zero_is_refused():
    assert refusal(gap_thresholds=threshold("idle", "share_of_paid_hours", -0.1)) == (
        "gap_thresholds: value must be 0 or more; 1 of 1 rows is not:\n"
        "  row 1  gap_type=idle  threshold=share_of_paid_hours  value=-0.1\n"
        "  Write the size from which a gap is reported."
    )


@pytest.mark.parametrize(
    ("row", "rule", "value", "remedy"),
    [
        (
            {"table": "sales_history"},
            "table must be a table that a lever may change",
            "table=sales_history",
            "Write one of marketing_activities, sources, demand_inputs, item_costs, "
            "inventory_policy, lanes, launches, resource_calendar, resources, routings, "
            "storage_capacity, supply_policy, company_settings.",
        ),
        (
            {"column": "prise"},
            "column must be a column of numbers of item_costs",
            "column=prise",
            "Write price.",
        ),
        (
            {"scope": "resource"},
            "scope must be a scope of item_costs",
            "scope=resource",
            "Write one of company, family, product, market, product_group, market_group.",
        ),
        (
            {"table": "company_settings", "column": "receivable_days", "scope": "company"},
            "monthly must be empty: company_settings has no months",
            "monthly=True",
            "Leave monthly empty.",
        ),
        (
            {"closes": "revenue, marign"},
            "closes must be a gap type, measure or limit, or several with commas between them",
            "closes=revenue, marign",
            "Write margin.",
        ),
        (
            {"instead_of": "prices"},
            "instead_of must be the name of a lever",
            "instead_of=prices",
            "Write price.",
        ),
        (
            {"statement": "Give {who} more"},
            "statement must be a sentence with no placeholder but {item}, {months}, {percent}, "
            "{amount}, {value}",
            "statement=Give {who} more",
            "Write one of item, months, percent, amount, value.",
        ),
        (
            {"statement": "Give {item more"},
            "statement must be a sentence with no placeholder but {item}, {months}, {percent}, "
            "{amount}, {value}",
            "statement=Give {item more",
            "Write one of item, months, percent, amount, value.",
        ),
        (
            {"amount": None, "amount_share": 0.1},
            "operation must be add where amount_share is given",
            "operation=multiply",
            "Write add.",
        ),
        (
            {"slider_high": None},
            "a slider must have slider_low, slider_high and slider_step",
            "slider=trade discount",
            "Fill slider_low, slider_high and slider_step, or leave slider empty.",
        ),
    ],
)
def test_a_lever_that_cannot_be_used_is_refused(row, rule, value, remedy):
    assert refusal(levers=own(**row)) == (
        f"levers: {rule}; 1 of 1 rows is not:\n  row 1  lever=trade_discount  {value}\n  {remedy}"
    )


def test_every_standard_lever_and_threshold_would_pass_as_a_companys_own():
    rows = [
        {"gap_type": gap, "threshold": name, "value": value, "owner": "A", "reason": "B"}
        for gap, own in read_gap_rules().items()
        for name, value in own.items()
    ]
    judge.refuse(
        {
            "levers": conform("levers", pd.DataFrame(standard_levers())),
            "gap_thresholds": conform("gap_thresholds", pd.DataFrame(rows)),
        }
    )


def test_every_gap_rule_has_its_section_of_thresholds():
    assert set(gap_rules()) == set(read_gap_rules())


STRATEGY = {
    "table": "supply_policy", "column": "strategy", "operation": "set", "amount": None,
    "setting": "optimal", "scope": "family", "monthly": None, "statement": "Plan {item}", "slider": None,
    "slider_low": None, "slider_high": None, "slider_step": None,
}  # fmt: skip


def test_a_lever_sets_a_choice_and_moves_a_number():
    judge.refuse({"levers": own(**STRATEGY)})
    assert "operation must be set where a setting is given, and only there" in refusal(
        levers=own(**STRATEGY | {"operation": "multiply"})
    )
    assert "column must be a column of choices of supply_policy" in refusal(
        levers=own(**STRATEGY | {"column": "plan_change_cost"})
    )


def test_the_sizes_of_a_lever_are_numbers():
    judge.refuse({"levers": own(sizes="0.95, 0.9")})
    assert "sizes must be numbers with commas between them" in refusal(levers=own(sizes="more"))
