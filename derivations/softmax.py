"""Softmax, entry by entry and without any shift: a_i = e^{β z_i} / Σ_k e^{β z_k}.

Sources: article-92, article-96, article-102, article-103, cs182-35, nndl-13.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions, total

_n, _m = dimensions("n m")


def softmax_entry(z: Callable[[Index], sp.Expr], i: Index) -> sp.Expr:
    """e^{z_i} / Σ_k e^{z_k}, z being a function of its index; i runs over the classes. Source: article-92."""
    k = Index("class", i.dimension)
    return sp.exp(z(i)) / total(sp.exp(z(k)), k)


def _softmax() -> Definition:
    i = Index("i", _n)
    z = Tensor("z", _n)
    return Definition("softmax", (z,), (i,), softmax_entry(lambda k: z[k], i))


def _softmax_batch() -> Definition:
    i, s = Index("i", _n), Index("s", _m)
    z = Tensor("z", _n, _m)
    return Definition("softmax_batch", (z,), (i, s), softmax_entry(lambda k: z[k, s], i))


def _sharp_softmax() -> Definition:
    i = Index("i", _n)
    z, beta = Tensor("z", _n), Tensor("beta")
    return Definition("sharp_softmax", (z, beta), (i,), softmax_entry(lambda k: beta[()] * z[k], i))


def _two_class_softmax() -> Definition:
    i = Index("i", 2)
    z = Tensor("z", 2)
    return Definition("two_class_softmax", (z,), (i,), softmax_entry(lambda k: z[k], i))


DEFINITIONS = (_softmax(), _softmax_batch(), _sharp_softmax(), _two_class_softmax())
