"""Text while tables are read and rules are called: Python's own strings, not Arrow's.

Most tables have a few thousand rows, so that a step costs the overhead of its table operations;
comparing, joining and taking short columns of Arrow's text costs half as much again. The dtype is
pandas' `str` either way. The option holds only within: for the whole process it would let
`Series.dt.day_name()` fail in an analyst's cell (pandas 3.1).
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import pandas as pd

Given = ParamSpec("Given")
Result = TypeVar("Result")


def as_python_text(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let a function make text as Python's own strings."""

    @wraps(function)
    def within(*arguments: Given.args, **named: Given.kwargs) -> Result:
        with pd.option_context("mode.string_storage", "python"):
            return function(*arguments, **named)

    return within
