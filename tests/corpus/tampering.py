"""Mistakes that any backward can have, put on top of a right one: each turns right gradients into wrong ones.

A tampering takes the gradients (arrays, None left out by the caller), the cotangent and the arguments. It is
written in plain NumPy, so that whoever can follow the right backward can follow the wrong one.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

Gradients = list[np.ndarray]


def _at(gradients: Gradients, number: int, change: Callable[[np.ndarray], np.ndarray]) -> Gradients:
    return [change(g) if k == number else g for k, g in enumerate(gradients)]


def _scaled(factor: float) -> Callable[[Gradients], Gradients]:
    return lambda gradients: [factor * g for g in gradients]


def _last_scaled(factor: float) -> Callable[[Gradients], Gradients]:
    return lambda gradients: _at(gradients, len(gradients) - 1, lambda g: factor * g)


def _entries(g: np.ndarray, factors: Callable[[int], np.ndarray]) -> np.ndarray:
    """Every entry times its own factor, by its number in reading order."""
    return g * factors(g.size).reshape(g.shape)


def _one(position: Callable[[int], int], factor: float) -> Callable[[int], np.ndarray]:
    def factors(size: int) -> np.ndarray:
        made = np.ones(size)
        if size:
            made[position(size)] = factor
        return made

    return factors


def _first(_size: int) -> int:
    return 0


def _middle(size: int) -> int:
    return size // 2


def _last(size: int) -> int:
    return size - 1


def single_error(relative: float) -> Callable[[Gradients], Gradients]:
    """The middle entry of the last gradient off by a relative error."""
    return lambda gradients: _at(
        gradients, len(gradients) - 1, lambda g: _entries(g, _one(_middle, 1 + relative))
    )


TAMPERINGS = MappingProxyType(
    {
        "negated": _scaled(-1.0),
        "doubled": _scaled(2.0),
        "halved": _scaled(0.5),
        "1.0005 times too large": _scaled(1.0005),
        "a millionth too large": _scaled(1 + 1e-6),
        "last argument negated": _last_scaled(-1.0),
        "last argument forgotten": _last_scaled(0.0),
        "first argument forgotten": lambda gs: _at(gs, 0, lambda g: 0 * g),
        "first argument doubled": lambda gs: _at(gs, 0, lambda g: 2 * g),
        "first entry negated": lambda gs: _at(gs, 0, lambda g: _entries(g, _one(_first, -1.0))),
        "last entry dropped": lambda gs: _at(gs, 0, lambda g: _entries(g, _one(_last, 0.0))),
        "middle entry doubled": lambda gs: _at(gs, 0, lambda g: _entries(g, _one(_middle, 2.0))),
        "reversed": lambda gs: _at(gs, 0, lambda g: g[::-1] if g.ndim else -g),
        "rolled by one": lambda gs: _at(gs, 0, lambda g: np.roll(g, 1)),
        "divided by the number of entries": lambda gs: _at(gs, 0, lambda g: g / (1 + g.size)),
        "averaged over the first axis": lambda gs: _at(
            gs, 0, lambda g: np.ones(g.shape) * g.mean(axis=0) if g.ndim else 0 * g
        ),
        "absolute values": lambda gs: [np.abs(g) for g in gs],
        "held between -1/2 and 1/2": lambda gs: [np.minimum(np.maximum(g, -0.5), 0.5) for g in gs],
        "negative entries dropped": lambda gs: [np.maximum(g, 0) for g in gs],
        "a constant added": lambda gs: _at(gs, 0, lambda g: g + 0.001),
        "two arguments each off by a sign and a factor": lambda gs: [
            g * (-1.0 if k == 0 else 3.0) for k, g in enumerate(gs)
        ],
        "squared": lambda gs: _at(gs, len(gs) - 1, lambda g: g * g),
    }
)
