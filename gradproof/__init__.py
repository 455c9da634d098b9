"""Proof for hand-written gradients: claimed derivatives against finite differences, SymPy and JAX.

    import gradproof

    gradproof.assert_vjp(forward, vjp, signature="(m,n),(n)->(m)")

The names below are imported when they are first used, so that ``import gradproof`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checkers.check import assert_grad, assert_jvp, assert_vjp, check_grad, check_jvp, check_vjp
    from checkers.diagnosis import Diagnosis
    from checkers.errors import (
        DomainError,
        FunctionError,
        GradientCountError,
        GradientMismatch,
        GradientUndecided,
        GradproofError,
        InputError,
        IsolationError,
        LossError,
        SignatureError,
        TraceError,
    )
    from checkers.verdict import Mismatch, Verdict

    __version__: str

__all__ = [
    "Diagnosis",
    "DomainError",
    "FunctionError",
    "GradientCountError",
    "GradientMismatch",
    "GradientUndecided",
    "GradproofError",
    "InputError",
    "IsolationError",
    "LossError",
    "Mismatch",
    "SignatureError",
    "TraceError",
    "Verdict",
    "__version__",
    "assert_grad",
    "assert_jvp",
    "assert_vjp",
    "check_grad",
    "check_jvp",
    "check_vjp",
]

_HOMES = {
    "checkers.check": ("assert_grad", "assert_jvp", "assert_vjp", "check_grad", "check_jvp", "check_vjp"),
    "checkers.diagnosis": ("Diagnosis",),
    "checkers.errors": (
        "DomainError",
        "FunctionError",
        "GradientCountError",
        "GradientMismatch",
        "GradientUndecided",
        "GradproofError",
        "InputError",
        "IsolationError",
        "LossError",
        "SignatureError",
        "TraceError",
    ),
    "checkers.verdict": ("Mismatch", "Verdict"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gradproof")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'gradproof' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
