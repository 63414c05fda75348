"""Exhibits of the demand review: what activities bring, and the record of the sales pipeline."""

from pandas import DataFrame

from sopkit.reporting.chart_types import TOP_ROWS, HorizontalBars, Intervals, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.theme import Look, look
from sopkit.schema.formatting import some, verb
from sopkit.schema.tolerances import MATERIAL

STAGE = "30_demand_review"
NOISE = "not significant"
FUNNEL = {"closed_deals": Look("", "#E5C6E0"), "won_deals": Look("", "#B357A3")}


# -------------------------------------------------------------------------------------------------
# activities


@exhibit(STAGE, title="Promotion effects")
def promotion_effects(promotion_effects: DataFrame) -> Exhibit:
    """What activities of each kind brought, by family; all together where there are several."""
    several = promotion_effects.groupby("kind")["family"].transform("count") > 1
    rows = promotion_effects[promotion_effects["family"].notna() | several]
    table = rows.assign(family=rows["family"].fillna("all families"))
    return Exhibit(_effects_headline(promotion_effects), table=table)


def _effects_headline(promotion_effects):
    kinds = promotion_effects[promotion_effects["family"].isna()]
    if kinds.empty:
        return Headline("No past activity shows what an activity brings.")
    rows = [
        {
            "kind": row.kind,
            "lift": row.lift_ratio,
            "low": row.low_ratio,
            "high": row.high_ratio,
            "noise": f", {NOISE}" if row.low_ratio <= 0 <= row.high_ratio else "",
        }
        for row in kinds.sort_values("lift_ratio", ascending=False, kind="stable").itertuples()
    ]
    template = (
        "{kind} {lift:signed_percent} (95 % interval {low:signed_percent} to "
        "{high:signed_percent}{noise})"
    )
    said = Headline("What past activities did to demand: ")
    return said + Headline.each(template, rows, "; ") + "."


@exhibit(STAGE, title="Activities: spend and revenue", money=True)
def campaigns(campaign_revenue: DataFrame) -> Exhibit:
    """What activities cost and bring, and which spends most of what it brings."""
    return Exhibit(_campaigns_headline(campaign_revenue), table=campaign_revenue)


def _campaigns_headline(rows):
    if rows.empty:
        return Headline("No activity is planned in these months.")
    said = Headline(
        "Activities generate {revenue:money} of revenue for {spend:money} spent",
        revenue=rows["revenue"].sum(),
        spend=rows["spend"].sum(),
    )
    nothing = rows.loc[rows["revenue"] <= 0, "activity"]
    if len(nothing):
        brings = verb(len(nothing), "brings", "bring")
        template = "; {nothing} {brings} nothing."
        return said + Headline(template, nothing=some(nothing), brings=brings)
    share = rows.set_index("activity")["spend"] / rows["revenue"].to_numpy()
    template = "; the dearest is {dearest}, which spends {share:percent} of what it brings."
    return said + Headline(template, dearest=share.idxmax(), share=share.max())


@exhibit(STAGE, title="Reach of activities")
def reach(reach_in_plan: DataFrame) -> Exhibit:
    """Whether the planned reach is enough for what the plan counts on."""
    return Exhibit(_reach_headline(reach_in_plan), table=reach_in_plan)


def _reach_headline(rows):
    if rows.empty:
        said = "No planned activity has funnel rates: the reach it needs is not known."
        return Headline(said)
    names = some(rows["activity"])
    if rows["reach"].isna().all():
        return Headline("No reach is planned for {names}, which the plan counts on.", names=names)
    short = rows[rows["required_reach"] > rows["reach"] + MATERIAL]
    if short.empty:
        said = "The reach that is planned is enough for what the plan counts on from {names}."
        return Headline(said, names=names)
    worst = short.loc[(short["required_reach"] - short["reach"]).idxmax()]
    return Headline(
        "{activity} needs a reach of {required:number} people for the {units:number} units the "
        "plan counts on; {planned:number} are planned.",
        activity=worst["activity"],
        required=worst["required_reach"],
        units=worst["quantity"],
        planned=worst["reach"],
    )


@exhibit(STAGE, title="Funnel rates of past activities")
def rates(estimated_rates: DataFrame) -> Exhibit:
    """The funnel rates that past activities have shown, by kind."""
    rows = estimated_rates[estimated_rates["opportunities"] > 0]
    if rows.empty:
        said = (
            "No deal on record came from a past activity: funnel rates stand as they were stated."
        )
        return Exhibit(Headline(said), table=rows)
    said = "Deals that came from past activities show the rates of {kinds}."
    return Exhibit(Headline(said, kinds=some(rows["kind"])), table=rows)


# -------------------------------------------------------------------------------------------------
# the sales pipeline


@exhibit(STAGE, title="Open and closed deals by stage")
def stage_win_rates(stage_win_rates: DataFrame) -> Exhibit:
    """The funnel of closed deals, the share won with its interval, and the chance stated."""
    headline = _stages_headline(stage_win_rates)
    return Exhibit(headline, _funnel(stage_win_rates), stage_win_rates)


def _funnel(stage_win_rates):
    stages = stage_win_rates.head(TOP_ROWS)
    names = [f"{row.stage} ({row.closed_deals:,} closed)" for row in stages.itertuples()]
    deals = HorizontalBars(
        stages[["closed_deals", "won_deals"]].set_axis(names),
        arranged="within",
        centred=True,
        labels=[f"{won:,} won" if won else "" for won in stages["won_deals"]],
        looks=FUNNEL,
        top=TOP_ROWS,
        row=0.3,
        unit="closed deals; dark: won in the end",
    )
    ranges = stages[["won_ratio", "low_ratio", "high_ratio"]].set_axis(names)
    won = Intervals(
        ranges.set_axis(["value", "low", "high"], axis=1),
        points=stages[["stated_ratio"]].set_axis(names),
        looks={
            "value": look("consensus", label="won, with 95 % interval"),
            "stated_ratio": look("opportunity_demand", label="stated for open deals", marker="D"),
        },
        row=0.3,
        shares=True,
        limits=(0, 1),
        unit="of the deals that entered the stage",
    )
    return SmallMultiples(
        [deals, won],
        share_y=True,
        showing=len(stages),
        of=len(stage_win_rates),
        subtitle="Left: closed deals that reached each stage. Right: the share of them that "
        "was won, "
        "with its 95 % interval",
    )


def _stages_headline(stage_win_rates):
    if stage_win_rates.empty:
        return Headline(
            "No stage history is known: closed deals do not tell how likely a deal is at its stage."
        )
    both = stage_win_rates["open_deals"].gt(0) & stage_win_rates["won_ratio"].notna()
    both = stage_win_rates[both]
    if both.empty:
        return Headline(
            "No stage has both open and closed deals: CRM win probabilities cannot be compared "
            "with a record."
        )
    off = both[~both["stated_ratio"].between(both["low_ratio"], both["high_ratio"])]
    if off.empty:
        return Headline(
            "At every stage the chance that is stated agrees with the record of "
            "{closed:count closed deal}.",
            closed=int(both["closed_deals"].max()),
        )
    rows = off.rename(columns={"stated_ratio": "stated", "won_ratio": "won"})
    rows = rows[["stage", "stated", "won", "closed_deals"]].to_dict("records")
    template = (
        "at {stage} {stated:percent} is stated, and {won:percent} of "
        "{closed_deals:count closed deal} were won"
    )
    said = Headline("CRM win probabilities differ from actual win rates: ")
    said = said + Headline.each(template, rows, "; ")
    return said + ("." if len(off) == len(both) else "; elsewhere the two agree.")


@exhibit(STAGE, title="Win rates")
def win_rates(win_rates: DataFrame) -> Exhibit:
    """How likely open deals are said to be, beside how many of the closed ones were won."""
    return Exhibit(_win_headline(win_rates), table=win_rates)


def _win_headline(rows):
    if rows.empty:
        return Headline("No deal, open or closed, is on record.")
    opened, closed = int(rows["open_deals"].sum()), int(rows["closed_deals"].sum())
    said = Headline("No deal is open")
    if opened:
        said = Headline(
            "{opened:count open deal} {are} given a chance of {stated:percent} on average",
            opened=opened,
            are=verb(opened, "is", "are"),
            stated=(rows["stated_ratio"] * rows["open_deals"]).sum() / opened,
        )
    if not closed:
        return said + "; no closed deal is on record to compare that with."
    return said + Headline(
        "; of {closed:count closed deal} {won:percent} {were} won.",
        closed=closed,
        won=(rows["won_ratio"] * rows["closed_deals"]).sum() / closed,
        were=verb(closed, "was", "were"),
    )
