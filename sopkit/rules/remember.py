"""Remember what a pure function of tables gave, for as long as its first table lives.

A table is known by its identity: tables are never changed in place, so the same tables ask for the
same answer. The answers lie with the first table and go when it goes.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar

from pandas import DataFrame

Result = TypeVar("Result")
MEMORY = "_remembered"
MOST = 4  # answers of one function to one table: the current plan's, and those of a few what-ifs


def remembered(function: Callable[..., Result]) -> Callable[..., Result]:
    """Let a pure function of tables answer at once when it is asked again of the same tables.

    At least one argument is a table, or the keys or months of one. Tables, arrays and bundles of
    them are known by identity, all else by what it is. The answers of the newest `MOST` questions
    are kept, or as many as the first table says by `remembers`: with an answer the tables that it
    was found of are held too.
    """

    @wraps(function)
    def asked(*arguments: Any) -> Result:
        key = tuple((type(one), one) if _is_plain(one) else id(one) for one in arguments)
        first = next(one for one in arguments if hasattr(one, "__dict__") and not _is_plain(one))
        answers = _memory(first).setdefault(function, OrderedDict())
        if key not in answers:
            # the arguments are held with the answer: an identity is not given away meanwhile
            answers[key] = (arguments, function(*arguments))
            if len(answers) > getattr(first, "remembers", MOST):
                answers.popitem(last=False)
        answers.move_to_end(key)
        return answers[key][1]

    return asked


def as_known(owner: Any, table: DataFrame) -> DataFrame:
    """The first table like this one that was asked about for `owner`, so that its answers hold.

    It is for a small table that is made again under every change, and mostly comes out as it was.
    """
    tables = _memory(owner).setdefault(as_known, [])
    known = next((each for each in tables if each.equals(table)), None)
    if known is None:
        tables[:] = [*tables[1 - MOST :], table]
    return table if known is None else known


def _is_plain(argument: Any) -> bool:
    """Whether an argument is known by what it is: a name, a number, a function, a tuple of such."""
    return type(argument) is tuple or (
        isinstance(argument, Hashable) and not isinstance(argument, tuple)
    )


def _memory(table: Any) -> dict:
    if MEMORY not in vars(table):
        object.__setattr__(table, MEMORY, {})
    return vars(table)[MEMORY]
