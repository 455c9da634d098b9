"""What a tutor says: the answer on one function in a sentence, and the explanation of a wrong one."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.families import caller, drawing, mistakes
from checkers.families.judging import Judgement, Seen, sharpest
from checkers.families.mistakes import Mistake, Sight
from checkers.families.outline import Function, Outline, line_of, returned_names, written_names
from checkers.families.schema import Exercise

Array = NDArray[Any]


@dataclass(frozen=True)
class Comparison:
    """A gradient in the smallest failing example: the student's beside the right one."""

    argument: str
    claimed: Array
    expected: Array


@dataclass(frozen=True)
class Explanation:
    """What can be said of a wrong function.

    Attributes:
        arguments: whose gradients are wrong.
        right: whose are right.
        line: the line that it most likely concerns.
        place: the line as its author would name it.
        code: the text of that line.
        kind: what kind of mistake, without the remedy.
        mistake: the likely mistake in a tutor's words; empty if none explains the numbers.
        mistake_code: its short name.
        seen: what is seen where no mistake explains it.
        equation: what to look at: a catalogue id, or a formula's name.
        example: the arguments of the smallest failing example.
        settings: what it was called with besides.
        delta: the incoming gradients.
        compared: per wrong argument the student's gradient beside the right one.
        outputs: for a wrong forward, what the student's gives and what it should give.
    """

    arguments: tuple[str, ...]
    right: tuple[str, ...]
    line: int
    place: str
    code: str
    kind: str
    mistake: str
    mistake_code: str
    seen: str
    equation: str
    example: Mapping[str, Array]
    settings: Mapping[str, Any]
    delta: tuple[Array, ...]
    compared: tuple[Comparison, ...]


def sentence(judgement: Judgement, exercise: Exercise) -> str:
    """The answer in one sentence."""
    if judgement.outcome in ("unfinished", "undecided", "crashed"):
        return _sentence(judgement.reason)
    differs = judgement.forward == "differs" and exercise.specification
    cases = f"{len(judgement.seen)} case{'s' if len(judgement.seen) != 1 else ''}"
    if judgement.cause == "finite-difference":
        return (
            "This is a difference quotient, not a derivation: it is right to"
            f" {_digits(judgement.slight)} only, with the very errors that a step of that kind makes."
        )
    if judgement.outcome == "wrong":
        if judgement.misshapen and not judgement.wrong:
            return _sentence(next(iter(judgement.misshapen.values())).partition(";")[0])
        names = _listed(list(judgement.wrong or judgement.misshapen))
        failing = sum(
            any(f.refuted.any() for f in one.examined.findings) for one in judgement.seen if one.examined
        )
        if 0 < failing < len(judgement.seen):
            cases = f"{failing} of {cases}"
        also = "" if not differs else f" Besides, the function is not {exercise.about}."
        return f"The gradient for {names} is wrong in {cases}.{also}"
    if differs:
        return f"The gradient is right for the function you wrote, but that function is not {exercise.about}."
    if judgement.cause == "single-precision":
        return f"Right, as far as single precision tells ({_digits(judgement.slight)})."
    if judgement.cause == "epsilon":
        return (
            f"Right but for an epsilon: off by {judgement.slight:.0e} at most, which a small constant in only"
            " one of loss and gradient explains."
        )
    if judgement.cause == "digits":
        return (
            f"Right to {_digits(judgement.slight)} only: off by {judgement.slight:.0e} at most, which is"
            " little, but more than rounding explains."
        )
    if judgement.forward == "near":
        return f"Right for the function you wrote in {cases}; that is {exercise.about} but for an epsilon."
    return f"Right in {cases}."


def explain(
    judgement: Judgement, exercise: Exercise, own: Outline, function: Function, small: Seen
) -> Explanation:
    """The explanation of a wrong function, from its cases and the smallest failing one."""
    wrong = tuple(judgement.wrong) or tuple(judgement.misshapen)
    right = tuple(n for n in exercise.gradients if n not in wrong and n not in judgement.absent)
    mistake = _mistake(judgement, exercise)
    first = wrong[0] if wrong else ""
    line = line_of(function, _returned_as(exercise, function, first), mistake.near if mistake else ())
    if judgement.forward == "differs" and not wrong:
        forward = own.function(_forward_name(exercise, own))
        line = forward.line if forward else function.line
    said = drawing.settings(exercise, small.case)
    where = own.function(f"{function.name.rpartition('.')[0]}.{said.get('where', '')}")
    line = where.line if where else line  # the setting is about a method of its own
    sights = _sights(judgement, exercise, first) if first else []
    compared = () if judgement.cause else _compared(small, wrong)
    place = own.source.place(line)
    return Explanation(
        arguments=wrong,
        right=right,
        line=line,
        place=place,
        code=own.source.line(line),
        kind=mistake.kind if mistake else "",
        mistake=mistake.sentence if mistake else "",
        mistake_code=mistake.code if mistake else "",
        seen="" if mistake else mistakes.pattern(sights),
        equation=exercise.equation,
        example=dict(zip(exercise.arguments, small.case.arguments, strict=True)),
        settings={name: value for name, value in said.items() if name != "where"},
        delta=small.played.delta if exercise.kind == "vjp" else (),
        compared=compared,
    )


def _forward_name(exercise: Exercise, own: Outline) -> str:
    for called in exercise.forward.called:
        for pattern in exercise.names.get(called.name, (called.name,)):
            if pattern in own.functions:
                return pattern
    return ""


def _mistake(judgement: Judgement, exercise: Exercise) -> Mistake | None:
    if judgement.cause == "finite-difference":
        return Mistake(
            "finite-difference",
            "The backward pass calls the forward with inputs moved a little and divides the difference by the"
            " step. Derive the formula instead: it is exact, and needs one pass in place of one per entry.",
            kind="how the gradient is computed",
        )
    if judgement.misshapen and not judgement.wrong:
        text = next(iter(judgement.misshapen.values()))
        return Mistake("shape", _sentence(text), ("sum", "T", "dot"), "the shape of a gradient")
    if judgement.forward == "differs" and not judgement.wrong:
        return Mistake("forward", f"The forward does not compute {exercise.about}.", kind="the forward")
    for name in judgement.wrong:
        mistake = mistakes.likely(_sights(judgement, exercise, name))
        if mistake is not None:
            return mistake
    return None


def _sights(judgement: Judgement, exercise: Exercise, name: str) -> list[Sight]:
    sights = []
    for one in judgement.seen:
        for finding in one.examined.findings if one.examined else []:
            if finding.claim.name != name or not finding.refuted.any():
                continue
            entries = sharpest(finding)
            values = {**one.case.sizes, **drawing.settings(exercise, one.case)}
            sights.append(
                Sight(
                    name,
                    finding.claim.value,
                    entries.expected,
                    dict(zip(exercise.arguments, one.case.arguments, strict=True)),
                    values,
                    one.played.delta[0] if exercise.kind == "vjp" and one.played.delta else None,
                    one.played.outputs[0],
                )
            )
    return sights


def _compared(small: Seen, wrong: tuple[str, ...]) -> tuple[Comparison, ...]:
    found = []
    for finding in small.examined.findings if small.examined else []:
        if finding.claim.name in wrong and finding.per_oracle:
            entries = sharpest(finding)
            found.append(
                Comparison(finding.claim.name, finding.claim.value, entries.expected.astype(np.float64))
            )
    return tuple(found)


def _returned_as(exercise: Exercise, function: Function, argument: str) -> list[str]:
    """The names under which the student's function makes the gradient for an argument."""
    expression = exercise.gradients.get(argument, "")
    names = re.findall(r"[\"'](\w+)[\"']", expression)
    try:
        node = ast.parse(expression.strip() or "x", mode="eval").body
    except SyntaxError:
        return names
    names += [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute) and n.attr != "T"]
    variables = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    script = exercise.backward if exercise.backward.statements else exercise.forward
    for statement in script.statements:
        if not isinstance(statement, ast.Assign):
            continue
        target = statement.targets[0]
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        for number, part in enumerate(parts):
            if isinstance(part, ast.Name) and part.id in variables:
                for returned in returned_names(function):
                    if number < len(returned) and len(returned) == len(parts) and returned[number]:
                        names.append(returned[number])
    names += [f"d{argument}", f"d_{argument}", f"grad_{argument}"]
    expressions = _ROLES.get(argument[:1] if argument[1:].isdigit() else argument, "")
    return [*names, *(n for n in written_names(function) if re.fullmatch(expressions, n, re.IGNORECASE))]


_ROLES = {
    "W": rf"{caller.WEIGHTS_GRADIENT}",
    "b": rf"{caller.BIASES_GRADIENT}",
    "x": rf"{caller.INPUT_GRADIENT}|d_?values",
    "A": rf"{caller.INPUT_GRADIENT}|dA\w*",
    "gamma": r"d_?gamma\w*|gamma_grad\w*",
    "beta": r"d_?beta\w*|beta_grad\w*",
}
"""What students call the gradients of a layer, by argument."""


def _digits(error: float) -> str:
    return f"{max(int(-np.log10(max(error, 1e-17))), 0)} digits"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
