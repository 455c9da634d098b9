"""Division as Python 2 has it: of two whole numbers a whole number.

Old code takes sizes with ``/``. In Python 3 that makes a fraction, which NumPy takes for no size. So that its
gradients can be judged all the same, the text is rewritten, line for line: ``a / b`` in a function becomes a
call that divides whole numbers as ``//`` does, and all others as they are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

NAME = "_divided_as_in_python_2"

_DEFINITION = f"""
def {NAME}(a, b):
    import numpy
    whole = all(numpy.asarray(x).dtype.kind in "iu" for x in (a, b))
    return a // b if whole else a / b
"""

_A_FRACTION = re.compile(
    r"float(64)?' object cannot be interpreted as an integer|slice indices must be integers"
    r"|only integers, slices|indices must be integers|must be an? integer"
)


def wanted(sentence: str) -> bool:
    """Whether an error says that a fraction stands where a whole number should."""
    return bool(_A_FRACTION.search(sentence))


def as_in_python_2(text: str) -> str:
    """The text with whole numbers divided as Python 2 does; empty if it divides nothing."""
    lines = [line.encode() for line in text.split("\n")]
    changes: list[tuple[int, int, int, bytes]] = []  # line, column, bytes that go, bytes that come
    for node in _divisions(ast.parse(text)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        sign = _sign(node, lines)
        if sign is None:
            continue
        changes.append((node.lineno - 1, node.col_offset, 0, f"{NAME}(".encode()))
        changes.append((*sign, 1, b","))
        changes.append((node.end_lineno - 1, node.end_col_offset, 0, b")"))
    if not changes:
        return ""
    for number, column, gone, come in sorted(changes, key=lambda change: change[:2], reverse=True):
        line = lines[number]
        lines[number] = line[:column] + come + line[column + gone :]
    made = b"\n".join(lines).decode() + _DEFINITION
    try:
        ast.parse(made)
    except SyntaxError:
        return ""
    return made


def _divisions(node: ast.AST, inside: bool = False) -> Iterator[ast.BinOp]:
    """The quotients in functions; those in f-strings have no places of their own in every Python."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            continue
        if inside and isinstance(child, ast.BinOp) and isinstance(child.op, ast.Div):
            yield child
        yield from _divisions(child, inside or isinstance(child, (ast.FunctionDef, ast.Lambda)))


def _sign(node: ast.BinOp, lines: list[bytes]) -> tuple[int, int] | None:
    """Where the / of a quotient stands."""
    assert node.left.end_lineno is not None
    assert node.left.end_col_offset is not None
    number, column = node.left.end_lineno - 1, node.left.end_col_offset
    while number < node.right.lineno:
        line = lines[number].split(b"#")[0] if b"#" in lines[number][column:] else lines[number]
        found = line.find(b"/", column)
        if found >= 0:
            return number, found
        number, column = number + 1, 0
    return None
