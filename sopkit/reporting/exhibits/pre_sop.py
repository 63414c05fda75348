"""Exhibits of the pre-S&OP meeting: where plans disagree, what could be done, what may happen."""

from textwrap import shorten

import pandas as pd
from pandas import DataFrame

from sopkit.reporting.chart_types import Heatmap, HorizontalBars, SmallMultiples, Waterfall
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits import demand
from sopkit.reporting.exhibits.rows import largest_first, with_demand
from sopkit.reporting.theme import WORSE, Look, by_meaning
from sopkit.schema.formatting import (
    capitalised,
    compact,
    count,
    listed,
    money,
    money_unit,
    percent,
    verb,
)

STAGE = "60_pre_sop"
FUNCTIONS = ["product", "demand", "supply", "finance", "goals"]
COMPANY = "company"  # what belongs to no family
SHOWN_OWNERS = 3
SHOWN_FAMILIES = 5
STATEMENT_CHARACTERS = 120  # of a gap above its bar
GAP = [
    "gap", "statement", "gap_units", "gap_value", "owner", "question", "exhibit",
]  # fmt: skip
STEPS = {
    "baseline": "baseline",
    "launch_demand": "launch",
    "activity_demand": "activity",
    "opportunity_demand": "pipeline",
    "pickup_demand": "orders",
    "override": "override",
    "consensus": "consensus",
}
IF_IT_COMES = Look("if it comes", "#D5DADE")
RISK = [
    "risk", "statement", "probability", "revenue_effect", "margin_effect", "expected_effect",
    "owner",
]  # fmt: skip


# -------------------------------------------------------------------------------------------------
# where the plans disagree


@exhibit(STAGE, title="Largest gap by function and family", table="gaps", money=True)
def gaps_by_function(products: DataFrame, gaps: DataFrame) -> Exhibit:
    """Whose plan disagrees about which family: the largest gap, and how many there are.

    Gaps of one cause overlap, so their money is not added.
    """
    return Exhibit(_functions_headline(gaps), _stakes(gaps, family_of(gaps, products)))


def family_of(gaps: DataFrame, products: DataFrame) -> pd.Series:
    """The family that each gap is about, directly or by its product; missing where it is none."""
    return gaps["family"].fillna(gaps["product"].map(products.set_index("product")["family"]))


def _functions_headline(gaps):
    if gaps.empty:
        return Headline("Product, demand, supply, finance and goals agree.")
    stake = gaps["gap_value"].abs().groupby(gaps["area"]).max()
    largest = stake.sort_values(ascending=False).head(2)
    said = Headline(
        "{gaps:count gap}; largest by function: {functions}.",
        gaps=len(gaps),
        functions=listed([f"{name} ({money(size)})" for name, size in largest.items()]),
    )
    return said + Headline("", by_function=dict(stake))


def _stakes(gaps, family):
    """Tiles: whose plan differs (rows, with who answers) by family (columns, the company last)."""
    if gaps.empty:
        return Heatmap(DataFrame())
    rows = gaps.assign(family=family.fillna(COMPANY), at_stake=gaps["gap_value"].abs())
    cells = rows.pivot_table(
        index="area", columns="family", values="at_stake", aggfunc=["max", "count"]
    )
    families = sorted(rows["family"].unique(), key=lambda name: (name == COMPANY, name))
    owners = rows.groupby("area")["owner"].agg(
        lambda names: ", ".join(names.unique()[:SHOWN_OWNERS])
    )
    names = [f"{name}\n{owners.get(name, 'agrees')}" for name in FUNCTIONS]
    money, gaps_in = (
        cells[how].reindex(index=FUNCTIONS, columns=families).set_axis(names)
        for how in ("max", "count")
    )
    said = money.map(lambda size: f"{compact(size)}\n", na_action="ignore")
    return Heatmap(
        money,
        words=said + gaps_in.map(lambda many: count(int(many), "gap"), na_action="ignore"),
        limits=(0.0, money.max().max()),
        row=0.42,
        rest=0.8,
        subtitle=f"{money_unit(start=True)} of the largest gap (k: thousand, m: million) by whose "
        "plan differs (rows, with who answers) and by family",
    )


@exhibit(STAGE, title="Gaps by value at stake", table="gaps", rows=4, links="exhibit")
def gaps(gaps: DataFrame) -> Exhibit:
    """The gaps, the one with most money at stake first."""
    table = largest_first(gaps, gaps["gap_value"].abs())[GAP]
    said = [
        shorten(capitalised(one), STATEMENT_CHARACTERS, placeholder="…")
        for one in table["statement"]
    ]
    stakes = table[["gap_value"]].abs().set_axis(said)
    chart = HorizontalBars(
        stakes,
        row_looks=[WORSE] * len(stakes),
        labels=True,
        named_above=True,
        unit=f"{money_unit()} at stake",
        row=0.38,
        subtitle=f"{money_unit(start=True)} at stake in each gap, the largest first",
    )
    in_units = len(stakes) and not stakes["gap_value"].any()
    return Exhibit(_gaps_headline(table), None if in_units else chart, table)


def _gaps_headline(table):
    if table.empty:
        return Headline("Product, demand, supply, finance and goals agree.")
    template = "{gaps:count gap}; the largest: {largest}"
    return Headline(template, gaps=len(table), largest=sentence(table["statement"].iloc[0]))


def sentence(statement: str) -> str:
    """A statement with one full stop."""
    return statement.rstrip(".") + "."


# -------------------------------------------------------------------------------------------------
# how demand came to be agreed


@exhibit(STAGE, title="Baseline to consensus by family", table="demand_plan")
def consensus_by_family(products: DataFrame, demand_plan: DataFrame) -> Exhibit:
    """The way from baseline to consensus for the company and for its largest families."""
    family = demand_plan["product"].map(products.set_index("product")["family"])
    shown = with_demand(demand_plan, STEPS)
    steps = demand_plan.groupby(family)[shown].sum()
    largest = steps.loc[steps["consensus"].nlargest(SHOWN_FAMILIES).index]
    total = demand_plan[shown].sum().rename("all families").to_frame().T
    panels = [
        Waterfall(sizes.rename(STEPS), ("baseline", "consensus"), unit="units", title=str(name))
        for name, sizes in pd.concat([total, largest]).iterrows()
    ]
    chart = SmallMultiples(
        panels,
        showing=len(largest),
        of=len(steps),
        subtitle="Units over the planned months; every panel has its own scale; small "
        "steps are drawn alone, from zero",
    )
    return Exhibit(demand.consensus_steps_headline(demand_plan), chart)


@exhibit(STAGE, title="Overrides and their record", table="forecast_overrides", rows=16)
def override_register(
    products: DataFrame, forecast_overrides: DataFrame, forecast_value_added: DataFrame
) -> Exhibit:
    """Who changed what, by how much and why, with the function's nearest record."""
    family = forecast_overrides["product"].map(products.set_index("product")["family"])
    said = ["function", "author", family.rename("family"), "reason"]
    rows = forecast_overrides.groupby(said, as_index=False).agg(
        from_period=("period", "min"),
        to_period=("period", "max"),
        override=("override", "sum"),
        weight=("weight", "mean"),
    )
    nearest = forecast_value_added["lag"] == forecast_value_added["lag"].min()
    record = forecast_value_added[nearest].set_index("contributor")
    for column in ("value_added", "assessment"):
        rows[column] = rows["function"].map(record[column])
    table = largest_first(rows, rows["override"].abs())
    return Exhibit(_register_headline(table), table=table)


def _register_headline(register):
    if register.empty:
        return Headline("Nobody has changed the forecast.")
    authors = register.groupby("author")["override"].sum()
    who = authors.abs().idxmax()
    said = Headline(
        "{authors:count author} changed the forecast, most of all {author} ({units:signed} units)",
        authors=len(authors),
        author=who,
        units=authors[who],
    )
    hurts = list(register.loc[register["assessment"] == "worsens", "function"].unique())
    if not hurts:
        return said + "."
    template = "; the record of {hurts} speaks against {them}."
    return said + Headline(template, hurts=listed(hurts), them=verb(len(hurts), "it", "them"))


# -------------------------------------------------------------------------------------------------
# what may happen, and who settles what


@exhibit(STAGE, title="Risk impact", table="risk_impacts")
def risks(risk_impacts: DataFrame) -> Exhibit:
    """What each risk does to the margin if it comes, and weighted by its probability."""
    table = largest_first(risk_impacts, risk_impacts["expected_effect"].abs())[RISK]
    return Exhibit(_risks_headline(risk_impacts), _risk_effects(risk_impacts), table)


def _risks_headline(risk_impacts):
    if risk_impacts.empty:
        return Headline("No risk is listed.")
    sums = risk_impacts.groupby("risk_kind")["expected_effect"].sum()
    weighted = Headline(
        "weighted by probability, risks change margin by {risks:signed_money} and opportunities by "
        "{opportunities:signed_money}, {net:signed_money} in all.",
        risks=sums.get("vulnerability", 0.0),
        opportunities=sums.get("opportunity", 0.0),
        net=sums.sum(),
    )
    if risk_impacts["margin_effect"].isna().all():
        template = "{risks:count risk}; what they do to margin is not known: no costs are given."
        return Headline(template, risks=len(risk_impacts))
    worst = risk_impacts.loc[risk_impacts["margin_effect"].idxmin()]
    if not worst["margin_effect"] < 0:
        return Headline("No risk costs margin; ") + weighted
    largest = Headline(
        "The largest risk, “{risk}”, would cost {margin:money} of margin ({probability:percent} "
        "likely); ",
        risk=worst["statement"].rstrip("."),
        margin=-worst["margin_effect"],
        probability=worst["probability"],
    )
    return largest + weighted


def _risk_effects(risk_impacts):
    rows = largest_first(risk_impacts, risk_impacts["margin_effect"].abs())
    names = [f"{row.risk} ({percent(row.probability)})" for row in rows.itertuples()]
    return HorizontalBars(
        rows[["margin_effect", "expected_effect"]].set_axis(names),
        arranged="within",
        looks={"margin_effect": IF_IT_COMES},
        row_looks=by_meaning(rows["expected_effect"]),
        unit=f"{money_unit()} of margin",
        subtitle=f"{money_unit(start=True)} of margin won or lost if the risk comes (pale) and "
        "weighted by its probability, in brackets",
    )


@exhibit(STAGE, title="Stress test: the largest risks together", table="stress_test")
def stress_test(stress_test: DataFrame) -> Exhibit:
    """What the plan comes to if the largest risks all come, and what each alone adds up to."""
    return Exhibit(_stress_headline(stress_test), table=stress_test.drop(columns="statement"))


def _stress_headline(stress_test):
    if stress_test.empty:
        return Headline("Fewer than two risks cost margin, so none are tested together.")
    margin = stress_test.set_index("measure").loc["margin"]
    return Headline(
        "{risks} together would change margin by {together:signed_money}; each alone, by "
        "{alone:signed_money} in sum.",
        risks=margin["statement"],
        together=margin["variance"],
        alone=margin["sum_of_variances"],
    ).capitalised()


@exhibit(STAGE, title="Agenda", table="agenda", rows=40)
def agenda(agenda: DataFrame) -> Exhibit:
    """The agenda of each meeting, with its duration."""
    length = agenda.groupby("decision_level", sort=False)["duration_minutes"].agg(["size", "sum"])
    first = {name: capitalised(name) for name in length.index[:1]}
    meetings = [
        {"meeting": name, "topics": int(topics), "minutes": int(minutes)}
        for name, topics, minutes in length.rename(index=first).itertuples()
    ]
    said = Headline.each("{meeting}: {topics:count topic} in {minutes} minutes", meetings, "; ")
    return Exhibit(said + ".", table=agenda)
