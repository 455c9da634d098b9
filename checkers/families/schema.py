"""Families as data: a TOML file says what a course's functions are called, take and return.

``README.md`` beside the family files says what every key means; an assignment file has the same keys.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from checkers.domains import NAMED
from checkers.errors import InputError
from checkers.families.script import Script
from checkers.signature import Signature

FOLDER = Path(__file__).parent
"""Where the family files stand."""

GRADIENT_KEYS = {
    "name", "functions", "arguments", "domains", "settings", "setup", "forward", "backward", "output",
    "gradients", "conventions", "references", "equation", "globals", "says", "judged", "keep_sizes", "least",
    "specification", "together", "optional", "about", "classes", "assumed", "methods",
    "open", "supplies", "alone",
}  # fmt: skip
FAMILY_KEYS = {"name", "title", "about", "layout", "gradient", "policy", "cases", "points", "seed"}


@dataclass(frozen=True)
class Convention:
    """Another reading of what is returned that is right too.

    Attributes:
        says: the sentence that states it.
        gradients: argument → expression.
    """

    says: str
    gradients: Mapping[str, str]


@dataclass(frozen=True)
class Reference:
    """A forward that the student's may be meant to compute.

    Attributes:
        function: the name of a reference, or ``file.py:function`` beside an assignment.
        given: parameters that are fixed, such as ``penalty = 0.5``.
        says: the convention it stands for, if there are several.
        path: of the teacher's file; None for ours.
    """

    function: str
    given: Mapping[str, Any]
    says: str
    path: Path | None = None


@dataclass(frozen=True)
class Exercise:
    """One gradient that a family knows how to judge.

    Attributes:
        family: the family's name.
        name: its own.
        about: what the student's function is, in a few words: "the affine layer".
        names: script name → the names (or patterns with {f}) that students give it.
        methods: those of them that are methods of the exercise's class; scripts know them as their names.
        arguments: name → axes, such as ``N, D``; the point at which is judged.
        domains: name → domain.
        settings: values that are not drawn: one mapping per variant, tried in turn.
        forward, backward: the scripts.
        output: expressions of the outputs of the forward.
        gradients: argument → expression over the backward's values.
        conventions: other right readings.
        references: what the forward may be meant to compute.
        specification: whether a forward that is none of the references is wrong.
        equation: catalogue id, or formula, to look at.
        globals: global variables of the student's file that are set before.
        judged: the script name of the function that is judged.
        says: a convention to state whenever the exercise is recognised.
        keep_sizes: the least value of some sizes.
        open: why nothing is told where it is right: a sentence; empty if that is the answer.
        optional: arguments whose gradient may be missing.
        assumed: the student's file does not compute the loss: ``output`` supposes one.
        alone: it is considered only for functions that belong to no other exercise.
        supplies: Python that the course puts beside the student's: classes and functions for the scripts.
        together: the loss and its gradient come from one call.
    """

    family: str
    name: str
    about: str
    names: Mapping[str, tuple[str, ...]]
    methods: frozenset[str]
    arguments: Mapping[str, str]
    domains: Mapping[str, str]
    settings: tuple[Mapping[str, Any], ...]
    forward: Script
    backward: Script
    output: tuple[str, ...]
    gradients: Mapping[str, str]
    conventions: tuple[Convention, ...]
    references: tuple[Reference, ...]
    specification: bool
    equation: str
    globals: Mapping[str, str]
    judged: str
    says: str
    keep_sizes: Mapping[str, int]
    optional: frozenset[str]
    open: str
    assumed: bool
    supplies: str
    alone: bool

    @cached_property
    def signature(self) -> Signature:
        """The shapes of the arguments."""
        return Signature.parse(
            ",".join(f"({axes.replace(' ', '')})" for axes in self.arguments.values()) + "->()"
        )

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The names in its scripts."""
        return self.forward.names | self.backward.names

    @property
    def kind(self) -> str:
        """Whether the backward takes a cotangent: "vjp" or "grad"."""
        cotangent = "delta" in self.backward.names or any("delta" in e for e in self.gradients.values())
        return "vjp" if cotangent else "grad"


@dataclass(frozen=True)
class Family:
    """What a course's files look like.

    Attributes:
        name: for ``--family``.
        title: for people.
        about: a paragraph on it.
        exercises: in the order in which they are tried.
        policy: what an assignment says of forbidden imports and the like.
        cases: how many cases an assignment wants; None for the default.
    """

    name: str
    title: str
    about: str
    exercises: tuple[Exercise, ...]
    policy: Mapping[str, Any] = field(default_factory=dict)
    cases: int | None = None


@cache
def families() -> Mapping[str, Family]:
    """All families that come with gradproof, by name, in the order of their files."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        family = load(path)
        found[family.name] = family
    return found


def load(path: Path) -> Family:
    """A family or assignment file.

    Raises:
        InputError: it is not TOML, or a key or value in it cannot be used; the sentence names the place.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: save it as UTF-8") from error
    unknown = sorted(set(data) - FAMILY_KEYS)
    if unknown:
        raise InputError(f"{path} has the key {unknown[0]!r}: known are {', '.join(sorted(FAMILY_KEYS))}")
    if not isinstance(data.get("gradient"), list) or not data["gradient"]:
        raise InputError(f"{path} describes no gradient: write at least one [[gradient]] table")
    name = str(data.get("name", path.stem))
    return Family(
        name,
        str(data.get("title", name)),
        str(data.get("about", "")),
        tuple(_exercise(name, entry, path) for entry in data["gradient"]),
        dict(data.get("policy", {})),
        data.get("cases"),
    )


def _exercise(family: str, entry: Mapping[str, Any], path: Path) -> Exercise:
    name = str(entry.get("name", "a gradient without a name"))

    def wrong(sentence: str) -> InputError:
        return InputError(f"in {path}, {name}: {sentence}")

    unknown = sorted(set(entry) - GRADIENT_KEYS)
    if unknown:
        raise wrong(f"the key {unknown[0]!r} is not known; known are {', '.join(sorted(GRADIENT_KEYS))}")
    for key in ("name", "arguments", "backward"):
        if key not in entry:
            raise wrong(f"the key {key!r} is missing")
    arguments = {str(k): str(v) for k, v in entry["arguments"].items()}
    domains = dict(entry.get("domains", {}))
    for argument, domain in domains.items():
        if argument not in arguments:
            raise wrong(f"domains names {argument!r}, which is no argument")
        if domain.partition("(")[0] not in (*NAMED, *DOMAINS):
            raise wrong(f"the domain {domain!r} is not known: use {', '.join([*NAMED, *DOMAINS])}")
    setup = str(entry.get("setup", ""))
    forward = Script(_joined(setup, str(entry.get("forward", ""))))
    # A backward that stands alone (a loss that returns its gradient) is its own forward.
    backward = Script(str(entry["backward"]))
    if not entry.get("forward"):
        forward, backward = Script(_joined(setup, backward.text)), Script("")
    references = tuple(_reference(one, path) for one in entry.get("references", []))
    output = entry.get("output", forward.first_target)
    outputs = tuple(output) if isinstance(output, list) else (str(output),)
    gradients = dict(entry.get("gradients", {})) or _by_name(arguments, domains, backward, forward)
    if not gradients:
        raise wrong('nothing says which value is which gradient: write gradients = { x = "dx" }')
    for argument in gradients:
        if argument not in arguments:
            raise wrong(f"gradients names {argument!r}, which is no argument")
    exercise = Exercise(
        family=family,
        name=name,
        about=str(entry.get("about", name)),
        names={
            str(k): tuple(v) if isinstance(v, list) else (str(v),)
            for k, v in {**entry.get("functions", {}), **entry.get("methods", {})}.items()
        },
        methods=frozenset(entry.get("methods", {})),
        arguments=arguments,
        domains=domains,
        settings=tuple(entry.get("settings", [])) or ({},),
        forward=forward,
        backward=backward,
        output=outputs,
        gradients=gradients,
        conventions=tuple(
            Convention(str(one["says"]), {**gradients, **one.get("gradients", {})})
            for one in entry.get("conventions", [])
        ),
        references=references,
        specification=bool(entry.get("specification", bool(references))),
        equation=str(entry.get("equation", "")),
        globals={str(k): str(v) for k, v in entry.get("globals", {}).items()},
        judged=str(entry.get("judged", "")) or _judged(forward, backward),
        says=str(entry.get("says", "")),
        keep_sizes=dict(entry.get("least", {})),
        optional=frozenset(entry.get("optional", [])),
        open=str(entry.get("open", "")),
        assumed=bool(entry.get("assumed", False)),
        supplies=str(entry.get("supplies", "")),
        alone=bool(entry.get("alone", False)),
    )
    try:
        _ = exercise.signature, forward.statements, backward.statements
    except InputError as error:
        raise wrong(str(error)) from error
    return exercise


DOMAINS = ("distinct", "labels", "one_hot_rows", "simplex_rows", "moderate", "sequence", "mask")
"""Domains of coursework beside those of ``checkers.domains``."""


def _joined(*texts: str) -> str:
    return "\n".join(text.strip("\n") for text in texts if text.strip())


def _judged(forward: Script, backward: Script) -> str:
    called = (backward.called or forward.called)[-1:]
    if not called:
        return ""
    one = called[0]
    if not one.variable:
        return one.name
    made = {**forward.classes(), **backward.classes()}
    return f"{made.get(one.variable, one.variable)}.{one.name}"


def _reference(given: Any, path: Path) -> Reference:
    entry = {"function": given} if isinstance(given, str) else dict(given)
    function = str(entry.pop("function"))
    says = str(entry.pop("says", ""))
    file, colon, name = function.rpartition(":")
    if colon:
        beside = path.parent / file
        if not beside.is_file():
            raise InputError(f"{path} names the reference {function!r}, but {beside} does not exist")
        return Reference(name, entry, says, beside)
    return Reference(function, entry, says)


def _by_name(
    arguments: Mapping[str, str], domains: Mapping[str, str], backward: Script, forward: Script
) -> dict[str, str]:
    """``dx`` is the gradient of ``x``, wherever a script has a variable of that name."""
    names = backward.names | forward.names
    return {
        name: f"d{name}"
        for name in arguments
        if f"d{name}" in names and not domains.get(name, "").startswith("label")
    }
