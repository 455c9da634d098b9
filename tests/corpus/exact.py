"""Whether two gradients are different functions, by exact arithmetic and not by the checker under test.

The code runs on arrays of real numbers that are known as balls of 400 bits around rational inputs (Arb, by
python-flint). Balls that do not touch prove a difference; balls that touch at every point, each smaller than
2^-200, are taken for an identity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from flint import arb, ctx

BITS = 400
NARROW = 2.0**-200


class Unsettled(ArithmeticError):
    """A comparison of two numbers whose balls touch: the exact run ends here."""


class Real:
    """A real number inside a ball, with the methods that NumPy looks for on objects."""

    __slots__ = ("ball",)
    shape: tuple[int, ...] = ()
    size = 1
    ndim = 0
    dtype = np.dtype(object)

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    @property
    def T(self) -> Real:
        return self

    @property
    def real(self) -> Real:
        return self

    def conjugate(self) -> Real:
        return self

    def copy(self) -> Real:
        return self

    def sum(self, **_: Any) -> Real:
        return self

    def __add__(self, other: Any) -> Any:
        return _apply(arb.__add__, self, other)

    def __radd__(self, other: Any) -> Any:
        return _apply(arb.__add__, self, other)

    def __sub__(self, other: Any) -> Any:
        return _apply(arb.__sub__, self, other)

    def __rsub__(self, other: Any) -> Any:
        return _apply(lambda a, b: b - a, self, other)

    def __mul__(self, other: Any) -> Any:
        return _apply(arb.__mul__, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _apply(arb.__mul__, self, other)

    def __truediv__(self, other: Any) -> Any:
        return _apply(arb.__truediv__, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _apply(lambda a, b: b / a, self, other)

    def __pow__(self, other: Any) -> Any:
        return _apply(lambda a, b: a**b, self, other)

    def __rpow__(self, other: Any) -> Any:
        return _apply(lambda a, b: b**a, self, other)

    def __neg__(self) -> Real:
        return Real(-self.ball)

    def __pos__(self) -> Real:
        return self

    def __abs__(self) -> Real:
        return Real(abs(self.ball))

    def __lt__(self, other: Any) -> bool:
        return _sign(self - other) < 0

    def __gt__(self, other: Any) -> bool:
        return _sign(self - other) > 0

    def __le__(self, other: Any) -> bool:
        return _sign(self - other) <= 0

    def __ge__(self, other: Any) -> bool:
        return _sign(self - other) >= 0

    def __eq__(self, other: object) -> bool:
        return _sign(self - other) == 0

    def __ne__(self, other: object) -> bool:
        return _sign(self - other) != 0

    def __bool__(self) -> bool:
        return _sign(self) != 0

    def __hash__(self) -> int:
        return 0

    def __getattr__(self, name: str) -> Callable[[], Real]:
        """The elementary functions, by NumPy's names."""
        ours = {"arctan": "atan", "arcsin": "asin", "arctanh": "atanh", "arcsinh": "asinh"}.get(name, name)
        if name.startswith("_") or not hasattr(arb, ours):
            raise AttributeError(name)
        return lambda: Real(getattr(self.ball, ours)())

    def sign(self) -> int:
        return _sign(self)

    def square(self) -> Real:
        return self * self


def _ball(x: Any) -> Any:
    """A number as a ball; a float is a rational number."""
    if isinstance(x, Real):
        return x.ball
    if isinstance(x, np.ndarray) and x.ndim == 0:
        return _ball(x[()])
    if isinstance(x, (bool, np.bool_, int, np.integer)):
        return arb(int(x))
    if isinstance(x, (float, np.floating)):
        return arb(float(x))
    return None


def _apply(operation: Callable[[Any, Any], Any], one: Real, other: Any) -> Any:
    ball = _ball(other)
    return NotImplemented if ball is None else Real(operation(one.ball, ball))


def _sign(x: Any) -> int:
    ball = _ball(x)
    if ball > 0:
        return 1
    if ball < 0:
        return -1
    if ball == 0:
        return 0
    raise Unsettled


def as_reals(array: np.ndarray) -> np.ndarray:
    """The same numbers as an array of ``Real``; integers stay what they are."""
    if array.dtype.kind in "iub":
        return array
    out = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        out[index] = Real(arb(float(array[index])))
    return out


def _objects(function: Callable[..., Any]) -> Callable[..., Any]:
    """``zeros``, ``ones`` and the like, ready to be written into."""

    def made(*args: Any, **kwargs: Any) -> np.ndarray:
        kwargs.pop("dtype", None)
        return np.asarray(function(*args, **kwargs)).astype(object)

    return made


def _solve(A: Any, B: Any) -> np.ndarray:
    """A⁻¹ B by elimination, the first pivot that is not zero."""
    A, B = np.array(A, dtype=object), np.array(B, dtype=object)
    vector = B.ndim == 1
    B = B[:, None] if vector else B
    n = len(A)
    for k in range(n):
        pivot = next(i for i in range(k, n) if _sign(A[i, k]) != 0)
        A[[k, pivot]], B[[k, pivot]] = A[[pivot, k]], B[[pivot, k]]
        B[k], A[k] = B[k] / A[k, k], A[k] / A[k, k]
        for i in range(n):
            if i != k:
                B[i], A[i] = B[i] - A[i, k] * B[k], A[i] - A[i, k] * A[k]
    return B[:, 0] if vector else B


def _determinant(A: Any) -> Any:
    A = np.array(A, dtype=object)
    value: Any = Real(arb(1))
    for k in range(len(A)):
        pivot = next((i for i in range(k, len(A)) if _sign(A[i, k]) != 0), None)
        if pivot is None:
            return Real(arb(0))
        if pivot != k:
            A[[k, pivot]] = A[[pivot, k]]
            value = -value
        value = value * A[k, k]
        for i in range(k + 1, len(A)):
            A[i] = A[i] - A[k] * (A[i, k] / A[k, k])
    return value


class _LinearAlgebra:
    """The part of ``numpy.linalg`` that the backwards use."""

    solve = staticmethod(_solve)
    det = staticmethod(_determinant)

    @staticmethod
    def inv(A: Any) -> np.ndarray:
        return _solve(A, np.eye(len(A)).astype(object))


class ExactNumpy:
    """NumPy for arrays of ``Real``: what NumPy does not do on objects is done here, the rest is NumPy's."""

    linalg = _LinearAlgebra()
    zeros = staticmethod(_objects(np.zeros))
    ones = staticmethod(_objects(np.ones))
    eye = staticmethod(_objects(np.eye))
    zeros_like = staticmethod(lambda x: np.zeros(np.shape(x)).astype(object))
    ones_like = staticmethod(lambda x: np.ones(np.shape(x)).astype(object))

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def sqrt(x: Any) -> Any:
        return np.sqrt(_promoted(x))

    @staticmethod
    def exp(x: Any) -> Any:
        return np.exp(_promoted(x))

    @staticmethod
    def log(x: Any) -> Any:
        return np.log(_promoted(x))

    @staticmethod
    def clip(x: Any, low: Any, high: Any) -> Any:
        return np.minimum(np.maximum(x, low), high)

    @staticmethod
    def square(x: Any) -> Any:
        return x * x


def _promoted(x: Any) -> Any:
    """Numbers and arrays of numbers as ``Real``."""
    array = np.asarray(x)
    if array.dtype != object:
        return as_reals(array.astype(float))
    return np.frompyfunc(lambda item: item if isinstance(item, Real) else Real(_ball(item)), 1, 1)(array)


Relation = Literal["different", "equal", "unsettled"]


def relation(one: Callable[..., Any], other: Callable[..., Any], points: Sequence[Sequence[Any]]) -> Relation:
    """Whether two vector-Jacobian products differ, at points that each begin with the cotangent.

    "unsettled" where an exact run was not possible.
    """
    compared = 0
    for point in points:
        balls = [as_reals(np.asarray(array)) for array in point]
        ctx.prec = BITS
        try:
            pairs = list(_pairs(one(*balls), other(*balls)))
        except Exception:
            continue
        if any(not a.overlaps(b) for a, b in pairs):
            return "different"
        if any(float((a - b).rad()) > NARROW * max(1.0, abs(float(a.mid()))) for a, b in pairs):
            continue
        compared += 1
    return "equal" if compared else "unsettled"


def _pairs(one: Any, other: Any) -> Any:
    """The numbers of two returned gradients side by side."""
    for a, b in zip(_arrays(one), _arrays(other), strict=True):
        if (a is None) != (b is None):
            raise ValueError("a gradient is None in one and not in the other")
        if a is not None:
            for p, q in zip(np.ravel(a), np.ravel(b), strict=True):
                yield _ball(p), _ball(q)


def _arrays(returned: Any) -> list[Any]:
    items = returned if isinstance(returned, tuple) else (returned,)
    return [None if item is None else np.asarray(item, dtype=object) for item in items]
