"""What values an argument may take, and how they are drawn: ordinary ones, and those that break formulas.

A regime says what kind of values: ``normal``, ``integers`` (small whole numbers), ``tiny``, ``huge``,
``extreme`` (towards the ends of the floating range), ``saturated`` (sigmoids are 0 or 1), ``ties`` (few
different values), ``zeros`` (exact zeros among normal values), ``kinks`` (zeros and values next to zero),
``mixed`` (all scales in one array). A domain draws what it can of a regime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.errors import DomainError

Values: TypeAlias = NDArray[Any]
Sizes: TypeAlias = Mapping[str, int]
Draw: TypeAlias = Callable[[np.random.Generator, tuple[int, ...], str, Sizes], Values]
"""``draw(rng, shape, regime, sizes)``, ``sizes`` being those of the whole signature."""

REGIMES = ("normal", "integers", "tiny", "huge", "extreme", "saturated", "ties", "zeros", "kinks", "mixed")
ORDINARY = ("normal", "integers", "ties", "zeros", "kinks")
"""Regimes in which no right gradient overflows or loses all its digits."""

ROUNDED = 2
"""Ordinary values are rounded to so many decimals, so that a failing case can be read aloud."""


@dataclass(frozen=True)
class Domain:
    """What values an argument may take.

    Attributes:
        name: as the user wrote it.
        draw: draws an array of a shape in a regime.
        low: the lowest value allowed.
        high: the highest.
        integer: the values are whole numbers of integer dtype, and not differentiated.
        independent: every entry can have any value between ``low`` and ``high``, whatever the others are.
    """

    name: str
    draw: Draw
    low: float = -np.inf
    high: float = np.inf
    integer: bool = False
    independent: bool = False

    def limits(self, x: Values) -> tuple[Values, Values] | None:
        """The lowest and highest value of every entry of ``x``; None if all reals are allowed."""
        if np.isinf(self.low) and np.isinf(self.high):
            return None
        return np.full(x.shape, self.low), np.full(x.shape, self.high)


def _real(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    normal = np.round(rng.standard_normal(shape), ROUNDED)
    if regime == "integers":
        return rng.integers(-3, 4, shape).astype(np.float64)
    if regime == "tiny":
        return np.asarray(rng.standard_normal(shape) * 10.0 ** -rng.integers(3, 12))
    if regime == "huge":
        return np.asarray(rng.standard_normal(shape) * 10.0 ** rng.integers(2, 8))
    if regime == "extreme":
        return np.asarray(rng.standard_normal(shape) * 10.0 ** rng.choice([-300, -200, -100, 50, 100, 200]))
    if regime == "saturated":
        return np.round(rng.standard_normal(shape) * 30, ROUNDED)
    if regime == "ties":
        return rng.choice(np.round(rng.standard_normal(2), ROUNDED), shape)
    if regime == "zeros":
        return np.where(rng.random(shape) < 0.4, 0.0, normal)
    if regime == "kinks":
        return np.where(
            rng.random(shape) < 0.4, rng.choice([0.0, -0.0, 1e-9, -1e-9, 1e-5, -1e-5], shape), normal
        )
    if regime == "mixed":
        return rng.standard_normal(shape) * 10.0 ** rng.uniform(-4, 4, shape)
    return normal


def _positive(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    """|real|, moved away from 0."""
    x = np.abs(_real(rng, shape, regime, sizes))
    return np.where(x > 0, x, 10.0**-ROUNDED)


def _nonnegative(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    return np.abs(_real(rng, shape, regime, sizes))


def _probability(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    """Strictly between 0 and 1; close to the ends where other domains are tiny, huge or saturated."""
    inner = np.round(rng.uniform(0.01, 0.99, shape), ROUNDED)
    if regime in ("tiny", "mixed"):
        return 10.0 ** -rng.uniform(2, 12, shape)
    if regime in ("huge", "saturated"):
        return 1 - 10.0 ** -rng.uniform(2, 12, shape)
    if regime == "extreme":
        return np.where(
            rng.random(shape) < 0.5,
            10.0 ** -rng.uniform(12, 300, shape),
            1 - 2.0 ** -rng.integers(40, 53, shape),
        )
    if regime in ("integers", "ties"):
        return rng.choice([0.25, 0.5, 0.75], shape)
    return inner


def _unit(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    """Between 0 and 1, both included."""
    return np.where(
        rng.random(shape) < 0.25, rng.choice([0.0, 1.0], shape), _probability(rng, shape, regime, sizes)
    )


def _simplex(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    """Positive, summing to 1 down the first axis: every column of a matrix is a distribution."""
    x = _positive(rng, shape, "normal" if regime in ("extreme", "huge") else regime, sizes)
    return x / x.sum(axis=0) if shape else np.ones(())


def _one_hot(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    """One 1 down the first axis, zeros elsewhere: every column of a matrix names a class."""
    if 0 in shape or not shape:
        return np.ones(shape)
    chosen = rng.integers(shape[0], size=shape[1:])
    classes = np.arange(shape[0]).reshape(-1, *(1,) * (len(shape) - 1))
    return np.equal(classes, chosen).astype(np.float64)


def _binary(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
    return rng.integers(0, 2, shape).astype(np.float64)


NAMED: Mapping[str, Domain] = {
    "real": Domain("real", _real, independent=True),
    "positive": Domain("positive", _positive, low=0.0, independent=True),
    "nonnegative": Domain("nonnegative", _nonnegative, low=0.0, independent=True),
    "probability": Domain("probability", _probability, low=0.0, high=1.0, independent=True),
    "unit": Domain("unit", _unit, low=0.0, high=1.0, independent=True),
    "simplex": Domain("simplex", _simplex, low=0.0),
    "one_hot": Domain("one_hot", _one_hot),
    "binary": Domain("binary", _binary),
}
"""The domains that have a name; "label" is made for its argument by ``label``."""


def label(classes: Sequence[str | int]) -> Domain:
    """Class numbers from 0, as many as the smallest of the sizes (or numbers) ``classes``.

    Every class as likely.
    """

    def draw(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
        count = min((size if isinstance(size, int) else sizes[size] for size in classes), default=2)
        return rng.integers(0, max(count, 1), shape)

    return Domain("label", draw, integer=True)


def custom(name: str, function: Callable[[np.random.Generator, tuple[int, ...]], Any]) -> Domain:
    """A user's own ``function(rng, shape) -> array``; it draws the same in every regime.

    Raises:
        DomainError: when drawing, if it returns something else than a real array of the shape asked for.
    """

    def draw(rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Sizes) -> Values:
        origin = f"the domain of argument {name}"
        return checked(yielded(function, rng, shape, origin), shape, origin)

    return Domain(f"domain of {name}", draw)


def yielded(function: Callable[..., Any], rng: np.random.Generator, request: Any, origin: str) -> Any:
    """``function(rng, request)``.

    Raises:
        DomainError: the function raised; the sentence begins with ``origin`` and the cause is chained.
    """
    try:
        return function(rng, request)
    except Exception as error:  # whatever the user's own code raises
        raise DomainError(
            f"{origin} raised {type(error).__name__}: {error} (called with a NumPy generator and {request})"
        ) from error


def checked(values: Any, shape: Sequence[int] | None, origin: str) -> Values:
    """``values`` as a real array of that shape; numbers longer than float64 are rounded to it.

    Raises:
        DomainError: it is not one; the sentence begins with ``origin``.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DomainError(f"{origin} gave no array ({error}): return an array") from error
    if array.dtype.kind not in "fiub":
        raise DomainError(
            f"{origin} gave values of dtype {array.dtype}, but real numbers are needed: return a float or"
            " integer array"
        )
    if shape is not None and array.shape != tuple(shape):
        raise DomainError(
            f"{origin} gave an array of shape {array.shape}, but {tuple(shape)} was asked for: return"
            " exactly that shape"
        )
    too_long = array.dtype.kind == "f" and array.dtype.itemsize > 8
    return array.astype(np.float64) if array.dtype == bool or too_long else array
