"""The page of launches, risks and opportunities, and scenarios."""

from dataclasses import dataclass

from pandas import DataFrame

from sopkit.master_data.product_names import named
from sopkit.pre_sop.decisions import NO_COSTS
from sopkit.reporting.pre_read import numbers
from sopkit.reporting.pre_read.page import (
    Cell,
    LeftOut,
    Page,
    Table,
    clipped,
    heads,
    row,
    varying,
)
from sopkit.scenarios.results import BASE, WITHOUT
from sopkit.schema.cells import MISSING
from sopkit.schema.formatting import (
    capitalised,
    code_in_words,
    currency_of,
    month,
    span,
    whole,
)
from sopkit.schema.glossary import label

LAUNCHES, RISKS, SCENARIOS = 10, 12, 8
MEASURES = ["revenue", "margin", "min_cash", "max_inventory_value", "fill_rate"]  # of scenarios
GATES = {"gate_demand": "demand", "gate_supply": "supply", "gate_finance": "finance"}
KINDS = {"opportunity": "Opportunity", "vulnerability": "Risk"}


@dataclass(frozen=True)
class RiskPageTables:
    """The tables of launches, risks and opportunities."""

    products: DataFrame
    planning_periods: DataFrame
    launch_plan: DataFrame
    risk_impacts: DataFrame
    stress_test: DataFrame
    scenario_results: DataFrame
    launches: DataFrame | None = None
    company_settings: DataFrame | None = None


def launches_and_risks(tables: RiskPageTables) -> Page | LeftOut:
    """Launches with their gates; risks and opportunities, gross and weighted; scenarios."""
    currency = currency_of(tables.company_settings)
    blocks = [
        *_launches(tables),
        *_risks(tables.risk_impacts, tables.stress_test, currency),
        *_scenarios(tables.scenario_results, currency),
    ]
    title = "Launches, risks and opportunities"
    if not blocks:
        return LeftOut(title, "no launch, risk or scenario is given")
    return Page(title, blocks, span(tables.planning_periods["period"]))


def _launches(tables):
    if tables.launches is None or tables.launches.empty:
        return []
    units = tables.launch_plan.groupby(["launch", "product"])["launch_demand"].sum()
    taken = (
        tables.launch_plan[tables.launch_plan["launch_demand"] < 0]
        .groupby("launch")["launch_demand"]
        .sum()
    )
    names = named(tables.products)
    rows = [
        row(
            clipped(names.get(one.product, one.product), 60),
            clipped(one.market, 18),
            month(one.launch_period),
            whole(units.get((one.launch, one.product), 0.0)),
            whole(taken[one.launch]) if one.launch in taken else MISSING,
            _gates(one),
        )
        for one in tables.launches.sort_values("launch_period", kind="stable")
        .head(LAUNCHES)
        .itertuples()
    ]
    more = len(tables.launches) - LAUNCHES
    waiting = sum(cell[-1].tone != "good" for cell in rows)
    said = (
        f"Launches: {waiting} of {len(rows)} with open stage gates"
        if waiting
        else "Launches: all stage gates passed"
    )
    return [
        Table(
            [
                heads(
                    "Product", "Market", "Launch", "Units", "Cannibalisation, units", "Stage gates"
                )
            ],
            rows,
            said,
            "units over the horizon",
            names=2,
            wrap=frozenset({0}),
            foot=f"{more} more in the workbook." if more > 0 else "",
        )
    ]


def _gates(launch):
    states = {named_: getattr(launch, column) for column, named_ in GATES.items()}
    open_ = [f"{named_} {state}" for named_, state in states.items() if state != "passed"]
    if not open_:
        return Cell("● passed", "good")
    failed = any("failed" in one for one in open_)
    return Cell(f"{'■' if failed else '▲'} {', '.join(open_)}", "bad" if failed else "watch")


def _risks(risk_impacts, stress_test, currency):
    if risk_impacts.empty:
        return []
    rows = risk_impacts
    order = rows["expected_effect"].abs().sort_values(ascending=False, kind="stable").index
    divisor, sign = _thousands(rows[["revenue_effect", "margin_effect"]])
    shown = [
        row(
            clipped(one.statement, 78),
            KINDS[one.risk_kind],
            numbers.percent(one.probability, 0),
            _money(one.revenue_effect, divisor),
            _money(one.margin_effect, divisor),
            _money(one.expected_effect, divisor),
            one.owner,
        )
        for one in rows.loc[order].head(RISKS).itertuples()
    ]
    unit = numbers.unit(currency or "money", sign)
    effects = [f"Δ revenue, {unit}", f"Δ margin, {unit}", f"Weighted Δ margin, {unit}"]
    named_ = heads("Risk or opportunity", "Kind", "Probability", *effects, "Owner")
    more = len(rows) - RISKS
    feet = [*_stress(stress_test, currency), f"{more} more in the workbook." if more > 0 else ""]
    return [
        Table(
            [named_],
            shown,
            risks_headline(rows, currency),
            "each replanned",
            names=2,
            wrap=frozenset({0}),
            foot=" ".join(feet).strip(),
        )
    ]


def _stress(stress_test, currency):
    """What the largest risks cost together, where they were planned so."""
    for one in stress_test[stress_test["measure"] == "margin"].itertuples():
        together, alone = (
            numbers.change(size, currency) for size in (one.variance, one.sum_of_variances)
        )
        yield (
            f"Stress test, the risks that cost most margin together: {together} (each alone: "
            f"{alone} in sum)."
        )


def risks_headline(risk_impacts: DataFrame, currency: str) -> str:
    """The weighted sums of risks and of opportunities, apart, and what they net to."""
    if risk_impacts["expected_effect"].isna().all():
        return f"Risks and opportunities: effects on margin are {NO_COSTS}"
    sums = risk_impacts.groupby("risk_kind")["expected_effect"].sum()
    risks, chances = sums.get("vulnerability", 0.0), sums.get("opportunity", 0.0)
    gross = f"Risks {numbers.change(risks, currency)}, opportunities "
    gross += numbers.change(chances, currency)
    net = numbers.change(risks + chances, currency)
    return f"{gross}, net {net} of margin, probability-weighted"


def _thousands(frame):
    divisor, sign = numbers.scale(*frame.to_numpy("float64").ravel())
    return (1e3, "k") if sign == "m" else (divisor, sign)


def _money(size, divisor):
    return varying(size, numbers.whole_change(size / divisor), even=0.5 * divisor)


def _scenarios(scenario_results, currency):
    rows = scenario_results[scenario_results["item"].isna() & scenario_results["period"].isna()]
    rows = rows[~rows["scenario"].str.startswith(WITHOUT)]
    wide = rows.pivot_table(index="scenario", columns="measure", values="value", sort=False)
    if BASE not in wide.index or len(wide) < 2:
        return []
    gap = wide.drop(index=BASE) - wide.loc[BASE]
    gap = gap.reindex(columns=MEASURES)  # without costs some are not known
    first = "margin" if gap["margin"].notna().any() else "revenue"
    gap = gap.loc[gap[first].abs().sort_values(ascending=False, kind="stable").index].head(
        SCENARIOS
    )
    divisor, sign = _thousands(gap[["revenue", "margin"]])
    unit = numbers.unit(currency or "money", sign)
    shown = [
        row(
            clipped(capitalised(code_in_words(label(name))), 40),
            _money(one["revenue"], divisor),
            _money(one["margin"], divisor),
            _money(one["min_cash"], divisor),
            varying(
                one["max_inventory_value"],
                numbers.whole_change(one["max_inventory_value"] / divisor),
                more_is_good=False,
                even=0.5 * divisor,
            ),
            varying(one["fill_rate"], numbers.points(one["fill_rate"]), even=0.0005),
        )
        for name, one in gap.iterrows()
    ]
    named_ = heads("Scenario", f"Δ revenue, {unit}", f"Δ margin, {unit}", f"Δ minimum cash, {unit}",
                   f"Δ peak inventory, {unit}", "Δ fill rate")  # fmt: skip
    more = len(wide) - 1 - SCENARIOS
    foot = f"{more} more in the workbook." if more > 0 else ""
    return [Table([named_], shown, "Scenarios", "change against the base plan", foot=foot)]
