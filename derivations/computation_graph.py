"""The notes' example of a computation graph: f(x; w, b) = 1 / (exp(−(w x + b)) + 1). Source: nndl-55."""

from __future__ import annotations

import sympy as sp

from derivations.definition import Definition
from derivations.notation import Tensor


def _computation_graph() -> Definition:
    x, w, b = Tensor("x"), Tensor("w"), Tensor("b")
    return Definition("computation_graph", (x, w, b), (), 1 / (sp.exp(-(w[()] * x[()] + b[()])) + 1))


DEFINITIONS = (_computation_graph(),)
