"""Exhibits of options: what was tried, what it does like for like, and what limits are worth."""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.reporting.chart_types import TOP, HorizontalBars, Points
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.pre_sop import sentence
from sopkit.reporting.exhibits.rows import largest_first
from sopkit.reporting.theme import TOTAL, Look
from sopkit.schema.formatting import closing, listed, money_unit, verb
from sopkit.schema.tolerances import MATERIAL

STAGE = "60_pre_sop"
OTHER_OPTION = Look("other", "#B8C4CC", "-", "///")
ON_FRONTIER = 7  # plans shown
TRADED = {  # what the frontier trades: column -> which way is better
    "margin_effect": 1,
    "inventory_effect": -1,
    "service_effect": 1,
    "headcount_effect": -1,
}
GIVEN_UP = {
    "inventory_effect": "more inventory",
    "service_effect": "a lower fill rate",
    "headcount_effect": "more people",
}
OPTION = [
    "decision", "statement", "recommended", "gap_closed_ratio", "margin_effect", "revenue_effect",
    "cash_effect", "inventory_effect", "headcount_effect", "service_effect", "note",
]  # fmt: skip
SAME = 1e-9  # of an effect: a smaller difference is rounding
PLANNED, WITHOUT_EFFECT, NOT_TRIED = "planned", "without effect", "not tried"


@exhibit(STAGE, title="Options evaluated", table="option_changes", rows=20)
def proposals(option_changes: DataFrame) -> Exhibit:
    """The options that were tried, a row each."""
    options = option_changes.drop_duplicates("scenario")
    headline = Headline("The changes that were tried for gaps and policies")
    return Exhibit(headline, table=options[["gap", "scenario", "statement"]])


@exhibit(STAGE, title="Search for options", table="tried_options", rows=20)
def tried(tried_options: DataFrame) -> Exhibit:
    """Every move and combination of the search, tried or not, and what rules it out."""
    if tried_options.empty:
        return Exhibit(Headline("No move touches a gap or a policy."), table=tried_options)
    counts = tried_options["outcome"].value_counts()
    alone = tried_options["moves"] == 1
    said = Headline(
        "{moves:count move} and {combinations:count combination} were planned",
        moves=int((alone & (tried_options["outcome"] != NOT_TRIED)).sum()),
        combinations=int((~alone).sum()),
    )
    if idle := int(counts.get(WITHOUT_EFFECT, 0)):
        said += Headline("; {idle} of them had no effect", idle=idle)
    if left := int(counts.get(NOT_TRIED, 0)):
        template = "; {left:count move} {were} not tried, for the what-ifs were used up"
        said += Headline(template, left=left, were=verb(left, "was", "were"))
    order = np.lexsort([~tried_options["best"], tried_options["outcome"] == NOT_TRIED])
    rows = tried_options.iloc[order].drop(columns=["scenario", "gap"])
    return Exhibit(said + ".", table=rows)


@exhibit(STAGE, title="Options by decision, recommended first", table="decision_options")
def options(decision_options: DataFrame) -> Exhibit:
    """What each option does, like for like, and how much of its gap it closes."""
    return Exhibit(
        _options_headline(decision_options),
        _effects(decision_options),
        decision_options[OPTION],
    )


def _options_headline(rows):
    if rows.empty:
        return Headline("No change of the inputs was found that could close a gap.")
    planned, chosen = rows["scenario"].nunique(), rows[rows["recommended"]]
    was = verb(planned, "was", "were")
    said = Headline("{planned:count option} {was} planned", planned=planned, was=was)
    if rows["margin_effect"].isna().all():
        return said + "; their effects on margin are not known: no costs are given."
    if chosen.empty:
        return said + f"; {_why_none(rows)}."
    best = chosen.loc[chosen["margin_effect"].idxmax()]
    return said + Headline(
        ", {recommended:whole} recommended; the best changes margin by {margin:signed_money}: "
        "{best}",
        recommended=len(chosen),
        margin=best["margin_effect"],
        best=sentence(best["statement"]),
    )


def _why_none(rows):
    """Why no option is recommended."""
    adds = rows[rows["margin_effect"] > MATERIAL]
    if adds.empty:
        return "none adds to the margin"
    if adds["note"].notna().all():
        return "none is recommended: those that add to the margin depend on a judgement"
    if not adds["allowed"].any() and adds["note"].isna().all():
        return "none is recommended: those that add to the margin break a binding goal"
    return "none is recommended"


def _effects(decision_options):
    """Each option once, for the decision that recommends it or of which it closes most; the
    recommended ones first, then by what they change of the margin."""
    rows = decision_options.assign(size=decision_options["margin_effect"].abs())
    best_first = ["recommended", "gap_closed_ratio"]
    rows = rows.sort_values(best_first, ascending=False, kind="stable").drop_duplicates("scenario")
    many = len(rows)
    rows = rows.sort_values(["recommended", "size"], ascending=False, kind="stable").head(TOP)
    rows = rows.sort_values(["recommended", "margin_effect"], ascending=False, kind="stable")
    return HorizontalBars(
        rows[["margin_effect"]].set_axis(rows["statement"]),
        row_looks=[TOTAL if advised else OTHER_OPTION for advised in rows["recommended"]],
        labels=[
            f"{'recommended, ' if row.recommended else ''}{closing(row.gap_closed_ratio)}"
            for row in rows.itertuples()
        ],
        of=many,
        unit=f"{money_unit()}, change of margin",
        row=0.31,
        subtitle="Change of margin by each option, and what it does to its gap; blue: recommended",
    )


@exhibit(
    STAGE,
    title="Frontier of margin, inventory, service and headcount",
    table="tried_options",
    money=True,
)
def frontier(tried_options: DataFrame, gap_options: DataFrame) -> Exhibit:
    """The plans of which none is better in everything: what each gains and what it gives up."""
    effects = gap_options.drop_duplicates("scenario").set_index("scenario")
    fit = tried_options[tried_options["allowed"] & tried_options["note"].isna()]
    fit = fit[fit["scenario"].isin(effects.index)].reset_index(drop=True)
    if len(effects) and effects["margin_effect"].isna().all():
        said = "No frontier: margin is not known, because no costs are given."
        return Exhibit(Headline(said), table=fit)
    if fit.empty:
        return Exhibit(Headline(_no_frontier(tried_options)), table=fit)
    every = fit.join(effects[list(TRADED)], on="scenario")
    worth = every[list(TRADED)].to_numpy() * np.array(list(TRADED.values()))
    rows = every[_undominated(worth)]
    chosen = rows[rows["best"]].sort_values("moves").tail(1)
    shown = largest_first(rows, rows["margin_effect"]).head(ON_FRONTIER)
    shown = pd.concat([chosen, shown]).drop_duplicates("scenario")
    others = every[~every["scenario"].isin(shown["scenario"])]
    table = shown[["statement", "moves", *TRADED]]
    table.insert(0, "option", np.arange(1, len(shown) + 1))
    headline = _frontier_headline(rows, chosen)
    return Exhibit(headline, _traded(shown, others, marked=0 if len(chosen) else None), table)


def _no_frontier(tried_options):
    """Why no option is on the frontier."""
    if tried_options.empty:
        return "No option was tried."
    if tried_options["allowed"].any():
        return "No option is on the frontier: each depends on a judgement."
    return "No option keeps within the binding goals."


def _traded(shown: DataFrame, others: DataFrame, marked: int | None) -> Points:
    """Margin against peak inventory; service and headcount stand beside the points."""
    labels = [
        f"{number}{' recommended' if number - 1 == marked else ''}: fill rate "
        f"{_signed(100 * row.service_effect, 1)} points, people {_signed(row.headcount_effect, 0)}"
        for number, row in enumerate(shown.itertuples(), start=1)
    ]
    columns = ["inventory_effect", "margin_effect"]
    return Points(
        pd.concat([shown[columns], others[columns]], ignore_index=True),
        labels=labels,
        marked=marked,
        unit=f"{money_unit()}, change of margin",
        unit_across="change of peak inventory at cost",
        origin="base plan",
        subtitle="What each option adds to margin and to peak inventory, as in the table; pale: "
        "options that it does not list",
    )


def _signed(change: float, digits: int) -> str:
    """A change with its sign; what rounds to nothing has none."""
    rounded = round(change, digits)
    return f"{rounded:+.{digits}f}" if rounded else "0"


def _undominated(worth: np.ndarray) -> np.ndarray:
    """Mark the rows that no other row beats in one thing and equals in the others."""
    more = worth[None, :, :] - worth[:, None, :]
    beaten = (more >= -SAME).all(axis=2) & (more > SAME).any(axis=2)
    return ~beaten.any(axis=1) & (np.abs(worth) > SAME).any(axis=1)


def _frontier_headline(rows, chosen):
    said = Headline("{plans:count plan} {are} on the frontier", plans=len(rows),
                    are=verb(len(rows), "is", "are"))  # fmt: skip
    if chosen.empty:
        return said + "; none of them is recommended."
    best = chosen.iloc[0]
    said += "; the recommended one is on it because " + _why(rows, best)
    return said + Headline(
        ": margin {margin:signed_money}, peak inventory {inventory:signed_money}, headcount "
        "{headcount:+,.0f} and fill rate {points} points.",
        margin=best["margin_effect"],
        inventory=best["inventory_effect"],
        headcount=best["headcount_effect"],
        points=f"{100 * best['service_effect']:+.1f}",
    )


def _why(rows, best):
    """Why no plan is better than the recommended one in everything."""
    more = rows[rows["margin_effect"] > best["margin_effect"] + SAME]
    if more.empty:
        return Headline("none within the binding goals earns more")
    given_up = [
        what
        for column, what in GIVEN_UP.items()
        if (TRADED[column] * (more[column] - best[column]) < -SAME).all()
    ]
    return Headline(
        "{those} with more margin {needs} {what}",
        those="the one" if len(more) == 1 else f"the {len(more)}",
        needs=verb(len(more), "has", "have"),
        what=listed(given_up) or "more inventory, more people or a lower fill rate",
    )


@exhibit(STAGE, title="Worth of limits, measured by lifting them", table="limit_worth")
def limits(limit_worth: DataFrame) -> Exhibit:
    """What one unit more of each limit adds to the margin, and what no limit at all adds."""
    table = largest_first(limit_worth, limit_worth["whole_effect"]).drop(columns="scenario")
    if table.empty:
        return Exhibit(Headline("No limit that could be lifted is binding."), table=table)
    most = table.iloc[0]
    if table["whole_effect"].isna().all():
        said = "What limits are worth is not known: no costs are given."
        return Exhibit(Headline(said), table=table)
    said = Headline(
        "Without the limit of {constraint} of {item} margin changes by {whole:signed_money}, with "
        "one more in every month by {one:signed_money}, to the same closing stock.",
        constraint=most["constraint"],
        item=most["item"],
        whole=most["whole_effect"],
        one=most["one_unit_effect"],
    )
    return Exhibit(said, table=table)


@exhibit(STAGE, title="Assumption register", table="assumptions", rows=20)
def assumption_register(tried_options: DataFrame, assumptions: DataFrame | None = None) -> Exhibit:
    """Every planning assumption with its owner and end, and the options that it rules out."""
    if assumptions is None:
        return Exhibit(Headline("No assumption is documented."))
    ruled = tried_options[tried_options["note"].isin(assumptions["assumption"])]
    out = ruled.groupby("note")["statement"].agg("; ".join)
    rows = assumptions.sort_values("valid_to", kind="stable", ignore_index=True)
    rows = rows.assign(options=rows["assumption"].map(out).astype("str"))
    shown = rows[["statement", "owner", "family", "valid_from", "valid_to", "options"]]
    if rows.empty:
        return Exhibit(Headline("No assumption is documented."), table=shown)
    said = Headline(
        "{assumptions:count assumption} {hold}; {first} ends first, in {ends:month}",
        assumptions=len(rows),
        hold=verb(len(rows), "holds", "hold"),
        first=rows["assumption"].iloc[0],
        ends=rows["valid_to"].iloc[0],
    )
    if len(ruled):
        template = "; {options:count option} {are} measured and not recommended because of them"
        said += Headline(template, options=len(ruled), are=verb(len(ruled), "is", "are"))
    return Exhibit(said + ".", table=shown)
