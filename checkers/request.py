"""What a user asks of a check besides the functions, and whether it can be used."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checkers.draw import Sampler
from checkers.errors import InputError
from checkers.panel import ALL_ORACLES
from checkers.signature import Signature


@dataclass(frozen=True)
class Request:
    """What was asked for besides the functions; see ``check_vjp`` for the meaning of each.

    Raises:
        InputError: a part of it cannot be used.
    """

    signature: str | None
    args: Sequence[Any] | None
    domain: Any
    sampler: Sampler | None
    wrt: Any
    oracles: Any
    examples: Any
    seed: Any

    def __post_init__(self) -> None:
        if self.signature is None and self.args is None:
            raise InputError(
                "give a signature such as '(m,n),(n)->(m)', or args, a point to check at: there is neither"
            )
        if self.sampler is not None and not callable(self.sampler):
            raise InputError(
                f"sampler must be a function (rng, sizes) -> tuple of arrays, not {self.sampler!r}"
            )
        if self.sampler is not None and self.signature is None:
            raise InputError(
                "sampler needs a signature, such as '(m,n),(n)->(m)', that says what sizes it is asked for"
            )
        for name, value, least in (("examples", self.examples, 1), ("seed", self.seed, 0)):
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
                raise InputError(f"{name} must be a whole number of at least {least}, not {value!r}")
        if self.args is not None and not isinstance(self.args, (tuple, list)):
            raise InputError(
                f"args must be a tuple with one array per argument, not {type(self.args).__name__}"
            )
        if self.count == 0:
            where = "args" if self.signature is None else f"signature {self.signature!r}"
            raise InputError(f"{where} has no argument, so there is nothing to differentiate by: give one")
        unknown = [name for name in self.judges if name not in ALL_ORACLES]
        if unknown:
            raise InputError(f"oracle {unknown[0]!r} is not known: choose from {', '.join(ALL_ORACLES)}")

    @cached_property
    def judges(self) -> tuple[Any, ...]:
        """The names of the oracles."""
        given = tuple(self.oracles) if _lists(self.oracles) else ()
        if not given:
            raise InputError(
                f"oracles must be a sequence of names, at least one of {', '.join(ALL_ORACLES)}, not"
                f" {self.oracles!r}"
            )
        return given

    @cached_property
    def parsed(self) -> Signature | None:
        """The signature, parsed."""
        return None if self.signature is None else Signature.parse(self.signature)

    @property
    def count(self) -> int:
        """The number of arguments."""
        return len(self.parsed.inputs) if self.parsed is not None else len(self.args or ())

    @property
    def chosen(self) -> tuple[int, ...] | None:
        """``wrt`` as non-negative numbers."""
        if self.wrt is None:
            return None
        given = (self.wrt,) if isinstance(self.wrt, numbers.Integral) else self.wrt
        given = tuple(given) if _lists(given) else ()
        if not given:
            raise InputError(
                f"wrt must be a sequence of numbers of arguments, such as (0,), not {self.wrt!r}: leave it"
                " out for all that have a gradient"
            )
        wrong = [k for k in given if not _numbers_an_argument(k, self.count)]
        if wrong:
            raise InputError(f"wrt has {wrong[0]!r}, but {_numbered(self.count)}")
        return tuple(dict.fromkeys(int(k) % self.count for k in given))


def _lists(given: Any) -> bool:
    """Whether something is a sequence (or an iterator) of single values, and no text."""
    return isinstance(given, Iterable) and not isinstance(given, (str, bytes))


def _numbers_an_argument(k: Any, count: int) -> bool:
    return not isinstance(k, bool) and isinstance(k, numbers.Integral) and -count <= int(k) < count


def _numbered(count: int) -> str:
    return (
        "the only argument has the number 0"
        if count == 1
        else f"the arguments have the numbers 0 to {count - 1}"
    )
