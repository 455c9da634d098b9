"""What a file says before it runs: functions, classes, imports, unfinished bodies, and signs of Python 2."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any, TypeAlias

Row: TypeAlias = "dict[str, Any]"

_ZEROS = {"zeros", "zeros_like", "empty", "empty_like"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

_NAMES_2 = {
    "xrange", "raw_input", "unicode", "unichr", "basestring", "long", "reduce", "cmp", "execfile", "apply",
}  # fmt: skip
_METHODS_2 = {"iteritems", "itervalues", "iterkeys", "has_key"}
_MODULES_2 = {
    "cPickle",
    "cStringIO",
    "urllib2",
    "ConfigParser",
    "Queue",
    "StringIO",
    "__builtin__",
    "Tkinter",
}
_FORMS_2 = (
    (
        re.compile(r"^\s*(?:.*[:;]\s*)?print\s+(?![=(.,\[]|in\b|is\b|and\b|or\b|if\b|$)\S"),
        "the print statement",
    ),
    (re.compile(r"^\s*(?:.*[:;]\s*)?print\s*>>"), "the print statement"),
    (re.compile(r"^\s*print\s*\(.*\)\s*%"), "the print statement"),
    (re.compile(r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:"), "except E, name"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,\s*\S"), "raise E, message"),
    (re.compile(r"^\s*exec\s+['\"\w]"), "the exec statement"),
    (re.compile(r"[\w\])]\s*<>\s*[\w(\[]"), "the operator <>"),
    (re.compile(r"\b[uU][rR]['\"]"), "a literal ur''"),
    (re.compile(r"(?<![\w.])0[0-7]+[lL]?(?![\w.])(?<!^0)"), "an octal literal without o"),
    (re.compile(r"(?<![\w.])\d+[lL]\b"), "a long literal"),
    (re.compile(r"\blambda\s*\("), "a lambda that unpacks a tuple"),
)


def parsed(source: str, name: str) -> ast.Module:
    """The syntax tree of a file.

    Raises:
        SyntaxError: it is no Python 3.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source, name)
        except (
            ValueError,
            RecursionError,
            MemoryError,
        ) as error:  # null bytes; brackets nested by the thousand
            raise SyntaxError(f"the file cannot be parsed: {str(error) or type(error).__name__}") from error


def imports(tree: ast.Module) -> list[tuple[str, int]]:
    """(module, line) for every import in the text, also those inside functions and by ``__import__``."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.append((node.module, node.lineno))
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                found.append((str(first.value), node.lineno))
    return sorted(found, key=lambda pair: pair[1])


def definitions(tree: ast.Module, source: str) -> tuple[dict[str, Row], dict[str, Row]]:
    """Functions and classes by qualified name: lines, docstring, whether unfinished, and the returns."""
    functions: dict[str, Row] = {}
    classes: dict[str, Row] = {}
    lines = source.split("\n")
    pending: list[tuple[Any, str]] = [(tree, "")]
    while pending:
        node, prefix = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _FUNCTIONS):
                functions[prefix + child.name] = {
                    "line": child.lineno,
                    "end_line": child.end_lineno,
                    "doc": ast.get_docstring(child) or "",
                    "is_stub": unfinished(child),
                    "returns": [_written(r.value, lines) for r in _returns(child) if r.value is not None][
                        :20
                    ],
                }
            elif isinstance(child, ast.ClassDef):
                classes[prefix + child.name] = {
                    "line": child.lineno,
                    "end_line": child.end_lineno,
                    "doc": ast.get_docstring(child) or "",
                }
                pending.append((child, f"{prefix}{child.name}."))
            elif isinstance(child, (ast.If, ast.Try, ast.With, ast.For, ast.While, ast.ExceptHandler)):
                pending.append((child, prefix))
    return functions, classes


def _written(node: ast.expr, lines: list[str]) -> str:
    """The beginning of an expression's text; ``ast`` would split the whole source anew for each."""
    last, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    first = lines[node.lineno - 1].encode()
    if last == node.lineno:
        return first[node.col_offset : end].decode(errors="replace")[:200]
    middle = lines[node.lineno : min(last - 1, node.lineno + 10)]
    closing = lines[last - 1].encode()[:end].decode(errors="replace")
    return "\n".join([first[node.col_offset :].decode(errors="replace"), *middle, closing])[:200]


def _returns(function: ast.AST) -> list[ast.Return]:
    """The returns of a function, those of functions inside it aside."""
    found, pending = [], list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Return):
            found.append(node)
        elif not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            pending[:0] = ast.iter_child_nodes(node)
    return found


def unfinished(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a body does nothing yet: it passes, raises, or hands back constants, arguments and zeros."""
    parameters = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    empty, blank = False, True  # something says "to do"; nothing is computed
    answers: list[ast.expr] = []
    for statement in function.body:
        if isinstance(statement, ast.Pass):
            empty = True
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            empty |= statement.value.value is ...
        elif isinstance(statement, ast.Raise):
            raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
            return blank and isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
        elif (
            isinstance(statement, ast.Assign)
            and all(isinstance(target, (ast.Name, ast.Tuple)) for target in statement.targets)
            and _is_placeholder(statement.value, parameters)
        ):
            empty |= _holds_blank(statement.value)
        elif isinstance(statement, ast.Return):
            answers += [statement.value] if statement.value is not None else []
        else:
            blank = False
    if not blank:
        return False
    if not answers:
        return True
    return all(_is_placeholder(a, parameters, names=True) for a in answers) and (
        empty or any(isinstance(n, ast.Constant) and n.value is None for a in answers for n in ast.walk(a))
    )


def _is_placeholder(node: ast.expr, parameters: set[str], names: bool = False) -> bool:
    """A constant, an argument (or part of one), zeros, or a tuple, list or dictionary of these."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return names or node.id in parameters
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return _is_placeholder(node.value, parameters, names)
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(_is_placeholder(item, parameters, names) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(_is_placeholder(item, parameters, names) for item in node.values)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ZEROS


def _holds_blank(node: ast.expr) -> bool:
    """None, or zeros, somewhere in a placeholder: what a handout leaves for the student to replace.

    Zeros that are returned at once are an answer: the derivative of a step.
    """
    return any(
        (isinstance(n, ast.Constant) and n.value is None)
        or (isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in _ZEROS)
        for n in ast.walk(node)
    )


def signs_of_python2(source: str, tree: ast.Module | None) -> list[tuple[int, str]]:
    """(line, what) for each sign of Python 2: forms where the file does not parse, names where it does."""
    if tree is None:
        found = []
        for number, line in enumerate(source.splitlines()[:20_000], 1):
            code = line[:500].partition("#")[0]
            found += [(number, what) for form, what in _FORMS_2 if form.search(code)][:1]
        return found[:50]
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, (*_FUNCTIONS, ast.ClassDef))}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(a.asname or a.name).partition(".")[0] for a in node.names}
    signs = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _NAMES_2 - bound:
            signs.append((node.lineno, node.id))
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _METHODS_2
        ):
            signs.append((node.lineno, f"{node.func.attr}()"))
    signs += [(line, name) for name, line in imports(tree) if name in _MODULES_2]
    return sorted(set(signs))[:50]
