"""What-if panels: choose a scenario, scale it, and see the plan under it beside the plan at hand."""

import pandas as pd
from IPython.display import display

from sopkit import draft, report, scenarios
from sopkit.vocabulary import CHANGE

FURTHEST, STEP = 2.0, 0.25  # strengths; 1 is as proposed
CHANGES_NOTHING = {"multiply": 1.0, "add": 0.0}
VIEW = "application/vnd.jupyter.widget-view+json"


def what_if(replan, proposed_changes, scenario_changes=None):
    """Show a panel that plans again under a chosen scenario; nothing is computed before one is chosen.

    Where no panel can live, its static twin is seen: the scenarios on offer. A run shows only that, because a panel
    ends with the kernel behind it.
    """
    changes = offered_changes(proposed_changes, scenario_changes)
    offered = changes.drop_duplicates("scenario")[["scenario", "statement"]]
    if offered.empty:
        report.show_claim("What if: no scenario is on offer.")
        return
    html, text = report.exhibit(offered, "What if: the scenarios on offer", rows=len(offered))
    twin = {"text/html": html, "text/plain": text}
    view = {} if draft.folder() else {VIEW: panel(replan, changes).get_view_spec()}
    display(view | twin, raw=True)


def offered_changes(proposed_changes, scenario_changes=None):
    """Put the changes that were proposed before the company's own; a scenario in both is the proposed one.

    Returns
    -------
    scenario, change : statement, and the columns of scenario_changes but its note
    """
    columns = [*CHANGE, "statement"]
    if scenario_changes is None:
        return proposed_changes[columns]
    own = scenarios.untaken(scenario_changes)
    own = own[~own["scenario"].isin(proposed_changes["scenario"])]
    notes = own.dropna(subset="note").groupby("scenario")["note"].agg("; ".join)
    own = own.assign(statement=own["scenario"].map(notes).astype("str").fillna(own["scenario"]))
    return pd.concat([proposed_changes[columns], own[columns]], ignore_index=True)


def scaled(changes, strength):
    """Scale changes: 0 changes nothing, 1 is as proposed, 2 twice as far; a factor moves from 1, a set value stays.

    Returns
    -------
    the columns of changes
    """
    start = changes["operation"].map(CHANGES_NOTHING).astype("float64")
    amount = start + strength * (changes["amount"] - start)
    return changes.assign(amount=amount.where(changes["operation"] != "set", changes["amount"]))


def compared(replan, changes):
    """Plan again under changes, and hold that plan against the plan without them.

    Returns
    -------
    measure : plan, reference_value, gap [the measure's unit]; the reference is the plan without the changes
    """
    return scenarios.compare(replan(changes[CHANGE]), replan(changes.head(0)))


def panel(replan, changes):
    """Make the panel: a scenario, its strength, and below them what came of it.

    Returns
    -------
    the widget: scenario, strength, outcome
    """
    import ipywidgets  # only a notebook that shows a panel needs it

    offered = changes.drop_duplicates("scenario")
    labels = offered["scenario"] + ": " + offered["statement"]
    options = [("choose one", None), *zip(labels, offered["scenario"], strict=True)]
    wide = ipywidgets.Layout(width="100%")
    scenario = ipywidgets.Dropdown(options=options, description="Scenario", layout=wide)
    strength = ipywidgets.FloatSlider(
        1.0, min=0.0, max=FURTHEST, step=STEP, description="Strength", readout_format=".0%",
        continuous_update=False, disabled=True,
    )  # fmt: skip
    outcome = ipywidgets.Output()

    def plan_again(_):
        chosen = changes[changes["scenario"] == scenario.value]
        strength.disabled = not chosen["operation"].isin(CHANGES_NOTHING).any()
        outcome.clear_output()
        if scenario.value is not None:
            with outcome:
                report.show_line("Planning again …")
                _show_outcome(outcome, replan, scenario.value, chosen, strength.value)

    scenario.observe(plan_again, "value")
    strength.observe(plan_again, "value")
    return ipywidgets.VBox([scenario, strength, outcome])


def _show_outcome(outcome, replan, scenario, chosen, strength):
    """Replace what the panel shows by the changes made and the two plans, or by why it cannot be planned."""
    changes, title = scaled(chosen, strength), f"{scenario} at {100 * strength:.0f} %"
    try:
        sides = compared(replan, changes)
    except ValueError as error:
        outcome.clear_output(wait=True)
        report.show_claim(f"{title} cannot be planned: {error}")
        return
    made = changes.assign(amount=changes["amount"].map("{:g}".format))
    made = made.drop(columns=["scenario", "change", "statement"]).dropna(axis="columns", how="all")
    outcome.clear_output(wait=True)
    report.show_table(made, f"{title}: what changes; a set value is not scaled")
    report.show_table(sides, "The plan under it; the reference is the plan without it")
