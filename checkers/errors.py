"""The typed exceptions of gradproof.

Each says in one sentence what was given, what was expected and what to do.
"""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """«1 array», «3 arrays»: a number and what is counted, for a sentence."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


class GradproofError(Exception):
    """Base of every exception that gradproof raises on purpose."""


class InputError(GradproofError, ValueError):
    """An argument of a public function cannot be used: the sentence names it and says what is expected."""


class SignatureError(InputError):
    """A NumPy gufunc signature does not parse, or does not fit the arrays it is used with."""


class DomainError(InputError):
    """A domain is not known, or does not yield real arrays of the shape asked for."""


class FunctionError(GradproofError):
    """A function under test raised, or returned something that is not a real array; the cause is chained."""


class GradientCountError(FunctionError):
    """A vjp, grad or jvp returned another number of arrays than there are arguments (or outputs)."""


class LossError(FunctionError, InputError):
    """A loss returned something else than a single number, so that it has no gradient."""


class TraceError(GradproofError):
    """NumPy code could not be traced by JAX; the sentence names the operation, the line and the reason.

    Attributes:
        location: ``file:line`` in the traced code where tracing stopped, or "" if it is not known.
    """

    def __init__(self, message: str, location: str = "") -> None:
        super().__init__(message)
        self.location = location


class IsolationError(GradproofError):
    """The process that runs a submission could not be started; nothing of the submission was run."""


class GradientMismatch(GradproofError, AssertionError):
    """A claimed gradient disagrees with its oracles or breaks a contract (raised by ``assert_*``)."""


class GradientUndecided(GradproofError):
    """No oracle could tell whether a claimed gradient is right (raised by ``assert_*``)."""
