"""The form of the demand review: enter an override."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import Period

from sopkit.runner import artifacts
from sopkit.schema.columns import COLUMNS
from sopkit.tables import attach
from sopkit.tables.hierarchies import hierarchies_of, is_within, tree
from sopkit.widgets.layout import (
    acting,
    chooser,
    line,
    shown_when_live,
    signature,
    told,
    twin,
    wrapped,
)

if TYPE_CHECKING:
    import ipywidgets

    from sopkit.runner.session import Review

MONTHS = 12  # of the form; further ones are in demand_inputs
TWIN = "In JupyterLab a function types what it expects here."
GRID = (
    "What a function expects, in units a month, of a product, a family or a group: type it into "
    "the months it has a view of; grey is the consensus. What is for several products or markets "
    "is split among them. It adds rows to the table demand_inputs of {}, and counts from the next "
    "run on."
)
ITEMS = ("product", "family")  # what a series may be of; a family cell may name a group
MONTH_ROOM = "repeat(auto-fill, minmax(14em, 1fr))"


def override_grid(stage: "Review") -> None:
    """Show a form for a function's forecast of a product, saved as rows of demand_inputs.

    A run shows nothing: the inputs of the functions are in the tables of the review.
    """
    if not artifacts.folder():
        shown_when_live(
            _override_grid(stage, stage.get("demand_plan"), stage.inputs),
            twin(TWIN),
        )


class _Grid(NamedTuple):
    """The fields of the form: whose view of which series, and a cell a month."""

    function: "ipywidgets.Dropdown"
    item: "ipywidgets.Dropdown"  # the column that names it, and its name
    market: "ipywidgets.Dropdown"  # or a group; empty: all
    months: Sequence[Period]
    cells: Sequence["ipywidgets.Text"]


def _override_grid(stage, demand_plan, inputs):
    import ipywidgets  # only a notebook that shows a form needs it

    demand, groups = attach(demand_plan, inputs["products"][[*ITEMS]]), hierarchies_of(inputs)
    grid = _grid(demand, groups)
    (author, reason), sum_of_it = signature(), ipywidgets.HTML()

    def consensus():
        return _consensus(demand, grid, groups)

    def show_consensus(_=None):
        planned = consensus()
        for month, cell in zip(grid.months, grid.cells, strict=True):
            units = planned.get(month)
            cell.value, cell.placeholder = "", "" if units is None else f"{units:,.0f}"

    def add_up(_):
        try:
            given, planned = _typed(grid), consensus()
            sum_of_it.value = line(_against(given, sum(planned.get(m, 0.0) for m in given)))
        except ValueError as error:
            sum_of_it.value = line(str(error), refused=True)

    show_consensus()
    for field in (grid.item, grid.market):
        field.observe(show_consensus, "value")
    for cell in grid.cells:
        cell.observe(add_up, "value")
    layout = ipywidgets.Layout(grid_template_columns=MONTH_ROOM)
    cells = ipywidgets.GridBox(grid.cells, layout=layout)
    chosen = wrapped(grid.function, grid.item, grid.market)
    fields = (chosen, cells, sum_of_it, wrapped(author, reason))
    keep = partial(_keep, stage, grid, author, reason)
    keeping = acting("Keep as demand input", keep, "Not kept")
    return ipywidgets.VBox([told(GRID.format(stage.place())), *fields, keeping])


def _grid(demand, groups):
    import ipywidgets

    months = sorted(demand["period"].unique())[:MONTHS]
    wide = {"style": {"description_width": "5em"}, "layout": ipywidgets.Layout(width="auto")}
    items = [(name, ("product", name)) for name in sorted(demand["product"].unique())]
    items += [(name, ("family", name)) for name in _levels(demand["family"], groups.product_groups)]
    markets = [(name, name) for name in _levels(demand["market"], groups.market_groups)]
    return _Grid(
        chooser("Function", COLUMNS["function"].choices),
        chooser("Product", items),
        chooser("Market", [*markets, ("all markets", "")]),
        months,
        [ipywidgets.Text(description=f"{month:%b %Y}", **wide) for month in months],
    )


def _levels(names, groups):
    """Families or markets, then the groups above them."""
    lowest = sorted(names.unique())
    if groups is None:
        return lowest
    rows = tree(groups, names)
    return [*lowest, *rows.loc[rows["is_group"], "name"]]


def _consensus(demand, grid, groups):
    """The consensus of what is chosen, by month."""
    (column, name), market = grid.item.value, grid.market.value
    rows = is_within(demand[column], name, groups.product_groups if column == "family" else None)
    if market:
        rows = rows & is_within(demand["market"], market, groups.market_groups)
    return demand[rows].groupby("period")["consensus"].sum()


def _typed(grid):
    """The numbers typed, by month."""
    cells = zip(grid.months, grid.cells, strict=True)
    read = {month: _number(month, cell.value) for month, cell in cells}
    return {month: number for month, number in read.items() if number is not None}


def _keep(stage, grid, author, reason):
    """Add what is typed to the table demand_inputs."""
    rows = [{"period": month, "quantity": number} for month, number in _typed(grid).items()]
    if not rows:
        raise ValueError("no month holds a number")
    function, (column, name), market = (field.value for field in grid[:3])
    key = {"function": function, column: name, "market": market or None}
    given = pd.DataFrame(rows).assign(**key, submitted_on=pd.Timestamp(date.today()))
    stage.keep_demand_inputs(given, author.value, reason.value)
    months = f"{len(rows)} month{'s' * (len(rows) != 1)}"
    kept = f"{months} of {name} in {market or 'all markets'} by {function}"
    return f"Kept {kept} in {stage.place()}; run the notebook again to plan with it."


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
            f"{month:%b %Y}: {text!r} is not a number; write it with a point, without thousands "
            "marks"
        ) from None
