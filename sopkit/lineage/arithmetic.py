"""Rules written out as sums and products of numbers."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sopkit.schema.expressions import FUNCTIONS

if TYPE_CHECKING:
    from sopkit.lineage.trace import Leaf

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "×", ast.Div: "/"}


def arithmetic(node: ast.expr, leaves: Iterator["Leaf"]) -> str:
    """Write a rule with its numbers, in the order of calculation."""
    if isinstance(node, ast.Call) and node.func.id in FUNCTIONS:
        return f"{node.func.id}({', '.join(arithmetic(part, leaves) for part in node.args)})"
    if not isinstance(node, ast.BinOp):
        return figure(next(leaves).value)
    left, right = arithmetic(node.left, leaves), arithmetic(node.right, leaves)
    left_sum, right_sum = (
        isinstance(s, ast.BinOp) and isinstance(s.op, ast.Add | ast.Sub)
        for s in (node.left, node.right)
    )
    if isinstance(node.op, ast.Mult | ast.Div):
        left = f"({left})" if left_sum else left
    elif isinstance(node.op, ast.Add) and right.startswith("-"):
        return f"{left} - {right[1:]}"
    if (right_sum and not isinstance(node.op, ast.Add)) or right.startswith("-"):
        right = f"({right})"
    return f"{left} {SIGNS[type(node.op)]} {right}"


def figure(number: float) -> str:
    return (
        f"{number:,.2f}".removesuffix(".00")
        if abs(number) >= 0.005
        else f"{number:.3g}"
        if abs(number) > 1e-9
        else "0"
    )
