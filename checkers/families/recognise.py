"""Which exercises of which families a submission's functions belong to, by name and signature.

Behaviour decides the rest: an exercise that does not run on the student's functions is not theirs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from checkers.families.outline import Class, Function, Outline
from checkers.families.schema import Exercise, Family
from checkers.families.script import Called

NOT_GRADIENTS = re.compile(
    r"numerical|numeric|num_grad|grad_?check|gradient_?check|check_?grad|rel_error|clip|update|descent|finite|approx",
    re.I,
)
"""Names of functions that deal with gradients but are none."""

LOOKS_LIKE = re.compile(
    r"backward|back_?prop|(^|_)grad(ient)?s?(_|$)|_prime$|_deriv|derivative|^d_?(sigmoid|relu|tanh|softmax)"
    r"|(?-i:[a-z](Prime|Gradient|Deriv|Grad)$)",
    re.I,
)
"""Names of functions that probably compute a gradient."""


def plain(name: str) -> str:
    """A name as it is spoken: ``backPropagation``, ``back_propagation`` and ``Backpropagation`` are one."""
    return name.replace("_", "").lower()


@dataclass(frozen=True)
class Match:
    """An exercise with the names that the student gives its functions.

    Attributes:
        exercise: the exercise.
        names: script name → the student's.
        parameters: script name of a function that is called by name → its parameter → the script's value.
    """

    exercise: Exercise
    names: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def pattern(self) -> bool:
        """Whether the judged function is known by a pattern, and not by a name of its own."""
        for part in self.exercise.judged.split("."):
            known = {
                plain(one.removeprefix("self.").removeprefix("static."))
                for one in self.exercise.names.get(part, (part,))
            }
            if plain(self.names.get(part, part).rpartition(".")[2]) not in known:
                return True
        return False

    @property
    def judged(self) -> str:
        """The student's function that is judged; ``Class.method`` for a method."""
        owner, dot, method = self.exercise.judged.rpartition(".")
        method = self.names.get(method, method)
        return f"{self.names.get(owner, owner)}.{method}" if dot else method


def matches(outline: Outline, available: Outline, families: Sequence[Family]) -> dict[str, list[Match]]:
    """The student's function → the exercises it may belong to, in the order of the families.

    Args:
        outline: what the file itself defines.
        available: the same with what it imports.
        families: those that are considered.
    """
    found: dict[str, list[Match]] = {}
    for family in families:
        for exercise in family.exercises:
            for names in _namings(exercise, available):
                parameters = _parameters(exercise, names, available)
                if parameters is None:
                    continue
                match = Match(exercise, names, parameters)
                judged = outline.function(match.judged)
                if judged is None or NOT_GRADIENTS.search(match.judged) or _abstract(outline, judged):
                    continue
                if _fits(exercise, names, available):
                    found.setdefault(match.judged, []).append(match)
    for name, several in found.items():
        found[name] = [m for m in several if not m.exercise.alone] or several
    order = {name: k for k, name in enumerate(_in_file_order(outline))}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], 0)))


def unrecognised(outline: Outline, matched: Sequence[str]) -> list[Function]:
    """Functions that look like gradients by their name and belong to no exercise."""
    covered = covered_by(outline, matched)
    found = [f for f in outline.functions.values() if f.name not in matched]
    for one in outline.classes.values():
        found += [
            m
            for name, m in one.methods.items()
            if f"{one.name}.{name}" not in matched
            and m.name == f"{one.name}.{name}"
            and not name.startswith("__")
        ]
    return [
        f
        for f in found
        if LOOKS_LIKE.search(f.name.rpartition(".")[2])
        and not NOT_GRADIENTS.search(f.name)
        and f.name.rpartition(".")[2] not in covered
        and not _abstract(outline, f)
    ]


def covered_by(outline: Outline, matched: Sequence[str]) -> set[str]:
    """The names of functions that a recognised one calls: they are judged with it."""
    covered: set[str] = set()
    waiting = [f for f in map(outline.function, matched) if f is not None]
    while waiting:
        for node in ast.walk(waiting.pop().node):
            name = _called_name(node)
            if name and name not in covered:
                covered.add(name)
                waiting += outline.named(name)
    return covered


def _called_name(node: ast.AST) -> str:
    """The name of the function or method that a node calls, or hands on: of a bare name or an attribute."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else ""


def _abstract(outline: Outline, function: Function) -> bool:
    """Whether a method is there for subclasses to fill in."""
    owner, dot, _ = function.name.rpartition(".")
    if not dot or not function.unfinished:
        return False
    return outline.has_children(owner) or function.abstract


def _in_file_order(outline: Outline) -> list[str]:
    placed = [(f.line, f.name) for f in outline.functions.values()]
    placed += [
        (m.line, f"{c.name}.{name}") for c in outline.classes.values() for name, m in c.methods.items()
    ]
    return [name for _, name in sorted(placed)]


def _called(exercise: Exercise) -> list[Called]:
    return [*exercise.forward.called, *exercise.backward.called]


def _namings(exercise: Exercise, available: Outline) -> Iterator[dict[str, str]]:
    """All ways to give the script's names to functions and classes that are there."""
    wanted = [c.name for c in _called(exercise) if not c.variable]
    wanted += [c.name for c in _called(exercise) if c.variable and c.name in exercise.names]
    wanted += [attribute for _, attribute in exercise.forward.attributes if attribute in exercise.names]
    wanted += [n for n in exercise.names if n in exercise.mentioned or n in exercise.methods]
    wanted = list(dict.fromkeys(wanted))
    yield from _assigned(exercise, available, wanted, {}, None)


def _assigned(
    exercise: Exercise, available: Outline, wanted: Sequence[str], names: dict[str, str], stem: str | None
) -> Iterator[dict[str, str]]:
    if not wanted:
        yield dict(names)
        return
    head, *rest = wanted
    if any(head == attribute for _, attribute in exercise.forward.attributes):
        there = {a for one in available.classes.values() for a in one.attributes}
        for name in sorted(a for a in there if plain(a) in {plain(p) for p in exercise.names[head]}):
            if name not in names.values():
                yield from _assigned(exercise, available, rest, {**names, head: name}, stem)
        return
    is_method = head in exercise.methods or any(c.variable and c.name == head for c in _called(exercise))
    for pattern in exercise.names.get(head, (head,)):
        for name, found in _candidates(pattern, available, stem, is_method):
            yield from _assigned(exercise, available, rest, {**names, head: name}, found)


def _candidates(
    pattern: str, available: Outline, stem: str | None, method: bool
) -> Iterator[tuple[str, str | None]]:
    there: list[str] = [*available.functions, *available.classes]
    if method:
        there = list(dict.fromkeys(m for c in available.classes.values() for m in c.methods))
    elif pattern.startswith(("self.", "static.")):
        kind, _, pattern = pattern.partition(".")
        yield from _methods(pattern, available, stem, kind == "static")
        return
    if pattern.startswith("/") and pattern.endswith("/"):
        expression = re.compile(pattern[1:-1])
        yield from ((name, stem) for name in there if expression.fullmatch(name))
    elif "{f}" in pattern:
        if stem is not None:
            wanted = pattern.replace("{f}", stem)
            same = [wanted] if wanted in there else [n for n in there if n.lower() == wanted.lower()]
            yield from ((name, stem) for name in same)
            return
        expression = re.compile(re.escape(pattern).replace(r"\{f\}", r"(\w+?)"))
        for name in there:
            found = expression.fullmatch(name)
            if found:
                yield name, found.group(1)
    elif pattern in there:
        yield pattern, stem
    else:
        yield from ((name, stem) for name in there if plain(name) == plain(pattern))


def _methods(
    pattern: str, available: Outline, stem: str | None, static: bool
) -> Iterator[tuple[str, str | None]]:
    """Methods as functions, ``Class.method``: called with None for self, which many never use.

    The stem is ``Class.stem``: both functions of a pair belong to one class.
    """
    owner, _, known = (stem or "").rpartition(".")
    spoken = "{f}" not in pattern and pattern[:1] != "/"
    text = pattern[1:-1] if pattern[:1] == "/" else re.escape(pattern).replace(r"\{f\}", r"(\w+?)")
    expression = re.compile(plain(text) if spoken else text)
    for one in available.classes.values():
        if owner and one.name != owner:
            continue
        for name, method in one.methods.items():
            found = expression.fullmatch(plain(name) if spoken else name)
            if found is None or method.static != static:
                continue
            if known and "{f}" in pattern and found.group(1) != known:
                continue
            yield f"{one.name}.{name}", f"{one.name}.{found.group(1) if '{f}' in pattern else known}"


def _fits(exercise: Exercise, names: Mapping[str, str], available: Outline) -> bool:
    """Whether every call of the scripts is one that the student's functions take."""
    classes = {**exercise.forward.classes(), **exercise.backward.classes()}
    for variable, attribute in exercise.forward.attributes:
        one = available.classes.get(names.get(classes.get(variable, ""), classes.get(variable, "")))
        if one is None or _open_base(one, available):
            continue
        if names.get(attribute, attribute) not in one.attributes:  # setting it would change nothing
            return False
    for called in _called(exercise):
        name = names.get(called.name, called.name)
        if called.variable:
            owner = classes.get(called.variable)
            if owner is None:
                continue
            one = available.classes.get(names.get(owner, owner))
            if one is None or not _has(one, name, called, available):
                return False
        elif name in available.classes:
            constructor = available.classes[name].constructor
            if constructor is None:
                if called.positional and not _open_base(available.classes[name], available):
                    return False
            elif not constructor.takes(called.positional, called.keywords):
                return False
        else:
            function = available.function(name)
            if function is not None and called.by_name:
                continue
            if function is None or not function.takes(called.positional, called.keywords):
                return False
    owner = exercise.judged.rpartition(".")[0]
    one = available.classes.get(names.get(owner, owner)) if exercise.methods else None
    return one is None or all(names[method] in one.methods for method in exercise.methods)


def _parameters(
    exercise: Exercise, names: Mapping[str, str], available: Outline
) -> dict[str, dict[str, str]] | None:
    """For functions that are called by name: which value each parameter gets; None if one has no value."""
    classes = {**exercise.forward.classes(), **exercise.backward.classes()}
    known = {*exercise.arguments, *exercise.signature.names, *(k for one in exercise.settings for k in one)}
    found = {}
    for script in (exercise.forward, exercise.backward):
        for called in script.called:
            if not called.by_name:
                continue
            name = names.get(called.name, called.name)
            owner = classes.get(called.variable, "")
            function = available.function(f"{names.get(owner, owner)}.{name}" if called.variable else name)
            if function is None:
                return None
            given = {}
            for number, own in enumerate(function.keywords):
                value = _value_for(own, known, exercise)
                if value:
                    given[own] = value
                elif number < function.required:
                    return None
            if not given:
                return None
            found[called.name] = given
        known |= script.targets
        if script is exercise.forward and exercise.kind == "vjp":
            known.add("delta")
    return found


def _value_for(own: str, known: Collection[str], exercise: Exercise) -> str:
    """The script's name for a student's parameter: the same, or one of its other names; else empty."""
    if own in known:
        return own
    for name in sorted(known):
        if plain(own) in {plain(one) for one in (name, *exercise.names.get(name, ()))}:
            return name
    return ""


def _has(one: Class, method: str, called: Called, available: Outline) -> bool:
    found = one.methods.get(method)
    if found is None:
        return _open_base(one, available)
    if called.by_name:
        return True
    return found.takes(called.positional, called.keywords)


def _open_base(one: Class, available: Outline) -> bool:
    """Whether it inherits from a class that is not in the file."""
    return any(base != "object" and base not in available.classes for base in one.bases)
