"""Points at which the functions of the corpus are tried, drawn without the checker's own drawing.

``ordinary`` points have small decimal fractions, every size different. The hard ones are named by what makes
them hard.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from tests.corpus.subjects import Subject

Point = tuple[np.ndarray, ...]


def generator(*keys: str | int) -> np.random.Generator:
    """A generator that depends on the keys alone."""
    return np.random.default_rng([zlib.crc32(str(key).encode()) for key in keys])


def shapes_of(subject: Subject) -> list[list[str | int]]:
    """The axes of every argument, from the signature."""
    groups = re.findall(r"\(([^()]*)\)", subject.formula.signature.partition("->")[0])
    return [[int(axis) if axis.isdigit() else axis for axis in group.split(",") if axis] for group in groups]


def sizes_of(subject: Subject, rng: np.random.Generator) -> dict[str, int]:
    """A size of at least 2 for every name, all different while that is small enough."""
    names = sorted({axis for axes in shapes_of(subject) for axis in axes if isinstance(axis, str)})
    largest = max(len(names) + 1, 4)
    return {
        name: int(size) for name, size in zip(names, rng.permutation(np.arange(2, largest + 1)), strict=False)
    }


def draw(subject: Subject, rng: np.random.Generator, sizes: dict[str, int], real: Callable) -> Point:
    """Arguments in their domains; ``real`` draws those that may be any number."""
    formula = subject.formula
    all_axes = shapes_of(subject)
    point = []
    for name, axes in zip(formula.arguments, all_axes, strict=True):
        shape = tuple(axis if isinstance(axis, int) else sizes[axis] for axis in axes)
        domain = formula.domains.get(name, "real")
        if domain == "real":
            array = real(rng, shape)
        elif domain in ("positive", "nonnegative"):
            array = np.abs(real(rng, shape)) + (0.1 if domain == "positive" else 0)
        elif domain in ("probability", "unit"):
            array = np.round(rng.uniform(0.05, 0.95, shape), 2)
        elif domain == "simplex":
            array = rng.integers(1, 9, shape).astype(float)
            array = array / array.sum(axis=0)
        elif domain == "one_hot":
            classes = np.arange(shape[0]).reshape(-1, *(1,) * (len(shape) - 1))
            array = (classes == rng.integers(shape[0], size=shape[1:])).astype(float)
        elif domain == "binary":
            array = rng.integers(0, 2, shape).astype(float)
        elif domain == "label":
            classes = [axis for other in all_axes if other != axes for axis in other if axis not in axes]
            array = rng.integers(0, min(sizes[axis] for axis in classes), shape)
        else:
            array = domain(rng, shape)
        point.append(np.asarray(array))
    return tuple(point)


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Two decimals, never 0."""
    drawn = np.round(rng.standard_normal(shape), 2)
    return np.where(drawn == 0, 0.37, drawn)


def ordinary(subject: Subject, number: int = 0) -> Point:
    """An ordinary point; every number gives another one."""
    rng = generator(subject.name, "ordinary", number)
    return draw(subject, rng, sizes_of(subject, rng), normal)


def _scaled(factors: tuple[float, ...]) -> Callable:
    def real(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return rng.standard_normal(shape) * rng.choice(factors)

    return real


def _kinked(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Exact zeros, values next to zero, and ties."""
    return np.where(
        rng.random(shape) < 0.6, rng.choice([0.0, -0.0, 1.0, -1.0, 1e-9, -1e-7], shape), normal(rng, shape)
    )


def _cancelling(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A large common part and small differences."""
    return 1000 * rng.choice([-1.0, 1.0]) + np.round(rng.standard_normal(shape), 2) / 100


def _mixed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """All scales in one array."""
    return rng.standard_normal(shape) * 10.0 ** rng.uniform(-6, 3, shape)


VALUES = MappingProxyType(
    {
        "huge": _scaled((1e3, 1e5, 1e8)),
        "tiny": _scaled((1e-4, 1e-8, 1e-12)),
        "saturated": _scaled((20.0, 60.0, 200.0)),
        "kinked": _kinked,
        "cancelling": _cancelling,
        "mixed": _mixed,
    }
)


def hard(subject: Subject) -> dict[str, Point]:
    """The hard points of a function by what makes them hard."""
    points = {}
    for what, real in VALUES.items():
        rng = generator(subject.name, what)
        points[what] = draw(subject, rng, sizes_of(subject, rng), real)
    points["float32"] = tuple(
        a.astype(np.float32) if a.dtype.kind == "f" else a for a in ordinary(subject, 101)
    )
    rng = generator(subject.name, "ones")
    names = sizes_of(subject, rng)
    if names:
        points["size 1"] = draw(subject, rng, dict.fromkeys(names, 1), normal)
    for name in subject.formula.empty[:1]:
        points["empty"] = draw(subject, rng, names | {name: 0}, normal)
    points["in Fortran order"] = tuple(np.asfortranarray(a) if a.ndim else a for a in ordinary(subject, 102))
    points["read-only"] = tuple(_read_only(a) for a in ordinary(subject, 103))
    points["strided"] = tuple(
        np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a for a in ordinary(subject, 104)
    )
    points["integers"] = draw(
        subject, rng, names, lambda rng, shape: rng.integers(-2, 3, shape).astype(float)
    )
    return points


def _read_only(array: np.ndarray) -> np.ndarray:
    copy = array.copy()
    copy.flags.writeable = False
    return copy
