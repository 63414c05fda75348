"""Exhibits of the levels above families and markets: each group with what is below it.

A path such as equipment › camping names a group; the rows of the highest level and what is in no
group add up to the last row, the company.
"""

import pandas as pd
from pandas import DataFrame, Series

from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.profit_and_loss import LINES, with_ratio
from sopkit.schema.formatting import bounds
from sopkit.schema.glossary import label
from sopkit.schema.hierarchies import GROUPED
from sopkit.tables import attach
from sopkit.tables.hierarchies import memberships, tree
from sopkit.tables.periods import YEAR, add_months

DEMAND, FINANCE = "30_demand_review", "50_financial_review"
SHOWN_ROWS = 60
BETWEEN = " › "  # the names of a path


@exhibit(DEMAND, title="Demand by product group", table="demand_plan", rows=SHOWN_ROWS)
def demand_by_product_group(
    products: DataFrame,
    sales_history: DataFrame,
    demand_plan: DataFrame,
    product_groups: DataFrame | None = None,
) -> list[Exhibit]:
    """Total demand of the next twelve months by family and group, against the same months of last
    year; none without groups."""
    if product_groups is None or product_groups.empty:
        return []
    family = products[["product", "family"]]
    tables = (attach(table, family) for table in (sales_history, demand_plan))
    return [_demand("product_group", *tables, product_groups)]


@exhibit(DEMAND, title="Demand by market group", table="demand_plan", rows=SHOWN_ROWS)
def demand_by_market_group(
    sales_history: DataFrame, demand_plan: DataFrame, market_groups: DataFrame | None = None
) -> list[Exhibit]:
    """Total demand of the next twelve months by market and group, against the same months of last
    year; none without groups."""
    if market_groups is None or market_groups.empty:
        return []
    return [_demand("market_group", sales_history, demand_plan, market_groups)]


@exhibit(FINANCE, title="P&L by product group", table="financial_plan", rows=SHOWN_ROWS, money=True)
def money_by_product_group(
    financial_plan: DataFrame, product_groups: DataFrame | None = None
) -> list[Exhibit]:
    """What the plan earns by family and group; none without groups."""
    if product_groups is None or product_groups.empty:
        return []
    table = _by_level(financial_plan, "product_group", product_groups, [*LINES, "uncosted_revenue"])
    table = with_ratio(table).drop(columns="uncosted_revenue")
    largest = _largest(table, "product_group", "revenue")
    said = Headline(
        "{name} is the largest at the highest level: {revenue:money} of revenue, {share:percent} "
        "of the plan, {months:span}.",
        name=largest["name"],
        revenue=largest["revenue"],
        share=largest["share"],
        months=bounds(financial_plan["period"]),
    )
    return [Exhibit(said.capitalised(), table=table)]


@exhibit(FINANCE, title="Budget by product group", table="plan_variances", rows=SHOWN_ROWS)
def budget_by_product_group(
    plan_variances: DataFrame, product_groups: DataFrame | None = None
) -> list[Exhibit]:
    """Plan against budget by family and group, or the prior year without a budget; none without
    groups."""
    if product_groups is None or product_groups.empty:
        return []
    in_money = plan_variances["measure"].isin(["revenue", "margin"])
    known = plan_variances[in_money & (plan_variances["item"] != "all")]
    names = [n for n in ("budget", "last_year") if (known["reference_type"] == n).any()]
    if not names:
        return []
    rows = known[known["reference_type"] == names[0]].rename(columns={"item": "family"})
    parts = []
    for measure in ("revenue", "margin"):
        of_it = rows[rows["measure"] == measure]
        if len(of_it):
            sums = ["plan", "reference_value", "variance"]
            table = _by_level(of_it, "product_group", product_groups, sums)
            table.insert(0, "measure", measure)
            parts.append(table)
    table = pd.concat(parts, ignore_index=True)
    ratio = table["variance"] / table["reference_value"].where(table["reference_value"] != 0)
    return [Exhibit(_budget_headline(table, names[0]), table=table.assign(change_ratio=ratio))]


def _budget_headline(table: DataFrame, reference: str) -> Headline:
    measure = table["measure"].iloc[-1]
    rows = table[table["measure"] == measure]
    top = _top(rows, "product_group")
    worst = top.loc[top["variance"].idxmin()]
    against = label(reference, of="reference_type")
    if worst["variance"] >= 0:
        template = "At the highest level nothing is below {against} in {measure}."
        return Headline(template, against=against, measure=label(measure, of="measure"))
    return Headline(
        "{name} is furthest below {against} at the highest level: {variance:signed_money} of "
        "{measure}.",
        name=_name(worst, "product_group"),
        against=against,
        variance=worst["variance"],
        measure=label(measure, of="measure"),
    ).capitalised()


def _demand(
    dimension: str, sales_history: DataFrame, demand_plan: DataFrame, groups: DataFrame
) -> Exhibit:
    """Demand of the next twelve months by level, and what was sold a year before."""
    months = sorted(demand_plan["period"].unique())[:YEAR]
    planned = demand_plan[demand_plan["period"].isin(months)]
    before = sales_history[sales_history["period"] < months[0]]
    before = before.assign(period=add_months(before["period"], YEAR))
    sold = before[before["period"].isin(months)].rename(columns={"quantity": "prior_year"})
    rows = pd.concat([planned, sold], ignore_index=True)
    table = _by_level(rows, dimension, groups, ["prior_year", "total_demand"])
    past = table["prior_year"].where(table["prior_year"] > 0)
    table = table.assign(change_ratio=table["total_demand"] / past - 1)
    largest = _largest(table, dimension, "total_demand")
    said = Headline(
        "{name} is the largest at the highest level: {share:percent} of the demand of "
        "{months:span}",
        name=largest["name"],
        share=largest["share"],
        months=months,
    )
    if pd.isna(largest["change_ratio"]):
        return Exhibit(said.capitalised() + ".", table=table)
    template = ", {change:more_or_less} than a year before."
    more = Headline(template, change=largest["change_ratio"])
    return Exhibit(said.capitalised() + more, table=table)


def _by_level(rows: DataFrame, dimension: str, groups: DataFrame, columns: list[str]) -> DataFrame:
    """Sums of the rows for each group and what is below it, in the order of the tree; the company
    last."""
    leaf = GROUPED[dimension]
    above = memberships(groups).rename(columns={"member": leaf})
    of_leaves = rows.groupby(leaf)[columns].sum()
    of_groups = rows.merge(above, on=leaf).groupby(dimension)[columns].sum()
    shown = tree(groups, Series(of_leaves.index))
    sums = pd.concat([of_leaves, of_groups]).reindex(shown["name"]).reset_index(drop=True)
    names = {dimension: _paths(shown), leaf: shown["name"].mask(shown["is_group"])}
    table = DataFrame(names).join(sums)
    company = {dimension: "all"} | rows[columns].sum().to_dict()
    return pd.concat([table, DataFrame([company])], ignore_index=True)


def _paths(shown: DataFrame) -> Series:
    """The path of each row's group: of a family that it is in; missing of one in none."""
    path: dict[str, str] = {}
    for row in shown[shown["is_group"]].itertuples():
        above = path.get(row.parent)
        path[row.name] = f"{above}{BETWEEN}{row.name}" if above else row.name
    return shown["name"].where(shown["is_group"], shown["parent"]).map(path)


def _top(table: DataFrame, dimension: str) -> DataFrame:
    """The rows of the highest level, without the company."""
    group, leaf = table[dimension], table[GROUPED[dimension]]
    is_top = leaf.isna() & ~group.str.contains(BETWEEN, na=False) & (group != "all")
    return table[is_top | group.isna()]


def _name(row: Series, dimension: str) -> str:
    return row[GROUPED[dimension]] if pd.isna(row[dimension]) else row[dimension]


def _largest(table: DataFrame, dimension: str, column: str) -> dict[str, object]:
    """The largest row of the highest level, with its name and its share of the company."""
    top = _top(table, dimension)
    row = top.loc[top[column].idxmax()]
    total = table[column].iloc[-1]
    return row.to_dict() | {
        "name": _name(row, dimension),
        "share": row[column] / total if total else 0.0,
    }
