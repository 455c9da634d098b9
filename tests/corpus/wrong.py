"""The wrong gradients: slips in the source of backwards, tamperings, single entries, and some by hand.

Those made by machine run and give finite arrays of the right shapes at ordinary points, and that each differs
from the right gradient is proven by exact arithmetic; what cannot be proven different is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from types import FrameType
from typing import Any

import numpy as np

from tests.corpus.by_hand import BREAKING, BY_HAND
from tests.corpus.exact import ExactNumpy, relation
from tests.corpus.loading import Copies, path_of, tree_of
from tests.corpus.mutation import Slip, slips
from tests.corpus.points import Point, generator, ordinary
from tests.corpus.subjects import Subject, named, subjects
from tests.corpus.tampering import TAMPERINGS, Gradients, single_error
from tests.mutants import MUTANTS

SLIPS, TAMPERED, SINGLE = 4, 2, 3
"""How many of each are chosen per function."""
RELATIVE = (1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12)
"""The relative errors of single entries; where nothing can be traced, those to 1e-8."""
POINTS = 4
TRIED = 60
"""So many slips per function are tried at most."""

Vjp = Callable[..., Any]


@dataclass(frozen=True)
class Wrong:
    """A wrong gradient.

    Attributes:
        subject: the function.
        vjp: its wrong backward.
        kind: "slip", "tampering", "single entry" or "by hand".
        fault: what is wrong.
        relative: the relative error of a single entry; 0 for the others.
        point: an ordinary point at which it is wrong.
        delta: the cotangent there.
    """

    subject: Subject
    vjp: Vjp
    kind: str
    fault: str
    relative: float
    point: Point
    delta: np.ndarray

    def __str__(self) -> str:
        return f"{self.subject.name}: {self.fault}"


def cotangent(subject: Subject, point: Point, number: int = 0) -> np.ndarray:
    """A cotangent of the shape of the output, without zeros; 1 for a scalar."""
    shape = np.shape(subject.formula.forward(*point))
    rng = generator(subject.name, "cotangent", number)
    if not shape:
        return np.ones(())
    return np.where(rng.random(shape) < 0.5, -1, 1) * np.round(rng.uniform(0.2, 2, shape), 2)


def arrays(returned: Any) -> Gradients:
    """The gradients that are not None."""
    items = returned if isinstance(returned, (tuple, list)) else (returned,)
    return [np.asarray(item) for item in items if item is not None]


def tampered(vjp: Vjp, change: Callable[[Gradients], Gradients]) -> Vjp:
    """The backward with its gradients changed; None stays None."""

    def wrong(delta: Any, *arguments: Any) -> Any:
        returned = vjp(delta, *arguments)
        items = returned if isinstance(returned, tuple) else (returned,)
        changed = iter(change([item for item in items if item is not None]))
        result = tuple(None if item is None else next(changed) for item in items)
        return result if isinstance(returned, tuple) else result[0]

    return wrong


def backward_functions(subject: Subject) -> list[tuple[str, str, int]]:
    """Module, name and first line of every function that runs in the backward and not in the forward."""
    formula = Copies().formula(subject.module, subject.formula.name)
    point = ordinary(subject)
    delta = cotangent(subject, point)
    forward = _executed(lambda: formula.forward(*point))
    backward = _executed(lambda: formula.vjp(delta, *point))
    return [function for function in backward if function not in forward]


def _executed(call: Callable[[], Any]) -> list[tuple[str, str, int]]:
    """The functions of copied modules that ``call`` runs."""
    found: dict[tuple[str, str, int], None] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and "__builtins__" in frame.f_globals and _is_copied(module, frame):
            found[module, frame.f_code.co_name, frame.f_code.co_firstlineno] = None

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return list(found)


def _is_copied(module: str, frame: FrameType) -> bool:
    named = frame.f_code.co_name.isidentifier() or frame.f_code.co_name == "<lambda>"
    return (
        named
        and module.startswith(("reference_impl.", "tests.corpus.functions."))
        and frame.f_code.co_filename == str(path_of(module))
    )


def _slips_of(subject: Subject) -> Iterator[tuple[str, Slip]]:
    """Slips in a mixed order that takes the kinds in turn."""
    rng = generator(subject.name, "slips")
    by_kind: dict[str, list[tuple[str, Slip]]] = {}
    for module, name, line in backward_functions(subject):
        for slip in slips(tree_of(module), name, line):
            by_kind.setdefault(slip.kind, []).append((module, slip))
    kinds = list(by_kind)
    rng.shuffle(kinds)
    for found in by_kind.values():
        rng.shuffle(found)  # type: ignore[arg-type]
    for turn in range(max((len(found) for found in by_kind.values()), default=0)):
        for kind in kinds:
            if turn < len(by_kind[kind]):
                yield by_kind[kind][turn]


@dataclass(frozen=True)
class Right:
    """The right backward of a function, to be run in floats and exactly, and the points to compare at."""

    subject: Subject
    points: tuple[Point, ...]
    deltas: tuple[np.ndarray, ...]
    exact: Vjp

    @staticmethod
    @cache
    def of(subject: Subject) -> Right:
        """Of a function of the corpus."""
        points = tuple(ordinary(subject, number) for number in range(POINTS))
        deltas = tuple(cotangent(subject, point, number) for number, point in enumerate(points))
        exact = Copies(numpy=ExactNumpy()).formula(subject.module, subject.formula.name).vjp
        return Right(subject, points, deltas, exact)

    def where_wrong(self, vjp: Vjp) -> int | None:
        """The first point at which a backward runs and is visibly wrong in floats.

        None if it fails anywhere, and where nothing shows.
        """
        first = None
        for number, (point, delta) in enumerate(zip(self.points, self.deltas, strict=True)):
            right = arrays(self.subject.formula.vjp(delta.copy(), *point))
            try:
                with np.errstate(all="ignore"):
                    wrong = arrays(vjp(delta.copy(), *point))
            except Exception:
                return None
            if [a.shape for a in wrong] != [a.shape for a in right]:
                return None
            if not all(a.dtype.kind == "f" and np.isfinite(a).all() for a in wrong):
                return None
            if first is None and any((a != b).any() for a, b in zip(wrong, right, strict=True)):
                first = number
        return first

    def differs(self, exact: Vjp) -> bool:
        """Whether a backward, in exact arithmetic, is another function."""
        both = [(delta, *point) for delta, point in zip(self.deltas, self.points, strict=True)]
        return relation(self.exact, exact, both) == "different"

    def made_wrong(self, vjp: Vjp, exact: Vjp, kind: str, fault: str, relative: float = 0.0) -> Wrong | None:
        """The wrong gradient as a case of the corpus; None if it does not run, or is not proven wrong."""
        number = self.where_wrong(vjp)
        if number is None or not self.differs(exact):
            return None
        return Wrong(self.subject, vjp, kind, fault, relative, self.points[number], self.deltas[number])


def slipped(subject: Subject, count: int = SLIPS) -> Iterator[Wrong]:
    """Wrong gradients by slips in the source of the backward."""
    right = Right.of(subject)

    def made() -> Iterator[Wrong]:
        for module, slip in islice(_slips_of(subject), TRIED):
            try:
                mutated = {module: slip.tree}
                vjp = Copies(mutated).formula(subject.module, subject.formula.name).vjp
                exact = Copies(mutated, ExactNumpy()).formula(subject.module, subject.formula.name).vjp
            except Exception:  # a slip that a module does not survive
                continue
            wrong = right.made_wrong(vjp, exact, "slip", str(slip))
            if wrong is not None:
                yield wrong

    return islice(made(), count)


def tampered_with(subject: Subject, count: int = TAMPERED) -> Iterator[Wrong]:
    """Wrong gradients by tampering, other ones for every function."""
    right = Right.of(subject)
    order = generator(subject.name, "tamperings").permutation(list(TAMPERINGS))

    def made() -> Iterator[Wrong]:
        for fault in map(str, order):
            change = TAMPERINGS[fault]
            vjp = tampered(subject.formula.vjp, change)
            wrong = right.made_wrong(vjp, tampered(right.exact, change), "tampering", fault)
            if wrong is not None:
                yield wrong

    return islice(made(), count)


def single_entries(subject: Subject, count: int = SINGLE) -> Iterator[Wrong]:
    """Wrong gradients with one entry off by a relative error, other errors for every function."""
    right = Right.of(subject)
    sizes = RELATIVE if subject.traceable else RELATIVE[:4]
    order = generator(subject.name, "single entries").permutation(len(sizes))

    def made() -> Iterator[Wrong]:
        for number in order:
            relative = sizes[number]
            change = single_error(relative)
            vjp = tampered(subject.formula.vjp, change)
            fault = f"one entry off by {relative:.0e}"
            wrong = right.made_wrong(vjp, tampered(right.exact, change), "single entry", fault, relative)
            if wrong is not None:
                yield wrong

    return islice(made(), count)


def by_hand(subject: Subject) -> Iterator[Wrong]:
    """The mistakes that people make in this very function.

    Raises:
        ValueError: one of them does not run, or is not wrong.
    """
    right = Right.of(subject)
    mistakes = BY_HAND.get(subject.formula.name, {}) if named(subject.formula.name) is subject else {}
    for fault, vjp in mistakes.items():
        number = right.where_wrong(vjp)
        if number is None:
            raise ValueError(f"{subject.name}, {fault}: it does not run, or is not wrong")
        yield Wrong(subject, vjp, "by hand", fault, 0.0, right.points[number], right.deltas[number])


def breaking(subject: Subject) -> Iterator[Wrong]:
    """Backwards that break a contract, or whose mistake shows at some values only."""
    vjp = BREAKING.get(subject.formula.name)
    if vjp is not None and named(subject.formula.name) is subject:
        right = Right.of(subject)
        fault = vjp.__name__.removeprefix(f"{subject.formula.name}_").replace("_", " ")
        yield Wrong(subject, vjp, "by hand", fault, 0.0, right.points[0], right.deltas[0])


@cache
def catalogued() -> tuple[Wrong, ...]:
    """The wrong backwards that the sources themselves warn of, on shapes on which they run."""
    found = []
    for mutant in MUTANTS:
        if mutant.vjp is not None and not mutant.breaks:
            subject = Subject(f"reference_impl.{mutant.equation}", mutant.original)
            point = ordinary(subject)
            found.append(
                Wrong(
                    subject,
                    mutant.vjp,
                    "by hand",
                    f"the wrong form of {mutant.equation}",
                    0.0,
                    point,
                    cotangent(subject, point),
                )
            )
    return tuple(found)


def wrong_gradients(chosen: Sequence[Subject] | None = None) -> Iterator[Wrong]:
    """All wrong gradients, function after function; the catalogue's own wrong forms first."""
    if chosen is None:
        yield from catalogued()
    for subject in subjects() if chosen is None else chosen:
        yield from by_hand(subject)
        yield from breaking(subject)
        yield from slipped(subject)
        yield from tampered_with(subject)
        yield from single_entries(subject)
