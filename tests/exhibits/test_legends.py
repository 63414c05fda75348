"""What a legend names: at most five things, for more are not read (IBCS)."""

from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sopkit.reporting import exhibits, figures, theme
from sopkit.reporting.exhibit import made
from sopkit.rules.call import missing
from sopkit.rules.marks import mark_of

MOST = 5
MODULES = sorted(path.stem for path in Path(exhibits.__file__).parent.glob("[!_]*.py"))


def rules_of(module):
    named = vars(import_module(f"{exhibits.__name__}.{module}")).values()
    rules = [one for one in named if isfunction(one) and mark_of(one) is not None]
    return [one for one in rules if one.__module__.endswith(f".{module}")]


def legends(chart):
    """The names in each legend of a chart as it is drawn."""
    with theme.applied():
        figure = Figure(figsize=(figures.WIDTH, chart.inches()))
        figures.fill(figure, chart)
    found = [*figure.legends, *(ax.get_legend() for ax in figure.axes if ax.get_legend())]
    return [[text.get_text() for text in one.get_texts()] for one in found]


@pytest.mark.parametrize("module", MODULES)
def test_a_legend_names_five_things_at_most(module, company, plan):
    tables = {**company, **plan}
    long = {}
    for rule in rules_of(module):
        if missing(rule, tables):
            continue
        for one in made(rule, tables):
            if one.chart is not None and not one.chart.empty:
                many = [names for names in legends(one.chart) if len(names) > MOST]
                long |= {rule.__name__: many} if many else {}
    assert long == {}
