"""Exhibits of the financial review: the P&L by family, and margin by product and by market."""

from pandas import DataFrame

from sopkit.master_data.known_money import PART, fixed_cost_is_known, uncosted_share
from sopkit.reporting.chart_types import HorizontalBars
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import BETTER, WORSE
from sopkit.schema.formatting import bounds, money_unit, some, verb
from sopkit.tables import attach
from sopkit.tables.measures import share

STAGE = "50_financial_review"
LINES = ["quantity", "revenue", "cost_of_sales", "activity_spend", "margin"]
PROFIT = ["overhead", "operating_profit"]
OF_COSTS = ["cost_of_sales", "margin", "operating_profit"]  # not known where costs are not
SHOWN = 15


@exhibit(STAGE, title="P&L by family", table="financial_plan", rows=20)
def money(
    financial_plan: DataFrame,
    unit_economics: DataFrame,
    company_settings: DataFrame | None = None,
) -> Exhibit:
    """What the plan earns, family by family, from revenue to operating profit; to margin where no
    fixed cost is given."""
    lines = list(LINES)
    if (financial_plan["inbound_freight"] > 0).any():
        lines.insert(lines.index("cost_of_sales") + 1, "inbound_freight")
    sums = financial_plan.groupby("family")[[*lines, *PROFIT, "uncosted_revenue"]].sum()
    sums.loc["all"] = sums.sum()
    profit = PROFIT if fixed_cost_is_known(company_settings) else []
    shown = [*lines, "margin_ratio", *profit] if sums["revenue"].any() else ["quantity"]
    table = with_ratio(sums)[shown].reset_index()
    return Exhibit(money_headline(financial_plan, unit_economics), table=table)


def money_headline(financial_plan: DataFrame, unit_economics: DataFrame) -> Headline:
    """What the plan earns, and for how many products prices are only assumed; units, where no
    price is known."""
    if not financial_plan["revenue"].any():
        return Headline(
            "No prices are given: the plan is in units alone, {units:number} in {months:span}.",
            units=financial_plan["quantity"].sum(),
            months=bounds(financial_plan["period"]),
        )
    said = "The plan brings " + earned_said(financial_plan)
    products = unit_economics.drop_duplicates("product")
    assumed = int(products["basis"].str.startswith("assumed").sum())
    if not assumed:
        return said + "."
    what = "prices" if uncosted_share(financial_plan) > 1 - PART else "prices and costs"
    return said + Headline(
        f", with {what} of {{assumed:whole}} of {{products:count product}} assumed.",
        assumed=assumed,
        products=len(products),
    )


def earned_said(financial_plan: DataFrame) -> Headline:
    """Revenue and margin of a plan, or of some of its families, and the months of both."""
    months = Headline(" in {months:span}", months=bounds(financial_plan["period"]))
    said = Headline("{revenue:money} of revenue", revenue=financial_plan["revenue"].sum())
    if uncosted_share(financial_plan) > 1 - PART:
        return said + months + " and an unknown margin, because no costs are given"
    return said + " and " + _margin_said(financial_plan) + months


def _margin_said(financial_plan):
    """The margin: at most so much where some costs are not given."""
    revenue, margin = financial_plan["revenue"].sum(), financial_plan["margin"].sum()
    part = uncosted_share(financial_plan)
    if part > PART:
        template = "at most {margin:money} of margin (no costs are given for {part:percent} of it)"
        return Headline(template, margin=margin, part=part)
    said = Headline("{margin:money} of margin", margin=margin)
    if not revenue:
        return said
    return said + Headline(" ({margin_ratio:percent 1})", margin_ratio=margin / revenue)


def with_ratio(sums: DataFrame) -> DataFrame:
    """Sums with their margin of revenue; what rests on costs that are not given is empty."""
    known = ~(sums["uncosted_revenue"] > PART * sums["revenue"].abs())
    columns = [name for name in OF_COSTS if name in sums]
    sums = sums.assign(**{name: sums[name].where(known) for name in columns})
    return sums.assign(margin_ratio=share("margin_ratio", sums["margin"], sums["revenue"]))


@exhibit(STAGE, title="Margin by product", table="profitability", rows=20, money=True)
def margin_by_product(profitability: DataFrame, products: DataFrame) -> Exhibit:
    """What each product earns after all its costs; the smallest margins first."""
    sums = profitability.groupby("product")[[*LINES, "uncosted_revenue"]].sum()
    table = attach(with_ratio(sums).reset_index(), products[["product", "family"]])
    table = table.sort_values("margin", ignore_index=True)
    headline = _earned(table, "product", "no product")
    columns = ["product", "family", *LINES, "margin_ratio"]
    return Exhibit(headline, _margins(table, "product"), table[columns])


@exhibit(STAGE, title="Margin by market", table="profitability", rows=20, money=True)
def margin_by_market(profitability: DataFrame) -> Exhibit:
    """What each market earns after freight, its activities and its part of all other costs."""
    sold = profitability[profitability["market"].notna()]
    sums = sold.groupby("market")[[*LINES, "uncosted_revenue"]].sum()
    table = with_ratio(sums).reset_index().sort_values("margin", ignore_index=True)
    columns = ["market", *LINES, "margin_ratio"]
    return Exhibit(_earned(table, "market", "no market"), table=table[columns])


def _earned(table, name, none):
    """How many lose money, and which of them most; how many have no known costs."""
    known = table[table["margin"].notna()]
    if known.empty:
        return Headline(f"Margin by {name} is not known: costs are not given.")
    losing = known[known["margin"] < 0]
    if losing.empty and len(table) == 1:
        template = f"The margin of the only {name} is {{share:percent 1}} of its revenue"
        said = Headline(template, share=known["margin_ratio"].iloc[0])
    elif losing.empty:
        least = known.loc[known["margin_ratio"].fillna(1.0).idxmin()]
        said = Headline(
            f"{none.capitalize()} has a negative margin; {{least}} has the lowest, "
            "{share:percent 1} of its revenue",
            least=least[name],
            share=least["margin_ratio"],
        )
    else:
        said = Headline(
            f"{{losing:whole}} of {{all:count {name}}} {{have}} a negative margin, together "
            "{loss:signed_money}: {names}",
            losing=len(losing),
            all=len(known),
            have=verb(len(losing), "has", "have"),
            loss=losing["margin"].sum(),
            names=some(losing[name]),
        )
    unknown = len(table) - len(known)
    if unknown:
        template = f"; costs of {{unknown:count {name}}} are not all given"
        said = said + Headline(template, unknown=unknown)
    return said + "."


def _margins(table, name):
    """The smallest margins, as bars."""
    rows = table[table["margin"].notna()].set_index(name).sort_values("margin").head(SHOWN)
    looks = [WORSE if size < 0 else BETTER for size in rows["margin"]]
    return HorizontalBars(
        rows[["margin"]],
        row_looks=looks,
        labels=True,
        of=int(table["margin"].notna().sum()),
        top=SHOWN,
        unit=f"{money_unit()} of margin",
        subtitle="Margin over the planned months; the smallest first",
    )
