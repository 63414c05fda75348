"""The kinds of disagreement: how each is put, and to whom."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """How one kind of disagreement is put: whose it is, what is said, what is asked and where it is seen."""

    between: str
    owner: str
    statement: str
    question: str
    table: str  # whose rows show it
    shown_in: str  # the stage and what it shows there: a table or a view of one
    whole: bool = False  # one row over all months, not one a run of months
    peak: bool = False  # the size is the highest month, not the sum: stock is the same units month after month


KINDS = {
    "view": Kind(
        "demand",
        "demand planner",
        "{who} expects {reference} units of {family} where the statistical plan says {plan}, {months}",
        "Whose view of demand does the plan follow, and on what evidence?",
        "demand_overrides",
        "30_demand_review.demand_overrides",
    ),
    "unserved": Kind(
        "supply",
        "supply planner",
        "{family}: {units} of {reference} units wanted cannot be delivered on time, {months}",
        "How is supply raised, or which customers wait?",
        "service_plan",
        "40_supply_review.service_plan",
    ),
    "capacity": Kind(
        "supply",
        "supply planner",
        "{resource} can give {plan} hours and demand needs {reference}: {short} hours (about {units} units) are"
        " missing, {months}",
        "Which hours, outside capacity or earlier production close it?",
        "rough_cut_capacity",
        "40_supply_review.rough_cut_capacity",
    ),
    "component": Kind(
        "supply",
        "buyer",
        "Component {item}: demand needs {reference} units, {units} of them more than suppliers can deliver in time,"
        " {months}",
        "Can the supplier deliver more, is there a second source, or does demand move?",
        "procurement_plan",
        "40_supply_review.procurement_plan",
    ),
    "launch": Kind(
        "product",
        "product manager",
        "Launch {item} of {product} in {detail}: the plan holds {plan} units of it, {months}",
        "Do the open gates pass, or does the plan go without the launch?",
        "launch_plan",
        "20_product_review.launch_plan",
        whole=True,
    ),
    "short launch": Kind(
        "product",
        "product manager",
        "Launch {item} of {product} starts short: {units} of its first {reference} units cannot be delivered on time,"
        " {months}",
        "Does the launch wait, does it get more of what is scarce, or does it start short?",
        "service_plan",
        "40_supply_review.service_plan",
        whole=True,
    ),
    "budget margin": Kind(
        "finance",
        "finance controller",
        "{family}: margin is {money} ({share}) below budget, {months}",
        "What wins the margin back, or is the outlook restated?",
        "plan_gaps",
        "50_financial_review.money_against_budget",
        whole=True,
    ),
    "budget revenue": Kind(
        "finance",
        "finance controller",
        "{family}: revenue is {money} ({share}) below budget, {months}",
        "What wins the revenue back, or is the outlook restated?",
        "plan_gaps",
        "50_financial_review.money_against_budget",
        whole=True,
    ),
    "goal": Kind(
        "goals",
        "the goal's owner",
        "Goal {item} is missed: {measure} is {plan} where {reference} is wanted, {months}",
        "What is done to reach the goal, or is it given up?",
        "plan_gaps",
        "50_financial_review.goals",
        whole=True,
    ),
    "path": Kind(
        "goals",
        "the goal's owner",
        "Goal {item} is behind its path: {measure} is {plan} where {reference} would be on the way, {months}",
        "What brings the plan back on the way, or is the goal restated?",
        "plan_gaps",
        "50_financial_review.goal_paths",
        whole=True,
    ),
    "excess": Kind(
        "supply",
        "supply planner",
        "{family}: stock is up to {units} units above its maximum, {months}",
        "Is less made, or is the maximum raised?",
        "inventory_plan",
        "40_supply_review.inventory_plan",
        peak=True,
    ),
    "stranded": Kind(
        "product",
        "product manager",
        "{product} is being phased out, and {units} units of it are left at the end of {months}",
        "How is the stock sold off, or is production stopped earlier?",
        "inventory_plan",
        "40_supply_review.inventory_plan",
        peak=True,
    ),
    "cash": Kind(
        "finance",
        "finance controller",
        "Cash falls {money} below zero at its lowest, {months}",
        "What is financed, put off or collected earlier?",
        "cash_plan",
        "50_financial_review.cash_plan",
        whole=True,
    ),
    "cover": Kind(
        "supply",
        "supply planner",
        "{family}: stock is up to {units} units below its safety stock, {months}",
        "Is stock built up again, or is the risk taken?",
        "inventory_plan",
        "40_supply_review.inventory_plan",
        whole=True,
    ),
    "bias": Kind(
        "demand",
        "demand planner",
        "{family}: the consensus has kept to one side of sales; without that bias the plan is {reference} units, not"
        " {plan}, {months}",
        "Is the plan corrected, or why will it be right this time?",
        "forecast_accuracy",
        "30_demand_review.forecast_accuracy",
        whole=True,
    ),
    "demand change": Kind(
        "demand",
        "demand planner",
        "{family}: the plan is {plan} units where {reference} were approved last, {months}",
        "What is known now that was not known then?",
        "plan_gaps",
        "50_financial_review.against_all",
    ),
    "supply change": Kind(
        "supply",
        "supply planner",
        "{family}: {units} of {reference} units approved last are no longer made in their month, {months}",
        "Is the change worth what it costs, or is the plan held?",
        "supply_plan",
        "40_supply_review.supply_plan",
        whole=True,
    ),
    "idle": Kind(
        "supply",
        "supply planner",
        "{resource} pays {reference} hours and needs {plan}, {months}",
        "What else can it make, or are hours given up?",
        "workforce_plan",
        "40_supply_review.workforce_plan",
        whole=True,
    ),
    "double": Kind(
        "demand",
        "sales manager",
        "Deal {item} of {family} adds {units} units that sales may have in its own view as well, {months}",
        "Is the deal in the view of sales, or on top of it?",
        "opportunity_plan",
        "30_demand_review.opportunity_plan",
    ),
}
OF_GOALS = ("goal", "path")
