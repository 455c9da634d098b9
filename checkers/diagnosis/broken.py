"""A contract is broken and no value is wrong: what can be said of the mistake behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from checkers.diagnosis.diagnosis import Diagnosis
from checkers.draw import Case
from checkers.errors import GradproofError
from checkers.examine import Examiner
from checkers.examined import Examined

SIDE = 3
"""The one size that all arguments are given to see what a product does that does not fit otherwise."""


def of_contract(examiner: Examiner, examined: Sequence[Examined]) -> Diagnosis | None:
    """The mistake behind a broken contract; None where the contract's own sentence says it all."""
    broken = next(((one, b) for one in examined for b in one.broken), None)
    if broken is None:
        return None
    one, contract = broken
    if contract.contract == "runs":
        return _where_shapes_fit(examiner, one)
    if contract.contract == "finite":
        return _not_finite(one, contract.argument)
    return None


def _where_shapes_fit(examiner: Examiner, one: Examined) -> Diagnosis | None:
    """Code that raises because shapes do not fit, on shapes that all do: square ones."""
    from checkers.diagnosis.search import diagnose

    signature = examiner.candidate.signature
    if signature is None or not signature.names:
        return None
    square = dict.fromkeys(signature.names, SIDE)
    shapes = signature.shapes(square)
    cases = [_case(one.case, number, square, shapes) for number in range(2)]
    try:
        examined = [examiner.examine(case) for case in cases]
    except GradproofError:
        return None
    raised = [broken for other in examined for broken in other.broken if broken.contract == "runs"]
    if raised:
        return _product_that_never_fits(examiner, raised[0].sentence)
    if not any(other.outcome == "disagrees" for other in examined):
        return Diagnosis(
            "only-for-non-square",
            f"The {examiner.candidate.kind} raises for most shapes and is right where all sizes are equal:"
            " two sizes are mixed up in a shape, which does not show while they are equal.",
            "",
            "ng-20",
            f"right in {len(examined)} cases with all sizes {SIDE}",
        )
    found = diagnose(examiner, examined)
    if found is None or found.code == "pattern":
        return found
    return replace(
        found,
        sentence=f"The shapes do not fit, so it raises; where all sizes are equal it runs, and shows why."
        f" {found.sentence}",
        evidence=f"{found.evidence} with all sizes {SIDE}",
    )


def _product_that_never_fits(examiner: Examiner, sentence: str) -> Diagnosis | None:
    """A matrix product whose shapes do not fit even where all sizes are equal."""
    if "matmul" not in sentence and "not aligned" not in sentence:
        return None
    return Diagnosis(
        "products-do-not-fit",
        f"The {examiner.candidate.kind} multiplies two arrays whose shapes do not fit, even where all sizes"
        " are equal: a transpose is missing (a column times a column instead of a column times a row), or"
        " the factors are in the wrong order.",
        "",
        "article-19",
        f"seen with all sizes {SIDE}",
    )


def _case(case: Case, number: int, sizes: dict[str, int], shapes: Sequence[tuple[int, ...]]) -> Case:
    """A case of other shapes: new ordinary numbers, and values of a limited domain repeated."""
    rng = np.random.default_rng(number)
    arguments = tuple(
        np.round(rng.standard_normal(shape), 2)
        if array.dtype.kind == "f" and case.limits[k] is None
        else np.resize(np.roll(array.reshape(-1), number), shape)
        for k, (array, shape) in enumerate(zip(case.arguments, shapes, strict=True))
    )
    limits = tuple(
        None if pair is None else (np.full(a.shape, np.min(pair[0])), np.full(a.shape, np.max(pair[1])))
        for pair, a in zip(case.limits, arguments, strict=True)
    )
    return replace(case, number=number, sizes=sizes, regime="normal", arguments=arguments, limits=limits)


def _not_finite(one: Examined, name: str) -> Diagnosis | None:
    """Not a number, or infinite: where the arguments are large, or zero."""
    floating = [a for a in one.case.arguments if a.dtype.kind == "f" and a.size]
    largest = max((float(np.abs(a).max()) for a in floating), default=0.0)
    if largest > 80:
        return Diagnosis(
            "overflow",
            f"The gradient for {name} overflows where the forward does not: an exponential of a large number"
            " is taken. Subtract the maximum first, or use a form that only takes exponentials of negative"
            " numbers.",
            name,
            "article-92",
            "seen in the failing case",
        )
    if any((a == 0).any() for a in floating):
        return Diagnosis(
            "division-by-zero",
            f"The gradient for {name} is not a number where an argument is exactly 0: it divides by it, or"
            " takes its logarithm, and the forward does not. Cancel the factor before dividing.",
            name,
            "",
            "seen in the failing case",
        )
    return None
