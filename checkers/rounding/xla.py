"""The way out for primitives without a rule.

XLA computes the value, probes of the neighbourhood bound the error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from checkers.rounding.ball import Ball, Rounding, magnitude

PROBES = 4
SAFETY = 8.0
"""How much wider than the largest probed change the inherited error is taken to be."""


def by_xla(equation: Any, operands: Sequence[Ball], rounding: Rounding) -> list[Ball]:
    """The results of one equation of a jaxpr in float64, each with a radius.

    The operands are moved to random corners of their balls (the draws are always the same), the largest
    change of the result is taken ``SAFETY``-fold, and the operation itself is charged a rounding per entry of
    its largest operand, relative to the largest entry of the result, as linear algebra promises.

    Raises:
        NotImplementedError: XLA cannot evaluate the primitive on the CPU.
    """
    import jax

    def run(arrays: Sequence[Any]) -> list[Any]:
        arrays = [np.asarray(a, dtype=v.aval.dtype) for a, v in zip(arrays, equation.invars, strict=True)]
        with jax.enable_x64(True):
            results = equation.primitive.bind(*arrays, **equation.params)
        return [
            np.asarray(result) for result in (results if equation.primitive.multiple_results else [results])
        ]

    try:
        mids = run([operand.mid for operand in operands])
        rng = np.random.default_rng(0)
        changes = [np.zeros(mid.shape) for mid in mids]
        if any(operand.rad is not None for operand in operands):
            for _ in range(PROBES):
                moved = run([_corner(operand, rng) for operand in operands])
                changes = [
                    np.maximum(change, _distance(mid, other))
                    for change, mid, other in zip(changes, mids, moved, strict=True)
                ]
    except Exception as error:  # whatever XLA raises here means the same: no value
        raise NotImplementedError(
            f"the primitive {equation.primitive.name} cannot be evaluated: {error}"
        ) from error
    entries = max((operand.mid.size for operand in operands), default=1)
    return [
        _closed(mid, SAFETY * change, entries, rounding) for mid, change in zip(mids, changes, strict=True)
    ]


def _corner(operand: Ball, rng: np.random.Generator) -> Any:
    if operand.rad is None or operand.mid.dtype.kind != "f":
        return operand.mid
    # Below one rounding the move would not survive in float64.
    reach = np.maximum(operand.rad, np.finfo(np.float64).eps * magnitude(operand.mid))
    return operand.mid + rng.choice([-1.0, 1.0], size=operand.mid.shape) * reach


def _distance(mid: Any, other: Any) -> Any:
    return np.abs(other - mid) if mid.dtype.kind == "f" else np.zeros(mid.shape)


def _closed(mid: Any, inherited: Any, entries: int, rounding: Rounding) -> Ball:
    if mid.dtype.kind != "f":
        return Ball(mid)
    unit = max(float(rounding.unit), float(np.finfo(np.float64).eps) / 2)
    largest = float(np.max(magnitude(mid), initial=0.0))
    return rounding.close(
        mid.astype(np.float64), np.where(np.isnan(inherited), np.inf, inherited) + entries * unit * largest
    )
