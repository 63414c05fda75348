"""The what-if panel: turn what can be turned, and see the plan under it beside the plan as it is."""

from html import escape

import pandas as pd
from IPython.display import display

from sopkit import charts, claims, draft, report, scenarios
from sopkit.widgets import controls as turns
from sopkit.widgets.sheet import acting, line, shown_when_live, text_field, wrapped

FURTHEST, STEP = 2.0, 0.25  # strengths of a scenario; 1 is as proposed
BASE = "The plan as it is, month by month."


def what_if(stage, *groups, proposed_changes=None, scenario_changes=None):
    """Show a panel of the named groups of controls (all if none is named); nothing is computed before one is turned.

    Where no panel can live, its still picture is seen: the plan as it is, as far as this stage knows it.

    Parameters
    ----------
    stage : the notebook's Review
    proposed_changes, scenario_changes : scenarios that can be chosen and scaled, with the controls on top
    """
    twin = picture(stage.known())
    if draft.folder():
        display(twin, raw=True)
        return
    controls = turns.offered(stage.inputs, stage.cycle, groups)
    changes = turns.offered_changes(proposed_changes, scenario_changes)
    shown_when_live(panel(stage, controls, changes), twin)


def picture(plan, reference=None):
    """A plan's chart and figures, beside those of the plan it is held against if there is one.

    Returns
    -------
    dict of kind : text
    """
    has_figures = {"financial_plan", "strategy_service"} <= set(plan)
    sides = scenarios.compare(plan, plan if reference is None else reference) if has_figures else None
    claim = BASE if reference is None else claims.what_if(sides)
    chart = charts.bundle(charts.what_if(scenarios.by_month(plan, reference), claim))
    if sides is None:
        return chart
    columns = ["measure", "plan"] if reference is None else ["measure", "plan", "reference_value", "gap"]
    html, text = report.exhibit(sides[columns], "The plan in figures", rows=len(sides))
    return {"text/html": chart["text/html"] + html, "text/plain": f"{chart['text/plain']}\n{text}"}


def panel(stage, controls, changes):
    """Make the panel: the controls by group, what came of them, and a form to keep them as a scenario.

    Returns
    -------
    the widget
    """
    import ipywidgets  # only a notebook that shows a panel needs it

    fields = [_field(control) for control in controls]
    chooser, strength = _chooser(changes)
    outcome = ipywidgets.HTML(picture(stage.known())["text/html"])
    outcome.add_class("jp-RenderedHTMLCommon")  # so that its tables look like those of other cells
    said = ipywidgets.HTML()

    def turned():
        chosen = changes[changes["scenario"] == chooser.value]
        strength.disabled = not chosen["operation"].isin(turns.CHANGES_NOTHING).any()
        own = turns.rows(controls, [field.value for field in fields])
        parts = [part[own.columns] for part in (turns.scaled(chosen, strength.value), own) if len(part)]
        return turns.numbered(pd.concat(parts), turns.NAME) if parts else own

    def plan_again(_=None):
        try:
            made = turned()
            said.value = line("Planning again …")
            plans = stage.suppose(made) if len(made) else (stage.known(),)
            outcome.value = picture(*plans)["text/html"]
            said.value = ""
        except ValueError as error:
            said.value = line(f"This cannot be planned: {error}")

    def back():
        for field, control in zip(fields, controls, strict=True):
            field.unobserve(plan_again, "value")
            field.value = control.neutral
            field.observe(plan_again, "value")
        strength.value, chooser.value = 1.0, ""
        plan_again()
        return ""

    name, author, reason = text_field("Name"), text_field("Author"), text_field("Reason")

    def keep():
        made, called = turned(), name.value.strip()
        if made.empty:
            raise ValueError("nothing is turned, so there is nothing to keep")
        stage.keep_scenario(turns.numbered(made, called), author.value, reason.value)
        return f"Kept as scenario {called}: `sopkit scenario compare {called}` measures it again."

    for field in (*fields, chooser, strength):
        field.observe(plan_again, "value")
    return ipywidgets.VBox(
        [
            *([ipywidgets.HBox([chooser, strength])] if len(changes) else []),
            _grouped(controls, fields),
            acting("Back to the plan as it is", back, "Not planned"),
            said,
            outcome,
            wrapped(name, author, reason),
            acting("Keep as scenario", keep, "Not kept"),
        ]
    )


def _chooser(changes):
    import ipywidgets

    known = changes.drop_duplicates("scenario")
    labels = known["scenario"] + ": " + known["statement"]
    options = [("none", ""), *zip(labels, known["scenario"], strict=True)]
    wide = ipywidgets.Layout(width="60%")
    chooser = ipywidgets.Dropdown(options=options, description="Scenario", layout=wide)
    strength = ipywidgets.FloatSlider(
        1.0, min=0.0, max=FURTHEST, step=STEP, description="Strength", readout_format=".0%",
        continuous_update=False, disabled=True,
    )  # fmt: skip
    return chooser, strength


def _field(control):
    """The widget of one control."""
    import ipywidgets

    style, layout = {"description_width": "9em"}, ipywidgets.Layout(width="24em")
    common = {"description": control.label, "style": style, "layout": layout}
    if control.kind == "switch":
        return ipywidgets.Checkbox(control.neutral, indent=False, **common)
    if control.kind == "choice":
        return ipywidgets.Dropdown(options=control.options, value=control.neutral, **common)
    low, high, step = control.options
    return ipywidgets.FloatSlider(
        control.neutral,
        min=low,
        max=high,
        step=step,
        readout_format="+.0%",
        continuous_update=False,
        **common,
    )


def _grouped(controls, fields):
    """The fields under the name of their group, side by side as far as there is room."""
    import ipywidgets

    groups = {}
    for control, field in zip(controls, fields, strict=True):
        groups.setdefault(control.group, []).append(field)
    boxes = [
        ipywidgets.VBox([ipywidgets.HTML(f"<b>{escape(name.capitalize())}</b>"), *group])
        for name, group in groups.items()
    ]
    return wrapped(*boxes)
