"""gradproof beside the gradient checkers that people use, over one corpus, in one process, in one table.

``python -m tests.benchmarks.peers`` asks every checker about every wrong gradient of ``tests/corpus`` at an
ordinary point, and about every right one at hard points. gradproof is asked the same questions, and once more
as it is meant to be used: by signature, with 100 drawn examples, of every wrong gradient and of the right
gradient of every function. What is not installed is shown as absent; all peers come with the extra ``bench``
(PyTorch brings some gigabytes of CUDA with it on Linux). ``--every N`` takes every N-th case,
``--misses`` lists what gradproof got wrong, and ``--markdown`` prints the table for the README.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

import gradproof
from tests.benchmarks.gradient_checkers import PEERS, Answer, Question
from tests.corpus.right import HardPoint, right_gradients
from tests.corpus.subjects import Subject, subjects
from tests.corpus.wrong import RELATIVE, Wrong, wrong_gradients

EXAMPLES = 100
CAUGHT = 0.95
"""The resolution is the smallest relative error of a single entry of which so large a share is caught."""
OUTCOMES: dict[str, Answer] = {"agrees": "accepts", "disagrees": "rejects", "undecided": "undecided"}


@dataclass
class Score:
    """What one checker did.

    Attributes:
        name: of the checker.
        wrong: answers on wrong gradients.
        right: answers on right gradients.
        single: relative error of a single entry → answers.
        seconds: spent in it.
        errors: what it got wrong, one line each.
    """

    name: str
    wrong: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    single: dict[float, Counter[str]] = field(default_factory=dict)
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    def ask(self, ask: Callable[[], Answer], case: Wrong | HardPoint | Subject) -> None:
        """Time one answer and count it."""
        started = time.perf_counter()
        answer = ask()
        self.seconds += time.perf_counter() - started
        if isinstance(case, Wrong):
            self.wrong[answer] += 1
            if case.relative:
                self.single.setdefault(case.relative, Counter())[answer] += 1
            mistaken = answer != "rejects"
        else:
            self.right[answer] += 1
            mistaken = answer != "accepts"
        if mistaken:
            kind = "wrong" if isinstance(case, Wrong) else "right"
            name = case.name if isinstance(case, Subject) else str(case)
            self.errors.append(f"{kind} {answer}: {name}")

    @property
    def resolution(self) -> float | None:
        """The smallest error of one entry that it and all larger ones are caught at."""
        best = None
        for relative in sorted(self.single, reverse=True):
            answers = self.single[relative]
            if answers["rejects"] < CAUGHT * answers.total():
                break
            best = relative
        return best

    def cells(self) -> list[str]:
        """The row of the table."""
        wrong, right = self.wrong, self.right
        resolution = self.resolution
        return [
            self.name,
            f"{wrong['rejects']} of {wrong.total()}",
            f"{100 * wrong['rejects'] / max(wrong.total(), 1):.1f} %",
            f"{right['rejects']} of {right.total()}",
            f"{wrong['undecided']}",
            f"{right['undecided']}",
            f"above {max(RELATIVE):.0e}" if resolution is None else f"{resolution:.0e}",
            f"{self.seconds:.0f} s",
        ]


HEADINGS = (
    "checker",
    "wrong caught",
    "share",
    "right accused",
    "wrong undecided",
    "right undecided",
    "resolution",
    "time",
)


def at_the_point(case: Wrong | HardPoint) -> Answer:
    """gradproof at the point that the peers get."""
    formula = case.subject.formula
    vjp = case.vjp if isinstance(case, Wrong) else formula.vjp
    verdict = gradproof.check_vjp(formula.forward, vjp, args=case.point, domain=dict(formula.domains))
    return OUTCOMES[verdict.outcome]


def by_signature(case: Wrong | Subject) -> Answer:
    """gradproof over drawn shapes and values."""
    subject = case.subject if isinstance(case, Wrong) else case
    formula = subject.formula
    vjp = case.vjp if isinstance(case, Wrong) else formula.vjp
    verdict = gradproof.check_vjp(
        formula.forward, vjp, formula.signature, domain=dict(formula.domains), examples=EXAMPLES
    )
    return OUTCOMES[verdict.outcome]


def measured(
    wrong: Sequence[Wrong], right: Sequence[HardPoint], whole: Sequence[Subject], peers: bool, track: Callable
) -> tuple[list[Score], list[str]]:
    """The scores of all checkers that are installed, and the names of those that are not."""
    drawn = Score(f"gradproof, by signature, {EXAMPLES} examples")
    pointed = Score("gradproof, at the same point")
    scores = [drawn, pointed]
    for case in track([*wrong, *whole], "gradproof by signature"):
        drawn.ask(lambda case=case: by_signature(case), case)
    for case in track([*wrong, *right], "gradproof at the points"):
        pointed.ask(lambda case=case: at_the_point(case), case)
    for peer in PEERS if peers else ():
        if peer.present:
            score = Score(peer.name)
            scores.append(score)
            for case in track([*wrong, *right], peer.name):
                question = _question(case)
                score.ask(lambda peer=peer, question=question: peer.answer(question), case)
    return scores, [peer.name for peer in PEERS if not peer.present]


def _question(case: Wrong | HardPoint) -> Question:
    vjp = case.vjp if isinstance(case, Wrong) else case.subject.formula.vjp
    return Question(case.subject.formula.forward, vjp, case.point, case.delta)


def table_of(scores: Iterable[Score], absent: Iterable[str]) -> Table:
    """The table for the terminal."""
    table = Table(*HEADINGS)
    for score in scores:
        table.add_row(*score.cells())
    for name in absent:
        table.add_row(name, "absent")
    return table


def markdown_of(scores: Iterable[Score], absent: Iterable[str]) -> str:
    """The table for the README."""
    rows = [list(HEADINGS), ["---"] * len(HEADINGS), *(score.cells() for score in scores)]
    rows += [[name, "absent", *[""] * (len(HEADINGS) - 2)] for name in absent]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@click.command()
@click.option("--every", default=1, help="Take every N-th case.")
@click.option("--peers/--no-peers", default=True, help="Ask the other checkers too.")
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@click.option("--misses", is_flag=True, help="List what gradproof got wrong or left undecided.")
def main(every: int, peers: bool, markdown: bool, misses: bool) -> None:
    """Measure all checkers over the corpus."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    console = Console(stderr=True)

    def shown(cases: Sequence, what: str) -> Iterable:
        return track(cases, what, console=console, disable=not console.is_terminal)

    wrong = list(wrong_gradients())[::every]
    right = list(right_gradients())[::every]
    scores, absent = measured(wrong, right, subjects()[::every], peers, shown)
    if markdown:
        sys.stdout.write(markdown_of(scores, absent) + "\n")
    else:
        Console().print(table_of(scores, absent))
    if misses:
        for score in scores[:2]:
            sys.stdout.write("".join(f"{score.name}: {line}\n" for line in score.errors))


if __name__ == "__main__":
    main()
