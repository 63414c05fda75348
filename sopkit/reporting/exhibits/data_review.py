"""Exhibits of the data review: what was given, what is wrong with it, and how the company did."""

from pandas import DataFrame

from sopkit.data_quality.currency_checks import rates_told
from sopkit.reporting.chart_types import Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import largest_first
from sopkit.reporting.theme import look
from sopkit.schema.formatting import bounds, currency_of, listed, more_or_less, sold_in, verb
from sopkit.schema.glossary import label

STAGE = "10_data_review"
WAYS = (("produced_here", "made"), ("purchased_here", "purchased"))  # in which stock is supplied
SHOWN_DOUBTS = 10
SHOWN_FAMILIES = 6
KPI = ["measure", "period", "value", "target", "statement"]
ISSUE = ["severity", "table", "message", "handling", "row_key"]


@exhibit(STAGE, title="Prices and costs", table="unit_economics")
def prices(
    unit_economics: DataFrame,
    exchange_rates: DataFrame | None = None,
    company_settings: DataFrame | None = None,
) -> Exhibit:
    """What prices and costs rest on, and at which rates other currencies are converted."""
    bases = unit_economics.drop_duplicates("product")["basis"].value_counts()
    rows = [{"basis": basis, "products": int(number)} for basis, number in bases.items()]
    each = Headline.each("{basis} ({products:count product})", rows, "; ")
    said = Headline("Prices and costs rest on: ") + each + "."
    if exchange_rates is None:
        return Exhibit(said)
    own = currency_of(company_settings)
    rates = [
        {"currency": currency, "rates": rates_told(exchange_rates, currency, own)}
        for currency in exchange_rates["currency"].unique()
    ]
    return Exhibit(
        said + " " + Headline.each("{currency} is converted at {rates}", rates, "; ") + "."
    )


@exhibit(STAGE, title="Working days", table="work_calendar")
def working_days(work_calendar: DataFrame) -> Exhibit:
    """How many days the sites work, and where most and fewest."""
    days = (work_calendar["hours"] > 0).groupby(work_calendar["site"]).sum()
    figures = {"most": int(days.max()), "months": bounds(work_calendar["period"])}
    if days.max() == days.min():
        work = verb(len(days), "works", "work")
        said = "{sites:count site} {work} {most:count day} in {months:span}."
        return Exhibit(Headline(said, sites=len(days), work=work, **figures))
    said = "{busiest} works {most:count day} in {months:span}, {idlest} {fewest}."
    figures |= {"busiest": days.idxmax(), "idlest": days.idxmin(), "fewest": int(days.min())}
    return Exhibit(Headline(said, **figures))


@exhibit(STAGE, title="Products, sites and stock", table="item_locations", rows=6)
def places(sourcing_network: DataFrame, item_locations: DataFrame) -> Exhibit:
    """Where products are made and held, the largest stock first, and who serves the markets."""
    stock, sites = item_locations["on_hand"].sum(), sourcing_network["site"].nunique()
    ways = [_supplied(item_locations, *way) for way in WAYS]
    served = Headline(
        "{sites:count site} {serve} {markets:count market}",
        sites=sites,
        serve=verb(sites, "serves", "serve"),
        markets=sourcing_network["market"].nunique(),
    )
    held = Headline("no opening stock is known")
    if stock:
        held = Headline("{stock:number} units are in stock", stock=stock)
    said = Headline.joined([*(way for way in ways if way), served, held], "; ") + "."
    return Exhibit(said, table=largest_first(item_locations, item_locations["on_hand"]))


def _supplied(item_locations, here, way):
    """How many products are made or bought, and at how many sites; "" where none is."""
    rows = item_locations[item_locations[here]]
    if rows.empty:
        return ""
    template = f"{{{way}:count product}} {{are}} {way} at {{{way}_sites:count site}}"
    many = rows["product"].nunique()
    figures = {way: many, f"{way}_sites": rows["site"].nunique()}
    return Headline(template, are=verb(many, "is", "are"), **figures)


@exhibit(STAGE, title="Largest cleansing adjustments", table="demand_history")
def cleaning(products: DataFrame, demand_history: DataFrame) -> Exhibit:
    """Sold beside cleaned demand, a panel for each of the largest families; corrections."""
    changed = demand_history[demand_history["cleansing_adjustment"] != 0]
    table = largest_first(changed, changed["cleansing_adjustment"].abs())
    chart = _history_by_family(products, demand_history)
    return Exhibit(_cleaning_headline(demand_history, changed), chart, table)


def _cleaning_headline(demand_history, changed):
    if changed.empty:
        return Headline("History stands as it was sold: nothing was corrected.")
    size = changed["cleansing_adjustment"]
    said = Headline(
        "Cleansing changed {changed:whole} of {months:whole} months of sales, by {share:percent 1} "
        "of what was sold: ",
        changed=len(changed),
        months=len(demand_history),
        share=size.abs().sum() / demand_history["quantity"].sum(),
    )
    units = size.groupby(changed["finding"].fillna("other causes")).sum()
    units = units.loc[units.abs().sort_values(ascending=False, kind="stable").index]
    rows = [
        {"units": value, "finding": label(finding, of="finding")}
        for finding, value in units.items()
    ]
    return said + Headline.each("{finding} {units:signed} units", rows) + "."


def _history_by_family(products, demand_history):
    family = demand_history["product"].map(products.set_index("product")["family"])
    largest = demand_history.groupby(family)["quantity"].sum().nlargest(SHOWN_FAMILIES).index
    others = f"{family.nunique() - len(largest)} other families"
    panel = family.where(family.isin(largest), others).rename("family")
    months = demand_history.groupby([panel, "period"])[["quantity", "cleansed"]].sum()
    names = dict.fromkeys([*largest, *panel.unique()])
    looks = {name: look(name, width=1.3) for name in months}
    panels = [Lines(months.loc[name], looks=looks, unit="units", title=name) for name in names]
    return SmallMultiples(
        panels,
        share_x=True,
        subtitle="Units a month, family by family; dashed: sold, where it differs from demand",
    )


@exhibit(STAGE, title="Findings in the sales history to review", table="history_findings")
def history_doubts(history_findings: DataFrame) -> Exhibit:
    """The findings of low or medium confidence, the largest effect on a year's forecast first."""
    open_ones = history_findings[history_findings["confidence"] != "high"]
    table = largest_first(open_ones, open_ones["effect_units"].abs()).head(SHOWN_DOUBTS)
    if open_ones.empty:
        return Exhibit(Headline("No finding in the sales history needs review."), table=table)
    first = table.iloc[0]
    said = Headline(
        "{findings:count finding} in the sales history to review; the largest effect on a year's "
        "forecast is {sold}, {months:span}: {effect:signed} units.",
        findings=len(open_ones),
        sold=sold_in(first["product"], first["market"]),
        months=(first["from_period"], first["to_period"]),
        effect=first["effect_units"],
    )
    return Exhibit(said, table=table)


@exhibit(STAGE, title="Data issues", table="data_issues", rows=4)
def data_issues(data_issues: DataFrame) -> Exhibit:
    """The data issues by severity, the largest first."""
    return Exhibit(_issues_headline(data_issues), table=data_issues[ISSUE])


def _issues_headline(data_issues):
    if data_issues.empty:
        return Headline("No issue was found in the data.")
    counts = data_issues["severity"].value_counts()
    levels = [level for level in ("critical", "major", "minor") if level in counts]
    rows = [{"number": int(counts[level]), "severity": level} for level in levels]
    said = Headline.each("{number:whole} {severity}", rows)
    worst = data_issues.iloc[0]
    if worst["severity"] == "critical":
        named = Headline("{found:count data issue} (", found=len(data_issues))
        return named + said + Headline("); critical: {worst}.", worst=worst["message"])
    start = "No critical data issues; {found:count other} ("
    return Headline(start, found=len(data_issues)) + said + ")."


@exhibit(STAGE, title="KPIs", table="kpis", rows=20)
def kpis(kpis: DataFrame) -> Exhibit:
    """The newest value of each measure beside its target."""
    newest = kpis.sort_values("period").groupby("measure", sort=False).tail(1)
    return Exhibit(_kpis_headline(kpis), table=newest[KPI])


def _kpis_headline(kpis):
    measures = kpis.groupby("measure")["value"].count()
    known, unknown = int((measures > 0).sum()), int((measures == 0).sum())
    if not known:
        return Headline("The data do not say how the company did.")
    said = Headline(
        "{known:count measure} of how the company did, {months:span}",
        known=known,
        months=bounds(kpis["period"]),
    )
    if unknown:
        template = "; {unknown:count measure} cannot be known from the data"
        said = said + Headline(template, unknown=unknown)
    held = kpis[kpis["value"].notna() & kpis["target"].notna() & (kpis["target"] != 0)]
    return (_against_target(held) if len(held) else Headline("")) + said + "."


def _against_target(held):
    """How the newest value of each measure stands to its target."""
    newest = held.sort_values("period").drop_duplicates("measure", keep="last")
    newest = newest.sort_values("measure", kind="stable")
    change = newest["value"] / newest["target"] - 1
    names = [label(measure, short=True, of="measure") for measure in newest["measure"]]
    parts = [
        Headline(f"{{name}} {more_or_less(part, 'above', 'below')}", name=name)
        for name, part in zip(names, change, strict=True)
    ]
    said = Headline("In {newest:month}, against target: ", newest=newest["period"].iloc[-1])
    against = dict(zip(newest["measure"], change, strict=True))
    return said + Headline("{parts}", parts=listed(parts)) + Headline(". ", against=against)


@exhibit(STAGE, title="Assumptions", rows=40)
def assumptions(assumed: DataFrame) -> Exhibit:
    """The tables that a review had to do without, and what the plan takes instead; of any stage."""
    if assumed.empty:
        said = "All input tables supplied; no defaults applied."
        return Exhibit(Headline(said), table=assumed)
    said = "{tables:count table} {are} absent; this is what the plan takes instead."
    are = verb(len(assumed), "is", "are")
    return Exhibit(Headline(said, tables=len(assumed), are=are), table=assumed)
