"""The multivariate chain rule, which the theorems take for granted."""

from __future__ import annotations

from derivations.kernel.formula import Array, Map, Named, Partial
from derivations.notation import dimensions
from derivations.theorem import Equality, Kind, Theorem

_p, _n, _m = dimensions("p n m")
_x = Array("x", _p)
_y = Named(Array("y", _n), Map(Array("y", _n), _x, Array("G", _p, _n)))
_z = Map(Array("z", _m), _y, Array("F", _n, _m))


def _chain_rule() -> Theorem:
    return Theorem(
        "chain-rule",
        "The multivariate chain rule",
        introduction=(
            "Let y be any differentiable function of x, and z any of y. A small change of "
            "x_i changes every y_k, and each of these changes z; to first order the changes add up."
        ),
        claims=(Equality(Partial(_z, _x), Partial(_y, _x) * Partial(_z, _y), "in denominator layout"),),
        covers=(),
        kind=Kind.ASSUMPTION,
    )


THEOREMS = (_chain_rule(),)
