"""The answer on a submission in words: a line per function, then what a tutor says of the wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reports.answers import EVERYTHING, KIND, Sheet, totals

if TYPE_CHECKING:
    from checkers.families.grading import Answer
    from checkers.families.tutor import Explanation

READABLE = 36
"""Entries up to which an array is written out."""
WIDTH = 100
OUTCOME = 10
OUTCOMES = ("right", "wrong", "unfinished", "undecided", "crashed", "timed out")


def line(answer: Answer, width: int) -> str:
    """The answer on one function in one line.

    Args:
        answer: what was found.
        width: columns for the name of the function.
    """
    return f"  {answer.function:<{width}}  {answer.outcome:<{OUTCOME}}  {answer.place:<10}  {answer.sentence}"


def details(answer: Answer, hints: int) -> Iterator[str]:
    """What is to be said of one function besides its line; nothing of a right one without remarks."""
    if answer.explanation is not None:
        yield ""
        yield f"{answer.function}, {answer.file}, {answer.place}"
        yield from (f"  {text}" for text in _explained(answer.explanation, hints))
        yield from (_wrapped("Note:", note) for note in answer.notes)
    elif answer.traceback:
        yield ""
        yield f"{answer.function}, {answer.file}, {answer.place}"
        yield indent(answer.traceback.rstrip(), "  ")


def _explained(one: Explanation, hints: int) -> Iterator[str]:
    of = f"the gradient for {_listed(one.arguments)}" if one.arguments else one.kind or "the forward"
    right = f" The gradient for {_listed(one.right)} is right." if one.right and one.arguments else ""
    yield f"Where: {of}, most likely in {one.place}:  {one.code}"
    if right:
        yield right.strip()
    if hints < KIND:
        return
    if one.kind and one.arguments:
        yield f"What: {one.kind}."
    if hints < EVERYTHING:
        return
    if one.mistake:
        yield _wrapped("Likely mistake:", one.mistake).strip()
    elif one.seen:
        yield _wrapped("What is seen:", f"{one.seen}.").strip()
    if one.compared:
        yield "Smallest failing example:"
        for name, value in one.settings.items():
            if isinstance(value, (int, float, str)) and not isinstance(value, bool):
                yield f"  {name} = {value}"
        for name, array in one.example.items():
            yield _array(name, array)
        for k, array in enumerate(one.delta):
            yield _array("upstream gradient" if len(one.delta) == 1 else f"upstream gradient {k}", array)
        for compared in one.compared:
            yield f"  the gradient for {compared.argument}"
            yield _array("  yours   ", compared.claimed)
            yield _array("  expected", compared.expected)
    if one.equation:
        yield f"Look at: gradproof derive {one.equation}"


def _array(name: str, array: NDArray[Any]) -> str:
    if array.size > READABLE:
        return f"  {name}: an array of shape {array.shape}"
    text = np.array2string(
        np.asarray(array), separator=", ", precision=6, suppress_small=True, max_line_width=88
    )
    return f"  {name} = " + text.replace("\n", "\n" + " " * (len(name) + 5))


def _wrapped(head: str, text: str) -> str:
    return fill(f"{head} {text}", WIDTH, initial_indent="  ", subsequent_indent="    ")


def notes(sheet: Sheet) -> Iterator[str]:
    """Conventions and remarks on functions that are not wrong, each said once."""
    said: dict[str, list[str]] = {}
    for answer in sheet.answers:
        if answer.explanation is None:
            for note in answer.notes:
                said.setdefault(note, []).append(answer.function)
    if said:
        yield ""
        for note, functions in said.items():
            yield _wrapped(f"{_listed(functions)}:", note).removeprefix("  ")


def closing(sheet: Sheet) -> Iterator[str]:
    """The totals, and how the answer came about."""
    yield ""
    count = len(sheet.answers)
    yield (
        f"{count} {'function' if count == 1 else 'functions'}: {totals(sheet.counts, OUTCOMES)}."
        if count
        else "No gradient was found."
    )
    held = [name for name, (holds, _) in sheet.protections.items() if holds]
    missing = [name for name, (holds, _) in sheet.protections.items() if not holds]
    yield f"Seed {sheet.seed}, {sheet.examples} cases each." + (
        f" Isolation in force: {', '.join(held)}." if held else ""
    )
    if missing:
        yield f"Isolation not available here: {', '.join(missing)}."


def _listed(names: Any) -> str:
    names = list(names)
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
