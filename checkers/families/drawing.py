"""Points for coursework, in generic position: what narrow tests of courses leave out is drawn on purpose.

All sizes are different and at least 2, labels cover the classes, regularisation and biases are not zero, no
entry is zero and no two entries of a pooled image are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.domains import NAMED
from checkers.draw import Case, generator
from checkers.families.schema import Exercise

ENTRIES = 6
"""Entries of an argument that are made simple one by one."""
MAGNITUDES = (1.0, 1.0, 1.0, 2.0)
"""Sizes of ordinary entries, case after case."""


def drawn(exercise: Exercise, number: int, seed: int) -> Case:
    """The case with that number of one exercise."""
    rng = generator(seed, exercise.family, exercise.name, number)
    sizes = _sizes(exercise, rng)
    scale = MAGNITUDES[number % len(MAGNITUDES)]
    arrays = [
        np.asarray(_values(exercise.domains.get(name, "real"), rng, shape, sizes, scale))
        for name, shape in zip(exercise.arguments, exercise.signature.shapes(sizes), strict=True)
    ]
    limits = tuple(
        _limits(exercise.domains.get(name, "real"), array)
        for name, array in zip(exercise.arguments, arrays, strict=True)
    )
    return Case(number, seed, sizes, "normal", tuple(arrays), limits, exercise.name)


def settings(exercise: Exercise, case: Case) -> Mapping[str, Any]:
    """The values of a case that are not drawn."""
    return exercise.settings[case.number % len(exercise.settings)]


def valid(exercise: Exercise, case: Case) -> bool:
    """Whether the arrays of a case that was made smaller still belong to their domains."""
    for name, array in zip(exercise.arguments, case.arguments, strict=True):
        domain, classes = _parted(exercise.domains.get(name, "real"))
        if domain == "labels" and array.size and int(array.max()) >= _count(classes, case.sizes):
            return False
        if domain in ("one_hot_rows", "simplex_rows") and not np.allclose(array.sum(axis=-1), 1):
            return False
        if domain in ("one_hot", "simplex") and not np.allclose(array.sum(axis=0), 1):
            return False
        if domain == "distinct" and len(np.unique(array)) < array.size:
            return False
    return True


def smaller(exercise: Exercise, case: Case) -> Iterator[Case]:
    """Cases a step simpler than a failing one: a size less, entries rounded, one entry 0 or 1."""
    for name, size in case.sizes.items():
        for less in dict.fromkeys((1, 2, size - 1)):
            if exercise.keep_sizes.get(name, 1) <= less < size:
                yield _cut(exercise, case, {**case.sizes, name: less})
    free = [
        k
        for k, (a, limit) in enumerate(zip(case.arguments, case.limits, strict=True))
        if a.dtype.kind == "f" and limit is None
    ]
    for k in free:
        rounded = np.round(case.arguments[k])
        for simple in (
            np.sign(case.arguments[k]),
            np.where(rounded == 0, np.sign(case.arguments[k]), rounded),
        ):
            if not np.array_equal(simple, case.arguments[k]):
                yield _with(case, k, simple)
    for k in free:
        for index in list(np.ndindex(*case.arguments[k].shape))[:ENTRIES]:
            if abs(case.arguments[k][index]) not in (0.0, 1.0):
                simple = case.arguments[k].copy()
                simple[index] = 1.0
                yield _with(case, k, simple)


def _with(case: Case, k: int, array: NDArray[Any]) -> Case:
    return replace(case, arguments=(*case.arguments[:k], array, *case.arguments[k + 1 :]))


def _cut(exercise: Exercise, case: Case, sizes: Mapping[str, int]) -> Case:
    """The arrays cut short along every axis whose size has shrunk."""
    arrays, limits = [], []
    for axes, array, limit in zip(exercise.signature.inputs, case.arguments, case.limits, strict=True):
        part = tuple(slice(sizes[axis]) if isinstance(axis, str) else slice(None) for axis in axes)
        arrays.append(array[part])
        limits.append(None if limit is None else (limit[0][part], limit[1][part]))
    return replace(case, sizes=sizes, arguments=tuple(arrays), limits=tuple(limits))


def shaken(case: Case) -> Case:
    """The same case moved a little, off every kink that it may stand on."""
    rng = case.rng("shaken")
    arrays = tuple(
        a + 1e-3 * rng.uniform(0.5, 1, a.shape) * rng.choice([-1, 1], a.shape)
        if a.dtype.kind == "f" and limit is None
        else a
        for a, limit in zip(case.arguments, case.limits, strict=True)
    )
    return replace(case, arguments=arrays)


def _sizes(exercise: Exercise, rng: np.random.Generator) -> dict[str, int]:
    names = exercise.signature.names
    least = {name: exercise.keep_sizes.get(name, 2) for name in names}
    for _ in range(200):
        pool = rng.permutation(np.arange(2, max(len(names) + 3, 6)))[: len(names)]
        sizes = {name: int(size) for name, size in zip(names, pool, strict=True)}
        if all(sizes[name] >= least[name] for name in names):
            return sizes
    return {name: least[name] + k for k, name in enumerate(names)}


def _parted(domain: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\w+)\((\w+)\)", domain)
    return (found.group(1), found.group(2)) if found else (domain, "")


def _count(classes: str, sizes: Mapping[str, int]) -> int:
    return int(classes) if classes.isdigit() else sizes.get(classes, 2)


def _values(
    domain: str, rng: np.random.Generator, shape: tuple[int, ...], sizes: Mapping[str, int], scale: float
) -> NDArray[Any]:
    name, classes = _parted(domain)
    if name == "labels":
        count = _count(classes, sizes)
        total = int(np.prod(shape))
        covering = np.concatenate([rng.permutation(count) for _ in range(total // count + 1)])[:total]
        return np.asarray(covering.reshape(shape), dtype=np.int64)
    if name in ("one_hot_rows", "one_hot"):
        count = shape[-1] if name == "one_hot_rows" else shape[0]
        others = int(np.prod(shape)) // max(count, 1)
        chosen = np.concatenate([rng.permutation(count) for _ in range(others // count + 1)])[:others]
        rows = np.eye(count)[chosen]
        return np.array(rows.reshape(shape) if name == "one_hot_rows" else rows.T.reshape(shape))
    if name == "simplex_rows":
        x = np.round(rng.uniform(0.1, 1, shape), 2)
        return np.asarray(x / x.sum(axis=-1, keepdims=True))
    if name == "simplex":
        x = np.round(rng.uniform(0.1, 1, shape), 2)
        return np.asarray(x / x.sum(axis=0))
    if name == "distinct":
        count = int(np.prod(shape))
        return np.asarray((rng.permutation(count).reshape(shape) - count / 3) / 4.0)
    if name == "mask":
        mask = rng.random(shape) < 0.7
        mask.flat[0], mask.flat[-1] = True, False
        return mask
    if name == "probability":
        return np.round(rng.uniform(0.05, 0.95, shape), 2)
    if name == "binary":
        values = rng.integers(0, 2, shape).astype(np.float64)
        if values.size > 1:
            values.flat[0], values.flat[1] = 1.0, 0.0
        return values
    if name == "positive":
        return np.round(rng.uniform(0.2, 2, shape) * scale, 2)
    if name == "moderate":
        return _nonzero(rng, shape, 0.5)
    if name == "real":
        return _nonzero(rng, shape, scale)
    return np.asarray(NAMED[name].draw(rng, shape, "normal", sizes))


def _nonzero(rng: np.random.Generator, shape: tuple[int, ...], scale: float) -> NDArray[Any]:
    """Normal numbers with two decimals, none of them zero; both signs among them if there are several."""
    x = np.round(rng.standard_normal(shape) * scale, 2)
    x = np.asarray(np.where(np.abs(x) < 0.02, 0.1 * scale, x))
    flat = x.reshape(-1)
    if flat.size > 1 and ((flat > 0).all() or (flat < 0).all()):
        flat[rng.integers(flat.size)] *= -1
    return np.asarray(x)


def _limits(domain: str, array: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]] | None:
    name, _ = _parted(domain)
    if name in ("probability",):
        return np.zeros(array.shape), np.ones(array.shape)
    if name in ("positive", "nonnegative", "simplex", "simplex_rows"):
        return np.zeros(array.shape), np.full(array.shape, np.inf)
    if name in ("one_hot", "one_hot_rows", "binary", "distinct"):
        return np.full(array.shape, -1e6), np.full(array.shape, 1e6)
    return None
