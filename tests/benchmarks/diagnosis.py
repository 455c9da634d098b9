"""What gradproof says of mistakes that are known: how many get their name, and whether any gets a false one.

``python -m tests.benchmarks.diagnosis`` asks about every mistake of ``tests/benchmarks/mistaken``, each made
in code that was right: over drawn shapes; and every few of them at a fixed point, in float32, and in a
forward that cannot be traced. ``--held-out`` takes those that were written after the diagnosis, ``--show``
prints what was said of those that did not get their name, ``--all`` of every one.
"""

from __future__ import annotations

import itertools
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

import gradproof
from checkers.candidate import argument_names
from checkers.diagnosis import Diagnosis
from checkers.draw import Drawing, domains_for
from checkers.signature import Signature
from checkers.verdict import UNNAMED
from tests.benchmarks.mistaken import held_out, layers, losses, networks, tangents
from tests.benchmarks.mistaken.making import NAMELESS, Mistake, wrong_arguments

MISTAKES = [*layers.MISTAKES, *losses.MISTAKES, *networks.MISTAKES, *tangents.MISTAKES]
EXAMPLES = 100
WAYS = ("drawn", "at a point", "in float32 at a point", "not traceable")
Way = Literal["drawn", "at a point", "in float32 at a point", "not traceable"]
SPARSE = 5
"""Every so-manyth mistake is looked at in the harder ways, too."""
ALSO = {"dropped-example": "dropped-slice", "missing-batch-sum": "one-slice-only"}
"""What a mistake with an example is called where the forward is not known to have examples."""
Score = Literal["named", "partly", "described", "none", "FALSE"]
POINTS = 12
"""Points at which wrong arguments are told from right ones."""


@dataclass(frozen=True)
class Told:
    """What was said of one mistake.

    Attributes:
        mistake, way: what was asked.
        wrong: the names of the arguments whose gradients are wrong.
        diagnosis: what was said; None if nothing.
        score: what it is worth.
        why: of a false one.
        seconds: of the check with the diagnosis.
    """

    mistake: Mistake
    way: Way
    wrong: frozenset[str]
    diagnosis: Diagnosis | None
    score: Score
    why: str
    seconds: float

    def __str__(self) -> str:
        told = self.diagnosis
        lines = [f"[{self.score}{': ' + self.why if self.why else ''}] {self.way}: {self.mistake}"]
        lines.append(f"    true: {' | '.join(self.mistake.codes)} of {', '.join(sorted(self.wrong))}")
        if told is not None:
            lines.append(f"    told: {told.code} of {told.argument} ({told.equation})")
            lines.append(f"    {told.sentence}")
        return "\n".join(lines)


def ask(mistake: Mistake, way: Way) -> Told:
    """Check the wrong derivative and score what is said."""
    subject = mistake.subject
    forward, wrong_code = subject.forward, mistake.made()
    options: dict[str, Any] = {"signature": mistake.shapes, "domain": subject.domain, "examples": EXAMPLES}
    if way == "not traceable":
        forward = through_text(forward)
    elif way != "drawn":
        options = {"args": point_of(mistake, np.float32 if "float32" in way else np.float64)}
        options["domain"] = subject.domain
    check = {"vjp": gradproof.check_vjp, "grad": gradproof.check_grad, "jvp": gradproof.check_jvp}
    started = time.perf_counter()
    verdict = check[subject.kind](forward, wrong_code, **options)
    seconds = time.perf_counter() - started
    wrong = _wrong(mistake, options.get("args"))
    score, why = _scored(mistake, verdict.diagnosis, wrong)
    if verdict.outcome != "disagrees":
        score, why = "none", verdict.outcome
    return Told(mistake, way, wrong, verdict.diagnosis, score, why, seconds)


def _scored(mistake: Mistake, told: Diagnosis | None, wrong: frozenset[str]) -> tuple[Score, str]:
    if told is None:
        return "none", ""
    named = frozenset(filter(None, told.argument.split(", ")))
    right = _called_right(told.sentence)
    if right & wrong:
        return "FALSE", f"{', '.join(right & wrong)} called right"
    if mistake.subject.kind != "jvp" and not named <= wrong:
        return "FALSE", f"{', '.join(named - wrong)} called wrong"
    # When it is wrong, and no more, is a description, too: no equation is given for it.
    described = UNNAMED | ({told.code} if told.code.startswith("only-") and not told.equation else set())
    parts = [part for part in told.code.split("+") if part not in described]
    if told.code in mistake.codes:
        return "named", ""
    if not parts:
        return "described", ""
    told_sets = {frozenset(choice) for choice in itertools.product(*(p.split("-or-") for p in parts))}
    true_sets = [frozenset(code.split("+")) for code in mistake.codes if code != NAMELESS]
    true_sets += [frozenset(ALSO.get(code, code) for code in one) for one in true_sets]
    complete = mistake.subject.kind == "jvp" or named == wrong
    if told_sets & set(true_sets) and complete:
        return "named", ""
    if any(choice <= one for choice in told_sets for one in true_sets):
        return "partly", ""
    return "FALSE", "the name is not true of it"


def _called_right(sentence: str) -> frozenset[str]:
    found = re.search(r"The gradients? for ([^.]*) (?:is|are) right\.$", sentence)
    return frozenset(re.split(", | and ", found[1])) if found else frozenset()


def _wrong(mistake: Mistake, args: Sequence[Any] | None) -> frozenset[str]:
    """The arguments whose gradients are wrong somewhere, by the right code."""
    subject = mistake.subject
    count = len(Signature.parse(mistake.shapes).inputs)
    names = argument_names(subject.forward, count)
    if subject.kind == "jvp":
        return frozenset(["output"])
    at = [args] if args is not None else [point_of(mistake, np.float64, k) for k in range(POINTS)]
    rng = np.random.default_rng(0)
    points = []
    for point in at:
        delta = rng.standard_normal(np.shape(subject.forward(*point)))
        points.append(list(point) if subject.kind == "grad" else [delta, *point])
    return frozenset(names[k] for k in wrong_arguments(mistake, points))


def point_of(mistake: Mistake, dtype: Any, number: int = 0) -> tuple[np.ndarray, ...]:
    """Ordinary arguments: all named sizes different and above 1."""
    signature = Signature.parse(mistake.shapes)
    names = argument_names(mistake.subject.forward, len(signature.inputs))
    sizes = {name: 3 + (k + number) % 4 for k, name in enumerate(signature.names)}
    rng = np.random.default_rng([number, len(sizes)])
    domains = domains_for(signature, names, mistake.subject.domain)
    drawn = Drawing(signature, tuple(domains), None, 0, "").arrays(rng, sizes, "normal")
    return tuple(a.astype(dtype) if a.dtype.kind == "f" else a for a in drawn)


def through_text(forward: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, sent through text as by a program that calls another one."""

    @wraps(forward)
    def written(*arguments: Any) -> Any:
        def read(a: Any) -> Any:
            numbers = [float(repr(float(entry))) for entry in np.ravel(a)]
            return np.array(numbers, dtype=np.asarray(a).dtype).reshape(np.shape(a))

        return forward(*(read(a) for a in arguments))

    return written


def asked(mistakes: Sequence[Mistake], every: int, shown: Callable[..., Iterable[Any]]) -> Iterator[Told]:
    """What is said of each over drawn shapes, and of every few in the harder ways."""
    todo: list[tuple[Mistake, Way]] = [(mistake, "drawn") for mistake in mistakes[::every]]
    for k, way in enumerate(WAYS[1:]):
        sparse = [m for m in mistakes if way != "not traceable" or m.subject.kind != "jvp"]
        todo += [(mistake, way) for mistake in sparse[k :: SPARSE * every]]
    for mistake, way in shown(todo, "mistakes"):
        yield ask(mistake, way)


def table_of(told: Sequence[Told]) -> Table:
    """One row per way; mistakes without a name stand apart."""
    table = Table(
        "", "mistakes", "named", "share", "partly", "described", "nothing", "FALSE", "median s", "max s"
    )
    for way in WAYS:
        rows = [one for one in told if one.way == way]
        for label, chosen in (
            (way, [one for one in rows if NAMELESS not in one.mistake.codes]),
            (f"{way}, without a name", [one for one in rows if NAMELESS in one.mistake.codes]),
        ):
            if not chosen:
                continue
            scores: Counter[str] = Counter(one.score for one in chosen)
            seconds = sorted(one.seconds for one in chosen)
            table.add_row(
                label,
                str(len(chosen)),
                str(scores["named"]),
                f"{100 * scores['named'] / len(chosen):.1f} %",
                *(str(scores[s]) for s in ("partly", "described", "none", "FALSE")),
                f"{seconds[len(seconds) // 2]:.2f}",
                f"{seconds[-1]:.2f}",
            )
    return table


@click.command()
@click.option("--every", default=1, help="Take every N-th mistake.")
@click.option("--only", default="", help="Take those whose description contains this.")
@click.option(
    "--held-out",
    "held_out_ones",
    is_flag=True,
    help="Take the mistakes that were written after the diagnosis.",
)
@click.option("--show", is_flag=True, help="Print what was said of those without their name.")
@click.option("--all", "everything", is_flag=True, help="Print what was said of every one.")
def main(every: int, only: str, held_out_ones: bool, show: bool, everything: bool) -> None:
    """Score the diagnosis."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    console = Console(stderr=True)

    def shown(cases: Sequence[Any], what: str) -> Iterable[Any]:
        return track(cases, what, console=console, disable=not console.is_terminal)

    told = []
    chosen = held_out.MISTAKES if held_out_ones else MISTAKES
    for one in asked([m for m in chosen if only in str(m)], every, shown):
        told.append(one)
        if everything or (
            show and one.score != "named" and not (one.score == "described" and NAMELESS in one.mistake.codes)
        ):
            sys.stdout.write(f"{one}\n")
            sys.stdout.flush()
    Console().print(table_of(told))


if __name__ == "__main__":
    main()
