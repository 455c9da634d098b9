"""The cotangent δ mistreated: left out, squared, added where it is to be multiplied.

A vector-Jacobian product is linear in δ. Here it is taken for another δ' = φ(δ), by the tape or by an oracle.
"""

# ruff: noqa: ARG001  (a prediction takes case and name, needed or not)

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from checkers.diagnosis.hypothesis import Hypothesis, Subject
from checkers.diagnosis.witness import Witness
from checkers.rounding.ball import Reals

Phi = Callable[[Reals], Reals]


def mistreated(witnesses: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
    """What becomes of the gradient for ``name`` if the cotangent is mistreated."""
    first = witnesses[0]
    if first.quantity == "tangent":
        yield from _of_tangents(first)
    if first.examiner.candidate.kind != "vjp":
        return
    yield _hypothesis(
        "delta-ignored",
        np.ones_like,
        lambda s: (
            f"{s.the} {s.lack} the cotangent: {s.they} {s.are} what comes out for δ = 1 everywhere. Multiply"
            " by the delta that is passed in."
        ),
        0.9,
    )
    changes: list[tuple[str, Phi, str]] = [
        ("squared", lambda d: d**2, "it enters squared, so it is multiplied in twice"),
        ("abs", np.abs, "its absolute value is taken"),
        ("sign", np.sign, "only its sign is used"),
        ("relu", lambda d: np.maximum(d, 0), "its negative entries are dropped"),
        ("exp", np.exp, "its exponential is taken"),
        ("plus one", lambda d: d + 1, "1 is added to it"),
        ("reciprocal", lambda d: 1 / d, "it is divided by where it is to be multiplied by"),
        ("clipped", lambda d: np.clip(d, -1, 1), "it is clipped to the interval from −1 to 1"),
        ("length one", lambda d: d / np.sqrt((d**2).sum()), "it is divided by its length"),
    ]
    for detail, phi, text in changes:
        yield _hypothesis("nonlinear-in-delta", phi, _nonlinear(text), 1.1, detail)
    ndim = min((d.ndim for d in first.leading), default=0)
    if ndim:
        linear: list[tuple[str, str, Phi, str]] = [
            (
                "delta-summed",
                "summed",
                lambda d: np.full_like(d, d.sum()),
                "the sum of all its entries is used for each of them",
            ),
            (
                "delta-averaged",
                "averaged",
                lambda d: np.full_like(d, d.mean()),
                "the mean of all its entries is used for each of them",
            ),
            (
                "delta-first-only",
                "first",
                lambda d: np.full_like(d, d.reshape(-1)[0]),
                "its first entry is used for all of them",
            ),
        ]
        for axis in range(ndim):
            linear.append(
                (
                    "delta-flipped",
                    f"axis {axis}",
                    partial(lambda axis, d: np.flip(d, axis), axis),
                    "it is used back to front",
                )
            )
            linear.append(
                (
                    "delta-shifted",
                    f"axis {axis}",
                    partial(lambda axis, d: np.roll(d, 1, axis), axis),
                    "its entries are used one place too late",
                )
            )
            for index, which in ((0, "first"), (-1, "last")):
                linear += _of_slices(axis, ndim, index, which)
        if ndim == 2:
            linear.append(
                ("delta-transposed", "", lambda d: d.T if d.shape == d.T.shape else d, "it is transposed")
            )
        for code, detail, phi, text in linear:
            slices = code in ("dropped-slice", "one-slice-only")
            yield _hypothesis(
                code, phi, _partial(text) if slices else _linear(text), 2.6 if slices else 1.6, detail
            )
    yield from _several(first)
    yield from _added(first)


def _of_slices(axis: int, ndim: int, index: int, which: str) -> list[tuple[str, str, Phi, str]]:
    """A loop over the outputs begins too late, stops too early, or makes one turn only."""
    along = (
        {0: "row", 1: "column"}[axis] if ndim == 2 else "entry" if ndim == 1 else f"slice along axis {axis}"
    )

    def only(d: Reals, one: bool) -> Reals:
        chosen = np.arange(d.shape[axis]) == index % d.shape[axis]
        return np.asarray(d * (chosen == one).reshape([-1 if a == axis else 1 for a in range(d.ndim)]))

    return [
        (
            "dropped-slice",
            f"{which} {along}",
            partial(only, one=False),
            f"lack what the {which} {along} of the output sends back: a loop or a slice"
            f" {'begins one too late' if index == 0 else 'stops one too early'}",
        ),
        (
            "one-slice-only",
            f"{which} {along}",
            partial(only, one=True),
            f"have only what the {which} {along} of the output sends back: add up what all of them send",
        ),
    ]


def _partial(text: str) -> Callable[[Subject], str]:
    verb, rest = text.split(" ", 1)
    return lambda s: f"{s.the} {verb if s.many else {'lack': 'lacks', 'have': 'has'}[verb]} {rest}."


def _nonlinear(text: str) -> Callable[[Subject], str]:
    return lambda s: (
        f"{s.the} {s.are} not linear in the cotangent δ: {text}. A vector-Jacobian product multiplies by δ"
        " once, as it is."
    )


def _linear(text: str) -> Callable[[Subject], str]:
    return lambda s: f"In {s.inside}, the cotangent δ is mixed up: {text}. Entry i of δ belongs to output i."


def _hypothesis(
    code: str, phi: Phi, say: Callable[[Subject], str], complexity: float, detail: str = ""
) -> Hypothesis:
    def predict(witness: Witness, name: str) -> Reals | None:
        with np.errstate(all="ignore"):
            changed = [phi(delta) for delta in witness.leading]
        return gradient_for(witness, name, changed, (code, detail))

    return Hypothesis(code, complexity, predict, say, "cs182-9", detail)


def gradient_for(
    witness: Witness, name: str, cotangents: Sequence[Reals], key: tuple[str, str]
) -> Reals | None:
    """The right gradient for other cotangents: by the tape, or by the first oracle that answers."""
    if not all(np.isfinite(c).all() for c in cotangents):
        return None
    if witness.tape is not None:
        return witness.pulled(name, cotangents, key)
    if name not in witness.arguments:
        return None
    jacobians = witness.jacobians(name)
    if jacobians is None:
        return None
    pairs = zip(cotangents, jacobians, strict=True)
    return np.asarray(sum(np.tensordot(delta, J, axes=delta.ndim) for delta, J in pairs))


def _of_tangents(witness: Witness) -> Iterator[Hypothesis]:
    """The tangent of one argument is left out, or enters with the wrong sign."""
    names = list(witness.arguments)
    for k, argument in enumerate(names) if len(names) > 1 else ():
        if witness.case.arguments[k].dtype.kind != "f":
            continue
        for code, factor, text in (
            ("tangent-ignored", 0.0, "does not count the tangent of {a}: add what comes through {a}, too"),
            ("sign-of-tangent", -1.0, "counts the tangent of {a} with the wrong sign"),
        ):

            def predict(
                w: Witness, name: str, k: int = k, factor: float = factor, code: str = code
            ) -> Reals | None:
                changed = [t * factor if j == k else t for j, t in enumerate(w.leading)]
                return w.pulled(name, changed, (code, k))

            yield Hypothesis(
                code,
                1.2,
                predict,
                partial(lambda text, a, s: f"{s.the} {text.format(a=a)}.", text, argument),
                "nndl-58",
                argument,
            )


def _several(witness: Witness) -> Iterator[Hypothesis]:
    """A forward with several outputs: one of their cotangents is left out."""
    count = len(witness.leading)
    for k in range(count) if count > 1 else ():

        def predict(w: Witness, name: str, k: int = k) -> Reals | None:
            kept = [delta * (j != k) for j, delta in enumerate(w.leading)]
            return gradient_for(w, name, kept, ("output-ignored", str(k)))

        yield Hypothesis(
            "output-ignored",
            1.0,
            predict,
            partial(
                lambda k, s: (
                    f"{s.the} {s.lack} what comes through output {k} of {count}: its cotangent delta[{k}] is"
                    " not used. Add up what all outputs send back."
                ),
                k,
            ),
            "nndl-58",
            str(k),
        )


def _added(witness: Witness) -> Iterator[Hypothesis]:
    """δ itself where a product with it belongs."""
    if len(witness.leading) != 1:
        return

    def delta_alone(w: Witness, name: str) -> Reals | None:
        true = w.truth(name)
        return None if true is None else _spread(w.leading[0], true)

    def delta_added(w: Witness, name: str) -> Reals | None:
        true, delta = w.truth(name), delta_alone(w, name)
        return None if true is None or delta is None else true + delta

    def delta_plus_local(w: Witness, name: str) -> Reals | None:
        local = gradient_for(w, name, [np.ones_like(w.leading[0])], ("delta-ignored", ""))
        delta = delta_alone(w, name)
        return None if local is None or delta is None else local + delta

    yield Hypothesis(
        "delta-alone",
        1.3,
        delta_alone,
        lambda s: (
            f"{s.the} {s.are} the cotangent δ itself, unchanged: multiply it by the derivative of the forward"
            f" with respect to {s.listed}."
        ),
        "cs182-9",
    )
    yield Hypothesis(
        "delta-added",
        1.5,
        delta_added,
        lambda s: f"{s.the} {s.are} right but for δ, which is added on top: δ is multiplied, never added.",
        "cs182-9",
        "on top",
    )
    yield Hypothesis(
        "delta-added",
        1.5,
        delta_plus_local,
        lambda s: f"{s.the} {s.are} the derivative plus δ where it must be the derivative times δ.",
        "cs182-9",
        "for times",
    )


def _spread(delta: Reals, true: Reals) -> Reals | None:
    """δ in the shape of the gradient, if broadcasting gives it that."""
    try:
        return np.broadcast_to(delta, true.shape)
    except ValueError:
        return None
