"""The difference quotients of the notes' logistic function, of x and Δx. Sources: nndl-49, nndl-51."""

from __future__ import annotations

from derivations.definition import Definition
from derivations.elementwise import sigmoid
from derivations.notation import Tensor


def _forward_difference() -> Definition:
    x, dx = Tensor("x"), Tensor("dx")
    entry = (sigmoid(x[()] + dx[()]) - sigmoid(x[()])) / dx[()]
    return Definition("forward_difference", (x, dx), (), entry)


def _centred_difference() -> Definition:
    x, dx = Tensor("x"), Tensor("dx")
    entry = (sigmoid(x[()] + dx[()]) - sigmoid(x[()] - dx[()])) / (2 * dx[()])
    return Definition("centred_difference", (x, dx), (), entry)


DEFINITIONS = (_forward_difference(), _centred_difference())
