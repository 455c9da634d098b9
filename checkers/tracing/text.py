"""Numbers that are read from text: refused once a traced value has been made text, for it may be one."""

from __future__ import annotations

import ast
import json
import math
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from checkers.tracing.session import current, refuse
from checkers.tracing.traced_array import StandIn

READERS: frozenset[Callable[..., Any]] = frozenset(
    {ast.literal_eval, json.loads, np.loadtxt, np.genfromtxt, np.fromstring}
)
"""Functions that read numbers from text of their own form."""

MODULES = ("ast", "json")
"""The modules besides NumPy that they are in."""

_REASON = "a traced value was made text before, and its derivative would be lost"


def refuse_text(operation: str, *items: Any) -> None:
    """Refuse ``operation`` if one of ``items`` is a number in text, which may have been a traced one."""
    session = current()
    if session is not None and session.formatted and any(_is_number(item) for item in items):
        refuse(f"{operation} of text", _REASON)


def _is_number(x: Any) -> bool:
    """Whether ``x`` is, or holds, a finite number in text or in a form that text is turned into."""
    if isinstance(x, (list, tuple)):
        return any(_is_number(item) for item in x)
    if not isinstance(x, str):
        return isinstance(x, (bytes, Decimal, Fraction))
    try:
        return math.isfinite(float(x))
    except ValueError:
        return False


class TextReader(StandIn):
    """Takes the place of a function that reads numbers from text."""

    __slots__ = ()

    def __init__(self, original: Callable[..., Any]) -> None:
        self.original = original

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the original does, as long as no traced value has been made text."""
        session = current()
        if session is not None and session.formatted:
            refuse(f"{self.original.__name__}() of text", _REASON)
        return self.original(*args, **kwargs)


class Evaluator(TextReader):
    """Takes the place of ``eval``, which works in the namespaces of its caller."""

    __slots__ = ()

    def __call__(self, source: Any, *namespaces: Any, **kwargs: Any) -> Any:
        """``eval(source)`` where the caller stands, as long as no traced value has been made text."""
        if not namespaces and not kwargs:
            caller = sys._getframe(1)
            namespaces = caller.f_globals, caller.f_locals
        return super().__call__(source, *namespaces, **kwargs)
