"""Panels and forms of notebooks opened by hand; a run and a report show a still picture in their place."""

from sopkit.widgets.forms import override_grid
from sopkit.widgets.panel import what_if
