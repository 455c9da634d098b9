"""The affine layer z = W a + b: its Jacobians, and the gradients of a loss by W, b and a."""

from __future__ import annotations

from derivations.kernel.formula import Array, Delta, Entries, Identity, Map, Named, Partial, Sum
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

_n, _k = dimensions("n k")
_i, _j, _p = Index("i", _n), Index("j", _n), Index("p", _n)
_q, _r = Index("q", _k), Index("r", _k)
_W, _a, _b = Array("W", _n, _k), Array("a", _k), Array("b", _n)
_z = Named(Array("z", _n), _W * _a + _b)
_delta = Array("delta", _n)
_L = Map(Array("L"), _z, _delta)
_z_i = Sum(_W[_i, _r] * _a[_r], _r) + _b[_i]


def _entries() -> Theorem:
    return Theorem(
        "affine-entries",
        "The net input, entry by entry",
        introduction="The matrix product hides a sum; every derivative below starts from this sum.",
        claims=(
            Equality(
                _z[_i],
                _z_i,
                steps=(
                    Step(
                        _z_i,
                        "product of a matrix and a column",
                        "Row i of W meets the column a; then b_i is added.",
                    ),
                ),
            ),
        ),
        covers=("cs182-11",),
        mutants=(Mutant("the bias is left out", Sum(_W[_i, _r] * _a[_r], _r)),),
    )


def _jacobians() -> Theorem:
    return Theorem(
        "affine-jacobians",
        "Derivatives of the net input of an affine layer",
        introduction="z = W a + b is linear in each of W, a and b: its derivatives are read off its entries.",
        claims=(
            Equality(
                Partial(_z[_i], _a[_q]),
                _W[_i, _q],
                "an entry by an entry of the input",
                (
                    Step(Partial(_z_i, _a[_q]), "definition", "z_i written as a sum.", uses="affine-entries"),
                    Step(
                        Sum(_W[_i, _r] * Partial(_a[_r], _a[_q]), _r) + Partial(_b[_i], _a[_q]),
                        "linearity",
                        "The derivative of a sum is the sum of the derivatives; W is constant here.",
                    ),
                    Step(
                        Sum(_W[_i, _r] * Delta(_r, _q), _r),
                        "derivative of an entry by an entry",
                        "∂a_r/∂a_q is 1 for r = q and 0 otherwise; b does not depend on a.",
                    ),
                    Step(_W[_i, _q], "sifting", "Only the term with r = q is left."),
                ),
            ),
            Equality(
                Partial(_z, _a),
                _W.T,
                "the whole Jacobian by the input",
                (
                    Step(
                        Entries(_W[_i, _q], _q, _i),
                        "denominator layout",
                        "Row q, column i of ∂z/∂a is ∂z_i/∂a_q = W_iq.",
                    ),
                ),
            ),
            Equality(
                Partial(_z[_i], _W[_j, _q]),
                Delta(_i, _j) * _a[_q],
                "an entry by a weight",
                (
                    Step(
                        Sum(Delta(_i, _j) * Delta(_r, _q) * _a[_r], _r),
                        "derivative of an entry by an entry",
                        "∂W_ir/∂W_jq is 1 only for i = j and r = q; a and b do not depend on W.",
                    ),
                    Step(Delta(_i, _j) * _a[_q], "sifting", "Only the term with r = q is left."),
                ),
            ),
            Equality(Partial(_z, _b), Identity(_n), "the whole Jacobian by the bias"),
            Equality(Partial(_z[_i], _b[_j]), Delta(_i, _j), "an entry by a bias"),
            Equality(
                Partial(_z[_i], _W),
                Entries(Delta(_j, _i), _j) * _a.T,
                "an entry by the whole matrix: row i is aᵀ, the others are 0",
            ),
        ),
        covers=("cs182-13", "cs182-14", "cs182-18", "cs182-20", "cs182-22", "nndl-36", "nndl-40"),
        mutants=(
            Mutant("W stands untransposed", lambda: _W, claim=1, source="cs182-22"),
            Mutant("the Kronecker delta is missing", _a[_q], claim=2),
        ),
    )


def _gradients() -> Theorem:
    chain = "multivariate chain rule"
    return Theorem(
        "affine-gradients",
        "Gradients through an affine layer",
        introduction="L is any differentiable loss of z = W a + b, and δ = ∂L/∂z.",
        claims=(
            Equality(
                Partial(_L, _W),
                _delta * _a.T,
                "by the weights",
                (
                    Step(
                        Entries(Sum(_delta[_i] * Partial(_z[_i], _W[_p, _q]), _i), _p, _q),
                        chain,
                        "L depends on W_pq through every z_i, and ∂L/∂z_i = δ_i.",
                        uses="chain-rule",
                    ),
                    Step(
                        Entries(Sum(_delta[_i] * Delta(_i, _p) * _a[_q], _i), _p, _q),
                        "derivative of the net input",
                        "W_pq stands in z_p alone, multiplied by a_q.",
                        uses="affine-jacobians",
                    ),
                    Step(
                        Entries(_delta[_p] * _a[_q], _p, _q), "sifting", "Only the term with i = p is left."
                    ),
                    Step(
                        _delta * _a.T,
                        "outer product",
                        "δ_p a_q is row p, column q of the column δ times the row aᵀ.",
                    ),
                ),
            ),
            Equality(
                Partial(_L, _b),
                _delta,
                "by the bias",
                (
                    Step(
                        Partial(_z, _b) * _delta,
                        chain,
                        "The chain rule in denominator layout.",
                        uses="chain-rule",
                    ),
                    Step(
                        Identity(_n) * _delta,
                        "derivative of the net input",
                        "∂z/∂b = I.",
                        uses="affine-jacobians",
                    ),
                    Step(_delta, "identity matrix", "I δ = δ."),
                ),
            ),
            Equality(
                Partial(_L, _a),
                _W.T * _delta,
                "by the input",
                (
                    Step(
                        Partial(_z, _a) * _delta,
                        chain,
                        "The chain rule in denominator layout.",
                        uses="chain-rule",
                    ),
                    Step(
                        _W.T * _delta, "derivative of the net input", "∂z/∂a = Wᵀ.", uses="affine-jacobians"
                    ),
                ),
            ),
        ),
        covers=("cs182-15", "cs182-16", "cs182-19", "cs182-23", "cs182-24", "nndl-46", "nndl-47"),
        mutants=(
            Mutant("the factors are exchanged", lambda: _a * _delta.T, source="cs182-17"),
            Mutant("the activation is missing", lambda: _delta.T, source="cs182-16"),
            Mutant("the gradient by W is doubled", 2 * _delta * _a.T),
            Mutant("W stands untransposed", lambda: _W * _delta, claim=2, source="cs182-23"),
        ),
    )


THEOREMS = (_entries(), _jacobians(), _gradients())
