"""Exhibits of the outlook: actual to date and plan by quarter and fiscal year, and what changed."""

import numpy as np
from pandas import DataFrame

from sopkit.finance.bridge import ALL
from sopkit.finance.outlook import LINES
from sopkit.reporting.chart_types import Waterfall
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid
from sopkit.schema.formatting import bounds, listed, money_unit, percent
from sopkit.schema.glossary import label

STAGE = "50_financial_review"
EXECUTIVE = "70_executive_sop"
HELD = {"budget": "budget", "prior_year": "prior year", "prior_cycle": "the prior cycle"}
STEPS = ["last_cycle", "actual", "volume", "mix", "price", "cost", "supply", "plan"]
OF_FAMILIES = ["revenue", "margin", "operating_profit"]
QUARTERS = (1, 2, 3, 4)
LEVEL = 0.0005  # of a reference: what is nearer is in line with it


@exhibit(STAGE, title="Outlook by quarter and fiscal year", table="outlook", rows=20, money=True)
def by_quarter(outlook: DataFrame) -> list[Exhibit]:
    """The company's P&L of each fiscal year, by quarter, against what it is compared with."""
    return [_year(outlook, year) for year in _years(outlook)]


@exhibit(EXECUTIVE, title="P&L outlook", table="outlook", rows=20, money=True)
def in_short(outlook: DataFrame) -> Exhibit:
    """The company's P&L of the current fiscal year, by quarter and in all."""
    years = _years(outlook)
    if not years:
        return Exhibit(Headline("The plan ends before any fiscal year does: there is no outlook."))
    return _year(outlook, years[0])


def _years(outlook):
    """The fiscal years that the plan reaches the end of."""
    return sorted(outlook.loc[outlook["quarter"].isna(), "fiscal_year"].unique())


def _year(outlook, year):
    rows = outlook[(outlook["fiscal_year"] == year) & (outlook["item"] == ALL)]
    whole = rows[rows["quarter"].isna()].set_index("measure")
    quarters = rows[rows["quarter"].notna()].astype({"quarter": "int64"})
    wide = grid(quarters, "measure", "outlook", "quarter")
    closed = quarters.groupby("quarter")["closed_months"].max()
    table = DataFrame(index=[line for line in LINES if line in whole.index])
    for quarter in QUARTERS:
        if quarter in wide:
            table[f"q{quarter}_{_state(closed[quarter])}"] = wide[quarter]
    table = table.join(whole[["outlook", *HELD]])
    for reference in HELD:
        table[f"{reference}_variance_ratio"] = _change(table["outlook"], table[reference])
    order = ["outlook", *(name for each in HELD for name in (each, f"{each}_variance_ratio"))]
    shown = table[[*(name for name in table if name.startswith("q")), *order]]
    shown = shown.dropna(axis="columns", how="all").rename_axis("measure").reset_index()
    return Exhibit(_headline(year, whole), table=shown)


def _state(closed):
    """What a quarter is made of."""
    return {0: "plan", 3: "actual"}.get(closed, "actual_and_plan")


def _change(value, reference):
    return (value - reference) / reference.abs().where(reference != 0)


def _headline(year, whole):
    """What the year comes to, what it is compared with, and what is not known of it."""
    name, closed = f"FY {year}", whole["closed_months"].max()
    revenue = whole.loc["revenue"]
    if np.isnan(revenue["outlook"]):
        return Headline(
            "{name}: revenue of closed months is not given, so that there is no outlook.", name=name
        )
    made = f"{closed} months actual, {12 - closed} plan" if closed else "12 months plan"
    said = Headline(
        "{name} outlook ({made}): revenue {revenue:money}",
        name=name,
        made=made,
        revenue=revenue["outlook"],
    )
    said = said + _beside(revenue)
    margin, profit = whole.loc["margin"], whole.loc["operating_profit"]
    if np.isnan(margin["outlook"]):
        which = "planned" if np.isnan(margin["plan"]) else "closed"
        return said + f". It stops at revenue: costs of {which} months are not given."
    if np.isnan(profit["outlook"]):
        said = said + Headline("; margin {margin:money}", margin=margin["outlook"])
        return (
            said + _beside(margin) + ". It stops at margin: overhead of some months is not given."
        )
    said = said + Headline("; operating profit {profit:money}", profit=profit["outlook"])
    return said + _beside(profit) + "."


def _beside(line):
    """How far a line is from each reference that is known."""
    known = [name for name in HELD if abs(line[name]) > 0]  # neither nothing nor unknown
    parts = [_from(line["outlook"] / line[name] - 1, line[name], HELD[name]) for name in known]
    return Headline(", {against}", against=listed(parts)) if parts else Headline("")


def _from(change, reference, name):
    """How far a value is from a reference, in per cent of its size."""
    if abs(change) < LEVEL:
        return f"in line with {name}"
    return f"{percent(abs(change), 1)} {'above' if change * reference > 0 else 'below'} {name}"


@exhibit(STAGE, title="Outlook by family", table="outlook", rows=40, money=True)
def by_family(outlook: DataFrame) -> Exhibit:
    """Each family's fiscal years against budget, prior year and prior cycle; the company first."""
    rows = outlook[outlook["quarter"].isna() & outlook["measure"].isin(OF_FAMILIES)]
    rows = rows[rows["outlook"].notna()]
    for reference in HELD:
        rows = rows.assign(
            **{f"{reference}_variance_ratio": _change(rows["outlook"], rows[reference])}
        )
    order = [name for each in HELD for name in (each, f"{each}_variance_ratio")]
    table = rows[["fiscal_year", "item", "measure", "actual", "plan", "outlook", *order]]
    table = table.assign(fiscal_year="FY " + table["fiscal_year"].astype("str"))
    return Exhibit(_family_headline(rows), table=table.dropna(axis="columns", how="all"))


def _family_headline(rows):
    """Which family misses its budget of the current year by most."""
    parts = rows[(rows["item"] != ALL) & (rows["measure"] == "revenue") & rows["budget"].notna()]
    if parts.empty:
        return Headline("Outlook of each family by fiscal year; no budget covers one.")
    parts = parts[parts["fiscal_year"] == parts["fiscal_year"].min()].set_index("item")
    gap = parts["outlook"] - parts["budget"]
    worst, year = gap.idxmin(), parts["fiscal_year"].iloc[0]
    if gap[worst] >= 0:
        return Headline("Every family reaches its revenue budget of FY {year}.", year=year)
    template = "{family} misses its revenue budget of FY {year} most: {gap:signed_money}."
    return Headline(template, family=worst, year=year, gap=gap[worst])


@exhibit(STAGE, title="Bridge from the prior cycle", table="cycle_bridge", money=True)
def cycle_bridge(cycle_bridge: DataFrame) -> list[Exhibit]:
    """What moved revenue and margin since the last approved cycle, by cause."""
    if cycle_bridge.empty:
        return [Exhibit(Headline("No earlier approved plan is known: nothing to compare with."))]
    company = cycle_bridge[cycle_bridge["family"] == ALL]
    return [_bridge(rows, measure) for measure, rows in company.groupby("measure", sort=False)]


def _bridge(rows, measure):
    sizes = rows.set_index("step")["amount"]
    steps = sizes.drop(["last_cycle", "plan"])
    largest = steps.abs().idxmax()
    headline = Headline(
        "{measure} is {change:signed_money} against the prior cycle in {months:span}; the largest "
        "cause is {cause} ({size:signed_money}).",
        measure=label(measure, of="measure").capitalize(),
        change=sizes["plan"] - sizes["last_cycle"],
        months=bounds([*rows["from_period"], *rows["to_period"]]),
        cause=label(largest, of="step"),
        size=steps[largest],
    )
    chart = Waterfall(
        sizes.reindex([step for step in STEPS if step in sizes.index]),
        ("last_cycle", "plan"),
        unit=f"{money_unit()} of {measure}",
        subtitle="What moved it from the prior cycle's plan to actual and this plan",
    )
    return Exhibit(headline, chart)
