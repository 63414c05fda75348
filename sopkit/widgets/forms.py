"""The form of the demand review: enter an override."""

from datetime import date
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from sopkit.runner import artifacts
from sopkit.schema.columns import COLUMNS
from sopkit.widgets.layout import acting, chooser, line, shown_when_live, signature, told, wrapped

if TYPE_CHECKING:
    from sopkit.runner.session import Review

MONTHS = 12  # of the form; further ones are in demand_inputs
TWIN = "In JupyterLab {} here."
GRID = "What a function expects, in units a month: type it into the months it has a view of; grey is the consensus. It adds rows to the table demand_inputs of {}, and counts from the next run on."
MONTH_ROOM = "repeat(auto-fill, minmax(14em, 1fr))"


def override_grid(stage: "Review") -> None:
    """Show a form for a function's forecast of a product, saved as rows of demand_inputs.

    A run shows nothing: the inputs of the functions are in the tables of the review.
    """
    if not artifacts.folder():
        shown_when_live(
            _override_grid(stage, stage.get("demand_plan")),
            _twin("a function types what it expects"),
        )


def _twin(what):
    text = TWIN.format(what)
    return {"text/html": f'<p class="line">{escape(text)}</p>', "text/plain": text}


def _override_grid(stage, demand_plan):
    import ipywidgets  # only a notebook that shows a form needs it

    months = sorted(demand_plan["period"].unique())[:MONTHS]
    consensus = demand_plan.set_index(["product", "market", "period"])["consensus"]
    function = chooser("Function", COLUMNS["function"].choices)
    product = chooser("Product", sorted(demand_plan["product"].unique()))
    market = chooser("Market", sorted(demand_plan["market"].unique()))
    wide = {"style": {"description_width": "5em"}, "layout": ipywidgets.Layout(width="auto")}
    cells = [ipywidgets.Text(description=f"{month:%b %Y}", **wide) for month in months]
    (author, reason), sum_of_it = signature(), ipywidgets.HTML()

    def planned(month):
        return consensus.get((product.value, market.value, month))

    def show_consensus(_=None):
        for month, cell in zip(months, cells, strict=True):
            cell.value, cell.placeholder = (
                "",
                "" if planned(month) is None else f"{planned(month):,.0f}",
            )

    def typed():
        read = {
            month: _number(month, cell.value) for month, cell in zip(months, cells, strict=True)
        }
        return {month: number for month, number in read.items() if number is not None}

    def add_up(_):
        try:
            given = typed()
            sum_of_it.value = line(_against(given, sum(planned(month) or 0.0 for month in given)))
        except ValueError as error:
            sum_of_it.value = line(str(error), refused=True)

    def keep():
        rows = [{"period": month, "quantity": number} for month, number in typed().items()]
        if not rows:
            raise ValueError("no month holds a number")
        key = {"function": function.value, "product": product.value, "market": market.value}
        given = pd.DataFrame(rows).assign(**key, submitted_on=pd.Timestamp(date.today()))
        stage.keep_demand_inputs(given, author.value, reason.value)
        kept = f"{len(rows)} month{'s' * (len(rows) != 1)} of {product.value} in {market.value} by {function.value}"
        return f"Kept {kept} in {stage.place()}; run the notebook again to plan with it."

    show_consensus()
    for field in (product, market):
        field.observe(show_consensus, "value")
    for cell in cells:
        cell.observe(add_up, "value")
    grid = ipywidgets.GridBox(cells, layout=ipywidgets.Layout(grid_template_columns=MONTH_ROOM))
    fields = (wrapped(function, product, market), grid, sum_of_it, wrapped(author, reason))
    keeping = acting("Keep as demand input", keep, "Not kept")
    return ipywidgets.VBox([told(GRID.format(stage.place())), *fields, keeping])


def _against(given, consensus):
    """Say what was typed beside the consensus of the same months."""
    if not given:
        return ""
    units, more = sum(given.values()), sum(given.values()) - consensus
    beside = (
        f"{abs(more):,.0f} {'more' if more >= 0 else 'less'} than the consensus of these months"
    )
    return f"{units:,.0f} units in {len(given)} month{'s' * (len(given) != 1)}, {beside}."


def _number(month, text):
    """Read what was typed for a month; None where nothing was."""
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"{month:%b %Y}: {text!r} is not a number; write it with a point, without thousands marks"
        ) from None
