"""Systematic mistakes: every place of a backward's source where one of a dozen slips can be made.

A slip is what a hand does: swap operands, drop one, negate, transpose or forget to, take the wrong axis, the
wrong constant, be off by one, take the wrong function, the wrong variable, or exchange two results.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

COUSINS = {
    "exp": "expm1",
    "tanh": "sin",
    "cos": "sin",
    "sin": "cos",
    "maximum": "minimum",
    "minimum": "maximum",
    "sum": "mean",
    "mean": "sum",
    "argmax": "argmin",
    "log": "log1p",
    "sqrt": "abs",
    "cumsum": "cumprod",
    "derivative": "function",
    "sigmoid_derivative": "sigmoid",
    "tanh_derivative": "tanh",
    "relu_derivative": "relu",
    "sigmoid": "sigmoid_derivative",
    "logistic": "np.tanh",
    "row_softmax": "np.exp",
    "ones_like": "zeros_like",
    "sign": "abs",
}
"""Functions that are taken for one another."""


@dataclass(frozen=True)
class Slip:
    """One slip at one place.

    Attributes:
        kind: what kind of slip it is.
        module: the source of the module, as it is.
        node: the place in it.
        new: what stands there instead.
    """

    kind: str
    module: ast.Module
    node: ast.AST
    new: ast.AST

    @property
    def tree(self) -> ast.Module:
        """The source of the module with the slip in it."""
        return ast.fix_missing_locations(_Replace(self.new).visit(_copied(self.module, self.node)))

    def __str__(self) -> str:
        return f"{self.kind}: {_text(self.node)} → {_text(self.new)}"


def slips(tree: ast.Module, function: str, first_line: int) -> Iterator[Slip]:
    """Every slip that can be made in the function of that name that begins at that line."""
    found = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and _begins(node, function, first_line)
    )
    body = found.body if isinstance(found, ast.FunctionDef) else [found.body]
    inner = [node for statement in body for node in ast.walk(statement) if hasattr(node, "lineno")]
    names = sorted(
        {node.id for node in inner if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        | {argument.arg for argument in found.args.args}
    )
    for node in inner:
        for kind, new in _replacements(node, names):
            yield Slip(kind, tree, node, new)


def _begins(node: ast.FunctionDef | ast.Lambda, function: str, line: int) -> bool:
    name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
    return name == function and node.lineno == line


class _Replace(ast.NodeTransformer):
    """Puts ``new`` in the place of the marked node."""

    def __init__(self, new: ast.AST) -> None:
        self._new = new

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if getattr(node, "marked", False):
            return self._new
        return super().generic_visit(node)


def _copied(tree: ast.Module, node: ast.AST) -> ast.Module:
    """A copy of the tree in which the copy of ``node`` is marked."""
    node.marked = True  # type: ignore[attr-defined]
    try:
        return copy.deepcopy(tree)
    finally:
        del node.marked  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str:
    return ast.unparse(node).replace("\n", " ")


def _replacements(node: ast.AST, names: list[str]) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", node.operand
    if isinstance(node, ast.Constant):
        yield from _of_constant(node)
    if isinstance(node, ast.Attribute):
        if node.attr == "T":
            yield "transpose", node.value
        elif node.attr in COUSINS:
            yield "function", _other_attribute(node)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if node.id in COUSINS:
            yield "function", ast.parse(COUSINS[node.id], mode="eval").body
        elif node.id in names:
            others = [name for name in names if name != node.id]
            for other in others[:: max(1, len(others) // 2)][:2]:
                yield "variable", ast.Name(other, ast.Load())
    if isinstance(node, ast.Call):
        yield from _of_call(node)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        flipped = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}.get(type(node.ops[0]))
        if flipped is not None:
            yield "comparison", ast.Compare(node.left, [flipped()], node.comparators)
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield from _of_returned(node.value)
    if isinstance(node, ast.Slice):
        yield from _of_slice(node)
    if isinstance(node, ast.AugAssign):
        yield "accumulation", ast.Assign([node.target], node.value)
        yield "sign", ast.AugAssign(node.target, ast.Sub(), node.value)


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.AST]]:
    left, right, op = node.left, node.right, node.op
    if isinstance(op, (ast.Sub, ast.Div, ast.MatMult)):
        yield "swap", ast.BinOp(right, op, left)
    if not isinstance(op, ast.Pow):
        yield "drop", left
        yield "drop", ast.UnaryOp(ast.USub(), right) if isinstance(op, ast.Sub) else right
    other = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}.get(type(op))
    if other is not None:
        yield "sign" if isinstance(op, (ast.Add, ast.Sub)) else "inverse", ast.BinOp(left, other(), right)
    if isinstance(op, ast.MatMult):
        yield "transpose", ast.BinOp(ast.Attribute(left, "T", ast.Load()), op, right)
        yield "transpose", ast.BinOp(left, op, ast.Attribute(right, "T", ast.Load()))


def _of_constant(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    value = node.value
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield "off by one", ast.Constant(value + 1)
        if value > 0:
            yield "off by one", ast.Constant(value - 1)
    elif isinstance(value, float):
        yield "constant", ast.Constant(2 * value)
        yield "constant", ast.Constant(1.001 * value)


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    if len(node.args) == 2 and not node.keywords:
        yield "swap", ast.Call(node.func, node.args[::-1], [])
    if len(node.args) == 3:
        yield "swap", ast.Call(node.func, [node.args[0], node.args[2], node.args[1]], node.keywords)
    for k, keyword in enumerate(node.keywords):
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant):
            others: list[int | None] = [1 - keyword.value.value] if keyword.value.value in (0, 1) else []
            for axis in [*others, None]:
                keywords = list(node.keywords)
                keywords[k] = ast.keyword("axis", ast.Constant(axis))
                yield "axis", ast.Call(node.func, node.args, keywords)
        elif keyword.arg == "keepdims":
            yield "axis", ast.Call(node.func, node.args, node.keywords[:k] + node.keywords[k + 1 :])
    if len(node.args) == 1 and isinstance(node.func, ast.Attribute) and not node.keywords:
        yield "drop", node.args[0]


def _of_returned(value: ast.Tuple) -> Iterator[tuple[str, ast.AST]]:
    """Results exchanged, negated, doubled, or forgotten."""
    for k, item in enumerate(value.elts):
        if isinstance(item, (ast.Starred, ast.Constant)):
            continue
        for kind, new in (
            ("sign", ast.UnaryOp(ast.USub(), item)),
            ("constant", ast.BinOp(ast.Constant(2), ast.Mult(), item)),
            ("forgotten", ast.BinOp(ast.Constant(0), ast.Mult(), item)),
        ):
            yield kind, ast.Return(ast.Tuple([*value.elts[:k], new, *value.elts[k + 1 :]], ast.Load()))
        for j in range(k):
            if not isinstance(value.elts[j], (ast.Starred, ast.Constant)):
                items = list(value.elts)
                items[j], items[k] = items[k], items[j]
                yield "exchange", ast.Return(ast.Tuple(items, ast.Load()))


def _of_slice(node: ast.Slice) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node.step, ast.UnaryOp):
        yield "order", ast.Slice(node.lower, node.upper, None)


def _other_attribute(node: ast.Attribute) -> ast.AST:
    return ast.Attribute(node.value, COUSINS[node.attr], node.ctx)
