"""A right gradient and something more: the difference is a multiple of an array that is at hand.

    claimed − right = k · B,    B ∈ {the argument itself, its sign, another argument, ones, δ}

With k · W the penalty is the likely culprit: missing (−λ), doubled (λ), without λ (1 − λ), over m (λ/m − λ).
"""

# ruff: noqa: ARG005  (a prediction takes case and name, needed or not)

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from checkers.diagnosis.hypothesis import Hypothesis, Subject
from checkers.diagnosis.witness import Witness
from checkers.rounding.ball import Reals

Basis = Callable[[Witness, str], "Reals | None"]
Coefficient = Callable[[Witness], "float | None"]

CLOSE = 1e-3
"""How near a coefficient must come to a named one; whether it is that is tried exactly later."""
NEEDED = 3
"""Entries that have to lie on one multiple before a coefficient without a name is believed."""


def residuals(witnesses: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
    """What the gradient for ``name`` has too much or too little of."""
    scalar = len(witnesses[0].leading) == 1 and witnesses[0].leading[0].size == 1
    for label, text, basis in _bases(witnesses[0], name):
        # What is added to the gradient of a number is usually multiplied by δ with all the rest.
        for way in (_times_delta(basis), basis) if scalar else (basis,):
            seen = _coefficients(witnesses, name, way)
            if seen is not None:
                yield from _named(seen, witnesses[0], name, label, text, way)


def _bases(witness: Witness, name: str) -> Iterator[tuple[str, str, Basis]]:
    if name in witness.arguments:
        yield "itself", f"{name} itself", lambda w, n: w.arguments[n].astype(np.float64)
        yield "sign", f"the sign of {name}", lambda w, n: np.sign(w.arguments[n]).astype(np.float64)
    shape = witness.sights[name].true.shape
    for other, array in witness.arguments.items():
        if other != name and array.shape == shape and array.ndim:
            yield other, other, partial(lambda other, w, n: w.arguments[other].astype(np.float64), other)
        if other != name and array.shape == shape and array.dtype.kind == "f":
            yield (
                f"gradient for {other}",
                f"the gradient for {other}",
                partial(lambda other, w, n: w.truth(other), other),
            )
    yield "one", "the number 1", lambda w, n: np.ones_like(w.sights[n].true)


def _times_delta(basis: Basis) -> Basis:
    def scaled(w: Witness, n: str) -> Reals | None:
        B = basis(w, n)
        return None if B is None else np.asarray(B * w.leading[0].reshape(-1)[0])

    return scaled


def _coefficients(
    witnesses: Sequence[Witness], name: str, basis: Basis
) -> list[tuple[Witness, float]] | None:
    """K of claimed − right = k · B in every case; None if there is none, or too little to tell."""
    seen: list[tuple[Witness, float]] = []
    entries = 0
    for witness in witnesses:
        if name not in witness.sights:
            continue
        sight, B = witness.sights[name], basis(witness, name)
        if B is None or not sight.shaped or B.shape != sight.true.shape:
            return None
        with np.errstate(all="ignore"):
            residual = sight.claimed - sight.true
            usable = sight.known & (B != 0) & np.isfinite(B)
            relative = np.where(usable, sight.allowed(sight.true) / np.abs(B), np.inf)
        if not usable.any():
            if not sight.fits(sight.true, witness.case.ordinary):
                return None
            continue
        index = np.unravel_index(int(np.argmin(relative)), relative.shape)
        k = float(residual[index] / B[index])
        if not sight.fits(sight.true + k * B, witness.case.ordinary, True):
            return None
        entries += int(np.count_nonzero(usable & (relative < 1e-3 * abs(k)))) if k else 0
        seen.append((witness, k))
    return seen if seen and entries >= NEEDED else None


def _named(
    seen: Sequence[tuple[Witness, float]], witness: Witness, name: str, label: str, text: str, basis: Basis
) -> Iterator[Hypothesis]:
    def hypothesis(
        code: str,
        k: Coefficient,
        say: Callable[[Subject], str],
        complexity: float,
        equation: str,
        detail: str,
    ) -> Hypothesis:
        def predict(w: Witness, n: str) -> Reals | None:
            true, B, value = w.truth(n), basis(w, n), k(w)
            return None if true is None or B is None or value is None else np.asarray(true + value * B)

        return Hypothesis(code, complexity, predict, say, equation, detail)

    def holds(k: Coefficient) -> bool:
        values = [(k(w), c) for w, c in seen]
        return all(v is not None and abs(v - c) <= CLOSE * max(abs(v), abs(c)) for v, c in values)

    for code, k, detail, words in _coefficient_names(witness, name, label):
        if holds(k):
            complexity = 2.6 if code == "one-added" else 2.0
            yield hypothesis(code, k, _say(words, text), complexity, _equation(label), detail)
            return
    k0 = seen[0][1]
    if all(abs(c - k0) <= CLOSE * abs(k0) for _, c in seen) and len(seen) > 1 and k0 != 0:
        number = float(f"{k0:.9g}")
        yield hypothesis(
            "extra-term",
            lambda w: number,
            lambda s: (
                f"{s.the} {s.are} off by {number:.6g} times {text}: a term does not belong there, or has the"
                " wrong factor or sign."
            ),
            3.5,
            _equation(label),
            f"{number:.6g} {label}",
        )


def _say(words: str, text: str) -> Callable[[Subject], str]:
    return lambda s: f"{s.the} {s.are} right but for {words.format(B=text)}."


def _equation(label: str) -> str:
    return "nndl-18" if label in ("itself", "sign") else "nndl-58"


def _scalar(w: Witness, other: str) -> float | None:
    array = w.arguments.get(other)
    return None if array is None or array.size != 1 else float(array.reshape(-1)[0])


def _coefficient_names(
    witness: Witness, name: str, label: str
) -> Iterator[tuple[str, Coefficient, str, str]]:
    if label == "itself":
        yield (
            "argument-added",
            lambda w: 1.0,
            "1",
            "{B}, which is added on top: the forward has no such term",
        )
        for other, array in witness.arguments.items():
            if array.size != 1 or array.dtype.kind != "f" or other == name:
                continue
            yield (
                "penalty-on-unpenalised",
                partial(lambda other, w: _scalar(w, other), other),
                other,
                f"{other} times {{B}}, a penalty that the forward does not put on it (biases are not"
                f" penalised)",
            )
            yield (
                "penalty-on-unpenalised",
                partial(lambda other, w: _times(_scalar(w, other), 2.0), other),
                f"2{other}",
                f"2 {other} times {{B}}, a penalty that the forward does not put on it",
            )
            for size in witness.sizes:
                yield (
                    "penalty-on-unpenalised",
                    partial(
                        lambda other, size, w: _times(_scalar(w, other), 1 / max(w.sizes.get(size, 1), 1)),
                        other,
                        size,
                    ),
                    f"{other}/{size}",
                    f"{other}/{size} times {{B}}, a penalty that the forward does not put on it",
                )
    if label.startswith("gradient"):
        yield (
            "gradient-added",
            lambda w: 1.0,
            label,
            "{B}, which is added on top: the two belong to different arguments",
        )
    if label == "one":
        yield ("one-added", lambda w: 1.0, "1", "the number 1, which is added to every entry")
        yield ("one-added", lambda w: -1.0, "-1", "the number 1, which is taken off every entry")


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
