"""Values as JSON: arrays, numbers, strings and trees of them; everything else is a handle.

``None``, Booleans, integers, floats and strings stand for themselves; the rest is a list with a tag:
["a", k] array k of the frame, ["a", k, type] one that was of a subclass, ["n", k] a NumPy scalar,
["c", re, im], ["t", items], ["l", items], ["d", [[key, value], …]], ["h", number, type, sentence],
["r", step, path].
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.ma import MaskedArray, getmaskarray
from numpy.typing import NDArray

from .frames import FrameError, sendable

DEEPEST = 24
LONGEST_TEXT = 20_000
MOST_NODES = 200_000
LARGEST_INTEGER = 1 << 64
_SCALARS = (str, int, bool, float, type(None))
"""The types of keys that cross. Keys of other types, tuples of −1 and −2 among them, can be made to collide
by the thousand, and a dictionary of them takes minutes to build."""

Path: TypeAlias = "tuple[str | int, ...]"

_asarray, _ndarray, _generic, _array = np.asarray, np.ndarray, np.generic, np.array
_where, _nan = np.where, np.nan


class Encoder:
    """Turns one value into JSON, and its arrays into a list.

    Args:
        known: the tag of an object that has one (a handle or reference), None for any other.
        left: the tag of an object that does not cross, with a sentence why if it nearly does.

    Attributes:
        arrays: the arrays that the tags number.
    """

    def __init__(
        self, known: Callable[[Any], list[Any] | None], left: Callable[[Any, str], list[Any]]
    ) -> None:
        self.arrays: list[NDArray[Any]] = []
        self._known = known
        self._left = left
        self._nodes = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The JSON of a value."""
        kind = type(value)
        self._nodes += 1
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return (
                value if -LARGEST_INTEGER < value < LARGEST_INTEGER else self._left(value, "it is too large")
            )
        if kind is str:
            return value if len(value) <= LONGEST_TEXT else self._left(value, "it is too long")
        if issubclass(kind, _ndarray):
            return self._encoded_array(value, kind)
        if issubclass(kind, _generic):
            return self._encoded_scalar(value)
        if kind is complex:
            return ["c", value.real, value.imag]
        known = self._known(value)
        if known is not None:
            return known
        if depth < DEEPEST and self._nodes < MOST_NODES:
            if issubclass(kind, tuple):
                return ["t", [self.encode(item, depth + 1) for item in tuple.__iter__(value)]]
            if issubclass(kind, list):
                return ["l", [self.encode(item, depth + 1) for item in list.__iter__(value)]]
            if issubclass(kind, dict):
                pairs = list(dict.items(value))
                if all(_is_key(key) for key, _ in pairs):
                    return ["d", [[key, self.encode(item, depth + 1)] for key, item in pairs]]
            return self._left(value, "")
        return self._left(value, "it is nested too deeply or has too many parts")

    def _encoded_array(self, value: Any, kind: type) -> Any:
        plain = _asarray(value)
        if type(plain) is not _ndarray:
            plain = _ndarray.view(plain, _ndarray)
        if issubclass(kind, MaskedArray):
            mask = getmaskarray(value)
            if mask.any() and plain.dtype.kind in "fiub":
                plain = _where(mask, _nan, plain)
        if not plain.dtype.isnative and plain.dtype.kind in "fiuc":
            plain = plain.astype(plain.dtype.newbyteorder("="))
        if not sendable(plain.dtype):
            return self._left(value, _no_numbers(plain.dtype))
        self.arrays.append(plain)
        place = len(self.arrays) - 1
        return ["a", place] if kind is _ndarray else ["a", place, kind.__name__[:80]]

    def _encoded_scalar(self, value: Any) -> Any:
        plain = _array(value)
        if not sendable(plain.dtype):
            return self._left(value, _no_numbers(plain.dtype))
        self.arrays.append(plain)
        return ["n", len(self.arrays) - 1]


def _is_key(key: Any) -> bool:
    kind = type(key)
    return kind in _SCALARS and (kind is not int or -LARGEST_INTEGER < key < LARGEST_INTEGER)


def _no_numbers(dtype: np.dtype[Any]) -> str:
    holds = "Python objects" if dtype.hasobject else f"values of dtype {dtype}"
    return f"it is an array of dtype {dtype}, which holds {holds}, not numbers: return an array of floats"


class Decoder:
    """Turns JSON and arrays back into a value; what is no tree raises FrameError.

    Args:
        arrays: those of the frame.
        handle: what stands for (number, type, sentence).
        reference: what stands for (step, path); None where there are no references.

    Attributes:
        types: where arrays of a subclass stood, and its name.
    """

    def __init__(
        self,
        arrays: list[NDArray[Any]],
        handle: Callable[[int, str, str], Any],
        reference: Callable[[int, Path], Any] | None = None,
    ) -> None:
        self.types: dict[Path, str] = {}
        self._arrays = arrays
        self._handle = handle
        self._reference = reference
        self._nodes = 0

    def decode(self, spec: Any, path: Path = ()) -> Any:
        """The value of its JSON.

        Raises:
            FrameError: it is none.
        """
        self._nodes += 1
        if type(spec) is not list:
            if type(spec) is dict:
                raise FrameError("a value is a JSON object")
            if type(spec) is int and not -LARGEST_INTEGER < spec < LARGEST_INTEGER:
                raise FrameError("a number is too large")
            # Interned, for students compare strings by ``is``.
            return spec if type(spec) is not str else sys.intern(text(spec, LONGEST_TEXT))
        if len(path) > DEEPEST + 2:
            raise FrameError("a value is nested too deeply")
        if self._nodes > 2 * MOST_NODES:
            raise FrameError("a value has too many parts")
        try:
            return self._tagged(spec, path)
        except (IndexError, ValueError, TypeError, KeyError) as error:
            raise FrameError("a value is not what its tag says") from error

    def _tagged(self, spec: list[Any], path: Path) -> Any:
        tag, body = spec[0], spec[1]
        if tag == "a":
            if len(spec) > 2:
                self.types[path] = text(spec[2], 80)
            return self._arrays[natural(body)]
        if tag == "n":
            return self._arrays[natural(body)][()]
        if tag == "t":
            return tuple(self.decode(item, (*path, k)) for k, item in enumerate(_items(body)))
        if tag == "l":
            return [self.decode(item, (*path, k)) for k, item in enumerate(_items(body))]
        if tag == "d":
            return {
                _key(key): self.decode(item, (*path, _key(key))) for key, item in map(_items, _items(body))
            }
        if tag == "c":
            return complex(float(body), float(spec[2]))
        if tag == "h":
            return self._handle(natural(body), text(spec[2], 200), text(spec[3], 500))
        if tag == "r" and self._reference is not None:
            return self._reference(natural(body), tuple(_items(spec[2])))
        raise FrameError("a value has an unknown tag")


def _key(value: Any) -> Any:
    if not _is_key(value):
        raise FrameError("a dictionary has a key that does not cross")
    return value


def natural(value: object) -> int:
    """A non-negative integer, exactly.

    Raises:
        FrameError: it is none.
    """
    if type(value) is not int or value < 0:
        raise FrameError("a number is missing in a frame")
    return value


def text(value: object, longest: int) -> str:
    """A string, cut off at a length.

    Raises:
        FrameError: it is none.
    """
    if type(value) is not str:
        raise FrameError("a text is missing in a frame")
    return value[:longest]


def _items(value: object) -> list[Any]:
    if type(value) is not list:
        raise FrameError("a list is missing in a frame")
    return value
