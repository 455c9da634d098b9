"""NumPy code run on arrays of dual numbers."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from checkers.oracles.dual import Dual, Number, Undecided, Unrunnable
from checkers.oracles.object_array import ObjectArray, object_array, outputs_of

METHODS = (
    *("exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sign", "conjugate"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
)
"""The functions that a dual number has itself."""


def _larger(x: Dual, y: Dual) -> Dual:
    return x if x >= y else y


def _smaller(x: Dual, y: Dual) -> Dual:
    return x if x <= y else y


def _step(x: Dual, at_zero: Dual) -> Any:
    side = x.compare(0)
    return at_zero if side == 0 else int(side > 0)


COMPARISONS: Mapping[Any, Callable[[Any, Any], bool]] = {
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
}

FUNCTIONS: Mapping[Any, Callable[..., Any]] = {
    **{getattr(np, name): operator.methodcaller(name) for name in METHODS},
    **COMPARISONS,
    np.absolute: abs,
    np.fabs: abs,
    np.maximum: _larger,
    np.fmax: _larger,
    np.minimum: _smaller,
    np.fmin: _smaller,
    np.heaviside: _step,
    np.logaddexp: lambda x, y: (x.exp() + y.exp()).log(),
    np.hypot: lambda x, y: (x * x + y * y).sqrt(),
    np.square: lambda x: x * x,
    np.reciprocal: lambda x: 1 / x,
    np.true_divide: operator.truediv,
    np.float_power: operator.pow,
    np.isfinite: lambda _: True,
    np.isnan: lambda _: False,
    np.isinf: lambda _: False,
}
"""NumPy's functions on dual numbers."""

TRUTHS = frozenset({*COMPARISONS, np.isfinite, np.isnan, np.isinf})


def dual_arrays(zero: Number) -> type[ObjectArray]:
    """The type of arrays of dual numbers of the kind of ``zero``, in which constants become such numbers."""
    of_zero = Dual(zero)

    class DualArray(ObjectArray):
        functions = FUNCTIONS

        @classmethod
        def canonical(cls, entry: Any) -> Any:
            return entry if isinstance(entry, Dual) else of_zero.lifted(entry)

        @classmethod
        def result(cls, ufunc: Any, entries: Any) -> Any:
            return np.asarray(entries).astype(bool) if ufunc in TRUTHS else cls(entries)

        def __float__(self) -> float:
            raise Unrunnable("it turns a number into a float")

        def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
            """A copy; no other dtype holds these numbers."""
            if np.dtype(dtype) != np.dtype(object):
                raise Unrunnable(f"it casts to {np.dtype(dtype)}")
            return self.copy()

        def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
            if function is np.where and len(args) == 3:
                condition, yes, no = args
                return type(self)(
                    np.where(np.asarray(condition, dtype=bool), object_array(yes), object_array(no))
                )
            if function is np.clip:
                low, high = args[1:3]
                return np.minimum(np.maximum(args[0], low), high)
            if function.__module__ == "numpy.linalg" and function is not np.linalg.norm:
                raise Unrunnable(f"numpy.linalg.{function.__name__} computes in floating point")
            found = super().__array_function__(function, types, args, kwargs)
            return self._wrapped(found)

        def _wrapped(self, found: Any) -> Any:
            if isinstance(found, (tuple, list)):
                return type(found)(self._wrapped(one) for one in found)
            if isinstance(found, Dual) or (isinstance(found, np.ndarray) and found.dtype == object):
                return type(self)(found)
            return found

    return DualArray


def run(kind: type[ObjectArray], function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
    """What a NumPy function returns, as object arrays of dual numbers; None stays None.

    Args:
        kind: of arrays, from ``dual_arrays``.
        function: plain NumPy, ``function(*arguments)``.
        arguments: object arrays of dual numbers, or arrays of whole numbers, as they are.

    Raises:
        Unrunnable: the code does what these numbers do not allow, or raises; the sentence says what and
            where.
        Undecided: it compares numbers that are tied.
        OverflowError: it computes more than ``object_array.effort`` allows.
    """
    try:
        returned = outputs_of(
            function(*(kind(a.copy()) if a.dtype == object else a.copy() for a in map(np.asarray, arguments)))
        )
        lifted = kind.mapped(lambda entry: entry, 1)
        return [None if item is None else lifted(object_array(np.asarray(item))) for item in returned]
    except (Undecided, OverflowError):
        raise
    except Unrunnable as error:
        raise Unrunnable(f"{error}{_place(error)}") from error
    except Exception as error:
        raise Unrunnable(f"{type(error).__name__}: {error}{_place(error)}") from error


_LIBRARIES = (str(Path(np.__file__).parent), str(Path(__file__).parent))


def _place(error: BaseException) -> str:
    """Where in the code under test it happened: " (line 3 of relu_vjp)"."""
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith((*_LIBRARIES, "<frozen", sys.prefix + "/lib/python")):
            place = f" (line {trace.tb_lineno}, in {code.co_name})"
        trace = trace.tb_next
    return place
