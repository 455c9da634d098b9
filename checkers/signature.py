"""NumPy gufunc signatures: what shapes a function takes, and how their sizes are drawn.

``"(m,n),(n),(m)->(m)"``: one group per argument, then one per output. A name stands for a size that is drawn,
the same wherever it occurs; a number is a fixed size; ``()`` is a scalar. ``"(1,m)"`` has one row and m
columns.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checkers.errors import SignatureError, counted

Axis = str | int

_GROUP = re.compile(r"\(([^()]*)\)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")

LARGEST = {1: 6, 2: 5, 3: 5, 4: 4, 5: 4}
"""The largest size drawn, by the number of sizes; 3 where there are more of them."""

LONG_EVERY, LONG_FIRST = 12, 8
"""Of so many draws one, beginning with that number, has long axes.

What is wrong from the seventh entry on, or in a second block, does not show at small sizes.
"""
LONGER_BY = {1: 10, 2: 10, 3: 6, 4: 6}
"""How much longer than the largest small size a long axis is at most, by the number of sizes; 4 where there
are more of them.
"""


MOST = 10**8
"""Entries that the fixed sizes of a signature may amount to: 0.8 gigabytes, drawn for every case."""


def is_long(number: int) -> bool:
    """Whether the draw with that number has long axes."""
    return number % LONG_EVERY == LONG_FIRST


@dataclass(frozen=True)
class Signature:
    """A parsed signature.

    Attributes:
        text: as it was given.
        inputs: the axes of every argument.
        outputs: the axes of every output.
    """

    text: str
    inputs: tuple[tuple[Axis, ...], ...]
    outputs: tuple[tuple[Axis, ...], ...]

    @staticmethod
    def parse(text: str) -> Signature:
        """The signature written as ``text``.

        Raises:
            SignatureError: it does not parse.
        """
        if not isinstance(text, str):
            raise SignatureError(
                f"signature must be a string such as '(m,n),(n)->(m)', not {type(text).__name__}"
            )
        left, arrow, right = text.replace(" ", "").partition("->")
        if not arrow:
            raise SignatureError(
                f"signature {text!r} has no '->': write the shapes of the arguments, '->', and the shape of"
                " the output"
            )
        signature = Signature(text, _groups(left, text), _groups(right, text))
        if not signature.outputs:
            raise SignatureError(
                f"signature {text!r} has no output: write its shape after '->', such as (n), or () for a"
                " number"
            )
        least = sum(math.prod(axis for axis in axes if isinstance(axis, int)) for axes in signature.inputs)
        if least > MOST:
            raise SignatureError(
                f"signature {text!r} asks for {least:,} entries, too many to draw again and again: use"
                " smaller sizes, or names such as n, which stand for small ones"
            )
        return signature

    @staticmethod
    def of(shapes: Sequence[Sequence[int]]) -> Signature:
        """The signature of arguments with fixed shapes, and of outputs that are left open."""
        inputs = tuple(tuple(shape) for shape in shapes)
        return Signature(",".join(f"({','.join(map(str, axes))})" for axes in inputs), inputs, ())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the sizes that the arguments bind, in the order in which they occur."""
        return tuple(dict.fromkeys(axis for axes in self.inputs for axis in axes if isinstance(axis, str)))

    def shapes(self, sizes: Mapping[str, int]) -> tuple[tuple[int, ...], ...]:
        """The shapes of the arguments for given sizes."""
        return tuple(
            tuple(axis if isinstance(axis, int) else sizes[axis] for axis in axes) for axes in self.inputs
        )

    def draw(self, rng: np.random.Generator, number: int) -> dict[str, int]:
        """Sizes for the case with that number.

        The first case has sizes of at least 2 and every even one sizes that are all different, so that a
        transpose cannot hide; every fourth case has a size of 1 for certain, and every twelfth long axes.
        """
        count = len(self.names)
        largest = LARGEST.get(count, 3)
        if number % 2:
            drawn = rng.integers(1, largest + 1, count)
        else:
            least = 2 if number == 0 else 1
            drawn = rng.permutation(np.arange(least, max(largest, count + least - 1) + 1))[:count]
        sizes = {name: int(size) for name, size in zip(self.names, drawn, strict=True)}
        if number % 4 == 3 and sizes:
            sizes[self.names[int(rng.integers(count))]] = 1
        if is_long(number) and sizes:
            sizes.update(self._long(rng))
        return sizes

    def _long(self, rng: np.random.Generator) -> dict[str, int]:
        """Long axes for half of the sizes, for one at least; all different."""
        count = len(self.names)
        small = max(LARGEST.get(count, 3), count)
        chosen = rng.permutation(count)[: max(1, (count + 1) // 2)]
        lengths = rng.permutation(np.arange(small + 1, small + max(LONGER_BY.get(count, 4), count) + 1))
        return {self.names[int(k)]: int(length) for k, length in zip(chosen, lengths, strict=False)}

    def bind(
        self, shapes: Sequence[Sequence[int]], outputs: Sequence[Sequence[int]] | None = None
    ) -> dict[str, int]:
        """The sizes that the shapes of given arguments (and outputs) amount to.

        Raises:
            SignatureError: the number of arrays, or a shape, does not fit.
        """
        sizes: dict[str, int] = {}
        self._fit("argument", self.inputs, shapes, sizes)
        if outputs is not None:
            self._fit("output", self.outputs, outputs, sizes)
        return sizes

    def _fit(
        self,
        what: str,
        groups: Sequence[Sequence[Axis]],
        shapes: Sequence[Sequence[int]],
        sizes: dict[str, int],
    ) -> None:
        if len(groups) != len(shapes):
            raise SignatureError(
                f"signature {self.text!r} has {counted(len(groups), what)}, but there are {len(shapes)}: make"
                " them the same number"
            )
        for number, (axes, shape) in enumerate(zip(groups, shapes, strict=True)):
            fits = len(axes) == len(shape)
            for axis, length in zip(axes, shape, strict=False):
                fits = fits and (axis if isinstance(axis, int) else sizes.setdefault(axis, length)) == length
            if not fits:
                known = ", ".join(f"{name}={size}" for name, size in sizes.items())
                raise SignatureError(
                    f"{what} {number} has shape {tuple(shape)}, but signature {self.text!r} says"
                    f" ({','.join(map(str, axes))}){f' with {known}' if known else ''}: correct the"
                    " signature or the function"
                )


def _groups(text: str, whole: str) -> tuple[tuple[Axis, ...], ...]:
    if not text:
        return ()
    groups = _GROUP.findall(text)
    if ",".join(f"({group})" for group in groups) != text:
        raise SignatureError(
            f"signature {whole!r} does not parse at {text!r}: write groups such as (m,n) with commas"
            " between them"
        )
    return tuple(tuple(_axis(item, whole) for item in group.split(",")) if group else () for group in groups)


def _axis(text: str, whole: str) -> Axis:
    if text.isdigit() and text.isascii():
        return int(text)
    if _NAME.match(text):
        return text
    raise SignatureError(
        f"signature {whole!r} has the size {text!r}: a size is a name such as n or a whole number"
    )
