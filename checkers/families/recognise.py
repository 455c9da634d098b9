"""Which exercises of which families a submission's functions belong to, by name and signature.

Behaviour decides the rest: an exercise that does not run on the student's functions is not theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checkers.families.outline import Class, Function, Outline
from checkers.families.schema import Exercise, Family
from checkers.families.script import Called

NOT_GRADIENTS = re.compile(
    r"numerical|numeric|num_grad|grad_?check|gradient_?check|check_?grad|rel_error|clip|update|descent|finite|approx",
    re.I,
)
"""Names of functions that deal with gradients but are none."""

LOOKS_LIKE = re.compile(
    r"backward|back_?prop|(^|_)grad(ient)?s?(_|$)|_prime$|_deriv|derivative|^d_?(sigmoid|relu|tanh|softmax)",
    re.I,
)
"""Names of functions that probably compute a gradient."""


@dataclass(frozen=True)
class Match:
    """An exercise with the names that the student gives its functions."""

    exercise: Exercise
    names: Mapping[str, str]

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
                match = Match(exercise, names)
                if outline.function(match.judged) is None or NOT_GRADIENTS.search(match.judged):
                    continue
                if _fits(exercise, names, available):
                    found.setdefault(match.judged, []).append(match)
    order = {name: k for k, name in enumerate(_in_file_order(outline))}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], 0)))


def unrecognised(outline: Outline, matched: Sequence[str]) -> list[Function]:
    """Functions that look like gradients by their name and belong to no exercise."""
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
        f for f in found if LOOKS_LIKE.search(f.name.rpartition(".")[2]) and not NOT_GRADIENTS.search(f.name)
    ]


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
    wanted = list(dict.fromkeys(wanted))
    yield from _assigned(exercise, available, wanted, {}, None)


def _assigned(
    exercise: Exercise, available: Outline, wanted: Sequence[str], names: dict[str, str], stem: str | None
) -> Iterator[dict[str, str]]:
    if not wanted:
        yield dict(names)
        return
    head, *rest = wanted
    is_method = any(c.variable and c.name == head for c in _called(exercise))
    for pattern in exercise.names.get(head, (head,)):
        for name, found in _candidates(pattern, available, stem, is_method):
            yield from _assigned(exercise, available, rest, {**names, head: name}, found)


def _candidates(
    pattern: str, available: Outline, stem: str | None, method: bool
) -> Iterator[tuple[str, str | None]]:
    there: list[str] = [*available.functions, *available.classes]
    if method:
        there = list(dict.fromkeys(m for c in available.classes.values() for m in c.methods))
    elif pattern.startswith("self."):
        yield from _methods(pattern.removeprefix("self."), available, stem)
        return
    if pattern.startswith("/") and pattern.endswith("/"):
        expression = re.compile(pattern[1:-1])
        yield from ((name, stem) for name in there if expression.fullmatch(name))
    elif "{f}" in pattern:
        if stem is not None:
            name = pattern.replace("{f}", stem)
            if name in there:
                yield name, stem
            return
        expression = re.compile(re.escape(pattern).replace(r"\{f\}", r"(\w+?)"))
        for name in there:
            found = expression.fullmatch(name)
            if found:
                yield name, found.group(1)
    elif pattern in there:
        yield pattern, stem


def _methods(pattern: str, available: Outline, stem: str | None) -> Iterator[tuple[str, str | None]]:
    """Methods as functions, ``Class.method``: called with None for self, which many never use.

    The stem is ``Class.stem``: both functions of a pair belong to one class.
    """
    owner, _, known = (stem or "").rpartition(".")
    expression = re.compile(re.escape(pattern).replace(r"\{f\}", r"(\w+?)"))
    for one in available.classes.values():
        if owner and one.name != owner:
            continue
        for method in one.methods:
            found = expression.fullmatch(method)
            if found is None or (known and "{f}" in pattern and found.group(1) != known):
                continue
            yield f"{one.name}.{method}", f"{one.name}.{found.group(1)}" if "{f}" in pattern else stem


def _fits(exercise: Exercise, names: Mapping[str, str], available: Outline) -> bool:
    """Whether every call of the scripts is one that the student's functions take."""
    classes = {**exercise.forward.classes(), **exercise.backward.classes()}
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
            own = 1 if "." in name else 0
            if function is None or not function.takes(called.positional - own, called.keywords):
                return False
    return True


def _has(one: Class, method: str, called: Called, available: Outline) -> bool:
    found = one.methods.get(method)
    if found is None:
        return _open_base(one, available)
    return found.takes(called.positional, called.keywords)


def _open_base(one: Class, available: Outline) -> bool:
    """Whether it inherits from a class that is not in the file."""
    return any(base != "object" and base not in available.classes for base in one.bases)
