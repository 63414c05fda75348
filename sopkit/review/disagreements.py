"""Where product, demand, supply, finance and goals disagree, each in one sentence with its question."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopkit.review.sizes import sizes
from sopkit.review.wording import amount, currency_of, span
from sopkit.tables import conform
from sopkit.vocabulary import TABLES
from sopkit.words import WORDS


@dataclass(frozen=True)
class Kind:
    """How one kind of disagreement is put: whose it is, what is said and what is asked."""

    between: str
    owner: str
    statement: str
    question: str
    whole: bool = False  # one row over all months, not one a run of months
    peak: bool = (
        False  # the size is the highest month, not the sum: stock is the same units month after month
    )


KINDS = {
    "view": Kind(
        "demand",
        "demand planner",
        "{who} expects {reference} units of {family} where the statistical plan says {plan}, {months}",
        "Whose view of demand does the plan follow, and on what evidence?",
    ),
    "unserved": Kind(
        "supply",
        "supply planner",
        "{family}: {units} of {reference} units wanted cannot be delivered on time, {months}",
        "How is supply raised, or which customers wait?",
    ),
    "capacity": Kind(
        "supply",
        "supply planner",
        "{resource} can give {plan} hours and demand needs {reference}: {short} hours (about {units} units) are"
        " missing, {months}",
        "Which hours, outside capacity or earlier production close it?",
    ),
    "component": Kind(
        "supply",
        "buyer",
        "Component {item}: demand needs {reference} units, {units} of them more than suppliers can deliver in time,"
        " {months}",
        "Can the supplier deliver more, is there a second source, or does demand move?",
    ),
    "launch": Kind(
        "product",
        "product manager",
        "Launch {item} of {product} is not through its gates: the plan holds {plan} units of it, {months}",
        "Do the open gates pass, or does the plan go without the launch?",
        whole=True,
    ),
    "budget margin": Kind(
        "finance",
        "finance controller",
        "{family}: margin is {money} ({share}) below budget, {months}",
        "What wins the margin back, or is the outlook restated?",
        whole=True,
    ),
    "budget revenue": Kind(
        "finance",
        "finance controller",
        "{family}: revenue is {money} ({share}) below budget, {months}",
        "What wins the revenue back, or is the outlook restated?",
        whole=True,
    ),
    "goal": Kind(
        "goals",
        "the goal's owner",
        "Goal {item} is missed: {measure} is {plan} where {reference} is wanted, {months}",
        "What is done to reach the goal, or is it given up?",
        whole=True,
    ),
    "excess": Kind(
        "supply",
        "supply planner",
        "{family}: stock is up to {units} units above its maximum, {months}",
        "Is less made, or is the maximum raised?",
        peak=True,
    ),
    "stranded": Kind(
        "product",
        "product manager",
        "{product} is being phased out, and {units} units of it are left at the end of {months}",
        "How is the stock sold off, or is production stopped earlier?",
        peak=True,
    ),
    "cash": Kind(
        "finance",
        "finance controller",
        "Cash falls {money} below zero at its lowest, {months}",
        "What is financed, put off or collected earlier?",
        whole=True,
    ),
    "cover": Kind(
        "supply",
        "supply planner",
        "{family}: stock is up to {units} units below its safety stock, {months}",
        "Is stock built up again, or is the risk taken?",
        whole=True,
    ),
    "bias": Kind(
        "demand",
        "demand planner",
        "{family}: the consensus has kept to one side of sales; without that bias the plan is {reference} units, not"
        " {plan}, {months}",
        "Is the plan corrected, or why will it be right this time?",
        whole=True,
    ),
    "demand change": Kind(
        "demand",
        "demand planner",
        "{family}: the plan is {plan} units where {reference} were approved last, {months}",
        "What is known now that was not known then?",
    ),
    "supply change": Kind(
        "supply",
        "supply planner",
        "{family}: {units} of {reference} units approved last are no longer made in their month, {months}",
        "Is the change worth what it costs, or is the plan held?",
        whole=True,
    ),
    "idle": Kind(
        "supply",
        "supply planner",
        "{resource} pays {reference} hours and needs {plan}, {months}",
        "What else can it make, or are hours given up?",
        whole=True,
    ),
    "double": Kind(
        "demand",
        "sales manager",
        "Deal {item} of {family} adds {units} units that sales may have in its own view as well, {months}",
        "Is the deal in the view of sales, or on top of it?",
    ),
}


def gaps(
    horizon,
    products,
    segments,
    launch_plan,
    demand_overrides,
    demand_plan,
    unit_economics,
    rough_cut_capacity,
    supply_plan,
    service_plan,
    workforce_plan,
    constraint_values,
    procurement_plan,
    financial_plan,
    plan_gaps,
    cash_plan,
    inventory_plan,
    forecast_accuracy,
    opportunity_plan,
    launches=None,
    routings=None,
    bill_of_materials=None,
    inventory_policy=None,
    goals=None,
    terms=None,
    resources=None,
    approved_supply_plans=None,
):
    """List where the plans disagree, the most money first; months that follow one another are one row.

    Gap = plan - reference: a shortage, or a plan below budget, is negative.

    Returns
    -------
    disagreement : between, statement, gap_units [units], gap_value [money], owner, question, from_period, to_period,
        family, product, resource
    """
    plan = {
        "horizon": horizon,
        "products": products,
        "segments": segments,
        "launch_plan": launch_plan,
        "demand_overrides": demand_overrides,
        "demand_plan": demand_plan,
        "unit_economics": unit_economics,
        "rough_cut_capacity": rough_cut_capacity,
        "supply_plan": supply_plan,
        "service_plan": service_plan,
        "workforce_plan": workforce_plan,
        "constraint_values": constraint_values,
        "procurement_plan": procurement_plan,
        "financial_plan": financial_plan,
        "plan_gaps": plan_gaps,
        "cash_plan": cash_plan,
        "inventory_plan": inventory_plan,
        "forecast_accuracy": forecast_accuracy,
        "opportunity_plan": opportunity_plan,
        "launches": launches,
        "routings": routings,
        "bill_of_materials": bill_of_materials,
        "inventory_policy": inventory_policy,
        "goals": goals,
        "resources": resources,
        "approved_supply_plans": approved_supply_plans,
    }
    found = _runs(sizes(plan))
    found = _with_goals(found, goals).assign(
        gap_value=found["gap_value"] + 0.0
    )  # a limit worth nothing gives -0
    worded = [_worded(row, currency_of(terms)) for row in found.to_dict("records")]
    found = found.drop(columns="owner").join(pd.DataFrame(worded, columns=_WORDED, index=found.index))
    order = np.lexsort([found["disagreement"], -found["gap_value"].abs()])
    return conform("gaps", found.iloc[order].reindex(columns=list(TABLES["gaps"].columns)))


_WORDED = ["between", "statement", "owner", "question"]


def _with_goals(found, goals):
    """Let the rows about goals begin in the goal's first month, and say what it measures and who owns it."""
    if goals is None:
        return found.assign(measure="", owner="")
    about = goals[["goal", "measure", "owner"]].assign(goal_from=goals["from_period"]).set_index("goal")
    of_goal = found["kind"] == "goal"
    told = about.reindex(found["item"].where(of_goal)).set_axis(found.index)
    begin = found["from_period"].where(~of_goal, told["goal_from"])
    return found.assign(measure=told["measure"], owner=told["owner"], from_period=begin)


def _worded(row, currency):
    """Put one disagreement in words.

    Returns
    -------
    dict of between, statement, owner, question
    """
    kind = KINDS[row["kind"]]
    unit = WORDS[row["measure"]].unit if row["kind"] == "goal" else "units"
    words = {
        "item": row["item"],
        "family": row["family"],
        "product": row["product"],
        "resource": row["resource"],
        "measure": str(row["measure"]).replace("_", " "),
        "who": row["item"].split("-")[0].capitalize(),
        "plan": amount(row["plan"], unit, currency),
        "reference": amount(row["reference"], unit, currency),
        "short": amount(row["reference"] - row["plan"]),
        "units": amount(abs(row["gap_units"])),
        "money": amount(abs(row["gap_value"]), "money", currency),
        "share": amount(abs(row["gap_value"] / row["reference"]), "ratio") if row["reference"] else "all",
        "months": span(row["from_period"], row["to_period"]),
    }
    owner = row["owner"] if row["kind"] == "goal" else kind.owner
    return {
        "between": kind.between,
        "statement": kind.statement.format(**words),
        "owner": owner,
        "question": kind.question,
    }


def _runs(found):
    """Merge the wrong months of a place that follow one another and lie on the same side.

    Returns
    -------
    disagreement : the columns of sizes, with from_period and to_period in place of period
    """
    rows = found[found["wrong"]].sort_values(["place", "period"], ignore_index=True)
    whole = rows["kind"].map({name: kind.whole for name, kind in KINDS.items()}).astype(bool)
    peak = rows["kind"].map({name: kind.peak for name, kind in KINDS.items()}).astype(bool)
    month = pd.Series(pd.PeriodIndex(rows["period"]).asi8, index=rows.index)
    apart = (month.diff() != 1) | (np.sign(rows["gap_units"]) != np.sign(rows["gap_units"].shift()))
    begins = (rows["place"] != rows["place"].shift()) | (apart & ~whole)
    groups = rows.groupby(begins.cumsum())
    runs = groups[["kind", "place", "item", "family", "product", "resource"]].first()
    runs[["from_period", "to_period"]] = groups["period"].agg(["min", "max"])
    highest, total = (
        groups[["plan", "reference", "gap_units"]].max(),
        groups[["plan", "reference", "gap_units"]].sum(),
    )
    runs[["plan", "reference", "gap_units"]] = total.where(~peak.groupby(begins.cumsum()).first(), highest)
    runs["gap_value"] = groups["gap_value"].sum()
    month_code = "-" + runs["from_period"].astype("str")
    whole_runs = whole.groupby(begins.cumsum()).first()
    runs["disagreement"] = runs["place"] + month_code.where(~whole_runs, "")
    return runs.reset_index(drop=True)


def place_of(gaps):
    """The place of each gap: its code, without the month in which it begins."""
    pairs = zip(gaps["disagreement"], gaps["from_period"].astype("str"), strict=True)
    return pd.Series([code.removesuffix(f"-{month}") for code, month in pairs], index=gaps.index, dtype="str")


def size_between(found, gap):
    """Size the place of one gap again over the gap's months, in the table that `sizes` found.

    Returns
    -------
    (gap_units, gap_value)
    """
    rows = found[(found["place"] == gap.place) & found["period"].between(gap.from_period, gap.to_period)]
    if rows.empty:
        return 0.0, 0.0
    units = rows["gap_units"].max() if KINDS[rows["kind"].iloc[0]].peak else rows["gap_units"].sum()
    return units, rows["gap_value"].sum()
