"""Exhibits of what the demand plan rests on: reconciliation, prices, one product in depth."""

from pandas import DataFrame

from sopkit.reporting.chart_types import (
    Bars,
    Intervals,
    Lines,
    SmallMultiples,
)
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import GREY, Look, look
from sopkit.schema.formatting import in_currency, percent, sold_in, some

STAGE = "30_demand_review"
SHOWN_PRODUCTS = 12
CANDIDATES = {
    "method": "method",
    "kind": "kind",
    "held_out_wape": "wape",
    "held_out_bias": "bias",
    "aicc": "AICc",
    "ljung_box_p_value": "pattern_by_chance_ratio",
    "conclusion": "conclusion",
}


# -------------------------------------------------------------------------------------------------
# reconciliation


@exhibit(STAGE, title="Reconciliation methods", table="reconciliation_scores")
def reconciliation(reconciliation_scores: DataFrame) -> Exhibit:
    """The error of each way to make products and families agree, the best way first."""
    used = reconciliation_scores["chosen"].map({True: "used", False: ""})
    names = {"wape": "product_ratio", "family_wape": "family_ratio", "total_wape": "total_ratio"}
    shown = ["plan", "reconciliation", *names, "gain_ratio", "low_ratio", "high_ratio"]
    rows = reconciliation_scores.assign(plan=used)
    rows = rows.sort_values("gain_ratio", ascending=False, kind="stable")
    return Exhibit(
        _reconciliation_headline(reconciliation_scores), table=rows[shown].rename(columns=names)
    )


def _reconciliation_headline(reconciliation_scores):
    rows = reconciliation_scores.set_index("reconciliation")
    way = rows.index[rows["chosen"]][0]
    plan, plain = rows.loc[way], rows.loc["bottom-up"]
    if way == "bottom-up":
        template = "The plan adds products up, as they are forecast: {reason}."
        return Headline(template, reason=plain["reason"])
    return Headline(
        "The plan reconciles by {way}: over {families} families it took {gain:percent 1} of demand "
        "off last year's error (95 % interval {low:percent 1} to {high:percent 1}); products "
        "missed "
        "by {wape:percent 1} instead of {plain:percent 1}, families by {family_wape:percent 1} "
        "instead of {family_plain:percent 1}.",
        way=way,
        families=plan["families"],
        gain=plan["gain_ratio"],
        low=plan["low_ratio"],
        high=plan["high_ratio"],
        wape=plan["wape"],
        plain=plain["wape"],
        family_wape=plan["family_wape"],
        family_plain=plain["family_wape"],
    )


# -------------------------------------------------------------------------------------------------
# prices


@exhibit(
    STAGE,
    title="Price elasticity by product, most precise first",
)
def price_effects(price_elasticity: DataFrame) -> Exhibit:
    """The price elasticity of demand, by product, the best known first, and whether the plan uses
    it.

    Products that only take over their family's effect are left out.
    """
    stated = price_elasticity["low_ratio"].isna()
    own = price_elasticity["elasticity_ratio"].notna() & (stated | (price_elasticity["series"] > 0))
    known = price_elasticity[own].sort_values("standard_error", kind="stable", na_position="first")
    names = known["product"].fillna(known["family"] + ", all products")
    names = names + (", " + known["market"].astype("str")).fillna("")
    known = known.assign(product=known["product"].fillna("all products"))
    ranges = ["elasticity_ratio", "low_ratio", "high_ratio"]
    shown = known[ranges].set_axis(["value", "low", "high"], axis=1).set_axis(names)
    chart = Intervals(
        shown.assign(**{end: shown[end].fillna(shown["value"]) for end in ("low", "high")}),
        looks={"value": look("consensus", label="")},
        top=SHOWN_PRODUCTS,
        row=0.26,
        zero=True,
        unit="% of demand for 1 % on the price",
        subtitle="What is known of each product or family, best known first; the line is the 95 % "
        "interval",
    )
    columns = dict(zip(ranges, ["elasticity", "elasticity_from", "elasticity_to"], strict=True))
    table = known[["family", "product", "market", *ranges, "basis", "in_plan"]]
    headline = _prices_headline(price_elasticity) + _prices_in_plan(price_elasticity)
    return Exhibit(headline, chart, table.rename(columns=columns))


def _prices_in_plan(price_elasticity):
    """How many products answer in the plan where a scenario or decision changes their price."""
    products = price_elasticity["product"].nunique()
    answer = price_elasticity.loc[price_elasticity["in_plan"], "product"].nunique()
    if not answer:
        return Headline(" Demand is planned as if it did not react to prices.")
    said = (
        " Where a scenario or decision changes a price, demand of {answer} of {products} products "
        "reacts by it"
    )
    rest = "." if answer == products else "; that of the others is planned as if it did not react."
    return Headline(said + rest, answer=answer, products=products)


def _prices_headline(price_elasticity):
    families = price_elasticity[price_elasticity["product"].isna()]
    known = families[families["elasticity_ratio"].notna()]
    if known.empty:
        reasons = families["basis"].str.removeprefix("no estimate: ").value_counts()
        why = f": {reasons.index[0]}" if len(reasons) else ""
        return Headline("What a price change does to demand is not known{why}.", why=why)
    said = [
        Headline(
            "{family} {effect:+.1f} % (95 % interval {low:+.1f} to {high:+.1f})",
            family=row.family,
            effect=row.elasticity_ratio,
            low=row.low_ratio,
            high=row.high_ratio,
        )
        for row in known.itertuples()
    ]
    effects = known.set_index("family")["elasticity_ratio"].to_dict()
    start = Headline("Price elasticity: ")
    headline = start + some(said) + Headline("", effects=effects)
    silent = len(families) - len(known)
    if not silent:
        return headline + "."
    template = "; {silent:whole} of {families:whole} families have no significant estimate."
    return headline + Headline(template, silent=silent, families=len(families))


# -------------------------------------------------------------------------------------------------
# one product in depth, one number explained


@exhibit(STAGE, title="Product diagnostics")
def depth(
    diagnosed_series: DataFrame, pattern_tests: DataFrame, decomposition: DataFrame
) -> Exhibit:
    """One product's demand with its trend, what the season adds, and what neither explains."""
    headline = _depth_headline(diagnosed_series, pattern_tests)
    return Exhibit(headline, _decomposed(decomposition.set_index("period")))


def _depth_headline(series, pattern_tests):
    if series.empty:
        return Headline("No A product has three years of history up to now to look into.")
    product, market = series[["product", "market"]].iloc[0]
    found = pattern_tests.set_index("test")["conclusion"]
    return Headline(
        "{sold}, the A product that is forecast worst, has a {season} season and a {trend} trend.",
        sold=sold_in(product, market),
        season=found["strength of season"],
        trend=found["strength of trend"],
    )


def _decomposed(months):
    whole = Lines(
        months[["observed", "trend"]],
        looks={
            "observed": look("cleansed", width=1.3),
            "trend": look("consensus", label="trend"),
        },
        unit="units",
    )
    most = months[["seasonal", "remainder"]].abs().to_numpy().max(initial=0.0) * 1.1
    one_scale = {"unit": "units", "limits": (-most, most)}
    season = {"seasonal": look("baseline", label="")}
    rest = {"remainder": Look("", GREY)}
    panels = [
        whole,
        Bars(months[["seasonal"]], looks=season, title="season", **one_scale),
        Bars(months[["remainder"]], looks=rest, title="remainder", **one_scale),
    ]
    return SmallMultiples(
        panels,
        1,
        share_x=True,
        height=3.8,
        heights=[2, 1, 1],
        subtitle="Units a month: demand with its trend, what the season adds, and what neither "
        "explains",
    )


@exhibit(STAGE, title="Tests for seasonality and trend")
def pattern_tests(pattern_tests: DataFrame) -> Exhibit:
    """Whether season and trend are significant, with the p-value as a share."""
    table = pattern_tests.rename(columns={"p_value": "by_chance_ratio"})
    tests = ~pattern_tests["test"].str.startswith("strength")
    tested = list(pattern_tests.loc[tests, "conclusion"])
    if not tested:
        return Exhibit(Headline("No season and no trend could be tested."), table=table)
    said = "Tested against chance: {tested}."
    return Exhibit(Headline(said, tested="; ".join(tested)), table=table)


@exhibit(STAGE, title="Forecast models compared")
def candidates(model_scores: DataFrame) -> Exhibit:
    """The methods on the months held out, the one that came closest first."""
    rows = model_scores.sort_values("held_out_wape", kind="stable")
    table = rows[list(CANDIDATES)].rename(columns=CANDIDATES)
    return Exhibit(_candidates_headline(model_scores), table=table)


def _candidates_headline(methods):
    known = methods[methods["held_out_wape"].notna()]
    if known.empty:
        return Headline("There is nothing to let other methods forecast.")
    best = known.loc[known["held_out_wape"].idxmin()]
    engine = known.loc[known["kind"] == "engine", "held_out_wape"].iloc[0]
    if percent(engine, 1) == percent(best["held_out_wape"], 1):
        return Headline(
            "Of {methods:whole} methods none came closer to the last twelve months than the "
            "engine, which missed by {engine:percent 1}.",
            methods=len(known),
            engine=engine,
        )
    return Headline(
        "{method} came closest to the last twelve months, missing by {closest:percent 1}; "
        "the engine missed by {engine:percent 1}.",
        method=best["method"],
        closest=best["held_out_wape"],
        engine=engine,
    )


@exhibit(STAGE, title="Data lineage example")
def explanation(explanation: DataFrame) -> Exhibit:
    """The lines of an explanation, each set in under what it explains; of any stage."""
    asked = explanation.iloc[0]
    unit = f" {in_currency(asked['unit'])}" if asked["unit"] else ""
    known = explanation["value"].notna().iloc[0]
    template = "{what} is {value:,.1f}{unit}" if known else "{what} is not known"
    headline = Headline(
        template + "; it rests on {sources:count place} of the inputs.",
        what=" ".join(asked["what"].split()),
        value=asked["value"],
        unit=unit,
        sources=explanation.loc[explanation["source"] != "", "source"].nunique(),
    )
    return Exhibit(headline, table=_explained(explanation))


def _explained(explanation):
    outer = explanation["what"].str.rpartition("  ")[2]
    names = explanation["what"].where(explanation["level"] > 0, outer)
    reasoned = explanation["author"] + ": " + explanation["reason"]
    said = explanation["author"].where(explanation["reason"] == "", reasoned)
    given = (explanation["source"] + "; " + said.str.removeprefix(": ")).str.strip("; ")
    inset = explanation["level"].map(lambda level: "\u2003" * level)
    units = explanation["unit"].map(in_currency, na_action="ignore")
    table = explanation.assign(what=inset + names, given=given, unit=units)
    return table[["what", "value", "unit", "how", "given"]]
