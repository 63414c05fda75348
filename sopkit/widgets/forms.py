"""Forms of the meetings: what a function expects of demand, and what the executives choose."""

from datetime import date
from html import escape

import pandas as pd

from sopkit import draft
from sopkit.choices import KEEP
from sopkit.review.meeting import APPROVAL
from sopkit.widgets.sheet import acting, chooser, shown_when_live, text_field, wrapped
from sopkit.words import WORDS

MONTHS = 12  # so many can be typed; further ones stand in demand_inputs
TWIN = "In JupyterLab {} here."


def override_grid(stage, demand_plan):
    """Show a form in which a function gives its view of a product's months; kept as rows of demand_inputs.

    A run shows nothing: what functions expect stands in the tables of the review.
    """
    if not draft.folder():
        shown_when_live(_override_grid(stage, demand_plan), _twin("a function types what it expects"))


def decision_form(stage, decisions, strategies):
    """Show a form that answers a decision of the submitted revision, as `sopkit decide` does; a run shows nothing."""
    asked = decisions[decisions["choice"].isna() & (decisions["decision"] != APPROVAL)]
    if not draft.folder() and len(asked):
        shown_when_live(_decision_form(stage, asked, strategies), _twin("the executives' choice is recorded"))


def _twin(what):
    text = TWIN.format(what)
    return {"text/html": f'<p class="line">{escape(text)}</p>', "text/plain": text}


def _override_grid(stage, demand_plan):
    import ipywidgets  # only a notebook that shows a form needs it

    months = sorted(demand_plan["period"].unique())[:MONTHS]
    consensus = demand_plan.set_index(["product", "market", "period"])["consensus"]
    function = chooser("Function", WORDS["function"].choices)
    product = chooser("Product", sorted(demand_plan["product"].unique()))
    market = chooser("Market", sorted(demand_plan["market"].unique()))
    cells = [ipywidgets.Text(description=str(m), layout=ipywidgets.Layout(width="16em")) for m in months]
    author, reason = text_field("Author"), text_field("Reason")

    def show_consensus(_=None):
        for month, cell in zip(months, cells, strict=True):
            planned = consensus.get((product.value, market.value, month))
            cell.value, cell.placeholder = "", "" if planned is None else f"consensus {planned:,.0f}"

    def keep():
        typed = {month: _number(month, cell.value) for month, cell in zip(months, cells, strict=True)}
        rows = [
            {"period": month, "quantity": number} for month, number in typed.items() if number is not None
        ]
        if not rows:
            raise ValueError("no month holds a number")
        key = {"function": function.value, "product": product.value, "market": market.value}
        given = pd.DataFrame(rows).assign(**key, submitted_on=pd.Timestamp(date.today()))
        stage.keep_demand_inputs(given, author.value, reason.value)
        return f"Kept {len(rows)} months of {product.value} in {market.value} by {function.value}; run the notebook again to plan them."

    show_consensus()
    product.observe(show_consensus, "value")
    market.observe(show_consensus, "value")
    fields = (wrapped(function, product, market), wrapped(*cells), wrapped(author, reason))
    return ipywidgets.VBox([*fields, acting("Keep as demand input", keep, "Not kept")])


def _number(month, text):
    """Read what was typed for a month; None where nothing was."""
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"{month}: {text!r} is not a number; write it with a point, without thousands marks"
        ) from None


def _decision_form(stage, asked, strategies):
    import ipywidgets

    by = asked.set_index("decision")
    decision = chooser(
        "Decision", [(f"{row.decision}: {row.question}", row.decision) for row in asked.itertuples()]
    )
    choice = chooser("Choice", [KEEP])
    due = ipywidgets.DatePicker(description="Due")
    again = ipywidgets.Checkbox(False, description="Replace a choice made before", indent=False)
    author, reason = text_field("Author"), text_field("Reason")
    decision.layout.width = choice.layout.width = "60em"

    def offer(_=None):
        ways = strategies[strategies["disagreement"] == by.loc[decision.value, "disagreement"]]
        named = zip(ways["scenario"] + ": " + ways["statement"], ways["scenario"], strict=True)
        choice.options = [(KEEP, KEEP), *named]

    def decide():
        said = stage.decide(decision.value, choice.value, author.value, reason.value, due.value, again.value)
        effect = f"; by itself it changes margin by {said['margin_effect']:+,.0f}" if said["changes"] else ""
        return f"{said['decision']}: {said['choice']}, chosen by {author.value}{effect}."

    offer()
    decision.observe(offer, "value")
    fields = (decision, choice, wrapped(due, again), wrapped(author, reason))
    return ipywidgets.VBox([*fields, acting("Decide", decide, "Not decided")])
