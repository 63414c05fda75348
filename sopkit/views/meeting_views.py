"""What a reader is shown of the tables of the financial review, the pre-S&OP meeting and the executives."""

import pandas as pd

from sopkit.model.comparison import costs_by_strategy
from sopkit.scenarios.results import comparison
from sopkit.schema.tables import PLAN_OF_RECORD


def money_by_family(financial_plan):
    """Volume and money by family, over the horizon."""
    return financial_plan.groupby("family", as_index=False)[
        ["quantity", "revenue", "cost_of_sales", "margin"]
    ].sum()


def costs(costs_incurred, strategy_comparison):
    """What the plan of record spends by kind; what only weighs strategies against each other is in no margin."""
    spent = costs_incurred.groupby("cost_item")["cost"].sum().sort_values(ascending=False)
    weighed = costs_by_strategy(strategy_comparison)
    weighed = weighed[weighed["strategy"] == PLAN_OF_RECORD]
    weighed = weighed[~weighed["cost_item"].isin(spent.index) & (weighed["cost"] > 0)]
    weighed = weighed.groupby("cost_item")["cost"].sum()
    rows = pd.concat([spent, weighed]).rename_axis("cost_item").reset_index()
    booked = rows["cost_item"].isin(spent.index)
    return rows.assign(in_margin=booked.map({True: "yes", False: "no: weighs strategies only"}))


def against_all(plan_gaps):
    """The plan against budget, last year, last cycle and itself unconstrained, over the months both cover.

    The whole company comes first, then its families.
    """
    rows = plan_gaps[~plan_gaps["compared_with"].isin(["goal", "goal_path"])]
    order = ["compared_with", "measure", "item"]
    sums = rows.groupby(order, as_index=False, sort=False)[["plan", "reference_value", "gap"]].sum()
    held = ["budget", "last_year", "last_cycle", "unconstrained"]
    ranks = pd.DataFrame(
        {"part": sums["item"] != "all", "held": sums["compared_with"].map(held.index)}
    )
    return sums.loc[ranks.sort_values(["part", "held"], kind="stable").index].reset_index(drop=True)


def company_against(plan_gaps):
    """The whole company against budget, last year and the last cycle, with the months that both cover."""
    held = ["budget", "last_year", "last_cycle"]
    rows = plan_gaps[(plan_gaps["item"] == "all") & plan_gaps["compared_with"].isin(held)]
    groups = rows.sort_values(
        "compared_with", key=lambda names: names.map(held.index), kind="stable"
    )
    groups = groups.groupby(["compared_with", "measure"], as_index=False, sort=False)
    sums = groups.agg(
        from_period=("period", "min"), to_period=("period", "max"), plan=("plan", "sum"),
        reference_value=("reference_value", "sum"), gap=("gap", "sum"),
    )  # fmt: skip
    return sums.assign(
        gap_ratio=sums["gap"] / sums["reference_value"].where(sums["reference_value"] > 0)
    )


def goal_paths(goal_paths):
    """The paths to goals beyond the plan: what they ask of each planned year, and the change a year asked and planned."""
    return goal_paths.drop(columns="owner")


def goals(plan_gaps):
    """The plan against the company's goals."""
    rows = plan_gaps[plan_gaps["compared_with"] == "goal"]
    return rows.drop(columns="compared_with")


def gaps(gaps):
    """The disagreements, the one with most money at stake first."""
    rows = gaps.loc[gaps["gap_value"].abs().sort_values(ascending=False, kind="stable").index]
    return rows[
        [
            "disagreement",
            "statement",
            "gap_units",
            "gap_value",
            "owner",
            "question",
            "table",
            "shown_in",
        ]
    ]


def executive_agenda(agenda):
    """The points of the executives' meeting."""
    return agenda[agenda["settled_by"] == "executives"].drop(columns="settled_by")


def asked(decisions):
    """The decisions that the executives are asked for."""
    return decisions[decisions["settled_by"] == "executives"]


def settled_below(decisions):
    """The decisions that the department heads settle."""
    rows = decisions[decisions["settled_by"] != "executives"]
    return rows[["decision", "recommendation", "effect", "owner", "choice"]]


def decision_log(decision_log):
    """What was chosen, by whom, when and why, the newest cycle first; no rows where nothing is on record."""
    if decision_log is None:
        return pd.DataFrame()
    rows = decision_log.sort_values(["cycle", "decided_on"], ascending=False, kind="stable")
    return rows[
        ["cycle", "decision", "choice", "author", "decided_on", "reason", "owner", "due_on"]
    ]


def proposals(proposed_changes):
    """The scenarios that were tried, one row each."""
    return proposed_changes.drop_duplicates("scenario")[["disagreement", "scenario", "statement"]]


def ways(strategies):
    """The measured ways to close each disagreement, the recommended one first, then by what they close per money.

    A way that costs nothing closes the most per money; of several, the one that earns more comes first.
    """
    paid = -strategies["margin_effect"].clip(upper=0.0)
    per_money = (strategies["gap_closed_ratio"] / paid.where(paid > 0)).fillna(float("inf"))
    order = ["disagreement", "recommended", "per_money", "margin_effect"]
    rows = strategies.assign(per_money=per_money)
    rows = rows.sort_values(order, ascending=[True, False, False, False], kind="stable")
    return rows.drop(columns=["scenario", "per_money"])


def risks(risk_scenarios):
    """The risks with their measured effects, the largest expected effect first."""
    order = (
        risk_scenarios["expected_effect"].abs().sort_values(ascending=False, kind="stable").index
    )
    columns = [
        "risk",
        "statement",
        "probability",
        "revenue_effect",
        "margin_effect",
        "expected_effect",
        "owner",
    ]
    return risk_scenarios.loc[order, columns]


COMPARED = (
    "demand",
    "service_level_ratio",
    "revenue",
    "cost",
    "margin",
    "max_inventory_value",
    "min_cash",
    "max_utilisation_ratio",
)


def scenarios(scenario_results):
    """The plan, and below it what each scenario makes of it."""
    rows = comparison(scenario_results)
    rows = rows[rows["measure"].isin(COMPARED)]
    base = rows.drop_duplicates("measure").assign(scenario="the plan", plan=rows["reference_value"])
    figures = pd.concat([base, rows]).pivot_table(
        index="scenario", columns="measure", values="plan"
    )
    order = ["the plan", *rows["scenario"].drop_duplicates()] if len(rows) else []
    shown = [measure for measure in COMPARED if measure in figures.columns]
    return figures.loc[order, shown].reset_index()


def scenarios_by_measure(scenario_comparison):
    """The figures of the plan, and beside them each scenario's with what it changes."""
    shown = scenario_comparison["measure"].drop_duplicates()
    by = scenario_comparison.set_index(["scenario", "measure"])
    columns = {
        "measure": shown,
        "base": shown.map(by.groupby("measure")["reference_value"].first()),
    }
    for scenario in scenario_comparison["scenario"].drop_duplicates():
        columns[scenario] = shown.map(by.loc[scenario, "plan"])
        columns[f"{scenario}: change"] = shown.map(by.loc[scenario, "gap"])
    return pd.DataFrame(columns)


def scenario_words(scenario_changes):
    """Each scenario's changes in words: dict of scenario : one line a change."""
    filters = ("family", "product", "market", "resource")
    said = {}
    for row in scenario_changes.sort_values(["scenario", "change"]).itertuples():
        about = [str(getattr(row, name)) for name in filters if pd.notna(getattr(row, name))]
        about += [f"from {row.from_period}"] if pd.notna(row.from_period) else []
        about += [f"to {row.to_period}"] if pd.notna(row.to_period) else []
        to = row.setting if pd.isna(row.amount) else f"{row.amount:g}"
        line = f"{row.operation} {row.table}.{row.column} {to} ({', '.join(about) or 'every row'})"
        said.setdefault(row.scenario, []).append(
            line if pd.isna(row.note) else f"{line}: {row.note}"
        )
    return said


def story(story):
    """What was done to the plan, the newest first."""
    rows = story.iloc[::-1]
    at, plan = rows["at"].str[:16].str.replace("T", " "), rows["content"].str[:12]
    plan = plan.where(~rows["what"].str.startswith("decided"), "")
    return rows[["at", "who", "what", "revision", "why"]].assign(at=at, hash=plan)


def beside(beside):
    """The figures that moved against the revision before, in the order of a plan."""
    moved = beside[beside["gap"].abs() > 1e-6 * beside["reference_value"].abs()]
    return moved[["measure", "reference_value", "plan", "gap"]]


def decision_results(decision_results):
    """What earlier decisions were expected to do by now and what came, the newest cycle first."""
    return decision_results.sort_values("cycle", ascending=False, kind="stable").drop(
        columns=["from_period", "to_period"]
    )
