"""Forward differentiation of a submission's own code: numbers with a derivative in their imaginary part.

A complex number x + iεx' with ε = 10⁻⁴⁰ behaves as a dual number: products of two ε vanish, and
Im f(x + iε)/ε is f'(x) to the last digit, with nothing subtracted. Where complex NumPy is no continuation of
real NumPy (absolute values, comparisons, variances, norms, casts to float), the array type here does what a
dual number would; and while code is ``followed``, the arrays that it makes can hold such numbers.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np

_asarray, _where, _real = np.asarray, np.where, np.real
_complex = np.clongdouble


class Lost(TypeError):
    """The derivative would be lost: the code asks for a plain number."""


class Stepped(np.ndarray):
    """A complex array whose imaginary part is a derivative."""

    __array_priority__ = 100.0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        """What the function does to values and derivatives."""
        plain = [_plain(x) for x in inputs]
        rule = _UFUNCS.get(ufunc) if method == "__call__" else None
        if out is not None:
            options["out"] = tuple(_plain(x) for x in out)
        if rule is not None:
            options.pop("out", None)
            result = rule(*plain)
            if options.pop("where", True) is not True:
                raise Lost(f"{ufunc.__name__} with where= has no derivative here")
            if out is not None:
                _plain(out[0])[...] = result
        else:
            result = _called(getattr(ufunc, method), plain, options)
        if out is not None:
            return out[0] if len(out) == 1 else out
        return _wrapped(result)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """What a function of NumPy's does that is no ufunc."""
        rule = _FUNCTIONS.get(func)
        if rule is not None:
            return _wrapped(rule(*args, **kwargs))
        try:
            return _wrapped(super().__array_function__(func, types, args, kwargs))
        except TypeError:  # linear algebra knows no long double
            return _wrapped(func(*_shorter(args), **_shorter(kwargs)))

    def __getitem__(self, key: Any) -> Any:
        """A part; a single entry, too, keeps its derivative."""
        return _wrapped(super().__getitem__(_index(key)))

    def __setitem__(self, key: Any, value: Any) -> None:
        """Writes a part."""
        super().__setitem__(_index(key), value)

    def __float__(self) -> float:
        """Refuses.

        Raises:
            Lost: always.
        """
        raise Lost("float() of a number drops its derivative")

    def __int__(self) -> int:
        """The value cut off: it has no derivative."""
        return int(_plain(self).real)

    def __bool__(self) -> bool:
        """Whether the value is not 0."""
        return bool(_plain(self).real)

    def __format__(self, spec: str) -> str:
        """The value alone, to print."""
        return format(float(_plain(self).real), spec)

    def __round__(self, digits: int = 0) -> Any:
        """The value rounded: it has no derivative."""
        return round(float(_plain(self).real), digits)

    @property  # type: ignore[misc]
    def real(self) -> Any:
        """Itself: to the code it is real."""
        return self

    @property  # type: ignore[misc]
    def imag(self) -> Any:
        """0: to the code it is real."""
        return np.zeros(self.shape)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """A copy; of another real type it is itself, of integers it has no derivative."""
        if np.dtype(dtype).kind in "fc":
            return self.copy()
        return _plain(self).real.astype(dtype, *args, **kwargs)

    def var(self, *args: Any, **kwargs: Any) -> Any:
        """The variance."""
        return _wrapped(_variance(self, *args, **kwargs))

    def std(self, *args: Any, **kwargs: Any) -> Any:
        """The standard deviation."""
        return _wrapped(np.sqrt(_variance(self, *args, **kwargs)))

    def clip(self, *args: Any, **kwargs: Any) -> Any:
        """Within bounds."""
        return _wrapped(_clipped(self, *args, **kwargs))

    def dot(self, other: Any) -> Any:  # type: ignore[override]
        """The product, as ``np.dot``."""
        return np.dot(self, other)


def _plain(x: Any) -> Any:
    """The complex array itself."""
    return x.view(np.ndarray) if isinstance(x, Stepped) else x


def _wrapped(result: Any) -> Any:
    """Every complex array in a result as one that differentiates."""
    if isinstance(result, (np.ndarray, np.generic)):
        return _asarray(result).view(Stepped) if result.dtype.kind == "c" else result
    if type(result) in (tuple, list):
        return type(result)(_wrapped(item) for item in result)
    return result


def _index(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_index(part) for part in key)
    return _plain(key).real.astype(int) if isinstance(key, Stepped) and _whole(key) else key


def _whole(key: Stepped) -> bool:
    """Whether they are whole numbers without derivative: labels that took part in arithmetic."""
    plain = _plain(key)
    return bool((plain.imag == 0).all() and (plain.real == np.rint(plain.real)).all())


def _shorter(value: Any) -> Any:
    """Arguments in double precision."""
    if isinstance(value, Stepped):
        return _plain(value).astype(np.complex128)
    if type(value) in (tuple, list):
        return type(value)(_shorter(item) for item in value)
    return {k: _shorter(v) for k, v in value.items()} if type(value) is dict else value


def _called(function: Callable[..., Any], inputs: list[Any], options: dict[str, Any]) -> Any:
    try:
        return function(*inputs, **options)
    except TypeError:  # functions of SciPy's know no long double
        return function(*(x.astype(np.complex128) if _is_long(x) else x for x in inputs), **options)


def _is_long(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype == _complex


def _by_real_part(ufunc: Any) -> Callable[..., Any]:
    return lambda *inputs: ufunc(*(_real(x) for x in inputs))


def _larger(a: Any, b: Any) -> Any:
    return _where(_real(a) >= _real(b), a, b)


def _smaller(a: Any, b: Any) -> Any:
    return _where(_real(a) <= _real(b), a, b)


def _magnitude(x: Any) -> Any:
    return _where(_real(x) < 0, -x, x)


def _log_of_sum(a: Any, b: Any) -> Any:
    largest = np.maximum(_real(a), _real(b))
    return largest + np.log(np.exp(a - largest) + np.exp(b - largest))


def _cube_root(x: Any) -> Any:
    return np.sign(_real(x)) * _magnitude(x) ** (_complex(1) / 3)


def _variance(
    x: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False
) -> Any:
    del dtype, out
    mean = np.mean(x, axis=axis, keepdims=True)
    count = x.size // max(mean.size, 1)
    return np.sum((x - mean) * (x - mean), axis=axis, keepdims=keepdims) / (count - ddof)


def _clipped(x: Any, low: Any = None, high: Any = None, out: Any = None, **names: Any) -> Any:
    low, high = names.get("min", names.get("a_min", low)), names.get("max", names.get("a_max", high))
    clipped = x if low is None else np.maximum(x, low)
    clipped = clipped if high is None else np.minimum(clipped, high)
    if out is None:
        return clipped
    out[...] = clipped
    return out


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002 -- NumPy's name
    if ord not in (None, 2, 1, "fro") or (ord in (1, 2) and axis is None and np.ndim(x) > 1):
        raise Lost(f"a norm of order {ord!r} has no derivative here")
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


_UFUNCS: dict[Any, Callable[..., Any]] = {
    np.absolute: _magnitude, np.fabs: _magnitude, np.conjugate: lambda x: +x, np.cbrt: _cube_root,
    np.maximum: _larger, np.fmax: _larger, np.minimum: _smaller, np.fmin: _smaller, np.logaddexp: _log_of_sum,
    np.hypot: lambda a, b: np.sqrt(a * a + b * b),
    **{
        ufunc: _by_real_part(ufunc)
        for ufunc in (
            np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, np.sign, np.floor,
            np.ceil, np.rint, np.trunc, np.heaviside, np.signbit, np.logical_and, np.logical_or,
            np.logical_not, np.isfinite, np.isnan, np.isinf, np.floor_divide,
        )
    },
}  # fmt: skip

_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.var: _variance,
    np.std: lambda *args, **kwargs: np.sqrt(_variance(*args, **kwargs)),
    np.clip: _clipped,
    np.linalg.norm: _norm,
    np.real: lambda x: x,
    np.isreal: lambda x: np.ones(np.shape(x), dtype=bool),
    np.iscomplexobj: lambda _: False,
}


@contextlib.contextmanager
def followed(namespaces: Sequence[dict[str, Any]]) -> Iterator[None]:
    """While it lasts, arrays of floats that the code makes can hold derivatives; to drop one is an error.

    Only the names of the code itself are changed: NumPy must find its own functions as they are.

    Args:
        namespaces: the global names of the code's modules.
    """
    kept = [(names, dict(names)) for names in namespaces]
    for names in namespaces:
        for key, value in list(names.items()):
            if value is np:
                names[key] = _NUMPY
            elif callable(value) and id(value) in _REPLACEMENTS:
                names[key] = _REPLACEMENTS[id(value)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            yield
    finally:
        for names, before in kept:
            names.update(
                (key, value) for key, value in before.items() if value is np or id(value) in _REPLACEMENTS
            )


def _maker(function: Callable[..., Any]) -> Callable[..., Any]:
    def made(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return result.astype(_complex).view(Stepped) if _floats(result) else _wrapped(result)

    return made


def _cast(function: Callable[..., Any]) -> Callable[..., Any]:
    def cast(value: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if dtype is not None and np.dtype(dtype).kind == "f":
            result = function(value, None, *args, **kwargs)
            return _wrapped(result) if result.dtype.kind == "c" else result.astype(dtype)
        return _wrapped(function(value, dtype, *args, **kwargs))

    return cast


def _floats(result: Any) -> bool:
    return isinstance(result, np.ndarray) and result.dtype.kind == "f"


_MAKERS = (
    np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.zeros_like, np.ones_like, np.empty_like,
    np.full_like,
)  # fmt: skip
_CASTS = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray)
_REPLACEMENTS: dict[int, Callable[..., Any]] = {
    **{id(function): _maker(function) for function in _MAKERS},
    **{id(function): _cast(function) for function in _CASTS},
}
_NUMPY = ModuleType("numpy")
vars(_NUMPY).update(
    {name: _REPLACEMENTS.get(id(value), value) for name, value in vars(np).items() if name != "__name__"}
)
