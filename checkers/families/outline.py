"""What a source defines, read from its syntax tree: functions, classes, and what is not finished."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from checkers.families.reading import Source


@dataclass(frozen=True)
class Function:
    """A function or method of the student's.

    Attributes:
        name: its name; ``Class.method`` for a method.
        node: its syntax tree.
        required: how many positional arguments must be given (self not counted).
        accepted: how many may be given; 99 with ``*args``.
        keywords: the names that may be given by keyword.
        open: it takes ``**kwargs``.
        static: it is a static method.
    """

    name: str
    node: ast.FunctionDef
    required: int
    accepted: int
    keywords: tuple[str, ...]
    open: bool
    static: bool = False

    @property
    def line(self) -> int:
        """The line of its ``def``."""
        return self.node.lineno

    def takes(self, positional: int, keywords: Sequence[str]) -> bool:
        """Whether it can be called with so many positional arguments and those keywords."""
        given = set(self.keywords[:positional])
        if any(name in given or (name not in self.keywords and not self.open) for name in keywords):
            return False
        named = sum(name in self.keywords[: self.required] for name in keywords)
        return positional <= self.accepted and positional + named >= self.required

    @property
    def abstract(self) -> bool:
        """Whether it is marked as one that subclasses fill in."""
        return any("abstractmethod" in ast.unparse(d) for d in self.node.decorator_list)

    @property
    def unfinished(self) -> str:
        """Why it cannot be finished: a sentence's end; empty if it looks finished."""
        body = [
            node
            for node in self.node.body
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        ]
        if all(isinstance(node, ast.Pass) for node in body):
            return "its body is empty"
        for node in body:
            if (
                isinstance(node, ast.Raise)
                and node.exc is not None
                and "NotImplemented" in ast.dump(node.exc)
            ):
                return "it raises NotImplementedError"
        if all(
            isinstance(node, ast.Pass) or (isinstance(node, ast.Return) and _is_none(node.value))
            for node in body
        ):
            return "it returns None"
        return ""


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


@dataclass(frozen=True)
class Class:
    """A class of the student's, with the methods it has or inherits from classes of the same file."""

    name: str
    node: ast.ClassDef
    methods: Mapping[str, Function]
    bases: tuple[str, ...]

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that it, or what it inherits from in the same file, mentions."""
        nodes = [self.node, *(method.node for method in self.methods.values())]
        return frozenset(n.attr for node in nodes for n in ast.walk(node) if isinstance(n, ast.Attribute))

    @property
    def constructor(self) -> Function | None:
        """Its ``__init__``, if it has one."""
        return self.methods.get("__init__")


@dataclass(frozen=True)
class Outline:
    """Everything that a source defines at its top."""

    source: Source
    functions: Mapping[str, Function]
    classes: Mapping[str, Class]

    def function(self, name: str) -> Function | None:
        """A function by name, or a method as ``Class.method``."""
        owner, _, method = name.rpartition(".")
        if owner:
            return self.classes[owner].methods.get(method) if owner in self.classes else None
        return self.functions.get(name)

    def named(self, name: str) -> list[Function]:
        """The functions and methods of that bare name."""
        found = [self.functions[name]] if name in self.functions else []
        return found + [one.methods[name] for one in self.classes.values() if name in one.methods]

    def has_children(self, name: str) -> bool:
        """Whether another class of the file inherits from the class of that name."""
        return any(name in one.bases for one in self.classes.values())

    def marked_todo(self, function: Function) -> bool:
        """Whether a TODO or a skeleton's placeholder still stands in the function."""
        lines = self.source.text.split("\n")[function.node.lineno - 1 : function.node.end_lineno]
        return any(_TODO.search(line) for line in lines)

    @property
    def has_epsilon(self) -> bool:
        """Whether a small constant, as one keeps a logarithm alive with, stands somewhere in the file."""
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
                parts: list[ast.expr] = [node.left, node.right]
            elif isinstance(node, ast.Call):
                parts = [*node.args, *(k.value for k in node.keywords)]
            elif isinstance(node, ast.Assign) and any("eps" in ast.unparse(t).lower() for t in node.targets):
                parts = [node.value]
            elif isinstance(node, ast.FunctionDef) and "eps" in ast.unparse(node.args).lower():
                parts = [*node.args.defaults]
            else:
                continue
            if any(
                isinstance(n, ast.Constant) and isinstance(n.value, float) and 0 < n.value <= 1e-3
                for n in parts
            ):
                return True
        return False


_TODO = re.compile(
    r"#.*\b(TODO|YOUR CODE HERE|FIXME|IMPLEMENT)\b|\"\"\".*YOUR CODE HERE|\bYOUR CODE HERE\b|Start code here",
    re.I,
)


def outline(source: Source) -> Outline:
    """The outline of a source; functions and classes of the same name: the last counts."""
    functions: dict[str, Function] = {}
    raw: dict[str, ast.ClassDef] = {}
    for node in _top(source.tree.body):
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = _function(node, node.name, False)
        elif isinstance(node, ast.ClassDef):
            raw[node.name] = node
    classes = {name: _class(node, raw, set()) for name, node in raw.items()}
    return Outline(source, functions, classes)


def _top(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If):
            found += _top([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            found += _top(node.body)
        else:
            found.append(node)
    return found


def _class(node: ast.ClassDef, raw: Mapping[str, ast.ClassDef], seen: set[str]) -> Class:
    methods: dict[str, Function] = {}
    bases = tuple(base.id for base in node.bases if isinstance(base, ast.Name))
    for base in bases:
        if base in raw and base not in seen and base != node.name:
            methods |= _class(raw[base], raw, seen | {node.name}).methods
    for child in node.body:
        if isinstance(child, ast.FunctionDef):
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in child.decorator_list)
            methods[child.name] = _function(child, f"{node.name}.{child.name}", not static)
    return Class(node.name, node, methods, bases)


def _function(node: ast.FunctionDef, name: str, bound: bool) -> Function:
    given = node.args
    positional = [a.arg for a in [*given.posonlyargs, *given.args]][1 if bound else 0 :]
    required = max(len(positional) - len(given.defaults), 0)
    return Function(
        name,
        node,
        required,
        99 if given.vararg else len(positional),
        tuple(positional) + tuple(a.arg for a in given.kwonlyargs),
        given.kwarg is not None,
        "." in name and not bound,
    )


def line_of(function: Function, wanted: Sequence[str], near: Sequence[str] = ()) -> int:
    """The line in a function that most likely makes one of the values ``wanted``.

    The last assignment to a name, an item or an attribute of that name that does more than to lay out zeros;
    with ``near`` preferably one in which such a name occurs. The line of the ``def`` if there is none.
    """
    found: list[tuple[int, ast.stmt]] = []
    for node in ast.walk(function.node):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {name for target in targets for name in _written(target)}
            if names & set(wanted) and not _lays_out(node.value):
                found.append((node.lineno, node))
    if not found:
        returned = [
            (node.lineno, node)
            for node in ast.walk(function.node)
            if isinstance(node, ast.Return) and node.value
        ]
        asked = [node.lineno for node in _if_derivative(function) if isinstance(node, ast.Return)]
        return max(asked or [line for line, _ in returned] or [function.line])
    preferred = [
        pair
        for pair in found
        if any(re.search(rf"\b{re.escape(name)}\b", ast.unparse(pair[1])) for name in near)
    ]
    return max(preferred or found, key=lambda pair: pair[0])[0]


def _if_derivative(function: Function) -> Iterator[ast.AST]:
    """What a function does where a flag asks for its derivative: ``if deriv: …``."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.If) and re.search(r"deriv|prime|grad|back", ast.unparse(node.test), re.I):
            turned = isinstance(node.test, ast.UnaryOp) or "False" in ast.unparse(node.test)
            for part in node.orelse if turned else node.body:
                yield from ast.walk(part)


def written_names(function: Function) -> list[str]:
    """The names, attributes and keys that a function assigns to, as they come."""
    found: dict[str, None] = {}
    for node in ast.walk(function.node):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                found.update(dict.fromkeys(_written(target)))
    return list(found)


def _written(target: ast.expr) -> set[str]:
    if isinstance(target, ast.Name):
        return {target.id}
    if isinstance(target, ast.Attribute):
        return {target.attr}
    if isinstance(target, ast.Subscript):
        key = target.slice
        named = {str(key.value)} if isinstance(key, ast.Constant) and isinstance(key.value, str) else set()
        return named or _written(target.value)
    if isinstance(target, (ast.Tuple, ast.List)):
        return {name for part in target.elts for name in _written(part)}
    return set()


def _lays_out(value: ast.expr) -> bool:
    """Whether a value is only a beginning: zeros, None, an empty dictionary."""
    text = ast.unparse(value)
    if isinstance(value, (ast.Constant, ast.Dict)) or re.match(r"np\.(zeros|empty|ones)(_like)?\(", text):
        return True
    return isinstance(value, ast.Tuple) and all(_lays_out(part) for part in value.elts)


def unwritten(function: Function) -> list[str]:
    """The names that it returns and into which nothing but zeros or None is ever put."""
    touched: set[str] = set()
    laid_out: set[str] = set()
    for node in ast.walk(function.node):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                filled = isinstance(node.value, ast.Dict) and bool(node.value.keys)
                blank = isinstance(target, (ast.Name, ast.Tuple)) and _lays_out(node.value) and not filled
                (laid_out if blank else touched).update(_roots(target))
        elif isinstance(node, (ast.AugAssign, ast.For, ast.NamedExpr)):
            touched |= _roots(node.target)
        elif isinstance(node, ast.Call):
            parts = [*node.args, *(k.value for k in node.keywords)]
            if isinstance(node.func, ast.Attribute):
                parts.append(node.func.value)
            touched |= {part.id for part in parts if isinstance(part, ast.Name)}
    returned = {name for names in returned_names(function) for name in names if name}
    return sorted(returned & laid_out - touched)


def _roots(target: ast.expr) -> set[str]:
    """The variables that an assignment to a target changes."""
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
        target = target.value
    if isinstance(target, (ast.Tuple, ast.List)):
        return {name for part in target.elts for name in _roots(part)}
    return {target.id} if isinstance(target, ast.Name) else set()


def returned_names(function: Function) -> list[list[str]]:
    """Per ``return`` of several values the names returned, "" where it is more than a name."""
    found = []
    for node in ast.walk(function.node):
        if isinstance(node, ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            found.append([_name(part) for part in parts])
    return found


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
