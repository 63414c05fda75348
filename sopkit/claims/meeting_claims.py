"""What the pre-S&OP meeting finds, and what the executives decide on."""

import pandas as pd

from sopkit.claims.wording import (
    MATERIAL,
    amount,
    count,
    listed,
    more_or_less,
    percent,
    signed,
    span,
    verb,
)
from sopkit.scenarios.results import comparison
from sopkit.schema.glossary import label


def gaps(gaps):
    """Say how many disagreements there are, and which has most money at stake."""
    if gaps.empty:
        return "Product, demand, supply, finance and goals agree."
    worst = gaps.loc[gaps["gap_value"].abs().idxmax()]
    return f"{count(len(gaps), 'disagreement')}; the largest: {_sentence(worst['statement'])}"


def ways(strategies):
    """Say how many ways to close gaps were measured, and which recommended one is best."""
    if strategies.empty:
        return "No change of the inputs was found that could close a disagreement."
    tried, chosen = strategies["scenario"].nunique(), strategies[strategies["recommended"]]
    if chosen.empty:
        return f"{count(tried, 'way')} {verb(tried, 'was', 'were')} planned again; none is worth its cost."
    best = chosen.loc[chosen["margin_effect"].idxmax()]
    number = f"{count(tried, 'way')} {verb(tried, 'was', 'were')} planned again, {chosen['scenario'].nunique()} recommended"
    return f"{number}; the best changes margin by {signed(best['margin_effect'])}: {_sentence(best['statement'])}"


def risks(risk_scenarios):
    """Say which risk would hurt most, and what all together are expected to do."""
    if risk_scenarios.empty:
        return "No risk is listed."
    worst = risk_scenarios.loc[risk_scenarios["margin_effect"].idxmin()]
    alone = f"would change margin by {signed(worst['margin_effect'])} ({percent(worst['probability'])} likely)"
    together = f"all together are expected to change it by {signed(risk_scenarios['expected_effect'].sum())}"
    return f"The gravest risk, {worst['risk']}, {alone}; {together}."


def scenarios(scenario_results):
    """Say which scenario gives and which takes the most margin."""
    sides = comparison(scenario_results)
    margin = sides[sides["measure"] == "margin"].set_index("scenario")["gap"]
    if margin.empty:
        return "No scenarios are defined."
    helps, hurts = margin.idxmax(), margin.idxmin()
    said = (
        [f"{helps} adds the most margin ({signed(margin[helps])})"]
        if margin[helps] > MATERIAL
        else []
    )
    said += (
        [f"{hurts} takes the most ({signed(margin[hurts])})"] if margin[hurts] < -MATERIAL else []
    )
    return f"Of {count(len(margin), 'scenario')}, {' and '.join(said) or 'none moves the margin'}."


def what_if(sides):
    """Say what a supposition does to margin, service and cash; `sides` as `scenarios.compare` gives them."""
    gap = sides.set_index("measure")["gap"]
    if not len(gap) or gap.abs().max() <= 1e-6:
        return "Nothing changes against the plan as it is."
    service = gap["service_level_ratio"]
    said = [f"margin {signed(gap['margin'])}", f"demand {signed(gap['demand'])} units"]
    said += [f"service {100 * service:+.1f} points"] if abs(service) >= 0.0005 else []
    said += [f"lowest cash {signed(gap['min_cash'])}"] if "min_cash" in gap else []
    return f"Against the plan as it is: {', '.join(said)}."


def decisions(decisions):
    """Say how many decisions are asked of the executives, how many would change the plan, and what is settled below."""
    if decisions.empty:
        return "Nothing needs to be decided."
    asked = decisions[decisions["settled_by"] == "executives"]
    open_ones, below = asked[asked["choice"].isna()], len(decisions) - len(asked)
    changes = int(open_ones["scenario"].notna().sum())
    said = f"{count(len(open_ones), 'decision')} {verb(len(open_ones), 'is', 'are')} asked for"
    made = int(decisions["choice"].notna().sum())
    choices = f"; {made} {verb(made, 'is', 'are')} made" if made else ""
    lower = (
        f"; {below} more {verb(below, 'is', 'are')} settled by the department heads"
        if below
        else ""
    )
    return f"{said}; {changes or 'none'} of them would change the plan{choices}{lower}."


def settled_below(decisions):
    """Say how many decisions do not need the executives."""
    below = int((decisions["settled_by"] != "executives").sum())
    if not below:
        return "Every decision needs the executives."
    return f"{count(below, 'decision')} {verb(below, 'is', 'are')} settled by the department heads before this meeting."


def decision_log(decision_log):
    """Say how many choices are on record, and of how many cycles."""
    if decision_log is None or decision_log.empty:
        return "No choice is on record yet, of this cycle or an earlier one."
    cycles, number = decision_log["cycle"].nunique(), len(decision_log)
    return f"{count(number, 'choice')} of {count(cycles, 'cycle')} {verb(number, 'is', 'are')} on record."


def beside(beside):
    """Say what moved against the revision before."""
    if beside.empty:
        return "There is no earlier revision of this plan."
    figures, number = beside.set_index("measure"), beside["revision"].iloc[0]
    moved = [
        m
        for m in ("demand", "revenue", "margin", "max_inventory_value", "min_cash")
        if m in figures.index
    ]
    moved = [m for m in moved if abs(figures.loc[m, "gap"]) > MATERIAL]
    if not moved:
        return f"Against revision {number}, neither demand nor money moved."
    said = [f"{label(m, of='measure')} {signed(figures.loc[m, 'gap'])}" for m in moved]
    return f"Against revision {number}: {', '.join(said)}."


def decision_results(decision_results):
    """Say how many effects of earlier decisions could be measured."""
    if decision_results.empty:
        return "No earlier decision was expected to have done anything by now."
    number = decision_results.groupby(["cycle", "decision"]).ngroups
    known = int(decision_results["value"].notna().sum())
    return (
        f"{count(number, 'earlier decision')} {verb(number, 'was', 'were')} expected to have done something by now; "
        f"{known} of {count(len(decision_results), 'expected effect')} can be measured."
    )


def agenda(agenda):
    """Say how long each meeting takes."""
    length = agenda.groupby("settled_by", sort=False)["minutes"].agg(["size", "sum"])
    said = [
        f"{name}: {count(size, 'topic')} in {minutes} minutes"
        for name, size, minutes in length.itertuples()
    ]
    return f"{'; '.join(said)}."


def executive_agenda(agenda):
    """Say how long the executives' meeting takes, and how many topics lower meetings have taken from it."""
    own = agenda["settled_by"] == "executives"
    said = f"{count(int(own.sum()), 'topic')} in {agenda.loc[own, 'minutes'].sum()} minutes"
    below = int((~own).sum())
    return (
        f"{said}; {count(below, 'topic')} {verb(below, 'is', 'are')} settled by lower meetings."
        if below
        else f"{said}."
    )


def gaps_by_function(gaps):
    """Say whose plans disagree with most money at stake."""
    if gaps.empty:
        return "Product, demand, supply, finance and goals agree."
    stake = gaps["gap_value"].abs().groupby(gaps["between"]).sum().sort_values(ascending=False)
    shares = [f"{name} ({amount(size)})" for name, size in stake.head(2).items()]
    return (
        f"Of {amount(stake.sum())} at stake in {count(len(gaps), 'disagreement')}, most is between the plan and "
        f"{listed(shares)}."
    )


def override_register(override_register):
    """Say who changed the forecast most, and whose record speaks against them."""
    if override_register.empty:
        return "Nobody has changed the forecast."
    authors = override_register.groupby("author")["override"].sum()
    who = authors.abs().idxmax()
    said = f"{count(len(authors), 'author')} changed the forecast, most of all {who} ({signed(authors[who])} units)"
    hurts = override_register.loc[override_register["verdict"] == "hurts", "function"].unique()
    if not len(hurts):
        return f"{said}."
    return f"{said}; the record of {listed(hurts)} speaks against {verb(len(hurts), 'it', 'them')}."


def families(financial_plan, service_plan, products, plan_gaps, gaps):
    """Say of each family what it brings, how that is held against the budget, what is late, and what is at stake.

    Returns
    -------
    dict of family : sentences
    """
    money = financial_plan.groupby("family")[["revenue", "margin"]].sum()
    against = plan_gaps[
        (plan_gaps["compared_with"] == "budget") & (plan_gaps["measure"] == "margin")
    ]
    sums = against.groupby("item")[["gap", "reference_value"]].sum()
    rows = service_plan
    family_of = rows["product"].map(products.set_index("product")["family"])
    owed = rows.groupby([family_of, "period"])["backlog"].sum()
    lost = rows.groupby(family_of)["lost_sales"].sum()
    months, said = span(financial_plan["period"]), {}
    for family, row in money.iterrows():
        held = sums.loc[family] if family in sums.index else None
        budget = (
            ""
            if held is None
            else f", its margin {more_or_less(held['gap'] / held['reference_value'], 'above', 'below')} budget"
        )
        late, never = owed.get(family, pd.Series([0.0])).max(), lost.get(family, 0.0)
        unmet = [f"at worst {amount(late)} units are late"] if late > MATERIAL else []
        unmet += [f"{amount(never)} units are never delivered"] if never > MATERIAL else []
        number = int((gaps["family"] == family).sum())
        said[family] = (
            f"{family} brings {amount(row['revenue'])} of revenue and {amount(row['margin'])} of margin in {months}{budget}. "
            + _sentence((listed(unmet) or "all demand is met in time").capitalize())
            + " "
            + f"{count(number, 'disagreement')} {verb(number, 'is', 'are')} open."
        )
    return said


def _sentence(statement):
    return statement.rstrip(".") + "."
