"""The little language in which a family says how a student's functions are called.

    out, cache = affine_forward(x, w, b)
    dx, dw, db = affine_backward(delta, cache)
    dx, dw, db = affine_backward(...)          # each of the student's parameters gets the value of its name

It is a part of Python: assignments whose right side calls one of the student's functions, makes one of their
objects, calls a method, reads an attribute (``layer.dW``) or takes an item (``grads["W1"]``). The left side
is a name, several names, or an attribute to be set. Everything is planned here and carried out by a worker in
one go. Arithmetic, ``.T`` and the functions of ``LOCAL`` work on arrays that are known on this side.
``caller.f(…)`` calls a function of ``caller.py`` beside the student's code, with the student's functions and
classes as arguments.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from checkers.errors import InputError
from checkers.isolation.channel import printable


class Misfit(Exception):
    """What a student's function returned does not have the form that the family expects."""


CALLER = "caller"
"""How scripts name the functions that call the student's whatever they are called."""

BESIDE = "_caller"
"""The name of that module in the worker."""


@dataclass(frozen=True)
class Ref:
    """The value of an earlier step, or a part of it.

    Attributes:
        step: the number of the step.
        path: indices and keys that lead to the part.
    """

    step: int
    path: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing for the worker to do.

    Attributes:
        kind: "call", "construct", "method", "get", "set", "global" (set one) or "function" (take one).
        name: of the function, class, method or attribute.
        target: the object, for the last three.
        args, kwargs: the arguments, which may hold a ``Ref`` anywhere.
    """

    kind: str
    name: str
    target: Ref | None = None
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def _concat(*arrays: Any) -> Any:
    return np.concatenate([np.ravel(a) for a in arrays])


def _one_hot(labels: Any, classes: int) -> Any:
    return np.eye(int(classes))[np.asarray(labels, dtype=int)]


def _binary_cross_entropy(a: Any, y: Any) -> Any:
    """Mean over the columns of the binary cross-entropy."""
    a = np.reshape(a, np.shape(y))
    return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / np.shape(y)[-1]


def _cross_entropy_of_rows(p: Any, y: Any) -> Any:
    """Mean over the rows of the cross-entropy with labels, or with one-hot rows."""
    if np.ndim(y) == 1:
        return -np.mean(np.log(p[np.arange(len(p)), y]))
    return -np.sum(y * np.log(p)) / len(p)


def _cross_entropy_of_columns(p: Any, y: Any) -> Any:
    """Mean over the columns of the cross-entropy with one-hot columns."""
    return -np.sum(y * np.log(p)) / np.shape(p)[1]


LOCAL: Mapping[str, Callable[..., Any]] = {
    "concat": _concat,
    "reshape": lambda a, *shape: np.reshape(a, shape),
    "sum": lambda a, *axis: np.sum(a, *axis),
    "zeros": lambda *shape: np.zeros(shape),
    "one_hot": _one_hot,
    "column": lambda a: np.reshape(a, (-1, 1)),
    "row": lambda a: np.reshape(a, (1, -1)),
    "hstack": lambda *arrays: np.hstack(arrays),
    "array": lambda *values: np.array(values),
    "int": int,
    "softmax_of": lambda z: np.exp(z) / np.sum(np.exp(z)),
    "relu_of": lambda z: np.maximum(z, 0),
    "tanh_of": np.tanh,
    "sigmoid_of": lambda z: 1 / (1 + np.exp(-z)),
    "indices": lambda a: list(range(np.size(a))),
    "bce": _binary_cross_entropy,
    "ce_rows": _cross_entropy_of_rows,
    "ce_columns": _cross_entropy_of_columns,
    "log": np.log,
    "ravel": lambda a, order="C": np.ravel(a, order=order),
    "stack": lambda *arrays: np.stack(arrays),
}
"""Functions of arrays that scripts may use on this side."""

_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.MatMult: operator.matmul,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class Called:
    """A student's function, class or method that a script calls.

    Attributes:
        name: the function or class; for a method its name.
        positional: the number of positional arguments.
        keywords: the names of the others.
        variable: for a method, the script's variable whose method it is; else empty.
        by_name: it is written ``f(...)``: every parameter gets the script's value of that name.
    """

    name: str
    positional: int
    keywords: tuple[str, ...]
    variable: str = ""
    by_name: bool = False


@dataclass(frozen=True)
class Script:
    """A parsed script.

    Attributes:
        text: as it was written.
    """

    text: str

    @cached_property
    def statements(self) -> tuple[ast.stmt, ...]:
        """The statements.

        Raises:
            InputError: the text is not of the language.
        """
        try:
            body = ast.parse(self.text.strip()).body
        except SyntaxError as error:
            raise InputError(f"the script {self.text.strip()!r} does not parse: {error.msg}") from error
        for node in body:
            if not isinstance(node, (ast.Assign, ast.Expr)):
                raise InputError(f"the script line {ast.unparse(node)!r} is neither an assignment nor a call")
        return tuple(body)

    @cached_property
    def called(self) -> tuple[Called, ...]:
        """The student's functions, classes and methods that it calls, in order."""
        found = []
        for statement in self.statements:
            for node in _calls(statement):
                keywords = tuple(k.arg for k in node.keywords if k.arg)
                dots = _by_name(node)
                count = 0 if dots else len(node.args)
                if isinstance(node.func, ast.Name):
                    if node.func.id not in LOCAL:
                        found.append(Called(node.func.id, count, keywords, "", dots))
                elif (
                    isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id != CALLER
                ):
                    found.append(Called(node.func.attr, count, keywords, node.func.value.id, dots))
        return tuple(found)

    @cached_property
    def attributes(self) -> tuple[tuple[str, str], ...]:
        """The attributes that it sets: (variable, attribute)."""
        return tuple(
            (target.value.id, target.attr)
            for statement in self.statements
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        )

    @cached_property
    def targets(self) -> frozenset[str]:
        """The names that it gives a value."""
        return frozenset(
            node.id
            for statement in self.statements
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            for node in ast.walk(target)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """All names that occur in it."""
        return frozenset(
            node.id for s in self.statements for node in ast.walk(s) if isinstance(node, ast.Name)
        )

    @property
    def first_target(self) -> str:
        """The first name on the left of the last assignment: by default the output of a forward."""
        for node in reversed(self.statements):
            if isinstance(node, ast.Assign):
                target = node.targets[0]
                while isinstance(target, ast.Tuple):
                    target = target.elts[0]
                if isinstance(target, ast.Name):
                    return target.id
        return ""

    def classes(self) -> dict[str, str]:
        """Variable → the class that it is made of, by the script: ``layer = Affine(W, b)``."""
        made = {}
        for node in self.statements:
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and isinstance(node.value, ast.Call)
                and isinstance(node.value.func, ast.Name)
            ):
                made[node.targets[0].id] = node.value.func.id
        return made


def _by_name(node: ast.Call) -> bool:
    return len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and node.args[0].value is ...


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a statement, inner ones first."""
    for child in ast.iter_child_nodes(node):
        yield from _calls(child)
    if isinstance(node, ast.Call):
        yield node


class Plan:
    """Scripts turned into steps.

    Args:
        known: the values that are known on this side, by name.
        names: what the student calls the functions and classes of the script.
        classes: the names, as the student calls them, that are classes.
        parameters: script name of a function that is called by name → the student's parameter → the script's
            value for it.
    """

    def __init__(
        self,
        known: Mapping[str, Any],
        names: Mapping[str, str],
        classes: frozenset[str],
        parameters: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.parameters = parameters or {}
        self.values: dict[str, Any] = dict(known)
        self.names = names
        self.classes = classes
        self.steps: list[Step] = []
        self._arity: list[tuple[Ref, int]] = []
        self._made: dict[str, Ref] = {}

    def add(self, script: Script) -> None:
        """Plan the statements of a script after those that are planned already."""
        for node in script.statements:
            if isinstance(node, ast.Expr):
                self._value(node.value)
                continue
            assert isinstance(node, ast.Assign)
            value = self._value(node.value)
            for target in node.targets:
                self._assign(target, value)

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.values[target.id] = value
        elif isinstance(target, ast.Tuple):
            if isinstance(value, Ref):
                self._arity.append((value, len(target.elts)))
            for number, part in enumerate(target.elts):
                self._assign(part, _item(value, number))
        elif isinstance(target, ast.Attribute):
            name = self.names.get(target.attr, target.attr)
            self.steps.append(Step("set", name, self._object(target.value), (value,)))
        else:
            raise InputError(f"a script cannot assign to {ast.unparse(target)!r}")

    def _object(self, node: ast.expr) -> Ref:
        value = self._value(node)
        if not isinstance(value, Ref):
            raise InputError(f"{ast.unparse(node)!r} in a script is no object of the student's")
        return value

    def _step(self, step: Step) -> Ref:
        self.steps.append(step)
        return Ref(len(self.steps) - 1)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            if node.id not in self.values and node.id in self.names:
                owner, _, method = self.names[node.id].rpartition(".")
                if owner:
                    return self._step(Step("get", method, self._instance(owner)))
                return self._step(Step("function", self.names[node.id]))
            if node.id not in self.values:
                raise InputError(f"the script uses {node.id!r}, which nothing gives a value")
            return self.values[node.id]
        if isinstance(node, (ast.Tuple, ast.List)):
            items = [self._value(item) for item in node.elts]
            return tuple(items) if isinstance(node, ast.Tuple) else items
        if isinstance(node, ast.Dict):
            return {self._value(k): self._value(v) for k, v in zip(node.keys, node.values, strict=True) if k}
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Attribute):
            value = self._value(node.value)
            if isinstance(value, Ref):
                return self._step(Step("get", node.attr, value))
            if node.attr == "T":
                return np.transpose(value)
            raise InputError(f"a script knows no attribute {node.attr!r} of an array")
        if isinstance(node, ast.Subscript):
            return _item(self._value(node.value), self._index(node.slice))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._local(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            left, right = self._local(node.left), self._local(node.right)
            with np.errstate(all="ignore"):
                return _OPERATORS[type(node.op)](left, right)
        raise InputError(f"a script cannot contain {ast.unparse(node)!r}")

    def _index(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Slice):
            return slice(*(None if part is None else self._value(part) for part in (node.lower, node.upper)))
        if isinstance(node, ast.Tuple):
            return tuple(self._index(part) for part in node.elts)
        return self._value(node)

    def _local(self, node: ast.expr) -> Any:
        value = self._value(node)
        if isinstance(value, Ref):
            raise InputError(
                f"{ast.unparse(node)!r} is not known on this side, so a script cannot reckon with it"
            )
        return np.asarray(value) if isinstance(value, (int, float, list)) else value

    def _call(self, node: ast.Call) -> Any:
        kwargs = {k.arg: self._value(k.value) for k in node.keywords if k.arg}
        args: tuple[Any, ...] = ()
        if _by_name(node):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            kwargs |= {own: self.values[name] for own, name in self.parameters.get(called, {}).items()}
        else:
            args = tuple(self._value(arg) for arg in node.args)
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == CALLER:
            return self._step(Step("call", f"{BESIDE}.{node.func.attr}", None, args, kwargs))
        if isinstance(node.func, ast.Attribute):
            method = self.names.get(node.func.attr, node.func.attr)
            return self._step(Step("method", method, self._object(node.func.value), args, kwargs))
        if not isinstance(node.func, ast.Name):
            raise InputError(f"a script cannot call {ast.unparse(node.func)!r}")
        if node.func.id in LOCAL and node.func.id not in self.names:
            with np.errstate(all="ignore"):
                return LOCAL[node.func.id](*args, **kwargs)
        name = self.names.get(node.func.id, node.func.id)
        owner, _, method = name.rpartition(".")
        if owner:
            return self._step(Step("method", method, self._instance(owner), args, kwargs))
        return self._step(Step("construct" if name in self.classes else "call", name, None, args, kwargs))

    def _instance(self, owner: str) -> Ref:
        """An object of a class of the student's, on which methods are called as functions."""
        if owner not in self._made:
            cls = self._step(Step("function", owner))
            self._made[owner] = self._step(Step("call", f"{BESIDE}.instance", None, (cls,)))
        return self._made[owner]

    def results(self, returned: Sequence[Any]) -> dict[str, Any]:
        """The values of all names of the scripts, from what the steps returned.

        Raises:
            Misfit: something could not be taken apart as the scripts do.
        """
        for ref, count in self._arity:
            value = resolved(ref, returned)
            if not isinstance(value, (tuple, list)) or len(value) != count:
                raise Misfit(f"it returns {spoken(value)}, where {count} values are expected")
        return {name: resolved(value, returned) for name, value in self.values.items()}


def resolved(value: Any, returned: Sequence[Any]) -> Any:
    """A value with every reference replaced by what the step returned; missing items stay references."""
    if isinstance(value, Ref):
        found = returned[value.step]
        for key in value.path:
            try:
                found = found[key]
            except (TypeError, IndexError, KeyError):
                return Missing(key, spoken(found))
        return found
    if isinstance(value, (tuple, list)):
        return type(value)(resolved(item, returned) for item in value)
    if isinstance(value, dict):
        return {key: resolved(item, returned) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class Missing:
    """An item that a returned value does not have."""

    key: Any
    value: str


def evaluated(expression: str, values: Mapping[str, Any]) -> Any:
    """An expression over values that are all known on this side.

    Raises:
        Misfit: an item that it takes is not there.
        InputError: it is not of the language.
    """
    plan = Plan(values, {}, frozenset())
    try:
        node = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise InputError(f"the expression {expression!r} does not parse: {error.msg}") from error
    try:
        value = plan._value(node)
    except (TypeError, IndexError, KeyError, ValueError) as error:
        raise Misfit(f"{expression} cannot be had of what is returned ({error})") from error
    if isinstance(value, Missing):
        raise Misfit(f"there is no {value.key!r} in {value.value}")
    return value


def _item(value: Any, key: Any) -> Any:
    if isinstance(value, Ref):
        return Ref(value.step, (*value.path, key))
    if isinstance(value, Missing):
        return value
    if isinstance(value, dict) and key not in value:
        return Missing(key, spoken(value))
    return value[key]


def spoken(value: Any) -> str:
    """What a returned value is, in words."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (tuple, list)):
        return f"{len(value)} values" if len(value) != 1 else "1 value"
    if isinstance(value, dict):
        keys = ", ".join(printable(str(key))[:40] for key in list(value)[:8])
        return f"a dictionary with {keys or 'nothing'}"
    return f"a {getattr(value, 'type_name', type(value).__name__)}"
