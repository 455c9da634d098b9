"""The parameters of an affine layer stacked into one vector, and the blocks of the Jacobian by it.

θ holds the columns of W, one below the other, and then b. Its Jacobian falls into blocks: block q for
column q of W, and a last one for b. The Kronecker product a ⊗ I is the column of the blocks a_q I.
"""

from __future__ import annotations

from derivations.kernel.formula import Array, Column, Entries, Identity, Map, Named, Partial, Row
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

_k, _n = dimensions("k n")
_i, _p = Index("i", _k), Index("p", _k)
_q = Index("q", _n)
_W, _a, _b = Array("W", _k, _n), Array("a", _n), Array("b", _k)
_z = Named(Array("z", _k), _W * _a + _b)
_delta = Array("delta", _k)
_L = Map(Array("L"), _z, _delta)


def _stacked() -> Theorem:
    block = Entries(Partial(_z[_p], _W[_i, _q]), _i, _p)
    row_block = Entries(Partial(_z[_p], _W[_i, _q]), _q, _p)
    return Theorem(
        "affine-stacked-parameters",
        "The parameters of an affine layer as one vector",
        introduction=(
            "θ holds the columns of W one below the other, then b. Row (q, i) of ∂z/∂θ belongs "
            "to w_iq: the rows of "
            "column q make the block q, and a ⊗ I is the column of the blocks a_q I."
        ),
        conditions=("W is stacked column by column",),
        claims=(
            Equality(
                block,
                _a[_q] * Identity(_k),
                "block q of ∂z/∂θ is block q of a ⊗ I",
                (
                    Step(
                        Entries(_a[_q] * Identity(_k)[_i, _p], _i, _p),
                        "derivative of the net input",
                        "Weight w_iq acts on z_i alone, by the factor a_q.",
                        uses="affine-jacobians",
                    ),
                    Step(_a[_q] * Identity(_k), "entries of a matrix", "a_q is a factor of every entry."),
                ),
            ),
            Equality(Partial(_z, _b), Identity(_k), "the block of b"),
            Equality(
                block * _delta,
                Column(_delta * _a.T, _q),
                "block q of (∂z/∂θ) δ is block q of vec(δ aᵀ)",
                (
                    Step(_a[_q] * Identity(_k) * _delta, "block q", "As just found."),
                    Step(_a[_q] * _delta, "identity matrix", "I δ = δ."),
                    Step(
                        Column(_delta * _a.T, _q),
                        "column of an outer product",
                        "Column q of δ aᵀ is δ times a_q.",
                    ),
                ),
            ),
            Equality(Partial(_z, _b) * _delta, _delta, "its last block"),
            Equality(
                Column(Partial(_L, _W), _q),
                block * _delta,
                "it is the gradient of a loss by θ, δ being that by z: the blocks of the weights",
            ),
            Equality(Partial(_L, _b), Partial(_z, _b) * _delta, "and the block of the biases"),
            Equality(
                row_block,
                _a * Row(Identity(_k), _i),
                "stacked row by row, block i is block i of I ⊗ a",
            ),
        ),
        covers=("cs182-12",),
        mutants=(
            Mutant("the factor a_q is missing", Identity(_k)),
            Mutant("the blocks of rows stand for those of columns", lambda: row_block),
            Mutant("the activation is missing", _delta, claim=2),
            Mutant("the block of b has the activations", lambda: _a * _delta.T, claim=3),
        ),
    )


THEOREMS = (_stacked(),)
