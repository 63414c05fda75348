"""The one expression language of the workbook: `+ - * /`, `minimum` and `maximum` of quantities.

A quantity is a number or a name; the caller gives the value of a name: a column, an array, a
number. `minimum` and `maximum` are numpy's and the signs are Python's own, so an expression gives
the same on columns and on arrays. A number divided by nothing is missing (NaN), never infinite.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sopkit.schema.reading import SchemaError


def _divided(part: Any, whole: Any) -> Any:
    import numpy as np  # here alone, so that tools read the schema without it

    return np.divide(part, whole * np.where(np.equal(whole, 0), np.nan, 1.0))


def _minimum(one: Any, other: Any) -> Any:
    import numpy as np

    return np.minimum(one, other)


def _maximum(one: Any, other: Any) -> Any:
    import numpy as np

    return np.maximum(one, other)


OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
}
FUNCTIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "minimum": _minimum,
    "maximum": _maximum,
}


@cache
def parsed(text: str, functions: tuple[str, ...] = ()) -> ast.expr:
    """Parse an expression.

    Parameters
    ----------
    functions : further functions, to which who calculates gives a meaning, as to a name

    Raises
    ------
    SchemaError : it is no expression, or holds what the language has not.
    """
    try:
        root = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise SchemaError(f"{text!r} is not an expression: {error.msg}") from error
    _refuse_unknown(root, text, functions)
    return root


def _refuse_unknown(node: ast.expr, text: str, functions: tuple[str, ...]) -> None:
    match node:
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            parts = [left, right]
        case ast.Call(ast.Name(name), args, []) if name in FUNCTIONS and len(args) == 2:
            parts = args
        case ast.Call(ast.Name(name), args, []) if name in functions:
            parts = args
        case ast.Name() | ast.Attribute(ast.Name()) | ast.Constant(int() | float()):
            parts = []
        case _:
            known = "names, numbers, + - * /, " + ", ".join([*FUNCTIONS, *functions])
            raise SchemaError(f"{text!r}: unknown {ast.unparse(node)}; known are {known}")
    for part in parts:
        _refuse_unknown(part, text, functions)


def names(text: str) -> tuple[str, ...]:
    """The quantities that an expression names, once each, in the order in which they come."""
    found = [node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)]
    return tuple(name for name in dict.fromkeys(found) if name not in FUNCTIONS)


def calculated(node: ast.expr, quantity: Callable[[ast.expr], Any]) -> Any:
    """Calculate a parsed expression; `quantity` says what a name, number or other function is."""
    if isinstance(node, ast.BinOp):
        sides = calculated(node.left, quantity), calculated(node.right, quantity)
        return OPERATORS[type(node.op)](*sides)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        return FUNCTIONS[node.func.id](*(calculated(part, quantity) for part in node.args))
    return quantity(node)


def evaluate(text: str, quantities: Any) -> Any:
    """Calculate an expression on named quantities: a table, or a mapping of arrays and numbers.

    >>> evaluate("demand - minimum(demand, late)", {"demand": 10.0, "late": 12.0})
    0.0
    """

    def quantity(node: ast.expr) -> Any:
        return quantities[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)

    return calculated(parsed(text), quantity)
