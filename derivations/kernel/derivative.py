"""The derivative of an index expression by one entry of a tensor, for symbolic dimensions.

    ∂T_ij/∂T_pq = δ_ip δ_jq,  linearity, the product rule, ∂/∂x Σ_i f_i = Σ_i ∂f_i/∂x (bound indices renamed),
    the chain rule for functions of one or more scalars.

The derivatives of the functions themselves (exp, log, tanh, powers …) are SymPy's. SymPy's own derivative of
a ``Sum`` by an entry is not used: it leaves conditions on the indices unresolved and captures bound indices.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sympy as sp

from derivations.notation import Index, bound_indices, kronecker, total


def derivative(expression: sp.Expr, entry: sp.Expr) -> sp.Expr:
    """∂ expression / ∂ entry, where ``entry`` is ``T[i, j]`` with free indices, or the symbol of a scalar.

    Sums over an index that a Kronecker delta fixes are carried out, so that Σ_i δ_ip f_i comes out as f_p.

    Raises:
        NotImplementedError: the expression holds something that has no rule here.
    """
    expression = sp.sympify(expression)
    return _Differentiation(expression, entry).of(expression)


class _Differentiation:
    """One derivative: the entry, new names for bound indices, and what was differentiated before."""

    def __init__(self, expression: sp.Expr, entry: sp.Expr) -> None:
        self.entry = entry
        self.taken = {index.name for index in expression.atoms(Index) | entry.atoms(Index)}
        self.numbers: Iterator[int] = itertools.count(1)
        self.known: dict[sp.Expr, sp.Expr] = {}

    def of(self, e: sp.Expr) -> sp.Expr:
        if e not in self.known:
            self.known[e] = self._rule(e)
        return self.known[e]

    def _rule(self, e: sp.Expr) -> sp.Expr:
        if isinstance(e, sp.Indexed):
            return self._of_entry(e)
        if e.is_Symbol or e.is_number or isinstance(e, sp.KroneckerDelta):
            return sp.S.One if e == self.entry else sp.S.Zero
        if isinstance(e, sp.Add):
            return sp.Add(*(self.of(term) for term in e.args))
        if isinstance(e, sp.Mul):
            return sp.Add(
                *(sp.Mul(*e.args[:k], self.of(factor), *e.args[k + 1 :]) for k, factor in enumerate(e.args))
            )
        if isinstance(e, sp.Sum):
            return self._of_sum(e)
        if isinstance(e, sp.Piecewise):
            return self._of_cases(e)
        if isinstance(e, (sp.Pow, sp.Function)):
            return self._of_function(e)
        raise NotImplementedError(f"there is no rule for the derivative of {type(e).__name__} in {e}")

    def _of_entry(self, e: sp.Indexed) -> sp.Expr:
        if not isinstance(self.entry, sp.Indexed) or e.base != self.entry.base:
            return sp.S.Zero
        return sp.Mul(*(kronecker(i, j) for i, j in zip(e.indices, self.entry.indices, strict=True)))

    def _of_sum(self, e: sp.Sum) -> sp.Expr:
        bound = bound_indices(e)
        renamed = {index: Index(self._new_name(index), index.dimension) for index in bound}
        return sift(self.of(e.function.xreplace(renamed)), *renamed.values())

    def _new_name(self, index: Index) -> str:
        """A name for a bound index that stands nowhere else, so that nothing free is caught by its sum."""
        stem = index.name.split(".")[0]
        return next(name for number in self.numbers if (name := f"{stem}.{number}") not in self.taken)

    def _of_cases(self, e: sp.Piecewise) -> sp.Expr:
        """The cases' derivatives under the same conditions; by the chain rule if all turn on one scalar u."""
        turning = {
            condition.lhs for _, condition in e.args if isinstance(condition, sp.core.relational.Relational)
        }
        if len(turning) == 1:
            (u,) = turning
            slot = sp.Dummy("u", real=True)
            cases = [
                (value.xreplace({u: slot}), condition.xreplace({u: slot})) for value, condition in e.args
            ]
            if all(self.of(value) == 0 for value, _ in cases):
                outer = _cases([(sp.diff(value, slot), condition) for value, condition in cases])
                return outer.xreplace({slot: u}) * self.of(u)
        return _cases([(self.of(value), condition) for value, condition in e.args])

    def _of_function(self, e: sp.Expr) -> sp.Expr:
        """The chain rule: Σ_k ∂f/∂u_k · ∂u_k, the outer derivative being SymPy's."""
        slots = {u: sp.Dummy(f"u{k}", real=True) for k, u in enumerate(e.args) if not u.is_number}
        outer = e.func(*(slots.get(u, u) for u in e.args))
        back = {slot: u for u, slot in slots.items()}
        return sp.Add(*(sp.diff(outer, slot).xreplace(back) * self.of(u) for u, slot in slots.items()))


def _cases(cases: list[tuple[sp.Expr, sp.Basic]]) -> sp.Expr:
    """A Piecewise that SymPy leaves as written; 0 where every case is 0."""
    return sp.S.Zero if all(value == 0 for value, _ in cases) else sp.Piecewise(*cases, evaluate=False)


def sift(body: sp.Expr, *bound: Index) -> sp.Expr:
    """Σ over ``bound`` of ``body``, term by term, with Σ_i δ_ij f_i = f_j carried out."""
    if isinstance(body, sp.Add):
        return sp.Add(*(sift(term, *bound) for term in body.args))
    if body == 0:
        return sp.S.Zero
    for factor in sp.Mul.make_args(body):
        if isinstance(factor, sp.Add) and factor.has(sp.KroneckerDelta):
            others = [other for other in sp.Mul.make_args(body) if other is not factor]
            return sp.Add(*(sift(sp.Mul(term, *others), *bound) for term in factor.args))
        if isinstance(factor, sp.KroneckerDelta):
            for gone, kept in (factor.args, factor.args[::-1]):
                if gone in bound:
                    rest = sp.Mul(*(other for other in sp.Mul.make_args(body) if other is not factor))
                    return sift(_put(kept, gone, rest), *(index for index in bound if index != gone))
    return total(body, *bound)


def _put(kept: sp.Expr, gone: Index, e: sp.Expr) -> sp.Expr:
    """The expression with ``kept`` in the place of an index; sums that would catch it get other indices."""
    for index in sorted(kept.atoms(Index), key=lambda one: (one.name, str(one.dimension))):
        taken = {one.name for one in e.atoms(Index) | kept.atoms(Index)}
        names = (f"{index.name}~{number}" for number in itertools.count(1))
        apart = Index(next(name for name in names if name not in taken), index.dimension)
        catching = [one for one in e.atoms(sp.Sum) if index in one.variables]
        e = e.xreplace({one: one.xreplace({index: apart}) for one in catching})
    return e.xreplace({gone: kept})
