"""The what-if panel: adjust drivers and compare the plan with the base plan."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from IPython.display import display
from pandas import DataFrame

from sopkit import scenarios
from sopkit.reporting import notebook_output
from sopkit.reporting import picture as drawn
from sopkit.reporting.exhibits.scenarios import what_if_chart, what_if_headline
from sopkit.runner import artifacts
from sopkit.schema.formatting import MONEY, company_terms, money_unit
from sopkit.widgets import controls as turns
from sopkit.widgets.layout import (
    acting,
    line,
    shown_when_live,
    signature,
    text_field,
    told,
    wrapped,
)

if TYPE_CHECKING:
    import ipywidgets

    from sopkit.runner.session import Review

FURTHEST, STEP = 2.0, 0.25  # strengths of a scenario; 1 is as proposed
BASE = "The base plan, month by month."
COLUMNS = {
    "measure": "Measure",
    "plan": "What if",
    "reference_value": "As it is",
    "variance": "Change",
}
UNITS = "In figures: quantities in units{}"
TURN = "No changes. Adjust a driver, with the mouse or with Tab and the arrow keys."
KEEP = (
    "Keep what is turned: adds rows to the table scenario_changes of {}. "
    "The plan stays as it is; each later run measures the scenario."
)
BESIDE = "display:flex;flex-wrap:wrap;align-items:flex-start;gap:0 1.5rem"
ROOMY = "flex:1 1 30rem;min-width:0"


def what_if(
    stage: "Review",
    *groups: str,
    option_changes: DataFrame | None = None,
    scenario_changes: DataFrame | None = None,
) -> None:
    """Show a panel of the named groups of controls (default: all).

    Where no panel can live, its still picture is seen: the base plan, as far as this stage
    knows it.

    Parameters
    ----------
    stage : the notebook's Review
    option_changes, scenario_changes : scenarios that can be chosen and scaled, with the controls on
        top
    """
    twin = picture(stage.figures(), inputs=stage.inputs)
    if artifacts.folder():
        display(twin, raw=True)
        return
    controls = turns.offered(stage.inputs, stage.cycle, groups)
    changes = turns.offered_changes(option_changes, scenario_changes)
    shown_when_live(panel(stage, controls, changes), twin)


def picture(
    plan: DataFrame,
    reference: DataFrame | None = None,
    inputs: Mapping[str, DataFrame] | None = None,
) -> dict[str, str]:
    """A plan's chart and measures, with those of the reference plan if there is one.

    `plan` and `reference` are results as `scenarios.figures` gives them; `inputs` name the periods
    and the currency.

    Returns
    -------
    dict of kind : text
    """
    with company_terms(inputs or {}):
        return _picture(plan, reference)


def _picture(plan, reference):
    sides = scenarios.compare(plan, plan if reference is None else reference)
    headline = BASE if reference is None else what_if_headline(sides)
    chart = drawn.shown(what_if_chart(scenarios.by_month(plan, reference)), headline)
    if not {"margin", "cost"} <= set(sides["measure"]):  # not planned in money yet
        return chart
    columns = COLUMNS if reference is not None else {"measure": "Measure", "plan": "As it is"}
    html, text = notebook_output.exhibit(
        sides[list(columns)],
        UNITS.format(f", money in {money_unit()}" if money_unit() != MONEY else ""),
        rows=len(sides),
        headings=columns,
    )
    both = f'<div style="{BESIDE}"><div style="{ROOMY}">{chart["text/html"]}</div>{html}</div>'
    return {"text/html": both, "text/plain": f"{chart['text/plain']}\n{text}"}


def panel(
    stage: "Review", controls: Sequence[turns.Control], changes: DataFrame | None
) -> "ipywidgets.VBox":
    """Make the panel: controls by group, results, and a form to save them as a scenario.

    Returns
    -------
    the widget
    """
    import ipywidgets  # only a notebook that shows a panel needs it

    moved = _Moved(controls, [_field(control) for control in controls], *_chooser(changes), changes)
    outcome = ipywidgets.HTML(picture(stage.figures(), inputs=stage.inputs)["text/html"])
    outcome.add_class("jp-RenderedHTMLCommon")  # so that its tables look like those of other cells
    said = ipywidgets.HTML(line(TURN))

    def plan_again(_=None):
        try:
            made = _turned(moved)
            said.value = line("Planning again …")
            plans = stage.suppose(made) if len(made) else (stage.figures(),)
            outcome.value = picture(*plans, inputs=stage.inputs)["text/html"]
            said.value = line(f"Changed: {_spoken(moved)}." if len(made) else TURN)
        except ValueError as error:
            refusal = f"Infeasible input: {error} Results below are from the previous run."
            said.value = line(refusal, refused=True)

    for field in (*moved.fields, moved.chooser, moved.strength):
        field.observe(plan_again, "value")
    back = acting("Reset", partial(_back, moved, plan_again), "Not planned")
    return _arranged(moved, back, said, outcome, _keeping(stage, moved))


class _Moved(NamedTuple):
    """The controls of a panel with their widgets, and the scenarios that can be chosen."""

    controls: Sequence[turns.Control]
    fields: Sequence["ipywidgets.ValueWidget"]
    chooser: "ipywidgets.Dropdown"
    strength: "ipywidgets.FloatSlider"
    changes: DataFrame


def _turned(moved):
    """What is turned, as rows of `scenario_changes`."""
    chosen = moved.changes[moved.changes["scenario"] == moved.chooser.value]
    moved.strength.disabled = not chosen["operation"].isin(turns.CHANGES_NOTHING).any()
    own = turns.rows(moved.controls, [field.value for field in moved.fields])
    scaled = turns.scaled(chosen, moved.strength.value)
    parts = [part[own.columns] for part in (scaled, own) if len(part)]
    return turns.numbered(pd.concat(parts), turns.NAME) if parts else own


def _spoken(moved):
    """What is turned, in words."""
    name, strength = moved.chooser.value, moved.strength.value
    chosen = [f"scenario {name} at {strength:.0%}"] if name else []
    return "; ".join(chosen + turns.said(moved.controls, [field.value for field in moved.fields]))


def _back(moved, plan_again):
    """Turn every control back, then plan once."""
    for field, control in zip(moved.fields, moved.controls, strict=True):
        field.unobserve(plan_again, "value")
        field.value = control.neutral
        field.observe(plan_again, "value")
    moved.strength.value, moved.chooser.value = 1.0, ""
    plan_again()
    return ""


def _arranged(moved, back, said, outcome, keeping):
    """The scenario to choose on top, the controls beside what came of them, the form below."""
    import ipywidgets

    scenario = [wrapped(moved.chooser, moved.strength)] if len(moved.changes) else []
    room = ipywidgets.Layout(flex="1 1 19rem", min_width="0", padding="0 1.5rem 0 0")
    turning = ipywidgets.VBox([_grouped(moved.controls, moved.fields), back], layout=room)
    wide = ipywidgets.Layout(flex="6 1 34rem", min_width="0")
    shown = ipywidgets.VBox([said, outcome], layout=wide)
    return ipywidgets.VBox([*scenario, wrapped(turning, shown), keeping])


def _keeping(stage, moved):
    """The form that saves the adjusted drivers as a scenario."""
    import ipywidgets

    name, (author, reason) = text_field("Name", "such as more-tents"), signature()

    def keep():
        made, called = _turned(moved), name.value.strip()
        if made.empty:
            raise ValueError("no driver has changed, so there is nothing to save")
        stage.keep_scenario(turns.numbered(made, called), author.value, reason.value)
        return (
            f"Kept as scenario {called} in {stage.place()}; "
            f"measured again by: sopkit scenario compare {called}"
        )

    fields = wrapped(name, author, reason)
    return ipywidgets.VBox(
        [told(KEEP.format(stage.place())), fields, acting("Keep as scenario", keep, "Not kept")]
    )


def _chooser(changes):
    import ipywidgets

    known = changes.drop_duplicates("scenario")
    labels = known["scenario"] + ": " + known["statement"]
    options = [("none", ""), *zip(labels, known["scenario"], strict=True)]
    wide = ipywidgets.Layout(flex="3 1 24rem", min_width="0")
    chooser = ipywidgets.Dropdown(options=options, description="Scenario", layout=wide)
    strength = ipywidgets.FloatSlider(
        1.0, min=0.0, max=FURTHEST, step=STEP, description="Strength", readout_format=".0%",
        continuous_update=False, disabled=True, tooltip="100 % is as proposed, 200 % twice as far",
        layout=ipywidgets.Layout(flex="1 1 18rem"),
    )  # fmt: skip
    return chooser, strength


def _field(control):
    """The widget of one control."""
    import ipywidgets

    style, layout = {"description_width": "8em"}, ipywidgets.Layout(width="auto")
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

    groups, room = {}, ipywidgets.Layout(flex="1 1 18rem", min_width="0", max_width="26rem")
    for control, field in zip(controls, fields, strict=True):
        groups.setdefault(control.heading, []).append(field)
    boxes = [
        ipywidgets.VBox([ipywidgets.HTML(f"<b>{escape(heading)}</b>"), *group], layout=room)
        for heading, group in groups.items()
    ]
    return wrapped(*boxes)
