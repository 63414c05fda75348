"""Exhibits of plans side by side: scenarios beside the plan, and what a supposition does to it."""

from collections.abc import Mapping, Sequence

import pandas as pd
from pandas import DataFrame

from sopkit.reporting.chart_types import TOP_ROWS, Chart, HorizontalBars, Lines, SmallMultiples
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid, largest_first
from sopkit.reporting.theme import BETTER, TOTAL, WORSE, look
from sopkit.scenarios.results import comparison
from sopkit.schema.cells import is_share
from sopkit.schema.formatting import code_in_words
from sopkit.schema.tolerances import MATERIAL

STAGE = "60_pre_sop"
COMPARED = [
    "demand", "fill_rate", "revenue", "cost", "margin", "max_inventory_value", "min_cash",
    "max_utilization_ratio",
]  # fmt: skip
SIDE_BY_SIDE = (  # measure, its name, whether more is better (None: neither)
    ("demand", "demand, units", None),
    ("fill_rate", "service", True),
    ("cost", "cost of supply", False),
    ("margin", "margin", True),
    ("max_inventory_value", "highest stock value", False),
    ("min_cash", "lowest cash", True),
    ("max_utilization_ratio", "fullest month", None),
)
FILTERS = ("family", "product", "market", "resource", "item")
NEGLIGIBLE = 1e-6


@exhibit(
    STAGE,
    title="Scenarios vs. plan",
    table="scenario_results",
    rows=20,
)
def scenarios(scenario_results: DataFrame) -> Exhibit:
    """What each scenario changes against the plan, the one that moves margin most first."""
    sides = comparison(scenario_results)
    return Exhibit(scenarios_headline(sides), _changes(sides), _below_the_plan(sides))


def scenarios_headline(sides: DataFrame) -> Headline:
    """The scenarios that raise and reduce margin most."""
    margin = sides[sides["measure"] == "margin"]
    margin = margin.set_index("scenario")["variance"]
    many = sides["scenario"].nunique()
    if not many:
        return Headline("No scenarios are defined.")
    if margin.empty:
        template = "{scenarios:count scenario}; margin is not known: no costs are given."
        return Headline(template, scenarios=many)
    helps, hurts = margin.idxmax(), margin.idxmin()
    parts = []
    if margin[helps] > MATERIAL:
        template = "{helps} adds the most margin ({gain:signed_money})"
        parts.append(Headline(template, helps=code_in_words(helps), gain=margin[helps]))
    if margin[hurts] < -MATERIAL:
        template = "{hurts} reduces it most ({loss:signed_money})"
        parts.append(Headline(template, hurts=code_in_words(hurts), loss=margin[hurts]))
    said = Headline("Of {scenarios:count scenario}, ", scenarios=len(margin))
    return said + (Headline.joined(parts, " and ") or "none moves the margin") + "."


def _changes(sides):
    if sides.empty:
        return SmallMultiples([])
    change = grid(sides, "scenario", "variance", "measure")
    first = "margin" if "margin" in change else "revenue"
    every = largest_first(change, change[first].abs())
    shown = every.head(TOP_ROWS)
    panels = [
        _change(shown[[measure]], name, more_is_better)
        for measure, name, more_is_better in SIDE_BY_SIDE
        if measure in shown
    ]
    return SmallMultiples(
        panels,
        4,
        showing=len(shown),
        of=len(every),
        share_y=True,
        height=1.8 + 0.3 * len(shown),
        subtitle="Change against the plan: green better, red and hatched worse, blue neither; "
        f"largest of {first} first",
    )


def _change(sizes, name, more_is_better):
    """The changes of one measure; green is better, red is worse, blue is neither."""
    measure = sizes.columns[0]
    if more_is_better is None:
        looks = [TOTAL] * len(sizes)
    else:
        better = (sizes[measure] >= 0) == more_is_better
        looks = [BETTER if good else WORSE for good in better]
    shares = is_share(measure)
    return HorizontalBars(sizes, row_looks=looks, unit=name, shares=shares, top=TOP_ROWS)


def _below_the_plan(sides):
    """The plan, and below it what each scenario makes of it."""
    rows = sides[sides["measure"].isin(COMPARED)]
    base = rows.drop_duplicates("measure")
    base = base.assign(scenario="the plan", plan=base["reference_value"])
    figures = grid(pd.concat([base, rows]), "scenario", "plan", "measure")
    order = ["the plan", *rows["scenario"].drop_duplicates()] if len(rows) else []
    measures = [measure for measure in COMPARED if measure in figures.columns]
    return figures.loc[order, measures].reset_index()


def by_measure(sides: DataFrame) -> DataFrame:
    """The figures of the plan, and beside them each scenario's with what it changes.

    Returns
    -------
    measure, base, and for each scenario its name and `NAME: change`
    """
    shown = sides["measure"].drop_duplicates()
    by = sides.set_index(["scenario", "measure"])
    columns = {
        "measure": shown,
        "base": shown.map(by.groupby("measure")["reference_value"].first()),
    }
    for scenario in sides["scenario"].drop_duplicates():
        columns[scenario] = shown.map(by.loc[scenario, "plan"])
        columns[f"{scenario}: change"] = shown.map(by.loc[scenario, "variance"])
    return DataFrame(columns)


def in_words(scenario_changes: DataFrame) -> Mapping[str, Sequence[str]]:
    """Each scenario's changes in words: {scenario : one line a change}."""
    said = {}
    for row in scenario_changes.sort_values(["scenario", "change"]).itertuples():
        about = [str(getattr(row, name)) for name in FILTERS if pd.notna(getattr(row, name))]
        about += [f"from {row.from_period}"] if pd.notna(row.from_period) else []
        about += [f"to {row.to_period}"] if pd.notna(row.to_period) else []
        to = row.setting if pd.isna(row.amount) else f"{row.amount:g}"
        line = f"{row.operation} {row.table}.{row.column} {to} ({', '.join(about) or 'every row'})"
        note = "" if pd.isna(row.note) else f": {row.note}"
        said.setdefault(row.scenario, []).append(line + note)
    return said


# -------------------------------------------------------------------------------------------------
# what if


def what_if_headline(sides: DataFrame) -> Headline:
    """What a supposition does to margin, service and cash; `sides` as `scenarios.compare` gives."""
    gap = sides.set_index("measure")["variance"]
    if not len(gap) or gap.abs().max() <= NEGLIGIBLE:
        return Headline("Nothing changes against the base plan.")
    parts = [Headline("demand {demand:signed} units", demand=gap["demand"])]
    if "margin" in gap:
        parts.insert(0, Headline("margin {margin:signed_money}", margin=gap["margin"]))
    if abs(gap["fill_rate"]) >= 0.0005:
        points = 100 * gap["fill_rate"]
        parts.append(Headline("service {service_points:+.1f} points", service_points=points))
    if "min_cash" in gap:
        parts.append(Headline("lowest cash {min_cash:signed_money}", min_cash=gap["min_cash"]))
    return Headline("Against the base plan: ") + Headline.joined(parts, ", ") + "."


def what_if_chart(by_month: DataFrame) -> Chart:
    """The plan month by month, over the plan it is compared with, if there is one.

    `by_month` as `scenarios.by_month` has it: measure, period, plan, and maybe reference_value.
    """
    held = "reference_value" in by_month
    measures = list(by_month["measure"].drop_duplicates())
    panels = [
        _supposed(by_month[by_month["measure"] == measure], measure, named=held and not place)
        for place, measure in enumerate(measures)
    ]
    before = ", overlaid on the base plan" if held else ""
    rows = -(-len(panels) // min(max(len(panels), 1), 2))
    return SmallMultiples(
        panels,
        quick=True,
        height=0.6 + 1.9 * rows,
        subtitle=f"All products together, month by month{before}",
    )


def _supposed(rows, measure, named):
    """One measure's months; one panel names the lines for all."""
    months = rows.set_index("period").rename(columns={"plan": measure})
    lines = [name for name in ("reference_value", measure) if name in months]
    says = look(measure).label
    looks = {
        measure: look(measure, line="-", label=says if named else ""),
        "reference_value": look("reference_value", label="base plan" if named else ""),
    }
    return Lines(months[lines], looks=looks, unit=says)
