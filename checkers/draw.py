"""Cases.

Sizes, a regime, a dtype, a memory layout and the arrays that follow from them, all from one seed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.domains import NAMED, ORDINARY, REGIMES, Domain, checked, custom, label, yielded
from checkers.errors import DomainError, counted
from checkers.signature import Signature

Sampler: TypeAlias = Callable[[np.random.Generator, dict[str, int]], Sequence[Any]]
DomainLike: TypeAlias = "str | Callable[[np.random.Generator, tuple[int, ...]], Any] | Any"
"""A domain's name, a function (rng, shape) -> array, or a Hypothesis strategy."""

FIXED, BESIDE = "fixed", "beside"
"""The regimes of a point that the user gave, and of one drawn beside it."""

DISTINCT, SHARING = 10, 4
"""The first cases have sizes of their own.

After that so many cases share theirs, because every new shape is traced anew.
"""

MOSTLY_NORMAL = 0.35
"""The share of cases in the normal regime; the others are spread over all regimes."""


@dataclass(frozen=True)
class Case:
    """One drawn point.

    Attributes:
        number: counts the cases of a run from 0; −1 for a point that the user gave.
        seed: with the number it reproduces the case.
        sizes: the sizes of the signature.
        regime: what kind of values were drawn.
        arguments: the arrays, read-only in some of the cases.
        limits: per argument the lowest and highest values allowed, or None.
        name: of the function under test.
        independent: per argument whether its entries could as well be others, each by itself; empty where
            nothing is known of that.
    """

    number: int
    seed: int
    sizes: Mapping[str, int]
    regime: str
    arguments: tuple[NDArray[Any], ...]
    limits: tuple[tuple[NDArray[Any], NDArray[Any]] | None, ...]
    name: str = ""
    independent: tuple[bool, ...] = ()

    @property
    def ordinary(self) -> bool:
        """The values are of ordinary size: nothing in a right gradient overflows or drowns in rounding."""
        return self.regime in (*ORDINARY, FIXED, BESIDE)

    @property
    def dtype(self) -> str:
        """The shortest floating dtype of the arguments."""
        kinds = [a.dtype for a in self.arguments if a.dtype.kind == "f"]
        return str(min(kinds, key=lambda dtype: dtype.itemsize, default=np.dtype(np.float64)))

    def rng(self, purpose: str) -> np.random.Generator:
        """A generator for one purpose at this case, independent of all others."""
        return generator(self.seed, self.name, self.number, purpose)


def generator(seed: int, *keys: str | int) -> np.random.Generator:
    """A random generator that depends on the seed and the keys alone."""
    return np.random.default_rng([seed % 2**63, *(zlib.crc32(str(key).encode()) for key in keys)])


@dataclass(frozen=True)
class Drawing:
    """How the cases of one run are drawn.

    Attributes:
        signature: the shapes.
        domains: one per argument.
        sampler: all arguments at once, instead of the domains; or None.
        seed: of the run.
        name: of the function under test; runs of different functions draw independently.
        empty: the sizes that may be 0.
    """

    signature: Signature
    domains: tuple[Domain, ...]
    sampler: Sampler | None
    seed: int
    name: str
    empty: tuple[str, ...] = ()

    def case(self, number: int) -> Case:
        """The case with that number."""
        rng = generator(self.seed, self.name, number)
        group = number if number < DISTINCT else DISTINCT + (number - DISTINCT) // SHARING
        sizes = self.signature.draw(generator(self.seed, self.name, "sizes", group), group)
        if number % 16 == 13 and self.empty:
            sizes[self.empty[int(rng.integers(len(self.empty)))]] = 0
        regime = "normal" if number < 2 or rng.random() < MOSTLY_NORMAL else str(rng.choice(REGIMES))
        arrays = self.arrays(rng, sizes, regime)
        if number % 6 == 5 and all(_fits_float32(a) for a in arrays):
            arrays = [
                _in_float32(a, d) if a.dtype == np.float64 else a
                for d, a in zip(self.domains, arrays, strict=True)
            ]
        arrays = [_laid_out(np.asarray(a), number) for a in arrays]
        limits = tuple(d.limits(a) for d, a in zip(self.domains, arrays, strict=True))
        independent = tuple(self.sampler is None and d.independent for d in self.domains)
        return Case(number, self.seed, sizes, regime, tuple(arrays), limits, self.name, independent)

    def arrays(self, rng: np.random.Generator, sizes: dict[str, int], regime: str) -> list[NDArray[Any]]:
        """The arguments for given sizes; each takes part in the regime or stays normal.

        A sampler may draw other sizes than it was asked for: then ``sizes`` is corrected.
        """
        shapes = self.signature.shapes(sizes)
        if self.sampler is None:
            return [
                d.draw(rng, shape, regime if rng.random() < 0.7 else "normal", sizes)
                for d, shape in zip(self.domains, shapes, strict=True)
            ]
        drawn = yielded(self.sampler, rng, dict(sizes), "sampler")
        if not isinstance(drawn, (tuple, list)) or len(drawn) != len(shapes):
            given = f"{len(drawn)} of them" if isinstance(drawn, (tuple, list)) else type(drawn).__name__
            raise DomainError(
                f"sampler must return a tuple of {counted(len(shapes), 'array')}, one per argument of"
                f" {self.signature.text!r}, not {given}"
            )
        arrays = [checked(a, None, f"sampler, for argument {k},") for k, a in enumerate(drawn)]
        sizes.update(self.signature.bind([a.shape for a in arrays]))
        return arrays


def _fits_float32(array: NDArray[Any]) -> bool:
    """No value overflows or vanishes in float32."""
    size = np.abs(array[array != 0])
    return size.size == 0 or bool(size.max() < 1e30 and size.min() > 1e-30)


def _in_float32(array: NDArray[Any], domain: Domain) -> NDArray[Any]:
    """Rounded to float32, but not onto a border of the domain that the values kept away from."""
    rounded = array.astype(np.float32)
    for border, inward in ((domain.low, np.inf), (domain.high, -np.inf)):
        if np.isfinite(border):
            reached = (rounded == np.float32(border)) & (array != border)
            rounded = np.where(reached, np.nextafter(np.float32(border), np.float32(inward)), rounded)
    return np.asarray(rounded)


def _laid_out(array: NDArray[Any], number: int) -> NDArray[Any]:
    """The same values in another memory layout: Fortran order, a strided view, or read-only."""
    if number % 5 == 2 and array.ndim:
        array = np.asfortranarray(array)
    elif number % 5 == 4 and array.ndim:
        wide = np.repeat(array, 2, axis=-1)
        array = wide[..., ::2]
    if number % 7 == 3:
        array = array.copy(order="K")
        array.flags.writeable = False
    return array


def domains_for(signature: Signature, arguments: Sequence[str], given: Any) -> tuple[Domain, ...]:
    """One domain per argument from what the user gave.

    Nothing, one for all, one per argument, or a mapping by name.

    Raises:
        DomainError: a name is not known, or the number does not fit.
    """
    count = len(signature.inputs)
    if given is None:
        wanted: list[Any] = ["real"] * count
    elif isinstance(given, Mapping):
        unknown = set(given) - set(arguments)
        if unknown:
            raise DomainError(
                f"domain names the argument {min(unknown, key=str)!r}, but the arguments are"
                f" {', '.join(arguments)}"
            )
        wanted = [given.get(name, "real") for name in arguments]
    elif isinstance(given, (tuple, list)):
        wanted = ["real" if one is None else one for one in given]
        if len(wanted) != count:
            raise DomainError(
                f"domain has {counted(len(wanted), 'entry', 'entries')}, but signature {signature.text!r} has"
                f" {counted(count, 'argument')}: give one per argument"
            )
    else:
        wanted = [given] * count
    return tuple(
        _domain(one, signature, k, name) for k, (one, name) in enumerate(zip(wanted, arguments, strict=True))
    )


def _domain(given: Any, signature: Signature, number: int, name: str) -> Domain:
    if isinstance(given, Domain):
        return given
    if isinstance(given, str):
        if given in NAMED:
            return NAMED[given]
        if given == "label":
            return _label_of(signature, number)
        raise DomainError(
            f"domain {given!r} of argument {name} is not known: use one of {', '.join((*NAMED, 'label'))},"
            " a strategy or a function (rng, shape) -> array"
        )
    if hasattr(given, "map") and hasattr(given, "filter"):
        return _from_strategy(given, name)
    if callable(given):
        return custom(name, given)
    raise DomainError(
        f"domain of argument {name} is a {type(given).__name__}: use a name, a Hypothesis strategy or a"
        " function (rng, shape) -> array"
    )


def _label_of(signature: Signature, number: int) -> Domain:
    """Labels that every other size can serve as the number of classes for."""
    own = set(signature.inputs[number])
    others = [
        axis for k, axes in enumerate(signature.inputs) if k != number for axis in axes if axis not in own
    ]
    return label(tuple(dict.fromkeys(others)))


def _from_strategy(strategy: Any, name: str) -> Domain:
    """A Hypothesis strategy for the array itself, or for its entries."""
    from checkers.strategies import draw_from

    def draw(
        rng: np.random.Generator, shape: tuple[int, ...], regime: str, sizes: Mapping[str, int]
    ) -> NDArray[Any]:
        return checked(
            draw_from(strategy, shape, int(rng.integers(2**32))), shape, f"the strategy of argument {name}"
        )

    return Domain(f"strategy of {name}", draw)
