"""What the pre-S&OP meeting finds, and what the executives decide on."""

from sopkit.claims.wording import MATERIAL, count, percent, signed, verb

NAMES = {"max_inventory_value": "highest stock value", "min_cash": "lowest cash"}


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
    alone = (
        f"would change margin by {signed(worst['margin_effect'])} ({percent(worst['probability'])} likely)"
    )
    together = f"all together are expected to change it by {signed(risk_scenarios['expected_effect'].sum())}"
    return f"The gravest risk, {worst['risk']}, {alone}; {together}."


def scenarios(scenario_comparison):
    """Say which scenario gives and which takes the most margin."""
    margin = scenario_comparison[scenario_comparison["measure"] == "margin"].set_index("scenario")["gap"]
    if margin.empty:
        return "No scenarios are defined."
    helps, hurts = margin.idxmax(), margin.idxmin()
    said = [f"{helps} adds the most margin ({signed(margin[helps])})"] if margin[helps] > MATERIAL else []
    said += [f"{hurts} takes the most ({signed(margin[hurts])})"] if margin[hurts] < -MATERIAL else []
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
    """Say how many decisions are asked for, and how many would change the plan."""
    if decisions.empty:
        return "Nothing needs to be decided."
    open_ones = decisions[decisions["choice"].isna()]
    changes = int(open_ones["scenario"].notna().sum())
    asked = f"{count(len(open_ones), 'decision')} {verb(len(open_ones), 'is', 'are')} asked for"
    made = len(decisions) - len(open_ones)
    choices = f"; {made} {verb(made, 'is', 'are')} made" if made else ""
    return f"{asked}; {changes or 'none'} of them would change the plan{choices}."


def beside(beside):
    """Say what moved against the revision before."""
    if beside.empty:
        return "There is no earlier revision of this plan."
    figures, number = beside.set_index("measure"), beside["revision"].iloc[0]
    moved = [
        m for m in ("demand", "revenue", "margin", "max_inventory_value", "min_cash") if m in figures.index
    ]
    moved = [m for m in moved if abs(figures.loc[m, "gap"]) > MATERIAL]
    if not moved:
        return f"Against revision {number}, neither demand nor money moved."
    said = [f"{NAMES.get(m, m)} {signed(figures.loc[m, 'gap'])}" for m in moved]
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
    """Say how long the meeting takes."""
    return f"{count(len(agenda), 'topic')} in {agenda['minutes'].sum()} minutes."


def _sentence(statement):
    return statement.rstrip(".") + "."
