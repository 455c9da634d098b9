"""One function traced once for every combination of shapes and dtypes, for whoever needs its program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from checkers.errors import TraceError

if TYPE_CHECKING:
    from checkers.tracing import Trace


class Traced:
    """A function of arrays and the traces that were made of it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._known: dict[Any, Trace | TraceError] = {}

    def at(self, arrays: Sequence[NDArray[Any]]) -> Trace:
        """The trace for these arrays; one that depends on their values is made anew each time.

        Raises:
            TraceError: JAX cannot trace the function, or it raises when it meets traced arrays.
        """
        key = tuple((a.shape, a.dtype.str) for a in arrays)
        found = self._known.get(key)
        if found is None:
            found = self._anew(arrays)
            if isinstance(found, TraceError) or not found.value_dependent:
                self._known[key] = found
        if isinstance(found, TraceError):
            raise found
        return found

    def values(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """What the function itself returns for copies of these arrays."""
        with np.errstate(all="ignore"):
            returned = self.function(*(a.copy() for a in arrays))
        return [
            np.asarray(item) for item in (returned if isinstance(returned, (tuple, list)) else (returned,))
        ]

    def _anew(self, arrays: Sequence[NDArray[Any]]) -> Trace | TraceError:
        from checkers.tracing import trace

        try:
            with np.errstate(all="ignore"):
                return trace(self.function, arrays)
        except TraceError as error:
            return error.with_traceback(None)
        except Exception as error:  # code under test may raise anything when it meets arrays of another kind
            return TraceError(f"it raises {type(error).__name__} on traced arrays: {error}")
