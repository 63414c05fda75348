"""The form of the demand review: enter an override."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas import Period

from sopkit.collaboration.form_answers import LINES, MONEY, WAYS, in_units, line_of
from sopkit.runner import artifacts
from sopkit.schema.columns import COLUMNS
from sopkit.schema.formatting import currency_of
from sopkit.tables import attach
from sopkit.tables.hierarchies import hierarchies_of, is_within, tree
from sopkit.widgets.layout import (
    acting,
    chooser,
    grid_of,
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
    "What a function expects a month of a product, a family or a group, in units, as a change or "
    "in money: type it into the months it has a view of. Grey is the consensus, or the line that "
    "the answer refers to (5 is 5 %). What is for several products or markets is split among them. "
    "It adds rows to the table demand_inputs of {}, and counts from the next run on."
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
    """The fields of the form: whose view of which series, answered how, and a cell a month."""

    function: "ipywidgets.Dropdown"
    item: "ipywidgets.Dropdown"  # the column that names it, and its name
    market: "ipywidgets.Dropdown"  # or a group; empty: all
    way: "ipywidgets.Dropdown"  # empty: units
    months: Sequence[Period]
    cells: Sequence["ipywidgets.Text"]


def _override_grid(stage, demand_plan, inputs):
    import ipywidgets  # only a notebook that shows a form needs it

    demand, groups = attach(demand_plan, inputs["products"][[*ITEMS]]), hierarchies_of(inputs)
    currency = currency_of(inputs.get("company_settings")) or MONEY
    grid = _grid(demand, groups, currency)
    (author, reason), comes_to = signature(), ipywidgets.HTML()

    def show_grey(_=None):
        planned = _consensus(demand, grid, groups)
        if grid.way.value:
            planned = _lines(stage, grid)[line_of(grid.way.value)].dropna()
        shape = "{:,.2f}" if grid.way.value == MONEY else "{:,.0f}"
        for month, cell in zip(grid.months, grid.cells, strict=True):
            cell.value = ""
            cell.placeholder = shape.format(planned[month]) if month in planned else ""

    def convert(_):
        try:
            comes_to.value = _comes_to(stage, grid, _consensus(demand, grid, groups), currency)
        except ValueError as error:
            comes_to.value = line(str(error), refused=True)

    show_grey()
    for field in (grid.item, grid.market, grid.way):
        field.observe(show_grey, "value")
    for cell in grid.cells:
        cell.observe(convert, "value")
    layout = ipywidgets.Layout(grid_template_columns=MONTH_ROOM)
    cells = ipywidgets.GridBox(grid.cells, layout=layout)
    chosen = wrapped(grid.function, grid.item, grid.market, grid.way)
    fields = (chosen, cells, comes_to, wrapped(author, reason))
    keep = partial(_keep, stage, grid, author, reason)
    keeping = acting("Keep as demand input", keep, "Not kept")
    return ipywidgets.VBox([told(GRID.format(stage.place())), *fields, keeping])


def _grid(demand, groups, currency):
    import ipywidgets

    months = sorted(demand["period"].unique())[:MONTHS]
    wide = {"style": {"description_width": "5em"}, "layout": ipywidgets.Layout(width="auto")}
    items = [(name, ("product", name)) for name in sorted(demand["product"].unique())]
    items += [(name, ("family", name)) for name in _levels(demand["family"], groups.product_groups)]
    markets = [(name, name) for name in _levels(demand["market"], groups.market_groups)]
    ways = [("units", ""), *((currency if way == MONEY else way, way) for way in WAYS)]
    return _Grid(
        chooser("Function", COLUMNS["function"].choices),
        chooser("Product", items),
        chooser("Market", [*markets, ("all markets", "")]),
        chooser("Answer in", ways),
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


def _lines(stage, grid):
    """What an answer may refer to, and the price, by month; see `form_rows.form_rows`."""
    named = dict([grid.item.value])
    return stage.input_lines(named.get("family"), named.get("product"), grid.market.value or None)


def _typed(grid):
    """The numbers typed, by month."""
    cells = zip(grid.months, grid.cells, strict=True)
    read = {month: _number(month, cell.value) for month, cell in cells}
    return {month: number for month, number in read.items() if number is not None}


def _answers(stage, grid):
    """What is typed, by month: in units, and how it was given (empty: in units)."""
    typed, way = _typed(grid), grid.way.value
    if not way or not typed:
        return {month: (number, "") for month, number in typed.items()}
    lines = _lines(stage, grid)[line_of(way)]
    return {month: _in_units(month, number, way, lines) for month, number in typed.items()}


def _in_units(month, number, way, lines):
    """An answer that is not in units, made into units as the forms of `sopkit collect` are."""
    shown, name = lines.get(month), LINES.get(line_of(way), "price")
    if shown is None or pd.isna(shown):
        raise ValueError(f"{month:%b %Y}: {name} is not known; choose another line, or enter units")
    try:
        return in_units(number, way, float(shown))
    except ValueError as error:
        raise ValueError(f"{month:%b %Y} {error}") from None


def _comes_to(stage, grid, consensus, currency):
    """What is typed, in units and in money, by month and together, beside the consensus."""
    answers = _answers(stage, grid)
    if not answers:
        return ""
    units = pd.Series({month: given for month, (given, _) in answers.items()})
    worth = units * _lines(stage, grid)["price"].astype("float64").reindex(units.index)
    rows = {"": [f"{month:%b %Y}" for month in units.index], "= in units": _shown(units)}
    if worth.notna().any():
        rows[f"= in {currency}"] = _shown(worth)
    said = _against(units, sum(consensus.get(month, 0.0) for month in units.index))
    return line(said) + grid_of(rows)


def _shown(numbers):
    return ["" if pd.isna(number) else f"{number:,.0f}" for number in numbers]


def _keep(stage, grid, author, reason):
    """Add what is typed to the table demand_inputs."""
    rows = [
        {"period": month, "quantity": units, "answered_as": how or None}
        for month, (units, how) in _answers(stage, grid).items()
    ]
    if not rows:
        raise ValueError("no month holds a number")
    function, (column, name), market = (field.value for field in grid[:3])
    key = {"function": function, column: name, "market": market or None}
    given = pd.DataFrame(rows).assign(**key, submitted_on=pd.Timestamp(date.today()))
    stage.keep_demand_inputs(given, author.value, reason.value)
    months = f"{len(rows)} month{'s' * (len(rows) != 1)}"
    kept = f"{months} of {name} in {market or 'all markets'} by {function}"
    return f"Kept {kept} in {stage.place()}; run the notebook again to plan with it."


def _against(units, consensus):
    """Say what was typed beside the consensus of the same months."""
    more, months = units.sum() - consensus, f"{len(units)} month{'s' * (len(units) != 1)}"
    beside = (
        f"{abs(more):,.0f} {'more' if more >= 0 else 'less'} than the consensus of these months"
    )
    return f"{units.sum():,.0f} units in {months}, {beside}."


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
