"""Where product, demand, supply, finance and goals disagree, each in one sentence with its question."""

import numpy as np
import pandas as pd

from sopkit.pre_sop.kinds import KINDS, OF_GOALS
from sopkit.pre_sop.sizes import sizes
from sopkit.pre_sop.wording import amount, currency_of, span
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import conform

YEAR = 12


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
    components=None,
):
    """List where the plans disagree, the most money first; months that follow one another are one row.

    Gap = plan - reference: a shortage, or a plan below budget, is negative.

    Returns
    -------
    disagreement : between, statement, gap_units [units], gap_value [money], owner, question, from_period, to_period,
        table, shown_in, family, product, resource
    """
    found = _runs(sizes(dict(locals())))
    found = _with_goals(found, goals).assign(
        gap_value=found["gap_value"] + 0.0
    )  # a limit worth nothing gives -0
    worded = [_worded(row, currency_of(terms)) for row in found.to_dict("records")]
    found = found.drop(columns="owner").join(
        pd.DataFrame(worded, columns=_WORDED, index=found.index)
    )
    order = np.lexsort([found["disagreement"], -found["gap_value"].abs()])
    return conform("gaps", found.iloc[order].reindex(columns=list(TABLES["gaps"].columns)))


_WORDED = ["between", "statement", "owner", "question", "table", "shown_in"]


def _with_goals(found, goals):
    """Let the rows about goals begin in the goal's first month, and say what it measures and who owns it."""
    if goals is None:
        return found.assign(measure="", owner="")
    about = (
        goals[["goal", "measure", "owner"]].assign(goal_from=goals["from_period"]).set_index("goal")
    )
    of_goal = found["kind"].isin(OF_GOALS)
    told = about.reindex(found["item"].where(of_goal)).set_axis(found.index)
    begin = found["from_period"].where(found["kind"] != "goal", told["goal_from"])
    begin = begin.where(found["kind"] != "path", begin - (YEAR - 1))
    return found.assign(measure=told["measure"], owner=told["owner"], from_period=begin)


def _worded(row, currency):
    """Put one disagreement in words.

    Returns
    -------
    dict of between, statement, owner, question, table, shown_in
    """
    kind = KINDS[row["kind"]]
    of_goal = row["kind"] in OF_GOALS
    unit = COLUMNS[row["measure"]].unit if of_goal else "units"
    words = {
        "item": row["item"],
        "family": row["family"],
        "product": row["product"],
        "resource": row["resource"],
        "detail": row["detail"],
        "measure": str(row["measure"]).replace("_", " "),
        "who": row["item"].split("-")[0].capitalize(),
        "plan": amount(row["plan"], unit, currency),
        "reference": amount(row["reference"], unit, currency),
        "short": amount(row["reference"] - row["plan"]),
        "units": amount(abs(row["gap_units"])),
        "money": amount(abs(row["gap_value"]), "money", currency),
        "share": amount(abs(row["gap_value"] / row["reference"]), "ratio")
        if row["reference"]
        else "all",
        "months": span(row["from_period"], row["to_period"]),
    }
    owner = row["owner"] if of_goal else kind.owner
    return {
        "between": kind.between,
        "statement": kind.statement.format(**words),
        "owner": owner,
        "question": kind.question,
        "table": kind.table,
        "shown_in": kind.shown_in,
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
    runs = groups[["kind", "place", "item", "family", "product", "resource", "detail"]].first()
    runs[["from_period", "to_period"]] = groups["period"].agg(["min", "max"])
    highest, total = (
        groups[["plan", "reference", "gap_units"]].max(),
        groups[["plan", "reference", "gap_units"]].sum(),
    )
    runs[["plan", "reference", "gap_units"]] = total.where(
        ~peak.groupby(begins.cumsum()).first(), highest
    )
    runs["gap_value"] = groups["gap_value"].sum()
    month_code = "-" + runs["from_period"].astype("str")
    whole_runs = whole.groupby(begins.cumsum()).first()
    runs["disagreement"] = runs["place"] + month_code.where(~whole_runs, "")
    return runs.reset_index(drop=True)


def place_of(gaps):
    """The place of each gap: its code, without the month in which it begins."""
    pairs = zip(gaps["disagreement"], gaps["from_period"].astype("str"), strict=True)
    return pd.Series(
        [code.removesuffix(f"-{month}") for code, month in pairs], index=gaps.index, dtype="str"
    )
