"""The point that a user gave, as cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.candidate import Candidate, as_argument
from checkers.domains import Domain
from checkers.draw import FIXED, Case, domains_for
from checkers.errors import DomainError, FunctionError, InputError, counted
from checkers.request import Request
from checkers.signature import Signature

COTANGENTS = 3
"""How many cotangents are tried at a given point, if it has few entries; else 1."""
FEW = 1000


def given_points(candidate: Candidate, request: Request) -> list[Case]:
    """The given point, once per cotangent that is tried there."""
    given = tuple(request.args or ())
    if len(given) != request.count:
        raise InputError(
            f"args has {counted(len(given), 'array')}, but the signature has"
            f" {counted(request.count, 'argument')}: give one per argument"
        )
    arguments = [as_argument(value, name) for value, name in zip(given, candidate.arguments, strict=True)]
    signature = signature_of(request)
    domains = domains_for(signature, candidate.arguments, request.domain)
    for name, domain, array in zip(candidate.arguments, domains, arguments, strict=True):
        _within(name, domain, array)
    arguments = _differentiable(candidate, arguments)
    count = 1 if candidate.kind == "grad" or sum(a.size for a in arguments) > FEW else COTANGENTS
    return [
        Case(
            number=-1 - k,
            seed=request.seed,
            sizes=signature.bind([a.shape for a in arguments]),
            regime=FIXED,
            arguments=tuple(arguments),
            limits=tuple(d.limits(a) for d, a in zip(domains, arguments, strict=True)),
            name=candidate.name,
        )
        for k in range(count)
    ]


def _within(name: str, domain: Domain, array: NDArray[Any]) -> None:
    """Raise DomainError if a value lies outside of its domain."""
    outside = array[(array < domain.low) | (array > domain.high)]
    if outside.size:
        raise DomainError(
            f"argument {name} has the value {outside[0]}, but its domain {domain.name!r} goes from"
            f" {domain.low:g} to {domain.high:g}: correct the point or the domain"
        )


def signature_of(request: Request) -> Signature:
    """The signature that was given, or that of the given point."""
    return request.parsed or Signature.of([np.shape(a) for a in request.args or ()])


def _differentiable(candidate: Candidate, arguments: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Whole numbers made floats where the code returns a gradient for them; labels stay as they are."""
    if all(a.dtype.kind == "f" for a in arguments) or candidate.kind == "jvp":
        return list(arguments)
    try:
        outputs = candidate.primal(arguments)
        returned = candidate.pulled_back([np.ones(o.shape) for o in outputs], arguments).arrays
    except FunctionError:
        return list(arguments)
    return [
        a if gradient is None else a.astype(np.result_type(a, np.float64))
        for a, gradient in zip(arguments, returned, strict=True)
    ]
